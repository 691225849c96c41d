import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Alert } from '../../../sensor/model/records.ts';
import { t } from '../i18n/index.ts';
import { ApiError, del, post } from '../lib/api.ts';
import { formatBytes, formatCount, formatDuration, formatPercent } from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { encodeId, visible } from '../lib/text.ts';
import type { AssetNames, RuleTrial, Workspace } from '../lib/types.ts';
import { Endpoint } from './alert-list.tsx';
import { Card, ErrorState, errorText, Facts, Loading, SeverityLabel } from './parts.tsx';
import { RecordView } from './record.tsx';
import { Raw, Said, Time } from './text.tsx';
import { toast } from './toasts.tsx';

const LOOK_AGAIN_MS = 700;
const STORED = 'alerts';

/** What is to be tried: a text, and for a rule that is there already the one it takes the place of. */
export interface TrialRequest {
  text?: string;
  own?: string;
  off?: string[];
  on?: string[];
}

/** How far something is, as a bar and in percent. */
export function Progress({ done, of, label, text }: { done: number; of: number; label: string; text: string }) {
  return (
    <span class="progress">
      {of > 0 ? <progress value={done} max={of} aria-label={label} /> : <progress aria-label={label} />}
      <span class="number">{text}</span>
    </span>
  );
}

export function share(done: number, of: number): string {
  return formatPercent(of > 0 ? Math.min(100, Math.floor((100 * done) / of)) : 0);
}

/** Where the packets come from, the button, and what came of it. */
export function TrialPanel({ request, ready }: { request: TrialRequest; ready: boolean }) {
  const workspaces = useResource<{ items: Workspace[] }>('/workspaces');
  const [capture, setCapture] = useState(() => new URLSearchParams(window.location.search).get('capture') ?? STORED);
  const [trial, setTrial] = useState<string>();
  const [busy, setBusy] = useState(false);
  const done = workspaces.data?.items.filter(({ state }) => state === 'done') ?? [];
  const options = [
    [STORED, t.ruleWork.trialStored] as const,
    ...done.map(({ id, name, size }) => [id, `${visible(name)} (${formatBytes(size)})`] as const),
  ];
  const chosen = options.some(([id]) => id === capture) ? capture : STORED;
  const start = () => {
    setBusy(true);
    post<RuleTrial>('/rule-trials', { capture: chosen, ...request })
      .then(({ id }) => setTrial(id))
      .catch((cause: unknown) => {
        const words = cause instanceof ApiError ? cause.message || errorText(cause) : t.errors.other;
        toast(`${t.ruleWork.trialFailed} ${words}`, { bad: true });
      })
      .finally(() => setBusy(false));
  };
  return (
    <Card title={t.ruleWork.trial} class="trial">
      <p class="faint">{t.ruleWork.trialText}</p>
      <div class="toolbar">
        <label class="field-inline">
          <span>{t.ruleWork.trialOn}</span>
          <select value={chosen} onChange={(event) => setCapture(event.currentTarget.value)}>
            {options.map(([id, words]) => (
              <option value={id} key={id} selected={id === chosen}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="button" disabled={!ready || busy} onClick={start}>
          {t.ruleWork.tryIt}
        </button>
        <a class="button button-quiet" href={to.captures}>
          {t.ruleWork.trialUpload}
        </a>
      </div>
      {chosen === STORED && <p class="hint">{t.ruleWork.storedNote}</p>}
      {trial !== undefined && <TrialView id={trial} key={trial} />}
    </Card>
  );
}

/** A trial as it goes on, and its result. */
export function TrialView({ id, own = false }: { id: string; own?: boolean }) {
  const { data, error, loading, reload } = useResource<RuleTrial>(`/rule-trials/${encodeId(id)}`);
  const isOpen = data?.state === 'waiting' || data?.state === 'running';
  useEffect(() => {
    // A new request ends the one before, so a slow answer must have come first.
    if (!isOpen || loading) return;
    const timer = setTimeout(reload, LOOK_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [isOpen, loading, reload]);
  if (!data) {
    if (!error) return <Loading rows={2} />;
    return error.status === 404 ? <p>{t.ruleWork.trialGone}</p> : <ErrorState error={error} retry={reload} />;
  }
  if (isOpen) {
    return (
      <div class="trial-state" role="status">
        <Progress
          done={data.read}
          of={data.state === 'running' ? data.size : 0}
          label={t.ruleWork.trial}
          text={
            data.state === 'waiting'
              ? t.ruleWork.trialWaiting(data.place)
              : t.ruleWork.trialRunning(share(data.read, data.size), formatCount(data.packets))
          }
        />
        <button
          type="button"
          class="button"
          onClick={() => {
            del(`/rule-trials/${encodeId(id)}`).finally(reload);
          }}
        >
          {t.ruleWork.cancel}
        </button>
      </div>
    );
  }
  if (data.state !== 'done' || !data.result) {
    return (
      <p class="tone-critical" role="status">
        {data.state === 'cancelled' ? t.ruleWork.trialCancelled : t.ruleWork.trialFailed} <Raw text={data.error} />
      </p>
    );
  }
  return <TrialResult trial={data} result={data.result} own={own} />;
}

function TrialResult({
  trial,
  result,
  own,
}: {
  trial: RuleTrial;
  result: NonNullable<RuleTrial['result']>;
  own: boolean;
}) {
  const names = trial.asset_names ?? {};
  const seconds = (value: number) => formatDuration(Math.round(value * 1000) / 1000);
  return (
    <div class="stack trial-result">
      <p class="lead" role="status">
        {t.ruleWork.resultHead(result.appearing, result.disappearing, result.changing)}
      </p>
      <p class="faint">
        {t.ruleWork.resultFigures(
          formatCount(result.packets),
          formatDuration(Math.round(result.capture_seconds)),
          seconds(result.seconds_before),
          seconds(result.seconds_after),
        )}{' '}
        {t.ruleWork.resultAlerts(result.alerts_before, result.alerts_after)}
        {result.not_kept > 0 && ` ${t.ruleWork.notKept(result.not_kept)}`}
      </p>
      {result.damaged.map((sentence) => (
        <p class="tone-medium" key={sentence}>
          <Raw text={sentence} />
        </p>
      ))}
      <Found title={t.ruleWork.appear} alerts={result.appear} all={result.appearing} names={names} />
      <Found title={t.ruleWork.disappear} alerts={result.disappear} all={result.disappearing} names={names} isGone />
      {result.change.length > 0 && (
        <section>
          <h3>{t.ruleWork.change}</h3>
          <ul class="alert-list capture-alerts">
            {result.change.map(({ before, after }) => (
              <li key={after.id}>
                <TriedAlert alert={after} names={names}>
                  {before.severity !== after.severity && (
                    <span class="badge">
                      {t.ruleWork.changeLevel(t.severity[before.severity], t.severity[after.severity])}
                    </span>
                  )}{' '}
                  {before.count !== after.count && (
                    <span class="badge">{t.ruleWork.changeCount(before.count, after.count)}</span>
                  )}
                </TriedAlert>
              </li>
            ))}
          </ul>
        </section>
      )}
      <p class="button-row">
        {!own && <a href={to.trial(trial.id)}>{t.ruleWork.trialLink}</a>}
        {trial.capture !== STORED && (
          <a href={`${to.captures}?open=${encodeId(trial.capture)}`}>{t.ruleWork.seeCapture}</a>
        )}
      </p>
    </div>
  );
}

function Found({
  title,
  alerts,
  all,
  names,
  isGone = false,
}: {
  title: string;
  alerts: readonly Alert[];
  all: number;
  names: AssetNames;
  isGone?: boolean;
}) {
  if (alerts.length === 0) return null;
  return (
    <section>
      <h3>
        {title} <span class="badge">{formatCount(all)}</span>
      </h3>
      {all > alerts.length && <p class="hint">{t.ruleWork.shownOf(alerts.length, all)}</p>}
      <ul class={isGone ? 'alert-list capture-alerts alerts-gone' : 'alert-list capture-alerts'}>
        {alerts.map((alert) => (
          <li key={alert.id}>
            <TriedAlert alert={alert} names={names} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** An alert that is not in the store: everything about it stands here. */
export function TriedAlert({
  alert,
  names,
  children,
}: {
  alert: Alert;
  names: AssetNames;
  children?: ComponentChildren;
}) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <SeverityLabel severity={alert.severity} /> <Said text={alert.title} />{' '}
        <span class="faint">
          <Time iso={alert.first_seen} /> <Raw text={`${alert.src_ip ?? '–'} → ${alert.dest_ip ?? '–'}`} mono />
          {alert.object !== undefined && (
            <>
              {' · '}
              <Raw text={alert.object} />
            </>
          )}
          {alert.count > 1 && ` ${t.alerts.times(alert.count)}`}
        </span>{' '}
        {children}
      </summary>
      {open && (
        <div class="stack">
          <p>
            <Said text={alert.description} />
          </p>
          <Facts
            wide
            facts={[
              { name: t.alert.from, value: <Endpoint ip={alert.src_ip} asset={alert.src_asset} names={names} /> },
              { name: t.alert.toward, value: <Endpoint ip={alert.dest_ip} asset={alert.dest_asset} names={names} /> },
              { name: t.alert.rule, value: <Raw text={alert.rule_id} mono /> },
              alert.recommendation !== '' && { name: t.alert.next, value: <Said text={alert.recommendation} /> },
            ]}
          />
          {alert.evidence.records.slice(0, 2).map((record) => (
            <RecordView record={record} key={`${record.pcap_cnt} ${record.timestamp}`} />
          ))}
        </div>
      )}
    </details>
  );
}
