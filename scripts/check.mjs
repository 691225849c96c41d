// `npm run check`: formatter, linter, types, import table. Under a minute.
import { bin, ensureInstalled, run } from './lib.mjs';

ensureInstalled();
const steps = [
  ['biome', ['check', '.']],
  ['tsc', ['-p', 'tsconfig.json', '--noEmit']],
  ['tsc', ['-p', 'console/web/tsconfig.json', '--noEmit']],
  ['tsc', ['-p', 'test/tsconfig.json']],
  ['vitest', ['run', '--silent', '--reporter=dot', 'test/arch']],
];
let failed = 0;
for (const [name, args] of steps) if (run(bin(name), args) !== 0) failed++;
process.exit(failed === 0 ? 0 : 1);
