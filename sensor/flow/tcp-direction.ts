import type { Micros } from '../model/time.js';

/** A segment that waits for an earlier one. */
export interface HeldSegment {
  sequence: number;
  data: Uint8Array;
  /** Bytes behind `data` that the snap length cut off. */
  missing: number;
  number: number;
  timestamp: Micros;
  nanos: number;
}

/** Powers of two: the ring is indexed by the low bits of the sequence number. */
const SMALLEST_HISTORY = 512;
export const LARGEST_HISTORY = 4096;
/** Segments as large as the present one that fit into the history. Small, because every byte of it passes the cache. */
const SEGMENTS_KEPT = 16;

/** Sequence state of what one side of a TCP connection sends. Sequence numbers are signed 32-bit integers. */
export class TcpDirection {
  started = false;
  /** Sequence number behind the SYN, or of the first data seen. */
  startSequence = 0;
  nextSequence = 0;
  sawSyn = false;
  held: HeldSegment[] | null = null;
  heldBytes = 0;
  /** Time at which the present hole opened or the stream last went on. */
  waitingSince: Micros = 0;
  /** Segments of this side seen since then. */
  waitingSegments = 0;
  /** What this side has acknowledged of the other side's data. */
  acknowledged = 0;
  hasAcknowledged = false;
  window = 0;
  windowScale = 0;
  ttl = -1;
  hasTimestamp = false;
  /** TCP timestamp of the last segment delivered in order (TS.Recent of RFC 7323). */
  timestamp = 0;
  tinySegments = 0;
  validChecksums = 0;
  wrongChecksums = 0;
  offloadedChecksums = 0;
  finSeen = false;
  /** First sequence number of a second SYN; used when the data follows it. */
  secondStart = 0;
  hasSecondStart = false;
  dataSegments = 0;
  /**
   * The last stretch that was skipped as lost, from `holeStart` (which moves on as it is filled after all) to
   * `holeEnd`. Empty when both are equal. Late copies belong here, and the real stream when a forged segment made us
   * skip.
   */
  holeStart = 0;
  holeEnd = 0;
  /** The last bytes delivered came from the hole, so the next ones of the main stream do not follow on them. */
  isFilling = false;
  /** Segments refused in a row for an old timestamp. */
  outdatedSegments = 0;
  /** The last delivered bytes, to compare retransmissions with; only for connections that are dissected. */
  history: Uint8Array | null = null;
  historyStart = 0;
  historyEnd = 0;

  /** The history, with room for segments of `length` bytes. What it holds already stays. */
  historyFor(length: number): Uint8Array {
    const { history } = this;
    if (history !== null && (length * SEGMENTS_KEPT <= history.length || history.length === LARGEST_HISTORY))
      return history;
    let size = history?.length ?? SMALLEST_HISTORY;
    while (size < length * SEGMENTS_KEPT && size < LARGEST_HISTORY) size *= 2;
    const grown = new Uint8Array(size);
    this.history = grown;
    if (history === null) return grown;
    const kept = Math.min((this.historyEnd - this.historyStart) | 0, history.length);
    for (let place = (this.historyEnd - kept) | 0; place !== this.historyEnd; place = (place + 1) | 0) {
      grown[place & (size - 1)] = history[place & (history.length - 1)]!;
    }
    return grown;
  }

  start(sequence: number): void {
    this.started = true;
    this.startSequence = sequence;
    this.nextSequence = sequence;
    this.historyStart = sequence;
    this.historyEnd = sequence;
  }
}
