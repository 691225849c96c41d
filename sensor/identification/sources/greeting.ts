import { describe } from '../description.js';
import type { IdentitySource } from '../source.js';
import { cleanText, find, isReadable } from '../text.js';

const MAX_GREETING = 1024;
const IAC = 0xff;
const CLOCK = /(?:;| #\d+| at)? (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d.*$/;

/** FTP and SMTP (RFC 959, 5321): the server's first line, `220 …`. */
export const greeting: IdentitySource = {
  name: 'greeting',
  tcpPorts: [21, 25, 587],
  stream: 'start',
  read({ buf, from, to, isFromServer }, tell) {
    if (!isFromServer) return false;
    const end = find(buf, from, to, '\r\n', MAX_GREETING);
    if (end < 0) return to - from < MAX_GREETING;
    // Many servers tell the time as well, and would say something new each time.
    const text = /^220[ -](.{2,250})$/.exec(cleanText(buf, from, end))?.[1]?.replace(CLOCK, '');
    if (text === undefined || !isReadable(text)) return false;
    const isMail = /E?SMTP/.test(text);
    tell(isMail ? 'smtp.greeting' : 'ftp.greeting', { field: 'software', value: text, confidence: 45 });
    if (isMail) tell('smtp.greeting', { field: 'role', value: 'server', confidence: 50 });
    for (const { field, value } of describe(text)) {
      if (field === 'vendor' || field === 'order_number') tell('ftp.greeting', { field, value, confidence: 55 });
    }
    return false;
  },
};

/** Telnet (RFC 854): what a device shows before the login prompt, without the option negotiation. */
export const telnet: IdentitySource = {
  name: 'telnet',
  tcpPorts: [23],
  stream: 'start',
  read({ buf, from, to, isFromServer }, tell) {
    if (!isFromServer) return false;
    const text = withoutCommands(buf, from, to);
    const shown = /([\s\S]{0,600}?)(?:login|username|user ?name|password) ?:/i.exec(text);
    if (!shown) return to - from < MAX_GREETING;
    const banner = (shown[1] ?? '')
      .replaceAll(/[\p{Cc}\s]+/gu, ' ')
      .trim()
      .slice(0, 256);
    if (banner.length < 4 || !isReadable(banner)) return false;
    for (const { field, value } of describe(banner)) tell('telnet.banner', { field, value, confidence: 55 });
    return false;
  },
};

function withoutCommands(buf: Uint8Array, from: number, to: number): string {
  let text = '';
  const end = Math.min(to, from + MAX_GREETING);
  for (let at = from; at < end; at++) {
    if (buf[at] !== IAC) text += String.fromCharCode(buf[at]!);
    // Will, won't, do and don't have an option behind them; a subnegotiation ends with IAC SE.
    else if (buf[at + 1]! >= 251 && buf[at + 1]! <= 254) at += 2;
    else if (buf[at + 1] === 250) {
      while (at < end && !(buf[at] === IAC && buf[at + 1] === 240)) at++;
      at++;
    } else at++;
  }
  return text;
}
