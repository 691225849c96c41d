import type { Alert } from '../../../sensor/model/records.ts';
import { t } from '../i18n/index.ts';
import { to } from '../lib/router.ts';
import { own } from '../lib/text.ts';
import type { AssetNames } from '../lib/types.ts';
import { SeverityLabel, StatusLabel } from './parts.tsx';
import { Raw, Said, Time } from './text.tsx';

/** A device in a list: its name where one is known, and the address. */
export function Endpoint({
  ip,
  asset,
  names,
}: {
  ip: string | undefined;
  asset: string | undefined;
  names: AssetNames;
}) {
  if (ip === undefined) return <span class="faint">–</span>;
  const name = asset === undefined ? undefined : own(names, asset)?.name;
  if (asset !== undefined && name !== undefined && name !== ip) {
    return (
      <span class="endpoint">
        <a class="quiet-link" href={to.asset(asset)}>
          <Raw text={name} />
        </a>
        <span class="endpoint-ip">
          <Raw text={ip} mono />
        </span>
      </span>
    );
  }
  return asset === undefined ? (
    <Raw text={ip} mono />
  ) : (
    <a class="quiet-link" href={to.asset(asset)}>
      <Raw text={ip} mono />
    </a>
  );
}

function nameOf(names: AssetNames, asset: string | undefined, ip: string): string {
  return (asset === undefined ? undefined : own(names, asset)?.name) ?? ip;
}

/** A short list of alerts for the overview and a device's page. */
export function AlertList({
  alerts,
  names,
  showStatus = false,
}: {
  alerts: readonly Alert[];
  names: AssetNames;
  showStatus?: boolean;
}) {
  return (
    <ul class="alert-list">
      {alerts.map((alert) => (
        <li key={alert.id}>
          <a href={to.alert(alert.id)}>
            <SeverityLabel severity={alert.severity} />
            <span class="alert-list-text">
              <span class="alert-list-title">
                <Said text={alert.title} />
              </span>
              <span class="alert-list-detail">
                {alert.src_ip !== undefined && <Raw text={nameOf(names, alert.src_asset, alert.src_ip)} />}
                {alert.src_ip !== undefined && alert.dest_ip !== undefined && ' → '}
                {alert.dest_ip !== undefined && <Raw text={nameOf(names, alert.dest_asset, alert.dest_ip)} />}
                {alert.object !== undefined && (
                  <>
                    {' · '}
                    <Said text={alert.object} />
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
