import type { Config } from '../../../sensor/config.js';
import { DeliveryError } from '../../../sensor/export/exporter.js';
import { readCertificate, readSecret } from '../../../sensor/export/secrets.js';
import type { Role } from '../../../sensor/store/console/console-store.js';
import { StoreError } from '../../../sensor/store/store.js';

/** From most to least: whoever is in groups of several roles gets the first of them. */
const ROLE_ORDER = ['admin', 'analyst', 'auditor', 'viewer'] as const satisfies readonly Role[];

/** What the console knows about the sign-in service (OpenID Connect Core 1.0). */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** Null: a public client, which PKCE alone protects. */
  readonly clientSecret: string | null;
  /** PEM text; null: what Node trusts. */
  readonly ca: string | null;
  readonly label: string;
  readonly scope: string;
  readonly nameClaim: string;
  readonly rolesClaim: string;
  readonly groups: Readonly<Record<Role, readonly string[]>>;
  readonly clockSkewSeconds: number;
  /** Origin of the console as browsers see it, ending in a slash. */
  readonly publicUrl: string;
}

function isLoopbackUrl(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(url.hostname);
}

/** Secrets and codes travel this way: encrypted, or within this machine. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackUrl(url));
}

/** Null: people sign in with accounts of the console alone. @throws StoreError with one sentence for the user. */
export function oidcSettings(config: Config['console'], env: NodeJS.ProcessEnv = process.env): OidcSettings | null {
  const { oidc, public_url: publicUrl } = config;
  if (oidc.issuer === '') return null;
  if (!isSafeUrl(oidc.issuer))
    throw new StoreError(
      `console.oidc.issuer ${oidc.issuer} is not encrypted: give an https address (http is for loopback only).`,
    );
  if (publicUrl === '')
    throw new StoreError(
      'console.oidc needs console.public_url, the address at which browsers reach the console: the sign-in service sends people back there.',
    );
  if (!isSafeUrl(publicUrl))
    throw new StoreError(
      `console.public_url ${publicUrl} is not encrypted: whoever listens could sign in as somebody else. Give an https address (http is for loopback only).`,
    );
  if (oidc.client_id === '')
    throw new StoreError('console.oidc needs client_id: the name under which the console is registered.');
  const groups = { admin: oidc.admin, analyst: oidc.analyst, auditor: oidc.auditor, viewer: oidc.viewer };
  if (Object.values(groups).every((names) => names.length === 0))
    throw new StoreError(
      'console.oidc names no group, so nobody could sign in: list groups under admin, analyst, auditor or viewer.',
    );
  try {
    const secret = readSecret(
      'console.oidc.client_secret',
      {
        file: oidc.client_secret_file,
        variable: oidc.client_secret_env,
      },
      env,
    );
    return {
      issuer: oidc.issuer,
      clientId: oidc.client_id,
      clientSecret: secret ?? null,
      ca: readCertificate('console.oidc.ca_file', oidc.ca_file) ?? null,
      label: oidc.label,
      scope: [...new Set(['openid', ...oidc.scopes])].join(' '),
      nameClaim: oidc.name_claim,
      rolesClaim: oidc.roles_claim,
      groups,
      clockSkewSeconds: oidc.clock_skew_seconds,
      publicUrl: publicUrl.endsWith('/') ? publicUrl : `${publicUrl}/`,
    };
  } catch (error) {
    if (error instanceof DeliveryError) throw new StoreError(error.message);
    throw error;
  }
}

const MAX_GROUPS = 2000;

/** `realm_access.roles`; a claim that is called exactly so goes first. Own properties only: names are a stranger's. */
function claimOf(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let at: unknown = claims;
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

/** The person's name; null when the claim is missing or no text. */
export function nameOf(settings: OidcSettings, claims: Readonly<Record<string, unknown>>): string | null {
  const name = claimOf(claims, settings.nameClaim);
  return typeof name === 'string' ? name : null;
}

/** What is in the claim with the groups; null when it is missing altogether. */
export function groupsOf(settings: OidcSettings, claims: Readonly<Record<string, unknown>>): string[] | null {
  const value = claimOf(claims, settings.rolesClaim);
  if (value === undefined) return null;
  return [value]
    .flat()
    .slice(0, MAX_GROUPS)
    .filter((group): group is string => typeof group === 'string');
}

/** Null: none of the groups may sign in. */
export function roleOf(settings: OidcSettings, groups: readonly string[]): Role | null {
  const theirs = new Set(groups);
  return ROLE_ORDER.find((role) => settings.groups[role].some((group) => theirs.has(group))) ?? null;
}
