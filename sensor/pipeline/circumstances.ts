import type { Circumstances, ExpectedWork, Finding } from '../model/finding.js';
import { MaintenancePlan, type MaintenanceWindow } from '../model/maintenance.js';
import type { OperationClass } from '../model/operation.js';
import type { Criticality } from '../model/records.js';
import type { Severity } from '../model/severity.js';
import type { Micros } from '../model/time.js';
import { authorisedStation, type Knowledge, macsOf } from './rule-context.js';

/** What is known of a finding where it is made. */
export interface Occasion {
  /** What it becomes when the work is announced; null: announcing changes nothing. */
  readonly whenExpected: Severity | null;
  /** What the source must be there for, to be expected at any time; null: nothing that stations are authorised for. */
  readonly work: OperationClass | null;
  readonly isLearned: boolean;
  readonly isAttempt: boolean;
}

const DEVIATION: Occasion = { whenExpected: 'informational', work: null, isLearned: false, isAttempt: false };
const OTHER: Occasion = { ...DEVIATION, whenExpected: null };

/** Brings together what people have stated and what the traffic shows, for the arithmetic of severities. */
export class CircumstanceJudge {
  readonly #knowledge: Knowledge;
  #plan: MaintenancePlan;

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge;
    this.#plan = new MaintenancePlan(knowledge.site.site.maintenance ?? [], knowledge.site);
  }

  /** Times for work that were announced while the sensor runs, beside those of the settings. */
  announce(windows: readonly MaintenanceWindow[]): void {
    const { site } = this.#knowledge;
    this.#plan = new MaintenancePlan([...(site.site.maintenance ?? []), ...windows], site);
  }

  of(finding: Finding, at: Micros, occasion: Occasion | null): Circumstances {
    const known = occasion ?? (finding.kind === 'deviation' ? DEVIATION : OTHER);
    const { isLearned, isAttempt } = known;
    return {
      expectedWork: this.#expectedWork(finding, at, known),
      targetCriticality: this.#criticality(finding.target?.ip),
      isLearned,
      isAttempt,
    };
  }

  #expectedWork({ source, target }: Finding, at: Micros, occasion: Occasion): ExpectedWork | null {
    const { whenExpected: severity, work } = occasion;
    if (severity === null) return null;
    const station = source && work ? authorisedStation(source.ip, work, this.#knowledge) : null;
    if (station) return { factor: 'station', name: station.name, severity, ends: Number.POSITIVE_INFINITY };
    const open = this.#plan.open(at, source?.ip ?? null, target?.ip ?? null, (ip) => macsOf(ip, this.#knowledge));
    return open && { factor: 'window', name: open.window.name, severity, ends: open.ends };
  }

  /** Only what people have stated: what is guessed from a device's kind is in the rules' levels already. */
  #criticality(ip: string | undefined): Criticality | null {
    if (ip === undefined) return null;
    return this.#knowledge.asset(ip)?.words?.criticality ?? this.#knowledge.site.zoneOf(ip)?.criticality ?? null;
  }
}
