import type { ProtocolDef } from '../dissector.js';
import { MMS } from './anomalies.js';
import { MMS_FIELDS } from './fields.js';
import { MMS_OPERATIONS } from './services.js';

export const MMS_PROTOCOL: ProtocolDef = {
  name: 'mms',
  title: 'MMS (IEC 61850, ICCP)',
  operations: MMS_OPERATIONS,
  fields: MMS_FIELDS,
  anomalies: Object.values(MMS),
};
