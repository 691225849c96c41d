import type { IdentityField } from '../../model/records.js';
import type { IdentitySource } from '../source.js';
import { clean, find, isReadable, mayBecome, startsWith } from '../text.js';

const MAX_HELLO = 2048;
const FIELDS: Readonly<Record<string, readonly [IdentityField, number]>> = {
  hostName: ['hostname', 80],
  'station.name': ['name', 85],
  'app.version': ['firmware', 80],
  'os.name': ['os', 75],
  brandId: ['vendor', 60],
  'app.name': ['software', 70],
};

/** Niagara Fox: both ends open with a list of `key=type:value` lines. */
export const fox: IdentitySource = {
  name: 'fox',
  tcpPorts: [1911],
  stream: 'start',
  recognises: (buf, from, to) => startsWith(buf, from, to, 'fox a '),
  read({ buf, from, to }, tell) {
    if (!startsWith(buf, from, to, 'fox a ')) return mayBecome(buf, from, to, 'fox a ');
    const end = find(buf, from, to, '};;', MAX_HELLO);
    if (end < 0) return to - from < MAX_HELLO;
    const text = Buffer.from(buf.buffer, buf.byteOffset + from, end - from).toString('latin1');
    for (const line of text.split('\n', 64)) {
      const match = /^([A-Za-z.]{2,20})=[a-z]:(.{1,200})$/.exec(line.trim());
      const known = match && Object.hasOwn(FIELDS, match[1] ?? '') ? FIELDS[match[1] ?? ''] : undefined;
      const value = clean(match?.[2] ?? '');
      if (known && isReadable(value)) tell('fox.hello', { field: known[0], value, confidence: known[1] });
    }
    return false;
  },
};
