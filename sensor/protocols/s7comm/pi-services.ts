import { u16, wireText } from '../../model/bytes.js';
import { addBlock, fileFields, lengthText, parseFile } from './blocks.js';
import type { AddressList } from './items.js';

/** Function code and seven bytes that are always the same. */
const HEAD = 8;
const BLOCK_NAME = 8;
/** Blocks that one service may name, for a bound: a PDU of 960 bytes holds no more. */
const MAX_BLOCKS = 120;

/** Services whose argument is a list of blocks. */
const BLOCK_SERVICES: ReadonlySet<string> = new Set(['_INSE', '_INS2', '_DELE']);
/** Services whose arguments hold a password. */
const SECRET_SERVICES: ReadonlySet<string> = new Set(['_N_LOGIN_', '_N_NEWPWD']);

interface Place {
  readonly blockFrom: number;
  readonly blockTo: number;
}

function parameterBlock(buf: Uint8Array, at: number, end: number): Place | null {
  if (at + HEAD + 2 > end) return null;
  const blockFrom = at + HEAD + 2;
  const blockTo = blockFrom + u16(buf, at + HEAD);
  return blockTo < end ? { blockFrom, blockTo } : null;
}

/** Name of the service; null when the parameters are too short. */
export function piService(buf: Uint8Array, at: number, end: number): string | null {
  const place = parameterBlock(buf, at, end);
  return place === null ? null : lengthText(buf, place.blockTo, end);
}

/** The argument as text: that of NC services, which may be several, separated by commas. */
export function piArgument(buf: Uint8Array, at: number, end: number, service: string): string {
  const place = parameterBlock(buf, at, end);
  if (place === null || SECRET_SERVICES.has(service)) return '';
  if (BLOCK_SERVICES.has(service)) return blockNames(buf, place).join(',');
  if (service.startsWith('_N_')) return texts(buf, place).join(',');
  return wireText(buf, place.blockFrom, place.blockTo);
}

/** Count, a zero, then eight characters for each block. */
function blockNames(buf: Uint8Array, { blockFrom, blockTo }: Place): string[] {
  const names: string[] = [];
  const count = blockTo > blockFrom ? Math.min(buf[blockFrom]!, MAX_BLOCKS) : 0;
  for (let at = blockFrom + 2; names.length < count && at + BLOCK_NAME <= blockTo; at += BLOCK_NAME) {
    names.push(wireText(buf, at, at + BLOCK_NAME));
  }
  return names;
}

/** Texts behind their length; each is filled up to an even number of bytes. */
function texts(buf: Uint8Array, { blockFrom, blockTo }: Place): string[] {
  const found: string[] = [];
  for (let at = blockFrom; at < blockTo && found.length < MAX_BLOCKS; ) {
    const text = lengthText(buf, at, blockTo);
    if (text === null) break;
    found.push(text);
    const length = 1 + buf[at]!;
    at += length + (length % 2);
  }
  return found;
}

export function addPiTargets(buf: Uint8Array, at: number, end: number, service: string, list: AddressList): void {
  list.clear();
  const place = parameterBlock(buf, at, end);
  if (place === null || !BLOCK_SERVICES.has(service)) return;
  blockNames(buf, place).forEach((name, index) => {
    const file = parseFile(name);
    if (file) addBlock(file, index, list);
  });
}

export function piFields(fields: Record<string, unknown>, buf: Uint8Array, at: number, end: number): void {
  const service = piService(buf, at, end);
  const place = parameterBlock(buf, at, end);
  if (service === null || place === null) return;
  fields['pi_service'] = service;
  if (SECRET_SERVICES.has(service)) {
    // Its secret is never shown, that there is one is.
    fields['password_set'] = place.blockTo > place.blockFrom;
    return;
  }
  fields['pi_argument'] = piArgument(buf, at, end, service);
  if (BLOCK_SERVICES.has(service)) fields['blocks'] = blockNames(buf, place).map((name) => fileFields(name));
}
