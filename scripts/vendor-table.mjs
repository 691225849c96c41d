// The OUI package's 5 MB of names and addresses, reduced to what an inventory shows: prefix, tab, first line.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export function writeVendorTable(target) {
  const require = createRequire(import.meta.url);
  const vendors = require('oui-data');
  // Sorted by bytes: it is searched by halves.
  const lines = Object.entries(vendors).map(([prefix, text]) => `${prefix}\t${text.split('\n', 1)[0]}`);
  writeFileSync(target, `${lines.sort().join('\n')}\n`);
}
