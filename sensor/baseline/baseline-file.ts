import {
  ACCEPTANCE_SCOPES,
  type Acceptance,
  type BaselineConversation,
  type BaselineDecisions,
  type BaselineDevice,
  type BaselineFile,
  type BaselineProposal,
  type BaselineReview,
  type BaselineVariable,
  type VariableDeclaration,
} from '../model/baseline-document.js';
import { isIntrusive } from '../model/operation.js';
import { type Asset, type Conversation, type ProcessVariable, VARIABLE_KINDS } from '../model/records.js';
import { stableId } from '../model/stable-id.js';
import { VARIABLE_TYPES } from '../model/variable.js';
import { isClearText, isInternet } from './exposure.js';

/** A mistake in a file, in one sentence. */
export class BaselineFileError extends Error {
  override readonly name = 'UsageError';
}

export const EMPTY_FILE: BaselineFile = {
  fieldwatch_baseline: 1,
  devices: [],
  conversations: [],
  variables: [],
  declared: [],
  accepted: [],
  proposals: [],
};

const byKey =
  <T>(key: (one: T) => string) =>
  (one: T, other: T) =>
    key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : 0;

const deviceKey = ({ ip }: BaselineDevice) => ip;
const conversationKey = (one: BaselineConversation) =>
  `${one.client} ${one.server} ${one.protocol} ${one.port} ${one.transport}`;
const variableKey = (one: { server: string; protocol: string; unit?: number; address: string }) =>
  `${one.server} ${one.protocol} ${one.unit ?? ''} ${one.address}`;

const typedKey = (one: BaselineVariable) => `${variableKey(one)} ${one.type}`;

function addMissing<T>(to: T[], from: readonly T[], key: (one: T) => string): void {
  const known = new Set(to.map(key));
  for (const one of from) if (!known.has(key(one))) to.push(one);
}

function learned(count: string, first: string, last: string): string {
  return `learned from ${count}, ${first} to ${last}`;
}

/** Everything that is normal, in a stable order. */
export function baselineFileOf(
  assets: Iterable<Asset>,
  conversations: Iterable<Conversation>,
  variables: Iterable<ProcessVariable>,
  decisions: BaselineDecisions,
): BaselineFile {
  const file: BaselineFile = {
    fieldwatch_baseline: 1,
    devices: [],
    conversations: [],
    variables: [],
    declared: [...decisions.declared].sort(byKey(variableKey)),
    accepted: [...decisions.accepted].sort(byKey(({ id }) => id)),
    proposals: [],
  };
  for (const asset of assets) {
    const ip = asset.ips[0];
    if (!asset.in_baseline || ip === undefined) continue;
    const imported = decisions.devices.find((one) => one.ip === ip);
    file.devices.push({
      ip,
      name: asset.name,
      ...(asset.vendor === undefined ? {} : { vendor: asset.vendor }),
      ...(asset.model === undefined ? {} : { model: asset.model }),
      origin: imported?.origin ?? learned(`${asset.packets} packets`, asset.first_seen, asset.last_seen),
    });
  }
  const reviews = new Map((decisions.reviews ?? []).map((review) => [review.id, review]));
  for (const conversation of conversations) {
    file.proposals.push(...proposalsOf(conversation).filter((proposal) => !isDecided(proposal, reviews)));
    if (conversation.in_baseline) file.conversations.push(conversationOf(conversation, decisions));
  }
  for (const variable of variables) {
    if (variable.learned && variable.learned.samples > 0) file.variables.push(variableOf(variable, decisions));
  }
  // What was imported is normal before it was ever seen here.
  addMissing(file.devices, decisions.devices, deviceKey);
  addMissing(file.conversations, decisions.conversations, conversationKey);
  addMissing(file.variables, decisions.variables ?? [], typedKey);
  file.devices.sort(byKey(deviceKey));
  file.conversations.sort(byKey(conversationKey));
  file.variables.sort(byKey(typedKey));
  file.proposals.sort(byKey((one) => `${one.client} ${one.server} ${one.protocol} ${one.operation ?? ''}`));
  return file;
}

function conversationOf(conversation: Conversation, decisions: BaselineDecisions): BaselineConversation {
  const { client_ip, server_ip, protocol, server_port, transport } = conversation;
  const base = { client: client_ip, server: server_ip, protocol, port: server_port, transport };
  const imported = decisions.conversations.find((one) => conversationKey(one) === conversationKey({ ...one, ...base }));
  const until = conversation.learned_until ?? conversation.last_seen;
  return {
    ...base,
    origin: imported?.origin ?? learned(`${conversation.packets} packets`, conversation.first_seen, until),
    operations: conversation.operations
      .filter((operation) => operation.in_baseline)
      .map((operation) => ({
        operation: operation.operation,
        targets: operation.learned_targets ?? [],
        origin: learned(`${operation.count} messages`, operation.first_seen, operation.last_seen),
      }))
      .sort(byKey(({ operation }) => operation)),
    ...(conversation.cycles ? { cycles: conversation.cycles } : {}),
  };
}

/** What a person has to confirm of a conversation, decided or not. */
export function proposalsOf(conversation: Conversation): BaselineProposal[] {
  const { client_ip: client, server_ip: server, protocol, server_port: port, transport } = conversation;
  const proposals: BaselineProposal[] = [];
  const idOf = (operation: string) => stableId('proposal', conversation.id, operation);
  const where = { client, server, protocol, port, transport };
  const seen = `${conversation.packets} packets, ${conversation.first_seen} to ${conversation.last_seen}`;
  if (!conversation.in_baseline && (isInternet(client, server) || isClearText(protocol))) {
    const isOutside = isInternet(client, server);
    proposals.push({
      id: idOf(''),
      what: 'conversation',
      ...where,
      kind: isOutside ? 'internet' : 'clear_text',
      why: isOutside ? 'one end is outside the plant' : 'passwords in clear text',
      origin: seen,
    });
  }
  for (const one of conversation.operations) {
    const isLearnedWrite = one.in_baseline && one.declared !== true && isIntrusive(one.class);
    const isWithheld = one.withheld === true && one.declared !== true;
    if (!isWithheld && !isLearnedWrite) continue;
    proposals.push({
      id: idOf(one.operation),
      what: isLearnedWrite ? 'write that was learned' : 'operation that was not learned',
      ...where,
      operation: one.operation,
      targets: isLearnedWrite ? (one.learned_targets ?? one.targets) : one.targets,
      ...(isLearnedWrite ? { learned: true } : {}),
      kind: isLearnedWrite ? 'write' : 'operation',
      why: isLearnedWrite
        ? 'changes the process: confirm that this station is meant to'
        : 'control, programming, or found by a rule of level high',
      origin: `${one.count} messages, ${one.first_seen} to ${one.last_seen}`,
    });
  }
  return proposals;
}

/** Who has agreed to a write of these registers has not agreed to whatever else is written since. */
export function isDecided(proposal: BaselineProposal, reviews: ReadonlyMap<string, BaselineReview>): boolean {
  const review = reviews.get(proposal.id);
  if (!review) return false;
  return review.verdict === 'rejected' || (proposal.targets ?? []).every((text) => review.targets?.includes(text));
}

/** More values than this are a quantity, for which lowest and highest say all. */
const MAX_LISTED_VALUES = 10;

function variableOf(variable: ProcessVariable, decisions: BaselineDecisions): BaselineVariable {
  const { learned: summary } = variable;
  const key = `${variable.server_ip} ${variable.protocol} ${variable.unit ?? ''} ${variable.address} ${variable.type}`;
  const imported = decisions.variables?.find((one) => typedKey(one) === key);
  return {
    server: variable.server_ip,
    protocol: variable.protocol,
    ...(variable.unit === undefined ? {} : { unit: variable.unit }),
    address: variable.address,
    type: variable.type,
    name: variable.name,
    kind: summary?.kind ?? variable.kind,
    ...(summary?.min === undefined ? {} : { min: summary.min }),
    ...(summary?.max === undefined ? {} : { max: summary.max }),
    max_step: summary?.max_step ?? 0,
    values: summary && summary.values.length <= MAX_LISTED_VALUES ? summary.values : [],
    writers: variable.writers.filter(({ in_baseline }) => in_baseline).map(({ ip }) => ip),
    ...(summary
      ? {
          samples: summary.samples,
          ...(summary.watched_seconds === undefined ? {} : { watched_seconds: summary.watched_seconds }),
          increases: summary.increases,
          decreases: summary.decreases,
          max_flat_seconds: summary.max_flat_seconds,
        }
      : {}),
    origin: imported?.origin ?? learned(`${summary?.samples ?? 0} values`, summary?.since ?? '', summary?.until ?? ''),
  };
}

const TRANSPORTS: readonly string[] = ['tcp', 'udp', 'icmp', 'ethernet', 'ip'];
const ACCEPTANCE_TEXTS = [
  'id',
  'rule',
  'client',
  'server',
  'client_role',
  'server_role',
  'protocol',
  'object',
  'observed',
  'expires',
] as const;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;

type Plain = Record<string, unknown>;
const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Checks what was read from a file. @throws BaselineFileError */
export function readBaselineFile(value: unknown, path: string): BaselineFile {
  if (!isPlain(value) || value['fieldwatch_baseline'] !== 1) {
    throw new BaselineFileError(
      `${path} is no baseline file: it does not begin with "fieldwatch_baseline: 1". Write one with fieldwatch baseline export.`,
    );
  }
  const list = (name: string, ...texts: readonly string[]): Plain[] => {
    const items = value[name] ?? [];
    if (!Array.isArray(items)) throw new BaselineFileError(`${path}: "${name}" must be a list.`);
    return items.map((item: unknown, index) => {
      if (!isPlain(item)) throw new BaselineFileError(`${path}: ${name}[${index}] must have fields.`);
      for (const text of texts) {
        if (typeof item[text] !== 'string' || item[text] === '')
          throw new BaselineFileError(`${path}: ${name}[${index}] lacks "${text}".`);
      }
      return item;
    });
  };
  const conversations = list('conversations', 'client', 'server', 'protocol').map((item, index) => {
    const operations = item['operations'] ?? [];
    const isSound =
      Array.isArray(operations) &&
      operations.every(
        (one: unknown) =>
          isPlain(one) &&
          typeof one['operation'] === 'string' &&
          Array.isArray(one['targets']) &&
          one['targets'].every((target) => typeof target === 'string'),
      );
    if (!isSound)
      throw new BaselineFileError(
        `${path}: conversations[${index}].operations must be a list, each with "operation" and a list "targets".`,
      );
    const { port = 0, transport = 'tcp' } = item;
    if (!Number.isInteger(port) || Number(port) < 0 || Number(port) > 65_535)
      throw new BaselineFileError(`${path}: conversations[${index}].port must be a number from 0 to 65535.`);
    if (!TRANSPORTS.includes(transport as string))
      throw new BaselineFileError(
        `${path}: conversations[${index}].transport must be one of ${TRANSPORTS.join(', ')}.`,
      );
    return { origin: '', ...item, port, transport, operations } as unknown as BaselineConversation;
  });
  return {
    fieldwatch_baseline: 1,
    devices: list('devices', 'ip').map((item) => ({ name: '', origin: '', ...item }) as unknown as BaselineDevice),
    conversations,
    variables: list('variables', 'server', 'protocol', 'address', 'type').map((item, index) =>
      readVariable(item, `${path}: variables[${index}]`),
    ),
    declared: list('declared', 'server', 'protocol', 'address') as unknown as VariableDeclaration[],
    accepted: list('accepted', 'scope', 'by', 'at', 'reason').map((item, index) =>
      acceptanceFrom(item, `${path}: accepted[${index}]`),
    ),
    proposals: [],
  };
}

/** A mistake here would make everything normal, or end the sensor. */
function acceptanceFrom(item: Plain, where: string): Acceptance {
  for (const field of ACCEPTANCE_TEXTS) {
    const value = item[field];
    if (value !== undefined && typeof value !== 'string')
      throw new BaselineFileError(`${where}.${field} must be a text.`);
  }
  const { objects, expires } = item;
  if (objects !== undefined && !(Array.isArray(objects) && objects.every((one) => typeof one === 'string')))
    throw new BaselineFileError(`${where}.objects must be a list of texts.`);
  if (!ACCEPTANCE_SCOPES.some((scope) => scope === item['scope']))
    throw new BaselineFileError(`${where}.scope must be one of ${ACCEPTANCE_SCOPES.join(', ')}.`);
  if (!['client', 'server', 'client_role', 'server_role'].some((field) => typeof item[field] === 'string'))
    throw new BaselineFileError(
      `${where} names no device and no role, and so would cover everything: add client or server.`,
    );
  if (expires !== undefined && !ISO_TIME.test(String(expires)))
    throw new BaselineFileError(`${where}.expires must be a time in UTC like 2026-01-31T14:00:00Z.`);
  const id = typeof item['id'] === 'string' ? item['id'] : stableId('acceptance', JSON.stringify(item));
  return { ...item, id } as unknown as Acceptance;
}

const VALUE_COUNTS = ['samples', 'watched_seconds', 'increases', 'decreases', 'max_flat_seconds'] as const;

/** @throws BaselineFileError */
function readVariable(item: Plain, where: string): BaselineVariable {
  if (!VARIABLE_TYPES.some((type) => type === item['type'])) {
    throw new BaselineFileError(
      `${where}: type "${String(item['type'])}" does not exist; use ${VARIABLE_TYPES.join(', ')}.`,
    );
  }
  for (const name of ['unit', 'min', 'max', 'max_step', ...VALUE_COUNTS]) {
    if (item[name] !== undefined && !Number.isFinite(item[name]))
      throw new BaselineFileError(`${where}: ${name} must be a number.`);
  }
  if ((item['min'] as number) > (item['max'] as number))
    throw new BaselineFileError(`${where}: min is greater than max.`);
  if (item['kind'] !== undefined && !VARIABLE_KINDS.some((kind) => kind === item['kind']))
    throw new BaselineFileError(`${where}: kind must be one of ${VARIABLE_KINDS.join(', ')}.`);
  const values = item['values'] ?? [];
  const isSound = Array.isArray(values) && values.every((value) => typeof value === 'string' || Number.isFinite(value));
  if (!isSound) throw new BaselineFileError(`${where}: values must be a list of numbers or texts.`);
  const writers = item['writers'] ?? [];
  if (!Array.isArray(writers) || !writers.every((writer) => typeof writer === 'string'))
    throw new BaselineFileError(`${where}: writers must be a list of addresses.`);
  const kind = values.length > 0 || item['min'] === undefined ? 'enumeration' : 'analogue';
  return {
    name: item['address'],
    kind,
    max_step: 0,
    origin: '',
    ...item,
    values,
    writers,
  } as unknown as BaselineVariable;
}

/** Adds what a file says to what people have decided so far; what it says of the same thing wins. */
export function merge(now: BaselineDecisions, file: BaselineFile, origin: string): BaselineDecisions {
  const join = <T>(old: readonly T[], more: readonly T[], key: (one: T) => string): T[] => [
    ...new Map([...old, ...more].map((one) => [key(one), one])).values(),
  ];
  const marked = <T extends { origin: string }>(one: T): T => ({
    ...one,
    origin: `${origin}${one.origin === '' ? '' : ` (${one.origin})`}`.slice(0, 300),
  });
  return {
    accepted: join(now.accepted, file.accepted, ({ id }) => id),
    declared: join(now.declared, file.declared, variableKey),
    devices: join(now.devices, file.devices.map(marked), deviceKey),
    conversations: join(now.conversations, file.conversations.map(marked), conversationKey),
    reviews: now.reviews ?? [],
    maintenance: now.maintenance ?? [],
    variables: join(now.variables ?? [], file.variables.map(marked), typedKey),
  };
}

/** Columns of a register map or tag list, by the names that engineering tools give them. */
const COLUMNS: Readonly<Record<string, string>> = {
  server: 'server',
  ip: 'server',
  device: 'server',
  host: 'server',
  protocol: 'protocol',
  unit: 'unit',
  unit_id: 'unit',
  slave: 'unit',
  address: 'address',
  register: 'address',
  logical_address: 'address',
  node_id: 'address',
  nodeid: 'address',
  name: 'name',
  tag: 'name',
  tag_name: 'name',
  symbol: 'name',
  description: 'description',
  comment: 'description',
  measure: 'measure',
  unit_of_measure: 'measure',
  engineering_unit: 'measure',
  eu: 'measure',
  low: 'low',
  min: 'low',
  low_limit: 'low',
  high: 'high',
  max: 'high',
  high_limit: 'high',
};

/** One line of CSV (RFC 4180) into cells. */
function cells(line: string, separator: string): string[] {
  const found: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (line[at + 1] === '"') {
        cell += '"';
        at++;
      } else isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === separator) {
      found.push(cell.trim());
      cell = '';
    } else cell += character;
  }
  found.push(cell.trim());
  return found;
}

/** 40021 or 400021 as engineers write it, 21 with the table's name, or an address of S7 or OPC UA as it is. */
function addressOf(text: string): string {
  const modicon = /^([0134])(\d{4,5})$/.exec(text);
  if (!modicon) return text;
  const space = { 0: 'coil', 1: 'discrete_input', 3: 'input_register', 4: 'holding_register' }[Number(modicon[1])];
  return `${space} ${Number(modicon[2]) - 1}`;
}

/** A register map or tag list: the first line names the columns. @throws BaselineFileError */
export function readTagList(text: string, path: string): VariableDeclaration[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const head = lines[0] ?? '';
  const separator = [';', '\t', ','].find((one) => head.includes(one)) ?? ',';
  const columns = cells(head, separator).map((name) => COLUMNS[name.toLowerCase().replaceAll(/[ -]/g, '_')] ?? '');
  for (const needed of ['address', 'name']) {
    if (!columns.includes(needed))
      throw new BaselineFileError(
        `${path}: the first line must name the columns, among them "address" and "name"; also known are server, protocol, unit, description, measure, low and high.`,
      );
  }
  const declared: VariableDeclaration[] = [];
  for (const [index, line] of lines.slice(1).entries()) {
    if (line.trim() === '') continue;
    const row: Record<string, string> = {};
    cells(line, separator).forEach((value, column) => {
      const name = columns[column] ?? '';
      if (name !== '' && value !== '') row[name] = value;
    });
    const where = `${path}, line ${index + 2}`;
    const number = (name: string): Record<string, number> => {
      if (row[name] === undefined) return {};
      const value = Number(row[name].replace(',', '.'));
      if (!Number.isFinite(value)) throw new BaselineFileError(`${where}: ${name} "${row[name]}" is no number.`);
      return { [name]: value };
    };
    if (row['address'] === undefined) throw new BaselineFileError(`${where}: the address is missing.`);
    const text_ = (name: string) => (row[name] === undefined ? {} : { [name]: row[name].slice(0, 200) });
    declared.push({
      server: row['server'] ?? '*',
      protocol: row['protocol'] ?? (/^[0134]\d{4,5}$/.test(row['address']) ? 'modbus' : '*'),
      address: addressOf(row['address']),
      ...number('unit'),
      ...text_('name'),
      ...text_('description'),
      ...text_('measure'),
      ...number('low'),
      ...number('high'),
    });
  }
  return declared;
}

/** What changed from one file to another, a line each: `+`, `-` or `~`, then what it is. */
export function diff(before: BaselineFile, after: BaselineFile): string[] {
  const lines: string[] = [];
  const compare = <T>(title: string, old: readonly T[], now: readonly T[], key: (one: T) => string) => {
    const were = new Map(old.map((one) => [key(one), one]));
    const are = new Map(now.map((one) => [key(one), one]));
    for (const name of [...new Set([...were.keys(), ...are.keys()])].sort()) {
      const [one, other] = [were.get(name), are.get(name)];
      if (one === undefined) lines.push(`+ ${title} ${name}`);
      else if (other === undefined) lines.push(`- ${title} ${name}`);
      else if (content(one) !== content(other)) lines.push(`~ ${title} ${name}: ${content(one)} → ${content(other)}`);
    }
  };
  const operations = (file: BaselineFile) =>
    file.conversations.flatMap((one) =>
      one.operations.map((operation) => ({
        key: `${conversationKey(one)} ${operation.operation}`,
        targets: operation.targets,
      })),
    );
  compare('device', before.devices, after.devices, deviceKey);
  compare(
    'conversation',
    before.conversations.map(({ operations: _, cycles: __, ...one }) => ({ ...one, operations: [] })),
    after.conversations.map(({ operations: _, cycles: __, ...one }) => ({ ...one, operations: [] })),
    conversationKey,
  );
  compare('operation', operations(before), operations(after), ({ key }) => key);
  compare('variable', before.variables, after.variables, typedKey);
  compare('declared', before.declared, after.declared, variableKey);
  compare('accepted', before.accepted, after.accepted, ({ id }) => id);
  return lines;
}

/** How much was seen of something. */
const EVIDENCE: ReadonlySet<string> = new Set(['origin', ...VALUE_COUNTS]);

/** Without where it comes from: how often something was seen is no change of what is normal. */
function content(one: unknown): string {
  return JSON.stringify(one, (name, value: unknown) => {
    if (EVIDENCE.has(name)) return undefined;
    return isPlain(value) ? Object.fromEntries(Object.entries(value).sort(byKey(([field]) => field))) : value;
  });
}
