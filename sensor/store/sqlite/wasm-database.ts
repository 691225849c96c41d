import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Database as WasmHandle, Statement as WasmStatement } from 'node-sqlite3-wasm';
import { runTransaction, type SqlDatabase, type SqlRow, type SqlStatement } from './sql.js';

const require = createRequire(import.meta.url);

/** The driver refuses a second opener at once where others would wait, so we wait ourselves, in small steps. */
const LOCK_WAIT_MS = 5000;
const LOCK_STEP_MS = 5;
/** No transaction of ours lasts this long: an older lock whose owner may be dead is taken away. */
const STALE_LOCK_MS = 3000;
const STALE_CHECK_MS = 500;

const sleepCell = new Int32Array(new SharedArrayBuffer(4));

function sleep(ms: number): void {
  Atomics.wait(sleepCell, 0, 0, ms);
}

/** Time since boot at which a process started, so that a process id used again is not taken for the old one. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    return null;
  }
}

function isAlive(user: string): boolean {
  const [pid, start] = user.split('-');
  if (existsSync('/proc/self/stat')) return startOf(Number(pid)) === start;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * This driver locks by making the folder `<file>.lock`, and a killed process leaves it behind for ever. So everyone
 * who has the file open says so in `<file>.users/`, and a lock is taken away when one of them has died.
 */
class LockFolder {
  readonly #lock: string;
  readonly #users: string;
  readonly #own: string;

  constructor(path: string) {
    this.#lock = `${path}.lock`;
    this.#users = `${path}.users`;
    // Several threads of one process may have the file open, each on its own.
    const handle = randomBytes(4).toString('hex');
    this.#own = join(this.#users, `${process.pid}-${startOf(process.pid) ?? '0'}-${handle}`);
    mkdirSync(this.#users, { recursive: true, mode: 0o700 });
    const others = this.#others();
    const dead = others.filter((user) => !isAlive(user));
    if (dead.length === others.length) this.#release(dead);
    writeFileSync(this.#own, '', { mode: 0o600 });
  }

  breakStale(): boolean {
    const dead = this.#others().filter((user) => !isAlive(user));
    const age = Date.now() - (statSync(this.#lock, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY);
    if (dead.length === 0 || age < STALE_LOCK_MS) return false;
    this.#release(dead);
    return true;
  }

  leave(): void {
    rmSync(this.#own, { force: true });
  }

  #others(): string[] {
    return readdirSync(this.#users).filter((user) => join(this.#users, user) !== this.#own);
  }

  #release(dead: readonly string[]): void {
    try {
      rmdirSync(this.#lock);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    for (const user of dead) rmSync(join(this.#users, user), { force: true });
  }
}

/** A statement that met a lock reports it once more when it is used again. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && /database (table )?is locked|Could not reset statement/.test(error.message);
}

class WasmDatabase implements SqlDatabase {
  readonly driver = 'wasm';
  readonly #handle: WasmHandle;
  readonly #lock: LockFolder | null;
  readonly #statements: WasmStatement[] = [];

  constructor(path: string, readonly: boolean) {
    const { Database } = require('node-sqlite3-wasm') as typeof import('node-sqlite3-wasm');
    this.#lock = path === ':memory:' ? null : new LockFolder(path);
    try {
      this.#handle = new Database(path, { readOnly: readonly });
    } catch (error) {
      this.#lock?.leave();
      throw error;
    }
    try {
      this.exec('PRAGMA trusted_schema = OFF');
      this.exec('PRAGMA foreign_keys = OFF');
      if (!readonly && path !== ':memory:') this.#leaveWal();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  prepare(sql: string): SqlStatement {
    const statement = this.#retry(() => this.#handle.prepare(sql));
    this.#statements.push(statement);
    return {
      run: (...values) => ({ changes: this.#retry(() => statement.run(values)).changes }),
      // The driver's own `get` leaves the statement, and with it the lock, open.
      get: (...values) => (this.#retry(() => statement.all(values)) as SqlRow[])[0],
      all: (...values) => this.#retry(() => statement.all(values)) as SqlRow[],
    };
  }

  exec(sql: string): void {
    this.#retry(() => this.#handle.exec(sql));
  }

  transaction<T>(work: () => T): T {
    return runTransaction(this, () => this.#handle.inTransaction, work);
  }

  close(): void {
    for (const statement of this.#statements) {
      try {
        statement.finalize();
      } catch {
        // It repeats the error of the statement's last run, which was reported then.
      }
    }
    this.#handle.close();
    this.#lock?.leave();
  }

  /** A file that the native driver left in WAL mode can be read here only by a sole user, who then ends that mode. */
  #leaveWal(): void {
    this.exec('PRAGMA locking_mode = EXCLUSIVE');
    const [mode] = this.#retry(() => this.#handle.all('PRAGMA journal_mode')) as SqlRow[];
    if (mode?.['journal_mode'] === 'wal') this.exec('PRAGMA journal_mode = DELETE');
    this.exec('PRAGMA locking_mode = NORMAL');
    this.#retry(() => this.#handle.all('SELECT count(*) AS n FROM sqlite_schema'));
  }

  #retry<T>(work: () => T): T {
    let waited = 0;
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (waited >= LOCK_WAIT_MS) throw error;
        sleep(LOCK_STEP_MS);
        waited += LOCK_STEP_MS;
        if (waited % STALE_CHECK_MS === 0 && this.#lock?.breakStale()) waited = 0;
      }
    }
  }
}

export function openWasm(path: string, readonly: boolean): SqlDatabase {
  return new WasmDatabase(path, readonly);
}
