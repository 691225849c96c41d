import { formatMac } from '../../model/address.js';
import { hex, u16 } from '../../model/bytes.js';
import type { IdentitySource } from '../source.js';
import { isReadable, zeroTerminated } from '../text.js';

const SEARCH_RESPONSE = 0x0202;
const DESCRIPTION_RESPONSE = 0x0204;
const DEVICE_INFO = 1;

/** KNXnet/IP (ISO 22510): search and description answers carry name, serial number and MAC address. */
export const knx: IdentitySource = {
  name: 'knx',
  udpPorts: [3671],
  isOfInterest: (buf, from, to) => {
    const service = u16(buf, from + 2);
    return to - from >= 6 + 54 && buf[from] === 6 && (service === SEARCH_RESPONSE || service === DESCRIPTION_RESPONSE);
  },
  read({ buf, from, to }, tell) {
    // A search answer has the control endpoint (8 bytes) in front of the device information.
    const at = from + 6 + (u16(buf, from + 2) === SEARCH_RESPONSE ? 8 : 0);
    if (to - at < 54 || buf[at] !== 54 || buf[at + 1] !== DEVICE_INFO) return false;
    const name = zeroTerminated(buf, at + 24, at + 54);
    if (isReadable(name)) tell('knx.description', { field: 'name', value: name, confidence: 80 });
    tell('knx.description', { field: 'serial', value: hex(buf, at + 8, at + 14), confidence: 88 });
    tell('knx.description', { field: 'mac', value: formatMac(buf, at + 18), confidence: 75 });
    tell('knx.description', { field: 'role', value: 'gateway', confidence: 55 });
    return false;
  },
};
