import type { AnomalyDef } from '../../model/anomaly.js';

function modbus(code: string, title: string, description: string, severity: AnomalyDef['severity']): AnomalyDef {
  return { code: `modbus.${code}`, layer: 'applayer', title, description, severity };
}

const MALFORMED =
  'Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device.';

export const MODBUS = {
  lengthMismatch: modbus(
    'length_mismatch',
    'Modbus message whose length is wrong',
    `The length in the header differs from what the function needs. ${MALFORMED}`,
    'medium',
  ),
  lengthSmuggling: modbus(
    'length_smuggling',
    'Modbus message hidden inside another one',
    'Behind a harmless message, but inside its stated length, stands a second complete message. Some devices execute it, while most monitors show only the first one.',
    'critical',
  ),
  badProtocolId: modbus(
    'bad_protocol_id',
    'Modbus message with a wrong protocol number',
    `The protocol identifier in the header is not 0. ${MALFORMED}`,
    'medium',
  ),
  badLength: modbus(
    'bad_length',
    'Modbus message with an impossible length',
    `The header states a length that no Modbus message can have. ${MALFORMED}`,
    'medium',
  ),
  badFunction: modbus(
    'bad_function',
    'Impossible Modbus function code',
    `Function code 0, and codes from 128 in a request, do not exist. ${MALFORMED}`,
    'medium',
  ),
  quantityOutOfRange: modbus(
    'quantity_out_of_range',
    'Modbus request for more than the protocol allows',
    `The request names zero or more items than one message may carry. ${MALFORMED}`,
    'medium',
  ),
  byteCountMismatch: modbus(
    'byte_count_mismatch',
    'Modbus message with a wrong byte count',
    `The byte count contradicts the quantity or the message's length. ${MALFORMED}`,
    'medium',
  ),
  addressOutOfRange: modbus(
    'address_out_of_range',
    'Modbus request beyond the last address',
    `Address and quantity reach beyond 65,535. ${MALFORMED}`,
    'low',
  ),
  badCoilValue: modbus(
    'bad_coil_value',
    'Modbus coil written with an undefined value',
    `A coil can only be written with FF00 (on) or 0000 (off). ${MALFORMED}`,
    'medium',
  ),
  badRecord: modbus(
    'bad_record',
    'Damaged Modbus file record or object list',
    `The parts of the message contradict its length. ${MALFORMED}`,
    'medium',
  ),
  unsolicitedResponse: modbus(
    'unsolicited_response',
    'Modbus answer that nobody asked for',
    'A server answered without a request. Packets may be missing in the mirror, or someone forges answers to show the operator false values.',
    'low',
  ),
  requestFlood: modbus(
    'request_flood',
    'Many Modbus requests without an answer',
    'A client sends requests faster than the device answers, which can overload it.',
    'medium',
  ),
  garbage: modbus(
    'garbage',
    'Bytes on a Modbus connection that are not Modbus',
    `A Modbus connection carries something else. ${MALFORMED}`,
    'medium',
  ),
  truncated: modbus(
    'truncated',
    'Modbus message known only in part',
    'Part of the message is missing in the capture; only its beginning was read.',
    null,
  ),
  badCrc: modbus(
    'bad_crc',
    'Modbus RTU message with a wrong checksum',
    'The checksum of a serial-style Modbus message is wrong; devices drop it.',
    'low',
  ),
} as const satisfies Record<string, AnomalyDef>;
