import type { BaselineVariable } from '../model/baseline-document.js';
import type { DeclaredVariable, ProcessVariable, VariableKind, VariableWriter } from '../model/records.js';
import { formatTimestamp, MICROS_PER_SECOND, type Micros, parseTimestamp } from '../model/time.js';
import type { VariableReading, VariableType } from '../model/variable.js';
import type { Bounds } from './bounds.js';
import { History } from './history.js';
import { ValueSummary } from './value-summary.js';

const MAX_WRITERS = 8;
/** Messages that carry a variable; of more, each is looked at value by value. */
const MAX_BLOCKS = 8;

export interface Writer {
  readonly ip: string;
  readonly asset: string;
  writes: number;
  lastWrite: Micros;
  inBaseline: boolean;
}

/** Whoever asks again and again for the same things. */
export interface Repeated {
  /** Dense, unique at a time. */
  readonly index: number;
  /** 0 where it is not cyclic. */
  readonly period: Micros;
}

/** The values of one message: equal as long as its bytes are. */
export class ValueBlock {
  readonly source: Repeated;
  readonly isWrite: boolean;
  readonly variables: (VariableState | null)[];
  readonly bytes: Buffer;
  /** Another message has changed one of the values since, or may have. */
  isStale = true;
  /** One of its values is in too many messages to know of this one: a change elsewhere would go unseen here. */
  isUntold = false;
  /** Messages that were not added to the variables' own counters yet. */
  uses = 0;
  firstUse: Micros = Number.NaN;
  lastUse: Micros = Number.NaN;
  writer: Writer | null = null;
  isListed = false;

  constructor(source: Repeated, isWrite: boolean, variables: (VariableState | null)[], size: number) {
    this.source = source;
    this.isWrite = isWrite;
    this.variables = variables;
    this.bytes = Buffer.alloc(size);
  }
}

/** What the sensor knows of one variable. */
export class VariableState {
  readonly id: string;
  readonly space: string;
  readonly address: number;
  readonly bit: number;
  readonly type: VariableType;
  readonly name: string;
  readonly unit: number;
  declared: DeclaredVariable | null = null;
  value = Number.NaN;
  text: string | null = null;
  reads = 0;
  writes = 0;
  firstSeen: Micros = Number.NaN;
  lastSeen: Micros = Number.NaN;
  lastChanged: Micros = Number.NaN;
  /** Like `lastChanged`, without the time in which the sensor saw nothing. */
  heldSince: Micros = Number.NaN;
  seen = new ValueSummary();
  /** What is normal: grows while learning, then stays. The same as `seen` as long as nothing else was seen. */
  learned: ValueSummary | null = null;
  isLearning = false;
  readonly writers: Writer[] = [];
  lastWriter: Writer | null = null;
  readonly blocks: ValueBlock[] = [];
  period: Micros = 0;
  isChanged = true;
  needsWriting = true;
  hasNewHistory = false;
  /** null: nothing is judged. */
  bounds: Bounds | null = null;
  isFrozen = false;
  /** The sensor saw nothing for a while: the next change says nothing about steps. */
  isResumed = false;
  #history: History | null = null;
  #hasValue = false;

  constructor(id: string, unit: number, reading: VariableReading, name: string) {
    this.id = id;
    this.unit = unit;
    this.space = reading.space;
    this.address = reading.address;
    this.bit = reading.bit;
    this.type = reading.type;
    this.name = name;
  }

  is(reading: VariableReading): boolean {
    return (
      reading.address === this.address &&
      reading.bit === this.bit &&
      reading.type === this.type &&
      reading.space === this.space
    );
  }

  /** The protocol's own address: `holding_register 20`, `M 3.1`, a NodeId. */
  get addressText(): string {
    return this.address < 0 ? this.space : `${this.space} ${this.address}${this.bit < 0 ? '' : `.${this.bit}`}`;
  }

  get hasValue(): boolean {
    return this.#hasValue;
  }

  holds(reading: VariableReading): boolean {
    return this.#hasValue && Object.is(reading.value, this.value) && reading.text === this.text;
  }

  /** A value that it did not hold. */
  take(value: number, text: string | null, at: Micros, isLearned: boolean): void {
    if (!isLearned) this.#detach();
    const learned = isLearned && this.learned !== this.seen ? this.learned : null;
    if (this.#hasValue && !this.isResumed) {
      const flat = at - this.heldSince;
      this.seen.change(this.value, this.text, value, flat);
      learned?.change(this.value, this.text, value, flat);
    } else if (!this.#hasValue) this.firstSeen = at;
    this.isResumed = false;
    this.seen.value(value, text);
    learned?.value(value, text);
    this.#hasValue = true;
    this.value = value;
    this.text = text;
    this.lastChanged = at;
    this.heldSince = at;
    this.isFrozen = false;
    if (Number.isFinite(value)) {
      this.#history ??= new History();
      this.#history.add(at, value);
      this.hasNewHistory = true;
    }
    this.isChanged = true;
  }

  /** What it is from now on becomes normal; what was learned before stays. */
  learn(): void {
    if (this.isLearning) return;
    this.isLearning = true;
    if (this.learned === null && !this.#hasValue) this.learned = this.seen;
    if (this.learned === null) {
      this.learned = new ValueSummary();
      this.learned.since = this.lastSeen;
    }
    if (this.#hasValue) this.learned.value(this.value, this.text);
  }

  /** What is seen from now on is no longer normal for that alone. */
  endLearning(): void {
    this.isLearning = false;
    this.#detach();
  }

  #detach(): void {
    if (this.learned === this.seen) this.learned = this.seen.clone();
  }

  /** What a file says of it. */
  widen(one: BaselineVariable): void {
    this.#detach();
    this.learned ??= new ValueSummary();
    this.learned.widen(one);
    for (const ip of one.writers) {
      const writer = this.writtenBy(ip, '');
      if (writer) writer.inBaseline = true;
    }
    this.needsWriting = true;
  }

  writtenBy(ip: string, asset: string): Writer | null {
    for (const writer of this.writers) if (writer.ip === ip) return writer;
    if (this.writers.length >= MAX_WRITERS) return null;
    const writer: Writer = { ip, asset, writes: 0, lastWrite: Number.NaN, inBaseline: false };
    this.writers.push(writer);
    this.needsWriting = true;
    return writer;
  }

  /** Returns false when too many different messages carry it to remember all. */
  carriedBy(block: ValueBlock): boolean {
    if (this.blocks.length >= MAX_BLOCKS) return false;
    this.blocks.push(block);
    return true;
  }

  /** In `times` more messages between these two times. */
  carried(times: number, isWrite: boolean, first: Micros, last: Micros): void {
    if (isWrite) this.writes += times;
    else this.reads += times;
    this.seen.carried(times, first, last);
    if (this.isLearning && this.learned !== this.seen) this.learned?.carried(times, first, last);
    if (!(last <= this.lastSeen)) this.lastSeen = last;
    this.isChanged = true;
  }

  get kind(): VariableKind {
    return this.seen.kind(this.type);
  }

  toRecord(server: { readonly asset: string; readonly ip: string; readonly protocol: string }): ProcessVariable {
    const { seen } = this;
    return {
      id: this.id,
      asset: server.asset,
      server_ip: server.ip,
      ...(this.unit < 0 ? {} : { unit: this.unit }),
      protocol: server.protocol,
      name: this.declared?.name ?? this.name,
      address: this.addressText,
      type: this.type,
      kind: this.kind,
      last_value: this.text ?? (Number.isFinite(this.value) ? this.value : String(this.value)),
      last_changed: formatTimestamp(this.lastChanged),
      first_seen: formatTimestamp(this.firstSeen),
      last_seen: formatTimestamp(this.lastSeen),
      ...(seen.min <= seen.max ? { min: seen.min, max: seen.max } : {}),
      distinct: seen.values.length,
      reads: this.reads,
      writes: this.writes,
      ...(this.lastWriter === null ? {} : { last_writer: this.lastWriter.ip }),
      writers: this.writers.map(
        (writer): VariableWriter => ({
          ip: writer.ip,
          asset: writer.asset,
          writes: writer.writes,
          last_write: formatTimestamp(writer.lastWrite),
          in_baseline: writer.inBaseline,
        }),
      ),
      ...(this.period > 0 ? { period_seconds: Math.round(this.period / 1000) / 1000 } : {}),
      seen: seen.toRecord(this.type),
      ...(this.learned ? { learned: this.learned.toRecord(this.type) } : {}),
      ...(this.declared ? { declared: this.declared } : {}),
    };
  }

  packedHistory(): Uint8Array | undefined {
    return this.#history?.pack();
  }

  restore(record: ProcessVariable): void {
    this.reads = record.reads;
    this.writes = record.writes;
    this.firstSeen = parseTimestamp(record.first_seen);
    this.lastSeen = parseTimestamp(record.last_seen);
    this.lastChanged = parseTimestamp(record.last_changed);
    this.heldSince = this.lastChanged;
    const isText = typeof record.last_value === 'string';
    this.text = isText ? String(record.last_value) : null;
    this.value = isText ? Number.NaN : Number(record.last_value);
    this.#hasValue = true;
    this.period = (record.period_seconds ?? 0) * MICROS_PER_SECOND;
    this.seen = ValueSummary.of(record.seen);
    this.learned = record.learned ? ValueSummary.of(record.learned) : null;
    this.declared = record.declared ?? null;
    for (const { ip, asset, writes, last_write, in_baseline } of record.writers) {
      const writer = { ip, asset, writes, lastWrite: parseTimestamp(last_write), inBaseline: in_baseline };
      this.writers.push(writer);
      if (ip === record.last_writer) this.lastWriter = writer;
    }
    if (record.history) {
      this.#history = new History();
      this.#history.restore(record.history);
    }
    this.needsWriting = false;
    this.isChanged = false;
  }
}
