import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Side } from '../../sensor/flow/flow.js';
import { createIsoOnTcp } from '../../sensor/protocols/cotp/index.js';
import { createS7comm } from '../../sensor/protocols/s7comm/index.js';
import { type Bytes, bytes, concat } from '../support/packets.js';
import { Connection } from './connection.js';
import {
  anyItem,
  connectConfirm,
  connectRequest,
  dataItem,
  dt,
  EXCHANGES,
  readAnswer,
  readVar,
  tpkt,
} from './messages.js';

function exchange(index: number, reference = index + 1): readonly [Bytes, Bytes] {
  return EXCHANGES[index % EXCHANGES.length]!(reference);
}

const conversation = fc.array(fc.nat(EXCHANGES.length - 1), { minLength: 1, maxLength: 8 });
const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 });
const pieceSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 });

function* pieces(data: Bytes, sizes: readonly number[]): Generator<Bytes> {
  let at = 0;
  for (let i = 0; at < data.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield data.subarray(at, at + size);
    at += size;
  }
}

const WHOLE = [100_000];

/** A TSDU in as many data TPDUs as the sizes say. */
function transported(tsdu: Bytes, sizes: readonly number[]): Bytes {
  const parts = [...pieces(tsdu, sizes)];
  return concat(...parts.map((part, index) => dt(part, index === parts.length - 1)));
}

/** Requests and answers in turn; each TSDU in DTs of `parts`, the stream in segments of `sizes`. */
function played(
  indices: readonly number[],
  sizes: readonly number[],
  { margin = 0, parts = WHOLE }: { margin?: number; parts?: readonly number[] } = {},
): Connection {
  const connection = new Connection();
  for (const piece of pieces(connectRequest(), sizes)) connection.send(0, piece, margin);
  for (const piece of pieces(connectConfirm(), sizes)) connection.send(1, piece, margin);
  indices.forEach((index, i) => {
    for (const [side, tsdu] of exchange(index, i + 1).entries()) {
      for (const piece of pieces(transported(tsdu, parts), sizes)) connection.send(side as Side, piece, margin);
    }
  });
  return connection;
}

describe('what every dissector promises, held for S7', () => {
  test('the exchanges are sound', () => {
    for (let index = 0; index < EXCHANGES.length; index++) {
      const { messages, anomalies } = played([index], WHOLE);
      expect(
        messages.map((message) => message.anomalies),
        `exchange ${index}`,
      ).toEqual([[], []]);
      expect(anomalies).toEqual([]);
      expect(messages[1]?.fields).toHaveProperty('request_pcap_cnt');
    }
  });

  test('any cut of the stream gives the same messages', () => {
    fc.assert(
      fc.property(conversation, cuts, (indices, sizes) => {
        const connection = played(indices, sizes);
        expect(connection.content).toEqual(played(indices, WHOLE).content);
        expect(connection.anomalies).toEqual([]);
        expect(connection.messages).toHaveLength(indices.length * 2);
      }),
      { numRuns: 200 },
    );
  });

  test('any number of transport messages for one message gives the same messages', () => {
    fc.assert(
      fc.property(conversation, cuts, pieceSizes, (indices, sizes, parts) => {
        // More pieces than any real sender makes are let go, and told.
        const enough = parts.map((size) => Math.max(size, 4));
        const connection = played(indices, sizes, { parts: enough });
        expect(connection.content).toEqual(played(indices, WHOLE).content);
        expect(connection.anomalies).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('any offset in the buffer gives the same messages', () => {
    fc.assert(
      fc.property(conversation, cuts, fc.integer({ min: 1, max: 600 }), (indices, sizes, margin) => {
        expect(played(indices, sizes, { margin }).content).toEqual(played(indices, sizes).content);
      }),
      { numRuns: 200 },
    );
  });

  test('several messages in one segment, cut anywhere, give the same messages', () => {
    fc.assert(
      fc.property(conversation, cuts, (indices, sizes) => {
        const requests = concat(...indices.map((index, i) => dt(exchange(index, i + 1)[0])));
        const whole = new Connection().send(0, requests);
        const cut = new Connection();
        for (const piece of pieces(requests, sizes)) cut.send(0, piece);
        expect(whole.found).toHaveLength(indices.length);
        expect(cut.content).toEqual(whole.content);
      }),
      { numRuns: 200 },
    );
  });

  test('no bytes make it fail, and what follows is read again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom<Side>(0, 1), fc.uint8Array({ maxLength: 300 })), { maxLength: 12 }),
        (segments) => {
          const connection = played([0], WHOLE);
          for (const [side, data] of segments) connection.send(side, data);
          // A gap ends whatever the noise began.
          connection.lose(0, 1).lose(1, 1);
          const before = connection.messages.length;
          for (let index = 0; index < 3; index++) {
            const [request, response] = exchange(index, 100 + index);
            connection.send(0, dt(request)).send(1, dt(response));
          }
          expect(connection.anomalies).not.toContain('applayer.dissector_error');
          expect(connection.messages.length - before).toBe(6);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('no damaged message makes it fail', () => {
    const change = fc.record({ at: fc.nat(120), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.nat(EXCHANGES.length - 1), fc.array(change, { minLength: 1, maxLength: 4 }), (index, changes) => {
        const connection = new Connection();
        for (const [side, tsdu] of exchange(index).entries()) {
          const damaged = dt(tsdu).slice();
          for (const { at, value } of changes) damaged[at % damaged.length] = value;
          connection.send(side as Side, damaged);
        }
        connection.end();
        expect(connection.anomalies).not.toContain('applayer.dissector_error');
        expect(connection.found.length).toBeLessThanOrEqual(4);
      }),
      { numRuns: 3000 },
    );
  });

  test('random messages in sound transport never make it fail', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.uint8Array({ maxLength: 200 }), fc.constantFrom<Side>(0, 1), (kind, tail, side) => {
        const connection = new Connection();
        const tsdu = concat(bytes('32', [kind % 9], '0000 0001'), tail);
        connection.send(side, dt(tsdu));
        expect(connection.anomalies).not.toContain('applayer.dissector_error');
        expect(connection.messages).toHaveLength(1);
      }),
      { numRuns: 2000 },
    );
  });

  test('every beginning of every message is harmless, and is never taken for the whole', () => {
    for (let index = 0; index < EXCHANGES.length; index++) {
      for (const [side, tsdu] of exchange(index).entries()) {
        const packet = dt(tsdu);
        for (let size = 0; size < packet.length; size++) {
          const connection = new Connection().send(side as Side, packet.subarray(0, size));
          expect(connection.found, `message ${index}, ${size} bytes`).toEqual([]);
          connection.lose(side as Side, packet.length - size);
          for (const { isPartial } of connection.found) expect(isPartial).toBe(true);
          expect(connection.anomalies).not.toContain('applayer.dissector_error');
        }
      }
    }
  });

  test('no message is made from both sides of a gap', () => {
    const item = anyItem({ area: 0x84, db: 1, count: 32 });
    const first = dt(readAnswer(1, dataItem(4, '11'.repeat(32))));
    const second = transported(readAnswer(2, dataItem(4, '22'.repeat(32))), [20]);
    for (let cut = 1; cut < first.length; cut++) {
      for (let resume = 0; resume < second.length; resume += 3) {
        const connection = new Connection().send(0, dt(readVar(1, item)));
        connection.send(1, first.subarray(0, cut)).lose(1, 10).send(1, second.subarray(resume));
        for (const { fields } of connection.messages) {
          const text = JSON.stringify(fields['results'] ?? []);
          expect(text.includes('1111') && text.includes('2222'), `cut ${cut}, resume ${resume}`).toBe(false);
        }
      }
    }
  });

  test('a gap is over within two messages', () => {
    fc.assert(
      fc.property(fc.nat(EXCHANGES.length - 1), fc.nat(200), fc.nat(200), (index, cut, resume) => {
        const [first] = exchange(index, 1);
        const [second] = exchange(index + 1, 2);
        const connection = new Connection();
        connection.send(0, dt(first).subarray(0, cut % dt(first).length)).lose(0, 9);
        connection.send(0, dt(second).subarray(1 + (resume % (dt(second).length - 1))));
        const before = connection.messages.length;
        for (const reference of [3, 4, 5]) connection.send(0, dt(readVar(reference, anyItem({ area: 0x83 }))));
        const references = connection.messages.slice(before).map(({ fields }) => fields['pdu_reference']);
        expect(references.slice(-2)).toEqual([4, 5]);
      }),
      { numRuns: 500 },
    );
  });

  test('what is reported as sound is never refused by the probe', () => {
    const dissector = createIsoOnTcp([createS7comm()]);
    for (const packet of [
      connectRequest(),
      connectConfirm(),
      ...EXCHANGES.flatMap((make) => make(1).map((tsdu) => dt(tsdu))),
    ]) {
      expect(dissector.probe(packet, 0, packet.length)).toBe('yes');
      for (let size = 0; size < packet.length; size++) expect(dissector.probe(packet, 0, size)).not.toBe('no');
    }
  });

  test('a client that is never answered costs a bounded number of requests in memory, and is told', () => {
    const connection = new Connection();
    for (let i = 0; i < 20_000; i++)
      connection.send(0, dt(readVar(i & 0xffff, anyItem({ area: 0x83, byte: i & 255 }))));
    expect(connection.messages.at(-1)?.anomalies).toContain('s7comm.request_flood');
    // The last ones are still known, the first are not.
    connection.send(1, dt(readAnswer(19_999, dataItem(4, '01')))).send(1, dt(readAnswer(1, dataItem(4, '01'))));
    const paired = connection.messages.slice(-2).map(({ fields }) => fields['request_pcap_cnt'] !== undefined);
    expect(paired).toEqual([true, false]);
  });

  test('a message that does not end is let go', () => {
    const connection = new Connection();
    for (let i = 0; i < 500; i++) connection.send(0, dt(new Uint8Array(2000).fill(0x32), false));
    expect(connection.anomalies).toContain('cotp.reassembly_limit');
    expect(connection.found).toEqual([]);
    connection.send(0, tpkt(bytes('02 f0 80'))).send(0, dt(readVar(1, anyItem({ area: 0x83 }))));
    expect(connection.messages.at(-1)?.fields['pdu_reference']).toBe(1);
  });
});
