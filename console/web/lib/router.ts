import { useEffect, useState } from 'preact/hooks';

export { to } from './addresses.ts';

/** The page's address. Everything that a person filtered stands in it, so a link shows the same. */
export interface Location {
  path: string;
  params: URLSearchParams;
}

const changed = new Set<() => void>();

function read(): Location {
  return { path: window.location.pathname, params: new URLSearchParams(window.location.search) };
}

let location = read();

function announce(): void {
  location = read();
  for (const listener of [...changed]) listener();
}

/** Where each history entry was scrolled to; the browser cannot know, because lists arrive after the navigation. */
const scrolledTo = new Map<string, number>();
const SCROLL_LIMIT = 100;
let entryKey = '0';
let entryCount = 0;

function leaveEntry(): void {
  scrolledTo.set(entryKey, window.scrollY);
  if (scrolledTo.size > SCROLL_LIMIT) {
    const oldest = scrolledTo.keys().next();
    if (!oldest.done) scrolledTo.delete(oldest.value);
  }
}

function keyOf(state: unknown): string {
  return typeof state === 'object' && state !== null && 'key' in state && typeof state.key === 'string'
    ? state.key
    : '0';
}

function afterRender(work: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(work));
}

export function navigate(href: string): void {
  leaveEntry();
  entryKey = `${Date.now()}-${++entryCount}`;
  window.history.pushState({ key: entryKey }, '', href);
  announce();
  afterRender(() => {
    window.scrollTo(0, 0);
    // Screen readers and the Tab key go on at the new page's heading, as after a real page load.
    document.querySelector<HTMLElement>('#main h1')?.focus({ preventScroll: true });
  });
}

/** Changes the address without a new history entry: filters while typing. */
export function replaceLocation(href: string): void {
  window.history.replaceState({ key: entryKey }, '', href);
  announce();
}

export function startRouter(): void {
  window.history.scrollRestoration = 'manual';
  entryKey = keyOf(window.history.state);
  window.addEventListener('popstate', (event) => {
    leaveEntry();
    entryKey = keyOf(event.state);
    announce();
    const top = scrolledTo.get(entryKey) ?? 0;
    afterRender(() => window.scrollTo(0, top));
  });
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const href = link?.getAttribute('href');
    if (link?.target !== '' || link.hasAttribute('download')) return;
    if (!href?.startsWith('/') || href.startsWith('/api/')) return;
    event.preventDefault();
    navigate(href);
  });
}

export function useLocation(): Location {
  const [current, setCurrent] = useState(location);
  useEffect(() => {
    const update = () => setCurrent(location);
    update();
    changed.add(update);
    return () => {
      changed.delete(update);
    };
  }, []);
  return current;
}
