import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Connection, type Found, played, type Segment, segmentsOf } from './connection.js';

/** What every dissector promises, held for OPC UA with the conversations of real programs. */

const CAPTURES = [
  'node-opcua-reads',
  'node-opcua-writes',
  'node-opcua-browse',
  'node-opcua-calls',
  'node-opcua-subscription',
  'node-opcua-large-messages',
  'node-opcua-large-messages-signed',
  'node-opcua-secure-basic256sha256-signandencrypt',
  'node-opcua-renewal',
] as const;

const SEGMENTS = new Map<string, Segment[]>(CAPTURES.map((name) => [name, segmentsOf(name)]));

function segments(name: string): Segment[] {
  return SEGMENTS.get(name) ?? [];
}

function* pieces(data: Buffer, sizes: readonly number[]): Generator<Buffer> {
  let at = 0;
  for (let index = 0; at < data.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    yield data.subarray(at, at + size);
    at += size;
  }
}

const whole = (data: Buffer): Iterable<Buffer> => [data];
const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 });

describe('cuts and places', () => {
  for (const name of CAPTURES) {
    const expected = played(segments(name), whole);

    test(`${name}: sound, and the same however it is cut`, () => {
      expect(expected.found.length).toBeGreaterThan(5);
      expect(expected.found.flatMap(({ anomalies }) => anomalies)).toEqual([]);
      expect(expected.anomalies).toEqual([]);
      fc.assert(
        fc.property(cuts, fc.nat(9), (sizes, margin) => {
          const connection = played(segments(name), (data) => pieces(data, sizes), margin);
          expect(connection.found).toEqual(expected.found);
          expect(connection.anomalies).toEqual([]);
        }),
        { numRuns: 8 },
      );
    });
  }

  test('single bytes', () => {
    const small = segments('node-opcua-reads');
    expect(played(small, (data) => pieces(data, [1])).found).toEqual(played(small, whole).found);
  });

  test('the same facts about who is who, however it is cut', () => {
    const browse = segments('node-opcua-browse');
    expect(played(browse, (data) => pieces(data, [7])).identity).toEqual(played(browse, whole).identity);
  });
});

describe('hostile bytes', () => {
  test('random bytes never throw and are bounded', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 }), (parts) => {
        const connection = new Connection();
        parts.forEach((part, index) => {
          connection.send(index % 2 === 0 ? 0 : 1, part);
        });
        expect(connection.anomalies).not.toContain('applayer.dissector_error');
        expect(connection.found.length).toBeLessThan(200);
      }),
      { numRuns: 300 },
    );
  });

  test('changed bytes never throw, and what is behind them is found again', () => {
    const names = fc.constantFrom(...CAPTURES.filter((name) => !name.includes('large')));
    const changes = fc.array(fc.tuple(fc.nat(1_000_000), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(names, changes, (name, edits) => {
        const source = segments(name);
        const total = source.reduce((sum, { data }) => sum + data.length, 0);
        const places = new Map(edits.map(([place, value]) => [place % total, value]));
        const connection = new Connection();
        let offset = 0;
        for (const { side, data } of source) {
          const copy = Buffer.from(data);
          for (const [place, value] of places) {
            if (place >= offset && place < offset + copy.length) copy[place - offset] = value;
          }
          offset += data.length;
          connection.send(side, copy);
        }
        expect(connection.anomalies).not.toContain('applayer.dissector_error');
      }),
      { numRuns: 150 },
    );
  });

  test('a truncated conversation reports nothing as whole that is not', () => {
    const source = segments('node-opcua-reads');
    const all = played(source, whole).found.map((found) => JSON.stringify(found));
    fc.assert(
      fc.property(fc.nat(source.length - 1), fc.double({ min: 0, max: 1, noNaN: true }), (index, part) => {
        const connection = new Connection();
        source.slice(0, index).forEach(({ side, data }) => {
          connection.send(side, data);
        });
        const last = source[index]!;
        connection.send(last.side, last.data.subarray(0, Math.floor(last.data.length * part)));
        connection.found.forEach((found, place) => {
          expect(JSON.stringify(found)).toBe(all[place]);
        });
      }),
      { numRuns: 60 },
    );
  });
});

/** Without what a lost request takes from its answer. */
function bare({ fields }: Found): string {
  return `${fields['service'] ?? fields['message_type']} ${fields['request_id'] ?? ''} ${fields['sequence_number'] ?? ''}`;
}

describe('gaps', () => {
  test('a lost segment costs no more than the messages it touched', () => {
    for (const name of ['node-opcua-reads', 'node-opcua-subscription']) {
      const source = segments(name);
      const all = played(source, whole).found.map(bare);
      for (let lost = 3; lost < source.length - 1; lost++) {
        const connection = new Connection();
        source.forEach(({ side, data }, index) => {
          if (index === lost) connection.lose(side, data.length);
          else connection.send(side, data);
        });
        const found = connection.found.map(bare);
        for (const line of found) expect(all).toContain(line);
        expect(found.length, `${name} without segment ${lost}`).toBeGreaterThanOrEqual(all.length - 4);
        expect(connection.anomalies).not.toContain('applayer.dissector_error');
      }
    }
  });

  test('chunks on both sides of a gap never become one message', () => {
    const source = segments('node-opcua-large-messages');
    const sizes = new Map(played(source, whole).found.map((found) => [bare(found), found.fields['size']]));
    for (let lost = 4; lost < source.length; lost++) {
      const connection = new Connection();
      source.forEach(({ side, data }, index) => {
        if (index === lost) connection.lose(side, data.length);
        else connection.send(side, data);
      });
      for (const found of connection.found) {
        if (found.isPartial || found.fields['service'] === undefined) continue;
        expect(found.fields['size']).toBe(sizes.get(bare(found)));
      }
    }
  });
});

describe('contradicting copies', () => {
  test('are read without touching the connection', () => {
    const source = segments('node-opcua-writes');
    const expected = played(source, whole).found.map(bare);
    const connection = new Connection();
    for (const { side, data } of source) {
      connection.contradict(side, data);
      connection.send(side, data);
    }
    for (const line of expected) expect(connection.found.map(bare)).toContain(line);
    expect(connection.found.at(-1)?.anomalies).toEqual([]);
  });
});
