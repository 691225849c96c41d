import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const { FIELDWATCH_MAIN } = process.env;
const MAIN = FIELDWATCH_MAIN ?? fileURLToPath(new URL('../../dist/sensor/main.js', import.meta.url));

export interface OpcUaRecord {
  readonly pcap_cnt: number;
  readonly src_ip: string;
  readonly dest_ip: string;
  readonly opcua: Record<string, unknown>;
  readonly anomalies?: readonly string[];
  readonly partial?: true;
}

/** The OPC UA records that the built command prints for a capture. */
export function dissect(file: string): OpcUaRecord[] {
  const run = spawnSync(process.execPath, [MAIN, 'dissect', file, '--protocol', 'opcua'], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (run.status !== 0 && run.status !== 3) throw new Error(`dissect ${file} ended with ${run.status}: ${run.stderr}`);
  return run.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as OpcUaRecord);
}
