import { type ExplainedField, FieldReader } from './field.js';
import { explainIsoOnTcp } from './iso-on-tcp.js';
import { explainModbus } from './modbus.js';
import { explainOpcua } from './opcua.js';

/**
 * Says what the bytes of one captured packet mean, field by field with its place, for a person who looks at them. One
 * packet alone: it knows nothing of the connection, so a message that began in an earlier packet stays bytes. The
 * dissectors judge; this only points.
 */

const ETHERNET = 1;
const RAW_IP = 101;
const LINUX_COOKED = 113;
const MAX_TAGS = 4;

type PayloadExplainer = (bytes: Uint8Array, at: number, isRequest: boolean) => FieldReader | null;

/** By protocol as alerts name it. */
const PROTOCOLS: Readonly<Record<string, PayloadExplainer>> = {
  modbus: explainModbus,
  s7comm: (bytes, at) => explainIsoOnTcp(bytes, at, 's7comm'),
  s7comm_plus: (bytes, at) => explainIsoOnTcp(bytes, at, 's7comm_plus'),
  cotp: (bytes, at) => explainIsoOnTcp(bytes, at, 'cotp'),
  opcua: (bytes, at) => explainOpcua(bytes, at),
};

const PORTS: Readonly<Record<number, string>> = { 502: 'modbus', 102: 's7comm', 4840: 'opcua' };

export interface ExplainHint {
  /** Protocol of the alert. */
  protocol?: string | undefined;
  /** Port of the server. */
  serverPort?: number | undefined;
}

function mac(reader: FieldReader): string {
  return reader.hex(reader.at, 6).replaceAll(' ', ':');
}

function ipv4Text(bytes: Uint8Array, at: number): string {
  return bytes.subarray(at, at + 4).join('.');
}

function ipv6Text(view: DataView, at: number): string {
  return Array.from({ length: 8 }, (_, index) => view.getUint16(at + index * 2).toString(16)).join(':');
}

/** Returns the EtherType and the place behind the header; null where it ends too early. */
function link(bytes: Uint8Array, linkType: number, fields: ExplainedField[]): { type: number; at: number } | null {
  if (linkType === RAW_IP) return { type: (bytes[0] ?? 0) >> 4 === 6 ? 0x86dd : 0x0800, at: 0 };
  const reader = new FieldReader(bytes, 0, 'ethernet');
  if (linkType === LINUX_COOKED) {
    reader.take(14, 'cooked_header', reader.hex(0, 14));
  } else if (linkType === ETHERNET) {
    reader.take(6, 'dest_mac', mac(reader));
    reader.take(6, 'src_mac', mac(reader));
  } else return null;
  let type = reader.number(2, 'ether_type', (value) => `0x${value.toString(16).padStart(4, '0')}`);
  for (let tag = 0; tag < MAX_TAGS && (type === 0x8100 || type === 0x88a8); tag++) {
    reader.number(2, 'vlan', (value) => String(value & 0x0fff));
    type = reader.number(2, 'ether_type', (value) => `0x${value.toString(16).padStart(4, '0')}`);
  }
  fields.push(...reader.fields);
  return type < 0 ? null : { type, at: reader.at };
}

/** Returns the transport and where it begins and ends (the frame may be padded); null for anything else. */
function network(bytes: Uint8Array, type: number, at: number, fields: ExplainedField[]) {
  const reader = new FieldReader(bytes, at, 'ip');
  if (type === 0x0800 && reader.left >= 20) {
    const header = ((bytes[at] ?? 0) & 0x0f) * 4;
    const total = reader.view.getUint16(at + 2);
    reader.take(1, 'version', 'IPv4');
    reader.number(1, 'traffic_class');
    reader.number(2, 'length');
    reader.number(2, 'identification');
    const fragment = reader.number(2, 'fragment', (value) => String((value & 0x1fff) * 8));
    reader.number(1, 'ttl');
    const protocol = reader.number(1, 'protocol');
    reader.number(2, 'checksum', (value) => `0x${value.toString(16).padStart(4, '0')}`);
    reader.take(4, 'src_ip', ipv4Text(bytes, reader.at));
    reader.take(4, 'dest_ip', ipv4Text(bytes, reader.at));
    reader.rest('options', at + header);
    fields.push(...reader.fields);
    // Later fragments have no transport header of their own.
    if (header < 20 || (fragment & 0x1fff) !== 0) return null;
    return { protocol, at: at + header, end: Math.min(bytes.length, at + Math.max(header, total)) };
  }
  if (type === 0x86dd && reader.left >= 40) {
    const total = reader.view.getUint16(at + 4);
    reader.take(4, 'version', 'IPv6');
    reader.number(2, 'length');
    const protocol = reader.number(1, 'protocol');
    reader.number(1, 'ttl');
    reader.take(16, 'src_ip', ipv6Text(reader.view, reader.at));
    reader.take(16, 'dest_ip', ipv6Text(reader.view, reader.at));
    fields.push(...reader.fields);
    return { protocol, at: at + 40, end: Math.min(bytes.length, at + 40 + total) };
  }
  reader.rest('payload');
  fields.push(...reader.fields);
  return null;
}

const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];

function transport(bytes: Uint8Array, protocol: number, at: number, fields: ExplainedField[]) {
  const reader = new FieldReader(bytes, at, protocol === 6 ? 'tcp' : 'udp');
  const source = reader.number(2, 'src_port');
  const target = reader.number(2, 'dest_port');
  if (protocol === 6) {
    reader.number(4, 'sequence');
    reader.number(4, 'acknowledgement');
    const header = reader.left > 0 ? ((bytes[reader.at] ?? 0) >> 4) * 4 : 0;
    reader.number(2, 'flags', (value) => FLAGS.filter((_, bit) => value & (1 << bit)).join(' '));
    reader.number(2, 'window');
    reader.number(2, 'checksum', (value) => `0x${value.toString(16).padStart(4, '0')}`);
    reader.number(2, 'urgent');
    reader.rest('options', at + header);
    fields.push(...reader.fields);
    return { source, target, at: at + Math.max(20, header) };
  }
  reader.number(2, 'length');
  reader.number(2, 'checksum', (value) => `0x${value.toString(16).padStart(4, '0')}`);
  fields.push(...reader.fields);
  return { source, target, at: at + 8 };
}

/** The fields of one packet in the order of its bytes. Never throws, whatever the bytes are. */
export function explainPacket(data: Uint8Array, linkType: number, hint: ExplainHint = {}): ExplainedField[] {
  const fields: ExplainedField[] = [];
  const linked = link(data, linkType, fields);
  if (!linked) return fields;
  const packet = network(data, linked.type, linked.at, fields);
  if (!packet || (packet.protocol !== 6 && packet.protocol !== 17)) {
    if (packet) {
      const reader = new FieldReader(data, packet.at, 'ip');
      reader.rest('payload', packet.end);
      fields.push(...reader.fields);
    }
    return fields;
  }
  const segment = transport(data, packet.protocol, packet.at, fields);
  if (segment.at >= packet.end) return fields;
  // Without padding behind the packet, which belongs to nobody.
  const bytes = data.subarray(0, packet.end);
  const name = hint.protocol ?? PORTS[segment.target] ?? PORTS[segment.source] ?? '';
  const explain = Object.hasOwn(PROTOCOLS, name) ? PROTOCOLS[name] : undefined;
  const isRequest =
    hint.serverPort === undefined ? PORTS[segment.target] !== undefined : segment.target === hint.serverPort;
  const explained = explain?.(bytes, segment.at, isRequest) ?? null;
  if (explained) fields.push(...explained.fields);
  else {
    const reader = new FieldReader(bytes, segment.at, name === '' ? 'payload' : name);
    reader.rest('payload');
    fields.push(...reader.fields);
  }
  return fields;
}
