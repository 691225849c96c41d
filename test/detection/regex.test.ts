import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BoundedRegex, RegexSyntaxError } from '../../sensor/detection/sigma/bounded-regex.js';
import { compileRegex } from '../../sensor/detection/sigma/regex.js';

const NO_FLAGS = { i: false, m: false, s: false };
const bounded = (source: string, flags = NO_FLAGS) => new BoundedRegex(source, flags);

describe('regular expressions', () => {
  test.each<[source: string, text: string, expected: boolean]>([
    ['a(?=b)', 'ab', true],
    ['a(?=b)', 'ac', false],
    ['a(?!b)', 'ac', true],
    ['a(?!b)', 'ab', false],
    ['(?<=x)a', 'xa', true],
    ['(?<=x)a', 'ya', false],
    ['(?<!x)a', 'ya', true],
    ['(?<!x)a', 'xa', false],
    ['(?<=ab|c)d', 'abd', true],
    ['(a|b)\\1', 'bb', true],
    ['(a|b)\\1', 'ab', false],
    ['(?P<q>[\'"]).*?(?P=q)', `x "y'z"`, true],
    ['(?<q>.)\\k<q>', 'abba', true],
    ['(?<q>.)\\k<q>', 'abab', false],
    ['a++b', 'aab', true],
    ['a++ab', 'aaab', false],
    ['(?>a+)ab', 'aaab', false],
    ['.{1001}', 'x'.repeat(1001), true],
    ['^.{1001}$', 'x'.repeat(1000), false],
    ['(?i)(?=A)a', 'a', true],
    ['(?i:A)(?=b)B?', 'ab', true],
    ['(?=x)(?-i:a)|X', 'X', true],
    ['(?x) a  (?=b) # comment', 'ab', true],
    ['^(?=.*\\d)(?=.*[a-z])\\w+$', 'abc1', true],
    ['^(?=.*\\d)(?=.*[a-z])\\w+$', 'abc', false],
    ['(?=a)[[:alpha:]]\\x61\\u0061', 'aaa', true],
    ['(?=a)a{,2}b', 'aab', true],
    ['(?=a)a{', 'a{', true],
    ['(?=\\b)a\\B', 'ab', true],
    ['(?=.)[^]a]', 'b', true],
    ['(?=.)[]a]', ']', true],
    ['(?=-)[\\w-]', '-', true],
    ['(?#nothing)(?=a)a', 'a', true],
    ['\\Aa(?=b)b\\Z', 'ab', true],
    ['a(?=b)b$', 'ab\n', true],
    ['(?:a|ab)(?=c)(?:c|bcd)', 'abc', true],
    ['(?=(a+))a*b\\1', 'baaabac', true],
    ['(?=(?:a{2}){2})a', 'aaaa', true],
    ['(?=(?:a{2}){2}$)a', 'aaa', false],
  ])('%s on %s: %s', (source, text, expected) => {
    const regex = compileRegex(source, NO_FLAGS);
    expect(regex.isLinear).toBe(false);
    expect(regex.test(text)).toBe(expected);
  });

  test.each([
    ['(', /not closed/],
    [')', /no opening/],
    ['[a', /not closed/],
    ['*a', /repeats nothing/],
    ['a**', /behind each other/],
    ['a{3,1}', /wrong way round/],
    ['[z-a]', /wrong way round/],
    ['\\', /backslash/],
    ['(?=a)\\q', /no known escape/],
    ['(a)\\2', /no such group/],
    ['(?R)', /not supported/],
    ['(?P=x)', /no such group/],
    [`${'('.repeat(200)}${')'.repeat(200)}(?=a)`, /too deeply/],
    ['a{200000}', /more than 100000/],
  ])('%s is refused', (source, reason) => {
    const make = () => compileRegex(source, NO_FLAGS);
    expect(make).toThrow(RegexSyntaxError);
    expect(make).toThrow(reason);
  });

  test('common patterns are linear, in the syntax of Python', () => {
    for (const source of [
      '(?i)a.*b',
      '(?P<n>a)',
      'a{,5}b',
      'x\\Z',
      '\\"\\/\\-\\\'',
      '[\\w+|\\s]',
      '(?:\\w+`){2,}',
      '\\s-O\\s',
    ])
      expect(compileRegex(source, NO_FLAGS).isLinear, source).toBe(true);
    expect(compileRegex('^a{,2}b\\Z', NO_FLAGS).test('aab')).toBe(true);
    expect(compileRegex('^a{,2}b\\Z', NO_FLAGS).test('aaab')).toBe(false);
  });

  test.each([
    ['(a+)+$', true],
    ['^(a|a)*$', true],
    ['(?:a+)+(?=x)', false],
    ['^(?=(a+)+b)', false],
    ['(a*)*\\1b', false],
    ['(?=a)(?:.*a){20}b', false],
    ['(?<=(?:a|aa)+b)c', false],
  ])('%s takes no more than a moment', (source) => {
    const regex = compileRegex(source, NO_FLAGS);
    const began = performance.now();
    expect(regex.test(`${'a'.repeat(50_000)}!`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(regex.gaveUp > 0).toBe(!regex.isLinear);
  });

  const letter = fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '\\d', '\\b', '^', '$');
  const pattern: fc.Arbitrary<string> = fc.letrec<{ node: string; atom: string; piece: string }>((tie) => ({
    atom: fc.oneof(
      { depthSize: 'small' },
      { weight: 4, arbitrary: letter },
      tie('node').map((inner) => `(?:${inner})`),
      tie('node').map((inner) => `(${inner})`),
      tie('node').map((inner) => `(?=${inner})`),
      tie('node').map((inner) => `(?!${inner})`),
    ),
    piece: fc
      .tuple(tie('atom'), fc.constantFrom('', '', '', '*', '+', '?', '{1,2}', '*?', '??'))
      .map(([atom, count]) => (/^(?:\\b|\^|\$|\(\?[=!])/.test(atom) ? atom : atom + count)),
    node: fc
      .array(fc.array(tie('piece'), { maxLength: 3 }), { minLength: 1, maxLength: 2 })
      .map((branches) => branches.map((pieces) => pieces.join('')).join('|')),
  })).node;

  test('the bounded matcher finds what the one built in finds', () => {
    fc.assert(
      fc.property(pattern, fc.array(fc.constantFrom('a', 'b', 'c', '1', ' '), { maxLength: 8 }), (source, letters) => {
        const text = letters.join('');
        const regex = bounded(source);
        const found = regex.test(text);
        if (regex.gaveUp === 0) expect(found, `${source} on "${text}"`).toBe(new RegExp(source).test(text));
      }),
      { numRuns: 3000 },
    );
  });
});
