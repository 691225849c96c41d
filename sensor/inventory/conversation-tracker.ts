import { isIntrusive, type Operation } from '../model/operation.js';
import type { Pdu } from '../model/pdu.js';
import type { Conversation, ConversationOperation } from '../model/records.js';
import { stableId } from '../model/stable-id.js';
import { formatTimestamp, MICROS_PER_SECOND, type Micros, parseTimestamp } from '../model/time.js';
import type { AssetState } from './asset-tracker.js';
import { TargetSet } from './target-set.js';

const MAX_CONVERSATIONS = 50_000;
/** Below this the spread of intervals says nothing. */
const MIN_PERIODIC_SAMPLES = 8;
/** Coefficient of variation up to which a request counts as cyclic. */
const MAX_PERIODIC_VARIATION = 0.3;

/** Power of two. */
const RECENT_TARGETS = 8;

/** What one operation has done on a conversation. */
export class OperationState {
  readonly operation: Operation;
  readonly targets = new TargetSet();
  count = 0;
  exceptions = 0;
  firstSeen: Micros = Number.NaN;
  lastSeen: Micros = Number.NaN;
  inBaseline = false;
  /** The server has done it: it is more than an attempt. */
  hasWorked = false;
  /** Something about it is new since its deviation was last told. */
  hasNews = false;
  /** Learned, works, and no rule names it: a sound message of it is counted and that is all. */
  isOrdinary = false;
  /** The deviation that was raised for it; repeats are counted there. */
  alertKey: string | null = null;
  /** Unit, first and count of targets that are known to be in `targets`, and their spaces. */
  readonly #recentTargets = new Int32Array(RECENT_TARGETS * 3).fill(-2);
  readonly #recentSpaces = new Array<string>(RECENT_TARGETS).fill('');
  // Welford's running mean and variance of the intervals between requests.
  #intervals = 0;
  #mean = Number.NaN;
  #squares = Number.NaN;

  constructor(operation: Operation, at: Micros) {
    this.operation = operation;
    this.firstSeen = at;
    this.lastSeen = at;
  }

  seen(at: Micros): void {
    if (this.count++ > 0) {
      const interval = at - this.lastSeen;
      if (interval > 0) {
        if (this.#intervals++ === 0) {
          this.#mean = 0;
          this.#squares = 0;
        }
        const delta = interval - this.#mean;
        this.#mean += delta / this.#intervals;
        this.#squares += delta * (interval - this.#mean);
      }
    }
    if (at > this.lastSeen) this.lastSeen = at;
  }

  /** Returns true when the target is new. A cyclic client asks for the same few ranges again and again. */
  touches(unit: number, space: string, from: number, count: number): boolean {
    const recent = this.#recentTargets;
    const slot = (from ^ (unit << 1) ^ count ^ space.length) & (RECENT_TARGETS - 1);
    const place = slot * 3;
    if (
      recent[place] === unit &&
      recent[place + 1] === from &&
      recent[place + 2] === count &&
      this.#recentSpaces[slot] === space
    ) {
      return false;
    }
    this.#recentSpaces[slot] = space;
    recent[place] = unit;
    recent[place + 1] = from;
    recent[place + 2] = count;
    return this.targets.add(unit, space, from, count);
  }

  /** Seconds, or undefined when it is not cyclic. */
  get period(): number | undefined {
    if (this.#intervals < MIN_PERIODIC_SAMPLES) return undefined;
    const variation = Math.sqrt(this.#squares / (this.#intervals - 1)) / this.#mean;
    return variation <= MAX_PERIODIC_VARIATION ? this.#mean / MICROS_PER_SECOND : undefined;
  }

  toRecord(): ConversationOperation {
    return {
      operation: this.operation.name,
      class: this.operation.class,
      count: this.count,
      targets: this.targets.toText(),
      exceptions: this.exceptions,
      first_seen: formatTimestamp(this.firstSeen),
      last_seen: formatTimestamp(this.lastSeen),
      in_baseline: this.inBaseline,
    };
  }
}

export type Transport = Conversation['transport'];

export interface ConversationKey {
  readonly clientIp: string;
  readonly serverIp: string;
  readonly protocol: string;
  readonly port: number;
  readonly transport: Transport;
}

/** Who talks to whom in which protocol, and what they do there. */
export class ConversationState {
  readonly id: string;
  readonly key: ConversationKey;
  client: AssetState | null = null;
  server: AssetState | null = null;
  /** By `Operation.index`. */
  readonly operations: (OperationState | undefined)[] = [];
  packets = 0;
  bytes = 0;
  firstSeen: Micros = Number.NaN;
  lastSeen: Micros = Number.NaN;
  inBaseline = false;
  /** A flow of it has been seen, now or in an earlier run. */
  isBound = false;
  alertKey: string | null = null;
  /** Devices behind the server that have answered here: one byte per unit number. */
  readonly answeredUnits = new Uint8Array(256);
  isChanged = true;
  needsWriting = true;
  #period: number | undefined;

  constructor(key: ConversationKey, at: Micros) {
    this.id = stableId('conversation', key.clientIp, key.serverIp, key.protocol, key.port, key.transport);
    this.key = key;
    this.firstSeen = at;
    this.lastSeen = at;
  }

  /** The client is known to change things on this server. */
  get hasLearnedWriter(): boolean {
    return this.operations.some((state) => state?.inBaseline === true && isIntrusive(state.operation.class));
  }

  toRecord(): Conversation {
    const operations = this.operations.filter((state) => state !== undefined);
    let busiest: OperationState | undefined;
    for (const state of operations) if (!busiest || state.count > busiest.count) busiest = state;
    const period = busiest?.period ?? this.#period;
    return {
      id: this.id,
      client: this.client?.id ?? '',
      server: this.server?.id ?? '',
      client_ip: this.key.clientIp,
      server_ip: this.key.serverIp,
      protocol: this.key.protocol,
      server_port: this.key.port,
      transport: this.key.transport,
      operations: operations.map((state) => state.toRecord()),
      packets: this.packets,
      bytes: this.bytes,
      first_seen: formatTimestamp(this.firstSeen),
      last_seen: formatTimestamp(this.lastSeen),
      ...(period === undefined ? {} : { period_seconds: Math.round(period * 1000) / 1000 }),
      in_baseline: this.inBaseline,
    };
  }

  restore(record: Conversation, operationsByName: ReadonlyMap<string, Operation> | undefined): void {
    this.packets = record.packets;
    this.bytes = record.bytes;
    this.firstSeen = parseTimestamp(record.first_seen);
    this.lastSeen = parseTimestamp(record.last_seen);
    this.inBaseline = record.in_baseline;
    this.isBound = true;
    this.#period = record.period_seconds;
    for (const item of record.operations) {
      const operation = operationsByName?.get(item.operation);
      if (!operation) continue;
      const state = new OperationState(operation, parseTimestamp(item.first_seen));
      state.count = item.count;
      state.exceptions = item.exceptions;
      state.lastSeen = parseTimestamp(item.last_seen);
      state.inBaseline = item.in_baseline;
      state.targets.restore(item.targets);
      this.operations[operation.index] = state;
    }
    this.needsWriting = false;
  }
}

export class ConversationTracker {
  /** Conversations that found no place. */
  notKept = 0;
  readonly #byKey = new Map<string, ConversationState>();

  get size(): number {
    return this.#byKey.size;
  }

  /** null when there is no room for more; the second value tells whether it is new. */
  find(key: ConversationKey, at: Micros): ConversationState | null {
    const text = `${key.clientIp} ${key.serverIp} ${key.protocol} ${key.port} ${key.transport}`;
    const known = this.#byKey.get(text);
    if (known) return known;
    if (this.#byKey.size >= MAX_CONVERSATIONS) {
      this.notKept++;
      return null;
    }
    const conversation = new ConversationState(key, at);
    this.#byKey.set(text, conversation);
    return conversation;
  }

  restore(
    records: readonly Conversation[],
    operationsOf: (protocol: string) => ReadonlyMap<string, Operation> | undefined,
    assetOf: (ip: string) => AssetState | null,
  ): void {
    for (const record of records) {
      const conversation = this.find(
        {
          clientIp: record.client_ip,
          serverIp: record.server_ip,
          protocol: record.protocol,
          port: record.server_port,
          transport: record.transport,
        },
        0,
      );
      conversation?.restore(record, operationsOf(record.protocol));
      if (!conversation) continue;
      conversation.client = assetOf(record.client_ip);
      conversation.server = assetOf(record.server_ip);
    }
  }

  forEach(visit: (conversation: ConversationState) => void): void {
    for (const conversation of this.#byKey.values()) visit(conversation);
  }

  collect(withCounters: boolean): Conversation[] {
    const records: Conversation[] = [];
    for (const conversation of this.#byKey.values()) {
      if (!conversation.needsWriting && !(withCounters && conversation.isChanged)) continue;
      conversation.needsWriting = false;
      conversation.isChanged = false;
      records.push(conversation.toRecord());
    }
    return records;
  }
}

/** Counts a message; returns its operation's state, and whether this is the first time. */
export function countOperation(conversation: ConversationState, pdu: Pdu, at: Micros): OperationState {
  let state = conversation.operations[pdu.operation.index];
  if (state === undefined) {
    state = new OperationState(pdu.operation, at);
    conversation.operations[pdu.operation.index] = state;
    conversation.needsWriting = true;
  }
  if (pdu.isRequest || pdu.requestNumber === 0) {
    state.seen(at);
    const { targets } = pdu;
    for (let index = 0; index < targets; index++) {
      if (targets > 1) pdu.selectTarget(index);
      if (pdu.targetSpace !== null && state.touches(pdu.unit, pdu.targetSpace, pdu.targetFrom, pdu.targetCount)) {
        state.hasNews = true;
        conversation.needsWriting = true;
      }
    }
    if (targets > 1) pdu.selectTarget(0);
  }
  if (pdu.rejection !== 'none') state.exceptions++;
  return state;
}
