import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALERT_KINDS, ALERT_STATUSES, type Alert, type AlertStatus } from '../../sensor/model/records.js';
import { SEVERITIES, severityRank } from '../../sensor/model/severity.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import {
  type AlertQuery,
  ASSET_SORTS,
  type FindingsBatch,
  type Page,
  type PageQuery,
  QueryError,
} from '../../sensor/store/store.js';
import { at, HOSTILE, manyAlerts, sampleAlert, sampleFindings, sampleHealth } from '../support/sample-findings.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fieldwatch-store-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function batch(change: Partial<FindingsBatch>): FindingsBatch {
  return { assets: [], conversations: [], variables: [], alerts: [], packets: [], health: sampleHealth(), ...change };
}

/** Every page, one after the other; fails when paging does not end. */
function collect<T, Q extends PageQuery>(list: (query: Q) => Page<T>, query: Q): T[] {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 2000; pages++) {
    const page = list({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...page.items);
    if (page.next === null) return items;
    cursor = page.next;
  }
  throw new Error('Paging does not end.');
}

describe.each(['native', 'wasm'] as const)('the findings store on the %s driver', (driver) => {
  const open = (role: 'sensor' | 'console' | 'reader' = 'sensor') =>
    new SqliteFindingsStore(dir, { role, driver, warn: () => {} });

  function withStore<T>(work: (store: SqliteFindingsStore) => T): T {
    const store = open();
    try {
      return work(store);
    } finally {
      store.close();
    }
  }

  it('gives back exactly what was written', () =>
    withStore((store) => {
      const sample = sampleFindings();
      store.write(sample);
      for (const asset of sample.assets) expect(store.asset(asset.id)).toEqual(asset);
      for (const alert of sample.alerts) {
        const shown = store.alert(alert.id);
        const { pcap, ...evidence } = shown?.evidence ?? alert.evidence;
        expect({ ...shown, evidence }).toEqual(alert);
        expect(pcap).toBe(alert.id === 'alert-write' ? '/api/v1/alerts/alert-write/packets.pcapng' : undefined);
      }
      expect(store.conversations({}).items).toEqual(expect.arrayContaining(sample.conversations));
      expect(store.health()).toEqual([sample.health]);
      expect(
        store.alertPackets('alert-write').map((packet) => ({ ...packet, data: Buffer.from(packet.data) })),
      ).toEqual(sample.packets.map((packet) => ({ ...packet, data: Buffer.from(packet.data) })));
      expect(store.alert('no such id')).toBeNull();
      expect(store.asset('no such id')).toBeNull();
    }));

  it('is not changed by the same batch written twice', () =>
    withStore((store) => {
      store.write(sampleFindings());
      const before = [store.revision(), store.counts(), store.alertPackets('alert-write').length];
      store.write(sampleFindings());
      expect([store.revision(), store.counts(), store.alertPackets('alert-write').length]).toEqual(before);
    }));

  it('gives the sensor after a restart what it needs to go on', () => {
    const sample = sampleFindings();
    withStore((store) => {
      expect(store.loadSensorMemory()).toEqual({
        phase: null,
        assets: [],
        conversations: [],
        variables: [],
        baseline: null,
        openAlerts: [],
        settledScopes: [],
        disabledRules: [],
      });
      store.write(sample);
      store.setAlertStatus('alert-scan', 'closed');
      store.setAssetApproved('asset-intruder', true);
    });
    const memory = withStore((store) => store.loadSensorMemory());
    expect(memory.phase).toBe('protect');
    expect(memory.assets.map((asset) => asset.id)).toEqual(sample.assets.map((asset) => asset.id));
    expect(memory.assets.find((asset) => asset.id === 'asset-intruder')?.approved).toBe(true);
    expect(memory.conversations).toEqual(sample.conversations);
    const ids = memory.openAlerts.map((alert) => alert.id);
    expect(ids).toHaveLength(8);
    expect(ids).not.toContain('alert-scan');
    expect(ids).not.toContain('alert-health');
  });

  it('takes the phase that a person asked for before the one the sensor reported', () => {
    withStore((store) => {
      store.write(sampleFindings());
      expect(store.requestedPhase()).toBeNull();
      store.requestPhase('learn');
    });
    withStore((store) => {
      expect(store.requestedPhase()).toBe('learn');
      expect(store.loadSensorMemory().phase).toBe('learn');
    });
  });

  it('is in the phase of the sensor that reported last, whatever its name', () =>
    withStore((store) => {
      expect(store.reportedPhase()).toBeNull();
      store.write(batch({ health: sampleHealth({ sensor: 'a', phase: 'learn' }) }));
      store.write(batch({ health: sampleHealth({ sensor: 'b', phase: 'protect' }) }));
      expect(store.reportedPhase()).toBe('protect');
      store.write(batch({ health: sampleHealth({ sensor: 'a', phase: 'learn', packets: 1 }) }));
      expect(store.loadSensorMemory().phase).toBe('learn');
    }));

  it('never overwrites a decision of a person with what the sensor says', () =>
    withStore((store) => {
      const alert = sampleAlert('one', { count: 1 });
      store.write(batch({ alerts: [alert] }));
      expect(store.setAlertStatus('one', 'acknowledged')).toBe(true);
      store.write(batch({ alerts: [{ ...alert, count: 2, status: 'open' }] }));
      expect(store.alert('one')).toMatchObject({ count: 2, status: 'acknowledged' });
      expect(store.alerts({ status: ['open'] }).items).toEqual([]);
      expect(store.alerts({ status: ['acknowledged'] }).items).toHaveLength(1);
      expect(store.counts().alerts.acknowledged.medium).toBe(1);
      expect(store.setAlertStatus('no such alert', 'closed')).toBe(false);
      expect(store.setAssetApproved('no such asset', true)).toBe(false);
    }));

  it('names what changed since a revision, also to another process', () =>
    withStore((store) => {
      store.write(sampleFindings());
      const reader = open('reader');
      const start = reader.revision();
      expect(reader.changesSince(start, 10)).toMatchObject({
        alerts: [],
        assets: [],
        conversations: [],
        health: false,
      });
      store.write(batch({ alerts: [sampleAlert('fresh', {})] }));
      store.setAssetApproved('asset-ews', true);
      expect(reader.changesSince(start, 10)).toEqual({
        revision: start + 2,
        alerts: ['fresh'],
        assets: ['asset-ews'],
        conversations: [],
        health: false,
        truncated: false,
      });
      store.write(batch({ alerts: manyAlerts(11), health: sampleHealth({ packets: 1 }) }));
      expect(reader.changesSince(start + 2, 10)).toMatchObject({ truncated: true, health: true });
      reader.close();
    }));

  it('pages through every filter and order without gaps or repeats', () => {
    const severities = fc.constantFrom(...SEVERITIES);
    const alerts = fc.uniqueArray(
      fc.record({
        id: fc.integer({ min: 0, max: 60 }),
        severity: severities,
        kind: fc.constantFrom(...ALERT_KINDS),
        status: fc.constantFrom(...ALERT_STATUSES),
        // Few values: many alerts share a time, and only the second part of the cursor tells them apart.
        second: fc.integer({ min: 0, max: 5 }),
        asset: fc.constantFrom('a', 'b', 'c'),
        word: fc.constantFrom('valve', 'pump 100%', 'under_score'),
      }),
      { selector: (alert) => alert.id, maxLength: 60 },
    );
    const choice = <T>(values: readonly T[]) =>
      fc.option(fc.subarray([...values], { minLength: 1 }), { nil: undefined });
    const query = fc.record({
      status: choice(ALERT_STATUSES),
      severity: choice(SEVERITIES),
      kind: choice(ALERT_KINDS),
      asset: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
      q: fc.option(fc.constantFrom('pump', '100%', '_', 'VALVE', '%'), { nil: undefined }),
      sort: fc.constantFrom('time' as const, 'severity' as const),
      limit: fc.integer({ min: 1, max: 7 }),
    });
    fc.assert(
      fc.property(alerts, query, (wanted, asked) => {
        const filter = Object.fromEntries(
          Object.entries(asked).filter(([, value]) => value !== undefined),
        ) as AlertQuery;
        if (filter.asset !== undefined) delete filter.sort;
        const records = wanted.map((item) =>
          sampleAlert(`alert-${item.id}`, {
            severity: item.severity,
            kind: item.kind,
            status: item.status,
            last_seen: at(item.second),
            dest_asset: item.asset,
            title: item.word,
            description: '',
          }),
        );
        rmSync(dir, { recursive: true, force: true });
        const pages = withStore((store) => {
          store.write(batch({ alerts: records }));
          return collect((page: AlertQuery) => store.alerts(page), filter);
        });
        const order = (a: Alert, b: Alert) =>
          (filter.sort === 'severity' ? severityRank(b.severity) - severityRank(a.severity) : 0) ||
          (a.last_seen < b.last_seen ? 1 : a.last_seen > b.last_seen ? -1 : records.indexOf(b) - records.indexOf(a));
        const expected = records
          .filter(
            (alert) =>
              (filter.status?.includes(alert.status) ?? true) &&
              (filter.severity?.includes(alert.severity) ?? true) &&
              (filter.kind?.includes(alert.kind) ?? true) &&
              (filter.asset === undefined || alert.dest_asset === filter.asset) &&
              (filter.q === undefined ||
                alert.title.includes(filter.q.toLowerCase()) ||
                alert.rule_id.includes(filter.q)),
          )
          .sort(order);
        expect(pages.map((alert) => alert.id)).toEqual(expected.map((alert) => alert.id));
      }),
      { numRuns: driver === 'native' ? 60 : 15 },
    );
  });

  it('keeps its counters equal to a count of the rows', () => {
    type Step =
      | { id: number; severity: (typeof SEVERITIES)[number]; second: number }
      | { id: number; decide: AlertStatus };
    const id = fc.integer({ min: 0, max: 8 });
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ id, severity: fc.constantFrom(...SEVERITIES), second: fc.integer({ min: 0, max: 9000 }) }),
      fc.record({ id, decide: fc.constantFrom(...ALERT_STATUSES) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        rmSync(dir, { recursive: true, force: true });
        withStore((store) => {
          for (const item of steps) {
            if ('decide' in item) store.setAlertStatus(`a${item.id}`, item.decide);
            else {
              const times = { first_seen: at(item.second), last_seen: at(item.second) };
              store.write(batch({ alerts: [sampleAlert(`a${item.id}`, { severity: item.severity, ...times })] }));
            }
          }
          const alerts = store.alerts({ limit: 500 }).items;
          const counts = store.counts().alerts;
          for (const status of ALERT_STATUSES) {
            for (const severity of SEVERITIES) {
              const rows = alerts.filter((alert) => alert.status === status && alert.severity === severity).length;
              expect(counts[status][severity]).toBe(rows);
            }
          }
          const charted = store
            .timeline()
            .buckets.reduce((sum, bucket) => sum + Object.values(bucket.alerts).reduce((a, b) => a + b, 0), 0);
          expect(charted).toBe(alerts.length);
        });
      }),
      { numRuns: driver === 'native' ? 40 : 10 },
    );
  });

  it('finds assets by text, role and vendor and sorts them by every column', () =>
    withStore((store) => {
      store.write(sampleFindings());
      const ids = (query: Parameters<typeof store.assets>[0]) => store.assets(query).items.map((asset) => asset.id);
      expect(ids({ q: '6ES7 214' })).toEqual(['asset-plc2']);
      // Stands behind a NUL in the searched text.
      expect(ids({ q: HOSTILE.bidi.slice(0, 8) })).toEqual(['asset-intruder']);
      expect(ids({ q: '%' })).toEqual([]);
      expect(ids({ role: 'plc', sort: 'name' })).toEqual(['asset-plc1', 'asset-plc2']);
      expect(ids({ role: 'pl' })).toEqual([]);
      expect(ids({ vendor: 'siemens ag' })).toEqual(['asset-plc2']);
      expect(ids({ approved: false })).toHaveLength(3);
      expect(ids({ sort: 'ip' })).toEqual([
        'asset-plc1',
        'asset-plc2',
        'asset-gateway',
        'asset-hmi',
        'asset-ews',
        'asset-intruder',
      ]);
      for (const sort of ASSET_SORTS) {
        const forwards = collect((query) => store.assets(query), { sort, limit: 2 }).map((asset) => asset.id);
        expect(forwards).toHaveLength(6);
        const reverse = sort.startsWith('-') ? sort.slice(1) : `-${sort}`;
        expect(ids({ sort: reverse as typeof sort })).toEqual([...forwards].reverse());
      }
    }));

  it('lists conversations by asset and protocol', () =>
    withStore((store) => {
      store.write(sampleFindings());
      expect(store.conversations({ asset: 'asset-intruder' }).items).toHaveLength(3);
      expect(store.conversations({ protocol: 's7comm' }).items.map((item) => item.id)).toEqual(['conv-ews-plc2-s7']);
      expect(store.conversations({ asset: 'asset-plc2', protocol: 's7comm' }).items).toHaveLength(1);
      expect(collect((query) => store.conversations(query), { asset: 'asset-plc1', limit: 1 })).toHaveLength(3);
    }));

  it('refuses a cursor of another listing, another order, or made up', () =>
    withStore((store) => {
      store.write(sampleFindings());
      const { next } = store.alerts({ limit: 1 });
      const cursor = next ?? '';
      expect(() => store.alerts({ cursor, sort: 'severity' })).toThrow(QueryError);
      expect(() => store.conversations({ cursor })).toThrow(QueryError);
      for (const forged of ['', 'x', 'W10', Buffer.from('["alert-time",1.5,null]').toString('base64url'), 'e30']) {
        expect(() => store.alerts({ cursor: forged })).toThrow(QueryError);
      }
    }));

  it('stores hostile ids and text as what they are', () =>
    withStore((store) => {
      for (const text of [...Object.values(HOSTILE), "'; DROP TABLE alert; --", 'constructor']) {
        store.write(batch({ alerts: [sampleAlert(text, { title: text, src_asset: text })] }));
        expect(store.alert(text)?.title).toBe(text);
        expect(store.alerts({ asset: text }).items.map((alert) => alert.id)).toEqual([text]);
      }
    }));

  it('ends a page early rather than read a million rows for a filter that fits none', () =>
    withStore((store) => {
      for (let from = 0; from < 50_000; from += 5000) store.write(batch({ alerts: manyAlerts(5000, from) }));
      const page = store.alerts({ q: 'alert 3', kind: ['health'] });
      expect(page.items).toEqual([]);
      expect(page.next).not.toBeNull();
      // 'Bulk alert 7' is the eighth oldest: behind two early ends, and still found.
      const found = collect((query: AlertQuery) => store.alerts(query), { q: 'alert 7', asset: 'asset-bulk-7' });
      expect(found.map((alert) => alert.id)).toContain('bulk-7');
    }));

  it('keeps its files to their owner', () => {
    chmodSync(dir, 0o755);
    const sub = join(dir, 'made', 'here');
    const store = new SqliteFindingsStore(sub, { role: 'sensor', driver, warn: () => {} });
    store.write(sampleFindings());
    expect(statSync(sub).mode & 0o777).toBe(0o700);
    expect(statSync(join(sub, 'findings.db')).mode & 0o777).toBe(0o600);
    store.close();
  });
});

describe('the two drivers', () => {
  it('read each other’s files', () => {
    const first = new SqliteFindingsStore(dir, { role: 'sensor', driver: 'native' });
    first.write(sampleFindings());
    first.close();
    const warnings: string[] = [];
    const second = new SqliteFindingsStore(dir, {
      role: 'sensor',
      driver: 'wasm',
      warn: (text) => warnings.push(text),
    });
    expect(second.alerts({}).items).toHaveLength(10);
    second.setAlertStatus('alert-scan', 'closed');
    expect(second.info().notes[0]).toContain('better-sqlite3');
    expect(warnings).toHaveLength(1);
    second.close();
    const third = new SqliteFindingsStore(dir, { role: 'reader', driver: 'native' });
    expect(third.alert('alert-scan')?.status).toBe('closed');
    third.close();
  });
});
