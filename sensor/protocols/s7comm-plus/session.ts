import { u16 } from '../../model/bytes.js';
import type { CarriedSession } from '../_shared/carried-protocol.js';
import type { SharedBudget } from '../_shared/shared-budget.js';
import { isTlsRecord, TlsHandshake } from '../_shared/tls-handshake.js';
import { APPLAYER } from '../anomalies.js';
import type { Orientation, PduSink, Side } from '../dissector.js';
import type { ObjectNames } from './addresses.js';
import { S7COMM_PLUS } from './anomalies.js';
import { classify, type SessionObjects } from './classify.js';
import { Fragments } from './fragments.js';
import { FUNCTION, functionDef, isKnownOpcode, OPCODE, OPERATION, VERSION } from './functions.js';
import { reportIdentity } from './identity.js';
import { className, ID } from './ids.js';
import type { S7CommPlusPdu } from './pdu.js';
import { PendingRequests } from './pending.js';
import { Reader } from './reader.js';
import { Subscriptions } from './subscriptions.js';

export const PROTOCOL_ID = 0x72;
const HEADER = 4;
const TRAILER = 4;
/** Its length and the digest. */
const DIGEST = 33;
const DIGEST_LENGTH = 0x20;
/** Opcode to sequence number. */
const MIN_CALL = 9;
/** Objects of a connection whose kind is remembered. */
const MAX_OBJECTS = 256;
/** Lists of variables of subscriptions that were asked for but not yet confirmed. */
const MAX_ASKED = 4;
const MAX_ASKED_BYTES = 32_768;

/** One direction of a connection. */
class Direction {
  readonly fragments: Fragments;
  /** Where it stands in messages is known: no part of one is missing. */
  isSynchronised: boolean;
  /** The next message stands behind a gap. */
  isAfterGap = false;
  /** SetVarSubStreamed goes on in parts that are no continuation of its text. */
  isStreaming = false;

  constructor(isSynchronised: boolean, held: SharedBudget) {
    this.isSynchronised = isSynchronised;
    this.fragments = new Fragments(held);
  }
}

/** S7comm-plus on one connection: parts of messages, sessions, pairing, subscriptions, and TLS in their place. */
export class S7CommPlusSession implements CarriedSession, ObjectNames, SessionObjects {
  readonly #orientation: Orientation;
  /** The message being reported; shared by all sessions. */
  readonly #pdu: S7CommPlusPdu;
  readonly #pending = new PendingRequests();
  readonly #subscriptions = new Subscriptions();
  readonly #directions: readonly [Direction, Direction];
  readonly #objects = new Map<number, string>();
  /** Lists of variables by the sequence number of the request that creates their subscription. */
  readonly #asked = new Map<number, Uint8Array>();
  #tls: TlsHandshake | null = null;
  /** The connection's opening was seen, and nothing was missing since. */
  #hasAllRequests: boolean;
  /** Number of the first request since something was missing, -1: none yet. Clients count them up. */
  #firstSequence = -1;

  /** `held`: unfinished messages of all connections. `isOpened`: the connection was seen from its beginning. */
  constructor(orientation: Orientation, pdu: S7CommPlusPdu, held: SharedBudget, isOpened: boolean) {
    this.#orientation = orientation;
    this.#pdu = pdu;
    this.#directions = [new Direction(isOpened, held), new Direction(isOpened, held)];
    this.#hasAllRequests = isOpened;
  }

  tsdu(side: Side, buf: Uint8Array, from: number, to: number, at: number, isCut: boolean, sink: PduSink): void {
    const pdu = this.#pdu;
    const direction = this.#directions[side];
    pdu.clear(at);
    pdu.names = this;
    pdu.fromClient = side === this.#orientation.client;
    pdu.isRequest = pdu.fromClient;
    pdu.isPartial = isCut || direction.isAfterGap;
    direction.isAfterGap = false;
    if (isCut) pdu.note(S7COMM_PLUS.truncated);
    if (buf[from] !== PROTOCOL_ID) {
      if (this.#tls !== null || isTlsRecord(buf, from, to)) this.#encrypted(side, buf, from, to, sink);
      else sink.anomaly(S7COMM_PLUS.garbage);
      return;
    }
    this.#message(side, buf, from, to, isCut, sink);
  }

  gap(side: Side): void {
    const direction = this.#directions[side];
    direction.fragments.clear();
    direction.isSynchronised = false;
    direction.isAfterGap = true;
    direction.isStreaming = false;
    this.#hasAllRequests = false;
    this.#firstSequence = -1;
    this.#tls?.gap(side);
  }

  alternative(side: Side, buf: Uint8Array, from: number, to: number, at: number, sink: PduSink): void {
    const pdu = this.#pdu;
    if (buf[from] !== PROTOCOL_ID || to - from < HEADER) return;
    pdu.clear(at);
    pdu.names = this;
    pdu.fromClient = side === this.#orientation.client;
    pdu.protocolVersion = buf[from + 1]!;
    pdu.length = u16(buf, from + 2);
    const end = Math.min(to, from + HEADER + pdu.length);
    const start = this.#dataFrom(buf, from + HEADER, end);
    pdu.message.parse(pdu.protocolVersion, buf, start, end);
    pdu.isRequest = pdu.message.opcode === OPCODE.REQUEST;
    pdu.operation = pdu.isRequest ? this.#classified() : pdu.plainOperation;
    pdu.settle(null);
    sink.pdu(pdu);
  }

  // ---- what the connection's objects are

  nameOf(id: number): string | undefined {
    return this.#objects.get(id);
  }

  isSession(id: number): boolean {
    return this.#objects.get(id) === SESSION;
  }

  isOfSession(id: number): boolean {
    return this.#objects.has(id);
  }

  #remember(id: number, name: string): void {
    if (this.#objects.has(id)) return;
    if (this.#objects.size >= MAX_OBJECTS) {
      const oldest = this.#objects.keys().next();
      if (!oldest.done) this.#objects.delete(oldest.value);
    }
    this.#objects.set(id, name);
  }

  // ---- messages

  /** A TSDU that begins as a message or a part of one. */
  #message(side: Side, buf: Uint8Array, from: number, to: number, isCut: boolean, sink: PduSink): void {
    const pdu = this.#pdu;
    if (to - from < HEADER) {
      if (to - from > 1) pdu.protocolVersion = buf[from + 1]!;
      pdu.note(isCut ? S7COMM_PLUS.truncated : S7COMM_PLUS.lengthMismatch);
      sink.pdu(pdu);
      return;
    }
    const version = buf[from + 1]!;
    pdu.protocolVersion = version;
    if (version === VERSION.KEEP_ALIVE) {
      pdu.keepAliveNumber = buf[from + 2]!;
      pdu.operation = OPERATION.keepAlive;
      if (to - from > HEADER) pdu.note(S7COMM_PLUS.surplus);
      sink.pdu(pdu);
      return;
    }
    pdu.length = u16(buf, from + 2);
    const dataFrom = from + HEADER;
    let dataTo = dataFrom + pdu.length;
    if (dataTo > to) {
      if (!isCut) pdu.note(S7COMM_PLUS.lengthMismatch);
      dataTo = to;
    }
    if (version === VERSION.SYSTEM_EVENT) {
      this.#systemEvent(buf, dataFrom, dataTo, to, sink);
      return;
    }
    if (version < VERSION.SETUP || version > VERSION.DIGEST) pdu.note(S7COMM_PLUS.badVersion);
    const start = this.#dataFrom(buf, dataFrom, dataTo);
    if (isCut) {
      this.#cut(side, buf, start, dataTo, sink);
      return;
    }
    const isLast = to > dataTo || pdu.anomalies.includes(S7COMM_PLUS.lengthMismatch);
    if (to > dataTo) this.#checkTrailer(buf, dataTo, to);
    if (isLast) this.#end(side, buf, start, dataTo, sink);
    else this.#part(side, buf, start, dataTo, sink);
  }

  /** Behind the digest, where there is one. */
  #dataFrom(buf: Uint8Array, from: number, to: number): number {
    const pdu = this.#pdu;
    if (pdu.protocolVersion !== VERSION.DIGEST) return from;
    if (buf[from] === DIGEST_LENGTH && to - from >= DIGEST) {
      pdu.hasDigest = true;
      return from + DIGEST;
    }
    if (!pdu.isPartial) pdu.note(S7COMM_PLUS.badDigest);
    if (buf[from] === DIGEST_LENGTH) return to;
    // A digest of another length is passed over where a message stands behind it.
    const behind = from + 1 + buf[from]!;
    return behind < to && isKnownOpcode(buf[behind]!) ? behind : from;
  }

  #checkTrailer(buf: Uint8Array, from: number, to: number): void {
    const pdu = this.#pdu;
    const isSound =
      to - from >= TRAILER &&
      buf[from] === PROTOCOL_ID &&
      buf[from + 1] === pdu.protocolVersion &&
      buf[from + 2] === 0 &&
      buf[from + 3] === 0;
    if (!isSound) pdu.note(S7COMM_PLUS.badTrailer);
    else if (to - from > TRAILER) pdu.note(S7COMM_PLUS.surplus);
  }

  #systemEvent(buf: Uint8Array, from: number, to: number, end: number, sink: PduSink): void {
    const pdu = this.#pdu;
    pdu.operation = OPERATION.systemEvent;
    pdu.message.parseSystemEvent(buf, from, to);
    this.#noteReading();
    if (end > to && !pdu.isPartial) pdu.note(S7COMM_PLUS.surplus);
    sink.pdu(pdu);
  }

  /** The end is missing in the capture, and with it whether another part follows. */
  #cut(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void {
    const pdu = this.#pdu;
    const direction = this.#directions[side];
    const isMessage = to > from && isKnownOpcode(buf[from]!) && direction.fragments.parts === 0;
    direction.fragments.clear();
    direction.isSynchronised = false;
    direction.isStreaming = false;
    if (isMessage) {
      pdu.message.parse(pdu.protocolVersion, buf, from, to);
      this.#report(side, sink);
      return;
    }
    pdu.operation = OPERATION.fragment;
    sink.pdu(pdu);
  }

  /** A first or middle part: no trailer follows it. */
  #part(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void {
    const pdu = this.#pdu;
    const direction = this.#directions[side];
    const { fragments } = direction;
    if (direction.isStreaming || fragments.parts > 0) {
      pdu.fragment = 'middle';
      pdu.operation = OPERATION.fragment;
      if (!direction.isStreaming && !fragments.add(buf, from, to)) this.#tooLong(direction);
    } else if (isKnownOpcode(buf[from]!) && to - from >= MIN_CALL) {
      pdu.fragment = 'first';
      direction.isSynchronised = true;
      pdu.message.parse(pdu.protocolVersion, buf, from, to);
      const isStream =
        pdu.message.opcode === OPCODE.REQUEST && pdu.message.functionCode === FUNCTION.SET_VAR_SUBSTREAMED;
      direction.isStreaming = isStream;
      if (!isStream && !fragments.add(buf, from, to)) this.#tooLong(direction);
      this.#direct(side, sink);
      pdu.operation = pdu.isRequest ? this.#classified() : pdu.plainOperation;
      pdu.settle(null);
      if (!pdu.isRequest) this.#announce();
    } else {
      pdu.fragment = 'middle';
      pdu.operation = OPERATION.fragment;
      if (direction.isSynchronised) pdu.note(S7COMM_PLUS.badOpcode);
      else this.#missingBeginning();
      direction.isSynchronised = false;
    }
    sink.pdu(pdu);
  }

  /** A whole message, or the last part of one. */
  #end(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void {
    const pdu = this.#pdu;
    const direction = this.#directions[side];
    const { fragments } = direction;
    if (direction.isStreaming) {
      direction.isStreaming = false;
      pdu.fragment = 'last';
      pdu.operation = OPERATION.fragment;
      sink.pdu(pdu);
      return;
    }
    if (fragments.parts > 0) {
      pdu.fragment = 'last';
      if (!fragments.add(buf, from, to)) {
        this.#tooLong(direction);
        pdu.operation = OPERATION.fragment;
        sink.pdu(pdu);
        return;
      }
      pdu.fragments = fragments.parts;
      const { buf: whole, length } = fragments;
      pdu.message.parse(pdu.protocolVersion, whole, 0, length);
      fragments.clear();
      this.#report(side, sink);
      return;
    }
    const isMessage = to > from && isKnownOpcode(buf[from]!);
    if (!isMessage && !direction.isSynchronised) {
      // The message's beginning was not captured; the next one begins behind it.
      direction.isSynchronised = true;
      pdu.fragment = 'last';
      pdu.operation = OPERATION.fragment;
      this.#missingBeginning();
      sink.pdu(pdu);
      return;
    }
    direction.isSynchronised = true;
    pdu.message.parse(pdu.protocolVersion, buf, from, to);
    this.#report(side, sink);
  }

  /** The first part of an answer: the whole will be paired, but this already belongs to its request. */
  #announce(): void {
    const pdu = this.#pdu;
    const request = this.#pending.find(pdu.message.sequenceNumber);
    if (request?.functionCode !== pdu.message.functionCode) return;
    pdu.requestNumber = request.number;
    pdu.requestTimestamp = request.timestamp;
    pdu.operation = request.operation ?? pdu.operation;
  }

  #tooLong(direction: Direction): void {
    this.#pdu.note(S7COMM_PLUS.tooLong);
    direction.fragments.clear();
    direction.isSynchronised = false;
  }

  #missingBeginning(): void {
    this.#pdu.isPartial = true;
    this.#pdu.note(S7COMM_PLUS.truncated);
  }

  /** Who asks follows from the opcode, where the connection's opening was not seen. */
  #direct(side: Side, sink: PduSink): void {
    const pdu = this.#pdu;
    const { opcode } = pdu.message;
    if (isKnownOpcode(opcode)) {
      const asking = opcode === OPCODE.REQUEST ? side : side === 0 ? 1 : 0;
      if (!this.#orientation.clientIsCertain) sink.orient(asking);
      pdu.isRequest = opcode === OPCODE.REQUEST;
    }
    pdu.fromClient = side === this.#orientation.client;
  }

  #noteReading(): void {
    const pdu = this.#pdu;
    const { message } = pdu;
    if (message.isBroken && !pdu.isPartial) pdu.note(message.isUnknown ? S7COMM_PLUS.undecoded : S7COMM_PLUS.malformed);
    if (message.surplus > 0 && !pdu.isPartial) pdu.note(S7COMM_PLUS.surplus);
  }

  /** Pairs the message, remembers what it sets up, and hands it out. */
  #report(side: Side, sink: PduSink): void {
    const pdu = this.#pdu;
    const { message } = pdu;
    this.#direct(side, sink);
    if (message.opcode >= 0 && !isKnownOpcode(message.opcode)) pdu.note(S7COMM_PLUS.badOpcode);
    this.#noteReading();
    if (message.opcode === OPCODE.REQUEST) this.#request(sink);
    else if (message.opcode === OPCODE.NOTIFICATION) {
      pdu.operation = OPERATION.notification;
      pdu.settle(this.#subscriptions.of(message.objectId));
    } else {
      pdu.operation = pdu.plainOperation;
      if (isKnownOpcode(message.opcode)) this.#response();
    }
    // What a message of several parts does was counted with its first.
    if (pdu.fragment === 'last' && message.functionCode >= 0 && pdu.requestNumber === 0) {
      pdu.operation = functionDef(message.functionCode).continued;
    }
    sink.pdu(pdu);
    if (message.objectsAt >= 0 || pdu.requestedIds.length > 0) reportIdentity(pdu, sink);
  }

  #classified(): typeof OPERATION.createSession {
    const pdu = this.#pdu;
    const operation = classify(pdu.message, this, pdu.firstNumber);
    const mayCommand = pdu.message.functionCode === FUNCTION.SET_MULTI_VARIABLES && pdu.message.addresses.count > 0;
    return mayCommand && pdu.hasCommand ? OPERATION.commandObjects : operation;
  }

  #request(sink: PduSink): void {
    const pdu = this.#pdu;
    const { message } = pdu;
    if (message.sequenceNumber < 0) {
      pdu.operation = pdu.plainOperation;
      return;
    }
    if (this.#firstSequence < 0) this.#firstSequence = message.sequenceNumber;
    if (message.sessionId > 0 && message.sessionId !== ID.NullServerSession) this.#remember(message.sessionId, SESSION);
    pdu.operation = this.#classified();
    pdu.settle(null);
    this.#pending.add(message, pdu.operation, sink.numberOf(pdu.from), sink.timeOf(pdu.from));
    this.#followSubscription();
  }

  /** Remembers which variables a subscription is asked for, or changes those of one that exists. */
  #followSubscription(): void {
    const { message } = this.#pdu;
    const { buf, end, functionCode } = message;
    if (functionCode === FUNCTION.CREATE_OBJECT && message.referencesAt >= 0) {
      if (this.#asked.size >= MAX_ASKED) this.#asked.clear();
      this.#asked.set(
        message.sequenceNumber,
        buf.slice(message.referencesAt, Math.min(end, message.referencesAt + MAX_ASKED_BYTES)),
      );
      return;
    }
    const place = message.ids.indexOf(ID.SubscriptionReferenceList);
    if (place < 0) {
      if (functionCode === FUNCTION.DELETE_OBJECT) this.#subscriptions.delete(message.objectId);
      return;
    }
    for (let index = 0; index < message.values.count; index++) {
      const isIt = functionCode === FUNCTION.SET_VARIABLE || message.values.key[index] === place + 1;
      if (!isIt) continue;
      const reader = new Reader().set(buf, message.values.at[index]!, end);
      this.#subscriptions.change(message.objectId, reader, this);
      return;
    }
  }

  #response(): void {
    const pdu = this.#pdu;
    const { message } = pdu;
    if (message.functionCode < 0) return;
    const request = this.#pending.take(message.sequenceNumber);
    if (request === null) {
      const isLater = this.#hasAllRequests || ((message.sequenceNumber - this.#firstSequence) & 0xffff) < 0x8000;
      if (this.#firstSequence >= 0 && isLater) pdu.note(S7COMM_PLUS.unsolicitedResponse);
      pdu.settle(null);
      pdu.judge();
      return;
    }
    const isError = message.functionCode === FUNCTION.ERROR || message.functionCode === FUNCTION.ERROR_2;
    if (request.functionCode !== message.functionCode && !isError) pdu.note(APPLAYER.responseMismatch);
    else if (request.operation) pdu.operation = request.operation;
    pdu.answers(request);
    pdu.judge();
    if (!message.isSuccess) return;
    if (message.functionCode === FUNCTION.CREATE_OBJECT)
      this.#created(message.ids, request.operation === OPERATION.createSession);
    else if (message.functionCode === FUNCTION.INIT_SSL) this.#tls ??= new TlsHandshake();
  }

  #created(ids: readonly number[], isSession: boolean): void {
    const { message } = this.#pdu;
    const list = this.#asked.get(message.sequenceNumber);
    this.#asked.delete(message.sequenceNumber);
    ids.forEach((id, index) => {
      this.#remember(id, isSession && index === 0 ? SESSION : list === undefined ? 'SessionObject' : SUBSCRIPTION);
    });
    const subscriptionId = ids[0];
    if (list === undefined || subscriptionId === undefined) return;
    this.#subscriptions.change(subscriptionId, new Reader().set(list, 0, list.length), this);
  }

  // ---- TLS in place of messages

  #encrypted(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void {
    const pdu = this.#pdu;
    this.#tls ??= new TlsHandshake();
    const isNew = this.#tls.feed(side, buf, from, to);
    pdu.isEncrypted = true;
    pdu.length = to - from;
    pdu.operation = OPERATION.encrypted;
    if (isNew) pdu.tls = { ...this.#tls.facts };
    sink.pdu(pdu);
    const subject = pdu.tls?.['certificate'] ? this.#tls.facts.certificate?.subject : undefined;
    const name = subject === undefined ? undefined : /CN=([^,]+)/.exec(subject)?.[1];
    if (name === undefined || pdu.fromClient) return;
    sink.identity({ unit: -1, field: 'name', value: name, source: 's7comm_plus.certificate', confidence: 60 });
  }
}

const SESSION = 'ServerSession';
const SUBSCRIPTION = className(ID.SubscriptionClass) ?? 'Subscription';
