import type { Command } from 'commander';
import { FileSource, STANDARD_INPUT } from '../capture/file-source.js';
import { carryOver } from '../decisions/carry-over.js';
import type { SigmaRule } from '../detection/sigma/rule.js';
import type { LearningPhase, SensorHealth } from '../model/records.js';
import type { Site } from '../model/site.js';
import { MICROS_PER_SECOND } from '../model/time.js';
import { createSensor } from '../pipeline/create-sensor.js';
import type { Sensor } from '../pipeline/sensor.js';
import { SqliteFindingsStore } from '../store/sqlite/findings-store.js';
import type { OutboxOptions } from '../store/sqlite/outbox.js';
import { type RetentionLimits, retentionLimits } from '../store/sqlite/retention.js';
import { type FindingsWriter, StoreError } from '../store/store.js';
import { EXIT, UsageError } from './cli-error.js';
import { type FileProgress, fileProgress, tellProgress } from './file-progress.js';
import { soundRules } from './rule-settings.js';
import { currentSettings, exportOptions } from './settings.js';
import { safeText } from './terminal.js';

const PHASES = ['learn', 'protect', 'auto'] as const;
export type PhaseOption = (typeof PHASES)[number];

/** Findings are written at most this often while a replay runs. */
const WRITE_INTERVAL_MS = 5000;
/** And so seldom that writing takes no more than this part of the time: in a fast replay everything has changed. */
const WRITE_SHARE = 0.05;
const PROGRESS_INTERVAL_MS = 500;

export interface ReplaySummary {
  packets: number;
  bytes: number;
  capture_seconds: number;
  wall_seconds: number;
  packets_per_second: number;
  flows: number;
  pdus: Record<string, number>;
  assets: number;
  conversations: number;
  alerts: Record<string, number>;
  dropped: number;
  malformed: number;
  anomalies: Record<string, number>;
  phase: LearningPhase;
  /** Inputs that were damaged, one sentence each. */
  damaged: string[];
}

interface ReplayOptions {
  data?: string;
  phase?: string;
  sensor?: string;
  exportTimeout?: string;
  json?: boolean;
  progress?: boolean;
}

export interface ReplayRun {
  readonly captures: readonly string[];
  readonly data: string;
  readonly phase: PhaseOption;
  readonly autoProtect?: boolean;
  readonly sensor: string;
  readonly site?: Site;
  /** Who exports what is found; absent: as the store has it. */
  readonly outbox?: OutboxOptions;
  readonly retention?: RetentionLimits;
  /** Those that are used; absent: the product's. */
  readonly rules?: readonly SigmaRule[];
  /** Told while it runs how far it is, for another program. */
  readonly onProgress?: (progress: FileProgress) => void;
}

function progress(sensor: Sensor, startedAt: number): string {
  const { packets } = sensor.counters;
  const seconds = (Date.now() - startedAt) / 1000;
  return `${count(packets)} packets, ${count(Math.round(packets / Math.max(seconds, 0.001)))}/s, ${sensor.assetCount} devices`;
}

/** Analyses capture files, one after the other as one timeline, and writes what is found to the data directory. */
export async function replay(run: ReplayRun): Promise<ReplaySummary> {
  const startedAt = Date.now();
  const store = openStore(run);
  try {
    const trouble = carryOver(run.data, store);
    if (trouble !== null) process.stderr.write(`fieldwatch: ${trouble}\n`);
    const memory = store.loadSensorMemory();
    const phase = run.phase === 'auto' ? (memory.phase ?? 'learn') : run.phase;
    const sensor = createSensor({
      sensor: run.sensor,
      mode: 'replay',
      phase,
      ...(run.autoProtect === undefined ? {} : { autoProtect: run.autoProtect }),
      memory,
      ...(run.site ? { site: run.site } : {}),
      ...(run.rules ? { rules: run.rules } : {}),
    });
    const sources: FileSource[] = [];
    let writtenAt = startedAt;
    let pause = WRITE_INTERVAL_MS;
    let shownAt = startedAt;
    const ready = async () => {
      const now = Date.now();
      if (now - writtenAt >= pause) {
        writeFindings(sensor, sources, store);
        writtenAt = Date.now();
        pause = Math.max(WRITE_INTERVAL_MS, (writtenAt - now) / WRITE_SHARE);
      }
      if (now - shownAt < PROGRESS_INTERVAL_MS) return;
      shownAt = now;
      if (process.stderr.isTTY) process.stderr.write(`\r${progress(sensor, startedAt)}   `);
      run.onProgress?.(fileProgress(run.captures, sources, sensor.counters.packets));
    };
    const damaged: string[] = [];
    for (const path of run.captures) {
      const source = new FileSource(path);
      sources.push(source);
      sensor.addCapture(path);
      await source.run({ packet: (packet) => sensor.packet(packet), ready }, new AbortController().signal);
      if (source.damage) {
        damaged.push(
          `${path} is damaged at byte ${source.damage.offset}: ${source.damage.reason}; ${source.packets} packets were analysed`,
        );
      }
    }
    sensor.finish();
    const health = writeFindings(sensor, sources, store);
    if (process.stderr.isTTY) process.stderr.write(`\r${progress(sensor, startedAt)}   \n`);
    return summarise(sensor, health, damaged, (Date.now() - startedAt) / 1000);
  } finally {
    store.close();
  }
}

function openStore({ data, outbox, retention }: ReplayRun): SqliteFindingsStore {
  try {
    return new SqliteFindingsStore(data, { role: 'sensor', outbox, retention });
  } catch (error) {
    if (error instanceof StoreError) throw new UsageError(error.message);
    throw error;
  }
}

function writeFindings(sensor: Sensor, sources: readonly FileSource[], store: FindingsWriter): SensorHealth {
  const batch = sensor.collect(true);
  const health: SensorHealth = {
    ...batch.health,
    interfaces: sources.flatMap((source) => source.health()),
    memory_bytes: process.memoryUsage.rss(),
  };
  store.write({ ...batch, health });
  return health;
}

function summarise(sensor: Sensor, health: SensorHealth, damaged: string[], wallSeconds: number): ReplaySummary {
  const { counters } = sensor;
  const span = counters.packets === 0 ? 0 : (counters.lastPacket - counters.firstPacket) / MICROS_PER_SECOND;
  return {
    packets: counters.packets,
    bytes: counters.bytes,
    capture_seconds: Math.max(0, Math.round(span * 1000) / 1000),
    wall_seconds: wallSeconds,
    packets_per_second: Math.round(counters.packets / Math.max(wallSeconds, 0.001)),
    flows: sensor.flowsCreated,
    pdus: health.pdus,
    assets: sensor.assetCount,
    conversations: sensor.conversationCount,
    alerts: { ...sensor.alertsRaised },
    dropped: Object.values(health.dropped).reduce((sum, count) => sum + count, 0),
    malformed: health.malformed,
    anomalies: health.anomalies,
    phase: sensor.phase,
    damaged,
  };
}

/** 1,234,567; `toLocaleString` would load the tables of all languages for 25 ms. */
const count = (value: number) => String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');

export function summaryText(summary: ReplaySummary): string {
  const pdus = Object.entries(summary.pdus)
    .filter(([, messages]) => messages > 0)
    .map(([protocol, messages]) => `${count(messages)} ${protocol}`)
    .join(', ');
  const alerts = Object.entries(summary.alerts)
    .map(([kind, number]) => `${number} ${kind}`)
    .join(', ');
  const lines = [
    [
      'Packets',
      `${count(summary.packets)} in ${summary.wall_seconds.toFixed(2)} s (${count(summary.packets_per_second)}/s)`,
    ],
    ['Captured time', `${count(Math.round(summary.capture_seconds))} s`],
    ['Messages', pdus === '' ? 'none of a known industrial protocol' : pdus],
    ['Devices', count(summary.assets)],
    ['Conversations', count(summary.conversations)],
    ['New alerts', alerts === '' ? 'none' : alerts],
    ['Malformed', count(summary.malformed)],
    ['Not kept', count(summary.dropped)],
    ['Phase', summary.phase === 'learn' ? 'learning what is normal' : 'protecting: deviations raise alerts'],
  ];
  return `${lines.map(([name, value]) => `${name!.padEnd(14)} ${value}`).join('\n')}\n`;
}

export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description('analyse capture files exactly as live traffic')
    .argument('<capture...>', 'capture files in order of time (pcap, pcapng, gzip of either; - is standard input)')
    .option('--data <dir>', 'data directory (FIELDWATCH_DATA; ./fieldwatch-data)')
    .option(
      '--phase <phase>',
      'learn: new things become normal; protect: they raise alerts; auto: as the data directory is',
      'auto',
    )
    .option('--sensor <name>', 'name of the sensor in what it reports')
    .option(
      '--export-timeout <seconds>',
      'how long exporters may take at the end; what is left waits for the next time; 0: leave it all',
      '30',
    )
    .option('--json', 'print the summary as one JSON object')
    .option('--progress', 'tell on standard error, as NDJSON, how much of the files has been read')
    .action(async (captures: string[], options: ReplayOptions) => {
      const phase = PHASES.find((name) => name === options.phase);
      if (!phase) throw new UsageError(`--phase "${options.phase}" does not exist; use learn, protect or auto`);
      if (captures.filter((path) => path === STANDARD_INPUT).length > 1) {
        throw new UsageError('standard input (-) can be given only once');
      }
      const exportSeconds = Number(options.exportTimeout ?? 0);
      if (!(exportSeconds >= 0 && exportSeconds <= 86_400))
        throw new UsageError(`--export-timeout ${options.exportTimeout} is not a number of seconds from 0 to 86400`);
      const settings = currentSettings();
      const { config } = settings;
      const data = options.data ?? config.data;
      const sensor = options.sensor ?? config.sensor;
      const exports = exportOptions(settings, { data, sensor });
      // Only who exports loads what it takes.
      const { outboxOptions } = await import('../export/plan.js');
      const outbox = outboxOptions(exports.config, data, exports.hasFile);
      const summary = await replay({
        captures,
        data,
        phase,
        autoProtect: config.baseline.auto_protect,
        sensor,
        site: { zones: config.zones, stations: config.stations, maintenance: config.maintenance },
        outbox,
        retention: retentionLimits(config.retention),
        rules: soundRules(config, data).rules,
        ...(options.progress ? { onProgress: tellProgress } : {}),
      });
      const mayExport = (outbox.exporters?.length ?? 0) > 0 && exportSeconds > 0;
      if (mayExport) await (await import('./export.js')).sendWaiting(exports, exportSeconds * 1000);
      process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
      for (const sentence of summary.damaged) process.stderr.write(`fieldwatch: ${safeText(sentence)}\n`);
      if (summary.damaged.length > 0) process.exitCode = EXIT.damagedInput;
    });
}
