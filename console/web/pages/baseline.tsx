import { useState } from 'preact/hooks';
import type { LearningPhase, LearningProgress } from '../../../sensor/model/records.ts';
import { Accepted } from '../components/baseline-accepted.tsx';
import { BaselineFileCards } from '../components/baseline-file.tsx';
import { Proposals } from '../components/baseline-proposals.tsx';
import { Versions } from '../components/baseline-versions.tsx';
import { DataTable } from '../components/list-frame.tsx';
import { Card, Dialog, ErrorState, errorText, Facts, Loading, PageHead, Segments, Tile } from '../components/parts.tsx';
import { StackedChart } from '../components/stacked-chart.tsx';
import { Raw, Time } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { t } from '../i18n/index.ts';
import { ApiError, post } from '../lib/api.ts';
import { useFilters } from '../lib/filters.ts';
import { formatCount, formatPercent, protocolName } from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { useMayConfigure } from '../lib/session.ts';
import { own } from '../lib/text.ts';
import type { BaselineAnswer, LearningAnswer } from '../lib/types.ts';

function phaseName(phase: LearningPhase): string {
  return phase === 'learn' ? t.overview.learning : t.overview.protecting;
}

function How({ title, points, now }: { title: string; points: readonly string[]; now: boolean }) {
  return (
    <div class={now ? 'how-now' : ''}>
      <h3>{title}</h3>
      <ul class="points">
        {points.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
    </div>
  );
}

function ConfirmPhase({ phase, onDone, onClose }: { phase: LearningPhase; onDone: () => void; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const confirm = () => {
    setBusy(true);
    post('/baseline/phase', { phase })
      .then(onDone)
      .catch((cause: unknown) => {
        setBusy(false);
        setError(cause instanceof ApiError ? errorText(cause) : t.errors.other);
      });
  };
  const points = phase === 'protect' ? t.baseline.confirmProtect : t.baseline.confirmLearn;
  return (
    <Dialog
      title={phase === 'protect' ? t.baseline.confirmProtectTitle : t.baseline.confirmLearnTitle}
      onClose={onClose}
    >
      <ul class="points">
        {points.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
      {error !== '' && (
        <p class="form-error" role="alert">
          {t.baseline.failedToast} {error}
        </p>
      )}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          {t.cancel}
        </button>
        <button type="button" class="button button-accent" onClick={confirm} disabled={busy}>
          {t.baseline.confirm}
        </button>
      </div>
    </Dialog>
  );
}

const KINDS = [
  ['devices', 'fill-read'],
  ['conversations', 'fill-1'],
  ['operations', 'fill-write'],
] as const;

/** Below this many days of learning, how much is new says little. */
const MIN_DAYS = 7;
const DAY_MS = 86_400_000;
const DEVICES_SHOWN = 20;

function ripeness({ learning, buckets }: LearningAnswer): { ripe: boolean; text: string } {
  if (!learning) return { ripe: false, text: buckets.length === 0 ? t.decisions.nothingLearned : '' };
  if (learning.is_ripe) return { ripe: true, text: t.decisions.ripe };
  const isShort = Date.now() - Date.parse(learning.since) < MIN_DAYS * DAY_MS;
  return { ripe: false, text: isShort ? t.decisions.unripeTime : t.decisions.unripeNews };
}

function Ripeness({ data }: { data: LearningAnswer }) {
  const { learning, buckets } = data;
  const { ripe, text } = ripeness(data);
  const [first] = buckets;
  const total = buckets.reduce((sum, one) => sum + one.devices + one.conversations + one.operations, 0);
  const parts = KINDS.map(([key, fill]) => ({
    key,
    fill,
    text: t.decisions.kinds[key] ?? key,
    values: buckets.map((bucket) => bucket[key]),
  }));
  return (
    <Card title={t.decisions.ripeness} class="stack">
      {text !== '' && <p class={ripe ? 'tone-good' : ''}>{text}</p>}
      {learning && (
        <div class="tiles">
          <Tile label={t.decisions.known} value={formatCount(learning.known)} detail={t.decisions.knownDetail} />
          <Tile label={t.decisions.lastHour} value={formatCount(learning.new_last_hour)} />
          <Tile label={t.decisions.lastDay} value={formatCount(learning.new_last_day)} />
          <Tile
            label={t.decisions.once}
            value={formatPercent(learning.unseen_share * 100)}
            detail={t.decisions.onceDetail}
          />
        </div>
      )}
      {learning && (
        <p class="faint">
          {t.decisions.learnedSince} <Time iso={learning.since} />
        </p>
      )}
      {first && total > 0 && (
        <>
          <h3 class="chart-title">
            {t.decisions.newThings}{' '}
            <span class="faint">
              {data.bucket_seconds === 60 ? t.decisions.newThingsMinute : t.decisions.newThingsHour}
            </span>
          </h3>
          <StackedChart
            from={first.from}
            bucketSeconds={data.bucket_seconds}
            buckets={buckets.length}
            parts={parts}
            label={t.decisions.newThingsLabel(total)}
            height={160}
          />
          <ul class="legend">
            {parts.map((part) => (
              <li key={part.key}>
                <span class={`swatch ${part.fill.replace('fill-', 'swatch-fill-')}`} aria-hidden="true" />
                {part.text}
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

/** Devices and protocols ripen at their own pace. */
function ByScope({ learning }: { learning: LearningProgress }) {
  const scopes = learning.scopes ?? [];
  const alone = learning.learning_alone ?? [];
  if (scopes.length === 0) return null;
  return (
    <Card title={t.decisions.byScope}>
      <DataTable
        label={t.decisions.byScope}
        plain
        columns={[
          t.decisions.scopeOf,
          t.decisions.phase,
          { text: t.decisions.known, numeric: true },
          { text: t.decisions.perHour, numeric: true },
          { text: t.decisions.lastDay, numeric: true },
          { text: t.decisions.once, numeric: true },
          t.decisions.since,
        ]}
      >
        {scopes.map((one) => (
          <tr key={one.scope}>
            <th scope="row">
              {one.scope === 'devices' ? t.decisions.kinds['devices'] : <Raw text={protocolName(one.scope)} />}
            </th>
            <td>
              {phaseName(one.phase)}{' '}
              {one.phase === 'learn' && one.is_ripe && <span class="badge">{t.decisions.ripeBadge}</span>}
            </td>
            <td class="numeric">{formatCount(one.known)}</td>
            <td class="numeric">{formatCount(one.new_per_hour)}</td>
            <td class="numeric">{formatCount(one.new_last_day)}</td>
            <td class="numeric">{formatPercent(one.unseen_share * 100)}</td>
            <td class="cell-time">
              <Time iso={one.since} />
            </td>
          </tr>
        ))}
      </DataTable>
      {alone.length > 0 && (
        <p class="faint">
          {t.decisions.learningAlone} <Raw text={alone.join(', ')} mono />
        </p>
      )}
    </Card>
  );
}

function ByDevice({ data }: { data: LearningAnswer }) {
  const devices = data.devices.slice(0, DEVICES_SHOWN);
  if (devices.length === 0) return null;
  return (
    <Card title={t.decisions.byDevice}>
      <p class="faint">{t.decisions.byDeviceText}</p>
      <DataTable
        label={t.decisions.byDevice}
        plain
        columns={[
          t.decisions.device,
          { text: t.decisions.known, numeric: true },
          { text: t.decisions.lastHour, numeric: true },
          { text: t.decisions.lastDay, numeric: true },
          { text: t.decisions.once, numeric: true },
          t.decisions.since,
        ]}
      >
        {devices.map((device) => (
          <tr key={device.id}>
            <th scope="row">
              <a href={to.asset(device.id)}>
                <Raw text={own(data.asset_names, device.id)?.name ?? device.id} />
              </a>
            </th>
            <td class="numeric">{formatCount(device.known)}</td>
            <td class="numeric">{formatCount(device.new_last_hour)}</td>
            <td class="numeric">{formatCount(device.new_last_day)}</td>
            <td class="numeric">{formatPercent(device.unseen_share * 100)}</td>
            <td class="cell-time">
              <Time iso={device.since} />
            </td>
          </tr>
        ))}
      </DataTable>
    </Card>
  );
}

function KnownSoFar({ data }: { data: BaselineAnswer }) {
  return (
    <Card title={t.baseline.learned}>
      <Facts
        facts={[
          {
            name: t.baseline.assets,
            value: (
              <>
                {formatCount(data.assets)}
                {data.new_assets > 0 && t.baseline.ofWhichNew(data.new_assets)} ·{' '}
                <a href={to.assets()}>{t.baseline.reviewAssets}</a>
              </>
            ),
          },
          {
            name: t.baseline.conversations,
            value: (
              <>
                {formatCount(data.conversations)}
                {data.new_conversations > 0 && t.baseline.ofWhichNew(data.new_conversations)} ·{' '}
                <a href={to.conversations()}>{t.baseline.reviewConversations}</a>
              </>
            ),
          },
        ]}
      />
    </Card>
  );
}

function HowItWorks({ phase }: { phase: LearningPhase }) {
  return (
    <Card title={t.baseline.how}>
      <div class="how">
        <How title={t.baseline.howLearning} points={t.baseline.howLearningPoints} now={phase === 'learn'} />
        <How title={t.baseline.howProtecting} points={t.baseline.howProtectingPoints} now={phase === 'protect'} />
      </div>
    </Card>
  );
}

const TABS = ['learning', 'proposals', 'accepted', 'versions', 'file'] as const;
type Tab = (typeof TABS)[number];

export function BaselinePage() {
  const { data, error, reload } = useResource<BaselineAnswer>('/baseline', ['health', 'assets', 'conversations']);
  const learning = useResource<LearningAnswer>('/baseline/learning', ['health', 'conversations', 'baseline']);
  const [asking, setAsking] = useState<LearningPhase>();
  const filters = useFilters();
  const tab: Tab = TABS.find((one) => one === filters.get('show')) ?? 'learning';
  const mayChange = useMayConfigure();
  const pending = data && data.requested_phase !== null && data.requested_phase !== data.phase;
  const wanted = data && (data.requested_phase ?? data.phase);
  const counts: Partial<Record<Tab, number>> = {
    proposals: learning.data?.proposals ?? 0,
    accepted: learning.data?.accepted ?? 0,
  };
  const again = () => {
    reload();
    learning.reload();
  };
  return (
    <>
      <PageHead title={t.baseline.title} documentTitle={t.baseline.title} />
      <p class="page-intro">{t.baseline.intro}</p>
      {!data && (error ? <ErrorState error={error} retry={reload} /> : <Loading />)}
      {data && wanted && (
        <div class="stack">
          <section class={`verdict ${data.phase === 'learn' ? 'verdict-medium' : 'verdict-good'}`}>
            <div class="verdict-text">
              <h2>{data.phase === 'learn' ? t.baseline.learningTitle : t.baseline.protectTitle}</h2>
              <p>{data.phase === 'learn' ? t.baseline.learningText : t.baseline.protectText}</p>
              {pending && data.requested_phase && (
                <p>
                  <strong>{t.baseline.requested(phaseName(data.requested_phase))}</strong>
                </p>
              )}
              {learning.data && !learning.data.running && <p class="faint">{t.decisions.sensorOff}</p>}
              {!mayChange && <p class="faint">{t.baseline.needsAdmin}</p>}
            </div>
            <button
              type="button"
              class={wanted === 'learn' ? 'button button-accent' : 'button'}
              disabled={!mayChange}
              onClick={() => setAsking(wanted === 'learn' ? 'protect' : 'learn')}
            >
              {wanted === 'learn' ? t.baseline.toProtect : t.baseline.toLearn}
            </button>
          </section>
          <div class="toolbar">
            <Segments
              legend={t.decisions.show}
              name="show"
              value={tab}
              options={TABS.map(
                (one) =>
                  [
                    one,
                    <>
                      {t.decisions.tabs[one]}
                      {(counts[one] ?? 0) > 0 && ` (${formatCount(counts[one] ?? 0)})`}
                    </>,
                  ] as const,
              )}
              onChange={(one) => filters.set('show', one === 'learning' ? '' : one)}
            />
          </div>
          {tab === 'learning' && (
            <>
              {!learning.data &&
                (learning.error ? <ErrorState error={learning.error} retry={learning.reload} /> : <Loading rows={3} />)}
              {learning.data && <Ripeness data={learning.data} />}
              {learning.data?.learning && <ByScope learning={learning.data.learning} />}
              <KnownSoFar data={data} />
              {learning.data && <ByDevice data={learning.data} />}
              <HowItWorks phase={data.phase} />
            </>
          )}
          {tab === 'proposals' && <Proposals onDecided={again} />}
          {tab === 'accepted' && <Accepted onDecided={again} />}
          {tab === 'versions' && <Versions onDecided={again} />}
          {tab === 'file' && <BaselineFileCards onDecided={again} />}
        </div>
      )}
      {asking && (
        <ConfirmPhase
          phase={asking}
          onClose={() => setAsking(undefined)}
          onDone={() => {
            setAsking(undefined);
            toast(t.baseline.changedToast);
            again();
          }}
        />
      )}
    </>
  );
}
