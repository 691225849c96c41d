import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import type { MaintenanceWindow } from '../../sensor/model/maintenance.js';
import type { Alert, Criticality, LearningPhase } from '../../sensor/model/records.js';
import { createSensor } from '../../sensor/pipeline/create-sensor.js';
import { CLIENT_IP, CLIENT_MAC, type Frame, modbusPdu, modbusTcp, pcap, TcpPair, timed } from '../support/packets.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldwatch-severity-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const RULE = `title: Written
id: own
level: high
level_when_expected: informational
logsource: {product: fieldwatch, service: modbus}
detection:
  s: {operation.direction: request, operation.class: write}
  condition: s
`;

const CONNECTION_RULE = `title: Connected
id: own
level: high
level_when_expected: low
logsource: {product: fieldwatch, service: connection}
detection:
  s: {connection.event: start}
  condition: s
`;

interface Plant {
  readonly stations?: readonly { name: string; ips?: string[]; macs?: string[]; authorised?: string[] }[];
  readonly maintenance?: readonly MaintenanceWindow[];
  readonly criticality?: Criticality;
  readonly phase?: LearningPhase;
}

function alertsOf(
  frames: readonly Frame[],
  { stations = [], maintenance = [], criticality, phase }: Plant,
  rule = RULE,
): Alert[] {
  writeFileSync(join(folder, 'own.yml'), rule);
  const sensor = createSensor({
    sensor: 'test',
    mode: 'replay',
    phase: phase ?? 'protect',
    memory: null,
    flowLimits: { flows: 1000, unanswered: 500 },
    site: {
      zones: [{ name: 'cell', networks: ['10.0.0.0/8'], ...(criticality === undefined ? {} : { criticality }) }],
      stations,
      maintenance,
    },
    rules: { paths: [folder], disabled: [], placeholders: [] },
  });
  const parser = new CaptureParser(sensor);
  parser.push(pcap(frames));
  parser.end();
  sensor.finish();
  return sensor.collect().alerts;
}

const own = (alerts: readonly Alert[]) => alerts.filter(({ rule_id }) => rule_id === 'own');
const ANSWER = { done: Buffer.from([6, 0, 7, 0, 1]), refused: Buffer.from([0x86, 2]) };

/** Register 7 is written once for each outcome. */
function writes(...outcomes: (keyof typeof ANSWER | 'none')[]): Frame[] {
  return writesIn(new TcpPair(), outcomes);
}

function writesIn(pair: TcpPair, outcomes: readonly (keyof typeof ANSWER | 'none')[]): Frame[] {
  const frames = [...pair.open()];
  outcomes.forEach((outcome, index) => {
    frames.push(pair.client(modbusTcp(modbusPdu.writeRegister(7, 1), { transaction: index + 1 })));
    if (outcome !== 'none') frames.push(pair.server(modbusTcp(ANSWER[outcome], { transaction: index + 1 })));
  });
  return [...frames, ...pair.close()];
}

const station = (...authorised: string[]) => ({
  name: 'laptop',
  ips: [CLIENT_IP],
  ...(authorised.length > 0 ? { authorised } : {}),
});
const ALWAYS: MaintenanceWindow = { name: 'service', from: '00:00', to: '24:00' };

describe('how severe an alert is', () => {
  test.each<[name: string, frames: () => Frame[], plant: Plant, factors: string[], severity: string]>([
    ['the level of the rule', () => writes('done'), {}, ['level'], 'high'],
    ['no answer is no refusal', () => writes('none'), {}, ['level'], 'high'],
    ['refused', () => writes('refused'), {}, ['level', 'refused'], 'medium'],
    ['refused, then done', () => writes('refused', 'refused', 'done'), {}, ['level'], 'high'],
    ['done, then refused', () => writes('done', 'refused'), {}, ['level'], 'high'],
    [
      'refused for long, then done',
      () => writes(...new Array<'refused'>(30).fill('refused'), 'done'),
      {},
      ['level'],
      'high',
    ],
    ['an important device', () => writes('done'), { criticality: 'high' }, ['level', 'criticality'], 'critical'],
    [
      'an important device that refused',
      () => writes('refused'),
      { criticality: 'high' },
      ['level', 'criticality', 'refused'],
      'high',
    ],
    [
      'a station that is there for it',
      () => writes('done'),
      { stations: [{ name: 'laptop', ips: ['0.0.0.0/0'], authorised: ['write'] }], criticality: 'high' },
      ['level', 'station'],
      'informational',
    ],
    [
      'a station that is there for something else',
      () => writes('done'),
      { stations: [{ name: 'laptop', ips: ['0.0.0.0/0'], authorised: ['read'] }] },
      ['level'],
      'high',
    ],
    ['maintenance', () => writes('done'), { maintenance: [ALWAYS] }, ['level', 'window'], 'informational'],
    [
      'maintenance by a station that is known by its card',
      () => writes('done'),
      {
        stations: [{ name: 'laptop', macs: [CLIENT_MAC], authorised: ['read'] }],
        maintenance: [{ ...ALWAYS, stations: ['laptop'] }],
      },
      ['level', 'window'],
      'informational',
    ],
    [
      'maintenance of something else',
      () => writes('done'),
      { maintenance: [{ ...ALWAYS, devices: ['203.0.113.1'] }] },
      ['level'],
      'high',
    ],
  ])('%s', (_name, frames, plant, factors, severity) => {
    const [alert, ...others] = own(alertsOf(frames(), plant));
    expect(others).toEqual([]);
    expect(alert?.severity).toBe(severity);
    expect(alert?.severity_basis?.map(({ factor }) => factor)).toEqual(factors);
    expect(alert?.severity_basis?.at(-1)?.severity).toBe(severity);
  });

  // Nobody sees what is done in a connection: it is expected of who may do everything there.
  test.each<[name: string, plant: Plant, factors: string[]]>([
    ['by nobody that is known', {}, ['level']],
    ['by a station that may program', { stations: [station('write', 'program')] }, ['level', 'station']],
    ['by a station that is there for everything', { stations: [station()] }, ['level', 'station']],
    ['by a station that may write', { stations: [station('read', 'write')] }, ['level']],
    ['in a maintenance window', { maintenance: [ALWAYS] }, ['level', 'window']],
  ])('a connection %s', (_name, plant, factors) => {
    const [alert, ...others] = own(alertsOf(writes('done'), plant, CONNECTION_RULE));
    expect(others).toEqual([]);
    expect(alert?.severity_basis?.map(({ factor }) => factor)).toEqual(factors);
    expect(alert?.severity).toBe(factors.length > 1 ? 'low' : 'high');
  });

  test.each<[name: string, plant: Plant, factors: string[]]>([
    ['stays what it is from an authorised station', { stations: [station()] }, ['level']],
    ['may be announced', { stations: [station()], maintenance: [ALWAYS] }, ['level', 'window']],
  ])('a connection that leads out of the plant %s', (_name, plant, factors) => {
    const outside = new TcpPair({ serverIp: '198.51.100.7', serverPort: 1194 });
    const [alert] = own(alertsOf(writesIn(outside, ['none']), plant, CONNECTION_RULE));
    expect(alert?.severity_basis?.map(({ factor }) => factor)).toEqual(factors);
  });

  test('what a person says of a device counts from the next message on', () => {
    const rule = RULE.replace('operation.class: write', 'operation.class: write, src.role: engineering_station');
    writeFileSync(join(folder, 'own.yml'), rule);
    const sensor = createSensor({
      sensor: 'test',
      mode: 'replay',
      phase: 'protect',
      memory: null,
      flowLimits: { flows: 1000, unanswered: 500 },
      rules: { paths: [folder], disabled: [], placeholders: [] },
    });
    const run = (frames: readonly Frame[]) => {
      const parser = new CaptureParser(sensor);
      parser.push(pcap(frames));
      parser.end();
      return sensor.collect();
    };
    const frames = timed(writes('done', 'done'));
    const before = run(frames.slice(0, 5));
    expect(own(before.alerts)).toEqual([]);
    sensor.said(Object.fromEntries(before.assets.map(({ id }) => [id, { roles: ['engineering_station'] }])));
    expect(own(run(frames.slice(5)).alerts)).toHaveLength(1);
  });

  test('deviations in a maintenance window are recorded, not lost', () => {
    const deviations = (plant: Plant) => alertsOf(writes('done'), plant).filter(({ kind }) => kind === 'deviation');
    expect(deviations({}).length).toBeGreaterThan(0);
    expect(deviations({ maintenance: [ALWAYS] })).toHaveLength(deviations({}).length);
    for (const { severity } of deviations({ maintenance: [ALWAYS] })) expect(severity).toBe('informational');
  });

  test('what goes on when the window has ended is an alert of its own', () => {
    const frames = writes('done', 'done', 'done', 'done');
    // Between the second write and the third.
    const [, third] = timed(frames).filter((_, index) => index === 5 || index === 7);
    const ends = new Date((third!.time - 1000) / 1000).toISOString();
    const plant: Plant = { maintenance: [{ name: 'service', begins: '2000-01-01T00:00:00Z', ends }] };
    const found = own(alertsOf(frames, plant));
    expect(found.map(({ severity, count }) => [severity, count])).toEqual([
      ['informational', 2],
      ['high', 2],
    ]);
  });
});
