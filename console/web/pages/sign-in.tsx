import type { ComponentChildren, TargetedEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Logo } from '../components/icons.tsx';
import { errorText } from '../components/parts.tsx';
import { t } from '../i18n/index.ts';
import { API, ApiError, post, query } from '../lib/api.ts';
import { useSession } from '../lib/session.ts';
import { own, visible } from '../lib/text.ts';

const SHORTEST_PASSWORD = 12;

function Gate({ title, intro, children }: { title: string; intro?: string; children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · ${t.product}`;
  }, [title]);
  return (
    <main class="gate" id="main">
      <div class="gate-box">
        <div class="gate-brand">
          <Logo size={36} />
          <span>{t.product}</span>
        </div>
        <h1>{title}</h1>
        {intro && <p class="gate-intro">{intro}</p>}
        {children}
      </div>
      <p class="gate-foot">{t.signIn.passive}</p>
    </main>
  );
}

function Field({
  label,
  name,
  type = 'text',
  autocomplete,
  hint,
  first = false,
}: {
  label: string;
  name: string;
  type?: 'text' | 'password';
  autocomplete: 'username' | 'current-password' | 'new-password' | 'one-time-code';
  hint?: string;
  first?: boolean;
}) {
  return (
    <div class="field">
      <label for={`field-${name}`}>{label}</label>
      <input
        id={`field-${name}`}
        name={name}
        {...(type === 'password' ? { type: 'password' as const } : { type: 'text' as const })}
        autocomplete={autocomplete}
        // The only thing to do on this page is to fill in this form, so the caret starts in it.
        ref={(input) => {
          if (first && input && document.activeElement === document.body) input.focus();
        }}
        aria-describedby={hint ? `hint-${name}` : undefined}
        maxLength={256}
        spellcheck={false}
        autocapitalize="none"
        required
      />
      {hint && (
        <p class="hint" id={`hint-${name}`}>
          {hint}
        </p>
      )}
    </div>
  );
}

function useForm(send: (values: (name: string) => string) => Promise<void>, explain: (error: ApiError) => string) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const onSubmit = (event: TargetedEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    setBusy(true);
    setError('');
    send((name) => String(data.get(name) ?? ''))
      .catch((cause: unknown) => setError(cause instanceof ApiError ? explain(cause) : String(cause)))
      .finally(() => setBusy(false));
  };
  const problem = error !== '' && (
    <p class="form-error" role="alert">
      {error}
    </p>
  );
  return { onSubmit, busy, problem, setError };
}

/** What the server says about a form is about what the person typed, so it is shown when we have no better words. */
function orServerText(error: ApiError, fallback: string): string {
  return error.message === '' ? fallback : visible(error.message);
}

/** The way to the sign-in service, and why the last try there ended here. */
function ServiceSignIn() {
  const service = useSession()?.sign_in_service;
  const problem = own(t.service.problems, new URLSearchParams(window.location.search).get('problem') ?? '');
  if (service === undefined) return null;
  const here = window.location.pathname + (problem === undefined ? window.location.search : '');
  return (
    <div class="gate-service">
      {problem && (
        <p class="form-error" role="alert">
          {problem}
        </p>
      )}
      <a class="button button-wide" href={`${API}/oidc/login${query({ return: here })}`}>
        {t.service.signIn(visible(service))}
      </a>
      <p class="gate-or">{t.service.or}</p>
    </div>
  );
}

export function SignIn({ onDone, lost }: { onDone: () => Promise<void>; lost: boolean }) {
  const [needsCode, setNeedsCode] = useState(false);
  const form = useForm(
    async (value) => {
      const code = value('code').trim();
      await post('/login', { name: value('name'), password: value('password'), ...(code === '' ? {} : { code }) });
      await onDone();
    },
    (error) => {
      if (error.code === 'code_needed') {
        setNeedsCode(true);
        return t.myAccount.codeNeeded;
      }
      if (error.code === 'bad_code') return t.myAccount.codeWrong;
      return error.status === 401 || error.status === 400
        ? t.signIn.failed
        : error.status === 429 || error.status === 0
          ? errorText(error)
          : orServerText(error, t.errors.other);
    },
  );
  return (
    <Gate title={t.signIn.title} {...(lost ? { intro: t.signIn.lost } : {})}>
      <ServiceSignIn />
      <form onSubmit={form.onSubmit}>
        <Field label={t.signIn.name} name="name" autocomplete="username" first />
        <Field label={t.signIn.password} name="password" type="password" autocomplete="current-password" />
        {needsCode && <Field label={t.myAccount.codeLabel} name="code" autocomplete="one-time-code" first />}
        {form.problem}
        <button type="submit" class="button button-accent button-wide" disabled={form.busy}>
          {t.signIn.submit}
        </button>
      </form>
    </Gate>
  );
}

export function Setup({ onDone }: { onDone: () => Promise<void> }) {
  const form = useForm(
    async (value) => {
      const password = value('password');
      if (password.length < SHORTEST_PASSWORD) throw new ApiError(400, 'too_short', t.setup.tooShort, '');
      if (password !== value('repeat')) throw new ApiError(400, 'mismatch', t.setup.mismatch, '');
      await post('/setup', { code: value('code').trim(), name: value('name').trim(), password });
      await onDone();
    },
    (error) => {
      if (error.status === 0 || error.status === 429) return errorText(error);
      if (error.status === 401 || error.status === 403) return t.setup.badCode;
      return orServerText(error, t.setup.failed);
    },
  );
  return (
    <Gate title={t.setup.title} intro={t.setup.intro}>
      <ServiceSignIn />
      <form onSubmit={form.onSubmit}>
        <Field label={t.setup.code} name="code" autocomplete="one-time-code" hint={t.setup.codeHint} first />
        <Field label={t.setup.name} name="name" autocomplete="username" />
        <Field
          label={t.setup.password}
          name="password"
          type="password"
          autocomplete="new-password"
          hint={t.setup.passwordHint}
        />
        <Field label={t.setup.repeat} name="repeat" type="password" autocomplete="new-password" />
        {form.problem}
        <button type="submit" class="button button-accent button-wide" disabled={form.busy}>
          {t.setup.submit}
        </button>
      </form>
    </Gate>
  );
}
