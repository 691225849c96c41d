import { useEffect, useRef, useState } from 'preact/hooks';
import { API, get } from './api.ts';

/** What the server says has changed; `resync` means that it cannot say, so everything may have. */
export type LiveTopic = 'alerts' | 'assets' | 'conversations' | 'health' | 'baseline' | 'resync';
export type LiveState = 'connecting' | 'live' | 'offline';

const TOPICS: readonly string[] = ['alerts', 'assets', 'conversations', 'health', 'baseline', 'resync'];
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;

type Listener = (topic: LiveTopic) => void;

const listeners = new Set<Listener>();
const stateListeners = new Set<(state: LiveState) => void>();
let state: LiveState = 'connecting';
let source: EventSource | undefined;
let retryTimer: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
let wanted = false;
let lostAt = 0;

function setState(next: LiveState): void {
  if (next === state) return;
  state = next;
  for (const listener of stateListeners) listener(next);
}

function publish(topic: LiveTopic): void {
  for (const listener of [...listeners]) listener(topic);
}

function topicOf(data: unknown): LiveTopic | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(data);
    if (typeof parsed !== 'object' || parsed === null || !('type' in parsed)) return undefined;
    const { type } = parsed;
    return typeof type === 'string' && TOPICS.includes(type) ? (type as LiveTopic) : undefined;
  } catch {
    return undefined;
  }
}

function onMessage(event: MessageEvent): void {
  const topic = topicOf(event.data);
  if (topic) publish(topic);
}

function open(): void {
  retryTimer = undefined;
  const opened = new EventSource(`${API}/events`);
  source = opened;
  opened.onmessage = onMessage;
  opened.onopen = () => {
    failures = 0;
    setState('live');
    if (lostAt > 0) {
      lostAt = 0;
      publish('resync');
    }
  };
  opened.onerror = () => {
    // The browser's own retry knows no growing pause and gives up after some answers; ours does neither.
    opened.close();
    if (source !== opened || !wanted) return;
    source = undefined;
    failures++;
    // A stream that ends may mean that the session did; any answer of the API tells, and signs out if so.
    get('/baseline').catch(() => {});
    lostAt ||= Date.now();
    setState('offline');
    const pause = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
    retryTimer = setTimeout(open, pause * (0.75 + Math.random() / 2));
  };
}

export function startLive(): void {
  if (wanted) return;
  wanted = true;
  setState('connecting');
  open();
}

export function stopLive(): void {
  wanted = false;
  if (retryTimer !== undefined) clearTimeout(retryTimer);
  retryTimer = undefined;
  source?.close();
  source = undefined;
  failures = 0;
  lostAt = 0;
  setState('connecting');
}

/** Tries again at once instead of waiting for the next retry. */
export function retryLive(): void {
  if (!wanted || source) return;
  if (retryTimer !== undefined) clearTimeout(retryTimer);
  open();
}

export function useLiveState(): LiveState {
  const [current, setCurrent] = useState(state);
  useEffect(() => {
    setCurrent(state);
    stateListeners.add(setCurrent);
    return () => {
      stateListeners.delete(setCurrent);
    };
  }, []);
  return current;
}

/**
 * However many events arrive, each thing shown is fetched again at most this often: a person cannot read faster, and
 * the server answers a bounded number of requests a minute. Nothing is fetched while nobody looks at the page.
 */
const REFRESH_PAUSE_MS = 2500;

/** Calls `refresh` when one of `topics` changed. */
export function useLive(topics: readonly LiveTopic[], refresh: () => void): void {
  const latest = useRef(refresh);
  latest.current = refresh;
  const key = topics.join();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastRun = 0;
    let due = false;
    const run = () => {
      timer = undefined;
      if (document.hidden) return;
      due = false;
      lastRun = Date.now();
      latest.current();
    };
    const schedule = () => {
      if (timer === undefined) timer = setTimeout(run, Math.max(0, lastRun + REFRESH_PAUSE_MS - Date.now()));
    };
    const listener: Listener = (topic) => {
      if (topic !== 'resync' && !topics.includes(topic)) return;
      due = true;
      schedule();
    };
    const onVisible = () => {
      if (due && !document.hidden) schedule();
    };
    listeners.add(listener);
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      listeners.delete(listener);
      document.removeEventListener('visibilitychange', onVisible);
      if (timer !== undefined) clearTimeout(timer);
    };
  }, [key]);
}
