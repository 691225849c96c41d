import type { BaselineVersion } from '../model/baseline-document.js';
import type { OperationClass } from '../model/operation.js';
import type {
  Alert,
  AlertKind,
  AlertPacket,
  AlertStatus,
  Asset,
  AssetMerge,
  AssetSettings,
  Conversation,
  DeviceDecisions,
  LearningPhase,
  ProcessVariable,
  SensorHealth,
  TrafficMinute,
  VariableHistory,
  VariableKind,
} from '../model/records.js';
import type { Severity } from '../model/severity.js';

export type { AssetSettings } from '../model/records.js';

/**
 * What a sensor has found since it last reported. Everything is a plain object, so that a batch can cross a thread,
 * a network or a message broker; writing the same batch twice changes nothing the second time.
 */
export interface FindingsBatch {
  assets: Asset[];
  conversations: Conversation[];
  variables: ProcessVariable[];
  alerts: Alert[];
  packets: AlertPacket[];
  health: SensorHealth;
  /** Asset records that are no more. */
  mergedAssets?: readonly AssetMerge[];
  /** Ids of records that others have taken the place of. */
  removed?: { readonly assets: readonly string[]; readonly conversations: readonly string[] };
  /** Whole counts of minutes, so that the larger of two is the right one. */
  traffic?: readonly TrafficMinute[];
}

/** The sensor's only way to the outside. */
export interface FindingsWriter {
  write(batch: FindingsBatch): void;
  close(): void;
}

/** What a sensor needs to go on where it was stopped. */
export interface SensorMemory {
  phase: LearningPhase | null;
  assets: Asset[];
  /** What people have said of assets, by id. */
  assetSettings?: Record<string, AssetSettings>;
  conversations: Conversation[];
  /** With their histories. */
  variables: ProcessVariable[];
  /** What people have decided about the baseline, the latest version; null when nobody did. */
  baseline: BaselineVersion | null;
  /** Alerts that are not closed. */
  openAlerts: Alert[];
  /** Scopes that protect though the rest still learns. */
  settledScopes?: readonly string[];
  /** Ids of rules that a person switched off. */
  disabledRules?: readonly string[];
}

/** One page of a listing; `next` is opaque, and null at the end. A page may be shorter than asked for and still go on. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface PageQuery {
  /** 1 to 500; 50 when absent. */
  limit?: number;
  cursor?: string;
}

export interface AlertQuery extends PageQuery {
  status?: readonly AlertStatus[];
  severity?: readonly Severity[];
  kind?: readonly AlertKind[];
  /** Id of an asset on either side. */
  asset?: string;
  /** Id of the rule or detector that raised it. */
  rule?: string;
  /** Text that must occur (case does not matter) in title, description, addresses, object, protocol or rule id. */
  q?: string;
  /** Other wordings of `q`, in lower case, any of which will do: the whole title, or part of the searched text. */
  wordings?: { readonly titles: readonly string[]; readonly parts: readonly string[] };
  /** `time`: newest `last_seen` first (the default). `severity`: worst first, then newest. */
  sort?: AlertSort;
}

export const ALERT_SORTS = ['time', 'severity'] as const;
export type AlertSort = (typeof ALERT_SORTS)[number];

/** A leading minus turns the order round: `-last_seen` is newest first. */
export const ASSET_SORTS = [
  'name',
  '-name',
  'ip',
  '-ip',
  'vendor',
  '-vendor',
  'first_seen',
  '-first_seen',
  'last_seen',
  '-last_seen',
] as const;
export type AssetSort = (typeof ASSET_SORTS)[number];

export interface AssetQuery extends PageQuery {
  q?: string;
  /** Roles that the reader calls by `q`: devices that have one of them are found as well. */
  roles?: readonly string[];
  /** Empty: devices of no known role. So with zone, vendor and level. */
  role?: string;
  zone?: string;
  /** Of the Purdue model; null: not known. */
  level?: number | null;
  vendor?: string;
  approved?: boolean;
  /** `-last_seen` when absent. */
  sort?: AssetSort;
}

/** What became different in the inventory between two times, and how much of each there is. */
export interface AssetComparison {
  /** Seen first between the two, the latest first. */
  appeared: Asset[];
  appearedCount: number;
  /** Seen before the first, heard in the year before it or between the two, and not after; the latest first. */
  silent: Asset[];
  silentCount: number;
  /** Said something else than before between the two, the latest first. */
  changed: Asset[];
  changedCount: number;
}

export interface ConversationQuery extends PageQuery {
  asset?: string;
  protocol?: string;
}

export interface VariableQuery extends PageQuery {
  /** Id of the device that holds them. */
  asset?: string;
  protocol?: string;
  kind?: readonly VariableKind[];
  /** Text that must occur (case does not matter) in name, address, the device's address or the last writer's. */
  q?: string;
  /** `name` when absent. */
  sort?: VariableSort;
}

/** A leading minus turns the order round: `-last_changed` is newest first. */
export const VARIABLE_SORTS = ['name', '-last_changed'] as const;
export type VariableSort = (typeof VARIABLE_SORTS)[number];

/** Figures that are kept up to date with every write, so that reading them costs the same with a million alerts. */
export interface StoreCounts {
  alerts: Record<AlertStatus, Record<Severity, number>>;
  assets: number;
  /** Neither approved by a person nor part of the baseline. */
  newAssets: number;
  conversations: number;
  /** Not part of the baseline. */
  newConversations: number;
}

export interface TimelineBucket {
  from: string;
  /** Alerts whose first_seen lies in this bucket. */
  alerts: Record<Severity, number>;
}

export interface Timeline {
  /** Start of the first bucket and end of the last; null while the store has seen no traffic. */
  from: string | null;
  to: string | null;
  bucket_seconds: number;
  buckets: TimelineBucket[];
}

export interface Walk<T> {
  items: T[];
  next: number | null;
}

export interface RuleCount {
  rule: string;
  alerts: number;
  last_seen: string;
}

export interface Traffic {
  /** Start of the first bucket and end of the last; null while no message was counted. */
  from: string | null;
  to: string | null;
  bucket_seconds: number;
  /** How many buckets there are between the two. */
  buckets: number;
  /** `messages` has one number per bucket. */
  series: { protocol: string; class: OperationClass; messages: number[] }[];
}

/** What changed after a revision: ids, so that a reader in another process fetches only what it shows. */
export interface Changes {
  revision: number;
  alerts: string[];
  assets: string[];
  conversations: string[];
  health: boolean;
  /** More changed than the limit lets name: read everything shown anew. */
  truncated: boolean;
}

export interface StoreInfo {
  driver: 'native' | 'wasm';
  /** Bytes of the database and its log on disk. */
  bytes: number;
  revision: number;
  /** What a person must know about the store, one sentence each: a damaged file set aside, a slow driver. */
  notes: string[];
}

/** The console's and the listings' way to what was found. Every answer takes bounded time. */
export interface FindingsReader {
  alerts(query: AlertQuery): Page<Alert>;
  alert(id: string): Alert | null;
  /** Oldest first, at most `MAX_ALERT_PACKETS`. */
  alertPackets(id: string): AlertPacket[];
  assets(query: AssetQuery): Page<Asset>;
  asset(id: string): Asset | null;
  /** Times in seconds since 1970; `limit` devices of each kind. */
  compareAssets(from: number, to: number, limit: number): AssetComparison;
  conversations(query: ConversationQuery): Page<Conversation>;
  /** Every asset or conversation in portions, in the order they were first written: hand `next` on until it is null. */
  walkAssets(after: number, limit: number): Walk<Asset>;
  walkConversations(after: number, limit: number): Walk<Conversation>;
  assetSettings(id: string): AssetSettings;
  /** Whom people have let in or out, and which records they have made one device. */
  deviceDecisions(): Omit<DeviceDecisions, 'split'>;
  /** What people have said of assets, by id; `revision` rises with each change of it. */
  allAssetSettings(): { revision: number; settings: Record<string, AssetSettings> };
  /** Rises when somebody says or decides something of an asset: cheap enough to be asked with every batch. */
  assetSettingsRevision(): number;
  disabledRules(): string[];
  /** Alerts by rule, those that raised any. */
  ruleCounts(): RuleCount[];
  /** Messages by protocol and class over time. Seconds since 1970; without them the last seven days that have any. */
  traffic(from?: number, to?: number): Traffic;
  /** The latest decisions about the baseline; null when there are none. */
  baselineVersion(): BaselineVersion | null;
  /** The number of the latest one; 0 when there is none. */
  baselineVersionNumber(): number;
  /** Newest first; only the latest few are kept here. */
  baselineVersions(limit: number): BaselineVersion[];
  variables(query: VariableQuery): Page<ProcessVariable>;
  variable(id: string): ProcessVariable | null;
  /** null: it has none (text, or never seen). */
  variableHistory(id: string): VariableHistory | null;
  health(): SensorHealth[];
  counts(): StoreCounts;
  timeline(): Timeline;
  /** Rises with every change, in whatever process. */
  revision(): number;
  changesSince(revision: number, limit: number): Changes;
  /** What the sensor that reported last is doing; null before any did. */
  reportedPhase(): LearningPhase | null;
  /** What a person asked for last; null when nobody did. */
  requestedPhase(): LearningPhase | null;
  info(): StoreInfo;
  close(): void;
}

/** What a person decides. The sensor reads it and never overwrites it. False: there is no such record. */
export interface FindingsDecisions {
  setAlertStatus(id: string, status: AlertStatus): boolean;
  setAssetApproved(id: string, approved: boolean): boolean;
  /** Rules that a person switched off; the next sensor to start leaves them out. */
  setDisabledRules(ids: readonly string[]): void;
  /** Makes one device of two: `id` becomes a part of `into`, which keeps its own id. False: one of them is not there. */
  mergeAssets(id: string, into: string): boolean;
  /** Undoes that; false where no person has merged `id` into anything. */
  splitAsset(id: string): boolean;
  /** Replaces all settings of the asset. */
  setAssetSettings(id: string, settings: AssetSettings): boolean;
  requestPhase(phase: LearningPhase): void;
  /** What the sensor goes by from now on; an older version than the one that is there changes nothing. */
  putBaselineVersion(version: BaselineVersion): void;
}

export const MAX_ALERT_PACKETS = 10_000;

/** The store cannot be used: one sentence for the user, with what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** A query that cannot be answered as asked (a cursor from elsewhere). */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}
