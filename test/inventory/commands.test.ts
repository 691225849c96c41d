import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Asset } from '../../sensor/model/records.js';
import { sampleDataDir } from '../support/console.js';

const main = join(import.meta.dirname, '..', '..', 'dist', 'sensor', 'main.js');

describe.skipIf(!existsSync(main))('fieldwatch assets (needs npm run build)', () => {
  let data: { dir: string; remove(): void };
  beforeAll(() => {
    data = sampleDataDir();
  });
  afterAll(() => data.remove());

  function assets(...args: string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'assets', ...args, '--data', data.dir], {
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }
  const listed = (): Asset[] =>
    assets('--json')
      .stdout.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Asset);

  test('what a person says is kept and stands above what was seen', () => {
    const asset = listed().find(({ ips }) => ips.length > 0)!;
    const said = assets(
      'set',
      asset.ips[0]!,
      '--name',
      'Press 3',
      '--role',
      'hmi,historian',
      '--zone',
      'Hall',
      '--level',
      '2.5',
      '--criticality',
      'high',
    );
    expect([said.status, said.stderr]).toEqual([0, '']);
    expect(assets('approve', 'Press 3').stdout).toMatch(/of 1 devices are approved now/);
    expect(listed().find(({ id }) => id === asset.id)).toMatchObject({
      name: 'Press 3',
      roles: ['hmi', 'historian'],
      zone: 'Hall',
      purdue_level: 2.5,
      criticality: 'high',
      approved: true,
    });
    expect(assets('set', 'Press 3', '--clear').status).toBe(0);
    expect(listed().find(({ id }) => id === asset.id)?.name).toBe(asset.name);
  });

  test('two records become one, and two again', () => {
    const [one, other] = listed();
    expect(assets('merge', other!.id, one!.id).status).toBe(0);
    expect(listed().map(({ id }) => id)).not.toContain(other!.id);
    expect(assets('split', other!.id).status).toBe(0);
    expect(listed().map(({ id }) => id)).toContain(other!.id);
    expect(assets('split', other!.id)).toMatchObject({ status: 2, stderr: expect.stringContaining('nothing to undo') });
  });

  test("the site's list: missing and unknown are told, wrong lines do not stop the others", () => {
    const asset = listed().find(({ ips }) => ips.length > 0)!;
    const path = join(data.dir, 'list.csv');
    writeFileSync(path, `ip;name\n${asset.ips[0]};Pump\n192.0.2.77;Ghost\n1.2.3;x\n`);
    const { status, stdout, stderr } = assets('import', path, '--apply');
    expect(status).toBe(3);
    expect(stderr).toContain('Line 4: "1.2.3" is no IP address');
    expect(stdout).toContain('1 devices of the list were seen, 1 were not');
    expect(stdout).toMatch(/192\.0\.2\.77 +Ghost/);
    expect(listed().find(({ id }) => id === asset.id)).toMatchObject({ name: 'Pump', approved: true });
  });

  test('exports to a file and to standard output', () => {
    const path = join(data.dir, 'sbom.json');
    expect(assets('export', '--format', 'cyclonedx', '--site', 'Works', '--output', path).status).toBe(0);
    const document = JSON.parse(readFileSync(path, 'utf8')) as { specVersion: string; components: unknown[] };
    expect([document.specVersion, document.components.length]).toEqual(['1.6', listed().length]);
    expect(JSON.parse(assets('export', '--format', 'json').stdout)).toEqual(listed());
    expect(assets('export').stdout.split('\r\n').length).toBeGreaterThan(listed().length);
  });

  test('shows who wrote, and what became different', () => {
    const plc = listed().find(({ roles }) => roles.includes('plc'))!;
    expect(assets('writers', plc.id).status).toBe(0);
    expect(assets('diff', '2000-01-01', '--json').stdout).toContain('"appeared"');
  });

  test.each([
    [['approve'], 'name the devices to approve, or give --all'],
    [['approve', '203.0.113.9'], 'there is no device "203.0.113.9"'],
    [['set', 'x', '--role', 'plcs'], 'the role "plcs" does not exist'],
    [['export', '--format', 'xml'], '--format must be one of csv, json, cyclonedx'],
    [['diff', 'yesterday'], '"yesterday" is no date'],
    [['import', '/nowhere.csv'], 'the list /nowhere.csv does not exist; check the path'],
    [['merge', 'a'], 'name the part and the device that stays'],
  ])('%j: one clear sentence', (args, sentence) => {
    const { status, stdout, stderr } = assets(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
