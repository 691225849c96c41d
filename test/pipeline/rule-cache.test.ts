import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRuleFiles } from '../../sensor/detection/rule-files.js';
import { SigmaEngine } from '../../sensor/detection/sigma/engine.js';
import { JsonEvent } from '../../sensor/detection/sigma/event.js';
import { RuleCache } from '../../sensor/pipeline/rule-cache.js';

const head = (n: number) =>
  `title: Rule ${n}\nid: 00000000-0000-4000-8000-00000000000${n}\nlogsource: { product: fieldwatch }\n`;
const RULES = [
  `${head(1)}detection:\n  s:\n    unit: 7\n    name|contains: [pump, 'a*b']\n  condition: s`,
  `${head(2)}detection:\n  s:\n    host|expand: '%stations%'\n  condition: s`,
  `action: global\nlevel: high\n---\n${head(3)}detection:\n  s:\n    kind: [write, control]\n  condition: s`,
  `${head(4)}detection:\n  s:\n    name|re: '^(a+)+\\1$'\n  condition: s`,
].join('\n---\n');
const EVENTS = [
  { unit: 7, name: 'Feed PUMP' },
  { unit: 8, name: 'pump' },
  { host: '10.0.0.1' },
  { kind: 'Control' },
  { name: 'aaaa' },
];

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldwatch-rule-cache-'));
  file = join(folder, 'rules.yml');
  writeFileSync(file, RULES);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(stations: string[]) {
  const cache = new RuleCache(join(folder, 'cache', 'rules-cache.json'));
  const placeholders = new Map([['stations', stations]]);
  const found = readRuleFiles(file, placeholders, cache);
  cache.save();
  return found;
}

function matched(found: ReturnType<typeof load>): string[][] {
  const engine = new SigmaEngine(found.rules);
  return EVENTS.map((event) => engine.evaluate(new JsonEvent(event), 0).map(({ rule }) => rule.title));
}

describe('the kept form of rules', () => {
  test('gives the same rules and matches as their YAML, also when a placeholder has changed', () => {
    const fresh = load(['10.0.0.1']);
    const text = readFileSync(join(folder, 'cache', 'rules-cache.json'), 'utf8');
    const kept = load(['10.0.0.1']);
    const told = ({ rules }: typeof kept) => rules.map(({ id, version, level, line }) => [id, version, level, line]);
    expect(told(kept)).toEqual(told(fresh));
    expect(matched(kept)).toEqual([['Rule 1'], [], ['Rule 2'], ['Rule 3'], ['Rule 4']]);
    expect(matched(kept)).toEqual(matched(fresh));
    expect(matched(load(['10.0.0.2']))[2]).toEqual([]);
    expect(readFileSync(join(folder, 'cache', 'rules-cache.json'), 'utf8')).toBe(text);
  });

  test('a file with a mistake is read anew each time, so that the mistake keeps its place', () => {
    writeFileSync(file, `${RULES}\n---\ntitle: Broken\n`);
    for (let start = 0; start < 2; start++) {
      const { rules, errors } = load([]);
      expect(rules).toHaveLength(4);
      expect(errors.map(({ line, reason }) => [line > 20, reason])).toEqual([
        [true, '"logsource" is missing or no map'],
      ]);
    }
    writeFileSync(file, RULES);
  });

  test('what another version, or another build of this one, has kept is not used', () => {
    load([]);
    const path = join(folder, 'cache', 'rules-cache.json');
    expect(new RuleCache(path).get(RULES)).toHaveLength(4);
    expect(new RuleCache(path, '0.0.0').get(RULES)).toBeNull();
    expect(load([]).rules).toHaveLength(4);
  });

  test('what somebody has changed in it is not used: read when a message first meets it, it would end the sensor', () => {
    load([]);
    const path = join(folder, 'cache', 'rules-cache.json');
    const text = readFileSync(path, 'utf8');
    for (const changed of [text.replace('name|contains', 'name|nosuch'), text.slice(0, -2), 'null', '{}\nnull', '']) {
      writeFileSync(path, changed);
      expect(matched(load(['10.0.0.1']))).toEqual([['Rule 1'], [], ['Rule 2'], ['Rule 3'], ['Rule 4']]);
      expect(readFileSync(path, 'utf8')).toBe(text);
    }
  });
});
