export type { Incident, IncidentAlert, MapAnswer, MapEdge, MapNode } from '../../answers.ts';

import type { Acceptance, AcceptanceScope, BaselineProposal } from '../../../sensor/model/baseline-document.ts';
import type { MaintenanceWindow, WINDOW_STATES } from '../../../sensor/model/maintenance.ts';
import type { OperationClass } from '../../../sensor/model/operation.ts';
import type {
  Alert,
  AlertStatus,
  Asset,
  AssetSettings,
  Conversation,
  LearningPhase,
  LearningProgress,
  ProcessVariable,
  SensorHealth,
  VariableHistory,
} from '../../../sensor/model/records.ts';
import type { Severity } from '../../../sensor/model/severity.ts';

export type { AssetSettings } from '../../../sensor/model/records.ts';

/** Answers of the API that are more than a plain record. Records themselves are the model's. */

export type Role = 'viewer' | 'analyst' | 'admin' | 'auditor';

export interface Session {
  setup_required: boolean;
  user?: { name: string; role: Role; external: boolean };
  /** What people call the service where they can sign in; absent: there is none. */
  sign_in_service?: string;
  /** After signing out: where the sign-in service ends its session. */
  continue_at?: string;
  csrf: string;
  version: string;
  site: string;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export type SeverityCounts = Record<Severity, number>;

export interface AlertBucket {
  /** Start of the bucket, ISO 8601. */
  from: string;
  /** Alerts that were seen first in this bucket. */
  alerts: SeverityCounts;
}

/** Name and addresses of the assets that an answer mentions, by id. */
export type AssetNames = Record<string, { name: string; ips: string[] }>;

export interface Overview {
  phase: LearningPhase;
  requested_phase: LearningPhase | null;
  sensors: SensorHealth[];
  /** Without those that are muted. */
  open_alerts: SeverityCounts;
  muted_alerts: SeverityCounts;
  alerts: Record<AlertStatus, number>;
  assets: number;
  new_assets: number;
  conversations: number;
  new_conversations: number;
  timeline: { from: string | null; to: string | null; bucket_seconds: number; buckets: AlertBucket[] };
  top_alerts: Alert[];
  asset_names: AssetNames;
}

/** A person's decision on an alert. */
export interface AlertDecision {
  status: AlertStatus;
  note: string;
  user: string;
  /** ISO 8601. */
  at: string;
}

export interface AlertDetail extends Alert {
  /** Newest first. */
  history: AlertDecision[];
  asset_names: AssetNames;
  packet_count: number;
  /** '' for nobody. */
  assignee: string;
  /** Newest first. */
  entries: AlertEntry[];
  mute: Mute | null;
}

export interface AssetDetail extends Asset {
  /** What a person said; it stands above what was found. */
  settings: AssetSettings;
  conversations: Page<Conversation>;
  alerts: Page<Alert>;
  asset_names: AssetNames;
}

export interface HealthAnswer {
  sensors: SensorHealth[];
  store: { driver: 'native' | 'wasm'; bytes: number; revision: number; notes: string[] };
  disk: { free_bytes: number; total_bytes: number };
}

export interface BaselineAnswer {
  phase: LearningPhase;
  requested_phase: LearningPhase | null;
  assets: number;
  new_assets: number;
  conversations: number;
  new_conversations: number;
}

/** What the page on the baseline shows of the learning. */
export interface LearningAnswer {
  phase: LearningPhase;
  requested_phase: LearningPhase | null;
  running: boolean;
  version: number;
  accepted: number;
  declared: number;
  proposals: number;
  learning: LearningProgress | null;
  bucket_seconds: number;
  buckets: { from: string; devices: number; conversations: number; operations: number }[];
  devices: {
    id: string;
    known: number;
    new_last_hour: number;
    new_last_day: number;
    unseen_share: number;
    since: string;
  }[];
  asset_names: AssetNames;
}

export interface ShownProposal extends BaselineProposal {
  class?: OperationClass;
  count?: number;
  first_seen: string;
  last_seen: string;
  client_asset: string;
  server_asset: string;
}

export interface ShownAcceptance extends Acceptance {
  expired: boolean;
  closed_alerts: number;
}

export interface AlertReference {
  id: string;
  title: string;
  severity: Severity;
  count: number;
}

export interface ScopePreview {
  scope: AcceptanceScope;
  acceptance: Acceptance | null;
  refused: string | null;
  alerts: number;
  open_alerts: number;
  findings: number;
  examples: AlertReference[];
  hides: AlertReference[];
  complete: boolean;
}

export interface BaselineVersionRow {
  id: string;
  n: number;
  at: string;
  by: string;
  reason: string;
  entries: Record<string, number>;
}

export interface DecisionChange {
  list: string;
  change: 'added' | 'removed' | 'changed';
  entry: Record<string, unknown>;
  before?: Record<string, unknown>;
}

export interface TrafficAnswer {
  from: string | null;
  to: string | null;
  bucket_seconds: number;
  buckets: number;
  series: { protocol: string; class: OperationClass; messages: number[] }[];
}

/** An alert as lists give it. */
export interface ListedAlert extends Alert {
  assignee?: string;
  muted_until?: string | null;
}

export interface AlertEntry {
  kind: 'note' | 'assign';
  text: string;
  user: string;
  at: string;
}

export interface Mute {
  id: string;
  rule: string;
  src: string;
  dest: string;
  reason: string;
  owner: string;
  created: string;
  expires: string;
}

export interface SavedView {
  id: string;
  owner: string;
  page: string;
  name: string;
  query: string;
  shared: boolean;
}

export interface ExplainedPacket {
  pcap_cnt: number;
  timestamp: string;
  hex: string;
  original_length: number;
  fields: { offset: number; length: number; layer: string; key: string; value: string; matters: boolean }[];
}

export interface UserRow {
  name: string;
  role: Role;
  disabled: boolean;
  created: string;
  totp: boolean;
  external: boolean;
}

export interface ApiTokenRow {
  name: string;
  role: Role;
  /** Null: only its role limits it. */
  areas: string[] | null;
  owner: string;
  created: string;
  expires: string;
  used: string | null;
}

export interface SessionRow {
  id: string;
  user: string;
  source: string;
  opened: string;
  used: string;
  current?: boolean;
}

export interface AccountAnswer {
  name: string;
  role: Role;
  totp: boolean;
  recovery_codes_left: number;
  external: boolean;
  sessions: SessionRow[];
}

export interface AuditRow {
  n: number;
  at: string;
  user: string;
  source: string;
  action: string;
  target: string;
  before: string;
  after: string;
}

export interface RuleRow {
  id: string;
  title: string;
  level: string;
  kind: string;
  source: 'product' | 'own' | 'detector';
  techniques: string[];
  enabled: boolean;
  /** Made in the console. */
  console: boolean;
  proposed: boolean;
  problem: string;
  alerts: number;
  last_seen: string | null;
}

export interface RuleProblem {
  severity: 'error' | 'warning';
  line: number;
  column: number;
  reason: string;
}

export interface RuleDetail extends RuleRow {
  description: string;
  status: string | null;
  version: string;
  file: string;
  recommendation: string;
  false_positives: string[];
  references: string[];
  setting: { enabled: boolean; user: string; reason: string; at: string } | null;
  text: string;
  tests: { fires: number; quiet: number } | null;
}

export interface OwnRule {
  rule: string;
  kind: 'rule' | 'correlation' | 'exception';
  title: string;
  expires: string;
  expired: boolean;
  active: number | null;
  latest: number;
  changed_outside: boolean;
  user: string;
  at: string;
  reason: string;
}

export interface OwnRuleDetail extends OwnRule {
  text: string;
  versions: { n: number; user: string; at: string; reason: string; text: string }[];
}

export interface RuleDraft {
  text: string;
  fields: { name: string; value: string; group: 'who' | 'what' | 'where' | 'more'; chosen: boolean }[];
  rules: string[];
}

export interface RuleTrial {
  id: string;
  capture: string;
  capture_name: string;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  error: string;
  place: number;
  read: number;
  size: number;
  packets: number;
  text: string;
  result: {
    packets: number;
    capture_seconds: number;
    seconds_before: number;
    seconds_after: number;
    alerts_before: number;
    alerts_after: number;
    appearing: number;
    disappearing: number;
    changing: number;
    appear: Alert[];
    disappear: Alert[];
    change: { before: Alert; after: Alert }[];
    not_kept: number;
    damaged: string[];
  } | null;
  asset_names?: AssetNames;
}

export interface CoverageAnswer {
  tactics: string[];
  techniques: {
    id: string;
    name: string;
    tactics: string[];
    visible: 'yes' | 'partly' | 'no';
    rules: number;
    alerts: number;
  }[];
}

interface NamedCount {
  name: string;
  count: number;
}

/** Two devices whose talking to each other somebody should look at, by name. */
export interface RiskyPair {
  client: string;
  server: string;
  protocols: string[];
}

export interface ReportSchedule {
  every: 'never' | 'day' | 'week' | 'month';
  at: string;
  folder: string;
  formats: string[];
  files: string[];
  problem: string;
}

export interface ReportAnswer {
  site: string;
  version: string;
  from: string;
  to: string;
  generated: string;
  assets: {
    total: number;
    approved: number;
    new_devices: number;
    byLevel: Record<string, number>;
    byRole: Record<string, number>;
    byVendor: NamedCount[];
    newest: {
      id: string;
      name: string;
      ip: string;
      vendor: string;
      role: string;
      first_seen: string;
      approved: boolean;
    }[];
  };
  alerts: {
    total: number;
    complete: boolean;
    by_severity: SeverityCounts;
    by_status: Record<AlertStatus, number>;
    by_title: NamedCount[];
    by_source: NamedCount[];
    techniques: NamedCount[];
    worst: Alert[];
  };
  asset_names: AssetNames;
  changes: NamedCount[];
  sensors: { sensor: string; packets: number; lost: number; decode_errors: number; encrypted_percent: number }[];
  blind_seconds: number;
  watched_seconds: number;
  coverage: { visible: number; detected: number; seen: number };
  risks: {
    devices: { id: string; name: string; criticality: string; worst: Severity | null; open_alerts: number }[];
    devices_total: number;
    strangers: RiskyPair[];
    strangers_total: number;
    crossings: RiskyPair[];
    crossings_total: number;
  };
  controls: {
    standard: string;
    id: string;
    key:
      | 'inventory'
      | 'monitoring'
      | 'segmentation'
      | 'boundary'
      | 'users'
      | 'audit'
      | 'handling'
      | 'assets'
      | 'reporting';
    state: 'met' | 'look' | 'open';
    values: number[];
  }[];
}

export interface ListedVariable extends Omit<ProcessVariable, 'history'> {
  history?: VariableHistory | null;
}

export interface VariableDetail extends ListedVariable {
  asset_names: AssetNames;
}

export interface Workspace {
  id: string;
  name: string;
  owner: string;
  size: number;
  received: number;
  created: string;
  state: 'receiving' | 'waiting' | 'analysing' | 'done' | 'failed' | 'cancelled';
  error: string;
  place: number;
  read: number;
  packets: number;
  summary: { packets: number; capture_seconds: number; pdus: Record<string, number> } | null;
}

export interface WorkspaceDetail extends Workspace {
  alerts: Alert[];
  assets: Asset[];
  conversations: Conversation[];
  asset_names: AssetNames;
}

/** A maintenance window: announced (with id, by and at), or of the settings. */
export interface ShownWindow extends MaintenanceWindow {
  id?: string;
  by?: string;
  at?: string;
  state: (typeof WINDOW_STATES)[number];
  open_until: string | null;
}

export interface MaintenanceAnswer {
  items: ShownWindow[];
  settings: ShownWindow[];
  /** Names that the settings know. */
  plant: { zones: string[]; stations: string[] };
}

/** What a window would have softened. */
export interface MaintenancePreview {
  days: number;
  by_time: boolean;
  alerts: number;
  severe: number;
  examples: {
    id: string;
    title: string;
    severity: Severity;
    becomes: Severity;
    count: number;
    src_ip: string;
    dest_ip: string;
    first_seen: string;
  }[];
  complete: boolean;
}
