import type { Severity } from './severity.js';

/** Where an anomaly was noticed, with the names of Suricata's EVE JSON. */
export type AnomalyLayer = 'decode' | 'stream' | 'applayer';

export interface AnomalyDef {
  /** `layer.what_is_odd`; printed in records, matched by rules, never reused once retired. */
  readonly code: string;
  readonly layer: AnomalyLayer;
  /** For a person, without jargon where possible. */
  readonly title: string;
  /** What it means and why it matters. */
  readonly description: string;
  /** Severity of the alert it raises; null when it is only counted and recorded. */
  readonly severity: Severity | null;
}
