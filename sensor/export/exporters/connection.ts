import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP, connect as netConnect, type Socket } from 'node:net';
import { endianness } from 'node:os';
import { checkServerIdentity, type PeerCertificate, type TLSSocket, connect as tlsConnect } from 'node:tls';
import { DeliveryError, type Step } from '../exporter.js';
import type { Secrets } from '../secrets.js';
import { cleanText } from '../text.js';

/** What syslog and webhook share: a name becomes an address, an address a connection, a connection an encrypted one. */

export const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 10_000;
/** In TLS 1.3 our side of the handshake is over before the other one has looked at our certificate. */
const VERDICT_MS = 300;

/** Addresses that no receiver has: link-local (cloud metadata services are there), unspecified, multicast. */
export function isForbidden(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, '');
  if (/^(169\.254\.|0\.|22[4-9]\.|23\d\.|255\.)/.test(plain)) return true;
  return /^(fe[89ab][0-9a-f]:|ff[0-9a-f]{2}:)/i.test(address) || address === '::';
}

/** Every address of a name, told as a step. Asked anew for every connection, so that a moved receiver is found. */
export async function resolveHost(host: string, step: (step: Step) => void): Promise<string[]> {
  let addresses: string[];
  if (isIP(host) !== 0) addresses = [host];
  else {
    try {
      addresses = (await lookup(host, { all: true })).map(({ address }) => address);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw failed(
        step,
        'resolved',
        `The name ${host} cannot be resolved (${code}): check the name and this machine's DNS.`,
      );
    }
  }
  const allowed = addresses.filter((address) => !isForbidden(address));
  if (allowed.length === 0)
    throw failed(
      step,
      'resolved',
      `${host}${isIP(host) === 0 ? ` (${addresses.join(', ')})` : ''} is no address of a receiver: link-local and multicast addresses are refused.`,
    );
  const detail = isIP(host) === 0 ? `${host} is ${allowed.join(', ')}.` : `${host} is an address.`;
  step({ step: 'resolved', ok: true, detail });
  return allowed;
}

export function failed(step: (step: Step) => void, name: string, detail: string): DeliveryError {
  step({ step: name, ok: false, detail });
  return new DeliveryError(detail);
}

/** The reason of a failed connection for a person. `target` is `siem.example.com:6514`. */
export function explain(error: unknown, target: string): string {
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException;
  const sentences: Record<string, string> = {
    ECONNREFUSED: `${target} refuses the connection: check that the receiver runs and listens on this port.`,
    ETIMEDOUT: `${target} does not answer: check the address and the firewalls between.`,
    EHOSTUNREACH: `${target} cannot be reached: check the address, routes and firewalls.`,
    ENETUNREACH: `There is no route to ${target}: check this machine's network.`,
    ECONNRESET: `${target} broke off the connection.`,
    EPIPE: `${target} closed the connection.`,
    CERT_HAS_EXPIRED: `The certificate of ${target} has expired: the receiver needs a new one.`,
    CERT_NOT_YET_VALID: `The certificate of ${target} is not valid yet: compare the clocks of both machines.`,
    DEPTH_ZERO_SELF_SIGNED_CERT: `The certificate of ${target} is signed by itself: name it in ca_file if it is the right one.`,
    SELF_SIGNED_CERT_IN_CHAIN: `The certificate of ${target} was signed by an authority that is not known here: name that authority in ca_file.`,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `The certificate of ${target} was signed by an authority that is not known here: name that authority in ca_file.`,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: `The certificate of ${target} was signed by an authority that is not known here: name that authority in ca_file.`,
    ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: `${target} asks for a certificate of ours: name it in cert_file and key_file.`,
    ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: `${target} refused the TLS handshake; it may ask for a certificate (cert_file, key_file).`,
  };
  // What a receiver says of itself is as strange as what a packet says.
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const { host = '', cert } = error as { host?: string; cert?: PeerCertificate };
    const names = cert?.subjectaltname ?? [cert?.subject?.CN].flat()[0] ?? 'no name';
    return `The certificate of ${target} is for another name (${cleanText(names, 200)}), not for ${host}: correct the host, or set server_name.`;
  }
  if (code.startsWith('HPE_'))
    return `${target} does not answer as a web server does (${code}): check address and port.`;
  if (/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED|ACCESS_DENIED)/.test(code))
    return `${target} does not accept our certificate (${code
      .replace(/^.*ALERT_/, '')
      .toLowerCase()
      .replaceAll('_', ' ')}): check cert_file and what the receiver trusts.`;
  // What https says of a handshake stands in the middle of OpenSSL's own words.
  if (/wrong version number|packet length too long/.test(message)) return `${target} does not speak TLS on this port.`;
  if (/unsupported protocol|alert protocol version/.test(message))
    return `${target} speaks only versions of TLS that are too old; 1.2 is the least.`;
  return sentences[code] ?? `${target}: ${cleanText(code === '' ? message : `${code}, ${message}`, 300)}`;
}

function once(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => fail(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
      CONNECT_TIMEOUT_MS,
    );
    const done = () => {
      clearTimeout(timer);
      socket.off(event, ready);
      socket.off('error', fail);
      socket.off('close', closed);
      signal.removeEventListener('abort', aborted);
    };
    const ready = () => {
      done();
      resolve();
    };
    const fail = (error: Error) => {
      done();
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const closed = () => fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    const aborted = () => fail(new Error('stopped'));
    socket.once(event, ready);
    socket.once('error', fail);
    socket.once('close', closed);
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
  });
}

/** A TCP connection to the first address that answers. */
export async function openTcp(
  addresses: readonly string[],
  port: number,
  target: string,
  signal: AbortSignal,
  step: (step: Step) => void,
): Promise<Socket> {
  let reason = '';
  for (const address of addresses) {
    const socket = netConnect({ host: address, port, noDelay: true });
    try {
      await once(socket, 'connect', signal);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      step({ step: 'connected', ok: true, detail: `Connected to ${address} port ${port}.` });
      return socket;
    } catch (error) {
      reason = explain(error, target);
    }
  }
  throw failed(step, 'connected', reason);
}

/** TLS 1.2 or newer on an open connection; the receiver's certificate is always verified. */
export async function openTls(
  socket: Socket,
  host: string,
  serverName: string,
  secrets: Secrets,
  target: string,
  signal: AbortSignal,
  step: (step: Step) => void,
): Promise<TLSSocket> {
  const name = serverName === '' ? host : serverName;
  let secure: TLSSocket;
  try {
    secure = tlsConnect({
      socket,
      minVersion: 'TLSv1.2',
      ...(isIP(name) === 0 ? { servername: name } : {}),
      checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
      ...(secrets.ca === undefined ? {} : { ca: secrets.ca }),
      ...(secrets.cert === undefined ? {} : { cert: secrets.cert }),
      ...(secrets.key === undefined ? {} : { key: secrets.key }),
      ...(secrets.keyPassword === undefined ? {} : { passphrase: secrets.keyPassword }),
    });
  } catch (error) {
    socket.destroy();
    // What OpenSSL says of a key may quote it; its code does not.
    throw failed(
      step,
      'certificate',
      `Our certificate or key cannot be used (${(error as NodeJS.ErrnoException).code ?? 'not PEM'}): check ca_file, cert_file, key_file and the password.`,
    );
  }
  try {
    await once(secure, 'secureConnect', signal);
  } catch (error) {
    throw failed(step, 'certificate', explain(error, target));
  }
  const verdict = await ended(secure, VERDICT_MS);
  if (verdict !== null) {
    const closed = `${target} closed the connection after the handshake: it may not accept our certificate; its own log says why.`;
    throw failed(step, 'certificate', verdict instanceof Error ? explain(verdict, target) : closed);
  }
  const { subject, valid_to: until } = secure.getPeerCertificate();
  step({
    step: 'certificate',
    ok: true,
    detail: `${secure.getProtocol()}; the certificate of ${cleanText([subject?.CN].flat()[0] ?? name, 100)} is valid until ${until} and for the name ${name}.`,
    ...validity(until),
  });
  return secure;
}

/** Why the other side ended the connection within so many milliseconds; `end`: without a word; null: it did not. */
function ended(socket: TLSSocket, ms: number): Promise<Error | 'end' | null> {
  return new Promise((resolve) => {
    const settle = (reason: Error | 'end' | null) => {
      clearTimeout(timer);
      for (const event of ['end', 'close'] as const) socket.off(event, onEnd);
      socket.off('error', settle);
      if (reason !== null) socket.on('error', () => {}).destroy();
      resolve(reason);
    };
    const onEnd = () => settle('end');
    const timer = setTimeout(() => settle(null), ms);
    for (const event of ['end', 'close'] as const) socket.once(event, onEnd);
    socket.once('error', settle);
    socket.resume();
  });
}

/** The end of a certificate's validity as a part of a step; nothing where it cannot be read. */
export function validity(until: string | undefined): { validUntil?: number } {
  const validUntil = Date.parse(until ?? '');
  return Number.isNaN(validUntil) ? {} : { validUntil };
}

/** How the kernel's table writes an address: words of four bytes in the byte order of the machine, in hexadecimal. */
export function kernelAddress(address: string): string {
  const bytes = bytesOf(address);
  if (endianness() === 'LE') for (let at = 0; at < bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
  const text = bytes.toString('hex').toUpperCase();
  // A socket for both families has the IPv4 address mapped into IPv6 (RFC 4291 section 2.5.5.2).
  return bytes.length === 4 ? `(?:[0-9A-F]{24})?${text}` : text;
}

function bytesOf(address: string): Buffer {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (isIP(plain) === 4) return Buffer.from(plain.split('.').map(Number));
  const [head = '', tail] = plain.split('::');
  const words = (part: string) => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)));
  const [first, last] = [words(head), words(tail ?? '')];
  const all = [...first, ...new Array<number>(Math.max(0, 8 - first.length - last.length)).fill(0), ...last];
  const bytes = Buffer.alloc(16);
  for (const [n, word] of all.slice(0, 8).entries()) bytes.writeUInt16BE(word & 0xffff, 2 * n);
  return bytes;
}

/** What the kernel knows a connection by. */
export interface ConnectionEnds {
  readonly localPort?: number | undefined;
  readonly remotePort?: number | undefined;
  readonly remoteAddress?: string | undefined;
}

/** Linux has them. A test takes them away, to be as a machine that has none. */
export const KERNEL_TABLES = ['/proc/self/net/tcp', '/proc/self/net/tcp6'];

/**
 * How much of what was sent the other machine has not acknowledged, from the kernel's own table (proc(5), /proc/net/tcp).
 * A socket tells nothing of it: a megabyte can lie in its buffer for a quarter of an hour before an error comes.
 */
export function unacknowledged(
  socket: ConnectionEnds & { readonly writableLength: number },
): { bytes: number; isSilent: boolean } | null {
  const { localPort, remotePort, remoteAddress } = socket;
  if (localPort === undefined || remotePort === undefined || remoteAddress === undefined) return null;
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
  // Two receivers with one port can be reached from one port of ours, so the address counts as well.
  const remote = kernelAddress(remoteAddress);
  const wanted = new RegExp(
    `^\\s*\\d+: [0-9A-F]+:${hex(localPort)} ${remote}:${hex(remotePort)} [0-9A-F]{2} ([0-9A-F]{8}):[0-9A-F]{8} ([0-9A-F]{2}):[0-9A-F]{8} ([0-9A-F]{8})\\s+\\d+\\s+(\\d+)`,
    'm',
  );
  for (const table of KERNEL_TABLES) {
    let text: string;
    try {
      text = readFileSync(table, 'latin1');
    } catch {
      return null;
    }
    const match = wanted.exec(text);
    if (!match) continue;
    const [, queue = '0', , retransmits = '0', probes = '0'] = match;
    return {
      bytes: Number.parseInt(queue, 16) + socket.writableLength,
      // A slow receiver answers the probes of its closed window; a silent one answers nothing.
      isSilent: Number.parseInt(retransmits, 16) > 1 || Number(probes) > 1,
    };
  }
  return null;
}
