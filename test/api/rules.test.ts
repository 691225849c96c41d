import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuiltConsole } from '../../console/api/start.js';
import { replay } from '../../sensor/cli/replay.js';
import { ruleWorkshop } from '../../sensor/cli/rule-workshop.js';
import { loadConfig } from '../../sensor/config.js';
import type { Alert } from '../../sensor/model/records.js';
import { ApiClient, addUser, PASSWORD, tempDataDir, testConsole } from '../support/console.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const isBuilt = existsSync(join(root, 'dist/sensor/main.js'));
if (!isBuilt) process.stderr.write('Rules made in the console are not tested: run npm run build first.\n');
const plant = (name: string) => join(root, 'fixtures/plant', name);

const ID = '5b0a3f52-6f0e-4c57-9d35-2a5c8c5f7b01';
const rule = (address: number, id = ID, level = 'high') => `title: Register ${address} is touched
id: ${id}
logsource: { product: fieldwatch, service: modbus }
detection:
  selection:
    operation.direction: request
    modbus.function: write_single_register
    modbus.address: ${address}
  condition: selection
level: ${level}
`;

interface Own {
  rule: string;
  kind: string;
  active: number | null;
  latest: number;
  changed_outside: boolean;
  expired: boolean;
  text: string;
  versions: { n: number; user: string; reason: string; text: string }[];
}
interface Trial {
  id: string;
  state: string;
  error: string;
  read: number;
  size: number;
  result: { packets: number; appear: Alert[]; disappear: Alert[]; change: { before: Alert; after: Alert }[] } | null;
}
interface Draft {
  text: string;
  fields: { name: string; value: string; chosen: boolean }[];
  rules: string[];
}

/** Milliseconds that the console's clock is ahead. */
let later = 0;
let data: { dir: string; remove(): void };
let built: BuiltConsole;
let ada: ApiClient;
let anton: ApiClient;
let vera: ApiClient;

async function asked<T>(answer: Promise<{ status: number; body: unknown }>, status = 200): Promise<T> {
  const { status: given, body } = await answer;
  expect({ given, body: given === status ? '' : body }).toEqual({ given: status, body: '' });
  return body as T;
}

const code = (answer: { body: unknown }) => (answer.body as { error?: { code: string } }).error?.code;
const file = (id = ID) => join(data.dir, 'rules', `${id}.yml`);

async function tried(body: object): Promise<Trial> {
  const { id } = await asked<Trial>(anton.post('/api/v1/rule-trials', body));
  await expect
    .poll(async () => (await asked<Trial>(anton.get(`/api/v1/rule-trials/${id}`))).state, {
      timeout: 200_000,
      interval: 200,
    })
    .toMatch(/done|failed/);
  const trial = await asked<Trial>(anton.get(`/api/v1/rule-trials/${id}`));
  expect(trial).toMatchObject({ state: 'done', error: '' });
  return trial;
}

describe.skipIf(!isBuilt)('rules', () => {
  let alerts: Alert[] = [];
  const alertOf = (words: string): Alert => {
    const found = alerts.find(({ title }) => title.includes(words));
    if (!found) throw new Error(`no alert "${words}"`);
    return found;
  };
  beforeAll(async () => {
    data = tempDataDir();
    await replay({ captures: [plant('normal.pcap')], data: data.dir, phase: 'learn', sensor: 'test' });
    await replay({ captures: [plant('attack.pcap')], data: data.dir, phase: 'protect', sensor: 'test' });
    await addUser(data.dir, 'ada', 'admin');
    await addUser(data.dir, 'anton', 'analyst');
    await addUser(data.dir, 'vera', 'viewer');
    built = await testConsole(data.dir, {
      rules: ruleWorkshop(loadConfig(), data.dir),
      now: () => Date.now() + later,
    });
    [ada, anton, vera] = [new ApiClient(built), new ApiClient(built), new ApiClient(built)];
    for (const [client, name] of [
      [ada, 'ada'],
      [anton, 'anton'],
      [vera, 'vera'],
    ] as const)
      await client.signIn(name);
    alerts = (await asked<{ items: Alert[] }>(ada.get('/api/v1/alerts?limit=200'))).items;
  }, 60_000);
  afterAll(async () => {
    await built?.close();
    data?.remove();
  });

  describe('the list', () => {
    it('has what fired first, is searched and filtered, and comes in pages', async () => {
      const page = await asked<{ items: { id: string; alerts: number }[]; next: string; total: number }>(
        vera.get('/api/v1/rules?limit=50'),
      );
      expect(page.total).toBeGreaterThan(200);
      expect(page.items[0]?.alerts).toBeGreaterThan(0);
      const seen = new Set(page.items.map(({ id }) => id));
      for (let next: string | null = page.next; next !== null; ) {
        const more: typeof page = await asked(vera.get(`/api/v1/rules?limit=50&cursor=${next}`));
        for (const { id } of more.items) {
          expect(seen.has(id)).toBe(false);
          seen.add(id);
        }
        next = more.next;
      }
      expect(seen.size).toBe(page.total);
      const total = async (query: string) => (await asked<{ total: number }>(vera.get(`/api/v1/rules?${query}`))).total;
      expect(await total('q=force%20listen')).toBe(1);
      expect(await total('q=nothing%20like%20that')).toBe(0);
      expect(await total('state=fired')).toBe(new Set(alerts.map(({ rule_id: id }) => id)).size);
      expect(await total('technique=T0814')).toBeGreaterThan(1);
      expect((await total('level=critical')) + (await total('level=high'))).toBeLessThan(page.total);
      expect((await vera.get('/api/v1/rules?level=worst')).status).toBe(400);
    });

    it('gives the text of a rule of the product, and how it is tested', async () => {
      const { id } = (await asked<{ items: { id: string }[] }>(vera.get('/api/v1/rules?q=frostygoop'))).items[0]!;
      const detail = await asked<{ text: string; tests: { fires: number; quiet: number } }>(
        vera.get(`/api/v1/rules/${id}`),
      );
      expect(detail.text).toContain(`id: ${id}`);
      expect(detail.tests.fires).toBeGreaterThan(0);
      expect(detail.tests.quiet).toBeGreaterThan(0);
    });
  });

  describe('a rule made in the console', () => {
    it('is proposed by an analyst, put to use by an admin, and lies where sensors look', async () => {
      expect((await vera.post('/api/v1/own-rules', { text: rule(3), reason: 'because' })).status).toBe(403);
      const made = await asked<Own>(anton.post('/api/v1/own-rules', { text: rule(3), reason: 'set-points matter' }));
      expect(made).toMatchObject({ rule: ID, kind: 'rule', active: null, changed_outside: false });
      expect(existsSync(file())).toBe(false);
      const listed = await asked<{ items: object[] }>(vera.get('/api/v1/rules?state=proposed'));
      expect(listed.items).toMatchObject([{ id: ID, source: 'own', enabled: false, console: true }]);
      const use = { version: made.latest, reason: 'looks right' };
      expect((await anton.post(`/api/v1/own-rules/${ID}/use`, use)).status).toBe(403);
      expect(await asked<Own>(ada.post(`/api/v1/own-rules/${ID}/use`, use))).toMatchObject({
        active: made.latest,
        changed_outside: false,
      });
      expect(readFileSync(file(), 'utf8')).toBe(rule(3));
      expect(await asked(vera.get(`/api/v1/rules/${ID}`))).toMatchObject({ enabled: true, text: rule(3) });
      // Its versions say what is used; the switch for rules would be a second truth.
      const answer = await ada.post(`/api/v1/rules/${ID}/enabled`, { enabled: false, reason: 'noisy' });
      expect([answer.status, code(answer)]).toEqual([409, 'own_rule']);
    });

    it('keeps every version, and nobody overwrites another', async () => {
      const before = await asked<Own>(vera.get(`/api/v1/own-rules/${ID}`));
      const edited = await asked<Own>(
        anton.post('/api/v1/own-rules', { text: rule(4), reason: 'the other one', base: before.latest }),
      );
      expect(edited.versions.map(({ user, reason }) => `${user} ${reason}`)).toEqual([
        'anton the other one',
        'anton set-points matter',
      ]);
      // What sensors use stays until an admin says otherwise.
      expect([edited.active, readFileSync(file(), 'utf8')]).toEqual([before.latest, rule(3)]);
      const late = await ada.post('/api/v1/own-rules', { text: rule(5), reason: 'too late', base: before.latest });
      expect([late.status, code(late)]).toEqual([409, 'changed']);
      const twice = await ada.post('/api/v1/own-rules', { text: rule(5), reason: 'not new' });
      expect([twice.status, code(twice)]).toEqual([409, 'exists']);
      const use = { version: edited.latest, reason: 'agreed' };
      await asked(ada.post(`/api/v1/own-rules/${ID}/use`, use));
      expect(readFileSync(file(), 'utf8')).toBe(rule(4));
      const back = { version: before.latest, reason: 'back again' };
      await asked(ada.post(`/api/v1/own-rules/${ID}/use`, back));
      expect(readFileSync(file(), 'utf8')).toBe(rule(3));
    });

    it('tells when its file was changed by hand', async () => {
      writeFileSync(file(), `${rule(3)}# by hand\n`);
      expect((await asked<Own>(vera.get(`/api/v1/own-rules/${ID}`))).changed_outside).toBe(true);
      writeFileSync(file(), rule(3));
      expect((await asked<Own>(vera.get(`/api/v1/own-rules/${ID}`))).changed_outside).toBe(false);
    });

    it('whose file was changed by hand loses nothing of that', async () => {
      const version = (await asked<Own>(vera.get(`/api/v1/own-rules/${ID}`))).active;
      writeFileSync(file(), `${rule(3)}# by hand\n`);
      await asked(ada.post(`/api/v1/own-rules/${ID}/use`, { version, reason: 'as it was' }));
      expect(readFileSync(file(), 'utf8')).toBe(rule(3));
      const kept = readdirSync(join(data.dir, 'rules')).filter((name) => name.includes('.kept-'));
      expect(kept.map((name) => readFileSync(join(data.dir, 'rules', name), 'utf8'))).toEqual([
        `${rule(3)}# by hand\n`,
      ]);
      for (const name of kept) rmSync(join(data.dir, 'rules', name));
    });

    it('takes no file’s place that was not made here', async () => {
      const other = 'by-hand';
      await asked(anton.post('/api/v1/own-rules', { text: rule(5, other), reason: 'another one' }));
      const { latest } = await asked<Own>(vera.get(`/api/v1/own-rules/${other}`));
      writeFileSync(file(other), rule(6, 'quite-another'));
      const refused = await ada.post(`/api/v1/own-rules/${other}/use`, { version: latest, reason: 'why not' });
      expect([refused.status, code(refused)]).toEqual([409, 'file_exists']);
      expect(readFileSync(file(other), 'utf8')).toBe(rule(6, 'quite-another'));
      rmSync(file(other));
      await asked(ada.send('DELETE', `/api/v1/own-rules/${other}?reason=over%20and%20out`));
    });

    it('is what the console says after it ended between its two writes', async () => {
      const versions = (await asked<Own>(vera.get(`/api/v1/own-rules/${ID}`))).versions.map(({ text }) => text);
      const again = async () => {
        const second = await testConsole(data.dir, { rules: ruleWorkshop(loadConfig(), data.dir) });
        await second.close();
      };
      // The file is an earlier version than the one in use, or is gone.
      const used = readFileSync(file(), 'utf8');
      const earlier = versions.find((text) => text !== used);
      writeFileSync(file(), earlier ?? '');
      await again();
      expect(readFileSync(file(), 'utf8')).toBe(used);
      rmSync(file());
      await again();
      expect(readFileSync(file(), 'utf8')).toBe(used);
      // A hand's own work is not ours to change.
      writeFileSync(file(), `${used}# by hand\n`);
      await again();
      expect(readFileSync(file(), 'utf8')).toBe(`${used}# by hand\n`);
      writeFileSync(file(), used);
    });

    it('is exported, taken out of use and deleted, and the audit log has it all', async () => {
      const back = (await asked<Own>(vera.get(`/api/v1/own-rules/${ID}`))).latest;
      const file1 = await ada.get('/api/v1/own-rules/export');
      expect(file1.text).toContain(`id: ${ID}`);
      await asked(ada.post(`/api/v1/own-rules/${ID}/use`, { version: null, reason: 'enough' }));
      expect(existsSync(file())).toBe(false);
      await asked(ada.post(`/api/v1/own-rules/${ID}/use`, { version: back, reason: 'after all' }));
      const refused = await anton.send('DELETE', `/api/v1/own-rules/${ID}?reason=not%20mine`);
      expect([refused.status, code(refused)]).toEqual([403, 'in_use']);
      // Deleting withdraws it: an unattended screen is not enough for that.
      later = 11 * 60_000;
      const unattended = await ada.send('DELETE', `/api/v1/own-rules/${ID}?reason=over%20and%20out`);
      expect([unattended.status, code(unattended)]).toEqual([403, 'confirm']);
      expect(existsSync(file())).toBe(true);
      await asked(ada.post('/api/v1/account/confirm', { password: PASSWORD }));
      await asked(ada.send('DELETE', `/api/v1/own-rules/${ID}?reason=over%20and%20out`));
      expect(readdirSync(join(data.dir, 'rules'))).toEqual([]);
      expect((await vera.get(`/api/v1/own-rules/${ID}`)).status).toBe(404);
      const rows = await asked<{ items: { action: string; target: string; before: string }[] }>(
        ada.get('/api/v1/audit'),
      );
      const actions = rows.items.filter(({ target }) => target === ID).map(({ action }) => action);
      expect(new Set(actions)).toEqual(
        new Set(['rule.propose', 'rule.edit', 'rule.use', 'rule.withdraw', 'rule.delete']),
      );
      expect(rows.items.find(({ action }) => action === 'rule.delete')?.before).toBe(rule(4));
    });

    it.each([
      ['an unknown modifier', rule(3).replace('modbus.address', 'modbus.address|near'), 8, /near/],
      ['no id', rule(3).replace(/^id:.*\n/m, ''), 1, /"id" is missing/],
      ['no YAML', 'title: [', 1, /./],
      ['nothing at all', '# only words\n', 1, /no rule/],
    ])('with a mistake is refused with its place: %s', async (_, text, line, reason) => {
      const { problems } = await asked<{ problems: { severity: string; line: number; reason: string }[] }>(
        anton.post('/api/v1/rules/check', { text }),
      );
      expect(problems[0]?.severity).toBe('error');
      expect(problems[0]?.line).toBe(line);
      expect(problems[0]?.reason).toMatch(reason);
      const answer = await anton.post('/api/v1/own-rules', { text, reason: 'try it' });
      expect([answer.status, code(answer)]).toEqual([400, 'bad_rule']);
    });

    it('with a field that no record has, or another rule’s id, is told so', async () => {
      const check = async (text: string) =>
        (await asked<{ problems: { severity: string; reason: string }[] }>(anton.post('/api/v1/rules/check', { text })))
          .problems;
      expect(await check(rule(3))).toEqual([]);
      expect(await check(rule(3).replace('modbus.address', 'modbus.adress'))).toMatchObject([
        { severity: 'warning', reason: /did you mean modbus\.address/ },
      ]);
      const taken = '0b8a3f52-6f0e-4c57-9d35-2a5c8c5f7a01';
      expect(await check(rule(3, taken))).toMatchObject([{ severity: 'error', reason: /Force Listen Only/ }]);
      const evil = await anton.post('/api/v1/own-rules', { text: rule(3, '../../evil'), reason: 'try it' });
      expect([evil.status, code(evil)]).toEqual([400, 'bad_rule']);
    });
  });

  describe('a rule made from an alert', () => {
    it('asks for what a person picks, and fires on what the alert was about', { timeout: 90_000 }, async () => {
      const alert = alertOf('Write from a station that never wrote');
      const url = `/api/v1/alerts/${alert.id}/rule-draft?kind=rule`;
      const draft = await asked<Draft>(anton.get(url));
      expect(draft.fields.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['client_ip', 'server_ip', 'modbus.function', 'modbus.unit_id', 'modbus.address']),
      );
      expect(draft.text).toContain(String(alert.src_ip));
      const picked = await asked<Draft>(anton.get(`${url}&fields=client_ip,modbus.function`));
      expect(picked.fields.filter(({ chosen }) => chosen).map(({ name }) => name)).toEqual([
        'client_ip',
        'modbus.function',
      ]);
      expect(picked.text).not.toContain('modbus.address');
      const { problems } = await asked<{ problems: object[] }>(
        anton.post('/api/v1/rules/check', { text: picked.text }),
      );
      expect(problems).toEqual([]);
      const { result } = await tried({ capture: 'alerts', text: picked.text });
      expect(result?.appear.length).toBeGreaterThan(0);
      expect(result?.disappear).toEqual([]);
      expect(new Set(result?.appear.map(({ src_ip: ip }) => ip))).toEqual(new Set([alert.src_ip]));
    });

    it('is a sound rule for every alert of the plant that is about a message', async () => {
      for (const alert of alerts.filter(({ protocol, src_ip, dest_ip }) => protocol && src_ip && dest_ip)) {
        const draft = await asked<Draft>(anton.get(`/api/v1/alerts/${alert.id}/rule-draft?kind=rule`));
        const { problems } = await asked<{ problems: { severity: string }[] }>(
          anton.post('/api/v1/rules/check', { text: draft.text }),
        );
        expect([alert.title, problems]).toEqual([alert.title, []]);
      }
    });
  });

  describe('an exception', () => {
    it('is a Sigma filter with owner, reason and end; tried, it takes the alert away', {
      timeout: 90_000,
    }, async () => {
      const alert = alertOf('Device silenced');
      const draft = await asked<Draft>(
        anton.get(`/api/v1/alerts/${alert.id}/rule-draft?kind=exception&days=7&reason=planned%20test`),
      );
      expect(draft.rules).toEqual([alert.title]);
      expect(draft.text).toMatch(/author: anton/);
      expect(draft.text).toMatch(/description: planned test/);
      const { result } = await tried({ capture: 'alerts', text: draft.text });
      expect(result?.appear).toEqual([]);
      expect(result?.disappear.map(({ title }) => title)).toEqual([alert.title]);
      const made = await asked<Own>(anton.post('/api/v1/own-rules', { text: draft.text, reason: 'planned test' }));
      expect(made).toMatchObject({ kind: 'exception', active: null, expired: false });
      // It is no rule of its own.
      expect(await asked(vera.get(`/api/v1/rules?q=${made.rule}`))).toMatchObject({ total: 0 });
      for (const [text, refusal] of [
        [draft.text.replace(/^expires:.*\n/m, ''), 'no_end'],
        // Not hidden behind one that ends, either.
        [`${draft.text}---\n${draft.text.replace(made.rule, ID).replace(/^expires:.*\n/m, '')}`, 'no_end'],
        [draft.text.replace(/^expires:.*$/m, 'expires: 2999-01-01'), 'too_long'],
        [draft.text.replace(/^expires:.*$/m, 'expires: some day'), 'bad_rule'],
      ] as const) {
        const answer = await anton.post('/api/v1/own-rules', { text, reason: 'longer', base: made.latest });
        expect([answer.status, code(answer)]).toEqual([400, refusal]);
      }
    });

    it('from a correlation is one from what it counts', async () => {
      const draft = await asked<Draft>(
        anton.get(`/api/v1/alerts/${alertOf('FrostyGoop').id}/rule-draft?kind=exception`),
      );
      expect(draft.rules.length).toBeGreaterThan(1);
    });

    it('from what no rule raised is refused with what to do instead', async () => {
      const answer = await anton.get(`/api/v1/alerts/${alertOf('New device').id}/rule-draft?kind=exception`);
      expect([answer.status, code(answer)]).toEqual([409, 'no_draft']);
    });
  });

  describe('a trial', () => {
    it('on an uploaded capture tells how far it is, and what would change', { timeout: 240_000 }, async () => {
      const bytes = readFileSync(plant('attack.pcap'));
      const { id } = await asked<{ id: string }>(
        anton.post('/api/v1/workspaces', { name: 'attack.pcap', size: bytes.length }),
      );
      const part = await built.app.inject({
        method: 'PUT',
        url: `/api/v1/workspaces/${id}/part?offset=0`,
        payload: bytes,
        headers: { cookie: anton.cookie, 'x-csrf-token': anton.csrf, 'content-type': 'application/octet-stream' },
      });
      expect(part.statusCode).toBe(200);
      await expect
        .poll(async () => (await asked<{ state: string }>(anton.get(`/api/v1/workspaces/${id}`))).state, {
          timeout: 200_000,
        })
        .toBe('done');
      expect(await asked(anton.get(`/api/v1/workspaces/${id}`))).toMatchObject({ read: bytes.length });
      const off = await tried({ capture: id, off: ['0b8a3f52-6f0e-4c57-9d35-2a5c8c5f7a01'] });
      expect(off.result?.packets).toBe(5713);
      expect(off.result?.disappear.map(({ title }) => title)).toEqual(['Device silenced (Force Listen Only Mode)']);
      // A rule of one's own for one version, and for the next.
      const made = await asked<Own>(anton.post('/api/v1/own-rules', { text: rule(3), reason: 'set-points' }));
      await asked(ada.post(`/api/v1/own-rules/${ID}/use`, { version: made.latest, reason: 'good' }));
      const other = await tried({ capture: id, text: rule(3, ID, 'low'), own: ID });
      expect(other.result?.change.map(({ before, after }) => `${before.severity} ${after.severity}`)).toContain(
        'high low',
      );
      const gone = await tried({ capture: id, own: ID });
      expect(gone.result?.disappear.map(({ rule_id: one }) => one)).toContain(ID);
      expect(gone.result?.appear).toEqual([]);
      await asked(ada.send('DELETE', `/api/v1/own-rules/${ID}?reason=tried`));
    });

    it('of nothing, of a broken rule, on a capture that is not there: refused', async () => {
      const refusals = await Promise.all([
        anton.post('/api/v1/rule-trials', { capture: 'alerts' }),
        anton.post('/api/v1/rule-trials', { capture: 'alerts', text: 'title: [' }),
        anton.post('/api/v1/rule-trials', { capture: 'none', off: ['x'] }),
        anton.post('/api/v1/rule-trials', { capture: 'alerts', off: ['--config'] }),
        anton.post('/api/v1/rule-trials', { capture: 'alerts', own: '../x' }),
        vera.post('/api/v1/rule-trials', { capture: 'alerts', text: rule(3) }),
      ]);
      expect(refusals.map(({ status }) => status)).toEqual([400, 400, 404, 400, 404, 403]);
    });

    it('can be ended', { timeout: 60_000 }, async () => {
      const { id } = await asked<Trial>(anton.post('/api/v1/rule-trials', { capture: 'alerts', off: ['x'] }));
      await asked(anton.send('DELETE', `/api/v1/rule-trials/${id}`));
      expect((await anton.get(`/api/v1/rule-trials/${id}`)).status).toBe(404);
    });
  });

  it('whose file does not load is told in the list, without where that lies on this machine', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fieldwatch-rules-'));
    writeFileSync(join(folder, 'broken.yml'), 'title: [');
    writeFileSync(join(folder, 'one.yml'), rule(7, 'twice'));
    writeFileSync(join(folder, 'two.yml'), rule(8, 'twice'));
    mkdirSync(join(data.dir, 'rules'), { recursive: true });
    writeFileSync(file('broken'), 'title: x');
    const config = loadConfig();
    const workshop = ruleWorkshop(
      { ...config, config: { ...config.config, rules: { paths: [folder], disabled: [] } } },
      data.dir,
    );
    const name = basename(folder);
    expect(workshop.problems()).toMatchObject([
      { file: `${name}/broken.yml`, line: 1 },
      { file: `${name}/two.yml`, reason: `the id twice is already used by ${name}/one.yml` },
      { file: 'broken.yml', reason: expect.stringContaining('logsource') },
    ]);
    expect(workshop.list().find(({ id }) => id === 'twice')?.file).toBe(`${name}/one.yml`);
    rmSync(folder, { recursive: true });
    rmSync(file('broken'));
  });

  it('that does not load spoils no trial but its own', { timeout: 120_000 }, async () => {
    mkdirSync(join(data.dir, 'rules'), { recursive: true });
    writeFileSync(file('broken'), 'title: x');
    const { result } = await tried({ capture: 'alerts', text: rule(40, 'sound') });
    expect(result?.packets).toBeGreaterThan(0);
    rmSync(file('broken'));
  });
});
