import { u32le } from '../../model/bytes.js';
import type { ProbeVerdict } from '../dissector.js';

/** Type, chunk flag, size (OPC 10000-6 section 7.1.2.2). All numbers are little endian. */
export const HEADER = 8;
/** Largest chunk that is put together; both ends agree on 8,192 to some 65,536 bytes in practice. */
export const MAX_CHUNK = 1024 * 1024;
/** Behind the header: channel, token, sequence number, request. */
export const SYMMETRIC_HEADER = 24;
/** Longest endpoint URL and reason, in bytes (sections 7.1.2.3 and 7.1.2.5). */
const MAX_HELLO_TEXT = 4096;

export const MESSAGE = { hello: 0, acknowledge: 1, error: 2, reverseHello: 3, open: 4, message: 5, close: 6 } as const;
export type MessageKind = (typeof MESSAGE)[keyof typeof MESSAGE];

export const MESSAGE_NAMES = ['HEL', 'ACK', 'ERR', 'RHE', 'OPN', 'MSG', 'CLO'] as const;

/** Fewest and most bytes of each kind. */
const MIN_SIZES = [32, 28, 16, 16, 32, 24, 24] as const;
const MAX_SIZES = [
  32 + MAX_HELLO_TEXT,
  28,
  16 + MAX_HELLO_TEXT,
  16 + 2 * MAX_HELLO_TEXT,
  MAX_CHUNK,
  MAX_CHUNK,
  MAX_CHUNK,
] as const;

export const CHUNK = { final: 0x46, intermediate: 0x43, abort: 0x41 } as const;

const TAGS = MESSAGE_NAMES.map((name) => (name.charCodeAt(0) << 16) | (name.charCodeAt(1) << 8) | name.charCodeAt(2));

/** Which message begins at `at`, three bytes of which are there; -1 for none. */
export function messageKind(buf: Uint8Array, at: number): MessageKind | -1 {
  const tag = (buf[at]! << 16) | (buf[at + 1]! << 8) | buf[at + 2]!;
  // By far the most frequent one.
  if (tag === TAGS[MESSAGE.message]) return MESSAGE.message;
  return TAGS.indexOf(tag) as MessageKind | -1;
}

export function isChunkType(byte: number): boolean {
  return byte === CHUNK.final || byte === CHUNK.intermediate || byte === CHUNK.abort;
}

/** Whether `size` may be that of such a message, also of one that is longer than allowed. */
export function isPlausibleSize(kind: MessageKind, size: number): boolean {
  return size >= MIN_SIZES[kind]! && size <= MAX_CHUNK;
}

/** Whether the standard allows this size. */
export function isAllowedSize(kind: MessageKind, size: number): boolean {
  return size >= MIN_SIZES[kind]! && size <= MAX_SIZES[kind]!;
}

/** Whether the bytes from `at` on, as far as they are there, may be a sound header. */
export function mayBeHeader(buf: Uint8Array, at: number, to: number): boolean {
  const size = to - at;
  if (size < 3) {
    for (const name of MESSAGE_NAMES) {
      let matches = true;
      for (let index = 0; index < size; index++) matches &&= buf[at + index] === name.charCodeAt(index);
      if (matches) return true;
    }
    return false;
  }
  const kind = messageKind(buf, at);
  if (kind < 0) return false;
  if (size >= 4 && !isChunkType(buf[at + 3]!)) return false;
  return size < HEADER || isPlausibleSize(kind as MessageKind, u32le(buf, at + 4));
}

/**
 * OPC UA begins with four letters and a size. Of the short messages the content must fit as well, so that text that
 * happens to contain such letters is not taken for one.
 */
export function probeOpcUa(buf: Uint8Array, from: number, to: number): ProbeVerdict {
  if (!mayBeHeader(buf, from, to)) return 'no';
  if (to - from < HEADER) return 'unsure';
  const kind = messageKind(buf, from);
  const end = from + u32le(buf, from + 4);
  if (end > to) return 'unsure';
  switch (kind) {
    case MESSAGE.hello:
      return isString(buf, from + 28, end, true) ? 'yes' : 'no';
    case MESSAGE.error:
      return isString(buf, from + 12, end, true) ? 'yes' : 'no';
    case MESSAGE.open:
      return isString(buf, from + 12, end, false) ? 'yes' : 'no';
    default:
      return end === to || mayBeHeader(buf, end, to) ? 'yes' : 'unsure';
  }
}

/** A string at `at` that fits before `end`, and reaches it when it must. */
function isString(buf: Uint8Array, at: number, end: number, isLast: boolean): boolean {
  if (end - at < 4) return false;
  const length = Math.max(0, u32le(buf, at) | 0);
  return isLast ? at + 4 + length === end : at + 4 + length <= end;
}
