import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examineExporters } from '../../sensor/export/doctor.js';
import { planExporters } from '../../sensor/export/plan.js';
import { SecretBox } from '../../sensor/export/secrets.js';
import type { ExporterSettings } from '../../sensor/export/settings.js';
import { Authority, FakeReceiver, freePort, WITHOUT_OPENSSL } from './receivers.js';
import { exportConfig } from './support.js';

const NOW = Date.now();
const DAY_MS = 86_400_000;

describe.skipIf(WITHOUT_OPENSSL !== '')('what the doctor says of exporters', () => {
  let authority: Authority;
  let data: string;

  beforeAll(() => {
    authority = new Authority();
    data = mkdtempSync(join(tmpdir(), 'fieldwatch-doctor-'));
  });
  afterAll(() => {
    authority.remove();
    rmSync(data, { recursive: true, force: true });
  });

  const ask = async (settings: object, now = NOW) => {
    const config = exportConfig({ soc: settings as ExporterSettings });
    const found = await examineExporters(planExporters(config, ''), data, now);
    return found.map(
      ({ check, verdict, finding, advice }) => [verdict, check, `${finding} – ${advice ?? ''}`] as const,
    );
  };

  /** Takes connections and keeps what it is sent. */
  async function tlsReceiver(days: number) {
    const stamp = (at: number) => `${new Date(at).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`;
    const pair = authority.issue('siem.test', 'DNS:siem.test', [stamp(NOW - DAY_MS), stamp(NOW + days * DAY_MS)]);
    let got = 0;
    const server = createServer({ cert: readFileSync(pair.cert), key: readFileSync(pair.key) }, (socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        got += chunk.length;
      });
    });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: (server.address() as { port: number }).port, got: () => got, close: () => server.close() };
  }

  it.each([
    [100, 'ok', 'valid for 99 more days'],
    [5, 'warn', 'valid for 4 more days'],
  ] as const)('connects, sends nothing, and counts the %i days of the certificate', async (days, verdict, words) => {
    const there = await tlsReceiver(days);
    const common = { ca_file: authority.ca, server_name: 'siem.test' };
    for (const settings of [
      { type: 'syslog', host: '127.0.0.1', port: there.port, ...common },
      { type: 'webhook', url: `https://127.0.0.1:${there.port}/in`, ...common },
    ]) {
      const [reached, certificate, ...rest] = await ask(settings);
      expect(reached).toMatchObject(['ok', 'export soc', expect.stringContaining('takes connections')]);
      expect(certificate).toMatchObject([verdict, 'export soc certificate', expect.stringContaining(words)]);
      expect(rest).toEqual([]);
    }
    expect(there.got()).toBe(0);
    there.close();
  });

  it('says when our own certificate ends', async () => {
    const there = await tlsReceiver(100);
    const own = authority.issue('north-1', 'DNS:north-1');
    const settings = {
      type: 'syslog',
      host: '127.0.0.1',
      port: there.port,
      ca_file: authority.ca,
      server_name: 'siem.test',
      cert_file: own.cert,
      key_file: own.key,
    };
    chmodSync(own.key, 0o600);
    expect((await ask(settings))[2]).toMatchObject(['warn', 'export soc own certificate', expect.any(String)]);
    expect((await ask(settings, NOW + 10 * DAY_MS))[2]?.[2]).toContain('has ended on');
    there.close();
  });

  it('says what is wrong with the way to a receiver, and with secrets', async () => {
    const port = await freePort();
    const tcp = { type: 'syslog', host: '127.0.0.1', port, transport: 'tcp' };
    expect(await ask(tcp)).toMatchObject([['fail', 'export soc', expect.stringContaining('refuses the connection')]]);
    expect(await ask({ ...tcp, host: 'siem.invalid' })).toMatchObject([
      ['fail', 'export soc', expect.stringContaining('cannot be resolved')],
    ]);
    expect(await ask({ ...tcp, transport: 'udp' })).toMatchObject([
      ['warn', 'export soc', expect.stringContaining('UDP')],
    ]);
    const there = new FakeReceiver(port);
    await there.listen();
    expect(await ask(tcp)).toMatchObject([['ok', 'export soc', expect.stringContaining(`tcp://127.0.0.1:${port}`)]]);
    await there.vanish();
    const open = join(data, 'open-secret');
    writeFileSync(open, 'x', { mode: 0o644 });
    expect(await ask({ type: 'webhook', url: 'https://127.0.0.1:1/', secret_file: open })).toMatchObject([
      ['fail', 'export soc secrets', expect.stringContaining('chmod 600')],
    ]);
    rmSync(open);
  });

  it('looks at a file without making it, and at the key', async () => {
    expect(await ask({ type: 'file', path: 'export/alerts.ndjson' })).toMatchObject([
      ['ok', 'export soc', expect.any(String)],
    ]);
    expect(readdirSync(data)).toEqual([]);
    mkdirSync(join(data, 'folder'));
    expect(await ask({ type: 'file', path: 'folder' })).toMatchObject([
      ['fail', 'export soc', expect.stringContaining('no ordinary file')],
    ]);
    new SecretBox(data).seal('soc', 'x');
    expect((await ask({ type: 'file', path: 'a' }))[1]).toMatchObject(['ok', 'export key', expect.any(String)]);
    chmodSync(join(data, 'secret.key'), 0o644);
    expect((await ask({ type: 'file', path: 'a' }))[1]).toMatchObject(['fail', 'export key', expect.any(String)]);
  });
});
