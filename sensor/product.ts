import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The source, its build and the bundles made of that stand at different depths. */
const MAX_DEPTH = 5;
const isSource = import.meta.url.endsWith('.ts');

/** The nearest folder above this file that holds `place`. */
function folderWith(place: string): URL {
  let folder = new URL('.', import.meta.url);
  for (let depth = 0; depth < MAX_DEPTH && !existsSync(new URL(place, folder)); depth++) {
    folder = new URL('..', folder);
  }
  return folder;
}

/** Path of a file of the package, by its place in it. */
export function packageFile(place: string): string {
  return fileURLToPath(new URL(place, folderWith('package.json')));
}

/** Path of a file that the build has made, by its place there. */
export function builtFile(place: string): string {
  return isSource ? packageFile(`dist/${place}`) : fileURLToPath(new URL(place, folderWith('sensor/main.js')));
}

let version: string | null = null;

export function productVersion(): string {
  if (version === null) {
    const file = packageFile('package.json');
    version = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : 'unknown';
  }
  return version;
}
