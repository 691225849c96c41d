import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { FormDialog, FormField, text } from '../components/form-dialog.tsx';
import { icons } from '../components/icons.tsx';
import { DataTable, Fetched, NoRows } from '../components/list-frame.tsx';
import { Tabs } from '../components/network-tabs.tsx';
import { Dialog, ErrorState, errorText, Loading, LoadMore, PageHead } from '../components/parts.tsx';
import { Raw, Time } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { t } from '../i18n/index.ts';
import { API, ApiError, del, get, post } from '../lib/api.ts';
import { formatCount } from '../lib/format.ts';
import { useList, useResource } from '../lib/resource.ts';
import { to, useLocation } from '../lib/router.ts';
import { useSession } from '../lib/session.ts';
import { encodeId, own, visible } from '../lib/text.ts';
import type { ApiTokenRow, AuditRow, SessionRow, UserRow } from '../lib/types.ts';

const ROLES = ['viewer', 'analyst', 'admin', 'auditor'] as const;

function say(cause: unknown): void {
  const words =
    cause instanceof ApiError
      ? cause.status === 409 && cause.message
        ? cause.message
        : errorText(cause)
      : t.errors.other;
  toast(`${t.triage.failed} ${words}`, { bad: true });
}

/** Head and tabs of every page of the administration; auditors see the audit log only. */
function AdminPage({
  title,
  intro,
  action,
  children,
}: {
  title: string;
  intro: string;
  action?: ComponentChildren;
  children: ComponentChildren;
}) {
  const { path } = useLocation();
  const isAdmin = useSession()?.user?.role === 'admin';
  const tabs: (readonly [string, string])[] = [
    ...(isAdmin
      ? ([
          [to.users, t.admin.users],
          [to.tokens, t.admin.tokens],
          [to.sessions, t.admin.sessions],
        ] as const)
      : []),
    [to.audit, t.admin.audit],
    [to.api, t.admin.api],
  ];
  return (
    <>
      <PageHead title={title} documentTitle={title}>
        <div class="page-actions">{action}</div>
      </PageHead>
      <Tabs label={t.admin.tabs} path={path} tabs={tabs} />
      <p class="page-intro">{intro}</p>
      {children}
    </>
  );
}

export function RoleSelect({
  id,
  label,
  value,
  onChange,
}: {
  id: string;
  /** Where no label stands beside it. */
  label?: string;
  value: string;
  onChange?: (value: string) => void;
}) {
  return (
    <select
      id={id}
      name="role"
      aria-label={label}
      value={value}
      onChange={(event) => onChange?.(event.currentTarget.value)}
    >
      {ROLES.map((role) => (
        <option key={role} value={role} selected={role === value} title={t.admin.roleMeanings[role]}>
          {label === undefined ? `${t.roles[role]} – ${t.admin.roleMeanings[role]}` : t.roles[role]}
        </option>
      ))}
    </select>
  );
}

function AddUser({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  return (
    <FormDialog
      title={t.admin.addUser}
      submit={t.admin.addUser}
      onClose={onClose}
      send={async (form) => {
        const name = text(form, 'name');
        await post('/users', { name, role: text(form, 'role'), password: String(form.get('password')) });
        toast(t.admin.userAdded(visible(name)));
        onDone();
      }}
    >
      <FormField label={t.admin.name} id="user-name">
        <input id="user-name" name="name" type="text" maxLength={64} autocomplete="off" required />
      </FormField>
      <FormField label={t.admin.role} id="user-role">
        <RoleSelect id="user-role" value="viewer" />
      </FormField>
      <FormField label={t.setup.password} hint={t.setup.passwordHint} id="user-password">
        <input id="user-password" name="password" type="password" autocomplete="new-password" required />
      </FormField>
    </FormDialog>
  );
}

export function UsersPage() {
  const fetched = useResource<{ items: UserRow[] }>('/users');
  const { reload } = fetched;
  const [adding, setAdding] = useState(false);
  const [renewing, setRenewing] = useState<string>();
  const change = (name: string, body: object) => {
    post(`/users/${encodeId(name)}`, body)
      .then(() => toast(t.admin.changed))
      .catch(say)
      .finally(reload);
  };
  return (
    <AdminPage
      title={t.admin.users}
      intro={t.admin.usersIntro}
      action={
        <button type="button" class="button button-accent" onClick={() => setAdding(true)}>
          {t.admin.addUser}
        </button>
      }
    >
      <Fetched from={fetched}>
        {(data) => (
          <DataTable
            label={t.admin.users}
            columns={[
              t.admin.name,
              t.admin.role,
              t.admin.state,
              t.service.kind,
              t.admin.secondFactor,
              t.admin.created,
              t.admin.actions,
            ]}
          >
            {data.items.map((user) => (
              <tr key={user.name}>
                <th scope="row">
                  <Raw text={user.name} />
                </th>
                <td>
                  {user.external ? (
                    t.roles[user.role]
                  ) : (
                    <RoleSelect
                      id={`role-${user.name}`}
                      label={`${t.admin.role}: ${visible(user.name)}`}
                      value={user.role}
                      onChange={(role) => change(user.name, { role })}
                    />
                  )}
                </td>
                <td>
                  <span class={user.disabled ? 'badge badge-medium' : 'badge badge-good'}>
                    {user.disabled ? t.admin.disabled : t.admin.active}
                  </span>
                </td>
                <td>{user.external ? t.service.external : t.service.local}</td>
                <td>{user.external ? '–' : user.totp ? t.yes : t.no}</td>
                <td class="cell-time">
                  <Time iso={user.created} />
                </td>
                <td>
                  <span class="button-row">
                    <button
                      type="button"
                      class="button"
                      onClick={() => change(user.name, { disabled: !user.disabled })}
                    >
                      {user.disabled ? t.admin.enable : t.admin.disable}
                    </button>
                    {!user.external && (
                      <button type="button" class="button" onClick={() => setRenewing(user.name)}>
                        {t.admin.newPassword}
                      </button>
                    )}
                    {user.totp && (
                      <button type="button" class="button" onClick={() => change(user.name, { totp: false })}>
                        {t.admin.removeFactor}
                      </button>
                    )}
                  </span>
                </td>
              </tr>
            ))}
          </DataTable>
        )}
      </Fetched>
      {adding && (
        <AddUser
          onClose={() => setAdding(false)}
          onDone={() => {
            setAdding(false);
            reload();
          }}
        />
      )}
      {renewing !== undefined && (
        <FormDialog
          title={t.admin.setPassword(visible(renewing))}
          text={t.admin.setPasswordText}
          submit={t.triage.save}
          onClose={() => setRenewing(undefined)}
          send={async (form) => {
            await post(`/users/${encodeId(renewing)}`, { password: String(form.get('password')) });
            toast(t.admin.changed);
            setRenewing(undefined);
          }}
        >
          <FormField label={t.admin.newPassword} hint={t.setup.passwordHint} id="new-password">
            <input id="new-password" name="password" type="password" autocomplete="new-password" required />
          </FormField>
        </FormDialog>
      )}
    </AdminPage>
  );
}

function areaName(area: string): string {
  return own(t.tokenScope.names, area) ?? visible(area);
}

export function TokensPage() {
  const fetched = useResource<{ items: ApiTokenRow[] }>('/tokens');
  const { reload } = fetched;
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<string>();
  return (
    <AdminPage
      title={t.admin.tokens}
      intro={t.admin.tokensIntro}
      action={
        <button type="button" class="button button-accent" onClick={() => setAdding(true)}>
          {t.admin.addToken}
        </button>
      }
    >
      <Fetched from={fetched}>
        {({ items }) =>
          items.length === 0 ? (
            <NoRows text={t.admin.noTokens} />
          ) : (
            <DataTable
              label={t.admin.tokens}
              columns={[t.admin.name, t.admin.role, t.admin.owner, t.admin.expires, t.admin.used, t.admin.actions]}
            >
              {items.map((token) => (
                <tr key={token.name}>
                  <th scope="row">
                    <Raw text={token.name} />
                  </th>
                  <td>
                    {t.roles[token.role]}
                    <span class="cell-sub">
                      {token.areas === null ? t.tokenScope.all : token.areas.map(areaName).join(', ')}
                    </span>
                  </td>
                  <td>
                    <Raw text={token.owner} />
                  </td>
                  <td class="cell-time">
                    <Time iso={token.expires} />
                  </td>
                  <td class="cell-time">{token.used === null ? t.admin.never : <Time iso={token.used} />}</td>
                  <td>
                    <button
                      type="button"
                      class="button"
                      onClick={() => {
                        del(`/tokens/${encodeId(token.name)}`)
                          .then(() => toast(t.admin.revoked))
                          .catch(say)
                          .finally(reload);
                      }}
                    >
                      {t.admin.revoke}
                    </button>
                  </td>
                </tr>
              ))}
            </DataTable>
          )
        }
      </Fetched>
      {adding && (
        <FormDialog
          title={t.admin.addToken}
          submit={t.admin.addToken}
          onClose={() => setAdding(false)}
          send={async (form) => {
            const answer = await post<{ token: string }>('/tokens', {
              name: text(form, 'name'),
              role: text(form, 'role'),
              days: Number(form.get('days')),
              ...(form.has('area') ? { areas: form.getAll('area').map(String) } : {}),
            });
            setAdding(false);
            setMade(answer.token);
            reload();
          }}
        >
          <FormField label={t.admin.name} id="token-name">
            <input id="token-name" name="name" type="text" maxLength={64} autocomplete="off" required />
          </FormField>
          <FormField label={t.admin.role} id="token-role">
            <RoleSelect id="token-role" value="viewer" />
          </FormField>
          <fieldset class="check-grid">
            <legend>{t.tokenScope.title}</legend>
            <p class="hint">{t.tokenScope.hint}</p>
            {Object.entries(t.tokenScope.names).map(([area, name]) => (
              <label key={area}>
                <input type="checkbox" name="area" value={area} /> {name}
              </label>
            ))}
          </fieldset>
          <FormField label={t.admin.days} id="token-days">
            <input id="token-days" name="days" type="number" min={1} max={366} defaultValue="90" required />
          </FormField>
        </FormDialog>
      )}
      {made !== undefined && (
        <Dialog title={t.admin.tokenTitle} onClose={() => setMade(undefined)}>
          <p>{t.admin.tokenText}</p>
          <p class="secret mono">{made}</p>
          <div class="dialog-actions">
            <button
              type="button"
              class="button"
              onClick={() => {
                navigator.clipboard?.writeText(made).then(
                  () => toast(t.copied),
                  () => {},
                );
              }}
            >
              {t.copy}
            </button>
            <button type="button" class="button button-accent" onClick={() => setMade(undefined)}>
              {t.close}
            </button>
          </div>
        </Dialog>
      )}
    </AdminPage>
  );
}

export function SessionTable({
  sessions,
  base,
  reload,
}: {
  sessions: readonly SessionRow[];
  base: string;
  reload: () => void;
}) {
  return (
    <DataTable
      label={t.admin.sessions}
      columns={[t.admin.who, t.admin.source, t.admin.opened, t.admin.lastUsed, t.admin.actions]}
    >
      {sessions.map((session) => (
        <tr key={session.id}>
          <th scope="row">
            <Raw text={session.user} /> {session.current && <span class="badge">{t.admin.thisSession}</span>}
          </th>
          <td>
            <Raw text={session.source} mono />
          </td>
          <td class="cell-time">
            <Time iso={session.opened} />
          </td>
          <td class="cell-time">
            <Time iso={session.used} />
          </td>
          <td>
            <button
              type="button"
              class="button"
              onClick={() => {
                del(`${base}/${encodeId(session.id)}`)
                  .then(() => toast(t.admin.ended))
                  .catch(say)
                  .finally(reload);
              }}
            >
              {t.admin.end}
            </button>
          </td>
        </tr>
      ))}
    </DataTable>
  );
}

export function SessionsPage() {
  const fetched = useResource<{ items: SessionRow[] }>('/sessions');
  return (
    <AdminPage title={t.admin.sessions} intro={t.admin.sessionsIntro}>
      <Fetched from={fetched}>
        {({ items }) => <SessionTable sessions={items} base="/sessions" reload={fetched.reload} />}
      </Fetched>
    </AdminPage>
  );
}

interface Verdict {
  rows: number;
  broken: number | null;
  missingAfter: number | null;
}

export function AuditPage() {
  const list = useList<AuditRow & { id: string }>('/audit');
  const [verdict, setVerdict] = useState<Verdict>();
  const [isReading, setReading] = useState(false);
  const items = list.items ?? [];
  return (
    <AdminPage
      title={t.admin.audit}
      intro={t.admin.auditIntro}
      action={
        <button
          type="button"
          class="button"
          disabled={isReading}
          onClick={() => {
            setReading(true);
            get<Verdict>('/audit/verify')
              .then(setVerdict)
              .catch(say)
              .finally(() => setReading(false));
          }}
        >
          {icons.check()}
          {isReading ? t.admin.verifying : t.admin.verify}
        </button>
      }
    >
      {verdict && (
        <p class={verdict.broken === null && verdict.missingAfter === null ? 'tone-good' : 'form-error'} role="status">
          {verdict.broken !== null
            ? t.admin.verifyBroken(verdict.broken)
            : verdict.missingAfter !== null
              ? t.admin.verifyMissing(verdict.missingAfter)
              : t.admin.verifyGood(verdict.rows)}
        </p>
      )}
      {list.error && !list.items && <ErrorState error={list.error} retry={list.reload} />}
      {!list.items && !list.error && <Loading />}
      {items.length > 0 && (
        <DataTable
          label={t.admin.audit}
          columns={[
            { text: t.admin.number, numeric: true },
            t.admin.when,
            t.admin.who,
            t.admin.what,
            t.admin.about,
            t.admin.before,
            t.admin.after,
          ]}
        >
          {items.map((row) => (
            <tr key={row.n}>
              <td class="numeric">{formatCount(row.n)}</td>
              <td class="cell-time">
                <Time iso={row.at} />
              </td>
              <td>
                <Raw text={row.user} />
                <span class="cell-sub">
                  <Raw text={row.source} mono />
                </span>
              </td>
              <td>
                {own(t.reports.actions, row.action) ?? <Raw text={row.action} />}
                <span class="cell-sub">
                  <Raw text={row.action} mono />
                </span>
              </td>
              <td class="cell-wrap">
                <Raw text={row.target} />
              </td>
              <td class="cell-wrap">
                <Raw text={row.before} />
              </td>
              <td class="cell-wrap">
                <Raw text={row.after} />
              </td>
            </tr>
          ))}
        </DataTable>
      )}
      {list.hasMore && <LoadMore loading={list.loading} loadMore={list.loadMore} />}
    </AdminPage>
  );
}

interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
}

interface Operation {
  description?: string;
  'x-access'?: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: object }[];
  requestBody?: { content?: Record<string, { schema?: object }> };
  responses?: Record<string, { content?: Record<string, { schema?: object }> }>;
}

function Schema({ title, schema }: { title: string; schema: object | undefined }) {
  if (schema === undefined) return null;
  return (
    <details class="raw">
      <summary>{title}</summary>
      <pre>{JSON.stringify(schema, null, 2)}</pre>
    </details>
  );
}

function schemaOf(content: Record<string, { schema?: object }> | undefined): object | undefined {
  return Object.values(content ?? {})[0]?.schema;
}

/** The description of the API, to be read without any network but the console's own. */
export function ApiPage() {
  const [api, setApi] = useState<OpenApi>();
  const [failed, setFailed] = useState(false);
  if (!api && !failed) {
    fetch('/api/openapi.json')
      .then((answer) => answer.json() as Promise<OpenApi>)
      .then(setApi)
      .catch(() => setFailed(true));
  }
  const operations = Object.entries(api?.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return (
    <AdminPage
      title={t.admin.api}
      intro={t.admin.apiIntro}
      action={
        <a class="button" href={`${API.replace('/v1', '')}/openapi.json`} download>
          {icons.download()}
          {t.admin.apiDownload}
        </a>
      }
    >
      {!api && !failed && <Loading />}
      {failed && <p class="form-error">{t.errors.other}</p>}
      <div class="stack">
        {operations.map(({ path, method, operation }) => (
          <section class="card api-operation" key={`${method} ${path}`}>
            <h2>
              <span class={`chip api-${method.toLowerCase()}`}>{method}</span> <span class="mono">{path}</span>
            </h2>
            {operation.description && <p lang="en">{operation.description}</p>}
            {operation['x-access'] && (
              <p class="faint">
                {t.admin.needs}: {t.admin.access[operation['x-access']] ?? operation['x-access']}
              </p>
            )}
            {operation.parameters && (
              <dl class="facts facts-wide" aria-label={t.admin.parameters}>
                {operation.parameters.map((parameter) => (
                  <div key={parameter.name}>
                    <dt class="mono" lang="en">
                      {parameter.name}
                    </dt>
                    <dd lang="en">{parameter.description ?? parameter.in}</dd>
                  </div>
                ))}
              </dl>
            )}
            <Schema title={t.admin.body} schema={schemaOf(operation.requestBody?.content)} />
            <Schema title={t.admin.answer} schema={schemaOf(operation.responses?.['200']?.content)} />
          </section>
        ))}
      </div>
    </AdminPage>
  );
}
