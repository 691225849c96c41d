import { Component, type ComponentChildren, type ComponentType } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { ConfirmPassword } from './components/confirm-password.tsx';
import { Frame } from './components/frame.tsx';
import { ErrorState, Loading } from './components/parts.tsx';
import { Toasts } from './components/toasts.tsx';
import { t } from './i18n/index.ts';
import { ApiError, get, onSessionLost, setCsrfToken } from './lib/api.ts';
import { lazy } from './lib/lazy.tsx';
import { startLive, stopLive } from './lib/live.ts';
import { forgetEverything } from './lib/resource.ts';
import { to, useLocation } from './lib/router.ts';
import { SessionContext } from './lib/session.ts';
import { own } from './lib/text.ts';
import type { Session } from './lib/types.ts';
import { NotFoundPage } from './pages/not-found.tsx';
import { Setup, SignIn } from './pages/sign-in.tsx';

/** The part of the address behind the page's name; an address that no one encoded is taken as it stands. */
function idOf(path: string, prefix: string): string {
  const encoded = path.slice(prefix.length);
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

const OverviewPage = lazy(async () => (await import('./pages/overview.tsx')).OverviewPage);
const AlertsPage = lazy(async () => (await import('./pages/alerts.tsx')).AlertsPage);
const AlertPage = lazy<{ id: string }>(async () => (await import('./pages/alert.tsx')).AlertPage);
const AssetPage = lazy<{ id: string }>(async () => (await import('./pages/asset.tsx')).AssetPage);

const VariablePage = lazy<{ id: string }>(async () => (await import('./pages/process.tsx')).VariablePage);

/** Pages without an id in their address. */
const PAGES: Readonly<Record<string, ComponentType>> = {
  [to.overview]: OverviewPage,
  [to.alerts()]: AlertsPage,
  [to.assets()]: lazy(async () => (await import('./pages/assets.tsx')).AssetsPage),
  [to.compare]: lazy(async () => (await import('./pages/compare.tsx')).ComparePage),
  [to.conversations()]: lazy(async () => (await import('./pages/conversations.tsx')).ConversationsPage),
  [to.incidents]: lazy(async () => (await import('./pages/incidents.tsx')).IncidentsPage),
  [to.map]: lazy(async () => (await import('./pages/map.tsx')).MapPage),
  [to.matrix]: lazy(async () => (await import('./pages/matrix.tsx')).MatrixPage),
  [to.timeline]: lazy(async () => (await import('./pages/traffic.tsx')).TrafficPage),
  [to.users]: lazy(async () => (await import('./pages/admin.tsx')).UsersPage),
  [to.tokens]: lazy(async () => (await import('./pages/admin.tsx')).TokensPage),
  [to.sessions]: lazy(async () => (await import('./pages/admin.tsx')).SessionsPage),
  [to.audit]: lazy(async () => (await import('./pages/admin.tsx')).AuditPage),
  [to.api]: lazy(async () => (await import('./pages/admin.tsx')).ApiPage),
  [to.account]: lazy(async () => (await import('./pages/account.tsx')).AccountPage),
  [to.variables]: lazy(async () => (await import('./pages/process.tsx')).ProcessPage),
  [to.captures]: lazy(async () => (await import('./pages/captures.tsx')).CapturesPage),
  [to.rules]: lazy(async () => (await import('./pages/rules.tsx')).RulesPage),
  [to.coverage]: lazy(async () => (await import('./pages/rules.tsx')).CoveragePage),
  [to.mutes]: lazy(async () => (await import('./pages/rules.tsx')).MutesPage),
  [to.reports]: lazy(async () => (await import('./pages/report.tsx')).ReportPage),
  [to.baseline]: lazy(async () => (await import('./pages/baseline.tsx')).BaselinePage),
  [to.exporters]: lazy(async () => (await import('./pages/exporters.tsx')).ExportersPage),
  [to.health]: lazy(async () => (await import('./pages/health.tsx')).HealthPage),
};

function CurrentPage() {
  const { path } = useLocation();
  if (path.startsWith('/alerts/')) return <AlertPage id={idOf(path, '/alerts/')} key={path} />;
  if (path.startsWith('/assets/')) return <AssetPage id={idOf(path, '/assets/')} key={path} />;
  if (path.startsWith(`${to.variables}/`)) return <VariablePage id={idOf(path, `${to.variables}/`)} key={path} />;
  const Page = own(PAGES, path);
  if (Page) return <Page />;
  return <NotFoundPage />;
}

/** A mistake of ours on one page must not leave a white screen on a control-room wall. */
class CrashGuard extends Component<{ children: ComponentChildren }, { crashed: boolean }> {
  override state = { crashed: false };

  override componentDidCatch(): void {
    this.setState({ crashed: true });
  }

  override render() {
    if (!this.state.crashed) return this.props.children;
    return (
      <div class="state" role="alert">
        <h1>{t.errors.crashed}</h1>
        <button type="button" class="button button-accent" onClick={() => window.location.reload()}>
          {t.errors.reload}
        </button>
      </div>
    );
  }
}

/** A page that broke leaves the navigation usable; the next address starts afresh. */
function PageOrApology() {
  const { path } = useLocation();
  return (
    <CrashGuard key={path}>
      <CurrentPage />
    </CrashGuard>
  );
}

export function App() {
  const [session, setSession] = useState<Session>();
  const [error, setError] = useState<ApiError>();
  const [lost, setLost] = useState(false);

  const load = useCallback(async () => {
    try {
      const next = await get<Session>('/session');
      setCsrfToken(next.csrf);
      setError(undefined);
      if (next.user) setLost(false);
      setSession(next);
    } catch (cause) {
      setError(cause instanceof ApiError ? cause : new ApiError(0, 'unexpected', '', ''));
    }
  }, []);

  const signedOut = useCallback(
    (unasked: boolean) => {
      stopLive();
      forgetEverything();
      setLost(unasked);
      void load();
    },
    [load],
  );

  useEffect(() => {
    onSessionLost(() => signedOut(true));
    void load();
  }, [load, signedOut]);

  const userName = session?.user?.name;
  useEffect(() => {
    if (userName === undefined) return;
    startLive();
    return stopLive;
  }, [userName]);

  if (!session) return error ? <ErrorState error={error} retry={() => void load()} /> : <Loading rows={3} />;
  return (
    <SessionContext.Provider value={session}>
      <CrashGuard>
        {session.setup_required ? (
          <Setup onDone={load} />
        ) : session.user ? (
          <Frame onSignedOut={() => signedOut(false)}>
            <PageOrApology />
          </Frame>
        ) : (
          <SignIn onDone={load} lost={lost} />
        )}
        <ConfirmPassword />
        <Toasts />
      </CrashGuard>
    </SessionContext.Provider>
  );
}
