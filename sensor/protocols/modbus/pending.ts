import { MICROS_PER_SECOND, type Micros } from '../../model/time.js';
import type { ModbusPdu } from './pdu.js';

/** Requests in flight on one connection; real clients have one to a few. */
const MAX_PENDING = 64;
/** That many unanswered requests within this time are a flood; over a longer time the device is merely silent. */
const FLOOD_WINDOW: Micros = 10 * MICROS_PER_SECOND;
/** Requests with one transaction id within this time were sent together and are answered in order. */
const BURST: Micros = MICROS_PER_SECOND / 20;

/** What an answer needs to know of its request. */
export class PendingRequest {
  transactionId = 0;
  unit = 0;
  functionCode = 0;
  sub = -1;
  address = -1;
  quantity = -1;
  value = -1;
  number = 0;
  timestamp: Micros = 0;
  /** Answers were lost after it was sent, perhaps its own. */
  isDoubtful = false;
}

/** Unanswered requests of a connection, oldest first. Entries are recycled. */
export class PendingRequests {
  readonly #requests: PendingRequest[] = [];
  readonly #spare: PendingRequest[] = [];
  /** Requests that were let go to keep the bound. */
  dropped = 0;

  get size(): number {
    return this.#requests.length;
  }

  /** Returns false when the client floods the server. */
  add(pdu: ModbusPdu, number: number, timestamp: Micros): boolean {
    let isSound = true;
    let entry = this.#spare.pop();
    if (this.#requests.length >= MAX_PENDING) {
      const oldest = this.#requests.shift()!;
      this.dropped++;
      isSound = timestamp - oldest.timestamp > FLOOD_WINDOW;
      entry = oldest;
    }
    entry ??= new PendingRequest();
    entry.transactionId = pdu.transactionId;
    entry.unit = pdu.unit;
    entry.functionCode = pdu.functionCode;
    entry.sub = pdu.sub;
    entry.address = pdu.address;
    entry.quantity = pdu.quantity;
    entry.value = pdu.value;
    entry.number = number;
    entry.timestamp = timestamp;
    entry.isDoubtful = false;
    this.#requests.push(entry);
    return isSound;
  }

  /** Answers are missing: the requests so far may never be answered, as far as we can see. */
  doubt(): void {
    for (const request of this.#requests) request.isDoubtful = true;
  }

  /**
   * The request that a response, completed by packet `number`, answers: same transaction, unit and function; else same
   * transaction and unit. Many clients use one transaction id for ever. Then it is the latest request, as the ones before
   * were never answered, unless several were sent at once: those are answered first in, first out.
   */
  take(pdu: ModbusPdu, number: number): PendingRequest | null {
    const requests = this.#requests;
    let chosen = -1;
    let latest: Micros = 0;
    let hasOlder = false;
    let other = -1;
    for (let index = requests.length - 1; index >= 0; index--) {
      const request = requests[index]!;
      if (request.transactionId !== pdu.transactionId || request.unit !== pdu.unit || request.number > number) continue;
      if (request.functionCode !== pdu.functionCode) other = index;
      else if (chosen < 0) {
        chosen = index;
        latest = request.timestamp;
      } else if (!hasOlder && !request.isDoubtful && latest - request.timestamp <= BURST) chosen = index;
      else hasOlder = true;
    }
    if (chosen < 0) return other < 0 ? null : this.#remove(other);
    const request = this.#remove(chosen);
    if (hasOlder) this.#forgetOlder(request, chosen);
    return request;
  }

  clear(): void {
    this.#requests.length = 0;
  }

  /** Requests of the same transaction that were sent before this one was answered will not be answered any more. */
  #forgetOlder(answered: PendingRequest, before: number): void {
    const { transactionId, unit, functionCode } = answered;
    const requests = this.#requests;
    for (let index = before - 1; index >= 0; index--) {
      const request = requests[index]!;
      if (request.transactionId === transactionId && request.unit === unit && request.functionCode === functionCode) {
        requests.splice(index, 1);
      }
    }
  }

  #remove(index: number): PendingRequest {
    const requests = this.#requests;
    const request = requests[index]!;
    // Most clients have one request in flight: then the first is the last, which costs nothing to take away.
    if (index === requests.length - 1) requests.pop();
    else requests.splice(index, 1);
    // Read by the caller at once, overwritten by a later `add`.
    if (this.#spare.length < 4) this.#spare.push(request);
    return request;
  }
}
