import { isIP } from 'node:net';
import type { ExportEvent } from '../../event.js';
import { type FieldMapping, ruleId, severityBasis } from '../format.js';
import { jsonFormat } from '../json-format.js';

/** Elastic Common Schema 8.17. What it has no field for stands under `fieldwatch`, a namespace of our own. */

const ECS_VERSION = '8.17.0';
/** event.severity as Suricata's and Windows' modules use it: higher is worse. */
const SEVERITY = { informational: 21, low: 21, medium: 47, high: 73, critical: 99 } as const;

/** ECS writes hardware addresses with dashes and capitals. */
const mac = (text: string | undefined) => text?.toUpperCase().replaceAll(':', '-');

/** Elasticsearch refuses a whole document for one field of the type ip that holds none. */
const address = (text: string | undefined) => (text !== undefined && isIP(text) !== 0 ? text : undefined);

function eventType(event: ExportEvent): string[] {
  if (event.type === 'audit') return ['change'];
  if (event.type === 'asset') return ['info'];
  return event.alert?.kind === 'protocol' ? ['protocol', 'info'] : ['info'];
}

function categories(event: ExportEvent): string[] {
  if (event.type === 'audit') return ['configuration'];
  if (event.type === 'asset') return ['host'];
  return event.alert || event.storm ? ['network', 'intrusion_detection'] : ['host'];
}

const mapping: readonly FieldMapping[] = [
  { field: '@timestamp', from: 'timestamp', value: (e) => e.timestamp },
  { field: 'ecs.version', from: `\`${ECS_VERSION}\``, value: () => ECS_VERSION },
  { field: 'message', from: 'title', value: (e) => e.title },
  {
    field: 'event.kind',
    from: '`alert` for alerts, else `event`',
    value: (e) => (e.alert || e.storm ? 'alert' : 'event'),
  },
  { field: 'event.category', from: 'type', value: categories },
  { field: 'event.type', from: 'alert.kind', value: eventType },
  { field: 'event.action', from: 'type, or audit.action', value: (e) => e.audit?.action ?? e.type },
  { field: 'event.module', from: '`fieldwatch`', value: () => 'fieldwatch' },
  { field: 'event.dataset', from: '`fieldwatch.` and type', value: (e) => `fieldwatch.${e.type}` },
  { field: 'event.id', from: 'event_id', value: (e) => e.event_id },
  { field: 'event.sequence', from: 'sequence', value: (e) => e.sequence },
  { field: 'event.severity', from: 'severity: 21, 21, 47, 73, 99', value: (e) => SEVERITY[e.severity] },
  { field: 'event.reason', from: 'description', value: (e) => e.description },
  { field: 'event.start', from: 'alert.first_seen', value: (e) => e.alert?.first_seen },
  { field: 'event.end', from: 'alert.last_seen', value: (e) => e.alert?.last_seen },
  { field: 'rule.id', from: 'rule id', value: ruleId },
  { field: 'rule.name', from: 'title', value: (e) => e.alert && e.title },
  { field: 'rule.category', from: 'alert.kind', value: (e) => e.alert?.kind ?? e.storm?.kind },
  { field: 'rule.version', from: 'alert.rule_version', value: (e) => e.alert?.rule_version },
  { field: 'source.ip', from: 'alert.src_ip', value: (e) => address(e.alert?.src_ip) },
  { field: 'source.port', from: 'alert.src_port', value: (e) => e.alert?.src_port },
  { field: 'source.mac', from: 'source.mac', value: (e) => mac(e.source?.mac) },
  { field: 'source.domain', from: 'source.name', value: (e) => e.source?.name },
  { field: 'destination.ip', from: 'alert.dest_ip', value: (e) => address(e.alert?.dest_ip) },
  { field: 'destination.port', from: 'alert.dest_port', value: (e) => e.alert?.dest_port },
  { field: 'destination.mac', from: 'destination.mac', value: (e) => mac(e.destination?.mac) },
  { field: 'destination.domain', from: 'destination.name', value: (e) => e.destination?.name },
  { field: 'network.protocol', from: 'alert.protocol', value: (e) => e.alert?.protocol },
  { field: 'observer.name', from: 'sensor', value: (e) => e.sensor },
  { field: 'observer.type', from: '`ids`', value: () => 'ids' },
  { field: 'observer.vendor', from: 'product', value: (e) => e.product },
  { field: 'observer.product', from: 'product', value: (e) => e.product },
  { field: 'observer.version', from: 'version', value: (e) => e.version },
  { field: 'observer.geo.name', from: 'site', value: (e) => e.site },
  {
    field: 'related.ip',
    from: 'alert.src_ip, alert.dest_ip, asset.ips',
    value: (e) => [
      ...new Set(
        [e.alert?.src_ip, e.alert?.dest_ip, ...(e.asset?.ips ?? [])].map(address).filter((ip) => ip !== undefined),
      ),
    ],
  },
  { field: 'host.name', from: 'asset.name', value: (e) => e.asset?.name },
  { field: 'host.ip', from: 'asset.ips', value: (e) => e.asset?.ips.map(address).filter((ip) => ip !== undefined) },
  { field: 'host.mac', from: 'asset.macs', value: (e) => e.asset?.macs.map((one) => mac(one)) },
  { field: 'user.name', from: 'audit.user', value: (e) => e.audit?.user },
  {
    field: 'threat.framework',
    from: '`MITRE ATT&CK for ICS` with techniques',
    value: (e) => (e.alert && e.alert.attack.length > 0 ? 'MITRE ATT&CK for ICS' : undefined),
  },
  { field: 'threat.technique.id', from: 'alert.attack', value: (e) => e.alert?.attack.map((item) => item.technique) },
  {
    field: 'threat.technique.name',
    from: 'alert.attack',
    value: (e) => e.alert?.attack.map((item) => item.name).filter((name) => name !== ''),
  },
  {
    field: 'threat.tactic.name',
    from: 'alert.attack',
    value: (e) => [...new Set(e.alert?.attack.map((item) => item.tactic).filter((name) => name !== '') ?? [])],
  },
  { field: 'fieldwatch.schema_version', from: 'schema_version', value: (e) => e.schema_version },
  { field: 'fieldwatch.stream', from: 'stream', value: (e) => e.stream },
  { field: 'fieldwatch.severity', from: 'severity', value: (e) => e.severity },
  { field: 'fieldwatch.truncated', from: 'truncated', value: (e) => e.truncated },
  { field: 'fieldwatch.lost', from: 'lost', value: (e) => e.lost },
  { field: 'fieldwatch.alert.id', from: 'alert.id', value: (e) => e.alert?.id },
  { field: 'fieldwatch.alert.status', from: 'alert.status', value: (e) => e.alert?.status },
  { field: 'fieldwatch.alert.count', from: 'alert.count', value: (e) => e.alert?.count },
  { field: 'fieldwatch.alert.object', from: 'alert.object', value: (e) => e.alert?.object },
  { field: 'fieldwatch.alert.expected', from: 'alert.expected', value: (e) => e.alert?.expected },
  { field: 'fieldwatch.alert.observed', from: 'alert.observed', value: (e) => e.alert?.observed },
  { field: 'fieldwatch.alert.recommendation', from: 'alert.recommendation', value: (e) => e.alert?.recommendation },
  { field: 'fieldwatch.alert.incident', from: 'alert.incident', value: (e) => e.alert?.incident },
  {
    field: 'fieldwatch.alert.severity_basis',
    from: 'alert.severity_basis: factor, severity, detail',
    value: severityBasis,
  },
  { field: 'fieldwatch.source', from: 'source: asset, zone, roles', value: (e) => e.source && { ...e.source } },
  { field: 'fieldwatch.destination', from: 'destination', value: (e) => e.destination && { ...e.destination } },
  { field: 'fieldwatch.storm', from: 'storm', value: (e) => e.storm },
  { field: 'fieldwatch.heartbeat', from: 'heartbeat', value: (e) => e.heartbeat && { ...e.heartbeat } },
  { field: 'fieldwatch.audit', from: 'audit', value: (e) => e.audit && { ...e.audit } },
  { field: 'fieldwatch.asset', from: 'asset', value: (e) => e.asset && { ...e.asset } },
];

export const ecsFormat = jsonFormat(
  'ecs',
  `Elastic Common Schema ${ECS_VERSION}, for Elasticsearch, Logstash and Elastic Agent.`,
  mapping,
);
