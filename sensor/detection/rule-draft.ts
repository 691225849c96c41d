import { Document, type Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Alert, DissectionRecord } from '../model/records.js';
import { isMap } from './sigma/problem.js';
import type { DetectionRule, LogSource } from './sigma/rule.js';
import { COMMON_FIELDS, CONNECTION, type RecordFields } from './taxonomy.js';

type Plain = string | number | boolean;

/** What a rule made from an alert can name. */
export interface DraftField {
  readonly name: string;
  readonly values: readonly Plain[];
  /** Who, what is done, on what, and everything else the record has. */
  readonly group: 'who' | 'what' | 'where' | 'more';
  /** Whether it is a good choice to begin with. */
  readonly isSuggested: boolean;
}

export interface DraftHead {
  /** A UUID. */
  readonly id: string;
  /** `2026-11-22`. */
  readonly date: string;
  readonly author: string;
}

export interface ExceptionHead extends DraftHead {
  /** Detection rules to except from. */
  readonly rules: readonly DetectionRule[];
  /** ISO 8601. */
  readonly expires: string;
  readonly reason: string;
}

const MAX_FIELDS = 60;
const MAX_DEPTH = 4;
const MAX_VALUES = 20;
const MAX_TEXT = 200;
/** Of the frame of a message: never what a rule is about. */
const PASSING =
  /(?:transaction_id|pdu_reference|request_id|request_handle|sequence_number|request_pcap_cnt|length|size)$/;
const WHAT = /\.(?:function|subfunction|subfunction_name|service|pdu|opcode|exception|mei_type)$/;
const WHERE =
  /\.(?:unit_id|address|quantity|db|area|items?|node_ids?|block|endpoint_url|file_number)$|items?\.|nodes?\./;
const COMMON: ReadonlySet<string> = new Set(COMMON_FIELDS.map(({ name }) => name));

function isPlain(value: unknown): value is Plain {
  return typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value !== '');
}

/** The record that tells most: the request of the first exchange. */
function mainRecord(alert: Alert, kinds: readonly string[]): DissectionRecord | null {
  const known = alert.evidence.records.filter(({ event_type: kind }) => kinds.includes(kind));
  return known.find((record) => !isAnswer(record)) ?? known[0] ?? null;
}

function isAnswer(record: DissectionRecord): boolean {
  const own = record[record.event_type];
  return isMap(own) && (own['pdu'] === 'response' || own['request_pcap_cnt'] !== undefined);
}

/** `modbus.function` and the like, with the values that the record has; lists of objects by their inner names. */
function collect(value: unknown, name: string, depth: number, into: Map<string, Plain[]>): void {
  if (isPlain(value)) {
    if (typeof value === 'string' && value.length > MAX_TEXT) return;
    const known = into.get(name);
    if (known === undefined) {
      if (into.size < MAX_FIELDS) into.set(name, [value]);
    } else if (known.length < MAX_VALUES && !known.includes(value)) known.push(value);
    return;
  }
  if (depth >= MAX_DEPTH) return;
  if (Array.isArray(value)) for (const item of value.slice(0, MAX_VALUES)) collect(item, name, depth + 1, into);
  else if (isMap(value))
    for (const [key, inner] of Object.entries(value)) collect(inner, `${name}.${key}`, depth + 1, into);
}

/** The kind of record that a draft is for: a protocol, `connection`, or '' where the alert is about none. */
export function draftKind(alert: Alert, kinds: readonly string[]): string {
  const record = mainRecord(alert, kinds);
  if (record !== null) return record.event_type;
  if (alert.protocol !== undefined && kinds.includes(alert.protocol)) return alert.protocol;
  return alert.src_ip !== undefined && alert.dest_ip !== undefined ? CONNECTION : '';
}

/** What of the alert's message a rule can ask for. `fields`: those of records of this kind. */
export function draftFields(alert: Alert, kinds: readonly string[], fields: RecordFields): DraftField[] {
  const record = mainRecord(alert, kinds);
  const found: DraftField[] = [];
  const add = (name: string, values: readonly Plain[], group: DraftField['group'], isSuggested: boolean): void => {
    if (values.length > 0) found.push({ name, values, group, isSuggested });
  };
  const answers = record !== null && isAnswer(record);
  const client = record === null ? alert.src_ip : answers ? record['dest_ip'] : record['src_ip'];
  const server = record === null ? alert.dest_ip : answers ? record['src_ip'] : record['dest_ip'];
  const port = record === null ? alert.dest_port : answers ? record['src_port'] : record['dest_port'];
  if (isPlain(client)) add('client_ip', [client], 'who', true);
  if (isPlain(server)) add('server_ip', [server], 'who', true);
  if (isPlain(port)) add('server_port', [port], 'who', false);
  if (record === null) return found;
  add('operation.direction', [answers ? 'response' : 'request'], 'what', true);
  const own = new Map<string, Plain[]>();
  collect(record[record.event_type], record.event_type, 0, own);
  collect(record['anomalies'], 'anomalies', 0, own);
  for (const [name, values] of own) {
    if (!fields.has(name) || (COMMON.has(name) && name !== 'anomalies')) continue;
    const group = WHAT.test(name) ? 'what' : WHERE.test(name) ? 'where' : 'more';
    if (group === 'more' && PASSING.test(name)) continue;
    add(
      name,
      values,
      group,
      name === `${record.event_type}.function` || /\.(?:subfunction|unit_id|address)$/.test(name),
    );
  }
  const order = ['who', 'what', 'where', 'more'];
  return found.sort((one, other) => order.indexOf(one.group) - order.indexOf(other.group));
}

/** As a rule writes a value that is to be found as it stands. */
function written(value: Plain): Plain {
  return typeof value === 'string' ? value.replace(/[*?\\]/g, '\\$&') : value;
}

function selection(fields: readonly DraftField[]): Record<string, Plain | Plain[]> {
  return Object.fromEntries(
    fields.map(({ name, values }) => {
      const [first, ...more] = values.map(written);
      return [name, more.length === 0 ? (first ?? '') : [first ?? '', ...more]];
    }),
  );
}

/** For YAML 1.1, which other Sigma tools read: what it would take for something else than a text is quoted. */
function yaml(document: object): string {
  const made = new Document(document, { version: '1.1' });
  const { contents } = made;
  if (contents instanceof YAMLMap) {
    for (const pair of contents.items) {
      const key = String((pair.key as Scalar).value);
      // Short lists and log sources read better in one line.
      if (pair.value instanceof YAMLSeq || (key === 'logsource' && pair.value instanceof YAMLMap))
        pair.value.flow = true;
    }
  }
  return made.toString({ lineWidth: 100, flowCollectionPadding: true });
}

function sourceOf(kind: string): Record<string, string> {
  return kind === '' ? { product: 'fieldwatch' } : { product: 'fieldwatch', service: kind };
}

const ATTACK_TACTIC = /[^a-z]+/g;

/** A rule that fires on what this alert was about: the text of a Sigma document. */
export function draftRule(alert: Alert, kind: string, chosen: readonly DraftField[], head: DraftHead): string {
  const text = (name: string): string => String(chosen.find((field) => field.name === name)?.values[0] ?? '');
  const done = text(`${kind}.function`).replaceAll('_', ' ');
  const way = [
    [text('client_ip'), 'from'],
    [text('server_ip'), 'to'],
  ].flatMap(([ip, word]) => (ip === '' ? [] : [`${word} ${ip}`]));
  const title = done === '' ? alert.title : [capitalised(done), ...way].join(' ');
  const tactics = alert.attack.map(({ tactic }) => tactic.toLowerCase().replaceAll(ATTACK_TACTIC, '-'));
  const tags = [
    ...tactics.filter((tactic) => tactic !== ''),
    ...alert.attack.map(({ technique }) => technique.toLowerCase()),
  ];
  return yaml({
    title,
    id: head.id,
    status: 'experimental',
    description: `Made from the alert "${alert.title}" of ${alert.first_seen.slice(0, 10)}.`,
    author: head.author,
    date: head.date,
    ...(tags.length > 0 ? { tags: [...new Set(tags)].map((tag) => `attack.${tag}`) } : {}),
    logsource: sourceOf(kind),
    detection: { selection: selection(chosen), condition: 'selection' },
    level: alert.severity,
    recommendation: alert.recommendation,
  });
}

/** A filter that keeps these rules from firing where everything chosen is as it was with this alert. */
export function draftException(alert: Alert, chosen: readonly DraftField[], head: ExceptionHead): string {
  return yaml({
    title: `Exception: ${alert.title}`,
    id: head.id,
    ...(head.reason === '' ? {} : { description: head.reason }),
    author: head.author,
    date: head.date,
    expires: head.expires,
    logsource: commonSource(head.rules.map(({ logSource }) => logSource)),
    filter: {
      rules: head.rules.map(({ id }) => id),
      known: selection(chosen),
      condition: 'not known',
    },
  });
}

/** What all of them name: a filter takes in rules that name more. */
function commonSource(sources: readonly LogSource[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of ['category', 'product', 'service'] as const) {
    const value = sources[0]?.[part];
    if (value && sources.every((source) => source[part] === value)) found[part] = value;
  }
  return found;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
