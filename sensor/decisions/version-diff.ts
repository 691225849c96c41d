import type { BaselineDecisions } from '../model/baseline-document.js';

export interface DecisionChange {
  /** `accepted`, `declared`, `devices`, `conversations`, … */
  list: string;
  change: 'added' | 'removed' | 'changed';
  entry: Record<string, unknown>;
  /** What a changed entry was. */
  before?: Record<string, unknown>;
}

export interface DecisionDiff {
  changes: DecisionChange[];
  /** All of them, also those beyond the limit. */
  count: number;
}

type Entry = Record<string, unknown>;

/** What makes two entries of two versions the same thing. */
const KEYS = ['id', 'ip', 'client', 'server', 'protocol', 'port', 'transport', 'unit', 'address', 'type'];

function keyOf(entry: Entry): string {
  const names = typeof entry['id'] === 'string' ? ['id'] : KEYS;
  return JSON.stringify(names.map((name) => entry[name] ?? null));
}

/** What people have decided in between two versions. */
export function diffDecisions(before: BaselineDecisions, after: BaselineDecisions, limit: number): DecisionDiff {
  const changes: DecisionChange[] = [];
  let count = 0;
  const note = (change: DecisionChange) => {
    if (count++ < limit) changes.push(change);
  };
  const lists = (decisions: BaselineDecisions) => decisions as unknown as Record<string, Entry[] | undefined>;
  for (const list of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const were = new Map((lists(before)[list] ?? []).map((entry) => [keyOf(entry), entry]));
    for (const entry of lists(after)[list] ?? []) {
      const key = keyOf(entry);
      const was = were.get(key);
      were.delete(key);
      if (was === undefined) note({ list, change: 'added', entry });
      else if (JSON.stringify(was) !== JSON.stringify(entry)) note({ list, change: 'changed', entry, before: was });
    }
    for (const entry of were.values()) note({ list, change: 'removed', entry });
  }
  return { changes, count };
}
