import type { AlertKind, Criticality } from './records.js';
import type { Severity } from './severity.js';
import type { Micros } from './time.js';

/** One end of what a finding is about. */
export interface Party {
  readonly ip: string;
  readonly port?: number;
  /** Asset id, where the address is a known device. */
  readonly asset?: string;
  /** For sentences: "Example PLC (10.0.0.5)". */
  readonly label: string;
}

/** Work that people have announced: by naming the station, or a time for it. */
export interface ExpectedWork {
  readonly factor: 'station' | 'window';
  /** Of the station or window. */
  readonly name: string;
  readonly severity: Severity;
  /** When it is no longer expected. */
  readonly ends: Micros;
}

/** What beside its rule decides how severe a finding is. */
export interface Circumstances {
  readonly expectedWork: ExpectedWork | null;
  /** As people have stated it; null: nobody did. */
  readonly targetCriticality: Criticality | null;
  /** The same two did the same while the sensor learned. */
  readonly isLearned: boolean;
  /** It is an attempt that the answer decides: a refused one has changed nothing. */
  readonly isAttempt: boolean;
}

export const NO_CIRCUMSTANCES: Circumstances = {
  expectedWork: null,
  targetCriticality: null,
  isLearned: false,
  isAttempt: false,
};

/** What a rule, a deviation model or a check has found; the alert engine makes alerts of findings. */
export interface Finding {
  readonly kind: AlertKind;
  readonly ruleId: string;
  readonly ruleVersion: string;
  readonly title: string;
  readonly description: string;
  readonly severity: Severity;
  readonly source: Party | null;
  readonly target: Party | null;
  readonly protocol: string | null;
  /** What was acted on, as text. */
  readonly object: string | null;
  /** ATT&CK technique ids. */
  readonly techniques: readonly string[];
  readonly expected: string | null;
  readonly observed: string | null;
  readonly recommendation: string;
  /** Findings with equal rule and key are one alert that counts. */
  readonly key: string;
  /** Description and observation of the latest such finding replace the earlier ones: they tell the extent. */
  readonly tellsExtent?: boolean;
}
