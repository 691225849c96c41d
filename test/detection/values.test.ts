import { describe, expect, test } from 'vitest';
import { fieldOf } from '../../sensor/detection/sigma/event.js';
import { hits, matches, parse, refusal, ruleText } from './rules.js';

const EVENT = {
  timestamp: '2026-11-22T03:07:09.123456Z',
  src_ip: '10.1.2.3',
  dest_ip: 'fd00:1::42',
  mapped: '::ffff:192.168.5.6',
  anomalies: ['modbus.bad_length', 'modbus.garbage'],
  modbus: {
    function: 'write_single_register',
    unit_id: 1,
    address: 400,
    values: [3, 1500],
    text: 'Pump-Station*1',
    path: 'C:\\plc\\main?',
    unc: '\\\\server\\share',
    quotes: 'a.b(c)[d]{e}^f$g|h+i/j-k',
    flag: true,
    flagText: 'true',
    none: null,
    empty: '',
    numberText: '42',
    hex: '0x1F',
    lines: 'first\nsecond',
    unicode: 'Füllstand ÄÖ 😀!',
    same: 'Pump-Station*1',
    longer: 'the pump-station*1 runs',
    items: [{ db: 1 }, { db: 20, name: 'x' }],
    object: { inner: 'deep text' },
  },
};

describe('values and modifiers', () => {
  test.each<[item: string, expected: boolean]>([
    // Plain values.
    ['modbus.unit_id: 1', true],
    ['modbus.unit_id: 2', false],
    ["modbus.unit_id: '1'", true],
    ['modbus.unit_id: [2, 1]', true],
    ['modbus.unit_id: [2, 3]', false],
    ['modbus.unit_id: 1.0', true],
    ['modbus.numberText: 42', true],
    ['modbus.numberText: 43', false],
    ["modbus.unit_id: '01'", false],
    ['modbus.function: write_single_register', true],
    ['modbus.function: WRITE_Single_Register', true],
    ['modbus.function: write_single', false],
    ['modbus.values: 1500', true],
    ['modbus.values: 1501', false],
    ['modbus.values|all: [3, 1500]', true],
    ['modbus.values|all: [3, 4]', false],
    ['modbus.flag: true', true],
    ['modbus.flag: yes', true],
    ['modbus.flag: false', false],
    ["modbus.flag: 'true'", true],
    ['modbus.flagText: true', false],
    ["modbus.flagText: 'TRUE'", true],
    ['modbus.unicode|contains: FÜLLSTAND äö', true],
    // Nothing there.
    ['modbus.none: null', true],
    ['modbus.none: ~', true],
    ['modbus.none:', true],
    ['modbus.absent: null', true],
    ['modbus.unit_id: null', false],
    ['modbus.empty: null', false],
    ["modbus.empty: ''", true],
    ["modbus.absent: ''", false],
    ["modbus.none: ''", false],
    ["modbus.function: ''", false],
    ["modbus.unit_id: ['9', null]", false],
    ["modbus.absent: ['9', null]", true],
    ["modbus.absent: '*'", false],
    ["modbus.none: '*'", false],
    ["modbus.unit_id: '*'", true],
    ["modbus.empty: '*'", true],
    ["modbus.empty: '?'", false],
    ["modbus.object: '*'", true],
    ['modbus.object|contains: deep', true],
    // Wildcards and escapes.
    ['modbus.function: write_*', true],
    ["modbus.function: '*register'", true],
    ["modbus.function: '*_single_*'", true],
    ["modbus.function: 'w*e*r'", true],
    ["modbus.function: 'w*z*r'", false],
    ['modbus.function: write_single_registe?', true],
    ['modbus.function: write_single_register?', false],
    ["modbus.function: '?rite*'", true],
    ["modbus.function: '*_?ingle_*'", true],
    ["modbus.function: '*registe?'", true],
    ["modbus.function: '?'", false],
    ["modbus.unicode: '*?!'", true],
    ["modbus.unicode: 'Füllstand ÄÖ ?!'", true],
    ["modbus.text: 'Pump-Station\\*1'", true],
    ["modbus.text: 'Pump-Stat\\*1'", false],
    ["modbus.text: 'Pump-Stat*1'", true],
    ["modbus.path: 'C:\\plc\\main\\?'", true],
    ["modbus.path: 'C:\\\\plc\\\\main\\?'", true],
    ["modbus.path: 'C:\\plc\\*'", false],
    ["modbus.path: 'C:\\plc\\\\*'", true],
    ["modbus.path|endswith: '\\main\\?'", true],
    ["modbus.path|contains: '\\plc\\'", true],
    ["modbus.unc: '\\\\server\\share'", false],
    ["modbus.unc: '\\\\\\\\server\\share'", true],
    ["modbus.unc|startswith: '\\\\\\\\'", true],
    ["modbus.quotes: 'a.b(c)[d]{e}^f$g|h+i/j-k'", true],
    ["modbus.quotes|contains: 'axb'", false],
    // contains, startswith, endswith.
    ['modbus.function|contains: single', true],
    ['modbus.function|contains: SINGLE', true],
    ['modbus.function|startswith: write', true],
    ['modbus.function|startswith: single', false],
    ['modbus.function|endswith: register', true],
    ['modbus.function|endswith: single', false],
    ['modbus.function|contains: [nothing, single]', true],
    ['modbus.function|contains|all: [write, register]', true],
    ['modbus.function|contains|all: [write, coil]', false],
    ['modbus.function|all|contains: [write, coil]', false],
    ["modbus.function|contains: ''", true],
    ["modbus.empty|contains: ''", true],
    ["modbus.absent|contains: ''", false],
    ["modbus.function|contains: 'w*t'", true],
    ["modbus.function|startswith: '*single'", true],
    ["anomalies|startswith: 'modbus.bad'", true],
    ['anomalies: modbus.garbage', true],
    ["anomalies|contains|all: ['bad', 'garbage']", true],
    // cased.
    ['modbus.function|cased: write_single_register', true],
    ['modbus.function|cased: Write_single_register', false],
    ['modbus.text|contains|cased: Station', true],
    ['modbus.text|contains|cased: station', false],
    ['modbus.text|cased|startswith: pump', false],
    // re.
    ["modbus.function|re: 'single'", true],
    ["modbus.function|re: '^single'", false],
    ["modbus.function|re: '^write_[a-z]+_register$'", true],
    ["modbus.function|re: 'SINGLE'", false],
    ["modbus.function|re|i: 'SINGLE'", true],
    ["modbus.function|re|ignorecase: 'SINGLE'", true],
    ["modbus.function|re: '(?i)SINGLE'", true],
    ["modbus.lines|re: '^second$'", false],
    ["modbus.lines|re|m: '^second$'", true],
    ["modbus.lines|re: 'first.second'", false],
    ["modbus.lines|re|s: 'first.second'", true],
    ["modbus.lines|re|i|s: 'FIRST.SECOND'", true],
    ["modbus.function|re|contains: 'single'", true],
    ["modbus.function|re|startswith: 'single'", false],
    ["modbus.function|re|startswith: 'w|z'", true],
    ["modbus.function|re|endswith: 'reg[a-z]+'", true],
    ["modbus.function|re|endswith: 'write'", false],
    ["modbus.function|re|all: ['write', 'register']", true],
    ["modbus.function|re|all: ['write', 'coil']", false],
    ["modbus.function|re: '^(?!read_).*register$'", true],
    ["modbus.function|re: '^(?!write_)'", false],
    ["modbus.function|re: '(?<=single_)register'", true],
    ["modbus.function|re: '(.)\\1'", false],
    ["modbus.path|re: 'C:\\\\plc\\\\'", true],
    ["modbus.unit_id|re: '^1$'", true],
    ["modbus.absent|re: '.*'", false],
    // Numbers.
    ['modbus.address|gt: 399', true],
    ['modbus.address|gt: 400', false],
    ['modbus.address|gte: 400', true],
    ['modbus.address|lt: 400.5', true],
    ['modbus.address|lte: 399', false],
    ['modbus.address|gt: [1000, 5]', true],
    ['modbus.numberText|gt: 41', true],
    ['modbus.function|gt: 0', false],
    ['modbus.hex|gt: 0', false],
    ['modbus.absent|lt: 5', false],
    ['modbus.values|gt: 1000', true],
    ['modbus.values|gt: 2000', false],
    // exists.
    ['modbus.unit_id|exists: true', true],
    ['modbus.none|exists: true', true],
    ['modbus.empty|exists: yes', true],
    ['modbus.absent|exists: true', false],
    ['modbus.absent|exists: false', true],
    ['modbus.unit_id|exists: false', false],
    // cidr.
    ['src_ip|cidr: 10.0.0.0/8', true],
    ['src_ip|cidr: 10.1.2.3', true],
    ['src_ip|cidr: [192.168.0.0/16, 10.1.2.0/30]', true],
    ['src_ip|cidr: 11.0.0.0/8', false],
    ['src_ip|cidr: 0.0.0.0/0', true],
    ['dest_ip|cidr: 0.0.0.0/0', false],
    ["dest_ip|cidr: 'fd00::/8'", true],
    ["dest_ip|cidr: 'fe80::/10'", false],
    ['mapped|cidr: 192.168.0.0/16', true],
    ['modbus.function|cidr: 10.0.0.0/8', false],
    ['modbus.absent|cidr: 0.0.0.0/0', false],
    // neq turns the whole item round.
    ['modbus.unit_id|neq: 1', false],
    ['modbus.unit_id|neq: 2', true],
    ['modbus.unit_id|neq: [1, 2]', false],
    ['modbus.absent|neq: 2', true],
    ['modbus.function|contains|neq: single', false],
    ['modbus.function|contains|all|neq: [write, coil]', true],
    // fieldref.
    ['modbus.text|fieldref: modbus.same', true],
    ['modbus.text|fieldref: modbus.function', false],
    ['modbus.text|fieldref: modbus.absent', false],
    ['modbus.text|fieldref|neq: modbus.same', false],
    ['modbus.longer|fieldref|contains: modbus.text', true],
    ['modbus.longer|fieldref|startswith: modbus.text', false],
    ['modbus.text|fieldref|startswith: modbus.same', true],
    ['modbus.text|fieldref|endswith: modbus.same', true],
    ['modbus.values|fieldref: modbus.address', false],
    // Time, in UTC.
    ['timestamp|hour: 3', true],
    ['timestamp|hour: 4', false],
    ['timestamp|minute: 7', true],
    ['timestamp|day: 22', true],
    ['timestamp|month: 11', true],
    ['timestamp|year: 2026', true],
    ['timestamp|week: 47', true],
    ['timestamp|hour|gte: 3', true],
    ['timestamp|hour|gt: 3', false],
    ['timestamp|hour|lt: 6', true],
    ['modbus.function|hour: 3', false],
    // Lists of objects.
    ['modbus.items.db: 20', true],
    ['modbus.items.db: 21', false],
    ['modbus.items.name: x', true],
    // What every object has is no field.
    ['constructor: null', true],
    ['modbus.toString: null', true],
    ['__proto__|exists: false', true],
  ])('%s is %s', (item, expected) => {
    expect(hits(item, EVENT)).toBe(expected);
  });

  const dashed = { c: 'tool.exe -enc abc /f x-y' };
  test.each<[string, Record<string, unknown>, boolean]>([
    ["c|contains|windash: ' /enc '", dashed, true],
    ["c|windash|contains: ' -f '", dashed, true],
    ["c|windash|contains: ' \u2013enc'", dashed, false],
    ["c|contains|windash: ' -enc'", { c: 'a \u2015enc' }, true],
    ["c|contains|windash: 'x/y'", dashed, false],
    ["c|contains|all|windash: [' /enc ', ' -f ']", dashed, true],
    ["c|windash|contains|all: [' /enc ', ' -g ']", dashed, false],
    ["c|windash|contains: '-a -b -c'", { c: '/a \u2014b -c' }, true],
    ["c|base64: 'foobar'", { c: 'Zm9vYmFy' }, true],
    ["c|base64: 'foobar'", { c: 'xZm9vYmFy' }, false],
    ["c|base64|contains: 'foobar'", { c: 'xZm9vYmFyx' }, true],
    ["c|base64: 'ä'", { c: 'w6Q=' }, true],
    ["c|wide|base64offset|contains: 'IEX'", { c: Buffer.from('xIEX(', 'utf16le').toString('base64') }, true],
    ["c|utf16le|base64offset|contains: 'IEX'", { c: Buffer.from('xxIEX(', 'utf16le').toString('base64') }, true],
    ["c|wide|base64offset|contains: 'IEY'", { c: Buffer.from('xIEX(', 'utf16le').toString('base64') }, false],
    ["c|utf16|base64: 'IEX'", { c: Buffer.from('\uFEFFIEX', 'utf16le').toString('base64') }, true],
    ["c|utf16be|base64: 'IEX'", { c: Buffer.from('IEX', 'utf16le').swap16().toString('base64') }, true],
    ["c|wide|base64: 'Ä€'", { c: Buffer.from('Ä€', 'utf16le').toString('base64') }, true],
    ["c|base64offset|contains: ['http://', 'https://']", { c: Buffer.from('a https://x').toString('base64') }, true],
    ["c|base64offset|contains: ['http://', 'https://']", { c: Buffer.from('a htxps://x').toString('base64') }, false],
    ["c|wide|contains: 'ab'", { c: 'xa\0b\0x' }, true],
  ])('%s on %j is %s', (item, event, expected) => {
    expect(hits(item, event)).toBe(expected);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])('base64offset finds a text at offset %i', (offset) => {
    for (const wanted of ['a', 'ab', 'abc', 'abcd', 'abcde']) {
      const around = `${'x'.repeat(offset)}${wanted}${'y'.repeat(5)}`;
      const item = `c|base64offset|contains: '${wanted}'`;
      // A single letter at the wrong place leaves no whole character of base64 to look for.
      expect(hits(item, { c: Buffer.from(around).toString('base64') })).toBe(true);
    }
  });

  const placeholders = new Map<string, (string | number)[]>([
    ['admins', ['alice', 'b*b']],
    ['nets', ['10.1.0.0/16', '192.168.0.0/16']],
    ['ports', [502, 102]],
  ]);
  test.each<[string, Record<string, unknown>, boolean]>([
    ["u|expand: '%admins%'", { u: 'ALICE' }, true],
    ["u|expand: '%admins%'", { u: 'b*b' }, true],
    ["u|expand: '%admins%'", { u: 'bob' }, false],
    ["u|expand: 'x-%admins%-%admins%'", { u: 'x-alice-b*b' }, true],
    ["u|expand|contains: '%admins%'", { u: 'is alice there' }, true],
    ["u|expand|startswith: '%admins%\\'", { u: 'alice\\x' }, true],
    ["u|expand|cidr: '%nets%'", { u: '10.1.9.9' }, true],
    ["u|expand|cidr: '%nets%'", { u: '10.2.9.9' }, false],
    ["u|expand: '%ports%'", { u: 502 }, true],
    ["u|expand: '%ports%'", { u: 503 }, false],
    ["u|re|expand: '^%admins%$'", { u: 'b*b' }, true],
    ["u|re|expand: '^%admins%$'", { u: 'bbb' }, false],
    ["u: '%admins%'", { u: '%ADMINS%' }, true],
  ])('%s on %j is %s', (item, event, expected) => {
    expect(hits(item, event, placeholders)).toBe(expected);
  });

  test('a rule whose placeholder has no value matches nothing, also under not', () => {
    const rule = parse(ruleText("  s:\n    a|expand: '%unknown%'\n  condition: not s"));
    expect(rule.detection.unresolved).toEqual(['unknown']);
    expect(matches(rule, { a: 1 })).toBe(false);
  });

  test('many wildcards take no more than a moment, whatever the network sends', () => {
    const made = parse(ruleText(`  s:\n    text: '${'*a'.repeat(30)}*b'\n  condition: s`));
    expect(matches(made, { text: 'a'.repeat(10_000) })).toBe(false);
    expect(matches(made, { text: `${'a'.repeat(10_000)}b` })).toBe(true);
  });
});

describe('searches', () => {
  const event = { a: 1, b: 'two', c: { d: 'Three' } };
  test.each<[detection: string, expected: boolean]>([
    ['  s:\n    a: 1\n    b: two\n  condition: s', true],
    ['  s:\n    a: 1\n    b: three\n  condition: s', false],
    ['  s:\n    - a: 9\n    - a: 1\n      b: two\n  condition: s', true],
    ['  s:\n    - a: 9\n    - a: 1\n      b: nine\n  condition: s', false],
    // Keywords: anywhere in any text of the event.
    ['  s: two\n  condition: s', true],
    ['  s: WO\n  condition: s', true],
    ['  s: [nine, hre]\n  condition: s', true],
    ['  s: [nine, ten]\n  condition: s', false],
    ["  s:\n    '|all': [two, three]\n  condition: s", true],
    ["  s:\n    '|all': [two, four]\n  condition: s", false],
    ["  s:\n    '|re': '^t.o$'\n  condition: s", true],
    ["  s:\n    '|contains|all': ['t*o', three]\n  condition: s", true],
    ["  s:\n    '|cased': Two\n  condition: s", false],
    ['  s: 1\n  condition: s', true],
    ['  s: 2\n  condition: s', false],
    // A mixture, and lists inside lists.
    ['  s:\n    - a: 9\n    - two\n  condition: s', true],
    ['  s:\n    - a: 9\n    - [nine, [two]]\n  condition: s', true],
    ['  s:\n    a: [[9, [1]]]\n  condition: s', true],
    // Several conditions are several ways to match.
    ['  s:\n    a: 9\n  t:\n    b: two\n  condition: [s, t]', true],
    ['  s:\n    a: 9\n  t:\n    b: nine\n  condition: [s, t]', false],
    ['  s:\n    a: 1\n  condition: not s', false],
    ['  s:\n    x: 1\n  condition: not s', true],
    ['  s:\n    a: 1\n  condition: s and not 1 of filter_*', true],
    ['  s:\n    a: 1\n  _hidden:\n    a: 9\n  condition: all of them', true],
    ['  s:\n    a: 1\n  timeframe: 5m\n  condition: all of them', true],
  ])('%s', (detection, expected) => {
    expect(matches(parse(ruleText(detection)), event)).toBe(expected);
  });
});

describe('fields', () => {
  test('by their path, also where names hold dots; nothing inherited', () => {
    const record = { 'a.b': { c: 1 }, a: { b: { d: 2 }, 'x.y': 3 }, list: [{ n: 1 }, { n: [2, 3] }, 4] };
    expect(fieldOf(record, 'a.b')).toEqual({ c: 1 });
    expect(fieldOf(record, 'a.b.c')).toBe(1);
    expect(fieldOf(record, 'a.b.d')).toBe(2);
    expect(fieldOf(record, 'a.x.y')).toBe(3);
    expect(fieldOf(record, 'list.n')).toEqual([1, [2, 3]]);
    expect(fieldOf(record, 'a.b.d.e')).toBeUndefined();
    expect(fieldOf(record, '__proto__')).toBeUndefined();
    expect(fieldOf(record, '')).toBeUndefined();
  });
});

const SOUND = '  selection:\n    modbus.unit_id: 1\n  condition: selection';

describe('what is refused, and where', () => {
  test.each<[name: string, text: string, line: number, column: number, reason: RegExp]>([
    ['no map', '- a\n- b\n', 1, 1, /a rule is a map/],
    ['broken YAML', 'title: [a\nid: b\n', 2, 1, /./],
    ['a key twice', `title: a\n${ruleText(SOUND)}`, 2, 1, /unique/],
    ['no title', ruleText(SOUND, { title: "''" }), 1, 8, /"title" is missing or no text/],
    ['an id that is a number', ruleText(SOUND, { id: '7' }), 2, 5, /"id" is missing or no text/],
    ['an unknown level', ruleText(SOUND, { level: 'severe' }), 5, 8, /level "severe" does not exist; use info/],
    ['an unknown status', ruleText(SOUND, { status: 'new' }), 6, 9, /status "new" does not exist; use stable/],
    ['no log source', 'title: a\ndetection: {}\n', 1, 1, /"logsource" is missing/],
    ['an empty log source', 'title: a\nlogsource: {}\ndetection: {}\n', 2, 12, /names no category, product or service/],
    ['no detection', 'title: a\nlogsource: {service: x}\n', 1, 1, /"detection" is missing/],
    ['no search', ruleText('  condition: s'), 9, 3, /there is no search/],
    ['no condition', ruleText('  selection:\n    a: 1'), 9, 3, /"condition" is missing/],
    ['no conditions', ruleText('  selection:\n    a: 1\n  condition: []'), 11, 14, /empty list/],
    ['an unknown search', ruleText('  s:\n    a: 1\n  condition: selektion'), 11, 14, /no search "selektion"/],
    ['the same in a list', ruleText('  s:\n    a: 1\n  condition: [s, t]'), 11, 18, /no search "t"/],
    ['large letters', ruleText('  s:\n    a: 1\n  condition: s AND s'), 11, 14, /"AND".*small letters/],
    ['an aggregation', ruleText('  s:\n    a: 1\n  condition: s | count() > 3'), 11, 14, /correlation rule/],
    ['all of nothing', ruleText('  s:\n    a: 1\n  condition: all of x*'), 11, 14, /no search matches "x\*"/],
    ['2 of', ruleText('  s:\n    a: 1\n  condition: 2 of s'), 11, 14, /"2 of" does not exist/],
    ['an unknown modifier', ruleText('  s:\n    a|contain: x\n  condition: s'), 10, 16, /did you mean contains/],
    ['a map as a value', ruleText('  s:\n    a:\n      b: 1\n  condition: s'), 11, 7, /a value is a text/],
    ['no value', ruleText('  s:\n    a: []\n  condition: s'), 10, 8, /"a" lists no value/],
    ['an empty search', ruleText('  s: {}\n  condition: s'), 9, 6, /match everything/],
    ['an empty list of searches', ruleText('  s: []\n  condition: s'), 9, 6, /match nothing/],
    ['a search of null', ruleText('  s:\n  condition: s'), 9, 5, /a search is a map/],
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

  test.each<[item: string, reason: RegExp]>([
    ['a|contains: 4', /"contains" takes a text, not a number/],
    ['a|startswith: true', /"startswith" takes a text/],
    ['a|endswith: null', /"endswith" takes a text, not null/],
    ['a|cased: 4', /"cased" takes a text/],
    ["a|gt: '1'", /"gt" takes a number without quotes/],
    ['a|lte: x', /"lte" takes a number/],
    ["a|hour: '3'", /"hour" takes a number/],
    ['a|exists: 1', /"exists" takes true or false/],
    ["a|exists: 'true'", /"exists" takes true or false/],
    ['a|contains|exists: true', /"exists" stands alone|"contains" takes a text/],
    ["'|exists': true", /"exists" needs a field/],
    ['a|cidr: 10.0.0.1/8', /host behind its prefix/],
    ["a|cidr: 'fd00::1/8'", /host behind its prefix/],
    ['a|cidr: 10.0.0.0/33', /is no network/],
    ['a|cidr: x', /is no network/],
    ['a|cidr: 10.0.*', /without wildcards/],
    ['a|contains|cidr: 10.0.0.0/8', /"cidr" must be the first/],
    ["a|contains|re: 'x'", /"re" must be the first/],
    ["a|re: '('", /regular expression is wrong/],
    ["a|re: '[z-a]'", /regular expression is wrong/],
    ["a|re: '*a'", /regular expression is wrong/],
    ['a|re: 4', /"re" takes a text/],
    [`a|re: '${'a'.repeat(9000)}'`, /more than 8192 characters/],
    ['a|i: x', /belongs to "re"/],
    ["a|base64: 'a*b'", /without wildcards/],
    ["a|base64offset: 'a?b'", /without wildcards/],
    ['a|base64: 4', /"base64" takes a text/],
    ['a|wide: 4', /"wide" takes a text/],
    ["a|fieldref: 'b*'", /without wildcards/],
    ["'|fieldref': b", /"fieldref" needs a field/],
    ["a|windash: ' -a -b -c -d -e -f -g -h'", /too many forms/],
    ['a|windash: 4', /"windash" takes a text/],
    ['a|expand: 4', /"expand" takes a text/],
  ])('%s', (item, reason) => {
    expect(refusal(ruleText(`  s:\n    ${item}\n  condition: s`)).reason).toMatch(reason);
  });

  test('more values than a rule may list', () => {
    const values = Array.from({ length: 50_001 }, (_, index) => index).join(',');
    expect(refusal(ruleText(`  s:\n    a: [${values}]\n  condition: s`)).reason).toMatch(/more than 50000/);
  });
});
