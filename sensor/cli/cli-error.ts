/** Exit statuses of docs "commands". */
export const EXIT = { done: 0, failed: 1, usage: 2, damagedInput: 3 } as const;

/** A user's mistake: `message` is one sentence that says what is wrong, where, and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
