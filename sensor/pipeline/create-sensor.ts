import type { SigmaRule } from '../detection/sigma/rule.js';
import { NO_RULE_SETTINGS, type RuleSettings } from '../model/rule-settings.js';
import type { Site } from '../model/site.js';
import { productVersion } from '../product.js';
import { createDissectors } from '../protocols/registry.js';
import { readBuilt } from './built.js';
import { loadRules } from './rule-loading.js';
import { Sensor, type SensorOptions } from './sensor.js';

const VENDOR_TABLE = 'mac-vendors.txt';
/** Lengths of the IEEE's registries MA-S, MA-M and MA-L in hexadecimal digits: the longest prefix decides. */
const PREFIX_LENGTHS = [9, 7, 6] as const;
const NEWLINE = 10;
/** Nine digits and the colons between their pairs: `70:b3:d5:00:1`. */
const MAX_PREFIX_TEXT = 13;
const MAX_KNOWN_PREFIXES = 10_000;

/** Looks up the maker of a network card; the table is read at the first use. */
export function createVendorLookup(): (mac: string) => string | null {
  let table: Buffer | null = null;
  const known = new Map<string, string | null>();
  const lookup = (prefix: string): string | null => {
    const digits = prefix.replaceAll(':', '').toUpperCase();
    // Locally administered addresses belong to no maker.
    if ((Number.parseInt(digits.slice(0, 2), 16) & 2) !== 0) return null;
    table ??= readBuilt(VENDOR_TABLE) ?? Buffer.alloc(0);
    for (const length of PREFIX_LENGTHS) {
      const vendor = findLine(table, `${digits.slice(0, length)}\t`);
      if (vendor !== null) return vendor;
    }
    return null;
  };
  return (mac) => {
    // The longest prefix is nine digits; the network cards of a plant share few.
    const prefix = mac.slice(0, MAX_PREFIX_TEXT);
    let vendor = known.get(prefix);
    if (vendor === undefined) {
      vendor = lookup(prefix);
      if (known.size < MAX_KNOWN_PREFIXES) known.set(prefix, vendor);
    }
    return vendor;
  };
}

/** Binary search for the line that begins with `key`, in a file of sorted lines; gives what stands behind the key. */
function findLine(table: Buffer, key: string): string | null {
  const wanted = Buffer.from(key, 'latin1');
  let low = 0;
  let high = table.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    // An offset of -1 would mean the end of the table.
    const start = middle === 0 ? 0 : table.lastIndexOf(NEWLINE, middle - 1) + 1;
    const lineEnd = table.indexOf(NEWLINE, middle);
    const end = lineEnd < 0 ? table.length : lineEnd;
    const order = table.compare(wanted, 0, wanted.length, start, Math.min(end, start + wanted.length));
    if (order === 0) return table.toString('utf8', start + wanted.length, end);
    if (order < 0) low = end + 1;
    else high = start;
  }
  return null;
}

function isLoaded(rules: readonly SigmaRule[] | RuleSettings | undefined): rules is readonly SigmaRule[] {
  return Array.isArray(rules);
}

/** A sensor with everything that comes with the product. */
export function createSensor(
  options: Pick<SensorOptions, 'sensor' | 'mode' | 'phase' | 'memory'> & {
    readonly flowLimits?: SensorOptions['flowLimits'];
    readonly site?: Site;
    readonly autoProtect?: boolean;
    /** Rules that are loaded already, or the settings that say which. */
    readonly rules?: readonly SigmaRule[] | RuleSettings;
  },
): Sensor {
  const { flowLimits, rules, ...rest } = options;
  const enabled = isLoaded(rules) ? rules : loadRules(rules ?? NO_RULE_SETTINGS, options.site).rules;
  return new Sensor({
    ...rest,
    ...(flowLimits ? { flowLimits } : {}),
    version: productVersion(),
    dissectors: createDissectors(),
    rules: enabled,
    vendorOf: createVendorLookup(),
  });
}
