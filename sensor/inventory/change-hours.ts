import type { Micros } from '../model/time.js';

const HOURS = 168;
const MICROS_PER_HOUR: Micros = 3_600_000_000;
/** 1970-01-01 was a Thursday. */
const FIRST_HOUR = 4 * 24;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function hourOfWeek(at: Micros): number {
  return (Math.floor(at / MICROS_PER_HOUR) + FIRST_HOUR) % HOURS;
}

/** "Sunday, 03:00 to 04:00 UTC" */
export function hourText(at: Micros): string {
  const hour = hourOfWeek(at);
  const of = (value: number) => `${String(value).padStart(2, '0')}:00`;
  return `${DAYS[Math.floor(hour / 24)]}, ${of(hour % 24)} to ${of((hour % 24) + 1)} UTC`;
}

/** Hours of the week in which something happened: one bit each. */
export class ChangeHours {
  readonly #bits = new Uint8Array(HOURS / 8);

  /** Returns false when this hour is new. */
  has(at: Micros): boolean {
    const hour = hourOfWeek(at);
    return ((this.#bits[hour >> 3]! >> (hour & 7)) & 1) === 1;
  }

  add(at: Micros): void {
    const hour = hourOfWeek(at);
    this.#bits[hour >> 3]! |= 1 << (hour & 7);
  }

  get count(): number {
    let count = 0;
    for (const byte of this.#bits) for (let bits = byte; bits > 0; bits >>= 1) count += bits & 1;
    return count;
  }

  toText(): string {
    return Buffer.from(this.#bits).toString('hex');
  }

  restore(text: string): void {
    this.#bits.set(Buffer.from(text, 'hex').subarray(0, HOURS / 8));
  }
}
