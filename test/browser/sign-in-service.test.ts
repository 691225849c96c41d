import { createServer } from 'node:http';
import AxeBuilder from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OidcSettings } from '../../console/api/oidc/settings.js';
import { codeAt, stepOf } from '../../console/api/totp.js';
import { PASSWORD } from '../support/console.js';
import { CLIENT, CLIENT_SECRET, listen, type People, startSignInService, stop } from '../support/sign-in-service.js';
import { type Bench, chromiumPath, type Site, startBench, startSite, visit } from './browser.js';

async function freePort(): Promise<string> {
  const server = createServer();
  const url = await listen(server);
  await stop(server);
  return url;
}

async function axe(page: Page): Promise<string[]> {
  await page.evaluate(AxeBuilder.source);
  return page.evaluate(async () => {
    const run = (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }).axe;
    return (await run.run()).violations.map(({ id }) => id);
  });
}

describe.skipIf(chromiumPath === null)('signing in, with a browser', () => {
  let bench: Bench;
  let site: Site;
  let service: { issuer: string; close(): Promise<void> };
  const people: People = new Map([
    ['ada', { preferred_username: 'ada@plant.example', groups: ['ot-admins'] }],
    ['guest', { preferred_username: 'guest', groups: ['visitors'] }],
  ]);

  beforeAll(async () => {
    bench = await startBench();
    const url = `${await freePort()}/`;
    service = await startSignInService(people, url);
    const oidc: OidcSettings = {
      issuer: service.issuer,
      clientId: CLIENT,
      clientSecret: CLIENT_SECRET,
      ca: null,
      label: 'Plant login',
      scope: 'openid profile',
      nameClaim: 'preferred_username',
      rolesClaim: 'groups',
      groups: { admin: ['ot-admins'], analyst: [], auditor: [], viewer: [] },
      clockSkewSeconds: 30,
      publicUrl: url,
    };
    site = await startSite(bench, { console: { oidc, listen: new URL(url).host } });
  }, 120_000);

  afterAll(async () => {
    await site?.close();
    await service?.close();
    await bench?.close();
  });

  async function atService(page: Page, name: string): Promise<void> {
    await page.getByPlaceholder('Enter any login').fill(name);
    await page.getByPlaceholder('and password').fill('any');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
  }

  it('goes to the service and back to the page that was asked for, and out again', { timeout: 60_000 }, async () => {
    const context = await bench.browser.newContext({ baseURL: site.url, locale: 'de-AT' });
    const page = await context.newPage();
    await page.goto('/assets');
    const link = page.getByRole('link', { name: 'Mit Plant login anmelden' });
    await link.waitFor();
    expect(await axe(page)).toEqual([]);
    await link.click();
    await atService(page, 'ada');
    await page.waitForURL('**/assets');
    await page.getByRole('link', { name: /ada@plant\.example/ }).click();
    await page.getByText('Sie melden sich mit Plant login an.').waitFor();
    expect(await page.getByRole('button', { name: 'Passwort ändern' }).count()).toBe(0);
    expect(await axe(page)).toEqual([]);
    const session = (await context.cookies(site.url)).find(({ name }) => name === 'fieldwatch');
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    await page.getByRole('button', { name: 'Abmelden' }).first().click();
    await page.waitForURL(`${service.issuer}/**`);
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await page.waitForURL(site.url);
    await link.waitFor();
    await context.close();
  });

  it('says in plain words why somebody was not let in', { timeout: 60_000 }, async () => {
    const context = await bench.browser.newContext({ baseURL: site.url, locale: 'en-GB' });
    const page = await context.newPage();
    await page.goto('/');
    await page.getByRole('link', { name: 'Sign in with Plant login' }).click();
    await atService(page, 'guest');
    await page.getByText('none of your groups may use this console').waitFor();
    expect(await axe(page)).toEqual([]);
    await page.goto('/?problem=__proto__');
    await page.getByRole('link', { name: 'Sign in with Plant login' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await context.close();
  });

  it('sets up a second factor with a picture to scan, and shows recovery codes once', { timeout: 60_000 }, async () => {
    const who = await visit(bench, site);
    const { page } = who;
    await who.go('/account');
    await page.getByLabel('Name').fill('vera');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Set up a second factor' }).click();
    const picture = page.getByRole('img', { name: 'QR code of the key' });
    await picture.waitFor();
    // 33 modules and more, and four white ones on each side.
    expect(Number((await picture.getAttribute('viewBox'))?.split(' ')[2])).toBeGreaterThanOrEqual(41);
    expect(await axe(page)).toEqual([]);
    const secret = (await page.locator('.secret').innerText()).replaceAll(/\s/g, '');
    await page.getByRole('textbox', { name: 'Code' }).fill(codeAt(secret, stepOf(Date.now())));
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Recovery codes', { exact: true }).waitFor();
    expect(await page.locator('.secret li').count()).toBe(8);
    expect(await axe(page)).toEqual([]);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as a text file' }).click();
    expect((await download).suggestedFilename()).toBe('fieldwatch-recovery-codes.txt');
    await page.getByRole('button', { name: 'Close' }).last().click();
    await page.getByText('8 recovery codes are left.').waitFor();
    expect(who.incidents).toEqual([]);
    await who.close();
  });
});
