import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Message, MessagesByFrame } from './message.js';
import { SZL_NAMES } from './tshark.js';

/** The built command, so that what is compared is what ships; `FIELDWATCH_MAIN` points at another build. */
const { FIELDWATCH_MAIN } = process.env;
const MAIN = FIELDWATCH_MAIN ?? fileURLToPath(new URL('../../../dist/sensor/main.js', import.meta.url));

interface DissectRecord {
  readonly pcap_cnt: number;
  readonly event_type: string;
  readonly s7comm?: Record<string, unknown>;
  readonly cotp?: Record<string, unknown>;
  readonly anomalies?: readonly string[];
  readonly partial?: boolean;
}

/** The records of `fieldwatch dissect FILE --protocol s7comm,cotp`. */
export async function readWithFieldwatch(file: string): Promise<MessagesByFrame> {
  const child = spawn(process.execPath, [MAIN, 'dissect', file, '--protocol', 's7comm,cotp'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
  const messages: MessagesByFrame = new Map();
  let last = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const record = JSON.parse(line) as DissectRecord;
    if (record.pcap_cnt < last) throw new Error(`${file}: record of frame ${record.pcap_cnt} after frame ${last}`);
    last = record.pcap_cnt;
    const found = messageOf(record);
    if (found === null) continue;
    messages.set(record.pcap_cnt, [...(messages.get(record.pcap_cnt) ?? []), found]);
  }
  const status = await ended;
  if (status !== 0 && status !== 3) throw new Error(`fieldwatch dissect ${file} ended with ${status}: ${complaint}`);
  return messages;
}

function messageOf(record: DissectRecord): Message | null {
  const { s7comm, cotp, anomalies = [], partial = false } = record;
  if (s7comm) return { protocol: 's7comm', fields: flat(s7comm), anomalies, partial };
  return cotp ? { protocol: 'cotp', fields: cotp, anomalies, partial } : null;
}

type Values = Record<string, unknown>;

const INNER: ReadonlySet<string> = new Set(['userdata', 'block', 'szl', 'job', 'breakpoint']);

/** Objects inside become dotted names; the entries of a status list one list per field. */
function flat(s7comm: Values): Values {
  const fields: Values = {};
  for (const [name, value] of Object.entries(s7comm)) {
    const isInner = INNER.has(name);
    if (!isInner) fields[name] = value;
    else for (const [inner, each] of Object.entries(value as Values)) fields[`${name}.${inner}`] = each;
  }
  const entries = (fields['szl.entries'] ?? []) as (Values | string)[];
  for (const name of SZL_NAMES) {
    const values = entries.flatMap((entry) =>
      typeof entry === 'object' && entry[name] !== undefined ? [entry[name]] : [],
    );
    if (values.length > 0)
      fields[`szl.entries.${name}`] = values.map((value) => (typeof value === 'boolean' ? Number(value) : value));
  }
  return fields;
}
