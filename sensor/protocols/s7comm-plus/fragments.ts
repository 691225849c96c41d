import type { Kept, SharedBudget } from '../_shared/shared-budget.js';

/** Largest message that is put together, and most parts of one: a program download fills some hundred kilobytes. */
const MAX_MESSAGE = 1 << 20;
const MAX_PARTS = 1024;

/** The parts of one direction's message, without their headers and digests. */
export class Fragments implements Kept {
  /** Bytes that are held. */
  cost = 0;
  readonly #budget: SharedBudget;
  #buf: Uint8Array = new Uint8Array(0);
  #length = 0;
  #isDropped = false;
  parts = 0;

  constructor(budget: SharedBudget) {
    this.#budget = budget;
  }

  get buf(): Uint8Array {
    return this.#buf;
  }

  get length(): number {
    return this.#length;
  }

  /** False: the message becomes longer than any that is put together, or had to make room for others. */
  add(buf: Uint8Array, from: number, to: number): boolean {
    const needed = this.#length + (to - from);
    if (this.#isDropped || needed > MAX_MESSAGE || this.parts >= MAX_PARTS) return false;
    if (this.#buf.length < needed) {
      const grown = new Uint8Array(Math.min(MAX_MESSAGE, Math.max(4096, needed * 2)));
      grown.set(this.#buf.subarray(0, this.#length));
      if (this.cost === 0) this.#budget.add(this);
      this.#budget.grow(this, grown.length - this.#buf.length);
      this.#buf = grown;
    }
    this.#buf.set(buf.subarray(from, to), this.#length);
    this.#length = needed;
    this.parts++;
    return true;
  }

  clear(): void {
    this.#budget.remove(this);
    this.cost = 0;
    this.#buf = new Uint8Array(0);
    this.#length = 0;
    this.#isDropped = false;
    this.parts = 0;
  }

  /** What follows is no beginning of a message: `add` says that this one is lost. */
  drop(): void {
    this.#buf = new Uint8Array(0);
    this.#length = 0;
    this.#isDropped = true;
  }
}
