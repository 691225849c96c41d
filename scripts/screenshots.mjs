// Makes docs/screenshots anew: the sample plant is analysed into a temporary folder, the console is served over it, and
// Chromium looks at the pages. `node scripts/screenshots.mjs [FOLDER] [--every]`: another folder, or every page in
// light and dark, wide and narrow, to be looked at after a change of the page.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ensureBuilt, ensureInstalled, root } from './lib.mjs';

const CODE = 'only-for-the-screenshots-0123456789';
const PASSWORD = 'granite lantern orbit mustard';
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };

const args = process.argv.slice(2);
const every = args.includes('--every');
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
  await context.close();
  return { state, alerts: alerts.items, assets: assets.items };
}

async function shoot(browser, url, state, theme, viewport, shots) {
  const context = await browser.newContext({
    baseURL: url,
    storageState: state,
    viewport,
    colorScheme: theme,
    locale: 'en-GB',
    timezoneId: 'Europe/Vienna',
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => process.stderr.write(`${page.url()}: ${error.message}\n`));
  for (const [name, path, fullPage] of shots) {
    await page.goto(path);
    await page.waitForSelector('.card, .table-box, .state, .gate');
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
  const { state, alerts, assets } = await signedIn(browser, url);
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
    const pages = { overview: '/', alerts: '/alerts', alert: alertPath, assets: '/assets', asset: devicePath };
    Object.assign(pages, { conversations: '/conversations', baseline: '/baseline', health: '/health' });
    Object.assign(pages, {
      map: '/map',
      process: '/process',
      incidents: '/incidents',
      rules: '/rules',
      report: '/report',
    });
    for (const theme of ['light', 'dark']) {
      for (const viewport of [WIDE, NARROW]) {
        const shots = Object.entries(pages).map(([name, path]) => [`${name}-${theme}-${viewport.width}`, path, true]);
        await shoot(browser, url, state, theme, viewport, shots);
      }
    }
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
