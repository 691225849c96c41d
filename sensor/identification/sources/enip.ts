import { formatIp } from '../../model/address.js';
import { i32, u16le, u32le } from '../../model/bytes.js';
import type { IdentitySource, Message, Tell } from '../source.js';
import { cleanText, isReadable } from '../text.js';
import { CIP_DEVICE_TYPE, cipVendor } from '../vendors.js';

const COMMAND = { listIdentity: 0x63, sendRrData: 0x6f, sendUnitData: 0x70 } as const;
/** What an answer with an identity in it, or in a message behind it, begins with. */
const COMMANDS: ReadonlySet<number> = new Set([0x04, 0x63, 0x64, 0x65]);
const HEADER = 24;
const MAX_MESSAGES = 8;
const ITEM = { identity: 0x0c, connectedData: 0xb1, unconnectedData: 0xb2 } as const;
const MAX_ITEMS = 16;
/** What a module says counts less for the whole than what the address says of itself. */
const MODULE_CONFIDENCE = 72;
const GET_ALL_REPLY = 0x81;
const IDENTITY_CLASS_REQUEST = [0x01, 0x02, 0x20, 0x01, 0x24] as const;

/**
 * EtherNet/IP: the answer to ListIdentity, and the CIP identity object read with Get Attributes All (ODVA volumes 1 and
 * 2). An answer of CIP does not say what it answers, so it must look like an identity in every part.
 */
export const enip: IdentitySource = {
  name: 'enip',
  udpPorts: [44818],
  tcpPorts: [44818],
  stream: 'messages',
  isOfInterest(buf, from, to) {
    if (to - from < HEADER + 8) return false;
    const command = u16le(buf, from);
    // Where the answer's service stands: behind the address item, which is empty or has an id and a sequence number.
    if (command === COMMAND.sendRrData) return buf[from + 40] === GET_ALL_REPLY;
    if (command === COMMAND.sendUnitData) return buf[from + 46] === GET_ALL_REPLY;
    return COMMANDS.has(command);
  },
  read(message, tell) {
    const { buf, to } = message;
    let at = message.from;
    // Several messages may share a segment.
    for (let count = 0; count < MAX_MESSAGES && to - at >= HEADER + 2; count++) {
      const end = at + HEADER + u16le(buf, at + 2);
      if (u32le(buf, at + 8) === 0) items(message, at, Math.min(to, end), tell);
      at = end;
    }
    return false;
  },
};

function items(message: Message, from: number, to: number, tell: Tell): void {
  const { buf } = message;
  const command = u16le(buf, from);
  const isList = command === COMMAND.listIdentity;
  if (!isList && command !== COMMAND.sendRrData && command !== COMMAND.sendUnitData) return;
  let at = from + HEADER + (isList ? 0 : 6);
  if (to - at < 2) return;
  const count = Math.min(u16le(buf, at), MAX_ITEMS);
  at += 2;
  for (let index = 0; index < count && to - at >= 4; index++) {
    const type = u16le(buf, at);
    const value = at + 4;
    const end = value + u16le(buf, at + 2);
    if (end > to) break;
    at = end;
    if (isList && type === ITEM.identity) listIdentity(message, value, end, tell);
    else if (type === ITEM.unconnectedData) identityObject(buf, value, end, tell);
    else if (type === ITEM.connectedData) identityObject(buf, value + 2, end, tell);
  }
}

function listIdentity({ buf, senderIp }: Message, from: number, to: number, tell: Tell): void {
  // Protocol version, socket address in network byte order, then the attributes of the identity object.
  if (to - from < 2 + 16 + 15) return;
  const word = i32(buf, from + 6);
  const ip = formatIp(0, 0, 0xffff, word);
  if (word !== 0 && ip !== senderIp) tell('enip.list_identity', { field: 'ip', value: ip, confidence: 60 });
  attributes(buf, from + 18, to, 'enip.list_identity', tell);
}

function identityObject(buf: Uint8Array, from: number, to: number, tell: Tell): void {
  // An unconnected send's answer is the embedded answer; a request for the identity object is not one.
  if (to - from < 4 + 15 || buf[from] !== GET_ALL_REPLY || buf[from + 2] !== 0) return;
  if (IDENTITY_CLASS_REQUEST.every((byte, index) => buf[from + index] === byte)) return;
  const data = from + 4 + 2 * buf[from + 3]!;
  if (to - data < 15) return;
  const nameEnd = data + 15 + buf[data + 14]!;
  // What else is read whole has no name behind a length that fits to the byte (or the state's byte behind it).
  if (nameEnd !== to && nameEnd + 1 !== to && nameEnd + 2 !== to) return;
  // One address may answer for each module of a rack; the serial number tells them apart.
  attributes(buf, data, to, 'cip.identity', tell, u32le(buf, data + 10));
}

/** Vendor, device type, product code, revision, status, serial number, product name: all little endian. */
function attributes(buf: Uint8Array, at: number, to: number, source: string, say: Tell, unit = -1): void {
  const tell: Tell = (name, statement) => {
    if (unit < 0) say(name, statement);
    else {
      say(name, { ...statement, confidence: Math.min(statement.confidence, MODULE_CONFIDENCE) });
      if (statement.field !== 'role') say(name, { ...statement, unit });
    }
  };
  const nameEnd = at + 15 + buf[at + 14]!;
  if (nameEnd > to) return;
  const name = cleanText(buf, at + 15, nameEnd);
  if (!isReadable(name)) return;
  const id = u16le(buf, at);
  const type = u16le(buf, at + 2);
  const hex = (value: number, digits: number) => `0x${value.toString(16).padStart(digits, '0')}`;
  const vendor = cipVendor(id);
  tell(source, { field: 'vendor', value: vendor ?? `CIP vendor id ${hex(id, 4)}`, confidence: vendor ? 93 : 35 });
  tell(source, { field: 'model', value: name, confidence: 95 });
  tell(source, { field: 'firmware', value: `${buf[at + 6]}.${buf[at + 7]}`, confidence: 95 });
  tell(source, { field: 'serial', value: hex(u32le(buf, at + 10), 8), confidence: 95 });
  tell(source, {
    field: 'description',
    // Some tools show the two bytes of the revision as one number.
    value: `CIP vendor id ${hex(id, 4)}, device type ${type}, product code ${u16le(buf, at + 4)}, revision ${u16le(buf, at + 6)}`,
    confidence: 60,
  });
  const role = roleOf(type);
  if (role !== null) tell(source, { field: 'role', value: role, confidence: 75 });
}

function roleOf(type: number): string | null {
  switch (type) {
    case CIP_DEVICE_TYPE.plc:
      return 'plc';
    case CIP_DEVICE_TYPE.hmi:
      return 'hmi';
    case CIP_DEVICE_TYPE.acDrive:
      return 'drive';
    case CIP_DEVICE_TYPE.switch:
      return 'switch';
    case CIP_DEVICE_TYPE.adapter:
      return 'io_device';
    default:
      return null;
  }
}
