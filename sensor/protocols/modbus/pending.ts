import { MICROS_PER_SECOND, type Micros } from '../../model/time.js';
import type { ModbusPdu } from './pdu.js';

/** Requests in flight on one connection; real clients have one to a few. */
const MAX_PENDING = 64;
/** That many unanswered requests within this time are a flood; over a longer time the device is merely silent. */
const FLOOD_WINDOW: Micros = 10 * MICROS_PER_SECOND;

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
    this.#requests.push(entry);
    return isSound;
  }

  /** The oldest request of the same transaction, unit and function; else one of the same transaction and unit. */
  take(pdu: ModbusPdu): PendingRequest | null {
    const requests = this.#requests;
    let other = -1;
    for (let index = 0; index < requests.length; index++) {
      const request = requests[index]!;
      if (request.transactionId !== pdu.transactionId || request.unit !== pdu.unit) continue;
      if (request.functionCode === pdu.functionCode) return this.#remove(index);
      if (other < 0) other = index;
    }
    return other < 0 ? null : this.#remove(other);
  }

  clear(): void {
    this.#requests.length = 0;
  }

  #remove(index: number): PendingRequest {
    const request = this.#requests[index]!;
    if (index === 0) this.#requests.shift();
    else this.#requests.splice(index, 1);
    // Read by the caller at once, overwritten by a later `add`.
    if (this.#spare.length < 4) this.#spare.push(request);
    return request;
  }
}
