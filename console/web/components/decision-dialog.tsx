import { useState } from 'preact/hooks';
import type { AlertStatus } from '../../../sensor/model/records.ts';
import { t } from '../i18n/index.ts';
import { ApiError } from '../lib/api.ts';
import { decide } from '../lib/decide.ts';
import { Dialog, errorText } from './parts.tsx';

const WORDS: Readonly<Record<AlertStatus, { title: string; text: string; submit: string }>> = {
  acknowledged: { title: t.alert.acknowledgeTitle, text: t.alert.acknowledgeText, submit: t.alert.acknowledge },
  closed: { title: t.alert.closeTitle, text: t.alert.closeText, submit: t.alert.close },
  open: { title: t.alert.reopenTitle, text: t.alert.reopenText, submit: t.alert.reopen },
};

const LONGEST_NOTE = 2000;

/** Asks for a note to a decision; Ctrl+Enter sends it. */
export function DecisionDialog({
  alertId,
  status,
  onDone,
  onClose,
}: {
  alertId: string;
  status: AlertStatus;
  onDone: () => void;
  onClose: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const words = WORDS[status];
  const send = (form: HTMLFormElement) => {
    setBusy(true);
    setError('');
    decide(alertId, status, String(new FormData(form).get('note') ?? '').trim())
      .then(onDone)
      .catch((cause: unknown) => {
        setBusy(false);
        setError(cause instanceof ApiError ? errorText(cause) : t.errors.other);
      });
  };
  return (
    <Dialog title={words.title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send(event.currentTarget);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(event.currentTarget);
        }}
      >
        <p>{words.text}</p>
        <div class="field">
          <label for="note">{t.alert.note}</label>
          <textarea id="note" name="note" rows={3} maxLength={LONGEST_NOTE} placeholder={t.alert.notePlaceholder} />
        </div>
        {error !== '' && (
          <p class="form-error" role="alert">
            {t.alerts.failedToast} {error}
          </p>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {t.cancel}
          </button>
          <button type="submit" class="button button-accent" disabled={busy}>
            {words.submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
