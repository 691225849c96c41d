import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, chromiumPath, type Site, signIn, startBench, startSite, type Visit, visit } from './browser.js';

const { SCREENSHOTS } = process.env;

describe.skipIf(chromiumPath === null)('maintenance windows in the browser', () => {
  let bench: Bench;
  let site: Site;
  let who: Visit;
  beforeAll(async () => {
    bench = await startBench();
    site = await startSite(bench);
    who = await visit(bench, site);
    await signIn(who, 'anna');
  }, 120_000);
  afterAll(async () => {
    await who?.close();
    await site?.close();
    await bench?.close();
  });
  const shot = async (name: string) => {
    if (SCREENSHOTS !== undefined) await who.page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true });
  };

  it('are announced after a look at what they would have softened, and ended', { timeout: 60_000 }, async () => {
    const { page } = who;
    await who.go('/rules/maintenance');
    await page.getByText('No work is announced.').waitFor();
    await page.getByRole('button', { name: 'Announce work' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Weekly service');
    await dialog.getByText('Every week').click();
    await dialog.getByLabel('From', { exact: true }).fill('00:00');
    await dialog.getByLabel('To', { exact: true }).fill('23:59');
    expect(await dialog.getByLabel('Time zone').inputValue()).toBe('Europe/Vienna');
    await dialog.getByLabel('Owner').fill('Control group');
    await dialog.getByLabel('Why').fill('order 4711');
    const announce = dialog.getByRole('button', { name: 'Announce', exact: true });
    expect(await announce.isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Show what it would have softened' }).click();
    await dialog.getByText(/would have softened .*alert/).waitFor();
    await shot('maintenance-preview');
    expect(await announce.isDisabled()).toBe(false);
    // What was shown is not about what stands there now.
    await dialog.getByLabel('Devices that are worked on').fill('no address');
    expect(await announce.isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Show what it would have softened' }).click();
    await dialog.getByRole('alert').getByText('is no address and no CIDR block').waitFor();
    await dialog.getByLabel('Devices that are worked on').fill('203.0.113.0/24');
    await dialog.getByRole('button', { name: 'Show what it would have softened' }).click();
    await dialog.getByText('It would have softened nothing').waitFor();
    await announce.click();
    await page
      .getByRole('cell', { name: 'Weekly service' })
      .or(page.getByRole('rowheader', { name: 'Weekly service' }))
      .waitFor();
    await page.getByText('203.0.113.0/24').waitFor();
    await page.getByText('Every day').waitFor();
    await shot('maintenance');
    await page.getByRole('button', { name: 'Withdraw' }).click();
    await dialog.getByLabel('Why').fill('done earlier');
    await dialog.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('No work is announced.').waitFor();
    expect(who.incidents).toEqual([]);
  });

  it('once, in the reader’s own time; a viewer sees them and announces none', { timeout: 60_000 }, async () => {
    const { page } = who;
    await who.go('/rules/maintenance');
    await page.getByRole('button', { name: 'Announce work' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('New pump');
    await dialog.getByLabel('Begins').fill('2099-07-01T06:00');
    await dialog.getByLabel('Ends').fill('2099-07-01T14:00');
    await dialog.getByLabel('Why').fill('order 4711');
    await dialog.getByRole('button', { name: 'Show what it would have softened' }).click();
    await dialog.getByText('The window is not over yet').waitFor();
    await dialog.getByRole('button', { name: 'Announce', exact: true }).click();
    const time = page.locator('td time').first();
    await time.waitFor();
    // Vienna in summer.
    expect(await time.getAttribute('datetime')).toMatch(/^2099-07-01T04:00:00/);
    const other = await visit(bench, site, { language: 'de' });
    await signIn(other, 'vera');
    await other.go('/rules/maintenance');
    await other.page.getByText('New pump').waitFor();
    await other.page.getByText('Arbeit kündigt ein Administrator an').waitFor();
    expect(await other.page.getByRole('button', { name: 'Arbeit ankündigen' }).count()).toBe(0);
    expect(await other.page.getByRole('button', { name: 'Zurückziehen' }).count()).toBe(0);
    expect([...who.incidents, ...other.incidents]).toEqual([]);
    await other.close();
  });
});
