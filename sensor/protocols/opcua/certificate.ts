import { createHash, X509Certificate } from 'node:crypto';

/** What a certificate says of its holder (OPC 10000-6 section 6.2.2). */
export interface CertificateFacts {
  /** One line, RFC 2253 order as the certificate has it: `CN=Server, O=Plant`. */
  readonly subject?: string;
  readonly issuer?: string;
  readonly application_uri?: string;
  /** ISO 8601. */
  readonly not_before?: string;
  readonly not_after?: string;
  readonly sha1_thumbprint: string;
  readonly host_names: readonly string[];
  readonly ip_addresses: readonly string[];
  readonly common_name?: string;
  readonly organization?: string;
}

/** More is no certificate. */
const MAX_CERTIFICATE = 32 * 1024;
const MAX_CACHED = 64;
const MAX_NAMES = 16;
const MAX_TEXT = 256;

const cache = new Map<string, CertificateFacts>();

/**
 * Reads a DER certificate; of a chain, the first. Slow, so that the last ones are remembered. Bytes that are no
 * certificate give their thumbprint alone; null when there are none.
 */
export function certificateFacts(der: Uint8Array): CertificateFacts | null {
  if (der.length === 0 || der.length > MAX_CERTIFICATE) return null;
  const first = der.subarray(0, derLength(der));
  const thumbprint = createHash('sha1').update(first).digest('hex');
  const known = cache.get(thumbprint);
  if (known) return known;
  const facts = read(first, thumbprint);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(thumbprint, facts);
  return facts;
}

/** Length of the SEQUENCE that `der` begins with; all of it when it is none. */
function derLength(der: Uint8Array): number {
  if (der[0] !== 0x30 || der.length < 4) return der.length;
  const first = der[1]!;
  let length = first;
  let header = 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count < 1 || count > 3) return der.length;
    length = 0;
    for (let index = 0; index < count; index++) length = length * 256 + der[2 + index]!;
    header = 2 + count;
  }
  return Math.min(der.length, header + length);
}

function read(der: Uint8Array, thumbprint: string): CertificateFacts {
  try {
    const certificate = new X509Certificate(der);
    const names = alternativeNames(certificate.subjectAltName ?? '');
    const commonName = attribute(certificate.subject, 'CN');
    const organization = attribute(certificate.subject, 'O');
    return {
      ...(certificate.subject ? { subject: oneLine(certificate.subject) } : {}),
      ...(certificate.issuer ? { issuer: oneLine(certificate.issuer) } : {}),
      ...(names.uri === undefined ? {} : { application_uri: names.uri }),
      ...time('not_before', certificate.validFrom),
      ...time('not_after', certificate.validTo),
      sha1_thumbprint: thumbprint,
      host_names: names.hosts,
      ip_addresses: names.addresses,
      ...(commonName === undefined ? {} : { common_name: commonName }),
      ...(organization === undefined ? {} : { organization }),
    };
  } catch {
    // Whatever OpenSSL does not read is no certificate, which is all there is to say.
    return { sha1_thumbprint: thumbprint, host_names: [], ip_addresses: [] };
  }
}

function time(name: 'not_before' | 'not_after', text: string): Partial<Record<'not_before' | 'not_after', string>> {
  const millis = Date.parse(text);
  return Number.isNaN(millis) ? {} : { [name]: new Date(millis).toISOString() };
}

function oneLine(subject: string): string {
  return subject.replaceAll('\n', ', ').slice(0, MAX_TEXT);
}

function attribute(subject: string, key: string): string | undefined {
  for (const line of subject.split('\n')) if (line.startsWith(`${key}=`)) return line.slice(key.length + 1, MAX_TEXT);
  return undefined;
}

/** Node writes `URI:urn:x, DNS:host, IP Address:10.0.0.1`, and quotes values that contain a comma. */
function alternativeNames(text: string): { uri?: string; hosts: string[]; addresses: string[] } {
  const names: { uri?: string; hosts: string[]; addresses: string[] } = { hosts: [], addresses: [] };
  for (const part of text.slice(0, 8192).split(', ')) {
    const colon = part.indexOf(':');
    const kind = part.slice(0, colon);
    const value = unquoted(part.slice(colon + 1)).slice(0, MAX_TEXT);
    if (kind === 'URI') names.uri ??= value;
    else if (kind === 'DNS' && names.hosts.length < MAX_NAMES) names.hosts.push(value);
    else if (kind === 'IP Address' && names.addresses.length < MAX_NAMES) names.addresses.push(value);
  }
  return names;
}

function unquoted(value: string): string {
  return value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1).replaceAll('\\"', '"') : value;
}
