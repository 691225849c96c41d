import '@fastify/cookie';
import { createHash, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sameText } from '../../sensor/store/console/console-store.js';
import { ACCESS, type Access, areaOf, HEAVY, mayAccess, PERSON_ONLY, SENSITIVE, UPLOADS } from './access.js';
import type { App, ConsoleContext } from './context.js';
import { ApiError } from './errors.js';
import { networkOf, RateLimit, Turnstile } from './throttle.js';

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cache-control': 'no-store',
};

const MAX_SESSION_ID_LENGTH = 100;
const HEAVY_AT_ONCE = 2;
const HEAVY_WAITING = 20;
/** Parts of a file follow each other as fast as the line is; they must not use up what the pages need meanwhile. */
const UPLOAD_FACTOR = 5;

/** For whoever is not signed in; a new one with every start. */
const ANONYMOUS_CSRF = randomBytes(32).toString('base64url');

export function csrfToken(sessionId: string | null): string {
  if (sessionId === null) return ANONYMOUS_CSRF;
  return createHash('sha256').update('csrf\n').update(sessionId).digest('base64url');
}

/**
 * `__Host-` makes browsers insist on encryption and on this very host. They accept it only over TLS, and the console's
 * default, plain HTTP on loopback, has none; so there the cookie has a plain name.
 */
export function cookieName(secure: boolean): string {
  return secure ? '__Host-fieldwatch' : 'fieldwatch';
}

export function setSessionCookie(reply: FastifyReply, context: ConsoleContext, id: string | null): void {
  const options = { httpOnly: true, sameSite: 'strict', path: '/', secure: context.secure } as const;
  if (id === null) reply.clearCookie(cookieName(context.secure), options);
  else reply.setCookie(cookieName(context.secure), id, options);
}

function hostName(header: string): string {
  const bracketed = /^\[([0-9a-fA-F:.]+)\](?::\d+)?$/.exec(header);
  if (bracketed) return bracketed[1] ?? '';
  return header.replace(/:\d+$/, '').toLowerCase();
}

/**
 * A page that makes the browser believe its own name belongs to our address (DNS rebinding) comes with that name. It
 * needs a name for that: addresses, localhost and the names that were configured are all that we answer to.
 */
function checkHost(request: FastifyRequest, context: ConsoleContext): void {
  const name = hostName(request.headers.host ?? '');
  if (isIP(name) !== 0 || name === 'localhost' || context.allowedHosts.includes(name)) return;
  throw new ApiError(
    421,
    'unknown_host',
    'This console does not answer to that name: use its address, or allow the name with --allowed-host.',
  );
}

function checkOrigin(request: FastifyRequest): void {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw crossSite();
  if (origin === undefined) return;
  let host: string;
  try {
    ({ host } = new URL(origin));
  } catch {
    throw crossSite();
  }
  if (host !== request.headers.host?.toLowerCase()) throw crossSite();
}

function crossSite(): ApiError {
  return new ApiError(403, 'cross_site', 'This request came from another web page and was refused.');
}

function accessOf(method: string, url: string): Access {
  const access = ACCESS[`${method} ${url}`];
  if (access === undefined) throw new Error(`The route ${method} ${url} has no entry in the access table.`);
  return access;
}

function bearer(request: FastifyRequest): string | null {
  return /^Bearer (.{1,500})$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
}

/** A cookie comes along by itself, a token only with a program that means it: so whoever sends both is the program. */
function identify(request: FastifyRequest, context: ConsoleContext): void {
  const given = bearer(request);
  if (given !== null) {
    const token = context.accounts.tokens.find(given);
    if (!token) throw new ApiError(401, 'bad_token', 'This token is unknown, expired or revoked: create a new one.');
    request.tokenName = token.name;
    request.tokenAreas = token.areas;
    request.user = {
      name: `${token.owner} (${token.name})`,
      role: token.role,
      disabled: false,
      created: '',
      totp: false,
      external: false,
    };
    return;
  }
  const id = request.cookies[cookieName(context.secure)];
  if (id === undefined || id.length > MAX_SESSION_ID_LENGTH) return;
  const user = context.accounts.session(id);
  if (!user) return;
  request.user = user;
  request.sessionId = id;
}

function authorise(request: FastifyRequest, access: Access, url: string): void {
  if (request.tokenName !== null && access !== 'public') {
    if (access === 'session' || PERSON_ONLY.has(`${request.method} ${url}`)) {
      throw new ApiError(403, 'forbidden', 'A token may not do this: sign in as a person.');
    }
    const area = areaOf(url);
    if (request.tokenAreas !== null && (area === null || !request.tokenAreas.includes(area))) {
      throw new ApiError(403, 'forbidden', `This token is for ${request.tokenAreas.join(', ')} only.`);
    }
  }
  if (mayAccess(request.user?.role ?? null, access)) return;
  if (!request.user) throw new ApiError(401, 'sign_in', 'Sign in first.');
  throw new ApiError(403, 'forbidden', `The role ${request.user.role} may not do this.`);
}

function hasMetricsToken(request: FastifyRequest, context: ConsoleContext): boolean {
  const given = bearer(request);
  return context.metricsToken !== null && given !== null && sameText(given, context.metricsToken);
}

/** @throws ApiError when the person gave the password too long ago. A token's owner gave it to make the token. */
export function checkConfirmed(request: FastifyRequest, context: ConsoleContext): void {
  if (request.tokenName !== null || context.accounts.isConfirmed(request.sessionId ?? '')) return;
  throw new ApiError(403, 'confirm', 'Give your password again: this changes who may do what, or what is told.');
}

/** The turn ends with the answer, or with a connection that breaks off before. */
async function takeTurn(turnstile: Turnstile, reply: FastifyReply): Promise<void> {
  const leave = await turnstile.enter();
  if (leave === null) throw new ApiError(429, 'try_later', 'Too many exports at once: try again in a few seconds.', 5);
  reply.raw.once('finish', leave);
  reply.raw.once('close', leave);
  if (reply.raw.destroyed) leave();
}

/** Checks that run before every handler, in this order: host, rate, who it is, what they may, where it came from. */
export function addSecurity(app: App, context: ConsoleContext): void {
  const rate = new RateLimit(context.requestsPerMinute);
  const uploads = new RateLimit(context.requestsPerMinute * UPLOAD_FACTOR);
  const heavy = new Turnstile(HEAVY_AT_ONCE, HEAVY_WAITING);
  app.decorateRequest('user', null);
  app.decorateRequest('sessionId', null);
  app.decorateRequest('tokenName', null);
  app.decorateRequest('tokenAreas', null);
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) accessOf(method, route.url);
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (context.secure) reply.header('strict-transport-security', 'max-age=31536000');
    checkHost(request, context);
    const { url } = request.routeOptions;
    if (request.is404 || url === undefined || url === '/' || url === '/*') return;
    const access = accessOf(request.method, url);
    if (url === '/metrics' && hasMetricsToken(request, context)) return;
    const count = (limit: RateLimit, key: string) => {
      const wait = limit.take(key, context.now());
      if (wait > 0) throw new ApiError(429, 'too_many_requests', 'Too many requests: wait a little.', wait);
    };
    const stranger = `address ${networkOf(request.ip)}`;
    try {
      identify(request, context);
    } catch (error) {
      count(rate, stranger);
      throw error;
    }
    const { sessionId, tokenName } = request;
    const key = sessionId === null ? (tokenName === null ? stranger : `token ${tokenName}`) : `session ${sessionId}`;
    count(UPLOADS.has(`${request.method} ${url}`) ? uploads : rate, key);
    authorise(request, access, url);
    if (HEAVY.has(`${request.method} ${url}`)) await takeTurn(heavy, reply);
    // A stream stays open: not for another page, whatever the browser thinks of its cookie.
    if (url === '/api/v1/events') checkOrigin(request);
    if (request.method === 'GET') return;
    checkOrigin(request);
    // Sent with a token, which no foreign page has; and whoever made the token gave the password then.
    if (request.tokenName !== null) return;
    const token = request.headers['x-csrf-token'];
    if (typeof token !== 'string' || !sameText(token, csrfToken(request.sessionId))) {
      throw new ApiError(403, 'csrf', 'The page is out of date: reload it and try again.');
    }
    if (SENSITIVE.has(`${request.method} ${url}`)) checkConfirmed(request, context);
  });
}
