import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownCertificate } from '../../console/api/own-certificate.js';
import { type RunningConsole, startConsole } from '../../console/api/start.js';
import { addUser, PASSWORD, sampleDataDir, tempDataDir } from '../support/console.js';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl)
  process.stderr.write('Skipped: HTTPS is not tested, because openssl is not there to make a certificate.\n');

let data: { dir: string; remove(): void };
beforeAll(async () => {
  data = sampleDataDir();
  await addUser(data.dir, 'ada', 'admin');
});
afterAll(() => data.remove());

const quiet = { webRoot: null, log: () => {}, requestsPerMinute: 100_000 };

describe.skipIf(!hasOpenssl)('the console with a certificate', () => {
  let running: RunningConsole;
  let port: number;
  beforeAll(async () => {
    const key = join(data.dir, 'key.pem');
    const cert = join(data.dir, 'cert.pem');
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        '/CN=localhost',
        '-days',
        '2',
        '-keyout',
        key,
        '-out',
        cert,
      ],
      { stdio: 'ignore' },
    );
    const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    running = await startConsole({ data: data.dir, listen: '127.0.0.1:0', tls, ...quiet });
    port = Number(new URL(running.url).port);
  });
  afterAll(() => running.close());

  function ask(method: string, path: string, headers: Record<string, string>, body?: string) {
    return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>((resolve, reject) => {
      const asked = request(
        { host: '127.0.0.1', port, path, method, headers, rejectUnauthorized: false, agent: false },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        },
      );
      asked.on('error', reject);
      asked.end(body);
    });
  }

  it('signs in with a cookie that browsers send over HTTPS to this host alone', async () => {
    expect(running.url).toMatch(/^https:/);
    const session = await ask('GET', '/api/v1/session', {});
    expect(session.headers['strict-transport-security']).toBe('max-age=31536000');
    const { csrf } = JSON.parse(session.text) as { csrf: string };
    const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf, origin: running.url.slice(0, -1) };
    const answer = await ask('POST', '/api/v1/login', headers, JSON.stringify({ name: 'ada', password: PASSWORD }));
    expect(answer.status).toBe(200);
    const [cookie = ''] = answer.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^__Host-fieldwatch=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    const back = await ask('GET', '/api/v1/overview', { cookie: cookie.split(';')[0] ?? '' });
    expect(back.status).toBe(200);
  });

  it('speaks neither plain HTTP nor old TLS', async () => {
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
    const old = connectTls({
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
    });
    const error = await new Promise<Error | null>((resolve) => {
      old.once('secureConnect', () => resolve(null));
      old.once('error', resolve);
    });
    old.destroy();
    expect(error).not.toBeNull();
  });
});

describe('the encryption of the console', () => {
  it.skipIf(!hasOpenssl)('is TLS 1.2 with forward secrecy at least, whatever the client would take', async () => {
    const own = tempDataDir();
    const running = await startConsole({ data: own.dir, listen: '127.0.0.1:0', ownCertificate: true, ...quiet });
    const port = Number(new URL(running.url).port);
    const protocolWith = (ciphers: string, maxVersion: 'TLSv1.2' | 'TLSv1.3') =>
      new Promise<string>((resolve) => {
        const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ciphers, maxVersion });
        socket.once('secureConnect', () => {
          resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
          socket.destroy();
        });
        socket.once('error', () => resolve('refused'));
      });
    try {
      expect(await protocolWith('ALL', 'TLSv1.3')).toMatch(/^TLSv1\.3 /);
      expect(await protocolWith('ALL', 'TLSv1.2')).toMatch(/^TLSv1\.2 ECDHE-/);
      for (const weak of ['AES256-GCM-SHA384', 'ECDHE-ECDSA-AES256-SHA384', 'DHE-RSA-AES256-GCM-SHA384', 'AES128-SHA'])
        expect(await protocolWith(weak, 'TLSv1.2')).toBe('refused');
    } finally {
      await running.close();
      own.remove();
    }
  });

  it('changes to a renewed certificate without a restart, and keeps the old one when the new one does not work', async () => {
    const [a, b] = [tempDataDir(), tempDataDir()];
    const first = ownCertificate(a.dir, [], new Date());
    const second = ownCertificate(b.dir, [], new Date());
    let now = first;
    const log: string[] = [];
    const running = await startConsole({
      data: a.dir,
      listen: '127.0.0.1:0',
      ...quiet,
      tls: first,
      readTls: () => now,
      log: (line) => log.push(line),
    });
    const port = Number(new URL(running.url).port);
    const shown = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false });
        socket.once('secureConnect', () => {
          resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
          socket.destroy();
        });
        socket.once('error', reject);
      });
    try {
      expect(await shown()).toBe(first.fingerprint);
      expect(running.renewCertificate()).toBe(false);
      now = { ...second, key: first.key };
      expect(running.renewCertificate()).toBe(false);
      expect(running.renewCertificate()).toBe(false);
      expect(log).toEqual([expect.stringContaining('keeps its certificate')]);
      expect(await shown()).toBe(first.fingerprint);
      now = second;
      expect(running.renewCertificate()).toBe(true);
      expect(await shown()).toBe(second.fingerprint);
    } finally {
      await running.close();
      a.remove();
      b.remove();
    }
  });
});

describe('connections', () => {
  it('of one address are at most a hundred, and each one that ends makes room', async () => {
    const running = await startConsole({ data: data.dir, listen: '127.0.0.1:0', ...quiet });
    const port = Number(new URL(running.url).port);
    const sockets: Socket[] = [];
    /** True when the console answers on this connection, false when it hangs up. */
    const answered = (socket: Socket) =>
      new Promise<boolean>((resolve) => {
        socket.once('data', () => resolve(true));
        socket.once('close', () => resolve(false));
        socket.on('error', () => resolve(false));
        socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
      });
    const open = () => {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      return answered(socket);
    };
    const results: boolean[] = [];
    for (let n = 0; n < 105; n++) results.push(await open());
    expect(results.filter((result) => result)).toHaveLength(100);
    const [first] = sockets;
    const closed = new Promise((resolve) => first?.once('close', resolve));
    first?.end();
    await closed;
    let again = false;
    for (let n = 0; n < 100 && !again; n++) again = await open();
    expect(again).toBe(true);
    for (const socket of sockets) socket.destroy();
    await running.close();
  });
});

describe('the console with a certificate of its own', () => {
  it('makes one that fits its key and names, keeps it, and a client that trusts it gets in', async () => {
    const start = () => startConsole({ data: data.dir, listen: '127.0.0.1:0', ownCertificate: true, ...quiet });
    const first = await start();
    expect(first.url).toMatch(/^https:/);
    expect(first.warnings.join(' ')).toMatch(/SHA-256: ([0-9A-F]{2}:){31}[0-9A-F]{2}/);
    const ca = readFileSync(join(data.dir, 'console-cert.pem'), 'utf8');
    expect(statSync(join(data.dir, 'console-key.pem')).mode & 0o077).toBe(0);
    const status = await new Promise<number>((resolve, reject) => {
      // Verified in full: chain, dates and the address.
      const asked = request(new URL('/healthz', first.url), { ca, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      asked.on('error', reject);
      asked.end();
    });
    expect(status).toBe(200);
    const { X509Certificate } = await import('node:crypto');
    const certificate = new X509Certificate(ca);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    await first.close();
    const second = await start();
    expect(second.warnings).toEqual(first.warnings);
    await second.close();
  });
});
