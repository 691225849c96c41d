import { useState } from 'preact/hooks';
import type { Acceptance } from '../../../sensor/model/baseline-document.ts';
import { t } from '../i18n/index.ts';
import { post, query } from '../lib/api.ts';
import { formatCount, protocolName } from '../lib/format.ts';
import { useList, useResource } from '../lib/resource.ts';
import { useMayConfigure } from '../lib/session.ts';
import { own, visible } from '../lib/text.ts';
import type { BaselineVersionRow, DecisionChange } from '../lib/types.ts';
import { AcceptanceWords } from './acceptance-words.tsx';
import { FormDialog } from './form-dialog.tsx';
import { DataTable, ListFrame } from './list-frame.tsx';
import { Card, Empty, ErrorState, Loading, operationTitle, ScrollX, Select } from './parts.tsx';
import { ReasonField } from './reason-field.tsx';
import { Raw, Time } from './text.tsx';
import { toast } from './toasts.tsx';

function listName(list: string): string {
  return own(t.decisions.lists, list) ?? visible(list);
}

/** An entry of whatever list, in the few words that tell which one it is. */
function EntryWords({ list, entry }: { list: string; entry: Record<string, unknown> }) {
  if (list === 'accepted') {
    const acceptance = entry as unknown as Acceptance;
    return (
      <>
        <AcceptanceWords acceptance={acceptance} />
        <p class="cell-note faint">
          <Raw text={`${acceptance.by}: ${acceptance.reason}`} />
        </p>
      </>
    );
  }
  const text = (name: string) =>
    typeof entry[name] === 'string' || typeof entry[name] === 'number' ? String(entry[name]) : '';
  const protocol = text('protocol');
  const operations = Array.isArray(entry['operations']) ? (entry['operations'] as { operation?: unknown }[]) : [];
  const parts = [
    text('ip'),
    text('client') && `${text('client')} → ${text('server')}`,
    text('client') === '' ? text('server') : '',
    protocol && protocolName(protocol),
    text('operation') && operationTitle(text('operation')),
    text('address'),
    text('name'),
    operations.map(({ operation }) => operationTitle(String(operation))).join(', '),
  ].filter((part) => part !== '');
  return (
    <>
      <Raw text={parts.join(' · ')} />
      {text('verdict') !== '' && <> – {own(t.decisions.verdicts, text('verdict'))}</>}
      {(text('reason') !== '' || text('origin') !== '') && (
        <p class="cell-note faint">
          <Raw text={text('reason') === '' ? text('origin') : `${text('by')}: ${text('reason')}`} />
        </p>
      )}
    </>
  );
}

function Difference({ from, to }: { from: number; to: number }) {
  const { data, error, reload } = useResource<{ changes: DecisionChange[]; count: number }>(
    `/baseline/versions/${to}/diff${query({ from: String(from) })}`,
  );
  return (
    <Card title={t.decisions.difference(from, to)}>
      {!data && (error ? <ErrorState error={error} retry={reload} /> : <Loading rows={2} />)}
      {data && data.count === 0 && <p class="faint">{t.decisions.noDifference}</p>}
      {data && data.count > 0 && (
        <DataTable
          label={t.decisions.difference(from, to)}
          plain
          columns={[t.decisions.changes, t.decisions.entries, t.decisions.covers]}
        >
          {data.changes.map((change, index) => (
            <tr key={index}>
              <th scope="row">
                <span class={`badge ${change.change === 'removed' ? 'badge-medium' : ''}`}>
                  {own(t.decisions.change, change.change)}
                </span>
              </th>
              <td>{listName(change.list)}</td>
              <td>
                <EntryWords list={change.list} entry={change.entry} />
              </td>
            </tr>
          ))}
        </DataTable>
      )}
      {data && data.count > data.changes.length && (
        <p class="faint">{t.decisions.firstOf(data.changes.length, data.count)}</p>
      )}
    </Card>
  );
}

/** Every decision, what was different before it, and the way back. */
export function Versions({ onDecided }: { onDecided: () => void }) {
  const list = useList<BaselineVersionRow>('/baseline/versions', ['health']);
  const [restoring, setRestoring] = useState<BaselineVersionRow>();
  const [pair, setPair] = useState<{ from: string; to: string }>();
  const mayConfigure = useMayConfigure();
  const items = list.items ?? [];
  const [latest] = items;
  const shown = pair ?? { from: String(Math.max(0, (latest?.n ?? 1) - 1)), to: String(latest?.n ?? 0) };
  const options = [
    ...items.map(({ n }) => [String(n), formatCount(n)] as const),
    ['0', t.decisions.nothingDecided] as const,
  ];
  return (
    <div class="stack">
      <Card title={t.decisions.versionsTitle}>
        <p class="faint">{t.decisions.versionsText}</p>
        <ListFrame list={list} newHint={t.decisions.newHint} nothing={<Empty title={t.decisions.versionsNone} />}>
          <ScrollX label={t.decisions.versionsTitle}>
            <table class="table table-plain">
              <thead>
                <tr>
                  <th scope="col" class="numeric">
                    {t.decisions.version}
                  </th>
                  <th scope="col">{t.decisions.reason}</th>
                  <th scope="col">{t.decisions.by}</th>
                  <th scope="col">{t.decisions.entries}</th>
                  <td />
                </tr>
              </thead>
              <tbody>
                {items.map((version) => (
                  <tr key={version.id}>
                    <th scope="row" class="numeric">
                      {formatCount(version.n)}
                    </th>
                    <td>
                      <Raw text={version.reason} />
                    </td>
                    <td>
                      <Raw text={version.by} />
                      <p class="cell-note faint">
                        <Time iso={version.at} />
                      </p>
                    </td>
                    <td>
                      {Object.entries(version.entries)
                        .filter(([, count]) => count > 0)
                        .map(([name, count]) => `${formatCount(count)} ${listName(name)}`)
                        .join(', ') || t.decisions.none}
                    </td>
                    <td>
                      <span class="button-row">
                        <button
                          type="button"
                          class="button"
                          aria-label={`${t.decisions.changes}: ${t.decisions.version} ${version.n}`}
                          onClick={() => setPair({ from: String(Math.max(0, version.n - 1)), to: String(version.n) })}
                        >
                          {t.decisions.changes}
                        </button>
                        {mayConfigure && version.n !== latest?.n && (
                          <button
                            type="button"
                            class="button"
                            aria-label={`${t.decisions.restore}: ${t.decisions.version} ${version.n}`}
                            onClick={() => setRestoring(version)}
                          >
                            {t.decisions.restore}
                          </button>
                        )}
                      </span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollX>
        </ListFrame>
        {items.length > 0 && (
          <div class="toolbar">
            <Select
              label={t.decisions.compareFrom}
              value={shown.from}
              options={options}
              onChange={(from) => setPair({ ...shown, from })}
            />
            <Select
              label={t.decisions.compareWith}
              value={shown.to}
              options={options}
              onChange={(to) => setPair({ ...shown, to })}
            />
          </div>
        )}
      </Card>
      {items.length > 0 && (
        <Difference from={Number(shown.from)} to={Number(shown.to)} key={`${shown.from} ${shown.to}`} />
      )}
      {restoring && (
        <FormDialog
          title={t.decisions.restoreTitle(restoring.n)}
          text={t.decisions.restoreText}
          submit={t.decisions.restore}
          onClose={() => setRestoring(undefined)}
          send={async (form) => {
            const { version, reopened } = await post<{ version: number; reopened: number }>(
              `/baseline/versions/${restoring.n}/restore`,
              { reason: String(form.get('reason') ?? '').trim() },
            );
            toast(t.decisions.restored(version, reopened));
            setRestoring(undefined);
            setPair(undefined);
            list.reload();
            onDecided();
          }}
        >
          <ReasonField />
        </FormDialog>
      )}
    </div>
  );
}
