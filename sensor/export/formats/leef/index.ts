import type { ExportEvent } from '../../event.js';
import { category, type FieldMapping, type Format, isGiven, millis, ruleId, tactics, techniques } from '../format.js';

/** Log Event Extended Format 2.0 (IBM QRadar). The format knows no escape, so what separates is replaced. */

const SEVERITY = { informational: 1, low: 3, medium: 5, high: 8, critical: 10 } as const;
const DELIMITER = '^';

const mapping: readonly FieldMapping[] = [
  { field: 'cat', from: 'alert.kind, or type', value: category },
  { field: 'devTime', from: 'timestamp, milliseconds since 1970', value: (e) => millis(e.timestamp) },
  { field: 'sev', from: 'severity: 1, 3, 5, 8, 10', value: (e) => SEVERITY[e.severity] },
  { field: 'src', from: 'alert.src_ip', value: (e) => e.alert?.src_ip },
  { field: 'srcPort', from: 'alert.src_port', value: (e) => e.alert?.src_port },
  { field: 'srcMAC', from: 'source.mac', value: (e) => e.source?.mac },
  { field: 'identHostName', from: 'asset.name', value: (e) => e.asset?.name },
  { field: 'identSrc', from: 'asset.ips, the first', value: (e) => e.asset?.ips[0] },
  { field: 'dst', from: 'alert.dest_ip', value: (e) => e.alert?.dest_ip },
  { field: 'dstPort', from: 'alert.dest_port', value: (e) => e.alert?.dest_port },
  { field: 'dstMAC', from: 'destination.mac', value: (e) => e.destination?.mac },
  { field: 'usrName', from: 'audit.user', value: (e) => e.audit?.user },
  {
    field: 'resource',
    from: 'alert.object, asset.id or audit.target',
    value: (e) => e.alert?.object ?? e.asset?.id ?? e.audit?.target,
  },
  { field: 'policy', from: 'rule id', value: ruleId },
  { field: 'name', from: 'title', value: (e) => e.title },
  { field: 'msg', from: 'description', value: (e) => e.description },
  { field: 'eventType', from: 'type', value: (e) => e.type },
  { field: 'eventUid', from: 'event_id', value: (e) => e.event_id },
  { field: 'sequence', from: 'sequence', value: (e) => e.sequence },
  { field: 'stream', from: 'stream', value: (e) => e.stream },
  { field: 'schemaVersion', from: 'schema_version', value: (e) => e.schema_version },
  { field: 'sensor', from: 'sensor', value: (e) => e.sensor },
  { field: 'site', from: 'site', value: (e) => e.site },
  { field: 'alertId', from: 'alert.id, or storm.first_alert', value: (e) => e.alert?.id ?? e.storm?.first_alert },
  { field: 'status', from: 'alert.status', value: (e) => e.alert?.status },
  {
    field: 'count',
    from: 'alert.count, storm.alerts or lost',
    value: (e) => e.alert?.count ?? e.storm?.alerts ?? e.lost,
  },
  { field: 'firstSeen', from: 'alert.first_seen', value: (e) => millis(e.alert?.first_seen) },
  { field: 'lastSeen', from: 'alert.last_seen', value: (e) => millis(e.alert?.last_seen) },
  { field: 'app', from: 'alert.protocol', value: (e) => e.alert?.protocol },
  { field: 'srcName', from: 'source.name', value: (e) => e.source?.name },
  { field: 'dstName', from: 'destination.name', value: (e) => e.destination?.name },
  { field: 'techniques', from: 'alert.attack, ids separated by commas', value: (e) => techniques(e).join(',') },
  { field: 'tactics', from: 'alert.attack, tactics', value: (e) => tactics(e).join(',') },
  { field: 'expected', from: 'alert.expected, or audit.before', value: (e) => e.alert?.expected ?? e.audit?.before },
  { field: 'observed', from: 'alert.observed, or audit.after', value: (e) => e.alert?.observed ?? e.audit?.after },
  { field: 'incident', from: 'alert.incident', value: (e) => e.alert?.incident },
  {
    field: 'severityBasis',
    from: 'alert.severity_basis, as `level:high,criticality high:critical`',
    value: (e) =>
      e.alert?.severity_basis
        ?.map(({ factor, detail, severity }) => `${factor}${detail === undefined ? '' : ` ${detail}`}:${severity}`)
        .join(','),
  },
  { field: 'truncated', from: '`true` where texts were shortened', value: (e) => (e.truncated ? 'true' : undefined) },
];

function header(text: string): string {
  return text.replaceAll('|', '/').replaceAll(/[\r\n\t]/g, ' ');
}

function plain(value: unknown): string {
  return String(value)
    .replaceAll(DELIMITER, '~')
    .replaceAll(/[\r\n\t]/g, ' ');
}

export const leefFormat: Format = {
  name: 'leef',
  description:
    'Log Event Extended Format 2.0 of IBM QRadar, separated by `^`. It has no escape: `^` in a value becomes `~`, `|` in the header `/`.',
  isJson: false,
  mapping,
  render(event: ExportEvent): string {
    const pairs: string[] = [];
    for (const { field, value } of mapping) {
      const given = value(event);
      if (isGiven(given)) pairs.push(`${field}=${plain(given)}`);
    }
    const { product, version } = event;
    return `LEEF:2.0|${header(product)}|${header(product)}|${header(version)}|${header(ruleId(event))}|${DELIMITER}|${pairs.join(DELIMITER)}`;
  },
};
