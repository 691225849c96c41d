import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, SETUP_CODE } from '../support/console.js';
import { at, sampleAlert } from '../support/sample-findings.js';
import { type Bench, chromiumPath, type Site, signIn, startBench, startSite, type Visit, visit } from './browser.js';

let bench: Bench;
beforeAll(async () => {
  if (chromiumPath !== null) bench = await startBench();
});
afterAll(() => bench?.close());

/** Chips and cells stand on lines of their own in what the browser calls the text. */
function textOf(innerText: string): string {
  return innerText.replaceAll(/\s+/g, ' ');
}

describe.skipIf(chromiumPath === null)('first start', () => {
  let site: Site;
  let who: Visit;
  beforeAll(async () => {
    site = await startSite(bench, { users: false });
    who = await visit(bench, site);
  });
  afterAll(async () => {
    await who?.close();
    await site?.close();
  });

  it('refuses a wrong code, a short and a mistyped password, each with its own words', async () => {
    const { page } = who;
    await page.goto('/');
    await page.getByLabel('Set-up code').fill('0000-1111-2222-3333');
    await page.getByLabel('Your name').fill('anna');
    await page.getByLabel('Password', { exact: true }).fill('short');
    await page.getByLabel('Password again').fill('short');
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.getByText('The password needs at least 12 characters.').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.getByText('The two passwords are not the same.').waitFor();
    await page.getByLabel('Password again').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.getByText('This set-up code is not valid').waitFor();
  });

  it('leads from the code to the worst alert, its acknowledgement and the device', async () => {
    const { page } = who;
    await page.goto('/');
    await page.getByLabel('Set-up code').fill(SETUP_CODE);
    await page.getByLabel('Your name').fill('anna');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('Password again').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create the account' }).click();

    await page.getByRole('heading', { name: '2 critical alerts are open' }).waitFor();
    await page.getByRole('link', { name: /A client that never wrote/ }).click();

    await page.getByRole('heading', { level: 1, name: /A client that never wrote/ }).waitFor();
    const main = textOf(await page.locator('main').innerText());
    for (const answer of [
      'Until now only HMI-Line-A wrote to these registers.',
      'Find out who uses 192.168.10.99.',
      'T0855',
      'Unauthorized Command Message',
      'Expected',
      'Write multiple registers',
      'packet 41201',
      'answers 41201',
      '1200',
    ]) {
      expect(main).toContain(answer);
    }

    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download as pcapng' }).click();
    expect((await download).suggestedFilename()).toMatch(/\.pcapng$/);

    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByLabel('Note').fill('Called the control room: not one of ours.');
    await page.getByRole('dialog').getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('Acknowledged by anna').waitFor();
    await page.getByText('Called the control room: not one of ours.').waitFor();
    await page.locator('.way').getByRole('link', { name: 'PLC-Filling-1' }).click();

    await page.getByRole('heading', { level: 1, name: 'PLC-Filling-1' }).waitFor();
    const device = textOf(await page.locator('main').innerText());
    for (const answer of ['Schneider Electric', 'Sources disagree', 'write 14', 'asks this device', 'Danfoss FC-302']) {
      expect(device).toContain(answer);
    }
    expect(who.incidents).toEqual([]);
  });

  it('counts one alert less after the acknowledgement', async () => {
    await who.go('/');
    await who.page.getByRole('heading', { name: 'One critical alert is open' }).waitFor();
  });
});

describe.skipIf(chromiumPath === null)('the alert queue', () => {
  let site: Site;
  let who: Visit;
  beforeAll(async () => {
    site = await startSite(bench);
    who = await visit(bench, site);
    await signIn(who);
  });
  afterAll(async () => {
    await who?.close();
    await site?.close();
  });

  const focused = () => who.page.evaluate(() => document.activeElement?.textContent ?? '');

  it('is worked through with the keyboard alone', async () => {
    const { page } = who;
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.waitForSelector('.table-alerts');
    const titles = await page.locator('.row-link').allInnerTexts();
    await page.keyboard.press('j');
    expect(await focused()).toBe(titles[0]);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    expect(await focused()).toBe(titles[1]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: titles[1] ?? '' }).waitFor();
    await page.keyboard.press('u');
    await page.waitForSelector('.table-alerts');

    await page.keyboard.press('j');
    await page.keyboard.press('a');
    await page.locator('.row-done', { hasText: titles[0] ?? '' }).waitFor();
    expect(await focused()).toBe(titles[1]);
    await page.keyboard.press('c');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('Tested by maintenance.');
    await page.keyboard.press('Control+Enter');
    await page.locator('.row-done', { hasText: titles[1] ?? '' }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await page.locator('.row:not(.row-done)', { hasText: titles[1] ?? '' }).waitFor();

    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('jac');
    expect(await page.locator('#search').inputValue()).toBe('jac');
    expect(who.incidents).toEqual([]);
  });

  it('keeps filters in the address, and says so when nothing matches', async () => {
    const { page } = who;
    await who.go('/alerts');
    await page.waitForSelector('.table-alerts');
    await page.getByLabel('Severity').selectOption('low');
    await page.waitForFunction(() => document.querySelectorAll('.table-alerts .row').length === 2);
    expect(page.url()).toContain('severity=low');
    await page.reload();
    await page.waitForFunction(() => document.querySelectorAll('.table-alerts .row').length === 2);
    await page.getByRole('searchbox').fill('nothing like this');
    await page.getByText('No alert matches these filters.').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.waitForSelector('.table-alerts');
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
  });

  it('shows what happens meanwhile without a reload, and without moving what is being read', async () => {
    const { page } = who;
    await who.go('/alerts');
    await page.waitForSelector('.table-alerts');
    await page.evaluate(() => {
      (globalThis as unknown as { stillHere: boolean }).stillHere = true;
    });
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const before = await focused();
    const rows = await page.locator('.row-link').count();

    const late = sampleAlert('alert-late', {
      title: 'Something new while you look',
      severity: 'high',
      first_seen: at(900),
      last_seen: at(900),
    });
    const health = site.sensor.health()[0];
    if (!health) throw new Error('the sample has a sensor');
    const empty = { assets: [], conversations: [], variables: [], packets: [], health };
    site.sensor.write({ ...empty, alerts: [late] });
    await page.getByRole('button', { name: '1 new alert' }).waitFor();
    expect(await page.locator('.row-link').count()).toBe(rows);
    expect(await focused()).toBe(before);

    await page.getByRole('button', { name: '1 new alert' }).click();
    await page.locator('.row-link', { hasText: late.title }).waitFor();
    site.sensor.write({ ...empty, alerts: [{ ...late, count: 4711, last_seen: at(901) }] });
    await page.locator('.row', { hasText: late.title }).getByText('4,711').waitFor();
    expect(await page.evaluate(() => (globalThis as unknown as { stillHere?: boolean }).stillHere)).toBe(true);
    expect(who.incidents).toEqual([]);
  });

  it('lets a viewer look, not decide', async () => {
    const viewer = await visit(bench, site);
    await signIn(viewer, 'vera');
    await viewer.go('/alerts/alert-write');
    await viewer.page.getByText('Your account may look but not change.').waitFor();
    expect(await viewer.page.getByRole('button', { name: 'Close' }).isDisabled()).toBe(true);
    await viewer.page.keyboard.press('c');
    expect(await viewer.page.getByRole('dialog').count()).toBe(0);
    await viewer.go('/baseline');
    await viewer.page.getByText('Only an administrator may change this.').waitFor();
    await viewer.close();
  });

  it('changes the phase only after saying what that means', async () => {
    const { page } = who;
    await who.go('/baseline');
    await page.getByRole('button', { name: 'Learn again' }).click();
    await page.getByRole('dialog').getByText('Somebody who attacks while Fieldwatch learns').waitFor();
    await page.getByRole('button', { name: 'Yes, change it' }).click();
    await page.getByText('Asked for: Learning').waitFor();
    expect(site.sensor.requestedPhase()).toBe('learn');
  });
});

describe.skipIf(chromiumPath === null)('session and connection', () => {
  it('signs out, shows nothing afterwards, and tells a wrong password', async () => {
    const site = await startSite(bench);
    const who = await visit(bench, site);
    const { page } = who;
    await signIn(who);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goBack().catch(() => null);
    await page.goto('/assets/asset-plc1');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.locator('body').innerText()).not.toContain('Schneider');
    await page.getByLabel('Name').fill('anna');
    await page.getByLabel('Password').fill('not the right one');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Name or password are not right.').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    // The address that was asked for is what is shown after signing in.
    await page.getByRole('heading', { level: 1, name: 'PLC-Filling-1' }).waitFor();
    await who.close();
    await site.close();
  });

  it('says when the console cannot be reached, and goes on by itself', async () => {
    const first = await startSite(bench);
    const who = await visit(bench, first);
    const { page } = who;
    await signIn(who);
    await page.getByText('Live', { exact: true }).waitFor();
    await who.context.setOffline(true);
    await first.console.close();
    await page.getByText('Not connected to the console.').waitFor();
    expect(await page.locator('.verdict').count()).toBe(1);
    await who.context.setOffline(false);
    const { startConsole } = await import('../../console/api/start.js');
    const again = await startConsole({
      data: first.dir,
      listen: new URL(first.url).host,
      webRoot: bench.webRoot,
      log: () => {},
    });
    await page.getByRole('button', { name: 'Try now' }).click({ timeout: 5000 });
    await page.getByText('Live', { exact: true }).waitFor();
    await who.close();
    await again.close();
    await first.close();
  });

  it('explains silence when nothing was found', async () => {
    const site = await startSite(bench, { sample: false });
    const who = await visit(bench, site);
    await signIn(who);
    await who.page.getByRole('heading', { name: 'Nothing has been analysed yet' }).waitFor();
    await who.go('/alerts');
    await who.page.getByText('The sensor has not seen any packets yet.').waitFor();
    await who.go('/assets');
    await who.page.getByText('Devices appear here as soon as the sensor hears them.').waitFor();
    await who.go('/health');
    await who.page.getByText('No sensor has reported yet').waitFor();
    await who.go('/no-such-page');
    await who.page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    expect(who.incidents).toEqual([]);
    await who.close();
    await site.close();
  });
});
