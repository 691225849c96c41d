import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { ExporterSettings } from '../../sensor/export/settings.js';
import {
  Authority,
  freePort,
  SYSLOG_NG,
  until,
  WITHOUT_OPENSSL,
  WITHOUT_RSYSLOG,
  WITHOUT_SYSLOG_NG,
} from './receivers.js';
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
  const authority = new Authority();
  folders.push(folder, authority.folder);
  const server = authority.issue('siem.test', 'DNS:siem.test');
  const client = authority.issue('north-1', 'DNS:north-1');
  mkdirSync(join(folder, 'etc'));
  copyFileSync(authority.ca, join(folder, 'etc/ca.pem'));
  copyFileSync(server.cert, join(folder, 'etc/cert.pem'));
  copyFileSync(server.key, join(folder, 'etc/key.pem'));
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
    server_name: 'siem.test',
    ca_file: authority.ca,
    cert_file: client.cert,
    key_file: client.key,
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
