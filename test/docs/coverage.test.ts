import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readRuleFiles } from '../../sensor/detection/rule-files.js';
import { RENAMED, TECHNIQUES } from '../../sensor/model/attack.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = join(ROOT, 'docs', 'coverage.md');
const MAX_NAMED = 4;

/** Techniques in the code of each detector. */
function detectors(): [name: string, techniques: Set<string>][] {
  const techniquesIn = (text: string) =>
    new Set([...text.matchAll(/'(T\d{4}(?:\.\d{3})?)'/g)].map((match) => match[1]!));
  const models = readdirSync(join(ROOT, 'sensor/baseline/models')).map((id): [string, Set<string>] => [
    `model \`${id}\``,
    techniquesIn(readFileSync(join(ROOT, 'sensor/baseline/models', id, 'index.ts'), 'utf8')),
  ]);
  const checks = readdirSync(join(ROOT, 'sensor/detection/checks')).map((file): [string, Set<string>] => [
    `${basename(file, '.ts')} checks`,
    techniquesIn(readFileSync(join(ROOT, 'sensor/detection/checks', file), 'utf8')),
  ]);
  const { rules } = readRuleFiles(join(ROOT, 'rules'));
  const ofRules = rules.map(({ file, techniques }): [string, Set<string>] => [
    `[${basename(dirname(file))}/${basename(file, '.yml')}](../rules/${basename(dirname(file))}/${basename(file)})`,
    new Set(techniques),
  ]);
  return [...models, ...checks, ...ofRules];
}

test('docs/coverage.md says for each technique what names it', () => {
  const named = new Map<string, string[]>();
  for (const [name, techniques] of detectors()) {
    // A part of a technique names the whole as well, and an older id the newer one.
    const ids = new Set(
      [...techniques].flatMap((id) => [id, RENAMED[id] ?? id]).flatMap((id) => [id, id.split('.')[0]!]),
    );
    for (const id of ids) {
      expect(TECHNIQUES, id).toHaveProperty([id]);
      named.set(id, [...(named.get(id) ?? []), name]);
    }
  }
  const shown = Object.entries(TECHNIQUES).filter(([id]) => RENAMED[id] === undefined);
  const rows = shown.map(([id, [name, tactic, visible]]) => {
    const by = named.get(id) ?? [];
    const more = by.length > MAX_NAMED ? ` and ${by.length - MAX_NAMED} more` : '';
    return `| ${id} | ${name} | ${tactic} | ${visible} | ${by.slice(0, MAX_NAMED).join(', ')}${more} |`;
  });
  const isWhole = (id: string) => !id.includes('.') && RENAMED[id] === undefined;
  const visible = Object.entries(TECHNIQUES).filter(([id, [, , can]]) => can !== 'no' && isWhole(id));
  const covered = visible.filter(([id]) => named.has(id));
  const full = visible.filter(([, [, , can]]) => can === 'yes');
  const table = [
    `Of ${visible.length} techniques that a passive sensor can see at least in part, ${covered.length} are named by a rule or detector;`,
    `of the ${full.length} that it can see fully, ${full.filter(([id]) => named.has(id)).length}.`,
    '',
    '| technique | name | tactic | visible | named by |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
  const text = readFileSync(PAGE, 'utf8');
  const updated = text.replace(
    /(<!-- coverage[^>]*-->\n)[\s\S]*?(<!-- end -->)/,
    (_, begin, end) => `${begin}${table}\n${end}`,
  );
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, updated);
  else expect(text).toBe(updated);
  // What the catalogue aims at; a rule that is taken away must not go unnoticed.
  expect(covered.length).toBeGreaterThanOrEqual(45);
});
