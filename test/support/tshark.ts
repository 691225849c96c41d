import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Version text of the installed tshark, or null. */
export const tsharkVersion: string | null = (() => {
  const result = spawnSync('tshark', ['--version'], { encoding: 'utf8' });
  return result.status === 0 ? (result.stdout.split('\n', 1)[0] ?? '') : null;
})();

/** Runs `use` with the path of a file that holds `data`; the file is gone afterwards. */
export function withFile<T>(data: Uint8Array, name: string, use: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'fieldwatch-test-'));
  try {
    const path = join(folder, name);
    writeFileSync(path, data);
    return use(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Rows of the fields that tshark prints for a capture; repeated fields are joined with commas. */
export function tsharkFields(capture: Uint8Array, fields: readonly string[], more: readonly string[] = []): string[][] {
  return withFile(capture, 'capture', (path) => {
    const result = spawnSync(
      'tshark',
      ['-n', '-r', path, '-T', 'fields', ...more, ...fields.flatMap((field) => ['-e', field])],
      { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
    );
    if (result.status !== 0) throw new Error(`tshark: ${result.stderr}`);
    return result.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t'));
  });
}
