import { formatIp, formatMac } from '../../model/address.js';
import { i32, u32 } from '../../model/bytes.js';
import type { IdentitySource, Statement } from '../source.js';
import { cleanText, isReadable } from '../text.js';

const COOKIE = 0x63825363;
const OPTIONS = 240;
const MAX_OPTIONS = 128;
const OPTION = { pad: 0, end: 255, hostName: 12, requested: 50, type: 53, vendorClass: 60, fqdn: 81 } as const;
const DISCOVER = 1;
const REQUEST = 3;
const ACK = 5;
const INFORM = 8;
/** Without a type, it is BOOTP (RFC 951): engineering tools give addresses to controllers with it. */
const BOOTP = 0;
const BOOT_REPLY = 2;

/** RFC 2131 and 2132: a client tells its name and what it is; the server's answer ties the address to the card. */
export const dhcp: IdentitySource = {
  name: 'dhcp',
  udpPorts: [67, 68],
  isOfInterest: (buf, from, to) => to - from > OPTIONS && u32(buf, from + 236) === COOKIE && buf[from + 2] === 6,
  read({ buf, from, to }, tell) {
    const mac = formatMac(buf, from + 28);
    const said: Statement[] = [];
    let kind = 0;
    let at = from + OPTIONS;
    for (let count = 0; count < MAX_OPTIONS && at < to; count++) {
      const code = buf[at]!;
      if (code === OPTION.end) break;
      if (code === OPTION.pad) {
        at++;
        continue;
      }
      if (to - at < 2) break;
      const value = at + 2;
      const end = value + buf[at + 1]!;
      if (end > to) break;
      at = end;
      if (code === OPTION.type) kind = buf[value] ?? 0;
      else if (code === OPTION.hostName) push(said, 'hostname', cleanText(buf, value, end), 80);
      else if (code === OPTION.vendorClass) {
        const text = cleanText(buf, value, end);
        push(said, 'software', text, 50);
        // What devices are told apart by; Windows says only that it is Windows.
        if (/^MSFT/.test(text)) push(said, 'os', 'Windows', 50);
        else if (/^(?:SIMATIC|S7-1[25]00|SCALANCE)/i.test(text)) push(said, 'model', text, 60);
      } else if (code === OPTION.fqdn && end - value > 3 && (buf[value]! & 4) === 0)
        push(said, 'hostname', cleanText(buf, value + 3, end), 75);
    }
    const isClient = kind === DISCOVER || kind === REQUEST || kind === INFORM;
    if (isClient) {
      const current = i32(buf, from + 12);
      const about = current !== 0 ? { ip: formatIp(0, 0, 0xffff, current) } : { mac };
      for (const statement of said) tell('dhcp.request', { ...statement, about });
      if (current !== 0) tell('dhcp.request', { about, field: 'mac', value: mac, confidence: 85 });
    } else if ((kind === ACK || (kind === BOOTP && buf[from] === BOOT_REPLY)) && i32(buf, from + 16) !== 0) {
      const about = { ip: formatIp(0, 0, 0xffff, i32(buf, from + 16)) };
      tell('dhcp.ack', { about, field: 'mac', value: mac, confidence: 88 });
      // The name that the server has for it: somebody else's word.
      for (const statement of said)
        if (statement.field === 'hostname') tell('dhcp.ack', { ...statement, confidence: 58, isHearsay: true, about });
    }
    return false;
  },
};

function push(said: Statement[], field: Statement['field'], value: string, confidence: number): void {
  if (isReadable(value)) said.push({ field, value, confidence });
}
