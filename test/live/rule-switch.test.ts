import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { modbusPdu, modbusTcp, pcap, TcpPair } from '../support/packets.js';
import { DIST, MAIN, Talker, until } from './namespace.js';

const DRIVER = fileURLToPath(new URL('session-driver.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fieldwatch-switch-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Plays each file as soon as it is there, and ends with the last. */
const PLAYER = `
const fs = require('node:fs');
(async () => {
  for (const path of process.argv.slice(1)) {
    while (!fs.existsSync(path)) await new Promise((done) => setTimeout(done, 50));
    fs.writeSync(1, fs.readFileSync(path));
  }
})();`;

const rule = (id: string, address: number, extra = '') =>
  `title: ${id}\nid: ${id}\nlogsource: {product: fieldwatch, service: modbus}\ndetection:\n  s: {modbus.pdu: request, modbus.address: ${address}}\n  condition: s\n${extra}`;

const exception = (of: string, expires: string) =>
  `title: x\nid: x\nlogsource: {product: fieldwatch, service: modbus}\nfilter:\n  rules: [${of}]\n  k: {client_ip: '*'}\n  condition: not k\nexpires: ${expires}\n`;

describe.skipIf(!existsSync(MAIN))('a sensor that runs', () => {
  it('takes over rules, exceptions and switches without a restart, and keeps the old ones when new ones are broken', {
    timeout: 90_000,
  }, async () => {
    const data = join(folder, 'data');
    const rules = join(data, 'rules');
    mkdirSync(rules, { recursive: true });
    const pair = new TcpPair();
    const read = (address: number) => pair.client(modbusTcp(modbusPdu.read(3, address, 1)));
    const parts = Array.from({ length: 4 }, (_, part) => join(folder, `part-${part}`));
    let played = 0;
    const play = (packets: ReturnType<typeof read>[]) => {
      const bytes = pcap(packets);
      writeFileSync(parts[played] ?? '', played++ === 0 ? bytes : bytes.subarray(24));
    };
    const command = {
      source: 'played',
      command: process.execPath,
      args: ['-e', PLAYER, ...parts],
      heartbeat: null,
      countsDrops: false,
      ends: true,
      notes: [],
    };
    writeFileSync(join(rules, 'first.yml'), rule('first', 1));
    const settings = { paths: [], folder: rules, disabled: [], placeholders: [] };
    const driver = new Talker(process.execPath, [
      DRIVER,
      DIST,
      JSON.stringify({ data, interfaces: [{ name: 'played', command }], rules: settings }),
    ]);
    const fired = () => {
      const store = new SqliteFindingsStore(data, { role: 'reader' });
      const counts = store.alerts({ kind: ['rule'] }).items.map(({ rule_id: id, count }) => `${id} ${count}`);
      store.close();
      return counts.sort();
    };
    const told = (words: RegExp) =>
      until(`${words}, not ${driver.stderr}`, () =>
        driver.lines.some((line) => line.type === 'notice' && words.test(String(line['sentence']))),
      );
    play([...pair.open(), read(1), read(2)]);
    await until('the first alert', () => existsSync(join(data, 'findings.db')) && fired().includes('first 1'));

    // A second rule, and an exception from the first that has not expired.
    writeFileSync(join(rules, 'second.yml'), rule('second', 2));
    writeFileSync(join(rules, 'exception.yml'), exception('first', '2999-01-01'));
    await told(/rules have changed/);
    play([read(1), read(2)]);
    await until('the second rule', () => fired().includes('second 1'));
    expect(fired()).toEqual(['first 1', 'second 1']);

    // A broken file: what was in use stays. An exception that is over has no effect.
    writeFileSync(join(rules, 'broken.yml'), 'title: [');
    await told(/do not load.*broken\.yml:1:/);
    rmSync(join(rules, 'broken.yml'));
    writeFileSync(join(rules, 'exception.yml'), exception('first', '2001-01-01T00:00:00Z'));
    driver.lines.splice(0);
    await told(/rules have changed/);
    play([read(1), read(2)]);
    await until('the exception to be over', () => fired().includes('first 2'));

    const console = new SqliteFindingsStore(data, { role: 'console' });
    console.setDisabledRules(['first']);
    await told(/1 rule is switched off now/);
    console.close();
    play([read(1), read(2)]);
    expect(await driver.ended()).toBe(0);
    expect(fired()).toEqual(['first 2', 'second 3']);
  });
});
