import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type PdmlField, type PdmlPacket, PdmlReader } from '../pdml.js';
import type { Message, MessagesByFrame } from './message.js';

/** tshark's reading of a capture, and what it thinks of the segments that it takes for irregular. */
export interface TsharkView {
  readonly messages: MessagesByFrame;
  /** The info column, by frame. */
  readonly irregular: ReadonlyMap<number, string>;
}

const IRREGULAR = ['retransmission', 'fast_retransmission', 'spurious_retransmission', 'out_of_order', 'lost_segment']
  .map((name) => `tcp.analysis.${name}`)
  .join(' || ');

export async function readWithTshark(file: string, options: readonly string[] = []): Promise<TsharkView> {
  const [messages, irregular] = await Promise.all([readMessages(file, options), readIrregular(file)]);
  return { messages, irregular };
}

async function readIrregular(file: string): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>();
  await tshark(
    ['-r', file, '-n', '-Y', IRREGULAR, '-T', 'fields', '-e', 'frame.number', '-e', '_ws.col.Info'],
    (line) => {
      const [number = '', info = ''] = line.split('\t');
      found.set(Number(number), info);
    },
  );
  return found;
}

/** Every S7comm message, and every CR, CC, DR and ER. */
async function readMessages(file: string, options: readonly string[]): Promise<MessagesByFrame> {
  const messages: MessagesByFrame = new Map();
  const reader = new PdmlReader((packet) => {
    const found = messagesOf(packet);
    if (found.length > 0) messages.set(packet.number, found);
  });
  const args = ['-r', file, '-n', ...options, '-Y', 's7comm || cotp', '-T', 'pdml', '-J', 's7comm cotp'];
  await tshark(args, (line) => reader.line(line));
  return messages;
}

async function tshark(args: readonly string[], onLine: (line: string) => void): Promise<void> {
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

function messagesOf(packet: PdmlPacket): Message[] {
  const messages: Message[] = [];
  for (const { name, fields } of packet.protos) {
    if (name === 's7comm') messages.push(message('s7comm', s7comm(fields)));
    else if (name === 'cotp') {
      const found = cotp(fields);
      if (found) messages.push(message('cotp', found));
    }
  }
  return messages;
}

function message(protocol: Message['protocol'], fields: Record<string, unknown>): Message {
  return { protocol, fields, anomalies: [], partial: false };
}

/** Fields of a tree, found by name wherever they stand. */
class Tree {
  readonly all: PdmlField[] = [];

  constructor(fields: readonly PdmlField[], isStop: (field: PdmlField) => boolean = () => false) {
    const collect = (list: readonly PdmlField[]): void => {
      for (const field of list) {
        this.all.push(field);
        if (!isStop(field)) collect(field.children);
      }
    };
    collect(fields);
  }

  find(name: string): PdmlField | undefined {
    return this.all.find((field) => field.name === name);
  }

  number(name: string): number | undefined {
    const found = this.find(name);
    return found && found.show !== '' ? Number(found.show) : undefined;
  }

  text(name: string): string | undefined {
    return this.find(name)?.show;
  }

  hex(name: string): string | undefined {
    return this.find(name)?.value;
  }
}

type Values = Record<string, unknown>;

function defined(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

const TYPES: Readonly<Record<string, string>> = { '0x0e': 'CR', '0x0d': 'CC', '0x08': 'DR', '0x07': 'ER' };

function cotp(fields: readonly PdmlField[]): Values | null {
  const at = new Tree(fields);
  const type = TYPES[at.text('cotp.type') ?? ''];
  if (type === undefined) return null;
  return defined({
    pdu_type: type,
    dst_ref: at.number('cotp.destref'),
    src_ref: at.number('cotp.srcref'),
    calling_tsap: tsap(at.hex('cotp.src-tsap-bytes') ?? at.hex('cotp.src-tsap')),
    called_tsap: tsap(at.hex('cotp.dst-tsap-bytes') ?? at.hex('cotp.dst-tsap')),
    tpdu_size: at.number('cotp.tpdu_size'),
    reason: at.number('cotp.cause') ?? at.number('cotp.reject_cause'),
  });
}

/** The contract's words: text where it is printable, hexadecimal else. */
function tsap(hex: string | undefined): string | undefined {
  if (hex === undefined || hex === '') return undefined;
  const bytes = Buffer.from(hex, 'hex');
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f) ? bytes.toString('latin1') : hex;
}

/** tshark names the variables of programmer commands alike, but shows them otherwise. */
const SYNTAX_ID = 's7comm.param.item.syntaxid';

const isItem = (field: PdmlField): boolean =>
  field.name === 's7comm.param.item' || field.name === 's7comm.data.item' || field.name === 's7comm.param.subitem';

function s7comm(fields: readonly PdmlField[]): Values {
  const top = new Tree(fields, isItem);
  const values: Values = defined({
    rosctr: top.number('s7comm.header.rosctr'),
    pdu_reference: top.number('s7comm.header.pduref'),
    parameter_length: top.number('s7comm.header.parlg'),
    data_length: top.number('s7comm.header.datlg'),
    error_class: top.number('s7comm.header.errcls'),
    error_code: top.number('s7comm.header.errcod'),
    function_code: top.number('s7comm.param.func'),
    item_count: top.number('s7comm.param.itemcount'),
    max_amq_calling: top.number('s7comm.param.maxamq_calling'),
    max_amq_called: top.number('s7comm.param.maxamq_called'),
    pdu_length: top.number('s7comm.param.pdu_length'),
    pi_service: top.text('s7comm.param.pistart.servicename'),
  });
  const items = top.all
    .filter(({ name, children }) => name === 's7comm.param.item' && children.some((child) => child.name === SYNTAX_ID))
    .map(item);
  if (items.length > 0) values['items'] = items;
  const results = top.all.filter(({ name }) => name === 's7comm.data.item').map(result);
  const isVariables = values['function_code'] === 4 || values['function_code'] === 5;
  if (isVariables && results.length > 0) values['results'] = results;
  const isBlock = Number(values['function_code']) >= 0x1a && Number(values['function_code']) <= 0x1f;
  if (isBlock) Object.assign(values, block(top));
  const argument = top.text('s7comm.param.pistart.argument');
  if (argument !== undefined) values['pi_argument'] = argument;
  if (top.find('s7comm.param.userdata.type')) Object.assign(values, userdata(top));
  return values;
}

function item(field: PdmlField): Values {
  const at = new Tree(field.children);
  const syntax = at.number('s7comm.param.item.syntaxid');
  const isAny = syntax === 0x10;
  return defined({
    syntax_id: syntax,
    area: isAny ? at.number('s7comm.param.item.area') : undefined,
    db_number: isAny ? at.number('s7comm.param.item.db') : undefined,
    byte_address: isAny ? at.number('s7comm.param.item.address.byte') : undefined,
    bit_address: isAny ? at.number('s7comm.param.item.address.bit') : undefined,
    number: isAny ? at.number('s7comm.param.item.address.number') : undefined,
    transport_size: isAny ? at.number('s7comm.param.item.transp_size') : undefined,
    length: isAny ? at.number('s7comm.param.item.length') : undefined,
  });
}

function result(field: PdmlField): Values {
  const at = new Tree(field.children);
  const data = at.hex('s7comm.resp.data');
  return defined({
    return_code: at.number('s7comm.data.returncode'),
    transport_size: at.number('s7comm.data.transportsize'),
    length: at.number('s7comm.data.length'),
    data: data === '' ? undefined : data,
  });
}

function block(at: Tree): Values {
  const number = at.text('s7comm.data.blockcontrol.block_number');
  const upload = at.hex('s7comm.data.blockcontrol.uploadid');
  const digits = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  return defined({
    'block.filename': at.text('s7comm.param.blockcontrol.filename'),
    'block.block_type': at.text('s7comm.data.blockcontrol.block_type'),
    'block.block_number': digits(number),
    'block.destination_filesystem': at.text('s7comm.data.blockcontrol.dest_filesys'),
    'block.length_load_memory': digits(at.text('s7comm.data.blockcontrol.loadmem_len')),
    'block.length_mc7': digits(at.text('s7comm.data.blockcontrol.mc7code_len')),
    'block.upload_id': upload === undefined || number !== undefined ? undefined : Number.parseInt(upload, 16),
  });
}

function userdata(at: Tree): Values {
  const error = at.number('s7comm.param.errcod');
  return defined({
    'userdata.type': at.number('s7comm.param.userdata.type'),
    'userdata.function_group': at.number('s7comm.param.userdata.funcgroup'),
    'userdata.subfunction': at.number('s7comm.param.userdata.subfunc') ?? at.number('s7comm.param.modetrans.subfunc'),
    'userdata.sequence_number': at.number('s7comm.param.userdata.seq_num'),
    'userdata.data_unit_reference': at.number('s7comm.param.userdata.dataunitref'),
    'userdata.last_data_unit': at.number('s7comm.param.userdata.lastdataunit'),
    'userdata.error_code': error,
    return_code: at.number('s7comm.data.returncode'),
    'szl.id': at.number('s7comm.data.userdata.szl_id'),
    'szl.index': at.number('s7comm.data.userdata.szl_index'),
    'szl.entry_length': at.number('s7comm.data.userdata.szl_id.partlist_len'),
    'szl.entry_count': at.number('s7comm.data.userdata.szl_id.partlist_cnt'),
    ...testCommand(at),
    ...szlEntries(at),
  });
}

/** What programmer commands are about: a job, or a place in a block. */
function testCommand(at: Tree): Values {
  const isRequest = at.number('s7comm.param.userdata.type') === 4;
  const isOfJob = isRequest && at.number('s7comm.param.userdata.subfunc') !== READ_JOB_LIST;
  return {
    'job.subfunction': isOfJob ? at.number('s7comm.tis.job.function') : undefined,
    'job.sequence_number': isOfJob ? at.number('s7comm.tis.job.response_seq_num') : undefined,
    'block.block_number': isRequest ? at.number('s7comm.diagdata.req.blocknumber') : undefined,
    'block.address': isRequest ? at.number('s7comm.diagdata.req.startaddr_awl') : undefined,
    'breakpoint.status_word': at.find('s7comm.tis.breakpoint.address') ? at.hex('s7comm.tis.stw') : undefined,
    'breakpoint.ar2': at.find('s7comm.tis.breakpoint.address') ? at.hex('s7comm.tis.ar2') : undefined,
    'breakpoint.db2': at.find('s7comm.tis.breakpoint.address') ? at.number('s7comm.tis.db2.number') : undefined,
  };
}

/** Subfunction that answers with jobs instead of naming one. */
const READ_JOB_LIST = 16;

/** Single fields of entries, as a list of all values of that name: entries of one list have the same fields. */
const SZL_FIELDS: readonly (readonly [tshark: string, ours: string, kind: 'number' | 'text' | 'hex'])[] = [
  ['s7comm.szl.xy11.0001.anz', 'order_number', 'text'],
  ['s7comm.szl.xy11.0001.bgtyp', 'module_type', 'number'],
  ['s7comm.szl.xy11.0001.ausbg', 'version', 'number'],
  ['s7comm.szl.xy11.0001.ausbe', 'release', 'number'],
  ['s7comm.szl.001c.0001.name', 'plc_name', 'text'],
  ['s7comm.szl.001c.0002.name', 'module_name', 'text'],
  ['s7comm.szl.001c.0003.tag', 'plant_identification', 'text'],
  ['s7comm.szl.001c.0004.copyright', 'copyright', 'text'],
  ['s7comm.szl.001c.0005.serialn', 'serial_number', 'text'],
  ['s7comm.szl.001c.0007.cputypname', 'module_type_name', 'text'],
  ['s7comm.szl.001c.0008.snmcmmc', 'memory_card_serial_number', 'text'],
  ['s7comm.szl.001c.0009.manufacturer_id', 'manufacturer_id', 'number'],
  ['s7comm.szl.0131.0001.pdu', 'max_pdu_length', 'number'],
  ['s7comm.szl.0132.0004.real', 'valid_level', 'number'],
  ['s7comm.szl.0132.0004.param', 'assigned_level', 'number'],
  ['s7comm.szl.0424.0000.ereig', 'event', 'number'],
  ['s7comm.szl.xy74.0000.led_on', 'on', 'number'],
  ['s7comm.szl.0000.0000.szl_id', 'szl_id', 'hex'],
  ['s7comm.szl.xy12.0x00.charac', 'characteristic', 'hex'],
  ['s7comm.szl.0013.0000.size', 'size', 'number'],
  ['s7comm.szl.0013.0000.belegt1', 'volatile_used', 'number'],
  ['s7comm.szl.0013.0000.block2', 'retentive_largest_free', 'number'],
  ['s7comm.szl.xy14.000x.quantity', 'quantity', 'number'],
  ['s7comm.szl.xy14.000x.reman', 'retentive', 'number'],
  ['s7comm.szl.xy15.000x.maxanz', 'max_count', 'number'],
  ['s7comm.szl.xy15.000x.maxlng', 'max_kilobytes', 'number'],
  ['s7comm.szl.xy15.000x.maxabl', 'max_work_memory', 'number'],
  ['s7comm.szl.xy22.00xx.al1', 'processing', 'hex'],
  ['s7comm.szl.xy22.00xx.al2', 'if_not_loaded', 'hex'],
  ['s7comm.szl.0091.0000.adr2', 'adr2', 'hex'],
  ['s7comm.szl.0091.0000.logadr', 'logical_address', 'number'],
  ['s7comm.szl.0091.0000.acttype', 'actual_type', 'hex'],
  ['s7comm.szl.0091.0000.eastat', 'io_status', 'hex'],
  ['s7comm.szl.0131.0003.data', 'max_consistent_data', 'number'],
  ['s7comm.szl.0131.0003.anz', 'max_jobs', 'number'],
  ['s7comm.szl.0131.0003.per_min', 'min_period', 'number'],
  ['s7comm.szl.0132.0002.anz', 'test_jobs', 'number'],
  ['s7comm.szl.0132.0005.moeg', 'user_messages', 'number'],
  ['s7comm.szl.0132.0008.korr', 'correction', 'number'],
  ['s7comm.cpu.diag_msg.eventid', 'event_id', 'hex'],
  ['s7comm.cpu.diag_msg.prioclass', 'priority_class', 'number'],
];

export const SZL_NAMES: readonly string[] = SZL_FIELDS.map(([, ours]) => ours);

function szlEntries(at: Tree): Values {
  const values: Values = {};
  if (at.find('s7comm.data.userdata.szl_id') === undefined) return values;
  for (const [theirs, ours, kind] of SZL_FIELDS) {
    const found = at.all.filter(({ name }) => name === theirs);
    if (found.length === 0) continue;
    values[`szl.entries.${ours}`] = found.map(({ show, value }) =>
      kind === 'hex'
        ? value
        : kind === 'number'
          ? Number(show)
          : Buffer.from(value, 'hex').toString('latin1').split('\0')[0]?.trim(),
    );
  }
  return values;
}
