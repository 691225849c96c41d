import type { ExportEvent } from './event.js';
import type { Format } from './formats/format.js';
import type { Secrets } from './secrets.js';

/** One thing that happened on the way to the receiver, for a person who tests an exporter. */
export interface Step {
  /** settings, resolved, connected, certificate, written, answered */
  step: string;
  ok: boolean;
  /** One sentence. */
  detail: string;
  /** Of the receiver's certificate: the end of its validity, milliseconds since 1970. */
  validUntil?: number;
}

/** A message could not be delivered: one sentence for a person, what is wrong and what to do. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** The receiver asks not to be tried again before; milliseconds. */
  retryAfterMs = 0;
  /** It refuses what stands in the messages; the way there is sound, and the channel can still be used. */
  isRefusal = false;
}

/**
 * When a message counts as delivered. `confirmed`: the receiver (or the disk) says so. `window`: a socket says nothing,
 * so what was sent lately is sent again after a broken connection. `unconfirmed`: nobody will ever know (UDP).
 */
export type Assurance = 'confirmed' | 'window' | 'unconfirmed';

/** An open way to a receiver. */
export interface Channel {
  /**
   * Resolves when the transport has taken all of it. Rejects with `DeliveryError`; the channel is unusable then, save
   * after a refusal.
   */
  send(messages: readonly Buffer[]): Promise<void>;
  /**
   * Of the messages of the last `send`, those that the receiver refused for good while it took others; they are given up,
   * because everything behind them would wait for ever.
   */
  readonly refused?: readonly Buffer[];
  /** Why the channel can no longer be used; null while it can. */
  readonly failure: DeliveryError | null;
  /**
   * Bytes handed over that the receiver's machine has not acknowledged yet, and whether it is silent (as opposed to
   * slow); null where this machine cannot tell.
   */
  outstanding(): { bytes: number; isSilent: boolean } | null;
  /**
   * Ends the sending and waits a moment, or as long as is given: true when the receiver has read everything to its end,
   * or said so before.
   */
  finish(limitMs?: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface Exporter {
  /** Where messages go, for a person: `tls://siem.example.com:6514`. */
  readonly target: string;
  readonly assurance: Assurance;
  /** `window`: how long before the break of a connection is sent again, milliseconds. */
  readonly resendMs: number;
  /** Most messages handed to `Channel.send` at once. */
  readonly batch: number;
  /** One message with all that surrounds it on the wire. */
  encode(event: ExportEvent): Buffer;
  /** Tells each step. Rejects with `DeliveryError`. */
  connect(signal: AbortSignal, step: (step: Step) => void): Promise<Channel>;
}

/** What an exporter is made of, besides its own settings. */
export interface ExporterParts {
  readonly format: Format;
  readonly maxBytes: number;
  readonly secrets: Secrets;
  readonly dataDir: string;
}
