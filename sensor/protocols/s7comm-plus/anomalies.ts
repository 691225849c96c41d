import type { AnomalyDef } from '../../model/anomaly.js';

function s7CommPlus(code: string, title: string, description: string, severity: AnomalyDef['severity']): AnomalyDef {
  return { code: `s7comm_plus.${code}`, layer: 'applayer', title, description, severity };
}

const MALFORMED =
  'Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device.';

export const S7COMM_PLUS = {
  lengthMismatch: s7CommPlus(
    'length_mismatch',
    'S7comm-plus message whose length is wrong',
    `The length in the header does not fit what was sent. ${MALFORMED}`,
    'medium',
  ),
  badVersion: s7CommPlus(
    'bad_version',
    'Unknown version of S7comm-plus',
    'The header names a version of the protocol that is not known. A newer controller may speak it, or somebody tries what the device does with it.',
    'low',
  ),
  badTrailer: s7CommPlus(
    'bad_trailer',
    'S7comm-plus message with a wrong end',
    `The last four bytes do not repeat the header as they must. ${MALFORMED}`,
    'medium',
  ),
  badDigest: s7CommPlus(
    'bad_digest',
    'S7comm-plus message without its digest',
    `Messages of version 3 begin with a digest of 32 bytes; this one does not. ${MALFORMED}`,
    'medium',
  ),
  badOpcode: s7CommPlus(
    'bad_opcode',
    'S7comm-plus message of unknown kind',
    `The message is neither a request, nor an answer, nor a notification. ${MALFORMED}`,
    'medium',
  ),
  malformed: s7CommPlus(
    'malformed',
    'Damaged S7comm-plus message',
    `The parts of the message contradict its length, or are nested deeper than any controller does. ${MALFORMED}`,
    'medium',
  ),
  surplus: s7CommPlus(
    'surplus_data',
    'Bytes behind the end of an S7comm-plus message',
    'Behind all that belongs to the message stand further bytes. They may belong to a newer version of the protocol, or hide something.',
    'low',
  ),
  undecoded: s7CommPlus(
    'undecoded',
    'S7comm-plus message read in part',
    'The message holds a kind of data that Fieldwatch does not know; what stands before it was read.',
    null,
  ),
  truncated: s7CommPlus(
    'truncated',
    'S7comm-plus message known only in part',
    'Part of the message is missing in the capture; only what is there was read.',
    null,
  ),
  tooLong: s7CommPlus(
    'too_long',
    'S7comm-plus message too long to be put together',
    'A message came in more or larger parts than any known controller or tool sends; its parts are reported one by one.',
    'low',
  ),
  garbage: s7CommPlus(
    'garbage',
    'Bytes on an S7comm-plus connection that are not S7comm-plus',
    `An S7comm-plus connection carries something else. ${MALFORMED}`,
    'medium',
  ),
  unsolicitedResponse: s7CommPlus(
    'unsolicited_response',
    'S7comm-plus answer that nobody asked for',
    'A controller answered without a request. Packets may be missing in the mirror, or someone forges answers to show the operator false values.',
    'low',
  ),
} as const satisfies Record<string, AnomalyDef>;
