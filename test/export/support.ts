import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExportConfig } from '../../sensor/export/plan.js';
import { outboxOptions } from '../../sensor/export/plan.js';
import { ExportService } from '../../sensor/export/service.js';
import type { ExporterSettings } from '../../sensor/export/settings.js';
import type { Alert } from '../../sensor/model/records.js';
import { formatTimestamp } from '../../sensor/model/time.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { sampleFindings } from '../support/sample-findings.js';

const EMPTY = { ...sampleFindings(), assets: [], conversations: [], variables: [], packets: [] };

export const ORIGIN = { sensor: 'north-1', site: 'Works 7', version: '0.0.0' };

export const FAST = {
  pollMs: 10,
  firstRetryMs: 20,
  longestRetryMs: 100,
  silentMs: 1000,
  closeMs: 10_000,
  healthMs: 60_000,
};

/** 2026-03-02T06:00:00Z in microseconds. */
const START = Date.UTC(2026, 2, 2, 6) * 1000;

export function exportConfig(
  exporters: Record<string, Partial<ExporterSettings>>,
  more: Partial<ExportConfig> = {},
): ExportConfig {
  return {
    exporters: exporters as Record<string, ExporterSettings>,
    queue_messages: 1_000_000,
    queue_days: 7,
    update_seconds: 10,
    per_second: 100,
    ...more,
  };
}

const SAMPLE = sampleFindings().alerts[0]!;

/** An alert as the sensor makes it; `second` is packet time after the start. */
export function alert(n: number, over: Partial<Alert> = {}, second = n): Alert {
  const time = formatTimestamp(START + second * 1_000_000);
  return {
    ...SAMPLE,
    id: `alert-${String(n).padStart(8, '0')}`,
    first_seen: time,
    last_seen: time,
    count: 1,
    status: 'open',
    severity: 'high',
    ...over,
  };
}

/** A data folder with a sensor's store in it, whose alerts are queued for these exporters. */
export class Plant {
  readonly data = mkdtempSync(join(tmpdir(), 'fieldwatch-export-'));
  readonly config: ExportConfig;
  readonly store: SqliteFindingsStore;
  readonly told: string[] = [];
  readonly #services: ExportService[] = [];

  constructor(exporters: Record<string, Partial<ExporterSettings>>, more: Partial<ExportConfig> = {}) {
    this.config = exportConfig(exporters, more);
    this.store = new SqliteFindingsStore(this.data, {
      role: 'sensor',
      outbox: outboxOptions(this.config, this.data, true),
      warn: () => {},
    });
  }

  find(alerts: Alert[]): void {
    this.store.write({ ...EMPTY, alerts });
  }

  service(
    timing: Partial<typeof FAST> = {},
    clocks: { now?: () => number; steady?: () => number } = {},
  ): ExportService {
    const service = new ExportService({
      data: this.data,
      config: this.config,
      origin: ORIGIN,
      hasFile: true,
      tell: (sentence) => this.told.push(sentence),
      timing: { ...FAST, ...timing },
      ...clocks,
    });
    this.#services.push(service);
    return service;
  }

  start(...values: Parameters<Plant['service']>): ExportService {
    const service = this.service(...values);
    service.start();
    return service;
  }

  state(name: string) {
    return this.store.outbox.exporter(name)!;
  }

  waiting(name: string): number {
    return this.store.outbox.waiting(this.state(name));
  }

  close(): void {
    this.store.close();
    rmSync(this.data, { recursive: true, force: true });
  }
}
