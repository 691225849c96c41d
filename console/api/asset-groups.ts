import { Type } from 'typebox';
import type { Asset } from '../../sensor/model/records.js';
import type { App, ConsoleContext } from './context.js';
import { Count, closed, ErrorBody, Next, oneOf, Time } from './schemas.js';
import { PORTION, Snapshot } from './snapshot.js';

const GROUPINGS = ['zone', 'level', 'vendor', 'role'] as const;
type Grouping = (typeof GROUPINGS)[number];
/** More than anybody reads; whoever forges devices must not make the answer long. */
const MOST_GROUPS = 500;

interface Group {
  /** As the list's filter of the same name takes it; empty: not known. */
  value: string;
  devices: number;
  unapproved: number;
  last_seen: string;
}

/** A device of several roles stands in the group of its first: each is counted once. */
const VALUE: Readonly<Record<Grouping, (asset: Asset) => string>> = {
  zone: ({ zone }) => zone ?? '',
  level: ({ purdue_level: level }) => (level === null ? '' : String(level)),
  vendor: ({ vendor }) => vendor ?? '',
  role: ({ roles }) => roles[0] ?? '',
};

/** Zone 2 before Zone 10. */
const BY_NAME = new Intl.Collator('en', { numeric: true });

/** Levels from the top of the plant to the process; anything else the largest first. */
const ORDER = {
  level: (a: Group, b: Group) => Number(b.value || -1) - Number(a.value || -1),
  size: (a: Group, b: Group) => b.devices - a.devices,
} as const;

function count(groups: Map<string, Group>, value: string, asset: Asset): void {
  let group = groups.get(value);
  if (group === undefined) {
    group = { value, devices: 0, unapproved: 0, last_seen: '' };
    groups.set(value, group);
  }
  group.devices++;
  if (!asset.approved) group.unapproved++;
  if (asset.last_seen > group.last_seen) group.last_seen = asset.last_seen;
}

/** How the inventory divides: by zone, level of the Purdue model, vendor or role. */
export function addAssetGroups(app: App, context: ConsoleContext): void {
  const groups = new Snapshot(context, async (turn) => {
    const found = Object.fromEntries(GROUPINGS.map((by) => [by, new Map<string, Group>()])) as Record<
      Grouping,
      Map<string, Group>
    >;
    for (let after: number | null = 0; after !== null; await turn()) {
      const walk = context.findings.walkAssets(after, PORTION);
      for (const asset of walk.items) for (const by of GROUPINGS) count(found[by], VALUE[by](asset), asset);
      after = walk.next;
    }
    return found;
  });

  app.get(
    '/api/v1/assets/groups',
    {
      schema: {
        description:
          'Devices by zone, vendor or role, the largest group first, or by level from the top; at most 500 groups.',
        querystring: Type.Object({ by: oneOf(GROUPINGS) }, closed),
        response: {
          200: Type.Object({
            items: Type.Array(
              Type.Object({
                value: Type.String({ description: 'For the filter of that name; empty: not known.' }),
                devices: Count,
                unapproved: Count,
                last_seen: Time,
              }),
            ),
            next: Next,
          }),
          '4xx': ErrorBody,
        },
      },
    },
    async ({ query }) => {
      const all = [...(await groups.get())[query.by].values()];
      all.sort((a, b) => ORDER[query.by === 'level' ? 'level' : 'size'](a, b) || BY_NAME.compare(a.value, b.value));
      return { items: all.slice(0, MOST_GROUPS), next: null };
    },
  );
}
