import type { ExportEvent } from '../../event.js';
import type { ExporterParts } from '../../exporter.js';
import { ruleId, techniques } from '../../formats/format.js';
import { renderWithin } from '../../formats/render.js';
import type { SettingsOf } from '../../settings.js';
import { cutBytes } from '../../text.js';
import { FACILITIES } from './settings.js';

/** RFC 5424 table 2: 2 critical, 3 error, 4 warning, 5 notice, 6 informational. */
const SYSLOG_SEVERITY = { critical: 2, high: 3, medium: 4, low: 5, informational: 6 } as const;
/** The enterprise number that RFC 5612 sets aside for documentation; the project has none of its own. */
const SD_ID = 'fieldwatch@32473';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Printable ASCII without spaces, bounded: RFC 5424 section 6.2. An empty field is `-`. */
function field(text: string, max: number): string {
  const clean = text.replaceAll(/[^!-~]/g, '_').slice(0, max);
  return clean === '' ? '-' : clean;
}

/** Section 6.3.3: quote, backslash and closing bracket are escaped; the text is UTF-8. */
function parameter(name: string, value: string | number | undefined): string {
  if (value === undefined || value === '') return '';
  return ` ${name}="${String(value).replaceAll(/["\\\]]/g, '\\$&')}"`;
}

/** Section 7.3.1: 1 to 2147483647, then from 1 again. */
function sequenceId(sequence: number): number {
  return ((Math.max(1, sequence) - 1) % 2_147_483_647) + 1;
}

function structuredData(event: ExportEvent): string {
  const own = [
    parameter('eventId', event.event_id),
    parameter('type', event.type),
    parameter('severity', event.severity),
    parameter('ruleId', cutBytes(ruleId(event), 64)),
    parameter('alertId', event.alert && cutBytes(event.alert.id, 64)),
    parameter('attack', cutBytes(techniques(event).join(','), 100)),
    parameter('sensor', event.sensor),
    parameter('site', cutBytes(event.site, 100)),
    parameter('schema', event.schema_version),
    parameter('stream', event.stream),
    parameter('truncated', event.truncated ? 'true' : undefined),
  ];
  return `[${SD_ID}${own.join('')}][meta sequenceId="${sequenceId(event.sequence)}"][origin software="${event.product}" swVersion="${event.version.replaceAll(/["\\\]]/g, '_')}"]`;
}

/** Six decimals at most, as section 6.2.3 allows. */
function timestamp(time: string): string {
  return time.replace(/(\.\d{6})\d+Z$/, '$1Z');
}

/** RFC 3164 section 4.1.2: local time of this machine, without a year. */
function oldTimestamp(time: string): string {
  const at = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${MONTHS[at.getMonth()]} ${String(at.getDate()).padStart(2, ' ')} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** Header and message, and on a stream what says where it ends. */
export function syslogEncoder(settings: SettingsOf<'syslog'>, parts: ExporterParts): (event: ExportEvent) => Buffer {
  const facility = FACILITIES.indexOf(settings.facility) * 8;
  const app = field(settings.app_name, 48);
  const isStream = settings.transport !== 'udp';
  return (event) => {
    const priority = facility + SYSLOG_SEVERITY[event.severity];
    const host = field(event.sensor, 255);
    const withHeader = (body: ExportEvent) =>
      settings.header === 'rfc3164'
        ? `<${priority}>${oldTimestamp(event.timestamp)} ${host} ${app.slice(0, 32)}: `
        : `<${priority}>1 ${timestamp(event.timestamp)} ${host} ${app} - ${field(event.type, 32)} ${structuredData(body)} `;
    // The header may grow by `truncated`: room for it is kept.
    const room = parts.maxBytes - Buffer.byteLength(withHeader({ ...event, truncated: true }));
    const body = renderWithin(parts.format, event, room);
    const text = withHeader(body.isShortened ? { ...event, truncated: true } : event) + body.text;
    if (!isStream) return Buffer.from(text);
    return settings.framing === 'newline'
      ? Buffer.from(`${text}\n`)
      : Buffer.from(`${Buffer.byteLength(text)} ${text}`);
  };
}
