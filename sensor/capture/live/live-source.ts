import { performance } from 'node:perf_hooks';
import type { HealthEvent } from '../../model/health-event.js';
import type { BlindInterval, InterfaceHealth } from '../../model/records.js';
import type { CaptureError, Packet, PacketSink, PacketSource } from '../packet.js';
import { type CaptureCommand, type CaptureSettings, captureCommand } from './capture-command.js';
import {
  type CaptureSurroundings,
  DEFAULT_TIMING,
  InterfaceCapture,
  type WatchTiming,
  wallClock,
} from './interface-capture.js';
import { readLinkState } from './network-interfaces.js';

const TICK_MS = 500;
/** How long a capture process may take to hand over what it has when we stop. */
const STOP_GRACE_MS = 1500;

export interface LiveInterface {
  name: string;
  /** Replaces the command that captures this interface, e.g. to play a capture file through the same way. */
  command?: CaptureCommand;
}

export interface LiveSourceOptions {
  interfaces: readonly LiveInterface[];
  capture: CaptureSettings;
  timing?: Partial<WatchTiming>;
  onHealthEvent?: (event: HealthEvent) => void;
  /** Processes that this source starts and ends. */
  onProcess?: (pid: number, running: boolean) => void;
  surroundings?: Partial<CaptureSurroundings>;
}

/**
 * Packets of one or more live interfaces, merged in the order of their arrival and numbered through. Each interface
 * has a process of its own that holds the capture socket, so that this one needs no privilege and a fault of a network
 * driver or of libpcap cannot end it.
 */
export class LiveSource implements PacketSource {
  readonly #captures: InterfaceCapture[];
  #sink: PacketSink | null = null;
  #number = 0;
  #running = 0;
  #failure: CaptureError | null = null;
  #resolve: (() => void) | null = null;

  constructor(options: LiveSourceOptions) {
    const surroundings: CaptureSurroundings = {
      readLink: readLinkState,
      now: wallClock,
      uptime: () => performance.now(),
      ...options.surroundings,
    };
    const numbering: PacketSink = {
      packet: (packet: Packet) => {
        packet.number = ++this.#number;
        this.#sink?.packet(packet);
      },
    };
    this.#captures = options.interfaces.map(
      ({ name, command }) =>
        new InterfaceCapture(
          name,
          command ?? captureCommand(name, options.capture),
          numbering,
          { ...DEFAULT_TIMING, ...options.timing },
          surroundings,
          {
            health: (event) => options.onHealthEvent?.(event),
            process: (pid, running) => options.onProcess?.(pid, running),
            fatal: (error) => {
              this.#failure ??= error;
              this.#stopAll();
            },
            finished: () => {
              if (--this.#running === 0) this.#resolve?.();
            },
          },
        ),
    );
  }

  async run(sink: PacketSink, signal: AbortSignal): Promise<void> {
    if (this.#sink !== null) throw new Error('a source runs once');
    if (signal.aborted || this.#captures.length === 0) return;
    this.#sink = sink;
    this.#running = this.#captures.length;
    const done = new Promise<void>((resolve) => {
      this.#resolve = resolve;
    });
    const abort = () => this.#stopAll();
    signal.addEventListener('abort', abort, { once: true });
    for (const capture of this.#captures) capture.start();
    let beat = false;
    const timer = setInterval(() => {
      beat = !beat;
      for (const capture of this.#captures) capture.tick(beat);
    }, TICK_MS);
    try {
      await done;
    } finally {
      clearInterval(timer);
      signal.removeEventListener('abort', abort);
    }
    if (this.#failure) throw this.#failure;
  }

  health(): InterfaceHealth[] {
    return this.#captures.map((capture) => capture.health());
  }

  /** Intervals in which an interface could not be seen, in the order of the interfaces. */
  blind(): BlindInterval[] {
    return this.#captures.flatMap((capture) => capture.blind());
  }

  #stopAll(): void {
    for (const capture of this.#captures) capture.stop();
    const timer = setTimeout(() => {
      for (const capture of this.#captures) capture.kill();
    }, STOP_GRACE_MS);
    timer.unref();
  }
}
