import { useState } from 'preact/hooks';
import type { Alert } from '../../../sensor/model/records.ts';
import { t } from '../i18n/index.ts';
import { ACCEPTANCE_SCOPES, type AcceptanceScope } from '../lib/acceptance-scopes.ts';
import { post } from '../lib/api.ts';
import { useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { encodeId } from '../lib/text.ts';
import type { ScopePreview } from '../lib/types.ts';
import { AcceptanceWords } from './acceptance-words.tsx';
import { FormDialog, FormField, text } from './form-dialog.tsx';
import { SeverityLabel } from './parts.tsx';
import { ReasonField } from './reason-field.tsx';
import { Said } from './text.tsx';
import { toast } from './toasts.tsx';

const SHOWN = 3;

/** What the chosen scope covers; `path` is asked anew for each alert and scope. */
function Preview({ preview, failed }: { preview: ScopePreview | undefined; failed: boolean }) {
  if (!preview) return <p role="status">{failed ? t.decisions.previewFailed : t.decisions.previewing}</p>;
  const { acceptance, scope, hides } = preview;
  if (!acceptance) {
    return <p class="form-error">{scope === 'roles' ? t.decisions.noRoles : t.decisions.notPossible}</p>;
  }
  return (
    <div class="preview" role="status">
      <p>
        <AcceptanceWords acceptance={acceptance} />
      </p>
      {hides.length > 0 ? (
        <>
          <p class="form-error">{t.decisions.hides}</p>
          <ul class="plain-list">
            {hides.slice(0, SHOWN).map((one) => (
              <li key={one.id}>
                <SeverityLabel severity={one.severity} />{' '}
                <a href={to.alert(one.id)}>
                  <Said text={one.title} />
                </a>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p>{t.decisions.covered(preview.alerts, preview.findings, preview.open_alerts)}</p>
      )}
      {!preview.complete && <p class="faint">{t.decisions.coveredPart}</p>}
    </div>
  );
}

/** Makes a deviation normal, after showing how far each choice reaches. */
export function AcceptDialog({ alert, onDone, onClose }: { alert: Alert; onDone: () => void; onClose: () => void }) {
  const [scope, setScope] = useState<AcceptanceScope>('object');
  const base = `/alerts/${encodeId(alert.id)}/acceptance`;
  const { data, error } = useResource<{ scopes: ScopePreview[] }>(`${base}?scope=${scope}`);
  const preview = data?.scopes.find((one) => one.scope === scope);
  const isPossible = preview?.acceptance != null && preview.hides.length === 0;
  return (
    <FormDialog
      title={t.decisions.acceptTitle}
      text={t.decisions.acceptText}
      submit={t.decisions.accept}
      blocked={!isPossible}
      onClose={onClose}
      send={async (form) => {
        const minutes = text(form, 'minutes');
        const { closed } = await post<{ closed: number }>(base, {
          scope,
          reason: text(form, 'reason'),
          ...(minutes === '' ? {} : { minutes: Number(minutes) }),
        });
        toast(t.decisions.accepted(closed));
        onDone();
      }}
    >
      <fieldset class="field checks">
        <legend>{t.decisions.scope}</legend>
        {ACCEPTANCE_SCOPES.map((one) => (
          <label class="check" key={one}>
            <input type="radio" name="scope" value={one} checked={one === scope} onChange={() => setScope(one)} />
            {t.decisions.scopes[one]}
          </label>
        ))}
      </fieldset>
      <Preview preview={preview} failed={error !== undefined} />
      <FormField label={t.decisions.until} id="minutes">
        <select id="minutes" name="minutes">
          {Object.entries(t.decisions.untils)
            .sort(([a], [b]) => Number(a) - Number(b))
            .map(([value, words]) => (
              <option value={value} key={value}>
                {words}
              </option>
            ))}
        </select>
      </FormField>
      <ReasonField />
    </FormDialog>
  );
}
