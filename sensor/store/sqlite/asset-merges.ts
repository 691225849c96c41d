import { mergeRecords } from '../../model/asset-merge.js';
import type { Asset } from '../../model/records.js';
import type { SqlDatabase, SqlRow, SqlStatement } from './sql.js';

/**
 * Records that are no more, because their device turned out to be another one's. `record` is what a person's merge
 * can be undone with; it is null where the sensor itself found that the two are one.
 */
export const ASSET_MERGES = `
CREATE TABLE IF NOT EXISTS asset_alias (id TEXT PRIMARY KEY, into_id TEXT NOT NULL, record TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS asset_alias_into ON asset_alias (into_id);
CREATE TRIGGER IF NOT EXISTS asset_removed AFTER DELETE ON asset BEGIN
  DELETE FROM asset_record WHERE n = old.n;
  UPDATE tally SET amount = amount - 1 WHERE name = 'assets';
  UPDATE tally SET amount = amount - (old.approved = 0 AND old.in_baseline = 0) WHERE name = 'new_assets';
END;
`;

/** Everything that points to an asset by its id. */
const LINKS = [
  ['alert_asset', 'asset'],
  ['conversation_asset', 'asset'],
  ['asset_setting', 'asset'],
  ['decision', 'id'],
] as const;

/** Which asset records stand for which device; all calls are part of their caller's transaction. */
export class AssetMerges {
  /** Nothing was ever merged: then nothing has to be looked up. */
  isEmpty = true;
  readonly #database: SqlDatabase;
  readonly #any: SqlStatement;
  readonly #into: SqlStatement;
  readonly #parts: SqlStatement;
  readonly #refresh: SqlStatement;

  constructor(database: SqlDatabase) {
    this.#database = database;
    this.#any = database.prepare('SELECT 1 FROM asset_alias LIMIT 1');
    this.#into = database.prepare('SELECT into_id, record FROM asset_alias WHERE id = ?');
    this.#parts = database.prepare('SELECT record FROM asset_alias WHERE into_id = ? AND record IS NOT NULL');
    this.#refresh = database.prepare('UPDATE asset_alias SET record = ? WHERE id = ? AND record IS NOT NULL');
  }

  begin(): void {
    this.isEmpty = this.#any.get() === undefined;
  }

  /** The id under which the asset is kept now. */
  current(id: string): string {
    if (this.isEmpty) return id;
    const into = this.#into.get(id)?.['into_id'];
    return into === undefined ? id : String(into);
  }

  /** A record of the sensor's as it is kept: with what people have merged into it. */
  whole(found: Asset): Asset {
    let asset = found;
    for (const { record } of this.#parts.all(found.id))
      asset = mergeRecords(asset, JSON.parse(String(record)) as Asset);
    return asset;
  }

  /** A sensor that does not know of the merge yet goes on telling the part. */
  refresh(part: Asset): void {
    this.#refresh.run(JSON.stringify(part), part.id);
  }

  /** Moves everything that points to `id`. `record`: the part as it was, for a person's merge. */
  add(id: string, into: string, record: Asset | null): void {
    const run = (sql: string, ...values: string[]) => this.#database.prepare(sql).run(...values);
    run('DELETE FROM asset WHERE id = ?', id);
    for (const [table, column] of LINKS) {
      const only = table === 'decision' ? " AND kind = 'asset_approved'" : '';
      run(`UPDATE OR IGNORE ${table} SET ${column} = ? WHERE ${column} = ?${only}`, into, id);
      run(`DELETE FROM ${table} WHERE ${column} = ?${only}`, id);
    }
    run('UPDATE asset_alias SET into_id = ? WHERE into_id = ?', into, id);
    this.#database
      .prepare('INSERT INTO asset_alias VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET into_id = excluded.into_id')
      .run(id, into, record === null ? null : JSON.stringify(record));
    this.isEmpty = false;
  }

  /** Undoes a person's merge; gives the part as it was last known, or null where there is none to undo. */
  remove(id: string): Asset | null {
    const row: SqlRow | undefined = this.#into.get(id);
    if (!row || row['record'] == null) return null;
    this.#database.prepare('DELETE FROM asset_alias WHERE id = ?').run(id);
    this.#database
      .prepare(
        'INSERT OR IGNORE INTO conversation_asset SELECT ?, last_seen, n FROM conversation WHERE client = ? OR server = ?',
      )
      .run(id, id, id);
    this.#database
      .prepare(
        "INSERT OR IGNORE INTO alert_asset SELECT ?, a.last_seen, a.n FROM alert_asset a JOIN alert_record r USING (n) WHERE a.asset = ? AND ? IN (json_extract(r.record, '$.src_asset'), json_extract(r.record, '$.dest_asset'))",
      )
      .run(id, String(row['into_id']), id);
    return JSON.parse(String(row['record'])) as Asset;
  }
}
