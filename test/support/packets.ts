/**
 * Packets and capture files written byte by byte, so that tests can make what no honest stack would send.
 * Layers nest like calls: `ethernet(ipv4({ src, dst }, tcp({ sport, dport }, payload)))`.
 * Everything has a sensible default, and every length, type and checksum can be forced to a wrong value.
 */

export type Bytes = Uint8Array;

export interface Layer {
  readonly data: Bytes;
  readonly etherType?: number;
  readonly ipProtocol?: number;
  /** PPP protocol number, where the layer can ride in PPPoE. */
  readonly ppp?: number;
  /** pcap link type, where the layer can be a whole frame. */
  readonly linkType?: number;
  /** Offset of a checksum over pseudo-header and data that the IP layer around it fills in. */
  readonly checksumAt?: number;
}

// ---------------------------------------------------------------- bytes

/** Numbers are single bytes, strings are hex (spaces allowed). */
export function bytes(...parts: readonly (number | string | Bytes | readonly number[])[]): Bytes {
  const out: number[] = [];
  for (const part of parts) {
    if (typeof part === 'number') out.push(part & 0xff);
    else if (typeof part === 'string') {
      const text = part.replace(/\s+/g, '');
      if (text.length % 2 !== 0 || /[^0-9a-f]/i.test(text)) throw new Error(`not hex: ${part}`);
      for (let i = 0; i < text.length; i += 2) out.push(Number.parseInt(text.slice(i, i + 2), 16));
    } else for (const value of part) out.push(value & 0xff);
  }
  return Uint8Array.from(out);
}

export function hex(data: Bytes): string {
  return Array.from(data, (value) => value.toString(16).padStart(2, '0')).join('');
}

export function concat(...parts: readonly Bytes[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Big endian, as protocols on the wire have it. */
export function u16(value: number): Bytes {
  return bytes(value >>> 8, value);
}

export function u32(value: number): Bytes {
  return bytes(value >>> 24, value >>> 16, value >>> 8, value);
}

export function u64(value: bigint): Bytes {
  return concat(u32(Number((value >> 32n) & 0xffffffffn)), u32(Number(value & 0xffffffffn)));
}

export function ascii(text: string): Bytes {
  return Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff);
}

function patched(data: Bytes, at: number, replacement: Bytes): Bytes {
  const out = data.slice();
  out.set(replacement, at);
  return out;
}

/** RFC 1071. */
export function internetChecksum(...parts: readonly Bytes[]): number {
  const data = concat(...parts);
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) sum += ((data[i] ?? 0) << 8) | (data[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export function macBytes(mac: string): Bytes {
  return bytes(mac.replace(/[:-]/g, ''));
}

export function ipv4Bytes(address: string): Bytes {
  return Uint8Array.from(address.split('.'), Number);
}

export function ipv6Bytes(address: string): Bytes {
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle = tail === undefined ? [] : new Array<string>(8 - left.length - right.length).fill('0');
  return concat(...[...left, ...middle, ...right].map((group) => u16(Number.parseInt(group, 16))));
}

function ipBytes(address: string): Bytes {
  return address.includes(':') ? ipv6Bytes(address) : ipv4Bytes(address);
}

// ---------------------------------------------------------------- link layer

export const CLIENT_MAC = '02:00:00:00:00:01';
export const SERVER_MAC = '02:00:00:00:00:02';

export interface EthernetOptions {
  src?: string;
  dst?: string;
  type?: number;
  /** Pads to the Ethernet minimum of 60 bytes (without FCS). Default false, so that lengths stay visible. */
  pad?: boolean;
}

export function ethernet(payload: Layer | Bytes, options: EthernetOptions = {}): Layer {
  const inner = payload instanceof Uint8Array ? { data: payload } : payload;
  const type = options.type ?? (inner as Layer).etherType ?? 0xffff;
  let data = concat(macBytes(options.dst ?? SERVER_MAC), macBytes(options.src ?? CLIENT_MAC), u16(type), inner.data);
  if (options.pad === true && data.length < 60) data = concat(data, new Uint8Array(60 - data.length));
  return { data, linkType: 1, etherType: 0x6558 };
}

/** IEEE 802.3 with LLC and SNAP: a length instead of a type, then AA AA 03, OUI 0, EtherType. */
export function ethernet8023Snap(payload: Layer, options: EthernetOptions & { length?: number } = {}): Layer {
  const body = concat(bytes('aaaa03 000000'), u16(payload.etherType ?? 0), payload.data);
  return ethernet(body, { ...options, type: options.length ?? body.length });
}

/** IEEE 802.3 with plain LLC (e.g. spanning tree, SAP 0x42). */
export function ethernet8023Llc(sap: number, payload: Bytes, options: EthernetOptions = {}): Layer {
  const body = concat(bytes(sap, sap, 3), payload);
  return ethernet(body, { ...options, type: body.length });
}

export function vlan(id: number, payload: Layer, options: { tpid?: number; priority?: number } = {}): Layer {
  return {
    data: concat(u16(((options.priority ?? 0) << 13) | id), u16(payload.etherType ?? 0), payload.data),
    etherType: options.tpid ?? 0x8100,
  };
}

/** Tags outermost first; all but the innermost are 802.1ad service tags. */
export function vlans(ids: readonly number[], payload: Layer): Layer {
  return ids.reduceRight<Layer>(
    (inner, id, index) => vlan(id, inner, { tpid: index < ids.length - 1 ? 0x88a8 : 0x8100 }),
    payload,
  );
}

/** Labels outermost first; the last one carries the bottom-of-stack bit. */
export function mpls(labels: readonly number[], payload: Layer | Bytes): Layer {
  const stack = labels.map((label, index) =>
    u32(((label << 12) | ((index === labels.length - 1 ? 1 : 0) << 8) | 64) >>> 0),
  );
  return {
    data: concat(...stack, payload instanceof Uint8Array ? payload : payload.data),
    etherType: 0x8847,
    ipProtocol: 137,
  };
}

/** RFC 4448 pseudo-wire: Ethernet in MPLS, with or without the control word. */
export function mplsEthernet(labels: readonly number[], frame: Layer, controlWord: boolean): Layer {
  return mpls(labels, controlWord ? concat(u32(0), frame.data) : frame.data);
}

export function pppoe(payload: Layer, options: { session?: number; length?: number; code?: number } = {}): Layer {
  const body = concat(u16(payload.ppp ?? 0x0021), payload.data);
  return {
    data: concat(bytes(0x11, options.code ?? 0), u16(options.session ?? 7), u16(options.length ?? body.length), body),
    etherType: 0x8864,
  };
}

export interface ArpOptions {
  operation?: 1 | 2 | number;
  senderMac?: string;
  senderIp?: string;
  targetMac?: string;
  targetIp?: string;
}

export function arp(options: ArpOptions = {}): Layer {
  return {
    data: concat(
      bytes('0001 0800 06 04'),
      u16(options.operation ?? 1),
      macBytes(options.senderMac ?? CLIENT_MAC),
      ipv4Bytes(options.senderIp ?? '10.0.0.1'),
      macBytes(options.targetMac ?? '00:00:00:00:00:00'),
      ipv4Bytes(options.targetIp ?? '10.0.0.2'),
    ),
    etherType: 0x0806,
  };
}

/** Linux cooked capture, version 1. */
export function sll(payload: Layer, options: { packetType?: number; mac?: string } = {}): Layer {
  return {
    data: concat(
      u16(options.packetType ?? 0),
      u16(1),
      u16(6),
      macBytes(options.mac ?? CLIENT_MAC),
      u16(0),
      u16(payload.etherType ?? 0),
      payload.data,
    ),
    linkType: 113,
  };
}

/** Linux cooked capture, version 2. */
export function sll2(
  payload: Layer,
  options: { packetType?: number; mac?: string; interfaceIndex?: number } = {},
): Layer {
  return {
    data: concat(
      u16(payload.etherType ?? 0),
      u16(0),
      u32(options.interfaceIndex ?? 2),
      u16(1),
      bytes(options.packetType ?? 0, 6),
      macBytes(options.mac ?? CLIENT_MAC),
      u16(0),
      payload.data,
    ),
    linkType: 276,
  };
}

/** BSD loopback: the address family in the byte order of the capturing host. */
export function nullLoopback(payload: Layer, options: { family?: number; bigEndian?: boolean } = {}): Layer {
  const family = options.family ?? (payload.etherType === 0x86dd ? 30 : 2);
  const head = u32(family);
  return { data: concat(options.bigEndian === true ? head : head.reverse(), payload.data), linkType: 0 };
}

/** OpenBSD loopback: the address family in network byte order. */
export function loop(payload: Layer, options: { family?: number } = {}): Layer {
  return { data: concat(u32(options.family ?? (payload.etherType === 0x86dd ? 24 : 2)), payload.data), linkType: 108 };
}

/** IP without a link layer; link type 101, or 228/229/12/14 when asked. */
export function raw(payload: Layer, linkType = 101): Layer {
  return { data: payload.data, linkType };
}

// ---------------------------------------------------------------- network layer

export const CLIENT_IP = '10.0.0.1';
export const SERVER_IP = '10.0.0.2';
export const CLIENT_IP6 = 'fd00::1';
export const SERVER_IP6 = 'fd00::2';

export interface Ipv4Options {
  src?: string;
  dst?: string;
  ttl?: number;
  id?: number;
  protocol?: number;
  /** Option bytes; padded with End of Options to a multiple of four. */
  options?: Bytes;
  dontFragment?: boolean;
  moreFragments?: boolean;
  /** In bytes, a multiple of 8. */
  fragmentOffset?: number;
  /** Forced, right or wrong. */
  totalLength?: number;
  /** In 32-bit words; forced, right or wrong. */
  headerWords?: number;
  version?: number;
  badChecksum?: boolean;
  tos?: number;
}

function sealed(payload: Layer | Bytes, src: Bytes, dst: Bytes, protocol: number): Bytes {
  if (payload instanceof Uint8Array || payload.checksumAt === undefined) {
    return payload instanceof Uint8Array ? payload : payload.data;
  }
  const length = u32(payload.data.length);
  const sum = internetChecksum(
    src,
    dst,
    src.length === 4 ? length.subarray(2) : length,
    bytes(0, protocol),
    payload.data,
  );
  // UDP: a sum of zero is sent as all ones, because zero means "none".
  return patched(payload.data, payload.checksumAt, u16(sum === 0 && protocol === 17 ? 0xffff : sum));
}

function ipv4Raw(body: Bytes, options: Ipv4Options, protocol: number): Layer {
  const given = options.options ?? new Uint8Array(0);
  const padded = concat(given, new Uint8Array((4 - (given.length % 4)) % 4));
  const words = 5 + padded.length / 4;
  const flags =
    (options.dontFragment === true ? 0x4000 : 0) |
    (options.moreFragments === true ? 0x2000 : 0) |
    (((options.fragmentOffset ?? 0) >>> 3) & 0x1fff);
  const header = concat(
    bytes(((options.version ?? 4) << 4) | ((options.headerWords ?? words) & 15), options.tos ?? 0),
    u16(options.totalLength ?? words * 4 + body.length),
    u16(options.id ?? 1),
    u16(flags),
    bytes(options.ttl ?? 64, protocol),
    u16(0),
    ipv4Bytes(options.src ?? CLIENT_IP),
    ipv4Bytes(options.dst ?? SERVER_IP),
    padded,
  );
  const sum = internetChecksum(header) ^ (options.badChecksum === true ? 0x5555 : 0);
  return {
    data: concat(patched(header, 10, u16(sum)), body),
    etherType: 0x0800,
    ipProtocol: 4,
    ppp: 0x0021,
    linkType: 101,
  };
}

export function ipv4(options: Ipv4Options, payload: Layer | Bytes): Layer {
  const protocol = options.protocol ?? (payload instanceof Uint8Array ? 255 : (payload.ipProtocol ?? 255));
  const src = ipv4Bytes(options.src ?? CLIENT_IP);
  const dst = ipv4Bytes(options.dst ?? SERVER_IP);
  return ipv4Raw(sealed(payload, src, dst, protocol), options, protocol);
}

/** One fragment with exactly these bytes at this offset. */
export function ipv4Fragment(options: Ipv4Options, offset: number, data: Bytes, more: boolean): Layer {
  return ipv4Raw(data, { ...options, fragmentOffset: offset, moreFragments: more }, options.protocol ?? 6);
}

/** The packet in fragments of `size` bytes (a multiple of 8), in order. */
export function ipv4Fragments(options: Ipv4Options, payload: Layer, size: number): Layer[] {
  const protocol = options.protocol ?? payload.ipProtocol ?? 255;
  const body = sealed(payload, ipv4Bytes(options.src ?? CLIENT_IP), ipv4Bytes(options.dst ?? SERVER_IP), protocol);
  const out: Layer[] = [];
  for (let at = 0; at < body.length; at += size) {
    out.push(ipv4Fragment({ ...options, protocol }, at, body.subarray(at, at + size), at + size < body.length));
  }
  return out;
}

/** The transport segment with its checksum filled in for these addresses: what fragments are cut from. */
export function ipBody(options: { src?: string; dst?: string }, payload: Layer): Bytes {
  return sealed(
    payload,
    ipBytes(options.src ?? CLIENT_IP),
    ipBytes(options.dst ?? SERVER_IP),
    payload.ipProtocol ?? 255,
  );
}

export interface Ipv6Options {
  src?: string;
  dst?: string;
  hopLimit?: number;
  nextHeader?: number;
  payloadLength?: number;
  version?: number;
  flowLabel?: number;
}

export interface ExtensionHeader {
  /** 0 hop-by-hop, 43 routing, 44 fragment, 51 authentication, 60 destination options, 135 mobility. */
  readonly type: number;
  /** Everything after the next-header byte, so the length byte comes first (reserved for the fragment header). */
  readonly rest: Bytes;
}

/** PadN-filled options header of `units` extra 8-byte units. */
export function optionsHeader(type: 0 | 60 | 43 | 135, units = 0): ExtensionHeader {
  const body =
    type === 43 ? new Uint8Array(6 + units * 8) : concat(bytes(1, 4 + units * 8), new Uint8Array(4 + units * 8));
  return { type, rest: concat(bytes(units), body) };
}

export function authenticationHeader(words = 4): ExtensionHeader {
  return { type: 51, rest: concat(bytes(words), new Uint8Array((words + 2) * 4 - 2)) };
}

export function fragmentHeader(offset: number, more: boolean, id = 1): ExtensionHeader {
  return { type: 44, rest: concat(bytes(0), u16((offset & 0xfff8) | (more ? 1 : 0)), u32(id)) };
}

/** Extension headers outermost first. */
export function ipv6(options: Ipv6Options, payload: Layer | Bytes, extensions: readonly ExtensionHeader[] = []): Layer {
  const protocol = options.nextHeader ?? (payload instanceof Uint8Array ? 59 : (payload.ipProtocol ?? 59));
  const src = ipv6Bytes(options.src ?? CLIENT_IP6);
  const dst = ipv6Bytes(options.dst ?? SERVER_IP6);
  let body = sealed(payload, src, dst, protocol);
  let next = protocol;
  for (const extension of [...extensions].reverse()) {
    body = concat(bytes(next), extension.rest, body);
    next = extension.type;
  }
  return {
    data: concat(
      u32((((options.version ?? 6) << 28) | (options.flowLabel ?? 0)) >>> 0),
      u16(options.payloadLength ?? body.length),
      bytes(next, options.hopLimit ?? 64),
      src,
      dst,
      body,
    ),
    etherType: 0x86dd,
    ipProtocol: 41,
    ppp: 0x0057,
    linkType: 101,
  };
}

export function ipv6Fragments(
  options: Ipv6Options,
  payload: Layer,
  size: number,
  id = 1,
  extensions: readonly ExtensionHeader[] = [],
): Layer[] {
  const protocol = payload.ipProtocol ?? 59;
  const body = sealed(payload, ipv6Bytes(options.src ?? CLIENT_IP6), ipv6Bytes(options.dst ?? SERVER_IP6), protocol);
  const out: Layer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const header = fragmentHeader(at, at + size < body.length, id);
    out.push(ipv6({ ...options, nextHeader: protocol }, body.subarray(at, at + size), [...extensions, header]));
  }
  return out;
}

// ---------------------------------------------------------------- tunnels

export interface GreOptions {
  key?: number;
  sequence?: number;
  withChecksum?: boolean;
  protocol?: number;
  version?: number;
}

export function gre(payload: Layer, options: GreOptions = {}): Layer {
  const flags =
    (options.withChecksum === true ? 0x8000 : 0) |
    (options.key !== undefined ? 0x2000 : 0) |
    (options.sequence !== undefined ? 0x1000 : 0) |
    (options.version ?? 0);
  const optional: Bytes[] = [];
  if (options.withChecksum === true) optional.push(u32(0));
  if (options.key !== undefined) optional.push(u32(options.key));
  if (options.sequence !== undefined) optional.push(u32(options.sequence));
  return {
    data: concat(u16(flags), u16(options.protocol ?? payload.etherType ?? 0), ...optional, payload.data),
    ipProtocol: 47,
  };
}

/** Type I: GRE without sequence number, protocol 0x88BE, the frame follows at once. */
export function erspan1(frame: Layer): Layer {
  return gre({ data: frame.data }, { protocol: 0x88be });
}

/** Type II: GRE with sequence number and an 8-byte header. */
export function erspan2(frame: Layer, options: { session?: number; vlan?: number } = {}): Layer {
  const header = concat(u16(0x1000 | (options.vlan ?? 0)), u16(options.session ?? 1), u32(0));
  return gre({ data: concat(header, frame.data) }, { protocol: 0x88be, sequence: 1 });
}

/** Type III: protocol 0x22EB, a 12-byte header and, when asked, the 8-byte platform header. */
export function erspan3(frame: Layer, options: { session?: number; vlan?: number; platform?: boolean } = {}): Layer {
  const header = concat(
    u16(0x2000 | (options.vlan ?? 0)),
    u16(options.session ?? 1),
    u32(0x12345678),
    u16(0),
    u16(options.platform === true ? 1 : 0),
    options.platform === true ? new Uint8Array(8) : new Uint8Array(0),
  );
  return gre({ data: concat(header, frame.data) }, { protocol: 0x22eb, sequence: 1 });
}

export function vxlan(frame: Layer, options: { vni?: number; sport?: number; dport?: number } = {}): Layer {
  return udp(
    { sport: options.sport ?? 55_555, dport: options.dport ?? 4789 },
    concat(bytes('08 000000'), u32((options.vni ?? 42) << 8), frame.data),
  );
}

// ---------------------------------------------------------------- transport layer

export interface TcpOptions {
  sport?: number;
  dport?: number;
  seq?: number;
  ack?: number;
  /** Letters of FSRPAUEC; default PA. */
  flags?: string;
  window?: number;
  urgent?: number;
  /** Option bytes; padded with End of Options. */
  options?: Bytes;
  /** good (default), bad, or a fixed value (0 for what an offloading sender hands to the capture). */
  checksum?: 'good' | 'bad' | number;
  /** In 32-bit words; forced, right or wrong. */
  headerWords?: number;
}

const TCP_FLAGS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16, U: 32, E: 64, C: 128 };

export function tcp(options: TcpOptions, payload: Bytes = new Uint8Array(0)): Layer {
  const given = options.options ?? new Uint8Array(0);
  const padded = concat(given, new Uint8Array((4 - (given.length % 4)) % 4));
  const words = options.headerWords ?? 5 + padded.length / 4;
  let flags = 0;
  for (const letter of options.flags ?? 'PA') flags |= TCP_FLAGS[letter] ?? 0;
  const fixed = typeof options.checksum === 'number' ? options.checksum : 0;
  const data = concat(
    u16(options.sport ?? 40_000),
    u16(options.dport ?? 502),
    u32((options.seq ?? 1000) >>> 0),
    u32((options.ack ?? 0) >>> 0),
    bytes((words & 15) << 4, flags),
    u16(options.window ?? 64_240),
    u16(fixed),
    u16(options.urgent ?? 0),
    padded,
    payload,
  );
  if (typeof options.checksum === 'number') return { data, ipProtocol: 6 };
  if (options.checksum === 'bad') return { data: patched(data, 16, u16(0xdead)), ipProtocol: 6 };
  return { data, ipProtocol: 6, checksumAt: 16 };
}

export const tcpOption = {
  mss: (value: number): Bytes => concat(bytes(2, 4), u16(value)),
  windowScale: (shift: number): Bytes => bytes(3, 3, shift),
  sackPermitted: (): Bytes => bytes(4, 2),
  timestamps: (value: number, echo: number): Bytes => concat(bytes(1, 1, 8, 10), u32(value >>> 0), u32(echo >>> 0)),
};

export interface UdpOptions {
  sport?: number;
  dport?: number;
  /** Forced, right or wrong. */
  length?: number;
  checksum?: 'good' | 'bad' | 'none';
}

export function udp(options: UdpOptions, payload: Bytes = new Uint8Array(0)): Layer {
  const data = concat(
    u16(options.sport ?? 40_000),
    u16(options.dport ?? 502),
    u16(options.length ?? 8 + payload.length),
    u16(options.checksum === 'bad' ? 0xdead : 0),
    payload,
  );
  return options.checksum === undefined || options.checksum === 'good'
    ? { data, ipProtocol: 17, checksumAt: 6 }
    : { data, ipProtocol: 17 };
}

export function icmp(type: number, code: number, payload: Bytes): Layer {
  const data = concat(bytes(type, code), u16(0), payload);
  return { data: patched(data, 2, u16(internetChecksum(data))), ipProtocol: 1 };
}

// ---------------------------------------------------------------- a TCP conversation

export interface SegmentOptions extends Omit<TcpOptions, 'sport' | 'dport'> {
  ip?: Omit<Ipv4Options, 'src' | 'dst'>;
  eth?: EthernetOptions;
  /** Keeps this side's sequence number where it was: an insertion, a retransmission, a probe. */
  stay?: boolean;
}

/**
 * Both ends of one TCP connection with correct numbers, so that a case only says what it does differently.
 * Every method returns the frame and moves this side's sequence number on (unless `stay`).
 */
export class TcpPair {
  clientSeq: number;
  serverSeq: number;

  constructor(
    readonly options: {
      clientIp?: string;
      serverIp?: string;
      clientPort?: number;
      serverPort?: number;
      clientIsn?: number;
      serverIsn?: number;
      /** Wraps the IP packet of either side into a frame; default plain Ethernet. */
      frame?: (ip: Layer, fromClient: boolean) => Layer;
    } = {},
  ) {
    this.clientSeq = options.clientIsn ?? 1_000_000;
    this.serverSeq = options.serverIsn ?? 5_000_000;
  }

  get clientPort(): number {
    return this.options.clientPort ?? 40_000;
  }

  get serverPort(): number {
    return this.options.serverPort ?? 502;
  }

  /** The IP packet alone, for cases that wrap or fragment it. */
  segment(fromClient: boolean, payload: Bytes, segment: SegmentOptions = {}): Layer {
    const { ip, eth: _eth, stay: _stay, ...given } = segment;
    const header = tcp(
      {
        sport: fromClient ? this.clientPort : this.serverPort,
        dport: fromClient ? this.serverPort : this.clientPort,
        seq: fromClient ? this.clientSeq : this.serverSeq,
        ack: fromClient ? this.serverSeq : this.clientSeq,
        ...given,
      },
      payload,
    );
    const client = this.options.clientIp ?? CLIENT_IP;
    const server = this.options.serverIp ?? SERVER_IP;
    const addresses = fromClient ? { src: client, dst: server } : { src: server, dst: client };
    if (segment.stay !== true) {
      const flags = segment.flags ?? 'PA';
      const moved = payload.length + (flags.includes('S') ? 1 : 0) + (flags.includes('F') ? 1 : 0);
      if (fromClient) this.clientSeq = (this.clientSeq + moved) >>> 0;
      else this.serverSeq = (this.serverSeq + moved) >>> 0;
    }
    return client.includes(':') ? ipv6(addresses, header) : ipv4({ ...ip, ...addresses }, header);
  }

  private framed(fromClient: boolean, payload: Bytes, segment: SegmentOptions): Layer {
    const packet = this.segment(fromClient, payload, segment);
    if (this.options.frame) return this.options.frame(packet, fromClient);
    const macs = fromClient ? { src: CLIENT_MAC, dst: SERVER_MAC } : { src: SERVER_MAC, dst: CLIENT_MAC };
    return ethernet(packet, { ...macs, ...segment.eth });
  }

  client(payload: Bytes = new Uint8Array(0), segment: SegmentOptions = {}): Layer {
    return this.framed(true, payload, segment);
  }

  server(payload: Bytes = new Uint8Array(0), segment: SegmentOptions = {}): Layer {
    return this.framed(false, payload, segment);
  }

  /** SYN, SYN-ACK, ACK. */
  open(): Layer[] {
    return [
      this.client(undefined, { flags: 'S', ack: 0 }),
      this.server(undefined, { flags: 'SA' }),
      this.client(undefined, { flags: 'A' }),
    ];
  }

  /** FIN from the client, FIN from the server, last ACK. */
  close(): Layer[] {
    return [
      this.client(undefined, { flags: 'FA' }),
      this.server(undefined, { flags: 'FA' }),
      this.client(undefined, { flags: 'A' }),
    ];
  }
}

// ---------------------------------------------------------------- Modbus

export interface AduOptions {
  transaction?: number;
  unit?: number;
  protocol?: number;
  /** MBAP length; forced, right or wrong. */
  length?: number;
}

/** Modbus/TCP: MBAP header and PDU (Modbus Messaging on TCP/IP, 3.1.3). */
export function modbusTcp(pdu: Bytes, options: AduOptions = {}): Bytes {
  return concat(
    u16(options.transaction ?? 1),
    u16(options.protocol ?? 0),
    u16(options.length ?? pdu.length + 1),
    bytes(options.unit ?? 1),
    pdu,
  );
}

/** CRC-16/MODBUS, low byte first on the wire. */
export function modbusCrc(data: Bytes): number {
  let crc = 0xffff;
  for (const value of data) {
    crc ^= value;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}

export function modbusRtu(unit: number, pdu: Bytes, crc?: number): Bytes {
  const body = concat(bytes(unit), pdu);
  const sum = crc ?? modbusCrc(body);
  return concat(body, bytes(sum, sum >>> 8));
}

function packBits(bits: readonly number[]): Bytes {
  const out = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, index) => {
    if (bit !== 0) out[index >> 3] = (out[index >> 3] ?? 0) | (1 << (index & 7));
  });
  return out;
}

/** PDUs of the Modbus Application Protocol, by what they do. */
export const modbusPdu = {
  /** Functions 1 to 4. */
  read: (fc: 1 | 2 | 3 | 4, address: number, quantity: number): Bytes => concat(bytes(fc), u16(address), u16(quantity)),
  registers: (fc: 3 | 4, values: readonly number[]): Bytes => concat(bytes(fc, values.length * 2), ...values.map(u16)),
  bits: (fc: 1 | 2, values: readonly number[]): Bytes => {
    const packed = packBits(values);
    return concat(bytes(fc, packed.length), packed);
  },
  writeCoil: (address: number, on: boolean): Bytes => concat(bytes(5), u16(address), u16(on ? 0xff00 : 0)),
  writeRegister: (address: number, value: number): Bytes => concat(bytes(6), u16(address), u16(value)),
  writeCoils: (address: number, values: readonly number[]): Bytes => {
    const packed = packBits(values);
    return concat(bytes(15), u16(address), u16(values.length), bytes(packed.length), packed);
  },
  writeRegisters: (address: number, values: readonly number[]): Bytes =>
    concat(bytes(16), u16(address), u16(values.length), bytes(values.length * 2), ...values.map(u16)),
  /** The answer to 15 and 16. */
  written: (fc: 15 | 16, address: number, quantity: number): Bytes => concat(bytes(fc), u16(address), u16(quantity)),
  diagnostics: (subfunction: number, data: number): Bytes => concat(bytes(8), u16(subfunction), u16(data)),
  maskWrite: (address: number, and: number, or: number): Bytes => concat(bytes(22), u16(address), u16(and), u16(or)),
  readWrite: (readAddress: number, readQuantity: number, writeAddress: number, values: readonly number[]): Bytes =>
    concat(
      bytes(23),
      u16(readAddress),
      u16(readQuantity),
      u16(writeAddress),
      u16(values.length),
      bytes(values.length * 2),
      ...values.map(u16),
    ),
  readDeviceId: (code: number, object: number): Bytes => bytes(43, 14, code, object),
  exception: (fc: number, code: number): Bytes => bytes(fc | 0x80, code),
};

// ---------------------------------------------------------------- capture files

/** 2026-01-01T00:00:00Z in microseconds: when captures made here begin. */
export const BASE_TIME = 1_767_225_600_000_000;

export interface CaptureRecord {
  readonly data: Bytes;
  /** Microseconds since 1970; default 1 ms after the one before. */
  readonly time?: number;
  /** Nanoseconds below the microsecond. */
  readonly nanos?: number;
  readonly originalLength?: number;
  /** Forced captured length in the record header, right or wrong. */
  readonly capturedLength?: number;
  readonly linkType?: number;
}

export type Frame = Layer | CaptureRecord;

/** Frames with explicit times, 1 ms apart where none was given. */
export function timed(frames: readonly Frame[], start = BASE_TIME, step = 1000): (CaptureRecord & { time: number })[] {
  let at = start - step;
  return frames.map((frame) => {
    const given = 'time' in frame ? (frame as CaptureRecord).time : undefined;
    at = given ?? at + step;
    return { ...frame, time: at };
  });
}

function linkTypeOf(frames: readonly Frame[]): number {
  return frames[0]?.linkType ?? 1;
}

function ordered(parts: readonly [value: number, size: 1 | 2 | 4][], bigEndian: boolean): Bytes {
  const out = new Uint8Array(parts.reduce((sum, [, size]) => sum + size, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const [value, size] of parts) {
    if (size === 1) view.setUint8(at, value);
    else if (size === 2) view.setUint16(at, value, !bigEndian);
    else view.setUint32(at, value >>> 0, !bigEndian);
    at += size;
  }
  return out;
}

export interface PcapOptions {
  bigEndian?: boolean;
  nanoseconds?: boolean;
  linkType?: number;
  snapLength?: number;
  magic?: number;
  versionMajor?: number;
  versionMinor?: number;
  start?: number;
}

export function pcapHeader(options: PcapOptions = {}): Bytes {
  const magic = options.magic ?? (options.nanoseconds === true ? 0xa1b23c4d : 0xa1b2c3d4);
  return ordered(
    [
      [magic, 4],
      [options.versionMajor ?? 2, 2],
      [options.versionMinor ?? 4, 2],
      [0, 4],
      [0, 4],
      [options.snapLength ?? 262_144, 4],
      [options.linkType ?? 1, 4],
    ],
    options.bigEndian === true,
  );
}

export function pcapRecord(record: CaptureRecord & { time: number }, options: PcapOptions = {}): Bytes {
  const seconds = Math.floor(record.time / 1_000_000);
  const micros = record.time - seconds * 1_000_000;
  const head = ordered(
    [
      [seconds, 4],
      [options.nanoseconds === true ? micros * 1000 + (record.nanos ?? 0) : micros, 4],
      [record.capturedLength ?? record.data.length, 4],
      [record.originalLength ?? record.data.length, 4],
    ],
    options.bigEndian === true,
  );
  return concat(head, record.data);
}

/** A classic pcap file; the link type is that of the first frame unless given. */
export function pcap(frames: readonly Frame[], options: PcapOptions = {}): Bytes {
  const full = { ...options, linkType: options.linkType ?? linkTypeOf(frames) };
  return concat(pcapHeader(full), ...timed(frames, options.start).map((record) => pcapRecord(record, full)));
}

/** Blocks of one pcapng section in one byte order; every length can be forced. */
export class PcapngWriter {
  constructor(readonly bigEndian = false) {}

  private u(...parts: [number, 1 | 2 | 4][]): Bytes {
    return ordered(parts, this.bigEndian);
  }

  private pad(data: Bytes): Bytes {
    return concat(data, new Uint8Array((4 - (data.length % 4)) % 4));
  }

  private lengths(options: { length?: number; trailer?: number }, body: Bytes): [Bytes, Bytes] {
    const length = options.length ?? body.length + 12;
    return [this.u([length, 4]), this.u([options.trailer ?? length, 4])];
  }

  block(type: number, body: Bytes, options: { length?: number; trailer?: number } = {}): Bytes {
    const [head, tail] = this.lengths(options, body);
    return concat(this.u([type, 4]), head, body, tail);
  }

  option(code: number, value: Bytes): Bytes {
    return concat(this.u([code, 2], [value.length, 2]), this.pad(value));
  }

  endOfOptions(): Bytes {
    return this.u([0, 2], [0, 2]);
  }

  section(
    options: {
      sectionLength?: bigint;
      length?: number;
      trailer?: number;
      magic?: number;
      major?: number;
      options?: Bytes;
    } = {},
  ): Bytes {
    const sectionLength = options.sectionLength ?? 0xffffffffffffffffn;
    const size = new Uint8Array(8);
    new DataView(size.buffer).setBigUint64(0, sectionLength, !this.bigEndian);
    const body = concat(
      this.u([options.magic ?? 0x1a2b3c4d, 4], [options.major ?? 1, 2], [0, 2]),
      size,
      options.options ?? new Uint8Array(0),
    );
    return this.block(0x0a0d0d0a, body, options);
  }

  interface(
    options: {
      linkType?: number;
      snapLength?: number;
      name?: string;
      /** Raw value of if_tsresol: a power of ten, or of two with the high bit. */
      tsresol?: number;
      /** Seconds added to every time. */
      tsoffset?: bigint;
      fcsLength?: number;
    } = {},
  ): Bytes {
    const list: Bytes[] = [];
    if (options.name !== undefined) list.push(this.option(2, ascii(options.name)));
    if (options.tsresol !== undefined) list.push(this.option(9, bytes(options.tsresol)));
    if (options.fcsLength !== undefined) list.push(this.option(13, bytes(options.fcsLength)));
    if (options.tsoffset !== undefined) {
      const value = new Uint8Array(8);
      new DataView(value.buffer).setBigInt64(0, options.tsoffset, !this.bigEndian);
      list.push(this.option(14, value));
    }
    if (list.length > 0) list.push(this.endOfOptions());
    return this.block(1, concat(this.u([options.linkType ?? 1, 2], [0, 2], [options.snapLength ?? 0, 4]), ...list));
  }

  /** `units` is the time in the interface's resolution. */
  enhanced(
    data: Bytes,
    options: {
      interface?: number;
      units?: bigint;
      originalLength?: number;
      capturedLength?: number;
      length?: number;
      trailer?: number;
      options?: Bytes;
    } = {},
  ): Bytes {
    const units = options.units ?? BigInt(BASE_TIME);
    const body = concat(
      this.u(
        [options.interface ?? 0, 4],
        [Number((units >> 32n) & 0xffffffffn), 4],
        [Number(units & 0xffffffffn), 4],
        [options.capturedLength ?? data.length, 4],
        [options.originalLength ?? data.length, 4],
      ),
      this.pad(data),
      options.options ?? new Uint8Array(0),
    );
    return this.block(6, body, options);
  }

  simple(data: Bytes, options: { originalLength?: number; length?: number; trailer?: number } = {}): Bytes {
    return this.block(3, concat(this.u([options.originalLength ?? data.length, 4]), this.pad(data)), options);
  }

  /** The Packet Block that the Enhanced Packet Block replaced. */
  obsolete(
    data: Bytes,
    options: {
      interface?: number;
      units?: bigint;
      drops?: number;
      originalLength?: number;
      capturedLength?: number;
    } = {},
  ): Bytes {
    const units = options.units ?? BigInt(BASE_TIME);
    return this.block(
      2,
      concat(
        this.u(
          [options.interface ?? 0, 2],
          [options.drops ?? 0xffff, 2],
          [Number((units >> 32n) & 0xffffffffn), 4],
          [Number(units & 0xffffffffn), 4],
          [options.capturedLength ?? data.length, 4],
          [options.originalLength ?? data.length, 4],
        ),
        this.pad(data),
      ),
    );
  }

  statistics(options: { interface?: number; received?: bigint; dropped?: bigint } = {}): Bytes {
    const count = (code: number, value: bigint): Bytes => {
      const raw64 = new Uint8Array(8);
      new DataView(raw64.buffer).setBigUint64(0, value, !this.bigEndian);
      return this.option(code, raw64);
    };
    const units = BigInt(BASE_TIME);
    return this.block(
      5,
      concat(
        this.u(
          [options.interface ?? 0, 4],
          [Number((units >> 32n) & 0xffffffffn), 4],
          [Number(units & 0xffffffffn), 4],
        ),
        count(4, options.received ?? 0n),
        count(5, options.dropped ?? 0n),
        this.endOfOptions(),
      ),
    );
  }
}

/** A pcapng file of one section and one interface, microseconds. */
export function pcapng(
  frames: readonly Frame[],
  options: { bigEndian?: boolean; linkType?: number; start?: number } = {},
): Bytes {
  const writer = new PcapngWriter(options.bigEndian);
  return concat(
    writer.section(),
    writer.interface({ linkType: options.linkType ?? linkTypeOf(frames) }),
    ...timed(frames, options.start).map((record) =>
      writer.enhanced(record.data, {
        units: BigInt(record.time),
        originalLength: record.originalLength ?? record.data.length,
      }),
    ),
  );
}
