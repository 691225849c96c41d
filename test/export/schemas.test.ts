import { describe, expect, it } from 'vitest';
import { buildEvent, heartbeatEvent, lostNotice, type Records, testEvent } from '../../sensor/export/build-event.js';
import type { ExportEvent } from '../../sensor/export/event.js';
import { FORMATS } from '../../sensor/export/formats/registry.js';
import { renderWithin } from '../../sensor/export/formats/render.js';
import type { OutboxEventType } from '../../sensor/store/sqlite/outbox.js';
import { sampleFindings } from '../support/sample-findings.js';
import { encoder } from './encoder.js';
import { parseEcs, parseEve, parseOcsf } from './json-parsers.js';
import { parseCef, parseLeef, parseRfc3164, parseRfc5424 } from './parsers.js';
import { alert, ORIGIN } from './support.js';

/** Messages as a plant makes them, each kind and status, against the published schemas. */

const { alerts, assets } = sampleFindings();
const TIME = '2026-03-02T06:00:00.000000Z';

function queued(type: OutboxEventType, ref: string, facts: Record<string, unknown> = {}) {
  return { n: 1, at: 0, type, id: 'event-0123456789abcdef', ref, kind: 'rule', severity: 2, facts };
}

const records: Records = {
  alert: (id) =>
    [...alerts, alert(1), alert(2, { src_ip: 'fe80::1', dest_ip: '2001:db8::7' })].find((one) => one.id === id) ?? null,
  asset: (id) => assets.find((one) => one.id === id) ?? null,
};

function made(): ExportEvent[] {
  const about = [...alerts, alert(1), alert(2)].flatMap(({ id }) => [
    queued('alert', id, { count: 1, last_seen: TIME, status: 'open' }),
    queued('update', id, { count: 12, last_seen: TIME, status: 'acknowledged' }),
    queued('status', id, { status: 'closed' }),
  ]);
  const others = [
    ...assets.map(({ id }) => queued('asset', id, { change: 'new' })),
    queued('audit', '', { n: 1, at: TIME, user: 'ada', source: '10.0.0.9', action: 'alert.status', target: 'x' }),
    queued('storm', '', {
      rule_id: 'r',
      kind: 'rule',
      title: 'T',
      alerts: 7,
      first_alert: 'a',
      seconds: 10,
      timestamp: TIME,
    }),
  ];
  const built = [...about, ...others].map((one) => buildEvent(one, records, ORIGIN));
  const beat = { interval_seconds: 300, waiting: 0, lost: 0, is_sensor_running: true };
  const all = [
    ...built,
    lostNotice(ORIGIN, 'soc', 3, 'event-lost', TIME),
    testEvent(ORIGIN, 'soc', 'event-test', TIME),
    heartbeatEvent(ORIGIN, 'event-beat', TIME, beat),
  ].filter((event) => event !== null);
  for (const [n, event] of all.entries()) {
    event.sequence = n + 1;
    event.stream = 'a1b2c3d4';
  }
  return all;
}

describe('every kind of message', () => {
  it.each([
    ['ocsf', parseOcsf],
    ['ecs', parseEcs],
    ['eve', parseEve],
    ['cef', parseCef],
    ['leef', parseLeef],
  ] as const)('is what the schema of %s says, also when its texts were shortened', (format, parse) => {
    const events = made();
    expect(new Set(events.map(({ type }) => type)).size).toBe(9);
    for (const event of events)
      for (const bytes of [65_000, 1400]) {
        const { text } = renderWithin(FORMATS[format], event, bytes);
        expect(() => parse(text), text).not.toThrow();
      }
  });

  it('has the field that a receiver knows it by, and the state of the alert', () => {
    const closed = made().find(({ type }) => type === 'status')!;
    expect(parseOcsf(FORMATS.ocsf.render(closed))).toMatchObject({ activity_id: 3, status_id: 4, is_alert: false });
    const fresh = made().find(({ type }) => type === 'alert')!;
    expect(parseOcsf(FORMATS.ocsf.render(fresh))).toMatchObject({
      activity_id: 1,
      status_id: 1,
      is_alert: true,
      metadata: { uid: fresh.event_id, log_provider: 'north-1', labels: ['sensor:north-1', 'site:Works 7'] },
    });
    expect(parseEcs(FORMATS.ecs.render(fresh))).toMatchObject({ event: { kind: 'alert', id: fresh.event_id } });
    expect(parseEve(FORMATS.eve.render(fresh))).toMatchObject({ event_type: 'alert', alert: { action: 'allowed' } });
  });

  it('leaves out of ECS what Elasticsearch would refuse the whole document for', () => {
    const event = buildEvent(
      queued('alert', alert(1).id),
      { ...records, alert: () => alert(1, { src_ip: 'not one' }) },
      ORIGIN,
    )!;
    expect(parseEcs(FORMATS.ecs.render(event))['source']).not.toHaveProperty('ip');
  });
});

describe('headers', () => {
  it('of RFC 5424 and RFC 3164 are what their grammars say, for each kind of message and each transport', () => {
    for (const event of made())
      for (const transport of ['udp', 'tcp', 'tls'] as const) {
        const line = encoder('json', { transport, framing: 'newline' })(event).toString().replace(/\n$/, '');
        expect(parseRfc5424(line).sd['fieldwatch@32473']?.['eventId']).toBe(event.event_id);
        const old = encoder('cef', { transport, framing: 'newline', header: 'rfc3164' })(event).toString();
        const { host, tag, content } = parseRfc3164(old.replace(/\n$/, ''));
        expect([host, tag]).toEqual(['north-1', 'fieldwatch']);
        parseCef(content);
      }
  });

  it('count octets and not characters, and begin with no byte order mark', () => {
    const event = { ...made()[0]!, description: 'ü€😀'.repeat(20) };
    const bytes = encoder('json', { transport: 'tls' })(event);
    const space = bytes.indexOf(0x20);
    expect(Number(bytes.toString('latin1', 0, space))).toBe(bytes.length - space - 1);
    expect(bytes.length).toBeGreaterThan(bytes.toString().length);
    expect(bytes.includes(Buffer.from([0xef, 0xbb, 0xbf]))).toBe(false);
  });
});
