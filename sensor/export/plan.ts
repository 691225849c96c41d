import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CONSOLE_FILE } from '../store/console/console-schema.js';
import { ConsoleStore } from '../store/console/console-store.js';
import type { ExporterRegistration, OutboxOptions } from '../store/sqlite/outbox.js';
import { wantedTypes } from './filter.js';
import { SecretBox, type Secrets } from './secrets.js';
import { EXPORTER_NAME, EXPORTER_SCHEMAS, type ExporterSettings, withDefaults } from './settings.js';

/** The `export` part of the settings. */
export interface ExportConfig {
  readonly exporters: Readonly<Record<string, ExporterSettings>>;
  readonly queue_messages: number;
  readonly queue_days: number;
  readonly update_seconds: number;
  readonly per_second: number;
}

export interface PlannedExporter {
  readonly name: string;
  readonly settings: ExporterSettings;
  /** Where it was set up. */
  readonly from: 'file' | 'console';
  /** Changes with the stored secrets, and tells nothing of them. */
  readonly sealed: string;
  /** Decrypts what the console keeps. Throws `DeliveryError`. */
  readonly secrets: () => Secrets;
}

/** What the console keeps of an exporter, without secrets in the clear. */
export function consoleExporters(accounts: ConsoleStore, dataDir: string): PlannedExporter[] {
  const planned: PlannedExporter[] = [];
  for (const { name, settings: text, secrets } of accounts.exporterSettings()) {
    let settings: ExporterSettings;
    try {
      settings = JSON.parse(text) as ExporterSettings;
    } catch {
      continue;
    }
    if (!EXPORTER_NAME.test(name) || !Object.hasOwn(EXPORTER_SCHEMAS, settings.type)) continue;
    const open = () => (secrets === '' ? {} : (JSON.parse(new SecretBox(dataDir).open(name, secrets)) as Secrets));
    planned.push({ name, settings: withDefaults(settings), from: 'console', sealed: secrets, secrets: open });
  }
  return planned;
}

/** Exporters of the settings file and of the console; where both have a name, the file's counts. `''`: only the file's. */
export function planExporters(config: ExportConfig, dataDir: string): PlannedExporter[] {
  const planned: PlannedExporter[] = Object.entries(config.exporters).map(([name, settings]) => ({
    name,
    settings: withDefaults(settings),
    from: 'file',
    sealed: '',
    secrets: () => ({}),
  }));
  if (dataDir !== '' && existsSync(join(dataDir, CONSOLE_FILE))) {
    const accounts = new ConsoleStore(dataDir);
    try {
      const taken = new Set(planned.map(({ name }) => name));
      planned.push(...consoleExporters(accounts, dataDir).filter(({ name }) => !taken.has(name)));
    } finally {
      accounts.close();
    }
  }
  return planned;
}

export function registrations(planned: readonly PlannedExporter[]): ExporterRegistration[] {
  return planned
    .filter(({ settings }) => settings.enabled)
    .map(({ name, settings }) => ({ name, wants: wantedTypes(settings) }));
}

/**
 * For a process that writes findings, so that even the first of them is queued. `hasFile`: there is a settings file,
 * which then says everything; without one, exporters that another process set up stay as they are.
 */
export function outboxOptions(config: ExportConfig, dataDir: string, hasFile: boolean): OutboxOptions {
  let planned: PlannedExporter[];
  let isComplete = true;
  try {
    planned = planExporters(config, dataDir);
  } catch {
    // A damaged console.db must not keep the sensor from starting; the delivery tells of it.
    planned = planExporters(config, '');
    isComplete = false;
  }
  return {
    exporters: registrations(planned),
    forgetOthers: hasFile && isComplete,
    updateSeconds: config.update_seconds,
    perSecond: config.per_second,
  };
}
