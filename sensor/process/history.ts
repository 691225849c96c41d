import { MICROS_PER_SECOND, type Micros } from '../model/time.js';
import {
  CHANGE_NUMBERS as CHANGE,
  POINT_NUMBERS as POINT,
  packHistory,
  unpackHistory,
} from '../model/variable-history.js';

/** Points over the whole time, and as many latest changes. */
export const HISTORY_POINTS = 64;
const FIRST_STEP: Micros = MICROS_PER_SECOND;
const FIRST_SIZE = 8;

/** Room for more entries, up to `HISTORY_POINTS`: most variables change seldom or never. */
function grown(numbers: Float64Array<ArrayBuffer>, entry: number): Float64Array<ArrayBuffer> {
  const next = new Float64Array(Math.min(HISTORY_POINTS * entry, numbers.length * 2));
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
  // What belongs together stands together: a change of a value then touches two places in memory instead of twelve.
  #points = new Float64Array(FIRST_SIZE * POINT);
  #changes = 0;
  #latest = new Float64Array(FIRST_SIZE * CHANGE);

  add(at: Micros, value: number): void {
    this.#addChange(at, value);
    while (this.#size === HISTORY_POINTS && !this.#belongsToLatest(at)) this.#double();
    if (this.#belongsToLatest(at)) this.#join(value, value, value);
    else this.#push(Math.floor(at / this.#step) * this.#step, value, value, value);
  }

  pack(): Uint8Array {
    const points = this.#points.subarray(0, this.#size * POINT);
    return packHistory(this.#step / MICROS_PER_SECOND, points, this.#changesInOrder());
  }

  restore(packed: Uint8Array): void {
    const numbers = unpackHistory(packed);
    if (numbers === null) return;
    const { stepSeconds, points, changes } = numbers;
    this.#step = stepSeconds * MICROS_PER_SECOND;
    for (let place = 0; place < Math.min(points.length, HISTORY_POINTS * POINT); place += POINT) {
      this.#push(points[place]!, points[place + 1]!, points[place + 2]!, points[place + 3]!);
    }
    for (let place = 0; place < changes.length; place += CHANGE) this.#addChange(changes[place]!, changes[place + 1]!);
  }

  #changesInOrder(): Float64Array {
    const latest = this.#latest;
    if (this.#changes <= HISTORY_POINTS) return latest.subarray(0, this.#changes * CHANGE);
    const oldest = (this.#changes % HISTORY_POINTS) * CHANGE;
    const ordered = new Float64Array(latest.length);
    ordered.set(latest.subarray(oldest));
    ordered.set(latest.subarray(0, oldest), latest.length - oldest);
    return ordered;
  }

  /** A packet from the past belongs there as well: points are in order. */
  #belongsToLatest(at: Micros): boolean {
    return this.#size > 0 && at < this.#points[(this.#size - 1) * POINT]! + this.#step;
  }

  #push(at: Micros, min: number, max: number, last: number): void {
    if (this.#size * POINT === this.#points.length) this.#points = grown(this.#points, POINT);
    const place = this.#size++ * POINT;
    this.#points[place] = at;
    this.#points[place + 1] = min;
    this.#points[place + 2] = max;
    this.#points[place + 3] = last;
  }

  /** Adds to the latest point. */
  #join(min: number, max: number, last: number): void {
    const points = this.#points;
    const place = (this.#size - 1) * POINT;
    if (min < points[place + 1]!) points[place + 1] = min;
    if (max > points[place + 2]!) points[place + 2] = max;
    points[place + 3] = last;
  }

  #double(): void {
    this.#step *= 2;
    const points = this.#points;
    const end = this.#size * POINT;
    this.#size = 0;
    for (let place = 0; place < end; place += POINT) {
      const at = Math.floor(points[place]! / this.#step) * this.#step;
      const min = points[place + 1]!;
      const max = points[place + 2]!;
      const last = points[place + 3]!;
      if (this.#belongsToLatest(at)) this.#join(min, max, last);
      else this.#push(at, min, max, last);
    }
  }

  #addChange(at: Micros, value: number): void {
    const place = (this.#changes++ % HISTORY_POINTS) * CHANGE;
    if (place >= this.#latest.length) this.#latest = grown(this.#latest, CHANGE);
    this.#latest[place] = at;
    this.#latest[place + 1] = value;
  }
}
