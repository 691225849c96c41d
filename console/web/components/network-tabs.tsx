import { t } from '../i18n/index.ts';
import { to, useLocation } from '../lib/router.ts';

/** The three views of who talks to whom. */
export function NetworkTabs() {
  const { path } = useLocation();
  const tabs: readonly (readonly [href: string, text: string])[] = [
    [to.map, t.moreNav.map],
    [to.matrix, t.moreNav.matrix],
    [to.timeline, t.moreNav.timeline],
  ];
  return <Tabs label={t.map.tabs} tabs={tabs} path={path} />;
}

/** The queue, and the same alerts as stories. */
export function AlertTabs() {
  const { path } = useLocation();
  return (
    <Tabs
      label={t.incidents.tabs}
      path={path}
      tabs={[
        [to.alerts(), t.nav.alerts],
        [to.incidents, t.incidents.title],
      ]}
    />
  );
}

/** Links that look like tabs: each has an address of its own. */
export function Tabs({
  label,
  tabs,
  path,
}: {
  label: string;
  tabs: readonly (readonly [href: string, text: string])[];
  path: string;
}) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(([href, text]) => (
        <a key={href} href={href} aria-current={path === href ? 'page' : undefined}>
          {text}
        </a>
      ))}
    </nav>
  );
}
