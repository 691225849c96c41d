import type { OperationClass } from '../model/operation.js';
import type { IdentityFact } from '../model/pdu.js';
import type { Asset, AssetMerge, AssetSettings, DeviceDecisions, IdentityField } from '../model/records.js';
import { EMPTY_SITE, SiteMap } from '../model/site.js';
import { formatTimestamp, MICROS_PER_SECOND, type Micros } from '../model/time.js';
import { AssetState, OWN_UNITS } from './asset-state.js';
import { leastWorth } from './forgetting.js';

export { AssetState } from './asset-state.js';

/** Limits of Defender for IoT's largest appliance, for orientation; an address flood must not fill the memory. */
const MAX_ASSETS = 10_000;
/** The rest is for devices that somebody has answered: who only invents addresses cannot take all places. */
const MAX_UNPROVEN = 9500;
/** From one making of room to the next, so that a flood does not cost more than what it is worth. */
const FORGET_EVERY: Readonly<Record<'proven' | 'unproven', Micros>> = {
  proven: MICROS_PER_SECOND,
  unproven: 10 * MICROS_PER_SECOND,
};
/** A network card that speaks for more addresses than this is a router's. */
const MAX_ADDRESSES_PER_MAC = 3;
/** As many as are counted: then it is certain. */
const MAX_FORWARDED = 8;
const MAX_MACS = 20_000;
/** Cards of one device: whoever claims more invents them, and takes nobody else's place. */
const MAX_CARDS = 64;
/** Statements from here on are the device's own and exact: a change is one of the device. */
const STRONG = 85;
/** Fields whose change is a change of the device itself. */
const TELLING: ReadonlySet<IdentityField> = new Set([
  'firmware',
  'serial',
  'order_number',
  'model',
  'hardware_revision',
]);
/** Roles of devices that send others' packets. */
const FORWARDING: ReadonlySet<string> = new Set(['router', 'switch', 'firewall', 'access_point', 'gateway']);

/** A device has said something else than before, in a way that is hard to mistake. */
export interface IdentityChange {
  readonly asset: AssetState;
  readonly field: IdentityField;
  /** `unit 3`; null for the device at the address. */
  readonly unit: string | null;
  readonly from: string;
  readonly to: string;
  readonly source: string;
  /** When the earlier value was last said. */
  readonly since: Micros;
}

/** An address that somebody named, and that nobody has been seen to use. */
function isOnlyNamed(asset: AssetState): boolean {
  return (
    asset.packets === 0 &&
    asset.protocols.size === 0 &&
    !asset.evidence.toRecords().some(({ source }) => source === 'arp')
  );
}

/** It says that it sends on what others have sent. */
function handsOn(asset: AssetState): boolean {
  return asset.evidence.values('role').some((role) => FORWARDING.has(role));
}

/** Whoever holds devices must know that they have become others. `to`: the device of an address from now on. */
export type OnMoved = (from: ReadonlySet<AssetState>, to: (asset: AssetState, ip: string) => AssetState | null) => void;

/** All devices. An address becomes a device once it has shown that somebody answers for it. */
export class AssetTracker {
  /** Addresses that found no place. */
  notKept = 0;
  /** Devices that others have taken the place of. */
  forgotten = 0;
  /** Times that a MAC address found no place. */
  macsNotKept = 0;
  readonly #assets = new Set<AssetState>();
  readonly #byIp = new Map<string, AssetState>();
  /** Devices that are known by a card of theirs: those without IP, and those that said which cards they have. */
  readonly #byMac = new Map<string, AssetState>();
  readonly #macAddresses = new Map<string, Set<string>>();
  /** MAC addresses whose owner has said so by ARP. */
  readonly #arpOwners = new Map<string, string>();
  readonly #vendorOf: (mac: string) => string | null;
  readonly #site: SiteMap;
  readonly #onMoved: OnMoved;
  #merged: AssetMerge[] = [];
  #removed: string[] = [];
  readonly #forgotAt = { proven: Number.NEGATIVE_INFINITY, unproven: Number.NEGATIVE_INFINITY };
  /** Records that people have made parts of others, by id. */
  #joined: ReadonlyMap<string, string> = new Map();

  constructor(
    vendorOf: (mac: string) => string | null,
    site: SiteMap = new SiteMap(EMPTY_SITE),
    onMoved: OnMoved = () => {},
  ) {
    this.#vendorOf = vendorOf;
    this.#site = site;
    this.#onMoved = onMoved;
  }

  get size(): number {
    return this.#assets.size;
  }

  forEach(visit: (asset: AssetState) => void): void {
    for (const asset of this.#assets) visit(asset);
  }

  get(ip: string): AssetState | null {
    return this.#byIp.get(ip) ?? null;
  }

  /**
   * The device of an address, made when it is new; null when there is no room for more. `proof`: it takes part in a
   * conversation, or is only said to be there.
   */
  confirm(ip: string, at: Micros, proof: 'proven' | 'unproven' = 'unproven'): AssetState | null {
    const known = this.#byIp.get(ip);
    if (known) return known;
    const asset = this.#add(`ip ${ip}`, ip, at, proof);
    if (asset) this.#byIp.set(ip, asset);
    return asset;
  }

  /** The device that a network card belongs to, made when it is new; null when there is no room for more. */
  confirmMac(mac: string, number: number, at: Micros): AssetState | null {
    const owner = this.#arpOwners.get(mac);
    const known = (owner === undefined ? undefined : this.#byIp.get(owner)) ?? this.#byMac.get(mac)?.current;
    if (known) return known;
    const asset = this.#add(`mac ${mac}`, null, at, 'unproven');
    if (!asset) return null;
    this.#byMac.set(mac, asset);
    asset.evidence.add('mac', mac, 'ethernet', 60, number, at);
    this.#addVendor(asset, mac, number, at);
    return asset;
  }

  /** `source`: `arp` where the device itself said so, `ethernet` where a frame merely came from there. */
  noteMac(
    asset: AssetState,
    mac: string,
    source: 'arp' | 'ethernet',
    number: number,
    at: Micros,
    ip = asset.ip ?? '',
  ): void {
    if (!this.#macAddresses.has(mac) && !this.#arpOwners.has(mac) && ++asset.cards > MAX_CARDS) {
      this.macsNotKept++;
      return;
    }
    if (source === 'arp') {
      if (!this.#arpOwners.has(mac) && this.#arpOwners.size >= MAX_MACS) {
        this.macsNotKept++;
        return;
      }
      this.#arpOwners.set(mac, ip);
    } else if (this.#isForwarded(mac, ip)) return;
    if (!this.#remember(mac, ip)) return;
    this.#joinByMac(asset, mac, source);
    const device = asset.current;
    const isNew = device.evidence.add('mac', mac, source, source === 'arp' ? 90 : 60, number, at);
    if (!isNew) return;
    device.needsWriting = true;
    this.#addVendor(device, mac, number, at);
    if (this.#site.site.stations.length > 0) device.station ??= this.#site.stationOf(null, [mac]);
  }

  /**
   * Takes down what was said. `unitLabel` is how people call the device behind the address that is meant. Returns the
   * change when a strong source takes back what it said of firmware, serial or model before.
   */
  identity(
    asset: AssetState,
    fact: IdentityFact,
    number: number,
    at: Micros,
    unitLabel?: string,
  ): IdentityChange | null {
    if (fact.field === 'mac') {
      this.#ownsMac(asset, fact, number, at);
      return null;
    }
    if (fact.field === 'ip') {
      this.#ownsIp(asset, fact, number, at);
      return null;
    }
    const isOwn = fact.isModule !== true && OWN_UNITS.has(fact.unit);
    const unit = isOwn ? null : asset.unitState(fact.unit, at, fact.isModule);
    if (unit) {
      // Whoever says who he is has answered.
      unit.hasAnswered = true;
      if (unitLabel !== undefined) unit.label = unitLabel;
    }
    const list = unit ? unit.evidence : isOwn ? asset.evidence : null;
    if (list === null) return null;
    const { field, value, source, confidence } = fact;
    const before = confidence >= STRONG && TELLING.has(field) ? list.lastOf(field, source, number) : null;
    const shown = list.best(field);
    const isNew = list.add(field, value, source, confidence, number, at);
    // Of two values that are as well supported, the later one is shown: it need not be new.
    if (isNew || list.best(field) !== shown) asset.needsWriting = true;
    // A module's change is its device's, which tells the same.
    if (before === null || before.value === value || !isNew || fact.isModule) return null;
    const label = unit?.label;
    asset.noteChange({
      field,
      ...(label === undefined ? {} : { unit: label }),
      from: before.value,
      to: value,
      source,
      timestamp: formatTimestamp(at),
      pcap_cnt: number,
    });
    return { asset, field, unit: label ?? null, from: before.value, to: value, source, since: before.at };
  }

  /** A device behind the address has answered. */
  unitAnswered(asset: AssetState, unit: number, at: Micros, label?: string): void {
    const state = asset.unitState(unit, at);
    if (!state || state.hasAnswered) return;
    state.hasAnswered = true;
    if (label !== undefined) state.label = label;
    asset.needsWriting = true;
  }

  acts(asset: AssetState, operationClass: OperationClass): void {
    if (asset.clientClasses.has(operationClass)) return;
    asset.clientClasses.add(operationClass);
    asset.needsWriting = true;
  }

  /** `words` are what people have said, by asset. */
  restore(records: readonly Asset[], words: Readonly<Record<string, AssetSettings>> = {}): void {
    for (const record of records) {
      if (this.#assets.size >= MAX_ASSETS) return;
      const [ip] = record.ips;
      if (ip === undefined && record.macs.length === 0) continue;
      const asset = new AssetState(record.id, null, 0);
      asset.restore(record);
      asset.say(words[record.id] ?? null);
      this.#place(asset);
      this.#assets.add(asset);
      for (const address of record.ips) this.#byIp.set(address, asset);
      for (const mac of record.macs) {
        if (ip === undefined || isSaidByItself(record, mac)) this.#byMac.set(mac, asset);
        if (ip !== undefined) this.#remember(mac, ip);
      }
    }
  }

  /** All that people say of assets now, by id. */
  setWords(words: Readonly<Record<string, AssetSettings>>): void {
    for (const asset of this.#assets) asset.say(Object.hasOwn(words, asset.id) ? (words[asset.id] ?? null) : null);
  }

  /** What people have decided of devices. */
  decided({ approved, merged, split }: DeviceDecisions): void {
    for (const part of split) this.#split(part);
    this.#joined = new Map(merged.map(({ id, into }) => [id, into]));
    for (const asset of [...this.#assets]) {
      if (Object.hasOwn(approved, asset.id)) asset.letIn(approved[asset.id] === true);
      const whole = this.#wholeOf(asset);
      if (whole) this.#merge(asset, whole, false);
    }
  }

  /** The device that a person has made this one a part of. */
  #wholeOf({ id }: AssetState): AssetState | null {
    const into = this.#joined.get(id);
    if (into === undefined) return null;
    for (const asset of this.#assets) if (asset.id === into && asset.id !== id) return asset;
    return null;
  }

  /** A record that was a part of another one is a device of its own again. */
  #split(part: Asset): void {
    const whole = this.#byIp.get(part.ips[0] ?? '') ?? this.#byMac.get(part.macs[0] ?? '')?.current;
    if (!whole || whole.id === part.id) return;
    const asset = new AssetState(part.id, null, 0);
    asset.restore(part);
    whole.release(asset);
    this.#place(asset);
    this.#assets.add(asset);
    for (const ip of asset.ips) this.#byIp.set(ip, asset);
    for (const mac of part.macs) if (asset.ip === null) this.#byMac.set(mac, asset);
    asset.needsWriting = true;
    this.#onMoved(new Set([whole]), (one, ip) => (asset.ips.includes(ip) ? asset : one));
  }

  /** Records that have changed since the last call; `withCounters`: also where only counters did. */
  collect(withCounters: boolean): Asset[] {
    const records: Asset[] = [];
    for (const asset of this.#assets) {
      if (!asset.needsWriting && !(withCounters && asset.isChanged)) continue;
      asset.needsWriting = false;
      asset.isChanged = false;
      asset.isHandedOut = true;
      records.push(asset.toRecord());
    }
    return records;
  }

  /** Records that are no more, because their device turned out to be another one's. */
  collectMerged(): AssetMerge[] {
    const merged = this.#merged;
    this.#merged = [];
    return merged;
  }

  /** Ids of records that were forgotten. */
  collectRemoved(): string[] {
    const removed = this.#removed;
    this.#removed = [];
    return removed;
  }

  #add(key: string, ip: string | null, at: Micros, proof: 'proven' | 'unproven'): AssetState | null {
    const limit = proof === 'proven' ? MAX_ASSETS : MAX_UNPROVEN;
    if (this.#assets.size >= limit && Math.abs(at - this.#forgotAt[proof]) >= FORGET_EVERY[proof]) {
      this.#forgotAt[proof] = at;
      this.#forget();
    }
    if (this.#assets.size >= limit) {
      this.notKept++;
      return null;
    }
    const asset = AssetState.keyed(key, ip, at);
    const whole = this.#joined.size === 0 ? null : this.#wholeOf(asset);
    if (whole) {
      whole.absorb(asset);
      return whole;
    }
    this.#place(asset);
    this.#assets.add(asset);
    return asset;
  }

  /** Makes room: what nobody has learned, approved or named, and what was quiet longest, goes. */
  #forget(): void {
    const gone = new Set(leastWorth(this.#assets, MAX_ASSETS));
    for (const asset of gone) {
      this.#assets.delete(asset);
      for (const ip of asset.ips) if (this.#byIp.get(ip) === asset) this.#byIp.delete(ip);
      for (const mac of asset.evidence.values('mac')) this.#forgetCard(asset, mac);
      if (asset.isHandedOut) this.#removed.push(asset.id);
    }
    this.forgotten += gone.size;
    if (gone.size > 0) this.#onMoved(gone, () => null);
  }

  #forgetCard(asset: AssetState, mac: string): void {
    if (this.#byMac.get(mac)?.current === asset) this.#byMac.delete(mac);
    if (asset.ips.includes(this.#arpOwners.get(mac) ?? '')) this.#arpOwners.delete(mac);
    const addresses = this.#macAddresses.get(mac);
    for (const ip of asset.ips) addresses?.delete(ip);
    if (addresses?.size === 0) this.#macAddresses.delete(mac);
  }

  /** Looks up what people have written down of its address. */
  #place(asset: AssetState): void {
    if (asset.ip === null) return;
    asset.zoneEntry = this.#site.zoneOf(asset.ip);
    asset.station = this.#site.stationOf(asset.ip, asset.evidence.values('mac'));
  }

  #addVendor(asset: AssetState, mac: string, number: number, at: Micros): void {
    const vendor = this.#vendorOf(mac);
    if (vendor) asset.evidence.add('vendor', vendor, 'mac.oui', 40, number, at);
  }

  /**
   * Whether this address is just another one of a network card that is known. Only of link-local addresses can that be
   * said: no router forwards them (RFC 4291, section 2.5.6), so the MAC address is the sender's own.
   */
  isKnownCard(asset: AssetState): boolean {
    if (asset.ip?.startsWith('fe80:') !== true) return false;
    return asset.evidence.values('mac').some((mac) => {
      const ips = [this.#arpOwners.get(mac), ...(this.#macAddresses.get(mac) ?? [])];
      return ips.some((ip) => {
        const other = ip === undefined ? undefined : this.#byIp.get(ip);
        return other !== undefined && other !== asset && other.inBaseline;
      });
    });
  }

  /** The card that said of itself, last, that this address is its own (ARP). */
  ownCard(asset: AssetState): { readonly value: string; readonly at: Micros } | null {
    return asset.evidence.lastOf('mac', 'arp', Number.NaN);
  }

  /** Whether a device that is normal here sends, or has others' packets sent, from this card. */
  isLearnedCard(mac: string): boolean {
    const ips = [this.#arpOwners.get(mac), ...(this.#macAddresses.get(mac) ?? [])];
    const isLearned = (ip: string | undefined) => ip !== undefined && this.#byIp.get(ip)?.inBaseline === true;
    return ips.some(isLearned) || this.#byMac.get(mac)?.current.inBaseline === true;
  }

  #ownsMac(asset: AssetState, { value: mac, source, confidence }: IdentityFact, number: number, at: Micros): void {
    if (asset.evidence.add('mac', mac, source, confidence, number, at)) {
      asset.needsWriting = true;
      this.#addVendor(asset, mac, number, at);
    }
    const other = this.#byMac.get(mac)?.current;
    if (other && other !== asset && other.ip === null) this.#merge(other, asset);
    else if (other === undefined && this.#byMac.size < MAX_MACS) this.#byMac.set(mac, asset);
    // The address that a device gives for its management may be another one than it works with. Nobody has been seen
    // there, or the card would be known; so nothing is taken from anybody.
    const owner = this.#byIp.get(this.#arpOwners.get(mac) ?? '');
    if (owner && owner !== asset && isOnlyNamed(asset)) this.#merge(asset, owner);
    const user = asset.ip === null && !handsOn(asset) ? this.#onlyUserOf(mac) : null;
    if (user && user !== asset) this.#merge(asset, user);
  }

  /** Who sends with this card, where that is one device only; null while nobody or several are known. */
  #onlyUserOf(mac: string): AssetState | null {
    const ips = [...(this.#macAddresses.get(mac) ?? [])].filter((ip) => !ip.startsWith('fe80:'));
    return ips.length === 1 && !this.#arpOwners.has(mac) ? (this.#byIp.get(ips[0]!) ?? null) : null;
  }

  #ownsIp(asset: AssetState, { value: ip, source, confidence }: IdentityFact, number: number, at: Micros): void {
    asset.evidence.add('ip', ip, source, confidence, number, at);
    const known = this.#byIp.get(ip);
    // A device with an address of its own that names another one is a claim, no proof.
    if (asset.ip !== null || known === asset) return;
    if (known) {
      this.#merge(asset, known);
      return;
    }
    asset.ips.push(ip);
    asset.needsWriting = true;
    this.#byIp.set(ip, asset);
    this.#place(asset);
  }

  /** A device that so far was a card only, and the other addresses of the same card that no router hands on. */
  #joinByMac(asset: AssetState, mac: string, source: 'arp' | 'ethernet'): void {
    const card = this.#byMac.get(mac)?.current;
    if (card && card !== asset && (card.ip === null || isOnlyNamed(card))) {
      if (source === 'arp' || !handsOn(card)) this.#merge(card, asset);
    }
    const owner = this.#byIp.get(this.#arpOwners.get(mac) ?? '');
    if (!owner) return;
    for (const address of this.#macAddresses.get(mac) ?? []) {
      const local = address.startsWith('fe80:') ? this.#byIp.get(address) : undefined;
      if (local && local !== owner && local.ips.length === 1) this.#merge(local, owner);
    }
  }

  /** `isFound`: the sensor itself has found that they are one; what people have decided is known to the store. */
  #merge(from: AssetState, into: AssetState, isFound = true): void {
    into.absorb(from);
    this.#assets.delete(from);
    for (const ip of from.ips) this.#byIp.set(ip, into);
    if (isFound && from.isHandedOut) this.#merged.push({ id: from.id, into: into.id });
    this.#onMoved(new Set([from]), () => into);
  }

  /** A router sends other devices' packets under its own MAC address. */
  #isForwarded(mac: string, ip: string): boolean {
    // Link-local addresses are never forwarded (RFC 4291 section 2.5.6).
    if (ip.startsWith('fe80:')) return false;
    const owner = this.#arpOwners.get(mac);
    if (owner !== undefined && owner !== ip) {
      this.#forwards(owner, mac, ip);
      return true;
    }
    return (this.#macAddresses.get(mac)?.size ?? 0) > MAX_ADDRESSES_PER_MAC;
  }

  #forwards(owner: string, mac: string, ip: string): void {
    const router = this.#byIp.get(owner);
    const addresses = this.#macAddresses.get(mac);
    if (addresses && addresses.size <= MAX_FORWARDED) addresses.add(ip);
    const others = (addresses?.size ?? 1) - 1;
    if (!router || others <= router.forwards) return;
    router.forwards = others;
    router.needsWriting = true;
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
    const ownerAsset = owner === undefined ? undefined : this.#byIp.get(owner);
    for (const address of addresses) {
      const asset = this.#byIp.get(address);
      if (!asset || address === owner || asset === ownerAsset || address.startsWith('fe80:')) continue;
      if (asset.evidence.remove('mac', mac, 'ethernet')) {
        const vendor = this.#vendorOf(mac);
        const isStillIts = asset.evidence.values('mac').some((kept) => this.#vendorOf(kept) === vendor);
        if (vendor && !isStillIts) asset.evidence.remove('vendor', vendor, 'mac.oui');
        asset.needsWriting = true;
      }
    }
    return owner === ip || ip.startsWith('fe80:');
  }
}

/** Whether the device named this card as its own, or its address server did; frames that came from there prove less. */
function isSaidByItself({ evidence }: Asset, mac: string): boolean {
  return evidence.some(({ field, value, source }) => field === 'mac' && value === mac && source !== 'ethernet');
}
