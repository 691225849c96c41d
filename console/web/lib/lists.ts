import type { OperationClass } from '../../../sensor/model/operation.ts';
import type { AlertKind, AlertStatus } from '../../../sensor/model/records.ts';
import type { Severity } from '../../../sensor/model/severity.ts';

/** Keys of a complete table, in its order: the compiler says so when the model gets a member that is missing here. */
function keysOf<K extends string>(table: Readonly<Record<K, true>>): readonly K[] {
  return Object.keys(table) as K[];
}

/** Worst first. */
export const SEVERITIES: readonly Severity[] = keysOf<Severity>({
  critical: true,
  high: true,
  medium: true,
  low: true,
  informational: true,
});

export const ALERT_KINDS: readonly AlertKind[] = keysOf<AlertKind>({
  rule: true,
  deviation: true,
  protocol: true,
  health: true,
});

export const ALERT_STATUSES: readonly AlertStatus[] = keysOf<AlertStatus>({
  open: true,
  acknowledged: true,
  closed: true,
});

/** What can hurt most comes first. */
export const OPERATION_CLASSES: readonly OperationClass[] = keysOf<OperationClass>({
  program: true,
  control: true,
  write: true,
  read: true,
  diagnose: true,
  identify: true,
  session: true,
});

/** Operations that change what the plant does. */
export const INTRUSIVE: ReadonlySet<OperationClass> = new Set<OperationClass>(['program', 'control', 'write']);
