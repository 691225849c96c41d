import { hostname as hostName } from 'node:os';
import type { SensorHealth } from '../model/records.js';
import { stableId } from '../model/stable-id.js';
import { formatTimestamp } from '../model/time.js';
import { type ExporterPosition, isFull, type Outbox, type QueuedEvent } from '../store/sqlite/outbox.js';
import { buildEvent, heartbeatEvent, lostNotice, type Origin, type Records, refusedNotice } from './build-event.js';
import type { ExportEvent } from './event.js';
import { type Channel, DeliveryError, type Exporter, type Step } from './exporter.js';
import { passesQueue, passesZone } from './filter.js';
import type { ExporterSettings } from './settings.js';
import { SlidingLimit } from './sliding-limit.js';

/** The store, as the delivery uses it. */
export interface DeliveryStore extends Records {
  readonly outbox: Outbox;
  health(): SensorHealth[];
}

export interface DeliveryTiming {
  /** How often the queue is looked at while nothing waits. */
  pollMs: number;
  /** Pause after the first failure; doubled with each up to the longest. A random part of up to half is taken off. */
  firstRetryMs: number;
  longestRetryMs: number;
  /** A receiver whose machine acknowledges nothing for this long is taken as gone. */
  silentMs: number;
  /** How long a receiver may take to close its side after ours, where nothing else tells that it has read everything. */
  closeMs: number;
  /** An exporter that has failed for this long raises a health alert. */
  healthMs: number;
}

export const DEFAULT_TIMING: DeliveryTiming = {
  pollMs: 500,
  firstRetryMs: 1000,
  longestRetryMs: 60_000,
  silentMs: 10_000,
  closeMs: 10_000,
  healthMs: 60_000,
};

export interface DeliveryOptions {
  readonly name: string;
  readonly settings: ExporterSettings;
  /** A new one for each connection: keys and certificates may have been renewed. */
  readonly create: () => Exporter;
  readonly store: DeliveryStore;
  readonly origin: Origin;
  /** Who delivers, in the store's record of it. */
  readonly holder: string;
  readonly timing: DeliveryTiming;
  /** Milliseconds of the wall clock. */
  readonly now: () => number;
  /** One sentence for whoever watches the program. */
  readonly tell: (sentence: string) => void;
  /** Ends when nothing waits any more. */
  readonly isDrain: boolean;
  /** Messages in any second of what happens now; what waited before the connection is not meant. */
  readonly livePerSecond: number;
}

/** How long the right to deliver lasts without being renewed; a process that died loses it at once (see `hold`). */
export const HOLD_MS = 15_000;
/** More than this waiting at the beginning of a connection is a backlog: new messages overtake it. */
const BACKLOG_MESSAGES = 500;
const MAX_RANGES = 20;
/** A connection that lived this long was a working one: the next retry comes soon again. */
const STABLE_MS = 10_000;

/** A message that the receiver refuses alone is set aside after so many tries, if it takes the notice that tells of it. */
const REFUSED_TRIES = 3;
/** Beginning and backlog of the queue can each have one at their head. */
const MAX_REFUSED = 4;

/**
 * Where the kernel does not tell what the other machine has, a connection is closed after the time that is sent again: a
 * receiver that closes its side as well has read it. One that never does is trusted after that time.
 */
const MAX_UNCLOSED = 3;

/** What was handed over at one time, and where the exporter stands when it is certain. */
interface Sent {
  readonly at: number;
  /** Bytes handed over up to and with this. */
  readonly offset: number;
  readonly position: ExporterPosition;
  readonly messages: number;
  readonly lostTold: number;
}

function copy(position: ExporterPosition): ExporterPosition {
  return { ...position, ranges: position.ranges.map((range) => ({ ...range })) };
}

export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || ms <= 0) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

/** Lets so many messages through in a second, a second's worth at once at most. */
class Pace {
  readonly #perSecond: number;
  #tokens: number;
  #at: number;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#at = performance.now();
  }

  /** Milliseconds to wait before `amount` more may go. */
  take(amount: number): number {
    const now = performance.now();
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((now - this.#at) * this.#perSecond) / 1000);
    this.#at = now;
    this.#tokens -= amount;
    return this.#tokens >= 0 ? 0 : (-this.#tokens * 1000) / this.#perSecond;
  }
}

/**
 * Brings the queue to one receiver: connects, sends in order, and moves the exporter's place in the queue only when
 * what was sent is certain. After any failure it begins again from the last certain place, so that messages can come
 * twice but never not at all.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #stop = new AbortController();
  readonly #pace: Pace;
  readonly #live: SlidingLimit;
  /** Where a connection ended that the receiver has read to its end. */
  #carried: { position: ExporterPosition; sent: Sent[]; offset: number } | null = null;
  /** How often in a row the receiver has not closed its side of a connection after we had closed ours. */
  #unclosed = 0;
  /** When the last heartbeat was sent, or the delivery began. */
  #beatAt = performance.now();
  #failures = 0;
  #retryAfterMs = 0;
  #state = '';
  #liveTurn = true;
  /** How often in a row a message was refused, by its number in the queue. */
  readonly #refusals = new Map<number, number>();
  /** One was set aside, and nothing of the queue was taken since: the next may be of the same kind. */
  #isSeries = false;
  #isBegun = false;
  /** All that was waiting has been sent and is certain (only with `isDrain`). */
  isDrained = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#pace = new Pace(options.settings.messages_per_second);
    this.#live = new SlidingLimit(options.livePerSecond);
  }

  get name(): string {
    return this.#options.name;
  }

  stop(): void {
    this.#stop.abort();
  }

  async run(): Promise<void> {
    const { store, name, holder, timing } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted && !this.isDrained) {
      let channel: Channel | null = null;
      const startedAt = performance.now();
      try {
        if (!this.renew()) {
          this.#carried = null;
          await sleep(Math.min(timing.firstRetryMs * 5, 5000), signal);
          continue;
        }
        // What was seen with other settings says nothing of these.
        if (!this.#isBegun && store.outbox.memo(certificateMemo(name)))
          noting(() => store.outbox.setMemo(certificateMemo(name), ''));
        this.#isBegun = true;
        const exporter = this.#options.create();
        channel = await exporter.connect(signal, (step) => this.#noteCertificate(step));
        // A connection that is opened only with the first request proves nothing yet.
        if (exporter.assurance !== 'confirmed' || this.#state === '') this.#show('connected', '', exporter.target);
        await this.#deliver(exporter, channel);
        // An orderly end: the next connection comes at once.
        this.#failures = 0;
        this.#retryAfterMs = 0;
      } catch (error) {
        if (signal.aborted) break;
        this.#carried = null;
        this.#failed(error, performance.now() - startedAt);
      } finally {
        await channel?.close().catch(() => {});
      }
      if (!signal.aborted && !this.isDrained) await sleep(this.#retryPause(), signal);
    }
    try {
      store.outbox.setState(name, 'waiting', this.isDrained ? '' : this.#state, this.#options.now());
      store.outbox.release(name, holder);
    } catch {
      // The store may be gone or held up; the right to deliver runs out by itself.
    }
  }

  #noteCertificate({ validUntil }: Step): void {
    const { store, name } = this.#options;
    const key = certificateMemo(name);
    const text = validUntil === undefined ? '' : String(validUntil);
    if (text === '' || store.outbox.memo(key) === text) return;
    noting(() => store.outbox.setMemo(key, text));
  }

  /** Keeps the right to deliver; false when another process has it. */
  renew(): boolean {
    const { store, name, holder, now } = this.#options;
    return store.outbox.hold(name, holder, now(), HOLD_MS, isDeadHolder);
  }

  #retryPause(): number {
    const { firstRetryMs, longestRetryMs } = this.#options.timing;
    const pause = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.#failures - 1, 10));
    return Math.max(pause * (0.5 + Math.random() / 2), this.#retryAfterMs);
  }

  #failed(error: unknown, livedMs: number): void {
    this.#failures = livedMs > STABLE_MS ? 1 : this.#failures + 1;
    const sentence = error instanceof Error ? error.message : String(error);
    this.#retryAfterMs = error instanceof DeliveryError ? error.retryAfterMs : 0;
    this.#show(
      'failing',
      error instanceof DeliveryError ? sentence : `The store or the program failed: ${sentence}`,
      '',
    );
  }

  #show(state: 'connected' | 'failing', error: string, target: string): void {
    const { store, name, now, tell } = this.#options;
    if (this.#state !== error || state === 'connected') {
      if (error !== '') tell(`exporter ${name}: ${error} Messages are kept and sent later.`);
      else if (this.#state !== '') tell(`exporter ${name}: connected to ${target} again.`);
    }
    this.#state = error;
    try {
      store.outbox.setState(name, state, error, now());
    } catch {
      // Told above; the next change is written again.
    }
  }

  async #deliver(exporter: Exporter, channel: Channel): Promise<void> {
    const { store, name, timing, isDrain } = this.#options;
    const { signal } = this.#stop;
    const { outbox } = store;
    const state = outbox.exporter(name);
    if (!state) throw new DeliveryError('This exporter was removed.');
    const stored: ExporterPosition = { acked: state.acked, ranges: state.ranges, sequence: state.sequence };
    const before = this.#carried;
    // Whether this connection is read to its end as well is not known yet.
    this.#carried = null;
    if (!before) this.#setBacklogAside(stored);
    const { position, sent, ...carried } = before ?? { position: stored, sent: [], offset: 0 };
    let { offset } = carried;
    let acknowledged = offset;
    let progressAt = performance.now();
    while (!signal.aborted) {
      if (channel.failure) throw channel.failure;
      const { sequence } = position;
      const room = isDrain ? Number.POSITIVE_INFINITY : this.#live.room(performance.now());
      // Told on this connection, but not certain yet.
      const toldAlready = sent.reduce((sum, item) => sum + item.lostTold, 0);
      const isNotice = (outbox.exporter(name)?.lostUntold ?? 0) > toldAlready;
      const isBeat = room > 0 && this.#isBeatDue();
      // What we say of ourselves has its share of what may be sent now.
      const liveLimit = Math.max(Math.min(1, room), room - Number(isNotice) - Number(isBeat));
      const { events, isLive } = this.#next(position, exporter.batch, liveLimit);
      let { messages, lostTold } =
        events.length === 0 ? { messages: [], lostTold: 0 } : this.#encode(exporter, events, position, toldAlready);
      // Counted as lost, a notice that is refused would make the next one, and that again one, without end.
      const own = lostTold > 0 ? messages.slice(0, 1) : [];
      // Alone with rows that a filter keeps back, it would hold them up when it is refused, and all behind them.
      const beat = isBeat && (messages.length > 0 || events.length === 0) ? this.#heartbeat(exporter, position) : null;
      if (beat) {
        own.push(beat);
        messages.push(beat);
      }
      if (messages.length > 0) {
        await sleep(this.#pace.take(messages.length), signal);
        const refusal = await sendUnlessRefused(channel, messages);
        if (refusal) {
          const refused = this.#refusedOften(events, refusal);
          // Numbers that nobody took are free again.
          position.sequence = sequence;
          messages = [this.#refusedNotice(exporter, refused, refusal, position)];
          lostTold = 0;
          // Refused as well: it is not the message, and nothing is given up.
          await channel.send(messages);
          this.#setAside(refused);
        } else {
          for (const { n } of events) this.#refusals.delete(n);
          if (events.length > 0) this.#isSeries = false;
          // Until one was sent it stays due: where nothing else waits, only it tells that a receiver is gone.
          if (beat) this.#beatAt = performance.now();
          this.#giveUp((channel.refused ?? []).filter((message) => !own.includes(message)).length);
        }
        for (const message of messages) offset += message.length;
        if (isLive) this.#live.took(messages.length, performance.now());
      }
      if (this.#state !== '') this.#show('connected', '', exporter.target);
      const now = performance.now();
      if (events.length > 0 || messages.length > 0)
        sent.push({ at: now, offset, position: copy(position), messages: messages.length, lostTold });
      const open = exporter.assurance === 'window' ? channel.outstanding() : null;
      if (open) {
        const confirmed = offset - open.bytes;
        if (confirmed > acknowledged || open.bytes === 0) {
          acknowledged = Math.max(acknowledged, confirmed);
          progressAt = now;
        }
        if (open.isSilent && now - progressAt > timing.silentMs)
          throw new DeliveryError(
            `${exporter.target} acknowledges nothing any more: the network or the machine behind it is gone.`,
          );
      }
      const certainBefore = exporter.assurance === 'window' ? now - exporter.resendMs : Number.POSITIVE_INFINITY;
      const isBlind = exporter.assurance === 'window' && !open && this.#unclosed < MAX_UNCLOSED;
      this.#acknowledge(sent, certainBefore, open || isBlind ? acknowledged : Number.POSITIVE_INFINITY);
      if (isBlind && sent.some((item) => item.offset > acknowledged && item.at < certainBefore)) break;
      if (events.length > 0) continue;
      if (isDrain) break;
      await sleep(Math.min(timing.pollMs, this.#live.waitMs(now)), signal);
    }
    // The receiver has read everything when it closes its side after ours: nothing has to be sent again then.
    const wasRead = await channel.finish(isDrain || signal.aborted ? undefined : timing.closeMs);
    if (!signal.aborted) this.#unclosed = wasRead ? 0 : this.#unclosed + 1;
    if (wasRead && !isDrain && !signal.aborted) {
      // Read, but whoever read it may be killed before it is stored: it stays in doubt for its time.
      this.#carried = { position, sent, offset };
    } else if (wasRead) {
      this.#acknowledge(sent, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
      this.isDrained = isDrain && !signal.aborted;
    } else if (!signal.aborted) {
      if (channel.failure) throw channel.failure;
      // Handed over, but not certain: it stays in the queue, and whoever delivers next sends it again.
      this.isDrained = isDrain;
    }
  }

  /** After an outage what is new goes first, so that an alert of now does not wait for those of yesterday. */
  #setBacklogAside(position: ExporterPosition): void {
    const { outbox } = this.#options.store;
    const { head } = outbox;
    if (this.#options.isDrain || head - position.acked <= BACKLOG_MESSAGES || position.ranges.length >= MAX_RANGES)
      return;
    position.ranges.push({ from: position.acked, to: head });
    position.acked = head;
    const { name, holder, now } = this.#options;
    noting(() => outbox.acknowledge(name, holder, position, 0, now()));
  }

  /** Moves `position` behind what it returns. New messages and backlog take turns; each is in order. */
  #next(position: ExporterPosition, limit: number, liveLimit: number): { events: QueuedEvent[]; isLive: boolean } {
    const live = () => {
      const amount = Math.min(limit, liveLimit);
      const events = amount > 0 ? this.#read(position.acked, Number.MAX_SAFE_INTEGER, amount) : [];
      position.acked = events.at(-1)?.n ?? position.acked;
      return events;
    };
    this.#liveTurn = !this.#liveTurn;
    if (this.#liveTurn) {
      const events = live();
      if (events.length > 0) return { events, isLive: true };
    }
    for (let range = position.ranges[0]; range; range = position.ranges[0]) {
      const events = this.#read(range.from, range.to, limit);
      const last = events.at(-1);
      if (last) {
        range.from = last.n;
        return { events, isLive: false };
      }
      position.ranges.shift();
    }
    return { events: live(), isLive: true };
  }

  /** What was refused goes alone, so that it is known which message it is. */
  #read(after: number, to: number, limit: number): QueuedEvent[] {
    const events = this.#options.store.outbox.events(after, to, limit);
    const [first] = events;
    return first && (this.#isSeries || this.#refusals.has(first.n)) ? [first] : events;
  }

  /** The message that was refused so often that it may be its content. Throws the refusal where it is tried again. */
  #refusedOften(events: readonly QueuedEvent[], refusal: DeliveryError): QueuedEvent {
    const [first] = events;
    if (!first) throw refusal;
    const times = (this.#refusals.get(first.n) ?? (this.#isSeries ? REFUSED_TRIES - 1 : 0)) + 1;
    this.#refusals.delete(first.n);
    this.#refusals.set(first.n, times);
    const [oldest] = this.#refusals.keys();
    if (this.#refusals.size > MAX_REFUSED && oldest !== undefined) this.#refusals.delete(oldest);
    // The next connection begins with the same side of the queue.
    this.#liveTurn = !this.#liveTurn;
    if (times < REFUSED_TRIES || events.length > 1) throw refusal;
    return first;
  }

  #refusedNotice(exporter: Exporter, queued: QueuedEvent, refusal: DeliveryError, position: ExporterPosition): Buffer {
    const { store, origin, name, now } = this.#options;
    const { stream } = store.outbox;
    const id = stableId('event', 'refused', name, stream, queued.n);
    const event = refusedNotice(origin, name, queued.id, refusal.message, id, formatTimestamp(now() * 1000));
    event.sequence = ++position.sequence;
    event.stream = stream;
    return exporter.encode(event);
  }

  /** The receiver has refused it and taken the notice of it. */
  #setAside({ n, id }: QueuedEvent): void {
    const { store, name, tell } = this.#options;
    noting(() => store.outbox.addLost(name, 1));
    noting(() => store.outbox.lostWasTold(name, 1));
    this.#refusals.delete(n);
    this.#isSeries = true;
    tell(`exporter ${name}: the receiver refuses the message ${id} and takes others; it is given up.`);
  }

  #giveUp(refused: number): void {
    if (refused === 0) return;
    const { store, name, tell } = this.#options;
    noting(() => store.outbox.addLost(name, refused));
    tell(`exporter ${name}: ${refused} messages were refused by the receiver, which takes others; they are given up.`);
  }

  #isBeatDue(): boolean {
    const seconds = this.#options.settings.heartbeat_seconds;
    return !this.#options.isDrain && seconds > 0 && performance.now() - this.#beatAt >= seconds * 1000;
  }

  #heartbeat(exporter: Exporter, position: ExporterPosition): Buffer {
    const { store, settings, origin, name, now } = this.#options;
    const { stream } = store.outbox;
    const millis = now();
    const event = heartbeatEvent(
      origin,
      stableId('event', 'heartbeat', name, stream, millis),
      formatTimestamp(millis * 1000),
      {
        interval_seconds: settings.heartbeat_seconds,
        waiting: store.outbox.waiting(position),
        lost: store.outbox.exporter(name)?.lost ?? 0,
        is_sensor_running: store.health().some((sensor) => isSensorRunning(sensor, millis)),
      },
    );
    event.sequence = ++position.sequence;
    event.stream = stream;
    return exporter.encode(event);
  }

  #encode(
    exporter: Exporter,
    events: readonly QueuedEvent[],
    position: ExporterPosition,
    toldAlready: number,
  ): { messages: Buffer[]; lostTold: number } {
    const { store, settings, origin, name, now } = this.#options;
    const stream = store.outbox.stream;
    const messages: Buffer[] = [];
    const add = (event: ExportEvent) => {
      event.sequence = ++position.sequence;
      event.stream = stream;
      messages.push(exporter.encode(event));
    };
    let gone = 0;
    const built = store.outbox.readTogether(() => {
      const records = cached(store);
      return events
        .filter((queued) => passesQueue(settings, queued))
        .map((queued) => buildEvent(queued, records, origin));
    });
    const wanted: ExportEvent[] = [];
    for (const event of built) {
      // Retention may have removed an alert before it could be sent.
      if (event === null) gone++;
      else if (passesZone(settings, event)) wanted.push(event);
    }
    const { lostUntold = 0, lost = 0 } = store.outbox.exporter(name) ?? {};
    const lostTold = wanted.length > 0 ? Math.max(0, lostUntold - toldAlready) : 0;
    if (lostTold > 0) {
      const time = formatTimestamp(now() * 1000);
      add(lostNotice(origin, name, lostTold, stableId('event', 'lost', name, stream, lost), time));
    }
    for (const event of wanted) add(event);
    if (gone > 0) noting(() => store.outbox.addLost(name, gone));
    return { messages, lostTold };
  }

  #acknowledge(sent: Sent[], sentBefore: number, upToOffset: number): void {
    let count = 0;
    let messages = 0;
    let lostTold = 0;
    for (const item of sent) {
      if (item.at > sentBefore || item.offset > upToOffset) break;
      count++;
      messages += item.messages;
      lostTold += item.lostTold;
    }
    const last = sent[count - 1];
    if (!last) return;
    const { store, name, holder, now } = this.#options;
    const acknowledge = () => store.outbox.acknowledge(name, holder, last.position, messages, now());
    const isNoted = noting(() => {
      // The right to deliver could not be noted either while the disk was full.
      if (!acknowledge() && !(this.renew() && acknowledge()))
        throw new DeliveryError('Another process delivers for this exporter now.');
    });
    // Tried again with the next messages; until then a break of the connection would send them twice.
    if (!isNoted) return;
    if (lostTold > 0) noting(() => store.outbox.lostWasTold(name, lostTold));
    sent.splice(0, count);
  }
}

/** A live sensor writes its health every few seconds; one that was killed cannot say that it ended. */
const SENSOR_SILENT_MS = 60_000;

function isSensorRunning({ running, updated }: SensorHealth, now: number): boolean {
  // Either way: the clock may have been set back since.
  return running && Math.abs(now - Date.parse(updated)) < SENSOR_SILENT_MS;
}

/** Null when it was sent; why not, where the receiver refuses what stands in it. Rejects as `Channel.send` otherwise. */
async function sendUnlessRefused(channel: Channel, messages: readonly Buffer[]): Promise<DeliveryError | null> {
  try {
    await channel.send(messages);
    return null;
  } catch (error) {
    if (error instanceof DeliveryError && error.isRefusal) return error;
    throw error;
  }
}

/** False where the disk has no room for what `work` writes; sending goes on meanwhile. */
function noting(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (isFull(error)) return false;
    throw error;
  }
}

/** Where the store keeps until when the receiver's certificate is valid, in milliseconds. */
export function certificateMemo(name: string): string {
  return `certificate:${name}`;
}

/** Neighbouring messages are often about the same few devices. */
function cached(store: DeliveryStore): Records {
  const assets = new Map<string, ReturnType<Records['asset']>>();
  return {
    alert: (id) => store.alert(id) ?? store.outbox.removedAlert(id),
    asset(id) {
      let asset = assets.get(id);
      if (asset === undefined) {
        asset = store.asset(id);
        assets.set(id, asset);
      }
      return asset;
    },
  };
}

/** `host:pid:random`. Only of a process of this machine can be told that it is gone. */
export function holderName(host: string, pid: number, unique: string): string {
  return `${host}:${pid}:${unique}`;
}

function isDeadHolder(holder: string): boolean {
  const [host, pid] = holder.split(':');
  if (host !== hostName() || pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
