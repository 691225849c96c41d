// `npm start`: installs, builds, then does the main job. With arguments it is the same as `fieldwatch ARGUMENTS`.
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root, run } from './lib.mjs';

ensureInstalled();
ensureBuilt();
const args = process.argv.slice(2);
// Paths that a user types are meant from where they typed them, not from the package's folder.
const cwd = process.env.INIT_CWD ?? process.cwd();
const main = join(root, 'dist', 'sensor', 'main.js');
process.exit(run(process.execPath, [main, ...(args.length > 0 ? args : ['demo'])], { cwd }));
