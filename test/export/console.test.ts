import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltConsole, buildConsole } from '../../console/api/start.js';
import { ConsoleStore } from '../../sensor/store/console/console-store.js';
import { ApiClient, addUser, PASSWORD, sampleDataDir } from '../support/console.js';
import { FakeReceiver, freePort, jsonOf, until } from './receivers.js';
import { exportConfig, ORIGIN } from './support.js';

/** What no answer, log line, audit row or file in the clear may hold. */
const SECRET = 'correct-horse-battery-staple-42';
const TOKEN = 'hec-token-0000-1111-2222';

let data: ReturnType<typeof sampleDataDir>;
let built: BuiltConsole;
let admin: ApiClient;
const logged: string[] = [];

beforeAll(async () => {
  data = sampleDataDir();
  await addUser(data.dir, 'ada', 'admin');
  const config = exportConfig({ fixed: { type: 'file', path: 'export/fixed.ndjson' } });
  built = await buildConsole({
    data: data.dir,
    webRoot: null,
    exports: { config, origin: ORIGIN },
    log: (line) => logged.push(line),
  });
  admin = new ApiClient(built);
  await admin.get('/api/v1/session');
  await admin.post('/api/v1/login', { name: 'ada', password: PASSWORD });
  await admin.get('/api/v1/session');
});

afterAll(async () => {
  await built.close();
  data.remove();
});

const webhook = { type: 'webhook', url: 'https://siem.example.com/hook/path-key' };

describe('exporters in the console', () => {
  it('keep secrets encrypted, with the key outside the databases, and never tell them', async () => {
    const saved = await admin.send('PUT', '/api/v1/exporters/hook', {
      settings: webhook,
      secrets: { secret: SECRET, token: TOKEN },
    });
    expect(saved.status).toBe(200);
    expect(saved.body).toMatchObject({ name: 'hook', secrets: ['secret', 'token'] });
    const answers = [saved.text];
    for (const url of [
      '/api/v1/exporters',
      '/api/v1/exporters/settings',
      '/api/v1/audit',
      '/metrics',
      '/api/v1/health',
    ])
      answers.push((await admin.get(url)).text);
    for (const text of [...answers, ...logged]) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(TOKEN);
    }
    for (const file of readdirSync(data.dir)) {
      const bytes = readFileSync(join(data.dir, file));
      expect(bytes.includes(SECRET), file).toBe(false);
      expect(bytes.includes(TOKEN), file).toBe(false);
    }
    expect(statSync(join(data.dir, 'secret.key')).mode & 0o777).toBe(0o600);
    // Whoever may only look is not told the path of a webhook, which for some receivers is the key.
    expect((await admin.get('/api/v1/exporters')).text).not.toContain('path-key');
  });

  it('keep a secret that is not given again, drop an empty one, and never send it elsewhere', async () => {
    const put = (settings: object, secrets?: object) =>
      admin.send('PUT', '/api/v1/exporters/hook', { settings, ...(secrets ? { secrets } : {}) });
    await put(webhook, { secret: SECRET, token: TOKEN });
    expect((await put({ ...webhook, batch: 7 })).body).toMatchObject({ secrets: ['secret', 'token'] });
    const moved = await put({ ...webhook, url: 'https://evil.example.net/' });
    expect(moved.status).toBe(422);
    expect(moved.text).toContain('enter its secrets anew');
    expect((await put(webhook, { token: '' })).body).toMatchObject({ secrets: ['secret'] });
  });

  it.each([
    [{ type: 'webhook', url: 'https://a/', token_file: '/etc/shadow' }, 'token_file'],
    [{ type: 'webhook', url: 'https://a/', secret_env: 'HOME' }, 'secret_env'],
    [{ type: 'syslog', host: 'a', ca_file: '/etc/hosts' }, 'ca_file'],
    [{ type: 'file', path: '/etc/cron.d/x' }, 'export/NAME'],
    [{ type: 'file', path: 'export/../../x' }, 'export/NAME'],
    [{ type: 'syslog' }, 'needs "host"'],
    [{ type: 'syslog', host: 'a', prot: 1 }, 'did you mean "port"'],
    [{ type: 'mail' }, 'one of syslog, file, webhook'],
    [{ type: 'syslog', host: 'a b' }, 'one.host" must be'],
    [{ type: 'syslog', host: 'a', __proto__x: 1 }, 'there is no setting'],
  ])('refuse %j', async (settings, words) => {
    const answer = await admin.send('PUT', '/api/v1/exporters/one', { settings });
    expect(answer.status).toBe(422);
    expect((answer.body as { error: { message: string } }).error.message).toContain(words);
  });

  it('leave those of the settings file alone', async () => {
    expect((await admin.send('PUT', '/api/v1/exporters/fixed', { settings: webhook })).status).toBe(409);
    expect((await admin.send('DELETE', '/api/v1/exporters/fixed')).status).toBe(409);
    expect((await admin.get('/api/v1/exporters')).body).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ name: 'fixed', from: 'file', type: 'file', state: 'nobody', waiting: 0 }),
      ]),
    });
  });

  it('are tested step by step, and removed', async () => {
    const port = await freePort();
    const there = new FakeReceiver(port);
    await there.listen();
    await admin.send('PUT', '/api/v1/exporters/soc', {
      settings: { type: 'syslog', host: '127.0.0.1', port, transport: 'tcp' },
    });
    const test = await admin.post('/api/v1/exporters/soc/test', {});
    expect(test.body).toMatchObject({
      ok: true,
      steps: [{ step: 'settings' }, { step: 'resolved' }, { step: 'connected' }, { step: 'written' }],
    });
    await until('the test message', () => there.messages.length === 1);
    expect(jsonOf(there.messages[0] ?? '')).toMatchObject({
      type: 'test',
      event_id: (test.body as { event_id: string }).event_id,
    });
    await there.vanish();
    expect((await admin.post('/api/v1/exporters/soc/test', {})).body).toMatchObject({
      ok: false,
      steps: [
        { ok: true },
        { ok: true },
        { step: 'connected', ok: false, detail: expect.stringContaining('refuses the connection') },
      ],
    });
    expect((await admin.send('DELETE', '/api/v1/exporters/soc')).status).toBe(200);
    expect((await admin.post('/api/v1/exporters/soc/test', {})).status).toBe(404);
    const accounts = new ConsoleStore(data.dir);
    const actions = accounts.auditRows(50).map(({ action }) => action);
    accounts.close();
    expect(actions).toEqual(expect.arrayContaining(['exporter.save', 'exporter.test', 'exporter.remove']));
  });

  it('say so when the key file is gone or wrong', async () => {
    await admin.send('PUT', '/api/v1/exporters/hook', { settings: webhook, secrets: { secret: SECRET } });
    writeFileSync(join(data.dir, 'secret.key'), `${Buffer.alloc(32, 1).toString('base64')}\n`);
    const test = await admin.post('/api/v1/exporters/hook/test', {});
    expect(test.body).toMatchObject({ ok: false });
    expect(test.text).toContain('cannot be decrypted');
    expect(test.text).not.toContain(SECRET);
  });
});
