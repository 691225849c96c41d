import type { ExportEvent } from '../../event.js';
import {
  category,
  type FieldMapping,
  type FieldValue,
  type Format,
  isGiven,
  millis,
  ruleId,
  tactics,
  techniques,
} from '../format.js';

/** Common Event Format, version 0 (ArcSight implementation standard): seven header fields, then key=value pairs. */

const SEVERITY = { informational: 1, low: 3, medium: 5, high: 8, critical: 10 } as const;

const custom = (key: string, label: string, from: string, value: FieldMapping['value']): FieldMapping[] => [
  { field: key, from, value },
  { field: `${key}Label`, from: `\`${label}\``, value: (event) => (isGiven(value(event)) ? label : undefined) },
];

const mapping: readonly FieldMapping[] = [
  { field: 'rt', from: 'timestamp, milliseconds since 1970', value: (e) => millis(e.timestamp) },
  { field: 'externalId', from: 'event_id', value: (e) => e.event_id },
  { field: 'cat', from: 'alert.kind, or type', value: category },
  { field: 'act', from: 'type', value: (e) => e.type },
  { field: 'src', from: 'alert.src_ip', value: (e) => ipv4(e.alert?.src_ip) },
  { field: 'c6a2', from: 'alert.src_ip where it is IPv6', value: (e) => ipv6(e.alert?.src_ip) },
  { field: 'c6a2Label', from: '`Source IPv6 Address`', value: (e) => ipv6(e.alert?.src_ip) && 'Source IPv6 Address' },
  { field: 'spt', from: 'alert.src_port', value: (e) => e.alert?.src_port },
  { field: 'shost', from: 'source.name', value: (e) => e.source?.name },
  { field: 'smac', from: 'source.mac', value: (e) => e.source?.mac },
  { field: 'dst', from: 'alert.dest_ip', value: (e) => ipv4(e.alert?.dest_ip) },
  { field: 'c6a3', from: 'alert.dest_ip where it is IPv6', value: (e) => ipv6(e.alert?.dest_ip) },
  {
    field: 'c6a3Label',
    from: '`Destination IPv6 Address`',
    value: (e) => ipv6(e.alert?.dest_ip) && 'Destination IPv6 Address',
  },
  { field: 'dpt', from: 'alert.dest_port', value: (e) => e.alert?.dest_port },
  { field: 'dhost', from: 'destination.name', value: (e) => e.destination?.name },
  { field: 'dmac', from: 'destination.mac', value: (e) => e.destination?.mac },
  { field: 'app', from: 'alert.protocol', value: (e) => e.alert?.protocol },
  {
    field: 'cnt',
    from: 'alert.count, storm.alerts or lost',
    value: (e) => e.alert?.count ?? e.storm?.alerts ?? e.lost,
  },
  { field: 'start', from: 'alert.first_seen', value: (e) => millis(e.alert?.first_seen) },
  { field: 'end', from: 'alert.last_seen', value: (e) => millis(e.alert?.last_seen) },
  { field: 'dvchost', from: 'sensor', value: (e) => e.sensor },
  { field: 'deviceExternalId', from: 'stream', value: (e) => e.stream },
  { field: 'suser', from: 'audit.user', value: (e) => e.audit?.user },
  { field: 'outcome', from: 'alert.status', value: (e) => e.alert?.status },
  { field: 'msg', from: 'description', value: (e) => e.description },
  ...custom('cs1', 'attackTechniques', 'alert.attack, ids separated by commas', (e) => techniques(e).join(',')),
  ...custom('cs2', 'attackTactics', 'alert.attack, tactics', (e) => tactics(e).join(',')),
  ...custom('cs3', 'site', 'site', (e) => e.site),
  ...custom(
    'cs4',
    'object',
    'alert.object, asset.id or audit.target',
    (e) => e.alert?.object ?? e.asset?.id ?? e.audit?.target,
  ),
  ...custom('cs5', 'expected', 'alert.expected, or audit.before', (e) => e.alert?.expected ?? e.audit?.before),
  ...custom('cs6', 'observed', 'alert.observed, or audit.after', (e) => e.alert?.observed ?? e.audit?.after),
  ...custom('cn1', 'sequence', 'sequence', (e) => e.sequence),
  ...custom('cn2', 'schemaVersion', 'schema_version', (e) => e.schema_version),
  ...custom('flexString1', 'alertId', 'alert.id, or storm.first_alert', (e) => e.alert?.id ?? e.storm?.first_alert),
  ...custom('flexString2', 'incident', 'alert.incident', (e) => e.alert?.incident),
  {
    field: 'reason',
    from: '`truncated` where texts were shortened',
    value: (e) => (e.truncated ? 'truncated' : undefined),
  },
];

function ipv4(address: string | undefined): string | undefined {
  return address?.includes(':') ? undefined : address;
}

function ipv6(address: string | undefined): string | undefined {
  return address?.includes(':') ? address : undefined;
}

/** In the header a backslash and the separator are escaped. */
function header(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll(/[\r\n]/g, ' ');
}

/** In an extension value a backslash, the equal sign and line breaks are; the pipe is not. */
function extension(value: Exclude<FieldValue, undefined>): string {
  return String(value).replaceAll('\\', '\\\\').replaceAll('=', '\\=').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

export const cefFormat: Format = {
  name: 'cef',
  description: 'Common Event Format of ArcSight; also read by Microsoft Sentinel, QRadar and most others.',
  isJson: false,
  mapping,
  render(event: ExportEvent): string {
    const pairs: string[] = [];
    for (const { field, value } of mapping) {
      const given = value(event);
      if (isGiven(given)) pairs.push(`${field}=${extension(given)}`);
    }
    const { product, version, title, severity } = event;
    return `CEF:0|${header(product)}|${header(product)}|${header(version)}|${header(ruleId(event))}|${header(title)}|${SEVERITY[severity]}|${pairs.join(' ')}`;
  },
};
