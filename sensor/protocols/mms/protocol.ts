import type { AnomalyDef } from '../../model/anomaly.js';
import type { FieldDef } from '../../model/fields.js';
import type { ProtocolDef } from '../dissector.js';
import { MMS_OPERATIONS } from './services.js';

export const MMS = {
  malformed: {
    code: 'mms.malformed',
    layer: 'applayer',
    title: 'Damaged MMS message',
    description:
      'The parts of an IEC 61850 or ICCP message contradict its length. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device.',
    severity: 'medium',
  },
} as const satisfies Record<string, AnomalyDef>;

function field(name: string, type: FieldDef['type'], doc: string): FieldDef {
  return { name: `mms.${name}`, type, doc };
}

export const MMS_FIELDS: readonly FieldDef[] = [
  field(
    'session',
    'string',
    'Session message: `connect`, `accept`, `refuse`, `finish`, `disconnect`, `abort`, `data`.',
  ),
  field(
    'pdu_type',
    'string',
    '`confirmed_request`, `confirmed_response`, `confirmed_error`, `unconfirmed`, `reject`, …',
  ),
  field('invoke_id', 'integer', 'Ties an answer to its request.'),
  field('service_number', 'integer', 'Confirmed service by its number in ISO 9506-2.'),
  field(
    'function',
    'string',
    'Its name, e.g. `read`, `write`, `get_name_list`; also `associate`, `information_report`.',
  ),
  field('request_pcap_cnt', 'integer', 'In an answer: number of its request’s packet.'),
];

export const MMS_PROTOCOL: ProtocolDef = {
  name: 'mms',
  title: 'MMS (IEC 61850, ICCP)',
  operations: MMS_OPERATIONS,
  fields: MMS_FIELDS,
  anomalies: Object.values(MMS),
};
