import type { AnomalyDef } from '../../model/anomaly.js';
import { hex, u16, u32 } from '../../model/bytes.js';
import type { Operation } from '../../model/operation.js';
import type { Micros } from '../../model/time.js';
import type { VariableReading } from '../../model/variable.js';
import type { Pdu, Rejection } from '../dissector.js';
import { S7COMM } from './anomalies.js';
import { NCK_AREA, spaceOf, transportOf } from './areas.js';
import { blockFields, blockTarget, lengthText } from './blocks.js';
import { errorName, errorRejection, returnCodeName, returnCodeRejection, SUCCESS } from './errors.js';
import {
  FUNCTION,
  functionName,
  GROUP,
  groupName,
  jobOperation,
  piOperation,
  ROSCTR,
  ROSCTR_NAMES,
  subfunctionName,
  UNKNOWN_MESSAGE,
  USERDATA_TYPE,
  userdataOperation,
} from './functions.js';
import {
  AddressList,
  AREA_OF_ITEM,
  codeFields,
  DATA_HEAD,
  dataLength,
  isAddressList,
  isFilled,
  itemFields,
  MAX_ADDRESSES,
  readItems,
  resultFields,
  UNTYPED,
} from './items.js';
import { addPiTargets, piArgument, piFields, piService } from './pi-services.js';
import { S7COMM_PROTOCOL } from './protocol.js';
import { addUserdataTargets, userdataFields, userdataValues } from './userdata.js';
import { hasPlainType, readUntyped, readValue } from './values.js';

const EMPTY = new Uint8Array(0);
const NO_ADDRESSES = new AddressList();
/** Protocol, ROSCTR, redundancy, reference, two lengths; acknowledgements have two bytes of error more. */
export const HEADER = 10;
const ACK_HEADER = 12;
/** Head, length, method, type and group, subfunction, sequence. */
const USERDATA = 8;
/** With data unit reference, last data unit and error. */
const LONG_USERDATA = 12;
/** Subfunction of the security group. */
const SET_PASSWORD = 1;

/**
 * One S7comm message (a whole TSDU), reused. `parse` reads the numbers; the rest stays in the buffer until `fields` is
 * asked for. All numbers are big endian. The protocol is not published; the layout is that of Wireshark's and Snap7's
 * documentation, checked against recordings of controllers.
 */
export class S7commPdu implements Pdu {
  readonly protocol = S7COMM_PROTOCOL;
  readonly isEncrypted = false;
  readonly unit = -1;
  operation: Operation = UNKNOWN_MESSAGE;
  isRequest = true;
  fromClient = true;
  from = 0;
  rejection: Rejection = 'none';
  targetSpace: string | null = null;
  targetFrom = 0;
  targetCount = 0;
  requestNumber = 0;
  requestTimestamp: Micros = 0;
  readonly anomalies: AnomalyDef[] = [];
  /** The end is missing. */
  isCut = false;
  isAfterGap = false;
  /** Rack (upper 3 bits) and slot (lower 5) that the connection was opened to; -1 where that was not seen. */
  place = -1;

  rosctr = 0;
  reference = 0;
  parameterLength = 0;
  statedDataLength = 0;
  /** Class and code in one; -1 where the header has none. */
  error = -1;
  /** -1: the message has none. */
  functionCode = -1;
  /** Userdata only; -1 else. */
  type = -1;
  group = -1;
  subfunction = -1;
  sequence = 0;
  unitReference = 0;
  /** More of this answer comes in further messages. */
  hasMore = false;
  userdataError = -1;
  /** What a request names itself, and an answer has from its request. */
  addresses: AddressList = NO_ADDRESSES;
  /** Data of several messages put together, with its head; empty where the message is its own whole. */
  assembled: Uint8Array = EMPTY;

  #buf: Uint8Array = EMPTY;
  #at = 0;
  #end = 0;
  #parameter = 0;
  #parameterEnd = 0;
  #data = 0;
  #dataEnd = 0;
  readonly #own = new AddressList();
  /** Of the first data items: where each begins, and its bytes of data; -1 where it reports a failure. */
  readonly #dataAt = new Int32Array(MAX_ADDRESSES);
  readonly #dataBytes = new Int32Array(MAX_ADDRESSES);
  #dataItems = 0;
  /** Items that an answer or a push states; -1: it is none that has items. */
  itemCount = -1;
  /** By address: where its values begin, and how many there are; filled together with `#variables`. */
  readonly #valuesAt = new Int32Array(MAX_ADDRESSES);
  readonly #elements = new Int32Array(MAX_ADDRESSES);
  /** Values per address are counted when they are first asked for; -1: not yet. */
  #variables = -1;
  #row = 0;
  #rowFirst = 0;

  /** Reads the message in `buf[at, end)`; `end` is before its true end when `isCut`. Side and time are the caller's. */
  parse(buf: Uint8Array, at: number, end: number): void {
    this.#reset(buf, at, end);
    if (end - at < HEADER) {
      if (!this.isCut) this.note(S7COMM.badHeader);
      if (end - at >= 2) this.rosctr = buf[at + 1]!;
      this.isRequest = this.fromClient;
      return;
    }
    this.rosctr = buf[at + 1]!;
    this.reference = u16(buf, at + 4);
    this.parameterLength = u16(buf, at + 6);
    this.statedDataLength = u16(buf, at + 8);
    const isAck = this.rosctr === ROSCTR.ACK || this.rosctr === ROSCTR.ACK_DATA;
    const header = isAck ? ACK_HEADER : HEADER;
    if (isAck && end - at >= ACK_HEADER) this.error = u16(buf, at + 10);
    const isKnown = isAck || this.rosctr === ROSCTR.JOB || this.rosctr === ROSCTR.USERDATA;
    const whole = header + this.parameterLength + this.statedDataLength;
    if (!isKnown || buf[at] !== 0x32) this.note(S7COMM.badHeader);
    else if (!this.isCut && whole !== end - at) this.note(S7COMM.lengthMismatch);
    this.#parameter = Math.min(end, at + header);
    this.#parameterEnd = Math.min(end, at + header + this.parameterLength);
    this.#data = this.#parameterEnd;
    this.#dataEnd = Math.min(end, at + whole);
    if (this.rosctr === ROSCTR.USERDATA) this.#userdata();
    else if (isKnown) this.#job(isAck);
    else this.isRequest = this.fromClient;
    this.selectTarget(0);
  }

  #reset(buf: Uint8Array, at: number, end: number): void {
    this.#buf = buf;
    this.#at = at;
    this.#end = end;
    this.#parameter = end;
    this.#parameterEnd = end;
    this.#data = end;
    this.#dataEnd = end;
    this.operation = UNKNOWN_MESSAGE;
    this.isRequest = true;
    this.rejection = 'none';
    this.targetSpace = null;
    this.targetFrom = 0;
    this.targetCount = 0;
    this.requestNumber = 0;
    this.requestTimestamp = 0;
    if (this.anomalies.length > 0) this.anomalies.length = 0;
    this.rosctr = 0;
    this.reference = 0;
    this.parameterLength = 0;
    this.statedDataLength = 0;
    this.error = -1;
    this.functionCode = -1;
    this.type = -1;
    this.group = -1;
    this.subfunction = -1;
    this.sequence = 0;
    this.unitReference = 0;
    this.hasMore = false;
    this.userdataError = -1;
    this.addresses = NO_ADDRESSES;
    this.assembled = EMPTY;
    this.#dataItems = 0;
    this.itemCount = -1;
    this.#variables = -1;
  }

  note(anomaly: AnomalyDef): void {
    if (!this.anomalies.includes(anomaly)) this.anomalies.push(anomaly);
  }

  get isPartial(): boolean {
    return this.isCut || this.isAfterGap;
  }

  /** A controller sends it on its own: nobody has to have asked. */
  get isPush(): boolean {
    return this.type === USERDATA_TYPE.PUSH || this.type === USERDATA_TYPE.NC_PUSH;
  }

  // ---- jobs and their answers

  #job(isAck: boolean): void {
    const buf = this.#buf;
    const at = this.#parameter;
    const size = this.#parameterEnd - at;
    this.isRequest = !isAck;
    if (isAck) this.rejection = this.error > 0 ? errorRejection(this.error) : 'none';
    if (size < 1) {
      if (!isAck && !this.isCut) this.note(S7COMM.badParameter);
      return;
    }
    this.functionCode = buf[at]!;
    this.operation = jobOperation(this.functionCode);
    if (isAck) this.#answer(size);
    else this.#request(size);
  }

  #request(size: number): void {
    const buf = this.#buf;
    const at = this.#parameter;
    switch (this.functionCode) {
      case FUNCTION.SETUP:
        if (size < 8) this.#short();
        return;
      case FUNCTION.READ_VAR:
      case FUNCTION.WRITE_VAR: {
        if (size < 2) {
          this.#short();
          return;
        }
        const count = buf[at + 1]!;
        this.#items(at + 2, this.#parameterEnd, count);
        if (this.functionCode === FUNCTION.WRITE_VAR) this.#dataItemsOf(count, true);
        return;
      }
      case FUNCTION.REQUEST_DOWNLOAD:
      case FUNCTION.DOWNLOAD_BLOCK:
      case FUNCTION.DOWNLOAD_ENDED:
      case FUNCTION.START_UPLOAD:
        if (!blockTarget(buf, at, this.#parameterEnd, this.#own)) this.#short();
        this.addresses = this.#own;
        return;
      case FUNCTION.UPLOAD:
      case FUNCTION.END_UPLOAD:
        if (size < 8) this.#short();
        return;
      case FUNCTION.PI_SERVICE: {
        const service = piService(buf, at, this.#parameterEnd);
        if (service === null) {
          this.#short();
          return;
        }
        this.operation = piOperation(service, piArgument(buf, at, this.#parameterEnd, service));
        addPiTargets(buf, at, this.#parameterEnd, service, this.#own);
        this.addresses = this.#own;
        return;
      }
      case FUNCTION.PLC_STOP:
        if (size < 7) this.#short();
        return;
    }
  }

  #answer(size: number): void {
    switch (this.functionCode) {
      case FUNCTION.SETUP:
        if (size < 8) this.#short();
        return;
      case FUNCTION.READ_VAR:
        if (size < 2) this.#short();
        else this.#dataItemsOf(this.#buf[this.#parameter + 1]!, false);
        return;
      case FUNCTION.WRITE_VAR:
        if (size < 2) this.#short();
        else this.#returnCodes(this.#buf[this.#parameter + 1]!);
        return;
    }
  }

  #short(): void {
    if (!this.isCut) this.note(S7COMM.badParameter);
  }

  #items(from: number, end: number, count: number): void {
    const stop = readItems(this.#buf, from, end, count, this.#own);
    this.addresses = this.#own;
    if (!this.isCut && stop !== end) this.note(S7COMM.badItem);
  }

  /** Values, each behind a head; what an item says of itself decides how the whole was served. */
  #dataItemsOf(count: number, isWrite: boolean, from = this.#data, end = this.#dataEnd): void {
    const buf = this.#buf;
    this.itemCount = count;
    if (!isWrite && isAddressList(buf, from, end)) return;
    let at = from;
    for (let item = 0; item < count; item++) {
      const isWhole = at + DATA_HEAD <= end;
      const hasData = isWhole && isFilled(buf[at]!, isWrite);
      const length = hasData ? dataLength(buf, at) : 0;
      if (!isWhole || at + DATA_HEAD + length > end) {
        if (!this.isCut) this.note(S7COMM.badData);
        return;
      }
      if (!isWrite && this.rejection === 'none') this.rejection = returnCodeRejection(buf[at]!);
      if (item < MAX_ADDRESSES) {
        this.#dataAt[item] = at;
        this.#dataBytes[item] = hasData ? length : -1;
        this.#dataItems = item + 1;
      }
      at += DATA_HEAD + length;
      if (length % 2 !== 0 && at < end && item + 1 < count) at++;
    }
    // Some write a fill byte behind the last item as well.
    if (!this.isCut && end - at > 1) this.note(S7COMM.badData);
  }

  #returnCodes(count: number): void {
    this.itemCount = count;
    if (this.#dataEnd - this.#data < count) {
      if (!this.isCut) this.note(S7COMM.badData);
      return;
    }
    for (let at = this.#data; at < this.#data + count && this.rejection === 'none'; at++) {
      this.rejection = returnCodeRejection(this.#buf[at]!);
    }
  }

  // ---- userdata

  #userdata(): void {
    const buf = this.#buf;
    const at = this.#parameter;
    const size = this.#parameterEnd - at;
    if (size < USERDATA) {
      this.#short();
      this.isRequest = this.fromClient;
      return;
    }
    this.type = buf[at + 5]! >> 4;
    this.group = buf[at + 5]! & 0x0f;
    this.subfunction = buf[at + 6]!;
    this.sequence = buf[at + 7]!;
    this.isRequest = this.type === USERDATA_TYPE.REQUEST || this.type === USERDATA_TYPE.NC_REQUEST;
    if (size >= LONG_USERDATA) {
      this.unitReference = buf[at + 8]!;
      this.hasMore = buf[at + 9]! === 1;
      this.userdataError = u16(buf, at + 10);
      if (!this.isRequest) this.rejection = errorRejection(this.userdataError);
    }
    this.operation = userdataOperation(this.group, this.subfunction);
    const isPassword = this.group === GROUP.SECURITY && this.subfunction === SET_PASSWORD && this.isRequest;
    if (isPassword && this.#dataEnd - this.#data > DATA_HEAD) this.note(S7COMM.cleartextPassword);
    if (this.#dataEnd - this.#data < DATA_HEAD) return;
    if (!this.isCut && !this.#isDataSound()) this.note(S7COMM.badData);
    const from = this.#data + DATA_HEAD;
    if (this.isRequest) {
      addUserdataTargets(this, buf, from, this.#dataEnd, this.#own);
      this.addresses = this.#own;
    }
    const values = userdataValues(this, buf, from, this.#dataEnd);
    if (values) this.#dataItemsOf(values.count, values.areWritten, values.from, values.to);
  }

  /** The length in the head of the data is that of the data. */
  #isDataSound(): boolean {
    const stated = u16(this.#buf, this.#data + 2);
    const there = this.#dataEnd - this.#data - DATA_HEAD;
    return stated === there || dataLength(this.#buf, this.#data) === there;
  }

  // ---- what is acted on

  get targets(): number {
    return this.addresses.size;
  }

  selectTarget(index: number): void {
    const { addresses } = this;
    if (index >= addresses.size) {
      this.targetSpace = null;
      this.targetFrom = 0;
      this.targetCount = 0;
      return;
    }
    this.targetSpace = addresses.symbol(index) ?? spaceOf(addresses.area(index), addresses.db(index), this.#isWrite);
    this.targetFrom = addresses.from(index);
    this.targetCount = addresses.span(index);
  }

  get #isWrite(): boolean {
    return this.operation.class === 'write' || this.operation.class === 'control';
  }

  get valuesAreWritten(): boolean {
    return this.isRequest;
  }

  get valuesBuf(): Uint8Array {
    return this.#buf;
  }

  get valuesFrom(): number {
    return this.#data;
  }

  readonly valueBits = 0;

  get valuesTo(): number {
    return this.variables > 0 ? this.#dataEnd : 0;
  }

  /** Values of a message that fits what it says of itself; a malformed one tells no process values. */
  get variables(): number {
    if (this.#variables < 0) this.#variables = this.#countVariables();
    return this.#variables;
  }

  #countVariables(): number {
    if (this.#dataItems === 0 || this.anomalies.length > 0 || this.isCut) return 0;
    this.#row = 0;
    this.#rowFirst = 0;
    const { addresses } = this;
    let count = 0;
    let areasItem = -1;
    let areasAt = 0;
    for (let row = 0; row < addresses.size; row++) {
      const item = addresses.item(row);
      this.#elements[row] = 0;
      if (item >= this.#dataItems || this.#dataBytes[item]! < 0) continue;
      const at = this.#dataAt[item]! + DATA_HEAD;
      const end = at + this.#dataBytes[item]!;
      if (addresses.transport(row) === AREA_OF_ITEM) {
        if (item !== areasItem) areasAt = at;
        areasItem = item;
        areasAt = this.#area(row, areasAt, end);
      } else this.#plain(row, at, end);
      count += this.#elements[row]!;
    }
    return count;
  }

  /** Values of one type behind the item's head. */
  #plain(row: number, at: number, end: number): void {
    const transport = this.addresses.transport(row);
    if (transport === UNTYPED) {
      // What its value is, only the data says; those of an NC are of its own kinds.
      const isVariable = this.addresses.area(row) !== NCK_AREA && hasPlainType(this.#buf, at - DATA_HEAD);
      this.#valuesAt[row] = at;
      this.#elements[row] = isVariable ? 1 : 0;
      return;
    }
    const { bytes } = transportOf(transport);
    this.#valuesAt[row] = at;
    this.#elements[row] = Math.min(this.addresses.count(row), Math.floor((end - at) / bytes));
  }

  /** A return code, then the area's bytes where it is success; returns where the next one begins. */
  #area(row: number, at: number, end: number): number {
    const count = this.addresses.count(row);
    if (at >= end || this.#buf[at] !== SUCCESS) return at + 1;
    if (at + 1 + count > end) return end;
    this.#valuesAt[row] = at + 1;
    this.#elements[row] = count;
    return at + 1 + count;
  }

  readVariable(index: number, into: VariableReading): void {
    // Asked for one after the other: the search goes on where it last ended.
    if (index < this.#rowFirst) {
      this.#row = 0;
      this.#rowFirst = 0;
    }
    const { addresses } = this;
    while (index >= this.#rowFirst + this.#elements[this.#row]! && this.#row < addresses.size - 1) {
      this.#rowFirst += this.#elements[this.#row]!;
      this.#row++;
    }
    const row = this.#row;
    const area = addresses.area(row);
    const symbol = addresses.symbol(row);
    if (symbol !== undefined) {
      into.space = symbol;
      readUntyped(this.#buf, this.#valuesAt[row]! - DATA_HEAD, into);
      return;
    }
    into.space = spaceOf(area, addresses.db(row), this.#isWrite);
    const element = index - this.#rowFirst;
    readValue(this.#buf, this.#valuesAt[row]!, area, addresses.address(row), addresses.transport(row), element, into);
  }

  /** The request that this message answers. `addresses` must stay as they are until the sink has returned. */
  fromRequest(operation: Operation, addresses: AddressList, number: number, timestamp: Micros): void {
    this.requestNumber = number;
    this.requestTimestamp = timestamp;
    this.operation = operation;
    this.addresses = addresses;
    this.#variables = -1;
    this.selectTarget(0);
  }

  /** A part of an answer acts on what its first part did. `addresses` as in `fromRequest`. */
  askedFor(addresses: AddressList): void {
    this.addresses = addresses;
    this.selectTarget(0);
  }

  // ---- what others need to know

  /** PDU size of a setup message; 0 where it is none. */
  get agreedSize(): number {
    const isSetup = this.functionCode === FUNCTION.SETUP && this.#parameterEnd - this.#parameter >= 8;
    return isSetup ? u16(this.#buf, this.#parameter + 6) : 0;
  }

  get buffer(): Uint8Array {
    return this.#buf;
  }

  /** The data part, its head included. */
  get dataFrom(): number {
    return this.#data;
  }

  get dataTo(): number {
    return this.#dataEnd;
  }

  // ---- the record

  fields(): Record<string, unknown> {
    const fields: Record<string, unknown> = {
      rosctr: this.rosctr,
      rosctr_name: ROSCTR_NAMES[this.rosctr] ?? 'unknown',
    };
    if (this.#end - this.#at < HEADER) return fields;
    fields['pdu_reference'] = this.reference;
    fields['parameter_length'] = this.parameterLength;
    fields['data_length'] = this.statedDataLength;
    if (this.error >= 0) {
      fields['error_class'] = this.error >> 8;
      fields['error_code'] = this.error & 0xff;
      if (this.error > 0) fields['error_name'] = errorName(this.error);
    }
    if (this.rosctr === ROSCTR.USERDATA) this.#userdataFields(fields);
    else if (this.functionCode >= 0) {
      fields['function_code'] = this.functionCode;
      fields['function'] = functionName(this.functionCode);
      if (this.isRequest) this.#requestFields(fields);
      else this.#answerFields(fields);
    } else if (this.#end > this.#parameter) fields['data'] = hex(this.#buf, this.#parameter, this.#end);
    if (this.place >= 0) {
      fields['rack'] = this.place >> 5;
      fields['slot'] = this.place & 0x1f;
    }
    if (this.requestNumber > 0) fields['request_pcap_cnt'] = this.requestNumber;
    return fields;
  }

  #requestFields(fields: Record<string, unknown>): void {
    const buf = this.#buf;
    const at = this.#parameter;
    const end = this.#parameterEnd;
    const size = end - at;
    switch (this.functionCode) {
      case FUNCTION.SETUP:
        this.#setupFields(fields);
        return;
      case FUNCTION.READ_VAR:
      case FUNCTION.WRITE_VAR: {
        if (size < 2) return;
        const count = buf[at + 1]!;
        fields['item_count'] = count;
        fields['items'] = itemFields(buf, at + 2, end, count);
        if (this.functionCode === FUNCTION.WRITE_VAR) fields['results'] = this.#results(count, true);
        return;
      }
      case FUNCTION.REQUEST_DOWNLOAD:
      case FUNCTION.DOWNLOAD_BLOCK:
      case FUNCTION.DOWNLOAD_ENDED:
      case FUNCTION.START_UPLOAD:
      case FUNCTION.UPLOAD:
      case FUNCTION.END_UPLOAD:
        fields['block'] = blockFields(buf, at, end);
        return;
      case FUNCTION.PI_SERVICE:
        piFields(fields, buf, at, end);
        return;
      case FUNCTION.PLC_STOP: {
        const name = lengthText(buf, at + 6, end);
        if (name !== null) fields['pi_service'] = name;
        return;
      }
      default:
        this.#otherFields(fields);
    }
  }

  #answerFields(fields: Record<string, unknown>): void {
    const buf = this.#buf;
    const at = this.#parameter;
    const size = this.#parameterEnd - at;
    switch (this.functionCode) {
      case FUNCTION.SETUP:
        this.#setupFields(fields);
        return;
      case FUNCTION.READ_VAR:
        if (size < 2) return;
        fields['item_count'] = buf[at + 1]!;
        fields['results'] = this.#results(buf[at + 1]!, false);
        return;
      case FUNCTION.WRITE_VAR: {
        if (size < 2) return;
        fields['item_count'] = buf[at + 1]!;
        fields['results'] = codeFields(buf, this.#data, Math.min(this.#dataEnd, this.#data + buf[at + 1]!));
        return;
      }
      case FUNCTION.DOWNLOAD_BLOCK:
      case FUNCTION.UPLOAD:
        if (size >= 2) fields['more_follows'] = (buf[at + 1]! & 1) !== 0;
        this.#blockData(fields);
        return;
      case FUNCTION.START_UPLOAD:
        fields['block'] = uploadFields(buf, at, this.#parameterEnd);
        return;
      default:
        this.#otherFields(fields);
    }
  }

  #setupFields(fields: Record<string, unknown>): void {
    const at = this.#parameter;
    const size = this.#parameterEnd - at;
    if (size >= 4) fields['max_amq_calling'] = u16(this.#buf, at + 2);
    if (size >= 6) fields['max_amq_called'] = u16(this.#buf, at + 4);
    if (size >= 8) fields['pdu_length'] = u16(this.#buf, at + 6);
  }

  /** Length and a constant stand before the bytes of the block. */
  #blockData(fields: Record<string, unknown>): void {
    const at = this.#data;
    if (this.#dataEnd - at < DATA_HEAD) return;
    fields['length'] = u16(this.#buf, at);
    fields['data'] = hex(this.#buf, at + DATA_HEAD, this.#dataEnd);
  }

  /** Bytes behind the function code that have no place of their own. */
  #otherFields(fields: Record<string, unknown>): void {
    if (this.#parameterEnd - this.#parameter > 1) {
      fields['parameter'] = hex(this.#buf, this.#parameter + 1, this.#parameterEnd);
    }
    if (this.#dataEnd > this.#data) fields['data'] = hex(this.#buf, this.#data, this.#dataEnd);
  }

  #results(count: number, isWrite: boolean): Record<string, unknown>[] {
    return resultFields(this.#buf, this.#data, this.#dataEnd, count, isWrite);
  }

  #userdataFields(fields: Record<string, unknown>): void {
    if (this.type < 0) return;
    const userdata: Record<string, unknown> = {
      type: this.type,
      function_group: this.group,
      function_group_name: groupName(this.group),
      subfunction: this.subfunction,
      subfunction_name: subfunctionName(this.group, this.subfunction),
      sequence_number: this.sequence,
    };
    if (this.userdataError >= 0) {
      userdata['data_unit_reference'] = this.unitReference;
      userdata['last_data_unit'] = this.#buf[this.#parameter + 9]!;
      userdata['error_code'] = this.userdataError;
      if (this.userdataError > 0) userdata['error_name'] = errorName(this.userdataError);
    }
    fields['userdata'] = userdata;
    const from = this.#data;
    if (this.#dataEnd - from < DATA_HEAD) return;
    fields['return_code'] = this.#buf[from]!;
    fields['return_code_name'] = returnCodeName(this.#buf[from]!);
    fields['transport_size'] = this.#buf[from + 1]!;
    fields['length'] = dataLength(this.#buf, from);
    const { assembled } = this;
    if (assembled.length > 0) userdataFields(fields, this, assembled, 0, assembled.length);
    else userdataFields(fields, this, this.#buf, from + DATA_HEAD, this.#dataEnd);
  }
}

/** The answer to a start of upload: a number for what follows, and the block's length as text. */
function uploadFields(buf: Uint8Array, at: number, end: number): Record<string, unknown> {
  const block: Record<string, unknown> = {};
  if (end - at >= 8) block['upload_id'] = u32(buf, at + 4);
  const text = lengthText(buf, at + 8, end);
  if (text !== null && /^\d+$/.test(text)) block['length'] = Number(text);
  return block;
}
