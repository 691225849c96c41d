import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReportSources, reportMaker } from '../../console/api/report/data.js';
import { ReportFolder, reportText, writeAtomically } from '../../console/api/report/files.js';
import { lastPeriod, ReportSchedule, type ReportSettings } from '../../console/api/report/schedule.js';
import { NO_WORKSHOP } from '../../console/api/rule-workshop.js';
import type { BuiltConsole } from '../../console/api/start.js';
import { ConsoleStore } from '../../sensor/store/console/console-store.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { ApiClient, addUser, sampleDataDir, tempDataDir, testConsole } from '../support/console.js';
import { at, HOSTILE, sampleAlert, sampleFindings } from '../support/sample-findings.js';

const main = fileURLToPath(new URL('../../dist/sensor/main.js', import.meta.url));

let data: { dir: string; remove(): void };
let findings: SqliteFindingsStore;
let accounts: ConsoleStore;
let now = Date.UTC(2026, 10, 23, 12);
const log: string[] = [];

beforeAll(async () => {
  data = sampleDataDir();
  await addUser(data.dir, 'ada', 'admin');
  findings = new SqliteFindingsStore(data.dir, { role: 'console' });
  accounts = new ConsoleStore(data.dir);
});

afterAll(() => {
  accounts.close();
  findings.close();
  data.remove();
});

function sources(over: Partial<ReportSources> = {}): ReportSources {
  return {
    findings,
    accounts,
    site: 'Plant <b>North</b>',
    version: '1.2.3',
    now: () => now,
    rules: NO_WORKSHOP,
    log: (line) => log.push(line),
    ...over,
  };
}

function settings(folder: string, over: Partial<ReportSettings> = {}): ReportSettings {
  return { every: 'week', at: '06:00', folder, formats: ['html', 'csv', 'json'], language: 'en', keep: 3, ...over };
}

describe('the period of a report', () => {
  const local = (year: number, month: number, day: number, hour = 0, minute = 0) =>
    new Date(year, month - 1, day, hour, minute);
  it.each([
    ['day', local(2026, 11, 23, 5, 59), '2026-11-21_2026-11-21'],
    ['day', local(2026, 11, 23, 6, 0), '2026-11-22_2026-11-22'],
    ['day', local(2026, 3, 1, 6, 0), '2026-02-28_2026-02-28'],
    // 23 November 2026 is a Monday.
    ['week', local(2026, 11, 23, 5, 59), '2026-11-09_2026-11-15'],
    ['week', local(2026, 11, 23, 6, 0), '2026-11-16_2026-11-22'],
    ['week', local(2026, 11, 29, 23, 59), '2026-11-16_2026-11-22'],
    ['week', local(2027, 1, 1, 12, 0), '2026-12-21_2026-12-27'],
    ['month', local(2026, 12, 1, 5, 59), '2026-10-01_2026-10-31'],
    ['month', local(2026, 12, 1, 6, 0), '2026-11-01_2026-11-30'],
    ['month', local(2028, 3, 31, 6, 0), '2028-02-01_2028-02-29'],
  ] as const)('by %s, on %s, is %s', (every, when, days) => {
    const period = lastPeriod(every, '06:00', when);
    expect(period.days).toBe(days);
    expect(period.to.getTime()).toBeLessThanOrEqual(when.getTime());
    for (const edge of [period.from, period.to]) expect([edge.getHours(), edge.getMinutes()]).toEqual([0, 0]);
  });
});

const CAN_MOUNT = spawnSync('unshare', ['-m', 'true']).status === 0;
if (!CAN_MOUNT) process.stderr.write('skipped: the test of a report on a full disk needs root (mount)\n');

describe('reports that are written by themselves', () => {
  it('are there once, whole, for their owner and group, and in the audit log', async () => {
    const folder = join(data.dir, 'reports-1');
    const schedule = new ReportSchedule(settings(folder), sources());
    await schedule.look();
    const expected = ['csv', 'html', 'json'].map((format) => `fieldwatch-report_2026-11-16_2026-11-22.${format}`);
    expect(readdirSync(folder).sort()).toEqual(expected);
    for (const name of expected) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o640);
    const before = expected.map((name) => statSync(join(folder, name)).ino);
    await schedule.look();
    expect(expected.map((name) => statSync(join(folder, name)).ino)).toEqual(before);
    expect(accounts.auditRows(1)[0]).toMatchObject({ action: 'report.write', target: '2026-11-16_2026-11-22' });
    const json = JSON.parse(readFileSync(join(folder, expected[2] ?? ''), 'utf8')) as { to: string };
    expect(json.to).toBe(new Date(2026, 10, 23).toISOString());
    // After a restart only what is missing is made.
    execFileSync('rm', [join(folder, expected[1] ?? '')]);
    await new ReportSchedule(settings(folder), sources()).look();
    expect(readdirSync(folder).sort()).toEqual(expected);
    expect(statSync(join(folder, expected[0] ?? '')).ino).toBe(before[0]);
  });

  it('make up for the last period after a stop, keep as many as they should, and touch nothing else', async () => {
    const folder = join(data.dir, 'reports-2');
    mkdirSync(folder);
    const others = ['notes.txt', 'fieldwatch-report_old.html', 'fieldwatch-report_2026-11-16_2026-11-22.html.bak'];
    for (const name of others) writeFileSync(join(folder, name), 'mine');
    writeFileSync(join(data.dir, 'precious'), 'precious');
    // A link of that name is no report: it is neither counted nor followed.
    symlinkSync(join(data.dir, 'precious'), join(folder, 'fieldwatch-report_2020-01-01_2020-01-07.html'));
    const start = now;
    const schedule = new ReportSchedule(settings(folder, { formats: ['html'], keep: 2 }), sources());
    for (let week = 0; week < 5; week++) {
      await schedule.look();
      now += (week === 1 ? 3 : 1) * 7 * 86_400_000;
    }
    now = start;
    expect(schedule.state().files).toEqual([
      'fieldwatch-report_2026-12-28_2027-01-03.html',
      'fieldwatch-report_2026-12-21_2026-12-27.html',
    ]);
    for (const name of others) expect(readFileSync(join(folder, name), 'utf8')).toBe('mine');
    expect(readFileSync(join(data.dir, 'precious'), 'utf8')).toBe('precious');
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('replace a link instead of writing where it leads', () => {
    const folder = join(data.dir, 'reports-3');
    mkdirSync(folder);
    const target = join(data.dir, 'target');
    writeFileSync(target, 'untouched');
    const name = 'fieldwatch-report_2026-11-16_2026-11-22.csv';
    symlinkSync(target, join(folder, name));
    symlinkSync(target, join(folder, `.${name}.${process.pid}`));
    new ReportFolder(folder).write('2026-11-16_2026-11-22', 'csv', 'new');
    expect(readFileSync(target, 'utf8')).toBe('untouched');
    expect(lstatSync(join(folder, name)).isSymbolicLink()).toBe(false);
    expect(readFileSync(join(folder, name), 'utf8')).toBe('new');
    for (const days of ['../../etc/passwd', '2026-11-16_2026-11-22/../x', ''])
      expect(() => new ReportFolder(folder).write(days, 'csv', 'x')).toThrow();
  });

  it('leave what was there as it was when the new one cannot be put there, and no draft', () => {
    const folder = join(data.dir, 'reports-4');
    const path = join(folder, 'kept.csv');
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'inside'), 'old');
    expect(() => writeAtomically(path, 'new')).toThrow();
    expect(readFileSync(join(path, 'inside'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['kept.csv']);
    expect(() => writeAtomically(join(folder, 'not', 'there.csv'), 'new')).toThrow(/ENOENT/);
  });

  it.skipIf(!CAN_MOUNT)('leave what was there as it was when the disk fills up in the middle of the new one', () => {
    const small = join(data.dir, 'small');
    mkdirSync(small);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'fieldwatch-test', small]).status).toBe(0);
    try {
      const path = join(small, 'report.csv');
      writeAtomically(path, 'old');
      expect(() => writeAtomically(path, 'x'.repeat(200_000))).toThrow(/ENOSPC/);
      expect(readFileSync(path, 'utf8')).toBe('old');
      expect(readdirSync(small)).toEqual(['report.csv']);
    } finally {
      spawnSync('umount', [small]);
    }
  });

  it('say what is wrong with the folder, once, and try again', async () => {
    const blocked = join(data.dir, 'a-file');
    writeFileSync(blocked, '');
    const started = now;
    const schedule = new ReportSchedule(settings(join(blocked, 'reports')), sources());
    log.length = 0;
    for (let n = 0; n < 3; n++) {
      await schedule.look();
      now += 11 * 60_000;
    }
    expect(log).toEqual([expect.stringMatching(/^The report could not be written into .*a-file\/reports \(ENOTDIR\)/)]);
    expect(schedule.state().problem).toBe(log[0]);
    execFileSync('rm', [blocked]);
    await schedule.look();
    now = started;
    expect(schedule.state()).toMatchObject({ problem: '', files: { length: 3 } });
  });

  it('are shown by the console, which writes them too', async () => {
    const own = sampleDataDir();
    await addUser(own.dir, 'ada', 'admin');
    const folder = join(own.dir, 'reports');
    const built: BuiltConsole = await testConsole(own.dir, { reports: settings(folder, { formats: ['csv'] }) });
    const ada = new ApiClient(built);
    await ada.signIn('ada');
    await built.close();
    expect(readdirSync(folder)).toHaveLength(1);
    const again = await testConsole(own.dir, { reports: settings(folder, { formats: ['csv'] }) });
    const client = new ApiClient(again);
    await client.signIn('ada');
    expect((await client.get('/api/v1/report/schedule')).body).toMatchObject({
      every: 'week',
      folder,
      files: readdirSync(folder),
      problem: '',
    });
    await again.close();
    own.remove();
  });
});

describe('the report as a file', () => {
  const hostile = [
    ...Object.values(HOSTILE),
    '</style><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '=cmd()',
  ];

  it('holds text from packets as text, in both languages', async () => {
    const own = tempDataDir();
    const sensor = new SqliteFindingsStore(own.dir, { role: 'sensor' });
    const alerts = hostile.map((title, index) =>
      sampleAlert(`hostile ${index}`, { title, src_ip: title, dest_ip: title, first_seen: at(1), last_seen: at(2) }),
    );
    sensor.write({ ...sampleFindings(), alerts });
    const console = new ConsoleStore(own.dir);
    const report = await reportMaker(sources({ findings: sensor, accounts: console }))({});
    expect(report.alerts.total).toBe(hostile.length);
    for (const language of ['en', 'de'] as const) {
      const html = reportText(report, 'html', language, 'Europe/Vienna');
      expect(html).toContain(`<html lang="${language}">`);
      const tags = new Set([...html.matchAll(/<\/?([a-zA-Z][\w-]*)/g)].map(([, name]) => name));
      for (const bad of ['script', 'img', 'svg', 'b', 'a', 'iframe', 'link', 'base', 'form'])
        expect(tags).not.toContain(bad);
      expect(html.match(/<style/g)).toHaveLength(1);
      expect(html).not.toMatch(/\son\w+\s*=\s*["']/);
      // Control characters and those that turn the direction; lines end with a line feed.
      expect(html.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(html).toContain('Plant &#60;b&#62;North&#60;/b&#62;');
      expect(html).not.toMatch(/undefined|NaN|\[object/);
    }
    const csv = reportText(report, 'csv', 'en', 'UTC');
    expect(csv).toContain("'=cmd()");
    expect(reportText(report, 'json', 'en', 'UTC')).not.toContain('<');
    console.close();
    sensor.close();
    own.remove();
  });

  it('says the same in German, and nothing in English', async () => {
    const report = await reportMaker(sources())({});
    const html = reportText(report, 'html', 'de', 'Europe/Vienna');
    for (const heading of ['Risiken', 'Alarme', 'Geräte', 'Was Menschen getan haben', 'Sensoren'])
      expect(html).toContain(`<h2>${heading}</h2>`);
    for (const english of ['Risks', 'Devices', 'Severity', 'First seen', 'Requirement', 'Signed in'])
      expect(html).not.toContain(english);
  });

  it('names what to look at first: devices with severe alerts, strangers at controllers, talk across zones', async () => {
    const { risks, controls } = await reportMaker(sources())({});
    expect(risks.devices.length).toBeGreaterThan(0);
    expect(risks.devices.every(({ worst }) => worst === 'high' || worst === 'critical')).toBe(true);
    const boundary = controls.find(({ key }) => key === 'boundary');
    expect(boundary?.values).toEqual([risks.strangers_total]);
    const segmentation = controls.find(({ key }) => key === 'segmentation');
    expect(segmentation?.values[1]).toBe(risks.crossings_total);
  });

  it('claims nothing where there are no data', async () => {
    const own = tempDataDir();
    const empty = new SqliteFindingsStore(own.dir, { role: 'sensor' });
    const console = new ConsoleStore(own.dir);
    const { controls } = await reportMaker(sources({ findings: empty, accounts: console }))({});
    expect(controls.filter(({ state }) => state !== 'open')).toEqual([]);
    console.close();
    empty.close();
    own.remove();
  });
});

describe.skipIf(!existsSync(main))('fieldwatch report', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [main, 'report', '--data', data.dir, ...args], { encoding: 'utf8' });

  it('prints the report, or writes it to a file', () => {
    const html = run('--language', 'de');
    expect(html.stderr).toBe('');
    expect(html.stdout).toMatch(/^<!doctype html>/);
    const out = join(data.dir, 'report.json');
    expect(run('--format', 'json', '--out', out).status).toBe(0);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toHaveProperty('risks');
  });

  it.each([
    [['--from', 'yesterday'], /yesterday is no time/],
    [['--from', '2026-03-02', '--to', '2026-03-01'], /ends before it begins/],
    [['--from', '2020-01-01', '--to', '2026-03-01'], /at most 400 days/],
    [['--out', '/nowhere/report.html'], /--out \/nowhere\/report.html cannot be written \(ENOENT\)/],
  ])('says what is wrong with %j in one sentence', (args, sentence) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
