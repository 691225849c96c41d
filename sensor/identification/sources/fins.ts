import { u16, u32 } from '../../model/bytes.js';
import type { IdentitySource } from '../source.js';
import { cleanText, isReadable, startsWith } from '../text.js';

const TCP_HEADER = 16;
const FRAME_COMMAND = 2;
const CONTROLLER_DATA_READ = 0x0501;
const RESPONSE = 0x40;

/** Omron FINS: the answer to "controller data read" (W227, section 5-3-17) has model and version. */
export const fins: IdentitySource = {
  name: 'fins',
  udpPorts: [9600],
  tcpPorts: [9600],
  stream: 'messages',
  isOfInterest: (_buf, from, to) => to - from >= 14,
  read({ buf, from, to }, tell) {
    let at = from;
    if (startsWith(buf, from, to, 'FINS')) {
      if (to - from < TCP_HEADER + 14 || u32(buf, from + 8) !== FRAME_COMMAND) return false;
      at += TCP_HEADER;
    }
    // Bit 7 is always set, bit 6 in answers; reserved and gateway count are small.
    if (to - at < 14 || (buf[at]! & 0x80) === 0 || buf[at + 1] !== 0 || buf[at + 2]! > 7) return false;
    if ((buf[at]! & RESPONSE) === 0) return false;
    tell('fins', { field: 'vendor', value: 'Omron', confidence: 70 });
    if (u16(buf, at + 10) !== CONTROLLER_DATA_READ) return false;
    const data = at + 14;
    if (to - data < 40) return false;
    const model = cleanText(buf, data, data + 20);
    const version = cleanText(buf, data + 20, data + 40);
    const source = 'fins.controller_data_read';
    if (isReadable(model)) tell(source, { field: 'model', value: model, confidence: 95 });
    const firmware = /^[\w.]{1,12}/.exec(version)?.[0];
    if (firmware !== undefined) tell(source, { field: 'firmware', value: firmware, confidence: 92 });
    tell(source, { field: 'role', value: 'plc', confidence: 85 });
    return false;
  },
};
