import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import type { ProcessVariable } from '../../sensor/model/records.js';
import { historyRecord } from '../../sensor/model/variable-history.js';
import { createSensor } from '../../sensor/pipeline/create-sensor.js';
import { VariableTracker } from '../../sensor/process/variable-tracker.js';
import { hasBuiltRules, runFrames, WITHOUT_BUILT_RULES } from '../pipeline/run-sensor.js';
import {
  BASE_TIME,
  type Bytes,
  type CaptureRecord,
  modbusPdu,
  modbusTcp,
  pcapHeader,
  pcapRecord,
  TcpPair,
  timed,
} from '../support/packets.js';

const SERVER = '10.0.0.2';
const SECOND = 1_000_000;

if (!hasBuiltRules) test.skip(WITHOUT_BUILT_RULES);

interface Step {
  readonly client: number;
  readonly unit: number;
  readonly kind: 'read' | 'write' | 'writeMany';
  readonly from: number;
  readonly values: readonly number[];
}

/** Several clients on one server, one exchange a second. */
function plant(steps: readonly Step[], port = 40_000): CaptureRecord[] {
  const pairs = new Map<number, TcpPair>();
  const records: CaptureRecord[] = [];
  let at = BASE_TIME;
  const add = (data: Bytes) => {
    records.push({ data, time: at });
    at += 1000;
  };
  steps.forEach(({ client, unit, kind, from, values }, index) => {
    let pair = pairs.get(client);
    if (!pair) {
      pair = new TcpPair({ clientIp: `10.0.0.${10 + client}`, clientPort: port + client });
      pairs.set(client, pair);
      for (const frame of pair.open()) add(frame.data);
    }
    at = Math.max(at, BASE_TIME + index * SECOND);
    const [request, answer]: [Bytes, Bytes] =
      kind === 'read'
        ? [modbusPdu.read(3, from, values.length), modbusPdu.registers(3, values)]
        : kind === 'write'
          ? [modbusPdu.writeRegister(from, values[0]!), modbusPdu.writeRegister(from, values[0]!)]
          : [modbusPdu.writeRegisters(from, values), modbusPdu.written(16, from, values.length)];
    add(pair.client(modbusTcp(request, { transaction: index, unit })).data);
    add(pair.server(modbusTcp(answer, { transaction: index, unit })).data);
  });
  return records;
}

const byAddress = (variables: readonly ProcessVariable[]) =>
  new Map(variables.map((variable) => [`${variable.unit} ${variable.address}`, variable]));

describe.skipIf(!hasBuiltRules)('process variables', () => {
  test('are what a plain walk through all messages finds, however they overlap', () => {
    const step = fc
      .record({
        client: fc.nat({ max: 2 }),
        unit: fc.constantFrom(1, 2),
        kind: fc.constantFrom('read' as const, 'read' as const, 'write' as const, 'writeMany' as const),
        from: fc.nat({ max: 4 }),
        values: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }),
      })
      .map((one) => (one.kind === 'write' ? { ...one, values: one.values.slice(0, 1) } : one));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const found = byAddress(runFrames(plant(steps), { phase: 'learn' }).batch.variables);
        const expected = new Map<
          string,
          { last: number; reads: number; writes: number; seen: Set<number>; writers: Map<string, number> }
        >();
        for (const { client, unit, kind, from, values } of steps) {
          values.forEach((value, index) => {
            const key = `${unit} holding_register ${from + index}`;
            const known = expected.get(key) ?? { last: 0, reads: 0, writes: 0, seen: new Set(), writers: new Map() };
            expected.set(key, known);
            known.last = value;
            known.seen.add(value);
            if (kind === 'read') known.reads++;
            else {
              known.writes++;
              const ip = `10.0.0.${10 + client}`;
              known.writers.set(ip, (known.writers.get(ip) ?? 0) + 1);
            }
          });
        }
        expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
        for (const [key, { last, reads, writes, seen, writers }] of expected) {
          const variable = found.get(key)!;
          expect({
            last: variable.last_value,
            reads: variable.reads,
            writes: variable.writes,
            distinct: variable.distinct,
            min: variable.min,
            max: variable.max,
            writers: Object.fromEntries(variable.writers.map((writer) => [writer.ip, writer.writes])),
          }).toEqual({
            last,
            reads,
            writes,
            distinct: seen.size,
            min: Math.min(...seen),
            max: Math.max(...seen),
            writers: Object.fromEntries(writers),
          });
        }
      }),
      { numRuns: 150 },
    );
  });

  test('one capture and the same in two runs give the same', () => {
    const steps: Step[] = Array.from({ length: 30 }, (_, index) => ({
      client: index % 2,
      unit: 1,
      kind: index % 7 === 3 ? 'write' : 'read',
      from: 0,
      values: [index * 3],
    }));
    const all = plant(steps);
    // In the middle of the connections, as a capture that was cut into files.
    const cut = all.findIndex((record) => record.time === BASE_TIME + 15 * SECOND);
    const whole = runFrames(all, { phase: 'learn' });
    const first = runFrames(all.slice(0, cut), { phase: 'learn' });
    const second = runFrames(all.slice(cut), { phase: 'learn', memory: first.memory });
    // The step from the last value before the pause to the first one after it is nobody's step.
    const comparable = ({ period_seconds: _, seen, learned, ...rest }: ProcessVariable) => ({
      ...rest,
      seen: { ...seen, increases: 0, watched_seconds: 0 },
      learned: { ...learned, increases: 0, watched_seconds: 0 },
    });
    const [increases] = whole.batch.variables.map(({ seen }) => seen.increases);
    expect(second.batch.variables[0]?.seen.increases).toBe((increases ?? 0) - 1);
    // Nobody watched between the two.
    const [watched] = whole.batch.variables.map(({ seen }) => seen.watched_seconds);
    expect(second.batch.variables[0]?.seen.watched_seconds).toBeCloseTo((watched ?? 0) - 1, 2);
    expect(second.batch.variables.map(comparable)).toEqual(whole.batch.variables.map(comparable));
  });

  const series = (values: readonly number[]): Step[] =>
    values.map((value) => ({ client: 0, unit: 1, kind: 'read', from: 20, values: [value] }));

  test.each([
    ['constant', [5, 5, 5]],
    ['binary', [0, 1, 0]],
    ['enumeration', [0, 3, 2, 3]],
    ['counter', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ['analogue', [10, 12, 11, 14, 15, 13, 19, 21, 17, 22, 25, 24, 23]],
  ])('%s', (kind, values) => {
    const [variable] = runFrames(plant(series(values)), { phase: 'learn' }).batch.variables;
    expect(variable).toMatchObject({
      name: 'holding_register 40021',
      address: 'holding_register 20',
      server_ip: SERVER,
      protocol: 'modbus',
      kind,
      last_value: values.at(-1),
      reads: values.length,
      min: Math.min(...values),
      max: Math.max(...values),
    });
  });

  test('a cyclic read has a period, also where units are asked in turn and after a long pause', () => {
    const steps: Step[] = Array.from({ length: 60 }, (_, index) => ({
      client: 0,
      unit: 1 + (index % 3),
      kind: 'read',
      from: 0,
      values: [1],
    }));
    const frames = plant(steps).map((record) => ({
      ...record,
      time: (record.time ?? 0) > BASE_TIME + 30 * SECOND ? (record.time ?? 0) + 600 * SECOND : (record.time ?? 0),
    }));
    const { batch } = runFrames(frames, { phase: 'learn' });
    expect(batch.variables.map((variable) => variable.period_seconds)).toEqual([3, 3, 3]);
    expect(batch.conversations.map((conversation) => conversation.period_seconds)).toEqual([3]);
  });

  test('the history of what was read once is kept, however often somebody collects', () => {
    const sensor = createSensor({ sensor: 'test', mode: 'replay', phase: 'learn', memory: null });
    const parser = new CaptureParser(sensor);
    parser.push(pcapHeader());
    const steps = Array.from({ length: 120 }, (_, index) => ({
      client: 0,
      unit: 1,
      kind: 'read' as const,
      from: index === 30 ? 7 : 0,
      values: [index],
    }));
    const histories = new Set<string>();
    const take = () => {
      for (const { address, history } of sensor.collect().variables) if (history) histories.add(address);
    };
    for (const record of timed(plant(steps))) {
      parser.push(pcapRecord(record));
      take();
    }
    parser.end();
    sensor.finish();
    take();
    expect([...histories].sort()).toEqual(['holding_register 0', 'holding_register 7']);
  });

  test('the history is bounded, holds the extremes of the whole time and the last changes exactly', () => {
    const values = Array.from({ length: 5000 }, (_, index) => (index === 777 ? 60_000 : 1000 + (index % 50)));
    const [variable] = runFrames(plant(series(values)), { phase: 'learn' }).batch.variables;
    const { points, changes, step_seconds } = historyRecord(variable!.history!)!;
    expect(points.length).toBeLessThanOrEqual(64);
    expect(points.length).toBeGreaterThan(32);
    expect(step_seconds).toBe(128);
    expect(Math.max(...points.map(([, , max]) => max))).toBe(60_000);
    expect(Math.min(...points.map(([, min]) => min))).toBe(1000);
    expect(changes.map(([, value]) => value)).toEqual(values.slice(-64));
    expect([...points].sort()).toEqual(points);
  });

  test('are right however many stations read them', () => {
    const reads = (client: number, value: number): Step => ({
      client,
      unit: 1,
      kind: 'read',
      from: 0,
      values: [value],
    });
    const steps = Array.from({ length: 9 }, (_, client) => reads(client, 1));
    steps.push(reads(8, 1), reads(0, 2), reads(8, 1));
    const [variable] = runFrames(plant(steps), { phase: 'learn' }).batch.variables;
    expect(variable?.last_value).toBe(1);
    expect(variable?.reads).toBe(12);
  });

  test('what finds no place is counted', () => {
    // Two hundred units of 500 registers each are more than are kept.
    const steps: Step[] = Array.from({ length: 840 }, (_, index) => ({
      client: 0,
      unit: index % 250,
      kind: 'read',
      from: Math.floor(index / 250) * 100,
      values: new Array<number>(100).fill(index),
    }));
    const { batch, sensor } = runFrames(plant(steps), { phase: 'learn' });
    expect(batch.variables).toHaveLength(50_000);
    expect(batch.health.dropped['variables_not_kept']).toBe(84_000 - 50_000);
    expect(sensor.counters.packets).toBeGreaterThan(1000);
  });

  test('a refused answer and a malformed one carry no values', () => {
    const pair = new TcpPair();
    const frames = [
      ...pair.open(),
      pair.client(modbusTcp(modbusPdu.read(3, 0, 4), { transaction: 1 })),
      pair.server(modbusTcp(modbusPdu.exception(3, 2), { transaction: 1 })),
      pair.client(modbusTcp(modbusPdu.read(3, 0, 4), { transaction: 2 })),
      pair.server(modbusTcp(modbusPdu.registers(3, [1, 2]), { transaction: 2 })),
    ];
    expect(runFrames(timed(frames), { phase: 'learn' }).batch.variables).toEqual([]);
  });

  test('a tracker without messages has nothing to say', () => {
    const tracker = new VariableTracker(true);
    expect(tracker.collect(true, true)).toEqual([]);
    expect(tracker.size).toBe(0);
  });
});
