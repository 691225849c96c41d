// Builds into a folder of its own and swaps it in at the end, so that a running program never meets half a build.
import { chmodSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';
import { writeRules } from './compile-rules.mjs';
import { bin, root, runOrExit } from './lib.mjs';
import { writeVendorTable } from './vendor-table.mjs';

const fresh = join(root, `dist-${process.pid}`);
process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));
runOrExit(bin('tsc'), ['-p', 'tsconfig.json', '--outDir', fresh]);
// `npx fieldwatch` runs this file itself, and the compiler makes no file executable.
chmodSync(join(fresh, 'sensor', 'main.js'), 0o755);
await bundle(fresh);
writeVendorTable(join(fresh, 'mac-vendors.txt'));
await writeRules(fresh);
runOrExit(bin('vite'), [
  'build',
  '--logLevel',
  'warn',
  '--emptyOutDir',
  '--outDir',
  join(fresh, 'console', 'web'),
  'console/web',
]);
rmSync(join(root, 'dist'), { recursive: true, force: true });
renameSync(fresh, join(root, 'dist'));
