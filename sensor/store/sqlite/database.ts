import { createRequire } from 'node:module';
import type { Database as NativeHandle } from 'better-sqlite3';
import { StoreError } from '../store.js';
import {
  BUSY_TIMEOUT_MS,
  runTransaction,
  type SqlDatabase,
  type SqlDriver,
  type SqlRow,
  type SqlStatement,
  type SqlValue,
} from './sql.js';
import { openWasm } from './wasm-database.js';

export interface OpenOptions {
  readonly readonly?: boolean;
  /** For tests; by default the native driver where it could be built. */
  readonly driver?: SqlDriver | undefined;
}

type NativeConstructor = new (path: string, options: { readonly?: boolean; fileMustExist?: boolean }) => NativeHandle;

const require = createRequire(import.meta.url);
let native: NativeConstructor | null | undefined;
let nativeProblem = '';

function loadNative(): NativeConstructor | null {
  if (native !== undefined) return native;
  try {
    const Loaded = require('better-sqlite3') as NativeConstructor;
    // The package can be there without its compiled part; only opening a database tells.
    new Loaded(':memory:', {}).close();
    native = Loaded;
  } catch (error) {
    nativeProblem = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
    native = null;
  }
  return native;
}

/** Which driver `openDatabase` takes by default, and why not the native one. */
export function availableDriver(): { driver: SqlDriver; problem: string } {
  if (process.env['FIELDWATCH_SQLITE'] === 'wasm') return { driver: 'wasm', problem: 'FIELDWATCH_SQLITE=wasm asks so' };
  return loadNative() ? { driver: 'native', problem: '' } : { driver: 'wasm', problem: nativeProblem };
}

class NativeDatabase implements SqlDatabase {
  readonly driver = 'native';
  readonly #handle: NativeHandle;

  constructor(handle: NativeHandle, readonly: boolean) {
    this.#handle = handle;
    handle.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    handle.pragma('trusted_schema = OFF');
    if (!readonly) {
      handle.pragma('journal_mode = WAL');
      // With WAL this survives any crash of ours; only a power loss can cost the last commits, never the file.
      handle.pragma('synchronous = NORMAL');
      handle.pragma('journal_size_limit = 67108864');
    }
  }

  prepare(sql: string): SqlStatement {
    const statement = this.#handle.prepare<SqlValue[], SqlRow>(sql);
    return {
      run: (...values) => ({ changes: statement.run(...values).changes }),
      get: (...values) => statement.get(...values),
      all: (...values) => statement.all(...values),
    };
  }

  exec(sql: string): void {
    this.#handle.exec(sql);
  }

  transaction<T>(work: () => T): T {
    return runTransaction(this, () => this.#handle.inTransaction, work);
  }

  close(): void {
    this.#handle.close();
  }
}

/** Opens or creates the file. Throws the driver's own error; `store-file.ts` turns those into sentences. */
export function openDatabase(path: string, options: OpenOptions = {}): SqlDatabase {
  const readonly = options.readonly ?? false;
  const driver = options.driver ?? availableDriver().driver;
  if (driver === 'wasm') return openWasm(path, readonly);
  const Native = loadNative();
  if (!Native) {
    throw new StoreError(
      `better-sqlite3 does not work here (${nativeProblem}): install a C++ compiler and run npm ci.`,
    );
  }
  return new NativeDatabase(new Native(path, { readonly, fileMustExist: readonly }), readonly);
}
