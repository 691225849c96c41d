import type { DissectionRecord } from '../../model/records.js';
import type { Condition } from './condition.js';
import type { Search, SearchItem, SigmaRule, ValueTest } from './rule.js';

/** Whether the rule's condition holds for a record. */
export function matches(rule: SigmaRule, record: DissectionRecord): boolean {
  return holds(rule.condition, rule, record);
}

function holds(condition: Condition, rule: SigmaRule, record: DissectionRecord): boolean {
  switch (condition.kind) {
    case 'search':
      return found(rule.searches.get(condition.name) ?? [], record);
    case 'not':
      return !holds(condition.operand, rule, record);
    case 'and':
      return condition.operands.every((operand) => holds(operand, rule, record));
    case 'or':
      return condition.operands.some((operand) => holds(operand, rule, record));
  }
}

function found(search: Search, record: DissectionRecord): boolean {
  return search.some((items) => items.every((item) => itemMatches(item, record)));
}

function itemMatches(item: SearchItem, record: DissectionRecord): boolean {
  const value = fieldValue(record, item.field);
  const test = (wanted: ValueTest) =>
    Array.isArray(value) ? value.some((one) => valueMatches(wanted, one)) : valueMatches(wanted, value);
  return item.isAll ? item.values.every(test) : item.values.some(test);
}

/** A dotted path; a field that is not there is undefined. */
export function fieldValue(record: Record<string, unknown>, path: string): unknown {
  let value: unknown = record;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

function valueMatches(wanted: ValueTest, value: unknown): boolean {
  switch (wanted.kind) {
    case 'null':
      return value === undefined || value === null;
    case 'number':
      return value === wanted.value || value === String(wanted.value);
    case 'boolean':
      return value === wanted.value;
    case 'text':
      return value !== undefined && value !== null && String(value).toLowerCase() === wanted.value;
    case 'pattern':
      return value !== undefined && value !== null && wanted.pattern.test(String(value));
  }
}
