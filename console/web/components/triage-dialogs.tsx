import { useState } from 'preact/hooks';
import type { Alert } from '../../../sensor/model/records.ts';
import { said, t } from '../i18n/index.ts';
import { post } from '../lib/api.ts';
import { useResource } from '../lib/resource.ts';
import { useSession } from '../lib/session.ts';
import { own, visible } from '../lib/text.ts';
import type { AssetNames } from '../lib/types.ts';
import { FormDialog, FormField, text } from './form-dialog.tsx';
import { toast } from './toasts.tsx';

const LONGEST_NOTE = 2000;

interface Asked {
  /** Which alerts it is about. */
  ids: readonly string[];
  onDone: () => void;
  onClose: () => void;
}

export function AssignDialog({ ids, assignee, onDone, onClose }: Asked & { assignee: string }) {
  const me = useSession()?.user?.name ?? '';
  const people = useResource<{ items: { name: string }[] }>('/people').data?.items ?? [];
  const names = [...new Set([me, ...people.map(({ name }) => name)])].filter((name) => name !== '');
  return (
    <FormDialog
      title={t.triage.assignTitle}
      submit={t.triage.assign}
      onClose={onClose}
      send={async (form) => {
        const name = text(form, 'assignee');
        await post('/alerts/bulk', { ids, assignee: name });
        toast(name === '' ? t.triage.assignedToNobody : t.triage.assigned(visible(name)));
        onDone();
      }}
    >
      <FormField label={t.triage.assignTo} id="assignee">
        <select id="assignee" name="assignee">
          {names.map((name) => (
            <option key={name} value={name} selected={name === (assignee === '' ? me : assignee)}>
              {name === me ? t.triage.me(visible(name)) : visible(name)}
            </option>
          ))}
          <option value="">{t.triage.nobody}</option>
        </select>
      </FormField>
    </FormDialog>
  );
}

export function NoteDialog({ ids, onDone, onClose }: Asked) {
  return (
    <FormDialog
      title={t.triage.noteTitle}
      text={t.triage.noteText}
      submit={t.triage.save}
      onClose={onClose}
      send={async (form) => {
        await post('/alerts/bulk', { ids, note: text(form, 'note') });
        toast(t.triage.noteSaved);
        onDone();
      }}
    >
      <FormField label={t.alert.note} id="note">
        <textarea id="note" name="note" rows={4} maxLength={LONGEST_NOTE} required />
      </FormField>
    </FormDialog>
  );
}

export function MuteDialog({
  alert,
  names,
  onDone,
  onClose,
}: {
  alert: Alert;
  names: AssetNames;
  onDone: () => void;
  onClose: () => void;
}) {
  const side = (asset: string | undefined, ip: string | undefined) => ({
    key: asset ?? ip ?? '',
    name: visible((asset === undefined ? undefined : own(names, asset)?.name) ?? ip ?? ''),
  });
  const source = side(alert.src_asset, alert.src_ip);
  const target = side(alert.dest_asset, alert.dest_ip);
  const [minutes, setMinutes] = useState('480');
  return (
    <FormDialog
      title={t.triage.muteTitle}
      text={t.triage.muteText}
      submit={t.triage.mute}
      onClose={onClose}
      send={async (form) => {
        await post('/mutes', {
          rule: form.has('rule') ? alert.rule_id : '',
          src: form.has('src') ? source.key : '',
          dest: form.has('dest') ? target.key : '',
          reason: text(form, 'reason'),
          minutes: Number(minutes),
        });
        toast(t.triage.muteDone);
        onDone();
      }}
    >
      <fieldset class="field checks">
        <legend>{t.triage.muteScope}</legend>
        <label class="check">
          <input type="checkbox" name="rule" defaultChecked />
          {t.triage.muteRule(visible(said(alert.title)))}
        </label>
        {source.key !== '' && (
          <label class="check">
            <input type="checkbox" name="src" defaultChecked />
            {t.triage.muteFrom(source.name)}
          </label>
        )}
        {target.key !== '' && (
          <label class="check">
            <input type="checkbox" name="dest" defaultChecked />
            {t.triage.muteTo(target.name)}
          </label>
        )}
      </fieldset>
      <FormField label={t.triage.muteFor} id="minutes">
        <select id="minutes" value={minutes} onChange={(event) => setMinutes(event.currentTarget.value)}>
          {Object.entries(t.triage.muteDurations).map(([value, words]) => (
            <option value={value} key={value}>
              {words}
            </option>
          ))}
        </select>
      </FormField>
      <FormField label={t.triage.muteReason} hint={t.triage.muteReasonHint} id="reason">
        <textarea id="reason" name="reason" rows={2} minLength={3} maxLength={500} required />
      </FormField>
    </FormDialog>
  );
}
