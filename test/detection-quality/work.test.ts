import { beforeAll, describe, expect, test } from 'vitest';
import type { SensorMemory } from '../../sensor/store/store.js';
import { hasBuiltRules, runSensor, WITHOUT_BUILT_RULES } from '../pipeline/run-sensor.js';
import { bytes, ipv4, modbusPdu, udp } from '../support/packets.js';
import {
  captureOf,
  claim,
  ENGINEERING,
  type Exchange,
  frameAt,
  functionOf,
  GATEWAY,
  HISTORIAN,
  HMI,
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

/** What happens in a plant without anybody doing wrong, first seen after learning: it must not cost people's time. */

if (!hasBuiltRules) test.skip(WITHOUT_BUILT_RULES);

const START = 1_763_836_000 * SECOND;
const FROM = 60 * SECOND;

const work = plantWork();
const calm = part(work, 0, 300);
const ask = (
  at: number,
  request: Exchange['request'],
  answer: Exchange['answer'],
  more: Partial<Exchange> = {},
): Exchange => ({ at, took: 4000, client: HMI, server: PLC, unit: 1, request, answer, ...more });
const setPoint = (at: number, value: number) =>
  ask(at, modbusPdu.writeRegister(0, value), modbusPdu.writeRegister(0, value));
const coil = (at: number, on: boolean) => ask(at, modbusPdu.writeCoil(1, on), modbusPdu.writeCoil(1, on));
const registers = (count: number) =>
  modbusPdu.registers(
    3,
    Array.from({ length: count }, (_, index) => index),
  );
/** What the panel was told of these registers last. */
const known = (at: number, from: number, count: number) => {
  const isIt = (one: Exchange) => one.client === HMI && one.server === PLC && functionOf(one) === 3 && one.at <= at;
  const { answer } = calm.exchanges.filter(isIt).at(-1)!;
  return bytes(3, count * 2, answer!.slice(2 + from * 2, 2 + (from + count) * 2));
};
const change = (one: (exchange: Exchange) => Exchange): Work => ({ ...calm, exchanges: calm.exchanges.map(one) });

interface Routine {
  readonly name: string;
  readonly work: () => Work;
  /** What a person may be asked to look at: detectors, each with one alert. Informational ones are not listed. */
  readonly asks: readonly string[];
  /** The same after more than an hour of learning; nothing where absent. */
  readonly asksLater?: readonly string[];
}

const READ_THEN_WRITTEN = '1aded3d1-c345-5a3a-8c21-db614e49dd41';
const TAKE_OVER = [
  READ_THEN_WRITTEN,
  READ_THEN_WRITTEN,
  'new-asset',
  'new-conversation',
  'new-conversation',
  'new-conversation',
  'new-writer',
  'new-writer',
  'polling-stopped',
];

const ROUTINES: readonly Routine[] = [
  {
    name: 'a change of shift: set-points and pumps, several a minute',
    work: () =>
      withMore(calm, [
        ...times(FROM, FROM + 60 * SECOND, 20 * SECOND).map((at, index) => setPoint(at, 600 + index * 10)),
        ...times(FROM, FROM + 60 * SECOND, 30 * SECOND).map((at, index) => coil(at + SECOND, index % 2 === 0)),
      ]),
    asks: [],
  },
  {
    name: 'a controller restarts: eight seconds without an answer, then all connections anew',
    work: () => ({
      ...calm,
      exchanges: calm.exchanges.flatMap((one) => {
        if (one.server !== PLC || one.at < FROM) return [one];
        if (one.at < FROM + 8 * SECOND) return one.at < FROM + 3 * SECOND ? [{ ...one, answer: null }] : [];
        return [{ ...one, connection: 1 }];
      }),
    }),
    asks: [],
  },
  {
    name: 'a controller restarts, and is silent for a minute',
    work: () => ({
      ...calm,
      exchanges: calm.exchanges.flatMap((one) => {
        if (one.server !== PLC || one.at < FROM) return [one];
        return [one.at < FROM + 60 * SECOND ? { ...one, answer: null } : { ...one, connection: 1 }];
      }),
    }),
    asks: ['device-silent'],
    asksLater: ['device-silent'],
  },
  {
    name: 'the panel is off for half a minute and comes back',
    work: () => ({
      ...calm,
      exchanges: calm.exchanges.flatMap((one) => {
        if (one.client !== HMI || one.at < FROM) return [one];
        return one.at < FROM + 30 * SECOND ? [] : [{ ...one, connection: 1 }];
      }),
    }),
    asks: [],
  },
  {
    name: 'a screen reads what is known in other blocks',
    work: () =>
      withMore(
        calm,
        times(FROM, FROM + 120 * SECOND, SECOND).flatMap((at) => [
          ask(at, modbusPdu.read(3, 0, 4), known(at, 0, 4)),
          ask(at + 20_000, modbusPdu.read(3, 4, 6), known(at, 4, 6)),
        ]),
      ),
    asks: [],
  },
  {
    name: 'a screen reads registers that nobody read so far',
    work: () =>
      withMore(
        calm,
        times(FROM, FROM + 120 * SECOND, SECOND).flatMap((at) => [
          ask(at, modbusPdu.read(3, 200, 20), registers(20)),
          ask(at + 20_000, modbusPdu.read(3, 300, 20), registers(20)),
        ]),
      ),
    asks: [],
    asksLater: ['new-target'],
  },
  {
    name: 'a daily job of the historian, first seen after learning',
    work: () =>
      withMore(
        calm,
        times(FROM, FROM + 10 * SECOND, SECOND).map((at, index) =>
          ask(at, modbusPdu.read(3, 40 + index * 10, 10), registers(10), { client: HISTORIAN }),
        ),
      ),
    asks: [],
    asksLater: ['new-operation'],
  },
  {
    name: 'the engineering station asks the controller who it is',
    work: () =>
      withMore(calm, [
        ask(FROM, modbusPdu.readDeviceId(1, 0), bytes(43, 14, 1, 1, 0, 0, 1, 0, 4, '41414243'), {
          client: ENGINEERING,
        }),
      ]),
    asks: [],
  },
  {
    name: 'the level drifts slowly beyond where it was',
    work: () =>
      change((one) => {
        if (one.server !== PLC || functionOf(one) !== 4 || !one.answer || one.answer.length < 4) return one;
        const level = ((one.answer[2] ?? 0) << 8) | (one.answer[3] ?? 0);
        return { ...one, answer: withRegister(one.answer, 0, level + Math.round(one.at / (3 * SECOND))) };
      }),
    asks: [],
  },
  {
    name: 'answers are slow for a moment',
    work: () =>
      change((one) => (one.at >= FROM && one.at < FROM + SECOND ? { ...one, took: one.took + 700_000 } : one)),
    asks: [],
  },
  {
    name: 'the engineering station renews its lease and sets its clock',
    work: () =>
      withMore(
        calm,
        [],
        [
          claim(FROM, ENGINEERING, MACS[ENGINEERING]!),
          frameAt(
            FROM + SECOND,
            ipv4(
              { src: ENGINEERING, dst: '10.20.1.1' },
              udp({ sport: 123, dport: 123 }, bytes('23', new Uint8Array(47))),
            ),
            ENGINEERING,
            '10.20.1.1',
          ),
          frameAt(
            FROM + SECOND + 2000,
            ipv4(
              { src: '10.20.1.1', dst: ENGINEERING },
              udp({ sport: 123, dport: 123 }, bytes('24', new Uint8Array(47))),
            ),
            '10.20.1.1',
            ENGINEERING,
          ),
        ],
      ),
    asks: [],
  },
  {
    name: 'the gateway is busy and refuses some requests',
    work: () => {
      let left = 3;
      return change((one) =>
        one.server === GATEWAY && one.at >= FROM && left-- > 0
          ? { ...one, answer: modbusPdu.exception(functionOf(one), 6) }
          : one,
      );
    },
    asks: [],
  },
  {
    name: 'a second panel takes over from the first',
    work: () => change((one) => (one.client === HMI && one.at >= FROM ? { ...one, client: '10.20.1.52' } : one)),
    // A station that takes over another's work is news: one device, three controllers, two of them written to.
    asks: TAKE_OVER,
    asksLater: TAKE_OVER,
  },
];

describe.skipIf(!hasBuiltRules)('ordinary work that was not learned', () => {
  let short: SensorMemory;
  let long: SensorMemory;

  beforeAll(() => {
    const learned = runSensor([captureOf(work, START - 7200 * SECOND)], { phase: 'learn' });
    short = { ...learned.memory, openAlerts: [] };
    long = {
      ...runSensor([captureOf(repeated(work, 7), START - 86_400 * SECOND)], { phase: 'learn' }).memory,
      openAlerts: [],
    };
  }, 120_000);

  const asked = (done: Work, memory: SensorMemory) =>
    runSensor([captureOf(done, START)], { phase: 'protect', memory })
      .batch.alerts.filter(({ severity }) => severity !== 'informational')
      .map(({ rule_id }) => rule_id)
      .sort();

  test.each(ROUTINES)('$name, learned for ten minutes', ({ work: done, asks }) => {
    expect(asked(done(), short)).toEqual(asks);
  });

  test.each(ROUTINES)('$name, learned for more than an hour', ({ work: done, asksLater }) => {
    expect(asked(done(), long)).toEqual(asksLater ?? []);
  });
});
