import { performance } from 'node:perf_hooks';
import { MessageChannel, Worker } from 'node:worker_threads';
import { wallClock } from '../capture/live/interface-capture.js';
import { CaptureError } from '../capture/packet.js';
import type { HealthEvent } from '../model/health-event.js';
import type { Alert, BlindInterval } from '../model/records.js';
import { formatTimestamp, type Micros } from '../model/time.js';
import type { OutboxOptions } from '../store/sqlite/outbox.js';
import type { RetentionLimits } from '../store/sqlite/retention.js';
import { type SensorMemory, StoreError } from '../store/store.js';
import type {
  FromSensorThread,
  FromWriterThread,
  LiveStatus,
  SensorThreadData,
  SensorThreadOptions,
  ToSensorThread,
  ToWriterThread,
  WriterThreadData,
} from './messages.js';
import { RuleWatch } from './rule-watch.js';

export interface LiveSessionOptions extends Omit<SensorThreadOptions, 'phase' | 'autoProtect' | 'followsRequests'> {
  /** Folder of the store. */
  data: string;
  /** Who exports what is found. */
  outbox?: OutboxOptions;
  retention?: RetentionLimits;
  phase: 'auto' | 'learn' | 'protect';
  autoProtect?: boolean;
  /** Bound of the sensor thread's heap. */
  heapMegabytes?: number;
  /** A sensor thread that says nothing for this long counts as stuck and is started again. */
  stuckMs?: number;
  /** The same for the writer thread, which may have to wait for a slow disk. */
  writerStuckMs?: number;
  onStatus?: (status: LiveStatus) => void;
  onAlerts?: (alerts: Alert[]) => void;
  /** What a person at the terminal must know, one sentence each. */
  onNotice?: (sentence: string) => void;
}

export interface LiveResult {
  /** Batches that could not be stored before the deadline. */
  unconfirmed: number;
  status: LiveStatus | null;
}

const DEFAULT_HEAP_MEGABYTES = 1024;
const DEFAULT_STUCK_MS = 10_000;
const DEFAULT_WRITER_STUCK_MS = 60_000;
const WATCH_MS = 1000;
/** Looks between which the rule files are looked at. */
const RULES_EVERY = 2;
/** From the stop signal until we stop waiting for findings to be stored; with the closing it stays below 5 s. */
const STOP_DEADLINE_MS = 3800;
/** For the store to close its file. */
const CLOSE_DEADLINE_MS = 1000;
const RESTART_DELAY_MS = 250;
const MAX_RESTART_DELAY_MS = 30_000;
/** After this many ends within a minute a thread is started again more slowly. */
const UNSTABLE_ENDS = 5;
const UNSTABLE_WINDOW_MS = 60_000;
/** A thread that ends this often without ever having worked will not work the next time either. */
const MAX_STILLBORN = 3;

/** Notes when a thread ended and says how long to wait before the next start. */
class RestartPace {
  #ends: number[] = [];

  delayAfterEnd(): number {
    const now = performance.now();
    this.#ends = this.#ends.filter((at) => now - at < UNSTABLE_WINDOW_MS);
    this.#ends.push(now);
    const excess = this.#ends.length - UNSTABLE_ENDS;
    return excess < 0 ? RESTART_DELAY_MS : Math.min(MAX_RESTART_DELAY_MS, 1000 * 2 ** Math.min(excess, 20));
  }
}

/**
 * A live sensor: one thread captures and analyses, one owns the store, and this one watches both, starts again what
 * died, and carries out the stop. Nothing of it depends on the other threads' good behaviour.
 */
export class LiveSession {
  readonly #options: LiveSessionOptions;
  #writer: Worker | null = null;
  #sensor: Worker | null = null;
  /** Capture processes of the sensor thread: they outlive a thread that dies. */
  readonly #processes = new Set<number>();
  readonly #writerPace = new RestartPace();
  readonly #sensorPace = new RestartPace();
  #memoryWanted: ((memory: SensorMemory) => void) | null = null;
  #pendingEvents: HealthEvent[] = [];
  #earlierBlind: BlindInterval[] = [];
  #lastStatus: LiveStatus | null = null;
  /** Packets of earlier sensor threads of this run. */
  #earlierPackets = 0;
  #heardAt = 0;
  /** Since when an answer of the writer thread is awaited; null: none is. */
  #askedWriterAt: number | null = null;
  #watchedAt = 0;
  #heardTime: Micros = 0;
  #stillborn = 0;
  readonly #rules: RuleWatch | null;
  #watches = 0;
  #stopping = false;
  #settle!: (result: LiveResult | Error) => void;
  #settled = false;

  constructor(options: LiveSessionOptions) {
    this.#options = options;
    const { rules, site } = options;
    this.#rules =
      rules === undefined || (rules.paths.length === 0 && rules.folder === undefined)
        ? null
        : new RuleWatch(rules, site, {
            use: (count) => this.#useRules(count),
            refuse: (sentence) => this.#refuseRules(sentence),
          });
  }

  /** Loads the user's rules again at once. */
  reloadRules(): void {
    if (this.#rules === null)
      this.#options.onNotice?.('there are no rules of your own to load again: name some in rules.paths');
    else this.#rules.reload();
  }

  #useRules(count: number): void {
    this.#options.onNotice?.(`the rules have changed: ${count} are in use now`);
    this.#sensor?.postMessage({ type: 'rules' } satisfies ToSensorThread);
  }

  #refuseRules(sentence: string): void {
    this.#options.onNotice?.(sentence);
    this.#report({
      code: 'rules.not_loaded',
      title: 'Changed rules do not load',
      description: sentence,
      interface: 'rules',
      since: wallClock(),
    });
  }

  /**
   * Runs until `signal` is aborted. Rejects with `CaptureError` or `StoreError` (the user's matter, one sentence) when
   * capture or store cannot be used.
   */
  async run(signal: AbortSignal): Promise<LiveResult> {
    const outcome = new Promise<LiveResult | Error>((resolve) => {
      this.#settle = (result) => {
        this.#settled = true;
        resolve(result);
      };
    });
    const stop = () => this.#stop();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) return { unconfirmed: 0, status: null };
    const watch = setInterval(() => this.#watch(), WATCH_MS);
    this.#startWriter();
    const result = await outcome;
    clearInterval(watch);
    signal.removeEventListener('abort', stop);
    await this.#endThreads();
    if (result instanceof Error) throw result;
    return result;
  }

  /** Ids of the operating system's capture processes that run now. */
  get captureProcesses(): number[] {
    return [...this.#processes];
  }

  #startWriter(): void {
    const { data, outbox, retention } = this.#options;
    const workerData: WriterThreadData = { data, ...(outbox ? { outbox } : {}), ...(retention ? { retention } : {}) };
    const writer = new Worker(new URL('./writer-worker.js', import.meta.url), { workerData, name: 'writer' });
    this.#writer = writer;
    this.#askedWriterAt = null;
    let failure: Error | null = null;
    writer.on('message', (message: FromWriterThread) => this.#fromWriter(message));
    writer.on('error', (error) => {
      failure = error;
    });
    writer.on('exit', () => this.#writerEnded(writer, failure));
  }

  #fromWriter(message: FromWriterThread): void {
    switch (message.type) {
      case 'ready':
        if (this.#sensor) this.#connectSensor(this.#sensor);
        else void this.#startSensor();
        break;
      case 'refused':
        if (this.#lastStatus === null) this.#settle(new StoreError(message.message));
        else this.#options.onNotice?.(message.message);
        break;
      case 'memory':
        this.#memoryWanted?.(message.memory);
        this.#memoryWanted = null;
        break;
      case 'pong':
        this.#askedWriterAt = null;
        break;
      case 'closed':
        break;
    }
  }

  #writerEnded(writer: Worker, failure: Error | null): void {
    if (this.#writer !== writer) return;
    this.#writer = null;
    if (this.#settled) return;
    const reason = failure?.message ?? (this.#askedWriterAt === null ? 'without a word' : 'it gave no sign of life');
    if (this.#lastStatus === null && ++this.#stillborn >= MAX_STILLBORN) {
      this.#settle(failure ?? new Error(`the writer thread ended ${reason}`));
      return;
    }
    const delay = this.#stopping ? 0 : this.#writerPace.delayAfterEnd();
    this.#options.onNotice?.(`the thread that writes the store ended (${reason}) and is started again`);
    this.#report({
      code: 'sensor.writer_restarted',
      title: 'The part that stores findings was restarted',
      description: `The thread that writes the store ended (${reason}) and was started again. What was found meanwhile was kept and is stored now. If this repeats, look at disk and memory.`,
      interface: 'store',
      since: wallClock(),
    });
    setTimeout(() => {
      if (!this.#settled) this.#startWriter();
    }, delay);
  }

  async #startSensor(): Promise<void> {
    const memory = await new Promise<SensorMemory>((resolve) => {
      this.#memoryWanted = resolve;
      this.#writer?.postMessage({ type: 'memory' } satisfies ToWriterThread);
    });
    if (this.#settled || this.#writer === null || this.#sensor !== null) return;
    if (this.#stopping) {
      this.#settle({ unconfirmed: 0, status: this.#lastStatus });
      return;
    }
    const { phase, autoProtect, sensor, site, rules, interfaces, capture, timing, tellAlerts } = this.#options;
    const { port1, port2 } = new MessageChannel();
    this.#writer.postMessage({ type: 'connect', port: port1 } satisfies ToWriterThread, [port1]);
    const workerData: SensorThreadData = {
      options: {
        sensor,
        phase: phase === 'auto' ? (memory.phase ?? 'learn') : phase,
        autoProtect: autoProtect === true,
        followsRequests: phase === 'auto',
        ...(site ? { site } : {}),
        ...(rules ? { rules } : {}),
        interfaces,
        capture,
        timing,
        tellAlerts,
      },
      memory,
      events: this.#pendingEvents,
      blind: this.#earlierBlind,
      writer: port2,
    };
    this.#pendingEvents = [];
    const worker = new Worker(new URL('./sensor-worker.js', import.meta.url), {
      workerData,
      transferList: [port2],
      name: 'sensor',
      resourceLimits: { maxOldGenerationSizeMb: this.#options.heapMegabytes ?? DEFAULT_HEAP_MEGABYTES },
    });
    this.#sensor = worker;
    this.#heardAt = performance.now();
    let failure: Error | null = null;
    worker.on('message', (message: FromSensorThread) => this.#fromSensor(worker, message));
    worker.on('error', (error) => {
      failure = error;
    });
    worker.on('exit', () => this.#sensorEnded(worker, failure));
  }

  /** Gives the running sensor thread a new way to the store. */
  #connectSensor(sensor: Worker): void {
    const { port1, port2 } = new MessageChannel();
    this.#writer?.postMessage({ type: 'connect', port: port1 } satisfies ToWriterThread, [port1]);
    sensor.postMessage({ type: 'writer', port: port2 } satisfies ToSensorThread, [port2]);
  }

  #fromSensor(worker: Worker, message: FromSensorThread): void {
    if (worker !== this.#sensor) return;
    switch (message.type) {
      case 'status':
        this.#heardAt = performance.now();
        this.#heardTime = wallClock();
        this.#stillborn = 0;
        this.#lastStatus = { ...message.status, packets: this.#earlierPackets + message.status.packets };
        this.#options.onStatus?.(this.#lastStatus);
        break;
      case 'process':
        if (message.running) this.#processes.add(message.pid);
        else this.#processes.delete(message.pid);
        break;
      case 'alerts':
        this.#options.onAlerts?.(message.alerts);
        break;
      case 'notice':
        this.#options.onNotice?.(message.sentence);
        break;
      case 'refused':
        this.#settle(new CaptureError(message.message));
        break;
      case 'finished':
        this.#settle({ unconfirmed: message.unconfirmed, status: this.#lastStatus });
        break;
    }
  }

  #sensorEnded(worker: Worker, failure: Error | null): void {
    if (this.#sensor !== worker) return;
    this.#sensor = null;
    this.#earlierPackets = this.#lastStatus?.packets ?? 0;
    this.#killProcesses();
    if (this.#settled) return;
    const reason = failure ? failure.message : 'it gave no sign of life';
    if (this.#stopping || (this.#lastStatus === null && ++this.#stillborn >= MAX_STILLBORN)) {
      this.#settle(failure ?? new Error(`the sensor thread ended: ${reason}`));
      return;
    }
    const now = wallClock();
    const since = this.#heardTime === 0 ? now : this.#heardTime;
    this.#keepBlind(since, now, reason);
    this.#options.onNotice?.(`the thread that analyses ended (${failure?.stack ?? reason}) and is started again`);
    this.#report({
      code: 'sensor.restarted',
      title: 'The analysing part of the sensor was restarted',
      description: `The thread that captures and analyses ended (${reason}) and was started again; packets in between were not seen. If this repeats, report it with the sensor's log.`,
      interface: 'sensor',
      since,
    });
    setTimeout(() => {
      if (!this.#settled && this.#writer && this.#sensor === null) void this.#startSensor();
    }, this.#sensorPace.delayAfterEnd());
  }

  /** The next thread does not know what this one could not see. */
  #keepBlind(from: Micros, to: Micros, reason: string): void {
    this.#earlierBlind = [...(this.#lastStatus?.blind ?? [])].map((interval) => ({
      to: formatTimestamp(to),
      ...interval,
    }));
    for (const { name } of this.#options.interfaces)
      this.#earlierBlind.push({
        from: formatTimestamp(from),
        to: formatTimestamp(to),
        interface: name,
        reason: `the analysing thread ended (${reason})`,
      });
    this.#earlierBlind = this.#earlierBlind.slice(-200);
  }

  #report(event: HealthEvent): void {
    if (this.#sensor) this.#sensor.postMessage({ type: 'health', event } satisfies ToSensorThread);
    else this.#pendingEvents.push(event);
  }

  #watch(): void {
    const now = performance.now();
    const isLate = now - this.#watchedAt > 2 * WATCH_MS;
    this.#watchedAt = now;
    if (++this.#watches % RULES_EVERY === 0) this.#rules?.look();
    // After a pause of this thread or the whole machine, what the other threads have said has to be read first.
    if (isLate && this.#askedWriterAt !== null) this.#askedWriterAt = now;
    if (this.#sensor === null || this.#stopping || isLate) return;
    this.#watchWriter(now);
    if (now - this.#heardAt > (this.#options.stuckMs ?? DEFAULT_STUCK_MS)) void this.#sensor.terminate();
  }

  #watchWriter(now: number): void {
    if (this.#writer === null) return;
    if (this.#askedWriterAt === null) {
      this.#askedWriterAt = now;
      this.#writer.postMessage({ type: 'ping' } satisfies ToWriterThread);
    } else if (now - this.#askedWriterAt > (this.#options.writerStuckMs ?? DEFAULT_WRITER_STUCK_MS)) {
      void this.#writer.terminate();
    }
  }

  #stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    if (this.#sensor) this.#sensor.postMessage({ type: 'stop' } satisfies ToSensorThread);
    else if (!this.#memoryWanted) this.#settle({ unconfirmed: 0, status: this.#lastStatus });
    const deadline = setTimeout(() => {
      const unconfirmed = Math.max(1, this.#lastStatus?.unconfirmed ?? 1);
      this.#settle({ unconfirmed, status: this.#lastStatus });
    }, STOP_DEADLINE_MS);
    deadline.unref();
  }

  async #endThreads(): Promise<void> {
    const sensor = this.#sensor;
    this.#sensor = null;
    await sensor?.terminate();
    this.#killProcesses();
    const writer = this.#writer;
    this.#writer = null;
    if (writer === null) return;
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(() => resolve(), CLOSE_DEADLINE_MS);
      writer.once('exit', () => {
        clearTimeout(deadline);
        resolve();
      });
      writer.postMessage({ type: 'close' } satisfies ToWriterThread);
    });
    await writer.terminate();
  }

  #killProcesses(): void {
    for (const pid of this.#processes) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    this.#processes.clear();
  }
}
