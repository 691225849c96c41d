import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../sensor/store/sqlite/database.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { sampleAlert, sampleHealth } from '../support/sample-findings.js';

const root = join(import.meta.dirname, '..', '..');
const built = join(root, 'dist', 'sensor', 'store', 'sqlite', 'findings-store.js');
const ROUNDS = 4;
const PER_BATCH = 25;

/** Writes batch after batch and says after each that it is done. */
const WRITER = `
import { writeSync } from 'node:fs';
const [dir, driver, first, base] = process.argv.slice(1);
const { SqliteFindingsStore } = await import(${JSON.stringify(pathToFileURL(built).href)});
const { alert, health } = JSON.parse(base);
const store = new SqliteFindingsStore(dir, { role: 'sensor', driver, warn: () => {} });
for (let n = Number(first); ; n++) {
  const alerts = Array.from({ length: ${PER_BATCH} }, (_, i) => ({ ...alert, id: 'batch-' + n + '-' + i }));
  store.write({ assets: [], conversations: [], variables: [], alerts, packets: [], health: { ...health, packets: n } });
  writeSync(1, n + '\\n');
}
`;

let dir: string;
let child: ChildProcess | null = null;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fieldwatch-kill-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

/** Starts the writer, kills it once it has said `count` times that a batch is in, and returns the last it said. */
async function writeUntilKilled(driver: string, first: number, count: number): Promise<number> {
  const base = JSON.stringify({ alert: sampleAlert('base', {}), health: sampleHealth() });
  const writer = spawn(process.execPath, ['--input-type=module', '-e', WRITER, dir, driver, String(first), base], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = writer;
  let last = first - 1;
  const ended = new Promise((resolve) => writer.once('close', resolve));
  for await (const line of createInterface({ input: writer.stdout })) {
    last = Number(line);
    if (last - first + 1 === count) writer.kill('SIGKILL');
  }
  await ended;
  return last;
}

describe.skipIf(!existsSync(built))('after kill -9 of the writing process (needs npm run build)', () => {
  it.each(['native', 'wasm'] as const)(
    'the %s driver has every batch that was acknowledged, and whole ones only',
    async (driver) => {
      let next = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const last = await writeUntilKilled(driver, next, 5 + round * 7);
        expect(last).toBeGreaterThanOrEqual(next);
        const told: string[] = [];
        const started = performance.now();
        const store = new SqliteFindingsStore(dir, { role: 'sensor', driver, warn: (text) => told.push(text) });
        const counted = store.counts().alerts.open.medium;
        expect(performance.now() - started).toBeLessThan(5000);
        expect(told.filter((text) => text.includes('damaged'))).toEqual([]);
        // One more batch can be in: written, and killed before it was said.
        const batches = counted / PER_BATCH;
        expect([last + 1, last + 2]).toContain(batches);
        for (let n = 0; n <= last; n++) expect(store.alert(`batch-${n}-${PER_BATCH - 1}`)).not.toBeNull();
        store.close();
        next = batches;
      }
      const database = openDatabase(join(dir, 'findings.db'), { driver });
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      database.close();
    },
  );

  it('a console keeps working with the fallback driver when the sensor died while holding the lock', async () => {
    const store = new SqliteFindingsStore(dir, { role: 'console', driver: 'wasm', warn: () => {} });
    for (let round = 0; round < 3; round++) {
      await writeUntilKilled('wasm', round * 1000, 3);
      expect(store.counts().alerts.open.medium).toBeGreaterThanOrEqual(3 * PER_BATCH);
    }
    store.close();
  });
});
