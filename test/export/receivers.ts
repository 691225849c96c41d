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

/** Where syslog-ng lies: installed, or unpacked into a folder because its Debian package cannot stand beside rsyslog. */
const UNPACKED = process.env['FIELDWATCH_SYSLOG_NG'] ?? '';
export const WITHOUT_SYSLOG_NG =
  UNPACKED !== '' || spawnSync('syslog-ng', ['-V']).status === 0
    ? ''
    : 'skipped: syslog-ng is not installed (install it, or unpack its packages and name the folder in FIELDWATCH_SYSLOG_NG)';

export const SYSLOG_NG = {
  /** With all that it writes in `folder`. */
  spawn(folder: string, config: string): ChildProcess {
    const own = ['-R', join(folder, 'persist'), '-p', join(folder, 'pid'), '-c', join(folder, 'ctl')];
    if (UNPACKED === '') return spawn('syslog-ng', ['-F', '-f', config, ...own], { stdio: 'ignore' });
    const libraries = ['usr/lib/syslog-ng', 'usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'];
    return spawn(
      join(UNPACKED, 'usr/sbin/syslog-ng'),
      ['-F', '-f', config, ...own, `--module-path=${join(UNPACKED, 'usr/lib/syslog-ng/3.38')}`],
      {
        stdio: 'ignore',
        env: { ...process.env, LD_LIBRARY_PATH: libraries.map((path) => join(UNPACKED, path)).join(':') },
      },
    );
  },
};

/** syslog-ng with TCP, TLS (which asks for a certificate of the sender) and UDP. */
export class SyslogNg {
  readonly folder = mkdtempSync(join(tmpdir(), 'fieldwatch-syslog-ng-'));
  #child: ChildProcess | null = null;

  async start(port: number, tlsPort: number, tls: { ca: string; cert: string; key: string }): Promise<void> {
    const config = join(this.folder, 'syslog-ng.conf');
    writeFileSync(
      config,
      `@version: 3.35
options { keep-hostname(yes); log-msg-size(65536); };
source s {
  syslog(ip("127.0.0.1") port(${port}) transport("udp"));
  syslog(ip("127.0.0.1") port(${port}) transport("tcp"));
  syslog(ip("127.0.0.1") port(${tlsPort}) transport("tls")
    tls(key-file("${tls.key}") cert-file("${tls.cert}") ca-file("${tls.ca}") peer-verify(required-trusted)));
};
destination d { file("${this.folder}/out.txt" template("\${MSG}\\n")); };
log { source(s); destination(d); };
`,
    );
    this.#child = SYSLOG_NG.spawn(this.folder, config);
    const hex = tlsPort.toString(16).toUpperCase().padStart(4, '0');
    await until('syslog-ng to listen', () =>
      readFileSync('/proc/net/tcp', 'latin1').includes(`0100007F:${hex} 00000000:0000 0A`),
    );
  }

  received(): string[] {
    const file = join(this.folder, 'out.txt');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  }

  async end(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const WITHOUT_OPENSSL =
  spawnSync('openssl', ['version']).status === 0 ? '' : 'skipped: openssl is not installed';

/** A certificate authority of the test's own, and what it signs. */
export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), 'fieldwatch-ca-'));
  readonly ca = join(this.folder, 'ca.pem');

  constructor(name = 'Test authority') {
    this.#openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
    );
  }

  /** `dates` in the form YYYYMMDDHHMMSSZ, for a certificate that has expired. */
  issue(name: string, names: string, dates?: [from: string, to: string]): { cert: string; key: string } {
    this.#openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
    );
    writeFileSync(join(this.folder, 'ext'), `subjectAltName=${names}\n`);
    if (dates) {
      writeFileSync(join(this.folder, 'index.txt'), '');
      writeFileSync(join(this.folder, 'serial'), '1000\n');
      writeFileSync(
        join(this.folder, 'ca.cnf'),
        `[ca]\ndefault_ca=d\n[d]\ndir=${this.folder}\ndatabase=${this.folder}/index.txt\nserial=${this.folder}/serial\nnew_certs_dir=${this.folder}\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n`,
      );
      this.#openssl(
        'ca',
        '-batch',
        '-config',
        'ca.cnf',
        '-cert',
        'ca.pem',
        '-keyfile',
        'ca.key',
        '-in',
        `${name}.csr`,
        '-out',
        `${name}.pem`,
        '-startdate',
        dates[0],
        '-enddate',
        dates[1],
        '-extfile',
        'ext',
        '-notext',
      );
    } else
      this.#openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-out',
        `${name}.pem`,
        '-days',
        '2',
        '-extfile',
        'ext',
      );
    return { cert: join(this.folder, `${name}.pem`), key: join(this.folder, `${name}.key`) };
  }

  #openssl(...args: string[]): void {
    const { status, stderr } = spawnSync('openssl', args, { cwd: this.folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
