import { hex, u16, wireText } from '../../model/bytes.js';
import { BLOCK_TYPE_NAMES, SZL_AREA } from './areas.js';
import { blockInfoFields } from './block-info.js';
import { addBlock, fileFields, parseFile } from './blocks.js';
import { GROUP } from './functions.js';
import { type AddressList, itemFields, readItems } from './items.js';
import { szlFields } from './szl.js';
import { dateAndTime } from './values.js';

/** What tells how the data of a userdata message is laid out. */
export interface UserdataKind {
  readonly isRequest: boolean;
  readonly isPush: boolean;
  readonly group: number;
  readonly subfunction: number;
}

const BLOCK = { LIST: 1, LIST_OF_TYPE: 2, INFO: 3 } as const;
const CPU = { READ_SZL: 1, MESSAGE_SERVICE: 2, DIAGNOSTIC: 3 } as const;
const CYCLIC = { TRANSFER: 1, CHANGE_DRIVEN: 5, CHANGE_DRIVEN_MODIFY: 7 } as const;
/** Count, time base, time factor. */
const CYCLIC_HEAD = 4;
const BLOCK_NAME = 8;
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
  if (kind.group === GROUP.CPU && kind.subfunction === CPU.READ_SZL && to - from >= 4) {
    list.add(0, SZL_AREA, u16(buf, from), u16(buf, from + 2), 1, 0);
  } else if (kind.group === GROUP.BLOCK && kind.subfunction === BLOCK.INFO && to - from >= BLOCK_NAME) {
    const file = parseFile(wireText(buf, from, from + BLOCK_NAME));
    if (file) addBlock(file, 0, list);
  } else if (isSubscription(kind) && to - from >= CYCLIC_HEAD) {
    readItems(buf, from + CYCLIC_HEAD, to, u16(buf, from), list);
  }
}

function isSubscription({ group, subfunction }: UserdataKind): boolean {
  if (group !== GROUP.CYCLIC) return false;
  return subfunction === CYCLIC.TRANSFER || subfunction === CYCLIC.CHANGE_DRIVEN;
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
      if (kind.subfunction === CPU.READ_SZL && szlFields(fields, kind.isRequest, buf, from, to)) return;
      break;
    case GROUP.BLOCK:
      if (blockFunctionFields(fields, kind, buf, from, to)) return;
      break;
    case GROUP.SECURITY:
      // The password can be read from the bytes: that there is one is all that is told.
      fields['password_set'] = kind.isRequest;
      return;
    case GROUP.TIME:
      // A reserved byte and the century stand before the time.
      if (to - from >= 10) {
        fields['clock'] = dateAndTime(buf, from + 2);
        return;
      }
      break;
    case GROUP.CYCLIC:
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
