import { setImmediate as nextTurn } from 'node:timers/promises';
import { ALERT_STATUSES, type Alert, type AlertStatus, type Asset } from '../../../sensor/model/records.js';
import { SEVERITIES, type Severity, severityRank } from '../../../sensor/model/severity.js';
import { MICROS_PER_SECOND, parseTimestamp } from '../../../sensor/model/time.js';
import type { AuditVerdict } from '../../../sensor/store/console/console-store.js';
import { coveredSeconds, type MapAnswer, type MapNode } from '../../answers.js';
import type { reportEn } from '../../texts/report-en.js';
import { presentId, TECHNIQUES } from '../attack-matrix.js';
import { assetNames, type ConsoleContext } from '../context.js';
import { ApiError } from '../errors.js';
import { secondsOf } from '../map.js';
import { Remembered } from '../remembered.js';
import { ruleRows } from '../rules.js';
import { PORTION, Snapshot } from '../snapshot.js';
import { topologySnapshot } from '../topology.js';

const DAY = 86_400;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 400;
const ALERTS_READ = 3000;
const WORST_SHOWN = 20;
const NEW_DEVICES_SHOWN = 50;
const TOP = 10;
const AUDIT_READ = 5000;
const VERIFIED_MS = 10 * 60_000;
const LEVEL_UNKNOWN = 9;
/** Purdue levels 0 and 1: the process, and what controls it. */
const HIGHEST_CONTROL_LEVEL = 1;

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

/** As the settings or a person say; a zone that was only inferred separates nothing. */
function statedZone({ zone, zone_inferred: isInferred }: MapNode): string {
  return isInferred ? '' : zone;
}

/** Both zones are known, and they differ. */
function isCrossing(from: MapNode, toward: MapNode): boolean {
  const [one, other] = [statedZone(from), statedZone(toward)];
  return one !== '' && other !== '' && one !== other;
}

/** Somebody that nobody approved or learned talks to a controller or to the process. */
function isStrangerAtController(from: MapNode, toward: MapNode): boolean {
  return !from.known && (toward.level ?? LEVEL_UNKNOWN) <= HIGHEST_CONTROL_LEVEL;
}

interface RiskyPair {
  client: string;
  server: string;
  protocols: string[];
}

/** What to look at first, by device and by pair of devices; the most each, and how many there are. */
function risksOf(map: MapAnswer) {
  const nodes = new Map(map.nodes.map((node) => [node.id, node]));
  const named = ({ name, ip }: MapNode) => (name === ip || ip === '' ? name : `${name} (${ip})`);
  const devices = map.nodes
    .filter((node) => node.worst !== null && severityRank(node.worst) >= severityRank('high'))
    .sort((a, b) => severityRank(b.worst ?? 'low') - severityRank(a.worst ?? 'low') || b.open_alerts - a.open_alerts);
  const pairs = (isRisky: (from: MapNode, toward: MapNode) => boolean): RiskyPair[] =>
    map.edges.flatMap((edge) => {
      const from = nodes.get(edge.client);
      const toward = nodes.get(edge.server);
      if (!from || !toward || !isRisky(from, toward)) return [];
      return [{ client: named(from), server: named(toward), protocols: edge.protocols }];
    });
  const strangers = pairs(isStrangerAtController);
  const crossings = pairs(isCrossing);
  return {
    devices: devices.slice(0, TOP).map((node) => ({
      id: node.id,
      name: named(node),
      criticality: node.criticality,
      worst: node.worst,
      open_alerts: node.open_alerts,
    })),
    devices_total: devices.length,
    strangers: strangers.slice(0, TOP),
    strangers_total: strangers.length,
    crossings: crossings.slice(0, TOP),
    crossings_total: crossings.length,
  };
}

interface Control {
  standard: 'IEC 62443-3-3' | 'NIS2';
  id: string;
  /** Key of the sentence; the page has the words in each language. */
  key: keyof typeof reportEn.controls;
  /** `met`: the data show it. `look`: the data show something to look at. `open`: there are no data yet. */
  state: 'met' | 'look' | 'open';
  values: number[];
}

/** What a report is made of; the console has it, and so has the command line. */
export type ReportSources = Pick<
  ConsoleContext,
  'findings' | 'accounts' | 'site' | 'version' | 'now' | 'rules' | 'log'
>;

export interface ReportPeriod {
  from?: string;
  to?: string;
}

/** Makes the report of any period. @throws ApiError for a period that is none */
export function reportMaker(context: ReportSources) {
  const { findings, accounts } = context;
  const topology = topologySnapshot(context);
  /** Of the whole audit log, which grows by every click: not read anew for each report. */
  const verified = new Remembered<AuditVerdict>(VERIFIED_MS, Number.POSITIVE_INFINITY, 1);
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

  function period(query: ReportPeriod): { from: number; to: number } {
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
      await nextTurn();
      const last = page.items.at(-1);
      if (page.next === null || (last && seconds(last.last_seen) < from)) return { alerts, isAll: true };
      cursor = page.next;
    }
    return { alerts, isAll: false };
  }

  /** What people did in the period, by kind. */
  async function actions(from: number, to: number): Promise<Tally> {
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
      await nextTurn();
    }
    return counts;
  }

  async function controls(
    all: Inventory,
    map: MapAnswer,
    alerts: readonly Alert[],
    blindSeconds: number,
    watched: number,
  ): Promise<Control[]> {
    const nodes = new Map(map.nodes.map((node) => [node.id, node]));
    let crossing = 0;
    let fromUnknown = 0;
    for (const edge of map.edges) {
      const from = nodes.get(edge.client);
      const toward = nodes.get(edge.server);
      if (!from || !toward) continue;
      if (isCrossing(from, toward)) crossing++;
      if (isStrangerAtController(from, toward)) fromUnknown++;
    }
    const zones = new Set(map.nodes.map(statedZone).filter((zone) => zone !== '')).size;
    const users = accounts.users().filter((user) => !user.disabled);
    const withFactor = users.filter((user) => user.totp).length;
    const openSevere = alerts.filter(
      (alert) => alert.status === 'open' && severityRank(alert.severity) >= severityRank('high'),
    );
    const decided = alerts.filter((alert) => alert.status !== 'open').length;
    const audit = await verified.get('', () => accounts.verifyAudit());
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
        state: users.length === 0 ? 'open' : withFactor < users.length ? 'look' : 'met',
        values: [users.length, withFactor],
      },
      {
        standard: 'IEC 62443-3-3',
        id: 'SR 2.8',
        key: 'audit',
        state: audit.broken !== null || audit.missingAfter !== null ? 'look' : audit.rows === 0 ? 'open' : 'met',
        values: [audit.rows],
      },
      {
        standard: 'NIS2',
        id: 'Art. 21 (2) b',
        key: 'handling',
        state: openSevere.length > 0 ? 'look' : watched === 0 ? 'open' : 'met',
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
        state: alerts.some((alert) => alert.severity === 'critical') ? 'look' : watched === 0 ? 'open' : 'met',
        values: [alerts.filter((alert) => alert.severity === 'critical').length],
      },
    ];
  }

  async function report(query: ReportPeriod) {
    const { from, to } = period(query);
    const { alerts, isAll } = await alertsOf(from, to);
    const all = await inventory.get();
    const { topology: map } = await topology.get();
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
      blind += coveredSeconds(
        sensor.blind.map((interval) => [
          Math.max(from, seconds(interval.from)),
          Math.min(to, interval.to === undefined ? to : seconds(interval.to)),
        ]),
      );
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
      changes: Object.entries(await actions(from, to))
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
      risks: risksOf(map),
      controls: await controls(all, map, alerts, blind, watched),
    };
  }

  return report;
}

export type Report = Awaited<ReturnType<ReturnType<typeof reportMaker>>>;
