import { setImmediate as nextTurn } from 'node:timers/promises';
import { Type } from 'typebox';
import { parse, stringify } from 'yaml';
import {
  BaselineFileError,
  baselineFileOf,
  EMPTY_FILE,
  proposalsOf,
  readBaselineFile,
  readTagList,
} from '../../sensor/baseline/baseline-file.js';
import { DecisionRefused, type Preview } from '../../sensor/decisions/acceptances.js';
import { openProposals } from '../../sensor/decisions/proposals.js';
import { diffDecisions } from '../../sensor/decisions/version-diff.js';
import {
  ACCEPTANCE_SCOPES,
  type Acceptance,
  type AcceptanceScope,
  type BaselineFile,
  type BaselineProposal,
  PROPOSAL_KINDS,
} from '../../sensor/model/baseline-document.js';
import type { Alert, Asset, Conversation, ProcessVariable } from '../../sensor/model/records.js';
import { formatTimestamp, MICROS_PER_SECOND, parseTimestamp } from '../../sensor/model/time.js';
import { type App, actorOf, assetNames, type ConsoleContext } from './context.js';
import { ApiError, notFound } from './errors.js';
import type { ChangeFeed } from './events.js';
import {
  AssetNames,
  Count,
  Cursor,
  closed,
  ErrorBody,
  Id,
  IdParams,
  Limit,
  Next,
  oneOf,
  open,
  Phase,
  Severity,
  Time,
} from './schemas.js';
import { PORTION, Snapshot } from './snapshot.js';

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;
/** Two weeks of hours; what was learned earlier tells nothing about how ripe the learning is now. */
const MAX_BUCKETS = 336;
/** Of a capture that is shorter than this, minutes say more than hours. */
const SHORT_SECONDS = 5 * HOUR_SECONDS;
const DEVICES_SHOWN = 100;
const MAX_PROPOSALS = 5000;
const MAX_DECIDED_AT_ONCE = 500;
const MAX_CHANGES = 500;
const COVERED_SHOWN = 10;
const MAX_MINUTES = 366 * 24 * 60;
const MINUTE_MS = 60_000;
/** Larger YAML would hold up everybody else; the command line reads any size. */
const IMPORT_BYTES = 4 * 1024 * 1024;
const EXPORT_PORTION = 200;

const Reason = Type.String({ minLength: 3, maxLength: 500, pattern: '\\S' });

const AcceptanceSchema = Type.Object(
  {
    id: Type.String(),
    scope: oneOf(ACCEPTANCE_SCOPES),
    rule: Type.Optional(Type.String({ description: 'Detector; absent: every detector of deviations.' })),
    client: Type.Optional(Type.String()),
    server: Type.Optional(Type.String()),
    client_role: Type.Optional(Type.String()),
    server_role: Type.Optional(Type.String()),
    protocol: Type.Optional(Type.String()),
    object: Type.Optional(Type.String()),
    objects: Type.Optional(Type.Array(Type.String())),
    observed: Type.Optional(Type.String()),
    by: Type.String(),
    at: Time,
    reason: Type.String(),
    expires: Type.Optional(Time),
  },
  open,
);

const AlertRef = Type.Object({ id: Type.String(), title: Type.String(), severity: Severity, count: Count });

const ScopePreview = Type.Object({
  scope: oneOf(ACCEPTANCE_SCOPES),
  acceptance: Type.Union([AcceptanceSchema, Type.Null()], { description: 'null: not possible, see `refused`.' }),
  refused: Type.Union([Type.String(), Type.Null()], { description: 'Why it cannot be accepted so far.' }),
  alerts: Type.Integer({ description: 'Alerts that it would have kept quiet.' }),
  open_alerts: Type.Integer({ description: 'Of these, those that it closes.' }),
  findings: Type.Integer({ description: 'Findings that these alerts count.' }),
  examples: Type.Array(AlertRef),
  hides: Type.Array(AlertRef, {
    description: 'Alerts of rules of level high or above between the same devices that nobody has closed.',
  }),
  complete: Type.Boolean({ description: 'false: there are more alerts than were looked at.' }),
});

const ProposalSchema = Type.Object(
  {
    id: Type.String(),
    what: Type.String(),
    client: Type.String(),
    server: Type.String(),
    protocol: Type.String(),
    port: Type.Integer(),
    transport: Type.String(),
    operation: Type.Optional(Type.String()),
    targets: Type.Optional(Type.Array(Type.String())),
    learned: Type.Optional(Type.Boolean({ description: 'It is normal already; a person’s word is missing.' })),
    kind: oneOf(PROPOSAL_KINDS),
    why: Type.String(),
    origin: Type.String(),
    class: Type.Optional(Type.String()),
    count: Type.Optional(Count),
    first_seen: Time,
    last_seen: Time,
    client_asset: Type.String(),
    server_asset: Type.String(),
  },
  open,
);

const Decided = Type.Object({ version: Type.Integer(), reopened: Count });

interface ShownProposal extends BaselineProposal {
  class?: string;
  count?: number;
  first_seen: string;
  last_seen: string;
  client_asset: string;
  server_asset: string;
}

interface DeviceLearning {
  id: string;
  known: number;
  new_last_hour: number;
  new_last_day: number;
  unseen_share: number;
  since: string;
}

interface Learned {
  bucket_seconds: number;
  buckets: { from: string; devices: number; conversations: number; operations: number }[];
  devices: DeviceLearning[];
  proposals: ShownProposal[];
}

function seconds(iso: string): number {
  return parseTimestamp(iso) / MICROS_PER_SECOND;
}

/** Counts what was new when, and what each device has shown. */
class LearningCount {
  readonly #first: { kind: 'devices' | 'conversations' | 'operations'; at: number }[] = [];
  readonly #things = new Map<string, { at: number; times: number }[]>();
  readonly #proposals: ShownProposal[] = [];
  #latest = 0;

  asset(asset: Asset): void {
    this.#seen(asset.last_seen);
    if (!asset.in_baseline) return;
    this.#first.push({ kind: 'devices', at: seconds(asset.first_seen) });
    this.#note(asset.id, asset.first_seen, asset.packets);
  }

  conversation(conversation: Conversation): void {
    const { client, server, packets, first_seen } = conversation;
    this.#seen(conversation.last_seen);
    if (this.#proposals.length < MAX_PROPOSALS) this.#propose(conversation);
    if (!conversation.in_baseline) return;
    this.#first.push({ kind: 'conversations', at: seconds(first_seen) });
    for (const side of [client, server]) this.#note(side, first_seen, packets);
    for (const operation of conversation.operations) {
      if (!operation.in_baseline) continue;
      this.#first.push({ kind: 'operations', at: seconds(operation.first_seen) });
      for (const side of [client, server]) this.#note(side, operation.first_seen, operation.count);
    }
  }

  result(): Learned {
    const earliest = this.#first.reduce((least, { at }) => Math.min(least, at), this.#latest);
    const bucket = this.#latest - earliest < SHORT_SECONDS ? 60 : HOUR_SECONDS;
    const last = Math.floor(this.#latest / bucket);
    const first = Math.max(Math.floor(earliest / bucket), last - MAX_BUCKETS + 1);
    const buckets = Array.from({ length: this.#first.length === 0 ? 0 : last - first + 1 }, (_, index) => ({
      from: formatTimestamp((first + index) * bucket * MICROS_PER_SECOND),
      devices: 0,
      conversations: 0,
      operations: 0,
    }));
    for (const { kind, at } of this.#first) {
      const place = buckets[Math.floor(at / bucket) - first];
      if (place) place[kind]++;
    }
    const devices = [...this.#things].map(([id, things]) => this.#device(id, things));
    devices.sort((a, b) => b.new_last_day - a.new_last_day || b.unseen_share - a.unseen_share || b.known - a.known);
    return {
      bucket_seconds: bucket,
      buckets,
      devices: devices.slice(0, DEVICES_SHOWN),
      proposals: this.#proposals,
    };
  }

  #device(id: string, things: readonly { at: number; times: number }[]): DeviceLearning {
    const young = (age: number) => things.filter(({ at }) => this.#latest - at < age).length;
    const once = things.filter(({ times }) => times <= 1).length;
    const since = things.reduce((least, { at }) => Math.min(least, at), this.#latest);
    return {
      id,
      known: things.length,
      new_last_hour: young(HOUR_SECONDS),
      new_last_day: young(DAY_SECONDS),
      unseen_share: Math.round((once / things.length) * 10_000) / 10_000,
      since: formatTimestamp(since * MICROS_PER_SECOND),
    };
  }

  #propose(conversation: Conversation): void {
    const { client, server } = conversation;
    for (const proposal of proposalsOf(conversation)) {
      const operation = conversation.operations.find((one) => one.operation === proposal.operation);
      const { first_seen, last_seen } = operation ?? conversation;
      this.#proposals.push({
        ...proposal,
        ...(operation ? { class: operation.class, count: operation.count } : {}),
        first_seen,
        last_seen,
        client_asset: client,
        server_asset: server,
      });
    }
  }

  #seen(iso: string): void {
    this.#latest = Math.max(this.#latest, seconds(iso));
  }

  #note(asset: string, firstSeen: string, times: number): void {
    if (asset === '') return;
    const things = this.#things.get(asset);
    const thing = { at: seconds(firstSeen), times };
    if (things) things.push(thing);
    else this.#things.set(asset, [thing]);
  }
}

function reference({ id, title, severity, count }: Alert) {
  return { id, title, severity, count };
}

function previewOf(scope: AcceptanceScope, acceptance: Acceptance, seen: Preview) {
  return {
    scope,
    acceptance,
    refused: null,
    alerts: seen.covered.length,
    open_alerts: seen.covered.filter(({ status }) => status !== 'closed').length,
    findings: seen.findings,
    examples: seen.covered.slice(0, COVERED_SHOWN).map(reference),
    hides: seen.hides.slice(0, COVERED_SHOWN).map(reference),
    complete: seen.isComplete,
  };
}

/** A refusal of the decisions as one of the API. */
async function refusing<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DecisionRefused)) throw error;
    const sentence = `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}`;
    throw new ApiError(error.code === 'nothing' ? 404 : 409, error.code, sentence);
  }
}

function readUpload(name: string, text: string): BaselineFile {
  try {
    if (/\.(csv|tsv|txt)$/i.test(name)) return { ...EMPTY_FILE, declared: readTagList(text, name) };
    let value: unknown;
    try {
      value = text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text, { maxAliasCount: 0 });
    } catch (error) {
      throw new BaselineFileError(`${name} is no valid YAML: ${(error as Error).message.split('\n')[0]}`);
    }
    return readBaselineFile(value, name);
  } catch (error) {
    if (error instanceof BaselineFileError) throw new ApiError(400, 'bad_file', error.message);
    throw error;
  }
}

/** What people decide about what is normal. */
export function addBaseline(app: App, context: ConsoleContext, feed: Pick<ChangeFeed, 'announce'>): void {
  const { findings, accounts, decisions } = context;
  let isExporting = false;

  const learned = new Snapshot(
    context,
    async (turn) => {
      const count = new LearningCount();
      for (let after: number | null = 0; after !== null; ) {
        const walk = findings.walkAssets(after, PORTION);
        for (const asset of walk.items) count.asset(asset);
        after = walk.next;
        await turn();
      }
      for (let after: number | null = 0; after !== null; ) {
        const walk = findings.walkConversations(after, PORTION);
        for (const conversation of walk.items) count.conversation(conversation);
        after = walk.next;
        await turn();
      }
      return count.result();
    },
    (before, now) => {
      if (newsOf(before) !== newsOf(now)) feed.announce('baseline');
    },
  );

  const isExpired = ({ expires }: Acceptance) => expires !== undefined && expires < decisions.time;

  app.get(
    '/api/v1/baseline/learning',
    {
      schema: {
        description: 'How ripe the learning is: what was new when, of the whole plant and of each device.',
        response: {
          200: Type.Object({
            phase: Phase,
            requested_phase: Type.Union([Phase, Type.Null()]),
            running: Type.Boolean({ description: 'A sensor is running and takes up decisions within seconds.' }),
            version: Type.Integer({ description: 'Of the decisions; 0: none.' }),
            accepted: Type.Integer({ description: 'Acceptances that have not expired.' }),
            declared: Type.Integer({ description: 'Variables that people have declared.' }),
            proposals: Type.Integer({ description: 'What waits for a person’s word.' }),
            learning: Type.Union([Type.Object({}, open), Type.Null()], {
              description: 'The sensor’s own judgement; null while no sensor has reported.',
            }),
            bucket_seconds: Type.Integer(),
            buckets: Type.Array(
              Type.Object(
                { from: Time, devices: Count, conversations: Count, operations: Count },
                {
                  description: 'What became normal in it, by when it was first seen.',
                },
              ),
            ),
            devices: Type.Array(
              Type.Object({
                id: Type.String(),
                known: Count,
                new_last_hour: Count,
                new_last_day: Count,
                unseen_share: Type.Number({ description: 'Share of what is known that was seen only once.' }),
                since: Time,
              }),
              { description: 'At most a hundred, those with the most that is new first.' },
            ),
            asset_names: AssetNames,
          }),
        },
      },
    },
    async () => {
      const { proposals, ...rest } = await learned.get();
      const now = decisions.baseline;
      const health = findings.health();
      const requested = findings.requestedPhase();
      return {
        phase: findings.reportedPhase() ?? requested ?? ('learn' as const),
        requested_phase: requested,
        running: health.some(({ running, mode }) => running && mode === 'live'),
        version: findings.baselineVersionNumber(),
        accepted: now.accepted.filter((one) => !isExpired(one)).length,
        declared: now.declared.length,
        proposals: openProposals(proposals, now).length,
        learning: health.at(-1)?.learning ?? null,
        ...rest,
        asset_names: assetNames(
          findings,
          rest.devices.map(({ id }) => id),
        ),
      };
    },
  );

  // ---- proposals

  app.get(
    '/api/v1/baseline/proposals',
    {
      schema: {
        description:
          'What was seen and does not become normal, or not without doubt, before a person has confirmed it.',
        querystring: Type.Object({ limit: Limit, cursor: Cursor }, closed),
        response: {
          200: Type.Object({ items: Type.Array(ProposalSchema), next: Next, total: Count, asset_names: AssetNames }),
          '4xx': ErrorBody,
        },
      },
    },
    async ({ query }) => {
      const all = openProposals((await learned.get()).proposals, decisions.baseline) as ShownProposal[];
      const from = Number(query.cursor ?? 0);
      if (!Number.isSafeInteger(from) || from < 0)
        throw new ApiError(400, 'bad_cursor', 'This cursor is not one of ours.');
      const items = all.slice(from, from + (query.limit ?? 50));
      const next = from + items.length < all.length ? String(from + items.length) : null;
      const mentioned = items.flatMap((one) => [one.client_asset, one.server_asset]);
      return { items, next, total: all.length, asset_names: assetNames(findings, mentioned) };
    },
  );

  app.post(
    '/api/v1/baseline/proposals',
    {
      schema: {
        description: 'Confirms or rejects proposals. All of them are one version.',
        body: Type.Object(
          {
            ids: Type.Array(Id, { minItems: 1, maxItems: MAX_DECIDED_AT_ONCE }),
            verdict: oneOf(['confirmed', 'rejected'] as const),
            reason: Reason,
          },
          closed,
        ),
        response: {
          200: Type.Object({ version: Type.Integer(), done: Count, missing: Count }),
          '4xx': ErrorBody,
        },
      },
    },
    async (request) => {
      const { ids, verdict, reason } = request.body;
      const wanted = new Set(ids);
      const chosen = openProposals((await learned.get()).proposals, decisions.baseline)
        .filter(({ id }) => wanted.has(id))
        .map(plainProposal);
      if (chosen.length === 0)
        throw new ApiError(409, 'nothing', 'None of these proposals waits for a word any more: reload the list.');
      const version = await refusing(() => decisions.review(chosen, verdict, reason.trim(), actorOf(request)));
      return { version: version.n, done: chosen.length, missing: wanted.size - chosen.length };
    },
  );

  // ---- acceptances

  app.get(
    '/api/v1/baseline/acceptances',
    {
      schema: {
        description: 'What people have accepted, the latest first.',
        querystring: Type.Object({ limit: Limit, cursor: Cursor }, closed),
        response: {
          200: Type.Object({
            items: Type.Array(
              Type.Object(
                {
                  ...AcceptanceSchema.properties,
                  expired: Type.Boolean(),
                  closed_alerts: Type.Integer({ description: 'Alerts that it has closed.' }),
                },
                open,
              ),
            ),
            next: Next,
            total: Count,
          }),
          '4xx': ErrorBody,
        },
      },
    },
    ({ query }) => {
      const all = [...decisions.baseline.accepted].sort((a, b) => (a.at < b.at ? 1 : -1));
      const from = Number(query.cursor ?? 0);
      if (!Number.isSafeInteger(from) || from < 0)
        throw new ApiError(400, 'bad_cursor', 'This cursor is not one of ours.');
      const counts = accounts.baseline.closedCounts();
      const items = all.slice(from, from + (query.limit ?? 50)).map((one) => ({
        ...one,
        expired: isExpired(one),
        closed_alerts: counts.get(one.id) ?? 0,
      }));
      const next = from + items.length < all.length ? String(from + items.length) : null;
      return { items, next, total: all.length };
    },
  );

  app.post(
    '/api/v1/baseline/acceptances/:id/end',
    {
      schema: {
        description: 'Ends an acceptance: a new version without it. Alerts that it closed are open again.',
        params: IdParams,
        body: Type.Object({ reason: Reason }, closed),
        response: { 200: Decided, '4xx': ErrorBody },
      },
    },
    (request) =>
      refusing(() => decisions.endAcceptance(request.params.id, request.body.reason.trim(), actorOf(request))),
  );

  function deviation(id: string): Alert {
    const alert = findings.alert(id);
    if (!alert) throw notFound('alert');
    return alert;
  }

  app.get(
    '/api/v1/alerts/:id/acceptance',
    {
      schema: {
        description: 'What accepting this deviation would cover, for each scope or one of them. Changes nothing.',
        params: IdParams,
        querystring: Type.Object({ scope: Type.Optional(oneOf(ACCEPTANCE_SCOPES)) }, closed),
        response: { 200: Type.Object({ scopes: Type.Array(ScopePreview) }), '4xx': ErrorBody },
      },
    },
    async (request) => {
      const alert = deviation(request.params.id);
      const words = { by: actorOf(request).user, at: decisions.time, reason: '' };
      const wanted = ACCEPTANCE_SCOPES.filter((scope) => (request.query.scope ?? scope) === scope);
      const possible: [AcceptanceScope, Acceptance][] = [];
      const refused = new Map<AcceptanceScope, string>();
      for (const scope of wanted) {
        try {
          possible.push([scope, decisions.acceptance(alert, scope, words)]);
        } catch (error) {
          if (!(error instanceof DecisionRefused)) throw error;
          refused.set(scope, error.message);
        }
      }
      const seen = await decisions.preview(
        possible.map(([, acceptance]) => acceptance),
        alert,
      );
      return {
        scopes: wanted.map((scope) => {
          const index = possible.findIndex(([name]) => name === scope);
          const [, acceptance] = possible[index] ?? [];
          const found = seen[index];
          if (acceptance && found) return previewOf(scope, acceptance, found);
          return {
            scope,
            acceptance: null,
            refused: refused.get(scope) ?? '',
            alerts: 0,
            open_alerts: 0,
            findings: 0,
            examples: [],
            hides: [],
            complete: true,
          };
        }),
      };
    },
  );

  app.post(
    '/api/v1/alerts/:id/acceptance',
    {
      schema: {
        description:
          'Accepts the deviation into the baseline and closes the alerts that this covers. Refused while a rule of level high or above has hit between the same devices.',
        params: IdParams,
        body: Type.Object(
          {
            scope: oneOf(ACCEPTANCE_SCOPES),
            reason: Reason,
            minutes: Type.Optional(
              Type.Integer({ minimum: 1, maximum: MAX_MINUTES, description: 'How long it holds; absent: for good.' }),
            ),
          },
          closed,
        ),
        response: {
          200: Type.Object({ version: Type.Integer(), acceptance: AcceptanceSchema, closed: Count }),
          '4xx': ErrorBody,
        },
      },
    },
    (request) => {
      const alert = deviation(request.params.id);
      const { scope, reason, minutes } = request.body;
      const expires = minutes === undefined ? undefined : formatTimestamp((context.now() + minutes * MINUTE_MS) * 1000);
      return refusing(() => decisions.accept(alert, scope, reason.trim(), expires, actorOf(request)));
    },
  );

  // ---- versions

  app.get(
    '/api/v1/baseline/versions',
    {
      schema: {
        description: 'Every decision about the baseline, the latest first.',
        querystring: Type.Object({ limit: Limit, cursor: Cursor }, closed),
        response: {
          200: Type.Object({
            items: Type.Array(
              Type.Object({
                id: Type.String(),
                n: Type.Integer(),
                at: Time,
                by: Type.String(),
                reason: Type.String(),
                entries: Type.Record(Type.String(), Count, { description: 'How many entries each list has.' }),
              }),
            ),
            next: Next,
          }),
          '4xx': ErrorBody,
        },
      },
    },
    ({ query }) => {
      const limit = query.limit ?? 50;
      const before = query.cursor === undefined ? undefined : Number(query.cursor);
      if (before !== undefined && !Number.isSafeInteger(before))
        throw new ApiError(400, 'bad_cursor', 'This cursor is not one of ours.');
      const items = decisions.versions(limit, before).map((version) => ({ id: String(version.n), ...version }));
      return { items, next: items.length === limit ? String(items.at(-1)?.n ?? 0) : null };
    },
  );

  const VersionParams = Type.Object({ n: Type.Integer({ minimum: 0 }) }, closed);

  app.get(
    '/api/v1/baseline/versions/:n/diff',
    {
      schema: {
        description: 'What was decided between an earlier version and this one; without `from`, in this one.',
        params: VersionParams,
        querystring: Type.Object({ from: Type.Optional(Type.Integer({ minimum: 0 })) }, closed),
        response: {
          200: Type.Object({
            from: Type.Integer(),
            to: Type.Integer(),
            count: Count,
            changes: Type.Array(
              Type.Object({
                list: Type.String(),
                change: oneOf(['added', 'removed', 'changed'] as const),
                entry: Type.Object({}, open),
                before: Type.Optional(Type.Object({}, open)),
              }),
              { description: 'At most 500.' },
            ),
          }),
          '4xx': ErrorBody,
        },
      },
    },
    ({ params, query }) => {
      const from = query.from ?? Math.max(0, params.n - 1);
      const [before, after] = [decisions.version(from), decisions.version(params.n)];
      if (!before || !after) throw notFound('version');
      return { from, to: params.n, ...diffDecisions(before, after, MAX_CHANGES) };
    },
  );

  app.post(
    '/api/v1/baseline/versions/:n/restore',
    {
      schema: {
        description: 'Makes a new version that is what version n was; 0: nothing decided.',
        params: VersionParams,
        body: Type.Object({ reason: Reason }, closed),
        response: { 200: Decided, '4xx': ErrorBody },
      },
    },
    (request) => refusing(() => decisions.restore(request.params.n, request.body.reason.trim(), actorOf(request))),
  );

  // ---- the file

  async function wholeFile(): Promise<BaselineFile> {
    const assets: Asset[] = [];
    const conversations: Conversation[] = [];
    const variables: ProcessVariable[] = [];
    for (let after: number | null = 0; after !== null; await nextTurn()) {
      const walk = findings.walkAssets(after, PORTION);
      assets.push(...walk.items);
      after = walk.next;
    }
    for (let after: number | null = 0; after !== null; await nextTurn()) {
      const walk = findings.walkConversations(after, PORTION);
      conversations.push(...walk.items);
      after = walk.next;
    }
    for (let cursor: string | null | undefined; cursor !== null; await nextTurn()) {
      const page = findings.variables({ limit: PORTION, ...(cursor === undefined ? {} : { cursor }) });
      variables.push(...page.items);
      cursor = page.next;
    }
    return baselineFileOf(assets, conversations, variables, decisions.baseline);
  }

  /** The same text as the command line writes, made in portions. */
  async function yamlOf(file: BaselineFile): Promise<string> {
    const style = { lineWidth: 0, aliasDuplicateObjects: false } as const;
    let text = '';
    for (const [name, value] of Object.entries(file)) {
      if (!Array.isArray(value) || value.length === 0) {
        text += stringify({ [name]: value }, style);
        continue;
      }
      text += `${name}:\n`;
      for (let from = 0; from < value.length; from += EXPORT_PORTION) {
        text += stringify({ [name]: value.slice(from, from + EXPORT_PORTION) }, style).slice(name.length + 2);
        await nextTurn();
      }
    }
    return text;
  }

  app.get(
    '/api/v1/baseline/export',
    {
      schema: {
        description: 'The baseline as a file that people can read, review and version (YAML).',
        response: { 200: Type.String(), '4xx': ErrorBody },
      },
    },
    async (request, reply) => {
      if (isExporting) throw new ApiError(429, 'try_later', 'Somebody is exporting already: wait a little.', 10);
      isExporting = true;
      try {
        const text = await yamlOf(await wholeFile());
        accounts.audit(actorOf(request), 'baseline.export', '', '', '');
        reply.header('content-type', 'application/yaml; charset=utf-8');
        reply.header('content-disposition', 'attachment; filename="fieldwatch-baseline.yml"');
        return reply.serializer((made: unknown) => String(made)).send(text as never);
      } finally {
        isExporting = false;
      }
    },
  );

  app.post(
    '/api/v1/baseline/import',
    {
      bodyLimit: IMPORT_BYTES + 100_000,
      schema: {
        description:
          'Takes over a baseline file (YAML or JSON), or the names and limits of variables that engineering has (CSV). `check`: only say what it holds.',
        body: Type.Object(
          {
            name: Type.String({
              minLength: 1,
              maxLength: 200,
              description: 'Of the file; CSV is known by its ending.',
            }),
            text: Type.String({ maxLength: IMPORT_BYTES }),
            reason: Type.Optional(Reason),
            check: Type.Optional(Type.Boolean()),
          },
          closed,
        ),
        response: {
          200: Type.Object({
            version: Type.Union([Type.Integer(), Type.Null()], { description: 'null: only checked.' }),
            devices: Count,
            conversations: Count,
            declared: Count,
            accepted: Count,
          }),
          '4xx': ErrorBody,
        },
      },
    },
    async (request) => {
      const { name, text, reason, check } = request.body;
      const file = readUpload(name, text);
      const version = check
        ? null
        : await refusing(() => decisions.importFile(file, name, reason?.trim(), actorOf(request)));
      return {
        version: version?.n ?? null,
        devices: file.devices.length,
        conversations: file.conversations.length,
        declared: file.declared.length,
        accepted: file.accepted.length,
      };
    },
  );
}

/** The same text as long as nothing was learned and nothing proposed. */
function newsOf({ buckets, proposals }: Learned): string {
  const learned = buckets.map(({ devices, conversations, operations }) => devices + conversations + operations);
  return JSON.stringify([learned, proposals.map(({ id, targets }) => [id, targets?.length])]);
}

/** Without what was added to show it. */
function plainProposal(proposal: BaselineProposal): BaselineProposal {
  const {
    class: _,
    count: __,
    first_seen: ___,
    last_seen: ____,
    client_asset: _____,
    server_asset: ______,
    ...plain
  } = proposal as ShownProposal;
  return plain;
}
