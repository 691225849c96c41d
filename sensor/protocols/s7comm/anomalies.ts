import type { AnomalyDef } from '../../model/anomaly.js';

function s7comm(code: string, title: string, description: string, severity: AnomalyDef['severity']): AnomalyDef {
  return { code: `s7comm.${code}`, layer: 'applayer', title, description, severity };
}

const MALFORMED =
  'Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device.';

export const S7COMM = {
  badHeader: s7comm(
    'bad_header',
    'S7 message with a damaged header',
    `The header is too short, or names a message type that does not exist. ${MALFORMED}`,
    'medium',
  ),
  lengthMismatch: s7comm(
    'length_mismatch',
    'S7 message whose length is wrong',
    `The lengths in the header differ from the message's own. Devices differ in how they read it, so a monitor may see something else than the device does. ${MALFORMED}`,
    'medium',
  ),
  badParameter: s7comm(
    'bad_parameter',
    'S7 message with damaged parameters',
    `The parameters of the message contradict its length. ${MALFORMED}`,
    'medium',
  ),
  badItem: s7comm(
    'bad_item',
    'S7 message with a damaged address list',
    `The list of addresses to read or write contradicts the message's length or the number of its items. ${MALFORMED}`,
    'medium',
  ),
  badData: s7comm(
    'bad_data',
    'S7 message with damaged data',
    `The values in the message contradict its length or the number of its items. ${MALFORMED}`,
    'medium',
  ),
  pduSizeExceeded: s7comm(
    'pdu_size_exceeded',
    'S7 message longer than was agreed',
    `The message is longer than the size that both sides agreed on when they connected. ${MALFORMED}`,
    'medium',
  ),
  unsolicitedResponse: s7comm(
    'unsolicited_response',
    'S7 answer that nobody asked for',
    'A controller answered without a request. Packets may be missing in the mirror, or someone forges answers to show the operator false values.',
    'low',
  ),
  requestFlood: s7comm(
    'request_flood',
    'Many S7 requests without an answer',
    'A client sends requests faster than the controller answers, which can overload it.',
    'medium',
  ),
  cleartextPassword: s7comm(
    'cleartext_password',
    'Controller password sent in a readable form',
    'The password of the controller crossed the network in a form that anybody who records the traffic can turn back into the password. Change it, and restrict who can reach the controller.',
    'low',
  ),
  truncated: s7comm(
    'truncated',
    'S7 message known only in part',
    'Part of the message is missing in the capture; only its beginning was read.',
    null,
  ),
} as const satisfies Record<string, AnomalyDef>;
