import type { Alert, AlertKind, Asset } from '../model/records.js';
import type { Severity } from '../model/severity.js';

/** Raised when a field of `ExportEvent` changes its meaning or goes away; new fields do not raise it. */
export const EVENT_SCHEMA_VERSION = 1;

/** What an exporter may be asked to send. Health alerts are alerts; their kind is `health`. */
export const EVENT_TYPES = ['alert', 'update', 'status', 'storm', 'asset', 'audit'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Of these an exporter can be given a choice. */
export const SELECTABLE_EVENTS = ['alert', 'update', 'status', 'asset', 'audit'] as const;
export type SelectableEvent = (typeof SELECTABLE_EVENTS)[number];

export const DEFAULT_EVENTS: readonly SelectableEvent[] = ['alert', 'update', 'status'];

/** One side of an alert, as the inventory knows it. */
export interface EventEndpoint {
  asset: string;
  name: string;
  zone?: string;
  roles: string[];
  mac?: string;
}

export interface AuditFacts {
  n: number;
  at: string;
  user: string;
  source: string;
  action: string;
  target: string;
  before: string;
  after: string;
}

export interface HeartbeatFacts {
  /** The next one comes after this time. */
  interval_seconds: number;
  /** Messages of this exporter that were not sent yet. */
  waiting: number;
  /** Messages that were given up since this exporter is known. */
  lost: number;
  /** A sensor analyses live traffic into this store now. */
  is_sensor_running: boolean;
}

/**
 * One message of an exporter before it has a form. Every text in it is printable and bounded (`cleanText`): formats
 * only have to escape what their own grammar gives a meaning.
 */
export interface ExportEvent {
  schema_version: typeof EVENT_SCHEMA_VERSION;
  /** The same for every sending of the same event, by every exporter: what a receiver tells duplicates by. */
  event_id: string;
  /** Rises by one from message to message of one exporter, so that a receiver notices a gap. */
  sequence: number;
  /** Changes when the numbering starts anew (a new store). */
  stream: string;
  type: EventType | 'notice' | 'heartbeat' | 'test';
  /** For a person: `New device on the network`. */
  title: string;
  description: string;
  severity: Severity;
  /** ISO 8601 UTC; packet time for what came from packets. */
  timestamp: string;
  sensor: string;
  site: string;
  product: string;
  version: string;
  alert?: Alert;
  source?: EventEndpoint;
  destination?: EventEndpoint;
  asset?: Asset;
  audit?: AuditFacts;
  /** New alerts of one rule that came too fast to be sent singly. */
  storm?: { rule_id: string; kind: AlertKind; alerts: number; first_alert: string; seconds: number };
  /** Sent at an even pace, so that silence means that something is wrong. */
  heartbeat?: HeartbeatFacts;
  /** Messages that this exporter had to give up, told once. */
  lost?: number;
  /** Texts were shortened to keep the message below its bound. */
  truncated?: boolean;
}
