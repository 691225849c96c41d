import { encodeId } from './text.js';

/** The pages without an id in their address. Whoever adds one here gets it into every test of all pages. */
export const PAGES = {
  overview: '/',
  alerts: '/alerts',
  incidents: '/incidents',
  assets: '/assets',
  compare: '/compare',
  siteList: '/site-list',
  map: '/map',
  matrix: '/map/matrix',
  timeline: '/map/traffic',
  conversations: '/conversations',
  variables: '/process',
  baseline: '/baseline',
  rules: '/rules',
  coverage: '/rules/coverage',
  mutes: '/rules/mutes',
  exceptions: '/rules/exceptions',
  maintenance: '/rules/maintenance',
  newRule: '/rules/new',
  reports: '/reports',
  captures: '/captures',
  health: '/health',
  exporters: '/exporters',
  account: '/account',
  users: '/admin/users',
  tokens: '/admin/tokens',
  sessions: '/admin/sessions',
  audit: '/admin/audit',
  api: '/admin/api',
} as const;

/** The pages about one thing, by what comes before its id. */
export const PAGES_OF = {
  alert: '/alerts/',
  asset: '/assets/',
  variable: '/process/',
  rule: '/rules/rule/',
  editRule: '/rules/edit/',
  trial: '/rules/trial/',
} as const;

/** The addresses of the pages; ids are encoded, because some of them hold what packets contained. */
export const to = {
  ...PAGES,
  alerts: (filters = '') => `${PAGES.alerts}${filters}`,
  assets: (filters = '') => `${PAGES.assets}${filters}`,
  conversations: (filters = '') => `${PAGES.conversations}${filters}`,
  alert: (id: string) => `${PAGES_OF.alert}${encodeId(id)}`,
  asset: (id: string) => `${PAGES_OF.asset}${encodeId(id)}`,
  newRule: (filters = '') => `${PAGES.newRule}${filters}`,
  rule: (id: string) => `${PAGES_OF.rule}${encodeId(id)}`,
  editRule: (id: string) => `${PAGES_OF.editRule}${encodeId(id)}`,
  trial: (id: string) => `${PAGES_OF.trial}${encodeId(id)}`,
  variable: (id: string) => `${PAGES_OF.variable}${encodeId(id)}`,
};
