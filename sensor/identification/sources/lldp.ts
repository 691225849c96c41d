import { formatIp, formatMac } from '../../model/address.js';
import { i32, u16 } from '../../model/bytes.js';
import { describe } from '../description.js';
import type { IdentitySource, Statement } from '../source.js';
import { cleanText, isReadable } from '../text.js';

const TLV = { end: 0, chassis: 1, name: 5, description: 6, capabilities: 7, management: 8, organisation: 127 } as const;
const CHASSIS_MAC = 4;
const CHASSIS_NETWORK = 5;
const CHASSIS_LOCAL = 7;
const FAMILY_IPV4 = 1;
const OUI_MED = 0x0012bb;
const OUI_PROFINET = 0x000ecf;
const PROFINET_CHASSIS_MAC = 5;
/** TIA-1057 (LLDP-MED) inventory, by subtype. */
const MED_FIELDS = { 5: 'hardware_revision', 6: 'firmware', 8: 'serial', 9: 'vendor', 10: 'model' } as const;
const MED_SOFTWARE = 7;
/** IEEE 802.1AB table 8-4, capability bits. */
const CAPABILITY = { bridge: 0x04, accessPoint: 0x08, router: 0x10, telephone: 0x20, station: 0x80 } as const;
const MAX_TLVS = 64;
/** Factory settings that name nothing. */
const PLACEHOLDER = /^(?:sysName Not Set|not set|none|localhost|unknown)$/i;

/** IEEE 802.1AB: what a device tells its neighbours. Never forwarded, so the sender is next to the mirrored port. */
export const lldp: IdentitySource = {
  name: 'lldp',
  etherTypes: [0x88cc],
  read({ buf, from, to, senderMac }, tell) {
    const said: Statement[] = [];
    let ip: string | null = null;
    let mac: string | null = senderMac;
    let at = from;
    for (let count = 0; count < MAX_TLVS && to - at >= 2; count++) {
      const type = buf[at]! >> 1;
      const length = u16(buf, at) & 0x1ff;
      const value = at + 2;
      const end = value + length;
      if (type === TLV.end || end > to) break;
      at = end;
      switch (type) {
        case TLV.chassis:
          if (length === 7 && buf[value] === CHASSIS_MAC) mac = formatMac(buf, value + 1);
          else if (length === 6 && buf[value] === CHASSIS_NETWORK && buf[value + 1] === FAMILY_IPV4)
            ip ??= formatIp(0, 0, 0xffff, i32(buf, value + 2));
          else if (length > 1 && buf[value] === CHASSIS_LOCAL) {
            const text = cleanText(buf, value + 1, end);
            // PROFINET devices put their name of station here.
            if (isReadable(text)) said.push({ field: 'name', value: text.split('.').at(-1) ?? text, confidence: 60 });
          }
          break;
        case TLV.name: {
          const text = cleanText(buf, value, end);
          if (isReadable(text) && !PLACEHOLDER.test(text)) said.push({ field: 'name', value: text, confidence: 80 });
          break;
        }
        case TLV.description:
          for (const { field, value: text } of describe(cleanText(buf, value, end)))
            said.push({ field, value: text, confidence: 85 });
          break;
        case TLV.capabilities:
          if (length >= 4)
            for (const role of rolesOf(u16(buf, value + 2))) said.push({ field: 'role', value: role, confidence: 80 });
          break;
        case TLV.management:
          if (length >= 6 && buf[value] === 5 && buf[value + 1] === FAMILY_IPV4) {
            const word = i32(buf, value + 2);
            if (word !== 0) ip = formatIp(0, 0, 0xffff, word);
          }
          break;
        case TLV.organisation: {
          if (length < 5) break;
          const oui = (u16(buf, value) << 8) | buf[value + 2]!;
          const subtype = buf[value + 3]!;
          if (oui === OUI_PROFINET && subtype === PROFINET_CHASSIS_MAC && length === 10)
            mac = formatMac(buf, value + 4);
          if (oui !== OUI_MED) break;
          const field = MED_FIELDS[subtype as keyof typeof MED_FIELDS];
          const text = cleanText(buf, value + 4, end);
          if (!isReadable(text)) break;
          if (field !== undefined) said.push({ field, value: text, confidence: 92 });
          // The firmware of MED is often the boot loader's; what runs is the software revision.
          else if (subtype === MED_SOFTWARE) said.push({ field: 'firmware', value: text, confidence: 94 });
          break;
        }
      }
    }
    if (mac === null) return false;
    // The frame comes from a port, the device is the chassis: both cards are its own.
    const about = ip === null ? { mac } : { ip };
    // First whether it hands on what others send: then its card is not only its own.
    const [roles, others] = [
      said.filter(({ field }) => field === 'role'),
      said.filter(({ field }) => field !== 'role'),
    ];
    for (const statement of roles) tell('lldp', { ...statement, about });
    tell('lldp', { about, field: 'mac', value: mac, confidence: 85 });
    if (senderMac !== null && senderMac !== mac)
      tell('lldp', { about, field: 'mac', value: senderMac, confidence: 85 });
    for (const statement of others) tell('lldp', { ...statement, about });
    return false;
  },
};

function rolesOf(enabled: number): string[] {
  if ((enabled & CAPABILITY.telephone) !== 0) return ['phone'];
  if ((enabled & CAPABILITY.accessPoint) !== 0) return ['access_point'];
  if ((enabled & CAPABILITY.router) !== 0) return ['router'];
  return (enabled & CAPABILITY.bridge) !== 0 && (enabled & CAPABILITY.station) === 0 ? ['switch'] : [];
}
