import type { Alert } from '../../sensor/model/records.js';
import { SEVERITIES, type Severity } from '../../sensor/model/severity.js';
import type { Mute } from '../../sensor/store/console/work-store.js';
import type { ConsoleContext } from './context.js';
import { muteOf } from './work.js';

/** Open alerts that are looked at, the newest first; what is older and muted still counts as open. */
const MAX_LOOKED_AT = 2000;
const PORTION = 200;

export type SeverityCounts = Record<Severity, number>;

const zero = (): SeverityCounts => Object.fromEntries(SEVERITIES.map((one) => [one, 0])) as SeverityCounts;

interface Counted {
  /** What the count rests on: the store's revision and the mutes. */
  readonly basis: string;
  readonly counts: SeverityCounts;
}

const remembered = new WeakMap<ConsoleContext, Counted>();

/** Open alerts that a mute keeps out of the queue. Without mutes nothing is read. */
function mutedCounts(context: ConsoleContext, active: readonly Mute[]): SeverityCounts {
  if (active.length === 0) return zero();
  const { findings } = context;
  const basis = `${findings.revision()} ${active.map(({ id }) => id).join(' ')}`;
  const known = remembered.get(context);
  if (known?.basis === basis) return known.counts;
  const counts = zero();
  let cursor: string | undefined;
  for (let seen = 0; seen < MAX_LOOKED_AT; seen += PORTION) {
    const page = findings.alerts({ status: ['open'], limit: PORTION, ...(cursor === undefined ? {} : { cursor }) });
    for (const alert of page.items) if (muteOf(alert, active)) counts[alert.severity]++;
    if (page.next === null) break;
    cursor = page.next;
  }
  remembered.set(context, { basis, counts });
  return counts;
}

/**
 * Open alerts as everybody is told them: a mute says that somebody knows, so what it keeps out of the queue is not
 * counted as open in the overview, on the map or in the metrics either.
 */
export function openCounts(context: ConsoleContext): { open: SeverityCounts; muted: SeverityCounts } {
  const stored = context.findings.counts().alerts.open;
  const muted = mutedCounts(context, context.accounts.work.mutes());
  const open = zero();
  for (const severity of SEVERITIES) open[severity] = Math.max(0, stored[severity] - muted[severity]);
  return { open, muted };
}

/** The worst open alerts that no mute keeps out of the queue. */
export function worstOpen(context: ConsoleContext, count: number): Alert[] {
  const active = context.accounts.work.mutes();
  const limit = active.length === 0 ? count : PORTION;
  const { items } = context.findings.alerts({ status: ['open'], sort: 'severity', limit });
  return items.filter((alert) => muteOf(alert, active) === null).slice(0, count);
}
