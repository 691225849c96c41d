import type { AnomalyDef } from '../model/anomaly.js';
import type { DissectionRecord } from '../model/records.js';
import { commonFields, type Sighting } from './pdu-context.js';

/** Records of one kind that are written out; further ones are only counted. */
export const ANOMALY_RECORDS_PER_KIND = 25;

/** Counts anomalies by code. */
export class AnomalyLog {
  readonly #counts = new Map<string, number>();

  /** Returns how often the code has occurred, this time included. */
  count(anomaly: AnomalyDef): number {
    const count = (this.#counts.get(anomaly.code) ?? 0) + 1;
    this.#counts.set(anomaly.code, count);
    return count;
  }

  get counts(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([one], [other]) => (one < other ? -1 : 1)));
  }
}

export function anomalyRecord(sighting: Sighting, anomaly: AnomalyDef): DissectionRecord {
  const record = commonFields(sighting, 'anomaly');
  record['anomaly'] = { type: anomaly.layer, event: anomaly.code };
  return record;
}
