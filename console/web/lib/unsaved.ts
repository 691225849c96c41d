import { useEffect, useState } from 'preact/hooks';

/** Texts on this page that would be lost by leaving it. */
const unsaved = new Set<object>();

/** Asks the person whether to leave; set by the dialog that does. */
let askToLeave: (leave: () => void) => void = (leave) => leave();

export function onLeavingUnsaved(ask: (leave: () => void) => void): void {
  askToLeave = ask;
}

/** Leaves at once, or once the person has said that what they entered may be lost. False: it was asked. */
export function leaveOrAsk(leave: () => void): boolean {
  if (unsaved.size === 0) {
    leave();
    return true;
  }
  askToLeave(() => {
    unsaved.clear();
    leave();
  });
  return false;
}

/**
 * While `is`, neither a link nor the back button nor closing the tab leaves the page without a question. Returns what to
 * call when it has been saved, before leaving.
 */
export function useUnsaved(is: boolean): () => void {
  const [mark] = useState(() => ({}));
  useEffect(() => {
    if (!is) return;
    const warn = (event: BeforeUnloadEvent) => {
      if (unsaved.has(mark)) event.preventDefault();
    };
    unsaved.add(mark);
    window.addEventListener('beforeunload', warn);
    return () => {
      unsaved.delete(mark);
      window.removeEventListener('beforeunload', warn);
    };
  }, [is, mark]);
  return () => {
    unsaved.delete(mark);
  };
}
