import { isInNetwork, type Network, parseIp, parseNetwork, type SiteMap } from './site.js';
import { MICROS_PER_SECOND, type Micros, parseTimestamp } from './time.js';

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

const MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;
const MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND;
/** The last time that a calendar can hold. */
const LAST_DATE: Micros = 8.64e18;
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
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    return null;
  }
}

/** One window, ready to be asked. */
class Planned {
  readonly window: MaintenanceWindow;
  readonly #begins: Micros;
  readonly #ends: Micros;
  readonly #format: Intl.DateTimeFormat | null;
  /** Minutes of the day. */
  readonly #from: number;
  readonly #length: number;
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
    this.#length = to > this.#from ? to - this.#from : to + 24 * 60 - this.#from;
    this.#days = new Set(window.days ?? WEEKDAYS);
    this.#devices = networksOf(window.devices);
    this.#stationNetworks = networksOf(window.stations);
  }

  /** When the window that is open at this time ends; null when none is. */
  endAt(at: Micros): Micros | null {
    if (this.#format === null) return at >= this.#begins && at < this.#ends ? this.#ends : null;
    if (!(Math.abs(at) <= LAST_DATE)) return null;
    const parts = this.#format.formatToParts(new Date(Math.floor(at / 1000)));
    const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
    const seconds = Number(part('hour')) * 3600 + Number(part('minute')) * 60 + Number(part('second'));
    const day = WEEKDAYS.indexOf(part('weekday').toLowerCase() as Weekday);
    // On the two days a year on which clocks change, up to an hour off.
    const midnight = at - seconds * MICROS_PER_SECOND - (at % MICROS_PER_SECOND);
    // A window of yesterday may still be open.
    for (const daysAgo of [0, 1]) {
      if (!this.#days.has(WEEKDAYS[(day + 7 - daysAgo) % 7] ?? '')) continue;
      const begin = midnight - daysAgo * MICROS_PER_DAY + this.#from * MICROS_PER_MINUTE;
      const end = begin + this.#length * MICROS_PER_MINUTE;
      if (at >= begin && at < end) return end;
    }
    return null;
  }

  covers(source: string | null, target: string | null, macsOf: MacsOf, site: SiteMap): boolean {
    const { zones, devices, stations } = this.window;
    if (stations !== undefined && stations.length > 0) {
      if (source === null) return false;
      const isNamed = stations.includes(site.stationOf(source, macsOf(source))?.name ?? '');
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
