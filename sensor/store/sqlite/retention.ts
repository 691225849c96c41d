import type { Alert } from '../../model/records.js';
import type { SqlDatabase, SqlRow, SqlStatement } from './sql.js';

/** How much of the past is kept. */
export interface RetentionLimits {
  /** Alerts in all. */
  readonly alerts: number;
  /** Bytes of packets kept as evidence. */
  readonly packetBytes: number;
  /** Days after which a closed alert goes, by the time of the newest alert; 0: never. */
  readonly days: number;
}

export const DEFAULT_RETENTION: RetentionLimits = { alerts: 1_000_000, packetBytes: 1024 * 1024 * 1024, days: 730 };

/** From the settings' `retention`. */
export function retentionLimits(settings: { alerts: number; packet_megabytes: number; days: number }): RetentionLimits {
  return { alerts: settings.alerts, packetBytes: settings.packet_megabytes * 1024 * 1024, days: settings.days };
}

/** Alerts and packets that go in one transaction, so that writing findings never waits long. */
const STEP = 500;
/** Messages by the minute; those by the hour stay. */
const MINUTES_KEPT = 60 * 24 * 60;
const DAY_MICROS = 86_400_000_000;
const ROW = 'SELECT n, id, last_seen, record FROM alert JOIN alert_record USING (n)';

/** Removals leave the counters of the past (timeline) as they were, and only the present ones go down. */
export const RETENTION_TABLES = `
CREATE TRIGGER IF NOT EXISTS alert_removed AFTER DELETE ON alert BEGIN
  UPDATE alert_count SET amount = amount - 1 WHERE status = old.status AND severity = old.severity;
  DELETE FROM alert_record WHERE n = old.n;
END;
CREATE TABLE IF NOT EXISTS retained (name TEXT PRIMARY KEY, amount INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO retained SELECT 'packet_bytes', coalesce(sum(length(data)), 0) FROM alert_packet
  WHERE NOT EXISTS (SELECT 1 FROM retained WHERE name = 'packet_bytes');
INSERT OR IGNORE INTO retained VALUES ('alerts_removed', 0), ('packets_removed', 0);
CREATE TRIGGER IF NOT EXISTS packet_added AFTER INSERT ON alert_packet BEGIN
  UPDATE retained SET amount = amount + length(new.data) WHERE name = 'packet_bytes';
END;
CREATE TRIGGER IF NOT EXISTS packet_removed AFTER DELETE ON alert_packet BEGIN
  UPDATE retained SET amount = amount - length(old.data) WHERE name = 'packet_bytes';
END;
`;

/**
 * Keeps the store within its bounds, a little with every write. Closed alerts go first, then the least severe; among
 * those the one that was quiet longest. What was removed is counted.
 */
export class Retention {
  readonly #limits: RetentionLimits;
  readonly #removed: (alert: Alert) => void;
  readonly #alerts: SqlStatement;
  readonly #newest: SqlStatement;
  readonly #amount: SqlStatement;
  readonly #count: SqlStatement;
  readonly #expired: SqlStatement;
  readonly #closed: SqlStatement;
  readonly #leastSevere: SqlStatement;
  readonly #oldPackets: SqlStatement;
  readonly #unlinkAsset: SqlStatement;
  readonly #unlinkRule: SqlStatement;
  readonly #removePackets: SqlStatement;
  readonly #removePacket: SqlStatement;
  readonly #forgetDecision: SqlStatement;
  readonly #removeAlert: SqlStatement;
  readonly #trimTraffic: SqlStatement;

  /** `removed` is told of every alert that goes, in the same transaction. */
  constructor(database: SqlDatabase, limits: RetentionLimits, removed: (alert: Alert) => void = () => {}) {
    this.#limits = limits;
    this.#removed = removed;
    this.#alerts = database.prepare('SELECT coalesce(sum(amount), 0) AS amount FROM alert_count');
    this.#newest = database.prepare('SELECT max(last_seen) AS at FROM alert');
    this.#amount = database.prepare('SELECT amount FROM retained WHERE name = ?');
    this.#count = database.prepare('UPDATE retained SET amount = amount + ? WHERE name = ?');
    this.#expired = database.prepare(`${ROW} WHERE status = 'closed' AND last_seen < ? ORDER BY last_seen LIMIT ?`);
    this.#closed = database.prepare(`${ROW} WHERE status = 'closed' ORDER BY last_seen LIMIT ?`);
    this.#leastSevere = database.prepare(`${ROW} ORDER BY severity, last_seen LIMIT ?`);
    this.#oldPackets = database.prepare(
      'SELECT rowid AS n, length(data) AS bytes FROM alert_packet ORDER BY rowid LIMIT ?',
    );
    this.#unlinkAsset = database.prepare('DELETE FROM alert_asset WHERE asset = ? AND last_seen = ? AND n = ?');
    this.#unlinkRule = database.prepare('DELETE FROM alert_rule WHERE rule = ? AND last_seen = ? AND n = ?');
    this.#removePackets = database.prepare('DELETE FROM alert_packet WHERE alert = ?');
    this.#removePacket = database.prepare('DELETE FROM alert_packet WHERE rowid = ?');
    this.#forgetDecision = database.prepare("DELETE FROM decision WHERE kind = 'alert_status' AND id = ?");
    this.#removeAlert = database.prepare('DELETE FROM alert WHERE n = ?');
    this.#trimTraffic = database.prepare(
      'DELETE FROM traffic WHERE seconds = 60 AND period IN (SELECT DISTINCT period FROM traffic WHERE seconds = 60 AND period < ? ORDER BY period LIMIT ?)',
    );
  }

  /** To be called inside a transaction. Returns whether anything went. */
  step(): boolean {
    const { alerts, packetBytes, days } = this.#limits;
    let removed = 0;
    const newest = Number(this.#newest.get()?.['at'] ?? 0);
    if (days > 0 && newest > 0) removed += this.#remove(this.#expired.all(newest - days * DAY_MICROS, STEP));
    const surplus = Math.min(STEP, Number(this.#alerts.get()?.['amount'] ?? 0) - alerts);
    if (surplus > 0) {
      const gone = this.#remove(this.#closed.all(surplus));
      removed += gone;
      if (gone < surplus) removed += this.#remove(this.#leastSevere.all(surplus - gone));
    }
    if (removed > 0) this.#count.run(removed, 'alerts_removed');
    const packets = this.#trimPackets(packetBytes);
    this.#trimMinutes(newest);
    return removed + packets > 0;
  }

  #remove(rows: readonly SqlRow[]): number {
    for (const { n, id, last_seen, record } of rows) {
      const alert = JSON.parse(String(record)) as Alert;
      for (const asset of [alert.src_asset, alert.dest_asset]) {
        if (asset !== undefined) this.#unlinkAsset.run(asset, last_seen ?? 0, n ?? 0);
      }
      this.#unlinkRule.run(alert.rule_id, last_seen ?? 0, n ?? 0);
      this.#removed(alert);
      this.#removePackets.run(id ?? '');
      this.#forgetDecision.run(id ?? '');
      this.#removeAlert.run(n ?? 0);
    }
    return rows.length;
  }

  #trimPackets(limit: number): number {
    let surplus = Number(this.#amount.get('packet_bytes')?.['amount'] ?? 0) - limit;
    let removed = 0;
    if (surplus <= 0) return 0;
    for (const { n, bytes } of this.#oldPackets.all(STEP)) {
      this.#removePacket.run(n ?? 0);
      removed++;
      surplus -= Number(bytes);
      if (surplus <= 0) break;
    }
    this.#count.run(removed, 'packets_removed');
    return removed;
  }

  #trimMinutes(newest: number): void {
    const before = Math.floor(newest / 60_000_000) - MINUTES_KEPT;
    if (before <= 0) return;
    this.#trimTraffic.run(before, STEP);
  }
}
