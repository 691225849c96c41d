import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import { Frame, IP_PROTOCOL } from '../../sensor/decode/frame.js';
import { FrameDecoder } from '../../sensor/decode/frame-decoder.js';
import { FIRST, type Flow, type Side } from '../../sensor/flow/flow.js';
import { FlowTable, type FlowTableLimits } from '../../sensor/flow/flow-table.js';
import { type PacketTime, TcpReassembler } from '../../sensor/flow/tcp-reassembler.js';
import type { AnomalyDef } from '../../sensor/model/anomaly.js';
import { type Frame as CapturedFrame, hex, pcap } from './packets.js';

/** What one side of a connection said: bytes as hex, `~5~` for a gap of five bytes. */
export interface Streams {
  readonly client: string;
  readonly server: string;
  readonly alternatives: readonly string[];
  readonly anomalies: readonly string[];
  readonly flows: number;
  readonly reassembler: TcpReassembler;
}

const LIMITS: FlowTableLimits = { flows: 200, unanswered: 100 };

/** Decoder, flow table and reassembler on frames, with everything taken as dissected. */
export function streamsOf(frames: readonly CapturedFrame[]): Streams {
  const said: [string, string] = ['', ''];
  const alternatives: string[] = [];
  const anomalies: string[] = [];
  const frame = new Frame();
  const decoder = new FrameDecoder(frame);
  const reassembler = new TcpReassembler({
    data(_flow: Flow, side: Side, buf: Uint8Array, from: number, to: number, _packet: PacketTime): boolean {
      if (!(from >= 0 && from < to && to <= buf.length)) throw new Error(`bad range ${from} to ${to} of ${buf.length}`);
      said[side] += hex(buf.subarray(from, to));
      return true;
    },
    gap(_flow: Flow, side: Side, missing: number): void {
      said[side] += `~${missing}~`;
    },
    alternative(_flow: Flow, _side: Side, buf: Uint8Array, from: number, to: number): void {
      alternatives.push(hex(buf.subarray(from, to)));
    },
    anomaly(_flow: Flow, _side: Side, anomaly: AnomalyDef): void {
      anomalies.push(anomaly.code);
    },
    closed(): void {},
  });
  const table = new FlowTable((flow) => reassembler.flush(flow), LIMITS);
  let client: Side = FIRST;
  let isFirst = true;
  const parser = new CaptureParser({
    packet(packet) {
      decoder.decode(packet);
      for (let i = 0; i < frame.anomalyCount; i++) anomalies.push(frame.anomalies[i]?.code ?? '?');
      if (frame.kind !== 'ip' || frame.isFragment || frame.ipProtocol !== IP_PROTOCOL.TCP) return;
      const flow = table.lookup(frame);
      const side = table.side(flow, frame);
      if (isFirst) {
        isFirst = false;
        client = frame.destinationPort < frame.sourcePort ? side : side === 0 ? 1 : 0;
      }
      reassembler.segment(flow, side, frame);
      reassembler.tick(packet.timestamp);
    },
  });
  parser.push(pcap(frames));
  parser.end();
  const flows = table.created;
  table.clear();
  return {
    client: said[client],
    server: said[client === 0 ? 1 : 0],
    alternatives,
    anomalies,
    flows,
    reassembler,
  };
}
