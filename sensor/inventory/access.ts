import type { Pdu } from '../model/pdu.js';
import { MICROS_PER_SECOND, type Micros } from '../model/time.js';
import { targetText } from './target-set.js';

/** Of the latest intervals; a power of two. */
const INTERVALS = 16;
/** Below this, intervals say nothing. */
const MIN_CYCLIC_INTERVALS = 8;
/** Median deviation from the median, as a share of it, up to which a request counts as cyclic. */
const MAX_CYCLIC_SPREAD = 0.3;
/** A message may name as many things as fit into it; what acts on more of them is not followed one by one. */
const MAX_TARGETS = 256;

/** One more thing that the same message acts on. */
export interface FurtherTarget {
  readonly space: string;
  readonly from: number;
  readonly count: number;
}

export interface AccessTarget {
  /** Place of the operation in the protocol's list. */
  readonly operation: number;
  readonly unit: number;
  /** null: the operation acts on nothing that has an address. */
  readonly space: string | null;
  readonly from: number;
  readonly count: number;
  readonly further: readonly FurtherTarget[];
}

/**
 * One operation of one client on the same things again and again: a poll of registers, a write of a set-point. Most
 * traffic of a plant is a few hundred of these in turn. What was found out about one is found out once.
 */
export class Access implements AccessTarget {
  /** Dense, unique at a time: others keep what they know about it in arrays. */
  readonly index: number;
  readonly operation: number;
  readonly unit: number;
  readonly space: string | null;
  readonly from: number;
  readonly count: number;
  readonly further: readonly FurtherTarget[];
  /** Its things belong to the baseline. */
  isLearned = false;
  /** Requests so far. */
  requests = 0;
  lastRequest: Micros = Number.NaN;
  /** Requests in a row without an answer, up to and with the latest. */
  unanswered = 0;
  /** First of these. */
  unansweredSince: Micros = Number.NaN;
  hasAnswered = false;
  lastAnswer: Micros = Number.NaN;
  /** Answers in a row that took longer than ever while learning. */
  slowAnswers = 0;
  /** The longest pause between two requests. */
  longestPause: Micros = 0;
  /** The request that came after this one the last time: cyclic clients keep their order. */
  following: Access | null = null;
  /** Learned period and its spread; 0 where it was not cyclic. */
  learnedPeriod: Micros = 0;
  learnedPause: Micros = 0;
  /** Requests that the learned period rests on. */
  learnedRequests = 0;
  /** Windows in a row whose period was another one. */
  oddWindows = 0;
  alertKey: string | null = null;
  readonly #intervals = new Float64Array(INTERVALS);
  #intervalCount = 0;

  constructor(index: number, target: AccessTarget) {
    this.index = index;
    this.operation = target.operation;
    this.unit = target.unit;
    this.space = target.space;
    this.from = target.from;
    this.count = target.count;
    this.further = target.further;
  }

  /** Whether the message is this operation on these things. The message's first target must be selected. */
  is(pdu: Pdu): boolean {
    if (
      pdu.operation.index !== this.operation ||
      pdu.targetFrom !== this.from ||
      pdu.unit !== this.unit ||
      pdu.targetCount !== this.count ||
      pdu.targetSpace !== this.space
    ) {
      return false;
    }
    const { further } = this;
    const { targets } = pdu;
    if (targets < 2) return further.length === 0;
    if (further.length !== targets - 1) return false;
    let isSame = true;
    for (let target = 1; target < targets && isSame; target++) {
      pdu.selectTarget(target);
      const known = further[target - 1]!;
      isSame = pdu.targetFrom === known.from && pdu.targetCount === known.count && pdu.targetSpace === known.space;
    }
    pdu.selectTarget(0);
    return isSame;
  }

  /** Returns true when sixteen more intervals are known than the last time it did. */
  requested(at: Micros): boolean {
    let isWindow = false;
    if (this.requests++ > 0) {
      const interval = at - this.lastRequest;
      if (interval > 0) {
        this.#intervals[this.#intervalCount++ & (INTERVALS - 1)] = interval;
        isWindow = (this.#intervalCount & (INTERVALS - 1)) === 0;
        if (interval > this.longestPause) this.longestPause = interval;
      }
    }
    if (!(at <= this.lastRequest)) this.lastRequest = at;
    if (this.unanswered++ === 0) this.unansweredSince = at;
    return isWindow;
  }

  answered(at: Micros, isSlow: boolean): void {
    this.slowAnswers = isSlow ? this.slowAnswers + 1 : 0;
    this.unanswered = 0;
    this.hasAnswered = true;
    this.lastAnswer = at;
  }

  /** The sensor saw nothing for a while: that is no pause of the client and no silence of the server. */
  resume(): void {
    this.lastRequest = Number.NaN;
    this.lastAnswer = Number.NaN;
    this.unanswered = 0;
    this.slowAnswers = 0;
  }

  /** What an earlier run has learned. */
  restore(requests: number, period: Micros, pause: Micros): void {
    this.requests = requests;
    this.learnedRequests = requests;
    this.learnedPeriod = period;
    this.learnedPause = pause;
    this.longestPause = pause;
    this.hasAnswered = true;
  }

  /** What it was so far is normal. */
  settle(): void {
    if (this.learnedRequests > 0 && this.requests <= this.learnedRequests) return;
    this.learnedPeriod = this.period;
    this.learnedPause = this.longestPause;
    this.learnedRequests = this.requests;
  }

  /** Median of the latest intervals; 0 when they are not alike. */
  get period(): Micros {
    const amount = Math.min(this.#intervalCount, INTERVALS);
    if (amount < MIN_CYCLIC_INTERVALS) return 0;
    const sorted = this.#intervals.slice(0, amount).sort();
    const median = sorted[amount >> 1]!;
    const deviations = sorted.map((interval) => Math.abs(interval - median)).sort();
    return deviations[amount >> 1]! <= MAX_CYCLIC_SPREAD * median ? median : 0;
  }

  /** Median of the latest intervals, alike or not; 0 when there are none. */
  get medianInterval(): Micros {
    const amount = Math.min(this.#intervalCount, INTERVALS);
    return amount === 0 ? 0 : this.#intervals.slice(0, amount).sort()[amount >> 1]!;
  }

  get targetText(): string {
    if (this.space === null) return '';
    const text = targetText(this.unit, this.space, this.from, this.count);
    return this.further.length > 0 ? `${text} and ${this.further.length} more` : text;
  }
}

/** Accesses of one conversation. */
const MAX_ACCESSES = 512;
/** Accesses of all conversations. */
const MAX_ACCESSES_IN_ALL = 50_000;

/** What the tables of a sensor share: room, and the numbers of what is in them. */
export class AccessRoom {
  #numbers = 0;
  readonly #free: number[] = [];
  /** Requests whose access found no place; they are counted and judged, but their period is not known. */
  notKept = 0;

  get isFull(): boolean {
    return this.#numbers - this.#free.length >= MAX_ACCESSES_IN_ALL;
  }

  take(): number {
    return this.#free.pop() ?? this.#numbers++;
  }

  giveBack(index: number): void {
    this.#free.push(index);
  }
}

export class AccessTable {
  readonly #room: AccessRoom;
  readonly #byHash = new Map<number, Access[]>();
  #size = 0;
  #lastRequest: Access | null = null;
  #last: Access | null = null;

  constructor(room: AccessRoom) {
    this.#room = room;
  }

  /** Of a request: made when it is new; null when there is no room, or it acts on too much. */
  ofRequest(pdu: Pdu): Access | null {
    const expected = this.#lastRequest?.following;
    if (expected?.is(pdu)) {
      this.#lastRequest = expected;
      this.#last = expected;
      return expected;
    }
    const access = this.#find(pdu) ?? this.#make(pdu);
    if (access !== null) {
      if (this.#lastRequest !== null) this.#lastRequest.following = access;
      this.#lastRequest = access;
      this.#last = access;
    }
    return access;
  }

  /** Of an answer; null where the request was not seen. */
  ofAnswer(pdu: Pdu): Access | null {
    if (this.#last?.is(pdu)) return this.#last;
    const access = this.#find(pdu);
    if (access !== null) this.#last = access;
    return access;
  }

  get size(): number {
    return this.#size;
  }

  forEach(visit: (access: Access) => void): void {
    for (const chain of this.#byHash.values()) for (const access of chain) visit(access);
  }

  #find(pdu: Pdu): Access | null {
    const { operation, unit, targetSpace, targetFrom, targetCount } = pdu;
    const chain = this.#byHash.get(mix(operation.index, unit, targetSpace, targetFrom, targetCount));
    if (chain === undefined) return null;
    for (const access of chain) if (access.is(pdu)) return access;
    return null;
  }

  #make(pdu: Pdu): Access | null {
    if (!this.#hasRoom || pdu.targets > MAX_TARGETS) {
      this.#room.notKept++;
      return null;
    }
    return this.add(targetOf(pdu));
  }

  get #hasRoom(): boolean {
    return this.#size < MAX_ACCESSES && !this.#room.isFull;
  }

  /** The conversation is forgotten: others may have its room, and its numbers. */
  giveBack(): void {
    this.forEach(({ index }) => {
      this.#room.giveBack(index);
    });
    this.#byHash.clear();
    this.#size = 0;
    this.#lastRequest = null;
    this.#last = null;
  }

  /** Of an earlier run; null when there is no room. */
  add(target: AccessTarget): Access | null {
    if (!this.#hasRoom) return null;
    const access = new Access(this.#room.take(), target);
    this.#size++;
    const hash = hashOf(target);
    const chain = this.#byHash.get(hash);
    if (chain) chain.push(access);
    else this.#byHash.set(hash, [access]);
    return access;
  }
}

function targetOf(pdu: Pdu): AccessTarget {
  const further: FurtherTarget[] = [];
  const { targets } = pdu;
  for (let target = 1; target < targets; target++) {
    pdu.selectTarget(target);
    further.push({ space: pdu.targetSpace ?? '', from: pdu.targetFrom, count: pdu.targetCount });
  }
  if (targets > 1) pdu.selectTarget(0);
  return {
    operation: pdu.operation.index,
    unit: pdu.unit,
    space: pdu.targetSpace,
    from: pdu.targetFrom,
    count: pdu.targetCount,
    further,
  };
}

function hashOf(target: AccessTarget): number {
  return mix(target.operation, target.unit, target.space, target.from, target.count);
}

/** A small integer, the same for equal accesses. */
function mix(operation: number, unit: number, name: string | null, from: number, count: number): number {
  // Names of things differ most at their ends.
  const text = name === null || name === '' ? 0 : (name.length << 5) ^ name.charCodeAt(name.length - 1);
  return ((from & 0xffff) ^ (unit << 4) ^ (operation << 9) ^ (count << 7) ^ (from >>> 16) ^ (text << 6)) & 0xfffff;
}

export function seconds(micros: Micros): number {
  return Math.round(micros / 1000) / (MICROS_PER_SECOND / 1000);
}
