import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_JSON_DEPTH } from '../../console/api/app.js';
import { safeJson } from '../../console/api/json.js';
import { type RunningConsole, startConsole } from '../../console/api/start.js';
import { Turnstile } from '../../console/api/throttle.js';
import { ApiClient, addUser, PASSWORD, sampleDataDir, testConsole } from '../support/console.js';

let data: { dir: string; remove(): void };
let running: RunningConsole;
let port: number;

beforeAll(async () => {
  data = sampleDataDir();
  await addUser(data.dir, 'ada', 'admin');
  running = await startConsole({ data: data.dir, listen: '127.0.0.1:0', webRoot: null, log: () => {} });
  port = Number(new URL(running.url).port);
});

afterAll(async () => {
  await running.close();
  data.remove();
});

/** Sends this and returns what came until the console hung up. */
function raw(text: string | readonly Buffer[], after?: (socket: Socket) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!['ECONNRESET', 'EPIPE'].includes(error.code ?? '')) reject(error);
    });
    for (const part of typeof text === 'string' ? [text] : text) socket.write(part);
    after?.(socket);
  });
}

const HOST = 'Host: localhost\r\n';

describe('a client that is slow on purpose', () => {
  it('loses its connection when its headers take longer than ten seconds, while others are served', {
    timeout: 30_000,
  }, async () => {
    const started = performance.now();
    const slow = Array.from({ length: 50 }, () => raw(`GET /healthz HTTP/1.1\r\n${HOST}X-Slow: `));
    // A byte now and then does not help.
    const dripping = raw(`GET /healthz HTTP/1.1\r\n${HOST}X-Slow: `, (socket) => {
      const drip = setInterval(() => socket.write('x'), 500);
      socket.once('close', () => clearInterval(drip));
    });
    expect(await (await fetch(`${running.url}healthz`)).text()).toBe('ok\n');
    for (const answer of await Promise.all([...slow, dripping])) expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/);
    const seconds = (performance.now() - started) / 1000;
    expect(seconds).toBeGreaterThan(9);
    expect(seconds).toBeLessThan(25);
  });

  it('loses it when the body takes longer than thirty seconds', { timeout: 60_000 }, async () => {
    const head = `POST /api/v1/login HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`;
    const session = (await (await fetch(`${running.url}api/v1/session`)).json()) as { csrf: string };
    const started = performance.now();
    const answer = await raw(head.replace('\r\n\r\n', `\r\nX-CSRF-Token: ${session.csrf}\r\n\r\n`));
    expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect((performance.now() - started) / 1000).toBeLessThan(45);
  });
});

describe('a client that sends what no browser sends', () => {
  it.each([
    ['TRACE', /^HTTP\/1\.1 (400|404|405) /],
    ['CONNECT', /^(HTTP\/1\.1 (400|404|405) |$)/],
    ['PROPFIND', /^HTTP\/1\.1 (400|404|405) /],
    ['OPTIONS', /^HTTP\/1\.1 404 /],
  ])('learns nothing by %s', async (method, expected) => {
    const answer = await raw(
      `${method} ${method === 'CONNECT' ? 'localhost:22' : '/api/v1/session'} HTTP/1.1\r\n${HOST}X-Secret: 42\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(expected);
    expect(answer).not.toContain('X-Secret');
  });

  it.each([
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 50\r\n\r\nhello'],
    ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n'],
    ['a length that is none', 'Content-Length: -1\r\n\r\n'],
    ['a header folded over lines', 'X-A: b\r\n c: d\r\n\r\n'],
    ['a control character in a header', 'X-A: b\u0000c\r\n\r\n'],
    ['a lone line feed', 'X-A: b\nX-C: d\r\n\r\n'],
  ])('is refused with %s', async (_, rest) => {
    const answer = await raw(`POST /api/v1/login HTTP/1.1\r\n${HOST}${rest}`, (socket) => socket.end());
    expect(answer.match(/HTTP\/1\.1 \d\d\d/g) ?? []).toHaveLength(1);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('gets the same shape and the same headers for an address that cannot be read', async () => {
    const answer = await raw(`GET /%c0%ae/etc/passwd HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/content-security-policy: default-src 'none'/i);
    expect(answer).toContain('{"error":{"code":"bad_request"');
    expect(answer).not.toMatch(/FST_|fastify/i);
  });

  it('may send 16 KiB of headers, and no more', async () => {
    const ask = (bytes: number) =>
      raw(`GET /healthz HTTP/1.1\r\n${HOST}Connection: close\r\nX-Long: ${'x'.repeat(bytes)}\r\n\r\n`);
    expect(await ask(15_000)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await ask(17_000)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('gets no second header out of what it sends', async () => {
    const built = await testConsole(data.dir);
    try {
      const ada = new ApiClient(built);
      await ada.signIn('ada');
      for (const id of ['x%0d%0aSet-Cookie:%20a=b', 'x%22%3b%20filename=evil.exe', '..%2f..%2fetc%2fpasswd']) {
        for (const path of [`/api/v1/alerts/${id}/packets.pcapng`, `/api/v1/oidc/login?return=/${id}`, `/${id}`]) {
          const { headers } = await ada.get(path);
          expect(headers['set-cookie']).toBeUndefined();
          expect(String(headers['location'] ?? '') + String(headers['content-disposition'] ?? '')).not.toMatch(
            /[\r\n]/,
          );
        }
      }
    } finally {
      await built.close();
    }
  });
});

describe('bodies', () => {
  it('nest 32 deep and no deeper, wherever braces stand', async () => {
    const built = await testConsole(data.dir);
    try {
      const ada = new ApiClient(built);
      await ada.signIn('ada');
      const send = (payload: string) =>
        built.app.inject({
          method: 'PUT',
          url: '/api/v1/exporters/soc',
          payload,
          headers: { 'content-type': 'application/json', cookie: ada.cookie, 'x-csrf-token': ada.csrf },
        });
      const nested = (depth: number) => `{"settings":${'{"a":'.repeat(depth - 1)}1${'}'.repeat(depth - 1)}}`;
      expect((await send(nested(MAX_JSON_DEPTH + 1))).json()).toMatchObject({
        error: { code: 'bad_request', message: 'The request is nested too deeply.' },
      });
      const text = '{'.repeat(100).concat('\\"', '['.repeat(100));
      for (const fine of [nested(MAX_JSON_DEPTH), `{"settings":{"type":"${text}"}}`])
        expect((await send(fine)).body).not.toContain('nested too deeply');
    } finally {
      await built.close();
    }
  });

  it('of answers hold no mark that a page could take for an element', async () => {
    const built = await testConsole(data.dir);
    try {
      const ada = new ApiClient(built);
      await ada.signIn('ada');
      for (const path of [
        '/api/v1/assets',
        '/api/v1/alerts',
        '/api/v1/overview',
        '/api/v1/map',
        '/api/v1/nothing%3Cb%3E',
        '/api/openapi.json',
      ]) {
        const answer = await ada.get(path);
        expect(answer.text).not.toContain('<');
        expect(String(answer.headers['content-type'])).toMatch(/^application\/json/);
      }
    } finally {
      await built.close();
    }
    expect(JSON.parse(safeJson({ a: '</script>\u2028\u2029' }))).toEqual({ a: '</script>\u2028\u2029' });
    expect(safeJson({ a: '</script>\u2028\u2029' })).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe('what reads much at once', () => {
  it('runs two at a time, in order, and turns away who would wait behind too many', async () => {
    const turnstile = new Turnstile(2, 1);
    const first = await turnstile.enter();
    const second = await turnstile.enter();
    let isThirdIn = false;
    const third = turnstile.enter().then((leave) => {
      isThirdIn = true;
      return leave;
    });
    expect(await turnstile.enter()).toBeNull();
    expect(isThirdIn).toBe(false);
    first?.();
    first?.();
    const leaveThird = await third;
    expect(isThirdIn).toBe(true);
    leaveThird?.();
    second?.();
    expect(await turnstile.enter()).not.toBeNull();
    expect(await turnstile.enter()).not.toBeNull();
  });

  it('gives its place back when the asking side hangs up', { timeout: 60_000 }, async () => {
    const session = (await (await fetch(`${running.url}api/v1/session`)).json()) as { csrf: string };
    const login = await fetch(`${running.url}api/v1/login`, {
      method: 'POST',
      body: JSON.stringify({ name: 'ada', password: PASSWORD }),
      headers: { 'content-type': 'application/json', 'x-csrf-token': session.csrf },
    });
    const cookie = String(login.headers.get('set-cookie')).split(';')[0] ?? '';
    const hangUp = () =>
      new Promise<void>((resolve) => {
        const asked = request(`${running.url}api/v1/assets/export?format=csv`, { headers: { cookie }, agent: false });
        asked.on('close', resolve);
        asked.on('error', () => {});
        asked.end(() => asked.destroy());
      });
    await Promise.all(Array.from({ length: 15 }, hangUp));
    for (let n = 0; n < 4; n++) {
      const answer = await fetch(`${running.url}api/v1/assets/export?format=csv`, { headers: { cookie } });
      expect(answer.status).toBe(200);
      await answer.text();
    }
  });
});

describe('a stream of changes', () => {
  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['another site, says the browser', { 'sec-fetch-site': 'cross-site' }],
  ])('is not opened for %s, whatever cookie comes along', async (_, headers) => {
    const built = await testConsole(data.dir);
    try {
      const ada = new ApiClient(built);
      await ada.signIn('ada');
      const answer = await ada.get('/api/v1/events', { host: 'localhost:8420', ...headers });
      expect(answer).toMatchObject({ status: 403, body: { error: { code: 'cross_site' } } });
    } finally {
      await built.close();
    }
  });
});
