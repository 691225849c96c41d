/**
 * Passwords that are delivered with devices, servers and their examples, and that everybody tries first. What was sent is
 * compared with them and forgotten. From makers' public manuals and the well-known lists of first guesses.
 */
const DEFAULTS: ReadonlySet<string> = new Set([
  '',
  '1',
  '100',
  '1234',
  '12345',
  '123456',
  'admin',
  'administrator',
  'default',
  'guest',
  'opcua',
  'operator',
  'pass',
  'password',
  'password1',
  'private',
  'public',
  'root',
  'secret',
  'test',
  'user',
  'wago',
]);

/** A bound, in bytes. */
const LONGEST = 64;

/** Whether a password is one of those, or the user's own name. */
export function isDefaultPassword(userName: string, password: Uint8Array): boolean {
  if (password.length > LONGEST) return false;
  const text = Buffer.from(password).toString('utf8').toLowerCase();
  return DEFAULTS.has(text) || text === userName.toLowerCase();
}
