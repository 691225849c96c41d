import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { CLIENT_IP, modbusPdu, modbusTcp, pcap, SERVER_IP, TcpPair } from '../support/packets.js';
import { DIST, MAIN, Talker, until } from './namespace.js';

const DRIVER = fileURLToPath(new URL('session-driver.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fieldwatch-decided-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Plays a capture, and ends when a second file is there. */
const PLAYER = `
const fs = require('node:fs');
(async () => {
  fs.writeSync(1, fs.readFileSync(process.argv[1]));
  while (!fs.existsSync(process.argv[2])) await new Promise((done) => setTimeout(done, 50));
})();`;

describe.skipIf(!existsSync(MAIN))('a sensor that runs', () => {
  it('takes over which records are one device, and which are two again, without a restart', {
    timeout: 90_000,
  }, async () => {
    const data = join(folder, 'data');
    const [capture, end] = [join(folder, 'capture'), join(folder, 'end')];
    const pair = new TcpPair();
    writeFileSync(capture, pcap([...pair.open(), pair.client(modbusTcp(modbusPdu.read(3, 1, 1)))]));
    const command = {
      source: 'played',
      command: process.execPath,
      args: ['-e', PLAYER, capture, end],
      heartbeat: null,
      countsDrops: false,
      ends: true,
      notes: [],
    };
    const driver = new Talker(process.execPath, [
      DRIVER,
      DIST,
      JSON.stringify({ data, interfaces: [{ name: 'played', command }] }),
    ]);
    const inStore = <T>(ask: (store: SqliteFindingsStore) => T, role: 'reader' | 'console' = 'reader'): T => {
      const store = new SqliteFindingsStore(data, { role });
      const answer = ask(store);
      store.close();
      return answer;
    };
    const conversation = () => inStore((store) => store.conversations({}).items[0]);
    await until(
      'the conversation',
      () => existsSync(join(data, 'findings.db')) && conversation()?.client !== undefined,
    );
    const { client = '', server = '' } = conversation() ?? {};
    const ipsOf = (id: string) => inStore((store) => store.asset(id)?.ips);

    expect(inStore((store) => store.mergeAssets(client, server), 'console')).toBe(true);
    // The record of the conversation is the sensor's own: only it can say who takes part.
    await until('the sensor to know one device', () => conversation()?.client === server);
    expect(ipsOf(client)).toEqual([SERVER_IP, CLIENT_IP]);

    expect(inStore((store) => store.splitAsset(client), 'console')).toBe(true);
    await until('the sensor to know two devices', () => conversation()?.client === client);
    await until('their addresses', () => String(ipsOf(server)) === SERVER_IP && String(ipsOf(client)) === CLIENT_IP);

    writeFileSync(end, '');
    expect(await driver.ended()).toBe(0);
    expect([ipsOf(client), ipsOf(server)]).toEqual([[CLIENT_IP], [SERVER_IP]]);
  });
});
