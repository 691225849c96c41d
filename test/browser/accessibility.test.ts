import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, chromiumPath, type Site, signIn, startBench, startSite, type Visit, visit } from './browser.js';
import { EVERY_PAGE, settled } from './pages.js';

const PATHS = [
  ...EVERY_PAGE,
  '/alerts?status=all',
  '/alerts?q=nothing+like+this',
  '/assets/asset-intruder',
  '/assets?by=level',
  '/map?group=none',
  '/map/matrix?by=device',
  '/no-such-page',
];

/** Runs in the page: every text whose contrast to its ground is below WCAG 2.2 AA (4.5, or 3 for large text). */
function tooFaint(): string[] {
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = 1;
  const paint = canvas.getContext('2d', { willReadFrequently: true });
  if (!paint) throw new Error('no canvas');
  type Rgb = [number, number, number];
  const over = (color: string, ground: Rgb, opacity: number): Rgb => {
    paint.globalAlpha = 1;
    paint.fillStyle = `rgb(${ground.join(' ')})`;
    paint.fillRect(0, 0, 1, 1);
    paint.globalAlpha = opacity;
    paint.fillStyle = color;
    paint.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = paint.getImageData(0, 0, 1, 1).data;
    return [red, green, blue];
  };
  const luminance = (color: Rgb) => {
    const [red = 0, green = 0, blue = 0] = color.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  /** All grounds that a text may stand on: a gradient has one at each end. */
  const groundsOf = (element: Element | null): Rgb[] => {
    if (!element) return [[255, 255, 255]];
    const style = getComputedStyle(element);
    const below = groundsOf(element.parentElement);
    const flat = below.map((ground) => over(style.backgroundColor, ground, 1));
    const stops = style.backgroundImage.match(/(?:rgba?|color|oklab|oklch)\([^)]*\)/g) ?? [];
    return stops.length === 0 ? flat : stops.flatMap((stop) => flat.map((ground) => over(stop, ground, 1)));
  };
  const faint: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent?.trim() ?? '';
    if (!element || text === '' || element.closest('option, noscript, :disabled')) continue;
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    if (box.width <= 1 || box.height <= 1 || style.visibility === 'hidden') continue;
    let opacity = 1;
    for (let at: Element | null = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    const size = Number.parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const color = element instanceof SVGElement ? style.fill : style.color;
    for (const ground of groundsOf(element)) {
      const [light, dark] = [luminance(over(color, ground, opacity)), luminance(ground)].sort((a, b) => b - a);
      const contrast = ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
      if (contrast < (large ? 3 : 4.5))
        faint.push(`${contrast.toFixed(2)} "${text.slice(0, 40)}" .${element.className}`);
    }
  }
  return [...new Set(faint)];
}

/** Runs in the page: what a screen reader or the keyboard would stumble over. */
function stumblingBlocks(): string[] {
  const found: string[] = [];
  const headings = [...document.querySelectorAll('h1')];
  if (headings.length !== 1) found.push(`${headings.length} first-level headings`);
  if (document.documentElement.lang === '') found.push('no language');
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push(`id ${id} twice`);
  const nameOf = (element: Element) =>
    element.getAttribute('aria-label') ||
    element.textContent?.trim() ||
    (element instanceof HTMLInputElement ||
    element instanceof HTMLSelectElement ||
    element instanceof HTMLTextAreaElement
      ? [...(element.labels ?? [])].map((label) => label.textContent).join('')
      : '');
  for (const element of document.querySelectorAll('a, button, input, select, textarea, [role=img]')) {
    if (!nameOf(element)) found.push(`no name: ${element.outerHTML.slice(0, 120)}`);
  }
  for (const table of document.querySelectorAll('table')) {
    if (table.querySelectorAll('th[scope=col]').length === 0) found.push('a table without column headings');
    const widthOf = (row: HTMLTableRowElement) => [...row.cells].reduce((sum, cell) => sum + cell.colSpan, 0);
    const head = table.tHead?.rows[0];
    const row = table.tBodies[0]?.rows[0];
    if (head && row && widthOf(head) !== widthOf(row))
      found.push(`${widthOf(head)} headings over ${widthOf(row)} columns: ${table.className}`);
  }
  for (const list of document.querySelectorAll('ul, ol')) {
    if ([...list.children].some((child) => child.tagName !== 'LI')) found.push('a list with something else in it');
  }
  if (document.querySelectorAll('main').length !== 1) found.push('not exactly one main');
  return found;
}

/** Runs in the page: what is wider than the window, and words that do not fit where they stand. */
function overflowing(): string[] {
  const found: string[] = [];
  const tooWide = document.documentElement.scrollWidth - innerWidth;
  if (tooWide > 0) {
    found.push(`the page by ${tooWide} px`);
    for (const element of document.querySelectorAll('main *, header *')) {
      const box = element.getBoundingClientRect();
      if (box.right > innerWidth + 1 && !element.closest('.scroll-x')) found.push(element.outerHTML.slice(0, 120));
    }
  }
  for (const element of document.querySelectorAll<HTMLElement>(
    'button, .button, .badge, .chip, h1, h2, th, dt, label',
  )) {
    if (element.closest('.visually-hidden, .scroll-x') || getComputedStyle(element).overflow === 'hidden') continue;
    if (
      element.scrollWidth > element.clientWidth + 1 &&
      element.clientWidth > 0 &&
      getComputedStyle(element).display !== 'inline'
    )
      found.push(`${element.scrollWidth - element.clientWidth} px: ${element.outerHTML.slice(0, 120)}`);
  }
  return found.slice(0, 8);
}

/** Runs in the page: what looks as if one could click on it, but cannot be reached by the Tab key. */
function mouseOnly(): string[] {
  const reachable = 'a[href], button, input, select, textarea, summary, label, [tabindex]';
  const found: string[] = [];
  for (const element of document.querySelectorAll('body *')) {
    if (getComputedStyle(element).cursor !== 'pointer') continue;
    if (element.closest(reachable) || element.querySelector(reachable)) continue;
    found.push(element.outerHTML.slice(0, 120));
  }
  return found;
}

/** Runs in the page: times of day that do not say UTC when one points at them; drawings say it in their text. */
function timesWithoutUtc(): string[] {
  const found: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent ?? '';
    if (!/\b\d{1,2}:\d{2}:\d{2}(?!:)\b/.test(text)) continue;
    const element = node.parentElement;
    if (!element || element.closest('svg, pre, .mono')) continue;
    if (!element.closest('time')?.title.includes('UTC')) found.push(text.slice(0, 80));
  }
  return found;
}

/** Runs in the page: what moves for longer than anyone could see. */
function moving(): string[] {
  const found: string[] = [];
  const longest = (times: string) =>
    Math.max(...times.split(',').map((time) => Number.parseFloat(time) * (time.includes('ms') ? 1 : 1000)));
  for (const element of document.querySelectorAll('body *')) {
    const { animationName, animationDuration, transitionDuration } = getComputedStyle(element);
    const isAnimated = animationName !== 'none' && longest(animationDuration) > 10;
    if (isAnimated || longest(transitionDuration) > 10) found.push(element.outerHTML.slice(0, 120));
  }
  return found.slice(0, 5);
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  violations: { id: string; help: string; nodes: { html: string }[] }[];
}

/** What axe-core finds against WCAG 2.2 A and AA. */
async function violations({ page }: Visit): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations: found } = await page.evaluate(() => {
    const { axe } = globalThis as unknown as { axe: { run(context: Document, options: object): Promise<AxeResult> } };
    const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    return axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] });
  });
  return found.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160))}`,
  );
}

describe.skipIf(chromiumPath === null)('everybody can read and use the page', () => {
  let bench: Bench;
  let site: Site;
  beforeAll(async () => {
    bench = await startBench();
    site = await startSite(bench);
  });
  afterAll(async () => {
    await site?.close();
    await bench?.close();
  });

  for (const [theme, language] of [
    ['light', 'en'],
    ['dark', 'en'],
    ['light', 'de'],
    ['dark', 'de'],
  ] as const) {
    it(`has enough contrast and a name for everything, ${theme}, ${language}`, { timeout: 600_000 }, async () => {
      const who = await visit(bench, site, { theme, language });
      await who.go('/');
      expect(await who.page.evaluate(tooFaint), 'sign-in').toEqual([]);
      expect(await violations(who), 'sign-in').toEqual([]);
      await signIn(who);
      for (const path of PATHS) {
        await who.go(path);
        await settled(who);
        expect(await who.page.evaluate(tooFaint), path).toEqual([]);
        expect(await who.page.evaluate(stumblingBlocks), path).toEqual([]);
        expect(await violations(who), path).toEqual([]);
        expect(await who.page.evaluate(() => document.documentElement.lang)).toBe(language);
        expect(await who.page.evaluate(() => document.body.innerText), path).not.toMatch(/undefined|\[object|\bNaN\b/);
      }
      await who.go('/alerts/alert-write');
      await who.page.locator('.page-actions .button').nth(1).click();
      expect(await who.page.evaluate(tooFaint), 'dialog').toEqual([]);
      expect(await who.page.evaluate(stumblingBlocks), 'dialog').toEqual([]);
      expect(await violations(who), 'dialog').toEqual([]);
      await who.close();
    });
  }

  for (const [where, width, height] of [
    ['a phone', 360, 740],
    ['a laptop', 1280, 720],
    ['the wall of a control room', 2560, 1440],
  ] as const) {
    for (const language of ['en', 'de'] as const) {
      it(`fits ${where} without scrolling sideways, ${language}`, { timeout: 600_000 }, async () => {
        const who: Visit = await visit(bench, site, { width, height, language });
        await signIn(who);
        const found: string[] = [];
        for (const path of PATHS) {
          await who.go(path);
          await settled(who);
          for (const one of await who.page.evaluate(overflowing)) found.push(`${path}: ${one}`);
        }
        expect(found).toEqual([]);
        await who.close();
      });
    }
  }

  it('can be used without a mouse, and tells UTC for every time', { timeout: 600_000 }, async () => {
    const who: Visit = await visit(bench, site);
    await signIn(who);
    for (const path of PATHS) {
      await who.go(path);
      await settled(who);
      expect(await who.page.evaluate(mouseOnly), path).toEqual([]);
      expect(await who.page.evaluate(timesWithoutUtc), path).toEqual([]);
    }
    await who.close();
  });

  it('does not move for those who do not want it to', { timeout: 600_000 }, async () => {
    const who: Visit = await visit(bench, site);
    await who.page.emulateMedia({ reducedMotion: 'reduce' });
    await signIn(who);
    for (const path of PATHS) {
      await who.go(path);
      expect(await who.page.evaluate(moving), path).toEqual([]);
      await settled(who);
      expect(await who.page.evaluate(moving), path).toEqual([]);
    }
    await who.close();
  });

  it('starts with a link past the navigation, and shows where the focus is', async () => {
    const who = await visit(bench, site);
    await signIn(who);
    await who.go('/alerts');
    await who.page.waitForSelector('.table-alerts');
    await who.page.keyboard.press('Tab');
    expect(await who.page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
    await who.page.keyboard.press('Enter');
    expect(await who.page.evaluate(() => document.activeElement?.id)).toBe('main');
    for (let step = 0; step < 12; step++) {
      await who.page.keyboard.press('Tab');
      const outline = await who.page.evaluate(() => {
        const focused = document.activeElement;
        if (!focused || focused === document.body) return 'nothing';
        const shown = focused.closest('.segment') ?? focused;
        const { outlineStyle, outlineWidth } = getComputedStyle(shown);
        return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 ? '' : focused.outerHTML.slice(0, 120);
      });
      expect(outline).toBe('');
    }
    await who.close();
  });

  // German brings the translation of everything that the sensor says.
  it.each([
    ['en', 60_000],
    ['de', 120_000],
  ] as const)('loads little script first, and none from elsewhere, %s', async (language, most) => {
    const who = await visit(bench, site, { language });
    const bodies: Promise<Buffer>[] = [];
    who.page.on('response', (response) => {
      if (response.url().endsWith('.js')) bodies.push(response.body());
    });
    await signIn(who);
    const packed = (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body).length, 0);
    expect(bodies.length).toBeGreaterThan(0);
    expect(packed).toBeLessThan(most);
    expect(who.incidents).toEqual([]);
    await who.close();
  });
});
