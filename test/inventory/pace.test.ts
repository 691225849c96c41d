import { expect, test } from 'vitest';
import { Pace } from '../../sensor/inventory/pace.js';

const SECOND = 1_000_000;

test.each([
  ['three within ten seconds', [0, 4, 10], true],
  ['two, and one later', [0, 4, 11], false],
  ['two of a capture from later that day, and one of this one', [3600, 3601, 5], false],
  ['two, a pause, and two', [0, 1, 20, 21], false],
])('%s', (_, times, isHurried) => {
  const pace = new Pace(3);
  const reached = times.map((at) => pace.count(at * SECOND));
  expect(pace.isHurried).toBe(isHurried);
  expect(reached.includes(true)).toBe(isHurried);
  const restored = new Pace(3);
  restored.restore(pace.toRecord()!);
  expect(restored.isHurried).toBe(isHurried);
});
