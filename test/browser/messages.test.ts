import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
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
  expect(en.anomaly).toEqual(expected);
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
  expect(poor).toEqual([]);
});
