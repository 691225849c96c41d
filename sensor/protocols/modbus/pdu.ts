import type { AnomalyDef } from '../../model/anomaly.js';
import { hex, u16, wireText } from '../../model/bytes.js';
import type { Operation } from '../../model/operation.js';
import type { Micros } from '../../model/time.js';
import type { VariableReading } from '../../model/variable.js';
import type { Pdu, Rejection } from '../dissector.js';
import { MODBUS } from './anomalies.js';
import {
  diagnosticName,
  EXCEPTION_NAMES,
  FUNCTION,
  functionName,
  MEI,
  MODBUS_OPERATIONS,
  operationOf,
  umasFunctionName,
} from './functions.js';
import { MODBUS_PROTOCOL } from './protocol.js';

const COIL = 'coil';
const DISCRETE_INPUT = 'discrete_input';
const HOLDING_REGISTER = 'holding_register';
const INPUT_REGISTER = 'input_register';
const FILE = 'file';
const FIFO = 'fifo';

/** V1.1b3 section 6: most items of one message. */
const MAX_READ_BITS = 2000;
const MAX_READ_REGISTERS = 125;
const MAX_WRITE_BITS = 1968;
const MAX_WRITE_REGISTERS = 123;
const MAX_READ_WRITE_REGISTERS = 121;
const MAX_FIFO = 31;
const ADDRESSES = 65_536;
/** Sub-requests of a file record message: seven bytes each in 245. */
const MAX_RECORDS = 35;
const FILE_REFERENCE = 6;

const REJECTIONS: Readonly<Record<number, Rejection>> = {
  1: 'unsupported_operation',
  2: 'bad_address',
  3: 'bad_value',
  5: 'busy',
  6: 'busy',
  10: 'unreachable',
  11: 'unreachable',
};

export const FRAMING = { mbap: 0, rtu: 1 } as const;

/**
 * One Modbus message, reused. `parse` reads the numbers; the rest stays in the buffer until `fields` is asked for.
 * Modbus Application Protocol V1.1b3; all numbers are big endian. Offsets count from the function code.
 */
export class ModbusPdu implements Pdu {
  readonly protocol = MODBUS_PROTOCOL;
  readonly isEncrypted = false;
  operation: Operation = MODBUS_OPERATIONS[0]!;
  isRequest = true;
  fromClient = true;
  from = 0;
  unit = 0;
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

  hasMbap = true;
  transactionId = 0;
  protocolId = 0;
  length = 0;
  functionCode = 0;
  isException = false;
  exceptionCode = 0;
  /** Of the request; in answers taken from it. -1: unknown. */
  address = -1;
  quantity = -1;
  /** Value of a single write; -1 else. */
  value = -1;
  sub = -1;
  /** Bytes that the function needs, function code included; -1 when any number will do. */
  impliedLength = -1;

  #buf: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  /** Where values of the target stand behind the function code; 0: there are none. */
  #valuesOffset = 0;

  /**
   * Reads the PDU (function code and data) in `buf[at, end)`. `unit`, header fields and direction are set by the
   * caller. `end` may be before the PDU's true end when `isCut`.
   */
  parse(buf: Uint8Array, at: number, end: number): void {
    this.#buf = buf;
    this.#at = at;
    this.#end = end;
    this.rejection = 'none';
    this.targetSpace = null;
    this.targetFrom = 0;
    this.targetCount = 0;
    this.requestNumber = 0;
    this.requestTimestamp = 0;
    if (this.anomalies.length > 0) this.anomalies.length = 0;
    this.exceptionCode = 0;
    this.address = -1;
    this.quantity = -1;
    this.value = -1;
    this.sub = -1;
    this.impliedLength = -1;
    const code = buf[at]!;
    this.functionCode = code & 0x7f;
    this.isException = code >= 0x80 && !this.isRequest;
    if (code === 0 || (code >= 0x80 && this.isRequest)) this.note(MODBUS.badFunction);
    if (this.isException) {
      this.impliedLength = 2;
      if (end - at >= 2) this.exceptionCode = buf[at + 1]!;
      this.rejection = REJECTIONS[this.exceptionCode] ?? 'failed';
    } else if (this.isRequest) this.#request(buf, at, end);
    else this.#response(buf, at, end);
    this.operation = operationOf(this.functionCode, this.sub);
    this.#valuesOffset = this.isException ? 0 : valuesOffset(this.functionCode, this.isRequest);
    if (this.impliedLength >= 0 && end - at < this.impliedLength && !this.isCut) this.note(MODBUS.lengthMismatch);
  }

  get isPartial(): boolean {
    return this.isCut || this.isAfterGap;
  }

  get targets(): number {
    return this.targetSpace === null ? 0 : 1;
  }

  /** There is one at most. */
  selectTarget(): void {}

  get valuesAreWritten(): boolean {
    return this.isRequest;
  }

  get valuesBuf(): Uint8Array {
    return this.#buf;
  }

  get valuesFrom(): number {
    return this.#at + this.#valuesOffset;
  }

  get valuesTo(): number {
    return this.#valuesOffset === 0 ? 0 : Math.min(this.#end, this.#at + this.impliedLength);
  }

  get valueBits(): 0 | 1 | 16 {
    if (this.functionCode === FUNCTION.WRITE_SINGLE_COIL) return 0;
    return this.#carriesBits ? 1 : 16;
  }

  /** Values of a message that fits what it says of itself; a malformed one tells no process values. */
  get variables(): number {
    const offset = this.#valuesOffset;
    if (offset === 0 || this.address < 0 || this.quantity < 1 || this.anomalies.length > 0 || this.isCut) return 0;
    const room = this.impliedLength - offset;
    return Math.min(this.quantity, this.#carriesBits ? (offset === 3 ? 1 : room * 8) : room >> 1);
  }

  readVariable(index: number, into: VariableReading): void {
    const at = this.valuesFrom;
    into.space = this.targetSpace ?? '';
    into.address = this.address + index;
    into.bit = -1;
    into.text = null;
    into.type = this.#carriesBits ? 'bit' : 'uint16';
    if (this.functionCode === FUNCTION.WRITE_SINGLE_COIL) into.value = this.value === 0 ? 0 : 1;
    else if (this.#carriesBits) into.value = (this.#buf[at + (index >> 3)]! >> (index & 7)) & 1;
    else into.value = u16(this.#buf, at + index * 2);
  }

  get #carriesBits(): boolean {
    return this.targetSpace === COIL || this.targetSpace === DISCRETE_INPUT;
  }

  note(anomaly: AnomalyDef): void {
    if (!this.anomalies.includes(anomaly)) this.anomalies.push(anomaly);
  }

  /** Whether the answer to a read carries as much as `quantity` items need; true where that cannot be said. */
  isExpectedSize(quantity: number): boolean {
    if (quantity < 0 || this.isException || this.isCut || this.impliedLength < 2) return true;
    if (this.functionCode <= FUNCTION.READ_DISCRETE_INPUTS) return this.impliedLength - 2 === (quantity + 7) >> 3;
    if (this.functionCode <= FUNCTION.READ_INPUT_REGISTERS) return this.impliedLength - 2 === quantity * 2;
    return true;
  }

  /** Address and quantity are known only from the request. */
  fromRequest(address: number, quantity: number, sub: number, number: number, timestamp: Micros): void {
    this.requestNumber = number;
    this.requestTimestamp = timestamp;
    if (this.sub < 0 && sub >= 0) {
      this.sub = sub;
      this.operation = operationOf(this.functionCode, sub);
    }
    if (this.address < 0 && address >= 0) {
      this.address = address;
      this.quantity = quantity;
      if (quantity >= 0) this.#setTarget();
    }
  }

  #request(buf: Uint8Array, at: number, end: number): void {
    const size = end - at;
    switch (this.functionCode) {
      case FUNCTION.READ_COILS:
      case FUNCTION.READ_DISCRETE_INPUTS:
        this.#range(buf, at, size, 5, MAX_READ_BITS);
        return;
      case FUNCTION.READ_HOLDING_REGISTERS:
      case FUNCTION.READ_INPUT_REGISTERS:
        this.#range(buf, at, size, 5, MAX_READ_REGISTERS);
        return;
      case FUNCTION.WRITE_SINGLE_COIL:
      case FUNCTION.WRITE_SINGLE_REGISTER:
        this.#single(buf, at, size);
        return;
      case FUNCTION.WRITE_MULTIPLE_COILS:
      case FUNCTION.WRITE_MULTIPLE_REGISTERS:
        this.#writeMultiple(buf, at, size);
        return;
      case FUNCTION.READ_WRITE_MULTIPLE_REGISTERS:
        this.#readWrite(buf, at, size);
        return;
      case FUNCTION.MASK_WRITE_REGISTER:
        this.impliedLength = 7;
        if (size >= 3) this.#target(u16(buf, at + 1), 1);
        return;
      case FUNCTION.READ_FIFO_QUEUE:
        this.impliedLength = 3;
        if (size >= 3) this.#target(u16(buf, at + 1), 1);
        return;
      case FUNCTION.READ_EXCEPTION_STATUS:
      case FUNCTION.GET_COMM_EVENT_COUNTER:
      case FUNCTION.GET_COMM_EVENT_LOG:
      case FUNCTION.REPORT_SERVER_ID:
        this.impliedLength = 1;
        return;
      case FUNCTION.READ_FILE_RECORD:
      case FUNCTION.WRITE_FILE_RECORD:
        this.#counted(buf, at, size);
        this.#checkRecords();
        return;
      default:
        this.#common(buf, at, size);
    }
  }

  #response(buf: Uint8Array, at: number, end: number): void {
    const size = end - at;
    switch (this.functionCode) {
      case FUNCTION.READ_COILS:
      case FUNCTION.READ_DISCRETE_INPUTS:
      case FUNCTION.READ_HOLDING_REGISTERS:
      case FUNCTION.READ_INPUT_REGISTERS:
      case FUNCTION.READ_WRITE_MULTIPLE_REGISTERS:
      case FUNCTION.GET_COMM_EVENT_LOG:
      case FUNCTION.REPORT_SERVER_ID:
        this.#counted(buf, at, size);
        return;
      case FUNCTION.READ_FILE_RECORD:
      case FUNCTION.WRITE_FILE_RECORD:
        this.#counted(buf, at, size);
        this.#checkRecords();
        return;
      case FUNCTION.WRITE_SINGLE_COIL:
      case FUNCTION.WRITE_SINGLE_REGISTER:
        this.#single(buf, at, size);
        return;
      case FUNCTION.WRITE_MULTIPLE_COILS:
        this.#range(buf, at, size, 5, MAX_WRITE_BITS);
        return;
      case FUNCTION.WRITE_MULTIPLE_REGISTERS:
        this.#range(buf, at, size, 5, MAX_WRITE_REGISTERS);
        return;
      case FUNCTION.MASK_WRITE_REGISTER:
        this.impliedLength = 7;
        if (size >= 3) this.#target(u16(buf, at + 1), 1);
        return;
      case FUNCTION.READ_EXCEPTION_STATUS:
        this.impliedLength = 2;
        return;
      case FUNCTION.GET_COMM_EVENT_COUNTER:
        this.impliedLength = 5;
        return;
      case FUNCTION.READ_FIFO_QUEUE:
        if (size >= 3) {
          this.impliedLength = 3 + u16(buf, at + 1);
          if (size >= 5 && u16(buf, at + 3) > MAX_FIFO) this.note(MODBUS.quantityOutOfRange);
        } else this.impliedLength = 3;
        return;
      default:
        this.#common(buf, at, size);
    }
  }

  /** Functions whose request and answer have the same shape. */
  #common(buf: Uint8Array, at: number, size: number): void {
    switch (this.functionCode) {
      case FUNCTION.DIAGNOSTICS:
        if (size >= 3) this.sub = u16(buf, at + 1);
        // Subfunction 0 echoes any data; all others carry two bytes.
        this.impliedLength = this.sub === 0 ? -1 : 5;
        return;
      case FUNCTION.ENCAPSULATED_INTERFACE_TRANSPORT:
        if (size >= 2) this.sub = buf[at + 1]!;
        if (this.sub === MEI.READ_DEVICE_IDENTIFICATION) {
          this.impliedLength = this.isRequest ? 4 : this.#objectsLength(buf, at, size);
        }
        return;
      case FUNCTION.UMAS:
        if (size >= 3 && this.isRequest) this.sub = buf[at + 2]!;
        return;
    }
  }

  #range(buf: Uint8Array, at: number, size: number, implied: number, most: number): void {
    this.impliedLength = implied;
    if (size < 5) {
      this.#addressOnly(buf, at, size);
      return;
    }
    const quantity = u16(buf, at + 3);
    if (quantity === 0 || quantity > most) this.note(MODBUS.quantityOutOfRange);
    this.#target(u16(buf, at + 1), quantity);
  }

  #single(buf: Uint8Array, at: number, size: number): void {
    this.impliedLength = 5;
    if (size < 5) {
      this.#addressOnly(buf, at, size);
      return;
    }
    this.value = u16(buf, at + 3);
    if (this.functionCode === FUNCTION.WRITE_SINGLE_COIL && this.value !== 0xff00 && this.value !== 0) {
      this.note(MODBUS.badCoilValue);
    }
    this.#target(u16(buf, at + 1), 1);
  }

  #writeMultiple(buf: Uint8Array, at: number, size: number): void {
    this.impliedLength = 6;
    if (size < 6) {
      this.#addressOnly(buf, at, size);
      return;
    }
    const isCoils = this.functionCode === FUNCTION.WRITE_MULTIPLE_COILS;
    const quantity = u16(buf, at + 3);
    const byteCount = buf[at + 5]!;
    this.impliedLength = 6 + byteCount;
    if (quantity === 0 || quantity > (isCoils ? MAX_WRITE_BITS : MAX_WRITE_REGISTERS)) {
      this.note(MODBUS.quantityOutOfRange);
    }
    if (byteCount !== (isCoils ? (quantity + 7) >> 3 : quantity * 2)) this.note(MODBUS.byteCountMismatch);
    this.#target(u16(buf, at + 1), quantity);
  }

  #readWrite(buf: Uint8Array, at: number, size: number): void {
    this.impliedLength = 10;
    if (size < 10) return;
    const readQuantity = u16(buf, at + 3);
    const writeQuantity = u16(buf, at + 7);
    const byteCount = buf[at + 9]!;
    this.impliedLength = 10 + byteCount;
    if (
      readQuantity === 0 ||
      readQuantity > MAX_READ_REGISTERS ||
      writeQuantity === 0 ||
      writeQuantity > MAX_READ_WRITE_REGISTERS
    ) {
      this.note(MODBUS.quantityOutOfRange);
    }
    if (byteCount !== writeQuantity * 2) this.note(MODBUS.byteCountMismatch);
    // What it changes is what matters; the registers read stand in the record.
    this.#target(u16(buf, at + 5), writeQuantity);
  }

  /** The message ends before what the function needs; its beginning is reported all the same. */
  #addressOnly(buf: Uint8Array, at: number, size: number): void {
    if (size >= 3) this.address = u16(buf, at + 1);
    if (size >= 5) this.quantity = u16(buf, at + 3);
  }

  /** A byte count, then that many bytes. */
  #counted(buf: Uint8Array, at: number, size: number): void {
    this.impliedLength = 2;
    if (size < 2) return;
    const byteCount = buf[at + 1]!;
    this.impliedLength = 2 + byteCount;
    if (2 + byteCount > size && !this.isCut) this.note(MODBUS.byteCountMismatch);
    const isRegisters =
      this.functionCode === FUNCTION.READ_HOLDING_REGISTERS ||
      this.functionCode === FUNCTION.READ_INPUT_REGISTERS ||
      this.functionCode === FUNCTION.READ_WRITE_MULTIPLE_REGISTERS;
    if (isRegisters && byteCount % 2 !== 0) this.note(MODBUS.byteCountMismatch);
  }

  #target(address: number, quantity: number): void {
    this.address = address;
    this.quantity = quantity;
    if (address + quantity > ADDRESSES) this.note(MODBUS.addressOutOfRange);
    this.#setTarget();
  }

  #setTarget(): void {
    this.targetFrom = this.address;
    this.targetCount = this.quantity;
    switch (this.functionCode) {
      case FUNCTION.READ_COILS:
      case FUNCTION.WRITE_SINGLE_COIL:
      case FUNCTION.WRITE_MULTIPLE_COILS:
        this.targetSpace = COIL;
        return;
      case FUNCTION.READ_DISCRETE_INPUTS:
        this.targetSpace = DISCRETE_INPUT;
        return;
      case FUNCTION.READ_INPUT_REGISTERS:
        this.targetSpace = INPUT_REGISTER;
        return;
      case FUNCTION.READ_FIFO_QUEUE:
        this.targetSpace = FIFO;
        return;
      default:
        this.targetSpace = HOLDING_REGISTER;
    }
  }

  #checkRecords(): void {
    const end = Math.min(this.#end, this.#at + Math.max(this.impliedLength, 0));
    const isShort = !this.isCut && this.#walkRecords(end, null) < end;
    if (isShort) this.note(MODBUS.badRecord);
  }

  /** Visits the sub-requests or sub-responses of functions 20 and 21; returns where the sound ones end. */
  #walkRecords(end: number, records: Record<string, unknown>[] | null): number {
    const buf = this.#buf;
    const start = this.#at + 2;
    let at = start;
    let isSound = true;
    const isReadResponse = this.functionCode === FUNCTION.READ_FILE_RECORD && !this.isRequest;
    for (let count = 0; count < MAX_RECORDS && at < end; count++) {
      if (isReadResponse) {
        const size = buf[at]!;
        // The length counts the reference type: odd, and at least one.
        if (size < 1 || size % 2 === 0 || at + 1 + size > end) return at;
        isSound &&= buf[at + 1] === FILE_REFERENCE;
        records?.push({
          reference_type: buf[at + 1]!,
          record_length: (size - 1) / 2,
          data: hex(buf, at + 2, at + 1 + size),
        });
        at += 1 + size;
        continue;
      }
      if (at + 7 > end) return at;
      isSound &&= buf[at] === FILE_REFERENCE;
      const record = {
        reference_type: buf[at]!,
        file_number: u16(buf, at + 1),
        record_number: u16(buf, at + 3),
        record_length: u16(buf, at + 5),
      };
      if (count === 0) {
        this.targetSpace = FILE;
        this.targetFrom = record.file_number;
        this.targetCount = 1;
      }
      let next = at + 7;
      if (this.functionCode === FUNCTION.WRITE_FILE_RECORD) {
        next += record.record_length * 2;
        if (next > end) return at;
        records?.push({ ...record, data: hex(buf, at + 7, next) });
      } else records?.push(record);
      at = next;
    }
    return isSound ? at : start;
  }

  /** Length of a device identification answer as its object list states it, or -1 when the list is cut. */
  #objectsLength(buf: Uint8Array, at: number, size: number): number {
    if (size < 7) return 7;
    let offset = 7;
    for (let left = buf[at + 6]!; left > 0; left--) {
      if (offset + 2 > size || offset + 2 + buf[at + offset + 1]! > size) {
        if (!this.isCut) this.note(MODBUS.badRecord);
        return -1;
      }
      offset += 2 + buf[at + offset + 1]!;
    }
    return offset;
  }

  /** Calls `visit` for every whole object of a device identification answer. */
  forEachObject(visit: (id: number, value: string) => void): void {
    if (this.isRequest || this.isException || this.sub !== MEI.READ_DEVICE_IDENTIFICATION) return;
    const buf = this.#buf;
    let at = this.#at + 7;
    if (at > this.#end) return;
    for (let left = buf[this.#at + 6]!; left > 0; left--) {
      if (at + 2 > this.#end) return;
      const valueEnd = at + 2 + buf[at + 1]!;
      if (valueEnd > this.#end) return;
      visit(buf[at]!, wireText(buf, at + 2, valueEnd));
      at = valueEnd;
    }
  }

  /** Bytes behind the function code. */
  get dataFrom(): number {
    return this.#at + 1;
  }

  get end(): number {
    return this.#end;
  }

  get buffer(): Uint8Array {
    return this.#buf;
  }

  fields(): Record<string, unknown> {
    const fields: Record<string, unknown> = { pdu: this.isRequest ? 'request' : 'response' };
    if (this.hasMbap) {
      fields['transaction_id'] = this.transactionId;
      fields['protocol_id'] = this.protocolId;
      fields['length'] = this.length;
    }
    fields['unit_id'] = this.unit;
    fields['function_code'] = this.functionCode;
    fields['function'] = functionName(this.functionCode);
    if (this.isException) {
      if (this.#end - this.#at >= 2) {
        fields['exception_code'] = this.exceptionCode;
        fields['exception'] = EXCEPTION_NAMES[this.exceptionCode] ?? 'unknown';
      }
    } else this.#functionFields(fields);
    if (this.requestNumber > 0) fields['request_pcap_cnt'] = this.requestNumber;
    return fields;
  }

  #functionFields(fields: Record<string, unknown>): void {
    const buf = this.#buf;
    const at = this.#at;
    const size = this.#end - at;
    switch (this.functionCode) {
      case FUNCTION.READ_COILS:
      case FUNCTION.READ_DISCRETE_INPUTS:
        this.#rangeFields(fields);
        if (!this.isRequest && size >= 2) {
          const to = this.#countedFields(fields);
          fields['values'] = bits(buf, at + 2, to, this.quantity);
        }
        return;
      case FUNCTION.READ_HOLDING_REGISTERS:
      case FUNCTION.READ_INPUT_REGISTERS:
        this.#rangeFields(fields);
        if (!this.isRequest && size >= 2) fields['values'] = registers(buf, at + 2, this.#countedFields(fields));
        return;
      case FUNCTION.WRITE_SINGLE_COIL:
        if (this.address >= 0) fields['address'] = this.address;
        if (this.value < 0) return;
        if (this.value === 0xff00 || this.value === 0) fields['values'] = [this.value === 0 ? 0 : 1];
        else fields['data'] = hex(buf, at + 3, at + 5);
        return;
      case FUNCTION.WRITE_SINGLE_REGISTER:
        if (this.address >= 0) fields['address'] = this.address;
        if (this.value >= 0) fields['values'] = [this.value];
        return;
      case FUNCTION.WRITE_MULTIPLE_COILS:
      case FUNCTION.WRITE_MULTIPLE_REGISTERS:
        this.#rangeFields(fields);
        if (!this.isRequest || size < 6) return;
        fields['byte_count'] = buf[at + 5]!;
        fields['values'] =
          this.functionCode === FUNCTION.WRITE_MULTIPLE_COILS
            ? bits(buf, at + 6, Math.min(this.#end, at + 6 + buf[at + 5]!), this.quantity)
            : registers(buf, at + 6, Math.min(this.#end, at + 6 + buf[at + 5]!));
        return;
      case FUNCTION.DIAGNOSTICS:
        if (size < 3) return;
        fields['subfunction'] = this.sub;
        fields['subfunction_name'] = diagnosticName(this.sub);
        if (size > 3) fields['data'] = hex(buf, at + 3, this.#end);
        return;
      case FUNCTION.GET_COMM_EVENT_COUNTER:
        if (this.isRequest) {
          this.#surplusFields(fields);
          return;
        }
        if (size >= 3) fields['event_status'] = u16(buf, at + 1);
        if (size >= 5) fields['event_count'] = u16(buf, at + 3);
        return;
      case FUNCTION.GET_COMM_EVENT_LOG:
        if (this.isRequest) this.#surplusFields(fields);
        else if (size >= 2) this.#eventLogFields(fields);
        return;
      case FUNCTION.REPORT_SERVER_ID:
        // What stands behind the byte count has no standard layout; the count is part of the data.
        this.#surplusFields(fields);
        return;
      case FUNCTION.READ_FILE_RECORD:
      case FUNCTION.WRITE_FILE_RECORD: {
        if (size < 2) return;
        const records: Record<string, unknown>[] = [];
        this.#walkRecords(this.#countedFields(fields), records);
        fields['records'] = records;
        return;
      }
      case FUNCTION.MASK_WRITE_REGISTER:
        if (this.address >= 0) fields['address'] = this.address;
        if (size >= 5) fields['and_mask'] = u16(buf, at + 3);
        if (size >= 7) fields['or_mask'] = u16(buf, at + 5);
        return;
      case FUNCTION.READ_WRITE_MULTIPLE_REGISTERS:
        this.#readWriteFields(fields);
        return;
      case FUNCTION.READ_FIFO_QUEUE:
        if (this.isRequest) {
          if (size >= 3) fields['address'] = this.address;
        } else if (size >= 3) {
          fields['byte_count'] = u16(buf, at + 1);
          if (size < 5) return;
          fields['fifo_count'] = u16(buf, at + 3);
          fields['values'] = registers(buf, at + 5, Math.min(this.#end, at + 3 + u16(buf, at + 1)));
        }
        return;
      case FUNCTION.ENCAPSULATED_INTERFACE_TRANSPORT:
        this.#encapsulatedFields(fields);
        return;
      case FUNCTION.UMAS:
        this.#surplusFields(fields);
        if (size >= 3) {
          const code = buf[at + 2]!;
          fields['umas'] = { session: buf[at + 1]!, function_code: code, function: umasFunctionName(code) };
        }
        return;
      default:
        this.#surplusFields(fields);
    }
  }

  #rangeFields(fields: Record<string, unknown>): void {
    if (this.address < 0) return;
    fields['address'] = this.address;
    if (this.quantity >= 0) fields['quantity'] = this.quantity;
  }

  /** Sets the byte count; returns where the counted bytes end. */
  #countedFields(fields: Record<string, unknown>): number {
    const byteCount = this.#buf[this.#at + 1]!;
    fields['byte_count'] = byteCount;
    return Math.min(this.#end, this.#at + 2 + byteCount);
  }

  /** Bytes behind the function code that have no place of their own. */
  #surplusFields(fields: Record<string, unknown>): void {
    if (this.#end - this.#at > 1) fields['data'] = hex(this.#buf, this.#at + 1, this.#end);
  }

  #eventLogFields(fields: Record<string, unknown>): void {
    const buf = this.#buf;
    const at = this.#at;
    const to = this.#countedFields(fields);
    if (to - at >= 4) fields['event_status'] = u16(buf, at + 2);
    if (to - at >= 6) fields['event_count'] = u16(buf, at + 4);
    if (to - at < 8) return;
    fields['message_count'] = u16(buf, at + 6);
    fields['events'] = Array.from(buf.subarray(at + 8, to));
  }

  #readWriteFields(fields: Record<string, unknown>): void {
    const buf = this.#buf;
    const at = this.#at;
    const size = this.#end - at;
    if (!this.isRequest) {
      if (size >= 2) fields['values'] = registers(buf, at + 2, this.#countedFields(fields));
      return;
    }
    if (size >= 3) fields['read_address'] = u16(buf, at + 1);
    if (size >= 5) fields['read_quantity'] = u16(buf, at + 3);
    if (size >= 7) fields['write_address'] = u16(buf, at + 5);
    if (size >= 9) fields['write_quantity'] = u16(buf, at + 7);
    if (size < 10) return;
    fields['byte_count'] = buf[at + 9]!;
    fields['values'] = registers(buf, at + 10, Math.min(this.#end, at + 10 + buf[at + 9]!));
  }

  #encapsulatedFields(fields: Record<string, unknown>): void {
    const buf = this.#buf;
    const at = this.#at;
    const size = this.#end - at;
    if (size < 2) return;
    fields['mei_type'] = buf[at + 1]!;
    if (buf[at + 1] !== MEI.READ_DEVICE_IDENTIFICATION) {
      if (size > 2) fields['data'] = hex(buf, at + 2, this.#end);
      return;
    }
    if (size >= 3) fields['read_device_id'] = buf[at + 2]!;
    if (this.isRequest) {
      if (size >= 4) fields['object_id'] = buf[at + 3]!;
      return;
    }
    if (size >= 4) fields['conformity_level'] = buf[at + 3]!;
    if (size >= 5) fields['more_follows'] = buf[at + 4]!;
    if (size >= 6) fields['next_object_id'] = buf[at + 5]!;
    if (size < 7) return;
    const objects: { id: number; value: string }[] = [];
    this.forEachObject((id, value) => objects.push({ id, value }));
    fields['objects'] = objects;
  }
}

/** LSB first; `quantity` -1 leaves the padding bits in. */
function bits(buf: Uint8Array, from: number, to: number, quantity: number): number[] {
  const count = quantity >= 0 ? Math.min(quantity, (to - from) * 8) : (to - from) * 8;
  const values: number[] = [];
  for (let index = 0; index < count; index++) values.push((buf[from + (index >> 3)]! >> (index & 7)) & 1);
  return values;
}

function registers(buf: Uint8Array, from: number, to: number): number[] {
  const values: number[] = [];
  for (let at = from; at + 1 < to; at += 2) values.push(u16(buf, at));
  return values;
}

/** Where values stand behind the function code; 0 where a message of this function carries none. */
function valuesOffset(functionCode: number, isRequest: boolean): number {
  switch (functionCode) {
    case FUNCTION.READ_COILS:
    case FUNCTION.READ_DISCRETE_INPUTS:
    case FUNCTION.READ_HOLDING_REGISTERS:
    case FUNCTION.READ_INPUT_REGISTERS:
      return isRequest ? 0 : 2;
    case FUNCTION.WRITE_SINGLE_COIL:
    case FUNCTION.WRITE_SINGLE_REGISTER:
      return isRequest ? 3 : 0;
    case FUNCTION.WRITE_MULTIPLE_COILS:
    case FUNCTION.WRITE_MULTIPLE_REGISTERS:
      return isRequest ? 6 : 0;
    case FUNCTION.READ_WRITE_MULTIPLE_REGISTERS:
      return isRequest ? 10 : 0;
    default:
      return 0;
  }
}
