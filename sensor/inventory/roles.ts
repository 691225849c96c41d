import type { OperationClass } from '../model/operation.js';
import type { Identity } from '../model/records.js';
import { ROLE_LEVEL, type Role } from '../model/role.js';

/** What role inference looks at. */
export interface RoleView {
  readonly identity: Identity;
  readonly description: string;
  /** Roles that the device claims, or others for it, with confidence and source. */
  readonly claimed: readonly { readonly role: string; readonly confidence: number; readonly source: string }[];
  readonly serves: ReadonlySet<string>;
  readonly uses: ReadonlySet<string>;
  /** Devices behind its address that answer. */
  readonly unitsBehind: number;
  /** What it does on others; only where that belongs to normal work. */
  readonly acts: ReadonlySet<OperationClass>;
  /** Other devices whose packets come under its MAC address. */
  readonly forwards: number;
}

export interface InferredRole {
  readonly role: string;
  /** 0 to 100. */
  readonly confidence: number;
  readonly source: string;
  /** One sentence for a person. */
  readonly reason: string;
}

/** Protocols whose servers do the plant's work, and what such a server is. */
const SERVERS: Readonly<Record<string, readonly [role: Role, confidence: number]>> = {
  modbus: ['plc', 70],
  s7comm: ['plc', 80],
  s7comm_plus: ['plc', 80],
  's7comm-plus': ['plc', 80],
  enip: ['plc', 55],
  cip: ['plc', 60],
  fins: ['plc', 75],
  melsec: ['plc', 75],
  'ge-srtp': ['plc', 75],
  codesys: ['plc', 65],
  'codesys-runtime': ['plc', 65],
  ads: ['plc', 70],
  pcworx: ['plc', 75],
  crimson: ['hmi', 60],
  'iso-tsap': ['plc', 45],
  opcua: ['server', 40],
  dnp3: ['rtu', 70],
  iec104: ['rtu', 70],
  mms: ['protection_relay', 60],
  'c37.118': ['protection_relay', 60],
  'hart-ip': ['io_device', 55],
  bacnet: ['plc', 50],
  fox: ['plc', 50],
  'profinet-cm': ['io_device', 60],
  'enip-io': ['io_device', 45],
};
const INDUSTRIAL = new Set(Object.keys(SERVERS));
/** Office services, and what offers them. */
const SERVICES: Readonly<Record<string, readonly [role: Role, confidence: number]>> = {
  ntp: ['time_server', 45],
  dns: ['server', 45],
  dhcp: ['server', 35],
  ldap: ['server', 55],
  kerberos: ['server', 55],
  mssql: ['server', 55],
  mysql: ['server', 55],
  oracle: ['server', 55],
  postgresql: ['server', 55],
  smb: ['server', 35],
  mqtt: ['server', 45],
  syslog: ['server', 40],
  rtsp: ['camera', 45],
};
/** What models and descriptions say; the first that matches counts. */
const TEXTS: readonly (readonly [pattern: RegExp, role: Role, confidence: number])[] = [
  [/\b(?:SIS|Triconex|HIMax|HIMatrix|GuardLogix|F-CPU|CPU \d{3,4}T?F\b)/i, 'safety_controller', 65],
  [/\bSCALANCE (?:S|M|SC)-?\d|firewall|FortiGate|mGuard|EAGLE\b/i, 'firewall', 75],
  [/\bSCALANCE W|access point|\bAP-?\d{3}/i, 'access_point', 70],
  [/\bSCALANCE X|\bswitch\b|\bWS-C\d|\bEDS-|\b6GK5|Summit\d|RSP\d\d|MACH\d|\bMAR - SW/i, 'switch', 75],
  [/\b(?:SIMATIC HMI|6AV\d|[TK]TP\s?\d{3,4}|PanelView|MAGELIS|Comfort Panel)\b/i, 'hmi', 75],
  [/\b(?:ET ?200|IM ?15\d|6ES7 15[1245]-|Point I\/?O|VersaMax|BK\d{4}|EK\d{4}|remote I\/?O)\b/i, 'io_device', 65],
  [
    /\b(?:S7-?(?:200|300|400|1200|1500)|CPU[ -]?\d{3,4}|6ES7 [2-5]|BMX ?P|BME ?P|TM[12]\d\d|140 CPU|LOGIX|1756-L|1769-L|176[1236]-|CP[12][LHE]-|CJ[12]|NX1P|NJ\d|FX[35]|[QLR]\d\d.{0,8}CPU|PFC\d00|750-8\d\d)/i,
    'plc',
    75,
  ],
  [/\b(?:IED|SEL-\d|REL\d{3}|SIPROTEC|F650|MiCOM|relay)\b/i, 'protection_relay', 60],
  [/\b(?:SINAMICS|PowerFlex|ACS\d{3}|Altivar|VLT|drive)\b/i, 'drive', 60],
  [/\b(?:printer|LaserJet|OfficeJet|Brother (?:HL|MFC|DCP))/i, 'printer', 70],
  [/\b(?:camera|AXIS [A-Z]\d{4}|IPC-)/i, 'camera', 65],
  [/\b(?:historian|PI Server|PHD)\b/i, 'historian', 65],
  [/\bWindows Server\b|VMware ESX/i, 'server', 55],
];
const WORKSTATION = /^Windows (?:XP|Vista|7|8|8\.1|10|11)\b(?!.*Server)/;
const MIN_CLAIM = 50;
/** Servers of one client above which it collects rather than operates. */
const MIN_FORWARDED = 4;

/** Everything that speaks for a role, the strongest first. */
export function inferRoles(view: RoleView): InferredRole[] {
  const found: InferredRole[] = [];
  const add = (role: string, confidence: number, source: string, reason: string): void => {
    found.push({ role, confidence, source, reason });
  };
  for (const { role, confidence, source } of view.claimed) {
    if (confidence >= MIN_CLAIM) add(role, confidence, source, `It says so of itself (${source}).`);
  }
  const { identity } = view;
  const said = [identity.model, identity.order_number, view.description].filter(Boolean).join(' | ');
  const text = TEXTS.find(([pattern]) => pattern.test(said));
  if (text) add(text[1], text[2], 'inferred.identity', `Its identity reads "${text[0].exec(said)?.[0]}".`);
  if (WORKSTATION.test(identity.os ?? '')) add('workstation', 40, 'inferred.identity', `It runs ${identity.os}.`);
  for (const protocol of view.serves) {
    const known = Object.hasOwn(SERVERS, protocol) ? SERVERS[protocol] : undefined;
    if (known) add(known[0], known[1], 'inferred.server', `It answers ${protocol} requests.`);
    const service = Object.hasOwn(SERVICES, protocol) ? SERVICES[protocol] : undefined;
    if (service) add(service[0], service[1], 'inferred.server', `It offers ${protocol}.`);
  }
  if (view.unitsBehind > 1) {
    add('gateway', 85, 'inferred.units', `${view.unitsBehind} devices answer behind its address.`);
  }
  if (view.forwards >= MIN_FORWARDED) {
    add(
      'router',
      80,
      'inferred.forwarding',
      `Packets of ${view.forwards} and more other addresses come under its MAC address.`,
    );
  }
  found.push(...clientRoles(view));
  return found.sort((one, other) => other.confidence - one.confidence);
}

function clientRoles({ acts, serves, uses }: RoleView): InferredRole[] {
  // Controllers talk to controllers; what they read does not make them operator stations.
  if ([...serves].some((protocol) => INDUSTRIAL.has(protocol) && protocol !== 'opcua')) return [];
  const does = [...acts].join(', ');
  const because = `As a client it does: ${does}.`;
  const role = (name: Role, confidence: number): InferredRole => ({
    role: name,
    confidence,
    source: 'inferred.client',
    reason: because,
  });
  if (acts.has('program') || acts.has('control')) return [role('engineering_station', 70)];
  if (acts.has('identify') || acts.has('diagnose')) {
    return acts.has('read') ? [role('engineering_station', 62), role('hmi', 60)] : [role('engineering_station', 62)];
  }
  if (acts.has('write')) return [role('hmi', 62)];
  if (!acts.has('read')) return [];
  const keepsData = ['mssql', 'mysql', 'oracle', 'postgresql'].some((name) => serves.has(name) || uses.has(name));
  return [role(keepsData ? 'historian' : 'scada_server', 58)];
}

/** Roles that stand for the network's own gear: what such a device also does is part of that. */
const NETWORK_GEAR: ReadonlySet<string> = new Set(['switch', 'router', 'firewall', 'access_point']);
const WEAK = 45;
/** Roles that say nothing where a stronger one is known. */
const GENERAL: ReadonlySet<string> = new Set(['server', 'workstation', 'time_server', 'iot_device']);

/** The roles that are shown, the most telling first, and the level that follows from the first. */
export function chooseRoles(inferred: readonly InferredRole[]): { roles: string[]; level: number | null } {
  const roles: string[] = [];
  const strongest = inferred[0];
  for (const { role, confidence } of inferred) {
    if (roles.includes(role)) continue;
    const isContradiction =
      strongest !== undefined && NETWORK_GEAR.has(strongest.role) !== NETWORK_GEAR.has(role) && role !== 'gateway';
    if (isContradiction || (GENERAL.has(role) && roles.length > 0)) continue;
    // A controller with remote I/O in its name is one of the two, not both.
    if (roles.length > 0 && confidence < WEAK) continue;
    if (isControllerKind(role) && roles.some(isControllerKind)) continue;
    roles.push(role);
  }
  // Behind a gateway stand controllers; the gateway is what has the address.
  if (roles.includes('gateway')) roles.sort((one, other) => Number(other === 'gateway') - Number(one === 'gateway'));
  const first = roles[0];
  return { roles, level: first !== undefined && isRole(first) ? ROLE_LEVEL[first] : null };
}

function isControllerKind(role: string): boolean {
  return (
    role === 'plc' ||
    role === 'rtu' ||
    role === 'io_device' ||
    role === 'protection_relay' ||
    role === 'safety_controller'
  );
}

function isRole(role: string): role is Role {
  return Object.hasOwn(ROLE_LEVEL, role);
}
