import { createHash, randomBytes } from 'node:crypto';
import type { SqlRow } from '../sqlite/sql.js';
import { StoreError } from '../store.js';
import { type Actor, iso, type Role } from './console-store.js';
import type { ConsoleParts } from './parts.js';

export interface ApiToken {
  name: string;
  /** What it may do: never more than its owner. */
  role: Role;
  /** Parts of the API that it is limited to; null: only its role limits it. */
  areas: string[] | null;
  owner: string;
  created: string;
  expires: string;
  /** Null: never. */
  used: string | null;
}

const PREFIX = 'fwt_';
const MAX_TOKENS = 200;
const TOUCH_MS = 60_000;

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function tokenOf(row: SqlRow, areas: readonly string[]): ApiToken {
  return {
    name: String(row['name']),
    role: String(row['role']) as Role,
    areas: areas.length === 0 ? null : [...areas],
    owner: String(row['owner']),
    created: iso(row['created']),
    expires: iso(row['expires']),
    used: Number(row['used']) === 0 ? null : iso(row['used']),
  };
}

/** Tokens for programs. Only their hashes are kept. */
export class TokenStore {
  readonly #parts: ConsoleParts;

  constructor(parts: ConsoleParts) {
    this.#parts = parts;
  }

  list(): ApiToken[] {
    return this.#parts
      .sql('SELECT * FROM token ORDER BY created DESC')
      .all()
      .map((row) => tokenOf(row, this.#areas(row)));
  }

  /** Returns the token, which is shown this once. `expires`: milliseconds since 1970. */
  create(name: string, role: Role, areas: readonly string[], expires: number, actor: Actor): string {
    const { sql, now, audit, transaction } = this.#parts;
    const token = `${PREFIX}${randomBytes(32).toString('base64url')}`;
    transaction(() => {
      sql('DELETE FROM token WHERE expires < ?').run(now() - 30 * 86_400_000);
      sql('DELETE FROM token_area WHERE token NOT IN (SELECT hash FROM token)').run();
      if (Number(sql('SELECT count(*) AS n FROM token').get()?.['n'] ?? 0) >= MAX_TOKENS) {
        throw new StoreError(`There are ${MAX_TOKENS} tokens already: revoke those that nothing uses any more.`);
      }
      const added = sql(
        'INSERT INTO token (hash, name, role, owner, created, expires) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
      ).run(hashOf(token), name, role, actor.user, now(), expires);
      if (added.changes === 0) throw new StoreError(`There is already a token ${name}: choose another name.`);
      for (const area of new Set(areas)) sql('INSERT INTO token_area VALUES (?, ?)').run(hashOf(token), area);
      const scope = areas.length === 0 ? '' : `, only ${[...new Set(areas)].join(', ')}`;
      audit(actor, 'token.create', name, '', `${role}${scope}, until ${iso(expires)}`);
    });
    return token;
  }

  revoke(name: string, actor: Actor): boolean {
    const { sql, audit, transaction } = this.#parts;
    return transaction(() => {
      sql('DELETE FROM token_area WHERE token IN (SELECT hash FROM token WHERE name = ?)').run(name);
      if (sql('DELETE FROM token WHERE name = ?').run(name).changes === 0) return false;
      audit(actor, 'token.revoke', name, '', '');
      return true;
    });
  }

  /** All tokens of somebody who may nothing any more. */
  revokeOf(owner: string, actor: Actor): void {
    for (const { name, owner: one } of this.list()) {
      if (one.toLowerCase() === owner.toLowerCase()) this.revoke(name, actor);
    }
  }

  /** Null for a token that is unknown or too old, or whose owner is gone, disabled or may less than it by now. */
  find(token: string): ApiToken | null {
    if (!token.startsWith(PREFIX)) return null;
    const { sql, now } = this.#parts;
    const row = sql(
      'SELECT t.*, u.role AS owner_role FROM token t JOIN user u ON u.name = t.owner WHERE t.hash = ? AND u.disabled = 0',
    ).get(hashOf(token));
    if (!row || Number(row['expires']) <= now()) return null;
    if (row['owner_role'] !== 'admin' && row['owner_role'] !== row['role'] && row['role'] !== 'viewer') return null;
    if (now() - Number(row['used']) > TOUCH_MS)
      sql('UPDATE token SET used = ? WHERE hash = ?').run(now(), row['hash'] ?? '');
    return tokenOf(row, this.#areas(row));
  }

  #areas(row: SqlRow): string[] {
    return this.#parts
      .sql('SELECT area FROM token_area WHERE token = ? ORDER BY area')
      .all(row['hash'] ?? '')
      .map(({ area }) => String(area));
  }
}
