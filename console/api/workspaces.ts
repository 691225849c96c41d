import { randomBytes } from 'node:crypto';
import { closeSync, constants, cpSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { type App, actorOf, assetNames, type ConsoleContext } from './context.js';
import { ApiError, notFound } from './errors.js';
import type { Job } from './jobs.js';
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
const SHOWN = 200;
/** Of all captures together, in bytes: they are kept to try rules on, and share the disk with the sensor. */
const MAX_KEPT = 4 * 1024 ** 3;

const STATES = ['receiving', 'waiting', 'analysing', 'done', 'failed', 'cancelled'] as const;
type State = (typeof STATES)[number];

interface Workspace {
  readonly id: string;
  /** As its owner named it; never part of a path. */
  readonly name: string;
  readonly owner: string;
  readonly size: number;
  readonly created: number;
  readonly folder: string;
  received: number;
  /** Null before the file is there. */
  job: Job | null;
  error: string;
  summary: unknown;
}

function stateOf({ job }: Workspace): State {
  if (job === null) return 'receiving';
  return job.state === 'running' ? 'analysing' : job.state;
}

const Described = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    owner: Type.String(),
    size: Count,
    received: Count,
    created: Time,
    state: oneOf(STATES),
    error: Type.String(),
    place: Type.Integer({ description: 'Of those that wait, from 1; 0: it does not wait.' }),
    read: Type.Integer({ description: 'Bytes of the file that have been analysed.' }),
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

/** The captures that are kept, for whoever wants to try something on them. */
export interface CaptureFiles {
  /** Folder for files that live no longer than this console. */
  readonly root: string;
  /** null: there is none with this id that has been analysed. */
  capture(id: string): { readonly name: string; readonly path: string } | null;
}

/** Folders of consoles in this process. */
const inUse = new Set<string>();

/** What a console that is gone left behind belongs to nobody any more. */
function removeOrphans(all: string): void {
  if (!existsSync(all)) return;
  for (const name of readdirSync(all)) {
    const path = join(all, name);
    if (!inUse.has(path) && !isAnother(Number(name))) rmSync(path, { recursive: true, force: true });
  }
}

/** Another process of this number runs. In a container every start has the same: then it is ours, and an earlier one's. */
function isAnother(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    // Signal 0 only asks whether there is such a process.
    return process.kill(pid, 0);
  } catch (error) {
    // It runs as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Capture files that somebody wants to look into: each is analysed by a process of its own, with bounded memory and
 * time, into a folder of its own. Nothing of it mixes with what the sensors found, and after a day it is gone.
 */
export function addWorkspaces(app: App, context: ConsoleContext): CaptureFiles {
  const all = join(context.data, 'workspaces');
  removeOrphans(all);
  // Two consoles may serve the same findings; each has its own.
  const root = join(all, String(process.pid));
  inUse.add(root);
  const workspaces = new Map<string, Workspace>();

  function remove(workspace: Workspace): void {
    workspaces.delete(workspace.id);
    workspace.job?.cancel();
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
    inUse.delete(root);
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
    const { id, name, owner, size, received, created, job, error, summary } = workspace;
    return {
      id,
      name,
      owner,
      size,
      received,
      created: new Date(created).toISOString(),
      state: stateOf(workspace),
      error,
      place: job?.place ?? 0,
      read: job?.state === 'done' ? size : Math.min(job?.progress.read ?? 0, size),
      packets: job?.progress.packets ?? 0,
      summary: summary ?? null,
    };
  }

  /** The plant's own rules and switches apply to what is looked into as well. */
  function giveRules(data: string): void {
    const own = context.rules.folder;
    if (own !== null && existsSync(own)) cpSync(own, join(data, 'rules'), { recursive: true });
    const off = context.findings.disabledRules();
    if (off.length === 0) return;
    const store = new SqliteFindingsStore(data, { role: 'console', warn: () => {} });
    store.setDisabledRules(off);
    store.close();
  }

  function analyse(workspace: Workspace): void {
    const data = join(workspace.folder, 'data');
    mkdirSync(data, { recursive: true, mode: 0o700 });
    giveRules(data);
    workspace.job = context.jobs.run({
      folder: workspace.folder,
      args: [
        'replay',
        join(workspace.folder, 'capture'),
        ...['--data', data, '--phase', 'protect', '--json', '--progress'],
        // Nothing of it leaves this machine, whatever the settings file says.
        ...['--export-timeout', '0'],
        ...(context.rules.configFile === null ? [] : ['--config', context.rules.configFile]),
      ],
      onEnd({ state, result, sentence }) {
        workspace.summary = state === 'done' ? result : null;
        workspace.error = sentence;
        if (state !== 'done') rmSync(join(workspace.folder, 'capture'), { force: true });
      },
    });
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
      const kept = [...workspaces.values()].reduce((sum, { size }) => sum + size, 0);
      if (kept + request.body.size > MAX_KEPT) {
        throw new ApiError(409, 'too_large', 'There would be more than 4 GiB of captures: delete one first.');
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
        job: null,
        error: '',
        summary: null,
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
      if (workspace.job !== null || request.query.offset !== workspace.received) {
        throw new ApiError(409, 'bad_offset', `The next part begins at byte ${workspace.received}.`);
      }
      if (workspace.received + part.length > workspace.size) {
        throw new ApiError(400, 'too_long', 'The file is longer than was said.');
      }
      // At its place, and all of it: a disk that fills up takes a part of what is written, and says so with the next.
      const file = openSync(join(workspace.folder, 'capture'), constants.O_WRONLY | constants.O_CREAT, 0o600);
      try {
        for (let done = 0; done < part.length; )
          done += writeSync(file, part, done, part.length - done, workspace.received + done);
      } finally {
        closeSync(file);
      }
      workspace.received += part.length;
      if (workspace.received === workspace.size) {
        analyse(workspace);
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
      const store = stateOf(workspace) === 'done' ? reader(workspace) : null;
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

  app.post(
    '/api/v1/workspaces/:id/cancel',
    {
      schema: {
        description: 'Ends the analysis, or the waiting for it.',
        params: IdParams,
        body: Type.Object({}, closed),
        response: { 200: Described, '4xx': ErrorBody },
      },
    },
    (request) => {
      const workspace = find(request.params.id);
      workspace.job?.cancel();
      return describe(workspace);
    },
  );

  app.delete(
    '/api/v1/workspaces/:id',
    { schema: { params: IdParams, response: { 200: Type.Object({ done: Type.Boolean() }), '4xx': ErrorBody } } },
    (request) => {
      const workspace = find(request.params.id);
      remove(workspace);
      context.accounts.audit(actorOf(request), 'capture.delete', workspace.name, '', '');
      return { done: true };
    },
  );

  return {
    root,
    capture(id) {
      const workspace = workspaces.get(id);
      if (workspace === undefined || stateOf(workspace) !== 'done') return null;
      return { name: workspace.name, path: join(workspace.folder, 'capture') };
    },
  };
}
