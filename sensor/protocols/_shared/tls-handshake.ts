import { X509Certificate } from 'node:crypto';
import { hex, u16, wireText } from '../../model/bytes.js';
import type { Side } from '../dissector.js';

/** RFC 8446 5.1 and RFC 5246 6.2.1. */
const RECORD_HEADER = 5;
const RECORD = { CHANGE_CIPHER_SPEC: 20, ALERT: 21, HANDSHAKE: 22, APPLICATION_DATA: 23, HEARTBEAT: 24 } as const;
/** Largest record: 2^14 bytes and what encryption may add. */
const MAX_RECORD = 16_384 + 2048;
const HANDSHAKE = { CLIENT_HELLO: 1, SERVER_HELLO: 2, CERTIFICATE: 11 } as const;
const HANDSHAKE_HEADER = 4;
const EXTENSION = { SERVER_NAME: 0, ALPN: 16, SUPPORTED_VERSIONS: 43 } as const;
const RANDOM = 32;
/** Bytes of one side's handshake that are put together; certificate chains of controllers take some kilobytes. */
const MAX_HANDSHAKE = 32_768;
const MAX_NAMES = 8;

const VERSIONS: Readonly<Record<number, string>> = {
  768: 'SSL 3.0',
  769: 'TLS 1.0',
  770: 'TLS 1.1',
  771: 'TLS 1.2',
  772: 'TLS 1.3',
};

export interface TlsCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly serial_number: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly sha256_fingerprint: string;
}

/** What a handshake tells in the clear. */
export interface TlsFacts {
  /** The server's choice; the client's offer as long as the server has not answered. */
  version?: string;
  /** Name of the server that the client asks for. */
  server_name?: string;
  alpn?: string[];
  /** Hexadecimal, as in the IANA registry. */
  cipher_suite?: string;
  /** The server's own; in TLS 1.3 certificates are encrypted. */
  certificate?: TlsCertificate;
}

/** Whether `buf[from, to)` begins with the header of a TLS record. */
export function isTlsRecord(buf: Uint8Array, from: number, to: number): boolean {
  if (to - from < RECORD_HEADER) return false;
  const type = buf[from]!;
  return (
    type >= RECORD.CHANGE_CIPHER_SPEC &&
    type <= RECORD.HEARTBEAT &&
    buf[from + 1] === 3 &&
    buf[from + 2]! <= 4 &&
    u16(buf, from + 3) <= MAX_RECORD
  );
}

/** One direction's records, up to the end of what is in the clear. */
class ClearPart {
  /** What was not yet parsed; null once nothing more can be read. */
  #bytes: Uint8Array | null = new Uint8Array(0);
  /** Handshake messages without the record headers. */
  #messages = new Uint8Array(0);

  get isOver(): boolean {
    return this.#bytes === null;
  }

  end(): void {
    this.#bytes = null;
    this.#messages = new Uint8Array(0);
  }

  /** Calls `visit` for each handshake message that is complete now. */
  feed(data: Uint8Array, visit: (type: number, body: Uint8Array) => void): void {
    if (this.#bytes === null) return;
    const bytes = joined(this.#bytes, data);
    let at = 0;
    while (bytes.length - at >= RECORD_HEADER) {
      if (!isTlsRecord(bytes, at, bytes.length) || bytes[at] !== RECORD.HANDSHAKE) {
        this.end();
        return;
      }
      const end = at + RECORD_HEADER + u16(bytes, at + 3);
      if (end > bytes.length) break;
      this.#messages = joined(this.#messages, bytes.subarray(at + RECORD_HEADER, end));
      this.#deliver(visit);
      at = end;
    }
    this.#bytes = bytes.slice(at);
    if (this.#bytes.length + this.#messages.length > MAX_HANDSHAKE) this.end();
  }

  #deliver(visit: (type: number, body: Uint8Array) => void): void {
    const messages = this.#messages;
    let at = 0;
    while (messages.length - at >= HANDSHAKE_HEADER) {
      const end = at + HANDSHAKE_HEADER + u24(messages, at + 1);
      if (end > messages.length) break;
      visit(messages[at]!, messages.subarray(at + HANDSHAKE_HEADER, end));
      at = end;
    }
    this.#messages = messages.slice(at);
  }
}

/** Follows the handshake of one TLS connection, whatever its records are carried in. */
export class TlsHandshake {
  readonly facts: TlsFacts = {};
  readonly #parts: readonly [ClearPart, ClearPart] = [new ClearPart(), new ClearPart()];

  /** Takes the next bytes of one direction; true when something new was told. */
  feed(side: Side, buf: Uint8Array, from: number, to: number): boolean {
    const part = this.#parts[side];
    if (part.isOver) return false;
    let isNew = false;
    part.feed(buf.subarray(from, to), (type, body) => {
      isNew = this.#message(type, body) || isNew;
    });
    return isNew;
  }

  /** Bytes are missing: what follows cannot be tied to what was there. */
  gap(side: Side): void {
    this.#parts[side].end();
  }

  #message(type: number, body: Uint8Array): boolean {
    switch (type) {
      case HANDSHAKE.CLIENT_HELLO:
        return this.#clientHello(body);
      case HANDSHAKE.SERVER_HELLO:
        return this.#serverHello(body);
      case HANDSHAKE.CERTIFICATE:
        return this.#certificate(body);
      default:
        return false;
    }
  }

  /** Version, random, session id, cipher suites, compression methods, extensions (RFC 5246 7.4.1.2). */
  #clientHello(body: Uint8Array): boolean {
    let at = 2 + RANDOM;
    if (at >= body.length) return false;
    const offered = VERSIONS[u16(body, 0)];
    if (offered !== undefined) this.facts.version ??= offered;
    at += 1 + body[at]!;
    if (at + 2 > body.length) return true;
    at += 2 + u16(body, at);
    if (at >= body.length) return true;
    at += 1 + body[at]!;
    forEachExtension(body, at, (type, from, to) => {
      if (type === EXTENSION.SERVER_NAME && to - from >= 5) {
        const end = from + 5 + u16(body, from + 3);
        if (body[from + 2] === 0 && end <= to) this.facts.server_name = wireText(body, from + 5, end);
      } else if (type === EXTENSION.ALPN) this.facts.alpn = protocolNames(body, from + 2, to);
    });
    return true;
  }

  #serverHello(body: Uint8Array): boolean {
    let at = 2 + RANDOM;
    if (at >= body.length) return false;
    let version = u16(body, 0);
    at += 1 + body[at]!;
    if (at + 3 > body.length) return false;
    this.facts.cipher_suite = hex(body, at, at + 2);
    forEachExtension(body, at + 3, (type, from, to) => {
      if (type === EXTENSION.SUPPORTED_VERSIONS && to - from === 2) version = u16(body, from);
    });
    this.facts.version = VERSIONS[version] ?? hex(body, 0, 2);
    return true;
  }

  /** A length of three bytes, then each certificate behind its own; the first is the sender's. */
  #certificate(body: Uint8Array): boolean {
    if (this.facts.certificate || body.length < 6) return false;
    const end = 6 + u24(body, 3);
    if (end > body.length) return false;
    try {
      const certificate = new X509Certificate(body.subarray(6, end));
      this.facts.certificate = {
        subject: oneLine(certificate.subject),
        issuer: oneLine(certificate.issuer),
        serial_number: certificate.serialNumber.toLowerCase(),
        not_before: isoDate(certificate.validFrom),
        not_after: isoDate(certificate.validTo),
        sha256_fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
      };
      return true;
    } catch {
      // No certificate, whatever it claims to be.
      return false;
    }
  }
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

function u24(buf: Uint8Array, at: number): number {
  return (buf[at]! << 16) | u16(buf, at + 1);
}

function forEachExtension(body: Uint8Array, at: number, visit: (type: number, from: number, to: number) => void): void {
  if (at + 2 > body.length) return;
  const end = Math.min(body.length, at + 2 + u16(body, at));
  for (let next = at + 2; next + 4 <= end; ) {
    const from = next + 4;
    const to = from + u16(body, next + 2);
    if (to > end) return;
    visit(u16(body, next), from, to);
    next = to;
  }
}

function protocolNames(body: Uint8Array, from: number, to: number): string[] {
  const names: string[] = [];
  for (let at = from; at < to && names.length < MAX_NAMES; ) {
    const end = at + 1 + body[at]!;
    if (end > to) break;
    names.push(wireText(body, at + 1, end));
    at = end;
  }
  return names;
}

function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ');
}

/** Node tells dates as `Nov 22 20:00:00 2026 GMT`. */
function isoDate(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : new Date(time).toISOString();
}
