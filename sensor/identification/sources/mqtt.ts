import { u16 } from '../../model/bytes.js';
import type { IdentitySource } from '../source.js';
import { cleanText, isReadable, startsWith } from '../text.js';

const CONNECT = 0x10;
const VERSION_5 = 5;

/** MQTT (OASIS 3.1.1 and 5): the name under which a client connects. */
export const mqtt: IdentitySource = {
  name: 'mqtt',
  tcpPorts: [1883],
  stream: 'start',
  read({ buf, from, to, isFromServer }, tell) {
    if (isFromServer || to - from < 14 || buf[from] !== CONNECT) return false;
    let at = from + 2;
    // The remaining length has up to four bytes; all but the last have their top bit set.
    for (let count = 0; count < 3 && (buf[at - 1]! & 0x80) !== 0; count++) at++;
    const name = u16(buf, at);
    if (!startsWith(buf, at + 2, to, 'MQ') || name > 6) return false;
    at += 2 + name;
    if (to - at < 6 || buf[at] === VERSION_5) return false;
    at += 4;
    const end = at + 2 + u16(buf, at);
    if (end > to) return false;
    const id = cleanText(buf, at + 2, end);
    if (isReadable(id)) tell('mqtt.connect', { field: 'software', value: `MQTT client ${id}`, confidence: 40 });
    return false;
  },
};
