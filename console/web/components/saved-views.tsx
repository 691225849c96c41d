import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { del, post } from '../lib/api.ts';
import { useResource } from '../lib/resource.ts';
import { replaceLocation, useLocation } from '../lib/router.ts';
import { useSession } from '../lib/session.ts';
import { visible } from '../lib/text.ts';
import type { SavedView } from '../lib/types.ts';
import { FormDialog, FormField, text } from './form-dialog.tsx';
import { icons } from './icons.tsx';
import { toast } from './toasts.tsx';

/** Filters that somebody wants again, by name. */
export function SavedViews({ page }: { page: SavedView['page'] }) {
  const { path, params } = useLocation();
  const me = useSession()?.user?.name;
  const { data, reload } = useResource<{ items: SavedView[] }>('/views');
  const [naming, setNaming] = useState(false);
  const views = data?.items.filter((view) => view.page === page) ?? [];
  const current = views.find((view) => view.query === params.toString());
  return (
    <div class="views">
      {views.length > 0 && (
        <label class="field-inline">
          <span class="visually-hidden">{t.triage.views}</span>
          <select
            value={current?.id ?? ''}
            onChange={(event) => {
              const view = views.find(({ id }) => id === event.currentTarget.value);
              if (view) replaceLocation(view.query === '' ? path : `${path}?${view.query}`);
            }}
          >
            <option value="">{t.triage.noView}</option>
            {views.map((view) => (
              <option key={view.id} value={view.id} selected={view === current}>
                {visible(view.name)}
              </option>
            ))}
          </select>
        </label>
      )}
      {current && current.owner === me && (
        <button
          type="button"
          class="button button-quiet button-icon"
          title={t.triage.deleteView}
          aria-label={t.triage.deleteView}
          onClick={() => {
            del(`/views/${current.id}`)
              .then(() => toast(t.triage.viewDeleted))
              .then(reload)
              .catch(() => toast(t.triage.failed, { bad: true }));
          }}
        >
          {icons.cross()}
        </button>
      )}
      {!current && params.size > 0 && (
        <button type="button" class="button" onClick={() => setNaming(true)}>
          {t.triage.saveView}
        </button>
      )}
      {naming && (
        <FormDialog
          title={t.triage.saveView}
          submit={t.triage.save}
          onClose={() => setNaming(false)}
          send={async (form) => {
            await post('/views', {
              page,
              name: text(form, 'name'),
              query: params.toString(),
              shared: form.has('shared'),
            });
            setNaming(false);
            toast(t.triage.viewSaved);
            reload();
          }}
        >
          <FormField label={t.triage.viewName} id="view-name">
            <input id="view-name" type="text" name="name" maxLength={80} required />
          </FormField>
          <label class="check">
            <input type="checkbox" name="shared" />
            {t.triage.viewShared}
          </label>
        </FormDialog>
      )}
    </div>
  );
}
