import type {
  Alert,
  AlertStatus,
  Asset,
  Conversation,
  LearningPhase,
  SensorHealth,
} from '../../../sensor/model/records.ts';
import type { Severity } from '../../../sensor/model/severity.ts';

/** Answers of the API that are more than a plain record. Records themselves are the model's. */

export type Role = 'viewer' | 'analyst' | 'admin';

export interface Session {
  setup_required: boolean;
  user?: { name: string; role: Role };
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
  start: string;
  counts: Partial<SeverityCounts>;
}

export interface Overview {
  phase: LearningPhase;
  open_alerts: SeverityCounts;
  assets: number;
  assets_unapproved: number;
  conversations: number;
  sensors: SensorHealth[];
  bucket_seconds: number;
  buckets: AlertBucket[];
  top_alerts: Alert[];
  newest_assets: Asset[];
}

/** A person's decision on an alert. */
export interface AlertDecision {
  status: AlertStatus;
  note: string;
  user: string;
  /** ISO 8601. */
  at: string;
}

export interface AlertDetail {
  alert: Alert;
  decisions: AlertDecision[];
  assets: Asset[];
  packets: number;
}

export interface AssetDetail {
  asset: Asset;
  conversations: Conversation[];
  alerts: Alert[];
}

export interface HealthAnswer {
  sensors: SensorHealth[];
}

export interface BaselineAnswer {
  phase: LearningPhase;
  requested_phase: LearningPhase | null;
  assets: number;
  conversations: number;
}
