import { hex, MAX_TEXT, u16, u32, wireText } from '../../model/bytes.js';
import type { VariableType } from '../../model/variable.js';
import type { Reader } from './reader.js';

/** Data types of values. */
export const TYPE = {
  NULL: 0x00,
  BOOL: 0x01,
  USINT: 0x02,
  UINT: 0x03,
  UDINT: 0x04,
  ULINT: 0x05,
  SINT: 0x06,
  INT: 0x07,
  DINT: 0x08,
  LINT: 0x09,
  BYTE: 0x0a,
  WORD: 0x0b,
  DWORD: 0x0c,
  LWORD: 0x0d,
  REAL: 0x0e,
  LREAL: 0x0f,
  TIMESTAMP: 0x10,
  TIMESPAN: 0x11,
  RID: 0x12,
  AID: 0x13,
  BLOB: 0x14,
  WSTRING: 0x15,
  VARIANT: 0x16,
  STRUCT: 0x17,
  S7STRING: 0x19,
} as const;

const FLAG_ARRAY = 0x10;
const FLAG_ADDRESS_ARRAY = 0x20;
const FLAG_SPARSE_ARRAY = 0x40;

interface TypeDef {
  readonly name: string;
  /** Bytes on the wire; 0: variable. */
  readonly size: number;
  /** As a value of the process; null: it is none (references, structures). */
  readonly variable: VariableType | null;
  /** Bytes in the controller's memory, for the address of an array's elements. */
  readonly memory: number;
}

const TYPES: readonly (TypeDef | undefined)[] = [
  { name: 'null', size: 0, variable: null, memory: 0 },
  { name: 'bool', size: 1, variable: 'bit', memory: 1 },
  { name: 'usint', size: 1, variable: 'uint8', memory: 1 },
  { name: 'uint', size: 2, variable: 'uint16', memory: 2 },
  { name: 'udint', size: 0, variable: 'uint32', memory: 4 },
  { name: 'ulint', size: 0, variable: 'uint64', memory: 8 },
  { name: 'sint', size: 1, variable: 'int8', memory: 1 },
  { name: 'int', size: 2, variable: 'int16', memory: 2 },
  { name: 'dint', size: 0, variable: 'int32', memory: 4 },
  { name: 'lint', size: 0, variable: 'int64', memory: 8 },
  { name: 'byte', size: 1, variable: 'uint8', memory: 1 },
  { name: 'word', size: 2, variable: 'uint16', memory: 2 },
  { name: 'dword', size: 4, variable: 'uint32', memory: 4 },
  { name: 'lword', size: 8, variable: 'uint64', memory: 8 },
  { name: 'real', size: 4, variable: 'float32', memory: 4 },
  { name: 'lreal', size: 8, variable: 'float64', memory: 8 },
  { name: 'timestamp', size: 8, variable: 'time', memory: 8 },
  { name: 'timespan', size: 0, variable: 'int64', memory: 8 },
  { name: 'rid', size: 4, variable: null, memory: 4 },
  { name: 'aid', size: 0, variable: null, memory: 4 },
  { name: 'blob', size: 0, variable: 'bytes', memory: 1 },
  { name: 'wstring', size: 0, variable: 'string', memory: 1 },
  { name: 'variant', size: 0, variable: null, memory: 0 },
  { name: 'struct', size: 0, variable: null, memory: 0 },
  undefined,
  { name: 's7string', size: 0, variable: 'string', memory: 1 },
];

export function typeName(type: number): string {
  return TYPES[type]?.name ?? 'unknown';
}

export function typeDef(type: number): TypeDef | undefined {
  return TYPES[type];
}

/** Structures inside structures, and objects inside objects, of one message. */
export const MAX_DEPTH = 32;

export type ValueKind = 'array' | 'sparse_array' | 'struct' | 'packed_struct';

/** Sees the parts of a value as it is walked through. */
export interface ValueVisitor {
  /** One element stands in `reader.buf[from, to)`. Blobs and texts without their length, the rest as on the wire. */
  element(reader: Reader, type: number, from: number, to: number): void;
  /** Elements, members or both follow, up to `leave`. `count` is -1 where it is not stated. */
  enter(kind: ValueKind, id: number, count: number): void;
  /** Key of the next element of a sparse array, or id of a structure's next member. */
  key(key: number): void;
  leave(): void;
}

/** Passes over one value: flags, type, content. `visitor` null: nobody looks. */
export function walkValue(reader: Reader, visitor: ValueVisitor | null, depth = 0): void {
  let flags: number;
  let type: number;
  if (reader.isFixedLength) {
    flags = reader.u16() & 0xff;
    type = reader.u16() & 0xff;
  } else {
    flags = reader.u8();
    type = reader.u8();
  }
  if (reader.isBroken) return;
  if ((flags & FLAG_SPARSE_ARRAY) !== 0) walkSparseArray(reader, visitor, type, depth);
  else if (type === TYPE.STRUCT) walkStruct(reader, visitor, (flags & FLAG_ADDRESS_ARRAY) !== 0, depth);
  else if ((flags & (FLAG_ARRAY | FLAG_ADDRESS_ARRAY)) !== 0) walkArray(reader, visitor, type, depth);
  else walkElement(reader, visitor, type, depth);
}

function walkArray(reader: Reader, visitor: ValueVisitor | null, type: number, depth: number): void {
  const count = reader.varUint32();
  const size = TYPES[type]?.size ?? 0;
  // Every element takes a byte at least; null has no content, so a number of them says nothing.
  if (type !== TYPE.NULL && count > reader.left) {
    reader.fail();
    return;
  }
  visitor?.enter('array', type, count);
  if (type !== TYPE.NULL) {
    if (visitor === null && size > 0) reader.skip(count * size);
    else for (let index = 0; index < count && !reader.isBroken; index++) walkElement(reader, visitor, type, depth);
  }
  visitor?.leave();
}

function walkSparseArray(reader: Reader, visitor: ValueVisitor | null, type: number, depth: number): void {
  visitor?.enter('sparse_array', type, -1);
  while (!reader.isBroken) {
    const key = reader.varUint32();
    if (key === 0) break;
    visitor?.key(key);
    if (type === TYPE.VARIANT) walkScalar(reader, visitor, TYPE.UDINT);
    else walkElement(reader, visitor, type, depth);
  }
  visitor?.leave();
}

function walkElement(reader: Reader, visitor: ValueVisitor | null, type: number, depth: number): void {
  switch (type) {
    case TYPE.STRUCT:
      walkStruct(reader, visitor, false, depth);
      return;
    case TYPE.BLOB:
      walkBlob(reader, visitor, depth);
      return;
    case TYPE.WSTRING:
    case TYPE.S7STRING:
      walkBytes(reader, visitor, type);
      return;
    case TYPE.VARIANT:
      // Flags and the type it has this time.
      if (depth >= MAX_DEPTH) reader.fail();
      else {
        reader.skip(1);
        const actual = reader.u8();
        if (actual === TYPE.VARIANT) reader.fail(true);
        else walkElement(reader, visitor, actual, depth + 1);
      }
      return;
    default:
      walkScalar(reader, visitor, type);
  }
}

function walkScalar(reader: Reader, visitor: ValueVisitor | null, type: number): void {
  const from = reader.at;
  const def = TYPES[type];
  if (def === undefined) {
    reader.fail(true);
    return;
  }
  if (def.size > 0) reader.skip(def.size);
  else {
    switch (type) {
      case TYPE.NULL:
        break;
      case TYPE.ULINT:
      case TYPE.LINT:
      case TYPE.TIMESPAN:
        reader.varUint64();
        break;
      default:
        reader.varUint32();
    }
  }
  if (!reader.isBroken) visitor?.element(reader, type, from, reader.at);
}

/** A length, then that many bytes. */
function walkBytes(reader: Reader, visitor: ValueVisitor | null, type: number): void {
  const size = reader.varUint32();
  const from = reader.at;
  reader.skip(size);
  if (!reader.isBroken) visitor?.element(reader, type, from, reader.at);
}

function walkBlob(reader: Reader, visitor: ValueVisitor | null, depth: number): void {
  const root = reader.varUint32();
  if (root <= 1) {
    walkBytes(reader, visitor, TYPE.BLOB);
    return;
  }
  reader.skip(8);
  const kind = reader.u8();
  if (reader.isBroken) return;
  if (kind === 0) {
    visitor?.enter('struct', root, -1);
    walkMembers(reader, visitor, depth);
    visitor?.leave();
  } else if (kind === 2 || kind === 3) walkBytes(reader, visitor, TYPE.BLOB);
  else reader.fail(true);
}

function walkStruct(reader: Reader, visitor: ValueVisitor | null, isArray: boolean, depth: number): void {
  const id = reader.u32();
  if (reader.isBroken) return;
  if (isArray) {
    const count = reader.varUint32();
    if (count > reader.left) {
      reader.fail();
      return;
    }
    visitor?.enter('array', TYPE.STRUCT, count);
    for (let index = 0; index < count && !reader.isBroken; index++) {
      visitor?.enter('struct', id, -1);
      walkMembers(reader, visitor, depth);
      visitor?.leave();
    }
    visitor?.leave();
    return;
  }
  if (isPacked(id)) {
    walkPackedStruct(reader, visitor, id);
    return;
  }
  visitor?.enter('struct', id, -1);
  walkMembers(reader, visitor, depth);
  visitor?.leave();
}

/** Ids of types (DTL and the user's) whose content is the controller's memory as it is. */
function isPacked(id: number): boolean {
  return (id > 0x90000000 && id < 0x9fffffff) || (id > 0x02000000 && id < 0x02ffffff);
}

const PACKED_HAS_SECOND_COUNT = 0x400;

function walkPackedStruct(reader: Reader, visitor: ValueVisitor | null, id: number): void {
  // Time of the interface's last change.
  reader.skip(8);
  const flags = reader.varUint32();
  let size = reader.varUint32();
  if ((flags & PACKED_HAS_SECOND_COUNT) !== 0) size = reader.varUint32();
  const from = reader.at;
  reader.skip(size);
  if (reader.isBroken || visitor === null) return;
  visitor.enter('packed_struct', id, -1);
  visitor.element(reader, TYPE.BLOB, from, reader.at);
  visitor.leave();
}

/** Members of a structure: id and value, until id 0. */
export function walkMembers(reader: Reader, visitor: ValueVisitor | null, depth: number): void {
  if (depth >= MAX_DEPTH) {
    reader.fail();
    return;
  }
  while (!reader.isBroken) {
    const id = reader.varUint32();
    if (id === 0) return;
    visitor?.key(id);
    walkValue(reader, visitor, depth + 1);
  }
}

const scratch = new DataView(new ArrayBuffer(8));

/** Numeric content of an element; NaN where it is no number. */
export function elementNumber(reader: Reader, type: number, from: number): number {
  const { buf } = reader;
  switch (type) {
    case TYPE.BOOL:
      return buf[from] === 0 ? 0 : 1;
    case TYPE.USINT:
    case TYPE.BYTE:
      return buf[from]!;
    case TYPE.SINT:
      return (buf[from]! << 24) >> 24;
    case TYPE.UINT:
    case TYPE.WORD:
      return u16(buf, from);
    case TYPE.INT:
      return (u16(buf, from) << 16) >> 16;
    case TYPE.DWORD:
    case TYPE.RID:
      return u32(buf, from);
    case TYPE.LWORD:
    case TYPE.TIMESTAMP:
      reader.high = u32(buf, from);
      reader.low = u32(buf, from + 4);
      return reader.high * 2 ** 32 + reader.low;
    case TYPE.REAL:
      scratch.setUint32(0, u32(buf, from));
      return scratch.getFloat32(0);
    case TYPE.LREAL:
      scratch.setUint32(0, u32(buf, from));
      scratch.setUint32(4, u32(buf, from + 4));
      return scratch.getFloat64(0);
    default:
      return variableLength(reader, type, from);
  }
}

function variableLength(reader: Reader, type: number, from: number): number {
  const { at } = reader;
  reader.at = from;
  let value = Number.NaN;
  switch (type) {
    case TYPE.UDINT:
    case TYPE.AID:
      value = reader.varUint32();
      break;
    case TYPE.DINT:
      value = reader.varInt32();
      break;
    case TYPE.ULINT:
      value = reader.varUint64();
      break;
    case TYPE.LINT:
    case TYPE.TIMESPAN:
      value = reader.varInt64();
      break;
  }
  reader.at = at;
  return value;
}

/** Bytes of a blob that are shown. */
const MAX_BLOB = 64;

/** An element for a record: numbers, 64-bit integers as text, times as ISO 8601, blobs in hexadecimal. */
export function elementJson(reader: Reader, type: number, from: number, to: number): unknown {
  switch (type) {
    case TYPE.NULL:
      return null;
    case TYPE.BOOL:
      return reader.buf[from] !== 0;
    case TYPE.WSTRING:
    case TYPE.S7STRING:
      return wireText(reader.buf, from, to);
    case TYPE.BLOB:
      return blobText(reader.buf, from, to);
    case TYPE.LWORD:
    case TYPE.ULINT:
      elementNumber(reader, type, from);
      return reader.exact64(false).toString();
    case TYPE.LINT:
    case TYPE.TIMESPAN:
      elementNumber(reader, type, from);
      return reader.exact64(true).toString();
    case TYPE.TIMESTAMP:
      return timestampText(reader, from);
    default: {
      const value = elementNumber(reader, type, from);
      return Number.isFinite(value) ? value : String(value);
    }
  }
}

/** Nanoseconds since 1970. */
function timestampText(reader: Reader, from: number): string {
  const millis = elementNumber(reader, TYPE.TIMESTAMP, from) / 1e6;
  return millis < 8.64e15 ? new Date(millis).toISOString() : reader.exact64(false).toString();
}

function blobText(buf: Uint8Array, from: number, to: number): string {
  const shown = Math.min(to, from + MAX_BLOB);
  return to > shown ? `${hex(buf, from, shown)}…` : hex(buf, from, shown);
}

/** Elements of one array, and members of one structure, that are shown. */
const MAX_SHOWN = 64;
/** Values of one message that are shown, however nested. */
const MAX_SHOWN_IN_ALL = 512;

interface Level {
  readonly list: unknown[] | null;
  readonly members: Record<string, unknown> | null;
  key: string;
}

const DROPPED: Level = { list: null, members: null, key: '' };

/** Makes of a walked value what a record shows of it. */
export class ValueJson implements ValueVisitor {
  /** The value's type, or that of an array's elements. */
  type = '';
  result: unknown = null;
  #shown = 0;
  #isHidden: (id: number) => boolean = () => false;
  readonly #levels: Level[] = [];

  /** `isHidden`: members of structures whose content is secret. */
  constructor(isHidden?: (id: number) => boolean) {
    if (isHidden) this.#isHidden = isHidden;
  }

  /** The value at the reader, which is passed over. */
  read(reader: Reader, depth = 0): unknown {
    if (this.#levels.length > 0) this.#levels.length = 0;
    this.type = '';
    this.result = null;
    walkValue(reader, this, depth);
    return this.result;
  }

  element(reader: Reader, type: number, from: number, to: number): void {
    if (this.type === '') this.type = typeName(type);
    if (this.#isDropped() || this.#shown++ >= MAX_SHOWN_IN_ALL) return;
    this.#add(elementJson(reader, type, from, to));
  }

  enter(kind: ValueKind, id: number): void {
    if (this.type === '') this.type = kind === 'array' || kind === 'sparse_array' ? typeName(id) : 'struct';
    const isList = kind === 'array';
    const list: unknown[] | null = isList ? [] : null;
    const members: Record<string, unknown> | null = isList ? null : {};
    if (members && kind !== 'sparse_array') members['struct_id'] = id;
    if (this.#isDropped() || this.#shown++ >= MAX_SHOWN_IN_ALL) {
      this.#levels.push(DROPPED);
      return;
    }
    this.#add(list ?? members);
    this.#levels.push({ list, members, key: 'data' });
  }

  key(key: number): void {
    const level = this.#levels.at(-1);
    if (level && level !== DROPPED) level.key = String(key);
  }

  leave(): void {
    this.#levels.pop();
  }

  /** Whether what stands here is not shown: a secret, or too much. */
  #isDropped(): boolean {
    const level = this.#levels.at(-1);
    if (level === undefined) return false;
    if (level.list !== null) return level.list.length >= MAX_SHOWN;
    return level.members === null || this.#isHidden(Number(level.key));
  }

  #add(value: unknown): void {
    const level = this.#levels.at(-1);
    if (!level) this.result = value;
    else if (level.list) {
      if (level.list.length < MAX_SHOWN) level.list.push(value);
    } else if (level.members) {
      if (Object.keys(level.members).length < MAX_SHOWN) level.members[level.key] = value;
    }
  }
}

/** Longest text of a process value, in characters. */
export const MAX_VALUE_TEXT = Math.min(128, MAX_TEXT);
