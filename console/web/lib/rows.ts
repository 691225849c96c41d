import { useRef, useState } from 'preact/hooks';
import { type KeyMap, useKeys } from './keys.ts';

export interface Rows {
  /** Id of the row that keys act on; '' for none. */
  current: string;
  /** Attributes of the link that stands for a row. */
  linkProps: (id: string) => { 'data-row': string; onFocus: () => void };
  moveFrom: (id: string) => void;
}

function linkOf(id: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`);
}

/**
 * j and k move the real focus from row to row, so Enter, screen readers and the visible focus need nothing extra.
 * `ids` are the rows from top to bottom; `keys` are further keys that act on the current row.
 */
export function useRows(ids: readonly string[], keys: (id: string) => KeyMap): Rows {
  const [current, setCurrent] = useState('');
  const order = useRef(ids);
  order.current = ids;
  const focus = (index: number) => {
    const id = order.current[index];
    if (id === undefined) return;
    const link = linkOf(id);
    link?.focus({ preventScroll: true });
    link?.closest('tr')?.scrollIntoView({ block: 'nearest' });
  };
  const move = (step: 1 | -1) => {
    const at = order.current.indexOf(current);
    focus(at < 0 ? 0 : Math.min(order.current.length - 1, Math.max(0, at + step)));
  };
  const acting = order.current.includes(current) ? current : '';
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ...(acting === '' ? {} : keys(acting)),
  });
  return {
    current: acting,
    linkProps: (id) => ({ 'data-row': id, onFocus: () => setCurrent(id) }),
    moveFrom: (id) => {
      const at = order.current.indexOf(id);
      if (at >= 0) focus(Math.min(order.current.length - 1, at + 1));
    },
  };
}
