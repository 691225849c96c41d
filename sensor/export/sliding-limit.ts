/** A little more than a second: messages bunch on their way, and the receiver counts by its own clock. */
export const WINDOW_MS = 1050;

/** Lets at most so many through in any second, at whatever moment it begins. Times are of a monotonic clock, milliseconds. */
export class SlidingLimit {
  readonly #perSecond: number;
  readonly #taken: { at: number; amount: number }[] = [];
  #inSecond = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** How many may go now. */
  room(now: number): number {
    for (let first = this.#taken[0]; first && now - first.at >= WINDOW_MS; first = this.#taken[0]) {
      this.#inSecond -= first.amount;
      this.#taken.shift();
    }
    return Math.max(0, this.#perSecond - this.#inSecond);
  }

  took(amount: number, now: number): void {
    this.#taken.push({ at: now, amount });
    this.#inSecond += amount;
  }

  /** Until the next may go; infinite while some may go now. */
  waitMs(now: number): number {
    const first = this.#taken[0];
    return this.room(now) > 0 || !first ? Number.POSITIVE_INFINITY : Math.max(1, first.at + WINDOW_MS - now);
  }
}
