import type { Alert, AlertKind, AlertStatus, Asset } from '../../model/records.js';
import { severityRank } from '../../model/severity.js';
import { stableId } from '../../model/stable-id.js';
import { formatTimestamp, MICROS_PER_SECOND, parseTimestamp } from '../../model/time.js';
import { moveOn, newQueueClock, type QueueClock, queuedAt, waitedLonger } from './queue-clock.js';
import type { SqlDatabase, SqlRow, SqlStatement, SqlValue } from './sql.js';

/**
 * The queue of what is exported. It lies in the same file as the alerts and is written in the same transaction, so an
 * alert is stored exactly if it will be sent. There is one queue for all exporters, in which each has its place; a row
 * only refers to its alert, so a million waiting messages cost little. Nothing is written while nobody exports.
 *
 * export_due holds alerts whose count has grown, and devices for which there was no room: they become rows of the
 * queue at a bounded rate, as they are at that moment. A new update of an alert takes the place of the one before. export_storm counts new alerts that came
 * too fast to be sent one by one. export_removed keeps what retention took out of the store before it could be sent.
 */
export const OUTBOX_TABLES = `
CREATE TABLE IF NOT EXISTS export_event (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  ref TEXT NOT NULL,
  kind TEXT NOT NULL,
  severity INTEGER NOT NULL,
  facts TEXT NOT NULL
);
DROP INDEX IF EXISTS export_event_update;
CREATE INDEX IF NOT EXISTS export_event_ref ON export_event (ref);
CREATE TABLE IF NOT EXISTS export_removed (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS export_due (
  ref TEXT PRIMARY KEY,
  due INTEGER NOT NULL,
  severity INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS export_due_order ON export_due (severity, due);
CREATE TABLE IF NOT EXISTS export_storm (
  rule TEXT NOT NULL,
  period INTEGER NOT NULL,
  kind TEXT NOT NULL,
  severity INTEGER NOT NULL,
  alerts INTEGER NOT NULL,
  first_alert TEXT NOT NULL,
  title TEXT NOT NULL,
  due INTEGER NOT NULL,
  PRIMARY KEY (rule, period)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS exporter (
  name TEXT PRIMARY KEY,
  wants TEXT NOT NULL,
  acked INTEGER NOT NULL,
  ranges TEXT NOT NULL DEFAULT '[]',
  sequence INTEGER NOT NULL DEFAULT 0,
  sent INTEGER NOT NULL DEFAULT 0,
  lost INTEGER NOT NULL DEFAULT 0,
  lost_untold INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'waiting',
  error TEXT NOT NULL DEFAULT '',
  error_since INTEGER NOT NULL DEFAULT 0,
  last_sent INTEGER NOT NULL DEFAULT 0,
  holder TEXT NOT NULL DEFAULT '',
  held_until INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
INSERT OR IGNORE INTO meta VALUES ('export_stream', lower(hex(randomblob(4))));
`;

export type OutboxEventType = 'alert' | 'update' | 'status' | 'storm' | 'asset' | 'audit';

export interface QueuedEvent {
  readonly n: number;
  /** Wall clock, milliseconds. */
  readonly at: number;
  readonly type: OutboxEventType;
  readonly id: string;
  /** Id of the alert or asset; '' for others. */
  readonly ref: string;
  /** Kind of the alert; '' for others. */
  readonly kind: string;
  readonly severity: number;
  /** What the record was at that moment, or all there is to say. */
  readonly facts: Record<string, unknown>;
}

export interface ExporterRegistration {
  readonly name: string;
  /** Event types that are kept for it. */
  readonly wants: readonly string[];
}

export interface OutboxOptions {
  /** Who exports from now on. Undefined: as the store has it. */
  readonly exporters?: readonly ExporterRegistration[] | undefined;
  /** Whether whoever is not named is forgotten. */
  readonly forgetOthers?: boolean;
  readonly updateSeconds?: number;
  readonly perSecond?: number;
}

/** A part of the queue that is sent after newer messages: `from` is exclusive. */
export interface QueueRange {
  from: number;
  to: number;
}

/** Where an exporter stands, as far as it is certain. */
export interface ExporterPosition {
  /** Everything up to this number is delivered, save what lies in `ranges`. */
  acked: number;
  ranges: QueueRange[];
  /** Number of the last message that is delivered. */
  sequence: number;
}

export type ExporterLinkState = 'waiting' | 'connected' | 'failing';

export interface ExporterState extends ExporterPosition {
  name: string;
  wants: string[];
  sent: number;
  lost: number;
  lostUntold: number;
  state: ExporterLinkState;
  /** One sentence; '' when all is well. */
  error: string;
  errorSince: number;
  lastSent: number;
  holder: string;
  heldUntil: number;
}

/** In export_due: devices, which no alert has as its id. */
const ASSET_DUE = 'asset ';
/** Devices come after the updates of all alerts. */
const LEAST = -1;
const IS_DUE = '(due <= ? OR due > ?)';
const DEFAULT_UPDATE_SECONDS = 10;
const DEFAULT_PER_SECOND = 100;
const STORM_PERIOD_SECONDS = 10;
const HIGH = severityRank('high');
/** High and critical messages are given up only when this many times more wait than are meant to. */
const HIGH_FACTOR = 4;
/** What high alerts took beyond the share of their second is remembered for so long. */
const DEBT_SECONDS = 60;
/** Packet times further back than this are another capture, not packets out of order, when so many come in a row. */
const NEW_EPOCH_SECONDS = 60;
const NEW_EPOCH_ALERTS = 100;
/** Key of the memo in which the age of the queue is kept. */
const QUEUE_CLOCK = 'queue_clock';
/** Rows that one transaction of ours removes: the sensor's writer waits no longer than this takes. */
const REMOVE_AT_ONCE = 5000;

function eventOf(row: SqlRow): QueuedEvent {
  return {
    n: Number(row['n']),
    at: Number(row['at']),
    type: String(row['type']) as OutboxEventType,
    id: String(row['id']),
    ref: String(row['ref']),
    kind: String(row['kind']),
    severity: Number(row['severity']),
    facts: JSON.parse(String(row['facts'])) as Record<string, unknown>,
  };
}

function stateOf(row: SqlRow): ExporterState {
  return {
    name: String(row['name']),
    wants: String(row['wants']).split(','),
    acked: Number(row['acked']),
    ranges: JSON.parse(String(row['ranges'])) as QueueRange[],
    sequence: Number(row['sequence']),
    sent: Number(row['sent']),
    lost: Number(row['lost']),
    lostUntold: Number(row['lost_untold']),
    state: String(row['state']) as ExporterLinkState,
    error: String(row['error']),
    errorSince: Number(row['error_since']),
    lastSent: Number(row['last_sent']),
    holder: String(row['holder']),
    heldUntil: Number(row['held_until']),
  };
}

/** What of a device a receiver wants to hear of when it changes; counters and times are not among it. */
function assetIdentity(asset: Asset): string {
  const { first_seen, last_seen, packets, evidence, units, protocols, ...identity } = asset;
  return JSON.stringify([
    identity,
    units.map(({ first_seen, last_seen, evidence, ...unit }) => unit),
    protocols.map(({ name, as }) => `${name} ${as}`),
  ]);
}

/** The disk has no room: what is stored can be read, but nothing can be noted. */
export function isFull(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  return code === 'SQLITE_FULL' || /database or disk is full/.test(message);
}

/** Both sides of the queue: what the writers of findings put in, and what the delivery takes out. */
export class Outbox {
  readonly #database: SqlDatabase;
  readonly #statements = new Map<string, SqlStatement>();
  #updateMs = DEFAULT_UPDATE_SECONDS * 1000;
  #perSecond = DEFAULT_PER_SECOND;
  /** Packet time: the second that new alerts are counted in, and how many it and high ones before it had. */
  #second = -1;
  #inSecond = 0;
  /** Alerts in a row that are older than the epoch of that second. */
  #olderInRow = 0;
  /** A steady clock, when the age of the queue was last looked at. */
  #steadyBefore: number | null = null;
  #headBefore: number | null = null;
  /** Rows of the last wall-clock second beyond what was allowed. */
  #overdrawn = 0;
  #wanted: ReadonlySet<string> = new Set();

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  configure(options: OutboxOptions): void {
    this.#updateMs = (options.updateSeconds ?? DEFAULT_UPDATE_SECONDS) * 1000;
    this.#perSecond = options.perSecond ?? DEFAULT_PER_SECOND;
    if (options.exporters) this.register(options.exporters, options.forgetOthers ?? false);
  }

  // Writers of findings. All of it runs inside their transaction.

  /** Before the records of a batch: who wants what may have changed since the last one. */
  begin(): boolean {
    const wanted = new Set<string>();
    for (const row of this.#sql('SELECT wants FROM exporter').all())
      for (const type of String(row['wants']).split(',')) wanted.add(type);
    this.#wanted = wanted;
    return wanted.size > 0;
  }

  wants(type: OutboxEventType): boolean {
    return this.#wanted.has(type);
  }

  alertAdded(alert: Alert, status: string, now: number): void {
    if (!this.wants('alert')) return;
    const severity = severityRank(alert.severity);
    const seen = parseTimestamp(alert.first_seen);
    if (!this.#hasRoom(seen, severity >= HIGH)) this.#countStorm(alert, severity, seen, now);
    else
      this.#add(
        now,
        'alert',
        stableId('event', 'alert', alert.id),
        alert.id,
        alert.kind,
        severity,
        facts(alert, status),
      );
  }

  alertChanged(alert: Alert, now: number): void {
    if (!this.wants('update')) return;
    this.#sql('INSERT OR IGNORE INTO export_due VALUES (?, ?, ?)').run(
      alert.id,
      now + this.#updateMs,
      severityRank(alert.severity),
    );
  }

  statusChanged(id: string, kind: string, severity: number, status: AlertStatus, revision: number, now: number): void {
    if (this.begin() && this.wants('status'))
      this.#add(now, 'status', stableId('event', 'status', id, status, revision), id, kind, severity, { status });
  }

  assetWritten(asset: Asset, before: string | null, now: number): void {
    if (!this.wants('asset')) return;
    const identity = assetIdentity(asset);
    if (before !== null && assetIdentity(JSON.parse(before) as Asset) === identity) return;
    const change = before === null ? 'new' : 'changed';
    // A scan can bring thousands of devices: no alert waits for them.
    if (this.#hasRoom(parseTimestamp(asset.last_seen), false)) this.#addAsset(asset, identity, change, now);
    else
      this.#sql('INSERT OR IGNORE INTO export_due VALUES (?, ?, ?)').run(
        `${ASSET_DUE}${change} ${asset.id}`,
        now + this.#updateMs,
        LEAST,
      );
  }

  #addAsset(asset: Asset, identity: string, change: string, now: number): void {
    this.#add(now, 'asset', stableId('event', 'asset', asset.id, identity), asset.id, '', 0, { change });
  }

  /** Rows of the audit log that no exporter was given yet; `last` is the number of the last of them. */
  addAudit(rows: readonly { n: number; facts: Record<string, unknown> }[], last: number, now: number): void {
    this.#database.transaction(() => {
      for (const row of rows)
        this.#add(
          now,
          'audit',
          stableId('event', 'audit', String(row.facts['hash'] ?? ''), row.n),
          '',
          '',
          0,
          row.facts,
        );
      this.#sql("INSERT INTO meta VALUES ('export_audit', ?) ON CONFLICT DO UPDATE SET value = excluded.value").run(
        last,
      );
    });
  }

  /** Number of the last row of the audit log that is in the queue; null before any. */
  get lastAudit(): number | null {
    const value = this.#sql("SELECT value FROM meta WHERE key = 'export_audit'").get()?.['value'];
    return value === undefined ? null : Number(value);
  }

  /**
   * Whether a new alert of this packet time may be queued singly. A high one always may, and takes the room of less
   * severe ones of the next minute: what is queued after it would wait for it.
   */
  #hasRoom(seen: number, isHigh: boolean): boolean {
    const share = Math.max(1, this.#perSecond - this.#reserve);
    const second = Math.floor(seen / MICROS_PER_SECOND);
    const passed = second - this.#second;
    this.#olderInRow = passed < -NEW_EPOCH_SECONDS ? this.#olderInRow + 1 : 0;
    if (passed > 0) {
      this.#second = second;
      this.#inSecond = Math.max(0, this.#inSecond - share * passed);
    } else if (this.#olderInRow >= NEW_EPOCH_ALERTS) {
      // Another capture. That alone makes no room: alerts of two times in turn would make it without end.
      this.#second = second;
      this.#olderInRow = 0;
    }
    if (!isHigh && this.#inSecond >= share) return false;
    this.#inSecond = Math.min(this.#inSecond + 1, share * DEBT_SECONDS);
    return true;
  }

  /** Of the messages of a second, those kept for updates and for what is told together. */
  get #reserve(): number {
    return Math.ceil(this.#perSecond / 10);
  }

  #countStorm(alert: Alert, severity: number, seen: number, now: number): void {
    const period = Math.floor(seen / MICROS_PER_SECOND / STORM_PERIOD_SECONDS);
    this.#sql(
      'INSERT INTO export_storm VALUES (?, ?, ?, ?, 1, ?, ?, ?) ON CONFLICT DO UPDATE SET alerts = alerts + 1, severity = max(severity, excluded.severity)',
    ).run(alert.rule_id, period, alert.kind, severity, alert.id, alert.title, now + STORM_PERIOD_SECONDS * 1000);
  }

  #add(
    now: number,
    type: OutboxEventType,
    id: string,
    ref: string,
    kind: string,
    severity: number,
    facts: Record<string, unknown>,
  ): void {
    this.#sql('INSERT INTO export_event (at, type, id, ref, kind, severity, facts) VALUES (?, ?, ?, ?, ?, ?, ?)').run(
      now,
      type,
      id,
      ref,
      kind,
      severity,
      JSON.stringify(facts),
    );
  }

  // Delivery

  get stream(): string {
    return String(this.#sql("SELECT value FROM meta WHERE key = 'export_stream'").get()?.['value'] ?? '');
  }

  /** Number of the newest row that ever was in the queue. */
  get head(): number {
    return Number(this.#sql("SELECT seq FROM sqlite_sequence WHERE name = 'export_event'").get()?.['seq'] ?? 0);
  }

  register(exporters: readonly ExporterRegistration[], forgetOthers: boolean): void {
    this.#database.transaction(() => {
      const names = new Set(exporters.map(({ name }) => name));
      for (const { name } of this.exporters()) if (forgetOthers && !names.has(name)) this.unregister(name);
      const { head } = this;
      for (const { name, wants } of exporters)
        this.#sql(
          'INSERT INTO exporter (name, wants, acked) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET wants = excluded.wants',
        ).run(name, wants.join(','), head);
    });
  }

  unregister(name: string): void {
    this.#sql('DELETE FROM exporter WHERE name = ?').run(name);
    if (this.exporters().length > 0) return;
    this.#sql('DELETE FROM export_due').run();
    this.#sql('DELETE FROM export_storm').run();
  }

  exporters(): ExporterState[] {
    return this.#sql('SELECT * FROM exporter ORDER BY name').all().map(stateOf);
  }

  exporter(name: string): ExporterState | null {
    const row = this.#sql('SELECT * FROM exporter WHERE name = ?').get(name);
    return row ? stateOf(row) : null;
  }

  /** Rows after `after`, up to and with `to`, oldest first. */
  events(after: number, to: number, limit: number): QueuedEvent[] {
    return this.#sql('SELECT * FROM export_event WHERE n > ? AND n <= ? ORDER BY n LIMIT ?')
      .all(after, to, limit)
      .map(eventOf);
  }

  /** Many reads for the price of one lock; `work` must not write. */
  readTogether<T>(work: () => T): T {
    this.#database.exec('BEGIN');
    try {
      return work();
    } finally {
      this.#database.exec('COMMIT');
    }
  }

  /** Rows still to be delivered, all types; exact, and with a million of them some milliseconds of work. */
  waiting(position: ExporterPosition): number {
    const count = this.#sql('SELECT count(*) AS amount FROM export_event WHERE n > ? AND n <= ?');
    let waiting = Number(count.get(position.acked, Number.MAX_SAFE_INTEGER)?.['amount'] ?? 0);
    for (const { from, to } of position.ranges) waiting += Number(count.get(from, to)?.['amount'] ?? 0);
    return waiting;
  }

  /** When the oldest row that waits was queued, milliseconds of the wall clock as it is set now; null: none waits. */
  oldestWaiting(position: ExporterPosition, now: number): number | null {
    const after = position.ranges[0]?.from ?? position.acked;
    const row = this.#sql('SELECT n, at FROM export_event WHERE n > ? ORDER BY n LIMIT 1').get(after);
    if (row === undefined) return null;
    const at = Number(row['at']);
    const clock = this.#queueClock();
    return clock ? queuedAt(clock, Number(row['n']), at, now) : Math.min(at, now);
  }

  #queueClock(): QueueClock | null {
    const text = this.memo(QUEUE_CLOCK);
    return text === null || text === '' ? null : (JSON.parse(text) as QueueClock);
  }

  /** Moves the age of all that waits on. `now`: wall clock; `steady`: a clock that is never set. Milliseconds. */
  passTime(now: number, steady: number): void {
    const passed = this.#steadyBefore === null ? 0 : steady - this.#steadyBefore;
    this.#steadyBefore = steady;
    const oldest = this.#sql('SELECT n FROM export_event ORDER BY n LIMIT 1').get()?.['n'];
    const clock = this.#queueClock();
    if (oldest === undefined && clock === null) return;
    const { head } = this;
    const moved = clock ? moveOn(clock, now, passed, Number(oldest ?? head), head) : newQueueClock(now, head);
    this.setMemo(QUEUE_CLOCK, oldest === undefined ? '' : JSON.stringify(moved));
  }

  /** Number of the newest row that has waited longer than so many milliseconds while somebody delivered; 0: none. */
  waitedLonger(ms: number): number {
    const clock = this.#queueClock();
    return clock ? waitedLonger(clock, ms) : 0;
  }

  /** Takes or keeps the right to deliver for `name`; false while another process has it. */
  hold(name: string, holder: string, now: number, forMs: number, isDead: (holder: string) => boolean): boolean {
    const row = this.exporter(name);
    if (!row) return false;
    // Held for longer than anybody holds: the clock was set back since. Twice, as the holder may have renewed it between our
    // look at the clock and at the row.
    const isOver = row.heldUntil < now || row.heldUntil > now + 2 * forMs;
    const free = row.holder === '' || row.holder === holder || isOver || isDead(row.holder);
    if (!free) return false;
    try {
      const { changes } = this.#sql(
        'UPDATE exporter SET holder = ?, held_until = ? WHERE name = ? AND (holder = ? OR holder = ?)',
      ).run(holder, now + forMs, name, row.holder, holder);
      return changes > 0;
    } catch (error) {
      // Better twice than not at all: what waits is still there to be read.
      if (isFull(error)) return true;
      throw error;
    }
  }

  release(name: string, holder: string): void {
    this.#sql("UPDATE exporter SET holder = '', held_until = 0 WHERE name = ? AND holder = ?").run(name, holder);
  }

  /** What is certain now; `delivered` messages more. False when another process has taken over. */
  acknowledge(name: string, holder: string, position: ExporterPosition, delivered: number, now: number): boolean {
    const { changes } = this.#sql(
      'UPDATE exporter SET acked = ?, ranges = ?, sequence = ?, sent = sent + ?, last_sent = CASE WHEN ? > 0 THEN ? ELSE last_sent END WHERE name = ? AND holder = ?',
    ).run(position.acked, JSON.stringify(position.ranges), position.sequence, delivered, delivered, now, name, holder);
    return changes > 0;
  }

  setState(name: string, state: ExporterLinkState, error: string, now: number): void {
    this.#sql(
      "UPDATE exporter SET state = ?, error = ?, error_since = CASE WHEN ? = '' THEN 0 WHEN error_since = 0 THEN ? ELSE error_since END WHERE name = ?",
    ).run(state, error, error, now, name);
  }

  addLost(name: string, messages: number): void {
    this.#sql('UPDATE exporter SET lost = lost + ?, lost_untold = lost_untold + ? WHERE name = ?').run(
      messages,
      messages,
      name,
    );
  }

  lostWasTold(name: string, messages: number): void {
    this.#sql('UPDATE exporter SET lost_untold = max(0, lost_untold - ?) WHERE name = ?').run(messages, name);
  }

  /**
   * Once a second: what has waited long enough becomes rows, as many as `perSecond` leaves besides the alerts that came
   * meanwhile, and at least a tenth of it. Returns how many.
   */
  promoteWithin(now: number): number {
    const came = this.#headBefore === null ? 0 : this.head - this.#headBefore;
    const left = this.#perSecond - came - this.#overdrawn;
    const promoted = this.promote(now, Math.max(this.#reserve, left));
    this.#overdrawn = Math.min(Math.max(0, promoted - left), this.#perSecond * DEBT_SECONDS);
    this.#headBefore = this.head;
    return promoted;
  }

  /** Makes rows of what has waited long enough; at most `limit`, the most severe first. Returns how many. */
  promote(now: number, limit: number): number {
    const storm = this.#sql(`SELECT 1 FROM export_storm WHERE ${IS_DUE} LIMIT 1`).get(now, this.#latestDue(now));
    const due = this.#sql(`SELECT 1 FROM export_due WHERE ${IS_DUE} LIMIT 1`).get(now, this.#latestDue(now));
    if (storm === undefined && due === undefined) return 0;
    return this.#database.transaction(() => {
      const storms = this.#promoteStorms(now, limit);
      return storms + this.#promoteUpdates(now, Math.max(1, limit - storms));
    });
  }

  /** Nothing can become due later than this, unless the clock was set back since; then it is due now. */
  #latestDue(now: number): number {
    return now + Math.max(this.#updateMs, STORM_PERIOD_SECONDS * 1000);
  }

  #promoteStorms(now: number, limit: number): number {
    const rows = this.#sql(`SELECT * FROM export_storm WHERE ${IS_DUE} ORDER BY due LIMIT ?`).all(
      now,
      this.#latestDue(now),
      limit,
    );
    for (const row of rows) {
      const rule = String(row['rule']);
      const first = String(row['first_alert']);
      const seconds = Number(row['period']) * STORM_PERIOD_SECONDS;
      this.#add(
        now,
        'storm',
        stableId('event', 'storm', rule, first),
        '',
        String(row['kind']),
        Number(row['severity']),
        {
          rule_id: rule,
          kind: String(row['kind']) as AlertKind,
          title: String(row['title']),
          alerts: Number(row['alerts']),
          first_alert: first,
          seconds: STORM_PERIOD_SECONDS,
          timestamp: formatTimestamp(seconds * MICROS_PER_SECOND),
        },
      );
      this.#sql('DELETE FROM export_storm WHERE rule = ? AND period = ?').run(rule, row['period'] ?? 0);
    }
    return rows.length;
  }

  #promoteUpdates(now: number, limit: number): number {
    const rows = this.#sql(
      `SELECT d.ref, a.severity, a.kind, a.status, r.record FROM export_due d LEFT JOIN alert a ON a.id = d.ref LEFT JOIN alert_record r USING (n) WHERE ${IS_DUE} ORDER BY d.severity DESC, d.due LIMIT ?`,
    ).all(now, this.#latestDue(now), limit);
    for (const row of rows) {
      const ref = String(row['ref']);
      this.#sql('DELETE FROM export_due WHERE ref = ?').run(ref);
      if (ref.startsWith(ASSET_DUE)) this.#promoteAsset(ref.slice(ASSET_DUE.length), now);
      if (row['record'] === null || row['record'] === undefined) continue;
      const alert = JSON.parse(String(row['record'])) as Alert;
      this.#sql("DELETE FROM export_event WHERE type = 'update' AND ref = ?").run(ref);
      const id = stableId('event', 'update', ref, alert.count, alert.last_seen);
      this.#add(
        now,
        'update',
        id,
        ref,
        String(row['kind']),
        Number(row['severity']),
        facts(alert, String(row['status'])),
      );
    }
    return rows.length;
  }

  /** The device as it is now, whatever it was when there was no room. */
  #promoteAsset(due: string, now: number): void {
    const [change = '', id = ''] = due.split(' ');
    const row = this.#sql('SELECT r.record FROM asset a JOIN asset_record r USING (n) WHERE a.id = ?').get(id);
    if (!row) return;
    const asset = JSON.parse(String(row['record'])) as Asset;
    this.#addAsset(asset, assetIdentity(asset), change, now);
  }

  /** Removes what nobody needs any more, a portion at a time. */
  prune(): void {
    const needed = this.exporters().map(({ acked, ranges }) => ranges[0]?.from ?? acked);
    const upTo = needed.length === 0 ? Number.MAX_SAFE_INTEGER : Math.min(...needed);
    const oldest = this.#sql('SELECT n FROM export_event ORDER BY n LIMIT 1').get()?.['n'];
    if (oldest === undefined || Number(oldest) > upTo) return;
    this.#sql('DELETE FROM export_event WHERE n IN (SELECT n FROM export_event WHERE n <= ? ORDER BY n LIMIT ?)').run(
      upTo,
      REMOVE_AT_ONCE,
    );
    this.#forgetRemoved();
  }

  /** An alert that retention takes out of the store stays for whom it waits. Inside the transaction that removes it. */
  alertRemoved(alert: Alert): void {
    const isWaiting = this.#sql('SELECT 1 FROM export_event WHERE ref = ? LIMIT 1').get(alert.id) !== undefined;
    if (!isWaiting) return;
    const { pcap_cnts } = alert.evidence;
    const record = JSON.stringify({ ...alert, evidence: { records: [], pcap_cnts: pcap_cnts.slice(0, 2) } });
    this.#sql('INSERT OR IGNORE INTO export_removed VALUES (?, ?)').run(alert.id, record);
  }

  /** Such an alert; null when there is none. */
  removedAlert(id: string): Alert | null {
    const record = this.#sql('SELECT record FROM export_removed WHERE id = ?').get(id)?.['record'];
    return record === undefined ? null : (JSON.parse(String(record)) as Alert);
  }

  #forgetRemoved(): void {
    if (this.#sql('SELECT 1 FROM export_removed LIMIT 1').get() === undefined) return;
    this.#sql(
      'DELETE FROM export_removed WHERE id IN (SELECT r.id FROM export_removed r WHERE NOT EXISTS (SELECT 1 FROM export_event e WHERE e.ref = r.id) LIMIT ?)',
    ).run(REMOVE_AT_ONCE);
  }

  /** A word that this side of the program keeps about itself; null when there is none. */
  memo(key: string): string | null {
    const value = this.#sql('SELECT value FROM meta WHERE key = ?').get(`export_memo:${key}`)?.['value'];
    return value === undefined ? null : String(value);
  }

  /** Keys that begin so, without that beginning, and their values. */
  memos(prefix: string): { key: string; value: string }[] {
    const whole = `export_memo:${prefix}`;
    return this.#sql('SELECT key, value FROM meta WHERE substr(key, 1, ?) = ?')
      .all(whole.length, whole)
      .map(({ key, value }) => ({ key: String(key).slice(whole.length), value: String(value) }));
  }

  setMemo(key: string, value: string): void {
    this.#sql('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(
      `export_memo:${key}`,
      value,
    );
  }

  /**
   * Gives up what is beyond the bounds, a portion at a time, and returns it: too old, which is what has a number up to
   * `tooOld`; then updates, then what is least severe, the oldest first; high and critical alerts only when nothing else
   * is left and there are four times too many. What the foremost exporter has not got yet goes last: it is not the one
   * that holds up the queue.
   */
  trim(maxMessages: number, tooOld: number): QueuedEvent[] {
    const oldest = this.#sql('SELECT n FROM export_event ORDER BY n LIMIT 1').get();
    if (!oldest) return [];
    if (Number(oldest['n']) <= tooOld)
      return this.#remove('SELECT * FROM export_event WHERE n <= ? ORDER BY n LIMIT ?', tooOld, REMOVE_AT_ONCE);
    if (this.head - Number(oldest['n']) < maxMessages) return [];
    const amount = Number(this.#sql('SELECT count(*) AS amount FROM export_event').get()?.['amount'] ?? 0);
    const excess = Math.min(amount - maxMessages, REMOVE_AT_ONCE);
    if (excess <= 0) return [];
    const exporters = this.exporters();
    const foremost = exporters.length > 1 ? Math.max(...exporters.map(({ acked }) => acked)) : this.head;
    for (const upTo of new Set([foremost, this.head])) {
      const low = this.#remove(
        "SELECT * FROM export_event WHERE (type = 'update' OR severity < ?) AND n <= ? ORDER BY type <> 'update', severity, n LIMIT ?",
        HIGH,
        upTo,
        excess,
      );
      if (low.length > 0) return low;
    }
    if (amount < HIGH_FACTOR * maxMessages) return [];
    return this.#remove('SELECT * FROM export_event WHERE n > ? ORDER BY severity, n LIMIT ?', 0, excess);
  }

  #remove(select: string, ...values: SqlValue[]): QueuedEvent[] {
    return this.#database.transaction(() => {
      const events = this.#sql(select)
        .all(...values)
        .map(eventOf);
      const remove = this.#sql('DELETE FROM export_event WHERE n = ?');
      for (const { n } of events) remove.run(n);
      return events;
    });
  }

  #sql(text: string): SqlStatement {
    let statement = this.#statements.get(text);
    if (!statement) {
      statement = this.#database.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }
}

/** What of an alert changes during its life: the message tells what it was when it was queued. */
function facts(alert: Alert, status: string): Record<string, unknown> {
  return { count: alert.count, last_seen: alert.last_seen, status };
}
