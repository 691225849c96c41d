import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeVariant, type SettingDoc } from '../../sensor/config.js';
import { FORMATS } from '../../sensor/export/formats/registry.js';
import { EXPORTER_TYPES, FORMAT_NAMES } from '../../sensor/export/settings.js';

/** The tables of docs/export.md are made from the code: `UPDATE_DOCS=1 npx vitest run test/export/documents`. */

const PATH = fileURLToPath(new URL('../../docs/export.md', import.meta.url));
const cell = (text: string) => text.replaceAll('|', '\\|');

function settingsTable(settings: readonly SettingDoc[]): string {
  return [
    '| setting | value | default | meaning |',
    '|---|---|---|---|',
    ...settings.map(
      ({ key, type, default: value, description }) =>
        `| \`${key}\` | ${cell(type)} | ${cell(value)} | ${cell(description)} |`,
    ),
  ].join('\n');
}

const all = new Map(EXPORTER_TYPES.map((type) => [type, describeVariant(['export', 'exporters'], type)]));
const isCommon = ({ key }: SettingDoc) =>
  [...all.values()].every((settings) => settings.some((other) => other.key === key));

const formats = FORMAT_NAMES.map((name) => {
  const { description, mapping } = FORMATS[name];
  return [
    `### ${name}`,
    '',
    description,
    '',
    '| field | from |',
    '|---|---|',
    ...mapping.map(({ field, from }) => `| \`${field}\` | ${cell(from)} |`),
  ].join('\n');
}).join('\n\n');

const SECTIONS: Readonly<Record<string, string>> = {
  'common settings': settingsTable((all.get('syslog') ?? []).filter(isCommon)),
  ...Object.fromEntries(
    [...all].map(([type, settings]) => [`${type} settings`, settingsTable(settings.filter((one) => !isCommon(one)))]),
  ),
  formats,
};

describe('docs/export.md', () => {
  it('has every setting and every field as the code has them', () => {
    const text = readFileSync(PATH, 'utf8');
    let updated = text;
    for (const [name, content] of Object.entries(SECTIONS)) {
      const place = new RegExp(`(<!-- ${name}: [^\\n]*-->\\n)[\\s\\S]*?(<!-- end -->)`);
      expect(updated, `docs/export.md has a place for "${name}"`).toMatch(place);
      updated = updated.replace(place, (_, before: string, after: string) => `${before}\n${content}\n\n${after}`);
    }
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PATH, updated);
    else expect(text, 'run UPDATE_DOCS=1 npx vitest run test/export/documents').toBe(updated);
  });
});
