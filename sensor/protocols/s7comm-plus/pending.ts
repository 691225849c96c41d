import type { Operation } from '../../model/operation.js';
import type { Micros } from '../../model/time.js';
import type { Message } from './message.js';

/** Requests in flight on one connection; real clients have one to a few. */
const MAX_PENDING = 32;
/** Longest list of addresses that is kept for the answer; an answer to a longer one tells its values without names. */
const MAX_ADDRESS_BYTES = 8192;
const MAX_KEPT_IDS = 8;

/** What an answer needs to know of its request. */
export class PendingRequest {
  sequenceNumber = 0;
  functionCode = 0;
  operation: Operation | null = null;
  objectId = -1;
  readonly ids: number[] = [];
  /** The request's addresses as they came. */
  addresses = new Uint8Array(0);
  addressBytes = 0;
  addressCount = 0;
  number = 0;
  timestamp: Micros = 0;
}

/** Unanswered requests of a connection, oldest first. Entries are recycled. */
export class PendingRequests {
  readonly #requests: PendingRequest[] = [];
  readonly #spare: PendingRequest[] = [];

  /** `addressesEnd`: where the message's list of addresses ends. */
  add(message: Message, operation: Operation, number: number, timestamp: Micros): void {
    const entry =
      this.#requests.length >= MAX_PENDING ? this.#requests.shift()! : (this.#spare.pop() ?? new PendingRequest());
    entry.sequenceNumber = message.sequenceNumber;
    entry.functionCode = message.functionCode;
    entry.operation = operation;
    entry.objectId = message.objectId;
    if (entry.ids.length > 0) entry.ids.length = 0;
    for (const id of message.ids) if (entry.ids.length < MAX_KEPT_IDS) entry.ids.push(id);
    this.#keepAddresses(entry, message);
    entry.number = number;
    entry.timestamp = timestamp;
    this.#requests.push(entry);
  }

  /** The request with this number, which goes on waiting. */
  find(sequenceNumber: number): PendingRequest | null {
    return this.#requests.findLast((request) => request.sequenceNumber === sequenceNumber) ?? null;
  }

  /** The request with this number; what it returns is valid until the next `add`. */
  take(sequenceNumber: number): PendingRequest | null {
    const requests = this.#requests;
    for (let index = requests.length - 1; index >= 0; index--) {
      const request = requests[index]!;
      if (request.sequenceNumber !== sequenceNumber) continue;
      if (index === 0) requests.shift();
      else requests.splice(index, 1);
      if (this.#spare.length < 4) this.#spare.push(request);
      return request;
    }
    return null;
  }

  clear(): void {
    this.#requests.length = 0;
  }

  #keepAddresses(entry: PendingRequest, message: Message): void {
    const { addresses } = message;
    entry.addressCount = 0;
    entry.addressBytes = 0;
    if (addresses.count === 0) return;
    const from = addresses.at[0]!;
    const size = message.addressesEnd - from;
    if (size > MAX_ADDRESS_BYTES) return;
    if (entry.addresses.length < size) entry.addresses = new Uint8Array(size);
    entry.addresses.set(message.buf.subarray(from, from + size));
    entry.addressBytes = size;
    entry.addressCount = addresses.count;
  }
}
