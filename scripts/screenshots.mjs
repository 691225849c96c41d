// Makes docs/screenshots anew: the sample plant is analysed into a temporary folder, the console is served over it, and
// Chromium looks at the pages. `node scripts/screenshots.mjs [FOLDER] [--every] [--only=TEXT]`: another folder; every page
// in both languages, light and dark, on a phone, a laptop and a wall, to be looked at after a change of the page; of these
// only those whose file name contains the text (`map-`, `-de-dark-1440`).
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ensureBuilt, ensureInstalled, root } from './lib.mjs';

const CODE = 'only-for-the-screenshots-0123456789';
const PASSWORD = 'granite lantern orbit mustard';
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };
const PHONE = { width: 360, height: 740 };
const WALL = { width: 2560, height: 1440 };

const args = process.argv.slice(2);
const every = args.includes('--every');
const only = args.find((arg) => arg.startsWith('--only='))?.slice('--only='.length) ?? '';
const folder = args.find((arg) => !arg.startsWith('--')) ?? join(root, 'docs', 'screenshots');
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
if (!existsSync(executablePath)) {
  process.stderr.write(`There is no ${executablePath}: install the package chromium or set CHROMIUM_PATH.\n`);
  process.exit(2);
}

// FIELDWATCH_MAIN lets a build elsewhere be looked at.
const main = process.env.FIELDWATCH_MAIN ?? join(root, 'dist', 'sensor', 'main.js');
if (process.env.FIELDWATCH_MAIN === undefined) {
  ensureInstalled();
  ensureBuilt();
}
mkdirSync(folder, { recursive: true });
const data = mkdtempSync(join(tmpdir(), 'fieldwatch-screenshots-'));
const demo = spawn(process.execPath, [main, 'demo', '--data', data, '--listen', '127.0.0.1:0'], {
  env: { ...process.env, FIELDWATCH_SETUP_CODE: CODE },
  stdio: ['ignore', 'pipe', 'inherit'],
});

function addressOf(child) {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      const address = /http:\/\/[\d.]+:\d+/.exec(printed);
      if (address) resolve(address[0]);
    });
    child.on('exit', (code) => reject(new Error(`fieldwatch demo ended with ${code}:\n${printed}`)));
  });
}

async function signedIn(browser, url) {
  const context = await browser.newContext({ baseURL: url });
  const page = await context.newPage();
  await page.goto('/');
  await page.getByLabel('Set-up code').fill(CODE);
  await page.getByLabel('Your name').fill('anna');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Password again').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.waitForSelector('.overview');
  const state = await context.storageState();
  const alerts = await (await page.request.get('/api/v1/alerts?sort=severity&limit=100')).json();
  const assets = await (await page.request.get('/api/v1/assets?limit=100')).json();
  const variables = await (await page.request.get('/api/v1/variables?limit=1')).json();
  await context.close();
  return { state, alerts: alerts.items, assets: assets.items, variable: variables.items[0] };
}

async function shoot(browser, url, state, theme, viewport, shots, locale = 'en-GB') {
  const context = await browser.newContext({
    baseURL: url,
    storageState: state,
    viewport,
    colorScheme: theme,
    locale,
    timezoneId: 'Europe/Vienna',
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => process.stderr.write(`${page.url()}: ${error.message}\n`));
  for (const [name, path, fullPage] of shots) {
    await page.goto(path);
    await page.waitForSelector('.card, .table-box, .state, .gate, .coverage');
    await page.waitForFunction(() => document.querySelector('.skeleton') === null);
    await page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => {});
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: fullPage ?? false });
  }
  await context.close();
}

try {
  const url = await addressOf(demo);
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const { state, alerts, assets, variable } = await signedIn(browser, url);
  // The alert that shows most: with an expectation, written values, request and answer, and a technique.
  const writes = (alert) => alert.evidence.records.some(({ modbus }) => modbus?.pdu === 'request' && modbus.values);
  const shows = (alert) =>
    (alert.expected ? 8 : 0) +
    (writes(alert) ? 4 : 0) +
    (alert.evidence.records.length > 1 ? 2 : 0) +
    (alert.attack.length > 0 ? 1 : 0);
  const alert = [...alerts].sort((a, b) => shows(b) - shows(a))[0];
  const device = assets.find((asset) => asset.roles.includes('plc') && asset.vendor) ?? assets[0];
  const alertPath = `/alerts/${encodeURIComponent(alert.id)}`;
  const devicePath = `/assets/${encodeURIComponent(device.id)}`;
  if (every) {
    // The page's own table of addresses, so that no page is forgotten here.
    const table = readFileSync(join(root, 'console', 'web', 'lib', 'addresses.ts'), 'utf8');
    const pages = Object.fromEntries(
      [...table.matchAll(/^ {2}(\w+): '(\/[\w/-]*)',$/gm)].map(([, name, path]) => [name, path]),
    );
    const variablePath = `/process/${encodeURIComponent(variable.id)}`;
    Object.assign(pages, { alert: alertPath, asset: devicePath, variable: variablePath });
    for (const locale of ['en-GB', 'de-AT']) {
      for (const theme of ['light', 'dark']) {
        for (const viewport of [PHONE, WIDE, WALL]) {
          const shots = Object.entries(pages)
            .map(([name, path]) => [`${name}-${locale.slice(0, 2)}-${theme}-${viewport.width}`, path, true])
            .filter(([name]) => name.includes(only));
          if (shots.length > 0) await shoot(browser, url, state, theme, viewport, shots, locale);
        }
      }
    }
    if (only !== '') alerts.length = 0;
    for (const [index, one] of alerts.entries()) {
      const path = `/alerts/${encodeURIComponent(one.id)}`;
      await shoot(browser, url, state, 'light', WIDE, [[`each-${String(index).padStart(2, '0')}`, path, true]]);
    }
  } else {
    await shoot(browser, url, state, 'light', WIDE, [
      ['overview', '/'],
      ['alert', alertPath],
      ['assets', '/assets'],
      ['map', '/map'],
      ['process', '/process'],
    ]);
    await shoot(browser, url, state, 'dark', WIDE, [
      ['alerts-dark', '/alerts'],
      ['asset-dark', devicePath],
    ]);
    await shoot(browser, url, state, 'light', NARROW, [['overview-phone', '/']]);
  }
  await browser.close();
  process.stdout.write(`Screenshots in ${folder}\n`);
} finally {
  demo.removeAllListeners('exit');
  demo.kill('SIGTERM');
  rmSync(data, { recursive: true, force: true });
}
