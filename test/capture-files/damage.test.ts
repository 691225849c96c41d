import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import { CaptureError } from '../../sensor/capture/packet.js';
import {
  bytes,
  concat,
  ethernet,
  hex,
  ipv4,
  PcapngWriter,
  pcap,
  pcapHeader,
  pcapng,
  pcapRecord,
  tcp,
  timed,
} from '../support/packets.js';
import { parseCapture } from '../support/parse-capture.js';
import '../support/property-seed.js';

const FRAMES = [1, 2, 3, 4, 5].map((value) => ethernet(ipv4({}, tcp({ seq: value }, bytes(value, value, value)))));
const DATA = FRAMES.map((frame) => hex(frame.data));
const RECORDS = timed(FRAMES).map((record) => pcapRecord(record));
const writer = new PcapngWriter();
const PREFIX = concat(writer.section(), writer.interface());

interface DamagedFile {
  readonly id: string;
  readonly name: string;
  readonly file: Uint8Array;
  readonly packets: number;
  readonly offset: number;
  readonly reason: RegExp;
}

function pcapUpTo(count: number): Uint8Array {
  return concat(pcapHeader(), ...RECORDS.slice(0, count));
}

function cutAt(file: Uint8Array, length: number): Uint8Array {
  return file.slice(0, length);
}

function pcapngUpTo(count: number): Uint8Array {
  return concat(PREFIX, ...FRAMES.slice(0, count).map((frame) => writer.enhanced(frame.data)));
}

const AFTER_3 = pcapUpTo(3).length;
const NG_AFTER_3 = pcapngUpTo(3).length;

/** What stands in front of the damage is read, and the offset says where the damaged record or block begins. */
const DAMAGED: readonly DamagedFile[] = [
  {
    id: 'P01a',
    name: 'pcap ends inside the bytes of a packet',
    file: cutAt(pcapUpTo(4), AFTER_3 + 20),
    packets: 3,
    offset: AFTER_3,
    reason: /ends in the middle/,
  },
  {
    id: 'P01b',
    name: 'pcap ends inside a record header',
    file: cutAt(pcapUpTo(4), AFTER_3 + 5),
    packets: 3,
    offset: AFTER_3,
    reason: /ends in the middle/,
  },
  {
    id: 'P01c',
    name: 'pcap ends inside the global header',
    file: pcapHeader().slice(0, 11),
    packets: 0,
    offset: 0,
    reason: /ends in the middle/,
  },
  {
    id: 'P01d',
    name: 'pcapng ends inside a block',
    file: cutAt(pcapngUpTo(4), NG_AFTER_3 + 40),
    packets: 3,
    offset: NG_AFTER_3,
    reason: /ends in the middle/,
  },
  {
    id: 'P01e',
    name: 'pcapng ends inside the first block',
    file: PREFIX.slice(0, 13),
    packets: 0,
    offset: 0,
    reason: /ends in the middle/,
  },
  ...[0xffffffff, 300_000_000, 262_145].map((claimed) => ({
    id: 'P02',
    name: `a pcap record claims ${claimed} bytes`,
    file: concat(pcapUpTo(3), pcapRecord({ ...timed(FRAMES)[3]!, capturedLength: claimed })),
    packets: 3,
    offset: AFTER_3,
    reason: /claims \d+ bytes/,
  })),
  {
    id: 'P03',
    name: 'the byte order changes in the middle of a pcap file',
    file: concat(pcapUpTo(3), pcapRecord(timed(FRAMES)[3]!, { bigEndian: true })),
    packets: 3,
    offset: AFTER_3,
    reason: /claims \d+ bytes/,
  },
  ...[0xfffffffc, 0, 4, 8, 33].map((length) => ({
    id: 'P07a',
    name: `a pcapng block claims a length of ${length}`,
    file: concat(pcapngUpTo(3), writer.enhanced(FRAMES[3]!.data, { length }), writer.enhanced(FRAMES[4]!.data)),
    packets: 3,
    offset: NG_AFTER_3,
    reason: /length of \d+ bytes/,
  })),
  {
    id: 'P07b',
    name: 'the two lengths of a pcapng block differ',
    file: concat(pcapngUpTo(3), writer.enhanced(FRAMES[3]!.data, { trailer: 64 }), writer.enhanced(FRAMES[4]!.data)),
    packets: 3,
    offset: NG_AFTER_3,
    reason: /two lengths/,
  },
  {
    id: 'P07c',
    name: 'a section header without its byte-order mark',
    file: concat(pcapngUpTo(3), writer.section({ magic: 0x11223344 })),
    packets: 3,
    offset: NG_AFTER_3,
    reason: /byte-order/,
  },
  {
    id: 'P07d',
    name: 'a section of a version nobody knows',
    file: concat(pcapngUpTo(3), writer.section({ major: 9 })),
    packets: 3,
    offset: NG_AFTER_3,
    reason: /version 9/,
  },
  {
    id: 'P09',
    name: 'an interface with an impossible time resolution',
    file: concat(pcapngUpTo(3), writer.interface({ tsresol: 127 }), writer.enhanced(FRAMES[4]!.data)),
    packets: 3,
    offset: NG_AFTER_3,
    reason: /timestamp resolution/,
  },
];

test.each(DAMAGED)('$id $name', ({ file, packets, offset, reason }) => {
  for (const chunk of [file.length, 1, 13]) {
    const capture = parseCapture(file, chunk);
    expect(capture.packets.map((packet) => packet.data)).toEqual(DATA.slice(0, packets));
    expect(capture.damage?.offset).toBe(offset);
    expect(capture.damage?.reason).toMatch(reason);
  }
});

describe('P08 damage that pcapng allows to step over', () => {
  const whole: readonly [name: string, block: Uint8Array, reason: RegExp][] = [
    [
      'a packet of an interface that is not described',
      writer.enhanced(FRAMES[1]!.data, { interface: 7 }),
      /interface 7/,
    ],
    ['a captured length beyond the block', writer.enhanced(FRAMES[1]!.data, { capturedLength: 5000 }), /5000 bytes/],
    [
      'a captured length of 4 GiB',
      writer.enhanced(FRAMES[1]!.data, { capturedLength: 0xffffffff }),
      /4294967295 bytes/,
    ],
    ['an enhanced packet block without its fields', writer.block(6, bytes('00000000')), /too short/],
    ['an obsolete packet block without its fields', writer.block(2, bytes('00000000')), /too short/],
    ['a simple packet block without its field', writer.block(3, bytes('')), /too short/],
  ];

  test.each(whole)('%s: said, and the rest is read', (_, block, reason) => {
    const file = concat(PREFIX, writer.enhanced(FRAMES[0]!.data), block, writer.enhanced(FRAMES[2]!.data));
    const capture = parseCapture(file);
    expect(capture.packets.map((packet) => packet.data)).toEqual([DATA[0], DATA[2]]);
    expect(capture.damage?.offset).toBe(PREFIX.length + writer.enhanced(FRAMES[0]!.data).length);
    expect(capture.damage?.reason).toMatch(reason);
    expect(capture.skipped).toBe(1);
  });

  test('a section of a version nobody knows is stepped over; the next one is read', () => {
    const start = concat(PREFIX, writer.enhanced(FRAMES[0]!.data));
    const unknown = concat(writer.section({ major: 2 }), writer.interface(), writer.enhanced(FRAMES[1]!.data));
    const capture = parseCapture(concat(start, unknown, PREFIX, writer.enhanced(FRAMES[2]!.data)));
    expect(capture.packets.map((packet) => packet.data)).toEqual([DATA[0], DATA[2]]);
    expect(capture.damage).toMatchObject({ offset: start.length, reason: expect.stringMatching(/version 2/) });
  });

  test('a section without any interface', () => {
    const file = concat(writer.section(), writer.enhanced(FRAMES[0]!.data), writer.simple(FRAMES[1]!.data));
    expect(parseCapture(file)).toMatchObject({ packets: [], skipped: 2, damage: { offset: writer.section().length } });
  });
});

describe('P05, P06 what is no capture, or one that cannot be read, is said in one sentence', () => {
  test.each<[name: string, file: Uint8Array, message: RegExp]>([
    ['an empty file', bytes(''), /empty/],
    ['one byte', bytes('d4'), /no pcap or pcapng capture/],
    ['text', bytes('48656c6c6f2c20776f726c64'), /no pcap or pcapng capture/],
    ['pcap version 9.9', pcap(FRAMES, { versionMajor: 9, versionMinor: 9 }), /version 9\.9/],
    ['an unknown link type', pcap(FRAMES, { linkType: 147 }), /link type 147/],
  ])('%s', (_, file, message) => {
    expect(() => parseCapture(file)).toThrow(CaptureError);
    expect(() => parseCapture(file)).toThrow(message);
    if (file.length > 0) expect(() => parseCapture(file, 1)).toThrow(message);
  });
});

describe('any bytes', () => {
  const samples = [
    pcap(FRAMES),
    pcap(FRAMES, { bigEndian: true }),
    pcapng(FRAMES),
    pcapng(FRAMES, { bigEndian: true }),
  ];

  /** Runs the parser; only `CaptureError` may come out. */
  function survive(file: Uint8Array, chunk = file.length): CaptureParser {
    let seen = 0;
    const parser = new CaptureParser({
      packet(packet) {
        seen++;
        if (packet.to < packet.from || packet.to > packet.buf.length) throw new Error('packet outside its buffer');
      },
    });
    try {
      for (let at = 0; at < file.length; at += chunk) parser.push(file.subarray(at, at + chunk));
      parser.end();
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
    }
    if (seen > file.length) throw new Error('more packets than bytes');
    return parser;
  }

  test('mutated captures never throw, and never give more than they hold', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 200 }),
        (sample, changes, chunk) => {
          const file = sample.slice();
          for (const [at, value] of changes) file[at % file.length] = value;
          survive(file, chunk);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('a mutated capture reads the same in one piece and in any pieces', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 1, max: 90 }),
        (sample, position, value, chunk) => {
          const file = sample.slice();
          file[24 + (position % (file.length - 24))] = value;
          const read = (size: number): unknown => {
            try {
              return parseCapture(file, size);
            } catch (error) {
              return String(error);
            }
          };
          expect(read(chunk)).toEqual(read(file.length));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('every truncation of a file gives the packets before it and its offset', () => {
    for (const sample of samples) {
      const whole = parseCapture(sample);
      let previous = 0;
      for (let length = 4; length < sample.length; length++) {
        const capture = parseCapture(sample.slice(0, length));
        expect(capture.packets).toEqual(whole.packets.slice(0, capture.packets.length));
        expect(capture.packets.length).toBeGreaterThanOrEqual(previous);
        previous = capture.packets.length;
        if (capture.damage) expect(capture.damage.offset).toBeLessThanOrEqual(length);
      }
      expect(previous).toBe(whole.packets.length - 1);
    }
  });

  test('random bytes behind a valid header', () => {
    fc.assert(
      fc.property(fc.constantFrom(pcapHeader(), PREFIX), fc.uint8Array({ maxLength: 600 }), (header, rest) => {
        survive(concat(header, rest));
      }),
      { numRuns: 3000 },
    );
  });

  test('a block that claims 16 MiB does not make the parser ask for memory before the bytes are there', () => {
    const before = process.memoryUsage().arrayBuffers;
    survive(concat(PREFIX, writer.block(6, bytes(''), { length: 16 * 1024 * 1024 })));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
  });
});
