import type { SqlRow } from '../sqlite/sql.js';
import { StoreError } from '../store.js';
import { type Actor, iso } from './console-store.js';
import type { ConsoleParts } from './parts.js';

export const OWN_RULE_KINDS = ['rule', 'correlation', 'exception'] as const;
export type OwnRuleKind = (typeof OWN_RULE_KINDS)[number];

/** One text of a rule, by whom and why. Versions are never changed. */
export interface OwnRuleVersion {
  /** Counts through all versions of all rules. */
  readonly n: number;
  readonly text: string;
  readonly user: string;
  readonly at: string;
  readonly reason: string;
}

/** A rule or exception that was made in the console. */
export interface OwnRule {
  /** Id of the file's first document. */
  readonly rule: string;
  readonly kind: OwnRuleKind;
  readonly title: string;
  /** Until when an exception has an effect; '' for ever, or no exception. */
  readonly expires: string;
  /** The version that sensors use; null: none. */
  readonly active: number | null;
  readonly latest: number;
  /** Of the latest version. */
  readonly user: string;
  readonly at: string;
  readonly reason: string;
}

export type OwnRuleHead = Pick<OwnRule, 'rule' | 'kind' | 'title' | 'expires'>;

const MAX_RULES = 5000;
/** Of a rule; the oldest that is not in use goes first. */
const MAX_VERSIONS = 200;

export const OWN_RULE_TABLES = `
CREATE TABLE IF NOT EXISTS own_rule (
  rule TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  expires TEXT NOT NULL,
  active INTEGER,
  latest INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS own_rule_version (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  rule TEXT NOT NULL,
  text TEXT NOT NULL,
  user TEXT NOT NULL,
  at INTEGER NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS own_rule_version_by_rule ON own_rule_version (rule, n);
`;

const SELECT = `SELECT o.*, v.user, v.at, v.reason FROM own_rule o JOIN own_rule_version v ON v.n = o.latest`;

function ruleOf(row: SqlRow): OwnRule {
  const { active } = row;
  return {
    rule: String(row['rule']),
    kind: String(row['kind']) as OwnRuleKind,
    title: String(row['title']),
    expires: String(row['expires']),
    active: active === null || active === undefined ? null : Number(active),
    latest: Number(row['latest']),
    user: String(row['user']),
    at: iso(row['at']),
    reason: String(row['reason']),
  };
}

function versionOf(row: SqlRow): OwnRuleVersion {
  return {
    n: Number(row['n']),
    text: String(row['text']),
    user: String(row['user']),
    at: iso(row['at']),
    reason: String(row['reason']),
  };
}

/** Rules that people write in the console, with all their versions. Every change is a row of the audit log. */
export class RuleStore {
  readonly #parts: ConsoleParts;

  constructor(parts: ConsoleParts) {
    this.#parts = parts;
  }

  all(): OwnRule[] {
    return this.#parts.sql(`${SELECT} ORDER BY o.title`).all().map(ruleOf);
  }

  get(rule: string): OwnRule | null {
    const row = this.#parts.sql(`${SELECT} WHERE o.rule = ?`).get(rule);
    return row ? ruleOf(row) : null;
  }

  /** Newest first. */
  versions(rule: string): OwnRuleVersion[] {
    return this.#parts.sql('SELECT * FROM own_rule_version WHERE rule = ? ORDER BY n DESC').all(rule).map(versionOf);
  }

  version(rule: string, n: number): OwnRuleVersion | null {
    const row = this.#parts.sql('SELECT * FROM own_rule_version WHERE rule = ? AND n = ?').get(rule, n);
    return row ? versionOf(row) : null;
  }

  /** A new rule, or a new version of one; sensors do not use it yet. Returns its number. */
  save(head: OwnRuleHead, text: string, reason: string, actor: Actor): number {
    const { sql, now, audit, transaction } = this.#parts;
    return transaction(() => {
      const before = this.get(head.rule);
      if (before === null) {
        const count = Number(sql('SELECT count(*) AS n FROM own_rule').get()?.['n'] ?? 0);
        if (count >= MAX_RULES)
          throw new StoreError(`There are ${MAX_RULES} rules already: delete some of them first.`);
      }
      const added = sql(
        'INSERT INTO own_rule_version (rule, text, user, at, reason) VALUES (?, ?, ?, ?, ?) RETURNING n',
      ).get(head.rule, text, actor.user, now(), reason);
      const n = Number(added?.['n'] ?? 0);
      sql(
        'INSERT INTO own_rule VALUES (?, ?, ?, ?, NULL, ?) ON CONFLICT DO UPDATE SET kind = excluded.kind, title = excluded.title, expires = excluded.expires, latest = excluded.latest',
      ).run(head.rule, head.kind, head.title, head.expires, n);
      sql(
        'DELETE FROM own_rule_version WHERE rule = ? AND n IS NOT (SELECT active FROM own_rule WHERE rule = ?) AND n NOT IN (SELECT n FROM own_rule_version WHERE rule = ? ORDER BY n DESC LIMIT ?)',
      ).run(head.rule, head.rule, head.rule, MAX_VERSIONS);
      audit(
        actor,
        before === null ? 'rule.propose' : 'rule.edit',
        head.rule,
        String(before?.latest ?? ''),
        `${n}: ${reason}`,
      );
      return n;
    });
  }

  /** Which version sensors use; null: none. */
  activate(rule: string, version: number | null, reason: string, actor: Actor): void {
    const { sql, audit, transaction } = this.#parts;
    transaction(() => {
      const before = this.get(rule);
      sql('UPDATE own_rule SET active = ? WHERE rule = ?').run(version, rule);
      const after = version === null ? reason : `${version}: ${reason}`;
      audit(actor, version === null ? 'rule.withdraw' : 'rule.use', rule, String(before?.active ?? ''), after);
    });
  }

  delete(rule: string, reason: string, actor: Actor): void {
    const { sql, audit, transaction } = this.#parts;
    transaction(() => {
      const text = this.versions(rule)[0]?.text ?? '';
      sql('DELETE FROM own_rule WHERE rule = ?').run(rule);
      sql('DELETE FROM own_rule_version WHERE rule = ?').run(rule);
      // What it was stays readable in the audit log.
      audit(actor, 'rule.delete', rule, text, reason);
    });
  }
}
