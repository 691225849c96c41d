import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DissectionRecord } from '../../sensor/model/records.js';
import type { Dissector } from '../../sensor/protocols/dissector.js';
import { createDissectors } from '../../sensor/protocols/registry.js';
import {
  bytes,
  concat,
  ethernet,
  ipv4,
  type Layer,
  modbusPdu,
  modbusRtu,
  modbusTcp,
  pcap,
  TcpPair,
  udp,
} from '../support/packets.js';
import { type Replayed, replayCapture, replayFrames } from '../support/replay-records.js';
import { asked, SAW_AFTER, SAW_ALL, started, summary, written } from './case.js';
import '../support/property-seed.js';

// ---------------------------------------------------------------- arbitrary Modbus

const word = fc.integer({ min: 0, max: 0xffff });
const words = fc.array(word, { minLength: 1, maxLength: 20 });
const bits = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 40 });
const address = fc.integer({ min: 0, max: 60_000 });

interface Exchange {
  readonly request: Uint8Array;
  readonly answer: Uint8Array;
}

/** A sound request and its sound answer. */
const exchange: fc.Arbitrary<Exchange> = fc.oneof(
  fc.tuple(fc.constantFrom<3 | 4>(3, 4), address, words).map(([fc_, at, values]) => ({
    request: modbusPdu.read(fc_, at, values.length),
    answer: modbusPdu.registers(fc_, values),
  })),
  fc.tuple(fc.constantFrom<1 | 2>(1, 2), address, bits).map(([fc_, at, values]) => ({
    request: modbusPdu.read(fc_, at, values.length),
    answer: modbusPdu.bits(fc_, values),
  })),
  fc.tuple(address, word).map(([at, value]) => ({
    request: modbusPdu.writeRegister(at, value),
    answer: modbusPdu.writeRegister(at, value),
  })),
  fc.tuple(address, words).map(([at, values]) => ({
    request: modbusPdu.writeRegisters(at, values),
    answer: modbusPdu.written(16, at, values.length),
  })),
  fc.tuple(address, bits).map(([at, values]) => ({
    request: modbusPdu.writeCoils(at, values),
    answer: modbusPdu.written(15, at, values.length),
  })),
  fc.tuple(address, words, address, words).map(([read, answer, write, values]) => ({
    request: modbusPdu.readWrite(read, answer.length, write, values),
    answer: concat(bytes(23), modbusPdu.registers(3, answer).subarray(1)),
  })),
  fc.tuple(address, fc.constantFrom(1, 2, 3, 4, 6)).map(([at, code]) => ({
    request: modbusPdu.read(3, at, 1),
    answer: modbusPdu.exception(3, code),
  })),
  fc.constantFrom(
    { request: modbusPdu.diagnostics(0, 0x1234), answer: modbusPdu.diagnostics(0, 0x1234) },
    { request: bytes(17), answer: bytes(17, 3, 0x41, 0x42, 0xff) },
    { request: modbusPdu.readDeviceId(1, 0), answer: bytes('2b0e01010000 01 00 03 414243') },
    { request: modbusPdu.maskWrite(4, 0xf2, 0x25), answer: modbusPdu.maskWrite(4, 0xf2, 0x25) },
  ),
);

const exchanges = fc.array(exchange, { minLength: 1, maxLength: 8 });

function adus(all: readonly Exchange[]): { requests: Uint8Array[]; answers: Uint8Array[] } {
  return {
    requests: all.map(({ request }, index) => modbusTcp(request, { transaction: index + 1, unit: (index % 3) + 1 })),
    answers: all.map(({ answer }, index) => modbusTcp(answer, { transaction: index + 1, unit: (index % 3) + 1 })),
  };
}

/** The messages without what depends on how they were cut into packets. */
function contents(records: readonly DissectionRecord[]): unknown[] {
  return records.map((record) => {
    const { request_pcap_cnt: _, ...modbus } = record['modbus'] as Record<string, unknown>;
    return { from: record['src_port'], modbus, anomalies: record['anomalies'], partial: record['partial'] };
  });
}

function plain(all: readonly Exchange[], serverPort = 502): Layer[] {
  const pair = new TcpPair({ serverPort });
  const { requests, answers } = adus(all);
  return [...pair.open(), ...requests.map((adu) => pair.client(adu)), ...answers.map((adu) => pair.server(adu))];
}

/** The bytes in segments that end at the given places. */
function cut(pair: TcpPair, fromClient: boolean, data: Uint8Array, places: readonly number[]): Layer[] {
  const edges = [...new Set([...places.map((place) => place % data.length), data.length])].sort((a, b) => a - b);
  let from = 0;
  return edges
    .filter((edge) => edge > 0)
    .map((edge) => {
      const part = data.subarray(from, edge);
      from = edge;
      return fromClient ? pair.client(part) : pair.server(part);
    });
}

/** What these tests do on purpose. */
const INTENDED = new Set(['stream.tiny_segments', 'applayer.unusual_port']);

function oddities(replayed: Replayed): string[] {
  return Object.keys(replayed.anomalies).filter((code) => !INTENDED.has(code));
}

describe('the same messages, however they are sent', () => {
  test.each([502, 4444])('cut into any segments, on port %i', (serverPort) => {
    fc.assert(
      fc.property(
        exchanges,
        fc.array(fc.nat(), { maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (all, a, b) => {
          const { requests, answers } = adus(all);
          const pair = new TcpPair({ serverPort });
          const frames = [
            ...pair.open(),
            ...cut(pair, true, concat(...requests), a),
            ...cut(pair, false, concat(...answers), b),
          ];
          const split = replayFrames(frames);
          const whole = replayFrames(plain(all, serverPort));
          expect(contents(split.records)).toEqual(contents(whole.records));
          expect(oddities(whole)).toEqual([]);
          expect(oddities(split)).toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('cut, shuffled and repeated', () => {
    fc.assert(
      fc.property(
        exchanges,
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.array(fc.nat({ max: 1000 }), { minLength: 40, maxLength: 40 }),
        (all, places, ranks) => {
          const { requests, answers } = adus(all);
          const pair = new TcpPair();
          const open = pair.open();
          const segments = cut(pair, true, concat(...requests), places);
          const shuffled = [...segments, ...segments.slice(0, 4)]
            .map((frame, index) => ({ frame, rank: ranks[index] ?? 0 }))
            .sort((one, other) => one.rank - other.rank)
            .map(({ frame }) => frame);
          const got = replayFrames([...open, ...shuffled, ...answers.map((adu) => pair.server(adu))]);
          const whole = replayFrames(plain(all));
          const order = (record: unknown): string => JSON.stringify(record);
          expect(contents(got.records).map(order).sort()).toEqual(contents(whole.records).map(order).sort());
          // A message is complete with the last of its packets: no record may name an earlier one.
          const last = open.length + shuffled.length;
          for (const record of got.records) {
            if (record['src_port'] === 40_000) expect(record.pcap_cnt).toBeLessThanOrEqual(last);
          }
          expect(oddities(got)).toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('split at every byte, both halves in either order: the completing packet is the one that came last', () => {
    const request = modbusTcp(modbusPdu.writeRegisters(7, [1, 2, 3]), { transaction: 5 });
    const answer = modbusTcp(modbusPdu.written(16, 7, 3), { transaction: 5 });
    for (let at = 1; at < request.length; at++) {
      for (const isReversed of [false, true]) {
        const pair = new TcpPair();
        const open = pair.open();
        const halves = [pair.client(request.subarray(0, at)), pair.client(request.subarray(at))];
        const frames = [...open, ...(isReversed ? halves.reverse() : halves), pair.server(answer)];
        const { records } = replayFrames(frames);
        expect(records.map(summary)).toEqual([
          'request write_multiple_registers @7 x3 [1,2,3]',
          'response write_multiple_registers @7 x3',
        ]);
        expect(records.map((record) => record.pcap_cnt)).toEqual([5, 6]);
        expect(records[1]).toHaveProperty('modbus.request_pcap_cnt', 5);
      }
    }
  });

  test('on any port, also where the start was not seen', () => {
    fc.assert(
      fc.property(
        fc.array(exchange, { minLength: 3, maxLength: 8 }),
        fc.integer({ min: 1024, max: 65_535 }),
        fc.boolean(),
        (all, serverPort, isOpened) => {
          fc.pre(serverPort !== 40_000 && serverPort !== 4789 && serverPort !== 8472);
          const pair = new TcpPair({ serverPort });
          const { requests, answers } = adus(all);
          const open = pair.open();
          const frames = requests.flatMap((adu, index) => [pair.client(adu), pair.server(answers[index]!)]);
          const got = replayFrames(isOpened ? [...open, ...frames] : frames);
          expect(got.records).toHaveLength(all.length * 2);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('gaps', () => {
  test('no message is made from both sides of a gap while the protocol is still unknown', () => {
    const request = modbusTcp(modbusPdu.writeRegisters(7, [1, 2, 3, 4]), { transaction: 5 });
    const other = modbusTcp(modbusPdu.writeRegisters(9, [6, 6, 6, 6]), { transaction: 6 });
    for (let at = 1; at < request.length; at++) {
      const pair = new TcpPair({ serverPort: 4444 });
      const frames = [...pair.open(), pair.client(request.subarray(0, at))];
      // The rest of this message and as much of the next one are lost.
      pair.clientSeq += request.length;
      frames.push(pair.client(other.subarray(at)), pair.server(bytes('')), ...written(pair), ...asked(pair));
      const lines = replayFrames(frames)
        .records.filter((record) => record['partial'] !== true)
        .map(summary);
      expect(lines.filter((line) => line.includes('write_multiple'))).toEqual([]);
      expect(lines).toEqual(expect.arrayContaining([...SAW_AFTER]));
    }
  });

  test('no message is made from both sides of a gap, and reading goes on behind it', () => {
    fc.assert(
      fc.property(
        fc.array(exchange, { minLength: 4, maxLength: 8 }),
        fc.nat({ max: 1000 }),
        fc.integer({ min: 1, max: 60 }),
        (all, position, length) => {
          const { requests } = adus(all);
          const stream = concat(...requests);
          // Enough sound messages behind the gap to find one's feet again.
          const behind = Array.from({ length: 12 }, (_, index) =>
            modbusTcp(modbusPdu.read(3, 1, 1), { transaction: 500 + index }),
          );
          const last = modbusTcp(modbusPdu.read(3, 2, 1), { transaction: 600 });
          const from = position % stream.length;
          const to = Math.min(stream.length, from + length);
          const pair = new TcpPair();
          const frames = pair.open();
          if (from > 0) frames.push(pair.client(stream.subarray(0, from)));
          pair.clientSeq += to - from;
          if (to < stream.length) frames.push(pair.client(stream.subarray(to)));
          frames.push(...[...behind, last].map((adu) => pair.client(adu)), pair.server(bytes('')));
          const got = replayFrames(frames);
          const wanted = new Set(requests.map((adu) => JSON.stringify(Array.from(adu))));
          // Every complete record is one of the messages that were sent, as it was sent.
          const known = replayFrames(plain(all).slice(0, 3 + all.length))
            .records.concat(replayFrames([new TcpPair().client(concat(...behind, last))]).records)
            .map((record) => JSON.stringify(record['modbus']));
          const sound = got.records.filter((record) => record['partial'] !== true && !record['anomalies']);
          for (const record of sound) {
            if (!known.includes(JSON.stringify(record['modbus']))) {
              // A message may begin inside another one's values, but never reach across the gap.
              const { transaction_id: id, length: stated } = record['modbus'] as {
                transaction_id: number;
                length: number;
              };
              expect({ id, stated, wanted: wanted.size }).toEqual('a message that was sent');
            }
          }
          expect(got.records.some((record) => summary(record).startsWith('request read_holding_registers @2 x1'))).toBe(
            true,
          );
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('D04 any bytes', () => {
  const SOUND: readonly Uint8Array[] = [
    modbusPdu.read(1, 5, 19),
    modbusPdu.bits(1, [1, 0, 1, 1]),
    modbusPdu.read(3, 5, 2),
    modbusPdu.registers(3, [1, 2]),
    modbusPdu.writeCoil(3, true),
    modbusPdu.writeRegister(3, 9),
    modbusPdu.writeCoils(3, [1, 0, 1]),
    modbusPdu.writeRegisters(3, [1, 2]),
    modbusPdu.diagnostics(1, 0),
    bytes(7),
    bytes(11),
    bytes('0c 08 0000 0108 0121 2000'),
    bytes('11 05 41 42 43 44 ff'),
    bytes('14 07 06 0004 0001 0002'),
    bytes('14 06 05 06 0dfe 0020'),
    bytes('15 0d 06 0004 0007 0003 06af 04be 100d'),
    modbusPdu.maskWrite(4, 0xf2, 0x25),
    modbusPdu.readWrite(3, 6, 14, [255, 255, 255]),
    bytes('18 04de'),
    bytes('18 0006 0002 01b8 1284'),
    modbusPdu.readDeviceId(1, 0),
    bytes('2b 0e 01 01 00 00 02 00 02 4142 01 01 43'),
    bytes('5a 00 04'),
    modbusPdu.exception(3, 2),
  ];

  /** Garbage, then a sound exchange: nothing may throw, and the exchange is still read. */
  function survives(garbage: readonly Uint8Array[], options: { serverPort?: number } = {}): Replayed {
    const pair = new TcpPair(options);
    const frames = [...started(pair)];
    for (const [index, part] of garbage.entries()) {
      if (part.length > 0) frames.push(index % 2 === 0 ? pair.client(part) : pair.server(part));
    }
    const replayed = replayFrames([...frames, ...written(pair), ...asked(pair)]);
    expect(replayed.anomalies['applayer.dissector_error']).toBeUndefined();
    return replayed;
  }

  test('every beginning of every message, as a stream, as a datagram and as RTU', () => {
    for (const pdu of SOUND) {
      const adu = modbusTcp(pdu);
      for (let length = 0; length <= adu.length; length++) {
        survives([adu.subarray(0, length)]);
        const datagrams = [adu.subarray(0, length), modbusRtu(1, pdu).subarray(0, length)].map((part) =>
          ethernet(ipv4({}, udp({}, part))),
        );
        expect(replayFrames(datagrams).anomalies['applayer.dissector_error']).toBeUndefined();
      }
    }
  });

  test('every value of every byte of the header', () => {
    const adu = modbusTcp(modbusPdu.read(3, 5, 2));
    for (let at = 0; at < 8; at++) {
      for (let value = 0; value < 256; value++) {
        const changed = adu.slice();
        changed[at] = value;
        survives([changed]);
      }
    }
  });

  test('random and mutated messages: bounded, and never an exception', () => {
    const mutated = fc
      .tuple(fc.constantFrom(...SOUND), fc.array(fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 255 })), { maxLength: 5 }))
      .map(([pdu, changes]) => {
        const adu = modbusTcp(pdu).slice();
        for (const [at, value] of changes) adu[at % adu.length] = value;
        return adu;
      });
    const parts = fc.array(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated), { maxLength: 12 });
    fc.assert(
      fc.property(parts, fc.constantFrom(502, 4444), (garbage, serverPort) => {
        const { records, counters } = survives(garbage, { serverPort });
        const size = garbage.reduce((sum, part) => sum + part.length, 0);
        // A message has at least eight bytes; smuggled ones are told once more.
        expect(records.length).toBeLessThanOrEqual((size / 8) * 2 + 20);
        expect(counters.packets).toBeGreaterThan(0);
      }),
      { numRuns: 1500 },
    );
  });

  test('random and mutated datagrams', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 }), (parts) => {
        const frames = parts.map((part, index) =>
          ethernet(ipv4({ id: index + 1 }, udp(index % 2 === 0 ? {} : { sport: 502, dport: 40_000 }, part))),
        );
        expect(replayFrames(frames).anomalies['applayer.dissector_error']).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  test('two per cent of the bytes of a whole capture changed, again and again', () => {
    const pair = new TcpPair();
    const frames = [...started(pair)];
    for (const [index, pdu] of SOUND.entries()) frames.push(pair.client(modbusTcp(pdu, { transaction: index })));
    const capture = pcap([...frames, ...written(pair), ...asked(pair), ...pair.close()]);
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat({ max: 0x7fffffff })), (random) => {
        const changed = capture.slice();
        for (let count = capture.length / 50; count > 0; count--) {
          const value = random.next().value ?? 0;
          // The global header stays, so that there is something to read.
          changed[24 + ((value >>> 8) % (capture.length - 24))] = value;
        }
        const { anomalies } = replayCapture(changed);
        expect(anomalies['applayer.dissector_error']).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

describe('D06 a fault in a dissector', () => {
  /** Modbus that breaks at the transaction 666. */
  function faulty(): Dissector[] {
    return createDissectors().map((dissector) => ({
      ...dissector,
      probe: (buf: Uint8Array, from: number, to: number) => dissector.probe(buf, from, to),
      open(orientation: Parameters<Dissector['open']>[0]) {
        const session = dissector.open(orientation);
        const parse = session.parse.bind(session);
        session.parse = (side, buf, from, to, ...rest) => {
          if (buf[from] === 0x02 && buf[from + 1] === 0x9a) throw new RangeError('a fault on purpose');
          return parse(side, buf, from, to, ...rest);
        };
        return session;
      },
    }));
  }

  test('costs its connection, is said, and leaves the others alone', () => {
    const bad = new TcpPair({ clientPort: 40_001 });
    const good = new TcpPair({ clientPort: 40_002 });
    const trigger = modbusTcp(modbusPdu.read(3, 0, 1), { transaction: 666 });
    const frames = [
      ...started(bad),
      ...started(good),
      bad.client(trigger),
      ...asked(bad),
      ...written(good),
      ...asked(good),
    ];
    const { records, anomalies } = replayFrames(frames, { dissectors: faulty() });
    const ofGood = records.filter((record) => [record['src_port'], record['dest_port']].includes(40_002));
    expect(ofGood.map(summary)).toEqual([...SAW_ALL, ...SAW_AFTER]);
    expect(anomalies['applayer.dissector_error']).toBe(1);
  });
});
