import { createReadStream, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InterfaceHealth } from '../model/records.js';
import { formatTimestamp } from '../model/time.js';
import { CaptureParser } from './capture-parser.js';
import { CaptureError, type Damage, type Packet, type PacketSink, type PacketSource } from './packet.js';
import { PACKED_SLICE, Unpacker } from './unpacker.js';

const READ_SIZE = 1024 * 1024;
/** Of a plain file: large enough that waiting for each piece costs little, small enough for the processor's cache. */
const PIECE = 256 * 1024;
/** Room in front of a piece for the packet that the one before it broke off. */
const HEADROOM = 512 * 1024;
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
  #bytesRead = 0;
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

  /** Bytes of the file itself, packed where it is: with its size, how far the reading is. */
  get bytesRead(): number {
    return this.#bytesRead;
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
      const file = await open(this.#path, 'r');
      try {
        const head = new Uint8Array(2);
        await file.read(head, 0, head.length, 0);
        if (!isGzip(head)) {
          await this.#readPlain(file, parser, signal);
          return;
        }
      } finally {
        await file.close();
      }
    }
    await this.#read(createReadStream(this.#path, { highWaterMark: READ_SIZE }), parser, signal);
  }

  /** Into two buffers in turn: while one piece is parsed, another thread reads the next. */
  async #readPlain(file: FileHandle, parser: CaptureParser, signal: AbortSignal): Promise<void> {
    let offset = 0;
    const read = (buf: Uint8Array) => file.read(buf, HEADROOM, PIECE, offset);
    let buf = new Uint8Array(HEADROOM + PIECE);
    let other = new Uint8Array(HEADROOM + PIECE);
    let pending = read(buf);
    let kept = 0;
    /** A block had no room in front of the next piece: from then on the parser keeps what is broken off. */
    let isLarge = false;
    let sinceTurn = 0;
    try {
      for (;;) {
        const { bytesRead } = await pending;
        if (bytesRead === 0) break;
        offset += bytesRead;
        this.#bytesRead = offset;
        pending = read(other);
        const data = buf.subarray(HEADROOM - kept, HEADROOM + bytesRead);
        const rest: Uint8Array = isLarge ? data : data.subarray(parser.consume(data, data.length));
        if (parser.stopped) return;
        isLarge ||= rest.length > HEADROOM;
        kept = isLarge ? 0 : rest.length;
        if (isLarge) parser.push(rest);
        else other.set(rest, HEADROOM - kept);
        [buf, other] = [other, buf];
        sinceTurn += bytesRead;
        if (sinceTurn < TURN_SIZE) continue;
        sinceTurn = 0;
        await nextTurn();
        await this.#ready?.();
        if (signal.aborted) return;
      }
      parser.push(buf.subarray(HEADROOM - kept, HEADROOM));
    } finally {
      await pending;
    }
  }

  async #read(input: Readable, parser: CaptureParser, signal: AbortSignal): Promise<void> {
    let head: Buffer = Buffer.alloc(0);
    let unpacker: Unpacker | null = null;
    try {
      for await (const data of input) {
        let chunk = data as Buffer;
        if (signal.aborted) break;
        this.#bytesRead += chunk.length;
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
