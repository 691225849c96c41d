import { u16le, u32le } from '../../model/bytes.js';
import type { IdentitySource } from '../source.js';
import { isReadable, zeroTerminated } from '../text.js';

const COMMAND_DEVICE_INFO = 1;
const IS_RESPONSE = 1;
const DISCOVERY_MAGIC = 0x71146603;
const RESPONSE = 0x8000_0000;
const TAG = { version: 3, hostName: 5 } as const;
const MAX_TAGS = 16;

/** Beckhoff ADS: the answer to "read device info" (TCP), and to the search for devices (UDP 48899). */
export const ads: IdentitySource = {
  name: 'ads',
  tcpPorts: [48898],
  udpPorts: [48899],
  stream: 'messages',
  isOfInterest: (buf, from, to) =>
    to - from >= 24 && (u32le(buf, from) === DISCOVERY_MAGIC || (u16le(buf, from) === 0 && to - from >= 38 + 24)),
  read({ buf, from, to }, tell) {
    if (u32le(buf, from) === DISCOVERY_MAGIC) {
      if ((u32le(buf, from + 8) & RESPONSE) === 0) return false;
      tell('ads.discovery', { field: 'vendor', value: 'Beckhoff', confidence: 75 });
      let at = from + 24;
      const tags = Math.min(u32le(buf, from + 20), MAX_TAGS);
      for (let count = 0; count < tags && to - at >= 4; count++) {
        const end = at + 4 + u16le(buf, at + 2);
        if (end > to) break;
        const id = u16le(buf, at);
        const text = zeroTerminated(buf, at + 4, end);
        if (id === TAG.hostName && isReadable(text))
          tell('ads.discovery', { field: 'hostname', value: text, confidence: 85 });
        else if (id === TAG.version && end - at >= 8)
          tell('ads.discovery', {
            field: 'software',
            value: `TwinCAT ${buf[at + 4]}.${buf[at + 5]}.${u16le(buf, at + 6)}`,
            confidence: 85,
          });
        at = end;
      }
      return false;
    }
    // AMS header behind six bytes: target, source, command, flags, length, error, invoke id.
    const ams = from + 6;
    if (u16le(buf, ams + 16) !== COMMAND_DEVICE_INFO || (u16le(buf, ams + 18) & IS_RESPONSE) === 0) return false;
    const data = ams + 32;
    if (to - data < 24 || u32le(buf, data) !== 0) return false;
    const source = 'ads.device_info';
    tell(source, { field: 'vendor', value: 'Beckhoff', confidence: 75 });
    // Each of the device's programs answers with its own name and version.
    const name = zeroTerminated(buf, data + 8, data + 24);
    const version = `${buf[data + 4]}.${buf[data + 5]}.${u16le(buf, data + 6)}`;
    if (isReadable(name)) tell(source, { field: 'software', value: `${name} ${version}`, confidence: 70 });
    return false;
  },
};
