import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DocumentCache } from '../detection/rule-files.js';

/** Raised when documents would be read otherwise than before. */
const FORMAT = 1;

interface CacheFile {
  readonly format: number;
  /** Documents by the hash of their file's text. */
  readonly files: Record<string, unknown[]>;
}

/** What YAML knows as a number and JSON does not. */
const NOT_IN_JSON = /\.(?:inf|nan)\b/i;

/**
 * The documents of rule files, kept beside the data: reading YAML takes most of the time that thousands of rules need at
 * a start. Keyed by the files' text, so that it can never be out of date.
 */
export class RuleCache implements DocumentCache {
  readonly #path: string;
  readonly #known: ReadonlyMap<string, unknown[]>;
  readonly #used = new Map<string, unknown[]>();
  #hasNews = false;

  constructor(path: string) {
    this.#path = path;
    this.#known = new Map(Object.entries(readCache(path)?.files ?? {}));
  }

  get(text: string): readonly unknown[] | null {
    const key = keyOf(text);
    const documents = this.#known.get(key);
    if (documents === undefined) return null;
    this.#used.set(key, documents);
    return documents;
  }

  put(text: string, documents: readonly unknown[]): void {
    if (NOT_IN_JSON.test(text)) return;
    this.#used.set(keyOf(text), [...documents]);
    this.#hasNews = true;
  }

  /** Keeps what was used, for the next start. */
  save(): void {
    if (!this.#hasNews) return;
    const content: CacheFile = { format: FORMAT, files: Object.fromEntries(this.#used) };
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      // Two programs may write at once; each leaves a whole file.
      const fresh = `${this.#path}.${process.pid}`;
      writeFileSync(fresh, JSON.stringify(content), { mode: 0o600 });
      renameSync(fresh, this.#path);
    } catch {
      // Without it the next start reads the YAML again; a folder that cannot be written is told by the store.
    }
  }
}

function readCache(path: string): CacheFile | null {
  try {
    const content = JSON.parse(readFileSync(path, 'utf8')) as Partial<CacheFile> | null;
    return content?.format === FORMAT && typeof content.files === 'object' ? (content as CacheFile) : null;
  } catch {
    // There is none yet, or half of one: then the YAML is read.
    return null;
  }
}

function keyOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
