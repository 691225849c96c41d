/**
 * Runs inside a network namespace of its own. A receiver that has everything, then a network that swallows every packet
 * without a word (the loopback interface is taken down), then one that works again. Prints what happened as JSON.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [, , dist, alertsText, hasTables] = process.argv;
const { KERNEL_TABLES } = await import(`${dist}/sensor/export/exporters/connection.js`);
if (hasTables === 'without') KERNEL_TABLES.splice(0, 2, '/nowhere/tcp');
const { ExportService } = await import(`${dist}/sensor/export/service.js`);
const { SqliteFindingsStore } = await import(`${dist}/sensor/store/sqlite/findings-store.js`);
const { outboxOptions } = await import(`${dist}/sensor/export/plan.js`);
const [batch, ...alerts] = JSON.parse(alertsText);

const link = (state) => execFileSync('ip', ['link', 'set', 'lo', state]);
const until = async (isSo, limitMs) => {
  const end = performance.now() + limitMs;
  while (!isSo() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
  return isSo();
};

link('up');
let text = '';
let connections = 0;
const server = createServer((socket) => {
  connections++;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    text += chunk;
  });
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const data = mkdtempSync(join(tmpdir(), 'fieldwatch-black-hole-'));
const config = {
  exporters: {
    soc: { type: 'syslog', host: '127.0.0.1', port: server.address().port, transport: 'tcp', resend_seconds: 2 },
  },
  queue_messages: 1_000_000,
  queue_days: 7,
  update_seconds: 10,
  per_second: 100,
};
const store = new SqliteFindingsStore(data, {
  role: 'sensor',
  outbox: outboxOptions(config, data, true),
  warn: () => {},
});
const told = [];
const service = new ExportService({
  data,
  config,
  hasFile: true,
  origin: { sensor: 'north-1', site: '', version: '0' },
  tell: (sentence) => told.push(sentence),
  timing: { pollMs: 50, firstRetryMs: 200, longestRetryMs: 500, silentMs: 3000 },
});
service.start();
const ids = () => new Set([...text.matchAll(/alertId="([^"]+)"/g)].map((match) => match[1]));
const find = (some) => store.write({ ...batch, alerts: some });

find(alerts.slice(0, 5));
const before = await until(() => ids().size === 5, 10_000);
link('down');
find(alerts.slice(5, 10));
const noticed = await until(() => store.outbox.exporter('soc').state === 'failing', 30_000);
const { error } = store.outbox.exporter('soc');
const waiting = store.outbox.waiting(store.outbox.exporter('soc'));
link('up');
const after = await until(() => ids().size === 10, 20_000);
await service.stop();
store.close();
server.close();
rmSync(data, { recursive: true });
process.stdout.write(`${JSON.stringify({ before, noticed, error, waiting, after, connections, told })}\n`);
process.exit(0);
