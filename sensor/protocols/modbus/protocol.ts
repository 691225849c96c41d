import type { ProtocolDef } from '../dissector.js';
import { MODBUS } from './anomalies.js';
import { MODBUS_FIELDS } from './fields.js';
import { MODBUS_OPERATIONS } from './functions.js';

export const MODBUS_PROTOCOL: ProtocolDef = {
  name: 'modbus',
  title: 'Modbus',
  operations: MODBUS_OPERATIONS,
  fields: MODBUS_FIELDS,
  anomalies: Object.values(MODBUS),
};
