import type { Operation } from '../../model/operation.js';
import { MICROS_PER_SECOND, type Micros } from '../../model/time.js';
import type { Side } from '../dissector.js';
import { AddressList } from './items.js';
import type { S7commPdu } from './pdu.js';

/** Requests in flight on one connection; controllers agree to at most a few at once. */
const MAX_PENDING = 32;
/** That many unanswered requests within this time are a flood; over a longer time the controller is merely silent. */
const FLOOD_WINDOW: Micros = 10 * MICROS_PER_SECOND;

/** What an answer needs to know of its request. */
export class PendingRequest {
  side: Side = 0;
  isUserdata = false;
  reference = 0;
  functionCode = -1;
  group = -1;
  subfunction = -1;
  operation!: Operation;
  readonly addresses = new AddressList();
  number = 0;
  timestamp: Micros = 0;
}

/** Unanswered requests of a connection, oldest first; both sides ask. Entries are recycled. */
export class PendingRequests {
  readonly #requests: PendingRequest[] = [];
  readonly #spare: PendingRequest[] = [];

  /** Returns false when the client floods the server. */
  add(pdu: S7commPdu, side: Side, number: number, timestamp: Micros): boolean {
    let isSound = true;
    let entry = this.#spare.pop();
    if (this.#requests.length >= MAX_PENDING) {
      const oldest = this.#requests.shift()!;
      isSound = timestamp - oldest.timestamp > FLOOD_WINDOW;
      entry = oldest;
    }
    entry ??= new PendingRequest();
    entry.side = side;
    entry.isUserdata = pdu.group >= 0;
    entry.reference = pdu.reference;
    entry.functionCode = pdu.functionCode;
    entry.group = pdu.group;
    entry.subfunction = pdu.subfunction;
    entry.operation = pdu.operation;
    entry.addresses.copyFrom(pdu.addresses);
    entry.number = number;
    entry.timestamp = timestamp;
    this.#requests.push(entry);
    return isSound;
  }

  /**
   * The request of the other side that an answer, completed by packet `number`, belongs to: same kind and reference.
   * Where references repeat, the latest of the same function is meant; the ones before it were never answered.
   */
  take(pdu: S7commPdu, side: Side, number: number): PendingRequest | null {
    const requests = this.#requests;
    const isUserdata = pdu.group >= 0;
    let chosen = -1;
    for (let index = requests.length - 1; index >= 0; index--) {
      const request = requests[index]!;
      const isPair =
        request.reference === pdu.reference &&
        request.side !== side &&
        request.isUserdata === isUserdata &&
        request.number <= number;
      if (!isPair) continue;
      if (chosen < 0) chosen = index;
      if (isSameFunction(request, pdu)) {
        chosen = index;
        break;
      }
    }
    if (chosen < 0) return null;
    const request = requests[chosen]!;
    let kept = 0;
    for (let index = 0; index < requests.length; index++) {
      const other = requests[index]!;
      const isDone =
        index === chosen || (index < chosen && other.reference === pdu.reference && other.side === request.side);
      if (!isDone) requests[kept++] = other;
      else if (this.#spare.length < 4) this.#spare.push(other);
    }
    requests.length = kept;
    // Read by the caller at once, overwritten by a later `add`.
    return request;
  }

  clear(): void {
    this.#requests.length = 0;
  }
}

/** A refusal names no function: it answers whatever was asked. */
export function isSameFunction(request: PendingRequest, pdu: S7commPdu): boolean {
  if (pdu.group >= 0) return request.group === pdu.group && request.subfunction === pdu.subfunction;
  return pdu.functionCode < 0 || request.functionCode === pdu.functionCode;
}
