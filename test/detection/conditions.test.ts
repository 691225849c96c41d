import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RuleSet } from '../../sensor/detection/rule-set.js';
import { type Condition, ConditionError, parseCondition } from '../../sensor/detection/sigma/condition.js';
import { matches } from '../../sensor/detection/sigma/match.js';
import { RuleError, ruleOf, type SigmaRule } from '../../sensor/detection/sigma/rule.js';
import type { DissectionRecord } from '../../sensor/model/records.js';
import { MODBUS_OPERATIONS } from '../../sensor/protocols/modbus/functions.js';

const NAMES = ['a', 'b', 'sel_one', 'sel_two', '_hidden'];

/** With full parentheses, so that precedence can be read. */
function shown(condition: Condition): string {
  switch (condition.kind) {
    case 'search':
      return condition.name;
    case 'not':
      return `!${shown(condition.operand)}`;
    default:
      return `(${condition.operands.map(shown).join(condition.kind === 'and' ? '&' : '|')})`;
  }
}

describe('conditions', () => {
  test.each([
    ['a', 'a'],
    ['a and b', '(a&b)'],
    ['a or b and sel_one', '(a|(b&sel_one))'],
    ['(a or b) and sel_one', '((a|b)&sel_one)'],
    ['not a and b', '(!a&b)'],
    ['not (a and b)', '!(a&b)'],
    ['not not a', '!!a'],
    ['a AND NOT b', '(a&!b)'],
    ['a or b or sel_one', '(a|b|sel_one)'],
    ['1 of sel_*', '(sel_one|sel_two)'],
    ['any of sel_*', '(sel_one|sel_two)'],
    ['all of sel_*', '(sel_one&sel_two)'],
    ['1 of them', '(a|b|sel_one|sel_two)'],
    ['all of them', '(a&b&sel_one&sel_two)'],
    ['all of _*', '(_hidden)'],
    ['a and not 1 of sel_*', '(a&!(sel_one|sel_two))'],
    ['((a))', 'a'],
    ['a\n  and\tb', '(a&b)'],
  ])('%s', (text, expected) => {
    expect(shown(parseCondition(text, NAMES))).toBe(expected);
  });

  test.each([
    ['', /ends too early/],
    ['a and', /ends too early/],
    ['not', /ends too early/],
    ['(a', /closing parenthesis/],
    ['a)', /"\)" is not expected/],
    ['a b', /"b" is not expected/],
    ['c', /no search "c"/],
    ['A', /no search "A"/],
    ['1 of', /names no search/],
    ['1 of x*', /no search matches "x\*"/],
    ['2 of them', /no search "2"/],
    ['a and or b', /no search "or"/],
    [`${'('.repeat(60)}a${')'.repeat(60)}`, /too deeply/],
    [`${'not '.repeat(10_000)}a`, /too deeply/],
  ])('%s is refused', (text, reason) => {
    const parse = (): Condition => parseCondition(text, NAMES);
    expect(parse).toThrow(ConditionError);
    expect(parse).toThrow(reason);
  });
});

const FUNCTIONS = ['read_coils', 'diagnostics', 'umas', 'unknown', 'write_single_coil'] as const;

function rule(detection: Record<string, unknown>, id = 'x'): SigmaRule {
  const document = {
    title: 't',
    id,
    description: 'd',
    date: '2026-11-22',
    level: 'low',
    logsource: { service: 'modbus' },
    detection,
  };
  return ruleOf(document, 'f', (_, reason) => new RuleError('f', 1, 1, reason));
}

const functionValue = fc.oneof(fc.constantFrom(...FUNCTIONS), fc.constantFrom('read_*', 'UMAS', 'none'));
const functionItem = fc.record(
  {
    'modbus.function': fc.oneof(functionValue, fc.array(functionValue, { minLength: 1, maxLength: 3 })),
    'modbus.function|contains': functionValue,
    'modbus.function|all': fc.array(functionValue, { minLength: 1, maxLength: 2 }),
    'modbus.unit_id': fc.integer({ min: 0, max: 2 }),
  },
  { requiredKeys: ['modbus.unit_id'] },
);
const search = fc.oneof(functionItem, fc.array(functionItem, { minLength: 1, maxLength: 2 }));
const condition = fc.constantFrom(
  'a',
  'a and b',
  'a or b',
  'not a',
  'a and not b',
  'not a and b',
  '1 of them',
  'all of them',
  '(a or b) and c',
  'a and (b and c)',
  'a and b and c',
  'not (a or b)',
);

describe('the rule set', () => {
  test('asks only rules that could match, and never leaves out one that does', () => {
    fc.assert(
      fc.property(
        search,
        search,
        search,
        condition,
        fc.constantFrom(...MODBUS_OPERATIONS),
        fc.integer({ min: 0, max: 2 }),
        (a, b, c, text, operation, unit) => {
          const made = rule({ a, b, c, condition: text });
          const record: DissectionRecord = {
            timestamp: '',
            pcap_cnt: 1,
            event_type: 'modbus',
            modbus: { function: operation.function, unit_id: unit },
          };
          const set = new RuleSet([made], [{ name: 'modbus', operations: MODBUS_OPERATIONS }]);
          const candidates = RuleSet.candidates(set.of('modbus'), operation);
          expect(candidates.some((one) => RuleSet.matches(one, record))).toBe(matches(made, record));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a rule that names its functions costs nothing for the others', () => {
    const set = new RuleSet(
      [rule({ a: { 'modbus.function': 'umas' }, condition: 'a' })],
      [{ name: 'modbus', operations: MODBUS_OPERATIONS }],
    );
    const asked = MODBUS_OPERATIONS.filter((operation) => RuleSet.candidates(set.of('modbus'), operation).length > 0);
    expect(new Set(asked.map((operation) => operation.function))).toEqual(new Set(['umas']));
    expect(set.of('s7comm')).toEqual([]);
  });
});
