import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ruleText } from './rules.js';

const MAIN = fileURLToPath(new URL('../../dist/sensor/main.js', import.meta.url));
const isBuilt = existsSync(MAIN);
if (!isBuilt) test.skip('dist/ is missing: run `npm run build` for the tests of commands.');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldwatch-rules-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function fieldwatch(args: readonly string[], input = ''): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'rules', ...args], {
    cwd: folder,
    input,
    encoding: 'utf8',
  });
  return { status, out: stdout, err: stderr };
}

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const RULE = ruleText("  s:\n    user.name|startswith: 'adm'\n  condition: s");
const EVENTS = [{ user: { name: 'Admin' } }, { 'user.name': 'bob' }, { 'user.name': 'adm' }];

describe.skipIf(!isBuilt)('fieldwatch replay with rules of one’s own', () => {
  test('says which sound rule is left out, and watches with the others', () => {
    const counted = `title: Twice\nid: 41111111-1111-4111-8111-111111111111\ncorrelation:\n  type: event_count\n  rules: [nobody]\n  timespan: 1m\n  condition: { gte: 2 }\nlevel: low\n`;
    const rules = write('own.yml', counted);
    const config = write('fieldwatch.yaml', `rules: { paths: [${JSON.stringify(rules)}] }\n`);
    const capture = fileURLToPath(new URL('../../fixtures/modbus/libmodbus-writes.pcap', import.meta.url));
    const args = [MAIN, 'replay', capture, '--data', join(folder, 'data'), '--config', config, '--json'];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /^fieldwatch: a rule is left out: .*own\.yml:1:1: "Twice" names the rule "nobody", which is not there\n$/,
    );
  });
});

describe.skipIf(!isBuilt)('fieldwatch rules', () => {
  test('check: every mistake with file, line, column and reason; status 1 when there is one', () => {
    write('good.yml', RULE.replace('service: modbus', 'product: windows'));
    const good = fieldwatch(['check', folder]);
    expect(good).toMatchObject({ status: 0, err: '' });
    expect(good.out).toBe('1 file with 1 document: 1 rule loads, 0 mistakes, 0 warnings\n');
    const bad = write('bad.yml', ruleText('  s:\n    a|contain: x\n  condition: s', { id: 'bad' }));
    write(
      'odd.yml',
      ruleText('  s:\n    modbus.functoin: x\n  condition: s', { id: '31111111-1111-4111-8111-111111111111' }),
    );
    const found = fieldwatch(['check', folder]);
    expect(found.status).toBe(1);
    expect(found.out).toContain(`${bad}:10:16: error: there is no modifier "contain": did you mean contains?`);
    expect(found.out).toMatch(
      /odd\.yml:10:22: warning: no record has the field "modbus.functoin"; did you mean modbus.function/,
    );
    expect(found.out).toMatch(/3 files with 3 documents: 2 rules load, 1 mistake, 1 warning/);
    const json = lines(fieldwatch(['check', '--json', '--no-warnings', folder]).out);
    expect(json[0]).toMatchObject({ severity: 'error', file: bad, line: 10, column: 16 });
    expect(json[1]).toMatchObject({ severity: 'summary', loaded: 2, failed: 1 });
    expect(fieldwatch(['check', join(folder, 'nowhere')]).status).toBe(1);
  });

  test.each<[name: string, text: string | Buffer]>([
    ['NDJSON', EVENTS.map((event) => JSON.stringify(event)).join('\n')],
    ['an array', JSON.stringify(EVENTS)],
    ['an array over many lines', JSON.stringify(EVENTS, null, 2)],
    ['objects over many lines', EVENTS.map((event) => JSON.stringify(event, null, 2)).join('\n')],
    ['Windows line ends and a mark', `\uFEFF${EVENTS.map((event) => JSON.stringify(event)).join('\r\n')}\r\n`],
    ['UTF-16', Buffer.from(`\uFEFF${JSON.stringify(EVENTS)}`, 'utf16le')],
  ])('match: events as %s', (_name, text) => {
    const rules = write('a.yml', RULE);
    const { status, out } = fieldwatch(['match', '--rules', rules, '--events', write('e.json', text), '--json']);
    expect(status).toBe(0);
    const found = { rule_id: '11111111-1111-4111-8111-111111111111', title: 'A rule', level: 'high' };
    expect(lines(out)).toEqual([
      { ...found, event: 0 },
      { ...found, event: 2 },
    ]);
  });

  test('match: the log source counts only when asked for, given or in the event', () => {
    const rules = write('a.yml', RULE.replace('service: modbus', 'product: windows'));
    const events = write(
      'e.json',
      EVENTS.map((event) => JSON.stringify({ ...event, logsource: { product: 'linux' } })).join('\n'),
    );
    const args = ['match', '--rules', rules, '--events', events, '--json'];
    expect(lines(fieldwatch(args).out)).toHaveLength(2);
    expect(lines(fieldwatch([...args, '--logsource', 'product=windows,category=x']).out)).toHaveLength(2);
    expect(fieldwatch([...args, '--logsource', 'product=linux']).out).toBe('');
    expect(fieldwatch([...args, '--logsource']).out).toBe('');
    const wrong = fieldwatch([...args, '--logsource', 'windows']);
    expect(wrong).toMatchObject({
      status: 2,
      err: expect.stringMatching(/--logsource "windows" cannot be read/) as string,
    });
  });

  test('match: from standard input, as a table, with damage told; several rule paths', () => {
    const other = write('b.yml', ruleText('  s:\n    user.name: bob\n  condition: s', { id: 'b', title: 'Bob' }));
    const input = `${JSON.stringify(EVENTS[0])}\n{broken\n[1]\n${JSON.stringify(EVENTS[1])}\n`;
    const { status, out, err } = fieldwatch(
      ['match', '--rules', write('a.yml', RULE), '--rules', other, '--events', '-'],
      input,
    );
    expect(status).toBe(3);
    expect(out.split('\n').map((line) => line.trim().split(/ {2,}/)[0])).toEqual(['EVENT', '0', '1', '']);
    expect(err).toMatch(/-:2: this is no JSON object/);
    expect(err).toMatch(/-:3: this is no JSON object/);
  });

  test('match: correlations count in the time of the events', () => {
    const rules = write(
      'c.yml',
      `${RULE}name: adm\n---\ntitle: Twice\nid: twice\ncorrelation:\n  type: event_count\n  rules: [adm]\n  timespan: 10s\n  condition: {gte: 2}\n`,
    );
    const at = (time: string) => JSON.stringify({ user: { name: 'adm' }, '@timestamp': `2026-01-01T00:00:${time}Z` });
    const events = (...times: string[]) => write('e.ndjson', times.map(at).join('\n'));
    const run = (path: string) => lines(fieldwatch(['match', '--rules', rules, '--events', path, '--json']).out);
    expect(run(events('00', '09'))).toMatchObject([{ rule_id: 'twice', event: 1 }]);
    expect(fieldwatch(['match', '--rules', rules, '--events', events('00', '11'), '--json']).out).toBe('');
  });

  test('match: wrong usage is one sentence', () => {
    const rules = write('a.yml', RULE);
    expect(fieldwatch(['match', '--rules', rules, '--events', 'nowhere.json'])).toMatchObject({
      status: 2,
      err: expect.stringMatching(
        /^fieldwatch: the events file nowhere\.json cannot be read: ENOENT[^\n]*\n$/,
      ) as string,
    });
    expect(fieldwatch(['match', '--rules', rules, '--events', write('x.json', 'hello')])).toMatchObject({
      status: 2,
      err: expect.stringMatching(/holds no JSON objects/) as string,
    });
    expect(fieldwatch(['match', '--rules', 'nowhere', '--events', '-']).status).toBe(2);
    expect(fieldwatch(['match', '--events', '-']).status).toBe(2);
  });

  test('list: the product’s rules and one’s own, with what is disabled', () => {
    write('own.yml', RULE);
    write(
      'fieldwatch.yaml',
      "rules: {paths: [own.yml], disabled: ['0b8a3f52-6f0e-4c57-9d35-2a5c8c5f7a05']}\nplaceholders: [{name: x, values: [1, a]}]\n",
    );
    const rows = lines(fieldwatch(['list', '--json']).out);
    expect(rows.find(({ source }) => source === 'own')).toMatchObject({
      title: 'A rule',
      level: 'high',
      enabled: true,
    });
    expect(rows.filter(({ enabled }) => enabled === false).map(({ id }) => id)).toEqual([
      '0b8a3f52-6f0e-4c57-9d35-2a5c8c5f7a05',
    ]);
    expect(fieldwatch(['list']).out).toMatch(/^LEVEL +ENABLED +SOURCE/);
    write('own.yml', 'title: [\n');
    const broken = fieldwatch(['list', '--json']);
    expect(broken.status).toBe(3);
    expect(broken.err).toMatch(/own\.yml:2:1/);
  });
});
