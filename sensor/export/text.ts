/**
 * Text from packets, harmless in every format: control characters could end a message or begin a forged one, and
 * characters that turn the writing direction make it look like something else. Both are shown by their code.
 */

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/** At most `max` characters (code points), the last one an ellipsis when something was cut. */
export function cleanText(text: string, max: number): string {
  // A cut before the replacement keeps a megabyte from being searched; no code point has more than two units.
  const clean = text
    .slice(0, 2 * max + 2)
    .replaceAll(UNPRINTABLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
  return shorten(clean, max);
}

export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const points = [...text];
  return points.length <= max ? text : `${points.slice(0, Math.max(0, max - 1)).join('')}…`;
}

const MAX_DEPTH = 6;
const MAX_ENTRIES = 64;

/** The same for anything that JSON can hold: texts, keys, depth and length bounded. */
export function cleanValue(value: unknown, maxText: number, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value, maxText);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'object' || depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((item) => cleanValue(item, maxText, depth + 1));
  // No prototype: a key may be `__proto__`.
  const clean = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value).slice(0, MAX_ENTRIES))
    if (item !== undefined) clean[cleanText(key, 64)] = cleanValue(item, maxText, depth + 1);
  return clean;
}

/** Cuts at a byte bound without breaking a character. */
export function cutBytes(text: string, max: number): string {
  if (Buffer.byteLength(text) <= max) return text;
  const bytes = Buffer.from(text).subarray(0, Math.max(0, max));
  let end = bytes.length;
  // A continuation byte (10xxxxxx) at the cut means that its character began before and is not whole.
  while (end > 0 && (bytes[end - 1]! & 0xc0) === 0x80) end--;
  if (end > 0 && bytes[end - 1]! >= 0xc0) {
    const lead = bytes[end - 1]!;
    const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    end = bytes.length - (end - 1) >= length ? bytes.length : end - 1;
  } else end = bytes.length;
  return bytes.toString('utf8', 0, end);
}
