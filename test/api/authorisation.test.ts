import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS, AREA_NAMES, type Area, areaOf, PERSON_ONLY } from '../../console/api/access.js';
import type { BuiltConsole } from '../../console/api/start.js';
import { ConsoleStore, ROLES, type Role } from '../../sensor/store/console/console-store.js';
import { addUser, PASSWORD, sampleDataDir, testConsole } from '../support/console.js';

/**
 * Who may do what, said a second time and without looking at the code: a new route needs a line here. First the roles
 * (v viewer, n analyst, a admin, u auditor; all: also who is not signed in), then the part of the API that a limited
 * token needs for it (all: any token; -: no token at all).
 */
const EXPECTED: Readonly<Record<string, readonly [who: string, area: string]>> = {
  'GET /healthz': ['all', 'all'],
  'GET /metrics': ['v n a u', 'health'],
  'GET /api/openapi.json': ['all', 'all'],
  'GET /api/v1/session': ['all', 'all'],
  'POST /api/v1/setup': ['all', 'all'],
  'POST /api/v1/login': ['all', 'all'],
  'POST /api/v1/logout': ['v n a u', '-'],
  'GET /api/v1/oidc/login': ['all', 'all'],
  'GET /api/v1/oidc/callback': ['all', 'all'],
  'GET /api/v1/overview': ['v n a u', 'alerts'],
  'GET /api/v1/alerts': ['v n a u', 'alerts'],
  'GET /api/v1/alerts/:id': ['v n a u', 'alerts'],
  'GET /api/v1/alerts/:id/packets.pcapng': ['v n a u', 'alerts'],
  'POST /api/v1/alerts/:id/status': ['n a', 'alerts'],
  'GET /api/v1/assets': ['v n a u', 'assets'],
  'GET /api/v1/assets/export': ['v n a u', 'assets'],
  'GET /api/v1/assets/compare': ['v n a u', 'assets'],
  'GET /api/v1/assets/groups': ['v n a u', 'assets'],
  'GET /api/v1/assets/:id': ['v n a u', 'assets'],
  'POST /api/v1/assets/:id/approve': ['n a', 'assets'],
  'GET /api/v1/conversations': ['v n a u', 'network'],
  'GET /api/v1/variables': ['v n a u', 'process'],
  'GET /api/v1/variables/:id': ['v n a u', 'process'],
  'GET /api/v1/health': ['v n a u', 'health'],
  'GET /api/v1/baseline': ['v n a u', 'baseline'],
  'POST /api/v1/baseline/phase': ['a', 'baseline'],
  'GET /api/v1/baseline/learning': ['v n a u', 'baseline'],
  'GET /api/v1/baseline/proposals': ['v n a u', 'baseline'],
  'POST /api/v1/baseline/proposals': ['n a', 'baseline'],
  'GET /api/v1/baseline/acceptances': ['v n a u', 'baseline'],
  'POST /api/v1/baseline/acceptances/:id/end': ['n a', 'baseline'],
  'GET /api/v1/baseline/versions': ['v n a u', 'baseline'],
  'GET /api/v1/baseline/versions/:n/diff': ['v n a u', 'baseline'],
  'POST /api/v1/baseline/versions/:n/restore': ['a', 'baseline'],
  'GET /api/v1/baseline/export': ['v n a u', 'baseline'],
  'POST /api/v1/baseline/import': ['a', 'baseline'],
  'GET /api/v1/alerts/:id/acceptance': ['v n a u', 'alerts'],
  'POST /api/v1/alerts/:id/acceptance': ['n a', 'alerts'],
  'GET /api/v1/assets/likely-same': ['v n a u', 'assets'],
  'GET /api/v1/assets/:id/parts': ['v n a u', 'assets'],
  'GET /api/v1/assets/:id/writers': ['v n a u', 'assets'],
  'POST /api/v1/assets/:id/merge': ['n a', 'assets'],
  'POST /api/v1/assets/:id/split': ['n a', 'assets'],
  'POST /api/v1/assets/list': ['n a', 'assets'],
  'GET /api/v1/events': ['v n a u', '-'],
  'GET /api/v1/audit': ['a u', 'audit'],
  'GET /api/v1/audit/verify': ['a u', 'audit'],
  'GET /api/v1/map': ['v n a u', 'network'],
  'GET /api/v1/traffic': ['v n a u', 'network'],
  'POST /api/v1/alerts/bulk': ['n a', 'alerts'],
  'GET /api/v1/alerts/:id/related': ['v n a u', 'alerts'],
  'GET /api/v1/alerts/:id/explain': ['v n a u', 'alerts'],
  'POST /api/v1/alerts/:id/notes': ['n a', 'alerts'],
  'POST /api/v1/alerts/:id/assign': ['n a', 'alerts'],
  'GET /api/v1/incidents': ['v n a u', 'alerts'],
  'GET /api/v1/mutes': ['v n a u', 'alerts'],
  'POST /api/v1/mutes': ['n a', 'alerts'],
  'DELETE /api/v1/mutes/:id': ['n a', 'alerts'],
  'GET /api/v1/maintenance': ['v n a u', 'alerts'],
  'POST /api/v1/maintenance': ['a', 'alerts'],
  'POST /api/v1/maintenance/preview': ['n a', 'alerts'],
  'DELETE /api/v1/maintenance/:id': ['a', 'alerts'],
  'GET /api/v1/views': ['v n a u', '-'],
  'POST /api/v1/views': ['v n a u', '-'],
  'DELETE /api/v1/views/:id': ['v n a u', '-'],
  'PUT /api/v1/assets/:id/settings': ['n a', 'assets'],
  'GET /api/v1/rules': ['v n a u', 'rules'],
  'GET /api/v1/rules/:id': ['v n a u', 'rules'],
  'POST /api/v1/rules/:id/enabled': ['a', 'rules'],
  'POST /api/v1/rules/check': ['n a', 'rules'],
  'GET /api/v1/own-rules': ['v n a u', 'rules'],
  'GET /api/v1/own-rules/export': ['v n a u', 'rules'],
  'GET /api/v1/own-rules/:id': ['v n a u', 'rules'],
  'POST /api/v1/own-rules': ['n a', 'rules'],
  'POST /api/v1/own-rules/:id/use': ['a', 'rules'],
  'DELETE /api/v1/own-rules/:id': ['n a', 'rules'],
  'GET /api/v1/alerts/:id/rule-draft': ['n a', 'alerts'],
  'GET /api/v1/rule-trials': ['n a', 'rules'],
  'POST /api/v1/rule-trials': ['n a', 'rules'],
  'GET /api/v1/rule-trials/:id': ['n a', 'rules'],
  'DELETE /api/v1/rule-trials/:id': ['n a', 'rules'],
  'GET /api/v1/coverage': ['v n a u', 'rules'],
  'GET /api/v1/report': ['v n a u', 'reports'],
  'GET /api/v1/report.csv': ['v n a u', 'reports'],
  'GET /api/v1/report/schedule': ['v n a u', 'reports'],
  'GET /api/v1/workspaces': ['n a', 'captures'],
  'POST /api/v1/workspaces': ['n a', 'captures'],
  'PUT /api/v1/workspaces/:id/part': ['n a', 'captures'],
  'GET /api/v1/workspaces/:id': ['n a', 'captures'],
  'POST /api/v1/workspaces/:id/cancel': ['n a', 'captures'],
  'DELETE /api/v1/workspaces/:id': ['n a', 'captures'],
  'GET /api/v1/people': ['v n a u', 'alerts'],
  'GET /api/v1/users': ['a', 'accounts'],
  'POST /api/v1/users': ['a', '-'],
  'POST /api/v1/users/:name': ['a', '-'],
  'GET /api/v1/sessions': ['a', 'accounts'],
  'DELETE /api/v1/sessions/:id': ['a', 'accounts'],
  'GET /api/v1/tokens': ['a', 'accounts'],
  'POST /api/v1/tokens': ['a', '-'],
  'DELETE /api/v1/tokens/:name': ['a', 'accounts'],
  'GET /api/v1/account': ['v n a u', '-'],
  'POST /api/v1/account/confirm': ['v n a u', '-'],
  'POST /api/v1/account/password': ['v n a u', '-'],
  'POST /api/v1/account/totp/begin': ['v n a u', '-'],
  'POST /api/v1/account/totp/enable': ['v n a u', '-'],
  'POST /api/v1/account/totp/disable': ['v n a u', '-'],
  'DELETE /api/v1/account/sessions/:id': ['v n a u', '-'],
  'GET /api/v1/exporters': ['v n a u', 'export'],
  'GET /api/v1/exporters/settings': ['a', 'export'],
  'PUT /api/v1/exporters/:name': ['a', 'export'],
  'DELETE /api/v1/exporters/:name': ['a', 'export'],
  'POST /api/v1/exporters/:name/test': ['a', 'export'],
};

const LETTERS: Readonly<Record<Role, string>> = { viewer: 'v', analyst: 'n', admin: 'a', auditor: 'u' };

/** Paths about nothing that exists, and no body: whoever gets past the door changes nothing. */
function pathOf(url: string): string {
  return url.replace(':id', 'nothing').replace(':name', 'nothing').replace(':n', '1');
}

/** These do something without a body or an id; their own tests show what. */
const ACTS = new Set(['POST /api/v1/logout', 'POST /api/v1/account/totp/begin', 'POST /api/v1/account/totp/disable']);

let data: { dir: string; remove(): void };
let built: BuiltConsole;
const headers = new Map<string, Record<string, string>>();
const tokens: { name: string; role: Role; areas: readonly Area[] }[] = [];

beforeAll(async () => {
  data = sampleDataDir();
  for (const role of ROLES) await addUser(data.dir, role, role);
  built = await testConsole(data.dir);
  headers.set('nobody', {});
  const nobody = await built.app.inject({ method: 'GET', url: '/api/v1/session' });
  headers.set('nobody', { 'x-csrf-token': nobody.json<{ csrf: string }>().csrf });
  for (const role of ROLES) {
    const answer = await built.app.inject({
      method: 'POST',
      url: '/api/v1/login',
      payload: { name: role, password: PASSWORD },
      headers: { 'x-csrf-token': nobody.json<{ csrf: string }>().csrf },
    });
    const cookie = answer.cookies[0];
    headers.set(role, {
      cookie: `${cookie?.name}=${cookie?.value}`,
      'x-csrf-token': answer.json<{ csrf: string }>().csrf,
    });
  }
  const accounts = new ConsoleStore(data.dir);
  const owner = { user: 'admin', source: 'test' };
  for (const role of ROLES) tokens.push({ name: `token of a ${role}`, role, areas: [] });
  for (const area of AREA_NAMES) tokens.push({ name: `admin token for ${area}`, role: 'admin', areas: [area] });
  tokens.push({ name: 'viewer token for alerts and assets', role: 'viewer', areas: ['alerts', 'assets'] });
  for (const { name, role, areas } of tokens) {
    const token = accounts.tokens.create(name, role, areas, Date.now() + 3_600_000, owner);
    headers.set(name, { authorization: `Bearer ${token}` });
  }
  accounts.close();
  headers.set('an invented token', { authorization: 'Bearer fwt_invented' });
});

afterAll(async () => {
  await built.close();
  data.remove();
});

/** What the door says: in, or the code of the refusal. Whatever comes behind the door (400, 404, 409) is "in". */
async function knock(route: string, who: string): Promise<string> {
  const [method, url = ''] = route.split(' ') as ['GET' | 'POST' | 'PUT' | 'DELETE', string];
  const answer = await built.app.inject({
    method,
    url: pathOf(url),
    headers: headers.get(who) ?? {},
    payloadAsStream: true,
  });
  if (answer.statusCode !== 401 && answer.statusCode !== 403) {
    answer.stream().destroy();
    return 'in';
  }
  let text = '';
  for await (const chunk of answer.stream()) text += String(chunk);
  const { code } = (JSON.parse(text) as { error: { code: string } }).error;
  return ['sign_in', 'bad_token', 'forbidden'].includes(code) ? code : 'in';
}

function expectedForRole(route: string, role: Role | null): string {
  const [who = ''] = EXPECTED[route] ?? [];
  if (who === 'all') return 'in';
  if (role === null) return 'sign_in';
  return who.split(' ').includes(LETTERS[role]) ? 'in' : 'forbidden';
}

function expectedForToken(route: string, { role, areas }: { role: Role; areas: readonly Area[] }): string {
  const [, area = ''] = EXPECTED[route] ?? [];
  if (area === 'all') return 'in';
  if (area === '-') return 'forbidden';
  if (areas.length > 0 && !areas.includes(area as Area)) return 'forbidden';
  return expectedForRole(route, role);
}

const routes = Object.keys(EXPECTED);

describe('who may do what', () => {
  it('is said here for every route that the API describes, and for no other', async () => {
    const described = (await built.app.inject({ method: 'GET', url: '/api/openapi.json' })).json<{
      paths: Record<string, Record<string, { 'x-access'?: string }>>;
    }>();
    const found = Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    // It describes neither itself nor the page.
    const hidden = ['GET /api/openapi.json'];
    expect([...found, ...hidden].sort(), 'a new route needs a line in EXPECTED above').toEqual([...routes].sort());
    expect(Object.keys(ACCESS).filter((route) => !routes.includes(route))).toEqual(['GET /', 'GET /*', 'HEAD /*']);
  });

  it('is a level for each route that a stranger reaches only on purpose', () => {
    expect(routes.filter((route) => EXPECTED[route]?.[0] === 'all')).toEqual([
      'GET /healthz',
      'GET /api/openapi.json',
      'GET /api/v1/session',
      'POST /api/v1/setup',
      'POST /api/v1/login',
      'GET /api/v1/oidc/login',
      'GET /api/v1/oidc/callback',
    ]);
  });

  it.each(['nobody', 'an invented token', ...ROLES])('holds for every route when asked by %s', async (who) => {
    const wrong: string[] = [];
    for (const route of routes) {
      const role = ROLES.find((name) => name === who) ?? null;
      const isPublic = EXPECTED[route]?.[0] === 'all';
      const expected = who === 'an invented token' ? 'bad_token' : expectedForRole(route, role);
      if (expected === 'in' && ACTS.has(route)) continue;
      const answer = await knock(route, who);
      if (answer !== expected && !(isPublic && answer === 'in')) wrong.push(`${route}: ${answer}, not ${expected}`);
    }
    expect(wrong).toEqual([]);
  });

  it('holds for every route and every token, whatever its role and its limits', async () => {
    const wrong: string[] = [];
    for (const token of tokens) {
      for (const route of routes) {
        const expected = expectedForToken(route, token);
        const answer = await knock(route, token.name);
        if (answer !== expected) wrong.push(`${token.name}, ${route}: ${answer}, not ${expected}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('puts every route that a token may use into one part of the API', () => {
    for (const [route, [, area]] of Object.entries(EXPECTED)) {
      const [, url = ''] = route.split(' ');
      if (area !== 'all' && area !== '-') expect(areaOf(url), route).toBe(area);
    }
    for (const route of PERSON_ONLY) expect(routes).toContain(route);
  });

  it('lets nobody change anything by reading, and an auditor change nothing but their own account', () => {
    const changing = routes.filter((route) => !route.startsWith('GET'));
    const byAuditor = changing.filter((route) => /u|all/.test(EXPECTED[route]?.[0] ?? ''));
    expect(byAuditor.filter((route) => !/\/(account|views|setup|login|logout)/.test(route))).toEqual([]);
  });
});
