import { MICROS_PER_SECOND, type Micros } from '../../model/time.js';
import { type Condition, ConditionError, parseCondition, searchesOf } from './condition.js';
import { isMap, type RulePlace } from './problem.js';
import type { RuleHead } from './rule.js';

export const CORRELATION_TYPES = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
] as const;
export type CorrelationType = (typeof CORRELATION_TYPES)[number];

const OPERATORS = ['lt', 'lte', 'gt', 'gte', 'eq', 'neq'] as const;
export type CorrelationOperator = (typeof OPERATORS)[number];

export interface Threshold {
  readonly operator: CorrelationOperator;
  readonly limit: number;
}

/** Several rules' matches within a time (sigma-correlation-rules-specification 2.1). */
export interface CorrelationRule extends RuleHead {
  readonly kind: 'correlation';
  readonly type: CorrelationType;
  /** Ids or names of the rules whose matches are counted, in the order given. */
  readonly rules: readonly string[];
  readonly groupBy: readonly string[];
  /** Alias, then rule (id or name), then the rule's field. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly timespan: Micros;
  /** All must hold; empty for a temporal rule that asks for each of its rules. */
  readonly thresholds: readonly Threshold[];
  /** Fields whose values are counted, or the one that is calculated with. */
  readonly valueFields: readonly string[];
  /** 0 to 100. */
  readonly percentile: number;
  /** Which of the rules must have matched, as an expression of their names; temporal rules only. */
  readonly expression: Condition | null;
  /** Whether the rules give alerts of their own as well. */
  readonly generate: boolean;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const MAX_RULES = 1000;

/** Throws `RuleError`. */
export function parseCorrelation(document: Record<string, unknown>, head: RuleHead, place: RulePlace): CorrelationRule {
  const part = document['correlation'];
  if (!isMap(part)) throw place.error(['correlation'], '"correlation" is no map');
  const type = CORRELATION_TYPES.find((name) => name === part['type']);
  if (type === undefined)
    throw place.error(['correlation', 'type'], `"type" must be one of ${CORRELATION_TYPES.join(', ')}`);
  const isTemporal = type === 'temporal' || type === 'temporal_ordered';
  const condition = parseThresholds(part['condition'], isTemporal, place);
  const listed = part['rules'] ?? (condition.expression === null ? undefined : searchesOf(condition.expression));
  const rules = typeof listed === 'string' ? [listed] : listed;
  if (!Array.isArray(rules) || rules.length === 0 || !rules.every((rule) => typeof rule === 'string'))
    throw place.error(['correlation', 'rules'], '"rules" must list ids or names of rules');
  if (rules.length > MAX_RULES) throw place.error(['correlation', 'rules'], `more than ${MAX_RULES} rules`);
  const needsField = type.startsWith('value_');
  if (needsField && condition.fields.length === 0)
    throw place.error(['correlation', 'condition'], `${type} needs "field" in its condition`);
  if (needsField && type !== 'value_count' && condition.fields.length > 1)
    throw place.error(['correlation', 'condition', 'field'], `${type} takes one field`);
  const groupBy = part['group-by'] ?? [];
  const groups = typeof groupBy === 'string' ? [groupBy] : groupBy;
  if (!Array.isArray(groups) || !groups.every((field) => typeof field === 'string'))
    throw place.error(['correlation', 'group-by'], '"group-by" is a list of fields');
  return {
    kind: 'correlation',
    ...head,
    type,
    // Only an order can name a rule twice with a meaning.
    rules: type === 'temporal_ordered' ? rules : [...new Set<string>(rules)],
    groupBy: groups,
    aliases: parseAliases(part['aliases'], place),
    timespan: parseTimespan(part['timespan'] ?? part['timeframe'], place),
    thresholds: condition.thresholds,
    valueFields: condition.fields,
    percentile: percentileOf(part, place),
    expression: condition.expression,
    generate: part['generate'] === true || document['generate'] === true,
  };
}

function parseThresholds(
  value: unknown,
  isTemporal: boolean,
  place: RulePlace,
): { thresholds: Threshold[]; fields: string[]; expression: Condition | null } {
  const path = ['correlation', 'condition'];
  if (value === undefined || value === null) {
    if (isTemporal) return { thresholds: [], fields: [], expression: null };
    throw place.error(path, '"condition" is missing: write for example "gte: 5"');
  }
  if (typeof value === 'string') {
    if (!isTemporal)
      throw place.error(path, 'an expression of rules is for temporal correlations: write for example "gte: 5"');
    return { thresholds: [], fields: [], expression: parseExpression(value, place) };
  }
  if (!isMap(value)) throw place.error(path, '"condition" is a map, for example "gte: 5"');
  const thresholds: Threshold[] = [];
  for (const [key, limit] of Object.entries(value)) {
    if (key === 'field' || key === 'percentile') continue;
    const operator = OPERATORS.find((name) => name === key);
    if (operator === undefined)
      throw place.error([...path, key], `"${key}" does not exist here; use ${OPERATORS.join(', ')}, field`);
    if (typeof limit !== 'number' || !Number.isFinite(limit))
      throw place.error([...path, key], `"${key}" takes a number`);
    thresholds.push({ operator, limit });
  }
  if (thresholds.length === 0 && !isTemporal)
    throw place.error(path, `the condition compares with nothing: use ${OPERATORS.join(', ')}`);
  const field = value['field'];
  const fields = field === undefined ? [] : Array.isArray(field) ? field : [field];
  if (!fields.every((name) => typeof name === 'string'))
    throw place.error([...path, 'field'], '"field" is the name of a field, or a list of names');
  return { thresholds, fields, expression: null };
}

function parseExpression(text: string, place: RulePlace): Condition {
  const names = (text.match(/[^\s()]+/g) ?? []).filter((word) => !['and', 'or', 'not'].includes(word));
  try {
    return parseCondition(text, names);
  } catch (error) {
    if (error instanceof ConditionError) throw place.error(['correlation', 'condition'], error.message);
    throw error;
  }
}

function parseTimespan(value: unknown, place: RulePlace): Micros {
  const match = typeof value === 'string' ? /^(\d{1,9})([smhdw])$/.exec(value.trim()) : null;
  const seconds = match ? Number(match[1]) * UNITS[match[2]!]! : 0;
  if (seconds === 0)
    throw place.error(
      ['correlation', 'timespan'],
      '"timespan" is a number above 0 with s, m, h, d or w, for example 5m',
    );
  return seconds * MICROS_PER_SECOND;
}

function parseAliases(value: unknown, place: RulePlace): Map<string, Map<string, string>> {
  const aliases = new Map<string, Map<string, string>>();
  if (value === undefined || value === null) return aliases;
  const fail = () =>
    place.error(['correlation', 'aliases'], '"aliases" gives each alias the field of each rule: alias: {rule: field}');
  if (!isMap(value)) throw fail();
  for (const [alias, mapping] of Object.entries(value)) {
    if (!isMap(mapping)) throw fail();
    const fields = new Map<string, string>();
    for (const [rule, field] of Object.entries(mapping)) {
      if (typeof field !== 'string') throw fail();
      fields.set(rule, field);
    }
    aliases.set(alias, fields);
  }
  return aliases;
}

const DEFAULT_PERCENTILE = 50;

function percentileOf(part: Record<string, unknown>, place: RulePlace): number {
  const condition = part['condition'];
  const value = (isMap(condition) ? condition['percentile'] : undefined) ?? part['percentile'];
  if (value === undefined || value === null) {
    if (part['type'] === 'value_percentile')
      place.warn(['correlation'], `"percentile" is not given: ${DEFAULT_PERCENTILE}, the median, is taken`);
    return DEFAULT_PERCENTILE;
  }
  if (typeof value !== 'number' || !(value >= 0 && value <= 100))
    throw place.error(['correlation', 'condition'], '"percentile" is a number from 0 to 100');
  return value;
}
