import { setImmediate as nextTurn } from 'node:timers/promises';
import { MaintenancePlan, type MaintenanceWindow } from '../model/maintenance.js';
import type { Alert } from '../model/records.js';
import { type Severity, severityRank } from '../model/severity.js';
import type { SiteMap } from '../model/site.js';
import { formatTimestamp, MICROS_PER_SECOND, type Micros, parseTimestamp } from '../model/time.js';
import type { FindingsReader } from '../store/store.js';

const PORTION = 250;
/** Alerts that a preview looks at, newest first. */
const MAX_LOOKED_AT = 20_000;
export const PREVIEW_DAYS = 30;
const PREVIEW_TIME: Micros = PREVIEW_DAYS * 86_400 * MICROS_PER_SECOND;

/** An alert that would have been recorded as announced work. */
export interface SoftenedAlert {
  readonly alert: Alert;
  readonly to: Severity;
}

export interface WindowPreview {
  /** Newest first. */
  readonly softened: readonly SoftenedAlert[];
  /** False: the window is not over yet, so all alerts between what it names were counted, whenever they were. */
  readonly isByTime: boolean;
  /** False: there are more alerts than were looked at. */
  readonly isComplete: boolean;
}

/**
 * What a window would have softened of the alerts of the last 30 days that have any, had it been announced then. `whenExpected` says what a
 * rule's alerts become. A deviation counts where it began: what went on beyond a window would be an alert of its own.
 */
export async function previewWindow(
  findings: FindingsReader,
  window: MaintenanceWindow,
  site: SiteMap,
  whenExpected: (rule: string) => Severity | null,
  now: Micros,
): Promise<WindowPreview> {
  let since = Number.NaN;
  const isByTime = window.ends === undefined || parseTimestamp(window.ends) <= now;
  const { days: _, from: __, to: ___, ...scope } = window;
  const always = { ...scope, begins: formatTimestamp(0), ends: formatTimestamp(now + MICROS_PER_SECOND) };
  const plan = new MaintenancePlan([isByTime ? window : always], site);
  const macs = new Map<string, readonly string[]>();
  const macsOf = (alert: Alert): readonly string[] => {
    const id = alert.src_asset ?? '';
    let known = macs.get(id);
    if (known === undefined) {
      known = id === '' ? [] : (findings.asset(id)?.macs ?? []);
      macs.set(id, known);
    }
    return known;
  };
  const softened: SoftenedAlert[] = [];
  let looked = 0;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = findings.alerts({ limit: PORTION, ...(cursor === undefined ? {} : { cursor }) });
    for (const alert of page.items) {
      const last = parseTimestamp(alert.last_seen);
      // A store that was filled from captures may be of another year.
      if (Number.isNaN(since)) since = Math.min(now, last) - PREVIEW_TIME;
      if (last < since) return { softened, isByTime, isComplete: true };
      const to = alert.kind === 'deviation' ? 'informational' : whenExpected(alert.rule_id);
      if (to === null || severityRank(to) >= severityRank(alert.severity)) continue;
      const open = plan.open(parseTimestamp(alert.first_seen), alert.src_ip ?? null, alert.dest_ip ?? null, () =>
        macsOf(alert),
      );
      if (open !== null) softened.push({ alert, to });
    }
    looked += page.items.length;
    if (looked >= MAX_LOOKED_AT && page.next !== null) return { softened, isByTime, isComplete: false };
    cursor = page.next;
    await nextTurn();
  }
  return { softened, isByTime, isComplete: true };
}
