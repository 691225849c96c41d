import type { ComponentChildren } from 'preact';
import type { Asset, SensorHealth } from '../../../sensor/model/records.ts';
import { AlertList } from '../components/alert-list.tsx';
import { AlertsChart } from '../components/chart.tsx';
import { icons, SeverityMark } from '../components/icons.tsx';
import { Card, Empty, ErrorState, Facts, Loading, PageHead, Tile } from '../components/parts.tsx';
import { Raw, Time, Timed } from '../components/text.tsx';
import { t } from '../i18n/index.ts';
import { formatBytes, formatCompact, formatCount, formatPercent, roleName } from '../lib/format.ts';
import { SEVERITIES } from '../lib/lists.ts';
import { useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { useOverview } from '../lib/session.ts';
import { lostPackets, type SeenSoFar, type Sight, seenSoFar, sightOf } from '../lib/sight.ts';
import { own } from '../lib/text.ts';
import type { Overview, Page } from '../lib/types.ts';

interface Verdict {
  tone: 'critical' | 'high' | 'medium' | 'good' | 'neutral';
  icon: ComponentChildren;
  title: string;
  text: string;
  /** Whether there is an alert to look at. */
  toWorst: boolean;
}

function verdictOf(overview: Overview, sight: Sight, seen: SeenSoFar): Verdict {
  const v = t.overview.verdict;
  const open = overview.open_alerts;
  const rest = open.medium + open.low + open.informational;
  if (open.critical > 0) {
    return {
      tone: 'critical',
      icon: <SeverityMark severity="critical" size={30} />,
      title: v.attackTitle(open.critical),
      text: v.attackText,
      toWorst: true,
    };
  }
  if (sight === 'blind') {
    return { tone: 'critical', icon: icons.eye(), title: v.blindTitle, text: v.blindText, toWorst: false };
  }
  if (open.high > 0) {
    return {
      tone: 'high',
      icon: <SeverityMark severity="high" size={30} />,
      title: v.highTitle(open.high),
      text: v.highText,
      toWorst: true,
    };
  }
  if (rest > 0) {
    return {
      tone: 'medium',
      icon: <SeverityMark severity="medium" size={30} />,
      title: v.unusualTitle(rest),
      text: v.unusualText,
      toWorst: true,
    };
  }
  if (seen.since === undefined) {
    return { tone: 'neutral', icon: icons.eye(), title: v.nothingTitle, text: v.nothingText, toWorst: false };
  }
  const seenText = v.quietText(formatCount(seen.packets), seen.since);
  return {
    tone: 'good',
    icon: icons.check(),
    title: v.quietTitle,
    text: overview.phase === 'learn' ? `${v.quietLearning} ${seenText}` : seenText,
    toWorst: false,
  };
}

const SIGHT_TEXT: Readonly<Record<Sight, string>> = {
  none: t.overview.sightNone,
  full: t.overview.sightFull,
  partly: t.overview.sightPartly,
  blind: t.overview.sightBlind,
  finished: t.overview.sightFinished,
};

const SIGHT_TONE: Readonly<Record<Sight, string>> = {
  none: '',
  full: 'tone-good',
  partly: 'tone-medium',
  blind: 'tone-critical',
  finished: '',
};

function SeverityTiles({ overview }: { overview: Overview }) {
  const muted = SEVERITIES.reduce((sum, severity) => sum + overview.muted_alerts[severity], 0);
  return (
    <nav class="severity-tiles" aria-label={t.overview.openAlerts}>
      <span class="tile-label">
        {t.overview.openAlerts}
        {muted > 0 && (
          <a class="tile-more" href={to.alerts('?muted=only')}>
            {t.overview.muted(muted)}
          </a>
        )}
      </span>
      {SEVERITIES.map((severity) => {
        const count = overview.open_alerts[severity];
        return (
          <a
            key={severity}
            class={`severity-tile ${count > 0 ? `severity-tile-${severity}` : ''}`}
            href={to.alerts(`?severity=${severity}`)}
          >
            <span class="severity-tile-count">{formatCompact(count)}</span>
            <span class="severity-tile-name">
              <SeverityMark severity={severity} size={12} />
              {t.severity[severity]}
            </span>
            <span class="visually-hidden"> {t.status.open}</span>
          </a>
        );
      })}
    </nav>
  );
}

/** Whether most of the worst alerts have one source: the difference between bad luck and an intruder. */
function CommonSource({ overview }: { overview: Overview }) {
  const counts = new Map<string, number>();
  for (const { src_ip } of overview.top_alerts)
    if (src_ip !== undefined) counts.set(src_ip, (counts.get(src_ip) ?? 0) + 1);
  const [ip, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
  if (count < 2 || count * 2 <= overview.top_alerts.length) return null;
  const asset = overview.top_alerts.find((alert) => alert.src_ip === ip)?.src_asset;
  const name = (asset === undefined ? undefined : own(overview.asset_names, asset)?.name) ?? ip;
  return (
    <>
      {' '}
      {t.overview.verdict.mostFrom(count, overview.top_alerts.length)}{' '}
      {asset === undefined ? (
        <Raw text={name} />
      ) : (
        <a href={to.asset(asset)}>
          <Raw text={name} />
        </a>
      )}
      .
    </>
  );
}

function SensorSummary({ sensor }: { sensor: SensorHealth }) {
  const lost = sensor.interfaces.reduce((sum, one) => sum + lostPackets(one), 0);
  return (
    <div class="sensor-summary">
      <h3>
        <Raw text={sensor.sensor} />
        <span class={`badge ${sensor.running ? 'badge-good' : ''}`}>
          {sensor.running ? t.health.running : sensor.mode === 'replay' ? t.health.finished : t.health.stopped}
        </span>
      </h3>
      <Facts
        facts={[
          {
            name: t.health.packets,
            value: (
              <>
                {formatCount(sensor.packets)} <span class="faint">{formatBytes(sensor.bytes)}</span>
              </>
            ),
          },
          sensor.last_packet !== undefined && {
            name: t.overview.lastPacket,
            value: <Time iso={sensor.last_packet} />,
          },
          {
            name: t.overview.dropped,
            value: <span class={lost > 0 ? 'tone-high' : ''}>{formatCount(lost)}</span>,
          },
          {
            name: t.overview.unreadable,
            value: (
              <span class={sensor.decode_errors > 0 ? 'tone-medium' : ''}>{formatCount(sensor.decode_errors)}</span>
            ),
          },
          { name: t.overview.encrypted, value: formatPercent(sensor.encrypted_percent) },
        ]}
      />
    </div>
  );
}

export function OverviewPage() {
  const overview = useOverview();
  const data = overview?.data;
  const newestAssets = useResource<Page<Asset>>('/assets?sort=-first_seen&limit=5', ['assets']);
  const head = <PageHead title={t.overview.title} documentTitle={t.overview.title} />;
  if (!data) {
    return (
      <>
        {head}
        {overview?.error ? <ErrorState error={overview.error} retry={overview.reload} /> : <Loading />}
      </>
    );
  }
  const newest = newestAssets.data?.items ?? [];
  const sight = sightOf(data.sensors);
  const seen = seenSoFar(data.sensors);
  const verdict = verdictOf(data, sight, seen);
  const worst = data.top_alerts[0];
  const latest = data.top_alerts.reduce((last, alert) => (alert.last_seen > last ? alert.last_seen : last), '');
  return (
    <div class="overview">
      <div class="visually-hidden">{head}</div>
      <section class={`verdict verdict-${verdict.tone}`}>
        <span class="verdict-icon">{verdict.icon}</span>
        <div class="verdict-text">
          <h2>{verdict.title}</h2>
          <p>
            <Timed text={verdict.text} />
            {verdict.toWorst && worst && (
              <>
                {' '}
                <Timed text={t.overview.verdict.latest(latest)} />.
              </>
            )}
            {verdict.toWorst && <CommonSource overview={data} />}
          </p>
        </div>
        {verdict.toWorst && worst && (
          <a class="button button-accent" href={to.alert(worst.id)}>
            {t.overview.verdict.lookAtWorst}
            {icons.arrow()}
          </a>
        )}
      </section>

      <div class="tiles">
        <SeverityTiles overview={data} />
        <Tile
          label={t.overview.sight}
          value={SIGHT_TEXT[sight]}
          tone={SIGHT_TONE[sight]}
          detail={
            seen.lost > 0
              ? t.overview.sightDropped(formatCompact(seen.lost))
              : sight === 'finished'
                ? t.overview.sightCaptureDetail(formatCompact(seen.packets))
                : t.overview.sightDetail(formatCompact(seen.packets))
          }
          href={to.health}
        />
        <Tile
          label={t.overview.phase}
          value={data.phase === 'learn' ? t.overview.learning : t.overview.protecting}
          tone={data.phase === 'learn' ? 'tone-medium' : 'tone-good'}
          detail={data.phase === 'learn' ? t.overview.learningText : t.overview.protectingText}
          href={to.baseline}
        />
        <Tile
          label={t.overview.devices}
          value={formatCompact(data.assets)}
          detail={t.overview.devicesNew(data.new_assets)}
          href={to.assets()}
        />
        <Tile
          label={t.overview.conversations}
          value={formatCompact(data.conversations)}
          detail={t.overview.conversationsText}
          href={to.conversations()}
        />
      </div>

      <div class="overview-main">
        <div class="overview-left">
          <Card title={t.overview.chart}>
            <AlertsChart buckets={data.timeline.buckets} bucketSeconds={data.timeline.bucket_seconds} />
          </Card>
          <Card title={t.overview.worst} aside={<a href={to.alerts()}>{t.showAll}</a>}>
            {data.top_alerts.length === 0 ? (
              <p class="faint card-empty">{t.overview.worstEmpty}</p>
            ) : (
              <AlertList alerts={data.top_alerts} names={data.asset_names} />
            )}
          </Card>
        </div>
        <div class="overview-right">
          <Card title={t.overview.sensors} aside={<a href={to.health}>{t.overview.toHealth}</a>}>
            {data.sensors.length === 0 ? (
              <Empty title={t.health.none}>
                <p>{t.health.noneText}</p>
              </Empty>
            ) : (
              data.sensors.map((sensor) => <SensorSummary sensor={sensor} key={sensor.sensor} />)
            )}
          </Card>
          <Card title={t.overview.newDevices} aside={<a href={to.assets()}>{t.showAll}</a>}>
            {newest.length === 0 ? (
              <p class="faint card-empty">{t.overview.newDevicesEmpty}</p>
            ) : (
              <ul class="link-list">
                {newest.map((asset) => (
                  <li key={asset.id}>
                    <a href={to.asset(asset.id)}>
                      <span class="link-list-main">
                        <Raw text={asset.name} />
                        <span class="faint">
                          <Raw text={asset.roles.map(roleName).join(', ') || (asset.vendor ?? '')} />
                        </span>
                      </span>
                      <span class="faint">
                        <Time iso={asset.first_seen} />
                      </span>
                    </a>
                  </li>
                ))}
              </ul>
            )}
          </Card>
        </div>
      </div>
    </div>
  );
}
