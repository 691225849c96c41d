import type { OperationClass } from '../model/operation.js';
import type {
  Asset,
  AssetChange,
  AssetProtocol,
  AssetSettings,
  Criticality,
  Evidence,
  Identity,
  IdentityField,
  Unit,
} from '../model/records.js';
import type { Station, Zone } from '../model/site.js';
import { stableId } from '../model/stable-id.js';
import { formatTimestamp, type Micros, parseTimestamp } from '../model/time.js';
import { EvidenceList } from './evidence.js';
import { chooseRoles, type InferredRole, inferRoles } from './roles.js';
import { inferZone } from './zones.js';

const MAX_UNITS = 256;
const MAX_PROTOCOLS = 64;
const MAX_PORTS = 16;
/** Changes of a device's identity that are kept, the latest. */
const MAX_CHANGES = 32;
/** Modbus units that mean the device at the address itself. */
export const OWN_UNITS: ReadonlySet<number> = new Set([-1, 0, 255]);
/** Marks evidence that was worked out here and is worked out anew with every record. */
const INFERRED = 'inferred.';
const SITE_SOURCE = 'site';
const SITE_CONFIDENCE = 99;
const ZONE_SOURCE = 'inferred.zone';
const LEVEL_SOURCE = 'inferred.level';
const LEVEL_CONFIDENCE = 50;

export const IDENTITY_FIELDS = [
  'vendor',
  'model',
  'order_number',
  'firmware',
  'hardware_revision',
  'serial',
  'hostname',
  'os',
] as const satisfies readonly IdentityField[];

export class UnitState {
  readonly evidence = new EvidenceList();
  readonly unit: number;
  label: string;
  firstSeen: Micros = Number.NaN;
  lastSeen: Micros = Number.NaN;
  /** It answered with something other than "there is no such device". */
  hasAnswered = false;
  /** A part of the device (a module in its rack), not a device behind its address. */
  readonly isModule: boolean;

  constructor(unit: number, at: Micros, isModule: boolean) {
    this.unit = unit;
    this.isModule = isModule;
    this.label = `${isModule ? 'module' : 'unit'} ${unit}`;
    this.firstSeen = at;
    this.lastSeen = at;
  }
}

/** Evidence that was worked out here. */
type Conclusion = Pick<Evidence, 'field' | 'value' | 'source' | 'confidence' | 'reason'>;

export interface AssetProfile {
  readonly name: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly macs: readonly string[];
  readonly roles: readonly string[];
  readonly criticality: Criticality;
}

/** A device. It is known by its first address: IP, or MAC where it has none. */
export class AssetState {
  readonly id: string;
  readonly ips: string[] = [];
  readonly evidence = new EvidenceList();
  /** By number; modules, which have numbers of their own, by one below -1. */
  readonly units = new Map<number, UnitState>();
  readonly protocols = new Map<string, { name: string; as: 'client' | 'server'; ports: Set<number> }>();
  readonly changes: AssetChange[] = [];
  firstSeen: Micros = Number.NaN;
  lastSeen: Micros = Number.NaN;
  packets = 0;
  inBaseline = false;
  /** It has been decided whether it is part of the baseline. */
  isJudged = false;
  /** It came after the others were learned, and a person has let it in. */
  isLetIn = false;
  /** When somebody new reached it, or an alert was raised about it, in this run. */
  alarmedAt: Micros = Number.NEGATIVE_INFINITY;
  /** People decide these; the store keeps their word. */
  approved = false;
  words: AssetSettings | null = null;
  zoneEntry: Zone | null = null;
  station: Station | null = null;
  /** What it does as a client, to tell an operator station from an engineering station. */
  readonly clientClasses = new Set<OperationClass>();
  /** Other addresses whose packets come under its MAC address. */
  forwards = 0;
  /** Normal because a person said so, not because it was learned. */
  isDeclared = false;
  /** Network cards that were seen to be its own, or claimed. */
  cards = 0;
  isChanged = true;
  /** Grows with everything about any device that is more than a counter: the same number means the same device as before. */
  revision = 0;
  /** A record of it has been handed out. */
  isHandedOut = false;
  /** The device that it turned out to be. */
  mergedInto: AssetState | null = null;
  static #revisions = 0;
  #needsWriting = true;
  #label = '';
  #labelRevision = -1;
  #profile: AssetProfile | null = null;
  #profileRevision = -1;

  constructor(id: string, ip: string | null, at: Micros) {
    this.id = id;
    if (ip !== null) this.ips.push(ip);
    this.firstSeen = at;
    this.lastSeen = at;
  }

  static keyed(key: string, ip: string | null, at: Micros): AssetState {
    return new AssetState(stableId('asset', key), ip, at);
  }

  /** Something else than counters changed. */
  get needsWriting(): boolean {
    return this.#needsWriting;
  }

  set needsWriting(needsWriting: boolean) {
    this.#needsWriting = needsWriting;
    if (needsWriting) this.revision = ++AssetState.#revisions;
  }

  /** Takes what people say of it from now on. */
  say(words: AssetSettings | null): void {
    this.words = words;
    this.revision = ++AssetState.#revisions;
  }

  /** A person says that it belongs here, or takes that back. It learns on its own when it came after the others. */
  letIn(isApproved: boolean): void {
    if (this.approved === isApproved) return;
    this.approved = isApproved;
    this.isLetIn = isApproved && !this.inBaseline;
    this.needsWriting = true;
  }

  /** A person says that it is normal. */
  declare(): void {
    if (!this.inBaseline) this.isDeclared = true;
    this.isLetIn ||= this.isJudged && !this.inBaseline;
    this.isJudged = true;
    this.inBaseline = true;
    this.needsWriting = true;
  }

  /** Nobody says so any more: it is judged anew when it is seen again. */
  withdraw(): void {
    if (!this.isDeclared) return;
    this.isDeclared = false;
    this.isLetIn = false;
    this.isJudged = false;
    this.inBaseline = false;
    this.needsWriting = true;
  }

  /** What people or learning have made known is never forgotten, unless nobody has ever talked to it. */
  get worth(): number | null {
    if (this.approved || this.isDeclared || this.words !== null || this.station !== null) return null;
    if (this.protocols.size > 0) return this.inBaseline ? null : 1;
    return this.inBaseline ? 2 : 0;
  }

  /** The device itself, where this one was found to be the same as another. */
  get current(): AssetState {
    let asset: AssetState = this;
    while (asset.mergedInto !== null) asset = asset.mergedInto;
    // One after the other may be merged without end: nobody walks the whole way twice.
    if (asset !== this) this.mergedInto = asset;
    return asset;
  }

  get ip(): string | null {
    return this.ips[0] ?? null;
  }

  get name(): string {
    const { evidence } = this;
    return (
      this.words?.name ??
      this.station?.name ??
      evidence.best('name') ??
      evidence.best('hostname') ??
      this.ownIdentity().model ??
      this.ip ??
      evidence.best('mac') ??
      this.id
    );
  }

  /** How a person would call it in a sentence: "Example PLC (10.0.0.5)". */
  get label(): string {
    if (this.#labelRevision !== this.revision) {
      const { name, ip } = this;
      this.#label = ip === null || name === ip ? name : `${name} (${ip})`;
      this.#labelRevision = this.revision;
    }
    return this.#label;
  }

  /** What rules may ask of it. */
  get profile(): AssetProfile {
    if (this.#profile === null || this.#profileRevision !== this.revision) {
      const { vendor = null, model = null } = this.ownIdentity();
      const { name, roles, criticality } = this;
      this.#profile = { name, vendor, model, macs: this.evidence.values('mac'), roles, criticality };
      this.#profileRevision = this.revision;
    }
    return this.#profile;
  }

  /** As a person or the settings say; what is inferred beside it authorises nothing. */
  get statedZone(): string | null {
    return this.words?.zone ?? this.zoneEntry?.name ?? null;
  }

  get roles(): string[] {
    return this.words?.roles ?? chooseRoles(this.#inferred()).roles;
  }

  get criticality(): Criticality {
    return this.words?.criticality ?? this.zoneEntry?.criticality ?? criticalityOf(this.#level());
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

  unitState(unit: number, at: Micros, isModule = false): UnitState | null {
    const key = isModule ? -2 - unit : unit;
    let state = this.units.get(key);
    if (!state) {
      if (this.units.size >= MAX_UNITS) return null;
      state = new UnitState(unit, at, isModule);
      this.units.set(key, state);
      this.needsWriting = true;
    }
    if (at > state.lastSeen) state.lastSeen = at;
    return state;
  }

  noteChange(change: AssetChange): void {
    if (this.changes.length >= MAX_CHANGES) this.changes.shift();
    this.changes.push(change);
    this.needsWriting = true;
  }

  /** Takes over everything of a device that turned out to be this one. */
  absorb(other: AssetState): void {
    for (const ip of other.ips) if (!this.ips.includes(ip)) this.ips.push(ip);
    this.evidence.absorb(other.evidence);
    for (const unit of other.units.values()) {
      const own = this.unitState(unit.unit, unit.lastSeen, unit.isModule);
      if (!own) continue;
      own.label = unit.label;
      own.hasAnswered ||= unit.hasAnswered;
      own.evidence.absorb(unit.evidence);
      if (unit.firstSeen < own.firstSeen) own.firstSeen = unit.firstSeen;
    }
    for (const { name, as, ports } of other.protocols.values()) {
      this.addProtocol(name, as, 0);
      for (const port of ports) this.addProtocol(name, as, port);
    }
    for (const operationClass of other.clientClasses) this.clientClasses.add(operationClass);
    for (const change of other.changes) this.noteChange(change);
    this.forwards = Math.max(this.forwards, other.forwards);
    if (!(other.firstSeen >= this.firstSeen)) this.firstSeen = other.firstSeen;
    if (!(other.lastSeen <= this.lastSeen)) this.lastSeen = other.lastSeen;
    this.packets += other.packets;
    this.approved ||= other.approved;
    // A card that was told of before it had an address is told of again as a device.
    this.isJudged ||= other.isJudged && (other.inBaseline || other.ips.length > 0 || this.ips.length === 0);
    this.alarmedAt = Math.max(this.alarmedAt, other.alarmedAt);
    this.isLetIn ||= other.isLetIn;
    this.inBaseline ||= other.inBaseline;
    this.zoneEntry ??= other.zoneEntry;
    this.station ??= other.station;
    this.words ??= other.words;
    other.mergedInto = this;
    this.needsWriting = true;
    this.isChanged = true;
  }

  /** Gives up what belongs to a part that is a device of its own again. */
  release(part: AssetState): void {
    for (const ip of part.ips) if (this.ips.includes(ip)) this.ips.splice(this.ips.indexOf(ip), 1);
    for (const { field, value, source } of part.evidence.toRecords()) this.evidence.remove(field, value, source);
    this.needsWriting = true;
  }

  /** A device that serves a single unit is that unit; several units are devices behind a gateway. */
  ownIdentity(): Identity {
    const behind = this.#unitsBehind();
    const sources = [this.evidence];
    for (const unit of this.units.values()) {
      // What is known of a module is known of the device as well.
      if (!unit.isModule && (OWN_UNITS.has(unit.unit) || behind <= 1)) sources.push(unit.evidence);
    }
    const identity: Identity = {};
    for (const field of IDENTITY_FIELDS) {
      let best = -1;
      for (const source of sources) {
        const confidence = source.confidence(field);
        // What a device says of itself outweighs what its network card's maker is.
        if (confidence < best || confidence === 0) continue;
        best = confidence;
        identity[field] = source.best(field)!;
      }
    }
    return identity;
  }

  #unitsBehind(): number {
    let behind = 0;
    for (const unit of this.units.values()) {
      if (unit.hasAnswered && !unit.isModule && !OWN_UNITS.has(unit.unit)) behind++;
    }
    return behind;
  }

  #inferred(): InferredRole[] {
    const stated = (this.station?.roles ?? []).map((role) => ({
      role,
      confidence: SITE_CONFIDENCE,
      source: SITE_SOURCE,
      reason: `The settings say so of station ${this.station?.name}.`,
    }));
    const serves = new Set<string>();
    const uses = new Set<string>();
    for (const { name, as } of this.protocols.values()) (as === 'server' ? serves : uses).add(name);
    const inferred = inferRoles({
      identity: this.ownIdentity(),
      description: this.evidence.best('description') ?? '',
      claimed: this.evidence
        .toRecords()
        .filter(({ field }) => field === 'role')
        .map(({ value, confidence, source }) => ({ role: value, confidence, source })),
      serves,
      uses,
      unitsBehind: this.#unitsBehind(),
      // What a stranger does is no role: an intruder that programs a controller is no engineering station.
      acts: this.inBaseline || this.approved ? this.clientClasses : new Set(),
      forwards: this.forwards,
    });
    return [...stated, ...inferred];
  }

  #level(): number | null {
    return this.words?.purdue_level ?? this.zoneEntry?.purdue_level ?? chooseRoles(this.#inferred()).level;
  }

  /** Where it stands, and why: the zone of the settings, or the one that it seems to belong to. */
  #place(role: string | undefined, level: number | null): { zone: string; reasons: Conclusion[] } {
    const reasons: Conclusion[] = [];
    const { zoneEntry } = this;
    const bySettings = { source: SITE_SOURCE, confidence: SITE_CONFIDENCE };
    const zoneReason = `The settings say so of zone ${zoneEntry?.name}.`;
    if (level !== null) {
      const said =
        zoneEntry?.purdue_level === undefined
          ? { source: LEVEL_SOURCE, confidence: LEVEL_CONFIDENCE, reason: `Devices of the role ${role} work there.` }
          : { ...bySettings, reason: zoneReason };
      reasons.push({ field: 'purdue_level', value: String(level), ...said });
    }
    if (zoneEntry !== null) {
      reasons.push({ field: 'zone', value: zoneEntry.name, ...bySettings, reason: zoneReason });
      return { zone: zoneEntry.name, reasons };
    }
    const { zone, ...why } = inferZone({
      ip: this.ip,
      isOnLink: this.evidence.has('mac', 'arp'),
      level: this.words?.purdue_level ?? level,
    });
    reasons.push({ field: 'zone', value: zone, source: ZONE_SOURCE, ...why });
    return { zone, reasons };
  }

  toRecord(): Asset {
    const inferred = this.#inferred();
    const { roles, level } = chooseRoles(inferred);
    const purdueLevel = this.zoneEntry?.purdue_level ?? level;
    const place = this.#place(roles[0], purdueLevel);
    const protocols: AssetProtocol[] = [...this.protocols.values()].map(({ name, as, ports }) => ({
      name,
      as,
      ports: [...ports].sort((one, other) => one - other),
    }));
    const units: Unit[] = [];
    for (const unit of this.units.values()) {
      if (!unit.hasAnswered) continue;
      const record: Unit = {
        unit: unit.label,
        number: unit.unit,
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
    const reasons = [
      ...inferred
        .filter(({ source }) => source.startsWith(INFERRED) || source === SITE_SOURCE)
        .map(({ role: value, ...rest }): Conclusion => ({ field: 'role', value, ...rest })),
      ...place.reasons,
    ].map(
      (one): Evidence => ({
        ...one,
        pcap_cnt: 0,
        first_seen: formatTimestamp(this.firstSeen),
        last_seen: formatTimestamp(this.lastSeen),
      }),
    );
    const { words } = this;
    // The record is what was seen; the store puts people's words on top.
    this.words = null;
    const record: Asset = {
      id: this.id,
      name: this.name,
      ips: [...this.ips],
      macs: this.evidence.values('mac'),
      ...this.ownIdentity(),
      roles,
      purdue_level: purdueLevel,
      zone: place.zone,
      zone_inferred: this.zoneEntry === null,
      protocols,
      units,
      first_seen: formatTimestamp(this.firstSeen),
      last_seen: formatTimestamp(this.lastSeen),
      criticality: this.zoneEntry?.criticality ?? criticalityOf(purdueLevel),
      approved: this.approved,
      in_baseline: this.inBaseline,
      packets: this.packets,
      evidence: [...this.evidence.toRecords(), ...reasons],
      ...(this.isDeclared ? { declared: true } : {}),
      ...(this.changes.length > 0 ? { changes: [...this.changes] } : {}),
    };
    this.words = words;
    return record;
  }

  restore(record: Asset): void {
    this.firstSeen = parseTimestamp(record.first_seen);
    this.lastSeen = parseTimestamp(record.last_seen);
    this.packets = record.packets;
    this.inBaseline = record.in_baseline;
    this.isDeclared = record.declared === true;
    this.isJudged = true;
    this.isHandedOut = true;
    this.approved = record.approved;
    this.isLetIn = record.approved && !record.in_baseline;
    for (const ip of record.ips) if (!this.ips.includes(ip)) this.ips.push(ip);
    this.evidence.restore(
      record.evidence.filter(
        ({ source }) => !source.startsWith(INFERRED) && source !== SITE_SOURCE && source !== 'person',
      ),
    );
    for (const change of record.changes ?? []) this.noteChange(change);
    for (const { name, as, ports } of record.protocols) {
      this.addProtocol(name, as, 0);
      for (const port of ports) this.addProtocol(name, as, port);
    }
    for (const unit of record.units) {
      const number = unit.number ?? Number(unit.unit.replace('unit ', ''));
      const state = Number.isInteger(number) ? this.unitState(number, parseTimestamp(unit.first_seen)) : null;
      if (!state) continue;
      state.label = unit.unit;
      state.hasAnswered = true;
      state.lastSeen = parseTimestamp(unit.last_seen);
      state.evidence.restore(unit.evidence);
    }
    this.needsWriting = false;
  }
}

function criticalityOf(level: number | null): Criticality {
  if (level === null || level > 2) return 'low';
  return level <= 1 ? 'high' : 'medium';
}
