import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS, type Access, mayAccess } from '../../console/api/access.js';
import type { BuiltConsole } from '../../console/api/start.js';
import { ROLES, type Role } from '../../sensor/store/console/console-store.js';
import { ApiClient, addUser, PASSWORD, sampleDataDir, testConsole } from '../support/console.js';

const Database = createRequire(import.meta.url)('better-sqlite3') as typeof BetterSqlite3;

const NAMES: Record<Role, string> = { viewer: 'vera', analyst: 'anton', admin: 'ada', auditor: 'otto' };

let data: { dir: string; remove(): void };
let built: BuiltConsole;
const clients = new Map<Role | 'nobody', ApiClient>();

beforeAll(async () => {
  data = sampleDataDir();
  const page = join(data.dir, 'page');
  mkdirSync(join(page, 'static'), { recursive: true });
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>Fieldwatch</title>');
  writeFileSync(join(page, 'static', 'app-1234.js'), 'export {};');
  writeFileSync(join(data.dir, 'secret.txt'), 'not for the web');
  for (const role of ROLES) await addUser(data.dir, NAMES[role], role);
  built = await testConsole(data.dir, { webRoot: page, metricsToken: 'metrics-token-for-tests' });
  for (const role of ROLES) {
    const client = new ApiClient(built);
    expect((await client.signIn(NAMES[role])).status).toBe(200);
    clients.set(role, client);
  }
  const nobody = new ApiClient(built);
  await nobody.get('/api/v1/session');
  clients.set('nobody', nobody);
});

afterAll(async () => {
  await built.close();
  data.remove();
});

function client(who: Role | 'nobody'): ApiClient {
  const found = clients.get(who);
  if (!found) throw new Error(`no client for ${who}`);
  return found;
}

/** A body that each changing route accepts. */
const BODIES: Record<string, object> = {
  'POST /api/v1/setup': { code: 'x', name: 'x', password: 'x' },
  'POST /api/v1/login': { name: 'x', password: 'x' },
  'POST /api/v1/logout': {},
  'POST /api/v1/alerts/:id/status': { status: 'acknowledged' },
  'POST /api/v1/assets/:id/approve': { approved: true },
  'POST /api/v1/baseline/phase': { phase: 'protect' },
  'POST /api/v1/alerts/bulk': { ids: ['alert-write'], note: 'looked at' },
  'POST /api/v1/alerts/:id/notes': { note: 'looked at' },
  'POST /api/v1/alerts/:id/assign': { assignee: 'ada' },
  'POST /api/v1/mutes': { rule: 'some-rule', reason: 'maintenance', minutes: 5 },
  'POST /api/v1/maintenance': { name: 'service', from: '06:00', to: '08:00', reason: 'weekly service' },
  'POST /api/v1/maintenance/preview': { name: 'service', from: '06:00', to: '08:00' },
  'POST /api/v1/views': { page: 'alerts', name: 'mine', query: 'status=open', shared: false },
  'PUT /api/v1/assets/:id/settings': { zone: 'Filling line' },
  'PUT /api/v1/exporters/:name': { settings: { type: 'syslog', host: 'siem.example.com' } },
  'POST /api/v1/rules/:id/enabled': { enabled: false, reason: 'noisy here' },
  'POST /api/v1/rules/check': { text: 'title: x' },
  'POST /api/v1/own-rules': { text: 'title: x', reason: 'noisy here' },
  'POST /api/v1/own-rules/:id/use': { version: 1, reason: 'noisy here' },
  'POST /api/v1/rule-trials': { capture: 'alerts', off: ['some-rule'] },
  'POST /api/v1/workspaces/:id/cancel': {},
  'POST /api/v1/workspaces': { name: 'a.pcap', size: 10 },
  'PUT /api/v1/workspaces/:id/part': {},
  'POST /api/v1/users': { name: 'ada', role: 'viewer', password: PASSWORD },
  'POST /api/v1/users/:name': { role: 'viewer' },
  'POST /api/v1/tokens': { name: 'reader', role: 'viewer', days: 1 },
  'POST /api/v1/account/confirm': { password: PASSWORD },
  'POST /api/v1/account/password': { current: 'wrong', password: 'another granite lantern orbit' },
  'POST /api/v1/account/totp/enable': { code: '000000' },
  'POST /api/v1/baseline/proposals': { ids: ['none'], verdict: 'confirmed', reason: 'known' },
  'POST /api/v1/baseline/acceptances/:id/end': { reason: 'over' },
  'POST /api/v1/baseline/versions/:n/restore': { reason: 'as before' },
  'POST /api/v1/baseline/import': { name: 'plant.yml', text: 'nothing' },
  'POST /api/v1/alerts/:id/acceptance': { scope: 'pair', reason: 'known' },
  'POST /api/v1/assets/:id/merge': { into: 'none' },
  'POST /api/v1/assets/list': { text: 'nothing' },
};

const PATHS: Record<string, string> = {
  '/api/v1/alerts/:id/rule-draft': '/api/v1/alerts/alert-write/rule-draft?kind=rule',
  '/api/v1/workspaces/:id/part': '/api/v1/workspaces/none/part?offset=0',
  '/api/v1/assets/export': '/api/v1/assets/export?format=csv',
  '/api/v1/assets/groups': '/api/v1/assets/groups?by=zone',
  '/api/v1/assets/compare': '/api/v1/assets/compare?from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z',
  '/api/v1/assets/:id/settings': '/api/v1/assets/asset-plc1/settings',
  '/api/v1/exporters/:name': '/api/v1/exporters/soc',
  '/api/v1/users/:name': '/api/v1/users/nobody-here',
  '/api/v1/tokens/:name': '/api/v1/tokens/nothing-here',
  '/api/v1/variables/:id': '/api/v1/variables/variable-level',
  '/api/v1/assets/:id': '/api/v1/assets/asset-plc1',
  '/api/v1/assets/:id/parts': '/api/v1/assets/asset-plc1/parts',
  '/api/v1/assets/:id/writers': '/api/v1/assets/asset-plc1/writers',
  '/api/v1/baseline/versions/:n/diff': '/api/v1/baseline/versions/0/diff',
  '/api/v1/baseline/versions/:n/restore': '/api/v1/baseline/versions/99/restore',
  '/api/v1/assets/:id/approve': '/api/v1/assets/asset-plc1/approve',
};

// Open streams and ended sessions have tests of their own.
const ELSEWHERE = new Set([
  'POST /api/v1/account/totp/begin',
  'POST /api/v1/account/totp/disable',
  'GET /api/v1/events',
  'GET /api/v1/oidc/login',
  'GET /api/v1/oidc/callback',
  'POST /api/v1/logout',
  'GET /*',
  'HEAD /*',
]);

const cells = Object.entries(ACCESS)
  .filter(([route]) => !ELSEWHERE.has(route))
  .flatMap(([route, access]) => (['nobody', ...ROLES] as const).map((who) => [route, access, who] as const));

describe('who may do what', () => {
  it.each(cells)('%s (%s) asked by %s', async (route, access, who) => {
    const [method, url = ''] = route.split(' ') as ['GET' | 'POST' | 'PUT' | 'DELETE', string];
    const path = PATHS[url] ?? url.replace(':id', 'alert-write');
    const answer = await client(who).send(method, path, BODIES[route]);
    if (mayAccess(who === 'nobody' ? null : who, access as Access)) {
      // Sign-in and set-up let everyone try and then refuse what is wrong.
      // Allowed, and then found to be about nothing, wrong or there already.
      const isOfNothing =
        /POST .*(baseline.(proposals|acceptances|versions|import)|acceptance|merge|split|assets.list)|DELETE|users|totp|password|tokens|exporters|rules.:id|own-rules|rule-|workspaces/.test(
          route,
        );
      const others = /login|setup/.test(url) ? [401, 409, 429] : isOfNothing ? [400, 403, 404, 409, 503] : [];
      expect([200, ...others]).toContain(answer.status);
      if (answer.status === 403) expect(answer.body).toMatchObject({ error: { code: 'bad_password' } });
    } else {
      expect(answer.status).toBe(who === 'nobody' ? 401 : 403);
      expect(answer.body).toMatchObject({ error: { code: who === 'nobody' ? 'sign_in' : 'forbidden' } });
    }
  });

  it('has no route that the table does not name', () => {
    expect(() => built.app.get('/api/v1/forgotten', () => 'open')).toThrow();
  });

  it('lets a monitoring system read the metrics with its token, and nothing else', async () => {
    const nobody = client('nobody');
    const good = { authorization: 'Bearer metrics-token-for-tests' };
    expect((await nobody.get('/metrics', good)).status).toBe(200);
    expect((await nobody.get('/metrics', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await nobody.get('/api/v1/alerts', good)).status).toBe(401);
  });
});

describe('requests that a web page of someone else could send', () => {
  const body = { approved: true };
  const url = '/api/v1/assets/asset-plc1/approve';

  it('need the token of this very session', async () => {
    const ada = client('admin');
    for (const token of ['', 'wrong', client('viewer').csrf, client('nobody').csrf]) {
      const answer = await ada.post(url, body, { 'x-csrf-token': token });
      expect(answer).toMatchObject({ status: 403, body: { error: { code: 'csrf' } } });
    }
    expect((await ada.post(url, body)).status).toBe(200);
  });

  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['no origin at all, as a sandboxed frame has', { origin: 'null' }],
    ['the same host on another port', { origin: 'http://localhost:9999' }],
    ['another site, says the browser', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling site, says the browser', { 'sec-fetch-site': 'same-site' }],
  ])('are refused with %s', async (_, headers) => {
    const answer = await client('admin').post(url, body, { host: 'localhost:8420', ...headers });
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'cross_site' } } });
  });

  it('are accepted from the page itself', async () => {
    const headers = { host: 'localhost:8420', origin: 'http://localhost:8420', 'sec-fetch-site': 'same-origin' };
    expect((await client('admin').post(url, body, headers)).status).toBe(200);
  });

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:8420', 'localhost@evil.example'])(
    'are refused under the host name %j, whatever they ask for',
    async (host) => {
      for (const path of ['/', '/api/v1/session', '/healthz', '/api/openapi.json']) {
        expect(await client('admin').get(path, { host })).toMatchObject({ status: 421 });
      }
    },
  );

  it.each(['127.0.0.1:8420', '[::1]:8420', 'localhost', '192.168.1.4:8420'])('are answered under %s', async (host) => {
    expect((await client('nobody').get('/api/v1/session', { host })).status).toBe(200);
  });

  it('never change anything by GET', async () => {
    for (const route of Object.keys(BODIES)) {
      // What can also be read answers GET, and changes nothing then.
      if (route.replace(/^[A-Z]+/, 'GET') in ACCESS) continue;
      const path = route.replace(/^[A-Z]+ /, '').replace(':id', 'alert-write');
      expect((await client('admin').get(path)).status).toBe(404);
    }
  });
});

describe('every answer', () => {
  it.each([
    '/',
    '/alerts/some-page',
    '/api/v1/session',
    '/api/v1/alerts',
    '/api/nothing',
    '/static/app-1234.js',
    '/nothing.js',
  ])('to %s carries the headers that keep a browser from doing harm', async (url) => {
    const { headers } = await client('nobody').get(url);
    const policy = String(headers['content-security-policy']);
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ]) {
      expect(policy).toContain(part);
    }
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect(headers['server']).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('about the plant is never kept in a cache; only files with a hash in their name are', async () => {
    expect((await client('admin').get('/api/v1/alerts')).headers['cache-control']).toBe('no-store');
    expect((await client('nobody').get('/')).headers['cache-control']).toBe('no-cache');
    expect((await client('nobody').get('/static/app-1234.js')).headers['cache-control']).toContain('immutable');
  });

  it('is the page for the page’s own paths, and 404 for files and API paths that do not exist', async () => {
    const nobody = client('nobody');
    for (const path of ['/', '/alerts', '/assets/asset-plc1', '/a/b/c?d=e.js', '/assets/ip-192.168.1.4']) {
      expect(await nobody.get(path)).toMatchObject({ status: 200, text: expect.stringContaining('<title>Fieldwatch') });
    }
    for (const path of ['/api/v1/nothing', '/missing.js', '/static/other.js']) {
      expect(await nobody.get(path)).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    }
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%00',
    '/assets/%2e%2e%5c%2e%2e%5csecret.txt',
    '//etc/passwd',
    '/findings.db',
  ])('to %s is no file from outside the page', async (path) => {
    const answer = await client('admin').get(path);
    expect(answer.text).not.toContain('not for the web');
    expect(answer.text).not.toContain('SQLite');
    // Or the page itself, as for every path that only its script knows.
    if (!answer.text.includes('<title>Fieldwatch')) expect([400, 404]).toContain(answer.status);
  });

  it.each(['PUT', 'DELETE', 'OPTIONS'] as const)('to the unused method %s is 404', async (method) => {
    expect((await client('admin').send(method, '/api/v1/alerts')).status).toBe(404);
  });
});

describe('errors', () => {
  it('inside the console give an id that stands in the log, and nothing of the inside away', async () => {
    const lines: string[] = [];
    const other = sampleDataDir();
    await addUser(other.dir, 'otto', 'viewer');
    const broken = await testConsole(other.dir, { log: (line) => lines.push(line) });
    try {
      const otto = new ApiClient(broken);
      await otto.signIn('otto');
      const handle = new Database(join(other.dir, 'findings.db'));
      handle.exec('DROP TABLE conversation_record');
      handle.close();
      const answer = await otto.get('/api/v1/conversations');
      const { error } = answer.body as { error: { code: string; id: string } };
      expect(answer.status).toBe(500);
      expect(error.code).toBe('internal');
      expect(answer.text).not.toMatch(/conversation_record|sqlite|\/|at /i);
      expect(lines.join()).toContain('conversation_record');
      expect(lines.join()).toContain(error.id);
    } finally {
      await broken.close();
      other.remove();
    }
  });

  it.each([
    ['/api/v1/alerts?limit=0'],
    ['/api/v1/alerts?limit=501'],
    ['/api/v1/alerts?limit=x'],
    ['/api/v1/alerts?status=open,deleted'],
    ['/api/v1/alerts?severity=worst'],
    ['/api/v1/alerts?sort=title;DROP TABLE alert'],
    ['/api/v1/alerts?sort=severity&asset=asset-plc1'],
    ['/api/v1/alerts?status=open&status=closed'],
    ['/api/v1/assets?sort=__proto__'],
    [`/api/v1/assets?q=${'x'.repeat(201)}`],
    ['/api/v1/conversations?cursor=%00'],
  ])('of a query that is wrong (%s) are 400', async (url) => {
    const answer = await client('admin').get(url);
    expect(answer).toMatchObject({ status: 400, body: { error: { message: expect.any(String) } } });
  });

  it('of bodies: too large, not JSON, a poisoned prototype, wrong values', async () => {
    const ada = client('admin');
    const url = '/api/v1/alerts/alert-write/status';
    expect((await ada.post(url, { status: 'open', note: 'x'.repeat(1_100_000) })).status).toBe(413);
    const raw = (payload: string) =>
      built.app.inject({
        method: 'POST',
        url,
        payload,
        headers: { 'content-type': 'application/json', cookie: ada.cookie, 'x-csrf-token': ada.csrf },
      });
    expect((await raw('{')).statusCode).toBe(400);
    expect((await raw('{"status":"open","__proto__":{"role":"admin"}}')).statusCode).toBe(400);
    expect((await raw('{"status":"open","constructor":{"prototype":{}}}')).statusCode).toBe(400);
    expect((await raw(`${'['.repeat(100_000)}`)).statusCode).toBe(400);
    expect((await ada.post(url, { status: 'gone' })).status).toBe(400);
    expect((await ada.post(url, {})).status).toBe(400);
    const extra = await ada.post(url, { status: 'open', role: 'admin', user: 'someone else' });
    expect(extra.status).toBe(200);
    const detail = (await ada.get('/api/v1/alerts/alert-write')).body as { history: { user: string }[] };
    expect(detail.history[0]?.user).toBe(NAMES.admin);
  });
});

describe('the rate limit', () => {
  it('slows one session down without touching another', async () => {
    let time = 1_000_000;
    const limited = await testConsole(data.dir, { requestsPerMinute: 10, now: () => time });
    try {
      const fast = new ApiClient(limited);
      await fast.signIn(NAMES.viewer);
      const statuses: number[] = [];
      for (let n = 0; n < 12; n++) statuses.push((await fast.get('/api/v1/health')).status);
      expect(statuses.slice(0, 8)).toEqual(new Array(8).fill(200));
      const refused = await fast.get('/api/v1/health');
      expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': expect.any(String) } });
      const calm = new ApiClient(limited);
      time += 60_000;
      expect((await calm.signIn(NAMES.analyst)).status).toBe(200);
      expect((await fast.get('/api/v1/health')).status).toBe(200);
    } finally {
      await limited.close();
    }
  });
});
