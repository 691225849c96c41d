import { u16 } from '../../model/bytes.js';
import type { Micros } from '../../model/time.js';
import type { CarriedProtocol, CarriedSession, TransportAddresses } from '../_shared/carried-protocol.js';
import type { Orientation, PduSink, Session, Side } from '../dissector.js';
import { COTP } from './anomalies.js';
import type { CotpPdu } from './pdu.js';
import { DT_LENGTH, findTpkt, isTpkt, MIN_TPKT, TPDU, TPKT } from './tpkt.js';

/** Segments without a single message after which a connection is none of this transport. */
const MAX_GARBAGE_SEGMENTS = 16;
/** So many without a message are no message whose beginning was merely not captured. */
const GARBAGE_NOTICE_AFTER = 3;
/** Longest TSDU and most pieces of one; S7 negotiates 240 to 960 bytes, S7comm-plus fills several kilobytes. */
const MAX_TSDU = 65_536;
const MAX_PIECES = 64;
const END_OF_TSDU = 0x80;
const EMPTY = new Uint8Array(0);

/** A TSDU of which more is to come. */
class Pieces {
  #buf = EMPTY;
  length = 0;
  count = 0;

  get isBegun(): boolean {
    return this.length > 0;
  }

  /** False: it becomes longer than any message. */
  add(buf: Uint8Array, from: number, to: number): boolean {
    const needed = this.length + (to - from);
    if (needed > MAX_TSDU || ++this.count > MAX_PIECES) return false;
    if (this.#buf.length < needed) {
      const grown = new Uint8Array(Math.min(MAX_TSDU, Math.max(1024, needed * 2)));
      grown.set(this.#buf.subarray(0, this.length));
      this.#buf = grown;
    }
    this.#buf.set(buf.subarray(from, to), this.length);
    this.length = needed;
    return true;
  }

  get buf(): Uint8Array {
    return this.#buf;
  }

  clear(): void {
    this.length = 0;
    this.count = 0;
  }
}

/**
 * ISO on TCP: TPKT (RFC 1006) with TPDUs of class 0 (RFC 905) on one connection. Whole TSDUs go to the protocol that
 * recognises them, and those that none recognises to the one that spoke last, so that a protocol can go on in TSDUs
 * without a beginning of their own (TLS records).
 */
export class IsoOnTcpSession implements Session {
  readonly #orientation: Orientation;
  /** The message being reported; shared by all sessions. */
  readonly #pdu: CotpPdu;
  readonly #carried: readonly CarriedProtocol[];
  readonly #sessions: (CarriedSession | null)[];
  readonly #addresses: { callingTsap: Uint8Array; calledTsap: Uint8Array } & TransportAddresses;
  #speaking: CarriedSession | null = null;
  readonly #isSynchronised: [boolean, boolean] = [true, true];
  readonly #pieces: [Pieces | null, Pieces | null] = [null, null];
  /** A TPKT of that side is missing: the TSDU that goes on may have lost its beginning. */
  readonly #isAfterGap: [boolean, boolean] = [false, false];
  #requestNumber = 0;
  #requestTimestamp: Micros = 0;
  #requestSide: Side = 0;
  #messages = 0;
  #garbageSegments = 0;

  constructor(orientation: Orientation, carried: readonly CarriedProtocol[], pdu: CotpPdu) {
    this.#orientation = orientation;
    this.#carried = carried;
    this.#sessions = carried.map(() => null);
    this.#pdu = pdu;
    this.#addresses = { callingTsap: EMPTY, calledTsap: EMPTY };
  }

  parse(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): number {
    let at = from;
    while (at < to) {
      if (!this.#isSynchronised[side]) {
        at = findTpkt(buf, at, to);
        if (at === to) return this.#garbage(to - from, sink);
        if (to - at < MIN_TPKT) break;
        this.#isSynchronised[side] = true;
      }
      if (!isTpkt(buf, at)) {
        this.#lose(side, sink);
        continue;
      }
      if (to - at < TPKT) break;
      const length = u16(buf, at + 2);
      if (length < MIN_TPKT) {
        sink.anomaly(COTP.badLength);
        if (length < TPKT) this.#isSynchronised[side] = false;
        at = Math.min(to, at + Math.max(length, TPKT));
        continue;
      }
      if (at + length > to) break;
      if (buf[at + 1] !== 0) sink.anomaly(COTP.badHeader);
      this.#tpkt(side, buf, at, at + length, false, sink);
      at += length;
    }
    return at - from;
  }

  gap(side: Side, buf: Uint8Array, from: number, to: number, cut: boolean, sink: PduSink): void {
    if (to - from >= MIN_TPKT && isTpkt(buf, from)) this.#tpkt(side, buf, from, to, true, sink);
    this.#isSynchronised[side] = false;
    this.#dropPieces(side, sink);
    this.#isAfterGap[side] = !cut;
    if (!cut) for (const session of this.#sessions) session?.gap(side);
  }

  end(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void {
    sink.anomaly(COTP.unfinished);
    // What the sender left out will not come, so what is there is all of it.
    if (to - from >= MIN_TPKT && isTpkt(buf, from)) this.#tpkt(side, buf, from, to, false, sink);
  }

  /** RFC 1006 is for TCP only. */
  datagram(): void {}

  alternative(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void {
    let at = from;
    while (to - at >= MIN_TPKT) {
      at = findTpkt(buf, at, to);
      const end = to - at >= MIN_TPKT ? at + u16(buf, at + 2) : Number.POSITIVE_INFINITY;
      if (end > to) return;
      const data = userData(buf, at, end);
      const isWhole = (buf[at + 5]! & 0xf0) === TPDU.DT && data < end && (buf[at + 6]! & END_OF_TSDU) !== 0;
      if (isWhole) this.#sessionOf(buf, data, end)?.alternative(side, buf, data, end, at, sink);
      at = end;
    }
  }

  /** One TPKT in `buf[at, end)`. `isCut`: `end` is before its true end. */
  #tpkt(side: Side, buf: Uint8Array, at: number, end: number, isCut: boolean, sink: PduSink): void {
    this.#messages++;
    this.#garbageSegments = 0;
    const code = buf[at + 5]! & 0xf0;
    switch (code) {
      case TPDU.DT:
        this.#data(side, buf, at, end, isCut, sink);
        return;
      case TPDU.CR:
      case TPDU.CC:
      case TPDU.DR:
      case TPDU.ER:
        this.#control(side, buf, at, end, isCut, sink);
        return;
      default:
        // Expedited data, acknowledgements and the like belong to other classes than 0.
        sink.anomaly(COTP.badHeader);
    }
  }

  #control(side: Side, buf: Uint8Array, at: number, end: number, isCut: boolean, sink: PduSink): void {
    const pdu = this.#pdu;
    pdu.from = at;
    pdu.parse(buf, at + TPKT, end);
    if (at + 5 + buf[at + 4]! > end && !isCut) pdu.note(COTP.badHeader);
    if (pdu.isConnectionRequest) {
      sink.orient(side);
      if (this.#pieces[0]?.isBegun || this.#pieces[1]?.isBegun) pdu.note(COTP.unfinished);
      this.#restart(pdu);
      this.#requestNumber = sink.numberOf(at);
      this.#requestTimestamp = sink.timeOf(at);
      this.#requestSide = side;
    } else {
      if (pdu.isConnectionConfirm) sink.orient(side === 0 ? 1 : 0);
      if (this.#requestNumber > 0 && side !== this.#requestSide) {
        pdu.requestNumber = this.#requestNumber;
        pdu.requestTimestamp = this.#requestTimestamp;
        this.#requestNumber = 0;
      }
    }
    pdu.fromClient = side === this.#orientation.client;
    pdu.isPartial = isCut || this.#isAfterGap[side];
    this.#isAfterGap[side] = false;
    if (isCut) pdu.note(COTP.truncated);
    sink.pdu(pdu);
  }

  /** A connection is opened: nothing of an earlier one on the same TCP connection counts any more. */
  #restart(pdu: CotpPdu): void {
    this.#pieces[0]?.clear();
    this.#pieces[1]?.clear();
    this.#addresses.callingTsap = pdu.callingTsap.slice();
    this.#addresses.calledTsap = pdu.calledTsap.slice();
    this.#sessions.fill(null);
    this.#speaking = null;
  }

  #data(side: Side, buf: Uint8Array, at: number, end: number, isCut: boolean, sink: PduSink): void {
    const from = userData(buf, at, end);
    // A header longer than its message, or numbered: some devices read it all the same.
    if (from > end || buf[at + 4] !== DT_LENGTH || (buf[at + 6]! & 0x7f) !== 0) sink.anomaly(COTP.badHeader);
    if (from > end) return;
    const isEnd = (buf[at + 6]! & END_OF_TSDU) !== 0;
    let pieces = this.#pieces[side];
    if (isEnd && !pieces?.isBegun) {
      if (from < end) this.#tsdu(side, buf, from, end, at, isCut, sink);
      this.#isAfterGap[side] = false;
      return;
    }
    // TIA Portal and WinCC send an empty DT that ends nothing after most answers; it begins nothing either.
    if (from === end && !isEnd) return;
    pieces ??= new Pieces();
    this.#pieces[side] = pieces;
    if (!pieces.add(buf, from, end)) {
      sink.anomaly(COTP.reassemblyLimit);
      pieces.clear();
      return;
    }
    if (!isEnd && !isCut) return;
    const { length } = pieces;
    pieces.clear();
    this.#tsdu(side, pieces.buf, 0, length, at, isCut, sink);
    this.#isAfterGap[side] = false;
  }

  #tsdu(side: Side, buf: Uint8Array, from: number, to: number, at: number, isCut: boolean, sink: PduSink): void {
    const session = this.#sessionOf(buf, from, to);
    if (session !== null) this.#speaking = session;
    (session ?? this.#speaking)?.tsdu(side, buf, from, to, at, isCut, sink);
  }

  #sessionOf(buf: Uint8Array, from: number, to: number): CarriedSession | null {
    for (let index = 0; index < this.#carried.length; index++) {
      const protocol = this.#carried[index]!;
      if (!protocol.recognises(buf, from, to)) continue;
      let session = this.#sessions[index]!;
      if (session === null) {
        session = protocol.open(this.#orientation, this.#addresses);
        this.#sessions[index] = session;
        this.#tellGaps(session);
      }
      return session;
    }
    return null;
  }

  #tellGaps(session: CarriedSession): void {
    for (const side of [0, 1] as const) if (this.#isAfterGap[side]) session.gap(side);
  }

  #dropPieces(side: Side, sink: PduSink): void {
    const pieces = this.#pieces[side];
    if (!pieces?.isBegun) return;
    pieces.clear();
    sink.anomaly(COTP.truncated);
  }

  #lose(side: Side, sink: PduSink): void {
    this.#isSynchronised[side] = false;
    this.#dropPieces(side, sink);
    for (const session of this.#sessions) session?.gap(side);
    this.#isAfterGap[side] = true;
    // A capture that begins in the middle of a connection most likely begins in the middle of a message.
    if (this.#messages > 0) sink.anomaly(COTP.garbage);
  }

  #garbage(consumed: number, sink: PduSink): number {
    this.#garbageSegments++;
    if (this.#messages > 0) return consumed;
    if (this.#garbageSegments === GARBAGE_NOTICE_AFTER) sink.anomaly(COTP.garbage);
    return this.#garbageSegments >= MAX_GARBAGE_SEGMENTS ? -1 : consumed;
  }
}

/** Where the user data of a DT begins; behind `end` when the header is longer than its message. */
function userData(buf: Uint8Array, at: number, end: number): number {
  const from = at + 5 + buf[at + 4]!;
  return buf[at + 4]! < DT_LENGTH ? end + 1 : from;
}
