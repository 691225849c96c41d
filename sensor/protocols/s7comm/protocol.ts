import type { ProtocolDef } from '../dissector.js';
import { S7COMM } from './anomalies.js';
import { variableName } from './areas.js';
import { S7COMM_FIELDS } from './fields.js';
import { S7COMM_OPERATIONS } from './functions.js';

export const S7COMM_PROTOCOL: ProtocolDef = {
  name: 's7comm',
  title: 'S7comm',
  operations: S7COMM_OPERATIONS,
  fields: S7COMM_FIELDS,
  anomalies: Object.values(S7COMM),
  unitTitle: (unit) => `rack ${unit >> 5} slot ${unit & 31}`,
  variableName,
};
