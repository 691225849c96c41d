import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Adu, AdusByFrame, FileRecord } from './adu.js';
import { type PdmlField, type PdmlPacket, PdmlReader } from './pdml.js';

/** `4.0.17`; undefined where tshark is not installed. */
export function tsharkVersion(): string | undefined {
  const result = spawnSync('tshark', ['--version'], { encoding: 'utf8' });
  return /TShark \(Wireshark\) ([\d.]+)/.exec(result.stdout ?? '')?.[1];
}

/** What tshark thinks of a frame that carries TCP or UDP data, used to find the reason of a difference. */
export interface FrameFacts {
  readonly info: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** TCP payload length. */
  readonly length: number;
  /** Hex. */
  readonly payload: string;
  readonly retransmission: boolean;
  readonly outOfOrder: boolean;
  /** A segment before this one is not in the capture. */
  readonly lostSegment: boolean;
  readonly cut: boolean;
  readonly stream: number;
}

export interface TsharkView {
  readonly adus: AdusByFrame;
  readonly facts: Map<number, FrameFacts>;
}

async function lines(args: readonly string[], onLine: (line: string) => void): Promise<void> {
  const child = spawn('tshark', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
  for await (const line of createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })) onLine(line);
  const code = await ended;
  // 2: the capture is cut short at its end; what came before was printed.
  if (code !== 0 && code !== 2) throw new Error(`tshark ${args.join(' ')} ended with ${code}: ${complaint}`);
}

const FACT_FIELDS = [
  'frame.number',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.len',
  'tcp.analysis.retransmission',
  'tcp.analysis.fast_retransmission',
  'tcp.analysis.spurious_retransmission',
  'tcp.analysis.out_of_order',
  'tcp.analysis.lost_segment',
  'tcp.stream',
  'frame.len',
  'frame.cap_len',
  'tcp.payload',
  '_ws.col.Info',
];

/** tshark's reading of a capture: every Modbus ADU, and facts about every TCP segment with data. */
export async function readWithTshark(file: string, options: readonly string[] = []): Promise<TsharkView> {
  const adus: AdusByFrame = new Map();
  const facts = new Map<number, FrameFacts>();
  const common = ['-r', file, '-n', ...options];
  const fields = FACT_FIELDS.flatMap((field) => ['-e', field]);
  const factArgs = [...common, '-Y', 'tcp.len > 0 || udp', '-T', 'fields', ...fields, '-E', 'occurrence=l'];
  const readFacts = lines(factArgs, (line) => {
    const [
      number,
      sport,
      dport,
      length,
      retr,
      fast,
      spurious,
      ooo,
      lost,
      stream,
      frameLength,
      captured,
      payload,
      info,
    ] = line.split('\t');
    facts.set(Number(number), {
      info: info ?? '',
      sourcePort: Number(sport),
      destinationPort: Number(dport),
      length: Number(length),
      payload: payload ?? '',
      retransmission: [retr, fast, spurious].some((flag) => flag !== ''),
      outOfOrder: ooo !== '',
      lostSegment: lost !== '',
      cut: Number(captured) < Number(frameLength),
      stream: Number(stream),
    });
  });
  const packets: PdmlPacket[] = [];
  const reader = new PdmlReader((packet) => packets.push(packet));
  const pdmlArgs = [...common, '-Y', 'mbtcp || mbudp || mbrtu || modbus', '-T', 'pdml'];
  const readPackets = lines([...pdmlArgs, '-J', 'mbtcp mbudp mbrtu modbus _ws.malformed'], (line) => reader.line(line));
  await Promise.all([readFacts, readPackets]);
  for (const packet of packets) {
    // Only the column says whether tshark takes it for a query or a response.
    const found = adusOf(packet, facts.get(packet.number)?.info ?? '');
    if (found.length > 0) adus.set(packet.number, found);
  }
  return { adus, facts };
}

const HEADER_PROTOS = new Set(['mbtcp', 'mbudp', 'mbrtu']);

/** The protocols of one frame: a header (`mbtcp`, `mbudp`, `mbrtu`), then `modbus`, for every ADU. */
function adusOf(packet: PdmlPacket, info: string): Adu[] {
  const directions = [...info.matchAll(/\b(Query|Response|Unclassified): /g)].map((match) => match[1]);
  const adus: Adu[] = [];
  let current: Adu | undefined;
  for (const proto of packet.protos) {
    if (HEADER_PROTOS.has(proto.name)) {
      const direction = directions[adus.length] ?? directions.at(-1);
      current = { ...header(proto.fields), ...pduOf(direction) };
      adus.push(current);
    } else if (proto.name === 'modbus' && current) {
      body(current, proto.fields);
    } else if (proto.name === '_ws.malformed' && current) {
      current.malformed = true;
    }
  }
  return adus;
}

function pduOf(direction: string | undefined): Pick<Adu, 'pdu'> {
  if (direction === 'Query') return { pdu: 'request' };
  if (direction === 'Response') return { pdu: 'response' };
  return {};
}

function header(fields: readonly PdmlField[]): Adu {
  const adu: Adu = {};
  for (const field of fields) {
    if (field.name === 'mbtcp.trans_id') adu.transaction_id = Number(field.show);
    else if (field.name === 'mbtcp.prot_id') adu.protocol_id = Number(field.show);
    else if (field.name === 'mbtcp.len') adu.length = Number(field.show);
    else if (field.name === 'mbtcp.unit_id' || field.name === 'mbrtu.unit_id') adu.unit_id = Number(field.show);
  }
  return adu;
}

class Fields {
  private readonly all: PdmlField[] = [];

  constructor(fields: readonly PdmlField[]) {
    this.collect(fields);
  }

  private collect(fields: readonly PdmlField[]): void {
    for (const field of fields) {
      this.all.push(field);
      this.collect(field.children);
    }
  }

  number(name: string): number | undefined {
    const found = this.all.find((field) => field.name === name);
    return found && found.show !== '' ? Number(found.show) : undefined;
  }

  numbers(name: string): number[] {
    return this.all.filter((field) => field.name === name).map((field) => Number(field.show));
  }

  hex(name: string): string | undefined {
    return this.all.find((field) => field.name === name)?.value;
  }

  hexOfPrefix(prefix: string): string | undefined {
    return this.all.find((field) => field.name.startsWith(prefix))?.value;
  }

  has(name: string): boolean {
    return this.all.some((field) => field.name === name);
  }
}

function registers(hex: string): number[] {
  return Array.from({ length: Math.floor(hex.length / 4) }, (_, i) => Number.parseInt(hex.slice(i * 4, i * 4 + 4), 16));
}

function bits(hex: string, quantity: number | undefined): number[] {
  const all = Buffer.from(hex, 'hex').reduce<number[]>((out, byte) => {
    for (let bit = 0; bit < 8; bit++) out.push((byte >> bit) & 1);
    return out;
  }, []);
  return quantity === undefined ? all : all.slice(0, quantity);
}

/** FC 5: what tshark shows as two raw bytes; undefined where they are neither on nor off. */
function coilState(hex: string): number[] | undefined {
  if (hex === 'ff00') return [1];
  if (hex === '0000') return [0];
  return undefined;
}

function fileRecords(fields: readonly PdmlField[]): FileRecord[] {
  const groups = fields.filter((field) => field.children.some((child) => child.name === 'modbus.reference_type'));
  return groups.map((group) => {
    const at = new Fields(group.children);
    const record: FileRecord = {};
    const type = at.number('modbus.reference_type');
    if (type !== undefined) record.reference_type = type;
    const reference = at.hex('modbus.reference_num_32');
    if (reference !== undefined && reference !== '') {
      record.file_number = Number.parseInt(reference.slice(0, 4), 16);
      record.record_number = Number.parseInt(reference.slice(4, 8), 16);
    }
    const length = at.number('modbus.word_cnt');
    if (length !== undefined) record.record_length = length;
    const data = at.hex('modbus.data');
    if (data !== undefined) record.data = data;
    return record;
  });
}

/** UTF-8 where it is valid, Latin-1 else, as our records have it. */
function wireText(raw: Buffer): string {
  const text = raw.toString('utf8');
  return text.includes('\ufffd') ? raw.toString('latin1') : text;
}

function deviceObjects(fields: readonly PdmlField[]): { id: number; value: string }[] {
  const list = fields.flatMap((field) => field.children);
  return list
    .filter((object) => object.children.some((child) => child.name === 'modbus.object_id'))
    .map((object) => {
      const at = new Fields(object.children);
      const value = at.hex('modbus.object_str_value') ?? at.hex('modbus.object_value') ?? '';
      return { id: at.number('modbus.object_id') ?? -1, value: wireText(Buffer.from(value, 'hex')) };
    });
}

function setDefined<K extends keyof Adu>(adu: Adu, key: K, value: Adu[K] | undefined): void {
  if (value !== undefined) adu[key] = value;
}

function body(adu: Adu, fields: readonly PdmlField[]): void {
  const at = new Fields(fields);
  setDefined(adu, 'function_code', at.number('modbus.func_code'));
  setDefined(adu, 'request_pcap_cnt', at.number('modbus.request_frame'));
  setDefined(adu, 'exception_code', at.number('modbus.exception_code'));
  if (adu.exception_code !== undefined || adu.function_code === undefined) return;
  const isEncapsulated = adu.function_code === 43;
  const isFile = adu.function_code === 20 || adu.function_code === 21;
  if (isEncapsulated) encapsulated(adu, at, fields);
  else if (isFile) {
    setDefined(adu, 'byte_count', at.number('modbus.byte_cnt'));
    adu.records = fileRecords(fields);
  } else plain(adu, at, adu.function_code);
}

function encapsulated(adu: Adu, at: Fields, fields: readonly PdmlField[]): void {
  setDefined(adu, 'mei_type', at.number('modbus.mei'));
  if (adu.mei_type !== 14) return;
  setDefined(adu, 'read_device_id', at.number('modbus.read_device_id'));
  if (adu.pdu !== 'response') return;
  setDefined(adu, 'conformity_level', at.number('modbus.conformity_level'));
  setDefined(adu, 'more_follows', at.number('modbus.more_follows'));
  setDefined(adu, 'next_object_id', at.number('modbus.next_object_id'));
  if (at.has('modbus.num_objects')) adu.objects = deviceObjects(fields);
}

function plain(adu: Adu, at: Fields, functionCode: number): void {
  setDefined(adu, 'address', at.number('modbus.reference_num'));
  setDefined(adu, 'byte_count', at.number('modbus.byte_cnt') ?? at.number('modbus.byte_cnt_16'));
  setDefined(adu, 'and_mask', at.number('modbus.and_mask'));
  setDefined(adu, 'or_mask', at.number('modbus.or_mask'));
  setDefined(adu, 'read_address', at.number('modbus.read_reference_num'));
  setDefined(adu, 'read_quantity', at.number('modbus.read_word_cnt'));
  setDefined(adu, 'write_address', at.number('modbus.write_reference_num'));
  setDefined(adu, 'write_quantity', at.number('modbus.write_word_cnt'));
  setDefined(adu, 'event_status', at.number('modbus.ev_status'));
  setDefined(adu, 'event_count', at.number('modbus.ev_count'));
  setDefined(adu, 'message_count', at.number('modbus.ev_msg_count'));
  setDefined(adu, 'subfunction', at.number('modbus.diagnostic_code'));
  const count = at.number('modbus.word_cnt') ?? at.number('modbus.bit_cnt');
  setDefined(adu, functionCode === 24 ? 'fifo_count' : 'quantity', count);
  const data = at.hex('modbus.data');
  const isRequest = adu.pdu === 'request';
  if (functionCode <= 4) {
    if (at.has('modbus.regval_uint16')) adu.values = at.numbers('modbus.regval_uint16');
    else if (at.has('modbus.bitval')) adu.values = at.numbers('modbus.bitval');
  } else if (functionCode === 5) setDefined(adu, 'values', coilState(data ?? ''));
  else if (functionCode === 6 && data) adu.values = registers(data);
  else if (functionCode === 8) setDefined(adu, 'data', data ?? at.hexOfPrefix('modbus.diagnostic.'));
  else if (functionCode === 12) {
    const events = at.numbers('modbus.event');
    if (events.length > 0) adu.events = events;
  } else if (functionCode === 15 && data !== undefined) adu.values = bits(data, adu.quantity);
  else if (functionCode === 16 && isRequest) {
    // None are shown where the byte count contradicts the bytes.
    if (at.has('modbus.regval_uint16')) adu.values = at.numbers('modbus.regval_uint16');
  } else if (functionCode === 23 && data !== undefined) adu.values = registers(data);
  else if (functionCode === 24 && data) adu.values = registers(data);
  else if (functionCode !== 16 && functionCode !== 22) setDefined(adu, 'data', data);
}
