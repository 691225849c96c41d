import { ANY_INTERFACE, isInterfaceName, listInterfaces, readAddresses } from '../capture/live/network-interfaces.js';
import { type ConfigLayer, type LoadedConfig, loadConfig } from '../config.js';
import { outboxOptions } from '../export/plan.js';
import type { Alert, InterfaceHealth } from '../model/records.js';
import { retentionLimits } from '../store/sqlite/retention.js';
import { StoreError } from '../store/store.js';
import { ExportThread } from '../threads/export-thread.js';
import { LiveSession } from '../threads/live-session.js';
import type { LiveStatus } from '../threads/messages.js';
import { EXIT, UsageError } from './cli-error.js';
import { consoleSettings, signInText } from './console.js';
import type { RegisterCommand } from './program.js';
import { soundRules } from './rule-settings.js';
import { ruleWorkshop } from './rule-workshop.js';
import { exportOptions } from './settings.js';

interface LiveFlags {
  interface?: string[];
  data?: string;
  config?: string;
  phase?: string;
  sensor?: string;
  source?: string;
  filter?: string;
  snaplen?: string;
  promiscuous: boolean;
  latency?: string;
  buffer?: string;
  trafficTimeout?: string;
  console?: boolean;
  listen?: string;
  json?: boolean;
}

/** Alert ids remembered so that `--json` prints each alert once. */
const MAX_TOLD = 100_000;

const say = (text: string) => process.stderr.write(`${text}\n`);

/** A flag's number stays text when it is none, so that the schema's sentence names it. */
function number(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return (/^\d+$/.test(text) ? Number(text) : text) as number;
}

function settings(flags: LiveFlags): LoadedConfig {
  const layer = {
    data: flags.data,
    phase: flags.phase,
    sensor: flags.sensor,
    capture: {
      interfaces: flags.interface,
      source: flags.source,
      filter: flags.filter,
      snaplen: number(flags.snaplen),
      promiscuous: flags.promiscuous ? undefined : false,
      latency: flags.latency,
      buffer_megabytes: number(flags.buffer),
      no_traffic_seconds: number(flags.trafficTimeout),
    },
    console: { listen: flags.listen },
  };
  return loadConfig({ file: flags.config, flags: layer as ConfigLayer });
}

function checkInterfaces(names: readonly string[]): string[] {
  const known = listInterfaces();
  const there = `the interfaces of this machine are ${known.join(', ')}`;
  if (names.length === 0) throw new UsageError(`no interface to capture on: name one with -i, ${there}.`);
  for (const name of names) {
    if (name === ANY_INTERFACE) continue;
    if (!isInterfaceName(name) || !known.includes(name))
      throw new UsageError(`there is no interface ${JSON.stringify(name)}: ${there}.`);
  }
  return [...new Set(names)];
}

/** 0.0.0.0 stands for every IPv4 address of this machine, :: for every address. */
export function isListenedOn(host: string, address: string): boolean {
  return host === address || host === '::' || (host === '0.0.0.0' && !address.includes(':'));
}

/** The console belongs on the management network: on a monitored interface it would make the sensor visible. */
function checkListen(listen: string, interfaces: readonly string[]): void {
  const host = listen.slice(0, listen.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  for (const name of interfaces) {
    if (name === 'lo') continue;
    const there = readAddresses(name).find((address) => isListenedOn(host, address));
    if (there !== undefined)
      throw new UsageError(
        `the console would listen on ${host === there ? host : `${host} and so on ${there}`}, which is an address of the monitored interface ${name}: choose another with --listen.`,
      );
  }
}

/** Figures of the running sensor for a person at the terminal, one line that is drawn over. */
class StatusLine {
  readonly #terminal = process.stderr.isTTY === true;
  readonly #states = new Map<string, InterfaceHealth['state']>();
  #packets = 0;
  #at = performance.now();

  show(status: LiveStatus): void {
    for (const { name, state } of status.interfaces) {
      const before = this.#states.get(name);
      if (before !== state && (before !== undefined || state !== 'restarting')) this.line(stateSentence(name, state));
      if (before !== undefined || state !== 'restarting') this.#states.set(name, state);
    }
    const now = performance.now();
    const rate = Math.round(((status.packets - this.#packets) * 1000) / Math.max(now - this.#at, 1));
    this.#packets = status.packets;
    this.#at = now;
    if (!this.#terminal) return;
    const figures = [
      `${rate} packets/s`,
      `${status.packets} packets`,
      `${drops(status)} dropped`,
      `${status.assets} assets`,
      `${status.openAlerts} open alerts`,
    ];
    process.stderr.write(`\r\u001b[K${figures.join('  ')}`);
  }

  /** A line of its own above the figures. */
  line(text: string): void {
    if (this.#terminal) process.stderr.write('\r\u001b[K');
    say(text);
  }
}

function drops(status: LiveStatus): string {
  const counts = status.interfaces.map((i) => i.dropped_by_kernel);
  return counts.includes(null) ? 'unknown' : String(counts.reduce<number>((sum, count) => sum + (count ?? 0), 0));
}

function stateSentence(name: string, state: InterfaceHealth['state']): string {
  const sentences: Record<InterfaceHealth['state'], string> = {
    capturing: `${name}: capturing`,
    link_down: `${name}: the link is down, nothing is seen until it is back`,
    gone: `${name}: the interface is gone, nothing is seen until it is back`,
    no_traffic: `${name}: the link is up, but no packets arrive`,
    restarting: `${name}: the capture ended and is started again`,
    finished: `${name}: the source has ended`,
    stopped: `${name}: stopped`,
  };
  return sentences[state];
}

function summary(status: LiveStatus | null): string {
  if (status === null) return 'Stopped before anything was captured.';
  return `Stopped after ${status.packets} packets (${drops(status)} dropped); the store holds ${status.assets} assets and ${status.openAlerts} open alerts.`;
}

async function live(flags: LiveFlags): Promise<void> {
  const loaded = settings(flags);
  const { config } = loaded;
  const exports = exportOptions(loaded);
  const interfaces = checkInterfaces(config.capture.interfaces);
  if (flags.console && config.console.listen !== '') checkListen(config.console.listen, interfaces);
  const line = new StatusLine();
  const told = new Set<string>();
  const tellAlerts = (alerts: Alert[]) => {
    for (const alert of alerts) {
      if (told.has(alert.id)) continue;
      if (told.size < MAX_TOLD) told.add(alert.id);
      process.stdout.write(`${JSON.stringify(alert)}\n`);
    }
  };
  const served: { console: Promise<{ close(): Promise<void> } | null> | null } = { console: null };
  const delivery = new ExportThread(exports, (sentence) => line.line(`fieldwatch: ${sentence}`));
  let delivers = false;
  const session = new LiveSession({
    data: config.data,
    outbox: outboxOptions(config.export, config.data, exports.hasFile),
    retention: retentionLimits(config.retention),
    sensor: config.sensor,
    phase: config.phase,
    autoProtect: config.baseline.auto_protect,
    site: { zones: config.zones, stations: config.stations, maintenance: config.maintenance },
    rules: soundRules(config, config.data).settings,
    interfaces: interfaces.map((name) => ({ name })),
    capture: {
      source: config.capture.source,
      filter: config.capture.filter,
      snaplen: config.capture.snaplen,
      promiscuous: config.capture.promiscuous,
      bufferMegabytes: config.capture.buffer_megabytes,
      latency: config.capture.latency,
    },
    timing: { noTrafficSeconds: config.capture.no_traffic_seconds },
    tellAlerts: flags.json === true,
    onAlerts: tellAlerts,
    onNotice: (sentence) => line.line(`fieldwatch: ${sentence}`),
    onStatus: (status) => {
      line.show(status);
      // The store is there now.
      if (!delivers) delivery.start();
      delivers = true;
      if (flags.console) served.console ??= openConsole(loaded, exports, line);
    },
  });

  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) {
      for (const pid of session.captureProcesses) process.kill(pid, 'SIGKILL');
      process.exit(EXIT.failed);
    }
    stop.abort();
  };
  // For a terminal this means that it is gone; for a service, that its settings were changed.
  const onHangUp = process.stderr.isTTY ? onSignal : () => session.reloadRules();
  process.on('SIGHUP', onHangUp);
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const result = await session.run(stop.signal);
    line.line(summary(result.status));
    if (result.unconfirmed > 0) {
      say('fieldwatch: the store did not take the last findings in time; the newest may be missing.');
      process.exitCode = EXIT.failed;
    }
  } catch (error) {
    if (error instanceof StoreError) throw new UsageError(error.message);
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
    process.off('SIGHUP', onHangUp);
    await Promise.all([delivery.stop(), served.console?.then((console) => console?.close())]);
  }
}

async function openConsole(
  loaded: LoadedConfig,
  exports: ReturnType<typeof exportOptions>,
  line: StatusLine,
): Promise<{ close(): Promise<void> } | null> {
  try {
    const { startConsole } = await import('../../console/api/start.js');
    const { config } = loaded;
    const running = await startConsole({
      ...(await consoleSettings(config)),
      data: config.data,
      site: config.site,
      exports,
      rules: ruleWorkshop(loaded, config.data),
    });
    for (const warning of running.warnings) line.line(`fieldwatch: ${warning}`);
    line.line(signInText(running.url, running.setupCode).trimEnd());
    return running;
  } catch (error) {
    // The sensor goes on: seeing matters more than being looked at.
    line.line(
      `fieldwatch: the console could not be started: ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  }
}

export const registerLive: RegisterCommand = (program) => {
  const collect = (name: string, names: string[] | undefined) => [...(names ?? []), name];
  program
    .command('live')
    .description('Watch live interfaces until SIGINT or SIGTERM. Only listens, never sends.')
    .option('-i, --interface <name>', 'interface to capture on; may be repeated', collect)
    .option('--data <dir>', 'folder of everything that is kept')
    .option('--config <file>', 'settings file')
    .option('--phase <phase>', 'learn, protect or auto')
    .option('--sensor <name>', 'name of this sensor in what it reports')
    .option('--source <source>', 'tcpdump or cap')
    .option('-f, --filter <expression>', 'capture filter, pcap-filter(7) syntax')
    .option('-s, --snaplen <bytes>', 'bytes kept of each packet')
    .option('--no-promiscuous', 'leave the interface as it is')
    .option('--latency <mode>', 'low, or bulk for links with more than 100,000 packets a second')
    .option('--buffer <megabytes>', "kernel's buffer for each interface")
    .option('--traffic-timeout <seconds>', 'alert when a link carries nothing for so long; 0: never')
    .option('--console', 'also serve the console')
    .option('--listen <address:port>', 'where the console listens')
    .option('--json', 'print new alerts on standard output, one JSON object a line')
    .action(live);
};
