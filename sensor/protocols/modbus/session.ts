import { u16, u16le } from '../../model/bytes.js';
import type { Micros } from '../../model/time.js';
import { ANSWER_TIME } from '../_shared/answer-time.js';
import { APPLAYER } from '../anomalies.js';
import type { Orientation, PduSink, Session, Side } from '../dissector.js';
import { MODBUS } from './anomalies.js';
import { crc16 } from './crc.js';
import {
  beginsMessage,
  fits,
  isPlausibleHeader,
  isPlausibleLength,
  MAX_LENGTH,
  MAX_RTU_FRAME,
  MBAP,
  MBAP_PREFIX,
  MIN_ADU,
  probeMbap,
  probeRtu,
  rtuFrameLength,
} from './framing.js';
import { FUNCTION, isKnownFunction } from './functions.js';
import { reportIdentity } from './identity.js';
import type { ModbusPdu } from './pdu.js';
import { PendingRequests } from './pending.js';

/** Segments without a single message after which a connection is no Modbus connection. */
const MAX_GARBAGE_SEGMENTS = 16;
/** Unit and CRC around the PDU. */
const RTU_OVERHEAD = 3;

/** Modbus on one connection: framing, direction, pairing of requests and answers. */
export class ModbusSession implements Session {
  readonly #orientation: Orientation;
  /** The message being reported; shared by all sessions. */
  readonly #pdu: ModbusPdu;
  readonly #pending = new PendingRequests();
  #framing: 'unknown' | 'mbap' | 'rtu' = 'unknown';
  readonly #isSynchronised: [boolean, boolean] = [true, true];
  /** The next message of that side stands behind a gap. */
  readonly #isAfterGap: [boolean, boolean] = [false, false];
  /** The snap length cut that side's last segment: the next one most likely begins with a message. */
  readonly #isAfterCut: [boolean, boolean] = [false, false];
  #requests = 0;
  /** The first request since requests may have been missing; NaN: none yet. */
  #firstRequestAt: Micros = Number.NaN;
  /** Requests may have been missed: in a gap, or before the first datagram. */
  #missesRequests = false;
  #messages = 0;
  #garbageSegments = 0;

  constructor(orientation: Orientation, pdu: ModbusPdu) {
    this.#orientation = orientation;
    this.#pdu = pdu;
  }

  parse(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): number {
    if (this.#framing === 'unknown') this.#chooseFraming(buf, from, to);
    if (this.#framing === 'rtu') return this.#parseRtu(side, buf, from, to, sink);
    return this.#parseMbap(side, buf, from, to, sink);
  }

  datagram(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void {
    if (this.#framing === 'unknown') this.#chooseFraming(buf, from, to);
    this.#isSynchronised[side] = true;
    this.#missesRequests = true;
    const isRtu = this.#framing === 'rtu';
    const done = isRtu ? this.#parseRtu(side, buf, from, to, sink) : this.#parseMbap(side, buf, from, to, sink);
    // A datagram is a whole: nothing will follow.
    if (!isRtu && done >= 0 && from + done < to)
      this.#cutMessage(side, buf, from + done, to, sink, MODBUS.lengthMismatch);
  }

  gap(side: Side, buf: Uint8Array, from: number, to: number, cut: boolean, sink: PduSink): void {
    if (this.#framing !== 'rtu') this.#cutMessage(side, buf, from, to, sink, MODBUS.truncated);
    this.#isSynchronised[side] = false;
    this.#isAfterGap[side] = !cut;
    this.#isAfterCut[side] = cut;
    // Requests may be among what is missing, so answers without one prove nothing.
    if (cut) return;
    this.#requests = 0;
    this.#firstRequestAt = Number.NaN;
    if (side === this.#orientation.client) this.#missesRequests = true;
    else this.#pending.doubt();
  }

  end(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void {
    if (this.#framing !== 'rtu') this.#cutMessage(side, buf, from, to, sink, MODBUS.lengthMismatch);
  }

  alternative(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void {
    let at = from;
    while (to - at >= MIN_ADU) {
      const end = at + MBAP_PREFIX + u16(buf, at + 4);
      if (!isPlausibleHeader(buf, at) || end > to) {
        at = findHeader(buf, at + 1, to);
        if (at < 0) return;
        continue;
      }
      this.#header(buf, at);
      this.#direction(side, buf, at + MBAP, end, null);
      this.#pdu.parse(buf, at + MBAP, end);
      sink.pdu(this.#pdu);
      at = end;
    }
  }

  /** Serial-style messages over TCP are told by their checksum; everything else is taken for MBAP. */
  #chooseFraming(buf: Uint8Array, from: number, to: number): void {
    const mbap = probeMbap(buf, from, to);
    if (mbap === 'no' && probeRtu(buf, from, to) === 'yes') this.#framing = 'rtu';
    else if (mbap === 'yes' || to - from >= MIN_ADU) this.#framing = 'mbap';
  }

  #parseMbap(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): number {
    let at = from;
    while (at < to) {
      if (!this.#isSynchronised[side]) {
        const next = this.#resynchronise(side, buf, at, to, at === from);
        if (next < 0) return this.#garbage(to - from);
        at = next;
        this.#isSynchronised[side] = true;
      }
      const left = to - at;
      if (left < MIN_ADU) {
        if (left >= 4 && u16(buf, at + 2) !== 0 && !this.#mayBeWrongProtocolId(buf, at, left)) {
          this.#lose(side, sink);
          continue;
        }
        if (left >= MBAP_PREFIX && u16(buf, at + 4) < 2) {
          at = this.#emptyMessage(buf, at, to, sink);
          continue;
        }
        break;
      }
      const length = u16(buf, at + 4);
      const end = at + MBAP_PREFIX + length;
      const isSound = isPlausibleHeader(buf, at);
      if (isSound) {
        if (end > to) break;
        this.#message(side, buf, at, end, sink);
        at = end;
      } else if (u16(buf, at + 2) === 0 && length < 2 && probeMbap(buf, end, to) === 'yes') {
        at = this.#emptyMessage(buf, at, to, sink);
      } else if (u16(buf, at + 2) === 0) {
        const next = this.#mismeasuredMessage(side, buf, at, to, sink);
        if (next < 0) break;
        at = next;
      } else if (isPlausibleLength(length, buf[at + 7]!) && isKnownFunction(buf[at + 7]! & 0x7f)) {
        if (end > to) break;
        if (!fits(buf, at + MBAP, end, true) && !fits(buf, at + MBAP, end, false)) {
          this.#lose(side, sink);
          continue;
        }
        this.#message(side, buf, at, end, sink);
        at = end;
      } else this.#lose(side, sink);
    }
    return at - from;
  }

  /** A message with a wrong protocol number is still recognised by its shape, so its header may be waiting for more. */
  #mayBeWrongProtocolId(buf: Uint8Array, at: number, left: number): boolean {
    return left < MBAP_PREFIX || (u16(buf, at + 4) >= 2 && u16(buf, at + 4) <= MAX_LENGTH);
  }

  /** The header states that nothing follows, or only a unit; the next message begins right behind. */
  #emptyMessage(buf: Uint8Array, at: number, to: number, sink: PduSink): number {
    sink.anomaly(MODBUS.badLength);
    return Math.min(to, at + MBAP_PREFIX + u16(buf, at + 4));
  }

  /**
   * The header states more than a message can have, or less: the function says what really belongs to it, as it does for
   * the devices that ignore the header. Returns where to go on, or -1 when more bytes are needed.
   */
  #mismeasuredMessage(side: Side, buf: Uint8Array, at: number, to: number, sink: PduSink): number {
    const pdu = this.#pdu;
    this.#header(buf, at);
    this.#direction(side, buf, at + MBAP, to, sink);
    pdu.isCut = true;
    pdu.parse(buf, at + MBAP, to);
    const implied = Math.max(pdu.impliedLength, 1);
    if (at + MBAP + implied > to) return -1;
    pdu.isCut = false;
    pdu.parse(buf, at + MBAP, at + MBAP + implied);
    pdu.note(MODBUS.badLength);
    this.#report(side, at, sink);
    this.#isSynchronised[side] = false;
    return at + MBAP + implied;
  }

  /** A complete ADU in `buf[at, end)`. */
  #message(side: Side, buf: Uint8Array, at: number, end: number, sink: PduSink): void {
    const pdu = this.#pdu;
    this.#header(buf, at);
    this.#direction(side, buf, at + MBAP, end, sink);
    pdu.parse(buf, at + MBAP, end);
    if (pdu.protocolId !== 0) pdu.note(MODBUS.badProtocolId);
    const tail = pdu.impliedLength < 0 ? end : at + MBAP + pdu.impliedLength;
    if (tail >= end) {
      this.#report(side, at, sink);
      return;
    }
    pdu.note(MODBUS.lengthMismatch);
    const isSmuggling =
      end - tail >= MIN_ADU && isPlausibleHeader(buf, tail) && tail + MBAP_PREFIX + u16(buf, tail + 4) <= end;
    if (isSmuggling) pdu.note(MODBUS.lengthSmuggling);
    this.#report(side, at, sink);
    if (!isSmuggling) return;
    const innerEnd = tail + MBAP_PREFIX + u16(buf, tail + 4);
    this.#header(buf, tail);
    this.#direction(side, buf, tail + MBAP, innerEnd, sink);
    pdu.parse(buf, tail + MBAP, innerEnd);
    pdu.note(MODBUS.lengthSmuggling);
    this.#report(side, tail, sink);
  }

  /** What can be read of a message whose end will not come. */
  #cutMessage(
    side: Side,
    buf: Uint8Array,
    from: number,
    to: number,
    sink: PduSink,
    why: typeof MODBUS.truncated | typeof MODBUS.lengthMismatch,
  ): void {
    if (to - from < MIN_ADU || !isPlausibleHeader(buf, from)) return;
    const pdu = this.#pdu;
    this.#header(buf, from);
    this.#direction(side, buf, from + MBAP, to, sink);
    pdu.isCut = true;
    pdu.parse(buf, from + MBAP, to);
    pdu.note(why);
    // It is the sender's fault, not the capture's, when nothing more was ever sent.
    pdu.isCut = why === MODBUS.truncated;
    this.#report(side, from, sink);
    pdu.isCut = false;
  }

  #header(buf: Uint8Array, at: number): void {
    const pdu = this.#pdu;
    pdu.from = at;
    pdu.hasMbap = true;
    pdu.transactionId = u16(buf, at);
    pdu.protocolId = u16(buf, at + 2);
    pdu.length = u16(buf, at + 4);
    pdu.unit = buf[at + 6]!;
    pdu.isCut = false;
    pdu.isAfterGap = false;
  }

  /** Who asks: from the connection where that is certain, else from the shapes that only one side can send. */
  #direction(side: Side, buf: Uint8Array, at: number, end: number, sink: PduSink | null): void {
    const pdu = this.#pdu;
    const orientation = this.#orientation;
    if (!orientation.clientIsCertain && sink !== null) {
      const isRequest = fits(buf, at, end, true);
      const isResponse = fits(buf, at, end, false);
      if (isRequest !== isResponse) sink.orient(isRequest ? side : side === 0 ? 1 : 0);
    }
    pdu.isRequest = side === orientation.client;
    pdu.fromClient = pdu.isRequest;
  }

  /** Pairs the message with its request, hands it out, and reads what it says of its sender. */
  #report(side: Side, at: number, sink: PduSink): void {
    const pdu = this.#pdu;
    pdu.isAfterGap = this.#isAfterGap[side];
    this.#isAfterGap[side] = false;
    this.#isAfterCut[side] = false;
    this.#messages++;
    this.#garbageSegments = 0;
    if (pdu.isRequest) {
      const time = sink.timeOf(at);
      if (this.#requests++ === 0) this.#firstRequestAt = time;
      if (!this.#pending.add(pdu, sink.numberOf(at), time)) pdu.note(MODBUS.requestFlood);
      sink.pdu(pdu);
      return;
    }
    this.#pair(sink.numberOf(at), sink.timeOf(at));
    sink.pdu(pdu);
    const tellsIdentity =
      !pdu.isException &&
      (pdu.functionCode === FUNCTION.ENCAPSULATED_INTERFACE_TRANSPORT ||
        pdu.functionCode === FUNCTION.REPORT_SERVER_ID ||
        pdu.functionCode === FUNCTION.UMAS);
    if (tellsIdentity && !pdu.isCut) reportIdentity(pdu, sink);
  }

  #pair(number: number, at: Micros): void {
    const pdu = this.#pdu;
    const request = this.#pending.take(pdu, number);
    if (request === null) {
      // Without a request ever seen, the capture has only this direction, or began in between. A while after its
      // beginning or a gap there may still be answers to what was asked before.
      const knowsAll = !this.#missesRequests && !this.#orientation.isMidstream;
      const isSure = knowsAll || at - this.#firstRequestAt > ANSWER_TIME;
      if (this.#requests > 0 && isSure) pdu.note(MODBUS.unsolicitedResponse);
      return;
    }
    if (request.functionCode !== pdu.functionCode) {
      pdu.note(APPLAYER.responseMismatch);
      pdu.fromRequest(-1, -1, -1, request.number, request.timestamp);
      return;
    }
    // Writes are echoed: an echo of something else shows that the device executed something else.
    const isEcho = pdu.quantity >= 0 && !pdu.isException;
    if (isEcho && request.quantity >= 0) {
      const isSame =
        pdu.address === request.address &&
        pdu.quantity === request.quantity &&
        (pdu.value < 0 || pdu.value === request.value);
      if (!isSame) pdu.note(APPLAYER.responseMismatch);
    }
    if (!pdu.isExpectedSize(request.quantity)) pdu.note(MODBUS.byteCountMismatch);
    pdu.fromRequest(request.address, request.quantity, request.sub, request.number, request.timestamp);
  }

  #lose(side: Side, sink: PduSink): void {
    this.#isSynchronised[side] = false;
    sink.anomaly(MODBUS.garbage);
  }

  #garbage(consumed: number): number {
    this.#garbageSegments++;
    return this.#messages === 0 && this.#garbageSegments >= MAX_GARBAGE_SEGMENTS ? -1 : consumed;
  }

  /** The next place where a message may begin, or -1. Most stacks begin a segment with a message. */
  #resynchronise(side: Side, buf: Uint8Array, from: number, to: number, isSegmentStart: boolean): number {
    if (isSegmentStart && to - from >= MIN_ADU && isPlausibleHeader(buf, from)) {
      // A function that nobody knows is believed where the message fills the segment, as in a scan of all functions.
      const isWhole = from + MBAP_PREFIX + u16(buf, from + 4) === to;
      if (isWhole || this.#isAfterCut[side] || beginsMessage(buf, from, to)) return from;
    }
    return findHeader(buf, from, to);
  }

  #parseRtu(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): number {
    const pdu = this.#pdu;
    let at = from;
    while (to - at >= RTU_OVERHEAD + 1) {
      pdu.from = at;
      pdu.hasMbap = false;
      pdu.transactionId = 0;
      pdu.unit = buf[at]!;
      pdu.isAfterGap = false;
      pdu.isCut = false;
      this.#rtuDirection(side, buf, at, to, sink);
      const length = rtuFrameLength(buf, at, to, pdu.isRequest);
      if (length === 0) {
        if (to - at < MAX_RTU_FRAME && !this.#isWholeRtuFrame(buf, at, to)) break;
        sink.anomaly(MODBUS.badCrc);
        return to - from;
      }
      pdu.parse(buf, at + 1, at + length - 2);
      this.#report(side, at, sink);
      at += length;
    }
    return at - from;
  }

  /** All bytes that the function needs are there, so a wrong checksum is final. */
  #isWholeRtuFrame(buf: Uint8Array, at: number, to: number): boolean {
    const pdu = this.#pdu;
    pdu.isCut = true;
    pdu.parse(buf, at + 1, to);
    pdu.isCut = false;
    if (pdu.impliedLength < 0) return crc16(buf, at, to - 2) === u16le(buf, to - 2);
    return at + RTU_OVERHEAD + pdu.impliedLength <= to;
  }

  #rtuDirection(side: Side, buf: Uint8Array, at: number, to: number, sink: PduSink): void {
    const pdu = this.#pdu;
    if (!this.#orientation.clientIsCertain) {
      const isRequest = rtuFrameLength(buf, at, to, true) > 0;
      const isResponse = rtuFrameLength(buf, at, to, false) > 0;
      if (isRequest !== isResponse) sink.orient(isRequest ? side : side === 0 ? 1 : 0);
    }
    pdu.isRequest = side === this.#orientation.client;
    pdu.fromClient = pdu.isRequest;
  }
}

/** The first place from which a sound message, and then the end or another sound header, follows; -1 for none. */
function findHeader(buf: Uint8Array, from: number, to: number): number {
  for (let at = from; at + MIN_ADU <= to; at++) {
    if (probeMbap(buf, at, to) !== 'yes') continue;
    const end = at + MBAP_PREFIX + u16(buf, at + 4);
    if (end === to || mayFollow(buf, end, to)) return at;
  }
  return -1;
}

/** Whether a message may begin at `at`, as far as its bytes are there. */
function mayFollow(buf: Uint8Array, at: number, to: number): boolean {
  if (to - at < MIN_ADU) return probeMbap(buf, at, to) !== 'no';
  return isPlausibleHeader(buf, at) && beginsMessage(buf, at, to);
}
