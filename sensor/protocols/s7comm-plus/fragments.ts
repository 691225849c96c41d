/** Largest message that is put together, and most parts of one: a program download fills some hundred kilobytes. */
const MAX_MESSAGE = 1 << 20;
const MAX_PARTS = 1024;
/** Bytes of unfinished messages of all connections together. */
const MAX_HELD = 64 << 20;

/** Unfinished messages of all connections, oldest first: what one connection hoards does not starve the others. */
const held = new Set<Fragments>();
let heldBytes = 0;

/** The parts of one direction's message, without their headers and digests. */
export class Fragments {
  #buf: Uint8Array = new Uint8Array(0);
  #length = 0;
  parts = 0;

  get buf(): Uint8Array {
    return this.#buf;
  }

  get length(): number {
    return this.#length;
  }

  /** False: the message becomes longer than any that is put together. */
  add(buf: Uint8Array, from: number, to: number): boolean {
    const needed = this.#length + (to - from);
    if (needed > MAX_MESSAGE || this.parts >= MAX_PARTS) return false;
    if (this.#buf.length < needed) {
      const grown = new Uint8Array(Math.min(MAX_MESSAGE, Math.max(4096, needed * 2)));
      grown.set(this.#buf.subarray(0, this.#length));
      heldBytes += grown.length - this.#buf.length;
      this.#buf = grown;
      held.add(this);
      makeRoom(this);
    }
    this.#buf.set(buf.subarray(from, to), this.#length);
    this.#length = needed;
    this.parts++;
    return true;
  }

  clear(): void {
    heldBytes -= this.#buf.length;
    held.delete(this);
    this.#buf = new Uint8Array(0);
    this.#length = 0;
    this.parts = 0;
  }
}

function makeRoom(newest: Fragments): void {
  for (const oldest of held) {
    if (heldBytes <= MAX_HELD) return;
    if (oldest !== newest) oldest.clear();
  }
}
