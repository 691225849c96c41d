import { useState } from 'preact/hooks';
import { Endpoint } from '../components/alert-list.tsx';
import { icons } from '../components/icons.tsx';
import { IncidentTimeline } from '../components/incident-timeline.tsx';
import { AlertTabs } from '../components/network-tabs.tsx';
import { Empty, ErrorState, errorText, Loading, PageHead, SeverityLabel, StatusLabel } from '../components/parts.tsx';
import { Raw, Said, Time } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { t } from '../i18n/index.ts';
import { ApiError, post } from '../lib/api.ts';
import { formatDuration } from '../lib/format.ts';
import { SEVERITIES } from '../lib/lists.ts';
import { useResource } from '../lib/resource.ts';
import { useMayDecide } from '../lib/session.ts';
import type { AssetNames, Incident } from '../lib/types.ts';

const STEPS_TOLD = 4;

/** What happened, in order: the worst of its alerts. */
function storyOf({ alerts }: Incident): string[] {
  const titles = new Map<string, number>();
  for (const { title, severity } of alerts)
    titles.set(title, Math.min(titles.get(title) ?? SEVERITIES.length, SEVERITIES.indexOf(severity)));
  const worst = [...titles].sort(([, one], [, other]) => one - other).slice(0, STEPS_TOLD);
  const told = new Set(worst.map(([title]) => title));
  return [...titles.keys()].filter((title) => told.has(title));
}

function Story({ incident, names, reload }: { incident: Incident; names: AssetNames; reload: () => void }) {
  const [open, setOpen] = useState(false);
  const mayDecide = useMayDecide();
  const seconds = (Date.parse(incident.last_seen) - Date.parse(incident.first_seen)) / 1000;
  const id = `story-${incident.id}`;
  const acknowledge = () => {
    const ids = incident.alerts.filter((alert) => alert.status === 'open').map((alert) => alert.id);
    post<{ done: number }>('/alerts/bulk', { ids, status: 'acknowledged' })
      .then(({ done }) => {
        toast(t.triage.bulkDone(done));
        reload();
      })
      .catch((cause: unknown) => toast(cause instanceof ApiError ? errorText(cause) : t.errors.other, { bad: true }));
  };
  return (
    <article class="card incident">
      <header class="incident-head">
        <div>
          <span class="alert-head-meta">
            <SeverityLabel severity={incident.severity} />
            <StatusLabel status={incident.status} />
            <span class="faint">
              <Time iso={incident.first_seen} /> {seconds >= 1 && t.incidents.lasted(formatDuration(seconds))}
            </span>
          </span>
          <h2>
            {t.incidents.from} <Endpoint ip={incident.src_ip} asset={incident.src_asset} names={names} />
          </h2>
          <p>
            {storyOf(incident).map((title, index) => (
              <span key={title}>
                {index > 0 && ' → '}
                <Said text={title} />
              </span>
            ))}
          </p>
          <p class="faint">
            {t.incidents.alerts(incident.alert_count)} · {t.incidents.targets(incident.targets.length)}
            {incident.techniques.length > 0 && ' · '}
            <Raw text={incident.techniques.slice(0, 8).join(', ')} mono />
          </p>
        </div>
        <div class="page-actions">
          {mayDecide && incident.status === 'open' && (
            <button type="button" class="button" onClick={acknowledge}>
              {t.incidents.acknowledgeAll}
            </button>
          )}
          <button type="button" class="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
            {open ? icons.down() : icons.forward()}
            {open ? t.incidents.hide : t.incidents.show}
          </button>
        </div>
      </header>
      {open && (
        <div id={id}>
          <IncidentTimeline alerts={incident.alerts} names={names} current="" />
        </div>
      )}
    </article>
  );
}

export function IncidentsPage() {
  const { data, error, reload } = useResource<{ items: Incident[]; asset_names: AssetNames }>('/incidents', ['alerts']);
  return (
    <>
      <PageHead title={t.incidents.title} documentTitle={t.incidents.title} />
      <AlertTabs />
      <p class="page-intro">{t.incidents.intro}</p>
      {!data && (error ? <ErrorState error={error} retry={reload} /> : <Loading />)}
      {data && data.items.length === 0 && (
        <Empty title={t.incidents.empty}>
          <p>{t.incidents.emptyText}</p>
        </Empty>
      )}
      {data && data.items.length > 0 && (
        <div class="stack">
          {data.items.map((incident) => (
            <Story key={incident.id} incident={incident} names={data.asset_names} reload={reload} />
          ))}
        </div>
      )}
    </>
  );
}
