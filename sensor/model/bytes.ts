/**
 * Raw reads. Callers have checked the length: a read past the end would be slow (V8 leaves its fast path) and yields
 * a meaningless number, never an exception.
 */

export function u8(buf: Uint8Array, at: number): number {
  return buf[at]!;
}

/** Big endian, 0 to 65535. */
export function u16(buf: Uint8Array, at: number): number {
  return (buf[at]! << 8) | buf[at + 1]!;
}

/** Big endian, 0 to 2^32-1. */
export function u32(buf: Uint8Array, at: number): number {
  return ((buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!) >>> 0;
}

/** Big endian, as a signed 32-bit integer: what addresses and hash keys are kept as. */
export function i32(buf: Uint8Array, at: number): number {
  return (buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!;
}

/** Little endian. */
export function u16le(buf: Uint8Array, at: number): number {
  return buf[at]! | (buf[at + 1]! << 8);
}

/** Little endian. */
export function u32le(buf: Uint8Array, at: number): number {
  return (buf[at]! | (buf[at + 1]! << 8) | (buf[at + 2]! << 16) | (buf[at + 3]! << 24)) >>> 0;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower case, no separators. */
export function hex(buf: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at++) text += HEX[buf[at]!];
  return text;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Longest text from the network that is kept anywhere, in characters. */
export const MAX_TEXT = 256;

/**
 * Text that came off the wire: UTF-8 where it is valid, Latin-1 else; cut at `MAX_TEXT`. Control characters stay as
 * they are: whoever shows the text escapes it for its own medium.
 */
export function wireText(buf: Uint8Array, from: number, to: number): string {
  const bytes = buf.subarray(from, Math.min(to, from + MAX_TEXT * 4));
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
}
