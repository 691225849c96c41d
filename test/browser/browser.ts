import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { type ListenOptions, type RunningConsole, startConsole } from '../../console/api/start.js';
import { ruleWorkshop } from '../../sensor/cli/rule-workshop.js';
import { loadConfig } from '../../sensor/config.js';
import { ConsoleStore } from '../../sensor/store/console/console-store.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { addUser, PASSWORD, SETUP_CODE, sampleDataDir, tempDataDir } from '../support/console.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

function findChromium(): string | null {
  const named = process.env['CHROMIUM_PATH'];
  const candidates = named ? [named] : ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return candidates.find((path) => existsSync(path)) ?? null;
}

export const chromiumPath = findChromium();
if (chromiumPath === null) {
  process.stderr.write(
    'Browser tests are skipped: no Chromium found. Install the package chromium or set CHROMIUM_PATH.\n',
  );
}

/** Chromium as it is started for tests: no network of its own, nothing kept. */
export const CHROMIUM_ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Bench {
  readonly browser: Browser;
  readonly webRoot: string;
  close(): Promise<void>;
}

/** The page built from its source into a folder of its own, and a browser. */
export async function startBench(): Promise<Bench> {
  const webRoot = mkdtempSync(join(tmpdir(), 'fieldwatch-web-'));
  await build({
    root: join(root, 'console', 'web'),
    logLevel: 'error',
    build: { outDir: webRoot, emptyOutDir: true },
  });
  const browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: CHROMIUM_ARGS });
  return {
    browser,
    webRoot,
    async close() {
      await browser.close();
      rmSync(webRoot, { recursive: true, force: true });
    },
  };
}

export interface Site {
  readonly url: string;
  readonly dir: string;
  /** The sensor's side of the same store. */
  readonly sensor: SqliteFindingsStore;
  readonly console: RunningConsole;
  close(): Promise<void>;
}

/** Id of a rule that is proposed on every site. */
export const OWN_RULE = 'own-rule';

function proposeRule(dir: string): void {
  const accounts = new ConsoleStore(dir);
  const text = `title: Register 40 is written\nid: ${OWN_RULE}\nlogsource: { product: fieldwatch, service: modbus }\ndetection:\n  selection:\n    modbus.address: 40\n  condition: selection\n`;
  const head = { rule: OWN_RULE, kind: 'rule', title: 'Register 40 is written', expires: '' } as const;
  accounts.rules.save(head, text, 'pump 4 set-point', { user: 'anna', source: 'test' });
  accounts.close();
}

/** A console that really listens, over the sample plant, with the users anna (admin) and vera (viewer) unless told. `fill` puts findings of its own there. */
export async function startSite(
  bench: Bench,
  options: {
    users?: boolean;
    sample?: boolean;
    fill?: (dir: string) => Promise<void>;
    console?: Partial<ListenOptions>;
  } = {},
): Promise<Site> {
  const data = (options.sample ?? options.fill === undefined) ? sampleDataDir() : tempDataDir();
  await options.fill?.(data.dir);
  if (options.users ?? true) {
    await addUser(data.dir, 'anna', 'admin');
    await addUser(data.dir, 'vera', 'viewer');
    proposeRule(data.dir);
  }
  const sensor = new SqliteFindingsStore(data.dir, { role: 'sensor' });
  const running = await startConsole({
    data: data.dir,
    rules: ruleWorkshop(loadConfig(), data.dir),
    site: 'Bottling plant North',
    setupCode: SETUP_CODE,
    listen: '127.0.0.1:0',
    webRoot: bench.webRoot,
    pollMs: 100,
    requestsPerMinute: 100_000,
    log: () => {},
    ...options.console,
  });
  return {
    url: running.url,
    dir: data.dir,
    sensor,
    console: running,
    async close() {
      await running.close();
      sensor.close();
      data.remove();
    },
  };
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Whatever must never happen: script errors, dialogs, violations of the content policy, foreign requests. */
  readonly incidents: string[];
  go(path: string): Promise<void>;
  close(): Promise<void>;
}

export interface VisitOptions {
  width?: number;
  height?: number;
  theme?: 'light' | 'dark';
  language?: 'en' | 'de';
}

/** A fresh browser profile on the site. */
export async function visit(bench: Bench, site: Site, options: VisitOptions = {}): Promise<Visit> {
  const context = await bench.browser.newContext({
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    colorScheme: options.theme ?? 'light',
    locale: options.language === 'de' ? 'de-AT' : 'en-GB',
    timezoneId: 'Europe/Vienna',
    baseURL: site.url,
  });
  const incidents: string[] = [];
  await context.exposeBinding('reportViolation', (_source, text: string) => {
    incidents.push(text);
  });
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const report = (globalThis as unknown as { reportViolation(text: string): void }).reportViolation;
      report(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => incidents.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    incidents.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(site.url).origin) incidents.push(`foreign: ${request.url()}`);
  });
  return {
    page,
    context,
    incidents,
    async go(path) {
      const answer = await page.goto(new URL(path, site.url).href);
      await page.waitForSelector('h1').catch(async (cause: unknown) => {
        const text = await page.locator('body').innerText();
        throw new Error(`${path} gave ${answer?.status()}: ${text.slice(0, 300)} ${incidents.join('; ')}`, { cause });
      });
      // What listens to the keyboard is set up behind the frame in which the heading first shows.
      await page.evaluate(
        'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))',
      );
    },
    close: () => context.close(),
  };
}

export async function signIn({ page }: Visit, name = 'anna'): Promise<void> {
  await page.goto('/');
  await page.getByLabel('Name').fill(name);
  await page.locator('input[name=password]').fill(PASSWORD);
  await page.getByRole('button', { name: /^(Sign in|Anmelden)$/ }).click();
  await page.waitForSelector('.overview');
}
