import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { API, ApiError, post } from '../lib/api.ts';
import { textOfBytes } from '../lib/file-text.ts';
import { useMayConfigure } from '../lib/session.ts';
import { icons } from './icons.tsx';
import { Card, errorText } from './parts.tsx';
import { Raw } from './text.tsx';
import { toast } from './toasts.tsx';

/** As the API takes it. */
const MAX_BYTES = 4 * 1024 * 1024;

interface Found {
  version: number | null;
  devices: number;
  conversations: number;
  declared: number;
  accepted: number;
}

function ImportForm({ onDecided }: { onDecided: () => void }) {
  const [file, setFile] = useState<{ name: string; text: string }>();
  const [found, setFound] = useState<Found>();
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const send = (body: object, then: (answer: Found) => void) => {
    setBusy(true);
    setError('');
    post<Found>('/baseline/import', body)
      .then(then)
      .catch((cause: unknown) => {
        // The console's own sentence says in which line the mistake is.
        const isKnown = cause instanceof ApiError && cause.status === 400 && cause.message !== '';
        setError(isKnown ? cause.message : cause instanceof ApiError ? errorText(cause) : t.errors.other);
      })
      .finally(() => setBusy(false));
  };
  const choose = async (chosen: File | undefined) => {
    setFound(undefined);
    setFile(undefined);
    setError('');
    if (!chosen) return;
    if (chosen.size > MAX_BYTES) {
      setError(t.decisions.importTooLarge);
      return;
    }
    const read = { name: chosen.name.slice(0, 200), text: textOfBytes(await chosen.arrayBuffer()) };
    setFile(read);
    send({ ...read, check: true }, setFound);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!file) return;
        const reason = String(new FormData(event.currentTarget).get('reason') ?? '').trim();
        send({ ...file, ...(reason === '' ? {} : { reason }) }, ({ version }) => {
          toast(t.decisions.imported(version ?? 0));
          setFile(undefined);
          setFound(undefined);
          onDecided();
        });
      }}
    >
      <p class="faint">{t.decisions.importText}</p>
      <div class="field">
        <label for="baseline-file">{t.decisions.importFile}</label>
        <input
          id="baseline-file"
          type="file"
          accept=".yml,.yaml,.json,.csv,.tsv,.txt"
          onChange={(event) => void choose(event.currentTarget.files?.[0])}
        />
      </div>
      {error !== '' && (
        <p class="form-error" role="alert">
          <Raw text={error} />
        </p>
      )}
      {file && found && (
        <>
          <p role="status">
            <strong>
              <Raw text={file.name} />
            </strong>
            : {t.decisions.importFound(found)}
          </p>
          <div class="field">
            <label for="import-reason">{t.decisions.reason}</label>
            <textarea id="import-reason" name="reason" rows={2} minLength={3} maxLength={500} required />
          </div>
          <button type="submit" class="button button-accent" disabled={busy}>
            {t.decisions.importGo}
          </button>
        </>
      )}
    </form>
  );
}

/** The baseline as a file that people read, review and bring to another plant. */
export function BaselineFileCards({ onDecided }: { onDecided: () => void }) {
  const mayConfigure = useMayConfigure();
  return (
    <div class="stack">
      <Card title={t.decisions.fileTitle}>
        <p class="faint">{t.decisions.fileText}</p>
        <p>
          <a class="button" href={`${API}/baseline/export`} download>
            {icons.download()}
            {t.decisions.exportFile}
          </a>
        </p>
      </Card>
      <Card title={t.decisions.importTitle}>
        {mayConfigure ? <ImportForm onDecided={onDecided} /> : <p class="faint">{t.baseline.needsAdmin}</p>}
      </Card>
    </div>
  );
}
