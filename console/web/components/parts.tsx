import type { ComponentChildren, TargetedEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { OperationClass } from '../../../sensor/model/operation.ts';
import type { AlertStatus } from '../../../sensor/model/records.ts';
import type { Severity } from '../../../sensor/model/severity.ts';
import { t } from '../i18n/index.ts';
import type { ApiError } from '../lib/api.ts';
import { formatCount, humanise } from '../lib/format.ts';
import { visible } from '../lib/text.ts';
import { icons, SeverityMark } from './icons.tsx';

export function SeverityLabel({ severity }: { severity: Severity }) {
  return (
    <span class={`severity severity-${severity}`} title={t.severityMeaning[severity]}>
      <SeverityMark severity={severity} />
      {t.severity[severity]}
    </span>
  );
}

export function StatusLabel({ status }: { status: AlertStatus }) {
  return (
    <span class={`status status-${status}`}>
      <span class="status-dot" aria-hidden="true" />
      {t.status[status]}
    </span>
  );
}

export function OperationChip({ operationClass, text }: { operationClass: OperationClass; text: ComponentChildren }) {
  return <span class={`chip op op-${operationClass}`}>{text}</span>;
}

export function operationTitle(name: string): string {
  return visible(humanise(name));
}

export function Card({
  title,
  aside,
  children,
  class: extra = '',
  id,
}: {
  title?: ComponentChildren;
  aside?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
  id?: string;
}) {
  return (
    <section class={`card ${extra}`} id={id}>
      {(title || aside) && (
        <header class="card-head">
          {title && <h2>{title}</h2>}
          {aside && <div class="card-aside">{aside}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

export function PageHead({
  title,
  documentTitle,
  children,
}: {
  title: ComponentChildren;
  documentTitle: string;
  children?: ComponentChildren;
}) {
  useEffect(() => {
    document.title = `${visible(documentTitle)} · ${t.product}`;
  }, [documentTitle]);
  return (
    <header class="page-head">
      <h1 tabIndex={-1}>{title}</h1>
      {children}
    </header>
  );
}

export function errorText(error: ApiError): string {
  if (error.status === 0) return t.errors.unreachable;
  if (error.status === 403) return t.errors.forbidden;
  if (error.status === 404) return t.errors.notFound;
  if (error.status === 429) return t.errors.tooMany;
  return t.errors.other;
}

export function ErrorState({ error, retry }: { error: ApiError; retry?: () => void }) {
  return (
    <div class="state" role="alert">
      <h2>{t.errors.title}</h2>
      <p>{errorText(error)}</p>
      {error.id !== '' && <p class="faint">{t.errors.withId(visible(error.id))}</p>}
      {retry && (
        <button type="button" class="button" onClick={retry}>
          {t.retry}
        </button>
      )}
    </div>
  );
}

/** What is shown could not be refreshed: it stays, and says so. */
export function StaleBar({ error, retry }: { error: ApiError; retry: () => void }) {
  return (
    <div class="stale" role="status">
      <span>
        {t.errors.stale} {errorText(error)}
      </span>
      <button type="button" class="button" onClick={retry}>
        {t.retry}
      </button>
    </div>
  );
}

/** Still shapes where content will be; they do not blink, and appear only when waiting takes long enough to notice. */
export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <div class="skeleton" role="status" aria-label={t.loading}>
      {Array.from({ length: rows }, (_, row) => (
        <div class="skeleton-row" key={row} />
      ))}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Announces rows that would move the list if they were simply inserted. */
export function NewHint({ text, show }: { text: string; show: () => void }) {
  return (
    <div class="new-hint" role="status">
      <button type="button" class="button button-accent" onClick={show}>
        {icons.up()}
        {text}
      </button>
    </div>
  );
}

export function LoadMore({ loading, loadMore }: { loading: boolean; loadMore: () => void }) {
  return (
    <div class="load-more">
      <button type="button" class="button" onClick={loadMore} disabled={loading}>
        {loading ? t.loading : t.more}
      </button>
    </div>
  );
}

export function Select({
  label,
  value,
  options,
  onChange,
  narrowOnly = false,
}: {
  label: string;
  value: string;
  options: readonly (readonly [value: string, text: string])[];
  onChange: (value: string) => void;
  /** For what wide screens offer elsewhere: column headings sort there. */
  narrowOnly?: boolean;
}) {
  return (
    <label class={narrowOnly ? 'field-inline narrow-only' : 'field-inline'}>
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([optionValue, text]) => (
          <option value={optionValue} key={optionValue} selected={optionValue === value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Radio buttons that look like a row of tabs: one choice of few, visible all at once. */
export function Segments<V extends string>({
  legend,
  name,
  value,
  options,
  onChange,
}: {
  legend: string;
  name: string;
  value: V;
  options: readonly (readonly [value: V, text: ComponentChildren])[];
  onChange: (value: V) => void;
}) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{legend}</legend>
      {options.map(([optionValue, text]) => (
        <label key={optionValue} class={optionValue === value ? 'segment segment-on' : 'segment'}>
          <input
            type="radio"
            class="visually-hidden"
            name={name}
            value={optionValue}
            checked={optionValue === value}
            onChange={() => onChange(optionValue)}
          />
          {text}
        </label>
      ))}
    </fieldset>
  );
}

const SEARCH_PAUSE_MS = 250;

export function SearchBox({
  placeholder,
  value,
  onSearch,
}: {
  placeholder: string;
  value: string;
  onSearch: (text: string) => void;
}) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    // Follows the address (cleared filters, the back button), but never what is being typed.
    if (input.current && document.activeElement !== input.current) input.current.value = value;
  }, [value]);
  const search = (event: TargetedEvent<HTMLInputElement>) => {
    const text = event.currentTarget.value.trim();
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onSearch(text), SEARCH_PAUSE_MS);
  };
  return (
    <label class="search">
      {icons.search()}
      <span class="visually-hidden">{t.search}</span>
      <input
        ref={input}
        type="search"
        id="search"
        placeholder={placeholder}
        defaultValue={value}
        onInput={search}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
        maxLength={200}
        autocomplete="off"
        spellcheck={false}
      />
      <kbd>/</kbd>
    </label>
  );
}

/** A column heading that sorts. `up` and `down` are the API's names of the two orders; one of them may be missing. */
export function SortHeader({
  text,
  sort,
  up,
  down,
  onSort,
}: {
  text: string;
  sort: string;
  up?: string;
  down?: string;
  onSort: ((sort: string) => void) | undefined;
}) {
  const state = sort === up ? 'ascending' : sort === down ? 'descending' : 'none';
  const next = state === 'none' || (state === 'descending' && up !== undefined) ? (up ?? down) : (down ?? up);
  if (!onSort || next === undefined) return <th scope="col">{text}</th>;
  return (
    <th scope="col" aria-sort={state}>
      <button type="button" class="sort" onClick={() => onSort(next)}>
        {text}
        {state === 'ascending' && icons.up()}
        {state === 'descending' && icons.down()}
      </button>
    </th>
  );
}

export function FilterChip({ text, remove }: { text: string; remove: () => void }) {
  return (
    <button type="button" class="filter-chip" onClick={remove} aria-label={t.alerts.removeFilter(text)}>
      <bdi>{text}</bdi>
      {icons.cross()}
    </button>
  );
}

/** A modal question. The browser keeps the focus inside and gives it back afterwards. */
export function Dialog({
  title,
  children,
  onClose,
  onEscape = onClose,
}: {
  title: string;
  children: ComponentChildren;
  onClose: () => void;
  onEscape?: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    // What is typed next belongs into the form, not to the button that closes it.
    element?.querySelector<HTMLElement>('textarea, input, select, .dialog-actions button')?.focus();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        onEscape();
      }}
    >
      <header class="dialog-head">
        <h2 id="dialog-title">{title}</h2>
        <button type="button" class="button button-quiet button-icon" onClick={onClose} aria-label={t.close}>
          {icons.cross()}
        </button>
      </header>
      {children}
    </dialog>
  );
}

export interface Fact {
  name: string;
  value: ComponentChildren;
}

export function Facts({ facts, wide = false }: { facts: readonly (Fact | false | undefined)[]; wide?: boolean }) {
  return (
    <dl class={wide ? 'facts facts-wide' : 'facts'}>
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact.name}>
              <dt>{fact.name}</dt>
              <dd>{fact.value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

export function Tile({
  label,
  value,
  detail,
  href,
  tone,
}: {
  label: string;
  value: ComponentChildren;
  detail?: ComponentChildren;
  href?: string;
  tone?: string | undefined;
}) {
  const content = (
    <>
      <span class="tile-label">{label}</span>
      <span class={`tile-value ${tone ?? ''}`}>{value}</span>
      {detail && <span class="tile-detail">{detail}</span>}
    </>
  );
  return href ? (
    <a class="tile" href={href}>
      {content}
    </a>
  ) : (
    <div class="tile">{content}</div>
  );
}

export function Count({ value }: { value: number }) {
  return <span class="number">{formatCount(value)}</span>;
}

/** A table wider than its place: it scrolls, also by keyboard. */
export function ScrollX({
  label,
  class: extra = '',
  children,
}: {
  label: string;
  class?: string;
  children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, the keyboard could not scroll it
    <section class={`scroll-x ${extra}`} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
