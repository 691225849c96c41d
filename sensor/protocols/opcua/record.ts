import { u32le, wireText } from '../../model/bytes.js';
import { BUILTIN } from './builtin-types.js';
import { certificateFacts } from './certificate.js';
import { Decoder, type Fields } from './decoder.js';
import { isDefaultPassword } from './default-passwords.js';
import { CHUNK, MESSAGE, MESSAGE_NAMES } from './framing.js';
import { ENTRY } from './node-id.js';
import { hasSecretArguments, ID } from './operations.js';
import type { OpcUaPdu } from './pdu.js';
import { MODES } from './security.js';
import { statusName } from './status-codes.js';
import { typeNamed } from './structures.js';

const decoder = new Decoder();

const NOTIFICATION = typeNamed('NotificationMessage');

/** OPC 10000-4 sections 7.42 and 7.36. */
const TOKEN_TYPES = ['anonymous', 'username', 'x509', 'issued'] as const;
const TOKEN_STRUCTURES: Readonly<Record<string, (typeof TOKEN_TYPES)[number]>> = {
  AnonymousIdentityToken: 'anonymous',
  UserNameIdentityToken: 'username',
  X509IdentityToken: 'x509',
  IssuedIdentityToken: 'issued',
};

/** The record's `opcua` object. */
export function recordFields(pdu: OpcUaPdu): Fields {
  const fields: Fields = {
    message_type: MESSAGE_NAMES[pdu.kind],
    chunk_type: String.fromCharCode(pdu.chunkType),
    chunks: pdu.chunks,
    size: pdu.size,
    function: pdu.operation.function,
  };
  switch (pdu.kind) {
    case MESSAGE.hello:
    case MESSAGE.acknowledge:
      helloFields(pdu, fields);
      break;
    case MESSAGE.error:
      errorFields(pdu, fields);
      break;
    case MESSAGE.reverseHello: {
      const texts = new Decoder();
      texts.reset(pdu.head, pdu.headAt, pdu.headEnd);
      put(fields, 'server_uri', texts.value(BUILTIN.String));
      put(fields, 'endpoint_url', texts.value(BUILTIN.String));
      break;
    }
    case MESSAGE.open:
      fields['secure_channel_id'] = pdu.secureChannelId;
      openFields(pdu, fields);
      secureFields(pdu, fields);
      break;
    default:
      fields['secure_channel_id'] = pdu.secureChannelId;
      fields['token_id'] = pdu.tokenId;
      secureFields(pdu, fields);
  }
  if (pdu.requestNumber > 0) fields['request_pcap_cnt'] = pdu.requestNumber;
  return fields;
}

function put(fields: Fields, name: string, value: unknown): void {
  if (value !== undefined && value !== null) fields[name] = value;
}

/** OPC 10000-6 sections 7.1.2.3 and 7.1.2.4. */
function helloFields(pdu: OpcUaPdu, fields: Fields): void {
  const names = [
    'protocol_version',
    'receive_buffer_size',
    'send_buffer_size',
    'max_message_size',
    'max_chunk_count',
  ] as const;
  names.forEach((name, index) => {
    const at = pdu.headAt + index * 4;
    if (at + 4 <= pdu.headEnd) fields[name] = u32le(pdu.head, at);
  });
  if (pdu.kind === MESSAGE.hello) put(fields, 'endpoint_url', stringAt(pdu, pdu.headAt + 20));
}

function errorFields(pdu: OpcUaPdu, fields: Fields): void {
  if (pdu.headEnd - pdu.headAt < 4) return;
  const error = u32le(pdu.head, pdu.headAt);
  fields['error'] = error;
  put(fields, 'error_name', statusName(error));
  put(fields, 'reason', stringAt(pdu, pdu.headAt + 4));
}

function stringAt(pdu: OpcUaPdu, at: number): string | undefined {
  if (at + 4 > pdu.headEnd) return undefined;
  const length = u32le(pdu.head, at) | 0;
  return length < 0 ? undefined : wireText(pdu.head, at + 4, Math.min(at + 4 + length, pdu.headEnd));
}

/** OPN: policy, certificate, thumbprint (OPC 10000-6 section 6.7.2.3). */
function openFields(pdu: OpcUaPdu, fields: Fields): void {
  const head = new Decoder();
  head.reset(pdu.head, pdu.headAt, pdu.headEnd);
  put(fields, 'security_policy_uri', head.value(BUILTIN.String));
  const from = head.at + 4;
  head.string();
  if (head.hasFailed) return;
  put(fields, 'sender_certificate', certificateFields(pdu.head.subarray(from, head.at)));
  put(fields, 'receiver_certificate_thumbprint', head.value(BUILTIN.ByteString));
}

function certificateFields(der: Uint8Array): Fields | undefined {
  const facts = certificateFacts(der);
  if (facts === null) return undefined;
  const { subject, issuer, application_uri, not_before, not_after, sha1_thumbprint } = facts;
  const fields: Fields = {};
  put(fields, 'subject', subject);
  put(fields, 'issuer', issuer);
  put(fields, 'application_uri', application_uri);
  put(fields, 'not_before', not_before);
  put(fields, 'not_after', not_after);
  fields['sha1_thumbprint'] = sha1_thumbprint;
  if (facts.host_names.length > 0) fields['host_names'] = facts.host_names;
  return fields;
}

function certificateOfHex(value: unknown): Fields | undefined {
  return typeof value === 'string' ? certificateFields(Buffer.from(value, 'hex')) : undefined;
}

function secureFields(pdu: OpcUaPdu, fields: Fields): void {
  if (pdu.isEncrypted) {
    fields['encrypted'] = true;
    return;
  }
  if (pdu.sequenceNumber >= 0) fields['sequence_number'] = pdu.sequenceNumber;
  if (pdu.requestId >= 0) fields['request_id'] = pdu.requestId;
  if (pdu.chunkType === CHUNK.abort) {
    errorFields(pdu, fields);
    return;
  }
  if (pdu.serviceId >= 0) fields['service_id'] = pdu.serviceId;
  const { service } = pdu;
  if (service === null) return;
  fields['service'] = service.name;
  if (pdu.requestHandle >= 0) fields['request_handle'] = pdu.requestHandle;
  if (!service.isRequest && pdu.serviceResult >= 0) {
    fields['service_result'] = pdu.serviceResult;
    put(fields, 'service_result_name', statusName(pdu.serviceResult));
  }
  decoder.reset(pdu.body, pdu.parametersAt, pdu.bodyEnd);
  const parameters: Fields = {};
  for (const field of service.structure.fields.slice(1)) {
    if (decoder.hasFailed) break;
    put(parameters, field.name, field.isArray ? decoder.list(field.type) : decoder.value(field.type));
  }
  shape(pdu, parameters, fields);
  if (service.isRequest) resolveAliases(pdu, fields);
}

/** Nodes under the short names that a session got for them (RegisterNodes) say what they are. */
function resolveAliases(pdu: OpcUaPdu, fields: Fields): void {
  for (const name of ['nodes', 'values', 'monitored_items']) {
    for (const item of (fields[name] as Fields[] | undefined) ?? []) {
      const node = typeof item['node_id'] === 'string' ? pdu.registeredFor(item['node_id']) : undefined;
      if (node !== undefined) item['registered_for'] = node;
    }
  }
}

/** From the specification's names to the record's: what several services share has one name, secrets go. */
function shape(pdu: OpcUaPdu, parameters: Fields, fields: Fields): void {
  for (const [name, value] of Object.entries(parameters)) {
    switch (name) {
      case 'client_nonce':
      case 'server_nonce':
      case 'authentication_token':
      case 'server_signature':
      case 'client_signature':
      case 'user_token_signature':
      case 'client_software_certificates':
      case 'server_software_certificates':
        // Secrets, and numbers that mean something only once.
        break;
      case 'security_mode':
        fields['security_mode'] = value;
        put(fields, 'security_mode_name', MODES[value as number]);
        break;
      case 'request_type':
        fields['request_type'] = value;
        put(fields, 'request_type_name', ['issue', 'renew'][value as number]);
        break;
      case 'requested_lifetime':
        fields['lifetime'] = value;
        break;
      case 'security_token':
        tokenFields(value as Fields, fields);
        break;
      case 'request_handle':
        // Of the request that a Cancel is about, not its own.
        fields['cancelled_request_handle'] = value;
        break;
      case 'client_description':
        fields['client'] = value;
        break;
      case 'client_certificate':
      case 'server_certificate':
        put(fields, name, certificateOfHex(value));
        break;
      case 'endpoints':
      case 'server_endpoints':
        fields['endpoints'] = (value as unknown[]).map(endpointFields);
        break;
      case 'user_identity_token':
        put(fields, 'user_token', userToken(value as Fields));
        break;
      case 'nodes_to_read':
      case 'nodes_to_browse':
      case 'nodes_to_add':
      case 'nodes_to_delete':
      case 'nodes_to_register':
      case 'nodes_to_unregister':
      case 'references_to_add':
      case 'references_to_delete':
        fields['nodes'] = nodeList(value as unknown[]);
        break;
      case 'registered_node_ids':
        fields['nodes'] = registeredNodes(pdu, value as unknown[]);
        break;
      case 'nodes_to_write':
        writeFields(value as Fields[], fields);
        break;
      case 'methods_to_call':
        fields['methods'] = (value as Fields[]).map(methodFields);
        break;
      case 'items_to_create':
      case 'items_to_modify':
        fields['monitored_items'] = (value as Fields[]).map(monitoredItem);
        break;
      case 'notification_message':
        notificationFields(pdu, fields);
        break;
      case 'results':
        resultFields(pdu, value as unknown[], fields);
        break;
      default:
        fields[name] = value;
    }
  }
}

function tokenFields(token: Fields, fields: Fields): void {
  put(fields, 'channel_id', token['channel_id']);
  put(fields, 'new_token_id', token['token_id']);
  put(fields, 'lifetime', token['revised_lifetime']);
}

function endpointFields(endpoint: unknown): Fields {
  const fields: Fields = {};
  if (typeof endpoint !== 'object' || endpoint === null) return fields;
  for (const [name, value] of Object.entries(endpoint)) {
    if (name === 'server_certificate') put(fields, name, certificateOfHex(value));
    else if (name === 'user_identity_tokens') {
      const policies = value as Fields[];
      fields['user_token_types'] = policies.map((policy) => {
        const type = policy['token_type'] as number;
        return TOKEN_TYPES[type] ?? String(type);
      });
      fields['user_token_policies'] = policies;
    } else fields[name] = value;
  }
  return fields;
}

/** Never the secret itself: only what kind it is, whose, and whether it could be read. */
function userToken(token: Fields): Fields {
  const structure = String(token['structure'] ?? '');
  const fields: Fields = { type: TOKEN_STRUCTURES[structure] ?? 'unknown' };
  put(fields, 'policy_id', token['policy_id']);
  put(fields, 'user_name', token['user_name']);
  const hasPassword = token['has_password'];
  // Of a damaged token neither the password nor what encrypts it is known.
  if (hasPassword !== undefined && token['is_malformed'] !== true) {
    const algorithm = token['encryption_algorithm'];
    const isReadable = algorithm === undefined || algorithm === '';
    fields['password_in_clear'] = hasPassword === true && isReadable;
    if (isReadable) {
      const password = decoder.buf.subarray(decoder.secretFrom, decoder.secretTo);
      fields['default_password'] = isDefaultPassword(String(token['user_name'] ?? ''), password);
    }
  }
  put(fields, 'encryption_algorithm', token['encryption_algorithm']);
  if (structure === 'X509IdentityToken') put(fields, 'certificate', certificateOfHex(token['certificate_data']));
  return fields;
}

/** NodeIds alone become objects, so that a list of nodes always has one shape. */
function nodeList(nodes: readonly unknown[]): unknown[] {
  return nodes.map((node) => (typeof node === 'string' ? { node_id: node } : node));
}

/** What each node was registered as; the same NodeId where the server has no shorter one. */
function registeredNodes(pdu: OpcUaPdu, nodes: readonly unknown[]): Fields[] {
  return nodes.map((node, index) => {
    const fields: Fields = { node_id: node };
    const asked = pdu.request?.nodes[index]?.text;
    if (asked !== undefined && asked !== node) fields['registered_for'] = asked;
    return fields;
  });
}

function writeFields(writes: readonly Fields[], fields: Fields): void {
  fields['nodes'] = writes.map(({ value: _, ...node }) => node);
  fields['values'] = writes.map(({ node_id, value }) => ({ node_id, ...(value as Fields) }));
}

function methodFields(method: Fields): Fields {
  const fields: Fields = {};
  put(fields, 'object_id', method['object_id']);
  put(fields, 'method_id', method['method_id']);
  const isSecret = hasSecretArguments(numericOf(method['method_id']));
  if (isSecret) fields['arguments_hidden'] = true;
  else put(fields, 'arguments', method['input_arguments']);
  return fields;
}

/** `i=24304`: 24304; -1 for another kind of NodeId. */
function numericOf(nodeId: unknown): number {
  return typeof nodeId === 'string' && nodeId.startsWith('i=') ? Number(nodeId.slice(2)) : -1;
}

function monitoredItem(item: Fields): Fields {
  const { item_to_monitor, requested_parameters, ...rest } = item;
  return { ...(item_to_monitor as Fields), ...rest, ...(requested_parameters as Fields) };
}

/** OPC 10000-4 section 7.25: data changes, events and changes of a subscription's state. */
function notificationFields(pdu: OpcUaPdu, fields: Fields): void {
  const notifications = new Decoder();
  notifications.reset(pdu.body, pdu.notificationsAt, pdu.bodyEnd);
  const message = notifications.structure(NOTIFICATION);
  put(fields, 'notification_sequence_number', message['sequence_number']);
  put(fields, 'publish_time', message['publish_time']);
  const nodeOf = (handle: unknown): Fields => {
    const item = pdu.monitoredItem(handle as number);
    return item === undefined ? {} : { node_id: item.node.text, attribute_id: item.attribute };
  };
  for (const notification of (message['notification_data'] as Fields[] | undefined) ?? []) {
    switch (notification?.['structure']) {
      case 'DataChangeNotification': {
        const changes = (notification['monitored_items'] as Fields[] | undefined) ?? [];
        const values = changes.map(({ client_handle, value }) => ({
          client_handle,
          ...nodeOf(client_handle),
          ...(value as Fields),
        }));
        fields['values'] = [...((fields['values'] as unknown[] | undefined) ?? []), ...values];
        break;
      }
      case 'EventNotificationList': {
        const events = (notification['events'] as Fields[] | undefined) ?? [];
        const told = events.map(({ client_handle, event_fields }) => ({
          client_handle,
          ...nodeOf(client_handle),
          fields: event_fields,
        }));
        fields['events'] = [...((fields['events'] as unknown[] | undefined) ?? []), ...told];
        break;
      }
      case 'StatusChangeNotification':
        put(fields, 'subscription_status', notification['status']);
        break;
      default:
        fields['notification_data'] = [...((fields['notification_data'] as unknown[] | undefined) ?? []), notification];
    }
  }
}

function resultFields(pdu: OpcUaPdu, results: readonly unknown[], fields: Fields): void {
  const { request } = pdu;
  const nodeOf = (index: number): Fields => {
    const node = request?.nodes[index];
    if (node === undefined) return {};
    const attribute = request?.attributes[index];
    return { node_id: node.text, ...(attribute ? { attribute_id: attribute } : {}) };
  };
  switch (pdu.serviceId) {
    case ID.readResponse:
      fields['values'] = results.map((value, index) => ({ ...nodeOf(index), ...(value as Fields) }));
      return;
    case ID.browseResponse:
    case ID.browseNextResponse:
      fields['browse'] = results.map((result, index) => ({ ...nodeOf(index), ...(result as Fields) }));
      break;
    default: {
      const details = results.filter((result) => typeof result === 'object' && result !== null) as Fields[];
      if (details.some((detail) => Object.keys(detail).some((name) => name !== 'status_code'))) {
        const name = pdu.service?.operation.name === 'create_monitored_items' ? 'monitored_items' : 'details';
        fields[name] = details.map((detail, index) => ({ ...targetOf(pdu, index), ...detail }));
      }
    }
  }
  const codes = results.map((result) =>
    typeof result === 'object' ? (result as Fields | null)?.['status_code'] : result,
  );
  if (codes.every((code) => typeof code === 'number')) fields['results'] = codes;
}

function targetOf(pdu: OpcUaPdu, index: number): Fields {
  const node = pdu.request?.nodes[index];
  if (node === undefined) return {};
  return node.kind === ENTRY.method ? { method: node.text } : { node_id: node.text };
}
