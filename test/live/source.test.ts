import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlindInterval, InterfaceHealth } from '../../sensor/model/records.js';
import { DIST, type Line, Namespace, sayWhySkipped, type Talker, until, whyNoNamespaces } from './namespace.js';

const isSkipped = sayWhySkipped(whyNoNamespaces());
const DRIVER = fileURLToPath(new URL('live-driver.mjs', import.meta.url));

function hasCap(): boolean {
  try {
    createRequire(import.meta.url)('cap');
    return true;
  } catch {
    return false;
  }
}

interface HealthLine extends Line {
  interfaces: InterfaceHealth[];
  blind: BlindInterval[];
}

describe.skipIf(isSkipped)('live source on a mirror port', () => {
  let net: Namespace;
  beforeEach(() => {
    net = new Namespace();
  });
  afterEach(() => net.remove());

  const start = (options: object = {}): Talker =>
    net.node(DRIVER, DIST, JSON.stringify({ interfaces: ['m0'], ...options }));
  const health = (driver: Talker) => driver.lines.findLast((line) => line.type === 'health') as HealthLine | undefined;
  const first = (driver: Talker) => health(driver)?.interfaces[0];
  const events = (driver: Talker) => driver.lines.filter((line) => line.type === 'event').map((line) => line['code']);
  const state = (driver: Talker, wanted: string) =>
    until(
      `state ${wanted}, not ${JSON.stringify(driver.lines.at(-1))} ${driver.stderr}`,
      () => first(driver)?.state === wanted,
    );
  const packets = (driver: Talker, count: number) =>
    until(`${count} packets, not ${JSON.stringify(first(driver))}`, () => (first(driver)?.packets ?? 0) >= count);
  const pid = (driver: Talker) =>
    driver.lines.findLast((line) => line.type === 'process' && line['running'] === true)?.['pid'] as number;
  const seconds = (interval: BlindInterval | undefined) =>
    (Date.parse(interval?.to ?? '') - Date.parse(interval?.from ?? '')) / 1000;

  it('counts every packet, hands each over at once, and sends none itself', async () => {
    const driver = start();
    await state(driver, 'capturing');
    net.send(50, 20);
    await packets(driver, 50);
    driver.process.kill('SIGTERM');
    expect(await driver.ended()).toBe(0);
    const end = driver.lines.at(-1) as unknown as { latency: { p50: number } };
    expect(end.latency.p50).toBeLessThan(100);
    expect(first(driver)).toMatchObject({
      state: 'stopped',
      packets: 50,
      dropped_by_kernel: 0,
      dropped_by_interface: 0,
    });
    expect(health(driver)?.blind).toEqual([]);
    expect(net.sh('cat /sys/class/net/m0/statistics/tx_packets').trim()).toBe('0');
  });

  it('applies filter and snap length, and says that packets were cut', async () => {
    const driver = start({ capture: { filter: 'udp port 9999', snaplen: 48 } });
    await state(driver, 'capturing');
    net.sh('ip link set m1 arp on; ping -c 1 -W 1 10.9.0.2 >/dev/null || true');
    net.send(10);
    await packets(driver, 10);
    driver.process.kill('SIGTERM');
    await driver.ended();
    expect(first(driver)?.packets).toBe(10);
    expect(first(driver)?.notes.join()).toContain('10 packets were longer than the snap length');
  });

  it('notices that the link is down and goes on when it is back', async () => {
    const driver = start();
    await state(driver, 'capturing');
    net.send(5);
    await packets(driver, 5);
    net.sh('ip link set m1 down');
    await state(driver, 'link_down');
    expect(events(driver)).toEqual(['capture.link_down']);
    expect(health(driver)?.blind).toMatchObject([{ interface: 'm0', reason: 'the link is down' }]);
    expect(health(driver)?.blind[0]).not.toHaveProperty('to');
    net.sh('ip link set m1 up; ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev m1 nud permanent');
    await state(driver, 'capturing');
    net.send(5);
    await packets(driver, 10);
    expect(seconds(health(driver)?.blind[0])).toBeGreaterThan(0);
    expect(events(driver)).toEqual(['capture.link_down']);
  });

  it('notices a link that was down between two looks', async () => {
    const driver = start();
    await state(driver, 'capturing');
    net.sh('ip link set m1 down; ip link set m1 up');
    await until('the event', () => events(driver).includes('capture.link_down'));
    await until('the interval', () => health(driver)?.blind[0]?.to);
    expect(first(driver)?.state).toBe('capturing');
  });

  it('waits for an interface that is gone and captures the new one of that name', async () => {
    const driver = start();
    await state(driver, 'capturing');
    net.sh('ip link del m0');
    await state(driver, 'gone');
    expect(events(driver)).toEqual(['capture.interface_gone']);
    net.addMirror();
    await state(driver, 'capturing');
    net.send(5);
    await packets(driver, 5);
    expect(health(driver)?.blind).toMatchObject([{ reason: 'the interface is gone' }]);
  });

  it('lets go of an interface that was renamed', async () => {
    const driver = start();
    await state(driver, 'capturing');
    const child = pid(driver);
    net.sh('ip link set m0 down; ip link set m0 name other; ip link set other up');
    await state(driver, 'gone');
    await until('the end of the capture process', () =>
      driver.lines.some((line) => line.type === 'process' && line['pid'] === child && line['running'] === false),
    );
  });

  it.each([
    ['is killed', 'SIGKILL'],
    ['ends by itself', 'SIGTERM'],
    ['is stopped', 'SIGSTOP'],
  ])('starts a capture process again that %s, in under two seconds', async (_name, signal) => {
    const driver = start();
    await state(driver, 'capturing');
    net.send(5);
    await packets(driver, 5);
    process.kill(pid(driver), signal);
    await until('the end of the interval', () => health(driver)?.blind[0]?.to);
    expect(events(driver)).toEqual(['capture.interrupted']);
    net.send(5);
    await packets(driver, 10);
    const blind = health(driver)?.blind ?? [];
    expect(blind.length).toBe(1);
    expect(seconds(blind[0])).toBeLessThan(2);
    expect(seconds(blind[0])).toBeGreaterThan(0);
    expect(first(driver)?.notes.join()).toContain('restarted once');
  });

  it('slows down and says so when the capture keeps failing', async () => {
    const driver = start({ timing: { unstableFailures: 3, restartDelayMs: 10 } });
    const killed = new Set<number>();
    await until('the event', () => {
      const current = pid(driver);
      if (first(driver)?.state === 'capturing' && current && !killed.has(current)) {
        killed.add(current);
        process.kill(current, 'SIGKILL');
      }
      return events(driver).includes('capture.unstable');
    });
    expect(killed.size).toBe(3);
    await state(driver, 'restarting');
  });

  it('says that a link carries nothing, and when it does again', async () => {
    const driver = start({ timing: { noTrafficSeconds: 1 } });
    await state(driver, 'no_traffic');
    expect(events(driver)).toEqual(['capture.no_traffic']);
    net.send(3);
    await state(driver, 'capturing');
    expect(health(driver)?.blind[0]).toMatchObject({ reason: 'no packets arrived although the link is up' });
  });

  it('merges several interfaces and numbers their packets through', async () => {
    net.sh('ip link add n0 type veth peer name n1; ip link set n0 up; ip link set n1 up');
    const driver = start({ interfaces: ['m0', 'm1', 'n0'] });
    await until('all capturing', () => health(driver)?.interfaces.every((i) => i.state === 'capturing'));
    net.send(10);
    await until('packets of two interfaces', () => {
      const counts = health(driver)?.interfaces.map((i) => i.packets);
      return counts?.[0] === 10 && counts[1] === 10 && counts[2] === 0;
    });
    driver.process.kill('SIGTERM');
    await driver.ended();
    expect(driver.lines.at(-1)).toMatchObject({ type: 'end', lastNumber: 20, outOfOrder: 0 });
  });

  it('refuses a filter that is none with one sentence', async () => {
    const driver = start({ capture: { filter: 'tcp prt 502' } });
    const error = await until('the error', () => driver.lines.find((line) => line.type === 'error'));
    expect(error).toMatchObject({ name: 'CaptureError' });
    expect(error['message']).toMatch(/capture filter is not valid.*pcap-filter\(7\)/);
  });

  it('counts what the kernel dropped while nobody read', async () => {
    const driver = start({ capture: { bufferMegabytes: 1 } });
    await state(driver, 'capturing');
    driver.process.kill('SIGSTOP');
    net.send(1000, 1000, 1400);
    driver.process.kill('SIGCONT');
    await until(`drops, not ${JSON.stringify(first(driver))}`, () => (first(driver)?.dropped_by_kernel ?? 0) > 0);
    await until('every packet as seen or dropped', () => {
      const counts = first(driver);
      return (counts?.packets ?? 0) + (counts?.dropped_by_kernel ?? 0) === 1000;
    });
  });

  it.skipIf(!hasCap())('captures with the cap package too, and says what it cannot tell', async () => {
    const driver = start({ capture: { source: 'cap' } });
    await state(driver, 'capturing');
    net.send(20, 100);
    await packets(driver, 20);
    expect(first(driver)).toMatchObject({ source: 'cap', dropped_by_kernel: null });
    expect(first(driver)?.notes.join()).toContain('not counted');
    net.sh('ip link set m1 down');
    await state(driver, 'link_down');
    net.sh('ip link set m1 up; ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev m1 nud permanent');
    await state(driver, 'capturing');
    net.send(5);
    await packets(driver, 25);
  });

  it('leaves no process behind', async () => {
    const driver = start();
    await state(driver, 'capturing');
    const child = pid(driver);
    driver.process.kill('SIGTERM');
    await driver.ended();
    expect(() => readFileSync(`/proc/${child}/stat`)).toThrow();
  });
});
