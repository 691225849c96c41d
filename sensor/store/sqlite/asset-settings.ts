import type { Asset } from '../../model/records.js';
import type { AssetSettings } from '../store.js';
import type { SqlRow } from './sql.js';

/** Rows of `asset_setting` of one asset. */
export function settingsOf(rows: readonly SqlRow[]): AssetSettings {
  return Object.fromEntries(
    rows.map((row) => [String(row['field']), JSON.parse(String(row['value']))]),
  ) as AssetSettings;
}

/** The asset as a person wants it shown; what was found stays in its evidence. */
export function withSettings(asset: Asset, settings: AssetSettings): Asset {
  const { name, roles, zone, purdue_level: level, criticality } = settings;
  return {
    ...asset,
    ...(name === undefined ? {} : { name }),
    ...(roles === undefined ? {} : { roles }),
    ...(zone === undefined ? {} : { zone }),
    ...(level === undefined ? {} : { purdue_level: level }),
    ...(criticality === undefined ? {} : { criticality }),
  };
}
