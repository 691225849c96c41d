import type { Asset } from './records.js';

/** One record of two: `asset` keeps its id, name and times, and takes over what the other one has more. */
export function mergeRecords(asset: Asset, other: Asset): Asset {
  const union = <T>(one: readonly T[], two: readonly T[], key: (item: T) => string): T[] => [
    ...new Map([...one, ...two, ...one].map((item) => [key(item), item])).values(),
  ];
  // A sensor that was started again counts the two as one already.
  const isPart = other.ips.every((ip) => asset.ips.includes(ip)) && other.macs.every((mac) => asset.macs.includes(mac));
  return {
    ...other,
    ...asset,
    ips: union(asset.ips, other.ips, String),
    macs: union(asset.macs, other.macs, String),
    roles: union(asset.roles, other.roles, String),
    protocols: union(asset.protocols, other.protocols, ({ name, as }) => `${as} ${name}`),
    units: union(asset.units, other.units, ({ unit }) => unit),
    evidence: union(asset.evidence, other.evidence, ({ field, value, source }) => `${field} ${value} ${source}`),
    first_seen: asset.first_seen < other.first_seen ? asset.first_seen : other.first_seen,
    last_seen: asset.last_seen > other.last_seen ? asset.last_seen : other.last_seen,
    approved: asset.approved || other.approved,
    in_baseline: asset.in_baseline || other.in_baseline,
    packets: isPart ? asset.packets : asset.packets + other.packets,
    ...(asset.changes || other.changes
      ? { changes: union(asset.changes ?? [], other.changes ?? [], (change) => JSON.stringify(change)) }
      : {}),
  };
}
