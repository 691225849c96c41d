import type { Alert, ProcessVariable } from '../../../sensor/model/records.ts';
import { AlertList, Endpoint } from '../components/alert-list.tsx';
import { icons } from '../components/icons.tsx';
import { DataTable, ListFrame, NothingThere } from '../components/list-frame.tsx';
import { Card, ErrorState, Facts, FilterChip, Loading, PageHead, SearchBox, Select } from '../components/parts.tsx';
import { NotKnown, Raw, Time } from '../components/text.tsx';
import { Sparkline, Trend, type TrendLimit } from '../components/trend.tsx';
import { said, t } from '../i18n/index.ts';
import { query } from '../lib/api.ts';
import { useFilters } from '../lib/filters.ts';
import { formatDuration, protocolName } from '../lib/format.ts';
import { useList, useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { useRows } from '../lib/rows.ts';
import { encodeId, own, visible } from '../lib/text.ts';
import type { AssetNames, ListedVariable, VariableDetail } from '../lib/types.ts';

function valueText(value: unknown, measure: string | undefined): string {
  const shown = typeof value === 'number' ? String(Math.round(value * 10_000) / 10_000) : String(value);
  return measure === undefined ? shown : `${shown} ${measure}`;
}

function rangeText(low: number | undefined, high: number | undefined): string | undefined {
  if (low === undefined || high === undefined) return undefined;
  return low === high ? valueText(low, undefined) : `${valueText(low, undefined)} … ${valueText(high, undefined)}`;
}

function DeviceCell({
  variable,
  names,
}: {
  variable: Pick<ProcessVariable, 'server_ip' | 'asset' | 'unit'>;
  names: AssetNames;
}) {
  return (
    <>
      <Endpoint ip={variable.server_ip} asset={variable.asset} names={names} />
      {variable.unit !== undefined && <span class="cell-sub">{`${t.process.unit} ${variable.unit}`}</span>}
    </>
  );
}

export function ProcessPage() {
  const filters = useFilters();
  const kind = filters.get('kind');
  const asset = filters.get('asset');
  // What changed last is what somebody looks for; most values never change.
  const sort = filters.get('sort') || '-last_changed';
  const q = filters.get('q');
  const list = useList<ListedVariable>(`/variables${query({ kind, asset, sort, q, history: 'true' })}`, [
    'conversations',
  ]);
  const items = list.items ?? [];
  const rows = useRows(
    items.map(({ id }) => id),
    () => ({}),
  );
  const filtered = kind !== '' || asset !== '' || q !== '';
  return (
    <>
      <PageHead title={t.process.title} documentTitle={t.process.title}>
        <span class="page-count">{list.items && t.process.count(items.length, list.hasMore)}</span>
      </PageHead>
      <p class="page-intro">{t.process.intro}</p>
      <div class="toolbar">
        <Select
          label={t.process.kind}
          value={kind}
          options={[['', t.any], ...Object.entries(t.process.kinds)]}
          onChange={(value) => filters.set('kind', value)}
        />
        <Select
          label={t.process.sort}
          value={sort}
          options={[
            ['-last_changed', t.process.byChange],
            ['name', t.process.byName],
          ]}
          onChange={(value) => filters.set('sort', value === '-last_changed' ? '' : value)}
        />
        {asset !== '' && (
          <FilterChip
            text={t.alerts.asset(visible(own(list.names, asset)?.name ?? asset))}
            remove={() => filters.set('asset', '')}
          />
        )}
        <SearchBox placeholder={t.process.searchPlaceholder} value={q} onSearch={(value) => filters.set('q', value)} />
      </div>
      <ListFrame
        list={list}
        newHint={t.process.newHint}
        nothing={<NothingThere words={t.process} filtered={filtered} clear={filters.clear} />}
      >
        <DataTable
          label={t.process.title}
          columns={[
            t.process.colName,
            t.process.colDevice,
            { text: t.process.colNow, numeric: true },
            t.process.colTrend,
            t.process.colRange,
            t.process.colWriter,
            t.process.colChanged,
          ]}
        >
          {items.map((variable) => (
            <tr key={variable.id} class={`row ${rows.current === variable.id ? 'row-current' : ''}`}>
              <td class="cell-main">
                <a class="row-link" href={to.variable(variable.id)} {...rows.linkProps(variable.id)}>
                  <Raw text={variable.name} />
                </a>
                <span class="cell-sub">
                  <span title={t.process.kindMeanings[variable.kind]}>{t.process.kinds[variable.kind]}</span>
                  <span>{visible(protocolName(variable.protocol))}</span>
                </span>
              </td>
              <td>
                <DeviceCell variable={variable} names={list.names} />
              </td>
              <td class="numeric cell-value">
                <Raw text={valueText(variable.last_value, variable.declared?.measure)} />
              </td>
              <td>
                <Sparkline history={variable.history} label={`${t.process.colTrend}: ${visible(variable.name)}`} />
              </td>
              <td class="mono">{rangeText(variable.min, variable.max) ?? <span class="faint">–</span>}</td>
              <td>
                {variable.last_writer === undefined ? (
                  <span class="faint">–</span>
                ) : (
                  <Raw text={variable.last_writer} mono />
                )}
              </td>
              <td class="cell-time">
                <Time iso={variable.last_changed} />
              </td>
            </tr>
          ))}
        </DataTable>
      </ListFrame>
    </>
  );
}

/** Alerts of the device whose words name this variable. */
function useAlerts(variable: VariableDetail | undefined) {
  const path = variable === undefined ? '/alerts?limit=1' : `/alerts${query({ asset: variable.asset, limit: 200 })}`;
  const { data } = useResource<{ items: Alert[]; asset_names: AssetNames }>(path, ['alerts']);
  if (!variable || !data) return { items: [], names: {} };
  const [space = '', number = ''] = variable.address.split(' ');
  const names = (alert: Alert) => {
    const words = `${alert.object ?? ''} ${alert.observed ?? ''} ${alert.description}`;
    if (words.includes(variable.name) || (number === '' && words.includes(variable.address))) return true;
    if (number === '' || !words.includes(space)) return false;
    const wanted = Number(number);
    // `unit 1 holding_register 40-44, 60`: ranges behind the space's name.
    return [...words.matchAll(new RegExp(`${space.replace(/\W/g, '')} ((?:\\d+(?:-\\d+)?(?:, )?)+)`, 'g'))].some(
      ([, list = '']) =>
        list.split(', ').some((part) => {
          const [from = '', until = from] = part.split('-');
          return wanted >= Number(from) && wanted <= Number(until);
        }),
    );
  };
  return { items: data.items.filter(names), names: data.asset_names };
}

function View({ variable }: { variable: VariableDetail }) {
  const alerts = useAlerts(variable);
  const { history, declared, learned, seen } = variable;
  const limits: TrendLimit[] = [];
  const limit = (value: number | undefined, text: string, isDeclared: boolean) => {
    if (value !== undefined) limits.push({ value, text, isDeclared });
  };
  limit(learned?.min, t.process.learnedRange, false);
  limit(learned?.max, t.process.learnedRange, false);
  limit(declared?.low, t.process.declaredRange, true);
  limit(declared?.high, t.process.declaredRange, true);
  const hasCourse = history !== null && history !== undefined && history.points.length + history.changes.length > 1;
  return (
    <>
      <PageHead
        documentTitle={variable.name}
        title={
          <>
            <span class="alert-head-meta">
              <span class="faint">{t.process.kinds[variable.kind]}</span>
              <span class="faint">{visible(protocolName(variable.protocol))}</span>
            </span>
            <Raw text={variable.name} />{' '}
            <span class="mono">
              = <Raw text={valueText(variable.last_value, declared?.measure)} />
            </span>
          </>
        }
      />
      <div class="alert-grid">
        <div class="alert-main">
          <Card title={t.process.course}>
            {hasCourse ? (
              <Trend
                history={history}
                limits={limits}
                marks={alerts.items.map((alert) => ({ at: alert.first_seen, text: visible(said(alert.title)) }))}
                label={(from, until) => t.process.courseLabel(visible(variable.name), from, until)}
              />
            ) : (
              <p class="faint">{t.process.noCourse}</p>
            )}
          </Card>
          <Card title={t.process.writers}>
            {variable.writers.length === 0 ? (
              <p class="faint">{t.process.noWriters}</p>
            ) : (
              <DataTable
                label={t.process.writers}
                plain
                columns={[
                  t.admin.who,
                  { text: t.process.writes, numeric: true },
                  t.process.lastWrite,
                  t.conversations.colBaseline,
                ]}
              >
                {variable.writers.map((writer) => (
                  <tr key={writer.ip}>
                    <th scope="row">
                      <Endpoint ip={writer.ip} asset={writer.asset} names={variable.asset_names} />
                    </th>
                    <td class="numeric">{t.process.times(writer.writes)}</td>
                    <td class="cell-time">
                      <Time iso={writer.last_write} />
                    </td>
                    <td>
                      {writer.in_baseline ? (
                        <span class="badge">{t.conversations.known}</span>
                      ) : (
                        <span class="badge badge-medium">{t.process.newWriter}</span>
                      )}
                    </td>
                  </tr>
                ))}
              </DataTable>
            )}
          </Card>
          <Card title={t.process.alerts}>
            {alerts.items.length === 0 ? (
              <p class="faint">{t.process.noAlerts}</p>
            ) : (
              <AlertList alerts={alerts.items} names={alerts.names} showStatus />
            )}
          </Card>
        </div>
        <div class="alert-side">
          <Card title={t.process.facts}>
            <Facts
              facts={[
                { name: t.process.colDevice, value: <DeviceCell variable={variable} names={variable.asset_names} /> },
                { name: t.process.address, value: <Raw text={variable.address} mono /> },
                { name: t.process.type, value: <Raw text={variable.type} mono /> },
                { name: t.process.kind, value: t.process.kindMeanings[variable.kind] },
                { name: t.process.colRange, value: rangeText(variable.min, variable.max) ?? <NotKnown /> },
                learned !== undefined && {
                  name: t.process.learned,
                  value:
                    rangeText(learned.min, learned.max) ?? valueText(learned.values.slice(0, 8).join(', '), undefined),
                },
                declared !== undefined && {
                  name: t.process.declared,
                  value: `${declared.low ?? '–'} … ${declared.high ?? '–'}`,
                },
                { name: t.process.distinct, value: t.process.manyDistinct(variable.distinct) },
                variable.distinct <= 10 && {
                  name: t.process.values,
                  value: <Raw text={seen.values.slice(0, 10).join(', ')} mono />,
                },
                seen.max_step > 0 && { name: t.process.step, value: valueText(seen.max_step, undefined) },
                { name: t.process.reads, value: t.process.times(variable.reads) },
                { name: t.process.writes, value: t.process.times(variable.writes) },
                variable.period_seconds !== undefined && {
                  name: t.process.period,
                  value: formatDuration(variable.period_seconds),
                },
                { name: t.asset.firstSeen, value: <Time iso={variable.first_seen} /> },
                { name: t.asset.lastSeen, value: <Time iso={variable.last_seen} /> },
              ]}
            />
          </Card>
        </div>
      </div>
    </>
  );
}

export function VariablePage({ id }: { id: string }) {
  const { data, error, reload } = useResource<VariableDetail>(`/variables/${encodeId(id)}`, ['conversations']);
  return (
    <>
      <a class="back" href={to.variables}>
        {icons.back()}
        {t.process.back}
      </a>
      {data ? (
        <View variable={data} />
      ) : (
        <>
          <PageHead title={t.process.title} documentTitle={t.process.title} />
          {error ? <ErrorState error={error} retry={reload} /> : <Loading />}
        </>
      )}
    </>
  );
}
