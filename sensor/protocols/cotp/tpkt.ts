import { u16 } from '../../model/bytes.js';

/** RFC 1006 section 6: version 3, a reserved byte, the length with these four bytes, big endian. */
export const TPKT = 4;
/** TPKT header, length indicator, TPDU code and one more byte: the shortest TPDU of class 0. */
export const MIN_TPKT = 7;
export const MAX_TPKT = 65_535;
const VERSION = 3;

/** TPDU codes of RFC 905 section 13, upper four bits. */
export const TPDU = {
  ED: 0x10,
  EA: 0x20,
  UD: 0x40,
  RJ: 0x50,
  AK: 0x60,
  ER: 0x70,
  DR: 0x80,
  DC: 0xc0,
  CC: 0xd0,
  CR: 0xe0,
  DT: 0xf0,
} as const;

const KNOWN_TPDUS: ReadonlySet<number> = new Set(Object.values(TPDU));
/** Length indicator of a data TPDU of class 0: code and number. */
export const DT_LENGTH = 2;

export function isTpkt(buf: Uint8Array, at: number): boolean {
  return buf[at] === VERSION;
}

/** Whether the bytes from `at`, as far as they are there, may begin a sound TPKT with a known TPDU. */
export function mayBeginTpkt(buf: Uint8Array, at: number, to: number): boolean {
  const size = to - at;
  if (size >= 1 && buf[at] !== VERSION) return false;
  if (size >= 2 && buf[at + 1] !== 0) return false;
  if (size >= 4 && u16(buf, at + 2) < MIN_TPKT) return false;
  if (size >= 5 && (buf[at + 4]! < 2 || 5 + buf[at + 4]! > u16(buf, at + 2))) return false;
  return size < 6 || KNOWN_TPDUS.has(buf[at + 5]! & 0xf0);
}

/**
 * The first place from `from` where a TPKT may begin; what follows it must fit as well. Where the bytes end too early
 * to tell, the place is taken for one. Returns `to` for none.
 */
export function findTpkt(buf: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    if (buf[at] !== VERSION || !mayBeginTpkt(buf, at, to)) continue;
    if (to - at < TPKT) return at;
    const end = at + u16(buf, at + 2);
    // A header that claims more than is there would swallow what comes next: it must be one that is commonly sent.
    if (end > to ? isCommon(buf, at, to) : mayBeginTpkt(buf, end, to)) return at;
  }
  return to;
}

/** A data TPDU of class 0 or a connection request or confirmation, as far as its bytes are there. */
function isCommon(buf: Uint8Array, at: number, to: number): boolean {
  if (to - at < 6) return true;
  const code = buf[at + 5]! & 0xf0;
  if (code !== TPDU.DT) return code === TPDU.CR || code === TPDU.CC;
  return buf[at + 4] === DT_LENGTH && (to - at < 7 || (buf[at + 6]! & 0x7f) === 0);
}
