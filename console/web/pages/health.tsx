import type { BlindInterval, InterfaceHealth, SensorHealth } from '../../../sensor/model/records.ts';
import { TableHead } from '../components/list-frame.tsx';
import { Card, Empty, ErrorState, Facts, Loading, PageHead } from '../components/parts.tsx';
import { Raw, Said, Time } from '../components/text.tsx';
import { said, t } from '../i18n/index.ts';
import { formatBytes, formatCount, formatPercent, humanise, protocolName } from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import { own } from '../lib/text.ts';
import type { HealthAnswer } from '../lib/types.ts';

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
    <div class="scroll-x">
      <table class="table table-plain">
        <TableHead
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
        />
        <tbody>
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
        </tbody>
      </table>
    </div>
  );
}

function Blind({ blind }: { blind: readonly BlindInterval[] }) {
  if (blind.length === 0) return <p class="faint card-empty">{t.health.blindNone}</p>;
  return (
    <div class="scroll-x">
      <table class="table table-plain">
        <TableHead columns={[t.health.interface, t.health.blindFrom, t.health.blindTo, t.health.blindReason]} />
        <tbody>
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
        </tbody>
      </table>
    </div>
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
    <div class="scroll-x">
      <table class="table table-plain">
        <TableHead columns={[t.health.anomaly, { text: t.health.anomalyCount, numeric: true }]} />
        <tbody>
          {rows.map(([code, count]) => {
            const words = own(t.anomaly, code);
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
        </tbody>
      </table>
    </div>
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
        <Figure name={t.health.packets} value={formatCount(sensor.packets)} />
        <Figure name={t.health.bytes} value={formatBytes(sensor.bytes)} />
        <Figure name={t.health.flows} value={formatCount(sensor.flows_active)} />
        <Figure
          name={t.health.decodeErrors}
          value={formatCount(sensor.decode_errors)}
          warn={sensor.decode_errors > 0}
        />
        <Figure name={t.health.malformed} value={formatCount(sensor.malformed)} warn={sensor.malformed > 0} />
        <Figure name={t.health.encrypted} value={formatPercent(sensor.encrypted_percent)} />
        <Figure name={t.health.memory} value={formatBytes(sensor.memory_bytes)} />
      </div>
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

function Figure({ name, value, warn = false }: { name: string; value: string; warn?: boolean }) {
  return (
    <div class="figure">
      <span class="figure-name">{name}</span>
      <span class={`figure-value ${warn ? 'tone-high' : ''}`}>{value}</span>
    </div>
  );
}

export function HealthPage() {
  const { data, error, reload } = useResource<HealthAnswer>('/health', ['health']);
  return (
    <>
      <PageHead title={t.health.title} documentTitle={t.health.title} />
      <p class="page-intro">{t.health.intro}</p>
      {!data && (error ? <ErrorState error={error} retry={reload} /> : <Loading />)}
      {data?.sensors.length === 0 && (
        <Empty title={t.health.none}>
          <p>{t.health.noneText}</p>
        </Empty>
      )}
      {data?.sensors.map((sensor) => (
        <Sensor sensor={sensor} key={sensor.sensor} />
      ))}
      {data && (
        <Card title={t.health.store} class="card-store">
          <Facts
            facts={[
              { name: t.health.storeDriver, value: t.health.storeDrivers[data.store.driver] },
              { name: t.health.storeBytes, value: formatBytes(data.store.bytes) },
            ]}
          />
          {data.store.notes.map((note) => (
            <p class="tone-medium" key={note}>
              <Said text={note} />
            </p>
          ))}
        </Card>
      )}
    </>
  );
}
