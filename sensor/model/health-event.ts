import type { Micros } from './time.js';

/** Something that limits what the sensor can see; becomes an alert of kind `health`. */
export interface HealthEvent {
  /** Stable, e.g. `capture.link_down`; the alert's rule id. */
  readonly code: string;
  readonly title: string;
  /** What happened and what to do, in one or two sentences for a person. */
  readonly description: string;
  /** Interface or part of the sensor. */
  readonly interface: string;
  /** When it began. */
  readonly since: Micros;
}
