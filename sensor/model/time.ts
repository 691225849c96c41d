/** Packet time: whole microseconds since 1970-01-01T00:00:00Z. A double holds them exactly until the year 2255. */
export type Micros = number;

export const MICROS_PER_SECOND = 1_000_000;

const MAX_FORMATTABLE_SECOND = 8.64e12;

const SECONDS_PER_DAY = 86_400;
const TWO_DIGITS = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));

let cachedSecond = Number.NaN;
/** `2026-01-01T00:00:00.` */
let cachedText = '';
let cachedDay = Number.NaN;
/** `2026-01-01T` */
let cachedDate = '';

function textOf(second: number): string {
  const day = Math.floor(second / SECONDS_PER_DAY);
  if (day !== cachedDay) {
    cachedDay = day;
    cachedDate = new Date(day * SECONDS_PER_DAY * 1000).toISOString().slice(0, -13);
  }
  const ofDay = second - day * SECONDS_PER_DAY;
  const minute = Math.floor(ofDay / 60);
  return `${cachedDate}${TWO_DIGITS[Math.floor(minute / 60)]}:${TWO_DIGITS[minute % 60]}:${TWO_DIGITS[ofDay % 60]}.`;
}

/**
 * ISO 8601 in UTC with six decimals, or nine when the capture has nanoseconds.
 * `nanos` is the remainder below a microsecond (0 to 999), or -1 when the capture does not resolve it.
 * A time no calendar can hold (a hostile capture) is shown as the epoch.
 */
export function formatTimestamp(micros: Micros, nanos = -1): string {
  let second = Math.floor(micros / MICROS_PER_SECOND);
  let fraction = Math.floor(micros - second * MICROS_PER_SECOND);
  if (!(Math.abs(second) <= MAX_FORMATTABLE_SECOND)) {
    second = 0;
    fraction = 0;
  }
  // Records follow each other closely: most fall into the second of the one before, nearly all into its day.
  if (second !== cachedSecond) {
    cachedSecond = second;
    cachedText = textOf(second);
  }
  const high = TWO_DIGITS[Math.floor(fraction / 10_000)];
  const middle = TWO_DIGITS[Math.floor(fraction / 100) % 100];
  const digits = `${high}${middle}${TWO_DIGITS[fraction % 100]}`;
  return `${cachedText}${digits}${nanos >= 0 ? String(nanos).padStart(3, '0') : ''}Z`;
}

/** Inverse of `formatTimestamp`; NaN for text that is no time. */
export function parseTimestamp(text: string): Micros {
  const match = /^(.*T\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text);
  if (!match) return Number.NaN;
  const seconds = Date.parse(`${match[1]}Z`) / 1000;
  const micros = Number((match[2] ?? '').padEnd(6, '0').slice(0, 6));
  return seconds * MICROS_PER_SECOND + micros;
}
