import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { chooseLanguage, LANGUAGE_CODES, storedLanguage, t } from '../i18n/index.ts';
import { post } from '../lib/api.ts';
import { zoneName } from '../lib/format.ts';
import { useKeys } from '../lib/keys.ts';
import { retryLive, useLiveState } from '../lib/live.ts';
import { forgetEverything, useResource } from '../lib/resource.ts';
import { navigate, to, useLocation } from '../lib/router.ts';
import { OverviewContext, useSession } from '../lib/session.ts';
import { applyTheme, storedTheme, type Theme } from '../lib/theme.ts';
import type { Overview, Session } from '../lib/types.ts';
import { leaveOrAsk } from '../lib/unsaved.ts';
import { icons, Logo } from './icons.tsx';
import { Dialog, Segments } from './parts.tsx';
import { Raw } from './text.tsx';
import { toast } from './toasts.tsx';

interface NavItem {
  href: string;
  text: string;
  short?: string;
  icon: () => ComponentChildren;
  /** After `g`. */
  key: string;
  /** Addresses below which it is the current one. */
  below?: string;
  /** On a phone in the bar itself; the others are behind "more". */
  first?: boolean;
  roles?: readonly string[];
}

const NAV: readonly (readonly [group: string, items: readonly NavItem[]])[] = [
  [
    t.moreNav.groupWork,
    [
      { href: to.overview, text: t.nav.overview, icon: icons.overview, key: 'o', first: true },
      { href: to.alerts(), text: t.nav.alerts, icon: icons.alerts, key: 'a', first: true },
      { href: to.incidents, text: t.incidents.title, icon: icons.incident, key: 'i' },
    ],
  ],
  [
    t.moreNav.groupPlant,
    [
      { href: to.assets(), text: t.nav.assets, icon: icons.assets, key: 'd', first: true },
      { href: to.map, text: t.moreNav.map, icon: icons.map, key: 'm', first: true },
      {
        href: to.conversations(),
        text: t.nav.conversations,
        short: t.nav.conversationsShort,
        icon: icons.conversations,
        key: 'c',
      },
      { href: to.variables, text: t.moreNav.variables, icon: icons.process, key: 'v' },
    ],
  ],
  [
    t.moreNav.groupRules,
    [
      { href: to.rules, text: t.moreNav.rules, icon: icons.rules, key: 'r' },
      { href: to.baseline, text: t.nav.baseline, icon: icons.baseline, key: 'b' },
      { href: to.reports, text: t.moreNav.reports, icon: icons.report, key: 'p' },
    ],
  ],
  [
    t.moreNav.groupSystem,
    [
      { href: to.health, text: t.nav.health, icon: icons.health, key: 'h' },
      { href: to.captures, text: t.moreNav.captures, icon: icons.capture, key: 'f', roles: ['analyst', 'admin'] },
      { href: to.exporters, text: t.exporters.title, icon: icons.export, key: 'e' },
      { href: to.users, text: t.moreNav.admin, icon: icons.admin, key: 'u', below: '/admin', roles: ['admin'] },
      { href: to.audit, text: t.admin.audit, icon: icons.admin, key: 'l', below: '/admin', roles: ['auditor'] },
    ],
  ],
];

const ALL_ITEMS: readonly NavItem[] = NAV.flatMap(([, items]) => items);

function isCurrent(path: string, item: NavItem): boolean {
  const below = item.below ?? item.href;
  return item.href === '/' ? path === '/' : path === item.href || path.startsWith(`${below}/`);
}

function NavLink({ item, openAlerts }: { item: NavItem; openAlerts: number | undefined }) {
  const { path } = useLocation();
  return (
    <a
      href={item.href}
      class={item.first ? undefined : 'nav-rest'}
      aria-current={isCurrent(path, item) ? 'page' : undefined}
    >
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
  );
}

function Navigation({ openAlerts, openMenu }: { openAlerts: number | undefined; openMenu: () => void }) {
  const role = useSession()?.user?.role ?? 'viewer';
  return (
    <nav class="nav" aria-label={t.navigation}>
      {NAV.map(([group, items]) => (
        <div class="nav-group" key={group}>
          <span class="nav-head">{group}</span>
          {items
            .filter((item) => item.roles?.includes(role) ?? true)
            .map((item) => (
              <NavLink key={item.href} item={item} openAlerts={openAlerts} />
            ))}
        </div>
      ))}
      <button type="button" class="nav-more" aria-haspopup="dialog" onClick={openMenu}>
        {icons.menu()}
        <span>{t.moreNav.more}</span>
      </button>
    </nav>
  );
}

/** On a phone: every page, and what stands at the foot of the bar on wider screens. */
function MenuDialog({ onClose, foot }: { onClose: () => void; foot: ComponentChildren }) {
  const role = useSession()?.user?.role ?? 'viewer';
  return (
    <Dialog title={t.moreNav.menu} onClose={onClose}>
      <ul class="menu-list">
        {ALL_ITEMS.filter((item) => item.roles?.includes(role) ?? true).map((item) => (
          <li key={item.href}>
            <a href={item.href} onClick={onClose}>
              {item.icon()}
              {item.text}
            </a>
          </li>
        ))}
      </ul>
      {foot}
    </Dialog>
  );
}

function LanguageSwitch() {
  return (
    <label class="language">
      <span class="visually-hidden">{t.languageSwitch.label}</span>
      <select value={storedLanguage()} onChange={(event) => chooseLanguage(event.currentTarget.value)}>
        <option value="">{t.languageSwitch.browser}</option>
        {LANGUAGE_CODES.map((code) => (
          <option value={code} key={code} lang={code}>
            {t.languageSwitch.names[code] ?? code}
          </option>
        ))}
      </select>
    </label>
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
    [['x'], t.triage.keySelect],
    [['s'], t.triage.keyAssign],
    [['n'], t.triage.keyNote],
    [['m'], t.triage.keyMute],
    [['e'], t.triage.keyAccept],
    [['b'], t.triage.keyBytes],
    [['u'], s.back],
    [['/'], s.search],
    [['?'], s.help],
    ...ALL_ITEMS.map((item) => [['g', item.key], item.text] as const),
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
  const [showMenu, setShowMenu] = useState(false);
  useKeys({
    '?': () => setShowShortcuts(true),
    '/': () => document.getElementById('search')?.focus(),
    ...Object.fromEntries(ALL_ITEMS.map((item) => [`g ${item.key}`, () => navigate(item.href)])),
  });
  const signOut = () => {
    post<Session>('/logout')
      .then(({ continue_at: further }) => {
        forgetEverything();
        if (further?.startsWith('https:') || further?.startsWith('http:')) {
          window.location.assign(further);
          return;
        }
        onSignedOut();
      })
      .catch(() => toast(t.errors.unreachable, { bad: true }));
  };
  const open = overview.data?.open_alerts;
  const openAlerts = open && Object.values(open).reduce((sum, count) => sum + count, 0);
  const phase = overview.data?.phase;
  const account = session?.user && (
    <div class="account">
      <a class="account-name" href={to.account} title={t.account.signedInAs(session.user.name)}>
        <Raw text={session.user.name} />
        <span class="account-role">{t.roles[session.user.role] ?? session.user.role}</span>
      </a>
      <button
        type="button"
        class="button button-quiet button-icon"
        onClick={() => leaveOrAsk(signOut)}
        title={t.account.signOut}
        aria-label={t.account.signOut}
      >
        {icons.signOut()}
      </button>
    </div>
  );
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
        <Navigation openAlerts={openAlerts} openMenu={() => setShowMenu(true)} />
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
            <LanguageSwitch />
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
          {account}
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
      {showMenu && (
        <MenuDialog
          onClose={() => setShowMenu(false)}
          foot={
            <div class="menu-foot">
              <ThemeSwitch />
              <LanguageSwitch />
              {account}
            </div>
          }
        />
      )}
      {showShortcuts && <ShortcutsDialog onClose={() => setShowShortcuts(false)} />}
    </div>
  );
}
