import { formatIp } from '../../model/address.js';
import { i32, u16 } from '../../model/bytes.js';
import type { IdentitySource, Statement } from '../source.js';
import { cleanText, isReadable } from '../text.js';
import { profinetVendor } from '../vendors.js';

const FRAME_ID = { hello: 0xfefc, getSet: 0xfefd, identifyResponse: 0xfeff } as const;
const SERVICE_GET = 3;
const SERVICE_HELLO = 6;
const RESPONSE_OK = 1;
const HEADER = 12;
const MAX_BLOCKS = 32;
/** Option and suboption, as one number. */
const BLOCK = {
  ip: 0x0102,
  ipSuite: 0x0103,
  type: 0x0201,
  name: 0x0202,
  id: 0x0203,
  role: 0x0204,
  alias: 0x0206,
} as const;
const ROLE = { device: 1, controller: 2, supervisor: 8 } as const;

/** PROFINET DCP (IEC 61158-6-10): devices answer "identify", "get" and say hello with name, type and vendor. */
export const profinetDcp: IdentitySource = {
  name: 'profinet_dcp',
  etherTypes: [0x8892],
  // The same EtherType carries cyclic data, thousands of frames a second.
  isOfInterest: (buf, from, to) => to - from > HEADER && buf[from] === 0xfe && buf[from + 1]! >= 0xfc,
  read({ buf, from, to, senderMac }, tell) {
    const frameId = u16(buf, from);
    const service = buf[from + 2]!;
    const kind = buf[from + 3]!;
    const isAnswer =
      (frameId === FRAME_ID.identifyResponse && kind === RESPONSE_OK) ||
      (frameId === FRAME_ID.getSet && service === SERVICE_GET && kind === RESPONSE_OK) ||
      (frameId === FRAME_ID.hello && service === SERVICE_HELLO);
    if (!isAnswer || senderMac === null) return false;
    const about = { mac: senderMac };
    const said: Statement[] = [];
    const blocksEnd = Math.min(to, from + HEADER + u16(buf, from + 10));
    let at = from + HEADER;
    for (let count = 0; count < MAX_BLOCKS && blocksEnd - at >= 6; count++) {
      const block = u16(buf, at);
      const length = u16(buf, at + 2);
      const end = at + 4 + length;
      if (length < 2 || end > blocksEnd) break;
      // Answers carry a block info in front of the value.
      const value = at + 6;
      at = end + (length & 1);
      switch (block) {
        case BLOCK.type:
          text(said, 'model', buf, value, end, 80);
          break;
        case BLOCK.name:
          text(said, 'name', buf, value, end, 92);
          break;
        case BLOCK.alias:
          text(said, 'hostname', buf, value, end, 40);
          break;
        case BLOCK.id:
          if (end - value >= 4) {
            const id = u16(buf, value);
            const hex = (number: number) => `0x${number.toString(16).padStart(4, '0')}`;
            const vendor = profinetVendor(id);
            said.push(
              // A number is less than the name that the network card's maker gives.
              { field: 'vendor', value: vendor ?? `PROFINET vendor id ${hex(id)}`, confidence: vendor ? 90 : 30 },
              {
                field: 'description',
                value: `PROFINET vendor id ${hex(id)}, device id ${hex(u16(buf, value + 2))}`,
                confidence: 60,
              },
            );
          }
          break;
        case BLOCK.role:
          if (end > value) {
            const bits = buf[value]!;
            if ((bits & ROLE.supervisor) !== 0)
              said.push({ field: 'role', value: 'engineering_station', confidence: 50 });
            else if ((bits & ROLE.controller) !== 0) said.push({ field: 'role', value: 'plc', confidence: 80 });
            else if ((bits & ROLE.device) !== 0) said.push({ field: 'role', value: 'io_device', confidence: 60 });
          }
          break;
        case BLOCK.ip:
        case BLOCK.ipSuite:
          if (end - value >= 4 && i32(buf, value) !== 0) {
            said.push({ field: 'ip', value: formatIp(0, 0, 0xffff, i32(buf, value)), confidence: 90 });
          }
          break;
      }
    }
    for (const statement of said) tell('profinet.dcp', { ...statement, about });
    return false;
  },
};

function text(
  said: Statement[],
  field: Statement['field'],
  buf: Uint8Array,
  from: number,
  to: number,
  confidence: number,
) {
  const value = cleanText(buf, from, to);
  if (isReadable(value)) said.push({ field, value, confidence });
}
