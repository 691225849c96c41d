import type { Orientation, PduSink, ProtocolDef, Side } from '../dissector.js';

/** What a connection's opening says of the two ends: TSAPs as on the wire (RFC 905 13.3.4), empty when not seen. */
export interface TransportAddresses {
  readonly callingTsap: Uint8Array;
  readonly calledTsap: Uint8Array;
}

/** A protocol that is carried in whole TSDUs by ISO on TCP (RFC 1006, class 0 of RFC 905). */
export interface CarriedProtocol {
  readonly protocol: ProtocolDef;
  /** Whether a TSDU in `buf[from, to)` is a message of this protocol, judged by its content alone. */
  recognises(buf: Uint8Array, from: number, to: number): boolean;
  open(orientation: Orientation, addresses: TransportAddresses): CarriedSession;
}

/** A carried protocol's state for one connection. */
export interface CarriedSession {
  /**
   * One TSDU in `buf[from, to)`, in an own buffer when it came in several DTs. `at` is what `PduSink.numberOf` and
   * `Pdu.from` must be given for it. `isCut`: its end is missing.
   */
  tsdu(side: Side, buf: Uint8Array, from: number, to: number, at: number, isCut: boolean, sink: PduSink): void;
  /** TSDUs of this side are missing: nothing may be joined or paired across. */
  gap(side: Side): void;
  /** A contradicting copy, read without touching the session's state. */
  alternative(side: Side, buf: Uint8Array, from: number, to: number, at: number, sink: PduSink): void;
}
