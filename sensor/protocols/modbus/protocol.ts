import type { VariableReading } from '../../model/variable.js';
import type { ProtocolDef } from '../dissector.js';
import { MODBUS } from './anomalies.js';
import { MODBUS_FIELDS } from './fields.js';
import { MODBUS_OPERATIONS } from './functions.js';

/** Numbers of the data tables as engineers write them: 40001 is the first holding register (protocol address 0). */
const TABLES: Readonly<Record<string, number>> = { coil: 0, discrete_input: 1, input_register: 3, holding_register: 4 };
/** Beyond, five digits are not enough, and six are written. */
const FIVE_DIGITS = 9999;

function variableName({ space, address }: VariableReading): string {
  const table = TABLES[space];
  if (table === undefined) return `${space} ${address}`;
  const digits = address + 1 > FIVE_DIGITS ? 5 : 4;
  return `${space} ${table}${String(address + 1).padStart(digits, '0')}`;
}

export const MODBUS_PROTOCOL: ProtocolDef = {
  name: 'modbus',
  title: 'Modbus',
  operations: MODBUS_OPERATIONS,
  fields: MODBUS_FIELDS,
  anomalies: Object.values(MODBUS),
  variableName,
};
