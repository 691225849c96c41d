import { u16, u16le } from '../../model/bytes.js';
import type { ProbeVerdict } from '../dissector.js';
import { crc16 } from './crc.js';
import { FUNCTION, isKnownFunction } from './functions.js';
import { ModbusPdu } from './pdu.js';

/** Transaction, protocol, length, unit. */
export const MBAP = 7;
/** The header up to and with the length field. */
export const MBAP_PREFIX = 6;
/** Header and function code: what must be there before a message can be judged. */
export const MIN_ADU = 8;
/** Unit and PDU of at most 253 bytes. */
export const MAX_LENGTH = 254;
/** UMAS program blocks are longer than the specification allows. */
export const MAX_UMAS_LENGTH = 2048;
export const MAX_ADU = MBAP_PREFIX + MAX_UMAS_LENGTH;
/** Unit, PDU, CRC. */
export const MAX_RTU_FRAME = 256;

/** Whether a header at `at` (at least `MIN_ADU` bytes are there) may be one of a sound message. */
export function isPlausibleHeader(buf: Uint8Array, at: number): boolean {
  return u16(buf, at + 2) === 0 && isPlausibleLength(u16(buf, at + 4), buf[at + 7]!);
}

export function isPlausibleLength(length: number, functionByte: number): boolean {
  return (
    length >= 2 && (length <= MAX_LENGTH || (length <= MAX_UMAS_LENGTH && (functionByte & 0x7f) === FUNCTION.UMAS))
  );
}

/** Judges shapes without disturbing the message being reported. */
const scratch = new ModbusPdu();

/** Whether the PDU `buf[at, end)` has exactly the shape of a request (or of a response). */
export function fits(buf: Uint8Array, at: number, end: number, isRequest: boolean): boolean {
  if (!isKnownFunction(buf[at]! & 0x7f)) return false;
  scratch.isRequest = isRequest;
  scratch.isCut = false;
  scratch.parse(buf, at, end);
  const { impliedLength } = scratch;
  return scratch.anomalies.length === 0 && (impliedLength < 0 || impliedLength === end - at);
}

/**
 * Whether a plausible header at `at`, where the stream is taken up again, is a message's. One that claims more than is
 * there would swallow what comes next, so it must state the very length that its function has.
 */
export function beginsMessage(buf: Uint8Array, at: number, to: number): boolean {
  if (!isKnownFunction(buf[at + MBAP]! & 0x7f)) return false;
  const end = at + MBAP_PREFIX + u16(buf, at + 4);
  if (end <= to) {
    const isFollowed = end === to || (to - end >= MIN_ADU && isPlausibleHeader(buf, end));
    return isFollowed || fits(buf, at + MBAP, end, true) || fits(buf, at + MBAP, end, false);
  }
  for (const isRequest of [true, false]) {
    scratch.isRequest = isRequest;
    scratch.isCut = true;
    scratch.parse(buf, at + MBAP, to);
    if (scratch.impliedLength === end - at - MBAP) return true;
  }
  return false;
}

export function probeMbap(buf: Uint8Array, from: number, to: number): ProbeVerdict {
  const size = to - from;
  if (size >= 4 ? u16(buf, from + 2) !== 0 : size === 3 && buf[from + 2] !== 0) return 'no';
  if (size < MIN_ADU) return 'unsure';
  if (!isPlausibleHeader(buf, from)) return 'no';
  const end = from + MBAP_PREFIX + u16(buf, from + 4);
  if (end > to) return isKnownFunction(buf[from + MBAP]! & 0x7f) ? 'unsure' : 'no';
  if (!fits(buf, from + MBAP, end, true) && !fits(buf, from + MBAP, end, false)) return 'no';
  // A function without a shape of its own says little: what stands behind the message has to speak for it, too.
  const isOpaque = scratch.impliedLength < 0;
  const isFollowed = end === to || (to - end >= MIN_ADU && isPlausibleHeader(buf, end));
  return isOpaque && !isFollowed ? 'unsure' : 'yes';
}

/** Length of the RTU frame (unit, PDU, CRC) at `from` whose checksum is right, or 0. */
export function rtuFrameLength(buf: Uint8Array, from: number, to: number, isRequest: boolean): number {
  if (to - from < 4 || !isKnownFunction(buf[from + 1]! & 0x7f)) return 0;
  scratch.isRequest = isRequest;
  scratch.isCut = true;
  scratch.parse(buf, from + 1, to);
  const implied = scratch.impliedLength < 0 ? to - from - 3 : scratch.impliedLength;
  const length = 1 + implied + 2;
  if (implied < 1 || length > MAX_RTU_FRAME || from + length > to) return 0;
  return crc16(buf, from, from + length - 2) === u16le(buf, from + length - 2) ? length : 0;
}

export function probeRtu(buf: Uint8Array, from: number, to: number): ProbeVerdict {
  if (to - from < 4) return 'unsure';
  return rtuFrameLength(buf, from, to, true) > 0 || rtuFrameLength(buf, from, to, false) > 0 ? 'yes' : 'no';
}
