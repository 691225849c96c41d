import type { FastifyRequest } from 'fastify';
import { checkUserName } from '../../sensor/store/console/console-store.js';
import { checkNewPassword, hashPassword, verifyPassword } from '../../sensor/store/console/password.js';
import { StoreError } from '../../sensor/store/store.js';
import { type App, actorOf, type ConsoleContext } from './context.js';
import { ApiError } from './errors.js';
import { FactorSecrets } from './factor-secrets.js';
import { ErrorBody, LoginBody, Session, SetupBody } from './schemas.js';
import { csrfToken, setSessionCookie } from './security.js';
import { startSession } from './session.js';
import { FailureThrottle, networkOf, RateLimit } from './throttle.js';
import { hashRecoveryCode, matchingStep } from './totp.js';

const TRIES_PER_MINUTE_AND_ADDRESS = 20;
/** Many people may sit in one network. */
const TRIES_PER_MINUTE_AND_NETWORK = 100;
/** Of one name, from wherever nobody of that name has signed in: guessing from many addresses is slow as well. */
const TRIES_PER_MINUTE_AND_NAME = 10;

export function addSignIn(app: App, context: ConsoleContext): void {
  const { accounts } = context;
  const factors = new FactorSecrets(accounts, context.data);
  const throttle = new FailureThrottle();
  const perAddress = new RateLimit(TRIES_PER_MINUTE_AND_ADDRESS);
  const perNetwork = new RateLimit(TRIES_PER_MINUTE_AND_NETWORK);
  const perName = new RateLimit(TRIES_PER_MINUTE_AND_NAME);

  function describe(request: FastifyRequest) {
    const { user } = request;
    const service = context.signInService;
    return {
      setup_required: !accounts.hasUsers(),
      ...(user ? { user: { name: user.name, role: user.role, external: user.external } } : {}),
      ...(service ? { sign_in_service: service.settings.label } : {}),
      csrf: csrfToken(request.sessionId),
      version: context.version,
      site: context.site,
    };
  }

  function waitFor(seconds: number): void {
    if (seconds > 0) throw new ApiError(429, 'try_later', `Too many tries: wait ${seconds} seconds.`, seconds);
  }

  function slowDown(request: FastifyRequest, key: string): void {
    const now = context.now();
    waitFor(
      Math.max(
        Math.ceil(throttle.delay(key, now) / 1000),
        perAddress.take(request.ip, now),
        perNetwork.take(networkOf(request.ip), now),
      ),
    );
  }

  /** Strangers who try a name must not keep out whoever has it: where they are signed in they are no strangers. */
  function isAtHome(name: string, request: FastifyRequest): boolean {
    const network = networkOf(request.ip);
    return (
      network === networkOf('::1') ||
      network.startsWith('127.') ||
      accounts.sessions(name).some(({ source }) => networkOf(source) === network)
    );
  }

  /** True also for a user without a second factor. */
  function isSecondFactorRight(name: string, code: string | undefined, request: FastifyRequest): boolean {
    const secret = factors.of(name);
    if (secret === '') return true;
    if (code === undefined) return false;
    const step = matchingStep(secret, code, context.now());
    if (step !== null) return accounts.useTotpStep(name, step);
    return accounts.useRecoveryCode(name, hashRecoveryCode(code), { user: name, source: request.ip });
  }

  app.get('/api/v1/session', { schema: { response: { 200: Session } } }, (request) => describe(request));

  app.post(
    '/api/v1/setup',
    { schema: { body: SetupBody, response: { 200: Session, '4xx': ErrorBody } } },
    async (request, reply) => {
      const { code, name, password } = request.body;
      const key = `setup\n${networkOf(request.ip)}`;
      slowDown(request, key);
      if (accounts.hasUsers()) throw new ApiError(409, 'setup_done', 'The first user exists already: sign in.');
      if (!accounts.isSetupCode(code)) {
        throttle.fail(key, context.now());
        throw new ApiError(
          403,
          'bad_code',
          'The set-up code is wrong or older than 30 minutes: starting the console again prints a new one.',
        );
      }
      try {
        checkUserName(name);
        checkNewPassword(password, name);
      } catch (error) {
        if (error instanceof StoreError) throw new ApiError(400, 'bad_account', error.message);
        throw error;
      }
      const hash = await hashPassword(password);
      if (!accounts.addFirstUser(code, name, hash, request.ip)) {
        throw new ApiError(
          409,
          'setup_done',
          'Someone else was faster or the code became too old: sign in or start again.',
        );
      }
      startSession(context, request, reply, name);
      return describe(request);
    },
  );

  app.post(
    '/api/v1/login',
    { schema: { body: LoginBody, response: { 200: Session, '4xx': ErrorBody } } },
    async (request, reply) => {
      const { name, password, code } = request.body;
      const key = `${name.toLowerCase()}\n${networkOf(request.ip)}`;
      slowDown(request, key);
      if (!isAtHome(name, request)) waitFor(perName.take(name.toLowerCase(), context.now()));
      const known = accounts.credentials(name);
      if (!(await verifyPassword(password, known?.passwordHash ?? null)) || !known) {
        throttle.fail(key, context.now());
        accounts.audit({ user: name, source: request.ip }, 'login.failed', name, '', '');
        // The same for a user who does not exist, is disabled, or mistyped: nothing to learn who is here.
        throw new ApiError(401, 'bad_login', 'Name or password is wrong.');
      }
      // From whatever address: only who knows the password gets here, so no stranger can make others wait.
      const factorKey = `second factor\n${known.user.name}`;
      if (code !== undefined) waitFor(Math.ceil(throttle.delay(factorKey, context.now()) / 1000));
      if (!isSecondFactorRight(known.user.name, code, request)) {
        // Only who knows the password learns that there is a second factor.
        if (code === undefined) throw new ApiError(401, 'code_needed', 'Give the code of your second factor as well.');
        throttle.fail(key, context.now());
        throttle.fail(factorKey, context.now());
        accounts.audit({ user: name, source: request.ip }, 'login.failed', name, '', 'second factor');
        throw new ApiError(401, 'bad_code', 'The code is wrong or was used before.');
      }
      throttle.succeed(key);
      throttle.succeed(factorKey);
      startSession(context, request, reply, known.user.name);
      return describe(request);
    },
  );

  /** Where the browser also ends the session at the sign-in service; undefined when there is nothing to end there. */
  async function endAtService(request: FastifyRequest): Promise<string | undefined> {
    const service = context.signInService;
    if (!service || !request.user?.external || request.sessionId === null) return undefined;
    const session = accounts.sessionName(request.sessionId);
    const idToken = service.idTokens.get(session) ?? null;
    service.idTokens.delete(session);
    return (await service.provider.endSessionUrl(idToken)) ?? undefined;
  }

  app.post('/api/v1/logout', { schema: { response: { 200: Session } } }, async (request, reply) => {
    if (request.sessionId !== null) accounts.closeSession(request.sessionId, actorOf(request));
    const further = await endAtService(request);
    request.user = null;
    request.sessionId = null;
    setSessionCookie(reply, context, null);
    return { ...describe(request), ...(further === undefined ? {} : { continue_at: further }) };
  });
}
