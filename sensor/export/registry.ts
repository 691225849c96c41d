import type { Exporter, ExporterParts } from './exporter.js';
import { createFileExporter } from './exporters/file/index.js';
import { createSyslogExporter } from './exporters/syslog/index.js';
import { createWebhookExporter } from './exporters/webhook/index.js';
import { FORMATS } from './formats/registry.js';
import { resolveSecrets, type Secrets } from './secrets.js';
import { type ExporterSettings, type ExporterType, maxBytes, type SettingsOf } from './settings.js';

/** Every kind of exporter: a new one is a folder, a line here and one in settings.ts. */
const EXPORTERS: { readonly [T in ExporterType]: (settings: SettingsOf<T>, parts: ExporterParts) => Exporter } = {
  syslog: createSyslogExporter,
  file: createFileExporter,
  webhook: createWebhookExporter,
};

/** Reads keys and certificates anew, so that a renewed one is used with the next connection. Throws `DeliveryError`. */
export function createExporter(settings: ExporterSettings, stored: Secrets, dataDir: string): Exporter {
  const parts: ExporterParts = {
    format: FORMATS[settings.format],
    maxBytes: maxBytes(settings),
    secrets: resolveSecrets(settings, stored),
    dataDir,
  };
  const create = EXPORTERS[settings.type] as (settings: ExporterSettings, parts: ExporterParts) => Exporter;
  return create(settings, parts);
}
