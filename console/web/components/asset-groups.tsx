import { t } from '../i18n/index.ts';
import { query } from '../lib/api.ts';
import { formatCount, roleName } from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { own, visible } from '../lib/text.ts';
import { DataTable, Fetched, NoRows } from './list-frame.tsx';
import { Time } from './text.tsx';

export const GROUPINGS = ['zone', 'level', 'vendor', 'role'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** In the filter's place of a value, where there is none. */
export const UNKNOWN = 'unknown';

interface Group {
  value: string;
  devices: number;
  unapproved: number;
  last_seen: string;
}

/** What a zone, level, vendor or role is called. */
export function groupName(by: Grouping, value: string): string {
  if (value === '' || value === UNKNOWN) return t.assetGroups.unknown[by];
  if (by === 'level') return `${t.map.level(Number(value))} ${own(t.map.levelNames, value) ?? ''}`.trim();
  return visible(by === 'role' ? roleName(value) : value);
}

/** The inventory divided by one thing; each group leads to its devices. */
export function AssetGroups({ by }: { by: Grouping }) {
  const fetched = useResource<{ items: Group[] }>(`/assets/groups${query({ by })}`, ['assets']);
  return (
    <Fetched from={fetched}>
      {({ items }) =>
        items.length === 0 ? (
          <NoRows text={t.assets.emptyText} />
        ) : (
          <DataTable
            label={t.assetGroups.by[by]}
            columns={[
              t.assetGroups.by[by],
              { text: t.assetGroups.devices, numeric: true },
              { text: t.assets.notApproved, numeric: true },
              t.assets.colLast,
            ]}
          >
            {items.map(({ value, devices, unapproved, last_seen: last }) => (
              <tr key={value}>
                <th scope="row">
                  <a href={to.assets(query({ [by]: value === '' ? UNKNOWN : value }))}>{groupName(by, value)}</a>
                </th>
                <td class="numeric">{formatCount(devices)}</td>
                <td class="numeric">
                  <span class={unapproved > 0 ? 'tone-medium' : ''}>{formatCount(unapproved)}</span>
                </td>
                <td class="cell-time">
                  <Time iso={last} />
                </td>
              </tr>
            ))}
          </DataTable>
        )
      }
    </Fetched>
  );
}
