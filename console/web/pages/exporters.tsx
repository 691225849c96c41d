import { useEffect, useState } from 'preact/hooks';
import type { Severity } from '../../../sensor/model/severity.ts';
import { Card, Dialog, Empty, ErrorState, errorText, Facts, Loading, PageHead } from '../components/parts.tsx';
import { Raw, Time } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { t } from '../i18n/index.ts';
import { ApiError, del, post, put } from '../lib/api.ts';
import { formatCount } from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import { useMayConfigure } from '../lib/session.ts';
import { own } from '../lib/text.ts';

interface Exporter {
  name: string;
  from: 'file' | 'console';
  type: string;
  format: string;
  target: string;
  enabled: boolean;
  min_severity: Severity;
  state: string;
  waiting: number;
  oldest_waiting: string | null;
  sent: number;
  lost: number;
  last_sent: string | null;
  error: string;
  error_since: string | null;
}

interface ExporterSetting {
  name: string;
  settings: Record<string, unknown>;
  secrets: string[];
}

interface TestResult {
  ok: boolean;
  event_id: string;
  steps: { step: string; ok: boolean; detail: string }[];
}

const REFRESH_MS = 5000;
const SEVERITIES = ['informational', 'low', 'medium', 'high', 'critical'];
const FORMATS = ['json', 'cef', 'leef', 'ecs', 'ocsf', 'eve'];

/** A choice has options; else the field is a text, or a number where its default is one. */
interface Field {
  key: string;
  initial: string | number;
  options?: readonly string[];
}

const SHARED: readonly Field[] = [
  { key: 'format', initial: 'json', options: FORMATS },
  { key: 'min_severity', initial: 'informational', options: SEVERITIES },
];

const FIELDS: Readonly<Record<string, readonly Field[]>> = {
  syslog: [
    { key: 'host', initial: '' },
    { key: 'transport', initial: 'tls', options: ['tls', 'tcp', 'udp'] },
    { key: 'port', initial: 0 },
    { key: 'header', initial: 'rfc5424', options: ['rfc5424', 'rfc3164'] },
    { key: 'server_name', initial: '' },
    ...SHARED,
  ],
  webhook: [
    { key: 'url', initial: 'https://' },
    { key: 'body', initial: 'array', options: ['array', 'ndjson', 'object'] },
    { key: 'token_scheme', initial: 'Bearer' },
    { key: 'server_name', initial: '' },
    ...SHARED,
  ],
  file: [{ key: 'path', initial: 'export/alerts.ndjson' }, ...SHARED],
};

const SECRETS: Readonly<Record<string, readonly string[]>> = {
  syslog: ['ca', 'cert', 'key', 'keyPassword'],
  webhook: ['ca', 'secret', 'token', 'cert', 'key', 'keyPassword'],
  file: [],
};

/** The server's sentence says best what is wrong with what a person entered. */
function sentenceOf(cause: unknown): string {
  if (!(cause instanceof ApiError)) return t.errors.other;
  return [409, 422].includes(cause.status) && cause.message !== '' ? cause.message : errorText(cause);
}

function EditDialog({
  known,
  onDone,
  onClose,
}: {
  known: ExporterSetting | null;
  onDone: () => void;
  onClose: () => void;
}) {
  const [name, setName] = useState(known?.name ?? '');
  const [type, setType] = useState(String(known?.settings['type'] ?? 'syslog'));
  const [values, setValues] = useState<Record<string, string | number>>({});
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const fields = own(FIELDS, type) ?? [];
  const shownOf = (field: Field): string | number => {
    const kept = type === known?.settings['type'] ? known?.settings[field.key] : undefined;
    return values[field.key] ?? (typeof kept === 'string' || typeof kept === 'number' ? kept : field.initial);
  };
  const save = (event: Event) => {
    event.preventDefault();
    setBusy(true);
    // What this form does not show stays as it was.
    const settings: Record<string, unknown> = { ...(type === known?.settings['type'] ? known.settings : {}), type };
    for (const field of fields)
      settings[field.key] = typeof field.initial === 'number' ? Number(shownOf(field)) : shownOf(field);
    const entered = Object.fromEntries(Object.entries(secrets).filter(([, text]) => text !== ''));
    put(`/exporters/${encodeURIComponent(name)}`, {
      settings,
      ...(Object.keys(entered).length > 0 ? { secrets: entered } : {}),
    })
      .then(() => {
        toast(t.exporters.saved(name));
        onDone();
      })
      .catch((cause: unknown) => {
        setBusy(false);
        setError(sentenceOf(cause));
      });
  };
  return (
    <Dialog title={known ? known.name : t.exporters.add} onClose={onClose}>
      <form onSubmit={save}>
        {!known && (
          <div class="field">
            <label for="exporter-name">{t.exporters.name}</label>
            <input
              id="exporter-name"
              value={name}
              maxLength={32}
              required
              aria-describedby="exporter-name-help"
              onInput={(event) => setName(event.currentTarget.value)}
            />
            <p class="faint small" id="exporter-name-help">
              {t.exporters.nameHelp}
            </p>
          </div>
        )}
        {!known && (
          <div class="field">
            <label for="exporter-type">{t.exporters.type}</label>
            <select id="exporter-type" value={type} onChange={(event) => setType(event.currentTarget.value)}>
              {Object.keys(FIELDS).map((one) => (
                <option value={one} key={one}>
                  {own(t.exporters.types, one) ?? one}
                </option>
              ))}
            </select>
          </div>
        )}
        {fields.map((field) => (
          <div class="field" key={`${type} ${field.key}`}>
            <label for={`exporter-${field.key}`}>{own(t.exporters.fields, field.key) ?? field.key}</label>
            {field.options ? (
              <select
                id={`exporter-${field.key}`}
                value={shownOf(field)}
                onChange={(event) => setValues({ ...values, [field.key]: event.currentTarget.value })}
              >
                {field.options.map((option) => (
                  <option value={option} key={option}>
                    {field.key === 'min_severity' ? t.severity[option as Severity] : option}
                  </option>
                ))}
              </select>
            ) : (
              <input
                id={`exporter-${field.key}`}
                value={shownOf(field)}
                inputMode={typeof field.initial === 'number' ? 'numeric' : 'text'}
                onInput={(event) => setValues({ ...values, [field.key]: event.currentTarget.value })}
              />
            )}
          </div>
        ))}
        {(own(SECRETS, type) ?? []).map((secret) => (
          <div class="field" key={`${type} ${secret}`}>
            <label for={`exporter-${secret}`}>{own(t.exporters.secrets, secret) ?? secret}</label>
            <textarea
              id={`exporter-${secret}`}
              rows={2}
              spellcheck={false}
              autocomplete="off"
              placeholder={known?.secrets.includes(secret) ? t.exporters.secretKept : ''}
              value={secrets[secret] ?? ''}
              onInput={(event) => setSecrets({ ...secrets, [secret]: event.currentTarget.value })}
            />
          </div>
        ))}
        {type !== 'file' && <p class="faint small">{t.exporters.secretHelp}</p>}
        {error !== '' && (
          <p class="form-error" role="alert">
            {t.exporters.failed} <Raw text={error} />
          </p>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {t.cancel}
          </button>
          <button type="submit" class="button button-accent" disabled={busy}>
            {t.exporters.save}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function RemoveDialog({ exporter, onDone, onClose }: { exporter: Exporter; onDone: () => void; onClose: () => void }) {
  const [error, setError] = useState('');
  const remove = () => {
    del(`/exporters/${encodeURIComponent(exporter.name)}`)
      .then(() => {
        toast(t.exporters.removed(exporter.name));
        onDone();
      })
      .catch((cause: unknown) => setError(sentenceOf(cause)));
  };
  return (
    <Dialog title={t.exporters.removeTitle} onClose={onClose}>
      <p>{t.exporters.removeText(exporter.name, exporter.waiting)}</p>
      {error !== '' && (
        <p class="form-error" role="alert">
          <Raw text={error} />
        </p>
      )}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          {t.cancel}
        </button>
        <button type="button" class="button button-accent" onClick={remove}>
          {t.exporters.remove}
        </button>
      </div>
    </Dialog>
  );
}

/** The result stands below the buttons, over the whole card. */
function Result({ result, error }: { result: TestResult | undefined; error: string }) {
  return (
    <div role="status">
      {error !== '' && <p class="form-error">{error}</p>}
      {result && (
        <>
          <p class={result.ok ? '' : 'tone-high'}>
            {result.ok ? t.exporters.testOk(result.event_id) : t.exporters.testFailed}
          </p>
          <Facts
            facts={result.steps.map(({ step, ok, detail }) => ({
              name: own(t.exporters.steps, step) ?? step,
              value: (
                <span class={ok ? '' : 'tone-high'}>
                  <Raw text={detail} />
                </span>
              ),
            }))}
          />
        </>
      )}
    </div>
  );
}

const TONE: Readonly<Record<string, string>> = {
  connected: 'badge-good',
  failing: 'badge-high',
  nobody: 'badge-medium',
};

function ExporterCard({
  exporter,
  edit,
  remove,
}: {
  exporter: Exporter;
  edit: (() => void) | null;
  remove: () => void;
}) {
  const mayConfigure = useMayConfigure();
  const [result, setResult] = useState<TestResult>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState('');
  const test = () => {
    setBusy(true);
    setFailure('');
    post<TestResult>(`/exporters/${encodeURIComponent(exporter.name)}/test`)
      .then(setResult)
      .catch((cause: unknown) => setFailure(sentenceOf(cause)))
      .finally(() => setBusy(false));
  };
  const time = (iso: string | null) => (iso === null ? t.exporters.never : <Time iso={iso} />);
  return (
    <Card
      title={<Raw text={exporter.name} />}
      aside={
        <span class={`badge ${own(TONE, exporter.state) ?? ''}`}>
          {own(t.exporters.states, exporter.state) ?? exporter.state}
        </span>
      }
    >
      {exporter.error !== '' && (
        <p class="tone-high" role="status">
          <Raw text={exporter.error} />
          {exporter.error_since !== null && (
            <>
              {' '}
              ({t.exporters.since} <Time iso={exporter.error_since} />)
            </>
          )}
        </p>
      )}
      <Facts
        facts={[
          {
            name: t.exporters.target,
            value: (
              <>
                <Raw text={exporter.target} mono />{' '}
                {exporter.from === 'file' && <span class="faint">{t.exporters.fromFile}</span>}
              </>
            ),
          },
          { name: t.exporters.format, value: exporter.format },
          { name: t.exporters.severity, value: t.severity[exporter.min_severity] },
          { name: t.exporters.waiting, value: formatCount(exporter.waiting) },
          exporter.oldest_waiting !== null && { name: t.exporters.oldest, value: time(exporter.oldest_waiting) },
          { name: t.exporters.sent, value: formatCount(exporter.sent) },
          {
            name: t.exporters.lost,
            value: <span class={exporter.lost > 0 ? 'tone-high' : ''}>{formatCount(exporter.lost)}</span>,
          },
          { name: t.exporters.lastSent, value: time(exporter.last_sent) },
        ]}
      />
      {mayConfigure && (
        <div class="dialog-actions">
          <button type="button" class="button" onClick={test} disabled={busy}>
            {busy ? t.exporters.testing : t.exporters.test}
          </button>
          {exporter.from === 'console' && edit && (
            <button type="button" class="button" onClick={edit}>
              {t.exporters.edit}
            </button>
          )}
          {exporter.from === 'console' && (
            <button type="button" class="button" onClick={remove}>
              {t.exporters.remove}
            </button>
          )}
        </div>
      )}
      <Result result={result} error={failure} />
    </Card>
  );
}

/** Only an administrator may ask for the settings. */
function Configured({ items, reload }: { items: readonly Exporter[]; reload: () => void }) {
  const settings = useResource<{ items: ExporterSetting[] }>('/exporters/settings');
  const [editing, setEditing] = useState<ExporterSetting | 'new'>();
  const [removing, setRemoving] = useState<Exporter>();
  const done = () => {
    setEditing(undefined);
    setRemoving(undefined);
    settings.reload();
    reload();
  };
  return (
    <>
      {items.map((exporter) => {
        const known = settings.data?.items.find(({ name }) => name === exporter.name);
        return (
          <ExporterCard
            key={exporter.name}
            exporter={exporter}
            edit={known ? () => setEditing(known) : null}
            remove={() => setRemoving(exporter)}
          />
        );
      })}
      <p>
        <button type="button" class="button button-accent" onClick={() => setEditing('new')}>
          {t.exporters.add}
        </button>
      </p>
      {editing && (
        <EditDialog known={editing === 'new' ? null : editing} onDone={done} onClose={() => setEditing(undefined)} />
      )}
      {removing && <RemoveDialog exporter={removing} onDone={done} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

export function ExportersPage() {
  const { data, error, reload } = useResource<{ items: Exporter[] }>('/exporters', ['health']);
  const mayConfigure = useMayConfigure();
  // What waits changes without anything in the store that the page is told of.
  useEffect(() => {
    const timer = setInterval(reload, REFRESH_MS);
    return () => clearInterval(timer);
  }, [reload]);
  return (
    <>
      <PageHead title={t.exporters.title} documentTitle={t.exporters.title} />
      <p class="page-intro">{t.exporters.intro}</p>
      {!data && (error ? <ErrorState error={error} retry={reload} /> : <Loading />)}
      {data?.items.length === 0 && (
        <Empty title={t.exporters.none}>
          <p>{t.exporters.noneText}</p>
        </Empty>
      )}
      {data && (
        <div class="stack">
          {mayConfigure ? (
            <Configured items={data.items} reload={reload} />
          ) : (
            data.items.map((exporter) => (
              <ExporterCard key={exporter.name} exporter={exporter} edit={null} remove={() => {}} />
            ))
          )}
          {!mayConfigure && <p class="faint">{t.exporters.needsAdmin}</p>}
        </div>
      )}
    </>
  );
}
