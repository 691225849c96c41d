import type { IdentitySource } from '../source.js';
import { cleanText, find, isReadable } from '../text.js';

const MIN = 20;

/**
 * IEC 61850 MMS (ISO 9506): the answer to "identify" has vendor, model and revision. It stands at the end of the
 * stack TPKT, COTP, session, presentation; the answer itself is short and has a form of its own.
 */
export const mms: IdentitySource = {
  name: 'mms',
  tcpPorts: [102],
  stream: 'messages',
  // COTP data, session "give tokens, data transfer"; some devices send the TPKT header in a segment of its own.
  isOfInterest: (buf, from, to) => to - from > MIN && cotpAt(buf, from) >= 0,
  read({ buf, from, to }, tell) {
    // [2] is the service number of identify (constructed), with three visible strings in it.
    for (let at = find(buf, cotpAt(buf, from) + 7, to, '\xa2', 120); at >= 0; at = find(buf, at + 1, to, '\xa2', 60)) {
      const values = strings(buf, at, to);
      if (values === null) continue;
      const [vendor = '', model = '', revision = ''] = values;
      const source = 'mms.identify';
      if (isReadable(vendor)) tell(source, { field: 'vendor', value: vendor, confidence: 95 });
      if (isReadable(model)) tell(source, { field: 'model', value: model, confidence: 95 });
      if (isReadable(revision)) tell(source, { field: 'firmware', value: revision, confidence: 95 });
      return false;
    }
    return false;
  },
};

/** Where COTP and session begin, or -1. */
function cotpAt(buf: Uint8Array, from: number): number {
  for (const at of [from, from + 4]) {
    if (buf[at] === 2 && buf[at + 1] === 0xf0 && buf[at + 3] === 1 && buf[at + 5] === 1) return at;
  }
  return -1;
}

function strings(buf: Uint8Array, start: number, to: number): string[] | null {
  let at = start + 1;
  if (to - at < 2) return null;
  const length = buf[at]!;
  // A length below 128 in one byte, or one or two bytes that follow.
  at += length < 0x80 ? 1 : 1 + (length & 3);
  const values: string[] = [];
  for (const tag of [0x80, 0x81, 0x82]) {
    if (to - at < 2 || buf[at] !== tag) return null;
    const end = at + 2 + buf[at + 1]!;
    if (buf[at + 1]! >= 0x80 || end > to) return null;
    values.push(cleanText(buf, at + 2, end));
    at = end;
  }
  return values;
}
