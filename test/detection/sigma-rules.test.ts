import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRuleFiles } from '../../sensor/detection/rule-files.js';
import { fieldValue, matches } from '../../sensor/detection/sigma/match.js';
import { RuleError, ruleOf, type SigmaRule } from '../../sensor/detection/sigma/rule.js';
import { parseRuleYaml } from '../../sensor/detection/sigma/rule-yaml.js';
import type { DissectionRecord } from '../../sensor/model/records.js';

/** A whole rule; `detection` is indented by two. */
function ruleText(detection: string, head: Readonly<Record<string, string>> = {}): string {
  const fields = {
    title: 'A rule',
    id: '11111111-1111-4111-8111-111111111111',
    description: 'For a test.',
    date: '2026-11-22',
    level: 'high',
    ...head,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return `${lines.join('\n')}\nlogsource:\n  service: modbus\ndetection:\n${detection}\n`;
}

function parse(text: string): SigmaRule {
  const { document, fail } = parseRuleYaml(text, 'rule.yml');
  return ruleOf(document, 'rule.yml', fail);
}

function refusal(text: string): RuleError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof RuleError) return error;
    throw error;
  }
  throw new Error('the rule was accepted');
}

const RECORD: DissectionRecord = {
  timestamp: '2026-11-22T00:00:00.000000Z',
  pcap_cnt: 1,
  event_type: 'modbus',
  src_ip: '10.0.0.1',
  anomalies: ['modbus.bad_length', 'modbus.garbage'],
  modbus: {
    pdu: 'request',
    function: 'write_single_register',
    unit_id: 1,
    values: [3, 1500],
    text: 'Pump-Station*1',
    path: 'C:\\plc\\main?',
    quotes: 'a.b(c)[d]{e}^f$g|h+i/j-k',
    flag: true,
    none: null,
  },
};

/** Whether a single search with this body matches the record. */
function hits(item: string): boolean {
  return matches(parse(ruleText(`  selection:\n    ${item}\n  condition: selection`)), RECORD);
}

describe('values', () => {
  test.each([
    ['modbus.unit_id: 1', true],
    ['modbus.unit_id: 2', false],
    ["modbus.unit_id: '1'", true],
    ['modbus.unit_id: [2, 1]', true],
    ['modbus.unit_id: [2, 3]', false],
    ['modbus.function: write_single_register', true],
    ['modbus.function: WRITE_Single_Register', true],
    ['modbus.function: write_single', false],
    ['modbus.function: write_*', true],
    ["modbus.function: '*register'", true],
    ["modbus.function: '*_single_*'", true],
    ['modbus.function: write_single_registe?', true],
    ['modbus.function: write_single_register?', false],
    ['modbus.function|contains: single', true],
    ['modbus.function|startswith: write', true],
    ['modbus.function|startswith: single', false],
    ['modbus.function|endswith: register', true],
    ['modbus.function|endswith: single', false],
    ['modbus.function|contains: [nothing, single]', true],
    ['modbus.function|contains|all: [write, register]', true],
    ['modbus.function|contains|all: [write, coil]', false],
    ['modbus.values: 1500', true],
    ['modbus.values: 1501', false],
    ['modbus.values|all: [3, 1500]', true],
    ['modbus.values|all: [3, 4]', false],
    ['anomalies: modbus.garbage', true],
    ["anomalies|startswith: 'modbus.bad'", true],
    ['modbus.flag: true', true],
    ['modbus.flag: false', false],
    ['modbus.none: null', true],
    ['modbus.absent: null', true],
    ['modbus.unit_id: null', false],
    ["modbus.absent: '*'", false],
    ["modbus.text: 'Pump-Station\\*1'", true],
    ["modbus.text: 'Pump-Stat\\*1'", false],
    ["modbus.text: 'Pump-Stat*1'", true],
    ["modbus.text|contains: '-stat'", true],
    ["modbus.path: 'C:\\plc\\main\\?'", true],
    ["modbus.path: 'C:\\\\plc\\\\main\\?'", true],
    ["modbus.path|contains: '\\plc\\'", true],
    ["modbus.quotes: 'a.b(c)[d]{e}^f$g|h+i/j-k'", true],
    ["modbus.quotes|contains: '.b(c)[d]{e}^f$g|h+i/j-'", true],
    ["modbus.quotes|contains: 'axb'", false],
    ["modbus.text|contains: ''", true],
    ['constructor: null', true],
    ['modbus.toString: null', true],
  ])('%s is %s', (item, expected) => {
    expect(hits(item)).toBe(expected);
  });

  test('many wildcards take no more than a moment, whatever the network sends', () => {
    const made = parse(ruleText(`  s:\n    text: '${'*a'.repeat(30)}*b'\n  condition: s`));
    expect(matches(made, { ...RECORD, text: 'a'.repeat(10_000) })).toBe(false);
    expect(matches(made, { ...RECORD, text: `${'a'.repeat(10_000)}b` })).toBe(true);
  });

  test('a list of maps matches when one of them does', () => {
    const text =
      '  selection:\n    - modbus.unit_id: 9\n    - modbus.pdu: request\n      modbus.unit_id: 1\n  condition: selection';
    expect(matches(parse(ruleText(text)), RECORD)).toBe(true);
    expect(matches(parse(ruleText(text.replace('unit_id: 1', 'unit_id: 8'))), RECORD)).toBe(false);
  });

  test('a field is found by its path, and nothing inherited is', () => {
    expect(fieldValue(RECORD, 'modbus.unit_id')).toBe(1);
    expect(fieldValue(RECORD, 'modbus.unit_id.more')).toBeUndefined();
    expect(fieldValue(RECORD, '__proto__')).toBeUndefined();
    expect(fieldValue(RECORD, '')).toBeUndefined();
  });
});

describe('a rule in full', () => {
  test('every field that is used', () => {
    const rule = parse(
      ruleText('  selection:\n    modbus.unit_id: 1\n  condition: selection', {
        modified: '2026-11-23',
        recommendation: 'Look.',
        tags: '[attack.t0814, attack.T0855, attack.evasion, other.t1]',
      }),
    );
    expect(rule).toMatchObject({
      id: '11111111-1111-4111-8111-111111111111',
      title: 'A rule',
      version: '2026-11-23',
      level: 'high',
      protocol: 'modbus',
      techniques: ['T0814', 'T0855'],
      recommendation: 'Look.',
    });
  });
});

const SOUND = '  selection:\n    modbus.unit_id: 1\n  condition: selection';

describe('what is refused, and where', () => {
  test.each<[name: string, text: string, line: number, column: number, reason: RegExp]>([
    ['no map', '- a\n- b\n', 1, 1, /a rule is a map/],
    ['an empty file', '', 1, 1, /a rule is a map/],
    ['broken YAML', 'title: [a\nid: b\n', 2, 1, /./],
    ['a key twice', `title: a\n${ruleText(SOUND)}`, 2, 1, /unique/],
    ['no title', ruleText(SOUND, { title: "''" }), 1, 8, /"title" is missing or no text/],
    ['an id that is a number', ruleText(SOUND, { id: '7' }), 2, 5, /"id" is missing or no text/],
    [
      'an unknown level',
      ruleText(SOUND, { level: 'severe' }),
      5,
      8,
      /level "severe" does not exist; use informational/,
    ],
    ['no protocol', ruleText(SOUND).replace('  service: modbus', '  product: x'), 7, 3, /logsource\.service/],
    [
      'no detection',
      'title: a\nid: b\ndate: c\ndescription: d\nlevel: low\nlogsource: {service: x}\n',
      1,
      1,
      /"detection" is missing/,
    ],
    ['no condition', ruleText('  selection:\n    a: 1'), 9, 3, /"condition" is missing/],
    [
      'conditions as a list',
      ruleText('  selection:\n    a: 1\n  condition: [selection]'),
      11,
      14,
      /"condition" is missing or no text/,
    ],
    ['an unknown search', ruleText('  selection:\n    a: 1\n  condition: selektion'), 11, 14, /no search "selektion"/],
    [
      'an aggregation',
      ruleText('  selection:\n    a: 1\n  condition: selection | count() > 3'),
      11,
      14,
      /"\|" is not expected/,
    ],
    ['a keyword', ruleText('  selection: word\n  condition: selection'), 9, 14, /keyword searches are not supported/],
    [
      'a keyword in a list',
      ruleText('  selection:\n    - a: 1\n    - word\n  condition: selection'),
      11,
      7,
      /keyword searches/,
    ],
    ['a timeframe', ruleText(`  timeframe: 5m\n${SOUND}`), 9, 14, /keyword searches are not supported/],
    [
      'an unknown modifier',
      ruleText('  selection:\n    a|re: x\n  condition: selection'),
      10,
      11,
      /modifier "re" is not supported/,
    ],
    [
      'a map as a value',
      ruleText('  selection:\n    a:\n      b: 1\n  condition: selection'),
      11,
      7,
      /a value is a text/,
    ],
    ['no value', ruleText('  selection:\n    a: []\n  condition: selection'), 10, 8, /"a" lists no value/],
    ['an empty search', ruleText('  selection: {}\n  condition: selection'), 9, 14, /match everything/],
    ['an empty list of searches', ruleText('  selection: []\n  condition: selection'), 9, 14, /match nothing/],
    ['an alias without anchor', 'title: *nowhere\n', 1, 1, /nowhere/],
    [
      'aliases that multiply',
      `a: &a [${'1,'.repeat(9)}1]\nb: &b [${'*a,'.repeat(9)}*a]\nc: &c [${'*b,'.repeat(9)}*b]\nd: [${'*c,'.repeat(9)}*c]\n`,
      1,
      1,
      /alias/i,
    ],
  ])('%s', (_name, text, line, column, reason) => {
    const error = refusal(text);
    expect(error.reason).toMatch(reason);
    expect([error.line, error.column], error.message).toEqual([line, column]);
    expect(error.message).toBe(`rule.yml:${line}:${column}: ${error.reason}`);
  });

  test('more values than a rule may list', () => {
    const values = Array.from({ length: 10_001 }, (_, index) => index).join(',');
    expect(refusal(ruleText(`  selection:\n    a: [${values}]\n  condition: selection`)).reason).toMatch(
      /more than 10000/,
    );
  });
});

describe('a folder of rules', () => {
  test('a broken file is reported with its place and stops no other; an id belongs to one rule', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fieldwatch-rules-'));
    try {
      mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
      const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
      write('a-good.yml', ruleText(SOUND));
      write('b-broken.yml', 'title: [\n');
      write('c-aliases.yml', 'a: *b\n');
      write('d-hyphen.yml', ruleText("  s:\n    a|contains: 'x-y'\n  condition: s", { id: 'other' }));
      write('e-same-id.yaml', ruleText(SOUND));
      write('f-note.txt', 'no rule');
      write('deep/er/g-good.yml', ruleText(SOUND, { id: 'third' }));
      const { rules, documents, errors } = readRuleFiles(folder);
      expect(rules.map((rule) => rule.id).sort()).toEqual(['11111111-1111-4111-8111-111111111111', 'other', 'third']);
      expect(documents).toHaveLength(3);
      expect(errors.map((error) => error.file.slice(folder.length + 1))).toEqual([
        'b-broken.yml',
        'c-aliases.yml',
        'e-same-id.yaml',
      ]);
      expect(errors[2]?.reason).toContain('already used by');
      expect(errors[2]?.line).toBe(2);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
