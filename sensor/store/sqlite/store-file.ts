import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { StoreError } from '../store.js';
import { openDatabase } from './database.js';
import type { SqlDatabase, SqlDriver } from './sql.js';

/** What makes a SQLite file one of ours: its mark and the steps that brought its tables to today's shape. */
export interface StoreSchema {
  /** Written into the file's header (SQLite file format, offset 68). */
  readonly applicationId: number;
  /** What the file holds, for messages: "findings". */
  readonly holds: string;
  /** Step i leads from version i to i + 1; each runs in one transaction, so that a crash leaves the version before. */
  readonly migrations: readonly string[];
  /** Tables that later versions added, as `CREATE … IF NOT EXISTS`: made at each opening, so older files get them. */
  readonly additions?: string;
}

export interface OpenStoreOptions {
  readonly readonly?: boolean;
  /** Make the file when it is missing. */
  readonly create: boolean;
  /**
   * Set a damaged file aside and start a new one. Only the process that writes the findings may: for everyone else
   * the old file could still be in use.
   */
  readonly replaceDamaged?: boolean;
  readonly driver?: SqlDriver | undefined;
}

export interface OpenedStore {
  readonly database: SqlDatabase;
  /** One sentence for each thing that a person must know, empty when all is well. */
  readonly notes: readonly string[];
}

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\u0000';
const USER_VERSION_OFFSET = 60;
const APPLICATION_ID_OFFSET = 68;
/** A complete check reads the whole file; beyond this it would hold up the start, and damage is noticed on use. */
const QUICK_CHECK_MAX_BYTES = 268_435_456;

/** Makes the folder for one user only: what is in it tells a lot about a plant. */
export function prepareDataDir(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreError(
      `The data directory ${dir} cannot be made (${codeOf(error)}): choose another one with --data or fix its permissions.`,
    );
  }
}

export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.message : String(error);
}

type FileState = 'missing' | 'ours' | 'foreign' | 'damaged';

function inspect(path: string, schema: StoreSchema): { state: FileState; version: number; bytes: number } {
  if (!existsSync(path)) return { state: 'missing', version: 0, bytes: 0 };
  const header = Buffer.alloc(HEADER_BYTES);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw new StoreError(
      `${path} cannot be read (${codeOf(error)}): run as the user who owns it or fix its permissions.`,
    );
  }
  let got: number;
  try {
    got = readSync(file, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(file);
  }
  // We never leave an empty file behind (see `createFile`), so an empty one is damage, too.
  if (got < HEADER_BYTES || header.toString('latin1', 0, 16) !== MAGIC)
    return { state: 'damaged', version: 0, bytes: got };
  const version = header.readUInt32BE(USER_VERSION_OFFSET);
  const state = header.readUInt32BE(APPLICATION_ID_OFFSET) === schema.applicationId ? 'ours' : 'foreign';
  return { state, version, bytes: statSync(path).size };
}

function migrate(database: SqlDatabase, schema: StoreSchema): void {
  migrateSteps(database, schema);
  if (schema.additions !== undefined) database.exec(schema.additions);
}

function migrateSteps(database: SqlDatabase, schema: StoreSchema): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  for (let step = version; step < schema.migrations.length; step++) {
    database.transaction(() => {
      // Another process may have been faster.
      const now = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
      if (now > step) return;
      database.exec(schema.migrations[step] ?? '');
      database.exec(`PRAGMA application_id = ${schema.applicationId}`);
      database.exec(`PRAGMA user_version = ${step + 1}`);
    });
  }
}

const SIDE_FILES = ['-wal', '-shm', '-journal'];

/**
 * Made under another name and moved into place when complete: whoever sees the file sees all of it, and a crash in
 * between leaves nothing that would look damaged.
 */
function createFile(path: string, schema: StoreSchema, driver: SqlDriver | undefined): void {
  const draft = `${path}.new-${process.pid}-${Math.random().toString(36).slice(2)}`;
  closeSync(openSync(draft, 'wx', 0o600));
  try {
    const database = openDatabase(draft, { driver });
    try {
      migrate(database, schema);
    } finally {
      database.close();
    }
    try {
      linkSync(draft, path);
    } catch (error) {
      // Some file systems have no links; there the chance that two processes start at once must do.
      if (codeOf(error) !== 'EEXIST' && !existsSync(path)) renameSync(draft, path);
    }
  } finally {
    for (const suffix of ['', ...SIDE_FILES]) rmSync(draft + suffix, { force: true });
    for (const suffix of ['.lock', '.users']) rmSync(draft + suffix, { force: true, recursive: true });
  }
}

export function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code.startsWith('SQLITE_CORRUPT') ||
    code === 'SQLITE_NOTADB' ||
    /malformed|file is not a database/.test(error instanceof Error ? error.message : '')
  );
}

/** Moves a damaged file out of the way, never deletes it. Returns its new name. */
export function setAside(path: string): string {
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  let target = `${path}.corrupt-${stamp}`;
  for (let n = 2; existsSync(target); n++) target = `${path}.corrupt-${stamp}-${n}`;
  renameSync(path, target);
  for (const suffix of SIDE_FILES) if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  return target;
}

function checkedOpen(path: string, schema: StoreSchema, options: OpenStoreOptions, bytes: number): SqlDatabase {
  const database = openDatabase(path, { readonly: options.readonly ?? false, driver: options.driver });
  try {
    if (options.replaceDamaged && bytes <= QUICK_CHECK_MAX_BYTES) {
      const verdict = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
      if (verdict !== 'ok') throw Object.assign(new Error(String(verdict)), { code: 'SQLITE_CORRUPT' });
    }
    if (!options.readonly) migrate(database, schema);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens one of our files, making it, bringing it up to date or setting it aside as the options allow. */
export function openStoreFile(path: string, schema: StoreSchema, options: OpenStoreOptions): OpenedStore {
  const notes: string[] = [];
  if (options.create) prepareDataDir(dirname(path));
  try {
    let found = inspect(path, schema);
    if (found.state === 'foreign') {
      throw new StoreError(
        `${path} is a database of another program: choose another data directory with --data, or move that file away.`,
      );
    }
    if (found.state === 'ours' && found.version > schema.migrations.length) {
      throw new StoreError(
        `${path} was written by a newer fieldwatch (its schema is ${found.version}, this program knows ${schema.migrations.length}): install that version, or choose another data directory.`,
      );
    }
    if (found.state === 'ours') {
      try {
        return { database: checkedOpen(path, schema, options, found.bytes), notes };
      } catch (error) {
        if (!isDamage(error)) throw error;
        found = { ...found, state: 'damaged' };
      }
    }
    if (found.state === 'damaged') {
      if (!options.replaceDamaged) {
        throw new StoreError(
          `${path} is damaged and cannot be read: the next fieldwatch replay or live sets it aside and starts a new one.`,
        );
      }
      const target = setAside(path);
      notes.push(
        `The ${schema.holds} in ${path} were damaged; the file was kept as ${basename(target)} and a new one was started.`,
      );
    }
    if (found.state === 'missing' && !options.create) {
      throw new StoreError(
        `There are no ${schema.holds} in ${dirname(path)}: name the right folder with --data, or fill it with fieldwatch replay or live.`,
      );
    }
    createFile(path, schema, options.driver);
    chmodSync(path, 0o600);
    return { database: checkedOpen(path, schema, { ...options, replaceDamaged: false }, 0), notes };
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError(`${path} cannot be opened (${codeOf(error)}): ${hint(error)}.`);
  }
}

function hint(error: unknown): string {
  const code = codeOf(error);
  if (/EACCES|EPERM|READONLY|CANTOPEN/.test(code)) return 'check who owns the data directory and its permissions';
  if (/ENOSPC|FULL/.test(code)) return 'the disk is full, free some space';
  if (/BUSY|LOCKED|locked/.test(code)) return 'another process is holding it, try again or stop that process';
  return 'check the disk and the data directory';
}
