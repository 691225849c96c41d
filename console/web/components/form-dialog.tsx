import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { ApiError } from '../lib/api.ts';
import { useUnsaved } from '../lib/unsaved.ts';
import { Dialog, errorText } from './parts.tsx';

/** A question with a form. `send` gets what was entered; when it fails, the dialog stays and says why. */
export function FormDialog({
  title,
  text,
  submit,
  children,
  send,
  onClose,
  say,
  blocked = false,
}: {
  title: string;
  text?: string | undefined;
  submit: string;
  children?: ComponentChildren;
  send: (form: FormData) => Promise<unknown>;
  onClose: () => void;
  /** Words for an error, where the usual ones do not do. */
  say?: (error: ApiError) => string | undefined;
  /** Not yet: what is entered cannot be sent. */
  blocked?: boolean;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [isChanged, setChanged] = useState(false);
  const [isWarned, setWarned] = useState(false);
  const isSaved = useUnsaved(isChanged && !busy);
  const go = (form: HTMLFormElement) => {
    setBusy(true);
    setError('');
    isSaved();
    send(new FormData(form)).catch((cause: unknown) => {
      setBusy(false);
      const known = cause instanceof ApiError ? (say?.(cause) ?? sentence(cause)) : t.errors.other;
      setError(known);
    });
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onEscape={() => {
        // The key is pressed by mistake more easily than a button.
        if (isChanged && !isWarned) setWarned(true);
        else onClose();
      }}
    >
      <form
        onInput={({ target }) => {
          // A choice is made again in a moment, and what somebody looks for is no work; what was written is.
          if (target instanceof HTMLTextAreaElement) setChanged(target.value !== '');
          else if (target instanceof HTMLInputElement && target.type === 'text') setChanged(true);
        }}
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && !blocked) go(event.currentTarget);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            event.currentTarget.requestSubmit();
          }
        }}
      >
        {text !== undefined && <p>{text}</p>}
        {children}
        {error !== '' && (
          <p class="form-error" role="alert">
            {t.triage.failed} {error}
          </p>
        )}
        {isWarned && (
          <p class="tone-medium" role="status">
            {t.unsaved.escape}
          </p>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {t.cancel}
          </button>
          <button type="submit" class="button button-accent" disabled={busy || blocked}>
            {submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** What the console said, where that is about what was entered; else our own words. */
function sentence(error: ApiError): string {
  return (error.status === 400 || error.status === 409) && error.message !== '' ? error.message : errorText(error);
}

export function FormField({
  label,
  hint,
  children,
  id,
}: {
  label: string;
  hint?: string;
  children: ComponentChildren;
  id: string;
}) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint !== undefined && <p class="hint">{hint}</p>}
    </div>
  );
}

export function text(form: FormData, name: string): string {
  return String(form.get(name) ?? '').trim();
}
