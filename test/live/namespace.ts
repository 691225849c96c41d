import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { FIELDWATCH_MAIN } = process.env;
export const MAIN = FIELDWATCH_MAIN ?? join(ROOT, 'dist', 'sensor', 'main.js');
export const DIST = join(MAIN, '..', '..');

function has(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { stdio: 'ignore' }).error === undefined;
}

/** Why tests with network namespaces and real captures cannot run here; null: they can. */
export function whyNoNamespaces(): string | null {
  if (process.getuid?.() !== 0) return 'live capture tests need root';
  if (!has('ip', '-V')) return 'live capture tests need the ip command (iproute2)';
  if (!has('tcpdump', '--version')) return 'live capture tests need tcpdump';
  if (!existsSync(MAIN)) return 'live capture tests need the build (npm run build)';
  const probe = spawnSync('unshare', ['-n', 'true'], { stdio: 'ignore' });
  if (probe.status !== 0) return 'live capture tests need network namespaces';
  return null;
}

/** Says once, in one line, why a file's tests are skipped. */
export function sayWhySkipped(reason: string | null): boolean {
  if (reason !== null) process.stdout.write(`skipped: ${reason}\n`);
  return reason !== null;
}

const DEADLINE_MS = 20_000;

/** Waits until `probe` gives something; throws with `what` and the latest state when it does not in time. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | null | false,
  deadline = DEADLINE_MS,
): Promise<T> {
  const end = performance.now() + deadline;
  for (;;) {
    const value = probe();
    if (value !== undefined && value !== null && value !== false) return value;
    if (performance.now() > end) throw new Error(`not within ${deadline} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export type Line = Record<string, unknown> & { type: string };

/** A child process whose standard output is NDJSON. */
export class Talker {
  readonly lines: Line[] = [];
  readonly process: ChildProcess;
  stderr = '';
  exit: number | string | null = null;

  constructor(command: string, args: readonly string[]) {
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: process.env });
    let rest = '';
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) if (part !== '') this.lines.push(JSON.parse(part) as Line);
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.process.once('close', (code, signal) => {
      this.exit = code ?? signal ?? 'unknown';
    });
  }

  say(text: string): void {
    this.process.stdin?.write(`${text}\n`);
  }

  async ended(): Promise<number | string> {
    return await until(`the end of ${this.process.spawnargs.join(' ')}\n${this.stderr}`, () =>
      this.exit === null ? null : { exit: this.exit },
    ).then(({ exit }) => exit);
  }
}

let namespaces = 0;

/** A network namespace with a mirror port `m0` (no address) and the switch's side of it, `m1`. */
export class Namespace {
  readonly name = `fwlive-${process.pid}-${namespaces++}`;
  readonly #children: Talker[] = [];

  constructor() {
    this.#ip('netns', 'add', this.name);
    this.sh('sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1; ip link set lo up');
    this.addMirror();
  }

  /** Both ends; packets that are sent to 10.9.0.2 leave m1 and arrive at m0, where nobody answers. */
  addMirror(): void {
    this.sh(`ip link add m0 type veth peer name m1
      ip link set m0 up; ip link set m1 up
      ip addr add 10.9.0.1/24 dev m1; ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev m1 nud permanent`);
  }

  sh(script: string): string {
    const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', this.name, 'sh', '-ec', script], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${script}: ${stderr}`);
    return stdout;
  }

  node(...args: string[]): Talker {
    const child = new Talker('ip', ['netns', 'exec', this.name, process.execPath, ...args]);
    this.#children.push(child);
    return child;
  }

  /** Sends UDP packets towards the mirror port and returns when they were sent. */
  send(count: number, perSecond = 1000, bytes = 20): void {
    const script = `const s=require('node:dgram').createSocket('udp4');let n=0;
      const t=setInterval(()=>{if(n===${count}){clearInterval(t);s.close();return}n++;s.send(Buffer.alloc(${bytes}),9999,'10.9.0.2')},${1000 / perSecond})`;
    const { status, stderr } = spawnSync('ip', ['netns', 'exec', this.name, process.execPath, '-e', script], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
  }

  #ip(...args: string[]): void {
    const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
  }

  async remove(): Promise<void> {
    for (const child of this.#children) if (child.exit === null) child.process.kill('SIGTERM');
    for (const child of this.#children) await child.ended();
    this.#ip('netns', 'del', this.name);
  }
}
