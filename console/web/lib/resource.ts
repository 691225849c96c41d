import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get } from './api.ts';
import { type LiveTopic, useLive } from './live.ts';
import type { AssetNames } from './types.ts';

/** Answers seen lately, so that going back shows the page at once and refreshes it afterwards. */
const cache = new Map<string, unknown>();
const CACHE_LIMIT = 60;

function remember(key: string, value: unknown): void {
  cache.delete(key);
  cache.set(key, value);
  if (cache.size > CACHE_LIMIT) {
    const oldest = cache.keys().next();
    if (!oldest.done) cache.delete(oldest.value);
  }
}

export function forgetEverything(): void {
  cache.clear();
}

function asApiError(cause: unknown): ApiError | undefined {
  if (cause instanceof ApiError) return cause;
  if (cause instanceof DOMException && cause.name === 'AbortError') return undefined;
  return new ApiError(0, 'unexpected', cause instanceof Error ? cause.message : '', '');
}

export interface Resource<T> {
  data: T | undefined;
  error: ApiError | undefined;
  loading: boolean;
  reload: () => void;
  set: (data: T) => void;
}

/** One answer of the API, kept fresh: what was shown stays while it is fetched again. */
export function useResource<T>(path: string, topics: readonly LiveTopic[] = []): Resource<T> {
  const [shown, setShown] = useState<{ path: string; data: T | undefined; error: ApiError | undefined }>({
    path,
    data: cache.get(path) as T | undefined,
    error: undefined,
  });
  const [loading, setLoading] = useState(true);
  const running = useRef<AbortController>(undefined);

  const reload = useCallback(() => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setLoading(true);
    get<T>(path, controller.signal)
      .then((data) => {
        if (running.current !== controller) return;
        remember(path, data);
        setShown({ path, data, error: undefined });
        setLoading(false);
      })
      .catch((cause: unknown) => {
        const error = asApiError(cause);
        if (!error || running.current !== controller) return;
        setShown({ path, data: cache.get(path) as T | undefined, error });
        setLoading(false);
      });
  }, [path]);

  useEffect(() => {
    reload();
    return () => running.current?.abort();
  }, [reload]);
  useLive(topics, reload);

  const set = useCallback(
    (data: T) => {
      remember(path, data);
      setShown({ path, data, error: undefined });
    },
    [path],
  );
  // Between a change of path and its answer, what is known of the new path counts, never the old one's data.
  const data = shown.path === path ? shown.data : (cache.get(path) as T | undefined);
  return { data, error: shown.path === path ? shown.error : undefined, loading, reload, set };
}

interface ListAnswer<T> {
  items: T[];
  next?: string | null;
  asset_names?: AssetNames;
}

export interface ListResource<T> {
  items: T[] | undefined;
  /** Names of the assets that the rows mention. */
  names: AssetNames;
  error: ApiError | undefined;
  loading: boolean;
  hasMore: boolean;
  loadMore: () => void;
  /** How many rows exist that are not shown yet, because showing them would move what is being read. */
  newCount: number;
  showNew: () => void;
  reload: () => void;
  replace: (item: T) => void;
}

const PAGE_SIZE = 50;
const LARGEST_PAGE = 200;

interface ListState<T> {
  path: string;
  items: T[] | undefined;
  names: AssetNames;
  next: string | null;
  error: ApiError | undefined;
  /** The newest answer, when it holds rows that are not among `items`. */
  waiting: ListAnswer<T> | undefined;
  newCount: number;
}

function withParams(path: string, params: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}${params}`;
}

/** A list with cursor pages that is kept fresh without moving: known rows change in place, new ones are announced. */
export function useList<T extends { id: string }>(path: string, topics: readonly LiveTopic[] = []): ListResource<T> {
  const empty = (): ListState<T> => {
    const cached = cache.get(path) as ListAnswer<T> | undefined;
    return {
      path,
      items: cached?.items,
      names: cached?.asset_names ?? {},
      next: cached?.next ?? null,
      error: undefined,
      waiting: undefined,
      newCount: 0,
    };
  };
  const [stored, setState] = useState<ListState<T>>(empty);
  const [loading, setLoading] = useState(true);
  const running = useRef<AbortController>(undefined);
  const state = stored.path === path ? stored : empty();
  const current = useRef(state);
  current.current = state;

  const fetchInto = useCallback(
    (url: string, take: (answer: ListAnswer<T>, now: ListState<T>) => ListState<T>) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      setLoading(true);
      get<ListAnswer<T>>(url, controller.signal)
        .then((answer) => {
          if (running.current !== controller) return;
          const next = take(answer, current.current);
          remember(path, { items: next.items, next: next.next, asset_names: next.names });
          setState(next);
          setLoading(false);
        })
        .catch((cause: unknown) => {
          const error = asApiError(cause);
          if (!error || running.current !== controller) return;
          setState({ ...current.current, error });
          setLoading(false);
        });
    },
    [path],
  );

  const reload = useCallback(() => {
    fetchInto(withParams(path, `limit=${PAGE_SIZE}`), (answer) => ({
      path,
      items: answer.items,
      names: answer.asset_names ?? {},
      next: answer.next ?? null,
      error: undefined,
      waiting: undefined,
      newCount: 0,
    }));
  }, [fetchInto, path]);

  const refresh = useCallback(() => {
    const shown = current.current.items?.length ?? 0;
    const limit = Math.min(LARGEST_PAGE, Math.max(PAGE_SIZE, shown));
    fetchInto(withParams(path, `limit=${limit}`), (answer, now) => {
      if (!now.items || now.items.length === 0) {
        return {
          path,
          items: answer.items,
          names: answer.asset_names ?? {},
          next: answer.next ?? null,
          error: undefined,
          waiting: undefined,
          newCount: 0,
        };
      }
      const fresh = new Map(answer.items.map((item) => [item.id, item]));
      const items = now.items.map((item) => fresh.get(item.id) ?? item);
      const known = new Set(now.items.map((item) => item.id));
      // Rows behind the last one shown belong to the next page; only what would stand above it is news.
      let lastKnown = -1;
      answer.items.forEach((item, index) => {
        if (known.has(item.id)) lastKnown = index;
      });
      const newCount = answer.items.filter(
        (item, index) => !known.has(item.id) && (index < lastKnown || now.next === null),
      ).length;
      return {
        path,
        items,
        names: { ...now.names, ...answer.asset_names },
        next: now.next,
        error: undefined,
        waiting: newCount > 0 ? answer : undefined,
        newCount,
      };
    });
  }, [fetchInto, path]);

  const loadMore = useCallback(() => {
    const { next } = current.current;
    if (next === null) return;
    fetchInto(withParams(path, `limit=${PAGE_SIZE}&cursor=${encodeURIComponent(next)}`), (answer, now) => {
      const known = new Set((now.items ?? []).map((item) => item.id));
      return {
        ...now,
        items: [...(now.items ?? []), ...answer.items.filter((item) => !known.has(item.id))],
        names: { ...now.names, ...answer.asset_names },
        next: answer.next ?? null,
        error: undefined,
      };
    });
  }, [fetchInto, path]);

  const showNew = useCallback(() => {
    const now = current.current;
    if (!now.waiting) return;
    setState({
      path,
      items: now.waiting.items,
      names: now.waiting.asset_names ?? now.names,
      next: now.waiting.next ?? null,
      error: undefined,
      waiting: undefined,
      newCount: 0,
    });
  }, [path]);

  const replace = useCallback((item: T) => {
    const now = current.current;
    if (!now.items) return;
    setState({ ...now, items: now.items.map((known) => (known.id === item.id ? item : known)) });
  }, []);

  useEffect(() => {
    reload();
    return () => running.current?.abort();
  }, [reload]);
  useLive(topics, refresh);
  // The server searches a bounded stretch per request, so an empty page with a cursor means "not yet", not "none".
  const searching = state.items?.length === 0 && state.next !== null && state.error === undefined;
  useEffect(() => {
    if (searching && !loading) loadMore();
  }, [searching, loading, loadMore]);

  return {
    items: searching ? undefined : state.items,
    error: state.error,
    loading,
    hasMore: state.next !== null,
    loadMore,
    names: state.names,
    newCount: state.newCount,
    showNew,
    reload,
    replace,
  };
}
