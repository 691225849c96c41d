import { Type } from 'typebox';
import { TlsSettings } from '../tls-settings.js';

export const WebhookSettings = {
  url: Type.String({
    minLength: 1,
    maxLength: 2048,
    pattern: '^https?://[^\\s]+$',
    description: 'Address that messages are posted to. https, or http to this machine itself.',
  }),
  body: Type.Enum(['array', 'ndjson', 'object'], {
    default: 'array',
    description:
      'array: a JSON array of messages; ndjson: one message a line; object: one message in each request. Formats that are no JSON are lines.',
  }),
  batch: Type.Integer({ default: 50, minimum: 1, maximum: 500, description: 'Most messages in one request.' }),
  timeout_seconds: Type.Integer({
    default: 5,
    minimum: 1,
    maximum: 60,
    description: 'A request without an answer after this time has failed and is repeated.',
  }),
  secret_file: Type.String({
    default: '',
    maxLength: 4096,
    description: 'File with the secret that requests are signed with (HMAC-SHA256).',
  }),
  secret_env: Type.String({
    default: '',
    maxLength: 200,
    description: 'Environment variable with that secret, instead of a file.',
  }),
  token_file: Type.String({
    default: '',
    maxLength: 4096,
    description: 'File with a token for the Authorization header.',
  }),
  token_env: Type.String({
    default: '',
    maxLength: 200,
    description: 'Environment variable with that token, instead of a file.',
  }),
  token_scheme: Type.String({
    default: 'Bearer',
    pattern: '^[A-Za-z][A-Za-z0-9_-]{0,31}$',
    description: 'Word before the token: Bearer, Splunk, …',
  }),
  ...TlsSettings,
};
