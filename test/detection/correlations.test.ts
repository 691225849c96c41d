import { describe, expect, test } from 'vitest';
import { SigmaEngine } from '../../sensor/detection/sigma/engine.js';
import { JsonEvent } from '../../sensor/detection/sigma/event.js';
import { parseAll, refusal } from './rules.js';

const RULES = `
title: Read
name: read
id: r1
logsource: {service: modbus}
detection: {s: {f: read}, condition: s}
---
title: Write
name: write
id: r2
logsource: {service: modbus}
detection: {s: {f: write}, condition: s}
---
title: Stop
name: stop
id: r3
logsource: {service: modbus}
detection: {s: {f: stop}, condition: s}
`;

const correlation = (body: string, head = 'title: C\nid: c1') =>
  `${head}\ncorrelation:\n${body.replace(/^/gm, '  ')}\n`;

type Event = readonly [seconds: number, fields: Record<string, unknown>];

/** Seconds at which something is reported, with its id. */
function reported(text: string, events: readonly Event[]): string[] {
  const engine = new SigmaEngine(parseAll(`${RULES}---\n${text}`));
  expect(engine.errors).toEqual([]);
  return events.flatMap(([seconds, fields]) =>
    engine
      .evaluate(new JsonEvent(fields), seconds * 1e6)
      .map(({ rule, fired }) => `${seconds} ${rule.id}${fired ? ` ${fired.group.join('/')} ${fired.figure}` : ''}`),
  );
}

const reads = (times: readonly number[], fields: Record<string, unknown> = { src: 'a' }): Event[] =>
  times.map((at) => [at, { f: 'read', ...fields }]);

describe('correlations', () => {
  test('event_count fires when the count is reached, and not again while it holds', () => {
    const text = correlation('type: event_count\nrules: [read]\ngroup-by: [src]\ntimespan: 10s\ncondition: {gte: 3}');
    expect(reported(text, reads([0, 1, 2, 3, 4]))).toEqual(['2 c1 a 3']);
    expect(reported(text, reads([0, 5, 11, 16]))).toEqual([]);
    expect(reported(text, reads([0, 5, 10]))).toEqual(['10 c1 a 3']);
    // False in between: again. Still true after a whole timespan: told once more.
    expect(reported(text, reads([0, 1, 2, 60, 61, 62]))).toEqual(['2 c1 a 3', '62 c1 a 3']);
    expect(reported(text, reads([0, 1, 2, 5, 8, 11, 12, 13]))).toEqual(['2 c1 a 3', '12 c1 a 5']);
    // Groups are apart; without the group's field an event counts nowhere.
    expect(reported(text, [...reads([0, 1]), ...reads([1, 2], { src: 'b' }), ...reads([2, 2, 2], {})])).toEqual([]);
  });

  test.each<[condition: string, times: readonly number[], fired: string[]]>([
    ['{gt: 2}', [0, 1, 2], ['2 c1  3']],
    ['{gt: 2.5}', [0, 1, 2], ['2 c1  3']],
    ['{eq: 2}', [0, 1, 2, 3], ['1 c1  2']],
    ['{gt: 1, lte: 3}', [0, 1, 2, 3], ['1 c1  2']],
    ['{lt: 2}', [0, 1], ['0 c1  1']],
    ['{neq: 1}', [0, 1, 2], ['1 c1  2']],
  ])('condition %s', (condition, times, fired) => {
    const text = correlation(`type: event_count\nrules: [read]\ntimespan: 1m\ncondition: ${condition}`);
    expect(reported(text, reads(times))).toEqual(fired);
  });

  test('value_count counts different values, each until its last one has gone', () => {
    const text = correlation(
      'type: value_count\nrules: [read]\ngroup-by: [src]\ntimespan: 10s\ncondition: {gte: 3, field: port}',
    );
    const at = (seconds: number, port: unknown): Event => [seconds, { f: 'read', src: 'a', port }];
    expect(reported(text, [at(0, 1), at(1, 1), at(2, 2), at(3, 3)])).toEqual(['3 c1 a 3']);
    expect(reported(text, [at(0, 1), at(1, 2), at(11, 3)])).toEqual([]);
    expect(reported(text, [at(0, 1), at(1, 2), at(5, 1), at(11, 3)])).toEqual(['11 c1 a 3']);
    expect(reported(text, [at(0, 1), at(1, undefined), at(2, null), at(3, 2)])).toEqual([]);
    const pair = correlation('type: value_count\nrules: [read]\ntimespan: 10s\ncondition: {gte: 2, field: [a, b]}');
    expect(reported(pair, reads([0, 1], { a: 1, b: 2 }))).toEqual([]);
    expect(reported(pair, [...reads([0], { a: 1, b: 2 }), ...reads([1], { a: 2, b: 1 })])).toEqual(['1 c1  2']);
  });

  test.each<[type: string, condition: string, values: readonly number[], fired: string[]]>([
    ['value_sum', '{gt: 100, field: v}', [50, 40, 20], ['2 c1  110']],
    ['value_avg', '{gt: 10, field: v}', [10, 10, 13], ['2 c1  11']],
    ['value_median', '{gte: 5, field: v}', [1, 2, 9, 9, 9], ['3 c1  5.5']],
    ['value_percentile', '{gte: 90, field: v, percentile: 90}', [1, 2, 3, 4, 5, 6, 7, 8, 99, 99], ['8 c1  99']],
    ['value_percentile', '{lt: 3, field: v, percentile: 0}', [5, 4, 2], ['2 c1  2']],
  ])('%s %s', (type, condition, values, fired) => {
    const text = correlation(`type: ${type}\nrules: [read]\ntimespan: 1h\ncondition: ${condition}`);
    expect(
      reported(
        text,
        values.map((v, at): Event => [at, { f: 'read', v }]),
      ),
    ).toEqual(fired);
    // What is no number does not count.
    expect(
      reported(
        text,
        values.map((_, at): Event => [at, { f: 'read', v: 'x' }]),
      ),
    ).toEqual([]);
  });

  test('figures follow the window', () => {
    const text = correlation('type: value_sum\nrules: [read]\ntimespan: 10s\ncondition: {gte: 10, field: v}');
    const at = (seconds: number, v: number): Event => [seconds, { f: 'read', v }];
    expect(reported(text, [at(0, 6), at(20, 6), at(25, 4)])).toEqual(['25 c1  10']);
    const median = correlation('type: value_median\nrules: [read]\ntimespan: 10s\ncondition: {gte: 10, field: v}');
    expect(reported(median, [at(0, 1), at(1, 1), at(20, 10)])).toEqual(['20 c1  10']);
  });

  const story = (steps: string): Event[] =>
    [...steps].flatMap((step, at): Event[] => {
      const f = { r: 'read', w: 'write', s: 'stop' }[step];
      return f === undefined ? [] : [[at, { f, src: 'a' }]];
    });

  test('temporal: all rules in any order; temporal_ordered: in theirs', () => {
    const any = correlation('type: temporal\nrules: [read, write, stop]\ngroup-by: [src]\ntimespan: 5s');
    expect(reported(any, story('swr'))).toEqual(['2 c1 a 3']);
    expect(reported(any, story('sw......r'))).toEqual([]);
    expect(reported(any, story('sw......rsw'))).toEqual(['10 c1 a 3']);
    const ordered = correlation('type: temporal_ordered\nrules: [read, write, stop]\ngroup-by: [src]\ntimespan: 5s');
    expect(reported(ordered, story('rws'))).toEqual(['2 c1 a 3']);
    expect(reported(ordered, story('rwrws'))).toEqual(['4 c1 a 3']);
    expect(reported(ordered, story('swr'))).toEqual([]);
    expect(reported(ordered, story('wrsw.s'))).toEqual(['5 c1 a 3']);
    expect(reported(ordered, story('rw.....s'))).toEqual([]);
    expect(reported(ordered, story('r.....rws'))).toEqual(['8 c1 a 3']);
  });

  test('one event is one step, however often the list names its rule', () => {
    const text = correlation('type: temporal_ordered\nrules: [read, read, write]\ntimespan: 5s');
    expect(reported(text, story('rw'))).toEqual([]);
    expect(reported(text, story('rrw'))).toEqual(['2 c1  3']);
  });

  test('temporal with a number or an expression of rules', () => {
    const two = correlation('type: temporal\nrules: [read, write, stop]\ntimespan: 5s\ncondition: {gte: 2}');
    expect(reported(two, story('rs'))).toEqual(['1 c1  2']);
    const expression = correlation('type: temporal\ntimespan: 5s\ncondition: read and not (write or stop)');
    expect(reported(expression, story('r'))).toEqual(['0 c1  1']);
    expect(reported(expression, story('wr'))).toEqual([]);
  });

  test('rules that are only counted are silent, unless they are to be heard', () => {
    const body = 'type: event_count\nrules: [read]\ntimespan: 1m\ncondition: {gte: 2}';
    expect(reported(correlation(body), story('rw'))).toEqual(['1 r2']);
    expect(reported(correlation(`${body}\ngenerate: true`), story('r'))).toEqual(['0 r1']);
    expect(reported(`${correlation(body)}generate: true\n`, story('r'))).toEqual(['0 r1']);
  });

  test('aliases: fields are called otherwise in each rule; rules may be named by their id', () => {
    const text = correlation(
      'type: temporal\nrules: [r1, write]\ngroup-by: [who]\naliases:\n  who:\n    read: src\n    write: user\ntimespan: 5s',
    );
    expect(
      reported(text, [
        [0, { f: 'read', src: 'x' }],
        [1, { f: 'write', user: 'x', src: 'y' }],
      ]),
    ).toEqual(['1 c1 x 2']);
    expect(
      reported(text, [
        [0, { f: 'read', src: 'x' }],
        [1, { f: 'write', user: 'y', src: 'x' }],
      ]),
    ).toEqual([]);
  });

  test('correlations of correlations', () => {
    const text = `${correlation(
      'type: event_count\nrules: [read]\ngroup-by: [src]\ntimespan: 10s\ncondition: {gte: 2}',
      'title: Many\nid: c1\nname: many',
    )}---\n${correlation('type: temporal_ordered\nrules: [many, write]\ngroup-by: [src]\ntimespan: 1m', 'title: Then\nid: c2')}`;
    expect(
      reported(
        text,
        story('rrw').filter(([at]) => at !== 9),
      ),
    ).toEqual(['2 c2 a 2']);
    expect(reported(text, story('rw'))).toEqual([]);
  });

  test('time that goes backwards does no harm', () => {
    const text = correlation('type: event_count\nrules: [read]\ntimespan: 10s\ncondition: {gte: 3}');
    expect(reported(text, reads([100, 1, 2]))).toEqual(['2 c1  3']);
  });

  test('groups and matches are bounded, and what is lost is counted', () => {
    const text = `${RULES}---\n${correlation('type: event_count\nrules: [read]\ngroup-by: [src]\ntimespan: 1w\ncondition: {gte: 3}')}`;
    const engine = new SigmaEngine(parseAll(text));
    for (let index = 0; index < 30_000; index++) {
      engine.evaluate(new JsonEvent({ f: 'read', src: `x${index}` }), index);
      if (index % 1000 === 0) engine.evaluate(new JsonEvent({ f: 'read', src: 'steady' }), index);
    }
    expect(engine.losses.groups).toBe(20_001);
    for (let index = 0; index < 15_000; index++)
      engine.evaluate(new JsonEvent({ f: 'read', src: 'one' }), 30_000 + index);
    expect(engine.losses.entries).toBe(5000);
  });

  test.each<[body: string, reason: RegExp]>([
    ['type: nothing\nrules: [read]\ntimespan: 1m', /"type" must be one of event_count/],
    ['type: event_count\ntimespan: 1m\ncondition: {gte: 1}', /"rules" must list/],
    ['type: event_count\nrules: [read]\ncondition: {gte: 1}', /"timespan" is a number/],
    ['type: event_count\nrules: [read]\ntimespan: 90\ncondition: {gte: 1}', /"timespan" is a number/],
    ['type: event_count\nrules: [read]\ntimespan: 0m\ncondition: {gte: 1}', /"timespan" is a number/],
    ['type: event_count\nrules: [read]\ntimespan: 1y\ncondition: {gte: 1}', /"timespan" is a number/],
    ['type: event_count\nrules: [read]\ntimespan: 1m', /"condition" is missing/],
    ['type: event_count\nrules: [read]\ntimespan: 1m\ncondition: {}', /compares with nothing/],
    ['type: event_count\nrules: [read]\ntimespan: 1m\ncondition: {ge: 1}', /"ge" does not exist/],
    ["type: event_count\nrules: [read]\ntimespan: 1m\ncondition: {gte: '1'}", /"gte" takes a number/],
    ['type: event_count\nrules: [read]\ntimespan: 1m\ncondition: read', /temporal correlations/],
    ['type: value_count\nrules: [read]\ntimespan: 1m\ncondition: {gte: 1}', /needs "field"/],
    ['type: value_sum\nrules: [read]\ntimespan: 1m\ncondition: {gte: 1, field: [a, b]}', /takes one field/],
    ['type: event_count\nrules: [read]\ntimespan: 1m\ncondition: {gte: 1}\ngroup-by: 5', /"group-by" is a list/],
    ['type: event_count\nrules: [read]\ntimespan: 1m\ncondition: {gte: 1}\naliases: [a]', /"aliases" gives/],
    ['type: value_percentile\nrules: [read]\ntimespan: 1m\ncondition: {gte: 1, field: a, percentile: 101}', /0 to 100/],
    ['type: temporal\nrules: [read]\ntimespan: 1m\ncondition: read and', /ends too early/],
  ])('%s is refused', (body, reason) => {
    expect(refusal(correlation(body)).reason).toMatch(reason);
  });

  test.each<[text: string, reason: RegExp]>([
    [
      correlation('type: temporal\nrules: [read, nowhere]\ntimespan: 1m'),
      /names the rule "nowhere", which is not there/,
    ],
    [correlation('type: event_count\nrules: [c1]\ntimespan: 1m\ncondition: {gte: 2}'), /counts its own matches/],
    [correlation('type: event_count\nrules: [read]\ntimespan: 1m\ncondition: {gte: 20000}'), /at most 10000/],
  ])('what cannot be put together is told, and the others work', (text, reason) => {
    const engine = new SigmaEngine(parseAll(`${RULES}---\n${text}`));
    expect(engine.errors.map(({ message }) => message).join()).toMatch(reason);
    expect(engine.evaluate(new JsonEvent({ f: 'read' }), 0)).toHaveLength(1);
  });
});

describe('filters', () => {
  const filter = (rules: string, source = 'service: modbus') =>
    `title: F\nid: f1\nlogsource: {${source}}\nfilter:\n  rules: ${rules}\n  known: {src: laptop}\n  condition: not known\n`;
  const laptop: Event[] = [
    [0, { f: 'read', src: 'laptop' }],
    [1, { f: 'write', src: 'laptop' }],
    [2, { f: 'read', src: 'x' }],
  ];

  test.each<[string, string, string[]]>([
    ['[read]', 'service: modbus', ['1 r2', '2 r1']],
    ['[r1, r2]', 'service: modbus', ['2 r1']],
    ['any', 'service: modbus', ['2 r1']],
    ['[]', 'service: modbus', ['2 r1']],
    ['any', 'service: s7comm', ['0 r1', '1 r2', '2 r1']],
    ['any', 'product: ot', ['0 r1', '1 r2', '2 r1']],
  ])('rules %s, %s', (rules, source, expected) => {
    expect(reported(filter(rules, source), laptop)).toEqual(expected);
  });

  test('also before a correlation counts', () => {
    const text = `${filter('any')}---\n${correlation('type: event_count\nrules: [read]\ntimespan: 1m\ncondition: {gte: 2}')}`;
    expect(reported(text, laptop)).toEqual([]);
  });

  test.each<[condition: string, known: string, reason: RegExp | null]>([
    ['known', '{f: write}', /would keep "Read" from ever matching: an exclusion says "not"/],
    ['known', '{f: [write, stop]}', /from ever matching/],
    ['known', '{f|expand: "%none%"}', /not used until %none% has a value/],
    ['not known', '{f|expand: "%none%"}', /not used until %none% has a value/],
    ['1 of other*', '{f: read}', /can never be true/],
    // Narrower, and not dead.
    ['known', '{f: [read, write]}', null],
    ['known', '{f: "r*"}', null],
    ['known', '{f: READ}', null],
    ['known', '{src: laptop}', null],
    ['not known', '{f: write}', null],
  ])('condition %s with %s: one that leaves nothing is refused, and its rule works', (condition, known, reason) => {
    const text = filter('[read]').replace('{src: laptop}', known).replace('not known', condition);
    const engine = new SigmaEngine(parseAll(`${RULES}---\n${text}`));
    expect(engine.errors.map((error) => error.reason).join()).toMatch(reason ?? /^$/);
    expect(engine.evaluate(new JsonEvent({ f: 'read', src: 'laptop' }), 0).length).toBe(1);
  });

  test('a search that one of them gave up counts once, however many rules it applies to', () => {
    const hard = filter('any').replace('{src: laptop}', `{src|re: "^(?=(a+)+b)"}`);
    const engine = new SigmaEngine(parseAll(`${RULES}---\n${hard}`));
    engine.evaluate(new JsonEvent({ f: 'read', src: `${'a'.repeat(5000)}!` }), 0);
    expect(engine.searchesGivenUp).toBe(1);
  });

  test('refused: no rules named, none such there', () => {
    expect(refusal(filter('any').replace('  rules: any\n', '')).reason).toMatch(/"rules" is missing/);
    expect(refusal(filter('5')).reason).toMatch(/"rules" is a list/);
    const engine = new SigmaEngine(parseAll(filter('[nowhere]')));
    expect(engine.errors[0]?.reason).toMatch(/names the rule "nowhere"/);
  });
});
