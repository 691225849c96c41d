import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readRuleFiles } from '../../sensor/detection/rule-files.js';
import { SigmaEngine } from '../../sensor/detection/sigma/engine.js';
import { JsonEvent } from '../../sensor/detection/sigma/event.js';
import type { SigmaRule } from '../../sensor/detection/sigma/rule.js';
import { attackTechnique } from '../../sensor/model/attack.js';
import { createDissectors } from '../../sensor/protocols/registry.js';

/**
 * Every rule of the product with records on which it fires and close ones on which it does not. `times` repeats an
 * event, `step` seconds apart; `vary` counts a field up from its value.
 */
interface Burst {
  readonly event: Record<string, unknown>;
  readonly times: number;
  readonly step: number;
  /** Seconds after the beginning. */
  readonly start: number;
  /** The field takes these values in turn. */
  readonly vary?: { readonly field: string; readonly values: readonly unknown[] };
}

interface Cases {
  readonly fires: readonly (readonly Burst[])[];
  readonly quiet: readonly (readonly Burst[])[];
}

const FOLDER = fileURLToPath(new URL('../../rules/', import.meta.url));
const CASES = fileURLToPath(new URL('./cases/', import.meta.url));
const BEGIN = Date.UTC(2026, 10, 22, 10) * 1000;

const { rules, errors } = readRuleFiles(FOLDER);
/** A file holds one rule that is reported, and perhaps the ones it counts. */
const files = [...new Set(rules.map((rule) => rule.file))].map((file) => {
  const own = rules.filter((rule) => rule.file === file);
  return { file, name: file.slice(FOLDER.length).replace(/\.yml$/, ''), own, main: own[0]! };
});

function casesOf(name: string): Cases | null {
  const path = `${CASES}${name}.json`;
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Cases) : null;
}

/** Ids of the rules that match anywhere in the sequence. */
function matchedBy(own: readonly SigmaRule[], bursts: readonly Burst[]): string[] {
  const engine = new SigmaEngine(own);
  expect(engine.errors).toEqual([]);
  const events = bursts.flatMap(({ event, times, step, start, vary }) =>
    Array.from({ length: times }, (_, index) => ({
      at: BEGIN + Math.round((start + index * step) * 1_000_000),
      event: vary ? { ...event, [vary.field]: vary.values[index % vary.values.length] } : event,
    })),
  );
  events.sort((one, other) => one.at - other.at);
  return events.flatMap(({ event, at }) => engine.evaluate(new JsonEvent(event), at).map(({ rule }) => rule.id));
}

test('all rules load, and each has its cases', () => {
  expect(errors).toEqual([]);
  expect(files.length).toBeGreaterThan(180);
  // These have cases on the wire, in product-rules.test.ts.
  const onTheWire = new Set(
    [
      'clear-counters',
      'force-listen-only',
      'legacy-programming',
      'restart-communications',
      'umas-download',
      'umas-stop',
    ].map((name) => `modbus/${name}`),
  );
  expect(files.map(({ name }) => name).filter((name) => casesOf(name) === null && !onTheWire.has(name))).toEqual([]);
  const known = new Set(files.map(({ name }) => name));
  const folders = readdirSync(CASES);
  const stray = folders.flatMap((folder) =>
    readdirSync(`${CASES}${folder}`)
      .map((file) => `${folder}/${basename(file, '.json')}`)
      .filter((name) => !known.has(name)),
  );
  expect(stray).toEqual([]);
});

describe.each(files.map(({ name, own, main }) => [name, own, main] as const))('%s', (name, own, main) => {
  const cases = casesOf(name);
  test.skipIf(cases === null)('fires on what it is for, and not on what is close to it', () => {
    expect(cases!.fires.length).toBeGreaterThan(0);
    expect(cases!.quiet.length).toBeGreaterThan(0);
    for (const [index, bursts] of cases!.fires.entries())
      expect(matchedBy(own, bursts), `fires ${index}`).toContain(main.id);
    for (const [index, bursts] of cases!.quiet.entries()) expect(matchedBy(own, bursts), `quiet ${index}`).toEqual([]);
  });

  test('says what happened, what it means and what to do', () => {
    expect(main.description.length).toBeGreaterThan(30);
    expect(main.recommendation.length).toBeGreaterThan(5);
    expect(main.falsePositives.length).toBeGreaterThan(0);
    expect(main.techniques.length).toBeGreaterThan(0);
    for (const technique of main.techniques) expect(attackTechnique(technique).name, technique).not.toBe('');
  });
});

test('rules name operations and fields that the protocols have', () => {
  const operations = new Map(
    createDissectors()
      .flatMap(({ protocols }) => protocols)
      .map(({ name, operations: known }) => [name, new Set(known.map((operation) => operation.name))]),
  );
  const wrong: string[] = [];
  for (const rule of rules) {
    if (rule.kind !== 'detection') continue;
    const known = operations.get(rule.logSource.service ?? '');
    if (!known) continue;
    for (const search of rule.detection.searches.values()) {
      for (const item of search.flat()) {
        if (item.field !== 'operation.name') continue;
        for (const value of item.values) {
          if (value.kind === 'text' && !known.has(value.original)) wrong.push(`${rule.file}: ${value.original}`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
});
