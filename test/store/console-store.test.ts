import { createRequire } from 'node:module';
import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConsoleStore } from '../../sensor/store/console/console-store.js';
import {
  checkNewPassword,
  hashPassword,
  PasswordQueueFull,
  verifyPassword,
} from '../../sensor/store/console/password.js';
import { StoreError } from '../../sensor/store/store.js';
import { tempDataDir } from '../support/console.js';

const Database = createRequire(import.meta.url)('better-sqlite3') as typeof BetterSqlite3;
const ACTOR = { user: 'test', source: 'test' };

let data: { dir: string; remove(): void };
let accounts: ConsoleStore;
beforeEach(() => {
  data = tempDataDir();
  accounts = new ConsoleStore(data.dir);
});
afterEach(() => {
  accounts.close();
  data.remove();
});

describe('accounts', () => {
  it('have names that are taken once, in any case, and can be typed', () => {
    accounts.addUser('Ada', 'admin', 'hash', ACTOR);
    expect(() => accounts.addUser('ada', 'viewer', 'hash', ACTOR)).toThrow(/already a user/);
    for (const name of ['', ' ada', 'a\nb', '<b>', 'ä', '-x', 'x'.repeat(65), '__proto__', 'motor\u202egnp']) {
      expect(() => accounts.addUser(name, 'viewer', 'hash', ACTOR)).toThrow(StoreError);
    }
    expect(accounts.users().map((user) => [user.name, user.role, user.disabled])).toEqual([['Ada', 'admin', false]]);
  });

  it('always keep one admin who can sign in', () => {
    accounts.addUser('ada', 'admin', 'hash', ACTOR);
    expect(() => accounts.setRole('ada', 'viewer', ACTOR)).toThrow(/last admin/);
    expect(() => accounts.setDisabled('ada', true, ACTOR)).toThrow(/last admin/);
    accounts.addUser('bert', 'admin', 'hash', ACTOR);
    accounts.setDisabled('ada', true, ACTOR);
    expect(() => accounts.setRole('bert', 'analyst', ACTOR)).toThrow(/last admin/);
    accounts.setDisabled('ada', false, ACTOR);
    accounts.setRole('bert', 'analyst', ACTOR);
    expect(() => accounts.setRole('nobody', 'viewer', ACTOR)).toThrow(/no user nobody/);
  });
});

describe('passwords', () => {
  it.each([
    'short',
    'elevenchars',
    'x'.repeat(129),
    'aaaaaaaaaaaaaaaa',
    'abababababab',
    'password1234',
    'Passw0rd!Passw0rd!',
    'qwertyuiop1234',
    '123456789012345',
    'fieldwatchfieldwatch',
    'adalovelace2026ad'.replace('lovelace2026ad', 'adaadaada'),
    'administrator1!',
  ])('like %j are refused with a reason', (password) => {
    expect(() => checkNewPassword(password, 'ada')).toThrow(StoreError);
  });

  it.each(['granite lantern orbit mustard', 'Tr4ktor-Nebel-Zwölf', 'x7Kq!mVw29Lp', 'пароль который длинный'])(
    'like %j are taken, whatever letters they have',
    (password) => {
      expect(() => checkNewPassword(password, 'ada')).not.toThrow();
    },
  );

  it('are checked against their own salt, whole and in any Unicode form', async () => {
    const hash = await hashPassword('Zwölf granite lanterns');
    expect(hash).not.toBe(await hashPassword('Zwölf granite lanterns'));
    expect(await verifyPassword('Zwo\u0308lf granite lanterns', hash)).toBe(true);
    expect(await verifyPassword('Zwölf granite lantern', hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
    expect(await verifyPassword('x', null)).toBe(false);
    expect(await verifyPassword('x', 'scrypt$broken')).toBe(false);
  });

  it('are hashed two at a time, twenty wait, more are turned away', async () => {
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => verifyPassword('x', null)));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(8);
    for (const result of refused) expect(result.reason).toBeInstanceOf(PasswordQueueFull);
    expect(await verifyPassword('x', null)).toBe(false);
  });
});

describe('the audit log', () => {
  function tamper(sql: string): void {
    accounts.close();
    const raw = new Database(join(data.dir, 'console.db'));
    raw.exec('DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_deleted');
    raw.exec(sql);
    raw.close();
    accounts = new ConsoleStore(data.dir);
  }

  beforeEach(() => {
    for (let n = 0; n < 1100; n++) accounts.audit(ACTOR, 'test', `target ${n}`, 'before', 'after');
  });

  it('shows that it is whole', async () => {
    expect(await accounts.verifyAudit()).toMatchObject({ broken: null, missingAfter: null });
    expect(accounts.auditRows(2).map((row) => row.target)).toEqual(['target 1099', 'target 1098']);
  });

  it.each([
    ['a changed word', "UPDATE audit SET after = 'something else' WHERE n = 1070", 1070],
    ['a changed time', 'UPDATE audit SET at = at + 1 WHERE n = 1', 1],
    ['a missing row', 'DELETE FROM audit WHERE n = 1020', 1020],
    [
      'two rows exchanged',
      'UPDATE audit SET n = -1 WHERE n = 5; UPDATE audit SET n = 5 WHERE n = 6; UPDATE audit SET n = 6 WHERE n = -1',
      5,
    ],
  ])('shows where it has %s', async (_, sql, first) => {
    tamper(sql);
    expect((await accounts.verifyAudit()).broken).toBe(first);
  });

  it('lets others have their turn while it is read', async () => {
    const order: string[] = [];
    const verdict = accounts.verifyAudit().then(() => order.push('verified'));
    setImmediate(() => order.push('somebody else'));
    await verdict;
    expect(order).toEqual(['somebody else', 'verified']);
  });

  it('lets nobody change or delete a row through the database', () => {
    const raw = new Database(join(data.dir, 'console.db'));
    expect(() => raw.exec("UPDATE audit SET after = 'x' WHERE n = 1")).toThrow(/never changed/);
    expect(() => raw.exec('DELETE FROM audit')).toThrow(/never deleted/);
    raw.close();
  });
});
