import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileDetection } from '../../sensor/detection/sigma/compile.js';
import { SigmaEngine } from '../../sensor/detection/sigma/engine.js';
import { JsonEvent } from '../../sensor/detection/sigma/event.js';
import { EventIndex } from '../../sensor/detection/sigma/event-index.js';
import { ruleOf } from './rules.js';

const FIELDS = [
  'Image',
  'a',
  'a.b',
  'a_b',
  'EventID',
  'Threat Name',
  'ThreatName',
  'New_Value',
  'Provider_Name',
  'x-y',
];
const TEXTS = [
  '',
  'cmd',
  'CMD.exe',
  'c:\\x\\cmd.exe',
  'İstanbul',
  'ΑΣ',
  'ΑΣΒ',
  '1',
  '1.0',
  ' 1',
  '-enc ab',
  'ab',
  'b',
  'true',
  '10.1.2.3',
  'fd00::1',
  '2026-01-05T02:00:00Z',
  Buffer.from('xcmd').toString('base64'),
  Buffer.from('ab', 'utf16le').toString('base64'),
];
const PLACEHOLDERS = new Map([['two', ['cmd', '1']]]);
const text = fc.constantFrom(...TEXTS);
const scalar = fc.oneof(text, fc.constantFrom<string | number | boolean | null>(1, 4688, true, false, null));
const field = fc.constantFrom(...FIELDS);
const modifier = fc.constantFrom(
  '',
  '|contains',
  '|startswith',
  '|endswith',
  '|contains|all',
  '|cased',
  '|contains|cased',
  '|startswith|cased',
  '|endswith|neq',
  '|neq',
  '|contains|windash',
  '|contains|all|windash',
  '|base64offset|contains',
  '|base64',
  '|wide|base64offset|contains',
  '|utf16be',
  '|expand',
);
const item = fc.oneof(
  fc
    .tuple(field, modifier, fc.array(text, { minLength: 1, maxLength: 3 }))
    .map(([name, how, values]) => ({ [name + how]: values })),
  fc.tuple(field, scalar).map(([name, value]) => ({ [name]: value })),
  fc.tuple(field, fc.constantFrom('*', 'c*d', '?md', '*.exe')).map(([name, value]) => ({ [name]: value })),
  fc.tuple(field, fc.boolean()).map(([name, value]) => ({ [`${name}|exists`]: value })),
  fc.tuple(field, field).map(([name, other]) => ({ [`${name}|fieldref`]: other })),
  fc
    .tuple(
      field,
      fc.constantFrom('|fieldref|startswith', '|fieldref|contains', '|fieldref|cased', '|neq|fieldref'),
      field,
    )
    .map(([name, how, other]) => ({ [name + how]: other })),
  fc
    .tuple(
      field,
      fc.constantFrom('|re', '|re|i', '|re|i|m', '|re|s', '|re|startswith'),
      fc.constantFrom('^c.*e$', '(?<!x)b', 'C|1'),
    )
    .map(([name, how, pattern]) => ({ [name + how]: pattern })),
  fc
    .tuple(field, fc.constantFrom('|lt', '|lte', '|gt', '|gte', '|hour', '|minute|gte', '|week|lt'))
    .map(([name, how]) => ({ [name + how]: 2 })),
  fc
    .tuple(field, fc.constantFrom('10.0.0.0/8', '::/0', 'fd00::/16'))
    .map(([name, network]) => ({ [`${name}|cidr`]: network })),
  field.map((name) => ({ [`${name}|windash|contains`]: '-enc' })),
  field.map((name) => ({ [`${name}|expand`]: '%two%' })),
  field.map((name) => ({ [`${name}|expand|contains`]: 'c%none%' })),
);
const map = fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => Object.assign({}, ...items) as object);
const keywords = fc.array(fc.constantFrom('cmd', 'B', 'exe', 4688), { minLength: 1, maxLength: 2 });
const search = fc.oneof(map, fc.array(map, { minLength: 1, maxLength: 3 }), keywords);
const condition = fc.constantFrom(
  'a',
  'a and b',
  'a or b',
  'a and not b',
  'not a',
  '1 of them',
  'a and (b or c)',
  'all of them',
);

const leaf = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
const flat = fc.dictionary(field, leaf, { maxKeys: 4 });
const nested = fc.record({ a: fc.record({ b: leaf, c: leaf }, { requiredKeys: [] }) });
const windows = fc.record({
  Event: fc.record(
    {
      System: fc.record(
        {
          EventID: leaf,
          Provider: fc.record({ '#attributes': fc.record({ Name: text }) }),
          a: fc.record({ '#attributes': fc.record({ b: text }) }),
        },
        { requiredKeys: [] },
      ),
      EventData: fc.oneof(
        fc.dictionary(fc.constantFrom('Image', 'Threat Name', 'New Value', 'NewProcessName', 'a.b'), leaf, {
          maxKeys: 4,
        }),
        fc.record({
          Data: fc.array(fc.record({ '#attributes': fc.record({ Name: field }), '#text': text }), { maxLength: 3 }),
        }),
      ),
      UserData: fc.record({ Operation: fc.dictionary(field, leaf, { maxKeys: 2 }) }),
    },
    { requiredKeys: [] },
  ),
});
const event = fc.oneof(flat, nested, windows);

describe('rules found for events', () => {
  test('are those that trying every rule finds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ a: search, b: search, c: search, condition }), { minLength: 1, maxLength: 8 }),
        fc.array(event, { minLength: 1, maxLength: 4 }),
        (detections, events) => {
          const rules = detections.map((detection, index) =>
            ruleOf(detection, { product: 'windows' }, `id-${index}`, PLACEHOLDERS),
          );
          const engine = new SigmaEngine(rules);
          for (const one of events) {
            const expected = rules.filter((rule) =>
              compileDetection(rule.detection)(new JsonEvent(one as Record<string, unknown>)),
            );
            const found = engine.evaluate(new JsonEvent(one as Record<string, unknown>), 0).map(({ rule }) => rule.id);
            expect(found).toEqual(expected.map(({ id }) => id));
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  test.each<[detection: object, event: Record<string, unknown>, isTried: boolean]>([
    [{ s: { Image: 'x' }, condition: 's' }, { Image: 'y' }, false],
    [{ s: { 'Image|endswith': '\\wscript.exe' }, condition: 's' }, { Image: 'C:\\cscript.exe' }, false],
    [{ s: { 'Image|endswith': '\\wscript.exe' }, condition: 's' }, { CommandLine: 'wscript.exe' }, false],
    [{ s: [{ Image: 'x' }, { Other: 'y' }], condition: 's' }, { Other: 'Y' }, true],
    [{ s: { Image: 'x' }, t: { Other: 'y' }, condition: 's or t' }, { Image: 'z', Other: 'z' }, false],
    [{ s: { Image: 'x' }, f: { Other: 'y' }, condition: 's and not f' }, { Other: 'y' }, false],
    [{ s: ['mimikatz'], condition: 's' }, { a: 'b' }, false],
    [{ s: { Image: 'x' }, condition: 'not s' }, {}, true],
  ])('%j is tried on %j: %s', (detection, one, isTried) => {
    const index = new EventIndex([ruleOf(detection, { product: 'windows' }).detection]);
    expect(index.candidates(new JsonEvent(one))).toEqual(isTried ? [0] : []);
  });
});
