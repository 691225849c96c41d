import type { AnomalyDef } from '../../model/anomaly.js';
import type { Operation } from '../../model/operation.js';
import type { Micros } from '../../model/time.js';
import type { VariableReading } from '../../model/variable.js';
import type { Pdu, Rejection } from '../dissector.js';
import { addressText, type ObjectNames, readAddress, spaceOf, Target, targetOf } from './addresses.js';
import { isCommand } from './classify.js';
import { rejectionOf } from './errors.js';
import { FUNCTION, functionDef, OPCODE, OPERATION, VERSION } from './functions.js';
import { blockType, ID } from './ids.js';
import { MAX_ITEMS, Message, PartList, skipAddress } from './message.js';
import type { PendingRequest } from './pending.js';
import { S7COMM_PLUS_PROTOCOL } from './protocol.js';
import { Reader } from './reader.js';
import { recordFields } from './record.js';
import type { Subscribed } from './subscriptions.js';
import {
  elementJson,
  elementNumber,
  MAX_VALUE_TEXT,
  TYPE,
  typeDef,
  type ValueKind,
  type ValueVisitor,
  walkValue,
} from './values.js';

/** Process values of one message that are told. */
const MAX_VARIABLES = 512;

/** Arrays of more bytes than that are one variable: a buffer, not so many numbers. */
const MAX_SINGLE_BYTES = 32;
/** Longest and actual length in front of an S7 string. */
const STRING_HEADER = 2;

export type FragmentKind = 'none' | 'first' | 'middle' | 'last';

const EMPTY = new Uint8Array(0);
const NOTHING_SUBSCRIBED: ReadonlyMap<number, Subscribed> = new Map();

/** One S7comm-plus message, reused. The numbers are read at once; texts only when `fields` is asked for. */
export class S7CommPlusPdu implements Pdu, ValueVisitor {
  readonly protocol = S7COMM_PLUS_PROTOCOL;
  operation: Operation = OPERATION.unknownOpcode;
  isRequest = true;
  fromClient = true;
  from = 0;
  readonly unit = -1;
  rejection: Rejection = 'none';
  targetSpace: string | null = null;
  targetFrom = 0;
  targetCount = 0;
  valuesAreWritten = false;
  isEncrypted = false;
  requestNumber = 0;
  requestTimestamp: Micros = 0;
  readonly anomalies: AnomalyDef[] = [];
  isPartial = false;

  protocolVersion = -1;
  /** As stated in the header; for encrypted messages the bytes of the TSDU. */
  length = 0;
  hasDigest = false;
  fragment: FragmentKind = 'none';
  /** Parts that the message came in, where this is the last. */
  fragments = 0;
  keepAliveNumber = -1;
  /** What the handshake of an encrypted connection told with this message. */
  tls: Record<string, unknown> | null = null;
  readonly message = new Message();
  /** Attribute ids that the request named, in an answer. */
  readonly requestedIds: number[] = [];
  requestedObject = -1;

  names: ObjectNames = { nameOf: () => undefined };
  #subscribed: ReadonlyMap<number, Subscribed> = NOTHING_SUBSCRIBED;
  readonly #reader = new Reader();
  readonly #valueReader = new Reader();
  readonly #target = new Target();

  /** Addresses of the request, in an answer. */
  #book: Uint8Array = EMPTY;
  #bookEnd = 0;
  readonly #bookAddresses = new PartList();

  #targets: 'none' | 'addresses' | 'book' | 'subscribed' | 'attributes' | 'object' | 'created' = 'none';

  #variables = 0;
  readonly #variableItem = new Int16Array(MAX_VARIABLES);
  readonly #variableFrom = new Int32Array(MAX_VARIABLES);
  readonly #variableTo = new Int32Array(MAX_VARIABLES);
  readonly #variableType = new Uint8Array(MAX_VARIABLES);
  /** Place in an array; -1: the value is none. */
  readonly #variableIndex = new Int16Array(MAX_VARIABLES);
  // While a value is walked through.
  #item = 0;
  #level = 0;
  #arrayIndex = -1;
  #arrayCount = 0;

  clear(from: number): void {
    this.from = from;
    this.operation = OPERATION.unknownOpcode;
    this.rejection = 'none';
    this.targetSpace = null;
    this.targetFrom = 0;
    this.targetCount = 0;
    this.valuesAreWritten = false;
    this.isEncrypted = false;
    this.requestNumber = 0;
    this.requestTimestamp = 0;
    if (this.anomalies.length > 0) this.anomalies.length = 0;
    this.isPartial = false;
    this.protocolVersion = -1;
    this.length = 0;
    this.hasDigest = false;
    this.fragment = 'none';
    this.fragments = 0;
    this.keepAliveNumber = -1;
    this.tls = null;
    this.message.clear();
    if (this.requestedIds.length > 0) this.requestedIds.length = 0;
    this.requestedObject = -1;
    this.#subscribed = NOTHING_SUBSCRIBED;
    this.#book = EMPTY;
    this.#bookEnd = 0;
    this.#bookAddresses.clear();
    this.#targets = 'none';
    this.#variables = 0;
  }

  note(anomaly: AnomalyDef): void {
    if (!this.anomalies.includes(anomaly)) this.anomalies.push(anomaly);
  }

  /** The first number of the value carried first, or NaN: what a command asks for. */
  get firstNumber(): number {
    const { values, buf, end } = this.message;
    if (values.count === 0) return Number.NaN;
    const reader = this.#reader.set(buf, values.at[0]!, end);
    reader.skip(1);
    const type = reader.u8();
    return reader.isBroken ? Number.NaN : elementNumber(reader, type, reader.at);
  }

  /** Ties a request, a notification or an answer without a request to what it acts on; finds its process values. */
  settle(subscribed: ReadonlyMap<number, Subscribed> | null): void {
    const { message } = this;
    const isWrite =
      message.opcode === OPCODE.REQUEST &&
      (message.functionCode === FUNCTION.SET_MULTI_VARIABLES || message.functionCode === FUNCTION.SET_VARIABLE);
    if (message.opcode === OPCODE.NOTIFICATION) {
      this.#subscribed = subscribed ?? NOTHING_SUBSCRIBED;
      if (this.#subscribed.size > 0 && message.values.count > 0) this.#targets = 'subscribed';
    } else if (message.opcode === OPCODE.REQUEST) this.#targets = this.#ownTargets();
    this.valuesAreWritten = isWrite;
    if (isWrite || message.opcode === OPCODE.NOTIFICATION) this.#findVariables();
    this.selectTarget(0);
  }

  /** Ties an answer to its request. */
  answers(request: PendingRequest): void {
    const { message } = this;
    this.requestNumber = request.number;
    this.requestTimestamp = request.timestamp;
    this.requestedObject = request.objectId;
    for (const id of request.ids) this.requestedIds.push(id);
    if (request.addressCount > 0) {
      this.#book = request.addresses;
      this.#bookEnd = request.addressBytes;
      const reader = this.#reader.set(request.addresses, 0, request.addressBytes);
      for (let index = 0; index < request.addressCount; index++) {
        const { at } = reader;
        skipAddress(reader);
        if (!reader.isBroken) this.#bookAddresses.add(index + 1, at);
      }
      this.#targets = 'book';
      if (message.functionCode === FUNCTION.GET_MULTI_VARIABLES) this.#findVariables();
    } else if (request.ids.length > 0) this.#targets = 'attributes';
    this.selectTarget(0);
  }

  /** How the device took it. */
  judge(): void {
    const { message } = this;
    if (!message.hasReturnValue) return;
    this.rejection = rejectionOf(message.errorCode);
    if (message.functionCode === FUNCTION.ERROR && this.rejection === 'none') this.rejection = 'unsupported_operation';
    if (this.rejection === 'none' && message.errors.count > 0 && message.values.count === 0) {
      this.rejection = rejectionOf(message.errors.at[0]!);
    }
  }

  /** Whether one of the addresses is a command of the controller. */
  get hasCommand(): boolean {
    const { addresses, buf, end } = this.message;
    for (let index = 0; index < addresses.count; index++) {
      readAddress(this.#reader.set(buf, addresses.at[index]!, end), this.names, this.#target);
      if (!this.#target.isProcess && isCommand(this.#target.subArea)) return true;
    }
    return false;
  }

  // ---- targets

  #ownTargets(): 'none' | 'addresses' | 'attributes' | 'object' | 'created' {
    const { message } = this;
    if (message.addresses.count > 0) return 'addresses';
    switch (message.functionCode) {
      case FUNCTION.CREATE_OBJECT:
        for (let index = 0; index < message.objects.count; index++) {
          if (blockType(message.objects.key[index]!) !== null) return 'created';
        }
        return 'none';
      case FUNCTION.DELETE_OBJECT:
        return blockType(message.objectId) === null ? 'none' : 'object';
      case FUNCTION.EXPLORE:
      case FUNCTION.SET_VAR_SUBSTREAMED:
        return message.objectId < 0 ? 'none' : 'object';
      case FUNCTION.SET_VARIABLE:
      case FUNCTION.GET_VARIABLE:
      case FUNCTION.GET_VAR_SUBSTREAMED:
      case FUNCTION.SET_MULTI_VARIABLES:
      case FUNCTION.GET_MULTI_VARIABLES:
        return message.objectId >= 0 && message.ids.length > 0 ? 'attributes' : 'none';
      default:
        return 'none';
    }
  }

  get targets(): number {
    switch (this.#targets) {
      case 'none':
        return 0;
      case 'addresses':
        return this.message.addresses.count;
      case 'book':
        return this.#bookAddresses.count;
      case 'subscribed':
        return this.message.values.count;
      case 'attributes':
        return this.#isVariablePath ? 1 : this.#attributeIds.length;
      case 'created':
        return this.message.objects.count;
      default:
        return 1;
    }
  }

  selectTarget(index: number): void {
    if (index >= this.targets || !this.#resolve(index)) {
      this.targetSpace = null;
      this.targetFrom = 0;
      this.targetCount = 0;
      return;
    }
    this.targetSpace = this.#target.space;
    this.targetFrom = this.#target.from;
    this.targetCount = this.#target.count;
  }

  get #attributeIds(): readonly number[] {
    return this.message.opcode === OPCODE.REQUEST ? this.message.ids : this.requestedIds;
  }

  /** A path of numbers to one variable in a block, not several attributes of an object. */
  get #isVariablePath(): boolean {
    const { functionCode } = this.message;
    return functionCode === FUNCTION.SET_VARIABLE || functionCode === FUNCTION.GET_VARIABLE;
  }

  /** Makes `#target` the one with this index; false where it cannot be said. */
  #resolve(index: number): boolean {
    const { message } = this;
    const target = this.#target;
    switch (this.#targets) {
      case 'addresses':
        readAddress(this.#reader.set(message.buf, message.addresses.at[index]!, message.end), this.names, target);
        return true;
      case 'book':
        readAddress(this.#reader.set(this.#book, this.#bookAddresses.at[index]!, this.#bookEnd), this.names, target);
        return true;
      case 'subscribed': {
        const found = this.#subscribed.get(message.values.key[index]!);
        if (!found) return false;
        target.space = found.space;
        target.from = found.from;
        target.count = found.count;
        target.bit = found.bit;
        target.isProcess = found.isProcess;
        target.isAbsolute = found.isAbsolute;
        return true;
      }
      case 'attributes': {
        const objectId = message.opcode === OPCODE.REQUEST ? message.objectId : this.requestedObject;
        if (objectId < 0) return false;
        const ids = this.#attributeIds;
        targetOf(
          objectId,
          ids,
          this.#isVariablePath ? 0 : index,
          this.#isVariablePath ? ids.length : index + 1,
          this.names,
          target,
        );
        return true;
      }
      case 'object':
        target.space = spaceOf(message.objectId, this.names);
        target.from = blockType(message.objectId) === null ? 0 : message.objectId & 0xffff;
        target.count = blockType(message.objectId) === null ? 0 : 1;
        return true;
      case 'created': {
        const id = message.objects.key[index]!;
        const block = blockType(id);
        if (block === null) return false;
        target.space = `block.${block}`;
        target.from = id & 0xffff;
        target.count = 1;
        return true;
      }
      default:
        return false;
    }
  }

  /** The address that stands for a numbered value, for the record; null where it is not known. */
  addressOf(valueIndex: number): Target | null {
    const index = this.#targetIndexOf(valueIndex);
    return index >= 0 && this.#resolve(index) ? this.#target : null;
  }

  /** Address of a subscribed variable by the number that notifications give it. */
  subscribedAddress(reference: number): { address?: string } {
    const found = this.#subscribed.get(reference);
    return found
      ? { address: addressText(found.space, found.from, found.bit, found.isAbsolute ? found.count : 0) }
      : {};
  }

  #targetIndexOf(valueIndex: number): number {
    switch (this.#targets) {
      case 'addresses':
      case 'book':
        // Values are numbered like the addresses, from 1.
        return Math.min(this.message.values.key[valueIndex]!, MAX_ITEMS + 1) - 1 < this.targets
          ? this.message.values.key[valueIndex]! - 1
          : -1;
      case 'subscribed':
        return valueIndex;
      case 'attributes':
        return this.#isVariablePath ? 0 : -1;
      default:
        return -1;
    }
  }

  // ---- process values

  get variables(): number {
    return this.anomalies.length > 0 ? 0 : this.#variables;
  }

  get valuesBuf(): Uint8Array {
    return this.message.buf;
  }

  get valuesFrom(): number {
    return this.#variables === 0 ? 0 : this.message.values.at[0]!;
  }

  /** The last value's end; in notifications the same bytes may stand for other variables. */
  readonly valueBits = 0;

  get valuesTo(): number {
    if (this.#variables === 0 || this.#targets === 'subscribed') return 0;
    return this.#variableTo[this.#variables - 1]!;
  }

  #findVariables(): void {
    const { values, buf, end } = this.message;
    const reader = this.#valueReader;
    for (let index = 0; index < values.count && this.#variables < MAX_VARIABLES; index++) {
      const place = this.#targetIndexOf(index);
      if (place < 0 || !this.#resolve(place) || !this.#target.isProcess) continue;
      this.#item = place;
      this.#level = 0;
      this.#arrayIndex = -1;
      walkValue(reader.set(buf, values.at[index]!, end), this);
    }
  }

  element({ buf }: Reader, type: number, from: number, to: number): void {
    if (this.#level > 1 || this.#variables >= MAX_VARIABLES) return;
    if (this.#level === 1 && this.#arrayIndex < 0) return;
    const index = this.#level === 1 ? this.#arrayIndex++ : -1;
    if (typeDef(type)?.variable == null) return;
    const areBytes = index === 0 && (type === TYPE.USINT || type === TYPE.BYTE) && !this.#target.isAbsolute;
    if (areBytes && isString(buf, from, this.#arrayCount)) {
      this.#addVariable(TYPE.S7STRING, from + STRING_HEADER, from + STRING_HEADER + buf[from + 1]!, -1);
      this.#arrayIndex = -1;
    } else if (areBytes && this.#arrayCount > MAX_SINGLE_BYTES) {
      this.#addVariable(TYPE.BLOB, from, from + this.#arrayCount, -1);
      this.#arrayIndex = -1;
    } else this.#addVariable(type, from, to, index);
  }

  #addVariable(type: number, from: number, to: number, index: number): void {
    const place = this.#variables++;
    this.#variableItem[place] = this.#item;
    this.#variableFrom[place] = from;
    this.#variableTo[place] = to;
    this.#variableType[place] = type;
    this.#variableIndex[place] = index;
  }

  enter(kind: ValueKind, _: number, count: number): void {
    this.#level++;
    this.#arrayIndex = kind === 'array' && this.#level === 1 ? 0 : -1;
    this.#arrayCount = count;
  }

  key(): void {}

  leave(): void {
    this.#level--;
  }

  readVariable(index: number, into: VariableReading): void {
    const type = this.#variableType[index]!;
    const def = typeDef(type);
    const target = this.#target;
    this.#resolve(this.#variableItem[index]!);
    const place = this.#variableIndex[index]!;
    into.space = target.space;
    into.address = target.from;
    into.bit = target.bit;
    if (place >= 0) {
      if (target.isAbsolute) into.address += place * (def?.memory ?? 1);
      else {
        into.space = `${target.space}.${target.from}`;
        into.address = place;
      }
    }
    into.type = def?.variable ?? 'bytes';
    const from = this.#variableFrom[index]!;
    const reader = this.#reader.set(this.message.buf, from, this.message.end);
    into.value = elementNumber(reader, type, from);
    into.text = null;
    if (isText(type)) {
      const shown = elementJson(reader, type, from, this.#variableTo[index]!);
      if (typeof shown === 'string') into.text = shown.slice(0, MAX_VALUE_TEXT);
    }
    if (type === TYPE.TIMESTAMP) into.value /= 1e9;
  }

  // ---- record

  fields(): Record<string, unknown> {
    return recordFields(this);
  }

  /** The function's operation, where nothing more precise can be said. */
  get plainOperation(): Operation {
    const { message } = this;
    if (this.protocolVersion === VERSION.SYSTEM_EVENT) return OPERATION.systemEvent;
    if (message.opcode === OPCODE.NOTIFICATION) return OPERATION.notification;
    if (message.functionCode < 0) return OPERATION.unknownOpcode;
    if (message.functionCode === FUNCTION.CREATE_OBJECT && message.objects.at[0] === ID.ServerSessionClass) {
      return OPERATION.createSession;
    }
    return functionDef(message.functionCode).operation;
  }
}

function isText(type: number): boolean {
  switch (type) {
    case TYPE.WSTRING:
    case TYPE.S7STRING:
    case TYPE.BLOB:
    case TYPE.TIMESTAMP:
    case TYPE.ULINT:
    case TYPE.LINT:
    case TYPE.LWORD:
    case TYPE.TIMESPAN:
      return true;
    default:
      return false;
  }
}

/** Whether an array of bytes is an S7 string: the longest length that it can have, the actual one, the text. */
function isString(buf: Uint8Array, from: number, count: number): boolean {
  return count > STRING_HEADER && buf[from]! + STRING_HEADER === count && buf[from + 1]! <= buf[from]!;
}
