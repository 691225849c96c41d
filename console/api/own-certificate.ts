import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { TlsFiles } from './app.js';

/**
 * A certificate that the console signs for itself (X.509 v3, RFC 5280; ECDSA with P-256 and SHA-256, RFC 5758), made
 * anew in each data directory, never shipped. Browsers ask once whether to trust it; its fingerprint is printed.
 */

const CERT_FILE = 'console-cert.pem';
const KEY_FILE = 'console-key.pem';
const YEARS = 2;
/** Made anew when it ends sooner than this. */
const RENEW_MS = 30 * 86_400_000;

// DER (ITU-T X.690): tag, length, content.

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const size = content.length < 0x100 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const set = (...parts: Uint8Array[]) => der(0x31, ...parts);
const explicit = (n: number, ...parts: Uint8Array[]) => der(0xa0 | n, ...parts);
const octets = (content: Uint8Array) => der(0x04, content);
const utf8 = (text: string) => der(0x0c, Buffer.from(text));
const isTrue = Buffer.from([0x01, 0x01, 0xff]);

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Buffer.from(bytes));
}

/** RFC 5280, 4.1.2.5: two digits of the year up to 2049. */
function time(date: Date): Buffer {
  const text = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}

function addressBytes(ip: string): Buffer {
  if (isIP(ip) === 4) return Buffer.from(ip.split('.').map(Number));
  const [head = '', tail] = ip.split('::', 2);
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = new Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

const SIGNATURE = sequence(oid('1.2.840.10045.4.3.2'));

function makeCertificate(names: readonly string[], now: Date): TlsFiles {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicDer = publicKey.export({ type: 'spki', format: 'der' });
  const serial = randomBytes(16);
  // Positive and of full length: RFC 5280, 4.1.2.2.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const subject = sequence(set(sequence(oid('2.5.4.3'), utf8(`Fieldwatch ${names[0] ?? ''}`.slice(0, 64)))));
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + YEARS);
  const alternatives = names.map((name) =>
    isIP(name) === 0 ? der(0x82, Buffer.from(name)) : der(0x87, addressBytes(name)),
  );
  const keyId = createHash('sha1').update(publicDer).digest();
  const extensions = sequence(
    // It signs itself, so it is its own authority; for servers only.
    sequence(oid('2.5.29.19'), isTrue, octets(sequence(isTrue))),
    sequence(oid('2.5.29.15'), isTrue, octets(Buffer.from([0x03, 0x02, 0x02, 0x84]))),
    sequence(oid('2.5.29.37'), octets(sequence(oid('1.3.6.1.5.5.7.3.1')))),
    sequence(oid('2.5.29.14'), octets(octets(keyId))),
    sequence(oid('2.5.29.17'), octets(sequence(...alternatives))),
  );
  const body = sequence(
    explicit(0, Buffer.from([0x02, 0x01, 0x02])),
    der(0x02, serial),
    SIGNATURE,
    subject,
    sequence(time(new Date(now.getTime() - 3_600_000)), time(until)),
    subject,
    publicDer,
    explicit(3, extensions),
  );
  const signature = sign('sha256', body, privateKey);
  const certificate = sequence(body, SIGNATURE, der(0x03, Buffer.from([0]), signature));
  const base64 =
    certificate
      .toString('base64')
      .match(/.{1,64}/g)
      ?.join('\n') ?? '';
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Names under which a browser may reach this machine. */
function ownNames(more: readonly string[]): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ address }) => !address.includes('%') && !address.startsWith('fe80'))
    .map(({ address }) => address);
  return [...new Set([hostname(), 'localhost', ...more, ...addresses])].slice(0, 50);
}

function stillGood(files: TlsFiles, now: Date): boolean {
  try {
    const certificate = new X509Certificate(files.cert);
    return (
      certificate.checkPrivateKey(createPrivateKey(files.key)) &&
      Date.parse(certificate.validTo) - now.getTime() > RENEW_MS
    );
  } catch {
    return false;
  }
}

/** The console's own certificate in this data directory, made when there is none or it ends soon. */
export function ownCertificate(
  dataDir: string,
  names: readonly string[],
  now: Date,
): TlsFiles & { fingerprint: string } {
  const certPath = join(dataDir, CERT_FILE);
  const keyPath = join(dataDir, KEY_FILE);
  let files: TlsFiles | null = null;
  if (existsSync(certPath) && existsSync(keyPath)) {
    files = { cert: readFileSync(certPath, 'utf8'), key: readFileSync(keyPath, 'utf8') };
  }
  if (files === null || !stillGood(files, now)) {
    files = makeCertificate(ownNames(names), now);
    writeFileSync(keyPath, files.key, { mode: 0o600 });
    chmodSync(keyPath, 0o600);
    writeFileSync(certPath, files.cert, { mode: 0o644 });
  }
  return { ...files, fingerprint: new X509Certificate(files.cert).fingerprint256 };
}
