import type { AnomalyDef } from '../../model/anomaly.js';
import type { Operation } from '../../model/operation.js';
import type { Micros } from '../../model/time.js';
import type { Pdu, Rejection } from '../dissector.js';
import { MMS } from './anomalies.js';
import { MMS_PROTOCOL } from './protocol.js';
import { OPERATION, serviceOperation } from './services.js';

/** Session messages (X.225); "give tokens" and "data transfer" stand before each data message. */
const SESSION: Readonly<Record<number, string>> = {
  9: 'finish',
  10: 'disconnect',
  12: 'refuse',
  13: 'connect',
  14: 'accept',
  25: 'abort',
};
const DATA_HEADER = 4;
/** Presentation user data, fully encoded (X.226), and one item of its list. */
const USER_DATA = 0x61;
const ITEM = 0x30;
const CONTEXT = 0x02;
const TRANSFER_SYNTAX = 0x06;
const SINGLE_ASN1 = 0xa0;

/** ISO 9506-2 section 7: choices of MMSpdu. */
const PDU_TYPES: Readonly<Record<number, string>> = {
  160: 'confirmed_request',
  161: 'confirmed_response',
  162: 'confirmed_error',
  163: 'unconfirmed',
  164: 'reject',
  133: 'cancel_request',
  134: 'cancel_response',
  167: 'cancel_error',
  168: 'initiate_request',
  169: 'initiate_response',
  170: 'initiate_error',
  139: 'conclude_request',
  140: 'conclude_response',
  173: 'conclude_error',
};
const REQUEST = 160;
const RESPONSE = 161;
const ERROR = 162;
const UNCONFIRMED = 163;
const REJECT = 164;
const INTEGER = 0x02;
const INVOKE_ID_OF_ERROR = 0x80;
const MORE_TAG = 0x1f;

/** Object identifiers of MMS begin with 1.0.9506.2: its abstract syntax and its application context. */
const MMS_OID = Uint8Array.of(0x28, 0xca, 0x22, 0x02);
/** Bytes of a session message in which the identifiers stand. */
const OID_WINDOW = 512;

export function isDataTransfer(buf: Uint8Array, from: number, to: number): boolean {
  return (
    to - from > DATA_HEADER && buf[from] === 1 && buf[from + 1] === 0 && buf[from + 2] === 1 && buf[from + 3] === 0
  );
}

/** Whether a session opening names MMS. */
export function opensMms(buf: Uint8Array, from: number, to: number): boolean {
  if (buf[from] !== 0x0d && buf[from] !== 0x0e) return false;
  const end = Math.min(to, from + OID_WINDOW) - MMS_OID.length;
  for (let at = from + 2; at <= end; at++) {
    if (MMS_OID.every((byte, index) => buf[at + index] === byte)) return true;
  }
  return false;
}

export function carriesUserData(buf: Uint8Array, from: number, to: number): boolean {
  return isDataTransfer(buf, from, to) && buf[from + DATA_HEADER] === USER_DATA;
}

/**
 * One MMS message, reused: what it is, not what it says. ISO 9506-2 in BER, inside presentation (X.226) and session
 * (X.225).
 */
export class MmsPdu implements Pdu {
  readonly protocol = MMS_PROTOCOL;
  operation: Operation = OPERATION.unknown;
  isRequest = true;
  fromClient = true;
  from = 0;
  readonly unit = -1;
  rejection: Rejection = 'none';
  readonly targets = 0;
  readonly targetSpace = null;
  readonly targetFrom = 0;
  readonly targetCount = 0;
  readonly variables = 0;
  readonly valuesAreWritten = false;
  readonly valuesBuf = new Uint8Array(0);
  readonly valuesFrom = 0;
  readonly valuesTo = 0;
  readonly valueBits = 0;
  readonly isEncrypted = false;
  requestNumber = 0;
  requestTimestamp: Micros = 0;
  readonly anomalies: AnomalyDef[] = [];
  isPartial = false;

  session = '';
  pduType = -1;
  invokeId = -1;
  service = -1;

  // Where the element read last has its content.
  #at = 0;
  #end = 0;

  selectTarget(): void {}
  readVariable(): void {}

  get isConfirmedRequest(): boolean {
    return this.pduType === REQUEST;
  }

  get isAnswer(): boolean {
    return this.pduType === RESPONSE || this.pduType === ERROR || this.pduType === REJECT;
  }

  parse(buf: Uint8Array, from: number, to: number): void {
    this.rejection = 'none';
    this.requestNumber = 0;
    this.requestTimestamp = 0;
    if (this.anomalies.length > 0) this.anomalies.length = 0;
    this.pduType = -1;
    this.invokeId = -1;
    this.service = -1;
    this.session = isDataTransfer(buf, from, to) ? 'data' : (SESSION[buf[from]!] ?? 'unknown');
    if (this.session !== 'data') {
      this.operation = sessionOperation(this.session);
      this.isRequest = this.session !== 'accept' && this.session !== 'refuse' && this.session !== 'disconnect';
      if (this.session === 'refuse') this.rejection = 'failed';
      return;
    }
    this.operation = OPERATION.unknown;
    this.isRequest = true;
    if (!this.#userData(buf, from + DATA_HEADER, to) && !this.isPartial) this.anomalies.push(MMS.malformed);
  }

  fields(): Record<string, unknown> {
    const fields: Record<string, unknown> = { session: this.session };
    const type = PDU_TYPES[this.pduType];
    if (type !== undefined) fields['pdu_type'] = type;
    if (this.invokeId >= 0) fields['invoke_id'] = this.invokeId;
    if (this.service >= 0) fields['service_number'] = this.service;
    fields['function'] = this.operation.function;
    if (this.requestNumber > 0) fields['request_pcap_cnt'] = this.requestNumber;
    return fields;
  }

  /** False: what is there does not hold together. */
  #userData(buf: Uint8Array, from: number, to: number): boolean {
    if (!this.#element(buf, from, to, USER_DATA)) return false;
    if (!this.#element(buf, this.#at, this.#end, ITEM)) return false;
    const itemEnd = this.#end;
    if (buf[this.#at] === TRANSFER_SYNTAX) {
      if (!this.#element(buf, this.#at, itemEnd, TRANSFER_SYNTAX)) return false;
      this.#at = this.#end;
    }
    if (!this.#element(buf, this.#at, itemEnd, CONTEXT)) return false;
    if (!this.#element(buf, this.#end, itemEnd, SINGLE_ASN1)) return false;
    return this.#at < this.#end && this.#mms(buf, this.#at, this.#end);
  }

  #mms(buf: Uint8Array, from: number, to: number): boolean {
    const type = buf[from]!;
    if (PDU_TYPES[type] === undefined || !this.#element(buf, from, to, type)) return false;
    this.pduType = type;
    const end = this.#end;
    switch (type) {
      case REQUEST:
      case RESPONSE:
        this.isRequest = type === REQUEST;
        if (!this.#invokeId(buf, this.#at, end, INTEGER)) return false;
        // Modifiers may stand in front of the service.
        while (this.#at < end && buf[this.#at] === ITEM) {
          if (!this.#element(buf, this.#at, end, ITEM)) return false;
          this.#at = this.#end;
        }
        this.service = tagNumber(buf, this.#at, end);
        this.operation = serviceOperation(this.service);
        // Some servers answer with the number alone.
        return this.service >= 0 || type === RESPONSE;
      case ERROR:
      case REJECT:
        this.isRequest = false;
        this.rejection = 'failed';
        this.operation = OPERATION.reject;
        // A reject may leave the number out.
        return this.#invokeId(buf, this.#at, end, INVOKE_ID_OF_ERROR) || type === REJECT;
      case UNCONFIRMED:
        this.isRequest = false;
        this.operation = OPERATION.informationReport;
        return true;
      case 133:
      case 134:
      case 167:
        this.isRequest = type === 133;
        this.operation = OPERATION.cancel;
        return true;
      case 139:
      case 140:
      case 173:
        this.isRequest = type === 139;
        this.operation = OPERATION.conclude;
        return true;
      default:
        this.isRequest = type === 168;
        this.operation = OPERATION.associate;
        return true;
    }
  }

  #invokeId(buf: Uint8Array, from: number, to: number, tag: number): boolean {
    if (!this.#element(buf, from, to, tag) || this.#end - this.#at > 5 || this.#end === this.#at) return false;
    let value = 0;
    for (let at = this.#at; at < this.#end; at++) value = value * 256 + buf[at]!;
    this.invokeId = value;
    this.#at = this.#end;
    return true;
  }

  /** Enters the element at `from`, of definite length, if it has this tag and ends before `to`. */
  #element(buf: Uint8Array, from: number, to: number, tag: number): boolean {
    if (to - from < 2 || buf[from] !== tag) return false;
    let length = buf[from + 1]!;
    let at = from + 2;
    if (length >= 0x80) {
      const bytes = length & 0x7f;
      if (bytes < 1 || bytes > 4 || at + bytes > to) return false;
      length = 0;
      for (const end = at + bytes; at < end; at++) length = length * 256 + buf[at]!;
    }
    if (at + length > to) {
      if (!this.isPartial) return false;
      length = to - at;
    }
    this.#at = at;
    this.#end = at + length;
    return true;
  }
}

/** Number of a context tag; -1 where there is none. Numbers above 30 take a second byte. */
function tagNumber(buf: Uint8Array, at: number, to: number): number {
  if (at >= to || buf[at]! < 0x80) return -1;
  const low = buf[at]! & MORE_TAG;
  if (low < MORE_TAG) return low;
  return at + 1 < to && buf[at + 1]! < 0x80 ? buf[at + 1]! : -1;
}

function sessionOperation(session: string): Operation {
  switch (session) {
    case 'connect':
    case 'accept':
    case 'refuse':
      return OPERATION.associate;
    case 'finish':
    case 'disconnect':
      return OPERATION.release;
    case 'abort':
      return OPERATION.abort;
    default:
      return OPERATION.unread;
  }
}
