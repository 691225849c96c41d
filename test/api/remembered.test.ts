import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Remembered } from '../../console/api/remembered.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('an old answer is given where a new one takes long, and not for ever when none can be made', async () => {
  const answers = new Remembered<string>(100, 1000, 8, 5);
  expect(await answers.get('a', async () => 'first')).toBe('first');
  expect(await answers.get('a', async () => 'never asked')).toBe('first');
  vi.advanceTimersByTime(101);
  let finish = (_: string): void => {};
  const long = new Promise<string>((resolve) => {
    finish = resolve;
  });
  expect(await answers.get('a', () => long)).toBe('first');
  finish('late');
  await long;
  expect(await answers.get('a', async () => 'never asked')).toBe('late');
  vi.advanceTimersByTime(101);
  expect(await answers.get('a', async () => 'second')).toBe('second');
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
