// Rules for the benchmark: what a large collection for a plant looks like. Most name an operation that is rare, many a
// register or a unit, some a station or a zone; a part is for other log sources. None matches the benchmark's traffic.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, timedNode } from './measure.mjs';

const RARE = ['diagnostics', 'umas', 'write_file_record', 'program_484', 'mask_write_register', 'report_server_id'];
const WRITES = ['write_single_register', 'write_multiple_registers', 'write_single_coil', 'write_multiple_coils'];
const READS = ['read_holding_registers', 'read_input_registers', 'read_coils', 'read_discrete_inputs'];

const pick = (list, index) => list[index % list.length];

/** The body of a detection, by turns. */
function detection(index) {
  const register = 20_000 + index;
  switch (index % 10) {
    case 0:
    case 1:
      return {
        selection: { 'modbus.pdu': 'request', 'modbus.function': pick(RARE, index), 'modbus.subfunction': index },
      };
    case 2:
    case 3:
    case 4:
      return {
        selection: { 'modbus.pdu': 'request', 'modbus.function': pick(WRITES, index), 'modbus.address': register },
      };
    case 5:
      return { selection: { 'modbus.function': pick(READS, index), 'modbus.address': [register, register + 1] } };
    case 6:
      return {
        selection: { 'modbus.function': WRITES, 'modbus.unit_id': 100 + (index % 150), 'modbus.values|gt': 60_000 },
      };
    case 7:
      return {
        selection: { 'operation.class': ['program', 'control'], 'src.zone': `zone-${index}` },
        filter: { 'src.authorised': true },
      };
    case 8:
      return { selection: { 'modbus.exception|contains': 'failure', 'modbus.function': pick(RARE, index + 1) } };
    default:
      return { selection: { CommandLine: [{ any: index }].map((entry) => `tool-${entry.any}`), EventID: 1 } };
  }
}

/** Writes so many rules into one file. */
export function writeBenchRules(path, count) {
  const documents = [];
  for (let index = 0; index < count; index++) {
    const body = detection(index);
    const condition = body.filter ? 'selection and not filter' : 'selection';
    const logsource =
      index % 10 === 9
        ? { product: 'windows', category: 'process_creation' }
        : { product: 'fieldwatch', service: 'modbus' };
    const id = `5e000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    documents.push({
      title: `Rule ${index}`,
      id,
      status: 'test',
      level: 'low',
      logsource,
      detection: { ...body, condition },
    });
  }
  // JSON is YAML.
  writeFileSync(path, documents.map((document) => JSON.stringify(document)).join('\n---\n'));
}

const COUNTS = [0, 100, 1000, 5000];

/**
 * The replay with so many rules beside the product's, in turns. The first run with each is not counted: it reads the
 * rules' YAML, and later ones what was kept of it.
 */
export async function measureRules({ main, file, scratch, rounds, say }) {
  const runs = COUNTS.map((count) => {
    const rules = join(scratch, `rules-${count}.yml`);
    const config = join(scratch, `rules-${count}.yaml`);
    if (count > 0) writeBenchRules(rules, count);
    writeFileSync(config, count > 0 ? `rules: { paths: [${JSON.stringify(rules)}] }\n` : '{}\n');
    return { count, config, data: join(scratch, `data-rules-${count}`), seconds: [], peaks: [] };
  });
  for (let round = 0; round <= rounds; round++) {
    for (const run of runs) {
      for (const name of ['findings.db', 'findings.db-wal', 'findings.db-shm'])
        rmSync(join(run.data, name), { force: true });
      const args = [main, 'replay', file, '--data', run.data, '--config', run.config, '--json'];
      const { seconds, peakMib } = await timedNode(args, scratch);
      if (round === 0) continue;
      run.seconds.push(seconds);
      run.peaks.push(peakMib);
    }
    if (round > 0)
      say(
        `  rules, round ${round}: ${runs.map((run) => `${run.count}: ${run.seconds.at(-1).toFixed(3)} s`).join(', ')}`,
      );
  }
  const none = median(runs[0].seconds);
  return runs.map((run) => ({
    rules: run.count,
    seconds: median(run.seconds),
    ratio: median(run.seconds) / none,
    peak_memory_mib: Math.max(...run.peaks),
  }));
}
