import { type Static, type TSchema, Type } from 'typebox';
import { ALERT_KINDS } from '../model/records.js';
import { SEVERITIES } from '../model/severity.js';
import { DEFAULT_EVENTS, SELECTABLE_EVENTS } from './event.js';
import { FileSettings } from './exporters/file/settings.js';
import { SyslogSettings } from './exporters/syslog/settings.js';
import { WebhookSettings } from './exporters/webhook/settings.js';

/** The part of the settings that says what is exported. Data only: reading the settings loads no exporter. */

export const FORMAT_NAMES = ['json', 'cef', 'leef', 'ecs', 'ocsf', 'eve'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** What every exporter has. */
const COMMON = {
  enabled: Type.Boolean({ default: true, description: 'Whether messages are sent; while off, they are not kept.' }),
  format: Type.Enum([...FORMAT_NAMES], {
    default: 'json',
    description: 'Form of the message: docs/export.md has the fields of each.',
  }),
  events: Type.Array(Type.Enum([...SELECTABLE_EVENTS]), {
    default: [...DEFAULT_EVENTS],
    minItems: 1,
    description:
      'What is sent: new alerts, updates of their count, changes of their status, new and changed devices (asset), the audit log (audit).',
  }),
  min_severity: Type.Enum([...SEVERITIES], {
    default: 'informational',
    description: 'Alerts below this severity are not sent.',
  }),
  kinds: Type.Array(Type.Enum([...ALERT_KINDS]), {
    default: [],
    description: 'Only alerts of these kinds: rule, deviation, protocol, health; none named: all.',
  }),
  zones: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
    default: [],
    maxItems: 100,
    description: 'Only alerts with a device of one of these zones on either side, and health alerts; none named: all.',
  }),
  messages_per_second: Type.Integer({
    default: 1000,
    minimum: 1,
    maximum: 100_000,
    description: 'No more than this, also while a backlog is sent. What happens now is bounded by per_second.',
  }),
  heartbeat_seconds: Type.Integer({
    default: 300,
    minimum: 0,
    maximum: 86_400,
    description: 'A sign of life is sent so often, whatever the filter, so that silence is noticed; 0: never.',
  }),
  max_bytes: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 65_000,
    description:
      'Longest message in bytes; longer texts are shortened and the message says so. 0: 2048 for UDP, else 8192. The least is 2048.',
  }),
};

export const EXPORTER_TYPES = ['syslog', 'file', 'webhook'] as const;
export type ExporterType = (typeof EXPORTER_TYPES)[number];

function exporter<T extends ExporterType, P extends Record<string, TSchema>>(type: T, properties: P) {
  return Type.Object(
    {
      type: Type.Literal(type, { description: 'Kind of exporter: syslog, file or webhook.' }),
      ...properties,
      ...COMMON,
    },
    { additionalProperties: false },
  );
}

/** Exporter kinds by name: a new kind is one more line here and one in registry.ts. */
export const EXPORTER_SCHEMAS = {
  syslog: exporter('syslog', SyslogSettings),
  file: exporter('file', FileSettings),
  webhook: exporter('webhook', WebhookSettings),
};

export type SettingsOf<T extends ExporterType> = Static<(typeof EXPORTER_SCHEMAS)[T]>;
export type ExporterSettings = { [T in ExporterType]: SettingsOf<T> }[ExporterType];
export type CommonSettings = Pick<SettingsOf<'syslog'>, 'type' | keyof typeof COMMON>;

/** Letters, digits, dash and underscore: the name stands in addresses, file names and messages. */
export const EXPORTER_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

export const MAX_EXPORTERS = 16;

export const ExportSettingsSchema = {
  exporters: Type.Unsafe<Record<string, ExporterSettings>>({
    type: 'object',
    default: {},
    description: 'Where messages go: a name for each, and its settings as docs/export.md lists them.',
    variants: EXPORTER_SCHEMAS,
    maxEntries: MAX_EXPORTERS,
    keyPattern: EXPORTER_NAME.source,
  }),
  queue_messages: Type.Integer({
    default: 1_000_000,
    minimum: 1000,
    maximum: 10_000_000,
    description:
      'Messages kept for receivers that do not answer. Beyond it updates and the least severe go first; it is counted and told.',
  }),
  queue_days: Type.Integer({
    default: 7,
    minimum: 1,
    maximum: 365,
    description: 'Messages older than this are given up; counted and told.',
  }),
  update_seconds: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 86_400,
    description: 'The growing count of a running alert is sent no more often than this.',
  }),
  per_second: Type.Integer({
    default: 100,
    minimum: 1,
    maximum: 10_000,
    description:
      'Messages that each exporter gets in a second of what happens now. New alerts below severity high that are more are told as one message for each rule; high and critical alerts are always sent singly, and wait for their turn. What waited while a receiver was away is sent as fast as messages_per_second allows.',
  }),
};

/** A copy in which every absent setting has its default. `settings` was checked before. */
export function withDefaults(settings: ExporterSettings): ExporterSettings {
  const { properties } = EXPORTER_SCHEMAS[settings.type] as unknown as {
    properties: Record<string, { default?: unknown }>;
  };
  const complete: Record<string, unknown> = {};
  const given = settings as unknown as Record<string, unknown>;
  for (const [key, schema] of Object.entries(properties)) {
    const value = given[key] ?? structuredClone(schema.default);
    if (value !== undefined) complete[key] = value;
  }
  return complete as unknown as ExporterSettings;
}

/** Whether the receiver shows a certificate. */
export function isEncrypted(settings: ExporterSettings): boolean {
  if (settings.type === 'file') return false;
  return settings.type === 'syslog' ? settings.transport === 'tls' : settings.url.startsWith('https:');
}

/** Bytes of the longest message. */
export function maxBytes(settings: ExporterSettings): number {
  if (settings.max_bytes > 0) return Math.max(2048, settings.max_bytes);
  return settings.type === 'syslog' && settings.transport === 'udp' ? 2048 : 8192;
}
