import { describe, expect, test } from 'vitest';
import type { Alert, Conversation } from '../../sensor/model/records.js';
import type { SensorMemory } from '../../sensor/store/store.js';
import { type Bytes, bytes, type Frame, modbusPdu, modbusTcp, TcpPair } from '../support/packets.js';
import { hasBuiltRules, runFrames, runSensor, WITHOUT_BUILT_RULES } from './run-sensor.js';

const CLIENT = '10.0.0.1';
const SERVER = '10.0.0.2';

interface Exchange {
  readonly request: Bytes;
  readonly answer: Bytes | null;
  readonly unit?: number;
}

/** One connection that carries these exchanges one after the other. */
function talk(exchanges: readonly Exchange[], clientPort = 40_000, clientIp = CLIENT): Frame[] {
  const pair = new TcpPair({ clientPort, clientIp });
  const frames: Frame[] = pair.open();
  exchanges.forEach(({ request, answer, unit = 1 }, index) => {
    frames.push(pair.client(modbusTcp(request, { transaction: index, unit })));
    if (answer) frames.push(pair.server(modbusTcp(answer, { transaction: index, unit })));
  });
  return [...frames, ...pair.close()];
}

const READ: Exchange = { request: modbusPdu.read(3, 0, 2), answer: modbusPdu.registers(3, [1, 2]) };
const WRITE: Exchange = { request: modbusPdu.writeRegister(7, 1), answer: modbusPdu.writeRegister(7, 1) };
const RESTART: Exchange = { request: modbusPdu.diagnostics(1, 0), answer: modbusPdu.diagnostics(1, 0) };
const CLEAR: Exchange = { request: modbusPdu.diagnostics(10, 0), answer: modbusPdu.diagnostics(10, 0) };
const LISTEN_ONLY: Exchange = { request: modbusPdu.diagnostics(4, 0), answer: null };
const UNDOCUMENTED: Exchange = { request: bytes(0x64, 0), answer: bytes(0x64, 0) };
const REFUSED: Exchange = { request: modbusPdu.read(2, 0, 1), answer: modbusPdu.exception(2, 1) };

function only(conversations: readonly Conversation[]): Conversation {
  expect(conversations).toHaveLength(1);
  return conversations[0] as Conversation;
}

const rules = (alerts: readonly Alert[]): string[] => alerts.map((alert) => alert.rule_id).sort();

if (!hasBuiltRules) test.skip(WITHOUT_BUILT_RULES);

describe.skipIf(!hasBuiltRules)('what is learned silently', () => {
  test.each([
    ['a read', READ, 'read_holding_registers', true],
    ['a write', WRITE, 'write_single_register', true],
    ['a control function', CLEAR, 'diagnostics.clear_counters_and_diagnostic_register', false],
    ['a control function that a rule names', RESTART, 'diagnostics.restart_communications_option', false],
    ['a request without an answer that a rule names', LISTEN_ONLY, 'diagnostics.force_listen_only_mode', false],
    ['an undocumented function', UNDOCUMENTED, 'function_100', false],
    ['a function that the device does not have', REFUSED, 'read_discrete_inputs', false],
  ])('%s', (_name, exchange, operation, isLearned) => {
    const { batch } = runFrames(talk([exchange]), { phase: 'learn' });
    const conversation = only(batch.conversations);
    expect(conversation.in_baseline).toBe(true);
    expect(conversation.operations.map((one) => [one.operation, one.in_baseline])).toEqual([[operation, isLearned]]);
  });

  test('rules fire while learning, deviations do not', () => {
    const { batch } = runFrames(talk([READ, WRITE, RESTART]), { phase: 'learn' });
    expect(batch.alerts.map((alert) => alert.kind)).toEqual(['rule']);
  });

  test('what was not learned the first time is not learned by repeating it', () => {
    const { batch } = runFrames([...talk([RESTART, RESTART]), ...talk([RESTART], 40_001)], { phase: 'learn' });
    expect(only(batch.conversations).operations).toMatchObject([{ count: 3, in_baseline: false }]);
  });

  test('nothing is learned while protecting', () => {
    const { batch } = runFrames(talk([READ]), { phase: 'protect' });
    expect(only(batch.conversations)).toMatchObject({ in_baseline: false, operations: [{ in_baseline: false }] });
    expect(batch.assets.map((asset) => asset.in_baseline)).toEqual([false, false]);
  });
});

describe.skipIf(!hasBuiltRules)('deviations from what was learned', () => {
  /** As if it had been watched for two hours: then something new in it is news. */
  const settled = (memory: SensorMemory): SensorMemory => ({
    ...memory,
    conversations: memory.conversations.map((one) => ({
      ...one,
      rate: { intervals: 720, max_requests: 10, max_refusals: 0 },
    })),
  });
  const learned = () => settled(runFrames(talk([READ]), { phase: 'learn' }).memory);

  test('the same again is none', () => {
    expect(runFrames(talk([READ], 40_001), { phase: 'protect', memory: learned() }).batch.alerts).toEqual([]);
  });

  test('a first write by a station that read is a new writer, with what was expected', () => {
    const { batch } = runFrames(talk([READ, WRITE, WRITE], 40_001), { phase: 'protect', memory: learned() });
    expect(batch.alerts).toMatchObject([
      {
        rule_id: 'new-writer',
        severity: 'high',
        count: 2,
        src_ip: CLIENT,
        dest_ip: SERVER,
        object: 'unit 1 holding_register 7',
        expected: 'Nobody writes to this device.',
      },
    ]);
  });

  test('the request and its answer are the evidence of the rule and of the deviation alike', () => {
    const { batch } = runFrames(talk([READ, RESTART], 40_001), { phase: 'protect', memory: learned() });
    expect(batch.alerts.map((alert) => alert.kind).sort()).toEqual(['deviation', 'rule']);
    for (const alert of batch.alerts) {
      const sides = alert.evidence.records.map((record) => (record['modbus'] as { pdu: string }).pdu);
      expect(sides, alert.rule_id).toEqual(['request', 'response']);
      const [request, answer] = alert.evidence.records;
      expect(answer?.['modbus']).toMatchObject({ request_pcap_cnt: request?.pcap_cnt });
    }
  });

  test('another read function is a new operation, and one alert for all of its class', () => {
    const coils: Exchange = { request: modbusPdu.read(1, 0, 2), answer: modbusPdu.bits(1, [1, 0]) };
    const inputs: Exchange = { request: modbusPdu.read(4, 0, 1), answer: modbusPdu.registers(4, [1]) };
    const { batch } = runFrames(talk([coils, inputs], 40_001), { phase: 'protect', memory: learned() });
    expect(batch.alerts).toMatchObject([{ rule_id: 'new-operation', severity: 'medium' }]);
    expect(batch.alerts[0]?.expected).toContain('Read holding registers');
  });

  test('a learned writer that begins to write otherwise is a new operation of high severity, not a new writer', () => {
    const memory = settled(runFrames(talk([READ, WRITE]), { phase: 'learn' }).memory);
    const coil: Exchange = { request: modbusPdu.writeCoil(3, true), answer: modbusPdu.writeCoil(3, true) };
    const { batch } = runFrames(talk([WRITE, coil], 40_001), { phase: 'protect', memory });
    expect(batch.alerts).toMatchObject([{ rule_id: 'new-operation', severity: 'high' }]);
  });

  test('a stranger that writes: new device, new conversation, new writer who is told apart from the known one', () => {
    const memory = runFrames(talk([READ, WRITE]), { phase: 'learn' }).memory;
    const { batch } = runFrames(talk([WRITE], 40_001, '10.0.0.9'), { phase: 'protect', memory });
    expect(rules(batch.alerts)).toEqual(['new-asset', 'new-conversation', 'new-writer']);
    const writer = batch.alerts.find((alert) => alert.rule_id === 'new-writer');
    expect(writer?.expected).toBe(`Only ${CLIENT} writes to this device.`);
  });

  test('control by a station that never gave a command is critical', () => {
    const { batch } = runFrames(talk([CLEAR], 40_001), { phase: 'protect', memory: learned() });
    expect(batch.alerts.find((alert) => alert.rule_id === 'new-writer')?.severity).toBe('critical');
  });

  test('a restart in between goes on counting the same alert', () => {
    const first = runFrames(talk([READ, WRITE], 40_001), { phase: 'protect', memory: learned() });
    const second = runFrames(talk([WRITE, WRITE], 40_002), { phase: 'protect', memory: first.memory });
    const [alert] = first.batch.alerts;
    expect(second.batch.alerts).toMatchObject([{ id: alert?.id, count: 3, first_seen: alert?.first_seen }]);
    expect(second.sensor.alertsRaised).toEqual({});
    const third = runFrames(talk([READ], 40_003), { phase: 'protect', memory: second.memory });
    expect(third.batch.alerts).toEqual([]);
  });

  test('an alert that was closed before the restart is raised anew', () => {
    const first = runFrames(talk([WRITE], 40_001), { phase: 'protect', memory: learned() });
    const memory = { ...first.memory, openAlerts: [] };
    const second = runFrames(talk([WRITE], 40_002), { phase: 'protect', memory });
    expect(second.sensor.alertsRaised).toEqual({ deviation: 1 });
  });

  test('one run over both captures finds what two runs find', () => {
    const second = talk([READ, WRITE], 40_001);
    const apart = runFrames(second, { phase: 'protect', memory: learned() });
    const stepwise = runSensor([], { phase: 'learn', memory: learned() });
    const together = runFrames(second, { phase: 'protect', memory: stepwise.memory });
    expect(together.batch.alerts).toEqual(apart.batch.alerts);
  });
});
