import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Alert, SensorHealth } from '../../sensor/model/records.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import type { SensorMemory } from '../../sensor/store/store.js';
import { DIST, MAIN, Namespace, ROOT, sayWhySkipped, Talker, until, whyNoNamespaces } from './namespace.js';

const DRIVER = fileURLToPath(new URL('session-driver.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fieldwatch-live-'));
afterAll(() => rmSync(folder, { recursive: true }));

function listing(data: string, ...what: string[]): Record<string, unknown>[] {
  const text = execFileSync(process.execPath, [MAIN, ...what, '--json', '--data', data], { encoding: 'utf8' });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

function findings(data: string): SensorMemory {
  const store = new SqliteFindingsStore(data, { role: 'reader' });
  try {
    const memory = store.loadSensorMemory();
    // Live, records are written as they come, a replay writes all at its end: the order says nothing, and a period is
    // as exact as it was when its variable was written last.
    memory.variables.sort((one, other) => (one.id < other.id ? -1 : 1));
    for (const variable of memory.variables) {
      if (variable.period_seconds !== undefined)
        variable.period_seconds = Math.round(variable.period_seconds * 10) / 10;
    }
    return memory;
  } finally {
    store.close();
  }
}

function health(data: string): SensorHealth | undefined {
  const store = new SqliteFindingsStore(data, { role: 'reader' });
  try {
    return store.health()[0];
  } finally {
    store.close();
  }
}

const captures = existsSync(join(ROOT, 'fixtures', 'modbus'))
  ? readdirSync(join(ROOT, 'fixtures', 'modbus')).filter((name) => name.endsWith('.pcap'))
  : [];
const plant = join(ROOT, 'fixtures', 'plant');
const plantCaptures = existsSync(plant) ? readdirSync(plant).filter((name) => /attack.*\.pcap(ng)?$/.test(name)) : [];

describe.skipIf(!existsSync(MAIN))('the same packets through the live threads and through replay', () => {
  const inputs = [
    ...captures
      .filter((name) => /modbus-serial-writes|libmodbus-malformed|pymodbus-function-scan/.test(name))
      .map((name) => join('modbus', name)),
    ...plantCaptures.map((name) => join('plant', name)),
  ];
  it.each(inputs)('give the same findings with the same ids: %s', async (name) => {
    const capture = join(ROOT, 'fixtures', name);
    const replayed = join(folder, `replay-${name.replaceAll('/', '-')}`);
    const played = join(folder, `live-${name.replaceAll('/', '-')}`);
    execFileSync(process.execPath, [MAIN, 'replay', capture, '--data', replayed, '--phase', 'protect', '--json']);
    const command = {
      source: 'played',
      command: 'cat',
      args: [capture],
      heartbeat: null,
      countsDrops: false,
      ends: true,
      notes: [],
    };
    const driver = new Talker(process.execPath, [
      DRIVER,
      DIST,
      JSON.stringify({ data: played, interfaces: [{ name: 'played', command }] }),
    ]);
    expect(await driver.ended()).toBe(0);
    expect(driver.lines.at(-1)).toEqual({ type: 'end', unconfirmed: 0 });
    const expected = findings(replayed);
    expect(expected.openAlerts.length).toBeGreaterThan(0);
    expect(findings(played)).toEqual(expected);
  });
});

const isSkipped = sayWhySkipped(whyNoNamespaces());

describe.skipIf(isSkipped)('a live session', () => {
  let net: Namespace;
  beforeAll(() => {
    net = new Namespace();
  });
  afterAll(() => net?.remove());

  let sessions = 0;
  function start(options: object = {}): { driver: Talker; data: string } {
    const data = join(folder, `session-${sessions++}`);
    return { driver: net.node(DRIVER, DIST, JSON.stringify({ data, interfaces: [{ name: 'm0' }], ...options })), data };
  }
  const status = (driver: Talker) => driver.lines.findLast((line) => line.type === 'status');
  const captureProcesses = () =>
    execFileSync('ip', ['netns', 'pids', net.name], { encoding: 'utf8' })
      .split('\n')
      .filter((pid) => pid !== '' && commandOf(pid) === 'tcpdump').length;
  const capturing = (driver: Talker) =>
    until(`a capture, not ${JSON.stringify(driver.lines.at(-1))} ${driver.stderr}`, () =>
      (status(driver)?.['interfaces'] as { state: string }[] | undefined)?.every((i) => i.state === 'capturing'),
    );
  const alerts = (driver: Talker) =>
    driver.lines.flatMap((line) => (line.type === 'alerts' ? (line['alerts'] as Alert[]) : []));

  it('starts the analysing thread again when it dies, says when it was blind, and loses nothing that was found', async () => {
    const { driver, data } = start();
    await capturing(driver);
    net.send(30);
    await until('the packets in the store', () => (health(data)?.packets ?? 0) >= 30);
    driver.say('sensor');
    await until('the second thread', () => driver.lines.filter((line) => line['name'] === 'sensor').length === 2);
    await until('the alert', () => alerts(driver).some((alert) => alert.rule_id === 'sensor.restarted'));
    await until('the interval', () => (health(data)?.blind.length ?? 0) > 0);
    expect(health(data)?.blind).toMatchObject([
      { interface: 'm0', reason: expect.stringContaining('analysing thread') },
    ]);
    driver.process.kill('SIGTERM');
    expect(await driver.ended()).toBe(0);
    expect(listing(data, 'assets').length).toBeGreaterThan(0);
    expect(health(data)?.running).toBe(false);
    expect(captureProcesses()).toBe(0);
  });

  it.each([
    ['hangs', { harm: 'loop', stuckMs: 2500 }],
    ['needs more memory than it may', { harm: 'memory', heapMegabytes: 64 }],
  ])('starts the analysing thread again when it %s, and ends its capture processes', async (_name, options) => {
    const { driver } = start(options);
    await capturing(driver);
    await until('the second thread', () => driver.lines.filter((line) => line['name'] === 'sensor').length === 2);
    await until('the alert', () => alerts(driver).some((alert) => alert.rule_id === 'sensor.restarted'));
    const restartedAt = driver.lines.findLastIndex((line) => line['name'] === 'sensor');
    await until('captured again', () => {
      const later = driver.lines.findLast((line, at) => at > restartedAt && line.type === 'status');
      return (later?.['interfaces'] as { state: string }[] | undefined)?.[0]?.state === 'capturing';
    });
    const before = Number(status(driver)?.['packets']);
    net.send(10);
    await until('packets again', () => Number(status(driver)?.['packets']) >= before + 10);
    expect(captureProcesses()).toBe(1);
    driver.process.kill('SIGTERM');
    expect(await driver.ended()).toBe(0);
    expect(captureProcesses()).toBe(0);
  });

  it('starts the writing thread again when it dies, and stores what was found meanwhile', async () => {
    const { driver, data } = start();
    await capturing(driver);
    driver.say('writer');
    net.send(30);
    await until('the second thread', () => driver.lines.filter((line) => line['name'] === 'writer').length === 2);
    await until('the packets in the store', () => (health(data)?.packets ?? 0) >= 30);
    await until('the alert', () => alerts(driver).some((alert) => alert.rule_id === 'sensor.writer_restarted'));
    driver.process.kill('SIGTERM');
    await driver.ended();
    expect(driver.lines.at(-1)).toEqual({ type: 'end', unconfirmed: 0 });
    expect(listing(data, 'alerts').map((alert) => alert['rule_id'])).toContain('sensor.writer_restarted');
  });

  it('starts the writing thread again when it hangs, and stores what was found meanwhile', async () => {
    const { driver, data } = start({ harm: 'loop', harms: 'writer', writerStuckMs: 2500 });
    await capturing(driver);
    await until('the second thread', () => driver.lines.filter((line) => line['name'] === 'writer').length === 2);
    net.send(30);
    await until('the packets in the store', () => (health(data)?.packets ?? 0) >= 30);
    const restarted = () => alerts(driver).find((alert) => alert.rule_id === 'sensor.writer_restarted');
    await until('the alert', () => restarted() !== undefined);
    expect(restarted()?.description).toContain('no sign of life');
    driver.process.kill('SIGTERM');
    await driver.ended();
    expect(driver.lines.at(-1)).toEqual({ type: 'end', unconfirmed: 0 });
  });

  it('goes on when the disk is full, and stores everything by itself once there is room', async () => {
    const disk = mkdtempSync(join(tmpdir(), 'fieldwatch-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk]);
    try {
      const data = join(disk, 'data');
      const { driver } = start({ data });
      await capturing(driver);
      expect(() => writeFileSync(join(disk, 'fill'), Buffer.alloc(4_000_000))).toThrow(/ENOSPC/);
      net.send(200, 200, 1000);
      const notices = () => driver.lines.flatMap((line) => (line.type === 'notice' ? [String(line['sentence'])] : []));
      await until('the notice', () => notices().some((sentence) => sentence.includes('writing to the store failed')));
      expect(findings(data).openAlerts).toEqual([]);
      rmSync(join(disk, 'fill'));
      await until('the second notice', () => notices().includes('the store works again'));
      driver.process.kill('SIGTERM');
      await driver.ended();
      expect(driver.lines.at(-1)).toEqual({ type: 'end', unconfirmed: 0 });
      const stored = findings(data).openAlerts.map((alert) => alert.rule_id);
      expect(stored).toEqual(expect.arrayContaining(['new-asset', 'store.write_failed']));
    } finally {
      execFileSync('umount', ['-l', disk]);
      rmSync(disk, { recursive: true });
    }
  });

  it('refuses a store that cannot be used', async () => {
    const { driver } = start({ data: '/dev/null/x' });
    const error = await until('the error', () => driver.lines.find((line) => line.type === 'error'));
    expect(error['name']).toBe('StoreError');
    expect(await driver.ended()).toBe(0);
  });
});

describe.skipIf(isSkipped)('fieldwatch live', () => {
  let net: Namespace;
  beforeAll(() => {
    net = new Namespace();
  });
  afterAll(() => net?.remove());

  it('shows a running Modbus server and client within seconds, and stops within five', async () => {
    const data = join(folder, 'lo');
    const sensor = net.node(MAIN, 'live', '-i', 'lo', '--data', data, '--phase', 'protect', '--json');
    await until(`the capture ${sensor.stderr}`, () => sensor.stderr.includes('lo: capturing'));
    const plantScript = `const M=require('modbus-serial');
      const server=new M.ServerTCP({getHoldingRegister:(a)=>a,setRegister:()=>{}},{host:'127.0.0.1',port:502,unitID:1});
      server.on('initialized',async()=>{const c=new M();await c.connectTCP('127.0.0.1',{port:502});c.setID(1);
        setInterval(()=>{c.readHoldingRegisters(0,10).catch(()=>{})},50);
        setTimeout(()=>{c.writeRegister(4,7).catch(()=>{})},100)})`;
    const work = spawn('ip', ['netns', 'exec', net.name, process.execPath, '-e', plantScript], {
      cwd: ROOT,
      stdio: 'ignore',
    });
    try {
      const begin = performance.now();
      await until('the conversation', () => {
        const found = listing(data, 'conversations').find((conversation) => conversation['protocol'] === 'modbus');
        return (found?.['operations'] as { operation: string }[] | undefined)?.some(
          (operation) => operation.operation === 'read_holding_registers',
        );
      });
      expect(performance.now() - begin).toBeLessThan(5000);
      await until('the write', () => sensor.lines.some((line) => line['rule_id'] === 'new-writer'));
    } finally {
      work.kill();
    }
    const begin = performance.now();
    sensor.process.kill('SIGINT');
    expect(await sensor.ended()).toBe(0);
    expect(performance.now() - begin).toBeLessThan(5000);
    expect(sensor.stderr).toMatch(/Stopped after \d+ packets/);
    // Each alert is told once.
    const ids = sensor.lines.map((line) => line['id']);
    expect(new Set(ids).size).toBe(ids.length);
    expect(listing(data, 'alerts').map((alert) => alert['id'])).toEqual(expect.arrayContaining(ids));
  });

  it('works for a user who has nothing but the right to capture, and sends nothing', async () => {
    const home = mkdtempSync(join(tmpdir(), 'fieldwatch-user-'));
    execFileSync('chown', ['65534:65534', home]);
    const sensor = new Talker('ip', [
      ...['netns', 'exec', net.name, 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs'],
      ...['--inh-caps=+net_raw', '--ambient-caps=+net_raw', process.execPath, MAIN],
      ...['live', '-i', 'm0', '--data', join(home, 'data'), '--console', '--listen', '127.0.0.1:0'],
    ]);
    try {
      await until(`capture and console ${sensor.stderr}`, () =>
        /m0: capturing[\s\S]*Console: http/.test(sensor.stderr),
      );
      net.send(20);
      await until('the packets', () => (health(join(home, 'data'))?.packets ?? 0) >= 20);
    } finally {
      sensor.process.kill('SIGTERM');
    }
    expect(await sensor.ended()).toBe(0);
    expect(net.sh('cat /sys/class/net/m0/statistics/tx_packets').trim()).toBe('0');
    rmSync(home, { recursive: true });
  });

  it.each([
    [['-i', 'm0', '-i', 'nope'], /there is no interface "nope": the interfaces of this machine are .*lo.*m0/],
    [[], /no interface to capture on: name one with -i/],
    [['-i', '--json'], /there is no interface "--json"/],
    [['-i', 'm0', '--filter', 'prt 502'], /the capture filter is not valid/],
    [['-i', 'm0', '--snaplen', '7'], /"capture.snaplen" must be a whole number from 128/],
    [['-i', 'm0', '--source', 'magic'], /"capture.source" must be one of tcpdump, cap/],
    [['-i', 'm1', '--console', '--listen', '10.9.0.1:8420'], /an address of the monitored interface m1/],
  ])('refuses %j in one sentence', async (args, sentence) => {
    const sensor = net.node(MAIN, 'live', '--data', join(folder, 'refused'), ...args);
    expect(await sensor.ended()).toBe(2);
    expect(sensor.stderr).toMatch(sentence);
    expect(sensor.stderr.trim().split('\n').length).toBe(1);
  });

  it('says what a user without the right to capture must do', async () => {
    const home = mkdtempSync(join(tmpdir(), 'fieldwatch-user-'));
    execFileSync('chown', ['65534:65534', home]);
    const sensor = new Talker('setpriv', [
      ...['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, MAIN],
      ...['live', '-i', 'lo', '--data', join(home, 'data')],
    ]);
    expect(await sensor.ended()).toBe(2);
    expect(sensor.stderr).toMatch(/^fieldwatch: capturing on lo is not permitted: .*CAP_NET_RAW.*\n$/);
    rmSync(home, { recursive: true });
  });

  it('doctor finds the mirror port fit, and fails for an interface that is not there', async () => {
    const good = net.node(MAIN, 'doctor', '-i', 'm0', '--data', folder, '--json');
    expect(await good.ended()).toBe(0);
    const found = new Map(good.lines.map((line) => [line['check'], line['verdict']]));
    expect(found.get('interface m0')).toBe('ok');
    expect(found.get('tcpdump')).toBe('ok');
    expect(found.get('permission')).toBe('warn');
    const bad = net.node(MAIN, 'doctor', '-i', 'nope', '--json');
    expect(await bad.ended()).toBe(1);
    expect(bad.lines.find((line) => line['check'] === 'interface nope')).toMatchObject({ verdict: 'fail' });
  });
});
