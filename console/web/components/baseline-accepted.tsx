import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { post } from '../lib/api.ts';
import { useList } from '../lib/resource.ts';
import { useMayDecide } from '../lib/session.ts';
import { encodeId } from '../lib/text.ts';
import type { ShownAcceptance } from '../lib/types.ts';
import { AcceptanceWords } from './acceptance-words.tsx';
import { FormDialog } from './form-dialog.tsx';
import { ListFrame } from './list-frame.tsx';
import { Card, Empty, ScrollX } from './parts.tsx';
import { ReasonField } from './reason-field.tsx';
import { Raw, Time } from './text.tsx';
import { toast } from './toasts.tsx';

/** What people have accepted as normal: by whom, when, why, until when. */
export function Accepted({ onDecided }: { onDecided: () => void }) {
  const list = useList<ShownAcceptance>('/baseline/acceptances', ['health']);
  const [ending, setEnding] = useState<ShownAcceptance>();
  const mayDecide = useMayDecide();
  const items = list.items ?? [];
  return (
    <Card title={t.decisions.acceptedTitle}>
      <p class="faint">{t.decisions.acceptedText}</p>
      <ListFrame list={list} newHint={t.decisions.newHint} nothing={<Empty title={t.decisions.acceptedNone} />}>
        <ScrollX label={t.decisions.acceptedTitle}>
          <table class="table table-plain">
            <thead>
              <tr>
                <th scope="col">{t.decisions.covers}</th>
                <th scope="col">{t.decisions.reason}</th>
                <th scope="col">{t.decisions.by}</th>
                <th scope="col">{t.decisions.expires}</th>
                {mayDecide && <td />}
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.id}>
                  <th scope="row">
                    {t.decisions.scopes[one.scope]}
                    <p class="cell-note faint">
                      <AcceptanceWords acceptance={one} />
                    </p>
                  </th>
                  <td>
                    <Raw text={one.reason} />
                  </td>
                  <td>
                    <Raw text={one.by} />
                    <p class="cell-note faint">
                      <Time iso={one.at} />
                      {one.closed_alerts > 0 && ` · ${t.decisions.closedAlerts(one.closed_alerts)}`}
                    </p>
                  </td>
                  <td class="cell-time">
                    {one.expires === undefined ? t.decisions.forGood : <Time iso={one.expires} />}
                    {one.expired && (
                      <>
                        {' '}
                        <span class="badge badge-medium">{t.decisions.expired}</span>
                      </>
                    )}
                  </td>
                  {mayDecide && (
                    <td>
                      <button type="button" class="button" onClick={() => setEnding(one)}>
                        {t.decisions.end}
                      </button>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollX>
      </ListFrame>
      {ending && (
        <FormDialog
          title={t.decisions.endTitle}
          text={t.decisions.endText}
          submit={t.decisions.end}
          onClose={() => setEnding(undefined)}
          send={async (form) => {
            const { reopened } = await post<{ reopened: number }>(`/baseline/acceptances/${encodeId(ending.id)}/end`, {
              reason: String(form.get('reason') ?? '').trim(),
            });
            toast(t.decisions.ended(reopened));
            setEnding(undefined);
            list.reload();
            onDecided();
          }}
        >
          <p>
            <AcceptanceWords acceptance={ending} />
          </p>
          <ReasonField />
        </FormDialog>
      )}
    </Card>
  );
}
