import { hex, u16 } from '../../model/bytes.js';
import { AREA, areaName, BLOCK_TYPE_NAMES, TRANSPORT } from './areas.js';
import { subfunctionName } from './functions.js';
import type { AddressList } from './items.js';

/** Programmer commands (test and commissioning): subfunctions whose data is understood. */
export const COMMAND = { VARIABLE_STATUS: 2, MODIFY_VARIABLE: 8, FORCE: 9, BREAKPOINT: 10 } as const;
const PROGRAMMER = 1;
/** Disable, enable, delete, read, replace a job that was set up before: bytes before the job's numbers. */
const JOB_COMMANDS: ReadonlyMap<number, number> = new Map([
  [13, 0],
  [14, 0],
  [15, 2],
  [17, 0],
  [18, 2],
]);

/** Bytes of parameters, bytes of data. */
const HEAD = 4;
/** Area and size, repetition or bit, data block, first byte. */
const SPECIFICATION = 6;
const REQUEST_PARAMETERS = 20;
/** With the block that is watched or stopped in: type, number, address of its code. */
const BLOCK_PARAMETERS = 26;
/** Where a program stopped: two places in blocks, a reserved word, the registers. */
const BREAKPOINT = 38;
/** A bound; a PDU of 960 bytes has room for 150 specifications. */
const MAX_VARIABLES = 256;

/** Upper half of the first byte of a specification. */
const AREAS: Readonly<Record<number, number>> = {
  0: AREA.FLAG,
  1: AREA.INPUT,
  2: AREA.OUTPUT,
  3: AREA.PERIPHERAL,
  7: AREA.DB,
};
const SIZES = [TRANSPORT.BIT, TRANSPORT.BYTE, TRANSPORT.WORD, TRANSPORT.DWORD] as const;
const TIMER = 0x54;
const COUNTER = 0x64;

export interface Command {
  readonly isRequest: boolean;
  readonly subfunction: number;
}

/** Where the variables of a command stand: specifications (requests), then what belongs to each. */
export interface VariableTable {
  readonly count: number;
  /** -1: answers repeat no specifications. */
  readonly specifications: number;
  readonly values: number;
  readonly end: number;
}

export function hasVariables(subfunction: number): boolean {
  return (
    subfunction === COMMAND.VARIABLE_STATUS || subfunction === COMMAND.MODIFY_VARIABLE || subfunction === COMMAND.FORCE
  );
}

/** null where `buf[from, to)`, the data behind its head, does not hold what it says. */
export function variableTable(command: Command, buf: Uint8Array, from: number, to: number): VariableTable | null {
  if (!hasVariables(command.subfunction) || to - from < HEAD) return null;
  const parameters = u16(buf, from);
  const data = from + HEAD + parameters;
  const end = data + u16(buf, from + 2);
  if (end > to || data + 2 > end) return null;
  const count = u16(buf, data);
  const values = data + 2 + (command.isRequest ? count * SPECIFICATION : 0);
  if (count > MAX_VARIABLES || values > end) return null;
  return { count, specifications: command.isRequest ? data + 2 : -1, values, end };
}

/** Adds what a request watches, modifies or forces. */
export function addVariables(table: VariableTable, buf: Uint8Array, list: AddressList): void {
  if (table.specifications < 0) return;
  list.items = table.count;
  for (let item = 0; item < table.count; item++) {
    const at = table.specifications + item * SPECIFICATION;
    const kind = buf[at]!;
    const from = u16(buf, at + 4);
    if (kind === TIMER) list.add(item, AREA.TIMER, 0, from, buf[at + 1]!, TRANSPORT.TIMER);
    else if (kind === COUNTER) list.add(item, AREA.COUNTER, 0, from, buf[at + 1]!, TRANSPORT.COUNTER);
    else {
      const area = AREAS[kind >> 4];
      const size = SIZES[kind & 15];
      if (area === undefined || size === undefined) continue;
      const isBit = size === TRANSPORT.BIT;
      const address = from * 8 + (isBit ? buf[at + 1]! & 7 : 0);
      list.add(item, area, u16(buf, at + 2), address, isBit ? 1 : buf[at + 1]!, size);
    }
  }
}

/** The record's `items`: what is watched, modified or forced, as in a job that reads or writes. */
export function variableFields(table: VariableTable, buf: Uint8Array): Record<string, unknown>[] {
  const items: Record<string, unknown>[] = [];
  if (table.specifications < 0) return items;
  for (let item = 0; item < table.count; item++) {
    const at = table.specifications + item * SPECIFICATION;
    const kind = buf[at]!;
    const isNumber = kind === TIMER || kind === COUNTER;
    const area = isNumber ? (kind === TIMER ? AREA.TIMER : AREA.COUNTER) : (AREAS[kind >> 4] ?? -1);
    const size = isNumber ? undefined : SIZES[kind & 15];
    const fields: Record<string, unknown> = { area_name: areaName(area), db_number: u16(buf, at + 2) };
    if (area >= 0) fields['area'] = area;
    fields[isNumber ? 'number' : 'byte_address'] = u16(buf, at + 4);
    if (size === TRANSPORT.BIT) fields['bit_address'] = buf[at + 1]!;
    if (size !== undefined) fields['transport_size'] = size;
    fields['length'] = size === TRANSPORT.BIT ? 1 : buf[at + 1]!;
    items.push(fields);
  }
  return items;
}

const TRIGGERS: Readonly<Record<number, string>> = {
  0: 'immediately',
  256: 'system_trigger',
  512: 'cycle_start',
  768: 'cycle_end',
  1024: 'run_to_stop',
  1280: 'after_code_address',
  1536: 'code_address_area',
  1792: 'data_address',
  3072: 'before_code_address',
};

/** Trigger of a request, and the job that a command is about; false where the data is no command's. */
export function commandFields(
  fields: Record<string, unknown>,
  command: Command,
  buf: Uint8Array,
  from: number,
  to: number,
): boolean {
  if (to - from < HEAD) return false;
  const parameters = u16(buf, from);
  const data = from + HEAD + parameters;
  if (data > to) return false;
  if (command.isRequest && parameters >= REQUEST_PARAMETERS) {
    const trigger = u16(buf, from + HEAD + 18);
    fields['trigger'] = TRIGGERS[trigger] ?? String(trigger);
    if (parameters >= BLOCK_PARAMETERS) fields['block'] = placeInBlock(buf, from + HEAD + REQUEST_PARAMETERS);
  }
  if (!command.isRequest && command.subfunction === COMMAND.BREAKPOINT && to - data >= BREAKPOINT) {
    fields['breakpoint'] = breakpoint(buf, data);
    return true;
  }
  const before = command.isRequest ? JOB_COMMANDS.get(command.subfunction) : undefined;
  if (before !== undefined && to - data >= before + 2) {
    const at = data + before;
    fields['job'] = {
      subfunction: buf[at]!,
      subfunction_name: subfunctionName(PROGRAMMER, buf[at]!),
      sequence_number: buf[at + 1]!,
    };
    return true;
  }
  return false;
}

/** Type and number of a block, and an address in its code. */
function placeInBlock(buf: Uint8Array, at: number): Record<string, unknown> {
  const type = u16(buf, at);
  return {
    block_type: type.toString(16).toUpperCase().padStart(2, '0'),
    block_type_name: BLOCK_TYPE_NAMES[type] ?? 'unknown',
    block_number: u16(buf, at + 2),
    address: u16(buf, at + 4),
  };
}

/** Where the program came from and where it stands, with what its registers hold. */
function breakpoint(buf: Uint8Array, at: number): Record<string, unknown> {
  return {
    interrupted: placeInBlock(buf, at),
    at: placeInBlock(buf, at + 6),
    status_word: hex(buf, at + 14, at + 16),
    accu1: hex(buf, at + 16, at + 20),
    accu2: hex(buf, at + 20, at + 24),
    ar1: hex(buf, at + 24, at + 28),
    ar2: hex(buf, at + 28, at + 32),
    db1: u16(buf, at + 34),
    db2: u16(buf, at + 36),
  };
}
