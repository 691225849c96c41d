import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { ExporterSettings } from '../../sensor/export/settings.js';
import { freePort, SYSLOG_NG, until, WITHOUT_OPENSSL, WITHOUT_RSYSLOG, WITHOUT_SYSLOG_NG } from './receivers.js';
import { alert, Plant } from './support.js';

/** The configurations of docs/receivers as they stand there; only paths and port are this machine's. */

const RECEIVERS = fileURLToPath(new URL('../../docs/receivers/', import.meta.url));
const children: ChildProcess[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function holds(
  name: string,
  head: string,
  begin: (folder: string, config: string) => ChildProcess,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldwatch-receiver-'));
  folders.push(folder);
  // The commands of the page, word for word.
  const page = readFileSync(join(RECEIVERS, 'syslog.md'), 'utf8');
  const commands = /<!-- certificates: [^\n]*-->\s*```sh\n([\s\S]*?)```\s*<!-- end -->/.exec(page)?.[1] ?? '';
  expect(commands).toContain('openssl');
  const made = spawnSync('sh', ['-eu', '-c', commands], { cwd: folder, encoding: 'utf8' });
  expect(made.status, made.stderr).toBe(0);
  mkdirSync(join(folder, 'etc'));
  copyFileSync(join(folder, 'ca.pem'), join(folder, 'etc/ca.pem'));
  copyFileSync(join(folder, 'siem.example.com.pem'), join(folder, 'etc/cert.pem'));
  copyFileSync(join(folder, 'siem.example.com.key'), join(folder, 'etc/key.pem'));
  const port = await freePort();
  const config = join(folder, 'receiver.conf');
  const text = readFileSync(join(RECEIVERS, name), 'utf8');
  expect(text).toContain('/etc/fieldwatch-receiver/');
  writeFileSync(
    config,
    head +
      text
        .replaceAll('/etc/fieldwatch-receiver/', `${folder}/etc/`)
        .replaceAll('/var/log/', `${folder}/`)
        .replaceAll('6514', String(port)),
  );
  children.push(begin(folder, config));
  const settings = {
    type: 'syslog',
    host: '127.0.0.1',
    port,
    server_name: 'siem.example.com',
    ca_file: join(folder, 'ca.pem'),
    cert_file: join(folder, 'north-1.pem'),
    key_file: join(folder, 'north-1.key'),
  } as ExporterSettings;
  const here = new Plant({ soc: settings });
  try {
    here.find([alert(1), alert(2, { title: 'ü "quoted" ]' })]);
    const [left] = await here.service().drain(20_000);
    expect(left).toMatchObject({ left: 0 });
    const out = join(folder, 'fieldwatch.ndjson');
    const lines = () => (existsSync(out) ? readFileSync(out, 'utf8').trimEnd().split('\n') : []);
    await until('both lines', () => lines().length === 2);
    expect(lines().map((line) => (JSON.parse(line) as { title: string }).title)).toEqual([
      alert(1).title,
      'ü "quoted" ]',
    ]);
  } finally {
    here.close();
  }
}

describe.skipIf(WITHOUT_OPENSSL !== '')('the receivers’ configurations in docs/receivers', () => {
  it.skipIf(WITHOUT_RSYSLOG !== '')('rsyslog/fieldwatch.conf works', async () => {
    await holds('rsyslog/fieldwatch.conf', '', (folder, config) =>
      spawn('rsyslogd', ['-n', '-f', config, '-i', join(folder, 'pid')], { stdio: 'ignore' }),
    );
  });

  it.skipIf(WITHOUT_SYSLOG_NG !== '')('syslog-ng/fieldwatch.conf works', async () => {
    await holds('syslog-ng/fieldwatch.conf', '@version: 3.35\noptions { keep-hostname(yes); };\n', (folder, config) =>
      SYSLOG_NG.spawn(folder, config),
    );
  });
});
