import type { FindingsBatch } from '../store/store.js';

/** Batches that may be on their way to the store at once. When it is slower, what changes meanwhile goes into the next. */
const MAX_IN_FLIGHT = 4;

/**
 * Hands batches to a store that may be slow, fail or be replaced, and keeps each until it is confirmed. Writing a
 * batch twice changes nothing, so after a failure or with a new store everything unconfirmed is sent again in order.
 */
export class BatchSender {
  readonly #inFlight = new Map<number, FindingsBatch>();
  #send: ((id: number, batch: FindingsBatch) => void) | null = null;
  #nextId = 1;
  /** Earliest batch that could not be written since the last sending. */
  #failedFrom: number | null = null;

  /** Batches not confirmed yet. */
  get unconfirmed(): number {
    return this.#inFlight.size;
  }

  /** Whether another batch may be sent now. */
  get ready(): boolean {
    return this.#inFlight.size < MAX_IN_FLIGHT && this.#failedFrom === null;
  }

  /** A store to send to, the first or a new one. */
  connect(send: (id: number, batch: FindingsBatch) => void): void {
    this.#send = send;
    this.resend();
  }

  send(batch: FindingsBatch): void {
    const id = this.#nextId++;
    this.#inFlight.set(id, batch);
    this.#send?.(id, batch);
  }

  confirmed(id: number): void {
    // Only the oldest counts: a later batch that was written before it, perhaps by an earlier sending, must be
    // written again after it, or old records would win.
    const oldest = this.#inFlight.keys().next();
    if (!oldest.done && oldest.value === id) this.#inFlight.delete(id);
  }

  /** The store could not write this batch: nothing new is sent until `resend`. */
  failed(id: number): void {
    this.#failedFrom = Math.min(id, this.#failedFrom ?? id);
  }

  /** Whether something waits to be sent again. */
  get waiting(): boolean {
    return this.#failedFrom !== null;
  }

  resend(): void {
    this.#failedFrom = null;
    for (const [id, batch] of this.#inFlight) this.#send?.(id, batch);
  }
}
