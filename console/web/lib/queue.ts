/** The list of alerts that was shown last: its rows from top to bottom, and its filters. */
let rows: readonly string[] = [];
let filters = '';

export function rememberQueue(ids: readonly string[]): void {
  rows = ids;
  filters = window.location.search;
}

/** To go back to the same list: `?status=closed`. */
export function queueFilters(): string {
  return filters;
}

export interface Place {
  /** From 1. */
  readonly at: number;
  readonly of: number;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Where in the queue an alert stands; undefined when it was not opened from there. */
export function placeInQueue(id: string): Place | undefined {
  const index = rows.indexOf(id);
  if (index < 0) return undefined;
  return { at: index + 1, of: rows.length, before: rows[index - 1], after: rows[index + 1] };
}
