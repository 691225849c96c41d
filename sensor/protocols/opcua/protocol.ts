import type { ProtocolDef } from '../dissector.js';
import { OPCUA } from './anomalies.js';
import { OPCUA_FIELDS } from './fields.js';
import { OPCUA_OPERATIONS } from './operations.js';

export const OPCUA_PROTOCOL: ProtocolDef = {
  name: 'opcua',
  title: 'OPC UA',
  operations: OPCUA_OPERATIONS,
  fields: OPCUA_FIELDS,
  anomalies: Object.values(OPCUA),
};
