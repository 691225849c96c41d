import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ownPath } from '../../console/api/oidc/attempts.js';
import { isSafeUrl, oidcSettings, roleOf } from '../../console/api/oidc/settings.js';
import type { BuiltConsole } from '../../console/api/start.js';
import { loadConfig } from '../../sensor/config.js';
import { ConsoleStore } from '../../sensor/store/console/console-store.js';
import { addUser, PASSWORD, sampleDataDir, tempDataDir, testConsole } from '../support/console.js';
import { CLIENT, CLIENT_SECRET, listen, type People, startSignInService, stop } from '../support/sign-in-service.js';

const CONSOLE = 'http://127.0.0.1:8499/';

interface Settings {
  issuer: string;
  more?: string;
}

function settingsFor(dir: string, { issuer, more = '' }: Settings) {
  const secretFile = join(dir, 'client-secret');
  writeFileSync(secretFile, `${CLIENT_SECRET}\n`, { mode: 0o600 });
  const file = join(dir, 'fieldwatch.yaml');
  writeFileSync(
    file,
    `console:
  public_url: ${CONSOLE}
  oidc:
    issuer: ${issuer}
    client_id: ${CLIENT}
    client_secret_file: client-secret
    label: Plant login
    admin: [ot-admins]
    analyst: [soc, CN=soc,OU=plant]
    viewer: [everyone]
${more}`.replace('soc, CN=soc,OU=plant', 'soc, "CN=soc,OU=plant"'),
  );
  return oidcSettings(loadConfig({ file, env: {} }).config.console, {});
}

/** What a browser does with cookies and addresses, towards the console and, over the network, the sign-in service. */
class Browser {
  readonly #built: BuiltConsole;
  readonly cookies = new Map<string, string>();
  readonly #foreign = new Map<string, string>();
  csrf = '';

  constructor(built: BuiltConsole) {
    this.#built = built;
  }

  async console(method: 'GET' | 'POST' | 'PUT', url: string, body?: object) {
    const answer = await this.#built.app.inject({
      method,
      url,
      ...(body === undefined ? {} : { payload: body }),
      headers: {
        host: new URL(CONSOLE).host,
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'x-csrf-token': this.csrf,
      },
    });
    for (const { name, value } of answer.cookies) {
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  async session(): Promise<Record<string, unknown>> {
    const body = (await this.console('GET', '/api/v1/session')).json<Record<string, unknown>>();
    this.csrf = String(body['csrf']);
    return body;
  }

  async service(url: string, form?: Record<string, string>): Promise<Response> {
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...this.#foreign].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.#foreign.delete(name);
      else this.#foreign.set(name, value);
    }
    return answer;
  }

  /** Follows the service's pages until it sends the browser back; returns path and query of that. */
  async signInAtService(start: string, name: string): Promise<string> {
    let url = start;
    for (let step = 0; step < 15; step++) {
      if (url.startsWith(CONSOLE)) return url.slice(CONSOLE.length - 1);
      let answer = await this.service(url);
      if (answer.status === 200) {
        const page = await answer.text();
        const action = /action="([^"]+)"/.exec(page)?.[1] ?? '';
        const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1] ?? '';
        answer = await this.service(new URL(action, url).href, { prompt, login: name, password: 'any' });
      }
      const next = answer.headers.get('location');
      if (next === null)
        throw new Error(`the service answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
      url = new URL(next, url).href;
    }
    throw new Error('the service never sent the browser back');
  }

  async begin(query = ''): Promise<string> {
    const answer = await this.console('GET', `/api/v1/oidc/login${query}`);
    expect(answer.statusCode).toBe(303);
    return String(answer.headers['location']);
  }

  /** The whole way; returns where the console sent the browser in the end. */
  async signIn(name: string, query = ''): Promise<string> {
    const back = await this.signInAtService(await this.begin(query), name);
    const answer = await this.console('GET', back);
    expect(answer.statusCode).toBe(303);
    return String(answer.headers['location']);
  }
}

function lastFailure(dir: string): string {
  const accounts = new ConsoleStore(dir);
  try {
    const row = accounts.auditRows(20).find(({ action }) => action === 'login.failed');
    return row?.after ?? '';
  } finally {
    accounts.close();
  }
}

describe('signing in at a real sign-in service (oidc-provider)', () => {
  const people: People = new Map();
  let service: { issuer: string; close(): Promise<void> };
  let issuer: string;
  let data: { dir: string; remove(): void };
  let built: BuiltConsole;
  let time = Date.now();
  const log: string[] = [];

  beforeAll(async () => {
    service = await startSignInService(people, CONSOLE);
    issuer = service.issuer;
    data = sampleDataDir();
    await addUser(data.dir, 'local', 'admin');
    built = await testConsole(data.dir, {
      oidc: settingsFor(data.dir, { issuer }),
      now: () => time,
      log: (line) => log.push(line),
    });
    people.set('1001', { preferred_username: 'ada@plant.example', groups: ['everyone', 'ot-admins'] });
    people.set('1002', { preferred_username: 'sam', groups: ['CN=soc,OU=plant'] });
    people.set('1003', { preferred_username: 'guest', groups: ['visitors'] });
    people.set('1004', { preferred_username: 'LOCAL', groups: ['everyone'] });
    people.set('1005', { preferred_username: 'not a name', groups: ['everyone'] });
  });

  beforeEach(() => {
    time = Date.now();
  });

  afterAll(async () => {
    await built.close();
    await service.close();
    data.remove();
  });

  it('is offered by name, and leads through state, nonce and PKCE to an account with the role of the groups', async () => {
    const browser = new Browser(built);
    expect(await browser.session()).toMatchObject({ sign_in_service: 'Plant login' });
    const there = new URL(await browser.begin());
    expect(there.origin).toBe(issuer);
    expect(Object.fromEntries(there.searchParams)).toMatchObject({
      response_type: 'code',
      scope: 'openid profile',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(await browser.signIn('1001', '?return=/alerts%3Fstatus%3Dopen')).toBe('/alerts?status=open');
    expect(await browser.session()).toMatchObject({
      user: { name: 'ada@plant.example', role: 'admin', external: true },
    });
    expect((await browser.console('GET', '/api/v1/users')).statusCode).toBe(200);
  });

  it('knows the person again by subject, follows a new role at once, and ends what was open', async () => {
    const first = new Browser(built);
    await first.signIn('1002');
    expect(await first.session()).toMatchObject({ user: { name: 'sam', role: 'analyst' } });
    people.set('1002', { preferred_username: 'samuel', groups: 'everyone' });
    const second = new Browser(built);
    await second.signIn('1002');
    // The name in the console stays: the audit log speaks of it.
    expect(await second.session()).toMatchObject({ user: { name: 'sam', role: 'viewer' } });
    expect(await first.session()).not.toHaveProperty('user');
    people.set('1002', { preferred_username: 'sam', groups: [] });
    const accounts = new ConsoleStore(data.dir);
    const token = accounts.tokens.create('sams', 'viewer', [], Date.now() + 60_000, { user: 'sam', source: 't' });
    expect(accounts.tokens.find(token)).not.toBeNull();
    expect(await new Browser(built).signIn('1002')).toBe('/?problem=no_role');
    expect(await second.session()).not.toHaveProperty('user');
    expect(lastFailure(data.dir)).toBe('sign-in service: no_role');
    expect(accounts.tokens.find(token)).toBeNull();
    accounts.close();
    people.set('1002', { preferred_username: 'sam', groups: ['soc'] });
  });

  it.each([
    ['1003', 'no_role', 'whose groups have no role'],
    ['1004', 'name_taken', 'whose name a local account has, in whatever case'],
    ['1005', 'no_name', 'whose name is none'],
  ])('turns away %s with %s: somebody %s', async (id, problem) => {
    const browser = new Browser(built);
    expect(await browser.signIn(id)).toBe(`/?problem=${problem}`);
    expect(await browser.session()).not.toHaveProperty('user');
    expect(lastFailure(data.dir)).toBe(`sign-in service: ${problem}`);
  });

  it('turns away who was disabled here, and has no password to guess', async () => {
    const accounts = new ConsoleStore(data.dir);
    await new Browser(built).signIn('1002');
    accounts.setDisabled('sam', true, { user: 't', source: 't' });
    expect(await new Browser(built).signIn('1002')).toBe('/?problem=disabled');
    accounts.setDisabled('sam', false, { user: 't', source: 't' });
    accounts.close();
    const browser = new Browser(built);
    await browser.session();
    for (const password of ['external', '', PASSWORD]) {
      const answer = await browser.console('POST', '/api/v1/login', { name: 'sam', password });
      expect([400, 401]).toContain(answer.statusCode);
    }
  });

  it('takes each way back once, in the browser that it began in, within ten minutes', async () => {
    const browser = new Browser(built);
    const back = await browser.signInAtService(await browser.begin(), '1001');
    const thief = new Browser(built);
    expect((await thief.console('GET', back)).headers['location']).toBe('/?problem=expired');
    await thief.begin();
    expect((await thief.console('GET', back)).headers['location']).toBe('/?problem=expired');
    expect((await browser.console('GET', back)).headers['location']).toBe('/');
    expect((await browser.console('GET', back)).headers['location']).toBe('/?problem=expired');
    const slow = new Browser(built);
    const late = await slow.signInAtService(await slow.begin(), '1001');
    time += 10 * 60_000 + 1;
    expect((await slow.console('GET', late)).headers['location']).toBe('/?problem=expired');
    const invented = '/api/v1/oidc/callback?code=x&state=never-begun';
    expect((await new Browser(built).console('GET', invented)).headers['location']).toBe('/?problem=expired');
  });

  it('asks the service for the proof anew where an own account gives its password again', async () => {
    const browser = new Browser(built);
    await browser.signIn('1001');
    await browser.session();
    const change = { name: 'made-by-ada', role: 'viewer', days: 1 };
    expect((await browser.console('POST', '/api/v1/tokens', change)).statusCode).toBe(200);
    time += 11 * 60_000;
    const refused = await browser.console('POST', '/api/v1/tokens', { ...change, name: 'second' });
    expect(refused.json()).toMatchObject({ error: { code: 'confirm' } });
    const confirm = await browser.console('POST', '/api/v1/account/confirm', { password: PASSWORD });
    expect(confirm.json()).toMatchObject({ error: { code: 'external' } });
    time = Date.now();
    const again = new URL(await browser.begin('?again=true'));
    expect(again.searchParams.get('prompt')).toBe('login');
    expect(again.searchParams.get('max_age')).toBe('60');
    expect(await browser.signIn('1001', '?again=true&return=/admin/tokens')).toBe('/admin/tokens');
    await browser.session();
    expect((await browser.console('POST', '/api/v1/tokens', { ...change, name: 'second' })).statusCode).toBe(200);
  });

  it('leaves password, second factor and role to the service', async () => {
    const browser = new Browser(built);
    await browser.signIn('1001');
    await browser.session();
    for (const [path, body] of [
      ['/api/v1/account/password', { current: PASSWORD, password: 'another granite lantern orbit' }],
      ['/api/v1/account/totp/begin', {}],
      ['/api/v1/users/sam', { role: 'admin' }],
      ['/api/v1/users/sam', { password: 'another granite lantern orbit' }],
    ] as const) {
      const answer = await browser.console('POST', path, body);
      expect(answer.json()).toMatchObject({ error: { code: 'external' } });
    }
  });

  it('ends the session at the service too', async () => {
    const browser = new Browser(built);
    await browser.signIn('1001');
    await browser.session();
    const answer = await browser.console('POST', '/api/v1/logout', {});
    const further = new URL(answer.json<{ continue_at: string }>().continue_at);
    expect(further.origin).toBe(issuer);
    expect(further.searchParams.get('post_logout_redirect_uri')).toBe(CONSOLE);
    expect(further.searchParams.get('id_token_hint')?.split('.')).toHaveLength(3);
    expect((await browser.service(further.href)).status).toBe(200);
    expect(await browser.session()).not.toHaveProperty('user');
  });

  it('keeps the secret and the tokens out of log, audit log and answers', () => {
    const accounts = new ConsoleStore(data.dir);
    const told = JSON.stringify(accounts.auditRows(500)) + log.join('\n');
    accounts.close();
    expect(told).not.toContain(CLIENT_SECRET);
    expect(told).not.toMatch(/eyJ[\w-]{20}/);
  });

  it('limits how often one address may begin', async () => {
    const other = tempDataDir();
    await addUser(other.dir, 'local', 'admin');
    const limited = await testConsole(other.dir, { oidc: settingsFor(other.dir, { issuer }) });
    try {
      const statuses: number[] = [];
      for (let n = 0; n < 22; n++)
        statuses.push((await new Browser(limited).console('GET', '/api/v1/oidc/login')).statusCode);
      expect(statuses.filter((status) => status === 303)).toHaveLength(20);
      expect(statuses.slice(20)).toEqual([429, 429]);
      // Nor may anybody fill the audit log with ways back that nobody began.
      const invented = '/api/v1/oidc/callback?code=x&state=never-begun';
      const strays: number[] = [];
      for (let n = 0; n < 22; n++) strays.push((await new Browser(limited).console('GET', invented)).statusCode);
      expect([strays[19], ...strays.slice(20)]).toEqual([303, 429, 429]);
    } finally {
      await limited.close();
      other.remove();
    }
  });
});

/** A sign-in service that does as it is told: every answer can be bent. */
class HostileService {
  readonly server = createServer((request, response) => void this.#answer(request, response));
  issuer = '';
  key: KeyObject;
  publicKey: KeyObject;
  nonce = '';
  seen: { path: string; authorization: string | undefined; body: string }[] = [];
  /** What is changed in the next answers. */
  claims: Record<string, unknown> = {};
  header: Record<string, unknown> = {};
  metadata: Record<string, unknown> = {};
  signWith: KeyObject | 'none' | 'hmac' | null = null;
  answer: ((path: string, response: ServerResponse) => boolean) | null = null;

  constructor() {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.key = pair.privateKey;
    this.publicKey = pair.publicKey;
  }

  reset(): void {
    this.claims = {};
    this.header = {};
    this.metadata = {};
    this.signWith = null;
    this.answer = null;
    this.seen = [];
  }

  #token(): string {
    const now = Math.floor(Date.now() / 1000);
    const algorithm = this.signWith === 'none' ? 'none' : this.signWith === 'hmac' ? 'HS256' : 'RS256';
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims: Record<string, unknown> = {
      iss: this.issuer,
      aud: CLIENT,
      sub: '42',
      iat: now,
      exp: now + 60,
      auth_time: now,
      nonce: this.nonce,
      preferred_username: 'mallory',
      groups: ['ot-admins'],
      ...this.claims,
    };
    const text = `${part({ alg: algorithm, kid: 'k1', ...this.header })}.${part(claims)}`;
    if (this.signWith === 'none') return `${text}.`;
    if (this.signWith === 'hmac') {
      // The old trick: the public key as the secret of a keyed hash.
      const pem = this.publicKey.export({ type: 'spki', format: 'pem' });
      return `${text}.${createHash('sha256').update(text).update(pem).digest('base64url')}`;
    }
    return `${text}.${sign('sha256', Buffer.from(text), this.signWith ?? this.key).toString('base64url')}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    let body = '';
    for await (const chunk of request) body += String(chunk);
    this.seen.push({ path, authorization: request.headers.authorization, body });
    if (this.answer?.(path, response)) return;
    response.setHeader('content-type', 'application/json');
    if (path === '/.well-known/openid-configuration') {
      response.end(
        JSON.stringify({
          issuer: this.issuer,
          authorization_endpoint: `${this.issuer}/authorize`,
          token_endpoint: `${this.issuer}/token`,
          jwks_uri: `${this.issuer}/keys`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
          ...this.metadata,
        }),
      );
    } else if (path === '/keys') {
      const jwk = createPublicKey(this.key).export({ format: 'jwk' });
      response.end(JSON.stringify({ keys: [{ ...jwk, kid: 'k1', alg: 'RS256', use: 'sig' }] }));
    } else if (path === '/token') {
      response.end(JSON.stringify({ access_token: 'a', token_type: 'Bearer', id_token: this.#token() }));
    } else {
      response.statusCode = 404;
      response.end('{}');
    }
  }
}

describe('a sign-in service that cannot be trusted', () => {
  const service = new HostileService();
  let data: { dir: string; remove(): void };

  beforeAll(async () => {
    service.issuer = await listen(service.server);
    data = tempDataDir();
    await addUser(data.dir, 'local', 'admin');
  });
  afterAll(async () => {
    await stop(service.server);
    data.remove();
  });
  beforeEach(() => service.reset());

  /** Each with a console of its own, because what was discovered is remembered. */
  async function attempt(more = '', query = 'code=c'): Promise<{ end: string; user: unknown; sentTo: string }> {
    const settings = settingsFor(data.dir, { issuer: service.issuer, more });
    const built = await testConsole(data.dir, { oidc: settings });
    try {
      const browser = new Browser(built);
      const begun = await browser.console('GET', '/api/v1/oidc/login');
      const sentTo = String(begun.headers['location']);
      if (!URL.canParse(sentTo)) return { end: sentTo, user: undefined, sentTo };
      const there = new URL(sentTo);
      service.nonce = there.searchParams.get('nonce') ?? '';
      const back = await browser.console(
        'GET',
        `/api/v1/oidc/callback?${query}&state=${there.searchParams.get('state')}`,
      );
      return { end: String(back.headers['location']), user: (await browser.session())['user'], sentTo };
    } finally {
      await built.close();
    }
  }

  it('signs in while it keeps to the protocol, and gets the secret by HTTP Basic, form-encoded', async () => {
    expect(await attempt()).toMatchObject({ end: '/', user: { name: 'mallory', role: 'admin' } });
    const token = service.seen.find(({ path }) => path === '/token');
    const [id = '', secret = ''] = Buffer.from(token?.authorization?.slice(6) ?? '', 'base64')
      .toString()
      .split(':');
    expect(id).toBe(CLIENT);
    expect(decodeURIComponent(secret.replaceAll('+', ' '))).toBe(CLIENT_SECRET);
    expect(new URLSearchParams(token?.body).get('code_verifier')).toMatch(/^[\w-]{43,}$/);
    service.reset();
    service.metadata = { token_endpoint_auth_methods_supported: ['client_secret_post'] };
    expect(await attempt()).toMatchObject({ end: '/' });
    const posted = service.seen.find(({ path }) => path === '/token');
    expect(posted?.authorization).toBeUndefined();
    expect(new URLSearchParams(posted?.body).get('client_secret')).toBe(CLIENT_SECRET);
  });

  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const now = () => Math.floor(Date.now() / 1000);
  it.each<[string, () => void]>([
    ['signed by another key', () => (service.signWith = other)],
    ['not signed (alg none)', () => (service.signWith = 'none')],
    ['signed with the public key as a shared secret (HS256)', () => (service.signWith = 'hmac')],
    ['of a key that is not published', () => (service.header = { kid: 'k2' })],
    ['with a critical extension that nobody knows', () => (service.header = { crit: ['x'], x: 1 })],
    ['for another client', () => (service.claims = { aud: 'somebody-else' })],
    ['for several clients, issued to another', () => (service.claims = { aud: [CLIENT, 'other'], azp: 'other' })],
    ['of another issuer', () => (service.claims = { iss: 'https://evil.example' })],
    ['with another nonce', () => (service.claims = { nonce: 'replayed' })],
    ['without a nonce', () => (service.claims = { nonce: undefined })],
    ['that ended', () => (service.claims = { exp: now() - 31 })],
    ['that begins later', () => (service.claims = { nbf: now() + 60 })],
    ['of a sign-in that is older than a session may be', () => (service.claims = { auth_time: now() - 13 * 3600 })],
    ['that does not say when the person signed in', () => (service.claims = { auth_time: undefined })],
    ['without a subject', () => (service.claims = { sub: undefined })],
    ['with a subject that is no text', () => (service.claims = { sub: 42 })],
  ])('is refused with an ID token %s', async (_, bend) => {
    bend();
    expect(await attempt()).toMatchObject({ end: '/?problem=refused', user: undefined });
  });

  it('may have a clock that is a little wrong, and no more', async () => {
    service.claims = { exp: now() - 25 };
    expect(await attempt()).toMatchObject({ end: '/' });
    expect(await attempt('    clock_skew_seconds: 0\n')).toMatchObject({ end: '/?problem=refused' });
  });

  it.each<[string, string, () => void]>([
    ['names another issuer', 'refused', () => (service.metadata = { issuer: 'https://evil.example' })],
    [
      'sends people to an address without encryption',
      'refused',
      () => (service.metadata = { authorization_endpoint: 'http://evil.example/a' }),
    ],
    [
      'sends people to a script',
      'refused',
      () => (service.metadata = { authorization_endpoint: 'javascript:alert(1)' }),
    ],
    [
      'has a token endpoint without encryption',
      'refused',
      () => (service.metadata = { token_endpoint: 'http://evil.example/t' }),
    ],
    ['reads the machine’s files', 'refused', () => (service.metadata = { jwks_uri: 'file:///etc/passwd' })],
    [
      'has keys elsewhere without encryption',
      'refused',
      () => (service.metadata = { jwks_uri: 'http://evil.example/k' }),
    ],
  ])('is refused when its discovery document %s', async (_, problem, bend) => {
    bend();
    expect(await attempt()).toMatchObject({ end: `/?problem=${problem}`, user: undefined });
  });

  const bodies: Record<string, (response: ServerResponse) => void> = {
    'without an end': (response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 0x20)));
        if (!response.destroyed) response.once('drain', more);
      };
      response.setHeader('content-type', 'application/json');
      more();
    },
    'that is a redirect elsewhere': (response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:9/' });
      response.end();
    },
    'that is no JSON': (response) => {
      response.setHeader('content-type', 'application/json');
      response.end('<script>alert(1)</script>');
    },
    'that is JSON of another shape': (response) => {
      response.setHeader('content-type', 'application/json');
      response.end('[null, {"__proto__": 1}]');
    },
    'nested a hundred thousand deep': (response) => {
      response.setHeader('content-type', 'application/json');
      response.end('['.repeat(100_000));
    },
    'with status 500': (response) => {
      response.statusCode = 500;
      response.end('{}');
    },
    'that breaks off': (response) => {
      response.setHeader('content-length', '1000');
      response.write('{"iss');
      response.destroy();
    },
    'with headers without an end': (response) => {
      response.setHeader('x-long', 'x'.repeat(100_000));
      response.end('{}');
    },
  };
  const places = ['/.well-known/openid-configuration', '/token', '/keys'];
  it.each(places.flatMap((place) => Object.keys(bodies).map((name) => [place, name] as const)))(
    'is turned away when %s is answered by something %s',
    async (place, name) => {
      service.answer = (path, response) => {
        if (path !== place) return false;
        bodies[name]?.(response);
        return true;
      };
      const { end, user } = await attempt();
      expect(end).toMatch(/^\/\?problem=(refused|unreachable)$/);
      expect(user).toBeUndefined();
    },
  );

  it.each(['javascript:alert(1)', 'http://evil.example/logout', 'not an address'])(
    'does not get the browser to %s when a session ends',
    async (endpoint) => {
      service.metadata = { end_session_endpoint: endpoint };
      const built = await testConsole(data.dir, { oidc: settingsFor(data.dir, { issuer: service.issuer }) });
      try {
        const browser = new Browser(built);
        const there = new URL(await browser.begin());
        service.nonce = there.searchParams.get('nonce') ?? '';
        await browser.console('GET', `/api/v1/oidc/callback?code=c&state=${there.searchParams.get('state')}`);
        expect(await browser.session()).toHaveProperty('user');
        const answer = await browser.console('POST', '/api/v1/logout', {});
        expect(answer.statusCode).toBe(200);
        expect(answer.json()).not.toHaveProperty('continue_at');
      } finally {
        await built.close();
      }
    },
  );

  it('is given up after ten seconds of silence', { timeout: 20_000 }, async () => {
    service.answer = () => true;
    const started = performance.now();
    expect(await attempt()).toMatchObject({ end: '/?problem=unreachable' });
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('may switch protocols instead of answering, and holds nobody up', async () => {
    service.answer = (_, response) => {
      response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
      return true;
    };
    expect((await attempt()).end).toMatch(/^\/\?problem=(unreachable|refused)$/);
  });

  it('may refuse the person, with words that only the log shows', async () => {
    const query = `error=access_denied&error_description=${encodeURIComponent('<img onerror=alert(1)>\n')}`;
    expect(await attempt('', query)).toMatchObject({ end: '/?problem=denied', user: undefined });
  });

  it('is asked for what is not in the ID token, and only about the same person', async () => {
    service.metadata = { userinfo_endpoint: `${service.issuer}/me` };
    service.claims = { groups: undefined };
    const told = (sub: string) => (path: string, response: ServerResponse) => {
      if (path !== '/me') return false;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ sub, groups: ['everyone'] }));
      return true;
    };
    service.answer = told('somebody else');
    expect(await attempt()).toMatchObject({ end: '/?problem=refused' });
    service.answer = told('42');
    // The last admin but one of this console: local stays.
    expect(await attempt()).toMatchObject({ end: '/', user: { name: 'mallory', role: 'viewer' } });
  });
});

describe('the settings of the sign-in service', () => {
  const base = loadConfig({ env: {}, file: undefined }).config.console;
  const good = {
    ...base,
    public_url: 'https://fw.example',
    oidc: { ...base.oidc, issuer: 'https://id.example', client_id: 'x', viewer: ['v'] },
  };
  it.each([
    ['no group', { ...good, oidc: { ...good.oidc, viewer: [] } }, /names no group/],
    ['no client id', { ...good, oidc: { ...good.oidc, client_id: '' } }, /needs client_id/],
    ['no public address', { ...good, public_url: '' }, /needs console.public_url/],
    ['a public address without encryption', { ...good, public_url: 'http://fw.example' }, /not encrypted/],
    ['an issuer without encryption', { ...good, oidc: { ...good.oidc, issuer: 'http://id.example' } }, /not encrypted/],
    [
      'a secret file that is not there',
      { ...good, oidc: { ...good.oidc, client_secret_file: '/nowhere' } },
      /cannot be read \(ENOENT\)/,
    ],
    [
      'a variable that is not set',
      { ...good, oidc: { ...good.oidc, client_secret_env: 'NOT_SET' } },
      /NOT_SET is not set/,
    ],
  ])('are refused with %s, in one sentence', (_, settings, sentence) => {
    expect(() => oidcSettings(settings, {})).toThrow(sentence);
  });

  it('are nothing without an issuer', () => {
    expect(oidcSettings(base, {})).toBeNull();
    expect(oidcSettings(good, {})?.publicUrl).toBe('https://fw.example/');
  });

  it('give whoever is in several groups the role that may most', () => {
    const settings = oidcSettings({ ...good, oidc: { ...good.oidc, admin: ['a'], auditor: ['u'] } }, {});
    if (!settings) throw new Error('no settings');
    expect(roleOf(settings, ['v', 'u', 'a'])).toBe('admin');
    expect(roleOf(settings, ['v', 'u'])).toBe('auditor');
    expect(roleOf(settings, ['A', 'constructor', '__proto__'])).toBeNull();
  });

  it('never lead to another host afterwards', () => {
    for (const path of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      '/\t/evil.example',
      'javascript:x',
      '',
      '/..//evil.example',
      `/${'x'.repeat(2000)}`,
    ])
      expect(ownPath(path)).toMatch(/^\/(?![/\\])/);
    expect(ownPath('/alerts?status=open')).toBe('/alerts?status=open');
    expect(ownPath('/..//evil.example')).toBe('/');
  });

  it('count as encrypted only with TLS, or within the machine', () => {
    for (const url of ['https://a.example', 'http://localhost:1', 'http://127.0.0.1', 'http://[::1]:80'])
      expect(isSafeUrl(url)).toBe(true);
    for (const url of ['http://a.example', 'http://127.0.0.1.evil.example', 'ftp://localhost', 'javascript:1', 'x'])
      expect(isSafeUrl(url)).toBe(false);
  });
});
