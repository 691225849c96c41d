import type { IdentitySource } from '../source.js';
import { startsWith } from '../text.js';

/** VNC (RFC 6143 section 7.1.1): the server's first line. */
export const vnc: IdentitySource = {
  name: 'vnc',
  tcpPorts: [5900],
  stream: 'start',
  recognises: (buf, from, to) => startsWith(buf, from, to, 'RFB 00'),
  read({ buf, from, to, isFromServer }, tell) {
    if (isFromServer && to - from < 12) return true;
    if (isFromServer && to - from >= 12 && startsWith(buf, from, to, 'RFB 00'))
      tell('vnc', {
        field: 'software',
        value: `VNC server, RFB ${Buffer.from(buf.buffer, buf.byteOffset + from + 4, 7).toString('latin1')}`,
        confidence: 40,
      });
    return false;
  },
};
