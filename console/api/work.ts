import { setImmediate as nextTurn } from 'node:timers/promises';
import { Type } from 'typebox';
import type { Alert } from '../../sensor/model/records.js';
import { severityRank } from '../../sensor/model/severity.js';
import { type Mute, mutes } from '../../sensor/store/console/work-store.js';
import type { Incident } from '../answers.js';
import { mayAccess } from './access.js';
import { type App, actorOf, assetNames, type ConsoleContext } from './context.js';
import { ApiError, notFound } from './errors.js';
import {
  AlertPage,
  AlertStatusSchema,
  AssetNames,
  closed,
  ErrorBody,
  Id,
  IdParams,
  MuteSchema,
  Next,
  oneOf,
  open,
  Severity,
  Time,
} from './schemas.js';
import { PORTION, Snapshot } from './snapshot.js';

const MINUTE_MS = 60_000;
const MAX_MUTE_MS = 366 * 86_400_000;
const INCIDENT_ALERTS = 1000;
const MAX_INCIDENTS = 200;
const MAX_INCIDENT_ALERTS = 200;
const RELATED_SCANNED = 200;
const RELATED = 50;
const MAX_BULK = 500;
const BULK_PORTION = 10;

const Note = Type.String({ minLength: 1, maxLength: 2000 });
const Done = Type.Object({ done: Type.Integer(), missing: Type.Integer({ description: 'Alerts that do not exist.' }) });

const BulkBody = Type.Object(
  {
    ids: Type.Array(Id, { minItems: 1, maxItems: MAX_BULK }),
    status: Type.Optional(AlertStatusSchema),
    assignee: Type.Optional(Type.String({ maxLength: 64, description: 'Empty: nobody.' })),
    note: Type.Optional(Type.String({ maxLength: 2000 })),
  },
  closed,
);

const MuteBody = Type.Object(
  {
    rule: Type.Optional(Type.String({ maxLength: 200 })),
    src: Type.Optional(Type.String({ maxLength: 200 })),
    dest: Type.Optional(Type.String({ maxLength: 200 })),
    reason: Type.String({ minLength: 3, maxLength: 500 }),
    minutes: Type.Integer({ minimum: 1, maximum: MAX_MUTE_MS / MINUTE_MS }),
  },
  closed,
);

const ViewSchema = Type.Object({
  id: Type.String(),
  owner: Type.String(),
  page: Type.String(),
  name: Type.String(),
  query: Type.String(),
  shared: Type.Boolean(),
});
const ViewBody = Type.Object(
  {
    page: oneOf(['alerts', 'assets', 'conversations', 'map', 'variables'] as const),
    name: Type.String({ minLength: 1, maxLength: 80 }),
    query: Type.String({ maxLength: 1000 }),
    shared: Type.Boolean(),
  },
  closed,
);

const IncidentSchema = Type.Object(
  {
    id: Type.String(),
    src_ip: Type.String(),
    src_asset: Type.Optional(Type.String()),
    severity: Severity,
    status: AlertStatusSchema,
    first_seen: Time,
    last_seen: Time,
    alerts: Type.Array(
      Type.Object(
        { id: Type.String(), title: Type.String(), severity: Severity, first_seen: Time, status: AlertStatusSchema },
        open,
      ),
      { description: 'Oldest first, at most 200.' },
    ),
    alert_count: Type.Integer(),
    targets: Type.Array(Type.String(), { description: 'Addresses.' }),
    techniques: Type.Array(Type.String()),
  },
  open,
);
const IncidentList = Type.Object({ items: Type.Array(IncidentSchema), next: Next, asset_names: AssetNames });

/** Two and more alerts that the sensor has put into one incident. `alerts` in any order. */
export function incidentsOf(alerts: readonly Alert[]): Incident[] {
  const byIncident = new Map<string, Alert[]>();
  for (const alert of alerts) {
    const id = alert.incident;
    if (id === undefined) continue;
    const same = byIncident.get(id);
    if (same) same.push(alert);
    else byIncident.set(id, [alert]);
  }
  // One alert alone is no story; it is in the list of alerts.
  const incidents = [...byIncident].flatMap(([id, same]) => (same.length > 1 ? [incidentOf(id, same)] : []));
  const isOpen = (incident: Incident) => Number(incident.status === 'open');
  return incidents.sort(
    (a, b) =>
      isOpen(b) - isOpen(a) ||
      severityRank(b.severity) - severityRank(a.severity) ||
      (a.last_seen < b.last_seen ? 1 : -1),
  );
}

function incidentOf(id: string, unordered: readonly Alert[]): Incident {
  const alerts = [...unordered].sort((a, b) => (a.first_seen < b.first_seen ? -1 : 1));
  const first = alerts[0];
  if (!first) throw new Error('an incident has at least one alert');
  const worst = alerts.reduce(
    (found, alert) => (severityRank(alert.severity) > severityRank(found) ? alert.severity : found),
    first.severity,
  );
  const status = (['open', 'acknowledged', 'closed'] as const).find((one) =>
    alerts.some((alert) => alert.status === one),
  );
  return {
    id,
    src_ip: first.src_ip ?? first.dest_ip ?? '',
    ...assetOf(first),
    severity: worst,
    status: status ?? 'open',
    first_seen: first.first_seen,
    last_seen: alerts.reduce((last, alert) => (alert.last_seen > last ? alert.last_seen : last), first.last_seen),
    alerts: alerts.slice(0, MAX_INCIDENT_ALERTS).map((alert) => ({
      id: alert.id,
      title: alert.title,
      severity: alert.severity,
      status: alert.status,
      first_seen: alert.first_seen,
      count: alert.count,
      attack: alert.attack.map(({ technique }) => technique),
      ...(alert.dest_ip === undefined ? {} : { dest_ip: alert.dest_ip }),
      ...(alert.dest_asset === undefined ? {} : { dest_asset: alert.dest_asset }),
      ...(alert.object === undefined ? {} : { object: alert.object }),
    })),
    alert_count: alerts.length,
    targets: [...new Set(alerts.flatMap(({ dest_ip: ip }) => (ip === undefined ? [] : [ip])))].slice(0, 50),
    techniques: [...new Set(alerts.flatMap(({ attack }) => attack.map(({ technique }) => technique)))],
  };
}

/** Who acted; where nobody is known, what it happened to. */
function assetOf({ src_ip: ip, src_asset: source, dest_asset: target }: Alert): { src_asset?: string } {
  const asset = ip === undefined ? target : source;
  return asset === undefined ? {} : { src_asset: asset };
}

/** The mute that keeps this alert out of the queue; null: none. */
export function muteOf(alert: Alert, active: readonly Mute[]): Mute | null {
  return active.find((mute) => mutes(mute, alert)) ?? null;
}

/** What people do with alerts: notes, assignment, mutes, saved views; and what belongs together. */
export function addWork(app: App, context: ConsoleContext): void {
  const { findings, accounts } = context;
  const { work } = accounts;

  function existing(id: string): Alert {
    const alert = findings.alert(id);
    if (!alert) throw notFound('alert');
    return alert;
  }

  function checkAssignee(name: string): void {
    if (name === '') return;
    const user = accounts.users().find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (!user || user.disabled) throw new ApiError(400, 'bad_assignee', `There is no active user ${name}.`);
  }

  app.post(
    '/api/v1/alerts/bulk',
    {
      schema: {
        description: 'The same decision on many alerts.',
        body: BulkBody,
        response: { 200: Done, '4xx': ErrorBody },
      },
    },
    async (request) => {
      const { ids, status, assignee, note } = request.body;
      if (assignee !== undefined) checkAssignee(assignee);
      const actor = actorOf(request);
      let done = 0;
      for (const id of new Set(ids)) {
        const alert = findings.alert(id);
        if (!alert) continue;
        if (status !== undefined) {
          accounts.recordAlertDecision(id, alert.status, status, note ?? '', actor);
          findings.setAlertStatus(id, status);
        } else if (note !== undefined && note !== '') work.addNote(id, note, actor);
        if (assignee !== undefined) work.assign(id, assignee, actor);
        // Each is written to the disk: others have their turn in between.
        if (++done % BULK_PORTION === 0) await nextTurn();
      }
      return { done, missing: new Set(ids).size - done };
    },
  );

  app.post(
    '/api/v1/alerts/:id/notes',
    {
      schema: {
        params: IdParams,
        body: Type.Object({ note: Note }, closed),
        response: { 200: Done, '4xx': ErrorBody },
      },
    },
    (request) => {
      existing(request.params.id);
      work.addNote(request.params.id, request.body.note, actorOf(request));
      return { done: 1, missing: 0 };
    },
  );

  app.post(
    '/api/v1/alerts/:id/assign',
    {
      schema: {
        params: IdParams,
        body: Type.Object({ assignee: Type.String({ maxLength: 64, description: 'Empty: nobody.' }) }, closed),
        response: { 200: Done, '4xx': ErrorBody },
      },
    },
    (request) => {
      existing(request.params.id);
      checkAssignee(request.body.assignee);
      work.assign(request.params.id, request.body.assignee, actorOf(request));
      return { done: 1, missing: 0 };
    },
  );

  app.get(
    '/api/v1/alerts/:id/related',
    {
      schema: {
        description: 'The alerts of the same incident, oldest first.',
        params: IdParams,
        response: { 200: AlertPage, '4xx': ErrorBody },
      },
    },
    ({ params }) => {
      const alert = existing(params.id);
      if (alert.incident === undefined) return { items: [], next: null, asset_names: {} };
      // The actor, and the device it happened to: a consequence has another source than its cause.
      const nearby = new Map([[alert.id, alert]]);
      for (const asset of new Set([alert.src_asset, alert.dest_asset])) {
        if (asset === undefined) continue;
        for (const one of findings.alerts({ asset, limit: RELATED_SCANNED }).items) nearby.set(one.id, one);
      }
      if (alert.src_asset === undefined && alert.src_ip !== undefined)
        for (const one of findings.alerts({ q: alert.src_ip, limit: RELATED_SCANNED }).items) nearby.set(one.id, one);
      const items = [...nearby.values()]
        .filter(({ incident }) => incident === alert.incident)
        .sort((a, b) => (a.first_seen < b.first_seen ? -1 : 1))
        .slice(0, RELATED);
      const mentioned = items.flatMap((one) => [one.src_asset, one.dest_asset]);
      return { items, next: null, asset_names: assetNames(findings, mentioned) };
    },
  );

  const incidents = new Snapshot(context, async (turn) => {
    const alerts: Alert[] = [];
    for (let cursor: string | undefined; alerts.length < INCIDENT_ALERTS; ) {
      const page = findings.alerts({ limit: PORTION, ...(cursor === undefined ? {} : { cursor }) });
      alerts.push(...page.items);
      await turn();
      if (page.next === null) break;
      cursor = page.next;
    }
    return incidentsOf(alerts).slice(0, MAX_INCIDENTS);
  });

  app.addHook('onListen', () => incidents.warm());

  app.get(
    '/api/v1/incidents',
    {
      schema: {
        description: 'The newest thousand alerts by incident; open and worst first.',
        querystring: Type.Object({ status: Type.Optional(AlertStatusSchema) }, closed),
        response: { 200: IncidentList, '4xx': ErrorBody },
      },
    },
    async ({ query }) => {
      const all = await incidents.get();
      const items = all.filter(({ status }) => query.status === undefined || status === query.status);
      const mentioned = items.flatMap(({ src_asset: source, alerts }) => [
        source,
        ...alerts.map((one) => one.dest_asset),
      ]);
      return { items, next: null, asset_names: assetNames(findings, mentioned) };
    },
  );

  app.get(
    '/api/v1/mutes',
    { schema: { response: { 200: Type.Object({ items: Type.Array(MuteSchema), next: Next }), '4xx': ErrorBody } } },
    () => ({ items: work.mutes(), next: null }),
  );

  app.post(
    '/api/v1/mutes',
    {
      schema: {
        description: 'Keeps alerts that fit out of the queue for a time. They are still raised, counted and exported.',
        body: MuteBody,
        response: { 200: MuteSchema, '4xx': ErrorBody },
      },
    },
    (request) => {
      const { rule, src, dest, reason, minutes } = request.body;
      if (!rule && !src && !dest)
        throw new ApiError(
          400,
          'no_scope',
          'A mute needs a rule, a source or a target: without any it would silence all.',
        );
      return work.addMute(
        { rule: rule ?? '', src: src ?? '', dest: dest ?? '', reason },
        context.now() + minutes * MINUTE_MS,
        actorOf(request),
      );
    },
  );

  app.delete(
    '/api/v1/mutes/:id',
    { schema: { params: IdParams, response: { 200: Done, '4xx': ErrorBody } } },
    (request) => {
      if (!work.endMute(request.params.id, actorOf(request))) throw notFound('mute');
      return { done: 1, missing: 0 };
    },
  );

  const nameOf = (user: { name: string } | null) => user?.name ?? '';

  app.get(
    '/api/v1/views',
    { schema: { response: { 200: Type.Object({ items: Type.Array(ViewSchema), next: Next }), '4xx': ErrorBody } } },
    ({ user }) => ({ items: work.views(nameOf(user)), next: null }),
  );

  app.post(
    '/api/v1/views',
    { schema: { body: ViewBody, response: { 200: ViewSchema, '4xx': ErrorBody } } },
    ({ body, user }) => {
      if (body.shared && !mayAccess(user?.role ?? null, 'analyst'))
        throw new ApiError(403, 'forbidden', 'Only analysts and admins may put a view before everybody.');
      return work.saveView(body, nameOf(user));
    },
  );

  app.delete(
    '/api/v1/views/:id',
    { schema: { params: IdParams, response: { 200: Done, '4xx': ErrorBody } } },
    ({ params, user }) => {
      if (!work.deleteView(params.id, nameOf(user))) throw notFound('view of yours');
      return { done: 1, missing: 0 };
    },
  );

  app.get(
    '/api/v1/people',
    {
      schema: {
        description: 'Whom an alert can be given to.',
        response: { 200: Type.Object({ items: Type.Array(Type.Object({ name: Type.String() })), next: Next }) },
      },
    },
    () => ({
      items: accounts
        .users()
        .filter((user) => !user.disabled && user.role !== 'auditor' && user.role !== 'viewer')
        .map(({ name }) => ({ name })),
      next: null,
    }),
  );
}
