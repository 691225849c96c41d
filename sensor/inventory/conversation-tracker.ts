import { isIntrusive, type Operation } from '../model/operation.js';
import type { Pdu } from '../model/pdu.js';
import type { Conversation, ConversationOperation, LearnedRate, RequestCycle } from '../model/records.js';
import { stableId } from '../model/stable-id.js';
import { formatTimestamp, MICROS_PER_SECOND, type Micros, parseTimestamp } from '../model/time.js';
import { type Access, AccessRoom, AccessTable, seconds } from './access.js';
import type { AssetState } from './asset-tracker.js';
import { ChangeHours } from './change-hours.js';
import { leastWorth } from './forgetting.js';
import { Pace } from './pace.js';
import { TargetSet } from './target-set.js';

const MAX_CONVERSATIONS = 50_000;
/** Cyclic requests of one conversation that are remembered over a restart. */
const MAX_CYCLES = 128;
/** Between two looks at what a conversation does; learned rates count these. */
export const LOOK_INTERVAL: Micros = 10 * MICROS_PER_SECOND;
/** Changes in ten seconds that no person makes: three a second. */
const MACHINE_CHANGES = 30;
/** Reads of something new in ten seconds that no screen makes when it is opened. */
const MACHINE_READS = 50;

/** What one operation has done on a conversation. */
export class OperationState {
  readonly operation: Operation;
  readonly targets = new TargetSet();
  /** Of these, what is normal. */
  readonly learnedTargets = new TargetSet();
  /** Of these, what was never learned. */
  readonly foreignTargets = new TargetSet();
  count = 0;
  exceptions = 0;
  firstSeen: Micros = Number.NaN;
  lastSeen: Micros = Number.NaN;
  inBaseline = false;
  /** Nothing that may be learned without asking: a person has to confirm it. */
  isWithheld = false;
  /** Normal because a person said so, not because it was learned. */
  isDeclared = false;
  /** The server has done it: it is more than an attempt. */
  hasWorked = false;
  /** Something about it is new since its deviation was last told. */
  hasNews = false;
  /** Learned, works, and no rule names it: a sound message of it is counted and that is all. */
  isOrdinary = false;
  /** The deviation that was raised for it; repeats are counted there. */
  alertKey: string | null = null;
  /** It changes something. */
  readonly isIntrusive: boolean;

  constructor(operation: Operation, at: Micros) {
    this.operation = operation;
    this.isIntrusive = isIntrusive(operation.class);
    this.firstSeen = at;
    this.lastSeen = at;
  }

  seen(at: Micros): void {
    this.count++;
    if (at > this.lastSeen) this.lastSeen = at;
  }

  toRecord(): ConversationOperation {
    return {
      operation: this.operation.name,
      class: this.operation.class,
      count: this.count,
      targets: this.targets.toText(),
      learned_targets: this.learnedTargets.toText(),
      exceptions: this.exceptions,
      first_seen: formatTimestamp(this.firstSeen),
      last_seen: formatTimestamp(this.lastSeen),
      in_baseline: this.inBaseline,
      ...(this.isWithheld ? { withheld: true } : {}),
      ...(this.isDeclared ? { declared: true } : {}),
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
  readonly accesses: AccessTable;
  /** Of the message that was counted last; null where it is not followed. */
  access: Access | null = null;
  /** That message has completed a window of intervals. */
  isWindow = false;
  /** Messages that asked for something, and refusals. */
  requests = 0;
  refusals = 0;
  /** Of the requests, those that change what they may; other changes are told of one by one. */
  changes = 0;
  /** Since the latest look at them: the longest that an answer took, and the most messages in one packet. */
  slowestAnswer: Micros = 0;
  mostInPacket = 0;
  /** Packets with more messages than any had while learning. */
  fullPackets = 0;
  /** An answer that takes longer is slow; while learning, none is. */
  slowFrom: Micros = Number.POSITIVE_INFINITY;
  #packet = -1;
  #inPacket = 0;
  readonly rate: Required<LearnedRate> = {
    intervals: 0,
    max_requests: 0,
    max_refusals: 0,
    max_changes: 0,
    max_answer_seconds: 0,
    max_in_packet: 1,
  };
  readonly changeHours = new ChangeHours();
  learnedUntil: Micros = Number.NaN;
  packets = 0;
  bytes = 0;
  firstSeen: Micros = Number.NaN;
  lastSeen: Micros = Number.NaN;
  inBaseline = false;
  /** Normal because a person said so, not because it was learned. */
  isOnlySaid = false;
  /** A flow of it has been seen, now or in an earlier run. */
  isBound = false;
  alertKey: string | null = null;
  /** A person has declared it to be normal, however briefly it was watched. */
  isDeclared = false;
  /** Of what was never learned. */
  readonly foreignChanges = new Pace(MACHINE_CHANGES);
  readonly foreignReads = new Pace(MACHINE_READS);
  /** Devices behind the server that have answered here: one byte per unit number. */
  readonly answeredUnits = new Uint8Array(256);
  isChanged = true;
  needsWriting = true;
  /** A record of it has been handed out. */
  isHandedOut = false;
  #period: number | undefined;

  constructor(key: ConversationKey, at: Micros, room: AccessRoom) {
    this.accesses = new AccessTable(room);
    this.id = stableId('conversation', key.clientIp, key.serverIp, key.protocol, key.port, key.transport);
    this.key = key;
    this.firstSeen = at;
    this.lastSeen = at;
  }

  /** What was learned or declared is never forgotten; one that speaks a protocol that is known tells more. */
  get worth(): number | null {
    if (this.inBaseline || this.isDeclared) return null;
    return this.operations.length > 0 ? 1 : 0;
  }

  /** How long it was watched while learning, without the times in which the sensor saw nothing. */
  get learnedTime(): Micros {
    return this.rate.intervals * LOOK_INTERVAL;
  }

  /** The client is known to change things on this server. */
  get hasLearnedWriter(): boolean {
    return this.operations.some((state) => state?.inBaseline === true && isIntrusive(state.operation.class));
  }

  /** What its requests were so far is normal: their periods and pauses. */
  settle(): void {
    if (!this.inBaseline) return;
    this.learnedUntil = this.lastSeen;
    this.accesses.forEach((access) => {
      access.settle();
    });
  }

  toRecord(isLearning: boolean): Conversation {
    if (isLearning) this.settle();
    const cycles = this.#cycles();
    const operations = this.operations.filter((state) => state !== undefined);
    const period = this.#currentPeriod();
    const foreignChanges = this.foreignChanges.toRecord();
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
      ...(cycles.length > 0 ? { cycles } : {}),
      ...(this.rate.intervals > 0 ? { rate: { ...this.rate } } : {}),
      ...(this.changeHours.count > 0 ? { change_hours: this.changeHours.toText() } : {}),
      ...(Number.isNaN(this.learnedUntil) ? {} : { learned_until: formatTimestamp(this.learnedUntil) }),
      ...(this.isOnlySaid ? { declared: true } : {}),
      ...(foreignChanges ? { foreign_changes: foreignChanges } : {}),
    };
  }

  #cycles(): RequestCycle[] {
    const cycles: RequestCycle[] = [];
    this.accesses.forEach((access) => {
      const operation = this.operations[access.operation]?.operation.name;
      if (access.learnedPeriod === 0 || operation === undefined || cycles.length >= MAX_CYCLES) return;
      cycles.push({
        operation,
        ...(access.unit < 0 ? {} : { unit: access.unit }),
        ...(access.space === null ? {} : { space: access.space }),
        from: access.from,
        count: access.count,
        ...(access.further.length > 0 ? { further: access.further.map((target) => ({ ...target })) } : {}),
        period_seconds: seconds(access.learnedPeriod),
        longest_pause_seconds: seconds(access.learnedPause),
        requests: access.learnedRequests,
      });
    });
    return cycles;
  }

  /** Seconds: that of the busiest cyclic request. */
  #currentPeriod(): number | undefined {
    let busiest: Access | null = null;
    this.accesses.forEach((access) => {
      if ((busiest === null || access.requests > busiest.requests) && access.period > 0) busiest = access;
    });
    const period = (busiest as Access | null)?.period ?? 0;
    return period > 0 ? period / MICROS_PER_SECOND : this.#period;
  }

  /** One more message came in this packet. */
  carriedBy(packet: number): void {
    if (packet !== this.#packet) {
      this.#packet = packet;
      this.#inPacket = 1;
      return;
    }
    this.#inPacket++;
    if (this.#inPacket > this.mostInPacket) this.mostInPacket = this.#inPacket;
    if (this.#inPacket === this.rate.max_in_packet + 1) this.fullPackets++;
  }

  /** What was never learned comes faster than a person works. */
  get isHurried(): boolean {
    return this.foreignChanges.isHurried || this.foreignReads.isHurried;
  }

  /** A person says that this is normal: the conversation, and these operations on these targets. */
  declare(
    operations: readonly { readonly operation: string; readonly targets: readonly string[] }[],
    cycles: readonly RequestCycle[],
    known: readonly Operation[],
    at: Micros,
  ): void {
    if (!this.inBaseline) this.isOnlySaid = true;
    this.inBaseline = true;
    this.isDeclared = true;
    this.isBound = true;
    this.needsWriting = true;
    for (const { operation: name, targets } of operations) {
      const operation = known.find((one) => one.name === name);
      if (!operation) continue;
      let state = this.operations[operation.index];
      if (!state) {
        state = new OperationState(operation, at);
        this.operations[operation.index] = state;
      }
      if (!state.inBaseline) state.isDeclared = true;
      state.inBaseline = true;
      state.learnedTargets.restore(targets);
    }
    // What was seen here is nearer to the truth.
    if (this.accesses.size > 0) return;
    for (const cycle of cycles)
      this.#restoreCycle(
        cycle,
        known.find((one) => one.name === cycle.operation),
      );
  }

  #restoreCycle(cycle: RequestCycle, operation: Operation | undefined): void {
    if (!operation) return;
    const access = this.accesses.add({
      operation: operation.index,
      unit: cycle.unit ?? -1,
      space: cycle.space ?? null,
      from: cycle.from,
      count: cycle.count,
      further: cycle.further ?? [],
    });
    access?.restore(
      cycle.requests,
      cycle.period_seconds * MICROS_PER_SECOND,
      cycle.longest_pause_seconds * MICROS_PER_SECOND,
    );
  }

  /** Takes back what only a person's word made normal, where `isStillSaid` (null: of the conversation) says no. */
  withdraw(isStillSaid: (operation: string | null) => boolean): void {
    for (const state of this.operations) {
      if (state?.isDeclared !== true || isStillSaid(state.operation.name)) continue;
      // What was withheld before somebody confirmed it is withheld again; what was not may be learned.
      this.#unlearn(state);
      if (state.count === 0) this.operations[state.operation.index] = undefined;
    }
    if (isStillSaid(null)) return;
    this.isDeclared = false;
    if (!this.isOnlySaid) return;
    this.isOnlySaid = false;
    this.inBaseline = false;
    this.needsWriting = true;
  }

  /** A person says that this is not normal, whatever was learned. */
  reject(operation: string | null): void {
    if (operation === null) {
      this.inBaseline = false;
      this.needsWriting = true;
      return;
    }
    for (const state of this.operations) {
      if (state?.operation.name !== operation) continue;
      this.#unlearn(state);
      state.isWithheld = true;
    }
  }

  #unlearn(state: OperationState): void {
    state.inBaseline = false;
    state.isDeclared = false;
    state.isOrdinary = false;
    state.learnedTargets.clear();
    this.accesses.forEach((access) => {
      if (access.operation === state.operation.index) access.isLearned = false;
    });
    this.needsWriting = true;
  }

  restore(record: Conversation, operationsByName: ReadonlyMap<string, Operation> | undefined): void {
    this.packets = record.packets;
    this.bytes = record.bytes;
    this.firstSeen = parseTimestamp(record.first_seen);
    this.lastSeen = parseTimestamp(record.last_seen);
    this.inBaseline = record.in_baseline;
    this.isOnlySaid = record.declared === true;
    this.isBound = true;
    this.isHandedOut = true;
    this.#period = record.period_seconds;
    for (const item of record.operations) {
      const operation = operationsByName?.get(item.operation);
      if (!operation) continue;
      const state = new OperationState(operation, parseTimestamp(item.first_seen));
      state.count = item.count;
      state.exceptions = item.exceptions;
      state.lastSeen = parseTimestamp(item.last_seen);
      state.inBaseline = item.in_baseline;
      state.isWithheld = item.withheld === true;
      state.isDeclared = item.declared === true;
      state.targets.restore(item.targets);
      state.learnedTargets.restore(item.learned_targets ?? (item.in_baseline ? item.targets : []));
      this.operations[operation.index] = state;
      this.requests += state.count;
      this.refusals += state.exceptions;
    }
    for (const cycle of record.cycles ?? []) {
      this.#restoreCycle(cycle, operationsByName?.get(cycle.operation));
    }
    Object.assign(this.rate, record.rate);
    if (record.change_hours !== undefined) this.changeHours.restore(record.change_hours);
    if (record.foreign_changes) this.foreignChanges.restore(record.foreign_changes);
    if (record.learned_until !== undefined) this.learnedUntil = parseTimestamp(record.learned_until);
    this.needsWriting = false;
  }
}

function textOf(key: ConversationKey): string {
  return `${key.clientIp} ${key.serverIp} ${key.protocol} ${key.port} ${key.transport}`;
}

export class ConversationTracker {
  /** Conversations that found no place. */
  notKept = 0;
  /** Conversations that others have taken the place of. */
  forgotten = 0;
  readonly accessRoom = new AccessRoom();
  readonly #byKey = new Map<string, ConversationState>();
  #removed: string[] = [];

  get size(): number {
    return this.#byKey.size;
  }

  /** null when there is no room for more; the second value tells whether it is new. */
  find(key: ConversationKey, at: Micros): ConversationState | null {
    const text = textOf(key);
    const known = this.#byKey.get(text);
    if (known) return known;
    if (this.#byKey.size >= MAX_CONVERSATIONS) this.#forget();
    if (this.#byKey.size >= MAX_CONVERSATIONS) {
      this.notKept++;
      return null;
    }
    const conversation = new ConversationState(key, at, this.accessRoom);
    this.#byKey.set(text, conversation);
    return conversation;
  }

  /** null: nobody has seen or declared it. */
  get(key: ConversationKey): ConversationState | null {
    return this.#byKey.get(textOf(key)) ?? null;
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

  /** Devices turned out to be others, or are no more. `to`: the device of an address from now on. */
  moveAssets(from: ReadonlySet<AssetState>, to: (asset: AssetState, ip: string) => AssetState | null): void {
    for (const conversation of this.#byKey.values()) {
      const { client, server, key } = conversation;
      if (client && from.has(client)) conversation.client = to(client, key.clientIp);
      if (server && from.has(server)) conversation.server = to(server, key.serverIp);
      const isOther = (one: AssetState | null, before: AssetState | null) => one !== null && one !== before;
      if (isOther(conversation.client, client) || isOther(conversation.server, server))
        conversation.needsWriting = true;
    }
  }

  /** Ids of records that were forgotten. */
  collectRemoved(): string[] {
    const removed = this.#removed;
    this.#removed = [];
    return removed;
  }

  /** Makes room for what happens now: what was never learned, and was quiet longest, goes. */
  #forget(): void {
    for (const conversation of leastWorth(this.#byKey.values(), MAX_CONVERSATIONS)) {
      this.#byKey.delete(textOf(conversation.key));
      conversation.accesses.giveBack();
      if (conversation.isHandedOut) this.#removed.push(conversation.id);
      this.forgotten++;
    }
  }

  forEach(visit: (conversation: ConversationState) => void): void {
    for (const conversation of this.#byKey.values()) visit(conversation);
  }

  collect(withCounters: boolean, learns: (conversation: ConversationState) => boolean): Conversation[] {
    const records: Conversation[] = [];
    for (const conversation of this.#byKey.values()) {
      if (!conversation.needsWriting && !(withCounters && conversation.isChanged)) continue;
      conversation.needsWriting = false;
      conversation.isChanged = false;
      conversation.isHandedOut = true;
      records.push(conversation.toRecord(learns(conversation)));
    }
    return records;
  }
}

/** Counts a message; returns its operation's state. What it repeats is then in `access` of the conversation. */
export function countOperation(conversation: ConversationState, pdu: Pdu, packet: number, at: Micros): OperationState {
  let state = conversation.operations[pdu.operation.index];
  if (state === undefined) {
    state = new OperationState(pdu.operation, at);
    conversation.operations[pdu.operation.index] = state;
    conversation.needsWriting = true;
  }
  conversation.isWindow = false;
  conversation.carriedBy(packet);
  if (pdu.isRequest) {
    state.seen(at);
    conversation.requests++;
    const access = conversation.accesses.ofRequest(pdu);
    conversation.access = access;
    if (state.isIntrusive && access?.isLearned === true) conversation.changes++;
    if (access === null || access.requests === 0) touchTargets(conversation, state, pdu);
    if (access !== null) conversation.isWindow = access.requested(at);
  } else if (pdu.requestNumber === 0) {
    // Nobody was seen to ask for it.
    state.seen(at);
    conversation.access = null;
    touchTargets(conversation, state, pdu);
  } else {
    const access = conversation.accesses.ofAnswer(pdu);
    conversation.access = access;
    const took = at - pdu.requestTimestamp;
    // Who asks for news waits until there are any (OPC UA Publish); that is no slowness.
    const isTimed = pdu.targetSpace !== null;
    if (isTimed && took > conversation.slowestAnswer) conversation.slowestAnswer = took;
    // A gateway answers for a device that does not.
    if (pdu.rejection !== 'unreachable') access?.answered(at, isTimed && took > conversation.slowFrom);
  }
  if (pdu.rejection !== 'none') {
    state.exceptions++;
    conversation.refusals++;
  }
  return state;
}

function touchTargets(conversation: ConversationState, state: OperationState, pdu: Pdu): void {
  const { targets } = pdu;
  for (let index = 0; index < targets; index++) {
    if (targets > 1) pdu.selectTarget(index);
    if (pdu.targetSpace === null) continue;
    if (!state.targets.add(pdu.unit, pdu.targetSpace, pdu.targetFrom, pdu.targetCount)) continue;
    state.hasNews = true;
    conversation.needsWriting = true;
  }
  if (targets > 1) pdu.selectTarget(0);
}
