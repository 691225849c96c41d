import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuiltConsole } from '../../console/api/start.js';
import type { ProcessVariable, VariableHistory } from '../../sensor/model/records.js';
import { parseTimestamp } from '../../sensor/model/time.js';
import { packHistory } from '../../sensor/model/variable-history.js';
import { openDatabase } from '../../sensor/store/sqlite/database.js';
import { FINDINGS_FILE } from '../../sensor/store/sqlite/findings-schema.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { ApiClient, addUser, tempDataDir, testConsole } from '../support/console.js';
import { sampleFindings, sampleVariables } from '../support/sample-findings.js';

const HISTORY: VariableHistory = {
  step_seconds: 2,
  points: [['2026-11-22T10:00:00.000000Z', 1, 9, 5]],
  changes: [['2026-11-22T10:00:01.000000Z', 5]],
};
const PACKED = packHistory(
  2,
  Float64Array.of(parseTimestamp('2026-11-22T10:00:00.000000Z'), 1, 9, 5),
  Float64Array.of(parseTimestamp('2026-11-22T10:00:01.000000Z'), 5),
);
const BASE = sampleVariables()[0]!;

function variable(n: number, change: Partial<ProcessVariable> = {}): ProcessVariable {
  return { ...BASE, id: `variable-${n}`, name: `holding_register ${40_001 + n}`, ...change };
}

let data: { dir: string; remove(): void };
let store: SqliteFindingsStore;
let built: BuiltConsole;
let client: ApiClient;

beforeAll(async () => {
  data = tempDataDir();
  store = new SqliteFindingsStore(data.dir, { role: 'sensor' });
  const variables = [
    variable(2, { kind: 'binary', protocol: 's7comm' }),
    variable(0, { history: PACKED }),
    variable(1, { asset: 'asset-other', last_changed: '2026-11-23T00:00:00.000000Z', name: 'Tank 1 level' }),
  ];
  store.write({ ...sampleFindings(), variables });
  await addUser(data.dir, 'ada', 'viewer');
  built = await testConsole(data.dir, { site: 'Plant A' });
  client = new ApiClient(built);
  expect((await client.signIn('ada')).status).toBe(200);
});

afterAll(async () => {
  store.close();
  await built.close();
  data.remove();
});

async function ids(query: string): Promise<string[]> {
  const { status, body } = await client.get(`/api/v1/variables${query}`);
  expect(status).toBe(200);
  return (body as { items: ProcessVariable[] }).items.map(({ id }) => id);
}

describe('stored process variables', () => {
  it.each([
    ['', ['variable-0', 'variable-2', 'variable-1']],
    ['?sort=-last_changed', ['variable-1', 'variable-0', 'variable-2']],
    ['?asset=asset-other', ['variable-1']],
    ['?asset=asset-other&sort=-last_changed', ['variable-1']],
    ['?kind=binary', ['variable-2']],
    ['?kind=binary,analogue&protocol=modbus', ['variable-0', 'variable-1']],
    ['?q=TANK', ['variable-1']],
    ['?q=nothing', []],
  ])('are found by %s', async (query, expected) => {
    expect((await ids(query)).sort()).toEqual([...expected].sort());
    if (query === '?sort=-last_changed') expect((await ids(query))[0]).toBe('variable-1');
  });

  it.each(['native', 'wasm'] as const)(
    'are found by what they are now, however often they were written (%s)',
    (driver) => {
      const own = tempDataDir();
      const open = () => new SqliteFindingsStore(own.dir, { role: 'sensor', driver, warn: () => {} });
      const first = open();
      const write = (writer: SqliteFindingsStore, change: Partial<ProcessVariable>) => {
        const before = writer.revision();
        writer.write({ ...sampleFindings(), variables: [variable(0), variable(1, change)] });
        return writer.revision() > before;
      };
      write(first, {});
      expect(write(first, {})).toBe(false);
      const later = { last_changed: '2026-11-24T00:00:00.000000Z', last_value: 7 };
      expect(write(first, { reads: 12_345 })).toBe(true);
      expect(write(first, later)).toBe(true);
      expect(write(first, later)).toBe(false);
      expect(first.variables({ sort: '-last_changed' }).items.map(({ id }) => id)).toEqual([
        'variable-1',
        'variable-0',
      ]);
      expect(first.variables({ limit: 1, sort: '-last_changed' }).items).toEqual([variable(1, later)]);
      const renamed = {
        ...later,
        name: 'Tank 9',
        asset: 'asset-moved',
        kind: 'counter',
        last_writer: '10.0.0.200',
      } as const;
      expect(write(first, renamed)).toBe(true);
      for (const query of [
        { q: 'tank 9' },
        { q: '10.0.0.200' },
        { asset: 'asset-moved' },
        { kind: ['counter'] as const },
      ])
        expect(first.variables(query).items.map(({ id }) => id)).toEqual(['variable-1']);
      first.close();
      // Another process knows nothing of it beforehand.
      const second = open();
      expect(write(second, renamed)).toBe(false);
      expect(write(second, {})).toBe(true);
      expect(second.variables({ q: 'tank 9' }).items).toEqual([]);
      second.close();
      own.remove();
    },
  );

  it('of a batch that could not be written are written with the next one', () => {
    const own = tempDataDir();
    const failing = new SqliteFindingsStore(own.dir, { role: 'sensor', warn: () => {} });
    const broken = { ...variable(1), name: null as unknown as string };
    expect(() => failing.write({ ...sampleFindings(), variables: [variable(0), broken] })).toThrow();
    failing.write({ ...sampleFindings(), variables: [variable(2), variable(0)] });
    expect(failing.variables({ sort: 'name' }).items.map(({ id }) => id)).toEqual(['variable-0', 'variable-2']);
    failing.close();
    own.remove();
  });

  it('come page by page', async () => {
    const first = store.variables({ limit: 2 });
    expect(first.items).toHaveLength(2);
    const second = store.variables({ limit: 2, cursor: first.next! });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['variable-0', 'variable-2', 'variable-1']);
    expect(second.next).toBeNull();
  });

  it('have a history of their own, which a later write without one does not take away', async () => {
    store.write({ ...sampleFindings(), variables: [variable(0, { last_value: 7 })] });
    const { body } = await client.get('/api/v1/variables/variable-0');
    expect(body).toMatchObject({ last_value: 7, history: HISTORY });
    expect((await client.get('/api/v1/variables/variable-2')).body).toMatchObject({ history: null });
    expect((await client.get('/api/v1/variables/none')).status).toBe(404);
    expect((await client.get('/api/v1/variables?kind=odd')).status).toBe(400);
    const remembered = store.loadSensorMemory().variables.find(({ id }) => id === 'variable-0');
    expect(Buffer.from(remembered!.history!)).toEqual(Buffer.from(PACKED));
  });

  it('a folder from before there were any still opens', () => {
    const dir = join(data.dir, 'earlier');
    mkdirSync(dir);
    new SqliteFindingsStore(dir, { role: 'sensor' }).close();
    const database = openDatabase(join(dir, FINDINGS_FILE), {});
    for (const name of ['variable', 'variable_record', 'variable_history']) database.exec(`DROP TABLE ${name}`);
    database.close();
    const reader = new SqliteFindingsStore(dir, { role: 'reader' });
    expect(reader.variables({})).toEqual({ items: [], next: null });
    expect(reader.variableHistory('x')).toBeNull();
    reader.close();
    const sensor = new SqliteFindingsStore(dir, { role: 'sensor' });
    sensor.write({ ...sampleFindings(), variables: [variable(0)] });
    expect(sensor.variables({}).items).toEqual([variable(0)]);
    sensor.close();
  });
});
