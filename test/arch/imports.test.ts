import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Who may import whom: a packet's way from the wire to the console, and nothing against it. A part may always import
 * itself. ARCHITECTURE.md explains the table; the first matching part counts.
 */
const TABLE: readonly (readonly [part: string, mayImport: readonly string[]])[] = [
  ['sensor/model', []],
  ['sensor/product.ts', []],
  ['sensor/config.ts', ['sensor/model', 'sensor/export/settings.ts']],
  ['sensor/capture', ['sensor/model', 'sensor/config.ts']],
  ['sensor/decode', ['sensor/model', 'sensor/capture/packet.ts']],
  ['sensor/flow', ['sensor/model', 'sensor/decode']],
  ['sensor/protocols/dissector.ts', ['sensor/model']],
  ['sensor/protocols/anomalies.ts', ['sensor/model']],
  ['sensor/protocols/registry.ts', ['sensor/protocols']],
  [
    'sensor/protocols/*',
    ['sensor/model', 'sensor/protocols/dissector.ts', 'sensor/protocols/anomalies.ts', 'sensor/protocols/_shared'],
  ],
  ['sensor/identification/sources', ['sensor/model', 'sensor/identification']],
  ['sensor/identification', ['sensor/model']],
  ['sensor/inventory', ['sensor/model']],
  ['sensor/process', ['sensor/model']],
  ['sensor/baseline', ['sensor/model']],
  ['sensor/detection', ['sensor/model']],
  ['sensor/alerts', ['sensor/model']],
  ['sensor/store', ['sensor/model', 'sensor/product.ts']],
  ['sensor/explain', ['sensor/model']],
  // Data only, because the settings are read by every command.
  ['sensor/export/settings.ts', ['sensor/model', 'sensor/export']],
  ['sensor/export', ['sensor/model', 'sensor/product.ts', 'sensor/store']],
  [
    'sensor/pipeline',
    [
      'sensor/model',
      'sensor/product.ts',
      'sensor/capture/packet.ts',
      'sensor/decode',
      'sensor/flow',
      'sensor/protocols',
      'sensor/identification',
      'sensor/inventory',
      'sensor/process',
      'sensor/baseline',
      'sensor/detection',
      'sensor/alerts',
      'sensor/store/store.ts',
    ],
  ],
  ['sensor/decisions', ['sensor/model', 'sensor/baseline', 'sensor/inventory/exchange', 'sensor/store']],
  [
    'sensor/threads',
    [
      'sensor/model',
      'sensor/config.ts',
      'sensor/capture',
      'sensor/pipeline',
      'sensor/decisions',
      'sensor/store',
      'sensor/export',
    ],
  ],
  // The commands are the outermost part; the console is started from here, and loaded only then.
  ['sensor/cli', ['sensor', 'console/api']],
  ['sensor/main.ts', ['sensor/cli']],
  [
    'console/api',
    [
      'sensor/model',
      'sensor/inventory/exchange',
      'sensor/baseline/baseline-file.ts',
      'sensor/decisions',
      'sensor/store',
      'sensor/export',
      'sensor/explain',
      'sensor/product.ts',
      'sensor/config.ts',
      'console/texts',
      'console/answers.ts',
    ],
  ],
  // Words for the report: the page shows them, and files are written with them.
  ['console/texts', []],
  ['console/answers.ts', ['sensor/model']],
  ['console/web', ['sensor/model', 'console/texts', 'console/answers.ts']],
];

/** A name ending in `/*` stands for each folder below on its own: one protocol never imports another. */
function partOf(file: string): { name: string; mayImport: readonly string[] } | null {
  for (const [pattern, mayImport] of TABLE) {
    if (pattern.endsWith('/*')) {
      const base = pattern.slice(0, -1);
      if (file.startsWith(base)) return { name: base + file.slice(base.length).split('/')[0], mayImport };
    } else if (isIn(file, pattern)) return { name: pattern, mayImport };
  }
  return null;
}

function isIn(file: string, part: string): boolean {
  return file === part || file.startsWith(`${part}/`);
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

interface Import {
  readonly target: string;
  readonly isTypeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found: Import[] = [];
  for (const match of text.matchAll(/^\s*(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'/gm)) {
    found.push({ target: match[2] ?? '', isTypeOnly: match[1] !== undefined });
  }
  for (const match of text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g))
    found.push({ target: match[1] ?? '', isTypeOnly: false });
  for (const match of text.matchAll(/^\s*import\s+'([^']+)'/gm))
    found.push({ target: match[1] ?? '', isTypeOnly: false });
  return found;
}

function resolved(file: string, target: string): string {
  const path = relative(ROOT, resolve(ROOT, dirname(file), target))
    .split(sep)
    .join('/');
  return path.replace(/\.js$/, '.ts');
}

const FILES = [...sourceFiles('sensor'), ...sourceFiles('console')];

describe('the import table', () => {
  it('knows every source file', () => {
    expect(FILES.length).toBeGreaterThan(80);
    expect(FILES.filter((file) => partOf(file) === null && !file.endsWith('vite.config.ts'))).toEqual([]);
  });

  it('is kept', () => {
    const broken: string[] = [];
    for (const file of FILES) {
      const part = partOf(file);
      if (!part) continue;
      for (const { target } of importsOf(file)) {
        if (!target.startsWith('.')) continue;
        const path = resolved(file, target);
        if (isIn(path, part.name) || part.mayImport.some((allowed) => isIn(path, allowed))) continue;
        if (/\.(css|svg|json)$/.test(path)) continue;
        broken.push(`${file} imports ${path}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('the web page takes only types from the sensor, and no Node module', () => {
    const broken: string[] = [];
    for (const file of FILES.filter((name) => name.startsWith('console/web/') && !name.endsWith('vite.config.ts'))) {
      for (const { target, isTypeOnly } of importsOf(file)) {
        const isSensor = target.startsWith('.') && resolved(file, target).startsWith('sensor/');
        if (target.startsWith('node:') || (isSensor && !isTypeOnly)) broken.push(`${file} imports ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('notices an import against the way', () => {
    expect(partOf('sensor/protocols/modbus/pdu.ts')?.name).toBe('sensor/protocols/modbus');
    expect(partOf('sensor/protocols/registry.ts')?.name).toBe('sensor/protocols/registry.ts');
    expect(importsOf('sensor/pipeline/sensor.ts').some(({ target }) => target.includes('alert-engine'))).toBe(true);
  });

  it('the pipeline reads no clock', () => {
    const parts = [
      'model',
      'decode',
      'flow',
      'protocols',
      'identification',
      'inventory',
      'baseline',
      'detection',
      'alerts',
      'pipeline',
    ];
    const readers = FILES.filter((file) => parts.some((part) => isIn(file, `sensor/${part}`))).filter((file) =>
      /Date\.now\(|new Date\(\)|performance\.now|setTimeout|setInterval/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(readers).toEqual([]);
  });
});
