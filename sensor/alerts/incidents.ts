import type { Alert } from '../model/records.js';
import { stableId } from '../model/stable-id.js';
import { MICROS_PER_SECOND, type Micros, parseTimestamp } from '../model/time.js';

const MINUTE: Micros = 60 * MICROS_PER_SECOND;
/** An incident is over when nothing was added to it for this long. */
export const INCIDENT_GAP: Micros = 60 * MINUTE;
/** And at the latest then: what never stops would otherwise be one story for ever. */
export const INCIDENT_LENGTH: Micros = 24 * 60 * MINUTE;
/** What is seen at a device so soon after somebody acted on it counts as the consequence. */
export const CONSEQUENCE_WITHIN: Micros = 10 * MINUTE;
const MAX_INCIDENTS = 10_000;
/** Devices that one incident remembers for its consequences. */
const MAX_TARGETS = 1000;
const MAX_TOUCHED = 20_000;

/** What can be the effect of an act, and whose own source is a victim or a bystander. */
const CONSEQUENCES: ReadonlySet<string> = new Set([
  'device-silent',
  'polling-stopped',
  'polling-changed',
  'unusual-value',
  'identity-changed',
]);

interface Open {
  readonly id: string;
  first: Micros;
  last: Micros;
  targets: number;
}

/**
 * Which alerts are one story: those of one source that follow each other within an hour (a scan, then a write, then a
 * stop), and what happened to the devices it acted on right after. Ids depend on the traffic alone.
 */
export class Incidents {
  /** By source; those whose latest alert is longest ago come first. */
  readonly #bySource = new Map<string, Open>();
  /** Who acted last on a device; longest ago first. */
  readonly #touched = new Map<string, { readonly open: Open; readonly at: Micros }>();

  /** The incident that a new alert belongs to; null for what has no source, such as the sensor's own health. */
  of(alert: Alert, at: Micros): string | null {
    const source = alert.src_asset ?? alert.src_ip;
    const target = alert.dest_asset ?? alert.dest_ip;
    if (CONSEQUENCES.has(alert.rule_id)) {
      const cause = this.#causeOf([target, source], at);
      if (cause !== null) {
        if (at > cause.last) cause.last = at;
        return cause.id;
      }
    }
    const actor = source ?? target;
    if (actor === undefined || alert.kind === 'health') return null;
    const open = this.#openOf(actor, alert, at);
    this.#touch(target, open, at);
    return open.id;
  }

  /** An alert of before a restart. */
  restore(alert: Alert): void {
    const source = alert.src_asset ?? alert.src_ip ?? alert.dest_asset ?? alert.dest_ip;
    if (alert.incident === undefined || source === undefined || CONSEQUENCES.has(alert.rule_id)) return;
    const [first, last] = [parseTimestamp(alert.first_seen), parseTimestamp(alert.last_seen)];
    const known = this.#bySource.get(source);
    const same = known?.id === alert.incident ? known : null;
    if (same === null && known !== undefined && known.last >= last) return;
    const open: Open = same ?? { id: alert.incident, first, last, targets: 0 };
    open.first = Math.min(open.first, first);
    open.last = Math.max(open.last, last);
    this.#keep(source, open);
    this.#touch(alert.dest_asset ?? alert.dest_ip, open, last);
  }

  /** The same alert again. */
  repeated(alert: Alert, at: Micros): void {
    const open = this.#bySource.get(alert.src_asset ?? alert.src_ip ?? alert.dest_asset ?? alert.dest_ip ?? '');
    if (open !== undefined && open.id === alert.incident && at > open.last && !isOver(open, at)) open.last = at;
  }

  #openOf(actor: string, alert: Alert, at: Micros): Open {
    const known = this.#bySource.get(actor);
    if (known !== undefined && !isOver(known, at)) {
      if (at > known.last) known.last = at;
      this.#keep(actor, known);
      return known;
    }
    const open: Open = { id: stableId('incident', actor, alert.id), first: at, last: at, targets: 0 };
    this.#keep(actor, open);
    return open;
  }

  #keep(actor: string, open: Open): void {
    this.#bySource.delete(actor);
    this.#bySource.set(actor, open);
    shrink(this.#bySource, MAX_INCIDENTS);
  }

  #touch(target: string | undefined, open: Open, at: Micros): void {
    if (target === undefined || open.targets >= MAX_TARGETS) return;
    open.targets++;
    this.#touched.delete(target);
    this.#touched.set(target, { open, at });
    shrink(this.#touched, MAX_TOUCHED);
  }

  #causeOf(devices: readonly (string | undefined)[], at: Micros): Open | null {
    for (const device of devices) {
      const touched = device === undefined ? undefined : this.#touched.get(device);
      if (touched === undefined || isOver(touched.open, at)) continue;
      if (Math.abs(at - Math.max(touched.at, touched.open.last)) <= CONSEQUENCE_WITHIN) return touched.open;
    }
    return null;
  }
}

function isOver(open: Open, at: Micros): boolean {
  return at - open.last > INCIDENT_GAP || at - open.first > INCIDENT_LENGTH;
}

function shrink<T>(map: Map<string, T>, most: number): void {
  if (map.size <= most) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
