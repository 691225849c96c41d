import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Adu, AdusByFrame } from './adu.js';

/** The built command, so that what is compared is what ships; `FIELDWATCH_MAIN` points at another build. */
const { FIELDWATCH_MAIN } = process.env;
const MAIN = FIELDWATCH_MAIN ?? fileURLToPath(new URL('../../dist/sensor/main.js', import.meta.url));

interface DissectRecord {
  pcap_cnt: number;
  event_type: string;
  modbus?: Adu;
  anomalies?: string[];
  partial?: boolean;
}

export interface OurAdu extends Adu {
  anomalies: readonly string[];
  partial: boolean;
}

export interface OurView {
  readonly adus: Map<number, OurAdu[]> & AdusByFrame;
  /** 0, or 3 for a damaged file. */
  readonly status: number;
}

/** The records of `fieldwatch dissect FILE --protocol modbus`. */
export async function readWithFieldwatch(file: string): Promise<OurView> {
  const child = spawn(process.execPath, [MAIN, 'dissect', file, '--protocol', 'modbus'], {
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
  const adus = new Map<number, OurAdu[]>();
  let last = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const record = JSON.parse(line) as DissectRecord;
    if (record.event_type !== 'modbus' || record.modbus === undefined) continue;
    if (record.pcap_cnt < last) throw new Error(`${file}: record of frame ${record.pcap_cnt} after frame ${last}`);
    last = record.pcap_cnt;
    const list = adus.get(record.pcap_cnt) ?? [];
    list.push({ ...record.modbus, anomalies: record.anomalies ?? [], partial: record.partial ?? false });
    adus.set(record.pcap_cnt, list);
  }
  const status = await ended;
  if (status !== 0 && status !== 3) throw new Error(`fieldwatch dissect ${file} ended with ${status}: ${complaint}`);
  return { adus, status };
}
