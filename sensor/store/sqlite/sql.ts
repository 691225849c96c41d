export type SqlValue = string | number | null | Uint8Array;
export type SqlRow = Record<string, SqlValue>;

/** Positional parameters only: nothing that a user or a packet said ever becomes SQL text. */
export interface SqlStatement {
  run(...values: SqlValue[]): { changes: number };
  get(...values: SqlValue[]): SqlRow | undefined;
  all(...values: SqlValue[]): SqlRow[];
}

/** The little of SQLite that we use, so that the driver can be chosen by what the machine could build. */
export interface SqlDatabase {
  readonly driver: SqlDriver;
  prepare(sql: string): SqlStatement;
  exec(sql: string): void;
  /** Takes the write lock at once, so that it never has to be upgraded half way; rolls back when `work` throws. */
  transaction<T>(work: () => T): T;
  close(): void;
}

export type SqlDriver = 'native' | 'wasm';

/** How long a writer waits for the other process (milliseconds) before it gives up. */
export const BUSY_TIMEOUT_MS = 5000;

export function runTransaction<T>(database: SqlDatabase, isOpen: () => boolean, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk makes SQLite roll back by itself; a second ROLLBACK would hide the real error.
    if (isOpen()) database.exec('ROLLBACK');
    throw error;
  }
}
