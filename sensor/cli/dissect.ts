import type { Command } from 'commander';
import { FileSource } from '../capture/file-source.js';
import type { DissectionRecord } from '../model/records.js';
import { ANOMALY_RECORDS_PER_KIND, AnomalyLog, anomalyRecord } from '../pipeline/anomaly-log.js';
import { Dissection } from '../pipeline/dissection.js';
import { pduRecord } from '../pipeline/pdu-context.js';
import { createDissectors } from '../protocols/registry.js';
import { EXIT, UsageError } from './cli-error.js';
import { safeText } from './terminal.js';

/** Records wait this many packets for earlier ones that a reordered stream may still deliver. */
const REORDER_WINDOW = 20_000;
const FLUSH_BYTES = 64 * 1024;

/** Puts records into the order of their packets, within a window, and writes them as NDJSON. */
class RecordWriter {
  readonly #waiting: DissectionRecord[] = [];
  #text = '';
  #filename: string | undefined;

  startFile(name: string | undefined): void {
    this.#filename = name;
  }

  add(record: DissectionRecord): void {
    if (this.#filename !== undefined) record['pcap_filename'] = this.#filename;
    const waiting = this.#waiting;
    let at = waiting.length;
    while (at > 0 && waiting[at - 1]!.pcap_cnt > record.pcap_cnt) at--;
    if (at === waiting.length) waiting.push(record);
    else waiting.splice(at, 0, record);
  }

  async release(beforePacket: number): Promise<void> {
    let count = 0;
    for (const record of this.#waiting) {
      if (record.pcap_cnt >= beforePacket) break;
      this.#text += `${JSON.stringify(record)}\n`;
      count++;
    }
    this.#waiting.splice(0, count);
    if (this.#text.length >= FLUSH_BYTES || beforePacket === Number.POSITIVE_INFINITY) await this.#write();
  }

  async #write(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    if (text !== '' && !process.stdout.write(text)) {
      await new Promise<void>((resolve) => {
        process.stdout.once('drain', resolve);
        process.stdout.once('close', resolve);
      });
    }
  }
}

interface DissectOptions {
  protocol?: string;
}

/** The names that `--protocol` may hold; null stands for all. */
function selectedProtocols(option: string | undefined): ReadonlySet<string> | null {
  if (option === undefined) return null;
  const known = [...createDissectors().flatMap(({ protocols }) => protocols.map(({ name }) => name)), 'anomaly'];
  const names = option.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!known.includes(name))
      throw new UsageError(`--protocol: there is no protocol "${name}"; choose from ${known.join(', ')}`);
  }
  return new Set(names);
}

async function dissectFile(
  path: string,
  selected: ReadonlySet<string> | null,
  writer: RecordWriter,
): Promise<FileSource> {
  const log = new AnomalyLog();
  const dissection = new Dissection(
    { dissectors: createDissectors() },
    {
      pdu(context) {
        if (selected === null || selected.has(context.pdu!.protocol.name)) writer.add(pduRecord(context));
      },
      anomaly(sighting, anomaly) {
        const count = log.count(anomaly);
        if (count > ANOMALY_RECORDS_PER_KIND) return;
        if (selected === null || selected.has('anomaly')) writer.add(anomalyRecord(sighting, anomaly));
      },
      identity() {},
      closed() {},
      frame() {},
      flowEnded() {},
    },
  );
  const source = new FileSource(path);
  let number = 0;
  await source.run(
    {
      packet(packet) {
        number = packet.number;
        dissection.packet(packet);
      },
      ready: () => writer.release(number - REORDER_WINDOW),
    },
    new AbortController().signal,
  );
  dissection.finish();
  await writer.release(Number.POSITIVE_INFINITY);
  return source;
}

export function registerDissect(program: Command): void {
  program
    .command('dissect')
    .description('print one line of JSON per application message of capture files')
    .argument('<capture...>', 'capture files (pcap, pcapng, gzip of either; - is standard input)')
    .option('--protocol <names>', 'only these protocols, separated by commas; "anomaly" for anomalies')
    .action(async (captures: string[], options: DissectOptions) => {
      const selected = selectedProtocols(options.protocol);
      const writer = new RecordWriter();
      for (const path of captures) {
        writer.startFile(captures.length > 1 ? path : undefined);
        const source = await dissectFile(path, selected, writer);
        const { damage } = source;
        if (damage) {
          process.stderr.write(
            `fieldwatch: ${safeText(path)} is damaged at byte ${damage.offset}: ${damage.reason}; ${source.packets} packets were read\n`,
          );
          process.exitCode = EXIT.damagedInput;
        } else if (source.skipped > 0) {
          process.stderr.write(
            `fieldwatch: ${safeText(path)}: ${source.skipped} packets have a link type that is not supported and were left out\n`,
          );
        }
      }
    });
}
