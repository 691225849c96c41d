import type { Operation } from '../../model/operation.js';
import type { ProtocolDef } from '../dissector.js';
import { COTP } from './anomalies.js';
import { COTP_FIELDS } from './fields.js';

function operation(index: number, name: string, title: string): Operation {
  return { index, name, function: name, class: 'session', title };
}

export const COTP_OPERATION = {
  connect: operation(0, 'connect', 'Open a transport connection'),
  disconnect: operation(1, 'disconnect', 'Close or refuse a transport connection'),
  error: operation(2, 'error', 'Report a transport error'),
} as const;

export const COTP_PROTOCOL: ProtocolDef = {
  name: 'cotp',
  title: 'ISO on TCP',
  operations: Object.values(COTP_OPERATION),
  fields: COTP_FIELDS,
  anomalies: Object.values(COTP),
  isCarrier: true,
};
