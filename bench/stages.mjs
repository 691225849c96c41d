// What each stage of the engine costs, as a multiple of a plain loop over the same packets in the same process.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../scripts/lib.mjs';
import { median } from './measure.mjs';

const DIST = process.env.FIELDWATCH_DIST ?? join(root, 'dist');
/** Enough packets to be warm and steady, few enough to stand in memory. */
const MAX_BYTES = 256 * 1024 * 1024;

const load = (path) => import(pathToFileURL(join(DIST, 'sensor', path)).href);

/** The yardstick: every record header and one word of every packet, nothing else. */
function plainLoop(raw) {
  let sum = 0;
  let packets = 0;
  for (let at = 24; at + 16 <= raw.length; ) {
    const captured = raw[at + 8] | (raw[at + 9] << 8) | (raw[at + 10] << 16) | (raw[at + 11] << 24);
    if (at + 16 + captured > raw.length) break;
    sum = (sum + ((raw[at + 28] << 8) | raw[at + 29])) | 0;
    at += 16 + captured;
    packets++;
  }
  return packets + (sum & 0);
}

function inChunks(raw, parser) {
  const size = 1024 * 1024;
  for (let at = 0; at < raw.length; at += size) parser.push(raw.subarray(at, at + size));
}

export async function measureStages(file, rounds) {
  const { CaptureParser } = await load('capture/capture-parser.js');
  const { Frame } = await load('decode/frame.js');
  const { FrameDecoder } = await load('decode/frame-decoder.js');
  const { FlowTable } = await load('flow/flow-table.js');
  const { TcpReassembler } = await load('flow/tcp-reassembler.js');
  const { Dissection } = await load('pipeline/dissection.js');
  const { createSensor } = await load('pipeline/create-sensor.js');
  const { createDissectors } = await load('protocols/registry.js');
  const whole = readFileSync(file);
  const raw = new Uint8Array(whole.buffer, whole.byteOffset, Math.min(whole.length, MAX_BYTES));

  const parse = () => {
    inChunks(raw, new CaptureParser({ packet() {} }));
  };
  const decode = () => {
    const decoder = new FrameDecoder(new Frame());
    inChunks(raw, new CaptureParser(decoderSink(decoder)));
  };
  const streams = () => {
    const frame = new Frame();
    const decoder = new FrameDecoder(frame);
    const table = new FlowTable(() => {});
    const reassembler = new TcpReassembler({
      data: () => true,
      gap() {},
      alternative() {},
      anomaly() {},
      closed() {},
    });
    const packet = (given) => {
      decoder.decode(given);
      if (frame.kind !== 'ip') return;
      const found = table.lookup(frame);
      if (frame.ipProtocol === 6) reassembler.segment(found, table.side(found, frame), frame);
    };
    inChunks(raw, new CaptureParser({ packet }));
  };
  const dissect = () => {
    const nothing = () => {};
    const listener = {
      pdu: nothing,
      anomaly: nothing,
      identity: nothing,
      closed: nothing,
      frame: nothing,
      flowEnded: nothing,
    };
    const dissection = new Dissection({ dissectors: createDissectors() }, listener);
    inChunks(raw, new CaptureParser(dissection));
  };
  const complete = () => {
    const sensor = createSensor({ sensor: 'bench', mode: 'replay', phase: 'learn', memory: null });
    inChunks(raw, new CaptureParser(sensor));
    sensor.finish();
    sensor.collect();
  };
  const stages = [
    ['loop over all packets', () => plainLoop(raw)],
    ['parse', parse],
    ['parse, decode', decode],
    ['parse, decode, streams', streams],
    ['… and Modbus messages', dissect],
    ['complete, without the store', complete],
  ];
  const packets = plainLoop(raw);
  const seconds = stages.map(() => []);
  // The first round warms up; stages alternate, so that a busy machine slows all.
  for (let round = 0; round <= rounds; round++) {
    for (const [index, [, work]] of stages.entries()) {
      // Processor time, because another program's share of the machine is not ours to measure.
      const began = process.cpuUsage();
      work();
      const used = process.cpuUsage(began);
      if (round > 0) seconds[index].push((used.user + used.system) / 1e6);
    }
  }
  const base = median(seconds[0]);
  return stages.map(([name], index) => ({
    name,
    ratio: median(seconds[index]) / base,
    nanoseconds_per_packet: (median(seconds[index]) / packets) * 1e9,
  }));
}

function decoderSink(decoder) {
  return { packet: (packet) => decoder.decode(packet) };
}
