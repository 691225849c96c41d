// The program starts as a few files instead of some 700: opening and linking them took longer than analysing a small
// capture. The modules themselves stay beside them, for benchmarks and whoever wants to use one.
import { join } from 'node:path';
import { build } from 'vite';
import { root } from './lib.mjs';

/** What is started by its path: the program, its threads, and the child that captures. */
const ENTRIES = {
  main: 'sensor/main.js',
  'writer-worker': 'sensor/threads/writer-worker.js',
  'sensor-worker': 'sensor/threads/sensor-worker.js',
  'export-worker': 'sensor/threads/export-worker.js',
  'cap-child': 'sensor/capture/live/cap-child.js',
};
/** Packages of many small files; all others are loaded as they are. */
const INSIDE = ['commander', 'typebox', 'yaml'];

export async function bundle(dist) {
  const input = Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, join(dist, file)]));
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: INSIDE },
    build: {
      ssr: true,
      outDir: join(dist, 'sensor'),
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: {
        input,
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
}
