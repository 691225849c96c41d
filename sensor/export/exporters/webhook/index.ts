import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { checkServerIdentity, TLSSocket } from 'node:tls';
import type { ExportEvent } from '../../event.js';
import { type Channel, DeliveryError, type Exporter, type ExporterParts, type Step } from '../../exporter.js';
import { renderWithin } from '../../formats/render.js';
import type { SettingsOf } from '../../settings.js';
import { explain, failed, isForbidden, resolveHost, validity } from '../connection.js';

type WebhookSettings = SettingsOf<'webhook'>;

/** Bad request, content too large, unprocessable content (RFC 9110 section 15.5): the messages, not the receiver. */
const REFUSED: ReadonlySet<number> = new Set([400, 413, 422]);
const MANY = 8;
const MAX_RETRY_AFTER_MS = 600_000;

interface Answer {
  status: number;
  retryAfterMs: number;
}

/** What of an answer is read before the connection is given up. */
const MAX_ANSWER = 64 * 1024;

export function createWebhookExporter(settings: WebhookSettings, parts: ExporterParts): Exporter {
  const url = new URL(settings.url);
  return {
    // Without path and query, in which some receivers want a key.
    target: `${url.protocol}//${url.host}`,
    assurance: 'confirmed',
    resendMs: 0,
    batch: settings.body === 'object' ? 1 : settings.batch,
    encode: (event: ExportEvent) => Buffer.from(renderWithin(parts.format, event, parts.maxBytes).text),
    async connect(_signal, step) {
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const addresses = await resolveHost(host, step);
      const isLocal = addresses.every((address) => /^(127\.|::1$)/.test(address));
      if (url.protocol === 'http:' && !isLocal)
        throw failed(
          step,
          'settings',
          `${url.host} is another machine: use https, messages must not cross a network in the clear.`,
        );
      if (url.username !== '' || url.password !== '')
        throw failed(step, 'settings', 'The url holds a user or password: use token_file and token_scheme instead.');
      return new HttpChannel(settings, parts, url, step);
    },
  };
}

class HttpChannel implements Channel {
  readonly #settings: WebhookSettings;
  readonly #parts: ExporterParts;
  readonly #url: URL;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #step: (step: Step) => void;
  failure: DeliveryError | null = null;
  refused: Buffer[] = [];
  /** The step that the latest request has come to. */
  #stage = 'connected';

  constructor(settings: WebhookSettings, parts: ExporterParts, url: URL, step: (step: Step) => void) {
    this.#settings = settings;
    this.#parts = parts;
    this.#url = url;
    this.#step = step;
    const name = settings.server_name === '' ? url.hostname.replace(/^\[|\]$/g, '') : settings.server_name;
    const { ca, cert, key, keyPassword } = parts.secrets;
    const limits = { keepAlive: true, maxSockets: 1, lookup: guardedLookup };
    this.#agent =
      url.protocol === 'https:'
        ? new HttpsAgent({
            ...limits,
            minVersion: 'TLSv1.2',
            ...(isIP(name) === 0 ? { servername: name } : {}),
            checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
            ...(ca === undefined ? {} : { ca }),
            ...(cert === undefined ? {} : { cert }),
            ...(key === undefined ? {} : { key }),
            ...(keyPassword === undefined ? {} : { passphrase: keyPassword }),
          })
        : new HttpAgent(limits);
  }

  async send(messages: readonly Buffer[]): Promise<void> {
    if (this.failure) throw this.failure;
    this.refused = [];
    try {
      const refusal = await this.#sendWithin(messages);
      if (refusal !== null && this.refused.length === messages.length) throw refusal;
      this.#step({ step: 'answered', ok: true, detail: 'The receiver took it (status 2xx).' });
    } catch (error) {
      const failure = error instanceof DeliveryError ? error : new DeliveryError(explain(error, this.#url.host));
      if (!failure.isRefusal) this.failure = failure;
      this.#step({ step: this.#stage, ok: false, detail: failure.message });
      throw failure;
    }
  }

  /**
   * A request that is refused for what is in it is sent again in halves, down to the messages that are refused alone.
   * Returns why one was; throws where the receiver fails for another reason.
   */
  async #sendWithin(messages: readonly Buffer[]): Promise<DeliveryError | null> {
    // A notice or a heartbeat can come with the one message that a request has room for.
    if (this.#settings.body === 'object' && messages.length > 1) return this.#sendHalves(messages);
    const answer = await this.#post(this.#body(messages));
    if (answer.status >= 200 && answer.status <= 299) return null;
    const error = new DeliveryError(answered(this.#url, answer.status));
    error.retryAfterMs = answer.retryAfterMs;
    if (!REFUSED.has(answer.status)) throw error;
    error.isRefusal = true;
    const [first, ...more] = messages;
    if (first && more.length === 0) {
      this.refused.push(first);
      return error;
    }
    return this.#sendHalves(messages, error);
  }

  /** `error`: why they were refused together; null where they were not sent so. */
  async #sendHalves(messages: readonly Buffer[], error: DeliveryError | null = null): Promise<DeliveryError | null> {
    const half = Math.ceil(messages.length / 2);
    const before = this.refused.length;
    const first = await this.#sendWithin(messages.slice(0, half));
    // So many refused one by one: it is not their content, and more requests would only be a nuisance.
    if (half >= MANY && this.refused.length - before === half) throw error ?? first;
    return (await this.#sendWithin(messages.slice(half))) ?? first;
  }

  outstanding(): null {
    return null;
  }

  async finish(): Promise<boolean> {
    return this.failure === null;
  }

  async close(): Promise<void> {
    this.failure ??= new DeliveryError('The connection was closed by us.');
    this.#agent.destroy();
  }

  /** The steps of a connection that is made for a request. */
  #follow(socket: Socket): void {
    if (!socket.connecting) return;
    this.#stage = 'connected';
    socket.once('connect', () => {
      this.#stage = socket instanceof TLSSocket ? 'certificate' : 'answered';
      const detail = `Connected to ${socket.remoteAddress} port ${socket.remotePort}.`;
      this.#step({ step: 'connected', ok: true, detail });
    });
    if (!(socket instanceof TLSSocket)) return;
    socket.once('secureConnect', () => {
      this.#stage = 'answered';
      const { valid_to: until } = socket.getPeerCertificate();
      const detail = `${socket.getProtocol()}; the certificate is valid until ${until}.`;
      this.#step({ step: 'certificate', ok: true, detail, ...validity(until) });
    });
  }

  #body(messages: readonly Buffer[]): Buffer {
    const { body } = this.#settings;
    const lines = messages.map(String);
    if (body === 'array' && this.#parts.format.isJson) return Buffer.from(`[${lines.join(',')}]`);
    return Buffer.from(body === 'object' ? (lines[0] ?? '') : `${lines.join('\n')}\n`);
  }

  #post(body: Buffer): Promise<Answer> {
    const { secret, token } = this.#parts.secrets;
    const { isJson } = this.#parts.format;
    const isLines = this.#settings.body === 'ndjson' || (!isJson && this.#settings.body === 'array');
    const seconds = Math.floor(Date.now() / 1000);
    const headers: Record<string, string> = {
      'content-type': isLines
        ? isJson
          ? 'application/x-ndjson'
          : 'text/plain; charset=utf-8'
        : isJson
          ? 'application/json'
          : 'text/plain; charset=utf-8',
      'content-length': String(body.length),
      'user-agent': 'fieldwatch',
      ...(token === undefined ? {} : { authorization: `${this.#settings.token_scheme} ${token}` }),
    };
    if (secret !== undefined) {
      // The time is signed as well, so that a recorded request cannot be sent again later.
      const signature = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
      headers['x-fieldwatch-signature'] = `t=${seconds},v1=${signature}`;
    }
    const send = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
    let timer: NodeJS.Timeout | undefined;
    return new Promise<Answer>((resolve, reject) => {
      const request = send(
        this.#url,
        { method: 'POST', agent: this.#agent, headers, lookup: guardedLookup },
        (response) => {
          let read = 0;
          response.on('data', (chunk: Buffer) => {
            read += chunk.length;
            if (read > MAX_ANSWER)
              request.destroy(
                new DeliveryError(`${this.#url.host} answers with more than 64 KiB; is this the right address?`),
              );
          });
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              retryAfterMs: retryAfterMs(response.headers['retry-after'], response.headers.date, Date.now()),
            }),
          );
          response.on('error', reject);
        },
      );
      request.on('socket', (socket) => this.#follow(socket));
      // Status 101: without this, neither an answer nor an error would ever come.
      request.on('upgrade', ({ statusCode = 0 }, socket) => {
        socket.destroy();
        resolve({ status: statusCode, retryAfterMs: 0 });
      });
      timer = setTimeout(
        () => request.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
        this.#settings.timeout_seconds * 1000,
      );
      request.on('error', reject);
      request.end(body);
    }).finally(() => clearTimeout(timer));
  }
}

/** Looks at the address that is really connected to, not at one that the name had before. */
const guardedLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const allowed = error ? [] : addresses.filter(({ address }) => !isForbidden(address));
    const first = allowed[0];
    if (error) callback(error, '', 0);
    else if (!first) callback(Object.assign(new Error('forbidden address'), { code: 'EHOSTUNREACH' }), '', 0);
    else if (options.all) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};

/**
 * Milliseconds to wait, from seconds or a date (RFC 9110 section 10.2.3); 0 where it says nothing that can be read. A
 * date counts from that of the answer, since the clocks of both machines may differ.
 */
export function retryAfterMs(header: string | undefined, answeredAt: string | undefined, now: number): number {
  if (header === undefined) return 0;
  const theirNow = Date.parse(answeredAt ?? '');
  const wait = /^\d+$/.test(header)
    ? Number(header) * 1000
    : Date.parse(header) - (Number.isNaN(theirNow) ? now : theirNow);
  return wait > 0 ? Math.min(wait, MAX_RETRY_AFTER_MS) : 0;
}

function answered(url: URL, status: number): string {
  const advice =
    status === 401 || status === 403
      ? 'it does not accept the token or signature'
      : status === 404
        ? 'there is nothing at this path; check the url'
        : status >= 300 && status < 400
          ? 'it sends us elsewhere, which is not followed; set the final url'
          : status === 413
            ? 'the request is too large; set a smaller batch'
            : status === 429
              ? 'it is asked too often; set messages_per_second'
              : 'look into its log';
  return `${url.host} answered with status ${status}: ${advice}.`;
}
