import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Asset } from '../../sensor/model/records.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { sampleFindings } from '../support/sample-findings.js';

const folder = mkdtempSync(join(tmpdir(), 'fieldwatch-compare-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const day = (number: number) => `2026-01-${String(number).padStart(2, '0')}T00:00:00.000000Z`;
const seconds = (number: number) => Date.parse(day(number)) / 1000;

test('two dates: who appeared, who fell silent, who says something else, the latest first, all counted', () => {
  const store = new SqliteFindingsStore(folder, { role: 'sensor' });
  const sample = sampleFindings();
  const [template] = sample.assets;
  const device = (id: string, first: number, last: number, changes: readonly number[] = []): Asset => ({
    ...template!,
    id,
    first_seen: day(first),
    last_seen: day(last),
    changes: changes.map((at) => ({
      field: 'firmware',
      from: '1',
      to: '2',
      source: 'x',
      timestamp: day(at),
      pcap_cnt: 1,
    })),
  });
  const batch = { ...sample, assets: [] as Asset[], conversations: [], variables: [], alerts: [], packets: [] };
  const write = (assets: Asset[], removed: string[] = []) =>
    store.write({ ...batch, assets, removed: { assets: removed, conversations: [] } });
  write([
    device('new-1', 11, 20),
    device('new-2', 12, 20),
    device('before', 1, 20),
    device('gone', 1, 9),
    device('fell-silent', 1, 14),
    device('changed', 1, 20, [5, 12, 13]),
    device('changed-before', 1, 20, [5]),
  ]);
  const ids = (assets: readonly Asset[]) => assets.map(({ id }) => id);
  const all = store.compareAssets(seconds(10), seconds(15), 10);
  expect([ids(all.appeared), ids(all.silent), ids(all.changed)]).toEqual([
    ['new-2', 'new-1'],
    ['fell-silent', 'gone'],
    ['changed'],
  ]);
  expect([all.appearedCount, all.silentCount, all.changedCount]).toEqual([2, 2, 1]);
  const few = store.compareAssets(seconds(10), seconds(15), 1);
  expect([few.appeared.length, few.appearedCount, few.silent.length, few.silentCount]).toEqual([1, 2, 1, 2]);

  // What was forgotten is in no comparison, no listing and no count.
  write([], ['new-1', 'changed']);
  const later = store.compareAssets(seconds(10), seconds(15), 10);
  expect([ids(later.appeared), later.changedCount, store.counts().assets]).toEqual([['new-2'], 0, 5]);
  expect(store.asset('new-1')).toBeNull();
  store.close();
});
