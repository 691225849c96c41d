import { hex, u16, u32, wireText } from '../../model/bytes.js';
import { layoutFields } from './szl-layouts.js';
import { dateAndTime } from './values.js';

/** List number and index; answers have length and number of the entries behind them. */
export const SZL_HEAD = 8;
const REQUEST = 4;
/** A bound: the longest answers (module states of a large station) are far below. */
const MAX_ENTRIES = 2048;

export interface SzlEntry {
  readonly at: number;
  readonly length: number;
}

/** Calls `visit` for every whole entry of an answer; `buf[from]` is the list number. */
export function forEachEntry(
  buf: Uint8Array,
  from: number,
  to: number,
  visit: (at: number, length: number) => void,
): void {
  if (to - from < SZL_HEAD) return;
  const length = u16(buf, from + 4);
  if (length === 0) return;
  const count = Math.min(u16(buf, from + 6), MAX_ENTRIES);
  let at = from + SZL_HEAD;
  for (let entry = 0; entry < count && at + length <= to; entry++) {
    visit(at, length);
    at += length;
  }
}

/** Sets `szl`; false when the data is too short to be one. */
export function szlFields(
  fields: Record<string, unknown>,
  isRequest: boolean,
  buf: Uint8Array,
  from: number,
  to: number,
): boolean {
  if (to - from < REQUEST) return false;
  const id = u16(buf, from);
  const index = u16(buf, from + 2);
  const szl: Record<string, unknown> = { id, index };
  if (!isRequest && to - from >= SZL_HEAD) {
    szl['entry_length'] = u16(buf, from + 4);
    szl['entry_count'] = u16(buf, from + 6);
    const entries: unknown[] = [];
    forEachEntry(buf, from, to, (at, length) => entries.push(entryFields(id, index, buf, at, length)));
    szl['entries'] = entries;
  }
  fields['szl'] = szl;
  return true;
}

/** Text of a fixed place, filled up with blanks or zeros. */
export function fixedText(buf: Uint8Array, at: number, length: number): string {
  const text = wireText(buf, at, at + length);
  const zero = text.indexOf('\0');
  return (zero < 0 ? text : text.slice(0, zero)).trim();
}

/** The lower byte of a list number says what kind of list it is; the upper one which of its entries, and of what. */
function entryFields(id: number, index: number, buf: Uint8Array, at: number, length: number): unknown {
  const list = id & 0xff;
  if (list === 0x11 && length >= 28) return moduleIdentification(buf, at);
  if (list === 0x1c && length >= 34) return componentIdentification(buf, at, length);
  if (list === 0x31 && index === 1 && length >= 16) return communicationLimits(buf, at);
  if (list === 0x32 && index === 4 && length >= 14) return protectionLevel(buf, at, length);
  if (list === 0x32 && index === 1 && length >= 20) return communicationStatus(buf, at);
  if (list === 0x24 && length >= 20) return modeTransition(buf, at);
  if ((list === 0x74 || list === 0x19) && length >= 4) return led(buf, at);
  return layoutFields(list, index, buf, at, length) ?? hex(buf, at, at + length);
}

const MODULE_PARTS: Readonly<Record<number, string>> = {
  1: 'module',
  6: 'hardware',
  7: 'firmware',
  129: 'boot_loader',
};

/** `V3.2.6` of the two version words of an identification whose first byte is `V`; '' else. */
export function versionText(first: number, second: number): string {
  if (first >> 8 !== 0x56) return '';
  return `V${first & 0xff}.${second >> 8}.${second & 0xff}`;
}

/** SZL 0x0011. */
function moduleIdentification(buf: Uint8Array, at: number): Record<string, unknown> {
  const index = u16(buf, at);
  const ausbg = u16(buf, at + 24);
  const ausbe = u16(buf, at + 26);
  const fields: Record<string, unknown> = {
    index,
    part: MODULE_PARTS[index] ?? 'unknown',
    order_number: fixedText(buf, at + 2, 20),
    module_type: u16(buf, at + 22),
    version: ausbg,
    release: ausbe,
  };
  const version = versionText(ausbg, ausbe);
  if (version !== '') fields['version_text'] = version;
  return fields;
}

const COMPONENTS: Readonly<Record<number, string>> = {
  1: 'plc_name',
  2: 'module_name',
  3: 'plant_identification',
  4: 'copyright',
  5: 'serial_number',
  7: 'module_type_name',
  8: 'memory_card_serial_number',
  10: 'oem',
  11: 'location',
};

/** Lower byte of the index of an entry of SZL 0x001C; the upper one is the rack's in a redundant system. */
export const COMPONENT = {
  PLC_NAME: 1,
  MODULE_NAME: 2,
  PLANT: 3,
  COPYRIGHT: 4,
  SERIAL: 5,
  MODULE_TYPE: 7,
  MANUFACTURER: 9,
  OEM: 0x0a,
  LOCATION: 0x0b,
} as const;

/** SZL 0x001C. */
function componentIdentification(buf: Uint8Array, at: number, length: number): Record<string, unknown> {
  const index = u16(buf, at);
  const component = index & 0xff;
  const fields: Record<string, unknown> = { index };
  if (component === COMPONENT.MANUFACTURER) {
    fields['manufacturer_id'] = u16(buf, at + 2);
    fields['profile_id'] = u16(buf, at + 4);
    fields['profile_type'] = u16(buf, at + 6);
  } else if (component === COMPONENT.OEM) {
    fields['oem'] = fixedText(buf, at + 2, 26);
    fields['oem_id'] = u16(buf, at + 28);
    fields['oem_additional_id'] = u32(buf, at + 30);
  } else fields[COMPONENTS[component] ?? 'text'] = fixedText(buf, at + 2, length - 2);
  return fields;
}

/** SZL 0x0131 index 1. */
function communicationLimits(buf: Uint8Array, at: number): Record<string, unknown> {
  return {
    index: u16(buf, at),
    max_pdu_length: u16(buf, at + 2),
    max_connections: u16(buf, at + 4),
    max_mpi_rate: u32(buf, at + 6),
    max_bus_rate: u32(buf, at + 10),
  };
}

/** SZL 0x0132 index 1. */
function communicationStatus(buf: Uint8Array, at: number): Record<string, unknown> {
  return {
    index: u16(buf, at),
    reserved_pg: u16(buf, at + 2),
    reserved_os: u16(buf, at + 4),
    used_pg: u16(buf, at + 6),
    used_os: u16(buf, at + 8),
    configured: u16(buf, at + 10),
    established: u16(buf, at + 12),
    free: u16(buf, at + 14),
    free_used: u16(buf, at + 16),
  };
}

const MODE_SWITCH = ['undefined', 'RUN', 'RUN_P', 'STOP', 'MRES'] as const;
const RESTART_SWITCH = ['undefined', 'cold_restart', 'warm_restart'] as const;

/** SZL 0x0132 index 4. */
function protectionLevel(buf: Uint8Array, at: number, length: number): Record<string, unknown> {
  const fields: Record<string, unknown> = {
    index: u16(buf, at),
    key_switch_level: u16(buf, at + 2),
    assigned_level: u16(buf, at + 4),
    valid_level: u16(buf, at + 6),
    mode_switch: MODE_SWITCH[u16(buf, at + 8)] ?? 'unknown',
    restart_switch: RESTART_SWITCH[u16(buf, at + 10)] ?? 'unknown',
  };
  if (length >= 24) {
    // They change whenever the hardware configuration or the program does.
    fields['hardware_checksum'] = hex(buf, at + 16, at + 20);
    fields['program_checksum'] = hex(buf, at + 20, at + 24);
  }
  return fields;
}

/** Lower four bits: the mode asked for; upper four: the one before. */
const MODES: Readonly<Record<number, string>> = {
  1: 'stop_update',
  2: 'stop_memory_reset',
  3: 'stop_self_initialisation',
  4: 'stop',
  5: 'startup_warm',
  7: 'startup_hot',
  8: 'run',
  10: 'hold',
  13: 'defect',
};

/** SZL 0x0424. */
function modeTransition(buf: Uint8Array, at: number): Record<string, unknown> {
  const state = buf[at + 3]!;
  const fields: Record<string, unknown> = {
    event: u16(buf, at),
    mode: MODES[state & 15] ?? 'unknown',
  };
  if (state >> 4 !== 0) fields['previous_mode'] = MODES[state >> 4] ?? 'unknown';
  fields['start_info'] = hex(buf, at + 8, at + 12);
  fields['timestamp'] = dateAndTime(buf, at + 12);
  return fields;
}

const LEDS: Readonly<Record<number, string>> = {
  1: 'SF',
  2: 'INTF',
  3: 'EXTF',
  4: 'RUN',
  5: 'STOP',
  6: 'FRCE',
  7: 'CRST',
  8: 'BAF',
  9: 'USR',
  10: 'USR1',
  11: 'BUS1F',
  12: 'BUS2F',
  13: 'REDF',
  14: 'MSTR',
  15: 'RACK0',
  16: 'RACK1',
  17: 'RACK2',
  18: 'IFM1F',
  19: 'IFM2F',
  20: 'BUS3F',
  21: 'MAINT',
  22: 'DC24V',
};
const BLINKING = ['no', '2_hz', '0.5_hz'] as const;

/** SZL 0x0019, 0x0074 and parts of them. */
function led(buf: Uint8Array, at: number): Record<string, unknown> {
  return {
    rack: buf[at]! & 7,
    led: LEDS[buf[at + 1]!] ?? String(buf[at + 1]),
    on: buf[at + 2] === 1,
    blinking: BLINKING[buf[at + 3]!] ?? 'unknown',
  };
}
