import { formatIp } from '../../model/address.js';
import { i32, u16 } from '../../model/bytes.js';
import type { IdentityField } from '../../model/records.js';
import type { IdentitySource, Statement } from '../source.js';
import { cleanText, isReadable } from '../text.js';

const HEADER = 12;
const MAX_RECORDS = 64;
const MAX_JUMPS = 16;
const MAX_NAME = 255;
const TYPE = { a: 1, ptr: 12, txt: 16, aaaa: 28, srv: 33 } as const;
/** Keys of DNS-SD TXT records that say what a device is (as printers, cameras and Apple's device-info have them). */
const TXT_FIELDS: Readonly<Record<string, readonly [IdentityField, number]>> = {
  model: ['model', 65],
  md: ['model', 60],
  ty: ['model', 65],
  product: ['model', 55],
  manufacturer: ['vendor', 65],
  usb_mfg: ['vendor', 60],
  vendor: ['vendor', 60],
  serial: ['serial', 70],
  serialnumber: ['serial', 70],
  sn: ['serial', 60],
  fw: ['firmware', 65],
  fwversion: ['firmware', 65],
  firmware: ['firmware', 65],
};

interface Answer {
  readonly name: string;
  readonly type: number;
  readonly from: number;
  readonly to: number;
}

/** Names that devices give themselves: multicast DNS with service discovery (RFC 6762, 6763) and LLMNR (RFC 4795). */
export const mdns: IdentitySource = {
  name: 'mdns',
  udpPorts: [5353],
  isOfInterest: isResponse,
  read({ buf, from, to, senderIp }, tell) {
    const hosts = new Set<string>();
    const said: Statement[] = [];
    for (const answer of answers(buf, from, to)) {
      const address = addressOf(buf, answer);
      if (address !== null) {
        // A cache or proxy may answer for others: only the sender's own address makes the name its own.
        if (address === senderIp || address.startsWith('fe80:')) hosts.add(answer.name);
      } else if (answer.type === TYPE.txt) said.push(...textRecord(buf, answer.from, answer.to));
    }
    // Services have names of their own, with an underscore.
    for (const host of [...hosts].filter((name) => !name.includes('_')).slice(0, 2)) {
      const value = host.replace(/\.local$/i, '');
      if (isReadable(value)) tell('mdns', { field: 'hostname', value, confidence: 75 });
    }
    for (const statement of said) tell('mdns.txt', statement);
    return false;
  },
};

export const llmnr: IdentitySource = {
  name: 'llmnr',
  udpPorts: [5355],
  isOfInterest: isResponse,
  read({ buf, from, to, senderIp }, tell) {
    for (const answer of answers(buf, from, to)) {
      if (addressOf(buf, answer) === senderIp && isReadable(answer.name) && !answer.name.includes('.'))
        tell('llmnr', { field: 'hostname', value: answer.name, confidence: 70 });
    }
    return false;
  },
};

/** What a name server says of others (RFC 1035): the name behind an address. */
export const dns: IdentitySource = {
  name: 'dns',
  udpPorts: [53],
  isOfInterest: isResponse,
  read({ buf, from, to }, tell) {
    let count = 0;
    for (const answer of answers(buf, from, to)) {
      // Reverse names are unambiguous; a forward name may be one of many that share an address.
      const reverse = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/.exec(answer.name);
      if (answer.type !== TYPE.ptr || !reverse || count++ >= 4) continue;
      const name = nameAt(buf, from, to, answer.from)?.text ?? '';
      if (isReadable(name))
        tell('dns.ptr', {
          about: { ip: reverse.slice(1).reverse().join('.') },
          isHearsay: true,
          field: 'hostname',
          value: name,
          confidence: 55,
        });
    }
    return false;
  },
};

function isResponse(buf: Uint8Array, from: number, to: number): boolean {
  return to - from > HEADER && (buf[from + 2]! & 0x80) !== 0 && (buf[from + 3]! & 0x0f) === 0;
}

/** Records of all three sections behind the questions. */
function answers(buf: Uint8Array, from: number, to: number): Answer[] {
  const found: Answer[] = [];
  let at = from + HEADER;
  const questions = u16(buf, from + 4);
  if (questions > MAX_RECORDS) return found;
  for (let count = 0; count < questions; count++) {
    const name = nameAt(buf, from, to, at);
    if (!name || to - name.next < 4) return found;
    at = name.next + 4;
  }
  const records = u16(buf, from + 6) + u16(buf, from + 8) + u16(buf, from + 10);
  for (let count = 0; count < Math.min(records, MAX_RECORDS); count++) {
    const name = nameAt(buf, from, to, at);
    if (!name || to - name.next < 10) return found;
    const data = name.next + 10;
    const end = data + u16(buf, name.next + 8);
    if (end > to) return found;
    found.push({ name: name.text, type: u16(buf, name.next), from: data, to: end });
    at = end;
  }
  return found;
}

/** A name with its compression undone: pointers lead backwards only, so no loop can be built. */
function nameAt(buf: Uint8Array, message: number, to: number, start: number): { text: string; next: number } | null {
  const labels: string[] = [];
  let at = start;
  let next = -1;
  let length = 0;
  for (let jumps = 0; jumps <= MAX_JUMPS; ) {
    if (at >= to) return null;
    const size = buf[at]!;
    if (size === 0) return { text: labels.join('.'), next: next < 0 ? at + 1 : next };
    if (size >= 0xc0) {
      if (to - at < 2) return null;
      const target = message + (u16(buf, at) & 0x3fff);
      if (next < 0) next = at + 2;
      if (target >= at) return null;
      at = target;
      jumps++;
      continue;
    }
    length += size + 1;
    if (size > 63 || length > MAX_NAME || to - at <= size) return null;
    labels.push(cleanText(buf, at + 1, at + 1 + size));
    at += 1 + size;
  }
  return null;
}

function addressOf(buf: Uint8Array, { type, from, to }: Answer): string | null {
  if (type === TYPE.a && to - from === 4) return formatIp(0, 0, 0xffff, i32(buf, from));
  if (type === TYPE.aaaa && to - from === 16) {
    return formatIp(i32(buf, from), i32(buf, from + 4), i32(buf, from + 8), i32(buf, from + 12));
  }
  return null;
}

function textRecord(buf: Uint8Array, from: number, to: number): Statement[] {
  const said: Statement[] = [];
  let at = from;
  for (let count = 0; count < MAX_RECORDS && at < to; count++) {
    const end = Math.min(to, at + 1 + buf[at]!);
    const [key = '', ...rest] = cleanText(buf, at + 1, end).split('=');
    const known = TXT_FIELDS[key.toLowerCase()];
    const value = rest.join('=').replace(/^\((.*)\)$/, '$1');
    if (known && Object.hasOwn(TXT_FIELDS, key.toLowerCase()) && isReadable(value))
      said.push({ field: known[0], value, confidence: known[1] });
    at = end;
  }
  return said;
}
