import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sampleFindings } from '../support/sample-findings.js';
import { FakeReceiver, freePort, jsonOf } from './receivers.js';
import { alert } from './support.js';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const DRIVER = fileURLToPath(new URL('./kill9-driver.mjs', import.meta.url));
const HAS_BUILD = existsSync(`${DIST}/sensor/main.js`);
if (!HAS_BUILD) process.stderr.write('skipped: the test that kills a sensor while it delivers needs a build\n');

const GIVEN = JSON.stringify([
  { ...sampleFindings(), assets: [], conversations: [], variables: [], packets: [], alerts: [] },
  alert(0),
]);

describe.skipIf(!HAS_BUILD)('a sensor that is killed at any moment between finding and sending', () => {
  it.each([
    ['native', 12],
    ['wasm', 4],
  ] as const)(
    'loses no alert that it has stored (%s SQLite, %i times)',
    { timeout: 240_000 },
    async (driver, rounds) => {
      const data = mkdtempSync(join(tmpdir(), 'fieldwatch-kill9-'));
      const there = new FakeReceiver(await freePort());
      await there.listen();
      const begin = (from: string) => {
        const child = spawn(process.execPath, [DRIVER, DIST, data, String(there.port), from, GIVEN], {
          env: { ...process.env, FIELDWATCH_SQLITE: driver === 'wasm' ? 'wasm' : '' },
        });
        let said = '';
        let complained = '';
        child.stderr.on('data', (chunk: Buffer) => {
          complained += chunk.toString();
        });
        const ended = new Promise((resolve) => child.once('close', resolve));
        return {
          child,
          ended,
          said: () => said,
          complained: () => complained,
          listen: (on: () => void) =>
            child.stdout.on('data', (chunk: Buffer) => {
              said += chunk.toString();
              on();
            }),
        };
      };
      try {
        let stored = 0;
        for (let round = 0; round < rounds; round++) {
          const sensor = begin(String(stored));
          // At another number of transactions each time, and a moment after one.
          const after = 3 + ((round * 7) % 17);
          await new Promise<void>((resolve) => {
            sensor.listen(() => {
              if (sensor.said().split('\n').length > after) setTimeout(resolve, (round * 13) % 20);
            });
            void sensor.ended.then(() => resolve());
          });
          sensor.child.kill('SIGKILL');
          await sensor.ended;
          expect(sensor.complained()).toBe('');
          const numbers = sensor.said().split('\n').slice(0, -1);
          expect(numbers.length).toBeGreaterThanOrEqual(after);
          stored = Number(numbers.at(-1));
        }
        const last = begin('drain');
        last.listen(() => {});
        await last.ended;
        expect(JSON.parse(last.said())).toMatchObject([{ left: 0 }]);
        const messages = there.messages.map(jsonOf);
        const ids = new Set(messages.map((message) => (message['alert'] as { id: string }).id));
        for (let n = 0; n < stored; n++) expect(ids.has(`alert-${n}`), `alert-${n}`).toBe(true);
        // What came twice is the same event.
        const events = new Set(messages.map((message) => message['event_id']));
        expect(events.size).toBe(ids.size);
        expect(there.faults).toEqual([]);
      } finally {
        await there.vanish();
        rmSync(data, { recursive: true, force: true });
      }
    },
  );
});
