import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Bench,
  chromiumPath,
  OWN_RULE,
  type Site,
  signIn,
  startBench,
  startSite,
  type Visit,
  visit,
} from './browser.js';

describe.skipIf(chromiumPath === null)('what a page shows when not everything is as usual', () => {
  let bench: Bench;
  let site: Site;
  let admin: Visit;
  let viewer: Visit;
  beforeAll(async () => {
    bench = await startBench();
    site = await startSite(bench);
    admin = await visit(bench, site);
    await signIn(admin, 'anna');
    viewer = await visit(bench, site);
    await signIn(viewer, 'vera');
  });
  afterAll(async () => {
    await admin?.close();
    await viewer?.close();
    await site?.close();
    await bench?.close();
  });

  it('each column of the devices has its heading, and four of them sort', async () => {
    const { page } = admin;
    await admin.go('/assets');
    await page.locator('.table-assets tbody tr').first().waitFor();
    const names = await page.locator('.table-assets thead th').allInnerTexts();
    expect(names.map((name) => name.toLowerCase())).toEqual([
      'name',
      'address',
      'role',
      'vendor and model',
      'firmware',
      'protocols',
      'last seen',
      'approved',
    ]);
    await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
    await page.waitForURL(/sort=name/);
    await page.locator('th[aria-sort=ascending]', { hasText: /name/i }).waitFor();
  });

  it('a text that was not saved is not lost by a link or the back button without a question', async () => {
    const { page } = admin;
    await admin.go('/rules');
    await page.getByRole('link', { name: 'New rule' }).click();
    const text = page.locator('#rule-text');
    await text.fill('title: half a rule\n');
    await page.getByRole('link', { name: 'Incidents' }).first().click();
    const question = page.getByRole('dialog', { name: 'Leave without saving?' });
    await question.getByRole('button', { name: 'Stay here' }).click();
    await question.waitFor({ state: 'detached' });
    expect(new URL(page.url()).pathname).toBe('/rules/new');
    expect(await text.inputValue()).toBe('title: half a rule\n');
    await page.goBack();
    await question.waitFor();
    expect(new URL(page.url()).pathname).toBe('/rules/new');
    await question.getByRole('button', { name: 'Leave' }).click();
    await page.waitForURL(/\/rules$/);
    await page.getByRole('heading', { name: 'Rules and detectors' }).waitFor();
    // Nothing was entered: nobody is asked.
    await page.goForward();
    await page.waitForURL(/\/rules\/new$/);
    await page.goBack();
    await page.waitForURL(/\/rules$/);
  });

  it('Escape throws away what was entered only when it is pressed twice', async () => {
    const { page } = admin;
    await admin.go('/alerts/alert-write');
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog');
    await dialog.locator('textarea').fill('The shift leader says');
    await page.keyboard.press('Escape');
    await dialog.getByText('Press Escape once more').waitFor();
    expect(await dialog.locator('textarea').inputValue()).toBe('The shift leader says');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('j and k go from alert to alert without going back to the queue, and u goes back to it as it was', async () => {
    const { page } = admin;
    await admin.go('/alerts?status=all');
    await page.locator('.table-alerts tbody tr').nth(2).waitFor();
    const links = await page
      .locator('.table-alerts .row-link')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${links[0]}`);
    await page.getByRole('navigation', { name: 'Queue of alerts' }).getByText(`1 of ${links.length}`).waitFor();
    await page.keyboard.press('j');
    await page.waitForURL(`**${links[1]}`);
    await page.getByText(`2 of ${links.length}`).waitFor();
    await page.keyboard.press('k');
    await page.waitForURL(`**${links[0]}`);
    await page.getByText(`1 of ${links.length}`).waitFor();
    await page.keyboard.press('u');
    await page.waitForURL(/\/alerts\?status=all$/);
  });

  it('who may not write rules or upload captures is told so, and is offered neither', async () => {
    const { page } = viewer;
    for (const path of ['/rules/new', `/rules/edit/${OWN_RULE}`, '/captures']) {
      await viewer.go(path);
      await page.getByText('Ask an administrator for the role analyst').waitFor();
      expect(await page.locator('main textarea, main input[type=file], main .button-accent').count(), path).toBe(0);
    }
    expect(viewer.incidents).toEqual([]);
  });

  it('a rule that could not be checked is not said to be checked for ever', async () => {
    const { page } = admin;
    await page.route('**/api/v1/rules/check', (route) => route.abort());
    await admin.go('/rules/new');
    await page.locator('#rule-text-problems').getByText('The console does not answer').waitFor();
    await page.unroute('**/api/v1/rules/check');
    const text = page.getByLabel('Rule, as a Sigma document (YAML)');
    const blank = await text.inputValue();
    await text.fill(`${blank}\n`);
    await page.getByText('No mistakes').waitFor();
    // As it was, so that the page lets go of it without asking.
    await text.fill(blank);
  });

  it('a rule that was saved but could not be put to use is a proposal, and is shown', async () => {
    const { page } = admin;
    await page.route('**/api/v1/own-rules/*/use', (route) =>
      route.fulfill({ status: 403, json: { error: { code: 'forbidden', message: 'no', id: '' } } }),
    );
    await admin.go('/rules/new');
    await page.getByText('No mistakes').waitFor();
    await page.getByRole('button', { name: 'Save and put to use' }).click();
    await page.getByLabel('Why').fill('pump 4 set-point');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.waitForURL(/\/rules\/rule\//);
    await page.getByText('Proposed').first().waitFor();
    await page.unroute('**/api/v1/own-rules/*/use');
  });

  it('a period that ends before it begins can be mended on the page', async () => {
    const { page } = admin;
    await admin.go('/reports?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z');
    await page.getByRole('heading', { name: 'This could not be loaded' }).waitFor();
    await page.getByLabel('To', { exact: true }).fill('2026-03-09T00:00');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.locator('.report').waitFor();
  });

  it('Enter in the search for a device joins nothing', async () => {
    const { page } = admin;
    await admin.go('/assets/asset-gateway');
    await page.getByRole('button', { name: 'Is part of …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Search').fill('PLC-Mixing-2');
    await dialog.locator('option', { hasText: '192.168.10.12' }).waitFor({ state: 'attached' });
    const joined: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/merge')) joined.push(request.url());
    });
    await dialog.getByLabel('Search').press('Enter');
    await dialog.getByLabel('Search').fill('nothing like this');
    await dialog.getByText('No device matches.').waitFor();
    await dialog.getByLabel('Search').press('Control+Enter');
    await dialog.getByText('No device matches.').waitFor();
    expect(joined).toEqual([]);
  });

  it('a list in Windows-1252 keeps its umlauts', async () => {
    const { page } = admin;
    await admin.go('/site-list');
    const buffer = Buffer.from('ip;name;vendor\n10.9.9.9;Rührwerk;\n', 'latin1');
    await page.getByLabel('List (CSV)').setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer });
    await page.getByText('Rührwerk').waitFor();
  });
});
