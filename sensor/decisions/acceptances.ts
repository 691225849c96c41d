import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AcceptancePreview, preview, type RolesOf } from '../baseline/acceptance.js';
import type { Acceptance } from '../model/baseline-document.js';
import type { Alert } from '../model/records.js';
import type { AlertQuery, FindingsReader } from '../store/store.js';

const PORTION = 250;
/** Alerts that a preview looks at, newest first. */
const MAX_LOOKED_AT = 20_000;

/** What a person asked for cannot be done: a sentence that says why and what to do. */
export class DecisionRefused extends Error {
  override readonly name = 'UsageError';
  /** Stable, for programs. */
  readonly code: 'not_possible' | 'hides_rule' | 'already' | 'nothing';

  constructor(code: DecisionRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface Preview extends AcceptancePreview {
  /** False: there are more alerts than were looked at. */
  isComplete: boolean;
}

/** Roles of assets as they are shown, each looked up once. */
export function rolesIn(findings: FindingsReader): RolesOf {
  const known = new Map<string, readonly string[]>();
  return (id) => {
    if (id === undefined) return [];
    let roles = known.get(id);
    if (roles === undefined) {
      roles = findings.asset(id)?.roles ?? [];
      known.set(id, roles);
    }
    return roles;
  };
}

/** What narrows the search for alerts that an acceptance may be about. */
function queriesFor(findings: FindingsReader, acceptance: Acceptance, alert: Alert): AlertQuery[] {
  const side = acceptance.client === undefined ? alert.dest_asset : alert.src_asset;
  const asset = acceptance.scope === 'roles' || side === undefined ? undefined : findings.asset(side)?.id;
  const where = asset === undefined ? {} : { asset };
  // Apart, so that no flood of deviations keeps an open hit of a rule beyond what is looked at.
  return [
    asset === undefined && acceptance.rule !== undefined
      ? { rule: acceptance.rule }
      : { ...where, kind: ['deviation'] },
    { ...where, kind: ['rule'], severity: ['high', 'critical'], status: ['open', 'acknowledged'] },
  ];
}

/** What these acceptances of one alert would have kept quiet; other work goes on in between. */
export async function previewAll(
  findings: FindingsReader,
  acceptances: readonly Acceptance[],
  alert: Alert,
): Promise<Preview[]> {
  const rolesOf = rolesIn(findings);
  const found: Preview[] = acceptances.map(() => ({ covered: [], findings: 0, hides: [], isComplete: true }));
  const groups = new Map<string, { query: AlertQuery; of: number[] }>();
  acceptances.forEach((acceptance, index) => {
    for (const query of queriesFor(findings, acceptance, alert)) {
      const key = JSON.stringify(query);
      const group = groups.get(key) ?? { query, of: [] };
      group.of.push(index);
      groups.set(key, group);
    }
  });
  for (const { query, of } of groups.values()) {
    let left = MAX_LOOKED_AT;
    for (let cursor: string | null | undefined; cursor !== null; ) {
      if (left <= 0) {
        for (const index of of) found[index]!.isComplete = false;
        break;
      }
      const page = findings.alerts({ ...query, limit: PORTION, ...(cursor === undefined ? {} : { cursor }) });
      left -= page.items.length;
      for (const index of of) {
        const part = preview(acceptances[index]!, page.items, rolesOf);
        const whole = found[index]!;
        whole.covered.push(...part.covered);
        whole.hides.push(...part.hides);
        whole.findings += part.findings;
      }
      cursor = page.next;
      await nextTurn();
    }
  }
  return found;
}
