import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { certificateMemo } from '../../sensor/export/delivery.js';
import { ExporterHealth } from '../../sensor/export/exporter-health.js';
import { ExportService } from '../../sensor/export/service.js';
import type { Alert } from '../../sensor/model/records.js';
import { FakeReceiver, freePort, jsonOf, until } from './receivers.js';
import { alert, exportConfig, FAST, ORIGIN, Plant } from './support.js';

/** What the export says about itself: health alerts of failing exporters, and heartbeats. */

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function receiver(port: number): Promise<FakeReceiver> {
  const there = new FakeReceiver(port);
  await there.listen();
  cleanups.push(() => there.vanish());
  return there;
}

function started(...values: ConstructorParameters<typeof Plant>): Plant {
  const here = new Plant(...values);
  cleanups.push(() => here.close());
  const service = here.start({ healthMs: 200 });
  cleanups.push(() => service.stop());
  return here;
}

const tcp = (port: number, more = {}) => ({
  type: 'syslog' as const,
  host: '127.0.0.1',
  port,
  transport: 'tcp' as const,
  resend_seconds: 1,
  ...more,
});

const healthOf = (here: Plant): Alert[] => here.store.alerts({ kind: ['health'], limit: 50 }).items;
const kinds = (there: FakeReceiver) =>
  there.messages.map(jsonOf).map((message) => {
    const { rule_id, status, count } = message['alert'] as Alert;
    return [message['type'], rule_id, status, count];
  });

describe('an exporter that fails', () => {
  it('is told by the others and in the console, once, until it works again', async () => {
    const [alive, dead] = [await freePort(), await freePort()];
    const there = await receiver(alive);
    const here = started({ soc: tcp(alive), second: tcp(dead) });
    await until('the health alert', () => there.messages.length === 1);
    expect(kinds(there)).toEqual([['alert', 'export.failing', 'open', 1]]);
    const [told] = healthOf(here);
    expect(told).toMatchObject({ kind: 'health', severity: 'high', object: 'second', status: 'open' });
    expect(told?.description).toContain('refuses the connection');
    const mended = await receiver(dead);
    await until('the all-clear', () => there.messages.length === 2);
    expect(kinds(there)[1]).toEqual(['status', 'export.failing', 'closed', 1]);
    expect(healthOf(here)).toMatchObject([{ status: 'closed' }]);
    // The one that was away hears of it as well, when it is back.
    await until('both', () => mended.messages.length === 2);
    await mended.vanish();
    await until('the second failure', () => healthOf(here)[0]?.status === 'open');
    expect(healthOf(here)).toMatchObject([{ id: told?.id, count: 2 }]);
  });

  it('is no trouble any more when it was removed', () => {
    const here = new Plant({ soc: tcp(9), other: tcp(9) });
    cleanups.push(() => here.close());
    const health = new ExporterHealth(here.store, ORIGIN, 60_000);
    here.store.outbox.setState('soc', 'failing', 'It refuses.', 1000);
    health.look(here.state('soc'), true, 1000, 1000);
    expect(healthOf(here)).toEqual([]);
    health.look(here.state('soc'), true, 61_000, 61_000);
    expect(healthOf(here)).toMatchObject([{ status: 'open' }]);
    health.forgetOthers(new Set(['soc', 'other']));
    expect(healthOf(here)).toMatchObject([{ status: 'open' }]);
    health.forgetOthers(new Set(['other']));
    expect(healthOf(here)).toMatchObject([{ status: 'closed' }]);
  });

  it('is told again when more messages are given up after a person closed the alert', () => {
    const here = new Plant({ soc: tcp(9) });
    cleanups.push(() => here.close());
    const health = new ExporterHealth(here.store, ORIGIN, 60_000);
    here.store.outbox.addLost('soc', 3);
    health.look(here.state('soc'), true, 1000, 1000);
    const [told] = healthOf(here);
    expect(told).toMatchObject({ rule_id: 'export.lost', status: 'open', count: 1 });
    here.store.setAlertStatus(told?.id ?? '', 'closed');
    health.look(here.state('soc'), true, 2000, 2000);
    expect(healthOf(here)).toMatchObject([{ status: 'closed', count: 1 }]);
    here.store.outbox.addLost('soc', 2);
    health.look(here.state('soc'), true, 3000, 3000);
    expect(healthOf(here)).toMatchObject([{ id: told?.id, status: 'open', count: 2 }]);
  });

  it('is told also where nothing but heartbeats would be sent to it', async () => {
    const server = createServer((_, response) => response.writeHead(503).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as { port: number };
    const here = started({ hook: { type: 'webhook', url: `http://127.0.0.1:${port}/`, heartbeat_seconds: 1 } });
    await until('the health alert', () => healthOf(here).length === 1);
    expect(healthOf(here)).toMatchObject([{ rule_id: 'export.failing', object: 'hook', status: 'open' }]);
  });

  it('is told that the certificate of the receiver ends, before it does', () => {
    const here = new Plant({ soc: tcp(9) });
    cleanups.push(() => here.close());
    const health = new ExporterHealth(here.store, ORIGIN, 60_000);
    const day = 86_400_000;
    const end = Date.UTC(2026, 5, 30);
    const look = (now: number) => health.look(here.state('soc'), true, now, 0);
    look(end - 5 * day);
    here.store.outbox.setMemo(certificateMemo('soc'), String(end));
    look(end - 15 * day);
    expect(healthOf(here)).toEqual([]);
    look(end - 13 * day);
    look(end - 12 * day);
    expect(healthOf(here)).toMatchObject([{ rule_id: 'export.certificate', status: 'open', count: 1 }]);
    here.store.outbox.setMemo(certificateMemo('soc'), String(end + 365 * day));
    look(end - 11 * day);
    expect(healthOf(here)).toMatchObject([{ status: 'closed' }]);
  });

  it.each([
    ['no longer uses TLS', { soc: tcp(9) }, true],
    ['was removed', { other: tcp(9) }, true],
    ['was switched off', { soc: tcp(9, { transport: 'tls', enabled: false }) }, true],
    ['has not connected again yet', { soc: tcp(9, { transport: 'tls' }) }, false],
  ])('is not told of a certificate any more when it %s', async (_, exporters, isOver) => {
    const here = new Plant({ soc: tcp(9, { transport: 'tls' }) });
    cleanups.push(() => here.close());
    const now = Date.now();
    here.store.outbox.setMemo(certificateMemo('soc'), String(now + 86_400_000));
    new ExporterHealth(here.store, ORIGIN, 60_000).look(here.state('soc'), true, now, 0);
    expect(healthOf(here)).toMatchObject([{ rule_id: 'export.certificate', status: 'open' }]);
    const service = new ExportService({
      data: here.data,
      config: exportConfig(exporters),
      origin: ORIGIN,
      hasFile: true,
      tell: () => {},
      timing: FAST,
    });
    service.start();
    cleanups.push(() => service.stop());
    if (isOver) await until('the alert to be closed', () => healthOf(here)[0]?.status === 'closed');
    else {
      await until('a failure', () => here.state('soc').state === 'failing');
      expect(healthOf(here)).toMatchObject([{ status: 'open' }]);
    }
  });

  it('tells what was given up', async () => {
    const port = await freePort();
    const here = started({ soc: tcp(port) }, { queue_messages: 1000, per_second: 10_000 });
    here.find(Array.from({ length: 1500 }, (_, n) => alert(n, { severity: 'low' })));
    await until('the alert', () => healthOf(here).some(({ rule_id }) => rule_id === 'export.lost'), 20_000);
    expect(healthOf(here).find(({ rule_id }) => rule_id === 'export.lost')?.description).toMatch(/given up 5\d\d/);
  });
});

describe('heartbeats', () => {
  it('come at their interval whatever the filter, numbered with the other messages', async () => {
    const port = await freePort();
    const there = await receiver(port);
    const here = started({ soc: tcp(port, { heartbeat_seconds: 1, min_severity: 'critical' }) });
    await until('two heartbeats', () => there.messages.length >= 2);
    here.find([alert(1, { severity: 'critical' })]);
    await until('the alert', () => there.messages.some((message) => jsonOf(message)['type'] === 'alert'));
    const messages = there.messages.map(jsonOf);
    expect(messages[0]).toMatchObject({
      type: 'heartbeat',
      severity: 'informational',
      sensor: 'north-1',
      site: 'Works 7',
      heartbeat: { interval_seconds: 1, waiting: 0, lost: 0, is_sensor_running: false },
    });
    expect(messages.map(({ sequence }) => sequence)).toEqual(messages.map((_, n) => n + 1));
    expect(new Set(messages.map((message) => message['event_id'])).size).toBe(messages.length);
  });

  it('stay away when they are switched off', async () => {
    const port = await freePort();
    const there = await receiver(port);
    const here = started({ soc: tcp(port, { heartbeat_seconds: 0 }) });
    here.find([alert(1)]);
    await until('the alert', () => there.messages.length === 1);
    await until('it to be certain', () => here.waiting('soc') === 0);
    expect(there.messages).toHaveLength(1);
  });
});
