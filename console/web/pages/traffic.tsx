import { TableHead } from '../components/list-frame.tsx';
import { NetworkTabs } from '../components/network-tabs.tsx';
import { Card, ErrorState, Loading, PageHead, Segments } from '../components/parts.tsx';
import { StackedChart, type StackPart } from '../components/stacked-chart.tsx';
import { Timed } from '../components/text.tsx';
import { t } from '../i18n/index.ts';
import { query } from '../lib/api.ts';
import { useFilters } from '../lib/filters.ts';
import { formatCompact, formatCount, formatDuration, formatTime, protocolName } from '../lib/format.ts';
import { INTRUSIVE, OPERATION_CLASSES } from '../lib/lists.ts';
import { useResource } from '../lib/resource.ts';
import { visible } from '../lib/text.ts';
import type { TrafficAnswer } from '../lib/types.ts';

type Series = TrafficAnswer['series'];

const HOUR = 3600;
const PERIODS: Readonly<Record<string, number>> = {
  hour: HOUR,
  day: 24 * HOUR,
  week: 7 * 24 * HOUR,
  all: 92 * 24 * HOUR,
};
const COLOURS = 8;

function added(series: Series, buckets: number): number[] {
  const sum = new Array<number>(buckets).fill(0);
  for (const { messages } of series)
    for (const [index, count] of messages.entries()) sum[index] = (sum[index] ?? 0) + count;
  return sum;
}

function partsOf(answer: TrafficAnswer, by: string, onlyIntrusive: boolean): StackPart[] {
  const series = answer.series.filter((one) => !onlyIntrusive || INTRUSIVE.has(one.class));
  if (by === 'protocol') {
    return [...new Set(series.map((one) => one.protocol))].sort().map((protocol, index) => ({
      key: protocol,
      text: visible(protocolName(protocol)),
      fill: `fill-${index % COLOURS}`,
      values: added(
        series.filter((one) => one.protocol === protocol),
        answer.buckets,
      ),
    }));
  }
  return OPERATION_CLASSES.filter((one) => series.some((item) => item.class === one)).map((one) => ({
    key: one,
    text: t.operationClass[one],
    fill: `fill-${one}`,
    values: added(
      series.filter((item) => item.class === one),
      answer.buckets,
    ),
  }));
}

export function TrafficPage() {
  const filters = useFilters();
  const by = filters.get('by') === 'protocol' ? 'protocol' : 'class';
  const only = filters.get('only') === 'changes';
  const period = filters.get('period') in PERIODS ? filters.get('period') : 'week';
  const newest = useResource<TrafficAnswer>('/traffic', ['conversations']);
  const end = newest.data?.to ?? null;
  const from =
    end === null || period === 'week'
      ? undefined
      : new Date(Date.parse(end) - (PERIODS[period] ?? 0) * 1000).toISOString();
  const { data, error, reload } = useResource<TrafficAnswer>(`/traffic${query({ from })}`, ['conversations']);
  const parts = data ? partsOf(data, by, only) : [];
  const totals = data
    ? added(
        parts.map((part) => ({ protocol: '', class: 'read', messages: [...part.values] })),
        data.buckets,
      )
    : [];
  const total = totals.reduce((sum, count) => sum + count, 0);
  return (
    <>
      <PageHead title={t.traffic.title} documentTitle={t.traffic.title} />
      <NetworkTabs />
      <div class="toolbar">
        <Segments
          legend={t.traffic.by}
          name="by"
          value={by}
          options={[
            ['class', t.traffic.byClass],
            ['protocol', t.traffic.byProtocol],
          ]}
          onChange={(value) => filters.set('by', value === 'class' ? '' : value)}
        />
        <Segments
          legend={t.traffic.period}
          name="period"
          value={period}
          options={Object.keys(PERIODS).map((one) => [one, t.traffic.periods[one] ?? one] as const)}
          onChange={(value) => filters.set('period', value === 'week' ? '' : value)}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={only}
            onChange={(event) => filters.set('only', event.currentTarget.checked ? 'changes' : '')}
          />
          {t.traffic.onlyIntrusive}
        </label>
      </div>
      {!data && (error ? <ErrorState error={error} retry={reload} /> : <Loading />)}
      {data && (data.from === null || total === 0) && (
        <div class="state">
          <p>{t.traffic.empty}</p>
        </div>
      )}
      {data && data.from !== null && data.to !== null && total > 0 && (
        <div class="stack">
          <Card
            title={<Timed text={t.traffic.summary(formatCompact(total), data.from, data.to)} />}
            aside={<span class="faint">{t.traffic.perBucket(formatDuration(data.bucket_seconds))}</span>}
          >
            <StackedChart
              from={data.from}
              bucketSeconds={data.bucket_seconds}
              buckets={data.buckets}
              parts={parts}
              label={t.traffic.summary(formatCount(total), formatTime(data.from), formatTime(data.to))}
            />
            <ul class="legend">
              {parts.map((part) => (
                <li key={part.key}>
                  <span class={`swatch ${part.fill.replace('fill-', 'swatch-fill-')}`} aria-hidden="true" />
                  {part.text}
                </li>
              ))}
            </ul>
          </Card>
          <Card title={t.traffic.table}>
            <table class="table table-plain">
              <TableHead
                columns={[
                  by === 'class' ? t.traffic.kind : t.map.protocol,
                  { text: t.traffic.total, numeric: true },
                  { text: t.traffic.peak, numeric: true },
                ]}
              />
              <tbody>
                {parts.map((part) => (
                  <tr key={part.key}>
                    <th scope="row">{part.text}</th>
                    <td class="numeric">{formatCount(part.values.reduce((sum, count) => sum + count, 0))}</td>
                    <td class="numeric">{formatCount(Math.max(0, ...part.values))}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Card>
        </div>
      )}
    </>
  );
}
