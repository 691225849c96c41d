import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Alert, Asset, Conversation } from '../../sensor/model/records.js';
import { hasBuiltRules, runSensor, type SensorRun, WITHOUT_BUILT_RULES } from './run-sensor.js';

interface Step {
  readonly step: string;
  readonly last_seen: string;
  readonly first_frame: number;
  readonly last_frame: number;
  readonly source: string;
  readonly target: string;
}

const PLANT = fileURLToPath(new URL('../../fixtures/plant/', import.meta.url));
const normal = readFileSync(`${PLANT}normal.pcap`);
const attack = readFileSync(`${PLANT}attack.pcap`);
const steps = JSON.parse(readFileSync(`${PLANT}attack.timeline.json`, 'utf8')) as Step[];

const PLC = '10.20.1.10';
const GATEWAY = '10.20.1.20';
const RTU = '10.20.1.30';
const HMI = '10.20.1.50';
const HISTORIAN = '10.20.1.51';
const ENGINEERING = '10.20.1.60';
const INTRUDER = '10.20.1.77';
const RULE = '0b8a3f52-6f0e-4c57-9d35-2a5c8c5f7a0';

function stepNamed(name: string): Step {
  const step = steps.find((candidate) => candidate.step === name);
  if (!step) throw new Error(`no step "${name}"`);
  return step;
}

/** What each step of the timeline must raise; steps that nothing claims yet are not here. */
const CLAIMED: readonly [step: string, ruleId: string, target: string | undefined][] = [
  ['new host', 'new-asset', undefined],
  ['address scan', 'arp-sweep', undefined],
  ['port scan', 'port-scan', '10.20.1.1'],
  ['port scan', 'control-port-sweep', undefined],
  ['function code scan', 'new-conversation', PLC],
  ['function code scan', 'function-scan', PLC],
  ['function code scan', 'new-writer', PLC],
  ['function code scan', `${RULE}4`, PLC],
  ['identity sweep', 'new-conversation', GATEWAY],
  ['identity sweep', 'unit-scan', GATEWAY],
  ['register map scan', 'address-scan', PLC],
  ['set-point of the dosing pump', 'new-writer', GATEWAY],
  ['restart communications', `${RULE}2`, PLC],
  ['force listen only', `${RULE}1`, PLC],
  ['length smuggling', 'new-conversation', RTU],
  ['length smuggling', 'modbus.length_smuggling', RTU],
  ['length smuggling', 'new-writer', RTU],
  ['malformed requests', 'modbus.bad_protocol_id', GATEWAY],
  ['malformed requests', 'modbus.quantity_out_of_range', GATEWAY],
  ['malformed requests', 'modbus.byte_count_mismatch', GATEWAY],
  ['malformed requests', 'modbus.bad_length', GATEWAY],
  ['malformed requests', 'modbus.garbage', GATEWAY],
];

/** Alerts about packets in which no message was. */
const BELOW_THE_MESSAGES = ['arp-sweep', 'port-scan', 'control-port-sweep'];
/** Alerts about what became of the plant: nobody in particular is their source. */
const isEffect = ({ rule_id }: Alert) => rule_id === 'device-silent' || rule_id === 'unusual-value';

if (!hasBuiltRules) test.skip(WITHOUT_BUILT_RULES);

describe.skipIf(!hasBuiltRules)('the plant, learned and then attacked', () => {
  let learned: SensorRun;
  let attacked: SensorRun;

  beforeAll(() => {
    learned = runSensor([normal], { phase: 'learn' });
    attacked = runSensor([attack], { phase: 'protect', memory: learned.memory });
  });

  const alerts = (): readonly Alert[] => attacked.batch.alerts;
  const asset = (ip: string): Asset => {
    const found = learned.batch.assets.find(({ ips }) => ips.includes(ip));
    if (!found) throw new Error(`no asset ${ip}`);
    return found;
  };
  const conversation = (client: string, server: string, protocol = 'modbus'): Conversation => {
    const found = learned.batch.conversations.find(
      (one) => one.client_ip === client && one.server_ip === server && one.protocol === protocol,
    );
    if (!found) throw new Error(`no conversation ${client} ${server} ${protocol}`);
    return found;
  };

  test('learning raises nothing, and all of it becomes the baseline', () => {
    expect(learned.batch.alerts).toEqual([]);
    expect(learned.batch.assets.map(({ ips }) => ips[0]).sort()).toEqual(
      ['10.20.1.1', PLC, GATEWAY, RTU, HMI, HISTORIAN, ENGINEERING].sort(),
    );
    expect(learned.batch.assets.every((one) => one.in_baseline)).toBe(true);
    expect(learned.batch.conversations.every((one) => one.in_baseline)).toBe(true);
    expect(learned.batch.conversations.flatMap((one) => one.operations).every((one) => one.in_baseline)).toBe(true);
  });

  test.each(CLAIMED)('%s raises %s on %s', (name, ruleId, target) => {
    const step = stepNamed(name);
    const alert = alerts().find(
      (one) =>
        one.rule_id === ruleId &&
        one.dest_ip === target &&
        (one.evidence.pcap_cnts[0] ?? 0) >= step.first_frame &&
        (one.evidence.pcap_cnts[0] ?? 0) <= step.last_frame,
    );
    expect(
      alert,
      alerts()
        .map((one) => `${one.rule_id} ${one.evidence.pcap_cnts[0]}`)
        .join('\n'),
    ).toBeDefined();
    expect(alert?.src_ip).toBe(INTRUDER);
    expect(alert?.src_asset).toBe(attacked.batch.assets.find(({ ips }) => ips.includes(INTRUDER))?.id);
    if (target !== undefined) expect(alert?.dest_asset).toBe(asset(target).id);
  });

  test('the process manipulation is counted by the alert of the first write, and the writes are in its evidence', () => {
    const step = stepNamed('process manipulation');
    const write = alerts().find(
      (one) => one.rule_id === 'new-writer' && one.dest_ip === PLC && one.severity === 'high',
    );
    const inStep = write?.evidence.pcap_cnts.filter((at) => at >= step.first_frame && at <= step.last_frame) ?? [];
    expect(inStep.length).toBeGreaterThanOrEqual(25);
    expect(write?.expected).toContain(HMI);
  });

  test('what the intruder did to the process and to the device shows, whoever is asked', () => {
    const silent = alerts().find((one) => one.rule_id === 'device-silent');
    expect(silent).toMatchObject({ severity: 'high', src_ip: HMI, dest_ip: PLC, object: 'unit 1' });
    expect(Date.parse(silent?.first_seen ?? '')).toBeGreaterThan(Date.parse(stepNamed('force listen only').last_seen));
    // The dosing pump drives the pH far away from where it was.
    const value = alerts().find((one) => one.rule_id === 'unusual-value' && one.src_ip === undefined);
    expect(value).toMatchObject({ title: 'Value outside its range', dest_ip: GATEWAY });
    expect(value?.object).toContain('unit 11 input_register 30001');
  });

  test('only the intruder is a source, and nothing is raised before it appears', () => {
    const first = stepNamed('new host').first_frame;
    for (const alert of alerts()) {
      if (isEffect(alert)) continue;
      expect(alert.src_ip, alert.title).toBe(INTRUDER);
      expect(Math.min(...alert.evidence.pcap_cnts), alert.title).toBeGreaterThanOrEqual(first);
      expect(alert.recommendation, alert.title).not.toBe('');
      expect(alert.attack.length, alert.title).toBeGreaterThan(0);
      expect(alert.visibility.dropped_percent).toBe(0);
    }
  });

  test('every alert about a message shows its record, with request and answer where there was one', () => {
    for (const alert of alerts()) {
      if (
        ['new-asset', 'new-conversation', 'device-silent', 'modbus.garbage', ...BELOW_THE_MESSAGES].includes(
          alert.rule_id,
        )
      )
        continue;
      expect(alert.evidence.records.length, alert.title).toBeGreaterThan(0);
      expect(alert.evidence.pcap_cnts, alert.title).toContain(alert.evidence.records[0]?.pcap_cnt);
    }
    const dosing = alerts().find((one) => one.rule_id === 'new-writer' && one.dest_ip === GATEWAY);
    const sides = dosing?.evidence.records.slice(0, 2).map((record) => (record['modbus'] as { pdu: string }).pdu);
    expect(sides).toEqual(['request', 'response']);
  });

  test('evidence packets are the packets of the capture', () => {
    const listenOnly = alerts().find((one) => one.rule_id === `${RULE}1`);
    const packets = attacked.batch.packets.filter((packet) => packet.alert_id === listenOnly?.id);
    expect(packets.map((packet) => packet.pcap_cnt)).toEqual(listenOnly?.evidence.pcap_cnts);
    expect(Buffer.from(packets[0]?.data ?? []).includes(Buffer.from([1, 8, 0, 4, 0, 0]))).toBe(true);
  });

  test('the plant at work again raises nothing', () => {
    expect(runSensor([normal], { phase: 'protect', memory: learned.memory }).batch.alerts).toEqual([]);
  });

  test('the same capture gives the same alerts, in a new run and in one run with the learning', () => {
    const again = runSensor([attack], { phase: 'protect', memory: learned.memory });
    expect(again.batch.alerts.map(({ id }) => id)).toEqual(alerts().map(({ id }) => id));
    expect(again.batch.alerts).toEqual(alerts());
  });

  test('replayed on top of what it gave, it counts the same alerts and makes no new one', () => {
    const again = runSensor([attack], { phase: 'protect', memory: attacked.memory });
    const before = new Map(attacked.memory.openAlerts.map((alert) => [alert.id, alert]));
    expect(again.sensor.alertsRaised).toEqual({});
    expect(again.batch.alerts.length).toBeGreaterThan(15);
    for (const alert of again.batch.alerts) {
      const old = before.get(alert.id);
      expect(old, alert.title).toBeDefined();
      expect(alert.count, alert.title).toBeGreaterThan(old?.count ?? 0);
      expect(alert.first_seen).toBe(old?.first_seen);
      // The first records stay; behind them, later ones may take the place of earlier ones.
      const first = old?.evidence.records.slice(0, 2) ?? [];
      expect(alert.evidence.records.slice(0, first.length), alert.title).toEqual(first);
    }
    // The device is known by now: being new happens once.
    expect(again.batch.alerts.map((alert) => alert.rule_id)).not.toContain('new-asset');
  });

  test.each([
    [PLC, 'Schneider Electric', 'Raw water T-101', 'V2.81'],
    [GATEWAY, 'Phoenix Contact', 'Serial gateway', '1.12'],
    [RTU, 'WAGO Kontakttechnik GmbH', 'LMB3.1.6', undefined],
    [HMI, 'Siemens AG', undefined, undefined],
    ['10.20.1.1', 'Hirschmann Automation and Control GmbH', undefined, undefined],
  ])('%s is what it says it is', (ip, vendor, model, firmware) => {
    const { vendor: v, model: m, firmware: f } = asset(ip);
    expect([v, m, f]).toEqual([vendor, model, firmware]);
  });

  test('roles follow from what devices do, and an intruder gets none', () => {
    expect(asset(PLC).roles).toEqual(['plc']);
    expect(asset(GATEWAY).roles).toContain('gateway');
    expect(asset(HMI).roles).toEqual(['hmi']);
    expect(asset(HISTORIAN).roles).toEqual(['scada_server']);
    expect(asset(ENGINEERING).roles).toEqual(['engineering_station']);
    const intruder = attacked.batch.assets.find(({ ips }) => ips.includes(INTRUDER));
    expect(intruder).toMatchObject({ roles: [], vendor: 'Raspberry Pi Foundation', in_baseline: false });
  });

  test('the devices behind the gateway keep their own names, and the absent ones that were asked for are none', () => {
    const units = asset(GATEWAY).units.map(({ unit, vendor, model, firmware }) => [unit, vendor, model, firmware]);
    expect(units).toContainEqual(['unit 11', 'Example Analytics', 'QI-101 pH analyser', '1.4.0']);
    expect(units).toContainEqual(['unit 12', 'Example Flow', 'FI-101 flow meter', '03.02']);
    const after = attacked.batch.assets.find(({ ips }) => ips.includes(GATEWAY))?.units.map(({ unit }) => unit);
    expect(after).toEqual(['unit 11', 'unit 12', 'unit 13', 'unit 255']);
  });

  test('conversations tell operations, targets and how often', () => {
    const hmi = conversation(HMI, PLC);
    expect(hmi.operations.map(({ operation, targets }) => [operation, targets])).toEqual([
      ['read_coils', ['unit 1 coil 0-3']],
      ['read_discrete_inputs', ['unit 1 discrete_input 0-5']],
      ['read_holding_registers', ['unit 1 holding_register 0-9']],
      ['read_input_registers', ['unit 1 input_register 0-7']],
      ['write_single_coil', ['unit 1 coil 1']],
      ['write_single_register', ['unit 1 holding_register 0']],
    ]);
    expect(hmi).toMatchObject({ server_port: 502, transport: 'tcp', client: asset(HMI).id, server: asset(PLC).id });
    expect(hmi.period_seconds).toBeCloseTo(1, 1);
    expect(conversation(HISTORIAN, PLC).period_seconds).toBeCloseTo(10, 1);
    expect(conversation(HISTORIAN, RTU).period_seconds).toBeCloseTo(15, 1);
    expect(conversation(ENGINEERING, PLC).period_seconds).toBeUndefined();
    expect(conversation(HMI, GATEWAY).operations.find(({ class: c }) => c === 'write')?.targets).toEqual([
      'unit 13 holding_register 0-1',
    ]);
  });

  test('a conversation of many short exchanges ends with the last of them', () => {
    const { first_seen, last_seen } = conversation(HMI, '10.20.1.1', 'dns');
    expect(Date.parse(last_seen) - Date.parse(first_seen)).toBeGreaterThan(400_000);
  });
});
