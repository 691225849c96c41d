import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import { Flow, type Side } from '../../sensor/flow/flow.js';
import { PacketTime } from '../../sensor/flow/tcp-reassembler.js';
import type { IdentityFact, Pdu } from '../../sensor/model/pdu.js';
import { VariableReading } from '../../sensor/model/variable.js';
import { ProtocolStreams } from '../../sensor/pipeline/protocol-streams.js';
import type { Dissector } from '../../sensor/protocols/dissector.js';
import { createOpcUa } from '../../sensor/protocols/opcua/index.js';

export interface Found {
  readonly fields: Record<string, unknown>;
  readonly anomalies: readonly string[];
  readonly isPartial: boolean;
  readonly operation: string;
  readonly rejection: string;
  readonly isRequest: boolean;
  readonly targets: readonly string[];
  readonly variables: readonly string[];
}

/** `name=value` of every process value of the message. */
function variablesOf(pdu: Pdu): string[] {
  const reading = new VariableReading();
  return Array.from({ length: pdu.variables }, (_, index) => {
    pdu.readVariable(index, reading);
    return `${reading.space}=${reading.text ?? reading.value} ${reading.type}`;
  });
}

function targetsOf(pdu: Pdu): string[] {
  const targets = Array.from({ length: pdu.targets }, (_, index) => {
    pdu.selectTarget(index);
    return pdu.targetSpace ?? '';
  });
  if (pdu.targets > 0) pdu.selectTarget(0);
  return targets;
}

/** One connection to port 4840, driven through the same code that drives it in the sensor. */
export class Connection {
  readonly found: Found[] = [];
  readonly anomalies: string[] = [];
  readonly identity: IdentityFact[] = [];
  readonly flow = new Flow(0);
  readonly #dissector: Dissector;
  readonly #streams: ProtocolStreams;
  readonly #packet = new PacketTime();

  constructor(dissector: Dissector = createOpcUa(), serverPort = 4840) {
    this.#dissector = dissector;
    this.flow.firstPort = 40_000;
    this.flow.secondPort = serverPort;
    this.flow.clientIsCertain = true;
    this.#streams = new ProtocolStreams([{ ...dissector, tcpPorts: [serverPort] }], {
      pdu: ({ pdu }) => {
        if (!pdu) return;
        const { request_pcap_cnt, ...fields } = pdu.fields();
        this.found.push({
          fields: { ...fields, paired: request_pcap_cnt !== undefined },
          anomalies: pdu.anomalies.map(({ code }) => code),
          isPartial: pdu.isPartial,
          operation: pdu.operation.name,
          rejection: pdu.rejection,
          isRequest: pdu.isRequest,
          targets: targetsOf(pdu),
          variables: variablesOf(pdu),
        });
      },
      anomaly: (_, { code }) => this.anomalies.push(code),
      identity: (_, fact) => this.identity.push(fact),
      closed: () => {},
    });
  }

  /** Another connection that the same sensor sees. */
  another(serverPort = 4840): Connection {
    return new Connection(this.#dissector, serverPort);
  }

  /** `margin` bytes of noise stand around the data in its buffer. */
  send(side: Side, data: Uint8Array, margin = 0): void {
    const buf = new Uint8Array(data.length + 2 * margin).fill(0x5a);
    buf.set(data, margin);
    this.#packet.number++;
    this.#packet.timestamp += 1000;
    this.#streams.data(this.flow, side, buf, margin, margin + data.length, this.#packet);
  }

  lose(side: Side, missing: number): void {
    this.#streams.gap(this.flow, side, missing, false);
  }

  contradict(side: Side, data: Uint8Array): void {
    const why = { code: 'test', layer: 'stream', title: '', description: '', severity: null } as const;
    this.#streams.alternative(this.flow, side, data, 0, data.length, this.#packet, why);
  }
}

export interface Segment {
  readonly side: Side;
  readonly data: Buffer;
}

/** What the largest connection of a capture of ours carried: TCP payloads in order, side 0 is the client. */
export function segmentsOf(name: string): Segment[] {
  const file = fileURLToPath(new URL(`../../fixtures/opcua/${name}.pcap`, import.meta.url));
  const connections = new Map<number, { segments: Segment[]; next: Map<number, number>; bytes: number }>();
  const parser = new CaptureParser({
    packet(packet) {
      const frame = Buffer.from(packet.buf.subarray(packet.from, packet.to));
      if (frame.readUInt16BE(12) !== 0x0800 || frame[23] !== 6) return;
      const ip = frame.subarray(14, 14 + frame.readUInt16BE(16));
      const tcp = ip.subarray((ip[0]! & 15) * 4);
      const [source, target] = [tcp.readUInt16BE(0), tcp.readUInt16BE(2)];
      const side: Side = target === 4840 ? 0 : 1;
      const port = side === 0 ? source : target;
      const data = tcp.subarray((tcp[12]! >> 4) * 4);
      const connection = connections.get(port) ?? { segments: [], next: new Map<number, number>(), bytes: 0 };
      connections.set(port, connection);
      const sequence = tcp.readUInt32BE(4);
      const expected = connection.next.get(side);
      // Retransmissions are the reassembler's business.
      if (data.length === 0 || (expected !== undefined && sequence !== expected)) return;
      connection.next.set(side, (sequence + data.length) >>> 0);
      connection.bytes += data.length;
      connection.segments.push({ side, data });
    },
  });
  parser.push(readFileSync(file));
  parser.end();
  const all = [...connections.values()].sort((one, other) => other.bytes - one.bytes);
  return all[0]?.segments ?? [];
}

export function played(segments: readonly Segment[], cut: (data: Buffer) => Iterable<Buffer>, margin = 0): Connection {
  const connection = new Connection();
  for (const { side, data } of segments) for (const piece of cut(data)) connection.send(side, piece, margin);
  return connection;
}
