const FREE_FAILURES = 4;
const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 15 * 60_000;
const MAX_KEYS = 10_000;

/**
 * Whose tries count together: an IPv4 address, or the /64 of an IPv6 one, because whoever has one address of a network
 * can use all of them.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1] ?? '';
  if (!address.includes(':')) return address;
  const [bare = ''] = address.split('%', 1);
  const [head = '', tail] = bare.toLowerCase().split('::', 2);
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? 0 : tail.split(':').length;
    while (groups.length < 8 - after) groups.push('0');
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}

interface Entry {
  failures: number;
  until: number;
}

/**
 * Slows down guessing: from the fifth failure of a key on it must wait, twice as long each time, up to 15 minutes.
 * Never a lock for good, because then anyone could lock a person out.
 */
export class FailureThrottle {
  readonly #entries = new Map<string, Entry>();

  /** Milliseconds to wait; 0 when the key may try. */
  delay(key: string, now: number): number {
    // A clock that was set back must not make the wait longer than it can be.
    return Math.min(Math.max(0, (this.#entries.get(key)?.until ?? 0) - now), MAX_DELAY_MS);
  }

  fail(key: string, now: number): void {
    const failures = (this.#entries.get(key)?.failures ?? 0) + 1;
    const delay = Math.min(FIRST_DELAY_MS * 2 ** (failures - FREE_FAILURES - 1), MAX_DELAY_MS);
    this.#remember(key, { failures, until: failures > FREE_FAILURES ? now + delay : 0 });
  }

  succeed(key: string): void {
    this.#entries.delete(key);
  }

  #remember(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    forgetOldest(this.#entries);
  }
}

/** At most `perMinute` at a time and on average; keys are forgotten oldest first. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Seconds to wait; 0 when it may go on. */
  take(key: string, now: number): number {
    const bucket = this.#buckets.get(key) ?? { left: this.#perMinute, at: now };
    const refill = (Math.max(0, now - bucket.at) / 60_000) * this.#perMinute;
    const left = Math.min(this.#perMinute, bucket.left + refill);
    this.#buckets.delete(key);
    this.#buckets.set(key, { left: left >= 1 ? left - 1 : left, at: now });
    forgetOldest(this.#buckets);
    return left >= 1 ? 0 : Math.ceil(((1 - left) * 60) / this.#perMinute);
  }
}

function forgetOldest(entries: Map<string, unknown>): void {
  if (entries.size <= MAX_KEYS) return;
  for (const key of entries.keys()) {
    entries.delete(key);
    return;
  }
}

/** At most so many at a time; so many more wait for their turn, in order. */
export class Turnstile {
  readonly #waiting: (() => void)[] = [];
  readonly #most: number;
  readonly #mostWaiting: number;
  #inside = 0;

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** Call what comes back when done, as often as you like. Null: too many wait already. */
  async enter(): Promise<(() => void) | null> {
    if (this.#inside >= this.#most) {
      if (this.#waiting.length >= this.#mostWaiting) return null;
      // The place passes from who leaves to who waits.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#inside++;
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      const next = this.#waiting.shift();
      if (next) next();
      else this.#inside--;
    };
  }
}
