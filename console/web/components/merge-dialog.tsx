import { useState } from 'preact/hooks';
import type { Asset } from '../../../sensor/model/records.ts';
import { t } from '../i18n/index.ts';
import { ApiError, post, query } from '../lib/api.ts';
import { searchFor } from '../lib/filters.ts';
import { useResource } from '../lib/resource.ts';
import { navigate, to } from '../lib/router.ts';
import { useMayDecide } from '../lib/session.ts';
import { encodeId, visible } from '../lib/text.ts';
import { FormDialog, FormField, text } from './form-dialog.tsx';
import { Card, errorText } from './parts.tsx';
import { Raw, Said } from './text.tsx';
import { toast } from './toasts.tsx';

const FOUND = 20;

type Choice = Pick<Asset, 'id' | 'name' | 'ips'> & { macs?: string[] };

interface LikelySame {
  assets: Choice[];
  reason: string;
}

function labelOf({ name, ips, macs }: Choice): string {
  const address = ips[0] ?? macs?.[0] ?? '';
  return visible(name === address || address === '' ? name : `${name} (${address})`);
}

/** Makes this record a part of another device. */
export function MergeDialog({ asset, onClose }: { asset: Asset; onClose: () => void }) {
  const [search, setSearch] = useState('');
  const { data } = useResource<{ items: Asset[] }>(
    `/assets${query({ ...searchFor(search), limit: FOUND, sort: 'name' })}`,
  );
  const likely = useResource<{ items: LikelySame[] }>('/assets/likely-same').data?.items ?? [];
  const hints = likely.filter(({ assets }) => assets.some(({ id }) => id === asset.id));
  const hinted = hints.flatMap(({ assets }) => assets.filter(({ id }) => id !== asset.id));
  const found = (data?.items ?? []).filter(({ id }) => id !== asset.id && !hinted.some((one) => one.id === id));
  const others = search === '' ? [...hinted, ...found] : found;
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
          onKeyDown={(event) => {
            // Whoever searches has not chosen yet: Enter would take whatever stands first.
            if (event.key === 'Enter') event.preventDefault();
          }}
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
      {hints.length > 0 && (
        <>
          <p class="faint">{t.decisions.likelyText}</p>
          <ul class="points">
            {hints.map(({ assets, reason }) => (
              <li key={assets.map(({ id }) => id).join()}>
                <Raw text={assets.map(labelOf).join(' – ')} />: <Said text={reason} />
              </li>
            ))}
          </ul>
        </>
      )}
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
