/**
 * Text with gaps of any length. Each part is searched for once behind the one before, so that the time grows with the
 * text and not with its power, as it would in one regular expression with many gaps.
 */
export class WildcardPattern {
  readonly #parts: readonly RegExp[];

  /** `parts`: sources of regular expressions for what stands between the gaps, the first and last possibly empty. */
  constructor(parts: readonly string[]) {
    const last = parts.length - 1;
    this.#parts = parts.map(
      (part, index) => new RegExp(`${index === 0 ? '^' : ''}${part}${index === last ? '$' : ''}`, 'giu'),
    );
  }

  test(text: string): boolean {
    let at = 0;
    for (const part of this.#parts) {
      part.lastIndex = at;
      if (!part.test(text)) return false;
      at = part.lastIndex;
    }
    return true;
  }
}
