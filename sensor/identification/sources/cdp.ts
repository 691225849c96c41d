import { formatIp } from '../../model/address.js';
import { i32, u16, u32 } from '../../model/bytes.js';
import { describe } from '../description.js';
import type { IdentitySource, Statement } from '../source.js';
import { cleanText, isReadable } from '../text.js';

const TLV = { device: 1, addresses: 2, capabilities: 4, version: 5, platform: 6, serial: 0x1001 } as const;
const HEADER = 4;
const MAX_TLVS = 64;
const CAPABILITY = { router: 0x01, switch: 0x08, host: 0x10, phone: 0x80 } as const;

/** Cisco Discovery Protocol, version 1 and 2. */
export const cdp: IdentitySource = {
  name: 'cdp',
  snap: [0x0000_0c20_00],
  read({ buf, from, to, senderMac }, tell) {
    if (senderMac === null || to - from < HEADER) return false;
    const said: Statement[] = [];
    let ip: string | null = null;
    let at = from + HEADER;
    for (let count = 0; count < MAX_TLVS && to - at >= 4; count++) {
      const type = u16(buf, at);
      const length = u16(buf, at + 2);
      const end = at + length;
      if (length < 4 || end > to) break;
      const value = at + 4;
      at = end;
      switch (type) {
        case TLV.device: {
          const text = cleanText(buf, value, end);
          if (isReadable(text)) said.push({ field: 'name', value: text, confidence: 80 });
          break;
        }
        case TLV.platform: {
          const text = cleanText(buf, value, end);
          const match = /^cisco (.+)$/i.exec(text);
          if (match)
            said.push(
              { field: 'vendor', value: 'Cisco', confidence: 88 },
              { field: 'description', value: text, confidence: 60 },
            );
          if (isReadable(text)) said.push({ field: 'model', value: match?.[1] ?? text, confidence: 88 });
          break;
        }
        case TLV.version:
          for (const { field, value: text } of describe(cleanText(buf, value, end))) {
            if (field !== 'model') said.push({ field, value: text, confidence: 86 });
          }
          break;
        case TLV.serial: {
          const text = cleanText(buf, value, end);
          if (isReadable(text)) said.push({ field: 'serial', value: text, confidence: 88 });
          break;
        }
        case TLV.capabilities:
          if (end - value >= 4) {
            const role = roleOf(u32(buf, value));
            if (role !== null) said.push({ field: 'role', value: role, confidence: 80 });
          }
          break;
        case TLV.addresses:
          // Number of addresses, then protocol type and length, protocol (0xcc: IP), length and address.
          if (
            end - value >= 13 &&
            u16(buf, value + 4) === 0x0101 &&
            buf[value + 6] === 0xcc &&
            u16(buf, value + 7) === 4
          ) {
            const word = i32(buf, value + 9);
            if (word !== 0) ip = formatIp(0, 0, 0xffff, word);
          }
          break;
      }
    }
    const about = ip === null ? { mac: senderMac } : { ip };
    // First whether it hands on what others send: then its card is not only its own.
    const [roles, others] = [
      said.filter(({ field }) => field === 'role'),
      said.filter(({ field }) => field !== 'role'),
    ];
    for (const statement of roles) tell('cdp', { ...statement, about });
    tell('cdp', { about, field: 'mac', value: senderMac, confidence: 85 });
    for (const statement of others) tell('cdp', { ...statement, about });
    return false;
  },
};

function roleOf(capabilities: number): string | null {
  if ((capabilities & CAPABILITY.phone) !== 0) return 'phone';
  if ((capabilities & CAPABILITY.router) !== 0) return 'router';
  return (capabilities & CAPABILITY.switch) !== 0 ? 'switch' : null;
}
