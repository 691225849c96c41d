// Writes the English texts of all anomalies into the page's messages, from the sensor's own definitions. A language
// file may then translate them; the page itself must not import the sensor. A test says when this is to be run again.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureInstalled, root } from './lib.mjs';

ensureInstalled();
ensureBuilt();

const sensor = join(root, 'dist', 'sensor');
const files = readdirSync(sensor, { recursive: true })
  .filter((file) => /(^|\/)anomalies\.js$/.test(file))
  .sort();
const texts = {};
for (const file of files) {
  for (const table of Object.values(await import(pathToFileURL(join(sensor, file)).href))) {
    for (const { code, title, description } of Object.values(table)) texts[code] = { title, text: description };
  }
}
const sorted = Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(
  join(root, 'console', 'web', 'i18n', 'anomalies-en.generated.ts'),
  `/** Made by scripts/anomaly-texts.mjs from the sensor's definitions; do not edit. */\nexport const anomalyTexts: Record<string, { title: string; text: string }> = ${JSON.stringify(sorted, null, 2)};\n`,
);
process.stdout.write(`${Object.keys(sorted).length} texts\n`);
