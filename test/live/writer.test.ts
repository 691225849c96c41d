import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import type { FromWriterPort, FromWriterThread } from '../../sensor/threads/messages.js';
import { sampleFindings } from '../support/sample-findings.js';

const WORKER = fileURLToPath(new URL('../../dist/sensor/threads/writer-worker.js', import.meta.url));
const HAS_BUILD = existsSync(WORKER);
if (!HAS_BUILD) process.stderr.write('skipped: the test of the writer thread needs a build (npm run build)\n');

describe.skipIf(!HAS_BUILD)('the writer thread', () => {
  it("tells every new sensor thread of people's decisions, although the one before was told of them", async () => {
    const data = mkdtempSync(join(tmpdir(), 'fieldwatch-writer-'));
    const store = new SqliteFindingsStore(data, { role: 'console', warn: () => {} });
    store.setDisabledRules(['rule-a', 'rule-b']);
    store.close();
    const writer = new Worker(WORKER, { workerData: { data }, name: 'writer' });
    try {
      await new Promise<void>((resolve) =>
        writer.on('message', ({ type }: FromWriterThread) => {
          if (type === 'ready') resolve();
        }),
      );
      const batch = { ...sampleFindings(), assets: [], conversations: [], variables: [], packets: [], alerts: [] };
      /** What a sensor thread is answered to its batches. */
      const sensor = async (batches: number): Promise<FromWriterPort[]> => {
        const { port1, port2 } = new MessageChannel();
        writer.postMessage({ type: 'connect', port: port1 }, [port1]);
        const answers: FromWriterPort[] = [];
        for (let id = 1; id <= batches; id++) {
          const answered = new Promise<FromWriterPort>((resolve) => port2.once('message', resolve));
          port2.postMessage({ type: 'batch', id, batch });
          answers.push(await answered);
        }
        port2.close();
        return answers;
      };
      const [first, second] = await sensor(2);
      expect(first).toMatchObject({ type: 'written', disabledRules: ['rule-a', 'rule-b'] });
      expect(second).not.toHaveProperty('disabledRules');
      expect(await sensor(1)).toMatchObject([{ type: 'written', disabledRules: ['rule-a', 'rule-b'] }]);
    } finally {
      await writer.terminate();
      rmSync(data, { recursive: true, force: true });
    }
  });
});
