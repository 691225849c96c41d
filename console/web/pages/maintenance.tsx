import { useRef, useState } from 'preact/hooks';
import type { Weekday } from '../../../sensor/model/maintenance.ts';
import { FormDialog, FormField, text } from '../components/form-dialog.tsx';
import { Fetched, NoRows } from '../components/list-frame.tsx';
import { errorText, PageHead, ScrollX, Segments, SeverityLabel } from '../components/parts.tsx';
import { ReasonField } from '../components/reason-field.tsx';
import { RuleTabs } from '../components/rule-parts.tsx';
import { Raw, Said, Time } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { t } from '../i18n/index.ts';
import { ApiError, del, post, query } from '../lib/api.ts';
import { formatCount, zoneName } from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { useMayConfigure } from '../lib/session.ts';
import { encodeId } from '../lib/text.ts';
import type { MaintenanceAnswer, MaintenancePreview, ShownWindow } from '../lib/types.ts';

type Kind = 'once' | 'weekly';

const WEEKDAYS = Object.keys(t.maintenance.days) as Weekday[];

/** What the form says, as the API takes it; what was left empty is not said. */
function windowOf(form: FormData, kind: Kind): Record<string, unknown> {
  const list = (name: string) =>
    text(form, name)
      .split(/[\s,;]+/)
      .filter((part) => part !== '');
  const moment = (name: string) => {
    const time = Date.parse(text(form, name));
    return Number.isNaN(time) ? '' : new Date(time).toISOString();
  };
  const days = form.getAll('days').map(String);
  const wanted = {
    name: text(form, 'name'),
    owner: text(form, 'owner'),
    reason: text(form, 'reason'),
    zones: form.getAll('zones').map(String),
    stations: form.getAll('stations').map(String),
    devices: list('devices'),
    ...(kind === 'once'
      ? { begins: moment('begins'), ends: moment('ends') }
      : { days, from: text(form, 'from'), to: text(form, 'to'), time_zone: text(form, 'time_zone') }),
  };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value.length > 0));
}

function daysText(days: readonly Weekday[] | undefined): string {
  if (days === undefined || days.length === WEEKDAYS.length) return t.maintenance.everyDay;
  return WEEKDAYS.filter((day) => days.includes(day))
    .map((day) => t.maintenance.days[day])
    .join(', ');
}

/** When it is open. */
function When({ window }: { window: ShownWindow }) {
  if (window.begins !== undefined && window.ends !== undefined)
    return (
      <>
        <Time iso={window.begins} /> – <Time iso={window.ends} />
      </>
    );
  return (
    <>
      {daysText(window.days)}
      <span class="cell-sub">
        <Raw text={`${window.from ?? '00:00'} – ${window.to ?? '24:00'} (${window.time_zone ?? 'UTC'})`} />
      </span>
    </>
  );
}

function Where({ window }: { window: ShownWindow }) {
  const { zones = [], devices = [], stations = [] } = window;
  const worked = [...zones, ...devices];
  return (
    <>
      {worked.length === 0 ? t.maintenance.wholePlant : <Raw text={worked.join(', ')} />}
      <span class="cell-sub">
        {stations.length === 0 ? t.maintenance.anybody : <Raw text={t.maintenance.from(stations.join(', '))} />}
      </span>
    </>
  );
}

const STATE_BADGES = { open: 'badge badge-medium', coming: 'badge', over: 'badge' } as const;

function Windows({
  label,
  windows,
  end,
}: {
  label: string;
  windows: readonly ShownWindow[];
  end?: (window: ShownWindow) => void;
}) {
  return (
    <ScrollX label={label} class="table-box">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{t.maintenance.name}</th>
            <th scope="col">{t.maintenance.state}</th>
            <th scope="col">{t.maintenance.when}</th>
            <th scope="col">{t.maintenance.where}</th>
            <th scope="col">{t.decisions.reason}</th>
            <th scope="col">{t.maintenance.owner}</th>
            {end && (
              <th scope="col">
                <span class="visually-hidden">{t.admin.actions}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {windows.map((window) => (
            <tr key={window.id ?? window.name}>
              <th scope="row">
                <Raw text={window.name} />
              </th>
              <td>
                <span class={STATE_BADGES[window.state]}>{t.maintenance.states[window.state]}</span>
                {window.open_until !== null && (
                  <span class="cell-sub">
                    {t.maintenance.until} <Time iso={window.open_until} />
                  </span>
                )}
              </td>
              <td>
                <When window={window} />
              </td>
              <td class="cell-wrap">
                <Where window={window} />
              </td>
              <td class="cell-wrap">
                <Raw text={window.reason ?? ''} />
              </td>
              <td>
                <Raw text={window.owner ?? window.by ?? ''} />
                {window.by !== undefined && window.at !== undefined && (
                  <span class="cell-sub">
                    <Raw text={t.maintenance.announcedBy(window.by)} />
                    <Time iso={window.at} />
                  </span>
                )}
              </td>
              {end && (
                <td>
                  {window.state !== 'over' && (
                    <button type="button" class="button" onClick={() => end(window)}>
                      {window.state === 'open' && window.ends !== undefined
                        ? t.maintenance.endEarly
                        : t.maintenance.withdraw}
                    </button>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollX>
  );
}

/** What the window would have softened: whoever announces it is to see that before. */
function Preview({ preview }: { preview: MaintenancePreview }) {
  return (
    <div role="status" class="stack">
      <p>
        <strong>{t.maintenance.softens(preview.alerts, preview.days)}</strong>{' '}
        {preview.severe > 0 && <span class="tone-critical">{t.maintenance.severe(preview.severe)}</span>}
      </p>
      {!preview.by_time && preview.alerts > 0 && <p class="hint">{t.maintenance.notByTime}</p>}
      {!preview.complete && <p class="hint">{t.maintenance.incomplete}</p>}
      {preview.examples.length > 0 && (
        <ul class="points">
          {preview.examples.map((alert) => (
            <li key={alert.id}>
              <SeverityLabel severity={alert.severity} /> → <SeverityLabel severity={alert.becomes} />{' '}
              <a href={to.alert(alert.id)} target="_blank" rel="noreferrer">
                <Said text={alert.title} />
              </a>{' '}
              <Raw text={[alert.src_ip, alert.dest_ip].filter((ip) => ip !== '').join(' → ')} mono />
            </li>
          ))}
        </ul>
      )}
      {preview.alerts > preview.examples.length && (
        <p class="faint">{t.decisions.firstOf(preview.examples.length, preview.alerts)}</p>
      )}
    </div>
  );
}

function Checks({ legend, name, values }: { legend: string; name: string; values: readonly string[] }) {
  if (values.length === 0) return null;
  return (
    <fieldset class="field checks">
      <legend>{legend}</legend>
      {values.map((value) => (
        <label class="check" key={value}>
          <input type="checkbox" name={name} value={value} />
          <Raw text={value} />
        </label>
      ))}
    </fieldset>
  );
}

function NewWindow({
  answer,
  onDone,
  onClose,
}: {
  answer: MaintenanceAnswer;
  onDone: () => void;
  onClose: () => void;
}) {
  const [kind, setKind] = useState<Kind>('once');
  const [preview, setPreview] = useState<MaintenancePreview>();
  const [mistake, setMistake] = useState('');
  /** An answer that comes after something was changed is about another window. */
  const turn = useRef(0);
  const show = (form: HTMLFormElement | null) => {
    if (form === null || !form.reportValidity()) return;
    setMistake('');
    const asked = ++turn.current;
    post<MaintenancePreview>('/maintenance/preview', windowOf(new FormData(form), kind))
      .then((shown) => {
        if (asked === turn.current) setPreview(shown);
      })
      .catch((cause: unknown) => {
        if (asked !== turn.current) return;
        const isKnown = cause instanceof ApiError && cause.status === 400 && cause.message !== '';
        setMistake(isKnown ? cause.message : cause instanceof ApiError ? errorText(cause) : t.errors.other);
      });
  };
  return (
    <FormDialog
      title={t.maintenance.newTitle}
      text={t.maintenance.newText}
      submit={t.maintenance.announce}
      blocked={preview === undefined}
      onClose={onClose}
      send={async (form) => {
        await post('/maintenance', windowOf(form, kind));
        toast(t.maintenance.announced);
        onDone();
      }}
    >
      {/* What was shown is about what was entered then. */}
      <div
        onInput={() => {
          turn.current++;
          setPreview(undefined);
          setMistake('');
        }}
      >
        <FormField label={t.maintenance.name} id="window-name">
          <input id="window-name" type="text" name="name" maxLength={100} required />
        </FormField>
        <Segments<Kind>
          legend={t.maintenance.kind}
          name="kind"
          value={kind}
          options={[
            ['once', t.maintenance.once],
            ['weekly', t.maintenance.weekly],
          ]}
          onChange={setKind}
        />
        {kind === 'once' ? (
          <>
            <FormField label={t.maintenance.begins} id="begins">
              <input id="begins" type="datetime-local" name="begins" required />
            </FormField>
            <FormField label={t.maintenance.ends} id="ends" hint={t.maintenance.inZone(zoneName)}>
              <input id="ends" type="datetime-local" name="ends" required />
            </FormField>
          </>
        ) : (
          <>
            <fieldset class="field check-grid days">
              <legend>{t.maintenance.daysLegend}</legend>
              {WEEKDAYS.map((day) => (
                <label class="check" key={day}>
                  <input type="checkbox" name="days" value={day} />
                  {t.maintenance.days[day]}
                </label>
              ))}
            </fieldset>
            <FormField label={t.maintenance.fromTime} id="from">
              <input id="from" type="time" name="from" required />
            </FormField>
            <FormField label={t.maintenance.toTime} id="to" hint={t.maintenance.overnight}>
              <input id="to" type="time" name="to" required />
            </FormField>
            <FormField label={t.maintenance.timeZone} id="time-zone">
              <input id="time-zone" type="text" name="time_zone" maxLength={60} defaultValue={zoneName} required />
            </FormField>
          </>
        )}
        <Checks legend={t.maintenance.zones} name="zones" values={answer.plant.zones} />
        <FormField label={t.maintenance.devices} id="devices" hint={t.maintenance.devicesHint}>
          <input id="devices" type="text" name="devices" maxLength={2000} />
        </FormField>
        <Checks legend={t.maintenance.stations} name="stations" values={answer.plant.stations} />
        <FormField label={t.maintenance.owner} id="owner">
          <input id="owner" type="text" name="owner" maxLength={100} />
        </FormField>
        <ReasonField />
      </div>
      <p>
        <button type="button" class="button" onClick={(event) => show(event.currentTarget.form)}>
          {t.maintenance.preview}
        </button>
      </p>
      {mistake !== '' && (
        <p class="form-error" role="alert">
          <Raw text={mistake} />
        </p>
      )}
      {preview && <Preview preview={preview} />}
    </FormDialog>
  );
}

/** Times for work on the plant: what is open, what comes, and announcing or ending one. */
export function MaintenancePage() {
  const fetched = useResource<MaintenanceAnswer>('/maintenance', ['health']);
  const { data, reload } = fetched;
  const mayConfigure = useMayConfigure();
  const [announcing, setAnnouncing] = useState(false);
  const [ending, setEnding] = useState<ShownWindow>();
  return (
    <>
      <PageHead title={t.rules.maintenance} documentTitle={t.rules.maintenance}>
        <span class="page-count">{data && formatCount(data.items.length)}</span>
        {mayConfigure && (
          <div class="page-actions">
            <button
              type="button"
              class="button button-accent"
              disabled={data === undefined}
              onClick={() => setAnnouncing(true)}
            >
              {t.maintenance.newTitle}
            </button>
          </div>
        )}
      </PageHead>
      <RuleTabs />
      <p class="page-intro">{t.maintenance.intro}</p>
      {!mayConfigure && <p class="faint">{t.maintenance.needsAdmin}</p>}
      <Fetched from={fetched}>
        {({ items }) =>
          items.length === 0 ? (
            <NoRows text={t.maintenance.none} />
          ) : (
            <Windows
              label={t.rules.maintenance}
              windows={items}
              {...(mayConfigure ? { end: (window: ShownWindow) => setEnding(window) } : {})}
            />
          )
        }
      </Fetched>
      {data && data.settings.length > 0 && (
        <>
          <h2>{t.maintenance.ofSettings}</h2>
          <Windows label={t.maintenance.ofSettings} windows={data.settings} />
        </>
      )}
      {data && announcing && (
        <NewWindow
          answer={data}
          onDone={() => {
            setAnnouncing(false);
            reload();
          }}
          onClose={() => setAnnouncing(false)}
        />
      )}
      {ending && (
        <FormDialog
          title={t.maintenance.endTitle}
          text={t.maintenance.endText}
          submit={t.maintenance.withdraw}
          onClose={() => setEnding(undefined)}
          send={async (form) => {
            await del(`/maintenance/${encodeId(ending.id ?? '')}${query({ reason: text(form, 'reason') })}`);
            toast(t.maintenance.ended);
            setEnding(undefined);
            reload();
          }}
        >
          <p>
            <Raw text={ending.name} />
          </p>
          <ReasonField />
        </FormDialog>
      )}
    </>
  );
}
