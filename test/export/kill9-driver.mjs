/**
 * A sensor that writes alerts and delivers them, to be killed: prints the number of each alert after its transaction.
 *
 *   node kill9-driver.mjs DIST DATA PORT FROM ALERT
 *
 * FROM: number of the first alert; `drain`: delivers what waits, prints what is left and ends.
 */
const [dist, data, port, from, text] = process.argv.slice(2);
const load = (path) => import(`${dist}/sensor/${path}.js`);
const { SqliteFindingsStore } = await load('store/sqlite/findings-store');
const { outboxOptions } = await load('export/plan');
const { ExportService } = await load('export/service');

const [batch, alert] = JSON.parse(text);
const config = {
  exporters: {
    soc: { type: 'syslog', host: '127.0.0.1', port: Number(port), transport: 'tcp', resend_seconds: 1 },
  },
  queue_messages: 1_000_000,
  queue_days: 7,
  update_seconds: 10,
  per_second: 10_000,
};
const store = new SqliteFindingsStore(data, {
  role: 'sensor',
  outbox: outboxOptions(config, data, true),
  warn: () => {},
});
const service = new ExportService({
  data,
  config,
  origin: { sensor: 'north-1', site: 'Works 7', version: '0.0.0' },
  hasFile: true,
  tell: () => {},
  timing: { pollMs: 10, firstRetryMs: 20, longestRetryMs: 100 },
});
if (from === 'drain') {
  const left = await service.drain(60_000);
  process.stdout.write(`${JSON.stringify(left)}\n`);
  store.close();
} else {
  service.start();
  for (let n = Number(from); ; n += 10) {
    const alerts = Array.from({ length: 10 }, (_, i) => ({ ...alert, id: `alert-${n + i}` }));
    store.write({ ...batch, alerts });
    process.stdout.write(`${n + 10}\n`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
