import { u16 } from '../../model/bytes.js';
import { SIEMENS_ORDER } from '../description.js';
import type { IdentitySource } from '../source.js';
import { cleanText, find, isReadable } from '../text.js';
import { profinetVendor } from '../vendors.js';

/** I&M0 block: type 0x0020, length 56 (`00 38`), version 1.0. */
const IM0_HEAD = '\x00\x20\x00\x38\x01\x00';
const IM0_LENGTH = 60;

/** PROFINET IO context manager over UDP: I&M0 records (IEC 61158-6-10 and PI's Identification & Maintenance profile). */
export const profinetIo: IdentitySource = {
  name: 'profinet_io',
  udpPorts: [34964],
  isOfInterest: (buf, from, to) => to - from >= 80 + IM0_LENGTH && (buf[from] === 4 || buf[from] === 5),
  read({ buf, from, to }, tell) {
    let at = find(buf, from + 80, to, IM0_HEAD, 1500);
    for (let count = 0; at >= 0 && count < 8 && to - at >= IM0_LENGTH; count++) {
      const vendor = profinetVendor(u16(buf, at + 6));
      const order = cleanText(buf, at + 8, at + 28);
      const serial = cleanText(buf, at + 28, at + 44);
      const prefix = String.fromCharCode(buf[at + 46]!);
      const source = 'profinet.im0';
      if (vendor) tell(source, { field: 'vendor', value: vendor, confidence: 95 });
      if (isReadable(order)) {
        tell(source, { field: 'order_number', value: order, confidence: 95 });
        if (!SIEMENS_ORDER.test(order)) tell(source, { field: 'model', value: order, confidence: 70 });
      }
      if (isReadable(serial)) tell(source, { field: 'serial', value: serial, confidence: 95 });
      const version = `${buf[at + 47]}.${buf[at + 48]}.${buf[at + 49]}`;
      if (/[VRPUT]/.test(prefix)) tell(source, { field: 'firmware', value: `${prefix}${version}`, confidence: 95 });
      tell(source, { field: 'hardware_revision', value: String(u16(buf, at + 44)), confidence: 90 });
      at = find(buf, at + IM0_LENGTH, to, IM0_HEAD, 1500);
    }
    return false;
  },
};
