import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CONSOLE_FILE } from '../store/console/console-schema.js';
import { ConsoleStore } from '../store/console/console-store.js';
import { type FindingsDecisions, type FindingsReader, StoreError } from '../store/store.js';
import { Decisions } from './decisions.js';

/**
 * Before a sensor begins: findings that were made anew get what people have decided about the baseline. Returns a
 * sentence where the decisions cannot be read; the sensor then goes by what the findings hold.
 */
export function carryOver(dataDir: string, findings: FindingsReader & FindingsDecisions): string | null {
  if (!existsSync(join(dataDir, CONSOLE_FILE))) return null;
  let accounts: ConsoleStore | null = null;
  try {
    accounts = new ConsoleStore(dataDir);
    new Decisions(findings, accounts).reconcileForSensor();
    return null;
  } catch (error) {
    if (error instanceof StoreError) return `What people decided could not be read: ${error.message}`;
    throw error;
  } finally {
    accounts?.close();
  }
}
