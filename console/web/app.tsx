import { Component, type ComponentChildren, type ComponentType } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { ConfirmPassword } from './components/confirm-password.tsx';
import { Frame } from './components/frame.tsx';
import { LeaveDialog } from './components/leave-dialog.tsx';
import { ErrorState, Loading } from './components/parts.tsx';
import { Toasts } from './components/toasts.tsx';
import { loadDecisionTexts, t } from './i18n/index.ts';
import { PAGES, PAGES_OF } from './lib/addresses.ts';
import { ApiError, get, onSessionLost, setCsrfToken } from './lib/api.ts';
import { lazy } from './lib/lazy.tsx';
import { startLive, stopLive } from './lib/live.ts';
import { forgetEverything } from './lib/resource.ts';
import { useLocation } from './lib/router.ts';
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

/** A page on which people decide, with its texts. */
function withDecisions<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  return lazy<P>(async () => {
    await loadDecisionTexts();
    return load();
  });
}

const PAGE: Readonly<Record<(typeof PAGES)[keyof typeof PAGES], ComponentType>> = {
  [PAGES.overview]: lazy(async () => (await import('./pages/overview.tsx')).OverviewPage),
  [PAGES.alerts]: lazy(async () => (await import('./pages/alerts.tsx')).AlertsPage),
  [PAGES.assets]: withDecisions(async () => (await import('./pages/assets.tsx')).AssetsPage),
  [PAGES.compare]: lazy(async () => (await import('./pages/compare.tsx')).ComparePage),
  [PAGES.siteList]: withDecisions(async () => (await import('./pages/site-list.tsx')).SiteListPage),
  [PAGES.conversations]: lazy(async () => (await import('./pages/conversations.tsx')).ConversationsPage),
  [PAGES.incidents]: lazy(async () => (await import('./pages/incidents.tsx')).IncidentsPage),
  [PAGES.map]: lazy(async () => (await import('./pages/map.tsx')).MapPage),
  [PAGES.matrix]: lazy(async () => (await import('./pages/matrix.tsx')).MatrixPage),
  [PAGES.timeline]: lazy(async () => (await import('./pages/traffic.tsx')).TrafficPage),
  [PAGES.users]: lazy(async () => (await import('./pages/admin.tsx')).UsersPage),
  [PAGES.tokens]: lazy(async () => (await import('./pages/admin.tsx')).TokensPage),
  [PAGES.sessions]: lazy(async () => (await import('./pages/admin.tsx')).SessionsPage),
  [PAGES.audit]: lazy(async () => (await import('./pages/admin.tsx')).AuditPage),
  [PAGES.api]: lazy(async () => (await import('./pages/admin.tsx')).ApiPage),
  [PAGES.account]: lazy(async () => (await import('./pages/account.tsx')).AccountPage),
  [PAGES.variables]: lazy(async () => (await import('./pages/process.tsx')).ProcessPage),
  [PAGES.captures]: lazy(async () => (await import('./pages/captures.tsx')).CapturesPage),
  [PAGES.rules]: lazy(async () => (await import('./pages/rules.tsx')).RulesPage),
  [PAGES.coverage]: lazy(async () => (await import('./pages/rules.tsx')).CoveragePage),
  [PAGES.exceptions]: lazy(async () => (await import('./pages/rules.tsx')).ExceptionsPage),
  [PAGES.maintenance]: withDecisions(async () => (await import('./pages/maintenance.tsx')).MaintenancePage),
  [PAGES.newRule]: lazy(async () => (await import('./pages/rule-editor.tsx')).NewRulePage),
  [PAGES.mutes]: lazy(async () => (await import('./pages/rules.tsx')).MutesPage),
  [PAGES.reports]: lazy(async () => (await import('./pages/report.tsx')).ReportPage),
  [PAGES.baseline]: withDecisions(async () => (await import('./pages/baseline.tsx')).BaselinePage),
  [PAGES.exporters]: lazy(async () => (await import('./pages/exporters.tsx')).ExportersPage),
  [PAGES.health]: lazy(async () => (await import('./pages/health.tsx')).HealthPage),
};

const PAGE_OF: Readonly<Record<keyof typeof PAGES_OF, ComponentType<{ id: string }>>> = {
  alert: withDecisions<{ id: string }>(async () => (await import('./pages/alert.tsx')).AlertPage),
  asset: withDecisions<{ id: string }>(async () => (await import('./pages/asset.tsx')).AssetPage),
  variable: lazy<{ id: string }>(async () => (await import('./pages/process.tsx')).VariablePage),
  rule: lazy<{ id: string }>(async () => (await import('./pages/rule.tsx')).RulePage),
  editRule: lazy<{ id: string }>(async () => (await import('./pages/rule-editor.tsx')).EditRulePage),
  trial: lazy<{ id: string }>(async () => (await import('./pages/rule.tsx')).TrialPage),
};

function CurrentPage() {
  const { path } = useLocation();
  const Page = own<ComponentType>(PAGE, path);
  if (Page) return <Page />;
  for (const [name, prefix] of Object.entries(PAGES_OF)) {
    const PageOf = own<ComponentType<{ id: string }>>(PAGE_OF, name);
    if (PageOf && path.startsWith(prefix)) return <PageOf id={idOf(path, prefix)} key={path} />;
  }
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
        <LeaveDialog />
        <Toasts />
      </CrashGuard>
    </SessionContext.Provider>
  );
}
