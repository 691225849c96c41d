import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { anomalyTexts } from '../../console/web/i18n/anomalies-en.generated.js';
import { de } from '../../console/web/i18n/de.js';
import { en } from '../../console/web/i18n/en.js';
import type { AnomalyDef } from '../../sensor/model/anomaly.js';

const sensor = fileURLToPath(new URL('../../sensor/', import.meta.url));

async function definitions(): Promise<AnomalyDef[]> {
  const files = readdirSync(sensor, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(^|\/)anomalies\.ts$/.test(file),
  );
  const modules = await Promise.all(
    files.map((file) => import(join(sensor, file)) as Promise<Record<string, Record<string, AnomalyDef>>>),
  );
  return modules.flatMap((module) => Object.values(module).flatMap((table) => Object.values(table)));
}

it('the page explains every anomaly that the sensor knows, in the sensor’s words (else: node scripts/anomaly-texts.mjs)', async () => {
  const expected = Object.fromEntries(
    (await definitions()).map(({ code, title, description }) => [code, { title, text: description }]),
  );
  expect(Object.keys(expected).length).toBeGreaterThan(40);
  expect(anomalyTexts).toEqual(expected);
});

it('no text of the page is empty or left over from writing', () => {
  const poor: string[] = [];
  const look = (value: unknown, path: string) => {
    if (typeof value === 'string' && (value.trim() === '' || /TODO|FIXME|lorem/i.test(value))) poor.push(path);
    if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) look(inner, `${path}.${key}`);
    }
  };
  look(en, 'en');
  look(de, 'de');
  expect(poor).toEqual([]);
});

/** Every path to a text, with what stands there: a text, a function or a list of so many. */
function shape(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [`${path}: ${typeof value}`];
  if (Array.isArray(value)) return [`${path}: ${value.length} texts`];
  return Object.entries(value).flatMap(([key, inner]) => shape(inner, path === '' ? key : `${path}.${key}`));
}

it('German has every text that English has, and no other', () => {
  // Tables that packets choose from (roles, protocols, fields) may differ in neither language.
  expect(shape(de).sort()).toEqual(shape(en).sort());
});

it('German is not English with another name', () => {
  const same: string[] = [];
  const look = (a: unknown, b: unknown, path: string) => {
    if (typeof a === 'string' && a === b && a.length > 14 && a.includes(' ')) same.push(`${path}: ${a}`);
    if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) {
      for (const [key, inner] of Object.entries(a)) look(inner, (b as Record<string, unknown>)[key], `${path}.${key}`);
    }
  };
  look(de, en, 'de');
  expect(same).toEqual([]);
});
