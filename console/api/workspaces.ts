import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { type App, actorOf, assetNames, type ConsoleContext } from './context.js';
import { ApiError, notFound } from './errors.js';
import {
  AlertSchema,
  AssetNames,
  AssetSchema,
  ConversationSchema,
  Count,
  closed,
  ErrorBody,
  IdParams,
  Next,
  oneOf,
  open,
  Time,
} from './schemas.js';

const MAX_BYTES = 2 * 1024 ** 3;
export const PART_BYTES = 4 * 1024 * 1024;
const MAX_WORKSPACES = 8;
const KEPT_MS = 24 * 3_600_000;
const SWEEP_MS = 10 * 60_000;
const ANALYSIS_MS = 15 * 60_000;
const HEAP_MEGABYTES = 1024;
const SHOWN = 200;
const MAX_OUTPUT = 65_536;

type State = 'receiving' | 'waiting' | 'analysing' | 'done' | 'failed';

interface Workspace {
  readonly id: string;
  /** As its owner named it; never part of a path. */
  readonly name: string;
  readonly owner: string;
  readonly size: number;
  readonly created: number;
  readonly folder: string;
  received: number;
  state: State;
  error: string;
  summary: unknown;
  child: ChildProcess | null;
}

const Described = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    owner: Type.String(),
    size: Count,
    received: Count,
    created: Time,
    state: oneOf(['receiving', 'waiting', 'analysing', 'done', 'failed'] as const),
    error: Type.String(),
    packets: Count,
    summary: Type.Unknown({ description: 'As fieldwatch replay --json prints it; null until it is done.' }),
  },
  open,
);

const Detail = Type.Object(
  {
    ...Described.properties,
    alerts: Type.Array(AlertSchema),
    assets: Type.Array(AssetSchema),
    conversations: Type.Array(ConversationSchema),
    asset_names: AssetNames,
  },
  open,
);

/** What a console that is gone left behind belongs to nobody any more. */
function removeOrphans(all: string): void {
  if (!existsSync(all)) return;
  for (const name of readdirSync(all)) {
    try {
      // Signal 0 only asks whether there is such a process.
      process.kill(Number(name), 0);
    } catch {
      rmSync(join(all, name), { recursive: true, force: true });
    }
  }
}

/**
 * Capture files that somebody wants to look into: each is analysed by a process of its own, with bounded memory and
 * time, into a folder of its own. Nothing of it mixes with what the sensors found, and after a day it is gone.
 */
export function addWorkspaces(app: App, context: ConsoleContext): void {
  const all = join(context.data, 'workspaces');
  removeOrphans(all);
  // Two consoles may serve the same findings; each has its own.
  const root = join(all, String(process.pid));
  const workspaces = new Map<string, Workspace>();
  let running: Workspace | null = null;

  function remove(workspace: Workspace): void {
    workspaces.delete(workspace.id);
    workspace.child?.kill('SIGKILL');
    rmSync(workspace.folder, { recursive: true, force: true });
  }

  const sweep = setInterval(() => {
    for (const workspace of workspaces.values()) {
      if (context.now() - workspace.created > KEPT_MS) remove(workspace);
    }
  }, SWEEP_MS);
  sweep.unref();
  app.addHook('onClose', async () => {
    clearInterval(sweep);
    for (const workspace of [...workspaces.values()]) remove(workspace);
    rmSync(root, { recursive: true, force: true });
  });

  function find(id: string): Workspace {
    const workspace = workspaces.get(id);
    if (!workspace) throw notFound('workspace');
    return workspace;
  }

  function reader(workspace: Workspace): SqliteFindingsStore | null {
    const data = join(workspace.folder, 'data');
    if (!existsSync(join(data, 'findings.db'))) return null;
    try {
      return new SqliteFindingsStore(data, { role: 'reader', warn: () => {} });
    } catch {
      // The other process is just making it.
      return null;
    }
  }

  function describe(workspace: Workspace) {
    const store = workspace.state === 'analysing' ? reader(workspace) : null;
    let packets = 0;
    try {
      packets = store?.health()[0]?.packets ?? 0;
    } catch {
      // As above.
    } finally {
      store?.close();
    }
    const { id, name, owner, size, received, created, state, error, summary } = workspace;
    return {
      id,
      name,
      owner,
      size,
      received,
      created: new Date(created).toISOString(),
      state,
      error,
      packets,
      summary: summary ?? null,
    };
  }

  function next(): void {
    if (running !== null) return;
    for (const workspace of workspaces.values()) {
      if (workspace.state === 'waiting') {
        analyse(workspace);
        return;
      }
    }
  }

  function analyse(workspace: Workspace): void {
    running = workspace;
    workspace.state = 'analysing';
    const child = spawn(
      process.execPath,
      [
        `--max-old-space-size=${HEAP_MEGABYTES}`,
        context.programPath,
        'replay',
        join(workspace.folder, 'capture'),
        '--data',
        join(workspace.folder, 'data'),
        '--phase',
        'protect',
        '--json',
      ],
      // Without our environment: it holds set-up codes and tokens.
      {
        env: { PATH: process.env['PATH'] ?? '' },
        cwd: workspace.folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: ANALYSIS_MS,
      },
    );
    workspace.child = child;
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (output.length < MAX_OUTPUT) output += chunk.toString('utf8');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (errors.length < MAX_OUTPUT) errors += chunk.toString('utf8');
    });
    const ended = (code: number | null) => {
      workspace.child = null;
      if (running === workspace) running = null;
      try {
        workspace.summary = JSON.parse(output) as unknown;
      } catch {
        workspace.summary = null;
      }
      // 3: done, but the file was damaged and was read as far as it goes.
      const isDone = (code === 0 || code === 3) && workspace.summary !== null;
      workspace.state = isDone ? 'done' : 'failed';
      workspace.error = isDone && code === 0 ? '' : sentence(errors, code);
      rmSync(join(workspace.folder, 'capture'), { force: true });
      next();
    };
    child.on('error', () => ended(null));
    child.on('close', ended);
  }

  /** The last sentence of the program, without the path of the file, which means nothing to whoever reads it. */
  function sentence(errors: string, code: number | null): string {
    const line = errors.trim().split('\n').at(-1) ?? '';
    const shown = line.replace(/^fieldwatch: /, '').replaceAll(/\S*workspaces\S*capture/g, 'The file');
    if (shown !== '') return shown.slice(0, 500);
    return code === null ? 'The analysis took too long or too much memory and was ended.' : 'The analysis failed.';
  }

  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer', bodyLimit: PART_BYTES },
    (_request, body, done) => done(null, body),
  );

  app.get(
    '/api/v1/workspaces',
    { schema: { response: { 200: Type.Object({ items: Type.Array(Described), next: Next }), '4xx': ErrorBody } } },
    () => ({ items: [...workspaces.values()].reverse().map(describe), next: null }),
  );

  app.post(
    '/api/v1/workspaces',
    {
      schema: {
        description: 'Begins the upload of a capture file (pcap, pcapng, gzip of either; at most 2 GiB).',
        body: Type.Object(
          {
            name: Type.String({ minLength: 1, maxLength: 200 }),
            size: Type.Integer({ minimum: 1, maximum: MAX_BYTES }),
          },
          closed,
        ),
        response: { 200: Described, '4xx': ErrorBody },
      },
    },
    (request) => {
      if (!existsSync(context.programPath)) {
        throw new ApiError(503, 'not_built', 'The program that analyses captures was not built: run npm run build.');
      }
      if (workspaces.size >= MAX_WORKSPACES) {
        throw new ApiError(409, 'too_many', `There are ${MAX_WORKSPACES} captures already: delete one first.`);
      }
      const id = randomBytes(12).toString('base64url');
      const folder = join(root, id);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const workspace: Workspace = {
        id,
        name: request.body.name,
        owner: request.user?.name ?? '',
        size: request.body.size,
        created: context.now(),
        folder,
        received: 0,
        state: 'receiving',
        error: '',
        summary: null,
        child: null,
      };
      workspaces.set(id, workspace);
      context.accounts.audit(actorOf(request), 'capture.upload', request.body.name, '', String(request.body.size));
      return describe(workspace);
    },
  );

  app.put(
    '/api/v1/workspaces/:id/part',
    {
      schema: {
        description:
          'The next bytes of the file, at most 4 MiB, as application/octet-stream. The last part starts the analysis.',
        params: IdParams,
        querystring: Type.Object({ offset: Type.Integer({ minimum: 0, maximum: MAX_BYTES }) }, closed),
        response: { 200: Described, '4xx': ErrorBody },
      },
      bodyLimit: PART_BYTES,
    },
    (request) => {
      const workspace = find(request.params.id);
      const part: unknown = request.body;
      if (!Buffer.isBuffer(part) || part.length === 0)
        throw new ApiError(400, 'bad_part', 'There are no bytes in this part.');
      if (workspace.state !== 'receiving' || request.query.offset !== workspace.received) {
        throw new ApiError(409, 'bad_offset', `The next part begins at byte ${workspace.received}.`);
      }
      if (workspace.received + part.length > workspace.size) {
        throw new ApiError(400, 'too_long', 'The file is longer than was said.');
      }
      const file = openSync(join(workspace.folder, 'capture'), 'a', 0o600);
      try {
        writeSync(file, part);
      } finally {
        closeSync(file);
      }
      workspace.received += part.length;
      if (workspace.received === workspace.size) {
        workspace.state = 'waiting';
        next();
      }
      return describe(workspace);
    },
  );

  app.get(
    '/api/v1/workspaces/:id',
    { schema: { params: IdParams, response: { 200: Detail, '4xx': ErrorBody } } },
    ({ params }) => {
      const workspace = find(params.id);
      const described = describe(workspace);
      const store = workspace.state === 'done' ? reader(workspace) : null;
      if (!store) return { ...described, alerts: [], assets: [], conversations: [], asset_names: {} };
      try {
        const alerts = store.alerts({ sort: 'severity', limit: SHOWN }).items;
        const assets = store.assets({ sort: 'ip', limit: SHOWN }).items;
        const conversations = store.conversations({ limit: SHOWN }).items;
        const mentioned = [
          ...alerts.flatMap((alert) => [alert.src_asset, alert.dest_asset]),
          ...conversations.flatMap(({ client, server }) => [client, server]),
        ];
        return { ...described, alerts, assets, conversations, asset_names: assetNames(store, mentioned) };
      } finally {
        store.close();
      }
    },
  );

  app.delete(
    '/api/v1/workspaces/:id',
    { schema: { params: IdParams, response: { 200: Type.Object({ done: Type.Boolean() }), '4xx': ErrorBody } } },
    (request) => {
      const workspace = find(request.params.id);
      remove(workspace);
      if (running === workspace) running = null;
      context.accounts.audit(actorOf(request), 'capture.delete', workspace.name, '', '');
      next();
      return { done: true };
    },
  );
}
