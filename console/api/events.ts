import type { ServerResponse } from 'node:http';
import type { FindingsReader } from '../../sensor/store/store.js';
import type { App, ConsoleContext } from './context.js';
import { ApiError } from './errors.js';
import { ErrorBody } from './schemas.js';

/** What waits for a slow reader; more is dropped, and the reader told to read everything anew. */
const MAX_QUEUED_BYTES = 262_144;
const MAX_CLIENTS = 200;
/** Of all sessions of a person: nobody takes the places of the others. */
const MAX_CLIENTS_PER_USER = 20;
const MAX_CLIENTS_PER_SESSION = 10;
const MAX_IDS = 200;
/** Also how often each client's session is looked at again. */
const HEARTBEAT_MS = 15_000;
/** A reader that has taken nothing for this long is gone. */
const STALLED_MS = 120_000;

export type ChangeType = 'alerts' | 'assets' | 'conversations' | 'health' | 'baseline' | 'resync' | 'hello';

export interface ChangeEvent {
  type: ChangeType;
  revision: number;
  /** Present where single records are named; with `resync` everything shown is to be read anew. */
  ids?: string[];
}

interface Client {
  readonly response: ServerResponse;
  readonly sessionId: string;
  readonly user: string;
  lagging: boolean;
  lastDrained: number;
}

/** Asks the store once for all clients, and only while there are any. */
export class ChangeFeed {
  readonly #findings: FindingsReader;
  readonly #context: ConsoleContext;
  readonly #clients = new Set<Client>();
  #revision = 0;
  #poll: NodeJS.Timeout | null = null;
  #heartbeat: NodeJS.Timeout | null = null;

  constructor(context: ConsoleContext) {
    this.#findings = context.findings;
    this.#context = context;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** @throws ApiError when there are too many already. */
  checkRoom(sessionId: string, user: string): void {
    const ofUser = [...this.#clients].filter((client) => client.user === user);
    const ofSession = ofUser.filter((client) => client.sessionId === sessionId);
    if (
      this.#clients.size >= MAX_CLIENTS ||
      ofUser.length >= MAX_CLIENTS_PER_USER ||
      ofSession.length >= MAX_CLIENTS_PER_SESSION
    ) {
      throw new ApiError(429, 'too_many_streams', 'Too many pages are open: close some of them.', 60);
    }
  }

  add(response: ServerResponse, sessionId: string, user: string): void {
    const client: Client = { response, sessionId, user, lagging: false, lastDrained: this.#context.now() };
    if (this.#clients.size === 0) this.#start();
    this.#clients.add(client);
    response.on('close', () => this.#remove(client));
    response.on('error', () => this.#remove(client));
    this.#send(client, { type: 'hello', revision: this.#revision });
  }

  /** Something was made anew that is worked out from the store some time after it has changed. */
  announce(type: 'baseline'): void {
    this.#broadcast({ type, revision: this.#revision });
  }

  close(): void {
    for (const client of [...this.#clients]) client.response.end();
    for (const client of [...this.#clients]) this.#remove(client);
  }

  #start(): void {
    this.#revision = this.#findings.revision();
    this.#poll = setInterval(() => this.#look(), this.#context.pollMs);
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#poll.unref();
    this.#heartbeat.unref();
  }

  #remove(client: Client): void {
    this.#clients.delete(client);
    client.response.destroy();
    if (this.#clients.size > 0) return;
    if (this.#poll) clearInterval(this.#poll);
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    this.#poll = null;
    this.#heartbeat = null;
  }

  #look(): void {
    try {
      const revision = this.#findings.revision();
      if (revision === this.#revision) return;
      // A lower revision: the sensor had to start a new store.
      const changes = revision > this.#revision ? this.#findings.changesSince(this.#revision, MAX_IDS) : null;
      this.#revision = changes?.revision ?? revision;
      if (!changes || changes.truncated) {
        this.#broadcast({ type: 'resync', revision: this.#revision });
        return;
      }
      for (const type of ['alerts', 'assets', 'conversations'] as const) {
        const ids = changes[type];
        if (ids.length > 0) this.#broadcast({ type, ids, revision: this.#revision });
      }
      if (changes.health) this.#broadcast({ type: 'health', revision: this.#revision });
    } catch (error) {
      this.#context.log(`live updates: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #beat(): void {
    const now = this.#context.now();
    const isEnded = (sessionId: string) => {
      try {
        return !this.#context.accounts.session(sessionId, false);
      } catch (error) {
        // The store is busy: the next beat asks again.
        this.#context.log(`live updates: ${error instanceof Error ? error.message : String(error)}`);
        return false;
      }
    };
    for (const client of [...this.#clients]) {
      const stalled = client.response.writableLength > 0 && now - client.lastDrained > STALLED_MS;
      if (stalled || isEnded(client.sessionId)) this.#remove(client);
      else if (client.response.writableLength === 0) this.#write(client, ': still here\n\n');
    }
  }

  #broadcast(event: ChangeEvent): void {
    for (const client of [...this.#clients]) this.#send(client, event);
  }

  #send(client: Client, event: ChangeEvent): void {
    if (client.response.writableLength > MAX_QUEUED_BYTES) {
      client.lagging = true;
      return;
    }
    const shown: ChangeEvent = client.lagging ? { type: 'resync', revision: event.revision } : event;
    client.lagging = false;
    this.#write(client, `id: ${event.revision}\ndata: ${JSON.stringify(shown)}\n\n`);
  }

  #write(client: Client, text: string): void {
    if (client.response.write(text)) client.lastDrained = this.#context.now();
  }
}

export function addEvents(app: App, context: ConsoleContext): ChangeFeed {
  const feed = new ChangeFeed(context);
  app.addHook('preClose', async () => feed.close());
  app.get(
    '/api/v1/events',
    { schema: { description: 'Server-sent events: what changed, named by ids.', response: { '4xx': ErrorBody } } },
    (request, reply) => {
      const { raw } = reply;
      const sessionId = request.sessionId ?? '';
      const user = request.user?.name ?? '';
      feed.checkRoom(sessionId, user);
      reply.hijack();
      raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'x-accel-buffering': 'no',
      });
      feed.add(raw, sessionId, user);
    },
  );
  return feed;
}
