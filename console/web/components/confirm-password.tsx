import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { onConfirmNeeded, post } from '../lib/api.ts';
import { FormDialog, FormField } from './form-dialog.tsx';

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
  if (!answer) return null;
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
