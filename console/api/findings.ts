import { statfsSync } from 'node:fs';
import { Type } from 'typebox';
import type { Alert, AlertKind, AlertStatus } from '../../sensor/model/records.js';
import { SEVERITIES, type Severity } from '../../sensor/model/severity.js';
import type { AlertQuery } from '../../sensor/store/store.js';
import { type App, actorOf, assetNames, type ConsoleContext } from './context.js';
import { notFound } from './errors.js';
import { openCounts, worstOpen } from './muted.js';
import { writePcapng } from './pcapng.js';
import {
  AlertDetail,
  AlertListQuery,
  AlertPage,
  AlertSchema,
  ApproveBody,
  AssetDetail,
  AssetListQuery,
  AssetPage,
  AssetSchema,
  AssetSettingsBody,
  Baseline,
  ConversationListQuery,
  ConversationPage,
  ErrorBody,
  Health,
  IdParams,
  Overview,
  PhaseBody,
  StatusBody,
} from './schemas.js';
import { alertSearch, assetSearch, isFound } from './search.js';
import { muteOf } from './work.js';

const TOP_ALERTS = 5;
const RELATED = 100;

/** `open,closed` of a query, already checked against its schema. */
function list<T extends string>(text: string | undefined): T[] | undefined {
  return text === undefined ? undefined : (text.split(',') as T[]);
}

/** Leaves out what was not given, because the store tells "absent" and "undefined" apart. */
function given<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** In a filter: what is not known of a device. */
const UNKNOWN = 'unknown';

function orNone(value: string | undefined): string | undefined {
  return value === UNKNOWN ? '' : value;
}

function mentions(alert: Alert, q: string, wordings: AlertQuery['wordings'] = { titles: [], parts: [] }): boolean {
  return [alert.title, alert.description].some((text) => isFound(text, q.toLowerCase(), wordings));
}

export function addAlerts(app: App, context: ConsoleContext): void {
  const { findings, accounts } = context;

  /** What somebody works on is short enough to be read one by one. */
  function assignedAlerts(assignee: string, query: AlertQuery) {
    const items = accounts.work
      .assignedTo(assignee)
      .map((id) => findings.alert(id))
      .filter((alert) => alert !== null)
      .filter(
        (alert) =>
          (query.status?.includes(alert.status) ?? true) &&
          (query.severity?.includes(alert.severity) ?? true) &&
          (query.kind?.includes(alert.kind) ?? true) &&
          (query.asset === undefined || query.asset === alert.src_asset || query.asset === alert.dest_asset) &&
          (query.q === undefined || mentions(alert, query.q, query.wordings)),
      )
      .sort((a, b) => (a.last_seen < b.last_seen ? 1 : -1));
    return { items: items.slice(0, query.limit ?? 50), next: null };
  }

  app.get(
    '/api/v1/alerts',
    { schema: { querystring: AlertListQuery, response: { 200: AlertPage, '4xx': ErrorBody } } },
    ({ query: { muted, assignee, q, language, ...query } }) => {
      const wanted = given({
        ...query,
        ...alertSearch(q, language),
        status: list<AlertStatus>(query.status),
        severity: list<Severity>(query.severity),
        kind: list<AlertKind>(query.kind),
      });
      const page = assignee === undefined ? findings.alerts(wanted) : assignedAlerts(assignee, wanted);
      const active = accounts.work.mutes();
      const items = page.items
        .map((alert) => ({
          ...alert,
          assignee: accounts.work.assignee(alert.id),
          muted_until: muteOf(alert, active)?.expires ?? null,
        }))
        // Left out after the page was read: a page may be short and still have a next one.
        .filter(
          (alert) => muted === undefined || muted === 'show' || (muted === 'only') === (alert.muted_until !== null),
        );
      const mentioned = items.flatMap((alert) => [alert.src_asset, alert.dest_asset]);
      return { ...page, items, asset_names: assetNames(findings, mentioned) };
    },
  );

  app.get(
    '/api/v1/alerts/:id',
    { schema: { params: IdParams, response: { 200: AlertDetail, '4xx': ErrorBody } } },
    ({ params }) => {
      const alert = findings.alert(params.id);
      if (!alert) throw notFound('alert');
      return {
        ...alert,
        history: accounts.alertDecisions(alert.id),
        asset_names: assetNames(findings, [alert.src_asset, alert.dest_asset]),
        packet_count: findings.alertPackets(alert.id).length,
        assignee: accounts.work.assignee(alert.id),
        entries: accounts.work.entries(alert.id),
        mute: muteOf(alert, accounts.work.mutes()),
      };
    },
  );

  app.post(
    '/api/v1/alerts/:id/status',
    { schema: { params: IdParams, body: StatusBody, response: { 200: AlertSchema, '4xx': ErrorBody } } },
    (request) => {
      const { id } = request.params;
      const { status, note } = request.body;
      const before = findings.alert(id);
      if (!before) throw notFound('alert');
      // First where it lasts: should we end in between, the next start of the console makes up for the second write.
      accounts.recordAlertDecision(id, before.status, status, note ?? '', actorOf(request));
      findings.setAlertStatus(id, status);
      return { ...before, status };
    },
  );

  app.get(
    '/api/v1/alerts/:id/packets.pcapng',
    { schema: { params: IdParams, response: { 200: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }) } } },
    async ({ params }, reply) => {
      const packets = findings.alertPackets(params.id);
      if (packets.length === 0) throw notFound('packet of this alert');
      const name = params.id.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
      reply.header('content-type', 'application/x-pcapng');
      reply.header('content-disposition', `attachment; filename="fieldwatch-${name}.pcapng"`);
      return writePcapng(packets, `fieldwatch ${context.version}`);
    },
  );
}

export function addAssets(app: App, context: ConsoleContext): void {
  const { findings } = context;

  app.get(
    '/api/v1/assets',
    { schema: { querystring: AssetListQuery, response: { 200: AssetPage, '4xx': ErrorBody } } },
    ({ query: { q, language, role, zone, vendor, level, ...query } }) =>
      findings.assets({
        ...given({ ...query, role: orNone(role), zone: orNone(zone), vendor: orNone(vendor) }),
        ...(level === undefined ? {} : { level: level === UNKNOWN ? null : Number(level) }),
        ...assetSearch(q, language),
      }),
  );

  app.get(
    '/api/v1/assets/:id',
    { schema: { params: IdParams, response: { 200: AssetDetail, '4xx': ErrorBody } } },
    ({ params: { id } }) => {
      const asset = findings.asset(id);
      if (!asset) throw notFound('asset');
      const conversations = findings.conversations({ asset: id, limit: RELATED });
      const alerts = findings.alerts({ asset: id, limit: RELATED });
      const mentioned = [
        ...conversations.items.flatMap(({ client, server }) => [client, server]),
        ...alerts.items.flatMap((alert) => [alert.src_asset, alert.dest_asset]),
      ];
      return {
        ...asset,
        settings: findings.assetSettings(id),
        conversations,
        alerts,
        asset_names: assetNames(findings, mentioned),
      };
    },
  );

  app.post(
    '/api/v1/assets/:id/approve',
    { schema: { params: IdParams, body: ApproveBody, response: { 200: AssetSchema, '4xx': ErrorBody } } },
    (request) => {
      const { id } = request.params;
      const { approved } = request.body;
      const before = findings.asset(id);
      if (!before) throw notFound('asset');
      context.decisions.approve(before.id, approved, before.approved, actorOf(request));
      return { ...before, approved };
    },
  );

  app.put(
    '/api/v1/assets/:id/settings',
    {
      schema: {
        description:
          'What a person says about an asset, all of it at once; what is left out is as the sensor found it.',
        params: IdParams,
        body: AssetSettingsBody,
        response: { 200: AssetSchema, '4xx': ErrorBody },
      },
    },
    (request) => {
      const { id } = request.params;
      if (!context.decisions.saySettings(id, given(request.body), actorOf(request))) throw notFound('asset');
      const asset = findings.asset(id);
      if (!asset) throw notFound('asset');
      return asset;
    },
  );

  app.get(
    '/api/v1/conversations',
    { schema: { querystring: ConversationListQuery, response: { 200: ConversationPage, '4xx': ErrorBody } } },
    ({ query }) => {
      const page = findings.conversations(given(query));
      const mentioned = page.items.flatMap(({ client, server }) => [client, server]);
      return { ...page, asset_names: assetNames(findings, mentioned) };
    },
  );
}

/** Room for whoever may write as this user. */
function diskOf(folder: string): { free_bytes: number; total_bytes: number } {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { free_bytes: bavail * bsize, total_bytes: blocks * bsize };
  } catch {
    return { free_bytes: 0, total_bytes: 0 };
  }
}

export function addOverview(app: App, context: ConsoleContext): void {
  const { findings } = context;

  function phases() {
    const requested = findings.requestedPhase();
    return { phase: findings.reportedPhase() ?? requested ?? 'learn', requested_phase: requested };
  }

  function baseline() {
    const counts = findings.counts();
    return {
      ...phases(),
      assets: counts.assets,
      new_assets: counts.newAssets,
      conversations: counts.conversations,
      new_conversations: counts.newConversations,
    };
  }

  app.get('/api/v1/overview', { schema: { response: { 200: Overview } } }, () => {
    const { alerts } = findings.counts();
    const total = (status: AlertStatus) => SEVERITIES.reduce((sum, severity) => sum + alerts[status][severity], 0);
    const { open, muted } = openCounts(context);
    const top = worstOpen(context, TOP_ALERTS);
    return {
      ...baseline(),
      sensors: findings.health(),
      open_alerts: open,
      muted_alerts: muted,
      alerts: { open: total('open'), acknowledged: total('acknowledged'), closed: total('closed') },
      timeline: findings.timeline(),
      top_alerts: top,
      asset_names: assetNames(
        findings,
        top.flatMap((alert) => [alert.src_asset, alert.dest_asset]),
      ),
      revision: findings.revision(),
    };
  });

  app.get('/api/v1/health', { schema: { response: { 200: Health } } }, () => ({
    sensors: findings.health(),
    store: findings.info(),
    disk: diskOf(context.data),
  }));

  app.get('/api/v1/baseline', { schema: { response: { 200: Baseline } } }, () => baseline());

  app.post(
    '/api/v1/baseline/phase',
    { schema: { body: PhaseBody, response: { 200: Baseline, '4xx': ErrorBody } } },
    (request) => {
      const { phase } = request.body;
      context.decisions.requestPhase(phase, actorOf(request));
      return baseline();
    },
  );
}
