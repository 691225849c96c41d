import { u16 } from '../../model/bytes.js';
import type { IdentitySource } from '../source.js';

const HEADER = 8;
const RESPONSE = 1;
const TOKEN_PASSING = 3;

/** HART-IP (HCF_SPEC-085): the answer to command 0 has manufacturer, device type, revisions and device id. */
export const hartIp: IdentitySource = {
  name: 'hart_ip',
  udpPorts: [5094],
  tcpPorts: [5094],
  stream: 'messages',
  isOfInterest: (buf, from, to) =>
    to - from >= HEADER + 20 && buf[from] === 1 && buf[from + 1] === RESPONSE && buf[from + 2] === TOKEN_PASSING,
  read({ buf, from, to }, tell) {
    // HART message: delimiter (bit 7: five-byte address, low 3 bits: 6 is an answer), address, command, count, status.
    let at = from + HEADER;
    const delimiter = buf[at]!;
    if ((delimiter & 7) !== 6) return false;
    at += 1 + ((delimiter & 0x80) !== 0 ? 5 : 1) + ((delimiter >> 5) & 3);
    if (to - at < 4 + 12 || buf[at] !== 0 || buf[at + 1]! < 14) return false;
    const data = at + 4;
    if (buf[data] !== 0xfe) return false;
    const count = buf[at + 1]! - 2;
    const expanded = u16(buf, data + 1);
    const revision = buf[data + 4]!;
    // HART 7 has the manufacturer as a number of its own; before, it was the first byte of the device type.
    const maker = revision >= 7 && count >= 19 && to - data >= 19 ? u16(buf, data + 17) : buf[data + 1]!;
    const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
    const source = 'hart_ip.command_0';
    const id = hex((buf[data + 9]! << 16) | (buf[data + 10]! << 8) | buf[data + 11]!, 6);
    tell(source, { field: 'vendor', value: `HART manufacturer ${maker}`, confidence: 60 });
    tell(source, { field: 'model', value: `device type 0x${hex(expanded, 4)}`, confidence: 60 });
    tell(source, { field: 'firmware', value: String(buf[data + 6]), confidence: 85 });
    tell(source, { field: 'hardware_revision', value: String(buf[data + 7]! >> 3), confidence: 85 });
    tell(source, { field: 'serial', value: id, confidence: 85 });
    tell(source, { field: 'role', value: 'io_device', confidence: 60 });
    return false;
  },
};
