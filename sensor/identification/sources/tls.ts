import { X509Certificate } from 'node:crypto';
import { u16 } from '../../model/bytes.js';
import type { IdentitySource, Tell } from '../source.js';
import { clean, isReadable } from '../text.js';

const HANDSHAKE = 22;
const SERVER_HELLO = 2;
const CERTIFICATE = 11;
const MAX_RECORDS = 16;
/** As much of a server's first flight as is looked at. */
const MAX_FLIGHT = 16_384;

/** TLS up to 1.2 (RFC 5246): the server's certificate says who it is; from 1.3 on it is encrypted. */
export const tls: IdentitySource = {
  name: 'tls',
  stream: 'start',
  recognises: (buf, from, to) =>
    to - from >= 6 && buf[from] === HANDSHAKE && buf[from + 1] === 3 && buf[from + 5] === SERVER_HELLO,
  read({ buf, from, to }, tell) {
    const flight: number[] = [];
    let at = from;
    for (let count = 0; count < MAX_RECORDS && to - at >= 5; count++) {
      if (buf[at] !== HANDSHAKE) return false;
      const end = at + 5 + u16(buf, at + 3);
      for (let index = at + 5; index < Math.min(end, to); index++) flight.push(buf[index]!);
      at = end;
    }
    const messages = Uint8Array.from(flight);
    let cursor = 0;
    while (messages.length - cursor >= 4) {
      const length = (messages[cursor + 1]! << 16) | u16(messages, cursor + 2);
      if (messages[cursor] !== CERTIFICATE) {
        cursor += 4 + length;
        continue;
      }
      const first = cursor + 10;
      if (messages.length - first < 1) break;
      const size = (messages[cursor + 7]! << 16) | u16(messages, cursor + 8);
      if (messages.length - first < size) break;
      certificate(messages.subarray(first, first + size), tell);
      return false;
    }
    return to - from < MAX_FLIGHT;
  },
};

function certificate(der: Uint8Array, tell: Tell): void {
  let read: X509Certificate;
  try {
    read = new X509Certificate(der);
  } catch {
    // What a stranger sends as a certificate need not be one.
    return;
  }
  const subject = new Map(
    read.subject.split('\n').map((line): [string, string] => {
      const equals = line.indexOf('=');
      return [line.slice(0, equals), clean(line.slice(equals + 1)).slice(0, 200)];
    }),
  );
  const source = 'tls.certificate';
  const commonName = subject.get('CN');
  if (commonName !== undefined && isReadable(commonName))
    tell(source, { field: 'hostname', value: commonName, confidence: 50 });
  const organisation = subject.get('O');
  // Who signs for himself is often the device, made by its maker; other certificates name the owner.
  if (organisation !== undefined && isReadable(organisation) && read.subject === read.issuer)
    tell(source, { field: 'description', value: `certificate of ${organisation}`, confidence: 30 });
  const serial = subject.get('serialNumber');
  if (serial !== undefined && isReadable(serial)) tell(source, { field: 'serial', value: serial, confidence: 55 });
}
