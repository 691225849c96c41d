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
  certificate_until: string | null;
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
const FACILITIES = ['user', 'daemon', 'auth', 'authpriv', ...Array.from({ length: 8 }, (_, n) => `local${n}`)];
const FORMATS = ['json', 'cef', 'leef', 'ecs', 'ocsf', 'eve'];

type Value = string | number | boolean | readonly string[];

/**
 * A choice has options, several at once where its default is a list; a list without options is names separated by
 * commas. Else the field is what its default is: a switch, a number, a text.
 */
interface Field {
  key: string;
  initial: Value;
  options?: readonly string[];
  /** Seldom changed: folded away. */
  isMore?: boolean;
}

const SHARED: readonly Field[] = [
  { key: 'format', initial: 'json', options: FORMATS },
  { key: 'min_severity', initial: 'informational', options: SEVERITIES },
  {
    key: 'events',
    initial: ['alert', 'update', 'status'],
    options: ['alert', 'update', 'status', 'asset', 'audit'],
  },
  { key: 'kinds', initial: [], options: ['rule', 'deviation', 'protocol', 'health'] },
  { key: 'zones', initial: [] },
  { key: 'heartbeat_seconds', initial: 300, isMore: true },
  { key: 'messages_per_second', initial: 1000, isMore: true },
  { key: 'max_bytes', initial: 0, isMore: true },
  { key: 'enabled', initial: true },
];

const FIELDS: Readonly<Record<string, readonly Field[]>> = {
  syslog: [
    { key: 'host', initial: '' },
    { key: 'transport', initial: 'tls', options: ['tls', 'tcp', 'udp'] },
    { key: 'port', initial: 0 },
    { key: 'server_name', initial: '' },
    ...SHARED,
    { key: 'header', initial: 'rfc5424', options: ['rfc5424', 'rfc3164'], isMore: true },
    { key: 'framing', initial: 'octet-counting', options: ['octet-counting', 'newline'], isMore: true },
    { key: 'facility', initial: 'local0', options: FACILITIES, isMore: true },
    { key: 'app_name', initial: 'fieldwatch', isMore: true },
    { key: 'resend_seconds', initial: 30, isMore: true },
  ],
  webhook: [
    { key: 'url', initial: 'https://' },
    { key: 'body', initial: 'array', options: ['array', 'ndjson', 'object'] },
    { key: 'token_scheme', initial: 'Bearer' },
    { key: 'server_name', initial: '' },
    ...SHARED,
    { key: 'batch', initial: 50, isMore: true },
    { key: 'timeout_seconds', initial: 5, isMore: true },
  ],
  file: [
    { key: 'path', initial: 'export/alerts.ndjson' },
    ...SHARED,
    { key: 'rotate_megabytes', initial: 100, isMore: true },
    { key: 'keep_files', initial: 10, isMore: true },
    { key: 'readable_by_group', initial: false, isMore: true },
  ],
};

const SECRETS: Readonly<Record<string, readonly string[]>> = {
  syslog: ['ca', 'cert', 'key', 'keyPassword'],
  webhook: ['ca', 'secret', 'token', 'cert', 'key', 'keyPassword'],
  file: [],
};

/** What was kept or entered, as far as it fits the field. */
function fieldValue(field: Field, given: unknown): Value {
  if (Array.isArray(field.initial))
    return Array.isArray(given) ? given.filter((one) => typeof one === 'string') : field.initial;
  const fits = typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean';
  return fits ? given : field.initial;
}

/** As the settings have it. */
function settingOf(field: Field, value: Value): unknown {
  if (typeof field.initial === 'number') return Number(value);
  if (!Array.isArray(field.initial) || field.options || typeof value !== 'string') return value;
  return value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

function FieldInput({ field, value, onValue }: { field: Field; value: Value; onValue: (value: Value) => void }) {
  const id = `exporter-${field.key}`;
  const label = own(t.exporters.fields, field.key) ?? field.key;
  const nameOf = (option: string) =>
    field.key === 'min_severity' ? t.severity[option as Severity] : (own(t.exporters.options, option) ?? option);
  if (typeof field.initial === 'boolean')
    return (
      <div class="field">
        <label class="check">
          <input
            type="checkbox"
            id={id}
            checked={value === true}
            onChange={(event) => onValue(event.currentTarget.checked)}
          />
          {label}
        </label>
      </div>
    );
  if (field.options && Array.isArray(value)) {
    const chosen: readonly string[] = value;
    return (
      <fieldset class="field checks">
        <legend>{label}</legend>
        {field.options.map((option) => (
          <label class="check" key={option}>
            <input
              type="checkbox"
              checked={chosen.includes(option)}
              onChange={(event) =>
                onValue(event.currentTarget.checked ? [...chosen, option] : chosen.filter((one) => one !== option))
              }
            />
            {nameOf(option)}
          </label>
        ))}
      </fieldset>
    );
  }
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {field.options ? (
        <select id={id} value={text} onChange={(event) => onValue(event.currentTarget.value)}>
          {field.options.map((option) => (
            <option value={option} key={option}>
              {nameOf(option)}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          value={text}
          inputMode={typeof field.initial === 'number' ? 'numeric' : 'text'}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </div>
  );
}

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
  const [values, setValues] = useState<Record<string, Value>>({});
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const fields = own(FIELDS, type) ?? [];
  const shownOf = (field: Field): Value => {
    const kept = type === known?.settings['type'] ? known?.settings[field.key] : undefined;
    return values[field.key] ?? fieldValue(field, kept);
  };
  const inputs = (isMore: boolean) =>
    fields
      .filter((field) => (field.isMore ?? false) === isMore)
      .map((field) => (
        <FieldInput
          key={`${type} ${field.key}`}
          field={field}
          value={shownOf(field)}
          onValue={(value) => setValues({ ...values, [field.key]: value })}
        />
      ));
  const save = (event: Event) => {
    event.preventDefault();
    setBusy(true);
    // What this form does not show stays as it was.
    const settings: Record<string, unknown> = { ...(type === known?.settings['type'] ? known.settings : {}), type };
    for (const field of fields) settings[field.key] = settingOf(field, shownOf(field));
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
        {inputs(false)}
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
        <details class="raw">
          <summary>{t.exporters.more}</summary>
          {inputs(true)}
        </details>
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
          exporter.certificate_until !== null && {
            name: t.exporters.certificate,
            value: time(exporter.certificate_until),
          },
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
