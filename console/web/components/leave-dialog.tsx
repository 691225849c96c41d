import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { onLeavingUnsaved } from '../lib/unsaved.ts';
import { Dialog } from './parts.tsx';

/** Asks before something that was entered is lost. */
export function LeaveDialog() {
  const [leave, setLeave] = useState<() => void>();
  useEffect(() => onLeavingUnsaved((go) => setLeave(() => go)), []);
  if (!leave) return null;
  const stay = () => setLeave(undefined);
  return (
    <Dialog title={t.unsaved.title} onClose={stay}>
      <p>{t.unsaved.text}</p>
      <div class="dialog-actions">
        <button
          type="button"
          class="button"
          onClick={() => {
            stay();
            leave();
          }}
        >
          {t.unsaved.leave}
        </button>
        <button type="button" class="button button-accent" onClick={stay}>
          {t.unsaved.stay}
        </button>
      </div>
    </Dialog>
  );
}
