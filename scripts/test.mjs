// `npm test`: installs, builds, checks, then runs every test. Ends with one line that says how many there were.
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin, ensureBuilt, ensureInstalled, root, run } from './lib.mjs';

ensureInstalled();
ensureBuilt();
const only = process.argv.slice(2);
const checked = only.length > 0 ? 0 : run(process.execPath, [join(root, 'scripts', 'check.mjs')]);
const report = join(tmpdir(), `fieldwatch-test-${process.pid}.json`);
const tested = run(bin('vitest'), [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...only,
]);
try {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'));
  process.stdout.write(`\n${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`);
} catch {
  process.stdout.write('\nThe test runner wrote no report.\n');
}
process.exit(checked || tested);
