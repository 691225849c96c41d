import { useState } from 'preact/hooks';
import type { Asset, Conversation, ConversationOperation, Evidence, Unit } from '../../../sensor/model/records.ts';
import { AlertList } from '../components/alert-list.tsx';
import { AssetDialog } from '../components/asset-dialog.tsx';
import { BaselineBadge, OperationSummary, OperationTable } from '../components/conversation-parts.tsx';
import { icons } from '../components/icons.tsx';
import { MergeDialog, MergedParts } from '../components/merge-dialog.tsx';
import { Card, ErrorState, errorText, Facts, Loading, PageHead, ScrollX } from '../components/parts.tsx';
import { NotKnown, Raw, Said, Time } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { Writers } from '../components/writers.tsx';
import { t } from '../i18n/index.ts';
import { ApiError, post, query } from '../lib/api.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  protocolName,
  roleName,
  sourceName,
} from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { useMayDecide } from '../lib/session.ts';
import { encodeId, own, visible } from '../lib/text.ts';
import type { AssetDetail, AssetNames, AssetSettings } from '../lib/types.ts';
import { AddressLines, ApprovedBadge, VendorModel } from './assets.tsx';

interface EvidenceGroup {
  field: Evidence['field'];
  evidence: Evidence[];
  disagree: boolean;
}

/** What may have several values at once without anybody contradicting anybody. */
const MANY_VALUED: ReadonlySet<string> = new Set(['ip', 'mac', 'role', 'description', 'software']);

function groupByField(evidence: readonly Evidence[]): EvidenceGroup[] {
  const groups = new Map<Evidence['field'], Evidence[]>();
  for (const one of evidence) groups.set(one.field, [...(groups.get(one.field) ?? []), one]);
  return [...groups].map(([field, all]) => ({
    field,
    evidence: all.sort((a, b) => b.confidence - a.confidence),
    disagree: !MANY_VALUED.has(field) && new Set(all.map((one) => one.value)).size > 1,
  }));
}

function EvidenceTable({ evidence }: { evidence: readonly Evidence[] }) {
  if (evidence.length === 0) return <p class="faint">{t.asset.noEvidence}</p>;
  return (
    <table class="table table-plain table-evidence">
      <thead>
        <tr>
          <th scope="col">{t.asset.field}</th>
          <th scope="col">{t.asset.value}</th>
          <th scope="col">{t.asset.source}</th>
          <th scope="col" class="numeric">
            {t.asset.confidence}
          </th>
          <th scope="col" class="numeric">
            {t.asset.evidencePacket}
          </th>
          <th scope="col">{t.asset.lastSeen}</th>
        </tr>
      </thead>
      <tbody>
        {groupByField(evidence).map((group) =>
          group.evidence.map((one, index) => (
            <tr key={`${group.field} ${one.value} ${one.source}`} class={index > 0 ? 'same-field' : undefined}>
              <th scope="row">
                {index === 0 && t.identityField[group.field]}
                {index === 0 && group.disagree && <span class="badge badge-medium">{t.asset.contradiction}</span>}
              </th>
              <td class={index === 0 ? 'strong' : ''}>
                <Raw text={group.field === 'role' ? roleName(one.value) : one.value} />
              </td>
              <td>
                {one.source === 'person' ? (
                  <Raw text={one.by === undefined ? t.decisions.saidByPerson : t.decisions.saidBy(one.by)} />
                ) : (
                  <Raw text={sourceName(one.source)} />
                )}
                {one.reason !== undefined && (
                  <span class="cell-note">
                    <Said text={one.reason} />
                  </span>
                )}
              </td>
              <td class="numeric">{formatPercent(one.confidence)}</td>
              <td class="numeric">{one.source === 'person' ? '–' : formatCount(one.pcap_cnt)}</td>
              <td class="cell-time">
                <Time iso={one.last_seen} />
              </td>
            </tr>
          )),
        )}
      </tbody>
    </table>
  );
}

function Units({ units }: { units: readonly Unit[] }) {
  return (
    <table class="table table-plain">
      <thead>
        <tr>
          <th scope="col">{t.asset.unit}</th>
          <th scope="col">{t.assets.colVendorModel}</th>
          <th scope="col">{t.identityField.order_number}</th>
          <th scope="col">{t.assets.colFirmware}</th>
          <th scope="col">{t.identityField.serial}</th>
          <th scope="col">{t.asset.lastSeen}</th>
        </tr>
      </thead>
      <tbody>
        {units.map((unit) => (
          <tr key={unit.unit}>
            <th scope="row">
              <Raw text={unit.unit} />
            </th>
            <td>
              <VendorModel asset={unit} />
            </td>
            <td>{unit.order_number === undefined ? <NotKnown /> : <Raw text={unit.order_number} mono />}</td>
            <td>{unit.firmware === undefined ? <NotKnown /> : <Raw text={unit.firmware} mono />}</td>
            <td>{unit.serial === undefined ? <NotKnown /> : <Raw text={unit.serial} mono />}</td>
            <td class="cell-time">
              <Time iso={unit.last_seen} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Talk({ conversation, asset, names }: { conversation: Conversation; asset: Asset; names: AssetNames }) {
  const [open, setOpen] = useState(false);
  const isServer = conversation.server === asset.id;
  const peerIp = isServer ? conversation.client_ip : conversation.server_ip;
  const peer = isServer ? conversation.client : conversation.server;
  const peerName = own(names, peer)?.name ?? peerIp;
  const detailsId = `talk-${conversation.id}`;
  return (
    <li class="talk">
      <div class="talk-head">
        <button
          type="button"
          class="button button-quiet button-icon"
          aria-expanded={open}
          aria-controls={detailsId}
          aria-label={`${open ? t.conversations.hide : t.conversations.show}: ${visible(peerName)}`}
          onClick={() => setOpen(!open)}
        >
          {open ? icons.down() : icons.forward()}
        </button>
        <span class="talk-peer">
          <a href={to.asset(peer)}>
            <Raw text={peerName} />
          </a>
          <span class="cell-sub">
            {peerName !== peerIp && <Raw text={peerIp} mono />}
            <span>{isServer ? t.asset.asServer : t.asset.asClient}</span>
          </span>
        </span>
        <span class="talk-protocol">
          <Raw text={protocolName(conversation.protocol)} />
          <span class="cell-sub">
            {conversation.server_port > 0 && <span>{t.asset.ports(String(conversation.server_port))}</span>}
            {conversation.period_seconds !== undefined && (
              <span>{t.conversations.every(formatDuration(conversation.period_seconds))}</span>
            )}
          </span>
        </span>
        <span class="talk-operations">
          <OperationSummary operations={conversation.operations} />
        </span>
        <span class="talk-time faint">
          <Time iso={conversation.last_seen} />
          <span class="cell-sub">{formatBytes(conversation.bytes)}</span>
        </span>
        <BaselineBadge known={conversation.in_baseline} />
      </div>
      {open && (
        <div class="talk-details" id={detailsId}>
          <OperationTable conversation={conversation} />
        </div>
      )}
    </li>
  );
}

/** Who acts on the device, or only reads it: the first question after an incident. */
function Actors({
  conversations,
  asset,
  names,
  acts,
  none,
}: {
  acts: (operation: ConversationOperation) => boolean;
  none: string;
  conversations: readonly Conversation[];
  asset: Asset;
  names: AssetNames;
}) {
  const acting = conversations
    .filter((conversation) => conversation.server === asset.id)
    .map((conversation) => ({
      conversation,
      operations: conversation.operations.filter(acts),
    }))
    .filter(({ operations }) => operations.length > 0);
  if (acting.length === 0) return <p class="faint">{none}</p>;
  return (
    <ul class="writers">
      {acting.map(({ conversation, operations }) => (
        <li key={conversation.id}>
          <a href={to.asset(conversation.client)}>
            <Raw text={own(names, conversation.client)?.name ?? conversation.client_ip} />
          </a>
          <OperationSummary operations={operations} />
          <span class="faint">
            <Time iso={operations.reduce((last, one) => (one.last_seen > last ? one.last_seen : last), '')} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Where a person's word stands above what was found. */
function SaidBy({ settings, field }: { settings: AssetSettings; field: string }) {
  if (!Object.hasOwn(settings, field)) return null;
  const by = own(settings.said ?? {}, field)?.by;
  return (
    <span class="faint">
      <Raw text={by === undefined ? t.decisions.saidByPerson : t.decisions.saidBy(by)} />
    </span>
  );
}

function AssetView({
  detail,
  set,
  reload,
}: {
  detail: AssetDetail;
  set: (detail: AssetDetail) => void;
  reload: () => void;
}) {
  const asset = detail;
  const conversations = detail.conversations.items;
  const alerts = detail.alerts.items;
  const mayDecide = useMayDecide();
  const [editing, setEditing] = useState(false);
  const [merging, setMerging] = useState(false);
  const saidBy = (field: string) => <SaidBy settings={detail.settings} field={field} />;
  const changes = asset.changes ?? [];
  const approve = (approved: boolean) => {
    post(`/assets/${encodeId(asset.id)}/approve`, { approved })
      .then(() => {
        set({ ...detail, approved });
        toast(approved ? t.asset.approvedToast : t.asset.unapprovedToast);
      })
      .catch((cause: unknown) => {
        const why = cause instanceof ApiError ? errorText(cause) : t.errors.other;
        toast(`${t.asset.failedToast} ${why}`, { bad: true });
      });
  };
  return (
    <>
      <PageHead
        documentTitle={asset.name}
        title={
          <>
            <span class="alert-head-meta">
              <span class="faint">
                <Raw text={asset.roles.map(roleName).join(', ') || t.unknown} />
              </span>
              <ApprovedBadge approved={asset.approved} />
            </span>
            <Raw text={asset.name} />
          </>
        }
      >
        <div class="page-actions">
          {!mayDecide && <span class="faint page-hint">{t.needsAnalyst}</span>}
          <a class="button" href={`${to.variables}${query({ asset: asset.id })}`}>
            {t.assetEdit.variables}
          </a>
          <button type="button" class="button" onClick={() => setEditing(true)} disabled={!mayDecide}>
            {t.assetEdit.edit}
          </button>
          <button type="button" class="button" onClick={() => setMerging(true)} disabled={!mayDecide}>
            {t.decisions.merge}
          </button>
          <button
            type="button"
            class={asset.approved ? 'button' : 'button button-accent'}
            onClick={() => approve(!asset.approved)}
            disabled={!mayDecide}
            title={asset.approved ? t.asset.approvedText : t.asset.notApprovedText}
          >
            {asset.approved ? t.asset.unapprove : t.asset.approve}
          </button>
        </div>
      </PageHead>
      {merging && <MergeDialog asset={asset} onClose={() => setMerging(false)} />}
      {editing && (
        <AssetDialog
          asset={asset}
          settings={detail.settings}
          onClose={() => setEditing(false)}
          onDone={() => {
            setEditing(false);
            reload();
          }}
        />
      )}
      <div class="alert-grid">
        <div class="alert-main">
          <Card title={t.asset.talks} aside={<a href={to.conversations(query({ asset: asset.id }))}>{t.showAll}</a>}>
            {conversations.length === 0 ? (
              <p class="faint">{t.asset.talksEmpty}</p>
            ) : (
              <ul class="talks">
                {conversations.map((conversation) => (
                  <Talk conversation={conversation} asset={asset} names={detail.asset_names} key={conversation.id} />
                ))}
              </ul>
            )}
          </Card>
          <Card
            title={t.asset.alerts}
            aside={<a href={to.alerts(query({ status: 'all', asset: asset.id }))}>{t.showAll}</a>}
          >
            {alerts.length === 0 ? (
              <p class="faint card-empty">{t.asset.alertsEmpty}</p>
            ) : (
              <AlertList alerts={alerts} names={detail.asset_names} showStatus />
            )}
          </Card>
          <Card title={t.asset.identity}>
            <ScrollX label={t.asset.identity}>
              <EvidenceTable evidence={asset.evidence} />
            </ScrollX>
          </Card>
          {changes.length > 0 && (
            <Card title={t.assetEdit.history}>
              <ol class="history">
                {[...changes].reverse().map((change) => (
                  <li key={`${change.timestamp} ${change.field} ${change.to}`}>
                    <p>
                      <strong>{own(t.identityField, change.field) ?? visible(change.field)}</strong>{' '}
                      <Raw text={change.from ?? '–'} /> → <Raw text={change.to} />{' '}
                      <span class="faint">
                        <Time iso={change.timestamp} />
                      </span>
                    </p>
                  </li>
                ))}
              </ol>
            </Card>
          )}
          {asset.units.length > 0 && (
            <Card title={t.asset.units}>
              <ScrollX label={t.asset.units}>
                <Units units={asset.units} />
              </ScrollX>
              {asset.units.map(
                (unit) =>
                  unit.evidence.length > 0 && (
                    <details class="raw" key={unit.unit} open={asset.units.length === 1}>
                      <summary>{t.asset.unitEvidence(visible(unit.unit))}</summary>
                      <ScrollX label={t.asset.unitEvidence(visible(unit.unit))}>
                        <EvidenceTable evidence={unit.evidence} />
                      </ScrollX>
                    </details>
                  ),
              )}
            </Card>
          )}
        </div>
        <div class="alert-side">
          <Card title={t.asset.facts} class="order-1">
            <Facts
              facts={[
                {
                  name: t.assets.colVendorModel,
                  value: (
                    <>
                      <VendorModel asset={asset} /> {saidBy('vendor')} {saidBy('model')}
                    </>
                  ),
                },
                asset.order_number !== undefined && {
                  name: t.identityField.order_number,
                  value: (
                    <>
                      <Raw text={asset.order_number} mono /> {saidBy('order_number')}
                    </>
                  ),
                },
                {
                  name: t.identityField.firmware,
                  value:
                    asset.firmware === undefined ? (
                      <NotKnown />
                    ) : (
                      <>
                        <Raw text={asset.firmware} mono /> {saidBy('firmware')}
                      </>
                    ),
                },
                asset.serial !== undefined && {
                  name: t.identityField.serial,
                  value: (
                    <>
                      <Raw text={asset.serial} mono /> {saidBy('serial')}
                    </>
                  ),
                },
                asset.hostname !== undefined && {
                  name: t.identityField.hostname,
                  value: <Raw text={asset.hostname} />,
                },
                asset.os !== undefined && { name: t.identityField.os, value: <Raw text={asset.os} /> },
                {
                  name: t.asset.addresses,
                  value: asset.ips.length === 0 ? <NotKnown /> : <AddressLines addresses={asset.ips} />,
                },
                {
                  name: t.asset.macs,
                  value: asset.macs.length === 0 ? <NotKnown /> : <AddressLines addresses={asset.macs} />,
                },
                {
                  name: t.asset.protocols,
                  value:
                    asset.protocols.length === 0 ? (
                      <NotKnown />
                    ) : (
                      <ul class="plain-list">
                        {asset.protocols.map((protocol) => (
                          <li key={`${protocol.name} ${protocol.as}`}>
                            {protocolName(protocol.name)}{' '}
                            <span class="faint">
                              {protocol.as === 'client' ? t.assets.client : t.assets.server}
                              {protocol.ports.length > 0 && `, ${t.asset.ports(protocol.ports.slice(0, 8).join(', '))}`}
                            </span>
                          </li>
                        ))}
                      </ul>
                    ),
                },
                asset.purdue_level !== null && {
                  name: t.asset.purdue,
                  value: (
                    <>
                      {String(asset.purdue_level)} {saidBy('purdue_level')}
                    </>
                  ),
                },
                asset.zone !== null && {
                  name: t.asset.zone,
                  value: (
                    <>
                      <Raw text={asset.zone} /> {saidBy('zone')}
                      {asset.zone_inferred === true && <span class="faint">{t.asset.inferred}</span>}
                    </>
                  ),
                },
                {
                  name: t.asset.criticality,
                  value: (
                    <>
                      {t.asset.criticalities[asset.criticality]} {saidBy('criticality')}
                    </>
                  ),
                },
                { name: t.asset.inBaseline, value: asset.in_baseline ? t.yes : t.no },
                { name: t.asset.firstSeen, value: <Time iso={asset.first_seen} /> },
                { name: t.asset.lastSeen, value: <Time iso={asset.last_seen} /> },
                { name: t.asset.packets, value: formatCount(asset.packets) },
              ]}
            />
          </Card>
          <Card title={t.asset.writers}>
            <Writers asset={asset} />
          </Card>
          <MergedParts asset={asset} reload={reload} />
          <Card title={t.assetEdit.alsoReads}>
            <Actors
              conversations={conversations}
              asset={asset}
              names={detail.asset_names}
              acts={(operation) => operation.class === 'read'}
              none={t.assetEdit.readersNone}
            />
          </Card>
        </div>
      </div>
    </>
  );
}

export function AssetPage({ id }: { id: string }) {
  const { data, error, reload, set } = useResource<AssetDetail>(`/assets/${encodeId(id)}`, [
    'assets',
    'conversations',
    'alerts',
  ]);
  return (
    <>
      <a class="back" href={to.assets()}>
        {icons.back()}
        {t.asset.back}
      </a>
      {data ? (
        <AssetView detail={data} set={set} reload={reload} />
      ) : (
        <>
          <PageHead title={t.nav.assets} documentTitle={t.nav.assets} />
          {error ? <ErrorState error={error} retry={reload} /> : <Loading />}
        </>
      )}
    </>
  );
}
