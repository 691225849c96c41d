import type { AnomalyDef } from '../../model/anomaly.js';
import { u32le } from '../../model/bytes.js';
import type { Operation } from '../../model/operation.js';
import type { Micros } from '../../model/time.js';
import type { VariableReading } from '../../model/variable.js';
import type { Pdu, Rejection } from '../dissector.js';
import { OPCUA } from './anomalies.js';
import { BUILTIN } from './builtin-types.js';
import { CHUNK, MESSAGE, type MessageKind } from './framing.js';
import { ENTRY, type NodeIdEntry, NodeIdTable } from './node-id.js';
import {
  CONNECTION,
  ID,
  methodOperation,
  OPCUA_OPERATIONS,
  SERVICE_FAULT_ID,
  type Service,
  serviceOf,
  WRITE_ATTRIBUTES,
} from './operations.js';
import type { PendingRequest } from './pending.js';
import { OPCUA_PROTOCOL } from './protocol.js';
import { recordFields } from './record.js';
import type { Aliases, MonitoredItem, ServerState } from './server-state.js';
import { isBad, rejectionOf } from './status-codes.js';
import { minSizeOf } from './structures.js';
import { Values } from './values.js';
import { numericId, Walker } from './walker.js';

/** Things that one message may name; servers commonly allow 1,000 to 10,000. */
const MAX_TARGETS = 20_000;
export const VALUE_ATTRIBUTE = 13;
const DATA_CHANGE = 811;
const EMPTY = new Uint8Array(0);

/** Texts of NodeIds, shared by all connections. */
const nodeIds = new NodeIdTable();

/**
 * One OPC UA message, reused. `readBody` walks over all of it, so that its soundness and what it acts on are known; the
 * rest stays in the buffer until `fields` is asked for. OPC 10000-6; all numbers are little endian.
 */
export class OpcUaPdu implements Pdu {
  readonly protocol = OPCUA_PROTOCOL;
  readonly unit = -1;
  operation: Operation = OPCUA_OPERATIONS[0]!;
  isRequest = true;
  fromClient = true;
  from = 0;
  rejection: Rejection = 'none';
  isEncrypted = false;
  requestNumber = 0;
  requestTimestamp: Micros = 0;
  readonly anomalies: AnomalyDef[] = [];
  isPartial = false;
  targetSpace: string | null = null;
  readonly targetFrom = 0;
  readonly targetCount = 0;

  // ---- framing
  kind: MessageKind = MESSAGE.message;
  chunkType: number = CHUNK.final;
  chunks = 1;
  size = 0;
  secureChannelId = 0;
  tokenId = 0;
  /** -1: encrypted. */
  sequenceNumber = -1;
  requestId = -1;
  /** Where a message of the connection itself (HEL to RHE, OPN's header) has its content: `buf[headAt, headEnd)`. */
  head: Uint8Array = EMPTY;
  headAt = 0;
  headEnd = 0;

  // ---- body: `body[bodyAt, bodyEnd)`; 0 and 0 where there is none to be read
  body: Uint8Array = EMPTY;
  bodyAt = 0;
  bodyEnd = 0;
  /** Where the service's own fields begin, behind the request or response header. */
  parametersAt = 0;
  /** Numeric NodeId of the body's type; -1 when there is none. */
  serviceId = -1;
  service: Service | null = null;
  requestHandle = -1;
  /** -1: not known. */
  serviceResult = -1;
  /** Bytes behind the service's end. */
  trailing = 0;
  /** The request that this answers; valid only while the message is reported. */
  request: PendingRequest | null = null;
  /** What earlier messages told of the server that answers; null where nothing was. */
  server: ServerState | null = null;
  subscriptionId = -1;
  #aliases: Aliases | null = null;

  readonly #walker = new Walker();
  readonly #targetAt: number[] = [];
  readonly #targetEnd: number[] = [];
  /** Where the second NodeId of a method begins. */
  readonly #targetMiddle: number[] = [];
  #ownTargets = 0;
  readonly #resultAt: number[] = [];
  #results = 0;
  #listFrom = 0;
  #listTo = 0;
  #notificationsAt = 0;
  readonly #values = new Values();
  #valuesAreCollected = false;

  /** Everything as for a message without content. */
  begin(kind: MessageKind, from: number): void {
    this.kind = kind;
    this.from = from;
    this.operation = CONNECTION.unread;
    this.isRequest = true;
    this.rejection = 'none';
    this.isEncrypted = false;
    this.requestNumber = 0;
    this.requestTimestamp = 0;
    if (this.anomalies.length > 0) this.anomalies.length = 0;
    this.isPartial = false;
    this.targetSpace = null;
    this.chunkType = CHUNK.final;
    this.chunks = 1;
    this.sequenceNumber = -1;
    this.requestId = -1;
    this.headAt = 0;
    this.headEnd = 0;
    this.bodyAt = 0;
    this.bodyEnd = 0;
    this.serviceId = -1;
    this.service = null;
    this.requestHandle = -1;
    this.serviceResult = -1;
    this.trailing = 0;
    this.request = null;
    this.server = null;
    this.#aliases = null;
    this.subscriptionId = -1;
    this.#ownTargets = 0;
    this.#results = 0;
    this.#listFrom = 0;
    this.#listTo = 0;
    this.#notificationsAt = 0;
    this.#valuesAreCollected = false;
  }

  note(anomaly: AnomalyDef): void {
    if (!this.anomalies.includes(anomaly)) this.anomalies.push(anomaly);
  }

  /**
   * Reads the body in `buf[from, to)`. `isCut`: its end is missing. `mayTrail`: a signature may follow, of unknown
   * length.
   */
  readBody(buf: Uint8Array, from: number, to: number, isCut: boolean, mayTrail: boolean): void {
    this.body = buf;
    this.bodyAt = from;
    this.bodyEnd = to;
    const walker = this.#walker;
    walker.reset(buf, from, to);
    walker.nodeId();
    if (walker.hasFailed) {
      if (!isCut) this.note(OPCUA.malformedBody);
      return;
    }
    this.serviceId = numericId(buf, from, to);
    const service = serviceOf(this.serviceId);
    if (service === undefined) {
      this.operation = CONNECTION.unknown;
      this.note(OPCUA.unknownService);
      return;
    }
    this.service = service;
    this.operation = service.operation;
    this.isRequest = service.isRequest;
    const { fields } = service.structure;
    if (service.isRequest) this.#requestHeader(walker);
    else this.#responseHeader(walker);
    this.parametersAt = walker.at;
    for (let index = 1; index < fields.length && !walker.hasFailed; index++) {
      const field = fields[index]!;
      if (!field.isArray) {
        if (field.name === 'subscription_id') this.subscriptionId = peek(walker);
        else if (field.name === 'notification_message') this.#notificationsAt = walker.at;
        walker.skip(field.type);
      } else if (index === service.targets) this.#walkTargets(walker, service, field.type);
      else if (index === service.results) this.#walkResults(walker, field.type);
      else walker.skipArray(field.type);
    }
    if (walker.hasFailed) {
      if (walker.isTooDeep) this.note(OPCUA.tooDeep);
      else if (!isCut) this.note(OPCUA.malformedBody);
    } else {
      this.trailing = to - walker.at;
      if (this.trailing > 0 && !mayTrail) this.note(OPCUA.lengthMismatch);
    }
    if (!service.isRequest) this.#judgeResult();
    if (this.#ownTargets > 0) this.selectTarget(0);
  }

  /** OPC 10000-4 section 7.33. */
  #requestHeader(walker: Walker): void {
    walker.nodeId();
    walker.advance(8);
    const handle = walker.u32();
    if (!walker.hasFailed) this.requestHandle = handle;
    walker.advance(4);
    walker.string();
    walker.advance(4);
    walker.extensionObject();
  }

  /** OPC 10000-4 section 7.34. */
  #responseHeader(walker: Walker): void {
    walker.advance(8);
    const handle = walker.u32();
    if (!walker.hasFailed) this.requestHandle = handle;
    const result = walker.u32();
    if (!walker.hasFailed) this.serviceResult = result;
    walker.skip(BUILTIN.DiagnosticInfo);
    walker.skipArray(BUILTIN.String);
    walker.extensionObject();
  }

  #walkTargets(walker: Walker, service: Service, type: number): void {
    const count = walker.count(minSizeOf(type));
    const { buf } = walker;
    this.#listFrom = walker.at;
    for (let index = 0; index < count && !walker.hasFailed; index++) {
      const from = walker.at;
      walker.skip(type);
      if (walker.hasFailed) break;
      const end = walker.at;
      if (index >= MAX_TARGETS) {
        this.note(OPCUA.notKept);
        continue;
      }
      // Once more over the beginning, for the NodeId itself.
      const at = service.isExtension ? extensionBody(buf, from, end) : from;
      walker.at = at;
      walker.end = end;
      if (service.targetKind === ENTRY.expandedNodeId) walker.skip(BUILTIN.ExpandedNodeId);
      else walker.nodeId();
      const middle = walker.at;
      if (service.targetKind === ENTRY.method) {
        walker.nodeId();
        this.#judgeMethod(numericId(buf, middle, end));
      }
      if (service.id === ID.writeRequest && peek(walker) !== VALUE_ATTRIBUTE) this.operation = WRITE_ATTRIBUTES;
      this.#targetAt[index] = at;
      this.#targetMiddle[index] = middle;
      this.#targetEnd[index] = walker.at;
      const isWhole = !walker.hasFailed;
      walker.hasFailed = false;
      walker.end = this.bodyEnd;
      walker.at = end;
      if (!isWhole) {
        walker.fail();
        break;
      }
      this.#ownTargets = index + 1;
    }
    this.#listTo = walker.at;
  }

  /** Of several methods, the one that can do most harm gives the message its name. */
  #judgeMethod(methodId: number): void {
    const found = methodOperation(methodId);
    if (found === null) return;
    const isFirst = this.#ownTargets === 0;
    if (isFirst || (found.class === 'program' && this.operation.class !== 'program')) this.operation = found;
  }

  #walkResults(walker: Walker, type: number): void {
    const count = walker.count(minSizeOf(type));
    this.#listFrom = walker.at;
    for (let index = 0; index < count && !walker.hasFailed; index++) {
      const from = walker.at;
      walker.skip(type);
      if (walker.hasFailed || index >= MAX_TARGETS) continue;
      this.#resultAt[index] = from;
      this.#results = index + 1;
    }
    this.#listTo = walker.at;
  }

  /** Refused as a whole, or in every single thing that was asked for. */
  #judgeResult(): void {
    if (this.serviceResult < 0) return;
    this.rejection = rejectionOf(this.serviceResult);
    if (this.rejection !== 'none' || this.#results === 0) return;
    const isRead = this.serviceId === ID.readResponse;
    let first = 0;
    for (let index = 0; index < this.#results; index++) {
      const at = this.#resultAt[index]!;
      const status = isRead ? dataValueStatus(this.body, at, this.bodyEnd) : u32le(this.body, at);
      if (!isBad(status)) return;
      if (index === 0) first = status;
    }
    this.rejection = rejectionOf(first);
  }

  /** Ties an answer to what was asked. */
  fromRequest(request: PendingRequest): void {
    this.request = request;
    this.requestNumber = request.number;
    this.requestTimestamp = request.timestamp;
    if (request.operation !== null && (this.serviceId === SERVICE_FAULT_ID || this.service?.operation !== undefined)) {
      this.operation = request.operation;
    }
    if (request.nodes.length > 0) this.targetSpace = request.nodes[0]!.text;
    if (this.subscriptionId < 0) this.subscriptionId = request.subscriptionId;
  }

  /** The session has registered nodes: what it acts on under another name is what it registered. */
  resolveWith(aliases: Aliases): void {
    this.#aliases = aliases;
    if (this.#ownTargets > 0) this.selectTarget(0);
  }

  /** The node that `nodeId`, as this request writes it, was registered for; undefined where it was not. */
  registeredFor(nodeId: string): string | undefined {
    return this.#aliases?.get(nodeId)?.text;
  }

  /** What a data change or event with this client handle is about. */
  monitoredItem(handle: number): MonitoredItem | undefined {
    return this.server?.subscription(this.subscriptionId)?.get(handle);
  }

  /** The request's authentication token (a secret) in its encoding. */
  get authenticationToken(): Uint8Array {
    const walker = this.#walker;
    walker.reset(this.body, this.bodyAt, this.bodyEnd);
    walker.nodeId();
    const from = walker.at;
    walker.nodeId();
    return this.body.subarray(from, walker.at);
  }

  /** The array of NodeIds that is the service's first own field, as it is on the wire. */
  get nodeIds(): NodeIdEntry[] {
    const walker = this.#walker;
    walker.reset(this.body, this.parametersAt, this.bodyEnd);
    const count = Math.min(walker.count(2), MAX_TARGETS);
    const found: NodeIdEntry[] = [];
    for (let index = 0; index < count; index++) {
      const from = walker.at;
      walker.nodeId();
      if (walker.hasFailed) break;
      found.push(nodeIds.entry(this.body, from, walker.at, ENTRY.nodeId));
    }
    return found;
  }

  // ---- what is acted on

  get targets(): number {
    if (this.#ownTargets > 0) return this.#ownTargets;
    return this.request === null ? 0 : this.request.nodes.length;
  }

  selectTarget(index: number): void {
    this.targetSpace = this.targetEntry(index)?.text ?? null;
  }

  /** What the message acts on, or of an answer what its request did. */
  targetEntry(index: number): NodeIdEntry | null {
    if (this.#ownTargets === 0) return this.request?.nodes[index] ?? null;
    if (index >= this.#ownTargets) return null;
    const kind = this.service?.targetKind ?? ENTRY.nodeId;
    const at = this.#targetAt[index]!;
    const entry = nodeIds.entry(this.body, at, this.#targetEnd[index]!, kind, this.#targetMiddle[index]!);
    return this.#aliases?.get(entry.text) ?? entry;
  }

  /** Attribute of a thing that a Read, Write or CreateMonitoredItems request names. */
  targetAttribute(index: number): number {
    const at = this.#targetEnd[index] ?? this.bodyEnd;
    return at + 4 <= this.bodyEnd ? u32le(this.body, at) : 0;
  }

  /** First element that the index range behind the attribute means (OPC 10000-4 section 7.27); -1 when it has commas. */
  targetElement(index: number): number {
    const at = (this.#targetEnd[index] ?? this.bodyEnd) + 4;
    if (at + 4 > this.bodyEnd) return 0;
    const length = u32le(this.body, at) | 0;
    let element = 0;
    for (let place = at + 4; place < at + 4 + length && place < this.bodyEnd; place++) {
      const digit = this.body[place]! - 0x30;
      if (digit === 0x3a - 0x30) break;
      if (digit < 0 || digit > 9 || element > 1e8) return -1;
      element = element * 10 + digit;
    }
    return element;
  }

  /** Ends of the part of request element `index` that every request has: NodeId, attribute, range. */
  targetEndAt(index: number): number {
    return this.#targetEnd[index] ?? this.bodyEnd;
  }

  get results(): number {
    return this.#results;
  }

  resultAt(index: number): number {
    return this.#resultAt[index] ?? this.bodyEnd;
  }

  // ---- values

  get valuesAreWritten(): boolean {
    return this.isRequest;
  }

  get valuesBuf(): Uint8Array {
    return this.body;
  }

  get valuesFrom(): number {
    return this.#listFrom;
  }

  readonly valueBits = 0;

  get valuesTo(): number {
    return this.#carriesList ? this.#listTo : 0;
  }

  get #carriesList(): boolean {
    return this.serviceId === ID.readResponse || this.serviceId === ID.writeRequest;
  }

  /** Values of a message that fits what it says of itself; a malformed one tells no process values. */
  get variables(): number {
    if (this.#valuesAreCollected) return this.#values.count;
    this.#valuesAreCollected = true;
    const values = this.#values;
    values.reset(this.body);
    if (this.service === null || this.isPartial || this.anomalies.includes(OPCUA.malformedBody)) return 0;
    switch (this.serviceId) {
      case ID.readResponse:
        this.#collectRead(values);
        break;
      case ID.writeRequest:
        this.#collectWrite(values);
        break;
      case ID.publishResponse:
      case ID.republishResponse:
        this.forEachChange((handle, at) => {
          const item = this.monitoredItem(handle);
          if (item?.attribute === VALUE_ATTRIBUTE) this.#collect(values, item.node, at, item.element);
        });
        break;
    }
    return values.count;
  }

  readVariable(index: number, into: VariableReading): void {
    if (index < this.variables) this.#values.read(index, into);
  }

  #collectRead(values: Values): void {
    const { request } = this;
    if (request === null) return;
    const count = Math.min(this.#results, request.nodes.length);
    for (let index = 0; index < count; index++) {
      if (request.attributes[index] !== VALUE_ATTRIBUTE) continue;
      this.#collect(values, request.nodes[index]!, this.#resultAt[index]!, request.elements[index]!);
    }
  }

  #collectWrite(values: Values): void {
    const walker = this.#walker;
    for (let index = 0; index < this.#ownTargets; index++) {
      if (this.targetAttribute(index) !== VALUE_ATTRIBUTE) continue;
      const node = this.targetEntry(index);
      walker.reset(this.body, this.#targetEnd[index]! + 4, this.bodyEnd);
      walker.string();
      if (node !== null) this.#collect(values, node, walker.at, this.targetElement(index));
    }
  }

  /** The DataValue at `at`, unless it is said to be bad. */
  #collect(values: Values, node: NodeIdEntry, at: number, element: number): void {
    const mask = this.body[at]!;
    if ((mask & 1) === 0) return;
    if (mask & 2 && isBad(dataValueStatus(this.body, at, this.bodyEnd))) return;
    values.add(node, at + 1, this.bodyEnd, element);
  }

  /** Data changes of a Publish or Republish answer: client handle, and where its DataValue begins. */
  forEachChange(visit: (handle: number, at: number) => void): void {
    if (this.#notificationsAt === 0) return;
    const walker = new Walker();
    walker.reset(this.body, this.#notificationsAt, this.bodyEnd);
    // NotificationMessage: sequence number, time, then ExtensionObjects (OPC 10000-4 section 7.26).
    walker.advance(12);
    const count = walker.count(3);
    for (let index = 0; index < count && !walker.hasFailed; index++) {
      const typeAt = walker.at;
      walker.extensionObject();
      const end = walker.at;
      if (walker.hasFailed || numericId(this.body, typeAt, end) !== DATA_CHANGE) continue;
      const inner = new Walker();
      inner.reset(this.body, extensionBody(this.body, typeAt, end), end);
      const changes = inner.count(5);
      for (let change = 0; change < changes && !inner.hasFailed; change++) {
        const handle = inner.u32();
        const at = inner.at;
        inner.dataValue();
        if (!inner.hasFailed) visit(handle, at);
      }
    }
  }

  /** Where the NotificationMessage begins; 0 without one. */
  get notificationsAt(): number {
    return this.#notificationsAt;
  }

  fields(): Record<string, unknown> {
    return recordFields(this);
  }
}

/** The number that comes next, without moving on. */
function peek(walker: Walker): number {
  return walker.end - walker.at >= 4 ? u32le(walker.buf, walker.at) : -1;
}

const bodyWalker = new Walker();

/** Where the body of the ExtensionObject in `buf[from, end)` (whole) begins; its end when it has none. */
export function extensionBody(buf: Uint8Array, from: number, end: number): number {
  bodyWalker.reset(buf, from, end);
  bodyWalker.nodeId();
  const encoding = bodyWalker.u8();
  bodyWalker.advance(4);
  return encoding === 1 && !bodyWalker.hasFailed ? bodyWalker.at : end;
}

const statusWalker = new Walker();

/** Status of the DataValue (whole) at `at`; 0, which is good, where it has none. */
function dataValueStatus(buf: Uint8Array, at: number, end: number): number {
  const mask = buf[at]!;
  if ((mask & 2) === 0) return 0;
  if ((mask & 1) === 0) return u32le(buf, at + 1);
  statusWalker.reset(buf, at + 1, end);
  statusWalker.variant();
  return statusWalker.hasFailed ? 0 : u32le(buf, statusWalker.at);
}
