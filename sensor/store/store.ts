import type { Alert, AlertPacket, Asset, Conversation, LearningPhase, SensorHealth } from '../model/records.js';

/**
 * What a sensor has found since it last reported. Everything is a plain object, so that a batch can cross a thread,
 * a network or a message broker; writing the same batch twice changes nothing the second time.
 */
export interface FindingsBatch {
  assets: Asset[];
  conversations: Conversation[];
  alerts: Alert[];
  packets: AlertPacket[];
  health: SensorHealth;
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
  conversations: Conversation[];
  /** Alerts that are not closed. */
  openAlerts: Alert[];
}
