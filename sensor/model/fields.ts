/**
 * One field of a dissection record. The rule engine checks rule fields against these, the console shows their
 * documentation, and the field reference is generated from them.
 */
export interface FieldDef {
  /** Dotted path inside the record, e.g. `modbus.function_code`. */
  readonly name: string;
  readonly type: 'integer' | 'string' | 'boolean' | 'hex' | 'integer[]' | 'string[]' | 'object' | 'object[]';
  readonly doc: string;
}
