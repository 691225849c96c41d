import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BASE_TIME, bytes, concat, type Frame, hex, type Layer, TcpPair, timed } from '../support/packets.js';
import { streamsOf } from '../support/streams.js';
import '../support/property-seed.js';

const NOTHING = new Uint8Array(0);

/** Bytes that differ at every place of a few hundred, so that a misplaced byte shows. */
function pattern(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + seed + (index >> 8)) & 0xff);
}

/** A client's segment with this part of the message, wherever the pair stands. */
function part(pair: TcpPair, start: number, message: Uint8Array, from: number, to: number): Layer {
  return pair.client(message.subarray(from, to), { seq: start + from, stay: true });
}

interface Piece {
  readonly from: number;
  readonly length: number;
}

const pieces = (size: number): fc.Arbitrary<Piece[]> =>
  fc.array(fc.record({ from: fc.nat({ max: size - 1 }), length: fc.integer({ min: 1, max: 60 }) }), {
    minLength: 1,
    maxLength: 30,
  });

/** A model too simple to be wrong: which bytes of the message has anybody seen. */
function seen(size: number, all: readonly Piece[]): boolean[] {
  const map = new Array<boolean>(size).fill(false);
  for (const { from, length } of all) for (let at = from; at < Math.min(size, from + length); at++) map[at] = true;
  return map;
}

/** The stream as hex with gaps, from the map: what must come out when every gap is skipped at the end. */
function expected(message: Uint8Array, map: readonly boolean[]): string {
  let text = '';
  let missing = 0;
  for (const [at, isSeen] of map.entries()) {
    if (!isSeen) {
      missing++;
      continue;
    }
    if (missing > 0) text += `~${missing}~`;
    missing = 0;
    text += hex(message.subarray(at, at + 1));
  }
  return text;
}

describe('segments against a bitmap of the bytes', () => {
  const SIZE = 300;
  const message = pattern(SIZE);

  const isns = fc.constantFrom(1000, 0x7fff_ff00, 0xffff_ff80, 0xffff_ffff);

  test('any pieces in any order, overlapping and repeated, give every byte once and in order', () => {
    fc.assert(
      fc.property(pieces(SIZE), isns, (all, clientIsn) => {
        const pair = new TcpPair({ clientIsn });
        const head = pair.open();
        const start = pair.clientSeq;
        const frames = all.map(({ from, length }) => part(pair, start, message, from, Math.min(SIZE, from + length)));
        const streams = streamsOf([...head, ...frames]);
        expect(streams.client).toBe(expected(message, seen(SIZE, all)));
        expect(streams.anomalies.filter((code) => code !== 'stream.gap')).toEqual([]);
        expect(streams.alternatives).toEqual([]);
      }),
      { numRuns: 1500 },
    );
  });

  test('a split, shuffled and repeated message is the message', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: SIZE - 1 }), { maxLength: 25 }),
        fc.infiniteStream(fc.nat({ max: 1000 })),
        isns,
        (cuts, order, clientIsn) => {
          const edges = [0, ...cuts.sort((a, b) => a - b), SIZE];
          const pair = new TcpPair({ clientIsn });
          const head = pair.open();
          const start = pair.clientSeq;
          const frames = edges.slice(1).map((to, index) => part(pair, start, message, edges[index]!, to));
          const shuffled = [...frames, ...frames.slice(0, 5)]
            .map((frame) => ({ frame, rank: order.next().value ?? 0 }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ frame }) => frame);
          expect(streamsOf([...head, ...shuffled]).client).toBe(hex(message));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a connection whose start was not seen gives no byte twice', () => {
    fc.assert(
      fc.property(pieces(SIZE), (all) => {
        const pair = new TcpPair();
        const start = pair.clientSeq;
        const frames = all.map(({ from, length }) => part(pair, start, message, from, Math.min(SIZE, from + length)));
        const got = streamsOf(frames).client.replace(/~-?\d+~/g, '');
        expect(got.length / 2).toBeLessThanOrEqual(seen(SIZE, all).filter(Boolean).length);
      }),
      { numRuns: 500 },
    );
  });

  test('contradicting copies: the first one seen is the stream, and it is said', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 2, max: 80 }),
        fc.boolean(),
        (from, length, isAhead) => {
          const pair = new TcpPair();
          const head = pair.open();
          const start = pair.clientSeq;
          const other = pattern(SIZE, 128);
          const to = Math.min(SIZE, from + length);
          const real = part(pair, start, message, from, to);
          const forged = part(pair, start, other, from, to);
          const before = part(pair, start, message, 0, from);
          const after = part(pair, start, message, to, SIZE);
          const frames = isAhead
            ? [...head, real, forged, before, after]
            : [...head, before, real, forged, ...(to < SIZE ? [after] : [])];
          const streams = streamsOf(frames);
          expect(streams.client).toBe(hex(message));
          expect(streams.anomalies).toContain('stream.overlap_different_data');
          expect(streams.alternatives).toContain(hex(other.subarray(from, to)));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('copies of what was sent long ago', () => {
  /** Sends segments of these sizes, then a forged copy of the one that begins `back` bytes earlier. */
  function forgedCopy(sizes: readonly number[], back: number): readonly string[] {
    const pair = new TcpPair({ clientIsn: 0x7fff_f800 });
    const head = pair.open();
    const start = pair.clientSeq;
    const size = sizes.reduce((sum, length) => sum + length, 0);
    const message = pattern(size);
    let to = 0;
    const frames = sizes.map((length) => {
      to += length;
      return part(pair, start, message, to - length, to);
    });
    const forged = part(pair, start, pattern(size, 99), size - back, Math.min(size, size - back + 12));
    const streams = streamsOf([...head, ...frames, forged]);
    expect(streams.client).toBe(hex(message));
    return streams.anomalies;
  }

  test.each([
    ['messages as small as Modbus has them, 40 messages back', new Array<number>(400).fill(12), 480],
    ['messages of a block transfer, 4 KiB back', new Array<number>(40).fill(960), 4096],
    ['small messages, then large ones: what was kept stays', [...new Array<number>(30).fill(12), 250, 250], 860],
  ])('%s: the contradiction is seen', (_, sizes, back) => {
    expect(forgedCopy(sizes, back)).toContain('stream.overlap_different_data');
  });

  test('further back than anything is kept, nothing is known of it', () => {
    expect(forgedCopy(new Array<number>(40).fill(960), 9600)).toEqual([]);
  });
});

describe('gaps', () => {
  const message = pattern(40);

  function at(seconds: number, frames: readonly Layer[]): Frame[] {
    return timed(frames, BASE_TIME + seconds * 1_000_000);
  }

  test('a hole that nobody fills is skipped after a second of packet time', () => {
    const pair = new TcpPair();
    const head = pair.open();
    const start = pair.clientSeq;
    const early = [part(pair, start, message, 0, 10), part(pair, start, message, 20, 30)];
    const late = [part(pair, start, message, 30, 40)];
    expect(streamsOf([...at(0, [...head, ...early]), ...at(3, late)]).client).toBe(
      `${hex(message.subarray(0, 10))}~10~${hex(message.subarray(20))}`,
    );
  });

  test('what comes after its hole was skipped is not lost', () => {
    const pair = new TcpPair();
    const head = pair.open();
    const start = pair.clientSeq;
    const frames = [
      ...at(0, [...head, part(pair, start, message, 0, 10), part(pair, start, message, 20, 30)]),
      ...at(3, [part(pair, start, message, 30, 35)]),
      ...at(4, [part(pair, start, message, 10, 20), part(pair, start, message, 35, 40)]),
    ];
    const { client } = streamsOf(frames);
    for (const [from, to] of [
      [0, 10],
      [10, 20],
      [20, 30],
      [30, 35],
      [35, 40],
    ] as const) {
      expect(client.split(hex(message.subarray(from, to)))).toHaveLength(2);
    }
    // Bytes of the hole stand between gaps: nothing may be put together from both sides.
    expect(client).toContain(`~0~${hex(message.subarray(10, 20))}~0~`);
  });

  test('an answer is not read before its request: it acknowledges the hole in front of it', () => {
    const pair = new TcpPair();
    const head = pair.open();
    const start = pair.clientSeq;
    const lostFirst = part(pair, start, message, 20, 40);
    const order: string[] = [];
    pair.clientSeq = start + 40;
    const answer = pair.server(bytes('aabbcc'));
    const streams = streamsOf([...head, lostFirst, answer]);
    order.push(streams.client, streams.server);
    expect(order).toEqual([`~20~${hex(message.subarray(20))}`, 'aabbcc']);
  });
});

describe('forged segments do not make the monitor deaf', () => {
  const message = pattern(400);

  /** The client's real stream, 20 bytes every two seconds, each answered; the attacker speaks after the third. */
  function attacked(forge: (pair: TcpPair) => readonly Layer[], answered = true): string {
    const pair = new TcpPair();
    const frames: Frame[] = timed(pair.open());
    for (let i = 0; i < 20; i++) {
      const when = BASE_TIME + (i + 1) * 2_000_000;
      const question = pair.client(message.subarray(i * 20, i * 20 + 20));
      const answer = answered ? [pair.server(bytes('aa'))] : [];
      frames.push(...timed([question, ...answer], when));
      if (i === 2) frames.push(...timed(forge(pair), when + 500_000));
    }
    const { client, alternatives } = streamsOf(frames);
    return [client, ...alternatives].join(' ');
  }

  const FORGERIES: readonly [name: string, forge: (pair: TcpPair) => readonly Layer[]][] = [
    ['a segment a little ahead', (pair) => [pair.client(bytes('eeee'), { seq: pair.clientSeq + 100, stay: true })]],
    ['a segment far ahead', (pair) => [pair.client(bytes('eeee'), { seq: pair.clientSeq + 50_000, stay: true })]],
    [
      'a segment behind the window',
      (pair) => [pair.client(bytes('eeee'), { seq: pair.clientSeq + 900_000, stay: true })],
    ],
    [
      'five segments ahead',
      (pair) =>
        [1, 2, 3, 4, 5].map((step) => pair.client(bytes('eeee'), { seq: pair.clientSeq + step * 5000, stay: true })),
    ],
    ['a segment far behind', (pair) => [pair.client(bytes('eeee'), { seq: pair.clientSeq - 200_000, stay: true })]],
    [
      'a second SYN ahead, and data after it',
      (pair) => [
        pair.client(NOTHING, { flags: 'S', seq: pair.clientSeq + 1000, stay: true }),
        pair.client(bytes('eeee'), { seq: pair.clientSeq + 1001, stay: true }),
      ],
    ],
    [
      'a second SYN behind, and data after it',
      (pair) => [
        pair.client(NOTHING, { flags: 'S', seq: pair.clientSeq - 1000, stay: true }),
        pair.client(bytes('eeee'), { seq: pair.clientSeq - 999, stay: true }),
      ],
    ],
    [
      'a second SYN far away, and data after it',
      (pair) => [
        pair.client(NOTHING, { flags: 'S', seq: pair.clientSeq + 0x4000_0000, stay: true }),
        pair.client(bytes('eeee'), { seq: pair.clientSeq + 0x4000_0001, stay: true }),
      ],
    ],
    ['an end of connection', (pair) => [pair.client(NOTHING, { flags: 'FA', stay: true })]],
    ['a reset', (pair) => [pair.client(NOTHING, { flags: 'R', stay: true })]],
    [
      'a reset of both sides',
      (pair) => [pair.client(NOTHING, { flags: 'R', stay: true }), pair.server(NOTHING, { flags: 'RA', stay: true })],
    ],
  ];

  test.each(FORGERIES)('%s', (_, forge) => {
    const got = attacked(forge);
    for (let i = 0; i < 20; i++) expect(got).toContain(hex(message.subarray(i * 20, i * 20 + 20)));
  });

  test.each(FORGERIES.slice(0, 2))('%s, with only one direction mirrored', (_, forge) => {
    const got = attacked(forge, false);
    for (let i = 0; i < 20; i++) expect(got).toContain(hex(message.subarray(i * 20, i * 20 + 20)));
  });

  test('two segments alone between two jumps are read by themselves, not forgotten', () => {
    const pair = new TcpPair();
    const lone = { seq: pair.clientSeq + 200_000, stay: true };
    const frames = [
      ...timed([...pair.open(), pair.client(bytes('aaaa')), pair.server(bytes('bb'))]),
      ...timed([pair.client(bytes('cccc'), lone)], BASE_TIME + 1_000_000),
      ...timed([pair.client(bytes('dddd'), { ...lone, seq: lone.seq + 2 })], BASE_TIME + 1_000_300),
      ...timed([pair.client(bytes('eeee'), { ...lone, seq: lone.seq + 1_800_000 })], BASE_TIME + 60_000_000),
    ];
    const { client, alternatives, anomalies } = streamsOf(frames);
    expect(alternatives).toEqual(['cccc', 'dddd']);
    expect(anomalies.filter((code) => code === 'stream.unreached_segment')).toHaveLength(2);
    expect(client).toMatch(/^aaaa~\d+~eeee$/);
  });

  test('a hundred forged segments, one after each question', () => {
    const pair = new TcpPair();
    const frames: Frame[] = timed(pair.open());
    for (let i = 0; i < 20; i++) {
      const when = BASE_TIME + (i + 1) * 2_000_000;
      const question = pair.client(message.subarray(i * 20, i * 20 + 20));
      frames.push(...timed([question, pair.server(bytes('aa'))], when));
      const forged = [1, 2, 3, 4, 5].map((step) =>
        pair.client(bytes('eeee'), { seq: pair.clientSeq + step * (i + 1) * 1111, stay: true }),
      );
      frames.push(...timed(forged, when + 500_000));
    }
    const { client, alternatives } = streamsOf(frames);
    const got = [client, ...alternatives].join(' ');
    for (let i = 0; i < 20; i++) expect(got).toContain(hex(message.subarray(i * 20, i * 20 + 20)));
  });
});

describe('bounds', () => {
  test('T26 thousands of segments behind a hole: the queue is cut, said, and reading goes on behind it', () => {
    const pair = new TcpPair();
    const head = pair.open();
    pair.clientSeq += 100;
    const frames = Array.from({ length: 3100 }, (_, index) => pair.client(pattern(20, index)));
    const { client, anomalies } = streamsOf([...head, ...frames]);
    expect(anomalies).toContain('stream.reassembly_limit');
    expect(anomalies.length).toBeLessThan(40);
    expect(client).toBe(`~100~${Array.from({ length: 3100 }, (_, index) => hex(pattern(20, index))).join('')}`);
  });

  test('T26 four MiB behind a hole, every other segment missing', () => {
    const pair = new TcpPair();
    const head = pair.open();
    const frames: Layer[] = [];
    for (let i = 0; i < 3000; i++) {
      pair.clientSeq += 1400;
      frames.push(pair.client(new Uint8Array(1400).fill(i)));
    }
    const { client, reassembler } = streamsOf([...head, ...frames]);
    expect(client.replace(/~\d+~/g, '').length / 2).toBe(3000 * 1400);
    expect(reassembler.gaps).toBe(3000);
  });

  test('a held segment is bounded in memory, whatever it claims', () => {
    const pair = new TcpPair();
    const head = pair.open();
    const frames: Layer[] = [];
    for (let i = 0; i < 2000; i++) {
      frames.push(pair.client(new Uint8Array(1000), { seq: pair.clientSeq + 2000 * (i + 1), stay: true }));
    }
    const before = process.memoryUsage().arrayBuffers;
    streamsOf([...head, ...frames]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });
});

test('random segments of any kind never throw', () => {
  const segment = fc.record({
    fromClient: fc.boolean(),
    seq: fc.oneof(fc.nat({ max: 400 }), fc.integer({ min: 0, max: 0xffffffff })),
    ack: fc.oneof(fc.nat({ max: 400 }), fc.integer({ min: 0, max: 0xffffffff })),
    flags: fc.constantFrom('S', 'SA', 'A', 'PA', 'R', 'RA', 'F', 'FA', 'FSRPAU', 'PAU', 'SF', ''),
    length: fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 1400 })),
    urgent: fc.nat({ max: 20 }),
    window: fc.nat({ max: 65_535 }),
    checksum: fc.constantFrom<'good' | 'bad' | 0>('good', 'good', 'good', 'bad', 0),
    later: fc.nat({ max: 40_000_000 }),
  });
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 60 }), (all) => {
      const pair = new TcpPair();
      let time = BASE_TIME;
      const frames = all.map(({ fromClient, length, later, ...options }) => {
        time += later;
        const layer = fromClient
          ? pair.client(pattern(length), { ...options, stay: true })
          : pair.server(pattern(length), { ...options, stay: true });
        return { data: concat(layer.data), time };
      });
      streamsOf(frames);
    }),
    { numRuns: 1500 },
  );
});
