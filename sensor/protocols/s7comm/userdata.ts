import { hex, u16, wireText } from '../../model/bytes.js';
import { alarmFields } from './alarms.js';
import { BLOCK_TYPE_NAMES, SZL_AREA } from './areas.js';
import { blockInfoFields } from './block-info.js';
import { addBlock, fileFields, parseFile } from './blocks.js';
import { returnCodeName, SUCCESS } from './errors.js';
import { GROUP, subfunctionName } from './functions.js';
import { type AddressList, codeFields, itemFields, readItems, resultFields } from './items.js';
import { ncFields } from './nc-programming.js';
import { szlFields } from './szl.js';
import { addVariables, COMMAND, commandFields, variableFields, variableTable } from './test-functions.js';
import { dateAndTime } from './values.js';

/** What tells how the data of a userdata message is laid out. */
export interface UserdataKind {
  readonly isRequest: boolean;
  readonly isPush: boolean;
  readonly group: number;
  readonly subfunction: number;
}

const BLOCK = { LIST: 1, LIST_OF_TYPE: 2, INFO: 3 } as const;
const READ_SZL = 1;
const CYCLIC = { TRANSFER: 1, UNSUBSCRIBE: 4, CHANGE_DRIVEN: 5, CHANGE_DRIVEN_MODIFY: 7, READ_RECORD: 8 } as const;
/** Count, time base, time factor. */
const CYCLIC_HEAD = 4;
const BLOCK_NAME = 8;
const R_ID_SYNTAX = 0x13;
/** Block types of a CPU; a list of them is no longer. */
const MAX_TYPES = 32;
const MAX_LISTED = 8192;

/** Adds what a request asks for. `buf[from, to)` is the data behind its head. */
export function addUserdataTargets(
  kind: UserdataKind,
  buf: Uint8Array,
  from: number,
  to: number,
  list: AddressList,
): void {
  list.clear();
  if (kind.group === GROUP.CPU && kind.subfunction === READ_SZL && to - from >= 4) {
    list.add(0, SZL_AREA, u16(buf, from), u16(buf, from + 2), 1, 0);
  } else if (kind.group === GROUP.BLOCK && kind.subfunction === BLOCK.INFO && to - from >= BLOCK_NAME) {
    const file = parseFile(wireText(buf, from, from + BLOCK_NAME));
    if (file) addBlock(file, 0, list);
  } else if (isSubscription(kind) && to - from >= CYCLIC_HEAD) {
    readItems(buf, from + CYCLIC_HEAD, to, u16(buf, from), list);
  } else if (kind.group === GROUP.PROGRAMMER) {
    const table = variableTable(kind, buf, from, to);
    if (table) addVariables(table, buf, list);
  }
}

/** Values in a userdata message: how many, and where; the data behind its head is `buf[from, to)`. */
export interface UserdataValues {
  readonly count: number;
  readonly from: number;
  readonly to: number;
  readonly areWritten: boolean;
}

/** null: the message carries no values. */
export function userdataValues(kind: UserdataKind, buf: Uint8Array, from: number, to: number): UserdataValues | null {
  if (kind.group === GROUP.CYCLIC && isCyclicData(kind) && to - from >= 2) {
    return { count: u16(buf, from), from: from + 2, to, areWritten: false };
  }
  if (kind.group !== GROUP.PROGRAMMER) return null;
  // A request to watch names variables only; an answer to a modification has return codes only.
  if ((kind.subfunction === COMMAND.VARIABLE_STATUS) === kind.isRequest) return null;
  const table = variableTable(kind, buf, from, to);
  return table && { count: table.count, from: table.values, to: table.end, areWritten: kind.isRequest };
}

function isCyclicData(kind: UserdataKind): boolean {
  return !kind.isRequest && isSubscription(kind);
}

function isSubscription({ group, subfunction }: UserdataKind): boolean {
  if (group !== GROUP.CYCLIC) return false;
  return (
    subfunction === CYCLIC.TRANSFER ||
    subfunction === CYCLIC.CHANGE_DRIVEN ||
    subfunction === CYCLIC.CHANGE_DRIVEN_MODIFY
  );
}

/** The fields of the record that the data behind its head gives; what is not understood is `data`. */
export function userdataFields(
  fields: Record<string, unknown>,
  kind: UserdataKind,
  buf: Uint8Array,
  from: number,
  to: number,
): void {
  if (to <= from) return;
  switch (kind.group) {
    case GROUP.CPU:
      if (kind.subfunction === READ_SZL && szlFields(fields, kind.isRequest, buf, from, to)) return;
      if (alarmFields(fields, kind.subfunction, kind.isRequest, buf, from, to)) return;
      break;
    case GROUP.PROGRAMMER:
      if (programmerFields(fields, kind, buf, from, to)) return;
      break;
    case GROUP.BLOCK:
      if (blockFunctionFields(fields, kind, buf, from, to)) return;
      break;
    case GROUP.SECURITY:
      // The password can be read from the bytes: that there is one is all that is told.
      fields['password_set'] = kind.isRequest;
      return;
    case GROUP.PBC:
      // BSEND and BRECV: an address specification with the number that both programs agreed on.
      if (to - from >= 8 && buf[from] === 0x12 && buf[from + 2] === R_ID_SYNTAX) {
        fields['r_id'] = hex(buf, from + 4, from + 8);
        fields['data'] = hex(buf, from + 8, to);
        return;
      }
      break;
    case GROUP.TIME:
      // A reserved byte and the century stand before the time.
      if (to - from >= 10) {
        fields['clock'] = dateAndTime(buf, from + 2);
        return;
      }
      break;
    case GROUP.NC:
      if (ncFields(fields, kind.subfunction, kind.isRequest, buf, from, to)) return;
      break;
    case GROUP.CYCLIC:
      if (kind.isRequest && kind.subfunction === CYCLIC.UNSUBSCRIBE && to - from >= 2) {
        fields['job'] = {
          subfunction: buf[from]!,
          subfunction_name: subfunctionName(GROUP.CYCLIC, buf[from]!),
          sequence_number: buf[from + 1]!,
        };
        return;
      }
      if (kind.isRequest && kind.subfunction === CYCLIC.READ_RECORD && to - from >= 2) {
        fields['item_count'] = buf[from + 1]!;
        fields['items'] = itemFields(buf, from + 2, to, buf[from + 1]!);
        return;
      }
      if (!kind.isRequest && kind.subfunction === CYCLIC.READ_RECORD && to - from >= 2) {
        fields['item_count'] = buf[from + 1]!;
        if (buf[from + 1]! > 0 && to - from > 2) fields['record'] = recordFields(buf, from + 2, to);
        return;
      }
      if (isCyclicData(kind) && to - from >= 2) {
        fields['item_count'] = u16(buf, from);
        fields['results'] = resultFields(buf, from + 2, to, u16(buf, from), false);
        return;
      }
      if (kind.isRequest && isSubscription(kind) && to - from >= CYCLIC_HEAD) {
        fields['item_count'] = u16(buf, from);
        fields['interval_milliseconds'] = interval(buf[from + 2]!, buf[from + 3]!);
        fields['items'] = itemFields(buf, from + CYCLIC_HEAD, to, u16(buf, from));
        return;
      }
      break;
  }
  fields['data'] = hex(buf, from, to);
}

/**
 * The answer to the reading of a data record: return code, on success a transport size, then the status of the device
 * behind its length (a zero behind a length of 0), then, on success, the record behind its own.
 */
function recordFields(buf: Uint8Array, from: number, to: number): Record<string, unknown> {
  const code = buf[from]!;
  const record: Record<string, unknown> = { return_code: code, return_code_name: returnCodeName(code) };
  let at = from + (code === SUCCESS ? 2 : 1);
  if (at >= to) return record;
  const statusLength = buf[at]!;
  const statusEnd = Math.min(to, at + 1 + statusLength);
  if (statusLength > 0) record['status'] = hex(buf, at + 1, statusEnd);
  at = statusLength > 0 ? statusEnd : at + 2;
  if (code !== SUCCESS || at + 2 > to) return record;
  record['data'] = hex(buf, at + 2, Math.min(to, at + 2 + u16(buf, at)));
  return record;
}

function programmerFields(
  fields: Record<string, unknown>,
  kind: UserdataKind,
  buf: Uint8Array,
  from: number,
  to: number,
): boolean {
  if (commandFields(fields, kind, buf, from, to)) return true;
  const table = variableTable(kind, buf, from, to);
  if (table === null) return false;
  fields['item_count'] = table.count;
  if (kind.isRequest) fields['items'] = variableFields(table, buf);
  const isWatching = kind.subfunction === COMMAND.VARIABLE_STATUS;
  if (isWatching !== kind.isRequest) {
    fields['results'] = resultFields(buf, table.values, table.end, table.count, kind.isRequest);
  } else if (!isWatching)
    fields['results'] = codeFields(buf, table.values, Math.min(table.end, table.values + table.count));
  return true;
}

/** Time bases: a tenth of a second, one second, ten seconds. */
function interval(base: number, factor: number): number {
  return 100 * 10 ** Math.min(base, 2) * factor;
}

function blockFunctionFields(
  fields: Record<string, unknown>,
  { subfunction, isRequest }: UserdataKind,
  buf: Uint8Array,
  from: number,
  to: number,
): boolean {
  switch (subfunction) {
    case BLOCK.LIST:
      fields['block_counts'] = blockCounts(buf, from, to);
      return true;
    case BLOCK.LIST_OF_TYPE:
      if (isRequest) fields['block_type'] = wireText(buf, from, to);
      else fields['blocks'] = listedBlocks(buf, from, to);
      return true;
    case BLOCK.INFO:
      if (isRequest) fields['block'] = fileFields(wireText(buf, from, from + BLOCK_NAME));
      else fields['block_info'] = blockInfoFields(buf, from, to);
      return true;
    default:
      return false;
  }
}

/** `0`, block type, count. */
function blockCounts(buf: Uint8Array, from: number, to: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let at = from, left = MAX_TYPES; at + 4 <= to && left > 0; at += 4, left--) {
    const type = wireText(buf, at, at + 2);
    counts[BLOCK_TYPE_NAMES[Number.parseInt(type, 16)] ?? type] = u16(buf, at + 2);
  }
  return counts;
}

/** Number, flags, language. */
function listedBlocks(buf: Uint8Array, from: number, to: number): Record<string, number>[] {
  const blocks: Record<string, number>[] = [];
  for (let at = from; at + 4 <= to && blocks.length < MAX_LISTED; at += 4) {
    blocks.push({ number: u16(buf, at), flags: buf[at + 2]!, language: buf[at + 3]! });
  }
  return blocks;
}
