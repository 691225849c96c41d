import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { post } from '../lib/api.ts';
import { protocolName } from '../lib/format.ts';
import { useList } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { useMayDecide } from '../lib/session.ts';
import { own, visible } from '../lib/text.ts';
import type { AssetNames, ShownProposal } from '../lib/types.ts';
import { FormDialog } from './form-dialog.tsx';
import { ListFrame } from './list-frame.tsx';
import { Card, Empty, OperationChip, operationTitle, ScrollX } from './parts.tsx';
import { ReasonField } from './reason-field.tsx';
import { Raw, Time } from './text.tsx';
import { toast } from './toasts.tsx';

const TARGETS_SHOWN = 4;
/** As many as one request may decide. */
const MOST_AT_ONCE = 500;

type Verdict = 'confirmed' | 'rejected';

function titleOf({ operation }: ShownProposal): string {
  return operation === undefined ? t.decisions.conversation : operationTitle(operation);
}

function Party({ id, ip, names }: { id: string; ip: string; names: AssetNames }) {
  const name = own(names, id)?.name;
  return name === undefined ? (
    <Raw text={ip} mono />
  ) : (
    <>
      <a href={to.asset(id)}>
        <Raw text={name} />
      </a>
      {name !== ip && (
        <>
          {' '}
          <span class="faint">
            <Raw text={ip} mono />
          </span>
        </>
      )}
    </>
  );
}

function Row({
  proposal,
  names,
  chosen,
  choose,
}: {
  proposal: ShownProposal;
  names: AssetNames;
  chosen: boolean;
  choose: ((on: boolean) => void) | undefined;
}) {
  const targets = proposal.targets ?? [];
  return (
    <tr>
      {choose && (
        <td>
          <input
            type="checkbox"
            checked={chosen}
            aria-label={t.decisions.select(`${titleOf(proposal)}, ${proposal.client} → ${proposal.server}`)}
            onChange={(event) => choose(event.currentTarget.checked)}
          />
        </td>
      )}
      <th scope="row">
        {proposal.class === undefined ? (
          titleOf(proposal)
        ) : (
          <OperationChip operationClass={proposal.class} text={titleOf(proposal)} />
        )}
        <p class="cell-note faint">{own(t.decisions.proposalWhy, proposal.kind) ?? ''}</p>
      </th>
      <td>
        <Party id={proposal.client_asset} ip={proposal.client} names={names} /> →{' '}
        <Party id={proposal.server_asset} ip={proposal.server} names={names} />
        <p class="cell-note faint">
          <Raw text={protocolName(proposal.protocol)} />
          {targets.length > 0 && (
            <>
              {': '}
              <Raw text={targets.slice(0, TARGETS_SHOWN).join(', ')} />
              {targets.length > TARGETS_SHOWN && ` ${t.decisions.more(targets.length - TARGETS_SHOWN)}`}
            </>
          )}
        </p>
      </td>
      <td class="cell-time">
        {proposal.count !== undefined && <>{t.decisions.times(proposal.count)} · </>}
        <Time iso={proposal.last_seen} />
      </td>
    </tr>
  );
}

/** What was seen and waits for a person's word, to be decided one by one or many at once. */
export function Proposals({ onDecided }: { onDecided: () => void }) {
  const list = useList<ShownProposal>('/baseline/proposals', ['conversations', 'baseline']);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<Verdict>();
  const mayDecide = useMayDecide();
  const items = list.items ?? [];
  const shown = items.filter(({ id }) => chosen.has(id)).slice(0, MOST_AT_ONCE);
  const choose = (id: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  return (
    <Card title={t.decisions.proposalsTitle}>
      <p class="faint">{t.decisions.proposalsText}</p>
      <ListFrame list={list} newHint={t.decisions.newHint} nothing={<Empty title={t.decisions.proposalsNone} />}>
        {mayDecide && (
          <div class="toolbar" role="toolbar" aria-label={t.decisions.proposalsTitle}>
            <label class="check">
              <input
                type="checkbox"
                checked={shown.length > 0 && shown.length === Math.min(items.length, MOST_AT_ONCE)}
                onChange={(event) => setChosen(new Set(event.currentTarget.checked ? items.map(({ id }) => id) : []))}
              />
              {t.decisions.selectAll}
            </label>
            <span class="faint" role="status">
              {t.decisions.selected(shown.length)}
            </span>
            <button
              type="button"
              class="button button-accent"
              disabled={shown.length === 0}
              onClick={() => setAsking('confirmed')}
            >
              {t.decisions.confirm}
            </button>
            <button type="button" class="button" disabled={shown.length === 0} onClick={() => setAsking('rejected')}>
              {t.decisions.reject}
            </button>
          </div>
        )}
        <ScrollX label={t.decisions.proposalsTitle}>
          <table class="table table-plain">
            <thead>
              <tr>
                {mayDecide && <td />}
                <th scope="col">{t.decisions.proposalWhat}</th>
                <th scope="col">{t.decisions.proposalWho}</th>
                <th scope="col">{t.decisions.proposalSeen}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((proposal) => (
                <Row
                  key={proposal.id}
                  proposal={proposal}
                  names={list.names}
                  chosen={chosen.has(proposal.id)}
                  choose={mayDecide ? (on) => choose(proposal.id, on) : undefined}
                />
              ))}
            </tbody>
          </table>
        </ScrollX>
      </ListFrame>
      {asking && (
        <FormDialog
          title={
            asking === 'confirmed' ? t.decisions.confirmTitle(shown.length) : t.decisions.rejectTitle(shown.length)
          }
          text={asking === 'confirmed' ? t.decisions.confirmText : t.decisions.rejectText}
          submit={asking === 'confirmed' ? t.decisions.confirm : t.decisions.reject}
          onClose={() => setAsking(undefined)}
          send={async (form) => {
            const { done, version } = await post<{ done: number; version: number }>('/baseline/proposals', {
              ids: shown.map(({ id }) => id),
              verdict: asking,
              reason: String(form.get('reason') ?? '').trim(),
            });
            toast(t.decisions.decided(done, version));
            setAsking(undefined);
            setChosen(new Set());
            list.reload();
            onDecided();
          }}
        >
          <ul class="points">
            {shown.slice(0, TARGETS_SHOWN).map((one) => (
              <li key={one.id}>
                {titleOf(one)}: {visible(own(list.names, one.client_asset)?.name ?? one.client)} →{' '}
                {visible(own(list.names, one.server_asset)?.name ?? one.server)}
              </li>
            ))}
            {shown.length > TARGETS_SHOWN && <li>{t.decisions.more(shown.length - TARGETS_SHOWN)}</li>}
          </ul>
          <ReasonField />
        </FormDialog>
      )}
    </Card>
  );
}
