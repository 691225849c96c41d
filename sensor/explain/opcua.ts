import { FieldReader } from './field.js';

const TYPES: Readonly<Record<string, string>> = {
  HEL: 'hello',
  ACK: 'acknowledge',
  ERR: 'error',
  RHE: 'reverse hello',
  OPN: 'open secure channel',
  CLO: 'close secure channel',
  MSG: 'message',
};

/** OPC UA over TCP: message header and security header (OPC 10000-6, 6.7.2 and 7.1.2); little-endian throughout. */
export function explainOpcua(bytes: Uint8Array, at: number): FieldReader | null {
  const reader = new FieldReader(bytes, at, 'opcua');
  for (let chunk = 0; chunk < 16 && reader.left >= 8; chunk++) {
    const start = reader.at;
    const type = String.fromCharCode(...bytes.subarray(start, start + 3));
    const name = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
    if (name === undefined) {
      if (chunk === 0) return null;
      break;
    }
    reader.take(3, 'message_type', `${type} = ${name}`);
    reader.take(1, 'chunk_type', String.fromCharCode(bytes[reader.at] ?? 0));
    const size = reader.little(4, 'length');
    const end = Math.min(bytes.length, start + Math.max(8, size));
    if (type === 'MSG' || type === 'CLO' || type === 'OPN') {
      reader.little(4, 'secure_channel_id');
      if (type !== 'OPN') {
        reader.little(4, 'token_id');
        reader.little(4, 'sequence_number');
        reader.little(4, 'request_id');
        // A node id of the service's encoding; four-byte form is what every stack sends here.
        if (reader.left >= 4 && bytes[reader.at] === 1) {
          const service = reader.view.getUint16(reader.at + 2, true);
          reader.take(4, 'service', `encoding id ${service}`);
        }
      }
    }
    reader.rest('payload', end);
  }
  reader.rest('trailing');
  return reader;
}
