import { useEffect, useRef } from 'preact/hooks';

export type KeyMap = Readonly<Record<string, () => void>>;

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'file'].includes(target.type);
  return target instanceof HTMLElement && (target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName));
}

const SEQUENCE_MS = 1200;
let sequenceStart = '';
let sequenceAt = 0;

/**
 * Single keys and two-key sequences (`g a`). Silent while somebody types or a dialog is open, and with Ctrl, Alt or
 * Meta, which belong to the browser.
 */
export function useKeys(keys: KeyMap): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
      if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
      const now = event.timeStamp;
      const inSequence = sequenceStart !== '' && now - sequenceAt < SEQUENCE_MS && now !== sequenceAt;
      const sequence = inSequence ? `${sequenceStart} ${event.key}` : event.key;
      const action = latest.current[sequence];
      if (action) {
        event.preventDefault();
        sequenceStart = '';
        action();
      } else if (event.key === 'g' && !inSequence) {
        sequenceStart = 'g';
        sequenceAt = now;
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
