import type { BaselineVariable, VariableDeclaration } from '../model/baseline-document.js';
import type { ValueProblem } from '../model/novelty.js';
import type { Pdu } from '../model/pdu.js';
import type { ProtocolDef } from '../model/protocol.js';
import type { DeclaredVariable, ProcessVariable } from '../model/records.js';
import { stableId } from '../model/stable-id.js';
import { MICROS_PER_SECOND, type Micros } from '../model/time.js';
import { VariableReading } from '../model/variable.js';
import { boundsOf } from './bounds.js';
import { type Repeated, ValueBlock, VariableState, type Writer } from './variable-state.js';

export const MAX_VARIABLES = 50_000;
/** Bytes of messages that are kept for comparison. */
const MAX_BLOCK_BYTES = 32 * 1024 * 1024;
/** Collections of counters between two of histories. */
const HISTORY_EVERY = 6;

/** What a message has shown that is not normal. */
export interface ValueDeviation {
  readonly server: VariableServer;
  readonly variable: VariableState;
  readonly problem: ValueProblem;
  /** What it was before. */
  readonly before: number;
  /** What was passed: a value, a step, or a time in seconds. */
  readonly bound: number;
  readonly isWritten: boolean;
}

/** A device's variables of one protocol. */
export class VariableServer {
  /** Id of the device; changes when two addresses turn out to be one device. */
  asset: string;
  readonly ip: string;
  readonly protocol: ProtocolDef;
  readonly #bySpace = new Map<string, Map<string, VariableState>>();

  constructor(asset: string, ip: string, protocol: ProtocolDef) {
    this.asset = asset;
    this.ip = ip;
    this.protocol = protocol;
  }

  get(unit: number, reading: VariableReading): VariableState | undefined {
    return this.#bySpace.get(reading.space)?.get(keyOf(unit, reading));
  }

  add(unit: number, reading: VariableReading): VariableState {
    let space = this.#bySpace.get(reading.space);
    if (!space) {
      space = new Map();
      this.#bySpace.set(reading.space, space);
    }
    const key = keyOf(unit, reading);
    const name =
      this.protocol.variableName?.(reading) ??
      (reading.address < 0 ? reading.space : `${reading.space} ${reading.address}`);
    const id = stableId('variable', this.ip, this.protocol.name, reading.space, key);
    const variable = new VariableState(id, unit, reading, name);
    space.set(key, variable);
    return variable;
  }

  forEach(visit: (variable: VariableState) => void): void {
    for (const space of this.#bySpace.values()) for (const variable of space.values()) visit(variable);
  }
}

function keyOf(unit: number, { address, bit, type }: VariableReading): string {
  return `${unit} ${address} ${bit} ${type}`;
}

/**
 * All process variables. A message whose bytes are those of the last such message costs one comparison; one with a
 * change is walked through once.
 */
export class VariableTracker {
  /** Variables that found no place, counted at each message that carried them. */
  notKept = 0;
  readonly #servers = new Map<string, VariableServer>();
  /** By the index of what repeats: read values at twice the index, written ones behind. */
  readonly #blocks: (ValueBlock | undefined)[] = [];
  /** Blocks with messages that are not counted in their variables yet. */
  #used: ValueBlock[] = [];
  #blockBytes = 0;
  #size = 0;
  #isLearning: boolean;
  /** Protocols that are judged though others are still learned. */
  readonly #settled = new Set<string>();
  #collections = 0;
  readonly #reading = new VariableReading();
  readonly #deviations: ValueDeviation[] = [];
  readonly #declared = new Map<string, DeclaredVariable>();

  constructor(isLearning: boolean) {
    this.#isLearning = isLearning;
  }

  get size(): number {
    return this.#size;
  }

  get isLearning(): boolean {
    return this.#isLearning;
  }

  set isLearning(isLearning: boolean) {
    if (isLearning === this.#isLearning) return;
    this.#settled.clear();
    this.#fold();
    this.#isLearning = isLearning;
    this.forEach((variable, server) => {
      this.#begin(variable, server);
      variable.needsWriting = true;
    });
  }

  /** This protocol's values are judged from now on, though others are still learned. */
  settle(protocol: string): void {
    this.#fold();
    this.#settled.add(protocol);
    this.forEach((variable, server) => {
      if (server.protocol.name !== protocol) return;
      this.#begin(variable, server);
      variable.needsWriting = true;
    });
  }

  #learns(server: VariableServer): boolean {
    return this.#isLearning && !this.#settled.has(server.protocol.name);
  }

  serverOf(asset: string, ip: string, protocol: ProtocolDef): VariableServer {
    const key = `${ip} ${protocol.name}`;
    let server = this.#servers.get(key);
    if (!server) {
      server = new VariableServer(asset, ip, protocol);
      this.#servers.set(key, server);
    }
    if (asset !== '') server.asset = asset;
    return server;
  }

  forEach(visit: (variable: VariableState, server: VariableServer) => void): void {
    for (const server of this.#servers.values())
      server.forEach((variable) => {
        visit(variable, server);
      });
  }

  /**
   * Takes in the values that a message carries. `source`: what it repeats, where that is known. `isSuspicious`: nothing
   * of it may become normal. Returns what is not normal, valid until the next call.
   */
  observe(
    pdu: Pdu,
    source: Repeated | null,
    server: VariableServer,
    clientIp: string,
    clientAsset: string,
    at: Micros,
    isSuspicious: boolean,
  ): readonly ValueDeviation[] {
    const deviations = this.#deviations;
    if (deviations.length > 0) deviations.length = 0;
    const amount = pdu.variables;
    if (amount === 0) return deviations;
    const isWrite = pdu.valuesAreWritten;
    const size = pdu.valuesTo - pdu.valuesFrom;
    const place = source === null || size <= 0 ? -1 : source.index * 2 + (isWrite ? 1 : 0);
    let block = place < 0 ? undefined : this.#blocks[place];
    // A number that was given back may be somebody else's now.
    const isOther = block !== undefined && block.source !== source;
    if (block !== undefined && (isOther || block.variables.length !== amount || block.bytes.length !== size)) {
      // Another answer to the same question: what is known of the earlier one does not fit.
      this.#drop(block);
      block = undefined;
    }
    if (block !== undefined && !block.isStale && equals(block.bytes, pdu.valuesBuf, pdu.valuesFrom)) {
      this.#use(block, at);
      return deviations;
    }
    if (block === undefined && place >= 0 && source !== null && this.#blockBytes + size <= MAX_BLOCK_BYTES) {
      block = new ValueBlock(source, isWrite, new Array<VariableState | null>(amount).fill(null), size);
      this.#blockBytes += size;
      this.#blocks[place] = block;
    }
    const reading = this.#reading;
    // Only what differs from the last such message has to be looked at, where its place tells which value it is.
    const known = block === undefined || block.isStale || isWrite || pdu.valueBits === 0 ? null : block.bytes;
    for (let index = 0; index < amount; index++) {
      if (known !== null) {
        index = nextDifference(known, pdu.valuesBuf, pdu.valuesFrom, index, amount, pdu.valueBits);
        if (index === amount) break;
      }
      pdu.readVariable(index, reading);
      let variable = block?.variables[index] ?? null;
      if (variable === null || !variable.is(reading) || variable.unit !== pdu.unit) {
        variable = this.#find(server, pdu.unit, reading);
        if (block !== undefined) {
          block.variables[index] = variable;
          if (variable !== null && !variable.carriedBy(block)) block.isUntold = true;
        }
        if (variable === null) {
          this.notKept++;
          continue;
        }
      }
      if (block === undefined) variable.carried(1, isWrite, at, at);
      if (isWrite) this.#written(variable, clientIp, clientAsset, block, at, isSuspicious);
      if (variable.holds(reading)) {
        variable.isResumed = false;
        continue;
      }
      // What it was before a gap is no value that this one follows.
      const before = variable.isResumed ? reading.value : variable.value;
      const isLearned = variable.isLearning && !isSuspicious;
      variable.take(reading.value, reading.text, at, isLearned);
      for (const other of variable.blocks) other.isStale = true;
      const problem = variable.bounds === null ? null : problemOf(variable, before, isWrite);
      if (problem === null) continue;
      const bound = boundOf(variable, problem);
      deviations.push({ server, variable, problem, before, bound, isWritten: isWrite });
    }
    if (block !== undefined) {
      block.isStale = block.isUntold;
      if (!block.isStale) copy(pdu.valuesBuf, pdu.valuesFrom, block.bytes);
      this.#use(block, at);
    }
    return deviations;
  }

  /** Variables that have kept one value for longer than they ever did, though somebody goes on reading them. */
  frozen(now: Micros, visit: (deviation: ValueDeviation) => void): void {
    this.#fold();
    this.forEach((variable, server) => {
      const { bounds } = variable;
      if (bounds === null || variable.isFrozen) return;
      const problem = bounds.longestFlat > 0 ? 'frozen' : 'dwell';
      const longest = problem === 'frozen' ? bounds.longestFlat : bounds.longestDwell(variable.text ?? variable.value);
      if (longest === 0) return;
      const flat = Math.min(now, variable.lastSeen) - variable.heldSince;
      if (!(flat > longest) || now - variable.lastSeen > longest) return;
      variable.isFrozen = true;
      const bound = longest / MICROS_PER_SECOND;
      visit({ server, variable, problem, before: variable.value, bound, isWritten: false });
    });
  }

  /** The sensor saw nothing until now: that is no time in which values stood still. */
  resume(at: Micros): void {
    this.#fold();
    this.forEach((variable) => {
      for (const block of variable.blocks) block.isStale = true;
      // Where time begins anew, in front of what was seen, there is nothing to go on from.
      variable.heldSince = at > variable.lastSeen ? variable.heldSince + at - variable.lastSeen : at;
      variable.isResumed = true;
      variable.seen.pause();
      variable.learned?.pause();
    });
  }

  /** What people know of variables: names and limits. Limits hold while learning, too. */
  declareAll(declarations: readonly VariableDeclaration[]): void {
    this.#declared.clear();
    for (const { server, protocol, unit, address, ...declared } of declarations) {
      this.#declared.set(declarationKey(server, protocol, unit ?? -1, address), declared);
    }
    this.forEach((variable, server) => {
      this.#declare(variable, server);
    });
  }

  /** What a file says of values: widens what was learned, also of variables that were not seen so far. */
  widenAll(variables: readonly BaselineVariable[], protocolOf: (name: string) => ProtocolDef | undefined): void {
    const reading = this.#reading;
    for (const one of variables) {
      const protocol = protocolOf(one.protocol);
      if (!protocol || !addressOf(one, reading)) continue;
      const server = this.serverOf('', one.server, protocol);
      const variable = this.#find(server, one.unit ?? -1, reading);
      if (variable === null) {
        this.notKept++;
        continue;
      }
      variable.widen(one);
      variable.bounds = boundsOf(this.#learns(server) ? null : variable.learned, variable.type, variable.declared);
    }
  }

  #declare(variable: VariableState, server: VariableServer): void {
    const declared = this.#declarationOf(variable, server);
    if (declared === null && variable.declared === null) return;
    variable.declared = declared;
    variable.needsWriting = true;
    const { learned, type } = variable;
    variable.bounds = boundsOf(this.#learns(server) ? null : learned, type, declared);
  }

  /** The most exact one: of this device before all devices, of this unit before all units. */
  #declarationOf(variable: VariableState, { ip, protocol }: VariableServer): DeclaredVariable | null {
    if (this.#declared.size === 0) return null;
    for (const server of [ip, '*']) {
      for (const name of [protocol.name, '*']) {
        for (const unit of variable.unit < 0 ? [-1] : [variable.unit, -1]) {
          for (const address of [variable.addressText, variable.name]) {
            const found = this.#declared.get(declarationKey(server, name, unit, address));
            if (found) return found;
          }
        }
      }
    }
    return null;
  }

  restore(records: readonly ProcessVariable[], protocolOf: (name: string) => ProtocolDef | undefined): void {
    const reading = this.#reading;
    for (const record of records) {
      const protocol = protocolOf(record.protocol);
      if (!protocol || this.#size >= MAX_VARIABLES || !addressOf(record, reading)) continue;
      const server = this.serverOf(record.asset, record.server_ip, protocol);
      const unit = record.unit ?? -1;
      if (server.get(unit, reading)) continue;
      const variable = server.add(unit, reading);
      this.#size++;
      variable.restore(record);
      this.#begin(variable, server);
    }
  }

  /** Learning or protecting, as all do. */
  #begin(variable: VariableState, server: VariableServer): void {
    variable.endLearning();
    const { learned, type, declared } = variable;
    const learns = this.#learns(server);
    variable.bounds = boundsOf(learns ? null : learned, type, declared);
    if (learns) variable.learn();
  }

  /** Records that have changed since the last call; `withCounters`: also where only counters and values did. */
  collect(withCounters: boolean, isLast: boolean): ProcessVariable[] {
    this.#fold();
    const records: ProcessVariable[] = [];
    const withHistory = isLast || (withCounters && this.#collections++ % HISTORY_EVERY === 0);
    this.forEach((variable, server) => {
      const hasHistory = withHistory && variable.hasNewHistory;
      if (!variable.hasValue || !(variable.needsWriting || hasHistory || (withCounters && variable.isChanged))) return;
      variable.needsWriting = false;
      variable.isChanged = false;
      const period = shortestPeriod(variable);
      if (period > 0) variable.period = period;
      const record = variable.toRecord({ asset: server.asset, ip: server.ip, protocol: server.protocol.name });
      if (hasHistory) {
        variable.hasNewHistory = false;
        const history = variable.packedHistory();
        if (history) record.history = history;
      }
      records.push(record);
    });
    return records;
  }

  #find(server: VariableServer, unit: number, reading: VariableReading): VariableState | null {
    const known = server.get(unit, reading);
    if (known) return known;
    if (this.#size >= MAX_VARIABLES) return null;
    this.#size++;
    const variable = server.add(unit, reading);
    if (this.#learns(server)) variable.learn();
    this.#declare(variable, server);
    return variable;
  }

  #written(
    variable: VariableState,
    ip: string,
    asset: string,
    block: ValueBlock | undefined,
    at: Micros,
    isSuspicious: boolean,
  ): void {
    const writer: Writer | null = variable.lastWriter?.ip === ip ? variable.lastWriter : variable.writtenBy(ip, asset);
    if (writer === null) return;
    if (block === undefined) writer.writes++;
    writer.lastWrite = at;
    if (variable.isLearning && !isSuspicious && !writer.inBaseline) {
      writer.inBaseline = true;
      variable.needsWriting = true;
    }
    if (variable.lastWriter !== writer) variable.needsWriting = true;
    variable.lastWriter = writer;
    if (block !== undefined) block.writer = writer;
    variable.isChanged = true;
  }

  #use(block: ValueBlock, at: Micros): void {
    block.lastUse = at;
    if (block.uses++ > 0) return;
    block.firstUse = at;
    if (block.isListed) return;
    block.isListed = true;
    this.#used.push(block);
  }

  /** Blocks count their messages themselves; their variables learn of it here, now and then. */
  #fold(): void {
    const used = this.#used;
    this.#used = [];
    for (const block of used) this.#foldBlock(block);
  }

  #foldBlock(block: ValueBlock): void {
    block.isListed = false;
    const { uses, firstUse, lastUse, isWrite, writer } = block;
    block.uses = 0;
    if (uses === 0) return;
    for (const variable of block.variables) {
      if (variable === null) continue;
      variable.carried(uses, isWrite, firstUse, lastUse);
      if (!isWrite || writer === null) continue;
      // The block is one client's; each variable has its own record of that client.
      const own = variable.writtenBy(writer.ip, writer.asset);
      if (own === null) continue;
      own.writes += uses;
      if (!(lastUse <= own.lastWrite)) own.lastWrite = lastUse;
    }
  }

  #drop(block: ValueBlock): void {
    this.#foldBlock(block);
    this.#blockBytes -= block.bytes.length;
    for (const variable of block.variables) {
      const place = variable?.blocks.indexOf(block) ?? -1;
      if (place >= 0) variable?.blocks.splice(place, 1);
    }
  }
}

function declarationKey(server: string, protocol: string, unit: number, address: string): string {
  return `${server} ${protocol} ${unit} ${address}`;
}

function shortestPeriod(variable: VariableState): Micros {
  let shortest = 0;
  for (const block of variable.blocks) {
    const { period } = block.source;
    if (!block.isWrite && period > 0 && (shortest === 0 || period < shortest)) shortest = period;
  }
  return shortest;
}

function problemOf(variable: VariableState, before: number, isWrite: boolean): ValueProblem | null {
  const { bounds, value } = variable;
  if (bounds === null) return null;
  if (value < bounds.lowLimit || value > bounds.highLimit) return 'limit';
  if ((isWrite || bounds.judgesReads) && (value < bounds.low || value > bounds.high)) return 'range';
  // A counter that begins again near zero has wrapped or was restarted.
  if (!bounds.mayFall && value < before && value > (variable.learned?.maxStep ?? 0)) return 'backwards';
  if (Math.abs(value - before) > bounds.largestStep) return 'step';
  if (bounds.states !== null && !bounds.states.includes(variable.text ?? value)) return 'state';
  return null;
}

function boundOf({ bounds, value }: VariableState, problem: ValueProblem): number {
  switch (problem) {
    case 'limit':
      return (value < (bounds?.lowLimit ?? Number.NaN) ? bounds?.lowLimit : bounds?.highLimit) ?? Number.NaN;
    case 'range':
      return (value < (bounds?.low ?? Number.NaN) ? bounds?.low : bounds?.high) ?? Number.NaN;
    case 'step':
      return bounds?.largestStep ?? Number.NaN;
    default:
      return Number.NaN;
  }
}

/** An OPC UA NodeId: a name, whatever digits it ends in. */
const NODE_ID = /^(?:ns=\d+;)?[isgb]=/;

/** Turns a record's address back into what a message says of it. */
function addressOf(record: Pick<ProcessVariable, 'address' | 'type'>, into: VariableReading): boolean {
  into.type = record.type;
  into.bit = -1;
  const match = NODE_ID.test(record.address) ? null : /^(\S+) (\d+)(?:\.(\d))?$/.exec(record.address);
  if (match) {
    into.space = match[1]!;
    into.address = Number(match[2]);
    if (match[3] !== undefined) into.bit = Number(match[3]);
    return true;
  }
  into.space = record.address;
  into.address = -1;
  return record.address !== '';
}

/** From this length on, the call into the runtime costs less than the loop. */
const LONG = 48;

function equals(known: Buffer, buf: Uint8Array, from: number): boolean {
  if (from + known.length > buf.length) return false;
  if (known.length >= LONG) return known.compare(buf, from, from + known.length) === 0;
  for (let at = 0; at < known.length; at++) if (known[at] !== buf[from + at]) return false;
  return true;
}

/** The next value, from `index` on, of which a bit has changed; `amount` when there is none. */
function nextDifference(
  known: Uint8Array,
  buf: Uint8Array,
  from: number,
  index: number,
  amount: number,
  valueBits: number,
): number {
  if (valueBits === 16) {
    for (let value = index; value < amount; value++) {
      const at = value * 2;
      if (known[at] !== buf[from + at] || known[at + 1] !== buf[from + at + 1]) return value;
    }
    return amount;
  }
  for (let value = index; value < amount; ) {
    const difference = (known[value >> 3]! ^ buf[from + (value >> 3)]!) >> (value & 7);
    if (difference === 0) value = (value | 7) + 1;
    else if ((difference & 1) === 0) value++;
    else return value;
  }
  return amount;
}

function copy(buf: Uint8Array, from: number, into: Uint8Array): void {
  for (let at = 0; at < into.length; at++) into[at] = buf[from + at]!;
}
