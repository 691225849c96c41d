import { u16, u32 } from '../../model/bytes.js';
import type { IdentityField } from '../../model/records.js';
import type { IdentitySource, Tell } from '../source.js';
import { cleanText, isReadable, utf16Text } from '../text.js';
import { bacnetVendor } from '../vendors.js';

const BVLC = 0x81;
/** Annex U: BACnet/IPv6, with three-byte virtual addresses behind the length. */
const BVLC_IPV6 = 0x82;
const FUNCTION_IPV6 = { unicast: 0x01, broadcast: 0x02 } as const;
const FUNCTION = { forwarded: 0x04, unicast: 0x0a, broadcast: 0x0b, distribute: 0x09 } as const;
const PDU = { unconfirmed: 1, complexAck: 3 } as const;
const I_AM = 0;
const READ_PROPERTY = 12;
const READ_MULTIPLE = 14;
const DEVICE_OBJECT = 8;
const OPEN = 6;
const CLOSE = 7;
const CHARSET_UCS2 = 4;
const TAG = { unsigned: 2, text: 7 } as const;
const VENDOR_ID = 120;
const MAX_TAGS = 128;
/** ASHRAE 135, property identifiers that say who a device is. */
const PROPERTY: Readonly<Record<number, readonly [IdentityField, number]>> = {
  12: ['software', 70],
  28: ['description', 60],
  44: ['firmware', 95],
  58: ['location', 85],
  70: ['model', 95],
  77: ['name', 90],
  121: ['vendor', 95],
  372: ['serial', 95],
};

/** BACnet/IP (ASHRAE 135 annex J): I-Am, and what is read of device objects. */
export const bacnet: IdentitySource = {
  name: 'bacnet',
  udpPorts: [47808],
  isOfInterest: (buf, from, to) => to - from >= 8 && (buf[from] === BVLC || buf[from] === BVLC_IPV6),
  read({ buf, from, to }, tell) {
    const fn = buf[from + 1]!;
    if (buf[from] === BVLC_IPV6) {
      if (fn === FUNCTION_IPV6.unicast) network(buf, from + 10, to, tell);
      else if (fn === FUNCTION_IPV6.broadcast) network(buf, from + 7, to, tell);
      return false;
    }
    let at = from + 4;
    if (fn === FUNCTION.forwarded) {
      // The first sender's address and port stand in front: it is not the sender of this packet.
      at += 6;
    } else if (fn !== FUNCTION.unicast && fn !== FUNCTION.broadcast && fn !== FUNCTION.distribute) return false;
    const about = fn === FUNCTION.forwarded ? { ip: buf.subarray(from + 4, from + 8).join('.') } : undefined;
    network(buf, at, to, (message, statement) => tell(message, about ? { ...statement, about } : statement));
    return false;
  },
};

/** BACnet straight on Ethernet (ASHRAE 135 clause 7), without IP. */
export const bacnetEthernet: IdentitySource = {
  name: 'bacnet-ethernet',
  llc: [0x82],
  read({ buf, from, to, senderMac }, tell) {
    if (senderMac === null) return false;
    const about = { mac: senderMac };
    network(buf, from, to, (message, statement) => tell(message, { ...statement, about }));
    return false;
  },
};

/** The network layer (clause 6), and what stands in it. */
function network(buf: Uint8Array, from: number, to: number, say: Tell): void {
  let at = from;
  if (to - at < 2 || buf[at] !== 1) return;
  const control = buf[at + 1]!;
  at += 2;
  if ((control & 0x80) !== 0) return;
  if ((control & 0x20) !== 0) {
    if (to - at < 3) return;
    at += 3 + buf[at + 2]!;
  }
  const isBehindRouter = (control & 0x08) !== 0;
  if (isBehindRouter) {
    if (to - at < 3) return;
    at += 3 + buf[at + 2]!;
  }
  if ((control & 0x20) !== 0) at++;
  if (to - at < 4) return;
  const type = buf[at]! >> 4;
  if (type === PDU.unconfirmed && buf[at + 1] === I_AM) iAm(buf, at + 2, to, isBehindRouter, say);
  else if (type === PDU.complexAck && !isBehindRouter) {
    const isSegmented = (buf[at]! & 0x08) !== 0;
    const service = at + (isSegmented ? 4 : 2);
    // Behind the first segment, the values have no beginning.
    if (isSegmented && buf[at + 2] !== 0) return;
    if (buf[service] === READ_PROPERTY || buf[service] === READ_MULTIPLE) properties(buf, service + 1, to, say);
  }
}

/** Device object id, longest APDU, segmentation, vendor id: four application tags. */
function iAm(buf: Uint8Array, at: number, to: number, isBehindRouter: boolean, tell: Tell): void {
  if (to - at < 8 || buf[at] !== 0xc4) return;
  const id = u32(buf, at + 1);
  if (id >>> 22 !== DEVICE_OBJECT) return;
  let cursor = at + 5;
  for (let skipped = 0; skipped < 2; skipped++) {
    if (cursor >= to) return;
    cursor += 1 + (buf[cursor]! & 7);
  }
  if (cursor >= to) return;
  const length = buf[cursor]! & 7;
  if (buf[cursor]! >> 4 !== 2 || length < 1 || length > 2 || to - cursor < 1 + length) return;
  const vendorId = length === 1 ? buf[cursor + 1]! : u16(buf, cursor + 1);
  const instance = id & 0x3fffff;
  const unit = isBehindRouter ? instance : -1;
  tellVendor('bacnet.i_am', vendorId, tell, unit);
  tell('bacnet.i_am', { unit, field: 'name', value: `device,${instance}`, confidence: 50 });
  tell('bacnet.i_am', {
    unit,
    field: 'description',
    value: `BACnet vendor ${vendorId}, device ${instance}`,
    confidence: 50,
  });
}

function tellVendor(source: string, id: number, tell: Tell, unit = -1): void {
  const vendor = bacnetVendor(id);
  tell(source, { unit, field: 'vendor', value: vendor ?? `BACnet vendor ${id}`, confidence: vendor ? 88 : 45 });
}

/** Walks through the tags of ReadProperty and ReadPropertyMultiple answers; only what is said of a device object counts. */
function properties(buf: Uint8Array, start: number, to: number, tell: Tell): void {
  let at = start;
  let isDevice = false;
  let property = -1;
  let depth = 0;
  for (let count = 0; count < MAX_TAGS && at < to; count++) {
    const head = buf[at]!;
    const isContext = (head & 0x08) !== 0;
    const number = head >> 4;
    let length = head & 7;
    at++;
    if (number === 15) at++;
    if (isContext && length === OPEN) {
      depth++;
      continue;
    }
    if (isContext && length === CLOSE) {
      depth--;
      continue;
    }
    if (length === 5) {
      if (at >= to) return;
      length = buf[at++]!;
      if (length >= 254) {
        if (length === 255 || to - at < 2) return;
        length = u16(buf, at);
        at += 2;
      }
    }
    if (to - at < length) return;
    if (isContext && length === 4 && number === 0) isDevice = u32(buf, at) >>> 22 === DEVICE_OBJECT;
    // Context 1 is the property in ReadProperty, 2 in ReadPropertyMultiple.
    else if (isContext && (number === 1 || number === 2) && length >= 1 && length <= 2)
      property = length === 1 ? buf[at]! : u16(buf, at);
    else if (!isContext && number === TAG.text && length > 1 && depth > 0 && isDevice)
      say(buf, at, at + length, property, tell);
    else if (!isContext && number === TAG.unsigned && length >= 1 && length <= 2 && property === VENDOR_ID && isDevice)
      tellVendor('bacnet.read_property', length === 1 ? buf[at]! : u16(buf, at), tell);
    at += length;
  }
}

function say(buf: Uint8Array, from: number, to: number, property: number, tell: Tell): void {
  const known = PROPERTY[property];
  if (!known) return;
  const value = buf[from] === CHARSET_UCS2 ? utf16Text(buf, from + 1, to, true) : cleanText(buf, from + 1, to);
  if (isReadable(value)) tell('bacnet.read_property', { field: known[0], value, confidence: known[1] });
}
