import type { OperationClass } from '../sensor/model/operation.js';
import type { AlertStatus, Asset } from '../sensor/model/records.js';
import type { Severity } from '../sensor/model/severity.js';

/** Shapes that the API makes and the page reads, beside the records of sensor/model: one definition for both. */

export interface MapNode {
  id: string;
  name: string;
  ip: string;
  roles: string[];
  vendor: string;
  level: number | null;
  zone: string;
  /** Nobody has said so; it follows from its address and level. */
  zone_inferred: boolean;
  criticality: Asset['criticality'];
  approved: boolean;
  /** Approved by a person or part of the baseline. */
  known: boolean;
  open_alerts: number;
  worst: Severity | null;
}

/** All that one device asks of another. */
export interface MapEdge {
  client: string;
  server: string;
  protocols: string[];
  /** What can hurt most first. */
  classes: OperationClass[];
  messages: number;
  bytes: number;
  /** Every conversation and operation of it was learned. */
  known: boolean;
}

/** The map: devices and who asks whom. */
export interface MapAnswer {
  nodes: MapNode[];
  edges: MapEdge[];
  total_nodes: number;
  total_edges: number;
}

/** An alert as a step of an incident. */
export interface IncidentAlert {
  id: string;
  title: string;
  severity: Severity;
  status: AlertStatus;
  first_seen: string;
  dest_ip?: string;
  dest_asset?: string;
  object?: string;
  count: number;
  attack: string[];
}

export interface Incident {
  id: string;
  src_ip: string;
  src_asset?: string;
  severity: Severity;
  /** Open while any of its alerts is. */
  status: AlertStatus;
  first_seen: string;
  last_seen: string;
  alerts: IncidentAlert[];
  alert_count: number;
  targets: string[];
  techniques: string[];
}

/** How long at least one of the intervals lasts; each is begin and end in seconds, in any order. */
export function coveredSeconds(intervals: readonly (readonly [from: number, to: number])[]): number {
  let covered = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const [from, to] of [...intervals].sort((a, b) => a[0] - b[0])) {
    if (to <= until) continue;
    covered += Math.max(0, to - Math.max(from, until));
    until = to;
  }
  return covered;
}
