import type { Micros } from '../../model/time.js';

/** What was counted for one key within its window. */
export interface Tally {
  since: Micros;
  /** All, repetitions included. */
  count: number;
  readonly items: Set<number | string>;
}

const MAX_KEYS = 4096;
const MAX_ITEMS = 256;

/**
 * Counts different things per key within a window of time that begins with the first of them. Bounded: the key that
 * began longest ago is forgotten first.
 */
export class DistinctWindow {
  /** Keys that were forgotten for want of room. */
  forgotten = 0;
  readonly #window: Micros;
  readonly #maxKeys: number;
  readonly #tallies = new Map<string, Tally>();

  constructor(window: Micros, maxKeys = MAX_KEYS) {
    this.#window = window;
    this.#maxKeys = maxKeys;
  }

  /** Something was counted for the key within the window. */
  has(key: string, at: Micros): boolean {
    const tally = this.#tallies.get(key);
    return tally !== undefined && at - tally.since <= this.#window;
  }

  add(key: string, item: number | string, at: Micros): Tally {
    let tally = this.#tallies.get(key);
    if (!tally || at - tally.since > this.#window) {
      if (!tally && this.#tallies.size >= this.#maxKeys) {
        const oldest = this.#tallies.keys().next();
        if (!oldest.done) this.#tallies.delete(oldest.value);
        this.forgotten++;
      }
      tally = { since: at, count: 0, items: new Set() };
      // To the end: the key that began longest ago is the first to go.
      this.#tallies.delete(key);
      this.#tallies.set(key, tally);
    }
    tally.count++;
    if (tally.items.size < MAX_ITEMS) tally.items.add(item);
    return tally;
  }
}
