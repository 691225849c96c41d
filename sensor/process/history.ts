import type { VariableHistory } from '../model/records.js';
import { formatTimestamp, MICROS_PER_SECOND, type Micros, parseTimestamp } from '../model/time.js';

/** Points over the whole time, and as many latest changes. */
export const HISTORY_POINTS = 64;
const FIRST_STEP: Micros = MICROS_PER_SECOND;
const FIRST_SIZE = 8;

/** Numbers that grow to `HISTORY_POINTS`: most variables change seldom or never. */
function grown(numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const next = new Float64Array(Math.min(HISTORY_POINTS, numbers.length * 2));
  next.set(numbers);
  return next;
}

/**
 * What a number was: over its whole life in at most 64 points of equal length, which double when there is no room for
 * another; and its last 64 changes exactly. A value holds until the next point.
 */
export class History {
  #step = FIRST_STEP;
  #size = 0;
  #at = new Float64Array(FIRST_SIZE);
  #min = new Float64Array(FIRST_SIZE);
  #max = new Float64Array(FIRST_SIZE);
  #last = new Float64Array(FIRST_SIZE);
  #changes = 0;
  #changeAt = new Float64Array(FIRST_SIZE);
  #changeTo = new Float64Array(FIRST_SIZE);

  add(at: Micros, value: number): void {
    this.#addChange(at, value);
    while (this.#size === HISTORY_POINTS && !this.#belongsToLatest(at)) this.#double();
    if (this.#belongsToLatest(at)) this.#join(this.#size - 1, value, value, value);
    else this.#push(Math.floor(at / this.#step) * this.#step, value, value, value);
  }

  toRecord(): VariableHistory {
    const points: [string, number, number, number][] = [];
    for (let place = 0; place < this.#size; place++) {
      points.push([formatTimestamp(this.#at[place]!), this.#min[place]!, this.#max[place]!, this.#last[place]!]);
    }
    const changes: [string, number][] = [];
    for (let place = Math.max(0, this.#changes - HISTORY_POINTS); place < this.#changes; place++) {
      const slot = place % HISTORY_POINTS;
      changes.push([formatTimestamp(this.#changeAt[slot]!), this.#changeTo[slot]!]);
    }
    return { step_seconds: this.#step / MICROS_PER_SECOND, points, changes };
  }

  restore(record: VariableHistory): void {
    this.#step = record.step_seconds * MICROS_PER_SECOND;
    for (const [at, min, max, last] of record.points.slice(0, HISTORY_POINTS)) {
      this.#push(parseTimestamp(at), min, max, last);
    }
    for (const [at, value] of record.changes) this.#addChange(parseTimestamp(at), value);
  }

  /** A packet from the past belongs there as well: points are in order. */
  #belongsToLatest(at: Micros): boolean {
    return this.#size > 0 && at < this.#at[this.#size - 1]! + this.#step;
  }

  #push(at: Micros, min: number, max: number, last: number): void {
    if (this.#size === this.#at.length) {
      this.#at = grown(this.#at);
      this.#min = grown(this.#min);
      this.#max = grown(this.#max);
      this.#last = grown(this.#last);
    }
    const place = this.#size++;
    this.#at[place] = at;
    this.#min[place] = min;
    this.#max[place] = max;
    this.#last[place] = last;
  }

  #join(place: number, min: number, max: number, last: number): void {
    if (min < this.#min[place]!) this.#min[place] = min;
    if (max > this.#max[place]!) this.#max[place] = max;
    this.#last[place] = last;
  }

  #double(): void {
    this.#step *= 2;
    const size = this.#size;
    this.#size = 0;
    for (let place = 0; place < size; place++) {
      const at = Math.floor(this.#at[place]! / this.#step) * this.#step;
      const min = this.#min[place]!;
      const max = this.#max[place]!;
      const last = this.#last[place]!;
      if (this.#belongsToLatest(at)) this.#join(this.#size - 1, min, max, last);
      else this.#push(at, min, max, last);
    }
  }

  #addChange(at: Micros, value: number): void {
    const slot = this.#changes++ % HISTORY_POINTS;
    if (slot >= this.#changeAt.length) {
      this.#changeAt = grown(this.#changeAt);
      this.#changeTo = grown(this.#changeTo);
    }
    this.#changeAt[slot] = at;
    this.#changeTo[slot] = value;
  }
}
