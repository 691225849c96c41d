import { u16le, u32le } from '../../model/bytes.js';
import type { IdentitySource } from '../source.js';
import { cleanText, find, isReadable, utf16Text } from '../text.js';
import { windowsName } from './netbios.js';
import { sessionSetup } from './smb-session-setup.js';

const SMB_1 = 0xff;
const SMB_2 = 0xfe;
const SETUP_1 = 0x73;
const SETUP_2 = 1;
const CHALLENGE = 2;
const AUTHENTICATE = 3;
const UNICODE = 0x0000_0001;
const HAS_VERSION = 0x0200_0000;
const TARGET = { end: 0, computer: 1, dnsComputer: 3 } as const;
const MAX_PAIRS = 16;

/** NTLM inside SMB (MS-NLMP): the server tells its name and Windows version before anybody has signed in. */
export const ntlm: IdentitySource = {
  name: 'smb',
  tcpPorts: [139, 445],
  stream: 'messages',
  isOfInterest: (buf, from, to) => {
    // NetBIOS session message with a session setup of SMB 1, 2 or 3 in it.
    if (to - from <= 40 || buf[from] !== 0 || buf[from + 5] !== 0x53) return false;
    return buf[from + 4] === SMB_1 ? buf[from + 8] === SETUP_1 : buf[from + 4] === SMB_2 && buf[from + 16] === SETUP_2;
  },
  read({ buf, from, to }, tell) {
    if (buf[from + 4] === SMB_1) sessionSetup(buf, from + 4, to, tell);
    const at = find(buf, from + 32, to, 'NTLMSSP\0', 700);
    if (at < 0 || to - at < 32) return false;
    const type = u32le(buf, at + 8);
    const source = 'smb.ntlm';
    if (type === CHALLENGE && to - at >= 48) {
      const flags = u32le(buf, at + 20);
      if ((flags & HAS_VERSION) !== 0 && to - at >= 56 && buf[at + 48]! >= 5 && buf[at + 48]! <= 10) {
        const version = `${buf[at + 48]}.${buf[at + 49]}`;
        tell(source, {
          field: 'os',
          value: `${windowsName(version, null)} (build ${u16le(buf, at + 50)})`,
          confidence: 65,
        });
      }
      let pair = at + u32le(buf, at + 44);
      const pairsEnd = Math.min(to, pair + u16le(buf, at + 40));
      for (let count = 0; count < MAX_PAIRS && pairsEnd - pair >= 4; count++) {
        const id = u16le(buf, pair);
        const end = pair + 4 + u16le(buf, pair + 2);
        if (id === TARGET.end || end > pairsEnd) break;
        const value = utf16Text(buf, pair + 4, end, false);
        if (isReadable(value) && id === TARGET.computer) tell(source, { field: 'hostname', value, confidence: 85 });
        pair = end;
      }
    } else if (type === AUTHENTICATE && to - at >= 64) {
      const isUnicode = (u32le(buf, at + 60) & UNICODE) !== 0;
      const start = at + u32le(buf, at + 48);
      const end = start + u16le(buf, at + 44);
      if (end > to || end <= start) return false;
      const value = isUnicode ? utf16Text(buf, start, end, false) : cleanText(buf, start, end);
      // Anybody can write anything into it; real clients write their name.
      if (isReadable(value)) tell(source, { field: 'hostname', value, confidence: 45 });
    }
    return false;
  },
};
