import { FieldReader } from './field.js';

const ROSCTR: Readonly<Record<number, string>> = { 1: 'job', 2: 'ack', 3: 'ack_data', 7: 'userdata' };
const S7_FUNCTIONS: Readonly<Record<number, string>> = {
  0: 'CPU services',
  4: 'read variables',
  5: 'write variables',
  26: 'request download',
  27: 'download block',
  28: 'download ended',
  29: 'start upload',
  30: 'upload',
  31: 'end upload',
  40: 'PLC control',
  41: 'PLC stop',
  240: 'set up communication',
};

const TPDU: Readonly<Record<number, string>> = {
  224: 'connection request',
  208: 'connection confirm',
  128: 'disconnect request',
  240: 'data',
};

function s7(reader: FieldReader, end: number): void {
  reader.number(1, 'protocol_id', (value) => `0x${value.toString(16)}`);
  const kind = reader.number(1, 'rosctr', (value) => `${value} = ${ROSCTR[value] ?? 'unknown'}`);
  reader.number(2, 'redundancy_id');
  reader.number(2, 'pdu_reference');
  const parameters = reader.number(2, 'parameter_length');
  const data = reader.number(2, 'data_length');
  if (kind === 2 || kind === 3) {
    reader.number(1, 'error_class');
    reader.number(1, 'error_code');
  }
  const parameterEnd = Math.min(end, reader.at + Math.max(0, parameters));
  if (parameters > 0 && kind !== 7) {
    const code = reader.number(
      1,
      'function_code',
      (value) => `0x${value.toString(16)} = ${S7_FUNCTIONS[value] ?? 'unknown'}`,
    );
    if ((code === 4 || code === 5) && reader.at < parameterEnd) reader.number(1, 'item_count');
    reader.rest(code === 4 || code === 5 ? 'address' : 'parameters', parameterEnd);
  } else reader.rest('parameters', parameterEnd);
  if (data > 0) reader.rest('values', Math.min(end, reader.at + data));
  reader.rest('trailing', end);
}

/** TPKT (RFC 1006) with COTP (ISO 8073) and, inside, S7comm by its protocol id 0x32, or bytes as they are. */
export function explainIsoOnTcp(bytes: Uint8Array, at: number, layer: string): FieldReader | null {
  const reader = new FieldReader(bytes, at, layer);
  if (reader.left < 7 || reader.view.getUint8(at) !== 3) return null;
  for (let packet = 0; packet < 16 && reader.left >= 7 && reader.view.getUint8(reader.at) === 3; packet++) {
    const start = reader.at;
    reader.number(1, 'tpkt_version');
    reader.number(1, 'tpkt_reserved');
    const length = reader.number(2, 'length');
    const end = Math.min(bytes.length, start + Math.max(7, length));
    const header = reader.number(1, 'cotp_length');
    const cotpEnd = Math.min(end, reader.at + Math.max(1, header));
    reader.number(1, 'cotp_type', (value) => `0x${value.toString(16)} = ${TPDU[value & 0xf0] ?? 'unknown'}`);
    reader.rest('cotp', cotpEnd);
    if (end - reader.at >= 10 && reader.view.getUint8(reader.at) === 0x32) s7(reader, end);
    else reader.rest('payload', end);
  }
  reader.rest('trailing');
  return reader;
}
