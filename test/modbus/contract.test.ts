import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Flow, type Side } from '../../sensor/flow/flow.js';
import { PacketTime } from '../../sensor/flow/tcp-reassembler.js';
import { ProtocolStreams } from '../../sensor/pipeline/protocol-streams.js';
import { createModbus } from '../../sensor/protocols/modbus/index.js';
import { type Bytes, bytes, concat, modbusTcp } from '../support/packets.js';
import { EXCHANGES, OPAQUE_FUNCTIONS, UMAS_EXCHANGES } from './pdus.js';

interface Found {
  readonly fields: Record<string, unknown>;
  readonly anomalies: readonly string[];
  readonly isPartial: boolean;
  readonly number: number;
}

/** One connection to port 502, driven through the same code that drives it in the sensor. */
class Connection {
  readonly found: Found[] = [];
  readonly anomalies: string[] = [];
  readonly #flow = new Flow(0);
  readonly #streams: ProtocolStreams;
  readonly #packet = new PacketTime();

  constructor() {
    this.#flow.firstPort = 40_000;
    this.#flow.secondPort = 502;
    this.#flow.clientIsCertain = true;
    this.#streams = new ProtocolStreams([createModbus()], {
      pdu: ({ pdu, number }) => {
        if (!pdu) return;
        const { request_pcap_cnt, ...fields } = pdu.fields();
        this.found.push({
          fields: { ...fields, paired: request_pcap_cnt !== undefined },
          anomalies: pdu.anomalies.map(({ code }) => code),
          isPartial: pdu.isPartial,
          number,
        });
      },
      anomaly: (_, { code }) => this.anomalies.push(code),
      identity: () => {},
      closed: () => {},
    });
  }

  /** `margin` bytes of noise stand around the data in its buffer. */
  send(side: Side, data: Bytes, margin = 0): void {
    const noise = new Uint8Array(margin).fill(0x5a);
    const buf = concat(noise, data, noise);
    this.#packet.number++;
    this.#packet.timestamp += 1000;
    this.#streams.data(this.#flow, side, buf, margin, margin + data.length, this.#packet);
  }

  lose(side: Side, missing: number): void {
    this.#streams.gap(this.#flow, side, missing, false);
  }

  get content(): unknown[] {
    return this.found.map(({ fields, anomalies, isPartial }) => ({ fields, anomalies, isPartial }));
  }
}

const PAIRS: readonly (readonly [string, string])[] = [
  ...EXCHANGES.map(({ request, response }) => [request, response] as const),
  ...OPAQUE_FUNCTIONS.map(({ code, request, response }) => {
    const functionCode = code.toString(16).padStart(2, '0');
    return [functionCode + request, functionCode + response] as const;
  }),
  ...UMAS_EXCHANGES.map(({ request, response }) => [request, response] as const),
];

function adus(index: number): [Bytes, Bytes] {
  const [request, response] = PAIRS[index % PAIRS.length] ?? ['07', '0700'];
  const options = { transaction: index, unit: index % 7 };
  return [modbusTcp(bytes(request), options), modbusTcp(bytes(response), options)];
}

const conversation = fc.array(fc.nat(PAIRS.length - 1), { minLength: 1, maxLength: 8 });
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 });

function* pieces(data: Bytes, sizes: readonly number[]): Generator<Bytes> {
  let at = 0;
  for (let i = 0; at < data.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield data.subarray(at, at + size);
    at += size;
  }
}

/** Requests and answers in turn, each ADU cut on its own. */
function played(indices: readonly number[], sizes: readonly number[], margin = 0): Connection {
  const connection = new Connection();
  indices.forEach((index, i) => {
    const [request, response] = adus(index + i * PAIRS.length);
    for (const piece of pieces(request, sizes)) connection.send(0, piece, margin);
    for (const piece of pieces(response, sizes)) connection.send(1, piece, margin);
  });
  return connection;
}

const WHOLE = [100_000];

describe('what every dissector promises, held for Modbus', () => {
  test('any cut of the stream gives the same messages', () => {
    fc.assert(
      fc.property(conversation, cuts, (indices, sizes) => {
        const connection = played(indices, sizes);
        expect(connection.content).toEqual(played(indices, WHOLE).content);
        expect(connection.anomalies).toEqual([]);
        expect(connection.found).toHaveLength(indices.length * 2);
      }),
      { numRuns: 300 },
    );
  });

  test('several messages in one segment, cut anywhere, give the same messages', () => {
    fc.assert(
      fc.property(conversation, cuts, (indices, sizes) => {
        const requests = concat(...indices.map((index, i) => adus(index + i * PAIRS.length)[0]));
        const whole = new Connection();
        whole.send(0, requests);
        const cut = new Connection();
        for (const piece of pieces(requests, sizes)) cut.send(0, piece);
        expect(whole.found).toHaveLength(indices.length);
        expect(cut.content).toEqual(whole.content);
      }),
      { numRuns: 300 },
    );
  });

  test('any offset in the buffer gives the same messages', () => {
    fc.assert(
      fc.property(conversation, cuts, fc.integer({ min: 1, max: 600 }), (indices, sizes, margin) => {
        expect(played(indices, sizes, margin).content).toEqual(played(indices, sizes).content);
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
          connection.lose(0, 1);
          connection.lose(1, 1);
          const before = connection.found.length;
          for (let index = 0; index < 3; index++) {
            const [request, response] = adus(index);
            connection.send(0, request);
            connection.send(1, response);
          }
          expect(connection.anomalies).not.toContain('applayer.dissector_error');
          expect(connection.found.length - before).toBe(6);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('no damaged message makes it fail', () => {
    const change = fc.record({ at: fc.nat(60), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.nat(PAIRS.length - 1), fc.array(change, { minLength: 1, maxLength: 4 }), (index, changes) => {
        const connection = new Connection();
        for (const [side, adu] of adus(index).entries()) {
          const damaged = adu.slice();
          for (const { at, value } of changes) damaged[at % damaged.length] = value;
          connection.send(side as Side, damaged);
        }
        expect(connection.anomalies).not.toContain('applayer.dissector_error');
        expect(connection.found.length).toBeLessThanOrEqual(4);
      }),
      { numRuns: 2000 },
    );
  });

  test('every beginning of every message is harmless, and is never taken for the whole', () => {
    for (let index = 0; index < PAIRS.length; index++) {
      for (const [side, adu] of adus(index).entries()) {
        for (let size = 0; size < adu.length; size++) {
          const connection = new Connection();
          connection.send(side as Side, adu.subarray(0, size));
          expect(connection.found, `message ${index}, ${size} bytes`).toEqual([]);
          connection.lose(side as Side, adu.length - size);
          for (const { isPartial } of connection.found) expect(isPartial).toBe(true);
          expect(connection.anomalies).not.toContain('applayer.dissector_error');
        }
      }
    }
  });

  test('no message is made from both sides of a gap', () => {
    const first = modbusTcp(bytes(`10 0000 0010 20 ${'1111'.repeat(16)}`), { transaction: 1 });
    const second = modbusTcp(bytes(`10 0000 0010 20 ${'2222'.repeat(16)}`), { transaction: 2 });
    for (let cut = 1; cut < first.length; cut++) {
      for (let resume = 0; resume < second.length; resume += 3) {
        const connection = new Connection();
        connection.send(0, first.subarray(0, cut));
        connection.lose(0, 10);
        connection.send(0, second.subarray(resume));
        for (const { fields } of connection.found) {
          const values = new Set((fields['values'] as number[] | undefined) ?? []);
          expect(values.has(0x1111) && values.has(0x2222), `cut ${cut}, resume ${resume}`).toBe(false);
        }
      }
    }
  });

  test('what follows a gap is not taken for a header only because it could be one', () => {
    const connection = played([0], WHOLE);
    connection.send(0, adus(1)[0].subarray(0, 9));
    connection.lose(0, 20);
    // Register values in the middle of a write: protocol 0, length 64, a function that nobody knows.
    connection.send(0, bytes('1234 0000 0040 0163 0000 0000'));
    const before = connection.found.length;
    for (let index = 2; index < 5; index++) connection.send(0, adus(index)[0]);
    expect(connection.found.slice(before).map(({ fields }) => fields['transaction_id'])).toEqual([2, 3, 4]);
  });

  test('what is reported as sound is never refused by the probe', () => {
    const modbus = createModbus();
    for (let index = 0; index < EXCHANGES.length; index++) {
      for (const adu of adus(index)) expect(modbus.probe(adu, 0, adu.length)).toBe('yes');
    }
    fc.assert(
      fc.property(
        fc.constantFrom(...EXCHANGES.flatMap(({ request, response }) => [request, response])),
        fc.uint8Array({ maxLength: 40 }),
        fc.nat(65_535),
        (pdu, tail, transaction) => {
          const body = bytes(pdu);
          for (let i = 0; i < tail.length && i + 1 < body.length; i++) body[i + 1] = tail[i] ?? 0;
          const adu = modbusTcp(body, { transaction });
          const connection = new Connection();
          connection.send(0, adu);
          const isSound = connection.found.length === 1 && connection.found[0]?.anomalies.length === 0;
          if (isSound) expect(modbus.probe(adu, 0, adu.length)).not.toBe('no');
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('a client that is never answered costs a bounded number of requests in memory, and is told', () => {
    const connection = new Connection();
    for (let i = 0; i < 100_000; i++) connection.send(0, adus(i * PAIRS.length)[0]);
    expect(connection.found).toHaveLength(100_000);
    expect(connection.found.at(-1)?.anomalies).toContain('modbus.request_flood');
    // The last ones are still known, the first are not.
    connection.send(1, adus(99_999 * PAIRS.length)[1]);
    connection.send(1, adus(0)[1]);
    expect(connection.found.slice(-2).map(({ fields }) => fields['paired'])).toEqual([true, false]);
  });
});
