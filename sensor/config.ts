import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Static, type TSchema, Type } from 'typebox';
import { Format } from 'typebox/format';
import { Value } from 'typebox/value';
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { ExportSettingsSchema } from './export/settings.js';
import { type MaintenanceWindow, problemOfWindow, WEEKDAYS } from './model/maintenance.js';
import { OPERATION_CLASSES } from './model/operation.js';
import { CRITICALITIES } from './model/records.js';
import { ROLES } from './model/role.js';
import { parseMac, parseNetwork } from './model/site.js';

Format.Set('network', (text) => parseNetwork(text) !== null);
Format.Set('mac', (text) => parseMac(text) !== null);

/**
 * Settings: built-in defaults, then `fieldwatch.yaml`, then the environment, then flags; the later wins. This schema is
 * the one place that knows the keys: it checks the file, names the environment variables and makes the table in
 * docs/configuration.md.
 */
const section = <T extends Record<string, TSchema>>(description: string, properties: T) =>
  Type.Object(properties, { description, additionalProperties: false });

const networks = (description: string) =>
  Type.Array(Type.String({ format: 'network', description: 'an address or a CIDR block such as 10.1.0.0/16' }), {
    maxItems: 1000,
    description,
  });

const ZoneSchema = section('One part of the network', {
  name: Type.String({ minLength: 1, maxLength: 100, description: 'How people call it.' }),
  networks: networks('Its addresses and CIDR blocks.'),
  purdue_level: Type.Optional(
    Type.Number({ minimum: 0, maximum: 5, description: 'ISA-95 / Purdue level of what stands there.' }),
  ),
  criticality: Type.Optional(Type.Enum([...CRITICALITIES], { description: 'How much depends on the devices there.' })),
});

const PlaceholderSchema = section('Values for a placeholder of rules', {
  name: Type.String({
    pattern: '^[A-Za-z0-9_.-]+$',
    maxLength: 100,
    description: 'What stands between the % in rules.',
  }),
  values: Type.Array(
    Type.Union([Type.String({ maxLength: 1000 }), Type.Number()], { description: 'a text or a number' }),
    { minItems: 1, maxItems: 10_000, description: 'What it stands for.' },
  ),
});

const StationSchema = section('One known station', {
  name: Type.String({ minLength: 1, maxLength: 100, description: 'How people call it.' }),
  ips: Type.Optional(networks('Its addresses.')),
  macs: Type.Optional(
    Type.Array(Type.String({ format: 'mac', description: 'a MAC address such as 00:1b:1b:aa:bb:cc' }), {
      maxItems: 100,
      description: 'Its network cards.',
    }),
  ),
  roles: Type.Optional(
    Type.Array(Type.Enum([...ROLES]), { maxItems: ROLES.length, description: 'What it is there for.' }),
  ),
  authorised: Type.Optional(
    Type.Array(Type.Enum([...OPERATION_CLASSES]), {
      maxItems: OPERATION_CLASSES.length,
      description: 'Classes of operations that it may do.',
    }),
  ),
});

const groups = (who: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 500 }), {
    default: [],
    maxItems: 100,
    description: `Groups (values of roles_claim) whose people are ${who} in the console.`,
  });

const OidcSchema = section('Signing in with OpenID Connect', {
  issuer: Type.String({
    default: '',
    maxLength: 1000,
    pattern: '^$|^https?://[^\\s]+$',
    description:
      'Address of the sign-in service, as its discovery document names it; https, or http on loopback. Empty: people sign in with accounts of the console alone.',
  }),
  client_id: Type.String({
    default: '',
    maxLength: 500,
    description: 'Name under which the console is registered at the sign-in service.',
  }),
  client_secret_file: Type.String({
    default: '',
    maxLength: 4096,
    description:
      "File with the console's secret at the sign-in service, readable for its owner alone; none for a public client.",
  }),
  client_secret_env: Type.String({
    default: '',
    maxLength: 200,
    pattern: '^$|^[A-Za-z_][A-Za-z0-9_]*$',
    description: 'Environment variable with that secret instead.',
  }),
  ca_file: Type.String({
    default: '',
    maxLength: 4096,
    description: 'Certificates (PEM) that the sign-in service is checked against, instead of those that Node trusts.',
  }),
  label: Type.String({
    default: 'OpenID Connect',
    minLength: 1,
    maxLength: 60,
    description: 'How the button calls it.',
  }),
  scopes: Type.Array(Type.String({ minLength: 1, maxLength: 100, pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$' }), {
    default: ['openid', 'profile'],
    maxItems: 20,
    description: 'What is asked for; openid always is.',
  }),
  name_claim: Type.String({
    default: 'preferred_username',
    minLength: 1,
    maxLength: 200,
    description: 'Claim with the name that the person has in the console.',
  }),
  roles_claim: Type.String({
    default: 'groups',
    minLength: 1,
    maxLength: 200,
    description: 'Claim with the groups of the person; dots lead into it, such as realm_access.roles.',
  }),
  admin: groups('admins'),
  analyst: groups('analysts'),
  auditor: groups('auditors'),
  viewer: groups('viewers'),
  clock_skew_seconds: Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 300,
    description: 'How far the clocks of console and sign-in service may be apart.',
  }),
});

const MaintenanceSchema = section('One time for work on the plant', {
  name: Type.String({ minLength: 1, maxLength: 100, description: 'How people call it.' }),
  begins: Type.Optional(Type.String({ maxLength: 40, description: 'Once, from this time: 2026-11-22T06:00:00Z.' })),
  ends: Type.Optional(Type.String({ maxLength: 40, description: 'Until this time.' })),
  days: Type.Optional(
    Type.Array(Type.Enum([...WEEKDAYS]), {
      minItems: 1,
      maxItems: WEEKDAYS.length,
      description: 'Every week, beginning on these days; without them every day.',
    }),
  ),
  from: Type.Optional(Type.String({ maxLength: 5, description: 'Every week, from this time of day: 06:00.' })),
  to: Type.Optional(Type.String({ maxLength: 5, description: 'Until this time of day; before `from`: of the next.' })),
  time_zone: Type.Optional(Type.String({ maxLength: 60, description: 'Of from and to: Europe/Berlin.' })),
  zones: Type.Optional(
    Type.Array(Type.String({ maxLength: 100 }), { maxItems: 1000, description: 'Names of zones that are worked on.' }),
  ),
  devices: Type.Optional(networks('Devices that are worked on.')),
  stations: Type.Optional(
    Type.Array(Type.String({ maxLength: 100 }), {
      maxItems: 1000,
      description: 'Names or addresses of the stations from which the work is done.',
    }),
  ),
  owner: Type.Optional(Type.String({ maxLength: 100, description: 'Who is responsible for the work.' })),
  reason: Type.Optional(Type.String({ maxLength: 500, description: 'What is done.' })),
});

export const ConfigSchema = section('Settings of Fieldwatch', {
  site: Type.String({
    default: '',
    maxLength: 100,
    description: 'Name of the plant or site, shown in the console and in what is exported.',
  }),
  sensor: Type.String({
    default: 'sensor',
    minLength: 1,
    maxLength: 63,
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
    description: 'Name of this sensor in everything it reports: letters, digits, dot, dash and underscore.',
  }),
  data: Type.String({
    default: './fieldwatch-data',
    minLength: 1,
    description: 'Folder of everything that is kept. A relative path in the file starts at the folder of the file.',
  }),
  phase: Type.Enum(['auto', 'learn', 'protect'], {
    default: 'auto',
    description:
      'learn: everything new goes into the baseline. protect: deviations raise alerts. auto: the phase that the data folder is in, learn at first.',
  }),
  baseline: section('What is normal', {
    auto_protect: Type.Boolean({
      default: false,
      description:
        'true: the devices, and the conversations of each protocol, end their learning themselves once it has lasted a week and less than 0.1 % a day was new for three days. false: a person ends it.',
    }),
  }),
  capture: section('Live capture', {
    interfaces: Type.Array(Type.String({ minLength: 1, maxLength: 15 }), {
      default: [],
      maxItems: 32,
      description: 'Interfaces to capture on when the command line names none.',
    }),
    source: Type.Enum(['tcpdump', 'cap'], {
      default: 'tcpdump',
      description: 'How packets are captured; docs/live-capture.md says what cap cannot do.',
    }),
    filter: Type.String({
      default: '',
      maxLength: 4096,
      description: 'Capture filter in pcap-filter(7) syntax; empty: everything.',
    }),
    snaplen: Type.Integer({
      default: 65_535,
      minimum: 128,
      maximum: 262_144,
      description: 'Bytes kept of each packet.',
    }),
    promiscuous: Type.Boolean({
      default: true,
      description: 'Whether the interface takes in frames that are addressed to others; a mirror port needs it.',
    }),
    buffer_megabytes: Type.Integer({
      default: 64,
      minimum: 1,
      maximum: 2047,
      description: "The kernel's buffer between each interface and the sensor.",
    }),
    latency: Type.Enum(['low', 'bulk'], {
      default: 'low',
      description:
        'low: every packet is handed over at once. bulk: in blocks, for links with more than about 100,000 packets a second.',
    }),
    no_traffic_seconds: Type.Integer({
      default: 60,
      minimum: 0,
      maximum: 86_400,
      description: 'An interface with a link but without packets for this long raises an alert; 0: never.',
    }),
  }),
  console: section('Web console', {
    listen: Type.String({
      default: '',
      pattern: '^$|^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$',
      description:
        'Address and port of the console, ADDRESS:PORT, IPv6 addresses in brackets; empty: 127.0.0.1:8420, or the next free port.',
    }),
    public_url: Type.String({
      default: '',
      maxLength: 500,
      pattern: '^$|^https?://[A-Za-z0-9.\\-\\[\\]:]+/?$',
      description:
        'Where browsers reach the console, such as https://fieldwatch.example.com; the console then answers to that name, and a sign-in service sends people back there.',
    }),
    allowed_hosts: Type.Array(Type.String({ minLength: 1, maxLength: 253 }), {
      default: [],
      maxItems: 100,
      description: 'Host names that the console answers to, besides addresses, localhost and the name of this machine.',
    }),
    own_certificate: Type.Boolean({
      default: false,
      description: 'HTTPS with a certificate that the console makes and signs itself, as with --tls.',
    }),
    tls_cert_file: Type.String({
      default: '',
      maxLength: 4096,
      description: 'Certificate (chain) in PEM form: HTTPS only.',
    }),
    tls_key_file: Type.String({
      default: '',
      maxLength: 4096,
      description: 'Its private key in PEM form, readable for its owner alone.',
    }),
    oidc: OidcSchema,
  }),
  reports: section('Reports that are written by themselves, by whatever command serves the console', {
    every: Type.Enum(['never', 'day', 'week', 'month'], {
      default: 'never',
      description:
        'How long the period of each report is; weeks begin on Monday. A report is written when its period is over.',
    }),
    at: Type.String({
      default: '06:00',
      pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
      description: "When on the day after, HH:MM in this machine's zone.",
    }),
    folder: Type.String({
      default: '',
      maxLength: 4096,
      description:
        'Where; empty: the folder reports in the data folder. A relative path starts at the folder of the file.',
    }),
    formats: Type.Array(Type.Enum(['html', 'csv', 'json']), {
      default: ['html'],
      minItems: 1,
      maxItems: 3,
      description: 'html prints on A4, also as PDF; csv and json are for programs.',
    }),
    language: Type.Enum(['en', 'de'], { default: 'en', description: 'Language of the html file.' }),
    keep: Type.Integer({
      default: 53,
      minimum: 1,
      maximum: 10_000,
      description:
        'Periods whose reports are kept in the folder; then the oldest go. Other files there are left alone.',
    }),
  }),
  retention: section('How much of the past is kept', {
    alerts: Type.Integer({
      default: 1_000_000,
      minimum: 1000,
      maximum: 10_000_000,
      description: 'Alerts kept; then closed ones go first, and after them the least severe and oldest.',
    }),
    packet_megabytes: Type.Integer({
      default: 1024,
      minimum: 10,
      maximum: 1_000_000,
      description: 'Packets kept as evidence of alerts; then the oldest go.',
    }),
    days: Type.Integer({
      default: 730,
      minimum: 0,
      maximum: 36_500,
      description: 'Days after which closed alerts go; 0: never.',
    }),
  }),
  zones: Type.Array(ZoneSchema, {
    default: [],
    maxItems: 1000,
    description:
      'Parts of the network, each with name, networks (addresses or CIDR blocks) and, where wanted, purdue_level and criticality. The smallest block around an address decides.',
  }),
  stations: Type.Array(StationSchema, {
    default: [],
    maxItems: 10_000,
    description:
      'Stations that are known, each with name, ips or macs and, where wanted, roles and authorised (classes of operations that it is there for).',
  }),
  maintenance: Type.Array(MaintenanceSchema, {
    default: [],
    maxItems: 1000,
    description:
      'Times for work on the plant, each with name and either begins and ends, or days, from, to and time_zone; where wanted also zones, devices, stations, owner and reason. Engineering and deviations in them are only recorded.',
  }),
  export: section('SIEM export', ExportSettingsSchema),
  rules: section('Detection rules', {
    paths: Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), {
      default: [],
      maxItems: 100,
      description:
        "Files and folders with rules of your own, in Sigma's format, beside those of the product. Relative paths in the file start at the folder of the file.",
    }),
    disabled: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
      default: [],
      maxItems: 10_000,
      description: 'Ids of rules that are not used.',
    }),
  }),
  placeholders: Type.Array(PlaceholderSchema, {
    default: [],
    maxItems: 1000,
    description: 'Values for placeholders (%name%) of rules, each with name and values.',
  }),
});

export type Config = Static<typeof ConfigSchema>;

type Partially<T> = {
  [K in keyof T]?: T[K] extends readonly unknown[] ? T[K] : T[K] extends object ? Partially<T[K]> : T[K];
};
/** Settings of one layer; what is absent (or undefined) is left to the layers below. */
export type ConfigLayer = Partially<Config>;

/** A wrong setting: one sentence with file, line and key. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export const DEFAULT_CONFIG_FILE = 'fieldwatch.yaml';
/** A settings file larger than this is a mistake. */
const MAX_FILE = 1024 * 1024;

export interface ConfigOptions {
  /** Path given by the user; without it `fieldwatch.yaml` in the working folder is read when it is there. */
  file?: string | undefined;
  env?: NodeJS.ProcessEnv;
  flags?: ConfigLayer;
}

export interface LoadedConfig {
  config: Config;
  /** The file that was read, if any. */
  file: string | null;
}

type Settings = { [key: string]: unknown };

interface SchemaNode {
  type?: string;
  properties?: Record<string, SchemaNode>;
  enum?: unknown[];
  items?: SchemaNode;
  default?: unknown;
  description?: string;
  required?: string[];
  minimum?: number;
  maximum?: number;
  const?: unknown;
  pattern?: string;
  minItems?: number;
  maxItems?: number;
  /** A group whose keys the user chooses; each entry's `type` says which of these it must be. */
  variants?: Record<string, SchemaNode>;
  keyPattern?: string;
  maxEntries?: number;
}

export interface SettingDoc {
  /** Dotted path in the file. */
  key: string;
  environment: string;
  type: string;
  default: string;
  description: string;
}

const root = ConfigSchema as unknown as SchemaNode;

function environmentName(path: readonly string[]): string {
  return `FIELDWATCH_${path.join('_').toUpperCase()}`;
}

function leaves(schema: SchemaNode, path: string[] = []): { path: string[]; schema: SchemaNode }[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) =>
    child.properties ? leaves(child, [...path, key]) : [{ path: [...path, key], schema: child }],
  );
}

/** What a setting may be, for a person: `a whole number from 128 to 262144`. */
function expectation(schema: SchemaNode): string {
  if (schema.enum) return `one of ${schema.enum.join(', ')}`;
  switch (schema.type) {
    case 'integer':
      return `a whole number from ${schema.minimum} to ${schema.maximum}`;
    case 'number':
      return `a number from ${schema.minimum} to ${schema.maximum}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      if (schema.items?.properties) return 'a list of groups of settings';
      return schema.items?.enum ? `a list of ${schema.items.enum.join(', ')}` : 'a list of names';
    case 'string':
      return 'a text';
    default:
      return 'a group of settings';
  }
}

/** Has no short form: only the file can hold it. */
function isOnlyInFile(schema: SchemaNode): boolean {
  return schema.items?.properties !== undefined || schema.variants !== undefined;
}

/** Every setting with its documentation, in the order of the schema. */
export function describeSettings(): SettingDoc[] {
  return leaves(root).map(({ path, schema }) => describe(path, schema));
}

function describe(path: readonly string[], schema: SchemaNode): SettingDoc {
  return {
    key: path.join('.'),
    environment: isOnlyInFile(schema) ? '' : environmentName(path),
    type: schema.variants ? 'named groups of settings' : expectation(schema),
    default: shownDefault(schema.default),
    description: schema.description ?? '',
  };
}

function shownDefault(value: unknown): string {
  if (value === undefined) return '(required)';
  if (value === '') return '(empty)';
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.join(', ');
  return typeof value === 'object' ? '(none)' : String(value);
}

/** What is wrong with the settings of one exporter that came from elsewhere than the file; sentences, empty: nothing. */
export function exporterProblems(name: string, settings: unknown): string[] {
  const node = root.properties?.['export']?.properties?.['exporters'];
  return node ? problemsOfVariants({ [name]: settings }, node, () => '', ['exporters']) : [];
}

/** The settings of one kind of exporter, in the order of the schema; `environment` does not apply to them. */
export function describeVariant(path: readonly string[], variant: string): SettingDoc[] {
  let node: SchemaNode | undefined = root;
  for (const key of path) node = node?.properties?.[key];
  return Object.entries(node?.variants?.[variant]?.properties ?? {})
    .filter(([key]) => key !== 'type')
    .map(([key, schema]) => describe([key], schema));
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}

/** ` Did you mean "x"?` or the list of what there is. */
function suggestion(key: string, path: readonly (string | number)[], schema: SchemaNode): string {
  const names = Object.keys(schema.properties ?? {});
  const short = key.slice(0, 64);
  const near = names
    .map((name) => ({ name, distance: editDistance(short.toLowerCase().replaceAll('-', '_'), name) }))
    .sort((a, b) => a.distance - b.distance)[0];
  if (near && near.distance <= Math.max(2, Math.floor(near.name.length / 3))) return `did you mean "${near.name}"?`;
  const elsewhere = leaves(root).find(({ path: other }) => other.at(-1) === short);
  if (elsewhere) return `did you mean "${elsewhere.path.join('.')}"?`;
  return `${path.length === 0 ? 'the settings' : `the settings of "${dotted(path)}"`} are ${names.join(', ')}.`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

type Locate = (path: readonly (string | number)[]) => string;

/** Problems of one layer, in the order of its keys; each a whole sentence. */
function problemsOf(
  value: unknown,
  schema: SchemaNode,
  locate: Locate,
  path: readonly (string | number)[] = [],
): string[] {
  const here = dotted(path);
  if (schema.properties) {
    if (value === null) return [];
    if (typeof value !== 'object' || Array.isArray(value))
      return [
        `${locate(path)}${here === '' ? 'the file' : `"${here}"`} must be a group of settings, not ${show(value)}.`,
      ];
    // Only the groups of a list must be complete; everywhere else there are defaults.
    const missing = (typeof path.at(-1) === 'number' ? (schema.required ?? []) : [])
      .filter((key) => !Object.hasOwn(value, key))
      .map((key) => `${locate(path)}"${here}" has no "${key}"; add it.`);
    const wrong = Object.entries(value).flatMap(([key, child]) => {
      const childPath = [...path, key];
      const childSchema = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : undefined;
      if (childSchema === undefined)
        return [
          `${locate(childPath)}there is no setting "${dotted(childPath).slice(0, 100)}": ${suggestion(key, path, schema)}`,
        ];
      return problemsOf(child, childSchema, locate, childPath);
    });
    return [...missing, ...wrong];
  }
  if (schema.items && Array.isArray(value) && isLength(value.length, schema)) {
    const { items } = schema;
    return value.flatMap((child, index) => problemsOf(child, items, locate, [...path, index]));
  }
  if (schema.variants) return problemsOfVariants(value, schema, locate, path);
  if (Value.Check(schema as TSchema, value)) return [];
  const description =
    schema.type === 'string' && typeof value === 'string' && schema.description ? ` (${schema.description})` : '';
  return [`${locate(path)}"${here}" must be ${expectation(schema)}, not ${show(value)}${description}.`];
}

function isLength(length: number, { minItems = 0, maxItems = length }: SchemaNode): boolean {
  return length >= minItems && length <= maxItems;
}

/** `zones[2].networks[0]` */
function dotted(path: readonly (string | number)[]): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('');
}

/** A group of named entries, each of one of several kinds. */
function problemsOfVariants(
  value: unknown,
  schema: SchemaNode,
  locate: Locate,
  path: readonly (string | number)[],
): string[] {
  const here = dotted(path);
  const { variants = {} } = schema;
  if (value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value))
    return [`${locate(path)}"${here}" must be a group of named entries, not ${show(value)}.`];
  const entries = Object.entries(value);
  if (entries.length > (schema.maxEntries ?? Number.POSITIVE_INFINITY))
    return [`${locate(path)}"${here}" has ${entries.length} entries; ${schema.maxEntries} is the most.`];
  return entries.flatMap(([name, entry]: [string, unknown]) => {
    const entryPath = [...path, name];
    const at = dotted(entryPath).slice(0, 100);
    if (!new RegExp(schema.keyPattern ?? '').test(name))
      return [
        `${locate(entryPath)}"${at}": a name has 1 to 32 letters, digits, dashes and underscores, and begins with a letter or digit.`,
      ];
    const kind = (entry as { type?: unknown } | null)?.type;
    const variant = typeof kind === 'string' && Object.hasOwn(variants, kind) ? variants[kind] : undefined;
    if (!variant)
      return [
        `${locate([...entryPath, 'type'])}"${at}" needs a "type", one of ${Object.keys(variants).join(', ')}${kind === undefined ? '' : `, not ${show(kind)}`}.`,
      ];
    const missing = Object.entries(variant.properties ?? {})
      .filter(
        ([key, child]) =>
          child.default === undefined && child.const === undefined && !Object.hasOwn(entry as object, key),
      )
      .map(([key, child]) => `${locate(entryPath)}"${at}" needs "${key}": ${child.description ?? ''}`);
    return [...missing, ...problemsOf(entry, variant, locate, entryPath)];
  });
}

function findPair(map: YAMLMap, key: string | number): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

function readLayer(file: string): Settings {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'does not exist; check the path' : `cannot be read (${code})`;
    throw new ConfigError(`the settings file ${file} ${why}`);
  }
  if (text.length > MAX_FILE) throw new ConfigError(`the settings file ${file} is larger than one megabyte`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const broken = document.errors[0];
  if (broken) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw new ConfigError(`${file}:${line}:${col}: this is not valid YAML: ${broken.message}`);
  }
  const locate: Locate = (path) => {
    let node: unknown = document.contents;
    let at: Node | undefined;
    for (const key of path) {
      if (isSeq(node) && typeof key === 'number') {
        node = node.items[key];
        at = (node as Node | undefined) ?? at;
        continue;
      }
      const pair = isMap(node) ? findPair(node, key) : undefined;
      if (pair === undefined) break;
      at = pair.key as Node;
      node = pair.value;
    }
    const offset = at?.range?.[0] ?? 0;
    return `${file}:${lines.linePos(offset).line}: `;
  };
  let settings: unknown;
  try {
    settings = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new ConfigError(`${file}: this is not valid YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (settings === null || settings === undefined) return {};
  const problems = problemsOf(settings, root, locate);
  if (problems.length === 0) problems.push(...problemsOfMaintenance(settings as Settings, locate));
  if (problems.length > 0) throw new ConfigError(problems.slice(0, 20).join('\n            '));
  return settings as Settings;
}

/** What no schema can say: times that do not fit together. */
function problemsOfMaintenance(settings: Settings, locate: Locate): string[] {
  const windows = (settings['maintenance'] ?? []) as MaintenanceWindow[];
  return windows.flatMap((window, index) => {
    const problem = problemOfWindow(window);
    return problem === null ? [] : [`${locate(['maintenance', index])}"maintenance[${index}]": ${problem}.`];
  });
}

function fromText(text: string, schema: SchemaNode): unknown {
  switch (schema.type) {
    case 'integer':
      return /^-?\d+$/.test(text) ? Number(text) : text;
    case 'boolean':
      if (/^(true|yes|on|1)$/i.test(text)) return true;
      return /^(false|no|off|0)$/i.test(text) ? false : text;
    case 'array':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    default:
      return text;
  }
}

function environmentLayer(env: NodeJS.ProcessEnv): Settings {
  const layer: Settings = {};
  for (const { path, schema } of leaves(root)) {
    if (isOnlyInFile(schema)) continue;
    const name = environmentName(path);
    const text = env[name];
    if (text === undefined || text === '') continue;
    const value = fromText(text, schema);
    if (!Value.Check(schema as TSchema, value))
      throw new ConfigError(`the environment variable ${name} must be ${expectation(schema)}, not ${show(text)}`);
    put(layer, path, value);
  }
  return layer;
}

function put(target: Settings, path: readonly string[], value: unknown): void {
  let at = target;
  for (const key of path.slice(0, -1)) {
    at[key] ??= {};
    at = at[key] as Settings;
  }
  at[path.at(-1)!] = value;
}

function get(source: Settings, path: readonly string[]): unknown {
  let at: unknown = source;
  for (const key of path) {
    if (at === null || typeof at !== 'object') return undefined;
    at = (at as Settings)[key];
  }
  return at;
}

/** Files that exporters name start at the folder of the settings file, like the data folder. */
function resolveExporterFiles(layer: Settings, folder: string): void {
  const exporters = get(layer, ['export', 'exporters']);
  if (exporters === null || typeof exporters !== 'object') return;
  for (const exporter of Object.values(exporters as Record<string, Settings>))
    for (const [key, value] of Object.entries(exporter))
      if (key.endsWith('_file') && typeof value === 'string' && value !== '') exporter[key] = resolve(folder, value);
}

/** Likewise what the console reads. */
function resolveConsoleFiles(layer: Settings, folder: string): void {
  for (const path of [
    ['console', 'tls_cert_file'],
    ['console', 'tls_key_file'],
    ['console', 'oidc', 'client_secret_file'],
    ['console', 'oidc', 'ca_file'],
    ['reports', 'folder'],
  ]) {
    const value = get(layer, path);
    if (typeof value === 'string' && value !== '') put(layer, path, resolve(folder, value));
  }
}

/** Reads and checks all layers. Throws `ConfigError`. */
export function loadConfig(options: ConfigOptions = {}): LoadedConfig {
  const env = options.env ?? process.env;
  const { FIELDWATCH_CONFIG: fromEnvironment } = env;
  const named = options.file ?? fromEnvironment;
  const file = named ?? (existsSync(DEFAULT_CONFIG_FILE) ? DEFAULT_CONFIG_FILE : null);
  const fileLayer = file === null ? {} : readLayer(file);
  const data = get(fileLayer, ['data']);
  if (file !== null && typeof data === 'string') put(fileLayer, ['data'], resolve(dirname(file), data));
  if (file !== null) resolveExporterFiles(fileLayer, dirname(file));
  if (file !== null) resolveConsoleFiles(fileLayer, dirname(file));
  const rules = get(fileLayer, ['rules', 'paths']);
  if (file !== null && Array.isArray(rules)) {
    const paths = rules.map((path: unknown) => resolve(dirname(file), String(path)));
    put(fileLayer, ['rules', 'paths'], paths);
  }
  const flags = (options.flags ?? {}) as Settings;
  const problems = problemsOf(definedOnly(flags), root, () => '');
  if (problems.length > 0) throw new ConfigError(problems.join(' '));
  const layers = [flags, environmentLayer(env), fileLayer];
  const config: Settings = {};
  for (const { path, schema } of leaves(root)) {
    const set = layers.map((layer) => get(layer, path)).find((value) => value !== undefined);
    put(config, path, set ?? structuredClone(schema.default));
  }
  return { config: config as unknown as Config, file };
}

function definedOnly(layer: Settings): Settings {
  const kept: Settings = {};
  for (const [key, value] of Object.entries(layer)) {
    if (value === undefined) continue;
    const isGroup = value !== null && typeof value === 'object' && !Array.isArray(value);
    kept[key] = isGroup ? definedOnly(value as Settings) : value;
  }
  return kept;
}
