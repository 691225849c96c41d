import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type LoadedRules, loadRules } from '../detection/rule-set.js';
import { productVersion } from '../product.js';
import { createDissectors } from '../protocols/registry.js';
import { Sensor, type SensorOptions } from './sensor.js';

/** The rules that come with the product: beside the source and beside the build alike. */
const RULES_FOLDER = fileURLToPath(new URL('../../rules', import.meta.url));
const VENDOR_TABLE = fileURLToPath(new URL('../../mac-vendors.txt', import.meta.url));
/** Lengths of the IEEE's registries MA-S, MA-M and MA-L in hexadecimal digits: the longest prefix decides. */
const PREFIX_LENGTHS = [9, 7, 6] as const;

/** Looks up the maker of a network card; the table is read at the first use. */
export function createVendorLookup(): (mac: string) => string | null {
  let table: Map<string, string> | null = null;
  return (mac) => {
    table ??= readVendorTable();
    const digits = mac.replaceAll(':', '').toUpperCase();
    // Locally administered addresses belong to no maker.
    if ((Number.parseInt(digits.slice(0, 2), 16) & 2) !== 0) return null;
    for (const length of PREFIX_LENGTHS) {
      const vendor = table.get(digits.slice(0, length));
      if (vendor !== undefined) return vendor;
    }
    return null;
  };
}

function readVendorTable(): Map<string, string> {
  const table = new Map<string, string>();
  if (!existsSync(VENDOR_TABLE)) return table;
  for (const line of readFileSync(VENDOR_TABLE, 'utf8').split('\n')) {
    const tab = line.indexOf('\t');
    if (tab > 0) table.set(line.slice(0, tab), line.slice(tab + 1));
  }
  return table;
}

export function loadProductRules(): LoadedRules {
  return loadRules([RULES_FOLDER]);
}

/** A sensor with everything that comes with the product. */
export function createSensor(
  options: Pick<SensorOptions, 'sensor' | 'mode' | 'phase' | 'memory'> & {
    readonly flowLimits?: SensorOptions['flowLimits'];
  },
  tell: (sentence: string) => void = (sentence) => process.stderr.write(`fieldwatch: ${sentence}\n`),
): Sensor {
  const { rules, errors } = loadProductRules();
  for (const error of errors) tell(`rule left out: ${error.message}`);
  const { flowLimits, ...rest } = options;
  return new Sensor({
    ...rest,
    ...(flowLimits ? { flowLimits } : {}),
    version: productVersion(),
    dissectors: createDissectors(),
    rules,
    vendorOf: createVendorLookup(),
  });
}
