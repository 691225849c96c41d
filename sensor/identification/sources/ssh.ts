import type { IdentitySource } from '../source.js';
import { cleanText, find, isReadable, mayBecome, startsWith } from '../text.js';

const MAX_LINE = 255;
/** Comments and names by which systems tell themselves. */
const SYSTEMS: readonly (readonly [pattern: RegExp, os: string])[] = [
  [/Ubuntu/i, 'Ubuntu'],
  [/Debian/i, 'Debian'],
  [/Raspbian/i, 'Raspbian'],
  [/FreeBSD/i, 'FreeBSD'],
  [/for_Windows/i, 'Windows'],
];
const MAKERS: readonly (readonly [pattern: RegExp, vendor: string])[] = [
  [/^Cisco/i, 'Cisco'],
  [/^ROSSSH/, 'MikroTik'],
  [/^HUAWEI/i, 'Huawei'],
  [/^Moxa/i, 'Moxa'],
];

/** SSH (RFC 4253 section 4.2): the line that both ends begin with. */
export const ssh: IdentitySource = {
  name: 'ssh',
  tcpPorts: [22],
  stream: 'start',
  recognises: (buf, from, to) => startsWith(buf, from, to, 'SSH-'),
  read({ buf, from, to }, tell) {
    if (!startsWith(buf, from, to, 'SSH-')) return mayBecome(buf, from, to, 'SSH-');
    const end = find(buf, from, to, '\n', MAX_LINE);
    if (end < 0) return to - from < MAX_LINE;
    const banner = /^SSH-[\d.]{1,5}-(.{1,200})$/.exec(cleanText(buf, from, end))?.[1];
    if (banner === undefined || !isReadable(banner)) return false;
    tell('ssh.banner', { field: 'software', value: banner, confidence: 60 });
    const os = SYSTEMS.find(([pattern]) => pattern.test(banner))?.[1];
    if (os !== undefined) tell('ssh.banner', { field: 'os', value: os, confidence: 55 });
    const vendor = MAKERS.find(([pattern]) => pattern.test(banner))?.[1];
    if (vendor !== undefined) tell('ssh.banner', { field: 'vendor', value: vendor, confidence: 60 });
    return false;
  },
};
