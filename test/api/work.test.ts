import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuiltConsole } from '../../console/api/start.js';
import { codeAt, matchingStep, newSecret, stepOf } from '../../console/api/totp.js';
import { incidentsOf } from '../../console/api/work.js';
import type { Alert } from '../../sensor/model/records.js';
import { ConsoleStore } from '../../sensor/store/console/console-store.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { ApiClient, addUser, PASSWORD, sampleDataDir, testConsole } from '../support/console.js';
import { at } from '../support/sample-findings.js';

let data: { dir: string; remove(): void };
let built: BuiltConsole;
let ada: ApiClient;
let now = Date.UTC(2026, 2, 3, 8);

beforeAll(async () => {
  data = sampleDataDir();
  await addUser(data.dir, 'ada', 'admin');
  await addUser(data.dir, 'anton', 'analyst');
  built = await testConsole(data.dir, { now: () => now });
  ada = new ApiClient(built);
  expect((await ada.signIn('ada')).status).toBe(200);
});

afterAll(async () => {
  await built.close();
  data.remove();
});

async function detail(id = 'alert-write') {
  return (await ada.get(`/api/v1/alerts/${id}`)).body as {
    assignee: string;
    entries: { kind: string; text: string; user: string }[];
    mute: { id: string } | null;
  };
}

function ids(answer: { body: unknown }): string[] {
  return (answer.body as { items: { id: string }[] }).items.map((item) => item.id);
}

describe('notes and assignment', () => {
  it('stand with the alert, newest first, with who said it', async () => {
    expect((await ada.post('/api/v1/alerts/alert-write/notes', { note: 'called the shift' })).status).toBe(200);
    expect((await ada.post('/api/v1/alerts/alert-write/assign', { assignee: 'anton' })).status).toBe(200);
    expect(await detail()).toMatchObject({
      assignee: 'anton',
      entries: [
        { kind: 'assign', text: 'anton', user: 'ada' },
        { kind: 'note', text: 'called the shift', user: 'ada' },
      ],
    });
    expect(ids(await ada.get('/api/v1/alerts?assignee=anton'))).toEqual(['alert-write']);
    expect(ids(await ada.get('/api/v1/alerts?assignee=ada'))).toEqual([]);
  });

  it('go only to people who are there', async () => {
    const answer = await ada.post('/api/v1/alerts/alert-write/assign', { assignee: 'nobody' });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'bad_assignee' } } });
    expect((await ada.post('/api/v1/alerts/none/notes', { note: 'x' })).status).toBe(404);
  });

  it('come to many alerts at once, and say how many do not exist', async () => {
    const all = ids(await ada.get('/api/v1/alerts'));
    const answer = await ada.post('/api/v1/alerts/bulk', {
      ids: [...all.slice(0, 3), 'none'],
      status: 'acknowledged',
      assignee: 'ada',
      note: 'one story',
    });
    expect(answer.body).toEqual({ done: 3, missing: 1 });
    expect(ids(await ada.get('/api/v1/alerts?assignee=ada')).sort()).toEqual(all.slice(0, 3).sort());
  });
});

interface OverviewAnswer {
  open_alerts: Record<string, number>;
  muted_alerts: Record<string, number>;
  top_alerts: { id: string }[];
}

async function counted(): Promise<{ open: number; muted: number; top: string[] }> {
  const body = (await ada.get('/api/v1/overview')).body as OverviewAnswer;
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0);
  return { open: sum(body.open_alerts), muted: sum(body.muted_alerts), top: body.top_alerts.map(({ id }) => id) };
}

async function metric(status: string): Promise<number> {
  const { text } = await ada.get('/metrics');
  const lines = text.split('\n').filter((line) => line.startsWith(`fieldwatch_alerts{status="${status}"`));
  expect(lines.length).toBeGreaterThan(0);
  return lines.reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
}

describe('a mute', () => {
  it('keeps what fits out of the queue until it expires, and nothing else', async () => {
    expect((await ada.post('/api/v1/alerts/alert-write/status', { status: 'open' })).status).toBe(200);
    const all = ids(await ada.get('/api/v1/alerts?muted=hide'));
    const before = await counted();
    const alert = (await ada.get('/api/v1/alerts/alert-write')).body as Alert;
    const mute = await ada.post('/api/v1/mutes', {
      rule: alert.rule_id,
      src: alert.src_asset,
      reason: 'pump maintenance',
      minutes: 60,
    });
    expect(mute.status).toBe(200);
    const hidden = ids(await ada.get('/api/v1/alerts?muted=hide'));
    expect(hidden).not.toContain('alert-write');
    expect(ids(await ada.get('/api/v1/alerts?muted=only'))).toEqual(all.filter((id) => !hidden.includes(id)));
    expect(ids(await ada.get('/api/v1/alerts'))).toEqual(all);
    expect((await detail()).mute).toMatchObject({ reason: 'pump maintenance', owner: 'ada' });
    // What is out of the queue is not counted as open anywhere either.
    const quieter = await counted();
    const muted = ids(await ada.get('/api/v1/alerts?muted=only&status=open'));
    expect(muted.length).toBeGreaterThan(0);
    expect(quieter).toMatchObject({ open: before.open - muted.length, muted: muted.length });
    expect(quieter.top.filter((id) => muted.includes(id))).toEqual([]);
    expect([await metric('open'), await metric('muted')]).toEqual([quieter.open, quieter.muted]);
    now += 61 * 60_000;
    await ada.signIn('ada');
    expect(ids(await ada.get('/api/v1/alerts?muted=hide'))).toEqual(all);
    expect((await detail()).mute).toBeNull();
  });

  it('of everything is refused, and so is one without a reason', async () => {
    expect((await ada.post('/api/v1/mutes', { reason: 'quiet please', minutes: 5 })).status).toBeGreaterThanOrEqual(
      400,
    );
    expect((await ada.post('/api/v1/mutes', { rule: 'x', reason: '', minutes: 5 })).status).toBe(400);
    expect((await ada.post('/api/v1/mutes', { rule: 'x', reason: 'for ever', minutes: 1e9 })).status).toBe(400);
  });
});

describe('saved views', () => {
  it('are one’s own unless shared, and only their owner deletes them', async () => {
    const anton = new ApiClient(built);
    await anton.signIn('anton');
    const own = { page: 'alerts', name: 'mine', query: 'severity=high', shared: false };
    const shared = { page: 'alerts', name: 'ours', query: 'kind=rule', shared: true };
    await ada.post('/api/v1/views', own);
    const { id } = (await ada.post('/api/v1/views', shared)).body as { id: string };
    expect((await anton.get('/api/v1/views')).body).toMatchObject({ items: [{ name: 'ours', owner: 'ada' }] });
    expect((await anton.send('DELETE', `/api/v1/views/${id}`)).status).toBe(404);
    expect((await ada.send('DELETE', `/api/v1/views/${id}`)).status).toBe(200);
    expect((await anton.get('/api/v1/views')).body).toMatchObject({ items: [] });
  });
});

describe('incidents', () => {
  const alert = (id: string, incident: string | null, first: number, last = first): Alert =>
    ({
      id,
      src_ip: '10.0.0.1',
      ...(incident === null ? {} : { incident }),
      title: id,
      severity: id.startsWith('bad') ? 'critical' : 'low',
      status: 'open',
      first_seen: at(first),
      last_seen: at(last),
      attack: [],
      count: 1,
    }) as unknown as Alert;

  it('are two and more alerts that the sensor has put together, worst first', () => {
    const found = incidentsOf([
      alert('c', 'one', 3700, 3800),
      alert('bad', 'two', 50),
      alert('alone', 'three', 60),
      alert('sensor', null, 70),
      alert('b', 'one', 200),
      alert('d', 'two', 20),
      alert('a', 'one', 0),
    ]);
    expect(found.map(({ id, alerts }) => [id, alerts.map((one) => one.id)])).toEqual([
      ['two', ['d', 'bad']],
      ['one', ['a', 'b', 'c']],
    ]);
    expect(found[1]).toMatchObject({ first_seen: at(0), last_seen: at(3800), alert_count: 3, severity: 'low' });
  });

  it('are told by the API, and beside each alert', async () => {
    const { items } = (await ada.get('/api/v1/incidents')).body as { items: { alerts: { id: string }[] }[] };
    const mine = items.find((incident) => incident.alerts.some(({ id }) => id === 'alert-write'));
    expect(mine).toBeDefined();
    const related = ids(await ada.get('/api/v1/alerts/alert-write/related'));
    expect(related).toContain('alert-write');
    expect([...related].sort()).toEqual(mine?.alerts.map(({ id }) => id).sort());
  });
});

describe('what a person says about a device', () => {
  it('stands above what was found, in lists and filters, and can be taken back', async () => {
    const url = '/api/v1/assets/asset-plc2';
    const before = (await ada.get(url)).body as { name: string; roles: string[] };
    const settings = { name: 'Mixer controller', roles: ['rtu'], zone: 'Hall 3', purdue_level: 0, criticality: 'low' };
    expect((await ada.send('PUT', `${url}/settings`, settings)).body).toMatchObject(settings);
    expect(ids(await ada.get('/api/v1/assets?role=rtu'))).toEqual(['asset-plc2']);
    expect(ids(await ada.get('/api/v1/assets?q=hall+3'))).toEqual(['asset-plc2']);
    // The sensor writes it again, as it found it.
    const sensor = new SqliteFindingsStore(data.dir, { role: 'sensor' });
    const found = sensor.walkAssets(0, 100).items.find((asset) => asset.id === 'asset-plc2');
    if (!found) throw new Error('the asset is gone');
    const health = sensor.health()[0];
    if (!health) throw new Error('no health');
    sensor.write({
      assets: [{ ...found, name: before.name, roles: before.roles, packets: found.packets + 1 }],
      conversations: [],
      alerts: [],
      packets: [],
      variables: [],
      health,
    });
    sensor.close();
    expect((await ada.get(url)).body).toMatchObject(settings);
    expect((await ada.send('PUT', `${url}/settings`, {})).body).toMatchObject({ name: before.name });
    expect((await ada.send('PUT', `${url}/settings`, { purdue_level: 9 })).status).toBe(400);
  });

  it('survives the loss of the findings', async () => {
    await ada.send('PUT', '/api/v1/assets/asset-plc2/settings', { zone: 'Hall 4' });
    const findings = new SqliteFindingsStore(data.dir, { role: 'console' });
    findings.setAssetSettings('asset-plc2', {});
    findings.close();
    const again = await testConsole(data.dir, { now: () => now });
    const client = new ApiClient(again);
    await client.signIn('ada');
    expect((await client.get('/api/v1/assets/asset-plc2')).body).toMatchObject({ zone: 'Hall 4' });
    await again.close();
  });
});

describe('tokens', () => {
  it('work as long as they should, may no more than their role, and are kept only as hashes', async () => {
    const made = (await ada.post('/api/v1/tokens', { name: 'dashboard', role: 'viewer', days: 2 })).body as {
      token: string;
    };
    expect(made.token).toMatch(/^fwt_.{43}$/);
    const bearer = { authorization: `Bearer ${made.token}` };
    const program = new ApiClient(built);
    expect((await program.get('/api/v1/alerts', bearer)).status).toBe(200);
    expect((await program.get('/api/v1/audit', bearer)).status).toBe(403);
    expect((await program.get('/api/v1/account', bearer)).status).toBe(403);
    expect((await program.post('/api/v1/alerts/alert-write/notes', { note: 'x' }, bearer)).status).toBe(403);
    expect((await program.get('/api/v1/alerts', { authorization: 'Bearer fwt_wrong' })).status).toBe(401);
    expect((await ada.get('/api/v1/tokens')).text).not.toContain(made.token);
    now += 3 * 86_400_000;
    expect((await program.get('/api/v1/alerts', bearer)).status).toBe(401);
    await ada.signIn('ada');
  });

  it('change things without a CSRF value, and end when revoked', async () => {
    const made = (await ada.post('/api/v1/tokens', { name: 'ticketing', role: 'analyst', days: 2 })).body as {
      token: string;
    };
    const bearer = { authorization: `Bearer ${made.token}` };
    const program = new ApiClient(built);
    expect((await program.post('/api/v1/alerts/alert-write/notes', { note: 'ticket 4711' }, bearer)).status).toBe(200);
    expect((await detail()).entries[0]).toMatchObject({ text: 'ticket 4711', user: 'ada (ticketing)' });
    expect((await ada.send('DELETE', '/api/v1/tokens/ticketing')).status).toBe(200);
    expect((await program.get('/api/v1/alerts', bearer)).status).toBe(401);
  });
});

describe('the password, once more', () => {
  it('is asked for after ten minutes, by what changes who may do what', async () => {
    await ada.signIn('ada');
    now += 11 * 60_000;
    const user = { name: 'berta', role: 'viewer', password: 'granite lantern orbit mustard' };
    expect(await ada.post('/api/v1/users', user)).toMatchObject({ status: 403, body: { error: { code: 'confirm' } } });
    expect((await ada.post('/api/v1/account/confirm', { password: 'wrong' })).status).toBe(403);
    expect((await ada.post('/api/v1/account/confirm', { password: PASSWORD })).status).toBe(200);
    expect(await ada.post('/api/v1/users', user)).toMatchObject({
      status: 200,
      body: { name: 'berta', role: 'viewer' },
    });
    expect((await ada.post('/api/v1/users/berta', { disabled: true })).body).toMatchObject({ disabled: true });
    expect(await ada.post('/api/v1/users/ada', { role: 'viewer' })).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('last admin') } },
    });
  });

  it('is changed with the old one, and ends the other sessions', async () => {
    const next = 'seven copper kettles sing';
    const other = new ApiClient(built);
    await other.signIn('anton');
    const anton = new ApiClient(built);
    await anton.signIn('anton');
    expect((await anton.post('/api/v1/account/password', { current: 'wrong', password: next })).status).toBe(403);
    expect((await anton.post('/api/v1/account/password', { current: PASSWORD, password: 'short' })).status).toBe(400);
    expect((await anton.post('/api/v1/account/password', { current: PASSWORD, password: next })).status).toBe(200);
    expect((await anton.get('/api/v1/account')).status).toBe(200);
    expect((await other.get('/api/v1/alerts')).status).toBe(401);
    expect((await new ApiClient(built).signIn('anton', PASSWORD)).status).toBe(401);
    expect((await new ApiClient(built).signIn('anton', next)).status).toBe(200);
  });
});

describe('the second factor', () => {
  it('computes the codes of RFC 6238, appendix B', () => {
    // The secret "12345678901234567890" in base32; the RFC's codes have eight digits, ours are their last six.
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    for (const [seconds, code] of [
      [59, '287082'],
      [1_111_111_109, '081804'],
      [1_111_111_111, '050471'],
      [1_234_567_890, '005924'],
      [2_000_000_000, '279037'],
      [20_000_000_000, '353130'],
    ] as const) {
      expect(codeAt(secret, stepOf(seconds * 1000))).toBe(code);
    }
    expect(newSecret()).toMatch(/^[A-Z2-7]{32}$/);
    expect(matchingStep(secret, '287082', 89_000)).toBe(1);
    expect(matchingStep(secret, '287082', 120_000)).toBeNull();
  });

  it('is asked for once it is set up; each code is good once; a recovery code replaces it once', async () => {
    await ada.post('/api/v1/account/confirm', { password: PASSWORD });
    const { secret } = (await ada.post('/api/v1/account/totp/begin', {})).body as { secret: string };
    expect((await ada.post('/api/v1/account/totp/enable', { code: '000000' })).status).toBe(400);
    const enabled = await ada.post('/api/v1/account/totp/enable', { code: codeAt(secret, stepOf(now)) });
    const { recovery_codes: codes } = enabled.body as { recovery_codes: string[] };
    expect(codes).toHaveLength(8);
    const login = async (code?: string) => {
      const client = new ApiClient(built);
      await client.get('/api/v1/session');
      return client.post('/api/v1/login', { name: 'ada', password: PASSWORD, ...(code === undefined ? {} : { code }) });
    };
    expect(await login()).toMatchObject({ status: 401, body: { error: { code: 'code_needed' } } });
    expect(await login(codeAt(secret, stepOf(now))), 'used when it was set up').toMatchObject({ status: 401 });
    now += 60_000;
    const code = codeAt(secret, stepOf(now));
    expect((await login(code)).status).toBe(200);
    expect((await login(code)).status).toBe(401);
    expect((await login(codes[0])).status).toBe(200);
    expect((await login(codes[0])).status).toBe(401);
  });
});

describe('the audit log', () => {
  it('tells everything that was done above, is whole, and comes in pages', async () => {
    const seen = new Set<string>();
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = (await ada.get(`/api/v1/audit?limit=5${cursor === '' ? '' : `&cursor=${cursor}`}`)).body as {
        items: { action: string; n: number }[];
        next: string | null;
      };
      expect(page.items.length).toBeGreaterThan(0);
      for (const row of page.items) seen.add(row.action);
      cursor = page.next;
    }
    for (const action of [
      'alert.note',
      'alert.assign',
      'mute.add',
      'asset.settings',
      'token.create',
      'token.revoke',
      'user.add',
      'user.password',
      'user.totp_on',
      'user.recovery_code',
      'confirm.failed',
    ]) {
      expect(seen, action).toContain(action);
    }
    expect((await ada.get('/api/v1/audit/verify')).body).toMatchObject({ broken: null, missingAfter: null });
  });

  it('shows that its end was cut off', async () => {
    const accounts = new ConsoleStore(data.dir, { now: () => now });
    const { rows } = await accounts.verifyAudit();
    accounts.close();
    const { createRequire } = await import('node:module');
    const Database = createRequire(import.meta.url)('better-sqlite3') as new (
      path: string,
    ) => {
      exec(sql: string): void;
      close(): void;
    };
    const raw = new Database(`${data.dir}/console.db`);
    raw.exec(`DROP TRIGGER audit_is_never_deleted; DELETE FROM audit WHERE n > ${rows - 2};`);
    raw.close();
    const again = new ConsoleStore(data.dir, { now: () => now });
    expect(await again.verifyAudit()).toEqual({ rows: rows - 2, broken: null, missingAfter: rows - 2 });
    again.close();
  });
});

describe('maintenance windows', () => {
  it('are announced and withdrawn by an admin, with their version in the baseline', async () => {
    await addUser(data.dir, 'ines', 'analyst');
    const ines = new ApiClient(built);
    await ines.signIn('ines');
    await ada.signIn('ada');
    const body = {
      name: 'New pump',
      begins: '2026-11-22T06:00:00Z',
      ends: '2026-11-24T18:00:00Z',
      devices: ['10.1.2.17'],
      reason: 'order 4711',
    };
    expect((await ines.post('/api/v1/maintenance', body)).status).toBe(403);
    const announced = await ada.post('/api/v1/maintenance', body);
    expect(announced).toMatchObject({ status: 200, body: { ...body, by: 'ada' } });
    const { id } = announced.body as { id: string };
    expect((await ines.get('/api/v1/maintenance')).body).toMatchObject({ items: [{ id, name: 'New pump' }] });
    const store = new SqliteFindingsStore(data.dir, { role: 'console' });
    expect(store.baselineVersion()?.decisions.maintenance).toMatchObject([{ id, devices: ['10.1.2.17'] }]);
    store.close();
    expect((await ada.send('DELETE', `/api/v1/maintenance/${id}`)).status).toBe(200);
    expect((await ada.send('DELETE', `/api/v1/maintenance/${id}`)).status).toBe(404);
    expect((await ada.get('/api/v1/maintenance')).body).toMatchObject({ items: [] });
  });

  it('show first what they would have softened, and whether they are open', async () => {
    const everything = { name: 'all', from: '00:00', to: '24:00' };
    type Preview = { alerts: number; severe: number; by_time: boolean; examples: { id: string; becomes: string }[] };
    const ask = async (window: object) => (await ada.post('/api/v1/maintenance/preview', window)).body as Preview;
    const all = await ask(everything);
    expect(all.by_time).toBe(true);
    expect(all.alerts).toBeGreaterThan(0);
    // Its deviations: this console knows no rules, so nothing of what they raised can be announced.
    const store = new SqliteFindingsStore(data.dir, { role: 'console' });
    const { items } = store.alerts({ limit: 500 });
    store.close();
    const deviations = items.filter(({ kind, severity }) => kind === 'deviation' && severity !== 'informational');
    expect(all.alerts).toBe(deviations.length);
    expect(all.severe).toBe(deviations.filter(({ severity }) => /high|critical/.test(severity)).length);
    expect(all.examples.every(({ becomes }) => becomes === 'informational')).toBe(true);
    // Elsewhere, and at another time of the day.
    expect((await ask({ ...everything, devices: ['203.0.113.0/24'] })).alerts).toBe(0);
    const past = { name: 'past', begins: '2000-01-01T00:00:00Z', ends: '2000-01-02T00:00:00Z' };
    expect(await ask(past)).toMatchObject({ by_time: true, alerts: 0 });
    const ahead = { begins: '2099-01-01T00:00:00Z', ends: '2099-01-02T00:00:00Z' };
    expect(await ask({ name: 'ahead', ...ahead })).toMatchObject({ by_time: false, alerts: all.alerts });
    // Begun, and not over: what it will soften has not happened yet either.
    const begun = { name: 'begun', begins: new Date(now - 60_000).toISOString(), ends: ahead.ends };
    expect(await ask(begun)).toMatchObject({ by_time: false, alerts: all.alerts });
    expect(await ada.post('/api/v1/maintenance/preview', { name: 'x' })).toMatchObject({
      status: 400,
      body: { error: { code: 'bad_window' } },
    });

    const open = await ada.post('/api/v1/maintenance', { ...everything, reason: 'always' });
    expect(open.body).toMatchObject({ state: 'open', open_until: expect.stringMatching(/T00:00:00/) });
    const coming = await ada.post('/api/v1/maintenance', { name: 'ahead', ...ahead, reason: 'later' });
    expect(coming.body).toMatchObject({ state: 'coming', open_until: null });
    for (const { body } of [open, coming]) {
      const { id } = body as { id: string };
      expect((await ada.send('DELETE', `/api/v1/maintenance/${id}?reason=done%20early`)).status).toBe(200);
    }
  });

  it('are not brought back by an earlier version of the baseline, and not ended by one', async () => {
    const window = { name: 'Service', from: '06:00', to: '08:00', reason: 'every day' };
    const names = async () =>
      ((await ada.get('/api/v1/maintenance')).body as { items: { name: string }[] }).items.map(({ name }) => name);
    const newest = async () =>
      ((await ada.get('/api/v1/baseline/versions')).body as { items: { n: number }[] }).items[0]?.n;
    const first = (await ada.post('/api/v1/maintenance', window)).body as { id: string };
    const withFirst = await newest();
    await ada.send('DELETE', `/api/v1/maintenance/${first.id}`);
    await ada.post('/api/v1/maintenance', { ...window, name: 'Another' });
    const restored = await ada.post(`/api/v1/baseline/versions/${withFirst}/restore`, { reason: 'as before' });
    expect(restored.status).toBe(200);
    expect(await names()).toEqual(['Another']);
  });

  it('ask for the password again', async () => {
    const window = { name: 'Service', from: '06:00', to: '08:00', reason: 'every day' };
    now += 11 * 60_000;
    expect(await ada.post('/api/v1/maintenance', window)).toMatchObject({
      status: 403,
      body: { error: { code: 'confirm' } },
    });
    await ada.post('/api/v1/account/confirm', { password: PASSWORD });
    expect((await ada.post('/api/v1/maintenance', window)).status).toBe(200);
  });

  it('that cannot be are refused with the reason', async () => {
    const wrong = { name: 'x', begins: '2026-11-24T06:00:00Z', ends: '2026-11-22T18:00:00Z', reason: 'because' };
    expect(await ada.post('/api/v1/maintenance', wrong)).toMatchObject({
      status: 400,
      body: { error: { code: 'bad_window', message: 'The window "x": it ends before it begins.' } },
    });
  });
});
