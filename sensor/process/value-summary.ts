import type { BaselineVariable } from '../model/baseline-document.js';
import type { ValueSummaryRecord, VariableKind, VariableValue } from '../model/records.js';
import { formatTimestamp, MICROS_PER_SECOND, type Micros, parseTimestamp } from '../model/time.js';
import type { VariableType } from '../model/variable.js';

/** Up to so many values are states, each with a meaning of its own; more are a quantity (SIMPLE, ESORICS 2022). */
export const MAX_STATES = 10;
/** Different values that are told apart. */
export const MAX_DISTINCT = 32;
/** What a person has written into a file without saying what it rests on counts as well known. */
const DECLARED_SAMPLES = 1000;
const DECLARED_SECONDS = 86_400;
/** Changes from which on a number that only grows is a counter. */
const MIN_COUNTER_CHANGES = 8;

/** Values that followed each other, summed up. */
export class ValueSummary {
  samples = 0;
  since: Micros = Number.NaN;
  until: Micros = Number.NaN;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  maxStep = 0;
  increases = 0;
  decreases = 0;
  maxFlat: Micros = 0;
  /** Time watched before the present session, without the gaps between sessions. */
  #watchedBefore: Micros = 0;
  #sessionSince: Micros = Number.NaN;
  #sessionUntil: Micros = Number.NaN;
  /** Its values are too many to be listed, as far as a file says. */
  #isMany = false;
  /** The first different ones. */
  readonly values: VariableValue[] = [];
  /** Of these, as far as they are states: how often each was left again, and after how long at most. */
  #left: number[] = [];
  #longest: Micros[] = [];

  static of(record: ValueSummaryRecord): ValueSummary {
    const summary = new ValueSummary();
    summary.samples = record.samples;
    summary.since = parseTimestamp(record.since);
    summary.until = parseTimestamp(record.until);
    if (record.min !== undefined) summary.min = record.min;
    if (record.max !== undefined) summary.max = record.max;
    summary.maxStep = record.max_step;
    summary.increases = record.increases;
    summary.decreases = record.decreases;
    summary.maxFlat = record.max_flat_seconds * MICROS_PER_SECOND;
    summary.values.push(...record.values.slice(0, MAX_DISTINCT));
    for (const [times, seconds] of record.dwells ?? []) {
      summary.#left.push(times);
      summary.#longest.push(seconds * MICROS_PER_SECOND);
    }
    summary.#isMany = record.values.length <= MAX_STATES && record.many === true;
    const watched = record.watched_seconds;
    summary.#watchedBefore = watched === undefined ? summary.until - summary.since : watched * MICROS_PER_SECOND;
    return summary;
  }

  clone(): ValueSummary {
    const copy = Object.assign(new ValueSummary(), this, { values: [...this.values] });
    copy.#isMany = this.#isMany;
    copy.#left = [...this.#left];
    copy.#longest = [...this.#longest];
    copy.#watchedBefore = this.#watchedBefore;
    copy.#sessionSince = this.#sessionSince;
    copy.#sessionUntil = this.#sessionUntil;
    return copy;
  }

  /** Takes in what a file says of the same variable: what was normal there is normal here. */
  widen(one: BaselineVariable): void {
    if (one.min !== undefined && one.min < this.min) this.min = one.min;
    if (one.max !== undefined && one.max > this.max) this.max = one.max;
    this.maxStep = Math.max(this.maxStep, one.max_step);
    this.maxFlat = Math.max(this.maxFlat, (one.max_flat_seconds ?? 0) * MICROS_PER_SECOND);
    this.samples = Math.max(this.samples, one.samples ?? DECLARED_SAMPLES);
    this.increases = Math.max(this.increases, one.increases ?? 0);
    this.decreases = Math.max(this.decreases, one.decreases ?? 0);
    const watched = (one.watched_seconds ?? DECLARED_SECONDS) * MICROS_PER_SECOND;
    this.#watchedBefore = Math.max(this.#watchedBefore, watched);
    this.#isMany ||= one.values.length === 0 && (one.kind === 'analogue' || one.kind === 'counter');
    for (const value of one.values) {
      if (this.values.length < MAX_DISTINCT && !this.values.includes(value)) this.values.push(value);
    }
  }

  /** More values than there are states. */
  get isMany(): boolean {
    return this.#isMany || this.values.length > MAX_STATES;
  }

  value(value: number, text: string | null): void {
    if (Number.isFinite(value)) {
      if (value < this.min) this.min = value;
      if (value > this.max) this.max = value;
    }
    const { values } = this;
    if (values.length >= MAX_DISTINCT) return;
    const exact = text ?? value;
    if (!values.includes(exact)) values.push(exact);
  }

  /** `flat`: how long it had kept the value before; `text`: what that value was, where it is no number. */
  change(from: number, text: string | null, to: number, flat: Micros): void {
    this.#leave(text ?? from, flat);
    const step = to - from;
    if (step > 0) this.increases++;
    else if (step < 0) this.decreases++;
    const size = Math.abs(step);
    if (size > this.maxStep) this.maxStep = size;
    if (flat > this.maxFlat) this.maxFlat = flat;
  }

  #leave(value: VariableValue, after: Micros): void {
    const { values } = this;
    if (values.length > MAX_STATES) return;
    const state = values.indexOf(value);
    if (state < 0) return;
    this.#left[state] = (this.#left[state] ?? 0) + 1;
    if (!(after <= (this.#longest[state] ?? Number.NaN))) this.#longest[state] = after;
  }

  /** How often this state was left again, and after how long at most; null where it never was, or is no state. */
  dwell(value: VariableValue): { readonly times: number; readonly longest: Micros } | null {
    const state = this.isMany ? -1 : this.values.indexOf(value);
    const times = this.#left[state];
    return times === undefined ? null : { times, longest: this.#longest[state] ?? 0 };
  }

  carried(times: number, first: Micros, last: Micros): void {
    this.samples += times;
    if (!(first >= this.since)) this.since = first;
    if (!(last <= this.until)) this.until = last;
    if (!(first >= this.#sessionSince)) this.#sessionSince = first;
    if (!(last <= this.#sessionUntil)) this.#sessionUntil = last;
  }

  /** How long it was watched: two captures of an hour from different days are two hours. */
  get watched(): Micros {
    const session = this.#sessionUntil - this.#sessionSince;
    return this.#watchedBefore + (Number.isNaN(session) ? 0 : session);
  }

  /** The sensor saw nothing for a while: what follows is another session. */
  pause(): void {
    this.#watchedBefore = this.watched;
    this.#sessionSince = Number.NaN;
    this.#sessionUntil = Number.NaN;
  }

  kind(type: VariableType): VariableKind {
    const { values } = this;
    if (this.#isMany) return this.decreases === 0 && this.increases >= MIN_COUNTER_CHANGES ? 'counter' : 'analogue';
    if (values.length <= 1) return 'constant';
    if (type === 'bit') return 'binary';
    if (this.decreases === 0 && this.increases >= MIN_COUNTER_CHANGES) return 'counter';
    if (values.length === 2 && values.includes(0) && values.includes(1)) return 'binary';
    const areStates = values.every((value) => typeof value === 'string' || Number.isInteger(value));
    return areStates && values.length <= MAX_STATES ? 'enumeration' : 'analogue';
  }

  toRecord(type: VariableType): ValueSummaryRecord {
    return {
      kind: this.kind(type),
      samples: this.samples,
      since: formatTimestamp(Number.isNaN(this.since) ? 0 : this.since),
      until: formatTimestamp(Number.isNaN(this.until) ? 0 : this.until),
      ...(this.min <= this.max ? { min: this.min, max: this.max } : {}),
      max_step: Number.isFinite(this.maxStep) ? this.maxStep : 0,
      values: [...this.values],
      increases: this.increases,
      decreases: this.decreases,
      max_flat_seconds: this.maxFlat / MICROS_PER_SECOND,
      watched_seconds: this.watched / MICROS_PER_SECOND,
      ...(this.#left.length > 0 && !this.isMany
        ? {
            dwells: this.values.map((_, state): [number, number] => [
              this.#left[state] ?? 0,
              (this.#longest[state] ?? 0) / MICROS_PER_SECOND,
            ]),
          }
        : {}),
      ...(this.#isMany ? { many: true } : {}),
    };
  }
}
