import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTimestamp, parseTimestamp } from '../../sensor/model/time.js';
import '../support/property-seed.js';

test.each([
  [0, -1, '1970-01-01T00:00:00.000000Z'],
  [1, -1, '1970-01-01T00:00:00.000001Z'],
  [-1, -1, '1969-12-31T23:59:59.999999Z'],
  [1_767_225_599_999_999, 7, '2025-12-31T23:59:59.999999007Z'],
  [1_767_225_600_000_000, 999, '2026-01-01T00:00:00.000000999Z'],
  [951_782_400_123_456, -1, '2000-02-29T00:00:00.123456Z'],
  [Number.NaN, -1, '1970-01-01T00:00:00.000000Z'],
  [Number.POSITIVE_INFINITY, -1, '1970-01-01T00:00:00.000000Z'],
  [9e18, -1, '1970-01-01T00:00:00.000000Z'],
])('%d and %d nanoseconds are %s', (micros, nanos, text) => {
  expect(formatTimestamp(micros, nanos)).toBe(text);
});

test('any time is written as the calendar has it, whatever was written before, and read back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -(2 ** 53), max: 2 ** 53 }), { minLength: 1, maxLength: 20 }), (times) => {
      for (const micros of times) {
        const date = new Date(Math.floor(micros / 1000)).toISOString();
        const below = String(((micros % 1000) + 1000) % 1000).padStart(3, '0');
        const text = formatTimestamp(micros);
        expect(text).toBe(date.replace(/(\d{3})Z$/, `$1${below}Z`));
        expect(parseTimestamp(text)).toBe(micros);
      }
    }),
    { numRuns: 500 },
  );
});
