import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import type { Damage, Packet } from '../../sensor/capture/packet.js';
import { hex } from './packets.js';

export interface ParsedPacket {
  readonly number: number;
  readonly timestamp: number;
  readonly nanos: number;
  readonly linkType: number;
  readonly originalLength: number;
  readonly data: string;
}

export interface ParsedCapture {
  readonly packets: readonly ParsedPacket[];
  readonly damage: Damage | null;
  readonly skipped: number;
  readonly reportedDrops: number;
}

/** The capture parser on bytes in memory, in chunks of `chunk` bytes. */
export function parseCapture(data: Uint8Array, chunk = data.length): ParsedCapture {
  const packets: ParsedPacket[] = [];
  const parser = new CaptureParser({
    packet(packet: Packet) {
      packets.push({
        number: packet.number,
        timestamp: packet.timestamp,
        nanos: packet.nanos,
        linkType: packet.linkType,
        originalLength: packet.originalLength,
        data: hex(packet.buf.subarray(packet.from, packet.to)),
      });
    },
  });
  for (let at = 0; at < data.length; at += chunk) parser.push(data.subarray(at, at + chunk));
  parser.end();
  return { packets, damage: parser.damage, skipped: parser.skipped, reportedDrops: parser.reportedDrops };
}
