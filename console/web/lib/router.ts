import { useEffect, useState } from 'preact/hooks';
import { leaveOrAsk } from './unsaved.ts';

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
/** How many entries of this page lie before the current one in the browser's history. */
let entryIndex = 0;
/** The browser was sent back to where it came from: this step is not another one. */
let isReturning = false;

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

function indexOf(state: unknown): number {
  return typeof state === 'object' && state !== null && 'index' in state && typeof state.index === 'number'
    ? state.index
    : 0;
}

function afterRender(work: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(work));
}

export function navigate(href: string): void {
  leaveOrAsk(() => go(href));
}

function go(href: string): void {
  leaveEntry();
  entryKey = `${Date.now()}-${++entryCount}`;
  entryIndex++;
  window.history.pushState({ key: entryKey, index: entryIndex }, '', href);
  announce();
  afterRender(() => {
    window.scrollTo(0, 0);
    // Screen readers and the Tab key go on at the new page's heading, as after a real page load.
    document.querySelector<HTMLElement>('#main h1')?.focus({ preventScroll: true });
  });
}

/** Changes the address without a new history entry: filters while typing. */
export function replaceLocation(href: string): void {
  window.history.replaceState({ key: entryKey, index: entryIndex }, '', href);
  announce();
}

function arriveAt(state: unknown): void {
  leaveEntry();
  entryKey = keyOf(state);
  entryIndex = indexOf(state);
  announce();
  const top = scrolledTo.get(entryKey) ?? 0;
  afterRender(() => window.scrollTo(0, top));
}

export function startRouter(): void {
  window.history.scrollRestoration = 'manual';
  entryKey = keyOf(window.history.state);
  entryIndex = indexOf(window.history.state);
  window.history.replaceState({ key: entryKey, index: entryIndex }, '');
  window.addEventListener('popstate', (event) => {
    if (isReturning) {
      isReturning = false;
      return;
    }
    if (event.state === null) {
      // A link within the page, such as the one that skips the navigation.
      window.history.replaceState({ key: entryKey, index: ++entryIndex }, '');
      announce();
      return;
    }
    const steps = indexOf(event.state) - entryIndex;
    let isAsked = false;
    isAsked = !leaveOrAsk(() => (isAsked ? window.history.go(steps) : arriveAt(event.state)));
    if (isAsked) {
      // The address has changed already: it is put back until the person has answered.
      isReturning = true;
      window.history.go(-steps);
    }
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
