import type { OperationClass } from '../../../sensor/model/operation.ts';
import type { Conversation, ConversationOperation } from '../../../sensor/model/records.ts';
import { t } from '../i18n/index.ts';
import { formatCompact, formatCount, humanise } from '../lib/format.ts';
import { OPERATION_CLASSES } from '../lib/lists.ts';
import { OperationChip } from './parts.tsx';
import { Raw, Time } from './text.tsx';

/** Operations of a conversation summed by what they do: "write 12", "read 4,300". */
export function OperationSummary({ operations }: { operations: readonly ConversationOperation[] }) {
  const counts = new Map<OperationClass, number>();
  for (const { class: operationClass, count } of operations) {
    counts.set(operationClass, (counts.get(operationClass) ?? 0) + count);
  }
  if (counts.size === 0) return <span class="faint">{t.conversations.noOperations}</span>;
  return (
    <span class="chips">
      {OPERATION_CLASSES.filter((operationClass) => counts.has(operationClass)).map((operationClass) => (
        <OperationChip
          key={operationClass}
          operationClass={operationClass}
          text={
            <>
              {t.operationClass[operationClass]}{' '}
              <span class="number">{formatCompact(counts.get(operationClass) ?? 0)}</span>
            </>
          }
        />
      ))}
    </span>
  );
}

export function BaselineBadge({ known }: { known: boolean }) {
  return known ? (
    <span class="badge">{t.conversations.known}</span>
  ) : (
    <span class="badge badge-medium">{t.conversations.new}</span>
  );
}

const MOST_TARGETS = 12;

/** Every operation of one conversation: how often, on what, refused how often. */
export function OperationTable({ conversation }: { conversation: Conversation }) {
  const operations = [...conversation.operations].sort(
    (a, b) => OPERATION_CLASSES.indexOf(a.class) - OPERATION_CLASSES.indexOf(b.class) || b.count - a.count,
  );
  if (operations.length === 0) return <p class="faint">{t.conversations.noOperations}</p>;
  return (
    <table class="table table-plain">
      <thead>
        <tr>
          <th scope="col">{t.conversations.operation}</th>
          <th scope="col">{t.conversations.class}</th>
          <th scope="col" class="numeric">
            {t.conversations.times}
          </th>
          <th scope="col">{t.conversations.targets}</th>
          <th scope="col">{t.conversations.colLast}</th>
          <th scope="col">{t.conversations.colBaseline}</th>
        </tr>
      </thead>
      <tbody>
        {operations.map((operation) => (
          <tr key={operation.operation}>
            <td>
              <Raw text={humanise(operation.operation)} />
            </td>
            <td>
              <OperationChip operationClass={operation.class} text={t.operationClass[operation.class]} />
            </td>
            <td class="numeric">
              {formatCount(operation.count)}
              {operation.exceptions > 0 && (
                <span class="cell-sub tone-medium">{t.conversations.exceptions(operation.exceptions)}</span>
              )}
            </td>
            <td>
              <ul class="targets">
                {operation.targets.slice(0, MOST_TARGETS).map((target) => (
                  <li key={target}>
                    <Raw text={target} />
                  </li>
                ))}
                {operation.targets.length > MOST_TARGETS && (
                  <li class="faint">{t.andMore(operation.targets.length - MOST_TARGETS)}</li>
                )}
              </ul>
            </td>
            <td class="cell-time">
              <Time iso={operation.last_seen} />
            </td>
            <td>
              <BaselineBadge known={operation.in_baseline} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
