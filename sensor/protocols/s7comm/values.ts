import { i32, u16, u32 } from '../../model/bytes.js';
import type { VariableReading } from '../../model/variable.js';
import { isNumbered, TRANSPORT, transportOf } from './areas.js';
import { DATA_HEAD, dataLength } from './items.js';

const scratch = new DataView(new ArrayBuffer(8));

/** Time bases of S5TIME: 10 ms to 10 s, by the two bits above the three BCD digits. */
const S5_BASES = [10, 100, 1000, 10_000] as const;

/**
 * Reads element number `element` of the values at `buf[at]` that belong to an address of `address` bits (or number) and
 * this transport size. Numbers are big endian.
 */
export function readValue(
  buf: Uint8Array,
  at: number,
  area: number,
  address: number,
  transport: number,
  element: number,
  into: VariableReading,
): void {
  const { bytes, type } = transportOf(transport);
  const place = at + element * bytes;
  into.type = type;
  into.text = null;
  into.bit = -1;
  if (isNumbered(area)) into.address = address + element;
  else if (type === 'bit') {
    into.address = (address + element) >> 3;
    into.bit = (address + element) & 7;
  } else into.address = (address >> 3) + element * bytes;
  into.value = numberOf(buf, place, transport);
  if (transport === TRANSPORT.DATE_AND_TIME) into.text = dateAndTime(buf, place);
}

/** Types of data items whose values are numbers, by transport size: 0 where the item says nothing of the kind. */
const BIT = 3;
const BYTES = 4;
const INTEGER = 5;
const DOUBLE_INTEGER = 6;
const REAL = 7;

/** Whether the data item whose head is at `at` says itself what its value is. */
export function hasPlainType(buf: Uint8Array, at: number): boolean {
  const bytes = dataLength(buf, at);
  switch (buf[at + 1]) {
    case BIT:
      return bytes === 1;
    case BYTES:
    case INTEGER:
      return bytes === 1 || bytes === 2 || bytes === 4;
    case DOUBLE_INTEGER:
    case REAL:
      return bytes === 4;
    default:
      return false;
  }
}

/** Reads the value of such a data item: whether it has a sign its transport size tells. */
export function readUntyped(buf: Uint8Array, at: number, into: VariableReading): void {
  const place = at + DATA_HEAD;
  const bytes = dataLength(buf, at);
  into.address = -1;
  into.bit = -1;
  into.text = null;
  switch (buf[at + 1]) {
    case BIT:
      into.type = 'bit';
      into.value = buf[place] === 0 ? 0 : 1;
      return;
    case REAL:
      into.type = 'float32';
      into.value = numberOf(buf, place, TRANSPORT.REAL);
      return;
    case BYTES:
      into.type = bytes === 1 ? 'uint8' : bytes === 2 ? 'uint16' : 'uint32';
      into.value = bytes === 1 ? buf[place]! : bytes === 2 ? u16(buf, place) : u32(buf, place);
      return;
    default:
      into.type = bytes === 1 ? 'int8' : bytes === 2 ? 'int16' : 'int32';
      into.value =
        bytes === 1 ? (buf[place]! << 24) >> 24 : bytes === 2 ? (u16(buf, place) << 16) >> 16 : i32(buf, place);
  }
}

function numberOf(buf: Uint8Array, at: number, transport: number): number {
  switch (transport) {
    case TRANSPORT.BIT:
      return buf[at] === 0 ? 0 : 1;
    case TRANSPORT.WORD:
    case TRANSPORT.DATE:
      return u16(buf, at);
    case TRANSPORT.INT:
      return (u16(buf, at) << 16) >> 16;
    case TRANSPORT.DWORD:
    case TRANSPORT.TOD:
      return u32(buf, at);
    case TRANSPORT.DINT:
    case TRANSPORT.TIME:
      return u32(buf, at) | 0;
    case TRANSPORT.REAL:
      scratch.setUint32(0, u32(buf, at));
      return scratch.getFloat32(0);
    case TRANSPORT.COUNTER:
      return bcd(u16(buf, at) & 0x0fff);
    case TRANSPORT.S5TIME:
    case TRANSPORT.TIMER: {
      const word = u16(buf, at);
      return bcd(word & 0x0fff) * S5_BASES[(word >> 12) & 3]!;
    }
    case TRANSPORT.DATE_AND_TIME:
      return Number.NaN;
    default:
      return buf[at]!;
  }
}

/** Three digits. */
function bcd(word: number): number {
  return (word >> 8) * 100 + ((word >> 4) & 15) * 10 + (word & 15);
}

function digits(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** Eight BCD bytes: year (90 to 99: 19.., else 20..), month, day, hour, minute, second, milliseconds, weekday. */
export function dateAndTime(buf: Uint8Array, at: number): string {
  const year = buf[at]! >= 0x90 ? '19' : '20';
  const date = `${year}${digits(buf[at]!)}-${digits(buf[at + 1]!)}-${digits(buf[at + 2]!)}`;
  const time = `${digits(buf[at + 3]!)}:${digits(buf[at + 4]!)}:${digits(buf[at + 5]!)}`;
  return `${date}T${time}.${digits(buf[at + 6]!)}${buf[at + 7]! >> 4}`;
}
