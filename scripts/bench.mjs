// `npm run bench`: how long a replay takes, against `tcpdump -r FILE -w /dev/null` in the same run.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median, timed, timedNode } from '../bench/measure.mjs';
import { writePlants } from '../bench/plants.mjs';
import { measureProtocols } from '../bench/protocols.mjs';
import { measureRules } from '../bench/rules.mjs';
import { measureStages } from '../bench/stages.mjs';
import { ensureBuilt, ensureInstalled, root } from './lib.mjs';

const USAGE = `npm run bench -- [--packets N] [--plants N] [--rounds N] [--source FILE]... [--json] [--no-stages] [--no-protocols] [--keep]
  --packets   size of the capture (default 1000000; a second one is twice as long)
  --plants    how many plants run in it at once (default 100, at most 250)
  --rounds    measurements of each command; the median counts (default 5)
  --source    captures to build from (default: fixtures/plant/*.pcap)
  --json      one JSON object on standard output
  --no-stages only the two commands, not the stages inside
  --no-rules  without the cost of 100, 1000 and 5000 rules
  --no-protocols without one figure a protocol (on captures of a quarter of the size)
  --keep      leaves the capture in the temporary folder`;

function fail(message) {
  process.stderr.write(`bench: ${message}\n`);
  process.exit(2);
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        packets: { type: 'string', default: '1000000' },
        plants: { type: 'string', default: '100' },
        rounds: { type: 'string', default: '5' },
        source: { type: 'string', multiple: true },
        json: { type: 'boolean', default: false },
        stages: { type: 'boolean', default: true },
        rules: { type: 'boolean', default: true },
        protocols: { type: 'boolean', default: true },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
      allowNegative: true,
    });
    const number = (name, most) => {
      const value = Number(values[name]);
      if (!Number.isInteger(value) || value < 1 || value > most) fail(`--${name} must be a number from 1 to ${most}`);
      return value;
    };
    return {
      ...values,
      packets: number('packets', 1e9),
      plants: number('plants', 250),
      rounds: number('rounds', 1000),
    };
  } catch (error) {
    return fail(`${error.message}\n${USAGE}`);
  }
}

function sourcesOf(given) {
  if (given) return given.map((file) => join(process.env.INIT_CWD ?? process.cwd(), file)).filter(existsSync);
  const folder = join(root, 'fixtures', 'plant');
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.pcap')) : [];
  // The quiet plant: an attacked one would measure alerts, which are rare in life.
  const quiet = files.filter((name) => !/attack/.test(name));
  return (quiet.length > 0 ? quiet : files).map((name) => join(folder, name));
}

const at = options();
if (at.help) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}
const sources = sourcesOf(at.source);
if (sources.length === 0) fail('no source captures: run npm run fixtures, or name some with --source');
if (spawnSync('tcpdump', ['--version']).error) fail('tcpdump is missing, and it is the reference: install it');
ensureInstalled();
// Another build than this checkout's, to compare two of them.
const { FIELDWATCH_DIST } = process.env;
if (FIELDWATCH_DIST === undefined) ensureBuilt();

const scratch = mkdtempSync(join(tmpdir(), 'fieldwatch-bench-'));
const main = join(FIELDWATCH_DIST ?? join(root, 'dist'), 'sensor', 'main.js');
const say = (text) => process.stderr.write(`${text}\n`);

/** Both commands on one capture, alternating, so that a busy machine slows both. */
async function measure(file, capture) {
  const reference = [];
  const replay = [];
  const peaks = [];
  let summary = {};
  await timed('tcpdump', ['-r', file, '-w', '/dev/null']);
  for (let round = 0; round < at.rounds; round++) {
    reference.push((await timed('tcpdump', ['-r', file, '-w', '/dev/null'])).seconds);
    const data = join(scratch, 'data');
    const { seconds, peakMib, output } = await timedNode([main, 'replay', file, '--data', data, '--json'], scratch);
    replay.push(seconds);
    peaks.push(peakMib);
    summary = JSON.parse(output);
    rmSync(data, { recursive: true, force: true });
    say(`  round ${round + 1}: tcpdump ${reference.at(-1).toFixed(3)} s, replay ${seconds.toFixed(3)} s`);
  }
  const tcpdumpSeconds = median(reference);
  const replaySeconds = median(replay);
  return {
    packets: capture.packets,
    bytes: capture.bytes,
    tcpdump_seconds: tcpdumpSeconds,
    replay_seconds: replaySeconds,
    packets_per_second: Math.round(capture.packets / replaySeconds),
    ratio: replaySeconds / tcpdumpSeconds,
    peak_memory_mib: Math.max(...peaks),
    summary,
  };
}

function build(name, packets) {
  const file = join(scratch, name);
  say(`Building a capture of ${packets.toLocaleString('en')} packets in ${at.plants} plants …`);
  return { file, capture: writePlants(sources, file, { packets, plants: at.plants }) };
}

try {
  const single = build('single.pcap', at.packets);
  const measured = await measure(single.file, single.capture);
  const stages = at.stages ? await measureStages(single.file, at.rounds) : [];
  const rules = at.rules ? await measureRules({ main, file: single.file, scratch, rounds: at.rounds, say }) : [];
  if (!at.keep) rmSync(single.file);
  const protocols = at.protocols
    ? await measureProtocols(
        join(root, 'fixtures'),
        scratch,
        { packets: at.packets / 4, plants: at.plants },
        measure,
        say,
      )
    : [];
  const double = build('double.pcap', at.packets * 2);
  const measuredDouble = await measure(double.file, double.capture);
  const result = {
    machine: {
      cpu: cpus()[0]?.model ?? '',
      cores: cpus().length,
      memory_gib: Math.round(totalmem() / 2 ** 30),
      node: process.version,
    },
    plants: at.plants,
    rounds: at.rounds,
    single: measured,
    double: measuredDouble,
    stages,
    rules,
    protocols,
  };
  if (at.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else print(result);
} catch (error) {
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  if (!at.keep) rmSync(scratch, { recursive: true, force: true });
  else say(`The captures stay in ${scratch}.`);
}

function print({ machine, single, double, stages, rules, protocols }) {
  const lines = [`${machine.cores} × ${machine.cpu}, ${machine.memory_gib} GiB, Node ${machine.node}`, ''];
  for (const run of [single, double]) {
    lines.push(
      `${run.packets.toLocaleString('en')} packets, ${(run.bytes / 2 ** 20).toFixed(0)} MiB`,
      `  tcpdump  ${run.tcpdump_seconds.toFixed(3)} s`,
      `  replay   ${run.replay_seconds.toFixed(3)} s = ${run.ratio.toFixed(2)} × tcpdump, ${run.packets_per_second.toLocaleString('en')} packets/s, peak memory ${run.peak_memory_mib.toFixed(0)} MiB`,
    );
  }
  const growth = double.peak_memory_mib - single.peak_memory_mib;
  lines.push(`  twice the length: ${growth >= 0 ? '+' : ''}${growth.toFixed(0)} MiB`);
  if (stages.length > 0) {
    lines.push('', 'Stages (in one process, warm, a loop over all packets = 1)');
    for (const stage of stages) {
      lines.push(
        `  ${stage.name.padEnd(28)} ${stage.ratio.toFixed(2).padStart(7)}   ${stage.nanoseconds_per_packet.toFixed(0).padStart(5)} ns/packet`,
      );
    }
  }
  if (rules.length > 0) {
    lines.push('', "Rules of one's own beside the product's (the same replay, none = 1)");
    for (const run of rules) {
      lines.push(
        `  ${String(run.rules).padStart(5)} rules  ${run.seconds.toFixed(3)} s = ${run.ratio.toFixed(2)}, peak memory ${run.peak_memory_mib.toFixed(0)} MiB`,
      );
    }
  }
  if (protocols.length > 0) {
    lines.push('', 'Protocols (messages a second through the whole pipeline, and the same file with tcpdump)');
    for (const { protocol, messages_per_second, ratio } of protocols) {
      lines.push(
        `  ${protocol.padEnd(12)} ${messages_per_second.toLocaleString('en').padStart(9)}/s   ${ratio.toFixed(1)} × tcpdump`,
      );
    }
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}
