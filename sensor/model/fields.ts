/**
 * One field of a dissection record. The rule engine checks rule fields against these, the console shows their
 * documentation, and the field reference is generated from them.
 */
export interface FieldDef {
  /** Dotted path inside the record, e.g. `modbus.function_code`. */
  readonly name: string;
  readonly type: 'integer' | 'string' | 'boolean' | 'hex' | 'integer[]' | 'string[]' | 'object' | 'object[]';
  readonly doc: string;
  /** The property of a message that holds the same number: rules that ask for another one need no record. */
  readonly pdu?: 'unit' | 'targetFrom';
}

/** Makes the fields of one protocol: their names stand below its own in the record. */
export function fieldsOf(protocol: string): (name: string, type: FieldDef['type'], doc: string) => FieldDef {
  return (name, type, doc) => ({ name: `${protocol}.${name}`, type, doc });
}
