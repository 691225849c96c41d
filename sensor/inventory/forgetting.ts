import type { Micros } from '../model/time.js';

/** Somebody the inventory can do without. */
export interface Forgettable {
  readonly lastSeen: Micros;
  /** The less, the sooner it is forgotten; null: never. */
  readonly worth: number | null;
}

/** At once, so that looking for them costs little for each. */
const PART = 10;

/**
 * A tenth of them, to make room for others: those worth least, of these the ones that were quiet longest. Invented
 * addresses speak once and never again, so they are what goes, and who is really there stays or comes back.
 */
export function leastWorth<T extends Forgettable>(all: Iterable<T>, size: number): T[] {
  const candidates: { readonly one: T; readonly worth: number }[] = [];
  for (const one of all) {
    const { worth } = one;
    if (worth !== null) candidates.push({ one, worth });
  }
  candidates.sort((a, b) => a.worth - b.worth || a.one.lastSeen - b.one.lastSeen);
  return candidates.slice(0, Math.ceil(size / PART)).map(({ one }) => one);
}
