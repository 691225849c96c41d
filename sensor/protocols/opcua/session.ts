import { u32le, wireText } from '../../model/bytes.js';
import type { Kept, SharedBudget } from '../_shared/shared-budget.js';
import { APPLAYER } from '../anomalies.js';
import type { Connection, PduSink, Session, Side } from '../dissector.js';
import { OPCUA } from './anomalies.js';
import { Decoder, type Fields } from './decoder.js';
import {
  CHUNK,
  HEADER,
  isAllowedSize,
  isChunkType,
  isPlausibleSize,
  MESSAGE,
  type MessageKind,
  mayBeHeader,
  messageKind,
  SYMMETRIC_HEADER,
} from './framing.js';
import { IdentityReporter } from './identity.js';
import { CONNECTION, ID, SERVICE_FAULT_ID, serviceOf } from './operations.js';
import { extensionBody, type OpcUaPdu } from './pdu.js';
import { type PendingRequest, PendingRequests } from './pending.js';
import { isSignatureSize, policyOf } from './security.js';
import { type ServerState, type ServerStates, sessionKey } from './server-state.js';
import { isBad } from './status-codes.js';
import { typeNamed } from './structures.js';
import { numericId, Walker } from './walker.js';

/** Segments without a single message after which a connection is no OPC UA connection. */
const MAX_GARBAGE_SEGMENTS = 16;
/** Bytes of a message in many chunks that are kept; what is behind them is counted, not read. */
const MAX_MESSAGE = 4 * 1024 * 1024;
/** Messages of one connection that are begun and not finished. */
const MAX_ASSEMBLIES = 16;
const USERNAME_TOKEN = 324;
/** Items or subscriptions of one request whose outcome is followed. */
const MAX_NUMBERS = 20_000;
/** A longer token is not remembered with the connection; servers give 16 to 36 bytes. */
const MAX_TOKEN = 256;
/** Sequence numbers begin anew behind this (OPC 10000-6 section 6.7.2.4), below 1024. */
const LAST_SEQUENCE = 4_294_966_271;
const FIRST_SEQUENCES = 1024;
/** Header, channel and token. */
const CHANNEL_HEADER = 16;
/** About 1970 and 2100, in ticks of 100 ns since 1601, divided by 2^32. */
const EARLIEST_TICKS = 0x019d0000;
const LATEST_TICKS = 0x02300000;

/** What all connections share. */
export interface OpcUaShared {
  /** The message being reported. */
  readonly pdu: OpcUaPdu;
  readonly requests: SharedBudget;
  readonly servers: ServerStates;
  readonly chunks: SharedBudget;
}

/** Chunks of a message that is not finished. */
class Assembly implements Kept {
  cost = 0;
  readonly side: Side;
  readonly requestId: number;
  chunks = 0;
  size = 0;
  length = 0;
  isTooLarge = false;
  isDropped = false;
  buf = new Uint8Array(0);

  constructor(side: Side, requestId: number) {
    this.side = side;
    this.requestId = requestId;
  }

  drop(): void {
    this.buf = new Uint8Array(0);
    this.length = 0;
    this.isDropped = true;
  }
}

/** OPC UA on one connection: framing, chunks, what can be read, pairing of requests and answers. */
export class OpcUaSession implements Session {
  readonly #orientation: Connection;
  readonly #shared: OpcUaShared;
  readonly #pdu: OpcUaPdu;
  readonly #pending: PendingRequests;
  readonly #identity = new IdentityReporter();
  #assemblies: Assembly[] = [];
  readonly #isSynchronised: [boolean, boolean] = [true, true];
  /** The next message of that side stands behind a gap. */
  readonly #isAfterGap: [boolean, boolean] = [false, false];
  readonly #lastSequence: [number, number] = [-1, -1];
  /** Intermediate chunks of an encrypted message, whose request cannot be seen. */
  readonly #hiddenChunks: [number, number] = [0, 0];
  readonly #hiddenSize: [number, number] = [0, 0];
  /** -1: not known. */
  #channelId = -1;
  #tokenId = -1;
  #olderTokenId = -1;
  /** Bytes behind each chunk's body; -1: not known. */
  #signatureSize = -1;
  #isReadable: 'unknown' | 'yes' | 'no' = 'unknown';
  /** Number of the packet with the HEL that waits for its ACK. */
  #helloNumber = 0;
  #helloTime = 0;
  #openNumber = 0;
  #openTime = 0;
  /** The connection's opening was seen, and nothing was missing since. */
  #hasAllRequests = false;
  /** Id of the first request since something was missing, -1: none yet. Clients count them up. */
  #firstRequestId = -1;
  #messages = 0;
  #garbageSegments = 0;
  /** Name of the server among those whose state is kept, and the side it stands for; -1: not asked for yet. */
  #serverName = '';
  #serverSide = -1;
  /** URI of a server that called its client: its port is another one each time. */
  #callerUri = '';
  /** Token of the last request whose session was asked for, and its key. */
  #token: Uint8Array = NO_TOKEN;
  #session = '';

  constructor(orientation: Connection, shared: OpcUaShared) {
    this.#orientation = orientation;
    this.#shared = shared;
    this.#pdu = shared.pdu;
    this.#pending = new PendingRequests(shared.requests);
  }

  parse(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): number {
    let at = from;
    while (at < to) {
      if (!this.#isSynchronised[side]) {
        const next = findHeader(buf, at, to);
        if (next < 0) return this.#garbage(to - from);
        at = next;
        this.#isSynchronised[side] = true;
      }
      const left = to - at;
      if (!beginsLikeMessage(buf, at, to)) {
        this.#lose(side, sink);
        continue;
      }
      if (left < HEADER) break;
      const kind = messageKind(buf, at) as MessageKind;
      const size = u32le(buf, at + 4);
      if (!isPlausibleSize(kind, size)) {
        sink.anomaly(OPCUA.badSize);
        this.#isSynchronised[side] = false;
        // Not this place again.
        at += 3;
        continue;
      }
      if (size > left) break;
      this.#chunk(kind, side, buf, at, at + size, sink);
      at += size;
    }
    return at - from;
  }

  gap(side: Side, buf: Uint8Array, from: number, to: number, cut: boolean, sink: PduSink): void {
    this.#cutMessage(side, buf, from, to, sink);
    this.#isSynchronised[side] = false;
    this.#isAfterGap[side] = !cut;
    this.#lastSequence[side] = -1;
    this.#hiddenChunks[side] = 0;
    this.#hiddenSize[side] = 0;
    this.#forgetAssemblies(side);
    // Requests may be among what is missing, so answers without one prove nothing.
    if (cut) return;
    this.#hasAllRequests = false;
    this.#firstRequestId = -1;
    if (side !== this.#orientation.client) this.#pending.doubt();
  }

  end(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void {
    this.#cutMessage(side, buf, from, to, sink);
  }

  /** OPC UA has no binary mapping to datagrams of its own; what comes is read as a stream's piece. */
  datagram(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void {
    this.#isSynchronised[side] = true;
    this.parse(side, buf, from, to, sink);
  }

  alternative(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void {
    let at = from;
    while (to - at >= HEADER) {
      const kind = messageKind(buf, at);
      const size = u32le(buf, at + 4);
      if (kind < 0 || !isPlausibleSize(kind as MessageKind, size) || at + size > to) {
        at = findHeader(buf, at + 1, to);
        if (at < 0) return;
        continue;
      }
      if (buf[at + 3] === CHUNK.final) {
        const pdu = this.#begin(kind as MessageKind, side, buf, at, at + size);
        if (kind === MESSAGE.message || kind === MESSAGE.close) {
          pdu.secureChannelId = u32le(buf, at + 8);
          pdu.tokenId = u32le(buf, at + 12);
          if (this.#canRead(buf, at + SYMMETRIC_HEADER, at + size)) {
            pdu.sequenceNumber = u32le(buf, at + 16);
            pdu.requestId = u32le(buf, at + 20);
            pdu.readBody(buf, at + SYMMETRIC_HEADER, at + size - Math.max(0, this.#signatureSize), false, true);
          } else this.#markEncrypted(pdu, side);
        } else this.#connectionMessage(pdu, side, buf, at, at + size);
        sink.pdu(pdu);
      }
      at += size;
    }
  }

  #garbage(consumed: number): number {
    this.#garbageSegments++;
    return this.#messages === 0 && this.#garbageSegments >= MAX_GARBAGE_SEGMENTS ? -1 : consumed;
  }

  #lose(side: Side, sink: PduSink): void {
    this.#isSynchronised[side] = false;
    sink.anomaly(OPCUA.garbage);
  }

  #begin(kind: MessageKind, side: Side, buf: Uint8Array, at: number, end: number): OpcUaPdu {
    const pdu = this.#pdu;
    pdu.begin(kind, at);
    pdu.chunkType = buf[at + 3]!;
    pdu.size = end - at;
    pdu.isRequest = side === this.#orientation.client;
    pdu.fromClient = pdu.isRequest;
    return pdu;
  }

  /** A complete chunk in `buf[at, end)`. */
  #chunk(kind: MessageKind, side: Side, buf: Uint8Array, at: number, end: number, sink: PduSink): void {
    if (kind === MESSAGE.message) {
      this.#messageChunk(side, buf, at, end, sink);
      return;
    }
    this.#orient(kind, side, sink);
    const pdu = this.#begin(kind, side, buf, at, end);
    if (pdu.chunkType !== CHUNK.final) pdu.note(OPCUA.badChunkType);
    if (!isAllowedSize(kind, end - at)) pdu.note(OPCUA.badSize);
    if (kind === MESSAGE.close) {
      pdu.secureChannelId = u32le(buf, at + 8);
      pdu.tokenId = u32le(buf, at + 12);
      this.#checkChannel(pdu);
      if (this.#canRead(buf, at + SYMMETRIC_HEADER, end)) {
        this.#readHeaders(pdu, side, buf, at);
        this.#readSymmetric(pdu, buf, at + SYMMETRIC_HEADER, end - this.#knownSignature, false);
      } else this.#markEncrypted(pdu, side);
      if (pdu.service === null) pdu.operation = CLOSE_CHANNEL;
      this.#report(side, sink);
      return;
    }
    this.#connectionMessage(pdu, side, buf, at, end);
    if (kind === MESSAGE.open) this.#opened(pdu, side);
    this.#pairConnection(pdu, kind, sink, at);
    this.#report(side, sink);
  }

  get #knownSignature(): number {
    return Math.max(0, this.#signatureSize);
  }

  /** HEL, ACK, ERR, RHE and OPN. */
  #connectionMessage(pdu: OpcUaPdu, side: Side, buf: Uint8Array, at: number, end: number): void {
    pdu.head = buf;
    pdu.headAt = at + HEADER;
    pdu.headEnd = end;
    const walker = headWalker;
    switch (pdu.kind) {
      case MESSAGE.hello:
        pdu.operation = CONNECTION.hello;
        pdu.isRequest = true;
        pdu.fromClient = true;
        walker.reset(buf, at + 28, end);
        walker.string();
        if (walker.hasFailed || walker.at !== end) pdu.note(OPCUA.malformedBody);
        return;
      case MESSAGE.acknowledge:
        pdu.operation = CONNECTION.hello;
        pdu.isRequest = false;
        pdu.fromClient = false;
        return;
      case MESSAGE.error:
        pdu.operation = CONNECTION.error;
        pdu.isRequest = false;
        pdu.rejection = 'failed';
        walker.reset(buf, at + 12, end);
        walker.string();
        if (walker.hasFailed) pdu.note(OPCUA.malformedBody);
        return;
      case MESSAGE.reverseHello:
        pdu.operation = CONNECTION.reverseHello;
        pdu.isRequest = true;
        pdu.fromClient = false;
        walker.reset(buf, at + HEADER, end);
        walker.string();
        walker.string();
        if (walker.hasFailed || walker.at !== end) pdu.note(OPCUA.malformedBody);
        else this.#callerUri = textAt(buf, at + HEADER, end);
        return;
      default:
        this.#openMessage(pdu, side, buf, at, end);
    }
  }

  /** OPC 10000-6 section 6.7.2.3: what is behind the receiver's thumbprint is encrypted, unless the policy is None. */
  #openMessage(pdu: OpcUaPdu, side: Side, buf: Uint8Array, at: number, end: number): void {
    pdu.secureChannelId = u32le(buf, at + 8);
    pdu.headAt = at + 12;
    const walker = headWalker;
    walker.reset(buf, at + 12, end);
    walker.string();
    walker.string();
    walker.string();
    pdu.operation = OPEN_CHANNEL;
    if (walker.hasFailed) {
      pdu.note(OPCUA.malformedBody);
      return;
    }
    const sequenceAt = walker.at;
    pdu.headEnd = sequenceAt;
    const policy = policyOf(textAt(buf, at + 12, end));
    const isPlain = policy?.name === 'None';
    if (end - sequenceAt < HEADER) {
      pdu.note(OPCUA.malformedBody);
      return;
    }
    if (!isPlain && !isPlainBody(buf, sequenceAt + HEADER, end)) {
      this.#markEncrypted(pdu, side);
      pdu.operation = OPEN_CHANNEL;
      return;
    }
    pdu.sequenceNumber = u32le(buf, sequenceAt);
    pdu.requestId = u32le(buf, sequenceAt + 4);
    pdu.readBody(buf, sequenceAt + HEADER, end, false, !isPlain);
    if (pdu.service === null) pdu.operation = OPEN_CHANNEL;
  }

  /** What an OPN tells of the channel. */
  #opened(pdu: OpcUaPdu, side: Side): void {
    const policy = policyOf(textAt(pdu.head, pdu.headAt, pdu.headEnd));
    if (policy !== null) {
      this.#signatureSize = policy.signatureSize;
      if (policy.name === 'None') this.#isReadable = 'yes';
      else if (this.#isReadable === 'yes' && pdu.isRequest && pdu.secureChannelId === 0) this.#isReadable = 'unknown';
    }
    if (pdu.sequenceNumber >= 0) this.#sequence(pdu, side);
    if (pdu.serviceId === ID.openSecureChannelResponse && pdu.parametersAt + 12 <= pdu.bodyEnd) {
      // ServerProtocolVersion, then the token: channel, token.
      this.#channelId = u32le(pdu.body, pdu.parametersAt + 4);
      this.#olderTokenId = this.#tokenId;
      this.#tokenId = u32le(pdu.body, pdu.parametersAt + 8);
    } else if (pdu.isEncrypted) {
      // A new token that cannot be seen.
      this.#tokenId = -1;
      this.#olderTokenId = -1;
      if (!pdu.isRequest) this.#channelId = pdu.secureChannelId;
    }
  }

  /** HEL and ACK, OPN and OPN: there is one of each at a time. */
  #pairConnection(pdu: OpcUaPdu, kind: MessageKind, sink: PduSink, at: number): void {
    if (kind === MESSAGE.hello) {
      this.#hasAllRequests = true;
      this.#helloNumber = sink.numberOf(at);
      this.#helloTime = sink.timeOf(at);
    } else if (kind === MESSAGE.acknowledge) {
      pdu.requestNumber = this.#helloNumber;
      pdu.requestTimestamp = this.#helloTime;
      this.#helloNumber = 0;
    } else if (kind === MESSAGE.open) {
      if (pdu.isRequest) {
        this.#openNumber = sink.numberOf(at);
        this.#openTime = sink.timeOf(at);
      } else {
        pdu.requestNumber = this.#openNumber;
        pdu.requestTimestamp = this.#openTime;
        this.#openNumber = 0;
      }
    }
  }

  #messageChunk(side: Side, buf: Uint8Array, at: number, end: number, sink: PduSink): void {
    const flag = buf[at + 3]!;
    const requestId = u32le(buf, at + 20);
    const assembly = this.#assemblies.length === 0 ? null : this.#assembly(side, requestId);
    if (flag === CHUNK.abort) {
      this.#aborted(side, buf, at, end, assembly, sink);
      return;
    }
    const bodyAt = at + SYMMETRIC_HEADER;
    const isReadable = assembly !== null || (this.#hiddenChunks[side] === 0 && this.#canRead(buf, bodyAt, end));
    if (flag !== CHUNK.final && isChunkType(flag)) {
      if (isReadable) this.#intermediate(side, buf, at, end, requestId, assembly, sink);
      else {
        this.#hiddenChunks[side]++;
        this.#hiddenSize[side] += end - at;
      }
      return;
    }
    const pdu = this.#begin(MESSAGE.message, side, buf, at, end);
    pdu.secureChannelId = u32le(buf, at + 8);
    pdu.tokenId = u32le(buf, at + 12);
    this.#checkChannel(pdu);
    if (!isChunkType(flag)) pdu.note(OPCUA.badChunkType);
    if (!isReadable) {
      pdu.chunks += this.#hiddenChunks[side];
      pdu.size += this.#hiddenSize[side];
      this.#hiddenChunks[side] = 0;
      this.#hiddenSize[side] = 0;
      this.#markEncrypted(pdu, side);
      this.#report(side, sink);
      return;
    }
    this.#readHeaders(pdu, side, buf, at);
    const bodyEnd = Math.max(bodyAt, end - this.#knownSignature);
    if (assembly === null) this.#readSymmetric(pdu, buf, bodyAt, bodyEnd, false);
    else {
      this.#append(assembly, buf, bodyAt, bodyEnd, end - at);
      this.#removeAssembly(assembly);
      pdu.chunks = assembly.chunks;
      pdu.size = assembly.size;
      if (assembly.isTooLarge) pdu.note(OPCUA.messageTooLarge);
      if (assembly.isDropped) pdu.note(OPCUA.notKept);
      const isCut = assembly.isTooLarge || assembly.isDropped;
      pdu.isPartial = isCut;
      if (!assembly.isDropped) this.#readSymmetric(pdu, assembly.buf, 0, assembly.length, isCut);
    }
    this.#serviceMessage(side, at, sink);
  }

  /** Sequence header in the clear. */
  #readHeaders(pdu: OpcUaPdu, side: Side, buf: Uint8Array, at: number): void {
    pdu.sequenceNumber = u32le(buf, at + 16);
    pdu.requestId = u32le(buf, at + 20);
    this.#sequence(pdu, side);
  }

  #readSymmetric(pdu: OpcUaPdu, buf: Uint8Array, from: number, to: number, isCut: boolean): void {
    const isUnknown = this.#signatureSize < 0;
    pdu.readBody(buf, from, to, isCut, isUnknown);
    // The first message of a channel whose opening was not seen shows what stands behind each.
    if (!isUnknown || pdu.service === null || pdu.anomalies.length > 0 || isCut || pdu.chunks > 1) return;
    if (pdu.trailing === 0 || isSignatureSize(pdu.trailing)) this.#signatureSize = pdu.trailing;
    else pdu.note(OPCUA.lengthMismatch);
  }

  #aborted(side: Side, buf: Uint8Array, at: number, end: number, assembly: Assembly | null, sink: PduSink): void {
    const pdu = this.#begin(MESSAGE.message, side, buf, at, end);
    pdu.secureChannelId = u32le(buf, at + 8);
    pdu.tokenId = u32le(buf, at + 12);
    this.#checkChannel(pdu);
    pdu.operation = CONNECTION.aborted;
    if (assembly !== null) {
      pdu.chunks += assembly.chunks;
      pdu.size += assembly.size;
      this.#removeAssembly(assembly);
    }
    // Error and reason, in the place of the body.
    const isPlain = assembly !== null || (this.#isReadable !== 'no' && isErrorBody(buf, at + SYMMETRIC_HEADER, end));
    if (isPlain) {
      this.#readHeaders(pdu, side, buf, at);
      pdu.head = buf;
      pdu.headAt = at + SYMMETRIC_HEADER;
      pdu.headEnd = Math.max(pdu.headAt, end - this.#knownSignature);
      pdu.rejection = 'failed';
    } else {
      pdu.chunks += this.#hiddenChunks[side];
      pdu.size += this.#hiddenSize[side];
      this.#hiddenChunks[side] = 0;
      this.#hiddenSize[side] = 0;
      pdu.isEncrypted = true;
    }
    this.#report(side, sink);
  }

  #intermediate(
    side: Side,
    buf: Uint8Array,
    at: number,
    end: number,
    requestId: number,
    known: Assembly | null,
    sink: PduSink,
  ): void {
    const pdu = this.#begin(MESSAGE.message, side, buf, at, end);
    this.#readHeaders(pdu, side, buf, at);
    if (pdu.anomalies.includes(OPCUA.sequenceGap)) sink.anomaly(OPCUA.sequenceGap);
    let assembly = known;
    if (assembly === null) {
      if (this.#assemblies.length >= MAX_ASSEMBLIES) {
        this.#removeAssembly(this.#assemblies[0]!);
        sink.anomaly(OPCUA.notKept);
      }
      assembly = new Assembly(side, requestId);
      this.#assemblies.push(assembly);
      this.#shared.chunks.add(assembly);
    }
    this.#append(
      assembly,
      buf,
      at + SYMMETRIC_HEADER,
      Math.max(at + SYMMETRIC_HEADER, end - this.#knownSignature),
      end - at,
    );
  }

  #append(assembly: Assembly, buf: Uint8Array, from: number, to: number, size: number): void {
    assembly.chunks++;
    assembly.size += size;
    if (assembly.isDropped || assembly.isTooLarge) return;
    let end = to;
    if (assembly.length + (end - from) > MAX_MESSAGE) {
      assembly.isTooLarge = true;
      end = from + MAX_MESSAGE - assembly.length;
    }
    const needed = assembly.length + (end - from);
    if (needed > assembly.buf.length) {
      const grown = new Uint8Array(Math.min(MAX_MESSAGE, Math.max(needed, assembly.buf.length * 2)));
      grown.set(assembly.buf.subarray(0, assembly.length));
      this.#shared.chunks.grow(assembly, grown.length - assembly.buf.length);
      assembly.buf = grown;
    }
    assembly.buf.set(buf.subarray(from, end), assembly.length);
    assembly.length = needed;
  }

  #assembly(side: Side, requestId: number): Assembly | null {
    for (const assembly of this.#assemblies) {
      if (assembly.side === side && assembly.requestId === requestId) return assembly;
    }
    return null;
  }

  #removeAssembly(assembly: Assembly): void {
    this.#assemblies = this.#assemblies.filter((other) => other !== assembly);
    this.#shared.chunks.remove(assembly);
  }

  /** Their rest will not come, or cannot be told from something else. */
  #forgetAssemblies(side: Side): void {
    for (const assembly of this.#assemblies) if (assembly.side === side) this.#shared.chunks.remove(assembly);
    if (this.#assemblies.length > 0) this.#assemblies = this.#assemblies.filter((other) => other.side !== side);
  }

  /**
   * Whether the body at `at` is in the clear. With policy None it is; otherwise only if it shows itself as a service's
   * message: ciphertext does so once in billions.
   */
  #canRead(buf: Uint8Array, at: number, end: number): boolean {
    if (this.#isReadable === 'yes') return true;
    if (isPlainBody(buf, at, end)) {
      this.#isReadable = 'yes';
      return true;
    }
    if (this.#isReadable === 'no' || this.#signatureSize > 0) {
      this.#isReadable = 'no';
      return false;
    }
    // Neither the opening nor a message that could be read was seen. Ciphertext comes in whole blocks of 16 bytes.
    return (end - at + HEADER) % 16 !== 0;
  }

  #markEncrypted(pdu: OpcUaPdu, side: Side): void {
    pdu.isEncrypted = true;
    pdu.operation = CONNECTION.encrypted;
    this.#lastSequence[side] = -1;
  }

  #sequence(pdu: OpcUaPdu, side: Side): void {
    const last = this.#lastSequence[side];
    const number = pdu.sequenceNumber;
    this.#lastSequence[side] = number;
    if (last < 0 || number === last + 1) return;
    const isWrapped = (last >= LAST_SEQUENCE && number < FIRST_SEQUENCES) || (last === 0xffff_ffff && number === 0);
    if (!isWrapped) pdu.note(OPCUA.sequenceGap);
  }

  #checkChannel(pdu: OpcUaPdu): void {
    if (this.#channelId < 0) {
      this.#channelId = pdu.secureChannelId;
      return;
    }
    const isOtherToken =
      this.#tokenId >= 0 &&
      pdu.tokenId !== this.#tokenId &&
      this.#olderTokenId >= 0 &&
      pdu.tokenId !== this.#olderTokenId;
    if (pdu.secureChannelId !== this.#channelId || isOtherToken) pdu.note(OPCUA.channelMismatch);
  }

  #orient(kind: MessageKind, side: Side, sink: PduSink): void {
    const other: Side = side === 0 ? 1 : 0;
    if (kind === MESSAGE.hello || kind === MESSAGE.close) sink.orient(side);
    else if (kind === MESSAGE.acknowledge) sink.orient(other);
    // The first message of a connection, from the server that opened it.
    else if (kind === MESSAGE.reverseHello) sink.orient(other, this.#messages === 0);
  }

  /** A service's message that is complete: who asks, and what belongs to what. */
  #serviceMessage(side: Side, at: number, sink: PduSink): void {
    const pdu = this.#pdu;
    const { service } = pdu;
    if (service === null) {
      this.#report(side, sink);
      return;
    }
    const client: Side = service.isRequest ? side : side === 0 ? 1 : 0;
    if (client !== this.#orientation.client) sink.orient(client);
    pdu.isRequest = service.isRequest;
    pdu.fromClient = service.isRequest;
    if (service.isRequest) this.#request(pdu, sink, at);
    else this.#response(pdu, sink, at);
    this.#report(side, sink);
    if (!pdu.isPartial && !pdu.anomalies.includes(OPCUA.malformedBody)) {
      this.#identity.service(pdu, sink);
      if (!service.isRequest) this.#learn(pdu);
    }
    if (pdu.request !== null) {
      this.#pending.done(pdu.request);
      pdu.request = null;
    }
  }

  #request(pdu: OpcUaPdu, sink: PduSink, at: number): void {
    if (this.#firstRequestId < 0) this.#firstRequestId = pdu.requestId;
    const entry = this.#pending.begin();
    entry.requestId = pdu.requestId;
    entry.service = pdu.service;
    entry.operation = pdu.operation;
    entry.number = sink.numberOf(at);
    entry.timestamp = sink.timeOf(at);
    entry.subscriptionId = pdu.subscriptionId;
    const server = this.#shared.servers.of(this.#server);
    if (server?.hasAliases) {
      const aliases = server.aliases(this.#sessionOf(pdu));
      if (aliases !== undefined) pdu.resolveWith(aliases);
    }
    const count = pdu.targets;
    const hasAttribute = hasAttributes(pdu.serviceId);
    for (let index = 0; index < count; index++) {
      entry.nodes.push(pdu.targetEntry(index)!);
      entry.attributes.push(hasAttribute ? pdu.targetAttribute(index) : 0);
      entry.elements.push(hasAttribute ? pdu.targetElement(index) : 0);
    }
    if (!pdu.anomalies.includes(OPCUA.malformedBody)) this.#learnFromRequest(pdu, server, entry, sink);
    if (!this.#pending.keep(entry)) pdu.note(OPCUA.requestFlood);
  }

  #response(pdu: OpcUaPdu, sink: PduSink, at: number): void {
    pdu.server = this.#shared.servers.of(this.#server) ?? null;
    const request = this.#pending.take(pdu.requestId, sink.numberOf(at));
    if (request === null) {
      // Without a request ever seen, the capture has only this direction; one of a lower number was missed.
      const isLater = this.#firstRequestId >= 0 && (pdu.requestId - this.#firstRequestId) >>> 0 < 0x8000_0000;
      if (this.#hasAllRequests || isLater) pdu.note(OPCUA.unsolicitedResponse);
      return;
    }
    const isFitting = pdu.serviceId === SERVICE_FAULT_ID || request.service?.operation === pdu.service?.operation;
    if (!isFitting) {
      pdu.note(APPLAYER.responseMismatch);
      pdu.requestNumber = request.number;
      pdu.requestTimestamp = request.timestamp;
      this.#pending.done(request);
      return;
    }
    pdu.fromRequest(request);
  }

  /** What requests say that later messages need. */
  #learnFromRequest(pdu: OpcUaPdu, server: ServerState | undefined, entry: PendingRequest, sink: PduSink): void {
    switch (pdu.serviceId) {
      case ID.createMonitoredItemsRequest:
        this.#learnItems(pdu, entry, sink);
        return;
      case ID.modifyMonitoredItemsRequest:
        entry.handles = [];
        forEachModified(pdu, (id, handle) => {
          if (entry.handles!.length < 2 * MAX_NUMBERS) entry.handles!.push(id, handle);
        });
        return;
      case ID.deleteMonitoredItemsRequest:
        entry.handles = numbers(pdu, 4);
        return;
      case ID.deleteSubscriptionsRequest:
      case ID.transferSubscriptionsRequest:
        entry.handles = numbers(pdu, 0);
        return;
      case ID.registerNodesRequest:
      case ID.closeSessionRequest:
        entry.session = this.#sessionOf(pdu);
        return;
      case ID.unregisterNodesRequest:
        entry.session = this.#sessionOf(pdu);
        if (server?.aliases(entry.session) !== undefined) entry.names = pdu.nodeIds.map(({ text }) => text);
        return;
      case ID.translateRequest:
        entry.names = lookedUpNames(pdu);
        return;
      case ID.activateSessionRequest:
        if (hasPasswordInClear(pdu)) pdu.note(OPCUA.passwordInClear);
        return;
    }
  }

  #learnItems(pdu: OpcUaPdu, entry: PendingRequest, sink: PduSink): void {
    const subscription = this.#shared.servers.ofOrNew(this.#server).subscriptionOrNew(pdu.subscriptionId);
    // Whose subscription it is, only the server knows: what a stranger asks for counts when it was granted.
    const isBelieved = subscription.owner === null || subscription.owner === this;
    const handles: number[] = [];
    const walker = new Walker();
    let isFull = false;
    for (let index = 0; index < entry.nodes.length; index++) {
      // Behind the attribute: range, encoding, then the mode and the handle.
      walker.reset(pdu.body, pdu.targetEndAt(index) + 4, pdu.bodyEnd);
      walker.string();
      walker.advance(2);
      walker.string();
      walker.advance(4);
      const handle = walker.u32();
      handles.push(handle);
      const item = { node: entry.nodes[index]!, attribute: entry.attributes[index]!, element: entry.elements[index]! };
      if (isBelieved && !subscription.set(handle, item)) isFull = true;
    }
    entry.handles = handles;
    if (isFull) sink.anomaly(OPCUA.notKept);
  }

  /** What answers say that later messages need. */
  #learn(pdu: OpcUaPdu): void {
    const { request } = pdu;
    if (request === null || isBad(pdu.serviceResult)) return;
    const { servers } = this.#shared;
    switch (pdu.serviceId) {
      case ID.createSubscriptionResponse:
        // The number was given anew, as after a restart of the server.
        servers.of(this.#server)?.removeSubscription(pdu.subscriptionId);
        return;
      case ID.createMonitoredItemsResponse:
        this.#learnGranted(pdu, request);
        return;
      case ID.modifyMonitoredItemsResponse: {
        const subscription = servers.of(this.#server)?.subscription(request.subscriptionId);
        forEachGranted(pdu, (index) => {
          const [id, handle] = [request.handles?.[2 * index], request.handles?.[2 * index + 1]];
          if (id !== undefined && handle !== undefined) subscription?.rename(id, handle);
        });
        return;
      }
      case ID.deleteMonitoredItemsResponse: {
        const subscription = servers.of(this.#server)?.subscription(request.subscriptionId);
        forEachGranted(pdu, (index) => subscription?.remove(request.handles?.[index] ?? -1));
        return;
      }
      case ID.deleteSubscriptionsResponse: {
        const server = servers.of(this.#server);
        forEachGranted(pdu, (index) => server?.removeSubscription(request.handles?.[index] ?? -1));
        return;
      }
      case ID.transferSubscriptionsResponse:
        for (let index = 0; index < Math.min(pdu.results, request.handles?.length ?? 0); index++) {
          const isGranted = !isBad(u32le(pdu.body, pdu.resultAt(index)));
          const subscription = isGranted ? servers.of(this.#server)?.subscription(request.handles![index]!) : undefined;
          if (subscription !== undefined) subscription.owner = this;
        }
        return;
      case ID.registerNodesResponse:
        this.#learnRegistered(pdu, request);
        return;
      case ID.unregisterNodesResponse: {
        const aliases = servers.of(this.#server)?.aliases(request.session);
        for (const alias of request.names ?? []) aliases?.remove(alias);
        return;
      }
      case ID.closeSessionResponse:
        servers.of(this.#server)?.removeSession(request.session);
        return;
    }
  }

  #learnGranted(pdu: OpcUaPdu, request: PendingRequest): void {
    if (request.handles === null) return;
    const subscription = this.#shared.servers.ofOrNew(this.#server).subscriptionOrNew(request.subscriptionId);
    const isNew = subscription.owner !== this;
    const count = Math.min(pdu.results, request.handles.length, request.nodes.length);
    for (let index = 0; index < count; index++) {
      const at = pdu.resultAt(index);
      if (at + 8 > pdu.bodyEnd || u32le(pdu.body, at) !== 0) continue;
      const handle = request.handles[index]!;
      if (isNew) {
        const [node, attribute, element] = [
          request.nodes[index]!,
          request.attributes[index]!,
          request.elements[index]!,
        ];
        subscription.set(handle, { node, attribute, element });
      }
      subscription.owner = this;
      subscription.identify(handle, u32le(pdu.body, at + 4));
    }
  }

  /** Servers may answer with other, shorter NodeIds that are good for this session. */
  #learnRegistered(pdu: OpcUaPdu, request: PendingRequest): void {
    const { nodeIds } = pdu;
    for (let index = 0; index < Math.min(nodeIds.length, request.nodes.length); index++) {
      const alias = nodeIds[index]!.text;
      const node = request.nodes[index]!;
      if (alias === node.text) continue;
      if (!this.#shared.servers.ofOrNew(this.#server).aliasesOrNew(request.session).set(alias, node)) return;
    }
  }

  /** The server's name among those whose state is kept. */
  get #server(): string {
    const side: Side = this.#orientation.client === 0 ? 1 : 0;
    if (this.#serverSide === side) return this.#serverName;
    this.#serverSide = side;
    const endpoint = this.#orientation.endpoint(side);
    this.#serverName = this.#callerUri === '' ? endpoint : `${endpoint.split(' ')[0]} ${this.#callerUri}`;
    return this.#serverName;
  }

  #sessionOf(pdu: OpcUaPdu): string {
    const token = pdu.authenticationToken;
    if (token.length > MAX_TOKEN) return sessionKey(token);
    if (this.#session === '' || !isSameBytes(token, this.#token)) {
      this.#token = token.slice();
      this.#session = sessionKey(token);
    }
    return this.#session;
  }

  /** What can be read of a message whose end will not come. */
  #cutMessage(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void {
    if (to - from < HEADER || !mayBeHeader(buf, from, to)) return;
    const kind = messageKind(buf, from) as MessageKind;
    const isSymmetric = kind === MESSAGE.message || kind === MESSAGE.close;
    if (isSymmetric && (to - from < CHANNEL_HEADER || buf[from + 3] !== CHUNK.final)) return;
    if (kind === MESSAGE.open && to - from < HEADER + 4) return;
    // The tail of a message whose other chunks were seen has no header of its own.
    const hasRequestId = isSymmetric && to - from >= SYMMETRIC_HEADER;
    if (hasRequestId && this.#assembly(side, u32le(buf, from + 20)) !== null) return;
    this.#orient(kind, side, sink);
    const pdu = this.#begin(kind, side, buf, from, to);
    pdu.size = u32le(buf, from + 4);
    if (isSymmetric) this.#cutSymmetric(pdu, side, buf, from, to);
    else {
      this.#connectionMessage(pdu, side, buf, from, to);
      this.#pairConnection(pdu, kind, sink, from);
    }
    // Whatever seems wrong is the cut's fault.
    pdu.anomalies.length = 0;
    pdu.note(OPCUA.truncated);
    pdu.isPartial = true;
    if (isSymmetric && pdu.service !== null) this.#serviceMessage(side, from, sink);
    else this.#report(side, sink);
  }

  #cutSymmetric(pdu: OpcUaPdu, side: Side, buf: Uint8Array, from: number, to: number): void {
    pdu.secureChannelId = u32le(buf, from + 8);
    pdu.tokenId = u32le(buf, from + 12);
    if (pdu.kind === MESSAGE.close) pdu.operation = CLOSE_CHANNEL;
    const bodyAt = from + SYMMETRIC_HEADER;
    if (to < bodyAt) return;
    const isPlain = this.#isReadable === 'yes' || serviceOf(numericId(buf, bodyAt, to)) !== undefined;
    if (isPlain) {
      this.#readHeaders(pdu, side, buf, from);
      pdu.readBody(buf, bodyAt, to, true, true);
    } else if (this.#isReadable === 'no') this.#markEncrypted(pdu, side);
  }

  #report(side: Side, sink: PduSink): void {
    const pdu = this.#pdu;
    this.#messages++;
    this.#garbageSegments = 0;
    if (this.#isAfterGap[side]) {
      this.#isAfterGap[side] = false;
      pdu.isPartial = true;
    }
    sink.pdu(pdu);
    if (pdu.kind !== MESSAGE.message) this.#identity.connection(pdu, sink);
  }
}

const NO_TOKEN = new Uint8Array(0);
const headWalker = new Walker();
const BROWSE_PATH = typeNamed('BrowsePath');
const OPEN_CHANNEL = serviceOf(ID.openSecureChannelRequest)!.operation;
const CLOSE_CHANNEL = serviceOf(452)!.operation;

function hasAttributes(serviceId: number): boolean {
  return serviceId === ID.readRequest || serviceId === ID.writeRequest || serviceId === ID.createMonitoredItemsRequest;
}

function isSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function textAt(buf: Uint8Array, at: number, end: number): string {
  if (at + 4 > end) return '';
  const length = u32le(buf, at) | 0;
  return length > 0 && at + 4 + length <= end ? wireText(buf, at + 4, at + 4 + length) : '';
}

/** As `mayBeHeader`, whatever flag and size say: a wrong one is told, not overlooked. */
function beginsLikeMessage(buf: Uint8Array, at: number, to: number): boolean {
  return to - at < 3 ? mayBeHeader(buf, at, to) : messageKind(buf, at) >= 0;
}

/** The next place where a message may begin; what follows it must fit as well. -1 for none. */
function findHeader(buf: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    if (!mayBeHeader(buf, at, to)) continue;
    if (to - at < HEADER) return at;
    const end = at + u32le(buf, at + 4);
    if (end >= to || mayBeHeader(buf, end, to)) return at;
  }
  return -1;
}

/**
 * Whether a service's message begins at `at`: a NodeId of namespace 0 that is a service's, and behind it a request or
 * response header with a sensible time. Of 2^32 random bodies, less than one passes.
 */
export function isPlainBody(buf: Uint8Array, at: number, end: number): boolean {
  const id = numericId(buf, at, end);
  if (id < 0) return false;
  const service = serviceOf(id);
  if (service === undefined) return false;
  plainWalker.reset(buf, at, end);
  plainWalker.nodeId();
  if (service.isRequest) plainWalker.nodeId();
  const timeAt = plainWalker.at;
  plainWalker.advance(16);
  if (plainWalker.hasFailed) return false;
  const high = u32le(buf, timeAt + 4);
  return (high >= EARLIEST_TICKS && high <= LATEST_TICKS) || (high === 0 && u32le(buf, timeAt) === 0);
}

const plainWalker = new Walker();

/** An aborting chunk's body: a status that is bad, and a reason that ends before the chunk does. */
function isErrorBody(buf: Uint8Array, at: number, end: number): boolean {
  if (end - at < 8 || buf[at + 3]! < 0x80) return false;
  const length = u32le(buf, at + 4) | 0;
  return length >= -1 && at + 8 + Math.max(0, length) <= end;
}

/** The numbers of the array that is the request's last field, `skip` bytes behind the header; at most `MAX_NUMBERS`. */
function numbers(pdu: OpcUaPdu, skip: number): number[] {
  const walker = new Walker();
  walker.reset(pdu.body, pdu.parametersAt + skip, pdu.bodyEnd);
  const count = Math.min(walker.count(4), MAX_NUMBERS);
  const found: number[] = [];
  for (let index = 0; index < count; index++) found.push(walker.u32());
  return found;
}

/** The places of an answer's list that begin with a good status: what was asked for happened. */
function forEachGranted(pdu: OpcUaPdu, visit: (index: number) => void): void {
  for (let index = 0; index < pdu.results; index++) {
    const at = pdu.resultAt(index);
    if (at + 4 <= pdu.bodyEnd && !isBad(u32le(pdu.body, at))) visit(index);
  }
}

/** Item and new handle of a ModifyMonitoredItems request (OPC 10000-4 section 5.13.3). */
function forEachModified(pdu: OpcUaPdu, visit: (id: number, handle: number) => void): void {
  const walker = new Walker();
  walker.reset(pdu.body, pdu.parametersAt + 8, pdu.bodyEnd);
  const count = walker.count(4);
  for (let index = 0; index < count && !walker.hasFailed; index++) {
    const id = walker.u32();
    const handle = walker.u32();
    walker.advance(8);
    walker.extensionObject();
    walker.advance(5);
    if (!walker.hasFailed) visit(id, handle);
  }
}

/** BrowseName at the end of each path of a TranslateBrowsePathsToNodeIds request. */
function lookedUpNames(pdu: OpcUaPdu): string[] {
  const decoder = new Decoder();
  decoder.reset(pdu.body, pdu.parametersAt, pdu.bodyEnd);
  const paths = (decoder.list(BROWSE_PATH) ?? []) as Fields[];
  return paths.map((path) => {
    const { elements } = (path['relative_path'] ?? {}) as { elements?: Fields[] };
    return String(elements?.at(-1)?.['target_name'] ?? '');
  });
}

/** OPC 10000-4 section 7.41.4: a password without an algorithm that encrypts it. */
function hasPasswordInClear(pdu: OpcUaPdu): boolean {
  const walker = new Walker();
  walker.reset(pdu.body, pdu.parametersAt, pdu.bodyEnd);
  // ClientSignature, software certificates, locales.
  walker.string();
  walker.string();
  const certificates = walker.count(8);
  for (let index = 0; index < certificates && !walker.hasFailed; index++) {
    walker.string();
    walker.string();
  }
  walker.skipArray(12);
  const tokenAt = walker.at;
  walker.extensionObject();
  if (walker.hasFailed || numericId(pdu.body, tokenAt, walker.at) !== USERNAME_TOKEN) return false;
  const end = walker.at;
  walker.reset(pdu.body, extensionBody(pdu.body, tokenAt, end), end);
  walker.string();
  walker.string();
  const passwordLength = walker.i32();
  walker.advance(Math.max(0, passwordLength));
  const algorithmLength = walker.i32();
  return !walker.hasFailed && passwordLength > 0 && algorithmLength <= 0;
}
