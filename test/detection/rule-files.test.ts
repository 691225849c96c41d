import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readRuleFiles } from '../../sensor/detection/rule-files.js';
import type { DetectionRule } from '../../sensor/detection/sigma/rule.js';
import { matches, ruleText } from './rules.js';

const SOUND = '  selection:\n    modbus.unit_id: 1\n  condition: selection';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldwatch-rules-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('files of rules', () => {
  test('a broken file is reported with its place and stops no other; an id belongs to one file', () => {
    mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
    write('a-good.yml', ruleText(SOUND));
    write('b-broken.yml', 'title: [\n');
    write('c-aliases.yml', 'a: *b\n');
    write('d-hyphen.yml', ruleText("  s:\n    a|contains: 'x-y'\n  condition: s", { id: 'other' }));
    write('e-same-id.yaml', ruleText(SOUND));
    write('f-note.txt', 'no rule');
    write('g-empty.yml', '');
    write('deep/er/h-good.yml', ruleText(SOUND, { id: 'third' }));
    const { rules, packed, errors, files } = readRuleFiles(folder);
    expect(rules.map((rule) => rule.id).sort()).toEqual(['11111111-1111-4111-8111-111111111111', 'other', 'third']);
    expect(packed).toHaveLength(3);
    expect(files).toBe(7);
    expect(errors.map((error) => error.file.slice(folder.length + 1))).toEqual([
      'b-broken.yml',
      'c-aliases.yml',
      'e-same-id.yaml',
      'g-empty.yml',
    ]);
    expect(errors[2]?.reason).toContain('already used by');
    expect(errors[2]?.line).toBe(2);
  });

  test('a file given twice is read once, a missing one is told', () => {
    const path = write('a.yml', ruleText(SOUND));
    const found = readRuleFiles([folder, path, join(folder, 'missing.yml')]);
    expect(found.rules).toHaveLength(1);
    expect(found.errors.map(({ reason }) => reason)).toEqual(['there is no such file or folder']);
  });

  test('several documents, each with its own place', () => {
    const path = write(
      'many.yml',
      `---\n${ruleText(SOUND)}---\n${ruleText(SOUND, { id: 'two', level: 'none' })}---\n${ruleText(SOUND, { id: 'three' })}---\n`,
    );
    const { rules, errors, documentCount } = readRuleFiles(path);
    expect(documentCount).toBe(3);
    expect(rules.map(({ id, line }) => [id, line])).toEqual([
      ['11111111-1111-4111-8111-111111111111', 2],
      ['three', 26],
    ]);
    expect(errors.map(({ line, column }) => [line, column])).toEqual([[18, 8]]);
  });

  test('collections of the first version: global, reset, repeat', () => {
    const path = write(
      'collection.yml',
      [
        'action: global\ntitle: Common\nlevel: high\ndetection:\n  condition: s',
        'logsource: {product: a}\ndetection:\n  s: {x: 1}',
        'logsource: {product: b}\ndetection:\n  s: {x: 2}',
        'action: repeat\ndetection:\n  s: {y: 3}',
        'action: reset',
        'title: Alone\nlogsource: {product: c}\ndetection:\n  s: {x: 4}\n  condition: s',
        'action: what\ntitle: x',
      ].join('\n---\n'),
    );
    const { rules, errors } = readRuleFiles(path);
    const shown = (rules as DetectionRule[]).map((rule) => [rule.title, rule.level, rule.logSource.product]);
    expect(shown).toEqual([
      ['Common', 'high', 'a'],
      ['Common', 'high', 'b'],
      ['Common', 'high', 'b'],
      ['Alone', 'medium', 'c'],
    ]);
    expect(matches(rules[2] as DetectionRule, { x: 2, y: 3 })).toBe(true);
    expect(matches(rules[2] as DetectionRule, { x: 2 })).toBe(false);
    expect(errors.map(({ reason }) => reason)).toEqual(['"action" is global, reset or repeat']);
  });

  test('YAML as PyYAML reads it', () => {
    const path = write(
      'yaml.yml',
      ruleText(
        "  s:\n    a: off\n    b: 0x10\n    c: 010\n    d: 1_000\n    e: 1e3\n    f: 08\n    g: 2026-11-22\n    h: y\n    i: 12345678901234567890\n    j: 1.5e+3\n    k: !!str 5\n    l: 'no'\n    m: 1:30\n    n: [\n      x,\n    ]\n  condition: s",
      ),
    );
    const { rules, errors } = readRuleFiles(path);
    expect(errors).toEqual([]);
    const items = (rules[0] as DetectionRule).detection.searches.get('s')![0]!;
    const values = items.map(({ values: [value] }) =>
      value?.kind === 'text' ? value.original : value && 'value' in value ? value.value : value?.kind,
    );
    expect(values).toEqual([
      false,
      16,
      8,
      1000,
      '1e3',
      '08',
      '2026-11-22',
      'y',
      '12345678901234567890',
      1500,
      '5',
      'no',
      90,
      'x',
    ]);
  });

  test('the version changes with every change of the rule', () => {
    const version = (text: string) => readRuleFiles(write('v.yml', text)).rules[0]?.version;
    const first = version(ruleText(SOUND));
    expect(first).toMatch(/^2026-11-22\+[0-9a-f]{8}$/);
    expect(version(ruleText(SOUND))).toBe(first);
    expect(version(ruleText(SOUND.replace('1', '2')))).not.toBe(first);
    expect(version(ruleText(SOUND, { modified: '2026-11-23' }))).toMatch(/^2026-11-23\+/);
  });

  test('every field that an alert takes from a rule', () => {
    write(
      'full.yml',
      ruleText(SOUND, {
        name: 'full_rule',
        status: 'stable',
        recommendation: 'Look.',
        tags: '[attack.t0814, attack.T0855, attack.evasion, other.t1]',
        falsepositives: '[Maintenance]',
        custom: '{a: 1}',
      }),
    );
    expect(readRuleFiles(folder).rules[0]).toMatchObject({
      name: 'full_rule',
      title: 'A rule',
      level: 'high',
      description: 'For a test.',
      techniques: ['T0814', 'T0855'],
      falsePositives: ['Maintenance'],
      recommendation: 'Look.',
      logSource: { category: null, product: null, service: 'modbus' },
      custom: { custom: { a: 1 } },
    });
  });
});
