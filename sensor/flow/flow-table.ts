import type { Frame } from '../decode/frame.js';
import { IP_PROTOCOL } from '../decode/frame.js';
import { MICROS_PER_SECOND, type Micros } from '../model/time.js';
import { FIRST, Flow, SECOND, type Side } from './flow.js';

export interface FlowTableLimits {
  /** Flows kept at once. */
  readonly flows: number;
  /** Of these, how many may be flows that were never answered, so that a flood cannot push out live connections. */
  readonly unanswered: number;
}

export const DEFAULT_FLOW_LIMITS: FlowTableLimits = { flows: 200_000, unanswered: 100_000 };

/** In the order in which flows are let go when the table is full. */
const CLOSED = 0;
const UNANSWERED = 1;
const ANSWERED = 2;
const STANDINGS = [CLOSED, UNANSWERED, ANSWERED] as const;
type Standing = (typeof STANDINGS)[number];
/** Industrial connections are quiet for long; a forgotten one costs little. */
const IDLE: readonly [Micros, Micros, Micros] = [
  30 * MICROS_PER_SECOND,
  60 * MICROS_PER_SECOND,
  3600 * MICROS_PER_SECOND,
];
/** Moving a flow to the list's end at every packet would cost more than the order is worth. */
const TOUCH_INTERVAL: Micros = MICROS_PER_SECOND;
const NONE = -1;
/** Power of two; the table is at most half full. */
const MIN_SLOTS = 4096;

/** Two doubly linked lists over one pair of arrays: flows in the order of their last use. */
class UseOrder {
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  head = NONE;
  #tail = NONE;
  size = 0;

  constructor(next: Int32Array, previous: Int32Array) {
    this.#next = next;
    this.#previous = previous;
  }

  append(index: number): void {
    this.#next[index] = NONE;
    this.#previous[index] = this.#tail;
    if (this.#tail === NONE) this.head = index;
    else this.#next[this.#tail] = index;
    this.#tail = index;
    this.size++;
  }

  remove(index: number): void {
    const next = this.#next[index]!;
    const previous = this.#previous[index]!;
    if (previous === NONE) this.head = next;
    else this.#next[previous] = next;
    if (next === NONE) this.#tail = previous;
    else this.#previous[next] = previous;
    this.size--;
  }
}

/**
 * Open addressing over the symmetric hash of the five-tuple. The VLAN is not part of the key: mirrors often tag only
 * one direction. The hash is seeded per process, because the keys come from strangers.
 */
export class FlowTable {
  /** Flows that had to go before their time. */
  evicted = 0;
  created = 0;
  readonly #limits: FlowTableLimits;
  /** Grows with the flows: a table for the limit would not fit into the processor's cache. */
  #slots: Int32Array;
  #mask: number;
  readonly #seed: number;
  readonly #flows: Flow[] = [];
  readonly #free: number[] = [];
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #orders: readonly [UseOrder, UseOrder, UseOrder];
  readonly #standing: Uint8Array;
  readonly #onEnd: (flow: Flow) => void;
  #last: Flow | null = null;

  constructor(
    onEnd: (flow: Flow) => void,
    limits: FlowTableLimits = DEFAULT_FLOW_LIMITS,
    seed = Math.random() * 2 ** 32,
  ) {
    this.#limits = limits;
    this.#onEnd = onEnd;
    this.#slots = new Int32Array(MIN_SLOTS).fill(NONE);
    this.#mask = MIN_SLOTS - 1;
    this.#seed = seed | 0;
    this.#next = new Int32Array(limits.flows);
    this.#previous = new Int32Array(limits.flows);
    this.#standing = new Uint8Array(limits.flows);
    const order = () => new UseOrder(this.#next, this.#previous);
    this.#orders = [order(), order(), order()];
  }

  get size(): number {
    return this.#orders[CLOSED].size + this.#orders[UNANSWERED].size + this.#orders[ANSWERED].size;
  }

  /** The flow of a frame; made when there is none. `side(flow, frame)` tells who sent the frame. */
  lookup(frame: Frame): Flow {
    // A request is often followed by its answer.
    const last = this.#last;
    if (last !== null && (isSame(last, frame) || isReversed(last, frame))) return this.#used(last, frame);
    const hash = this.#hash(frame);
    let slot = hash & this.#mask;
    for (;;) {
      const index = this.#slots[slot]!;
      if (index === NONE) break;
      const flow = this.#flows[index]!;
      if (flow.hash === hash && (isSame(flow, frame) || isReversed(flow, frame))) return this.#used(flow, frame);
      slot = (slot + 1) & this.#mask;
    }
    const flow = this.#create(frame, hash);
    this.#last = flow;
    return flow;
  }

  #used(flow: Flow, frame: Frame): Flow {
    this.#last = flow;
    if (frame.timestamp > flow.lastSeen) {
      if (frame.timestamp - flow.lastSeen > TOUCH_INTERVAL) this.#touch(flow);
      flow.lastSeen = frame.timestamp;
    }
    return flow;
  }

  side(flow: Flow, frame: Frame): Side {
    return isSame(flow, frame) ? FIRST : SECOND;
  }

  /** The second side has answered: the flow is no longer one of those a flood makes. */
  markAnswered(flow: Flow): void {
    flow.isTwoWay = true;
    if (this.#standing[flow.index] === UNANSWERED) this.#move(flow, ANSWERED);
  }

  /** The connection has ended; it is kept for a while, for what still arrives of it. */
  markClosed(flow: Flow): void {
    if (flow.isClosed) return;
    flow.isClosed = true;
    this.#move(flow, CLOSED);
  }

  /** Ends a flow whose ports are used anew, and gives the new one. */
  replace(flow: Flow, frame: Frame): Flow {
    this.#end(flow);
    return this.#create(frame, this.#hash(frame));
  }

  expire(now: Micros): void {
    for (const standing of STANDINGS) {
      const order = this.#orders[standing];
      while (order.head !== NONE) {
        const flow = this.#flows[order.head]!;
        if (flow.lastSeen > now) {
          // The clock was set back.
          flow.lastSeen = now;
          this.#touch(flow);
          continue;
        }
        // The lists are ordered by use only to within TOUCH_INTERVAL, which is exact enough here.
        if (now - flow.lastSeen < IDLE[standing]) break;
        this.#end(flow);
      }
    }
  }

  /** Ends all flows, oldest first. */
  clear(): void {
    for (const order of this.#orders) {
      while (order.head !== NONE) this.#end(this.#flows[order.head]!);
    }
  }

  forEach(visit: (flow: Flow) => void): void {
    for (const order of this.#orders) {
      for (let index = order.head; index !== NONE; index = this.#next[index]!) visit(this.#flows[index]!);
    }
  }

  #touch(flow: Flow): void {
    const order = this.#orders[this.#standing[flow.index] as Standing];
    order.remove(flow.index);
    order.append(flow.index);
  }

  #move(flow: Flow, standing: Standing): void {
    this.#orders[this.#standing[flow.index] as Standing].remove(flow.index);
    this.#standing[flow.index] = standing;
    this.#orders[standing].append(flow.index);
  }

  #create(frame: Frame, hash: number): Flow {
    if (this.#orders[UNANSWERED].size >= this.#limits.unanswered) this.#evict(UNANSWERED);
    else if (this.size >= this.#limits.flows) {
      this.#evict(STANDINGS.find((standing) => this.#orders[standing].size > 0) ?? ANSWERED);
    }
    const flow = this.#free.length > 0 ? this.#recycled(this.#free.pop()!) : this.#new();
    flow.first0 = frame.source0;
    flow.first1 = frame.source1;
    flow.first2 = frame.source2;
    flow.first3 = frame.source3;
    flow.second0 = frame.destination0;
    flow.second1 = frame.destination1;
    flow.second2 = frame.destination2;
    flow.second3 = frame.destination3;
    flow.firstPort = frame.sourcePort;
    flow.secondPort = frame.destinationPort;
    flow.ipProtocol = frame.ipProtocol;
    flow.hash = hash;
    flow.started = frame.timestamp;
    flow.lastSeen = frame.timestamp;
    flow.startedAtPacket = frame.number;
    flow.vlans = frame.vlanCount > 0 ? Array.from(frame.vlans.subarray(0, frame.vlanCount)) : null;
    if ((this.size + 1) * 2 > this.#slots.length) this.#grow();
    this.#place(flow);
    this.#standing[flow.index] = UNANSWERED;
    this.#orders[UNANSWERED].append(flow.index);
    this.created++;
    return flow;
  }

  #new(): Flow {
    const flow = new Flow(this.#flows.length);
    this.#flows.push(flow);
    return flow;
  }

  #recycled(index: number): Flow {
    const fresh = new Flow(index);
    this.#flows[index] = fresh;
    return fresh;
  }

  #evict(standing: Standing): void {
    if (standing !== CLOSED) this.evicted++;
    this.#end(this.#flows[this.#orders[standing].head]!);
  }

  #end(flow: Flow): void {
    this.#onEnd(flow);
    if (this.#last === flow) this.#last = null;
    this.#removeSlot(flow);
    this.#orders[this.#standing[flow.index] as Standing].remove(flow.index);
    this.#free.push(flow.index);
  }

  #place(flow: Flow): void {
    let slot = flow.hash & this.#mask;
    while (this.#slots[slot] !== NONE) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = flow.index;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(NONE);
    this.#mask = this.#slots.length - 1;
    this.forEach((flow) => {
      this.#place(flow);
    });
  }

  /** Removal without tombstones: later entries of the probe run move up. */
  #removeSlot(flow: Flow): void {
    let hole = flow.hash & this.#mask;
    while (this.#slots[hole] !== flow.index) hole = (hole + 1) & this.#mask;
    let slot = hole;
    for (;;) {
      slot = (slot + 1) & this.#mask;
      const index = this.#slots[slot]!;
      if (index === NONE) break;
      const home = this.#flows[index]!.hash & this.#mask;
      if (((slot - home) & this.#mask) >= ((slot - hole) & this.#mask)) {
        this.#slots[hole] = index;
        hole = slot;
      }
    }
    this.#slots[hole] = NONE;
  }

  /** Symmetric: both directions give the same value. */
  #hash(frame: Frame): number {
    const seed = this.#seed;
    const hasPorts = frame.ipProtocol === IP_PROTOCOL.TCP || frame.ipProtocol === IP_PROTOCOL.UDP;
    const source = endpointHash(
      seed,
      frame.source0,
      frame.source1,
      frame.source2,
      frame.source3,
      hasPorts ? frame.sourcePort : 0,
    );
    const destination = endpointHash(
      seed,
      frame.destination0,
      frame.destination1,
      frame.destination2,
      frame.destination3,
      hasPorts ? frame.destinationPort : 0,
    );
    return mix((source + destination) ^ Math.imul(source ^ destination, 0x9e3779b1) ^ frame.ipProtocol);
  }
}

function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) | 0;
}

function endpointHash(seed: number, word0: number, word1: number, word2: number, word3: number, port: number): number {
  let value = seed ^ word3;
  if (word0 !== 0 || word1 !== 0) value = mix(mix(mix(value) ^ word0) + word1) ^ word2;
  return mix(value + Math.imul(port + 1, 0x9e3779b1));
}

function isSame(flow: Flow, frame: Frame): boolean {
  return (
    flow.first3 === frame.source3 &&
    flow.second3 === frame.destination3 &&
    flow.firstPort === frame.sourcePort &&
    flow.secondPort === frame.destinationPort &&
    flow.ipProtocol === frame.ipProtocol &&
    flow.first2 === frame.source2 &&
    flow.second2 === frame.destination2 &&
    flow.first1 === frame.source1 &&
    flow.first0 === frame.source0 &&
    flow.second1 === frame.destination1 &&
    flow.second0 === frame.destination0
  );
}

function isReversed(flow: Flow, frame: Frame): boolean {
  return (
    flow.first3 === frame.destination3 &&
    flow.second3 === frame.source3 &&
    flow.firstPort === frame.destinationPort &&
    flow.secondPort === frame.sourcePort &&
    flow.ipProtocol === frame.ipProtocol &&
    flow.first2 === frame.destination2 &&
    flow.second2 === frame.source2 &&
    flow.first1 === frame.destination1 &&
    flow.first0 === frame.destination0 &&
    flow.second1 === frame.source1 &&
    flow.second0 === frame.source0
  );
}
