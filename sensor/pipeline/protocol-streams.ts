import type { Flow, Side } from '../flow/flow.js';
import { PacketTime, type StreamSink } from '../flow/tcp-reassembler.js';
import type { Ends, Identifier, Watch } from '../identification/identifier.js';
import type { AnomalyDef } from '../model/anomaly.js';
import type { Micros } from '../model/time.js';
import { APPLAYER } from '../protocols/anomalies.js';
import type { Dissector, IdentityFact, Pdu, PduSink, Session } from '../protocols/dissector.js';
import { PduContext, type Sighting, sideIp, sidePort } from './pdu-context.js';

/** Takes what the dissectors find. Everything passed is valid only during the call. */
export interface ProtocolListener {
  pdu(context: PduContext): void;
  anomaly(sighting: Sighting, anomaly: AnomalyDef): void;
  identity(sighting: Sighting, fact: IdentityFact): void;
  closed(flow: Flow): void;
}

const PORTS = 65_536;
/** Bytes and segments of a connection on an unknown port that are kept until its protocol is sure. */
const MAX_PROBATION_BYTES = 4096;
const MAX_PROBATION_SEGMENTS = 40;
/** Connections on probation at once. */
const MAX_ON_PROBATION = 5000;
/** A first segment that is nothing known may be the middle of a message, and another one may be sent to mislead. */
const MAX_MISSES = 3;

const EMPTY = new Uint8Array(0);

interface HeldData {
  side: Side;
  data: Uint8Array;
  packet: PacketTime;
  /** Bytes are missing in front of `data`; `cut` by the snap length. */
  gap: 'none' | 'lost' | 'cut';
}

/** An unknown port: data waits until two messages, or one each way, show what it is. */
class Probation {
  readonly held: HeldData[] = [];
  bytes = 0;
  /** Segments that no dissector recognised. */
  misses = 0;
  /** Messages recognised per dissector and side. */
  readonly messages: [number, number][];
  /** What may be the beginning of a message, per side. */
  readonly begun: [Uint8Array, Uint8Array] = [EMPTY, EMPTY];
  readonly gap: [HeldData['gap'], HeldData['gap']] = ['none', 'none'];

  constructor(dissectors: number) {
    this.messages = Array.from({ length: dissectors }, () => [0, 0]);
  }
}

/** Unfinished bytes, and the latest packet among those they came in. */
class Carry extends PacketTime {
  buf = new Uint8Array(256);
  length = 0;

  keep(buf: Uint8Array, from: number, to: number): void {
    const size = to - from;
    if (this.buf.length < size) this.buf = new Uint8Array(size * 2);
    if (size < 64) for (let index = 0; index < size; index++) this.buf[index] = buf[from + index]!;
    else this.buf.set(buf.subarray(from, to));
    this.length = size;
  }

  append(buf: Uint8Array, from: number, to: number): void {
    const needed = this.length + (to - from);
    if (this.buf.length < needed) {
      const grown = new Uint8Array(needed * 2);
      grown.set(this.buf.subarray(0, this.length));
      this.buf = grown;
    }
    this.buf.set(buf.subarray(from, to), this.length);
    this.length = needed;
  }
}

/** What is known of the protocol that a flow carries. */
export class FlowProtocol {
  readonly flow: Flow;
  dissector: Dissector | null = null;
  session: Session | null = null;
  /** It is settled whether and what is dissected here. */
  isSettled = false;
  probation: Probation | null = null;
  readonly carry: [Carry | null, Carry | null] = [null, null];
  /** Some identity source listens; null as soon as none does. */
  watch: Watch | null = null;

  constructor(flow: Flow) {
    this.flow = flow;
  }
}

/** The ends of a flow, as identity sources ask for them. One object, reused. */
class FlowEnds implements Ends {
  flow: Flow | null = null;
  readonly tell: (fact: IdentityFact) => void;

  constructor(tell: (fact: IdentityFact) => void) {
    this.tell = tell;
  }

  ip(side: Side): string {
    return this.flow === null ? '' : sideIp(this.flow, side);
  }

  mac(side: Side): string | null {
    return this.flow?.sides[side].mac ?? null;
  }

  port(side: Side): number {
    return this.flow === null ? 0 : sidePort(this.flow, side);
  }

  get client(): Side {
    return this.flow?.client ?? 0;
  }
}

/** Chooses each flow's dissector, keeps the unfinished bytes of each direction, and hands out messages. */
export class ProtocolStreams implements StreamSink, PduSink {
  /** Unfinished bytes let go because a message would not end. */
  droppedBytes = 0;
  /** Flows that could not be held for recognition. */
  notProbed = 0;
  readonly #dissectors: readonly Dissector[];
  readonly #byTcpPort = new Uint8Array(PORTS);
  readonly #byUdpPort = new Uint8Array(PORTS);
  readonly #listener: ProtocolListener;
  readonly #identifier: Identifier | null;
  readonly #ends = new FlowEnds((fact) => this.identity(fact));
  readonly #byFlow: (FlowProtocol | undefined)[] = [];
  /** Oldest first: a flood of new connections pushes out its own kind, not the one that comes after it. */
  readonly #onProbation = new Set<FlowProtocol>();

  // What is being parsed, for the sink's methods.
  readonly #context = new PduContext();
  #current: FlowProtocol | null = null;
  #carried = 0;
  #carryNumber = 0;
  #carryTimestamp: Micros = 0;
  #carryNanos = -1;
  #number = 0;
  #timestamp: Micros = 0;
  #nanos = -1;

  constructor(dissectors: readonly Dissector[], listener: ProtocolListener, identifier: Identifier | null = null) {
    this.#dissectors = dissectors;
    this.#listener = listener;
    this.#identifier = identifier;
    dissectors.forEach((dissector, index) => {
      for (const port of dissector.tcpPorts) this.#byTcpPort[port] = index + 1;
      for (const port of dissector.udpPorts) this.#byUdpPort[port] = index + 1;
    });
  }

  /** null while nothing but empty packets was seen. */
  of(flow: Flow): FlowProtocol | null {
    return this.#byFlow[flow.index] ?? null;
  }

  /** Nothing more will come: what was begun is reported. */
  finish(flow: Flow): void {
    const protocol = this.#byFlow[flow.index];
    if (!protocol?.session || !flow.isClosed) return;
    for (const side of [0, 1] as const) this.#endInsideMessage(protocol, side);
  }

  /** Forgets the flow. */
  end(flow: Flow): void {
    const protocol = this.#byFlow[flow.index];
    if (protocol?.probation) this.#onProbation.delete(protocol);
    if (protocol?.watch) this.#identifier?.end(protocol.watch);
    this.#byFlow[flow.index] = undefined;
  }

  // ---- from the flows

  data(flow: Flow, side: Side, buf: Uint8Array, from: number, to: number, packet: PacketTime): boolean {
    let protocol = this.#byFlow[flow.index];
    if (protocol === undefined) protocol = this.#begin(flow, this.#byTcpPort);
    if (protocol.watch !== null) this.#identify(protocol, protocol.watch, side, buf, from, to, packet, true);
    if (protocol.session !== null) {
      this.#feed(protocol, side, buf, from, to, packet);
      return true;
    }
    if (!protocol.isSettled) this.#probe(protocol, side, buf, from, to, packet);
    return !protocol.isSettled || protocol.session !== null;
  }

  datagram(flow: Flow, side: Side, buf: Uint8Array, from: number, to: number, packet: Readonly<PacketTime>): void {
    let protocol = this.#byFlow[flow.index];
    if (protocol === undefined) protocol = this.#begin(flow, this.#byUdpPort);
    if (protocol.watch !== null) this.#identify(protocol, protocol.watch, side, buf, from, to, packet, false);
    if (protocol.session !== null) {
      this.#feedDatagram(protocol, side, buf, from, to, packet);
    } else if (!protocol.isSettled) {
      this.#probe(protocol, side, buf, from, to, packet);
    }
  }

  gap(flow: Flow, side: Side, missing: number, cut: boolean): void {
    const protocol = this.#byFlow[flow.index];
    if (protocol?.watch && missing > 0) this.#identifier?.gap(protocol.watch, side);
    if (protocol?.probation) {
      protocol.probation.gap[side] = cut ? 'cut' : 'lost';
      protocol.probation.begun[side] = EMPTY;
      return;
    }
    if (!protocol?.session) return;
    const carry = protocol.carry[side];
    const length = carry?.length ?? 0;
    if (carry) carry.length = 0;
    // Nothing is missing, and nothing was begun: the stream merely goes on elsewhere.
    if (missing === 0 && length === 0) return;
    this.#enterCarry(protocol, side, carry);
    this.#guarded(protocol, (session) => session.gap(side, carry?.buf ?? EMPTY, 0, length, cut, this));
  }

  alternative(
    flow: Flow,
    side: Side,
    buf: Uint8Array,
    from: number,
    to: number,
    packet: PacketTime,
    why: AnomalyDef,
  ): void {
    const protocol = this.#byFlow[flow.index] ?? this.#begin(flow, this.#byTcpPort);
    if (!protocol.session) return;
    this.#enter(protocol, side);
    this.#at(packet);
    this.#context.alternativeOf = why;
    this.#guarded(protocol, (session) => session.alternative(side, buf, from, to, this));
    this.#context.alternativeOf = null;
  }

  // ---- from the dissectors

  numberOf(from: number): number {
    return from < this.#carried && this.#carryNumber > this.#number ? this.#carryNumber : this.#number;
  }

  timeOf(from: number): Micros {
    return from < this.#carried && this.#carryNumber > this.#number ? this.#carryTimestamp : this.#timestamp;
  }

  pdu(pdu: Pdu): void {
    const context = this.#context;
    const isFromCarry = pdu.from < this.#carried && this.#carryNumber > this.#number;
    context.number = isFromCarry ? this.#carryNumber : this.#number;
    context.timestamp = isFromCarry ? this.#carryTimestamp : this.#timestamp;
    context.nanos = isFromCarry ? this.#carryNanos : this.#nanos;
    context.pdu = pdu;
    this.#listener.pdu(context);
  }

  identity(fact: IdentityFact): void {
    const context = this.#context;
    context.number = this.#number;
    context.timestamp = this.#timestamp;
    context.nanos = this.#nanos;
    this.#listener.identity(context, fact);
  }

  orient(client: Side, isReverse = false): void {
    const flow = this.#current?.flow;
    if (!flow || (flow.clientIsCertain && !isReverse)) return;
    flow.client = client;
    flow.clientIsCertain = true;
  }

  /** Both a stream's (with its flow) and a dissector's (about what is being parsed). */
  anomaly(flow: Flow, side: Side, anomaly: AnomalyDef, packet: PacketTime): void;
  anomaly(anomaly: AnomalyDef): void;
  anomaly(first: Flow | AnomalyDef, side?: Side, anomaly?: AnomalyDef, packet?: PacketTime): void {
    const context = this.#context;
    if (anomaly === undefined || packet === undefined) {
      context.number = this.#number;
      context.timestamp = this.#timestamp;
      context.nanos = this.#nanos;
      this.#listener.anomaly(context, first as AnomalyDef);
      return;
    }
    context.flow = first as Flow;
    context.side = side ?? 0;
    context.number = packet.number;
    context.timestamp = packet.timestamp;
    context.nanos = packet.nanos;
    this.#listener.anomaly(context, anomaly);
  }

  closed(flow: Flow): void {
    this.#listener.closed(flow);
  }

  // ---- inside

  #begin(flow: Flow, byPort: Uint8Array): FlowProtocol {
    const protocol = new FlowProtocol(flow);
    this.#byFlow[flow.index] = protocol;
    if (this.#identifier !== null) {
      protocol.watch =
        byPort === this.#byTcpPort
          ? this.#identifier.watchStream(flow.firstPort, flow.secondPort)
          : this.#identifier.watchDatagrams(flow.firstPort, flow.secondPort);
    }
    const first = byPort[flow.firstPort]!;
    const second = byPort[flow.secondPort]!;
    // With a known port on one end, that end is the server, whatever an odd handshake suggests.
    if ((first === 0) !== (second === 0)) {
      const client = second > 0 ? 0 : 1;
      // Opened from the protocol's own port: a mistake, or meant to turn the roles round. What is said decides.
      const isContradicted = flow.clientIsCertain && flow.client !== client;
      flow.client = client;
      flow.clientIsCertain = !isContradicted;
    }
    const known = second > 0 ? second : first;
    if (known > 0) this.#settle(protocol, this.#dissectors[known - 1]!);
    return protocol;
  }

  #identify(
    protocol: FlowProtocol,
    watch: Watch,
    side: Side,
    buf: Uint8Array,
    from: number,
    to: number,
    packet: Readonly<PacketTime>,
    isStreamData: boolean,
  ): void {
    this.#enter(protocol, side);
    this.#at(packet);
    this.#ends.flow = protocol.flow;
    if (!isStreamData) {
      this.#identifier?.datagram(watch, this.#ends, side, buf, from, to, packet.timestamp);
      return;
    }
    this.#identifier?.data(watch, this.#ends, side, buf, from, to, packet.timestamp);
    // A dissected stream whose own messages say who is there needs no further look.
    if (watch.isOver || (watch.source === null && protocol.session !== null)) protocol.watch = null;
  }

  #settle(protocol: FlowProtocol, dissector: Dissector | null): void {
    protocol.isSettled = true;
    if (protocol.probation) this.#onProbation.delete(protocol);
    protocol.probation = null;
    if (!dissector) return;
    protocol.dissector = dissector;
    protocol.session = dissector.open(protocol.flow);
  }

  #probe(
    protocol: FlowProtocol,
    side: Side,
    buf: Uint8Array,
    from: number,
    to: number,
    packet: Readonly<PacketTime>,
  ): void {
    const probation = protocol.probation ?? this.#startProbation(protocol);
    const data = joined(probation.begun[side], buf, from, to);
    let couldBe = false;
    let isMessage = false;
    let isBeginning = false;
    for (let index = 0; index < this.#dissectors.length; index++) {
      const verdict = this.#dissectors[index]!.probe(data, 0, data.length);
      const messages = probation.messages[index]!;
      if (verdict === 'yes') {
        isMessage = true;
        messages[side]++;
        if (messages[side] >= 2 || messages[side === 0 ? 1 : 0] > 0) {
          this.#confirm(protocol, this.#dissectors[index]!, side, buf, from, to, packet);
          return;
        }
      }
      if (verdict === 'unsure') isBeginning = true;
      couldBe ||= verdict !== 'no' || messages[0] + messages[1] > 0;
    }
    if (isStream(protocol)) probation.begun[side] = isBeginning && !isMessage ? data.slice() : EMPTY;
    probation.bytes += to - from;
    if (!couldBe) probation.misses++;
    const isOver = probation.held.length >= MAX_PROBATION_SEGMENTS || probation.bytes > MAX_PROBATION_BYTES;
    if (isOver || probation.misses >= MAX_MISSES) {
      this.#settle(protocol, null);
      return;
    }
    const time = new PacketTime();
    time.number = packet.number;
    time.timestamp = packet.timestamp;
    time.nanos = packet.nanos;
    probation.held.push({ side, data: buf.slice(from, to), packet: time, gap: probation.gap[side] });
    probation.gap[side] = 'none';
  }

  #startProbation(protocol: FlowProtocol): Probation {
    if (this.#onProbation.size >= MAX_ON_PROBATION) {
      this.notProbed++;
      const oldest = this.#onProbation.values().next();
      if (!oldest.done) this.#settle(oldest.value, null);
    }
    this.#onProbation.add(protocol);
    protocol.probation = new Probation(this.#dissectors.length);
    return protocol.probation;
  }

  #confirm(
    protocol: FlowProtocol,
    dissector: Dissector,
    side: Side,
    buf: Uint8Array,
    from: number,
    to: number,
    packet: Readonly<PacketTime>,
  ): void {
    const { probation } = protocol;
    const held = probation?.held ?? [];
    const lastGap = probation?.gap[side] ?? 'none';
    this.#settle(protocol, dissector);
    this.#enter(protocol, side);
    this.#at(packet);
    this.anomaly(APPLAYER.unusualPort);
    const feed = isStream(protocol) ? this.#feed : this.#feedDatagram;
    for (const item of held) {
      if (item.gap !== 'none') this.gap(protocol.flow, item.side, 1, item.gap === 'cut');
      feed.call(this, protocol, item.side, item.data, 0, item.data.length, item.packet);
    }
    if (lastGap !== 'none') this.gap(protocol.flow, side, 1, lastGap === 'cut');
    feed.call(this, protocol, side, buf, from, to, packet);
  }

  #enter(protocol: FlowProtocol, side: Side): void {
    const context = this.#context;
    this.#current = protocol;
    this.#carried = 0;
    context.flow = protocol.flow;
    context.side = side;
  }

  /** The connection was closed although a message had only begun. */
  #endInsideMessage(protocol: FlowProtocol, side: Side): void {
    const carry = protocol.carry[side];
    if (!carry || carry.length === 0) return;
    const { length } = carry;
    carry.length = 0;
    this.#enterCarry(protocol, side, carry);
    this.#guarded(protocol, (session) => session.end(side, carry.buf, 0, length, this));
  }

  /** What is parsed next came in the packets of `carry`. */
  #enterCarry(protocol: FlowProtocol, side: Side, carry: Carry | null): void {
    this.#enter(protocol, side);
    if (carry) this.#at(carry);
  }

  #at(packet: Readonly<PacketTime>): void {
    this.#number = packet.number;
    this.#timestamp = packet.timestamp;
    this.#nanos = packet.nanos;
  }

  #feed(
    protocol: FlowProtocol,
    side: Side,
    buf: Uint8Array,
    from: number,
    to: number,
    packet: Readonly<PacketTime>,
  ): void {
    const { session, carry: carries } = protocol;
    if (session === null) return;
    this.#enter(protocol, side);
    this.#at(packet);
    const carry = carries[side];
    const hasCarry = carry !== null && carry.length > 0;
    let data = buf;
    let start = from;
    let end = to;
    if (hasCarry) {
      this.#carried = carry.length;
      this.#carryNumber = carry.number;
      this.#carryTimestamp = carry.timestamp;
      this.#carryNanos = carry.nanos;
      carry.append(buf, from, to);
      data = carry.buf;
      start = 0;
      end = carry.length;
    }
    let consumed: number;
    try {
      consumed = session.parse(side, data, start, end, this);
    } catch {
      this.#fail(protocol);
      return;
    }
    if (consumed < 0) {
      this.#giveUp(protocol);
      return;
    }
    const rest = end - start - consumed;
    if (rest > 0 || hasCarry) this.#keep(protocol, side, data, start + consumed, end, packet);
  }

  #keep(
    protocol: FlowProtocol,
    side: Side,
    data: Uint8Array,
    from: number,
    to: number,
    packet: Readonly<PacketTime>,
  ): void {
    let carry = protocol.carry[side];
    if (carry === null) {
      carry = new Carry();
      protocol.carry[side] = carry;
    }
    if (to - from > (protocol.dissector?.maxPdu ?? 0)) {
      this.droppedBytes += to - from;
      carry.length = 0;
      protocol.session?.gap(side, EMPTY, 0, 0, false, this);
      return;
    }
    const isLater = this.#carried === 0 || from >= this.#carried || packet.number > carry.number;
    if (isLater) {
      carry.number = packet.number;
      carry.timestamp = packet.timestamp;
      carry.nanos = packet.nanos;
    }
    if (data === carry.buf) {
      carry.buf.copyWithin(0, from, to);
      carry.length = to - from;
    } else carry.keep(data, from, to);
  }

  #feedDatagram(
    protocol: FlowProtocol,
    side: Side,
    buf: Uint8Array,
    from: number,
    to: number,
    packet: Readonly<PacketTime>,
  ): void {
    this.#enter(protocol, side);
    this.#at(packet);
    this.#guarded(protocol, (session) => session.datagram(side, buf, from, to, this));
  }

  /** A fault in a dissector costs one connection, not the sensor. */
  #guarded(protocol: FlowProtocol, action: (session: Session) => void): void {
    if (!protocol.session) return;
    try {
      action(protocol.session);
    } catch {
      this.#fail(protocol);
    }
  }

  #fail(protocol: FlowProtocol): void {
    this.#giveUp(protocol);
    this.anomaly(APPLAYER.dissectorError);
  }

  #giveUp(protocol: FlowProtocol): void {
    protocol.session = null;
    protocol.dissector = null;
    protocol.carry[0] = null;
    protocol.carry[1] = null;
  }
}

function isStream(protocol: FlowProtocol): boolean {
  return protocol.flow.tcp[0] !== null || protocol.flow.tcp[1] !== null;
}

function joined(begun: Uint8Array, buf: Uint8Array, from: number, to: number): Uint8Array {
  if (begun.length === 0) return buf.subarray(from, to);
  const data = new Uint8Array(begun.length + (to - from));
  data.set(begun);
  data.set(buf.subarray(from, to), begun.length);
  return data;
}
