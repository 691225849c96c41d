import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import { BoundedRegex, RegexSyntaxError } from './bounded-regex.js';

export interface RegexFlags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
}

export interface Regex {
  /** Whether the pattern is found anywhere in the text. */
  test(text: string): boolean;
  /** Searches that were given up; always 0 for linear ones. */
  readonly gaveUp: number;
  readonly isLinear: boolean;
}

/** A longer pattern is a mistake, or an attempt to use up memory. */
const MAX_PATTERN = 8192;

type Engine = typeof RE2JS;
let engine: Engine | null = null;

/** Loaded by the first rule that needs it: it is as large as all else of the rules, and most starts never ask for it. */
function re2(): Engine {
  engine ??= (createRequire(import.meta.url)('re2js') as { RE2JS: Engine }).RE2JS;
  return engine;
}

/**
 * A regular expression of a rule. Linear time through RE2's engine; what that cannot run (look-around,
 * back-references, counts above 1000) gets a matcher with a budget. Throws `RegexSyntaxError`.
 */
export function compileRegex(source: string, flags: RegexFlags): Regex {
  if (source.length > MAX_PATTERN)
    throw new RegexSyntaxError(`a regular expression of more than ${MAX_PATTERN} characters`);
  const { CASE_INSENSITIVE, MULTILINE, DOTALL } = re2();
  let bits = 0;
  if (flags.i) bits |= CASE_INSENSITIVE;
  if (flags.m) bits |= MULTILINE;
  if (flags.s) bits |= DOTALL;
  try {
    const pattern = re2().compile(inRe2Syntax(source), bits);
    return { test: (text) => pattern.test(text), gaveUp: 0, isLinear: true };
  } catch {
    const bounded = new BoundedRegex(source, flags);
    return {
      test: (text) => bounded.test(text),
      get gaveUp() {
        return bounded.gaveUp;
      },
      isLinear: false,
    };
  }
}

/** `\Z` and `{,n}` of Python are `\z` and `{0,n}` of RE2; read as they stand they would mean something else there. */
function inRe2Syntax(source: string): string {
  return source.replace(/\\.|\{,(\d+)\}/gs, (all, most: string | undefined) =>
    all === '\\Z' ? '\\z' : most !== undefined ? `{0,${most}}` : all,
  );
}
