import { existsSync, readFileSync } from 'node:fs';

let version: string | null = null;

export function productVersion(): string {
  if (version === null) {
    // One level up in the source, two in the build.
    const places = ['../package.json', '../../package.json'].map((place) => new URL(place, import.meta.url));
    const file = places.find((place) => existsSync(place));
    version = file ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : 'unknown';
  }
  return version;
}
