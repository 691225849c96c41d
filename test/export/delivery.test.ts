import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { KERNEL_TABLES } from '../../sensor/export/exporters/connection.js';
import { outboxOptions } from '../../sensor/export/plan.js';
import type { ExportService } from '../../sensor/export/service.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { sampleFindings } from '../support/sample-findings.js';
import { FakeReceiver, freePort, jsonOf, octetCounted, readAll, until } from './receivers.js';
import { alert, Plant } from './support.js';

const plants: Plant[] = [];
const services: ExportService[] = [];
const receivers: FakeReceiver[] = [];
const undos: (() => void)[] = [];

function plant(...values: ConstructorParameters<typeof Plant>): Plant {
  const made = new Plant(...values);
  plants.push(made);
  return made;
}

function start(at: Plant, ...values: Parameters<Plant['start']>): ExportService {
  const service = at.start(...values);
  services.push(service);
  return service;
}

async function receiver(...values: ConstructorParameters<typeof FakeReceiver>): Promise<FakeReceiver> {
  const made = new FakeReceiver(...values);
  receivers.push(made);
  await made.listen();
  return made;
}

afterEach(async () => {
  for (const undo of undos.splice(0)) undo();
  await Promise.all(services.splice(0).map((service) => service.stop()));
  await Promise.all(receivers.splice(0).map((one) => one.vanish()));
  for (const one of plants.splice(0)) one.close();
});

const tcp = (port: number, more = {}) => ({
  soc: { type: 'syslog' as const, host: '127.0.0.1', port, transport: 'tcp' as const, resend_seconds: 1, ...more },
});

const alertIds = (messages: string[]) =>
  messages.map((message) => (jsonOf(message)['alert'] as { id: string } | undefined)?.id ?? '');
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => alert(from + i));

describe('the queue', () => {
  it('is empty while nobody exports', () => {
    const here = plant({});
    here.find(numbered(0, 10));
    expect(here.store.outbox.head).toBe(0);
  });

  it('holds an alert exactly if the store does', () => {
    const here = plant(tcp(1));
    here.find(numbered(0, 3));
    const bad = { ...alert(3), attack: null } as never;
    expect(() => here.find([alert(4), bad])).toThrow();
    expect(here.store.alert('alert-00000004')).toBeNull();
    expect(here.waiting('soc')).toBe(3);
  });

  it('takes the same batch twice as once', () => {
    const here = plant(tcp(1));
    here.find(numbered(0, 3));
    here.find(numbered(0, 3));
    expect(here.waiting('soc')).toBe(3);
  });

  it('holds one update of an alert, with the latest count, however often it counted', () => {
    const here = plant(tcp(1));
    for (let count = 1; count <= 50; count++) here.find([alert(1, { count })]);
    const { outbox } = here.store;
    expect(outbox.promote(Date.now(), 100)).toBe(0);
    expect(outbox.promote(Date.now() + 11_000, 100)).toBe(1);
    here.find([alert(1, { count: 51 })]);
    outbox.promote(Date.now() + 30_000, 100);
    const events = outbox.events(0, Number.MAX_SAFE_INTEGER, 100);
    expect(events.map(({ type, facts }) => [type, facts['count']])).toEqual([
      ['alert', 1],
      ['update', 51],
    ]);
  });

  it('tells a storm of new alerts together, and high ones always singly', () => {
    const here = plant(tcp(1));
    const same = { first_seen: alert(0).first_seen, last_seen: alert(0).last_seen };
    here.find(Array.from({ length: 5000 }, (_, n) => alert(n, { severity: 'medium', ...same })));
    here.find(Array.from({ length: 300 }, (_, n) => alert(10_000 + n, { severity: 'critical', ...same })));
    const { outbox } = here.store;
    outbox.promote(Date.now() + 20_000, 1000);
    const events = outbox.events(0, Number.MAX_SAFE_INTEGER, 10_000);
    expect(events.filter(({ type, severity }) => type === 'alert' && severity < 3)).toHaveLength(90);
    expect(events.filter(({ severity }) => severity === 4)).toHaveLength(300);
    const storms = events.filter(({ type }) => type === 'storm');
    expect(storms).toHaveLength(1);
    expect(storms[0]?.facts['alerts']).toBe(4910);
  });

  it('lets no storm through when the alerts of two captures come in turn', () => {
    const here = plant(tcp(1));
    // An hour apart, all within one second of each.
    const alerts = Array.from({ length: 5000 }, (_, n) => alert(n, { severity: 'low' }, n % 2 === 0 ? 3600 : 0));
    here.find(alerts);
    expect(here.store.outbox.head).toBe(90);
  });

  it('takes alerts of an older capture after those of a newer one, each by its own seconds', () => {
    const here = plant(tcp(1));
    here.find(Array.from({ length: 90 }, (_, n) => alert(n, { severity: 'low' }, 7200)));
    // One a second: no storm. The first hundred of them are not known to be another capture yet.
    here.find(Array.from({ length: 300 }, (_, n) => alert(1000 + n, { severity: 'low' }, n)));
    expect(here.store.outbox.head).toBeGreaterThanOrEqual(90 + 190);
  });

  it('lets no alert wait for the thousands of devices of a scan, and forgets none of them', () => {
    const here = plant(tcp(1, { events: ['alert', 'asset'] }));
    const { outbox } = here.store;
    const [device] = sampleFindings().assets;
    const assets = Array.from({ length: 500 }, (_, n) => ({ ...device!, id: `asset-${n}` }));
    here.store.write({
      ...sampleFindings(),
      assets,
      conversations: [],
      variables: [],
      packets: [],
      alerts: [alert(1)],
    });
    const before = outbox.events(0, Number.MAX_SAFE_INTEGER, 1000);
    expect(before.filter(({ type }) => type === 'asset').length).toBeLessThanOrEqual(90);
    expect(before.filter(({ type }) => type === 'alert')).toHaveLength(1);
    while (outbox.promote(Date.now() + 20_000, 100) > 0);
    const all = outbox.events(0, Number.MAX_SAFE_INTEGER, 1000).filter(({ type }) => type === 'asset');
    expect(new Set(all.map(({ ref }) => ref)).size).toBe(500);
    expect(all.every(({ facts }) => facts['change'] === 'new')).toBe(true);
  });

  it('sends updates and storms although the clock was set back an hour', () => {
    const here = plant(tcp(1));
    const now = Date.now();
    const { outbox } = here.store;
    here.find([alert(1)]);
    here.find([alert(1, { count: 2 })]);
    expect(outbox.promote(now + 5000, 100)).toBe(0);
    expect(outbox.promote(now - 3_600_000, 100)).toBe(1);
  });

  it('takes what was queued before a start for no storm', () => {
    const here = plant(tcp(1));
    here.find(Array.from({ length: 150 }, (_, n) => alert(n)));
    here.find(Array.from({ length: 150 }, (_, n) => alert(n, { count: 2 })));
    const started = new SqliteFindingsStore(here.data, { role: 'console', warn: () => {} });
    expect(started.outbox.promoteWithin(Date.now() + 11_000)).toBe(100);
    started.close();
  });

  it('is delivered by another although the clock was set back while the first held it', () => {
    const here = plant(tcp(1));
    const { outbox } = here.store;
    const now = Date.now();
    expect(outbox.hold('soc', 'a', now, 15_000, () => false)).toBe(true);
    expect(outbox.hold('soc', 'b', now + 1000, 15_000, () => false)).toBe(false);
    // One that looked at the clock just before the first renewed it.
    expect(outbox.hold('soc', 'b', now - 5, 15_000, () => false)).toBe(false);
    expect(outbox.hold('soc', 'b', now - 3_600_000, 15_000, () => false)).toBe(true);
  });

  it('keeps what a living exporter has not got yet when a dead one fills it', () => {
    const here = plant({ ...tcp(1), dead: tcp(1).soc }, { per_second: 10_000 });
    const { outbox } = here.store;
    here.find(Array.from({ length: 1200 }, (_, n) => alert(n, { severity: 'medium' })));
    const { acked: _, ...rest } = outbox.exporter('soc')!;
    outbox.hold('soc', 'me', Date.now(), 15_000, () => true);
    outbox.acknowledge('soc', 'me', { ...rest, acked: 1100 }, 1100, Date.now());
    // The newest are the least severe, and would go first.
    here.find(Array.from({ length: 50 }, (_, n) => alert(2000 + n, { severity: 'low' })));
    outbox.trim(1000, 0);
    const left = outbox.events(1100, Number.MAX_SAFE_INTEGER, 1000);
    expect(left).toHaveLength(150);
  });

  it('gives up updates and the least severe first, and high alerts last', () => {
    const here = plant(tcp(1), { queue_messages: 1000, per_second: 10_000 });
    const many = (from: number, amount: number, severity: 'low' | 'high') =>
      Array.from({ length: amount }, (_, n) => alert(from + n, { severity }));
    here.find(many(0, 700, 'high'));
    here.find(many(1000, 700, 'low'));
    here.find([alert(0, { severity: 'high', count: 2 })]);
    const { outbox } = here.store;
    outbox.promote(Date.now() + 20_000, 100);
    expect(outbox.trim(1000, 0)).toHaveLength(401);
    const left = outbox.events(0, Number.MAX_SAFE_INTEGER, 10_000);
    expect(left.filter(({ severity }) => severity === 3)).toHaveLength(700);
    expect(left.filter(({ type }) => type === 'update')).toHaveLength(0);
    expect(outbox.trim(1000, 0)).toEqual([]);
    here.find(many(2000, 3000, 'high'));
    expect(outbox.trim(1000, 0)).toHaveLength(300);
    expect(outbox.trim(1000, 0)).toEqual([]);
    here.find(many(6000, 500, 'high'));
    for (let n = 0; n < 5; n++) outbox.trim(1000, 0);
    expect(here.waiting('soc')).toBeLessThan(4000);
  });
});

describe('delivery', () => {
  it('brings new alerts, their growth and their status, each with what identifies it', async () => {
    const port = await freePort();
    const there = await receiver(port);
    const here = plant(tcp(port), { update_seconds: 1 });
    start(here);
    here.find([alert(1)]);
    await until('the alert', () => there.messages.length === 1);
    here.find([alert(1, { count: 7 })]);
    await until('the update', () => there.messages.length === 2);
    here.store.setAlertStatus('alert-00000001', 'acknowledged');
    await until('the status', () => there.messages.length === 3);
    const messages = there.messages.map(jsonOf);
    expect(messages.map((message) => message['type'])).toEqual(['alert', 'update', 'status']);
    expect(messages.map((message) => message['sequence'])).toEqual([1, 2, 3]);
    expect(messages[0]?.['event_id']).toMatch(/^event-[0-9a-f]{16}$/);
    expect(new Set(messages.map((message) => message['event_id'])).size).toBe(3);
    expect(messages[0]).toMatchObject({ sensor: 'north-1', site: 'Works 7', schema_version: 1, severity: 'high' });
    expect(messages).toMatchObject([
      { alert: { count: 1, attack: [{ technique: 'T0855' }, { technique: 'T0836' }] } },
      { alert: { count: 7 } },
      { alert: { status: 'acknowledged' } },
    ]);
    expect(there.faults).toEqual([]);
  });

  it('delivers what came while the receiver was away, all of it, in order, fast', async () => {
    const port = await freePort();
    const here = plant(tcp(port));
    start(here);
    await until('a failure', () => here.state('soc').state === 'failing');
    expect(here.state('soc').error).toContain('refuses the connection');
    for (let from = 0; from < 5000; from += 500) here.find(numbered(from, from + 500));
    const there = await receiver(port);
    const startedAt = performance.now();
    await until('all alerts', () => there.messages.length >= 5000);
    const seconds = (performance.now() - startedAt) / 1000;
    expect(alertIds(there.messages)).toEqual(numbered(0, 5000).map(({ id }) => id));
    expect(5000 / seconds).toBeGreaterThan(500);
  });

  it('lets new alerts overtake the backlog of an outage', async () => {
    const port = await freePort();
    const here = plant(tcp(port, { messages_per_second: 1000 }));
    here.find(numbered(0, 4000));
    const there = await receiver(port);
    start(here);
    await until('the backlog to begin', () => there.messages.length > 100);
    here.find([alert(9999)]);
    await until('the rest', () => there.messages.length >= 4001);
    const ids = alertIds(there.messages);
    expect(ids.indexOf('alert-00009999')).toBeLessThan(3500);
    expect(ids.filter((id) => id !== 'alert-00009999')).toEqual(numbered(0, 4000).map(({ id }) => id));
  });

  it('loses nothing when the receiver dies twenty times without having read', async () => {
    const port = await freePort();
    const read: string[] = [];
    let isReading = false;
    // Takes connections and at first reads only a little, so that much lies unread in the kernel when it dies.
    const there = await receiver(port, (socket, self) => {
      const take = octetCounted(self);
      let budget = 20_000;
      socket.on('data', (chunk) => {
        take(chunk);
        read.push(...self.messages.splice(0));
        budget -= chunk.length;
        if (!isReading && budget <= 0) socket.pause();
      });
    });
    const here = plant(tcp(port, { resend_seconds: 2 }));
    start(here);
    for (let round = 0; round < 20; round++) {
      here.find(numbered(round * 100, round * 100 + 100));
      const target = there.connections + 1;
      await until('a connection', () => there.connections >= Math.min(target, round + 1));
      await new Promise((resolve) => setTimeout(resolve, 30));
      await there.vanish();
      await there.listen();
    }
    isReading = true;
    await there.vanish();
    await there.listen();
    await until('every alert', () => new Set(alertIds(read)).size === 2000);
    // Duplicates are the same event again.
    const byAlert = new Map<string, Set<string>>();
    for (const message of read.map(jsonOf)) {
      const { id } = message['alert'] as { id: string };
      byAlert.set(id, (byAlert.get(id) ?? new Set()).add(String(message['event_id'])));
    }
    expect([...byAlert.values()].every((events) => events.size === 1)).toBe(true);
  });

  it('sends again what was written within the window, and not what came before it', async () => {
    const port = await freePort();
    const there = await receiver(port);
    const here = plant(tcp(port, { resend_seconds: 2 }));
    start(here);
    here.find([alert(1)]);
    await until('the first to be certain', () => here.state('soc').acked >= 1);
    here.find([alert(2)]);
    await until('the second', () => there.messages.length === 2);
    await there.vanish();
    await there.listen();
    await until('the second again', () => there.messages.length === 3);
    expect(alertIds(there.messages)).toEqual(['alert-00000001', 'alert-00000002', 'alert-00000002']);
  });

  it('sends again what a receiver has not read that had read everything of the connection before, where no kernel tells', async () => {
    const tables = KERNEL_TABLES.splice(0, KERNEL_TABLES.length, '/nowhere/tcp');
    undos.push(() => KERNEL_TABLES.splice(0, KERNEL_TABLES.length, ...tables));
    const port = await freePort();
    // The second is neither read nor closed.
    const there = await receiver(port, (socket, self) => {
      if (self.connections !== 2) readAll(socket, self);
    });
    const here = plant(tcp(port));
    start(here, { closeMs: 200 });
    here.find([alert(1)]);
    await until('the second connection', () => there.connections === 2);
    await until('the first to be certain', () => here.waiting('soc') === 0);
    here.find([alert(2)]);
    await until('the second', () => alertIds(there.messages).includes('alert-00000002'), 10_000);
    expect(alertIds(there.messages)).toEqual(['alert-00000001', 'alert-00000002']);
  });

  it('delivers to the exporters of the settings file, with all that belongs to it, although console.db is damaged', async () => {
    const port = await freePort();
    const there = await receiver(port);
    const here = plant(tcp(port, { events: ['alert', 'update', 'audit'] }), {
      update_seconds: 1,
      queue_messages: 1000,
    });
    writeFileSync(join(here.data, 'console.db'), 'no database at all, '.repeat(1000));
    start(here);
    here.find([alert(1)]);
    await until('the alert', () => there.messages.length === 1);
    here.find([alert(1, { count: 2 })]);
    await until('the update', () => there.messages.length === 2);
    await until('both to be removed from the queue', () => here.store.outbox.events(0, 1_000_000, 10).length === 0);
    const told = here.told.filter((sentence) => sentence.startsWith('export: '));
    expect(told.join()).toContain('exporters of the console cannot be read now');
    expect(new Set(told).size).toBe(told.length);
  });

  it('goes on in another process where the first ended, and never in two at once', async () => {
    const port = await freePort();
    const there = await receiver(port);
    const here = plant(tcp(port));
    const first = start(here);
    const second = start(here);
    here.find(numbered(0, 200));
    await until('all', () => there.messages.length >= 200);
    await first.stop();
    services.splice(services.indexOf(first), 1);
    here.find(numbered(200, 400));
    await until('the rest', () => there.messages.length >= 400);
    expect(second).toBeDefined();
    expect(alertIds(there.messages)).toEqual(numbered(0, 400).map(({ id }) => id));
  });

  it('tells in the next message how much had to be given up', async () => {
    const port = await freePort();
    const here = plant(tcp(port), { queue_messages: 1000, per_second: 10_000 });
    here.find(Array.from({ length: 1500 }, (_, n) => alert(n, { severity: 'low' })));
    start(here);
    await until('the excess to be given up', () => here.state('soc').lost === 500);
    const there = await receiver(port);
    await until('the rest', () => there.messages.length >= 1001);
    const first = jsonOf(there.messages[0] ?? '');
    expect(first).toMatchObject({ type: 'notice', lost: 500, severity: 'high' });
    expect(there.messages.map(jsonOf).filter(({ type }) => type === 'notice')).toHaveLength(1);
  });

  it('brings no more than its share of what happens now in any second, and every high alert in the end', async () => {
    const port = await freePort();
    const there = await receiver(port);
    // When the socket is given a message, not when this busy process comes to read it at the other end.
    const sentAt: number[] = [];
    const write = Socket.prototype.write as (this: Socket, chunk: Buffer) => boolean;
    const spy = vi.spyOn(Socket.prototype, 'write').mockImplementation(function (this: Socket, chunk: unknown) {
      if (this.remotePort === port) sentAt.push(performance.now());
      return write.call(this, chunk as Buffer);
    });
    undos.push(() => spy.mockRestore());
    const here = plant(tcp(port, { heartbeat_seconds: 1 }), { per_second: 50 });
    here.store.outbox.addLost('soc', 3);
    start(here);
    await until('the connection', () => here.state('soc').state === 'connected');
    // Two hundred a second for a second and a half, of which all are high.
    for (let round = 0; round < 3; round++) {
      here.find(numbered(round * 100, round * 100 + 100));
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await until('all of them', () => alertIds(there.messages).includes(numbered(299, 300)[0]!.id));
    const told = alertIds(there.messages).filter((id) => id.startsWith('alert-0000'));
    expect(told).toEqual(numbered(0, 300).map(({ id }) => id));
    expect(new Set(there.messages.map((message) => jsonOf(message)['type']))).toEqual(
      new Set(['alert', 'heartbeat', 'notice']),
    );
    expect(sentAt).toHaveLength(there.messages.length);
    const inSecond = sentAt.map((from) => sentAt.filter((at) => at >= from && at < from + 1000).length);
    expect(Math.max(...inSecond)).toBeLessThanOrEqual(50);
  });

  it('still tells of an alert that retention has removed before it could be sent', async () => {
    const port = await freePort();
    const here = plant(tcp(port));
    here.store.close();
    const store = new SqliteFindingsStore(here.data, {
      role: 'sensor',
      retention: { alerts: 10, packetBytes: 1_000_000, days: 0 },
      outbox: outboxOptions(here.config, here.data, true),
      warn: () => {},
    });
    const batch = { ...sampleFindings(), assets: [], conversations: [], variables: [], packets: [] };
    for (let from = 0; from < 60; from += 20) store.write({ ...batch, alerts: numbered(from, from + 20) });
    store.write({ ...batch, alerts: [] });
    expect(store.alert(alert(0).id)).toBeNull();
    const there = await receiver(port);
    expect(await here.service().drain(5000)).toMatchObject([{ left: 0 }]);
    expect(alertIds(there.messages)).toEqual(numbered(0, 60).map(({ id }) => id));
    expect(store.outbox.exporter('soc')?.lost).toBe(0);
    store.outbox.prune();
    expect(store.outbox.removedAlert(alert(0).id)).toBeNull();
    store.close();
  });

  it('gives up what is older than the bound, and counts it', async () => {
    const port = await freePort();
    const here = plant(tcp(port), { queue_days: 1 });
    here.find(numbered(0, 10));
    let passed = 0;
    const clocks = { now: () => Date.now() + passed, steady: () => performance.now() + passed };
    start(here, {}, clocks);
    await until('the queue to be looked at', () => here.store.outbox.memo('queue_clock') !== null);
    passed = 2 * 86_400_000;
    await until('the old ones to go', () => here.state('soc').lost === 10);
    expect(here.waiting('soc')).toBe(0);
  });

  it.each([
    ['forward', 400],
    ['back', -400],
  ])('gives up nothing when the clock is set %s by %i days', async (_, days) => {
    const port = await freePort();
    const here = plant(tcp(port), { queue_days: 1 });
    here.find(numbered(0, 10));
    let set = 0;
    start(here, {}, { now: () => Date.now() + set });
    await until('the queue to be looked at', () => here.store.outbox.memo('queue_clock') !== null);
    set = days * 86_400_000;
    const lookedAt = here.store.outbox.memo('queue_clock');
    await until('it to be looked at again', () => here.store.outbox.memo('queue_clock') !== lookedAt);
    expect(here.state('soc').lost).toBe(0);
    const oldest = here.store.outbox.oldestWaiting(here.state('soc'), Date.now() + set) ?? 0;
    expect(Math.abs(oldest - (Date.now() + set))).toBeLessThan(120_000);
    const there = await receiver(port);
    await until('all of them', () => there.messages.length === 10);
  });

  it('sends an exporter only what passes its filter', async () => {
    const port = await freePort();
    const there = await receiver(port);
    const here = plant(tcp(port, { min_severity: 'high', kinds: ['rule', 'health'], events: ['alert'] }));
    start(here);
    here.find([
      alert(1, { severity: 'medium', kind: 'rule' }),
      alert(2, { severity: 'critical', kind: 'rule' }),
      alert(3, { severity: 'critical', kind: 'deviation' }),
      alert(4, { severity: 'high', kind: 'health' }),
    ]);
    here.store.setAlertStatus('alert-00000002', 'closed');
    await until('the queue to be empty', () => here.waiting('soc') === 0);
    expect(alertIds(there.messages)).toEqual(['alert-00000002', 'alert-00000004']);
    expect(there.messages.map(jsonOf).map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it('holds nobody up when one receiver hangs', async () => {
    const [dead, alive] = [await freePort(), await freePort()];
    // Accepts and never reads.
    await receiver(dead, (socket) => socket.pause());
    const there = await receiver(alive);
    const quick = { messages_per_second: 100_000 };
    const here = plant({ ...tcp(alive, quick), hung: tcp(dead, quick).soc }, { per_second: 10_000 });
    start(here);
    for (let from = 0; from < 8_000; from += 2000) here.find(numbered(from, from + 2000));
    await until('the living one to have all', () => there.messages.length >= 8_000, 60_000);
    expect(here.waiting('hung')).toBeGreaterThan(1_000);
  });

  it('drains at the end of a replay, and says what is left', async () => {
    const port = await freePort();
    const there = await receiver(port);
    const here = plant({
      ...tcp(port),
      gone: tcp(await freePort()).soc,
      kept: { type: 'file', path: 'out/alerts.ndjson' },
    });
    here.find(numbered(0, 300));
    here.find([alert(1, { count: 9 })]);
    const left = await here.service().drain(3000);
    expect(left.map(({ name, left: amount }) => [name, amount])).toEqual([
      ['gone', 301],
      ['kept', 0],
      ['soc', 0],
    ]);
    expect(left[0]?.error).toContain('refuses the connection');
    expect(there.messages).toHaveLength(301);
    const lines = readFileSync(join(here.data, 'out/alerts.ndjson'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toEqual(
      Array.from({ length: 301 }, (_, n) => n + 1),
    );
    rmSync(join(here.data, 'out'), { recursive: true });
  });
});
