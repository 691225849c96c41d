import { existsSync, readFileSync } from 'node:fs';

/** Made by the build, and found from the source as well. */
const PLACES = ['../../', '../../dist/'];

/** A file that the build has made; null where there was no build. */
export function readBuilt(name: string): Buffer | null {
  const place = PLACES.map((folder) => new URL(folder + name, import.meta.url)).find((url) => existsSync(url));
  return place ? readFileSync(place) : null;
}
