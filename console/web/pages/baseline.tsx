import { useState } from 'preact/hooks';
import type { LearningPhase } from '../../../sensor/model/records.ts';
import { Card, Dialog, ErrorState, errorText, Facts, Loading, PageHead } from '../components/parts.tsx';
import { toast } from '../components/toasts.tsx';
import { t } from '../i18n/index.ts';
import { ApiError, post } from '../lib/api.ts';
import { formatCount } from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { useMayConfigure } from '../lib/session.ts';
import type { BaselineAnswer } from '../lib/types.ts';

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

export function BaselinePage() {
  const { data, error, reload } = useResource<BaselineAnswer>('/baseline', ['health', 'assets', 'conversations']);
  const [asking, setAsking] = useState<LearningPhase>();
  const mayChange = useMayConfigure();
  const pending = data && data.requested_phase !== null && data.requested_phase !== data.phase;
  const wanted = data && (data.requested_phase ?? data.phase);
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
          <Card title={t.baseline.how}>
            <div class="how">
              <How title={t.baseline.howLearning} points={t.baseline.howLearningPoints} now={data.phase === 'learn'} />
              <How
                title={t.baseline.howProtecting}
                points={t.baseline.howProtectingPoints}
                now={data.phase === 'protect'}
              />
            </div>
          </Card>
        </div>
      )}
      {asking && (
        <ConfirmPhase
          phase={asking}
          onClose={() => setAsking(undefined)}
          onDone={() => {
            setAsking(undefined);
            toast(t.baseline.changedToast);
            reload();
          }}
        />
      )}
    </>
  );
}
