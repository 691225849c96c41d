import { FieldReader } from './field.js';

/** Names of functions, MODBUS Application Protocol 1.1b3, section 5.1, and UMAS (Schneider Electric). */
const FUNCTIONS: Readonly<Record<number, string>> = {
  1: 'read coils',
  2: 'read discrete inputs',
  3: 'read holding registers',
  4: 'read input registers',
  5: 'write single coil',
  6: 'write single register',
  7: 'read exception status',
  8: 'diagnostics',
  11: 'get comm event counter',
  12: 'get comm event log',
  15: 'write multiple coils',
  16: 'write multiple registers',
  17: 'report server id',
  20: 'read file record',
  21: 'write file record',
  22: 'mask write register',
  23: 'read and write multiple registers',
  24: 'read FIFO queue',
  43: 'encapsulated interface (device identification)',
  90: 'UMAS',
};

const EXCEPTIONS: Readonly<Record<number, string>> = {
  1: 'illegal function',
  2: 'illegal data address',
  3: 'illegal data value',
  4: 'server device failure',
  5: 'acknowledge',
  6: 'server device busy',
  8: 'memory parity error',
  10: 'gateway path unavailable',
  11: 'gateway target did not respond',
};

const named = (names: Readonly<Record<number, string>>) => (value: number) => {
  const name = names[value];
  return name === undefined ? String(value) : `${value} = ${name}`;
};

const HEADER = 7;
const MAX_MESSAGES = 32;
const MAX_VALUES = 130;

function registers(reader: FieldReader, count: number, end: number): void {
  for (let index = 0; index < Math.min(count, MAX_VALUES) && reader.at + 2 <= end; index++) {
    reader.number(2, 'values', (value) => `[${index}] ${value}`);
  }
}

function request(reader: FieldReader, code: number, end: number): void {
  if (code >= 1 && code <= 4) {
    reader.number(2, 'address');
    reader.number(2, 'quantity');
  } else if (code === 5 || code === 6) {
    reader.number(2, 'address');
    reader.number(2, 'values', (value) =>
      code === 5 ? (value === 0xff00 ? 'on' : value === 0 ? 'off' : String(value)) : String(value),
    );
  } else if (code === 8) {
    reader.number(2, 'subfunction');
    reader.rest('data', end);
  } else if (code === 15 || code === 16) {
    reader.number(2, 'address');
    const quantity = reader.number(2, 'quantity');
    const bytes = reader.number(1, 'byte_count');
    if (code === 16) registers(reader, quantity, Math.min(end, reader.at + Math.max(0, bytes)));
    else reader.rest('values', Math.min(end, reader.at + Math.max(0, bytes)));
  } else if (code === 22) {
    reader.number(2, 'address');
    reader.number(2, 'and_mask');
    reader.number(2, 'or_mask');
  } else if (code === 23) {
    reader.number(2, 'read_address');
    reader.number(2, 'read_quantity');
    reader.number(2, 'write_address');
    const quantity = reader.number(2, 'write_quantity');
    reader.number(1, 'byte_count');
    registers(reader, quantity, end);
  } else if (code === 43) {
    reader.number(1, 'mei_type');
    reader.rest('data', end);
  } else if (code === 7 || code === 11 || code === 12 || code === 17) {
    return;
  } else {
    reader.rest('data', end);
  }
}

function response(reader: FieldReader, code: number, end: number): void {
  if (code >= 0x80) {
    reader.number(1, 'exception_code', named(EXCEPTIONS));
  } else if (code === 3 || code === 4 || code === 23) {
    const bytes = reader.number(1, 'byte_count');
    registers(reader, Math.max(0, bytes) / 2, end);
  } else if (code === 1 || code === 2) {
    const bytes = reader.number(1, 'byte_count');
    reader.rest('values', Math.min(end, reader.at + Math.max(0, bytes)));
  } else if (code === 5 || code === 6) {
    request(reader, code, end);
  } else if (code === 15 || code === 16) {
    reader.number(2, 'address');
    reader.number(2, 'quantity');
  } else {
    reader.rest('data', end);
  }
}

/**
 * Modbus over TCP or UDP: messages one after the other, each with its header (MODBUS Messaging on TCP/IP 1.0b, 3.1.3).
 * What the header says is there but the function does not need is told as `trailing`: that is where messages hide.
 */
export function explainModbus(bytes: Uint8Array, at: number, isRequest: boolean): FieldReader | null {
  const reader = new FieldReader(bytes, at, 'modbus');
  for (let message = 0; message < MAX_MESSAGES && reader.left >= HEADER + 1; message++) {
    const protocol = reader.view.getUint16(reader.at + 2);
    const length = reader.view.getUint16(reader.at + 4);
    // Not where a message begins: the segment carries on one that began before.
    if (message === 0 && protocol !== 0 && (length < 2 || length > 260)) return null;
    reader.number(2, 'transaction_id');
    reader.number(2, 'protocol_id');
    reader.number(2, 'length');
    const end = Math.max(reader.at + 2, reader.at + length);
    reader.number(1, 'unit_id');
    const code = reader.number(1, 'function_code', (value) =>
      value >= 0x80 ? `${value} = refused: ${named(FUNCTIONS)(value & 0x7f)}` : named(FUNCTIONS)(value),
    );
    if (isRequest) request(reader, code, end);
    else response(reader, code, end);
    reader.rest('trailing', end);
  }
  reader.rest('trailing');
  return reader;
}
