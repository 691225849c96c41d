import { hex, wireText } from '../../model/bytes.js';
import type { VariableReading, VariableType } from '../../model/variable.js';
import { BUILTIN, fixedSize, VARIANT_ARRAY, VARIANT_TYPE } from './builtin-types.js';
import { dateTimeText, qualifiedNameText } from './decoder.js';
import { expandedNodeIdText, guidText, type NodeIdEntry, nodeIdText } from './node-id.js';
import { Walker } from './walker.js';

/** Arrays up to this length are variables element by element; longer ones (curves, images) are not watched. */
const MAX_ELEMENTS = 64;
/** Variables of one message. */
const MAX_VARIABLES = 20_000;
const MAX_TEXT = 128;

const TYPES: Readonly<Record<number, VariableType>> = {
  [BUILTIN.Boolean]: 'bit',
  [BUILTIN.SByte]: 'int8',
  [BUILTIN.Byte]: 'uint8',
  [BUILTIN.Int16]: 'int16',
  [BUILTIN.UInt16]: 'uint16',
  [BUILTIN.Int32]: 'int32',
  [BUILTIN.UInt32]: 'uint32',
  [BUILTIN.Int64]: 'int64',
  [BUILTIN.UInt64]: 'uint64',
  [BUILTIN.Float]: 'float32',
  [BUILTIN.Double]: 'float64',
  [BUILTIN.DateTime]: 'time',
  [BUILTIN.ByteString]: 'bytes',
  [BUILTIN.ExtensionObject]: 'bytes',
  [BUILTIN.StatusCode]: 'uint32',
};

/** The process values of one message, found when somebody asks for them. Lists are reused. */
export class Values {
  count = 0;
  readonly #nodes: NodeIdEntry[] = [];
  readonly #at: number[] = [];
  readonly #types: number[] = [];
  /** -1: not an element of an array. */
  readonly #elements: number[] = [];
  readonly #walker = new Walker();
  #buf: Uint8Array = new Uint8Array(0);

  reset(buf: Uint8Array): void {
    this.#buf = buf;
    this.count = 0;
    this.#nodes.length = 0;
  }

  /** The Variant at `at` (whole) belongs to a node; `element`: what part of an array it is (see `PendingRequest`). */
  add(node: NodeIdEntry, at: number, end: number, element: number): void {
    const encoding = this.#buf[at]!;
    const type = encoding & VARIANT_TYPE;
    // Values in values have no type that could be watched.
    if (type === 0 || type === BUILTIN.Variant || type === BUILTIN.DataValue || type === BUILTIN.DiagnosticInfo) return;
    if ((encoding & VARIANT_ARRAY) === 0) {
      this.#push(node, at + 1, type, -1);
      return;
    }
    if (element < 0) return;
    const walker = this.#walker;
    walker.reset(this.#buf, at + 1, end);
    const count = walker.count(1);
    if (count > MAX_ELEMENTS) return;
    for (let index = 0; index < count && !walker.hasFailed; index++) {
      this.#push(node, walker.at, type, element + index);
      const size = fixedSize(type);
      if (size > 0) walker.advance(size);
      else walker.skip(type);
    }
  }

  #push(node: NodeIdEntry, at: number, type: number, element: number): void {
    if (this.count >= MAX_VARIABLES) return;
    const index = this.count++;
    this.#nodes[index] = node;
    this.#at[index] = at;
    this.#types[index] = type;
    this.#elements[index] = element;
  }

  read(index: number, into: VariableReading): void {
    const node = this.#nodes[index]!;
    const element = this.#elements[index]!;
    const type = this.#types[index]!;
    into.space = element < 0 ? node.text : node.element(element);
    into.address = -1;
    into.bit = -1;
    into.type = TYPES[type] ?? 'string';
    into.value = Number.NaN;
    into.text = null;
    this.#read(type, this.#at[index]!, into);
  }

  #read(type: number, at: number, into: VariableReading): void {
    const buf = this.#buf;
    const view = Buffer.from(buf.buffer, buf.byteOffset, buf.byteLength);
    switch (type) {
      case BUILTIN.Boolean:
        into.value = buf[at] === 0 ? 0 : 1;
        return;
      case BUILTIN.SByte:
        into.value = view.readInt8(at);
        return;
      case BUILTIN.Byte:
        into.value = buf[at]!;
        return;
      case BUILTIN.Int16:
        into.value = view.readInt16LE(at);
        return;
      case BUILTIN.UInt16:
        into.value = view.readUInt16LE(at);
        return;
      case BUILTIN.Int32:
        into.value = view.readInt32LE(at);
        return;
      case BUILTIN.UInt32:
      case BUILTIN.StatusCode:
        into.value = view.readUInt32LE(at);
        return;
      case BUILTIN.Int64:
        into.text = view.readBigInt64LE(at).toString();
        into.value = Number(into.text);
        return;
      case BUILTIN.UInt64:
        into.text = view.readBigUInt64LE(at).toString();
        into.value = Number(into.text);
        return;
      case BUILTIN.Float:
        into.value = view.readFloatLE(at);
        return;
      case BUILTIN.Double:
        into.value = view.readDoubleLE(at);
        return;
      case BUILTIN.DateTime:
        into.text = dateTimeText(view.readBigInt64LE(at));
        into.value = Date.parse(into.text);
        return;
      default:
        into.text = this.#text(type, at).slice(0, MAX_TEXT);
    }
  }

  #text(type: number, at: number): string {
    const buf = this.#buf;
    const walker = this.#walker;
    walker.reset(buf, at, buf.length);
    walker.skip(type);
    const end = walker.at;
    switch (type) {
      case BUILTIN.NodeId:
        return nodeIdText(buf, at);
      case BUILTIN.ExpandedNodeId:
        return expandedNodeIdText(buf, at, end);
      case BUILTIN.Guid:
        return guidText(buf, at);
      case BUILTIN.QualifiedName:
        return qualifiedNameText(buf, at, end) ?? '';
      case BUILTIN.String:
      case BUILTIN.XmlElement:
        return wireText(buf, at + 4, end);
      case BUILTIN.LocalizedText:
        return wireText(buf, at + 1, end);
      default:
        return hex(buf, at, Math.min(end, at + MAX_TEXT / 2));
    }
  }
}
