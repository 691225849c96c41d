import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const CLIENT = 'fieldwatch';
export const CLIENT_SECRET = 'a secret of the client, / with: signs';

export function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

export function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Claims of a person by the name that is entered at the service. */
export type People = Map<string, { preferred_username: string; groups: unknown }>;

interface ProviderModule {
  Provider: new (
    issuer: string,
    configuration: object,
  ) => { callback(): (request: IncomingMessage, response: ServerResponse) => void };
}

/** A real sign-in service (oidc-provider) on loopback that takes any password. */
export async function startSignInService(
  people: People,
  consoleUrl: string,
): Promise<{ issuer: string; close(): Promise<void> }> {
  // It has no types of its own.
  const name: string = 'oidc-provider';
  const { Provider } = (await import(name)) as ProviderModule;
  const server = createServer();
  const issuer = await listen(server);
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT,
        client_secret: CLIENT_SECRET,
        redirect_uris: [`${consoleUrl}api/v1/oidc/callback`],
        post_logout_redirect_uris: [consoleUrl],
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    pkce: { required: () => true },
    ttl: { AccessToken: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id, ...people.get(id) }) }),
  });
  server.on('request', provider.callback());
  return { issuer, close: () => stop(server) };
}
