import { createGunzip, type Gunzip } from 'node:zlib';

/** What one write takes: small enough that the output of one write always fits `MAX_OUTPUT`. */
export const PACKED_SLICE = 16 * 1024;
/** DEFLATE packs at most 1032 to 1; zlib must never wait for us in the middle of a write. */
const MAX_OUTPUT = PACKED_SLICE * 1100;

/**
 * gzip, unpacked in small steps whose output is complete when the step is done: Node's streams throw away what a
 * failing step had already unpacked, so the steps bound what damage can cost.
 */
export class Unpacker {
  /** Bytes given out. */
  unpacked = 0;
  /** Packed bytes whose output is complete. */
  consumed = 0;
  readonly #stream: Gunzip;
  readonly #take: (bytes: Uint8Array) => void;
  #settle: (error: Error | null | undefined) => void = () => {};

  constructor(take: (bytes: Uint8Array) => void) {
    this.#take = take;
    this.#stream = createGunzip({ chunkSize: 64 * 1024, readableHighWaterMark: MAX_OUTPUT } as Parameters<
      typeof createGunzip
    >[0]);
    // A failed write is told by this event alone: zlib forgets its callback.
    this.#stream.on('error', (error) => this.#settle(error));
  }

  /** Returns the reason when the data is damaged. `packed` is at most `PACKED_SLICE` bytes long. */
  async write(packed: Uint8Array): Promise<string | null> {
    const reason = await this.#step((done) => this.#stream.write(packed, done));
    if (reason === null) this.consumed += packed.length;
    return reason;
  }

  /** Returns the reason when the data ends too early or its check sum is wrong. */
  async end(): Promise<string | null> {
    // Whether the data was complete is known only after `finish`, when the readable side ends.
    const rest: Buffer[] = [];
    const reason = await this.#step((done) => {
      this.#stream.once('end', done);
      this.#stream.end();
      this.#stream.on('data', (bytes: Buffer) => rest.push(bytes));
    });
    for (const bytes of rest) this.#give(bytes);
    return reason;
  }

  close(): void {
    this.#stream.destroy();
  }

  async #step(start: (done: (error?: Error | null) => void) => void): Promise<string | null> {
    const error = await new Promise<Error | null | undefined>((resolve) => {
      this.#settle = resolve;
      start(resolve);
    });
    for (let bytes = this.#read(); bytes !== null; bytes = this.#read()) this.#give(bytes);
    return error ? error.message : null;
  }

  #give(bytes: Buffer): void {
    this.unpacked += bytes.length;
    this.#take(bytes);
  }

  #read(): Buffer | null {
    return this.#stream.read() as Buffer | null;
  }
}
