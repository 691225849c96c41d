import { CHECKSUM, transportChecksum } from '../decode/checksum.js';
import { type Frame, TCP_FLAG } from '../decode/frame.js';
import type { AnomalyDef } from '../model/anomaly.js';
import { MICROS_PER_SECOND, type Micros } from '../model/time.js';
import { STREAM } from './anomalies.js';
import { type Flow, NOTICE, otherSide, type Side } from './flow.js';
import { type HeldSegment, TcpDirection } from './tcp-direction.js';

/** Which packet delivered bytes. Reused: read it during the call. */
export class PacketTime {
  number = 0;
  timestamp: Micros = 0;
  nanos = -1;
}

/** Takes what a connection carries, in order. Byte ranges are valid only during the call. */
export interface StreamSink {
  /** Returns true when the connection is being dissected, so that its last bytes are worth keeping for comparison. */
  data(flow: Flow, side: Side, buf: Uint8Array, from: number, to: number, packet: PacketTime): boolean;
  /** Bytes are missing here; `cut` when the capture's snap length cut them off. */
  gap(flow: Flow, side: Side, missing: number, cut: boolean): void;
  /** Another reading of bytes that were, or will be, delivered with other content. */
  alternative(
    flow: Flow,
    side: Side,
    buf: Uint8Array,
    from: number,
    to: number,
    packet: PacketTime,
    why: AnomalyDef,
  ): void;
  anomaly(flow: Flow, side: Side, anomaly: AnomalyDef, packet: PacketTime): void;
  /** The connection was reset or closed by both sides. */
  closed(flow: Flow): void;
}

const MAX_HELD_BYTES = 128 * 1024;
const MAX_HELD_SEGMENTS = 512;
const MAX_HELD_BYTES_IN_ALL = 64 * 1024 * 1024;
const MAX_HISTORIES = 16_384;
/** The receiver has the missing bytes, so they are lost to us; mirrors may still deliver them a little late. */
const PATIENCE_ACKNOWLEDGED: Micros = MICROS_PER_SECOND / 10;
const PATIENCE: Micros = MICROS_PER_SECOND;
/** A segment far ahead that the stream does not reach within this time is read by itself. */
const HELD_TIMEOUT: Micros = 30 * MICROS_PER_SECOND;
const TINY_SEGMENT = 2;
const TINY_SEGMENTS_NOTICE = 8;
/** A receive window nobody announced is taken as this much. */
const DEFAULT_WINDOW = 65_535;
/** A hole larger than this is a jump to another place, not a loss. */
const MAX_HOLE = 1024 * 1024;
/** After so many segments in a row with an old timestamp, the newer one was the forged one. */
const MAX_OUTDATED = 2;
/** A share of wrong checksums above this means that they are not filled in, rather than that packets are forged. */
const MAX_FORGED_SHARE = 0.2;

/**
 * Turns the segments of both directions into byte streams. Where copies of the same bytes differ, the first one is
 * the main reading and the other one is handed out as an alternative: devices differ in which they take.
 * RFC 9293; evasions after Ptacek and Newsham, and RFC 7323 5.3 for timestamps.
 */
export class TcpReassembler {
  /** Segments dropped because a bound was reached. */
  droppedSegments = 0;
  retransmissions = 0;
  gaps = 0;
  #heldBytes = 0;
  #histories = 0;
  readonly #waiting = new Set<Flow>();
  readonly #sink: StreamSink;
  readonly #now = new PacketTime();
  readonly #behindHole = new PacketTime();

  constructor(sink: StreamSink) {
    this.#sink = sink;
  }

  segment(flow: Flow, side: Side, frame: Frame): void {
    const now = this.#now;
    now.number = frame.number;
    now.timestamp = frame.timestamp;
    now.nanos = frame.nanos;
    let direction = flow.tcp[side];
    if (direction === null) {
      direction = new TcpDirection();
      flow.tcp[side] = direction;
    }
    if (!this.#isChecksumAcceptable(flow, side, direction, frame)) return;
    const flags = frame.flags;
    let sequence = frame.sequence;
    if ((flags & TCP_FLAG.SYN) !== 0) {
      this.#syn(flow, side, direction, frame);
      sequence = (sequence + 1) | 0;
    }
    if (direction.ttl < 0) direction.ttl = frame.ttl;
    // Acknowledgement first: an answer is to be read after its request, also when that waits behind a hole.
    if ((flags & TCP_FLAG.ACK) !== 0) this.#acknowledge(flow, side, direction, frame);
    if (frame.payloadLength > 0) {
      if (this.#isOutdated(direction, frame, sequence)) {
        this.#sink.anomaly(flow, side, STREAM.oldTimestamp, now);
        const { buf, payloadFrom, payloadTo } = frame;
        this.#sink.alternative(flow, side, buf, payloadFrom, payloadTo, now, STREAM.oldTimestamp);
        return;
      }
      this.#data(flow, side, direction, frame, sequence);
    }
    if ((flags & (TCP_FLAG.RST | TCP_FLAG.FIN)) !== 0) this.#end(flow, side, direction, frame, sequence);
    if (direction.held !== null) this.#checkHole(flow, side, direction, frame.timestamp);
  }

  /** Skips holes whose time is up. Packet time, or the clock in a quiet live capture. */
  tick(now: Micros): void {
    for (const flow of this.#waiting) {
      for (const side of [0, 1] as const) {
        const direction = flow.tcp[side];
        if (direction?.held) this.#checkHole(flow, side, direction, now);
      }
      if (!flow.tcp[0]?.held && !flow.tcp[1]?.held) this.#waiting.delete(flow);
    }
  }

  /** The flow leaves the table: what was held is delivered behind its gap. */
  flush(flow: Flow): void {
    for (const side of [0, 1] as const) {
      const direction = flow.tcp[side];
      if (!direction) continue;
      while (direction.held) this.#skipHole(flow, side, direction);
      if (direction.history) this.#histories--;
      direction.history = null;
    }
    this.#waiting.delete(flow);
  }

  #isChecksumAcceptable(flow: Flow, side: Side, direction: TcpDirection, frame: Frame): boolean {
    if (frame.isTruncated) return true;
    const verdict = frame.hasWrongHeaderSum ? CHECKSUM.wrong : transportChecksum(frame);
    if (verdict === CHECKSUM.valid) {
      direction.validChecksums++;
      return true;
    }
    if (verdict === CHECKSUM.offloaded && (direction.offloadedChecksums > 0 || direction.validChecksums < 4)) {
      direction.offloadedChecksums++;
      this.#once(flow, side, NOTICE.checksumOffload, STREAM.checksumOffload);
      return true;
    }
    direction.wrongChecksums++;
    const all = direction.validChecksums + direction.wrongChecksums;
    const isForged =
      direction.validChecksums > 0 &&
      (direction.wrongChecksums < 3 || direction.wrongChecksums <= all * MAX_FORGED_SHARE);
    if (isForged) this.#sink.anomaly(flow, side, STREAM.badChecksum, this.#now);
    else this.#once(flow, side, NOTICE.checksumOffload, STREAM.checksumOffload);
    return !isForged;
  }

  #once(flow: Flow, side: Side, notice: number, anomaly: AnomalyDef): void {
    if ((flow.notices & notice) !== 0) return;
    flow.notices |= notice;
    this.#sink.anomaly(flow, side, anomaly, this.#now);
  }

  #syn(flow: Flow, side: Side, direction: TcpDirection, frame: Frame): void {
    const first = (frame.sequence + 1) | 0;
    const isAnswer = (frame.flags & TCP_FLAG.ACK) !== 0;
    const peer = flow.tcp[otherSide(side)];
    if (!direction.started) {
      direction.start(first);
      direction.sawSyn = true;
      direction.windowScale = Math.max(frame.windowScale, 0);
      if (!isAnswer && peer?.sawSyn) {
        flow.clientIsCertain = false;
        this.#once(flow, side, NOTICE.splitHandshake, STREAM.splitHandshake);
      } else if (!flow.clientIsCertain) {
        flow.client = isAnswer ? otherSide(side) : side;
        // An answer alone may be forged; the question and its answer, or the port, are better witnesses.
        flow.clientIsCertain = !isAnswer || peer?.sawSyn === true;
      }
    } else if (first !== direction.startSequence) {
      direction.secondStart = first;
      direction.hasSecondStart = true;
      if (!isAnswer && !flow.clientIsCertain && !peer?.sawSyn) flow.client = side;
      this.#sink.anomaly(flow, side, STREAM.synDifferentIsn, this.#now);
    }
    if (frame.payloadLength > 0) this.#sink.anomaly(flow, side, STREAM.dataOnSyn, this.#now);
  }

  /** PAWS: a receiver drops new data whose timestamp is older than that of the data before it. */
  #isOutdated(direction: TcpDirection, frame: Frame, sequence: number): boolean {
    const isOld =
      frame.hasTcpTimestamp &&
      direction.hasTimestamp &&
      sequence === direction.nextSequence &&
      ((frame.tcpTimestamp - direction.timestamp) | 0) < 0;
    if (isOld && direction.outdatedSegments < MAX_OUTDATED) {
      direction.outdatedSegments++;
      return true;
    }
    direction.outdatedSegments = 0;
    return false;
  }

  #acknowledge(flow: Flow, side: Side, direction: TcpDirection, frame: Frame): void {
    if (!direction.hasAcknowledged || ((frame.acknowledgement - direction.acknowledged) | 0) > 0) {
      direction.acknowledged = frame.acknowledgement;
      direction.hasAcknowledged = true;
    }
    direction.window = frame.window;
    const peer = flow.tcp[otherSide(side)];
    const first = peer?.held?.[0];
    if (!peer || !first) return;
    const answers = frame.payloadLength > 0 && ((frame.acknowledgement - first.sequence) | 0) > 0;
    if (answers) this.#skipHole(flow, otherSide(side), peer);
    else this.#checkHole(flow, otherSide(side), peer, frame.timestamp);
  }

  #end(flow: Flow, side: Side, direction: TcpDirection, frame: Frame, sequence: number): void {
    const peer = flow.tcp[otherSide(side)];
    if (direction.started) {
      // What the other side would accept: from just before the next byte to the end of its window.
      const announced = peer ? peer.window * 2 ** peer.windowScale : 0;
      const distance = (sequence - direction.nextSequence) | 0;
      const isReset = (frame.flags & TCP_FLAG.RST) !== 0;
      const isOld = distance < 0 && distance > -DEFAULT_WINDOW;
      if (distance > Math.max(announced, DEFAULT_WINDOW) || (distance < 0 && !isOld)) {
        this.#sink.anomaly(flow, side, isReset ? STREAM.resetOutOfWindow : STREAM.finOutOfWindow, this.#now);
        return;
      }
    }
    if ((frame.flags & TCP_FLAG.RST) !== 0) {
      if (direction.ttl >= 0 && frame.ttl !== direction.ttl) {
        this.#sink.anomaly(flow, side, STREAM.ttlDeviation, this.#now);
      }
      flow.resetSeen = true;
      this.#sink.closed(flow);
    } else {
      direction.finSeen = true;
      if (peer?.finSeen) this.#sink.closed(flow);
    }
  }

  #data(flow: Flow, side: Side, direction: TcpDirection, frame: Frame, sequence: number): void {
    const { payloadFrom: from, payloadTo: to } = frame;
    if (!direction.started) {
      direction.start(sequence);
      flow.isMidstream = true;
    }
    direction.dataSegments++;
    if (flow.resetSeen) this.#once(flow, side, NOTICE.dataAfterReset, STREAM.dataAfterReset);
    if ((frame.flags & TCP_FLAG.URG) !== 0) this.#urgent(flow, side, frame);
    let ahead = (sequence - direction.nextSequence) | 0;
    // Keep-alives and repetitions say nothing: they hide no message, and they are nobody's turn.
    if (ahead + frame.payloadLength > 0) this.#noteTiny(flow, side, direction, frame.payloadLength);
    if (ahead !== 0 && direction.hasSecondStart && sequence === direction.secondStart) {
      direction.hasSecondStart = false;
      this.#restart(flow, side, direction, sequence);
      ahead = 0;
    }
    if (ahead === 0 && direction.held === null) {
      if (frame.hasTcpTimestamp) {
        direction.hasTimestamp = true;
        direction.timestamp = frame.tcpTimestamp;
      }
      this.#deliver(flow, side, direction, frame.buf, from, to, frame.payloadLength - (to - from), this.#now);
      return;
    }
    if (ahead < 0) this.#old(flow, side, direction, frame, sequence, -ahead);
    else this.#hold(flow, side, direction, frame.buf, from, to, frame.payloadLength - (to - from), sequence);
  }

  #noteTiny(flow: Flow, side: Side, direction: TcpDirection, length: number): void {
    // Whoever takes turns with the other side says something short; whoever hides a message sends its pieces in a row.
    const peer = flow.tcp[otherSide(side)];
    if (peer) peer.tinySegments = 0;
    if (length > TINY_SEGMENT) {
      direction.tinySegments = 0;
      return;
    }
    if (++direction.tinySegments >= TINY_SEGMENTS_NOTICE) {
      this.#once(flow, side, NOTICE.tinySegments, STREAM.tinySegments);
    }
  }

  /** Some receivers take the byte the urgent pointer names out of the stream (RFC 6093 2.1). */
  #urgent(flow: Flow, side: Side, frame: Frame): void {
    const { buf, payloadFrom: from, payloadTo: to } = frame;
    this.#sink.anomaly(flow, side, STREAM.urgentData, this.#now);
    // RFC 793 had the pointer behind the urgent byte, RFC 1122 on it; BSD's reading (behind it) is the common one.
    const urgentAt = from + frame.urgentPointer - 1;
    if (frame.urgentPointer === 0 || urgentAt >= to || to - from < 2) return;
    const without = new Uint8Array(to - from - 1);
    without.set(buf.subarray(from, urgentAt));
    without.set(buf.subarray(urgentAt + 1, to), urgentAt - from);
    this.#sink.alternative(flow, side, without, 0, without.length, this.#now, STREAM.urgentData);
  }

  /** The ports are used again without a visible end of the old connection, or a forged segment had led us astray. */
  #restart(flow: Flow, side: Side, direction: TcpDirection, sequence: number): void {
    while (direction.held) this.#skipHole(flow, side, direction);
    if (direction.nextSequence !== direction.startSequence) this.#sink.gap(flow, side, 0, false);
    const before = direction.nextSequence;
    direction.start(sequence);
    this.#openHole(flow, side, direction, before, sequence);
    direction.hasTimestamp = false;
  }

  #openHole(flow: Flow, side: Side, direction: TcpDirection, from: number, to: number): void {
    const peer = flow.tcp[otherSide(side)];
    const isOpen = direction.holeStart !== direction.holeEnd;
    // As long as the receiver has not acknowledged the earlier hole, it may be where the real stream goes on.
    const isWaitedFor =
      isOpen && !(peer?.hasAcknowledged === true && ((peer.acknowledged - direction.holeEnd) | 0) >= 0);
    if (!isWaitedFor || (to - direction.holeStart) >>> 0 > MAX_HOLE) direction.holeStart = from;
    direction.holeEnd = to;
    if ((to - direction.holeStart) >>> 0 > MAX_HOLE) direction.holeStart = to;
    direction.isFilling = false;
  }

  /** Bytes that had been given up as lost come after all. */
  #fill(flow: Flow, side: Side, direction: TcpDirection, frame: Frame, sequence: number): void {
    const { buf, payloadFrom: from, payloadTo: to } = frame;
    if (!direction.isFilling || sequence !== direction.holeStart) this.#sink.gap(flow, side, 0, false);
    direction.isFilling = true;
    const room = (direction.holeEnd - sequence) | 0;
    const end = Math.min(to, from + room);
    direction.holeStart = (sequence + (end - from)) | 0;
    this.#sink.data(flow, side, buf, from, end, this.#now);
    const missing = frame.payloadLength - (to - from);
    if (missing > 0 && end === to) {
      direction.holeStart = (direction.holeStart + Math.min(missing, room - (end - from))) | 0;
      this.#sink.gap(flow, side, missing, true);
    }
  }

  /** `back`: how many bytes before the expected place the segment begins. */
  #old(flow: Flow, side: Side, direction: TcpDirection, frame: Frame, sequence: number, back: number): void {
    const { buf, payloadFrom: from, payloadTo: to } = frame;
    const captured = to - from;
    const isKeepAlive = back === 1 && frame.payloadLength === 1;
    if (isKeepAlive) return;
    const beforeStart = (direction.startSequence - sequence) | 0;
    if (flow.isMidstream && !direction.sawSyn && beforeStart > 0 && beforeStart < DEFAULT_WINDOW && captured > 0) {
      // The capture began between two swapped segments: this one belongs before all that was seen.
      const end = Math.min(to, from + beforeStart);
      direction.holeStart = (sequence + (end - from)) | 0;
      direction.holeEnd = direction.startSequence;
      direction.startSequence = sequence;
      direction.isFilling = true;
      this.#sink.gap(flow, side, 0, false);
      this.#sink.data(flow, side, buf, from, end, this.#now);
      return;
    }
    const isInHole =
      ((sequence - direction.holeStart) | 0) >= 0 && ((direction.holeEnd - sequence) | 0) > 0 && captured > 0;
    if (isInHole) this.#fill(flow, side, direction, frame, sequence);
    else if (back > DEFAULT_WINDOW) {
      // No sender repeats data that old: the stream is really here. If not, its acknowledgements take us back.
      this.#restart(flow, side, direction, sequence);
      this.#deliver(flow, side, direction, buf, from, to, frame.payloadLength - captured, this.#now);
      return;
    } else this.retransmissions++;
    if (this.#contradictsHistory(direction, buf, from, to, sequence)) {
      const peer = flow.tcp[otherSide(side)];
      const end = (sequence + captured) | 0;
      const wasAcknowledged = peer?.hasAcknowledged === true && ((peer.acknowledged - end) | 0) >= 0;
      const anomaly = wasAcknowledged ? STREAM.retransmissionDifferentData : STREAM.overlapDifferentData;
      this.#sink.anomaly(flow, side, anomaly, this.#now);
      this.#sink.alternative(flow, side, buf, from, to, this.#now, anomaly);
    }
    if (back >= captured) return;
    const missing = frame.payloadLength - captured;
    if (direction.held === null) this.#deliver(flow, side, direction, buf, from + back, to, missing, this.#now);
    else this.#hold(flow, side, direction, buf, from + back, to, missing, direction.nextSequence);
  }

  #contradictsHistory(direction: TcpDirection, buf: Uint8Array, from: number, to: number, sequence: number): boolean {
    const { history, historyEnd } = direction;
    if (history === null) return false;
    const kept = Math.min((historyEnd - direction.historyStart) | 0, history.length);
    const oldest = (historyEnd - kept) | 0;
    for (let at = from; at < to; at++) {
      const place = (sequence + (at - from)) | 0;
      if (((place - oldest) | 0) < 0) continue;
      if (((place - historyEnd) | 0) >= 0) return false;
      if (history[place & (history.length - 1)] !== buf[at]) return true;
    }
    return false;
  }

  #deliver(
    flow: Flow,
    side: Side,
    direction: TcpDirection,
    buf: Uint8Array,
    from: number,
    to: number,
    missing: number,
    packet: PacketTime,
  ): void {
    if (to > from) {
      if (direction.isFilling) {
        direction.isFilling = false;
        this.#sink.gap(flow, side, 0, false);
      }
      const isDissected = this.#sink.data(flow, side, buf, from, to, packet);
      if (isDissected) this.#remember(direction, buf, from, to);
      direction.nextSequence = (direction.nextSequence + (to - from)) | 0;
    }
    if (missing > 0) {
      const behind = (direction.nextSequence + missing) | 0;
      // Whether these bytes were ever sent is not known: what comes in their place is read.
      this.#openHole(flow, side, direction, direction.nextSequence, behind);
      direction.nextSequence = behind;
      this.#sink.gap(flow, side, missing, true);
    }
  }

  #remember(direction: TcpDirection, buf: Uint8Array, from: number, to: number): void {
    if (direction.history === null) {
      if (this.#histories >= MAX_HISTORIES) return;
      this.#histories++;
    }
    const history = direction.historyFor(to - from);
    const { length } = history;
    if (direction.historyEnd !== direction.nextSequence) direction.historyStart = direction.nextSequence;
    direction.historyEnd = (direction.nextSequence + (to - from)) | 0;
    if (((direction.historyEnd - direction.historyStart) | 0) > length) {
      direction.historyStart = (direction.historyEnd - length) | 0;
    }
    const skipped = Math.max(0, to - from - length);
    const place = (direction.nextSequence + skipped) & (length - 1);
    const size = to - from - skipped;
    if (size <= length - place) {
      const offset = from + skipped - place;
      for (let index = place; index < place + size; index++) history[index] = buf[offset + index]!;
      return;
    }
    for (let index = 0; index < size; index++) {
      history[(place + index) & (length - 1)] = buf[from + skipped + index]!;
    }
  }

  /** Keeps the parts of a segment that no held segment has yet, then delivers what has become contiguous. */
  #hold(
    flow: Flow,
    side: Side,
    direction: TcpDirection,
    buf: Uint8Array,
    from: number,
    to: number,
    missing: number,
    sequence: number,
  ): void {
    const now = this.#now;
    if (direction.held === null) {
      direction.held = [];
      direction.waitingSince = now.timestamp;
      direction.waitingSegments = 0;
      this.#waiting.add(flow);
    }
    direction.waitingSegments++;
    const held = direction.held;
    // Another forged byte cannot push real ones out: beyond the bound the hole is skipped first.
    const isFull =
      held.length >= MAX_HELD_SEGMENTS ||
      direction.heldBytes + (to - from) > MAX_HELD_BYTES ||
      this.#heldBytes + (to - from) > MAX_HELD_BYTES_IN_ALL;
    if (isFull) {
      this.#sink.anomaly(flow, side, STREAM.reassemblyLimit, now);
      while (direction.held !== null) this.#skipHole(flow, side, direction);
      const behind = (direction.nextSequence - sequence) | 0;
      if (behind < 0) this.#skipTo(flow, side, direction, sequence, now);
      const known = Math.max(behind, 0);
      if (known < to - from) this.#deliver(flow, side, direction, buf, from + known, to, missing, now);
      return;
    }
    let differs = false;
    let at = from;
    let place = 0;
    const list = direction.held;
    if (!list) return;
    while (at < to) {
      const here = (sequence + (at - from)) | 0;
      const next = list[place];
      if (next === undefined || ((here - next.sequence) | 0) < 0) {
        const room = next === undefined ? to - at : Math.min(to - at, (next.sequence - here) | 0);
        const isLast = at + room === to;
        this.#insert(direction, list, place, here, buf.slice(at, at + room), isLast ? missing : 0);
        at += room;
        place++;
        continue;
      }
      const offset = (here - next.sequence) | 0;
      const shared = Math.min(to - at, next.data.length - offset);
      if (shared <= 0) {
        // `next` ends before this place.
        place++;
        if (offset < next.data.length + next.missing) at += Math.min(to - at, next.data.length + next.missing - offset);
        continue;
      }
      for (let index = 0; index < shared && !differs; index++) {
        if (next.data[offset + index] !== buf[at + index]) differs = true;
      }
      at += shared;
      place++;
    }
    if (differs) {
      this.#sink.anomaly(flow, side, STREAM.overlapDifferentData, now);
      this.#sink.alternative(flow, side, buf, from, to, now, STREAM.overlapDifferentData);
    }
    this.#drain(flow, side, direction);
  }

  #insert(
    direction: TcpDirection,
    list: HeldSegment[],
    place: number,
    sequence: number,
    data: Uint8Array,
    missing: number,
  ): void {
    const { number, timestamp, nanos } = this.#now;
    list.splice(place, 0, { sequence, data, missing, number, timestamp, nanos });
    direction.heldBytes += data.length;
    this.#heldBytes += data.length;
  }

  /** Delivers held segments as long as they follow on. */
  #drain(flow: Flow, side: Side, direction: TcpDirection): void {
    const list = direction.held;
    if (!list) return;
    let done = 0;
    const packet = new PacketTime();
    for (const segment of list) {
      if (segment.sequence !== direction.nextSequence) break;
      packet.number = segment.number;
      packet.timestamp = segment.timestamp;
      packet.nanos = segment.nanos;
      direction.heldBytes -= segment.data.length;
      this.#heldBytes -= segment.data.length;
      this.#deliver(flow, side, direction, segment.data, 0, segment.data.length, segment.missing, packet);
      done++;
    }
    if (done === 0) return;
    direction.waitingSince = Math.max(direction.waitingSince, this.#now.timestamp);
    direction.waitingSegments = 0;
    list.splice(0, done);
    while (list[0] !== undefined && ((list[0].sequence - direction.nextSequence) | 0) < 0)
      this.#discardFirst(direction, list);
    if (list.length === 0) direction.held = null;
  }

  #discardFirst(direction: TcpDirection, list: HeldSegment[]): void {
    const segment = list.shift();
    if (!segment) return;
    direction.heldBytes -= segment.data.length;
    this.#heldBytes -= segment.data.length;
    this.droppedSegments++;
  }

  #checkHole(flow: Flow, side: Side, direction: TcpDirection, now: Micros): void {
    const first = direction.held?.[0];
    if (!first) return;
    // The clock may have been set back.
    if (direction.waitingSince > now) direction.waitingSince = now;
    const waited = now - direction.waitingSince;
    const peer = flow.tcp[otherSide(side)];
    const isAcknowledged = peer?.hasAcknowledged === true && ((peer.acknowledged - first.sequence) | 0) >= 0;
    // A single segment beyond the window that nobody acknowledged is no proof of loss: following it would let one
    // forged packet make us deaf to the real stream.
    const distance = (first.sequence - direction.nextSequence) | 0;
    const isPlausible = isAcknowledged || distance <= DEFAULT_WINDOW || (direction.held?.length ?? 0) >= 4;
    if (isPlausible && waited >= (isAcknowledged ? PATIENCE_ACKNOWLEDGED : PATIENCE)) {
      this.#skipHole(flow, side, direction);
    } else if (now - first.timestamp > HELD_TIMEOUT && direction.held) {
      this.#setAside(flow, side, direction, direction.held, first);
    }
  }

  /**
   * The stream never reached this segment: forged, or alone between two losses. Read by itself it can neither lead the
   * main reading astray nor get lost.
   */
  #setAside(flow: Flow, side: Side, direction: TcpDirection, held: HeldSegment[], segment: HeldSegment): void {
    const packet = this.#behindHole;
    packet.number = segment.number;
    packet.timestamp = segment.timestamp;
    packet.nanos = segment.nanos;
    this.#sink.anomaly(flow, side, STREAM.unreachedSegment, packet);
    this.#sink.alternative(flow, side, segment.data, 0, segment.data.length, packet, STREAM.unreachedSegment);
    this.#discardFirst(direction, held);
    if (held.length === 0) direction.held = null;
  }

  #skipHole(flow: Flow, side: Side, direction: TcpDirection): void {
    const first = direction.held?.[0];
    if (!first) {
      direction.held = null;
      return;
    }
    const packet = this.#behindHole;
    packet.number = first.number;
    packet.timestamp = first.timestamp;
    packet.nanos = first.nanos;
    this.#skipTo(flow, side, direction, first.sequence, packet);
    this.#drain(flow, side, direction);
  }

  #skipTo(flow: Flow, side: Side, direction: TcpDirection, sequence: number, packet: PacketTime): void {
    this.gaps++;
    this.#sink.anomaly(flow, side, STREAM.gap, packet);
    this.#sink.gap(flow, side, (sequence - direction.nextSequence) | 0, false);
    this.#openHole(flow, side, direction, direction.nextSequence, sequence);
    direction.nextSequence = sequence;
  }
}
