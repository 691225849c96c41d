import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuiltConsole } from '../../console/api/start.js';
import { csvLine, parseCsv } from '../../sensor/inventory/exchange/csv.js';
import { csvHead, csvRows } from '../../sensor/inventory/exchange/export.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { ApiClient, addUser, sampleDataDir, testConsole } from '../support/console.js';
import { HOSTILE } from '../support/sample-findings.js';

let data: { dir: string; remove(): void };
let built: BuiltConsole;
let vera: ApiClient;

beforeAll(async () => {
  data = sampleDataDir();
  await addUser(data.dir, 'vera', 'viewer');
  built = await testConsole(data.dir, { site: 'Bottling plant North' });
  vera = new ApiClient(built);
  await vera.signIn('vera');
});

afterAll(async () => {
  await built.close();
  data.remove();
});

it.each([
  ['=1+1', '"\'=1+1"'],
  ['+cmd', '"\'+cmd"'],
  ['-2', '"\'-2"'],
  ['@SUM(A1)', '"\'@SUM(A1)"'],
  ['＝1+1', '"\'＝1+1"'],
  ['\tx', '"\'\tx"'],
  ['\nx', '"\'\nx"'],
  ['\0x', '"\'\0x"'],
  ['a;=1+1', '"a;=1+1"'],
  ['say "hi", twice', '"say ""hi"", twice"'],
  ['two\nlines', '"two\nlines"'],
  ['plain', 'plain'],
])('a cell with %j becomes %j', (text, expected) => {
  expect(csvLine([text])).toBe(`${expected}\r\n`);
});

describe('the inventory as a file', () => {
  it('is CSV in which nothing that a packet said is a formula', async () => {
    const answer = await vera.get('/api/v1/assets/export?format=csv');
    expect(answer.headers['content-type']).toContain('text/csv');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="fieldwatch-assets.csv"');
    const [head = '', ...rows] = answer.text.trimEnd().split(/\r\n(?=[^"]*(?:"[^"]*"[^"]*)*$)/);
    expect(head.split(',').slice(0, 3)).toEqual(['id', 'name', 'ip']);
    // Six devices and four units behind two of them.
    expect(rows).toHaveLength(10);
    expect(answer.text).toContain(`'${HOSTILE.formula}`);
    expect(answer.text).not.toContain(`,${HOSTILE.formula}`);
  });

  it('is what the command line writes, and what a spreadsheet of the language opens when it is asked for', async () => {
    const plain = (await vera.get('/api/v1/assets/export?format=csv')).text;
    const store = new SqliteFindingsStore(data.dir, { role: 'reader' });
    const { items } = store.walkAssets(0, 100);
    store.close();
    expect(plain).toBe(csvHead() + items.map((asset) => csvRows(asset)).join(''));
    const german = (await vera.get('/api/v1/assets/export?format=csv&language=de')).text;
    expect(german.startsWith('\ufeffid;name;ip;')).toBe(true);
    const english = (await vera.get('/api/v1/assets/export?format=csv&language=en')).text;
    expect(english).toBe(`\ufeff${plain}`);
    expect(parseCsv(german)).toEqual(parseCsv(plain));
  });

  it('is JSON with the same devices as the API gives', async () => {
    const answer = await vera.get('/api/v1/assets/export?format=json');
    const listed = (await vera.get('/api/v1/assets?limit=100')).body as { items: { id: string }[] };
    const exported = answer.body as { id: string }[];
    expect(exported.map(({ id }) => id).sort()).toEqual(listed.items.map(({ id }) => id).sort());
    expect(answer.text).not.toContain('<img');
  });

  it('is CycloneDX with each device, its units and their firmware', async () => {
    const bom = JSON.parse((await vera.get('/api/v1/assets/export?format=cyclonedx')).text) as {
      bomFormat: string;
      specVersion: string;
      serialNumber: string;
      components: { description: string; 'bom-ref': string; components: { type: string; version?: string }[] }[];
    };
    expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
    expect(bom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(bom.components).toHaveLength(6);
    const plc = bom.components.find(({ description }) => description === 'PLC-Filling-1');
    expect(plc?.components).toContainEqual(expect.objectContaining({ type: 'firmware', version: '1.13.0' }));
    expect(plc?.components).toContainEqual(
      expect.objectContaining({ type: 'device', name: 'FC-302', description: 'PLC-Filling-1, unit 3' }),
    );
    const references = JSON.stringify(bom).match(/"bom-ref":"[^"]*"/g) ?? [];
    expect(new Set(references).size).toBe(references.length);
  });

  it('is compared between two dates', async () => {
    const url = '/api/v1/assets/compare?from=2026-03-02T06:01:00Z&to=2026-03-02T07:00:00Z';
    const answer = (await vera.get(url)).body as { appeared: { id: string }[]; appeared_count: number };
    expect(answer.appeared.map(({ id }) => id).sort()).toEqual(['asset-ews', 'asset-intruder']);
    expect(answer.appeared_count).toBe(2);
    expect((await vera.get('/api/v1/assets/compare?from=2026-03-02&to=2026-03-01')).status).toBe(400);
    expect((await vera.get('/api/v1/assets/compare?from=yesterday&to=2026-03-01')).status).toBe(400);
  });
});

describe('what is made of everything', () => {
  it('the map has every device, and the worst of what each pair does', async () => {
    const map = (await vera.get('/api/v1/map')).body as {
      nodes: { id: string; open_alerts: number; known: boolean }[];
      edges: { client: string; server: string; classes: string[]; known: boolean }[];
      total_nodes: number;
    };
    expect(map.total_nodes).toBe(6);
    expect(map.nodes.find(({ id }) => id === 'asset-intruder')).toMatchObject({ known: false });
    expect(map.nodes.find(({ id }) => id === 'asset-plc1')?.open_alerts).toBeGreaterThan(0);
    const attack = map.edges.find(({ client, server }) => client === 'asset-intruder' && server === 'asset-plc1');
    expect(attack?.classes.slice(0, 2)).toEqual(['control', 'write']);
    expect(attack?.known).toBe(false);
  });

  it('the report counts what is there, and answers duties from it', async () => {
    const url = '/api/v1/report?from=2026-03-01T00:00:00Z&to=2026-03-03T00:00:00Z';
    const report = (await vera.get(url)).body as {
      assets: { total: number; new_devices: number };
      alerts: { total: number; by_severity: Record<string, number> };
      controls: { id: string; state: string; values: number[] }[];
    };
    const alerts = (await vera.get('/api/v1/alerts?limit=500')).body as { items: unknown[] };
    expect(report.alerts.total).toBe(alerts.items.length);
    expect(report.assets).toMatchObject({ total: 6, new_devices: 6 });
    expect(report.controls.find(({ id }) => id === 'SR 7.8')).toMatchObject({ state: 'look' });
    expect(report.controls.find(({ id }) => id === 'SR 2.8')).toMatchObject({ state: 'met' });
    const csv = await vera.get(url.replace('report', 'report.csv'));
    expect(csv.headers['content-type']).toContain('text/csv');
    expect(csv.text).toContain(`devices,total,6\r\n`);
    expect((await vera.get('/api/v1/report?from=2026-03-03&to=2026-03-01')).status).toBe(400);
  });

  it('coverage tells what a listening sensor cannot see from what is not detected yet', async () => {
    const { techniques } = (await vera.get('/api/v1/coverage')).body as {
      techniques: { id: string; visible: string; alerts: number }[];
    };
    expect(techniques.length).toBeGreaterThanOrEqual(79);
    expect(techniques.find(({ id }) => id === 'T0842')).toMatchObject({ visible: 'no' });
    // Seen under the id that it had up to v18.
    expect(techniques.find(({ id }) => id === 'T1692')?.alerts).toBeGreaterThan(0);
  });
});
