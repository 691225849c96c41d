import type { Packet, PacketSink } from '../capture/packet.js';
import { DECODE } from '../decode/anomalies.js';
import { Frame, IP_PROTOCOL, TCP_FLAG } from '../decode/frame.js';
import { FrameDecoder } from '../decode/frame-decoder.js';
import { STREAM } from '../flow/anomalies.js';
import { type Flow, NOTICE, type Side, type SideCounters } from '../flow/flow.js';
import { DEFAULT_FLOW_LIMITS, FlowTable, type FlowTableLimits } from '../flow/flow-table.js';
import { PacketTime, TcpReassembler } from '../flow/tcp-reassembler.js';
import type { Identifier } from '../identification/identifier.js';
import { formatMac } from '../model/address.js';
import type { AnomalyDef } from '../model/anomaly.js';
import { MICROS_PER_SECOND, type Micros } from '../model/time.js';
import type { Dissector } from '../protocols/dissector.js';
import { Sighting } from './pdu-context.js';
import { type ProtocolListener, ProtocolStreams } from './protocol-streams.js';

/** Takes everything that is found in packets. Objects are reused: read them during the call. */
export interface DissectionListener extends ProtocolListener {
  /** Every frame that is no copy made by the mirror. `flow` is null where there is none (ARP, other link protocols). */
  frame(frame: Frame, flow: Flow | null, side: Side): void;
  flowEnded(flow: Flow): void;
}

export interface DissectionOptions {
  readonly dissectors: readonly Dissector[];
  /** Listens for what devices say of themselves; absent where nobody asks. */
  readonly identifier?: Identifier;
  readonly flowLimits?: FlowTableLimits;
}

const TICK: Micros = MICROS_PER_SECOND / 20;
const EXPIRY: Micros = MICROS_PER_SECOND;
/** Mirrors deliver packets a little out of order; only more than this is worth telling. */
const BACKWARDS_TOLERANCE: Micros = MICROS_PER_SECOND;
/** That many packets in a row, all older than the latest time: the clock was set back. */
const PACKETS_BEHIND = 100;
const JUMP: Micros = 86_400 * MICROS_PER_SECOND;
/** A copy of the same packet arrives at once, or after one hop through a router. */
const DUPLICATE_WINDOW: Micros = MICROS_PER_SECOND / 5;
/** Without an IP identification, equal datagrams may be honest repetitions unless they are this close. */
const DUPLICATE_WINDOW_UNNUMBERED: Micros = 500;
const DUPLICATE_NOTICE_AFTER = 100;
const DUPLICATE_NOTICE_SHARE = 0.2;
const ONE_WAY_NOTICE_AFTER = 20;

/** Counters of what happened to packets; plain numbers, so that they can be read at any time. */
export class DissectionCounters {
  packets = 0;
  bytes = 0;
  undecodable = 0;
  nonIp = 0;
  fragments = 0;
  duplicates = 0;
  truncated = 0;
  firstPacket: Micros = Number.NaN;
  lastPacket: Micros = Number.NaN;
}

/**
 * From packets to messages: decode, flows, streams, dissectors. Knows no inventory and no alerts, reads no clock, and
 * does the same whether packets come from a file or from the wire.
 */
export class Dissection implements PacketSink {
  readonly counters = new DissectionCounters();
  readonly flows: FlowTable;
  readonly streams: ProtocolStreams;
  readonly reassembler: TcpReassembler;
  readonly decoder: FrameDecoder;
  readonly #frame = new Frame();
  readonly #listener: DissectionListener;
  readonly #sighting = new Sighting();
  readonly #datagramTime = new PacketTime();
  /** Latest packet time seen; timers never run backwards. */
  #now: Micros = Number.NEGATIVE_INFINITY;
  #packetsBehind = 0;
  #nextTick: Micros = 0;
  #nextExpiry: Micros = 0;
  #evictionsTold = 0;
  #duplicatesTold = false;

  constructor(options: DissectionOptions, listener: DissectionListener) {
    this.#listener = listener;
    this.decoder = new FrameDecoder(this.#frame);
    this.streams = new ProtocolStreams(
      options.dissectors,
      {
        pdu: (context) => listener.pdu(context),
        anomaly: (sighting, anomaly) => listener.anomaly(sighting, anomaly),
        identity: (sighting, fact) => listener.identity(sighting, fact),
        closed: (flow) => {
          this.flows.markClosed(flow);
          listener.closed(flow);
        },
      },
      options.identifier ?? null,
    );
    this.reassembler = new TcpReassembler(this.streams);
    this.flows = new FlowTable((flow) => this.#flowEnded(flow), options.flowLimits ?? DEFAULT_FLOW_LIMITS);
  }

  packet(packet: Packet): void {
    const { counters } = this;
    const frame = this.#frame;
    counters.packets++;
    counters.bytes += packet.originalLength;
    const timestamp = packet.timestamp;
    if (counters.packets === 1) counters.firstPacket = timestamp;
    counters.lastPacket = timestamp;
    if (timestamp > this.#now) this.#advanceTo(timestamp, packet.number);
    else if (timestamp < this.#now - BACKWARDS_TOLERANCE) this.#fellBack(timestamp, packet.number);
    this.decoder.decode(packet);
    this.#dispatch(frame);
    if (frame.hasAlternative) {
      this.decoder.decodeAlternative();
      this.#dispatch(frame);
    }
  }

  /** Moves time on without a packet: timers of a quiet live capture. */
  advance(now: Micros): void {
    if (now > this.#now) this.#advanceTo(now, this.#frame.number);
  }

  /** The input has ended: everything that still waits is delivered. */
  finish(): void {
    this.flows.clear();
  }

  /** Time follows the latest packet; when all packets are older for long, it was that one that was wrong. */
  #fellBack(timestamp: Micros, number: number): void {
    this.#tell(DECODE.timeBackwards, number, timestamp);
    if (++this.#packetsBehind < PACKETS_BEHIND) return;
    this.#packetsBehind = 0;
    this.#now = timestamp;
    this.#nextTick = timestamp + TICK;
    this.#nextExpiry = timestamp + EXPIRY;
  }

  #advanceTo(timestamp: Micros, number: number): void {
    this.#packetsBehind = 0;
    if (timestamp - this.#now > JUMP && this.#now > Number.NEGATIVE_INFINITY) {
      this.#tell(DECODE.timeJump, number, timestamp);
      // A single packet from the far future must not end every connection.
      this.#nextTick = timestamp + TICK;
      this.#nextExpiry = timestamp + EXPIRY;
    }
    this.#now = timestamp;
    if (timestamp >= this.#nextTick) {
      this.#nextTick = timestamp + TICK;
      this.reassembler.tick(timestamp);
    }
    if (timestamp >= this.#nextExpiry) {
      this.#nextExpiry = timestamp + EXPIRY;
      this.flows.expire(timestamp);
      this.decoder.defragmenter.expire(timestamp);
      for (let count = this.decoder.defragmenter.takeTimeouts(); count > 0; count--) {
        this.#tell(DECODE.fragmentTimeout, number, timestamp);
      }
    }
  }

  #tell(anomaly: AnomalyDef, number: number, timestamp: Micros): void {
    const sighting = this.#sighting;
    sighting.flow = null;
    sighting.side = 0;
    sighting.number = number;
    sighting.timestamp = timestamp;
    sighting.nanos = -1;
    this.#listener.anomaly(sighting, anomaly);
  }

  #dispatch(frame: Frame): void {
    const { counters } = this;
    if (frame.kind !== 'ip') {
      if (frame.kind === 'undecodable') counters.undecodable++;
      else counters.nonIp++;
      this.#tellFrame(frame, null, 0);
      this.#listener.frame(frame, null, 0);
      return;
    }
    if (frame.isFragment || frame.ipProtocol === 0) {
      if (frame.isFragment) counters.fragments++;
      else counters.undecodable++;
      this.#tellFrame(frame, null, 0);
      return;
    }
    if (frame.ipProtocol !== IP_PROTOCOL.TCP && frame.ipProtocol !== IP_PROTOCOL.UDP) {
      frame.sourcePort = 0;
      frame.destinationPort = 0;
    }
    let flow = this.flows.lookup(frame);
    if (flow.isClosed && isOpening(frame)) flow = this.#reopened(flow, frame);
    const side = this.flows.side(flow, frame);
    const sender = flow.sides[side];
    if (isMirrorCopy(sender, frame)) {
      counters.duplicates++;
      this.#tellDuplicates(frame);
      // All that makes it look like a copy can be forged; whether its bytes are the same is for the reassembler to see.
      if (frame.ipProtocol === IP_PROTOCOL.TCP && frame.payloadLength > 0) this.reassembler.segment(flow, side, frame);
      return;
    }
    if (++sender.packets === 1 && frame.sourceMacAt >= 0) sender.mac = formatMac(frame.buf, frame.sourceMacAt);
    sender.bytes += frame.wireLength;
    sender.lastSeen = frame.timestamp;
    if (side === 1 && !flow.isTwoWay) this.flows.markAnswered(flow);
    this.#tellFrame(frame, flow, side);
    this.#tellEvictions(frame);
    if (frame.ipProtocol === IP_PROTOCOL.TCP) {
      this.reassembler.segment(flow, side, frame);
      if (!flow.isTwoWay && sender.packets === ONE_WAY_NOTICE_AFTER && frame.payloadLength > 0)
        this.#tellOneWay(flow, frame);
    } else if (frame.ipProtocol === IP_PROTOCOL.UDP && frame.payloadTo > frame.payloadFrom) {
      const time = this.#datagramTime;
      time.number = frame.number;
      time.timestamp = frame.timestamp;
      time.nanos = frame.nanos;
      this.streams.datagram(flow, side, frame.buf, frame.payloadFrom, frame.payloadTo, time);
    }
    this.#listener.frame(frame, flow, side);
  }

  #reopened(flow: Flow, frame: Frame): Flow {
    const side = this.flows.side(flow, frame);
    const direction = flow.tcp[side];
    const isSame = direction?.startSequence === ((frame.sequence + 1) | 0);
    return isSame ? flow : this.flows.replace(flow, frame);
  }

  #tellFrame(frame: Frame, flow: Flow | null, side: Side): void {
    if (frame.anomalyCount === 0) return;
    const sighting = this.#sighting;
    sighting.flow = flow;
    sighting.side = side;
    sighting.number = frame.number;
    sighting.timestamp = frame.timestamp;
    sighting.nanos = frame.nanos;
    for (let index = 0; index < frame.anomalyCount; index++) {
      const anomaly = frame.anomalies[index]!;
      if (anomaly === DECODE.truncatedPacket) this.counters.truncated++;
      this.#listener.anomaly(sighting, anomaly);
    }
  }

  #tellEvictions(frame: Frame): void {
    if (this.flows.evicted === this.#evictionsTold) return;
    this.#evictionsTold = this.flows.evicted;
    this.#tell(STREAM.flowTableFull, frame.number, frame.timestamp);
  }

  #tellDuplicates(frame: Frame): void {
    const { duplicates, packets } = this.counters;
    if (this.#duplicatesTold || packets < DUPLICATE_NOTICE_AFTER || duplicates < packets * DUPLICATE_NOTICE_SHARE)
      return;
    this.#duplicatesTold = true;
    this.#tell(STREAM.mirrorDuplicates, frame.number, frame.timestamp);
  }

  #tellOneWay(flow: Flow, frame: Frame): void {
    flow.notices |= NOTICE.oneWay;
    const sighting = this.#sighting;
    sighting.flow = flow;
    sighting.side = 0;
    sighting.number = frame.number;
    sighting.timestamp = frame.timestamp;
    sighting.nanos = frame.nanos;
    this.#listener.anomaly(sighting, STREAM.oneWay);
  }

  #flowEnded(flow: Flow): void {
    this.reassembler.flush(flow);
    this.streams.finish(flow);
    const isShortOneWay =
      !flow.isTwoWay && (flow.notices & NOTICE.oneWay) === 0 && flow.tcp[0] !== null && flow.tcp[0].dataSegments > 0;
    if (isShortOneWay) this.#tellOneWayAtEnd(flow);
    this.#listener.flowEnded(flow);
    this.streams.end(flow);
  }

  #tellOneWayAtEnd(flow: Flow): void {
    const sighting = this.#sighting;
    sighting.flow = flow;
    sighting.side = 0;
    sighting.number = flow.startedAtPacket;
    sighting.timestamp = flow.lastSeen;
    sighting.nanos = -1;
    this.#listener.anomaly(sighting, STREAM.oneWay);
  }
}

function isOpening(frame: Frame): boolean {
  return frame.ipProtocol === IP_PROTOCOL.TCP && (frame.flags & (TCP_FLAG.SYN | TCP_FLAG.RST)) === TCP_FLAG.SYN;
}

/** Per process, so that nobody can prepare two datagrams that count as one. */
const HASH_SEED = (Math.random() * 2 ** 32) | 0;

function contentHash(buf: Uint8Array, from: number, to: number, start: number): number {
  let hash = start ^ HASH_SEED;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const word = (buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!;
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < to; at++) hash = Math.imul(hash ^ buf[at]!, 0x9e3779b1);
  return hash ^ (hash >>> 15);
}

/**
 * The mirror delivered the same packet again, perhaps after a router lowered its TTL and changed its MAC addresses:
 * all that a sender chooses anew for every packet is equal.
 */
function isMirrorCopy(sender: SideCounters, frame: Frame): boolean {
  let signature = (frame.identification << 16) ^ frame.payloadLength;
  if (frame.ipProtocol === IP_PROTOCOL.TCP) {
    signature = Math.imul(signature ^ frame.sequence, 0x9e3779b1) ^ frame.acknowledgement;
    signature = Math.imul(signature ^ (frame.checksum << 8) ^ frame.flags, 0x85ebca6b);
  } else if (frame.ipProtocol === IP_PROTOCOL.UDP) {
    signature = contentHash(frame.buf, frame.payloadFrom, frame.payloadTo, signature ^ (frame.checksum << 8));
  } else return false;
  const isKnown =
    sender.packets > 0 &&
    (signature === sender.signature0 || signature === sender.signature1 || signature === sender.signature2);
  if (isKnown) {
    const isNumbered = frame.identification !== 0;
    const age = Math.abs(frame.timestamp - sender.lastSeen);
    return age <= (isNumbered ? DUPLICATE_WINDOW : DUPLICATE_WINDOW_UNNUMBERED);
  }
  sender.signature2 = sender.signature1;
  sender.signature1 = sender.signature0;
  sender.signature0 = signature;
  return false;
}
