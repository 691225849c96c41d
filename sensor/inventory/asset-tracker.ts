import type { OperationClass } from '../model/operation.js';
import type { IdentityFact } from '../model/pdu.js';
import type { Asset, AssetProtocol, Identity, IdentityField, Unit } from '../model/records.js';
import { EMPTY_SITE, SiteMap } from '../model/site.js';
import { stableId } from '../model/stable-id.js';
import { formatTimestamp, type Micros, parseTimestamp } from '../model/time.js';
import { EvidenceList } from './evidence.js';

/** Limits of Defender for IoT's largest appliance, for orientation; an address flood must not fill the memory. */
const MAX_ASSETS = 10_000;
const MAX_UNITS = 256;
const MAX_PROTOCOLS = 64;
const MAX_PORTS = 16;
/** A network card that speaks for more addresses than this is a router's. */
const MAX_ADDRESSES_PER_MAC = 3;
const MAX_MACS = 20_000;
/** Modbus units that mean the device at the address itself. */
const OWN_UNITS: ReadonlySet<number> = new Set([-1, 0, 255]);

const IDENTITY_FIELDS = [
  'vendor',
  'model',
  'order_number',
  'firmware',
  'hardware_revision',
  'serial',
  'hostname',
  'os',
] as const satisfies readonly IdentityField[];

class UnitState {
  readonly evidence = new EvidenceList();
  readonly unit: number;
  firstSeen: Micros = Number.NaN;
  lastSeen: Micros = Number.NaN;
  /** It answered with something other than "there is no such device". */
  hasAnswered = false;

  constructor(unit: number, at: Micros) {
    this.unit = unit;
    this.firstSeen = at;
    this.lastSeen = at;
  }
}

/** A device, known by its IP address, or by its MAC address where it has none. */
export class AssetState {
  readonly id: string;
  readonly ip: string | null;
  readonly evidence = new EvidenceList();
  readonly units = new Map<number, UnitState>();
  readonly protocols = new Map<string, { name: string; as: 'client' | 'server'; ports: Set<number> }>();
  firstSeen: Micros = Number.NaN;
  lastSeen: Micros = Number.NaN;
  packets = 0;
  inBaseline = false;
  /** It has been decided whether it is part of the baseline. */
  isJudged = false;
  /** People decide these; the store keeps their word. */
  approved = false;
  /** Name of the zone that people have drawn around it. */
  zone: string | null = null;
  /** What it does as a client, to tell an operator station from an engineering station. */
  readonly clientClasses = new Set<OperationClass>();
  isChanged = true;
  /** Something else than counters changed. */
  needsWriting = true;

  constructor(key: string, ip: string | null, at: Micros) {
    this.id = stableId('asset', key);
    this.ip = ip;
    this.firstSeen = at;
    this.lastSeen = at;
  }

  get name(): string {
    const { evidence } = this;
    return (
      evidence.best('name') ??
      evidence.best('hostname') ??
      this.#ownIdentity().model ??
      this.ip ??
      evidence.best('mac') ??
      this.id
    );
  }

  /** How a person would call it in a sentence: "Example PLC (10.0.0.5)". */
  get label(): string {
    const { name, ip } = this;
    return ip === null || name === ip ? name : `${name} (${ip})`;
  }

  /** `ports` are those it serves. */
  addProtocol(name: string, as: 'client' | 'server', port: number): void {
    const key = `${as} ${name}`;
    let entry = this.protocols.get(key);
    if (!entry) {
      if (this.protocols.size >= MAX_PROTOCOLS) return;
      entry = { name, as, ports: new Set() };
      this.protocols.set(key, entry);
      this.needsWriting = true;
    }
    if (as === 'server' && port > 0 && !entry.ports.has(port) && entry.ports.size < MAX_PORTS) {
      entry.ports.add(port);
      this.needsWriting = true;
    }
  }

  unitState(unit: number, at: Micros): UnitState | null {
    let state = this.units.get(unit);
    if (!state) {
      if (this.units.size >= MAX_UNITS) return null;
      state = new UnitState(unit, at);
      this.units.set(unit, state);
      this.needsWriting = true;
    }
    if (at > state.lastSeen) state.lastSeen = at;
    return state;
  }

  /** A device that serves a single unit is that unit; several units are devices behind a gateway. */
  #ownIdentity(): Identity {
    const behind = [...this.units.values()].filter((unit) => unit.hasAnswered && !OWN_UNITS.has(unit.unit));
    const sources = [this.evidence];
    for (const unit of this.units.values()) {
      if (OWN_UNITS.has(unit.unit) || behind.length <= 1) sources.push(unit.evidence);
    }
    const identity: Identity = {};
    for (const field of IDENTITY_FIELDS) {
      // What a device says of itself outweighs what its network card's maker is.
      const values = sources.map((source) => source.best(field)).filter((value) => value !== undefined);
      const value = values.at(-1);
      if (value !== undefined) identity[field] = value;
    }
    return identity;
  }

  #roles(): { roles: string[]; level: number | null } {
    const isServer = [...this.protocols.values()].some(
      (protocol) => protocol.as === 'server' && protocol.name === 'modbus',
    );
    const behind = [...this.units.values()].filter((unit) => unit.hasAnswered && !OWN_UNITS.has(unit.unit));
    if (isServer) {
      return behind.length > 1 ? { roles: ['gateway', 'plc'], level: 1 } : { roles: ['plc'], level: 1 };
    }
    // What a stranger does is no role: an intruder that programs a controller is no engineering station.
    if (!this.inBaseline && !this.approved) return { roles: [], level: null };
    const classes = this.clientClasses;
    if (classes.has('program') || classes.has('control')) return { roles: ['engineering_station'], level: 2 };
    if (classes.has('identify') || classes.has('diagnose')) {
      return { roles: classes.has('read') ? ['engineering_station', 'hmi'] : ['engineering_station'], level: 2 };
    }
    if (classes.has('write')) return { roles: ['hmi'], level: 2 };
    if (classes.has('read')) return { roles: ['scada_server'], level: 2 };
    return { roles: [], level: null };
  }

  toRecord(): Asset {
    const identity = this.#ownIdentity();
    const { roles, level } = this.#roles();
    const protocols: AssetProtocol[] = [...this.protocols.values()].map(({ name, as, ports }) => ({
      name,
      as,
      ports: [...ports].sort((one, other) => one - other),
    }));
    const units: Unit[] = [];
    for (const unit of this.units.values()) {
      if (!unit.hasAnswered) continue;
      const record: Unit = {
        unit: `unit ${unit.unit}`,
        first_seen: formatTimestamp(unit.firstSeen),
        last_seen: formatTimestamp(unit.lastSeen),
        evidence: unit.evidence.toRecords(),
      };
      for (const field of IDENTITY_FIELDS) {
        const value = unit.evidence.best(field);
        if (value !== undefined) record[field] = value;
      }
      units.push(record);
    }
    return {
      id: this.id,
      name: this.name,
      ips: this.ip === null ? [] : [this.ip],
      macs: this.evidence.values('mac'),
      ...identity,
      roles,
      purdue_level: level,
      zone: this.zone,
      protocols,
      units,
      first_seen: formatTimestamp(this.firstSeen),
      last_seen: formatTimestamp(this.lastSeen),
      criticality: level === 1 ? 'high' : level === 2 ? 'medium' : 'low',
      approved: this.approved,
      in_baseline: this.inBaseline,
      packets: this.packets,
      evidence: this.evidence.toRecords(),
    };
  }

  restore(record: Asset): void {
    this.firstSeen = parseTimestamp(record.first_seen);
    this.lastSeen = parseTimestamp(record.last_seen);
    this.packets = record.packets;
    this.inBaseline = record.in_baseline;
    this.isJudged = true;
    this.approved = record.approved;
    this.evidence.restore(record.evidence);
    for (const { name, as, ports } of record.protocols) {
      this.addProtocol(name, as, 0);
      for (const port of ports) this.addProtocol(name, as, port);
    }
    for (const unit of record.units) {
      const number = Number(unit.unit.replace('unit ', ''));
      const state = Number.isInteger(number) ? this.unitState(number, parseTimestamp(unit.first_seen)) : null;
      if (!state) continue;
      state.hasAnswered = true;
      state.lastSeen = parseTimestamp(unit.last_seen);
      state.evidence.restore(unit.evidence);
    }
    this.needsWriting = false;
  }
}

/** All devices. An address becomes a device once it has shown that somebody answers for it. */
export class AssetTracker {
  /** Addresses that found no place. */
  notKept = 0;
  /** Times that a MAC address found no place. */
  macsNotKept = 0;
  readonly #byIp = new Map<string, AssetState>();
  readonly #macAddresses = new Map<string, Set<string>>();
  /** MAC addresses whose owner has said so by ARP. */
  readonly #arpOwners = new Map<string, string>();
  readonly #vendorOf: (mac: string) => string | null;
  readonly #site: SiteMap;

  constructor(vendorOf: (mac: string) => string | null, site: SiteMap = new SiteMap(EMPTY_SITE)) {
    this.#vendorOf = vendorOf;
    this.#site = site;
  }

  get size(): number {
    return this.#byIp.size;
  }

  get(ip: string): AssetState | null {
    return this.#byIp.get(ip) ?? null;
  }

  /** The device of an address, made when it is new; null when there is no room for more. */
  confirm(ip: string, at: Micros): AssetState | null {
    const known = this.#byIp.get(ip);
    if (known) return known;
    if (this.#byIp.size >= MAX_ASSETS) {
      this.notKept++;
      return null;
    }
    const asset = new AssetState(`ip ${ip}`, ip, at);
    asset.zone = this.#site.zoneOf(ip)?.name ?? null;
    this.#byIp.set(ip, asset);
    return asset;
  }

  /** `source`: `arp` where the device itself said so, `ethernet` where a frame merely came from there. */
  noteMac(asset: AssetState, mac: string, source: 'arp' | 'ethernet', number: number, at: Micros): void {
    const ip = asset.ip ?? '';
    if (source === 'arp') {
      if (!this.#arpOwners.has(mac) && this.#arpOwners.size >= MAX_MACS) {
        this.macsNotKept++;
        return;
      }
      this.#arpOwners.set(mac, ip);
    } else if (this.#isForwarded(mac, ip)) return;
    if (!this.#remember(mac, ip)) return;
    const isNew = asset.evidence.add('mac', mac, source, source === 'arp' ? 90 : 60, number, at);
    if (!isNew) return;
    asset.needsWriting = true;
    const vendor = this.#vendorOf(mac);
    if (vendor) asset.evidence.add('vendor', vendor, 'mac.oui', 40, number, at);
  }

  identity(asset: AssetState, fact: IdentityFact, number: number, at: Micros): void {
    const list = OWN_UNITS.has(fact.unit) ? asset.evidence : asset.unitState(fact.unit, at)?.evidence;
    if (list?.add(fact.field, fact.value, fact.source, fact.confidence, number, at)) asset.needsWriting = true;
  }

  /** A device behind the address has answered. */
  unitAnswered(asset: AssetState, unit: number, at: Micros): void {
    const state = asset.unitState(unit, at);
    if (!state || state.hasAnswered) return;
    state.hasAnswered = true;
    asset.needsWriting = true;
  }

  acts(asset: AssetState, operationClass: OperationClass): void {
    if (asset.clientClasses.has(operationClass)) return;
    asset.clientClasses.add(operationClass);
    asset.needsWriting = true;
  }

  restore(records: readonly Asset[]): void {
    for (const record of records) {
      const ip = record.ips[0];
      if (ip === undefined || this.#byIp.size >= MAX_ASSETS) continue;
      const asset = new AssetState(`ip ${ip}`, ip, 0);
      asset.zone = this.#site.zoneOf(ip)?.name ?? null;
      asset.restore(record);
      for (const mac of record.macs) this.#remember(mac, ip);
      this.#byIp.set(ip, asset);
    }
  }

  /** Records that have changed since the last call; `withCounters`: also where only counters did. */
  collect(withCounters: boolean): Asset[] {
    const records: Asset[] = [];
    for (const asset of this.#byIp.values()) {
      if (!asset.needsWriting && !(withCounters && asset.isChanged)) continue;
      asset.needsWriting = false;
      asset.isChanged = false;
      records.push(asset.toRecord());
    }
    return records;
  }

  /** A router sends other devices' packets under its own MAC address. */
  #isForwarded(mac: string, ip: string): boolean {
    const owner = this.#arpOwners.get(mac);
    if (owner !== undefined && owner !== ip) return true;
    return (this.#macAddresses.get(mac)?.size ?? 0) > MAX_ADDRESSES_PER_MAC;
  }

  /** Returns false when the MAC address is another's or a router's; then nobody keeps it on the word of a frame. */
  #remember(mac: string, ip: string): boolean {
    let addresses = this.#macAddresses.get(mac);
    if (!addresses) {
      if (this.#macAddresses.size >= MAX_MACS) {
        this.macsNotKept++;
        return false;
      }
      addresses = new Set();
      this.#macAddresses.set(mac, addresses);
    }
    // One more than a device may have says all: a router's further addresses need no place.
    if (addresses.size <= MAX_ADDRESSES_PER_MAC) addresses.add(ip);
    const owner = this.#arpOwners.get(mac);
    if (addresses.size <= MAX_ADDRESSES_PER_MAC && owner === undefined) return true;
    for (const address of addresses) {
      const asset = this.#byIp.get(address);
      if (!asset || address === owner) continue;
      if (asset.evidence.remove('mac', mac, 'ethernet')) {
        const vendor = this.#vendorOf(mac);
        const isStillIts = asset.evidence.values('mac').some((kept) => this.#vendorOf(kept) === vendor);
        if (vendor && !isStillIts) asset.evidence.remove('vendor', vendor, 'mac.oui');
        asset.needsWriting = true;
      }
    }
    return owner === ip;
  }
}
