import type { Alert } from '../../../sensor/model/records.ts';
import { t } from '../i18n/index.ts';
import { to } from '../lib/router.ts';
import { SeverityLabel, StatusLabel } from './parts.tsx';
import { Raw, Time } from './text.tsx';

export function Endpoint({ ip, asset }: { ip: string | undefined; asset: string | undefined }) {
  if (ip === undefined) return <span class="faint">–</span>;
  return asset === undefined ? (
    <Raw text={ip} mono />
  ) : (
    <a class="quiet-link" href={to.asset(asset)}>
      <Raw text={ip} mono />
    </a>
  );
}

/** A short list of alerts for the overview and a device's page. */
export function AlertList({ alerts, showStatus = false }: { alerts: readonly Alert[]; showStatus?: boolean }) {
  return (
    <ul class="alert-list">
      {alerts.map((alert) => (
        <li key={alert.id}>
          <a href={to.alert(alert.id)}>
            <SeverityLabel severity={alert.severity} />
            <span class="alert-list-text">
              <span class="alert-list-title">
                <Raw text={alert.title} />
              </span>
              <span class="alert-list-detail">
                {alert.src_ip !== undefined && <Raw text={alert.src_ip} mono />}
                {alert.src_ip !== undefined && alert.dest_ip !== undefined && ' → '}
                {alert.dest_ip !== undefined && <Raw text={alert.dest_ip} mono />}
                {alert.object !== undefined && (
                  <>
                    {' · '}
                    <Raw text={alert.object} />
                  </>
                )}
              </span>
            </span>
            <span class="alert-list-end">
              {showStatus && <StatusLabel status={alert.status} />}
              <Time iso={alert.last_seen} />
              {alert.count > 1 && <span class="faint number">{t.alerts.times(alert.count)}</span>}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
