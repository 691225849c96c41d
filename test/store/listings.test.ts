import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatTable } from '../../sensor/cli/listings.js';
import { safeText } from '../../sensor/cli/terminal.js';
import type { Alert, Asset, Conversation } from '../../sensor/model/records.js';
import { ConsoleStore } from '../../sensor/store/console/console-store.js';
import { PASSWORD, sampleDataDir, tempDataDir } from '../support/console.js';
import { HOSTILE, sampleFindings, sampleVariables } from '../support/sample-findings.js';

const main = join(import.meta.dirname, '..', '..', 'dist', 'sensor', 'main.js');

function fieldwatch(args: string[], options: { input?: string; env?: Record<string, string> } = {}) {
  const result = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    input: options.input ?? '',
    env: { ...process.env, ...options.env },
    maxBuffer: 64 << 20,
  });
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

/** Nothing in it makes a terminal do anything but show it. */
const HARMLESS = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u;

describe('text from packets on a terminal', () => {
  it('shows control and direction characters by their code', () => {
    expect(safeText('a\u001b[2Jb\u0000\r\n\u202e\u2028\u00ad\ufeff\u009b')).toBe(
      'a\\u{1b}[2Jb\\u{0}\\u{d}\\u{a}\\u{202e}\\u{2028}\\u{ad}\\u{feff}\\u{9b}',
    );
    expect(safeText('Füller Ω 泵 🏭')).toBe('Füller Ω 泵 🏭');
    for (const text of Object.values(HOSTILE)) expect(safeText(text)).toMatch(HARMLESS);
  });

  it('stands in aligned columns and is cut, not wrapped', () => {
    const table = formatTable(
      ['A', 'B'],
      [
        ['long cell', 'x'.repeat(100)],
        ['é', 'y'],
      ],
    );
    const lines = table.trimEnd().split('\n');
    expect(lines[0]).toBe('A          B');
    expect(lines[1]).toBe(`long cell  ${'x'.repeat(59)}…`);
    expect(lines[2]).toBe('é          y');
  });
});

describe.skipIf(!existsSync(main))('the listings (need npm run build)', () => {
  let data: { dir: string; remove(): void };
  beforeAll(() => {
    data = sampleDataDir();
  });
  afterAll(() => data.remove());

  const ndjson = <T>(text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as T);

  it('print records as NDJSON, the same as the store has them', () => {
    const sample = sampleFindings();
    const list = <T>(name: string) => ndjson<T>(fieldwatch([name, '--json', '--data', data.dir]).stdout);
    expect(list<Asset>('assets')).toEqual(expect.arrayContaining(sample.assets));
    expect(list<Conversation>('conversations')).toEqual(expect.arrayContaining(sample.conversations));
    const alerts = list<Alert>('alerts');
    expect(alerts).toHaveLength(sample.alerts.length);
    for (const alert of sample.alerts.filter((item) => item.id !== 'alert-write')) expect(alerts).toContainEqual(alert);
  });

  it.each(['assets', 'alerts', 'conversations'])('of %s are harmless in a terminal, as a table and as JSON', (name) => {
    for (const format of [[], ['--json']]) {
      const { status, stdout } = fieldwatch([name, '--data', data.dir, ...format]);
      expect(status).toBe(0);
      for (const line of stdout.trimEnd().split('\n')) expect(line).toMatch(HARMLESS);
    }
  });

  it('are tables with a head', () => {
    const { stdout } = fieldwatch(['assets', '--data', data.dir]);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^ADDRESS +NAME +ROLE +VENDOR/);
    expect(lines[1]).toMatch(/^192\.168\.10\.11 +PLC-Filling-1 +plc +Schneider Electric +TM221CE40R/);
    expect(fieldwatch(['alerts', '--data', data.dir]).stdout).toMatch(/critical +open +deviation +5 +192\.168\.10\.99/);
    expect(fieldwatch(['conversations', '--data', data.dir]).stdout).toMatch(/read_holding_registers ×5990/);
  });

  it('take the directory from the environment', () => {
    expect(fieldwatch(['assets', '--json'], { env: { FIELDWATCH_DATA: data.dir } }).stdout.split('\n')).toHaveLength(7);
  });

  it.each(['assets', 'alerts', 'conversations', 'variables', 'baseline status', 'baseline approve'])(
    '%s without a data directory is one sentence and exit status 2',
    (command) => {
      const { status, stdout, stderr } = fieldwatch([...command.split(' '), '--data', join(data.dir, 'none')]);
      expect(status).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^fieldwatch: There is no data directory .*none: .*\n$/);
      expect(existsSync(join(data.dir, 'none'))).toBe(false);
    },
  );

  it('show the process variables', () => {
    const json = fieldwatch(['variables', '--json', '--data', data.dir]);
    expect([json.status, json.stderr]).toEqual([0, '']);
    expect(
      json.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(sampleVariables());
    const table = fieldwatch(['variables', '--data', data.dir]);
    expect(table.stdout).toMatch(/^DEVICE +UNIT +NAME .*\n10\.20\.1\.10 +1 +holding_register 40001 +analogue +650 /);
  });

  it('end quietly when the reader of the pipe has enough', () => {
    const shell = spawnSync(
      'sh',
      ['-c', `"${process.execPath}" "${main}" alerts --json --data "${data.dir}" | head -n 1`],
      {
        encoding: 'utf8',
      },
    );
    expect(shell.stdout.split('\n')).toHaveLength(2);
    expect(shell.stderr).toBe('');
  });

  it('learn and protect from the command line, and leave a trace of it', () => {
    const { dir } = data;
    expect(fieldwatch(['baseline', 'status', '--data', dir]).stdout).toMatch(/^Protecting: .*\nKnown: 5 assets/);
    expect(fieldwatch(['baseline', 'approve', '--learn', '--data', dir]).status).toBe(0);
    expect(JSON.parse(fieldwatch(['baseline', 'status', '--json', '--data', dir]).stdout)).toMatchObject({
      phase: 'protect',
      requested_phase: 'learn',
      assets: 5,
      new_assets: 1,
    });
    expect(fieldwatch(['baseline', 'approve', '--data', dir]).stdout).toContain('Learning ends');
    const accounts = new ConsoleStore(dir);
    expect(accounts.auditRows(2).map((row) => [row.action, row.before, row.after])).toEqual([
      ['baseline.phase', 'learn', 'protect'],
      ['baseline.phase', 'protect', 'learn'],
    ]);
    accounts.close();
  });
});

describe.skipIf(!existsSync(main))('accounts on the command line (need npm run build)', () => {
  it('are added, listed, changed and disabled; passwords come by standard input alone', () => {
    const data = tempDataDir();
    const user = (args: string[], input = '') => fieldwatch(['user', ...args, '--data', data.dir], { input });
    expect(user(['add', '--name', 'ada', '--role', 'admin']).stderr).toContain('--password-stdin');
    expect(user(['add', '--name', 'ada', '--role', 'admin', '--password-stdin'])).toMatchObject({ status: 2 });
    expect(user(['add', '--name', 'ada', '--role', 'admin', '--password-stdin'], 'password1234\n')).toMatchObject({
      status: 2,
    });
    expect(user(['add', '--name', 'ada', '--role', 'boss', '--password-stdin'], `${PASSWORD}\n`)).toMatchObject({
      status: 2,
    });
    expect(user(['add', '--name', 'ada', '--role', 'admin', '--password-stdin'], `${PASSWORD}\n`)).toMatchObject({
      status: 0,
    });
    expect(user(['add', '--name', 'vera', '--role', 'viewer', '--password-stdin'], PASSWORD)).toMatchObject({
      status: 0,
    });
    expect(user(['role', '--name', 'vera', '--role', 'analyst'])).toMatchObject({ status: 0 });
    expect(user(['disable', '--name', 'vera'])).toMatchObject({ status: 0 });
    expect(user(['disable', '--name', 'ada']).stderr).toContain('last admin');
    expect(user(['list']).stdout).toMatch(
      /^NAME +ROLE +STATE +CREATED\nada +admin +active .*\nvera +analyst +disabled /,
    );
    expect(user(['list', '--json']).stdout).not.toContain('scrypt');
    data.remove();
  });
});

describe.skipIf(!existsSync(main))('fieldwatch console (needs npm run build)', () => {
  it('prints its address and how to sign in, serves, and ends on SIGTERM', async () => {
    const data = tempDataDir();
    const sub = join(data.dir, 'fresh');
    const child = spawn(process.execPath, [main, 'console', '--data', sub, '--listen', '127.0.0.1:0'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    let text = '';
    for await (const line of createInterface({ input: child.stdout })) {
      text += `${line}\n`;
      if (/^ +[A-Z2-9]{4}(-[A-Z2-9]{4}){7}$/.test(line)) break;
    }
    const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(text)?.[0] ?? '';
    expect(await (await fetch(`${url}api/v1/session`)).json()).toMatchObject({ setup_required: true });
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    data.remove();
  });

  it('refuses what it cannot do with one sentence', () => {
    const data = tempDataDir();
    mkdirSync(join(data.dir, 'findings.db'));
    for (const args of [['--listen', 'nonsense'], ['--listen', '203.0.113.7:8420'], []]) {
      const { status, stderr } = fieldwatch([
        'console',
        '--data',
        args.length > 0 ? join(data.dir, 'x') : data.dir,
        ...args,
      ]);
      expect(status).toBe(2);
      expect(stderr).toMatch(/^fieldwatch: [^\n]+\n$/);
    }
    data.remove();
  });
});
