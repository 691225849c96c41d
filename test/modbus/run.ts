import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bytes, type Frame, pcap } from '../support/packets.js';

const { FIELDWATCH_MAIN } = process.env;
const MAIN = FIELDWATCH_MAIN ?? fileURLToPath(new URL('../../dist/sensor/main.js', import.meta.url));

/** Fields that tests name; the rest is compared as a whole. */
export interface ModbusFields extends Readonly<Record<string, unknown>> {
  readonly pdu: 'request' | 'response';
  readonly transaction_id?: number;
  readonly unit_id?: number;
  readonly length?: number;
  readonly function_code: number;
  readonly function: string;
  readonly address?: number;
  readonly quantity?: number;
  readonly values?: readonly number[];
  readonly data?: string;
  readonly umas?: unknown;
  readonly exception_code?: number;
  readonly request_pcap_cnt?: number;
}

export interface ModbusRecord {
  readonly timestamp: string;
  readonly pcap_cnt: number;
  readonly flow_id: string;
  readonly src_port: number;
  readonly dest_port: number;
  readonly event_type: string;
  readonly modbus: ModbusFields;
  readonly anomalies?: readonly string[];
  readonly partial?: true;
}

/** All Modbus records that `fieldwatch dissect` prints for these frames. */
export function dissectFrames(frames: readonly Frame[]): ModbusRecord[] {
  return dissectCapture(pcap(frames));
}

export function dissectCapture(data: Bytes): ModbusRecord[] {
  const folder = mkdtempSync(join(tmpdir(), 'fieldwatch-modbus-'));
  try {
    const file = join(folder, 'capture.pcap');
    writeFileSync(file, data);
    const run = spawnSync(process.execPath, [MAIN, 'dissect', file, '--protocol', 'modbus'], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (run.status !== 0) throw new Error(`fieldwatch dissect ended with ${run.status}: ${run.stderr}`);
    return run.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as ModbusRecord);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
