import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { post } from '../lib/api.ts';
import { zoneName } from '../lib/format.ts';
import { useKeys } from '../lib/keys.ts';
import { retryLive, useLiveState } from '../lib/live.ts';
import { forgetEverything, useResource } from '../lib/resource.ts';
import { navigate, to, useLocation } from '../lib/router.ts';
import { OverviewContext, useSession } from '../lib/session.ts';
import { applyTheme, storedTheme, type Theme } from '../lib/theme.ts';
import type { Overview } from '../lib/types.ts';
import { icons, Logo } from './icons.tsx';
import { Dialog, Segments } from './parts.tsx';
import { Raw } from './text.tsx';
import { toast } from './toasts.tsx';

interface NavItem {
  href: string;
  text: string;
  short?: string;
  icon: () => ComponentChildren;
  key: string;
}

const NAV: readonly NavItem[] = [
  { href: to.overview, text: t.nav.overview, icon: icons.overview, key: 'o' },
  { href: to.alerts(), text: t.nav.alerts, icon: icons.alerts, key: 'a' },
  { href: to.assets(), text: t.nav.assets, icon: icons.assets, key: 'd' },
  {
    href: to.conversations(),
    text: t.nav.conversations,
    short: t.nav.conversationsShort,
    icon: icons.conversations,
    key: 'c',
  },
  { href: to.baseline, text: t.nav.baseline, icon: icons.baseline, key: 'b' },
  { href: to.health, text: t.nav.health, icon: icons.health, key: 'h' },
];

function isCurrent(path: string, href: string): boolean {
  return href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
}

function Navigation({ openAlerts }: { openAlerts: number | undefined }) {
  const { path } = useLocation();
  return (
    <nav class="nav" aria-label={t.navigation}>
      {NAV.map((item) => (
        <a key={item.href} href={item.href} aria-current={isCurrent(path, item.href) ? 'page' : undefined}>
          {item.icon()}
          <span class="nav-text">{item.text}</span>
          <span class="nav-short" aria-hidden="true">
            {item.short ?? item.text}
          </span>
          {item.key === 'a' && openAlerts !== undefined && openAlerts > 0 && (
            <span class="nav-count">
              <span aria-hidden="true">{openAlerts > 999 ? '999+' : openAlerts}</span>
              <span class="visually-hidden">{t.openAlertsCount(openAlerts)}</span>
            </span>
          )}
        </a>
      ))}
    </nav>
  );
}

function ThemeSwitch() {
  const [theme, setTheme] = useState(storedTheme);
  const choice = (icon: ComponentChildren, text: string) => (
    <span class="segment-icon" title={text}>
      {icon}
      <span class="visually-hidden">{text}</span>
    </span>
  );
  return (
    <Segments<Theme>
      legend={t.theme.label}
      name="theme"
      value={theme}
      options={[
        ['system', choice(icons.system(), t.theme.system)],
        ['light', choice(icons.sun(), t.theme.light)],
        ['dark', choice(icons.moon(), t.theme.dark)],
      ]}
      onChange={(next) => {
        applyTheme(next);
        setTheme(next);
      }}
    />
  );
}

function LiveLight() {
  const state = useLiveState();
  return (
    <span class={`live live-${state}`}>
      <span class="live-dot" aria-hidden="true" />
      {t.live[state]}
    </span>
  );
}

function OfflineBar() {
  if (useLiveState() !== 'offline') return null;
  return (
    <div class="offline" role="status">
      <span>{t.live.offlineLong}</span>
      <button type="button" class="button" onClick={retryLive}>
        {t.live.retry}
      </button>
    </div>
  );
}

function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const s = t.shortcuts;
  const rows: readonly (readonly [keys: readonly string[], text: string])[] = [
    [['j'], s.next],
    [['k'], s.previous],
    [['Enter'], s.open],
    [['a'], s.acknowledge],
    [['c'], s.close],
    [['o'], s.reopen],
    [['u'], s.back],
    [['/'], s.search],
    [['?'], s.help],
    [['g', 'o'], s.goOverview],
    [['g', 'a'], s.goAlerts],
    [['g', 'd'], s.goAssets],
    [['g', 'c'], s.goConversations],
    [['g', 'b'], s.goBaseline],
    [['g', 'h'], s.goHealth],
  ];
  return (
    <Dialog title={s.title} onClose={onClose}>
      <dl class="shortcuts">
        {rows.map(([keys, text]) => (
          <div key={text}>
            <dt>
              {keys.map((key, index) => (
                <span key={key}>
                  {index > 0 && <span class="faint"> {s.thenKey} </span>}
                  <kbd>{key}</kbd>
                </span>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

export function Frame({ children, onSignedOut }: { children: ComponentChildren; onSignedOut: () => void }) {
  const session = useSession();
  const overview = useResource<Overview>('/overview', ['alerts', 'health', 'assets', 'conversations']);
  const [showShortcuts, setShowShortcuts] = useState(false);
  useKeys({
    '?': () => setShowShortcuts(true),
    '/': () => document.getElementById('search')?.focus(),
    ...Object.fromEntries(NAV.map((item) => [`g ${item.key}`, () => navigate(item.href)])),
  });
  const signOut = () => {
    post('/logout')
      .then(() => {
        forgetEverything();
        onSignedOut();
      })
      .catch(() => toast(t.errors.unreachable, { bad: true }));
  };
  const open = overview.data?.open_alerts;
  const openAlerts = open && Object.values(open).reduce((sum, count) => sum + count, 0);
  const phase = overview.data?.phase;
  return (
    <div class="frame">
      <a class="skip" href="#main">
        {t.skipToContent}
      </a>
      <header class="side">
        <a class="brand" href={to.overview}>
          <Logo />
          <span class="brand-name">
            {t.product}
            {session?.site && (
              <span class="brand-site">
                <Raw text={session.site} />
              </span>
            )}
          </span>
        </a>
        <Navigation openAlerts={openAlerts} />
        <div class="side-foot">
          <div class="side-state">
            <LiveLight />
            {phase && (
              <a href={to.baseline} class={`phase phase-${phase}`}>
                {phase === 'learn' ? t.overview.learning : t.overview.protecting}
              </a>
            )}
          </div>
          <div class="side-tools">
            <ThemeSwitch />
            <button
              type="button"
              class="button button-quiet button-icon keyboard-help"
              onClick={() => setShowShortcuts(true)}
              title={`${t.shortcuts.title} (?)`}
              aria-label={t.shortcuts.title}
            >
              {icons.keyboard()}
            </button>
          </div>
          {session?.user && (
            <div class="account">
              <span class="account-name" title={t.account.signedInAs(session.user.name)}>
                <Raw text={session.user.name} />
                <span class="account-role">{t.roles[session.user.role] ?? session.user.role}</span>
              </span>
              <button
                type="button"
                class="button button-quiet button-icon"
                onClick={signOut}
                title={t.account.signOut}
                aria-label={t.account.signOut}
              >
                {icons.signOut()}
              </button>
            </div>
          )}
        </div>
      </header>
      <div class="body">
        <OfflineBar />
        <main id="main" tabIndex={-1}>
          <OverviewContext.Provider value={overview}>{children}</OverviewContext.Provider>
        </main>
        <footer class="foot">
          {t.time.zone(zoneName)} {t.product} {session?.version}
        </footer>
      </div>
      {showShortcuts && <ShortcutsDialog onClose={() => setShowShortcuts(false)} />}
    </div>
  );
}
