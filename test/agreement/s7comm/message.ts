/**
 * One message in the words of the dissection records, as either side of the comparison reports it: `s7comm` messages
 * and the `cotp` TPDUs that open and end connections. A field is absent where that side does not show it.
 */
export interface Message {
  readonly protocol: 's7comm' | 'cotp';
  readonly fields: Readonly<Record<string, unknown>>;
  /** Ours only. */
  readonly anomalies: readonly string[];
  readonly partial: boolean;
}

/** Messages by frame number, in the order in which they stand in the frame. */
export type MessagesByFrame = Map<number, Message[]>;
