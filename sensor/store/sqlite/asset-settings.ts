import { type Asset, type Evidence, type IdentityField, SAID_IDENTITY } from '../../model/records.js';
import type { AssetSettings } from '../store.js';
import type { SqlRow } from './sql.js';

/** Key in `meta` of a number that rises with each change of what people say about assets. */
export const SETTINGS_REVISION = 'asset_settings_revision';
const CERTAIN = 100;

/** Rows of `asset_setting` of one asset. */
export function settingsOf(rows: readonly SqlRow[]): AssetSettings {
  return Object.fromEntries(
    rows.map((row) => [String(row['field']), JSON.parse(String(row['value']))]),
  ) as AssetSettings;
}

/** The asset as a person wants it shown; what was found stays in its evidence, below what the person said. */
export function withSettings(asset: Asset, settings: AssetSettings): Asset {
  const { name, roles, zone, purdue_level: level, criticality } = settings;
  const evidence: Evidence[] = [];
  const say = (field: IdentityField, key: string, value: string) => {
    const said = settings.said?.[key];
    evidence.push({
      field,
      value,
      source: 'person',
      confidence: CERTAIN,
      pcap_cnt: 0,
      first_seen: said?.at ?? asset.first_seen,
      last_seen: said?.at ?? asset.first_seen,
      ...(said ? { by: said.by } : {}),
    });
  };
  if (name !== undefined) say('name', 'name', name);
  const identity: Partial<Record<(typeof SAID_IDENTITY)[number], string>> = {};
  for (const field of SAID_IDENTITY) {
    const value = settings[field];
    if (value === undefined) continue;
    identity[field] = value;
    say(field, field, value);
  }
  for (const role of roles ?? []) say('role', 'roles', role);
  if (zone !== undefined) say('zone', 'zone', zone);
  if (level !== undefined) say('purdue_level', 'purdue_level', String(level));
  return {
    ...asset,
    ...identity,
    ...(name === undefined ? {} : { name }),
    ...(roles === undefined ? {} : { roles }),
    ...(zone === undefined ? {} : { zone, zone_inferred: false }),
    ...(level === undefined ? {} : { purdue_level: level }),
    ...(criticality === undefined ? {} : { criticality }),
    ...(evidence.length > 0
      ? { evidence: [...evidence, ...asset.evidence.filter(({ source }) => source !== 'person')] }
      : {}),
  };
}
