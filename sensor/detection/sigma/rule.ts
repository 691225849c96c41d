import { hash as hashOf } from 'node:crypto';
import { SEVERITIES, type Severity } from '../../model/severity.js';
import { timeOf } from './compile.js';
import { type CorrelationRule, parseCorrelation } from './correlation.js';
import { type Detection, parseDetection } from './detection.js';
import type { Placeholders } from './modifiers.js';
import { isMap, type RulePlace } from './problem.js';
import { necessary, type Requirements } from './witness.js';

/** What all kinds of rules have in common (sigma-specification 2.1). */
export interface RuleHead {
  readonly file: string;
  /** Line on which the rule begins. */
  readonly line: number;
  /** The rule's own; where it has none, one made of its content. */
  readonly id: string;
  /** By which correlations may call it. */
  readonly name: string | null;
  readonly title: string;
  /** Its date, and a hash that changes with every change of the rule: `2026-11-22+1f2e3d4c`. */
  readonly version: string;
  readonly description: string;
  readonly status: string | null;
  readonly level: Severity;
  /** What an alert becomes when the work is announced (authorised station, maintenance window); a field of ours. */
  readonly levelWhenExpected: Severity | null;
  readonly author: string;
  readonly tags: readonly string[];
  /** ATT&CK techniques among the tags: `T0836`. */
  readonly techniques: readonly string[];
  readonly references: readonly string[];
  readonly falsePositives: readonly string[];
  readonly fields: readonly string[];
  /** What the person who reads the alert should do next; a field of ours. */
  readonly recommendation: string;
  /** Every field that Sigma does not know, as it stands in the rule. */
  readonly custom: Readonly<Record<string, unknown>>;
}

/** Null: not named, and so anything. */
export interface LogSource {
  readonly category: string | null;
  readonly product: string | null;
  readonly service: string | null;
}

export interface DetectionRule extends RuleHead {
  readonly kind: 'detection';
  readonly logSource: LogSource;
  readonly detection: Detection;
  /** See `necessary`; null: nothing can match. */
  readonly needs: Requirements | null;
}

export interface FilterRule extends RuleHead {
  readonly kind: 'filter';
  readonly logSource: LogSource;
  /** Ids or names; null: every rule of the log source. */
  readonly rules: readonly string[] | null;
  readonly detection: Detection;
  /** From this packet time on (milliseconds since 1970) the filter has no effect; a field of ours. */
  readonly expires: number | null;
}

export type SigmaRule = DetectionRule | CorrelationRule | FilterRule;

const STATUSES: ReadonlySet<string> = new Set(['stable', 'test', 'experimental', 'deprecated', 'unsupported']);
const KNOWN_FIELDS: ReadonlySet<string> = new Set(
  'title id related name taxonomy status description license author references date modified logsource detection correlation filter fields falsepositives level tags scope generate action'.split(
    ' ',
  ),
);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const MAX_TITLE = 256;
const NOT_SEARCHES_OF_FILTER: ReadonlySet<string> = new Set(['condition', 'rules', 'timeframe']);

/**
 * A rule of a document that YAML or JSON has given. Throws `RuleError`. With `needs`, it was found sound before, and its
 * detection is read when it is asked for.
 */
export function parseRule(
  document: unknown,
  place: RulePlace,
  placeholders: Placeholders,
  needs?: Requirements | null,
): SigmaRule {
  if (!isMap(document)) throw place.error([], 'a rule is a map of fields, beginning with title');
  const head = parseHead(document, place);
  if (document['correlation'] !== undefined) return parseCorrelation(document, head, place);
  const logSource = parseLogSource(document['logsource'], place);
  if (document['filter'] !== undefined) {
    const filter = document['filter'];
    const detection = parseDetection(filter, ['filter'], place, placeholders, NOT_SEARCHES_OF_FILTER);
    const expires = parseExpiry(document['expires'], place);
    return { kind: 'filter', ...head, logSource, rules: filteredRules(filter, place), detection, expires };
  }
  const read = () => parseDetection(document['detection'], ['detection'], place, placeholders);
  if (needs !== undefined) {
    let known: Detection | null = null;
    return {
      kind: 'detection',
      ...head,
      logSource,
      needs,
      get detection() {
        known ??= read();
        return known;
      },
    };
  }
  const detection = read();
  if (detection.unresolved.length > 0) {
    const names = detection.unresolved.map((name) => `%${name}%`).join(', ');
    place.warn(
      ['detection'],
      `the rule is not used until ${names} has a value: add it to "placeholders" in fieldwatch.yaml`,
    );
  }
  return { kind: 'detection', ...head, logSource, detection, needs: necessary(detection) };
}

function parseExpiry(value: unknown, place: RulePlace): number | null {
  if (value === undefined || value === null) return null;
  const millis = typeof value === 'string' ? timeOf(value) : null;
  if (millis === null)
    throw place.error(['expires'], '"expires" is no time: write it as 2026-12-24 or 2026-12-24T18:00:00Z');
  return millis;
}

function filteredRules(filter: unknown, place: RulePlace): readonly string[] | null {
  const rules = isMap(filter) ? filter['rules'] : undefined;
  if (rules === undefined) throw place.error(['filter'], '"rules" is missing: list ids or names, or write "any"');
  if (rules === 'any') return null;
  if (!Array.isArray(rules) || !rules.every((rule) => typeof rule === 'string'))
    throw place.error(['filter', 'rules'], '"rules" is a list of ids or names, or "any"');
  return rules.length === 0 ? null : rules;
}

function parseLogSource(value: unknown, place: RulePlace): LogSource {
  if (!isMap(value)) throw place.error(['logsource'], '"logsource" is missing or no map');
  const part = (key: string): string | null => {
    const text = value[key];
    if (text === undefined || text === null) return null;
    if (typeof text !== 'string') throw place.error(['logsource', key], `"${key}" is no text`);
    return text.trim().toLowerCase();
  };
  const source = { category: part('category'), product: part('product'), service: part('service') };
  if (source.category === null && source.product === null && source.service === null)
    throw place.error(['logsource'], '"logsource" names no category, product or service');
  return source;
}

function parseHead(document: Record<string, unknown>, place: RulePlace): RuleHead {
  const optional = (key: string): string => {
    const value = document[key];
    return typeof value === 'string' ? value.trim() : '';
  };
  const title = document['title'];
  if (typeof title !== 'string' || title.trim() === '') throw place.error(['title'], '"title" is missing or no text');
  if (title.length > MAX_TITLE) place.warn(['title'], `the title is longer than ${MAX_TITLE} characters`);
  const hash = hashOf('sha256', JSON.stringify(document));
  const tags = texts(document, 'tags', place);
  const date = optional('modified') || optional('date');
  if (date !== '' && !/^\d{4}[-/]\d{1,2}[-/]\d{1,2}$/.test(date))
    place.warn([optional('modified') === '' ? 'date' : 'modified'], `"${date}" is no date: write it as 2026-11-22`);
  return {
    file: place.file,
    line: place.find([]).line,
    id: parseId(document['id'], hash, place),
    name: optional('name') || null,
    title: title.trim(),
    version: [date.replaceAll('/', '-'), hash.slice(0, 8)].filter((part) => part !== '').join('+'),
    description: optional('description'),
    status: parseStatus(document['status'], place),
    level: parseLevel(document['level'], 'level', place) ?? 'medium',
    levelWhenExpected: parseLevel(document['level_when_expected'], 'level_when_expected', place),
    author: optional('author'),
    tags,
    techniques: tags.filter((tag) => /^attack\.t\d/i.test(tag)).map((tag) => tag.slice(7).toUpperCase()),
    references: texts(document, 'references', place),
    falsePositives: texts(document, 'falsepositives', place),
    fields: texts(document, 'fields', place),
    recommendation: optional('recommendation'),
    custom: Object.fromEntries(Object.entries(document).filter(([key]) => !KNOWN_FIELDS.has(key))),
  };
}

function parseId(value: unknown, hash: string, place: RulePlace): string {
  if (value === undefined || value === null) return `sigma-${hash.slice(0, 16)}`;
  if (typeof value !== 'string' || value.trim() === '') throw place.error(['id'], '"id" is missing or no text');
  if (!UUID.test(value.trim())) place.warn(['id'], 'the id is no UUID');
  return value.trim();
}

function parseLevel(value: unknown, key: string, place: RulePlace): Severity | null {
  if (value === undefined || value === null) return null;
  const level = SEVERITIES.find((severity) => severity === String(value).toLowerCase());
  if (level === undefined)
    throw place.error([key], `${key} "${String(value)}" does not exist; use ${SEVERITIES.join(', ')}`);
  return level;
}

function parseStatus(value: unknown, place: RulePlace): string | null {
  if (value === undefined || value === null) return null;
  const status = String(value).toLowerCase();
  if (!STATUSES.has(status))
    throw place.error(['status'], `status "${String(value)}" does not exist; use ${[...STATUSES].join(', ')}`);
  return status;
}

/** A list of texts, or one text; anything else is told and left out. */
function texts(document: Record<string, unknown>, key: string, place: RulePlace): string[] {
  const value = document[key];
  if (value === undefined || value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!Array.isArray(value)) place.warn([key], `"${key}" should be a list`);
  return list.filter((item) => item !== null && typeof item !== 'object').map(String);
}

/** A log source that names less takes in all that names more. */
export function includes(wider: LogSource, narrower: LogSource): boolean {
  return (['category', 'product', 'service'] as const).every(
    (part) => wider[part] === null || wider[part] === narrower[part],
  );
}
