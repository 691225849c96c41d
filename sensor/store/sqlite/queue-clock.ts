/**
 * How long rows of the export queue have waited, by a clock that nobody can set: it goes on only while somebody delivers,
 * and never faster than a steady clock. So no jump of the wall clock makes a message old, and none makes it young again.
 * Rows are dated by marks: when the queue had grown to which number.
 */
export interface QueueClock {
  /** Milliseconds that this clock has gone on. */
  elapsed: number;
  /** The wall clock when it was last looked at, milliseconds. */
  wall: number;
  /** When it began to be looked at: the newest row that was there already, and what both clocks said. */
  begin: { n: number; elapsed: number; wall: number };
  /** Oldest first. */
  marks: [elapsed: number, head: number][];
}

/** A longer gap between two looks means that nobody delivered meanwhile, or that the clock was set. */
const GAP_MS = 60_000;
/** Marks of long ago may lie as far apart as this part of their age. */
const PRECISION = 32;

export function newQueueClock(wall: number, head: number): QueueClock {
  return { elapsed: 0, wall, begin: { n: head, elapsed: 0, wall }, marks: [[0, head]] };
}

/**
 * Moves the clock on. `steadyMs`: what a steady clock says has passed since this process last did so; 0 for the first
 * time. `head`: number of the newest row; `oldest`: of the oldest that waits.
 */
export function moveOn(clock: QueueClock, wall: number, steadyMs: number, oldest: number, head: number): QueueClock {
  const passed = wall - clock.wall;
  const elapsed = clock.elapsed + Math.min(Math.max(0, passed), steadyMs);
  const wasAway = steadyMs === 0 && Math.abs(passed) > GAP_MS;
  // One mark from before the oldest row says that it is not older.
  const marks = clock.marks.slice(
    Math.max(
      0,
      clock.marks.findLastIndex(([, at]) => at < oldest),
    ),
  );
  if (marks.at(-1)?.[1] !== head) marks.push([elapsed, head]);
  return { elapsed, wall, begin: wasAway ? { n: head, elapsed, wall } : clock.begin, marks: thin(marks, elapsed) };
}

function thin(marks: QueueClock['marks'], elapsed: number): QueueClock['marks'] {
  const kept: QueueClock['marks'] = [];
  for (const [i, mark] of marks.entries()) {
    const [older, younger] = [kept.at(-1), marks[i + 1]];
    const isNeeded = !older || !younger || younger[0] - older[0] > (elapsed - younger[0]) / PRECISION;
    if (isNeeded) kept.push(mark);
  }
  return kept;
}

/** Number of the newest row that has waited longer than so many milliseconds; 0 when none has. */
export function waitedLonger(clock: QueueClock, ms: number): number {
  return clock.marks.findLast(([at]) => at < clock.elapsed - ms)?.[1] ?? 0;
}

/** When a row was queued, by the wall clock as it is set now; `at`: what that clock said then. Milliseconds. */
export function queuedAt(clock: QueueClock, n: number, at: number, now: number): number {
  // Nobody delivers, so nobody knows better.
  if (Math.abs(now - clock.wall) > GAP_MS) return Math.min(at, now);
  const [least, most] = ageOf(clock, n, at);
  return Math.min(now - least, Math.max(now - most - GAP_MS, at));
}

/** Of one row: at least, and at most. */
function ageOf({ elapsed, begin, marks }: QueueClock, n: number, at: number): [least: number, most: number] {
  if (n <= begin.n) {
    // The clock of that time tells what came before.
    const age = elapsed - begin.elapsed + Math.max(0, begin.wall - at);
    return [age, age];
  }
  const after = marks.find(([, head]) => head >= n);
  const before = marks.findLast(([, head]) => head < n);
  return [after ? elapsed - after[0] : 0, elapsed - (before?.[0] ?? begin.elapsed)];
}
