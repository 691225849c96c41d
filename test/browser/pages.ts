import { PAGES, PAGES_OF, to } from '../../console/web/lib/addresses.js';
import { OWN_RULE, type Visit } from './browser.js';

/** A thing of the sample plant for each page that is about one. */
const SAMPLE: Readonly<Record<keyof typeof PAGES_OF, string>> = {
  alert: 'alert-write',
  asset: 'asset-plc1',
  variable: 'variable-level',
  rule: '0b8a3f52-6f0e-4c57-9d35-2a5c8c5f7a01',
  editRule: OWN_RULE,
  trial: 'none',
};

/** Every page there is, as the page's own table of addresses has them: none can be forgotten in a test. */
export const EVERY_PAGE: readonly string[] = [
  ...Object.values(PAGES),
  ...Object.keys(PAGES_OF).map((name) => to[name as keyof typeof PAGES_OF](SAMPLE[name as keyof typeof PAGES_OF])),
];

/** The page is there with what it shows, not with what it shows while it loads. */
export async function settled({ page }: Visit): Promise<void> {
  await page.waitForSelector('.card, .table-box, .state, .coverage');
  await page.waitForFunction(() => document.querySelector('.skeleton, .loading') === null);
}
