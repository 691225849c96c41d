import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CONSOLE_FILE } from '../store/console/console-schema.js';
import { ConsoleStore } from '../store/console/console-store.js';
import { SqliteFindingsStore } from '../store/sqlite/findings-store.js';
import type { QueuedEvent } from '../store/sqlite/outbox.js';
import type { SqlDriver } from '../store/sqlite/sql.js';
import type { Origin } from './build-event.js';
import { DEFAULT_TIMING, Delivery, type DeliveryTiming, holderName, sleep } from './delivery.js';
import { ExporterHealth } from './exporter-health.js';
import { passesQueue } from './filter.js';
import { type ExportConfig, type PlannedExporter, planExporters, registrations } from './plan.js';
import { createExporter } from './registry.js';
import { isEncrypted } from './settings.js';

export interface ExportServiceOptions {
  readonly data: string;
  readonly config: ExportConfig;
  readonly origin: Origin;
  /** There is a settings file: exporters that neither it nor the console names are forgotten. */
  readonly hasFile: boolean;
  readonly tell: (sentence: string) => void;
  readonly timing?: Partial<DeliveryTiming>;
  readonly driver?: SqlDriver | undefined;
  readonly now?: () => number;
  /** Milliseconds of a clock that is never set. */
  readonly steady?: () => number;
}

const TICK_MS = 1000;
const RENEW_TICKS = 5;
const PLAN_TICKS = 5;
const TRIM_TICKS = 10;
const TRIM_PORTIONS = 20;
const MILLIS_PER_DAY = 86_400_000;
const AUDIT_AT_ONCE = 500;
const STOP_MS = 4000;

interface Running {
  readonly planned: PlannedExporter;
  /** Tells whether the settings are still the same. */
  readonly key: string;
  readonly delivery: Delivery;
  readonly done: Promise<void>;
}

interface Plan {
  readonly planned: readonly PlannedExporter[];
  /** The console's exporters could be read as well. */
  readonly isComplete: boolean;
}

/**
 * Delivers what is queued, to all exporters, each on its own: one that hangs holds up no other. Runs beside the
 * sensor, in another process on the same data folder, or alone; for each exporter only one process delivers at a time.
 */
export class ExportService {
  readonly #options: ExportServiceOptions;
  readonly #now: () => number;
  readonly #steady: () => number;
  readonly #store: SqliteFindingsStore;
  readonly #holder = holderName(hostname(), process.pid, randomBytes(4).toString('hex'));
  readonly #health: ExporterHealth;
  readonly #running = new Map<string, Running>();
  readonly #stop = new AbortController();
  #ticks = 0;
  #loop: Promise<void> | null = null;
  #hasForgotten = false;
  /** What cannot be done now, and why. */
  readonly #faults = new Map<string, string>();

  /** Opens the store; throws `StoreError`. */
  constructor(options: ExportServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#steady = options.steady ?? (() => performance.now());
    this.#store = new SqliteFindingsStore(options.data, {
      role: 'console',
      driver: options.driver,
      warn: options.tell,
    });
    const { update_seconds: updateSeconds, per_second: perSecond } = options.config;
    this.#store.outbox.configure({ updateSeconds, perSecond });
    this.#health = new ExporterHealth(this.#store, options.origin, options.timing?.healthMs ?? DEFAULT_TIMING.healthMs);
  }

  /** Delivers until `stop`. */
  start(): void {
    this.#loop = this.#run();
  }

  /** Ends within some seconds; what is not certain by then is sent again by whoever delivers next. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#endAll();
    this.#store.close();
  }

  /** Delivers what waits now, and ends: how many messages are left for each exporter, and why. */
  async drain(limitMs: number): Promise<{ name: string; left: number; error: string }[]> {
    const deadline = new AbortController();
    const plan = this.#plan();
    this.#register(plan);
    while (this.#store.outbox.promote(Number.MAX_SAFE_INTEGER, 1000) > 0);
    for (const planned of plan.planned) this.#begin(planned, true);
    const all = Promise.all([...this.#running.values()].map(({ done }) => done));
    await Promise.race([all, sleep(limitMs, deadline.signal)]);
    deadline.abort();
    await this.#endAll();
    this.#store.outbox.prune();
    const left = this.#store.outbox.exporters().map((state) => ({
      name: state.name,
      left: this.#store.outbox.waiting(state),
      error: state.error,
    }));
    this.#store.close();
    return left;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#tick();
      await sleep(TICK_MS, signal);
    }
  }

  #tick(): void {
    const { outbox } = this.#store;
    const tick = this.#ticks++;
    if (tick % PLAN_TICKS === 0) {
      this.#attempt('the exporters cannot be looked up', () => {
        const plan = this.#plan();
        this.#register(plan);
        this.#follow(plan.planned);
      });
      this.#attempt('health alerts cannot be ended', () =>
        this.#health.forgetOthers(new Set(outbox.exporters().map(({ name }) => name))),
      );
    }
    if (this.#running.size === 0) return;
    if (tick % RENEW_TICKS === 0)
      this.#attempt('the right to deliver cannot be noted', () => {
        for (const { delivery } of this.#running.values()) delivery.renew();
      });
    this.#attempt('the audit log cannot be read', () => this.#takeAudit());
    this.#attempt('health alerts cannot be raised', () => this.#lookAtHealth());
    this.#attempt('updates cannot be queued', () => outbox.promoteWithin(this.#now()));
    this.#attempt('what was delivered cannot be removed', () => outbox.prune());
    if (tick % TRIM_TICKS === 0) this.#attempt('the bounds of the queue cannot be kept', () => this.#trim());
  }

  /** A part that fails keeps none of the others from being done. It is told once, and tried again with the next tick. */
  #attempt(what: string, work: () => void): void {
    try {
      work();
      this.#faults.delete(what);
    } catch (error) {
      this.#fault(what, error);
    }
  }

  #fault(what: string, error: unknown): void {
    const sentence = error instanceof Error ? error.message : String(error);
    // A store that cannot be used has one reason for all of it.
    const isTold = [...this.#faults.values()].includes(sentence);
    this.#faults.set(what, sentence);
    if (!isTold) this.#options.tell(`export: ${what} now (${sentence}); trying again.`);
  }

  #lookAtHealth(): void {
    for (const state of this.#store.outbox.exporters()) {
      const settings = this.#running.get(state.name)?.planned.settings;
      if (settings === undefined || state.holder !== this.#holder) continue;
      this.#health.look(state, isEncrypted(settings), this.#now(), this.#steady());
    }
  }

  #plan(): Plan {
    const { config, data } = this.#options;
    const isEnabled = ({ settings }: PlannedExporter) => settings.enabled;
    const what = 'exporters of the console cannot be read';
    try {
      const planned = planExporters(config, data).filter(isEnabled);
      this.#faults.delete(what);
      return { planned, isComplete: true };
    } catch (error) {
      // A damaged console.db holds up no exporter of the settings file, and none that runs already.
      this.#fault(what, error);
      const ofFile = planExporters(config, '').filter(isEnabled);
      const ofConsole = [...this.#running.values()]
        .map(({ planned }) => planned)
        .filter(({ from }) => from === 'console');
      return { planned: [...ofFile, ...ofConsole], isComplete: false };
    }
  }

  /** Makes known who exports, so that writers of findings queue for them. */
  #register({ planned, isComplete }: Plan): void {
    const { outbox } = this.#store;
    const forgetOthers = isComplete && !this.#hasForgotten && this.#options.hasFile;
    this.#hasForgotten ||= isComplete;
    const known = new Map(outbox.exporters().map((state) => [state.name, state.wants.join(',')]));
    const wanted = registrations(planned);
    const names = new Set(wanted.map(({ name }) => name));
    const isStale =
      wanted.some(({ name, wants }) => known.get(name) !== wants.join(',')) ||
      (forgetOthers && [...known.keys()].some((name) => !names.has(name)));
    if (isStale) outbox.register(wanted, forgetOthers);
  }

  /** Starts what is new, ends what is gone, begins anew what was changed. */
  #follow(planned: readonly PlannedExporter[]): void {
    const before = new Map(this.#running);
    for (const [name, running] of before) {
      const still = planned.find((other) => other.name === name);
      if (still && keyOf(still) === running.key) continue;
      running.delivery.stop();
      this.#running.delete(name);
      if (!still && running.planned.from === 'console')
        void running.done.then(() => this.#store.outbox.unregister(name));
    }
    for (const one of planned) if (!this.#running.has(one.name)) this.#begin(one, false, before.get(one.name)?.done);
  }

  #begin(planned: PlannedExporter, isDrain: boolean, after: Promise<void> = Promise.resolve()): void {
    const { data, origin, tell, timing } = this.#options;
    const { name, settings } = planned;
    const delivery = new Delivery({
      name,
      settings,
      create: () => createExporter(settings, planned.secrets(), data),
      store: this.#store,
      origin,
      holder: this.#holder,
      timing: { ...DEFAULT_TIMING, ...timing },
      now: this.#now,
      tell,
      isDrain,
      livePerSecond: this.#options.config.per_second,
    });
    const done = after.then(() => delivery.run());
    this.#running.set(name, { planned, key: keyOf(planned), delivery, done });
  }

  async #endAll(): Promise<void> {
    for (const { delivery } of this.#running.values()) delivery.stop();
    const all = Promise.all([...this.#running.values()].map(({ done }) => done));
    await Promise.race([all, new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())]);
    this.#running.clear();
  }

  /** The audit log lies in another file; a row is queued once, because its number is kept with the queue. */
  #takeAudit(): void {
    const { data } = this.#options;
    const { outbox } = this.#store;
    const wants = [...this.#running.values()].some(({ planned }) => planned.settings.events.includes('audit'));
    if (!wants || !existsSync(join(data, CONSOLE_FILE))) return;
    const accounts = new ConsoleStore(data);
    try {
      const last = outbox.lastAudit;
      // What was done before anybody exported is history.
      if (last === null) outbox.addAudit([], accounts.lastAuditRow, this.#now());
      else {
        const rows = accounts.auditRowsAfter(last, AUDIT_AT_ONCE);
        const newest = rows.at(-1);
        if (newest)
          outbox.addAudit(
            rows.map(({ n, ...facts }) => ({ n, facts: { n, ...facts } })),
            newest.n,
            this.#now(),
          );
      }
    } finally {
      accounts.close();
    }
  }

  #trim(): void {
    const { config } = this.#options;
    const { outbox } = this.#store;
    outbox.passTime(this.#now(), this.#steady());
    const tooOld = outbox.waitedLonger(config.queue_days * MILLIS_PER_DAY);
    for (let portion = 0; portion < TRIM_PORTIONS; portion++) {
      const removed = outbox.trim(config.queue_messages, tooOld);
      if (removed.length === 0) return;
      this.#countLost(removed);
    }
  }

  #countLost(removed: readonly QueuedEvent[]): void {
    const { outbox } = this.#store;
    for (const state of outbox.exporters()) {
      const settings = this.#running.get(state.name)?.planned.settings;
      const lost = removed.filter((event) => {
        const isWaiting = event.n > state.acked || state.ranges.some(({ from, to }) => event.n > from && event.n <= to);
        return isWaiting && (settings === undefined || passesQueue(settings, event));
      }).length;
      if (lost > 0) outbox.addLost(state.name, lost);
    }
  }
}

function keyOf({ settings, from, sealed }: PlannedExporter): string {
  return JSON.stringify([from, settings, sealed]);
}
