import type { ExportEvent } from '../../event.js';
import { type FieldMapping, millis, ruleId, severityBasis } from '../format.js';
import { jsonFormat } from '../json-format.js';

/** OCSF 1.4 Detection Finding (class 2004). Everything that is exported takes this one form. */

const OCSF_VERSION = '1.4.0';
const CLASS = 2004;
const SEVERITY = { informational: 1, low: 2, medium: 3, high: 4, critical: 5 } as const;
const SEVERITY_NAME = {
  informational: 'Informational',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  critical: 'Critical',
} as const;
/** status_id: 1 New, 2 In Progress, 4 Resolved. */
const STATUS = { open: [1, 'New'], acknowledged: [2, 'In Progress'], closed: [4, 'Resolved'] } as const;

const ACTIVITY_NAME = { 1: 'Create', 2: 'Update', 3: 'Close' } as const;

/** 1 Create, 2 Update, 3 Close. */
function activity(event: ExportEvent): 1 | 2 | 3 {
  if (event.type === 'status' && event.alert?.status === 'closed') return 3;
  return event.type === 'update' || event.type === 'status' ? 2 : 1;
}

function defined(value: Record<string, unknown>): Record<string, unknown> | undefined {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && item !== '');
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function side(event: ExportEvent, which: 'source' | 'destination') {
  const { alert } = event;
  const end = event[which];
  return defined({
    ip: which === 'source' ? alert?.src_ip : alert?.dest_ip,
    port: which === 'source' ? alert?.src_port : alert?.dest_port,
    hostname: end?.name,
    mac: end?.mac,
    uid: end?.asset,
    zone: end?.zone,
    svc_name: which === 'destination' ? alert?.protocol : undefined,
  });
}

/** The object `resource_details`: what the finding is about. */
function resources(event: ExportEvent) {
  const { asset, destination } = event;
  const found = asset
    ? defined({ uid: asset.id, name: asset.name, type: asset.roles[0] })
    : defined({ uid: destination?.asset, name: destination?.name, type: destination?.roles[0] });
  return found && [found];
}

/** Each points at the field that its value stands in. */
function observables(event: ExportEvent) {
  const places: [name: string, value: string | undefined][] = [
    ['evidences[0].src_endpoint.ip', event.alert?.src_ip],
    ['evidences[0].dst_endpoint.ip', event.alert?.dest_ip],
    ...(event.asset?.ips ?? []).map((ip, n): [string, string] => [`unmapped.asset.ips[${n}]`, ip]),
  ];
  return places
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ name, type_id: 2, type: 'IP Address', value }));
}

const mapping: readonly FieldMapping[] = [
  { field: 'class_uid', from: '`2004` Detection Finding', value: () => CLASS },
  { field: 'class_name', from: '`Detection Finding`', value: () => 'Detection Finding' },
  { field: 'category_uid', from: '`2` Findings', value: () => 2 },
  { field: 'category_name', from: '`Findings`', value: () => 'Findings' },
  { field: 'activity_id', from: 'type: 1 create, 2 update, 3 close', value: activity },
  { field: 'activity_name', from: 'its name', value: (e) => ACTIVITY_NAME[activity(e)] },
  { field: 'type_uid', from: '200400 + activity_id', value: (e) => CLASS * 100 + activity(e) },
  { field: 'type_name', from: 'its name', value: (e) => `Detection Finding: ${ACTIVITY_NAME[activity(e)]}` },
  { field: 'time', from: 'timestamp, milliseconds', value: (e) => millis(e.timestamp) ?? 0 },
  { field: 'severity_id', from: 'severity: 1 to 5', value: (e) => SEVERITY[e.severity] },
  { field: 'severity', from: 'severity', value: (e) => SEVERITY_NAME[e.severity] },
  { field: 'status_id', from: 'alert.status: 1, 2, 4', value: (e) => (e.alert ? STATUS[e.alert.status]?.[0] : 1) },
  { field: 'status', from: 'alert.status', value: (e) => (e.alert ? STATUS[e.alert.status]?.[1] : 'New') },
  { field: 'message', from: 'title', value: (e) => e.title },
  {
    field: 'is_alert',
    from: 'true for alerts, unless they were closed',
    value: (e) => (e.alert !== undefined || e.storm !== undefined) && activity(e) !== 3,
  },
  {
    field: 'count',
    from: 'alert.count, storm.alerts or lost',
    value: (e) => e.alert?.count ?? e.storm?.alerts ?? e.lost,
  },
  { field: 'start_time', from: 'alert.first_seen', value: (e) => millis(e.alert?.first_seen) },
  { field: 'end_time', from: 'alert.last_seen', value: (e) => millis(e.alert?.last_seen) },
  { field: 'metadata.version', from: `\`${OCSF_VERSION}\``, value: () => OCSF_VERSION },
  { field: 'metadata.uid', from: 'event_id', value: (e) => e.event_id },
  { field: 'metadata.correlation_uid', from: 'alert.incident', value: (e) => e.alert?.incident },
  { field: 'metadata.sequence', from: 'sequence', value: (e) => e.sequence },
  { field: 'metadata.log_name', from: 'type', value: (e) => e.type },
  { field: 'metadata.log_version', from: 'schema_version', value: (e) => String(e.schema_version) },
  { field: 'metadata.log_provider', from: 'sensor', value: (e) => e.sensor },
  {
    field: 'metadata.labels',
    from: '`sensor:` and sensor, `site:` and site',
    value: (e) => [`sensor:${e.sensor}`, ...(e.site === '' ? [] : [`site:${e.site}`])],
  },
  { field: 'metadata.product.name', from: 'product', value: (e) => e.product },
  { field: 'metadata.product.vendor_name', from: 'product', value: (e) => e.product },
  { field: 'metadata.product.version', from: 'version', value: (e) => e.version },
  {
    field: 'finding_info.uid',
    from: 'alert.id, or event_id',
    value: (e) => e.alert?.id ?? e.event_id,
  },
  { field: 'finding_info.title', from: 'title', value: (e) => e.title },
  { field: 'finding_info.desc', from: 'description', value: (e) => e.description },
  { field: 'finding_info.first_seen_time', from: 'alert.first_seen', value: (e) => millis(e.alert?.first_seen) },
  { field: 'finding_info.last_seen_time', from: 'alert.last_seen', value: (e) => millis(e.alert?.last_seen) },
  { field: 'finding_info.types', from: 'alert.kind', value: (e) => [e.alert?.kind ?? e.storm?.kind ?? e.type] },
  { field: 'finding_info.analytic.uid', from: 'rule id', value: ruleId },
  {
    field: 'finding_info.analytic.type_id',
    from: '1 rule, 2 behaviour',
    value: (e) => (e.alert?.kind === 'deviation' ? 2 : 1),
  },
  {
    field: 'finding_info.analytic.type',
    from: 'its name',
    value: (e) => (e.alert?.kind === 'deviation' ? 'Behavioral' : 'Rule'),
  },
  { field: 'finding_info.analytic.version', from: 'alert.rule_version', value: (e) => e.alert?.rule_version },
  {
    field: 'finding_info.attacks',
    from: 'alert.attack',
    value: (e) =>
      e.alert?.attack.map(({ technique, name, tactic }) => ({
        version: 'ICS 18',
        technique: defined({ uid: technique, name }),
        ...(tactic === '' ? {} : { tactic: { name: tactic } }),
      })),
  },
  {
    field: 'evidences',
    from: 'alert.src_ip, alert.dest_ip, alert.protocol, the first record of the evidence',
    value: (e) => {
      if (!e.alert) return undefined;
      const evidence = defined({
        src_endpoint: side(e, 'source'),
        dst_endpoint: side(e, 'destination'),
        data: e.alert.evidence.records[0],
      });
      return evidence ? [evidence] : undefined;
    },
  },
  {
    field: 'observables',
    from: 'alert.src_ip, alert.dest_ip, asset.ips (type 2: address)',
    value: observables,
  },
  { field: 'resources', from: 'asset, or destination: uid, name, type', value: resources },
  { field: 'remediation.desc', from: 'alert.recommendation', value: (e) => e.alert?.recommendation },
  { field: 'unmapped.stream', from: 'stream', value: (e) => e.stream },
  { field: 'unmapped.truncated', from: 'truncated', value: (e) => e.truncated },
  { field: 'unmapped.protocol', from: 'alert.protocol', value: (e) => e.alert?.protocol },
  { field: 'unmapped.object', from: 'alert.object', value: (e) => e.alert?.object },
  { field: 'unmapped.expected', from: 'alert.expected', value: (e) => e.alert?.expected },
  { field: 'unmapped.observed', from: 'alert.observed', value: (e) => e.alert?.observed },
  { field: 'unmapped.severity_basis', from: 'alert.severity_basis: factor, severity, detail', value: severityBasis },
  { field: 'unmapped.storm', from: 'storm', value: (e) => e.storm },
  { field: 'unmapped.asset', from: 'asset', value: (e) => e.asset && { ...e.asset } },
  { field: 'unmapped.heartbeat', from: 'heartbeat', value: (e) => e.heartbeat && { ...e.heartbeat } },
  { field: 'unmapped.audit', from: 'audit', value: (e) => e.audit && { ...e.audit } },
];

export const ocsfFormat = jsonFormat(
  'ocsf',
  `Open Cybersecurity Schema Framework ${OCSF_VERSION}, class Detection Finding (2004), for Amazon Security Lake and others.`,
  mapping,
);
