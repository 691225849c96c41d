import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { BuiltConsole } from '../../console/api/start.js';
import { EMPTY_FILE } from '../../sensor/baseline/baseline-file.js';
import { Decisions } from '../../sensor/decisions/decisions.js';
import type { BaselineFile } from '../../sensor/model/baseline-document.js';
import type { Asset } from '../../sensor/model/records.js';
import { ConsoleStore } from '../../sensor/store/console/console-store.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { ApiClient, addUser, sampleDataDir, testConsole } from '../support/console.js';
import { HOSTILE, manyAlerts, sampleFindings } from '../support/sample-findings.js';

let data: { dir: string; remove(): void };
let built: BuiltConsole;
let second: BuiltConsole;
let ada: ApiClient;
let anton: ApiClient;
let vera: ApiClient;
let elsewhere: ApiClient;
let now = Date.UTC(2026, 2, 3, 8);

beforeAll(async () => {
  data = sampleDataDir();
  const sensor = new SqliteFindingsStore(data.dir, { role: 'sensor' });
  const sample = sampleFindings();
  const [first] = sample.conversations;
  const [operation] = first!.operations;
  const stopped = { ...operation!, operation: 'stop', class: 'control' as const, in_baseline: false, withheld: true };
  const conversations = [{ ...first!, id: 'stopped', server_port: 102, operations: [stopped] }];
  sensor.write({ ...sample, conversations });
  sensor.close();
  await addUser(data.dir, 'ada', 'admin');
  await addUser(data.dir, 'anton', 'analyst');
  await addUser(data.dir, 'vera', 'viewer');
  built = await testConsole(data.dir, { now: () => now });
  second = await testConsole(data.dir, { now: () => now });
  const signedIn = async (console: BuiltConsole, name: string) => {
    const client = new ApiClient(console);
    expect((await client.signIn(name)).status).toBe(200);
    return client;
  };
  [ada, anton, vera] = await Promise.all([signedIn(built, 'ada'), signedIn(built, 'anton'), signedIn(built, 'vera')]);
  elsewhere = await signedIn(second, 'anton');
});

afterAll(async () => {
  await built.close();
  await second.close();
  data.remove();
});

const API = '/api/v1';
const body = <T>(answer: { body: unknown }) => answer.body as T;
const statusOf = async (id: string) => body<{ status: string }>(await ada.get(`${API}/alerts/${id}`)).status;

interface Scope {
  scope: string;
  acceptance: Record<string, unknown> | null;
  refused: string | null;
  alerts: number;
  open_alerts: number;
  hides: { id: string }[];
}

async function scopes(id: string): Promise<Record<string, Scope>> {
  const answer = await vera.get(`${API}/alerts/${id}/acceptance`);
  expect(answer.status).toBe(200);
  return Object.fromEntries(body<{ scopes: Scope[] }>(answer).scopes.map((one) => [one.scope, one]));
}

describe('accepting a deviation', () => {
  it('is previewed for each scope, changes nothing, and says what it would hide', async () => {
    const narrow = await scopes('alert-diagnostics');
    expect(Object.keys(narrow)).toEqual(['value', 'object', 'operation', 'pair', 'roles']);
    expect(narrow['object']).toMatchObject({ alerts: 1, open_alerts: 1, hides: [] });
    expect(narrow['pair']!.acceptance).not.toHaveProperty('rule');
    expect((await scopes('alert-write'))['pair']!.hides.map(({ id }) => id)).toContain('alert-listen-only');
    expect((await scopes('alert-malformed'))['pair']).toMatchObject({ acceptance: null });
    expect((await scopes('alert-malformed'))['pair']!.refused).toMatch(/no deviation/);
    expect(body<{ version: number }>(await ada.get(`${API}/baseline/learning`)).version).toBe(0);
  });

  it('is refused while a high rule hit is open, without a reason, to a viewer, and for what is not there', async () => {
    const refused = await anton.post(`${API}/alerts/alert-write/acceptance`, { scope: 'pair', reason: 'new pump' });
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'hides_rule' } } });
    expect(refused.text).toMatch(/Not accepted: .* rule of level (high|critical) has fired \(alert-/);
    expect(await statusOf('alert-write')).toBe('open');
    for (const [client, id, asked, status] of [
      [anton, 'alert-diagnostics', { scope: 'pair', reason: '' }, 400],
      [anton, 'alert-diagnostics', { scope: 'pair', reason: '     ' }, 400],
      [anton, 'alert-diagnostics', { scope: 'plant', reason: 'because' }, 400],
      [anton, 'alert-diagnostics', { scope: 'pair', reason: 'because', minutes: 0 }, 400],
      [vera, 'alert-diagnostics', { scope: 'pair', reason: 'because' }, 403],
      [anton, 'nothing', { scope: 'pair', reason: 'because' }, 404],
      [anton, 'alert-malformed', { scope: 'pair', reason: 'because' }, 409],
    ] as const) {
      expect((await client.post(`${API}/alerts/${id}/acceptance`, asked)).status, JSON.stringify(asked)).toBe(status);
    }
  });

  it('closes what it covers with a word, reaches the sensor’s store, and is taken back by a version', async () => {
    const reason = `maintenance of ${HOSTILE.markup}`;
    const answer = await anton.post(`${API}/alerts/alert-diagnostics/acceptance`, {
      scope: 'object',
      reason,
      minutes: 5,
    });
    expect(answer).toMatchObject({ status: 200, body: { version: 1, closed: 1 } });
    expect(await statusOf('alert-diagnostics')).toBe('closed');
    const detail = body<{ history: { note: string; user: string }[] }>(
      await ada.get(`${API}/alerts/alert-diagnostics`),
    );
    expect(detail.history[0]).toMatchObject({ user: 'anton', note: `Accepted into the baseline (object): ${reason}` });
    const sensor = new SqliteFindingsStore(data.dir, { role: 'reader' });
    expect(sensor.loadSensorMemory().baseline?.decisions.accepted).toMatchObject([{ by: 'anton', reason }]);
    sensor.close();

    // Twice the same, here or in another console, is said to be there already.
    const again = await elsewhere.post(`${API}/alerts/alert-diagnostics/acceptance`, { scope: 'object', reason });
    expect(again).toMatchObject({ status: 409, body: { error: { code: 'already' } } });
    const wider = await elsewhere.post(`${API}/alerts/alert-diagnostics/acceptance`, { scope: 'operation', reason });
    expect(wider).toMatchObject({ status: 200, body: { version: 2, closed: 0 } });
    type List = { items: { id: string; scope: string; expired: boolean; closed_alerts: number }[]; total: number };
    const list = async () => body<List>(await vera.get(`${API}/baseline/acceptances`));
    expect(await list()).toMatchObject({ total: 2 });
    const [object] = (await list()).items.filter(({ scope }) => scope === 'object');
    expect(object).toMatchObject({ expired: false, closed_alerts: 1 });
    now += 6 * 60_000;
    expect((await list()).items.find(({ id }) => id === object!.id)).toMatchObject({ expired: true });

    const ended = await anton.post(`${API}/baseline/acceptances/${object!.id}/end`, { reason: 'pump is gone' });
    expect(ended).toMatchObject({ status: 200, body: { version: 3, reopened: 1 } });
    expect(await statusOf('alert-diagnostics')).toBe('open');
    expect((await anton.post(`${API}/baseline/acceptances/${object!.id}/end`, { reason: 'twice' })).status).toBe(404);
  });

  it('does not open again what a person has decided on since', async () => {
    await anton.post(`${API}/alerts/alert-diagnostics/acceptance`, { scope: 'object', reason: 'yearly test' });
    expect(await statusOf('alert-diagnostics')).toBe('closed');
    await anton.post(`${API}/alerts/alert-diagnostics/status`, { status: 'closed', note: 'known by now' });
    const restored = await ada.post(`${API}/baseline/versions/0/restore`, { reason: 'from the beginning' });
    expect(restored).toMatchObject({ status: 200, body: { version: 5, reopened: 0 } });
    expect(await statusOf('alert-diagnostics')).toBe('closed');
  });
});

describe('versions', () => {
  it('tell who decided what, differ, and stand in the audit log', async () => {
    type Version = { n: number; by: string; reason: string; entries: Record<string, number> };
    const { items } = body<{ items: Version[] }>(await vera.get(`${API}/baseline/versions`));
    expect(items.map(({ n, by }) => [n, by])).toEqual([
      [5, 'ada'],
      [4, 'anton'],
      [3, 'anton'],
      [2, 'anton'],
      [1, 'anton'],
    ]);
    expect(items.map(({ entries }) => entries['accepted'])).toEqual([0, 2, 1, 2, 1]);
    const page = body<{ items: Version[]; next: string }>(await vera.get(`${API}/baseline/versions?limit=2`));
    expect(page).toMatchObject({ next: '4' });
    type Diff = { from: number; count: number; changes: { list: string; change: string }[] };
    const diff = body<Diff>(await vera.get(`${API}/baseline/versions/3/diff?from=1`));
    expect(diff.changes.map(({ list, change }) => `${change} ${list}`).sort()).toEqual([
      'added accepted',
      'removed accepted',
    ]);
    expect(body<Diff>(await vera.get(`${API}/baseline/versions/1/diff`))).toMatchObject({ from: 0, count: 1 });
    expect((await vera.get(`${API}/baseline/versions/99/diff`)).status).toBe(404);
    expect((await anton.post(`${API}/baseline/versions/1/restore`, { reason: 'not mine to do' })).status).toBe(403);
    expect((await ada.post(`${API}/baseline/versions/99/restore`, { reason: 'nothing there' })).status).toBe(404);
    const audit = body<{ items: { action: string }[] }>(await ada.get(`${API}/audit?limit=100`));
    expect(audit.items.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['baseline.accept', 'baseline.end', 'baseline.restore']),
    );
  });

  it('outlive the findings: a store made anew has the latest', async () => {
    await anton.post(`${API}/alerts/alert-diagnostics/acceptance`, { scope: 'pair', reason: 'kept for good' });
    const accounts = new ConsoleStore(data.dir);
    const latest = accounts.baseline.latest();
    accounts.close();
    const other = sampleDataDir();
    const fresh = new SqliteFindingsStore(other.dir, { role: 'console' });
    expect(fresh.baselineVersion()).toBeNull();
    fresh.putBaselineVersion(latest!);
    fresh.putBaselineVersion({ ...latest!, n: 1, reason: 'an older one' });
    expect(fresh.baselineVersion()).toEqual(latest);
    fresh.close();
    other.remove();
    await ada.post(`${API}/baseline/versions/5/restore`, { reason: 'as before' });
  });
});

describe('decisions of before console.db kept them', () => {
  it('are taken over, and gone on from', async () => {
    const old = sampleDataDir();
    const findings = new SqliteFindingsStore(old.dir, { role: 'console' });
    const accepted = [
      { id: 'a', scope: 'pair' as const, client: '10.0.0.1', by: 'eva', at: '2026-01-01', reason: 'r' },
    ];
    const decisions = { accepted, declared: [], devices: [], conversations: [] };
    findings.putBaselineVersion({ n: 7, at: '2026-01-01', by: 'eva', reason: 'early', decisions });
    const accounts = new ConsoleStore(old.dir);
    const both = new Decisions(findings, accounts);
    expect(both.versions(10).map(({ n, by }) => [n, by])).toEqual([[7, 'eva']]);
    const { version } = await both.endAcceptance('a', 'no longer', { user: 'eva', source: 'test' });
    expect(version).toBe(8);
    expect(findings.baselineVersion()?.decisions.accepted).toEqual([]);
    accounts.close();
    findings.close();
    old.remove();
  });
});

describe('ending an acceptance', () => {
  it('opens again what it had closed, in portions, but not what somebody has decided since', async () => {
    const own = sampleDataDir();
    const findings = new SqliteFindingsStore(own.dir, { role: 'sensor', warn: () => {} });
    const actor = { user: 'eva', source: 'test' };
    const alerts = manyAlerts(330);
    findings.write({ ...sampleFindings(), alerts });
    const accounts = new ConsoleStore(own.dir);
    const both = new Decisions(findings, accounts);
    const accepted = [
      { id: 'a', scope: 'pair' as const, client: '10.0.0.1', by: 'eva', at: '2026-01-01', reason: 'r' },
    ];
    both.importFile({ ...EMPTY_FILE, accepted }, 'plant.yml', undefined, actor);
    accounts.baseline.closeCovered('a', alerts, 'accepted', actor);
    for (const { id } of alerts) findings.setAlertStatus(id, 'closed');
    const looked = alerts[7]!;
    accounts.recordAlertDecision(looked.id, 'closed', 'closed', 'seen', actor);
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const { reopened } = await both.endAcceptance('a', 'no longer', actor);
    isDone = true;
    expect(reopened).toBe(329);
    expect(turns).toBeGreaterThanOrEqual(3);
    expect(findings.alert(looked.id)?.status).toBe('closed');
    expect(findings.alert(alerts[0]!.id)?.status).toBe(alerts[0]!.status);
    // Restoring a version leaves windows of work as they are.
    const window = { name: 'Repair', begins: '2026-11-23T10:00:00Z', ends: '2999-11-23T12:00:00Z' };
    both.announceWork(window, 'pump', actor);
    await both.restore(1, 'as before', actor);
    expect(both.baseline.accepted.map(({ id }) => id)).toEqual(['a']);
    expect(both.baseline.maintenance?.map(({ name }) => name)).toEqual(['Repair']);
    accounts.close();
    findings.close();
    own.remove();
  });
});

describe('proposals', () => {
  type Proposals = { items: { id: string; operation?: string; client: string; learned?: boolean }[]; total: number };
  const list = async () => body<Proposals>(await vera.get(`${API}/baseline/proposals`));

  it('are confirmed and rejected, many at once, each time with a reason', async () => {
    const before = await list();
    expect(before.total).toBeGreaterThan(1);
    const [one, other] = before.items;
    const asked = { ids: [one!.id], verdict: 'confirmed', reason: 'the panel of line A' };
    expect((await vera.post(`${API}/baseline/proposals`, asked)).status).toBe(403);
    expect((await anton.post(`${API}/baseline/proposals`, { ...asked, reason: '' })).status).toBe(400);
    expect(await anton.post(`${API}/baseline/proposals`, { ...asked, ids: [one!.id, 'none'] })).toMatchObject({
      status: 200,
      body: { done: 1, missing: 1 },
    });
    expect((await anton.post(`${API}/baseline/proposals`, asked)).status).toBe(409);
    await anton.post(`${API}/baseline/proposals`, { ids: [other!.id], verdict: 'rejected', reason: 'nobody knows it' });
    expect((await list()).total).toBe(before.total - 2);
    const sensor = new SqliteFindingsStore(data.dir, { role: 'reader' });
    expect(sensor.baselineVersion()?.decisions.reviews?.map(({ verdict }) => verdict)).toEqual([
      'confirmed',
      'rejected',
    ]);
    sensor.close();
  });

  it('come back when the decision is taken back', async () => {
    const { total } = await list();
    await ada.post(`${API}/baseline/versions/0/restore`, { reason: 'start over' });
    expect((await list()).total).toBe(total + 2);
  });
});

describe('learning', () => {
  it('shows what was new when, and how much of each device', async () => {
    const answer = body<{
      bucket_seconds: number;
      buckets: { devices: number }[];
      devices: { id: string; known: number }[];
    }>(await vera.get(`${API}/baseline/learning`));
    expect(answer.bucket_seconds).toBe(60);
    expect(answer.buckets.reduce((sum, { devices }) => sum + devices, 0)).toBeGreaterThan(3);
    expect(answer.devices.find(({ id }) => id === 'asset-plc1')!.known).toBeGreaterThan(1);
  });
});

describe('the file', () => {
  it('goes out and comes in again', async () => {
    const out = await vera.get(`${API}/baseline/export`);
    expect(out.headers['content-disposition']).toContain('fieldwatch-baseline.yml');
    const file = parse(out.text) as BaselineFile;
    expect(file.devices.map(({ ip }) => ip)).toContain('192.168.10.11');
    const asked = { name: 'plant.yml', text: out.text };
    expect((await anton.post(`${API}/baseline/import`, asked)).status).toBe(403);
    const checked = await ada.post(`${API}/baseline/import`, { ...asked, check: true });
    expect(checked).toMatchObject({ status: 200, body: { version: null, devices: file.devices.length } });
    const map = { name: 'map.csv', text: 'device,unit,address,name,high\n10.20.1.20,11,30001,pH outlet,800\n' };
    expect(await ada.post(`${API}/baseline/import`, map)).toMatchObject({ status: 200, body: { declared: 1 } });
  });

  it.each([
    ['no.yml', 'a: [1', /no valid YAML/],
    ['no.yml', 'a: &a [*a]', /YAML|no baseline file/],
    ['no.yml', '[]', /no baseline file/],
    ['no.yml', 'fieldwatch_baseline: 1\naccepted:\n- {scope: pair, by: a, at: b, reason: c}', /cover everything/],
    [
      'no.yml',
      'fieldwatch_baseline: 1\naccepted:\n- {scope: pair, by: a, at: b, reason: c, client: d, expires: never}',
      /expires must be/,
    ],
    [
      'no.yml',
      'fieldwatch_baseline: 1\nconversations:\n- {client: a, server: b, protocol: c, port: x}',
      /port must be/,
    ],
    ['no.csv', 'nothing\n', /first line must name/],
  ])('%s %s is refused with one sentence', async (name, text, sentence) => {
    const answer = await ada.post(`${API}/baseline/import`, { name, text });
    expect(answer.status).toBe(400);
    expect(body<{ error: { message: string } }>(answer).error.message).toMatch(sentence);
  });
});

describe('devices', () => {
  it('are what a person says, whoever says otherwise, and it is told who', async () => {
    const said = { name: HOSTILE.markup, vendor: 'Siemens', model: 'S7-1500', serial: 'S 1', firmware: '2.9' };
    const asset = body<Asset>(await anton.send('PUT', `${API}/assets/asset-plc1/settings`, said));
    expect(asset).toMatchObject(said);
    expect(asset.evidence.filter(({ source }) => source === 'person')).toMatchObject(
      ['name', 'vendor', 'model', 'firmware', 'serial'].map((field) => ({ field, by: 'anton' })),
    );
    // Somebody else adds to it: the first words stay the first person's.
    const more = body<Asset>(
      await ada.send('PUT', `${API}/assets/asset-plc1/settings`, { ...said, order_number: '6ES7' }),
    );
    expect(more.evidence.filter(({ by }) => by === 'ada')).toMatchObject([{ field: 'order_number' }]);
    expect(body<{ items: Asset[] }>(await ada.get(`${API}/assets?vendor=Siemens`)).items.map(({ id }) => id)).toContain(
      'asset-plc1',
    );
    expect((await anton.send('PUT', `${API}/assets/asset-plc1/settings`, { vendor: '  ' })).status).toBe(400);
    expect((await anton.send('PUT', `${API}/assets/asset-plc1/settings`, {})).status).toBe(200);
    expect(body<Asset>(await ada.get(`${API}/assets/asset-plc1`))).toMatchObject({ vendor: 'Schneider Electric' });
  });

  it('are merged and split, also in the other console, and outlive the findings', async () => {
    await anton.send('PUT', `${API}/assets/asset-gateway/settings`, { zone: 'Hall B' });
    const whole = await anton.post(`${API}/assets/asset-gateway/merge`, { into: 'asset-plc2' });
    expect(body<Asset>(whole).ips).toContain('192.168.10.20');
    expect((await anton.post(`${API}/assets/asset-gateway/merge`, { into: 'asset-plc2' })).status).toBe(409);
    expect((await vera.post(`${API}/assets/asset-plc1/merge`, { into: 'asset-plc2' })).status).toBe(403);
    expect(body<Asset>(await elsewhere.get(`${API}/assets/asset-gateway`)).id).toBe('asset-plc2');
    expect(body<{ items: object[] }>(await vera.get(`${API}/assets/asset-plc2/parts`)).items).toMatchObject([
      { id: 'asset-gateway', user: 'anton' },
    ]);
    const split = await elsewhere.post(`${API}/assets/asset-gateway/split`, {});
    expect(body<Asset>(split)).toMatchObject({ id: 'asset-gateway', zone: 'Hall B' });
    expect(body<Asset>(await ada.get(`${API}/assets/asset-plc2`)).zone).not.toBe('Hall B');
    expect((await anton.post(`${API}/assets/asset-gateway/split`, {})).status).toBe(409);
  });

  it('tell who wrote to them last', async () => {
    type Writers = { items: { client_ip: string; last_seen: string }[] };
    const { items } = body<Writers>(await vera.get(`${API}/assets/asset-plc1/writers`));
    expect(items.map(({ client_ip }) => client_ip)).toContain('192.168.10.99');
    expect(items.map(({ last_seen }) => last_seen)).toEqual(
      items
        .map(({ last_seen }) => last_seen)
        .sort()
        .reverse(),
    );
  });

  it('are compared with the site’s list, and take over what only people know', async () => {
    const text = 'ip;name;zone;serial\n192.168.10.20;Gateway North;Hall C;\n10.9.9.9;Spare;;\nnonsense;;;\n';
    const answer = await anton.post(`${API}/assets/list`, { text });
    expect(answer).toMatchObject({ status: 200, body: { matched: 1, missing_count: 1, changed: 0 } });
    expect(body<{ missing: object[]; problems: string[]; unknown_count: number }>(answer)).toMatchObject({
      missing: [{ ip: '10.9.9.9', line: 3 }],
      problems: [expect.stringMatching(/Line 4/)],
    });
    expect((await vera.post(`${API}/assets/list`, { text, apply: true })).status).toBe(403);
    expect((await anton.post(`${API}/assets/list`, { text: 'colour\nred\n' })).status).toBe(400);
    expect(await anton.post(`${API}/assets/list`, { text, apply: true })).toMatchObject({ body: { changed: 1 } });
    expect(body<Asset>(await ada.get(`${API}/assets/asset-gateway`))).toMatchObject({
      name: 'Gateway North',
      approved: true,
    });
  });
});
