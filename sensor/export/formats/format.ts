import type { ExportEvent } from '../event.js';

export type FieldValue =
  | string
  | number
  | boolean
  | undefined
  | readonly FieldValue[]
  | { readonly [key: string]: unknown };

/** One line of a format's mapping: the format writes by it, and the documentation shows it. */
export interface FieldMapping {
  /** Name in the receiver; dotted where the format nests. */
  readonly field: string;
  /** Where it comes from, for the documentation: `alert.src_ip`. */
  readonly from: string;
  /** undefined and '': the field is left out. */
  readonly value: (event: ExportEvent) => FieldValue;
}

/** How a message looks inside its envelope (a syslog header, a line of a file, a request). */
export interface Format {
  readonly name: string;
  /** What it is and who reads it, one sentence. */
  readonly description: string;
  readonly isJson: boolean;
  readonly mapping: readonly FieldMapping[];
  /** One line without a line break. The event is clean (`buildEvent`); whatever its texts hold, the line is well formed. */
  render(event: ExportEvent): string;
}

/** Those that are missing leave no trace in the message. */
export function isGiven(value: FieldValue): value is Exclude<FieldValue, undefined> {
  return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
}

/** What several formats say of an event. */
export const ruleId = (event: ExportEvent): string =>
  event.alert?.rule_id ?? event.storm?.rule_id ?? `fieldwatch.${event.type}`;
export const category = (event: ExportEvent): string => event.alert?.kind ?? event.storm?.kind ?? event.type;
export const techniques = (event: ExportEvent): string[] => event.alert?.attack.map(({ technique }) => technique) ?? [];
export const tactics = (event: ExportEvent): string[] => [
  ...new Set(event.alert?.attack.map(({ tactic }) => tactic).filter((tactic) => tactic !== '') ?? []),
];
/** How the alert came to its severity, step by step. */
export const severityBasis = (event: ExportEvent): FieldValue =>
  event.alert?.severity_basis?.map((step) => ({ ...step }));
/** Milliseconds since 1970. */
export const millis = (time: string | undefined): number | undefined => {
  const value = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(value) ? undefined : value;
};
