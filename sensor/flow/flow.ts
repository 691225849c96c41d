import { formatIp } from '../model/address.js';
import type { Micros } from '../model/time.js';
import type { TcpDirection } from './tcp-direction.js';

/** Which end of a flow: the one that sent its first packet, or the other. */
export type Side = 0 | 1;
export const FIRST: Side = 0;
export const SECOND: Side = 1;

export function otherSide(side: Side): Side {
  return side === FIRST ? SECOND : FIRST;
}

/** Packets and bytes on the wire that one side sent. */
export class SideCounters {
  packets = 0;
  bytes = 0;
  /** Signatures and times of the last packets, to recognise copies that the mirror port makes. */
  signature0 = 0;
  signature1 = 0;
  signature2 = 0;
  lastSeen: Micros = 0;
  /** MAC address of its first packet: its own, or that of the last router before the sensor. */
  mac: string | null = null;
}

/**
 * A connection, or a pair of UDP ports, or a pair of hosts for other IP protocols. Addresses are four signed 32-bit
 * words, IPv4 mapped into IPv6.
 */
export class Flow {
  /** Place in the flow table; reused after the flow has ended. */
  readonly index: number;
  first0 = 0;
  first1 = 0;
  first2 = 0;
  first3 = 0;
  second0 = 0;
  second1 = 0;
  second2 = 0;
  second3 = 0;
  firstPort = 0;
  secondPort = 0;
  ipProtocol = 0;
  hash = 0;

  started: Micros = 0;
  lastSeen: Micros = 0;
  startedAtPacket = 0;
  /** The side that opened the connection or asks; a guess until `clientIsCertain`. */
  client: Side = FIRST;
  clientIsCertain = false;
  /** TCP: the opening was not captured. */
  isMidstream = false;
  isClosed = false;
  /** Both sides have sent something. */
  isTwoWay = false;
  /** VLAN tags of the first packet; null when untagged. */
  vlans: number[] | null = null;
  readonly sides: readonly [SideCounters, SideCounters] = [new SideCounters(), new SideCounters()];
  /** Sequence state of what each side sends; null until it has sent TCP. */
  readonly tcp: [TcpDirection | null, TcpDirection | null] = [null, null];
  resetSeen = false;
  /** Bits of once-only notices already given. */
  notices = 0;

  constructor(index: number) {
    this.index = index;
  }

  /** Address, port and VLANs of one end: the same text in every connection with it. */
  endpoint(side: Side): string {
    const address =
      side === FIRST
        ? formatIp(this.first0, this.first1, this.first2, this.first3)
        : formatIp(this.second0, this.second1, this.second2, this.second3);
    const vlans = this.vlans === null ? '' : ` ${this.vlans.join('.')}`;
    return `${address} ${side === FIRST ? this.firstPort : this.secondPort}${vlans}`;
  }
}

export const NOTICE = {
  oneWay: 1,
  dataAfterReset: 2,
  tinySegments: 4,
  checksumOffload: 8,
  splitHandshake: 16,
  /** Counted as a probe: nobody took it up. */
  probe: 32,
} as const;
