import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { carryOver } from '../../sensor/decisions/carry-over.js';
import { Decisions } from '../../sensor/decisions/decisions.js';
import { ConsoleStore } from '../../sensor/store/console/console-store.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { tempDataDir } from '../support/console.js';

const ACTOR = { user: 'ada', source: 'test' };

it('a rule that was switched off stays off with findings made anew, and what was never switched is left alone', () => {
  const data = tempDataDir();
  const open = () => new SqliteFindingsStore(data.dir, { role: 'sensor' });
  let findings = open();
  const accounts = new ConsoleStore(data.dir);
  findings.setDisabledRules(['by-hand']);
  expect(carryOver(data.dir, findings)).toBeNull();
  expect(findings.disabledRules()).toEqual(['by-hand']);
  accounts.work.setRule('noisy', false, 'too many of them', ACTOR);
  accounts.work.setRule('again', false, 'for now', ACTOR);
  accounts.work.setRule('again', true, 'over', ACTOR);
  new Decisions(findings, accounts).publishRuleSwitches();
  expect(findings.disabledRules()).toEqual(['noisy']);
  findings.close();
  for (const ending of ['', '-wal', '-shm']) rmSync(join(data.dir, `findings.db${ending}`), { force: true });
  findings = open();
  expect(findings.disabledRules()).toEqual([]);
  expect(carryOver(data.dir, findings)).toBeNull();
  expect(findings.disabledRules()).toEqual(['noisy']);
  accounts.close();
  findings.close();
  data.remove();
});
