import { RegexSyntaxError } from './bounded-regex.js';
import { networkOf } from './network.js';
import { compileRegex } from './regex.js';
import { ANY_TEXT, hasWildcard, joined, showText, type TextPart } from './text.js';
import {
  type CompareOperator,
  type RegexValue,
  type TextValue,
  TIME_PARTS,
  type TimePart,
  type Value,
} from './value.js';

/** What is wrong with a value or its modifiers, in one sentence. */
export class ModifierError extends Error {
  override readonly name = 'ModifierError';
}

/** Values for `%name%` of `expand`. */
export type Placeholders = ReadonlyMap<string, readonly (string | number)[]>;

export interface ItemState {
  isAll: boolean;
  isNegated: boolean;
  /** Placeholders that nothing was given for. */
  readonly unresolved: string[];
}

interface Application {
  readonly hasField: boolean;
  /** Modifiers to the left of this one. */
  readonly applied: readonly string[];
  readonly placeholders: Placeholders;
  readonly state: ItemState;
}

type Modifier = (value: Value, application: Application) => Value | Value[];

const MAX_FORMS = 4096;

/** The specification's modifiers (appendix "modifiers", 2.1.0), and `ignorecase`, `multiline`, `dotall` of its tools. */
const VALUE_MODIFIERS: Readonly<Record<string, Modifier>> = {
  contains: around('contains', true, true),
  startswith: around('startswith', false, true),
  endswith: around('endswith', true, false),
  cased: (value) => {
    if (value.kind === 'fieldref') return { ...value, isCased: true };
    return { ...textOf(value, 'cased'), isCased: true };
  },
  windash: (value) => windash(textOf(value, 'windash')),
  base64: (value) => encoded(plainText(value, 'base64'), (bytes) => [bytes.toString('base64')]),
  base64offset: (value) => encoded(plainText(value, 'base64offset'), base64Offsets),
  wide: (value) => utf16(textOf(value, 'wide'), false, false),
  utf16le: (value) => utf16(textOf(value, 'utf16le'), false, false),
  utf16be: (value) => utf16(textOf(value, 'utf16be'), true, false),
  utf16: (value) => utf16(textOf(value, 'utf16'), false, true),
  re: (value, { applied }) => {
    if (applied.some((name) => name !== 'all' && name !== 'neq' && name !== 'expand'))
      throw new ModifierError('"re" must be the first modifier');
    const text = textOf(value, 're');
    return regexValue(applied.includes('expand') ? regexSource(text.parts) : text.original, {
      i: false,
      m: false,
      s: false,
    });
  },
  i: flag('i'),
  ignorecase: flag('i'),
  m: flag('m'),
  multiline: flag('m'),
  s: flag('s'),
  dotall: flag('s'),
  cidr: (value, { applied }) => {
    if (applied.some((name) => name !== 'all' && name !== 'neq' && name !== 'expand'))
      throw new ModifierError('"cidr" must be the first modifier');
    const network = networkOf(showText(plainText(value, 'cidr').parts));
    if (typeof network === 'string') throw new ModifierError(network);
    return { kind: 'cidr', network };
  },
  lt: compare('lt'),
  lte: compare('lte'),
  gt: compare('gt'),
  gte: compare('gte'),
  exists: (value, { applied, hasField }) => {
    if (!hasField) throw new ModifierError('"exists" needs a field');
    if (applied.length > 0) throw new ModifierError('"exists" stands alone, without other modifiers before it');
    if (value.kind !== 'boolean') throw new ModifierError('"exists" takes true or false');
    return { kind: 'exists', expected: value.value };
  },
  fieldref: (value, { hasField }) => {
    if (!hasField) throw new ModifierError('"fieldref" needs a field');
    const text = plainText(value, 'fieldref');
    return { kind: 'fieldref', field: text.parts.join(''), at: 'whole', isCased: text.isCased };
  },
  expand: (value, { placeholders, state }) => expand(value, placeholders, state),
  ...Object.fromEntries(TIME_PARTS.map((part) => [part, timePart(part)])),
};

export const MODIFIER_NAMES: readonly string[] = [...Object.keys(VALUE_MODIFIERS), 'all', 'neq'];

/** Applies modifiers from left to right. Throws `ModifierError`. */
export function applyModifiers(
  values: readonly Value[],
  modifiers: readonly string[],
  hasField: boolean,
  placeholders: Placeholders,
  state: ItemState,
): Value[] {
  let current = [...values];
  for (const [index, name] of modifiers.entries()) {
    if (name === 'all') state.isAll = true;
    else if (name === 'neq') state.isNegated = true;
    else {
      if (!Object.hasOwn(VALUE_MODIFIERS, name)) throw new ModifierError(`there is no modifier "${name}"`);
      const modify = VALUE_MODIFIERS[name]!;
      const application: Application = { hasField, applied: modifiers.slice(0, index), placeholders, state };
      current = current.flatMap((value) => applyOne(value, modify, application));
    }
  }
  return current;
}

function applyOne(value: Value, modify: Modifier, application: Application): Value[] {
  if (value.kind !== 'any') return [modify(value, application)].flat();
  // Forms of one value stay together, so that `all` asks for one form of each value.
  const forms = value.values.flatMap((form) => applyOne(form, modify, application));
  if (forms.length > MAX_FORMS) throw new ModifierError(`one value would have more than ${MAX_FORMS} forms`);
  return [{ kind: 'any', values: forms }];
}

const KINDS: Readonly<Record<Value['kind'], string>> = {
  text: 'a text',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
  regex: 'a regular expression',
  cidr: 'a network',
  compare: 'a comparison',
  time: 'a part of a time',
  exists: 'a test for presence',
  fieldref: 'another field',
  any: 'several forms',
};

function textOf(value: Value, name: string): TextValue {
  if (value.kind !== 'text') throw new ModifierError(`"${name}" takes a text, not ${KINDS[value.kind]}`);
  return value;
}

function plainText(value: Value, name: string): TextValue & { readonly parts: readonly string[] } {
  const text = textOf(value, name);
  if (hasWildcard(text.parts)) throw new ModifierError(`"${name}" takes a text without wildcards`);
  return text as TextValue & { readonly parts: readonly string[] };
}

function around(name: string, before: boolean, after: boolean): Modifier {
  return (value) => {
    switch (value.kind) {
      case 'text': {
        const open: readonly TextPart[] = [ANY_TEXT];
        const parts = [...(before ? open : []), ...value.parts, ...(after ? open : [])];
        return { ...value, parts: joined(parts) };
      }
      case 'regex': {
        // A search finds it anywhere; only one open end ties the other one down.
        if (before && after) return value;
        const { source, flags } = value;
        return regexValue(before ? `(?:${source})\\z` : `\\A(?:${source})`, flags);
      }
      case 'fieldref':
        return { ...value, at: before && after ? 'anywhere' : before ? 'end' : 'start' };
      default:
        throw new ModifierError(`"${name}" takes a text, not ${KINDS[value.kind]}`);
    }
  };
}

function regexValue(source: string, flags: RegexValue['flags']): RegexValue {
  try {
    return { kind: 'regex', source, flags, regex: compileRegex(source, flags) };
  } catch (error) {
    if (error instanceof RegexSyntaxError) throw new ModifierError(`the regular expression is wrong: ${error.message}`);
    throw error;
  }
}

function flag(name: keyof RegexValue['flags']): Modifier {
  return (value) => {
    if (value.kind !== 'regex') throw new ModifierError(`"${name}" belongs to "re": write FIELD|re|${name}`);
    return regexValue(value.source, { ...value.flags, [name]: true });
  };
}

/** For `expand|re`: what was filled in is text, what the rule says is a pattern. */
function regexSource(parts: readonly TextPart[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : part === ANY_TEXT ? '*' : '?')).join('');
}

function compare(operator: CompareOperator): Modifier {
  return (value) => {
    if (value.kind === 'time') return { kind: 'compare', operator, limit: value.value, part: value.part };
    if (value.kind !== 'number')
      throw new ModifierError(`"${operator}" takes a number without quotes, not ${KINDS[value.kind]}`);
    return { kind: 'compare', operator, limit: value.value, part: null };
  };
}

function timePart(part: TimePart): Modifier {
  return (value) => {
    if (value.kind !== 'number') throw new ModifierError(`"${part}" takes a number, not ${KINDS[value.kind]}`);
    return { kind: 'time', part, value: value.value };
  };
}

const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015'] as const;
const WORD = /[\p{L}\p{N}_]/u;

/** A dash or slash before a word and behind none, in each of the forms that Windows takes for it. */
function windash(text: TextValue): Value {
  let forms: TextPart[][] = [[]];
  for (const part of text.parts) {
    const pieces: (TextPart | null)[] = typeof part === 'string' ? splitAtDashes(part) : [part];
    for (const piece of pieces) {
      if (piece === null) forms = forms.flatMap((form) => DASHES.map((dash): TextPart[] => [...form, dash]));
      else for (const form of forms) form.push(piece);
      if (forms.length > MAX_FORMS) throw new ModifierError('"windash" would give too many forms of this value');
    }
  }
  return { kind: 'any', values: forms.map((parts) => ({ ...text, parts: joined(parts) })) };
}

/** Literals, and null for each dash that may be another one. */
function splitAtDashes(literal: string): (string | null)[] {
  const pieces: (string | null)[] = [''];
  for (let at = 0; at < literal.length; at++) {
    const character = literal[at]!;
    const isOption =
      (character === '-' || character === '/') &&
      !WORD.test(literal[at - 1] ?? ' ') &&
      WORD.test(literal[at + 1] ?? ' ');
    if (isOption) pieces.push(null, '');
    else pieces[pieces.length - 1] += character;
  }
  return pieces;
}

function bytesOf(text: TextValue & { readonly parts: readonly string[] }): Buffer {
  return Buffer.from(text.parts.join(''), text.isBytes ? 'latin1' : 'utf8');
}

function encoded(text: TextValue & { readonly parts: readonly string[] }, encode: (bytes: Buffer) => string[]): Value {
  const forms = encode(bytesOf(text)).map(
    (form): Value => ({ ...text, parts: form === '' ? [] : [form], isBytes: false }),
  );
  return forms.length === 1 ? forms[0]! : { kind: 'any', values: forms };
}

/** The text at each of the three positions that it can have in base64, without the characters that its neighbours change. */
function base64Offsets(bytes: Buffer): string[] {
  const starts = [0, 2, 3] as const;
  const ends = [0, -3, -2] as const;
  return starts.map((start, offset) => {
    const text = Buffer.concat([Buffer.alloc(offset, 32), bytes]).toString('base64');
    const end = ends[(bytes.length + offset) % 3]!;
    return end === 0 ? text.slice(start) : text.slice(start, end);
  });
}

function utf16(text: TextValue, isBigEndian: boolean, hasMark: boolean): Value {
  const convert = (part: string): string => {
    const bytes = Buffer.from(part, 'utf16le');
    return (isBigEndian ? bytes.swap16() : bytes).toString('latin1');
  };
  const parts = text.parts.map((part): TextPart => (typeof part === 'string' ? convert(part) : part));
  return { ...text, parts: joined(hasMark ? ['\u00ff\u00fe', ...parts] : parts), isBytes: true };
}

const PLACEHOLDER = /%([\w.-]+)%/g;

function expand(value: Value, placeholders: Placeholders, state: ItemState): Value {
  if (value.kind === 'regex') return expandRegex(value, placeholders, state);
  const text = textOf(value, 'expand');
  let forms: TextPart[][] = [[]];
  const append = (choices: readonly TextPart[]): void => {
    forms = forms.flatMap((form) => choices.map((choice): TextPart[] => [...form, choice]));
    if (forms.length > MAX_FORMS) throw new ModifierError('the placeholders would give too many values');
  };
  let isNumber = false;
  for (const part of text.parts) {
    if (typeof part !== 'string') {
      append([part]);
      continue;
    }
    let at = 0;
    for (const match of part.matchAll(PLACEHOLDER)) {
      const given = placeholders.get(match[1]!);
      if (match.index > at) append([part.slice(at, match.index)]);
      at = match.index + match[0].length;
      if (given === undefined || given.length === 0) {
        state.unresolved.push(match[1]!);
        continue;
      }
      isNumber = match[0] === part && text.parts.length === 1 && given.every((one) => typeof one === 'number');
      append(given.map(String));
    }
    if (at < part.length) append([part.slice(at)]);
  }
  if (state.unresolved.length > 0) return { kind: 'any', values: [] };
  if (forms.length === 1 && forms[0]!.length === text.parts.length && !isNumber)
    return { ...text, parts: joined(forms[0]!) };
  return {
    kind: 'any',
    values: forms.map((parts) =>
      isNumber ? { kind: 'number', value: Number(parts.join('')) } : { ...text, parts: joined(parts) },
    ),
  };
}

function expandRegex(value: RegexValue, placeholders: Placeholders, state: ItemState): Value {
  const source = value.source.replace(PLACEHOLDER, (_, name: string) => {
    const given = placeholders.get(name);
    if (given === undefined || given.length === 0) {
      state.unresolved.push(name);
      return '';
    }
    return `(?:${given.map((one) => String(one).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})`;
  });
  return regexValue(source, value.flags);
}
