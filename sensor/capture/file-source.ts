import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InterfaceHealth } from '../model/records.js';
import { formatTimestamp } from '../model/time.js';
import { CaptureParser } from './capture-parser.js';
import { CaptureError, type Damage, type Packet, type PacketSink, type PacketSource } from './packet.js';
import { PACKED_SLICE, Unpacker } from './unpacker.js';

const READ_SIZE = 1024 * 1024;
/** Fits into the processor's cache: a plain file is read and parsed in half the time of larger pieces. */
const PLAIN_READ_SIZE = 64 * 1024;
/** After so many bytes of a plain file, signals and timers get their turn. */
const TURN_SIZE = 8 * 1024 * 1024;
/** A compressed capture may unpack to this much; a gzip bomb stops there. */
const MAX_UNPACKED = 1024 ** 4;

/** `-` stands for standard input, as everywhere on a command line. */
export const STANDARD_INPUT = '-';

function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** One capture file (pcap, pcapng, gzip of either) or standard input. */
export class FileSource implements PacketSource {
  readonly #path: string;
  #parser: CaptureParser | null = null;
  #unpackDamage: Damage | null = null;
  #finished = false;
  #lastPacket = Number.NaN;
  #ready: (() => Promise<void>) | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Where and how the file is damaged, after `run`. */
  get damage(): Damage | null {
    return this.#unpackDamage ?? this.#parser?.damage ?? null;
  }

  get packets(): number {
    return this.#parser?.packets ?? 0;
  }

  get skipped(): number {
    return this.#parser?.skipped ?? 0;
  }

  async run(sink: PacketSink, signal: AbortSignal): Promise<void> {
    const parser = new CaptureParser({
      packet: (packet: Packet) => {
        this.#lastPacket = packet.timestamp;
        sink.packet(packet);
      },
    });
    this.#parser = parser;
    this.#ready = sink.ready && (() => sink.ready!());
    try {
      if (this.#path === STANDARD_INPUT) await this.#read(process.stdin, parser, signal);
      else await this.#readPath(parser, signal);
      if (!signal.aborted) parser.end();
    } catch (error) {
      throw this.#explain(error);
    } finally {
      this.#finished = true;
    }
  }

  async #readPath(parser: CaptureParser, signal: AbortSignal): Promise<void> {
    // A named pipe must be opened once only, so it is left to the stream.
    if (statSync(this.#path).isFile()) {
      const file = openSync(this.#path, 'r');
      try {
        const head = new Uint8Array(2);
        readSync(file, head, 0, head.length, 0);
        if (!isGzip(head)) {
          await this.#readPlain(file, parser, signal);
          return;
        }
      } finally {
        closeSync(file);
      }
    }
    await this.#read(createReadStream(this.#path, { highWaterMark: READ_SIZE }), parser, signal);
  }

  /** Synchronous, into one reused buffer: a read stream costs as much as decoding the packets. */
  async #readPlain(file: number, parser: CaptureParser, signal: AbortSignal): Promise<void> {
    let buf = new Uint8Array(PLAIN_READ_SIZE);
    let kept = 0;
    let sinceTurn = 0;
    for (;;) {
      const got = readSync(file, buf, kept, buf.length - kept, null);
      if (got === 0) break;
      const length = kept + got;
      const done = parser.consume(buf, length);
      if (parser.stopped) return;
      kept = length - done;
      if (done > 0) buf.copyWithin(0, done, length);
      else if (length === buf.length) {
        // A block larger than the buffer; the parser refuses those that are larger than any sound capture has.
        const grown = new Uint8Array(buf.length * 2);
        grown.set(buf);
        buf = grown;
      }
      sinceTurn += got;
      if (sinceTurn < TURN_SIZE) continue;
      sinceTurn = 0;
      await nextTurn();
      await this.#ready?.();
      if (signal.aborted) return;
    }
    parser.push(buf.subarray(0, kept));
  }

  async #read(input: Readable, parser: CaptureParser, signal: AbortSignal): Promise<void> {
    let head: Buffer = Buffer.alloc(0);
    let unpacker: Unpacker | null = null;
    try {
      for await (const data of input) {
        let chunk = data as Buffer;
        if (signal.aborted) break;
        if (unpacker === null && parser.offset === 0) {
          // Two bytes decide between gzip and plain; a pipe may deliver them one by one.
          head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
          if (head.length < 2) continue;
          chunk = head;
          if (isGzip(head)) unpacker = new Unpacker((bytes) => parser.push(bytes));
        }
        if (unpacker === null) parser.push(chunk);
        else if (!(await this.#unpack(unpacker, chunk, parser, signal))) return;
        if (parser.stopped) return;
        await this.#ready?.();
      }
      if (unpacker) await this.#noteUnpackDamage(unpacker, await unpacker.end(), parser);
      else if (parser.offset === 0 && head.length > 0) parser.push(head);
    } finally {
      unpacker?.close();
    }
  }

  /** False when there is nothing more to read: damage, a bound, or the parser has stopped. */
  async #unpack(unpacker: Unpacker, chunk: Buffer, parser: CaptureParser, signal: AbortSignal): Promise<boolean> {
    for (let at = 0; at < chunk.length; at += PACKED_SLICE) {
      if (signal.aborted || parser.stopped) return false;
      const reason = await unpacker.write(chunk.subarray(at, at + PACKED_SLICE));
      if (reason !== null) {
        await this.#noteUnpackDamage(unpacker, reason, parser);
        return false;
      }
      if (unpacker.unpacked > MAX_UNPACKED) {
        this.#unpackDamage = {
          offset: unpacker.unpacked,
          reason: 'the compressed file unpacks to more than a tebibyte',
        };
        return false;
      }
    }
    return true;
  }

  async #noteUnpackDamage(unpacker: Unpacker, reason: string | null, parser: CaptureParser): Promise<void> {
    if (reason === null) return;
    let offset = unpacker.unpacked;
    const isRepeatable = this.#path !== STANDARD_INPUT && statSync(this.#path).isFile();
    if (isRepeatable) offset = await this.#recover(unpacker, parser);
    if (offset === 0) throw new CaptureError(`is damaged gzip data from its beginning on (${reason})`);
    // Damage of the capture inside came first, and is what the user needs to know.
    if (parser.damage !== null) return;
    this.#unpackDamage = {
      offset,
      reason: `the gzip data is damaged (${reason}); offset in the unpacked data`,
    };
  }

  /**
   * The step that failed had unpacked something before the damage, which zlib does not give out: unpack anew up to
   * that step, then byte by byte. Returns the bytes unpacked in all.
   */
  async #recover(failed: Unpacker, parser: CaptureParser): Promise<number> {
    let toSkip = failed.unpacked;
    const again = new Unpacker((bytes) => {
      const skipped = Math.min(toSkip, bytes.length);
      toSkip -= skipped;
      if (skipped < bytes.length && !parser.stopped) parser.push(bytes.subarray(skipped));
    });
    try {
      const input = createReadStream(this.#path, { highWaterMark: PACKED_SLICE });
      for await (const data of input) {
        const chunk = data as Buffer;
        const whole = Math.min(chunk.length, Math.max(0, failed.consumed - again.consumed));
        if (whole > 0 && (await again.write(chunk.subarray(0, whole))) !== null) return again.unpacked;
        for (let at = whole; at < chunk.length; at++) {
          if ((await again.write(chunk.subarray(at, at + 1))) !== null) return again.unpacked;
        }
      }
      return again.unpacked;
    } finally {
      again.close();
    }
  }

  #explain(error: unknown): unknown {
    const where = this.#path === STANDARD_INPUT ? 'standard input' : this.#path;
    if (error instanceof CaptureError) return new CaptureError(`${where} ${error.message}`);
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return new CaptureError(`${where} does not exist; check the path`);
    if (code === 'EACCES') return new CaptureError(`${where} may not be read; check its permissions`);
    if (code === 'EISDIR') return new CaptureError(`${where} is a folder; name the capture files in it`);
    return error;
  }

  health(): InterfaceHealth[] {
    const parser = this.#parser;
    return [
      {
        name: this.#path,
        source: 'file',
        state: this.#finished ? 'finished' : 'capturing',
        packets: parser?.packets ?? 0,
        bytes: parser?.bytes ?? 0,
        dropped_by_kernel: parser?.reportedDrops ?? 0,
        dropped_by_interface: null,
        ...(Number.isNaN(this.#lastPacket) ? {} : { last_packet: formatTimestamp(this.#lastPacket) }),
        notes: this.damage ? [`Damaged at byte ${this.damage.offset}: ${this.damage.reason}.`] : [],
      },
    ];
  }
}
