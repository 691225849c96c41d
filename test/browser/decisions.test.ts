import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { addUser } from '../support/console.js';
import { HOSTILE, sampleFindings } from '../support/sample-findings.js';
import { type Bench, chromiumPath, type Site, signIn, startBench, startSite, type Visit, visit } from './browser.js';

const { SCREENSHOTS } = process.env;

describe.skipIf(chromiumPath === null)('decisions in the browser', () => {
  let bench: Bench;
  let site: Site;
  let who: Visit;
  beforeAll(async () => {
    bench = await startBench();
    site = await startSite(bench, {
      sample: true,
      fill: async (dir) => {
        const sensor = new SqliteFindingsStore(dir, { role: 'sensor' });
        const sample = sampleFindings();
        const [first] = sample.conversations;
        const [operation] = first!.operations;
        const held = { ...operation!, class: 'control' as const, in_baseline: false, withheld: true };
        const conversations = ['stop', 'download_block', HOSTILE.markup].map((name, index) => ({
          ...first!,
          id: `held-${index}`,
          server_port: 102 + index,
          operations: [{ ...held, operation: name }],
        }));
        sensor.write({ ...sample, conversations });
        sensor.close();
        await addUser(dir, 'anton', 'analyst');
      },
    });
    who = await visit(bench, site);
    await signIn(who, 'anna');
  });
  afterAll(async () => {
    await who?.close();
    await site?.close();
    await bench?.close();
  });

  const shot = async (name: string, of = who) => {
    if (SCREENSHOTS !== undefined) await of.page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true });
  };
  const reason = () => who.page.getByRole('dialog').getByLabel('Why');

  it('accept a deviation from its alert, with a preview of each scope', async () => {
    const { page } = who;
    await who.go('/alerts/alert-write');
    await page.getByRole('button', { name: 'Accept as normal' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Every deviation between these two').check();
    await dialog.getByText('Not possible: between the same devices').waitFor();
    expect(await dialog.getByRole('button', { name: 'Accept as normal' }).isDisabled()).toBe(true);
    await shot('accept-refused');
    await page.keyboard.press('Escape');

    await who.go('/alerts/alert-diagnostics');
    await page.getByRole('button', { name: 'Accept as normal' }).waitFor();
    await page.keyboard.press('e');
    await dialog.getByText('Covers one alert').waitFor();
    await dialog.getByLabel('For how long').selectOption('1440');
    await reason().fill(`Yearly test by maintenance ${HOSTILE.markup}`);
    await shot('accept');
    await dialog.getByRole('button', { name: 'Accept as normal' }).click();
    await page.getByText('Accepted, one alert closed').waitFor();
    await page.getByText('Closed by anna').waitFor();
    await page.getByText(/Accepted into the baseline \(object\): Yearly test/).waitFor();
    expect(site.sensor.loadSensorMemory().baseline?.decisions.accepted).toHaveLength(1);
    expect(who.incidents).toEqual([]);
  });

  it('show what was accepted, by whom and why, and end it', async () => {
    const { page } = who;
    await who.go('/baseline?show=accepted');
    await page.getByText('Yearly test by maintenance').waitFor();
    await page.getByText('closed one alert').waitFor();
    await shot('accepted');
    await page.getByRole('button', { name: 'End it' }).click();
    await reason().fill('The test is over');
    await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
    await page.getByText('Ended, one alert open again').waitFor();
    await page.getByText('Nothing was accepted.').waitFor();
    await who.go('/alerts/alert-diagnostics');
    await page.getByText('No longer accepted (baseline version 2)').waitFor();
  });

  it('confirm and reject proposals, many at once', async () => {
    const { page } = who;
    await who.go('/baseline?show=proposals');
    await page.locator('tbody tr').nth(2).waitFor();
    const before = await page.locator('tbody tr').count();
    await shot('proposals');
    await page.getByLabel('Select all that are shown').check();
    await page.getByText(`${before} selected`).waitFor();
    await page.locator('tbody input').nth(0).uncheck();
    await page.getByRole('button', { name: 'It is normal', exact: true }).click();
    await reason().fill('Seen with the shift lead');
    await shot('confirm');
    await page.getByRole('dialog').getByRole('button', { name: 'It is normal', exact: true }).click();
    await page.getByText(`${before - 1} decided, version 3`).waitFor();
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
    await page.locator('tbody input').nth(0).check();
    await page.getByRole('button', { name: 'It is not normal' }).click();
    await reason().fill('Nobody knows it');
    await page.getByRole('dialog').getByRole('button', { name: 'It is not normal' }).click();
    await page.getByText('Nothing waits for a decision.').waitFor();
    const reviews = site.sensor.baselineVersion()?.decisions.reviews ?? [];
    expect(reviews.map(({ verdict }) => verdict)).toContain('rejected');
    expect(who.incidents).toEqual([]);
  });

  it('list versions, tell two of them apart, and go back', async () => {
    const { page } = who;
    await who.go('/baseline?show=versions');
    await page.getByText('Nobody knows it').first().waitFor();
    const [from, to] = [page.locator('.toolbar select').nth(0), page.locator('.toolbar select').nth(1)];
    await from.selectOption('0');
    await to.selectOption('4');
    await page.getByRole('heading', { name: 'From version 0 to 4' }).waitFor();
    await page.getByText('rejected').waitFor();
    await shot('versions');
    await page.getByRole('button', { name: 'Go back to this: Version 2' }).click();
    await reason().fill('Decided too early');
    await page.getByRole('dialog').getByRole('button', { name: 'Go back to this' }).click();
    await page.getByText('This is version 5 now').waitFor();
    await who.go('/baseline?show=proposals');
    await page.locator('tbody tr').nth(2).waitFor();
  });

  it('show how ripe the learning is, in both languages and on a phone', async () => {
    const { page } = who;
    await who.go('/baseline');
    await page.getByRole('heading', { name: 'How complete the learning is' }).waitFor();
    await page.getByRole('heading', { name: 'By device' }).waitFor();
    await shot('learning');
    const german = await visit(bench, site, { language: 'de', width: 360, theme: 'dark' });
    await signIn(german, 'anton');
    for (const tab of ['', '?show=proposals', '?show=accepted', '?show=versions', '?show=file']) {
      await german.go(`/baseline${tab}`);
      await german.page.locator('.card').first().waitFor();
      const overflow = await german.page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, tab).toBeLessThanOrEqual(0);
      await shot(`phone${tab.replace('?show=', '-')}`, german);
    }
    expect(german.incidents).toEqual([]);
    await german.close();
  });

  it('take a file in after showing what it holds, and say what is wrong with another', async () => {
    const { page } = who;
    await who.go('/baseline?show=file');
    const choose = (name: string, text: string) =>
      page.locator('#baseline-file').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
    await choose('wrong.yml', 'nothing: 1\n');
    await page.getByText('wrong.yml is no baseline file').waitFor();
    await choose('map.csv', 'device,unit,address,name,high\n10.20.1.20,11,30001,pH outlet,800\n');
    await page.getByText('1 declared variable,').waitFor();
    await page.getByLabel('Why').fill('Register map of March');
    await shot('import');
    await page.getByRole('button', { name: 'Take it over' }).click();
    await page.getByText('Imported as version 6').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export', exact: true }).last().click();
    expect((await download).suggestedFilename()).toBe('fieldwatch-baseline.yml');
  });

  it('say what a device is, and who said it', async () => {
    const { page } = who;
    await who.go('/assets/asset-gateway');
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Vendor').fill('Phoenix Contact');
    await dialog.getByLabel('Serial number').fill(HOSTILE.markup);
    await dialog.getByLabel('Zone').fill('Hall B');
    await shot('asset-edit');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Phoenix Contact').first().waitFor();
    expect(await page.getByText('said by anna').count()).toBeGreaterThan(2);
    await shot('asset');
    expect(who.incidents).toEqual([]);
  });

  it('make one device of two, and two of one', async () => {
    const { page } = who;
    await who.go('/assets/asset-gateway');
    await page.getByRole('button', { name: 'Is part of …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Search').fill('PLC-Mixing-2');
    await dialog.locator('option', { hasText: '192.168.10.12' }).waitFor({ state: 'attached' });
    await dialog.locator('option', { hasText: '192.168.10.11' }).waitFor({ state: 'detached' });
    await shot('merge');
    await dialog.getByRole('button', { name: 'Make it one device' }).click();
    await page.getByRole('heading', { name: 'Joined by hand' }).waitFor();
    await page.locator('main').getByText('192.168.10.20').first().waitFor();
    await shot('merged');
    await page.getByRole('button', { name: 'Take apart' }).click();
    await page.getByText('Two devices again').waitFor();
    await who.go('/assets/asset-gateway');
    await page.getByRole('heading', { level: 1, name: /Gateway/ }).waitFor();
    expect(who.incidents).toEqual([]);
  });

  it('compare the site’s list with what was seen', async () => {
    const { page } = who;
    await who.go('/assets');
    await page.getByRole('link', { name: 'Compare with your list' }).click();
    const choose = (text: string) =>
      page
        .getByLabel('List (CSV)')
        .setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await choose('colour\nred\n');
    await page.getByText('there is no column ip or mac').waitFor();
    await choose(`ip;name;vendor\n192.168.10.11;${HOSTILE.markup};Wago\n10.9.9.9;Spare;\n`);
    await page.getByText('10.9.9.9').waitFor();
    await page.getByText('Wago').waitFor();
    await shot('site-list');
    await page.getByRole('button', { name: 'Take the list over' }).click();
    await page.getByText('Taken over for 1 device').waitFor();
    expect(who.incidents).toEqual([]);
  });
});
