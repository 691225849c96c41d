import { useState } from 'preact/hooks';
import { CodeView } from '../components/code-editor.tsx';
import { FormDialog, FormField, text } from '../components/form-dialog.tsx';
import { icons } from '../components/icons.tsx';
import { Card, ErrorState, Facts, Loading, PageHead } from '../components/parts.tsx';
import { BackToRules, LevelLabel, StateBadge, SwitchDialog } from '../components/rule-parts.tsx';
import { Raw, Said, Time } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { TrialView } from '../components/trial.tsx';
import { said, t } from '../i18n/index.ts';
import { del, post, query } from '../lib/api.ts';
import { useResource } from '../lib/resource.ts';
import { navigate, to } from '../lib/router.ts';
import { useMayConfigure, useMayDecide } from '../lib/session.ts';
import { encodeId, own, visible } from '../lib/text.ts';
import type { OwnRuleDetail, RuleDetail } from '../lib/types.ts';

function Points({ title, items }: { title: string; items: readonly string[] }) {
  if (items.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="points">
        {items.map((item) => (
          <li key={item}>
            <Said text={item} />
          </li>
        ))}
      </ul>
    </>
  );
}

function ReasonDialog({
  title,
  words,
  submit,
  send,
  onClose,
}: {
  title: string;
  words: string;
  submit: string;
  send: (reason: string) => Promise<unknown>;
  onClose: () => void;
}) {
  return (
    <FormDialog
      title={title}
      text={words}
      submit={submit}
      onClose={onClose}
      send={(form) => send(text(form, 'reason'))}
    >
      <FormField label={t.ruleWork.reason} id="reason">
        <textarea id="reason" name="reason" rows={2} minLength={3} maxLength={500} required />
      </FormField>
    </FormDialog>
  );
}

/** Which version is used, by whom each was written and why. */
function Versions({ rule, reload }: { rule: OwnRuleDetail; reload: () => void }) {
  const mayConfigure = useMayConfigure();
  const mayDecide = useMayDecide();
  const [asking, setAsking] = useState<number | 'withdraw' | 'delete'>();
  const done = (words: string) => {
    toast(words);
    setAsking(undefined);
    reload();
  };
  return (
    <Card
      title={t.ruleWork.versions}
      aside={
        <span class="button-row">
          {mayDecide && (
            <a class="button" href={to.editRule(rule.rule)}>
              {t.ruleWork.edit}
            </a>
          )}
          {rule.active !== null && mayConfigure && (
            <button type="button" class="button" onClick={() => setAsking('withdraw')}>
              {t.ruleWork.withdraw}
            </button>
          )}
          {(mayConfigure || (mayDecide && rule.active === null)) && (
            <button type="button" class="button" onClick={() => setAsking('delete')}>
              {t.ruleWork.delete}
            </button>
          )}
        </span>
      }
    >
      {rule.changed_outside && <p class="tone-medium">{t.ruleWork.changedOutside}</p>}
      <ul class="versions">
        {rule.versions.map((version) => (
          <li key={version.n}>
            <div class="version-head">
              <strong>
                {t.ruleWork.version} {version.n}
              </strong>
              {version.n === rule.active && <span class="badge badge-good">{t.ruleWork.inUse}</span>}
              <span class="faint">
                <Raw text={version.user} />, <Time iso={version.at} />
              </span>
              {version.n !== rule.active && mayConfigure && (
                <button type="button" class="button" onClick={() => setAsking(version.n)}>
                  {t.ruleWork.use}
                </button>
              )}
            </div>
            <p>
              <Raw text={version.reason} />
            </p>
            <details>
              <summary>{t.ruleWork.showText}</summary>
              <CodeView text={version.text} label={`${t.ruleWork.version} ${version.n}`} />
            </details>
          </li>
        ))}
      </ul>
      {typeof asking === 'number' && (
        <ReasonDialog
          title={t.ruleWork.useTitle(asking)}
          words={t.ruleWork.useText}
          submit={t.ruleWork.use}
          onClose={() => setAsking(undefined)}
          send={async (reason) => {
            await post(`/own-rules/${encodeId(rule.rule)}/use`, { version: asking, reason });
            done(t.ruleWork.used);
          }}
        />
      )}
      {asking === 'withdraw' && (
        <ReasonDialog
          title={t.ruleWork.withdraw}
          words={t.ruleWork.withdrawText}
          submit={t.ruleWork.withdraw}
          onClose={() => setAsking(undefined)}
          send={async (reason) => {
            await post(`/own-rules/${encodeId(rule.rule)}/use`, { version: null, reason });
            done(t.ruleWork.withdrawn);
          }}
        />
      )}
      {asking === 'delete' && (
        <ReasonDialog
          title={t.ruleWork.deleteTitle(visible(rule.title))}
          words={t.ruleWork.deleteText}
          submit={t.ruleWork.delete}
          onClose={() => setAsking(undefined)}
          send={async (reason) => {
            await del(`/own-rules/${encodeId(rule.rule)}${query({ reason })}`);
            toast(t.ruleWork.deleted);
            navigate(rule.kind === 'exception' ? to.exceptions : to.rules);
          }}
        />
      )}
    </Card>
  );
}

function About({ rule, reload, made }: { rule: RuleDetail; reload: () => void; made: OwnRuleDetail | undefined }) {
  const mayConfigure = useMayConfigure();
  const mayDecide = useMayDecide();
  const [switching, setSwitching] = useState(false);
  const isRule = rule.source !== 'detector';
  return (
    <>
      <Card
        aside={
          <span class="button-row">
            {isRule && !rule.console && mayConfigure && (
              <button type="button" class="button" onClick={() => setSwitching(true)}>
                {rule.enabled ? t.rules.switchOff : t.rules.switchOn}
              </button>
            )}
            {isRule && mayDecide && rule.text !== '' && !rule.console && (
              <a class="button" href={to.newRule(query({ copy: rule.id }))}>
                {t.ruleWork.copyAsOwn}
              </a>
            )}
          </span>
        }
        title={t.rules.description}
        class="rule-about"
      >
        {rule.description !== '' && (
          <p class="lead">
            <Said text={rule.description} />
          </p>
        )}
        {rule.problem !== '' && (
          <p class="tone-critical">
            {t.ruleWork.notUsed}: <Raw text={rule.problem} />
          </p>
        )}
        {rule.setting && (
          <p class="tone-medium">
            {rule.setting.enabled ? t.rules.on : t.rules.off} <Raw text={t.rules.switchedBy(rule.setting.user)} />,{' '}
            <Time iso={rule.setting.at} />: <Raw text={rule.setting.reason} />
          </p>
        )}
        <Facts
          wide
          facts={[
            {
              name: t.ruleWork.fired,
              value:
                rule.alerts > 0 ? (
                  <a href={to.alerts(query({ status: 'all', rule: rule.id }))}>{t.rules.fired(rule.alerts)}</a>
                ) : (
                  t.rules.never
                ),
            },
            rule.last_seen !== null && { name: t.ruleWork.last, value: <Time iso={rule.last_seen} /> },
            rule.techniques.length > 0 && {
              name: t.ruleWork.technique,
              value: rule.techniques.map((technique) => (
                <a class="chip mono" key={technique} href={`${to.rules}${query({ technique })}`}>
                  <Raw text={technique} />
                </a>
              )),
            },
            rule.status !== null && {
              name: t.ruleWork.status,
              value: own(t.ruleWork.statuses, rule.status) ?? <Raw text={rule.status} />,
            },
            rule.tests !== null &&
              rule.tests.fires > 0 && {
                name: t.ruleWork.tests,
                value: t.ruleWork.testsText(rule.tests.fires, rule.tests.quiet),
              },
            { name: t.ruleWork.id, value: <Raw text={rule.id} mono /> },
            rule.version !== '' && { name: t.rules.version, value: <Raw text={rule.version} mono /> },
            rule.file !== '' && { name: t.rules.file, value: <Raw text={rule.file} mono /> },
          ]}
        />
        <Points title={t.rules.recommendation} items={rule.recommendation === '' ? [] : [rule.recommendation]} />
        <Points title={t.rules.falsePositives} items={rule.false_positives} />
        <Points title={t.rules.references} items={rule.references} />
      </Card>
      {made && <Versions rule={made} reload={reload} />}
      {!made && (
        <Card title={t.ruleWork.source}>
          {rule.text === '' ? (
            <p class="faint">{t.ruleWork.sourceNone}</p>
          ) : (
            <CodeView text={rule.text} label={t.ruleWork.source} />
          )}
        </Card>
      )}
      {switching && (
        <SwitchDialog
          rule={rule}
          onDone={() => {
            setSwitching(false);
            reload();
          }}
          onClose={() => setSwitching(false)}
        />
      )}
    </>
  );
}

export function RulePage({ id }: { id: string }) {
  const rule = useResource<RuleDetail>(`/rules/${encodeId(id)}`, ['alerts']);
  const made = useResource<OwnRuleDetail>(`/own-rules/${encodeId(id)}`);
  const reload = () => {
    rule.reload();
    made.reload();
  };
  const isException = made.data?.kind === 'exception';
  const title = rule.data?.title ?? made.data?.title ?? t.rules.title;
  const isWaiting = !rule.data && !made.data && (rule.loading || made.loading);
  return (
    <>
      <BackToRules isException={isException} />
      <PageHead
        documentTitle={said(title)}
        title={
          <>
            {rule.data && (
              <span class="alert-head-meta">
                <LevelLabel level={rule.data.level} />
                <StateBadge rule={rule.data} />
                <span class="faint">{t.rules.sources[rule.data.source] ?? rule.data.source}</span>
              </span>
            )}
            <Said text={title} />
          </>
        }
      />
      {isWaiting && <Loading rows={8} />}
      {!rule.data && !made.data && !isWaiting && rule.error && <ErrorState error={rule.error} retry={reload} />}
      <div class="stack">
        {rule.data ? (
          <About rule={rule.data} reload={reload} made={made.data} />
        ) : (
          made.data && <Versions rule={made.data} reload={reload} />
        )}
      </div>
    </>
  );
}

/** A trial under an address of its own, to be shown to others. */
export function TrialPage({ id }: { id: string }) {
  return (
    <>
      <a class="back" href={to.rules}>
        {icons.back()}
        {t.ruleWork.trialBack}
      </a>
      <PageHead title={t.ruleWork.trialTitle} documentTitle={t.ruleWork.trialTitle} />
      <Card>
        <TrialView id={id} own />
      </Card>
    </>
  );
}
