import type { Asset, AssetChange, Conversation } from '../../model/records.js';

/** What became different in the inventory between two times. */
export interface InventoryDiff {
  /** Seen first between the two. */
  readonly appeared: readonly Asset[];
  /** Seen before `from`, and not since. */
  readonly gone: readonly Asset[];
  /** Identity that changed between the two. */
  readonly changed: readonly { readonly asset: Asset; readonly changes: readonly AssetChange[] }[];
}

/** `from` and `to` as ISO 8601 UTC with microseconds, as records have them: such texts sort as times do. */
export function diffInventory(assets: readonly Asset[], from: string, to: string): InventoryDiff {
  const within = (time: string): boolean => time >= from && time <= to;
  return {
    appeared: assets.filter(({ first_seen }) => within(first_seen)),
    gone: assets.filter(({ first_seen, last_seen }) => first_seen < from && last_seen < from),
    changed: assets.flatMap((asset) => {
      const changes = (asset.changes ?? []).filter(({ timestamp }) => within(timestamp));
      return changes.length > 0 ? [{ asset, changes }] : [];
    }),
  };
}

/** Somebody who changed what a device does. */
export interface Writer {
  readonly client: string;
  readonly client_ip: string;
  readonly protocol: string;
  readonly operation: string;
  readonly class: string;
  readonly targets: readonly string[];
  readonly count: number;
  /** Of `count`: what the device refused. */
  readonly refused: number;
  readonly last_seen: string;
  readonly in_baseline: boolean;
}

const INTRUSIVE: ReadonlySet<string> = new Set(['write', 'control', 'program']);

/** Who wrote to, controlled or programmed the device, the latest first. */
export function writersOf(asset: Asset, conversations: readonly Conversation[]): Writer[] {
  return conversations
    .filter(({ server, server_ip }) => server === asset.id || asset.ips.includes(server_ip))
    .flatMap((conversation) =>
      conversation.operations
        // What was refused each time changed nothing.
        .filter((operation) => INTRUSIVE.has(operation.class) && operation.count > operation.exceptions)
        .map((operation) => ({
          client: conversation.client,
          client_ip: conversation.client_ip,
          protocol: conversation.protocol,
          operation: operation.operation,
          class: operation.class,
          targets: operation.targets,
          count: operation.count,
          refused: operation.exceptions,
          last_seen: operation.last_seen,
          in_baseline: operation.in_baseline,
        })),
    )
    .sort((one, other) => (one.last_seen < other.last_seen ? 1 : -1));
}

/** Two records that may be one device, and what speaks for it. */
export interface LikelySame {
  readonly assets: readonly [Asset, Asset];
  readonly reason: string;
}

/** Proposals for a person to confirm: what devices say can be forged, so nothing of this is merged on its own. */
export function likelySame(assets: readonly Asset[]): LikelySame[] {
  const found: LikelySame[] = [];
  const bySerial = new Map<string, Asset>();
  const byMac = new Map<string, Asset>();
  for (const asset of assets) {
    if (asset.serial !== undefined && asset.serial.length >= 4) {
      const key = `${asset.vendor?.toLowerCase()} ${asset.serial}`;
      const other = bySerial.get(key);
      if (other)
        found.push({ assets: [other, asset], reason: `Both say that their serial number is ${asset.serial}.` });
      else bySerial.set(key, asset);
    }
    for (const mac of asset.macs) {
      const other = byMac.get(mac);
      if (other && other !== asset) found.push({ assets: [other, asset], reason: `Both use the network card ${mac}.` });
      else byMac.set(mac, asset);
    }
  }
  return found;
}
