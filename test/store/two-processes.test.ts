import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { sampleAlert, sampleHealth } from '../support/sample-findings.js';

const built = join(import.meta.dirname, '..', '..', 'dist', 'sensor', 'store', 'sqlite', 'findings-store.js');
const BATCHES = 60;
const ALERTS = 20;

/** Writes the same alerts again and again, always as open, and counts them up. */
const SENSOR = `
import { writeSync } from 'node:fs';
const [dir, driver, base] = process.argv.slice(1);
const { SqliteFindingsStore } = await import(${JSON.stringify(pathToFileURL(built).href)});
const { alert, health } = JSON.parse(base);
const store = new SqliteFindingsStore(dir, { role: 'sensor', driver, warn: () => {} });
for (let n = 1; n <= ${BATCHES}; n++) {
  const alerts = Array.from({ length: ${ALERTS} }, (_, i) => ({ ...alert, id: 'alert-' + i, count: n }));
  store.write({ assets: [], conversations: [], variables: [], alerts, packets: [], health: { ...health, packets: n } });
  writeSync(1, n + '\\n');
}
store.close();
`;

let dir: string;
let child: ChildProcess | null = null;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fieldwatch-two-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

describe.skipIf(!existsSync(built))('a sensor that writes and a console that decides (needs npm run build)', () => {
  it.each(['native', 'wasm'] as const)(
    'wait for each other and lose nothing of either, on the %s driver',
    async (driver) => {
      const base = JSON.stringify({ alert: sampleAlert('base', {}), health: sampleHealth() });
      const sensor = spawn(process.execPath, ['--input-type=module', '-e', SENSOR, dir, driver, base], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child = sensor;
      const exit = new Promise<number | null>((resolve) => sensor.once('close', resolve));
      const lines = createInterface({ input: sensor.stdout })[Symbol.asyncIterator]();
      expect((await lines.next()).value).toBe('1');
      const store = new SqliteFindingsStore(dir, { role: 'console', driver, warn: () => {} });
      let revision = store.revision();
      for (let round = 0; !(await lines.next()).done; round++) {
        const id = `alert-${round % ALERTS}`;
        expect(store.setAlertStatus(id, 'acknowledged')).toBe(true);
        expect(store.alert(id)?.status).toBe('acknowledged');
        expect(store.revision()).toBeGreaterThan(revision);
        revision = store.revision();
      }
      expect(await exit).toBe(0);
      const alerts = store.alerts({ limit: 100 }).items;
      expect(alerts.map((alert) => [alert.count, alert.status])).toEqual(
        Array.from({ length: ALERTS }, () => [BATCHES, 'acknowledged']),
      );
      expect(store.counts().alerts.acknowledged.medium).toBe(ALERTS);
      store.close();
    },
  );
});
