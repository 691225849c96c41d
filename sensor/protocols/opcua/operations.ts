import type { Operation, OperationClass } from '../../model/operation.js';
import { ENTRY, type EntryKind } from './node-id.js';
import { STRUCTURES, type Structure, typeNamed } from './structures.js';

const operations: Operation[] = [];

function operation(name: string, operationClass: OperationClass, title: string, functionName = name): Operation {
  const made = { index: operations.length, name, function: functionName, class: operationClass, title };
  operations.push(made);
  return made;
}

/** Messages of the connection itself (OPC 10000-6 section 7.1.2), and those whose service cannot be seen. */
export const CONNECTION = {
  hello: operation('hello', 'session', 'Open connection'),
  reverseHello: operation('reverse_hello', 'session', 'Ask a client to connect'),
  error: operation('error', 'session', 'Connection error'),
  encrypted: operation('encrypted', 'session', 'Encrypted message'),
  aborted: operation('aborted', 'session', 'Message broken off'),
  unread: operation('unread', 'session', 'Message that could not be read'),
  /** Undefined: it can do anything, so it is judged like what changes the device's program. */
  unknown: operation('unknown_service', 'program', 'Unknown service'),
} as const;

const SERVICE_FAULT = operation('service_fault', 'session', 'Service fault');

interface ServiceRow {
  /** Name in OPC 10000-4 without Request and Response. */
  readonly service: string;
  readonly operation: Operation;
  /** The request's array of things acted on. */
  readonly targets: string | null;
  /** Where in each of them the NodeId stands: at its beginning, or in the body of an ExtensionObject. */
  readonly targetKind: EntryKind;
  readonly isExtension: boolean;
}

function row(
  service: string,
  name: string,
  operationClass: OperationClass,
  title: string,
  targets: string | null = null,
  targetKind: EntryKind = ENTRY.nodeId,
): ServiceRow {
  const isExtension = targets === 'history_update_details';
  return { service, operation: operation(name, operationClass, title), targets, targetKind, isExtension };
}

/** Every service of OPC 10000-4, section 5. */
const SERVICE_ROWS: readonly ServiceRow[] = [
  row('FindServers', 'find_servers', 'identify', 'Find servers'),
  row('FindServersOnNetwork', 'find_servers_on_network', 'identify', 'Find servers on the network'),
  row('GetEndpoints', 'get_endpoints', 'identify', 'Get endpoints'),
  row('RegisterServer', 'register_server', 'session', 'Register server'),
  row('RegisterServer2', 'register_server2', 'session', 'Register server with its abilities'),
  row('OpenSecureChannel', 'open_secure_channel', 'session', 'Open secure channel'),
  row('CloseSecureChannel', 'close_secure_channel', 'session', 'Close secure channel'),
  row('CreateSession', 'create_session', 'session', 'Create session'),
  row('ActivateSession', 'activate_session', 'session', 'Log in'),
  row('CloseSession', 'close_session', 'session', 'Close session'),
  row('Cancel', 'cancel', 'session', 'Cancel request'),
  row('AddNodes', 'add_nodes', 'program', 'Add nodes', 'nodes_to_add', ENTRY.expandedNodeId),
  row('AddReferences', 'add_references', 'program', 'Add references', 'references_to_add'),
  row('DeleteNodes', 'delete_nodes', 'program', 'Delete nodes', 'nodes_to_delete'),
  row('DeleteReferences', 'delete_references', 'program', 'Delete references', 'references_to_delete'),
  row('Browse', 'browse', 'read', 'Browse', 'nodes_to_browse'),
  row('BrowseNext', 'browse_next', 'read', 'Browse further'),
  row('TranslateBrowsePathsToNodeIds', 'translate_browse_paths', 'read', 'Look up names', 'browse_paths'),
  row('RegisterNodes', 'register_nodes', 'read', 'Register nodes', 'nodes_to_register'),
  row('UnregisterNodes', 'unregister_nodes', 'read', 'Unregister nodes', 'nodes_to_unregister'),
  row('QueryFirst', 'query_first', 'read', 'Query', 'node_types', ENTRY.expandedNodeId),
  row('QueryNext', 'query_next', 'read', 'Query further'),
  row('Read', 'read', 'read', 'Read', 'nodes_to_read'),
  row('HistoryRead', 'history_read', 'read', 'Read history', 'nodes_to_read'),
  row('Write', 'write', 'write', 'Write', 'nodes_to_write'),
  row('HistoryUpdate', 'history_update', 'write', 'Change history', 'history_update_details'),
  row('Call', 'call', 'control', 'Call method', 'methods_to_call', ENTRY.method),
  row('CreateMonitoredItems', 'create_monitored_items', 'read', 'Monitor values', 'items_to_create'),
  row('ModifyMonitoredItems', 'modify_monitored_items', 'read', 'Change monitoring'),
  row('SetMonitoringMode', 'set_monitoring_mode', 'read', 'Set monitoring mode'),
  row('SetTriggering', 'set_triggering', 'read', 'Set triggering'),
  row('DeleteMonitoredItems', 'delete_monitored_items', 'read', 'End monitoring'),
  row('CreateSubscription', 'create_subscription', 'session', 'Subscribe'),
  row('ModifySubscription', 'modify_subscription', 'session', 'Change subscription'),
  row('SetPublishingMode', 'set_publishing_mode', 'session', 'Set publishing mode'),
  row('Publish', 'publish', 'read', 'Publish'),
  row('Republish', 'republish', 'read', 'Publish again'),
  row('TransferSubscriptions', 'transfer_subscriptions', 'session', 'Take over subscriptions'),
  row('DeleteSubscriptions', 'delete_subscriptions', 'session', 'Unsubscribe'),
];

/** Something other than values is written: access rights, data types, history flags. */
export const WRITE_ATTRIBUTES = operation('write.attributes', 'program', 'Write attributes of a node', 'write');

const CALLS = {
  stateChange: operation('call.change_server_state', 'control', 'Call method: change server state', 'call'),
  certificates: operation('call.manage_certificates', 'program', 'Call method: manage certificates', 'call'),
  users: operation('call.manage_users', 'program', 'Call method: manage users and roles', 'call'),
  files: operation('call.transfer_file', 'program', 'Call method: transfer a file', 'call'),
  program: operation('call.control_program', 'control', 'Call method: start or stop a program', 'call'),
  alarms: operation('call.handle_alarms', 'control', 'Call method: acknowledge or disable alarms', 'call'),
  state: operation('call.refresh', 'read', 'Call method: ask for alarms or values again', 'call'),
} as const;

function operationsOf(made: Operation, ...methodIds: readonly number[]): (readonly [number, Operation])[] {
  return methodIds.map((id) => [id, made] as const);
}

/** Methods of the standard address space (OPC 10000-5, -9, -10, -12, -18, -20), by the MethodId's numeric identifier. */
const METHODS = new Map<number, Operation>([
  ...operationsOf(CALLS.stateChange, 12883, 12886),
  ...operationsOf(
    CALLS.certificates,
    12543,
    12546,
    12548,
    12550,
    12616,
    12647,
    12650,
    12655,
    12663,
    12666,
    12668,
    12670,
  ),
  ...operationsOf(CALLS.certificates, 12731, 12734, 12737, 12740, 13737, 19337, 19340, 19342, 19345, 25698, 25708),
  ...operationsOf(CALLS.certificates, 16101, 16317, 16320, 17522, 17528, 18006, 18008, 25699, 25709),
  ...operationsOf(CALLS.users, 15624, 15626, 15997, 16000, 16176, 16178, 16180, 16182, 16301, 16304),
  ...operationsOf(CALLS.users, 24269, 24271, 24273, 24275, 24304, 24306, 24308, 24310),
  ...operationsOf(CALLS.files, 11580, 11583, 11585, 11588, 13387, 13390, 13393, 13395, 15746, 15749, 15751),
  ...operationsOf(CALLS.program, 2426, 2427, 2428, 2429, 2430),
  ...operationsOf(CALLS.alarms, 9027, 9028, 9029, 9069, 9111, 9113, 16402, 16403, 17868, 17869, 17870, 18199),
  ...operationsOf(CALLS.alarms, 24312, 24316, 24318, 24320, 24322, 24324),
  ...operationsOf(CALLS.state, 3875, 11489, 11492, 12871, 12873, 12912),
]);
/** Methods whose arguments hold a password (OPC 10000-18 section 5.2): AddUser, ModifyUser, ChangePassword. */
const SECRET_METHODS: ReadonlySet<number> = new Set([24269, 24271, 24275, 24304, 24306, 24310]);

/** What calling the method with this numeric identifier in namespace 0 means; null for any other method. */
export function methodOperation(methodId: number): Operation | null {
  return METHODS.get(methodId) ?? null;
}

export function hasSecretArguments(methodId: number): boolean {
  return SECRET_METHODS.has(methodId);
}

/** One kind of message: a request or a response of a service. */
export interface Service {
  /** Numeric NodeId of the DefaultBinary encoding. */
  readonly id: number;
  /** `ReadRequest`. */
  readonly name: string;
  readonly isRequest: boolean;
  readonly structure: Structure;
  readonly operation: Operation;
  /** Place of the array of things acted on among the structure's fields; -1 without one. */
  readonly targets: number;
  readonly targetKind: EntryKind;
  readonly isExtension: boolean;
  /** Place of the array of results, -1 without one. */
  readonly results: number;
}

function make(structure: Structure, found: ServiceRow | null, isRequest: boolean): Service {
  const { fields } = structure;
  return {
    id: structure.encodingId,
    name: structure.name,
    isRequest,
    structure,
    operation: found?.operation ?? SERVICE_FAULT,
    targets: isRequest && found?.targets ? fields.findIndex(({ name }) => name === found.targets) : -1,
    targetKind: found?.targetKind ?? ENTRY.nodeId,
    isExtension: found?.isExtension ?? false,
    results: isRequest ? -1 : fields.findIndex(({ name, isArray }) => name === 'results' && isArray),
  };
}

function structureNamed(name: string): Structure {
  return STRUCTURES[typeNamed(name) - typeNamed(STRUCTURES[0]!.name)]!;
}

const SERVICES = new Map<number, Service>();
for (const found of SERVICE_ROWS) {
  for (const isRequest of [true, false]) {
    const structure = structureNamed(`${found.service}${isRequest ? 'Request' : 'Response'}`);
    SERVICES.set(structure.encodingId, make(structure, found, isRequest));
  }
}
const fault = structureNamed('ServiceFault');
SERVICES.set(fault.encodingId, make(fault, null, false));

export const SERVICE_FAULT_ID = fault.encodingId;

export const OPCUA_OPERATIONS: readonly Operation[] = operations;

/** The service whose message has this encoding identifier. */
export function serviceOf(id: number): Service | undefined {
  return SERVICES.get(id);
}

/** For tests and documents. */
export function allServices(): readonly Service[] {
  return [...SERVICES.values()];
}

export const ID = {
  openSecureChannelRequest: 446,
  openSecureChannelResponse: 449,
  findServersResponse: 425,
  getEndpointsResponse: 431,
  registerServerRequest: 437,
  registerServer2Request: 12211,
  createSessionRequest: 461,
  createSessionResponse: 464,
  activateSessionRequest: 467,
  browseResponse: 530,
  browseNextResponse: 536,
  closeSessionResponse: 476,
  closeSessionRequest: 473,
  translateRequest: 554,
  translateResponse: 557,
  registerNodesRequest: 560,
  registerNodesResponse: 563,
  unregisterNodesRequest: 566,
  unregisterNodesResponse: 569,
  readRequest: 631,
  readResponse: 634,
  writeRequest: 673,
  callRequest: 712,
  createMonitoredItemsRequest: 751,
  createMonitoredItemsResponse: 754,
  modifyMonitoredItemsRequest: 763,
  modifyMonitoredItemsResponse: 766,
  deleteMonitoredItemsRequest: 781,
  deleteMonitoredItemsResponse: 784,
  deleteSubscriptionsRequest: 847,
  deleteSubscriptionsResponse: 850,
  createSubscriptionResponse: 790,
  publishResponse: 829,
  republishResponse: 835,
  transferSubscriptionsRequest: 841,
  transferSubscriptionsResponse: 844,
} as const;
