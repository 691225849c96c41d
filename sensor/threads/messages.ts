import type { MessagePort } from 'node:worker_threads';
import type { CaptureSettings } from '../capture/live/capture-command.js';
import type { WatchTiming } from '../capture/live/interface-capture.js';
import type { LiveInterface } from '../capture/live/live-source.js';
import type { BaselineVersion } from '../model/baseline-document.js';
import type { HealthEvent } from '../model/health-event.js';
import type {
  Alert,
  AssetSettings,
  BlindInterval,
  DeviceDecisions,
  InterfaceHealth,
  LearningPhase,
} from '../model/records.js';
import type { RuleSettings } from '../model/rule-settings.js';
import type { Site } from '../model/site.js';
import type { OutboxOptions } from '../store/sqlite/outbox.js';
import type { RetentionLimits } from '../store/sqlite/retention.js';
import type { FindingsBatch, SensorMemory } from '../store/store.js';

/** Everything the sensor thread needs; a plain object, because it crosses a thread. */
export interface SensorThreadOptions {
  sensor: string;
  phase: LearningPhase;
  site?: Site;
  rules?: RuleSettings;
  autoProtect: boolean;
  /** Whether a person may change the phase while the sensor runs. */
  followsRequests: boolean;
  interfaces: LiveInterface[];
  capture: CaptureSettings;
  timing: Partial<WatchTiming>;
  /** Whether new alerts are also sent to the main thread. */
  tellAlerts: boolean;
}

export interface SensorThreadData {
  options: SensorThreadOptions;
  memory: SensorMemory | null;
  /** What happened before this thread was started and must become an alert. */
  events: HealthEvent[];
  /** Blind intervals of earlier threads of this run. */
  blind: BlindInterval[];
  writer: MessagePort;
}

export interface LiveStatus {
  packets: number;
  bytes: number;
  interfaces: InterfaceHealth[];
  blind: BlindInterval[];
  /** Figures of the whole store, as of the last batch that was written. */
  assets: number;
  openAlerts: number;
  /** Batches that the store has not confirmed yet. */
  unconfirmed: number;
}

/** Main thread to sensor thread. */
export type ToSensorThread =
  | { type: 'stop' }
  | { type: 'writer'; port: MessagePort }
  | { type: 'health'; event: HealthEvent }
  /** The rule files have changed and are sound. */
  | { type: 'rules' };

/** Sensor thread to main thread. */
export type FromSensorThread =
  | { type: 'status'; status: LiveStatus }
  | { type: 'process'; pid: number; running: boolean }
  | { type: 'alerts'; alerts: Alert[] }
  /** For the person at the terminal. */
  | { type: 'notice'; sentence: string }
  /** The capture could not begin: the user's matter, not a fault to recover from. */
  | { type: 'refused'; message: string }
  /** The source has ended or was stopped, and all that was found is stored (`unconfirmed` batches are not). */
  | { type: 'finished'; unconfirmed: number };

/** Sensor thread to writer thread. */
export type ToWriterPort = { type: 'batch'; id: number; batch: FindingsBatch };

/** Writer thread to sensor thread. */
export type FromWriterPort =
  | {
      type: 'written';
      id: number;
      assets: number;
      openAlerts: number;
      requestedPhase: LearningPhase | null;
      /** What people have decided about the baseline, where that has changed since the last answer. */
      baseline?: BaselineVersion;
      /** Whom people let in, and which records they made one device, where that has changed. */
      devices?: DeviceDecisions;
      /** Ids of all rules that a person switched off, where that has changed. */
      disabledRules?: readonly string[];
      /** What people say of assets, where that has changed since the last answer. */
      assetSettings?: Record<string, AssetSettings>;
    }
  | { type: 'failed'; id: number; reason: string };

export interface WriterThreadData {
  data: string;
  outbox?: OutboxOptions;
  retention?: RetentionLimits;
}

/** Main thread to writer thread. */
export type ToWriterThread =
  | { type: 'connect'; port: MessagePort }
  | { type: 'memory' }
  /** Answered as soon as it has done what came before. */
  | { type: 'ping' }
  | { type: 'close' };

/** Writer thread to main thread. */
export type FromWriterThread =
  | { type: 'ready' }
  /** The store cannot be used: one sentence for the user. */
  | { type: 'refused'; message: string }
  | { type: 'memory'; memory: SensorMemory }
  | { type: 'pong' }
  | { type: 'closed' };
