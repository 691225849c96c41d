import { formatTimestamp, MICROS_PER_SECOND, type Micros, parseTimestamp } from '../model/time.js';

const WINDOW: Micros = 10 * MICROS_PER_SECOND;

/** Whether something comes faster than a person makes it. */
export class Pace {
  readonly #limit: number;
  #since: Micros = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** `limit`: so many within ten seconds no person makes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** One more. Returns true once they come faster than a person works. */
  count(at: Micros): boolean {
    // A capture may be older than the one before it.
    if (!(Math.abs(at - this.#since) <= WINDOW)) {
      this.#since = at;
      this.#count = 0;
    }
    return ++this.#count === this.#limit;
  }

  get isHurried(): boolean {
    return this.#count >= this.#limit;
  }

  toRecord(): { since: string; count: number } | undefined {
    return this.#count === 0 ? undefined : { since: formatTimestamp(this.#since), count: this.#count };
  }

  restore({ since, count }: { since: string; count: number }): void {
    this.#since = parseTimestamp(since);
    this.#count = count;
  }
}
