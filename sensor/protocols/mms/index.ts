import type { Operation } from '../../model/operation.js';
import type { Micros } from '../../model/time.js';
import type { CarriedProtocol, CarriedSession } from '../_shared/carried-protocol.js';
import type { Orientation, PduSink, Side } from '../dissector.js';
import { carriesUserData, MmsPdu, opensMms } from './pdu.js';
import { MMS_PROTOCOL } from './protocol.js';
import { OPERATION } from './services.js';

/** Requests in flight on one connection. */
const MAX_PENDING = 64;

interface Pending {
  readonly operation: Operation;
  readonly number: number;
  readonly timestamp: Micros;
}

/** MMS of IEC 61850 and ICCP: recognised, and named by service; what it reads and writes is not decoded. */
export function createMms(): CarriedProtocol {
  const pdu = new MmsPdu();
  return {
    protocol: MMS_PROTOCOL,
    recognises: (buf, from, to) => opensMms(buf, from, to) || carriesUserData(buf, from, to),
    open: (orientation) => new MmsSession(orientation, pdu),
  };
}

class MmsSession implements CarriedSession {
  readonly #orientation: Orientation;
  /** The message being reported; shared by all sessions. */
  readonly #pdu: MmsPdu;
  readonly #pending = new Map<number, Pending>();
  readonly #isAfterGap: [boolean, boolean] = [false, false];

  constructor(orientation: Orientation, pdu: MmsPdu) {
    this.#orientation = orientation;
    this.#pdu = pdu;
  }

  tsdu(side: Side, buf: Uint8Array, from: number, to: number, at: number, isCut: boolean, sink: PduSink): void {
    const pdu = this.#pdu;
    pdu.from = at;
    pdu.isPartial = isCut || this.#isAfterGap[side];
    this.#isAfterGap[side] = false;
    pdu.parse(buf, from, to);
    if (!this.#orientation.clientIsCertain && (pdu.isConfirmedRequest || pdu.isAnswer)) {
      sink.orient(pdu.isConfirmedRequest ? side : side === 0 ? 1 : 0);
    }
    pdu.fromClient = side === this.#orientation.client;
    if (pdu.isConfirmedRequest) this.#ask(at, sink);
    else if (pdu.isAnswer) this.#answer();
    sink.pdu(pdu);
  }

  gap(side: Side): void {
    this.#isAfterGap[side] = true;
  }

  alternative(side: Side, buf: Uint8Array, from: number, to: number, at: number, sink: PduSink): void {
    const pdu = this.#pdu;
    pdu.from = at;
    pdu.isPartial = false;
    pdu.parse(buf, from, to);
    pdu.fromClient = side === this.#orientation.client;
    sink.pdu(pdu);
  }

  #ask(at: number, sink: PduSink): void {
    const { invokeId, operation } = this.#pdu;
    if (this.#pending.size >= MAX_PENDING) {
      const oldest = this.#pending.keys().next();
      if (!oldest.done) this.#pending.delete(oldest.value);
    }
    this.#pending.set(invokeId, { operation, number: sink.numberOf(at), timestamp: sink.timeOf(at) });
  }

  #answer(): void {
    const pdu = this.#pdu;
    const request = this.#pending.get(pdu.invokeId);
    if (request === undefined) {
      if (pdu.service < 0) pdu.operation = OPERATION.answer;
      return;
    }
    this.#pending.delete(pdu.invokeId);
    pdu.requestNumber = request.number;
    pdu.requestTimestamp = request.timestamp;
    if (pdu.service < 0) pdu.operation = request.operation;
  }
}
