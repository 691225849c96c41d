import type { MaintenanceWindow } from './maintenance.js';
import type { Criticality } from './records.js';

/** What people have written down about their plant: parts of the network, and the stations in them. */

export interface Zone {
  readonly name: string;
  /** Addresses and CIDR blocks, IPv4 or IPv6. */
  readonly networks: readonly string[];
  /** ISA-95 / Purdue level of what stands there, 0 to 5. */
  readonly purdue_level?: number;
  readonly criticality?: Criticality;
}

export interface Station {
  readonly name: string;
  /** Addresses; a CIDR block stands for every address in it. */
  readonly ips?: readonly string[];
  readonly macs?: readonly string[];
  readonly roles?: readonly string[];
  /** Classes of operations that it is there for: `read`, `write`, `control`, `program`, … */
  readonly authorised?: readonly string[];
}

export interface Site {
  readonly zones: readonly Zone[];
  readonly stations: readonly Station[];
  /** Times in which people work on the plant. */
  readonly maintenance?: readonly MaintenanceWindow[];
}

export const EMPTY_SITE: Site = { zones: [], stations: [] };

/** A block of addresses: those whose first `prefix` bits are those of `words` (IPv4 mapped into IPv6). */
export interface Network {
  readonly words: readonly [number, number, number, number];
  readonly prefix: number;
}

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const MAC = /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i;
const CISCO_MAC = /^[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}$/i;

/** Four signed 32-bit words as `formatIp` takes them; null for what is no address. */
export function parseIp(text: string): [number, number, number, number] | null {
  const octets = IPV4.exec(text);
  if (octets) {
    let word = 0;
    for (const octet of octets.slice(1)) {
      if (Number(octet) > 255) return null;
      word = (word << 8) | Number(octet);
    }
    return [0, 0, 0xffff, word];
  }
  return parseIpv6(text);
}

function parseIpv6(text: string): [number, number, number, number] | null {
  if (text.length > 45 || !text.includes(':')) return null;
  // RFC 4291 section 2.2: the last two groups may be written as an IPv4 address.
  const tail = /(?<=:)[\d.]+$/.exec(text)?.[0];
  if (tail?.includes('.')) {
    const v4 = IPV4.test(tail) ? parseIp(tail) : null;
    if (v4 === null) return null;
    const [high, low] = [v4[3] >>> 16, v4[3] & 0xffff];
    return parseIpv6(`${text.slice(0, -tail.length)}${high.toString(16)}:${low.toString(16)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head, rest] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const groups = [...(head ?? []), ...(rest ?? [])];
  if (groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return null;
  if (halves.length === 1 ? groups.length !== 8 : groups.length > 7) return null;
  const zeros = new Array<string>(8 - groups.length).fill('0');
  const all = [...(head ?? []), ...zeros, ...(rest ?? [])].map((group) => Number.parseInt(group, 16));
  const word = (at: number): number => (all[at]! << 16) | all[at + 1]!;
  return [word(0), word(2), word(4), word(6)];
}

/** `10.1.0.0/16`, `fd00::/8` or a single address; null for anything else. */
export function parseNetwork(text: string): Network | null {
  const [address = '', length, ...more] = text.trim().split('/');
  const words = parseIp(address);
  if (words === null || more.length > 0) return null;
  const bits = address.includes(':') ? 128 : 32;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return null;
  const prefix = length === undefined ? bits : Number(length);
  return prefix > bits ? null : { words, prefix: prefix + 128 - bits };
}

export function isInNetwork(network: Network, words: readonly number[]): boolean {
  for (let index = 0; index < 4; index++) {
    const bits = network.prefix - index * 32;
    if (bits <= 0) return true;
    const mask = bits >= 32 ? -1 : -1 << (32 - bits);
    if (((network.words[index]! ^ words[index]!) & mask) !== 0) return false;
  }
  return true;
}

const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
]
  .map(parseNetwork)
  .filter((network) => network !== null);

/** Private, link-local and loopback addresses (RFC 1918, 3927, 4193, 4291). */
export function isInternal(ip: string): boolean {
  const words = parseIp(ip);
  return words !== null && PRIVATE.some((network) => isInNetwork(network, words));
}

/** `00:1b:1b:aa:bb:cc`, from any of the usual ways to write it; null for what is no MAC address. */
export function parseMac(text: string): string | null {
  const trimmed = text.trim();
  if (!MAC.test(trimmed) && !CISCO_MAC.test(trimmed)) return null;
  const digits = trimmed.replaceAll(/[:.-]/g, '').toLowerCase();
  return digits.match(/../g)!.join(':');
}

/** Answers which zone an address lies in, and which written-down station it is. */
export class SiteMap {
  readonly site: Site;
  readonly #zones: { zone: Zone; network: Network }[];
  readonly #stations: { station: Station; network: Network }[];
  readonly #stationByMac = new Map<string, Station>();

  constructor(site: Site) {
    this.site = site;
    this.#zones = longestFirst(site.zones, 'zone', (zone) => zone.networks);
    this.#stations = longestFirst(site.stations, 'station', (station) => station.ips ?? []);
    for (const station of site.stations) {
      for (const text of station.macs ?? []) {
        const mac = parseMac(text);
        if (mac !== null) this.#stationByMac.set(mac, station);
      }
    }
  }

  /** The zone with the smallest block around the address; null where none is written down. */
  zoneOf(ip: string): Zone | null {
    if (this.#zones.length === 0) return null;
    const words = parseIp(ip);
    return (words && this.#zones.find(({ network }) => isInNetwork(network, words))?.zone) || null;
  }

  stationOf(ip: string | null, macs: readonly string[] = []): Station | null {
    const words = ip === null || this.#stations.length === 0 ? null : parseIp(ip);
    const byIp = words && this.#stations.find(({ network }) => isInNetwork(network, words))?.station;
    if (byIp) return byIp;
    for (const mac of macs) {
      const station = this.#stationByMac.get(mac);
      if (station) return station;
    }
    return null;
  }

  /** The station, when everything fits that is written down of it: where addresses and network cards are, both. */
  provenStationOf(ip: string, macs: readonly string[]): Station | null {
    const station = this.stationOf(ip, macs);
    if (station === null || !station.ips?.length || !station.macs?.length) return station;
    const words = parseIp(ip);
    const hasIp = this.#stations.some((one) => one.station === station && words && isInNetwork(one.network, words));
    return hasIp && macs.some((mac) => this.#stationByMac.get(mac) === station) ? station : null;
  }
}

function longestFirst<T, K extends string>(
  items: readonly T[],
  name: K,
  networksOf: (item: T) => readonly string[],
): (Record<K, T> & { network: Network })[] {
  return items
    .flatMap((item) =>
      networksOf(item).flatMap((text) => {
        const network = parseNetwork(text);
        return network ? [{ [name]: item, network } as Record<K, T> & { network: Network }] : [];
      }),
    )
    .sort((one, other) => other.network.prefix - one.network.prefix);
}
