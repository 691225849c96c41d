import type { AnomalyDef } from './anomaly.js';
import type { FieldDef } from './fields.js';
import type { Operation } from './operation.js';
import type { VariableReading } from './variable.js';

/**
 * What is said about an application protocol: rule fields, API, console, documentation and conversations follow from
 * it. `name` is the `event_type` of its records.
 */
export interface ProtocolDef {
  readonly name: string;
  /** For a person: "Modbus". */
  readonly title: string;
  readonly operations: readonly Operation[];
  readonly fields: readonly FieldDef[];
  readonly anomalies: readonly AnomalyDef[];
  /**
   * Its messages only open the way for another protocol (COTP for S7): a conversation takes the name of what is
   * carried, and the carrier's own only when nothing ever was.
   */
  readonly isCarrier?: boolean;
  /** A device behind the address, for a person; `unit 3` when absent. */
  readonly unitTitle?: (unit: number) => string;
  /** Name of a process variable as the plant's people write it (`DB10.DBW4`); space and address when absent. */
  readonly variableName?: (variable: VariableReading) => string;
}

export function unitTitle(protocol: ProtocolDef, unit: number): string {
  return protocol.unitTitle?.(unit) ?? `unit ${unit}`;
}
