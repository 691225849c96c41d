import { formatMac } from '../../model/address.js';
import { hex, u16, u32 } from '../../model/bytes.js';
import { BLOCK_TYPE_NAMES } from './areas.js';
import { dateAndTime } from './values.js';

type Fields = Record<string, unknown>;

interface Field {
  readonly name: string;
  readonly kind: string;
  readonly bytes: number;
}

/** An entry of a list as fields of fixed size that follow each other. */
interface Layout {
  readonly fields: readonly Field[];
  /** An entry that is shorter is another one. */
  readonly bytes: number;
}

const SIZES: Readonly<Record<string, number>> = { u8: 1, u16: 2, u32: 4, x16: 2, ip: 4, mac: 6, time: 8, block: 2 };

/** `name:kind` with spaces between; `-:N` skips N bytes. */
function layout(text: string): Layout {
  const fields = text
    .trim()
    .split(/\s+/)
    .map((part) => {
      const [name = '', kind = ''] = part.split(':');
      const bytes = SIZES[kind] ?? Number(kind.replace('hex', ''));
      return { name, kind: kind.startsWith('hex') ? 'hex' : kind, bytes };
    });
  return { fields, bytes: fields.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/**
 * By the lower byte of the list's number (System Software for S7-300/400, system and standard functions, chapter
 * "System status lists"); those marked there are seen in recordings and agree with tshark, the others are not.
 */
const LAYOUTS: ReadonlyMap<number, Layout> = new Map([
  // Seen.
  [0x00, layout('szl_id:x16')],
  [0x12, layout('characteristic:x16')],
  [
    0x13,
    layout(
      `index:u16 memory_type:u16 size:u32 mode:x16 granularity:u16
       volatile_size:u32 volatile_used:u32 volatile_largest_free:u32
       retentive_size:u32 retentive_used:u32 retentive_largest_free:u32`,
    ),
  ],
  [0x14, layout('index:u16 area:u16 quantity:u16 retentive:u16')],
  // Seen.
  [0x15, layout('block_type:block max_count:u16 max_kilobytes:u16 max_work_memory:u32')],
  // Seen.
  [0x22, layout('start_info:hex20 processing:x16 if_not_loaded:x16 disabled_by_test:hex4')],
  [
    0x37,
    layout(
      `logical_address:u16 ip_address:ip subnet_mask:ip router:ip mac_address:mac source:u8 -:1
       dcp_modified:hex8 port_modes:hex16`,
    ),
  ],
  // Seen.
  [
    0x91,
    layout(
      `adr1:x16 adr2:x16 logical_address:u16 expected_type:x16 actual_type:x16 reserved:u16 io_status:x16 area_width:x16`,
    ),
  ],
  // Seen; entries of the diagnostic buffer.
  [0xa0, layout('event_id:x16 priority_class:u8 ob_number:u8 data_id:x16 info1:x16 info2:hex4 timestamp:time')],
]);

/** The same for lists whose entries differ with the index of the request. */
const INDEXED: ReadonlyMap<number, Layout> = new Map([
  // Seen.
  [0x31_0003, layout('index:u16 functions:hex4 max_consistent_data:u16 max_jobs:u16 min_period:u16 max_period:u16')],
  [0x32_0002, layout('index:u16 test_jobs:u16')],
  [0x32_0005, layout('index:u16 extended:u16 automatic:u16 user_messages:u16 status_messages:u16')],
  [0x32_0008, layout('index:u16 cycle:u16 correction:u16 run_hours:hex16 timestamp:time')],
]);

/** Lists of racks, DP stations or IO devices, a bit for each: 1 is there (or well, or on). */
const BIT_LISTS: Readonly<Record<number, number>> = { 146: 0, 148: 2, 150: 2 };
const MAX_BITS = 4096;

/** Bits of the I/O status of a module. */
const IO_STATUS = [
  'module_error',
  'module_exists',
  'module_not_available',
  'module_disabled',
  'station_error',
  'reconfiguration_busy',
] as const;

/** The named fields of an entry; null for lists without a layout and entries too short for it. */
export function layoutFields(list: number, index: number, buf: Uint8Array, at: number, length: number): Fields | null {
  const skipped = BIT_LISTS[list];
  if (skipped !== undefined && length > skipped) return bitList(buf, at, skipped, length);
  const found = INDEXED.get((list << 16) | index) ?? LAYOUTS.get(list);
  if (found === undefined || length < found.bytes) return null;
  const fields: Fields = {};
  let place = at;
  for (const { name, kind, bytes } of found.fields) {
    if (name !== '-') fields[name] = fieldValue(kind, buf, place, bytes);
    place += bytes;
  }
  if (list === 0x91) moduleFields(fields, buf, at);
  return fields;
}

function fieldValue(kind: string, buf: Uint8Array, at: number, bytes: number): unknown {
  switch (kind) {
    case 'u8':
      return buf[at]!;
    case 'u16':
      return u16(buf, at);
    case 'u32':
      return u32(buf, at);
    case 'ip':
      return Array.from(buf.subarray(at, at + 4)).join('.');
    case 'mac':
      return formatMac(buf, at);
    case 'time':
      return dateAndTime(buf, at);
    case 'block':
      return BLOCK_TYPE_NAMES[buf[at]!] ?? hex(buf, at, at + 2);
    default:
      return hex(buf, at, at + bytes);
  }
}

/** Numbers of the bits that are set, and before them what the list is about. */
function bitList(buf: Uint8Array, at: number, from: number, length: number): Fields {
  const set: number[] = [];
  for (let bit = 0; bit < Math.min(MAX_BITS, (length - from) * 8); bit++) {
    if ((buf[at + from + (bit >> 3)]! >> (bit & 7)) & 1) set.push(bit);
  }
  return from === 0 ? { set } : { index: u16(buf, at), set };
}

/** A module's place: where the upper byte of the first part is 0 the module is in a rack, else behind a bus. */
export interface ModulePlace {
  readonly isCentral: boolean;
  /** Of the rack, or of the station on its bus. */
  readonly rack: number;
  readonly slot: number;
  readonly subslot: number;
  readonly exists: boolean;
  /** Four hexadecimal digits. */
  readonly type: string;
}

/** Bytes of an entry of list 0x91. */
export const MODULE_ENTRY = 16;

/** Entry of the module states (list 0x91) at `at`. */
export function modulePlace(buf: Uint8Array, at: number): ModulePlace {
  return {
    isCentral: buf[at] === 0,
    rack: buf[at + 1]!,
    slot: buf[at + 2]!,
    subslot: buf[at + 3]!,
    exists: (u16(buf, at + 12) & 2) !== 0,
    type: hex(buf, at + 8, at + 10),
  };
}

function moduleFields(fields: Fields, buf: Uint8Array, at: number): void {
  const { isCentral, rack, slot, subslot } = modulePlace(buf, at);
  if (isCentral) fields['rack'] = rack;
  else {
    fields['bus'] = buf[at]!;
    fields['station'] = rack;
  }
  fields['slot'] = slot;
  fields['subslot'] = subslot;
  const status = u16(buf, at + 12);
  fields['status'] = IO_STATUS.filter((_, bit) => (status >> bit) & 1);
}
