import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Remembered } from '../../console/api/remembered.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('an old answer is given while a new one is made, and not for ever when none can be made', async () => {
  const answers = new Remembered<string>(100, 1000, 8);
  expect(await answers.get('a', async () => 'first')).toBe('first');
  vi.advanceTimersByTime(101);
  expect(await answers.get('a', async () => 'second')).toBe('first');
  expect(await answers.get('a', async () => 'never asked')).toBe('second');
  const broken = async (): Promise<string> => {
    throw new Error('the store is gone');
  };
  const told: string[] = [];
  for (let n = 0; n < 40; n++) {
    vi.advanceTimersByTime(60);
    told.push(await answers.get('a', broken).catch((error: Error) => error.message));
  }
  expect(told[0]).toBe('second');
  expect(told.at(-1)).toBe('the store is gone');
  expect(await answers.get('a', async () => 'back again')).toBe('back again');
});
