import { isInNetwork, type Network, parseIp, parseNetwork, type SiteMap } from './site.js';
import { type Micros, parseTimestamp } from './time.js';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/**
 * A time in which people work on the plant: once, from `begins` to `ends`, or every week, on `days` from `from` to `to`.
 * What it does not name is left open: no zones and no devices means all of the plant, no stations means everybody.
 */
export interface MaintenanceWindow {
  readonly name: string;
  /** ISO 8601. */
  readonly begins?: string;
  readonly ends?: string;
  /** Days on which the window begins; none: every day. */
  readonly days?: readonly Weekday[];
  /** `06:00`; a window whose end is not behind its beginning goes on into the next day. */
  readonly from?: string;
  readonly to?: string;
  /** IANA name of the zone that `from` and `to` are times of; UTC when absent. */
  readonly time_zone?: string;
  /** Names of zones that are worked on. */
  readonly zones?: readonly string[];
  /** Addresses and CIDR blocks of devices that are worked on. */
  readonly devices?: readonly string[];
  /** Names of stations, or addresses and CIDR blocks, from which the work is done. */
  readonly stations?: readonly string[];
  readonly owner?: string;
  readonly reason?: string;
}

/** A window that is open, and until when. */
export interface OpenWindow {
  readonly window: MaintenanceWindow;
  readonly ends: Micros;
}

/** MAC addresses that are known of a device, by its IP address: stations may be written down by theirs. */
type MacsOf = (ip: string) => readonly string[];

const MILLIS_PER_DAY = 86_400_000;
const MILLIS_PER_MINUTE = 60_000;
/** Weekly windows end here, days before a calendar does: they are worked out from the days around. No capture is older than 1970. */
const LAST_DATE: Micros = 8.64e18 - 4 * MILLIS_PER_DAY * 1000;
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = WEEKDAYS.indexOf('thu');
/** Days whose window is remembered: alerts come in bursts, and asking the calendar is slow. */
const MAX_REMEMBERED = 16;
const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$|^24:00$/;

/** What is wrong with a window, in one sentence; null: nothing. */
export function problemOfWindow(window: MaintenanceWindow): string | null {
  const { begins, ends, days, from, to, time_zone: zone } = window;
  const isOnce = begins !== undefined || ends !== undefined;
  const isWeekly = from !== undefined || to !== undefined || days !== undefined;
  if (isOnce && isWeekly) return 'it has either begins and ends, or days, from and to';
  if (!isOnce && !isWeekly) return 'it says no time: give begins and ends, or days, from and to';
  if (isOnce) {
    const [start, end] = [timeOf(begins), timeOf(ends)];
    if (start === null || end === null)
      return 'begins and ends are times such as 2026-11-22T06:00:00Z, and both are needed';
    if (end <= start) return 'it ends before it begins';
  } else if ((from === undefined) !== (to === undefined)) return 'from and to belong together';
  for (const clock of [from, to])
    if (clock !== undefined && !CLOCK.test(clock)) return `"${clock.slice(0, 20)}" is no time of day such as 06:00`;
  if (zone !== undefined && formatOf(zone) === null) return `there is no time zone "${zone.slice(0, 60)}"`;
  const device = window.devices?.find((text) => parseNetwork(text) === null);
  if (device !== undefined) return `"${device.slice(0, 60)}" is no address and no CIDR block`;
  return null;
}

function timeOf(text: string | undefined): Micros | null {
  if (text === undefined) return null;
  const time = parseTimestamp(text);
  return Number.isNaN(time) ? null : time;
}

function formatOf(zone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    return null;
  }
}

/** What the clock on the wall of a time zone shows, as the UTC time that would be written the same; in milliseconds. */
function wallClock(format: Intl.DateTimeFormat, millis: number): number {
  const parts = format.formatToParts(millis);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/**
 * When the clock on the wall shows this: in autumn that is twice (`last` says which of them), in spring never for an
 * hour; then it is the moment at which the clock jumps over it. Milliseconds.
 */
function momentOf(format: Intl.DateTimeFormat, wall: number, last: boolean): number {
  const offsetAt = (millis: number): number => wallClock(format, millis) - millis;
  const [before, after] = [offsetAt(wall - MILLIS_PER_DAY), offsetAt(wall + MILLIS_PER_DAY)];
  const moments = [wall - before, wall - after].filter((moment) => wallClock(format, moment) === wall);
  if (moments.length > 0) return last ? Math.max(...moments) : Math.min(...moments);
  let [early, late] = [wall - after, wall - before];
  while (late - early > MILLIS_PER_MINUTE) {
    const middle = early + Math.ceil((late - early) / 2 / MILLIS_PER_MINUTE) * MILLIS_PER_MINUTE;
    if (offsetAt(middle) === before) early = middle;
    else late = middle;
  }
  return late;
}

/** One window, ready to be asked. */
class Planned {
  readonly window: MaintenanceWindow;
  readonly #begins: Micros;
  readonly #ends: Micros;
  readonly #format: Intl.DateTimeFormat | null;
  /** Minutes of the day; `#to` may lie in the next one. */
  readonly #from: number;
  readonly #to: number;
  /** Beginning and end of the window that begins on a day, by the day's number since 1970; in milliseconds. */
  readonly #spans = new Map<number, readonly [begin: number, end: number]>();
  readonly #days: ReadonlySet<string>;
  readonly #devices: readonly Network[];
  readonly #stationNetworks: readonly Network[];

  constructor(window: MaintenanceWindow) {
    this.window = window;
    this.#begins = timeOf(window.begins) ?? Number.NaN;
    this.#ends = timeOf(window.ends) ?? Number.NaN;
    this.#format = window.begins === undefined ? formatOf(window.time_zone ?? 'UTC') : null;
    this.#from = minutesOf(window.from ?? '00:00');
    const to = minutesOf(window.to ?? '24:00');
    this.#to = to > this.#from ? to : to + 24 * 60;
    this.#days = new Set(window.days ?? WEEKDAYS);
    this.#devices = networksOf(window.devices);
    this.#stationNetworks = networksOf(window.stations);
  }

  /** When the window that is open at this time ends; null when none is. */
  endAt(at: Micros): Micros | null {
    if (this.#format === null) return at >= this.#begins && at < this.#ends ? this.#ends : null;
    if (!(at >= 0 && at <= LAST_DATE)) return null;
    const now = at / 1000;
    const today = Math.floor(wallClock(this.#format, Math.floor(now)) / MILLIS_PER_DAY);
    // A window of yesterday may still be open.
    for (const day of [today, today - 1]) {
      if (!this.#days.has(WEEKDAYS[(day + FIRST_WEEKDAY) % 7] ?? '')) continue;
      const [begin, end] = this.#spanOf(day, this.#format);
      if (now >= begin && now < end) return end * 1000;
    }
    return null;
  }

  #spanOf(day: number, format: Intl.DateTimeFormat): readonly [begin: number, end: number] {
    let span = this.#spans.get(day);
    if (span === undefined) {
      const at = (minutes: number, last: boolean) =>
        momentOf(format, day * MILLIS_PER_DAY + minutes * MILLIS_PER_MINUTE, last);
      span = [at(this.#from, false), at(this.#to, true)];
      if (this.#spans.size >= MAX_REMEMBERED) this.#spans.clear();
      this.#spans.set(day, span);
    }
    return span;
  }

  covers(source: string | null, target: string | null, macsOf: MacsOf, site: SiteMap): boolean {
    const { zones, devices, stations } = this.window;
    if (stations !== undefined && stations.length > 0) {
      if (source === null) return false;
      const isNamed = stations.includes(site.provenStationOf(source, macsOf(source))?.name ?? '');
      if (!isNamed && !isIn(this.#stationNetworks, source)) return false;
    }
    const isOpenToAll = (zones ?? []).length === 0 && (devices ?? []).length === 0;
    if (isOpenToAll) return true;
    // A deviation of a device without a known cause has the device itself as its source.
    const worked = target ?? source;
    if (worked === null) return false;
    return (zones ?? []).includes(site.zoneOf(worked)?.name ?? '') || isIn(this.#devices, worked);
  }
}

function minutesOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
}

function networksOf(texts: readonly string[] = []): Network[] {
  return texts.flatMap((text) => parseNetwork(text) ?? []);
}

function isIn(networks: readonly Network[], ip: string): boolean {
  const words = networks.length === 0 ? null : parseIp(ip);
  return words !== null && networks.some((network) => isInNetwork(network, words));
}

/** All windows; asked when something is found, never for each packet. */
export class MaintenancePlan {
  readonly #windows: readonly Planned[];
  readonly #site: SiteMap;

  /** Windows with mistakes are left out; see `problemOfWindow`. */
  constructor(windows: readonly MaintenanceWindow[], site: SiteMap) {
    this.#windows = windows.filter((window) => problemOfWindow(window) === null).map((window) => new Planned(window));
    this.#site = site;
  }

  /** Of the open windows that cover these two addresses, the one that lasts longest. */
  open(at: Micros, source: string | null, target: string | null, macsOf: MacsOf = () => []): OpenWindow | null {
    let found: OpenWindow | null = null;
    for (const planned of this.#windows) {
      const ends = planned.endAt(at);
      if (ends === null || (found !== null && ends <= found.ends)) continue;
      if (planned.covers(source, target, macsOf, this.#site)) found = { window: planned.window, ends };
    }
    return found;
  }
}

export const WINDOW_STATES = ['open', 'coming', 'over'] as const;

/** Whether a window is open at a time, and until when; one that comes again every week is never over. */
export function stateOfWindow(
  window: MaintenanceWindow,
  at: Micros,
): { state: (typeof WINDOW_STATES)[number]; ends: Micros | null } {
  const ends = problemOfWindow(window) === null ? new Planned(window).endAt(at) : null;
  if (ends !== null) return { state: 'open', ends };
  return { state: (timeOf(window.ends) ?? Number.POSITIVE_INFINITY) <= at ? 'over' : 'coming', ends: null };
}
