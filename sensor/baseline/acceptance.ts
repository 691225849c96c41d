import type { Acceptance, AcceptanceScope } from '../model/baseline-document.js';
import type { Alert } from '../model/records.js';
import { severityRank } from '../model/severity.js';
import { stableId } from '../model/stable-id.js';
import { type Micros, parseTimestamp } from '../model/time.js';

/** The part of a finding or an alert that a person's word may cover. */
export interface Coverable {
  readonly rule: string;
  readonly client: string | undefined;
  readonly server: string | undefined;
  readonly clientRoles: readonly string[];
  readonly serverRoles: readonly string[];
  readonly protocol: string | undefined;
  /** Empty: about nothing in particular. */
  readonly objects: readonly string[];
  readonly observed: string | undefined;
}

const same = (wanted: string | undefined, found: string | undefined) => wanted === undefined || wanted === found;
const among = (wanted: string | undefined, found: readonly string[]) => wanted === undefined || found.includes(wanted);

/** Whether it is about nothing that was not accepted. */
function objectsWithin({ object, objects }: Acceptance, found: readonly string[]): boolean {
  if (objects !== undefined) return found.length > 0 && found.every((one) => objects.includes(one));
  return object === undefined || (found.length > 0 && found.every((one) => one === object));
}

/** What an alert tells grows, "; " between its parts: it is the same as long as nothing else comes in. */
function observedWithin(wanted: string | undefined, found: string | undefined): boolean {
  if (wanted === undefined || wanted === found) return true;
  const parts = new Set(wanted.split('; '));
  return found?.split('; ').every((part) => parts.has(part)) ?? false;
}

/** Whether these are within the scope, at whatever time. */
export function covers(acceptance: Acceptance, one: Coverable): boolean {
  return (
    same(acceptance.rule, one.rule) &&
    same(acceptance.client, one.client) &&
    same(acceptance.server, one.server) &&
    same(acceptance.protocol, one.protocol) &&
    objectsWithin(acceptance, one.objects) &&
    observedWithin(acceptance.observed, one.observed) &&
    among(acceptance.client_role, one.clientRoles) &&
    among(acceptance.server_role, one.serverRoles)
  );
}

/** What people have accepted, as the sensor asks. */
export class Acceptances {
  readonly #all: readonly (readonly [Acceptance, Micros])[];

  constructor(all: readonly Acceptance[]) {
    this.#all = all.map((one) => [one, one.expires === undefined ? Number.NaN : parseTimestamp(one.expires)]);
  }

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /** Whether one of them covers this at this time. */
  cover(one: Coverable, at: Micros): boolean {
    return this.#all.some(([acceptance, expires]) => !(at > expires) && covers(acceptance, one));
  }
}

/** Roles of an asset by its id. */
export type RolesOf = (asset: string | undefined) => readonly string[];

export function coverableOf(alert: Alert, rolesOf: RolesOf): Coverable {
  return {
    rule: alert.rule_id,
    client: alert.src_ip,
    server: alert.dest_ip,
    clientRoles: rolesOf(alert.src_asset),
    serverRoles: rolesOf(alert.dest_asset),
    protocol: alert.protocol,
    objects: alert.objects ?? (alert.object === undefined ? [] : [alert.object]),
    observed: alert.observed,
  };
}

/** The acceptance of this alert with that scope. Returns a sentence where that is not possible. */
export function acceptanceOf(
  alert: Alert,
  scope: AcceptanceScope,
  rolesOf: RolesOf,
  words: Pick<Acceptance, 'by' | 'at' | 'reason' | 'expires'>,
): Acceptance | string {
  if (alert.kind !== 'deviation') {
    return `Alert ${alert.id} is no deviation (${alert.kind}): only deviations can become normal. Close it, or change the rule.`;
  }
  if (alert.src_ip === undefined && alert.dest_ip === undefined) {
    return `Alert ${alert.id} names no device, so there is nothing to accept.`;
  }
  const id = stableId('acceptance', alert.id, scope, words.at);
  const protocol = alert.protocol === undefined ? {} : { protocol: alert.protocol };
  const pair = {
    ...(alert.src_ip === undefined ? {} : { client: alert.src_ip }),
    ...(alert.dest_ip === undefined ? {} : { server: alert.dest_ip }),
  };
  switch (scope) {
    case 'pair':
      return { id, scope, ...pair, ...protocol, ...words };
    case 'roles': {
      const client = rolesOf(alert.src_asset)[0];
      const server = rolesOf(alert.dest_asset)[0];
      if (client === undefined || server === undefined) {
        return `The devices of alert ${alert.id} have no known roles: choose the scope pair, or give them roles first.`;
      }
      return { id, scope, rule: alert.rule_id, client_role: client, server_role: server, ...protocol, ...words };
    }
    default: {
      const { object: last, objects } = alert;
      const object =
        scope === 'operation' || last === undefined ? {} : objects === undefined ? { object: last } : { objects };
      const observed = scope === 'value' && alert.observed !== undefined ? { observed: alert.observed } : {};
      return { id, scope, rule: alert.rule_id, ...pair, ...protocol, ...object, ...observed, ...words };
    }
  }
}

export interface AcceptancePreview {
  /** Alerts that would not have been raised. */
  covered: Alert[];
  /** Findings that they count. */
  findings: number;
  /**
   * Alerts of rules, level high or above, between the same devices, that nobody has closed: whoever accepts would
   * overlook them.
   */
  hides: Alert[];
}

const HIGH = severityRank('high');

/** What an acceptance would have kept quiet, among these alerts. */
export function preview(acceptance: Acceptance, alerts: Iterable<Alert>, rolesOf: RolesOf): AcceptancePreview {
  const result: AcceptancePreview = { covered: [], findings: 0, hides: [] };
  // A rule speaks of the same devices and, in the narrow scopes, of the same thing; what has no source is nobody's act.
  const { rule: _, observed: __, ...place } = acceptance;
  const isAct = acceptance.client !== undefined || acceptance.client_role !== undefined;
  for (const alert of alerts) {
    const one = coverableOf(alert, rolesOf);
    if (alert.kind === 'deviation') {
      if (!covers(acceptance, one)) continue;
      result.covered.push(alert);
      result.findings += alert.count;
    } else if (isAct && alert.kind === 'rule' && severityRank(alert.severity) >= HIGH && covers(place, one)) {
      // Closed: a person has looked at it and said why.
      if (alert.status !== 'closed') result.hides.push(alert);
    }
  }
  return result;
}
