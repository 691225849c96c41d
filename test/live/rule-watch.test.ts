import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import type { RuleSettings } from '../../sensor/model/rule-settings.js';
import { createSensor } from '../../sensor/pipeline/create-sensor.js';
import { loadRules } from '../../sensor/pipeline/rule-loading.js';
import { RuleWatch } from '../../sensor/threads/rule-watch.js';
import { modbusPdu, modbusTcp, pcap, TcpPair } from '../support/packets.js';

let folder = '';
let settings: RuleSettings = { paths: [], disabled: [], placeholders: [] };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldwatch-rules-'));
  settings = { paths: [folder], disabled: [], placeholders: [], cache: join(folder, 'cache.json') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

let clock = 1_000_000;
function write(name: string, address: number | string): void {
  const path = join(folder, name);
  writeFileSync(
    path,
    `title: ${name}\nid: own-${name}\nlogsource: {service: modbus}\ndetection:\n  s: {modbus.pdu: request, modbus.address: ${address}}\n  condition: s\n`,
  );
  // A file system may count in whole seconds.
  utimesSync(path, ++clock, clock);
}

test('changed rules are used when they are sound and at rest, and refused with their place when they are not', () => {
  write('a.yml', 1);
  const told: string[] = [];
  const watch = new RuleWatch(settings, undefined, {
    use: (count) => told.push(`use ${count - loadRules({ ...settings, paths: [] }).rules.length}`),
    refuse: (sentence) => told.push(sentence),
  });
  const look = (): string[] => {
    watch.look();
    return told.splice(0);
  };
  expect([look(), look()]).toEqual([[], []]);
  write('b.yml', 2);
  expect([look(), look(), look()]).toEqual([[], ['use 2'], []]);
  write('b.yml', '[');
  expect(look()).toEqual([]);
  expect(look()[0]).toMatch(/The rules have changed and do not load: .*b\.yml:\d+:\d+: .*The rules from before stay/);
  expect(look()).toEqual([]);
  // Still being written: the change counts when it is over.
  write('b.yml', 3);
  expect(look()).toEqual([]);
  write('c.yml', 3);
  expect([look(), look()]).toEqual([[], ['use 3']]);
  rmSync(join(folder, 'c.yml'));
  expect([look(), look()]).toEqual([[], ['use 2']]);
  watch.reload();
  expect(told).toEqual(['use 2']);
});

test('a running sensor goes on with other rules, also in connections that are open', () => {
  write('a.yml', 1);
  const sensor = createSensor({
    sensor: 'test',
    mode: 'live',
    phase: 'learn',
    memory: null,
    flowLimits: { flows: 1000, unanswered: 500 },
    rules: settings,
  });
  const pair = new TcpPair();
  const read = (address: number) => pair.client(modbusTcp(modbusPdu.read(3, address, 1)));
  const before = [...pair.open(), read(1), read(2)];
  const after = [read(1), read(2), read(2)];
  const parser = new CaptureParser(sensor);
  parser.push(pcap(before));
  write('a.yml', 2);
  sensor.replaceRules(loadRules(settings).rules);
  parser.push(pcap(after).subarray(24));
  parser.end();
  sensor.finish();
  const alerts = sensor.collect().alerts.filter(({ rule_id }) => rule_id === 'own-a.yml');
  expect(alerts.map(({ count }) => count)).toEqual([3]);
  expect(new Set(alerts.map(({ rule_version }) => rule_version)).size).toBe(1);
});
