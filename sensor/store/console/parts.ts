import type { SqlStatement } from '../sqlite/sql.js';
import type { Actor } from './console-store.js';

/** What the parts of the console's store share. */
export interface ConsoleParts {
  /** Milliseconds of the wall clock. */
  readonly now: () => number;
  readonly transaction: <T>(work: () => T) => T;
  readonly sql: (text: string) => SqlStatement;
  /** Inside a transaction only. */
  readonly audit: (actor: Actor, action: string, target: string, before: string, after: string) => void;
}
