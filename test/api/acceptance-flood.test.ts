import { expect, it } from 'vitest';
import { Decisions } from '../../sensor/decisions/decisions.js';
import { ConsoleStore } from '../../sensor/store/console/console-store.js';
import { SqliteFindingsStore } from '../../sensor/store/sqlite/findings-store.js';
import { tempDataDir } from '../support/console.js';
import { sampleFindings } from '../support/sample-findings.js';

const FLOOD = 20_500;

it('a flood of deviations does not hide an open hit of a high rule from whoever accepts one of them', async () => {
  const data = tempDataDir();
  const findings = new SqliteFindingsStore(data.dir, { role: 'sensor' });
  const accounts = new ConsoleStore(data.dir);
  const batch = sampleFindings();
  const alert = batch.alerts.find(({ id }) => id === 'alert-write');
  if (!alert) throw new Error('the sample has no alert-write');
  const later = alert.last_seen.replace(/T\d\d/, 'T23');
  const flood = Array.from({ length: FLOOD }, (_, n) => ({ ...alert, id: `flood-${n}`, last_seen: later }));
  findings.write({ ...batch, alerts: [...batch.alerts, ...flood] });
  const refused = new Decisions(findings, accounts).accept(alert, 'pair', 'new pump', undefined, {
    user: 'anton',
    source: 'test',
  });
  await expect(refused).rejects.toMatchObject({ code: 'hides_rule' });
  accounts.close();
  findings.close();
  data.remove();
}, 60_000);
