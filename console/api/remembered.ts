import { setTimeout as pause } from 'node:timers/promises';

/** So long whoever asks waits for a new answer, before the old one has to do. */
const PATIENCE_MS = 1500;

/**
 * Answers that are read, not watched: one made a moment ago is good enough for all who ask for the same. An older one is
 * given only where making a new one takes longer than a person waits; the new one is for whoever asks next.
 */
export class Remembered<T> {
  readonly #patienceMs: number;
  readonly #freshMs: number;
  readonly #staleMs: number;
  readonly #most: number;
  readonly #made = new Map<string, { readonly at: number; renewAt: number; readonly answer: Promise<T> }>();

  /** `fresh`, `stale` and `patience` in milliseconds; at most `most` answers are kept. */
  constructor(fresh: number, stale: number, most: number, patience = PATIENCE_MS) {
    this.#patienceMs = patience;
    this.#freshMs = fresh;
    this.#staleMs = stale;
    this.#most = most;
  }

  get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#made.get(key);
    const now = performance.now();
    if (known !== undefined && now < known.renewAt) return known.answer;
    const answer = make();
    if (known !== undefined && now - known.at < this.#staleMs) {
      // One new answer at a time; the old one does not become younger when it cannot be made.
      known.renewAt = now + this.#freshMs / 2;
      answer.then(
        () => this.#keep(key, answer),
        () => {},
      );
      return Promise.race([answer.catch(() => known.answer), pause(this.#patienceMs, known.answer, { ref: false })]);
    }
    this.#keep(key, answer);
    answer.catch(() => this.#made.delete(key));
    return answer;
  }

  #keep(key: string, answer: Promise<T>): void {
    this.#made.delete(key);
    const at = performance.now();
    this.#made.set(key, { at, renewAt: at + this.#freshMs, answer });
    const [oldest] = this.#made.keys();
    if (this.#made.size > this.#most && oldest !== undefined) this.#made.delete(oldest);
  }
}
