import '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { checkUserName, type User } from '../../../sensor/store/console/console-store.js';
import { StoreError } from '../../../sensor/store/store.js';
import type { App, ConsoleContext } from '../context.js';
import { ApiError } from '../errors.js';
import { closed, ErrorBody } from '../schemas.js';
import { startSession } from '../session.js';
import { networkOf, RateLimit } from '../throttle.js';
import { Attempts, ownPath } from './attempts.js';
import { OidcError, type OidcProblem, type OidcProvider, type Person } from './provider.js';
import { type OidcSettings, roleOf } from './settings.js';

/** Of beginnings, and of ways back that nobody began: whoever sends those, each is a row of the audit log. */
const TRIES_PER_MINUTE_AND_ADDRESS = 20;
const COOKIE_SECONDS = 600;
const MAX_CODE = 4096;
const MAX_ID_TOKENS = 1000;

/** The sign-in service, where one is configured. */
export interface SignInService {
  readonly settings: OidcSettings;
  readonly provider: OidcProvider;
  /** What the service may be shown when a session ends; by the session's name. Not kept over a restart. */
  readonly idTokens: Map<string, string>;
}

function cookieName(secure: boolean): string {
  return secure ? '__Host-fieldwatch-signin' : 'fieldwatch-signin';
}

/** Lax, because the browser comes back from another site; the session itself stays Strict. */
function setCookie(reply: FastifyReply, context: ConsoleContext, value: string | null): void {
  const options = { httpOnly: true, sameSite: 'lax', path: '/', secure: context.secure } as const;
  if (value === null) reply.clearCookie(cookieName(context.secure), options);
  else reply.setCookie(cookieName(context.secure), value, { ...options, maxAge: COOKIE_SECONDS });
}

/** Account and role of a person that the service vouches for. @throws OidcError */
function admit(context: ConsoleContext, settings: OidcSettings, person: Person, source: string): User {
  const { accounts } = context;
  const role = roleOf(settings, person.groups);
  const known = accounts.externalUser(settings.issuer, person.subject);
  const actor = { user: known?.name ?? person.name ?? person.subject.slice(0, 64), source };
  if (role === null) {
    if (known) {
      accounts.endSessionsOf(known.name, actor);
      accounts.tokens.revokeOf(known.name, actor);
    }
    throw new OidcError('no_role', `none of the groups has a role (${person.groups.length} groups)`);
  }
  if (known) {
    if (known.disabled) throw new OidcError('disabled', 'the account is disabled');
    try {
      if (known.role !== role) accounts.setRole(known.name, role, actor);
    } catch (error) {
      if (error instanceof StoreError) throw new OidcError('last_admin', error.message);
      throw error;
    }
    return { ...known, role };
  }
  if (person.name === null) throw new OidcError('no_name', `there is no claim ${settings.nameClaim}`);
  try {
    checkUserName(person.name);
  } catch {
    throw new OidcError('no_name', `the claim ${settings.nameClaim} is no name that the console can use`);
  }
  try {
    accounts.addExternalUser(person.name, role, settings.issuer, person.subject, actor);
  } catch (error) {
    if (error instanceof StoreError) throw new OidcError('name_taken', error.message);
    throw error;
  }
  const added = accounts.externalUser(settings.issuer, person.subject);
  if (!added) throw new OidcError('refused', 'the account was not made');
  return added;
}

/** Signing in at a service of the plant's own, beside accounts of the console. */
export function addOidc(app: App, context: ConsoleContext): void {
  const attempts = new Attempts(context.now);
  const begun = new RateLimit(TRIES_PER_MINUTE_AND_ADDRESS);
  const strays = new RateLimit(TRIES_PER_MINUTE_AND_ADDRESS);

  function slowDown(request: FastifyRequest, perAddress: RateLimit): void {
    const wait = perAddress.take(networkOf(request.ip), context.now());
    if (wait > 0) throw new ApiError(429, 'try_later', `Too many tries: wait ${wait} seconds.`, wait);
  }

  function service(): SignInService {
    if (context.signInService === null)
      throw new ApiError(404, 'not_found', 'No sign-in service is configured for this console.');
    return context.signInService;
  }

  /** The browser itself is here, not the page's script: it gets a page, with a code that the page has words for. */
  function turnAway(request: FastifyRequest, reply: FastifyReply, problem: OidcProblem, reason: string, who = '') {
    context.log(`${request.id} sign-in service: ${problem}: ${JSON.stringify(reason)}`);
    context.accounts.audit({ user: who, source: request.ip }, 'login.failed', who, '', `sign-in service: ${problem}`);
    return reply.redirect(`/?problem=${problem}`, 303);
  }

  app.get(
    '/api/v1/oidc/login',
    {
      schema: {
        description: 'For a browser: leads to the sign-in service. `again` asks there for the proof anew.',
        querystring: Type.Object(
          {
            return: Type.Optional(Type.String({ maxLength: 1000, description: 'Path of the page to come back to.' })),
            again: Type.Optional(Type.Boolean()),
          },
          closed,
        ),
        response: { 303: Type.Null(), '4xx': ErrorBody },
      },
    },
    async (request, reply) => {
      const { provider } = service();
      slowDown(request, begun);
      try {
        const { url, attempt } = await provider.begin(request.query.again === true);
        setCookie(reply, context, attempts.keep(attempt, ownPath(request.query.return)));
        return reply.redirect(url.href, 303);
      } catch (error) {
        if (error instanceof OidcError) return turnAway(request, reply, error.code, error.message);
        throw error;
      }
    },
  );

  app.get(
    '/api/v1/oidc/callback',
    {
      schema: {
        description: 'Where the sign-in service sends the browser back to.',
        querystring: Type.Object(
          {
            state: Type.Optional(Type.String({ maxLength: 200 })),
            code: Type.Optional(Type.String({ maxLength: MAX_CODE })),
          },
          { additionalProperties: true },
        ),
        response: { 303: Type.Null(), '4xx': ErrorBody },
      },
    },
    async (request, reply) => {
      const { provider, settings, idTokens } = service();
      const browser = request.cookies[cookieName(context.secure)] ?? '';
      const kept = attempts.take(request.query.state ?? '', browser);
      if (!kept) {
        slowDown(request, strays);
        return turnAway(request, reply, 'expired', 'unknown, used or too old, or begun in another browser');
      }
      setCookie(reply, context, null);
      let who = '';
      try {
        const person = await provider.finish(request.url.slice(request.url.indexOf('?') + 1), kept.attempt);
        who = (person.name ?? person.subject).slice(0, 64);
        const user = admit(context, settings, person, request.ip);
        const session = startSession(context, request, reply, user.name, person.authenticated);
        idTokens.set(session, person.idToken);
        const [oldest] = idTokens.keys();
        if (idTokens.size > MAX_ID_TOKENS && oldest !== undefined) idTokens.delete(oldest);
        return reply.redirect(kept.returnTo, 303);
      } catch (error) {
        if (error instanceof OidcError) return turnAway(request, reply, error.code, error.message, who);
        throw error;
      }
    },
  );
}
