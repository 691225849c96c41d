import type { AnomalyDef } from '../../model/anomaly.js';

function cotp(code: string, title: string, description: string, severity: AnomalyDef['severity']): AnomalyDef {
  return { code: `cotp.${code}`, layer: 'applayer', title, description, severity };
}

const MALFORMED =
  'Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device.';

export const COTP = {
  badLength: cotp(
    'bad_length',
    'ISO transport message with an impossible length',
    `The length in the TPKT header is shorter than any message. ${MALFORMED}`,
    'medium',
  ),
  badHeader: cotp(
    'bad_header',
    'ISO transport header that class 0 does not have',
    `The header of a transport message is longer than its message, is numbered, or is of a kind that does not exist on this transport. Devices differ in how they read it, so a monitor may see something else than the device does. ${MALFORMED}`,
    'medium',
  ),
  badParameter: cotp(
    'bad_parameter',
    'Damaged connection request of the ISO transport',
    `A parameter of a connection request or confirmation is longer than the message. ${MALFORMED}`,
    'medium',
  ),
  reassemblyLimit: cotp(
    'reassembly_limit',
    'ISO transport message that does not end',
    `A message came in more pieces, or became longer, than any real one; the pieces were let go. ${MALFORMED}`,
    'medium',
  ),
  unfinished: cotp(
    'unfinished',
    'ISO transport message that was never finished',
    `The connection ended, or a new one was requested on it, although the rest of a message was still to come. ${MALFORMED}`,
    'low',
  ),
  garbage: cotp(
    'garbage',
    'Bytes on an ISO transport connection that are no message',
    `A connection of the ISO transport (S7 and others) carries something else. ${MALFORMED}`,
    'medium',
  ),
  truncated: cotp(
    'truncated',
    'ISO transport message known only in part',
    'Part of the message is missing in the capture; only its beginning was read.',
    null,
  ),
} as const satisfies Record<string, AnomalyDef>;
