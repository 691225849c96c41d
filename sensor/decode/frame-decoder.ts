import { LINKTYPE, type Packet } from '../capture/packet.js';
import { hex, i32, u16, u16le, u32 } from '../model/bytes.js';
import { DECODE } from './anomalies.js';
import { headerSum } from './checksum.js';
import { Defragmenter } from './defragmenter.js';
import { type Frame, IP_PROTOCOL, MAPPED_PREFIX, MAX_VLAN_TAGS } from './frame.js';

/** Tunnels within tunnels; Zeek stops at 4, Suricata at 16 layers of any kind. */
const MAX_TUNNELS = 8;
const MAX_MPLS_LABELS = 8;
const MAX_IPV6_EXTENSIONS = 10;
/** Larger than any jumbo frame: the network card has merged packets. */
const OFFLOAD_LENGTH = 9216;

const ETHER = {
  IPV4: 0x0800,
  ARP: 0x0806,
  VLAN: 0x8100,
  IPV6: 0x86dd,
  MPLS: 0x8847,
  MPLS_MULTICAST: 0x8848,
  PPPOE_SESSION: 0x8864,
  QINQ: 0x88a8,
  QINQ_9100: 0x9100,
  QINQ_9200: 0x9200,
  CISCO_METADATA: 0x8909,
  ERSPAN_II: 0x88be,
  ERSPAN_III: 0x22eb,
  TRANSPARENT_BRIDGING: 0x6558,
} as const;
const VXLAN_PORTS: ReadonlySet<number> = new Set([4789, 8472]);
/** Address families of the BSDs and Linux in null/loop headers. */
const AF_INET = 2;
const AF_INET6: ReadonlySet<number> = new Set([10, 24, 28, 30]);

/**
 * Decodes packets into one reused `Frame`: link layer, tags, tunnels, IP with fragments, TCP and UDP headers.
 * Sources: IEEE 802.3, 802.1Q, 802.1ad; RFC 791, 8200, 9293, 768, 826, 2784, 2890, 3032, 2516, 7348, 2003;
 * draft-foschiano-erspan; www.tcpdump.org/linktypes for SLL, SLL2, NULL, LOOP.
 */
export class FrameDecoder {
  readonly defragmenter = new Defragmenter();
  readonly #frame: Frame;
  #alternative: Uint8Array | null = null;
  #fragmentProtocol = 0;
  #tunnels = 0;

  constructor(frame: Frame) {
    this.#frame = frame;
  }

  decode(packet: Packet): void {
    const frame = this.#frame;
    const { buf, from, to } = packet;
    frame.buf = buf;
    frame.number = packet.number;
    frame.timestamp = packet.timestamp;
    frame.nanos = packet.nanos;
    frame.end = to;
    frame.kind = 'undecodable';
    frame.sourceMacAt = -1;
    frame.destinationMacAt = -1;
    frame.etherType = 0;
    frame.vlanCount = 0;
    frame.networkAt = from;
    frame.isTunnelled = false;
    frame.ipVersion = 0;
    frame.ipProtocol = 0;
    frame.isFragment = false;
    frame.payloadFrom = 0;
    frame.payloadTo = 0;
    frame.payloadLength = 0;
    frame.hasAlternative = false;
    frame.anomalyCount = 0;
    frame.isCut = packet.originalLength > to - from;
    frame.wireLength = frame.isCut ? packet.originalLength : to - from;
    frame.hasWrongHeaderSum = false;
    this.#alternative = null;
    this.#tunnels = 0;
    switch (packet.linkType) {
      case LINKTYPE.ETHERNET:
        this.#ethernet(from);
        return;
      case LINKTYPE.RAW:
      case LINKTYPE.RAW_BSD:
      case LINKTYPE.RAW_OPENBSD:
      case LINKTYPE.IPV4:
      case LINKTYPE.IPV6:
        this.#ipByVersion(from);
        return;
      case LINKTYPE.LINUX_SLL:
        if (to - from >= 16) this.#cooked(u16(buf, from + 14), from + 16);
        return;
      case LINKTYPE.LINUX_SLL2:
        if (to - from >= 20) this.#cooked(u16(buf, from), from + 20);
        return;
      case LINKTYPE.NULL:
      case LINKTYPE.LOOP:
        if (to - from >= 4) this.#loopback(from);
        return;
    }
  }

  /** The other reading of a fragmented packet whose fragments contradict each other. */
  decodeAlternative(): void {
    const data = this.#alternative;
    const frame = this.#frame;
    frame.hasAlternative = false;
    frame.anomalyCount = 0;
    if (!data) return;
    this.#alternative = null;
    frame.buf = data;
    frame.end = data.length;
    frame.payloadLength = 0;
    this.#transport(this.#fragmentProtocol, 0, data.length, data.length);
  }

  #ethernet(at: number): void {
    const frame = this.#frame;
    if (frame.end - at < 14) return;
    frame.destinationMacAt = at;
    frame.sourceMacAt = at + 6;
    this.#etherType(u16(frame.buf, at + 12), at + 14);
  }

  #cooked(protocol: number, at: number): void {
    this.#etherType(protocol, at);
  }

  #loopback(at: number): void {
    const { buf } = this.#frame;
    const family = u16(buf, at) === 0 ? u16(buf, at + 2) : u16le(buf, at);
    if (family === AF_INET) this.#ipv4(at + 4);
    else if (AF_INET6.has(family)) this.#ipv6(at + 4);
    else this.#other(at + 4);
  }

  #other(at: number): void {
    const frame = this.#frame;
    frame.kind = 'other';
    frame.networkAt = at;
  }

  #etherType(type: number, start: number): void {
    const frame = this.#frame;
    const { buf, end } = frame;
    let at = start;
    let etherType = type;
    // One round per tag; every round consumes at least four bytes.
    for (;;) {
      frame.etherType = etherType;
      switch (etherType) {
        case ETHER.IPV4:
          this.#ipv4(at);
          return;
        case ETHER.IPV6:
          this.#ipv6(at);
          return;
        case ETHER.ARP:
          frame.kind = 'arp';
          frame.networkAt = at;
          return;
        case ETHER.VLAN:
        case ETHER.QINQ:
        case ETHER.QINQ_9100:
        case ETHER.QINQ_9200:
          if (end - at < 4) return;
          if (frame.vlanCount >= MAX_VLAN_TAGS) {
            frame.note(DECODE.tooManyLayers);
            return;
          }
          frame.vlans[frame.vlanCount++] = u16(buf, at) & 0x0fff;
          etherType = u16(buf, at + 2);
          at += 4;
          continue;
        case ETHER.CISCO_METADATA:
          if (end - at < 8) return;
          etherType = u16(buf, at + 6);
          at += 8;
          continue;
        case ETHER.MPLS:
        case ETHER.MPLS_MULTICAST:
          this.#mpls(at);
          return;
        case ETHER.PPPOE_SESSION:
          this.#pppoe(at);
          return;
        case ETHER.TRANSPARENT_BRIDGING:
          this.#tunnelledEthernet(at);
          return;
      }
      if (etherType > 1500) {
        this.#other(at);
        return;
      }
      // IEEE 802.3: a length, then LLC; SNAP with OUI 0 carries an EtherType.
      const isSnap = end - at >= 8 && u32(buf, at) === 0xaaaa0300 && u16(buf, at + 4) === 0;
      if (!isSnap) {
        this.#other(at);
        return;
      }
      etherType = u16(buf, at + 6);
      at += 8;
    }
  }

  #mpls(start: number): void {
    const frame = this.#frame;
    const { buf, end } = frame;
    let at = start;
    for (let label = 0; label < MAX_MPLS_LABELS; label++) {
      if (end - at < 4) return;
      const isBottom = (buf[at + 2]! & 1) === 1;
      at += 4;
      if (!isBottom) continue;
      if (at >= end) return;
      // A pseudo-wire carries Ethernet, with or without a control word in front (RFC 4448). The first nibble alone
      // cannot tell: MAC addresses begin with 0, 4 or 6 as well.
      const version = buf[at]! >>> 4;
      if (version === 4 && !this.#looksLikeEthernet(at)) this.#ipv4(at);
      else if (version === 6 && !this.#looksLikeEthernet(at)) this.#ipv6(at);
      else if (version === 0 && !this.#looksLikeEthernet(at)) this.#tunnelledEthernet(at + 4);
      else this.#tunnelledEthernet(at);
      return;
    }
    frame.note(DECODE.tooManyLayers);
  }

  #looksLikeEthernet(at: number): boolean {
    const { buf, end } = this.#frame;
    if (end - at < 14 + 20) return false;
    const type = u16(buf, at + 12);
    const version = buf[at + 14]! >>> 4;
    return (
      (type === ETHER.IPV4 && version === 4) ||
      (type === ETHER.IPV6 && version === 6) ||
      (type === ETHER.ARP && u16(buf, at + 14) === 1) ||
      type === ETHER.VLAN ||
      type === ETHER.QINQ
    );
  }

  #pppoe(at: number): void {
    const { buf, end } = this.#frame;
    if (end - at < 8) return;
    const protocol = u16(buf, at + 6);
    if (protocol === 0x0021) this.#ipv4(at + 8);
    else if (protocol === 0x0057) this.#ipv6(at + 8);
    else this.#other(at + 8);
  }

  #enterTunnel(): boolean {
    const frame = this.#frame;
    frame.isTunnelled = true;
    if (++this.#tunnels <= MAX_TUNNELS) return true;
    frame.note(DECODE.tooManyLayers);
    return false;
  }

  #tunnelledEthernet(at: number): void {
    if (this.#enterTunnel()) this.#ethernet(at);
  }

  #ipByVersion(at: number): void {
    const { buf, end } = this.#frame;
    if (at >= end) return;
    const version = buf[at]! >>> 4;
    if (version === 4) this.#ipv4(at);
    else if (version === 6) this.#ipv6(at);
    else this.#other(at);
  }

  #ipv4(at: number): void {
    const frame = this.#frame;
    const { buf, end } = frame;
    if (end - at < 20) {
      if (frame.isCut) frame.note(DECODE.truncatedPacket);
      else frame.note(DECODE.badIpv4Header);
      return;
    }
    const headerLength = (buf[at]! & 0x0f) * 4;
    let totalLength = u16(buf, at + 2);
    // Offload leaves the length 0; the packet then reaches to its captured end.
    if (totalLength === 0) totalLength = end - at;
    if (buf[at]! >>> 4 !== 4 || headerLength < 20 || totalLength < headerLength || headerLength > end - at) {
      frame.note(DECODE.badIpv4Header);
      return;
    }
    frame.kind = 'ip';
    frame.ipVersion = 4;
    frame.source0 = 0;
    frame.source1 = 0;
    frame.source2 = MAPPED_PREFIX;
    frame.source3 = i32(buf, at + 12);
    frame.destination0 = 0;
    frame.destination1 = 0;
    frame.destination2 = MAPPED_PREFIX;
    frame.destination3 = i32(buf, at + 16);
    frame.ttl = buf[at + 8]!;
    frame.identification = u16(buf, at + 4);
    const protocol = buf[at + 9]!;
    frame.ipProtocol = protocol;
    if (totalLength > OFFLOAD_LENGTH) frame.note(DECODE.offloadPacket);
    if (headerLength > 20 && !areIpv4OptionsValid(buf, at + 20, at + headerLength)) {
      frame.note(DECODE.badIpv4Option);
      frame.ipProtocol = 0;
      return;
    }
    const from = at + headerLength;
    const wireTo = at + totalLength;
    const to = wireTo < end ? wireTo : end;
    if (wireTo > end && !frame.isCut) frame.note(DECODE.badIpv4Header);
    frame.hasWrongHeaderSum = u16(buf, at + 10) !== 0 && headerSum(buf, at, from) !== 0xffff;
    const fragment = u16(buf, at + 6);
    if ((fragment & 0x3fff) !== 0) {
      if (wireTo > end) {
        frame.note(DECODE.truncatedPacket);
        frame.isFragment = true;
        return;
      }
      const key = `4 ${hex(buf, at + 12, at + 20)} ${frame.identification} ${protocol}`;
      this.#fragment(key, protocol, (fragment & 0x1fff) * 8, (fragment & 0x2000) !== 0, from, to);
      return;
    }
    this.#transport(protocol, from, to, wireTo - from);
  }

  #ipv6(at: number): void {
    const frame = this.#frame;
    const { buf, end } = frame;
    if (end - at < 40) {
      if (frame.isCut) frame.note(DECODE.truncatedPacket);
      else frame.note(DECODE.badIpv6Header);
      return;
    }
    if (buf[at]! >>> 4 !== 6) {
      frame.note(DECODE.badIpv6Header);
      return;
    }
    frame.kind = 'ip';
    frame.ipVersion = 6;
    frame.source0 = i32(buf, at + 8);
    frame.source1 = i32(buf, at + 12);
    frame.source2 = i32(buf, at + 16);
    frame.source3 = i32(buf, at + 20);
    frame.destination0 = i32(buf, at + 24);
    frame.destination1 = i32(buf, at + 28);
    frame.destination2 = i32(buf, at + 32);
    frame.destination3 = i32(buf, at + 36);
    frame.ttl = buf[at + 7]!;
    frame.identification = 0;
    const payloadLength = u16(buf, at + 4);
    if (payloadLength > OFFLOAD_LENGTH) frame.note(DECODE.offloadPacket);
    const wireTo = payloadLength === 0 ? end : at + 40 + payloadLength;
    const to = wireTo < end ? wireTo : end;
    if (wireTo > end && !frame.isCut) frame.note(DECODE.badIpv6Header);
    frame.hasWrongHeaderSum = false;
    this.#ipv6Extensions(buf[at + 6]!, at, at + 40, to, wireTo);
  }

  #ipv6Extensions(first: number, ipAt: number, start: number, to: number, wireTo: number): void {
    const frame = this.#frame;
    const { buf } = frame;
    let next = first;
    let at = start;
    for (let count = 0; count <= MAX_IPV6_EXTENSIONS; count++) {
      let size: number;
      switch (next) {
        case 0: // hop-by-hop options
        case 43: // routing
        case 60: // destination options
        case 135: // mobility
        case 139: // host identity
        case 140: // shim6
          if (to - at < 8) break;
          size = (buf[at + 1]! + 1) * 8;
          if (size > to - at) break;
          next = buf[at]!;
          at += size;
          continue;
        case 51: // authentication header
          if (to - at < 8) break;
          size = (buf[at + 1]! + 2) * 4;
          if (size > to - at) break;
          next = buf[at]!;
          at += size;
          continue;
        case 44: {
          // fragment
          if (to - at < 8) break;
          const word = u16(buf, at + 2);
          if ((word & 0xfff9) === 0) {
            next = buf[at]!;
            at += 8;
            continue;
          }
          if (wireTo > frame.end) {
            frame.note(DECODE.truncatedPacket);
            frame.isFragment = true;
            return;
          }
          const key = `6 ${hex(buf, ipAt + 8, ipAt + 40)} ${u32(buf, at + 4)}`;
          this.#fragment(key, buf[at]!, word & 0xfff8, (word & 1) !== 0, at + 8, to);
          return;
        }
        default:
          frame.ipProtocol = next;
          this.#transport(next, at, to, wireTo - at);
          return;
      }
      frame.note(wireTo > frame.end ? DECODE.truncatedPacket : DECODE.badIpv6Header);
      return;
    }
    frame.note(DECODE.tooManyLayers);
  }

  #fragment(key: string, protocol: number, offset: number, moreFollow: boolean, from: number, to: number): void {
    const frame = this.#frame;
    frame.isFragment = true;
    frame.ipProtocol = protocol;
    if (to <= from) {
      frame.note(DECODE.fragmentZeroLength);
      return;
    }
    const verdict = this.defragmenter.add(key, offset, moreFollow, frame.buf, from, to, frame.timestamp);
    if (verdict === 'overlap') frame.note(DECODE.fragmentOverlap);
    else if (verdict === 'too_large') frame.note(DECODE.fragmentTooLarge);
    else if (verdict === 'table_full') frame.note(DECODE.fragmentTableFull);
    else if (verdict === 'complete') {
      const data = this.defragmenter.result;
      this.#alternative = this.defragmenter.alternative;
      this.#fragmentProtocol = protocol;
      frame.isFragment = false;
      frame.buf = data;
      frame.end = data.length;
      // Offsets of the link layer pointed into the packet that is no longer the buffer.
      frame.sourceMacAt = -1;
      frame.destinationMacAt = -1;
      if (this.#alternative) {
        frame.hasAlternative = true;
        frame.note(DECODE.fragmentOverlap);
      }
      this.#transport(protocol, 0, data.length, data.length);
    }
  }

  /** `wireLength`: of transport header and payload, as the IP header states it. */
  #transport(protocol: number, at: number, to: number, wireLength: number): void {
    const frame = this.#frame;
    frame.transportAt = at;
    switch (protocol) {
      case IP_PROTOCOL.TCP:
        this.#tcp(at, to, wireLength);
        return;
      case IP_PROTOCOL.UDP:
        this.#udp(at, to, wireLength);
        return;
      case IP_PROTOCOL.GRE:
        this.#gre(at, to);
        return;
      case IP_PROTOCOL.IPIP:
        frame.end = to;
        if (this.#enterTunnel()) this.#ipv4(at);
        return;
      case IP_PROTOCOL.IPV6:
        frame.end = to;
        if (this.#enterTunnel()) this.#ipv6(at);
        return;
      default:
        frame.sourcePort = 0;
        frame.destinationPort = 0;
        frame.payloadFrom = at;
        frame.payloadTo = to;
        frame.payloadLength = wireLength;
    }
  }

  #tcp(at: number, to: number, wireLength: number): void {
    const frame = this.#frame;
    const { buf } = frame;
    if (to - at < 20) {
      this.#transportTooShort(to - at < wireLength, at, to);
      if (to - at >= wireLength) frame.note(DECODE.badTcpHeader);
      return;
    }
    const headerLength = (buf[at + 12]! >>> 4) * 4;
    if (headerLength < 20 || headerLength > wireLength) {
      frame.note(DECODE.badTcpHeader);
      frame.ipProtocol = 0;
      return;
    }
    if (at + headerLength > to) {
      this.#transportTooShort(true, at, to);
      return;
    }
    frame.sourcePort = u16(buf, at);
    frame.destinationPort = u16(buf, at + 2);
    frame.sequence = i32(buf, at + 4);
    frame.acknowledgement = i32(buf, at + 8);
    frame.flags = buf[at + 13]! & 0x3f;
    frame.window = u16(buf, at + 14);
    frame.checksum = u16(buf, at + 16);
    frame.urgentPointer = u16(buf, at + 18);
    frame.windowScale = -1;
    frame.hasTcpTimestamp = false;
    if (headerLength > 20) this.#tcpOptions(at + 20, at + headerLength);
    frame.payloadFrom = at + headerLength;
    frame.payloadTo = to;
    frame.payloadLength = wireLength - headerLength;
    if (frame.isCut && frame.payloadLength > to - frame.payloadFrom) frame.note(DECODE.truncatedPacket);
  }

  #transportTooShort(isCut: boolean, at: number, to: number): void {
    const frame = this.#frame;
    if (isCut && frame.isCut) frame.note(DECODE.truncatedPacket);
    frame.ipProtocol = 0;
    frame.payloadFrom = at;
    frame.payloadTo = to;
  }

  #tcpOptions(start: number, end: number): void {
    const frame = this.#frame;
    const { buf } = frame;
    let at = start;
    while (at < end) {
      const kind = buf[at]!;
      if (kind === 0) return;
      if (kind === 1) {
        at++;
        continue;
      }
      if (at + 1 >= end) return;
      const size = buf[at + 1]!;
      if (size < 2 || at + size > end) return;
      if (kind === 8 && size === 10) {
        frame.hasTcpTimestamp = true;
        frame.tcpTimestamp = i32(buf, at + 2);
      } else if (kind === 3 && size === 3) frame.windowScale = Math.min(buf[at + 2]!, 14);
      at += size;
    }
  }

  #udp(at: number, to: number, wireLength: number): void {
    const frame = this.#frame;
    const { buf } = frame;
    if (to - at < 8) {
      this.#transportTooShort(to - at < wireLength, at, to);
      if (to - at >= wireLength) frame.note(DECODE.badUdpLength);
      return;
    }
    frame.sourcePort = u16(buf, at);
    frame.destinationPort = u16(buf, at + 2);
    frame.checksum = u16(buf, at + 6);
    let length = u16(buf, at + 4);
    if (length === 0) length = wireLength;
    if (length < 8 || length > wireLength) {
      frame.note(DECODE.badUdpLength);
      if (length < 8) return;
      length = wireLength;
    }
    const wireTo = at + length;
    frame.payloadFrom = at + 8;
    frame.payloadTo = wireTo < to ? wireTo : to;
    frame.payloadLength = length - 8;
    if (wireTo > to) {
      if (frame.isCut) frame.note(DECODE.truncatedPacket);
    } else if (VXLAN_PORTS.has(frame.destinationPort) && length >= 8 + 8 + 14 && buf[at + 8] === 0x08) {
      frame.end = frame.payloadTo;
      this.#tunnelledEthernet(at + 16);
    }
  }

  #gre(at: number, to: number): void {
    const frame = this.#frame;
    const { buf } = frame;
    if (to - at < 4) return;
    frame.end = to;
    const flags = u16(buf, at);
    const protocol = u16(buf, at + 2);
    if ((flags & 0x0007) !== 0 || (flags & 0x4000) !== 0) {
      this.#other(at);
      return;
    }
    const hasSequence = (flags & 0x1000) !== 0;
    let inner = at + 4;
    if ((flags & 0x8000) !== 0) inner += 4;
    if ((flags & 0x2000) !== 0) inner += 4;
    if (hasSequence) inner += 4;
    if (inner >= to) return;
    switch (protocol) {
      case ETHER.ERSPAN_II:
        // Type I has neither a sequence number nor a header of its own.
        this.#tunnelledEthernet(hasSequence ? inner + 8 : inner);
        return;
      case ETHER.ERSPAN_III: {
        if (to - inner < 12) return;
        const hasSubheader = (buf[inner + 11]! & 1) === 1;
        this.#tunnelledEthernet(inner + (hasSubheader ? 20 : 12));
        return;
      }
      default:
        if (this.#enterTunnel()) this.#etherType(protocol, inner);
    }
  }
}

/** RFC 791 3.1: every option but the two one-byte ones has a length that must fit. */
function areIpv4OptionsValid(buf: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const kind = buf[at]!;
    if (kind === 0) return true;
    if (kind === 1) {
      at++;
      continue;
    }
    if (at + 1 >= end) return false;
    const size = buf[at + 1]!;
    if (size < 2 || at + size > end) return false;
    // Record route, timestamp and the source routes have a pointer behind the length.
    if ((kind === 7 || kind === 131 || kind === 137) && (size < 3 || buf[at + 2]! < 4)) return false;
    at += size;
  }
  return true;
}
