import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const ANCHOR_FILE = 'audit.anchor';

/**
 * Number and hash of the newest row of the audit log, in a file of its own. A chain of hashes shows changed rows, but
 * not that its end was cut off; this does. Copy it elsewhere now and then, and it also shows against whoever can write
 * to the data directory.
 */
export class AuditAnchor {
  readonly #path: string;
  #next: { n: number; hash: string } | null = null;

  constructor(dataDir: string) {
    this.#path = join(dataDir, ANCHOR_FILE);
  }

  /** To be written with the next `flush`. */
  set(n: number, hash: string): void {
    this.#next = { n, hash };
  }

  flush(): void {
    if (this.#next === null) return;
    const { n, hash } = this.#next;
    this.#next = null;
    const draft = `${this.#path}.${process.pid}`;
    writeFileSync(draft, `${n} ${hash}\n`, { mode: 0o600 });
    renameSync(draft, this.#path);
  }

  /** null: there is none, as before the first row. An unreadable one counts as an anchor that nothing fits. */
  read(): { n: number; hash: string } | null {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch {
      return null;
    }
    const match = /^(\d{1,15}) (\S{1,100})\n$/.exec(text);
    return match ? { n: Number(match[1]), hash: match[2] ?? '' } : { n: Number.MAX_SAFE_INTEGER, hash: '' };
  }
}
