import { useEffect, useState } from 'preact/hooks';
import { Endpoint } from '../components/alert-list.tsx';
import { OperationSummary } from '../components/conversation-parts.tsx';
import { icons } from '../components/icons.tsx';
import { DataTable, Fetched, NoRows } from '../components/list-frame.tsx';
import { Card, errorText, Facts, PageHead } from '../components/parts.tsx';
import { Raw, Time } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { Progress, share, TriedAlert } from '../components/trial.tsx';
import { t } from '../i18n/index.ts';
import { ApiError, del, post, putBytes, query } from '../lib/api.ts';
import { formatBytes, formatCount, formatDuration, protocolName, roleName } from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import { to, useLocation } from '../lib/router.ts';
import { useMayDecide } from '../lib/session.ts';
import { encodeId, visible } from '../lib/text.ts';
import type { Workspace, WorkspaceDetail } from '../lib/types.ts';

/** Its devices are not those of the plant: no link leads to them. */
const NO_NAMES = {};
const PART = 4 * 1024 * 1024;
const LARGEST = 2 * 1024 ** 3;
const LOOK_AGAIN_MS = 1500;

const STATE_BADGE: Readonly<Record<string, string>> = {
  done: 'badge-good',
  failed: 'badge-critical',
  analysing: 'badge-medium',
};

async function upload(file: File, progress: (share: number) => void): Promise<void> {
  const { id } = await post<Workspace>('/workspaces', { name: file.name, size: file.size });
  for (let offset = 0; offset < file.size; offset += PART) {
    await putBytes(`/workspaces/${encodeId(id)}/part?offset=${offset}`, file.slice(offset, offset + PART));
    progress(Math.min(1, (offset + PART) / file.size));
  }
}

function Result({ id }: { id: string }) {
  const fetched = useResource<WorkspaceDetail>(`/workspaces/${encodeId(id)}`);
  return <Fetched from={fetched}>{(data) => <Found data={data} />}</Fetched>;
}

function Found({ data }: { data: WorkspaceDetail }) {
  const { summary, asset_names: names } = data;
  return (
    <div class="stack">
      <Card title={t.captures.open(visible(data.name))}>
        {data.error !== '' && (
          <p class="tone-medium">
            <Raw text={data.error} />
          </p>
        )}
        {summary && (
          <Facts
            wide
            facts={[
              { name: t.health.packets, value: formatCount(summary.packets) },
              { name: t.captures.span, value: formatDuration(summary.capture_seconds) },
              {
                name: t.captures.protocols,
                value:
                  Object.entries(summary.pdus)
                    .filter(([, count]) => count > 0)
                    .map(([protocol, count]) => `${visible(protocolName(protocol))} ${formatCount(count)}`)
                    .join(', ') || t.none,
              },
            ]}
          />
        )}
      </Card>
      <Card title={t.captures.alerts} aside={<span class="badge">{formatCount(data.alerts.length)}</span>}>
        {data.alerts.length === 0 ? (
          <p class="faint">{t.captures.nothingFound}</p>
        ) : (
          <ul class="alert-list capture-alerts">
            {data.alerts.map((alert) => (
              <li key={alert.id}>
                <TriedAlert alert={alert} names={NO_NAMES} />
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Card title={t.captures.devices} aside={<span class="badge">{formatCount(data.assets.length)}</span>}>
        <DataTable
          label={t.captures.devices}
          plain
          columns={[t.assets.colName, t.assets.colAddress, t.assets.colRole, t.assets.colVendorModel]}
        >
          {data.assets.map((asset) => (
            <tr key={asset.id}>
              <th scope="row">
                <Raw text={asset.name} />
              </th>
              <td>
                <Raw text={asset.ips[0] ?? asset.macs[0] ?? ''} mono />
              </td>
              <td>
                <Raw text={asset.roles.map(roleName).join(', ')} />
              </td>
              <td>
                <Raw text={[asset.vendor, asset.model].filter((one) => one !== undefined).join(' ')} />
              </td>
            </tr>
          ))}
        </DataTable>
      </Card>
      <Card
        title={t.captures.conversations}
        aside={<span class="badge">{formatCount(data.conversations.length)}</span>}
      >
        <DataTable
          label={t.captures.conversations}
          plain
          columns={[
            t.conversations.colClient,
            t.conversations.colServer,
            t.conversations.colProtocol,
            t.conversations.colOperations,
          ]}
        >
          {data.conversations.map((conversation) => (
            <tr key={conversation.id}>
              <td>
                <Endpoint ip={conversation.client_ip} asset={undefined} names={names} />
              </td>
              <td>
                <Endpoint ip={conversation.server_ip} asset={undefined} names={names} />
              </td>
              <td>{visible(protocolName(conversation.protocol))}</td>
              <td>
                <OperationSummary operations={conversation.operations} />
              </td>
            </tr>
          ))}
        </DataTable>
      </Card>
    </div>
  );
}

interface Upload {
  readonly key: symbol;
  readonly name: string;
  readonly share: number;
}

function DropZone({ onFile, uploads }: { onFile: (file: File) => void; uploads: readonly Upload[] }) {
  const [over, setOver] = useState(false);
  const take = (files: FileList | null | undefined) => {
    for (const file of files ?? []) onFile(file);
  };
  return (
    <section
      class={`drop ${over ? 'drop-over' : ''}`}
      aria-label={t.captures.drop}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      {icons.capture()}
      <p>
        <strong>{t.captures.drop}</strong>
      </p>
      <p class="faint">{t.captures.dropText}</p>
      <label class="button button-accent">
        {t.captures.choose}
        <input
          class="visually-hidden"
          type="file"
          multiple
          accept=".pcap,.pcapng,.cap,.gz"
          onChange={(event) => {
            take(event.currentTarget.files);
            event.currentTarget.value = '';
          }}
        />
      </label>
      <p class="hint">{t.ruleWork.captureLimits}</p>
      {uploads.map(({ name, share: done }, index) => (
        <p key={`${index} ${name}`} class="upload">
          <span>{t.captures.uploading(visible(name))}</span>
          <Progress done={done} of={1} label={t.captures.uploading(visible(name))} text={share(done, 1)} />
        </p>
      ))}
    </section>
  );
}

export function CapturesPage() {
  if (useMayDecide()) return <Captures />;
  return (
    <>
      <PageHead title={t.captures.title} documentTitle={t.captures.title} />
      <p class="page-intro">{t.captures.intro}</p>
      <div class="state">
        <p>{t.needsAnalyst}</p>
      </div>
    </>
  );
}

function Captures() {
  const fetched = useResource<{ items: Workspace[] }>('/workspaces');
  const { data, loading, reload } = fetched;
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const { params } = useLocation();
  const [chosen, setChosen] = useState<string | undefined>(params.get('open') ?? undefined);
  const isBusy = data?.items.some(({ state }) => state === 'waiting' || state === 'analysing') ?? false;
  useEffect(() => {
    // A new request ends the one before, so a slow answer must have come first.
    if (!isBusy || loading) return;
    const timer = setTimeout(reload, LOOK_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [isBusy, loading, reload]);
  const take = (file: File) => {
    if (file.size > LARGEST) {
      toast(t.captures.tooLarge, { bad: true });
      return;
    }
    const key = Symbol(file.name);
    const keep = (made: (all: readonly Upload[]) => readonly Upload[]) => setUploads(made);
    keep((all) => [...all, { key, name: file.name, share: 0 }]);
    upload(file, (share) => keep((all) => all.map((one) => (one.key === key ? { ...one, share } : one))))
      .catch((cause: unknown) => {
        const words = cause instanceof ApiError ? cause.message || errorText(cause) : t.errors.unreachable;
        toast(`${t.captures.failed} ${words}`, { bad: true });
      })
      .finally(() => {
        keep((all) => all.filter((one) => one.key !== key));
        reload();
      });
  };
  const shown = data?.items.find(({ id, state }) => id === chosen && state === 'done');
  return (
    <>
      <PageHead title={t.captures.title} documentTitle={t.captures.title} />
      <p class="page-intro">{t.captures.intro}</p>
      <DropZone onFile={take} uploads={uploads} />
      <Fetched from={fetched}>
        {({ items }) =>
          items.length === 0 ? (
            <NoRows text={t.captures.none} />
          ) : (
            <DataTable
              label={t.captures.title}
              columns={[
                t.captures.colName,
                { text: t.captures.colSize, numeric: true },
                t.captures.colState,
                t.captures.colOwner,
                t.captures.colWhen,
                { text: t.admin.actions, unseen: true },
              ]}
            >
              {items.map((one) => (
                <tr key={one.id}>
                  <th scope="row">
                    {one.state === 'done' ? (
                      <button
                        type="button"
                        class="link"
                        aria-expanded={chosen === one.id}
                        onClick={() => setChosen(one.id)}
                      >
                        <Raw text={one.name} />
                      </button>
                    ) : (
                      <Raw text={one.name} />
                    )}
                  </th>
                  <td class="numeric">{formatBytes(one.size)}</td>
                  <td>
                    <span class={`badge ${STATE_BADGE[one.state] ?? ''}`}>{t.captures.states[one.state]}</span>
                    {one.state === 'waiting' && one.place > 0 && (
                      <span class="cell-sub">{t.ruleWork.capturePlace(one.place)}</span>
                    )}
                    {one.state === 'analysing' && (
                      <Progress
                        done={one.read}
                        of={one.size}
                        label={`${t.captures.states[one.state]}: ${visible(one.name)}`}
                        text={t.ruleWork.captureProgress(share(one.read, one.size), formatCount(one.packets))}
                      />
                    )}
                    {one.error !== '' && (
                      <span class="cell-sub tone-medium">
                        <Raw text={one.error} />
                      </span>
                    )}
                  </td>
                  <td>
                    <Raw text={one.owner} />
                  </td>
                  <td class="cell-time">
                    <Time iso={one.created} />
                  </td>
                  <td class="cell-actions">
                    {(one.state === 'waiting' || one.state === 'analysing') && (
                      <button
                        type="button"
                        class="button"
                        onClick={() => {
                          post(`/workspaces/${encodeId(one.id)}/cancel`)
                            .catch(() => toast(t.triage.failed, { bad: true }))
                            .finally(reload);
                        }}
                      >
                        {t.ruleWork.captureCancel}
                      </button>
                    )}
                    {one.state === 'done' && (
                      <a class="button" href={to.newRule(query({ capture: one.id }))}>
                        {t.ruleWork.captureTry}
                      </a>
                    )}
                    <button
                      type="button"
                      class="button"
                      onClick={() => {
                        del(`/workspaces/${encodeId(one.id)}`)
                          .then(() => toast(t.captures.removed))
                          .catch(() => toast(t.triage.failed, { bad: true }))
                          .finally(reload);
                      }}
                    >
                      {t.captures.remove}
                    </button>
                  </td>
                </tr>
              ))}
            </DataTable>
          )
        }
      </Fetched>
      {shown && <Result id={shown.id} key={shown.id} />}
    </>
  );
}
