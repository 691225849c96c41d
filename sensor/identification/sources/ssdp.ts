import type { IdentitySource } from '../source.js';
import { clean, isReadable, startsWith } from '../text.js';

/** UPnP discovery (UDA 1.1 section 1.2): `SERVER: os/version UPnP/1.1 product/version`. */
export const ssdp: IdentitySource = {
  name: 'ssdp',
  udpPorts: [1900],
  isOfInterest: (buf, from, to) => startsWith(buf, from, to, 'NOTIFY ') || startsWith(buf, from, to, 'HTTP/1.1 200'),
  read({ buf, from, to }, tell) {
    const text = Buffer.from(buf.buffer, buf.byteOffset + from, Math.min(to - from, 1500)).toString('latin1');
    const server = /\r\nserver:([^\r\n]{1,250})/i.exec(text)?.[1];
    if (server === undefined) return false;
    const value = clean(server);
    if (!isReadable(value)) return false;
    tell('ssdp', { field: 'software', value, confidence: 45 });
    const os = /^(Microsoft-Windows|Linux|FreeBSD|VxWorks|Windows NT)[/ ]([\w.-]{1,30})/i.exec(value);
    if (os)
      tell('ssdp', {
        field: 'os',
        value: `${os[1]?.replace('Microsoft-Windows', 'Windows NT')} ${os[2]}`,
        confidence: 45,
      });
    return false;
  },
};
