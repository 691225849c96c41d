import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltConsole, parseListen, startConsole } from '../../console/api/start.js';
import { FailureThrottle } from '../../console/api/throttle.js';
import { codeAt, newSecret, stepOf } from '../../console/api/totp.js';
import { ConsoleStore } from '../../sensor/store/console/console-store.js';
import {
  ApiClient,
  addUser,
  PASSWORD,
  SETUP_CODE,
  sampleDataDir,
  tempDataDir,
  testConsole,
} from '../support/console.js';

const MINUTE = 60_000;

/** A clock that a test moves. */
function clock(): { now: () => number; pass: (ms: number) => void } {
  let time = Date.UTC(2026, 2, 2);
  return {
    now: () => time,
    pass: (ms) => {
      time += ms;
    },
  };
}

async function withConsole(
  work: (built: BuiltConsole, dir: string, time: ReturnType<typeof clock>) => Promise<void>,
  options: { users?: boolean; setupCode?: string } = {},
): Promise<void> {
  const data = tempDataDir();
  const time = clock();
  try {
    if (options.users ?? true) {
      await addUser(data.dir, 'ada', 'admin');
      await addUser(data.dir, 'vera', 'viewer');
    }
    const built = await testConsole(data.dir, { now: time.now });
    try {
      await work(built, data.dir, time);
    } finally {
      await built.close();
    }
  } finally {
    data.remove();
  }
}

describe('the first start', () => {
  const account = { code: SETUP_CODE, name: 'ada', password: PASSWORD };

  it('has no account, and makes the first with the code alone', () =>
    withConsole(
      async (built, dir) => {
        expect(built.setupCode).toBe(SETUP_CODE);
        const client = new ApiClient(built);
        expect((await client.get('/api/v1/session')).body).toMatchObject({ setup_required: true });
        expect((await client.post('/api/v1/login', { name: 'admin', password: 'admin' })).status).toBe(401);
        const wrong = await client.post('/api/v1/setup', { ...account, code: 'wrong-wrong-wrong' });
        expect(wrong).toMatchObject({ status: 403, body: { error: { code: 'bad_code' } } });
        for (const change of [
          { password: 'short' },
          { password: 'password1234' },
          { password: 'adaadaadaada' },
          { name: 'a b' },
        ]) {
          const refused = await client.post('/api/v1/setup', { ...account, ...change });
          expect(refused).toMatchObject({ status: 400, body: { error: { code: 'bad_account' } } });
        }
        const done = await client.post('/api/v1/setup', account);
        expect(done).toMatchObject({
          status: 200,
          body: { setup_required: false, user: { name: 'ada', role: 'admin' } },
        });
        expect((await client.get('/api/v1/overview')).status).toBe(200);
        const again = await new ApiClient(built).post('/api/v1/setup', { ...account, name: 'eve' });
        expect(again.status).toBe(403);
        const eve = new ApiClient(built);
        await eve.get('/api/v1/session');
        expect(await eve.post('/api/v1/setup', { ...account, name: 'eve' })).toMatchObject({ status: 409 });
        const files = ['console.db', 'console.db-wal']
          .map((name) => readFileSync(join(dir, name)).toString('latin1'))
          .join();
        expect(files).not.toContain(SETUP_CODE);
        expect(files).not.toContain(PASSWORD);
      },
      { users: false },
    ));

  it('forgets the code after 30 minutes and when the clock was set back', () =>
    withConsole(
      async (built, _, time) => {
        const client = new ApiClient(built);
        await client.get('/api/v1/session');
        time.pass(-2 * MINUTE);
        expect((await client.post('/api/v1/setup', account)).status).toBe(403);
        time.pass(33 * MINUTE);
        expect((await client.post('/api/v1/setup', account)).status).toBe(403);
        time.pass(-2 * MINUTE);
        expect((await client.post('/api/v1/setup', account)).status).toBe(200);
      },
      { users: false },
    ));

  it('makes codes of its own that nobody guesses, and none once there is a user', async () => {
    const data = tempDataDir();
    const codes = new Set<string>();
    for (let n = 0; n < 3; n++) {
      const built = await testConsole(data.dir, { setupCode: undefined as unknown as string });
      codes.add(built.setupCode ?? '');
      await built.close();
    }
    expect(codes.size).toBe(3);
    // 32 letters of an alphabet of 32: 160 bits.
    for (const code of codes) expect(code).toMatch(/^([A-HJ-NP-Z2-9]{4}-){7}[A-HJ-NP-Z2-9]{4}$/);
    await addUser(data.dir, 'ada', 'admin');
    const built = await testConsole(data.dir);
    expect(built.setupCode).toBeNull();
    await built.close();
    data.remove();
  });

  it('refuses a short code from the environment', async () => {
    const data = tempDataDir();
    await expect(testConsole(data.dir, { setupCode: 'short' })).rejects.toThrow(
      /FIELDWATCH_SETUP_CODE has 5 characters/,
    );
    data.remove();
  });
});

describe('signing in', () => {
  it('sets a cookie that scripts and other sites do not get, and a new one every time', () =>
    withConsole(async (built) => {
      const client = new ApiClient(built);
      const first = await client.signIn('ada');
      const cookie = String(first.headers['set-cookie']);
      expect(cookie).toMatch(/^fieldwatch=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
      const old = client.cookie;
      await client.post('/api/v1/login', { name: 'ada', password: PASSWORD });
      expect(client.cookie).not.toBe(old);
      const stolen = new ApiClient(built);
      stolen.cookie = old;
      expect((await stolen.get('/api/v1/overview')).status).toBe(401);
    }));

  it('takes a name in any case and shows the one that was set', () =>
    withConsole(async (built) => {
      expect(await new ApiClient(built).signIn('ADA')).toMatchObject({ status: 200, body: { user: { name: 'ada' } } });
    }));

  it('says the same for a wrong password, an unknown and a disabled user, and keeps nothing but a hash of the session', () =>
    withConsole(async (built, dir) => {
      const accounts = new ConsoleStore(dir);
      accounts.setDisabled('vera', true, { user: 't', source: 't' });
      const answers = [
        await new ApiClient(built).signIn('ada', 'wrong password here'),
        await new ApiClient(built).signIn('nobody-of-that-name'),
        await new ApiClient(built).signIn('vera'),
      ];
      for (const answer of answers) {
        expect(answer.status).toBe(401);
        expect(answer.body).toMatchObject({ error: { code: 'bad_login', message: 'Name or password is wrong.' } });
      }
      const client = new ApiClient(built);
      await client.signIn('ada');
      const id = client.cookie.replace('fieldwatch=', '');
      const files = ['console.db', 'console.db-wal']
        .map((name) => readFileSync(join(dir, name)).toString('latin1'))
        .join();
      expect(files).not.toContain(id);
      accounts.close();
    }));

  it('takes as long for an unknown user as for a wrong password', () =>
    withConsole(async (built) => {
      const client = new ApiClient(built);
      await client.get('/api/v1/session');
      const seconds = async (name: string) => {
        const started = process.hrtime.bigint();
        expect((await client.post('/api/v1/login', { name, password: 'wrong password here' })).status).toBe(401);
        return Number(process.hrtime.bigint() - started) / 1e9;
      };
      const known: number[] = [];
      const unknown: number[] = [];
      for (let n = 0; n < 3; n++) {
        known.push(await seconds('ada'));
        unknown.push(await seconds(`nobody-${n}`));
      }
      // The hash takes tenths of a second; without it an unknown name would be answered in a hundredth of that.
      expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 3);
    }));

  it('slows guessing down from the fifth failure on, for that name and address, without locking anyone out', () =>
    withConsole(async (built, _, time) => {
      const client = new ApiClient(built);
      await client.get('/api/v1/session');
      const guess = (name: string) => client.post('/api/v1/login', { name, password: 'a wrong guess, again' });
      for (let n = 0; n < 5; n++) expect((await guess('ada')).status).toBe(401);
      const refused = await guess('ada');
      expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
      expect((await client.post('/api/v1/login', { name: 'ada', password: PASSWORD })).status).toBe(429);
      expect((await guess('Ada')).status).toBe(429);
      expect((await guess('vera')).status).toBe(401);
      time.pass(1001);
      expect((await client.post('/api/v1/login', { name: 'ada', password: PASSWORD })).status).toBe(200);
    }));

  it('limits tries per address, whatever the names', () =>
    withConsole(async (built) => {
      const client = new ApiClient(built);
      await client.get('/api/v1/session');
      const statuses = await Promise.all(
        Array.from(
          { length: 24 },
          async (_, n) => (await client.post('/api/v1/login', { name: `n${n}`, password: 'x' })).status,
        ),
      );
      expect(statuses.filter((status) => status === 401)).toHaveLength(20);
      expect(statuses.filter((status) => status === 429)).toHaveLength(4);
    }));

  it('slows down whoever knows the password and guesses the second factor, from whatever address', () =>
    withConsole(async (built, dir, time) => {
      const accounts = new ConsoleStore(dir, { now: time.now });
      const secret = newSecret();
      accounts.setTotp('ada', secret, [], { user: 't', source: 't' });
      accounts.close();
      const code = codeAt(secret, stepOf(time.now()));
      const wrong = code === '000000' ? '111111' : '000000';
      const csrf = (await built.app.inject({ url: '/api/v1/session' })).json<{ csrf: string }>().csrf;
      const sign = (remoteAddress: string, given: string) =>
        built.app.inject({
          method: 'POST',
          url: '/api/v1/login',
          remoteAddress,
          payload: { name: 'ada', password: PASSWORD, code: given },
          headers: { 'x-csrf-token': csrf },
        });
      for (let n = 1; n <= 5; n++) expect((await sign(`10.0.0.${n}`, wrong)).statusCode).toBe(401);
      expect((await sign('10.0.0.6', code)).statusCode).toBe(429);
      time.pass(1001);
      expect((await sign('10.0.0.7', codeAt(secret, stepOf(time.now())))).statusCode).toBe(200);
    }));

  it('keeps the second factor’s key encrypted, and says so when the key file is gone', () =>
    withConsole(async (built, dir) => {
      const ada = new ApiClient(built);
      await ada.signIn('ada');
      const begun = (await ada.post('/api/v1/account/totp/begin', {})).body as { secret: string };
      const code = codeAt(begun.secret, stepOf(Date.UTC(2026, 2, 2)));
      expect((await ada.post('/api/v1/account/totp/enable', { code })).status).toBe(200);
      expect((await ada.get('/api/v1/account')).body).toMatchObject({ totp: true, recovery_codes_left: 8 });
      const files = ['console.db', 'console.db-wal'].map((name) => readFileSync(join(dir, name)).toString('latin1'));
      expect(files.join()).not.toContain(begun.secret);
      rmSync(join(dir, 'secret.key'));
      const other = new ApiClient(built);
      await other.get('/api/v1/session');
      const refused = await other.post('/api/v1/login', { name: 'ada', password: PASSWORD, code });
      expect(refused).toMatchObject({ status: 503, body: { error: { code: 'secret_key' } } });
    }));

  it('writes success, failure and sign-out into the audit log', () =>
    withConsole(async (built, dir) => {
      const client = new ApiClient(built);
      await client.signIn('ada', 'wrong password here');
      await client.signIn('ada');
      await client.post('/api/v1/logout', {});
      expect((await client.get('/api/v1/overview')).status).toBe(401);
      const accounts = new ConsoleStore(dir);
      expect(accounts.auditRows(3).map((row) => [row.action, row.user, row.source])).toEqual([
        ['logout', 'ada', '127.0.0.1'],
        ['login.ok', 'ada', '127.0.0.1'],
        ['login.failed', 'ada', '127.0.0.1'],
      ]);
      expect(await accounts.verifyAudit()).toMatchObject({ broken: null, missingAfter: null });
      accounts.close();
    }));
});

describe('a session', () => {
  it('ends after 30 idle minutes, and not before', () =>
    withConsole(async (built, _, time) => {
      const client = new ApiClient(built);
      await client.signIn('ada');
      for (let n = 0; n < 3; n++) {
        time.pass(29 * MINUTE);
        expect((await client.get('/api/v1/overview')).status).toBe(200);
      }
      time.pass(31 * MINUTE);
      expect((await client.get('/api/v1/overview')).status).toBe(401);
    }));

  it('ends after 12 hours, however busy', () =>
    withConsole(async (built, _, time) => {
      const client = new ApiClient(built);
      await client.signIn('ada');
      for (let n = 0; n < 36; n++) {
        time.pass(20 * MINUTE - 1000);
        expect((await client.get('/api/v1/overview')).status).toBe(200);
      }
      time.pass(2 * MINUTE);
      expect((await client.get('/api/v1/overview')).status).toBe(401);
    }));

  it('ends at once when the user is disabled or gets another role, in whatever process', () =>
    withConsole(async (built, dir) => {
      const accounts = new ConsoleStore(dir);
      const actor = { user: 'local', source: 'command line' };
      const vera = new ApiClient(built);
      await vera.signIn('vera');
      accounts.setRole('vera', 'analyst', actor);
      expect((await vera.get('/api/v1/overview')).status).toBe(401);
      await vera.signIn('vera');
      expect((await vera.get('/api/v1/overview')).status).toBe(200);
      accounts.setDisabled('vera', true, actor);
      expect((await vera.get('/api/v1/overview')).status).toBe(401);
      accounts.close();
    }));

  it('survives a restart of the console', async () => {
    const data = tempDataDir();
    await addUser(data.dir, 'ada', 'admin');
    const first = await testConsole(data.dir);
    const client = new ApiClient(first);
    await client.signIn('ada');
    await first.close();
    const second = await testConsole(data.dir);
    const back = new ApiClient(second);
    back.cookie = client.cookie;
    expect((await back.get('/api/v1/overview')).status).toBe(200);
    await second.close();
    data.remove();
  });

  it('of a user exists at most five times', () =>
    withConsole(async (built, dir) => {
      const accounts = new ConsoleStore(dir);
      const ids = Array.from({ length: 6 }, () => accounts.openSession('vera', 'test'));
      const alive = ids.filter((id) => accounts.session(id) !== null);
      expect(alive).toHaveLength(5);
      accounts.close();
      expect(built.setupCode).toBeNull();
    }));
});

describe('the throttle', () => {
  it('doubles the wait from one second to 15 minutes, and forgets keys rather than grow', () => {
    const throttle = new FailureThrottle();
    const waits: number[] = [];
    for (let n = 0; n < 18; n++) {
      throttle.fail('a', 0);
      waits.push(throttle.delay('a', 0) / 1000);
    }
    expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]);
    throttle.succeed('a');
    expect(throttle.delay('a', 0)).toBe(0);
    for (let n = 0; n < 5; n++) throttle.fail('old', 0);
    for (let n = 0; n < 10_000; n++) throttle.fail(`key ${n}`, 0);
    expect(throttle.delay('old', 0)).toBe(0);
  });
});

describe('starting', () => {
  let data: { dir: string; remove(): void };
  beforeAll(() => {
    data = sampleDataDir();
  });
  afterAll(() => data.remove());
  const quiet = { webRoot: null, log: () => {}, setupCode: SETUP_CODE };

  it('serves on loopback and says where', async () => {
    const running = await startConsole({ data: data.dir, listen: '127.0.0.1:0', ...quiet });
    expect(running.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(running.warnings).toEqual([]);
    expect(await (await fetch(`${running.url}healthz`)).text()).toBe('ok\n');
    await running.close();
    await expect(fetch(`${running.url}healthz`)).rejects.toThrow();
  });

  it('takes the next port when the usual one is busy, and refuses when a busy one was asked for', async () => {
    const first = await startConsole({ data: data.dir, ...quiet });
    const second = await startConsole({ data: data.dir, ...quiet });
    expect(second.url).not.toBe(first.url);
    const listen = new URL(first.url).host;
    await expect(startConsole({ data: data.dir, listen, ...quiet })).rejects.toThrow(/is in use by another program/);
    await first.close();
    await second.close();
  });

  it('warns when passwords would cross a network unencrypted', async () => {
    const running = await startConsole({ data: data.dir, listen: '0.0.0.0:0', ...quiet });
    expect(running.warnings).toHaveLength(1);
    expect(running.warnings[0]).toContain('without encryption');
    await running.close();
  });

  it.each(['8420', 'localhost', '127.0.0.1:', '127.0.0.1:99999', 'plant.example:80', ':80', '[::1', '[zz]:80'])(
    'refuses --listen %s with one sentence',
    (text) => {
      expect(() => parseListen(text)).toThrow(/is not ADDRESS:PORT/);
    },
  );

  it('understands addresses of both families', () => {
    expect(parseListen('127.0.0.1:80')).toEqual({ host: '127.0.0.1', port: 80 });
    expect(parseListen('[::1]:0')).toEqual({ host: '::1', port: 0 });
    expect(parseListen('localhost:8420')).toEqual({ host: 'localhost', port: 8420 });
  });
});
