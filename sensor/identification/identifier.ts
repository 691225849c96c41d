import type { IdentityFact } from '../model/pdu.js';
import { MICROS_PER_SECOND, type Micros } from '../model/time.js';
import type { IdentitySource, Message, Statement } from './source.js';

/** Who is at the ends of a connection; asked only when a message is read. */
export interface Ends {
  ip(side: 0 | 1): string;
  mac(side: 0 | 1): string | null;
  port(side: 0 | 1): number;
  /** Takes what is said on this connection. */
  tell(fact: IdentityFact): void;
  /** The side that opened the connection. */
  readonly client: 0 | 1;
}

const PORTS = 65_536;
/** Messages of one side of a connection that are read in a minute. */
const READS_PER_MINUTE = 60;
/** And those that turn out to say nothing. */
const SILENT_PER_MINUTE = 600;
const MINUTE: Micros = 60 * MICROS_PER_SECOND;
/** Bytes of each side of a stream that are kept until its beginning has been read. */
const MAX_START = 16_384;
/** Bytes kept for beginnings in all. */
const MAX_HELD = 16 * 1024 * 1024;
/** Power of two. */
const REMEMBERED = 4096;
/** Service access point of SNAP, and control byte of unnumbered information (ISO/IEC 8802-2). */
const SNAP = 0xaa;
const UNNUMBERED = 3;
/** Bytes of a message that tell it apart from others. */
const COMPARED = 1500;

/** What is known of one connection that an identity source listens to. */
export class Watch {
  source: IdentitySource | null;
  readonly reads: [number, number] = [0, 0];
  readonly silent: [number, number] = [0, 0];
  readonly minute: [Micros, Micros] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  readonly held: [Uint8Array | null, Uint8Array | null] = [null, null];
  readonly isDone: [boolean, boolean] = [false, false];

  constructor(source: IdentitySource | null) {
    this.source = source;
  }

  get isOver(): boolean {
    return this.isDone[0] && this.isDone[1];
  }
}

/**
 * Listens for what devices say of themselves beside the dissected protocols. A sender's messages are read at most
 * sixty times a minute, and the same bytes of the same sender once a minute: devices repeat themselves.
 */
export class Identifier {
  /** Messages that were not read because their sender had said enough. */
  notRead = 0;
  /** Beginnings of streams that found no room. */
  notHeld = 0;
  /** Messages that a source could not read by a fault of its own. */
  failed = 0;
  readonly #tellOfFrame: (fact: IdentityFact) => void;
  readonly #byEtherType = new Map<number, IdentitySource>();
  readonly #bySnap = new Map<number, IdentitySource>();
  readonly #byLlc = new Map<number, IdentitySource>();
  readonly #tcp: IdentitySource[];
  readonly #byTcpPort = new Uint8Array(PORTS);
  readonly #byUdpPort = new Uint8Array(PORTS);
  readonly #sources: readonly IdentitySource[];
  readonly #recognisers: readonly IdentitySource[];
  readonly #hashes = new Int32Array(REMEMBERED);
  readonly #readAt = new Float64Array(REMEMBERED).fill(Number.NEGATIVE_INFINITY);
  #heldBytes = 0;

  /** `tellOfFrame` takes what is said in frames without IP. */
  constructor(sources: readonly IdentitySource[], tellOfFrame: (fact: IdentityFact) => void) {
    this.#sources = sources;
    this.#tellOfFrame = tellOfFrame;
    this.#tcp = sources.filter((source) => source.stream !== undefined);
    this.#recognisers = sources.filter((source) => source.recognises !== undefined);
    sources.forEach((source, index) => {
      for (const type of source.etherTypes ?? []) this.#byEtherType.set(type, source);
      for (const protocol of source.snap ?? []) this.#bySnap.set(protocol, source);
      for (const access of source.llc ?? []) this.#byLlc.set(access, source);
      for (const port of source.udpPorts ?? []) this.#byUdpPort[port] = index + 1;
    });
    this.#tcp.forEach((source, index) => {
      for (const port of source.tcpPorts ?? []) this.#byTcpPort[port] = index + 1;
    });
  }

  /**
   * A frame that carries no IP: `etherType` as in the frame (a length means LLC), `from` where its payload begins,
   * `macAt` where the sender's MAC address stands, -1 without one. Returns whether something was read.
   */
  frame(
    etherType: number,
    buf: Uint8Array,
    from: number,
    to: number,
    macAt: number,
    mac: () => string,
    at: Micros,
  ): boolean {
    let source = this.#byEtherType.get(etherType);
    let start = from;
    if (source === undefined && etherType <= 1500 && to - from > 8 && buf[from + 2] === UNNUMBERED) {
      const isSnap = buf[from] === SNAP && buf[from + 1] === SNAP;
      source = isSnap ? this.#bySnap.get(snapProtocol(buf, from + 3)) : this.#byLlc.get(buf[from]!);
      start += isSnap ? 8 : 3;
    }
    if (source === undefined || macAt < 0) return false;
    if (source.isOfInterest && !source.isOfInterest(buf, start, to)) return false;
    if (this.#isKnown(contentHash(buf, macAt, macAt + 6, 0), buf, start, to, at)) return false;
    const message = { buf, from: start, to, senderIp: null, receiverIp: null, senderMac: mac(), isFromServer: true };
    this.#read(source, message, this.#tellOfFrame);
    return true;
  }

  /** null: no source listens to this pair of ports. */
  watchDatagrams(firstPort: number, secondPort: number): Watch | null {
    const index = this.#byUdpPort[secondPort]! || this.#byUdpPort[firstPort]!;
    return index === 0 ? null : new Watch(this.#sources[index - 1]!);
  }

  /** Every stream may turn out to be something known by its first bytes. */
  watchStream(firstPort: number, secondPort: number): Watch {
    const index = this.#byTcpPort[secondPort]! || this.#byTcpPort[firstPort]!;
    return new Watch(index === 0 ? null : this.#tcp[index - 1]!);
  }

  datagram(watch: Watch, ends: Ends, side: 0 | 1, buf: Uint8Array, from: number, to: number, at: Micros): void {
    const { source } = watch;
    if (source === null || (source.isOfInterest && !source.isOfInterest(buf, from, to))) return;
    this.#readOnce(watch, source, ends, side, buf, from, to, at);
  }

  /** Bytes of a stream in their order. */
  data(watch: Watch, ends: Ends, side: 0 | 1, buf: Uint8Array, from: number, to: number, at: Micros): void {
    if (watch.isDone[side]) return;
    if (watch.source === null) {
      watch.source = this.#recognisers.find((source) => source.recognises!(buf, from, to)) ?? null;
      if (watch.source === null) {
        watch.isDone[side] = true;
        return;
      }
    }
    const { source } = watch;
    if (source.stream === 'messages') {
      if (!source.isOfInterest || source.isOfInterest(buf, from, to))
        this.#readOnce(watch, source, ends, side, buf, from, to, at);
    } else this.#start(watch, source, ends, side, buf, from, to);
  }

  /** Bytes are missing in a stream: what would follow is not its beginning. */
  gap(watch: Watch, side: 0 | 1): void {
    if (watch.source?.stream !== 'messages') this.#finish(watch, side);
  }

  /** The connection has ended. */
  end(watch: Watch): void {
    this.#finish(watch, 0);
    this.#finish(watch, 1);
  }

  #start(
    watch: Watch,
    source: IdentitySource,
    ends: Ends,
    side: 0 | 1,
    buf: Uint8Array,
    from: number,
    to: number,
  ): void {
    const held = watch.held[side];
    let data = buf;
    let start = from;
    let end = to;
    if (held !== null) {
      data = new Uint8Array(held.length + (to - from));
      data.set(held);
      data.set(buf.subarray(from, to), held.length);
      start = 0;
      end = data.length;
    }
    const wantsMore = this.#read(source, messageOf(source, ends, side, data, start, end), (fact) => ends.tell(fact));
    const size = end - start;
    if (!wantsMore || size >= MAX_START) {
      this.#finish(watch, side);
      return;
    }
    if (this.#heldBytes + size > MAX_HELD) {
      this.notHeld++;
      this.#finish(watch, side);
      return;
    }
    this.#heldBytes += size - (held?.length ?? 0);
    watch.held[side] = held === null ? data.slice(start, end) : data;
  }

  /** A fault in a source costs what it would have said, not the sensor. */
  #read(source: IdentitySource, message: Message, take: (fact: IdentityFact) => void): boolean {
    try {
      const wantsMore = source.read(message, (name: string, { unit = -1, ...statement }: Statement) =>
        take({ unit, source: name, ...statement }),
      );
      return wantsMore === true;
    } catch {
      this.failed++;
      return false;
    }
  }

  #finish(watch: Watch, side: 0 | 1): void {
    this.#heldBytes -= watch.held[side]?.length ?? 0;
    watch.held[side] = null;
    watch.isDone[side] = true;
  }

  #readOnce(
    watch: Watch,
    source: IdentitySource,
    ends: Ends,
    side: 0 | 1,
    buf: Uint8Array,
    from: number,
    to: number,
    at: Micros,
  ): void {
    if (Math.abs(at - watch.minute[side]) >= MINUTE) {
      watch.minute[side] = at;
      watch.reads[side] = 0;
      watch.silent[side] = 0;
    }
    if (watch.reads[side] >= READS_PER_MINUTE || watch.silent[side] >= SILENT_PER_MINUTE) {
      this.notRead++;
      return;
    }
    const senderIp = ends.ip(side);
    let seed = 0;
    for (let index = 0; index < senderIp.length; index++)
      seed = Math.imul(seed ^ senderIp.charCodeAt(index), 0x01000193);
    if (this.#isKnown(seed, buf, from, to, at)) return;
    let said = 0;
    this.#read(source, messageOf(source, ends, side, buf, from, to), (fact) => {
      said++;
      ends.tell(fact);
    });
    if (said > 0) watch.reads[side]++;
    else watch.silent[side]++;
  }

  /** Notes that these bytes of this sender are read now; true when they were read within the last minute. */
  #isKnown(sender: number, buf: Uint8Array, from: number, to: number, at: Micros): boolean {
    const hash = contentHash(buf, from, Math.min(to, from + COMPARED), sender ^ (to - from));
    const place = hash & (REMEMBERED - 1);
    if (this.#hashes[place] === hash && Math.abs(at - this.#readAt[place]!) < MINUTE) return true;
    this.#hashes[place] = hash;
    this.#readAt[place] = at;
    return false;
  }
}

function messageOf(
  source: IdentitySource,
  ends: Ends,
  side: 0 | 1,
  buf: Uint8Array,
  from: number,
  to: number,
): Message {
  const other = side === 0 ? 1 : 0;
  const ports = [...(source.tcpPorts ?? []), ...(source.udpPorts ?? [])];
  const isOnOwnPort = ports.includes(ends.port(side));
  return {
    buf,
    from,
    to,
    senderIp: ends.ip(side),
    receiverIp: ends.ip(other),
    senderMac: ends.mac(side),
    isFromServer: isOnOwnPort || (!ports.includes(ends.port(other)) && side !== ends.client),
  };
}

function snapProtocol(buf: Uint8Array, at: number): number {
  return ((buf[at]! << 16) | (buf[at + 1]! << 8) | buf[at + 2]!) * 65_536 + ((buf[at + 3]! << 8) | buf[at + 4]!);
}

function contentHash(buf: Uint8Array, from: number, to: number, start: number): number {
  let hash = start | 0;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ buf[at]!, 0x01000193) ^ (hash >>> 13);
  return hash;
}
