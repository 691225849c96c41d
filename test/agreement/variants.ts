import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/** A recorded capture, changed the way taps, mirror ports and careless capturing change traffic. */
export interface Variant {
  readonly name: string;
  readonly change: (packets: readonly ClassicPacket[]) => ClassicPacket[];
}

/** A packet of a classic little-endian pcap file. */
export interface ClassicPacket {
  readonly seconds: number;
  readonly fraction: number;
  readonly originalLength: number;
  readonly data: Buffer;
}

function tool(name: string, args: readonly string[]): void {
  const result = spawnSync(name, args, { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${name} ${args.join(' ')}: ${result.stderr}`);
}

/** Any capture as classic pcap, by editcap, so that changing it needs no reader of our own under test. */
export function readPackets(file: string, scratch: string): { header: Buffer; packets: ClassicPacket[] } {
  tool('editcap', ['-F', 'pcap', file, scratch]);
  const raw = readFileSync(scratch);
  rmSync(scratch);
  const packets: ClassicPacket[] = [];
  for (let at = 24; at + 16 <= raw.length; ) {
    const captured = raw.readUInt32LE(at + 8);
    packets.push({
      seconds: raw.readUInt32LE(at),
      fraction: raw.readUInt32LE(at + 4),
      originalLength: raw.readUInt32LE(at + 12),
      data: raw.subarray(at + 16, at + 16 + captured),
    });
    at += 16 + captured;
  }
  return { header: raw.subarray(0, 24), packets };
}

export function writePackets(file: string, header: Buffer, packets: readonly ClassicPacket[]): void {
  const parts: Buffer[] = [header];
  for (const packet of packets) {
    const head = Buffer.alloc(16);
    head.writeUInt32LE(packet.seconds, 0);
    head.writeUInt32LE(packet.fraction, 4);
    head.writeUInt32LE(packet.data.length, 8);
    head.writeUInt32LE(packet.originalLength, 12);
    parts.push(head, packet.data);
  }
  writeFileSync(file, Buffer.concat(parts));
}

function snapped(length: number): Variant['change'] {
  return (packets) => packets.map((packet) => ({ ...packet, data: packet.data.subarray(0, length) }));
}

/** Mirrors swap packets that follow each other closely, not such that are seconds apart. */
const CLOSE_SECONDS = 0.05;

/** Times stay in order: the packet in second place arrives first. */
function swapped(every: number): Variant['change'] {
  return (packets) => {
    const out = [...packets];
    for (let i = every; i + 1 < out.length; i += every) {
      const [a, b] = [out[i], out[i + 1]];
      if (!a || !b || b.seconds - a.seconds + (b.fraction - a.fraction) / 1e6 > CLOSE_SECONDS) continue;
      out[i] = { ...b, seconds: a.seconds, fraction: a.fraction };
      out[i + 1] = { ...a, seconds: b.seconds, fraction: b.fraction };
    }
    return out;
  };
}

/** What anonymising tools leave behind: other addresses on both ends, and the old checksums. */
function anonymised(packets: readonly ClassicPacket[]): ClassicPacket[] {
  return packets.map((packet) => {
    if (packet.data.length < 34 || packet.data.readUInt16BE(12) !== 0x0800) return packet;
    const data = Buffer.from(packet.data);
    for (const at of [27, 31]) data[at] = (data[at] ?? 0) ^ 0x11;
    return { ...packet, data };
  });
}

export const VARIANTS: readonly Variant[] = [
  { name: 'begins in the middle', change: (packets) => packets.slice(Math.floor(packets.length / 3)) },
  { name: 'every 11th packet lost', change: (packets) => packets.filter((_, i) => i % 11 !== 10) },
  { name: 'three of ten packets lost', change: (packets) => packets.filter((_, i) => (i * 7) % 10 > 2) },
  { name: 'every packet twice', change: (packets) => packets.flatMap((packet) => [packet, packet]) },
  { name: 'neighbours swapped', change: swapped(9) },
  { name: 'addresses changed, checksums left', change: anonymised },
  { name: 'cut at 96 bytes', change: snapped(96) },
  { name: 'cut at 64 bytes', change: snapped(64) },
];
