import { spawnSync } from 'node:child_process';
import { type PdmlField, type PdmlPacket, PdmlReader } from '../agreement/pdml.js';

/** One message as tshark or we report it; lists are in wire order, and empty where a side shows none. */
export interface Message {
  type: string;
  chunk: string;
  /** Of the last chunk. */
  size?: number;
  channel?: number;
  token?: number;
  sequence?: number;
  request?: number;
  policy?: string;
  limits?: string;
  url?: string;
  error?: number;
  reason?: string;
  service?: number;
  handle?: number;
  result?: number;
  encrypted?: boolean;
  chunks?: number;
  /** By name of the field: all its values. */
  readonly leaves: Map<string, (string | number)[]>;
  malformed?: boolean;
}

/** Fields that both sides show, by tshark's name: ours, and whether it is a number. */
const LEAVES: Readonly<Record<string, readonly [string, 'number' | 'text']>> = {
  AttributeId: ['attribute_id', 'number'],
  IndexRange: ['index_range', 'text'],
  SubscriptionId: ['subscription_id', 'number'],
  ClientHandle: ['client_handle', 'number'],
  MonitoredItemId: ['monitored_item_id', 'number'],
  EndpointUrl: ['endpoint_url', 'text'],
  SecurityPolicyUri: ['security_policy_uri', 'text'],
  MessageSecurityMode: ['security_mode', 'number'],
  SecurityLevel: ['security_level', 'number'],
  ApplicationUri: ['application_uri', 'text'],
  ProductUri: ['product_uri', 'text'],
  SessionName: ['session_name', 'text'],
  UserName: ['user_name', 'text'],
  PolicyId: ['policy_id', 'text'],
  RequestedSessionTimeout: ['requested_session_timeout', 'number'],
  SamplingInterval: ['sampling_interval', 'number'],
  QueueSize: ['queue_size', 'number'],
  BrowseDirection: ['browse_direction', 'number'],
  ResultMask: ['result_mask', 'number'],
  RequestedPublishingInterval: ['requested_publishing_interval', 'number'],
  RevisedPublishingInterval: ['revised_publishing_interval', 'number'],
  MaxAge: ['max_age', 'number'],
  ServerUri: ['server_uri', 'text'],
  ManufacturerName: ['manufacturer_name', 'text'],
  ProductName: ['product_name', 'text'],
  SoftwareVersion: ['software_version', 'text'],
  BuildNumber: ['build_number', 'text'],
};

/** Leaves of a Variant, with our name of the type. */
const VALUE_TYPES = new Set([
  'Boolean',
  'SByte',
  'Byte',
  'Int16',
  'UInt16',
  'Int32',
  'UInt32',
  'Int64',
  'UInt64',
  'Float',
  'Double',
  'String',
  'Guid',
  'ByteString',
]);

function number(show: string): number {
  return Number(show);
}

function add(message: Message, name: string, value: string | number): void {
  const list = message.leaves.get(name);
  if (list) list.push(value);
  else message.leaves.set(name, [value]);
}

/** What is null on the wire has no place in our records. */
function isNull(field: PdmlField): boolean {
  return field.value === 'ffffffff' && field.show === '';
}

function nodeIdText(fields: readonly PdmlField[]): string {
  const at = (name: string) => fields.find((field) => field.name === `opcua.nodeid.${name}`);
  const space = Number(at('nsindex')?.show ?? 0);
  const prefix = space === 0 ? '' : `ns=${space};`;
  const numeric = at('numeric');
  if (numeric) return `${prefix}i=${numeric.show}`;
  const text = at('string');
  if (text) return `${prefix}s=${Buffer.from(text.value, 'hex').toString('utf8')}`;
  const guid = at('guid');
  if (guid) return `${prefix}g=${guid.show}`;
  return `${prefix}b=${Buffer.from(at('bytestring')?.value ?? '', 'hex').toString('base64')}`;
}

function isVariant(field: PdmlField): boolean {
  return /: Variant$|\]: Variant$/.test(field.show);
}

function leafValue(name: string, field: PdmlField): string | number {
  if (name === 'Boolean') return field.show === '1' || field.show === 'True' ? 'true' : 'false';
  if (name === 'String') return isNull(field) ? 'null' : Buffer.from(field.value, 'hex').toString('utf8');
  if (name === 'ByteString') return isNull(field) ? 'null' : field.value;
  if (name === 'Guid') return field.show.toLowerCase();
  if (name === 'Float') return Buffer.from(field.value, 'hex').readFloatLE();
  if (name === 'Double') return Buffer.from(field.value, 'hex').readDoubleLE();
  if (name === 'Int64' || name === 'UInt64') return field.show;
  return Number(field.show);
}

function walk(message: Message, fields: readonly PdmlField[], inVariant: boolean): void {
  for (const field of fields) {
    const { name, show, children } = field;
    if (name === '' && /(Request|Response)Header$/.test(show)) {
      header(message, children);
      continue;
    }
    if (
      name === '' &&
      / : ExpandedNodeId$/.test(show) &&
      children.some((child) => child.name.includes('servicenodeid'))
    ) {
      const id = children.find((child) => child.name === 'opcua.servicenodeid.numeric');
      if (id && message.service === undefined) message.service = number(id.show);
      continue;
    }
    if (name === '' && /: (Expanded)?NodeId$/.test(show)) {
      if (!inVariant && !show.startsWith('TypeId:')) add(message, 'node_id', nodeIdText(flat(children)));
      continue;
    }
    const short = name.startsWith('opcua.') ? name.slice(6) : '';
    const known = LEAVES[short];
    if (known !== undefined && !inVariantValue(short, inVariant)) {
      if (!isNull(field) && field.value !== '') {
        add(
          message,
          known[0],
          known[1] === 'number' ? leafNumber(short, field) : Buffer.from(field.value, 'hex').toString('utf8'),
        );
      }
    } else if (inVariant && VALUE_TYPES.has(short)) add(message, `value ${short}`, leafValue(short, field));
    if (children.length > 0) walk(message, children, inVariant || isVariant(field));
  }
}

function inVariantValue(name: string, inVariant: boolean): boolean {
  return inVariant && VALUE_TYPES.has(name);
}

function leafNumber(_name: string, field: PdmlField): number {
  const bytes = Buffer.from(field.value, 'hex');
  return bytes.length === 8 ? bytes.readDoubleLE() : bytes.length === 4 ? bytes.readUInt32LE() : (bytes[0] ?? 0);
}

function flat(fields: readonly PdmlField[]): PdmlField[] {
  return fields.flatMap((field) => [field, ...flat(field.children)]);
}

function header(message: Message, fields: readonly PdmlField[]): void {
  const handle = fields.find((field) => field.name === 'opcua.RequestHandle');
  if (handle) message.handle = number(handle.show);
  const result = fields.find((field) => field.name === 'opcua.ServiceResult');
  if (result) message.result = Buffer.from(result.value, 'hex').readUInt32LE();
}

function messageOf(fields: readonly PdmlField[]): Message {
  const at = (name: string) => fields.find((field) => field.name === `opcua.${name}`);
  const message: Message = {
    type: at('transport.type')?.show ?? '',
    chunk: at('transport.chunk')?.show ?? '',
    leaves: new Map(),
  };
  const set = (key: 'size' | 'channel' | 'token' | 'sequence' | 'request' | 'error', name: string) => {
    const field = at(name);
    if (field) message[key] = number(field.show);
  };
  set('size', 'transport.size');
  set('channel', 'transport.scid');
  set('token', 'security.tokenid');
  set('sequence', 'security.seq');
  set('request', 'security.rqid');
  set('error', 'transport.error');
  const policy = at('security.spu');
  if (policy) message.policy = policy.show;
  if (at('transport.ver')) {
    message.limits = ['ver', 'rbs', 'sbs', 'mms', 'mcc'].map((name) => Number(at(`transport.${name}`)?.show)).join(' ');
  }
  const url = at('transport.endpoint');
  if (url) message.url = url.show;
  const reason = at('transport.reason');
  if (reason && !isNull(reason)) message.reason = reason.show;
  walk(
    message,
    fields.filter(({ name }) => !/^opcua\.(transport|security)\./.test(name)),
    false,
  );
  return message;
}

function messagesOf(packet: PdmlPacket): Message[] {
  const found: Message[] = [];
  for (const { name, fields } of packet.protos) {
    if (name === 'opcua') found.push(messageOf(fields));
    else if (name === '_ws.malformed' && found.length > 0) found.at(-1)!.malformed = true;
  }
  // Intermediate chunks are no messages.
  return found.filter(({ type, chunk }) => type !== '' && chunk !== 'C');
}

/**
 * Messages by frame. tshark is told to put segments in order before it decodes them, as we do; by itself it leaves out
 * what came too early. `isLossy`: not in captures that lack segments, where it would wait for what will not come.
 */
export function readWithTshark(file: string, ports: readonly number[] = [], isLossy = false): Map<number, Message[]> {
  const options = [
    ...(isLossy ? [] : ['-o', 'tcp.reassemble_out_of_order:TRUE']),
    ...ports.flatMap((port) => ['-d', `tcp.port==${port},opcua`]),
  ];
  const run = spawnSync(
    'tshark',
    ['-n', '-r', file, ...options, '-Y', 'opcua', '-T', 'pdml', '-J', 'opcua _ws.malformed'],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    },
  );
  const messages = new Map<number, Message[]>();
  const reader = new PdmlReader((packet) => {
    const found = messagesOf(packet);
    if (found.length > 0) messages.set(packet.number, found);
  });
  for (const line of run.stdout.split('\n')) reader.line(line);
  return messages;
}

interface OurRecord {
  readonly pcap_cnt: number;
  readonly opcua?: Record<string, unknown>;
}

/** Keys of ours that stand in for tshark's, at any depth. */
const OUR_LEAVES = new Map(Object.values(LEAVES).map(([name, kind]) => [name, kind] as const));
const NODE_KEYS = new Set(['node_id', 'object_id', 'method_id']);

function collect(message: Message, value: unknown): void {
  if (Array.isArray(value)) {
    for (const one of value) collect(message, one);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, one] of Object.entries(value)) {
    // tshark does not look into certificates.
    if (key.endsWith('_certificate')) continue;
    if (OUR_LEAVES.has(key) && one !== '') add(message, key, one as string | number);
    else if (NODE_KEYS.has(key)) add(message, 'node_id', one as string);
    if (typeof one === 'object') collect(message, one);
  }
}

function collectValues(message: Message, value: unknown): void {
  if (Array.isArray(value)) {
    for (const one of value) collectValues(message, one);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const { type } = value as { type?: unknown };
  // A value without content is of a type that has a null.
  if (typeof type === 'string' && ('value' in value || VALUE_TYPES.has(type))) {
    const { value: held = null, dimensions } = value as { value?: unknown; dimensions?: number[] };
    for (const one of VALUE_TYPES.has(type) ? [held].flat() : []) {
      const told = typeof one === 'boolean' ? String(one) : one === null ? 'null' : one;
      add(message, `value ${type}`, type === 'Float' || type === 'Double' ? Number(told) : (told as string | number));
    }
    if (!VALUE_TYPES.has(type)) collectValues(message, held);
    for (const dimension of dimensions ?? []) add(message, 'value Int32', dimension);
    return;
  }
  for (const one of Object.values(value)) collectValues(message, one);
}

/** Our records of a capture, in the same words. */
export function ourMessages(records: readonly OurRecord[]): Map<number, Message[]> {
  const messages = new Map<number, Message[]>();
  for (const { pcap_cnt, opcua } of records) {
    if (opcua === undefined) continue;
    const message: Message = {
      type: String(opcua['message_type']),
      chunk: String(opcua['chunk_type']),
      leaves: new Map(),
    };
    const set = (key: keyof Omit<Message, 'leaves'>, value: unknown) => {
      if (value !== undefined) (message as unknown as Record<string, unknown>)[key] = value;
    };
    if (opcua['chunks'] === 1) set('size', opcua['size']);
    set('channel', opcua['secure_channel_id']);
    set('token', opcua['token_id']);
    set('sequence', opcua['sequence_number']);
    set('request', opcua['request_id']);
    set('policy', opcua['message_type'] === 'OPN' ? opcua['security_policy_uri'] : undefined);
    if (opcua['receive_buffer_size'] !== undefined) {
      const names = [
        'protocol_version',
        'receive_buffer_size',
        'send_buffer_size',
        'max_message_size',
        'max_chunk_count',
      ];
      set('limits', names.map((name) => opcua[name]).join(' '));
    }
    const isConnection = opcua['message_type'] === 'HEL' || opcua['message_type'] === 'RHE';
    if (isConnection) set('url', opcua['endpoint_url']);
    set('error', opcua['error']);
    set('reason', opcua['reason']);
    set('service', opcua['service_id']);
    set('handle', opcua['request_handle']);
    set('result', opcua['service_result']);
    set('encrypted', opcua['encrypted']);
    set('chunks', opcua['chunks']);
    if (!isConnection && opcua['message_type'] !== 'OPN') {
      const { values, ...rest } = opcua;
      collect(message, rest);
      // Names of nodes stand beside values for the reader's sake; on the wire they are in the request.
      if (Array.isArray(values)) {
        for (const { node_id: _, attribute_id: __, ...value } of values as Record<string, unknown>[])
          collect(message, value);
      }
      collectValues(message, opcua);
    } else if (opcua['message_type'] === 'OPN' && opcua['security_mode'] !== undefined) {
      add(message, 'security_mode', opcua['security_mode'] as number);
    }
    const list = messages.get(pcap_cnt);
    if (list) list.push(message);
    else messages.set(pcap_cnt, [message]);
  }
  return messages;
}
