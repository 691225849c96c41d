import { useState } from 'preact/hooks';
import type { Alert, AlertStatus } from '../../../sensor/model/records.ts';
import { Endpoint } from '../components/alert-list.tsx';
import { DecisionDialog } from '../components/decision-dialog.tsx';
import { icons } from '../components/icons.tsx';
import {
  Empty,
  ErrorState,
  errorText,
  FilterChip,
  Loading,
  LoadMore,
  NewHint,
  PageHead,
  SearchBox,
  Segments,
  Select,
  SeverityLabel,
  SortHeader,
  StaleBar,
  StatusLabel,
} from '../components/parts.tsx';
import { Raw, Time } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { t } from '../i18n/index.ts';
import { ApiError, query } from '../lib/api.ts';
import { decide } from '../lib/decide.ts';
import { useFilters } from '../lib/filters.ts';
import { formatCount, formatTime, protocolName } from '../lib/format.ts';
import { ALERT_KINDS, ALERT_STATUSES, SEVERITIES } from '../lib/lists.ts';
import { useList } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { useRows } from '../lib/rows.ts';
import { useMayDecide, useOverview } from '../lib/session.ts';
import { seenSoFar } from '../lib/sight.ts';
import { visible } from '../lib/text.ts';

const ANY = 'all';

function NoAlerts({ status, filtered, clear }: { status: string; filtered: boolean; clear: () => void }) {
  const overview = useOverview()?.data;
  if (filtered) {
    return (
      <Empty title={t.alerts.emptyFiltered}>
        <button type="button" class="button" onClick={clear}>
          {t.reset}
        </button>
      </Empty>
    );
  }
  const seen = overview && seenSoFar(overview.sensors);
  return (
    <Empty title={status === 'open' ? t.alerts.emptyOpenTitle : t.alerts.emptyTitle}>
      {seen && (
        <p>
          {seen.since === undefined
            ? t.alerts.emptyUnseen
            : t.alerts.emptyText(formatCount(seen.packets), formatTime(seen.since))}
        </p>
      )}
      {overview?.phase === 'learn' && <p>{t.alerts.emptyLearning}</p>}
    </Empty>
  );
}

const DONE_TEXT: Readonly<Record<AlertStatus, string>> = {
  acknowledged: t.alerts.acknowledgedToast,
  closed: t.alerts.closedToast,
  open: t.alerts.reopenedToast,
};

export function AlertsPage() {
  const filters = useFilters();
  const status = filters.get('status') || 'open';
  const severity = filters.get('severity');
  const kind = filters.get('kind');
  const asset = filters.get('asset');
  const q = filters.get('q');
  // The alerts of one device come by time only.
  const sort = asset === '' ? filters.get('sort') : '';
  const list = useList<Alert>(
    `/alerts${query({ status: status === ANY ? '' : status, severity, kind, asset, q, sort })}`,
    ['alerts'],
  );
  const [closing, setClosing] = useState<Alert>();
  const mayDecide = useMayDecide();

  const items = list.items ?? [];
  const change = (alert: Alert, next: AlertStatus) => {
    const before = alert.status;
    if (before === next) return;
    if (!mayDecide) {
      toast(t.needsAnalyst, { bad: true });
      return;
    }
    decide(alert.id, next, '')
      .then(() => {
        list.replace({ ...alert, status: next });
        toast(DONE_TEXT[next], { undo: () => change({ ...alert, status: next }, before) });
      })
      .catch((cause: unknown) => {
        const why = cause instanceof ApiError ? errorText(cause) : t.errors.other;
        toast(`${t.alerts.failedToast} ${why}`, { bad: true });
      });
  };
  const rows = useRows(
    items.map((alert) => alert.id),
    (id) => {
      const alert = items.find((item) => item.id === id);
      if (!alert) return {};
      return {
        a: () => {
          change(alert, 'acknowledged');
          rows.moveFrom(id);
        },
        c: () => (mayDecide ? setClosing(alert) : toast(t.needsAnalyst, { bad: true })),
        o: () => change(alert, 'open'),
      };
    },
  );

  return (
    <>
      <PageHead title={t.alerts.title} documentTitle={t.alerts.title}>
        <span class="page-count">{list.items && t.alerts.count(items.length, list.hasMore)}</span>
      </PageHead>
      <div class="toolbar">
        <Segments
          legend={t.alerts.status}
          name="status"
          value={status}
          options={[...ALERT_STATUSES.map((one) => [one, t.status[one]] as const), [ANY, t.all] as const]}
          onChange={(value) => filters.set('status', value === 'open' ? '' : value)}
        />
        <Select
          label={t.alerts.severity}
          value={severity}
          options={[['', t.any], ...SEVERITIES.map((one) => [one, t.severity[one]] as const)]}
          onChange={(value) => filters.set('severity', value)}
        />
        <Select
          label={t.alerts.kind}
          value={kind}
          options={[['', t.any], ...ALERT_KINDS.map((one) => [one, t.kind[one]] as const)]}
          onChange={(value) => filters.set('kind', value)}
        />
        {asset !== '' && <FilterChip text={t.alerts.asset(visible(asset))} remove={() => filters.set('asset', '')} />}
        <SearchBox placeholder={t.alerts.searchPlaceholder} value={q} onSearch={(text) => filters.set('q', text)} />
      </div>
      {list.newCount > 0 && <NewHint text={t.alerts.newHint(list.newCount)} show={list.showNew} />}
      {list.error &&
        (list.items ? (
          <StaleBar error={list.error} retry={list.reload} />
        ) : (
          <ErrorState error={list.error} retry={list.reload} />
        ))}
      {!list.items && !list.error && <Loading rows={10} />}
      {list.items && items.length === 0 && !list.error && (
        <NoAlerts
          status={status}
          filtered={severity !== '' || kind !== '' || asset !== '' || q !== ''}
          clear={filters.clear}
        />
      )}
      {items.length > 0 && (
        <div class="table-box">
          <table class="table table-alerts">
            <thead>
              <tr>
                <SortHeader
                  text={t.alerts.colSeverity}
                  sort={sort}
                  down="severity"
                  onSort={asset === '' ? (next) => filters.set('sort', next) : undefined}
                />
                <th scope="col">{t.alerts.colWhat}</th>
                <th scope="col">{t.alerts.colFrom}</th>
                <th scope="col">{t.alerts.colTo}</th>
                <th scope="col" class="numeric">
                  {t.alerts.colCount}
                </th>
                <SortHeader
                  text={t.alerts.colLast}
                  sort={sort}
                  down=""
                  onSort={asset === '' ? (next) => filters.set('sort', next) : undefined}
                />
                <th scope="col">{t.alerts.colStatus}</th>
                <th scope="col">
                  <span class="visually-hidden">{t.alerts.acknowledge}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((alert) => (
                <tr
                  key={alert.id}
                  class={`row ${rows.current === alert.id ? 'row-current' : ''} ${
                    status !== ANY && alert.status !== status ? 'row-done' : ''
                  }`}
                >
                  <td class="cell-severity">
                    <SeverityLabel severity={alert.severity} />
                  </td>
                  <td class="cell-main">
                    <a class="row-link" href={to.alert(alert.id)} {...rows.linkProps(alert.id)}>
                      <Raw text={alert.title} />
                    </a>
                    <span class="cell-sub">
                      <span>{t.kind[alert.kind]}</span>
                      {alert.protocol !== undefined && <span>{protocolName(alert.protocol)}</span>}
                      {alert.object !== undefined && <Raw text={alert.object} />}
                    </span>
                  </td>
                  <td class="cell-from" data-label={t.alerts.colFrom}>
                    <Endpoint ip={alert.src_ip} asset={alert.src_asset} names={list.names} />
                  </td>
                  <td class="cell-to" data-label={t.alerts.colTo}>
                    <Endpoint ip={alert.dest_ip} asset={alert.dest_asset} names={list.names} />
                  </td>
                  <td class="numeric cell-count" data-label={t.alerts.colCount}>
                    {formatCount(alert.count)}
                  </td>
                  <td class="cell-time" data-label={t.alerts.colLast}>
                    <Time iso={alert.last_seen} />
                  </td>
                  <td class="cell-status" data-label={t.alerts.colStatus}>
                    <StatusLabel status={alert.status} />
                  </td>
                  <td class="cell-actions">
                    {mayDecide && alert.status === 'open' && (
                      <button
                        type="button"
                        class="button button-quiet button-icon"
                        title={`${t.alerts.acknowledge} (a)`}
                        aria-label={`${t.alerts.acknowledge}: ${visible(alert.title)}`}
                        onClick={() => change(alert, 'acknowledged')}
                      >
                        {icons.check()}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.hasMore && <LoadMore loading={list.loading} loadMore={list.loadMore} />}
      {closing && (
        <DecisionDialog
          alertId={closing.id}
          status="closed"
          onClose={() => setClosing(undefined)}
          onDone={() => {
            list.replace({ ...closing, status: 'closed' });
            setClosing(undefined);
            toast(t.alerts.closedToast, { undo: () => change({ ...closing, status: 'closed' }, closing.status) });
            rows.moveFrom(closing.id);
          }}
        />
      )}
    </>
  );
}
