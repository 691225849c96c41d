import { u32, wireText } from '../../model/bytes.js';
import { BLOCK_AREA, BLOCK_TYPE_NAMES } from './areas.js';
import { FUNCTION } from './functions.js';
import type { AddressList } from './items.js';

const FILE_NAME = 9;

/** `_0A00001P`: what it is, block type, number, file system. Without the first character in PI services. */
const FILE = /^([0-9A-F]{2})(\d{5})([A-Z])$/;

export interface BlockFile {
  readonly type: string;
  readonly number: number;
  readonly filesystem: string;
}

export function parseFile(text: string): BlockFile | null {
  const match = FILE.exec(text);
  return match ? { type: match[1]!, number: Number(match[2]), filesystem: match[3]! } : null;
}

/** Text behind its length byte; null when it does not fit before `end`. */
export function lengthText(buf: Uint8Array, at: number, end: number): string | null {
  if (at >= end || at + 1 + buf[at]! > end) return null;
  return wireText(buf, at + 1, at + 1 + buf[at]!);
}

/** The file name in the parameters of a block function that begin at `at`: behind status, a word and an id. */
function fileName(buf: Uint8Array, at: number, end: number): string | null {
  return lengthText(buf, at + 8, end);
}

/** Adds the block that is loaded; false when the parameters are too short to name one. */
export function blockTarget(buf: Uint8Array, at: number, end: number, list: AddressList): boolean {
  list.clear();
  const name = fileName(buf, at, end);
  if (name === null) return false;
  const file = parseFile(name.slice(1));
  if (file) addBlock(file, 0, list);
  return true;
}

export function addBlock({ type, number }: BlockFile, item: number, list: AddressList): void {
  list.add(item, BLOCK_AREA + Number.parseInt(type, 16), 0, number, 1, 0);
}

/**
 * The record's `block` of a request: what a download names, or the number by which an upload goes on. The request that
 * starts an upload has both; its number is not given yet, and 0.
 */
export function blockFields(buf: Uint8Array, at: number, end: number): Record<string, unknown> {
  const block: Record<string, unknown> = {};
  const code = buf[at];
  const isUpload = code === FUNCTION.START_UPLOAD || code === FUNCTION.UPLOAD || code === FUNCTION.END_UPLOAD;
  if (isUpload && end - at >= 8) block['upload_id'] = u32(buf, at + 4);
  const name = code === FUNCTION.UPLOAD || code === FUNCTION.END_UPLOAD ? null : fileName(buf, at, end);
  if (name === null) return block;
  block['filename'] = name;
  Object.assign(block, fileFields(name.slice(1)));
  if (code === FUNCTION.REQUEST_DOWNLOAD) Object.assign(block, lengthFields(buf, at + 8 + 1 + buf[at + 8]!, end));
  return block;
}

export function fileFields(text: string): Record<string, unknown> {
  const file = parseFile(text);
  if (!file) return partsOf(text);
  return {
    block_type: file.type,
    block_type_name: BLOCK_TYPE_NAMES[Number.parseInt(file.type, 16)] ?? 'unknown',
    block_number: file.number,
    destination_filesystem: file.filesystem,
  };
}

/** Of a name that is none, what stands in the places of its parts. */
function partsOf(text: string): Record<string, unknown> {
  if (text.length !== FILE_NAME - 1) return {};
  const number = text.slice(2, 7);
  return {
    block_type: text.slice(0, 2),
    ...(/^\d+$/.test(number) ? { block_number: Number(number) } : {}),
    destination_filesystem: text.slice(7),
  };
}

/** Request of a download: `1`, then load memory and MC7 code in bytes, six digits each. */
function lengthFields(buf: Uint8Array, at: number, end: number): Record<string, unknown> {
  const match = /^.(\d{6})(\d{6})$/.exec(lengthText(buf, at, end) ?? '');
  return match ? { length_load_memory: Number(match[1]), length_mc7: Number(match[2]) } : {};
}
