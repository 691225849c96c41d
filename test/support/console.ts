import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuiltConsole, buildConsole, type ConsoleOptions } from '../../console/api/start.js';
import { ConsoleStore, type Role } from '../../sensor/store/console/console-store.js';
import { hashPassword } from '../../sensor/store/console/password.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { sampleFindings } from './sample-findings.js';

export const PASSWORD = 'granite lantern orbit mustard';
export const SETUP_CODE = 'only-for-tests-0123456789';

/** Hashing takes a third of a second: once for all users of a test file. */
let passwordHash: Promise<string> | null = null;

export function tempDataDir(): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'fieldwatch-console-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** A data directory with the sample plant in it. */
export function sampleDataDir(): { dir: string; remove(): void } {
  const data = tempDataDir();
  const store = new SqliteFindingsStore(data.dir, { role: 'sensor' });
  store.write(sampleFindings());
  store.close();
  return data;
}

export async function addUser(dir: string, name: string, role: Role): Promise<void> {
  passwordHash ??= hashPassword(PASSWORD);
  const accounts = new ConsoleStore(dir);
  accounts.addUser(name, role, await passwordHash, { user: 'test', source: 'test' });
  accounts.close();
}

export interface Answer {
  status: number;
  body: unknown;
  text: string;
  raw: Buffer;
  headers: Record<string, string | string[] | number | undefined>;
}

/** A browser's behaviour towards the API, without a browser: keeps the cookie and sends the CSRF token. */
export class ApiClient {
  readonly #console: BuiltConsole;
  cookie = '';
  csrf = '';

  constructor(built: BuiltConsole) {
    this.#console = built;
  }

  async send(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS',
    url: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await this.#console.app.inject({
      method,
      url,
      ...(body === undefined ? {} : { payload: body }),
      headers: {
        ...(this.cookie === '' ? {} : { cookie: this.cookie }),
        ...(this.csrf === '' ? {} : { 'x-csrf-token': this.csrf }),
        ...headers,
      },
    });
    const set = response.cookies[0];
    if (set) this.cookie = set.value === '' ? '' : `${set.name}=${set.value}`;
    let parsed: unknown = null;
    if (String(response.headers['content-type']).startsWith('application/json')) parsed = JSON.parse(response.body);
    const session = parsed as { csrf?: string } | null;
    if (session?.csrf !== undefined) this.csrf = session.csrf;
    return {
      status: response.statusCode,
      body: parsed,
      text: response.body,
      raw: response.rawPayload,
      headers: response.headers,
    };
  }

  get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', url, undefined, headers);
  }

  post(url: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('POST', url, body, headers);
  }

  async signIn(name: string, password = PASSWORD): Promise<Answer> {
    await this.get('/api/v1/session');
    return this.post('/api/v1/login', { name, password });
  }
}

/** The console over a data directory, quiet and without rate limits in the way. */
export function testConsole(dir: string, options: Partial<ConsoleOptions> = {}): Promise<BuiltConsole> {
  return buildConsole({
    data: dir,
    setupCode: SETUP_CODE,
    requestsPerMinute: 100_000,
    webRoot: null,
    log: () => {},
    ...options,
  });
}
