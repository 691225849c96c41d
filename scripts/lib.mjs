// Shared by the npm scripts; plain JavaScript with no dependency, because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

export function runOrExit(command, args, options) {
  const status = run(command, args, options);
  if (status !== 0) process.exit(status);
}

export const bin = (name) => join(root, 'node_modules', '.bin', name);

function stampOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(file);
    hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}

function stampFile(name) {
  return join(root, 'node_modules', `.fieldwatch-${name}`);
}

function isCurrent(name, stamp) {
  return existsSync(stampFile(name)) && readFileSync(stampFile(name), 'utf8') === stamp;
}

function writeStamp(name, stamp) {
  mkdirSync(dirname(stampFile(name)), { recursive: true });
  writeFileSync(stampFile(name), stamp);
}

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** npm's own output goes to standard error, so that `npm start -- dissect … > file` stays clean. */
const quietStdout = { stdio: ['ignore', process.stderr, process.stderr] };

export function ensureInstalled() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(
      `fieldwatch needs Node.js 20.19 or newer, this is ${process.version}: install a newer one from nodejs.org or your distribution.\n`,
    );
    process.exit(2);
  }
  const stamp = stampOf([join(root, 'package.json'), join(root, 'package-lock.json')]) + process.versions.modules;
  if (isCurrent('installed', stamp)) return;
  process.stderr.write('Installing the packages (once; a minute or two) …\n');
  runOrExit('npm', ['ci', '--no-fund', '--no-audit', '--loglevel', 'error'], quietStdout);
  writeStamp('installed', stamp);
}

export function ensureBuilt() {
  const sources = ['sensor', 'console', 'scripts'].flatMap((folder) => filesUnder(join(root, folder)));
  const stamp = stampOf([...sources, join(root, 'tsconfig.json'), join(root, 'package.json')]);
  if (isCurrent('built', stamp) && existsSync(join(root, 'dist', 'sensor', 'main.js'))) return;
  process.stderr.write('Building …\n');
  runOrExit(process.execPath, [join(root, 'scripts', 'build.mjs')], quietStdout);
  writeStamp('built', stamp);
}

export function exists(path) {
  return existsSync(path) && statSync(path).size > 0;
}
