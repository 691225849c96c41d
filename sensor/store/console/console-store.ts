import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AlertStatus } from '../../model/records.js';
import type { SqlDatabase, SqlDriver, SqlRow, SqlStatement, SqlValue } from '../sqlite/sql.js';
import { openStoreFile } from '../sqlite/store-file.js';
import { StoreError } from '../store.js';
import { AuditAnchor } from './audit-anchor.js';
import { BaselineStore } from './baseline-store.js';
import { CONSOLE_FILE, CONSOLE_SCHEMA } from './console-schema.js';
import type { ConsoleParts } from './parts.js';
import { RuleStore } from './rule-store.js';
import { TokenStore } from './token-store.js';
import { WorkStore } from './work-store.js';

/** `auditor` sees everything, the audit log included, and changes nothing. */
export const ROLES = ['viewer', 'analyst', 'admin', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

export interface User {
  name: string;
  role: Role;
  disabled: boolean;
  /** ISO 8601 UTC. */
  created: string;
  /** Signs in with a second factor. */
  totp: boolean;
  /** Signs in at a sign-in service (OpenID Connect) and has no password here. */
  external: boolean;
}

export interface AlertDecision {
  status: AlertStatus;
  note: string;
  user: string;
  at: string;
}

/** Who did something, and from where (an address, or `command line`). */
export interface Actor {
  user: string;
  source: string;
}

export interface AuditRow {
  n: number;
  at: string;
  user: string;
  source: string;
  action: string;
  target: string;
  before: string;
  after: string;
}

/** What became of the audit log since it was written. */
export interface AuditVerdict {
  /** Rows that are in order, from the first. */
  rows: number;
  /** The first row that was changed, or whose predecessor is missing; null: none. */
  broken: number | null;
  /** Rows after this one were taken away; null: none. */
  missingAfter: number | null;
}

export interface SessionInfo {
  /** Names the session without being of use to whoever reads it. */
  id: string;
  user: string;
  source: string;
  opened: string;
  used: string;
}

export interface StoredExporter {
  name: string;
  /** JSON. */
  settings: string;
  /** Sealed. */
  secrets: string;
}

export const SESSION_IDLE_MS = 30 * 60_000;
export const SESSION_MAX_MS = 12 * 3_600_000;
export const SETUP_CODE_MS = 30 * 60_000;
const MAX_SESSIONS_PER_USER = 5;
/** How long a password given counts for what asks for it again. */
export const CONFIRMED_MS = 10 * 60_000;
/** Writing the time of last use with every request would be a write per click; this is exact enough for 30 minutes. */
const TOUCH_MS = 30_000;
/** A clock set back by more than this ends sessions, because their age cannot be told any more. */
const CLOCK_TOLERANCE_MS = 60_000;
const MAX_DECISIONS_SHOWN = 100;
/** Rows of the audit log whose hashes take a few milliseconds. */
const VERIFIED_AT_ONCE = 500;

/** In the place of a hash: no password fits it. */
const EXTERNAL_PASSWORD = 'external';

const USER_NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}

export function checkUserName(name: string): void {
  if (!USER_NAME.test(name)) {
    throw new StoreError(
      'A user name has 1 to 64 letters, digits, dots, dashes, underscores or @, and begins with a letter or digit.',
    );
  }
}

export function iso(ms: SqlValue | undefined): string {
  return new Date(Number(ms ?? 0)).toISOString();
}

function sessionName(hash: string): string {
  return hash.slice(0, 12);
}

function userOf(row: SqlRow): User {
  return {
    name: String(row['name']),
    role: String(row['role']) as Role,
    disabled: Number(row['disabled']) === 1,
    created: iso(row['created']),
    totp: String(row['totp'] ?? '') !== '',
    external: String(row['password']) === EXTERNAL_PASSWORD,
  };
}

function auditRowOf(row: SqlRow): AuditRow {
  return {
    n: Number(row['n']),
    at: iso(row['at']),
    user: String(row['user']),
    source: String(row['source']),
    action: String(row['action']),
    target: String(row['target']),
    before: String(row['before']),
    after: String(row['after']),
  };
}

function auditHash(previous: string, values: readonly SqlValue[]): string {
  return sha256(`${previous}\n${JSON.stringify(values)}`);
}

/**
 * console.db: users, sessions, the audit log, and people's decisions. A file of its own, so that neither damage to
 * the findings nor their deletion takes accounts and decisions along.
 */
export class ConsoleStore {
  readonly #database: SqlDatabase;
  readonly #now: () => number;
  readonly #statements = new Map<string, SqlStatement>();
  readonly #anchor: AuditAnchor;
  readonly #work: WorkStore;
  readonly #tokens: TokenStore;
  readonly #baseline: BaselineStore;
  readonly #rules: RuleStore;

  /** @throws StoreError with one sentence for the user. */
  constructor(dataDir: string, options: { now?: () => number; driver?: SqlDriver | undefined } = {}) {
    this.#now = options.now ?? Date.now;
    // A damaged file is never replaced by itself: a fresh one would have no users, and whoever came first would be admin.
    this.#database = openStoreFile(join(dataDir, CONSOLE_FILE), CONSOLE_SCHEMA, {
      create: true,
      driver: options.driver,
    }).database;
    this.#anchor = new AuditAnchor(dataDir);
    const parts: ConsoleParts = {
      now: this.#now,
      transaction: (work) => this.#transaction(work),
      sql: (text) => this.#sql(text),
      audit: (actor, action, target, before, after) => this.#audit(actor, action, target, before, after),
    };
    this.#work = new WorkStore(parts);
    this.#tokens = new TokenStore(parts);
    this.#baseline = new BaselineStore(parts);
    this.#rules = new RuleStore(parts);
  }

  close(): void {
    this.#database.close();
  }

  /** Notes, assignments, mutes, saved views and what people say about assets and rules. */
  get work(): WorkStore {
    return this.#work;
  }

  /** Decisions about what is normal, about the phase, and about which records are one device. */
  get baseline(): BaselineStore {
    return this.#baseline;
  }

  get tokens(): TokenStore {
    return this.#tokens;
  }

  /** Rules that were made in the console. */
  get rules(): RuleStore {
    return this.#rules;
  }

  // Users

  hasUsers(): boolean {
    return this.#sql('SELECT 1 FROM user LIMIT 1').get() !== undefined;
  }

  users(): User[] {
    return this.#sql('SELECT * FROM user ORDER BY name').all().map(userOf);
  }

  /** For signing in; null for a user who does not exist or is disabled. */
  credentials(name: string): { user: User; passwordHash: string } | null {
    const row = this.#sql('SELECT * FROM user WHERE name = ? AND disabled = 0').get(name);
    return row ? { user: userOf(row), passwordHash: String(row['password']) } : null;
  }

  /** @throws StoreError when the name is taken or not allowed. */
  addUser(name: string, role: Role, passwordHash: string, actor: Actor): void {
    checkUserName(name);
    this.#transaction(() => {
      const added = this.#sql(
        'INSERT INTO user (name, role, password, created) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      ).run(name, role, passwordHash, this.#now());
      if (added.changes === 0) throw new StoreError(`There is already a user ${name}: choose another name.`);
      this.#sql('DELETE FROM setup').run();
      this.#audit(actor, 'user.add', name, '', role);
    });
  }

  /** The account of whoever the sign-in service calls by this subject; null: there is none yet. */
  externalUser(issuer: string, subject: string): User | null {
    const row = this.#sql(
      'SELECT u.* FROM external_identity e JOIN user u ON u.name = e.user WHERE e.issuer = ? AND e.subject = ?',
    ).get(issuer, subject);
    return row ? userOf(row) : null;
  }

  /** @throws StoreError when the name is taken (whoever has it keeps it) or not allowed. */
  addExternalUser(name: string, role: Role, issuer: string, subject: string, actor: Actor): void {
    checkUserName(name);
    this.#transaction(() => {
      const added = this.#sql(
        'INSERT INTO user (name, role, password, created) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      ).run(name, role, EXTERNAL_PASSWORD, this.#now());
      if (added.changes === 0) throw new StoreError(`There is already a user ${name}.`);
      this.#sql('INSERT INTO external_identity VALUES (?, ?, ?)').run(issuer, subject, name);
      this.#sql('DELETE FROM setup').run();
      this.#audit(actor, 'user.add', name, '', `${role}, of ${issuer}`);
    });
  }

  /** Of somebody who may not sign in any more. */
  endSessionsOf(name: string, actor: Actor): void {
    this.#transaction(() => {
      if (this.#sql('DELETE FROM session WHERE user = ?').run(name).changes > 0)
        this.#audit(actor, 'session.end', name, '', '');
    });
  }

  /** Only while there is no user and the code is right: otherwise false. */
  addFirstUser(code: string, name: string, passwordHash: string, source: string): boolean {
    checkUserName(name);
    return this.#transaction(() => {
      if (this.hasUsers() || !this.isSetupCode(code)) return false;
      this.#sql('INSERT INTO user (name, role, password, created) VALUES (?, ?, ?, ?)').run(
        name,
        'admin',
        passwordHash,
        this.#now(),
      );
      this.#sql('DELETE FROM setup').run();
      this.#audit({ user: name, source }, 'user.add', name, '', 'admin');
      return true;
    });
  }

  setDisabled(name: string, disabled: boolean, actor: Actor): void {
    this.#changeUser(name, actor, disabled ? 'user.disable' : 'user.enable', (user) => {
      if (disabled) this.#keepOneAdmin(user);
      this.#sql('UPDATE user SET disabled = ?, epoch = epoch + 1 WHERE name = ?').run(Number(disabled), name);
      return [user.disabled ? 'disabled' : 'enabled', disabled ? 'disabled' : 'enabled'];
    });
  }

  setRole(name: string, role: Role, actor: Actor): void {
    this.#changeUser(name, actor, 'user.role', (user) => {
      if (role !== 'admin') this.#keepOneAdmin(user);
      this.#sql('UPDATE user SET role = ?, epoch = epoch + 1 WHERE name = ?').run(role, name);
      return [user.role, role];
    });
  }

  // First start

  /** Keeps only the code's hash. */
  setSetupCode(code: string): void {
    this.#sql(
      'INSERT INTO setup VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET hash = excluded.hash, created = excluded.created',
    ).run(sha256(code), this.#now());
  }

  isSetupCode(code: string): boolean {
    const row = this.#sql('SELECT hash, created FROM setup').get();
    if (!row) return false;
    const age = this.#now() - Number(row['created']);
    return age >= -CLOCK_TOLERANCE_MS && age <= SETUP_CODE_MS && sameText(sha256(code), String(row['hash']));
  }

  // Sessions

  /**
   * Returns the session's id, which is kept nowhere but with the user. `confirmed`: when the person last proved who
   * they are, in milliseconds; now, where nothing else is said.
   */
  openSession(userName: string, source: string, confirmed = this.#now()): string {
    const id = randomBytes(32).toString('base64url');
    const now = this.#now();
    this.#transaction(() => {
      const epoch = this.#sql('SELECT epoch FROM user WHERE name = ?').get(userName)?.['epoch'] ?? 0;
      this.#sql('DELETE FROM session WHERE used < ? OR created < ?').run(now - SESSION_IDLE_MS, now - SESSION_MAX_MS);
      this.#sql('INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?)').run(
        sha256(id),
        userName,
        epoch,
        now,
        now,
        confirmed,
        source,
      );
      this.#sql(
        'DELETE FROM session WHERE user = ? AND hash NOT IN (SELECT hash FROM session WHERE user = ? ORDER BY created DESC, hash LIMIT ?)',
      ).run(userName, userName, MAX_SESSIONS_PER_USER);
      this.#audit({ user: userName, source }, 'login.ok', userName, '', '');
    });
    return id;
  }

  /** Who the session belongs to; null once it is too old, ended, or the user was changed since. */
  session(id: string, touch = true): User | null {
    const hash = sha256(id);
    const row = this.#sql(
      'SELECT s.created AS opened, s.used, u.* FROM session s JOIN user u ON u.name = s.user WHERE s.hash = ? AND u.epoch = s.epoch AND u.disabled = 0',
    ).get(hash);
    if (!row) return null;
    const now = this.#now();
    const idle = now - Number(row['used']);
    const age = now - Number(row['opened']);
    if (idle > SESSION_IDLE_MS || age > SESSION_MAX_MS || idle < -CLOCK_TOLERANCE_MS) {
      this.#sql('DELETE FROM session WHERE hash = ?').run(hash);
      return null;
    }
    if (touch && idle > TOUCH_MS) this.#sql('UPDATE session SET used = ? WHERE hash = ?').run(now, hash);
    return userOf(row);
  }

  closeSession(id: string, actor: Actor): void {
    this.#transaction(() => {
      this.#sql('DELETE FROM session WHERE hash = ?').run(sha256(id));
      this.#audit(actor, 'logout', actor.user, '', '');
    });
  }

  /** Whether the session's user gave the password lately. */
  isConfirmed(id: string): boolean {
    const row = this.#sql('SELECT confirmed FROM session WHERE hash = ?').get(sha256(id));
    const age = this.#now() - Number(row?.['confirmed'] ?? 0);
    return age >= -CLOCK_TOLERANCE_MS && age <= CONFIRMED_MS;
  }

  confirmSession(id: string): void {
    this.#sql('UPDATE session SET confirmed = ? WHERE hash = ?').run(this.#now(), sha256(id));
  }

  /** Of one user, or of all. */
  sessions(user?: string): SessionInfo[] {
    const rows =
      user === undefined
        ? this.#sql('SELECT * FROM session ORDER BY user, used DESC LIMIT 1000').all()
        : this.#sql('SELECT * FROM session WHERE user = ? ORDER BY used DESC').all(user);
    return rows.map((row) => ({
      id: sessionName(String(row['hash'])),
      user: String(row['user']),
      source: String(row['source']),
      opened: iso(row['created']),
      used: iso(row['used']),
    }));
  }

  sessionName(id: string): string {
    return sessionName(sha256(id));
  }

  /** False: there is no such session (of this user, where one is given). */
  endSession(name: string, actor: Actor, user?: string): boolean {
    return this.#transaction(() => {
      const row = this.#sql('SELECT hash, user FROM session WHERE substr(hash, 1, 12) = ?').get(name);
      if (!row || (user !== undefined && String(row['user']).toLowerCase() !== user.toLowerCase())) return false;
      this.#sql('DELETE FROM session WHERE hash = ?').run(row['hash'] ?? '');
      this.#audit(actor, 'session.end', String(row['user']), '', '');
      return true;
    });
  }

  /** Ends the user's other sessions. */
  setPassword(name: string, passwordHash: string, actor: Actor, keepSession: string | null): void {
    this.#transaction(() => {
      const changed = this.#sql('UPDATE user SET password = ? WHERE name = ?').run(passwordHash, name).changes;
      if (changed === 0) throw new StoreError(`There is no user ${name}: fieldwatch user list shows who there is.`);
      const keep = keepSession === null ? '' : sha256(keepSession);
      this.#sql('DELETE FROM session WHERE user = ? AND hash <> ?').run(name, keep);
      this.#audit(actor, 'user.password', name, '', '');
    });
  }

  // Second factor

  /** As the console stored it, which encrypts it; '' when the user has none. */
  totpSecret(name: string): string {
    return String(this.#sql('SELECT totp FROM user WHERE name = ?').get(name)?.['totp'] ?? '');
  }

  /** `recovery`: hashes of codes that each replace the second factor once. An empty secret takes it away. */
  setTotp(name: string, secret: string, recovery: readonly string[], actor: Actor): void {
    this.#transaction(() => {
      this.#sql('UPDATE user SET totp = ?, totp_step = 0, recovery = ? WHERE name = ?').run(
        secret,
        JSON.stringify(recovery),
        name,
      );
      this.#audit(actor, secret === '' ? 'user.totp_off' : 'user.totp_on', name, '', '');
    });
  }

  /** False when this or a later step was used before. */
  useTotpStep(name: string, step: number): boolean {
    return (
      this.#sql('UPDATE user SET totp_step = ? WHERE name = ? AND totp_step < ?').run(step, name, step).changes > 0
    );
  }

  recoveryCodesLeft(name: string): number {
    const row = this.#sql('SELECT recovery FROM user WHERE name = ?').get(name);
    return (JSON.parse(String(row?.['recovery'] ?? '[]')) as string[]).length;
  }

  /** True once for each recovery code. */
  useRecoveryCode(name: string, hash: string, actor: Actor): boolean {
    return this.#transaction(() => {
      const row = this.#sql('SELECT recovery FROM user WHERE name = ?').get(name);
      const codes = JSON.parse(String(row?.['recovery'] ?? '[]')) as string[];
      if (!codes.includes(hash)) return false;
      this.#sql('UPDATE user SET recovery = ? WHERE name = ?').run(
        JSON.stringify(codes.filter((code) => code !== hash)),
        name,
      );
      this.#audit(actor, 'user.recovery_code', name, '', '');
      return true;
    });
  }

  // Decisions

  recordAlertDecision(alert: string, before: string, status: AlertStatus, note: string, actor: Actor): void {
    this.#transaction(() => {
      this.#sql('INSERT INTO alert_decision (alert, status, note, user, at) VALUES (?, ?, ?, ?, ?)').run(
        alert,
        status,
        note,
        actor.user,
        this.#now(),
      );
      this.#audit(actor, 'alert.status', alert, before, note === '' ? status : `${status}: ${note}`);
    });
  }

  /** Newest first. */
  alertDecisions(alert: string): AlertDecision[] {
    return this.#sql('SELECT * FROM alert_decision WHERE alert = ? ORDER BY n DESC LIMIT ?')
      .all(alert, MAX_DECISIONS_SHOWN)
      .map((row) => ({
        status: String(row['status']) as AlertStatus,
        note: String(row['note']),
        user: String(row['user']),
        at: iso(row['at']),
      }));
  }

  recordAssetDecision(asset: string, before: boolean, approved: boolean, actor: Actor): void {
    this.#transaction(() => {
      this.#sql(
        'INSERT INTO asset_decision VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET approved = excluded.approved, user = excluded.user, at = excluded.at',
      ).run(asset, Number(approved), actor.user, this.#now());
      this.#audit(actor, 'asset.approve', asset, String(before), String(approved));
    });
  }

  /** The last decision on each alert and asset, in bounded portions: hand `after` on until nothing comes. */
  lastAlertDecisions(after: string, limit: number): { id: string; status: AlertStatus }[] {
    return this.#sql(
      'SELECT alert, status, max(n) FROM alert_decision WHERE alert > ? GROUP BY alert ORDER BY alert LIMIT ?',
    )
      .all(after, limit)
      .map((row) => ({ id: String(row['alert']), status: String(row['status']) as AlertStatus }));
  }

  lastAssetDecisions(after: string, limit: number): { id: string; approved: boolean }[] {
    return this.#sql('SELECT asset, approved FROM asset_decision WHERE asset > ? ORDER BY asset LIMIT ?')
      .all(after, limit)
      .map((row) => ({ id: String(row['asset']), approved: Number(row['approved']) === 1 }));
  }

  // Exporters that were set up in the console

  /** Secrets as the caller sealed them: this store never sees them in the clear. */
  exporterSettings(): StoredExporter[] {
    return this.#sql('SELECT * FROM exporter_setting ORDER BY name')
      .all()
      .map((row) => ({
        name: String(row['name']),
        settings: String(row['settings']),
        secrets: String(row['secrets']),
      }));
  }

  /** `summary` is for the audit log and must hold no secret. */
  saveExporter(exporter: StoredExporter, summary: string, actor: Actor): void {
    this.#database.transaction(() => {
      const before = this.#sql('SELECT settings FROM exporter_setting WHERE name = ?').get(exporter.name);
      this.#sql(
        'INSERT INTO exporter_setting VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET settings = excluded.settings, secrets = excluded.secrets',
      ).run(exporter.name, exporter.settings, exporter.secrets);
      this.#audit(actor, 'exporter.save', exporter.name, String(before?.['settings'] ?? ''), summary);
    });
  }

  removeExporter(name: string, actor: Actor): boolean {
    return this.#database.transaction(() => {
      const { changes } = this.#sql('DELETE FROM exporter_setting WHERE name = ?').run(name);
      if (changes > 0) this.#audit(actor, 'exporter.remove', name, '', '');
      return changes > 0;
    });
  }

  // Audit log

  audit(actor: Actor, action: string, target: string, before: string, after: string): void {
    this.#transaction(() => this.#audit(actor, action, target, before, after));
  }

  /** Newest first; `before` is the number of the last row of the page before. */
  auditRows(limit: number, before = Number.MAX_SAFE_INTEGER): AuditRow[] {
    return this.#sql('SELECT * FROM audit WHERE n < ? ORDER BY n DESC LIMIT ?').all(before, limit).map(auditRowOf);
  }

  /** Oldest first, after row `n`; with the hash that makes each unique. */
  auditRowsAfter(n: number, limit: number): (AuditRow & { hash: string })[] {
    return this.#sql('SELECT * FROM audit WHERE n > ? ORDER BY n LIMIT ?')
      .all(n, limit)
      .map((row) => ({ ...auditRowOf(row), hash: String(row['hash']) }));
  }

  get lastAuditRow(): number {
    return Number(this.#sql('SELECT n FROM audit ORDER BY n DESC LIMIT 1').get()?.['n'] ?? 0);
  }

  /**
   * Reads the whole chain, in portions, between which others get their turn. Rows missing at its end show against the
   * anchor, a file beside the database.
   */
  async verifyAudit(): Promise<AuditVerdict> {
    let previous = '';
    let expected = 1;
    const anchor = this.#anchor.read();
    let isAnchorRight = anchor === null;
    for (; ; await nextTurn()) {
      const rows = this.#sql('SELECT * FROM audit WHERE n >= ? ORDER BY n LIMIT ?').all(expected, VERIFIED_AT_ONCE);
      for (const row of rows) {
        const n = Number(row['n']);
        const values = ['at', 'user', 'source', 'action', 'target', 'before', 'after'].map((key) => row[key] ?? '');
        const hash = auditHash(previous, [n, ...values]);
        if (n !== expected || row['previous_hash'] !== previous || row['hash'] !== hash) {
          return { rows: expected - 1, broken: expected, missingAfter: null };
        }
        if (anchor !== null && n === anchor.n) {
          if (anchor.hash !== hash) return { rows: expected - 1, broken: expected, missingAfter: null };
          isAnchorRight = true;
        }
        previous = hash;
        expected++;
      }
      if (rows.length === 0)
        return { rows: expected - 1, broken: null, missingAfter: isAnchorRight ? null : expected - 1 };
    }
  }

  #changeUser(
    name: string,
    actor: Actor,
    action: string,
    change: (user: User) => [before: string, after: string],
  ): void {
    this.#transaction(() => {
      const row = this.#sql('SELECT * FROM user WHERE name = ?').get(name);
      if (!row) throw new StoreError(`There is no user ${name}: fieldwatch user list shows who there is.`);
      const [before, after] = change(userOf(row));
      this.#sql('DELETE FROM session WHERE user = ?').run(name);
      this.#audit(actor, action, name, before, after);
    });
  }

  #keepOneAdmin(user: User): void {
    if (user.role !== 'admin' || user.disabled) return;
    const others = this.#sql("SELECT 1 FROM user WHERE role = 'admin' AND disabled = 0 AND name <> ? LIMIT 1");
    if (others.get(user.name) === undefined) {
      throw new StoreError(`${user.name} is the last admin: make someone else admin first.`);
    }
  }

  #audit(actor: Actor, action: string, target: string, before: string, after: string): void {
    const last = this.#sql('SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1').get();
    const previous = String(last?.['hash'] ?? '');
    const n = Number(last?.['n'] ?? 0) + 1;
    const values: SqlValue[] = [this.#now(), actor.user, actor.source, action, target, before, after];
    const hash = auditHash(previous, [n, ...values]);
    this.#sql('INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(n, ...values, previous, hash);
    this.#anchor.set(n, hash);
  }

  /** What was written to the audit log stands in the anchor as soon as it is certain. */
  #transaction<T>(work: () => T): T {
    const result = this.#database.transaction(work);
    this.#anchor.flush();
    return result;
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
