import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BASE_TIME,
  bytes,
  concat,
  ethernet,
  hex,
  ipv4,
  nullLoopback,
  PcapngWriter,
  pcap,
  pcapng,
  raw,
  sll,
  sll2,
  tcp,
  timed,
} from '../support/packets.js';
import { type ParsedCapture, parseCapture } from '../support/parse-capture.js';
import '../support/property-seed.js';

const FRAMES = [1, 2, 3, 4].map((value) => ethernet(ipv4({}, tcp({ seq: value }, bytes(value, value, value)))));
const DATA = FRAMES.map((frame) => hex(frame.data));
const TIMES = timed(FRAMES).map((record) => record.time);

function datas(capture: ParsedCapture): string[] {
  return capture.packets.map((packet) => packet.data);
}

describe('every variant of the formats gives the same packets', () => {
  const little = new PcapngWriter();
  const big = new PcapngWriter(true);
  const blocks = (writer: PcapngWriter, make: (data: Uint8Array, time: number) => Uint8Array): Uint8Array =>
    concat(
      writer.section(),
      writer.interface({ name: 'eth0' }),
      ...timed(FRAMES).map((record) => make(record.data, record.time)),
    );
  const variants: readonly [name: string, file: Uint8Array, nanos: number][] = [
    ['pcap, little endian', pcap(FRAMES), -1],
    ['pcap, big endian', pcap(FRAMES, { bigEndian: true }), -1],
    ['pcap, nanoseconds', pcap(FRAMES, { nanoseconds: true }), 0],
    ['pcap, nanoseconds, big endian', pcap(FRAMES, { nanoseconds: true, bigEndian: true }), 0],
    ['pcap, version 2.2', pcap(FRAMES, { versionMinor: 2 }), -1],
    ['pcapng, little endian', pcapng(FRAMES), -1],
    ['pcapng, big endian', pcapng(FRAMES, { bigEndian: true }), -1],
    [
      'pcapng, obsolete packet blocks',
      blocks(little, (data, time) => little.obsolete(data, { units: BigInt(time) })),
      -1,
    ],
    [
      'pcapng, obsolete packet blocks, big endian',
      blocks(big, (data, time) => big.obsolete(data, { units: BigInt(time) })),
      -1,
    ],
    [
      'pcapng, blocks that nobody knows in between',
      blocks(little, (data, time) =>
        concat(little.block(0x0bad, bytes('0102030405060708')), little.enhanced(data, { units: BigInt(time) })),
      ),
      -1,
    ],
    [
      'pcapng, options and statistics in between',
      blocks(little, (data, time) =>
        concat(
          little.enhanced(data, {
            units: BigInt(time),
            options: concat(little.option(1, bytes('414243')), little.endOfOptions()),
          }),
          little.statistics({ received: 4n, dropped: 0n }),
        ),
      ),
      -1,
    ],
    [
      'pcapng, options that claim more than their block',
      blocks(little, (data, time) => little.enhanced(data, { units: BigInt(time), options: bytes('0100ffff') })),
      -1,
    ],
  ];

  test.each(variants)('%s', (_, file, nanos) => {
    const capture = parseCapture(file);
    expect(capture.damage).toBeNull();
    expect(datas(capture)).toEqual(DATA);
    expect(capture.packets.map((packet) => packet.timestamp)).toEqual(TIMES);
    expect(capture.packets.map((packet) => packet.number)).toEqual([1, 2, 3, 4]);
    for (const packet of capture.packets) {
      expect(packet.nanos).toBe(nanos);
      expect(packet.linkType).toBe(1);
      expect(packet.originalLength).toBe(packet.data.length / 2);
    }
  });

  test.each(variants)('%s, in pieces of any size', (_, file) => {
    const whole = parseCapture(file);
    for (const size of [1, 2, 3, 7, 16, 61, 1000]) expect(parseCapture(file, size)).toEqual(whole);
  });

  test('simple packet blocks have no time of their own: they keep the one before them', () => {
    const file = concat(
      little.section(),
      little.interface({ snapLength: 20 }),
      little.enhanced(FRAMES[0]!.data, { units: BigInt(BASE_TIME) }),
      little.simple(FRAMES[1]!.data.slice(0, 20), { originalLength: 57 }),
    );
    const capture = parseCapture(file);
    expect(capture.damage).toBeNull();
    expect(capture.packets.map((packet) => [packet.timestamp, packet.originalLength, packet.data])).toEqual([
      [BASE_TIME, 57, DATA[0]],
      [BASE_TIME, 57, DATA[1]!.slice(0, 40)],
    ]);
  });

  test('a simple packet block in front has the time zero', () => {
    const file = concat(little.section(), little.interface(), little.simple(FRAMES[1]!.data));
    expect(parseCapture(file).packets[0]?.timestamp).toBe(0);
  });

  test('packets without bytes are packets', () => {
    const empty = { data: new Uint8Array(0), originalLength: 60 };
    for (const file of [pcap([empty]), pcapng([empty])]) {
      const capture = parseCapture(file);
      expect(capture.packets).toHaveLength(1);
      expect(capture.packets[0]).toMatchObject({ data: '', originalLength: 60 });
    }
  });

  test('a captured length above the original one is taken as it is', () => {
    const capture = parseCapture(pcap([{ data: FRAMES[0]!.data, originalLength: 10 }]));
    expect(capture.damage).toBeNull();
    expect(capture.packets[0]).toMatchObject({ data: DATA[0], originalLength: 10 });
  });

  test('a header alone is a capture without packets', () => {
    expect(parseCapture(pcap([]))).toMatchObject({ packets: [], damage: null });
    expect(parseCapture(little.section())).toMatchObject({ packets: [], damage: null });
  });
});

describe('time', () => {
  const writer = new PcapngWriter();
  const at = (tsresol: number | undefined, units: bigint, tsoffset?: bigint): [number, number] => {
    const file = concat(
      writer.section(),
      writer.interface({
        ...(tsresol === undefined ? {} : { tsresol }),
        ...(tsoffset === undefined ? {} : { tsoffset }),
      }),
      writer.enhanced(bytes('00'), { units }),
    );
    const packet = parseCapture(file).packets[0];
    return [packet?.timestamp ?? Number.NaN, packet?.nanos ?? Number.NaN];
  };

  test.each<[name: string, tsresol: number | undefined, units: bigint, expected: [number, number]]>([
    ['microseconds by default', undefined, 1_700_000_000_123_456n, [1_700_000_000_123_456, -1]],
    ['seconds', 0, 1_700_000_000n, [1_700_000_000_000_000, -1]],
    ['milliseconds', 3, 1_700_000_000_123n, [1_700_000_000_123_000, -1]],
    ['nanoseconds', 9, 1_700_000_000_123_456_789n, [1_700_000_000_123_456, 789]],
    ['picoseconds, as far as 64 bits reach', 12, 1_700_000_123_456_789_012n, [1_700_000_123_456, 789]],
    ['1/1024 of a second', 0x8a, 1_700_000_000n * 1024n + 512n, [1_700_000_000_500_000, -1]],
    ['2^-30 of a second', 0x80 | 30, (1_700_000_000n << 30n) + (1n << 29n), [1_700_000_000_500_000, 0]],
    ['10^-20, the finest that is accepted', 20, 10_000_000_000_000_000_000n, [100_000, 0]],
  ])('%s', (_, tsresol, units, expected) => {
    expect(at(tsresol, units)).toEqual(expected);
  });

  test('an offset in seconds is added, and may be negative', () => {
    expect(at(undefined, 5_000_000n, 1_700_000_000n)[0]).toBe(1_700_000_005_000_000);
    expect(at(undefined, 5_000_000n, -3n)[0]).toBe(2_000_000);
  });

  test('nanoseconds in pcap', () => {
    const [packet] = parseCapture(
      pcap([{ data: bytes('00'), time: BASE_TIME + 7, nanos: 123 }], { nanoseconds: true }),
    ).packets;
    expect(packet).toMatchObject({ timestamp: BASE_TIME + 7, nanos: 123 });
  });

  test('any 64-bit time is exact to the microsecond where a double can hold it', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 53n) - 1n }), fc.integer({ min: 0, max: 999 }), (micros, nanos) => {
        expect(at(6, micros)).toEqual([Number(micros), -1]);
        const total = micros * 1000n + BigInt(nanos);
        if (total < 1n << 64n) expect(at(9, total)).toEqual([Number(micros), nanos]);
      }),
    );
  });

  test('a fraction of five seconds, and time that runs backwards by days', () => {
    const file = concat(
      pcap([{ data: bytes('01'), time: BASE_TIME }]),
      // Seconds 1, microseconds 5,000,000.
      bytes('01000000 404b4c00 01000000 01000000 02'),
    );
    const capture = parseCapture(file);
    expect(capture.damage).toBeNull();
    expect(capture.packets.map((packet) => packet.timestamp)).toEqual([BASE_TIME, 6_000_000]);
  });
});

describe('several interfaces and sections', () => {
  test('each packet has the resolution and the link type of its interface', () => {
    const writer = new PcapngWriter();
    const packet = ipv4({}, tcp({}));
    const file = concat(
      writer.section(),
      writer.interface({ linkType: 1 }),
      writer.interface({ linkType: 113, tsresol: 9 }),
      writer.interface({ linkType: 276, tsresol: 3 }),
      writer.interface({ linkType: 101 }),
      writer.interface({ linkType: 0 }),
      writer.enhanced(ethernet(packet).data, { interface: 0, units: 1_000_000n }),
      writer.enhanced(sll(packet).data, { interface: 1, units: 2_000_000_005n }),
      writer.enhanced(sll2(packet).data, { interface: 2, units: 3000n }),
      writer.enhanced(raw(packet).data, { interface: 3, units: 4_000_000n }),
      writer.obsolete(nullLoopback(packet).data, { interface: 4, units: 5_000_000n }),
    );
    const capture = parseCapture(file);
    expect(capture.damage).toBeNull();
    expect(capture.packets.map((each) => [each.linkType, each.timestamp, each.nanos])).toEqual([
      [1, 1_000_000, -1],
      [113, 2_000_000, 5],
      [276, 3_000_000, -1],
      [101, 4_000_000, -1],
      [0, 5_000_000, -1],
    ]);
  });

  test('sections of both byte orders follow each other; interfaces start anew in each', () => {
    const little = new PcapngWriter();
    const big = new PcapngWriter(true);
    const file = concat(
      little.section(),
      little.interface({ tsresol: 3 }),
      little.enhanced(FRAMES[0]!.data, { units: 1000n }),
      big.section(),
      big.interface({ linkType: 101 }),
      big.enhanced(FRAMES[1]!.data, { units: 2_000_000n }),
      little.section(),
      little.interface(),
      little.enhanced(FRAMES[2]!.data, { units: 3_000_000n }),
    );
    const capture = parseCapture(file);
    expect(capture.damage).toBeNull();
    expect(capture.packets.map((packet) => [packet.linkType, packet.timestamp, packet.number])).toEqual([
      [1, 1_000_000, 1],
      [101, 2_000_000, 2],
      [1, 3_000_000, 3],
    ]);
    expect(parseCapture(file, 5)).toEqual(capture);
  });

  test('packets of an interface whose link type nobody decodes are counted, and keep their numbers', () => {
    const writer = new PcapngWriter();
    const file = concat(
      writer.section(),
      writer.interface({ linkType: 1 }),
      writer.interface({ linkType: 147 }),
      writer.enhanced(FRAMES[0]!.data),
      writer.enhanced(FRAMES[1]!.data, { interface: 1 }),
      writer.enhanced(FRAMES[2]!.data),
    );
    const capture = parseCapture(file);
    expect(capture).toMatchObject({ damage: null, skipped: 1 });
    expect(capture.packets.map((packet) => packet.number)).toEqual([1, 3]);
  });

  test('drops that the capture reported are known', () => {
    const writer = new PcapngWriter();
    const file = concat(writer.section(), writer.interface(), writer.statistics({ received: 10n, dropped: 321n }));
    expect(parseCapture(file).reportedDrops).toBe(321);
  });
});
