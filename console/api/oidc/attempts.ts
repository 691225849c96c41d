import { randomBytes } from 'node:crypto';
import { sameText } from '../../../sensor/store/console/console-store.js';
import type { Attempt } from './provider.js';

const MAX_ATTEMPTS = 1000;
const ATTEMPT_MS = 10 * 60_000;
const MAX_PATH = 1000;

interface Kept {
  readonly attempt: Attempt;
  readonly browser: string;
  readonly returnTo: string;
  readonly begun: number;
}

/** A path of this console, whatever is given: never another host. */
export function ownPath(given: string | undefined): string {
  if (given === undefined || given.length > MAX_PATH || !/^\/[\x21-\x7e]*$/.test(given)) return '/';
  const base = 'http://console.invalid';
  if (!URL.canParse(given, base)) return '/';
  const url = new URL(given, base);
  return url.origin === base && !url.pathname.startsWith('//') ? url.pathname + url.search : '/';
}

/** Sign-ins that went to the service and are not back. Each is good once, for ten minutes, in the browser it began in. */
export class Attempts {
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Returns what the browser keeps, so that nobody can be signed in with a link that somebody else began. */
  keep(attempt: Attempt, returnTo: string): string {
    const browser = randomBytes(32).toString('base64url');
    this.#kept.set(attempt.state, { attempt, browser, returnTo, begun: this.#now() });
    for (const [state, { begun }] of this.#kept) {
      const isOld = Math.abs(this.#now() - begun) > ATTEMPT_MS;
      if (!isOld && this.#kept.size <= MAX_ATTEMPTS) break;
      this.#kept.delete(state);
    }
    return browser;
  }

  /** Null: never begun here, begun in another browser, too old, or used. */
  take(state: string, browser: string): { attempt: Attempt; returnTo: string } | null {
    const kept = this.#kept.get(state);
    if (!kept || !sameText(kept.browser, browser)) return null;
    this.#kept.delete(state);
    return Math.abs(this.#now() - kept.begun) > ATTEMPT_MS ? null : kept;
  }
}
