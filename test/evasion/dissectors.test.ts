import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import { Flow, type Side } from '../../sensor/flow/flow.js';
import { TcpDirection } from '../../sensor/flow/tcp-direction.js';
import { PacketTime } from '../../sensor/flow/tcp-reassembler.js';
import { ProtocolStreams } from '../../sensor/pipeline/protocol-streams.js';
import { createDissectors } from '../../sensor/protocols/registry.js';
import '../support/property-seed.js';

/** What every dissector of the registry promises, held with a conversation of each protocol. */

interface Segment {
  readonly side: Side;
  readonly data: Buffer;
}

interface Conversation {
  readonly name: string;
  readonly port: number;
  readonly segments: readonly Segment[];
}

/** What the largest connection of a fixture carried: side 0 is the client. */
function conversationOf(name: string, port: number): Conversation {
  const file = fileURLToPath(new URL(`../../fixtures/${name}.pcap`, import.meta.url));
  const connections = new Map<number, { segments: Segment[]; next: Map<Side, number>; bytes: number }>();
  const parser = new CaptureParser({
    packet({ buf, from, to }) {
      const frame = Buffer.from(buf.subarray(from, to));
      if (frame.readUInt16BE(12) !== 0x0800 || frame[23] !== 6) return;
      const ip = frame.subarray(14, 14 + frame.readUInt16BE(16));
      const tcp = ip.subarray((ip[0]! & 15) * 4);
      const side: Side = tcp.readUInt16BE(2) === port ? 0 : 1;
      const peer = tcp.readUInt16BE(side === 0 ? 0 : 2);
      const data = tcp.subarray((tcp[12]! >> 4) * 4);
      const connection = connections.get(peer) ?? { segments: [], next: new Map<Side, number>(), bytes: 0 };
      connections.set(peer, connection);
      const sequence = tcp.readUInt32BE(4);
      // Retransmissions are the reassembler's business.
      if (data.length === 0 || sequence !== (connection.next.get(side) ?? sequence)) return;
      connection.next.set(side, (sequence + data.length) >>> 0);
      connection.bytes += data.length;
      connection.segments.push({ side, data });
    },
  });
  parser.push(readFileSync(file));
  parser.end();
  const [largest] = [...connections.values()].sort((one, other) => other.bytes - one.bytes);
  return { name, port, segments: (largest?.segments ?? []).slice(0, 60) };
}

/** No fixture speaks MMS: an association, a read and its answer, a write, each in a data TPDU. */
const MMS_TPDUS = [
  [0, '11e00000000100c0010ac1020001c2020001'],
  [1, '11d00001000200c0010ac1020001c2020001'],
  [0, '02f0800d0ac108060528ca22020300'],
  [1, '02f0800e0ac108060528ca22020300'],
  [0, '02f080010001006110300e020103a009a007020107a402a000'],
  [1, '02f08001000100610e300c020103a007a1050201073000'],
  [0, '02f080010001006110300e020103a009a007020108a502a000'],
] as const;
const MMS: Conversation = {
  name: 'mms',
  port: 102,
  segments: MMS_TPDUS.map(([side, hex]) => {
    const tpdu = Buffer.from(hex, 'hex');
    return { side, data: Buffer.concat([Buffer.from([3, 0, 0, tpdu.length + 4]), tpdu]) };
  }),
};

const CONVERSATIONS: readonly Conversation[] = [
  conversationOf('modbus/libmodbus-reads', 502),
  conversationOf('modbus/pymodbus-writes', 502),
  ...['s7/nodes7-reads', 's7/snap7-szl', 's7/snap7-blocks', 's7/raw-fragmented'].map((name) =>
    conversationOf(name, 102),
  ),
  ...['engineering', 'subscription', 'writes', 'encrypted'].map((name) =>
    conversationOf(`s7-plus/scripted-${name}`, 102),
  ),
  MMS,
  ...['reads', 'subscription', 'large-messages-signed', 'secure-basic256sha256-signandencrypt'].map((name) =>
    conversationOf(`opcua/node-opcua-${name}`, 4840),
  ),
];

/** One connection, driven through the same code that drives it in the sensor. */
class Connection {
  /** Records without the numbers of packets, which differ with the cuts. */
  readonly records: string[] = [];
  readonly protocols = new Set<string>();
  readonly anomalies: string[] = [];
  readonly #flow = new Flow(0);
  readonly #streams: ProtocolStreams;
  readonly #packet = new PacketTime();

  constructor(port: number) {
    this.#flow.firstPort = 40_000;
    this.#flow.secondPort = port;
    this.#flow.clientIsCertain = true;
    this.#flow.tcp[0] = new TcpDirection();
    this.#streams = new ProtocolStreams(createDissectors(), {
      pdu: ({ pdu }) => {
        if (pdu === null) return;
        this.protocols.add(pdu.protocol.name);
        const { request_pcap_cnt, ...fields } = pdu.fields();
        const anomalies = pdu.anomalies.map(({ code }) => code);
        this.anomalies.push(...anomalies);
        for (let index = 0; index < pdu.targets; index++) pdu.selectTarget(index);
        const isPaired = request_pcap_cnt !== undefined;
        this.records.push(JSON.stringify([pdu.operation.name, fields, isPaired, anomalies, pdu.isPartial]));
      },
      anomaly: (_, { code }) => this.anomalies.push(code),
      identity: () => {},
      closed: () => {},
    });
  }

  /** `margin` bytes of noise stand around the data in its buffer. */
  send(side: Side, data: Uint8Array, margin = 0): void {
    const buf = new Uint8Array(data.length + 2 * margin).fill(0x5a);
    buf.set(data, margin);
    this.#packet.number++;
    this.#packet.timestamp += 1000;
    this.#streams.data(this.#flow, side, buf, margin, margin + data.length, this.#packet);
  }

  lose(side: Side, missing: number): void {
    this.#streams.gap(this.#flow, side, missing, false);
  }

  end(): this {
    this.#flow.isClosed = true;
    this.#streams.finish(this.#flow);
    return this;
  }
}

function* pieces(data: Buffer, sizes: readonly number[]): Generator<Buffer> {
  let at = 0;
  for (let index = 0; at < data.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    yield data.subarray(at, at + size);
    at += size;
  }
}

function played({ port, segments }: Conversation, sizes: readonly number[] = [65_536], margin = 0): Connection {
  const connection = new Connection(port);
  for (const { side, data } of segments) for (const piece of pieces(data, sizes)) connection.send(side, piece, margin);
  return connection;
}

type Told = readonly [
  operation: string,
  fields: Record<string, unknown>,
  isPaired: boolean,
  anomalies: string[],
  isPartial: boolean,
];

function parsed(record: string): Told {
  return JSON.parse(record) as Told;
}

/** Names that depend on messages before this one. */
const LEARNED: ReadonlySet<string> = new Set(['function', 'object']);

/** Whether every number and text of `fields` is one of `original` in the same place; lists depend on others as well. */
function isPartOf(fields: Record<string, unknown>, original: Record<string, unknown>): boolean {
  return Object.entries(fields).every(
    ([name, value]) => typeof value === 'object' || LEARNED.has(name) || Object.is(value, original[name]),
  );
}

const FAULT = 'applayer.dissector_error';

test('every protocol of the registry is held to this', () => {
  const spoken = new Set(CONVERSATIONS.flatMap((conversation) => [...played(conversation).protocols]));
  const known = createDissectors().flatMap(({ protocols }) => protocols.map(({ name }) => name));
  expect([...spoken].sort()).toEqual(known.sort());
});

describe.each(CONVERSATIONS.map((conversation) => [conversation.name, conversation] as const))(
  '%s',
  (_, conversation) => {
    const whole = played(conversation);

    test('byte by byte, and at any place in the buffer, the records are the same', () => {
      expect(whole.records.length).toBeGreaterThan(3);
      expect(played(conversation, [1]).records).toEqual(whole.records);
      const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 12 });
      fc.assert(
        fc.property(cuts, fc.nat(9), (sizes, margin) => {
          expect(played(conversation, sizes, margin).records).toEqual(whole.records);
        }),
        { numRuns: 12 },
      );
    });

    test('a gap makes no record of both its sides', () => {
      const said = whole.records.map(parsed);
      const { segments, port } = conversation;
      fc.assert(
        fc.property(
          fc.nat(segments.length - 1),
          fc.nat(200),
          fc.integer({ min: 1, max: 200 }),
          (lost, from, length) => {
            const connection = new Connection(port);
            segments.forEach(({ side, data }, index) => {
              if (index !== lost) {
                connection.send(side, data);
                return;
              }
              const at = Math.min(from, data.length);
              const behind = Math.min(data.length, at + length);
              if (at > 0) connection.send(side, data.subarray(0, at));
              if (behind > at) connection.lose(side, behind - at);
              if (behind < data.length) connection.send(side, data.subarray(behind));
            });
            // What is told as whole was said, number by number; only what the lost part told of it may be missing.
            const told = connection.end().records.map(parsed);
            for (const [, fields, , anomalies, isPartial] of told) {
              if (anomalies.length > 0 || isPartial) continue;
              const wasSaid = said.some(([, original]) => isPartOf(fields, original));
              expect(wasSaid, JSON.stringify(fields)).toBe(true);
            }
            expect(told.length).toBeLessThanOrEqual(whole.records.length + 2);
            expect(connection.anomalies).not.toContain(FAULT);
          },
        ),
        { numRuns: 60 },
      );
    });

    test('changed and random bytes never throw, and cost no more records than there are bytes', () => {
      const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
      fc.assert(
        fc.property(
          fc.array(change, { minLength: 1, maxLength: 12 }),
          fc.uint8Array({ maxLength: 300 }),
          (all, noise) => {
            const { segments, port } = conversation;
            const copies = segments.map(({ side, data }) => ({ side, data: Buffer.from(data) }));
            for (const [place, value] of all) {
              const { data } = copies[place % copies.length]!;
              data[Math.floor(place / copies.length) % data.length] = value;
            }
            const connection = new Connection(port);
            copies.forEach(({ side, data }, index) => {
              connection.send(side, data);
              if (index === 1 && noise.length > 0) connection.send(side, noise);
            });
            connection.end();
            expect(connection.anomalies).not.toContain(FAULT);
            const bytes = copies.reduce((sum, { data }) => sum + data.length, noise.length);
            expect(connection.records.length).toBeLessThan(bytes);
          },
        ),
        { numRuns: 150 },
      );
    });
  },
);
