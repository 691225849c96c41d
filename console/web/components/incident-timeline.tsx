import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { formatDuration } from '../lib/format.ts';
import { to } from '../lib/router.ts';
import type { AssetNames, IncidentAlert } from '../lib/types.ts';
import { Endpoint } from './alert-list.tsx';
import { SeverityLabel, StatusLabel } from './parts.tsx';
import { Said, Time } from './text.tsx';

type TimelineAlert = Omit<IncidentAlert, 'attack'>;

/** Neighbours with one title are one step of the story: twenty devices asked for their name one after the other. */
function steps(
  alerts: readonly TimelineAlert[],
  current: string,
): (readonly [first: TimelineAlert, more: readonly TimelineAlert[]])[] {
  const grouped: [TimelineAlert, TimelineAlert[]][] = [];
  for (const alert of alerts) {
    const last = grouped.at(-1);
    const isSame = last && last[0].title === alert.title && last[0].id !== current && alert.id !== current;
    if (isSame) last[1].push(alert);
    else grouped.push([alert, []]);
  }
  return grouped;
}

/** Steps before and after the alert that somebody is reading; all of an attack would bury its page. */
const AROUND = 4;

/** Alerts in the order in which they began, with the time between them. */
export function IncidentTimeline({
  alerts,
  names,
  current,
}: {
  alerts: readonly TimelineAlert[];
  names: AssetNames;
  /** The alert whose page this is; '' for none. */
  current: string;
}) {
  const [all, setAll] = useState(false);
  const start = Date.parse(alerts[0]?.first_seen ?? '');
  const told = steps(alerts, current);
  const at = told.findIndex(([alert]) => alert.id === current);
  const shown = all || at < 0 ? told : told.slice(Math.max(0, at - AROUND), at + AROUND + 1);
  const story = (
    <ol class="story" aria-label={t.incidents.timeline}>
      {shown.map(([alert, more]) => {
        const after = (Date.parse(alert.first_seen) - start) / 1000;
        return (
          <li key={alert.id} class={`story-${alert.severity} ${alert.id === current ? 'story-current' : ''}`}>
            <span class="story-time">
              <Time iso={alert.first_seen} />
              {after > 0 && <span class="faint">{t.incidents.after(formatDuration(after))}</span>}
            </span>
            <span class="story-what">
              <SeverityLabel severity={alert.severity} />{' '}
              {alert.id === current ? (
                <strong aria-current="true">
                  <Said text={alert.title} /> <span class="badge">{t.incidents.thisOne}</span>
                </strong>
              ) : (
                <a class="row-link" href={to.alert(alert.id)}>
                  <Said text={alert.title} />
                </a>
              )}
              <span class="cell-sub">
                {alert.dest_ip !== undefined && (
                  <span>
                    {t.alerts.colTo} <Endpoint ip={alert.dest_ip} asset={alert.dest_asset} names={names} />
                  </span>
                )}
                {alert.count > 1 && <span>{t.alerts.times(alert.count)}</span>}
                {alert.status !== 'open' && <StatusLabel status={alert.status} />}
              </span>
              {more.length > 0 && (
                <details class="raw">
                  <summary>{t.andMore(more.length)}</summary>
                  <ul class="plain-list">
                    {more.map((one) => (
                      <li key={one.id}>
                        <a class="row-link" href={to.alert(one.id)}>
                          <Time iso={one.first_seen} /> <Said text={one.object ?? one.title} />
                        </a>
                      </li>
                    ))}
                  </ul>
                </details>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
  if (shown.length === told.length) return story;
  return (
    <>
      {story}
      <button type="button" class="button" onClick={() => setAll(true)}>
        {t.incidents.showAll(told.length)}
      </button>
    </>
  );
}
