import { asText } from './compile.js';
import type { Condition } from './condition.js';
import type { Detection } from './detection.js';
import type { Search, SearchItem, Value } from './value.js';

/**
 * What an event must have for a rule to match: for each field, one of these values. Necessary, not sufficient: the
 * rule's check decides. Values are keys as `keyOf` makes them.
 */
export type Requirements = ReadonlyMap<string, ReadonlySet<string>>;

const NOTHING: Requirements = new Map();
const MAX_KEYS = 1000;

/** Null when no event can match. */
export function necessary(detection: Detection): Requirements | null {
  if (detection.unresolved.length > 0) return null;
  return either(detection.conditions.map((condition) => ofCondition(condition, detection.searches)));
}

/** One key for each way in which equal values may be written. */
export function keyOf(value: unknown): string {
  return asText(value).toLowerCase();
}

const DECIMAL = /^\s*[-+]?\d+(?:\.\d+)?\s*$/;

/** The keys under which rules for this value are found; for a list, those of its elements. */
export function keysOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return [...new Set(value.flatMap(keysOf))];
  const key = keyOf(value);
  if (typeof value !== 'string' || !DECIMAL.test(value)) return [key];
  // A rule's number also matches a text that is written otherwise: 1 and "1.0".
  const number = String(Number(value));
  return number === key ? [key] : [key, number];
}

function ofCondition(condition: Condition, searches: ReadonlyMap<string, Search>): Requirements | null {
  switch (condition.kind) {
    case 'search':
      return either((searches.get(condition.name) ?? []).map(ofItems));
    case 'not':
      return NOTHING;
    case 'and':
      return both(condition.operands.map((operand) => ofCondition(operand, searches)));
    case 'or':
      return either(condition.operands.map((operand) => ofCondition(operand, searches)));
  }
}

function ofItems(items: readonly SearchItem[]): Requirements | null {
  return both(
    items.map((item) => {
      if (item.field === null || item.isNegated) return NOTHING;
      const values = item.isAll ? item.values.slice(0, 1) : item.values;
      const keys = new Set<string>();
      for (const value of values) {
        const own = exactKeys(value);
        if (own === null) return NOTHING;
        for (const key of own) keys.add(key);
      }
      return keys.size > MAX_KEYS ? NOTHING : new Map([[item.field, keys]]);
    }),
  );
}

/** Null when the value does not stand for exact ones. */
function exactKeys(value: Value): string[] | null {
  switch (value.kind) {
    case 'number':
    case 'boolean':
      return [String(value.value)];
    case 'text': {
      const [only, ...more] = value.parts;
      if (only === undefined) return [''];
      return more.length === 0 && typeof only === 'string' ? [only.toLowerCase()] : null;
    }
    case 'any': {
      const keys = value.values.map(exactKeys);
      return keys.every((own) => own !== null) ? keys.flat() : null;
    }
    default:
      return null;
  }
}

function both(all: readonly (Requirements | null)[]): Requirements | null {
  const result = new Map<string, ReadonlySet<string>>();
  for (const one of all) {
    if (one === null) return null;
    for (const [field, keys] of one) {
      const before = result.get(field);
      if (before === undefined || keys.size < before.size) result.set(field, keys);
    }
  }
  return result;
}

function either(all: readonly (Requirements | null)[]): Requirements | null {
  const possible = all.filter((one) => one !== null);
  const [first, ...others] = possible;
  if (first === undefined) return null;
  const result = new Map<string, ReadonlySet<string>>();
  for (const [field, keys] of first) {
    const joined = new Set(keys);
    for (const other of others) {
      const more = other.get(field);
      if (more === undefined) {
        joined.clear();
        break;
      }
      for (const key of more) joined.add(key);
    }
    if (joined.size > 0 && joined.size <= MAX_KEYS) result.set(field, joined);
  }
  return result;
}
