import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, describeSettings, loadConfig } from '../../sensor/config.js';

const folder = mkdtempSync(join(tmpdir(), 'fieldwatch-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(text: string): string {
  const path = join(folder, `config-${files++}.yaml`);
  writeFileSync(path, text);
  return path;
}

function problem(text: string): string {
  try {
    loadConfig({ file: file(text), env: {} });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.replaceAll(folder, '');
  }
  throw new Error('the file was accepted');
}

describe('settings', () => {
  it('have defaults, and each layer overrides the one before', () => {
    expect(loadConfig({ env: {} }).config.capture).toEqual({
      interfaces: [],
      source: 'tcpdump',
      filter: '',
      snaplen: 65_535,
      promiscuous: true,
      buffer_megabytes: 64,
      latency: 'low',
      no_traffic_seconds: 60,
    });
    const path = file('site: Works 7\ncapture:\n  interfaces: [eth1]\n  snaplen: 1600\n  filter: tcp port 502\n');
    const { config } = loadConfig({
      file: path,
      env: {
        FIELDWATCH_CAPTURE_SNAPLEN: '2000',
        FIELDWATCH_CAPTURE_INTERFACES: 'eth2, eth3',
        FIELDWATCH_CAPTURE_PROMISCUOUS: 'no',
        FIELDWATCH_SETUP_CODE: 'not a setting',
      },
      flags: { capture: { interfaces: ['eth4'] }, phase: 'learn' },
    });
    expect(config.site).toBe('Works 7');
    expect(config.phase).toBe('learn');
    expect(config.capture.interfaces).toEqual(['eth4']);
    expect(config.capture.snaplen).toBe(2000);
    expect(config.capture.promiscuous).toBe(false);
    expect(config.capture.filter).toBe('tcp port 502');
  });

  it('names the file, the line and the nearest key of what is wrong', () => {
    expect(problem('site: A\ncapture:\n  snaplenn: 100\n')).toBe(
      '/config-1.yaml:3: there is no setting "capture.snaplenn": did you mean "snaplen"?',
    );
    expect(problem('snaplen: 1000\n')).toContain('did you mean "capture.snaplen"?');
    expect(problem('zzzzzzzz: 1\n')).toContain(
      'the settings are site, sensor, data, phase, baseline, capture, console, reports, retention, zones, stations, maintenance, export, rules, placeholders.',
    );
    expect(problem('\n\ncapture:\n  snaplen: 5\n')).toMatch(
      /:4: "capture\.snaplen" must be a whole number from 128 to 262144, not 5\.$/,
    );
    expect(problem('phase: lern\n')).toContain('"phase" must be one of auto, learn, protect, not "lern".');
    expect(problem('capture: yes please\n')).toContain('"capture" must be a group of settings, not "yes please".');
    expect(problem('capture:\n  interfaces: eth0\n')).toContain('"capture.interfaces" must be a list of names');
    expect(problem('console:\n  listen: everywhere\n')).toContain('ADDRESS:PORT');
    expect(problem('sensor: "a b"\n')).toContain('letters, digits');
    expect(problem('- 1\n')).toContain('the file must be a group of settings');
  });

  it('take zones and stations, and say what is wrong in which of them', () => {
    const zones =
      '  - name: Cell 1\n    networks: [10.1.0.0/16, "fd00::/8"]\n    purdue_level: 1\n    criticality: high\n';
    const stations = '  - {name: ENG1, ips: [10.1.0.9], macs: ["00-1B-1B-AA-BB-CC"], authorised: [read, program]}\n';
    expect(loadConfig({ file: file(`zones:\n${zones}stations:\n${stations}`), env: {} }).config).toMatchObject({
      zones: [{ name: 'Cell 1', networks: ['10.1.0.0/16', 'fd00::/8'], purdue_level: 1, criticality: 'high' }],
      stations: [{ name: 'ENG1', ips: ['10.1.0.9'], authorised: ['read', 'program'] }],
    });
    expect(problem(`zones:\n${zones}  - name: Cell 2\n`)).toMatch(/:6: "zones\[1\]" has no "networks"; add it\.$/);
    expect(problem('zones:\n  - name: A\n    networks: [10.1.0.0/33]\n')).toMatch(
      /:3: "zones\[0\]\.networks\[0\]" must be a text, not "10\.1\.0\.0\/33" \(an address or a CIDR block/,
    );
    expect(problem('zones:\n  - name: A\n    network: []\n    networks: []\n')).toContain('did you mean "networks"?');
    expect(problem('stations:\n  - name: A\n    roles: [plcs]\n')).toContain('"stations[0].roles[0]" must be one of');
    expect(problem('zones: Cell 1\n')).toContain('"zones" must be a list of groups of settings');
  });

  it.each([
    ['a tab as indentation', 'capture:\n\tsnaplen: 1\n'],
    ['an open quote', 'site: "abc\n'],
    ['a key twice', 'site: a\nsite: b\n'],
    ['an open bracket', 'capture: {interfaces: [a\n'],
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n`,
    ],
    ['a key that JavaScript owns', '__proto__:\n  x: 1\nconstructor: 2\n'],
    ['binary rubbish', '\u0000\u0001\u0002'],
  ])('refuses %s with a sentence that names the file', (_name, text) => {
    expect(problem(text)).toMatch(/^\/config-\d+\.yaml/);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('accepts an empty file and an empty group', () => {
    expect(loadConfig({ file: file(''), env: {} }).config.sensor).toBe('sensor');
    expect(loadConfig({ file: file('capture:\n# nothing yet\n'), env: {} }).config.capture.snaplen).toBe(65_535);
  });

  it('says when the file is missing or a variable is wrong', () => {
    expect(() => loadConfig({ file: join(folder, 'none.yaml'), env: {} })).toThrow(/does not exist; check the path/);
    expect(() => loadConfig({ env: { FIELDWATCH_CAPTURE_SNAPLEN: 'big' } })).toThrow(
      'the environment variable FIELDWATCH_CAPTURE_SNAPLEN must be a whole number from 128 to 262144, not "big"',
    );
  });

  it('takes a relative data folder from where the file lies', () => {
    expect(loadConfig({ file: file('data: kept\n'), env: {} }).config.data).toBe(join(folder, 'kept'));
    expect(loadConfig({ file: file('data: kept\n'), env: { FIELDWATCH_DATA: 'here' } }).config.data).toBe('here');
  });

  // UPDATE_DOCS=1 writes the table anew.
  it('are documented, every one', () => {
    const path = fileURLToPath(new URL('../../docs/configuration.md', import.meta.url));
    const rows = describeSettings().map(
      (s) =>
        `| \`${s.key}\` | ${s.environment === '' ? '(only in the file)' : `\`${s.environment}\``} | ${s.type} | ${s.default} | ${s.description} |`,
    );
    const table = ['| setting | environment | value | default | meaning |', '|---|---|---|---|---|', ...rows].join(
      '\n',
    );
    const text = readFileSync(path, 'utf8');
    const updated = text.replace(/\| setting \|[\s\S]*?(?=\n\n)/, () => table);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, updated);
    expect(updated).toBe(process.env['UPDATE_DOCS'] === '1' ? updated : text);
    expect(updated).toContain(table);
  });
});
