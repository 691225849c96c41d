import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import type { Conversation } from '../../../sensor/model/records.ts';
import { Endpoint } from '../components/alert-list.tsx';
import { BaselineBadge, OperationSummary, OperationTable } from '../components/conversation-parts.tsx';
import { icons } from '../components/icons.tsx';
import { ListFrame, NothingThere, TableHead } from '../components/list-frame.tsx';
import { FilterChip, PageHead, Select } from '../components/parts.tsx';
import { Raw, Time } from '../components/text.tsx';
import { t } from '../i18n/index.ts';
import { query } from '../lib/api.ts';
import { useFilters } from '../lib/filters.ts';
import { formatBytes, formatCompact, formatDuration, protocolName } from '../lib/format.ts';
import { useList } from '../lib/resource.ts';
import { visible } from '../lib/text.ts';
import type { AssetNames } from '../lib/types.ts';

function Row({ conversation, names }: { conversation: Conversation; names: AssetNames }) {
  const [open, setOpen] = useState(false);
  const detailsId = `operations-${conversation.id}`;
  return (
    <Fragment>
      <tr class="row">
        <td class="cell-expand">
          <button
            type="button"
            class="button button-quiet button-icon"
            aria-expanded={open}
            aria-controls={detailsId}
            aria-label={open ? t.conversations.hide : t.conversations.show}
            onClick={() => setOpen(!open)}
          >
            {open ? icons.down() : icons.forward()}
          </button>
        </td>
        <td class="cell-main" data-label={t.conversations.colClient}>
          <Endpoint ip={conversation.client_ip} asset={conversation.client} names={names} />
        </td>
        <td class="cell-to" data-label={t.conversations.colServer}>
          <Endpoint ip={conversation.server_ip} asset={conversation.server} names={names} />
        </td>
        <td class="cell-protocol" data-label={t.conversations.colProtocol}>
          <Raw text={protocolName(conversation.protocol)} />
          <span class="cell-sub">
            {conversation.transport.toUpperCase()}
            {conversation.server_port > 0 && ` ${conversation.server_port}`}
          </span>
        </td>
        <td class="cell-protocols" data-label={t.conversations.colOperations}>
          <OperationSummary operations={conversation.operations} />
        </td>
        <td class="numeric" data-label={t.conversations.colTraffic}>
          {formatBytes(conversation.bytes)}{' '}
          <span class="faint cell-packets">{t.conversations.packets(formatCompact(conversation.packets))}</span>
        </td>
        <td class="cell-period" data-label={t.conversations.colPeriod}>
          {conversation.period_seconds === undefined ? (
            <span class="faint">–</span>
          ) : (
            t.conversations.every(formatDuration(conversation.period_seconds))
          )}
        </td>
        <td class="cell-time" data-label={t.conversations.colLast}>
          <Time iso={conversation.last_seen} />
        </td>
        <td data-label={t.conversations.colBaseline}>
          <BaselineBadge known={conversation.in_baseline} />
        </td>
      </tr>
      {open && (
        <tr class="row-details" id={detailsId}>
          <td colSpan={9}>
            <OperationTable conversation={conversation} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

export function ConversationsPage() {
  const filters = useFilters();
  const protocol = filters.get('protocol');
  const asset = filters.get('asset');
  const list = useList<Conversation>(`/conversations${query({ protocol, asset })}`, ['conversations']);
  const items = list.items ?? [];
  const protocols = [...new Set([protocol, ...Object.keys(t.protocol), ...items.map((item) => item.protocol)])].filter(
    (one) => one !== '' && one !== 'anomaly',
  );
  const filtered = protocol !== '' || asset !== '';
  return (
    <>
      <PageHead title={t.conversations.title} documentTitle={t.conversations.title}>
        <span class="page-count">{list.items && t.conversations.count(items.length, list.hasMore)}</span>
      </PageHead>
      <div class="toolbar">
        <Select
          label={t.conversations.protocol}
          value={protocol}
          options={[['', t.any], ...protocols.map((one) => [one, visible(protocolName(one))] as const)]}
          onChange={(value) => filters.set('protocol', value)}
        />
        {asset !== '' && (
          <FilterChip text={t.conversations.asset(visible(asset))} remove={() => filters.set('asset', '')} />
        )}
      </div>
      <ListFrame
        list={list}
        newHint={t.conversations.newHint}
        nothing={<NothingThere words={t.conversations} filtered={filtered} clear={filters.clear} />}
      >
        <div class="table-box">
          <table class="table table-conversations">
            <TableHead
              columns={[
                { text: t.conversations.details, unseen: true },
                t.conversations.colClient,
                t.conversations.colServer,
                t.conversations.colProtocol,
                t.conversations.colOperations,
                { text: t.conversations.colTraffic, numeric: true },
                t.conversations.colPeriod,
                t.conversations.colLast,
                t.conversations.colBaseline,
              ]}
            />
            <tbody>
              {items.map((conversation) => (
                <Row conversation={conversation} names={list.names} key={conversation.id} />
              ))}
            </tbody>
          </table>
        </div>
      </ListFrame>
    </>
  );
}
