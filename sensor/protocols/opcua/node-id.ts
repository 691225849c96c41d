import { hex, u16le, u32le, wireText } from '../../model/bytes.js';

/** Length fields count bytes; -1 is null. The caller has walked over it, so that it is known to be whole. */
function stringAt(buf: Uint8Array, at: number): string {
  const length = u32le(buf, at) | 0;
  return length > 0 ? wireText(buf, at + 4, at + 4 + length) : '';
}

/** RFC 4122 text of a Guid: three little endian numbers, then eight bytes. */
export function guidText(buf: Uint8Array, at: number): string {
  const first = u32le(buf, at).toString(16).padStart(8, '0');
  const second = u16le(buf, at + 4)
    .toString(16)
    .padStart(4, '0');
  const third = u16le(buf, at + 6)
    .toString(16)
    .padStart(4, '0');
  return `${first}-${second}-${third}-${hex(buf, at + 8, at + 10)}-${hex(buf, at + 10, at + 16)}`;
}

const MAX_OPAQUE = 96;

/** The identifier without its namespace (OPC 10000-6 section 5.3.1.10): `i=84`, `s=Pump`, `g=…`, `b=…`. */
function identifierText(buf: Uint8Array, at: number): { namespace: number; text: string } {
  switch (buf[at]! & 0x3f) {
    case 0:
      return { namespace: 0, text: `i=${buf[at + 1]!}` };
    case 1:
      return { namespace: buf[at + 1]!, text: `i=${u16le(buf, at + 2)}` };
    case 2:
      return { namespace: u16le(buf, at + 1), text: `i=${u32le(buf, at + 3)}` };
    case 3:
      return { namespace: u16le(buf, at + 1), text: `s=${stringAt(buf, at + 3)}` };
    case 4:
      return { namespace: u16le(buf, at + 1), text: `g=${guidText(buf, at + 3)}` };
    default: {
      const length = Math.min(Math.max(0, u32le(buf, at + 3) | 0), MAX_OPAQUE);
      const bytes = Buffer.from(buf.buffer, buf.byteOffset + at + 7, length);
      return { namespace: u16le(buf, at + 1), text: `b=${bytes.toString('base64')}` };
    }
  }
}

/** `i=84`, `ns=2;s=Pump`. The NodeId at `at` is whole. */
export function nodeIdText(buf: Uint8Array, at: number): string {
  const { namespace, text } = identifierText(buf, at);
  return namespace === 0 ? text : `ns=${namespace};${text}`;
}

/** `svr=1;nsu=http://vendor;i=84`. The ExpandedNodeId in `buf[at, end)` is whole. */
export function expandedNodeIdText(buf: Uint8Array, at: number, end: number): string {
  const { namespace, text } = identifierText(buf, at);
  const encoding = buf[at]!;
  let server = '';
  if (encoding & 0x40) {
    const index = u32le(buf, end - 4);
    if (index > 0) server = `svr=${index};`;
  }
  if ((encoding & 0x80) === 0) return `${server}${namespace === 0 ? '' : `ns=${namespace};`}${text}`;
  // Only the identifier: without the flags it ends where the namespace's URI begins.
  const plain = encoding & 0x3f;
  const size = plain === 0 ? 2 : plain === 1 ? 4 : plain === 2 ? 7 : plain === 4 ? 19 : 7;
  const uriAt = plain === 3 || plain === 5 ? at + size + Math.max(0, u32le(buf, at + 3) | 0) : at + size;
  return `${server}nsu=${stringAt(buf, uriAt)};${text}`;
}

/** Nodes of the standard address space that tell who a server is (OPC 10000-5 section 8.3). */
export type IdentityNode =
  | 'product_name'
  | 'product_uri'
  | 'manufacturer_name'
  | 'software_version'
  | 'build_number'
  | 'build_info'
  | 'server_status'
  | 'server_array'
  | 'namespace_array';

const IDENTITY_NODES: ReadonlyMap<string, IdentityNode> = new Map([
  ['i=2254', 'server_array'],
  ['i=2255', 'namespace_array'],
  ['i=2256', 'server_status'],
  ['i=2260', 'build_info'],
  ['i=2261', 'product_name'],
  ['i=2262', 'product_uri'],
  ['i=2263', 'manufacturer_name'],
  ['i=2264', 'software_version'],
  ['i=2265', 'build_number'],
]);

/** How the bytes of an entry are to be read. */
export const ENTRY = { nodeId: 0, expandedNodeId: 1, method: 2 } as const;
export type EntryKind = (typeof ENTRY)[keyof typeof ENTRY];

/** A NodeId that messages name, with its text made once. */
export class NodeIdEntry {
  readonly bytes: Uint8Array;
  readonly kind: EntryKind;
  readonly text: string;
  /** What its value tells of the server; null for most. */
  readonly identity: IdentityNode | null;
  #elements: string[] | null = null;

  constructor(bytes: Uint8Array, kind: EntryKind, text: string) {
    this.bytes = bytes;
    this.kind = kind;
    this.text = text;
    this.identity = kind === ENTRY.nodeId ? (IDENTITY_NODES.get(text) ?? null) : null;
  }

  /** Name of an array's element: `ns=2;s=Speeds[3]`. */
  element(index: number): string {
    this.#elements ??= [];
    const known = this.#elements[index];
    if (known !== undefined) return known;
    const made = `${this.text}[${index}]`;
    if (index < MAX_ELEMENT_NAMES) this.#elements[index] = made;
    return made;
  }
}

const MAX_ELEMENT_NAMES = 64;
/** Power of two. */
const TABLE_SIZE = 8192;
/** Longer ones are not kept. */
const MAX_KEPT_BYTES = 512;

/**
 * The texts of NodeIds that are seen again and again. A place holds one; another one that falls into it takes it over,
 * so that strangers can cost no more than time.
 */
export class NodeIdTable {
  readonly #entries: (NodeIdEntry | undefined)[] = new Array<NodeIdEntry | undefined>(TABLE_SIZE).fill(undefined);

  /** The whole NodeId in `buf[from, to)`; for a method that of the object and, behind it, that of the method. */
  entry(buf: Uint8Array, from: number, to: number, kind: EntryKind, middle = from): NodeIdEntry {
    const size = to - from;
    let hash = 0x811c9dc5 ^ kind;
    for (let at = from; at < to && at - from < MAX_KEPT_BYTES; at++) hash = Math.imul(hash ^ buf[at]!, 0x01000193);
    const place = (hash ^ (hash >>> 15)) & (TABLE_SIZE - 1);
    const known = this.#entries[place];
    if (known !== undefined && known.kind === kind && isSame(known.bytes, buf, from, size)) return known;
    const entry = new NodeIdEntry(buf.slice(from, to), kind, entryText(buf, from, to, kind, middle));
    if (size <= MAX_KEPT_BYTES) this.#entries[place] = entry;
    return entry;
  }
}

function isSame(bytes: Uint8Array, buf: Uint8Array, from: number, size: number): boolean {
  if (bytes.length !== size) return false;
  for (let index = 0; index < size; index++) if (bytes[index] !== buf[from + index]) return false;
  return true;
}

function entryText(buf: Uint8Array, from: number, to: number, kind: EntryKind, middle: number): string {
  if (kind === ENTRY.expandedNodeId) return expandedNodeIdText(buf, from, to);
  if (kind === ENTRY.method) return `${nodeIdText(buf, from)} ${nodeIdText(buf, middle)}`;
  return nodeIdText(buf, from);
}
