import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Alert } from '../../sensor/model/records.js';
import { severityRank } from '../../sensor/model/severity.js';
import { parseTimestamp } from '../../sensor/model/time.js';
import type { SensorMemory } from '../../sensor/store/store.js';
import { hasBuiltRules, runSensor, WITHOUT_BUILT_RULES } from '../pipeline/run-sensor.js';
import { type Bytes, bytes, icmp, ipv4, modbusPdu, tcp } from '../support/packets.js';
import {
  captureOf,
  claim,
  type Exchange,
  frameAt,
  functionOf,
  HISTORIAN,
  HMI,
  INTRUDER,
  MACS,
  PLC,
  part,
  plantWork,
  repeated,
  SECOND,
  times,
  type Work,
  withMore,
  withRegister,
} from './plant-traffic.js';

/**
 * What is done to Modbus plants, as published sets of attacks have it (CIC Modbus 2023, Electra, Cruz, Lemay, WUSTL):
 * each acts on the sample plant's own traffic, mostly from a station that may do nearly everything.
 */

if (!hasBuiltRules) test.skip(WITHOUT_BUILT_RULES);

/** An hour after normal.pcap. */
const START = 1_763_836_000 * SECOND;
const LENGTH = 300;
const FROM = 60 * SECOND;
const TO = 180 * SECOND;

const work = plantWork();
const calm = part(work, 0, LENGTH);
const inAttack = ({ at }: Exchange) => at >= FROM && at < TO;
const isHmiToPlc = (one: Exchange) => one.client === HMI && one.server === PLC;
const changed = (change: (one: Exchange) => Exchange, which: (one: Exchange) => boolean = isHmiToPlc): Work => ({
  ...calm,
  exchanges: calm.exchanges.map((one) => (inAttack(one) && which(one) ? change(one) : one)),
});
const ask = (at: number, request: Bytes, answer: Bytes | null, more: Partial<Exchange> = {}): Exchange => ({
  at,
  took: 4000,
  client: HMI,
  server: PLC,
  unit: 1,
  request,
  answer,
  ...more,
});
const reads = (every: number, more: Partial<Exchange> = {}, to = TO) =>
  times(FROM, to, every).map((at) =>
    ask(at, modbusPdu.read(3, 0, 10), modbusPdu.registers(3, [600, 900, 200, 1, 1450, 40, 73, 1, 2, 3]), more),
  );
/** The set-point that operators write every few minutes. */
const setPoint = (at: number, value = 650, more: Partial<Exchange> = {}) =>
  ask(at, modbusPdu.writeRegister(0, value), modbusPdu.writeRegister(0, value), more);
const coil = (at: number, number: number, on: boolean, more: Partial<Exchange> = {}) =>
  ask(at, modbusPdu.writeCoil(number, on), modbusPdu.writeCoil(number, on), more);
const inMiddle = (from: string, to: string) => [
  ...times(FROM, TO, 2 * SECOND).flatMap((at) => [
    claim(at, from, MACS[INTRUDER]!),
    claim(at + 1000, to, MACS[INTRUDER]!),
  ]),
];

const DOCUMENT = fileURLToPath(new URL('../../docs/evaluation.md', import.meta.url));
const TABLE = /<!-- attacks -->[\s\S]*<!-- \/attacks -->/;
const rows: string[] = [];

interface Attack {
  readonly name: string;
  readonly work: () => Work;
  /** Detectors of which each must speak. */
  readonly by: readonly string[];
  /** At least, of the first of them. */
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  /** Within so many seconds. */
  readonly within: number;
  /** Minutes of learning; ten where absent. */
  readonly learned?: 'twenty' | 'seventy';
}

const ATTACKS: readonly Attack[] = [
  {
    name: 'answers delayed by two seconds (compromised device)',
    work: () => changed((one) => ({ ...one, took: one.took + 2 * SECOND })),
    by: ['slow-answers'],
    severity: 'medium',
    within: 30,
  },
  {
    name: 'query flood from the operator panel, a hundred a second',
    work: () => withMore(calm, reads(SECOND / 100, { connection: 1 }, FROM + 30 * SECOND)),
    by: ['unusual-rate'],
    severity: 'medium',
    within: 15,
  },
  {
    name: 'three times the queries, for two minutes (replay of recorded polling under its address)',
    work: () =>
      withMore(
        calm,
        calm.exchanges
          .filter((one) => inAttack(one) && isHmiToPlc(one) && functionOf(one) < 5)
          .flatMap((one) => [1, 2].map((n) => ({ ...one, at: one.at + n * 150_000, connection: 1 }))),
      ),
    by: ['polling-changed'],
    severity: 'low',
    within: 70,
  },
  {
    name: 'query flood from a new station',
    work: () => withMore(calm, reads(SECOND / 50, { client: INTRUDER }, FROM + 30 * SECOND)),
    by: ['new-asset', 'new-conversation'],
    severity: 'medium',
    within: 1,
  },
  {
    name: 'old writes replayed once a second under the panel’s address',
    work: () =>
      withMore(
        calm,
        times(FROM, TO, SECOND).map((at) => setPoint(at)),
      ),
    by: ['unusual-rate'],
    severity: 'medium',
    within: 45,
  },
  {
    name: 'one old write replayed from another card under the panel’s address',
    work: () => withMore(calm, [setPoint(FROM, 650, { connection: 1, clientMac: MACS[INTRUDER]! })]),
    by: ['address-taken'],
    severity: 'high',
    within: 1,
  },
  {
    name: 'stacked frames: three known requests in one packet',
    work: () =>
      changed((one) => ({
        ...one,
        stacked: [
          [modbusPdu.read(1, 0, 4), modbusPdu.bits(1, [1, 0, 0, 0])],
          [modbusPdu.writeRegister(0, 650), modbusPdu.writeRegister(0, 650)],
        ],
      })),
    by: ['stacked-messages'],
    severity: 'medium',
    within: 15,
  },
  {
    name: 'length of the requests changed',
    work: () => changed((one) => ({ ...one, lengths: [one.request.length + 3, undefined], answer: null })),
    by: ['modbus.length_mismatch'],
    severity: 'medium',
    within: 5,
  },
  {
    name: 'length of the answers changed',
    work: () => changed((one) => ({ ...one, lengths: [undefined, (one.answer?.length ?? 0) - 1] })),
    by: ['modbus.length_mismatch'],
    severity: 'medium',
    within: 5,
  },
  {
    name: 'adversary in the middle (ARP), the panel sees a level that stands still',
    work: () =>
      withMore(
        changed((one) => (functionOf(one) === 4 ? { ...one, answer: withRegister(one.answer!, 0, 600) } : one)),
        [],
        inMiddle(HMI, PLC),
      ),
    by: ['address-taken'],
    severity: 'high',
    within: 1,
  },
  {
    name: 'false data: a level that cannot be',
    work: () =>
      changed((one) => (functionOf(one) === 4 ? { ...one, answer: withRegister(one.answer!, 0, 60_000) } : one)),
    by: ['unusual-value'],
    severity: 'low',
    within: 2,
    learned: 'twenty',
  },
  {
    name: 'false data: a level of 900 %',
    work: () =>
      changed((one) => (functionOf(one) === 4 ? { ...one, answer: withRegister(one.answer!, 0, 9000) } : one)),
    by: ['unusual-value'],
    severity: 'medium',
    within: 2,
    learned: 'seventy',
  },
  {
    name: 'forced error answers',
    work: () => changed((one) => ({ ...one, answer: modbusPdu.exception(functionOf(one), 4) })),
    by: ['unusual-rate'],
    severity: 'low',
    within: 70,
  },
  {
    name: 'payload in 123 registers that nobody writes',
    work: () =>
      withMore(
        calm,
        times(FROM, FROM + 40 * SECOND, SECOND / 5).map((at, index) =>
          ask(
            at,
            modbusPdu.writeRegisters(
              1000 + index * 123,
              Array.from({ length: 123 }, (_, n) => n * 257),
            ),
            modbusPdu.written(16, 1000 + index * 123, 123),
          ),
        ),
      ),
    by: ['new-operation'],
    severity: 'high',
    within: 10,
  },
  {
    name: 'file written by the panel',
    work: () => {
      const request = bytes(0x15, 9, 6, 0, 4, 0, 7, 0, 1, 0x12, 0x34);
      return withMore(calm, [ask(FROM, request, request)]);
    },
    by: ['new-operation'],
    severity: 'high',
    within: 1,
  },
  {
    name: 'all coils written by force from the panel',
    work: () =>
      withMore(
        calm,
        times(FROM, FROM + 20 * SECOND, SECOND / 20).map((at, index) => coil(at, index % 100, index % 2 === 0)),
      ),
    by: ['new-target'],
    severity: 'high',
    within: 5,
  },
  {
    name: 'the historian begins to write, once',
    work: () => withMore(calm, [coil(FROM, 2, true, { client: HISTORIAN })]),
    by: ['new-writer'],
    severity: 'high',
    within: 1,
    learned: 'seventy',
  },
  {
    name: 'register map read out by the panel',
    work: () =>
      withMore(
        calm,
        times(FROM, FROM + 60 * SECOND, SECOND / 10).map((at, index) =>
          ask(at, modbusPdu.read(3, 100 + index * 100, 100), modbusPdu.registers(3, new Array<number>(100).fill(0))),
        ),
      ),
    by: ['new-target'],
    severity: 'low',
    within: 15,
  },
  {
    name: 'function codes tried out by the panel',
    work: () =>
      withMore(
        calm,
        times(FROM, FROM + 60 * SECOND, SECOND / 2).map((at, index) =>
          ask(at, bytes(index + 1, 0, 0, 0, 1), modbusPdu.exception((index + 1) & 0x7f, 1)),
        ),
      ),
    by: ['function-scan'],
    severity: 'medium',
    within: 10,
  },
  {
    name: 'restart of the communication by the panel',
    work: () => withMore(calm, [ask(FROM, modbusPdu.diagnostics(1, 0), modbusPdu.diagnostics(1, 0))]),
    by: ['new-operation'],
    severity: 'high',
    within: 1,
  },
  {
    name: 'the device silenced (force listen only) by the panel',
    work: () =>
      withMore(
        changed(
          (one) => (one.server === PLC ? { ...one, answer: null } : one),
          () => true,
        ),
        [ask(FROM, modbusPdu.diagnostics(4, 0), null)],
      ),
    by: ['new-operation', 'device-silent'],
    severity: 'high',
    within: 20,
  },
  {
    name: 'a new station switches a coil, once',
    work: () => withMore(calm, [coil(FROM, 0, false, { client: INTRUDER })]),
    by: ['new-writer', 'new-conversation', 'new-asset'],
    severity: 'high',
    within: 1,
  },
  {
    name: 'a new station replays the panel’s polling',
    work: () =>
      withMore(
        calm,
        calm.exchanges
          .filter((one) => inAttack(one) && isHmiToPlc(one))
          .map((one) => ({ ...one, client: INTRUDER, at: one.at + 70_000 })),
      ),
    by: ['new-conversation'],
    severity: 'medium',
    within: 2,
  },
  {
    name: 'SYN flood against the controller',
    work: () =>
      withMore(
        calm,
        [],
        times(FROM, FROM + 10 * SECOND, 2000).map((at, index) =>
          frameAt(
            at,
            ipv4(
              { src: `10.20.${(index >> 8) & 255}.${index & 255}`, dst: PLC },
              tcp({ sport: 1024 + (index % 60_000), dport: 502, seq: index * 13, flags: 'S' }),
            ),
            INTRUDER,
            PLC,
          ),
        ),
      ),
    by: ['connection-flood'],
    severity: 'high',
    within: 2,
  },
  {
    name: 'ping flood against the controller',
    work: () =>
      withMore(
        calm,
        [],
        times(FROM, FROM + 10 * SECOND, 2000).map((at) =>
          frameAt(at, ipv4({ src: INTRUDER, dst: PLC }, icmp(8, 0, new Uint8Array(56))), INTRUDER, PLC),
        ),
      ),
    by: ['icmp-flood'],
    severity: 'medium',
    within: 2,
  },
];

describe.skipIf(!hasBuiltRules)('attacks on the sample plant', () => {
  let short: SensorMemory;
  let medium: SensorMemory;
  let long: SensorMemory;

  beforeAll(() => {
    const learnedFrom = (rounds: number): SensorMemory => ({
      ...runSensor([captureOf(repeated(work, rounds), START - 7200 * SECOND)], { phase: 'learn' }).memory,
      openAlerts: [],
    });
    short = learnedFrom(1);
    medium = learnedFrom(2);
    long = learnedFrom(7);
  }, 120_000);

  const protect = (one: Work, memory: SensorMemory): Alert[] =>
    runSensor([captureOf(one, START)], { phase: 'protect', memory }).batch.alerts;

  test.each([
    ['ten minutes', () => short],
    ['seventy minutes', () => long],
  ])('nothing is said of the same work, learned for %s', (_, memory) => {
    expect(protect(calm, memory()).map(({ rule_id, description }) => `${rule_id} ${description}`)).toEqual([]);
  });

  test.each(ATTACKS)('$name', ({ name, work: attacked, by, severity, within, learned }) => {
    const memory = learned === 'seventy' ? long : learned === 'twenty' ? medium : short;
    const alerts = protect(attacked(), memory);
    const found = alerts.map((alert) => {
      const seconds = (parseTimestamp(alert.first_seen) - START - FROM) / SECOND;
      return { rule: alert.rule_id, severity: alert.severity, seconds: Math.round(seconds * 10) / 10 };
    });
    const own = by.map((rule) => found.find((one) => one.rule === rule));
    expect(
      own.every((one) => one !== undefined),
      JSON.stringify(found),
    ).toBe(true);
    expect(severityRank(own[0]!.severity), JSON.stringify(found)).toBeGreaterThanOrEqual(severityRank(severity));
    expect(own[0]!.seconds, JSON.stringify(found)).toBeLessThanOrEqual(within);
    rows.push(
      `| ${name} | ${learned ?? 'ten'} | ${own[0]!.seconds.toFixed(1)} | ${own[0]!.severity} | ${by.join(', ')} |`,
    );
    // Nothing was said before.
    expect(found.filter(({ seconds }) => seconds < -1)).toEqual([]);
  });

  test('docs/evaluation.md has what was found, how fast and how severe', () => {
    const before = readFileSync(DOCUMENT, 'utf8');
    const head = '| what is done | learned (minutes) | found after (s) | severity | by |\n|---|---|---|---|---|';
    const after = before.replace(TABLE, () => `<!-- attacks -->\n${head}\n${rows.join('\n')}\n<!-- /attacks -->`);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(DOCUMENT, after);
    else expect(before).toBe(after);
  });
});
