import type { InterfaceHealth } from '../model/records.js';
import type { Micros } from '../model/time.js';

/** pcap link types that we decode (www.tcpdump.org/linktypes.html). */
export const LINKTYPE = {
  NULL: 0,
  ETHERNET: 1,
  RAW_BSD: 12,
  RAW_OPENBSD: 14,
  RAW: 101,
  LOOP: 108,
  LINUX_SLL: 113,
  IPV4: 228,
  IPV6: 229,
  LINUX_SLL2: 276,
} as const;

/** The longest packet we accept, as libpcap and Wireshark do; a larger length is damage or an attack. */
export const MAX_CAPTURED_LENGTH = 262_144;

/**
 * One captured packet. The object is reused: it, and the bytes it points to, are valid only during the sink's call.
 */
export class Packet {
  buf: Uint8Array = new Uint8Array(0);
  from = 0;
  to = 0;
  /** Length on the wire; larger than `to - from` when the snap length cut it. */
  originalLength = 0;
  timestamp: Micros = Number.NaN;
  /** 0 to 999 below the microsecond; -1 where the capture has no nanoseconds. */
  nanos = -1;
  linkType = 0;
  /** 1-based number in its file or since the capture began. */
  number = 0;
}

export interface PacketSink {
  packet(packet: Packet): void;
  /** Awaited by file sources between chunks, so that a slow reader of the results slows the reading. */
  ready?(): Promise<void>;
}

/**
 * Where packets come from: a file, standard input, a live interface. A source pushes into its sink at its own pace
 * and never reads a clock for the packets' times.
 */
export interface PacketSource {
  /** Resolves when the source has ended (end of file, or `signal` aborted); rejects with a `CaptureError`. */
  run(sink: PacketSink, signal: AbortSignal): Promise<void>;
  health(): InterfaceHealth[];
}

/** A file that cannot be read at all: one sentence for the user. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}

/** A file that is damaged from `offset` on: what came before was analysed. */
export interface Damage {
  readonly offset: number;
  readonly reason: string;
}
