import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import {
  arp,
  type Bytes,
  bytes,
  type CaptureRecord,
  concat,
  ethernet,
  type Layer,
  modbusTcp,
  pcapHeader,
  pcapRecord,
  TcpPair,
} from '../support/packets.js';

/**
 * The sample plant's Modbus traffic taken apart into questions and answers, and put together again as packets: so a
 * test can change what is said, by whom and when, and everything below stays correct.
 */

export const SECOND = 1_000_000;
export const PLC = '10.20.1.10';
export const GATEWAY = '10.20.1.20';
export const RTU = '10.20.1.30';
export const HMI = '10.20.1.50';
export const HISTORIAN = '10.20.1.51';
export const ENGINEERING = '10.20.1.60';
export const INTRUDER = '10.20.1.77';

/** As in fixtures/make/plant.mjs. */
export const MACS: Readonly<Record<string, string>> = {
  '10.20.1.1': '00:80:63:4a:10:01',
  [PLC]: '00:00:54:4a:10:10',
  [GATEWAY]: '00:a0:45:4a:10:20',
  [RTU]: '00:30:de:4a:10:30',
  [HMI]: '28:63:36:4a:10:50',
  [HISTORIAN]: 'd4:be:d9:4a:10:51',
  [ENGINEERING]: 'd4:be:d9:4a:10:60',
  [INTRUDER]: 'b8:27:eb:4a:10:77',
};

export interface Exchange {
  /** Microseconds after the beginning. */
  readonly at: number;
  /** Microseconds until the answer. */
  readonly took: number;
  readonly client: string;
  readonly server: string;
  readonly unit: number;
  readonly request: Bytes;
  /** null: none comes. */
  readonly answer: Bytes | null;
  /** Further requests in the same packet, with their answers. */
  readonly stacked?: readonly (readonly [request: Bytes, answer: Bytes])[];
  /** MBAP length of the request and of the answer; forced, right or wrong. */
  readonly lengths?: readonly [number | undefined, number | undefined];
  /** Another connection between the same two. */
  readonly connection?: number;
  /** MAC address of the client, where it is not its own. */
  readonly clientMac?: string;
}

export interface Work {
  readonly exchanges: readonly Exchange[];
  /** All that is no Modbus: ARP, DNS, NTP; times are microseconds after the beginning. */
  readonly frames: readonly (CaptureRecord & { time: number })[];
  /** Microseconds. */
  readonly length: number;
}

const NORMAL = fileURLToPath(new URL('../../fixtures/plant/normal.pcap', import.meta.url));

export const normalCapture = (): Bytes => readFileSync(NORMAL);

const ipText = (buf: Uint8Array, at: number) => `${buf[at]}.${buf[at + 1]}.${buf[at + 2]}.${buf[at + 3]}`;
const u16 = (buf: Uint8Array, at: number) => ((buf[at] ?? 0) << 8) | (buf[at + 1] ?? 0);

/** The Modbus messages of a frame: its segments hold whole ones, because nobody in the plant asks twice at once. */
function messages(frame: Uint8Array): { from: number; to: number }[] {
  if (u16(frame, 12) !== 0x0800 || frame[23] !== 6) return [];
  const transport = 14 + (frame[14]! & 15) * 4;
  const end = 14 + u16(frame, 16);
  const found: { from: number; to: number }[] = [];
  for (let at = transport + (frame[transport + 12]! >> 4) * 4; at + 8 <= end; ) {
    const to = at + 6 + u16(frame, at + 4);
    found.push({ from: at, to });
    at = to;
  }
  return found;
}

/** normal.pcap, taken apart. */
export function plantWork(): Work {
  const exchanges: (Exchange & { answer: Bytes | null })[] = [];
  const frames: (CaptureRecord & { time: number })[] = [];
  const open = new Map<string, number>();
  let first = Number.NaN;
  let last = 0;
  const parser = new CaptureParser({
    packet: ({ buf, from, to, timestamp }) => {
      if (Number.isNaN(first)) first = timestamp;
      last = timestamp - first;
      const frame = buf.subarray(from, to);
      const transport = 14 + (frame[14]! & 15) * 4;
      const isTcp = u16(frame, 12) === 0x0800 && frame[23] === 6;
      const [sport, dport] = isTcp ? [u16(frame, transport), u16(frame, transport + 2)] : [0, 0];
      if (sport !== 502 && dport !== 502) {
        frames.push({ data: frame.slice(), time: last });
        return;
      }
      const isRequest = dport === 502;
      const [src, dst] = [ipText(frame, 26), ipText(frame, 30)];
      for (const { from: at, to: end } of messages(frame)) {
        const key = `${isRequest ? src : dst} ${isRequest ? sport : dport} ${u16(frame, at)}`;
        const pdu = frame.slice(at + 7, end);
        if (isRequest) {
          open.set(key, exchanges.length);
          const unit = frame[at + 6]!;
          exchanges.push({ at: last, took: 0, client: src, server: dst, unit, request: pdu, answer: null });
          continue;
        }
        const asked = open.get(key);
        const exchange = asked === undefined ? undefined : exchanges[asked];
        if (asked === undefined || exchange === undefined) continue;
        exchanges[asked] = { ...exchange, took: last - exchange.at, answer: pdu };
        open.delete(key);
      }
    },
  });
  parser.push(normalCapture());
  parser.end();
  return { exchanges: exchanges.filter(({ answer }) => answer !== null), frames, length: last };
}

/** The part between two times, in seconds, with its beginning at 0. */
export function part({ exchanges, frames }: Work, from: number, to: number): Work {
  const [start, end] = [from * SECOND, to * SECOND];
  return {
    exchanges: exchanges.filter(({ at }) => at >= start && at < end).map((one) => ({ ...one, at: one.at - start })),
    frames: frames.filter(({ time }) => time >= start && time < end).map((one) => ({ ...one, time: one.time - start })),
    length: end - start,
  };
}

/** The same again and again. */
export function repeated({ exchanges, frames, length }: Work, times: number): Work {
  const rounds = Array.from({ length: times }, (_, round) => round * length);
  return {
    exchanges: rounds.flatMap((from) => exchanges.map((one) => ({ ...one, at: one.at + from }))),
    frames: rounds.flatMap((from) => frames.map((one) => ({ ...one, time: one.time + from }))),
    length: length * times,
  };
}

/** With more messages and frames in it. */
export function withMore(
  work: Work,
  exchanges: readonly Exchange[],
  frames: readonly (CaptureRecord & { time: number })[] = [],
): Work {
  return { ...work, exchanges: [...work.exchanges, ...exchanges], frames: [...work.frames, ...frames] };
}

const macOf = (ip: string) =>
  MACS[ip] ??
  `02:00:${ip
    .split('.')
    .map((octet) => Number(octet).toString(16).padStart(2, '0'))
    .join(':')}`;

interface Event {
  readonly at: number;
  readonly pair: TcpPair;
  readonly fromClient: boolean;
  readonly payload: Bytes;
}

/** All of it as a capture file. `start`: when it begins, microseconds since 1970. */
export function captureOf({ exchanges, frames }: Work, start: number, firstPort = 42_000): Bytes {
  const pairs = new Map<string, TcpPair>();
  const events: Event[] = [];
  const records: (CaptureRecord & { time: number })[] = frames.map((one) => ({ ...one, time: one.time + start }));
  const ordered = [...exchanges].sort((one, other) => one.at - other.at);
  ordered.forEach((exchange, transaction) => {
    const { at, took, client, server, unit, request, answer, stacked = [], lengths = [], connection = 0 } = exchange;
    const clientMac = exchange.clientMac ?? macOf(client);
    const key = `${client} ${server} ${connection} ${clientMac}`;
    let pair = pairs.get(key);
    if (!pair) {
      pair = new TcpPair({
        clientIp: client,
        serverIp: server,
        clientPort: firstPort + pairs.size,
        clientIsn: 1_000_000 + pairs.size * 7919,
        frame: (ip, fromClient) =>
          ethernet(ip, fromClient ? { src: clientMac, dst: macOf(server) } : { src: macOf(server), dst: clientMac }),
      });
      pairs.set(key, pair);
      pair.open().forEach(({ data }, index) => {
        records.push({ data, time: start + at - 3000 + index * 1000 });
      });
    }
    const adu = (pdu: Bytes, offset: number, length?: number) =>
      modbusTcp(pdu, {
        transaction: (transaction * 4 + offset) & 0xffff,
        unit,
        ...(length === undefined ? {} : { length }),
      });
    const requests = [adu(request, 0, lengths[0]), ...stacked.map(([one], index) => adu(one, index + 1))];
    events.push({ at, pair, fromClient: true, payload: concat(...requests) });
    if (answer === null) return;
    const answers = [adu(answer, 0, lengths[1]), ...stacked.map(([, one], index) => adu(one, index + 1))];
    events.push({ at: at + took, pair, fromClient: false, payload: concat(...answers) });
  });
  events.sort((one, other) => one.at - other.at);
  for (const { at, pair, fromClient, payload } of events) {
    const { data } = fromClient ? pair.client(payload) : pair.server(payload);
    records.push({ data, time: start + at });
  }
  records.sort((one, other) => one.time - other.time);
  return Buffer.concat([pcapHeader(), ...records.map((record) => pcapRecord(record))]);
}

/** `mac` says that `ip` is its own. */
export function claim(at: number, ip: string, mac: string): CaptureRecord & { time: number } {
  const said = arp({ operation: 2, senderMac: mac, senderIp: ip, targetMac: 'ff:ff:ff:ff:ff:ff', targetIp: ip });
  return { data: ethernet(said, { src: mac, dst: 'ff:ff:ff:ff:ff:ff' }).data, time: at };
}

export function frameAt(at: number, layer: Layer, from: string, to: string): CaptureRecord & { time: number } {
  return { data: ethernet(layer, { src: macOf(from), dst: macOf(to) }).data, time: at };
}

/** Every so many microseconds between two times. */
export function times(from: number, to: number, every: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / every)) }, (_, index) => from + index * every);
}

/** The request's function. */
export const functionOf = ({ request }: Exchange) => request[0] ?? 0;

/** A read's answer with one register changed. */
export function withRegister(answer: Bytes, register: number, value: number): Bytes {
  const changed = answer.slice();
  changed.set(bytes(value >> 8, value), 2 + register * 2);
  return changed;
}
