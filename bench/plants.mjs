// Builds a large capture out of small ones: the same traffic in many plants at once, each with addresses of its own.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const PCAP_HEADER = 24;
const RECORD_HEADER = 16;
const WRITE_SIZE = 8 * 1024 * 1024;
/** Repetitions move the client's port, so that every one opens connections of its own. */
const PORT_STEP = 97;

/** Packets of a classic little-endian pcap file with microseconds and Ethernet, as tcpdump writes it on most machines. */
export function readCapture(file) {
  const raw = readFileSync(file);
  if (raw.length < PCAP_HEADER || raw.readUInt32LE(0) !== 0xa1b2c3d4 || raw.readUInt32LE(20) !== 1) {
    throw new Error(`${file} is no classic little-endian Ethernet pcap; convert it: editcap -F pcap ${file} out.pcap`);
  }
  const packets = [];
  for (let at = PCAP_HEADER; at + RECORD_HEADER <= raw.length; ) {
    const captured = raw.readUInt32LE(at + 8);
    const data = raw.subarray(at + RECORD_HEADER, at + RECORD_HEADER + captured);
    packets.push({ micros: raw.readUInt32LE(at) * 1e6 + raw.readUInt32LE(at + 4), data });
    at += RECORD_HEADER + captured;
  }
  return packets;
}

/** RFC 1624: the checksum after one 16-bit word has changed. */
function updated(checksum, before, after) {
  let sum = (~checksum & 0xffff) + (~before & 0xffff) + after;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Replaces a word and keeps the checksums at `sums` right. */
function replaceWord(data, at, value, sums) {
  const before = data.readUInt16BE(at);
  data.writeUInt16BE(value, at);
  for (const sum of sums) data.writeUInt16BE(updated(data.readUInt16BE(sum), before, value), sum);
}

function isUnicastMac(data, at) {
  return (data[at] & 1) === 0;
}

function isUnicastIp(data, at) {
  return data[at] < 224 && data[at] !== 0;
}

/** 10.plant.c.d: the host part stays, so that a plant looks the same in every copy. */
function moveAddress(data, at, plant, sums) {
  if (isUnicastIp(data, at)) replaceWord(data, at, (10 << 8) | plant, sums);
}

function moveIpv4(data, at, plant, round) {
  const headerLength = (data[at] & 15) * 4;
  const transport = at + headerLength;
  const isFirstFragment = (data.readUInt16BE(at + 6) & 0x1fff) === 0;
  const protocol = data[at + 9];
  const sums = [at + 10];
  let ports = false;
  if (isFirstFragment && protocol === 6 && data.length >= transport + 20) {
    sums.push(transport + 16);
    ports = true;
  } else if (isFirstFragment && protocol === 17 && data.length >= transport + 8) {
    if (data.readUInt16BE(transport + 6) !== 0) sums.push(transport + 6);
    ports = true;
  }
  moveAddress(data, at + 12, plant, sums);
  moveAddress(data, at + 16, plant, sums);
  if (!ports || round === 0) return;
  const source = data.readUInt16BE(transport);
  const destination = data.readUInt16BE(transport + 2);
  const client = source > destination ? transport : transport + 2;
  const port = Math.max(source, destination);
  const moved = 20_000 + ((port + round * PORT_STEP) % 40_000);
  if (port >= 20_000) replaceWord(data, client, moved, sums.slice(1));
}

function moveFrame(data, plant, round) {
  if (data.length < 34) return;
  for (const mac of [0, 6]) if (isUnicastMac(data, mac)) data[mac + 3] = (data[mac + 3] + plant) & 255;
  let at = 14;
  let etherType = data.readUInt16BE(12);
  while (etherType === 0x8100 && data.length >= at + 24) {
    etherType = data.readUInt16BE(at + 2);
    at += 4;
  }
  if (etherType === 0x0800 && data[at] >>> 4 === 4) moveIpv4(data, at, plant, round);
  else if (etherType === 0x0806 && data.length >= at + 28) {
    for (const mac of [at + 8, at + 18]) if (isUnicastMac(data, mac)) data[mac + 3] = (data[mac + 3] + plant) & 255;
    moveAddress(data, at + 14, plant, []);
    moveAddress(data, at + 24, plant, []);
  }
}

/**
 * Writes at least `packets` packets to `target`. All plants run at the same time, one millisecond apart; a round is
 * one run through the sources. Returns what was written.
 */
export function writePlants(sources, target, { packets: wanted, plants }) {
  const list = sources.flatMap(readCapture).sort((a, b) => a.micros - b.micros);
  if (list.length === 0) throw new Error('the source captures hold no packets');
  const first = list[0].micros;
  const span = list.at(-1).micros - first + 1e6;
  const file = openSync(target, 'w');
  const out = Buffer.allocUnsafeSlow(WRITE_SIZE + 262_144);
  let filled = 0;
  let written = 0;
  let bytes = 0;
  out.writeUInt32LE(0xa1b2c3d4, filled);
  out.writeUInt16LE(2, filled + 4);
  out.writeUInt16LE(4, filled + 6);
  out.writeUInt32LE(0, filled + 8);
  out.writeUInt32LE(0, filled + 12);
  out.writeUInt32LE(262_144, filled + 16);
  out.writeUInt32LE(1, filled + 20);
  filled += PCAP_HEADER;
  const flush = () => {
    writeSync(file, out, 0, filled);
    bytes += filled;
    filled = 0;
  };
  let round = 0;
  for (; written < wanted; round++) {
    for (const { micros, data } of list) {
      for (let plant = 0; plant < plants; plant++) {
        const time = micros + round * span;
        out.writeUInt32LE(Math.floor(time / 1e6), filled);
        out.writeUInt32LE(time % 1e6, filled + 4);
        out.writeUInt32LE(data.length, filled + 8);
        out.writeUInt32LE(data.length, filled + 12);
        data.copy(out, filled + RECORD_HEADER);
        moveFrame(out.subarray(filled + RECORD_HEADER, filled + RECORD_HEADER + data.length), plant, round);
        filled += RECORD_HEADER + data.length;
        written++;
        if (filled >= WRITE_SIZE) flush();
      }
      if (written >= wanted) break;
    }
  }
  flush();
  closeSync(file);
  return { packets: written, bytes, rounds: round, plants };
}
