import type { LearningPhase, LearningProgress, ScopeProgress } from '../model/records.js';
import { formatTimestamp, MICROS_PER_SECOND, type Micros } from '../model/time.js';

const HOUR: Micros = 3600 * MICROS_PER_SECOND;
const DAY: Micros = 24 * HOUR;
/** A week with its week-end. */
const MIN_LEARNING: Micros = 7 * DAY;
const QUIET: Micros = 3 * DAY;
/** Of what is known, as much may be new in a day. */
const MAX_NEW_A_DAY = 0.001;

/** Protocols that a progress lists. */
const MAX_SCOPES = 100;

/** Counts what is normal by when it was first seen. */
export class Maturity {
  #known = 0;
  #once = 0;
  #lastHour = 0;
  #lastDay = 0;
  #lastQuiet = 0;
  #since = Number.NaN;
  readonly #scopes = new Map<string, Maturity>();
  readonly #now: Micros;

  constructor(now: Micros) {
    this.#now = now;
  }

  add(firstSeen: Micros, times: number): void {
    this.#known++;
    if (times <= 1) this.#once++;
    const age = this.#now - firstSeen;
    if (age < HOUR) this.#lastHour++;
    if (age < DAY) this.#lastDay++;
    if (age < QUIET) this.#lastQuiet++;
    if (!(firstSeen >= this.#since)) this.#since = firstSeen;
  }

  /** The same, counted for one scope as well: devices, or the conversations of one protocol. */
  addTo(scope: string, firstSeen: Micros, times: number): void {
    this.add(firstSeen, times);
    let own = this.#scopes.get(scope);
    if (!own) {
      if (this.#scopes.size >= MAX_SCOPES) return;
      own = new Maturity(this.#now);
      this.#scopes.set(scope, own);
    }
    own.add(firstSeen, times);
  }

  get #time(): Micros {
    return Number.isNaN(this.#since) ? 0 : this.#now - this.#since;
  }

  get #isRipe(): boolean {
    return this.#time >= MIN_LEARNING && this.#lastQuiet <= MAX_NEW_A_DAY * (QUIET / DAY) * this.#known;
  }

  /** New things in an hour, of the time since it began but at most the last day. */
  get #newPerHour(): number {
    const hours = Math.max(HOUR, Math.min(DAY, this.#time)) / HOUR;
    return Math.round((this.#lastDay / hours) * 100) / 100;
  }

  /** By scope, by name. `isLearning`: whether a scope does. */
  scopes(isLearning: (scope: string) => boolean): ScopeProgress[] {
    return [...this.#scopes]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([scope, own]) => ({
        scope,
        phase: isLearning(scope) ? 'learn' : 'protect',
        since: formatTimestamp(Number.isNaN(own.#since) ? own.#now : own.#since),
        known: own.#known,
        new_last_hour: own.#lastHour,
        new_last_day: own.#lastDay,
        new_per_hour: own.#newPerHour,
        unseen_share: own.#known === 0 ? 1 : Math.round((own.#once / own.#known) * 10_000) / 10_000,
        is_ripe: own.#isRipe,
      }));
  }

  progress(phase: LearningPhase): LearningProgress {
    const known = this.#known;
    const time = this.#time;
    const isRipe = this.#isRipe;
    const share = known === 0 ? 1 : this.#once / known;
    return {
      since: formatTimestamp(Number.isNaN(this.#since) ? this.#now : this.#since),
      known,
      new_last_hour: this.#lastHour,
      new_last_day: this.#lastDay,
      new_per_hour: this.#newPerHour,
      unseen_share: Math.round(share * 10_000) / 10_000,
      is_ripe: isRipe,
      advice: this.#advice(phase, time, isRipe),
    };
  }

  #advice(phase: LearningPhase, time: Micros, isRipe: boolean): string {
    const seen = `${span(time)} seen; ${this.#known} devices, conversations and operations known, ${this.#lastHour} of them new in the last hour, ${this.#lastDay} in the last day`;
    if (phase === 'protect') return `${seen}.`;
    if (isRipe) return `${seen}: hardly anything is new any more, so learning can end (fieldwatch baseline approve).`;
    if (time < MIN_LEARNING) return `${seen}. Learn for at least a week with its week-end before you end it.`;
    return `${seen}. Too much is still new to end it.`;
  }
}

function span(time: Micros): string {
  return time < 2 * DAY ? `${(time / HOUR).toFixed(1)} hours` : `${(time / DAY).toFixed(1)} days`;
}
