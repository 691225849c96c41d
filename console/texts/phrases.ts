/**
 * English text of the sensor to its translation. Alerts and rules are English wherever they are stored or exported; the
 * page translates what it shows. `{0}`, `{1}`, … stand for what the sensor fills in; what they hold is translated too
 * where it is a phrase of its own.
 */
export type Phrases = Readonly<Record<string, string>>;

interface Pattern {
  /** The text between the gaps; one more than there are gaps. */
  readonly pieces: readonly string[];
  /** Which `{n}` each gap is. */
  readonly gaps: readonly number[];
  readonly translation: string;
  readonly isWeak: boolean;
}

/** Phrases lie in phrases at most this deep. */
const MAX_DEPTH = 3;
/** Longer texts are of nobody's making but a packet's. */
const MAX_LENGTH = 4000;
const MAX_SENTENCES = 12;
/** Places at which what a rule says may begin. */
const MAX_ENDS = 32;
const MAX_REMEMBERED = 2000;
/**
 * Letters of its own below which a phrase that begins with a gap fits too much: it is taken only for a whole text or a
 * whole gap, and only where a figure but no sentence was filled in.
 */
const FEW_LETTERS = 10;
const GAP = /\{(\d)\}/g;
const WAY_END = /[.:] /g;
const SENTENCE_END = /(?<=[.?!]) (?=[\p{Lu}\p{N}"])/u;

function toPattern(english: string, translation: string): Pattern {
  const parts = english.split(GAP);
  const pieces = parts.filter((_, index) => index % 2 === 0);
  const gaps = parts.filter((_, index) => index % 2 === 1).map(Number);
  return { pieces, gaps, translation, isWeak: pieces[0] === '' && pieces.join('').length < FEW_LETTERS };
}

/** What stands in the gaps; null when the text is not this phrase. Takes linear time, whatever the text is. */
function fill({ pieces, gaps, isWeak }: Pattern, text: string): string[] | null {
  const first = pieces[0] ?? '';
  const last = pieces[gaps.length] ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return null;
  const end = text.length - last.length;
  const found: string[] = [];
  let at = first.length;
  for (const [index, gap] of gaps.entries()) {
    const next = index === gaps.length - 1 ? end : text.indexOf(pieces[index + 1] ?? '', at);
    if (next < at || next > end) return null;
    found[gap] = text.slice(at, next);
    at = next + (pieces[index + 1] ?? '').length;
  }
  if (isWeak && (!found.some((value) => /\d/.test(value)) || found.some((value) => /[.:] | → /.test(value))))
    return null;
  return found;
}

/** English wordings, in lower case, of what was looked for in another language. */
export interface Wordings {
  /** Short texts as a whole: titles. */
  readonly titles: readonly string[];
  /** What stands somewhere in a longer text: of a phrase with gaps, its longest part. */
  readonly parts: readonly string[];
}

/** Shorter ones stand in too many texts that are about something else. */
const SHORTEST_PART = 12;
/** Of the parts: each is looked for in each text. */
const MAX_PARTS = 60;

/** Returns a function that says which English texts a reader of the translation means. */
export function searcher(phrases: Phrases): (text: string) => Wordings {
  const entries = Object.entries(phrases).map(([english, translation]) => {
    const isSentence = english.endsWith('.') || english.includes('{0}');
    const pieces = english.toLowerCase().split(/\{\d\}/);
    return {
      translation: translation.toLowerCase(),
      title: isSentence ? undefined : english.toLowerCase(),
      part: isSentence ? pieces.reduce((longest, piece) => (piece.length > longest.length ? piece : longest)) : '',
    };
  });
  return (text) => {
    const wanted = text.toLowerCase();
    const titles = new Set<string>();
    const parts = new Set<string>();
    for (const { translation, title, part } of entries) {
      if (!translation.includes(wanted)) continue;
      if (title !== undefined) titles.add(title);
      else if (part.length >= SHORTEST_PART && parts.size < MAX_PARTS) parts.add(part);
    }
    return { titles: [...titles], parts: [...parts] };
  };
}

/** Returns a function that translates what the sensor says, and leaves alone what it does not know. */
export function translator(phrases: Phrases): (text: string) => string {
  const whole = new Map<string, string>();
  const patterns: Pattern[] = [];
  for (const [english, translation] of Object.entries(phrases)) {
    if (english.includes('{0}')) patterns.push(toPattern(english, translation));
    else whole.set(english, translation);
  }
  // What says more in words of its own is the better match.
  const length = ({ pieces }: Pattern) => pieces.reduce((sum, piece) => sum + piece.length, 0);
  patterns.sort((one, other) => length(other) - length(one) || other.gaps.length - one.gaps.length);
  const remembered = new Map<string, string>();

  const phrase = (text: string, depth: number, isWhole: boolean): string | undefined => {
    const known = whole.get(text);
    if (known !== undefined || depth >= MAX_DEPTH) return known;
    for (const pattern of patterns) {
      const values = pattern.isWeak && !isWhole ? null : fill(pattern, text);
      if (values === null) continue;
      return pattern.translation.replaceAll(GAP, (_, gap: string) => {
        const value = values[Number(gap)] ?? '';
        return phrase(value, depth + 1, true) ?? value;
      });
    }
    return undefined;
  };

  /** Whole texts are tried before their sentences; undefined when a part of it is not known. */
  const text = (english: string, isWhole: boolean): string | undefined => {
    const known = phrase(english, 0, isWhole);
    if (known !== undefined) return known;
    const sentences = english.split(SENTENCE_END);
    if (sentences.length < 2 || sentences.length > MAX_SENTENCES) return undefined;
    /** Translations of what is before each sentence. */
    const before: (string | undefined)[] = [''];
    for (let to = 1; to <= sentences.length; to++) {
      for (let from = 0; from < to && before[to] === undefined; from++) {
        const head = before[from];
        if (head === undefined) continue;
        const part = phrase(sentences.slice(from, to).join(' '), 0, false);
        if (part !== undefined) before[to] = head === '' ? part : `${head} ${part}`;
      }
    }
    return before[sentences.length];
  };

  /** "PLC 1 → HMI 2: Write single coil. " and what a rule or an anomaly says; the way itself has no words. */
  const behindWay = (english: string): string | undefined => {
    const arrow = english.indexOf(' → ');
    if (arrow < 0) return undefined;
    WAY_END.lastIndex = arrow;
    for (let ends = 0; ends < MAX_ENDS && WAY_END.exec(english) !== null; ends++) {
      const at = WAY_END.lastIndex;
      const said = text(english.slice(at), false);
      if (said !== undefined) return english.slice(0, at).replace(', port ', ', Port ') + said;
    }
    return undefined;
  };

  return (english) => {
    if (english === '' || english.length > MAX_LENGTH) return english;
    const known = whole.get(english) ?? remembered.get(english);
    if (known !== undefined) return known;
    const said = text(english, true) ?? behindWay(english) ?? english;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(english, said);
    return said;
  };
}
