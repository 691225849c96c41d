import type { Alert, Asset } from '../model/records.js';
import { SEVERITIES, type Severity } from '../model/severity.js';
import { parseTimestamp } from '../model/time.js';
import type { QueuedEvent } from '../store/sqlite/outbox.js';
import {
  type AuditFacts,
  EVENT_SCHEMA_VERSION,
  type EventEndpoint,
  type ExportEvent,
  type HeartbeatFacts,
} from './event.js';
import { cleanText, cleanValue } from './text.js';

/** What stands in every message of this installation. */
export interface Origin {
  readonly sensor: string;
  readonly site: string;
  readonly version: string;
}

export const PRODUCT = 'Fieldwatch';

/** Where records are looked up; the store. */
export interface Records {
  alert(id: string): Alert | null;
  asset(id: string): Asset | null;
}

const MAX_TITLE = 200;
const MAX_TEXT = 1000;
const MAX_NAME = 128;
const MAX_LIST = 32;
const MAX_TECHNIQUES = 8;
/** What is an id, an address or a name in ordinary alerts; a message's header has no room for more. */
const SHORT_FIELDS = [
  ['id', 64],
  ['rule_id', 64],
  ['rule_version', 32],
  ['src_ip', 45],
  ['dest_ip', 45],
  ['src_asset', 64],
  ['dest_asset', 64],
  ['protocol', 32],
  ['incident', 64],
] as const;
const EPOCH = '1970-01-01T00:00:00.000000Z';

/** A time of ours or the epoch: nothing else may reach a header. */
export function cleanTime(text: unknown): string {
  return typeof text === 'string' && text.length <= 40 && !Number.isNaN(parseTimestamp(text)) ? text : EPOCH;
}

function severityOf(rank: number): Severity {
  return SEVERITIES[rank] ?? 'informational';
}

function text(value: unknown, max = MAX_NAME): string {
  return typeof value === 'string' ? cleanText(value, max) : '';
}

export function emptyEvent(origin: Origin, type: ExportEvent['type'], id: string): ExportEvent {
  return {
    schema_version: EVENT_SCHEMA_VERSION,
    event_id: id,
    sequence: 0,
    stream: '',
    type,
    title: '',
    description: '',
    severity: 'informational',
    timestamp: EPOCH,
    sensor: text(origin.sensor, 63),
    site: text(origin.site, 100),
    product: PRODUCT,
    version: text(origin.version, 31),
  };
}

/** An alert as it was when the event was queued, all texts clean, of its packets only the first and latest record. */
function cleanAlert(alert: Alert, facts: Record<string, unknown>): Alert {
  const { records, pcap_cnts, pcap } = alert.evidence;
  const kept = records.length > 2 ? [records[0]!, records[records.length - 1]!] : records;
  const clean = cleanValue({ ...alert, evidence: null, ...facts }, MAX_NAME) as unknown as Alert;
  clean.title = text(alert.title, MAX_TITLE);
  for (const key of ['description', 'recommendation', 'expected', 'observed', 'object'] as const)
    if (alert[key] !== undefined) clean[key] = text(alert[key], MAX_TEXT);
  for (const [key, longest] of SHORT_FIELDS) if (alert[key] !== undefined) clean[key] = text(alert[key], longest);
  clean.attack = alert.attack.slice(0, MAX_TECHNIQUES).map(({ technique, name, tactic }) => ({
    technique: text(technique, 16),
    name: text(name, 64),
    tactic: text(tactic, 64),
  }));
  clean.evidence = {
    records: cleanValue(kept, 256) as Alert['evidence']['records'],
    pcap_cnts: pcap_cnts.slice(0, 10),
    ...(pcap === undefined ? {} : { pcap: text(pcap, 200) }),
  };
  clean.first_seen = cleanTime(alert.first_seen);
  clean.last_seen = cleanTime(clean.last_seen);
  return clean;
}

function endpoint(records: Records, id: string | undefined): EventEndpoint | undefined {
  const asset = id === undefined ? null : records.asset(id);
  if (!asset) return undefined;
  const mac = asset.macs[0];
  return {
    asset: text(asset.id, 64),
    name: text(asset.name),
    ...(asset.zone === null ? {} : { zone: text(asset.zone) }),
    roles: asset.roles.slice(0, 8).map((role) => text(role, 32)),
    ...(mac === undefined ? {} : { mac: text(mac, 17) }),
  };
}

function cleanAsset(asset: Asset): Asset {
  const { evidence: _evidence, units, ...rest } = asset;
  const clean = cleanValue(
    { ...rest, ips: rest.ips.slice(0, MAX_LIST), macs: rest.macs.slice(0, MAX_LIST) },
    MAX_NAME,
  ) as Asset;
  clean.units = units
    .slice(0, MAX_LIST)
    .map((unit) => cleanValue({ ...unit, evidence: [] }, MAX_NAME) as Asset['units'][number]);
  clean.evidence = [];
  clean.first_seen = cleanTime(asset.first_seen);
  clean.last_seen = cleanTime(asset.last_seen);
  return clean;
}

/** The message of a queued event; null when what it tells of is gone. */
export function buildEvent(queued: QueuedEvent, records: Records, origin: Origin): ExportEvent | null {
  const event = emptyEvent(origin, queued.type, queued.id);
  event.severity = severityOf(queued.severity);
  const { facts } = queued;
  switch (queued.type) {
    case 'alert':
    case 'update':
    case 'status': {
      const stored = records.alert(queued.ref);
      if (!stored) return null;
      const alert = cleanAlert(stored, facts);
      event.alert = alert;
      event.title = alert.title;
      event.description = alert.description;
      event.timestamp = queued.type === 'alert' ? alert.first_seen : alert.last_seen;
      const source = endpoint(records, stored.src_asset);
      const destination = endpoint(records, stored.dest_asset);
      if (source) event.source = source;
      if (destination) event.destination = destination;
      return event;
    }
    case 'asset': {
      const stored = records.asset(queued.ref);
      if (!stored) return null;
      const isNew = facts['change'] === 'new';
      const asset = cleanAsset(stored);
      event.asset = asset;
      event.title = isNew ? 'New device in the inventory' : 'Device changed in the inventory';
      event.description = `${asset.name}${asset.vendor ? `, ${asset.vendor}` : ''}${asset.model ? ` ${asset.model}` : ''}`;
      event.timestamp = isNew ? asset.first_seen : asset.last_seen;
      return event;
    }
    case 'audit': {
      const audit: AuditFacts = {
        n: Number(facts['n']) || 0,
        at: cleanTime(facts['at']),
        user: text(facts['user']),
        source: text(facts['source']),
        action: text(facts['action'], 64),
        target: text(facts['target'], 256),
        before: text(facts['before'], 256),
        after: text(facts['after'], 256),
      };
      event.audit = audit;
      event.title = `Audit: ${audit.action}`;
      event.description = `${audit.user} (${audit.source}) ${audit.action} ${audit.target}`;
      event.timestamp = audit.at;
      return event;
    }
    case 'storm': {
      const alerts = Number(facts['alerts']) || 0;
      const title = text(facts['title'], MAX_TITLE);
      event.storm = {
        rule_id: text(facts['rule_id'], 64),
        kind: text(facts['kind']) as NonNullable<ExportEvent['storm']>['kind'],
        alerts,
        first_alert: text(facts['first_alert'], 64),
        seconds: Number(facts['seconds']) || 0,
      };
      event.title = `${alerts} more alerts: ${title}`;
      event.description = `${alerts} alerts of this rule came within ${event.storm.seconds} seconds and are told together; each of them is in the console.`;
      event.timestamp = cleanTime(facts['timestamp']);
      return event;
    }
  }
}

/** Tells a receiver that messages are missing. */
export function lostNotice(
  origin: Origin,
  exporter: string,
  messages: number,
  id: string,
  timestamp: string,
): ExportEvent {
  const event = emptyEvent(origin, 'notice', id);
  event.severity = 'high';
  event.timestamp = timestamp;
  event.title = `${messages} messages were not sent`;
  event.description = `${messages} messages of the exporter ${exporter} were given up: its queue was full (then updates and the least severe alerts go first), they were too old, or its receiver refused them. All alerts are in the console.`;
  event.lost = messages;
  return event;
}

/** Tells a receiver that it has refused a message, and asks it in doing so whether it takes any other. */
export function refusedNotice(
  origin: Origin,
  exporter: string,
  refusedId: string,
  reason: string,
  id: string,
  timestamp: string,
): ExportEvent {
  const event = emptyEvent(origin, 'notice', id);
  event.severity = 'high';
  event.timestamp = timestamp;
  event.title = '1 message was refused';
  event.description = `The receiver of the exporter ${exporter} has refused the message ${text(refusedId, 64)} several times: ${text(reason, 300)} It is given up. All alerts are in the console.`;
  event.lost = 1;
  return event;
}

/** A sign of life: whoever misses it knows that alerts would be missing as well. */
export function heartbeatEvent(origin: Origin, id: string, timestamp: string, facts: HeartbeatFacts): ExportEvent {
  const event = emptyEvent(origin, 'heartbeat', id);
  event.timestamp = timestamp;
  event.heartbeat = facts;
  event.title = 'Fieldwatch heartbeat';
  const sensor = facts.is_sensor_running ? 'The sensor runs' : 'No sensor runs';
  event.description = `${sensor}; ${facts.waiting} messages wait, ${facts.lost} were given up. The next heartbeat comes in ${facts.interval_seconds} seconds.`;
  return event;
}

/** What `fieldwatch export test` and the console's button send. */
export function testEvent(origin: Origin, exporter: string, id: string, timestamp: string): ExportEvent {
  const event = emptyEvent(origin, 'test', id);
  event.timestamp = timestamp;
  event.title = 'Fieldwatch test message';
  event.description = `A person tests the exporter ${exporter} of ${event.sensor}. Nothing has happened in the plant.`;
  return event;
}

/** How long texts may be at each step of shortening; what evidence remains. */
const STEPS = [
  { text: 1000, name: 128, records: 1 },
  { text: 300, name: 64, records: 0 },
  { text: 100, name: 40, records: 0 },
  { text: 24, name: 16, records: 0 },
] as const;
export const SHORTEST = STEPS.length;

/** The same event with less text. `step` from 1 (a little) to `SHORTEST`; ids, times, numbers and addresses stay. */
export function shortenEvent(event: ExportEvent, step: number): ExportEvent {
  const { text: longest, name, records } = STEPS[Math.min(step, SHORTEST) - 1]!;
  const shorter: ExportEvent = {
    ...event,
    truncated: true,
    title: cleanText(event.title, Math.min(longest, MAX_TITLE)),
    description: cleanText(event.description, longest),
    site: cleanText(event.site, Math.max(name, 32)),
  };
  if (event.alert) {
    const { alert } = event;
    shorter.alert = {
      ...alert,
      title: shorter.title,
      description: shorter.description,
      recommendation: cleanText(alert.recommendation, longest),
      rule_id: cleanText(alert.rule_id, 64),
      dedupe_key: step >= 3 ? '' : cleanText(alert.dedupe_key, name),
      ...(alert.severity_basis
        ? { severity_basis: step >= 3 ? [] : (cleanValue(alert.severity_basis, name) as typeof alert.severity_basis) }
        : {}),
      ...(alert.objects
        ? { objects: alert.objects.slice(0, step >= 3 ? 1 : 8).map((object) => cleanText(object, name)) }
        : {}),
      evidence: { records: alert.evidence.records.slice(0, records), pcap_cnts: alert.evidence.pcap_cnts.slice(0, 2) },
      attack: alert.attack.slice(0, 4).map(({ technique, name: words, tactic }) => ({
        technique,
        name: step >= 3 ? '' : words,
        tactic: step >= 4 ? '' : tactic,
      })),
    };
    for (const key of ['expected', 'observed', 'object'] as const) {
      const value = alert[key];
      if (value !== undefined) shorter.alert[key] = cleanText(value, longest);
    }
  }
  for (const side of ['source', 'destination'] as const) {
    const end = event[side];
    if (end)
      shorter[side] = {
        asset: end.asset,
        name: cleanText(end.name, name),
        roles: end.roles.slice(0, step >= 3 ? 1 : 4),
        ...(end.zone === undefined ? {} : { zone: cleanText(end.zone, name) }),
        ...(end.mac === undefined ? {} : { mac: end.mac }),
      };
  }
  if (event.asset) {
    const { id, ips, macs, first_seen, last_seen } = event.asset;
    const short = cleanValue(event.asset, name) as Asset;
    const few = step >= 3 ? 1 : 8;
    short.units = step >= 2 ? [] : short.units.slice(0, few);
    // Half an address or time is none.
    Object.assign(short, { id, first_seen, last_seen, ips: ips.slice(0, few), macs: macs.slice(0, few) });
    short.protocols = short.protocols
      .slice(0, few)
      .map((protocol) => ({ ...protocol, ports: protocol.ports.slice(0, few) }));
    short.roles = short.roles.slice(0, few);
    shorter.asset = short;
  }
  if (event.audit) {
    const { audit } = event;
    shorter.audit = {
      ...audit,
      target: cleanText(audit.target, name),
      before: cleanText(audit.before, name),
      after: cleanText(audit.after, name),
    };
  }
  return shorter;
}
