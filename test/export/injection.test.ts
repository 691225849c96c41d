import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildEvent,
  heartbeatEvent,
  lostNotice,
  type Records,
  refusedNotice,
  testEvent,
} from '../../sensor/export/build-event.js';
import type { ExportEvent } from '../../sensor/export/event.js';
import { FORMATS } from '../../sensor/export/formats/registry.js';
import { renderWithin } from '../../sensor/export/formats/render.js';
import { FORMAT_NAMES, type FormatName } from '../../sensor/export/settings.js';
import type { Alert, Asset } from '../../sensor/model/records.js';
import type { OutboxEventType } from '../../sensor/store/sqlite/outbox.js';
import { HOSTILE, sampleFindings } from '../support/sample-findings.js';
import { encoder } from './encoder.js';
import { parseCef, parseLeef, parseRfc5424 } from './parsers.js';
import { alert, ORIGIN } from './support.js';

/** Whatever a packet held, one alert is one well-formed message. */

const SAMPLE_ASSET = sampleFindings().assets[0]!;

/** What means something to one of the grammars, to a terminal or to JavaScript, in any mixture with any text. */
const nasty = fc.oneof(
  fc.constantFrom(
    ...Object.values(HOSTILE),
    '\n<134>1 2026-01-01T00:00:00Z forged fieldwatch - alert - forged',
    '\r\nCEF:0|x|y|1|1|forged|10|',
    '"] [forged@1 a="b',
    '\\"]',
    '\\',
    '\\\\',
    '|',
    '\\|',
    '=',
    'a=b c=d src=1.2.3.4',
    '^forged=1^',
    '\tforged=1',
    '\u0000\u001b[31m\u007f\u0085\u2028\u2029\ufeff',
    '\u202e\u2066\u200b',
    '\ud800',
    '\udc00\ud800',
    '{"a":1}',
    '__proto__',
    'constructor',
    'toString',
    '😀'.repeat(400),
    'x'.repeat(5000),
    '"'.repeat(3000),
    '\\'.repeat(3000),
    '\u0001'.repeat(3000),
    '',
    ' ',
  ),
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme', maxLength: 400 }),
);
const mixed = fc.array(nasty, { maxLength: 4 }).map((parts) => parts.join(''));

const alerts = fc.record({
  title: mixed,
  description: mixed,
  recommendation: mixed,
  rule_id: mixed,
  rule_version: mixed,
  dedupe_key: mixed,
  src_ip: mixed,
  dest_ip: mixed,
  src_asset: mixed,
  protocol: mixed,
  object: mixed,
  expected: mixed,
  observed: mixed,
  first_seen: fc.oneof(mixed, fc.constant('2026-03-02T06:00:00.000001Z')),
  last_seen: mixed,
  // What people type or import: names of windows and stations, of variables, of incidents.
  incident: mixed,
  objects: fc.array(mixed, { maxLength: 12 }),
  severity_basis: fc.array(
    fc.record({ factor: fc.constantFrom('level', 'window', 'station'), severity: fc.constant('high'), detail: mixed }),
    { maxLength: 4 },
  ),
  dest_asset: mixed,
  attack: fc.array(fc.record({ technique: mixed, name: mixed, tactic: mixed }), { maxLength: 5 }),
  src_port: fc.integer({ min: 0, max: 65_535 }),
  evidence: fc.record({
    records: fc.array(fc.dictionary(mixed, fc.anything({ values: [mixed], maxDepth: 3 }), { maxKeys: 6 }), {
      maxLength: 3,
    }),
    pcap_cnts: fc.array(fc.nat(), { maxLength: 60 }),
    pcap: mixed,
  }),
  severity: fc.constantFrom('informational', 'low', 'medium', 'high', 'critical'),
});
const assets = fc.record({
  name: mixed,
  zone: fc.oneof(mixed, fc.constant(null)),
  vendor: mixed,
  model: mixed,
  order_number: mixed,
  firmware: mixed,
  serial: mixed,
  hostname: mixed,
  os: mixed,
  roles: fc.array(mixed, { maxLength: 12 }),
  protocols: fc.array(fc.record({ name: mixed, as: fc.constant('server'), ports: fc.array(fc.nat()) }), {
    maxLength: 3,
  }),
  units: fc.array(fc.record({ unit: mixed, vendor: mixed, model: mixed, first_seen: mixed, last_seen: mixed }), {
    maxLength: 3,
  }),
  changes: fc.array(fc.record({ field: mixed, from: mixed, to: mixed, source: mixed }), { maxLength: 3 }),
  ips: fc.array(mixed, { maxLength: 60 }),
  macs: fc.array(mixed, { maxLength: 60 }),
});

const events: fc.Arbitrary<ExportEvent> = fc
  .record({
    type: fc.constantFrom<OutboxEventType>('alert', 'update', 'status', 'asset', 'audit', 'storm'),
    alert: alerts,
    asset: assets,
    text: mixed,
    site: mixed,
    sensor: fc.oneof(fc.constant('north-1'), mixed),
    sequence: fc.integer({ min: 1, max: 2 ** 40 }),
  })
  .map(({ type, alert: over, asset: overAsset, text, site, sensor, sequence }) => {
    const stored = { ...alert(1), ...over } as unknown as Alert;
    const records: Records = {
      alert: () => stored,
      asset: () => ({ ...SAMPLE_ASSET, ...overAsset }) as Asset,
    };
    const facts = {
      count: 3,
      last_seen: text,
      status: 'open',
      change: 'new',
      n: 1,
      at: text,
      user: text,
      source: text,
      action: text,
      target: text,
      before: text,
      after: text,
      rule_id: text,
      kind: 'rule',
      title: text,
      alerts: 5,
      first_alert: text,
      seconds: 10,
      timestamp: text,
    };
    const queued = { n: 1, at: 0, type, id: 'event-0123456789abcdef', ref: 'x', kind: 'rule', severity: 3, facts };
    const event = buildEvent(queued, records, { ...ORIGIN, site, sensor })!;
    event.sequence = sequence;
    event.stream = 'a1b2c3d4';
    return event;
  });

/** What a message says when it is taken apart again. */
function eventIdIn(format: FormatName, text: string): unknown {
  if (format === 'cef') return parseCef(text).extension['externalId'];
  if (format === 'leef') return parseLeef(text).attributes['eventUid'];
  const json = JSON.parse(text) as Record<string, Record<string, unknown> & string>;
  switch (format) {
    case 'json':
      return json['event_id'];
    case 'ecs':
      return json['event']?.['id'];
    case 'ocsf':
      return json['metadata']?.['uid'];
    case 'eve':
      return json['fieldwatch']?.['event_id'];
  }
}

const RUNS = { numRuns: 120 };

describe.each(FORMAT_NAMES)('the format %s', (format) => {
  it('is one well-formed line whatever a packet held', () => {
    fc.assert(
      fc.property(events, (event) => {
        const text = FORMATS[format].render(event);
        expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(eventIdIn(format, text)).toBe('event-0123456789abcdef');
      }),
      RUNS,
    );
  });

  it('keeps its bound in bytes, and stays well formed when texts are shortened', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 2000, max: 8192 }), (event, bytes) => {
        const { text, isShortened } = renderWithin(FORMATS[format], event, bytes);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytes);
        expect(eventIdIn(format, text)).toBe('event-0123456789abcdef');
        expect(isShortened).toBe(Buffer.byteLength(FORMATS[format].render(event)) > bytes);
      }),
      RUNS,
    );
  });

  it('is carried by RFC 5424 within its bound', () => {
    const encode = encoder(format);
    fc.assert(
      fc.property(events, (event) => {
        const bytes = encode(event);
        const space = bytes.indexOf(0x20);
        expect(Number(bytes.toString('latin1', 0, space))).toBe(bytes.length - space - 1);
        expect(bytes.length - space - 1).toBeLessThanOrEqual(8192);
        const parsed = parseRfc5424(bytes.toString('utf8', space + 1));
        expect(parsed.sd['fieldwatch@32473']?.['eventId']).toBe('event-0123456789abcdef');
        expect(parsed.app).toBe('fieldwatch');
        expect(parsed.host).toMatch(event.sensor === 'north-1' ? /^north-1$/ : /^[!-~]{1,255}$/);
        expect(eventIdIn(format, parsed.msg)).toBe('event-0123456789abcdef');
      }),
      RUNS,
    );
  });

  it('fits a datagram of 2048 bytes, and one line of RFC 3164', () => {
    const udp = encoder(format, { transport: 'udp' }, 2048);
    const old = encoder(format, { transport: 'tcp', header: 'rfc3164', framing: 'newline' }, 2048);
    fc.assert(
      fc.property(events, (event) => {
        const datagram = udp(event);
        expect(datagram.length).toBeLessThanOrEqual(2048);
        parseRfc5424(datagram.toString());
        const line = old(event).toString();
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(line).toMatch(/^<\d{1,3}>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [!-~]+ fieldwatch: /);
      }),
      RUNS,
    );
  });
});

describe('what every message says', () => {
  const ordinary = (): ExportEvent => {
    const event = buildEvent(
      {
        n: 1,
        at: 0,
        type: 'alert',
        id: 'event-1',
        ref: 'x',
        kind: 'rule',
        severity: 3,
        facts: { count: 4, status: 'open' },
      },
      { alert: () => alert(1), asset: () => SAMPLE_ASSET },
      ORIGIN,
    )!;
    event.sequence = 77;
    event.stream = 'a1b2c3d4';
    return event;
  };

  it.each(FORMAT_NAMES)('%s: event, sequence, stream, schema version, techniques, sensor and site', (format) => {
    const text = FORMATS[format].render(ordinary());
    for (const part of [
      'event-1',
      '77',
      'a1b2c3d4',
      'T0855',
      'T0836',
      'north-1',
      'Works 7',
      alert(1).id,
      alert(1).rule_id,
    ])
      expect(text, part).toContain(part);
  });

  it.each(FORMAT_NAMES)('%s: the incident that the alert belongs to', (format) => {
    const event = ordinary();
    event.alert!.incident = 'incident-00ff00ff';
    const text = FORMATS[format].render(event);
    expect(text).toContain('incident-00ff00ff');
    expect(renderWithin(FORMATS[format], event, 2048).text).toContain('incident-00ff00ff');
    if (format === 'cef')
      expect(parseCef(text).extension).toMatchObject({
        flexString2: 'incident-00ff00ff',
        flexString2Label: 'incident',
        deviceExternalId: 'a1b2c3d4',
      });
  });

  it('a text comes back as it was', () => {
    const event = ordinary();
    event.description = 'a|b\\c=d "e" ] ^ ü 😀';
    expect(parseCef(FORMATS.cef.render(event)).extension['msg']).toBe(event.description);
    expect(parseLeef(FORMATS.leef.render(event)).attributes['msg']).toBe(event.description.replace('^', '~'));
    const site = 'a"b\\c]d';
    const parsed = parseRfc5424(encoder('json', { transport: 'udp' })({ ...event, site }).toString());
    expect(parsed.sd['fieldwatch@32473']?.['site']).toBe(site);
  });

  it('severities are those of each format', () => {
    const at = (severity: ExportEvent['severity']) => ({ ...ordinary(), severity });
    expect(
      ['informational', 'low', 'medium', 'high', 'critical'].map(
        (severity) => parseCef(FORMATS.cef.render(at(severity as ExportEvent['severity']))).header[5],
      ),
    ).toEqual(['1', '3', '5', '8', '10']);
    expect(parseRfc5424(encoder('json', { transport: 'udp' })(at('critical')).toString()).priority).toBe(16 * 8 + 2);
    expect((JSON.parse(FORMATS.eve.render(at('critical'))) as { alert: { severity: number } }).alert.severity).toBe(1);
    expect((JSON.parse(FORMATS.ocsf.render(at('critical'))) as { severity_id: number }).severity_id).toBe(5);
  });

  it('OCSF has what its class requires', () => {
    const finding = JSON.parse(FORMATS.ocsf.render(ordinary())) as Record<string, unknown>;
    expect(finding).toMatchObject({
      class_uid: 2004,
      category_uid: 2,
      activity_id: 1,
      type_uid: 200_401,
      time: expect.any(Number),
      severity_id: 4,
      metadata: { version: '1.4.0', product: { name: 'Fieldwatch', vendor_name: 'Fieldwatch' } },
      finding_info: { uid: alert(1).id, title: alert(1).title },
    });
  });

  it.each(FORMAT_NAMES)('%s: a notice about lost messages, a heartbeat and a test are well formed, too', (format) => {
    const reason = 'hook\u0000\nCEF:0|x|y|1|1|forged|10| answered with status 400.';
    for (const event of [
      refusedNotice(ORIGIN, 'soc', 'event-1', reason, 'event-refused', '2026-03-02T06:00:00.000000Z'),
      lostNotice(ORIGIN, 'soc', 12, 'event-lost', '2026-03-02T06:00:00.000000Z'),
      testEvent(ORIGIN, 'soc', 'event-test', '2026-03-02T06:00:00.000000Z'),
      heartbeatEvent(ORIGIN, 'event-beat', '2026-03-02T06:00:00.000000Z', {
        interval_seconds: 300,
        waiting: 0,
        lost: 0,
        is_sensor_running: true,
      }),
    ]) {
      event.sequence = 1;
      expect(eventIdIn(format, FORMATS[format].render(event))).toBe(event.event_id);
    }
  });
});
