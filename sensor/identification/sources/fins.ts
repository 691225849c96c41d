import { u16, u32 } from '../../model/bytes.js';
import type { IdentitySource } from '../source.js';
import { cleanText, isReadable, startsWith } from '../text.js';

const TCP_HEADER = 16;
const FRAME_COMMAND = 2;
const CONTROLLER_DATA_READ = 0x0501;
const ANSWER = 0xc0;

/** Omron FINS: the answer to "controller data read" (W227, section 5-3-17) has model and version. */
export const fins: IdentitySource = {
  name: 'fins',
  udpPorts: [9600],
  tcpPorts: [9600],
  stream: 'messages',
  isOfInterest: (buf, from, to) => answerAt(buf, from, to) >= 0,
  read({ buf, from, to }, tell) {
    const data = answerAt(buf, from, to) + 14;
    const model = cleanText(buf, data, data + 20);
    const version = cleanText(buf, data + 20, data + 40);
    const source = 'fins.controller_data_read';
    tell(source, { field: 'vendor', value: 'Omron', confidence: 80 });
    if (isReadable(model)) tell(source, { field: 'model', value: model, confidence: 95 });
    const firmware = /^[\w.]{1,12}/.exec(version)?.[0];
    if (firmware !== undefined && isReadable(firmware))
      tell(source, { field: 'firmware', value: firmware, confidence: 92 });
    tell(source, { field: 'role', value: 'plc', confidence: 85 });
    return false;
  },
};

/** Where the frame of a good answer to "controller data read" begins, or -1. */
function answerAt(buf: Uint8Array, from: number, to: number): number {
  let at = from;
  if (startsWith(buf, from, to, 'FINS')) {
    if (to - from < TCP_HEADER || u32(buf, from + 8) !== FRAME_COMMAND) return -1;
    at += TCP_HEADER;
  }
  // Bit 7 is always set, bit 6 in answers; the reserved byte is 0 and the gateway count small.
  if (to - at < 14 + 40 || (buf[at]! & ANSWER) !== ANSWER || buf[at + 1] !== 0 || buf[at + 2]! > 7) return -1;
  return u16(buf, at + 10) === CONTROLLER_DATA_READ && (u16(buf, at + 12) & 0x7f3f) === 0 ? at : -1;
}
