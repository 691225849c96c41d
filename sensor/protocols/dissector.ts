import type { AnomalyDef } from '../model/anomaly.js';
import type { IdentityFact, Pdu } from '../model/pdu.js';
import type { ProtocolDef } from '../model/protocol.js';
import type { Micros } from '../model/time.js';

export type { IdentityFact, Pdu, Rejection } from '../model/pdu.js';
export type { ProtocolDef } from '../model/protocol.js';

/** Which end of the connection sends: the one that sent the first packet, or the other. */
export type Side = 0 | 1;

/** Who asks and who answers, as far as it is known; a dissector corrects it through `PduSink.orient`. */
export interface Orientation {
  readonly client: Side;
  readonly clientIsCertain: boolean;
  /** Its opening was not seen: something may have been asked before. */
  readonly isMidstream?: boolean;
}

/** What a dissector may know of the connection that it reads. */
export interface Connection extends Orientation {
  /** One end, in words that are the same for every connection with it; for state that outlives a connection. */
  endpoint(side: Side): string;
}

export interface PduSink {
  pdu(pdu: Pdu): void;
  /** Number and time of the packet that completes a message beginning at `from`. */
  numberOf(from: number): number;
  timeOf(from: number): Micros;
  /** Something odd that belongs to no message, e.g. bytes that are no message at all. */
  anomaly(anomaly: AnomalyDef): void;
  /** The sender of the message being parsed says who it is. */
  identity(fact: IdentityFact): void;
  /**
   * The messages show who asks, where the connection's opening was not seen. `isReverse`: the protocol says so itself
   * although the other end opened the connection (a server that calls its client).
   */
  orient(client: Side, isReverse?: boolean): void;
}

/** A protocol's state for one connection. */
export interface Session {
  /**
   * Parses what is complete in `buf[from, to)`; returns the number of bytes it is finished with. The caller keeps the
   * rest and shows it again, with more behind it. -1: this is not the protocol any more.
   */
  parse(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): number;
  /**
   * Bytes are missing behind `buf[from, to)`, which is what was left unfinished. `cut`: the snap length cut them, so
   * that the message's beginning can still be reported.
   */
  gap(side: Side, buf: Uint8Array, from: number, to: number, cut: boolean, sink: PduSink): void;
  /** The connection was closed, and `buf[from, to)` is the beginning of a message that was never finished. */
  end(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void;
  /** A whole datagram. */
  datagram(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void;
  /** A contradicting copy of bytes of the stream, parsed on its own and without touching the session's state. */
  alternative(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void;
}

export type ProbeVerdict = 'no' | 'unsure' | 'yes';

/**
 * What takes a connection's bytes apart: one folder under `protocols/` and one line in `registry.ts`. Mostly it speaks
 * one protocol; a transport (ISO on TCP) several.
 */
export interface Dissector {
  /** Name of its first protocol. */
  readonly name: string;
  readonly protocols: readonly ProtocolDef[];
  readonly tcpPorts: readonly number[];
  readonly udpPorts: readonly number[];
  /** Most bytes of an unfinished message that are kept. */
  readonly maxPdu: number;
  /**
   * Whether `buf[from, to)` begins with a message of this protocol, judged by content alone. Whatever `Session.parse`
   * reports without an anomaly, this does not answer 'no' to.
   */
  probe(buf: Uint8Array, from: number, to: number): ProbeVerdict;
  open(connection: Connection): Session;
}
