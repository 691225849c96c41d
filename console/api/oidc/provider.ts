import * as client from 'openid-client';
import { SESSION_MAX_MS } from '../../../sensor/store/console/console-store.js';
import { boundedFetch } from './fetch.js';
import { groupsOf, isSafeUrl, nameOf, type OidcSettings } from './settings.js';

const ANSWER_SECONDS = 10;
/** After this the discovery document is read anew: endpoints may move. */
const DISCOVERED_MS = 3_600_000;
export const CALLBACK_PATH = 'api/v1/oidc/callback';
/** How fresh the proof must be when somebody is asked to sign in once more. */
const AGAIN_SECONDS = 60;

/** Why nobody was signed in: a stable code that the page has words for, and the reason for the log. */
export class OidcError extends Error {
  override readonly name = 'OidcError';
  readonly code: OidcProblem;

  constructor(code: OidcProblem, reason: string) {
    super(reason);
    this.code = code;
  }
}

export type OidcProblem =
  | 'unreachable'
  | 'expired'
  | 'denied'
  | 'refused'
  | 'no_role'
  | 'no_name'
  | 'name_taken'
  | 'disabled'
  | 'last_admin';

/** What must come back with the person, kept until then. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** The person is asked to prove anew who they are. */
  readonly again: boolean;
}

/** Whom the sign-in service vouches for. */
export interface Person {
  readonly subject: string;
  readonly name: string | null;
  readonly groups: readonly string[];
  /** Milliseconds; 0 when the service does not say. */
  readonly authenticated: number;
  readonly idToken: string;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`.slice(0, 300);
}

function isNetworkTrouble(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at.name === 'AbortError' || at.name === 'TimeoutError') return true;
    if (
      'code' in at &&
      typeof at.code === 'string' &&
      /^(E[A-Z]+|CERT_|.*_CERT|UNABLE_|DEPTH_|ERR_TLS|HPE_)/.test(at.code)
    )
      return true;
  }
  return false;
}

/** An address that the service named and a browser may be sent to; null: it must not. The library throws for scripts. */
function safely(build: () => URL): URL | null {
  try {
    const url = build();
    return isSafeUrl(url.href) ? url : null;
  } catch {
    return null;
  }
}

/**
 * Authenticates at the token endpoint as the service wants it (RFC 6749, 2.3.1): by HTTP Basic, the default of OpenID
 * Connect Discovery, section 3, unless it lists methods without it.
 */
function authentication(secret: string | null): client.ClientAuth {
  if (secret === null) return client.None();
  const basic = client.ClientSecretBasic(secret);
  const post = client.ClientSecretPost(secret);
  return (server, registered, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported;
    const isBasic = methods === undefined || methods.includes('client_secret_basic');
    (isBasic ? basic : post)(server, registered, body, headers);
  };
}

/**
 * The sign-in service, seen from the console: authorization code flow with PKCE (RFC 7636), state and nonce. Its tokens
 * are believed only with a signature of the keys that it publishes.
 */
export class OidcProvider {
  readonly #settings: OidcSettings;
  readonly #now: () => number;
  #discovered: { at: number; configuration: Promise<client.Configuration> } | null = null;

  constructor(settings: OidcSettings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  get redirectUri(): string {
    return this.#settings.publicUrl + CALLBACK_PATH;
  }

  /** Where to send the browser, and what to keep until it is back. @throws OidcError */
  async begin(again: boolean): Promise<{ url: URL; attempt: Attempt }> {
    const configuration = await this.#configuration();
    const attempt = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      again,
    };
    const parameters = {
      redirect_uri: this.redirectUri,
      scope: this.#settings.scope,
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
      max_age: String(this.#maxAge(attempt)),
      ...(again ? { prompt: 'login' } : {}),
    };
    const url = safely(() => client.buildAuthorizationUrl(configuration, parameters));
    if (url === null) throw new OidcError('refused', 'the authorization endpoint is not encrypted');
    return { url, attempt };
  }

  /** Who came back with this query string. @throws OidcError */
  async finish(query: string, attempt: Attempt): Promise<Person> {
    const configuration = await this.#configuration();
    const url = new URL(`${this.redirectUri}?${query}`);
    try {
      const tokens = await client.authorizationCodeGrant(configuration, url, {
        expectedState: attempt.state,
        expectedNonce: attempt.nonce,
        pkceCodeVerifier: attempt.verifier,
        maxAge: this.#maxAge(attempt),
        idTokenExpected: true,
      });
      const token = tokens.claims();
      if (!token || tokens.id_token === undefined) throw new OidcError('refused', 'there was no ID token');
      const claims = await this.#allClaims(configuration, token, tokens.access_token);
      return {
        subject: token.sub,
        name: nameOf(this.#settings, claims),
        groups: groupsOf(this.#settings, claims) ?? [],
        authenticated: typeof token.auth_time === 'number' ? token.auth_time * 1000 : 0,
        idToken: tokens.id_token,
      };
    } catch (error) {
      if (error instanceof OidcError) throw error;
      if (error instanceof client.AuthorizationResponseError) throw new OidcError('denied', reasonOf(error));
      throw new OidcError(isNetworkTrouble(error) ? 'unreachable' : 'refused', reasonOf(error));
    }
  }

  /** Where the browser ends the session at the service too (RP-Initiated Logout 1.0); null where it offers none. */
  async endSessionUrl(idToken: string | null): Promise<string | null> {
    const configuration = await this.#configuration().catch(() => null);
    if (configuration?.serverMetadata().end_session_endpoint === undefined) return null;
    const parameters = {
      post_logout_redirect_uri: this.#settings.publicUrl,
      ...(idToken === null ? {} : { id_token_hint: idToken }),
    };
    return safely(() => client.buildEndSessionUrl(configuration, parameters))?.href ?? null;
  }

  #maxAge(attempt: { again: boolean }): number {
    return attempt.again ? AGAIN_SECONDS : SESSION_MAX_MS / 1000;
  }

  /** Services that keep ID tokens small tell name and groups only at their UserInfo endpoint. */
  async #allClaims(
    configuration: client.Configuration,
    token: client.IDToken,
    accessToken: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    const isComplete = nameOf(this.#settings, token) !== null && groupsOf(this.#settings, token) !== null;
    if (isComplete || configuration.serverMetadata().userinfo_endpoint === undefined) return token;
    return { ...(await client.fetchUserInfo(configuration, accessToken, token.sub)), ...token };
  }

  #configuration(): Promise<client.Configuration> {
    const now = this.#now();
    if (this.#discovered && Math.abs(now - this.#discovered.at) < DISCOVERED_MS) return this.#discovered.configuration;
    const configuration = this.#discover();
    this.#discovered = { at: now, configuration };
    // What failed is tried again with the next person.
    configuration.catch(() => {
      if (this.#discovered?.configuration === configuration) this.#discovered = null;
    });
    return configuration;
  }

  async #discover(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret, ca, clockSkewSeconds } = this.#settings;
    const isPlain = issuer.startsWith('http:');
    try {
      return await client.discovery(
        new URL(issuer),
        clientId,
        { [client.clockTolerance]: clockSkewSeconds },
        authentication(clientSecret),
        {
          // Without this the library trusts the token endpoint's TLS alone and leaves the signature unchecked.
          execute: [client.enableNonRepudiationChecks, ...(isPlain ? [client.allowInsecureRequests] : [])],
          timeout: ANSWER_SECONDS,
          [client.customFetch]: boundedFetch(ca),
        },
      );
    } catch (error) {
      throw new OidcError(isNetworkTrouble(error) ? 'unreachable' : 'refused', reasonOf(error));
    }
  }
}
