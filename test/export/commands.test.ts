import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeReceiver, freePort, jsonOf, until } from './receivers.js';

const MAIN = fileURLToPath(new URL('../../dist/sensor/main.js', import.meta.url));
const PLANT = fileURLToPath(new URL('../../fixtures/plant/', import.meta.url));
const HAS_BUILD = existsSync(MAIN);
if (!HAS_BUILD) process.stderr.write('skipped: the tests of the export commands need a build (npm run build)\n');

let folder = '';
let port = 0;

interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

function run(...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

function settings(more = ''): void {
  writeFileSync(
    join(folder, 'fieldwatch.yaml'),
    `site: Works 7
sensor: north-1
data: kept
export:
  exporters:
    soc: { type: syslog, host: 127.0.0.1, port: ${port}, transport: tcp }
    log: { type: file, path: export/alerts.ndjson, format: cef }
${more}`,
  );
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fieldwatch-commands-'));
  port = await freePort();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!HAS_BUILD)('the commands', () => {
  it('replay queues, delivers what it can, and says what is left; later it is sent', async () => {
    settings();
    expect((await run('replay', join(PLANT, 'normal.pcap'), '--phase', 'learn')).status).toBe(0);
    const attack = await run(
      'replay',
      join(PLANT, 'attack.pcap'),
      '--phase',
      'protect',
      '--json',
      '--export-timeout',
      '3',
    );
    expect(attack.status).toBe(0);
    const { alerts } = JSON.parse(attack.stdout) as { alerts: Record<string, number> };
    const amount = Object.values(alerts).reduce((sum, count) => sum + count, 0);
    expect(amount).toBeGreaterThan(15);
    expect(attack.stderr).toContain(`exporter soc: ${amount} messages are left in the queue`);
    expect(attack.stderr).toContain('refuses the connection');
    const lines = readFileSync(join(folder, 'kept/export/alerts.ndjson'), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(amount);

    const status = await run('export', 'status', '--json');
    const rows = status.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows.map(({ exporter, waiting, sent, lost }) => [exporter, waiting, sent, lost])).toEqual([
      ['soc', amount, 0, 0],
      ['log', 0, amount, 0],
    ]);

    const there = new FakeReceiver(port);
    await there.listen();
    const sent = await run('export', 'send', '--timeout', '20');
    expect(sent).toMatchObject({ status: 0, stderr: '' });
    await until('the alerts', () => there.messages.length === amount);
    // The same capture gives the same events, whenever and wherever it is analysed.
    const again = join(folder, 'again');
    const other = ['--data', again, '--export-timeout', '20'];
    await run('replay', join(PLANT, 'normal.pcap'), '--phase', 'learn', ...other);
    await run('replay', join(PLANT, 'attack.pcap'), '--phase', 'protect', ...other);
    await until('the same alerts', () => there.messages.length === 2 * amount);
    const ids = there.messages.map((message) => String(jsonOf(message)['event_id']));
    expect(ids.slice(amount)).toEqual(ids.slice(0, amount));
    await there.vanish();
  }, 120_000);

  it('console delivers while it runs', async () => {
    settings();
    const there = new FakeReceiver(port);
    await there.listen();
    const data = join(folder, 'console');
    await run('replay', join(PLANT, 'normal.pcap'), '--phase', 'learn', '--data', data);
    await run('replay', join(PLANT, 'attack.pcap'), '--phase', 'protect', '--data', data, '--export-timeout', '0');
    expect(there.messages).toHaveLength(0);
    const child = spawn(process.execPath, [MAIN, 'console', '--data', data, '--listen', '127.0.0.1:0'], {
      cwd: folder,
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await until('the alerts', () => there.messages.length > 15);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    await there.vanish();
  }, 120_000);

  it('test every exporter, and fail when one fails', async () => {
    settings();
    const there = new FakeReceiver(port);
    await there.listen();
    const good = await run('export', 'test');
    expect(good.status).toBe(0);
    expect(good.stdout).toMatch(
      /soc:\n {2}ok {4}settings .*\n {2}ok {4}resolved .*\n {2}ok {4}connected .*\n {2}ok {4}written/,
    );
    await there.vanish();
    const bad = await run('export', 'test', '--json');
    expect(bad.status).toBe(1);
    expect(
      bad.stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { ok: boolean }).ok),
    ).toEqual([false, true]);
    expect((await run('export', 'test', 'nobody')).stderr).toContain(
      'there is no exporter "nobody"; there are soc, log.',
    );
  }, 60_000);

  it.each([
    ['an unknown key', '      prot: 1', 'fieldwatch.yaml:10: there is no setting "export.exporters.bad.prot"'],
    ['a wrong value', '      port: many', 'fieldwatch.yaml:10: "export.exporters.bad.port" must be a whole number'],
    ['a format that does not exist', '      format: xml', 'must be one of json, cef, leef, ecs, ocsf, eve'],
  ])(
    'every command refuses %s with file and line',
    async (_, line, words) => {
      settings(`    bad:\n      type: syslog\n${line}\n      host: a\n`);
      for (const args of [
        ['replay', join(PLANT, 'normal.pcap')],
        ['dissect', join(PLANT, 'normal.pcap')],
        ['alerts'],
        ['console'],
        ['export', 'test'],
        ['baseline', 'status'],
      ]) {
        const { status, stderr, stdout } = await run(...args);
        expect(status, args[0]).toBe(2);
        expect(stderr, args[0]).toContain(words);
        expect(stdout).toBe('');
      }
    },
    60_000,
  );

  it('a missing host and a missing type are told', async () => {
    settings('    bad: { type: syslog }\n');
    expect((await run('alerts')).stderr).toContain('"export.exporters.bad" needs "host"');
    settings('    bad: { host: a }\n');
    expect((await run('alerts')).stderr).toContain('needs a "type", one of syslog, file, webhook');
    settings('    "b d": { type: file, path: a }\n');
    expect((await run('alerts')).stderr).toContain('a name has 1 to 32 letters');
    expect(
      spawnSync(process.execPath, [MAIN, 'export', 'status', '--config', 'none.yaml'], {
        cwd: folder,
        encoding: 'utf8',
      }),
    ).toMatchObject({ status: 2 });
  });
});
