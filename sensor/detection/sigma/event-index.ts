import type { Condition } from './condition.js';
import type { Detection } from './detection.js';
import { fieldHooks, type JsonEvent } from './event.js';
import type { Search, SearchItem, Value } from './value.js';
import { keysOf } from './witness.js';

/**
 * What an event must show for a rule to match: one of these. Unlike `Requirements`, the alternatives may lie in
 * different fields, and a part of a text is enough.
 */
interface Witness {
  /** Null: any text of the event. */
  readonly field: string | null;
  readonly kind: 'exact' | 'part' | 'present';
  /** In lower case. */
  readonly text: string;
}

type Witnesses = readonly Witness[];

/** Longest pieces of text that are looked up; longer ones tell hardly more apart. */
const PIECE = 4;
const MAX_WITNESSES = 20_000;

/** Null: nothing is asked for, so the rule is to be tried always. An empty list: no event can match. */
function witnessesOf(detection: Detection): Witnesses | null {
  if (detection.unresolved.length > 0) return [];
  return oneOf(detection.conditions.map((condition) => ofCondition(condition, detection.searches)));
}

function ofCondition(condition: Condition, searches: ReadonlyMap<string, Search>): Witnesses | null {
  switch (condition.kind) {
    case 'search':
      return oneOf((searches.get(condition.name) ?? []).map((items) => best(items.map((item) => ofItem(item)))));
    case 'not':
      return null;
    case 'and':
      return best(condition.operands.map((operand) => ofCondition(operand, searches)));
    case 'or':
      return oneOf(condition.operands.map((operand) => ofCondition(operand, searches)));
  }
}

function ofItem(item: SearchItem): Witnesses | null {
  if (item.isNegated) return null;
  const each = item.values.map((value) => ofValue(value, item.field));
  return item.isAll ? best(each) : oneOf(each);
}

function ofValue(value: Value, field: string | null): Witnesses | null {
  switch (value.kind) {
    case 'any':
      return oneOf(value.values.map((form) => ofValue(form, field)));
    case 'number':
    case 'boolean':
      return [{ field, kind: field === null ? 'part' : 'exact', text: String(value.value) }];
    case 'text': {
      // Letters whose small form depends on their neighbours would be missed.
      if (value.isCased && value.parts.some((part) => typeof part === 'string' && /[^\0-\x7f]/.test(part)))
        return field === null ? null : [{ field, kind: 'present', text: '' }];
      const literals = value.parts.filter((part) => typeof part === 'string').map((part) => part.toLowerCase());
      if (field !== null && literals.length === value.parts.length)
        return [{ field, kind: 'exact', text: literals.join('') }];
      const longest = literals.reduce((one, other) => (other.length > one.length ? other : one), '');
      if (longest !== '') return [{ field, kind: 'part', text: longest }];
      return field === null ? null : [{ field, kind: 'present', text: '' }];
    }
    case 'null':
      return null;
    case 'exists':
      return value.expected && field !== null ? [{ field, kind: 'present', text: '' }] : null;
    default:
      return field === null ? null : [{ field, kind: 'present', text: '' }];
  }
}

/** Any of these may hold: all of their witnesses together. */
function oneOf(all: readonly (Witnesses | null)[]): Witnesses | null {
  const joined: Witness[] = [];
  for (const one of all) {
    if (one === null) return null;
    for (const witness of one) joined.push(witness);
  }
  return joined.length > MAX_WITNESSES ? null : joined;
}

/** All of these must hold: the one that the fewest events will have. */
function best(all: readonly (Witnesses | null)[]): Witnesses | null {
  let found: Witnesses | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const one of all) {
    if (one === null) continue;
    const frequency = one.reduce((sum, witness) => sum + frequencyOf(witness), 0);
    if (frequency < least) {
      least = frequency;
      found = one;
    }
  }
  return found;
}

/** A guess, for comparison only: the longer a text, the rarer. Ids of events and the like are short, and common. */
function frequencyOf({ field, kind, text }: Witness): number {
  if (kind === 'present') return 1;
  // Every text of an event is gone through for these.
  const everywhere = field === null ? 4 : 1;
  return (everywhere * (kind === 'exact' ? 0.5 : 1)) / Math.max(1, text.length - 1) ** 2;
}

/** Rules by exact values, parts of texts, and by being there, of one field. Rules are numbers. */
class FieldIndex {
  readonly #exact = new Map<string, number[]>();
  readonly #present: number[] = [];
  /** By length of the piece, then by the piece as a number. */
  readonly #pieces: (Map<number, number[]> | undefined)[] = [];
  #parts: { text: string; rule: number }[] = [];

  add({ kind, text }: Witness, rule: number): void {
    if (kind === 'present') this.#present.push(rule);
    else if (kind === 'exact') push(this.#exact, text, rule);
    else this.#parts.push({ text, rule });
  }

  /** `frequency` of the pieces of all texts that rules ask for. */
  settle(frequency: ReadonlyMap<number, number>): void {
    for (const { text, rule } of this.#parts) {
      const size = Math.min(PIECE, text.length);
      let rarest = pieceAt(text, 0, size);
      for (let at = 1; at + size <= text.length; at++) {
        const piece = pieceAt(text, at, size);
        if ((frequency.get(piece) ?? 0) < (frequency.get(rarest) ?? 0)) rarest = piece;
      }
      this.#pieces[size] ??= new Map();
      push(this.#pieces[size], rarest, rule);
    }
    this.#parts = [];
  }

  countPieces(frequency: Map<number, number>): void {
    for (const { text } of this.#parts) {
      const size = Math.min(PIECE, text.length);
      for (let at = 0; at + size <= text.length; at++) {
        const piece = pieceAt(text, at, size);
        frequency.set(piece, (frequency.get(piece) ?? 0) + 1);
      }
    }
  }

  /** Of one field. */
  collect(raw: unknown, into: Set<number>): void {
    if (raw === undefined) return;
    for (const rule of this.#present) into.add(rule);
    if (this.#exact.size > 0) {
      for (const key of keysOf(raw)) for (const rule of this.#exact.get(key) ?? []) into.add(rule);
    }
    if (this.#pieces.length > 0) this.#collectParts(raw, into);
  }

  #collectParts(raw: unknown, into: Set<number>): void {
    if (raw === null || raw === undefined) return;
    if (Array.isArray(raw)) {
      for (const item of raw) this.#collectParts(item, into);
      return;
    }
    const [key = ''] = keysOf(raw);
    this.collectText(key, into);
  }

  /** `text` is in lower case. */
  collectText(text: string, into: Set<number>): void {
    for (const [size, pieces] of this.#pieces.entries()) {
      if (pieces === undefined) continue;
      for (let at = 0; at + size <= text.length; at++) {
        const rules = pieces.get(pieceAt(text, at, size));
        if (rules !== undefined) for (const rule of rules) into.add(rule);
      }
    }
  }
}

function push<K>(map: Map<K, number[]>, key: K, rule: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [rule]);
  // The forms of one value often share their rarest piece.
  else if (list.at(-1) !== rule) list.push(rule);
}

/** Different pieces may give the same number: a rule is then tried in vain, never missed. */
function pieceAt(text: string, at: number, size: number): number {
  let piece = size;
  for (let index = 0; index < size; index++) piece = (Math.imul(piece, 0x1003f) ^ text.charCodeAt(at + index)) | 0;
  return piece;
}

/**
 * Finds of thousands of rules the few that an event can match, by what each rule needs: exact values, and the rarest
 * piece of a text that it looks for. Fields that no event has cost nothing.
 */
export class EventIndex {
  /** Rules that ask for nothing that could be looked up. */
  readonly #always: number[] = [];
  readonly #fields = new Map<string, FieldIndex>();
  /** Fields by the names of an event under which their value may stand. */
  readonly #byHook = new Map<string, string[]>();
  readonly #anywhere = new FieldIndex();
  #hasAnywhere = false;

  constructor(detections: readonly Detection[]) {
    for (const [rule, detection] of detections.entries()) {
      const witnesses = witnessesOf(detection);
      if (witnesses === null) this.#always.push(rule);
      for (const witness of witnesses ?? []) this.#indexOf(witness.field).add(witness, rule);
    }
    const frequency = new Map<number, number>();
    const all = [...this.#fields.values(), this.#anywhere];
    for (const index of all) index.countPieces(frequency);
    for (const index of all) index.settle(frequency);
    for (const field of this.#fields.keys()) {
      for (const hook of fieldHooks(field)) {
        const fields = this.#byHook.get(hook);
        if (fields === undefined) this.#byHook.set(hook, [field]);
        else fields.push(field);
      }
    }
  }

  /** Numbers of the rules that may match, in order. */
  candidates(event: JsonEvent): number[] {
    const found = new Set<number>(this.#always);
    const fields = new Set<string>();
    for (const hook of event.hooks()) for (const field of this.#byHook.get(hook) ?? []) fields.add(field);
    for (const field of fields) this.#fields.get(field)!.collect(event.value(field), found);
    if (this.#hasAnywhere) for (const leaf of event.leaves()) this.#anywhere.collectText(leaf.toLowerCase(), found);
    return [...found].sort((one, other) => one - other);
  }

  #indexOf(field: string | null): FieldIndex {
    if (field === null) {
      this.#hasAnywhere = true;
      return this.#anywhere;
    }
    let index = this.#fields.get(field);
    if (index === undefined) {
      index = new FieldIndex();
      this.#fields.set(field, index);
    }
    return index;
  }
}
