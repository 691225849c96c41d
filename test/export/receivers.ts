import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Real receivers and hostile ones, on loopback. */

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

export async function until(what: string, isSo: () => boolean, limitMs = 30_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** One line of rsyslog's own JSON output. */
export interface ReceivedSyslog {
  host: string;
  app: string;
  msgid: string;
  sd: string;
  msg: string;
}

const HAS_RSYSLOG = spawnSync('rsyslogd', ['-v']).status === 0;
export const WITHOUT_RSYSLOG = HAS_RSYSLOG
  ? ''
  : 'skipped: rsyslog is not installed (apt install rsyslog rsyslog-openssl)';

/** rsyslog as Debian brings it, with UDP and TCP on one port and, with certificates, TLS that asks for one on another. */
export class Rsyslog {
  readonly folder = mkdtempSync(join(tmpdir(), 'fieldwatch-rsyslog-'));
  readonly port: number;
  readonly tlsPort: number;
  #child: ChildProcess | null = null;

  private constructor(port: number, tlsPort: number) {
    this.port = port;
    this.tlsPort = tlsPort;
  }

  /** `tls`: PEM files of the receiver and who signed the certificates of senders. */
  static async create(tls?: { ca: string; cert: string; key: string; clientName: string }): Promise<Rsyslog> {
    const receiver = new Rsyslog(await freePort(), await freePort());
    const { folder, port, tlsPort } = receiver;
    const tlsGlobal = tls
      ? `defaultNetstreamDriverCAFile="${tls.ca}" defaultNetstreamDriverCertFile="${tls.cert}" defaultNetstreamDriverKeyFile="${tls.key}"`
      : '';
    const tlsInput = tls
      ? `input(type="imtcp" address="127.0.0.1" port="${tlsPort}" ruleset="w" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="x509/name" permittedPeer=["${tls.clientName}"])`
      : '';
    writeFileSync(
      join(folder, 'rsyslog.conf'),
      `global(maxMessageSize="64k" workDirectory="${folder}" ${tlsGlobal})
module(load="imudp") module(load="imtcp")
template(name="j" type="list" option.jsonf="on") { property(outname="host" name="hostname" format="jsonf")
  property(outname="app" name="app-name" format="jsonf") property(outname="msgid" name="msgid" format="jsonf")
  property(outname="sd" name="structured-data" format="jsonf") property(outname="msg" name="msg" format="jsonf") }
ruleset(name="w"){ action(type="omfile" file="${folder}/out.jsonl" template="j") }
input(type="imudp" address="127.0.0.1" port="${port}" ruleset="w")
input(type="imtcp" address="127.0.0.1" port="${port}" ruleset="w")
${tlsInput}
`,
    );
    return receiver;
  }

  async start(): Promise<void> {
    const child = spawn('rsyslogd', ['-n', '-f', join(this.folder, 'rsyslog.conf'), '-i', join(this.folder, 'pid')], {
      stdio: 'ignore',
    });
    this.#child = child;
    const hex = this.port.toString(16).toUpperCase().padStart(4, '0');
    await until('rsyslog to listen', () =>
      readFileSync('/proc/net/tcp', 'latin1').includes(`0100007F:${hex} 00000000:0000 0A`),
    );
  }

  /** As a crash would: nothing is flushed or read any more. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  received(): ReceivedSyslog[] {
    const file = join(this.folder, 'out.jsonl');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n');
    // The last line may be half written.
    return lines.slice(0, -1).map((line) => JSON.parse(line) as ReceivedSyslog);
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A receiver that does what it should not. It reads octet-counted messages as a strict reader would. */
export class FakeReceiver {
  readonly messages: string[] = [];
  readonly port: number;
  connections = 0;
  /** What is wrong with what came: framing that does not fit. */
  readonly faults: string[] = [];
  #server: Server | null = null;
  readonly #sockets = new Set<Socket>();
  readonly #onSocket: (socket: Socket, receiver: FakeReceiver) => void;

  constructor(port: number, onSocket: (socket: Socket, receiver: FakeReceiver) => void = readAll) {
    this.port = port;
    this.#onSocket = onSocket;
  }

  async listen(): Promise<void> {
    const server = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
      this.#onSocket(socket, this);
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
  }

  /** Breaks every connection and listens no more. */
  async vanish(): Promise<void> {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    const server = this.#server;
    this.#server = null;
    if (server) await new Promise((resolve) => server.close(resolve));
  }
}

/** Takes octet-counted messages apart (RFC 6587 section 3.4.1) and keeps them. */
export function readAll(socket: Socket, receiver: FakeReceiver): void {
  const take = octetCounted(receiver);
  socket.on('data', take);
}

export function octetCounted(receiver: FakeReceiver): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const space = rest.indexOf(0x20);
      if (space < 0) {
        if (rest.length > 10) receiver.faults.push(`no length in ${rest.subarray(0, 20).toString()}`);
        return;
      }
      const digits = rest.toString('latin1', 0, space);
      if (!/^[1-9]\d{0,5}$/.test(digits)) {
        receiver.faults.push(`bad length ${JSON.stringify(digits.slice(0, 20))}`);
        return;
      }
      const end = space + 1 + Number(digits);
      if (rest.length < end) return;
      receiver.messages.push(rest.toString('utf8', space + 1, end));
      rest = rest.subarray(end);
    }
  };
}

/** The JSON object behind the header of RFC 5424. */
export function jsonOf(message: string): Record<string, unknown> {
  return JSON.parse(message.slice(message.indexOf('] {') + 2)) as Record<string, unknown>;
}
