import type { OperationClass } from './operation.js';
import type { Severity } from './severity.js';
import type { VariableType } from './variable.js';

/** Shapes of docs "records": what the listings print, the API returns and the store keeps. Times are ISO 8601 UTC. */

export type IdentityField =
  | 'name'
  | 'vendor'
  | 'model'
  | 'order_number'
  | 'firmware'
  | 'hardware_revision'
  | 'serial'
  | 'hostname'
  | 'os'
  /** Name of the plant or the part of it, as the device was configured (S7 plant identification). */
  | 'plant'
  /** Where it stands, as the device was configured (LLDP, SNMP, SZL). */
  | 'location'
  /** Program that speaks for it: an OPC UA client, an engineering tool. */
  | 'software'
  | 'application_uri'
  /** What it says of itself in its own words. */
  | 'description'
  | 'mac'
  | 'ip'
  | 'role'
  | 'zone'
  | 'purdue_level';

export interface Evidence {
  field: IdentityField;
  value: string;
  /** Who said so: `modbus.device_identification`, `mac.oui`, `arp`, … */
  source: string;
  /** 0 to 100. */
  confidence: number;
  pcap_cnt: number;
  first_seen: string;
  last_seen: string;
  /** Where it was worked out rather than said: from what, in one sentence. */
  reason?: string;
  /** Where a person said it (source `person`): who. */
  by?: string;
}

/** A device says something else than before. */
export interface AssetChange {
  field: IdentityField;
  /** Device behind the address that it is about; absent for the address itself. */
  unit?: string;
  from: string;
  to: string;
  source: string;
  timestamp: string;
  pcap_cnt: number;
}

export type Identity = Partial<
  Record<'vendor' | 'model' | 'order_number' | 'firmware' | 'hardware_revision' | 'serial' | 'hostname' | 'os', string>
>;

/** A device behind the address: a Modbus unit, an S7 module. */
export interface Unit extends Identity {
  /** `unit 3`, `rack 0 slot 2`. */
  unit: string;
  /** The protocol's number for it. */
  number?: number;
  first_seen: string;
  last_seen: string;
  evidence: Evidence[];
}

export interface AssetProtocol {
  name: string;
  as: 'client' | 'server';
  ports: number[];
}

export const CRITICALITIES = ['low', 'medium', 'high'] as const;
export type Criticality = (typeof CRITICALITIES)[number];

export interface Asset extends Identity {
  id: string;
  name: string;
  ips: string[];
  macs: string[];
  roles: string[];
  purdue_level: number | null;
  zone: string | null;
  /** Nobody has said so: it follows from address and level. Nothing may be authorised by it. */
  zone_inferred?: boolean;
  protocols: AssetProtocol[];
  units: Unit[];
  first_seen: string;
  last_seen: string;
  criticality: Criticality;
  approved: boolean;
  in_baseline: boolean;
  /** Normal because a person said so, not because it was learned. */
  declared?: boolean;
  packets: number;
  evidence: Evidence[];
  /** Changes of its identity, the oldest first; absent where nothing ever changed. */
  changes?: AssetChange[];
}

/** What a person may say of a device as it would say it of itself. */
export const SAID_IDENTITY = ['vendor', 'model', 'order_number', 'firmware', 'hardware_revision', 'serial'] as const;

/** What a person says about an asset; absent: what the sensor found stands. */
export interface AssetSettings extends Partial<Record<(typeof SAID_IDENTITY)[number], string>> {
  name?: string;
  roles?: string[];
  zone?: string;
  purdue_level?: number;
  criticality?: Criticality;
  /** Who said it and when (wall clock), by the field. */
  said?: Record<string, Said>;
}

export interface Said {
  by: string;
  at: string;
}

/** Two records turned out to be one device. */
export interface AssetMerge {
  /** The record that is no more. */
  id: string;
  into: string;
}

/** What people have decided of devices since it was last told. */
export interface DeviceDecisions {
  /** By id. */
  approved: Readonly<Record<string, boolean>>;
  /** All records that they have made one device. */
  merged: readonly AssetMerge[];
  /** Records that they have made devices of their own again. */
  split: readonly Asset[];
}

export const ALERT_KINDS = ['rule', 'deviation', 'protocol', 'health'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];
export const ALERT_STATUSES = ['open', 'acknowledged', 'closed'] as const;
export type AlertStatus = (typeof ALERT_STATUSES)[number];

export interface AttackTechnique {
  technique: string;
  name: string;
  tactic: string;
}

/** One line of `fieldwatch dissect`: see docs "dissection records". */
export interface DissectionRecord {
  timestamp: string;
  pcap_cnt: number;
  event_type: string;
  [field: string]: unknown;
}

export interface Visibility {
  dropped_percent: number;
  decode_error_percent: number;
  encrypted_percent: number;
}

/** One step of how an alert came to its severity; the last one's is the alert's. */
export interface SeverityStep {
  /**
   * `level` of the rule or detector; `station` and `window`: announced work; `criticality` of the target; `learned`: it
   * was so while learning; `refused`: by every answer so far.
   */
  factor: 'level' | 'station' | 'window' | 'criticality' | 'learned' | 'refused';
  severity: Severity;
  /** Name of the station or window, or the criticality. */
  detail?: string;
}

export interface Alert {
  id: string;
  kind: AlertKind;
  rule_id: string;
  /** Version of the rule that fired; the product's version for built-in detectors. */
  rule_version: string;
  title: string;
  description: string;
  severity: Severity;
  /** How it came to its severity. */
  severity_basis?: SeverityStep[];
  /** What belongs together has the same. */
  incident?: string;
  status: AlertStatus;
  count: number;
  first_seen: string;
  last_seen: string;
  src_ip?: string;
  src_port?: number;
  dest_ip?: string;
  dest_port?: number;
  src_asset?: string;
  dest_asset?: string;
  protocol?: string;
  /** What was acted on, as text: `unit 1 holding_register 40-41`. */
  object?: string;
  /** All of them, where its findings were about different ones; at most 100. */
  objects?: string[];
  attack: AttackTechnique[];
  expected?: string;
  observed?: string;
  evidence: { records: DissectionRecord[]; pcap_cnts: number[]; pcap?: string };
  visibility: Visibility;
  recommendation: string;
  /** What repetitions have in common, within the rule; a restarted sensor goes on counting by it. */
  dedupe_key: string;
}

export interface ConversationOperation {
  operation: string;
  class: OperationClass;
  count: number;
  /** Ranges as text: `unit 1 holding_register 0-99`. */
  targets: string[];
  /** Of these, what is normal. */
  learned_targets?: string[];
  exceptions: number;
  first_seen: string;
  last_seen: string;
  in_baseline: boolean;
  /** Not learned without asking: a person has to confirm it. */
  withheld?: boolean;
  /** Normal because a person said so, not because it was learned. */
  declared?: boolean;
}

/** Requests that come again and again for the same things. */
export interface RequestCycle {
  operation: string;
  unit?: number;
  /** Absent: it acts on nothing that has an address. */
  space?: string;
  from: number;
  count: number;
  further?: { space: string; from: number; count: number }[];
  period_seconds: number;
  longest_pause_seconds: number;
  requests: number;
}

/** The most that was seen within an interval while learning. */
export interface LearnedRate {
  /** Intervals of ten seconds. */
  intervals: number;
  max_requests: number;
  /** Refusals within a minute. */
  max_refusals: number;
  /** Requests that change something, within a minute. */
  max_changes?: number;
  /** The longest time that an answer took. */
  max_answer_seconds?: number;
  /** Messages in one packet. */
  max_in_packet?: number;
}

export interface Conversation {
  id: string;
  client: string;
  server: string;
  client_ip: string;
  server_ip: string;
  protocol: string;
  /** 0 where the protocol has no ports. */
  server_port: number;
  transport: 'tcp' | 'udp' | 'icmp' | 'ethernet' | 'ip';
  operations: ConversationOperation[];
  packets: number;
  bytes: number;
  first_seen: string;
  last_seen: string;
  period_seconds?: number;
  in_baseline: boolean;
  /** Learned: only where there are any. */
  cycles?: RequestCycle[];
  rate?: LearnedRate;
  /** Hours of the week (UTC, from Sunday) in which the client changed something: 168 bits in hexadecimal. */
  change_hours?: string;
  /** Until when it was learned. */
  learned_until?: string;
  /** Normal because a person said so, not because it was learned. */
  declared?: boolean;
  /** Changes that were not learned, within ten seconds from `since` on: so many tell a program from a person. */
  foreign_changes?: { since: string; count: number };
}

export const VARIABLE_KINDS = ['constant', 'binary', 'enumeration', 'counter', 'analogue'] as const;
/** How a variable behaves, from what it was seen to be. */
export type VariableKind = (typeof VARIABLE_KINDS)[number];

export type VariableValue = number | string;

/** Values that followed each other, summed up. */
export interface ValueSummaryRecord {
  kind: VariableKind;
  /** Messages that carried it, read or written. */
  samples: number;
  since: string;
  until: string;
  /** Absent where it has no numbers. */
  min?: number;
  max?: number;
  /** The largest difference of two values that followed each other. */
  max_step: number;
  /** The first different values, at most 32. Up to ten are states, each with a meaning of its own. */
  values: VariableValue[];
  increases: number;
  decreases: number;
  /** The longest time that it kept one value between two changes. */
  max_flat_seconds: number;
  /** How long it was watched, without the times in which the sensor saw nothing; absent in older records. */
  watched_seconds?: number;
  /** Of each of `values`, where they are states: how often it was left again, and after how many seconds at most. */
  dwells?: [times: number, max_seconds: number][];
  /** It has had more values than are listed. */
  many?: boolean;
}

export interface VariableWriter {
  ip: string;
  asset: string;
  writes: number;
  last_write: string;
  in_baseline: boolean;
}

/** One value of the process, with the device that holds it. */
export interface ProcessVariable {
  id: string;
  /** The device: id of an asset. */
  asset: string;
  server_ip: string;
  /** Device behind the address; absent where there is none. */
  unit?: number;
  protocol: string;
  /** As the plant's people write it: `holding_register 40021`, `DB10.DBW4`, `ns=2;s=Tank.Level`; a declared name wins. */
  name: string;
  /** The protocol's own: `holding_register 20`. Together with unit and type it names the variable. */
  address: string;
  type: VariableType;
  kind: VariableKind;
  last_value: VariableValue;
  last_changed: string;
  first_seen: string;
  last_seen: string;
  min?: number;
  max?: number;
  /** Different values; 32 stands for 32 or more. */
  distinct: number;
  reads: number;
  writes: number;
  /** Address of the station that wrote it last. */
  last_writer?: string;
  writers: VariableWriter[];
  period_seconds?: number;
  seen: ValueSummaryRecord;
  /** What is normal. */
  learned?: ValueSummaryRecord;
  /** What a person said about it: name, limits. */
  declared?: DeclaredVariable;
  /** As `packHistory` makes it. Written less often than the rest. */
  history?: Uint8Array;
}

export interface VariableHistory {
  /** Length of a point. */
  step_seconds: number;
  /** Start, lowest, highest and last value, oldest first. A value holds until the next point. */
  points: [at: string, min: number, max: number, last: number][];
  /** The latest changes exactly, oldest first. */
  changes: [at: string, value: number][];
}

/** What engineering knows of a variable. */
export interface DeclaredVariable {
  name?: string;
  description?: string;
  /** Unit of measure: `°C`. */
  measure?: string;
  /** Limits outside of which it is unsafe, whatever was learned. */
  low?: number;
  high?: number;
}

/** A captured packet kept as evidence of an alert. */
export interface AlertPacket {
  alert_id: string;
  pcap_cnt: number;
  timestamp: string;
  /** pcap link type of `data`. */
  link_type: number;
  original_length: number;
  data: Uint8Array;
}

/** Messages of one minute, by protocol and what they do. */
export interface TrafficMinute {
  /** Start of the minute, ISO 8601 UTC. */
  minute: string;
  protocol: string;
  class: OperationClass;
  messages: number;
}

export type LearningPhase = 'learn' | 'protect';

/** An interval in which the sensor could not see, e.g. link down or capture process gone. */
export interface BlindInterval {
  from: string;
  /** Absent while it lasts. */
  to?: string;
  interface: string;
  reason: string;
}

export interface InterfaceHealth {
  name: string;
  /** `tcpdump`, `cap`, `file`. */
  source: string;
  state: 'capturing' | 'link_down' | 'gone' | 'no_traffic' | 'restarting' | 'finished' | 'stopped';
  packets: number;
  bytes: number;
  /** null: this source cannot tell (`cap`). */
  dropped_by_kernel: number | null;
  dropped_by_interface: number | null;
  last_packet?: string;
  /** What a person should know about this source, in one sentence each. */
  notes: string[];
}

/** How much is still new, as a measure of how complete the learning is. */
export interface LearningProgress {
  /** When this learning began. */
  since: string;
  /** Devices, conversations, operations and ranges that are normal now. */
  known: number;
  new_last_hour: number;
  new_last_day: number;
  /** Of what is known, the share that was seen only once (Good and Turing): as likely is the next one to be new. */
  unseen_share: number;
  /** Of the last day, or of the time since learning began where that is shorter. */
  new_per_hour?: number;
  /** Whether little enough is new to end the learning. */
  is_ripe: boolean;
  /** One sentence for a person. */
  advice: string;
  /** The same for the devices and for each protocol. */
  scopes?: ScopeProgress[];
  /** Devices that came later, were let in by a person, and learn on their own: addresses, at most 100. */
  learning_alone?: string[];
}

export interface ScopeProgress {
  /** `devices`, or a protocol whose conversations and operations are counted. */
  scope: string;
  phase: LearningPhase;
  since: string;
  known: number;
  new_last_hour: number;
  new_last_day: number;
  new_per_hour: number;
  unseen_share: number;
  is_ripe: boolean;
}

export interface SensorHealth {
  sensor: string;
  updated: string;
  mode: 'replay' | 'live';
  running: boolean;
  phase: LearningPhase;
  learning?: LearningProgress;
  interfaces: InterfaceHealth[];
  blind: BlindInterval[];
  packets: number;
  bytes: number;
  first_packet?: string;
  last_packet?: string;
  flows_active: number;
  /** PDUs by protocol. */
  pdus: Record<string, number>;
  malformed: number;
  /** Anomalies by code. */
  anomalies: Record<string, number>;
  /** Everything that a bound made us let go, by reason. */
  dropped: Record<string, number>;
  /** Deviations of this run that a person had accepted beforehand. */
  findings_accepted?: number;
  decode_errors: number;
  /** Packets whose content is encrypted, as a share of those with payload. */
  encrypted_percent: number;
  memory_bytes: number;
  /** The live capture starts and ends; the input is a running figure where it has no end. */
  captures: string[];
}
