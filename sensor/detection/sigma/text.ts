/**
 * Texts of rules (specification 2.1, "Wildcards" and "Escaping"): `*` stands for any text, `?` for one character, a
 * backslash takes the next `*`, `?` or backslash literally and is itself before anything else.
 */
export const ANY_TEXT: unique symbol = Symbol('*');
export const ANY_CHARACTER: unique symbol = Symbol('?');

export type Wildcard = typeof ANY_TEXT | typeof ANY_CHARACTER;
export type TextPart = string | Wildcard;

export function parseText(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') parts.push(literal);
    literal = '';
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '\\') {
      const next = text[at + 1];
      if (next === '*' || next === '?' || next === '\\') {
        literal += next;
        at++;
      } else literal += character;
    } else if (character === '*' || character === '?') {
      flush();
      parts.push(character === '*' ? ANY_TEXT : ANY_CHARACTER);
    } else literal += character;
  }
  flush();
  return parts;
}

/** Neighbouring literals joined, neighbouring `*` made one. */
export function joined(parts: readonly TextPart[]): TextPart[] {
  const result: TextPart[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (typeof part === 'string' && typeof last === 'string') result[result.length - 1] = last + part;
    else if (part === ANY_TEXT && last === ANY_TEXT) continue;
    else if (part !== '') result.push(part);
  }
  return result;
}

export function hasWildcard(parts: readonly TextPart[]): boolean {
  return parts.includes(ANY_TEXT) || parts.includes(ANY_CHARACTER);
}

/** For sentences, and to write a text into a rule: special characters are escaped. */
export function showText(parts: readonly TextPart[]): string {
  return parts
    .map((part) => {
      if (part === ANY_TEXT) return '*';
      if (part === ANY_CHARACTER) return '?';
      return part.replace(/[*?\\]/g, '\\$&');
    })
    .join('');
}

/** What stands between two `*`: literals with single characters left open. */
type Segment = readonly (string | typeof ANY_CHARACTER)[];

export type TextTest = (text: string) => boolean;

/**
 * A test for a whole text, already in lower case where the rule ignores case. Each segment is searched for once behind
 * the one before, so that the time grows with the text and never with its power.
 */
export function textTest(parts: readonly TextPart[]): TextTest {
  const segments: Segment[] = splitSegments(parts);
  const [first = [], ...others] = segments;
  if (segments.length === 1) {
    const only = literalOf(first);
    if (only !== null) return (text) => text === only;
    return (text) => matchAt(first, text, 0) === text.length;
  }
  const last = others.pop()!;
  const head = literalOf(first);
  const tail = literalOf(last);
  if (head !== null && tail !== null) {
    const middle = others.length === 1 ? literalOf(others[0]!) : null;
    if (others.length === 0 && tail === '') return (text) => text.startsWith(head);
    if (others.length === 0 && head === '') return (text) => text.endsWith(tail);
    if (middle !== null && head === '' && tail === '') return (text) => text.includes(middle);
  }
  return (text) => {
    let at = matchAt(first, text, 0);
    if (at < 0) return false;
    for (const segment of others) {
      at = findFrom(segment, text, at);
      if (at < 0) return false;
    }
    return endsWithSegment(last, text, at);
  };
}

function splitSegments(parts: readonly TextPart[]): Segment[] {
  const segments: (string | typeof ANY_CHARACTER)[][] = [[]];
  for (const part of joined(parts)) {
    if (part === ANY_TEXT) segments.push([]);
    else segments.at(-1)!.push(part);
  }
  return segments;
}

function literalOf(segment: Segment): string | null {
  if (segment.length === 0) return '';
  return segment.length === 1 && typeof segment[0] === 'string' ? segment[0] : null;
}

/** Where the segment ends when it begins at `at`, or -1. `?` takes a whole character, also outside the first plane. */
function matchAt(segment: Segment, text: string, at: number): number {
  for (const part of segment) {
    if (typeof part === 'string') {
      if (!text.startsWith(part, at)) return -1;
      at += part.length;
    } else {
      if (at >= text.length) return -1;
      at += text.codePointAt(at)! > 0xffff ? 2 : 1;
    }
  }
  return at;
}

/** Where the first occurrence at or behind `from` ends, or -1. */
function findFrom(segment: Segment, text: string, from: number): number {
  const literal = literalOf(segment);
  if (literal !== null) {
    const at = text.indexOf(literal, from);
    return at < 0 ? -1 : at + literal.length;
  }
  for (let at = from; at <= text.length; at++) {
    const end = matchAt(segment, text, at);
    if (end >= 0) return end;
  }
  return -1;
}

/** Whether the text ends with the segment, and it begins no earlier than `from`. */
function endsWithSegment(segment: Segment, text: string, from: number): boolean {
  const literal = literalOf(segment);
  if (literal !== null) return text.length - literal.length >= from && text.endsWith(literal);
  for (let at = from; at <= text.length; at++) {
    if (matchAt(segment, text, at) === text.length) return true;
  }
  return false;
}
