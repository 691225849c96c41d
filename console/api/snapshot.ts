import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ConsoleContext } from './context.js';

/** A portion small enough that other requests wait no more than some milliseconds for it. */
export const PORTION = 250;
const MIN_AGE_MS = 2000;
/** Making it may take at most this part of the time. */
const SHARE = 0.1;

/** What a snapshot is made from. */
export type SnapshotSources = Pick<ConsoleContext, 'findings' | 'log'>;

/**
 * Something made of the whole store, kept until the store has changed. While it is made anew, in portions, the one
 * before is answered: a map that is some seconds old is worth more than a console that stands still.
 */
export class Snapshot<T> {
  readonly #context: SnapshotSources;
  readonly #make: (turn: () => Promise<void>) => Promise<T>;
  readonly #renewed: ((before: T, now: T) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #value: T | undefined;
  #revision = -1;
  #earliest = 0;
  #running: Promise<T> | null = null;

  /** `renewed` is told when whoever got the one before would get another one now. */
  constructor(
    context: SnapshotSources,
    make: (turn: () => Promise<void>) => Promise<T>,
    renewed?: (before: T, now: T) => void,
  ) {
    this.#context = context;
    this.#make = make;
    this.#renewed = renewed;
  }

  async get(): Promise<T> {
    const revision = this.#context.findings.revision();
    const wait = this.#earliest - performance.now();
    if (revision !== this.#revision && this.#running === null) {
      if (wait <= 0) this.#running = this.#renew(revision);
      else if (this.#renewed !== undefined) this.#renewLater(wait);
    }
    if (this.#value !== undefined) return this.#value;
    return this.#running ?? this.#renew(revision);
  }

  /** Somebody was given an old one, and is to be told of the new one without asking again. */
  #renewLater(wait: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.warm();
    }, wait + 1);
    this.#timer.unref();
  }

  /** Begins to make it, so that who asks first need not wait for all of it. */
  warm(): void {
    // Whoever asks is told what went wrong.
    this.get().catch(() => {});
  }

  async #renew(revision: number): Promise<T> {
    const startedAt = performance.now();
    try {
      const value = await this.#make(async () => {
        await nextTurn();
      });
      const before = this.#value;
      this.#value = value;
      this.#revision = revision;
      if (before !== undefined) this.#renewed?.(before, value);
      return value;
    } catch (error) {
      // Whoever waits for the first one is told; later ones are tried again with the next request.
      if (this.#value === undefined) throw error;
      this.#context.log(`snapshot: ${error instanceof Error ? error.message : String(error)}`);
      return this.#value;
    } finally {
      const took = performance.now() - startedAt;
      this.#earliest = performance.now() + Math.max(MIN_AGE_MS, took / SHARE);
      this.#running = null;
    }
  }
}
