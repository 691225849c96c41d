import { u16 } from '../../model/bytes.js';
import type { IdentityField } from '../../model/records.js';
import type { IdentitySource } from '../source.js';
import { cleanText, isReadable } from '../text.js';

const START = 0x0564;
/** Start, length, control, destination, source, checksum. */
const LINK_HEADER = 10;
/** User data come in blocks of so many bytes, each with a checksum of two. */
const BLOCK = 16;
const CHECKSUM = 2;
/** Control, destination and source, which the length counts too. */
const COUNTED_HEADER = 5;
const MAX_USER_DATA = 250;
/** Transport octet, application control, function, internal indications. */
const OBJECTS = 5;
const FIRST_SEGMENT = 0x40;
const RESPONSES: ReadonlySet<number> = new Set([0x81, 0x82]);
const DEVICE_ATTRIBUTES = 0;
/** One-byte range: from, to. */
const RANGE_OF_BYTES = 0x00;
const VISIBLE_STRING = 1;
const MAX_ATTRIBUTES = 32;

/** Variations of group 0 that say who the outstation is (IEEE 1815-2012, annex A.2). */
const FIELDS: ReadonlyMap<number, readonly [IdentityField, confidence: number]> = new Map([
  [242, ['firmware', 90]],
  [243, ['hardware_revision', 88]],
  [245, ['location', 80]],
  [246, ['plant', 70]],
  [247, ['name', 85]],
  [248, ['serial', 92]],
  [250, ['model', 92]],
  [252, ['vendor', 90]],
]);

/** DNP3: an outstation that was asked for its device attributes (group 0) says who it is. */
export const dnp3: IdentitySource = {
  name: 'dnp3',
  udpPorts: [20_000],
  tcpPorts: [20_000],
  stream: 'messages',
  isOfInterest: (buf, from, to) => {
    // Start, a primary or secondary frame from the outstation, and a first object of group 0.
    const at = from + LINK_HEADER;
    return (
      to - at > OBJECTS + 1 &&
      u16(buf, from) === START &&
      (buf[at]! & FIRST_SEGMENT) !== 0 &&
      RESPONSES.has(buf[at + 2]!) &&
      buf[at + OBJECTS] === DEVICE_ATTRIBUTES
    );
  },
  read({ buf, from, to }, tell) {
    const data = userData(buf, from, to);
    let at = OBJECTS;
    for (let read = 0; read < MAX_ATTRIBUTES && data.length - at >= 7; read++) {
      const variation = data[at + 1]!;
      const isOne = data[at + 2] === RANGE_OF_BYTES && data[at + 3] === data[at + 4];
      if (data[at] !== DEVICE_ATTRIBUTES || !isOne) break;
      const length = data[at + 6]!;
      const text = at + 7;
      if (text + length > data.length) break;
      const meaning = FIELDS.get(variation);
      if (meaning && data[at + 5] === VISIBLE_STRING) {
        const value = cleanText(data, text, text + length);
        if (isReadable(value)) tell('dnp3.device_attributes', { field: meaning[0], value, confidence: meaning[1] });
      }
      at = text + length;
    }
    return false;
  },
};

/** The user data of the first link frame, without the checksums between its blocks. */
function userData(buf: Uint8Array, from: number, to: number): Uint8Array {
  const length = Math.min(MAX_USER_DATA, Math.max(0, buf[from + 2]! - COUNTED_HEADER));
  const data = new Uint8Array(length);
  let filled = 0;
  for (let at = from + LINK_HEADER; filled < length && at < to; at += BLOCK + CHECKSUM) {
    const size = Math.min(BLOCK, length - filled, to - at);
    data.set(buf.subarray(at, at + size), filled);
    filled += size;
  }
  return data.subarray(0, filled);
}
