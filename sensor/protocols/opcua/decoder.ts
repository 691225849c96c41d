import { hex, wireText } from '../../model/bytes.js';
import {
  BUILTIN,
  builtinName,
  DATA_VALUE,
  fixedSize,
  VARIANT_ARRAY,
  VARIANT_DIMENSIONS,
  VARIANT_TYPE,
} from './builtin-types.js';
import { expandedNodeIdText, guidText, nodeIdText } from './node-id.js';
import { BY_ENCODING, FIRST_STRUCTURE, minSizeOf, STRUCTURES } from './structures.js';
import { numericId, Walker } from './walker.js';

/** What a record may hold of one message; beyond it, lists end early. */
const MAX_LEAVES = 100_000;
/** Longest byte string that a record shows, in bytes. */
const MAX_BYTES = 4096;
/** Fields of identity tokens, wherever these stand: that there is one is all that a record says. */
const SECRETS: ReadonlySet<string> = new Set(['password', 'token_data']);
/** Microseconds between 1601-01-01 and 1970-01-01. */
const EPOCH_MICROS = 11_644_473_600_000_000n;
/** Last instant that JavaScript's dates can say. */
const LAST_MICROS = 8_640_000_000_000_000_000n;

export type Fields = Record<string, unknown>;

/**
 * Makes plain values of a body, for records. Nothing that the wire says to be null appears. 64-bit integers are
 * decimal text, times ISO 8601 in UTC, byte strings hexadecimal.
 */
export class Decoder extends Walker {
  /** Where the last secret stands, for whom it may concern: it is in no field. */
  secretFrom = 0;
  secretTo = 0;
  #leaves = 0;

  override reset(buf: Uint8Array, from: number, to: number): void {
    super.reset(buf, from, to);
    this.secretFrom = 0;
    this.secretTo = 0;
    this.#leaves = 0;
  }

  /** undefined for null, and after a failure. */
  value(type: number): unknown {
    this.#leaves++;
    if (type >= FIRST_STRUCTURE) return this.structure(type);
    const from = this.at;
    switch (type) {
      case BUILTIN.Variant:
        return this.variantFields();
      case BUILTIN.DataValue:
        return this.dataValueFields();
      case BUILTIN.ExtensionObject:
        return this.extension();
      case BUILTIN.DiagnosticInfo:
        return this.#diagnostic();
    }
    this.skip(type);
    if (this.hasFailed) return undefined;
    return scalar(this.buf, type, from, this.at);
  }

  /** undefined for null. */
  list(type: number): unknown[] | undefined {
    const isNull = this.end - this.at >= 4 && this.buf[this.at + 3] === 0xff;
    const count = this.count(minSizeOf(type));
    if (isNull || this.hasFailed) return undefined;
    const values: unknown[] = [];
    for (let index = 0; index < count && !this.hasFailed; index++) {
      if (this.#leaves >= MAX_LEAVES) {
        this.#skipRest(type, count - index);
        break;
      }
      const value = this.value(type);
      if (!this.hasFailed) values.push(value ?? null);
    }
    return values;
  }

  /** The structure's fields; what is missing at a premature end is left out. */
  structure(type: number): Fields {
    const fields: Fields = {};
    const structure = STRUCTURES[type - FIRST_STRUCTURE];
    if (structure === undefined || !this.enter()) return fields;
    for (const field of structure.fields) {
      if (this.hasFailed) break;
      if (SECRETS.has(field.name)) {
        const isFilled = this.#isFilled(field.type);
        if (!this.hasFailed) fields[`has_${field.name}`] = isFilled;
        continue;
      }
      const value = field.isArray ? this.list(field.type) : this.value(field.type);
      if (value !== undefined) fields[field.name] = value;
    }
    this.leave();
    return fields;
  }

  /** `type`, `value` and, of a matrix, `dimensions`; undefined for a Variant without a value. */
  variantFields(): Fields | undefined {
    if (!this.enter()) return undefined;
    const fields = this.#variant();
    this.leave();
    return fields;
  }

  #variant(): Fields | undefined {
    const encoding = this.u8();
    const type = encoding & VARIANT_TYPE;
    if (type === 0 && encoding === 0) return undefined;
    if (type === 0 || type >= FIRST_STRUCTURE) {
      this.fail();
      return undefined;
    }
    const fields: Fields = { type: builtinName(type) };
    if (encoding & VARIANT_ARRAY) {
      const values = this.list(type);
      if (values !== undefined) fields['value'] = values;
      if (encoding & VARIANT_DIMENSIONS) {
        const dimensions = this.list(BUILTIN.Int32);
        if (dimensions !== undefined) fields['dimensions'] = dimensions;
      }
      return fields;
    }
    if (encoding & VARIANT_DIMENSIONS || type === BUILTIN.Variant) {
      this.fail();
      return undefined;
    }
    const value = this.value(type);
    if (value !== undefined) fields['value'] = value;
    return fields;
  }

  /** The Variant's fields with `status` and the times beside them. */
  dataValueFields(): Fields {
    const fields: Fields = {};
    if (!this.enter()) return fields;
    const mask = this.u8();
    if (mask & DATA_VALUE.value) Object.assign(fields, this.variantFields());
    if (mask & DATA_VALUE.status) this.#put(fields, 'status', BUILTIN.StatusCode);
    if (mask & DATA_VALUE.sourceTimestamp) this.#put(fields, 'source_timestamp', BUILTIN.DateTime);
    if (mask & DATA_VALUE.sourcePicoseconds) this.#put(fields, 'source_picoseconds', BUILTIN.UInt16);
    if (mask & DATA_VALUE.serverTimestamp) this.#put(fields, 'server_timestamp', BUILTIN.DateTime);
    if (mask & DATA_VALUE.serverPicoseconds) this.#put(fields, 'server_picoseconds', BUILTIN.UInt16);
    this.leave();
    return fields;
  }

  /**
   * An ExtensionObject: the fields of a structure that is known, with its name as `structure`; else `type_id` and the
   * body in hexadecimal (XML as text). undefined for one that is empty.
   */
  extension(): Fields | undefined {
    if (!this.enter()) return undefined;
    const fields = this.#extension();
    this.leave();
    return fields;
  }

  #extension(): Fields | undefined {
    const typeAt = this.at;
    this.nodeId();
    const encoding = this.u8();
    if (encoding > 2) this.fail();
    if (this.hasFailed) return undefined;
    const id = numericId(this.buf, typeAt, this.end);
    const type = BY_ENCODING.get(id);
    if (encoding === 0) return id === 0 ? undefined : { type_id: nodeIdText(this.buf, typeAt) };
    const length = this.i32();
    if (this.hasFailed) return undefined;
    const from = this.at;
    if (encoding === 1 && type !== undefined) {
      const outerEnd = this.end;
      if (length >= 0) {
        this.advance(length);
        if (this.hasFailed) return undefined;
        this.end = this.at;
        this.at = from;
      } else if (length < -1) {
        this.fail();
        return undefined;
      }
      const fields: Fields = { structure: STRUCTURES[type - FIRST_STRUCTURE]!.name, ...this.structure(type) };
      if (length >= 0) {
        // A body that is wrong inside does not spoil what follows: its length says where that is.
        if (this.hasFailed && !this.isTooDeep) {
          this.hasFailed = false;
          fields['is_malformed'] = true;
        }
        this.at = this.hasFailed ? outerEnd : from + length;
        this.end = outerEnd;
      }
      return fields;
    }
    this.at = from;
    if (length > 0) this.advance(length);
    else if (length < 0) this.fail();
    if (this.hasFailed) return undefined;
    const fields: Fields = { type_id: nodeIdText(this.buf, typeAt) };
    if (encoding === 2) fields['body'] = wireText(this.buf, from, this.at);
    else fields['body'] = hex(this.buf, from, Math.min(this.at, from + MAX_BYTES));
    return fields;
  }

  /** Whether a text or byte string has content; its place is left behind. */
  #isFilled(type: number): boolean {
    const from = this.at + 4;
    this.skip(type);
    const isFilled = !this.hasFailed && this.at > from;
    this.secretFrom = isFilled ? from : 0;
    this.secretTo = isFilled ? this.at : 0;
    return isFilled;
  }

  #put(fields: Fields, name: string, type: number): void {
    const value = this.value(type);
    if (value !== undefined) fields[name] = value;
  }

  #skipRest(type: number, count: number): void {
    const size = fixedSize(type);
    if (size > 0) this.advance(count * size);
    else for (let index = 0; index < count && !this.hasFailed; index++) this.skip(type);
  }

  #diagnostic(): Fields | undefined {
    if (!this.enter()) return undefined;
    const mask = this.u8();
    const fields: Fields = {};
    if (mask & 0x01) this.#put(fields, 'symbolic_id', BUILTIN.Int32);
    if (mask & 0x02) this.#put(fields, 'namespace_uri', BUILTIN.Int32);
    if (mask & 0x08) this.#put(fields, 'locale', BUILTIN.Int32);
    if (mask & 0x04) this.#put(fields, 'localized_text', BUILTIN.Int32);
    if (mask & 0x10) this.#put(fields, 'additional_info', BUILTIN.String);
    if (mask & 0x20) this.#put(fields, 'inner_status_code', BUILTIN.StatusCode);
    if (mask & 0x40) {
      const inner = this.#diagnostic();
      if (inner !== undefined) fields['inner_diagnostic_info'] = inner;
    }
    this.leave();
    return mask === 0 ? undefined : fields;
  }
}

/** A value of `buf[from, to)` that the walker has found whole; undefined for null. */
function scalar(buf: Uint8Array, type: number, from: number, to: number): unknown {
  const view = Buffer.from(buf.buffer, buf.byteOffset + from, to - from);
  switch (type) {
    case BUILTIN.Boolean:
      return buf[from] !== 0;
    case BUILTIN.SByte:
      return view.readInt8();
    case BUILTIN.Byte:
      return buf[from];
    case BUILTIN.Int16:
      return view.readInt16LE();
    case BUILTIN.UInt16:
      return view.readUInt16LE();
    case BUILTIN.Int32:
      return view.readInt32LE();
    case BUILTIN.UInt32:
    case BUILTIN.StatusCode:
      return view.readUInt32LE();
    case BUILTIN.Int64:
      return view.readBigInt64LE().toString();
    case BUILTIN.UInt64:
      return view.readBigUInt64LE().toString();
    case BUILTIN.Float:
      return numberOrText(view.readFloatLE());
    case BUILTIN.Double:
      return numberOrText(view.readDoubleLE());
    case BUILTIN.DateTime:
      return dateTimeText(view.readBigInt64LE());
    case BUILTIN.Guid:
      return guidText(buf, from);
    case BUILTIN.NodeId:
      return nodeIdText(buf, from);
    case BUILTIN.ExpandedNodeId:
      return expandedNodeIdText(buf, from, to);
    case BUILTIN.QualifiedName:
      return qualifiedNameText(buf, from, to);
    case BUILTIN.LocalizedText:
      return localizedText(buf, from, to);
    case BUILTIN.String:
    case BUILTIN.XmlElement:
      return isNull(buf, from) ? undefined : wireText(buf, from + 4, to);
    default:
      return isNull(buf, from) ? undefined : hex(buf, from + 4, Math.min(to, from + 4 + MAX_BYTES));
  }
}

/** Lengths are signed: -1 is null. */
function isNull(buf: Uint8Array, at: number): boolean {
  return buf[at + 3]! >= 0x80;
}

/** JSON has no words for these. */
function numberOrText(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** Ticks of 100 ns since 1601-01-01 (OPC 10000-6 section 5.2.2.5), as ISO 8601 with 7 decimals. */
export function dateTimeText(ticks: bigint): string {
  const micros = ticks / 10n - EPOCH_MICROS;
  if (ticks < 0n || micros > LAST_MICROS) return ticks.toString();
  const seconds = ticks / 10_000_000n;
  const text = new Date(Number(seconds * 1000n - EPOCH_MICROS / 1000n)).toISOString();
  return `${text.slice(0, -5)}.${String(ticks % 10_000_000n).padStart(7, '0')}Z`;
}

/** `2:Speed`; without the number in namespace 0. The null name is undefined. */
export function qualifiedNameText(buf: Uint8Array, from: number, to: number): string | undefined {
  const namespace = buf[from]! | (buf[from + 1]! << 8);
  if (isNull(buf, from + 2)) return undefined;
  const name = wireText(buf, from + 6, to);
  return namespace === 0 ? name : `${namespace}:${name}`;
}

/** The text without its locale. */
function localizedText(buf: Uint8Array, from: number, to: number): string | undefined {
  const mask = buf[from]!;
  if ((mask & 2) === 0) return undefined;
  let at = from + 1;
  if (mask & 1) {
    const length = Buffer.from(buf.buffer, buf.byteOffset + at, 4).readInt32LE();
    at += 4 + Math.max(0, length);
  }
  return isNull(buf, at) ? undefined : wireText(buf, at + 4, to);
}
