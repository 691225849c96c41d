import type { Micros } from '../../model/time.js';
import { asNumber, asText } from './compile.js';
import type { Condition } from './condition.js';
import type { CorrelationOperator, CorrelationRule, Threshold } from './correlation.js';
import type { EventView } from './event.js';

/** Groups (combinations of the `group-by` fields) that one rule watches at once. */
const MAX_GROUPS = 10_000;
/** Matches that one group remembers; thresholds above this are refused. */
export const MAX_ENTRIES = 10_000;

/** What of a correlation has come true. */
export interface Fired {
  /** Values of the `group-by` fields. */
  readonly group: readonly string[];
  /** Matches counted, or the figure that was calculated. */
  readonly figure: number;
}

/** What was let go because a bound was reached. */
export interface CorrelationLosses {
  groups: number;
  entries: number;
}

/** A rule's matches, and where they stand in the correlation: which rule of its list, and what its fields are called. */
export interface CorrelationInput {
  /** Places in the list of rules; a rule may stand there more than once. */
  readonly positions: readonly number[];
  readonly groupFields: readonly string[];
}

/**
 * One correlation rule at work. Windows slide and are measured in packet time. It fires when its condition becomes true
 * for a group, again each time that the condition was false in between, and once per timespan while it stays true.
 */
export class Correlator {
  readonly rule: CorrelationRule;
  readonly losses: CorrelationLosses;
  /** In the order of their last match. */
  readonly #groups = new Map<string, Group>();

  constructor(rule: CorrelationRule, losses: CorrelationLosses) {
    this.rule = rule;
    this.losses = losses;
  }

  /** One of the rules has matched. Matches without one of the group's fields belong to no group, and do not count. */
  feed(input: CorrelationInput, event: EventView, at: Micros): Fired | null {
    const group: string[] = [];
    for (const field of input.groupFields) {
      const value = event.value(field);
      if (value === undefined || value === null) return null;
      group.push(asText(value));
    }
    const state = this.#groupOf(group);
    const time = Math.max(at, state.latest);
    const { rule } = this;
    state.expire(time - rule.timespan);
    if (state.isActive && !state.holds(time)) state.isActive = false;
    state.latest = time;
    if (!state.add(input.positions, event, time)) return null;
    if (!state.holds(time)) {
      state.isActive = false;
      return null;
    }
    if (state.isActive && time - state.firedAt < rule.timespan) return null;
    state.isActive = true;
    state.firedAt = time;
    return { group, figure: state.figure() };
  }

  #groupOf(values: readonly string[]): Group {
    const key = values.length === 1 ? values[0]! : JSON.stringify(values);
    let group = this.#groups.get(key);
    if (group !== undefined) this.#groups.delete(key);
    else if (this.#groups.size >= MAX_GROUPS) {
      this.#groups.delete(this.#groups.keys().next().value!);
      this.losses.groups++;
    }
    group ??= createGroup(this.rule, this.losses);
    this.#groups.set(key, group);
    return group;
  }
}

abstract class Group {
  latest: Micros = Number.NEGATIVE_INFINITY;
  firedAt: Micros = Number.NEGATIVE_INFINITY;
  isActive = false;

  /** Forgets what happened before `from`. */
  abstract expire(from: Micros): void;
  /** False when the match does not count: a field is missing or no number. */
  abstract add(positions: readonly number[], event: EventView, at: Micros): boolean;
  abstract holds(at: Micros): boolean;
  abstract figure(): number;
}

function createGroup(rule: CorrelationRule, losses: CorrelationLosses): Group {
  switch (rule.type) {
    case 'event_count':
      return new CountGroup(rule, losses);
    case 'value_count':
      return new ValueCountGroup(rule, losses);
    case 'temporal':
      return new TemporalGroup(rule);
    case 'temporal_ordered':
      return new OrderedGroup(rule);
    default:
      return new FigureGroup(rule, losses);
  }
}

function meets(figure: number, thresholds: readonly Threshold[]): boolean {
  for (const { operator, limit } of thresholds) if (!COMPARISONS[operator](figure, limit)) return false;
  return true;
}

const COMPARISONS: Readonly<Record<CorrelationOperator, (figure: number, limit: number) => boolean>> = {
  lt: (figure, limit) => figure < limit,
  lte: (figure, limit) => figure <= limit,
  gt: (figure, limit) => figure > limit,
  gte: (figure, limit) => figure >= limit,
  eq: (figure, limit) => figure === limit,
  neq: (figure, limit) => figure !== limit,
};

/** Entries in the order of time, the oldest taken off in front. */
class Window<T> {
  readonly #losses: CorrelationLosses;
  readonly #dropped: (value: T) => void;
  #entries: { readonly at: Micros; readonly value: T }[] = [];
  #first = 0;

  constructor(losses: CorrelationLosses, dropped: (value: T) => void) {
    this.#losses = losses;
    this.#dropped = dropped;
  }

  get size(): number {
    return this.#entries.length - this.#first;
  }

  push(at: Micros, value: T): void {
    if (this.size >= MAX_ENTRIES) {
      this.#losses.entries++;
      this.#shift();
    }
    this.#entries.push({ at, value });
  }

  expire(from: Micros): void {
    while (this.size > 0 && this.#entries[this.#first]!.at < from) this.#shift();
  }

  #shift(): void {
    this.#dropped(this.#entries[this.#first++]!.value);
    if (this.#first > 64 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }
}

class CountGroup extends Group {
  readonly #rule: CorrelationRule;
  readonly #window: Window<null>;

  constructor(rule: CorrelationRule, losses: CorrelationLosses) {
    super();
    this.#rule = rule;
    this.#window = new Window(losses, () => {});
  }

  expire(from: Micros): void {
    this.#window.expire(from);
  }

  add(_positions: readonly number[], _event: EventView, at: Micros): boolean {
    this.#window.push(at, null);
    return true;
  }

  holds(): boolean {
    return this.#window.size > 0 && meets(this.#window.size, this.#rule.thresholds);
  }

  figure(): number {
    return this.#window.size;
  }
}

class ValueCountGroup extends Group {
  readonly #rule: CorrelationRule;
  /** How often each value stands in the window: it counts until its last one has gone. */
  readonly #counts = new Map<string, number>();
  readonly #window: Window<string>;

  constructor(rule: CorrelationRule, losses: CorrelationLosses) {
    super();
    this.#rule = rule;
    this.#window = new Window(losses, (value) => {
      const count = this.#counts.get(value)!;
      if (count > 1) this.#counts.set(value, count - 1);
      else this.#counts.delete(value);
    });
  }

  expire(from: Micros): void {
    this.#window.expire(from);
  }

  add(_positions: readonly number[], event: EventView, at: Micros): boolean {
    const values = this.#rule.valueFields.map((field) => event.value(field));
    if (values.some((value) => value === undefined || value === null)) return false;
    const key = values.length === 1 ? asText(values[0]) : JSON.stringify(values.map(asText));
    this.#window.push(at, key);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    return true;
  }

  holds(): boolean {
    return this.#counts.size > 0 && meets(this.#counts.size, this.#rule.thresholds);
  }

  figure(): number {
    return this.#counts.size;
  }
}

/** Sum, average, percentile and median of a field. */
class FigureGroup extends Group {
  readonly #rule: CorrelationRule;
  readonly #window: Window<number>;
  /** Ascending; only kept for what depends on the order. */
  readonly #sorted: number[] = [];
  #sum = 0;

  constructor(rule: CorrelationRule, losses: CorrelationLosses) {
    super();
    this.#rule = rule;
    this.#window = new Window(losses, (value) => {
      this.#sum -= value;
      if (this.#isOrdered) this.#sorted.splice(lowerBound(this.#sorted, value), 1);
    });
  }

  get #isOrdered(): boolean {
    return this.#rule.type === 'value_percentile' || this.#rule.type === 'value_median';
  }

  expire(from: Micros): void {
    this.#window.expire(from);
    // What rounding has left behind must not grow over the days.
    if (this.#window.size === 0) this.#sum = 0;
  }

  add(_positions: readonly number[], event: EventView, at: Micros): boolean {
    const value = asNumber(event.value(this.#rule.valueFields[0]!));
    if (value === null) return false;
    this.#window.push(at, value);
    this.#sum += value;
    if (this.#isOrdered) this.#sorted.splice(lowerBound(this.#sorted, value), 0, value);
    return true;
  }

  holds(): boolean {
    return this.#window.size > 0 && meets(this.figure(), this.#rule.thresholds);
  }

  figure(): number {
    const { size } = this.#window;
    switch (this.#rule.type) {
      case 'value_sum':
        return this.#sum;
      case 'value_avg':
        return this.#sum / size;
      case 'value_median':
        return (this.#sorted[(size - 1) >> 1]! + this.#sorted[size >> 1]!) / 2;
      default:
        // The nearest rank: the least value that so many percent do not exceed.
        return this.#sorted[Math.max(0, Math.ceil((this.#rule.percentile / 100) * size) - 1)]!;
    }
  }
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** All rules, in any order. */
class TemporalGroup extends Group {
  readonly #rule: CorrelationRule;
  readonly #last: Micros[];
  #from: Micros = Number.NEGATIVE_INFINITY;

  constructor(rule: CorrelationRule) {
    super();
    this.#rule = rule;
    this.#last = rule.rules.map(() => Number.NEGATIVE_INFINITY);
  }

  expire(from: Micros): void {
    this.#from = from;
  }

  add(positions: readonly number[], _event: EventView, at: Micros): boolean {
    for (const position of positions) this.#last[position] = at;
    return true;
  }

  holds(): boolean {
    const { expression, thresholds, rules } = this.#rule;
    if (expression !== null) return expressionHolds(expression, (name) => this.#isSeen(rules.indexOf(name)));
    const count = this.figure();
    return thresholds.length === 0 ? count === this.#rule.rules.length : count > 0 && meets(count, thresholds);
  }

  figure(): number {
    return this.#last.reduce((count, _, position) => count + (this.#isSeen(position) ? 1 : 0), 0);
  }

  #isSeen(position: number): boolean {
    const last = this.#last[position];
    return last !== undefined && last > Number.NEGATIVE_INFINITY && last >= this.#from;
  }
}

function expressionHolds(condition: Condition, isSeen: (name: string) => boolean): boolean {
  switch (condition.kind) {
    case 'search':
      return isSeen(condition.name);
    case 'not':
      return !expressionHolds(condition.operand, isSeen);
    case 'and':
      return condition.operands.every((operand) => expressionHolds(operand, isSeen));
    case 'or':
      return condition.operands.some((operand) => expressionHolds(operand, isSeen));
  }
}

/** All rules, in the order in which they are listed. */
class OrderedGroup extends Group {
  readonly #rule: CorrelationRule;
  /** For each length: when the latest row of so many first rules, in order, has begun. */
  readonly #begun: Micros[];
  #from: Micros = Number.NEGATIVE_INFINITY;

  constructor(rule: CorrelationRule) {
    super();
    this.#rule = rule;
    this.#begun = rule.rules.map(() => Number.NEGATIVE_INFINITY);
  }

  expire(from: Micros): void {
    this.#from = from;
  }

  add(positions: readonly number[], _event: EventView, at: Micros): boolean {
    // From the end, so that one match does not count as two steps.
    for (const position of [...positions].sort((one, other) => other - one)) {
      const begun = position === 0 ? at : this.#begun[position - 1]!;
      if (begun > this.#begun[position]!) this.#begun[position] = begun;
    }
    return true;
  }

  holds(): boolean {
    const { thresholds } = this.#rule;
    const count = this.figure();
    return thresholds.length === 0 ? count === this.#begun.length : count > 0 && meets(count, thresholds);
  }

  figure(): number {
    let length = this.#begun.length;
    while (
      length > 0 &&
      !(this.#begun[length - 1]! > Number.NEGATIVE_INFINITY && this.#begun[length - 1]! >= this.#from)
    )
      length--;
    return length;
  }
}
