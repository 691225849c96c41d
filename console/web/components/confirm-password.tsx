import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { API, onConfirmNeeded, post, query } from '../lib/api.ts';
import { useSession } from '../lib/session.ts';
import { visible } from '../lib/text.ts';
import { FormDialog, FormField } from './form-dialog.tsx';
import { Dialog } from './parts.tsx';

/** Asks for the password when the console wants it again, whatever page the request came from. */
export function ConfirmPassword() {
  const [answer, setAnswer] = useState<(given: boolean) => void>();
  useEffect(() => {
    onConfirmNeeded(
      () =>
        new Promise<boolean>((resolve) => {
          setAnswer(() => (given: boolean) => {
            setAnswer(undefined);
            resolve(given);
          });
        }),
    );
  }, []);
  const session = useSession();
  if (!answer) return null;
  const service = session?.sign_in_service;
  if (session?.user?.external) {
    const back = window.location.pathname + window.location.search;
    return (
      <Dialog title={t.confirmPassword.title} onClose={() => answer(false)}>
        <p>{service === undefined ? t.service.gone : t.service.againText(visible(service))}</p>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={() => answer(false)}>
            {t.cancel}
          </button>
          {service !== undefined && (
            <a class="button button-accent" href={`${API}/oidc/login${query({ again: 'true', return: back })}`}>
              {t.service.again(visible(service))}
            </a>
          )}
        </div>
      </Dialog>
    );
  }
  return (
    <FormDialog
      title={t.confirmPassword.title}
      text={t.confirmPassword.text}
      submit={t.confirmPassword.submit}
      send={async (form) => {
        await post('/account/confirm', { password: String(form.get('password') ?? '') });
        answer(true);
      }}
      say={(error) => (error.code === 'bad_password' ? t.confirmPassword.wrong : undefined)}
      onClose={() => answer(false)}
    >
      <FormField label={t.confirmPassword.password} id="confirm-password">
        <input id="confirm-password" name="password" type="password" autocomplete="current-password" required />
      </FormField>
    </FormDialog>
  );
}
