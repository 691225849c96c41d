import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coveredSeconds } from '../../console/answers.js';
import type { BuiltConsole } from '../../console/api/start.js';
import { networkOf } from '../../console/api/throttle.js';
import { searcher } from '../../console/texts/phrases.js';
import { ApiClient, addUser, PASSWORD, sampleDataDir, testConsole } from '../support/console.js';

let data: { dir: string; remove(): void };
let built: BuiltConsole;
let ada: ApiClient;

beforeAll(async () => {
  data = sampleDataDir();
  await addUser(data.dir, 'ada', 'admin');
  built = await testConsole(data.dir);
  ada = new ApiClient(built);
  await ada.signIn('ada');
});

afterAll(async () => {
  await built.close();
  data.remove();
});

async function titles(query: string): Promise<string[]> {
  const answer = await ada.get(`/api/v1/alerts?${query}`);
  expect(answer.status).toBe(200);
  return (answer.body as { items: { title: string }[] }).items.map(({ title }) => title);
}

describe('a search finds what the reader reads', () => {
  it('in German: titles that are stored in English', async () => {
    const found = await titles('q=neues%20ger%C3%A4t&language=de');
    expect(found).toEqual(['New device on the network']);
    expect(await titles('q=neues%20ger%C3%A4t')).toEqual([]);
    expect(await titles('q=neues%20ger%C3%A4t&language=en')).toEqual([]);
  });

  it('and the stored words in any language', async () => {
    expect(await titles('q=new%20device&language=de')).toContain('New device on the network');
    expect(await titles('q=192.168.10.99&language=de')).not.toEqual([]);
  });

  it('also among what was given to somebody', async () => {
    const { items } = (await ada.get('/api/v1/alerts?q=new%20device')).body as { items: { id: string }[] };
    await ada.post('/api/v1/alerts/bulk', { ids: items.map(({ id }) => id), assignee: 'ada' });
    expect(await titles('assignee=ada&q=neues%20ger%C3%A4t&language=de')).toEqual(['New device on the network']);
    expect(await titles('assignee=ada&q=nirgends&language=de')).toEqual([]);
  });

  it.each([
    ['en', 'engineering station'],
    ['de', 'Engineering-Station'],
  ])('devices by what the page calls their role (%s)', async (language, q) => {
    const answer = await ada.get(`/api/v1/assets?q=${encodeURIComponent(q)}&language=${language}`);
    const { items } = answer.body as { items: { roles: string[] }[] };
    expect(items).not.toEqual([]);
    for (const { roles } of items) expect(roles).toContain('engineering_station');
  });

  it('with signs that mean something to the database', async () => {
    for (const q of ["'", '%', '_', '\\', '"', '|plc|']) {
      const answer = await ada.get(`/api/v1/alerts?language=de&q=${encodeURIComponent(q)}`);
      expect(answer.status, q).toBe(200);
    }
    expect(await titles('language=de&q=%25')).toEqual([]);
  });

  it('in phrases with gaps by their longest part', () => {
    const find = searcher({
      '{0} has answered none of {1} requests.': '{0} hat nicht geantwortet.',
      Write: 'Schreiben',
    });
    expect(find('GEANTWORTET')).toEqual({ titles: [], parts: [' has answered none of '] });
    expect(find('schreib')).toEqual({ titles: ['write'], parts: [] });
  });
});

describe('the inventory by groups', () => {
  it.each(['zone', 'level', 'vendor', 'role'])('by %s: each device once, and the list has the same', async (by) => {
    const { items } = (await ada.get(`/api/v1/assets/groups?by=${by}`)).body as {
      items: { value: string; devices: number; unapproved: number }[];
    };
    expect(items.reduce((sum, { devices }) => sum + devices, 0)).toBe(6);
    for (const { value, devices, unapproved } of items) {
      const filter = `${by}=${encodeURIComponent(value === '' ? 'unknown' : value)}`;
      const listed = (await ada.get(`/api/v1/assets?${filter}`)).body as {
        items: { approved: boolean; roles: string[] }[];
      };
      // A device of several roles is in the list of each, and counted with its first.
      const own = by === 'role' ? listed.items.filter(({ roles }) => (roles[0] ?? '') === value) : listed.items;
      expect(own.length, filter).toBe(devices);
      expect(own.filter(({ approved }) => !approved).length, filter).toBe(unapproved);
    }
  });

  it('what a person says of a device decides where it stands', async () => {
    await ada.send('PUT', '/api/v1/assets/asset-plc1/settings', { zone: 'Halle "7"', purdue_level: 3.5 });
    for (const filter of [`zone=${encodeURIComponent('Halle "7"')}`, 'level=3.5']) {
      const { items } = (await ada.get(`/api/v1/assets?${filter}`)).body as { items: { id: string }[] };
      expect(items.map(({ id }) => id)).toEqual(['asset-plc1']);
    }
    expect((await ada.get('/api/v1/assets?level=x')).status).toBe(400);
  });
});

describe('whose tries count together', () => {
  it.each([
    ['10.0.0.5', '10.0.0.5'],
    ['::ffff:10.0.0.5', '10.0.0.5'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2:ffff::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s belongs to %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('guessing a name from many addresses is slow, and does not keep out who is signed in at home', async () => {
    let now = Date.now();
    const fresh = sampleDataDir();
    await addUser(fresh.dir, 'eva', 'viewer');
    const console = await testConsole(fresh.dir, { now: () => now });
    try {
      const { csrf } = JSON.parse((await console.app.inject('/api/v1/session')).body) as { csrf: string };
      const sign = (remoteAddress: string, password: string) =>
        console.app.inject({
          method: 'POST',
          url: '/api/v1/login',
          remoteAddress,
          payload: { name: 'eva', password },
          headers: { 'x-csrf-token': csrf },
        });
      expect((await sign('10.0.0.5', PASSWORD)).statusCode).toBe(200);
      const statuses: number[] = [];
      for (let n = 0; n < 12; n++) statuses.push((await sign(`2001:db8:${n}::1`, 'wrong password here')).statusCode);
      // The first of ten was the one that signed in.
      expect(statuses).toEqual([...Array<number>(9).fill(401), 429, 429, 429]);
      expect((await sign('10.0.0.5', PASSWORD)).statusCode).toBe(200);
      expect((await sign('10.0.0.6', PASSWORD)).statusCode).toBe(429);
      now += 60_000;
      expect((await sign('10.0.0.6', PASSWORD)).statusCode).toBe(200);
    } finally {
      await console.close();
      fresh.remove();
    }
  }, 60_000);
});

it.each([
  [[], 0],
  [[[0, 10]], 10],
  [
    [
      [0, 10],
      [5, 12],
    ],
    12,
  ],
  [
    [
      [20, 30],
      [0, 10],
      [2, 3],
    ],
    20,
  ],
  [[[5, 1]], 0],
] as [[number, number][], number][])('%j lasts %d seconds in all', (intervals, seconds) => {
  expect(coveredSeconds(intervals)).toBe(seconds);
});
