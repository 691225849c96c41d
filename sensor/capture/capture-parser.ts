import { u16, u16le, u32, u32le } from '../model/bytes.js';
import { MICROS_PER_SECOND } from '../model/time.js';
import { CaptureError, type Damage, LINKTYPE, MAX_CAPTURED_LENGTH, Packet, type PacketSink } from './packet.js';

const PCAP_HEADER = 24;
const PCAP_RECORD = 16;
/** Alexey Kuznetzov's variant carries interface, protocol and packet type behind the lengths. */
const PCAP_MODIFIED_RECORD = 24;

const BLOCK = {
  SECTION_HEADER: 0x0a0d0d0a,
  INTERFACE_DESCRIPTION: 1,
  OBSOLETE_PACKET: 2,
  SIMPLE_PACKET: 3,
  INTERFACE_STATISTICS: 5,
  ENHANCED_PACKET: 6,
} as const;
const OPTION = { END: 0, IF_TSRESOL: 9, IF_TSOFFSET: 14, ISB_IFDROP: 5, ISB_OSDROP: 7 } as const;
/** libpcap's bound for one pcapng block. */
const MAX_BLOCK = 16 * 1024 * 1024;
const MAX_INTERFACES = 4096;
/** 10^-20 s; finer resolutions cannot hold a present-day time in 64 bits. */
const MAX_DECIMAL_RESOLUTION = 20;

const SUPPORTED_LINK_TYPES: ReadonlySet<number> = new Set(Object.values(LINKTYPE));

interface CaptureInterface {
  linkType: number;
  snapLength: number;
  /** Decimal digits of the timestamp's fraction, or -1 where `ticksPerSecond` is not a power of ten that we shortcut. */
  decimals: number;
  ticksPerSecond: bigint;
  offsetSeconds: number;
  resolvesNanos: boolean;
}

type State = 'magic' | 'pcap' | 'pcapng' | 'stopped';

/**
 * Reads pcap and pcapng from chunks of any size. Formats: draft-ietf-opsawg-pcap (pcap-savefile(5)) and
 * draft-ietf-opsawg-pcapng. Every length is checked before it is used; a damaged file gives all packets before the
 * damage, and `damage` says where it is.
 */
export class CaptureParser {
  /** The first damage found; null while the input is sound. */
  damage: Damage | null = null;
  packets = 0;
  bytes = 0;
  /** Packets that pcapng's interface statistics report as lost at capture time. */
  reportedDrops = 0;
  /** Blocks or packets that had to be left out (unknown link type, bad interface number). */
  skipped = 0;
  format: 'unknown' | 'pcap' | 'pcapng' = 'unknown';

  #state: State = 'magic';
  #carry = new Uint8Array(0);
  #carried = 0;
  /** Offset in the input of the first byte of the buffer being parsed. */
  #base = 0;
  #bigEndian = false;
  #recordHeader = PCAP_RECORD;
  #nanos = false;
  #linkType = 0;
  #interfaces: CaptureInterface[] = [];
  /** False in a section of a version whose blocks nobody knows: they are stepped over. */
  #isSectionKnown = true;
  readonly #sink: PacketSink;
  readonly #packet = new Packet();

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  /** Bytes of the input that were read so far. */
  get offset(): number {
    return this.#base + this.#carried;
  }

  get stopped(): boolean {
    return this.#state === 'stopped';
  }

  /** Throws `CaptureError` when the input is no capture at all. */
  push(chunk: Uint8Array): void {
    if (this.#state === 'stopped' || chunk.length === 0) return;
    let buf = chunk;
    let length = chunk.length;
    if (this.#carried > 0) {
      this.#append(chunk);
      buf = this.#carry;
      length = this.#carried;
    }
    const done = this.consume(buf, length);
    const rest = length - done;
    if (buf === this.#carry) {
      this.#carry.copyWithin(0, done, done + rest);
      this.#carried = rest;
    } else {
      this.#carried = 0;
      this.#append(chunk.subarray(done, done + rest));
    }
  }

  /**
   * For a caller with a buffer of its own: parses what is complete in `buf[0, length)` and returns how many bytes it is
   * finished with. The caller shows the rest again, with more behind it, and gives the last rest to `push`. Throws
   * `CaptureError` when the input is no capture at all.
   */
  consume(buf: Uint8Array, length: number): number {
    const parsed = this.#parse(buf, length);
    const done = this.stopped ? length : parsed;
    this.#base += done;
    return done;
  }

  /** The input has ended. Throws `CaptureError` when there was nothing of a capture in it. */
  end(): void {
    if (this.#state === 'stopped') return;
    if (this.#state === 'magic' && this.#carried < 4) {
      throw new CaptureError(
        this.#carried === 0 ? 'is empty' : 'is no pcap or pcapng capture (too short to hold a header)',
      );
    }
    if (this.#carried > 0) {
      this.#damaged(
        0,
        `the file ends in the middle of a ${this.#state === 'pcap' ? 'packet record' : 'header or block'}`,
      );
    }
    this.#state = 'stopped';
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#carried + bytes.length;
    if (this.#carry.length < needed) {
      const grown = new Uint8Array(Math.max(needed, this.#carry.length * 2, 65_536));
      grown.set(this.#carry.subarray(0, this.#carried));
      this.#carry = grown;
    }
    this.#carry.set(bytes, this.#carried);
    this.#carried = needed;
  }

  #damaged(at: number, reason: string): void {
    this.damage ??= { offset: this.#base + at, reason };
  }

  #stop(at: number, reason: string): void {
    this.#damaged(at, reason);
    this.#state = 'stopped';
  }

  /** Parses complete records in `buf[0, length)`; returns how many bytes are done with. */
  #parse(buf: Uint8Array, length: number): number {
    let at = 0;
    if (this.#state === 'magic') {
      if (length < 4) return 0;
      at = this.#readMagic(buf, length);
      if (at < 0) return 0;
    }
    if (this.#state === 'pcap') return this.#parsePcap(buf, at, length);
    if (this.#state === 'pcapng') return this.#parsePcapng(buf, at, length);
    return at;
  }

  /** Returns the bytes of the global header, or -1 when more input is needed. */
  #readMagic(buf: Uint8Array, length: number): number {
    const magic = u32(buf, 0);
    switch (magic) {
      case BLOCK.SECTION_HEADER:
        this.format = 'pcapng';
        this.#state = 'pcapng';
        return 0;
      case 0xa1b2c3d4:
      case 0xd4c3b2a1:
        break;
      case 0xa1b23c4d:
      case 0x4d3cb2a1:
        this.#nanos = true;
        break;
      case 0xa1b2cd34:
      case 0x34cdb2a1:
        this.#recordHeader = PCAP_MODIFIED_RECORD;
        break;
      default:
        throw new CaptureError(
          `is no pcap or pcapng capture (it begins with ${magic.toString(16).padStart(8, '0')}); convert it with Wireshark or editcap first`,
        );
    }
    if (length < PCAP_HEADER) return -1;
    this.#bigEndian = magic >>> 24 === 0xa1;
    const major = this.#u16(buf, 4);
    if (major !== 2) {
      throw new CaptureError(`is a pcap file of version ${major}.${this.#u16(buf, 6)}; only version 2 is known`);
    }
    this.#linkType = this.#u32(buf, 20) & 0xffff;
    if (!SUPPORTED_LINK_TYPES.has(this.#linkType)) {
      throw new CaptureError(
        `has link type ${this.#linkType}, which is not supported (Ethernet, raw IP, Linux cooked and null/loop are)`,
      );
    }
    this.format = 'pcap';
    this.#state = 'pcap';
    return PCAP_HEADER;
  }

  #parsePcap(buf: Uint8Array, start: number, length: number): number {
    const bigEndian = this.#bigEndian;
    const header = this.#recordHeader;
    const packet = this.#packet;
    const sink = this.#sink;
    packet.buf = buf;
    packet.linkType = this.#linkType;
    let at = start;
    while (at + header <= length) {
      const captured = bigEndian ? u32(buf, at + 8) : u32le(buf, at + 8);
      if (captured > MAX_CAPTURED_LENGTH) {
        this.#stop(at, `a packet record claims ${captured} bytes (at most ${MAX_CAPTURED_LENGTH} are possible)`);
        return at;
      }
      const from = at + header;
      const to = from + captured;
      if (to > length) break;
      const seconds = bigEndian ? u32(buf, at) : u32le(buf, at);
      const fraction = bigEndian ? u32(buf, at + 4) : u32le(buf, at + 4);
      if (this.#nanos) {
        const micros = Math.floor(fraction / 1000);
        packet.timestamp = seconds * MICROS_PER_SECOND + micros;
        packet.nanos = fraction - micros * 1000;
      } else {
        packet.timestamp = seconds * MICROS_PER_SECOND + fraction;
        packet.nanos = -1;
      }
      packet.from = from;
      packet.to = to;
      packet.originalLength = bigEndian ? u32(buf, at + 12) : u32le(buf, at + 12);
      packet.number = ++this.packets;
      this.bytes += captured;
      sink.packet(packet);
      at = to;
    }
    return at;
  }

  #parsePcapng(buf: Uint8Array, start: number, length: number): number {
    let at = start;
    while (at + 12 <= length) {
      const isSection = u32(buf, at) === BLOCK.SECTION_HEADER;
      if (isSection) {
        const order = u32(buf, at + 8);
        if (order !== 0x1a2b3c4d && order !== 0x4d3c2b1a) {
          this.#stop(at, 'a section header has no byte-order mark');
          return at;
        }
        this.#bigEndian = order === 0x1a2b3c4d;
      }
      const total = this.#u32(buf, at + 4);
      if (total < 12 || total % 4 !== 0 || total > MAX_BLOCK) {
        this.#stop(at, `a block claims a length of ${total} bytes`);
        return at;
      }
      if (at + total > length) break;
      if (this.#u32(buf, at + total - 4) !== total) {
        this.#stop(at, 'the two lengths of a block differ');
        return at;
      }
      this.#block(isSection ? BLOCK.SECTION_HEADER : this.#u32(buf, at), buf, at, at + total - 4);
      if (this.#state === 'stopped') return at;
      at += total;
    }
    return at;
  }

  /** One block: header at `at`, body from `at + 8` to `end`. */
  #block(type: number, buf: Uint8Array, at: number, end: number): void {
    const body = at + 8;
    if (!this.#isSectionKnown && type !== BLOCK.SECTION_HEADER) return;
    switch (type) {
      case BLOCK.SECTION_HEADER:
        if (end - body < 16) this.#stop(at, 'a section header is too short');
        this.#interfaces = [];
        this.#isSectionKnown = this.#u16(buf, body + 4) === 1;
        if (!this.#isSectionKnown) {
          this.#skip(at, `a section has version ${this.#u16(buf, body + 4)}; only version 1 is known`);
        }
        return;
      case BLOCK.INTERFACE_DESCRIPTION:
        this.#interfaceDescription(buf, at, body, end);
        return;
      case BLOCK.ENHANCED_PACKET:
        if (end - body < 20) this.#skip(at, 'an enhanced packet block is too short');
        else {
          this.#pcapngPacket(
            buf,
            at,
            body + 20,
            end,
            this.#u32(buf, body),
            this.#u32(buf, body + 4),
            this.#u32(buf, body + 8),
            this.#u32(buf, body + 12),
            this.#u32(buf, body + 16),
          );
        }
        return;
      case BLOCK.OBSOLETE_PACKET:
        if (end - body < 20) this.#skip(at, 'a packet block is too short');
        else {
          this.#pcapngPacket(
            buf,
            at,
            body + 20,
            end,
            this.#u16(buf, body),
            this.#u32(buf, body + 4),
            this.#u32(buf, body + 8),
            this.#u32(buf, body + 12),
            this.#u32(buf, body + 16),
          );
        }
        return;
      case BLOCK.SIMPLE_PACKET:
        if (end - body < 4) this.#skip(at, 'a simple packet block is too short');
        else {
          const original = this.#u32(buf, body);
          const snap = this.#interfaces[0]?.snapLength ?? 0;
          const captured = Math.min(original, end - body - 4, snap > 0 ? snap : MAX_CAPTURED_LENGTH);
          this.#pcapngPacket(buf, at, body + 4, end, 0, -1, 0, captured, original);
        }
        return;
      case BLOCK.INTERFACE_STATISTICS:
        if (end - body >= 12) {
          this.#options(buf, body + 12, end, (code, from, size) => {
            if ((code === OPTION.ISB_IFDROP || code === OPTION.ISB_OSDROP) && size === 8) {
              this.reportedDrops += Number(this.#u64(buf, from));
            }
          });
        }
        return;
    }
  }

  #skip(at: number, reason: string): void {
    this.skipped++;
    this.#damaged(at, reason);
  }

  #interfaceDescription(buf: Uint8Array, at: number, body: number, end: number): void {
    if (end - body < 8) {
      this.#stop(at, 'an interface description is too short');
      return;
    }
    if (this.#interfaces.length >= MAX_INTERFACES) {
      this.#stop(at, `more than ${MAX_INTERFACES} interfaces in one section`);
      return;
    }
    const description: CaptureInterface = {
      linkType: this.#u16(buf, body),
      snapLength: this.#u32(buf, body + 4),
      decimals: 6,
      ticksPerSecond: 1_000_000n,
      offsetSeconds: 0,
      resolvesNanos: false,
    };
    this.#options(buf, body + 8, end, (code, from, size) => {
      if (code === OPTION.IF_TSRESOL && size === 1) this.#setResolution(description, buf[from]!, at);
      else if (code === OPTION.IF_TSOFFSET && size === 8) {
        description.offsetSeconds = Number(BigInt.asIntN(64, this.#u64(buf, from)));
      }
    });
    this.#interfaces.push(description);
  }

  #setResolution(description: CaptureInterface, value: number, at: number): void {
    const exponent = value & 0x7f;
    const isBinary = (value & 0x80) !== 0;
    if (exponent > (isBinary ? 63 : MAX_DECIMAL_RESOLUTION)) {
      this.#stop(at, `an interface has an impossible timestamp resolution (if_tsresol ${value})`);
      return;
    }
    description.ticksPerSecond = (isBinary ? 2n : 10n) ** BigInt(exponent);
    description.decimals = !isBinary && (exponent === 6 || exponent === 9) ? exponent : -1;
    description.resolvesNanos = description.ticksPerSecond > 1_000_000n;
  }

  #options(
    buf: Uint8Array,
    start: number,
    end: number,
    visit: (code: number, from: number, size: number) => void,
  ): void {
    let at = start;
    while (at + 4 <= end) {
      const code = this.#u16(buf, at);
      const size = this.#u16(buf, at + 2);
      if (code === OPTION.END || at + 4 + size > end) return;
      visit(code, at + 4, size);
      at += 4 + ((size + 3) & ~3);
    }
  }

  /** `high` is -1 for blocks without a time: they keep the time of the packet before them. */
  #pcapngPacket(
    buf: Uint8Array,
    at: number,
    from: number,
    end: number,
    interfaceId: number,
    high: number,
    low: number,
    captured: number,
    original: number,
  ): void {
    const source = this.#interfaces[interfaceId];
    if (!source) {
      this.#skip(at, `a packet names interface ${interfaceId}, which is not described`);
      return;
    }
    if (captured > MAX_CAPTURED_LENGTH || from + captured > end) {
      this.#skip(at, `a packet claims ${captured} bytes, more than its block holds`);
      return;
    }
    this.packets++;
    if (!SUPPORTED_LINK_TYPES.has(source.linkType)) {
      this.skipped++;
      return;
    }
    const packet = this.#packet;
    packet.buf = buf;
    packet.from = from;
    packet.to = from + captured;
    packet.originalLength = original;
    packet.linkType = source.linkType;
    packet.number = this.packets;
    if (high >= 0) setTime(packet, source, high, low);
    else if (Number.isNaN(packet.timestamp)) packet.timestamp = 0;
    this.bytes += captured;
    this.#sink.packet(packet);
  }

  #u16(buf: Uint8Array, at: number): number {
    return this.#bigEndian ? u16(buf, at) : u16le(buf, at);
  }

  #u32(buf: Uint8Array, at: number): number {
    return this.#bigEndian ? u32(buf, at) : u32le(buf, at);
  }

  #u64(buf: Uint8Array, at: number): bigint {
    const first = BigInt(this.#u32(buf, at));
    const second = BigInt(this.#u32(buf, at + 4));
    return this.#bigEndian ? (first << 32n) | second : (second << 32n) | first;
  }
}

const TWO_32 = 4_294_967_296;

function setTime(packet: Packet, source: CaptureInterface, high: number, low: number): void {
  if (source.decimals === 6) {
    packet.timestamp = high * TWO_32 + low;
    packet.nanos = -1;
  } else if (source.decimals === 9) {
    // 64-bit ticks divided by 1000 without leaving exact doubles: the remainder of the high word is below 1000.
    const quotient = Math.floor(high / 1000);
    const rest = (high - quotient * 1000) * TWO_32 + low;
    const micros = Math.floor(rest / 1000);
    packet.timestamp = quotient * TWO_32 + micros;
    packet.nanos = rest - micros * 1000;
  } else {
    const ticks = (BigInt(high) << 32n) | BigInt(low);
    const nanos = (ticks * 1_000_000_000n) / source.ticksPerSecond;
    packet.timestamp = Number(nanos / 1000n);
    packet.nanos = source.resolvesNanos ? Number(nanos % 1000n) : -1;
  }
  if (source.offsetSeconds !== 0) packet.timestamp += source.offsetSeconds * MICROS_PER_SECOND;
}
