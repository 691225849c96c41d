import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { StoreError } from '../store.js';

/** scrypt's cost: 128 MiB and about 0.3 s per hash on two cores. */
const COST = { N: 131_072, r: 8, p: 1, maxmem: 268_435_456 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const MAX_RUNNING = 2;
const MAX_WAITING = 20;

export const MIN_PASSWORD_LENGTH = 12;
export const MAX_PASSWORD_LENGTH = 128;
/** Characters that must be left of a password without words and runs that everyone tries. */
const MIN_STRENGTH_LEFT = 5;

/** Too many sign-ins at once: hashing more of them would use up the machine's memory. */
export class PasswordQueueFull extends Error {
  override readonly name = 'PasswordQueueFull';
}

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= MAX_RUNNING) {
    if (waiting.length >= MAX_WAITING) throw new PasswordQueueFull('Too many sign-ins at once.');
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running++;
  }
  try {
    return await work();
  } finally {
    // The place passes to the next in line; only without one it becomes free.
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

function derive(password: string, salt: Uint8Array, cost: { N: number; r: number; p: number }): Promise<Buffer> {
  return inTurn(
    () =>
      new Promise((resolve, reject) => {
        scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { ...cost, maxmem: COST.maxmem }, (error, key) =>
          error ? reject(error) : resolve(key),
        );
      }),
  );
}

/** `scrypt$N$r$p$salt$key`, the last two base64url. @throws PasswordQueueFull */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

const UNKNOWN_USER_SALT = randomBytes(SALT_BYTES);

/** With null (no such user) takes as long as with a hash, and is false. @throws PasswordQueueFull */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  const [scheme, n, r, p, salt, key] = (hash ?? '').split('$');
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) {
    await derive(password, UNKNOWN_USER_SALT, COST);
    return false;
  }
  const expected = Buffer.from(key, 'base64url');
  const actual = await derive(password, Buffer.from(salt, 'base64url'), { N: Number(n), r: Number(r), p: Number(p) });
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** What attackers try first once a length of 12 is asked for; compared without digits, signs and case. */
const WORN_OUT = [
  'password',
  'passwort',
  'passw',
  'qwerty',
  'qwertz',
  'letmein',
  'welcome',
  'willkommen',
  'admin',
  'administrator',
  'fieldwatch',
  'changeme',
  'iloveyou',
  'geheim',
  'sunshine',
  'football',
  'princess',
  'dragon',
  'monkey',
  'trustno',
  'siemens',
  'schneider',
  'modbus',
  'scada',
  'abc',
  'test',
  'hallo',
  'sommer',
  'winter',
];

const RUNS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'qwertzuiop',
  'asdfghjkl',
  'yxcvbnm',
  'zxcvbnm',
];

function isRun(text: string): boolean {
  return RUNS.some((run) => run.includes(text) || [...run].reverse().join('').includes(text));
}

const LOOKALIKES = [
  ['@', 'a'],
  ['$', 's'],
  ['0', 'o'],
  ['3', 'e'],
] as const;

/** How much of the text is left when worn-out words, runs and repetitions are taken away. */
function strengthLeft(password: string, words: readonly string[]): number {
  let text = password;
  for (const word of words) if (word.length > 2) text = text.replaceAll(word, '\u0000');
  let left = 0;
  let previous = '';
  for (const character of text) {
    if (character !== '\u0000' && character !== previous && !isRun(previous + character)) left++;
    previous = character;
  }
  return left;
}

function isWornOut(password: string, userName: string): boolean {
  const plain = password.toLowerCase();
  let spelled = plain;
  for (const [sign, letter] of LOOKALIKES) spelled = spelled.replaceAll(sign, letter);
  // The longer words first: what is left of "administrator" without "admin" would count as strength.
  const words = [userName.toLowerCase(), ...WORN_OUT].sort((a, b) => b.length - a.length);
  return Math.min(strengthLeft(plain, words), strengthLeft(spelled, words)) < MIN_STRENGTH_LEFT;
}

/** @throws StoreError with the reason, as one sentence. No rules about kinds of characters: length is what counts. */
export function checkNewPassword(password: string, userName: string): void {
  const length = [...password].length;
  if (length < MIN_PASSWORD_LENGTH || length > MAX_PASSWORD_LENGTH) {
    throw new StoreError(
      `The password has ${length} characters: use ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH}, for example four words.`,
    );
  }
  if (new Set(password).size < MIN_STRENGTH_LEFT || isWornOut(password, userName)) {
    throw new StoreError(
      'The password is one of the first that an attacker tries: use, for example, four words that have nothing to do with each other.',
    );
  }
}
