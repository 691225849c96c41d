import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { join, sep } from 'node:path';
import cookie from '@fastify/cookie';
import fastifyStatic from '@fastify/static';
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { PasswordQueueFull } from '../../sensor/store/console/password.js';
import { QueryError, StoreError } from '../../sensor/store/store.js';
import { ACCESS } from './access.js';
import { addAccounts } from './accounts.js';
import { addAssetExport } from './asset-export.js';
import { addAssetGroups } from './asset-groups.js';
import { addBaseline } from './baseline.js';
import type { App, ConsoleContext } from './context.js';
import { addDevices } from './devices.js';
import { ApiError } from './errors.js';
import { addEvents } from './events.js';
import { addExplain } from './explain.js';
import { addExporters } from './exports.js';
import { addAlerts, addAssets, addOverview } from './findings.js';
import { safeJson } from './json.js';
import { addMaintenance } from './maintenance.js';
import { addMap } from './map.js';
import { addMetrics } from './metrics.js';
import { addOidc } from './oidc/routes.js';
import { addOwnRules } from './own-rules.js';
import { addReport } from './report/routes.js';
import { addRuleTrials } from './rule-trials.js';
import { addRules } from './rules.js';
import { addSecurity, SECURITY_HEADERS } from './security.js';
import { addSignIn } from './sign-in.js';
import { addVariables } from './variables.js';
import { addWork } from './work.js';
import { addWorkspaces } from './workspaces.js';

const BODY_LIMIT_BYTES = 1_048_576;
const MAX_HEADER_BYTES = 16_384;
const HEADER_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 65_000;
/** How often the limits above are looked at; Node's 30 seconds would treble the first. */
const LIMITS_CHECKED_MS = 2000;
/** Nothing that the API takes nests deeper than a handful. */
export const MAX_JSON_DEPTH = 32;
/** TLS 1.2 with forward secrecy and authenticated encryption only; TLS 1.3 has nothing else. */
export const TLS_OPTIONS = {
  minVersion: 'TLSv1.2',
  honorCipherOrder: true,
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
  ].join(':'),
} as const;
const MAX_CONNECTIONS_PER_ADDRESS = 100;
const MAX_CONNECTIONS = 2000;
const MAX_URL_PARAMETER = 200;
/** A dot alone does not make a file: ids of assets may hold addresses. */
const FILE_NAME = /\.(css|html|ico|js|json|map|png|svg|txt|woff2)$/i;

function toApiError(error: FastifyError): ApiError | null {
  if (error instanceof ApiError) return error;
  if (error instanceof QueryError) return new ApiError(400, 'bad_query', error.message);
  if (error instanceof PasswordQueueFull) {
    return new ApiError(429, 'try_later', 'Too many people sign in right now: try again in a few seconds.', 5);
  }
  if (error instanceof StoreError) return new ApiError(503, 'storage', error.message);
  if (/SQLITE_BUSY|database is locked/.test(`${error.code} ${error.message}`)) {
    return new ApiError(503, 'storage_busy', 'The store is busy: try again in a few seconds.', 5);
  }
  if (error.validation) return new ApiError(400, 'bad_request', `The request is not valid: ${error.message}.`);
  if (error.statusCode === 413) return new ApiError(413, 'too_large', 'The request is larger than may be sent here.');
  // Of a path that leads out of the page's folder: whether anything is there is nobody's business.
  if (error.statusCode === 403) return new ApiError(404, 'not_found', 'There is nothing here.');
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new ApiError(error.statusCode, 'bad_request', 'The request is not valid.');
  }
  return null;
}

function sendError(reply: FastifyReply, error: ApiError, id: string): FastifyReply {
  if (error.retryAfterSeconds !== null) reply.header('retry-after', String(error.retryAfterSeconds));
  return reply
    .code(error.statusCode)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ error: { code: error.code, message: error.message, id } }));
}

function addErrors(app: App, context: ConsoleContext): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = toApiError(error);
    if (known) return sendError(reply, known, request.id);
    context.log(`${request.id} ${request.method} ${request.routeOptions.url ?? '?'}: ${error.stack ?? error.message}`);
    return sendError(
      reply,
      new ApiError(500, 'internal', 'Something went wrong here; the log of the console says what, under this id.'),
      request.id,
    );
  });
}

/** Pages have paths of their own that only the page's script knows: all of them get the same document. */
function addPage(app: App, context: ConsoleContext): void {
  const missing = (request: FastifyRequest, reply: FastifyReply) =>
    sendError(reply, new ApiError(404, 'not_found', 'There is nothing here.'), request.id);
  const { webRoot } = context;
  if (webRoot === null || !existsSync(join(webRoot, 'index.html'))) {
    app.setNotFoundHandler((request, reply) => {
      if (request.method !== 'GET' || request.url.startsWith('/api/')) return missing(request, reply);
      return reply
        .code(503)
        .type('text/plain; charset=utf-8')
        .send('The page of the console was not built: run npm run build. The API works.\n');
    });
    return;
  }
  app.register(fastifyStatic, {
    root: webRoot,
    index: false,
    wildcard: true,
    cacheControl: false,
    dotfiles: 'ignore',
    setHeaders(response, path) {
      // The build puts a hash of the content into the names of what is under static/.
      const named = path.includes(`${sep}static${sep}`);
      response.header('cache-control', named ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.get('/', { schema: { hide: true } }, (_, reply) =>
    reply.header('cache-control', 'no-cache').sendFile('index.html'),
  );
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    const wantsPage = request.method === 'GET' && !path.startsWith('/api/') && !FILE_NAME.test(path);
    if (!wantsPage) return missing(request, reply);
    return reply.header('cache-control', 'no-cache').sendFile('index.html');
  });
}

/** PEM text. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

function createServer(handler: RequestHandler, tls: TlsFiles | null): HttpServer | HttpsServer {
  const limits = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADER_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: LIMITS_CHECKED_MS,
  };
  return tls ? createHttpsServer({ ...limits, ...tls, ...TLS_OPTIONS }, handler) : createHttpServer(limits, handler);
}

/** One address that opens connection after connection must leave some for the others. */
class ConnectionLimit {
  readonly #open = new Map<string, number>();

  watch<T extends HttpServer | HttpsServer>(server: T): T {
    // Whoever has many addresses leaves some for the others as well.
    server.maxConnections = MAX_CONNECTIONS;
    server.on('connection', (socket: Socket) => {
      const address = socket.remoteAddress ?? '';
      const count = (this.#open.get(address) ?? 0) + 1;
      if (count > MAX_CONNECTIONS_PER_ADDRESS) {
        socket.destroy();
        return;
      }
      this.#open.set(address, count);
      socket.once('close', () => {
        const left = (this.#open.get(address) ?? 1) - 1;
        if (left > 0) this.#open.set(address, left);
        else this.#open.delete(address);
      });
    });
    return server;
  }
}

function isTooDeep(json: string): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (isText) {
      if (character === '\\') at++;
      else if (character === '"') isText = false;
    } else if (character === '"') isText = true;
    else if (character === '{' || character === '[') {
      if (++depth > MAX_JSON_DEPTH) return true;
    } else if (character === '}' || character === ']') depth--;
  }
  return false;
}

function addJsonParser(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (isTooDeep(String(body))) done(new ApiError(400, 'bad_request', 'The request is nested too deeply.'));
    else parse(request, String(body), done);
  });
}

/** The whole console, not yet listening. */
export async function buildApp(context: ConsoleContext, tls: TlsFiles | null): Promise<App> {
  const connections = new ConnectionLimit();
  const app: App = Fastify({
    logger: false,
    // Fastify's types tell its HTTP and HTTPS instances apart; nothing of ours depends on the difference.
    serverFactory: (handler) => connections.watch(createServer(handler, tls)) as HttpServer,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    // Before any route or hook: an address that cannot be read.
    frameworkErrors: (_error, request, reply) => {
      reply.headers(SECURITY_HEADERS);
      sendError(reply, new ApiError(400, 'bad_request', 'The request is not valid.'), request.id);
    },
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: MAX_URL_PARAMETER },
    ajv: { customOptions: { coerceTypes: true, removeAdditional: true, allErrors: false } },
  }).withTypeProvider<TypeBoxTypeProvider>();
  // Schemas describe the answers and must not thin them out: records may carry more than this version knows.
  app.setSerializerCompiler(() => safeJson);
  addJsonParser(app);
  addErrors(app, context);
  await app.register(cookie);
  addSecurity(app, context);
  await app.register(swagger, {
    transform: ({ schema, url, route }) => ({
      schema: { ...schema, 'x-access': ACCESS[`${String(route.method)} ${url}`] },
      url,
    }),
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Fieldwatch', version: context.version, description: 'API of the Fieldwatch console.' },
    },
  });
  app.register(async (routes: App) => {
    const feed = addEvents(routes, context);
    addMetrics(routes, context);
    addSignIn(routes, context);
    addOidc(routes, context);
    addOverview(routes, context);
    addAlerts(routes, context);
    addAssets(routes, context);
    addBaseline(routes, context, feed);
    addDevices(routes, context);
    addWork(routes, context);
    addMaintenance(routes, context);
    const captures = addWorkspaces(routes, context);
    addMap(routes, context);
    addAssetExport(routes, context);
    addAssetGroups(routes, context);
    addRules(routes, context);
    addOwnRules(routes, context);
    addRuleTrials(routes, context, captures);
    addReport(routes, context);
    addExplain(routes, context);
    addAccounts(routes, context);
    addVariables(routes, context);
    addExporters(routes, context);
    routes.get('/api/openapi.json', { schema: { hide: true } }, () => app.swagger());
  });
  addPage(app, context);
  return app;
}
