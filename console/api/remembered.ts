/**
 * Answers that are read, not watched: one made a moment ago is good enough for all who ask for the same. An older one is
 * given at once while a new one is made for whoever asks next.
 */
export class Remembered<T> {
  readonly #freshMs: number;
  readonly #staleMs: number;
  readonly #most: number;
  readonly #made = new Map<string, { readonly at: number; renewAt: number; readonly answer: Promise<T> }>();

  /** `fresh` and `stale` in milliseconds; at most `most` answers are kept. */
  constructor(fresh: number, stale: number, most: number) {
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
      return known.answer;
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
