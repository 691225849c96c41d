// Compares `fieldwatch dissect` with tshark on every Modbus capture at hand and writes docs/agreement.md.
import { join } from 'node:path';
import { bin, ensureBuilt, ensureInstalled, root, run } from './lib.mjs';

ensureInstalled();
ensureBuilt();
const report = join(root, 'docs', 'agreement.md');
const env = { ...process.env, FIELDWATCH_AGREEMENT_REPORT: report };
process.exit(run(bin('vitest'), ['run', 'test/agreement'], { env }));
