import { Type } from 'typebox';
import { checkUserName } from '../../sensor/store/console/console-store.js';
import { checkNewPassword, hashPassword, verifyPassword } from '../../sensor/store/console/password.js';
import { StoreError } from '../../sensor/store/store.js';
import { AREA_NAMES } from './access.js';
import { type App, actorOf, type ConsoleContext } from './context.js';
import { ApiError, notFound } from './errors.js';
import { FactorSecrets } from './factor-secrets.js';
import {
  AuditList,
  AuditQuery,
  Count,
  closed,
  ErrorBody,
  IdParams,
  Name,
  Next,
  oneOf,
  Password,
  RoleSchema,
  Time,
} from './schemas.js';
import { FailureThrottle, networkOf } from './throttle.js';
import { hashRecoveryCode, matchingStep, newRecoveryCodes, newSecret, otpauthUri } from './totp.js';

const DAY_MS = 86_400_000;
const MAX_TOKEN_DAYS = 366;
const TOKEN_NAME = '^[A-Za-z0-9][A-Za-z0-9._ -]{0,63}$';

const Done = Type.Object({ done: Type.Boolean() });
const UserSchema = Type.Object({
  name: Type.String(),
  role: RoleSchema,
  disabled: Type.Boolean(),
  created: Time,
  totp: Type.Boolean({ description: 'Signs in with a second factor.' }),
  external: Type.Boolean({ description: 'Signs in at a sign-in service, which also says the role.' }),
});
const TokenSchema = Type.Object({
  name: Type.String(),
  role: RoleSchema,
  areas: Type.Union([Type.Array(Type.String()), Type.Null()], { description: 'Null: only its role limits it.' }),
  owner: Type.String(),
  created: Time,
  expires: Time,
  used: Type.Union([Time, Type.Null()]),
});
const SessionSchema = Type.Object({
  id: Type.String(),
  user: Type.String(),
  source: Type.String(),
  opened: Time,
  used: Time,
});
const NameParams = Type.Object({ name: Name }, closed);

/** A name as the store takes it, or a clear refusal. */
async function newPasswordHash(password: string, name: string): Promise<string> {
  try {
    checkUserName(name);
    checkNewPassword(password, name);
  } catch (error) {
    if (error instanceof StoreError) throw new ApiError(400, 'bad_account', error.message);
    throw error;
  }
  return hashPassword(password);
}

function refused<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof StoreError) throw new ApiError(409, 'refused', error.message);
    throw error;
  }
}

/** Users, sessions and tokens for the admin; one's own account for everyone; the audit log for admin and auditor. */
export function addAccounts(app: App, context: ConsoleContext): void {
  const { accounts } = context;
  const factors = new FactorSecrets(accounts, context.data);
  const throttle = new FailureThrottle();
  /** A second factor that is being set up, by user, until its first code proves that it works. */
  const pending = new Map<string, string>();

  async function checkPassword(name: string, password: string, source: string): Promise<void> {
    const key = `${name.toLowerCase()}\n${networkOf(source)}`;
    const wait = Math.ceil(throttle.delay(key, context.now()) / 1000);
    if (wait > 0) throw new ApiError(429, 'try_later', `Too many tries: wait ${wait} seconds.`, wait);
    const known = accounts.credentials(name);
    if (!(await verifyPassword(password, known?.passwordHash ?? null))) {
      throttle.fail(key, context.now());
      accounts.audit({ user: name, source }, 'confirm.failed', name, '', '');
      throw new ApiError(403, 'bad_password', 'The password is wrong.');
    }
    throttle.succeed(key);
  }

  /** A person of the sign-in service has neither password nor second factor here. */
  function refuseExternal(request: { user: { external: boolean } | null }): void {
    if (request.user?.external) throw new ApiError(409, 'external', 'You sign in at a sign-in service: do this there.');
  }

  function self(request: { user: { name: string } | null }): string {
    return request.user?.name ?? '';
  }

  // Users

  app.get(
    '/api/v1/users',
    { schema: { response: { 200: Type.Object({ items: Type.Array(UserSchema), next: Next }), '4xx': ErrorBody } } },
    () => ({ items: accounts.users(), next: null }),
  );

  app.post(
    '/api/v1/users',
    {
      schema: {
        body: Type.Object({ name: Name, role: RoleSchema, password: Password }, closed),
        response: { 200: UserSchema, '4xx': ErrorBody },
      },
    },
    async (request) => {
      const { name, role, password } = request.body;
      const hash = await newPasswordHash(password, name);
      refused(() => accounts.addUser(name, role, hash, actorOf(request)));
      const added = accounts.users().find((user) => user.name === name);
      if (!added) throw notFound('user');
      return added;
    },
  );

  app.post(
    '/api/v1/users/:name',
    {
      schema: {
        description: 'Changes what is given: role, disabled, password (a new one), totp (false takes the factor away).',
        params: NameParams,
        body: Type.Object(
          {
            role: Type.Optional(RoleSchema),
            disabled: Type.Optional(Type.Boolean()),
            password: Type.Optional(Password),
            totp: Type.Optional(Type.Literal(false)),
          },
          closed,
        ),
        response: { 200: UserSchema, '4xx': ErrorBody },
      },
    },
    async (request) => {
      const { name } = request.params;
      const { role, disabled, password, totp } = request.body;
      const actor = actorOf(request);
      const find = () => accounts.users().find((user) => user.name.toLowerCase() === name.toLowerCase());
      const now = find();
      if (!now) throw notFound('user');
      if (now.external && (role !== undefined || password !== undefined))
        throw new ApiError(409, 'external', 'The sign-in service says what this person may do: change it there.');
      const hash = password === undefined ? null : await newPasswordHash(password, name);
      refused(() => {
        if (role !== undefined) accounts.setRole(name, role, actor);
        if (disabled !== undefined) accounts.setDisabled(name, disabled, actor);
        if (hash !== null) accounts.setPassword(name, hash, actor, null);
        if (totp === false) accounts.setTotp(name, '', [], actor);
      });
      const changed = find();
      if (!changed) throw notFound('user');
      return changed;
    },
  );

  // Sessions

  app.get(
    '/api/v1/sessions',
    { schema: { response: { 200: Type.Object({ items: Type.Array(SessionSchema), next: Next }), '4xx': ErrorBody } } },
    () => ({ items: accounts.sessions(), next: null }),
  );

  app.delete(
    '/api/v1/sessions/:id',
    { schema: { params: IdParams, response: { 200: Done, '4xx': ErrorBody } } },
    (request) => {
      if (!accounts.endSession(request.params.id, actorOf(request))) throw notFound('session');
      return { done: true };
    },
  );

  // Tokens

  app.get(
    '/api/v1/tokens',
    { schema: { response: { 200: Type.Object({ items: Type.Array(TokenSchema), next: Next }), '4xx': ErrorBody } } },
    () => ({ items: accounts.tokens.list(), next: null }),
  );

  app.post(
    '/api/v1/tokens',
    {
      schema: {
        description: 'Makes a token for a program: `Authorization: Bearer …`. The answer is the only time it is shown.',
        body: Type.Object(
          {
            name: Type.String({ pattern: TOKEN_NAME }),
            role: oneOf(['viewer', 'analyst', 'auditor', 'admin'] as const),
            days: Type.Integer({ minimum: 1, maximum: MAX_TOKEN_DAYS }),
            areas: Type.Optional(
              Type.Array(oneOf(AREA_NAMES), {
                minItems: 1,
                maxItems: AREA_NAMES.length,
                description: 'Parts of the API that it is limited to, within its role; absent: all.',
              }),
            ),
          },
          closed,
        ),
        response: { 200: Type.Object({ token: Type.String(), name: Type.String(), expires: Time }), '4xx': ErrorBody },
      },
    },
    (request) => {
      const { name, role, days, areas = [] } = request.body;
      const expires = context.now() + days * DAY_MS;
      const token = refused(() => accounts.tokens.create(name, role, areas, expires, actorOf(request)));
      return { token, name, expires: new Date(expires).toISOString() };
    },
  );

  app.delete(
    '/api/v1/tokens/:name',
    { schema: { params: NameParams, response: { 200: Done, '4xx': ErrorBody } } },
    (request) => {
      if (!accounts.tokens.revoke(request.params.name, actorOf(request))) throw notFound('token');
      return { done: true };
    },
  );

  // One's own account

  app.get(
    '/api/v1/account',
    {
      schema: {
        response: {
          200: Type.Object({
            name: Type.String(),
            role: RoleSchema,
            totp: Type.Boolean(),
            recovery_codes_left: Count,
            external: Type.Boolean(),
            sessions: Type.Array(Type.Object({ ...SessionSchema.properties, current: Type.Boolean() })),
          }),
          '4xx': ErrorBody,
        },
      },
    },
    (request) => {
      const { user, sessionId } = request;
      const current = accounts.sessionName(sessionId ?? '');
      return {
        name: self(request),
        role: user?.role ?? 'viewer',
        totp: user?.totp ?? false,
        recovery_codes_left: accounts.recoveryCodesLeft(self(request)),
        external: user?.external ?? false,
        sessions: accounts.sessions(self(request)).map((one) => ({ ...one, current: one.id === current })),
      };
    },
  );

  app.post(
    '/api/v1/account/confirm',
    {
      schema: {
        description: 'Gives the password again, for what asks for it; good for ten minutes.',
        body: Type.Object({ password: Password }, closed),
        response: { 200: Done, '4xx': ErrorBody },
      },
    },
    async (request) => {
      refuseExternal(request);
      await checkPassword(self(request), request.body.password, request.ip);
      accounts.confirmSession(request.sessionId ?? '');
      return { done: true };
    },
  );

  app.post(
    '/api/v1/account/password',
    {
      schema: {
        description: 'Changes one’s own password and ends one’s other sessions.',
        body: Type.Object({ current: Password, password: Password }, closed),
        response: { 200: Done, '4xx': ErrorBody },
      },
    },
    async (request) => {
      refuseExternal(request);
      const { current, password } = request.body;
      await checkPassword(self(request), current, request.ip);
      const hash = await newPasswordHash(password, self(request));
      accounts.setPassword(self(request), hash, actorOf(request), request.sessionId);
      return { done: true };
    },
  );

  app.post(
    '/api/v1/account/totp/begin',
    { schema: { response: { 200: Type.Object({ secret: Type.String(), uri: Type.String() }), '4xx': ErrorBody } } },
    (request) => {
      refuseExternal(request);
      const name = self(request);
      if (accounts.totpSecret(name) !== '') throw new ApiError(409, 'totp_on', 'There is a second factor already.');
      const secret = newSecret();
      pending.set(name, secret);
      return { secret, uri: otpauthUri(secret, name, context.site) };
    },
  );

  app.post(
    '/api/v1/account/totp/enable',
    {
      schema: {
        description: 'With the first code of the app. The recovery codes are shown this once.',
        body: Type.Object({ code: Type.String({ maxLength: 20 }) }, closed),
        response: { 200: Type.Object({ recovery_codes: Type.Array(Type.String()) }), '4xx': ErrorBody },
      },
    },
    (request) => {
      const name = self(request);
      const secret = pending.get(name);
      if (secret === undefined) throw new ApiError(409, 'totp_none', 'Begin setting it up first.');
      const step = matchingStep(secret, request.body.code, context.now());
      if (step === null) throw new ApiError(400, 'bad_code', 'The code does not fit: is the clock of the phone right?');
      pending.delete(name);
      const codes = newRecoveryCodes();
      accounts.setTotp(name, factors.seal(name, secret), codes.map(hashRecoveryCode), actorOf(request));
      accounts.useTotpStep(name, step);
      return { recovery_codes: codes };
    },
  );

  app.post('/api/v1/account/totp/disable', { schema: { response: { 200: Done, '4xx': ErrorBody } } }, (request) => {
    accounts.setTotp(self(request), '', [], actorOf(request));
    return { done: true };
  });

  app.delete(
    '/api/v1/account/sessions/:id',
    { schema: { params: IdParams, response: { 200: Done, '4xx': ErrorBody } } },
    (request) => {
      if (!accounts.endSession(request.params.id, actorOf(request), self(request))) throw notFound('session of yours');
      return { done: true };
    },
  );

  // Audit log

  app.get(
    '/api/v1/audit',
    { schema: { querystring: AuditQuery, response: { 200: AuditList, '4xx': ErrorBody } } },
    ({ query }) => {
      const limit = query.limit ?? 50;
      const before = query.cursor === undefined ? undefined : Number(query.cursor);
      if (before !== undefined && !Number.isSafeInteger(before)) {
        throw new ApiError(400, 'bad_query', 'This cursor belongs to another listing: start again without one.');
      }
      const items = accounts.auditRows(limit + 1, before);
      const shown = items.slice(0, limit).map((row) => ({ ...row, id: String(row.n) }));
      return { items: shown, next: items.length > limit ? String(shown.at(-1)?.n ?? '') : null };
    },
  );

  app.get(
    '/api/v1/audit/verify',
    {
      schema: {
        description: 'Reads the whole audit log and says whether it is as it was written.',
        response: {
          200: Type.Object({
            rows: Count,
            broken: Type.Union([Count, Type.Null()], { description: 'First row that was changed.' }),
            missingAfter: Type.Union([Count, Type.Null()], { description: 'Rows after this one were taken away.' }),
          }),
          '4xx': ErrorBody,
        },
      },
    },
    () => accounts.verifyAudit(),
  );
}
