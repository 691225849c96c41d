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

const LONGEST = 64;

/** Whether a password is one of those, or the user's own name. `password` is its bytes in hexadecimal. */
export function isDefaultPassword(userName: string, password: string): boolean {
  if (password.length > 2 * LONGEST) return false;
  const text = Buffer.from(password, 'hex').toString('utf8').toLowerCase();
  return DEFAULTS.has(text) || text === userName.toLowerCase();
}
