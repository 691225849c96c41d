import type { Micros } from '../../model/time.js';
import { type Check, compileDetection, timeOf } from './compile.js';
import type { CorrelationRule } from './correlation.js';
import { type CorrelationInput, type CorrelationLosses, Correlator, type Fired, MAX_ENTRIES } from './correlator.js';
import type { Detection } from './detection.js';
import { type EventView, JsonEvent } from './event.js';
import { EventIndex } from './event-index.js';
import { RuleError } from './problem.js';
import type { Regex } from './regex.js';
import { type DetectionRule, type FilterRule, includes, type SigmaRule } from './rule.js';
import type { Value } from './value.js';
import { keysOf, necessary, type Requirements } from './witness.js';

/** A correlation that is fed by a rule. */
interface Feed {
  readonly correlation: ActiveCorrelation;
  readonly input: CorrelationInput;
}

/** A detection rule with its filters, and the correlations that count its matches. */
export interface ActiveRule {
  readonly rule: DetectionRule;
  readonly check: Check;
  readonly feeds: readonly Feed[];
  /** False: it only feeds correlations. */
  readonly isReported: boolean;
}

interface ActiveCorrelation {
  readonly correlator: Correlator;
  readonly feeds: Feed[];
  readonly isReported: boolean;
}

export interface RuleMatch {
  readonly rule: DetectionRule | CorrelationRule;
  /** For correlations. */
  readonly fired: Fired | null;
}

/** Rules put together: filters applied, correlations tied to the rules whose matches they count. */
export class SigmaEngine {
  readonly rules: readonly ActiveRule[];
  readonly correlations: readonly CorrelationRule[];
  /** What could not be put together; these rules are left out. */
  readonly errors: readonly RuleError[];
  /** Lost at the bounds of all correlations. */
  readonly losses: CorrelationLosses = { groups: 0, entries: 0 };

  /** Regular expressions that are not linear, of the rules that were tried. */
  readonly #bounded = new Set<Regex>();
  #index: EventIndex | null = null;

  constructor(all: readonly SigmaRule[]) {
    const errors: RuleError[] = [];
    const detections = all.filter((rule) => rule.kind === 'detection');
    const byReference = new Map<string, SigmaRule>();
    for (const rule of all) {
      byReference.set(rule.id, rule);
      if (rule.name !== null) byReference.set(rule.name, rule);
    }
    const correlations = soundCorrelations(
      all.filter((rule) => rule.kind === 'correlation'),
      byReference,
      errors,
    );
    const filters = soundFilters(
      all.filter((rule) => rule.kind === 'filter'),
      detections,
      byReference,
      errors,
    );
    const users = usersOf(correlations, byReference);
    const isCounted = (rule: SigmaRule): boolean => {
      const counting = users.get(rule);
      return counting !== undefined && ![...counting.keys()].some((one) => one.generate);
    };
    const active = new Map<SigmaRule, ActiveCorrelation>();
    for (const rule of correlations)
      active.set(rule, { correlator: new Correlator(rule, this.losses), feeds: [], isReported: !isCounted(rule) });
    const feedsOf = (rule: SigmaRule): Feed[] =>
      [...(users.get(rule) ?? [])].map(([correlation, positions]) => {
        const names = [rule.id, rule.name, ...positions.map((position) => correlation.rules[position]!)];
        const groupFields = correlation.groupBy.map((field) => aliased(correlation, field, names));
        return { correlation: active.get(correlation)!, input: { positions, groupFields } };
      });
    for (const [rule, correlation] of active) correlation.feeds.push(...feedsOf(rule));
    this.rules = detections.map((rule) => ({
      rule,
      check: this.#withFilters(rule, filters, byReference),
      feeds: feedsOf(rule),
      isReported: !isCounted(rule),
    }));
    this.correlations = correlations;
    this.errors = errors;
  }

  /** Searches of regular expressions that used up their budget. */
  get searchesGivenUp(): number {
    return [...this.#bounded].reduce((sum, regex) => sum + regex.gaveUp, 0);
  }

  /** All matches of an event, rule by rule. `isWanted` leaves rules out, by their log source. */
  evaluate(event: EventView, at: Micros, isWanted: (rule: DetectionRule) => boolean = () => true): RuleMatch[] {
    const matches: RuleMatch[] = [];
    for (const active of this.#possible(event)) {
      if (isWanted(active.rule) && active.check(event)) this.matched(active, event, at, matches);
    }
    return matches;
  }

  /** A filter is one more condition of the rule. */
  #withFilters(
    rule: DetectionRule,
    filters: readonly FilterRule[],
    byReference: ReadonlyMap<string, SigmaRule>,
  ): Check {
    // Most rules of a large collection are never tried.
    let compiled: Check | null = null;
    const check: Check = (event) => {
      compiled ??= this.#compile(rule.detection);
      return compiled(event);
    };
    const applied = filters
      .filter((filter) => appliesTo(filter, rule, byReference))
      .map(({ detection, expires }) => expiring(this.#compile(detection), expires));
    if (applied.length === 0) return check;
    return (event) => check(event) && applied.every((filter) => filter(event));
  }

  #compile(detection: Detection): Check {
    for (const regex of boundedIn(detection)) this.#bounded.add(regex);
    return compileDetection(detection);
  }

  #possible(event: EventView): readonly ActiveRule[] {
    if (!(event instanceof JsonEvent)) return this.rules;
    this.#index ??= new EventIndex(this.rules.map(({ rule }) => rule.detection));
    return this.#index.candidates(event).map((number) => this.rules[number]!);
  }

  /** A rule's check holds: what is to be reported for it goes to `into`. */
  matched(active: ActiveRule, event: EventView, at: Micros, into: RuleMatch[]): void {
    if (active.isReported) into.push({ rule: active.rule, fired: null });
    for (const feed of active.feeds) follow(feed, event, at, into);
  }
}

/** By rule, the correlations that count it, and where in their lists it stands. */
function usersOf(
  correlations: readonly CorrelationRule[],
  byReference: ReadonlyMap<string, SigmaRule>,
): Map<SigmaRule, Map<CorrelationRule, number[]>> {
  const users = new Map<SigmaRule, Map<CorrelationRule, number[]>>();
  for (const correlation of correlations) {
    for (const [position, reference] of correlation.rules.entries()) {
      const rule = byReference.get(reference)!;
      const counting = users.get(rule) ?? new Map<CorrelationRule, number[]>();
      users.set(rule, counting);
      const positions = counting.get(correlation);
      if (positions === undefined) counting.set(correlation, [position]);
      else positions.push(position);
    }
  }
  return users;
}

/** Regular expressions that are not linear. */
function boundedIn(detection: Detection): Regex[] {
  const inValue = (value: Value): Regex[] => {
    if (value.kind === 'any') return value.values.flatMap(inValue);
    return value.kind === 'regex' && !value.regex.isLinear ? [value.regex] : [];
  };
  return [...detection.searches.values()].flat(2).flatMap((item) => item.values.flatMap(inValue));
}

function follow({ correlation, input }: Feed, event: EventView, at: Micros, into: RuleMatch[]): void {
  const fired = correlation.correlator.feed(input, event, at);
  if (fired === null) return;
  if (correlation.isReported) into.push({ rule: correlation.correlator.rule, fired });
  for (const feed of correlation.feeds) follow(feed, event, at, into);
}

function aliased(correlation: CorrelationRule, field: string, names: readonly (string | null)[]): string {
  const mapping = correlation.aliases.get(field);
  if (mapping === undefined) return field;
  for (const name of names) {
    const own = name === null ? undefined : mapping.get(name);
    if (own !== undefined) return own;
  }
  return field;
}

function missingRule(rule: SigmaRule, reference: string): RuleError {
  return new RuleError(rule.file, rule.line, 1, `"${rule.title}" names the rule "${reference}", which is not there`);
}

function appliesTo(filter: FilterRule, rule: DetectionRule, byReference: ReadonlyMap<string, SigmaRule>): boolean {
  return (
    includes(filter.logSource, rule.logSource) &&
    (filter.rules === null || filter.rules.some((reference) => byReference.get(reference) === rule))
  );
}

/** Those under which their rules can still match. What is left out is told; a rule that is named in vain as well. */
function soundFilters(
  filters: readonly FilterRule[],
  detections: readonly DetectionRule[],
  byReference: ReadonlyMap<string, SigmaRule>,
  errors: RuleError[],
): FilterRule[] {
  return filters.filter((filter) => {
    const refuse = (reason: string): false => {
      errors.push(new RuleError(filter.file, filter.line, 1, `"${filter.title}" ${reason}`));
      return false;
    };
    const missing = filter.rules?.find((reference) => !byReference.has(reference));
    if (missing !== undefined) errors.push(missingRule(filter, missing));
    const { unresolved } = filter.detection;
    if (unresolved.length > 0)
      return refuse(`is not used until ${unresolved.map((name) => `%${name}%`).join(', ')} has a value`);
    const needs = necessary(filter.detection);
    if (needs === null) return refuse('lets nothing through: its condition can never be true');
    if (needs.size === 0) return true;
    const dead = detections.find((rule) => appliesTo(filter, rule, byReference) && contradicts(rule, needs));
    return dead === undefined
      ? true
      : refuse(`would keep "${dead.title}" from ever matching: an exclusion says "not" in its condition`);
  });
}

/** Whether what the rule needs and what the filter lets through have no value of a field in common. */
function contradicts({ needs: own }: DetectionRule, needs: Requirements): boolean {
  if (own === null) return false;
  return [...needs].some(([field, keys]) => {
    const wanted = own.get(field);
    if (wanted === undefined) return false;
    const found = new Set([...keys].flatMap(keysOf));
    return ![...wanted].flatMap(keysOf).some((key) => found.has(key));
  });
}

/** Those whose rules are all there, and that do not count themselves. */
function soundCorrelations(
  correlations: readonly CorrelationRule[],
  byReference: ReadonlyMap<string, SigmaRule>,
  errors: RuleError[],
): CorrelationRule[] {
  const state = new Map<CorrelationRule, 'open' | 'sound' | 'broken'>();
  const isSound = (rule: CorrelationRule): boolean => {
    const known = state.get(rule);
    if (known === 'open') {
      errors.push(new RuleError(rule.file, rule.line, 1, `"${rule.title}" counts its own matches`));
      return false;
    }
    if (known !== undefined) return known === 'sound';
    state.set(rule, 'open');
    const sound = rule.rules.every((reference) => {
      const counted = byReference.get(reference);
      if (counted === undefined || counted.kind === 'filter') {
        errors.push(missingRule(rule, reference));
        return false;
      }
      return counted.kind === 'detection' || isSound(counted);
    });
    const tooMuch = rule.thresholds.find(({ limit }) => rule.type.endsWith('_count') && limit > MAX_ENTRIES);
    if (tooMuch !== undefined)
      errors.push(
        new RuleError(rule.file, rule.line, 1, `"${rule.title}" counts to ${tooMuch.limit}; at most ${MAX_ENTRIES}`),
      );
    state.set(rule, sound && tooMuch === undefined ? 'sound' : 'broken');
    return sound && tooMuch === undefined;
  };
  return correlations.filter(isSound);
}

/** A filter that has expired lets everything through. By the event's own time, so that a replay finds the same. */
function expiring(filter: Check, expires: number | null): Check {
  if (expires === null) return filter;
  return (event) => filter(event) || (timeOf(event.value('timestamp')) ?? 0) >= expires;
}
