import { describe, expect, test } from 'vitest';
import {
  type Condition,
  ConditionError,
  matchesPattern,
  parseCondition,
} from '../../sensor/detection/sigma/condition.js';

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
    ['a and not b', '(a&!b)'],
    ['not 1 of sel_*', '!(sel_one|sel_two)'],
    ['1 of sel_*e', '(sel_one)'],
    ['1 of *_*', '(sel_one|sel_two|_hidden)'],
    ['1 of s*_t*', '(sel_two)'],
    ['1 of sel_one', '(sel_one)'],
    ['1 of nothing*', '()'],
    ['(a)and(b)', '(a&b)'],
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
    ['all of x*', /no search matches "x\*"/],
    ['2 of them', /"2 of" does not exist/],
    ['a AND b', /"AND": it must be written in small letters/],
    ['NOT a', /"NOT" must be written in small letters/],
    ['1 OF them', /no search "1"/],
    ['a | count() > 3', /correlation rule/],
    ['a and or b', /no search "or"/],
    [`${'('.repeat(60)}a${')'.repeat(60)}`, /too deeply/],
    [`${'not '.repeat(9000)}a`, /too deeply/],
  ])('%s is refused', (text, reason) => {
    const parse = (): Condition => parseCondition(text, NAMES);
    expect(parse).toThrow(ConditionError);
    expect(parse).toThrow(reason);
  });
});

test.each([
  ['a*', 'abc', true],
  ['*c', 'abc', true],
  ['a*c', 'abc', true],
  ['a*a', 'a', false],
  ['a*b*c', 'a_b_c', true],
  ['a*b*c', 'a_c_b', false],
  ['*', '', true],
  ['abc', 'abc', true],
  ['ab', 'abc', false],
  ['a*bc*c', 'abc', false],
])('pattern %s on %s: %s', (pattern, name, expected) => {
  expect(matchesPattern(pattern, name)).toBe(expected);
});
