import type { HealthEvent } from '../../model/health-event.js';
import type { BlindInterval, InterfaceHealth } from '../../model/records.js';
import { formatTimestamp, MICROS_PER_SECOND, type Micros } from '../../model/time.js';
import { CaptureError, type Packet, type PacketSink } from '../packet.js';
import { CaptureChild } from './capture-child.js';
import type { CaptureCommand } from './capture-command.js';
import { classifyFailure, explainFailure } from './capture-messages.js';
import { type LinkState, readInterfaceDrops } from './network-interfaces.js';

/** How patient the watching is; tests shorten it. */
export interface WatchTiming {
  /** No packet for this long is worth an alert; 0: never. */
  noTrafficSeconds: number;
  /** Heartbeats without answer after which a capture process counts as stalled. */
  missedHeartbeats: number;
  /** Pause before a failed capture is started again. */
  restartDelayMs: number;
  /** After this many failures within `unstableWindowMs` the pause grows, up to `maxRestartDelayMs`. */
  unstableFailures: number;
  unstableWindowMs: number;
  maxRestartDelayMs: number;
  /** Share of lost packets over `lossWindowMs` that is worth an alert. */
  lossPercent: number;
  lossWindowMs: number;
}

export const DEFAULT_TIMING: Readonly<WatchTiming> = {
  noTrafficSeconds: 60,
  missedHeartbeats: 3,
  restartDelayMs: 200,
  unstableFailures: 5,
  unstableWindowMs: 60_000,
  maxRestartDelayMs: 30_000,
  lossPercent: 1,
  lossWindowMs: 60_000,
};

/** The system as an interface's watch sees it; the real one in production, a script in tests. */
export interface CaptureSurroundings {
  readLink(name: string): LinkState;
  /** Wall clock, because a live packet's time is that too. */
  now(): Micros;
  /** Milliseconds that only go forward. */
  uptime(): number;
}

export interface InterfaceCaptureEvents {
  health(event: HealthEvent): void;
  process(pid: number, running: boolean): void;
  /** The capture could not begin at all and never will: one sentence for the user. */
  fatal(error: CaptureError): void;
  /** A source that ends has ended, or `stop` is done. */
  finished(): void;
}

/** Blind intervals kept per interface; older ones are forgotten, and a note says how many. */
const MAX_BLIND = 200;

type Outage = { state: InterfaceHealth['state']; reason: string; from: Micros };

/** Keeps one interface captured: starts and restarts its process, watches its link, and says when it is blind. */
export class InterfaceCapture implements PacketSink {
  readonly name: string;
  readonly #command: CaptureCommand;
  readonly #sink: PacketSink;
  readonly #timing: WatchTiming;
  readonly #around: CaptureSurroundings;
  readonly #events: InterfaceCaptureEvents;

  #state: InterfaceHealth['state'] = 'restarting';
  #child: CaptureChild | null = null;
  #stopping = false;
  #done = false;
  #everListened = false;
  #packets = 0;
  #bytes = 0;
  #cut = 0;
  #lastPacket: Micros = Number.NaN;
  /** Uptime when silence began to count: the last packet, the capture's start or the link's return. */
  #quietSince = 0;
  #packetsAtTick = 0;
  /** The last moment at which we know that the capture worked. */
  #lastProof: Micros = Number.NaN;
  #link: LinkState | null = null;

  #outage: Outage | null = null;
  readonly #blind: BlindInterval[] = [];
  #forgottenBlind = 0;

  /** Uptimes of the failures within the window. */
  #failures: number[] = [];
  #restartAt: number | null = null;
  #restarts = 0;
  #lastFailure = '';

  /** Drops of the runs before the present child's. */
  #earlierKernelDrops = 0;
  #earlierInterfaceDrops = 0;
  /** Part of the kernel's drops: what it still held when a capture process ended. */
  #unread = 0;
  #systemDropsAtStart: number | null;
  #lossWindow = { since: 0, packets: 0, drops: 0 };

  constructor(
    name: string,
    command: CaptureCommand,
    sink: PacketSink,
    timing: WatchTiming,
    surroundings: CaptureSurroundings,
    events: InterfaceCaptureEvents,
  ) {
    this.name = name;
    this.#command = command;
    this.#sink = sink;
    this.#timing = timing;
    this.#around = surroundings;
    this.#events = events;
    this.#systemDropsAtStart = readInterfaceDrops(name);
  }

  packet(packet: Packet): void {
    this.#packets++;
    this.#bytes += packet.originalLength;
    if (packet.originalLength > packet.to - packet.from) this.#cut++;
    this.#lastPacket = packet.timestamp;
    this.#sink.packet(packet);
  }

  start(): void {
    const now = this.#around.now();
    this.#lastProof = now;
    this.#quietSince = this.#around.uptime();
    this.#lossWindow = { since: this.#around.uptime(), packets: 0, drops: 0 };
    this.tick(false);
  }

  /** Lets the capture process hand over what it has; `finished` follows. */
  stop(): void {
    this.#stopping = true;
    if (this.#child) this.#child.stop();
    else this.#finish('stopped');
  }

  /** For a capture process that does not end when told to. */
  kill(): void {
    this.#child?.kill('it did not end when it was told to');
  }

  /** Looks at link and process. Called twice a second, every second time with `beat`. */
  tick(beat: boolean): void {
    if (this.#stopping || this.#done) return;
    const uptime = this.#around.uptime();
    if (this.#packets !== this.#packetsAtTick) {
      this.#packetsAtTick = this.#packets;
      this.#quietSince = uptime;
    }
    if (!this.#command.ends && !this.#watchLink()) return;
    if (this.#child === null) {
      if (this.#restartAt === null || uptime >= this.#restartAt) this.#startChild();
      return;
    }
    this.#watchChild(this.#child, beat);
    this.#watchSilence(uptime);
    this.#watchLoss(uptime);
  }

  health(): InterfaceHealth {
    const child = this.#child;
    const notes = [...this.#command.notes];
    if (this.#lastFailure !== '' && this.#state !== 'capturing') notes.push(`Last failure: ${this.#lastFailure}.`);
    if (this.#restarts > 0) notes.push(`The capture was restarted ${times(this.#restarts)}.`);
    if (this.#cut > 0)
      notes.push(`${this.#cut} packets were longer than the snap length and were cut: use a larger capture.snaplen.`);
    if (this.#unread > 0)
      notes.push(`${this.#unread} of the dropped packets had arrived but were not read before the capture ended.`);
    if (this.#forgottenBlind > 0) notes.push(`${this.#forgottenBlind} older blind intervals are no longer listed.`);
    return {
      name: this.name,
      source: this.#command.source,
      state: this.#state,
      packets: this.#packets,
      bytes: this.#bytes,
      dropped_by_kernel: this.#command.countsDrops ? this.#kernelDrops() : null,
      dropped_by_interface: this.#interfaceDrops(child),
      ...(Number.isNaN(this.#lastPacket) ? {} : { last_packet: formatTimestamp(this.#lastPacket) }),
      notes,
    };
  }

  blind(): BlindInterval[] {
    const intervals = [...this.#blind];
    if (this.#outage)
      intervals.push({
        from: formatTimestamp(this.#outage.from),
        interface: this.name,
        reason: this.#outage.reason,
      });
    return intervals;
  }

  #kernelDrops(): number {
    return this.#earlierKernelDrops + (this.#child?.droppedByKernel ?? 0);
  }

  #interfaceDrops(child: CaptureChild | null): number | null {
    const system = readInterfaceDrops(this.name);
    if (system !== null) {
      // The counter begins anew when the interface was removed and made again.
      if (this.#systemDropsAtStart === null || system < this.#systemDropsAtStart) this.#systemDropsAtStart = 0;
      return Math.max(system - this.#systemDropsAtStart, 0);
    }
    return this.#command.countsDrops ? this.#earlierInterfaceDrops + (child?.droppedByInterface ?? 0) : null;
  }

  /** Returns whether there is a link to capture on. */
  #watchLink(): boolean {
    const before = this.#link;
    const link = this.#around.readLink(this.name);
    this.#link = link;
    if (!link.present) {
      this.#child?.kill(`the interface ${this.name} is gone`);
      this.#enterOutage('gone', 'the interface is gone', {
        code: 'capture.interface_gone',
        title: 'Monitored interface is gone',
        description: `The interface ${this.name} was removed or renamed: nothing of its traffic is seen until it is back. Check the network adapter and the host's network settings.`,
      });
      return false;
    }
    if (link.up === false) {
      this.#enterOutage('link_down', 'the link is down', {
        code: 'capture.link_down',
        title: 'Link of a monitored interface is down',
        description: `The interface ${this.name} has no link: nothing of its traffic is seen. Check the cable, the switch and whether its mirror port is still configured.`,
      });
      return false;
    }
    if (before?.present && before.index !== null && link.index !== null && before.index !== link.index) {
      this.#child?.kill(`the interface ${this.name} was made anew`);
      return true;
    }
    const wasUp = before?.present === true && before.up !== false;
    if (!wasUp && before !== null) {
      this.#quietSince = this.#around.uptime();
      this.#restartAt = null;
      this.#failures = [];
      if (this.#child?.listening) this.#endOutage();
    } else if (wasUp && before.carrierChanges !== null && link.carrierChanges !== null) {
      if (link.carrierChanges > before.carrierChanges) this.#noteFlap();
    }
    return true;
  }

  /** The link went down and came back between two looks. */
  #noteFlap(): void {
    const now = this.#around.now();
    this.#remember({ state: 'link_down', reason: 'the link was down for a moment', from: this.#lastProof }, now);
    this.#emit(
      {
        code: 'capture.link_down',
        title: 'Link of a monitored interface is down',
        description: `The link of ${this.name} was lost for less than a second and came back: packets of that moment were not seen. Check the cable and the switch.`,
      },
      now,
    );
  }

  #startChild(): void {
    this.#restartAt = null;
    const child = new CaptureChild(this.#command, this, {
      listening: () => this.#listens(),
      ended: (reason) => this.#childEnded(child, reason),
      process: (pid, running) => this.#events.process(pid, running),
    });
    this.#child = child;
    child.start();
  }

  #listens(): void {
    this.#everListened = true;
    this.#lastProof = this.#around.now();
    this.#quietSince = this.#around.uptime();
    if (this.#stopping) return;
    if (this.#outage) this.#endOutage();
    else this.#state = 'capturing';
  }

  #childEnded(child: CaptureChild, reason: string): void {
    this.#earlierKernelDrops += child.droppedByKernel + child.unread;
    this.#unread += child.unread;
    this.#earlierInterfaceDrops += child.droppedByInterface;
    this.#child = null;
    if (this.#stopping || this.#command.ends) {
      this.#finish(this.#stopping ? 'stopped' : 'finished');
      return;
    }
    // The link's state first: a capture that ended because its interface is down or gone did not fail.
    this.#watchLink();
    const kind = classifyFailure(reason);
    if (!this.#everListened && kind !== 'link_down' && kind !== 'no_such_interface') {
      this.#events.fatal(new CaptureError(explainFailure(kind, this.#command.source, this.name, reason)));
      this.#finish('stopped');
      return;
    }
    this.#lastFailure = reason;
    this.#scheduleRestart(reason);
  }

  #scheduleRestart(reason: string): void {
    const uptime = this.#around.uptime();
    const { unstableFailures, unstableWindowMs, restartDelayMs, maxRestartDelayMs } = this.#timing;
    this.#failures = this.#failures.filter((at) => uptime - at < unstableWindowMs).slice(-100);
    this.#failures.push(uptime);
    this.#restarts++;
    // An interface that is down or gone explains the end of its capture; only an unexplained end is a fault of its own.
    if (this.#outage?.state === 'gone' || this.#outage?.state === 'link_down') {
      this.#restartIn(restartDelayMs);
      return;
    }
    const excess = this.#failures.length - unstableFailures;
    const delay = excess < 0 ? restartDelayMs : Math.min(maxRestartDelayMs, 1000 * 2 ** Math.min(excess, 20));
    this.#restartIn(delay);
    this.#enterOutage('restarting', `the capture process ended (${reason})`, {
      code: 'capture.interrupted',
      title: 'Capture was interrupted',
      description: `The capture process of ${this.name} ended (${reason}) and is started again; packets until then are not seen. If this repeats, look at memory, load and the system's journal.`,
    });
    if (excess === 0)
      this.#emit({
        code: 'capture.unstable',
        title: 'Capture keeps failing',
        description: `The capture process of ${this.name} failed ${this.#failures.length} times within a minute (${reason}); it is now started again more slowly, so the sensor is blind on this interface most of the time. Run "fieldwatch doctor".`,
      });
  }

  /** Not left to the next regular look, because every moment until then is blind. */
  #restartIn(delayMs: number): void {
    this.#restartAt = this.#around.uptime() + delayMs;
    setTimeout(() => this.tick(false), delayMs + 1).unref();
  }

  #watchChild(child: CaptureChild, beat: boolean): void {
    if (!child.listening) return;
    if (child.isStopped()) {
      child.kill('it had been stopped by a signal');
      return;
    }
    if (child.unanswered === 0) this.#lastProof = this.#around.now();
    if (!beat) return;
    if (child.unanswered >= this.#timing.missedHeartbeats) {
      child.kill(`it gave no sign of life for ${child.unanswered} seconds`);
      return;
    }
    child.heartbeat();
  }

  #watchSilence(uptime: number): void {
    const limit = this.#timing.noTrafficSeconds * 1000;
    if (this.#outage?.state === 'no_traffic') {
      if (uptime - this.#quietSince < limit) this.#endOutage();
      return;
    }
    if (limit === 0 || this.#outage !== null || uptime - this.#quietSince < limit) return;
    const since = Math.floor(this.#around.now() - (uptime - this.#quietSince) * 1000);
    this.#enterOutage(
      'no_traffic',
      'no packets arrived although the link is up',
      {
        code: 'capture.no_traffic',
        title: 'No traffic on a monitored interface',
        description: `The link of ${this.name} is up, but no packet arrived for ${this.#timing.noTrafficSeconds} seconds. Check that the switch still mirrors the plant's traffic to this port${this.#command.args.includes('--') ? ' and that the capture filter is right' : ''}.`,
      },
      since,
    );
  }

  #watchLoss(uptime: number): void {
    const window = this.#lossWindow;
    if (uptime - window.since < this.#timing.lossWindowMs) return;
    const drops = this.#kernelDrops();
    const lost = drops - window.drops;
    const seen = this.#packets - window.packets;
    this.#lossWindow = { since: uptime, packets: this.#packets, drops };
    const percent = lost === 0 ? 0 : (100 * lost) / (lost + seen);
    if (percent <= this.#timing.lossPercent) return;
    this.#emit({
      code: 'capture.packet_loss',
      title: 'Packets are lost before the sensor sees them',
      description: `${this.name} lost ${percent.toFixed(1)} % of its packets in the last ${Math.round(this.#timing.lossWindowMs / 1000)} seconds (${lost} packets), so operations may have been missed. Use a capture filter, capture.latency "bulk", a larger capture.buffer_megabytes or a faster machine.`,
    });
  }

  #enterOutage(
    state: InterfaceHealth['state'],
    reason: string,
    event: Pick<HealthEvent, 'code' | 'title' | 'description'>,
    from?: Micros,
  ): void {
    if (this.#outage?.state === state) return;
    const now = this.#around.now();
    const begin = this.#outage === null ? Math.min(from ?? this.#lastProof, now) : now;
    if (this.#outage) this.#remember(this.#outage, now);
    this.#outage = { state, reason, from: begin };
    this.#state = state;
    this.#emit(event, begin);
  }

  #endOutage(): void {
    if (this.#outage) this.#remember(this.#outage, this.#around.now());
    this.#outage = null;
    this.#state = 'capturing';
  }

  #remember(outage: Outage, to: Micros): void {
    this.#blind.push({
      from: formatTimestamp(outage.from),
      to: formatTimestamp(to),
      interface: this.name,
      reason: outage.reason,
    });
    if (this.#blind.length > MAX_BLIND) {
      this.#blind.shift();
      this.#forgottenBlind++;
    }
  }

  #emit(event: Pick<HealthEvent, 'code' | 'title' | 'description'>, since: Micros = this.#around.now()): void {
    this.#events.health({ ...event, interface: this.name, since });
  }

  #finish(state: 'stopped' | 'finished'): void {
    if (this.#done) return;
    this.#done = true;
    if (this.#outage) this.#remember(this.#outage, this.#around.now());
    this.#outage = null;
    this.#state = state;
    this.#events.finished();
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** The wall clock in packet time's unit. */
export function wallClock(): Micros {
  return Math.floor((Date.now() / 1000) * MICROS_PER_SECOND);
}
