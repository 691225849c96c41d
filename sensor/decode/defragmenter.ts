import { MICROS_PER_SECOND, type Micros } from '../model/time.js';

const TIMEOUT: Micros = 30 * MICROS_PER_SECOND;
const MAX_PACKETS = 4096;
const MAX_PAYLOAD = 65_535;
const MAX_TOTAL_BYTES = 32 * 1024 * 1024;
/** More pieces than any sender makes of one packet of 64 KiB in 8-byte fragments would need a list without end. */
const MAX_PIECES = 8192;

interface Piece {
  from: number;
  to: number;
}

class FragmentedPacket {
  data = new Uint8Array(2048);
  /** The reading in which later fragments win; made at the first conflict. */
  other: Uint8Array | null = null;
  /** Disjoint, sorted. */
  pieces: Piece[] = [];
  length = -1;
  readonly firstSeen: Micros;

  constructor(firstSeen: Micros) {
    this.firstSeen = firstSeen;
  }

  get complete(): boolean {
    const first = this.pieces[0];
    return this.length >= 0 && this.pieces.length === 1 && first?.from === 0 && first.to >= this.length;
  }
}

export type FragmentVerdict = 'held' | 'complete' | 'overlap' | 'too_large' | 'table_full';

/**
 * Puts IP fragments together. Where fragments overlap with different bytes, the first copy is the main reading and
 * the last copy is kept as the `alternative`, because devices differ in which one they take.
 */
export class Defragmenter {
  /** The finished packet, after the verdict `complete`. */
  result: Uint8Array = new Uint8Array(0);
  alternative: Uint8Array | null = null;
  /** Packets given up because they were never completed, since the last `takeTimeouts`. */
  #timeouts = 0;
  #bytes = 0;
  readonly #packets = new Map<string, FragmentedPacket>();

  takeTimeouts(): number {
    const count = this.#timeouts;
    this.#timeouts = 0;
    return count;
  }

  get size(): number {
    return this.#packets.size;
  }

  add(
    key: string,
    offset: number,
    moreFollow: boolean,
    buf: Uint8Array,
    from: number,
    to: number,
    now: Micros,
  ): FragmentVerdict {
    this.expire(now);
    const end = offset + (to - from);
    if (end > MAX_PAYLOAD) {
      this.#drop(key);
      return 'too_large';
    }
    let tableFull = false;
    let packet = this.#packets.get(key);
    if (!packet) {
      if (this.#packets.size >= MAX_PACKETS || this.#bytes > MAX_TOTAL_BYTES) {
        const oldest = this.#packets.keys().next();
        if (!oldest.done) this.#drop(oldest.value);
        tableFull = true;
      }
      packet = new FragmentedPacket(now);
      this.#packets.set(key, packet);
      this.#bytes += packet.data.length;
    }
    const differs = this.#copy(packet, offset, end, buf, from);
    if (!moreFollow) packet.length = Math.max(packet.length, end);
    if (packet.complete) {
      this.result = packet.data.subarray(0, packet.length);
      this.alternative = packet.other === null ? null : packet.other.subarray(0, packet.length);
      this.#drop(key);
      return 'complete';
    }
    if (packet.pieces.length > MAX_PIECES) this.#drop(key);
    if (differs) return 'overlap';
    return tableFull ? 'table_full' : 'held';
  }

  /** Gives up packets that were not completed within 30 s. */
  expire(now: Micros): void {
    for (const [key, packet] of this.#packets) {
      // A negative age: the clock was set back.
      const age = now - packet.firstSeen;
      if (age < TIMEOUT && age > -TIMEOUT) return;
      this.#timeouts++;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    const packet = this.#packets.get(key);
    if (!packet) return;
    this.#bytes -= packet.data.length + (packet.other?.length ?? 0);
    this.#packets.delete(key);
  }

  /** Writes the fragment into both readings; true when it contradicts what was there. */
  #copy(packet: FragmentedPacket, start: number, end: number, buf: Uint8Array, from: number): boolean {
    if (end > packet.data.length) {
      const grown = new Uint8Array(Math.min(MAX_PAYLOAD, Math.max(end, packet.data.length * 4)));
      this.#bytes += grown.length - packet.data.length;
      grown.set(packet.data);
      packet.data = grown;
      if (packet.other) {
        const other = new Uint8Array(grown.length);
        other.set(packet.other);
        packet.other = other;
        this.#bytes += grown.length;
      }
    }
    let differs = false;
    for (const piece of packet.pieces) {
      for (let at = Math.max(start, piece.from); at < Math.min(end, piece.to) && !differs; at++) {
        if (packet.data[at] !== buf[from + at - start]) differs = true;
      }
    }
    if (differs && packet.other === null) {
      packet.other = packet.data.slice();
      this.#bytes += packet.other.length;
    }
    packet.other?.set(buf.subarray(from, from + end - start), start);
    // The main reading takes only the places that are still free.
    let at = start;
    for (const piece of packet.pieces) {
      if (at >= end) break;
      if (piece.to <= at) continue;
      const free = Math.min(end, piece.from);
      if (free > at) packet.data.set(buf.subarray(from + at - start, from + free - start), at);
      at = Math.max(at, piece.to);
    }
    if (at < end) packet.data.set(buf.subarray(from + at - start, from + end - start), at);
    packet.pieces = merge(packet.pieces, { from: start, to: end });
    return differs;
  }
}

function merge(pieces: readonly Piece[], added: Piece): Piece[] {
  const merged: Piece[] = [];
  let current = added;
  for (const piece of pieces) {
    if (piece.to < current.from) merged.push(piece);
    else if (piece.from > current.to) {
      merged.push(current);
      current = piece;
    } else current = { from: Math.min(piece.from, current.from), to: Math.max(piece.to, current.to) };
  }
  merged.push(current);
  return merged;
}
