import { wireText } from '../../model/bytes.js';
import type { IdentityField } from '../../model/records.js';
import type { PduSink } from '../dissector.js';
import { FUNCTION } from './functions.js';
import type { ModbusPdu } from './pdu.js';

/** V1.1b3 section 6.21: objects of the basic and regular categories. */
const OBJECT_FIELDS: Readonly<Record<number, readonly [IdentityField, number]>> = {
  0: ['vendor', 95],
  1: ['order_number', 90],
  2: ['firmware', 95],
  4: ['model', 85],
  5: ['model', 95],
  6: ['name', 80],
};
const UMAS_READ_ID = 0x02;
/** Offsets from the function code in the answer to UMAS "read ID". */
const UMAS_NAME_LENGTH = 25;
const UMAS_OK = 0xfe;
/** Shorter runs of printable bytes in a server id are chance. */
const MIN_TEXT_RUN = 4;

/** Reports what a response says of the device that sent it. */
export function reportIdentity(pdu: ModbusPdu, sink: PduSink): void {
  switch (pdu.functionCode) {
    case FUNCTION.ENCAPSULATED_INTERFACE_TRANSPORT:
      pdu.forEachObject((id, text) => {
        const known = OBJECT_FIELDS[id];
        const value = text.replaceAll('\0', ' ').trim();
        if (known && value !== '') {
          sink.identity({
            unit: pdu.unit,
            field: known[0],
            value,
            source: 'modbus.device_identification',
            confidence: known[1],
          });
        }
      });
      return;
    case FUNCTION.REPORT_SERVER_ID: {
      const text = longestText(pdu.buffer, pdu.dataFrom + 1, pdu.end);
      if (text !== '') {
        sink.identity({
          unit: pdu.unit,
          field: 'model',
          value: text,
          source: 'modbus.report_server_id',
          confidence: 60,
        });
      }
      return;
    }
    case FUNCTION.UMAS:
      reportUmas(pdu, sink);
      return;
  }
}

function reportUmas(pdu: ModbusPdu, sink: PduSink): void {
  const { buffer, dataFrom, end } = pdu;
  const at = dataFrom - 1;
  if (pdu.sub !== UMAS_READ_ID || end - at <= UMAS_NAME_LENGTH || buffer[at + 2] !== UMAS_OK) return;
  const source = 'modbus.umas_read_id';
  sink.identity({ unit: pdu.unit, field: 'vendor', value: 'Schneider Electric', source, confidence: 75 });
  const nameEnd = at + UMAS_NAME_LENGTH + 1 + buffer[at + UMAS_NAME_LENGTH]!;
  if (nameEnd > end) return;
  const model = wireText(buffer, at + UMAS_NAME_LENGTH + 1, nameEnd).trim();
  if (model !== '') sink.identity({ unit: pdu.unit, field: 'model', value: model, source, confidence: 90 });
}

function longestText(buf: Uint8Array, from: number, to: number): string {
  let bestFrom = from;
  let bestTo = from;
  let runFrom = from;
  for (let at = from; at <= to; at++) {
    const isPrintable = at < to && buf[at]! >= 0x20 && buf[at]! < 0x7f;
    if (isPrintable) continue;
    if (at - runFrom > bestTo - bestFrom) {
      bestFrom = runFrom;
      bestTo = at;
    }
    runFrom = at + 1;
  }
  return bestTo - bestFrom >= MIN_TEXT_RUN ? wireText(buf, bestFrom, bestTo).trim() : '';
}
