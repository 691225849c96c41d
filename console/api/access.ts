import type { Role } from '../../sensor/store/console/console-store.js';

/**
 * `public`: whoever reaches the console. `viewer`: whoever is signed in. `analyst`: also an admin. `audit`: auditor and
 * admin. `session`: whoever is signed in as a person, not with a token.
 */
export type Access = 'public' | 'viewer' | 'analyst' | 'admin' | 'audit' | 'session';

/**
 * Who may do what. A route that is not in this table cannot be registered, so nothing is open by having been
 * forgotten.
 */
export const ACCESS: Readonly<Record<string, Access>> = {
  'GET /healthz': 'public',
  'GET /metrics': 'viewer',
  'GET /api/openapi.json': 'public',
  'GET /api/v1/session': 'public',
  'POST /api/v1/setup': 'public',
  'POST /api/v1/login': 'public',
  'POST /api/v1/logout': 'session',
  'GET /api/v1/oidc/login': 'public',
  'GET /api/v1/oidc/callback': 'public',
  'GET /api/v1/overview': 'viewer',
  'GET /api/v1/alerts': 'viewer',
  'GET /api/v1/alerts/:id': 'viewer',
  'GET /api/v1/alerts/:id/packets.pcapng': 'viewer',
  'POST /api/v1/alerts/:id/status': 'analyst',
  'GET /api/v1/assets': 'viewer',
  'GET /api/v1/assets/export': 'viewer',
  'GET /api/v1/assets/compare': 'viewer',
  'GET /api/v1/assets/groups': 'viewer',
  'GET /api/v1/assets/:id': 'viewer',
  'POST /api/v1/assets/:id/approve': 'analyst',
  'GET /api/v1/conversations': 'viewer',
  'GET /api/v1/variables': 'viewer',
  'GET /api/v1/variables/:id': 'viewer',
  'GET /api/v1/health': 'viewer',
  'GET /api/v1/baseline': 'viewer',
  // Learning on means that what happens now becomes normal: the most far-reaching switch there is.
  'POST /api/v1/baseline/phase': 'admin',
  'GET /api/v1/baseline/learning': 'viewer',
  'GET /api/v1/baseline/proposals': 'viewer',
  'POST /api/v1/baseline/proposals': 'analyst',
  'GET /api/v1/baseline/acceptances': 'viewer',
  'POST /api/v1/baseline/acceptances/:id/end': 'analyst',
  'GET /api/v1/baseline/versions': 'viewer',
  'GET /api/v1/baseline/versions/:n/diff': 'viewer',
  'POST /api/v1/baseline/versions/:n/restore': 'admin',
  'GET /api/v1/baseline/export': 'viewer',
  'POST /api/v1/baseline/import': 'admin',
  'GET /api/v1/alerts/:id/acceptance': 'viewer',
  'POST /api/v1/alerts/:id/acceptance': 'analyst',
  'GET /api/v1/assets/likely-same': 'viewer',
  'GET /api/v1/assets/:id/parts': 'viewer',
  'GET /api/v1/assets/:id/writers': 'viewer',
  'POST /api/v1/assets/:id/merge': 'analyst',
  'POST /api/v1/assets/:id/split': 'analyst',
  'POST /api/v1/assets/list': 'analyst',
  'GET /api/v1/events': 'session',
  'GET /api/v1/audit': 'audit',
  'GET /api/v1/audit/verify': 'audit',
  'GET /api/v1/map': 'viewer',
  'GET /api/v1/traffic': 'viewer',
  'POST /api/v1/alerts/bulk': 'analyst',
  'GET /api/v1/alerts/:id/related': 'viewer',
  'GET /api/v1/alerts/:id/explain': 'viewer',
  'POST /api/v1/alerts/:id/notes': 'analyst',
  'POST /api/v1/alerts/:id/assign': 'analyst',
  'GET /api/v1/incidents': 'viewer',
  'GET /api/v1/mutes': 'viewer',
  'POST /api/v1/mutes': 'analyst',
  'DELETE /api/v1/mutes/:id': 'analyst',
  'GET /api/v1/maintenance': 'viewer',
  // In a window an attack would look like work.
  'POST /api/v1/maintenance': 'admin',
  'POST /api/v1/maintenance/preview': 'analyst',
  'DELETE /api/v1/maintenance/:id': 'admin',
  'GET /api/v1/views': 'session',
  'POST /api/v1/views': 'session',
  'DELETE /api/v1/views/:id': 'session',
  'PUT /api/v1/assets/:id/settings': 'analyst',
  'GET /api/v1/rules': 'viewer',
  'GET /api/v1/rules/:id': 'viewer',
  'POST /api/v1/rules/:id/enabled': 'admin',
  'POST /api/v1/rules/check': 'analyst',
  'GET /api/v1/own-rules': 'viewer',
  'GET /api/v1/own-rules/export': 'viewer',
  'GET /api/v1/own-rules/:id': 'viewer',
  // Whoever works on alerts writes and tries rules; what sensors use is an admin's decision.
  'POST /api/v1/own-rules': 'analyst',
  'POST /api/v1/own-rules/:id/use': 'admin',
  'DELETE /api/v1/own-rules/:id': 'analyst',
  'GET /api/v1/alerts/:id/rule-draft': 'analyst',
  'GET /api/v1/rule-trials': 'analyst',
  'POST /api/v1/rule-trials': 'analyst',
  'GET /api/v1/rule-trials/:id': 'analyst',
  'DELETE /api/v1/rule-trials/:id': 'analyst',
  'GET /api/v1/coverage': 'viewer',
  'GET /api/v1/report': 'viewer',
  'GET /api/v1/report.csv': 'viewer',
  'GET /api/v1/report/schedule': 'viewer',
  'GET /api/v1/workspaces': 'analyst',
  'POST /api/v1/workspaces': 'analyst',
  'PUT /api/v1/workspaces/:id/part': 'analyst',
  'GET /api/v1/workspaces/:id': 'analyst',
  'POST /api/v1/workspaces/:id/cancel': 'analyst',
  'DELETE /api/v1/workspaces/:id': 'analyst',
  'GET /api/v1/people': 'viewer',
  'GET /api/v1/users': 'admin',
  'POST /api/v1/users': 'admin',
  'POST /api/v1/users/:name': 'admin',
  'GET /api/v1/sessions': 'admin',
  'DELETE /api/v1/sessions/:id': 'admin',
  'GET /api/v1/tokens': 'admin',
  'POST /api/v1/tokens': 'admin',
  'DELETE /api/v1/tokens/:name': 'admin',
  'GET /api/v1/account': 'session',
  'POST /api/v1/account/confirm': 'session',
  'POST /api/v1/account/password': 'session',
  'POST /api/v1/account/totp/begin': 'session',
  'POST /api/v1/account/totp/enable': 'session',
  'POST /api/v1/account/totp/disable': 'session',
  'DELETE /api/v1/account/sessions/:id': 'session',
  'GET /api/v1/exporters': 'viewer',
  'GET /api/v1/exporters/settings': 'admin',
  'PUT /api/v1/exporters/:name': 'admin',
  'DELETE /api/v1/exporters/:name': 'admin',
  'POST /api/v1/exporters/:name/test': 'admin',
  // The page itself; what it shows comes from the routes above.
  'GET /': 'public',
  'GET /*': 'public',
  'HEAD /*': 'public',
};

/**
 * Parts of the API that a token may be limited to, by the first word of the path. A word that is missing here is open
 * to tokens without a limit alone, so that nothing new is within an old token's scope.
 */
export const AREAS = {
  alerts: ['overview', 'alerts', 'incidents', 'mutes', 'people', 'maintenance'],
  assets: ['assets'],
  network: ['conversations', 'map', 'traffic'],
  process: ['variables'],
  baseline: ['baseline'],
  rules: ['rules', 'own-rules', 'rule-trials', 'coverage'],
  captures: ['workspaces'],
  reports: ['report'],
  health: ['health', 'metrics'],
  export: ['exporters'],
  accounts: ['users', 'sessions', 'tokens'],
  audit: ['audit'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Area = keyof typeof AREAS;
export const AREA_NAMES = Object.keys(AREAS) as readonly Area[];

/** Null: in none of the areas. */
export function areaOf(url: string): Area | null {
  // report.csv belongs to report.
  const word = url.replace(/^\/api\/v1/, '').split(/[/.]/, 2)[1] ?? '';
  return AREA_NAMES.find((area) => (AREAS[area] as readonly string[]).includes(word)) ?? null;
}

const MAY: Readonly<Record<Exclude<Access, 'public'>, readonly Role[]>> = {
  viewer: ['viewer', 'analyst', 'admin', 'auditor'],
  session: ['viewer', 'analyst', 'admin', 'auditor'],
  analyst: ['analyst', 'admin'],
  admin: ['admin'],
  audit: ['admin', 'auditor'],
};

export function mayAccess(role: Role | null, access: Access): boolean {
  return access === 'public' || (role !== null && MAY[access].includes(role));
}

/** What would let a token outlive its end, or become more than it is: a person signs in for it. */
export const PERSON_ONLY: ReadonlySet<string> = new Set([
  'POST /api/v1/users',
  'POST /api/v1/users/:name',
  'POST /api/v1/tokens',
]);

/** Of a file in parts: counted apart from other requests. */
export const UPLOADS: ReadonlySet<string> = new Set(['PUT /api/v1/workspaces/:id/part']);

/** What reads much or writes much at once: two of these run at a time, others wait. */
export const HEAVY: ReadonlySet<string> = new Set([
  'GET /api/v1/report',
  'GET /api/v1/report.csv',
  'GET /api/v1/assets/export',
  'GET /api/v1/assets/compare',
  'GET /api/v1/assets/likely-same',
  'POST /api/v1/assets/list',
  'POST /api/v1/maintenance/preview',
  'GET /api/v1/audit/verify',
  'GET /api/v1/alerts/:id/packets.pcapng',
]);

/**
 * What changes who may do what, or what the sensor tells, asks for the password once more when it was last given more
 * than ten minutes ago: an unattended screen must not be enough for it.
 */
export const SENSITIVE: ReadonlySet<string> = new Set([
  'POST /api/v1/baseline/phase',
  'POST /api/v1/baseline/versions/:n/restore',
  'POST /api/v1/baseline/import',
  'POST /api/v1/rules/:id/enabled',
  'POST /api/v1/own-rules/:id/use',
  'POST /api/v1/maintenance',
  'POST /api/v1/users',
  'POST /api/v1/users/:name',
  'POST /api/v1/tokens',
  'PUT /api/v1/exporters/:name',
  'DELETE /api/v1/exporters/:name',
  'POST /api/v1/account/totp/begin',
  'POST /api/v1/account/totp/disable',
]);
