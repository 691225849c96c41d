import { VariableReading } from '../../sensor/model/variable.js';
import type { IdentityFact, Side } from '../../sensor/protocols/dissector.js';
import { createS7CommPlus } from '../../sensor/protocols/s7comm-plus/index.js';
import { type Bytes, concat } from '../support/packets.js';

export interface Found {
  readonly fields: Record<string, unknown>;
  readonly operation: string;
  readonly operationClass: string;
  readonly functionOfOperation: string;
  readonly isRequest: boolean;
  readonly fromClient: boolean;
  readonly rejection: string;
  readonly anomalies: readonly string[];
  readonly isPartial: boolean;
  readonly isEncrypted: boolean;
  readonly targets: readonly string[];
  /** `DB6.DBW4 uint16 7`; written ones begin with `=`. */
  readonly variables: readonly string[];
}

export const CLIENT = 0;
export const SERVER = 1;

/** One connection's TSDUs, given to the protocol as ISO on TCP gives them. */
export class Connection {
  readonly found: Found[] = [];
  readonly anomalies: string[] = [];
  readonly identity: IdentityFact[] = [];
  client: Side = CLIENT;
  clientIsCertain: boolean;
  readonly #session;
  #number = 0;

  constructor({ isOpened = true, clientIsCertain = true } = {}) {
    this.clientIsCertain = clientIsCertain;
    const tsap = isOpened ? new TextEncoder().encode('SIMATIC-ROOT-HMI') : new Uint8Array(0);
    this.#session = createS7CommPlus().open(this, { callingTsap: tsap, calledTsap: tsap });
  }

  /** `margin` bytes of noise stand around the data in its buffer. */
  send(side: Side, data: Bytes, { isCut = false, margin = 0 } = {}): Found | undefined {
    const noise = new Uint8Array(margin).fill(0x72);
    const buf = concat(noise, data, noise);
    const number = ++this.#number;
    const before = this.found.length;
    this.#session.tsdu(side, buf, margin, margin + data.length, margin, isCut, this.#sink(number));
    return this.found[before];
  }

  sendAlternative(side: Side, data: Bytes): void {
    this.#session.alternative(side, data, 0, data.length, 0, this.#sink(this.#number));
  }

  lose(side: Side): void {
    this.#session.gap(side);
  }

  get last(): Found {
    const last = this.found.at(-1);
    if (!last) throw new Error('nothing was found');
    return last;
  }

  #sink(number: number): Parameters<ReturnType<ReturnType<typeof createS7CommPlus>['open']>['tsdu']>[6] {
    return {
      pdu: (pdu) => {
        const targets: string[] = [];
        for (let index = 0; index < pdu.targets; index++) {
          pdu.selectTarget(index);
          targets.push(`${pdu.targetSpace} ${pdu.targetFrom}+${pdu.targetCount}`);
        }
        const variables: string[] = [];
        const reading = new VariableReading();
        for (let index = 0; index < pdu.variables; index++) {
          pdu.readVariable(index, reading);
          const name = pdu.protocol.variableName?.(reading);
          variables.push(`${pdu.valuesAreWritten ? '=' : ''}${name} ${reading.type} ${reading.text ?? reading.value}`);
        }
        this.found.push({
          fields: pdu.fields(),
          operation: pdu.operation.name,
          operationClass: pdu.operation.class,
          functionOfOperation: pdu.operation.function,
          isRequest: pdu.isRequest,
          fromClient: pdu.fromClient,
          rejection: pdu.rejection,
          anomalies: pdu.anomalies.map(({ code }) => code),
          isPartial: pdu.isPartial,
          isEncrypted: pdu.isEncrypted,
          targets,
          variables,
        });
      },
      numberOf: () => number,
      timeOf: () => number * 1000,
      anomaly: ({ code }) => this.anomalies.push(code),
      identity: (fact) => this.identity.push(fact),
      orient: (client) => {
        this.client = client;
        this.clientIsCertain = true;
      },
    };
  }
}
