import type { AnomalyDef } from './anomaly.js';
import type { Operation } from './operation.js';
import type { ProtocolDef } from './protocol.js';
import type { IdentityField } from './records.js';
import type { Micros } from './time.js';
import type { VariableReading } from './variable.js';

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
  readonly protocol: ProtocolDef;
  readonly operation: Operation;
  readonly isRequest: boolean;
  readonly fromClient: boolean;
  /** Offset at which the message begins in the buffer being parsed. */
  readonly from: number;
  /** Device behind the address (Modbus unit, S7 slot), -1 where there is none. */
  readonly unit: number;
  readonly rejection: Rejection;
  /** How many things the message acts on; the first is selected when the message is delivered. */
  readonly targets: number;
  /** Puts one of them, 0 to `targets` - 1, into the three fields below. */
  selectTarget(index: number): void;
  /**
   * What is acted on: a numeric range in a named space (`holding_register` 40, 2; `DB10` 0, 4), or, with `targetCount`
   * 0, a thing that has a name only (an OPC UA NodeId). null when the message has no target.
   */
  readonly targetSpace: string | null;
  readonly targetFrom: number;
  readonly targetCount: number;
  /** How many process values it carries whose address is known: read by it or written by it, as `valuesAreWritten`. */
  readonly variables: number;
  readonly valuesAreWritten: boolean;
  /** `index` is 0 to `variables` - 1. */
  readVariable(index: number, into: VariableReading): void;
  /**
   * The bytes that hold all these values, in the buffer being parsed (`valuesTo` 0: not in one place). Equal bytes for
   * equal targets are equal values, which saves looking at each.
   */
  readonly valuesBuf: Uint8Array;
  readonly valuesFrom: number;
  readonly valuesTo: number;
  /** Where they stand there one behind the other: 16, or 1 with the first in the lowest bit of a byte. 0: elsewise. */
  readonly valueBits: 0 | 1 | 16;
  /** What it says cannot be read. */
  readonly isEncrypted: boolean;
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
  /**
   * Who is meant, where it is not the sender of the message: an address or a MAC. Facts about others deserve less
   * confidence than facts about oneself.
   */
  readonly about?: { readonly ip: string } | { readonly mac: string };
  /** Somebody else's word (a name server's): it adds to a device that is known, and makes none. */
  readonly isHearsay?: boolean;
  /** Device behind the address, -1 for the address itself. */
  readonly unit: number;
  /** The unit is a part of the device at the address (a module in its rack), not a device of its own behind it. */
  readonly isModule?: boolean;
  readonly field: IdentityField;
  readonly value: string;
  /** `protocol.message`, e.g. `modbus.device_identification`. */
  readonly source: string;
  /** 0 to 100. */
  readonly confidence: number;
}
