import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { isIPv6, type Socket } from 'node:net';
import { type Channel, DeliveryError, type Exporter, type ExporterParts, type Step } from '../../exporter.js';
import type { SettingsOf } from '../../settings.js';
import { type ConnectionEnds, explain, failed, openTcp, openTls, resolveHost, unacknowledged } from '../connection.js';
import { syslogEncoder } from './message.js';

/** How long a receiver may take to close its side after we closed ours. */
const FINISH_MS = 2000;
/** For what is still on its way when the receiver closes its side, and how often is looked. */
const CONFIRM_MS = 500;
const CONFIRM_STEP_MS = 10;
/** For the ICMP message of a refused datagram to come back. */
const UDP_SETTLE_MS = 300;
/** A send that the socket has not taken after this time is a receiver that reads nothing. */
const WRITE_TIMEOUT_MS = 60_000;

type SyslogSettings = SettingsOf<'syslog'>;

export function createSyslogExporter(settings: SyslogSettings, parts: ExporterParts): Exporter {
  const { host, transport } = settings;
  const port = settings.port > 0 ? settings.port : transport === 'tls' ? 6514 : 514;
  const shownHost = isIPv6(host) ? `[${host}]` : host;
  const target = `${shownHost}:${port}`;
  return {
    target: `${transport}://${target}`,
    assurance: transport === 'udp' ? 'unconfirmed' : 'window',
    resendMs: settings.resend_seconds * 1000,
    batch: 200,
    encode: syslogEncoder(settings, parts),
    async connect(signal, step) {
      const addresses = await resolveHost(host, step);
      if (transport === 'udp') return openUdp(addresses[0] ?? host, port, target, step);
      const plain = await openTcp(addresses, port, target, signal, step);
      if (transport === 'tcp') return new StreamChannel(plain, plain, target);
      return new StreamChannel(
        await openTls(plain, host, settings.server_name, parts.secrets, target, signal, step),
        plain,
        target,
      );
    },
  };
}

/** TCP and TLS: one stream of messages. */
class StreamChannel implements Channel {
  readonly #socket: Socket;
  /** The TCP connection below; the same without TLS. */
  readonly #below: Socket;
  /** A closed socket does not know them any more. */
  readonly #ends: ConnectionEnds;
  failure: DeliveryError | null = null;
  #wake: (() => void) | null = null;
  #finished: ((wasRead: boolean) => void) | null = null;
  #isListed = false;
  #isConfirming = false;

  constructor(socket: Socket, below: Socket, target: string) {
    this.#socket = socket;
    this.#below = below;
    const { localPort, remotePort, remoteAddress } = below;
    this.#ends = { localPort, remotePort, remoteAddress };
    socket.on('error', (error) => this.#fail(explain(error, target)));
    if (below !== socket) below.on('error', (error) => this.#fail(explain(error, target)));
    socket.on('close', () => {
      if (!this.#isConfirming) this.#fail(`${target} closed the connection.`);
    });
    // A receiver that closes its side still acknowledges, but will not read: the end of the connection. After our own
    // end it is the only sign that it has read everything.
    socket.on('end', () => {
      // TLS says itself that this is the end, and the receiver may then be the first to close what is below.
      if (this.#finished !== null && below === socket) void this.#confirm(target);
      else {
        this.#finished?.(true);
        this.#fail(`${target} closed the connection.`);
      }
    });
    // Receivers say nothing; what one says anyway must not fill memory.
    socket.resume();
    socket.on('drain', () => this.#wake?.());
    this.#isListed = unacknowledged(below) !== null;
  }

  async send(messages: readonly Buffer[]): Promise<void> {
    if (this.failure) throw this.failure;
    const socket = this.#socket;
    socket.cork();
    let fits = true;
    for (const message of messages) fits = socket.write(message);
    socket.uncork();
    if (fits && !socket.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#fail('The receiver has read nothing for a minute.');
      }, WRITE_TIMEOUT_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.failure || !socket.writableNeedDrain) this.#wake();
    });
    this.#wake = null;
    if (this.failure) throw this.failure;
  }

  outstanding(): { bytes: number; isSilent: boolean } | null {
    const { writableLength } = this.#below;
    const below = unacknowledged({ ...this.#ends, writableLength });
    if (below) this.#isListed = true;
    // It was in the kernel's table and is so no more: it has broken, and we are about to be told.
    else if (this.#isListed) return { bytes: Number.POSITIVE_INFINITY, isSilent: false };
    return below && { ...below, bytes: below.bytes + (this.#below === this.#socket ? 0 : this.#socket.writableLength) };
  }

  async finish(limitMs = FINISH_MS): Promise<boolean> {
    if (this.failure) return false;
    return new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => this.#finished?.(false), limitMs);
      this.#finished = (wasRead) => {
        clearTimeout(timer);
        this.#finished = null;
        resolve(wasRead);
      };
      this.#socket.end();
    });
  }

  /** One that closes its side without having taken everything has not read it. */
  async #confirm(target: string): Promise<void> {
    this.#isConfirming = true;
    const end = performance.now() + CONFIRM_MS;
    let bytes = this.outstanding()?.bytes ?? 0;
    while (bytes > 0 && bytes < Number.POSITIVE_INFINITY && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, CONFIRM_STEP_MS));
      bytes = this.outstanding()?.bytes ?? 0;
    }
    if (bytes > 0) this.#fail(`${target} closed the connection with messages unread; its own log says why.`);
    this.#finished?.(true);
    this.#fail(`${target} closed the connection.`);
  }

  async close(): Promise<void> {
    this.#fail('The connection was closed by us.');
  }

  #fail(sentence: string): void {
    this.failure ??= new DeliveryError(sentence);
    this.#wake?.();
    this.#finished?.(false);
    this.#socket.destroy();
  }
}

async function openUdp(address: string, port: number, target: string, step: (step: Step) => void): Promise<Channel> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => reject(failed(step, 'connected', explain(error, target))));
    socket.connect(port, address, () => resolve());
  });
  socket.removeAllListeners('error');
  step({
    step: 'connected',
    ok: true,
    detail: `UDP to ${address} port ${port}: nobody will tell whether messages arrive.`,
  });
  return new UdpChannel(socket, target);
}

class UdpChannel implements Channel {
  readonly #socket: UdpSocket;
  readonly #target: string;
  failure: DeliveryError | null = null;

  constructor(socket: UdpSocket, target: string) {
    this.#socket = socket;
    this.#target = target;
    // A refused datagram comes back as ICMP and is the only sign of a missing receiver that UDP ever gives.
    socket.on('error', (error) => this.#fail(error));
  }

  async send(messages: readonly Buffer[]): Promise<void> {
    for (const message of messages) {
      if (this.failure) throw this.failure;
      await new Promise<void>((resolve) => {
        this.#socket.send(message, (error) => {
          if (error) this.#fail(error);
          resolve();
        });
      });
    }
    if (this.failure) throw this.failure;
  }

  outstanding(): null {
    return null;
  }

  async finish(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, UDP_SETTLE_MS));
    return this.failure === null;
  }

  async close(): Promise<void> {
    this.failure ??= new DeliveryError('The connection was closed by us.');
    this.#socket.removeAllListeners();
    this.#socket.close();
  }

  #fail(error: Error): void {
    this.failure ??= new DeliveryError(explain(error, this.#target));
  }
}
