import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExportService } from '../../sensor/export/service.js';
import { FakeReceiver, freePort, until } from '../export/receivers.js';
import { exportConfig, FAST, ORIGIN } from '../export/support.js';
import { type Bench, chromiumPath, type Site, signIn, startBench, startSite, type Visit, visit } from './browser.js';

describe.skipIf(chromiumPath === null)('the page of the exporters', () => {
  let bench: Bench;
  let site: Site;
  let who: Visit;
  let there: FakeReceiver;
  let service: ExportService;

  beforeAll(async () => {
    bench = await startBench();
    site = await startSite(bench);
    there = new FakeReceiver(await freePort());
    await there.listen();
    service = new ExportService({
      data: site.dir,
      config: exportConfig({}),
      origin: ORIGIN,
      hasFile: false,
      tell: () => {},
      timing: FAST,
    });
    service.start();
    who = await visit(bench, site);
    await signIn(who);
  });

  afterAll(async () => {
    await who?.close();
    await service?.stop();
    await there?.vanish();
    await site?.close();
    await bench?.close();
  });

  it('sets one up, tests it step by step, shows what it does, and removes it', async () => {
    const { page } = who;
    await who.go('/exporters');
    await page.getByRole('button', { name: 'Add an exporter' }).click();
    await page.getByLabel('Name', { exact: true }).fill('soc');
    await page.getByLabel('Name or address of the receiver').fill('not a host');
    await page.getByLabel('Transport').selectOption('tcp');
    await page.getByLabel('Port (0: the usual one)').fill(String(there.port));
    await page.getByLabel('Our private key (PEM)').fill('');
    await page.getByLabel('the audit log').check();
    await page.getByLabel('Only alerts in these zones').fill('Cell 1, Cell 2');
    await page.getByText('More settings').click();
    await page.getByLabel('Facility').selectOption('local5');
    await page.getByLabel('Seconds between heartbeats').fill('60');
    await page.getByRole('button', { name: 'Save' }).click();
    // The server's own sentence says what is wrong.
    await page.getByRole('alert').filter({ hasText: 'exporters.soc.host' }).waitFor();
    await page.getByLabel('Name or address of the receiver').fill('127.0.0.1');
    await page.getByRole('button', { name: 'Save' }).click();
    const card = page.locator('section.card').filter({ hasText: 'tcp://127.0.0.1' });
    await card.getByText('Connected', { exact: true }).waitFor();
    await card.getByRole('button', { name: 'Change' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('Only alerts in these zones').inputValue()).toBe('Cell 1, Cell 2');
    expect(await dialog.getByLabel('the audit log').isChecked()).toBe(true);
    expect(await dialog.getByLabel('new and changed devices').isChecked()).toBe(false);
    await dialog.getByText('More settings').click();
    expect(await dialog.getByLabel('Facility').inputValue()).toBe('local5');
    expect(await dialog.getByLabel('Seconds between heartbeats').inputValue()).toBe('60');
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    await card.getByRole('button', { name: 'Send a test message' }).click();
    await card.getByText(/^It worked\. Look for event-test-/).waitFor();
    await card.getByText('Connected to 127.0.0.1').waitFor();
    await until('the test message', () =>
      there.messages.some((message) => message.includes('Fieldwatch test message')),
    );

    await there.vanish();
    await card.getByRole('button', { name: 'Send a test message' }).click();
    await card.getByText('It did not work.').waitFor();
    await card.getByText('refuses the connection').first().waitFor();
    if (process.env['FIELDWATCH_PICTURE'])
      await page.screenshot({ path: process.env['FIELDWATCH_PICTURE'], fullPage: true });

    await card.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Nothing is exported').waitFor();
    expect(who.incidents).toEqual([]);
  });

  it('takes a secret and never shows it again', async () => {
    const { page } = who;
    await who.go('/exporters');
    await page.getByRole('button', { name: 'Add an exporter' }).click();
    await page.getByLabel('Name', { exact: true }).fill('hook');
    await page.getByLabel('Kind').selectOption('webhook');
    await page.getByLabel('Address (https)').fill('https://siem.example.com/in');
    await page.getByLabel('Token', { exact: true }).fill('very-secret-token-9');
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .locator('section.card')
      .filter({ hasText: 'https://siem.example.com' })
      .getByRole('button', { name: 'Change' })
      .click();
    const token = page.getByLabel('Token', { exact: true });
    expect(await token.inputValue()).toBe('');
    expect(await token.getAttribute('placeholder')).toContain('Set.');
    expect(await page.content()).not.toContain('very-secret-token-9');
    expect(readFileSync(join(site.dir, 'console.db')).includes('very-secret-token-9')).toBe(false);
  });

  it('lets a viewer look and nothing else', async () => {
    const viewer = await visit(bench, site);
    await signIn(viewer, 'vera');
    await viewer.go('/exporters');
    await viewer.page.getByText('Only an administrator can change or test exporters.').waitFor();
    await viewer.page.locator('section.card').filter({ hasText: 'hook' }).waitFor();
    expect(await viewer.page.getByRole('button', { name: /Add|Change|Remove|test/ }).count()).toBe(0);
    expect(viewer.incidents).toEqual([]);
    await viewer.close();
  });
});
