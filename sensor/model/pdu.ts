import type { AnomalyDef } from './anomaly.js';
import type { Operation } from './operation.js';
import type { IdentityField } from './records.js';
import type { Micros } from './time.js';

/** Why a server refused, in terms that all protocols share. */
export type Rejection =
  | 'none'
  | 'unsupported_operation'
  | 'bad_address'
  | 'bad_value'
  | 'busy'
  | 'unreachable'
  | 'failed';

/**
 * One application message. The object is the dissector's and is reused: what is not read during the sink's call is
 * gone. Nothing in it is text until `fields()` is asked for, because most messages need none.
 */
export interface Pdu {
  readonly operation: Operation;
  readonly isRequest: boolean;
  readonly fromClient: boolean;
  /** Offset at which the message begins in the buffer being parsed. */
  readonly from: number;
  /** Device behind the address (Modbus unit, S7 slot), -1 where there is none. */
  readonly unit: number;
  readonly rejection: Rejection;
  /** What is acted on: a numeric range in a named space. `targetSpace` is null when the message has no target. */
  readonly targetSpace: string | null;
  readonly targetFrom: number;
  readonly targetCount: number;
  /** Number and time of the request's packet, in an answer; 0 when it was not seen. */
  readonly requestNumber: number;
  readonly requestTimestamp: Micros;
  readonly anomalies: readonly AnomalyDef[];
  /** Cut by the snap length, or behind a gap. */
  readonly isPartial: boolean;
  /** The protocol's object of the dissection record. */
  fields(): Record<string, unknown>;
}

/** A device says who it is. */
export interface IdentityFact {
  /** Device behind the address, -1 for the address itself. */
  readonly unit: number;
  readonly field: IdentityField;
  readonly value: string;
  /** `protocol.message`, e.g. `modbus.device_identification`. */
  readonly source: string;
  /** 0 to 100. */
  readonly confidence: number;
}
