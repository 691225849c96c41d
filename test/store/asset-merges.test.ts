import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import type { FindingsBatch } from '../../sensor/store/store.js';
import { sampleFindings } from '../support/sample-findings.js';

let folder: string;
let store: SqliteFindingsStore;
const open = () => new SqliteFindingsStore(folder, { role: 'sensor', warn: () => {} });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldwatch-merges-'));
  store = open();
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** Two devices of the sample that talk to each other. */
function sample(): { batch: FindingsBatch; part: string; whole: string } {
  const batch = sampleFindings();
  const [conversation] = batch.conversations;
  return { batch, part: conversation!.client, whole: conversation!.server };
}

describe('two records of one device', () => {
  test('the sensor finds it out: one record stays, the other id leads to it', () => {
    const { batch, part, whole } = sample();
    store.write(batch);
    const before = store.counts();
    const conversations = store.conversations({ asset: part }).items.length;
    store.write({ ...batch, assets: [], mergedAssets: [{ id: part, into: whole }] });
    expect(store.counts().assets).toBe(before.assets - 1);
    expect(store.assets({}).items.map(({ id }) => id)).not.toContain(part);
    expect(store.asset(part)?.id).toBe(whole);
    expect(store.conversations({ asset: whole }).items.length).toBeGreaterThanOrEqual(conversations);
    // The same batch again changes nothing.
    store.write({ ...batch, assets: [], mergedAssets: [{ id: part, into: whole }] });
    expect(store.counts().assets).toBe(before.assets - 1);
  });

  test('a person says it: addresses are joined, and a sensor that does not know yet changes nothing', () => {
    const { batch, part, whole } = sample();
    store.write(batch);
    const ips = [...store.asset(whole)!.ips, ...store.asset(part)!.ips];
    expect(store.mergeAssets(part, whole)).toBe(true);
    expect(store.asset(whole)?.ips).toEqual(ips);
    const told = batch.assets.map((asset) => ({ ...asset, packets: asset.packets + 1 }));
    store.write({ ...batch, assets: told });
    expect(store.asset(whole)?.ips).toEqual(ips);
    expect(store.assets({ q: ips.at(-1)! }).items.map(({ id }) => id)).toEqual([whole]);
    expect(store.mergeAssets(part, whole)).toBe(false);
  });

  test('undone, both are what they were', () => {
    const { batch, part, whole } = sample();
    store.write(batch);
    const before = [store.asset(part), store.asset(whole)];
    const links = store.conversations({ asset: part }).items.map(({ id }) => id);
    store.mergeAssets(part, whole);
    expect(store.splitAsset(part)).toBe(true);
    expect([store.asset(part)?.ips, store.asset(whole)?.ips]).toEqual([before[0]?.ips, before[1]?.ips]);
    expect(store.conversations({ asset: part }).items.map(({ id }) => id)).toEqual(links);
    expect(store.splitAsset(part)).toBe(false);
  });

  test('a restarted sensor gets one device with all addresses', () => {
    const { batch, part, whole } = sample();
    store.write(batch);
    store.mergeAssets(part, whole);
    store.close();
    store = open();
    const { assets } = store.loadSensorMemory();
    expect(assets.some(({ id }) => id === part)).toBe(false);
    expect(assets.find(({ id }) => id === whole)?.ips.length).toBeGreaterThan(1);
  });
});
