import { hex, u16, u32 } from '../../model/bytes.js';
import { AREA, areaName, isNumbered, NCK_AREA, spaceOf, transportOf } from './areas.js';
import { returnCodeName, SUCCESS } from './errors.js';
import { NCK_BYTES, nckFields, nckSpace } from './nck.js';

/** Every address specification begins with this. */
const VARIABLE_SPECIFICATION = 0x12;

export const SYNTAX = { S7ANY: 0x10, DB_READ: 0xb0, SYMBOLIC: 0xb2, NCK: 0x82, NCK_M: 0x83, NCK_I: 0x84 } as const;

const SYNTAX_NAMES: Readonly<Record<number, string>> = {
  16: 's7any',
  19: 'pbc_r_id',
  21: 'alarm_lock_free',
  22: 'alarm_ind',
  25: 'alarm_ack',
  26: 'alarm_query_req',
  28: 'notify_ind',
  130: 'nck',
  131: 'nck_m',
  132: 'nck_i',
  162: 'drive_es_any',
  176: 'db_read',
  178: 'symbolic_1200',
};

/** Specification, length, syntax. */
const HEAD = 3;
const S7ANY_LENGTH = 10;
const DB_READ_AREA = 5;
const SYMBOLIC_MIN = 14;

/** What one item acts on, kept as numbers in a row of an `AddressList`. */
const COLUMN = { item: 0, area: 1, db: 2, address: 3, count: 4, transport: 5 } as const;
const COLUMNS = 6;
/** A PDU of 960 bytes has room for 78; what comes after them is in the record, but not tracked. */
export const MAX_ADDRESSES = 80;

/** Transport of an address whose elements have no type on the wire: a symbolic variable, one of an NC. */
export const UNTYPED = -1;
/** Bytes of a DB read: all its areas share one data item, each behind a return code of its own. */
export const AREA_OF_ITEM = 0x100;

/** Addresses that a message names, in its order. Reused; `copyFrom` keeps those of a request for its answer. */
export class AddressList {
  /** Items that the message states, whether their address is understood or not. */
  items = 0;
  size = 0;
  #rows = new Int32Array(COLUMNS * 4);
  /** Names of places that have no number; few messages have any. */
  #symbols: (string | undefined)[] | null = null;

  clear(): void {
    this.items = 0;
    this.size = 0;
    this.#symbols = null;
  }

  /** The address added last is a named one. */
  name(symbol: string): void {
    if (this.size === 0) return;
    this.#symbols ??= [];
    this.#symbols[this.size - 1] = symbol;
  }

  symbol(index: number): string | undefined {
    return this.#symbols?.[index];
  }

  /** `address` in bits, or the number of a counter or timer; -1: the place inside the block is not told. */
  add(item: number, area: number, db: number, address: number, count: number, transport: number): void {
    if (this.size >= MAX_ADDRESSES) return;
    const at = this.size * COLUMNS;
    if (at + COLUMNS > this.#rows.length) this.#grow(at * 2);
    const rows = this.#rows;
    rows[at + COLUMN.item] = item;
    rows[at + COLUMN.area] = area;
    rows[at + COLUMN.db] = db;
    rows[at + COLUMN.address] = address;
    rows[at + COLUMN.count] = count;
    rows[at + COLUMN.transport] = transport;
    this.size++;
  }

  copyFrom(other: AddressList): void {
    const length = other.size * COLUMNS;
    if (length > this.#rows.length) this.#rows = new Int32Array(length);
    for (let at = 0; at < length; at++) this.#rows[at] = other.#rows[at]!;
    this.items = other.items;
    this.size = other.size;
    this.#symbols = other.#symbols === null ? null : [...other.#symbols];
  }

  item(index: number): number {
    return this.#rows[index * COLUMNS + COLUMN.item]!;
  }

  area(index: number): number {
    return this.#rows[index * COLUMNS + COLUMN.area]!;
  }

  db(index: number): number {
    return this.#rows[index * COLUMNS + COLUMN.db]!;
  }

  address(index: number): number {
    return this.#rows[index * COLUMNS + COLUMN.address]!;
  }

  count(index: number): number {
    return this.#rows[index * COLUMNS + COLUMN.count]!;
  }

  transport(index: number): number {
    return this.#rows[index * COLUMNS + COLUMN.transport]!;
  }

  /** First byte, or number of the counter or timer. */
  from(index: number): number {
    const address = this.address(index);
    if (address < 0) return 0;
    return isNumbered(this.area(index)) ? address : address >> 3;
  }

  /** Bytes (counters, timers) that the address spans; 0 where that is not told. */
  span(index: number): number {
    const address = this.address(index);
    if (address < 0) return 0;
    const count = this.count(index);
    if (isNumbered(this.area(index))) return count;
    const { bytes, type } = transportOf(this.transport(index));
    return type === 'bit' ? ((address & 7) + count + 7) >> 3 : count * bytes;
  }

  #grow(needed: number): void {
    const grown = new Int32Array(Math.min(Math.max(needed, COLUMNS * 4), MAX_ADDRESSES * COLUMNS));
    grown.set(this.#rows);
    this.#rows = grown;
  }
}

/** Bytes of the item specification at `at`, or -1 when it does not fit before `end`. */
function itemLength(buf: Uint8Array, at: number, end: number): number {
  if (at + HEAD > end || buf[at] !== VARIABLE_SPECIFICATION) return -1;
  const length = 2 + buf[at + 1]!;
  return length >= HEAD && at + length <= end ? length : -1;
}

/** An odd specification is followed by a fill byte, except the last. */
function nextItem(at: number, length: number, end: number): number {
  return length % 2 === 0 ? at + length : Math.min(end, at + length + 1);
}

/**
 * Reads `count` item specifications in `buf[from, end)` into `list`. Returns where they end,
 * or -1 when one does not fit.
 */
export function readItems(buf: Uint8Array, from: number, end: number, count: number, list: AddressList): number {
  let at = from;
  let last = from;
  list.clear();
  list.items = count;
  for (let item = 0; item < count; item++) {
    const length = itemLength(buf, at, end);
    if (length < 0) return -1;
    addAddress(buf, at, length, item, list);
    last = at + length;
    at = nextItem(at, length, end);
  }
  return last;
}

function addAddress(buf: Uint8Array, at: number, length: number, item: number, list: AddressList): void {
  const body = at + HEAD;
  switch (buf[at + 2]) {
    case SYNTAX.S7ANY:
      if (length < 2 + S7ANY_LENGTH) return;
      list.add(item, buf[body + 5]!, u16(buf, body + 3), placeAt(buf, body), u16(buf, body + 1), buf[body]!);
      return;
    case SYNTAX.DB_READ: {
      const areas = Math.min(buf[body]!, Math.floor((length - HEAD - 1) / DB_READ_AREA));
      for (let index = 0; index < areas; index++) {
        const area = body + 1 + index * DB_READ_AREA;
        list.add(item, AREA.DB, u16(buf, area + 1), u16(buf, area + 3) * 8, buf[area]!, AREA_OF_ITEM);
      }
      return;
    }
    case SYNTAX.SYMBOLIC: {
      if (length < 2 + SYMBOLIC_MIN) return;
      const root = symbolicRoot(u16(buf, body + 1), u16(buf, body + 3));
      if (!root) return;
      list.add(item, root.area, root.db, -1, 0, UNTYPED);
      list.name(symbolicName(root, buf, body, at + length));
      return;
    }
    case SYNTAX.NCK:
    case SYNTAX.NCK_M:
    case SYNTAX.NCK_I:
      if (length < HEAD + NCK_BYTES) return;
      // Its lines are numbered like timers.
      list.add(item, NCK_AREA, 0, u16(buf, body + 3), buf[body + 6]!, UNTYPED);
      list.name(nckSpace(buf, body));
      return;
  }
}

/** A bound for names: structures are nested less deep. */
const MAX_LIDS = 16;
/** Kinds of numbers that are places in an array (upper four bits). */
const INDEX_FLAGS: ReadonlySet<number> = new Set([3, 5]);

const SYMBOLIC_DB = 0x8a0e;
const SYMBOLIC_AREAS: Readonly<Record<number, number>> = {
  80: AREA.INPUT,
  81: AREA.OUTPUT,
  82: AREA.FLAG,
  83: AREA.COUNTER,
  84: AREA.TIMER,
};

function symbolicRoot(area1: number, area2: number): { area: number; db: number } | null {
  if (area1 === SYMBOLIC_DB) return { area: AREA.DB, db: area2 };
  const area = area1 === 0 ? SYMBOLIC_AREAS[area2] : undefined;
  return area === undefined ? null : { area, db: 0 };
}

/**
 * `DB10.{4.10}`: the block or area, and the numbers by which the compiler knows the variable and its parts. Its name in
 * the program is not on the wire; the same numbers mean the same variable until the block is compiled anew.
 */
function symbolicName(root: { area: number; db: number }, buf: Uint8Array, body: number, end: number): string {
  const numbers: string[] = [];
  for (let at = body + 9; at + 4 <= end && numbers.length < MAX_LIDS; at += 4) {
    const value = u32(buf, at);
    numbers.push(`${INDEX_FLAGS.has(value >>> 28) ? '#' : ''}${value & 0x0fffffff}`);
  }
  return `${spaceOf(root.area, root.db, false)}.{${numbers.join('.')}}`;
}

/** Three bits of bit and sixteen of byte; counters and timers have a number of sixteen bits. What is above means nothing. */
function placeAt(buf: Uint8Array, body: number): number {
  return isNumbered(buf[body + 5]!) ? u16(buf, body + 7) : bitsAt(buf, body);
}

function bitsAt(buf: Uint8Array, body: number): number {
  return ((buf[body + 6]! & 7) << 16) | u16(buf, body + 7);
}

/** The record's `items`: all that fit, and what is there of the one that does not. */
export function itemFields(buf: Uint8Array, from: number, end: number, count: number): Record<string, unknown>[] {
  const items: Record<string, unknown>[] = [];
  let at = from;
  for (let item = 0; item < count && at + HEAD <= end; item++) {
    const length = 2 + buf[at + 1]!;
    if (length < HEAD || at + length > end) {
      items.push(brokenItem(buf, at, end));
      break;
    }
    items.push(oneItem(buf, at, length));
    at = nextItem(at, length, end);
  }
  return items;
}

/** An address whose end is missing. */
function brokenItem(buf: Uint8Array, at: number, end: number): Record<string, unknown> {
  const syntax = buf[at + 2]!;
  const fields: Record<string, unknown> = { syntax_id: syntax, syntax: SYNTAX_NAMES[syntax] ?? 'unknown' };
  if (syntax !== SYNTAX.S7ANY) return fields;
  const body = at + HEAD;
  if (body + 1 <= end) fields['transport_size'] = buf[body]!;
  if (body + 3 <= end) fields['length'] = u16(buf, body + 1);
  if (body + 5 <= end) fields['db_number'] = u16(buf, body + 3);
  if (body + 6 <= end) {
    fields['area'] = buf[body + 5]!;
    fields['area_name'] = areaName(buf[body + 5]!);
  }
  return fields;
}

function oneItem(buf: Uint8Array, at: number, length: number): Record<string, unknown> {
  const syntax = buf[at + 2]!;
  const body = at + HEAD;
  const end = at + length;
  const fields: Record<string, unknown> = { syntax_id: syntax, syntax: SYNTAX_NAMES[syntax] ?? 'unknown' };
  switch (buf[at] === VARIABLE_SPECIFICATION ? syntax : -1) {
    case SYNTAX.S7ANY:
      if (length >= 2 + S7ANY_LENGTH) {
        s7AnyFields(fields, buf, body);
        return fields;
      }
      break;
    case SYNTAX.DB_READ:
      fields['address'] = hex(buf, body, end);
      if (length > HEAD) fields['areas'] = dbReadAreas(buf, body, end);
      return fields;
    case SYNTAX.SYMBOLIC:
      fields['address'] = hex(buf, body, end);
      if (length >= 2 + SYMBOLIC_MIN) symbolicFields(fields, buf, body, end);
      return fields;
    case SYNTAX.NCK:
    case SYNTAX.NCK_M:
    case SYNTAX.NCK_I:
      fields['address'] = hex(buf, body, end);
      if (length >= HEAD + NCK_BYTES) fields['nck'] = nckFields(buf, body);
      return fields;
  }
  fields['address'] = hex(buf, body, end);
  return fields;
}

function s7AnyFields(fields: Record<string, unknown>, buf: Uint8Array, body: number): void {
  const area = buf[body + 5]!;
  fields['area'] = area;
  fields['area_name'] = areaName(area);
  fields['db_number'] = u16(buf, body + 3);
  if (isNumbered(area)) fields['number'] = placeAt(buf, body);
  // Counters and timers of the 200 series are written as a number, or like a byte.
  if (area === AREA.COUNTER_200 || area === AREA.TIMER_200 || !isNumbered(area)) {
    const bits = bitsAt(buf, body);
    fields['byte_address'] = bits >> 3;
    fields['bit_address'] = bits & 7;
  }
  fields['transport_size'] = buf[body]!;
  fields['length'] = u16(buf, body + 1);
}

function dbReadAreas(buf: Uint8Array, body: number, end: number): Record<string, unknown>[] {
  const areas: Record<string, unknown>[] = [];
  let at = body + 1;
  for (let left = buf[body]!; left > 0 && at + DB_READ_AREA <= end; left--) {
    areas.push({ length: buf[at]!, db_number: u16(buf, at + 1), byte_address: u16(buf, at + 3) });
    at += DB_READ_AREA;
  }
  return areas;
}

/** Upper four bits: what the number below stands for. */
const LID_FLAGS: Readonly<Record<number, string>> = {
  2: 'encapsulated_lid',
  3: 'encapsulated_index',
  4: 'lid',
  5: 'index',
  6: 'part_start',
  7: 'part_length',
};

function symbolicFields(fields: Record<string, unknown>, buf: Uint8Array, body: number, end: number): void {
  const root = symbolicRoot(u16(buf, body + 1), u16(buf, body + 3));
  if (root) {
    fields['area'] = root.area;
    fields['area_name'] = areaName(root.area);
    if (root.area === AREA.DB) fields['db_number'] = root.db;
  }
  fields['crc'] = hex(buf, body + 5, body + 9);
  const ids: Record<string, unknown>[] = [];
  for (let at = body + 9; at + 4 <= end; at += 4) {
    const value = u32(buf, at);
    ids.push({ kind: LID_FLAGS[value >>> 28] ?? 'unknown', value: value & 0x0fffffff });
  }
  fields['lids'] = ids;
  if (root) fields['name'] = symbolicName(root, buf, body, end);
}

/** Transport sizes of data items. */
export const DATA_SIZE = {
  NULL: 0,
  BIT: 3,
  BYTE: 4,
  INT: 5,
  DINT: 6,
  REAL: 7,
  OCTETS: 9,
  NCK_1: 0x11,
  NCK_2: 0x12,
} as const;

/** Return code "object does not exist". */
const NO_OBJECT = 0x0a;

/** Return code, transport size, length. */
export const DATA_HEAD = 4;

/**
 * Bytes of data behind the head of the item at `at`. The length counts bits for bits, bytes and integers, and bytes for
 * all else. An item that reports a failure has a head only.
 */
export function dataLength(buf: Uint8Array, at: number): number {
  const length = u16(buf, at + 2);
  switch (buf[at + 1]) {
    case DATA_SIZE.BIT:
    case DATA_SIZE.BYTE:
    case DATA_SIZE.INT:
      return (length + 7) >> 3;
    default:
      return length;
  }
}

/**
 * Whether data follows the head of an item with this return code. In what is written the code means nothing, whatever
 * it is; in answers 0 is a code that is not used, and no failure.
 */
export function isFilled(code: number, isWrite: boolean): boolean {
  return isWrite || code === SUCCESS || code === 0;
}

/** Instead of data items, the addresses that an NC was asked for stand behind return code and transport size. */
export function isAddressList(buf: Uint8Array, from: number, end: number): boolean {
  return end - from >= 2 && (buf[from + 1] === DATA_SIZE.NCK_1 || buf[from + 1] === DATA_SIZE.NCK_2);
}

/** The record's `results`: all that fit. */
export function resultFields(
  buf: Uint8Array,
  from: number,
  end: number,
  count: number,
  isWrite: boolean,
): Record<string, unknown>[] {
  const results: Record<string, unknown>[] = [];
  if (!isWrite && isAddressList(buf, from, end)) {
    return [{ ...headFields(buf, from, isWrite), items: itemFields(buf, from + 2, end, count) }];
  }
  let at = from;
  for (let item = 0; item < count && at + DATA_HEAD <= end; item++) {
    const hasData = isFilled(buf[at]!, isWrite);
    // Some controllers state a length for items that failed; only with "object does not exist" it is ever meant.
    const length = hasData || buf[at] === NO_OBJECT ? dataLength(buf, at) : 0;
    const to = Math.min(end, at + DATA_HEAD + (hasData ? length : 0));
    const data = hex(buf, at + DATA_HEAD, to);
    results.push({ ...headFields(buf, at, isWrite), length, data });
    at = to + (length % 2 !== 0 && hasData ? 1 : 0);
  }
  return results;
}

function headFields(buf: Uint8Array, at: number, isWrite: boolean): Record<string, unknown> {
  const fields: Record<string, unknown> = { return_code: buf[at]! };
  if (!isWrite || buf[at] !== 0) fields['return_code_name'] = returnCodeName(buf[at]!);
  fields['transport_size'] = buf[at + 1]!;
  return fields;
}

/** The `results` of a write: one return code each. */
export function codeFields(buf: Uint8Array, from: number, to: number): Record<string, unknown>[] {
  const codes = Array.from(buf.subarray(from, to));
  return codes.map((code) => ({ return_code: code, return_code_name: returnCodeName(code) }));
}
