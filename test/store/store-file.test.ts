import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConsoleStore } from '../../sensor/store/console/console-store.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { openStoreFile, type StoreSchema } from '../../sensor/store/sqlite/store-file.js';
import { StoreError } from '../../sensor/store/store.js';
import { manyAlerts, sampleFindings, sampleHealth } from '../support/sample-findings.js';

const Database = createRequire(import.meta.url)('better-sqlite3') as typeof BetterSqlite3;

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fieldwatch-file-'));
  file = join(dir, 'findings.db');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function fill(driver: 'native' | 'wasm'): void {
  const store = new SqliteFindingsStore(dir, { role: 'sensor', driver, warn: () => {} });
  store.write({ ...sampleFindings(), alerts: manyAlerts(500) });
  store.close();
}

function overwrite(offset: number, bytes: Uint8Array): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, bytes, 0, bytes.length, offset);
  closeSync(handle);
}

const DAMAGE: [string, () => void][] = [
  ['is empty', () => writeFileSync(file, '')],
  ['is text', () => writeFileSync(file, 'this is no database, however long it may be; '.repeat(40))],
  ['has lost its header', () => overwrite(0, new Uint8Array(64))],
  ['has lost a page', () => overwrite(8192, new Uint8Array(4096).fill(0xa5))],
  ['was cut in the middle of a page', () => truncateSync(file, 4096 * 10 + 77)],
  ['was cut after its first page', () => truncateSync(file, 4096)],
];

describe.each(['native', 'wasm'] as const)('a findings file on the %s driver', (driver) => {
  it.each(DAMAGE)('that %s is set aside by the sensor, which starts a new one and says so', (_, damage) => {
    fill(driver);
    damage();
    const broken = readFileSync(file);
    const told: string[] = [];
    const store = new SqliteFindingsStore(dir, { role: 'sensor', driver, warn: (text) => told.push(text) });
    expect(store.alerts({}).items).toEqual([]);
    store.write(sampleFindings());
    expect(store.alerts({}).items).toHaveLength(10);
    expect(store.info().notes.join()).toContain('were damaged');
    expect(told.filter((text) => text.includes('were damaged'))).toHaveLength(1);
    store.close();
    const kept = readdirSync(dir).filter((name) => /^findings\.db\.corrupt-\d{8}T\d{6}Z$/.test(name));
    expect(kept).toHaveLength(1);
    expect(readFileSync(join(dir, kept[0] ?? '')).equals(broken)).toBe(true);
  });

  it('that is damaged is left alone by whoever only reads', () => {
    fill(driver);
    writeFileSync(file, 'damaged');
    for (const role of ['reader', 'console'] as const) {
      expect(() => new SqliteFindingsStore(dir, { role, driver, warn: () => {} })).toThrow(
        /is damaged and cannot be read/,
      );
    }
    expect(readFileSync(file, 'utf8')).toBe('damaged');
  });

  it('that becomes damaged while in use is replaced, and readers follow', () => {
    const told: string[] = [];
    const store = new SqliteFindingsStore(dir, { role: 'sensor', driver, warn: (text) => told.push(text) });
    // More than the driver keeps in memory, or it would not notice.
    for (let from = 0; from < 20_000; from += 2000) {
      store.write({ ...sampleFindings(), alerts: manyAlerts(2000, from) });
    }
    store.close();
    const size = statSync(file).size;
    const sensor = new SqliteFindingsStore(dir, { role: 'sensor', driver, warn: (text) => told.push(text) });
    const reader = new SqliteFindingsStore(dir, { role: 'console', driver, warn: () => {} });
    expect(reader.counts().assets).toBe(6);
    // Behind the schema's page: everything that any table holds.
    for (let offset = 4096 * 2; offset < size; offset += 4096) overwrite(offset, new Uint8Array(4096).fill(0xff));
    sensor.write({ ...sampleFindings(), alerts: manyAlerts(10), health: sampleHealth({ packets: 7 }) });
    expect(told.filter((text) => text.includes('damaged while they were in use'))).toHaveLength(1);
    expect(sensor.alerts({}).items).toHaveLength(10);
    expect(reader.alerts({}).items).toHaveLength(10);
    reader.close();
    sensor.close();
  });

  it('that a newer version wrote is refused with one sentence and not touched', () => {
    fill(driver);
    const raw = new Database(file);
    raw.pragma('user_version = 99');
    raw.close();
    const before = readFileSync(file);
    for (const role of ['sensor', 'console', 'reader'] as const) {
      expect(() => new SqliteFindingsStore(dir, { role, driver })).toThrow(
        /written by a newer fieldwatch .* schema is 99/,
      );
    }
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('of another program is refused with one sentence and not touched', () => {
    const raw = new Database(file);
    raw.exec('CREATE TABLE customers (name TEXT)');
    raw.close();
    const before = readFileSync(file);
    for (const role of ['sensor', 'console', 'reader'] as const) {
      expect(() => new SqliteFindingsStore(dir, { role, driver })).toThrow(/database of another program/);
    }
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('that is not there is made by the sensor and the console, not by a reader', () => {
    expect(() => new SqliteFindingsStore(join(dir, 'none'), { role: 'reader', driver })).toThrow(/no data directory/);
    expect(() => new SqliteFindingsStore(dir, { role: 'reader', driver })).toThrow(/no findings in/);
    expect(existsSync(file)).toBe(false);
    new SqliteFindingsStore(dir, { role: 'console', driver }).close();
    expect(readdirSync(dir).filter((name) => !name.endsWith('.users'))).toEqual(['findings.db']);
  });

  it('keeps the version before when a migration fails half way, and goes on when it can', () => {
    const good: StoreSchema = {
      applicationId: 0x46574631,
      holds: 'findings',
      migrations: ['CREATE TABLE a (x); INSERT INTO a VALUES (1);'],
    };
    openStoreFile(file, good, { create: true, driver }).database.close();
    const broken = { ...good, migrations: [...good.migrations, 'CREATE TABLE b (x); INSERT INTO nowhere VALUES (1);'] };
    expect(() => openStoreFile(file, broken, { create: true, driver })).toThrow(StoreError);
    const mended = { ...good, migrations: [...good.migrations, 'CREATE TABLE b (x); INSERT INTO b SELECT x FROM a;'] };
    const { database } = openStoreFile(file, mended, { create: true, driver });
    expect(database.prepare('SELECT x FROM b').all()).toEqual([{ x: 1 }]);
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 });
    database.close();
  });
});

describe('the file of accounts', () => {
  it('is never replaced by itself when damaged: an empty one would let anyone become admin', () => {
    writeFileSync(join(dir, 'console.db'), 'damaged');
    expect(() => new ConsoleStore(dir)).toThrow(/is damaged/);
    expect(readFileSync(join(dir, 'console.db'), 'utf8')).toBe('damaged');
  });

  it('is refused where the findings are expected, and the other way round', () => {
    new ConsoleStore(dir).close();
    const other = join(dir, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'findings.db'), readFileSync(join(dir, 'console.db')));
    expect(() => new SqliteFindingsStore(other, { role: 'sensor' })).toThrow(/another program/);
  });
});
