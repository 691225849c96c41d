import type { ProtocolDef } from '../dissector.js';
import { addressText } from './addresses.js';
import { S7COMM_PLUS } from './anomalies.js';
import { S7COMM_PLUS_FIELDS } from './fields.js';
import { S7COMM_PLUS_OPERATIONS } from './functions.js';

const SIZES: Readonly<Record<string, number>> = {
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
};

export const S7COMM_PLUS_PROTOCOL: ProtocolDef = {
  name: 's7comm_plus',
  title: 'S7comm-plus',
  operations: S7COMM_PLUS_OPERATIONS,
  fields: S7COMM_PLUS_FIELDS,
  anomalies: Object.values(S7COMM_PLUS),
  variableName: ({ space, address, bit, type }) => addressText(space, address, bit, SIZES[type] ?? 0),
};
