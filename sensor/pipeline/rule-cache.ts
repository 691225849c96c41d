import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { PackedRules } from '../detection/rule-files.js';
import type { PackedRule } from '../detection/sigma/packed-rule.js';
import { builtFile, productVersion } from '../product.js';

/** Raised when rules would be read otherwise than before. */
const FORMAT = 4;

/** First line of the file. The second one has the rules, by the hash of their file's text. */
interface Head {
  readonly format: number;
  /** The build that has found them sound. */
  readonly build: string;
  /** Hash of the second line: rules that somebody has changed there were never looked at. */
  readonly sum: string;
}

type Files = Record<string, readonly PackedRule[]>;

/** What YAML knows as a number and JSON does not. */
const NOT_IN_JSON = /\.(?:inf|nan)\b/i;

/**
 * The rules of rule files, kept beside the data: reading YAML takes most of the time that thousands of rules need at
 * a start. Keyed by the files' text, so that it can never be out of date.
 */
export class RuleCache implements PackedRules {
  readonly #path: string;
  readonly #build: string;
  readonly #known: ReadonlyMap<string, readonly PackedRule[]>;
  readonly #used = new Map<string, readonly PackedRule[]>();
  #hasNews = false;

  constructor(path: string, build = thisBuild()) {
    this.#path = path;
    this.#build = build;
    this.#known = new Map(Object.entries(readCache(path, build)));
  }

  get(text: string): readonly PackedRule[] | null {
    const key = keyOf(text);
    const rules = this.#known.get(key);
    if (rules === undefined) return null;
    this.#used.set(key, rules);
    return rules;
  }

  put(text: string, rules: readonly PackedRule[]): void {
    if (NOT_IN_JSON.test(text)) return;
    this.#used.set(keyOf(text), rules);
    this.#hasNews = true;
  }

  /** Keeps what was used, for the next start. */
  save(): void {
    if (!this.#hasNews) return;
    const files = JSON.stringify(Object.fromEntries(this.#used));
    const head: Head = { format: FORMAT, build: this.#build, sum: keyOf(files) };
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      // Two programs may write at once; each leaves a whole file.
      const fresh = `${this.#path}.${process.pid}`;
      writeFileSync(fresh, `${JSON.stringify(head)}\n${files}`, { mode: 0o600 });
      renameSync(fresh, this.#path);
    } catch {
      // Without it the next start reads the YAML again; a folder that cannot be written is told by the store.
    }
  }
}

function readCache(path: string, build: string): Files {
  try {
    const text = readFileSync(path, 'utf8');
    const end = text.indexOf('\n');
    const head = JSON.parse(text.slice(0, end)) as Partial<Head>;
    if (head.format !== FORMAT || head.build !== build) return {};
    const files = text.slice(end + 1);
    return keyOf(files) === head.sum ? (JSON.parse(files) as Files) : {};
  } catch {
    // There is none yet, or half of one: then the YAML is read.
    return {};
  }
}

/** Between two releases programs of one version differ: what the one finds sound, the other may refuse. */
function thisBuild(): string {
  return `${productVersion()} ${statSync(builtFile('rules.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0}`;
}

function keyOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
