import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  moveOn,
  newQueueClock,
  type QueueClock,
  queuedAt,
  waitedLonger,
} from '../../sensor/store/sqlite/queue-clock.js';

/** The age of what waits, whatever is done to the wall clock. */

const TICK = 10_000;
const DAY = 86_400_000;

/** A row a tick, of which none is delivered; `jumps`: what the wall clock is set by before a tick. */
function run(ticks: number, jumps: Readonly<Record<number, number>> = {}) {
  let wall = Date.UTC(2026, 2, 2, 6);
  let clock: QueueClock = newQueueClock(wall, 0);
  clock = moveOn(clock, wall, 0, 1, 0);
  const rows: { n: number; at: number; truly: number }[] = [];
  let truly = 0;
  for (let tick = 1; tick <= ticks; tick++) {
    truly += TICK;
    wall += TICK;
    rows.push({ n: tick, at: wall, truly });
    wall += jumps[tick] ?? 0;
    clock = moveOn(clock, wall, TICK, 1, tick);
  }
  return { clock, rows, wall, truly };
}

describe('the age of what waits', () => {
  it('is told by the time that has passed, within a thirtieth', () => {
    const { clock, truly } = run(20_000);
    for (const ms of [0, 60_000, 3_600_000, 40_000_000, 150_000_000]) {
      const newest = waitedLonger(clock, ms);
      // Never too early, and not much too late.
      expect(truly - newest * TICK).toBeGreaterThanOrEqual(ms);
      expect(truly - newest * TICK).toBeLessThanOrEqual(ms + TICK * 2 + truly / 30);
    }
    expect(waitedLonger(clock, truly + TICK)).toBe(0);
    expect(clock.marks.length).toBeLessThan(400);
  });

  it('does not change with the clock, however it is set', () => {
    const jump = fc.oneof(fc.integer({ min: -4000, max: 4000 }), fc.constantFrom(-20_000, 20_000));
    fc.assert(
      fc.property(fc.dictionary(fc.integer({ min: 1, max: 300 }).map(String), jump, { maxKeys: 5 }), (days) => {
        const jumps = Object.fromEntries(Object.entries(days).map(([tick, by]) => [tick, by * DAY]));
        const { clock, rows, wall, truly } = run(300, jumps);
        expect(clock.elapsed).toBeLessThanOrEqual(truly);
        expect(clock.elapsed).toBeGreaterThanOrEqual(truly - TICK * (Object.keys(jumps).length + 1));
        // The date that is shown fits the clock as it is now.
        for (const { n, at, truly: since } of rows) {
          const shown = queuedAt(clock, n, at, wall);
          expect(shown).toBeLessThanOrEqual(wall);
          expect(Math.abs(wall - shown - (truly - since))).toBeLessThanOrEqual(60_000 + TICK * 8 + truly / 30);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is exact where nobody has set the clock', () => {
    const { clock, rows, wall } = run(1000);
    for (const { n, at } of rows) expect(queuedAt(clock, n, at, wall)).toBe(at);
  });

  it('stands still while nobody delivers, and the date is shown all the same', () => {
    const { clock, rows, wall } = run(100);
    const { n, at } = rows[49]!;
    expect(queuedAt(clock, n, at, wall + 30 * DAY)).toBe(at);
    let now = wall + 30 * DAY;
    let back = moveOn(clock, now, 0, 1, 100);
    expect(waitedLonger(back, DAY)).toBe(0);
    expect(queuedAt(back, n, at, now)).toBe(at);
    // Now the clock is found to be wrong.
    now += 365 * DAY;
    back = moveOn(back, now, TICK, 1, 100);
    const age = wall + 30 * DAY + TICK - at;
    expect(Math.abs(now - queuedAt(back, n, at, now) - age)).toBeLessThanOrEqual(60_000);
  });

  it('goes on once when two processes look at it in turn', () => {
    let clock = newQueueClock(0, 0);
    for (let at = 5000; at <= 1_000_000; at += 5000) clock = moveOn(clock, at, at <= 10_000 ? 0 : 10_000, 1, at / 5000);
    expect(clock.elapsed).toBeLessThanOrEqual(1_000_000);
    expect(clock.elapsed).toBeGreaterThan(980_000);
  });

  it('keeps few marks where everything is delivered soon', () => {
    let clock = newQueueClock(0, 0);
    for (let n = 1; n <= 10_000; n++) clock = moveOn(clock, n * TICK, TICK, n - 3, n);
    expect(clock.marks.length).toBeLessThan(8);
  });
});
