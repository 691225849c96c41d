import { type Condition, ConditionError, parseCondition } from './condition.js';
import { applyModifiers, type ItemState, MODIFIER_NAMES, ModifierError, type Placeholders } from './modifiers.js';
import { nearest } from './nearest.js';
import { isMap, type Path, type RulePlace } from './problem.js';
import { parseText } from './text.js';
import type { Search, SearchItem, Value } from './value.js';

/** Searches and conditions of a rule or filter. */
export interface Detection {
  readonly searches: ReadonlyMap<string, Search>;
  /** One of them must hold. */
  readonly conditions: readonly Condition[];
  /** Placeholders without a value; such a rule can match nothing. */
  readonly unresolved: readonly string[];
}

const MAX_VALUES = 50_000;
const MAX_NESTING = 10;
/** Not searches: the specification's old time window, and the condition. */
const RESERVED: ReadonlySet<string> = new Set(['condition', 'timeframe']);

interface Context {
  readonly place: RulePlace;
  readonly placeholders: Placeholders;
  readonly unresolved: Set<string>;
}

/** `path` is where the map of searches stands. Throws `RuleError`. */
export function parseDetection(
  detection: unknown,
  path: Path,
  place: RulePlace,
  placeholders: Placeholders,
  notSearches: ReadonlySet<string> = RESERVED,
): Detection {
  if (!isMap(detection)) throw place.error(path, `"${path.at(-1)}" is missing or no map`);
  const context: Context = { place, placeholders, unresolved: new Set() };
  const searches = new Map<string, Search>();
  for (const [name, value] of Object.entries(detection)) {
    if (!notSearches.has(name)) searches.set(name, parseSearch(value, [...path, name], context));
  }
  if (searches.size === 0) throw place.error(path, 'there is no search: name at least one, for example "selection"');
  if (detection['timeframe'] !== undefined)
    place.warn([...path, 'timeframe'], '"timeframe" has no effect: write a correlation rule with a timespan');
  const conditions = parseConditions(detection['condition'], [...path, 'condition'], [...searches.keys()], place);
  return { searches, conditions, unresolved: [...context.unresolved] };
}

function parseConditions(value: unknown, path: Path, names: readonly string[], place: RulePlace): Condition[] {
  const texts = Array.isArray(value) ? value : [value];
  if (texts.length === 0) throw place.error(path, '"condition" is an empty list');
  return texts.map((text: unknown, index) => {
    const here = Array.isArray(value) ? [...path, index] : path;
    if (typeof text !== 'string') throw place.error(here, '"condition" is missing or no text');
    try {
      return parseCondition(text, names, (reason) => place.warn(here, reason));
    } catch (error) {
      if (error instanceof ConditionError) throw place.error(here, error.message);
      throw error;
    }
  });
}

/** A map, a list of maps, a list of keywords, a mixture of these, or one keyword. */
function parseSearch(value: unknown, path: Path, context: Context): Search {
  const search: SearchItem[][] = [];
  const keywords: Value[] = [];
  const collect = (part: unknown, here: Path, depth: number): void => {
    if (depth > MAX_NESTING) throw context.place.error(here, 'lists are nested too deeply');
    if (Array.isArray(part)) {
      if (part.length === 0) throw context.place.error(here, 'an empty list would match nothing: name a field');
      for (const [index, inner] of part.entries()) collect(inner, [...here, index], depth + 1);
    } else if (isMap(part)) search.push(parseMap(part, here, context));
    else {
      if (part === null || part === undefined)
        throw context.place.error(here, 'a search is a map of fields, a list of such maps, or a list of keywords');
      keywords.push(parseValue(part, here, context));
    }
  };
  collect(value, path, 0);
  if (keywords.length > 0)
    search.push([{ field: null, values: keywords, isAll: false, isNegated: false, ...context.place.find(path) }]);
  return search;
}

function parseMap(map: Record<string, unknown>, path: Path, context: Context): SearchItem[] {
  const entries = Object.entries(map);
  if (entries.length === 0) throw context.place.error(path, 'an empty search would match everything: name a field');
  return entries.map(([key, wanted]) => parseItem(key, wanted, [...path, key], context));
}

function parseItem(key: string, wanted: unknown, path: Path, context: Context): SearchItem {
  const { place, placeholders } = context;
  const [field = '', ...modifiers] = key.split('|');
  for (const modifier of modifiers) {
    if (MODIFIER_NAMES.includes(modifier)) continue;
    const near = nearest(modifier, MODIFIER_NAMES);
    throw place.error(path, `there is no modifier "${modifier}"${near.length > 0 ? `: did you mean ${near[0]}?` : ''}`);
  }
  const raw: unknown[] = Array.isArray(wanted) ? wanted.flat(MAX_NESTING) : [wanted];
  if (raw.length === 0) throw place.error(path, `"${key}" lists no value`);
  if (raw.length > MAX_VALUES) throw place.error(path, `more than ${MAX_VALUES} values`);
  const values = raw.map((value) => parseValue(value, path, context));
  if (values.length > 1 && values.some((value) => value.kind === 'null'))
    place.warn(path, 'null in a list of values: write a search of its own for the missing field');
  if (modifiers.includes('all') && raw.length === 1) place.warn(path, '"all" with one value has no effect');
  const state: ItemState = { isAll: false, isNegated: false, unresolved: [] };
  try {
    const modified = applyModifiers(values, modifiers, field !== '', placeholders, state);
    for (const name of state.unresolved) context.unresolved.add(name);
    return {
      field: field === '' ? null : field,
      values: modified,
      isAll: state.isAll,
      isNegated: state.isNegated,
      ...place.find(path),
    };
  } catch (error) {
    if (error instanceof ModifierError) throw place.error(path, `${key}: ${error.message}`);
    throw error;
  }
}

function parseValue(value: unknown, path: Path, { place }: Context): Value {
  switch (typeof value) {
    case 'string':
      return { kind: 'text', parts: parseText(value), isCased: false, isBytes: false, original: value };
    case 'number':
      return { kind: 'number', value };
    case 'boolean':
      return { kind: 'boolean', value };
    default:
      if (value === null || value === undefined) return { kind: 'null' };
      throw place.error(path, 'a value is a text, a number, true, false or null');
  }
}
