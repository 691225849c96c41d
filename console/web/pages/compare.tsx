import { useState } from 'preact/hooks';
import type { Asset } from '../../../sensor/model/records.ts';
import { icons } from '../components/icons.tsx';
import { DataTable, Fetched } from '../components/list-frame.tsx';
import { Card, PageHead } from '../components/parts.tsx';
import { Raw, Time } from '../components/text.tsx';
import { t } from '../i18n/index.ts';
import { query } from '../lib/api.ts';
import { useFilters } from '../lib/filters.ts';
import { formatCount, roleName } from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { useOverview } from '../lib/session.ts';
import { seenSoFar } from '../lib/sight.ts';
import { own, visible } from '../lib/text.ts';

interface Comparison {
  appeared: Asset[];
  silent: Asset[];
  changed: Asset[];
  appeared_count: number;
  silent_count: number;
  changed_count: number;
}

function Devices({
  title,
  assets,
  count,
  within,
}: {
  title: string;
  assets: readonly Asset[];
  count: number;
  /** Tells also what they said before and since, in this period. */
  within?: readonly [from: string, to: string];
}) {
  const isWithin = (time: string) =>
    within !== undefined && Date.parse(time) >= Date.parse(within[0]) && Date.parse(time) <= Date.parse(within[1]);
  return (
    <Card title={title} aside={<span class="badge">{formatCount(count)}</span>}>
      {assets.length === 0 ? (
        <p class="faint">{t.assetEdit.nothing}</p>
      ) : (
        <DataTable
          label={title}
          plain
          columns={[t.assets.colName, t.assets.colAddress, t.assets.colRole, t.asset.firstSeen, t.asset.lastSeen]}
        >
          {assets.map((asset) => (
            <tr key={asset.id}>
              <th scope="row">
                <a href={to.asset(asset.id)}>
                  <Raw text={asset.name} />
                </a>
                {(asset.changes ?? [])
                  .filter(({ timestamp }) => isWithin(timestamp))
                  .map((change) => (
                    <span class="cell-sub" key={`${change.timestamp} ${change.field}`}>
                      {own(t.identityField, change.field) ?? visible(change.field)}: <Raw text={change.from} /> →{' '}
                      <Raw text={change.to} />
                    </span>
                  ))}
              </th>
              <td>
                <Raw text={asset.ips[0] ?? asset.macs[0] ?? ''} mono />
              </td>
              <td>
                <Raw text={asset.roles.map(roleName).join(', ')} />
              </td>
              <td class="cell-time">
                <Time iso={asset.first_seen} />
              </td>
              <td class="cell-time">
                <Time iso={asset.last_seen} />
              </td>
            </tr>
          ))}
        </DataTable>
      )}
    </Card>
  );
}

function Answer({ from, until }: { from: string; until: string }) {
  const fetched = useResource<Comparison>(`/assets/compare${query({ from, to: until })}`);
  return (
    <Fetched from={fetched}>
      {(data) => (
        <div class="stack">
          <Devices title={t.assetEdit.appeared} assets={data.appeared} count={data.appeared_count} />
          <Devices title={t.assetEdit.silent} assets={data.silent} count={data.silent_count} />
          <Devices
            title={t.assetEdit.changed}
            assets={data.changed}
            count={data.changed_count}
            within={[from, until]}
          />
        </div>
      )}
    </Fetched>
  );
}

export function ComparePage() {
  const filters = useFilters();
  const overview = useOverview()?.data;
  const last =
    overview?.sensors
      .map((sensor) => sensor.last_packet ?? '')
      .sort()
      .at(-1) ?? '';
  const first = overview === undefined ? undefined : seenSoFar(overview.sensors).since;
  const from = filters.get('from') || first || '';
  const until = filters.get('to') || last;
  const [chosenFrom, setFrom] = useState('');
  const [chosenTo, setTo] = useState('');
  return (
    <>
      <a class="back" href={to.assets()}>
        {icons.back()}
        {t.asset.back}
      </a>
      <PageHead title={t.assetEdit.compare} documentTitle={t.assetEdit.compare} />
      <p class="page-intro">{t.assetEdit.compareIntro}</p>
      <form
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault();
          if (chosenFrom !== '') filters.set('from', new Date(chosenFrom).toISOString());
          if (chosenTo !== '') filters.set('to', new Date(chosenTo).toISOString());
        }}
      >
        <label class="field-inline">
          {t.assetEdit.compareFrom}
          <input type="datetime-local" value={chosenFrom} onInput={(event) => setFrom(event.currentTarget.value)} />
        </label>
        <label class="field-inline">
          {t.assetEdit.compareTo}
          <input type="datetime-local" value={chosenTo} onInput={(event) => setTo(event.currentTarget.value)} />
        </label>
        <button type="submit" class="button">
          {t.assetEdit.compareGo}
        </button>
      </form>
      {from !== '' && until !== '' && from < until && <Answer from={from} until={until} />}
    </>
  );
}
