import type { Condition } from './condition.js';
import type { Detection } from './detection.js';
import type { EventView } from './event.js';
import { isInNetwork, parseIp } from './network.js';
import { ANY_TEXT, joined, type TextPart, type TextTest, textTest } from './text.js';
import type { FieldReference, Search, SearchItem, TextValue, TimePart, Value } from './value.js';

export type Check = (event: EventView) => boolean;
/** A test of one value that is there and no list. */
type ValueTest = (value: unknown) => boolean;
/** A test of what a field holds: undefined, null, a value, or a list. */
type FieldTest = (raw: unknown, event: EventView) => boolean;

const NEVER: Check = () => false;

/** The check of a rule. Logic is two-valued: what is not there does not match, and under `not` it does. */
export function compileDetection(detection: Detection): Check {
  if (detection.unresolved.length > 0) return NEVER;
  const searches = new Map<string, Check>();
  for (const [name, search] of detection.searches) searches.set(name, compileSearch(search));
  return anyOf(detection.conditions.map((condition) => compileCondition(condition, searches)));
}

function compileCondition(condition: Condition, searches: ReadonlyMap<string, Check>): Check {
  switch (condition.kind) {
    case 'search':
      return searches.get(condition.name) ?? NEVER;
    case 'not': {
      const operand = compileCondition(condition.operand, searches);
      return (event) => !operand(event);
    }
    case 'and': {
      // What is cheap to refuse first: exclusions are mostly long lists that seldom matter.
      const operands = [...condition.operands].sort(
        (one, other) => Number(one.kind === 'not') - Number(other.kind === 'not'),
      );
      return allOf(operands.map((operand) => compileCondition(operand, searches)));
    }
    case 'or':
      return anyOf(condition.operands.map((operand) => compileCondition(operand, searches)));
  }
}

function allOf(checks: readonly Check[]): Check {
  if (checks.length === 1) return checks[0]!;
  return (event) => {
    for (const check of checks) if (!check(event)) return false;
    return true;
  };
}

function anyOf(checks: readonly Check[]): Check {
  if (checks.length === 1) return checks[0]!;
  return (event) => {
    for (const check of checks) if (check(event)) return true;
    return false;
  };
}

function compileSearch(search: Search): Check {
  return anyOf(
    search.map((items) => {
      const byCost = [...items].sort((one, other) => cost(one) - cost(other));
      return allOf(byCost.map(compileItem));
    }),
  );
}

function cost(item: SearchItem): number {
  if (item.field === null) return 1e6;
  return item.values.reduce((sum, value) => sum + (value.kind === 'regex' ? 100 : 1), 0);
}

function compileItem(item: SearchItem): Check {
  const { field } = item;
  const check = field === null ? compileKeywords(item) : compileField(field, item);
  return item.isNegated ? (event) => !check(event) : check;
}

function compileField(field: string, item: SearchItem): Check {
  const groups = item.isAll ? item.values.map((value) => [value]) : [item.values];
  const tests = groups.map(fieldTest);
  if (tests.length === 1) {
    const test = tests[0]!;
    return (event) => test(event.value(field), event);
  }
  return (event) => {
    const raw = event.value(field);
    for (const test of tests) if (!test(raw, event)) return false;
    return true;
  };
}

/** Whether one of the values matches. */
function fieldTest(values: readonly Value[]): FieldTest {
  const flat = values.flatMap(forms);
  const ofValue = valueTest(flat);
  const special: FieldTest[] = [];
  for (const value of flat) {
    if (value.kind === 'null') special.push((raw) => raw === undefined || raw === null);
    if (value.kind === 'exists') special.push((raw) => (raw !== undefined) === value.expected);
    if (value.kind === 'fieldref') special.push(referenceTest(value));
  }
  const ordinary: FieldTest = (raw) => {
    if (raw === undefined || raw === null) return false;
    return Array.isArray(raw) ? anyElement(raw, ofValue) : ofValue(raw);
  };
  if (special.length === 0) return ordinary;
  return (raw, event) => special.some((test) => test(raw, event)) || ordinary(raw, event);
}

function anyElement(list: readonly unknown[], test: ValueTest): boolean {
  for (const item of list) {
    if (item === null || item === undefined) continue;
    if (Array.isArray(item) ? anyElement(item, test) : test(item)) return true;
  }
  return false;
}

function forms(value: Value): readonly Value[] {
  return value.kind === 'any' ? value.values.flatMap(forms) : [value];
}

function valueTest(values: readonly Value[]): ValueTest {
  const tests: ValueTest[] = [];
  const numbers = new Set(values.flatMap((value) => (value.kind === 'number' ? [value.value] : [])));
  if (numbers.size > 0)
    tests.push((value) => {
      const number = asNumber(value);
      return number !== null && numbers.has(number);
    });
  const texts = values.filter((value) => value.kind === 'text');
  if (texts.length > 0) tests.push(textsTest(texts));
  for (const value of values) {
    const test = otherTest(value);
    if (test !== null) tests.push(test);
  }
  if (tests.length === 1) return tests[0]!;
  return (value) => {
    for (const test of tests) if (test(value)) return true;
    return false;
  };
}

function otherTest(wanted: Value): ValueTest | null {
  switch (wanted.kind) {
    case 'boolean':
      return (value) => value === wanted.value;
    case 'regex':
      return (value) => wanted.regex.test(asText(value));
    case 'cidr':
      return (value) => {
        const address = typeof value === 'string' ? parseIp(value) : null;
        return address !== null && isInNetwork(wanted.network, address);
      };
    case 'compare': {
      const { operator, limit, part } = wanted;
      return (value) => {
        const number = part === null ? asNumber(value) : timePart(value, part);
        if (number === null) return false;
        switch (operator) {
          case 'lt':
            return number < limit;
          case 'lte':
            return number <= limit;
          case 'gt':
            return number > limit;
          case 'gte':
            return number >= limit;
        }
      };
    }
    case 'time':
      return (value) => timePart(value, wanted.part) === wanted.value;
    default:
      return null;
  }
}

/** Whether one of the texts matches: exact ones together in one look-up, the text made small once for all. */
function textsTest(values: readonly TextValue[]): ValueTest {
  const small = oneOf(values.filter((value) => !value.isCased).map((value) => lowerCase(value.parts)));
  const cased = oneOf(values.filter((value) => value.isCased).map((value) => value.parts));
  return (value) => {
    const text = asText(value);
    return small?.(text.toLowerCase()) === true || cased?.(text) === true;
  };
}

function oneOf(patterns: readonly (readonly TextPart[])[]): TextTest | null {
  const exact = new Set<string>();
  const tests: TextTest[] = [];
  for (const parts of patterns) {
    const [only] = parts;
    if (parts.length === 0) exact.add('');
    else if (parts.length === 1 && typeof only === 'string') exact.add(only);
    else tests.push(textTest(parts));
  }
  if (exact.size === 0 && tests.length === 0) return null;
  if (tests.length === 0) return exact.size === 1 ? single([...exact][0]!) : (text) => exact.has(text);
  return (text) => {
    if (exact.size > 0 && exact.has(text)) return true;
    for (const test of tests) if (test(text)) return true;
    return false;
  };
}

function single(wanted: string): TextTest {
  return (text) => text === wanted;
}

function lowerCase(parts: readonly TextPart[]): TextPart[] {
  return parts.map((part) => (typeof part === 'string' ? part.toLowerCase() : part));
}

/** Keywords are found anywhere in any text of the event. */
function compileKeywords(item: SearchItem): Check {
  const groups = item.isAll ? item.values.map((value) => [value]) : [item.values];
  const tests = groups.map((group) => valueTest(group.flatMap(forms).map(asKeyword)));
  return (event) => tests.every((test) => event.leaves().some(test));
}

function asKeyword(value: Value): Value {
  const around = (parts: readonly TextPart[]): TextPart[] => joined([ANY_TEXT, ...parts, ANY_TEXT]);
  if (value.kind === 'text') return { ...value, parts: around(value.parts) };
  if (value.kind === 'number' || value.kind === 'boolean')
    return {
      kind: 'text',
      parts: around([String(value.value)]),
      isCased: false,
      isBytes: false,
      original: String(value.value),
    };
  return value;
}

function referenceTest({ field, at, isCased }: FieldReference): FieldTest {
  const same = (one: unknown, other: unknown): boolean => {
    const [a, b] = isCased ? [asText(one), asText(other)] : [asText(one).toLowerCase(), asText(other).toLowerCase()];
    switch (at) {
      case 'whole':
        return a === b || (asNumber(one) !== null && asNumber(one) === asNumber(other));
      case 'start':
        return a.startsWith(b);
      case 'end':
        return a.endsWith(b);
      case 'anywhere':
        return a.includes(b);
    }
  };
  const list = (raw: unknown): readonly unknown[] =>
    (Array.isArray(raw) ? raw : [raw]).filter((item) => item !== undefined && item !== null);
  return (raw, event) => {
    const others = list(event.value(field));
    return list(raw).some((one) => others.some((other) => same(one, other)));
  };
}

export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

const DECIMAL = /^\s*[-+]?\d+(?:\.\d+)?\s*$/;

/** Numbers, and texts that are written as one; null for anything else. */
export function asNumber(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && DECIMAL.test(value)) return Number(value);
  return null;
}

const MILLIS_PER_DAY = 86_400_000;

/** A part of a time, in UTC; weeks as ISO 8601 counts them. Null for what is no time. */
export function timePart(value: unknown, part: TimePart): number | null {
  const millis = timeOf(value);
  if (millis === null) return null;
  const date = new Date(millis);
  switch (part) {
    case 'minute':
      return date.getUTCMinutes();
    case 'hour':
      return date.getUTCHours();
    case 'day':
      return date.getUTCDate();
    case 'month':
      return date.getUTCMonth() + 1;
    case 'year':
      return date.getUTCFullYear();
    case 'week': {
      // The week belongs to the year of its Thursday.
      const thursday = new Date(millis + (3 - ((date.getUTCDay() + 6) % 7)) * MILLIS_PER_DAY);
      const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
      return 1 + Math.floor((thursday.getTime() - first) / (7 * MILLIS_PER_DAY));
    }
  }
}

/** Milliseconds since 1970 of a text or a number of seconds, milliseconds, microseconds or nanoseconds; null if neither. */
export function timeOf(value: unknown): number | null {
  let number = asNumber(value);
  if (number !== null) {
    if (!Number.isFinite(number)) return null;
    // Seconds until the year 5138, milliseconds from 1973, and so on: the size tells the unit.
    if (Math.abs(number) < 1e11) number *= 1000;
    else if (Math.abs(number) >= 1e17) number /= 1e6;
    else if (Math.abs(number) >= 1e14) number /= 1000;
    return Math.abs(number) <= 8.64e15 ? number : null;
  }
  if (typeof value !== 'string') return null;
  const match =
    /^\s*(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?\s*$/i.exec(value);
  if (!match) return null;
  const [, day, clock = '00:00:00', fraction = '0', zone = 'Z'] = match;
  const offset = /^[+-]/.test(zone) ? zone.replace(/^(...)(\d\d)$/, '$1:$2') : 'Z';
  const whole = Date.parse(`${day}T${clock.length === 5 ? `${clock}:00` : clock}${offset}`);
  return Number.isNaN(whole) ? null : whole + Number(`0.${fraction}`) * 1000;
}
