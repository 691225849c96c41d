import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { reportDe } from '../../console/texts/report-de.js';
import { reportEn } from '../../console/texts/report-en.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}

/** Names of steps as they stand where they are written into the audit log. */
const actions = new Set(
  ['console/api', 'sensor/store/console', 'sensor/decisions']
    .flatMap(sources)
    .flatMap((text) => [...text.matchAll(/(?:audit|[cC]hange(?:User)?)\([^;]*?;/g)])
    .flatMap(([call]) => [...call.matchAll(/'([a-z]+\.[a-z_]+)'/g)].map(([, name]) => name ?? '')),
);

describe('what people did, in the report', () => {
  it('finds the steps in the sources', () => {
    expect([...actions]).toEqual(expect.arrayContaining(['login.ok', 'rule.use', 'baseline.accept', 'asset.merge']));
  });

  it.each([
    ['English', reportEn],
    ['German', reportDe],
  ])('has a word for every step, %s', (_, { actions: words }) => {
    expect([...actions].filter((name) => words[name] === undefined)).toEqual([]);
  });
});
