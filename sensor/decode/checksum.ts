import { u16 } from '../model/bytes.js';
import type { Frame } from './frame.js';

export const CHECKSUM = {
  valid: 0,
  wrong: 1,
  /** The field holds only the pseudo-header's sum: the sender's network card was to fill it in (offload). */
  offloaded: 2,
} as const;
export type ChecksumVerdict = (typeof CHECKSUM)[keyof typeof CHECKSUM];

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return folded;
}

function halves(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}

let viewed: Uint8Array | null = null;
let view: DataView = new DataView(new ArrayBuffer(0));

/** Verdict on the TCP or UDP checksum of a frame whose payload is complete (RFC 9293 3.1, RFC 8200 8.1). */
export function transportChecksum(frame: Frame): ChecksumVerdict {
  const { buf } = frame;
  const from = frame.transportAt;
  const to = frame.payloadTo;
  let pseudo = frame.ipProtocol + (to - from);
  if (frame.ipVersion === 4) pseudo += halves(frame.source3) + halves(frame.destination3);
  else {
    pseudo += halves(frame.source0) + halves(frame.source1) + halves(frame.source2) + halves(frame.source3);
    pseudo += halves(frame.destination0) + halves(frame.destination1);
    pseudo += halves(frame.destination2) + halves(frame.destination3);
  }
  // Four bytes at a time take a third less than two; packets share a buffer, so the view is hardly ever made anew.
  if (viewed !== buf) {
    viewed = buf;
    view = new DataView(buf.buffer, buf.byteOffset, buf.length);
  }
  let sum = pseudo;
  let at = from;
  for (const last = to - 4; at <= last; at += 4) sum += halves(view.getInt32(at));
  if (to - at >= 2) {
    sum += (buf[at]! << 8) | buf[at + 1]!;
    at += 2;
  }
  if (at < to) sum += buf[at]! << 8;
  if (fold(sum) === 0xffff) return CHECKSUM.valid;
  return fold(pseudo) === frame.checksum ? CHECKSUM.offloaded : CHECKSUM.wrong;
}

/** RFC 1071 over a header, the checksum field included: valid when the folded sum is 0xffff. */
export function headerSum(buf: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at + 1 < to; at += 2) sum += u16(buf, at);
  return fold(sum);
}
