import { describe, expect, test } from 'vitest';
import { acceptanceOf } from '../../sensor/baseline/acceptance.js';
import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import { type BaselineDecisions, NO_DECISIONS } from '../../sensor/model/baseline-document.js';
import type { Alert } from '../../sensor/model/records.js';
import { createSensor } from '../../sensor/pipeline/create-sensor.js';
import type { SensorMemory } from '../../sensor/store/store.js';
import { hasBuiltRules, runFrames, WITHOUT_BUILT_RULES } from '../pipeline/run-sensor.js';
import {
  BASE_TIME,
  type Bytes,
  bytes,
  type CaptureRecord,
  modbusPdu,
  modbusTcp,
  pcap,
  TcpPair,
  timed,
} from '../support/packets.js';

if (!hasBuiltRules) test.skip(WITHOUT_BUILT_RULES);

const SECOND = 1_000_000;
const HMI = '10.0.0.1';
const OTHER = '10.0.0.9';
const PLC = '10.0.0.2';

interface Exchange {
  /** Seconds after the beginning. */
  readonly at: number;
  readonly request: Bytes;
  readonly answer: Bytes | null;
  readonly client?: string;
  readonly unit?: number;
}

function capture(exchanges: readonly Exchange[], day = 0, clientPort = 40_000): CaptureRecord[] {
  const pairs = new Map<string, TcpPair>();
  const records: CaptureRecord[] = [];
  let time = BASE_TIME + day * 86_400 * SECOND;
  const start = time;
  const add = (data: Bytes) => {
    records.push({ data, time });
    time += 1000;
  };
  exchanges.forEach(({ at, request, answer, client = HMI, unit = 1 }, index) => {
    time = Math.max(time, start + at * SECOND);
    let pair = pairs.get(client);
    if (!pair) {
      pair = new TcpPair({ clientIp: client, clientPort });
      pairs.set(client, pair);
      for (const frame of pair.open()) add(frame.data);
    }
    add(pair.client(modbusTcp(request, { transaction: index, unit })).data);
    if (answer) add(pair.server(modbusTcp(answer, { transaction: index, unit })).data);
  });
  return records;
}

const read = (at: number, value: number, from = 0): Exchange => ({
  at,
  request: modbusPdu.read(3, from, 1),
  answer: modbusPdu.registers(3, [value]),
});
const write = (at: number, register: number, value: number): Exchange => ({
  at,
  request: modbusPdu.writeRegister(register, value),
  answer: modbusPdu.writeRegister(register, value),
});
/** A poll each second; the level goes up and down between 500 and 519. */
const level = (second: number) => 500 + (second % 40 < 20 ? second % 20 : 19 - (second % 20));
const polls = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => read(from + index, level(from + index)));
/** Somebody else keeps the network alive. */
const others = (from: number, to: number) =>
  Array.from({ length: (to - from) / 5 }, (_, index) => ({ ...read(from + index * 5, 1, 90), client: OTHER }));
const inOrder = (...parts: readonly (readonly Exchange[])[]) => parts.flat().sort((a, b) => a.at - b.at);

/** Work, with a set-point that is written now and then. */
function learned(seconds: number): SensorMemory {
  const work = inOrder(
    polls(0, seconds),
    others(0, seconds),
    Array.from({ length: seconds / 30 }, (_, index) => write(index * 30 + 10, 50, 100 + ((index * 7) % 30))),
  );
  return runFrames(capture(work), { phase: 'learn' }).memory;
}

/** A little more than an hour, from which on a conversation counts as known. */
const MEMORY = hasBuiltRules ? learned(3690) : null;
/** A quarter of an hour. */
const BRIEF = hasBuiltRules ? learned(900) : null;

function protect(
  exchanges: readonly Exchange[],
  decisions: Partial<BaselineDecisions> = {},
  memory = MEMORY!,
): Alert[] {
  const baseline = { n: 1, at: '', by: '', reason: '', decisions: { ...NO_DECISIONS, ...decisions } };
  return runFrames(capture(exchanges, 1, 41_000), { phase: 'protect', memory: { ...memory, baseline } }).batch.alerts;
}

const ids = (alerts: readonly Alert[]) => alerts.map((alert) => `${alert.rule_id} ${alert.title}`).sort();

describe.skipIf(!hasBuiltRules)('behaviour that was not learned', () => {
  test('the same work raises nothing', () => {
    expect(protect(inOrder(polls(0, 300), others(0, 300), [write(20, 50, 110)]))).toEqual([]);
  });

  test('a write to another register, with what was learned and on how many messages', () => {
    const alerts = protect(inOrder(polls(0, 30), others(0, 30), [write(5, 51, 1), write(9, 60, 1), write(12, 51, 2)]));
    expect(alerts).toMatchObject([
      {
        rule_id: 'new-target',
        severity: 'high',
        count: 3,
        src_ip: HMI,
        dest_ip: PLC,
        object: 'unit 1 holding_register 51',
        observed: 'Write single register: unit 1 holding_register 51, unit 1 holding_register 60',
      },
    ]);
    expect(alerts[0]?.expected).toMatch(
      /^Only: unit 1 holding_register 50 \(from \d+ messages since 2026-01-01T00:00:00/,
    );
    expect(alerts[0]?.evidence.records).not.toHaveLength(0);
  });

  test('reads beside the learned ones are ordinary, reads elsewhere are one finding of low severity', () => {
    expect(protect(inOrder(polls(0, 30), [read(3, 1, 6)]))).toEqual([]);
    const alerts = protect(inOrder(polls(0, 30), [read(3, 1, 2000), read(4, 1, 3000), read(5, 1, 4000)]));
    expect(alerts).toMatchObject([{ rule_id: 'new-target', severity: 'low', count: 3 }]);
  });

  test('a value far outside its range, read or written', () => {
    const out = protect(inOrder(polls(0, 30), others(0, 30), [read(30.5, 60_000)]));
    expect(out).toMatchObject([
      { rule_id: 'unusual-value', title: 'Value outside its range', severity: 'medium', dest_ip: PLC },
    ]);
    expect(out[0]?.expected).toMatch(/^500 to 519 \(\d+ values from /);
    const written = protect(inOrder(polls(0, 30), [write(5, 50, 60_000)]));
    expect(written).toMatchObject([{ rule_id: 'unusual-value', severity: 'high', src_ip: HMI }]);
  });

  test('a limit that a person has set counts at once, and the name that people know is shown', () => {
    const declared = [
      { server: PLC, protocol: 'modbus', address: 'holding_register 0', name: 'Tank level', measure: 'cm', high: 510 },
    ];
    const alerts = protect(inOrder(polls(0, 30), others(0, 30)), { declared });
    expect(alerts).toMatchObject([
      { rule_id: 'unusual-value', title: 'Value beyond a limit', severity: 'high', object: 'unit 1 Tank level' },
    ]);
    expect(alerts[0]?.description).toContain('is 511 cm.');
  });

  test('a device that does not answer any more', () => {
    const dead = Array.from({ length: 20 }, (_, index) => ({ ...read(30 + index, 0), answer: null }));
    const alerts = protect(inOrder(polls(0, 30), dead, others(0, 60)));
    expect(ids(alerts)).toEqual(['device-silent Device does not answer any more']);
    expect(alerts[0]).toMatchObject({ severity: 'high', dest_ip: PLC, src_ip: HMI, object: 'unit 1' });
  });

  test('a station that does not ask any more, and is told once', () => {
    const alerts = protect(inOrder(polls(0, 30), others(0, 300)));
    expect(alerts).toMatchObject([{ rule_id: 'polling-stopped', count: 1, src_ip: HMI }]);
    expect(alerts[0]?.expected).toMatch(/^A request every 1 seconds \(3813 requests/);
  });

  test('where nothing at all is seen, nobody is silent', () => {
    expect(protect(inOrder(polls(0, 30), others(0, 30), polls(4000, 4030), others(4000, 4030)))).toEqual([]);
  });

  test('a flood of known requests, and requests at another pace', () => {
    const flood = Array.from({ length: 400 }, (_, index) => read(60 + index * 0.02, level(0)));
    const alerts = protect(inOrder(polls(0, 120), others(0, 120), flood));
    expect(ids(alerts)).toContain('unusual-rate Far more requests than usual');
    const slow = Array.from({ length: 120 }, (_, index) => read(index * 3, level(index)));
    expect(ids(protect(inOrder(slow, others(0, 360))))).toEqual([
      'polling-changed Cyclic requests come at another pace',
    ]);
  });

  const place = { server: PLC, protocol: 'modbus', port: 502, transport: 'tcp' as const };
  const words = { by: 'ada', at: '2026-01-01T00:00:00.000000Z', reason: 'known' };

  test('a write that a person rejects is no longer normal, although it was learned', () => {
    const work = inOrder(polls(0, 30), others(0, 30), [write(5, 50, 110)]);
    const review = { id: 'p', client: HMI, ...place, operation: 'write_single_register', ...words };
    expect(protect(work)).toEqual([]);
    expect(protect(work, { reviews: [{ ...review, verdict: 'confirmed' }] })).toEqual([]);
    expect(ids(protect(work, { reviews: [{ ...review, verdict: 'rejected' }] }))).toEqual([
      'new-writer Write from a station that never wrote',
    ]);
  });

  test('what only a person made normal ends with the word', () => {
    const work = inOrder(polls(0, 30), others(0, 30), [{ ...write(5, 50, 110), client: OTHER }]);
    const operations = [{ operation: 'write_single_register', targets: ['unit 1 holding_register 50'], origin: '' }];
    const conversations = [{ client: OTHER, ...place, origin: '', operations }];
    const version = (n: number, decisions: Partial<BaselineDecisions>) => ({
      n,
      ...words,
      decisions: { ...NO_DECISIONS, ...decisions },
    });
    const said = runFrames(capture(work, 1, 41_000), {
      phase: 'protect',
      memory: { ...MEMORY!, baseline: version(1, { conversations }) },
    });
    expect(said.batch.alerts).toEqual([]);
    const takenBack = runFrames(capture(work, 2, 42_000), {
      phase: 'protect',
      memory: { ...said.memory, baseline: version(2, {}) },
    });
    expect(ids(takenBack.batch.alerts)).toEqual(['new-writer Write from a station that never wrote']);
  });

  test('an alert about several things is accepted as a whole, and no further', () => {
    const first = inOrder(polls(0, 30), others(0, 30), [write(5, 51, 1), write(9, 60, 1)]);
    const [alert] = protect(first);
    expect(alert?.objects).toEqual(['unit 1 holding_register 51', 'unit 1 holding_register 60']);
    const acceptance = acceptanceOf(alert!, 'object', () => [], words);
    if (typeof acceptance === 'string') throw new Error(acceptance);
    expect(protect(first, { accepted: [acceptance] })).toEqual([]);
    const more = protect(inOrder(first, [write(12, 70, 1)]), { accepted: [acceptance] });
    expect(more).toMatchObject([{ rule_id: 'new-target', object: 'unit 1 holding_register 70' }]);
  });

  test('what a person has accepted is quiet, until it expires', () => {
    const attack = inOrder(polls(0, 30), others(0, 30), [write(5, 51, 1)]);
    const accepted = {
      id: 'a',
      scope: 'object' as const,
      rule: 'new-target',
      client: HMI,
      server: PLC,
      protocol: 'modbus',
      object: 'unit 1 holding_register 51',
      by: 'ada',
      at: '2026-01-02T00:00:00.000000Z',
      reason: 'new pump',
    };
    expect(protect(attack, { accepted: [accepted] })).toEqual([]);
    const expired = { ...accepted, expires: '2026-01-02T00:00:01.000000Z' };
    expect(ids(protect(attack, { accepted: [expired] }))).toHaveLength(1);
    const elsewhere = { ...accepted, object: 'unit 1 holding_register 52' };
    expect(ids(protect(attack, { accepted: [elsewhere] }))).toHaveLength(1);
  });

  test('what a file declares to be normal is normal', () => {
    const origin = 'imported';
    const conversations = [
      {
        client: HMI,
        server: PLC,
        protocol: 'modbus',
        port: 502,
        transport: 'tcp' as const,
        origin,
        operations: [{ operation: 'write_single_register', targets: ['unit 1 holding_register 51-60'], origin }],
      },
    ];
    expect(protect(inOrder(polls(0, 30), [write(5, 51, 1)]), { conversations })).toEqual([]);
    expect(ids(protect(inOrder(polls(0, 30), [write(5, 61, 1)]), { conversations }))).toHaveLength(1);
  });
});

describe.skipIf(!hasBuiltRules)('learning again', () => {
  const coil: Exchange = {
    at: 5,
    request: modbusPdu.writeCoil(3, true),
    answer: modbusPdu.writeCoil(3, true),
  };

  test('takes in what was first seen while protecting', () => {
    const work = inOrder(polls(0, 30), others(0, 30), [coil], [{ ...read(6, 1, 700), client: '10.0.0.33' }]);
    const first = runFrames(capture(work, 1, 41_000), { phase: 'protect', memory: MEMORY! });
    expect(first.batch.alerts.length).toBeGreaterThan(2);
    const again = runFrames(capture(work, 2, 42_000), { phase: 'learn', memory: first.memory });
    const third = runFrames(capture(work, 3, 43_000), {
      phase: 'protect',
      memory: { ...again.memory, openAlerts: [] },
    });
    expect(ids(third.batch.alerts)).toEqual([]);
  });

  test('but not what a rule of level high has found', () => {
    const restart: Exchange = { at: 5, request: modbusPdu.diagnostics(1, 0), answer: modbusPdu.diagnostics(1, 0) };
    const work = inOrder(polls(0, 30), [restart]);
    const first = runFrames(capture(work, 1, 41_000), { phase: 'protect', memory: MEMORY! });
    const again = runFrames(capture(work, 2, 42_000), { phase: 'learn', memory: first.memory });
    const operation = again.memory.conversations
      .flatMap(({ operations }) => operations)
      .find((one) => one.operation === 'diagnostics.restart_communications_option');
    expect(operation).toMatchObject({ in_baseline: false, withheld: true });
  });

  test('the learning says how much is new', () => {
    const { batch } = runFrames(capture(inOrder(polls(0, 60), others(0, 60))), { phase: 'learn' });
    expect(batch.health.learning).toMatchObject({ is_ripe: false, new_last_hour: batch.health.learning?.known });
    expect(batch.health.learning?.advice).toContain('at least a week');
  });
});

describe.skipIf(!hasBuiltRules)('what was learned briefly', () => {
  const briefly = (...parts: readonly (readonly Exchange[])[]) => protect(inOrder(...parts), {}, BRIEF!);
  const stranger = { client: '10.0.0.77' };

  test('something new in it is told as an observation, with how briefly it was learned', () => {
    const [alert, ...more] = briefly(polls(0, 30), others(0, 30), [write(5, 51, 1)]);
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ rule_id: 'new-target', severity: 'informational' });
    expect(alert?.description).toContain('Only 15 minutes of this conversation had been learned');
    const other = { ...write(5, 50, 1), client: OTHER };
    expect(briefly(polls(0, 30), [other])).toMatchObject([{ rule_id: 'new-writer', severity: 'informational' }]);
  });

  test('control is no routine', () => {
    const restart = modbusPdu.diagnostics(10, 0);
    const alerts = briefly(polls(0, 30), [{ at: 5, request: restart, answer: restart }]);
    expect(alerts.find(({ rule_id }) => rule_id === 'new-operation')?.severity).toBe('high');
  });

  test('a stranger that writes is one', () => {
    const alerts = briefly(polls(0, 30), [{ ...write(5, 50, 1), ...stranger }]);
    expect(alerts.find(({ rule_id }) => rule_id === 'new-writer')?.severity).toBe('high');
  });

  test('writing faster than a person raises the severity of the alert that is there', () => {
    const hurry = (gap: number) => Array.from({ length: 60 }, (_, index) => write(5 + index * gap, 51, index));
    expect(briefly(polls(0, 30), hurry(0.1))).toMatchObject([{ rule_id: 'new-target', severity: 'high', count: 60 }]);
    expect(briefly(polls(0, 90), hurry(1))).toMatchObject([{ severity: 'informational', count: 60 }]);
    const coils = Array.from({ length: 60 }, (_, index) => {
      const pdu = modbusPdu.writeCoil(3, index % 2 === 0);
      return { at: 5 + index * 0.1, request: pdu, answer: pdu };
    });
    expect(briefly(polls(0, 30), coils).find(({ rule_id }) => rule_id === 'new-operation')?.severity).toBe('high');
  });

  test('after somebody new has reached the station, what it does is no routine', () => {
    const work = capture(inOrder(polls(5, 30), [write(10, 51, 1)]), 1, 41_000);
    const pair = new TcpPair({ clientIp: '10.0.0.77', serverIp: HMI, clientPort: 41_500, serverPort: 22 });
    const greeting = Buffer.from('SSH-2.0-OpenSSH_9.6\r\n');
    const frames = [...pair.open(), pair.server(greeting), pair.client(greeting)];
    for (let turn = 0; turn < 8; turn++)
      frames.push(pair.client(Buffer.alloc(700, 0xab)), pair.server(Buffer.alloc(700, 0xcd)));
    const knock = frames.map(({ data }, index) => ({ data, time: BASE_TIME + 86_400 * SECOND + index }));
    const alerts = runFrames([...knock, ...work], { phase: 'protect', memory: BRIEF! }).batch.alerts;
    expect(alerts.find(({ rule_id }) => rule_id === 'new-target')?.severity).toBe('high');
    // A restart in between changes nothing, unless somebody has looked at the alert and closed it.
    const before = runFrames(knock, { phase: 'protect', memory: BRIEF! }).memory;
    const severityAfter = (memory: SensorMemory) =>
      runFrames(work, { phase: 'protect', memory }).batch.alerts.find(({ rule_id }) => rule_id === 'new-target')
        ?.severity;
    expect(severityAfter(before)).toBe('high');
    expect(severityAfter({ ...before, openAlerts: [] })).toBe('informational');
  });

  test('a restart in the middle of fast writes does not slow them down', () => {
    const hurry = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => write(5 + (from + index) * 0.1, 51, from + index));
    const first = runFrames(capture(hurry(0, 20), 1, 41_000), { phase: 'protect', memory: BRIEF! });
    expect(first.batch.alerts).toMatchObject([{ rule_id: 'new-target', severity: 'informational', count: 20 }]);
    const second = runFrames(capture(hurry(20, 40), 1, 42_000), { phase: 'protect', memory: first.memory });
    expect(second.batch.alerts).toMatchObject([{ rule_id: 'new-target', severity: 'high', count: 40 }]);
  });

  test('a gap between two captures is no time of learning', () => {
    const first = runFrames(capture(inOrder(polls(0, 900), others(0, 900))), { phase: 'learn' }).memory;
    const second = runFrames(capture(inOrder(polls(0, 900), others(0, 900)), 3, 42_000), {
      phase: 'learn',
      memory: first,
    }).memory;
    const [level] = second.variables.filter(({ address }) => address === 'holding_register 0');
    expect(level?.learned?.watched_seconds).toBeGreaterThan(1790);
    expect(level?.learned?.watched_seconds).toBeLessThan(1801);
  });
});

describe.skipIf(!hasBuiltRules)('scopes', () => {
  /** As if all of it had been learned eight days ago and nothing was new since. */
  const old = (memory: SensorMemory): SensorMemory => {
    const first_seen = '2025-12-20T00:00:00.000000Z';
    return {
      ...memory,
      assets: memory.assets.map((one) => ({ ...one, first_seen })),
      conversations: memory.conversations.map((one) => ({
        ...one,
        first_seen,
        operations: one.operations.map((operation) => ({ ...operation, first_seen })),
      })),
    };
  };

  test('what is ripe protects by itself where the settings say so, and only there', () => {
    const work = capture(inOrder(polls(0, 60), [write(30, 51, 1)]), 1, 41_000);
    const run = (autoProtect: boolean) => runFrames(work, { phase: 'learn', memory: old(MEMORY!), autoProtect });
    const left = run(false);
    expect(left.batch.alerts).toEqual([]);
    expect(left.batch.health.learning?.scopes).toMatchObject([
      { scope: 'devices', phase: 'learn', is_ripe: true },
      { scope: 'modbus', phase: 'learn' },
    ]);
    const settled = run(true);
    expect(ids(settled.batch.alerts)).toEqual([
      'new-target Write to something that was never written',
      'scope-protected Learning has ended for a part of the network',
      'scope-protected Learning has ended for a part of the network',
    ]);
    expect(settled.batch.health).toMatchObject({ phase: 'learn' });
    expect(settled.batch.health.learning?.scopes?.map(({ phase }) => phase)).toEqual(['protect', 'protect']);
  });

  test('rules that wait for the end of learning fire in a scope that has ended its own', () => {
    const stranger = { ...read(5, 1, 3), client: '10.0.0.77' };
    const work = capture(inOrder(polls(0, 60), [stranger, { ...write(30, 51, 1), client: '10.0.0.77' }]), 1, 41_000);
    const rules = (autoProtect: boolean) =>
      runFrames(work, { phase: 'learn', memory: old(MEMORY!), autoProtect })
        .batch.alerts.filter(({ kind }) => kind === 'rule')
        .map(({ title }) => title);
    expect(rules(false)).toEqual([]);
    expect(rules(true)).toContain('Read, then written, by a new station (as FrostyGoop does)');
  });

  test('once every scope has ended its learning, a protocol that was never seen is not learned', () => {
    const pair = new TcpPair({ clientIp: HMI, clientPort: 41_500, serverPort: 445 });
    const start = BASE_TIME + 86_400 * SECOND + 30 * SECOND;
    const files = timed([...pair.open(), pair.client(bytes('ff534d42')), pair.server(bytes('ff534d42'))], start);
    const work = [...capture(polls(0, 60), 1, 41_000), ...files].sort((one, other) => one.time! - other.time!);
    const found = (autoProtect: boolean) =>
      ids(runFrames(work, { phase: 'learn', memory: old(MEMORY!), autoProtect }).batch.alerts).filter((text) =>
        text.startsWith('new-conversation'),
      );
    expect(found(false)).toEqual([]);
    expect(found(true)).toHaveLength(1);
  });

  test('what has ended its learning does not learn again after a restart, whatever people have let in since', () => {
    const options = { phase: 'learn', autoProtect: true } as const;
    const first = runFrames(capture(polls(0, 60), 1, 41_000), { ...options, memory: old(MEMORY!) }).memory;
    expect(ids(first.openAlerts).map((text) => text.split(' ')[0])).toEqual(['scope-protected', 'scope-protected']);
    const [latest] = capture(polls(0, 1), 2);
    const first_seen = new Date((latest?.time ?? 0) / 1000).toISOString();
    const young = first.conversations.map((one) => ({ ...one, first_seen }));
    const work = capture(inOrder(polls(0, 60), [write(30, 51, 1)]), 2, 42_000);
    const { batch } = runFrames(work, { ...options, memory: { ...first, conversations: young } });
    expect(ids(batch.alerts)).toContain('new-target Write to something that was never written');
  });

  test('… and whether or not anybody has closed its alert', () => {
    const options = { phase: 'learn', autoProtect: true } as const;
    const first = runFrames(capture(polls(0, 60), 1, 41_000), { ...options, memory: old(MEMORY!) }).memory;
    const work = capture(inOrder(polls(0, 60), [write(30, 51, 1)]), 2, 42_000);
    const young = first.conversations.map((one) => ({ ...one, first_seen: '2026-01-02T12:00:00Z' }));
    const memory = { ...first, conversations: young, openAlerts: [] };
    const told = 'new-target Write to something that was never written';
    expect(ids(runFrames(work, { ...options, memory }).batch.alerts)).toEqual([told]);
    const forgotten = runFrames(work, { ...options, memory: { ...memory, settledScopes: [] } });
    expect(ids(forgotten.batch.alerts)).not.toContain(told);
  });

  test('a scope ends its learning by packet time, however often somebody collects', () => {
    const start = BASE_TIME + 86_400 * SECOND;
    const first_seen = new Date((start - 7 * 86_400 * SECOND + 300 * SECOND) / 1000).toISOString();
    const ripening = {
      ...old(MEMORY!),
      assets: MEMORY!.assets.map((one) => ({ ...one, first_seen })),
      conversations: MEMORY!.conversations.map((one) => ({
        ...one,
        first_seen,
        operations: one.operations.map((operation) => ({ ...operation, first_seen })),
      })),
    };
    // A register is written before and after ten minutes, which is when the scopes are looked at.
    const work = pcap(capture(inOrder(polls(0, 900), [write(400, 52, 1), write(700, 51, 1)]), 1, 41_000));
    const alertsOf = (portion: number) => {
      const sensor = createSensor({
        sensor: 'test',
        mode: 'replay',
        phase: 'learn',
        autoProtect: true,
        memory: structuredClone(ripening),
      });
      const alerts = new Map<string, Alert>();
      const cycles = new Map<string, unknown>();
      const take = () => {
        const batch = sensor.collect();
        for (const alert of batch.alerts) alerts.set(alert.id, alert);
        for (const one of batch.conversations) cycles.set(one.id, [one.cycles, one.learned_until, one.rate]);
      };
      const parser = new CaptureParser(sensor);
      for (let from = 0; from < work.length; from += portion) {
        parser.push(work.subarray(from, from + portion));
        take();
      }
      parser.end();
      sensor.finish();
      take();
      const told = [...alerts.values()].map(({ rule_id, object, first_seen: at }) => `${rule_id} ${object} ${at}`);
      return { told: told.sort(), cycles: [...cycles] };
    };
    const live = alertsOf(2000);
    expect(live.told).toEqual([
      'new-target unit 1 holding_register 51 2026-01-02T00:11:40.002000Z',
      'scope-protected devices 2026-01-02T00:10:00.000000Z',
      'scope-protected modbus 2026-01-02T00:10:00.000000Z',
    ]);
    expect(alertsOf(work.length)).toEqual(live);
  });

  test('a device that came later and was let in learns on its own, but no control', () => {
    const stranger = '10.0.0.77';
    const reset = modbusPdu.diagnostics(10, 0);
    const visit = (from: number, more: readonly Exchange[] = []) =>
      inOrder(polls(from, from + 20), [{ ...read(from + 5, 1, 3), client: stranger }], more);
    const first = runFrames(capture(visit(0), 1, 41_000), { phase: 'protect', memory: MEMORY! });
    expect(ids(first.batch.alerts).map((text) => text.split(' ')[0])).toEqual(['new-asset', 'new-conversation']);
    const letIn = {
      ...first.memory,
      openAlerts: [],
      assets: first.memory.assets.map((one) => (one.ips[0] === stranger ? { ...one, approved: true } : one)),
    };
    const command = { at: 50, request: reset, answer: reset, client: stranger };
    const later = capture(visit(40, [{ ...read(45, 1, 60), client: stranger }, command]), 1, 42_000);
    const second = runFrames(later, { phase: 'protect', memory: letIn });
    expect(second.batch.alerts.filter(({ kind }) => kind === 'deviation')).toMatchObject([
      { rule_id: 'new-writer', severity: 'critical' },
    ]);
    expect(second.batch.health.learning?.learning_alone).toEqual([stranger]);
    expect(second.batch.conversations.find(({ client_ip }) => client_ip === stranger)?.in_baseline).toBe(true);
    // A day later it is one of the others.
    const nextWeek = capture(visit(0, [{ ...read(9, 1, 900), client: stranger }]), 8, 43_000);
    const third = runFrames(nextWeek, { phase: 'protect', memory: { ...second.memory, openAlerts: [] } });
    expect(third.batch.alerts.map(({ rule_id }) => rule_id)).toEqual(['new-target']);
  });

  test('a limit that a person has set holds while learning, too', () => {
    const declared = [{ server: PLC, protocol: 'modbus', address: 'holding_register 0', name: 'Level', high: 510 }];
    const baseline = { n: 1, at: '', by: '', reason: '', decisions: { ...NO_DECISIONS, declared } };
    const { batch } = runFrames(capture(polls(0, 30)), { phase: 'learn', memory: { ...BRIEF!, baseline } });
    expect(ids(batch.alerts)).toEqual(['unusual-value Value beyond a limit']);
  });
});

describe.skipIf(!hasBuiltRules)('a valve', () => {
  const valve = (from: number, to: number, isOpen: (second: number) => boolean) =>
    Array.from({ length: to - from }, (_, index) => ({
      at: from + index,
      request: modbusPdu.read(1, 7, 1),
      answer: modbusPdu.bits(1, [isOpen(from + index) ? 1 : 0]),
    }));
  const inTurn = (second: number) => Math.floor(second / 30) % 2 === 1;

  test('that stays open for far longer than it ever did, and is told once', () => {
    const memory = runFrames(capture(valve(0, 4000, inTurn)), { phase: 'learn' }).memory;
    expect(memory.variables[0]?.learned?.dwells).toEqual([
      [67, expect.closeTo(30, 0)],
      [66, expect.closeTo(30, 0)],
    ]);
    expect(protect(valve(0, 300, inTurn), {}, memory)).toEqual([]);
    const stuck = protect(
      valve(0, 1500, (second) => second >= 30),
      {},
      memory,
    );
    expect(stuck).toMatchObject([
      { rule_id: 'unusual-value', title: 'State lasts longer than ever', severity: 'low', count: 1, dest_ip: PLC },
    ]);
    expect(stuck[0]?.description).toMatch(/ has been 1 for more than 4\d\d\.?\d* seconds\.$/);
    expect(stuck[0]?.expected).toMatch(/^This state for at most 30(\.\d+)? seconds \(4000 values from /);
  });

  test('that was seen to move a few times only is not judged by it', () => {
    const seldom = (second: number) => Math.floor(second / 300) % 2 === 1;
    const memory = runFrames(capture(valve(0, 4000, seldom)), { phase: 'learn' }).memory;
    expect(
      protect(
        valve(0, 5000, () => true),
        {},
        memory,
      ),
    ).toEqual([]);
  });
});
