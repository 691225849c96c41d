import { useEffect, useRef, useState } from 'preact/hooks';
import { CodeEditor } from '../components/code-editor.tsx';
import { FormDialog, FormField, text as formText } from '../components/form-dialog.tsx';
import { icons } from '../components/icons.tsx';
import { Card, ErrorState, errorText, Loading, PageHead, Select } from '../components/parts.tsx';
import { BackToRules } from '../components/rule-parts.tsx';
import { Raw, Said } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { TrialPanel } from '../components/trial.tsx';
import { said, t } from '../i18n/index.ts';
import { ApiError, get, post, query } from '../lib/api.ts';
import { useResource } from '../lib/resource.ts';
import { navigate, to, useLocation } from '../lib/router.ts';
import { useMayConfigure, useMayDecide } from '../lib/session.ts';
import { encodeId, visible } from '../lib/text.ts';
import type { AlertDetail, OwnRuleDetail, RuleDetail, RuleDraft, RuleProblem } from '../lib/types.ts';
import { useUnsaved } from '../lib/unsaved.ts';
import { newUuid } from '../lib/uuid.ts';

const CHECK_PAUSE_MS = 300;
const GROUPS = ['who', 'what', 'where', 'more'] as const;

/** A rule to begin with, for who starts from nothing. */
function template(): string {
  return `title: What happens, in a few words
id: ${newUuid()}
status: experimental
description: What it means for the plant.
date: ${new Date().toISOString().slice(0, 10)}
logsource: { product: fieldwatch, service: modbus }
detection:
  selection:
    operation.direction: request
    modbus.function: write_single_register
    modbus.address: 40
  condition: selection
level: medium
recommendation: What the person who reads the alert should do next.
`;
}

/** Another rule's text under an id of its own; what it was switched on and off by stays with the other one. */
function copied(text: string): string {
  return text.replace(/^id:.*$/m, `id: ${newUuid()}`);
}

interface CheckAnswer {
  problems: RuleProblem[];
  rules: { kind: string }[];
}

/** What is wrong with a text, some moments after it has come to rest. */
function useCheck(
  text: string,
  own: string | undefined,
): { problems: RuleProblem[] | undefined; busy: boolean; failed: string } {
  const [failed, setFailed] = useState('');
  const [checked, setChecked] = useState<{ text: string; problems: RuleProblem[] }>();
  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(() => {
      post<CheckAnswer>('/rules/check', { text, ...(own === undefined ? {} : { own }) })
        .then(({ problems }) => {
          if (!isCurrent) return;
          setChecked({ text, problems });
          setFailed('');
        })
        .catch((cause: unknown) => {
          if (isCurrent) setFailed(cause instanceof ApiError ? errorText(cause) : t.errors.other);
        });
    }, CHECK_PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [text, own]);
  return { problems: checked?.problems, busy: checked !== undefined && checked.text !== text, failed };
}

/** The proposal is kept when this fails (no password given, say): sending it once more would be refused as a second one. */
async function putToUse(saved: OwnRuleDetail, reason: string): Promise<boolean> {
  try {
    await post(`/own-rules/${encodeId(saved.rule)}/use`, { version: saved.latest, reason });
    return true;
  } catch (cause) {
    toast(`${t.triage.failed} ${cause instanceof ApiError ? errorText(cause) : t.errors.other}`, { bad: true });
    return false;
  }
}

function saveError(error: ApiError): string | undefined {
  if (error.code === 'changed') return t.ruleWork.changedMeanwhile;
  if (error.code === 'exists') return t.ruleWork.exists;
  return undefined;
}

function Editor({
  initial,
  own,
  isException,
  onText,
}: {
  initial: string;
  /** The rule that is changed; absent: a new one. */
  own?: OwnRuleDetail;
  isException: boolean;
  onText?: () => void;
}) {
  const [text, setText] = useState(initial);
  const [saving, setSaving] = useState<'propose' | 'use'>();
  const { problems, busy, failed } = useCheck(text, own?.rule);
  const mayConfigure = useMayConfigure();
  const isSound = problems !== undefined && !busy && !problems.some(({ severity }) => severity === 'error');
  const isSaved = useUnsaved(text !== initial);
  return (
    <div class="stack">
      <Card>
        <CodeEditor
          id="rule-text"
          label={isException ? t.ruleWork.exceptionText : t.ruleWork.text}
          value={text}
          problems={problems}
          busy={busy}
          failed={failed}
          onInput={(next) => {
            setText(next);
            onText?.();
          }}
        />
        <p class="hint">{t.ruleWork.docs}</p>
        <div class="button-row">
          <button
            type="button"
            class={mayConfigure ? 'button' : 'button button-accent'}
            disabled={!isSound}
            onClick={() => setSaving('propose')}
          >
            {t.ruleWork.save}
          </button>
          {mayConfigure ? (
            <button type="button" class="button button-accent" disabled={!isSound} onClick={() => setSaving('use')}>
              {t.ruleWork.saveAndUse}
            </button>
          ) : (
            <span class="faint">{t.ruleWork.needsAdmin}</span>
          )}
        </div>
      </Card>
      <TrialPanel request={{ text, ...(own ? { own: own.rule } : {}) }} ready={isSound} />
      {saving && (
        <FormDialog
          title={saving === 'use' ? t.ruleWork.saveAndUse : t.ruleWork.save}
          text={t.ruleWork.saveText}
          submit={t.ruleWork.saveTitle}
          say={saveError}
          onClose={() => setSaving(undefined)}
          send={async (form) => {
            const reason = formText(form, 'reason');
            const saved = await post<OwnRuleDetail>('/own-rules', {
              text,
              reason,
              ...(own ? { base: own.latest } : {}),
            });
            const isUsed = saving === 'use' && (await putToUse(saved, reason));
            toast(isUsed ? t.ruleWork.used : t.ruleWork.saved);
            setSaving(undefined);
            isSaved();
            navigate(to.rule(saved.rule));
          }}
        >
          <FormField label={t.ruleWork.reason} id="reason">
            <textarea id="reason" name="reason" rows={2} minLength={3} maxLength={500} required />
          </FormField>
        </FormDialog>
      )}
    </div>
  );
}

/** What of the alert's message the rule asks for; choosing writes the text anew. */
function FieldChooser({ draft, choose }: { draft: RuleDraft; choose: (fields: string[]) => void }) {
  const chosen = draft.fields.filter((field) => field.chosen).map(({ name }) => name);
  return (
    <fieldset class="draft-fields">
      <legend>{t.ruleWork.fields}</legend>
      {GROUPS.map((group) => {
        const fields = draft.fields.filter((field) => field.group === group);
        if (fields.length === 0) return null;
        return (
          <div class="draft-group" key={group}>
            <h3>{t.ruleWork.groups[group]}</h3>
            {fields.map((field) => (
              <label class="check" key={field.name}>
                <input
                  type="checkbox"
                  name={field.name}
                  checked={field.chosen}
                  disabled={field.chosen && chosen.length === 1}
                  onChange={(event) =>
                    choose(
                      event.currentTarget.checked
                        ? [...chosen, field.name]
                        : chosen.filter((name) => name !== field.name),
                    )
                  }
                />
                <span>
                  <Raw text={field.name} mono /> <span class="faint">=</span> <Raw text={field.value} mono />
                </span>
              </label>
            ))}
          </div>
        );
      })}
      <p class="hint">{t.ruleWork.fieldsReplace}</p>
    </fieldset>
  );
}

function FromAlert({ alert, kind }: { alert: string; kind: 'rule' | 'exception' }) {
  const detail = useResource<AlertDetail>(`/alerts/${encodeId(alert)}`).data;
  const [draft, setDraft] = useState<RuleDraft>();
  const [error, setError] = useState<ApiError>();
  const [fields, setFields] = useState<string[]>();
  const [days, setDays] = useState('30');
  const [tries, setTries] = useState(0);
  // Each choice makes a new text, and the editor begins with it.
  const made = useRef(0);
  useEffect(() => {
    const abort = new AbortController();
    const params = { kind, fields: fields?.join(','), days: kind === 'exception' ? days : undefined };
    get<RuleDraft>(`/alerts/${encodeId(alert)}/rule-draft${query(params)}`, abort.signal)
      .then((next) => {
        made.current++;
        setError(undefined);
        setDraft(next);
      })
      .catch((cause: unknown) => {
        if (cause instanceof ApiError) setError(cause);
      });
    return () => abort.abort();
  }, [alert, kind, fields, days, tries]);
  if (error) {
    return error.code === 'no_draft' ? (
      <div class="state">
        <p>{kind === 'rule' ? t.ruleWork.noDraftRule : t.ruleWork.noDraftException}</p>
        <a class="button" href={to.alert(alert)}>
          {t.alert.back}
        </a>
      </div>
    ) : (
      <ErrorState error={error} retry={() => setTries(tries + 1)} />
    );
  }
  if (!draft) return <Loading rows={10} />;
  return (
    <div class="stack">
      {detail && (
        <p>
          {t.ruleWork.editorFrom}{' '}
          <a href={to.alert(alert)}>
            <Said text={detail.title} />
          </a>
        </p>
      )}
      {draft.rules.length > 0 && (
        <p>
          {t.ruleWork.exceptFrom}: <Raw text={draft.rules.map(said).join(', ')} />
        </p>
      )}
      <Card>
        <FieldChooser
          draft={draft}
          choose={(names) => {
            // What was chosen shows at once; the text follows when it has been made.
            setDraft({ ...draft, fields: draft.fields.map((one) => ({ ...one, chosen: names.includes(one.name) })) });
            setFields(names);
          }}
        />
        {kind === 'exception' && (
          <Select
            label={t.ruleWork.days}
            value={days}
            options={Object.entries(t.ruleWork.daysOptions)}
            onChange={setDays}
          />
        )}
      </Card>
      <Editor initial={draft.text} isException={kind === 'exception'} key={made.current} />
    </div>
  );
}

function Copied({ rule }: { rule: string }) {
  const { data, error, reload } = useResource<RuleDetail>(`/rules/${encodeId(rule)}`);
  if (!data) return error ? <ErrorState error={error} retry={reload} /> : <Loading rows={10} />;
  return <Editor initial={copied(data.text)} isException={false} />;
}

function OnlyAnalysts() {
  return (
    <div class="state">
      <p>{t.needsAnalyst}</p>
    </div>
  );
}

export function NewRulePage() {
  const { params } = useLocation();
  const alert = params.get('alert');
  const copy = params.get('copy');
  const kind = params.get('kind') === 'exception' ? 'exception' : 'rule';
  const title = kind === 'exception' ? t.ruleWork.editorException : t.ruleWork.editorNew;
  const [blank] = useState(template);
  const mayDecide = useMayDecide();
  return (
    <>
      <BackToRules isException={kind === 'exception'} />
      <PageHead title={title} documentTitle={title} />
      <p class="page-intro">{kind === 'exception' ? t.ruleWork.exceptionIntro : t.ruleWork.editorIntro}</p>
      {!mayDecide ? (
        <OnlyAnalysts />
      ) : alert !== null ? (
        <FromAlert alert={alert} kind={kind} />
      ) : copy !== null ? (
        <Copied rule={copy} />
      ) : (
        <Editor initial={blank} isException={false} />
      )}
    </>
  );
}

export function EditRulePage({ id }: { id: string }) {
  const { data, error, reload } = useResource<OwnRuleDetail>(`/own-rules/${encodeId(id)}`);
  const mayDecide = useMayDecide();
  const title = data ? t.ruleWork.editorEdit(visible(data.title)) : t.ruleWork.edit;
  return (
    <>
      <a class="back" href={to.rule(id)}>
        {icons.back()}
        {data ? visible(data.title) : t.ruleWork.back}
      </a>
      <PageHead title={title} documentTitle={title} />
      <p class="page-intro">{data?.kind === 'exception' ? t.ruleWork.exceptionIntro : t.ruleWork.editorIntro}</p>
      {!data && (error ? <ErrorState error={error} retry={reload} /> : <Loading rows={10} />)}
      {!mayDecide && <OnlyAnalysts />}
      {data && mayDecide && (
        <Editor initial={data.text} own={data} isException={data.kind === 'exception'} key={data.latest} />
      )}
    </>
  );
}
