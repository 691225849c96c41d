import type { ComponentChildren } from 'preact';
import { t } from '../i18n/index.ts';
import type { ListResource, Resource } from '../lib/resource.ts';
import { Empty, ErrorState, Loading, LoadMore, NewHint, ScrollX, StaleBar } from './parts.tsx';

/** What a list says when it has no rows: that there is nothing at all, and why, or that nothing fits the filters. */
export function NothingThere({
  words,
  filtered,
  clear,
}: {
  words: { empty: string; emptyText: string; emptyFiltered: string };
  filtered: boolean;
  clear: () => void;
}) {
  if (!filtered) {
    return (
      <Empty title={words.empty}>
        <p>{words.emptyText}</p>
      </Empty>
    );
  }
  return (
    <Empty title={words.emptyFiltered}>
      <button type="button" class="button" onClick={clear}>
        {t.reset}
      </button>
    </Empty>
  );
}

/** What stands around the rows of every list: what is new, what went wrong, that there is nothing, and more of it. */
export function ListFrame<T>({
  list,
  newHint,
  nothing,
  children,
}: {
  list: ListResource<T>;
  newHint: (count: number) => string;
  nothing: ComponentChildren;
  children: ComponentChildren;
}) {
  const { items, error } = list;
  return (
    <>
      {list.newCount > 0 && <NewHint text={newHint(list.newCount)} show={list.showNew} />}
      {error &&
        (items ? <StaleBar error={error} retry={list.reload} /> : <ErrorState error={error} retry={list.reload} />)}
      {!items && !error && <Loading rows={10} />}
      {items?.length === 0 && !error && nothing}
      {items !== undefined && items.length > 0 && children}
      {list.hasMore && <LoadMore loading={list.loading} loadMore={list.loadMore} />}
    </>
  );
}

/** What stands where an answer will be, while it is fetched and when it cannot be; an older one stays, and says so. */
export function Fetched<T>({
  from: { data, error, reload },
  rows,
  children,
}: {
  from: Pick<Resource<T>, 'data' | 'error' | 'reload'>;
  /** As many as are to be expected. */
  rows?: number;
  children: (data: T) => ComponentChildren;
}) {
  if (data === undefined) {
    return error ? <ErrorState error={error} retry={reload} /> : <Loading {...(rows === undefined ? {} : { rows })} />;
  }
  return (
    <>
      {error && <StaleBar error={error} retry={reload} />}
      {children(data)}
    </>
  );
}

/** One sentence where rows would be. */
export function NoRows({ text }: { text: string }) {
  return (
    <div class="state">
      <p>{text}</p>
    </div>
  );
}

/** A column's heading: its text, or with `numeric` for figures, or with `unseen` for what the eye needs no word for. */
export type Column = string | { text: string; numeric?: true; unseen?: true };

export function TableHead({ columns }: { columns: readonly Column[] }) {
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          if (typeof column === 'string') {
            return (
              <th scope="col" key={column}>
                {column}
              </th>
            );
          }
          return (
            <th scope="col" key={column.text} class={column.numeric ? 'numeric' : undefined}>
              {column.unseen ? <span class="visually-hidden">{column.text}</span> : column.text}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

/** A table in a box of its own, or `plain` inside a card. Wider than its place, it scrolls. */
export function DataTable({
  label,
  columns,
  plain = false,
  children,
}: {
  label: string;
  columns: readonly Column[];
  plain?: boolean;
  children: ComponentChildren;
}) {
  return (
    <ScrollX label={label} class={plain ? '' : 'table-box'}>
      <table class={plain ? 'table table-plain' : 'table'}>
        <TableHead columns={columns} />
        <tbody>{children}</tbody>
      </table>
    </ScrollX>
  );
}
