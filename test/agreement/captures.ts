import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../shared/captures/', import.meta.url));

export const RECORDED_CAPTURES_MISSING =
  'the folder ../shared/captures beside the checkout is missing: recorded captures are not compared';

function rows(file: string): string[][] {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  return text
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

/** Captures in which the index or the list of operations names Modbus, as paths below the folder. */
export function modbusCaptures(): string[] {
  if (!existsSync(join(FOLDER, 'index.tsv'))) return [];
  const named = new Set<string>();
  for (const row of rows('index.tsv')) {
    if (/\b(mbtcp|mbudp|mbrtu|modbus)\b/.test(row[8] ?? '')) named.add(row[0] ?? '');
  }
  for (const row of rows('operations.tsv')) if (row[1] === 'modbus') named.add(row[0] ?? '');
  return [...named].filter((file) => existsSync(join(FOLDER, file))).sort();
}

/** Captures whose main protocol is S7comm or S7comm-plus: both have the transport's connections in common. */
export function s7commCaptures(): string[] {
  if (!existsSync(join(FOLDER, 'index.tsv'))) return [];
  return rows('index.tsv')
    .map(([file = '']) => file)
    .filter((file) => /^s7comm(-plus)?\//.test(file) && existsSync(join(FOLDER, file)))
    .sort();
}

export function capturePath(file: string): string {
  return join(FOLDER, file);
}
