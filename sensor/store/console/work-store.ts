import { randomBytes } from 'node:crypto';
import type { Alert } from '../../model/records.js';
import type { SqlRow } from '../sqlite/sql.js';
import { type AssetSettings, StoreError } from '../store.js';
import { type Actor, iso } from './console-store.js';
import type { ConsoleParts } from './parts.js';

export interface AlertEntry {
  kind: 'note' | 'assign';
  /** The note, or whom the alert was given to ('' for nobody). */
  text: string;
  user: string;
  at: string;
}

/** Alerts that fit are kept out of the queue until it expires; they are still raised, counted and exported. */
export interface Mute {
  id: string;
  /** Rule or detector; '' for any. At least one of the three is given. */
  rule: string;
  /** Asset id or address of the source; '' for any. */
  src: string;
  dest: string;
  reason: string;
  owner: string;
  created: string;
  expires: string;
}

export interface SavedView {
  id: string;
  owner: string;
  page: string;
  name: string;
  /** As it stands in the page's address. */
  query: string;
  shared: boolean;
}

export interface RuleSetting {
  rule: string;
  enabled: boolean;
  user: string;
  reason: string;
  at: string;
}

const MAX_ENTRIES_SHOWN = 100;
const MAX_MUTES = 500;
const MAX_VIEWS = 100;

function muteOf(row: SqlRow): Mute {
  return {
    id: String(row['id']),
    rule: String(row['rule']),
    src: String(row['src']),
    dest: String(row['dest']),
    reason: String(row['reason']),
    owner: String(row['owner']),
    created: iso(row['created']),
    expires: iso(row['expires']),
  };
}

function newId(): string {
  return randomBytes(9).toString('base64url');
}

/** Whether the mute is about this alert. */
export function mutes(mute: Mute, alert: Alert): boolean {
  const is = (wanted: string, asset: string | undefined, ip: string | undefined) =>
    wanted === '' || wanted === asset || wanted === ip;
  return (
    (mute.rule === '' || mute.rule === alert.rule_id) &&
    is(mute.src, alert.src_asset, alert.src_ip) &&
    is(mute.dest, alert.dest_asset, alert.dest_ip)
  );
}

/** What people add to what was found. Every change is a row of the audit log. */
export class WorkStore {
  readonly #parts: ConsoleParts;

  constructor(parts: ConsoleParts) {
    this.#parts = parts;
  }

  // Notes and assignments

  addNote(alert: string, text: string, actor: Actor): void {
    this.#entry(alert, 'note', text, actor, '');
  }

  /** '' takes the assignment away. */
  assign(alert: string, assignee: string, actor: Actor): void {
    const { sql, transaction } = this.#parts;
    transaction(() => {
      const before = this.assignee(alert);
      if (assignee === '') sql('DELETE FROM assignment WHERE alert = ?').run(alert);
      else {
        sql('INSERT INTO assignment VALUES (?, ?) ON CONFLICT DO UPDATE SET assignee = excluded.assignee').run(
          alert,
          assignee,
        );
      }
      this.#insertEntry(alert, 'assign', assignee, actor, before);
    });
  }

  /** '' for nobody. */
  assignee(alert: string): string {
    return String(this.#parts.sql('SELECT assignee FROM assignment WHERE alert = ?').get(alert)?.['assignee'] ?? '');
  }

  /** Ids of the alerts, at most 500. */
  assignedTo(user: string): string[] {
    return this.#parts
      .sql('SELECT alert FROM assignment WHERE assignee = ? LIMIT 500')
      .all(user)
      .map((row) => String(row['alert']));
  }

  /** Newest first. */
  entries(alert: string): AlertEntry[] {
    return this.#parts
      .sql('SELECT * FROM alert_entry WHERE alert = ? ORDER BY n DESC LIMIT ?')
      .all(alert, MAX_ENTRIES_SHOWN)
      .map((row) => ({
        kind: String(row['kind']) as AlertEntry['kind'],
        text: String(row['text']),
        user: String(row['user']),
        at: iso(row['at']),
      }));
  }

  #entry(alert: string, kind: AlertEntry['kind'], text: string, actor: Actor, before: string): void {
    this.#parts.transaction(() => this.#insertEntry(alert, kind, text, actor, before));
  }

  #insertEntry(alert: string, kind: AlertEntry['kind'], text: string, actor: Actor, before: string): void {
    const { sql, now, audit } = this.#parts;
    sql('INSERT INTO alert_entry (alert, kind, text, user, at) VALUES (?, ?, ?, ?, ?)').run(
      alert,
      kind,
      text,
      actor.user,
      now(),
    );
    audit(actor, `alert.${kind}`, alert, before, text);
  }

  // Mutes

  /** Those that have not expired, newest first. */
  mutes(): Mute[] {
    return this.#parts
      .sql('SELECT * FROM mute WHERE expires > ? ORDER BY created DESC')
      .all(this.#parts.now())
      .map(muteOf);
  }

  /** `expires`: milliseconds since 1970. */
  addMute(mute: Pick<Mute, 'rule' | 'src' | 'dest' | 'reason'>, expires: number, actor: Actor): Mute {
    const { sql, now, audit, transaction } = this.#parts;
    if (mute.rule === '' && mute.src === '' && mute.dest === '') {
      throw new StoreError('A mute needs a rule, a source or a target: without any it would silence everything.');
    }
    const id = newId();
    return transaction(() => {
      sql('DELETE FROM mute WHERE expires <= ?').run(now());
      if (Number(sql('SELECT count(*) AS n FROM mute').get()?.['n'] ?? 0) >= MAX_MUTES) {
        throw new StoreError(`There are ${MAX_MUTES} mutes already: end some of them first.`);
      }
      sql('INSERT INTO mute VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
        id,
        mute.rule,
        mute.src,
        mute.dest,
        mute.reason,
        actor.user,
        now(),
        expires,
      );
      const scope = JSON.stringify({ rule: mute.rule, src: mute.src, dest: mute.dest });
      audit(actor, 'mute.add', id, '', `${scope} until ${iso(expires)}: ${mute.reason}`);
      return { ...mute, id, owner: actor.user, created: iso(now()), expires: iso(expires) };
    });
  }

  endMute(id: string, actor: Actor): boolean {
    const { sql, audit, transaction } = this.#parts;
    return transaction(() => {
      if (sql('DELETE FROM mute WHERE id = ?').run(id).changes === 0) return false;
      audit(actor, 'mute.end', id, '', '');
      return true;
    });
  }

  // Saved views

  /** The user's own, and those that others share. */
  views(user: string): SavedView[] {
    return this.#parts
      .sql('SELECT * FROM saved_view WHERE owner = ? OR shared = 1 ORDER BY name')
      .all(user)
      .map((row) => ({
        id: String(row['id']),
        owner: String(row['owner']),
        page: String(row['page']),
        name: String(row['name']),
        query: String(row['query']),
        shared: Number(row['shared']) === 1,
      }));
  }

  saveView(view: Pick<SavedView, 'page' | 'name' | 'query' | 'shared'>, user: string): SavedView {
    const { sql, transaction } = this.#parts;
    const id = newId();
    return transaction(() => {
      const own = Number(sql('SELECT count(*) AS n FROM saved_view WHERE owner = ?').get(user)?.['n'] ?? 0);
      if (own >= MAX_VIEWS) throw new StoreError(`You have ${MAX_VIEWS} saved views: delete some of them first.`);
      sql('INSERT INTO saved_view VALUES (?, ?, ?, ?, ?, ?)').run(
        id,
        user,
        view.page,
        view.name,
        view.query,
        Number(view.shared),
      );
      return { ...view, id, owner: user };
    });
  }

  /** Only one's own. */
  deleteView(id: string, user: string): boolean {
    return this.#parts.sql('DELETE FROM saved_view WHERE id = ? AND owner = ?').run(id, user).changes > 0;
  }

  // Assets and rules

  recordAssetSettings(asset: string, before: AssetSettings, settings: AssetSettings, actor: Actor): void {
    const { sql, now, audit, transaction } = this.#parts;
    transaction(() => {
      sql(
        'INSERT INTO asset_setting VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET settings = excluded.settings, user = excluded.user, at = excluded.at',
      ).run(asset, JSON.stringify(settings), actor.user, now());
      audit(actor, 'asset.settings', asset, JSON.stringify(before), JSON.stringify(settings));
    });
  }

  assetSettings(asset: string): AssetSettings | null {
    const row = this.#parts.sql('SELECT settings FROM asset_setting WHERE asset = ?').get(asset);
    return row ? (JSON.parse(String(row['settings'])) as AssetSettings) : null;
  }

  /** In bounded portions: hand the last id on as `after` until nothing comes. */
  lastAssetSettings(after: string, limit: number): { id: string; settings: AssetSettings }[] {
    return this.#parts
      .sql('SELECT asset, settings FROM asset_setting WHERE asset > ? ORDER BY asset LIMIT ?')
      .all(after, limit)
      .map((row) => ({
        id: String(row['asset']),
        settings: JSON.parse(String(row['settings'])) as AssetSettings,
      }));
  }

  ruleSettings(): RuleSetting[] {
    return this.#parts
      .sql('SELECT * FROM rule_setting ORDER BY rule')
      .all()
      .map((row) => ({
        rule: String(row['rule']),
        enabled: Number(row['enabled']) === 1,
        user: String(row['user']),
        reason: String(row['reason']),
        at: iso(row['at']),
      }));
  }

  setRule(rule: string, enabled: boolean, reason: string, actor: Actor): void {
    const { sql, now, audit, transaction } = this.#parts;
    transaction(() => {
      sql(
        'INSERT INTO rule_setting VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET enabled = excluded.enabled, user = excluded.user, reason = excluded.reason, at = excluded.at',
      ).run(rule, Number(enabled), actor.user, reason, now());
      audit(actor, enabled ? 'rule.enable' : 'rule.disable', rule, '', reason);
    });
  }
}
