import { type FieldDef, fieldsOf } from '../../model/fields.js';

const field = fieldsOf('mms');

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
