import { Type } from 'typebox';
import { TlsSettings } from '../tls-settings.js';

/** Facilities of RFC 5424, table 1, by their common names; the index is the code. */
export const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'audit',
  'alert',
  'clock',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const;

export const SyslogSettings = {
  host: Type.String({
    minLength: 1,
    maxLength: 253,
    pattern: '^[A-Za-z0-9:][A-Za-z0-9._:-]*$',
    description: 'Name or address of the receiver.',
  }),
  port: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 65_535,
    description: 'Port of the receiver; 0: 514 for UDP and TCP, 6514 for TLS.',
  }),
  transport: Type.Enum(['udp', 'tcp', 'tls'], {
    default: 'tls',
    description: 'udp loses messages without anybody noticing; tls is RFC 5425, the receiver is always verified.',
  }),
  header: Type.Enum(['rfc5424', 'rfc3164'], {
    default: 'rfc5424',
    description: 'rfc3164 for receivers that know no other: no year, no zone, whole seconds.',
  }),
  framing: Type.Enum(['octet-counting', 'newline'], {
    default: 'octet-counting',
    description: 'Where a message ends on TCP and TLS (RFC 6587); newline for old receivers.',
  }),
  facility: Type.Enum([...FACILITIES], { default: 'local0', description: 'Facility of the messages.' }),
  app_name: Type.String({
    default: 'fieldwatch',
    pattern: '^[!-~]{1,48}$',
    description: 'Program name in the header (APP-NAME, in RFC 3164 the tag).',
  }),
  resend_seconds: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 3600,
    description:
      'TCP and TLS say nothing about what the receiver has processed: what was sent within this time before a connection broke is sent again.',
  }),
  ...TlsSettings,
};
