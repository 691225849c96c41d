import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CaptureParser } from '../../sensor/capture/capture-parser.js';
import type { FlowTableLimits } from '../../sensor/flow/flow-table.js';
import { settledScopes } from '../../sensor/model/learning.js';
import type { LearningPhase } from '../../sensor/model/records.js';
import { createSensor } from '../../sensor/pipeline/create-sensor.js';
import type { Sensor } from '../../sensor/pipeline/sensor.js';
import type { FindingsBatch, SensorMemory } from '../../sensor/store/store.js';
import { type Bytes, type Frame, pcap } from '../support/packets.js';

export const hasBuiltRules = existsSync(fileURLToPath(new URL('../../dist/rules.json', import.meta.url)));

export const WITHOUT_BUILT_RULES = 'dist/rules.json is missing: run `npm run build` for the tests of the whole sensor.';

/** The default table is made for a plant; making one for every little capture would be most of a test's time. */
const SMALL_TABLE: FlowTableLimits = { flows: 4000, unanswered: 2000 };

export interface SensorRun {
  readonly sensor: Sensor;
  /** The last collection of the run, with everything in it. */
  readonly batch: FindingsBatch;
  readonly memory: SensorMemory;
}

export interface RunOptions {
  readonly phase: LearningPhase;
  readonly memory?: SensorMemory;
  readonly autoProtect?: boolean;
}

/** What a store would give back to the next run: through text, as it is kept (histories of values as bytes). */
export function remember(memory: SensorMemory | undefined, batch: FindingsBatch): SensorMemory {
  const merge = <T extends { id: string }>(old: readonly T[], now: readonly T[]): T[] => [
    ...new Map([...old, ...now].map((item) => [item.id, item])).values(),
  ];
  const merged: SensorMemory = {
    phase: batch.health.phase,
    assets: merge(memory?.assets ?? [], batch.assets),
    conversations: merge(memory?.conversations ?? [], batch.conversations),
    variables: merge(memory?.variables ?? [], batch.variables),
    baseline: memory?.baseline ?? null,
    settledScopes: settledScopes(batch.health),
    openAlerts: merge(memory?.openAlerts ?? [], batch.alerts),
  };
  const histories = new Map(merged.variables.map(({ id, history }) => [id, history]));
  const kept = JSON.parse(JSON.stringify(merged)) as SensorMemory;
  return {
    ...kept,
    variables: kept.variables.map(({ history: _, ...variable }) => {
      const history = histories.get(variable.id);
      return history === undefined ? variable : { ...variable, history };
    }),
  };
}

/** Whole captures through a whole sensor, inline. */
export function runSensor(captures: readonly Bytes[], options: RunOptions): SensorRun {
  const sensor = createSensor({
    sensor: 'test',
    mode: 'replay',
    phase: options.phase,
    ...(options.autoProtect === undefined ? {} : { autoProtect: options.autoProtect }),
    // The sensor goes on with the objects that it is given.
    memory: options.memory ? structuredClone(options.memory) : null,
    flowLimits: SMALL_TABLE,
  });
  for (const capture of captures) {
    const parser = new CaptureParser(sensor);
    parser.push(capture);
    parser.end();
  }
  sensor.finish();
  const batch = sensor.collect();
  return { sensor, batch, memory: remember(options.memory, batch) };
}

export function runFrames(frames: readonly Frame[], options: RunOptions): SensorRun {
  return runSensor([pcap(frames)], options);
}
