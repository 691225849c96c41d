export const DEFAULT_DATA_DIR = './fieldwatch-data';

/** The data directory of a command line: flag, environment, default. */
export function dataDir(flag: string | undefined): string {
  return flag ?? process.env['FIELDWATCH_DATA'] ?? DEFAULT_DATA_DIR;
}

/**
 * Text that may have come from a packet, harmless in a terminal: control characters would be obeyed by it, and
 * characters that turn the writing direction make text look like something else. Both are shown by their code.
 */
export function safeText(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
