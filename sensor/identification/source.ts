import type { IdentityFact } from '../model/pdu.js';

/** What was sent: bytes that are valid during the call only, and who sent them. */
export interface Message {
  readonly buf: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** null for a frame without IP. */
  readonly senderIp: string | null;
  readonly receiverIp: string | null;
  readonly senderMac: string | null;
  /** It came from the source's own port, or (streams) from the side that was connected to. */
  readonly isFromServer: boolean;
}

/** A fact without what the source itself knows; about the sender unless it says otherwise. */
export type Statement = Omit<IdentityFact, 'unit' | 'source'> & { readonly unit?: number };

/** Takes what a message says; `message` names it for the evidence: `lldp`, `dhcp.request`. */
export type Tell = (message: string, statement: Statement) => void;

/**
 * One way in which devices say who they are: one file under `sources/` and one line in `registry.ts`. A source declares
 * where it listens. It is asked about few messages of each sender, never on the way of every packet, and must never
 * throw: every length is checked, every loop and text bounded.
 */
export interface IdentitySource {
  /** Lower case, as it stands in evidence. */
  readonly name: string;
  readonly etherTypes?: readonly number[];
  /** LLC SNAP: OUI and protocol as one number, `0x00000c2000` for CDP. */
  readonly snap?: readonly number[];
  /** LLC without SNAP (ISO/IEC 8802-2): the destination's service access point; `read` begins behind the control byte. */
  readonly llc?: readonly number[];
  readonly udpPorts?: readonly number[];
  readonly tcpPorts?: readonly number[];
  /** Streams on any port whose first bytes it knows. */
  recognises?(buf: Uint8Array, from: number, to: number): boolean;
  /**
   * How a stream is handed over. `start`: its first bytes, growing, until `read` returns false. `messages`: segment by
   * segment, for protocols that say who they are in the middle of a connection.
   */
  readonly stream?: 'start' | 'messages';
  /** A cheap look at messages that `read` need not see; without it, it sees all (until the sender's turn is over). */
  isOfInterest?(buf: Uint8Array, from: number, to: number): boolean;
  /** For streams handed over from the start: whether more bytes could say more. */
  read(message: Message, tell: Tell): boolean | undefined;
}
