import { describe, expect, test } from 'vitest';
import { AlertEngine, type EvidencePacket } from '../../sensor/alerts/alert-engine.js';
import type { Finding } from '../../sensor/model/finding.js';
import type { Alert, DissectionRecord, Visibility } from '../../sensor/model/records.js';
import { BASE_TIME } from '../support/packets.js';

const VISIBILITY: Visibility = { dropped_percent: 1, decode_error_percent: 2, encrypted_percent: 3 };
const visibility = (): Visibility => VISIBILITY;
const keyOf = (alert: Alert): string => `${alert.kind} ${alert.rule_id} ${alert.dedupe_key}`;

function finding(key: string, more: Partial<Finding> = {}): Finding {
  return {
    kind: 'rule',
    ruleId: 'r',
    ruleVersion: '1',
    title: 'A finding',
    description: 'Something happened.',
    severity: 'low',
    source: { ip: '10.0.0.1', port: 40_000, asset: 'asset-a', label: 'A' },
    target: { ip: '10.0.0.2', label: 'B' },
    protocol: 'modbus',
    object: null,
    techniques: ['T0855', 'T9999'],
    expected: null,
    observed: null,
    recommendation: 'Look.',
    key,
    ...more,
  };
}

function record(number: number): DissectionRecord {
  return { timestamp: '', pcap_cnt: number, event_type: 'modbus' };
}

function packet(number: number, size = 60): EvidencePacket {
  return {
    number,
    timestamp: BASE_TIME + number,
    nanos: -1,
    linkType: 1,
    originalLength: size,
    bytes: () => new Uint8Array(size).fill(number & 0xff),
  };
}

function raise(engine: AlertEngine, key: string, number: number, more: Partial<Finding> = {}): string {
  return engine.raise(finding(key, more), BASE_TIME + number, number, () => record(number), packet(number), visibility);
}

function only(engine: AlertEngine): Alert {
  const { alerts } = engine.collect(true);
  expect(alerts).toHaveLength(1);
  return alerts[0] as Alert;
}

describe('one story, one alert', () => {
  test('a finding becomes a whole alert', () => {
    const engine = new AlertEngine();
    raise(engine, 'k', 5, { expected: 'this', observed: 'that', object: 'unit 1' });
    const { alerts, packets } = engine.collect(false);
    expect(alerts[0]).toMatchObject({
      kind: 'rule',
      rule_id: 'r',
      status: 'open',
      count: 1,
      first_seen: '2026-01-01T00:00:00.000005Z',
      last_seen: '2026-01-01T00:00:00.000005Z',
      src_ip: '10.0.0.1',
      src_port: 40_000,
      src_asset: 'asset-a',
      dest_ip: '10.0.0.2',
      expected: 'this',
      observed: 'that',
      object: 'unit 1',
      visibility: VISIBILITY,
      evidence: { records: [{ pcap_cnt: 5 }], pcap_cnts: [5] },
    });
    expect(alerts[0]).not.toHaveProperty('dest_asset');
    expect(alerts[0]?.attack.map(({ technique, name }) => [technique, name])).toEqual([
      ['T0855', 'Unauthorized Command Message'],
      ['T9999', ''],
    ]);
    expect(packets).toMatchObject([{ alert_id: alerts[0]?.id, pcap_cnt: 5, original_length: 60 }]);
  });

  test('repetitions are counted; another key, rule or kind is another alert', () => {
    const engine = new AlertEngine();
    for (const number of [1, 2, 2, 3]) raise(engine, 'k', number);
    raise(engine, 'other', 4);
    raise(engine, 'k', 5, { ruleId: 'r2' });
    raise(engine, 'k', 6, { kind: 'deviation' });
    const { alerts } = engine.collect(true);
    expect(alerts.map((alert) => [alert.kind, alert.rule_id, alert.dedupe_key, alert.count])).toEqual([
      ['rule', 'r', 'k', 4],
      ['rule', 'r', 'other', 1],
      ['rule', 'r2', 'k', 1],
      ['deviation', 'r', 'k', 1],
    ]);
    expect(alerts[0]?.evidence.pcap_cnts).toEqual([1, 2, 3]);
    expect(alerts[0]?.last_seen).toBe('2026-01-01T00:00:00.000003Z');
    expect(engine.raised).toEqual({ rule: 3, deviation: 1 });
  });

  test('ids follow from kind, rule, key and time alone', () => {
    const ids = [1, 2].map((start) => {
      const engine = new AlertEngine();
      for (let other = 0; other < start; other++) raise(engine, `noise ${other}`, 50 + other);
      raise(engine, 'k', 7, { title: `title ${start}` });
      return engine.collect(true).alerts.at(-1)?.id;
    });
    expect(ids[0]).toBe(ids[1]);
    const later = new AlertEngine();
    raise(later, 'k', 8);
    expect(only(later).id).not.toBe(ids[0]);
  });

  test('what tells the extent replaces the earlier words, and nothing else does', () => {
    const engine = new AlertEngine();
    raise(engine, 'k', 1, { description: 'three', observed: '3' });
    raise(engine, 'k', 2, { description: 'four', observed: '4' });
    expect(only(engine)).toMatchObject({ description: 'three', observed: '3' });
    raise(engine, 'k', 3, { description: 'five', observed: '5', tellsExtent: true });
    expect(only(engine)).toMatchObject({ description: 'five', observed: '5', count: 3 });
  });

  test('a packet from the past does not turn the time back', () => {
    const engine = new AlertEngine();
    raise(engine, 'k', 100);
    raise(engine, 'k', 40);
    expect(only(engine)).toMatchObject({
      first_seen: '2026-01-01T00:00:00.000100Z',
      last_seen: '2026-01-01T00:00:00.000100Z',
    });
  });

  test('repeat counts what is known and says when it is not', () => {
    const engine = new AlertEngine();
    const key = raise(engine, 'k', 1);
    expect(engine.repeat(key, BASE_TIME + 9, 9)).toBe(true);
    expect(engine.repeat('rule r nothing', BASE_TIME, 9)).toBe(false);
    expect(only(engine)).toMatchObject({ count: 2, evidence: { pcap_cnts: [1, 9] } });
  });
});

describe('evidence', () => {
  test('is bounded however often it happens', () => {
    const engine = new AlertEngine();
    for (let number = 1; number <= 1000; number++) raise(engine, 'k', number);
    const { alerts, packets } = engine.collect(true);
    expect(alerts[0]).toMatchObject({ count: 1000 });
    expect(alerts[0]?.evidence.records.map((one) => one.pcap_cnt)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(alerts[0]?.evidence.pcap_cnts).toHaveLength(50);
    expect(packets).toHaveLength(12);
    expect(alerts[0]?.evidence.pcap).toBe(`/api/v1/alerts/${alerts[0]?.id}/packets.pcapng`);
  });

  test('big packets stop at 64 KiB and the one that passes it', () => {
    const engine = new AlertEngine();
    for (let number = 1; number <= 10; number++) {
      engine.raise(finding('k'), BASE_TIME, number, null, packet(number, 30_000), visibility);
    }
    expect(engine.collect(true).packets).toHaveLength(3);
  });

  test('an alert that tells its extent keeps the first two records and the latest, within bounds', () => {
    const engine = new AlertEngine();
    for (let number = 1; number <= 100; number++) raise(engine, 'k', number, { tellsExtent: true });
    const { alerts, packets } = engine.collect(true);
    expect(alerts[0]?.evidence.records.map((one) => one.pcap_cnt)).toEqual([1, 2, 97, 98, 99, 100]);
    expect(packets).toHaveLength(24);
  });

  test('what is collected does not change afterwards', () => {
    const engine = new AlertEngine();
    raise(engine, 'k', 1);
    const before = only(engine);
    const copy = structuredClone(before);
    raise(engine, 'k', 2);
    expect(before).toEqual(copy);
  });

  test('an answer belongs to every alert that its request raised, once', () => {
    const engine = new AlertEngine();
    const rule = raise(engine, 'k', 1);
    const deviation = raise(engine, 'k', 1, { kind: 'deviation' });
    raise(engine, 'bystander', 1);
    engine.awaitAnswer(rule, 1);
    engine.awaitAnswer(deviation, 1);
    expect(engine.awaitsAnswers).toBe(true);
    engine.answer(2, () => record(99), packet(99));
    engine.answer(1, () => record(2), packet(2));
    engine.answer(1, () => record(3), packet(3));
    expect(engine.awaitsAnswers).toBe(false);
    const { alerts } = engine.collect(true);
    expect(alerts.map((alert) => alert.evidence.records.map((one) => one.pcap_cnt))).toEqual([[1, 2], [1, 2], [1]]);
    expect(alerts.map((alert) => alert.count)).toEqual([1, 1, 1]);
  });

  test('answers that never come do not fill the memory', () => {
    const engine = new AlertEngine();
    const key = raise(engine, 'k', 1);
    for (let number = 1; number <= 5000; number++) engine.awaitAnswer(key, number);
    engine.answer(1, () => record(77), null);
    expect(only(engine).evidence.records).toHaveLength(1);
    engine.answer(5000, () => record(78), null);
    expect(only(engine).evidence.records).toHaveLength(2);
  });
});

describe('collecting', () => {
  test('new alerts and new evidence at once, mere counts when asked', () => {
    const engine = new AlertEngine();
    const key = raise(engine, 'k', 1);
    expect(engine.collect(false).alerts).toHaveLength(1);
    expect(engine.collect(true)).toEqual({ alerts: [], packets: [] });
    engine.repeat(key, BASE_TIME + 2, 2);
    expect(engine.collect(false).alerts).toEqual([]);
    expect(engine.collect(true).alerts).toMatchObject([{ count: 2 }]);
    expect(engine.collect(true).alerts).toEqual([]);
  });
});

describe('bounds', () => {
  const FULL = 10_000;

  test('severe alerts stay when the table is flooded with lesser ones, and nothing is lost for the store', () => {
    const engine = new AlertEngine();
    const severe = Array.from({ length: 500 }, (_, index) =>
      raise(engine, `severe ${index}`, index + 1, { severity: index % 2 ? 'critical' : 'high' }),
    );
    for (let index = 0; index < FULL * 2; index++) raise(engine, `flood ${index}`, 1000 + index);
    const collected = new Set(engine.collect(false).alerts.map((alert) => alert.dedupe_key));
    expect(collected.size).toBe(500 + FULL * 2);
    expect(severe.filter((key) => !engine.repeat(key, BASE_TIME, 1))).toEqual([]);
    expect(engine.repeat('rule r flood 0', BASE_TIME, 1)).toBe(false);
    expect(engine.repeat(`rule r flood ${FULL * 2 - 1}`, BASE_TIME, 1)).toBe(true);
    expect(engine.collect(true).alerts.length).toBe(501);
  });

  test('of equals, one that is still counting outlives a quiet one', () => {
    const engine = new AlertEngine();
    const busy = raise(engine, 'busy', 1);
    for (let index = 1; index < FULL; index++) raise(engine, `quiet ${index}`, 2);
    engine.repeat(busy, BASE_TIME + 5000, 5000);
    raise(engine, 'one more', 5001);
    expect(engine.repeat(busy, BASE_TIME + 5002, 5002)).toBe(true);
  });
});

describe('after a restart', () => {
  test('the same alert goes on, and its evidence stays', () => {
    const first = new AlertEngine();
    for (let number = 1; number <= 3; number++) raise(first, 'k', number);
    const kept = structuredClone(only(first));
    const second = new AlertEngine();
    second.restore([structuredClone(kept)], keyOf);
    expect(second.collect(true).alerts).toEqual([]);
    raise(second, 'k', 500);
    const alert = only(second);
    expect(alert).toMatchObject({ id: kept.id, count: 4, first_seen: kept.first_seen });
    expect(alert.evidence.records.slice(0, 3)).toEqual(kept.evidence.records);
    expect(alert.evidence.pcap_cnts).toEqual([1, 2, 3, 500]);
    expect(second.raised).toEqual({});
  });

  test('what has no key is left alone', () => {
    const first = new AlertEngine();
    raise(first, 'k', 1);
    const second = new AlertEngine();
    second.restore([only(first)], () => null);
    raise(second, 'k', 2);
    expect(second.raised).toEqual({ rule: 1 });
  });
});
