import { LiveSource } from '../capture/live/live-source.js';
import type { Packet, PacketSink } from '../capture/packet.js';
import type { BaselineVersion } from '../model/baseline-document.js';
import type { HealthEvent } from '../model/health-event.js';
import type {
  AssetSettings,
  BlindInterval,
  DeviceDecisions,
  InterfaceHealth,
  LearningPhase,
} from '../model/records.js';
import { formatTimestamp, MICROS_PER_SECOND, type Micros } from '../model/time.js';
import type { FindingsBatch } from '../store/store.js';
import { BatchSender } from './batch-sender.js';
import type { FromSensorThread, FromWriterPort, LiveStatus, SensorThreadOptions } from './messages.js';

const COLLECT_MS = 500;
const STATUS_EVERY = 2;
/** Looks without anything found after which the health record is written anyway. */
const HEALTH_EVERY = 4;
/** Packets may still be in the capture process or the pipe; time that passes without any is told this much late. */
const IDLE_LAG: Readonly<Record<'low' | 'bulk', Micros>> = { low: 2 * MICROS_PER_SECOND, bulk: 30 * MICROS_PER_SECOND };

/** The pipeline as the live thread sees it; `Sensor` in production. */
export interface LivePipeline extends PacketSink {
  phase: LearningPhase;
  /** Share of packets lost before the sensor; shown with every alert. */
  droppedPercent: number;
  /** Names the input, for the health record. */
  addCapture(name: string): void;
  advance(now: Micros): void;
  /** People have decided something about the baseline. */
  decided(version: BaselineVersion): void;
  /** People have switched these rules off, and no others. False: they were already. */
  switchOff(ids: readonly string[]): boolean;
  /** Whom people have let in, and which records they have made one device. */
  decidedOnDevices(decisions: DeviceDecisions): void;
  /** All that people say of assets, by id. */
  said(settings: Readonly<Record<string, AssetSettings>>): void;
  collect(): FindingsBatch;
  healthEvent(event: HealthEvent): void;
  finish(): void;
}

export interface LiveSensorOptions extends SensorThreadOptions {
  earlierBlind: BlindInterval[];
  tell: (message: FromSensorThread) => void;
  /** Wall clock: a live packet's time is that too. */
  now: () => Micros;
}

/** Source and pipeline of a live sensor, and what goes from them to the store and to the main thread. */
export class LiveSensor implements PacketSink {
  readonly sender = new BatchSender();
  readonly #pipeline: LivePipeline;
  readonly #options: LiveSensorOptions;
  readonly #source: LiveSource;
  readonly #stop = new AbortController();
  readonly #isPlayed: boolean;
  #packets = 0;
  #packetsAtTick = 0;
  #lastPacket: Micros = Number.NEGATIVE_INFINITY;
  #ticks = 0;
  #emptyLooks = HEALTH_EVERY;
  #storeFailing = false;
  #assets = 0;
  #openAlerts = 0;
  #drained: (() => void) | null = null;

  constructor(pipeline: LivePipeline, options: LiveSensorOptions) {
    this.#pipeline = pipeline;
    this.#options = options;
    this.#isPlayed = options.interfaces.every(({ command }) => command?.ends === true);
    this.#source = new LiveSource({
      interfaces: options.interfaces,
      capture: options.capture,
      timing: options.timing,
      onHealthEvent: (event) => pipeline.healthEvent(event),
      onProcess: (pid, running) => options.tell({ type: 'process', pid, running }),
    });
    for (const { name } of options.interfaces) pipeline.addCapture(name);
  }

  packet(packet: Packet): void {
    this.#packets++;
    if (packet.timestamp > this.#lastPacket) this.#lastPacket = packet.timestamp;
    this.#pipeline.packet(packet);
  }

  stop(): void {
    this.#stop.abort();
  }

  healthEvent(event: HealthEvent): void {
    this.#pipeline.healthEvent(event);
  }

  /** The store's answer to a batch. */
  answered(answer: FromWriterPort): void {
    if (answer.type === 'failed') {
      this.sender.failed(answer.id);
      if (!this.#storeFailing) this.#storeFails(answer.reason);
      this.#storeFailing = true;
      return;
    }
    if (this.#storeFailing) this.#options.tell({ type: 'notice', sentence: 'the store works again' });
    this.#storeFailing = false;
    this.sender.confirmed(answer.id);
    this.#assets = answer.assets;
    this.#openAlerts = answer.openAlerts;
    if (this.#options.followsRequests && answer.requestedPhase !== null) this.#pipeline.phase = answer.requestedPhase;
    if (answer.baseline) this.#pipeline.decided(answer.baseline);
    if (answer.disabledRules && this.#pipeline.switchOff(answer.disabledRules))
      this.#options.tell({ type: 'notice', sentence: switchedSentence(answer.disabledRules.length) });
    if (answer.devices) this.#pipeline.decidedOnDevices(answer.devices);
    if (answer.assetSettings) this.#pipeline.said(answer.assetSettings);
    if (this.sender.unconfirmed === 0) this.#drained?.();
  }

  #storeFails(reason: string): void {
    const sentence = `writing to the store failed (${reason}); the sensor goes on and keeps what it finds in memory`;
    this.#options.tell({ type: 'notice', sentence });
    this.#pipeline.healthEvent({
      code: 'store.write_failed',
      title: 'Findings cannot be stored',
      description: `Writing to the store failed (${reason}). The sensor goes on watching and keeps what it finds in memory until the store works again. Check the disk's space and the rights of the data folder.`,
      interface: 'store',
      since: this.#options.now(),
    });
  }

  /** Runs until stopped. Rejects with a `CaptureError` when the capture cannot begin. */
  async run(): Promise<void> {
    const timer = setInterval(() => this.#tick(), COLLECT_MS);
    try {
      await this.#source.run(this, this.#stop.signal);
    } finally {
      clearInterval(timer);
    }
    this.#pipeline.finish();
    if (this.sender.waiting) this.sender.resend();
    this.#send(false);
    await this.#allConfirmed();
    this.#tellStatus();
    this.#options.tell({ type: 'finished', unconfirmed: this.sender.unconfirmed });
  }

  /** The supervisor ends this thread when that takes too long. */
  async #allConfirmed(): Promise<void> {
    if (this.sender.unconfirmed === 0) return;
    const retry = setInterval(() => {
      if (this.sender.waiting) this.sender.resend();
    }, COLLECT_MS);
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    clearInterval(retry);
  }

  #tick(): void {
    // A capture file that is played has its own time, which no clock moves on.
    if (this.#packets === this.#packetsAtTick && !this.#isPlayed) {
      // Nothing came since the last look, so nothing older can be on its way either.
      const now = this.#options.now() - IDLE_LAG[this.#options.capture.latency];
      if (now > this.#lastPacket) this.#pipeline.advance(now);
    }
    this.#packetsAtTick = this.#packets;
    if (this.sender.waiting) this.sender.resend();
    if (this.sender.ready) this.#send(true);
    if (this.#ticks++ % STATUS_EVERY === 0) this.#tellStatus();
  }

  #send(running: boolean): void {
    const interfaces = this.#source.health();
    this.#pipeline.droppedPercent = lostPercent(interfaces);
    const batch = this.#pipeline.collect();
    batch.health = {
      ...batch.health,
      updated: formatTimestamp(this.#options.now()),
      running,
      interfaces,
      blind: this.#blind(),
      memory_bytes: process.memoryUsage.rss(),
    };
    const isEmpty = batch.assets.length + batch.conversations.length + batch.alerts.length + batch.packets.length === 0;
    if (isEmpty && running && ++this.#emptyLooks < HEALTH_EVERY) return;
    this.#emptyLooks = 0;
    if (this.#options.tellAlerts && batch.alerts.length > 0)
      this.#options.tell({ type: 'alerts', alerts: batch.alerts });
    this.sender.send(batch);
  }

  #blind(): BlindInterval[] {
    return [...this.#options.earlierBlind, ...this.#source.blind()];
  }

  #tellStatus(): void {
    const interfaces = this.#source.health();
    const status: LiveStatus = {
      packets: this.#packets,
      bytes: interfaces.reduce((sum, i) => sum + i.bytes, 0),
      interfaces,
      blind: this.#blind(),
      assets: this.#assets,
      openAlerts: this.#openAlerts,
      unconfirmed: this.sender.unconfirmed,
    };
    this.#options.tell({ type: 'status', status });
  }
}

function lostPercent(interfaces: readonly InterfaceHealth[]): number {
  const lost = interfaces.reduce((sum, i) => sum + (i.dropped_by_kernel ?? 0) + (i.dropped_by_interface ?? 0), 0);
  const seen = interfaces.reduce((sum, i) => sum + i.packets, 0);
  return lost === 0 ? 0 : Math.round((10_000 * lost) / (lost + seen)) / 100;
}

function switchedSentence(off: number): string {
  return off === 0 ? 'all rules are switched on now' : `${off} rule${off === 1 ? ' is' : 's are'} switched off now`;
}
