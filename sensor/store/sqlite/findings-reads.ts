import type { BaselineDecisions, BaselineVersion } from '../../model/baseline-document.js';
import { settledScopes } from '../../model/learning.js';
import type { OperationClass } from '../../model/operation.js';
import {
  ALERT_KINDS,
  ALERT_STATUSES,
  type Alert,
  type AlertPacket,
  type AlertStatus,
  type Asset,
  type Conversation,
  type DeviceDecisions,
  type LearningPhase,
  type ProcessVariable,
  type SensorHealth,
  VARIABLE_KINDS,
  type VariableHistory,
} from '../../model/records.js';
import { SEVERITIES, type Severity, severityRank } from '../../model/severity.js';
import { formatTimestamp, MICROS_PER_SECOND, parseTimestamp } from '../../model/time.js';
import { historyRecord } from '../../model/variable-history.js';
import {
  type AlertQuery,
  type AssetComparison,
  type AssetQuery,
  type AssetSettings,
  type AssetSort,
  type Changes,
  type ConversationQuery,
  MAX_ALERT_PACKETS,
  type Page,
  type PageQuery,
  QueryError,
  type RuleCount,
  type SensorMemory,
  type StoreCounts,
  type Timeline,
  type TimelineBucket,
  type Traffic,
  type VariableQuery,
  type Walk,
} from '../store.js';
import { SETTINGS_REVISION, settingsOf, withSettings } from './asset-settings.js';
import type { SqlDatabase, SqlRow, SqlStatement, SqlValue } from './sql.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;
/**
 * A filter that no index answers is tried on at most this many rows per request; then the page ends early, with a
 * cursor to go on from there. So a search for what does not exist costs the same as any other.
 */
const SCAN_BUDGET = 10_000;
/** To look for so many parts of texts costs as much as reading the row. */
const PARTS_FOR_A_ROW = 6;
/** What a sensor takes back after a restart; the oldest of more are left to the listings. */
const MAX_OPEN_ALERTS = 50_000;

const TIMELINE_BUCKETS = 60;
const TIMELINE_STEPS_SECONDS = [60, 300, 900, 3600, 10_800, 21_600, 86_400];
const TIMELINE_MAX_SECONDS = 7 * 86_400;
const TRAFFIC_BUCKETS = 120;
const MAX_TRAFFIC_SECONDS = 92 * 86_400;
const MAX_RULES_COUNTED = 10_000;
/** `1,000+` says enough. */
const MAX_ALERTS_COUNTED = 1001;

/** `%` and `_` in what a user searches for are letters like any other. */
export function likePattern(text: string): string {
  return `%${text.toLowerCase().replaceAll(/[\\%_]/g, (character) => `\\${character}`)}%`;
}

/** The title is the first line of what is searched, so any number of titles costs one look into a set. */
function alertSearch(q: string, wordings: AlertQuery['wordings']): [text: string, ...values: SqlValue[]] {
  const { titles = [], parts = [] } = wordings ?? {};
  let text = "a.search LIKE ? ESCAPE '\\'";
  if (titles.length > 0) {
    text += ' OR substr(a.search, 1, instr(a.search, char(10)) - 1) IN (SELECT value FROM json_each(?))';
  }
  text += ' OR instr(a.search, ?) > 0'.repeat(parts.length);
  return [`(${text})`, likePattern(q), ...(titles.length > 0 ? [JSON.stringify(titles)] : []), ...parts];
}

type CursorValue = string | number;

function encodeCursor(order: string, values: readonly CursorValue[]): string {
  return Buffer.from(JSON.stringify([order, ...values])).toString('base64url');
}

function decodeCursor(text: string | undefined, order: string, types: readonly ('string' | 'number')[]) {
  if (text === undefined) return null;
  const refusal = new QueryError('This cursor belongs to another listing or order: start again without one.');
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    throw refusal;
  }
  if (!Array.isArray(parsed) || parsed.length !== types.length + 1 || parsed[0] !== order) throw refusal;
  const values: CursorValue[] = [];
  for (const [index, type] of types.entries()) {
    const value: unknown = parsed[index + 1];
    if (type === 'number' ? !Number.isSafeInteger(value) : typeof value !== 'string') throw refusal;
    values.push(value as CursorValue);
  }
  return values;
}

/** SQL conditions with their values, always together. */
class Conditions {
  readonly texts: string[] = [];
  readonly values: SqlValue[] = [];

  add(text: string, ...values: SqlValue[]): void {
    this.texts.push(text);
    this.values.push(...values);
  }

  /** Padded to the size of the whole vocabulary, so that every choice shares one prepared statement. */
  oneOf(column: string, chosen: readonly SqlValue[], vocabulary: number): void {
    const padded = [...chosen];
    while (padded.length < vocabulary) padded.push(chosen[0] ?? null);
    this.add(`${column} IN (${padded.map(() => '?').join(', ')})`, ...padded);
  }
}

/** What a person says of a device counts before what was found; '' where neither says anything. */
function saidOrFound(field: 'zone' | 'purdue_level'): string {
  return `coalesce((SELECT json_extract(s.value, '$') FROM asset_setting s WHERE s.asset = a.id AND s.field = '${field}'), json_extract(r.record, '$.${field}'), '')`;
}
/** A device that has been silent for a year before the period was gone long before. */
const SILENT_SINCE_MICROS = 365 * 86_400 * MICROS_PER_SECOND;

/** A person's words about an asset as one JSON object, or null. */
const SETTINGS =
  '(SELECT json_group_object(s.field, s.value) FROM asset_setting s WHERE s.asset = a.id HAVING count(*) > 0) AS settings';

/** One ordered walk over an index. */
interface IndexWalk {
  /** `FROM` clause; the ordered table or index is first. */
  readonly from: string;
  /** Order of the walk, all in the same direction, ending in a unique column. */
  readonly keys: readonly string[];
  readonly keyTypes: readonly ('string' | 'number')[];
  readonly descending: boolean;
  /** Answered by the index. */
  readonly range: Conditions;
  /** Tried row by row. */
  readonly filter: Conditions;
  /** How many rows that may be in one request; fewer where trying one costs more. */
  readonly tried?: number;
  /** Where the walk needs joins only for filter and result. */
  readonly joins: string;
  readonly order: string;
}

export class FindingsReads {
  readonly #database: SqlDatabase;
  readonly #statements = new Map<string, SqlStatement>();

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  alerts(query: AlertQuery): Page<Alert> {
    const filter = new Conditions();
    const range = new Conditions();
    const sort = query.sort ?? 'time';
    const status = single(query.status);
    const severity = single(query.severity);
    let from: string;
    let keys = ['a.last_seen', 'a.n'];
    if (query.rule !== undefined && query.asset === undefined) {
      if (sort === 'severity') {
        throw new QueryError('The alerts of one rule are ordered by time: leave out sort=severity or rule.');
      }
      from = 'alert_rule k';
      keys = ['k.last_seen', 'k.n'];
      range.add('k.rule = ?', query.rule);
    } else if (query.asset !== undefined) {
      if (sort === 'severity') {
        throw new QueryError('The alerts of one asset are ordered by time: leave out sort=severity or asset.');
      }
      from = 'alert_asset k';
      keys = ['k.last_seen', 'k.n'];
      range.add('k.asset = ?', query.asset);
    } else if (status !== null && (severity !== null || sort === 'severity')) {
      from = 'alert a INDEXED BY alert_by_status_rank';
      range.add('a.status = ?', status);
    } else if (status !== null) {
      from = 'alert a INDEXED BY alert_by_status';
      range.add('a.status = ?', status);
    } else if (severity !== null || sort === 'severity') {
      from = 'alert a INDEXED BY alert_by_rank';
    } else {
      from = 'alert a INDEXED BY alert_by_time';
    }
    const byAsset = query.asset !== undefined || query.rule !== undefined;
    if (query.asset !== undefined && query.rule !== undefined) {
      filter.add(
        'EXISTS (SELECT 1 FROM alert_rule u WHERE u.rule = ? AND u.last_seen = a.last_seen AND u.n = a.n)',
        query.rule,
      );
    }
    if (severity !== null && !byAsset) range.add('a.severity = ?', severityRank(severity));
    else if (query.severity?.length) filter.oneOf('a.severity', query.severity.map(severityRank), SEVERITIES.length);
    if (sort === 'severity') keys = ['a.severity', ...keys];
    if (query.status?.length && (status === null || byAsset)) {
      filter.oneOf('a.status', query.status, ALERT_STATUSES.length);
    }
    if (query.kind?.length) filter.oneOf('a.kind', query.kind, ALERT_KINDS.length);
    if (query.q !== undefined && query.q !== '') filter.add(...alertSearch(query.q, query.wordings));
    return this.#page(
      {
        from,
        keys,
        keyTypes: keys.map(() => 'number' as const),
        descending: true,
        range,
        filter,
        tried: Math.ceil(SCAN_BUDGET / (1 + (query.wordings?.parts.length ?? 0) / PARTS_FOR_A_ROW)),
        joins: byAsset ? 'JOIN alert a ON a.n = k.n' : '',
        order: `alert-${sort}`,
      },
      query,
      'a.status, r.record, EXISTS (SELECT 1 FROM alert_packet p WHERE p.alert = a.id) AS packets',
      'JOIN alert_record r ON r.n = a.n',
      alertOf,
    );
  }

  alert(id: string): Alert | null {
    const row = this.#statement(
      'SELECT a.status, r.record, EXISTS (SELECT 1 FROM alert_packet p WHERE p.alert = a.id) AS packets FROM alert a JOIN alert_record r USING (n) WHERE a.id = ?',
    ).get(id);
    return row ? alertOf(row) : null;
  }

  alertPackets(id: string): AlertPacket[] {
    return this.#statement('SELECT * FROM alert_packet WHERE alert = ? ORDER BY timestamp, pcap_cnt LIMIT ?')
      .all(id, MAX_ALERT_PACKETS)
      .map((row) => ({
        alert_id: String(row['alert']),
        pcap_cnt: Number(row['pcap_cnt']),
        timestamp: String(row['timestamp']),
        link_type: Number(row['link_type']),
        original_length: Number(row['original_length']),
        data: row['data'] as Uint8Array,
      }));
  }

  assets(query: AssetQuery): Page<Asset> {
    const sort: AssetSort = query.sort ?? '-last_seen';
    const column = sort.replace('-', '');
    const filter = new Conditions();
    const range = new Conditions();
    if (query.vendor !== undefined) filter.add('a.vendor = ?', query.vendor.toLowerCase());
    if (query.role !== undefined) filter.add('instr(a.roles, ?) > 0', query.role === '' ? '||' : `|${query.role}|`);
    if (query.zone !== undefined) filter.add(`${saidOrFound('zone')} = ?`, query.zone);
    if (query.level !== undefined) filter.add(`${saidOrFound('purdue_level')} = ?`, query.level ?? '');
    if (query.approved !== undefined) filter.add('a.approved = ?', Number(query.approved));
    if (query.q !== undefined && query.q !== '') {
      const roles = query.roles ?? [];
      filter.add(
        `(a.search LIKE ? ESCAPE '\\'${' OR instr(a.roles, ?) > 0'.repeat(roles.length)})`,
        likePattern(query.q),
        ...roles.map((role) => `|${role}|`),
      );
    }
    return this.#page(
      {
        from: `asset a INDEXED BY asset_by_${column}`,
        keys: [`a.${column}`, 'a.n'],
        keyTypes: [column.endsWith('_seen') ? 'number' : 'string', 'number'],
        descending: sort.startsWith('-'),
        range,
        filter,
        joins: '',
        order: `asset${sort}`,
      },
      query,
      `a.approved, r.record, ${SETTINGS}`,
      'JOIN asset_record r ON r.n = a.n',
      assetOf,
    );
  }

  compareAssets(from: number, to: number, limit: number): AssetComparison {
    const [begin, end] = [Math.floor(from * MICROS_PER_SECOND), Math.floor(to * MICROS_PER_SECOND)];
    const appeared = this.#compared('asset a INDEXED BY asset_by_first_seen', 'a.first_seen', limit, '', [begin, end]);
    const silent = this.#compared(
      'asset a INDEXED BY asset_by_last_seen',
      'a.last_seen',
      limit,
      'AND a.first_seen <= ? AND a.last_seen < ?',
      [begin - SILENT_SINCE_MICROS, end, begin, end],
    );
    const changed = this.#hasTable('asset_change')
      ? this.#compared('asset_change c JOIN asset a USING (n)', 'c.at', limit, '', [begin, end], 'DISTINCT')
      : { assets: [], count: 0 };
    return {
      appeared: appeared.assets,
      appearedCount: appeared.count,
      silent: silent.assets,
      silentCount: silent.count,
      changed: changed.assets,
      changedCount: changed.count,
    };
  }

  /** Assets with `column` behind the first value and up to the second: what they are is read of those that are shown only. */
  #compared(from: string, column: string, limit: number, more: string, values: readonly number[], distinct = '') {
    const where = `FROM ${from} WHERE ${column} > ? AND ${column} <= ? ${more}`;
    const count = this.#statement(`SELECT count(${distinct} a.n) AS amount ${where}`).get(...values)?.['amount'];
    const rows = this.#statement(
      `SELECT a.approved, r.record, ${SETTINGS} FROM (SELECT a.n, max(${column}) AS at ${where} GROUP BY a.n ORDER BY at DESC, a.n LIMIT ?) found JOIN asset a USING (n) JOIN asset_record r USING (n) ORDER BY found.at DESC, a.n`,
    ).all(...values, limit);
    return { assets: rows.map(assetOf), count: Number(count ?? 0) };
  }

  asset(id: string): Asset | null {
    const row = this.#statement(
      `SELECT a.approved, r.record, ${SETTINGS} FROM asset a JOIN asset_record r USING (n) WHERE a.id = ?`,
    ).get(id);
    if (row) return assetOf(row);
    const into = this.#statement('SELECT into_id FROM asset_alias WHERE id = ?').get(id)?.['into_id'];
    return into === undefined || into === id ? null : this.asset(String(into));
  }

  conversations(query: ConversationQuery): Page<Conversation> {
    const range = new Conditions();
    const filter = new Conditions();
    let from = 'conversation a INDEXED BY conversation_by_time';
    let keys = ['a.last_seen', 'a.n'];
    if (query.asset !== undefined) {
      from = 'conversation_asset k';
      keys = ['k.last_seen', 'k.n'];
      range.add('k.asset = ?', query.asset);
      if (query.protocol !== undefined) filter.add('a.protocol = ?', query.protocol);
    } else if (query.protocol !== undefined) {
      from = 'conversation a INDEXED BY conversation_by_protocol';
      range.add('a.protocol = ?', query.protocol);
    }
    return this.#page(
      {
        from,
        keys,
        keyTypes: ['number', 'number'],
        descending: true,
        range,
        filter,
        joins: query.asset === undefined ? '' : 'JOIN conversation a ON a.n = k.n',
        order: 'conversation',
      },
      query,
      'r.record',
      'JOIN conversation_record r ON r.n = a.n',
      conversationOf,
    );
  }

  baselineVersion(): BaselineVersion | null {
    return this.baselineVersions(1)[0] ?? null;
  }

  baselineVersionNumber(): number {
    if (!this.#hasTable('baseline_version')) return 0;
    return Number(this.#statement('SELECT max(n) AS n FROM baseline_version').get()?.['n'] ?? 0);
  }

  baselineVersions(limit: number): BaselineVersion[] {
    if (!this.#hasTable('baseline_version')) return [];
    return this.#statement('SELECT * FROM baseline_version ORDER BY n DESC LIMIT ?')
      .all(limit)
      .map((row) => ({
        n: Number(row['n']),
        at: String(row['at']),
        by: String(row['author']),
        reason: String(row['reason']),
        decisions: JSON.parse(String(row['decisions'])) as BaselineDecisions,
      }));
  }

  variables(query: VariableQuery): Page<ProcessVariable> {
    if (!this.#hasVariables()) return { items: [], next: null };
    const range = new Conditions();
    const filter = new Conditions();
    const newest = query.sort === '-last_changed';
    let from = newest ? 'variable v INDEXED BY variable_by_change' : 'variable v INDEXED BY variable_by_name';
    if (query.asset !== undefined) {
      if (newest) filter.add('v.asset = ?', query.asset);
      else {
        from = 'variable v INDEXED BY variable_by_asset';
        range.add('v.asset = ?', query.asset);
      }
    }
    if (query.protocol !== undefined) filter.add('v.protocol = ?', query.protocol);
    if (query.kind?.length) filter.oneOf('v.kind', query.kind, VARIABLE_KINDS.length);
    if (query.q !== undefined && query.q !== '') filter.add("v.search LIKE ? ESCAPE '\\'", likePattern(query.q));
    return this.#page(
      {
        from,
        keys: [newest ? 'v.last_changed' : 'v.name', 'v.n'],
        keyTypes: [newest ? 'number' : 'string', 'number'],
        descending: newest,
        range,
        filter,
        joins: '',
        order: newest ? 'variable-change' : 'variable-name',
      },
      query,
      'r.record',
      'JOIN variable_record r ON r.n = v.n',
      variableOf,
    );
  }

  variable(id: string): ProcessVariable | null {
    if (!this.#hasVariables()) return null;
    const row = this.#statement('SELECT r.record FROM variable v JOIN variable_record r USING (n) WHERE v.id = ?').get(
      id,
    );
    return row ? variableOf(row) : null;
  }

  variableHistory(id: string): VariableHistory | null {
    if (!this.#hasVariables()) return null;
    const row = this.#statement('SELECT h.record FROM variable v JOIN variable_history h USING (n) WHERE v.id = ?').get(
      id,
    );
    const packed = row?.['record'];
    return packed instanceof Uint8Array ? historyRecord(packed) : null;
  }

  /** A folder that was last written before there were variables, opened for reading only. */
  #hasVariables(): boolean {
    return this.#hasTable('variable_history');
  }

  #hasTable(name: string): boolean {
    return this.#statement('SELECT 1 FROM sqlite_master WHERE name = ?').get(name) !== undefined;
  }

  health(): SensorHealth[] {
    return this.#statement('SELECT record FROM health ORDER BY sensor LIMIT 1000')
      .all()
      .map((row) => JSON.parse(String(row['record'])) as SensorHealth);
  }

  counts(): StoreCounts {
    const zero = () => Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>;
    const alerts = Object.fromEntries(ALERT_STATUSES.map((status) => [status, zero()])) as StoreCounts['alerts'];
    for (const row of this.#statement('SELECT status, severity, amount FROM alert_count').all()) {
      const bySeverity = alerts[String(row['status']) as AlertStatus] as Record<Severity, number> | undefined;
      const severity = SEVERITIES[Number(row['severity'])];
      if (bySeverity && severity) bySeverity[severity] = Number(row['amount']);
    }
    const tallies = new Map(
      this.#statement('SELECT name, amount FROM tally')
        .all()
        .map((row) => [String(row['name']), Number(row['amount'])]),
    );
    return {
      alerts,
      assets: tallies.get('assets') ?? 0,
      newAssets: tallies.get('new_assets') ?? 0,
      conversations: tallies.get('conversations') ?? 0,
      newConversations: tallies.get('new_conversations') ?? 0,
    };
  }

  timeline(): Timeline {
    const seen = this.health()
      .flatMap((health) => [health.first_packet, health.last_packet])
      .map((text) => (text === undefined ? Number.NaN : parseTimestamp(text) / MICROS_PER_SECOND))
      .filter((second) => !Number.isNaN(second));
    const edge = (order: 'ASC' | 'DESC') =>
      this.#statement(`SELECT period FROM alert_period WHERE seconds = 60 ORDER BY period ${order} LIMIT 1`).get();
    const low = edge('ASC');
    const high = edge('DESC');
    if (low && high) seen.push(Number(low['period']) * 60, Number(high['period']) * 60 + 59);
    if (seen.length === 0)
      return { from: null, to: null, bucket_seconds: TIMELINE_STEPS_SECONDS[0] ?? 60, buckets: [] };
    const last = Math.max(...seen);
    const first = Math.max(Math.min(...seen), last - TIMELINE_MAX_SECONDS);
    const step =
      TIMELINE_STEPS_SECONDS.find((seconds) => (last - first) / seconds < TIMELINE_BUCKETS - 1) ??
      TIMELINE_STEPS_SECONDS.at(-1) ??
      60;
    const start = Math.floor(first / step) * step;
    // Hours are counted apart, so that a week is a few hundred rows and not fifty thousand.
    const counted = step >= 3600 ? 3600 : 60;
    const buckets: TimelineBucket[] = [];
    for (let from = start; from <= last; from += step) {
      const alerts = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>;
      buckets.push({ from: formatTimestamp(from * MICROS_PER_SECOND), alerts });
    }
    const rows = this.#statement(
      'SELECT (period * seconds - ?) / ? AS bucket, severity, sum(amount) AS amount FROM alert_period WHERE seconds = ? AND period >= ? GROUP BY 1, 2',
    ).all(start, step, counted, Math.floor(start / counted));
    for (const row of rows) {
      const severity = SEVERITIES[Number(row['severity'])];
      const bucket = buckets[Math.floor(Number(row['bucket']))];
      if (severity && bucket) bucket.alerts[severity] += Number(row['amount']);
    }
    return {
      from: formatTimestamp(start * MICROS_PER_SECOND),
      to: formatTimestamp((start + buckets.length * step) * MICROS_PER_SECOND),
      bucket_seconds: step,
      buckets,
    };
  }

  walkAssets(after: number, limit: number): Walk<Asset> {
    return this.#walk(
      `SELECT a.n, a.approved, r.record, ${SETTINGS} FROM asset a JOIN asset_record r USING (n)`,
      after,
      limit,
      assetOf,
    );
  }

  walkConversations(after: number, limit: number): Walk<Conversation> {
    return this.#walk(
      'SELECT a.n, r.record FROM conversation a JOIN conversation_record r USING (n)',
      after,
      limit,
      conversationOf,
    );
  }

  #walk<T>(select: string, after: number, limit: number, shape: (row: SqlRow) => T): Walk<T> {
    const rows = this.#statement(`${select} WHERE a.n > ? ORDER BY a.n LIMIT ?`).all(after, limit);
    return { items: rows.map(shape), next: rows.length < limit ? null : Number(rows.at(-1)?.['n'] ?? null) };
  }

  assetSettings(id: string): AssetSettings {
    return settingsOf(this.#statement('SELECT field, value FROM asset_setting WHERE asset = ?').all(id));
  }

  allAssetSettings(): { revision: number; settings: Record<string, AssetSettings> } {
    const settings: Record<string, AssetSettings> = {};
    for (const { asset } of this.#statement('SELECT DISTINCT asset FROM asset_setting').all())
      settings[String(asset)] = this.assetSettings(String(asset));
    return { revision: this.assetSettingsRevision(), settings };
  }

  deviceDecisions(): Omit<DeviceDecisions, 'split'> {
    const approved = this.#statement("SELECT id, value FROM decision WHERE kind = 'asset_approved'").all();
    const merged = this.#statement('SELECT id, into_id FROM asset_alias WHERE record IS NOT NULL').all();
    return {
      approved: Object.fromEntries(approved.map(({ id, value }) => [String(id), String(value) === '1'])),
      merged: merged.map((row) => ({ id: String(row['id']), into: String(row['into_id']) })),
    };
  }

  assetSettingsRevision(): number {
    return Number(this.#statement('SELECT value FROM meta WHERE key = ?').get(SETTINGS_REVISION)?.['value'] ?? 0);
  }

  disabledRules(): string[] {
    const value = this.#statement("SELECT value FROM meta WHERE key = 'disabled_rules'").get()?.['value'];
    return value === undefined ? [] : (JSON.parse(String(value)) as string[]);
  }

  ruleCounts(): RuleCount[] {
    // Skips from rule to rule: counting a million alerts would take a second, so counts end at a bound.
    const counts: RuleCount[] = [];
    for (let rule = ''; counts.length < MAX_RULES_COUNTED; ) {
      const next = this.#statement('SELECT rule FROM alert_rule WHERE rule > ? ORDER BY rule LIMIT 1').get(rule);
      if (!next) break;
      rule = String(next['rule']);
      const counted = this.#statement(
        'SELECT count(*) AS amount FROM (SELECT 1 FROM alert_rule WHERE rule = ? LIMIT ?)',
      ).get(rule, MAX_ALERTS_COUNTED);
      const last = this.#statement(
        'SELECT last_seen FROM alert_rule WHERE rule = ? ORDER BY last_seen DESC LIMIT 1',
      ).get(rule);
      counts.push({
        rule,
        alerts: Number(counted?.['amount'] ?? 0),
        last_seen: formatTimestamp(Number(last?.['last_seen'] ?? 0)),
      });
    }
    return counts;
  }

  traffic(from?: number, to?: number): Traffic {
    const edge = (order: 'ASC' | 'DESC') =>
      Number(
        this.#statement(`SELECT period FROM traffic WHERE seconds = 60 ORDER BY period ${order} LIMIT 1`).get()?.[
          'period'
        ] ?? Number.NaN,
      ) * 60;
    const newest = edge('DESC');
    if (Number.isNaN(newest)) return { from: null, to: null, bucket_seconds: 60, buckets: 0, series: [] };
    const last = Math.min(to ?? newest + 59, newest + 59);
    const first = Math.max(from ?? last - TIMELINE_MAX_SECONDS, edge('ASC'), last - MAX_TRAFFIC_SECONDS);
    const step =
      TIMELINE_STEPS_SECONDS.find((seconds) => (last - first) / seconds < TRAFFIC_BUCKETS - 1) ??
      TIMELINE_STEPS_SECONDS.at(-1) ??
      60;
    const start = Math.floor(first / step) * step;
    const counted = step >= 3600 ? 3600 : 60;
    const buckets = Math.max(1, Math.floor((last - start) / step) + 1);
    const rows = this.#statement(
      'SELECT (period * seconds - ?) / ? AS bucket, protocol, class, sum(messages) AS messages FROM traffic WHERE seconds = ? AND period >= ? AND period <= ? GROUP BY 1, 2, 3',
    ).all(start, step, counted, Math.floor(start / counted), Math.floor(last / counted));
    const series = new Map<string, Traffic['series'][number]>();
    for (const row of rows) {
      const protocol = String(row['protocol']);
      const operationClass = String(row['class']) as OperationClass;
      const key = `${protocol} ${operationClass}`;
      let one = series.get(key);
      if (!one) {
        one = { protocol, class: operationClass, messages: new Array<number>(buckets).fill(0) };
        series.set(key, one);
      }
      const bucket = Math.floor(Number(row['bucket']));
      if (bucket >= 0 && bucket < buckets) one.messages[bucket] = (one.messages[bucket] ?? 0) + Number(row['messages']);
    }
    return {
      from: formatTimestamp(start * MICROS_PER_SECOND),
      to: formatTimestamp((start + buckets * step) * MICROS_PER_SECOND),
      bucket_seconds: step,
      buckets,
      series: [...series.values()],
    };
  }

  revision(): number {
    return Number(this.#statement("SELECT value FROM meta WHERE key = 'revision'").get()?.['value'] ?? 0);
  }

  changesSince(revision: number, limit: number): Changes {
    const now = this.revision();
    const ids = (name: 'alert' | 'asset' | 'conversation') =>
      this.#statement(`SELECT id FROM ${name} WHERE revision > ? ORDER BY revision LIMIT ?`)
        .all(revision, limit + 1)
        .map((row) => String(row['id']));
    const alerts = ids('alert');
    const assets = ids('asset');
    const conversations = ids('conversation');
    const health = this.#statement('SELECT 1 FROM health WHERE revision > ? LIMIT 1').get(revision) !== undefined;
    const truncated = Math.max(alerts.length, assets.length, conversations.length) > limit;
    return {
      revision: now,
      alerts: alerts.slice(0, limit),
      assets: assets.slice(0, limit),
      conversations: conversations.slice(0, limit),
      health,
      truncated,
    };
  }

  reportedPhase(): LearningPhase | null {
    return this.#lastHealth()?.phase ?? null;
  }

  #lastHealth(): SensorHealth | null {
    const last = this.#statement('SELECT record FROM health ORDER BY revision DESC LIMIT 1').get();
    return last ? (JSON.parse(String(last['record'])) as SensorHealth) : null;
  }

  requestedPhase(): LearningPhase | null {
    const value = this.#statement("SELECT value FROM meta WHERE key = 'requested_phase'").get()?.['value'];
    return value === 'learn' || value === 'protect' ? value : null;
  }

  notes(): string[] {
    return [
      ...this.#retentionNotes(),
      ...this.#statement('SELECT at, text FROM note ORDER BY rowid DESC LIMIT 20')
        .all()
        .map((row) => `${String(row['at'])}: ${String(row['text'])}`),
    ];
  }

  #retentionNotes(): string[] {
    const hasTable = this.#statement("SELECT 1 FROM sqlite_master WHERE name = 'retained'").get() !== undefined;
    if (!hasTable) return [];
    const removed = this.#statement(
      "SELECT name, amount FROM retained WHERE name LIKE '%_removed' AND amount > 0",
    ).all();
    return removed.map(({ name, amount }) =>
      name === 'alerts_removed'
        ? `${Number(amount)} old alerts were removed to keep the store within its bounds (settings, retention).`
        : `${Number(amount)} packets of old alerts were removed to keep the store within its bounds (settings, retention).`,
    );
  }

  /** Every conversation and asset, and the open alerts, newest first. */
  memory(): SensorMemory {
    const assets = this.#statement('SELECT a.approved, r.record FROM asset a JOIN asset_record r USING (n) ORDER BY n');
    const conversations = this.#statement('SELECT record FROM conversation_record ORDER BY n');
    const variables = this.#hasVariables()
      ? this.#statement(
          'SELECT r.record, h.record AS history FROM variable_record r LEFT JOIN variable_history h USING (n) ORDER BY n',
        ).all()
      : [];
    const open = this.#statement(
      "SELECT a.status, r.record, 0 AS packets FROM alert a JOIN alert_record r USING (n) WHERE a.status IN ('open', 'acknowledged') ORDER BY a.last_seen DESC LIMIT ?",
    );
    const { settings } = this.allAssetSettings();
    return {
      phase: this.requestedPhase() ?? this.reportedPhase(),
      disabledRules: this.disabledRules(),
      ...(Object.keys(settings).length > 0 ? { assetSettings: settings } : {}),
      assets: assets.all().map(assetOf),
      conversations: conversations.all().map(conversationOf),
      variables: variables.map((row) => {
        const { history } = row;
        const variable = variableOf(row);
        return history instanceof Uint8Array ? { ...variable, history } : variable;
      }),
      baseline: this.baselineVersion(),
      settledScopes: settledScopes(this.#lastHealth()),
      openAlerts: open.all(MAX_OPEN_ALERTS).map(alertOf),
    };
  }

  #page<T>(walk: IndexWalk, query: PageQuery, columns: string, records: string, shape: (row: SqlRow) => T): Page<T> {
    const limit = Math.min(Math.max(Math.trunc(query.limit ?? DEFAULT_LIMIT), 1), MAX_LIMIT);
    const start = decodeCursor(query.cursor, walk.order, walk.keyTypes);
    const direction = walk.descending ? 'DESC' : 'ASC';
    const orderBy = `ORDER BY ${walk.keys.map((key) => `${key} ${direction}`).join(', ')}`;
    const tuple = `(${walk.keys.join(', ')})`;
    const marks = `(${walk.keys.map(() => '?').join(', ')})`;
    const names = walk.keys.map((key, index) => `${key} AS k${index}`).join(', ');
    const keysOf = (row: SqlRow) => walk.keys.map((_, index) => row[`k${index}`] as CursorValue);

    const conditions = new Conditions();
    conditions.add(walk.range.texts.join(' AND ') || 'TRUE', ...walk.range.values);
    if (start) conditions.add(`${tuple} ${walk.descending ? '<' : '>'} ${marks}`, ...start);
    let end: CursorValue[] | null = null;
    if (walk.filter.texts.length > 0) {
      // The only OFFSET there is, and a bounded one: it steps over index entries to find where to stop.
      const boundary = this.#statement(
        `SELECT ${names} FROM ${walk.from} WHERE ${conditions.texts.join(' AND ')} ${orderBy} LIMIT 1 OFFSET ?`,
      ).get(...conditions.values, walk.tried ?? SCAN_BUDGET);
      if (boundary) {
        end = keysOf(boundary);
        conditions.add(`${tuple} ${walk.descending ? '>=' : '<='} ${marks}`, ...end);
      }
      conditions.add(walk.filter.texts.join(' AND '), ...walk.filter.values);
    }
    const rows = this.#statement(
      `SELECT ${names}, ${columns} FROM ${walk.from} ${walk.joins} ${records} WHERE ${conditions.texts.join(' AND ')} ${orderBy} LIMIT ?`,
    ).all(...conditions.values, limit + 1);
    const shown = rows.slice(0, limit);
    const lastShown = shown.at(-1);
    let next: string | null = null;
    if (rows.length > limit && lastShown) next = encodeCursor(walk.order, keysOf(lastShown));
    else if (end) next = encodeCursor(walk.order, end);
    return { items: shown.map(shape), next };
  }

  #statement(sql: string): SqlStatement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function single<T>(choice: readonly T[] | undefined): T | null {
  return choice?.length === 1 ? (choice[0] ?? null) : null;
}

function alertOf(row: SqlRow): Alert {
  const alert = JSON.parse(String(row['record'])) as Alert;
  alert.status = String(row['status']) as AlertStatus;
  if (Number(row['packets']) > 0) {
    alert.evidence = { ...alert.evidence, pcap: `/api/v1/alerts/${encodeURIComponent(alert.id)}/packets.pcapng` };
  }
  return alert;
}

function assetOf(row: SqlRow): Asset {
  const asset = JSON.parse(String(row['record'])) as Asset;
  asset.approved = Number(row['approved']) === 1;
  const settings = row['settings'];
  if (typeof settings !== 'string') return asset;
  // Each value is JSON of its own inside the object that SQLite made.
  const raw = JSON.parse(settings) as Record<string, string>;
  return withSettings(asset, settingsOf(Object.entries(raw).map(([field, value]) => ({ field, value }))));
}

function variableOf(row: SqlRow): ProcessVariable {
  return JSON.parse(String(row['record'])) as ProcessVariable;
}

function conversationOf(row: SqlRow): Conversation {
  return JSON.parse(String(row['record'])) as Conversation;
}
