import { createHash } from 'node:crypto';
import { type BaselineDecisions, type BaselineVersion, NO_DECISIONS } from '../../model/baseline-document.js';
import type { AlertStatus, LearningPhase } from '../../model/records.js';
import { formatTimestamp } from '../../model/time.js';
import type { SqlRow } from '../sqlite/sql.js';
import { StoreError } from '../store.js';
import type { Actor } from './console-store.js';
import type { ConsoleParts } from './parts.js';

/**
 * What people have decided about the baseline, and which records they have made one device of. A version names its
 * lists by their hash, so that accepting one thing does not store a plant's imported baseline once more.
 */
export const BASELINE_TABLES = `
CREATE TABLE IF NOT EXISTS baseline_part (hash TEXT PRIMARY KEY, list TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS baseline_decision (
  n INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  author TEXT NOT NULL,
  reason TEXT NOT NULL,
  parts TEXT NOT NULL
);
-- Alerts that were closed because an acceptance covers them, so that undoing it opens them again. \`decision\`: the row
-- of alert_decision that closed it.
CREATE TABLE IF NOT EXISTS accepted_alert (
  acceptance TEXT NOT NULL,
  alert TEXT NOT NULL,
  before TEXT NOT NULL,
  decision INTEGER NOT NULL,
  PRIMARY KEY (acceptance, alert)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS asset_merge (
  id TEXT PRIMARY KEY,
  into_id TEXT NOT NULL,
  user TEXT NOT NULL,
  at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wanted_phase (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), phase TEXT NOT NULL);
`;

/** Enough for years of daily decisions; what was decided stands in the audit log for ever. */
const MAX_VERSIONS = 2000;
const MAX_ACCEPTED = 5000;
const MAX_REVIEWS = 20_000;

/** A version without what it holds. */
export interface VersionSummary {
  n: number;
  at: string;
  by: string;
  reason: string;
  /** Entries of each list. */
  entries: Record<string, number>;
}

export interface AssetMergeDecision {
  id: string;
  into: string;
  user: string;
  /** ISO 8601 UTC. */
  at: string;
}

/** An alert that an acceptance has closed. */
export interface ClosedByAcceptance {
  alert: string;
  before: AlertStatus;
}

/** Name of each list, and the hash under which it is kept. */
function partsOf(row: SqlRow): [name: string, hash: string][] {
  return Object.entries(JSON.parse(String(row['parts'])) as Record<string, string>);
}

export class BaselineStore {
  readonly #parts: ConsoleParts;
  #latest: BaselineVersion | null = null;

  constructor(parts: ConsoleParts) {
    this.#parts = parts;
  }

  /** Newest first. `before`: only versions older than this one. */
  versions(limit: number, before = Number.MAX_SAFE_INTEGER): VersionSummary[] {
    const { sql } = this.#parts;
    const amounts = new Map<string, number>();
    const amountOf = (hash: string): number => {
      let amount = amounts.get(hash);
      if (amount === undefined) {
        const row = sql('SELECT json_array_length(list) AS amount FROM baseline_part WHERE hash = ?').get(hash);
        amount = Number(row?.['amount'] ?? 0);
        amounts.set(hash, amount);
      }
      return amount;
    };
    return sql('SELECT * FROM baseline_decision WHERE n < ? ORDER BY n DESC LIMIT ?')
      .all(before, limit)
      .map((row) => ({
        n: Number(row['n']),
        at: String(row['at']),
        by: String(row['author']),
        reason: String(row['reason']),
        entries: Object.fromEntries(partsOf(row).map(([name, hash]) => [name, amountOf(hash)])),
      }));
  }

  latest(): BaselineVersion | null {
    const row = this.#parts.sql('SELECT * FROM baseline_decision ORDER BY n DESC LIMIT 1').get();
    // A version never changes, and an imported one holds a whole plant.
    const isKnown = row !== undefined && this.#latest?.n === Number(row['n']) && this.#latest.at === row['at'];
    if (!isKnown) this.#latest = this.#versionOf(row);
    return this.#latest;
  }

  version(n: number): BaselineVersion | null {
    if (!Number.isSafeInteger(n)) return null;
    return this.#versionOf(this.#parts.sql('SELECT * FROM baseline_decision WHERE n = ?').get(n));
  }

  /**
   * Makes the next version of the latest one, in one step: what somebody else has decided a moment ago is in what
   * `decide` gets. `at` is the wall clock as records have it.
   * @throws StoreError when there would be too many entries.
   */
  change(
    actor: Actor,
    action: string,
    target: string,
    reason: string,
    decide: (now: BaselineDecisions, at: string) => BaselineDecisions,
  ): BaselineVersion {
    const { transaction, audit, now } = this.#parts;
    return transaction(() => {
      const before = this.latest();
      const at = formatTimestamp(now() * 1000);
      const decisions = decide(before?.decisions ?? NO_DECISIONS, at);
      if (decisions.accepted.length > MAX_ACCEPTED)
        throw new StoreError(`More than ${MAX_ACCEPTED} deviations cannot be accepted: end some of them first.`);
      if ((decisions.reviews?.length ?? 0) > MAX_REVIEWS)
        throw new StoreError(`More than ${MAX_REVIEWS} proposals cannot be decided.`);
      const version = { n: (before?.n ?? 0) + 1, at, by: actor.user, reason, decisions };
      this.#insert(version);
      audit(actor, action, target, String(before?.n ?? 0), `${version.n}: ${reason}`);
      return version;
    });
  }

  /** A version that was made elsewhere: in findings of before these tables were. */
  adopt(version: BaselineVersion): void {
    this.#parts.transaction(() => this.#insert(version));
  }

  #insert({ n, at, by, reason, decisions }: BaselineVersion): void {
    const { sql } = this.#parts;
    const parts = Object.entries(decisions).flatMap(([name, entries]: [string, unknown]) => {
      if (!Array.isArray(entries)) return [];
      const list = JSON.stringify(entries);
      const hash = createHash('sha256').update(list).digest('base64url');
      sql('INSERT OR IGNORE INTO baseline_part VALUES (?, ?)').run(hash, list);
      return [[name, hash]];
    });
    sql('INSERT OR IGNORE INTO baseline_decision VALUES (?, ?, ?, ?, ?)').run(
      n,
      at,
      by,
      reason,
      JSON.stringify(Object.fromEntries(parts)),
    );
    if (sql('DELETE FROM baseline_decision WHERE n <= ?').run(n - MAX_VERSIONS).changes === 0) return;
    sql('DELETE FROM baseline_part WHERE hash NOT IN (SELECT value FROM baseline_decision, json_each(parts))').run();
  }

  #versionOf(row: SqlRow | undefined): BaselineVersion | null {
    if (!row) return null;
    const lists = partsOf(row).map(([name, hash]) => {
      const part = this.#parts.sql('SELECT list FROM baseline_part WHERE hash = ?').get(hash);
      return [name, JSON.parse(String(part?.['list'] ?? '[]'))];
    });
    return {
      n: Number(row['n']),
      at: String(row['at']),
      by: String(row['author']),
      reason: String(row['reason']),
      decisions: { ...NO_DECISIONS, ...Object.fromEntries(lists) } as BaselineDecisions,
    };
  }

  // Alerts that were closed with an acceptance

  /** Writes down that these alerts are closed because `acceptance` covers them. */
  closeCovered(
    acceptance: string,
    alerts: readonly { id: string; status: AlertStatus }[],
    note: string,
    actor: Actor,
  ): void {
    const { sql, transaction, now, audit } = this.#parts;
    transaction(() => {
      for (const { id, status } of alerts) {
        const decision = sql(
          "INSERT INTO alert_decision (alert, status, note, user, at) VALUES (?, 'closed', ?, ?, ?) RETURNING n",
        ).get(id, note, actor.user, now());
        sql('INSERT OR REPLACE INTO accepted_alert VALUES (?, ?, ?, ?)').run(
          acceptance,
          id,
          status,
          decision?.['n'] ?? 0,
        );
        audit(actor, 'alert.status', id, status, `closed: ${note}`);
      }
    });
  }

  /**
   * Opens again what was closed with this acceptance, where nobody has decided otherwise since: of at most `limit`
   * alerts, which are then done with. `looked` says how many there were.
   */
  reopen(
    acceptance: string,
    limit: number,
    note: string,
    actor: Actor,
  ): { looked: number; reopened: ClosedByAcceptance[] } {
    const { sql, transaction, now, audit } = this.#parts;
    return transaction(() => {
      const rows = sql(
        'SELECT alert, before, decision = (SELECT max(n) FROM alert_decision d WHERE d.alert = a.alert) AS stands FROM accepted_alert a WHERE acceptance = ? ORDER BY alert LIMIT ?',
      ).all(acceptance, limit);
      const reopened: ClosedByAcceptance[] = [];
      for (const row of rows) {
        const [alert, before] = [String(row['alert']), String(row['before']) as AlertStatus];
        sql('DELETE FROM accepted_alert WHERE acceptance = ? AND alert = ?').run(acceptance, alert);
        if (row['stands'] !== 1) continue;
        sql('INSERT INTO alert_decision (alert, status, note, user, at) VALUES (?, ?, ?, ?, ?)').run(
          alert,
          before,
          note,
          actor.user,
          now(),
        );
        audit(actor, 'alert.status', alert, 'closed', `${before}: ${note}`);
        reopened.push({ alert, before });
      }
      return { looked: rows.length, reopened };
    });
  }

  /** How many alerts each acceptance has closed. */
  closedCounts(): Map<string, number> {
    return new Map(
      this.#parts
        .sql('SELECT acceptance, count(*) AS amount FROM accepted_alert GROUP BY acceptance')
        .all()
        .map((row) => [String(row['acceptance']), Number(row['amount'])]),
    );
  }

  // Devices

  recordMerge(id: string, into: string, actor: Actor): void {
    const { sql, transaction, now, audit } = this.#parts;
    transaction(() => {
      // Whoever was merged into the part before belongs to the whole as well.
      sql('UPDATE asset_merge SET into_id = ? WHERE into_id = ?').run(into, id);
      sql(
        'INSERT INTO asset_merge VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET into_id = excluded.into_id, user = excluded.user, at = excluded.at',
      ).run(id, into, actor.user, now());
      audit(actor, 'asset.merge', id, '', into);
    });
  }

  recordSplit(id: string, actor: Actor): void {
    const { sql, transaction, audit } = this.#parts;
    transaction(() => {
      const into = sql('SELECT into_id FROM asset_merge WHERE id = ?').get(id)?.['into_id'] ?? '';
      sql('DELETE FROM asset_merge WHERE id = ?').run(id);
      audit(actor, 'asset.split', id, String(into), '');
    });
  }

  /** The oldest first. Into one asset, or all of them. */
  merges(into?: string): AssetMergeDecision[] {
    const { sql } = this.#parts;
    const rows =
      into === undefined
        ? sql('SELECT * FROM asset_merge ORDER BY at, id').all()
        : sql('SELECT * FROM asset_merge WHERE into_id = ? ORDER BY at, id').all(into);
    return rows.map((row) => ({
      id: String(row['id']),
      into: String(row['into_id']),
      user: String(row['user']),
      at: new Date(Number(row['at'])).toISOString(),
    }));
  }

  // Phase

  recordPhase(before: string, phase: LearningPhase, actor: Actor): void {
    const { sql, transaction, audit } = this.#parts;
    transaction(() => {
      sql('INSERT INTO wanted_phase VALUES (1, ?) ON CONFLICT DO UPDATE SET phase = excluded.phase').run(phase);
      audit(actor, 'baseline.phase', '', before, phase);
    });
  }

  wantedPhase(): LearningPhase | null {
    const phase = this.#parts.sql('SELECT phase FROM wanted_phase').get()?.['phase'];
    return phase === 'learn' || phase === 'protect' ? phase : null;
  }
}
