import type { ExportEvent } from '../../sensor/export/event.js';
import { syslogEncoder } from '../../sensor/export/exporters/syslog/message.js';
import { FORMATS } from '../../sensor/export/formats/registry.js';
import { type FormatName, type SettingsOf, withDefaults } from '../../sensor/export/settings.js';

/** Messages as they stand on the wire. */
export function encoder(
  format: FormatName,
  over: Partial<SettingsOf<'syslog'>> = {},
  bytes = 8192,
): (event: ExportEvent) => Buffer {
  const settings = withDefaults({ type: 'syslog', host: 'h', format, ...over } as SettingsOf<'syslog'>);
  return syslogEncoder(settings as SettingsOf<'syslog'>, {
    format: FORMATS[format],
    maxBytes: bytes,
    secrets: {},
    dataDir: '/',
  });
}
