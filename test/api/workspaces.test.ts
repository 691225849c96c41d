import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuiltConsole } from '../../console/api/start.js';
import { ApiClient, addUser, tempDataDir, testConsole } from '../support/console.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const isBuilt = existsSync(join(root, 'dist/sensor/main.js'));
if (!isBuilt) process.stderr.write('The analysis of uploaded captures is not tested: run npm run build first.\n');

let data: { dir: string; remove(): void };
let built: BuiltConsole;
let anton: ApiClient;

beforeAll(async () => {
  data = tempDataDir();
  await addUser(data.dir, 'anton', 'analyst');
  built = await testConsole(data.dir);
  anton = new ApiClient(built);
  await anton.signIn('anton');
});

afterAll(async () => {
  await built.close();
  expect(existsSync(folder())).toBe(false);
  data.remove();
});

const folder = () => join(data.dir, 'workspaces', String(process.pid));

interface Workspace {
  id: string;
  state: string;
  error: string;
  summary: { packets: number } | null;
  alerts: { title: string }[];
  assets: unknown[];
}

function part(id: string, offset: number, bytes: Buffer) {
  return built.app.inject({
    method: 'PUT',
    url: `/api/v1/workspaces/${id}/part?offset=${offset}`,
    payload: bytes,
    headers: { cookie: anton.cookie, 'x-csrf-token': anton.csrf, 'content-type': 'application/octet-stream' },
  });
}

async function analysed(name: string, file: Buffer): Promise<Workspace> {
  const { id } = (await anton.post('/api/v1/workspaces', { name, size: file.length })).body as Workspace;
  const middle = Math.floor(file.length / 2);
  expect((await part(id, 0, file.subarray(0, middle))).statusCode).toBe(200);
  expect((await part(id, 0, file.subarray(0, middle))).statusCode).toBe(409);
  expect((await part(id, middle, Buffer.concat([file.subarray(middle), Buffer.alloc(1)]))).statusCode).toBe(400);
  expect((await part(id, middle, file.subarray(middle))).statusCode).toBe(200);
  return expect
    .poll(
      async () => {
        const workspace = (await anton.get(`/api/v1/workspaces/${id}`)).body as Workspace;
        return workspace.state === 'done' || workspace.state === 'failed' ? workspace : null;
      },
      { timeout: 60_000, interval: 200 },
    )
    .not.toBeNull()
    .then(async () => (await anton.get(`/api/v1/workspaces/${id}`)).body as Workspace);
}

it('of a console that is gone is removed, also where every process has the same number', async () => {
  const own = tempDataDir();
  const mine = join(own.dir, 'workspaces', String(process.pid));
  const gone = join(own.dir, 'workspaces', '4194305');
  for (const place of [mine, gone]) mkdirSync(join(place, 'left-behind'), { recursive: true });
  const first = await testConsole(own.dir);
  expect([mine, gone].map((place) => existsSync(place))).toEqual([false, false]);
  mkdirSync(join(mine, 'in-use'), { recursive: true });
  const second = await testConsole(own.dir);
  expect(existsSync(join(mine, 'in-use'))).toBe(true);
  await second.close();
  await first.close();
  own.remove();
});

describe.skipIf(!isBuilt)('an uploaded capture', () => {
  it('is analysed on its own, and nothing of it reaches the findings', { timeout: 90_000 }, async () => {
    const file = readFileSync(join(root, 'fixtures/plant/attack.pcap'));
    const workspace = await analysed('../../etc/passwd', file);
    expect(workspace).toMatchObject({ state: 'done', error: '', summary: { packets: 5713 } });
    expect(workspace.alerts.map(({ title }) => title)).toContain('Modbus message hidden inside another one');
    expect(workspace.assets.length).toBeGreaterThan(3);
    expect((await anton.get('/api/v1/alerts')).body).toMatchObject({ items: [] });
    // The name it came with is a text and nothing else.
    expect(readdirSync(folder())).toEqual([workspace.id]);
    expect((await anton.send('DELETE', `/api/v1/workspaces/${workspace.id}`)).status).toBe(200);
    expect(existsSync(join(folder(), workspace.id))).toBe(false);
  });

  it('that is none says so in one sentence without a path', { timeout: 90_000 }, async () => {
    const workspace = await analysed('notes.txt', Buffer.from('this is no capture file at all, only words'));
    expect(workspace.state).toBe('failed');
    expect(workspace.error).not.toBe('');
    expect(workspace.error).not.toContain(data.dir);
  });

  it('is bounded in number and size', async () => {
    expect((await anton.post('/api/v1/workspaces', { name: 'huge', size: 3 * 1024 ** 3 })).status).toBe(400);
    for (let n = 0; n < 9; n++) await anton.post('/api/v1/workspaces', { name: `f${n}`, size: 10 });
    expect((await anton.post('/api/v1/workspaces', { name: 'one more', size: 10 })).status).toBe(409);
  });
});
