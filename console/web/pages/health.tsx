import type { BlindInterval, InterfaceHealth, SensorHealth } from '../../../sensor/model/records.ts';
import { coveredSeconds } from '../../answers.ts';
import { DataTable, Fetched } from '../components/list-frame.tsx';
import { Card, Empty, Facts, PageHead } from '../components/parts.tsx';
import { Raw, Said, Time } from '../components/text.tsx';
import { anomalyTexts } from '../i18n/anomalies-en.generated.ts';
import { said, t } from '../i18n/index.ts';
import { formatBytes, formatCount, formatDuration, formatPercent, humanise, protocolName } from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { own } from '../lib/text.ts';
import type { HealthAnswer, ReportSchedule } from '../lib/types.ts';

const STATE_TONE: Readonly<Record<InterfaceHealth['state'], string>> = {
  capturing: 'badge-good',
  finished: '',
  stopped: '',
  no_traffic: 'badge-medium',
  restarting: 'badge-medium',
  link_down: 'badge-critical',
  gone: 'badge-critical',
};

function Dropped({ count, source }: { count: number | null; source: string }) {
  // A file has no interface that could lose anything.
  if (count === null && source === 'file') return <span class="faint">–</span>;
  if (count === null) return <span class="tone-medium">{t.health.cannotTell}</span>;
  return <span class={count > 0 ? 'tone-high' : ''}>{formatCount(count)}</span>;
}

function Interfaces({ interfaces }: { interfaces: readonly InterfaceHealth[] }) {
  return (
    <DataTable
      label={t.health.interfaces}
      plain
      columns={[
        t.health.interface,
        t.health.source,
        t.health.state,
        { text: t.health.packets, numeric: true },
        { text: t.health.bytes, numeric: true },
        { text: t.health.kernelDrops, numeric: true },
        { text: t.health.interfaceDrops, numeric: true },
        t.health.lastPacket,
      ]}
    >
      {interfaces.map((one) => (
        <tr key={one.name}>
          <th scope="row">
            <Raw text={one.name} mono />
            {one.notes.map((note) => (
              <span class="cell-note" key={note}>
                <Said text={note} />
              </span>
            ))}
          </th>
          <td>
            <Raw text={own(t.health.sources, one.source) ?? one.source} />
          </td>
          <td>
            <span class={`badge ${STATE_TONE[one.state]}`}>{t.health.states[one.state]}</span>
          </td>
          <td class="numeric">{formatCount(one.packets)}</td>
          <td class="numeric">{formatBytes(one.bytes)}</td>
          <td class="numeric">
            <Dropped count={one.dropped_by_kernel} source={one.source} />
          </td>
          <td class="numeric">
            <Dropped count={one.dropped_by_interface} source={one.source} />
          </td>
          <td class="cell-time">{one.last_packet === undefined ? '–' : <Time iso={one.last_packet} />}</td>
        </tr>
      ))}
    </DataTable>
  );
}

function Blind({ blind }: { blind: readonly BlindInterval[] }) {
  if (blind.length === 0) return <p class="faint card-empty">{t.health.blindNone}</p>;
  return (
    <DataTable
      label={t.health.blind}
      plain
      columns={[t.health.interface, t.health.blindFrom, t.health.blindTo, t.health.blindReason]}
    >
      {blind.map((interval) => (
        <tr key={`${interval.interface} ${interval.from}`}>
          <th scope="row">
            <Raw text={interval.interface} mono />
          </th>
          <td class="cell-time">
            <Time iso={interval.from} />
          </td>
          <td class="cell-time">
            {interval.to === undefined ? (
              <span class="badge badge-critical">{t.health.blindNow}</span>
            ) : (
              <Time iso={interval.to} />
            )}
          </td>
          <td>
            <Said text={interval.reason} />
          </td>
        </tr>
      ))}
    </DataTable>
  );
}

function byCount(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1]);
}

function Anomalies({ anomalies }: { anomalies: Readonly<Record<string, number>> }) {
  const rows = byCount(anomalies);
  if (rows.length === 0) return <p class="faint card-empty">{t.health.anomaliesNone}</p>;
  return (
    <DataTable
      label={t.health.anomalies}
      plain
      columns={[t.health.anomaly, { text: t.health.anomalyCount, numeric: true }]}
    >
      {rows.map(([code, count]) => {
        const words = own(anomalyTexts, code);
        return (
          <tr key={code}>
            <th scope="row">
              {words ? said(words.title) : <Raw text={humanise(code.split('.').at(-1) ?? code)} />}{' '}
              <span class="faint mono small">
                <Raw text={code} />
              </span>
              {words && <span class="cell-note">{said(words.text)}</span>}
            </th>
            <td class="numeric">{formatCount(count)}</td>
          </tr>
        );
      })}
    </DataTable>
  );
}

function CountList({ counts, name }: { counts: readonly [string, number][]; name: (key: string) => string }) {
  const most = counts[0]?.[1] ?? 1;
  return (
    <ul class="count-list">
      {counts.map(([key, count]) => (
        <li key={key}>
          <span>
            <Raw text={name(key)} />
          </span>
          <meter min={0} max={most} value={count} aria-hidden="true" tabIndex={-1} />
          <span class="number">{formatCount(count)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Seconds in which at least one interface was blind; what is still going on counts until the sensor's last word. */
function blindSeconds({ blind, running, updated }: SensorHealth): number {
  const end = running ? Date.now() : Date.parse(updated);
  const seconds = (iso: string | undefined) => (iso === undefined ? end : Date.parse(iso)) / 1000;
  return coveredSeconds(blind.map(({ from, to }) => [seconds(from), seconds(to)]));
}

/** Everything that is missing from the picture, each with what it means. */
function Unseen({ sensor }: { sensor: SensorHealth }) {
  const lost = sensor.interfaces.reduce(
    (sum, one) => sum + (one.dropped_by_kernel ?? 0) + (one.dropped_by_interface ?? 0),
    0,
  );
  const isUnknown = sensor.interfaces.some((one) => one.source !== 'file' && one.dropped_by_kernel === null);
  const letGo = Object.values(sensor.dropped).reduce((sum, count) => sum + count, 0);
  const dark = blindSeconds(sensor);
  const rows = [
    { name: t.sight.lost, value: formatCount(lost), text: t.sight.lostText, is: lost > 0 },
    { name: t.sight.blind, value: formatDuration(dark), text: t.sight.blindText, is: dark > 0 },
    {
      name: t.sight.encrypted,
      value: formatPercent(sensor.encrypted_percent),
      text: t.sight.encryptedText,
      is: sensor.encrypted_percent > 0,
    },
    {
      name: t.sight.unreadable,
      value: formatCount(sensor.decode_errors),
      text: t.sight.unreadableText,
      is: sensor.decode_errors > 0,
    },
    {
      name: t.sight.malformed,
      value: formatCount(sensor.malformed),
      text: t.sight.malformedText,
      is: sensor.malformed > 0,
    },
    { name: t.sight.letGo, value: formatCount(letGo), text: t.sight.letGoText, is: letGo > 0 },
  ].filter((row) => row.is);
  return (
    <>
      {rows.length === 0 && !isUnknown && <p>{t.sight.nothing}</p>}
      {rows.length > 0 && (
        <dl class="unseen">
          {rows.map(({ name, value, text }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd class="numeric">{value}</dd>
              <dd class="faint">{text}</dd>
            </div>
          ))}
        </dl>
      )}
      {isUnknown && <p class="tone-medium">{t.sight.unknownLoss}</p>}
      <p class="faint">{t.sight.mirror}</p>
    </>
  );
}

/** What waits for the SIEM, and what was given up. */
function Queues() {
  const { data } = useResource<{ items: QueueRow[] }>('/exporters', ['health']);
  if (!data) return null;
  return (
    <Card title={t.healthMore.queue} class="card-store">
      <p class="faint">{data.items.length === 0 ? t.healthMore.queueNone : t.healthMore.queueText}</p>
      {data.items.length > 0 && (
        <DataTable
          label={t.healthMore.queue}
          plain
          columns={[
            t.healthMore.receiver,
            t.healthMore.state,
            { text: t.healthMore.waiting, numeric: true },
            t.healthMore.oldest,
            { text: t.healthMore.lost, numeric: true },
          ]}
        >
          {data.items.map((one) => (
            <tr key={one.name}>
              <th scope="row">
                <a href={to.exporters}>
                  <Raw text={one.name} />
                </a>
              </th>
              <td>
                {own(t.exporters.states, one.state) ?? one.state}
                {one.error !== '' && (
                  <span class="cell-note tone-high">
                    <Raw text={one.error} />
                  </span>
                )}
              </td>
              <td class="numeric">{formatCount(one.waiting)}</td>
              <td class="cell-time">{one.oldest_waiting === null ? '–' : <Time iso={one.oldest_waiting} />}</td>
              <td class="numeric">
                <span class={one.lost > 0 ? 'tone-high' : ''}>{formatCount(one.lost)}</span>
              </td>
            </tr>
          ))}
        </DataTable>
      )}
    </Card>
  );
}

interface QueueRow {
  name: string;
  state: string;
  waiting: number;
  oldest_waiting: string | null;
  lost: number;
  error: string;
}

/** Below this share or this size the disk is called full soon. */
const LOW_SHARE = 0.05;
const LOW_BYTES = 1024 ** 3;

function isLow({ free_bytes: free, total_bytes: total }: HealthAnswer['disk']): boolean {
  return total > 0 && (free < LOW_BYTES || free / total < LOW_SHARE);
}

/** Only when something is wrong with them: the report page has the rest. */
function ReportProblem() {
  const { data } = useResource<ReportSchedule>('/report/schedule', ['health']);
  if (!data || data.problem === '') return null;
  return (
    <Card title={t.healthMore.report} class="card-store">
      <p class="tone-high">
        <Raw text={data.problem} />
      </p>
    </Card>
  );
}

function Sensor({ sensor }: { sensor: SensorHealth }) {
  const dropped = byCount(sensor.dropped);
  return (
    <section class="sensor">
      <header class="sensor-head">
        <h2>
          <Raw text={sensor.sensor} />
        </h2>
        <span class={`badge ${sensor.running ? 'badge-good' : ''}`}>
          {sensor.running ? t.health.running : sensor.mode === 'replay' ? t.health.finished : t.health.stopped}
        </span>
        <span class="faint">
          {sensor.mode === 'live' ? t.health.live : t.health.replay}
          {' · '}
          {t.health.updated} <Time iso={sensor.updated} />
        </span>
      </header>
      <div class="figures">
        <Figure name={t.health.packets} value={formatCount(sensor.packets)} hint={t.sight.packets} />
        <Figure name={t.health.bytes} value={formatBytes(sensor.bytes)} hint={t.sight.bytes} />
        <Figure name={t.health.flows} value={formatCount(sensor.flows_active)} hint={t.sight.flows} />
        <Figure name={t.health.memory} value={formatBytes(sensor.memory_bytes)} hint={t.sight.memory} />
      </div>
      <Card title={t.sight.title}>
        <Unseen sensor={sensor} />
      </Card>
      <Card title={t.health.interfaces}>
        <Interfaces interfaces={sensor.interfaces} />
      </Card>
      <div class="health-columns">
        <Card title={t.health.anomalies}>
          <Anomalies anomalies={sensor.anomalies} />
        </Card>
        <div class="stack">
          <Card title={t.health.blind}>
            <Blind blind={sensor.blind} />
          </Card>
          <Card title={t.health.dropped}>
            {dropped.length === 0 ? (
              <p class="faint card-empty">{t.health.droppedNone}</p>
            ) : (
              <CountList counts={dropped} name={humanise} />
            )}
          </Card>
          <Card title={t.health.byProtocol}>
            <CountList counts={byCount(sensor.pdus)} name={protocolName} />
          </Card>
          <Card title={t.health.period}>
            <Facts
              facts={[
                sensor.first_packet !== undefined && {
                  name: t.health.blindFrom,
                  value: <Time iso={sensor.first_packet} />,
                },
                sensor.last_packet !== undefined && {
                  name: t.health.lastPacket,
                  value: <Time iso={sensor.last_packet} />,
                },
                sensor.captures.length > 0 && {
                  name: t.health.captures,
                  value: <Raw text={sensor.captures.join(', ')} mono />,
                },
              ]}
            />
          </Card>
        </div>
      </div>
    </section>
  );
}

function Figure({ name, value, hint }: { name: string; value: string; hint: string }) {
  return (
    <div class="figure">
      <span class="figure-name">{name}</span>
      <span class="figure-value">{value}</span>
      <span class="figure-hint">{hint}</span>
    </div>
  );
}

function Store({ store, disk }: HealthAnswer) {
  return (
    <Card title={t.health.store} class="card-store">
      <Facts
        facts={[
          { name: t.health.storeDriver, value: t.health.storeDrivers[store.driver] },
          { name: t.health.storeBytes, value: formatBytes(store.bytes) },
          disk.total_bytes > 0 && {
            name: t.healthMore.disk,
            value: t.healthMore.diskText(formatBytes(disk.free_bytes), formatBytes(disk.total_bytes)),
          },
        ]}
      />
      {isLow(disk) && <p class="tone-high">{t.healthMore.diskLow}</p>}
      {store.notes.map((note) => (
        <p class="tone-medium" key={note}>
          <Said text={note} />
        </p>
      ))}
    </Card>
  );
}

export function HealthPage() {
  const fetched = useResource<HealthAnswer>('/health', ['health']);
  return (
    <>
      <PageHead title={t.health.title} documentTitle={t.health.title} />
      <p class="page-intro">{t.health.intro}</p>
      <Fetched from={fetched}>
        {(data) => (
          <>
            {data.sensors.length === 0 && (
              <Empty title={t.health.none}>
                <p>{t.health.noneText}</p>
              </Empty>
            )}
            {data.sensors.map((sensor) => (
              <Sensor sensor={sensor} key={sensor.sensor} />
            ))}
            <Queues />
            <ReportProblem />
            <Store {...data} />
          </>
        )}
      </Fetched>
    </>
  );
}
