import type { FieldDef } from '../model/fields.js';
import type { Operation } from '../model/operation.js';
import type { ProtocolDef } from '../model/protocol.js';
import { nearest } from './sigma/nearest.js';
import type { RuleWarning } from './sigma/problem.js';
import type { DetectionRule, LogSource } from './sigma/rule.js';

/** What the rule set must know of a protocol. */
export type RuleProtocol = Pick<ProtocolDef, 'name' | 'operations' | 'fields'>;

/** The record kind of connections; not a protocol of a dissector. */
export const CONNECTION = 'connection';

function def(name: string, type: FieldDef['type'], doc: string): FieldDef {
  return { name, type, doc };
}

/** Fields of every record, with the names of Suricata's EVE. */
export const COMMON_FIELDS: readonly FieldDef[] = [
  def('timestamp', 'string', 'When, in UTC. For a part of it use a time modifier: `timestamp|hour|gte: 22`.'),
  def('event_type', 'string', 'The protocol: `modbus`, `s7comm`, `opcua`, …; `connection` for connections.'),
  def('flow_id', 'string', 'The same for both directions of one connection.'),
  def('src_ip', 'string', 'Sender of the message.'),
  def('src_port', 'integer', 'Its port.'),
  def('dest_ip', 'string', 'Receiver of the message.'),
  def('dest_port', 'integer', 'Its port.'),
  def('proto', 'string', '`TCP`, `UDP`, or the number of another IP protocol.'),
  def('vlan', 'integer[]', 'VLAN ids, outermost first; absent when untagged.'),
  def('pcap_cnt', 'integer', 'Number of the packet.'),
  def('anomalies', 'string[]', 'Codes of what was odd about the message; absent when nothing was.'),
  def('partial', 'boolean', 'true when a part of the message is missing; else absent.'),
];

/** A connection's own fields; it is shown to the rules when it is established or answered, and when it ends. */
export const CONNECTION_FIELDS: readonly FieldDef[] = [
  def(
    'connection.event',
    'string',
    '`start` once somebody has answered, `end` when it is over (also when nobody answered).',
  ),
  def('connection.service', 'string', 'What is spoken on it, by content or else by port: `modbus`, `ssh`, `tcp`, …'),
  def(
    'connection.state',
    'string',
    'At the end: `established`, `unanswered` or `refused`; at the start always `established`.',
  ),
  def('connection.packets', 'integer', 'Packets of both directions, until now.'),
  def('connection.bytes', 'integer', 'Bytes of both directions, until now.'),
  def('connection.duration', 'integer', 'Whole seconds since its first packet.'),
];

/** What the sensor knows of one end of a conversation. */
export interface EndContext {
  readonly zone: string | null;
  readonly roles: readonly string[];
  readonly isAuthorised: boolean;
  readonly criticality: string | null;
  readonly inBaseline: boolean;
  readonly name: string | null;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly isInternal: boolean;
}

/** What the sensor knows beside the record; asked for only when a rule names it. */
export interface RuleContext {
  readonly src: EndContext;
  readonly dest: EndContext;
  readonly clientIp: string;
  readonly clientPort: number;
  readonly serverIp: string;
  readonly serverPort: number;
  readonly operation: Operation | null;
  /** Why the server refused; `none`. */
  readonly rejection: string;
  readonly isRequest: boolean;
  readonly unit: number | null;
  readonly targetSpace: string | null;
  readonly targetFrom: number | null;
  readonly targetCount: number | null;
  readonly operationInBaseline: boolean;
  readonly conversationInBaseline: boolean;
  readonly isLearning: boolean;
}

interface ContextField extends FieldDef {
  readonly read: (context: RuleContext) => unknown;
}

function context(name: string, type: FieldDef['type'], doc: string, read: ContextField['read']): ContextField {
  return { name, type, doc, read: (from) => read(from) ?? undefined };
}

function endFields(name: 'src' | 'dest', who: string): ContextField[] {
  return [
    context(
      `${name}.zone`,
      'string',
      `Zone of the ${who}, from \`zones\` of the settings; absent outside all zones.`,
      (c) => c[name].zone,
    ),
    context(
      `${name}.role`,
      'string[]',
      `Roles of the ${who}, written down or by behaviour: \`plc\`, \`hmi\`, \`engineering_station\`, …`,
      (c) => c[name].roles,
    ),
    context(
      `${name}.authorised`,
      'boolean',
      `Whether the ${who} is one of the \`stations\` of the settings.`,
      (c) => c[name].isAuthorised,
    ),
    context(`${name}.criticality`, 'string', `\`low\`, \`medium\` or \`high\`.`, (c) => c[name].criticality),
    context(
      `${name}.in_baseline`,
      'boolean',
      `Whether the ${who} was there during learning.`,
      (c) => c[name].inBaseline,
    ),
    context(`${name}.name`, 'string', `Name of the ${who}, where it is known.`, (c) => c[name].name),
    context(`${name}.vendor`, 'string', `Maker of the ${who}, where it is known.`, (c) => c[name].vendor),
    context(`${name}.model`, 'string', `Model of the ${who}, where it is known.`, (c) => c[name].model),
    context(
      `${name}.internal`,
      'boolean',
      `Whether the ${who} is inside: its address is private (RFC 1918, RFC 4193, link-local), multicast or in a zone of the settings, or the other end's is public as well.`,
      (c) => c[name].isInternal,
    ),
  ];
}

/** What the sensor adds; each is worked out only when a rule names it. */
export const CONTEXT_FIELDS: readonly ContextField[] = [
  ...endFields('src', 'sender'),
  ...endFields('dest', 'receiver'),
  context('client_ip', 'string', 'Who asks, in requests and answers.', (c) => c.clientIp),
  context('client_port', 'integer', 'Its port.', (c) => c.clientPort),
  context('server_ip', 'string', 'Who answers.', (c) => c.serverIp),
  context('server_port', 'integer', 'Its port.', (c) => c.serverPort),
  context('client_is_new', 'boolean', 'Whether the client was not there during learning.', (c) =>
    c.isRequest ? !c.src.inBaseline : !c.dest.inBaseline,
  ),
  context(
    'operation.name',
    'string',
    'What is done, in the words of conversations: `write_single_register`.',
    (c) => c.operation?.name,
  ),
  context(
    'operation.class',
    'string',
    '`session`, `identify`, `diagnose`, `read`, `write`, `control` or `program`.',
    (c) => c.operation?.class,
  ),
  context('operation.direction', 'string', '`request` or `response`.', (c) => (c.isRequest ? 'request' : 'response')),
  context('operation.refused', 'boolean', 'In answers: whether the server refused.', (c) => c.rejection !== 'none'),
  context(
    'operation.rejection',
    'string',
    'Why: `unsupported_operation`, `bad_address`, `bad_value`, `busy`, `unreachable`, `failed`; else `none`.',
    (c) => c.rejection,
  ),
  context('unit', 'integer', 'Device behind the address; absent where there is none.', (c) => c.unit),
  context('target.space', 'string', 'What is acted on: `holding_register`, `DB10`, …', (c) => c.targetSpace),
  context('target.from', 'integer', 'First address in it.', (c) => c.targetFrom),
  context('target.count', 'integer', 'How many.', (c) => c.targetCount),
  context(
    'in_baseline',
    'boolean',
    'Whether this operation of these two stations was learned.',
    (c) => c.operationInBaseline,
  ),
  context(
    'conversation_in_baseline',
    'boolean',
    'Whether these two stations were learned to talk in this protocol.',
    (c) => c.conversationInBaseline,
  ),
  context(
    'learning',
    'boolean',
    'Whether the sensor is still learning the conversations of this protocol.',
    (c) => c.isLearning,
  ),
];

/**
 * What stays as it is for all messages of one operation on one connection, at least for a while: rules that it rules
 * out need not be looked at with each message.
 */
const STANDING_FIELDS: ReadonlySet<string> = new Set([
  ...[...endFields('src', ''), ...endFields('dest', '')].map(({ name }) => name),
  ...['src_ip', 'src_port', 'dest_ip', 'dest_port', 'proto', 'client_ip', 'client_port', 'server_ip', 'server_port'],
  ...['client_is_new', 'in_baseline', 'conversation_in_baseline', 'learning'],
]);

/** A name of another product, and what it is called here; values that are written differently are translated. */
export interface Alias {
  readonly name: string;
  readonly field: string;
  /** Protocol whose records it applies to; null for all. */
  readonly protocol: string | null;
  /** Our value, as the other product writes it. */
  readonly values?: Readonly<Record<string, string>>;
}

const REQUEST_NAMES = { request: 'REQ', response: 'RESP' };
const LONG_REQUEST_NAMES = { request: 'REQUEST', response: 'RESPONSE' };

function aliases(protocol: string | null, names: Readonly<Record<string, string>>): Alias[] {
  return Object.entries(names).map(([name, field]) => ({ name, field, protocol }));
}

/** Names that rules for other products use: Zeek and ICSNPP, and the Elastic Common Schema. */
export const ALIASES: readonly Alias[] = [
  // Zeek: the originator is who opened the connection.
  ...aliases(null, {
    'id.orig_h': 'client_ip',
    'id.orig_p': 'client_port',
    'id.resp_h': 'server_ip',
    'id.resp_p': 'server_port',
    source_h: 'src_ip',
    source_p: 'src_port',
    destination_h: 'dest_ip',
    destination_p: 'dest_port',
    uid: 'flow_id',
    ts: 'timestamp',
    // ECS.
    '@timestamp': 'timestamp',
    'source.ip': 'src_ip',
    'source.address': 'src_ip',
    'source.port': 'src_port',
    'destination.ip': 'dest_ip',
    'destination.address': 'dest_ip',
    'destination.port': 'dest_port',
    'client.ip': 'client_ip',
    'client.port': 'client_port',
    'server.ip': 'server_ip',
    'server.port': 'server_port',
    'network.transport': 'proto',
    'network.protocol': 'event_type',
    'network.vlan.id': 'vlan',
    'event.action': 'operation.name',
    // Sigma's own names for firewalls and network devices.
    dst_ip: 'dest_ip',
    dst_port: 'dest_port',
    SourceIp: 'src_ip',
    SourcePort: 'src_port',
    DestinationIp: 'dest_ip',
    DestinationPort: 'dest_port',
    SrcIp: 'src_ip',
    DstIp: 'dest_ip',
    DstPort: 'dest_port',
    protocol: 'proto',
  }),
  ...aliases(CONNECTION, {
    'network.protocol': 'connection.service',
    'network.packets': 'connection.packets',
    'network.bytes': 'connection.bytes',
    'network.application': 'connection.service',
    'event.duration': 'connection.duration',
    service: 'connection.service',
    duration: 'connection.duration',
    conn_state: 'connection.state',
    proto: 'proto',
  }),
  ...aliases('modbus', {
    func: 'modbus.function',
    exception: 'modbus.exception',
    unit: 'modbus.unit_id',
    tid: 'modbus.transaction_id',
    address: 'modbus.address',
    quantity: 'modbus.quantity',
    values: 'modbus.values',
    'modbus.func': 'modbus.function',
  }),
  { name: 'pdu_type', field: 'modbus.pdu', protocol: 'modbus', values: REQUEST_NAMES },
  { name: 'request_response', field: 'modbus.pdu', protocol: 'modbus', values: LONG_REQUEST_NAMES },
  ...aliases('s7comm', {
    rosctr_code: 's7comm.rosctr',
    rosctr_name: 's7comm.rosctr_name',
    pdu_reference: 's7comm.pdu_reference',
    function_code: 's7comm.function_code',
    function_name: 's7comm.function',
    subfunction_code: 's7comm.userdata.subfunction',
    subfunction_name: 's7comm.userdata.subfunction_name',
    error_class: 's7comm.error_class',
    error_code: 's7comm.error_code',
    szl_id: 's7comm.szl.id',
    szl_index: 's7comm.szl.index',
    's7comm.operation': 's7comm.function',
  }),
  ...aliases('s7comm_plus', {
    version: 's7comm_plus.protocol_version',
    opcode_name: 's7comm_plus.opcode',
    function_code: 's7comm_plus.function_code',
    function_name: 's7comm_plus.function',
  }),
  ...aliases('opcua', {
    msg_type: 'opcua.message_type',
    is_final: 'opcua.chunk_type',
    msg_size: 'opcua.size',
    endpoint_url: 'opcua.endpoint_url',
    sec_channel_id: 'opcua.secure_channel_id',
    sec_policy_uri: 'opcua.security_policy_uri',
    identifier_str: 'opcua.service',
    identifier: 'opcua.service_id',
    req_hdl: 'opcua.request_handle',
  }),
  ...aliases('cotp', { pdu_name: 'cotp.pdu_type' }),
];

/** Names of logs in other products, and the records they are here. */
const SERVICES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    conn: CONNECTION,
    flow: CONNECTION,
    modbus_detailed: 'modbus',
    modbus_read_write_multiple_registers: 'modbus',
    modbus_mask_write_register: 'modbus',
    modbus_read_device_identification: 'modbus',
    s7comm_read_szl: 's7comm',
    s7comm_upload_download: 's7comm',
    's7comm-plus': 's7comm_plus',
    opcua_binary: 'opcua',
    opc_ua: 'opcua',
  }),
);
const PRODUCTS: ReadonlySet<string> = new Set(['fieldwatch', 'ot', 'ics', 'zeek', 'suricata']);
const CATEGORIES: ReadonlySet<string> = new Set(['network', 'ot', 'ics', 'network_traffic', 'firewall']);

/**
 * The kinds of records that a rule looks at: names of protocols, or `connection`. Empty for rules that are about
 * something else, such as Windows' logs.
 */
export function recordKindsOf(source: LogSource, protocols: readonly string[]): readonly string[] {
  const { category, product, service } = source;
  if (product !== null && !PRODUCTS.has(product)) return [];
  if (category !== null && !CATEGORIES.has(category) && product !== 'fieldwatch') return [];
  if (service !== null) {
    const kind = SERVICES.get(service) ?? service;
    return kind === CONNECTION || protocols.includes(kind) ? [kind] : [];
  }
  if (category === 'firewall' || category === 'network_traffic') return [CONNECTION];
  return product === 'suricata' || product === 'zeek' ? [] : protocols;
}

/** Fields by the names that a rule may use, for records of one kind. */
export class RecordFields {
  readonly #aliases = new Map<string, Alias>();
  readonly #context = new Map<string, ContextField['read']>(CONTEXT_FIELDS.map((field) => [field.name, field.read]));
  readonly #names = new Set<string>();
  /** Objects, whose inner fields have no definition of their own. */
  readonly #objects: readonly string[];

  constructor(protocol: string, fields: readonly FieldDef[]) {
    const own = new Set(fields.map((field) => field.name));
    for (const field of [...COMMON_FIELDS, ...CONTEXT_FIELDS, ...fields]) this.#names.add(field.name);
    this.#objects = fields.filter((field) => field.type.startsWith('object')).map((field) => `${field.name}.`);
    for (const alias of ALIASES) {
      if (alias.protocol !== null && alias.protocol !== protocol) continue;
      if (own.has(alias.name) || alias.name === alias.field) continue;
      // What is said for the protocol goes before what is said for all.
      this.#aliases.set(alias.name, alias);
      this.#names.add(alias.name);
    }
  }

  alias(name: string): Alias | undefined {
    return this.#aliases.get(name);
  }

  context(name: string): ContextField['read'] | undefined {
    return this.#context.get(name);
  }

  isStanding(name: string): boolean {
    return STANDING_FIELDS.has(this.#aliases.get(name)?.field ?? name);
  }

  has(name: string): boolean {
    return this.#names.has(name) || this.#objects.some((object) => name.startsWith(object));
  }

  get names(): Iterable<string> {
    return this.#names;
  }
}

export function fieldsOfKind(kind: string, protocols: readonly RuleProtocol[]): RecordFields {
  const own = kind === CONNECTION ? CONNECTION_FIELDS : (protocols.find(({ name }) => name === kind)?.fields ?? []);
  return new RecordFields(kind, own);
}

/** Warnings for fields that none of the records have that a rule is for. Rules for other log sources are left alone. */
export function unknownFields(rules: readonly DetectionRule[], protocols: readonly RuleProtocol[]): RuleWarning[] {
  const names = protocols.map(({ name }) => name);
  const byKind = new Map<string, RecordFields>();
  const warnings: RuleWarning[] = [];
  for (const rule of rules) {
    const kinds = recordKindsOf(rule.logSource, names);
    if (kinds.length === 0) {
      if (rule.logSource.product === 'fieldwatch')
        warnings.push({
          file: rule.file,
          line: rule.line,
          column: 1,
          reason: `no record has the service "${rule.logSource.service}": use ${[...names, CONNECTION].join(', ')}`,
        });
      continue;
    }
    const tables = kinds.map((kind) => {
      const table = byKind.get(kind) ?? fieldsOfKind(kind, protocols);
      byKind.set(kind, table);
      return table;
    });
    for (const search of rule.detection.searches.values()) {
      for (const item of search.flat()) {
        const { field, line, column } = item;
        if (field === null || tables.some((table) => table.has(field))) continue;
        const near = nearest(field, new Set(tables.flatMap((table) => [...table.names])));
        const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
        warnings.push({ file: rule.file, line, column, reason: `no record has the field "${field}"${hint}` });
      }
    }
  }
  return warnings;
}
