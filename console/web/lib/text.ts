/**
 * Text that came from packets. The page never interprets it (it is only ever a text node), but some characters act
 * without being markup: control characters vanish and bidirectional overrides reorder what stands around them. They
 * are shown as `\u{..}` instead.
 */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are meant
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffc]|[\u{e0000}-\u{e007f}]/gu;

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

export function visible(text: string): string {
  return text.replace(INVISIBLE, escapeCharacter);
}

export interface TextPart {
  text: string;
  escaped: boolean;
}

/** The same, cut where escapes begin and end, so that a reader can tell an escape from a literal backslash. */
export function visibleParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(INVISIBLE)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index), escaped: false });
    parts.push({ text: escapeCharacter(match[0]), escaped: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), escaped: false });
  return parts;
}

/**
 * An entry of a table by a name that a packet may have chosen: `constructor` and `toString` are names like any other
 * and must not find what every object inherits.
 */
export function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** An id as part of an address. Half a character (a lone surrogate) has no encoding and is replaced. */
export function encodeId(id: string): string {
  return encodeURIComponent(id.replace(/\p{Surrogate}/gu, '\ufffd'));
}
