import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { sampleFindings } from '../support/sample-findings.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fieldwatch-store-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe.each(['native', 'wasm'] as const)('the findings store on the %s driver', (driver) => {
  it('gives back what was written', () => {
    const store = new SqliteFindingsStore(dir, { role: 'sensor', driver, warn: () => {} });
    const batch = sampleFindings();
    store.write(batch);
    expect(store.assets({}).items.length).toBe(6);
    expect(store.alerts({}).items.length).toBe(10);
    expect(store.alerts({ sort: 'severity', status: ['open'] }).items.length).toBe(8);
    expect(store.conversations({}).items.length).toBe(8);
    store.write(batch);
    expect(store.revision()).toBe(1);
    store.close();
  });
});
