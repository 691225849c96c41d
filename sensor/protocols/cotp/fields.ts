import { type FieldDef, fieldsOf } from '../../model/fields.js';

const field = fieldsOf('cotp');

export const COTP_FIELDS: readonly FieldDef[] = [
  field('pdu_type', 'string', '`CR` connection request, `CC` confirmation, `DR` disconnection or refusal, `ER` error.'),
  field('dst_ref', 'integer', 'Reference of the connection at the receiver.'),
  field('src_ref', 'integer', 'Reference of the connection at the sender.'),
  field('class', 'integer', 'Transport class that is proposed or accepted; RFC 1006 uses 0.'),
  field('calling_tsap', 'string', 'Who calls: text where it is printable, hexadecimal else.'),
  field('called_tsap', 'string', 'Who is called, e.g. `0102` or `SIMATIC-ROOT-HMI`.'),
  field('tpdu_size', 'integer', 'Most bytes of one transport message.'),
  field('connection_type', 'string', 'What the called S7 TSAP stands for: `pg`, `op`, `basic`.'),
  field('rack', 'integer', 'Rack in the called S7 TSAP.'),
  field('slot', 'integer', 'Slot in the called S7 TSAP.'),
  field('reason', 'integer', 'Why the connection is refused or closed, or what the error is.'),
  field('reason_name', 'string', 'Name of the reason, e.g. `address_unknown`.'),
  field('request_pcap_cnt', 'integer', 'In a confirmation or refusal: number of its request’s packet.'),
];
