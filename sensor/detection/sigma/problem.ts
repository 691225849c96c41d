/** What is wrong with a rule file, and where. Lines and columns count from 1. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  constructor(
    readonly file: string,
    readonly line: number,
    readonly column: number,
    readonly reason: string,
  ) {
    super(`${file}:${line}:${column}: ${reason}`);
  }
}

/** Something that loads, and that its author should look at all the same. */
export interface RuleWarning {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

export type Path = readonly (string | number)[];

/** Where a rule stands, so that what is wrong with it can be told with its place. */
export class RulePlace {
  readonly warnings: RuleWarning[] = [];
  readonly file: string;
  readonly #find: (path: Path) => { line: number; column: number };

  constructor(file: string, find: (path: Path) => { line: number; column: number }) {
    this.file = file;
    this.#find = find;
  }

  /** A place for documents that were checked before and come without their text. */
  static packed(file: string, line = 1): RulePlace {
    return new RulePlace(file, () => ({ line, column: 1 }));
  }

  find(path: Path): { line: number; column: number } {
    return this.#find(path);
  }

  error(path: Path, reason: string): RuleError {
    const { line, column } = this.#find(path);
    return new RuleError(this.file, line, column, reason);
  }

  warn(path: Path, reason: string): void {
    this.warnings.push({ file: this.file, ...this.#find(path), reason });
  }
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
