import { expect, test } from 'vitest';
import { SharedBudget } from '../../sensor/protocols/_shared/shared-budget.js';
import { Fragments } from '../../sensor/protocols/s7comm-plus/fragments.js';

const part = new Uint8Array(3000).fill(7);

test('what one connection hoards makes room for others, and what follows it is not taken for a beginning', () => {
  const held = new SharedBudget(10_000);
  const [hoarded, other] = [new Fragments(held), new Fragments(held)];
  expect(hoarded.add(part, 0, 3000)).toBe(true);
  expect(other.add(part, 0, 3000)).toBe(true);
  expect(held.dropped).toBe(1);
  expect([hoarded.parts, hoarded.length, hoarded.buf.length]).toEqual([1, 0, 0]);
  expect(hoarded.add(part, 0, 3000)).toBe(false);
  expect([other.parts, other.length]).toEqual([1, 3000]);

  // The next message is put together again.
  hoarded.clear();
  other.clear();
  expect(hoarded.add(part, 0, 10)).toBe(true);
  expect([hoarded.parts, hoarded.length]).toEqual([1, 10]);
});

test('a message that is ended gives back what it held', () => {
  const held = new SharedBudget(10_000);
  const fragments = new Fragments(held);
  for (let message = 0; message < 10; message++) {
    expect(fragments.add(part, 0, 3000)).toBe(true);
    fragments.clear();
  }
  expect(held.dropped).toBe(0);
});
