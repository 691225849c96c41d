// typebox comes as 700 small files, and opening them took longer than analysing a small capture: the build makes one
// file of what the sensor uses of it.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'vite';
import { root } from './lib.mjs';

const PACKAGE = /(from\s*')typebox(?:\/(?:format|value))?(')/g;
const ENTRY = `export { Type } from 'typebox';
export { Format } from 'typebox/format';
export { Value } from 'typebox/value';
`;

export async function makeOneFile(dist) {
  const entry = join(dist, 'typebox-entry.js');
  const target = join(dist, 'sensor', 'typebox.js');
  writeFileSync(entry, ENTRY);
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: ['typebox'] },
    build: {
      ssr: entry,
      outDir: join(dist, 'sensor'),
      emptyOutDir: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'typebox.js' } },
    },
  });
  rmSync(entry);
  for (const file of readdirSync(join(dist, 'sensor'), { withFileTypes: true, recursive: true })) {
    const path = join(file.parentPath, file.name);
    if (!file.isFile() || !file.name.endsWith('.js') || path === target) continue;
    const text = readFileSync(path, 'utf8');
    const there = relative(dirname(path), target).replaceAll('\\', '/');
    const specifier = there.startsWith('.') ? there : `./${there}`;
    const changed = text.replace(PACKAGE, `$1${specifier}$2`);
    if (changed !== text) writeFileSync(path, changed);
  }
}
