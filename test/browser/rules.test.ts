import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replay } from '../../sensor/cli/replay.js';
import { type Bench, chromiumPath, type Site, signIn, startBench, startSite, type Visit, visit } from './browser.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const plant = (name: string) => join(root, 'fixtures/plant', name);
const isBuilt = existsSync(join(root, 'dist/sensor/main.js'));
/** An analysis is a process of its own, on a machine that may be busy with other tests. */
const ANALYSIS_MS = 180_000;
const shots = process.env['FIELDWATCH_SHOTS'];

describe.skipIf(chromiumPath === null || !isBuilt)('rules in the browser', () => {
  let bench: Bench;
  let site: Site;
  let who: Visit;
  const alertOf = (words: string) => {
    const found = site.sensor.alerts({ limit: 500 }).items.find(({ title }) => title.includes(words));
    if (!found) throw new Error(`no alert "${words}"`);
    return found;
  };
  const shot = async (name: string) => {
    if (shots !== undefined) await who.page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  };
  const used = () => (existsSync(join(site.dir, 'rules')) ? readdirSync(join(site.dir, 'rules')) : []);
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
  }, 120_000);
  afterAll(async () => {
    await who?.close();
    await site?.close();
    await bench?.close();
  });

  it('are found by words, level and technique, and each says what it is', { timeout: 60_000 }, async () => {
    const { page } = who;
    await who.go('/rules');
    await page.getByRole('link', { name: /New rule/ }).waitFor();
    await shot('rules');
    await page.locator('#search').fill('force listen');
    await page.getByText('1 entry').waitFor();
    await page.getByRole('link', { name: /Force Listen Only/ }).click();
    await page.getByRole('heading', { level: 1, name: /Force Listen Only/ }).waitFor();
    await page.getByText('id: 0b8a3f52-6f0e-4c57-9d35-2a5c8c5f7a01').waitFor();
    await shot('rule');
    await who.go('/rules/coverage?show=gaps');
    await page.getByRole('heading', { name: 'Initial Access' }).waitFor();
    await shot('coverage');
    expect(who.incidents).toEqual([]);
  });

  it('with a mistake say where, while one types', { timeout: 60_000 }, async () => {
    const { page } = who;
    await who.go('/rules/new');
    const text = page.getByLabel('Rule, as a Sigma document (YAML)');
    await page.getByText('No mistakes').waitFor();
    const sound = await text.inputValue();
    await text.fill(sound.replace('modbus.address:', 'modbus.address|near:'));
    await page.getByRole('button', { name: /^Line 11, column \d/ }).click();
    const selected = await text.evaluate((area: HTMLTextAreaElement) =>
      area.value.slice(area.selectionStart, area.selectionEnd),
    );
    expect(selected).toBe('    modbus.address|near: 40');
    await expect.poll(() => page.getByRole('button', { name: 'Save and put to use' }).isDisabled()).toBe(true);
    await shot('editor-mistake');
    await text.fill(sound);
    await page.getByText('No mistakes').waitFor();
    expect(who.incidents).toEqual([]);
  });

  it('are made from an alert, tried, and put to use', { timeout: ANALYSIS_MS }, async () => {
    const { page } = who;
    await who.go(`/alerts/${encodeURIComponent(alertOf('Write from a station that never wrote').id)}`);
    await page.getByRole('link', { name: 'Make a rule' }).click();
    await page.getByRole('group', { name: 'What must be the same as in the alert' }).waitFor();
    const text = page.getByLabel('Rule, as a Sigma document (YAML)');
    expect(await text.inputValue()).toContain('modbus.address:');
    await page.getByRole('checkbox', { name: /^modbus\.address =/ }).uncheck();
    await expect.poll(() => text.inputValue()).not.toContain('modbus.address:');
    await page.getByText('No mistakes').waitFor();
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByRole('heading', { name: /Alerts that it would give/ }).waitFor({ timeout: ANALYSIS_MS });
    await page.locator('.trial-result summary').first().click();
    await page.locator('.trial-result .record').first().waitFor();
    await shot('trial');
    await page.getByRole('button', { name: 'Save and put to use' }).click();
    await page.getByLabel('Why').fill('this station has no business there');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText('in use', { exact: true }).waitFor();
    await shot('own-rule');
    expect(used()).toHaveLength(1);
    await page.getByRole('button', { name: 'Take out of use' }).click();
    await page.getByLabel('Why').fill('only for the test');
    await page.getByRole('dialog').getByRole('button', { name: 'Take out of use' }).click();
    await page.getByRole('button', { name: 'Put to use' }).waitFor();
    expect(used()).toEqual([]);
    expect(who.incidents).toEqual([]);
  });

  it('have exceptions, with reason and end', { timeout: ANALYSIS_MS }, async () => {
    const { page } = who;
    await who.go(`/alerts/${encodeURIComponent(alertOf('Device silenced').id)}`);
    await page.getByRole('link', { name: 'Exception', exact: true }).click();
    await page.getByText('Exception from: Device silenced').waitFor();
    await page.getByLabel('Ends after').selectOption('7');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByRole('heading', { name: /would no longer be/ }).waitFor({ timeout: ANALYSIS_MS });
    await shot('exception');
    await page.getByRole('button', { name: 'Save as a proposal' }).click();
    await page.getByLabel('Why').fill('planned test of the link');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Put to use' }).waitFor();
    await who.go('/rules/exceptions');
    await page.getByText('planned test of the link').waitFor();
    await page.getByText('Proposed').waitFor();
    await shot('exceptions');
    expect(used()).toEqual([]);
    expect(who.incidents).toEqual([]);
  });

  it('are tried on captures that show how far their analysis is', { timeout: ANALYSIS_MS }, async () => {
    const { page } = who;
    await who.go('/captures');
    await page.locator('input[type=file]').setInputFiles([plant('attack.pcap'), plant('normal.pcap')]);
    // Its bar says how far it is; a small file may be through before it is seen.
    const first = page.getByRole('row', { name: /attack\.pcap/ });
    await first.waitFor();
    await shot('captures-busy');
    await first.getByText('Analysed').waitFor({ timeout: ANALYSIS_MS });
    const second = page.getByRole('row', { name: /normal\.pcap/ });
    await second.getByText(/Analysed/).waitFor({ timeout: ANALYSIS_MS });
    await first.getByRole('button', { name: 'attack.pcap' }).click();
    await page.getByText('Modbus message hidden inside another one').first().waitFor();
    await shot('captures');
    await second.getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => second.count()).toBe(0);
    await first.getByRole('link', { name: 'Try rules on it' }).click();
    await expect.poll(() => page.getByLabel('Try on').locator('option:checked').innerText()).toContain('attack.pcap');
    expect(who.incidents).toEqual([]);
  });

  it('read German for who reads German, and an analyst cannot put to use', { timeout: 60_000 }, async () => {
    const german = await visit(bench, site, { language: 'de', theme: 'dark' });
    await signIn(german);
    await german.go('/rules/new');
    await german.page.getByText('Keine Fehler').waitFor();
    if (shots !== undefined) await german.page.screenshot({ path: join(shots, 'editor-de.png'), fullPage: true });
    await german.go('/captures');
    await german.page.getByText('Mitschnittdatei hier ablegen').waitFor();
    if (shots !== undefined) await german.page.screenshot({ path: join(shots, 'captures-de.png'), fullPage: true });
    expect(german.incidents).toEqual([]);
    await german.close();
  });
});
