import type { AlertPacket } from '../../sensor/model/records.js';

/** pcapng block types and option codes (IETF draft-ietf-opsawg-pcapng, sections 4.1 to 4.3). */
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const OPTION_COMMENT = 1;
const OPTION_USER_APPLICATION = 4;
const OPTION_TIME_RESOLUTION = 9;
const NANOSECONDS = 9;

function padded(bytes: Uint8Array): Buffer {
  const buffer = Buffer.alloc((bytes.length + 3) & ~3);
  buffer.set(bytes);
  return buffer;
}

function option(code: number, value: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

const END_OF_OPTIONS = Buffer.alloc(4);

function block(type: number, ...parts: Buffer[]): Buffer {
  const length = 12 + parts.reduce((sum, part) => sum + part.length, 0);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(length, 0);
  return Buffer.concat([head, ...parts, tail]);
}

function sectionHeader(application: string): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  body.writeUInt16LE(1, 4);
  body.writeUInt16LE(0, 6);
  // Length of the section: unknown.
  body.writeBigInt64LE(-1n, 8);
  return block(SECTION_HEADER, body, option(OPTION_USER_APPLICATION, Buffer.from(application)), END_OF_OPTIONS);
}

function interfaceDescription(linkType: number): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(linkType, 0);
  return block(INTERFACE_DESCRIPTION, body, option(OPTION_TIME_RESOLUTION, Buffer.from([NANOSECONDS])), END_OF_OPTIONS);
}

/** Nanoseconds since 1970 of an ISO 8601 time with up to nine decimals; 0 for text that is none. */
function nanoseconds(timestamp: string): bigint {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(timestamp);
  const ms = match ? Date.parse(`${match[1]}Z`) : Number.NaN;
  if (Number.isNaN(ms) || ms < 0) return 0n;
  return BigInt(ms) * 1_000_000n + BigInt((match?.[2] ?? '').padEnd(9, '0'));
}

function enhancedPacket(packet: AlertPacket, interfaceId: number): Buffer {
  const body = Buffer.alloc(20);
  const time = nanoseconds(packet.timestamp);
  body.writeUInt32LE(interfaceId, 0);
  body.writeUInt32LE(Number((time >> 32n) & 0xffff_ffffn), 4);
  body.writeUInt32LE(Number(time & 0xffff_ffffn), 8);
  body.writeUInt32LE(packet.data.length, 12);
  body.writeUInt32LE(Math.max(packet.original_length, packet.data.length) >>> 0, 16);
  const comment = Buffer.from(`Packet ${packet.pcap_cnt} of the capture`);
  return block(ENHANCED_PACKET, body, padded(packet.data), option(OPTION_COMMENT, comment), END_OF_OPTIONS);
}

/** A little-endian pcapng file with one interface per link type, times in nanoseconds. */
export function writePcapng(packets: readonly AlertPacket[], application: string): Buffer {
  const interfaces = [...new Set(packets.map((packet) => packet.link_type))];
  return Buffer.concat([
    sectionHeader(application),
    ...interfaces.map(interfaceDescription),
    ...packets.map((packet) => enhancedPacket(packet, interfaces.indexOf(packet.link_type))),
  ]);
}
