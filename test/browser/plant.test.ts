import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAGES, to } from '../../console/web/lib/addresses.js';
import { replay } from '../../sensor/cli/replay.js';
import { type Bench, chromiumPath, type Site, signIn, startBench, startSite, type Visit, visit } from './browser.js';
import { settled } from './pages.js';

const plant = (name: string) => fileURLToPath(new URL(`../../fixtures/plant/${name}`, import.meta.url));

interface Step {
  source: string;
}

/** Who attacks, as the script that made the capture wrote it down. */
function attacker(): string {
  const timeline = JSON.parse(readFileSync(plant('attack.timeline.json'), 'utf8')) as Step[] | { steps: Step[] };
  const steps = Array.isArray(timeline) ? timeline : timeline.steps;
  return steps[0]?.source ?? '';
}

/** Runs in the page: texts with English words, but for those that say of themselves that they are English. */
function englishTexts(): string[] {
  const english =
    /\b(the|of|is|were|with|from|this|that|which|who|has|have|been|not|every|within|seconds|requests|never|nobody|your|you)\b/;
  const found: string[] = [];
  const look = (text: string | null | undefined, element: Element) => {
    if (!text || !english.test(text) || element.closest('[lang=en], pre, script, noscript')) return;
    found.push(text.trim().slice(0, 160));
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement) look(node.textContent, node.parentElement);
  }
  for (const element of document.querySelectorAll('[title], [aria-label], [placeholder]')) {
    for (const name of ['title', 'aria-label', 'placeholder']) look(element.getAttribute(name), element);
  }
  look(document.title, document.documentElement.querySelector('title') ?? document.body);
  return found;
}

describe.skipIf(chromiumPath === null)('the sample plant, replayed', () => {
  let bench: Bench;
  let site: Site;
  let who: Visit;
  beforeAll(async () => {
    bench = await startBench();
    site = await startSite(bench, {
      async fill(data) {
        await replay({ captures: [plant('normal.pcap')], data, phase: 'learn', sensor: 'sample-plant' });
        await replay({ captures: [plant('attack.pcap')], data, phase: 'protect', sensor: 'sample-plant' });
      },
    });
    who = await visit(bench, site);
    await signIn(who);
  });
  afterAll(async () => {
    await who?.close();
    await site?.close();
    await bench?.close();
  });

  it('says on the first screen that the plant is attacked, and by whom', async () => {
    const { page } = who;
    await page.getByRole('heading', { name: /critical alert/ }).waitFor();
    expect(attacker()).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    await page.locator('.verdict').getByRole('link', { name: attacker() }).waitFor();
    await page.getByText('Protecting', { exact: true }).first().waitFor();
  });

  it('explains every alert: what, who, what to do, and with decoded messages where there are packets', async () => {
    const { page } = who;
    const alerts = site.sensor.alerts({ limit: 500 }).items;
    expect(alerts.length).toBeGreaterThan(10);
    for (const alert of alerts) {
      await who.go(`/alerts/${encodeURIComponent(alert.id)}`);
      await page.getByRole('heading', { level: 1, name: alert.title }).waitFor();
      const text = (await page.locator('main').innerText()).replaceAll(/\s+/g, ' ');
      // Times in a sentence are shown as the reader's clock has them.
      for (const part of alert.description.split(/\d{4}-\d\d-\d\dT[\d:.]+Z/)) {
        expect(text).toContain(part.replaceAll(/\s+/g, ' ').trim());
      }
      expect(text).toContain(alert.recommendation.replaceAll(/\s+/g, ' '));
      if (alert.src_ip !== undefined) expect(text).toContain(alert.src_ip);
      for (const { technique } of alert.attack) expect(text).toContain(technique);
      const messages = alert.evidence.records.filter((record) => record.event_type === 'modbus');
      if (messages.length > 0) expect(await page.locator('.record .fields').count()).toBeGreaterThan(0);
    }
    expect(who.incidents).toEqual([]);
  });

  it('shows each device with who talks to it', async () => {
    const { page } = who;
    for (const asset of site.sensor.assets({ limit: 100 }).items) {
      await who.go(`/assets/${encodeURIComponent(asset.id)}`);
      await page.getByRole('heading', { level: 1, name: asset.name }).waitFor();
      const shown = await page.locator('.talk').count();
      expect(shown).toBe(site.sensor.conversations({ asset: asset.id, limit: 100 }).items.length);
    }
    await who.go('/health');
    await page.getByText('Modbus message hidden inside another one').waitFor();
    expect(who.incidents).toEqual([]);
  });

  it('is all German on every German page', { timeout: 600_000 }, async () => {
    const reader = await visit(bench, site, { language: 'de' });
    await signIn(reader);
    const one = { limit: 1 };
    const paths = [
      ...Object.values(PAGES),
      '/no-such-page',
      ...site.sensor.assets({ limit: 4 }).items.map(({ id }) => to.asset(id)),
      ...site.sensor.variables(one).items.map(({ id }) => to.variable(id)),
    ];
    // One alert of each detector.
    const alerts = new Map(site.sensor.alerts({ limit: 500 }).items.map((alert) => [alert.rule_id, alert]));
    for (const { id } of alerts.values()) paths.push(to.alert(id));
    const left: string[] = [];
    for (const path of paths) {
      await reader.go(path);
      await settled(reader);
      await reader.page.evaluate(() => {
        for (const more of document.querySelectorAll<HTMLElement>('main button[aria-expanded=false]')) more.click();
      });
      for (const text of await reader.page.evaluate(englishTexts)) left.push(`${path}: ${text}`);
    }
    expect([...new Set(left)]).toEqual([]);
    expect(reader.incidents).toEqual([]);
    await reader.close();
  });
});
