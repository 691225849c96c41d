import { afterEach, describe, expect, it } from 'vitest';
import { buildConsole } from '../../console/api/start.js';
import type { ExportEvent } from '../../sensor/export/event.js';
import { ApiClient, addUser, PASSWORD } from '../support/console.js';
import { sampleFindings } from '../support/sample-findings.js';
import { parseRfc5424 } from './parsers.js';
import { freePort, Rsyslog, until, WITHOUT_RSYSLOG } from './receivers.js';
import { alert, ORIGIN, Plant } from './support.js';

/** Each kind of message, caused as it is caused in a plant, as rsyslog gets it. */

if (WITHOUT_RSYSLOG !== '') process.stderr.write(`${WITHOUT_RSYSLOG}\n`);

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

describe.skipIf(WITHOUT_RSYSLOG !== '')('rsyslog gets', () => {
  it('alerts, updates, a status that a person sets, storms, health, devices, the audit log, heartbeats and notices', {
    timeout: 120_000,
  }, async () => {
    const there = await Rsyslog.create();
    cleanups.push(() => there.end());
    await there.start();
    const here = new Plant(
      {
        soc: {
          type: 'syslog',
          host: '127.0.0.1',
          port: there.port,
          transport: 'tcp',
          resend_seconds: 1,
          heartbeat_seconds: 2,
          events: ['alert', 'update', 'status', 'asset', 'audit'],
        },
        gone: { type: 'syslog', host: '127.0.0.1', port: await freePort(), transport: 'tcp' },
      },
      { per_second: 20, update_seconds: 1, queue_messages: 1000 },
    );
    cleanups.push(() => here.close());
    await addUser(here.data, 'ada', 'admin');
    const built = await buildConsole({ data: here.data, webRoot: null });
    cleanups.push(() => built.close());
    const ada = new ApiClient(built);
    await ada.get('/api/v1/session');
    await ada.post('/api/v1/login', { name: 'ada', password: PASSWORD });
    await ada.get('/api/v1/session');
    const service = here.start({ healthMs: 500 });
    cleanups.push(() => service.stop());
    const got = () => there.received().map(({ msg }) => JSON.parse(msg) as ExportEvent);
    const arrives = (what: string, isIt: (event: ExportEvent) => boolean) =>
      until(what, () => got().some(isIt), 30_000);

    // The audit log is followed from the moment on that somebody asks for it.
    await until('the audit log to be looked at', () => here.store.outbox.lastAudit !== null);
    here.find([alert(1)]);
    await arrives('an alert', ({ type, alert: told }) => type === 'alert' && told?.id === alert(1).id);
    here.find([alert(1, { count: 5 })]);
    await arrives('an update', ({ type, alert: told }) => type === 'update' && told?.count === 5);
    const set = await ada.post(`/api/v1/alerts/${alert(1).id}/status`, { status: 'acknowledged' });
    expect(set.status).toBe(200);
    await arrives('the status', ({ type, alert: told }) => type === 'status' && told?.status === 'acknowledged');
    await arrives('what ada did', ({ type, audit }) => type === 'audit' && audit?.user === 'ada');
    const same = { first_seen: alert(100).first_seen, last_seen: alert(100).last_seen, severity: 'low' as const };
    here.find(Array.from({ length: 60 }, (_, n) => alert(100 + n, same)));
    await arrives('a storm', ({ type, storm }) => type === 'storm' && storm?.alerts === 42);
    const [device] = sampleFindings().assets;
    const batch = { ...sampleFindings(), conversations: [], variables: [], packets: [], alerts: [] };
    here.store.write({ ...batch, assets: [device!] });
    await arrives('a new device', ({ type, title }) => type === 'asset' && title.startsWith('New device'));
    here.store.write({ ...batch, assets: [{ ...device!, firmware: '9.9.9' }] });
    await arrives('a changed device', ({ type, title }) => type === 'asset' && title.startsWith('Device changed'));
    await arrives('a health alert', ({ alert: told }) => told?.rule_id === 'export.failing');
    await arrives('a heartbeat', ({ type }) => type === 'heartbeat');
    here.store.outbox.addLost('soc', 7);
    here.find([alert(2)]);
    await arrives('a notice', ({ type, lost }) => type === 'notice' && lost === 7);

    const events = got();
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(['alert', 'update', 'status', 'audit', 'storm', 'asset', 'heartbeat', 'notice']),
    );
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, n) => n + 1));
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
    for (const [n, event] of events.entries()) {
      expect(event).toMatchObject({ schema_version: 1, sensor: 'north-1', site: 'Works 7', stream: events[0]?.stream });
      expect(event.event_id).toMatch(/^event-[0-9a-f]{16}$/);
      // The header says the same to a receiver that does not look into the message.
      const { host, app, msgid, sd } = there.received()[n]!;
      const header = parseRfc5424(`<134>1 2026-01-01T00:00:00Z ${host} ${app} - ${msgid} ${sd} x`).sd;
      expect(header['fieldwatch@32473']).toMatchObject({
        eventId: event.event_id,
        type: event.type,
        sensor: 'north-1',
        site: 'Works 7',
        schema: '1',
        ...(event.alert?.kind === 'health' || !event.alert ? {} : { attack: 'T0855,T0836' }),
      });
      expect(header['meta']).toEqual({ sequenceId: String(n + 1) });
      expect(ORIGIN.version).toBe(header['origin']?.['swVersion']);
    }
  });
});
