import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS } from '../../console/api/access.js';
import { metricsText } from '../../console/api/metrics.js';
import { writePcapng } from '../../console/api/pcapng.js';
import {
  AlertDetail,
  AlertPage,
  AssetDetail,
  AssetPage,
  AuditList,
  Baseline,
  ConversationPage,
  Health,
  Overview,
  Session,
} from '../../console/api/schemas.js';
import type { BuiltConsole } from '../../console/api/start.js';
import type { Alert, AlertPacket, Asset } from '../../sensor/model/records.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { ApiClient, addUser, sampleDataDir, testConsole } from '../support/console.js';
import { at, HOSTILE, sampleAlert, sampleFindings, sampleHealth } from '../support/sample-findings.js';

let data: { dir: string; remove(): void };
let built: BuiltConsole;
let client: ApiClient;
let sensor: SqliteFindingsStore;

beforeAll(async () => {
  data = sampleDataDir();
  await addUser(data.dir, 'ada', 'admin');
  built = await testConsole(data.dir, { site: 'Plant A' });
  client = new ApiClient(built);
  expect((await client.signIn('ada')).status).toBe(200);
  sensor = new SqliteFindingsStore(data.dir, { role: 'sensor' });
});

afterAll(async () => {
  sensor.close();
  await built.close();
  data.remove();
});

async function get<T>(url: string): Promise<T> {
  const answer = await client.get(url);
  expect(answer.status).toBe(200);
  return answer.body as T;
}

describe('the answers', () => {
  const schemas: [string, TSchema][] = [
    ['/api/v1/session', Session],
    ['/api/v1/overview', Overview],
    ['/api/v1/alerts', AlertPage],
    ['/api/v1/alerts/alert-write', AlertDetail],
    ['/api/v1/alerts/alert-hostile', AlertDetail],
    ['/api/v1/assets', AssetPage],
    ['/api/v1/assets/asset-intruder', AssetDetail],
    ['/api/v1/conversations', ConversationPage],
    ['/api/v1/health', Health],
    ['/api/v1/baseline', Baseline],
    ['/api/v1/audit', AuditList],
  ];

  it.each(schemas)('of %s fit the schema that describes them', async (url, schema) => {
    const body = await get(url);
    expect([...Value.Errors(schema, body)]).toEqual([]);
  });

  it('are the records themselves, hostile text included', async () => {
    const sample = sampleFindings();
    for (const asset of sample.assets) expect(await get(`/api/v1/assets/${asset.id}`)).toMatchObject(asset);
    for (const alert of sample.alerts) {
      const shown = await get<Alert>(`/api/v1/alerts/${alert.id}`);
      expect({ ...shown, evidence: { ...shown.evidence, pcap: undefined } }).toMatchObject({
        ...alert,
        evidence: { ...alert.evidence, pcap: undefined },
      });
    }
    const { items } = await get<{ items: object[] }>('/api/v1/conversations');
    expect(items).toEqual(expect.arrayContaining(sample.conversations));
  });

  it('tell the story of the plant in the overview', async () => {
    const overview = await get<Record<string, unknown>>('/api/v1/overview');
    expect(overview).toMatchObject({
      phase: 'protect',
      requested_phase: null,
      open_alerts: { critical: 2, high: 2, medium: 1, low: 2, informational: 1 },
      alerts: { open: 8, acknowledged: 1, closed: 1 },
      assets: 6,
      new_assets: 1,
      conversations: 8,
      new_conversations: 3,
      timeline: { bucket_seconds: 60, from: at(0) },
    });
    expect((overview['top_alerts'] as Alert[]).map((alert) => alert.id)).toEqual([
      'alert-listen-only',
      'alert-write',
      'alert-hostile',
      'alert-scan',
      'alert-new-asset',
    ]);
    expect(overview['asset_names']).toMatchObject({ 'asset-plc1': { name: 'PLC-Filling-1' } });
  });

  it('name devices whose ids are those of an object’s own parts', async () => {
    const [plc] = sampleFindings().assets;
    const id = '__proto__';
    sensor.write({
      ...sampleFindings(),
      assets: [{ ...(plc as Asset), id, name: 'odd' }],
      alerts: [sampleAlert('alert-proto', { src_asset: id, dest_asset: 'constructor', last_seen: at(1) })],
    });
    const text = (await client.get('/api/v1/alerts/alert-proto')).text;
    expect(text).toContain('"__proto__":{"name":"odd"');
    expect(text).not.toContain('"constructor":{');
  });
});

describe('lists', () => {
  it('filter and page by what the address says', async () => {
    type List = { items: Alert[]; next: string | null };
    const ids = async (query: string) => (await get<List>(`/api/v1/alerts?${query}`)).items.map((alert) => alert.id);
    expect(await ids('severity=critical')).toEqual(['alert-listen-only', 'alert-write']);
    expect(await ids('status=acknowledged,closed&kind=health')).toEqual(['alert-health']);
    expect(await ids('asset=asset-ews&severity=low')).toEqual(['alert-diagnostics']);
    expect(await ids(`q=${encodeURIComponent('LISTEN-only')}`)).toEqual(['alert-listen-only']);
    expect(await ids(`q=${encodeURIComponent("%' OR 1=1 --")}`)).toEqual([]);
    const first = await get<List>('/api/v1/alerts?limit=4');
    const second = await get<List>(`/api/v1/alerts?limit=4&cursor=${first.next}`);
    expect(new Set([...first.items, ...second.items].map((alert) => alert.id)).size).toBe(8);
  });
});

describe('decisions', () => {
  it('stay what a person made them, whatever the sensor writes, and are told with who and why', async () => {
    const url = '/api/v1/alerts/alert-scan';
    expect(
      await client.post(`${url}/status`, { status: 'acknowledged', note: 'Penetration test, see ticket 17' }),
    ).toMatchObject({
      status: 200,
      body: { id: 'alert-scan', status: 'acknowledged' },
    });
    const scan = sampleFindings().alerts.find((alert) => alert.id === 'alert-scan') as Alert;
    sensor.write({ ...sampleFindings(), alerts: [{ ...scan, count: 999 }] });
    await client.post(`${url}/status`, { status: 'closed' });
    const shown = await get<Alert & { history: object[] }>(url);
    expect(shown).toMatchObject({ status: 'closed', count: 999 });
    expect(shown.history).toMatchObject([
      { status: 'closed', note: '', user: 'ada' },
      { status: 'acknowledged', note: 'Penetration test, see ticket 17', user: 'ada' },
    ]);
    const audit = await get<{ items: object[] }>('/api/v1/audit?limit=1');
    expect(audit.items).toMatchObject([
      { action: 'alert.status', target: 'alert-scan', before: 'acknowledged', after: 'closed' },
    ]);
    await client.post(`${url}/status`, { status: 'open' });
  });

  it('approve an asset', async () => {
    expect((await client.post('/api/v1/assets/asset-intruder/approve', { approved: true })).status).toBe(200);
    expect(await get('/api/v1/assets/asset-intruder')).toMatchObject({ approved: true });
    expect(await get('/api/v1/overview')).toMatchObject({ new_assets: 0 });
    await client.post('/api/v1/assets/asset-intruder/approve', { approved: false });
    expect(await get('/api/v1/overview')).toMatchObject({ new_assets: 1 });
  });

  it('on records that do not exist are 404', async () => {
    expect((await client.post('/api/v1/alerts/none/status', { status: 'open' })).status).toBe(404);
    expect((await client.post('/api/v1/assets/none/approve', { approved: true })).status).toBe(404);
    expect((await client.get('/api/v1/alerts/none')).status).toBe(404);
    expect((await client.get('/api/v1/assets/none')).status).toBe(404);
    expect((await client.get('/api/v1/alerts/alert-info/packets.pcapng')).status).toBe(404);
  });

  it('ask the sensor for another phase', async () => {
    expect((await client.post('/api/v1/baseline/phase', { phase: 'learn' })).body).toMatchObject({
      phase: 'protect',
      requested_phase: 'learn',
    });
    expect(sensor.loadSensorMemory().phase).toBe('learn');
    await client.post('/api/v1/baseline/phase', { phase: 'protect' });
  });

  it('come back when the findings were lost and found again', async () => {
    const other = sampleDataDir();
    await addUser(other.dir, 'ada', 'admin');
    const first = await testConsole(other.dir);
    const ada = new ApiClient(first);
    await ada.signIn('ada');
    await ada.post('/api/v1/alerts/alert-write/status', { status: 'closed', note: 'known' });
    await ada.post('/api/v1/assets/asset-intruder/approve', { approved: true });
    await first.close();
    for (const suffix of ['', '-wal', '-shm']) writeFileSync(join(other.dir, `findings.db${suffix}`), 'damaged');
    const again = new SqliteFindingsStore(other.dir, { role: 'sensor', warn: () => {} });
    again.write(sampleFindings());
    expect(again.alert('alert-write')?.status).toBe('open');
    const second = await testConsole(other.dir);
    expect(again.alert('alert-write')?.status).toBe('closed');
    expect(again.asset('asset-intruder')?.approved).toBe(true);
    await second.close();
    again.close();
    other.remove();
  });
});

const hasTshark = spawnSync('tshark', ['-v']).status === 0;
if (!hasTshark)
  process.stderr.write('Skipped: the pcapng files are not opened by tshark, because it is not installed.\n');

function tshark(file: Buffer, ...fields: string[]): string[][] {
  const path = join(data.dir, 'opened.pcapng');
  writeFileSync(path, file);
  const args = ['-r', path, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
  const text = execFileSync('tshark', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
}

describe('the packets of an alert', () => {
  it('are a download with a name that nobody else chose', async () => {
    const id = `${HOSTILE.newline}"; filename="evil.exe`;
    const [packet] = sampleFindings().packets;
    sensor.write({
      ...sampleFindings(),
      alerts: [sampleAlert(id, { last_seen: at(2) })],
      packets: [{ ...(packet as AlertPacket), alert_id: id }],
    });
    const answer = await client.get(`/api/v1/alerts/${encodeURIComponent(id)}/packets.pcapng`);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/x-pcapng');
    expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="fieldwatch-[A-Za-z0-9_-]+\.pcapng"$/);
  });

  it.skipIf(!hasTshark)('open in Wireshark with their times, lengths and contents', async () => {
    const { raw } = await client.get('/api/v1/alerts/alert-write/packets.pcapng');
    const rows = tshark(
      raw,
      'frame.time_epoch',
      'frame.len',
      'frame.cap_len',
      'ip.src',
      'modbus.func_code',
      'frame.comment',
    );
    const start = Date.parse(at(480).replace(/\.\d+Z/, 'Z')) / 1000;
    expect(rows).toEqual([
      [`${start}.000000000`, '71', '71', '192.168.10.99', '16', 'Packet 41201 of the capture'],
      [`${start}.010000000`, '1514', '54', '192.168.10.99', '', 'Packet 41203 of the capture'],
    ]);
  });

  it.skipIf(!hasTshark)('may come from several link types and have nanoseconds', () => {
    const ip = Buffer.from('450000140000000040017ce77f0000017f000001', 'hex');
    const base = { alert_id: 'a', original_length: ip.length, data: ip };
    const file = writePcapng(
      [
        { ...base, pcap_cnt: 1, timestamp: '2026-03-02T06:00:00.123456789Z', link_type: 101 },
        { ...base, pcap_cnt: 2, timestamp: '2026-03-02T06:00:01Z', link_type: 228 },
        { ...base, pcap_cnt: 3, timestamp: 'no time', link_type: 101, data: ip.subarray(0, 19) },
      ],
      'test',
    );
    const rows = tshark(file, 'frame.time_epoch', 'frame.interface_id', 'ip.src', 'frame.cap_len');
    expect(rows.map(([time, ...rest]) => [time?.split('.')[1], ...rest])).toEqual([
      ['123456789', '0', '127.0.0.1', '20'],
      ['000000000', '1', '127.0.0.1', '20'],
      ['000000000', '0', '127.0.0.1', '19'],
    ]);
  });
});

describe('the description of the API', () => {
  type Operation = { responses?: Record<string, unknown>; parameters?: { name: string; in: string }[] };
  type Document = { openapi: string; paths: Record<string, Record<string, Operation>> };

  it('names every route of the access table, and no other', async () => {
    const document = await get<Document>('/api/openapi.json');
    expect(document.openapi).toBe('3.1.0');
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    const hidden = ['GET /', 'GET /*', 'HEAD /*', 'GET /api/openapi.json'];
    expect(described.sort()).toEqual(
      Object.keys(ACCESS)
        .filter((route) => !hidden.includes(route))
        .sort(),
    );
  });

  it('gives every parameter of a path and every answer, and no reference that leads nowhere', async () => {
    const document = await get<Document>('/api/openapi.json');
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const operation of Object.values(methods)) {
        const wanted = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
        const given = (operation.parameters ?? []).filter((item) => item.in === 'path').map((item) => item.name);
        expect(given).toEqual(wanted);
        expect(Object.keys(operation.responses ?? {}).length).toBeGreaterThan(0);
      }
    }
    expect(JSON.stringify(document)).not.toContain('$ref');
  });
});

describe('the metrics', () => {
  it('are lines that Prometheus reads, whatever an interface is called', () => {
    const odd = 'mirror"0\\\n} evil 1';
    const [first] = sampleHealth().interfaces;
    if (!first) throw new Error('the sample has an interface');
    sensor.write({
      ...sampleFindings(),
      health: sampleHealth({ sensor: 'odd', interfaces: [{ ...first, name: odd }] }),
    });
    const lines = metricsText(sensor, '1.0').trimEnd().split('\n');
    for (const line of lines) {
      expect(line).toMatch(
        /^(# (HELP|TYPE) fieldwatch_\w+ .+|fieldwatch_\w+(\{(\w+="([^"\\\n]|\\["\\n])*",?)*\})? -?[\d.e+]+)$/,
      );
    }
    expect(lines).toContain('fieldwatch_packets_total{sensor="plant-a"} 61204');
    expect(lines).toContain('fieldwatch_alerts{status="open",severity="critical"} 2');
    const families = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
    expect(new Set(families).size).toBe(families.length);
  });
});
