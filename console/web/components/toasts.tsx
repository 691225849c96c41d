import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';

interface Toast {
  id: number;
  text: string;
  bad: boolean;
  undo: (() => void) | undefined;
}

const SHOWN_MS = 6000;
const MOST_AT_ONCE = 3;

let toasts: readonly Toast[] = [];
let lastId = 0;
let changed: (toasts: readonly Toast[]) => void = () => {};

function remove(id: number): void {
  toasts = toasts.filter((toast) => toast.id !== id);
  changed(toasts);
}

/** Says in passing what was done, with a way back where there is one. */
export function toast(text: string, options: { undo?: () => void; bad?: boolean } = {}): void {
  const id = ++lastId;
  toasts = [...toasts, { id, text, bad: options.bad ?? false, undo: options.undo }].slice(-MOST_AT_ONCE);
  changed(toasts);
  setTimeout(() => remove(id), SHOWN_MS);
}

export function Toasts() {
  const [shown, setShown] = useState(toasts);
  useEffect(() => {
    changed = setShown;
    return () => {
      changed = () => {};
    };
  }, []);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.map(({ id, text, bad, undo }) => (
        <div class={bad ? 'toast toast-bad' : 'toast'} key={id}>
          <span>{text}</span>
          {undo && (
            <button
              type="button"
              class="button button-quiet"
              onClick={() => {
                remove(id);
                undo();
              }}
            >
              {t.undo}
            </button>
          )}
        </div>
      ))}
    </div>
  );
}
