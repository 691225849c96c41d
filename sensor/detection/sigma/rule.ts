import { SEVERITIES, type Severity } from '../../model/severity.js';
import { type Condition, ConditionError, parseCondition } from './condition.js';
import { WildcardPattern } from './wildcards.js';

/**
 * A rule in Sigma's format (sigma-specification 2.1). Fieldwatch evaluates the part that its own rules use: field
 * equality, value lists, wildcards, `contains`, `startswith`, `endswith` and `all`, and conditions with and, or, not,
 * parentheses and `of`. Anything else is refused with its place, never ignored.
 */
export interface SigmaRule {
  readonly file: string;
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly description: string;
  readonly level: Severity;
  /** `logsource.service`: the protocol. */
  readonly protocol: string;
  readonly techniques: readonly string[];
  readonly recommendation: string;
  readonly searches: ReadonlyMap<string, Search>;
  readonly condition: Condition;
}

/** Any of the maps matches; within a map, all items. */
export type Search = readonly (readonly SearchItem[])[];

export interface SearchItem {
  readonly field: string;
  /** Any of the values, or all of them. */
  readonly values: readonly ValueTest[];
  readonly isAll: boolean;
}

export type ValueTest =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'pattern'; readonly pattern: WildcardPattern };

/** What is wrong with a rule file, and where. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  constructor(
    readonly file: string,
    readonly line: number,
    readonly column: number,
    readonly reason: string,
  ) {
    super(`${file}:${line}:${column}: ${reason}`);
  }
}

const MODIFIERS: ReadonlySet<string> = new Set(['contains', 'startswith', 'endswith', 'all']);
const MAX_VALUES = 10_000;

export type Place = (path: readonly (string | number)[], reason: string) => RuleError;

/** A rule of a document that YAML or JSON has given; `fail` tells the place of what is wrong. Throws `RuleError`. */
export function ruleOf(rule: unknown, file: string, fail: Place): SigmaRule {
  if (!isMap(rule)) throw fail([], 'a rule is a map of fields, beginning with title');
  const text = (key: string): string => {
    const value = rule[key];
    if (typeof value !== 'string' || value.trim() === '') throw fail([key], `"${key}" is missing or no text`);
    return value.trim();
  };
  const level = text('level');
  if (!(SEVERITIES as readonly string[]).includes(level)) {
    throw fail(['level'], `level "${level}" does not exist; use ${SEVERITIES.join(', ')}`);
  }
  const logsource = rule['logsource'];
  const protocol = isMap(logsource) ? logsource['service'] : undefined;
  if (typeof protocol !== 'string') throw fail(['logsource'], 'logsource.service must name the protocol');
  const { searches, condition } = parseDetection(rule['detection'], fail);
  const tags = Array.isArray(rule['tags']) ? rule['tags'] : [];
  return {
    file,
    id: text('id'),
    title: text('title'),
    version: typeof rule['modified'] === 'string' ? rule['modified'] : text('date'),
    description: text('description'),
    level: level as Severity,
    protocol,
    techniques: tags
      .filter((tag): tag is string => typeof tag === 'string' && /^attack\.t\d/i.test(tag))
      .map((tag) => tag.slice(7).toUpperCase()),
    recommendation: typeof rule['recommendation'] === 'string' ? rule['recommendation'].trim() : '',
    searches,
    condition,
  };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseDetection(detection: unknown, fail: Place): { searches: Map<string, Search>; condition: Condition } {
  if (!isMap(detection)) throw fail(['detection'], '"detection" is missing or no map');
  const searches = new Map<string, Search>();
  for (const [name, value] of Object.entries(detection)) {
    if (name !== 'condition') searches.set(name, parseSearch(value, ['detection', name], fail));
  }
  const condition = detection['condition'];
  if (typeof condition !== 'string') throw fail(['detection', 'condition'], '"condition" is missing or no text');
  try {
    return { searches, condition: parseCondition(condition, [...searches.keys()]) };
  } catch (error) {
    if (error instanceof ConditionError) throw fail(['detection', 'condition'], error.message);
    throw error;
  }
}

function parseSearch(value: unknown, path: readonly (string | number)[], fail: Place): Search {
  const maps = Array.isArray(value) ? value : [value];
  if (maps.length === 0) throw fail(path, 'an empty search would match nothing: name a field');
  return maps.map((map, index) => {
    const place = Array.isArray(value) ? [...path, index] : path;
    if (!isMap(map)) throw fail(place, 'keyword searches are not supported: name the field');
    if (Object.keys(map).length === 0) throw fail(place, 'an empty search would match everything: name a field');
    return Object.entries(map).map(([key, wanted]) => parseItem(key, wanted, [...place, key], fail));
  });
}

function parseItem(key: string, wanted: unknown, path: readonly (string | number)[], fail: Place): SearchItem {
  const [field = '', ...modifiers] = key.split('|');
  for (const modifier of modifiers) {
    if (!MODIFIERS.has(modifier)) throw fail(path, `modifier "${modifier}" is not supported`);
  }
  const values = Array.isArray(wanted) ? wanted : [wanted];
  if (values.length === 0) throw fail(path, `"${key}" lists no value`);
  if (values.length > MAX_VALUES) throw fail(path, `more than ${MAX_VALUES} values`);
  return {
    field,
    values: values.map((value) => parseValue(value, modifiers, path, fail)),
    isAll: modifiers.includes('all'),
  };
}

function parseValue(
  value: unknown,
  modifiers: readonly string[],
  path: readonly (string | number)[],
  fail: Place,
): ValueTest {
  if (value === null) return { kind: 'null' };
  if (typeof value === 'boolean') return { kind: 'boolean', value };
  const isPlain = modifiers.every((modifier) => modifier === 'all');
  if (typeof value === 'number' && isPlain) return { kind: 'number', value };
  if (typeof value !== 'string' && typeof value !== 'number')
    throw fail(path, 'a value is a text, a number, true, false or null');
  return textTest(String(value), modifiers);
}

/** Sigma compares without regard to case; `*` and `?` are wildcards unless a backslash precedes them. */
function textTest(text: string, modifiers: readonly string[]): ValueTest {
  const parts = [''];
  let hasWildcard = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '\\' && /[*?\\]/.test(text[at + 1] ?? '')) parts[parts.length - 1] += `\\${text[++at]}`;
    else if (character === '*' || character === '?') {
      hasWildcard = true;
      if (character === '*') parts.push('');
      else parts[parts.length - 1] += '[^]';
    } else parts[parts.length - 1] += character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  }
  const before = modifiers.includes('contains') || modifiers.includes('endswith') ? [''] : [];
  const after = modifiers.includes('contains') || modifiers.includes('startswith') ? [''] : [];
  if (!hasWildcard && before.length + after.length === 0 && !text.includes('\\'))
    return { kind: 'text', value: text.toLowerCase() };
  return { kind: 'pattern', pattern: new WildcardPattern([...before, ...parts, ...after]) };
}
