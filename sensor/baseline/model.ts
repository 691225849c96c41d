import type { Finding } from '../model/finding.js';
import type { Novelty } from '../model/novelty.js';

/**
 * A deviation model: what is outside the baseline, and what a person should know about it. One folder under `models/`
 * and one line in `registry.ts`.
 */
export interface DeviationModel {
  /** The alerts' `rule_id`. */
  readonly id: string;
  /** What it watches, for a person. */
  readonly description: string;
  /** null: this novelty is none of its business. */
  judge(novelty: Novelty): Deviation | null;
}

/** The part of a finding that a model decides. */
export type Deviation = Pick<
  Finding,
  | 'title'
  | 'description'
  | 'severity'
  | 'source'
  | 'target'
  | 'protocol'
  | 'object'
  | 'techniques'
  | 'expected'
  | 'observed'
  | 'recommendation'
  | 'key'
  | 'tellsExtent'
>;
