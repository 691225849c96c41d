import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { acceptanceOf, preview } from '../../sensor/baseline/acceptance.js';
import { diff, merge, readBaselineFile, readTagList } from '../../sensor/baseline/baseline-file.js';
import { isClearText, isInternet } from '../../sensor/baseline/exposure.js';
import { type BaselineFile, NO_DECISIONS } from '../../sensor/model/baseline-document.js';
import { tempDataDir } from '../support/console.js';
import { sampleAlert } from '../support/sample-findings.js';

const main = join(import.meta.dirname, '..', '..', 'dist', 'sensor', 'main.js');
const plant = join(import.meta.dirname, '..', '..', 'fixtures', 'plant');
const isBuilt = existsSync(main);
if (!isBuilt) it.skip('dist/ is missing: run `npm run build` for the tests of commands.');

const EMPTY: BaselineFile = {
  fieldwatch_baseline: 1,
  devices: [],
  conversations: [],
  variables: [],
  declared: [],
  accepted: [],
  proposals: [],
};

const VARIABLE = { server: '10.0.0.2', protocol: 'modbus', unit: 1, address: 'holding_register 50', type: 'uint16' };

describe('what stays outside', () => {
  it.each([
    ['10.0.0.1', '8.8.8.8', true],
    ['8.8.8.8', '192.168.1.1', true],
    ['172.31.0.1', '172.32.0.1', true],
    ['fd00::1', '2001:db8::1', true],
    ['10.0.0.1', '192.168.1.1', false],
    // A plant with public addresses of its own.
    ['194.250.63.239', '194.250.63.170', false],
    ['10.0.0.1', '224.0.0.251', false],
    ['fe80::1', 'ff02::fb', false],
    ['10.0.0.1', '255.255.255.255', false],
  ])('%s and %s', (client, server, expected) => {
    expect(isInternet(client, server)).toBe(expected);
  });

  it('passwords in clear text', () => {
    expect(['telnet', 'ftp', 'ssh', 'modbus'].map(isClearText)).toEqual([true, true, false, false]);
  });
});

describe('a register map or tag list', () => {
  it('is read with the separators, names and addresses that engineers use', () => {
    const text =
      '\ufeffDevice;Unit ID;Address;Tag Name;Comment;min;max;EU\r\n10.0.0.5;3;40021;"Level; tank 1";raw;1,5;9;m\r\n;;30001;pH;;;;\r\n';
    expect(readTagList(text, 'map.csv')).toEqual([
      {
        server: '10.0.0.5',
        protocol: 'modbus',
        unit: 3,
        address: 'holding_register 20',
        name: 'Level; tank 1',
        description: 'raw',
        low: 1.5,
        high: 9,
        measure: 'm',
      },
      { server: '*', protocol: 'modbus', address: 'input_register 0', name: 'pH' },
    ]);
    expect(readTagList('address,name,server\nDB10.DBW4,Speed,10.0.0.7\n', 'tags.csv')).toEqual([
      { server: '10.0.0.7', protocol: '*', address: 'DB10.DBW4', name: 'Speed' },
    ]);
  });

  it.each([
    ['register_x,name\n1,a\n', /first line must name the columns/],
    ['address,name,low\n40001,a,much\n', /line 2: low "much" is no number/],
    ['address,name\n,a\n', /line 2: the address is missing/],
  ])('%j is refused with one sentence', (text, message) => {
    expect(() => readTagList(text, 'map.csv')).toThrow(message);
  });
});

describe('a baseline file', () => {
  it.each([
    [null, /is no baseline file/],
    [{ fieldwatch_baseline: 2 }, /is no baseline file/],
    [{ fieldwatch_baseline: 1, devices: {} }, /"devices" must be a list/],
    [{ fieldwatch_baseline: 1, devices: [{ name: 'x' }] }, /devices\[0\] lacks "ip"/],
    [{ fieldwatch_baseline: 1, variables: [{ ...VARIABLE, type: 'word' }] }, /variables\[0\]: type "word" does not/],
    [{ fieldwatch_baseline: 1, variables: [{ ...VARIABLE, min: 'low' }] }, /variables\[0\]: min must be a number/],
    [{ fieldwatch_baseline: 1, variables: [{ ...VARIABLE, min: 9, max: 1 }] }, /min is greater than max/],
    [{ fieldwatch_baseline: 1, variables: [{ ...VARIABLE, values: [{}] }] }, /values must be a list/],
    [{ fieldwatch_baseline: 1, variables: [{ ...VARIABLE, writers: 'all' }] }, /writers must be a list/],
    [{ fieldwatch_baseline: 1, variables: [{ ...VARIABLE, kind: 'odd' }] }, /kind must be one of/],
    [
      { fieldwatch_baseline: 1, conversations: [{ client: 'a', server: 'b', protocol: 'c', operations: [1] }] },
      /operations/,
    ],
  ])('%j is refused', (value, message) => {
    expect(() => readBaselineFile(value, 'plant.yml')).toThrow(message);
  });

  it('is joined with what is there: its word on the same thing wins', () => {
    const device = (origin: string) => ({ ip: '10.0.0.1', name: 'PLC', origin });
    const once = merge(NO_DECISIONS, { ...EMPTY, devices: [device('learned')] }, 'imported');
    expect(once.devices).toEqual([device('imported (learned)')]);
    expect(merge(once, { ...EMPTY, devices: [device('')] }, 'again').devices).toEqual([device('again')]);
  });

  it('is compared without its origins and without the order of fields', () => {
    const before = { ...EMPTY, devices: [{ ip: '10.0.0.1', name: 'a', origin: 'x' }] };
    expect(diff(before, { ...EMPTY, devices: [{ origin: 'y', name: 'a', ip: '10.0.0.1' }] })).toEqual([]);
    const after = { ...EMPTY, devices: [{ ip: '10.0.0.2', name: 'b', origin: '' }] };
    expect(diff(before, after)).toEqual(['- device 10.0.0.1', '+ device 10.0.0.2']);
    expect(diff(before, { ...EMPTY, devices: [{ ip: '10.0.0.1', name: 'b', origin: '' }] })).toEqual([
      '~ device 10.0.0.1: {"ip":"10.0.0.1","name":"a"} → {"ip":"10.0.0.1","name":"b"}',
    ]);
  });
});

describe('accepting a deviation', () => {
  const words = { by: 'ada', at: '2026-01-01T00:00:00.000000Z', reason: 'new pump' };
  const rolesOf = () => ['hmi'];
  const pair = { src_ip: '10.0.0.1', dest_ip: '10.0.0.2', protocol: 'modbus', object: 'coil 3' };
  const deviation = sampleAlert('one', { ...pair, kind: 'deviation', rule_id: 'new-target', count: 4 });

  it('covers what the scope says and no more', () => {
    const alerts = [
      deviation,
      sampleAlert('two', { ...pair, kind: 'deviation', rule_id: 'new-target', object: 'coil 4', count: 2 }),
      sampleAlert('three', { ...pair, kind: 'deviation', rule_id: 'new-writer', count: 1 }),
      sampleAlert('four', { ...pair, kind: 'deviation', rule_id: 'new-target', src_ip: '10.0.0.3', count: 1 }),
    ];
    const covered = (scope: 'object' | 'operation' | 'pair' | 'roles') => {
      const acceptance = acceptanceOf(deviation, scope, rolesOf, words);
      if (typeof acceptance === 'string') throw new Error(acceptance);
      const { covered: found, findings } = preview(acceptance, alerts, rolesOf);
      return [found.map(({ id }) => id), findings];
    };
    expect(covered('object')).toEqual([['one'], 4]);
    expect(covered('operation')).toEqual([['one', 'two'], 6]);
    expect(covered('pair')).toEqual([['one', 'two', 'three'], 7]);
    expect(covered('roles')).toEqual([['one', 'two', 'four'], 7]);
  });

  it('tells the rules of level high between the same devices, and of the same object where the scope is that narrow', () => {
    const rule = sampleAlert('rule', { ...pair, kind: 'rule', rule_id: 'r', severity: 'high', object: 'coil 9' });
    const hides = (scope: 'object' | 'pair', level: 'high' | 'medium') => {
      const acceptance = acceptanceOf(deviation, scope, rolesOf, words);
      if (typeof acceptance === 'string') throw new Error(acceptance);
      return preview(acceptance, [{ ...rule, severity: level }], rolesOf).hides.length;
    };
    expect([hides('pair', 'high'), hides('pair', 'medium'), hides('object', 'high')]).toEqual([1, 0, 0]);
  });

  it('is possible for deviations only', () => {
    expect(acceptanceOf({ ...deviation, kind: 'rule' }, 'object', rolesOf, words)).toMatch(/no deviation/);
    expect(acceptanceOf(deviation, 'roles', () => [], words)).toMatch(/no known roles/);
  });
});

describe.skipIf(!isBuilt)('fieldwatch baseline', () => {
  let data: { dir: string; remove(): void };
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args, '--data', data.dir], {
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };

  beforeAll(() => {
    data = tempDataDir();
    expect(run('replay', join(plant, 'normal.pcap'), '--phase', 'learn').status).toBe(0);
  });

  afterAll(() => data.remove());

  it('exports the same file twice, with an origin for each entry, and proposes the writes', () => {
    const { stdout } = run('baseline', 'export');
    expect(run('baseline', 'export').stdout).toBe(stdout);
    const file = parse(stdout) as BaselineFile;
    expect(file.devices.map(({ ip }) => ip)).toContain('10.20.1.10');
    for (const entry of [...file.devices, ...file.conversations, ...file.variables]) {
      expect(entry.origin).toMatch(/^learned from \d+ /);
    }
    expect(file.proposals.map(({ operation }) => operation)).toContain('write_single_register');
  });

  it('comes out of another data directory as it went in, also after that one has learned the same', () => {
    const other = tempDataDir();
    try {
      const there = (...args: string[]) =>
        spawnSync(process.execPath, [main, ...args, '--data', other.dir], { encoding: 'utf8' });
      const file = join(other.dir, 'plant.yml');
      expect(run('baseline', 'export', '--output', file).status).toBe(0);
      expect((parse(readFileSync(file, 'utf8')) as BaselineFile).variables.length).toBeGreaterThan(5);
      const elsewhere = join(plant, '..', 'modbus', 'jsmodbus-reads.pcap');
      expect(there('replay', elsewhere, '--phase', 'learn').status).toBe(0);
      const imported = there('baseline', 'import', file, '--reason', 'same line');
      expect(imported.stderr).toBe('');
      expect(imported.stdout).toMatch(/values of \d+ variables/);
      // Nothing of the file is missing, and nothing of it is different.
      const missing = (text: string) => text.split('\n').filter((line) => /^[-~]/.test(line));
      expect(missing(there('baseline', 'diff', file, other.dir).stdout)).toEqual([]);
      // Once a sensor has taken it up and has seen the same plant, it is still so.
      expect(there('replay', join(plant, 'normal.pcap'), '--phase', 'protect').status).toBe(0);
      expect(missing(there('baseline', 'diff', file, other.dir).stdout)).toEqual([]);
    } finally {
      other.remove();
    }
  });

  it('imports names, lists versions, undoes, and says no with one sentence', () => {
    const map = join(data.dir, 'map.csv');
    writeFileSync(map, 'device,unit,address,name,high\n10.20.1.20,11,30001,pH outlet,800\n');
    expect(run('baseline', 'import', map).stdout).toMatch(/^Imported as version 1: .*1 declared variables/);
    const file = join(data.dir, 'plant.yml');
    expect(run('baseline', 'export', '--output', file).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('pH outlet');
    expect(run('baseline', 'undo').stdout).toBe('Version 2 is what version 0 was.\n');
    expect(run('baseline', 'versions').stdout.trim().split('\n')).toHaveLength(2);
    const { stdout } = spawnSync(process.execPath, [main, 'baseline', 'diff', file, data.dir], { encoding: 'utf8' });
    expect(stdout).toBe('- declared 10.20.1.20 modbus 11 input_register 0\n');
    for (const args of [
      ['approve', 'alert-x', '--reason', 'r'],
      ['approve', 'alert-x'],
      ['approve', 'alert-x', '--scope', 'all', '--reason', 'r'],
      ['approve', 'alert-x', '--reason', 'r', '--expires', 'soon'],
      ['import', join(data.dir, 'missing.yml')],
      ['import', join(plant, 'attack.timeline.json')],
      ['undo', '--to', '99'],
    ]) {
      const { status, stderr } = run('baseline', ...args);
      expect(stderr, args.join(' ')).toMatch(/^fieldwatch: [^\n]+\n$/);
      expect(status, args.join(' ')).toBe(2);
    }
  });

  it('a deviation that was accepted is quiet in the next run', () => {
    expect(run('replay', join(plant, 'attack.pcap'), '--phase', 'protect').status).toBe(0);
    const alerts = () =>
      run('alerts', '--json')
        .stdout.trim()
        .split('\n')
        .map(
          (line) => JSON.parse(line) as { id: string; rule_id: string; src_ip?: string; status: string; count: number },
        );
    const value = alerts().find((alert) => alert.rule_id === 'unusual-value' && alert.src_ip === undefined);
    expect(run('baseline', 'approve', value!.id, '--scope', 'operation', '--preview').stdout).toMatch(
      /^Scope operation: /,
    );
    expect(run('baseline', 'approve', value!.id, '--scope', 'operation', '--reason', 'trial').status).toBe(0);
    expect(run('replay', join(plant, 'attack.pcap'), '--phase', 'protect').status).toBe(0);
    const after = alerts().filter((alert) => alert.rule_id === 'unusual-value' && alert.src_ip === undefined);
    expect(after).toMatchObject([{ id: value!.id, status: 'closed', count: value!.count }]);
    const writer = alerts().find((alert) => alert.rule_id === 'new-writer');
    expect(run('baseline', 'approve', writer!.id, '--scope', 'pair', '--reason', 'r').stderr).toMatch(/not accepted: /);
  });
});
