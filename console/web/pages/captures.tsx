import { useEffect, useState } from 'preact/hooks';
import { Endpoint } from '../components/alert-list.tsx';
import { OperationSummary } from '../components/conversation-parts.tsx';
import { icons } from '../components/icons.tsx';
import { Card, ErrorState, errorText, Facts, Loading, PageHead, ScrollX, SeverityLabel } from '../components/parts.tsx';
import { Raw, Said, Time } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { t } from '../i18n/index.ts';
import { ApiError, del, post, putBytes } from '../lib/api.ts';
import { formatBytes, formatCount, formatDuration, protocolName, roleName } from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import { encodeId, visible } from '../lib/text.ts';
import type { Workspace, WorkspaceDetail } from '../lib/types.ts';

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
  const { data, error, reload } = useResource<WorkspaceDetail>(`/workspaces/${encodeId(id)}`);
  if (!data) return error ? <ErrorState error={error} retry={reload} /> : <Loading />;
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
                <details>
                  <summary>
                    <SeverityLabel severity={alert.severity} /> <Said text={alert.title} />{' '}
                    <span class="faint">
                      <Raw text={`${alert.src_ip ?? '–'} → ${alert.dest_ip ?? '–'}`} mono />
                      {alert.count > 1 && ` ${t.alerts.times(alert.count)}`}
                    </span>
                  </summary>
                  <p>
                    <Said text={alert.description} />
                  </p>
                  <p class="faint">
                    <Said text={alert.recommendation} />
                  </p>
                </details>
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Card title={t.captures.devices} aside={<span class="badge">{formatCount(data.assets.length)}</span>}>
        <ScrollX label={t.captures.devices}>
          <table class="table table-plain">
            <thead>
              <tr>
                <th scope="col">{t.assets.colName}</th>
                <th scope="col">{t.assets.colAddress}</th>
                <th scope="col">{t.assets.colRole}</th>
                <th scope="col">{t.assets.colVendorModel}</th>
              </tr>
            </thead>
            <tbody>
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
            </tbody>
          </table>
        </ScrollX>
      </Card>
      <Card
        title={t.captures.conversations}
        aside={<span class="badge">{formatCount(data.conversations.length)}</span>}
      >
        <ScrollX label={t.captures.conversations}>
          <table class="table table-plain">
            <thead>
              <tr>
                <th scope="col">{t.conversations.colClient}</th>
                <th scope="col">{t.conversations.colServer}</th>
                <th scope="col">{t.conversations.colProtocol}</th>
                <th scope="col">{t.conversations.colOperations}</th>
              </tr>
            </thead>
            <tbody>
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
            </tbody>
          </table>
        </ScrollX>
      </Card>
    </div>
  );
}

function DropZone({
  onFile,
  uploading,
}: {
  onFile: (file: File) => void;
  uploading: { name: string; share: number } | undefined;
}) {
  const [over, setOver] = useState(false);
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file) onFile(file);
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
      {uploading ? (
        <>
          <p>{t.captures.uploading(visible(uploading.name))}</p>
          <progress value={uploading.share} max={1} aria-label={t.captures.uploading(visible(uploading.name))} />
        </>
      ) : (
        <>
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
              accept=".pcap,.pcapng,.cap,.gz"
              onChange={(event) => {
                take(event.currentTarget.files);
                event.currentTarget.value = '';
              }}
            />
          </label>
        </>
      )}
    </section>
  );
}

export function CapturesPage() {
  const { data, error, reload } = useResource<{ items: Workspace[] }>('/workspaces');
  const [uploading, setUploading] = useState<{ name: string; share: number }>();
  const [chosen, setChosen] = useState<string>();
  const isBusy = data?.items.some(({ state }) => state === 'waiting' || state === 'analysing') ?? false;
  useEffect(() => {
    if (!isBusy) return;
    const timer = setInterval(reload, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isBusy, reload]);
  const take = (file: File) => {
    if (file.size > LARGEST) {
      toast(t.captures.tooLarge, { bad: true });
      return;
    }
    setUploading({ name: file.name, share: 0 });
    upload(file, (share) => setUploading({ name: file.name, share }))
      .catch((cause: unknown) => {
        const words = cause instanceof ApiError ? cause.message || errorText(cause) : t.errors.unreachable;
        toast(`${t.captures.failed} ${words}`, { bad: true });
      })
      .finally(() => {
        setUploading(undefined);
        reload();
      });
  };
  const shown = data?.items.find(({ id, state }) => id === chosen && state === 'done');
  return (
    <>
      <PageHead title={t.captures.title} documentTitle={t.captures.title} />
      <p class="page-intro">{t.captures.intro}</p>
      <DropZone onFile={take} uploading={uploading} />
      {!data && (error ? <ErrorState error={error} retry={reload} /> : <Loading />)}
      {data && data.items.length === 0 && (
        <div class="state">
          <p>{t.captures.none}</p>
        </div>
      )}
      {data && data.items.length > 0 && (
        <ScrollX label={t.captures.title} class="table-box">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{t.captures.colName}</th>
                <th scope="col" class="numeric">
                  {t.captures.colSize}
                </th>
                <th scope="col">{t.captures.colState}</th>
                <th scope="col">{t.captures.colOwner}</th>
                <th scope="col">{t.captures.colWhen}</th>
                <th scope="col">
                  <span class="visually-hidden">{t.admin.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((one) => (
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
                    {one.state === 'analysing' && (
                      <>
                        {' '}
                        <progress aria-label={t.captures.states[one.state]} />
                        <span class="cell-sub">{t.captures.packets(formatCount(one.packets))}</span>
                      </>
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
                  <td>
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
            </tbody>
          </table>
        </ScrollX>
      )}
      {shown && <Result id={shown.id} key={shown.id} />}
    </>
  );
}
