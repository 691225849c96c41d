import { useState } from 'preact/hooks';
import type { Asset, ConversationOperation } from '../../../sensor/model/records.ts';
import { t } from '../i18n/index.ts';
import { useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { encodeId, own } from '../lib/text.ts';
import type { AssetNames } from '../lib/types.ts';
import { BaselineBadge } from './conversation-parts.tsx';
import { ErrorState, Loading, OperationChip, operationTitle } from './parts.tsx';
import { Raw, Time } from './text.tsx';

interface Writer {
  client: string;
  client_ip: string;
  protocol: string;
  operation: string;
  class: ConversationOperation['class'];
  targets: string[];
  count: number;
  /** Of `count`: what the device refused. */
  refused: number;
  last_seen: string;
  in_baseline: boolean;
}

const WRITERS_SHOWN = 8;
const TARGETS_SHOWN = 3;

/** Who wrote to the device, controlled or programmed it, the latest first: the first question after an incident. */
export function Writers({ asset }: { asset: Asset }) {
  const [all, setAll] = useState(false);
  const { data, error, reload } = useResource<{ items: Writer[]; asset_names: AssetNames }>(
    `/assets/${encodeId(asset.id)}/writers`,
    ['conversations'],
  );
  if (!data) return error ? <ErrorState error={error} retry={reload} /> : <Loading rows={2} />;
  if (data.items.length === 0) return <p class="faint">{t.asset.writersNone}</p>;
  const shown = all ? data.items : data.items.slice(0, WRITERS_SHOWN);
  return (
    <>
      <ul class="writers">
        {shown.map((writer) => (
          <li key={`${writer.client} ${writer.client_ip} ${writer.protocol} ${writer.operation}`}>
            <a href={to.asset(writer.client)}>
              <Raw text={own(data.asset_names, writer.client)?.name ?? writer.client_ip} />
            </a>
            <OperationChip operationClass={writer.class} text={operationTitle(writer.operation)} />
            {!writer.in_baseline && <BaselineBadge known={false} />}
            <span class="faint">
              <Time iso={writer.last_seen} /> · {t.decisions.times(writer.count)}
              {writer.refused > 0 && ` ${t.decisions.refused(writer.refused)}`}
              {writer.targets.length > 0 && (
                <>
                  {' · '}
                  <Raw text={writer.targets.slice(0, TARGETS_SHOWN).join(', ')} />
                  {writer.targets.length > TARGETS_SHOWN &&
                    ` ${t.decisions.more(writer.targets.length - TARGETS_SHOWN)}`}
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
      {!all && data.items.length > WRITERS_SHOWN && (
        <button type="button" class="button" onClick={() => setAll(true)}>
          {t.andMore(data.items.length - WRITERS_SHOWN)}
        </button>
      )}
    </>
  );
}
