import { useEffect, useState } from 'preact/hooks';
import type { AlertStatus } from '../../../sensor/model/records.ts';
import { Endpoint } from '../components/alert-list.tsx';
import { DecisionDialog } from '../components/decision-dialog.tsx';
import { icons } from '../components/icons.tsx';
import { ListFrame } from '../components/list-frame.tsx';
import { AlertTabs } from '../components/network-tabs.tsx';
import {
  Empty,
  errorText,
  FilterChip,
  PageHead,
  SearchBox,
  Segments,
  Select,
  SeverityLabel,
  SortHeader,
  StatusLabel,
} from '../components/parts.tsx';
import { SavedViews } from '../components/saved-views.tsx';
import { Raw, Said, Time, Timed } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { AssignDialog, MuteDialog, NoteDialog } from '../components/triage-dialogs.tsx';
import { said, t } from '../i18n/index.ts';
import { ApiError, post, query } from '../lib/api.ts';
import { decide } from '../lib/decide.ts';
import { searchFor, useFilters } from '../lib/filters.ts';
import { formatCount, protocolName } from '../lib/format.ts';
import { ALERT_KINDS, ALERT_STATUSES, SEVERITIES } from '../lib/lists.ts';
import { rememberQueue } from '../lib/queue.ts';
import { useList, useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { useRows } from '../lib/rows.ts';
import { useMayDecide, useOverview, useSession } from '../lib/session.ts';
import { seenSoFar } from '../lib/sight.ts';
import { visible } from '../lib/text.ts';
import type { ListedAlert } from '../lib/types.ts';

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
          {seen.since === undefined ? (
            t.alerts.emptyUnseen
          ) : (
            <Timed text={t.alerts.emptyText(formatCount(seen.packets), seen.since)} />
          )}
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

function Asked({
  what,
  alerts,
  onDone,
  onClose,
}: {
  what: 'assign' | 'note';
  alerts: readonly ListedAlert[];
  onDone: () => void;
  onClose: () => void;
}) {
  const ids = alerts.map(({ id }) => id);
  return what === 'assign' ? (
    <AssignDialog ids={ids} assignee={alerts[0]?.assignee ?? ''} onDone={onDone} onClose={onClose} />
  ) : (
    <NoteDialog ids={ids} onDone={onDone} onClose={onClose} />
  );
}

export function AlertsPage() {
  const filters = useFilters();
  const status = filters.get('status') || 'open';
  const severity = filters.get('severity');
  const kind = filters.get('kind');
  const asset = filters.get('asset');
  const q = filters.get('q');
  const rule = filters.get('rule');
  const assignee = filters.get('assignee');
  const muted = filters.get('muted') || 'hide';
  // The alerts of one device, rule or person come by time only.
  const bySeverity = asset === '' && rule === '' && assignee === '';
  const sort = bySeverity ? filters.get('sort') : '';
  const list = useList<ListedAlert>(
    `/alerts${query({ status: status === ANY ? '' : status, severity, kind, asset, rule, assignee, muted, sort, ...searchFor(q) })}`,
    ['alerts'],
  );
  const [closing, setClosing] = useState<ListedAlert>();
  const [asking, setAsking] = useState<{ what: 'assign' | 'note' | 'mute'; alerts: readonly ListedAlert[] }>();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const me = useSession()?.user?.name ?? '';
  const people = useResource<{ items: { name: string }[] }>('/people').data?.items ?? [];
  const mayDecide = useMayDecide();

  const items = list.items ?? [];
  const queue = items.map(({ id }) => id).join('\n');
  useEffect(() => rememberQueue(queue === '' ? [] : queue.split('\n')), [queue]);
  const change = (alert: ListedAlert, next: AlertStatus) => {
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
  const chosen = items.filter((alert) => selected.has(alert.id));
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (next.has(id)) next.delete(id);
    else next.add(id);
    setSelected(next);
  };
  const ask = (what: 'assign' | 'note' | 'mute', alerts: readonly ListedAlert[]) =>
    mayDecide ? setAsking({ what, alerts }) : toast(t.needsAnalyst, { bad: true });
  const changeChosen = (next: AlertStatus) => {
    if (!mayDecide) return toast(t.needsAnalyst, { bad: true });
    post<{ done: number }>('/alerts/bulk', { ids: chosen.map(({ id }) => id), status: next })
      .then(({ done }) => {
        toast(t.triage.bulkDone(done));
        setSelected(new Set());
        list.reload();
      })
      .catch((cause: unknown) => toast(cause instanceof ApiError ? errorText(cause) : t.errors.other, { bad: true }));
  };
  const filterKey = `${status} ${severity} ${kind} ${asset} ${rule} ${assignee} ${muted} ${q}`;
  // What is selected must be what is seen.
  useEffect(() => setSelected(new Set()), [filterKey]);
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
        x: () => toggle(id),
        s: () => ask('assign', chosen.length > 0 ? chosen : [alert]),
        n: () => ask('note', chosen.length > 0 ? chosen : [alert]),
        m: () => ask('mute', [alert]),
      };
    },
  );

  return (
    <>
      <PageHead title={t.alerts.title} documentTitle={t.alerts.title}>
        <span class="page-count">{list.items && t.alerts.count(items.length, list.hasMore)}</span>
      </PageHead>
      <AlertTabs />
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
        {rule !== '' && <FilterChip text={visible(rule)} remove={() => filters.set('rule', '')} />}
        <Select
          label={t.triage.assignee}
          value={assignee}
          options={[
            ['', t.triage.anybody],
            ...[...new Set([me, ...people.map(({ name }) => name), assignee])]
              .filter((name) => name !== '')
              .map((name) => [name, name === me ? t.triage.me(visible(name)) : visible(name)] as const),
          ]}
          onChange={(value) => filters.set('assignee', value)}
        />
        <Select
          label={t.triage.muted}
          value={muted}
          options={(['hide', 'show', 'only'] as const).map((one) => [one, t.triage.mutedChoices[one] ?? one] as const)}
          onChange={(value) => filters.set('muted', value === 'hide' ? '' : value)}
        />
        <SavedViews page="alerts" />
        <SearchBox placeholder={t.alerts.searchPlaceholder} value={q} onSearch={(text) => filters.set('q', text)} />
      </div>
      <ListFrame
        list={list}
        newHint={t.alerts.newHint}
        nothing={
          <NoAlerts
            status={status}
            filtered={severity !== '' || kind !== '' || asset !== '' || rule !== '' || assignee !== '' || q !== ''}
            clear={filters.clear}
          />
        }
      >
        {chosen.length > 0 && (
          <div class="bulk" role="status">
            <strong>{t.triage.selected(chosen.length)}</strong>
            <button type="button" class="button" onClick={() => changeChosen('acknowledged')}>
              {t.alerts.acknowledge}
            </button>
            <button type="button" class="button" onClick={() => changeChosen('closed')}>
              {t.alerts.close}
            </button>
            <button type="button" class="button" onClick={() => changeChosen('open')}>
              {t.alert.reopen}
            </button>
            <button type="button" class="button" onClick={() => ask('assign', chosen)}>
              {t.triage.assign}
            </button>
            <button type="button" class="button" onClick={() => ask('note', chosen)}>
              {t.triage.note}
            </button>
            <button type="button" class="button button-quiet" onClick={() => setSelected(new Set())}>
              {t.triage.clearSelection}
            </button>
          </div>
        )}
        <div class="table-box">
          <table class="table table-alerts">
            <thead>
              <tr>
                <th scope="col" class="cell-select">
                  <label class="check">
                    <span class="visually-hidden">{t.triage.selectAll}</span>
                    <input
                      type="checkbox"
                      checked={chosen.length === items.length}
                      onChange={(event) =>
                        setSelected(new Set(event.currentTarget.checked ? items.map(({ id }) => id) : []))
                      }
                    />
                  </label>
                </th>
                <SortHeader
                  text={t.alerts.colSeverity}
                  sort={sort}
                  down="severity"
                  onSort={bySeverity ? (next) => filters.set('sort', next) : undefined}
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
                  onSort={bySeverity ? (next) => filters.set('sort', next) : undefined}
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
                  <td class="cell-select">
                    <label class="check">
                      <span class="visually-hidden">{t.triage.select(visible(said(alert.title)))}</span>
                      <input type="checkbox" checked={selected.has(alert.id)} onChange={() => toggle(alert.id)} />
                    </label>
                  </td>
                  <td class="cell-severity">
                    <SeverityLabel severity={alert.severity} />
                  </td>
                  <td class="cell-main">
                    <a class="row-link" href={to.alert(alert.id)} {...rows.linkProps(alert.id)}>
                      <Said text={alert.title} />
                    </a>
                    <span class="cell-sub">
                      <span>{t.kind[alert.kind]}</span>
                      {alert.protocol !== undefined && <span>{protocolName(alert.protocol)}</span>}
                      {alert.object !== undefined && <Said text={alert.object} />}
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
                    {alert.assignee !== undefined && alert.assignee !== '' && (
                      <span class="cell-sub">
                        <Raw text={alert.assignee} />
                      </span>
                    )}
                    {typeof alert.muted_until === 'string' && (
                      <span class="cell-sub">
                        <Timed text={t.triage.mutedUntil(alert.muted_until)} />
                      </span>
                    )}
                  </td>
                  <td class="cell-actions">
                    {mayDecide && alert.status === 'open' && (
                      <button
                        type="button"
                        class="button button-quiet button-icon"
                        title={`${t.alerts.acknowledge} (a)`}
                        aria-label={`${t.alerts.acknowledge}: ${visible(said(alert.title))}`}
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
      </ListFrame>
      {asking && asking.what !== 'mute' && (
        <Asked
          what={asking.what}
          alerts={asking.alerts}
          onDone={() => {
            setAsking(undefined);
            list.reload();
          }}
          onClose={() => setAsking(undefined)}
        />
      )}
      {asking?.what === 'mute' && asking.alerts[0] && (
        <MuteDialog
          alert={asking.alerts[0]}
          names={list.names}
          onDone={() => {
            setAsking(undefined);
            list.reload();
          }}
          onClose={() => setAsking(undefined)}
        />
      )}
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
