// One figure a protocol: its messages a second through the whole pipeline, on real conversations of that protocol only.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePlants } from './plants.mjs';

/** Ordinary work of each protocol, by folder of fixtures/ and file name. */
const ORDINARY = [
  { protocol: 'modbus', folder: 'modbus', files: /^libmodbus-(reads|writes|pipelined)\.pcap$/ },
  { protocol: 's7comm', folder: 's7', files: /^nodes7-cyclic\.pcap$/ },
  // Of scripted messages: there is no free stack.
  { protocol: 's7comm_plus', folder: 's7-plus', files: /^scripted-polling\.pcap$/ },
  { protocol: 'opcua', folder: 'opcua', files: /^node-opcua-(reads|writes|subscription)\.pcap$/ },
];

/** `measure(file, capture)` is the benchmark's own: tcpdump and replay on one capture. */
export async function measureProtocols(fixtures, scratch, { packets, plants }, measure, say) {
  const figures = [];
  for (const { protocol, folder, files } of ORDINARY) {
    const at = join(fixtures, folder);
    const sources = existsSync(at)
      ? readdirSync(at)
          .filter((name) => name.endsWith('.pcap') && files.test(name))
          .map((name) => join(at, name))
      : [];
    if (sources.length === 0) continue;
    const file = join(scratch, `${protocol}.pcap`);
    say(`Building a capture of ${protocol} …`);
    const run = await measure(file, writePlants(sources, file, { packets, plants }));
    rmSync(file);
    const messages = run.summary.pdus?.[protocol] ?? 0;
    figures.push({
      protocol,
      messages,
      messages_per_second: Math.round(messages / run.replay_seconds),
      ratio: run.ratio,
    });
  }
  return figures;
}
