import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sampleFindings } from '../support/sample-findings.js';
import { alert } from './support.js';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const CAN =
  spawnSync('unshare', ['-n', 'ip', 'link', 'show', 'lo']).status === 0 && existsSync(`${DIST}/sensor/main.js`);
if (!CAN) process.stderr.write('skipped: the test of a silent network needs root, unshare, ip and a build\n');

describe.skipIf(!CAN)('a network that swallows every packet without a word', () => {
  it.each([
    ['with', /acknowledges nothing any more|does not answer|no route|cannot be reached/],
    ['without', /does not answer|no route|cannot be reached/],
  ])(
    'is noticed although the socket reports nothing, and what was in its buffer is sent again (%s the kernel’s table)',
    (tables, words) => {
      const batch = { ...sampleFindings(), assets: [], conversations: [], variables: [], packets: [], alerts: [] };
      const alerts = Array.from({ length: 10 }, (_, n) => alert(n));
      const driver = fileURLToPath(new URL('./black-hole-driver.mjs', import.meta.url));
      const run = spawnSync(
        'unshare',
        ['-n', process.execPath, driver, DIST, JSON.stringify([batch, ...alerts]), tables],
        {
          encoding: 'utf8',
          timeout: 90_000,
        },
      );
      expect(run.stderr).toBe('');
      const result = JSON.parse(run.stdout) as Record<string, unknown>;
      expect(result).toMatchObject({ before: true, noticed: true, after: true });
      expect(result['error']).toMatch(words);
      expect(result['waiting']).toBeGreaterThanOrEqual(5);
    },
    100_000,
  );
});
