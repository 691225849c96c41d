import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { InterfaceHealth } from '../model/records.js';
import { formatTimestamp } from '../model/time.js';
import { CaptureParser } from './capture-parser.js';
import { CaptureError, type Damage, type Packet, type PacketSink, type PacketSource } from './packet.js';

const READ_SIZE = 1024 * 1024;
/** A compressed capture may unpack to this much; a gzip bomb stops there. */
const MAX_UNPACKED = 1024 ** 4;

/** `-` stands for standard input, as everywhere on a command line. */
export const STANDARD_INPUT = '-';

/** One capture file (pcap, pcapng, gzip of either) or standard input. */
export class FileSource implements PacketSource {
  readonly #path: string;
  #parser: CaptureParser | null = null;
  #unpackDamage: Damage | null = null;
  #finished = false;
  #lastPacket = Number.NaN;

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
    try {
      const input =
        this.#path === STANDARD_INPUT ? process.stdin : createReadStream(this.#path, { highWaterMark: READ_SIZE });
      await this.#read(input, parser, signal);
      if (!signal.aborted) parser.end();
    } catch (error) {
      throw this.#explain(error);
    } finally {
      this.#finished = true;
    }
  }

  async #read(input: Readable, parser: CaptureParser, signal: AbortSignal): Promise<void> {
    let head: Buffer = Buffer.alloc(0);
    let stream: ReturnType<typeof createGunzip> | null = null;
    let unpacked: Promise<void> | null = null;
    for await (const data of input) {
      let chunk = data as Buffer;
      if (signal.aborted) break;
      if (stream === null && parser.offset === 0) {
        // Two bytes decide between gzip and plain; a pipe may deliver them one by one.
        head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
        if (head.length < 2) continue;
        chunk = head;
        if (head[0] === 0x1f && head[1] === 0x8b) {
          stream = createGunzip({ chunkSize: READ_SIZE });
          unpacked = this.#unpack(stream, parser, signal);
        }
      }
      if (stream) {
        if (stream.destroyed) break;
        if (!stream.write(chunk))
          await new Promise<void>((resolve) => {
            stream?.once('drain', resolve);
            stream?.once('close', resolve);
          });
      } else {
        parser.push(chunk);
        if (parser.stopped) break;
      }
    }
    if (stream) {
      stream.end();
      await unpacked;
    } else if (parser.offset === 0 && head.length > 0) parser.push(head);
  }

  async #unpack(stream: Readable, parser: CaptureParser, signal: AbortSignal): Promise<void> {
    let total = 0;
    try {
      for await (const chunk of stream) {
        total += (chunk as Buffer).length;
        if (signal.aborted) return;
        parser.push(chunk as Buffer);
        if (parser.stopped) return;
        if (total > MAX_UNPACKED) {
          this.#unpackDamage = { offset: total, reason: 'the compressed file unpacks to more than a tebibyte' };
          return;
        }
      }
    } catch (error) {
      if (error instanceof CaptureError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      this.#unpackDamage = {
        offset: total,
        reason: `the gzip data is damaged (${reason}); offset in the unpacked data`,
      };
      if (total === 0) throw new CaptureError(`is damaged gzip data from its beginning on (${reason})`);
    } finally {
      stream.destroy();
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
