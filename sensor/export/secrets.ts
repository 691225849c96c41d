import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DeliveryError } from './exporter.js';
import type { ExporterSettings } from './settings.js';

/** Keys, passwords and tokens of one exporter, as text. Never logged, never part of an answer. */
export interface Secrets {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly keyPassword?: string;
  readonly secret?: string;
  readonly token?: string;
}

/** What the console keeps encrypted; files and environment variables are for the settings file. */
export const SECRET_NAMES = ['ca', 'cert', 'key', 'keyPassword', 'secret', 'token'] as const;
export type SecretName = (typeof SECRET_NAMES)[number];

const OTHERS_MAY_READ = 0o007;
const MAX_SECRET_FILE = 1024 * 1024;

function readText(setting: string, path: string, isPrivate: boolean): string {
  try {
    const { mode, size } = statSync(path);
    if (size > MAX_SECRET_FILE)
      throw new DeliveryError(`${setting}: ${path} is larger than a megabyte; name the right file.`);
    if (isPrivate && (mode & OTHERS_MAY_READ) !== 0)
      throw new DeliveryError(`${setting}: ${path} can be read by every user of this machine; run chmod 600 on it.`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof DeliveryError) throw error;
    throw new DeliveryError(
      `${setting}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code}); check path and permissions.`,
    );
  }
}

/** A secret in an environment variable; undefined when the setting names none. Throws `DeliveryError`. */
function readVariable(setting: string, name: string, env: NodeJS.ProcessEnv): string | undefined {
  if (name === '') return undefined;
  const value = env[name];
  if (value === undefined || value === '')
    throw new DeliveryError(`${setting}: the environment variable ${name} is not set.`);
  return value;
}

/** One secret that settings name by file or environment variable; undefined: by neither. Throws `DeliveryError`. */
export function readSecret(
  setting: string,
  { file, variable }: { file: string; variable: string },
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  return (
    readVariable(`${setting}_env`, variable, env) ??
    (file === '' ? undefined : readText(`${setting}_file`, file, true).trim())
  );
}

/** A certificate that a setting names, as PEM text; undefined: none. Throws `DeliveryError`. */
export function readCertificate(setting: string, path: string): string | undefined {
  return path === '' ? undefined : readText(setting, path, false);
}

function checkCertificate(setting: string, path: string, text: string | undefined): void {
  if (text === undefined || text === '' || text.includes('-----BEGIN CERTIFICATE-----')) return;
  const place = path === '' ? 'what was entered' : path;
  throw new DeliveryError(`${setting}: ${place} holds no certificate in PEM form ("-----BEGIN CERTIFICATE-----").`);
}

/** From the files and variables that the settings name, or as the console keeps them. Throws `DeliveryError`. */
export function resolveSecrets(
  settings: ExporterSettings,
  stored: Secrets,
  env: NodeJS.ProcessEnv = process.env,
): Secrets {
  if (settings.type === 'file') return {};
  const file = (setting: string, path: string, isPrivate: boolean, kept: string | undefined) =>
    path === '' ? kept : readText(setting, path, isPrivate);
  const variable = (setting: string, name: string) => readVariable(setting, name, env);
  const found: Record<SecretName, string | undefined> = {
    ca: file('ca_file', settings.ca_file, false, stored.ca),
    cert: file('cert_file', settings.cert_file, false, stored.cert),
    key: file('key_file', settings.key_file, true, stored.key),
    keyPassword: file('key_password_file', settings.key_password_file, true, stored.keyPassword)?.replace(/\r?\n$/, ''),
    secret: undefined,
    token: undefined,
  };
  if (settings.type === 'webhook') {
    found.secret =
      variable('secret_env', settings.secret_env) ??
      file('secret_file', settings.secret_file, true, stored.secret)?.trim();
    found.token =
      variable('token_env', settings.token_env) ?? file('token_file', settings.token_file, true, stored.token)?.trim();
  }
  checkCertificate('ca_file', settings.ca_file, found.ca);
  checkCertificate('cert_file', settings.cert_file, found.cert);
  if ((found.cert === undefined) !== (found.key === undefined))
    throw new DeliveryError('cert_file and key_file belong together: give both or neither.');
  return Object.fromEntries(
    Object.entries(found).filter(([, value]) => value !== undefined && value !== ''),
  ) as Secrets;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 1;

/** The key that the console's secrets are encrypted with: a file of its own beside the databases, for its owner alone. */
export class SecretBox {
  readonly #path: string;

  constructor(dataDir: string, env: NodeJS.ProcessEnv = process.env) {
    this.#path = env['FIELDWATCH_SECRET_KEY_FILE'] ?? join(dataDir, 'secret.key');
  }

  get path(): string {
    return this.#path;
  }

  /** `version nonce ciphertext tag` in base64; AES-256-GCM, bound to `name`. Throws `DeliveryError`. */
  seal(name: string, text: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key(true), nonce);
    cipher.setAAD(Buffer.from(name));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.from([VERSION]), nonce, sealed, cipher.getAuthTag()]).toString('base64');
  }

  open(name: string, sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    if (bytes.length < 1 + NONCE_BYTES + TAG_BYTES || bytes[0] !== VERSION) throw this.#unreadable();
    const decipher = createDecipheriv('aes-256-gcm', this.#key(false), bytes.subarray(1, 1 + NONCE_BYTES));
    decipher.setAAD(Buffer.from(name));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    try {
      const text = decipher.update(bytes.subarray(1 + NONCE_BYTES, bytes.length - TAG_BYTES), undefined, 'utf8');
      return text + decipher.final('utf8');
    } catch {
      throw this.#unreadable();
    }
  }

  #unreadable(): DeliveryError {
    return new DeliveryError(
      `The stored secrets cannot be decrypted with ${this.#path}: bring back the key file that belongs to this data folder, or enter the secrets anew.`,
    );
  }

  #key(create: boolean): Buffer {
    try {
      return this.#read();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      if (!create) throw this.#unreadable();
    }
    const draft = `${this.#path}.new-${process.pid}`;
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    try {
      linkSync(draft, this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    return this.#read();
  }

  #read(): Buffer {
    if ((statSync(this.#path).mode & OTHERS_MAY_READ) !== 0)
      throw new DeliveryError(`${this.#path} can be read by every user of this machine; run chmod 600 on it.`);
    const key = Buffer.from(readFileSync(this.#path, 'utf8').trim(), 'base64');
    if (key.length !== KEY_BYTES) throw this.#unreadable();
    return key;
  }
}
