import { formatIp } from '../../model/address.js';
import { i32, u16, u32le } from '../../model/bytes.js';
import type { IdentitySource } from '../source.js';
import { cleanText, find, isReadable, zeroTerminated } from '../text.js';

const HEADER = 12;
const ENCODED_NAME = 34;
const NB = 0x20;
const NBSTAT = 0x21;
const SUFFIX = { workstation: 0x00, server: 0x20 } as const;
const GROUP = 0x8000;
const OPCODE_REGISTRATION = 5;
const OPCODE_REFRESH = 8;
const MAX_NAMES = 32;

/** NetBIOS names (RFC 1002): what a device registers for itself, or answers when it is asked who it is. */
export const nbns: IdentitySource = {
  name: 'nbns',
  udpPorts: [137],
  isOfInterest: (_buf, from, to) => to - from >= HEADER + ENCODED_NAME + 4,
  read({ buf, from, to, senderIp }, tell) {
    const flags = u16(buf, from + 2);
    const isResponse = (flags & 0x8000) !== 0;
    const opcode = (flags >> 11) & 15;
    const name = decoded(buf, from + HEADER, to);
    const question = from + HEADER + ENCODED_NAME;
    const type = u16(buf, question);
    if (isResponse && type === NBSTAT) {
      // TTL and length, then the number of names; each has 15 characters, a suffix and flags.
      let at = question + 4 + 6;
      if (to - at < 1) return false;
      const names = Math.min(buf[at++]!, MAX_NAMES);
      for (let count = 0; count < names && to - at >= 18; count++, at += 18) {
        const isOwn = (u16(buf, at + 16) & GROUP) === 0 && buf[at + 15] === SUFFIX.workstation;
        const text = cleanText(buf, at, at + 15);
        if (isOwn && isReadable(text)) tell('nbns.status', { field: 'hostname', value: text, confidence: 78 });
      }
      return false;
    }
    if (name === null || isResponse || (opcode !== OPCODE_REGISTRATION && opcode !== OPCODE_REFRESH) || type !== NB)
      return false;
    // The record behind the question: a pointer, type, class, TTL, length, flags, address.
    const flagsAt = question + 4 + 12;
    if (to - flagsAt < 6 || (u16(buf, flagsAt) & GROUP) !== 0) return false;
    const isOwn = formatIp(0, 0, 0xffff, i32(buf, flagsAt + 2)) === senderIp;
    if (isOwn && (name.suffix === SUFFIX.workstation || name.suffix === SUFFIX.server) && isReadable(name.text))
      tell('nbns.registration', { field: 'hostname', value: name.text, confidence: 75 });
    return false;
  },
};

const DATAGRAM_HEADER = 14;
const MAILSLOT = '\\MAILSLOT\\BROWSE';
const ANNOUNCEMENT = { host: 1, domain: 12, local: 15 } as const;
const SERVER_TYPE = { sql: 0x04, domainController: 0x08, printQueue: 0x200, server: 0x8000 } as const;

/** Computers announce themselves to the browser service (MS-BRWS): name, Windows version, comment. */
export const browser: IdentitySource = {
  name: 'browser',
  udpPorts: [138],
  isOfInterest: (buf, from, to) => to - from > DATAGRAM_HEADER + 100 && buf[from]! >= 0x10 && buf[from]! <= 0x12,
  read({ buf, from, to, senderIp }, tell) {
    if (formatIp(0, 0, 0xffff, i32(buf, from + 4)) !== senderIp) return false;
    const mailslot = find(buf, from + DATAGRAM_HEADER, to, MAILSLOT, 400);
    if (mailslot < 0) return false;
    const at = mailslot + MAILSLOT.length + 1;
    if (to - at < 32 || (buf[at] !== ANNOUNCEMENT.host && buf[at] !== ANNOUNCEMENT.local)) return false;
    // Command, count, period, then name (16), version, server type, browser version, signature, comment.
    const name = zeroTerminated(buf, at + 6, at + 22);
    const source = 'browser.host_announcement';
    if (isReadable(name)) tell(source, { field: 'hostname', value: name, confidence: 82 });
    const type = u32le(buf, at + 24);
    const version = `${buf[at + 22]}.${buf[at + 23]}`;
    tell(source, { field: 'os', value: windowsName(version, (type & SERVER_TYPE.server) !== 0), confidence: 60 });
    if ((type & (SERVER_TYPE.server | SERVER_TYPE.domainController | SERVER_TYPE.sql)) !== 0)
      tell(source, { field: 'role', value: 'server', confidence: 55 });
    else tell(source, { field: 'role', value: 'workstation', confidence: 40 });
    const comment = zeroTerminated(buf, at + 32, to);
    if (isReadable(comment)) tell(source, { field: 'description', value: comment, confidence: 40 });
    return false;
  },
};

/** NT versions by their number; where a version has several names, both are told. */
const WINDOWS: Readonly<Record<string, readonly [client: string, server: string]>> = {
  '5.0': ['Windows 2000', 'Windows 2000 Server'],
  '5.1': ['Windows XP', 'Windows XP'],
  '5.2': ['Windows XP x64', 'Windows Server 2003'],
  '6.0': ['Windows Vista', 'Windows Server 2008'],
  '6.1': ['Windows 7', 'Windows Server 2008 R2'],
  '6.2': ['Windows 8', 'Windows Server 2012'],
  '6.3': ['Windows 8.1', 'Windows Server 2012 R2'],
  '10.0': ['Windows 10 or later', 'Windows Server 2016 or later'],
};

/** `isServer` null: it is not known which of the two kinds it is. */
export function windowsName(version: string, isServer: boolean | null): string {
  const names = Object.hasOwn(WINDOWS, version) ? WINDOWS[version] : undefined;
  if (!names) return `Windows NT ${version}`;
  if (isServer === null) return names[0] === names[1] ? names[0] : `${names[0]} / ${names[1]}`;
  return isServer ? names[1] : names[0];
}

/** RFC 1001 section 14.1: each byte as two letters from A to P. */
function decoded(buf: Uint8Array, at: number, to: number): { text: string; suffix: number } | null {
  if (to - at < ENCODED_NAME || buf[at] !== 0x20) return null;
  const bytes = new Uint8Array(16);
  for (let index = 0; index < 16; index++) {
    const high = buf[at + 1 + 2 * index]! - 0x41;
    const low = buf[at + 2 + 2 * index]! - 0x41;
    if (high < 0 || high > 15 || low < 0 || low > 15) return null;
    bytes[index] = (high << 4) | low;
  }
  return { text: cleanText(bytes, 0, 15), suffix: bytes[15]! };
}
