import { Type } from 'typebox';
import { ALERT_STATUSES, type Alert, type AlertStatus, type Asset } from '../../sensor/model/records.js';
import { SEVERITIES, type Severity, severityRank } from '../../sensor/model/severity.js';
import { MICROS_PER_SECOND, parseTimestamp } from '../../sensor/model/time.js';
import { presentId, TECHNIQUES } from './attack-matrix.js';
import { type App, assetNames, type ConsoleContext } from './context.js';
import { csvRow } from './csv.js';
import { ApiError } from './errors.js';
import { secondsOf } from './map.js';
import { ruleRows } from './rules.js';
import { closed, ErrorBody, open } from './schemas.js';
import { PORTION, Snapshot } from './snapshot.js';
import { topologySnapshot } from './topology.js';

const DAY = 86_400;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 400;
const ALERTS_READ = 3000;
const WORST_SHOWN = 20;
const NEW_DEVICES_SHOWN = 50;
const TOP = 10;
const AUDIT_READ = 5000;
const REMEMBERED_MS = 30_000;
/** So old it may be when a new one is being made. */
const STALE_MS = 300_000;
const MOST_REMEMBERED = 8;

const Query = Type.Object(
  {
    from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601; without it 30 days before `to`.' })),
    to: Type.Optional(Type.String({ maxLength: 40, description: 'Without it the time of the last packet.' })),
  },
  closed,
);

type Tally = Record<string, number>;

function add(tally: Tally, key: string, amount = 1): void {
  tally[key] = (tally[key] ?? 0) + amount;
}

/** Keys come from packets: no plain object keys. */
function tally(): Tally {
  return Object.create(null) as Tally;
}

function top(counts: Tally): { name: string; count: number }[] {
  return Object.entries(counts)
    .sort((a, b) => b[1] - a[1])
    .slice(0, TOP)
    .map(([name, count]) => ({ name, count }));
}

interface Inventory {
  total: number;
  approved: number;
  identified: number;
  withFirmware: number;
  byLevel: Tally;
  byRole: Tally;
  byVendor: Tally;
  byCriticality: Tally;
  /** Newest first. */
  newest: {
    id: string;
    name: string;
    ip: string;
    vendor: string;
    role: string;
    first_seen: string;
    approved: boolean;
  }[];
}

function count(inventory: Inventory, asset: Asset): void {
  inventory.total++;
  if (asset.approved) inventory.approved++;
  if (asset.vendor !== undefined && asset.model !== undefined) inventory.identified++;
  if (asset.firmware !== undefined) inventory.withFirmware++;
  add(inventory.byLevel, asset.purdue_level === null ? '' : String(asset.purdue_level));
  add(inventory.byRole, asset.roles[0] ?? '');
  if (asset.vendor !== undefined) add(inventory.byVendor, asset.vendor);
  add(inventory.byCriticality, asset.criticality);
  inventory.newest.push({
    id: asset.id,
    name: asset.name,
    ip: asset.ips[0] ?? asset.macs[0] ?? '',
    vendor: asset.vendor ?? '',
    role: asset.roles[0] ?? '',
    first_seen: asset.first_seen,
    approved: asset.approved,
  });
}

function severities(): Record<Severity, number> {
  return Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>;
}

function seconds(iso: string | undefined): number {
  return iso === undefined ? Number.NaN : parseTimestamp(iso) / MICROS_PER_SECOND;
}

interface Control {
  standard: 'IEC 62443-3-3' | 'NIS2';
  id: string;
  /** Key of the sentence; the page has the words in each language. */
  key: string;
  /** `met`: the data show it. `look`: the data show something to look at. `open`: there are no data yet. */
  state: 'met' | 'look' | 'open';
  values: number[];
}

export function addReport(app: App, context: ConsoleContext): void {
  const { findings, accounts } = context;
  const topology = topologySnapshot(context);
  const inventory = new Snapshot<Inventory>(context, async (turn) => {
    const counted: Inventory = {
      total: 0,
      approved: 0,
      identified: 0,
      withFirmware: 0,
      byLevel: tally(),
      byRole: tally(),
      byVendor: tally(),
      byCriticality: tally(),
      newest: [],
    };
    for (let after: number | null = 0; after !== null; ) {
      const walk = findings.walkAssets(after, PORTION);
      for (const asset of walk.items) count(counted, asset);
      after = walk.next;
      await turn();
    }
    counted.newest.sort((a, b) => (a.first_seen < b.first_seen ? 1 : -1));
    return counted;
  });

  function period(query: { from?: string; to?: string }): { from: number; to: number } {
    const last = Math.max(
      ...findings
        .health()
        .map((sensor) => seconds(sensor.last_packet))
        .filter((at) => !Number.isNaN(at)),
      0,
    );
    const to = secondsOf(query.to) ?? (last > 0 ? Math.ceil(last) : context.now() / 1000);
    const from = secondsOf(query.from) ?? to - DEFAULT_DAYS * DAY;
    if (from >= to)
      throw new ApiError(400, 'bad_period', 'The period ends before it begins: turn the two times round.');
    if (to - from > MAX_DAYS * DAY) throw new ApiError(400, 'bad_period', `A report covers at most ${MAX_DAYS} days.`);
    return { from, to };
  }

  async function alertsOf(from: number, to: number): Promise<{ alerts: Alert[]; isAll: boolean }> {
    const alerts: Alert[] = [];
    for (let cursor: string | undefined; alerts.length < ALERTS_READ; ) {
      const page = findings.alerts({ limit: PORTION, ...(cursor === undefined ? {} : { cursor }) });
      for (const alert of page.items) {
        if (seconds(alert.last_seen) >= from && seconds(alert.first_seen) <= to) alerts.push(alert);
      }
      await new Promise((resolve) => setImmediate(resolve));
      const last = page.items.at(-1);
      if (page.next === null || (last && seconds(last.last_seen) < from)) return { alerts, isAll: true };
      cursor = page.next;
    }
    return { alerts, isAll: false };
  }

  /** What people did in the period, by kind. */
  function actions(from: number, to: number): Tally {
    const counts = tally();
    let before: number | undefined;
    for (let read = 0; read < AUDIT_READ; ) {
      const rows = accounts.auditRows(500, before);
      for (const row of rows) {
        const at = Date.parse(row.at) / 1000;
        if (at >= from && at <= to) add(counts, row.action);
      }
      read += rows.length;
      const last = rows.at(-1);
      if (!last || rows.length < 500 || Date.parse(last.at) / 1000 < from) break;
      before = last.n;
    }
    return counts;
  }

  async function controls(
    all: Inventory,
    alerts: readonly Alert[],
    blindSeconds: number,
    watched: number,
  ): Promise<Control[]> {
    const { topology: map } = await topology.get();
    const nodes = new Map(map.nodes.map((node) => [node.id, node]));
    let crossing = 0;
    let fromUnknown = 0;
    for (const edge of map.edges) {
      const from = nodes.get(edge.client);
      const toward = nodes.get(edge.server);
      if (!from || !toward) continue;
      if (from.zone !== '' && toward.zone !== '' && from.zone !== toward.zone) crossing++;
      if (!from.known && (toward.level ?? 9) <= 1) fromUnknown++;
    }
    const zones = new Set(map.nodes.map((node) => node.zone).filter((zone) => zone !== '')).size;
    const users = accounts.users().filter((user) => !user.disabled);
    const withFactor = users.filter((user) => user.totp).length;
    const openSevere = alerts.filter(
      (alert) => alert.status === 'open' && severityRank(alert.severity) >= severityRank('high'),
    );
    const decided = alerts.filter((alert) => alert.status !== 'open').length;
    const audit = accounts.verifyAudit();
    const share = (part: number, whole: number) => (whole === 0 ? 0 : Math.round((100 * part) / whole));
    const seen = watched === 0 ? 0 : Math.max(0, 100 - share(blindSeconds, watched));
    return [
      {
        standard: 'IEC 62443-3-3',
        id: 'SR 7.8',
        key: 'inventory',
        state: all.total === 0 ? 'open' : all.approved < all.total ? 'look' : 'met',
        values: [
          all.total,
          share(all.identified, all.total),
          share(all.withFirmware, all.total),
          all.total - all.approved,
        ],
      },
      {
        standard: 'IEC 62443-3-3',
        id: 'SR 6.2',
        key: 'monitoring',
        state: watched === 0 ? 'open' : seen < 100 ? 'look' : 'met',
        values: [seen],
      },
      {
        standard: 'IEC 62443-3-3',
        id: 'SR 5.1',
        key: 'segmentation',
        state: zones < 2 ? 'open' : crossing > 0 ? 'look' : 'met',
        values: [zones, crossing],
      },
      {
        standard: 'IEC 62443-3-3',
        id: 'SR 5.2',
        key: 'boundary',
        state: map.edges.length === 0 ? 'open' : fromUnknown > 0 ? 'look' : 'met',
        values: [fromUnknown],
      },
      {
        standard: 'IEC 62443-3-3',
        id: 'SR 1.1',
        key: 'users',
        state: withFactor < users.length ? 'look' : 'met',
        values: [users.length, withFactor],
      },
      {
        standard: 'IEC 62443-3-3',
        id: 'SR 2.8',
        key: 'audit',
        state: audit.broken === null && audit.missingAfter === null ? 'met' : 'look',
        values: [audit.rows],
      },
      {
        standard: 'NIS2',
        id: 'Art. 21 (2) b',
        key: 'handling',
        state: openSevere.length > 0 ? 'look' : 'met',
        values: [alerts.length, decided, openSevere.length],
      },
      {
        standard: 'NIS2',
        id: 'Art. 21 (2) i',
        key: 'assets',
        state: all.total === 0 ? 'open' : all.approved < all.total ? 'look' : 'met',
        values: [all.total, all.approved],
      },
      {
        standard: 'NIS2',
        id: 'Art. 23',
        key: 'reporting',
        state: alerts.some((alert) => alert.severity === 'critical') ? 'look' : 'met',
        values: [alerts.filter((alert) => alert.severity === 'critical').length],
      },
    ];
  }

  async function report(query: { from?: string; to?: string }) {
    const { from, to } = period(query);
    const { alerts, isAll } = await alertsOf(from, to);
    const all = await inventory.get();
    const bySeverity = severities();
    const byStatus = Object.fromEntries(ALERT_STATUSES.map((status) => [status, 0])) as Record<AlertStatus, number>;
    const byTitle = tally();
    const bySource = tally();
    const techniques = tally();
    for (const alert of alerts) {
      bySeverity[alert.severity]++;
      byStatus[alert.status]++;
      add(byTitle, alert.title);
      if (alert.src_ip !== undefined) add(bySource, alert.src_ip);
      for (const { technique } of alert.attack) add(techniques, presentId(technique));
    }
    const worst = [...alerts]
      .sort((a, b) => severityRank(b.severity) - severityRank(a.severity) || (a.last_seen < b.last_seen ? 1 : -1))
      .slice(0, WORST_SHOWN);
    const isNew = (asset: { first_seen: string }) =>
      seconds(asset.first_seen) >= from && seconds(asset.first_seen) <= to;
    const fresh = all.newest.filter(isNew);
    const sensors = findings.health();
    let blind = 0;
    let watched = 0;
    for (const sensor of sensors) {
      const start = Math.max(from, seconds(sensor.first_packet));
      const end = Math.min(to, seconds(sensor.last_packet));
      if (end > start) watched += end - start;
      for (const interval of sensor.blind) {
        const begin = Math.max(from, seconds(interval.from));
        const finish = Math.min(to, interval.to === undefined ? to : seconds(interval.to));
        if (finish > begin) blind += finish - begin;
      }
    }
    const detected = new Set(
      (await ruleRows(context)).filter((rule) => rule.enabled).flatMap((rule) => rule.techniques.map(presentId)),
    );
    const visible = TECHNIQUES.filter((technique) => technique.visibility !== 'no');
    const { newest: _, ...figures } = all;
    return {
      site: context.site,
      version: context.version,
      from: new Date(from * 1000).toISOString(),
      to: new Date(to * 1000).toISOString(),
      generated: new Date(context.now()).toISOString(),
      assets: {
        ...figures,
        byVendor: top(figures.byVendor),
        new_devices: fresh.length,
        newest: fresh.slice(0, NEW_DEVICES_SHOWN),
      },
      alerts: {
        total: alerts.length,
        complete: isAll,
        by_severity: bySeverity,
        by_status: byStatus,
        by_title: top(byTitle),
        by_source: top(bySource),
        techniques: top(techniques),
        worst: worst.map(({ evidence: _evidence, ...alert }) => alert),
      },
      asset_names: assetNames(
        findings,
        worst.flatMap((alert) => [alert.src_asset, alert.dest_asset]),
      ),
      changes: Object.entries(actions(from, to))
        .sort((a, b) => b[1] - a[1])
        .map(([name, amount]) => ({ name, count: amount })),
      sensors: sensors.map((sensor) => ({
        sensor: sensor.sensor,
        mode: sensor.mode,
        packets: sensor.packets,
        first_packet: sensor.first_packet ?? null,
        last_packet: sensor.last_packet ?? null,
        decode_errors: sensor.decode_errors,
        encrypted_percent: sensor.encrypted_percent,
        lost: sensor.interfaces.reduce(
          (sum, one) => sum + (one.dropped_by_kernel ?? 0) + (one.dropped_by_interface ?? 0),
          0,
        ),
      })),
      blind_seconds: Math.round(blind),
      watched_seconds: Math.round(watched),
      coverage: {
        visible: visible.length,
        detected: visible.filter((technique) => detected.has(technique.id)).length,
        seen: Object.keys(techniques).length,
      },
      controls: await controls(all, alerts, blind, watched),
    };
  }

  /** A report is read and printed, not watched: one made a moment ago is good enough for all who ask for the same. */
  const made = new Map<string, { at: number; answer: ReturnType<typeof report> }>();
  function remembered(query: { from?: string; to?: string }): ReturnType<typeof report> {
    const key = JSON.stringify([query.from, query.to]);
    const known = made.get(key);
    const age = known === undefined ? Number.POSITIVE_INFINITY : performance.now() - known.at;
    if (known && age < REMEMBERED_MS) return known.answer;
    const answer = report(query);
    const entry = { at: performance.now(), answer };
    const keep = () => {
      made.delete(key);
      made.set(key, entry);
      const [oldest] = made.keys();
      if (made.size > MOST_REMEMBERED && oldest !== undefined) made.delete(oldest);
    };
    if (known && age < STALE_MS) {
      // Whoever asks gets the one before at once; the next who asks gets this one.
      known.at = performance.now();
      answer.then(keep, () => {});
      return known.answer;
    }
    keep();
    answer.catch(() => made.delete(key));
    return answer;
  }

  app.addHook('onListen', () => {
    remembered({}).catch(() => {});
  });

  app.get(
    '/api/v1/report',
    {
      schema: {
        description: 'A period for management and auditors: devices, alerts, changes, coverage, health, and duties.',
        querystring: Query,
        response: { 200: Type.Object({}, open), '4xx': ErrorBody },
      },
    },
    ({ query }) => remembered(query),
  );

  app.get(
    '/api/v1/report.csv',
    {
      schema: {
        description: 'The report’s figures and its worst alerts as CSV.',
        querystring: Query,
        response: { 200: Type.String(), '4xx': ErrorBody },
      },
    },
    async ({ query }, reply) => {
      const answer = await remembered(query);
      const rows: (string | number)[][] = [
        ['part', 'name', 'value'],
        ['period', 'from', answer.from],
        ['period', 'to', answer.to],
        ['devices', 'total', answer.assets.total],
        ['devices', 'new', answer.assets.new_devices],
        ['devices', 'approved', answer.assets.approved],
        ...SEVERITIES.map((severity) => ['alerts', severity, answer.alerts.by_severity[severity]]),
        ...ALERT_STATUSES.map((status) => ['alerts', status, answer.alerts.by_status[status]]),
        ...answer.alerts.by_title.map(({ name, count: amount }) => ['alert', name, amount]),
        ...answer.changes.map(({ name, count: amount }) => ['change', name, amount]),
        ...answer.controls.map(({ standard, id, state }) => ['duty', `${standard} ${id}`, state]),
        ...answer.alerts.worst.map((alert) => [
          `alert ${alert.severity}`,
          alert.title,
          `${alert.first_seen} ${alert.src_ip ?? ''} > ${alert.dest_ip ?? ''} ${alert.status}`,
        ]),
      ];
      reply.header('content-type', 'text/csv; charset=utf-8');
      reply.header('content-disposition', 'attachment; filename="fieldwatch-report.csv"');
      return rows.map(csvRow).join('');
    },
  );
}
