import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bin, root, runOrExit } from './lib.mjs';
import { writeVendorTable } from './vendor-table.mjs';

rmSync(join(root, 'dist'), { recursive: true, force: true });
runOrExit(bin('tsc'), ['-p', 'tsconfig.json']);
writeVendorTable(join(root, 'dist', 'mac-vendors.txt'));
cpSync(join(root, 'rules'), join(root, 'dist', 'rules'), { recursive: true });
runOrExit(bin('vite'), ['build', '--logLevel', 'warn', 'console/web']);
