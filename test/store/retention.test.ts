import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Alert, AlertPacket } from '../../sensor/model/records.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { DEFAULT_RETENTION, type RetentionLimits } from '../../sensor/store/sqlite/retention.js';
import type { FindingsBatch } from '../../sensor/store/store.js';
import { sampleAlert, sampleHealth } from '../support/sample-findings.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fieldwatch-retention-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const DAY = 86_400_000;
const day = (number: number) => new Date(Date.UTC(2026, 0, 1) + number * DAY).toISOString().replace('Z', '000Z');

function alert(id: string, seenOn: number, change: Partial<Alert> = {}): Alert {
  return sampleAlert(id, { src_asset: 'asset-1', first_seen: day(seenOn), last_seen: day(seenOn), ...change });
}

function packet(alertId: string, number: number, size: number): AlertPacket {
  return {
    alert_id: alertId,
    pcap_cnt: number,
    timestamp: day(number),
    link_type: 1,
    original_length: size,
    data: new Uint8Array(size),
  };
}

const batch = (alerts: Alert[], packets: AlertPacket[] = []): FindingsBatch => ({
  assets: [],
  conversations: [],
  variables: [],
  alerts,
  packets,
  health: sampleHealth(),
});

describe.each(['native', 'wasm'] as const)('what is kept, on the %s driver', (driver) => {
  function withStore(limits: Partial<RetentionLimits>, work: (store: SqliteFindingsStore) => void): void {
    const retention = { ...DEFAULT_RETENTION, ...limits };
    const store = new SqliteFindingsStore(dir, { role: 'sensor', driver, retention, warn: () => {} });
    try {
      work(store);
    } finally {
      store.close();
    }
  }
  const ids = (store: SqliteFindingsStore) =>
    store
      .alerts({ limit: 500 })
      .items.map(({ id }) => id)
      .sort();

  it('closed alerts go when they are old, open ones stay', () =>
    withStore({ days: 30 }, (store) => {
      store.write(batch([alert('closed', 0), alert('open', 0)]));
      expect(store.setAlertStatus('closed', 'closed')).toBe(true);
      store.write(batch([alert('later', 30)]));
      expect(ids(store)).toEqual(['closed', 'later', 'open']);
      store.write(batch([alert('last', 31)]));
      expect(ids(store)).toEqual(['last', 'later', 'open']);
      expect(store.info().notes).toContainEqual(expect.stringMatching(/^1 old alerts were removed/));
    }));

  it('0 days keeps closed alerts for ever', () =>
    withStore({ days: 0 }, (store) => {
      store.write(batch([alert('closed', 0)]));
      store.setAlertStatus('closed', 'closed');
      store.write(batch([alert('last', 9000)]));
      expect(ids(store)).toEqual(['closed', 'last']);
      expect(store.info().notes.filter((note) => note.includes('removed'))).toEqual([]);
    }));

  it('too many: closed ones first, then the least severe, among them the oldest; all that hangs on them goes too', () =>
    withStore({ alerts: 3 }, (store) => {
      store.write(batch([alert('critical', 0, { severity: 'critical' }), alert('old', 1, { severity: 'low' })]));
      store.write(batch([alert('done', 9, { severity: 'critical' })], [packet('done', 1, 60), packet('old', 2, 60)]));
      store.setAlertStatus('done', 'closed');
      store.write(batch([alert('young', 2, { severity: 'low' })]));
      expect(ids(store)).toEqual(['critical', 'old', 'young']);
      expect(store.alertPackets('done')).toEqual([]);
      store.write(batch([alert('more', 3, { severity: 'high' })]));
      expect(ids(store)).toEqual(['critical', 'more', 'young']);
      expect(store.alertPackets('old')).toEqual([]);
      const { open, closed } = store.counts().alerts;
      expect([open.critical, open.high, open.low, closed.critical]).toEqual([1, 1, 1, 0]);
      expect(
        store
          .alerts({ asset: 'asset-1' })
          .items.map(({ id }) => id)
          .sort(),
      ).toEqual(['critical', 'more', 'young']);
    }));

  it('an alert that was removed and goes on comes back whole', () =>
    withStore({ alerts: 1 }, (store) => {
      store.write(batch([alert('first', 0, { severity: 'low' }), alert('second', 1, { severity: 'high' })]));
      expect(ids(store)).toEqual(['second']);
      store.write(batch([alert('first', 2, { severity: 'critical', count: 7 })]));
      expect(store.alert('first')).toMatchObject({ count: 7, status: 'open' });
      expect(ids(store)).toEqual(['first']);
    }));

  it('packets beyond their bound go, the oldest first, and the alerts stay', () =>
    withStore({ packetBytes: 10_000 }, (store) => {
      store.write(batch([alert('one', 0), alert('two', 1)], [packet('one', 1, 6000)]));
      store.write(batch([], [packet('two', 2, 3000)]));
      expect(store.alertPackets('one')).toHaveLength(1);
      store.write(batch([], [packet('two', 3, 3000)]));
      expect(store.alertPackets('one')).toEqual([]);
      expect(store.alertPackets('two').map(({ pcap_cnt }) => pcap_cnt)).toEqual([2, 3]);
      expect(ids(store)).toEqual(['one', 'two']);
      expect(store.info().notes).toContainEqual(expect.stringMatching(/^1 packets of old alerts were removed/));
    }));

  it('a store that was filled before there was a bound shrinks step by step', () => {
    withStore({}, (store) => {
      store.write(batch(Array.from({ length: 1300 }, (_, index) => alert(`a${index}`, index))));
    });
    withStore({ alerts: 100 }, (store) => {
      for (let step = 0; step < 3; step++) store.write(batch([]));
      expect(ids(store)).toHaveLength(100);
    });
  });
});
