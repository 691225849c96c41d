import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { icons } from '../components/icons.tsx';
import { Card, errorText, Loading, PageHead, ScrollX, Tile } from '../components/parts.tsx';
import { Raw, Time } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { t } from '../i18n/index.ts';
import { ApiError, post } from '../lib/api.ts';
import { textOfBytes } from '../lib/file-text.ts';
import { formatCount } from '../lib/format.ts';
import { to } from '../lib/router.ts';
import { useMayDecide } from '../lib/session.ts';
import { own } from '../lib/text.ts';

/** As the API takes it. */
const MAX_BYTES = 4 * 1024 * 1024;

interface Reference {
  id: string;
  name: string;
  ips: string[];
}

interface Report {
  matched: number;
  changed: number;
  missing_count: number;
  unknown_count: number;
  differing_count: number;
  missing: { line: number; ip?: string; mac?: string; name?: string }[];
  unknown: (Reference & { mac: string; vendor: string; first_seen: string; last_seen: string })[];
  differing: (Reference & { line: number; differences: { field: string; listed: string; seen: string }[] })[];
  problems: string[];
}

function Rows({
  title,
  count,
  shown,
  heads,
  children,
}: {
  title: string;
  count: number;
  shown: number;
  heads: readonly string[];
  children: ComponentChildren;
}) {
  return (
    <Card title={title} aside={<span class="badge">{formatCount(count)}</span>}>
      {count === 0 ? (
        <p class="faint">{t.decisions.none}</p>
      ) : (
        <ScrollX label={title}>
          <table class="table table-plain">
            <thead>
              <tr>
                {heads.map((head) => (
                  <th scope="col" key={head}>
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>{children}</tbody>
          </table>
        </ScrollX>
      )}
      {count > shown && <p class="faint">{t.decisions.firstOf(shown, count)}</p>}
    </Card>
  );
}

function Device({ device }: { device: Reference }) {
  return (
    <a href={to.asset(device.id)}>
      <Raw text={device.name} />
    </a>
  );
}

function Result({ report }: { report: Report }) {
  const { missing, unknown, differing, problems } = report;
  return (
    <>
      <div class="tiles">
        <Tile label={t.decisions.matched} value={formatCount(report.matched)} />
        <Tile label={t.decisions.missing} value={formatCount(report.missing_count)} />
        <Tile label={t.decisions.unknown} value={formatCount(report.unknown_count)} />
        <Tile label={t.decisions.differing} value={formatCount(report.differing_count)} />
      </div>
      {problems.length > 0 && (
        <Card title={t.decisions.problems}>
          <ul class="points">
            {problems.map((problem) => (
              <li key={problem}>
                <Raw text={problem} />
              </li>
            ))}
          </ul>
        </Card>
      )}
      <Rows
        title={t.decisions.unknown}
        count={report.unknown_count}
        shown={unknown.length}
        heads={[t.assets.colName, t.assets.colAddress, t.identityField.vendor, t.asset.firstSeen, t.asset.lastSeen]}
      >
        {unknown.map((device) => (
          <tr key={device.id}>
            <th scope="row">
              <Device device={device} />
            </th>
            <td>
              <Raw text={device.ips[0] ?? device.mac} mono />
            </td>
            <td>
              <Raw text={device.vendor} />
            </td>
            <td class="cell-time">
              <Time iso={device.first_seen} />
            </td>
            <td class="cell-time">
              <Time iso={device.last_seen} />
            </td>
          </tr>
        ))}
      </Rows>
      <Rows
        title={t.decisions.missing}
        count={report.missing_count}
        shown={missing.length}
        heads={[t.decisions.line, t.assets.colAddress, t.assets.colName]}
      >
        {missing.map((device) => (
          <tr key={device.line}>
            <th scope="row">{formatCount(device.line)}</th>
            <td>
              <Raw text={device.ip ?? device.mac ?? ''} mono />
            </td>
            <td>
              <Raw text={device.name ?? ''} />
            </td>
          </tr>
        ))}
      </Rows>
      <Rows
        title={t.decisions.differing}
        count={report.differing_count}
        shown={differing.length}
        heads={[t.assets.colName, t.decisions.field, t.decisions.listed, t.decisions.seen]}
      >
        {differing.flatMap((device) =>
          device.differences.map(({ field, listed, seen }) => (
            <tr key={`${device.id} ${field}`}>
              <th scope="row">
                <Device device={device} />
              </th>
              <td>{own(t.identityField, field) ?? field}</td>
              <td>
                <Raw text={listed} />
              </td>
              <td>
                <Raw text={seen} />
              </td>
            </tr>
          )),
        )}
      </Rows>
    </>
  );
}

/** The site's own list of devices against what was seen. */
export function SiteListPage() {
  const [text, setText] = useState('');
  const [report, setReport] = useState<Report>();
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const mayDecide = useMayDecide();
  const send = (list: string, apply: boolean) => {
    setBusy(true);
    setError('');
    post<Report>('/assets/list', { text: list, ...(apply ? { apply } : {}) })
      .then((answer) => {
        setReport(answer);
        if (apply) toast(t.decisions.siteListApplied(answer.changed));
      })
      .catch((cause: unknown) => {
        // The console's own sentence says what is wrong with the list.
        const isKnown = cause instanceof ApiError && cause.status === 400 && cause.message !== '';
        setError(isKnown ? cause.message : cause instanceof ApiError ? errorText(cause) : t.errors.other);
      })
      .finally(() => setBusy(false));
  };
  const choose = async (file: File | undefined) => {
    setReport(undefined);
    setText('');
    setError('');
    if (!file) return;
    if (file.size > MAX_BYTES) {
      setError(t.decisions.siteListTooLarge);
      return;
    }
    const list = textOfBytes(await file.arrayBuffer());
    setText(list);
    send(list, false);
  };
  return (
    <>
      <a class="back" href={to.assets()}>
        {icons.back()}
        {t.asset.back}
      </a>
      <PageHead title={t.decisions.siteList} documentTitle={t.decisions.siteList} />
      <p class="page-intro">{t.decisions.siteListIntro}</p>
      {!mayDecide && <p class="faint">{t.needsAnalyst}</p>}
      <div class="stack">
        <Card>
          <div class="field">
            <label for="site-list">{t.decisions.siteListChoose}</label>
            <input
              id="site-list"
              type="file"
              accept=".csv,.tsv,.txt"
              disabled={!mayDecide}
              onChange={(event) => void choose(event.currentTarget.files?.[0])}
            />
          </div>
          {error !== '' && (
            <p class="form-error" role="alert">
              <Raw text={error} />
            </p>
          )}
          {report && report.matched > 0 && (
            <p>
              <button
                type="button"
                class="button button-accent"
                disabled={busy || !mayDecide}
                onClick={() => send(text, true)}
              >
                {t.decisions.siteListApply}
              </button>{' '}
              <span class="faint">{t.decisions.siteListApplyText}</span>
            </p>
          )}
        </Card>
        {busy && !report && <Loading rows={4} />}
        {report && <Result report={report} />}
      </div>
    </>
  );
}
