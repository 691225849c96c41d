import type { AnomalyDef } from '../model/anomaly.js';
import type { Micros } from '../model/time.js';

export const IP_PROTOCOL = { ICMP: 1, IPIP: 4, TCP: 6, UDP: 17, IPV6: 41, GRE: 47, ESP: 50, ICMPV6: 58 } as const;
export const TCP_FLAG = { FIN: 0x01, SYN: 0x02, RST: 0x04, PSH: 0x08, ACK: 0x10, URG: 0x20 } as const;

export const MAX_VLAN_TAGS = 4;
const MAX_ANOMALIES = 4;

/** IPv4 addresses are kept as IPv4-mapped IPv6 (::ffff:a.b.c.d), so that one key serves both. */
export const MAPPED_PREFIX = 0x0000ffff;

export type FrameKind = 'ip' | 'arp' | 'other' | 'undecodable';

/**
 * One decoded packet: numbers and offsets into `buf`, no copies. There is one Frame; the decoder overwrites it with
 * every packet. With tunnels, all fields are those of the innermost packet.
 */
export class Frame {
  buf: Uint8Array = new Uint8Array(0);
  number = 0;
  timestamp: Micros = 0;
  nanos = -1;
  kind: FrameKind = 'undecodable';

  /** Offsets of the MAC addresses, -1 without Ethernet. */
  sourceMacAt = -1;
  destinationMacAt = -1;
  etherType = 0;
  readonly vlans = new Int32Array(MAX_VLAN_TAGS);
  vlanCount = 0;
  /** Where the payload of `etherType` begins (for kinds `arp` and `other`). */
  networkAt = 0;
  /** End of the captured bytes. */
  end = 0;
  isTunnelled = false;

  ipVersion = 0;
  source0 = 0;
  source1 = 0;
  source2 = 0;
  source3 = 0;
  destination0 = 0;
  destination1 = 0;
  destination2 = 0;
  destination3 = 0;
  ttl = 0;
  /** IPv4 identification; 0 for IPv6. */
  identification = 0;
  ipProtocol = 0;
  /** Part of a fragmented packet that is not complete yet: there is no transport header to read. */
  isFragment = false;

  sourcePort = 0;
  destinationPort = 0;
  sequence = 0;
  acknowledgement = 0;
  flags = 0;
  window = 0;
  /** -1: no window scale option. */
  windowScale = -1;
  urgentPointer = 0;
  hasTcpTimestamp = false;
  tcpTimestamp = 0;
  transportAt = 0;
  checksum = 0;
  payloadFrom = 0;
  payloadTo = 0;
  /** Payload length on the wire; larger than `payloadTo - payloadFrom` where the snap length cut it. */
  payloadLength = 0;
  /** Wire length of the whole packet. */
  wireLength = 0;
  /** The snap length cut the packet. */
  isCut = false;
  /** The checksum of the innermost IPv4 header is wrong (and was not left to the network card). */
  hasWrongHeaderSum = false;

  /** A fragmented packet can be read in two ways; `FrameDecoder.decodeAlternative` gives the other one. */
  hasAlternative = false;

  readonly anomalies: (AnomalyDef | null)[] = new Array<AnomalyDef | null>(MAX_ANOMALIES).fill(null);
  anomalyCount = 0;

  note(anomaly: AnomalyDef): void {
    if (this.anomalyCount < MAX_ANOMALIES) this.anomalies[this.anomalyCount++] = anomaly;
  }

  get isTruncated(): boolean {
    return this.payloadTo - this.payloadFrom < this.payloadLength;
  }
}
