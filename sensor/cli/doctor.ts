import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { classifyFailure } from '../capture/live/capture-messages.js';
import { listInterfaces, readAddresses, readLinkState, readMtu } from '../capture/live/network-interfaces.js';
import { ConfigError, loadConfig } from '../config.js';
import { examineExporters } from '../export/doctor.js';
import { type ExportConfig, planExporters } from '../export/plan.js';
import { availableDriver } from '../store/sqlite/database.js';
import { EXIT } from './cli-error.js';

type Verdict = 'ok' | 'warn' | 'fail';

export interface DoctorCheck {
  /** Stable name, for `--json`. */
  check: string;
  verdict: Verdict;
  /** What was found. */
  finding: string;
  /** What to do about it; absent when all is well. */
  advice?: string;
}

const MIN_NODE = [20, 19] as const;
const MIN_DISK_BYTES = 100 * 1024 ** 2;
const LOW_DISK_BYTES = 2 * 1024 ** 3;
const LOW_MEMORY_BYTES = 900 * 1024 ** 2;
const TOOL_TIMEOUT_MS = 5000;
const PERMISSION_ADVICE =
  'run fieldwatch as a service with AmbientCapabilities=CAP_NET_RAW, or with sudo (docs/live-capture.md)';

const ok = (check: string, finding: string): DoctorCheck => ({ check, verdict: 'ok', finding });
const warn = (check: string, finding: string, advice: string): DoctorCheck => ({
  check,
  verdict: 'warn',
  finding,
  advice,
});
const fail = (check: string, finding: string, advice: string): DoctorCheck => ({
  check,
  verdict: 'fail',
  finding,
  advice,
});

/** Output of a tool, or null when it is not installed or does not answer. */
function tool(command: string, args: readonly string[]): string | null {
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: TOOL_TIMEOUT_MS,
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (result.error || result.status === null) return null;
  return `${result.stdout}${result.stderr}`;
}

function checkNode(): DoctorCheck {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isEnough = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  return isEnough
    ? ok('node', `Node.js ${process.versions.node}`)
    : fail('node', `Node.js ${process.versions.node} is too old`, `install Node.js ${MIN_NODE.join('.')} or newer`);
}

function checkMemory(): DoctorCheck {
  const text = `${(totalmem() / 1024 ** 3).toFixed(1)} GiB of memory`;
  return totalmem() < LOW_MEMORY_BYTES
    ? warn('memory', text, 'a sensor needs about 1 GiB; on less, long address scans make it forget sooner')
    : ok('memory', text);
}

function checkSqlite(): DoctorCheck {
  const { driver, problem } = availableDriver();
  return driver === 'native'
    ? ok('sqlite', 'native SQLite (better-sqlite3)')
    : warn(
        'sqlite',
        `SQLite runs as WebAssembly, which is slower (${problem.replace(/[.\s]*Tried:$/, '')})`,
        'install a C++ compiler and make, then run "npm rebuild better-sqlite3"',
      );
}

function checkTcpdump(): DoctorCheck {
  const text = tool('tcpdump', ['--version']);
  if (text === null)
    return fail(
      'tcpdump',
      'tcpdump is not installed, so live capture has no source',
      'install it, e.g. "apt install tcpdump"',
    );
  const version = /tcpdump version (\S+)/.exec(text)?.[1] ?? 'of unknown version';
  const libpcap = /libpcap version (\S+)/.exec(text)?.[1] ?? 'of unknown version';
  return ok('tcpdump', `tcpdump ${version} with libpcap ${libpcap}`);
}

function checkCap(): DoctorCheck {
  try {
    createRequire(import.meta.url)('cap');
    return ok('cap', 'the optional cap package is installed (--source cap)');
  } catch (error) {
    const why = (error as Error).message.split('\n', 1)[0] ?? '';
    return {
      check: 'cap',
      verdict: 'ok',
      finding: `the optional cap package cannot be loaded (${why}); tcpdump is used, nothing is missing`,
    };
  }
}

/** Opens a capture on the loopback interface for a moment: the one certain answer. */
async function checkPermission(): Promise<DoctorCheck> {
  const child = spawn('tcpdump', ['-i', 'lo', '-n', '-p', '-w', '-'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  const words = await new Promise<string>((settle) => {
    let text = '';
    const timer = setTimeout(() => settle(text), TOOL_TIMEOUT_MS);
    const done = () => {
      clearTimeout(timer);
      settle(text);
    };
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('listening on')) done();
    });
    child.once('error', done);
    child.once('close', done);
  });
  child.kill('SIGKILL');
  if (!words.includes('listening on')) {
    const why =
      words
        .trim()
        .split('\n', 1)[0]
        ?.replace(/^tcpdump: /, '') ?? '';
    return classifyFailure(words) === 'permission'
      ? fail('permission', 'packets may not be captured', PERMISSION_ADVICE)
      : fail('permission', `a test capture failed (${why === '' ? 'no answer' : why})`, PERMISSION_ADVICE);
  }
  return process.getuid?.() === 0
    ? warn('permission', 'packets may be captured, because this is root', `better ${PERMISSION_ADVICE}`)
    : ok('permission', 'packets may be captured');
}

function checkInterface(name: string, isChosen: boolean): DoctorCheck {
  const check = `interface ${name}`;
  const { up } = readLinkState(name);
  const mtu = readMtu(name);
  const details = mtu === null ? '' : `, MTU ${mtu}`;
  if (up === false && !isChosen) return ok(check, `${name}: no link${details}`);
  if (up === false)
    return warn(
      check,
      `${name}: no link${details}`,
      `bring it up with "ip link set ${name} up", check cable and switch`,
    );
  const addresses = readAddresses(name);
  if (name !== 'lo' && addresses.length > 0)
    return ok(check, `${name}: link up${details}, has ${addresses.join(', ')}; a mirror port should have no address`);
  return ok(check, `${name}: link up${details}${name === 'lo' ? '' : ', no address, as a mirror port should be'}`);
}

function checkOffload(name: string): DoctorCheck {
  const check = `offload ${name}`;
  const text = tool('ethtool', ['-k', name]);
  if (text === null)
    return warn(check, `${name}: offload settings are unknown`, 'install ethtool to have them checked');
  const merging = ['generic-receive-offload', 'large-receive-offload'].filter((feature) =>
    new RegExp(`^${feature}: on`, 'm').test(text),
  );
  if (merging.length === 0) return ok(check, `${name}: frames are seen as they were sent (GRO and LRO off)`);
  return warn(
    check,
    `${name}: the kernel merges frames before they are seen (${merging.join(', ')})`,
    `for a mirror port: "ethtool -K ${name} gro off lro off"`,
  );
}

function checkClock(): DoctorCheck {
  const synchronised = tool('timedatectl', ['show', '--property=NTPSynchronized', '--value'])?.trim();
  if (synchronised === 'yes') return ok('clock', 'the clock is synchronised');
  if (synchronised === 'no')
    return warn('clock', 'the clock is not synchronised', 'set up NTP: alerts are only as comparable as their times');
  const chrony = tool('chronyc', ['-n', 'tracking']);
  if (chrony !== null && /Leap status\s*:\s*Normal/.test(chrony))
    return ok('clock', 'the clock is synchronised (chrony)');
  return warn(
    'clock',
    'whether the clock is synchronised is unknown',
    'make sure that NTP runs (systemd-timesyncd, chrony)',
  );
}

function checkData(data: string): DoctorCheck[] {
  let existing = resolve(data);
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const checks: DoctorCheck[] = [];
  try {
    accessSync(existing, constants.W_OK);
    const isThere = existing === resolve(data);
    const mode = statSync(existing).mode & 0o777;
    if (!isThere) checks.push(ok('data', `${data} does not exist yet and can be made`));
    else if ((mode & 0o077) !== 0)
      checks.push(warn('data', `${data} can be read by others (mode ${mode.toString(8)})`, `"chmod 700 ${data}"`));
    else checks.push(ok('data', `${data} can be written and is closed to others`));
  } catch {
    checks.push(
      fail('data', `${data} cannot be written by this user`, 'choose another with --data or fix its permissions'),
    );
  }
  const { bavail, bsize } = statfsSync(existing);
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free on the disk of ${data}`;
  if (free < MIN_DISK_BYTES) checks.push(fail('disk', text, 'free some: findings could not be stored'));
  else if (free < LOW_DISK_BYTES) checks.push(warn('disk', text, 'keep at least 2 GiB free'));
  else checks.push(ok('disk', text));
  return checks;
}

/** Receivers of alerts: resolved, connected to, certificates, secrets; nothing is sent. */
async function checkExports(config: ExportConfig, data: string): Promise<DoctorCheck[]> {
  try {
    return await examineExporters(planExporters(config, data), data, Date.now());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [
      fail('export', `the exporters of the console cannot be read (${why})`, 'check console.db in the data folder'),
    ];
  }
}

interface DoctorFlags {
  data?: string;
  config?: string;
  interface?: string[];
  json?: boolean;
}

async function examine(flags: DoctorFlags): Promise<DoctorCheck[]> {
  const checks: DoctorCheck[] = [checkNode(), checkMemory(), checkSqlite()];
  let data = './fieldwatch-data';
  let chosen: readonly string[] = flags.interface ?? [];
  let exports: ExportConfig | null = null;
  try {
    const { config, file } = loadConfig({ file: flags.config, flags: { data: flags.data } as { data?: string } });
    data = config.data;
    exports = config.export;
    if (chosen.length === 0) chosen = config.capture.interfaces;
    checks.push(ok('settings', file === null ? 'no settings file, the defaults apply' : `${file} is valid`));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    checks.push(fail('settings', error.message, 'correct it; docs/configuration.md has all settings'));
  }
  const tcpdump = checkTcpdump();
  checks.push(tcpdump, checkCap());
  if (tcpdump.verdict === 'ok') checks.push(await checkPermission());
  const known = listInterfaces();
  for (const name of chosen)
    if (!known.includes(name))
      checks.push(fail(`interface ${name}`, `${name} does not exist`, `the interfaces are ${known.join(', ')}`));
  const shown = known.filter((name) => chosen.length === 0 || chosen.includes(name));
  for (const name of shown) {
    checks.push(checkInterface(name, chosen.length > 0));
    if (name !== 'lo' && readLinkState(name).up !== false) checks.push(checkOffload(name));
  }
  checks.push(checkClock(), ...checkData(data));
  if (exports !== null) checks.push(...(await checkExports(exports, data)));
  return checks;
}

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check the machine: capture, interfaces, clock, disk, settings, receivers of alerts')
    .option('-i, --interface <name>', 'only this interface; may be repeated', (name: string, names?: string[]) => [
      ...(names ?? []),
      name,
    ])
    .option('--data <dir>', 'data directory (FIELDWATCH_DATA; ./fieldwatch-data)')
    .option('--config <file>', 'settings file')
    .option('--json', 'one JSON object a line')
    .action(async (flags: DoctorFlags) => {
      const checks = await examine(flags);
      for (const check of checks) {
        const advice = check.advice === undefined ? '' : ` – ${check.advice}`;
        process.stdout.write(
          flags.json ? `${JSON.stringify(check)}\n` : `${check.verdict.padEnd(4)}  ${check.finding}${advice}\n`,
        );
      }
      if (checks.some((check) => check.verdict === 'fail')) process.exitCode = EXIT.failed;
    });
}
