import { language } from '../i18n/index.ts';
import { replaceLocation, useLocation } from './router.ts';

/** Parameters of a search, which also finds what the sensor's sentences are in the reader's language. */
export function searchFor(q: string): { q?: string; language?: string } {
  return q === '' ? {} : { q, language };
}

/** The filters of a list stand in the address: a link shows the same list, and the back button returns to it. */
export function useFilters(): {
  get: (name: string) => string;
  set: (name: string, value: string) => void;
  clear: () => void;
  any: boolean;
} {
  const { path, params } = useLocation();
  const go = (next: URLSearchParams) => {
    const text = next.toString();
    replaceLocation(text === '' ? path : `${path}?${text}`);
  };
  return {
    get: (name) => params.get(name) ?? '',
    set: (name, value) => {
      const next = new URLSearchParams(window.location.search);
      if (value === '') next.delete(name);
      else next.set(name, value);
      go(next);
    },
    clear: () => go(new URLSearchParams()),
    any: [...params.keys()].length > 0,
  };
}
