import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ExportEvent } from '../../sensor/export/event.js';
import { retryAfterMs } from '../../sensor/export/exporters/webhook/index.js';
import { createExporter } from '../../sensor/export/registry.js';
import type { ExportService } from '../../sensor/export/service.js';
import { type ExporterSettings, withDefaults } from '../../sensor/export/settings.js';
import { testExporter } from '../../sensor/export/test-run.js';
import { Authority, FakeReceiver, freePort, jsonOf, until, WITHOUT_OPENSSL } from './receivers.js';
import { alert, ORIGIN, Plant } from './support.js';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

function plant(exporters: Record<string, Partial<ExporterSettings>>): Plant {
  const here = new Plant(exporters, { per_second: 10_000 });
  cleanups.push(() => here.close());
  return here;
}

function start(here: Plant): ExportService {
  const service = here.start();
  cleanups.push(() => service.stop());
  return service;
}

const many = (amount: number, from = 0) => Array.from({ length: amount }, (_, n) => alert(from + n));

describe.skipIf(WITHOUT_OPENSSL !== '')('the webhook', () => {
  interface Request {
    headers: IncomingMessage['headers'];
    body: string;
  }

  async function receiver(answer: (request: Request, response: ServerResponse, count: number) => void) {
    const authority = new Authority();
    const pair = authority.issue('hook.test', 'DNS:hook.test');
    writeFileSync(join(authority.folder, 'secret'), 'shared secret\n', { mode: 0o600 });
    writeFileSync(join(authority.folder, 'token'), 'abc-123\n', { mode: 0o600 });
    const requests: Request[] = [];
    const server: Server = createServer(
      { cert: readFileSync(pair.cert), key: readFileSync(pair.key) },
      (request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        request.on('end', () => {
          const one = { headers: request.headers, body };
          requests.push(one);
          answer(one, response, requests.length);
        });
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => authority.remove());
    cleanups.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    const { port } = server.address() as { port: number };
    const settings = {
      type: 'webhook',
      url: `https://127.0.0.1:${port}/in`,
      server_name: 'hook.test',
      ca_file: authority.ca,
      secret_file: join(authority.folder, 'secret'),
      token_file: join(authority.folder, 'token'),
      token_scheme: 'Splunk',
      timeout_seconds: 1,
    } as ExporterSettings;
    return { requests, settings, folder: authority.folder };
  }

  const ok = (_: Request, response: ServerResponse) => response.end('{}');

  it('posts signed arrays in order, with its token', async () => {
    const { requests, settings } = await receiver(ok);
    const here = plant({ hook: settings });
    here.find(many(120));
    expect(await here.service().drain(10_000)).toMatchObject([{ left: 0 }]);
    expect(requests).toHaveLength(3);
    const got = requests.flatMap(({ body }) => JSON.parse(body) as { alert: { id: string } }[]);
    expect(got.map((message) => message.alert.id)).toEqual(many(120).map(({ id }) => id));
    for (const { headers, body } of requests) {
      expect(headers['content-type']).toBe('application/json');
      expect(headers['authorization']).toBe('Splunk abc-123');
      const [, time = '', signature = ''] =
        /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-fieldwatch-signature'])) ?? [];
      expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(30);
      expect(createHmac('sha256', 'shared secret').update(`${time}.${body}`).digest('hex')).toBe(signature);
    }
  });

  it.each([
    ['ndjson', 'json', 'application/x-ndjson'],
    ['object', 'ecs', 'application/json'],
    ['array', 'cef', 'text/plain; charset=utf-8'],
  ] as const)('posts %s of %s', async (body, format, type) => {
    const { requests, settings } = await receiver(ok);
    const here = plant({ hook: { ...settings, body, format } as ExporterSettings });
    here.find(many(3));
    await here.service().drain(10_000);
    expect(requests[0]?.headers['content-type']).toBe(type);
    expect(requests).toHaveLength(body === 'object' ? 3 : 1);
    const lines = requests.flatMap((request) => request.body.trimEnd().split('\n'));
    expect(lines).toHaveLength(3);
    for (const line of lines)
      expect(format === 'cef' ? line.startsWith('CEF:0|') : typeof JSON.parse(line)).toBeTruthy();
  });

  it('has a request for each message where a request has room for one, notices as well', async () => {
    const { requests, settings } = await receiver(ok);
    const here = plant({ hook: { ...settings, body: 'object' } as ExporterSettings });
    here.store.outbox.addLost('hook', 3);
    here.find(many(2));
    expect(await here.service().drain(10_000)).toMatchObject([{ left: 0 }]);
    const got = requests.map(({ body }) => JSON.parse(body) as { type: string; alert?: { id: string } });
    expect(got.map(({ type, alert }) => alert?.id ?? type)).toEqual(['notice', ...many(2).map(({ id }) => id)]);
  });

  it.each(['object', 'array'] as const)(
    'counts no notice or heartbeat of ours as lost where only those are refused (%s)',
    async (body) => {
      const { requests, settings } = await receiver((request, response) => {
        response.statusCode = /"type":"(?:notice|heartbeat)"/.test(request.body) ? 400 : 200;
        response.end();
      });
      const here = plant({ hook: { ...settings, body, heartbeat_seconds: 1 } as ExporterSettings });
      here.store.outbox.addLost('hook', 3);
      start(here);
      const isBeatRefused = () => requests.some(({ body: text }) => text.includes('"heartbeat"'));
      for (let n = 0; !isBeatRefused() || n < 10; n++) {
        here.find(many(1, n));
        await until('the alert', () => here.waiting('hook') === 0);
      }
      expect(here.state('hook')).toMatchObject({ lost: 3, lostUntold: 0 });
    },
  );

  it('brings what passes the filter, although a receiver refuses the notices and heartbeats that come with what does not', async () => {
    const { requests, settings } = await receiver((request, response) => {
      response.statusCode = /"type":"(?:notice|heartbeat)"/.test(request.body) ? 400 : 200;
      response.end();
    });
    const here = plant({
      hook: { ...settings, body: 'object', min_severity: 'high', heartbeat_seconds: 1 } as ExporterSettings,
    });
    here.store.outbox.addLost('hook', 3);
    start(here);
    for (let n = 0; !requests.some(({ body }) => body.includes('"heartbeat"')); n++) {
      here.find([alert(n, { severity: 'low' })]);
      await until('the low alert to be passed over', () => here.waiting('hook') === 0);
    }
    here.find([alert(1000, { severity: 'low' }), alert(1001)]);
    await until('the high alert', () => requests.some(({ body }) => body.includes('"alert-00001001"')));
    await until('the queue to be empty', () => here.waiting('hook') === 0);
  });

  it('counts a message as delivered only when the receiver said so, and repeats the rest', async () => {
    const { requests, settings } = await receiver((_, response, count) => {
      if (count < 4) {
        response.statusCode = 503;
        response.end();
      } else response.end();
    });
    const here = plant({ hook: settings });
    start(here);
    here.find(many(2));
    await until('the failure', () => here.state('hook').error.includes('status 503'));
    expect(here.waiting('hook')).toBe(2);
    await until('the delivery', () => here.waiting('hook') === 0);
    expect(requests.at(-1)?.body).toContain('alert-00000001');
  });

  it('gives up only the messages that the receiver refuses for what they are, and takes too large requests apart', async () => {
    const { requests, settings } = await receiver(({ body }, response) => {
      const messages = JSON.parse(body) as { alert: { id: string } }[];
      if (messages.length > 8) response.statusCode = 413;
      else if (messages.some(({ alert: { id } }) => id === 'alert-00000017')) response.statusCode = 400;
      response.end();
    });
    const here = plant({ hook: settings });
    here.find(many(40));
    expect(await here.service().drain(10_000)).toMatchObject([{ left: 0 }]);
    const taken = requests.map(({ body }) => JSON.parse(body) as { alert: { id: string } }[]);
    const last = taken.filter(
      (messages) => messages.length <= 8 && !messages.some(({ alert: { id } }) => id === 'alert-00000017'),
    );
    const ids = last.flat().map(({ alert: { id } }) => id);
    expect(ids.sort()).toEqual(
      many(40)
        .map(({ id }) => id)
        .filter((id) => id !== 'alert-00000017'),
    );
    expect(here.state('hook').lost).toBe(1);
    expect(here.told.join()).toContain('1 messages were refused by the receiver, which takes others');
  });

  it('gives up nothing when the receiver refuses everything, and waits as long as it asks for', async () => {
    const { requests, settings } = await receiver((_, response, count) => {
      response.statusCode = count < 20 ? 400 : 429;
      response.setHeader('retry-after', '600');
      response.end();
    });
    const here = plant({ hook: settings });
    start(here);
    here.find(many(40));
    await until('the request to wait', () => here.state('hook').error.includes('status 429'));
    const before = requests.length;
    expect(here.waiting('hook')).toBe(40);
    expect(here.state('hook').lost).toBe(0);
    // FAST tries again within a tenth of a second.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(requests).toHaveLength(before);
  });

  it.each([
    ['never answers', () => {}, 'does not answer'],
    [
      'sends us elsewhere',
      (_: Request, response: ServerResponse) => response.writeHead(302, { location: 'https://evil.example/' }).end(),
      'not followed',
    ],
    [
      'wants to speak something else than HTTP',
      (_: Request, response: ServerResponse) => response.writeHead(101, { connection: 'upgrade', upgrade: 'x' }).end(),
      'status 101',
    ],
    [
      'refuses the token',
      (_: Request, response: ServerResponse) => response.writeHead(401).end(),
      'does not accept the token',
    ],
    [
      'answers without end',
      (_: Request, response: ServerResponse) => response.end('x'.repeat(200_000)),
      'more than 64 KiB',
    ],
  ] as const)('tells when the receiver %s', async (_, answer, words) => {
    const { settings } = await receiver(answer);
    const planned = {
      name: 'hook',
      settings: withDefaults(settings),
      from: 'file' as const,
      sealed: '',
      secrets: () => ({}),
    };
    const { ok: isOk, steps } = await testExporter(planned, '/', ORIGIN, Date.now());
    expect(isOk).toBe(false);
    expect(steps.at(-1)?.detail).toContain(words);
    expect(JSON.stringify(steps)).not.toMatch(/abc-123|shared secret/);
  });

  it.each(['object', 'array'] as const)(
    'is not held up by messages that it refuses: each is set aside after three tries, counted and told (%s)',
    async (body) => {
      const isRefused = (text: string) => /alert-0000000[1-6]/.test(text);
      const { requests, settings } = await receiver((request, response) => {
        response.statusCode = isRefused(request.body) ? 400 : 200;
        response.end();
      });
      const here = plant({ hook: { ...settings, body, heartbeat_seconds: 0 } as ExporterSettings });
      here.find(many(7));
      start(here);
      await until('the queue to be empty', () => here.waiting('hook') === 0);
      here.find(many(3, 20));
      await until('those behind', () => here.waiting('hook') === 0 && here.state('hook').sent >= 10);
      const taken = requests
        .filter(({ body: text }) => !isRefused(text) || text.includes('1 message was refused'))
        .flatMap(({ body: text }) => [JSON.parse(text)].flat() as ExportEvent[]);
      const told = taken.flatMap(({ alert: one }) => (one && one.kind !== 'health' ? one.id : []));
      expect(told).toEqual([...many(1), ...many(3, 20)].map(({ id }) => id));
      if (body === 'object') {
        const notices = taken.filter(({ type }) => type === 'notice');
        expect(notices.map(({ lost }) => lost)).toEqual([1, 1, 1, 1, 1, 1]);
        expect(notices[0]?.description).toMatch(/message event-[0-9a-f]{16} .* answered with status 400/);
        expect(requests.filter(({ body: text }) => text.includes('"alert-00000001"'))).toHaveLength(3);
        // It is known by then that the receiver takes others: nobody waits for the next.
        expect(requests.filter(({ body: text }) => text.includes('"alert-00000002"'))).toHaveLength(1);
        expect(here.told.filter((sentence) => sentence.includes('takes others; it is given up'))).toHaveLength(6);
      }
      expect(taken.map(({ sequence }) => sequence)).toEqual(
        [...taken.map(({ sequence }) => sequence)].sort((a, b) => a - b),
      );
      expect(here.state('hook')).toMatchObject({ lost: 6, lostUntold: 0, state: 'connected', error: '' });
    },
  );

  it.each([400, 401, 403, 404, 500, 503] as const)(
    'keeps everything while it answers %i to everything, also to the notice of a refused message',
    async (status) => {
      const taken: ExportEvent[] = [];
      let isMended = false;
      const { settings } = await receiver(({ body }, response, count) => {
        isMended ||= count > 12 && body.includes('"alert-00000000"');
        response.statusCode = isMended ? 200 : status;
        response.end();
        if (isMended) taken.push(JSON.parse(body) as ExportEvent);
      });
      const here = plant({ hook: { ...settings, body: 'object', heartbeat_seconds: 0 } as ExporterSettings });
      here.find(many(4));
      start(here);
      await until('the queue to be empty', () => here.waiting('hook') === 0);
      // The certificate of the test ends soon, which is told as well.
      const told = taken.filter(({ alert: one }) => one?.kind !== 'health').map(({ alert: one }) => one?.id);
      expect(told).toEqual(many(4).map(({ id }) => id));
      expect(here.state('hook').lost).toBe(0);
    },
  );

  it.each([301, 302, 303, 307, 308])('is not followed elsewhere (status %i)', async (status) => {
    const elsewhere: string[] = [];
    const other = createHttpServer((request, response) => {
      elsewhere.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => other.close());
    const { port } = other.address() as { port: number };
    const { requests, settings } = await receiver((_, response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${port}/stolen` }).end(),
    );
    const here = plant({ hook: settings });
    here.find(many(2));
    start(here);
    await until('three tries', () => requests.length >= 3);
    expect(here.state('hook').error).toContain('not followed; set the final url');
    expect(here.state('hook').acked).toBe(0);
    expect(elsewhere).toEqual([]);
  });

  it.each([
    ['much at once', 64 * 1024, 0, 'more than 64 KiB'],
    ['little by little', 1, 50, 'does not answer'],
  ] as const)('is cut off when its answer never ends: %s', async (_, size, pauseMs, words) => {
    let written = 0;
    let closed = 0;
    const { settings } = await receiver((__, response) => {
      response.writeHead(200);
      const write = () => {
        if (response.destroyed) return;
        written += size;
        response.write('x'.repeat(size));
        setTimeout(write, pauseMs);
      };
      response.on('close', () => closed++);
      write();
    });
    const here = plant({ hook: settings });
    here.find(many(1));
    start(here);
    await until('the connection to be cut', () => closed > 0);
    await until('the failure', () => here.state('hook').error !== '');
    expect(here.state('hook').error).toContain(words);
    expect(written / closed).toBeLessThan(64 * 1024 * 1024);
    expect(here.state('hook').acked).toBe(0);
  });

  it.each([
    [undefined, undefined, 0],
    ['120', undefined, 120_000],
    ['86400', undefined, 600_000],
    ['soon', undefined, 0],
    ['-5', undefined, 0],
    ['Mon, 02 Mar 2026 06:02:00 GMT', undefined, 120_000],
    ['Mon, 02 Mar 2026 05:00:00 GMT', undefined, 0],
    ['Tue, 03 Mar 2026 06:00:00 GMT', undefined, 600_000],
    // Its clock is an hour ahead of ours.
    ['Mon, 02 Mar 2026 07:00:30 GMT', 'Mon, 02 Mar 2026 07:00:00 GMT', 30_000],
    ['Mon, 02 Mar 2026 06:02:00 GMT', 'no date', 120_000],
  ])('is waited for as long as it asks: Retry-After %s, answered at %s', (header, answeredAt, ms) => {
    expect(retryAfterMs(header, answeredAt, Date.UTC(2026, 2, 2, 6))).toBe(ms);
  });

  it('is not asked again before the date that it names', async () => {
    const { requests, settings } = await receiver((_, response) => {
      response.statusCode = 503;
      response.setHeader('retry-after', new Date(Date.now() + 300_000).toUTCString());
      response.end();
    });
    const here = plant({ hook: settings });
    here.find(many(1));
    start(here);
    await until('the answer', () => here.state('hook').error.includes('status 503'));
    // FAST tries again within a tenth of a second.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(requests).toHaveLength(1);
  });

  it('is tested step by step, and the step that fails is named', async () => {
    const { settings } = await receiver(ok);
    const ask = async (over: object) => {
      const one = withDefaults({ ...settings, ...over } as ExporterSettings);
      const planned = { name: 'hook', settings: one, from: 'file' as const, sealed: '', secrets: () => ({}) };
      const { steps } = await testExporter(planned, '/', ORIGIN, Date.now());
      return steps.map(({ step, ok: isOk, detail }) => [step, isOk, detail] as const);
    };
    const names = (all: Awaited<ReturnType<typeof ask>>) => all.map(([step, isOk]) => `${step} ${isOk}`).join(', ');
    expect(names(await ask({}))).toBe(
      'settings true, resolved true, connected true, certificate true, answered true, written true',
    );
    const wrongName = await ask({ server_name: 'other.test' });
    expect(names(wrongName)).toBe('settings true, resolved true, connected true, certificate false');
    expect(wrongName.at(-1)?.[2]).toMatch(
      /^The certificate of 127\.0\.0\.1:\d+ is for another name \(DNS:hook\.test\), not for other\.test: /,
    );
    const gone = await ask({ url: `https://127.0.0.1:${await freePort()}/` });
    expect(names(gone)).toBe('settings true, resolved true, connected false');
    const plain = createHttpServer((_, response) => response.end());
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => plain.close());
    const noTls = await ask({ url: `https://127.0.0.1:${(plain.address() as { port: number }).port}/` });
    expect(names(noTls)).toBe('settings true, resolved true, connected true, certificate false');
    expect(noTls.at(-1)?.[2]).toMatch(/does not speak TLS on this port\.$/);
  });

  it('is never in the clear over a network, and refuses keys that others may read', async () => {
    const { settings, folder } = await receiver(ok);
    const ask = async (over: object) => {
      const one = withDefaults({ ...settings, ...over } as ExporterSettings);
      const planned = { name: 'hook', settings: one, from: 'file' as const, sealed: '', secrets: () => ({}) };
      return (await testExporter(planned, '/', ORIGIN, Date.now())).steps.at(-1)?.detail;
    };
    expect(await ask({ url: 'http://192.0.2.1/in' })).toContain('use https');
    expect(await ask({ url: 'https://169.254.169.254/latest/meta-data' })).toContain('link-local');
    expect(await ask({ url: 'https://user:pass@127.0.0.1/' })).toContain('holds a user or password');
    writeFileSync(join(folder, 'open'), 'x', { mode: 0o644 });
    expect(await ask({ secret_file: join(folder, 'open') })).toContain('chmod 600');
    expect(await ask({ token_file: join(folder, 'none') })).toContain('ENOENT');
    expect(await ask({ token_file: '', token_env: 'FIELDWATCH_NOT_SET' })).toContain('is not set');
    const plain = createHttpServer((_, response) => response.end());
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as { port: number };
    expect(await ask({ url: `http://127.0.0.1:${port}/` })).toContain('confirmed');
    plain.closeAllConnections();
    plain.close();
  });
});

const linesOf = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n');

describe('the file', () => {
  const file = (over: object = {}) => ({
    log: { type: 'file', path: 'export/alerts.ndjson', ...over } as ExporterSettings,
  });
  it('goes on after half a line that a crash left', async () => {
    const here = plant(file());
    mkdirSync(join(here.data, 'export'));
    writeFileSync(join(here.data, 'export/alerts.ndjson'), '{"half":');
    here.find(many(3));
    await here.service().drain(5000);
    const [half, ...rest] = linesOf(join(here.data, 'export/alerts.ndjson'));
    expect(half).toBe('{"half":');
    expect(rest.map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toEqual([1, 2, 3]);
  });

  it('is renamed at its size, and only so many are kept', async () => {
    const here = plant(file({ rotate_megabytes: 1, keep_files: 2 }));
    for (let round = 0; round < 5; round++) here.find(many(500, round * 500));
    await here.service().drain(20_000);
    const names = readdirSync(join(here.data, 'export')).sort();
    expect(names).toEqual(['alerts.ndjson', 'alerts.ndjson.1', 'alerts.ndjson.2']);
    const sequences = ['.2', '.1', ''].flatMap((suffix) =>
      linesOf(join(here.data, `export/alerts.ndjson${suffix}`)).map(
        (line) => (JSON.parse(line) as { sequence: number }).sequence,
      ),
    );
    expect(sequences.at(-1)).toBe(2500);
    expect(sequences).toEqual(sequences.map((_, n) => (sequences[0] ?? 0) + n));
  });

  it('is begun anew when a log shipper has moved it away', async () => {
    const here = plant(file());
    start(here);
    const path = join(here.data, 'export/alerts.ndjson');
    here.find(many(2));
    await until('the first two', () => here.waiting('log') === 0);
    renameSync(path, `${path}.taken`);
    here.find(many(2, 10));
    await until('the next two', () => here.waiting('log') === 0);
    expect(linesOf(`${path}.taken`)).toHaveLength(2);
    expect(linesOf(path)).toHaveLength(2);
  });

  it('follows no symbolic link and fills no device', async () => {
    const here = plant({ ...file(), device: { type: 'file', path: '/dev/full' } as ExporterSettings });
    mkdirSync(join(here.data, 'export'));
    writeFileSync(join(here.data, 'victim'), 'mine\n');
    symlinkSync(join(here.data, 'victim'), join(here.data, 'export/alerts.ndjson'));
    here.find(many(1));
    const left = await here.service().drain(1000);
    expect(left.map(({ name, left: amount }) => [name, amount])).toEqual([
      ['device', 1],
      ['log', 1],
    ]);
    expect(left[1]?.error).toContain('symbolic link');
    appendFileSync(join(here.data, 'victim'), '');
    expect(readFileSync(join(here.data, 'victim'), 'utf8')).toBe('mine\n');
  });
});

const CAN_MOUNT = spawnSync('unshare', ['-m', 'true']).status === 0;
if (!CAN_MOUNT) process.stderr.write('skipped: the test of a full disk needs root (mount)\n');

describe.skipIf(!CAN_MOUNT)('a disk that is full', () => {
  it('holds no half line, and gets every message once there is room', async () => {
    const here = plant({ log: { type: 'file', path: 'export/small/alerts.ndjson' } as ExporterSettings });
    const small = join(here.data, 'export/small');
    mkdirSync(small, { recursive: true });
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'fieldwatch-test', small]).status).toBe(0);
    cleanups.push(() => spawnSync('umount', [small]));
    const path = join(small, 'alerts.ndjson');
    here.find(many(500));
    start(here);
    await until('the failure', () => here.state('log').error.includes('the disk is full'));
    expect(here.waiting('log')).toBe(500);
    expect(statSync(path).size).toBe(0);
    spawnSync('mount', ['-o', 'remount,size=4m', small]);
    await until('all of them', () => here.waiting('log') === 0);
    expect(linesOf(path).map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toEqual(
      many(500).map((_, n) => n + 1),
    );
  });
});

describe.skipIf(!CAN_MOUNT)('a data folder without room', () => {
  it('delivers all that was stored before it was full, although it can note nothing of it', async () => {
    const place = mkdtempSync(join(tmpdir(), 'fieldwatch-full-'));
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'fieldwatch-test', place]).status).toBe(0);
    const before = process.env['TMPDIR'];
    cleanups.push(() => {
      spawnSync('umount', [place]);
      rmSync(place, { recursive: true });
    });
    const there = new FakeReceiver(await freePort());
    await there.listen();
    cleanups.push(() => there.vanish());
    process.env['TMPDIR'] = place;
    const here = plant({
      soc: {
        type: 'syslog',
        host: '127.0.0.1',
        port: there.port,
        transport: 'tcp',
        resend_seconds: 1,
      } as ExporterSettings,
    });
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    let stored = 0;
    expect(() => {
      for (; ; stored += 50) here.find(many(50, stored));
    }).toThrow(/full/);
    expect(stored).toBeGreaterThan(100);
    start(here);
    const ids = () =>
      new Set(there.messages.map((message) => (jsonOf(message)['alert'] as { id: string } | undefined)?.id));
    await until('what was stored', () => there.messages.length >= stored);
    expect([...ids()].sort()).toEqual(many(stored).map(({ id }) => id));
    spawnSync('mount', ['-o', 'remount,size=32m', place]);
    await until('it to be noted', () => here.waiting('soc') === 0);
    here.find(many(1, stored + 1000));
    await until('what came after', () => ids().has(`alert-${String(stored + 1000).padStart(8, '0')}`));
    expect(here.state('soc').lost).toBe(0);
  });
});

describe('syslog that cannot be reached or is slow', () => {
  it('tells that the name cannot be resolved, and keeps what waits', async () => {
    const here = plant({ soc: { type: 'syslog', host: 'siem.invalid', transport: 'tcp' } as ExporterSettings });
    start(here);
    here.find(many(5));
    await until('the failure', () => here.state('soc').error !== '', 20_000);
    expect(here.state('soc').error).toContain('siem.invalid cannot be resolved');
    expect(here.waiting('soc')).toBe(5);
  });

  it('waits for a slow receiver without giving up the connection or filling memory', async () => {
    const port = await freePort();
    const there = new FakeReceiver(port, (socket) => {
      socket.pause();
      const timer = setInterval(() => socket.read(1000), 100);
      socket.on('close', () => clearInterval(timer));
      socket.on('readable', () => {});
    });
    await there.listen();
    cleanups.push(() => there.vanish());
    const here = plant({
      soc: {
        type: 'syslog',
        host: '127.0.0.1',
        port,
        transport: 'tcp',
        messages_per_second: 100_000,
      } as ExporterSettings,
    });
    for (let round = 0; round < 20; round++) here.find(many(1000, round * 1000));
    const before = process.memoryUsage.rss();
    start(here);
    await until('the connection', () => here.state('soc').state === 'connected');
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect(here.state('soc')).toMatchObject({ state: 'connected', error: '' });
    expect(there.connections).toBe(1);
    expect(here.waiting('soc')).toBe(20_000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 1024 * 1024);
  });

  it('has read nothing when it closes its side before it was given the messages', async () => {
    const accepted: Socket[] = [];
    const port = await freePort();
    const there = new FakeReceiver(port, (socket) => accepted.push(socket));
    await there.listen();
    cleanups.push(() => there.vanish());
    const settings = { type: 'syslog', host: '127.0.0.1', port, transport: 'tcp' } as ExporterSettings;
    const channel = await createExporter(withDefaults(settings), {}, '/').connect(
      new AbortController().signal,
      () => {},
    );
    await until('the connection', () => accepted.length === 1);
    // All in one turn: its end is on its way while we send and end as well.
    accepted[0]?.destroy();
    const sent = channel.send([Buffer.from('5 hello')]);
    expect(await channel.finish()).toBe(false);
    await sent.catch(() => {});
    await channel.close();
  });

  it('marks datagrams that nobody listens for as failed', async () => {
    const port = await freePort();
    const here = plant({ soc: { type: 'syslog', host: '127.0.0.1', port, transport: 'udp' } as ExporterSettings });
    start(here);
    here.find(many(1));
    await until('the first to be sent', () => here.waiting('soc') === 0);
    here.find(many(1, 5));
    await until('the refusal to come back', () => here.told.some((sentence) => sentence.includes('refuses')));
  });

  it('sends what the audit log holds, once, and only what came after it was asked for', async () => {
    const port = await freePort();
    const there = new FakeReceiver(port);
    await there.listen();
    cleanups.push(() => there.vanish());
    const { ConsoleStore } = await import('../../sensor/store/console/console-store.js');
    const here = plant({
      soc: { type: 'syslog', host: '127.0.0.1', port, transport: 'tcp', events: ['audit'] } as ExporterSettings,
    });
    const accounts = new ConsoleStore(here.data);
    cleanups.push(() => accounts.close());
    accounts.audit({ user: 'ada', source: 'test' }, 'before', 'x', '', '');
    start(here);
    await until('the audit log to be looked at', () => here.store.outbox.lastAudit !== null);
    accounts.audit({ user: 'ada', source: '10.0.0.9' }, 'alert.status', 'alert-1', 'open', 'closed\nforged');
    await until('the row', () => there.messages.length === 1);
    expect(jsonOf(there.messages[0] ?? '')).toMatchObject({
      type: 'audit',
      audit: {
        user: 'ada',
        source: '10.0.0.9',
        action: 'alert.status',
        target: 'alert-1',
        after: 'closed\\u{a}forged',
      },
    });
  });
});
