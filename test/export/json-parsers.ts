import { isIP } from 'node:net';

/**
 * Strict readers of the JSON formats, written after the published schemas and sharing nothing with the writers: every
 * field must be known, of its type and within its enumeration, and what is required must be there.
 */

type Json = Record<string, unknown>;
/** Throws where the value is not of the type. `where` is the path of the field. */
type Check = (value: unknown, where: string) => void;

function wrong(where: string, what: string, value: unknown): never {
  throw new Error(`${where} is no ${what}: ${JSON.stringify(value)?.slice(0, 80)}`);
}

const text: Check = (value, where) => {
  if (typeof value !== 'string' || value === '') wrong(where, 'text', value);
};
const whole: Check = (value, where) => {
  if (!Number.isSafeInteger(value)) wrong(where, 'whole number', value);
};
const flag: Check = (value, where) => {
  if (typeof value !== 'boolean') wrong(where, 'boolean', value);
};
const anything: Check = () => {};
const object: Check = (value, where) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) wrong(where, 'object', value);
};
const address: Check = (value, where) => {
  if (typeof value !== 'string' || isIP(value) === 0) wrong(where, 'address', value);
};
const port: Check = (value, where) => {
  if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > 65_535) wrong(where, 'port', value);
};
const pattern =
  (shape: RegExp): Check =>
  (value, where) => {
    if (typeof value !== 'string' || !shape.test(value)) wrong(where, `match of ${shape}`, value);
  };
const oneOf =
  (...allowed: readonly unknown[]): Check =>
  (value, where) => {
    if (!allowed.includes(value)) wrong(where, `one of ${allowed.join(', ')}`, value);
  };
const listOf =
  (item: Check): Check =>
  (value, where) => {
    if (!Array.isArray(value)) wrong(where, 'list', value);
    for (const [n, one] of value.entries()) item(one, `${where}[${n}]`);
  };

/** A name with `!` behind it is required. `anyOf`: at least one of these must be there. */
const shape =
  (fields: Readonly<Record<string, Check>>, anyOf: readonly string[] = []): Check =>
  (value, where) => {
    object(value, where);
    const given = value as Json;
    const known = new Map(Object.entries(fields).map(([name, check]) => [name.replace('!', ''), check]));
    for (const [name, item] of Object.entries(given)) {
      const check = known.get(name);
      if (!check) throw new Error(`${where}.${name} is not in the schema`);
      check(item, `${where}.${name}`);
    }
    for (const name of Object.keys(fields))
      if (name.endsWith('!') && given[name.slice(0, -1)] === undefined)
        throw new Error(`${where}.${name.slice(0, -1)} is missing`);
    if (anyOf.length > 0 && !anyOf.some((name) => given[name] !== undefined))
      throw new Error(`${where} has none of ${anyOf.join(', ')}`);
  };

const milliseconds: Check = (value, where) => {
  whole(value, where);
  if (Number(value) < 0 || Number(value) > 4_102_444_800_000) wrong(where, 'time in milliseconds', value);
};
const MAC = pattern(/^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$/);

const ocsfEndpoint = shape(
  { ip: address, port, hostname: text, mac: MAC, uid: text, zone: text, svc_name: text, name: text },
  ['ip', 'uid', 'name', 'hostname', 'svc_name'],
);
const ocsfEntity = (more: Readonly<Record<string, Check>> = {}) =>
  shape({ uid: text, name: text, ...more }, ['uid', 'name']);

/** OCSF 1.4.0: class detection_finding with the objects finding_info, metadata, evidences and others that we use. */
const ocsf = shape({
  'class_uid!': oneOf(2004),
  class_name: oneOf('Detection Finding'),
  'category_uid!': oneOf(2),
  category_name: oneOf('Findings'),
  'activity_id!': oneOf(1, 2, 3),
  activity_name: oneOf('Create', 'Update', 'Close'),
  'type_uid!': oneOf(200_401, 200_402, 200_403),
  type_name: pattern(/^Detection Finding: (Create|Update|Close)$/),
  'time!': milliseconds,
  'severity_id!': oneOf(1, 2, 3, 4, 5),
  severity: oneOf('Informational', 'Low', 'Medium', 'High', 'Critical'),
  status_id: oneOf(1, 2, 3, 4, 5, 6),
  status: oneOf('New', 'In Progress', 'Suppressed', 'Resolved', 'Archived', 'Deleted'),
  message: text,
  is_alert: flag,
  count: whole,
  start_time: milliseconds,
  end_time: milliseconds,
  'metadata!': shape({
    'version!': oneOf('1.4.0'),
    'product!': shape({ 'vendor_name!': text, name: text, version: text, uid: text }),
    uid: text,
    correlation_uid: text,
    sequence: whole,
    log_name: text,
    log_version: text,
    log_provider: text,
    labels: listOf(text),
  }),
  'finding_info!': shape({
    'uid!': text,
    'title!': text,
    desc: text,
    types: listOf(text),
    first_seen_time: milliseconds,
    last_seen_time: milliseconds,
    analytic: shape(
      {
        'type_id!': oneOf(0, 1, 2, 3, 4, 99),
        type: oneOf('Rule', 'Behavioral', 'Statistical'),
        uid: text,
        name: text,
        version: text,
      },
      ['uid', 'name'],
    ),
    attacks: listOf(shape({ version: text, technique: ocsfEntity(), tactic: ocsfEntity() }, ['technique', 'tactic'])),
  }),
  evidences: listOf(
    shape({ src_endpoint: ocsfEndpoint, dst_endpoint: ocsfEndpoint, data: anything }, [
      'src_endpoint',
      'dst_endpoint',
      'data',
    ]),
  ),
  observables: listOf(
    shape({
      'name!': pattern(/^[a-z_]+(\[\d+\])?(\.[a-z_]+(\[\d+\])?)+$/),
      'type_id!': oneOf(2),
      type: oneOf('IP Address'),
      value: address,
    }),
  ),
  resources: listOf(ocsfEntity({ type: text })),
  remediation: shape({ 'desc!': text }),
  unmapped: object,
});

/** What has to agree in a message of OCSF, besides the shape of each field. */
export function parseOcsf(line: string): Json {
  const finding = JSON.parse(line) as Json;
  ocsf(finding, 'finding');
  const { activity_id: activity, type_uid: type, activity_name: name, severity_id: rank, status_id: status } = finding;
  if (type !== 200_400 + Number(activity)) throw new Error('type_uid does not fit activity_id');
  if (name !== ['', 'Create', 'Update', 'Close'][Number(activity)]) throw new Error('activity_name does not fit');
  if (finding['severity'] !== ['', 'Informational', 'Low', 'Medium', 'High', 'Critical'][Number(rank)])
    throw new Error('severity does not fit severity_id');
  if (finding['status'] !== ['', 'New', 'In Progress', 'Suppressed', 'Resolved'][Number(status)])
    throw new Error('status does not fit status_id');
  for (const { name: place, value } of (finding['observables'] ?? []) as { name: string; value: string }[]) {
    let at: unknown = finding;
    for (const key of place.split(/[.[\]]+/).filter((part) => part !== '')) at = (at as Json | undefined)?.[key];
    if (at !== value) throw new Error(`${place} does not point at ${value}`);
  }
  return finding;
}

const moment = pattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
const ecsMac = pattern(/^[0-9A-F]{2}(-[0-9A-F]{2}){5}$/);
const ecsSide = shape({ ip: address, port, mac: ecsMac, domain: text });

/** Elastic Common Schema 8.17: the field sets that we use, with their types and allowed values. */
const ecs = shape({
  '@timestamp!': moment,
  'ecs!': shape({ 'version!': oneOf('8.17.0') }),
  message: text,
  'event!': shape({
    'kind!': oneOf('alert', 'asset', 'enrichment', 'event', 'metric', 'state', 'pipeline_error', 'signal'),
    'category!': listOf(oneOf('configuration', 'host', 'intrusion_detection', 'network')),
    'type!': listOf(oneOf('change', 'info', 'protocol')),
    action: text,
    module: text,
    dataset: pattern(/^fieldwatch\.[a-z]+$/),
    'id!': text,
    sequence: whole,
    severity: whole,
    reason: text,
    start: moment,
    end: moment,
  }),
  rule: shape({ id: text, name: text, category: text, version: text }),
  source: ecsSide,
  destination: ecsSide,
  network: shape({ protocol: pattern(/^[^A-Z]+$/) }),
  observer: shape({
    name: text,
    type: text,
    vendor: text,
    product: text,
    version: text,
    geo: shape({ name: text }),
  }),
  related: shape({ ip: listOf(address) }),
  host: shape({ name: text, ip: listOf(address), mac: listOf(ecsMac) }),
  user: shape({ name: text }),
  threat: shape({
    framework: text,
    technique: shape({ id: listOf(text), name: listOf(text) }),
    tactic: shape({ name: listOf(text) }),
  }),
  // A namespace of our own.
  fieldwatch: object,
});

export function parseEcs(line: string): Json {
  const document = JSON.parse(line) as Json;
  ecs(document, 'document');
  return document;
}

/** The common part of Suricata's EVE, and its `alert` object; what is ours stands under `fieldwatch`. */
const eve = shape({
  'timestamp!': pattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000$/),
  'event_type!': pattern(/^(alert|fieldwatch_[a-z]+)$/),
  host: text,
  src_ip: address,
  src_port: port,
  dest_ip: address,
  dest_port: port,
  app_proto: text,
  pcap_cnt: whole,
  alert: shape({
    'action!': oneOf('allowed', 'blocked'),
    'gid!': oneOf(1),
    'signature_id!': whole,
    'rev!': whole,
    'signature!': text,
    'category!': text,
    'severity!': oneOf(1, 2, 3, 4),
    metadata: shape({ mitre_technique_id: listOf(text), mitre_tactic_name: listOf(text) }),
  }),
  fieldwatch: object,
});

export function parseEve(line: string): Json {
  const record = JSON.parse(line) as Json;
  eve(record, 'record');
  if ((record['event_type'] === 'alert') !== (record['alert'] !== undefined))
    throw new Error('event_type and alert do not fit');
  return record;
}
