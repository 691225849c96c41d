import type { Alert } from '../model/records.js';
import { stableId } from '../model/stable-id.js';
import { formatTimestamp } from '../model/time.js';
import type { ExporterState, Outbox } from '../store/sqlite/outbox.js';
import type { Origin } from './build-event.js';
import { certificateMemo } from './delivery.js';
import { cleanText } from './text.js';

/** The store, as far as it is needed here. */
export interface HealthStore {
  readonly outbox: Outbox;
  alert(id: string): Alert | null;
  addAlert(alert: Alert): void;
  setAlertStatus(id: string, status: 'open' | 'closed'): boolean;
}

interface Trouble {
  readonly code: string;
  readonly title: string;
  readonly description: string;
  readonly recommendation: string;
}

/** A connection must have lived so long before a failing exporter counts as mended. */
const CALM_MS = 10_000;
const DAY_MS = 86_400_000;
/** So long before a receiver's certificate ends it is told. */
const CERTIFICATE_DAYS = 14;
const EPISODE = 'alert';
const CERTIFICATE = 'export.certificate';

/**
 * Health alerts about exporters: a receiver that cannot be reached is told through the others and in the console, since
 * it cannot be told through itself. One alert for each exporter and trouble; it is closed when the trouble is over and
 * opened and counted again when it comes back.
 */
export class ExporterHealth {
  readonly #store: HealthStore;
  readonly #origin: Origin;
  readonly #afterMs: number;
  /** Monotonic times. */
  readonly #failingSince = new Map<string, number>();
  readonly #calmSince = new Map<string, number>();

  /** `afterMs`: a shorter failure raises nothing. */
  constructor(store: HealthStore, origin: Origin, afterMs: number) {
    this.#store = store;
    this.#origin = origin;
    this.#afterMs = afterMs;
  }

  /** To be called about once a second. `now`: wall clock in milliseconds; `steady`: a clock that is never set. */
  look(state: ExporterState, isEncrypted: boolean, now: number, steady: number): void {
    this.#lookAtLink(state, now, steady);
    this.#lookAtLoss(state, now);
    if (isEncrypted) this.#lookAtCertificate(state, now);
    // What certificate its receiver had is of no concern any more.
    else this.#end(state.name, CERTIFICATE);
  }

  /** Alerts about exporters that are no more are over. */
  forgetOthers(names: ReadonlySet<string>): void {
    for (const { key, value } of this.#store.outbox.memos(`${EPISODE}:`)) {
      const at = key.indexOf(':');
      const name = key.slice(at + 1);
      if (value.startsWith('open ') && !names.has(name)) this.#end(name, key.slice(0, at));
    }
  }

  #lookAtLink(state: ExporterState, now: number, steady: number): void {
    const { name } = state;
    const trouble = 'export.failing';
    if (state.state === 'failing') {
      this.#calmSince.delete(name);
      const since = this.#failingSince.get(name) ?? steady;
      this.#failingSince.set(name, since);
      if (steady - since < this.#afterMs) return;
      this.#raise(name, now, {
        code: trouble,
        title: `Messages do not reach the receiver ${name}`,
        description: `The exporter ${name} of ${this.#origin.sensor} has failed for more than ${Math.round(this.#afterMs / 1000)} seconds: ${state.error} Its messages are kept and sent when it works again.`,
        recommendation: `Run fieldwatch export test ${name}, which tells the step that fails. Until then look for alerts in the console.`,
      });
      return;
    }
    if (state.state !== 'connected') return;
    const calm = this.#calmSince.get(name) ?? steady;
    this.#calmSince.set(name, calm);
    if (steady - calm < Math.min(CALM_MS, this.#afterMs)) return;
    this.#failingSince.delete(name);
    this.#end(name, trouble);
  }

  /** Never ends by itself: what was given up stays lost. */
  #lookAtLoss({ name, lost }: ExporterState, now: number): void {
    const key = `lost:${name}`;
    const before = Number(this.#store.outbox.memo(key) ?? 0);
    if (lost === before) return;
    if (lost < before) {
      this.#store.outbox.setMemo(key, String(lost));
      return;
    }
    this.#raise(
      name,
      now,
      {
        code: 'export.lost',
        title: `Messages for the receiver ${name} were given up`,
        description: `The exporter ${name} of ${this.#origin.sensor} has given up ${lost} messages so far, because its queue was full, they were too old, or the receiver refused them while it took others. All alerts are in the console.`,
        recommendation:
          'Bring the receiver back, and look into the console for the alerts of the time it was away. queue_messages and queue_days bound what is kept. What the receiver refuses stands in its own log.',
      },
      true,
    );
    // After it: where the disk has no room for the alert, it is raised with the next look.
    this.#store.outbox.setMemo(key, String(lost));
  }

  #lookAtCertificate({ name }: ExporterState, now: number): void {
    const until = Number(this.#store.outbox.memo(certificateMemo(name)) ?? '');
    // Nothing is known while it is not connected.
    if (until === 0) return;
    if (until - now > CERTIFICATE_DAYS * DAY_MS) {
      this.#end(name, CERTIFICATE);
      return;
    }
    this.#raise(name, now, {
      code: CERTIFICATE,
      title: `The certificate of the receiver ${name} ends soon`,
      description: `The certificate of the receiver of the exporter ${name} is valid until ${new Date(until).toISOString().slice(0, 16)}Z. After that nothing is sent to it any more.`,
      recommendation: 'Renew the certificate of the receiver. Fieldwatch looks at it with every new connection.',
    });
  }

  /** `again`: counted although the alert is open. */
  #raise(name: string, now: number, trouble: Trouble, again = false): void {
    const { outbox } = this.#store;
    const key = `${EPISODE}:${trouble.code}:${name}`;
    const memo = outbox.memo(key) ?? '';
    const isOpen = memo.startsWith('open ');
    const known = memo === '' ? null : this.#store.alert(memo.slice(memo.indexOf(' ') + 1));
    if (known && isOpen && !again) return;
    const time = formatTimestamp(now * 1000);
    const alert: Alert = {
      id: stableId('alert', trouble.code, name, time),
      kind: 'health',
      rule_id: trouble.code,
      rule_version: this.#origin.version,
      title: trouble.title,
      severity: 'high',
      status: 'open',
      first_seen: time,
      count: 1,
      object: name,
      attack: [],
      evidence: { records: [], pcap_cnts: [] },
      visibility: { dropped_percent: 0, decode_error_percent: 0, encrypted_percent: 0 },
      dedupe_key: name,
      ...(known ? { id: known.id, first_seen: known.first_seen, count: known.count + 1 } : {}),
      description: cleanText(trouble.description, 1000),
      recommendation: trouble.recommendation,
      last_seen: time,
    };
    this.#store.addAlert(alert);
    // What a person has closed while it lasts stays closed, unless something new has happened.
    const isNews = !isOpen || (again && known?.status === 'closed');
    if (known && known.status !== 'open' && isNews) this.#store.setAlertStatus(alert.id, 'open');
    outbox.setMemo(key, `open ${alert.id}`);
  }

  #end(name: string, code: string): void {
    const { outbox } = this.#store;
    const key = `${EPISODE}:${code}:${name}`;
    const memo = outbox.memo(key);
    if (!memo?.startsWith('open ')) return;
    const id = memo.slice('open '.length);
    if (this.#store.alert(id)?.status !== 'closed') this.#store.setAlertStatus(id, 'closed');
    outbox.setMemo(key, `closed ${id}`);
  }
}
