import type { AnomalyDef } from '../../model/anomaly.js';

function opcua(code: string, title: string, description: string, severity: AnomalyDef['severity']): AnomalyDef {
  return { code: `opcua.${code}`, layer: 'applayer', title, description, severity };
}

const MALFORMED =
  'Well-made software does not produce this: look for a faulty program, a scanner, or an attempt to crash or deceive the server.';

export const OPCUA = {
  badSize: opcua(
    'bad_size',
    'OPC UA message with an impossible size',
    `The header states a size that no message can have, or more than both ends agreed on. ${MALFORMED}`,
    'medium',
  ),
  badChunkType: opcua(
    'bad_chunk_type',
    'OPC UA message with an undefined chunk type',
    `Chunks are final, intermediate or aborting; this one is none of these. ${MALFORMED}`,
    'medium',
  ),
  malformedBody: opcua(
    'malformed_body',
    'Damaged OPC UA message',
    `The parts of the message contradict its length. ${MALFORMED}`,
    'medium',
  ),
  lengthMismatch: opcua(
    'length_mismatch',
    'OPC UA message with bytes behind its end',
    `The message goes on where its service has ended. ${MALFORMED}`,
    'medium',
  ),
  tooDeep: opcua(
    'too_deep',
    'OPC UA message nested without end',
    'Values lie in values more than a hundred times. Such messages are made to exhaust the memory of servers.',
    'high',
  ),
  messageTooLarge: opcua(
    'message_too_large',
    'OPC UA message of extreme size',
    'A message in many parts became larger than any that a plant needs; its beginning was read. It may be meant to exhaust the memory of the receiver.',
    'medium',
  ),
  unknownService: opcua(
    'unknown_service',
    'Unknown OPC UA service',
    `The message names a service that the standard does not have. ${MALFORMED}`,
    'medium',
  ),
  passwordInClear: opcua(
    'password_in_clear',
    'Password readable on the network',
    'A user logged in with a password that was sent without encryption: whoever can read this network knows it now. Change the password, and let the server offer only encrypted user tokens.',
    'medium',
  ),
  sequenceGap: opcua(
    'sequence_gap',
    'OPC UA messages out of sequence',
    'The sequence numbers of a channel do not follow one another. Messages were inserted, repeated or removed, or the mirror lost some.',
    'low',
  ),
  channelMismatch: opcua(
    'channel_mismatch',
    'OPC UA message of another channel',
    'The message names a secure channel or token that this connection does not have. Servers refuse it; it may be an attempt to take over a connection.',
    'low',
  ),
  unsolicitedResponse: opcua(
    'unsolicited_response',
    'OPC UA answer that nobody asked for',
    'A server answered without a request. Packets may be missing in the mirror, or someone forges answers to show the operator false values.',
    'low',
  ),
  requestFlood: opcua(
    'request_flood',
    'Many OPC UA requests without an answer',
    'A client sends requests faster than the server answers, which can overload it.',
    'medium',
  ),
  garbage: opcua(
    'garbage',
    'Bytes on an OPC UA connection that are not OPC UA',
    `An OPC UA connection carries something else. ${MALFORMED}`,
    'medium',
  ),
  truncated: opcua(
    'truncated',
    'OPC UA message known only in part',
    'Part of the message is missing in the capture; only its beginning was read.',
    null,
  ),
  notKept: opcua(
    'not_kept',
    'OPC UA state that found no room',
    'A connection names more nodes, or begins more messages, than the sensor keeps. Some values will appear without the names of their nodes.',
    null,
  ),
} as const satisfies Record<string, AnomalyDef>;
