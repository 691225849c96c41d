import { existsSync, readFileSync } from 'node:fs';
import { builtFile } from '../product.js';

/** A file that the build has made; null where there was no build. */
export function readBuilt(name: string): Buffer | null {
  const file = builtFile(name);
  return existsSync(file) ? readFileSync(file) : null;
}
