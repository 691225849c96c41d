import { u16, u16le, wireText } from '../model/bytes.js';

/** Text of a device as one clean line: control characters and runs of spaces become one space. */
export function cleanText(buf: Uint8Array, from: number, to: number): string {
  return clean(wireText(buf, from, to));
}

/** The same up to the first zero byte: what stands behind the end of a C string means nothing. */
export function zeroTerminated(buf: Uint8Array, from: number, to: number): string {
  const end = buf.subarray(from, to).indexOf(0);
  return cleanText(buf, from, end < 0 ? to : from + end);
}

export function clean(text: string): string {
  return text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
}

/** UCS-2 or UTF-16, `bigEndian` or not; at most 256 characters. */
export function utf16Text(buf: Uint8Array, from: number, to: number, bigEndian: boolean): string {
  let text = '';
  const end = Math.min(to - 1, from + 512);
  for (let at = from; at < end; at += 2) {
    text += String.fromCharCode(bigEndian ? u16(buf, at) : u16le(buf, at));
  }
  return clean(text);
}

/** Whether a text can be read: a device's name has letters or digits, and few characters nobody types. */
export function isReadable(text: string): boolean {
  // A single character over and over is filler.
  if (/^(.)\1{3,}$/u.test(text)) return false;
  return /[\p{L}\p{N}]/u.test(text) && !/[\ufffd\p{Cc}\p{Cs}\p{Co}]/u.test(text);
}

/** Whether `text` stands in the buffer at `at`, byte by byte. */
export function startsWith(buf: Uint8Array, at: number, to: number, text: string): boolean {
  if (to - at < text.length) return false;
  for (let index = 0; index < text.length; index++) {
    if (buf[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

/** Whether what is there so far is the beginning of `text`, and more could make it whole. */
export function mayBecome(buf: Uint8Array, from: number, to: number, text: string): boolean {
  return to - from < text.length && startsWith(buf, from, to, text.slice(0, to - from));
}

/** Place of `text` within the first `limit` bytes, or -1. */
export function find(buf: Uint8Array, from: number, to: number, text: string, limit = 4096): number {
  const end = Math.min(to, from + limit) - text.length;
  const first = text.charCodeAt(0);
  for (let at = from; at <= end; at++) {
    if (buf[at] === first && startsWith(buf, at, to, text)) return at;
  }
  return -1;
}
