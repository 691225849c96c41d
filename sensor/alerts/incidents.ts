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
/** Names of sources with an incident: two for most devices, their record's and their address. */
const MAX_SOURCES = 20_000;
/** Devices that one incident remembers for its consequences. */
const MAX_TARGETS = 1000;
const MAX_TOUCHED = 20_000;

/** What can be the effect of an act, and whose own source is a victim or a bystander. */
const CONSEQUENCES: ReadonlySet<string> = new Set([
  'device-silent',
  'slow-answers',
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
    if (CONSEQUENCES.has(alert.rule_id)) {
      const cause = this.#causeOf([...targetOf(alert), ...sourceOf(alert)], at);
      if (cause !== null) {
        if (at > cause.last) cause.last = at;
        return cause.id;
      }
    }
    const actor = actorOf(alert);
    if (actor.length === 0 || alert.kind === 'health') return null;
    const known = this.#known(actor);
    const open: Open =
      known !== null && !isOver(known, at)
        ? known
        : { id: stableId('incident', actor.join(' '), alert.id), first: at, last: at, targets: 0 };
    if (at > open.last) open.last = at;
    this.#keep(actor, open);
    this.#touch(targetOf(alert), open, at);
    return open.id;
  }

  /** An alert of before a restart. */
  restore(alert: Alert): void {
    const actor = actorOf(alert);
    if (alert.incident === undefined || actor.length === 0 || CONSEQUENCES.has(alert.rule_id)) return;
    const [first, last] = [parseTimestamp(alert.first_seen), parseTimestamp(alert.last_seen)];
    const known = this.#known(actor);
    const same = known?.id === alert.incident ? known : null;
    if (same === null && known !== null && known.last >= last) return;
    const open: Open = same ?? { id: alert.incident, first, last, targets: 0 };
    open.first = Math.min(open.first, first);
    open.last = Math.max(open.last, last);
    this.#keep(actor, open);
    this.#touch(targetOf(alert), open, last);
  }

  /** The same alert again. */
  repeated(alert: Alert, at: Micros): void {
    const open = this.#known(actorOf(alert));
    if (open !== null && open.id === alert.incident && at > open.last && !isOver(open, at)) open.last = at;
  }

  /** A device is first known by its address, and by its record from the moment on that it is in the inventory. */
  #known(names: readonly string[]): Open | null {
    let found: Open | null = null;
    for (const name of names) {
      const open = this.#bySource.get(name);
      if (open !== undefined && (found === null || open.last > found.last)) found = open;
    }
    return found;
  }

  #keep(names: readonly string[], open: Open): void {
    for (const name of names) {
      this.#bySource.delete(name);
      this.#bySource.set(name, open);
      shrink(this.#bySource, MAX_SOURCES);
    }
  }

  #touch(names: readonly string[], open: Open, at: Micros): void {
    if (open.targets >= MAX_TARGETS) return;
    open.targets++;
    for (const name of names) {
      this.#touched.delete(name);
      this.#touched.set(name, { open, at });
      shrink(this.#touched, MAX_TOUCHED);
    }
  }

  #causeOf(devices: readonly string[], at: Micros): Open | null {
    for (const device of devices) {
      const touched = this.#touched.get(device);
      if (touched === undefined || isOver(touched.open, at)) continue;
      if (Math.abs(at - Math.max(touched.at, touched.open.last)) <= CONSEQUENCE_WITHIN) return touched.open;
    }
    return null;
  }
}

function names(...given: readonly (string | undefined)[]): string[] {
  return given.filter((name) => name !== undefined);
}

function sourceOf(alert: Alert): string[] {
  return names(alert.src_asset, alert.src_ip);
}

function targetOf(alert: Alert): string[] {
  return names(alert.dest_asset, alert.dest_ip);
}

/** Who acted; where nobody is known, what it happened to. */
function actorOf(alert: Alert): string[] {
  const source = sourceOf(alert);
  return source.length > 0 ? source : targetOf(alert);
}

/** A capture may be older than the one before it: what lies long before an incident is none of it either. */
function isOver(open: Open, at: Micros): boolean {
  return Math.abs(at - open.last) > INCIDENT_GAP || at - open.first > INCIDENT_LENGTH;
}

function shrink<T>(map: Map<string, T>, most: number): void {
  if (map.size <= most) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
