import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Alert, AlertStatus, AttackTechnique, DissectionRecord } from '../../../sensor/model/records.ts';
import { AcceptDialog } from '../components/accept-dialog.tsx';
import { DecisionDialog } from '../components/decision-dialog.tsx';
import { icons } from '../components/icons.tsx';
import { IncidentTimeline } from '../components/incident-timeline.tsx';
import { PacketBytes } from '../components/packet-bytes.tsx';
import { Card, ErrorState, Facts, Loading, PageHead, SeverityLabel, StatusLabel } from '../components/parts.tsx';
import { isAnswer, packetNumbers, RecordView } from '../components/record.tsx';
import { Raw, Said, Time, Timed } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { AssignDialog, MuteDialog, NoteDialog } from '../components/triage-dialogs.tsx';
import { said, t } from '../i18n/index.ts';
import { API, del, query } from '../lib/api.ts';
import { formatPercent, humanise, protocolName, roleName } from '../lib/format.ts';
import { useKeys } from '../lib/keys.ts';
import { type Place, placeInQueue, queueFilters } from '../lib/queue.ts';
import { useResource } from '../lib/resource.ts';
import { navigate, to } from '../lib/router.ts';
import { useMayDecide } from '../lib/session.ts';
import { encodeId, own } from '../lib/text.ts';
import type { AlertDetail, AssetDetail, AssetNames, Mute } from '../lib/types.ts';

function KnownDevice({
  id,
  name,
  ip,
  port,
}: {
  id: string;
  name: string;
  ip: string | undefined;
  port: number | undefined;
}) {
  const asset = useResource<AssetDetail>(`/assets/${encodeId(id)}`, ['assets']).data;
  const about = asset
    ? [asset.roles.map(roleName).join(', '), asset.vendor, asset.model].filter((part) => part).join(' · ')
    : '';
  return (
    <>
      <a class="device-name" href={to.asset(id)}>
        <Raw text={asset?.name ?? name} />
      </a>
      {ip !== undefined && (port !== undefined || (asset?.name ?? name) !== ip) && (
        <span class="device-about">
          <Address ip={ip} port={port} />
        </span>
      )}
      {about !== '' && (
        <span class="device-about">
          <Raw text={about} />
        </span>
      )}
      {asset && !asset.approved && <span class="badge badge-medium">{t.assets.notApproved}</span>}
    </>
  );
}

function Address({ ip, port }: { ip: string; port: number | undefined }) {
  return <Raw text={port === undefined ? ip : ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`} mono />;
}

function Device({
  label,
  ip,
  port,
  asset,
  names,
}: {
  label: string;
  ip: string | undefined;
  port: number | undefined;
  asset: string | undefined;
  names: AssetNames;
}) {
  return (
    <div class="device">
      <span class="device-label">{label}</span>
      {asset !== undefined ? (
        <KnownDevice id={asset} name={own(names, asset)?.name ?? ip ?? asset} ip={ip} port={port} />
      ) : (
        <>
          <span class="device-name">{ip === undefined ? '–' : <Address ip={ip} port={port} />}</span>
          {ip !== undefined && <span class="device-about">{t.alert.unknownAsset}</span>}
        </>
      )}
    </div>
  );
}

function techniqueText(technique: string): string | undefined {
  return own(t.technique, technique) ?? own(t.technique, technique.split('.')[0] ?? '');
}

function Technique({ technique }: { technique: AttackTechnique }) {
  const text = techniqueText(technique.technique);
  return (
    <li>
      {text && <p>{text}</p>}
      <p class="technique">
        <span class="chip mono">
          <Raw text={technique.technique} />
        </span>
        <span>
          <span lang="en">
            <Raw text={technique.name} />
          </span>
          <span class="faint" lang="en">
            {' · '}
            <Raw text={humanise(technique.tactic.replaceAll('-', ' '))} />
          </span>
        </span>
      </p>
    </li>
  );
}

interface Exchange {
  key: string;
  request: DissectionRecord | undefined;
  answer: DissectionRecord | undefined;
}

/** Brings each answer to its request, in the order of the requests. */
function pairs(records: readonly DissectionRecord[]): Exchange[] {
  const exchanges: Exchange[] = [];
  records.forEach((record, index) => {
    const fields = record[record.event_type];
    const asked =
      typeof fields === 'object' && fields !== null && 'request_pcap_cnt' in fields
        ? fields.request_pcap_cnt
        : undefined;
    const waiting = isAnswer(record)
      ? exchanges.find((exchange) => !exchange.answer && exchange.request && exchange.request.pcap_cnt === asked)
      : undefined;
    if (waiting) waiting.answer = record;
    else if (isAnswer(record)) exchanges.push({ key: String(index), request: undefined, answer: record });
    else exchanges.push({ key: String(index), request: record, answer: undefined });
  });
  return exchanges;
}

const EXCHANGES_SHOWN = 3;

function Records({ records }: { records: readonly DissectionRecord[] }) {
  const [all, setAll] = useState(false);
  if (records.length === 0) return <p class="faint card-empty">{t.alert.noRecords}</p>;
  const exchanges = pairs(records);
  const shown = all ? exchanges : exchanges.slice(0, EXCHANGES_SHOWN);
  return (
    <>
      {shown.map(({ key, request, answer }) => (
        <div class="exchange" key={key}>
          {request && <RecordView record={request} />}
          {answer && <RecordView record={answer} />}
        </div>
      ))}
      {!all && exchanges.length > EXCHANGES_SHOWN && (
        <button type="button" class="button" onClick={() => setAll(true)}>
          {t.andMore(exchanges.length - EXCHANGES_SHOWN)}
        </button>
      )}
    </>
  );
}

/** Below this share, what was missed does not put the evidence in doubt. */
const HARDLY_PERCENT = 0.1;

function Sight({ alert }: { alert: Alert }) {
  const { dropped_percent, decode_error_percent, encrypted_percent } = alert.visibility;
  const worst = Math.max(dropped_percent, decode_error_percent, encrypted_percent);
  const full = worst < HARDLY_PERCENT;
  const text = worst === 0 ? t.alert.visibilityGood : full ? t.alert.visibilityAlmost : t.alert.visibilityPart;
  const tone = (value: number) => (value >= HARDLY_PERCENT ? 'tone-high' : '');
  return (
    <Card title={t.alert.visibility}>
      <p class={full ? 'tone-good' : 'tone-high'}>{text}</p>
      <Facts
        facts={[
          {
            name: t.alert.dropped,
            value: <span class={tone(dropped_percent)}>{formatPercent(dropped_percent)}</span>,
          },
          {
            name: t.alert.decodeErrors,
            value: <span class={tone(decode_error_percent)}>{formatPercent(decode_error_percent)}</span>,
          },
          {
            name: t.alert.encrypted,
            value: <span class={tone(encrypted_percent)}>{formatPercent(encrypted_percent)}</span>,
          },
        ]}
      />
    </Card>
  );
}

interface HistoryEntry {
  at: string;
  text: string;
  note: string;
}

/** Each step that led to the severity; a single one says nothing that the label does not. */
function SeverityBasis({ alert }: { alert: Alert }) {
  const steps = alert.severity_basis ?? [];
  if (steps.length < 2) return null;
  return (
    <Card title={t.basis.title} class="order-2">
      <ol class="plain-list severity-basis">
        {steps.map((step) => (
          <li key={step.factor}>
            <SeverityLabel severity={step.severity} /> {t.basis[step.factor]}
            {step.detail !== undefined && (
              <span class="faint">
                {' · '}
                <Raw text={step.detail} />
              </span>
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}

/** Decisions, notes and assignments as one story, newest first. */
function historyOf(detail: AlertDetail): HistoryEntry[] {
  const decisions = detail.history.map((decision) => ({
    at: decision.at,
    text: t.alert.decisionBy(t.status[decision.status], decision.user),
    note: decision.note,
  }));
  const entries = detail.entries.map((entry) =>
    entry.kind === 'note'
      ? { at: entry.at, text: t.triage.noteBy(entry.user), note: entry.text }
      : {
          at: entry.at,
          text: t.triage.assignBy(entry.user),
          note: entry.text === '' ? t.triage.assignedToNobody : t.triage.assigned(entry.text),
        },
  );
  return [...decisions, ...entries].sort((one, other) => (one.at < other.at ? 1 : -1));
}

function Decisions({ detail, ask }: { detail: AlertDetail; ask: (what: 'assign' | 'note') => void }) {
  const history = historyOf(detail);
  return (
    <Card title={t.alert.decision} aside={<StatusLabel status={detail.status} />}>
      <p class="assignee">
        {detail.assignee === '' ? (
          <span class="faint">{t.triage.unassigned}</span>
        ) : (
          <Raw text={t.triage.assigned(detail.assignee)} />
        )}
      </p>
      <p class="button-row">
        <button type="button" class="button" onClick={() => ask('assign')}>
          {t.triage.assign} <kbd>s</kbd>
        </button>
        <button type="button" class="button" onClick={() => ask('note')}>
          {t.triage.note} <kbd>n</kbd>
        </button>
      </p>
      {history.length === 0 ? (
        <p class="faint">{t.alert.decisionOpen}</p>
      ) : (
        <ol class="history">
          {history.map((entry) => (
            <li key={`${entry.at} ${entry.text}`}>
              <p>
                <Raw text={entry.text} />{' '}
                <span class="faint">
                  <Time iso={entry.at} />
                </span>
              </p>
              {entry.note !== '' && (
                <blockquote>
                  <Raw text={entry.note} />
                </blockquote>
              )}
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

/** What else this source did at that time. */
function Related({ id }: { id: string }) {
  const { data } = useResource<{ items: Alert[]; asset_names: AssetNames }>(`/alerts/${encodeId(id)}/related`, [
    'alerts',
  ]);
  if (!data) return <p class="faint">{t.loading}</p>;
  if (data.items.length < 2) return <p class="faint">{t.incidents.relatedOne}</p>;
  return <IncidentTimeline alerts={data.items} names={data.asset_names} current={id} />;
}

function Muted({ mute, reload }: { mute: Mute; reload: () => void }) {
  const mayDecide = useMayDecide();
  const end = () => {
    del(`/mutes/${encodeId(mute.id)}`)
      .then(() => {
        toast(t.triage.unmuted);
        reload();
      })
      .catch(() => toast(t.triage.failed, { bad: true }));
  };
  return (
    <div class="stale">
      <span>
        <Timed text={t.triage.mutedUntil(mute.expires)} /> · <Raw text={`${mute.owner}: ${mute.reason}`} />
      </span>
      {mayDecide && (
        <button type="button" class="button" onClick={end}>
          {t.triage.unmute}
        </button>
      )}
    </div>
  );
}

const DONE_TEXT: Readonly<Record<AlertStatus, string>> = {
  acknowledged: t.alerts.acknowledgedToast,
  closed: t.alerts.closedToast,
  open: t.alerts.reopenedToast,
};

function AlertView({ detail, reload }: { detail: AlertDetail; reload: () => void }) {
  const alert = detail;
  const [deciding, setDeciding] = useState<AlertStatus>();
  const [asking, setAsking] = useState<'assign' | 'note' | 'mute' | 'accept'>();
  const [showBytes, setShowBytes] = useState(false);
  const mayDecide = useMayDecide();
  const ask = (status: AlertStatus) => {
    if (status === alert.status) return;
    if (mayDecide) setDeciding(status);
    else toast(t.needsAnalyst, { bad: true });
  };
  const askMore = (what: 'assign' | 'note' | 'mute' | 'accept') => {
    if (mayDecide) setAsking(what);
    else toast(t.needsAnalyst, { bad: true });
  };
  const done = () => {
    setAsking(undefined);
    reload();
  };
  useKeys({
    b: () => setShowBytes(true),
    s: () => askMore('assign'),
    n: () => askMore('note'),
    m: () => askMore('mute'),
    e: () => {
      if (alert.kind === 'deviation') askMore('accept');
    },
    a: () => ask('acknowledged'),
    c: () => ask('closed'),
    o: () => ask('open'),
  });
  const numbers = alert.evidence.pcap_cnts;
  return (
    <>
      <PageHead
        documentTitle={said(alert.title)}
        title={
          <>
            <span class="alert-head-meta">
              <SeverityLabel severity={alert.severity} />
              <span class="faint" title={t.kindLong[alert.kind]}>
                {t.kind[alert.kind]}
              </span>
              <StatusLabel status={alert.status} />
            </span>
            <Said text={alert.title} />
          </>
        }
      >
        <div class="page-actions">
          {!mayDecide && <span class="faint page-hint">{t.needsAnalyst}</span>}
          {alert.status === 'open' && (
            <button
              type="button"
              class="button button-accent"
              onClick={() => ask('acknowledged')}
              disabled={!mayDecide}
            >
              {t.alert.acknowledge}
              <kbd>a</kbd>
            </button>
          )}
          {alert.status !== 'closed' && (
            <button type="button" class="button" onClick={() => ask('closed')} disabled={!mayDecide}>
              {t.alert.close}
              <kbd>c</kbd>
            </button>
          )}
          {alert.status !== 'open' && (
            <button type="button" class="button" onClick={() => ask('open')} disabled={!mayDecide}>
              {t.alert.reopen}
              <kbd>o</kbd>
            </button>
          )}
          {alert.kind === 'deviation' && (
            <button type="button" class="button" onClick={() => askMore('accept')} disabled={!mayDecide}>
              {t.decisions.accept} <kbd>e</kbd>
            </button>
          )}
          {!detail.mute && alert.kind !== 'health' && (
            <button type="button" class="button" onClick={() => askMore('mute')} disabled={!mayDecide}>
              {t.triage.mute} <kbd>m</kbd>
            </button>
          )}
          {mayDecide && alert.kind === 'rule' && (
            <a class="button" href={to.newRule(query({ kind: 'exception', alert: alert.id }))}>
              {t.ruleWork.makeException}
            </a>
          )}
          {mayDecide && alert.kind !== 'health' && alert.protocol !== undefined && (
            <a class="button" href={to.newRule(query({ alert: alert.id }))}>
              {t.ruleWork.makeRule}
            </a>
          )}
        </div>
      </PageHead>

      {detail.mute && <Muted mute={detail.mute} reload={reload} />}
      <div class="alert-grid">
        <div class="alert-main">
          <Card class="order-0">
            <p class="lead">
              <Said text={alert.description} />
            </p>
            <p class="faint">
              {alert.count > 1 ? (
                <>
                  {t.alert.manyTimes(alert.count)} <Time iso={alert.first_seen} />
                  {t.alert.lastTime} <Time iso={alert.last_seen} />.
                </>
              ) : (
                <>
                  {t.alert.once} <Time iso={alert.first_seen} />.
                </>
              )}
            </p>
            <div class="way">
              <Device
                label={t.alert.from}
                ip={alert.src_ip}
                port={alert.src_port}
                asset={alert.src_asset}
                names={alert.asset_names}
              />
              <span class="way-arrow" aria-hidden="true">
                {icons.arrow()}
              </span>
              <Device
                label={t.alert.toward}
                ip={alert.dest_ip}
                port={alert.dest_port}
                asset={alert.dest_asset}
                names={alert.asset_names}
              />
              {(alert.object !== undefined || alert.protocol !== undefined) && (
                <div class="device">
                  <span class="device-label">{t.alert.object}</span>
                  <span class="device-name">{alert.object === undefined ? '–' : <Said text={alert.object} />}</span>
                  {alert.protocol !== undefined && <span class="device-about">{protocolName(alert.protocol)}</span>}
                </div>
              )}
            </div>
          </Card>

          {(alert.expected !== undefined || alert.observed !== undefined) && (
            <Card
              title={alert.expected === undefined ? t.alert.observedOnly : t.alert.expectedObserved}
              class="order-1"
            >
              <div class="compare">
                {alert.expected !== undefined && (
                  <div class="compare-expected">
                    <h3>{t.alert.expected}</h3>
                    <p>
                      <Said text={alert.expected} />
                    </p>
                  </div>
                )}
                <div class="compare-observed">
                  {alert.expected !== undefined && <h3>{t.alert.observed}</h3>}
                  <p>{alert.observed === undefined ? '–' : <Said text={alert.observed} />}</p>
                </div>
              </div>
            </Card>
          )}

          <Card title={t.alert.records}>
            <Records records={alert.evidence.records} />
          </Card>

          <Card
            title={t.alert.packets}
            aside={
              detail.packet_count > 0 && (
                <a
                  class="button"
                  href={`${API}/alerts/${encodeId(alert.id)}/packets.pcapng`}
                  title={t.alert.downloadHint}
                  download
                >
                  {icons.download()}
                  {t.alert.download}
                </a>
              )
            }
          >
            {numbers.length > 0 && <p>{t.alert.packetsText(packetNumbers(numbers))}</p>}
            {detail.packet_count === 0 && <p class="faint">{t.alert.packetsNone}</p>}
            {detail.packet_count > 0 && !showBytes && (
              <p>
                <button type="button" class="button" onClick={() => setShowBytes(true)}>
                  {t.bytes.show} <kbd>b</kbd>
                </button>
              </p>
            )}
            {detail.packet_count > 0 && showBytes && <PacketBytes alertId={alert.id} />}
          </Card>

          {alert.incident !== undefined && (
            <Card title={t.incidents.related}>
              <Related id={alert.id} />
            </Card>
          )}
        </div>

        <div class="alert-side">
          <Card title={t.alert.next} class="card-next order-1">
            <p>
              <Said text={alert.recommendation} />
            </p>
          </Card>
          <SeverityBasis alert={alert} />
          <Card title={t.alert.why} class="order-2">
            {alert.attack.length === 0 ? (
              <p class="faint">{t.kindLong[alert.kind]}</p>
            ) : (
              <ul class="techniques">
                {alert.attack.map((technique) => (
                  <Technique technique={technique} key={technique.technique} />
                ))}
              </ul>
            )}
          </Card>
          <Decisions detail={detail} ask={askMore} />
          <Sight alert={alert} />
          <Card title={t.alert.identity}>
            <Facts
              facts={[
                { name: t.alert.kind, value: t.kind[alert.kind] },
                {
                  name: t.alert.rule,
                  value: (
                    <a href={to.rule(alert.rule_id)}>
                      <Raw text={alert.rule_id} mono />
                    </a>
                  ),
                },
                { name: t.alert.version, value: <Raw text={alert.rule_version} mono /> },
                { name: t.alert.id, value: <Raw text={alert.id} mono /> },
              ]}
            />
          </Card>
        </div>
      </div>

      {asking === 'assign' && (
        <AssignDialog ids={[alert.id]} assignee={detail.assignee} onDone={done} onClose={() => setAsking(undefined)} />
      )}
      {asking === 'note' && <NoteDialog ids={[alert.id]} onDone={done} onClose={() => setAsking(undefined)} />}
      {asking === 'accept' && <AcceptDialog alert={alert} onDone={done} onClose={() => setAsking(undefined)} />}
      {asking === 'mute' && (
        <MuteDialog alert={alert} names={alert.asset_names} onDone={done} onClose={() => setAsking(undefined)} />
      )}
      {deciding && (
        <DecisionDialog
          alertId={alert.id}
          status={deciding}
          onClose={() => setDeciding(undefined)}
          onDone={() => {
            toast(DONE_TEXT[deciding]);
            setDeciding(undefined);
            reload();
          }}
        />
      )}
    </>
  );
}

/** The way through the queue without going back to it. */
function QueueSteps({ place }: { place: Place }) {
  const step = (id: string | undefined, text: string, icon: ComponentChildren) =>
    id === undefined ? (
      <span class="queue-step faint" aria-hidden="true">
        {icon}
      </span>
    ) : (
      <a class="queue-step" href={to.alert(id)} title={text} aria-label={text}>
        {icon}
      </a>
    );
  return (
    <nav class="queue-steps" aria-label={t.alert.queue}>
      {step(place.before, `${t.alert.previous} (k)`, icons.up())}
      <span class="number faint">{t.alert.place(place.at, place.of)}</span>
      {step(place.after, `${t.alert.following} (j)`, icons.down())}
    </nav>
  );
}

export function AlertPage({ id }: { id: string }) {
  const { data, error, reload } = useResource<AlertDetail>(`/alerts/${encodeId(id)}`, ['alerts']);
  const place = placeInQueue(id);
  // Here and not with the alert's other keys: whoever goes through the queue need not wait for each alert to arrive.
  useKeys({
    u: () => (place || window.history.length < 2 ? navigate(to.alerts(queueFilters())) : window.history.back()),
    j: () => place?.after !== undefined && navigate(to.alert(place.after)),
    k: () => place?.before !== undefined && navigate(to.alert(place.before)),
  });
  return (
    <>
      <div class="back-row">
        <a class="back" href={to.alerts(queueFilters())}>
          {icons.back()}
          {t.alert.back}
        </a>
        {place && <QueueSteps place={place} />}
      </div>
      {data ? (
        <AlertView detail={data} reload={reload} />
      ) : (
        <>
          <PageHead title={t.nav.alerts} documentTitle={t.nav.alerts} />
          {error ? <ErrorState error={error} retry={reload} /> : <Loading />}
        </>
      )}
    </>
  );
}
