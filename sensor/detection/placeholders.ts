import { OPERATION_CLASSES } from '../model/operation.js';
import type { RuleSettings } from '../model/rule-settings.js';
import { EMPTY_SITE, type Site } from '../model/site.js';
import type { Placeholders } from './sigma/modifiers.js';

const name = (text: string) => text.replaceAll(/[^\w.-]+/g, '_');

/**
 * Values for `%name%` in rules: those of the settings, and what zones and stations give of themselves: `zone_NAME` (its
 * networks), `station_NAME`, `stations`, `role_ROLE` and `authorised_CLASS` (addresses).
 */
export function placeholdersOf(settings: RuleSettings, site: Site = EMPTY_SITE): Placeholders {
  const found = new Map<string, (string | number)[]>();
  const add = (key: string, values: readonly (string | number)[]): void => {
    found.set(key, [...(found.get(key) ?? []), ...values]);
  };
  for (const zone of site.zones) add(`zone_${name(zone.name)}`, zone.networks);
  for (const station of site.stations) {
    const ips = station.ips ?? [];
    add(`station_${name(station.name)}`, ips);
    add('stations', ips);
    for (const role of station.roles ?? []) add(`role_${role}`, ips);
    for (const operation of station.authorised ?? OPERATION_CLASSES) add(`authorised_${operation}`, ips);
  }
  for (const placeholder of settings.placeholders) found.set(placeholder.name, [...placeholder.values]);
  return found;
}
