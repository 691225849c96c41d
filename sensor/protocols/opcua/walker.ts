import { u32le } from '../../model/bytes.js';
import { BUILTIN, DATA_VALUE, fixedSize, VARIANT_ARRAY, VARIANT_DIMENSIONS, VARIANT_TYPE } from './builtin-types.js';
import { BY_ENCODING, FIRST_STRUCTURE, minSizeOf, STRUCTURES } from './structures.js';

/** Variants in Variants, DiagnosticInfos in DiagnosticInfos and so on: OPC 10000-6 section 5.1.2 asks for 100. */
export const MAX_DEPTH = 100;

/**
 * Walks over a body without making anything of it, so that a message's end, and with it its soundness, is known for
 * every message. After an error `hasFailed` is set and nothing moves any more. OPC 10000-6 section 5.2; little endian.
 */
export class Walker {
  buf: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  hasFailed = false;
  /** The failure was the nesting. */
  isTooDeep = false;
  #depth = 0;

  reset(buf: Uint8Array, from: number, to: number): void {
    this.buf = buf;
    this.at = from;
    this.end = to;
    this.hasFailed = false;
    this.isTooDeep = false;
    this.#depth = 0;
  }

  fail(): void {
    this.hasFailed = true;
    this.at = this.end;
  }

  advance(size: number): void {
    if (size < 0 || this.end - this.at < size) this.fail();
    else this.at += size;
  }

  /** One byte, 0 after a failure. */
  u8(): number {
    if (this.at >= this.end) {
      this.fail();
      return 0;
    }
    return this.buf[this.at++]!;
  }

  u16(): number {
    const at = this.at;
    this.advance(2);
    return this.hasFailed ? 0 : this.buf[at]! | (this.buf[at + 1]! << 8);
  }

  u32(): number {
    const at = this.at;
    this.advance(4);
    return this.hasFailed ? 0 : u32le(this.buf, at);
  }

  i32(): number {
    return this.u32() | 0;
  }

  /** How many elements follow, 0 for null; fails when so many cannot be there. */
  count(minSize: number): number {
    const count = this.i32();
    if (count <= 0) {
      if (count < -1) this.fail();
      return 0;
    }
    if (count * minSize > this.end - this.at) {
      this.fail();
      return 0;
    }
    return count;
  }

  enter(): boolean {
    if (this.hasFailed) return false;
    if (++this.#depth <= MAX_DEPTH) return true;
    this.isTooDeep = true;
    this.fail();
    return false;
  }

  leave(): void {
    this.#depth--;
  }

  skip(type: number): void {
    if (type >= FIRST_STRUCTURE) {
      this.#structure(type);
      return;
    }
    const size = fixedSize(type);
    if (size > 0) {
      this.advance(size);
      return;
    }
    switch (type) {
      case BUILTIN.NodeId:
        this.nodeId();
        return;
      case BUILTIN.ExpandedNodeId:
        this.#expandedNodeId();
        return;
      case BUILTIN.QualifiedName:
        this.advance(2);
        this.string();
        return;
      case BUILTIN.LocalizedText:
        this.#localizedText();
        return;
      case BUILTIN.ExtensionObject:
        this.extensionObject();
        return;
      case BUILTIN.DataValue:
        this.dataValue();
        return;
      case BUILTIN.Variant:
        this.variant();
        return;
      case BUILTIN.DiagnosticInfo:
        this.#diagnosticInfo();
        return;
      default:
        this.string();
    }
  }

  skipArray(type: number): void {
    const size = fixedSize(type);
    const count = this.count(minSizeOf(type));
    if (size > 0) {
      this.advance(count * size);
      return;
    }
    for (let index = 0; index < count && !this.hasFailed; index++) this.skip(type);
  }

  string(): void {
    const length = this.i32();
    if (length > 0) this.advance(length);
    else if (length < -1) this.fail();
  }

  nodeId(): void {
    this.#nodeIdBody(this.u8());
  }

  /** Leaves `at` where a DataValue's Variant begins, or -1 as result when it has none; skips all of it. */
  dataValue(): number {
    if (!this.enter()) return -1;
    const mask = this.u8();
    let at = -1;
    if (mask & DATA_VALUE.value) {
      at = this.at;
      this.variant();
    }
    if (mask & DATA_VALUE.status) this.advance(4);
    if (mask & DATA_VALUE.sourceTimestamp) this.advance(8);
    if (mask & DATA_VALUE.sourcePicoseconds) this.advance(2);
    if (mask & DATA_VALUE.serverTimestamp) this.advance(8);
    if (mask & DATA_VALUE.serverPicoseconds) this.advance(2);
    this.leave();
    return at;
  }

  variant(): void {
    if (!this.enter()) return;
    const encoding = this.u8();
    const type = encoding & VARIANT_TYPE;
    if (type >= FIRST_STRUCTURE || (type === 0 && encoding !== 0)) this.fail();
    else if (encoding & VARIANT_ARRAY) {
      this.skipArray(type);
      if (encoding & VARIANT_DIMENSIONS) this.skipArray(BUILTIN.Int32);
    } else if (encoding & VARIANT_DIMENSIONS || type === BUILTIN.Variant) this.fail();
    else if (type !== 0) this.skip(type);
    this.leave();
  }

  extensionObject(): void {
    if (!this.enter()) return;
    const typeAt = this.at;
    this.nodeId();
    const encoding = this.u8();
    if (encoding > 2) this.fail();
    else if (encoding > 0) {
      const length = this.i32();
      if (length > 0) this.advance(length);
      // A writer that did not know the length; without a type that is known, nobody finds its end.
      else if (length === -1 && encoding === 1) this.#unmeasured(typeAt);
      else if (length < 0) this.fail();
    }
    this.leave();
  }

  #unmeasured(typeAt: number): void {
    const type = BY_ENCODING.get(numericId(this.buf, typeAt, this.end));
    if (type === undefined) this.fail();
    else this.#structure(type);
  }

  #structure(type: number): void {
    const structure = STRUCTURES[type - FIRST_STRUCTURE];
    if (structure === undefined) {
      this.fail();
      return;
    }
    if (!this.enter()) return;
    const { fields } = structure;
    for (let index = 0; index < fields.length && !this.hasFailed; index++) {
      const field = fields[index]!;
      if (field.isArray) this.skipArray(field.type);
      else this.skip(field.type);
    }
    this.leave();
  }

  #nodeIdBody(encoding: number): void {
    switch (encoding & 0x3f) {
      case 0:
        this.advance(1);
        return;
      case 1:
        this.advance(3);
        return;
      case 2:
        this.advance(6);
        return;
      case 3:
      case 5:
        this.advance(2);
        this.string();
        return;
      case 4:
        this.advance(18);
        return;
      default:
        this.fail();
    }
  }

  #expandedNodeId(): void {
    const encoding = this.u8();
    this.#nodeIdBody(encoding);
    if (encoding & 0x80) this.string();
    if (encoding & 0x40) this.advance(4);
  }

  #localizedText(): void {
    const mask = this.u8();
    if (mask & 1) this.string();
    if (mask & 2) this.string();
  }

  #diagnosticInfo(): void {
    // An inner one is always the last part, so that following it needs no recursion; the depth is bounded all the same.
    for (let depth = 0; !this.hasFailed; depth++) {
      if (depth >= MAX_DEPTH) {
        this.isTooDeep = true;
        this.fail();
        return;
      }
      const mask = this.u8();
      for (let bit = 0x01; bit <= 0x08; bit <<= 1) if (mask & bit) this.advance(4);
      if (mask & 0x10) this.string();
      if (mask & 0x20) this.advance(4);
      if ((mask & 0x40) === 0) return;
    }
  }
}

/** The identifier of a numeric NodeId of namespace 0 at `at`, in any of its three encodings; -1 for another NodeId. */
export function numericId(buf: Uint8Array, at: number, end: number): number {
  if (end - at < 2) return -1;
  switch (buf[at]) {
    case 0:
      return buf[at + 1]!;
    case 1:
      return end - at >= 4 && buf[at + 1] === 0 ? buf[at + 2]! | (buf[at + 3]! << 8) : -1;
    case 2:
      return end - at >= 7 && buf[at + 1] === 0 && buf[at + 2] === 0 ? u32le(buf, at + 3) : -1;
    default:
      return -1;
  }
}
