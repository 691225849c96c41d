import type { ExportEvent } from '../../event.js';
import { type FieldMapping, ruleId, severityBasis, tactics, techniques } from '../format.js';
import { jsonFormat } from '../json-format.js';

/** The shape of Suricata's EVE log, `event_type: "alert"`: what parsers for Suricata read without a change. */

/** Suricata counts the other way: 1 is the most severe. */
const SEVERITY = { critical: 1, high: 1, medium: 2, low: 3, informational: 3 } as const;

/** `2026-01-01T00:00:00.000000+0000` */
function eveTime(time: string): string {
  return time.replace(/(\.\d{6})\d*Z$/, '$1+0000').replace(/Z$/, '+0000');
}

/** A number in the place of Suricata's signature id: receivers count and suppress by it. FNV-1a, 31 bits, never 0. */
function signatureId(event: ExportEvent): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(ruleId(event))) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash & 0x7fffffff || 1;
}

const mapping: readonly FieldMapping[] = [
  { field: 'timestamp', from: 'timestamp', value: (e) => eveTime(e.timestamp) },
  {
    field: 'event_type',
    from: '`alert` for alerts, else `fieldwatch_` and type',
    value: (e) => (e.alert || e.storm ? 'alert' : `fieldwatch_${e.type}`),
  },
  { field: 'host', from: 'sensor', value: (e) => e.sensor },
  { field: 'src_ip', from: 'alert.src_ip', value: (e) => e.alert?.src_ip },
  { field: 'src_port', from: 'alert.src_port', value: (e) => e.alert?.src_port },
  { field: 'dest_ip', from: 'alert.dest_ip', value: (e) => e.alert?.dest_ip },
  { field: 'dest_port', from: 'alert.dest_port', value: (e) => e.alert?.dest_port },
  { field: 'app_proto', from: 'alert.protocol', value: (e) => e.alert?.protocol },
  { field: 'pcap_cnt', from: 'alert.evidence, first packet', value: (e) => e.alert?.evidence.pcap_cnts[0] },
  {
    field: 'alert.action',
    from: '`allowed`: the sensor is passive',
    value: (e) => (e.alert || e.storm ? 'allowed' : undefined),
  },
  { field: 'alert.gid', from: '`1`', value: (e) => (e.alert || e.storm ? 1 : undefined) },
  {
    field: 'alert.signature_id',
    from: 'number made from the rule id',
    value: (e) => (e.alert || e.storm ? signatureId(e) : undefined),
  },
  { field: 'alert.rev', from: '`1`', value: (e) => (e.alert || e.storm ? 1 : undefined) },
  { field: 'alert.signature', from: 'title', value: (e) => (e.alert || e.storm ? e.title : undefined) },
  { field: 'alert.category', from: 'alert.kind', value: (e) => e.alert?.kind ?? e.storm?.kind },
  {
    field: 'alert.severity',
    from: 'severity: 1 high and critical, 2 medium, 3 below',
    value: (e) => (e.alert || e.storm ? SEVERITY[e.severity] : undefined),
  },
  { field: 'alert.metadata.mitre_technique_id', from: 'alert.attack', value: techniques },
  { field: 'alert.metadata.mitre_tactic_name', from: 'alert.attack', value: tactics },
  { field: 'fieldwatch.schema_version', from: 'schema_version', value: (e) => e.schema_version },
  { field: 'fieldwatch.event_id', from: 'event_id', value: (e) => e.event_id },
  { field: 'fieldwatch.sequence', from: 'sequence', value: (e) => e.sequence },
  { field: 'fieldwatch.stream', from: 'stream', value: (e) => e.stream },
  { field: 'fieldwatch.type', from: 'type', value: (e) => e.type },
  { field: 'fieldwatch.title', from: 'title', value: (e) => (e.alert || e.storm ? undefined : e.title) },
  { field: 'fieldwatch.description', from: 'description', value: (e) => e.description },
  { field: 'fieldwatch.severity', from: 'severity', value: (e) => e.severity },
  { field: 'fieldwatch.site', from: 'site', value: (e) => e.site },
  { field: 'fieldwatch.version', from: 'version', value: (e) => e.version },
  { field: 'fieldwatch.truncated', from: 'truncated', value: (e) => e.truncated },
  { field: 'fieldwatch.lost', from: 'lost', value: (e) => e.lost },
  { field: 'fieldwatch.rule_id', from: 'rule id', value: ruleId },
  { field: 'fieldwatch.alert_id', from: 'alert.id', value: (e) => e.alert?.id },
  { field: 'fieldwatch.status', from: 'alert.status', value: (e) => e.alert?.status },
  { field: 'fieldwatch.count', from: 'alert.count', value: (e) => e.alert?.count },
  { field: 'fieldwatch.first_seen', from: 'alert.first_seen', value: (e) => e.alert?.first_seen },
  { field: 'fieldwatch.last_seen', from: 'alert.last_seen', value: (e) => e.alert?.last_seen },
  { field: 'fieldwatch.object', from: 'alert.object', value: (e) => e.alert?.object },
  { field: 'fieldwatch.expected', from: 'alert.expected', value: (e) => e.alert?.expected },
  { field: 'fieldwatch.observed', from: 'alert.observed', value: (e) => e.alert?.observed },
  { field: 'fieldwatch.recommendation', from: 'alert.recommendation', value: (e) => e.alert?.recommendation },
  { field: 'fieldwatch.incident', from: 'alert.incident', value: (e) => e.alert?.incident },
  { field: 'fieldwatch.severity_basis', from: 'alert.severity_basis: factor, severity, detail', value: severityBasis },
  { field: 'fieldwatch.source', from: 'source', value: (e) => e.source && { ...e.source } },
  { field: 'fieldwatch.destination', from: 'destination', value: (e) => e.destination && { ...e.destination } },
  { field: 'fieldwatch.storm', from: 'storm', value: (e) => e.storm },
  { field: 'fieldwatch.asset', from: 'asset', value: (e) => e.asset && { ...e.asset } },
  { field: 'fieldwatch.heartbeat', from: 'heartbeat', value: (e) => e.heartbeat && { ...e.heartbeat } },
  { field: 'fieldwatch.audit', from: 'audit', value: (e) => e.audit && { ...e.audit } },
];

export const eveFormat = jsonFormat(
  'eve',
  "Suricata's EVE shape, for Wazuh, Security Onion, Filebeat and Splunk parsers that know Suricata.",
  mapping,
);
