import { u16 } from '../../model/bytes.js';
import type { Micros } from '../../model/time.js';
import { ANSWER_TIME } from '../_shared/answer-time.js';
import type { CarriedSession, TransportAddresses } from '../_shared/carried-protocol.js';
import { placeOf } from '../_shared/tsap.js';
import { APPLAYER } from '../anomalies.js';
import type { Orientation, PduSink, Side } from '../dissector.js';
import { S7COMM } from './anomalies.js';
import { FUNCTION, GROUP, ROSCTR } from './functions.js';
import { moduleFact, reportIdentity } from './identity.js';
import { AddressList, DATA_HEAD } from './items.js';
import { HEADER, type S7commPdu } from './pdu.js';
import { isSameFunction, PendingRequests } from './pending.js';

/** Longest answer that comes in several messages; the lists of a large station have a few thousand bytes. */
const MAX_ASSEMBLED = 32_768;

/** Running jobs whose data comes without being asked for each time: cyclic reading, watching of variables. */
const MAX_SUBSCRIPTIONS = 32;

/** An answer of which more is to come. */
interface Assembly {
  readonly key: number;
  buf: Uint8Array;
  length: number;
  /** What was asked: the follow-up requests do not repeat it. */
  readonly addresses: AddressList;
}

/** S7comm on one connection: direction, pairing of requests and answers, answers in several messages. */
export class S7commSession implements CarriedSession {
  readonly #orientation: Orientation;
  /** The message being reported; shared by all sessions. */
  readonly #pdu: S7commPdu;
  readonly #pending = new PendingRequests();
  /** The next message of that side stands behind a gap. */
  readonly #isAfterGap: [boolean, boolean] = [false, false];
  readonly #assemblies: [Assembly | null, Assembly | null] = [null, null];
  /** What running jobs read, by group and sequence number. */
  readonly #subscriptions = new Map<number, AddressList>();
  /** Requests of that side since something of it was missing, and the time since when none was; -1: not known yet. */
  readonly #requests: [number, number] = [0, 0];
  readonly #completeSince: [Micros, Micros] = [-1, -1];
  #agreedSize = 0;
  readonly #place: number;
  /** The module that the connection leads to has answered. */
  #isModuleTold = false;

  constructor(orientation: Orientation, pdu: S7commPdu, addresses: TransportAddresses) {
    this.#orientation = orientation;
    this.#pdu = pdu;
    this.#place = placeOf(addresses.calledTsap);
    // Nothing was asked before the connection was opened.
    if (addresses.calledTsap.length > 0) this.#completeSince.fill(Number.NEGATIVE_INFINITY);
  }

  tsdu(side: Side, buf: Uint8Array, from: number, to: number, at: number, isCut: boolean, sink: PduSink): void {
    const pdu = this.#pdu;
    if (isCut && to - from < HEADER) {
      // Nothing can be said of it but that it was there.
      sink.anomaly(S7COMM.truncated);
      return;
    }
    this.#orient(side, buf, from, to, sink);
    pdu.from = at;
    pdu.place = this.#place;
    pdu.isCut = isCut;
    pdu.isAfterGap = this.#isAfterGap[side];
    this.#isAfterGap[side] = false;
    pdu.fromClient = side === this.#orientation.client;
    pdu.parse(buf, from, to);
    if (isCut) pdu.note(S7COMM.truncated);
    if (this.#agreedSize > 0 && to - from > this.#agreedSize) pdu.note(S7COMM.pduSizeExceeded);
    if (pdu.isRequest) this.#request(side, sink.numberOf(at), sink);
    else this.#answer(side, sink.numberOf(at), sink);
  }

  gap(side: Side): void {
    this.#isAfterGap[side] = true;
    this.#assemblies[side] = null;
    // Requests may be among what is missing, so answers without one prove nothing.
    this.#requests[side] = 0;
    this.#completeSince[side] = -1;
  }

  alternative(side: Side, buf: Uint8Array, from: number, to: number, at: number, sink: PduSink): void {
    const pdu = this.#pdu;
    pdu.from = at;
    pdu.place = this.#place;
    pdu.isCut = false;
    pdu.isAfterGap = false;
    pdu.fromClient = side === this.#orientation.client;
    pdu.parse(buf, from, to);
    sink.pdu(pdu);
  }

  /** Where the opening was not seen: jobs come from the client, except for those with which a block is fetched. */
  #orient(side: Side, buf: Uint8Array, from: number, to: number, sink: PduSink): void {
    if (this.#orientation.clientIsCertain || to - from < HEADER + 1) return;
    const rosctr = buf[from + 1]!;
    const header = rosctr === ROSCTR.JOB || rosctr === ROSCTR.USERDATA ? HEADER : HEADER + 2;
    if (from + header >= to || u16(buf, from + 6) === 0) return;
    const isRequest = rosctr === ROSCTR.USERDATA ? isUserdataRequest(buf, from, to) : rosctr === ROSCTR.JOB;
    const isReversed = rosctr !== ROSCTR.USERDATA && isControllersJob(buf[from + header]!);
    const other = side === 0 ? 1 : 0;
    sink.orient(isRequest !== isReversed ? side : other);
  }

  #request(side: Side, number: number, sink: PduSink): void {
    const pdu = this.#pdu;
    const time = sink.timeOf(pdu.from);
    this.#requests[side]++;
    if (this.#completeSince[side] === -1) this.#completeSince[side] = time;
    if (!this.#pending.add(pdu, side, number, time)) pdu.note(S7COMM.requestFlood);
    sink.pdu(pdu);
  }

  #answer(side: Side, number: number, sink: PduSink): void {
    const pdu = this.#pdu;
    const isAnswer = pdu.error >= 0 || (pdu.group >= 0 && !pdu.isPush);
    if (isAnswer) this.#pair(side, number, sink);
    this.#subscription();
    if (pdu.agreedSize > 0 && pdu.rejection === 'none') this.#agreedSize = pdu.agreedSize;
    const isWhole = pdu.group < 0 || this.#assemble(side);
    sink.pdu(pdu);
    if (this.#place >= 0 && !this.#isModuleTold && isAnswer && pdu.rejection === 'none') {
      this.#isModuleTold = true;
      sink.identity(moduleFact(this.#place, 'description', 'Answers S7comm.', 's7comm.tsap', 40));
    }
    if (isWhole && pdu.group === GROUP.CPU && !pdu.isCut) reportIdentity(pdu, sink);
  }

  #pair(side: Side, number: number, sink: PduSink): void {
    const pdu = this.#pdu;
    const request = this.#pending.take(pdu, side, number);
    if (request === null) {
      // Without a request ever seen, the capture has only this direction. Nor does an answer prove anything that may
      // belong to a request from before the capture or from a gap.
      const asker = side === 0 ? 1 : 0;
      const isSure = sink.timeOf(pdu.from) - this.#completeSince[asker] > ANSWER_TIME;
      if (this.#requests[asker] > 0 && isSure) pdu.note(S7COMM.unsolicitedResponse);
      return;
    }
    if (!isSameFunction(request, pdu)) {
      pdu.note(APPLAYER.responseMismatch);
      pdu.requestNumber = request.number;
      pdu.requestTimestamp = request.timestamp;
      return;
    }
    const isVariables = pdu.functionCode === FUNCTION.READ_VAR || pdu.functionCode === FUNCTION.WRITE_VAR;
    const isOtherCount = isVariables && pdu.error <= 0 && pdu.itemCount !== request.addresses.items && !pdu.isCut;
    if (isOtherCount) pdu.note(APPLAYER.responseMismatch);
    pdu.fromRequest(request.operation, request.addresses, request.number, request.timestamp);
  }

  /** The first answer gives the job its number; pushes with that number carry what the request named. */
  #subscription(): void {
    const pdu = this.#pdu;
    if (pdu.group !== GROUP.CYCLIC && pdu.group !== GROUP.PROGRAMMER) return;
    const key = (pdu.group << 8) | pdu.sequence;
    if (pdu.isPush) {
      const addresses = this.#subscriptions.get(key);
      // A number that was given anew while packets were missing would give values wrong names.
      if (addresses?.items === pdu.itemCount) pdu.askedFor(addresses);
    } else if (pdu.requestNumber > 0 && pdu.rejection === 'none' && pdu.addresses.size > 0) {
      const oldest = this.#subscriptions.keys().next();
      if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS && !oldest.done) this.#subscriptions.delete(oldest.value);
      this.#subscriptions.set(key, copyOf(pdu.addresses));
    }
  }

  /** Puts answers in several messages together; true when this one completes an answer, or is one by itself. */
  #assemble(side: Side): boolean {
    const pdu = this.#pdu;
    const key = (pdu.group << 16) | (pdu.subfunction << 8) | pdu.unitReference;
    const known = this.#assemblies[side];
    // A request that names a list begins anew, also where the rest of an earlier answer was never fetched.
    const begun = known?.key === key && pdu.addresses.size === 0 ? known : null;
    // The parts of an NC's file are numbered one by one; each is reported for itself.
    if (pdu.isRequest || pdu.isPush || pdu.group === GROUP.NC || (begun === null && !pdu.hasMore)) return true;
    if (pdu.isCut || pdu.dataTo - pdu.dataFrom < DATA_HEAD) {
      this.#assemblies[side] = null;
      return false;
    }
    const assembly = begun ?? { key, buf: new Uint8Array(1024), length: 0, addresses: copyOf(pdu.addresses) };
    if (begun !== null) pdu.askedFor(begun.addresses);
    this.#assemblies[side] = assembly;
    if (!append(assembly, pdu.buffer, pdu.dataFrom + DATA_HEAD, pdu.dataTo)) {
      this.#assemblies[side] = null;
      return false;
    }
    if (pdu.hasMore) return false;
    this.#assemblies[side] = null;
    pdu.assembled = assembly.buf.subarray(0, assembly.length);
    return true;
  }
}

function copyOf(list: AddressList): AddressList {
  const copy = new AddressList();
  copy.copyFrom(list);
  return copy;
}

/** False: the answer becomes longer than any real one. */
function append(assembly: Assembly, buf: Uint8Array, from: number, to: number): boolean {
  const needed = assembly.length + (to - from);
  if (needed > MAX_ASSEMBLED) return false;
  if (assembly.buf.length < needed) {
    const grown = new Uint8Array(Math.min(MAX_ASSEMBLED, needed * 2));
    grown.set(assembly.buf.subarray(0, assembly.length));
    assembly.buf = grown;
  }
  assembly.buf.set(buf.subarray(from, to), assembly.length);
  assembly.length = needed;
  return true;
}

function isControllersJob(functionCode: number): boolean {
  return functionCode === FUNCTION.DOWNLOAD_BLOCK || functionCode === FUNCTION.DOWNLOAD_ENDED;
}

/** Type 4 (7 on NC controllers); pushes and answers come from the controller. */
function isUserdataRequest(buf: Uint8Array, from: number, to: number): boolean {
  const type = from + HEADER + 5 < to ? buf[from + HEADER + 5]! >> 4 : 0;
  return type === 4 || type === 7;
}
