import type { IdentityField } from '../../model/records.js';
import type { IdentitySource } from '../source.js';
import { clean, isReadable } from '../text.js';

const MAX_LENGTH = 8192;
const MAX_SCOPES = 64;
const SCOPES = /<(?:[\w-]{1,20}:)?Scopes(?:\s[^>]{0,300})?>([^<]{1,4000})</;
const TYPES = /<(?:[\w-]{1,20}:)?Types(?:\s[^>]{0,300})?>([^<]{1,1000})</;
/** ONVIF core specification, section 7.3.2: what a camera says of itself is a scope. */
const ONVIF = /^onvif:\/\/www\.onvif\.org\/(hardware|name|location(?:\/\w{1,20})?)\/(.{1,120})$/;

const FIELDS: Readonly<Record<string, readonly [IdentityField, number]>> = {
  hardware: ['model', 85],
  name: ['name', 75],
  location: ['location', 70],
};
/** What the types say it is. */
const ROLES: readonly (readonly [RegExp, string])[] = [
  [/NetworkVideoTransmitter|NetworkVideoStorage/, 'camera'],
  [/PrintDeviceType|PrinterServiceType/, 'printer'],
];

/** WS-Discovery (OASIS, 1.1): cameras, printers and computers answer what they are and where. */
export const wsDiscovery: IdentitySource = {
  name: 'ws-discovery',
  udpPorts: [3702],
  isOfInterest: (buf, from, to) => to - from > 100 && buf[from] === 0x3c && isAnswer(textOf(buf, from, to)),
  read({ buf, from, to }, tell) {
    const text = textOf(buf, from, to);
    if (!isAnswer(text)) return false;
    const types = TYPES.exec(text)?.[1] ?? '';
    for (const [pattern, role] of ROLES) {
      if (pattern.test(types)) tell('ws-discovery', { field: 'role', value: role, confidence: 70 });
    }
    const scopes = (SCOPES.exec(text)?.[1] ?? '').split(/\s+/, MAX_SCOPES);
    for (const scope of scopes) {
      const [, what = '', said = ''] = ONVIF.exec(scope) ?? [];
      const meaning = FIELDS[what.startsWith('location') ? 'location' : what];
      const value = clean(decoded(said));
      if (meaning && isReadable(value)) {
        tell('ws-discovery', { field: meaning[0], value, confidence: meaning[1] });
      }
    }
    return false;
  },
};

function textOf(buf: Uint8Array, from: number, to: number): string {
  return Buffer.from(buf.buffer, buf.byteOffset + from, Math.min(to - from, MAX_LENGTH)).toString('utf8');
}

/** Only those who answer or announce themselves speak of themselves. */
function isAnswer(text: string): boolean {
  return /<(?:[\w-]{1,20}:)?(?:ProbeMatches|ResolveMatches|Hello)[\s>]/.test(text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
