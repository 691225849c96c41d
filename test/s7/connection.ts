import { Flow, type Side } from '../../sensor/flow/flow.js';
import { TcpDirection } from '../../sensor/flow/tcp-direction.js';
import { PacketTime } from '../../sensor/flow/tcp-reassembler.js';
import { VariableReading } from '../../sensor/model/variable.js';
import { ProtocolStreams } from '../../sensor/pipeline/protocol-streams.js';
import { createIsoOnTcp } from '../../sensor/protocols/cotp/index.js';
import type { Dissector, IdentityFact, Pdu } from '../../sensor/protocols/dissector.js';
import { createS7comm } from '../../sensor/protocols/s7comm/index.js';
import { type Bytes, concat } from '../support/packets.js';

export interface Found {
  readonly protocol: string;
  readonly operation: string;
  readonly isRequest: boolean;
  readonly fromClient: boolean;
  readonly rejection: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** `DB10 4-7`. */
  readonly targets: readonly string[];
  /** `DB10.DBW4 = 1`. */
  readonly variables: readonly string[];
  readonly areWritten: boolean;
  readonly anomalies: readonly string[];
  readonly isPartial: boolean;
  readonly number: number;
}

export interface ConnectionOptions {
  readonly port?: number;
  readonly clientPort?: number;
  readonly clientIsCertain?: boolean;
  readonly dissectors?: readonly Dissector[];
}

/** One connection to port 102, driven through the same code that drives it in the sensor. */
export class Connection {
  readonly found: Found[] = [];
  readonly anomalies: string[] = [];
  readonly identity: IdentityFact[] = [];
  readonly flow = new Flow(0);
  readonly #streams: ProtocolStreams;
  readonly #packet = new PacketTime();

  constructor({ port = 102, clientPort = 40_000, clientIsCertain = true, dissectors }: ConnectionOptions = {}) {
    this.flow.firstPort = clientPort;
    this.flow.tcp[0] = new TcpDirection();
    this.flow.secondPort = port;
    this.flow.clientIsCertain = clientIsCertain;
    this.#streams = new ProtocolStreams(dissectors ?? [createIsoOnTcp([createS7comm()])], {
      pdu: ({ pdu, number }) => {
        if (pdu) this.found.push(read(pdu, number));
      },
      anomaly: (_, { code }) => this.anomalies.push(code),
      identity: (_, fact) => this.identity.push(fact),
      closed: () => {},
    });
  }

  /** `margin` bytes of noise stand around the data in its buffer. */
  send(side: Side, data: Bytes, margin = 0): this {
    const noise = new Uint8Array(margin).fill(0x5a);
    const buf = concat(noise, data, noise);
    this.#packet.number++;
    this.#packet.timestamp += 1000;
    this.#streams.data(this.flow, side, buf, margin, margin + data.length, this.#packet);
    return this;
  }

  /** Packet time goes by. */
  wait(seconds: number): this {
    this.#packet.timestamp += seconds * 1_000_000;
    return this;
  }

  lose(side: Side, missing: number, isCut = false): this {
    this.#streams.gap(this.flow, side, missing, isCut);
    return this;
  }

  end(): this {
    this.flow.isClosed = true;
    this.#streams.finish(this.flow);
    return this;
  }

  /** Only S7 messages. */
  get messages(): Found[] {
    return this.found.filter(({ protocol }) => protocol === 's7comm');
  }

  get content(): unknown[] {
    return this.found.map(({ number: _, ...rest }) => {
      const { request_pcap_cnt, ...fields } = rest.fields;
      return { ...rest, fields: { ...fields, paired: request_pcap_cnt !== undefined } };
    });
  }
}

function read(pdu: Pdu, number: number): Found {
  const targets: string[] = [];
  for (let index = 0; index < pdu.targets; index++) {
    pdu.selectTarget(index);
    const { targetSpace, targetFrom, targetCount } = pdu;
    const last = targetFrom + targetCount - 1;
    targets.push(
      targetCount === 0 ? `${targetSpace}` : `${targetSpace} ${targetFrom}${last > targetFrom ? `-${last}` : ''}`,
    );
  }
  const variables: string[] = [];
  const reading = new VariableReading();
  for (let index = 0; index < pdu.variables; index++) {
    pdu.readVariable(index, reading);
    const name = pdu.protocol.variableName?.(reading) ?? reading.space;
    variables.push(`${name} = ${reading.text ?? reading.value}`);
  }
  return {
    protocol: pdu.protocol.name,
    operation: pdu.operation.name,
    isRequest: pdu.isRequest,
    fromClient: pdu.fromClient,
    rejection: pdu.rejection,
    fields: pdu.fields(),
    targets,
    variables,
    areWritten: pdu.valuesAreWritten,
    anomalies: pdu.anomalies.map(({ code }) => code),
    isPartial: pdu.isPartial,
    number,
  };
}
