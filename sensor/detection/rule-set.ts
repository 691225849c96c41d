import type { Pdu } from '../model/pdu.js';
import type { DissectionRecord } from '../model/records.js';
import type { Micros } from '../model/time.js';
import { type ActiveRule, type RuleMatch, SigmaEngine } from './sigma/engine.js';
import { collectLeaves, type EventView, fieldOf } from './sigma/event.js';
import type { SigmaRule } from './sigma/rule.js';
import { keyOf, keysOf, type Requirements } from './sigma/witness.js';
import {
  type Alias,
  CONNECTION,
  CONNECTION_FIELDS,
  RecordFields,
  type RuleContext,
  type RuleProtocol,
  recordKindsOf,
} from './taxonomy.js';

/** What of a message is at hand without making its record. */
type Quick = Pick<Pdu, 'unit' | 'targetFrom'>;

/** A record and what the sensor knows beside it; both are made only when a rule asks. */
export class RecordView implements EventView {
  readonly #fields: RecordFields;
  readonly #makeRecord: () => DissectionRecord;
  readonly #makeContext: () => RuleContext;
  readonly #found = new Map<string, unknown>();
  #record: DissectionRecord | null = null;
  #context: RuleContext | null = null;
  #leaves: string[] | null = null;

  constructor(fields: RecordFields, makeRecord: () => DissectionRecord, makeContext: () => RuleContext) {
    this.#fields = fields;
    this.#makeRecord = makeRecord;
    this.#makeContext = makeContext;
  }

  value(field: string): unknown {
    const known = this.#found.get(field);
    if (known !== undefined || this.#found.has(field)) return known;
    const value = this.#read(field);
    this.#found.set(field, value);
    return value;
  }

  leaves(): readonly string[] {
    if (this.#leaves === null) {
      this.#leaves = [];
      collectLeaves(this.#recordOnce(), this.#leaves, 0);
    }
    return this.#leaves;
  }

  #read(field: string): unknown {
    const alias = this.#fields.alias(field);
    if (alias !== undefined) {
      const value = this.value(alias.field);
      return typeof value === 'string' && alias.values !== undefined ? (alias.values[value] ?? value) : value;
    }
    const read = this.#fields.context(field);
    if (read !== undefined) {
      this.#context ??= this.#makeContext();
      return read(this.#context);
    }
    return fieldOf(this.#recordOnce(), field);
  }

  #recordOnce(): DissectionRecord {
    this.#record ??= this.#makeRecord();
    return this.#record;
  }
}

/** Rules found by the exact value of one field; those that ask for none are tried always. */
class IndexedRules {
  readonly #always: ActiveRule[] = [];
  readonly #byField = new Map<string, Map<string, ActiveRule[]>>();

  add(rule: ActiveRule, needs: Requirements): void {
    let best: readonly [field: string, keys: ReadonlySet<string>] | null = null;
    for (const entry of needs) if (best === null || entry[1].size < best[1].size) best = entry;
    if (best === null) {
      this.#always.push(rule);
      return;
    }
    const [field, keys] = best;
    const byKey = this.#byField.get(field) ?? new Map<string, ActiveRule[]>();
    this.#byField.set(field, byKey);
    for (const key of keys) {
      const rules = byKey.get(key);
      if (rules === undefined) byKey.set(key, [rule]);
      else rules.push(rule);
    }
  }

  /** Rules that may match; each once. */
  collect(view: EventView, into: ActiveRule[]): void {
    for (const rule of this.#always) into.push(rule);
    for (const [field, byKey] of this.#byField) {
      const before = into.length;
      for (const key of keysOf(view.value(field))) {
        for (const rule of byKey.get(key) ?? []) if (!into.includes(rule, before)) into.push(rule);
      }
    }
  }
}

type QuickFields = ReadonlyMap<string, keyof Quick>;

interface GroupedRule {
  readonly rule: ActiveRule;
  readonly needs: Requirements;
  readonly quickFields: QuickFields;
}

/** The rules of one kind of message: protocol, operation and direction. */
export class RuleGroup {
  readonly fields: RecordFields;
  /** Rules that ask for something that stays the same on a connection, and all others. */
  readonly #standing: GroupedRule[] = [];
  readonly #lasting: GroupedRule[] = [];
  /** Parts of this group by those of `#standing` that are in them. */
  readonly #parts = new Map<string, RuleGroup>();
  readonly #rest = new IndexedRules();
  readonly #byUnit = new Map<number, IndexedRules>();
  readonly #byTarget = new Map<number, IndexedRules>();
  #hasRest = false;

  constructor(fields: RecordFields) {
    this.fields = fields;
  }

  /**
   * The rules that can match as long as what stays the same on a connection is as `view` shows it; null when there is
   * none.
   */
  standing(view: EventView): RuleGroup | null {
    const values = new Map<string, readonly string[]>();
    const keysIn = (field: string): readonly string[] => {
      const known = values.get(field);
      if (known !== undefined) return known;
      const keys = keysOf(view.value(field));
      values.set(field, keys);
      return keys;
    };
    const possible = this.#standing.filter(({ needs }) =>
      [...needs].every(
        ([field, wanted]) => !this.fields.isStanding(field) || keysIn(field).some((key) => wanted.has(key)),
      ),
    );
    if (possible.length === this.#standing.length) return this;
    if (possible.length === 0 && this.#lasting.length === 0) return null;
    const key = possible.map(({ rule }) => rule.rule.id).join(' ');
    let part = this.#parts.get(key);
    if (part === undefined) {
      part = new RuleGroup(this.fields);
      for (const { rule, needs, quickFields } of [...this.#lasting, ...possible]) part.add(rule, needs, quickFields);
      if (this.#parts.size < MAX_PARTS) this.#parts.set(key, part);
    }
    return part;
  }

  add(rule: ActiveRule, needs: Requirements, quickFields: QuickFields): void {
    const isStanding = [...needs.keys()].some((field) => this.fields.isStanding(field));
    (isStanding ? this.#standing : this.#lasting).push({ rule, needs, quickFields });
    let quick: readonly [by: keyof Quick, values: readonly number[]] | null = null;
    for (const [field, keys] of needs) {
      const by = quickFields.get(field);
      if (by === undefined) continue;
      const values = [...keys].map(Number).filter((value) => !Number.isNaN(value));
      // A target tells more apart than a unit does.
      if (quick === null || by === 'targetFrom') quick = [by, values];
    }
    if (quick === null) {
      this.#hasRest = true;
      this.#rest.add(rule, needs);
      return;
    }
    const [by, values] = quick;
    const index = by === 'unit' ? this.#byUnit : this.#byTarget;
    for (const value of values) {
      const rules = index.get(value) ?? new IndexedRules();
      index.set(value, rules);
      rules.add(rule, needs);
    }
  }

  /** Whether any rule could match; costs no more than two look-ups. */
  concerns(message: Quick): boolean {
    return this.#hasRest || this.#byTarget.has(message.targetFrom) || this.#byUnit.has(message.unit);
  }

  candidates(message: Quick, view: EventView): ActiveRule[] {
    const found: ActiveRule[] = [];
    this.#rest.collect(view, found);
    this.#byTarget.get(message.targetFrom)?.collect(view, found);
    this.#byUnit.get(message.unit)?.collect(view, found);
    return found;
  }
}

/** Parts of a group that are kept; others are put together anew. */
const MAX_PARTS = 1000;
const NO_PDU: Quick = { unit: -1, targetFrom: -1 };

/**
 * Rules, found by protocol, operation, direction, and then by the exact values they ask for: a message that no rule
 * names costs one array access, and its record is never made.
 */
export class RuleSet {
  readonly rules: readonly SigmaRule[];
  readonly engine: SigmaEngine;
  /** Made when a protocol is first met: most sensors never see some of them. */
  readonly #made = new Map<string, ProtocolRules>();
  readonly #protocols: ReadonlyMap<string, RuleProtocol>;
  readonly #byKind = new Map<string, RuleNeeds[]>();
  readonly #connectionGroups: readonly [start: RuleGroup | null, end: RuleGroup | null];

  constructor(rules: readonly SigmaRule[], protocols: readonly RuleProtocol[]) {
    this.rules = rules;
    this.engine = new SigmaEngine(rules);
    const names = protocols.map(({ name }) => name);
    this.#protocols = new Map(protocols.map((protocol) => [protocol.name, protocol]));
    const byKind = this.#byKind;
    for (const active of this.engine.rules) {
      const { needs } = active.rule;
      // Null: nothing can ever match it.
      if (needs === null) continue;
      for (const kind of recordKindsOf(active.rule.logSource, names)) {
        const list = byKind.get(kind) ?? [];
        byKind.set(kind, list);
        list.push({ active, needs });
      }
    }
    const fields = new RecordFields(CONNECTION, CONNECTION_FIELDS);
    const connectionRules = (byKind.get(CONNECTION) ?? []).map(({ active, needs }) => ({
      active,
      needs: resolve(fields, needs),
    }));
    const connectionGroup = (event: string): RuleGroup | null =>
      groupOf(fields, connectionRules, NO_QUICK, new Map([['connection.event', event]]));
    this.#connectionGroups = [connectionGroup('start'), connectionGroup('end')];
  }

  /** Null for what is no protocol of ours; ask once per connection. */
  of(protocol: string): ProtocolRules | null {
    const made = this.#made.get(protocol);
    if (made !== undefined) return made;
    const known = this.#protocols.get(protocol);
    if (known === undefined) return null;
    const rules = new ProtocolRules(known, this.#byKind.get(protocol) ?? []);
    this.#made.set(protocol, rules);
    return rules;
  }

  connections(event: 'start' | 'end'): RuleGroup | null {
    return this.#connectionGroups[event === 'start' ? 0 : 1];
  }

  /** All matches of a record, with the correlations that it completes. */
  matches(group: RuleGroup, message: Quick | null, view: EventView, at: Micros): RuleMatch[] {
    const found: RuleMatch[] = [];
    for (const active of group.candidates(message ?? NO_PDU, view)) {
      if (active.check(view)) this.engine.matched(active, view, at, found);
    }
    return found;
  }
}

/** What a rule asks for, with the names of other products resolved. */
interface Need {
  readonly name: string;
  readonly field: string;
  readonly alias: Alias | undefined;
  readonly keys: ReadonlySet<string>;
}

interface Entry {
  readonly active: ActiveRule;
  readonly needs: readonly Need[];
}
interface RuleNeeds {
  readonly active: ActiveRule;
  readonly needs: Requirements;
}

const NO_QUICK: QuickFields = new Map();

/** Requests, answers that do it, and answers that refuse. */
const OUTCOMES = ['request', 'done', 'refused'] as const;
/** What the rules of a message are found by. */
export type MessageKind = Pick<Pdu, 'operation' | 'isRequest' | 'rejection'>;

export function groupIndex({ operation, isRequest, rejection }: MessageKind): number {
  const outcome = isRequest ? 0 : rejection === 'none' ? 1 : 2;
  return operation.index * OUTCOMES.length + outcome;
}

/** The rules for the messages of one protocol, by operation and direction; put together when such a message comes. */
export class ProtocolRules {
  readonly #protocol: RuleProtocol;
  readonly #fields: RecordFields;
  readonly #quick = new Map<string, keyof Quick>([
    ['unit', 'unit'],
    ['target.from', 'targetFrom'],
  ]);
  readonly #hasPdu: boolean;
  /** By the functions that they name: a large collection is not gone through for each operation. */
  readonly #byFunction = new Map<string, Entry[]>();
  readonly #others: Entry[] = [];
  /** See `groupIndex`. */
  readonly #groups: (RuleGroup | null | undefined)[];

  constructor(protocol: RuleProtocol, rules: readonly RuleNeeds[]) {
    this.#protocol = protocol;
    this.#fields = new RecordFields(protocol.name, protocol.fields);
    for (const { name, pdu } of protocol.fields) if (pdu !== undefined) this.#quick.set(name, pdu);
    this.#hasPdu = protocol.fields.some(({ name }) => name === `${protocol.name}.pdu`);
    this.#groups = new Array<RuleGroup | null | undefined>(OUTCOMES.length * protocol.operations.length).fill(
      rules.length === 0 ? null : undefined,
    );
    for (const { active, needs } of rules) {
      const entry = { active, needs: resolve(this.#fields, needs) };
      const functions = entry.needs.find(({ field, alias }) => field === `${protocol.name}.function` && !alias?.values);
      if (functions === undefined) this.#others.push(entry);
      for (const key of functions?.keys ?? []) {
        const list = this.#byFunction.get(key);
        if (list === undefined) this.#byFunction.set(key, [entry]);
        else list.push(entry);
      }
    }
  }

  /** Null: no rule can match such a message. */
  group(message: MessageKind): RuleGroup | null {
    const group = this.#groups[groupIndex(message)];
    return group !== undefined ? group : this.#make(message);
  }

  #make(message: MessageKind): RuleGroup | null {
    const { operation, isRequest } = message;
    const isRefused = !isRequest && message.rejection !== 'none';
    const { name } = this.#protocol;
    const direction = isRequest ? 'request' : 'response';
    const fixed = new Map([
      ['event_type', name],
      [`${name}.function`, operation.function],
      ['operation.name', operation.name],
      ['operation.class', operation.class],
      ['operation.direction', direction],
      ['operation.refused', String(isRefused)],
    ]);
    if (!isRefused) fixed.set('operation.rejection', 'none');
    if (this.#hasPdu) fixed.set(`${name}.pdu`, direction);
    const named = this.#byFunction.get(keyOf(operation.function)) ?? [];
    const group = groupOf(this.#fields, [...named, ...this.#others], this.#quick, fixed);
    this.#groups[groupIndex(message)] = group;
    return group;
  }
}

/** The rules whose demands on the fixed fields are met, or null when there is none. */
function groupOf(
  fields: RecordFields,
  entries: readonly Entry[],
  quick: QuickFields,
  fixed: ReadonlyMap<string, string>,
): RuleGroup | null {
  let group: RuleGroup | null = null;
  for (const { active, needs } of entries) {
    const open = openNeeds(needs, fixed);
    if (open === null) continue;
    group ??= new RuleGroup(fields);
    group.add(active, open, quick);
  }
  return group;
}

function resolve(fields: RecordFields, needs: Requirements): Need[] {
  return [...needs].map(([name, keys]) => {
    const alias = fields.alias(name);
    return { name, field: alias?.field ?? name, alias, keys };
  });
}

/** What is still to be looked up when the fixed fields are as given; null when one of these rules it out. */
function openNeeds(needs: readonly Need[], fixed: ReadonlyMap<string, string>): Requirements | null {
  const open = new Map<string, ReadonlySet<string>>();
  for (const { name, field, alias, keys } of needs) {
    const value = fixed.get(field);
    if (value === undefined) {
      // A name whose values are written differently is looked up as it stands; any other by the field's own name.
      open.set(alias?.values === undefined ? field : name, keys);
    } else if (!keys.has(keyOf(alias?.values?.[value] ?? value))) return null;
  }
  return open;
}
