import type {
  Alert,
  AlertPacket,
  Asset,
  Conversation,
  ConversationOperation,
  DissectionRecord,
  ProcessVariable,
  SensorHealth,
} from '../../sensor/model/records.js';
import { formatTimestamp } from '../../sensor/model/time.js';
import type { FindingsBatch } from '../../sensor/store/store.js';

/** 2026-03-02T06:00:00Z, the start of an early shift. */
const START = Date.UTC(2026, 2, 2, 6) * 1000;

/** Packet time: seconds after the start of the sample. */
export function at(seconds: number): string {
  return formatTimestamp(START + Math.round(seconds * 1_000_000));
}

/** Text that a packet could carry to attack whoever reads it. All of it must be shown as what it is. */
export const HOSTILE = {
  markup: '<img src=x onerror=alert(1)>',
  script: '"><script>document.title="owned"</script>',
  link: 'javascript:alert(document.cookie)',
  formula: "=cmd|'/c calc'!A1",
  terminal: 'PLC\u001b[2J\u001b]0;owned\u0007',
  bidi: 'motor\u202egnp.exe',
  newline: 'line one\r\nline two\u0000end',
  template: '{{constructor.constructor("alert(1)")()}}',
  prototype: '__proto__',
  long: 'A'.repeat(256),
} as const;

function evidence(
  field: Asset['evidence'][number]['field'],
  value: string,
  source: string,
  confidence: number,
  from = 0,
) {
  return { field, value, source, confidence, pcap_cnt: 12, first_seen: at(from), last_seen: at(590) };
}

const PLANT: Asset = {
  id: 'asset-plc1',
  name: 'PLC-Filling-1',
  ips: ['192.168.10.11'],
  macs: ['00:80:f4:0a:11:01'],
  vendor: 'Schneider Electric',
  model: 'TM221CE40R',
  firmware: '1.13.0',
  serial: '8A1703114',
  roles: ['plc'],
  purdue_level: 1,
  zone: 'Filling line',
  protocols: [{ name: 'modbus', as: 'server', ports: [502] }],
  units: [
    {
      unit: 'unit 3',
      vendor: 'Danfoss',
      model: 'FC-302',
      firmware: '8.13',
      first_seen: at(3),
      last_seen: at(588),
      evidence: [evidence('vendor', 'Danfoss', 'modbus.device_identification', 95, 3)],
    },
  ],
  first_seen: at(0),
  last_seen: at(599),
  criticality: 'high',
  approved: true,
  in_baseline: true,
  packets: 24_310,
  evidence: [
    evidence('vendor', 'Schneider Electric', 'modbus.device_identification', 95),
    evidence('vendor', 'Telemecanique', 'mac.oui', 60),
    evidence('model', 'TM221CE40R', 'modbus.device_identification', 95),
    evidence('firmware', '1.13.0', 'modbus.device_identification', 90),
    evidence('serial', '8A1703114', 'modbus.device_identification', 90),
    evidence('role', 'plc', 'behaviour.modbus_server', 80),
  ],
};

function asset(id: string, change: Partial<Asset>): Asset {
  return {
    id,
    name: id,
    ips: [],
    macs: [],
    roles: [],
    purdue_level: null,
    zone: null,
    protocols: [],
    units: [],
    first_seen: at(0),
    last_seen: at(595),
    criticality: 'medium',
    approved: false,
    in_baseline: true,
    packets: 1000,
    evidence: [],
    ...change,
  };
}

function sampleAssets(): Asset[] {
  return [
    PLANT,
    asset('asset-plc2', {
      name: 'PLC-Mixing-2',
      ips: ['192.168.10.12'],
      macs: ['28:63:36:aa:00:12'],
      vendor: 'Siemens AG',
      model: 'CPU 1214C DC/DC/DC',
      order_number: '6ES7 214-1AG40-0XB0',
      firmware: 'V4.4.0',
      roles: ['plc'],
      purdue_level: 1,
      zone: 'Mixing',
      criticality: 'high',
      approved: true,
      protocols: [
        { name: 'modbus', as: 'server', ports: [502] },
        { name: 's7comm', as: 'server', ports: [102] },
      ],
      evidence: [
        evidence('vendor', 'Siemens AG', 'mac.oui', 60),
        evidence('model', 'CPU 1214C DC/DC/DC', 's7comm.szl_0x001c', 95),
      ],
      packets: 9120,
    }),
    asset('asset-hmi', {
      name: 'HMI-Line-A',
      ips: ['192.168.10.50', 'fe80::250:c2ff:fe12:3456'],
      macs: ['00:50:c2:12:34:56'],
      vendor: 'Advantech',
      hostname: 'hmi-line-a',
      os: 'Windows 10 IoT',
      roles: ['hmi'],
      purdue_level: 2,
      zone: 'Filling line',
      approved: true,
      protocols: [{ name: 'modbus', as: 'client', ports: [] }],
      evidence: [evidence('role', 'hmi', 'behaviour.cyclic_reader', 70)],
      packets: 28_800,
    }),
    asset('asset-ews', {
      name: 'Engineering-WS',
      ips: ['192.168.10.60'],
      macs: ['3c:52:82:77:10:60'],
      vendor: 'Hewlett Packard',
      hostname: 'ews-01',
      roles: ['engineering_station', 'workstation'],
      purdue_level: 3,
      first_seen: at(120),
      protocols: [
        { name: 'modbus', as: 'client', ports: [] },
        { name: 's7comm', as: 'client', ports: [] },
      ],
      packets: 812,
    }),
    asset('asset-gateway', {
      name: 'Gateway 192.168.10.20',
      ips: ['192.168.10.20'],
      macs: ['00:90:e8:20:20:20'],
      vendor: 'Moxa Technologies',
      model: 'MGate MB3180',
      roles: ['gateway'],
      purdue_level: 1,
      protocols: [{ name: 'modbus', as: 'server', ports: [502] }],
      units: ['unit 1', 'unit 2', 'unit 7'].map((unit) => ({
        unit,
        first_seen: at(4),
        last_seen: at(590),
        evidence: [],
      })),
      packets: 5010,
    }),
    asset('asset-intruder', {
      name: HOSTILE.markup,
      ips: ['192.168.10.99'],
      macs: ['02:de:ad:be:ef:99'],
      vendor: HOSTILE.script,
      model: HOSTILE.terminal,
      firmware: HOSTILE.formula,
      hostname: HOSTILE.bidi,
      serial: HOSTILE.newline,
      os: HOSTILE.template,
      order_number: HOSTILE.long,
      roles: ['workstation'],
      zone: HOSTILE.prototype,
      first_seen: at(420),
      last_seen: at(560),
      in_baseline: false,
      criticality: 'low',
      protocols: [{ name: 'modbus', as: 'client', ports: [] }],
      evidence: [
        evidence('name', HOSTILE.markup, 'modbus.device_identification', 40, 420),
        evidence('hostname', HOSTILE.bidi, 'dhcp', 70, 420),
        evidence('model', HOSTILE.link, 'opcua.application_description', 30, 420),
      ],
      packets: 2214,
    }),
  ];
}

function operation(
  name: string,
  operationClass: ConversationOperation['class'],
  count: number,
  targets: string[],
  change: Partial<ConversationOperation> = {},
): ConversationOperation {
  return {
    operation: name,
    class: operationClass,
    count,
    targets,
    exceptions: 0,
    first_seen: at(1),
    last_seen: at(598),
    in_baseline: true,
    ...change,
  };
}

function conversation(
  id: string,
  client: [string, string],
  server: [string, string],
  operations: ConversationOperation[],
  change: Partial<Conversation> = {},
): Conversation {
  return {
    id,
    client: client[0],
    server: server[0],
    client_ip: client[1],
    server_ip: server[1],
    protocol: 'modbus',
    server_port: 502,
    transport: 'tcp',
    operations,
    packets: 4200,
    bytes: 310_000,
    first_seen: at(1),
    last_seen: at(598),
    in_baseline: true,
    ...change,
  };
}

const HMI: [string, string] = ['asset-hmi', '192.168.10.50'];
const EWS: [string, string] = ['asset-ews', '192.168.10.60'];
const INTRUDER: [string, string] = ['asset-intruder', '192.168.10.99'];
const PLC1: [string, string] = ['asset-plc1', '192.168.10.11'];
const PLC2: [string, string] = ['asset-plc2', '192.168.10.12'];
const GATEWAY: [string, string] = ['asset-gateway', '192.168.10.20'];

function sampleConversations(): Conversation[] {
  const fresh = { in_baseline: false };
  return [
    conversation(
      'conv-hmi-plc1',
      HMI,
      PLC1,
      [
        operation('read_holding_registers', 'read', 5990, ['unit 1 holding_register 0-99']),
        operation('write_single_register', 'write', 14, ['unit 1 holding_register 40-41']),
      ],
      { period_seconds: 0.1 },
    ),
    conversation(
      'conv-hmi-plc2',
      HMI,
      PLC2,
      [operation('read_input_registers', 'read', 1198, ['unit 1 input_register 0-19'])],
      {
        period_seconds: 0.5,
      },
    ),
    conversation(
      'conv-hmi-gw',
      HMI,
      GATEWAY,
      [operation('read_coils', 'read', 598, ['unit 1 coil 0-15', 'unit 2 coil 0-15', 'unit 7 coil 0-7'])],
      {
        period_seconds: 1,
      },
    ),
    conversation('conv-ews-plc1', EWS, PLC1, [
      operation('encapsulated_interface_transport', 'identify', 3, ['unit 1', 'unit 3']),
      operation('diagnostics', 'diagnose', 1, ['unit 1 subfunction 10']),
    ]),
    conversation(
      'conv-ews-plc2-s7',
      EWS,
      PLC2,
      [operation('read_var', 'read', 40, ['DB10 0-39']), operation('setup_communication', 'session', 1, [])],
      { protocol: 's7comm', server_port: 102 },
    ),
    conversation(
      'conv-intruder-plc1',
      INTRUDER,
      PLC1,
      [
        operation('read_coils', 'read', 256, ['unit 1 coil 0-65535'], { ...fresh, exceptions: 120 }),
        operation('write_multiple_registers', 'write', 5, ['unit 1 holding_register 40-41'], fresh),
        operation('diagnostics', 'control', 2, ['unit 1 subfunction 4'], fresh),
      ],
      { ...fresh, first_seen: at(421), last_seen: at(560), packets: 812, bytes: 60_100 },
    ),
    conversation(
      'conv-intruder-gw',
      INTRUDER,
      GATEWAY,
      [operation('read_device_identification', 'identify', 9, ['unit 1-9'], { ...fresh, exceptions: 6 })],
      {
        ...fresh,
        first_seen: at(430),
        last_seen: at(440),
        packets: 60,
        bytes: 4100,
      },
    ),
    conversation('conv-intruder-plc2', INTRUDER, PLC2, [], {
      ...fresh,
      protocol: HOSTILE.script.slice(0, 30),
      server_port: 4840,
      first_seen: at(445),
      last_seen: at(446),
      packets: 6,
      bytes: 420,
    }),
  ];
}

function modbusRecord(
  seconds: number,
  pcapCnt: number,
  fields: Record<string, unknown>,
  answer = false,
): DissectionRecord {
  const [from, to] = answer ? [PLC1, INTRUDER] : [INTRUDER, PLC1];
  return {
    timestamp: at(seconds),
    pcap_cnt: pcapCnt,
    event_type: 'modbus',
    flow_id: '731904422',
    src_ip: from[1],
    src_port: answer ? 502 : 49_211,
    dest_ip: to[1],
    dest_port: answer ? 49_211 : 502,
    proto: 'TCP',
    modbus: {
      pdu: answer ? 'response' : 'request',
      transaction_id: 17,
      protocol_id: 0,
      length: 11,
      unit_id: 1,
      ...fields,
    },
  };
}

export function sampleAlert(id: string, change: Partial<Alert>): Alert {
  return {
    id,
    kind: 'deviation',
    rule_id: 'baseline.new_operation',
    rule_version: '0.1.0',
    title: 'New operation on a known conversation',
    description: 'A client used a function that it never used before.',
    severity: 'medium',
    status: 'open',
    count: 1,
    first_seen: at(430),
    last_seen: at(430),
    attack: [],
    evidence: { records: [], pcap_cnts: [] },
    visibility: { dropped_percent: 0, decode_error_percent: 0.02, encrypted_percent: 0 },
    recommendation: 'Ask who works on this device.',
    dedupe_key: id,
    ...change,
  };
}

function sampleAlerts(): Alert[] {
  const between = {
    src_ip: INTRUDER[1],
    src_port: 49_211,
    dest_ip: PLC1[1],
    dest_port: 502,
    src_asset: INTRUDER[0],
    dest_asset: PLC1[0],
    protocol: 'modbus',
    incident: 'incident-intruder',
  };
  return [
    sampleAlert('alert-write', {
      ...between,
      rule_id: 'baseline.new_writer',
      title: 'A client that never wrote now writes to PLC-Filling-1',
      description:
        '192.168.10.99 wrote 2 holding registers (40 to 41) of unit 1. Until now only HMI-Line-A wrote to these registers.',
      severity: 'critical',
      severity_basis: [
        { factor: 'level', severity: 'high' },
        { factor: 'criticality', severity: 'critical', detail: 'high' },
      ],
      count: 5,
      first_seen: at(480),
      last_seen: at(492),
      object: 'unit 1 holding_register 40-41',
      attack: [
        { technique: 'T0855', name: 'Unauthorized Command Message', tactic: 'Impair Process Control' },
        { technique: 'T0836', name: 'Modify Parameter', tactic: 'Impair Process Control' },
      ],
      expected: 'Writes to unit 1 holding_register 40-41 come from HMI-Line-A (192.168.10.50), 14 times since 06:00.',
      observed: 'write_multiple_registers from 192.168.10.99, values 1200 and 0.',
      evidence: {
        records: [
          modbusRecord(480, 41_201, {
            function_code: 16,
            function: 'write_multiple_registers',
            address: 40,
            quantity: 2,
            byte_count: 4,
            values: [1200, 0],
          }),
          modbusRecord(
            480.01,
            41_203,
            {
              function_code: 16,
              function: 'write_multiple_registers',
              address: 40,
              quantity: 2,
              request_pcap_cnt: 41_201,
            },
            true,
          ),
        ],
        pcap_cnts: [41_201, 41_203],
      },
      recommendation:
        'Find out who uses 192.168.10.99. If nobody from engineering does, disconnect it and compare the registers with the recipe.',
    }),
    sampleAlert('alert-listen-only', {
      ...between,
      kind: 'rule',
      rule_id: '6f1d0a5e-2f3b-4b67-9d0e-4d1e3b0f7a10',
      title: 'Device forced into listen-only mode',
      description:
        '192.168.10.99 sent Diagnostics subfunction 4 to unit 1. The device stops answering until it is restarted.',
      severity: 'critical',
      count: 2,
      first_seen: at(500),
      last_seen: at(505),
      object: 'unit 1',
      attack: [{ technique: 'T0814', name: 'Denial of Service', tactic: 'Inhibit Response Function' }],
      evidence: {
        records: [
          modbusRecord(500, 42_010, { function_code: 8, function: 'diagnostics', subfunction: 4, data: '0000' }),
        ],
        pcap_cnts: [42_010],
      },
    }),
    sampleAlert('alert-new-asset', {
      rule_id: 'inventory.new_asset',
      title: 'New device on the network',
      description: 'A device that was never seen before appeared: 192.168.10.99 (02:de:ad:be:ef:99).',
      severity: 'medium',
      src_ip: INTRUDER[1],
      src_asset: INTRUDER[0],
      first_seen: at(420),
      last_seen: at(420),
      observed: `It calls itself ${HOSTILE.markup}.`,
    }),
    sampleAlert('alert-new-conversation', {
      ...between,
      rule_id: 'baseline.new_conversation',
      title: 'New conversation with PLC-Filling-1',
      severity: 'medium',
      first_seen: at(421),
      last_seen: at(421),
      status: 'acknowledged',
    }),
    sampleAlert('alert-scan', {
      ...between,
      kind: 'rule',
      rule_id: 'modbus.function_scan',
      title: 'Modbus function codes were tried one after another',
      description: '192.168.10.99 tried 120 function codes on unit 1 within 9 seconds; 112 were refused.',
      severity: 'high',
      count: 120,
      first_seen: at(450),
      last_seen: at(459),
      attack: [{ technique: 'T0888', name: 'Remote System Information Discovery', tactic: 'Discovery' }],
    }),
    sampleAlert('alert-malformed', {
      ...between,
      kind: 'protocol',
      rule_id: 'modbus.length_mismatch',
      title: 'Malformed Modbus message',
      description: 'The length in the header does not fit the message.',
      severity: 'low',
      count: 31,
      first_seen: at(455),
      last_seen: at(470),
      evidence: {
        records: [
          {
            ...modbusRecord(455, 40_877, { function_code: 43, function: 'encapsulated_interface_transport' }),
            anomalies: ['modbus.length_mismatch'],
          },
        ],
        pcap_cnts: [40_877],
      },
    }),
    sampleAlert('alert-health', {
      kind: 'health',
      rule_id: 'health.no_traffic',
      title: 'No packets on mirror0 for 60 seconds',
      description: 'The mirror port was silent from 06:05:00 to 06:06:10. What happened then was not seen.',
      severity: 'medium',
      first_seen: at(300),
      last_seen: at(370),
      status: 'closed',
    }),
    sampleAlert('alert-diagnostics', {
      rule_id: 'baseline.new_operation',
      title: 'Engineering-WS used a diagnostic function on PLC-Filling-1',
      severity: 'low',
      incident: 'incident-engineering',
      src_ip: EWS[1],
      src_asset: EWS[0],
      dest_ip: PLC1[1],
      dest_asset: PLC1[0],
      protocol: 'modbus',
      first_seen: at(200),
      last_seen: at(200),
      expected: 'Read only.',
      observed: 'diagnostics subfunction 10 (clear counters)',
    }),
    sampleAlert('alert-info', {
      kind: 'rule',
      rule_id: 'modbus.device_identification',
      title: 'Device identification was read',
      severity: 'informational',
      incident: 'incident-engineering',
      src_ip: EWS[1],
      src_asset: EWS[0],
      dest_ip: PLC1[1],
      dest_asset: PLC1[0],
      protocol: 'modbus',
      count: 3,
      first_seen: at(130),
      last_seen: at(140),
    }),
    sampleAlert('alert-hostile', {
      ...between,
      kind: 'rule',
      rule_id: HOSTILE.prototype,
      title: `Device name ${HOSTILE.markup} ${HOSTILE.bidi}`,
      description: `${HOSTILE.script} ${HOSTILE.newline} ${HOSTILE.terminal}`,
      severity: 'high',
      object: HOSTILE.template,
      expected: HOSTILE.formula,
      observed: HOSTILE.link,
      recommendation: HOSTILE.long,
      first_seen: at(510),
      last_seen: at(511),
      evidence: {
        records: [
          {
            ...modbusRecord(
              510,
              42_500,
              {
                function_code: 43,
                objects: [
                  { id: 0, value: HOSTILE.script },
                  { id: 1, value: HOSTILE.terminal },
                ],
              },
              true,
            ),
            anomalies: [HOSTILE.markup],
          },
        ],
        pcap_cnts: [42_500],
      },
    }),
  ];
}

/** Ethernet, IPv4, TCP and a Modbus write of registers 40 and 41; checksums are right. */
const WRITE_REQUEST = Buffer.from(
  '0080f40a110102deadbeef990800' +
    '450000394d2a4000400657d6c0a80a63c0a80a0b' +
    'c03b01f600000001000000015018faf0a77d0000' +
    '00110000000b0110002800020404b00000',
  'hex',
);

function samplePackets(): AlertPacket[] {
  return [
    {
      alert_id: 'alert-write',
      pcap_cnt: 41_201,
      timestamp: at(480),
      link_type: 1,
      original_length: WRITE_REQUEST.length,
      data: WRITE_REQUEST,
    },
    {
      alert_id: 'alert-write',
      pcap_cnt: 41_203,
      timestamp: at(480.01),
      link_type: 1,
      original_length: 1514,
      data: WRITE_REQUEST.subarray(0, 54),
    },
  ];
}

export function sampleHealth(change: Partial<SensorHealth> = {}): SensorHealth {
  return {
    sensor: 'plant-a',
    updated: at(600),
    mode: 'live',
    running: true,
    phase: 'protect',
    interfaces: [
      {
        name: 'mirror0',
        source: 'tcpdump',
        state: 'capturing',
        packets: 61_204,
        bytes: 4_911_230,
        dropped_by_kernel: 12,
        dropped_by_interface: 0,
        last_packet: at(600),
        notes: ['Only one direction of VLAN 20 is mirrored here.'],
      },
    ],
    blind: [{ from: at(300), to: at(370), interface: 'mirror0', reason: 'No packets for 60 seconds.' }],
    packets: 61_204,
    bytes: 4_911_230,
    first_packet: at(0),
    last_packet: at(600),
    flows_active: 14,
    pdus: { modbus: 25_110, s7comm: 82 },
    malformed: 31,
    anomalies: { 'modbus.length_mismatch': 31, 'stream.overlap_conflict': 2 },
    dropped: { stream_memory: 0, alert_evidence: 4 },
    decode_errors: 9,
    encrypted_percent: 1.4,
    memory_bytes: 148_000_000,
    captures: ['mirror0'],
    ...change,
  };
}

export function sampleVariables(): ProcessVariable[] {
  const summary = {
    kind: 'analogue' as const,
    samples: 603,
    since: at(0),
    until: at(600),
    min: 600,
    max: 690,
    max_step: 12,
    values: [600, 612, 690],
    increases: 40,
    decreases: 38,
    max_flat_seconds: 31.5,
  };
  return [
    {
      id: 'variable-level',
      asset: 'asset-plc1',
      server_ip: '10.20.1.10',
      unit: 1,
      protocol: 'modbus',
      name: 'holding_register 40001',
      address: 'holding_register 0',
      type: 'uint16',
      kind: 'analogue',
      last_value: 650,
      last_changed: at(590),
      first_seen: at(0),
      last_seen: at(600),
      min: 600,
      max: 690,
      distinct: 32,
      reads: 603,
      writes: 2,
      last_writer: '10.20.1.50',
      writers: [{ ip: '10.20.1.50', asset: 'asset-hmi', writes: 2, last_write: at(300), in_baseline: true }],
      period_seconds: 1,
      seen: summary,
      learned: summary,
    },
  ];
}

/** A small plant, an intruder, and one alert of every kind, in six assets, eight conversations and ten alerts. */
export function sampleFindings(): FindingsBatch {
  return {
    assets: sampleAssets(),
    conversations: sampleConversations(),
    variables: sampleVariables(),
    alerts: sampleAlerts(),
    packets: samplePackets(),
    health: sampleHealth(),
  };
}

/** `count` plain alerts, a second apart, for tests and measurements of size. */
export function manyAlerts(count: number, from = 0): Alert[] {
  const severities = ['informational', 'low', 'medium', 'high', 'critical'] as const;
  const kinds = ['rule', 'deviation', 'protocol'] as const;
  return Array.from({ length: count }, (_, index) => {
    const n = from + index;
    return sampleAlert(`bulk-${n}`, {
      severity: severities[n % 5] ?? 'low',
      kind: kinds[n % 3] ?? 'rule',
      title: `Bulk alert ${n}`,
      src_ip: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
      src_asset: `asset-bulk-${n % 1000}`,
      dest_asset: 'asset-plc1',
      first_seen: at(n),
      last_seen: at(n + (n % 7)),
    });
  });
}
