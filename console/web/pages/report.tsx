import { useState } from 'preact/hooks';
import { AlertList } from '../components/alert-list.tsx';
import { icons } from '../components/icons.tsx';
import { DataTable, Fetched } from '../components/list-frame.tsx';
import { Card, PageHead, SeverityLabel } from '../components/parts.tsx';
import { Raw, Time, Timed } from '../components/text.tsx';
import { language, said, t } from '../i18n/index.ts';
import { API, query } from '../lib/api.ts';
import { useFilters } from '../lib/filters.ts';
import { formatCount, formatDuration, formatPercent, protocolName, roleName } from '../lib/format.ts';
import { ALERT_STATUSES, SEVERITIES } from '../lib/lists.ts';
import { useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { own } from '../lib/text.ts';
import type { ReportAnswer, ReportSchedule, RiskyPair } from '../lib/types.ts';

const STATE_BADGE: Readonly<Record<string, string>> = { met: 'badge-good', look: 'badge-medium', open: '' };

function Counts({ title, rows }: { title: string; rows: readonly (readonly [name: string, count: number])[] }) {
  const most = Math.max(1, ...rows.map(([, count]) => count));
  return (
    <section class="counts">
      <h3>{title}</h3>
      {rows.length === 0 && <p class="faint">{t.reports.none}</p>}
      <ul>
        {rows.map(([name, count]) => (
          <li key={name}>
            <span>
              <Raw text={name} />
            </span>
            <meter min={0} max={most} value={count} aria-label={`${name}: ${count}`} />
            <span class="numeric">{formatCount(count)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function levelText(level: string): string {
  return level === '' ? t.map.levelUnknown : `${t.map.level(Number(level))} ${own(t.map.levelNames, level) ?? ''}`;
}

/** `2026-03-02T06:00` in the reader's zone, as the browser's field wants it; '' for what is no time. */
function forField(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

function Pairs({
  title,
  explained,
  pairs,
  total,
}: {
  title: string;
  explained: string;
  pairs: readonly RiskyPair[];
  total: number;
}) {
  if (pairs.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <p class="faint">{explained}</p>
      <DataTable label={title} plain columns={[t.reports.from, t.reports.toward, t.reports.protocols]}>
        {pairs.map(({ client, server, protocols }) => (
          <tr key={`${client}\n${server}`}>
            <th scope="row">
              <Raw text={client} />
            </th>
            <td>
              <Raw text={server} />
            </td>
            <td>
              <Raw text={protocols.map(protocolName).join(', ')} />
            </td>
          </tr>
        ))}
      </DataTable>
      {total > pairs.length && <p class="faint">{t.reports.more(total - pairs.length)}</p>}
    </section>
  );
}

function Risks({ risks }: { risks: ReportAnswer['risks'] }) {
  const isQuiet = risks.devices.length + risks.strangers.length + risks.crossings.length === 0;
  return (
    <Card title={t.reports.risks}>
      <p class="faint">{t.reports.risksNow}</p>
      {isQuiet && <p>{t.reports.noRisks}</p>}
      {risks.devices.length > 0 && (
        <section>
          <h3>{t.reports.riskDevices}</h3>
          <DataTable
            label={t.reports.riskDevices}
            plain
            columns={[
              t.reports.device,
              t.reports.criticality,
              t.reports.worstAlert,
              { text: t.reports.openAlerts, numeric: true },
            ]}
          >
            {risks.devices.map((device) => (
              <tr key={device.id}>
                <th scope="row">
                  <a href={to.asset(device.id)}>
                    <Raw text={device.name} />
                  </a>
                </th>
                <td>{own(t.reports.criticalities, device.criticality) ?? device.criticality}</td>
                <td>{device.worst && <SeverityLabel severity={device.worst} />}</td>
                <td class="numeric">{formatCount(device.open_alerts)}</td>
              </tr>
            ))}
          </DataTable>
          {risks.devices_total > risks.devices.length && (
            <p class="faint">{t.reports.more(risks.devices_total - risks.devices.length)}</p>
          )}
        </section>
      )}
      <Pairs
        title={t.reports.riskStrangers}
        explained={t.reports.riskStrangersText}
        pairs={risks.strangers}
        total={risks.strangers_total}
      />
      <Pairs
        title={t.reports.riskCrossings}
        explained={t.reports.riskCrossingsText}
        pairs={risks.crossings}
        total={risks.crossings_total}
      />
    </Card>
  );
}

/** What is written by itself, for whoever wonders where the files are. */
function Schedule() {
  const { data } = useResource<ReportSchedule>('/report/schedule');
  if (!data) return null;
  const every = own(t.reports.scheduledEvery, data.every);
  return (
    <p class="faint no-print">
      {every === undefined ? t.reports.scheduledNone : <Raw text={t.reports.scheduled(every, data.folder)} />}{' '}
      {data.files[0] !== undefined && <Raw text={data.files[0]} mono />}
      {data.problem !== '' && (
        <span class="tone-high" role="status">
          {' '}
          <Raw text={data.problem} />
        </span>
      )}
    </p>
  );
}

function Report({ report }: { report: ReportAnswer }) {
  const { assets, alerts } = report;
  const severe = alerts.by_severity.critical + alerts.by_severity.high;
  const sight =
    report.watched_seconds === 0 ? 0 : (100 * (report.watched_seconds - report.blind_seconds)) / report.watched_seconds;
  const entries = (tally: Readonly<Record<string, number>>) => Object.entries(tally).sort((a, b) => b[1] - a[1]);
  return (
    <div class="stack report">
      <Card>
        <h2 class="report-title">
          <Raw text={t.reports.heading(report.site)} />
        </h2>
        <p class="faint">
          <Timed text={t.reports.period(report.from, report.to)} /> ·{' '}
          <Timed text={t.reports.generated(report.generated, report.version)} />
        </p>
        <dl class="facts facts-wide">
          <div>
            <dt>{t.reports.alerts}</dt>
            <dd>{t.reports.alertsText(alerts.total, severe, alerts.by_status.open)}</dd>
          </div>
          <div>
            <dt>{t.reports.devices}</dt>
            <dd>{t.reports.devicesText(assets.total, assets.new_devices, assets.total - assets.approved)}</dd>
          </div>
          <div>
            <dt>{t.reports.sight}</dt>
            <dd>
              {report.watched_seconds === 0
                ? t.reports.sightNone
                : t.reports.sightText(formatPercent(sight), formatDuration(report.watched_seconds))}
            </dd>
          </div>
          <div>
            <dt>{t.reports.coverage}</dt>
            <dd>{t.reports.coverageText(report.coverage.detected, report.coverage.visible, report.coverage.seen)}</dd>
          </div>
        </dl>
        {!alerts.complete && <p class="tone-medium">{t.reports.notAll}</p>}
      </Card>

      <Risks risks={report.risks} />

      <Card title={t.reports.duties}>
        <p class="faint">{t.reports.dutiesText}</p>
        <DataTable label={t.reports.duties} plain columns={[t.reports.duty, t.reports.answer, t.reports.state]}>
          {report.controls.map((control) => (
            <tr key={`${control.standard} ${control.id}`}>
              <th scope="row" class="number">
                {control.standard} {control.id}
              </th>
              <td>{t.reports.controls[control.key](control.values)}</td>
              <td>
                <span class={`badge ${STATE_BADGE[control.state] ?? ''}`}>{t.reports.states[control.state]}</span>
              </td>
            </tr>
          ))}
        </DataTable>
      </Card>

      <Card title={t.reports.alerts}>
        <div class="report-columns">
          <section class="counts">
            <h3>{t.reports.bySeverity}</h3>
            <ul>
              {SEVERITIES.map((severity) => (
                <li key={severity}>
                  <SeverityLabel severity={severity} />
                  <meter
                    min={0}
                    max={Math.max(1, alerts.total)}
                    value={alerts.by_severity[severity]}
                    aria-label={`${t.severity[severity]}: ${alerts.by_severity[severity]}`}
                  />
                  <span class="numeric">{formatCount(alerts.by_severity[severity])}</span>
                </li>
              ))}
            </ul>
          </section>
          <Counts
            title={t.reports.byStatus}
            rows={ALERT_STATUSES.map((status) => [t.status[status], alerts.by_status[status]] as const)}
          />
          <Counts
            title={t.reports.byTitle}
            rows={alerts.by_title.map(({ name, count }) => [said(name), count] as const)}
          />
          <Counts title={t.reports.bySource} rows={alerts.by_source.map(({ name, count }) => [name, count] as const)} />
        </div>
        <h3>{t.reports.worst}</h3>
        {alerts.worst.length === 0 ? (
          <p class="faint">{t.overview.worstEmpty}</p>
        ) : (
          <AlertList alerts={alerts.worst} names={report.asset_names} showStatus />
        )}
      </Card>

      <Card title={t.reports.devices}>
        <div class="report-columns">
          <Counts
            title={t.reports.byLevel}
            rows={entries(assets.byLevel).map(([level, count]) => [levelText(level), count] as const)}
          />
          <Counts
            title={t.reports.byRole}
            rows={entries(assets.byRole).map(
              ([role, count]) => [role === '' ? t.unknown : roleName(role), count] as const,
            )}
          />
          <Counts title={t.reports.byVendor} rows={assets.byVendor.map(({ name, count }) => [name, count] as const)} />
        </div>
        <h3>{t.reports.newDevices}</h3>
        {assets.newest.length === 0 ? (
          <p class="faint">{t.reports.noneNew}</p>
        ) : (
          <DataTable
            label={t.reports.newDevices}
            plain
            columns={[t.assets.colName, t.assets.colAddress, t.assets.vendor, t.asset.firstSeen, t.assets.colApproved]}
          >
            {assets.newest.map((asset) => (
              <tr key={asset.id}>
                <th scope="row">
                  <a href={to.asset(asset.id)}>
                    <Raw text={asset.name} />
                  </a>
                </th>
                <td>
                  <Raw text={asset.ip} mono />
                </td>
                <td>
                  <Raw text={asset.vendor} />
                </td>
                <td class="cell-time">
                  <Time iso={asset.first_seen} />
                </td>
                <td>{asset.approved ? t.yes : t.no}</td>
              </tr>
            ))}
          </DataTable>
        )}
      </Card>

      <Card title={t.reports.changes}>
        {report.changes.length === 0 ? (
          <p class="faint">{t.reports.noChanges}</p>
        ) : (
          <Counts
            title={t.reports.action}
            rows={report.changes.map(({ name, count }) => [own(t.reports.actions, name) ?? name, count] as const)}
          />
        )}
      </Card>

      <Card title={t.reports.sensors}>
        <DataTable
          label={t.reports.sensors}
          plain
          columns={[
            t.reports.sensor,
            { text: t.reports.packets, numeric: true },
            { text: t.reports.lost, numeric: true },
            { text: t.reports.unreadable, numeric: true },
            { text: t.health.encrypted, numeric: true },
          ]}
        >
          {report.sensors.map((sensor) => (
            <tr key={sensor.sensor}>
              <th scope="row">
                <Raw text={sensor.sensor} />
              </th>
              <td class="numeric">{formatCount(sensor.packets)}</td>
              <td class="numeric">{formatCount(sensor.lost)}</td>
              <td class="numeric">{formatCount(sensor.decode_errors)}</td>
              <td class="numeric">{formatPercent(sensor.encrypted_percent)}</td>
            </tr>
          ))}
        </DataTable>
      </Card>
    </div>
  );
}

export function ReportPage() {
  const filters = useFilters();
  const shown = { from: filters.get('from'), to: filters.get('to') };
  const fetched = useResource<ReportAnswer>(`/report${query(shown)}`);
  const { data, error } = fetched;
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  return (
    <>
      <PageHead title={t.reports.title} documentTitle={t.reports.title}>
        <div class="page-actions no-print">
          <a class="button" href={`${API}/report.csv${query({ ...shown, language })}`} download>
            {icons.download()}
            {t.reports.csv}
          </a>
          <button type="button" class="button button-accent" onClick={() => window.print()}>
            {t.reports.print}
          </button>
        </div>
      </PageHead>
      <p class="page-intro no-print">{t.reports.intro}</p>
      <Schedule />
      {(data || error) && (
        <form
          class="toolbar no-print"
          onSubmit={(event) => {
            event.preventDefault();
            if (from !== '') filters.set('from', new Date(from).toISOString());
            if (until !== '') filters.set('to', new Date(until).toISOString());
          }}
        >
          <label class="field-inline">
            {t.reports.from}
            <input
              type="datetime-local"
              value={from || forField(data?.from ?? filters.get('from'))}
              onInput={(event) => setFrom(event.currentTarget.value)}
            />
          </label>
          <label class="field-inline">
            {t.reports.to}
            <input
              type="datetime-local"
              value={until || forField(data?.to ?? filters.get('to'))}
              onInput={(event) => setUntil(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="button">
            {t.reports.show}
          </button>
        </form>
      )}
      <Fetched from={fetched} rows={10}>
        {(report) => <Report report={report} />}
      </Fetched>
    </>
  );
}
