export const VARIABLE_TYPES = [
  'bit',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float32',
  'float64',
  'string',
  'time',
  'bytes',
] as const;
export type VariableType = (typeof VARIABLE_TYPES)[number];

/** One value of the process as a message carried it. One object, reused: read it during the call. */
export class VariableReading {
  /** Address space (`holding_register`, `DB10`, `M`) or, with `address` -1, the variable's own name (an OPC UA NodeId). */
  space = '';
  address = -1;
  /** Bit within the byte at `address`; -1 where the variable is no single bit of a byte. */
  bit = -1;
  type: VariableType = 'uint16';
  /** NaN where it is no number; 64-bit integers lose their last digits. */
  value = Number.NaN;
  /** Where `value` does not say it all: text, bytes in hexadecimal, exact 64-bit integers. At most 128 characters. */
  text: string | null = null;
}
