import { severityRank } from '../model/severity.js';
import type { QueuedEvent } from '../store/sqlite/outbox.js';
import type { ExportEvent } from './event.js';
import type { ExporterSettings } from './settings.js';

/** Event types that are queued for an exporter with these settings. */
export function wantedTypes(settings: ExporterSettings): string[] {
  return settings.enabled ? [...new Set(settings.events)] : [];
}

/** Whether a queued event goes to an exporter, as far as the queue itself can tell. */
export function passesQueue(settings: ExporterSettings, queued: QueuedEvent): boolean {
  const type = queued.type === 'storm' ? 'alert' : queued.type;
  if (!settings.events.includes(type)) return false;
  if (type === 'asset' || type === 'audit') return true;
  if (queued.severity < severityRank(settings.min_severity)) return false;
  return settings.kinds.length === 0 || settings.kinds.some((kind) => kind === queued.kind);
}

/** Whether it belongs to one of the exporter's zones. What has no place in the plant always passes. */
export function passesZone(settings: ExporterSettings, event: ExportEvent): boolean {
  if (settings.zones.length === 0 || event.alert?.kind === 'health') return true;
  const zones = [event.source?.zone, event.destination?.zone, event.asset?.zone ?? undefined];
  if (event.alert === undefined && event.asset === undefined) return true;
  return zones.some((zone) => zone !== undefined && settings.zones.includes(zone));
}
