import { useState } from 'preact/hooks';
import type { Asset } from '../../../sensor/model/records.ts';
import { t } from '../i18n/index.ts';
import { post, query } from '../lib/api.ts';
import { useResource } from '../lib/resource.ts';
import { navigate, to } from '../lib/router.ts';
import { useMayDecide } from '../lib/session.ts';
import { encodeId, visible } from '../lib/text.ts';
import { FormDialog, FormField, text } from './form-dialog.tsx';
import { Card, errorText } from './parts.tsx';
import { Raw } from './text.tsx';
import { toast } from './toasts.tsx';
import { ApiError } from '../lib/api.ts';

const FOUND = 20;

function labelOf({ name, ips, macs }: Asset): string {
  const address = ips[0] ?? macs[0] ?? '';
  return visible(name === address || address === '' ? name : `${name} (${address})`);
}

/** Makes this record a part of another device. */
export function MergeDialog({ asset, onClose }: { asset: Asset; onClose: () => void }) {
  const [search, setSearch] = useState('');
  const { data } = useResource<{ items: Asset[] }>(`/assets${query({ q: search, limit: FOUND, sort: 'name' })}`);
  const others = (data?.items ?? []).filter(({ id }) => id !== asset.id);
  return (
    <FormDialog
      title={t.decisions.mergeTitle}
      text={t.decisions.mergeText}
      submit={t.decisions.mergeGo}
      blocked={others.length === 0}
      onClose={onClose}
      send={async (form) => {
        const into = text(form, 'into');
        await post(`/assets/${encodeId(asset.id)}/merge`, { into });
        toast(t.decisions.merged);
        onClose();
        navigate(to.asset(into));
      }}
    >
      <FormField label={t.search} hint={t.decisions.mergeHint} id="merge-search">
        <input
          id="merge-search"
          type="search"
          autocomplete="off"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </FormField>
      <FormField label={t.decisions.mergeInto} id="into">
        <select id="into" name="into" required>
          {others.map((one) => (
            <option key={one.id} value={one.id}>
              {labelOf(one)}
            </option>
          ))}
        </select>
      </FormField>
      {data && others.length === 0 && <p class="faint">{t.decisions.mergeNone}</p>}
    </FormDialog>
  );
}

interface Part {
  id: string;
  user: string;
  at: string;
}

/** Records that people have joined into this device, each of which can be taken out again. */
export function MergedParts({ asset, reload }: { asset: Asset; reload: () => void }) {
  const parts = useResource<{ items: Part[] }>(`/assets/${encodeId(asset.id)}/parts`, ['assets']);
  const mayDecide = useMayDecide();
  const items = parts.data?.items ?? [];
  if (items.length === 0) return null;
  const split = (id: string) => {
    post(`/assets/${encodeId(id)}/split`)
      .then(() => {
        toast(t.decisions.splitDone);
        parts.reload();
        reload();
      })
      .catch((cause: unknown) => {
        toast(cause instanceof ApiError ? errorText(cause) : t.errors.other, { bad: true });
      });
  };
  return (
    <Card title={t.decisions.parts}>
      <ul class="plain-list">
        {items.map(({ id, user }) => (
          <li key={id}>
            <Raw text={t.decisions.part(id, user)} />{' '}
            <button type="button" class="button" onClick={() => split(id)} disabled={!mayDecide}>
              {t.decisions.split}
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
