import type { IdentityField } from '../../model/records.js';
import type { PduSink } from '../dissector.js';
import { BUILTIN, DATA_VALUE } from './builtin-types.js';
import { type CertificateFacts, certificateFacts } from './certificate.js';
import { Decoder, type Fields, qualifiedNameText } from './decoder.js';
import { MESSAGE } from './framing.js';
import { expandedNodeIdText, type IdentityNode } from './node-id.js';
import { ID } from './operations.js';
import { type OpcUaPdu, VALUE_ATTRIBUTE } from './pdu.js';
import { type Field, typeNamed } from './structures.js';

/** Nodes of one connection that are known to hold a line of a nameplate. */
const MAX_NAMEPLATE_NODES = 256;
const MAX_TEXT = 256;
/** Namespace and length of the name. */
const QUALIFIED_NAME_HEAD = 6;
/** ApplicationType (OPC 10000-4 section 7.4). */
const DISCOVERY = 3;

/** Properties of a device in OPC 10000-100 (DI) section 4.5, by their BrowseName, whatever its namespace. */
const NAMEPLATE: ReadonlyMap<string, readonly [IdentityField, number]> = new Map([
  ['Manufacturer', ['vendor', 80]],
  ['Model', ['model', 80]],
  ['ProductCode', ['order_number', 80]],
  ['HardwareRevision', ['hardware_revision', 80]],
  ['SoftwareRevision', ['firmware', 75]],
  ['SerialNumber', ['serial', 80]],
  ['OrderNumber', ['order_number', 80]],
]);

const NAMEPLATE_LENGTHS: ReadonlySet<number> = new Set([...NAMEPLATE.keys()].map((name) => name.length));

const BUILD_INFO: ReadonlyMap<string, readonly [IdentityField, number]> = new Map([
  ['product_name', ['model', 85]],
  ['manufacturer_name', ['vendor', 90]],
  ['software_version', ['firmware', 85]],
]);

/** Makers whose namespaces are in their devices' NamespaceArray. */
const VENDOR_HINTS: readonly (readonly [RegExp, string])[] = [
  [/siemens/i, 'Siemens'],
  [/beckhoff/i, 'Beckhoff'],
  [/br-automation|\bb&r\b/i, 'B&R'],
  [/phoenixcontact/i, 'Phoenix Contact'],
  [/rockwell/i, 'Rockwell Automation'],
  [/schneider-electric/i, 'Schneider Electric'],
  [/boschrexroth/i, 'Bosch Rexroth'],
  [/\bwago\b/i, 'WAGO'],
  [/\bomron\b/i, 'Omron'],
  [/mitsubishielectric/i, 'Mitsubishi Electric'],
  [/\babb\b/i, 'ABB'],
  [/yokogawa/i, 'Yokogawa'],
  [/emerson/i, 'Emerson'],
  [/honeywell/i, 'Honeywell'],
  [/\bkuka\b/i, 'KUKA'],
  [/kepware|ptc\.com/i, 'PTC Kepware'],
];

const certificateHead = new Decoder();
const decoder = new Decoder();

type Tell = (field: IdentityField, value: unknown, source: string, confidence: number) => void;

/** What the messages of one connection say of their senders. */
export class IdentityReporter {
  /** Host of the address that the client was told to connect to; the server's, once it has accepted. */
  #endpointHost = '';
  /** NodeIds of nameplate lines, found by browsing or by looking up their names. */
  #nameplate: Map<string, readonly [IdentityField, number]> | null = null;
  /** Descriptions come with every endpoint list; once is enough. */
  readonly #told = new Set<string>();

  /** Messages of the connection itself. */
  connection(pdu: OpcUaPdu, sink: PduSink): void {
    const tell = this.#teller(sink);
    switch (pdu.kind) {
      case MESSAGE.hello:
        this.#endpointHost = hostOf(textBehind(pdu, 20));
        return;
      case MESSAGE.acknowledge:
        tell('hostname', this.#endpointHost, 'opcua.endpoint_url', 40);
        return;
      case MESSAGE.reverseHello:
        tell('application_uri', textBehind(pdu, 0), 'opcua.reverse_hello', 80);
        return;
      case MESSAGE.open: {
        certificateHead.reset(pdu.head, pdu.headAt, pdu.headEnd);
        certificateHead.string();
        const from = certificateHead.at + 4;
        certificateHead.string();
        if (certificateHead.hasFailed) return;
        const facts = certificateFacts(pdu.head.subarray(from, certificateHead.at));
        if (facts !== null) tellCertificate(facts, tell);
        return;
      }
    }
  }

  /** Messages of services that could be read to their end. */
  service(pdu: OpcUaPdu, sink: PduSink): void {
    switch (pdu.serviceId) {
      case ID.getEndpointsResponse:
        tellServer(endpointServer(pdu, 'endpoints'), this.#teller(sink), 'opcua.get_endpoints');
        return;
      case ID.createSessionResponse:
        tellServer(endpointServer(pdu, 'server_endpoints'), this.#teller(sink), 'opcua.create_session');
        return;
      case ID.findServersResponse: {
        const servers = parameter(pdu, 'servers') as Fields[] | undefined;
        // Of several, the one that speaks is the discovery server.
        const own =
          servers?.length === 1 ? servers : servers?.filter((server) => server['application_type'] === DISCOVERY);
        if (own?.length === 1) tellServer(own[0], this.#teller(sink), 'opcua.find_servers');
        return;
      }
      case ID.registerServerRequest:
      case ID.registerServer2Request: {
        const server = parameter(pdu, 'server') as Fields | undefined;
        const names = server?.['server_names'] as unknown[] | undefined;
        const tell = this.#teller(sink);
        tell('application_uri', server?.['server_uri'], 'opcua.register_server', 90);
        tell('name', names?.[0], 'opcua.register_server', 75);
        return;
      }
      case ID.createSessionRequest: {
        const client = parameter(pdu, 'client_description') as Fields | undefined;
        const tell = this.#teller(sink);
        tell('application_uri', client?.['application_uri'], 'opcua.create_session', 90);
        tell('software', client?.['application_name'], 'opcua.create_session', 80);
        return;
      }
      case ID.browseResponse:
      case ID.browseNextResponse:
        this.#learnBrowsed(pdu);
        return;
      case ID.translateResponse:
        this.#learnTranslated(pdu);
        return;
      case ID.readResponse:
        this.#values(pdu, sink);
        return;
    }
  }

  #teller(sink: PduSink): Tell {
    return (field, value, source, confidence) => {
      if (typeof value !== 'string') return;
      const text = value.replaceAll('\0', ' ').trim().slice(0, MAX_TEXT);
      if (text === '') return;
      const key = `${field} ${source} ${text}`;
      if (this.#told.has(key)) return;
      if (this.#told.size < MAX_NAMEPLATE_NODES) this.#told.add(key);
      sink.identity({ unit: -1, field, value: text, source, confidence });
    };
  }

  #values(pdu: OpcUaPdu, sink: PduSink): void {
    const { request } = pdu;
    if (request === null) return;
    const count = Math.min(pdu.results, request.nodes.length);
    for (let index = 0; index < count; index++) {
      const node = request.nodes[index]!;
      const line = this.#nameplate === null ? undefined : this.#nameplate.get(node.text);
      if ((node.identity === null && line === undefined) || request.attributes[index] !== VALUE_ATTRIBUTE) continue;
      decoder.reset(pdu.body, pdu.resultAt(index), pdu.bodyEnd);
      const hasValue = decoder.u8() & DATA_VALUE.value;
      const value = hasValue ? decoder.variantFields()?.['value'] : undefined;
      const tell = this.#teller(sink);
      if (line !== undefined) tell(line[0], value, 'opcua.nameplate', line[1]);
      if (node.identity !== null) tellIdentityNode(node.identity, value, tell);
    }
  }

  #learn(node: unknown, browseName: unknown): void {
    if (typeof node !== 'string' || typeof browseName !== 'string') return;
    const line = NAMEPLATE.get(browseName.slice(browseName.indexOf(':') + 1));
    if (line === undefined) return;
    this.#nameplate ??= new Map();
    if (this.#nameplate.size < MAX_NAMEPLATE_NODES) this.#nameplate.set(node, line);
  }

  /** Servers are browsed node by node: of each reference only what may be a nameplate's line becomes text. */
  #learnBrowsed(pdu: OpcUaPdu): void {
    const { body } = pdu;
    for (let index = 0; index < pdu.results; index++) {
      // BrowseResult: status, continuation point, ReferenceDescriptions (OPC 10000-4 sections 7.6 and 7.30).
      decoder.reset(body, pdu.resultAt(index), pdu.bodyEnd);
      decoder.advance(4);
      decoder.string();
      const count = decoder.count(1);
      for (let reference = 0; reference < count && !decoder.hasFailed; reference++) {
        decoder.nodeId();
        decoder.advance(1);
        const nodeAt = decoder.at;
        decoder.skip(BUILTIN.ExpandedNodeId);
        const nameAt = decoder.at;
        decoder.skip(BUILTIN.QualifiedName);
        const end = decoder.at;
        decoder.skip(BUILTIN.LocalizedText);
        decoder.advance(4);
        decoder.skip(BUILTIN.ExpandedNodeId);
        if (decoder.hasFailed || !NAMEPLATE_LENGTHS.has(end - nameAt - QUALIFIED_NAME_HEAD)) continue;
        this.#learn(expandedNodeIdText(body, nodeAt, nameAt), qualifiedNameText(body, nameAt, end));
      }
    }
  }

  #learnTranslated(pdu: OpcUaPdu): void {
    const names = pdu.request?.names;
    if (!names) return;
    for (let index = 0; index < Math.min(pdu.results, names.length); index++) {
      decoder.reset(pdu.body, pdu.resultAt(index), pdu.bodyEnd);
      const { targets } = decoder.structure(BROWSE_PATH_RESULT) as { targets?: Fields[] };
      for (const target of targets ?? []) this.#learn(target['target_id'], names[index]);
    }
  }
}

const APPLICATION = typeNamed('ApplicationDescription');
const BROWSE_PATH_RESULT = typeNamed('BrowsePathResult');

/** One of the service's own fields. */
function parameter(pdu: OpcUaPdu, name: string): unknown {
  const field = goTo(pdu, name);
  if (field === undefined) return undefined;
  return field.isArray ? decoder.list(field.type) : decoder.value(field.type);
}

/** Puts the decoder at one of the service's own fields; undefined where there is none. */
function goTo(pdu: OpcUaPdu, name: string): Field | undefined {
  decoder.reset(pdu.body, pdu.parametersAt, pdu.bodyEnd);
  const fields = pdu.service?.structure.fields ?? [];
  for (let index = 1; index < fields.length && !decoder.hasFailed; index++) {
    const field = fields[index]!;
    if (field.name === name) return field;
    if (field.isArray) decoder.skipArray(field.type);
    else decoder.skip(field.type);
  }
  return undefined;
}

/** The server of the first endpoint: each repeats it. Before it stands the endpoint's URL (OPC 10000-4 section 7.14). */
function endpointServer(pdu: OpcUaPdu, name: string): Fields | undefined {
  if (goTo(pdu, name) === undefined || decoder.count(1) === 0) return undefined;
  decoder.string();
  return decoder.hasFailed ? undefined : decoder.structure(APPLICATION);
}

function tellServer(server: Fields | undefined, tell: Tell, source: string): void {
  if (server === undefined) return;
  tell('application_uri', server['application_uri'], source, 90);
  tell('name', server['application_name'], source, 75);
  tell('model', server['product_uri'], source, 40);
  const urls = server['discovery_urls'] as unknown[] | undefined;
  tell('hostname', hostOf(String(urls?.[0] ?? '')), source, 60);
}

function tellCertificate(facts: CertificateFacts, tell: Tell): void {
  const source = 'opcua.certificate';
  tell('application_uri', facts.application_uri, source, 95);
  tell('name', facts.common_name, source, 60);
  tell('vendor', facts.organization, source, 40);
  tell('hostname', facts.host_names.find(isHostName), source, 85);
}

function tellIdentityNode(node: IdentityNode, value: unknown, tell: Tell): void {
  const source = 'opcua.build_info';
  const known = BUILD_INFO.get(node);
  if (known !== undefined) {
    tell(known[0], value, source, known[1]);
    return;
  }
  if (node === 'build_number') tell('software', typeof value === 'string' ? `build ${value}` : undefined, source, 60);
  else if (node === 'build_info') tellBuildInfo(value, tell);
  else if (node === 'server_status') tellBuildInfo((value as Fields | undefined)?.['build_info'], tell);
  else if (node === 'server_array') tell('application_uri', firstText(value), 'opcua.server_array', 85);
  else if (node === 'namespace_array') {
    // Namespace 1 is the server's own (OPC 10000-5 section 6.3.1): its application URI.
    const uris = Array.isArray(value) ? value : [];
    tell('application_uri', uris[1], 'opcua.namespace_array', 60);
    for (const [pattern, vendor] of VENDOR_HINTS) {
      if (uris.some((uri) => typeof uri === 'string' && pattern.test(uri))) {
        tell('vendor', vendor, 'opcua.namespace_array', 35);
        return;
      }
    }
  }
}

function tellBuildInfo(value: unknown, tell: Tell): void {
  if (typeof value !== 'object' || value === null) return;
  const info = value as Fields;
  for (const [name, [field, confidence]] of BUILD_INFO) tell(field, info[name], 'opcua.build_info', confidence);
}

function firstText(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

/** The string that stands `offset` bytes into the content of a message of the connection. */
function textBehind(pdu: OpcUaPdu, offset: number): string {
  certificateHead.reset(pdu.head, pdu.headAt + offset, pdu.headEnd);
  return String(certificateHead.value(BUILTIN.String) ?? '');
}

/** Host of `opc.tcp://host:4840/path`; empty when it is an address or no URL. */
function hostOf(url: string): string {
  const match = /^[a-z.]{3,20}:\/\/([A-Za-z0-9_.-]{1,253})(?::\d{1,5})?(?:\/|$)/.exec(url);
  const host = match?.[1] ?? '';
  return isHostName(host) ? host : '';
}

function isHostName(host: string): boolean {
  return host !== '' && host.toLowerCase() !== 'localhost' && !/^[\d.]+$/.test(host);
}
