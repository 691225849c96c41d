import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileSource } from '../../sensor/capture/file-source.js';
import { createSensor } from '../../sensor/pipeline/create-sensor.js';
import type { FindingsBatch } from '../../sensor/store/store.js';
import { ROOT } from './namespace.js';

/** The last version of every record, as a store keeps it. */
async function findings(capture: string, collectEvery: number): Promise<Record<string, unknown>> {
  const sensor = createSensor({ sensor: 'sensor', mode: 'live', phase: 'protect', memory: null });
  const kept: Record<string, unknown> = {};
  const keep = ({ assets, conversations, alerts }: FindingsBatch) => {
    for (const record of [...assets, ...conversations, ...alerts]) kept[record.id] = structuredClone(record);
  };
  let count = 0;
  const sink = {
    packet: (packet: Parameters<typeof sensor.packet>[0]) => {
      sensor.packet(packet);
      if (++count % collectEvery === 0) keep(sensor.collect());
    },
  };
  await new FileSource(capture).run(sink, new AbortController().signal);
  sensor.finish();
  keep(sensor.collect());
  return kept;
}

const capture = join(ROOT, 'fixtures', 'plant', 'attack.pcap');

describe.skipIf(!existsSync(capture))('what a sensor has found', () => {
  it.each([5000, 500, 137])(
    'is the same when it is collected every %d packets as when only at the end',
    async (every) => {
      const expected = await findings(capture, Number.POSITIVE_INFINITY);
      expect(Object.keys(expected).length).toBeGreaterThan(10);
      expect(await findings(capture, every)).toEqual(expected);
    },
  );
});
