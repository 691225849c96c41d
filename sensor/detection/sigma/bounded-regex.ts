/**
 * A backtracking matcher for regular expressions that no linear engine can run (look-around, back-references,
 * possessive and atomic groups, large counts), in the syntax that Python's `re` and PCRE share. Every match has a
 * budget of steps: when it is used up the answer is "no", and `gaveUp` counts it. So neither a rule nor a packet can
 * hold up the sensor, and the answer is the same on every machine.
 */
export class BoundedRegex {
  /** Searches that ended because the budget was used up. */
  gaveUp = 0;
  readonly #match: Matcher;
  readonly #groups: number;

  /** Throws `RegexSyntaxError`. */
  constructor(source: string, flags: { readonly i: boolean; readonly m: boolean; readonly s: boolean }) {
    const parser = new Parser(source, flags);
    this.#match = parser.parse();
    this.#groups = parser.groups;
  }

  /** Whether the pattern matches anywhere in the text. */
  test(text: string): boolean {
    const run: Run = { text, steps: 0, depth: 0, groups: new Array<number>(2 * (this.#groups + 1)).fill(-1) };
    for (let at = 0; at <= text.length; at++) {
      if (this.#match(run, at, SUCCESS)) return true;
      if (run.steps > MAX_STEPS) {
        this.gaveUp++;
        return false;
      }
    }
    return false;
  }
}

export class RegexSyntaxError extends Error {
  override readonly name = 'RegexSyntaxError';
}

/** About a millisecond. */
const MAX_STEPS = 100_000;
/** Repetitions of groups inside each other, so that the stack suffices. */
const MAX_DEPTH = 1000;
const MAX_NESTING = 100;
const MAX_REPEAT = 100_000;

interface Run {
  readonly text: string;
  steps: number;
  depth: number;
  /** Begin and end of each group, -1 where it has not matched. */
  groups: number[];
}

type Continue = (at: number) => boolean;
type Matcher = (run: Run, at: number, then: Continue) => boolean;
/** Whether one UTF-16 unit belongs to a set. */
type Unit = (code: number) => boolean;

interface Flags {
  i: boolean;
  m: boolean;
  s: boolean;
  x: boolean;
}

const SUCCESS: Continue = () => true;

function exhausted(run: Run): boolean {
  return ++run.steps > MAX_STEPS;
}

const isDigit: Unit = (code) => code >= 48 && code <= 57;
const isWord: Unit = (code) =>
  isDigit(code) ||
  (code >= 65 && code <= 90) ||
  (code >= 97 && code <= 122) ||
  code === 95 ||
  (code > 127 && /[\p{L}\p{N}]/u.test(String.fromCharCode(code)));
const isSpace: Unit = (code) =>
  (code >= 9 && code <= 13) || code === 32 || (code > 127 && /\s/.test(String.fromCharCode(code)));
const not =
  (unit: Unit): Unit =>
  (code) =>
    !unit(code);
const CLASSES: Readonly<Record<string, Unit>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
  h: (code) => code === 32 || code === 9 || code === 0xa0,
};
const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, a: 7, e: 27 };
const POSIX: Readonly<Record<string, Unit>> = {
  alpha: (code) => /[A-Za-z]/.test(String.fromCharCode(code)),
  digit: isDigit,
  alnum: (code) => /[A-Za-z0-9]/.test(String.fromCharCode(code)),
  upper: (code) => code >= 65 && code <= 90,
  lower: (code) => code >= 97 && code <= 122,
  space: isSpace,
  punct: (code) => /[!-/:-@[-`{-~]/.test(String.fromCharCode(code)),
  xdigit: (code) => /[0-9A-Fa-f]/.test(String.fromCharCode(code)),
  word: isWord,
};

class Parser {
  groups = 0;
  readonly #source: string;
  readonly #names = new Map<string, number>();
  #at = 0;
  #nesting = 0;
  #flags: Flags;

  constructor(source: string, flags: { readonly i: boolean; readonly m: boolean; readonly s: boolean }) {
    this.#source = source;
    this.#flags = { ...flags, x: false };
  }

  parse(): Matcher {
    const matcher = this.#alternatives();
    if (this.#at < this.#source.length) throw this.#error('a closing parenthesis has no opening one');
    return matcher;
  }

  #error(reason: string): RegexSyntaxError {
    return new RegexSyntaxError(`${reason}, at character ${this.#at + 1}`);
  }

  #peek(text: string): boolean {
    return this.#source.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#peek(text)) return false;
    this.#at += text.length;
    return true;
  }

  #takeMatch(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (match) this.#at += match[0].length;
    return match;
  }

  #alternatives(): Matcher {
    if (++this.#nesting > MAX_NESTING) throw this.#error('groups are nested too deeply');
    const outer = { ...this.#flags };
    const branches = [this.#sequence()];
    while (this.#take('|')) branches.push(this.#sequence());
    this.#flags = outer;
    this.#nesting--;
    if (branches.length === 1) return branches[0]!;
    return (run, at, then) => {
      for (const branch of branches) {
        if (branch(run, at, then)) return true;
        if (exhausted(run)) return false;
      }
      return false;
    };
  }

  #sequence(): Matcher {
    const items: Matcher[] = [];
    while (this.#at < this.#source.length && !this.#peek('|') && !this.#peek(')')) {
      if (this.#flags.x && this.#takeMatch(/\s+|#[^\n]*/y)) continue;
      const item = this.#quantified();
      if (item !== null) items.push(item);
    }
    return sequence(items);
  }

  /** An atom with its repetition; null for what only changes flags. */
  #quantified(): Matcher | null {
    const groupsBefore = this.groups;
    const atom = this.#atom();
    if (atom === null) return null;
    const range = this.#range();
    if (range === null) return atom.matcher;
    const [least, most] = range;
    const isLazy = this.#take('?');
    const isPossessive = !isLazy && this.#take('+');
    if (/[*+?]/.test(this.#source[this.#at] ?? '')) throw this.#error('two repetitions stand behind each other');
    const repeated =
      atom.unit === null
        ? repeatGroup(atom.matcher, least, most, isLazy, groupsBefore, this.groups)
        : repeatUnit(atom.unit, least, most, isLazy);
    return isPossessive ? atomic(repeated) : repeated;
  }

  #range(): readonly [number, number] | null {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#take('?')) return [0, 1];
    const counted = this.#takeMatch(/\{(\d*)(,?)(\d*)\}/y);
    if (counted === null) return null;
    const [all, from = '', comma = '', to = ''] = counted;
    if (from === '' && to === '') {
      this.#at -= all.length;
      return null;
    }
    const least = Number(from);
    const most = comma === '' ? least : to === '' ? Number.POSITIVE_INFINITY : Number(to);
    if (least > MAX_REPEAT || (most !== Number.POSITIVE_INFINITY && most > MAX_REPEAT))
      throw this.#error(`more than ${MAX_REPEAT} repetitions`);
    if (least > most) throw this.#error('the repetition counts are the wrong way round');
    return [least, most];
  }

  #atom(): { matcher: Matcher; unit: Unit | null } | null {
    const character = this.#source[this.#at]!;
    if (/[*+?]/.test(character)) throw this.#error(`"${character}" repeats nothing`);
    this.#at++;
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return single(this.#set());
      case '.':
        return single(this.#flags.s ? () => true : (code) => code !== 10);
      case '^':
        return assertion(this.#flags.m ? isLineStart : (_, at) => at === 0);
      case '$':
        return assertion(
          this.#flags.m
            ? (text, at) => at === text.length || text[at] === '\n'
            : (text, at) => at === text.length || (at === text.length - 1 && text[at] === '\n'),
        );
      case '\\':
        return this.#escape();
      default:
        return single(this.#literal(character.charCodeAt(0)));
    }
  }

  #literal(code: number): Unit {
    if (!this.#flags.i) return (unit) => unit === code;
    const character = String.fromCharCode(code);
    const lower = character.toLowerCase().charCodeAt(0);
    const upper = character.toUpperCase().charCodeAt(0);
    return (unit) => unit === lower || unit === upper;
  }

  #escape(): { matcher: Matcher; unit: Unit | null } {
    const character = this.#source[this.#at];
    if (character === undefined) throw this.#error('the pattern ends with a backslash');
    this.#at++;
    const set = CLASSES[character];
    if (set !== undefined) return single(set);
    switch (character) {
      case 'b':
        return assertion(isWordBoundary);
      case 'B':
        return assertion((text, at) => !isWordBoundary(text, at));
      case 'A':
        return assertion((_, at) => at === 0);
      case 'Z':
      case 'z':
        return assertion((text, at) => at === text.length);
      case 'k': {
        const name = this.#takeMatch(/<(\w+)>/y)?.[1];
        return this.#reference(name === undefined ? undefined : this.#names.get(name));
      }
    }
    if (/[1-9]/.test(character)) {
      this.#at--;
      return this.#reference(Number(this.#takeMatch(/\d{1,2}/y)![0]));
    }
    this.#at--;
    return single(this.#literal(this.#escapedCode()));
  }

  /** The character that an escape stands for, in a class or outside. */
  #escapedCode(): number {
    const hex = this.#takeMatch(/x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|x\{([0-9A-Fa-f]{1,4})\}/y);
    if (hex) return Number.parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16);
    const octal = this.#takeMatch(/0[0-7]{0,2}/y);
    if (octal) return Number.parseInt(octal[0], 8);
    const character = this.#source[this.#at++]!;
    const control = CONTROLS[character];
    if (control !== undefined) return control;
    if (/[A-Za-z0-9]/.test(character)) throw this.#error(`"\\${character}" is no known escape`);
    return character.charCodeAt(0);
  }

  #reference(group: number | undefined): { matcher: Matcher; unit: null } {
    if (group === undefined || group > this.groups) throw this.#error('there is no such group before');
    const ignoresCase = this.#flags.i;
    const matcher: Matcher = (run, at, then) => {
      const from = run.groups[2 * group]!;
      const to = run.groups[2 * group + 1]!;
      if (from < 0 || to < 0) return false;
      run.steps += to - from;
      const wanted = run.text.slice(from, to);
      const found = run.text.slice(at, at + wanted.length);
      const isSame = ignoresCase ? wanted.toLowerCase() === found.toLowerCase() : wanted === found;
      return isSame && then(at + wanted.length);
    };
    return { matcher, unit: null };
  }

  #set(): Unit {
    const isNegated = this.#take('^');
    const units: Unit[] = [];
    for (let isFirst = true; ; isFirst = false) {
      if (this.#at >= this.#source.length) throw this.#error('a character class is not closed');
      if (!isFirst && this.#take(']')) break;
      const posix = this.#takeMatch(/\[:(\w+):\]/y);
      if (posix) {
        const named = POSIX[posix[1]!];
        if (named === undefined) throw this.#error(`there is no class [:${posix[1]}:]`);
        units.push(named);
        continue;
      }
      const low = this.#setItem();
      if (typeof low !== 'number') {
        units.push(low);
        continue;
      }
      if (this.#peek('-') && this.#source[this.#at + 1] !== ']' && this.#at + 1 < this.#source.length) {
        this.#at++;
        const high = this.#setItem();
        if (typeof high === 'number') {
          if (high < low) throw this.#error('a range of characters is the wrong way round');
          units.push((code) => code >= low && code <= high);
          continue;
        }
        units.push((code) => code === 45, high);
      }
      units.push((code) => code === low);
    }
    const has: Unit = (code) => units.some((unit) => unit(code));
    const folded: Unit = !this.#flags.i
      ? has
      : (code) => {
          const character = String.fromCharCode(code);
          return has(code) || has(character.toLowerCase().charCodeAt(0)) || has(character.toUpperCase().charCodeAt(0));
        };
    return isNegated ? not(folded) : folded;
  }

  #setItem(): number | Unit {
    const character = this.#source[this.#at]!;
    if (character !== '\\') {
      this.#at++;
      return character.charCodeAt(0);
    }
    this.#at++;
    const escaped = this.#source[this.#at] ?? '';
    const set = CLASSES[escaped];
    if (set !== undefined) {
      this.#at++;
      return set;
    }
    if (escaped === 'b') {
      this.#at++;
      return 8;
    }
    if (escaped === '') throw this.#error('a character class is not closed');
    return this.#escapedCode();
  }

  #group(): { matcher: Matcher; unit: null } | null {
    if (this.#takeMatch(/\?#[^)]*\)/y)) return null;
    const flags = this.#takeMatch(/\?([aiLmsux]*)(?:-([imsx]+))?([:)])/y);
    if (flags) {
      const outer = { ...this.#flags };
      for (const flag of flags[1]!) if (flag in this.#flags) this.#flags[flag as keyof Flags] = true;
      for (const flag of flags[2] ?? '') this.#flags[flag as keyof Flags] = false;
      if (flags[3] === ')') return null;
      const inner = this.#alternatives();
      this.#flags = outer;
      return this.#closed(inner);
    }
    if (this.#take('?=')) return this.#closed(lookAhead(this.#alternatives(), true));
    if (this.#take('?!')) return this.#closed(lookAhead(this.#alternatives(), false));
    if (this.#take('?<=')) return this.#closed(lookBehind(this.#alternatives(), true));
    if (this.#take('?<!')) return this.#closed(lookBehind(this.#alternatives(), false));
    if (this.#take('?>')) return this.#closed(atomic(this.#alternatives()));
    const reference = this.#takeMatch(/\?P=(\w+)\)/y);
    if (reference) return this.#reference(this.#names.get(reference[1]!));
    const name = this.#takeMatch(/\?P?<(\w+)>/y);
    if (!name && this.#peek('?')) throw this.#error('this kind of group is not supported');
    const group = ++this.groups;
    if (name) this.#names.set(name[1]!, group);
    const inner = this.#alternatives();
    return this.#closed((run, at, then) => {
      const [from, to] = [run.groups[2 * group]!, run.groups[2 * group + 1]!];
      const matched = inner(run, at, (end) => {
        const before = [run.groups[2 * group]!, run.groups[2 * group + 1]!] as const;
        run.groups[2 * group] = at;
        run.groups[2 * group + 1] = end;
        if (then(end)) return true;
        [run.groups[2 * group], run.groups[2 * group + 1]] = before;
        return false;
      });
      if (!matched) [run.groups[2 * group], run.groups[2 * group + 1]] = [from, to];
      return matched;
    });
  }

  #closed(matcher: Matcher): { matcher: Matcher; unit: null } {
    if (!this.#take(')')) throw this.#error('a parenthesis is not closed');
    return { matcher, unit: null };
  }
}

const isLineStart = (text: string, at: number): boolean => at === 0 || text[at - 1] === '\n';

function isWordBoundary(text: string, at: number): boolean {
  const before = at > 0 && isWord(text.charCodeAt(at - 1));
  const after = at < text.length && isWord(text.charCodeAt(at));
  return before !== after;
}

function single(unit: Unit): { matcher: Matcher; unit: Unit } {
  return {
    unit,
    matcher: (run, at, then) =>
      !exhausted(run) && at < run.text.length && unit(run.text.charCodeAt(at)) && then(at + 1),
  };
}

function assertion(holds: (text: string, at: number) => boolean): { matcher: Matcher; unit: null } {
  return { matcher: (run, at, then) => !exhausted(run) && holds(run.text, at) && then(at), unit: null };
}

function sequence(items: readonly Matcher[]): Matcher {
  if (items.length === 1) return items[0]!;
  return (run, at, then) => {
    const from = (index: number, position: number): boolean => {
      const item = items[index];
      return item === undefined ? then(position) : item(run, position, (end) => from(index + 1, end));
    };
    return from(0, at);
  };
}

function repeatUnit(unit: Unit, least: number, most: number, isLazy: boolean): Matcher {
  return (run, at, then) => {
    const limit = Math.min(run.text.length - at, most);
    let count = 0;
    const takes = (): boolean => {
      if (count >= limit || exhausted(run) || !unit(run.text.charCodeAt(at + count))) return false;
      count++;
      return true;
    };
    while (count < least) if (!takes()) return false;
    if (isLazy) {
      for (;;) {
        if (then(at + count)) return true;
        if (exhausted(run) || !takes()) return false;
      }
    }
    while (takes());
    for (; count >= least; count--) {
      if (exhausted(run)) return false;
      if (then(at + count)) return true;
    }
    return false;
  };
}

function repeatGroup(
  inner: Matcher,
  least: number,
  most: number,
  isLazy: boolean,
  groupsBefore: number,
  groupsAfter: number,
): Matcher {
  const again = (run: Run, at: number, count: number, then: Continue): boolean => {
    if (exhausted(run)) return false;
    if (run.depth >= MAX_DEPTH) {
      run.steps = MAX_STEPS + 1;
      return false;
    }
    const once = (): boolean => {
      if (count >= most) return false;
      const saved = run.groups.slice(2 * (groupsBefore + 1), 2 * (groupsAfter + 1));
      run.depth++;
      // A repetition that takes nothing would go on for ever.
      const matched = inner(run, at, (end) => (end !== at || count < least) && again(run, end, count + 1, then));
      run.depth--;
      if (!matched) run.groups.splice(2 * (groupsBefore + 1), saved.length, ...saved);
      return matched;
    };
    if (count < least) return once();
    return isLazy ? then(at) || once() : once() || then(at);
  };
  return (run, at, then) => again(run, at, 0, then);
}

/** Once it has matched, it is not tried again in another way. */
function atomic(inner: Matcher): Matcher {
  return (run, at, then) => {
    let end = -1;
    const matched = inner(run, at, (position) => {
      end = position;
      return true;
    });
    return matched && then(end);
  };
}

function lookAhead(inner: Matcher, wanted: boolean): Matcher {
  return (run, at, then) => {
    const found = inner(run, at, SUCCESS);
    return run.steps <= MAX_STEPS && found === wanted && then(at);
  };
}

function lookBehind(inner: Matcher, wanted: boolean): Matcher {
  return (run, at, then) => {
    let found = false;
    for (let from = at; from >= 0 && !found && !exhausted(run); from--) found = inner(run, from, (end) => end === at);
    return run.steps <= MAX_STEPS && found === wanted && then(at);
  };
}
