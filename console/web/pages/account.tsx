import { useState } from 'preact/hooks';
import { FormDialog, FormField, text } from '../components/form-dialog.tsx';
import { Fetched } from '../components/list-frame.tsx';
import { Card, Dialog, errorText, PageHead } from '../components/parts.tsx';
import { QrCode } from '../components/qr-code.tsx';
import { Raw } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { t } from '../i18n/index.ts';
import { ApiError, post } from '../lib/api.ts';
import { useResource } from '../lib/resource.ts';
import { saveBlob } from '../lib/save.ts';
import { useSession } from '../lib/session.ts';
import { visible } from '../lib/text.ts';
import type { AccountAnswer } from '../lib/types.ts';
import { SessionTable } from './admin.tsx';

function PasswordDialog({ onClose }: { onClose: () => void }) {
  return (
    <FormDialog
      title={t.myAccount.password}
      submit={t.triage.save}
      onClose={onClose}
      say={(error) => (error.code === 'bad_password' ? t.confirmPassword.wrong : undefined)}
      send={async (form) => {
        if (form.get('password') !== form.get('repeat')) throw new ApiError(400, 'mismatch', t.setup.mismatch, '');
        await post('/account/password', {
          current: String(form.get('current')),
          password: String(form.get('password')),
        });
        toast(t.myAccount.passwordChanged);
        onClose();
      }}
    >
      <FormField label={t.myAccount.current} id="current">
        <input id="current" name="current" type="password" autocomplete="current-password" required />
      </FormField>
      <FormField label={t.myAccount.next} hint={t.setup.passwordHint} id="next">
        <input id="next" name="password" type="password" autocomplete="new-password" minLength={12} required />
      </FormField>
      <FormField label={t.setup.repeat} id="repeat">
        <input id="repeat" name="repeat" type="password" autocomplete="new-password" minLength={12} required />
      </FormField>
    </FormDialog>
  );
}

export function AccountPage() {
  const fetched = useResource<AccountAnswer>('/account');
  const { data, reload } = fetched;
  const session = useSession();
  const [changing, setChanging] = useState(false);
  const [factor, setFactor] = useState<{ secret: string; uri: string }>();
  const [codes, setCodes] = useState<readonly string[]>();
  const say = (cause: unknown) => toast(cause instanceof ApiError ? errorText(cause) : t.errors.other, { bad: true });
  return (
    <>
      <PageHead title={t.myAccount.title} documentTitle={t.myAccount.title} />
      <Fetched from={fetched}>
        {(account) => (
          <div class="stack">
            <Card title={<Raw text={account.name} />} aside={<span class="badge">{t.roles[account.role]}</span>}>
              <p class="faint">{t.admin.roleMeanings[account.role]}</p>
              {account.external ? (
                <p>{t.service.externalText(visible(session?.sign_in_service ?? ''))}</p>
              ) : (
                <p class="button-row">
                  <button type="button" class="button" onClick={() => setChanging(true)}>
                    {t.myAccount.password}
                  </button>
                </p>
              )}
            </Card>
            {!account.external && (
              <Card title={t.myAccount.factor}>
                <p>{account.totp ? t.myAccount.factorOn : t.myAccount.factorOff}</p>
                {account.totp && (
                  <p class={account.recovery_codes_left < 3 ? 'tone-medium' : 'faint'}>
                    {t.factor.recoveryLeft(account.recovery_codes_left)}{' '}
                    {account.recovery_codes_left < 3 && t.factor.recoveryFew}
                  </p>
                )}
                <p class="button-row">
                  {account.totp ? (
                    <button
                      type="button"
                      class="button"
                      onClick={() => {
                        post('/account/totp/disable').catch(say).finally(reload);
                      }}
                    >
                      {t.myAccount.factorEnd}
                    </button>
                  ) : (
                    <button
                      type="button"
                      class="button"
                      onClick={() => {
                        post<{ secret: string; uri: string }>('/account/totp/begin').then(setFactor).catch(say);
                      }}
                    >
                      {t.myAccount.factorBegin}
                    </button>
                  )}
                </p>
              </Card>
            )}
            <Card title={t.myAccount.sessions}>
              <SessionTable sessions={account.sessions} base="/account/sessions" reload={reload} />
            </Card>
          </div>
        )}
      </Fetched>
      {changing && <PasswordDialog onClose={() => setChanging(false)} />}
      {factor && (
        <FormDialog
          title={t.myAccount.factorTitle}
          text={t.factor.scan}
          submit={t.triage.save}
          onClose={() => setFactor(undefined)}
          say={(problem) => (problem.code === 'bad_code' ? t.myAccount.factorWrong : undefined)}
          send={async (form) => {
            const answer = await post<{ recovery_codes: string[] }>('/account/totp/enable', {
              code: text(form, 'code'),
            });
            setFactor(undefined);
            setCodes(answer.recovery_codes);
            reload();
          }}
        >
          <QrCode text={factor.uri} label={t.factor.picture} />
          <p class="hint">{t.factor.byHand}</p>
          <p class="secret mono">{factor.secret.replace(/(.{4})(?=.)/g, '$1 ')}</p>
          <FormField label={t.myAccount.factorCode} id="factor-code">
            <input
              id="factor-code"
              name="code"
              type="text"
              inputMode="numeric"
              autocomplete="one-time-code"
              maxLength={7}
              required
            />
          </FormField>
        </FormDialog>
      )}
      {codes && (
        <Dialog title={t.myAccount.recoveryTitle} onClose={() => setCodes(undefined)}>
          <p>{t.myAccount.recoveryText}</p>
          <ul class="secret mono">
            {codes.map((code) => (
              <li key={code}>{code}</li>
            ))}
          </ul>
          <div class="dialog-actions">
            <button
              type="button"
              class="button"
              onClick={() => {
                const lines = [t.factor.saveTitle(visible(data?.name ?? '')), '', ...codes, ''];
                saveBlob(new Blob([lines.join('\r\n')], { type: 'text/plain' }), 'fieldwatch-recovery-codes.txt');
              }}
            >
              {t.factor.save}
            </button>
            <button type="button" class="button button-accent" onClick={() => setCodes(undefined)}>
              {t.close}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
