/**
 * A storm in real time, as a receiver sees it: 5,000 findings a second, among them new ones of high severity faster
 * than they may be sent.
 *
 *   node bench/export-storm.mjs [SECONDS] [DIST]
 *
 * Delivers to rsyslog on the loopback interface over TCP (apt install rsyslog) from a thread of its own, as live does.
 * Prints one line of JSON: how many messages arrived in the busiest second, and whether a high alert is missing.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fullVisibility, stormFinding } from '../test/support/storm.mjs';
import { freePort, startRsyslog } from './rsyslog.mjs';

const SECONDS = Number(process.argv[2] ?? 600);
const dist = resolve(process.argv[3] ?? fileURLToPath(new URL('../dist', import.meta.url)));
const load = (path) => import(`${dist}/sensor/${path}.js`);
const { AlertEngine } = await load('alerts/alert-engine');
const { SqliteFindingsStore } = await load('store/sqlite/findings-store');
const { outboxOptions } = await load('export/plan');
const { ExportThread } = await load('threads/export-thread');

const PER_SECOND = 5000;
const LIMIT = 100;
/** Different high alerts: always a few, and for ten seconds ten times what may be sent. */
const HIGH = 40;
const HIGH_BURST = 1000;
const isBurst = (second) => second >= 20 && second < 30;
/** Different low ones, of two rules. */
const LOW = 300;
const BATCH_MS = 200;

const folder = mkdtempSync(join(tmpdir(), 'fieldwatch-bench-storm-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const port = await freePort();
const rsyslog = await startRsyslog(folder, '%timegenerated:::date-rfc3339% %msg%', [`port="${port}"`]);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const data = join(folder, 'data');
const config = {
  // Signs of life in the middle of it: they have their share of what may be sent as well.
  exporters: { soc: { type: 'syslog', host: '127.0.0.1', port, transport: 'tcp', heartbeat_seconds: 10 } },
  queue_messages: 1_000_000,
  queue_days: 7,
  update_seconds: 10,
  per_second: LIMIT,
};
const store = new SqliteFindingsStore(data, {
  role: 'sensor',
  outbox: outboxOptions(config, data, true),
  warn: () => {},
});
const delivery = new ExportThread(
  { data, config, hasFile: true, origin: { sensor: 'north-1', site: 'Waterworks North', version: '0.0.0' } },
  (sentence) => process.stderr.write(`${sentence}\n`),
);
delivery.start();
while (store.outbox.exporter('soc')?.state !== 'connected') await sleep(100);

const engine = new AlertEngine();
const health = {
  sensor: 'north-1',
  updated: '',
  mode: 'live',
  running: true,
  phase: 'protect',
  interfaces: [],
  blind: [],
  packets: 0,
  bytes: 0,
  flows_active: 0,
  pdus: {},
  malformed: 0,
  anomalies: {},
  dropped: {},
  decode_errors: 0,
  encrypted_percent: 0,
  memory_bytes: 0,
  captures: [],
};
const empty = { assets: [], conversations: [], variables: [], health };
const startedAt = Date.now();
let number = 0;
let high = 0;
let low = 0;
let findings = 0;
let late = 0;
const batches = 1000 / BATCH_MS;
for (let batch = 0; batch < SECONDS * batches; batch++) {
  const second = Math.floor(batch / batches);
  const at = Date.now() * 1000;
  const raise = (one) => engine.raise(one, at, ++number, null, null, fullVisibility);
  const highs = (isBurst(second) ? HIGH_BURST : HIGH) / batches;
  for (let n = 0; n < highs; n++) raise(stormFinding('attack', `step ${high++}`, 'high'));
  for (let n = 0; n < LOW / batches; n++) raise(stormFinding(`flood-${n % 2}`, `one ${low++}`, 'low'));
  for (let n = highs + LOW / batches; n < PER_SECOND / batches; n++)
    raise(stormFinding('repeated', `story ${n % 40}`, 'medium'));
  findings += PER_SECOND / batches;
  store.write({ ...empty, ...engine.collect(batch % batches === 0) });
  const wait = startedAt + (batch + 1) * BATCH_MS - Date.now();
  late = Math.max(late, -wait);
  // The thread that delivers needs the event loop of nobody; this pause is what keeps real time.
  await sleep(Math.max(0, wait));
}
const stormSeconds = (Date.now() - startedAt) / 1000;
const waitingAtEnd = store.outbox.waiting(store.outbox.exporter('soc'));
const read = () =>
  existsSync(join(folder, 'out')) ? readFileSync(join(folder, 'out'), 'utf8').split('\n').slice(0, -1) : [];
const deadline = Date.now() + 600_000;
while (store.outbox.waiting(store.outbox.exporter('soc')) > 0 && Date.now() < deadline) await sleep(500);
await sleep(1000);
const drainedSeconds = (Date.now() - startedAt) / 1000;
const bySecond = new Map();
const highs = new Set();
let firstHighMs = Number.POSITIVE_INFINITY;
let lows = 0;
let together = 0;
let updates = 0;
let longestHighSeconds = 0;
let outOfOrder = 0;
let last = 0;
for (const line of read()) {
  const space = line.indexOf(' ');
  const time = line.slice(0, space);
  bySecond.set(time.slice(0, 19), (bySecond.get(time.slice(0, 19)) ?? 0) + 1);
  const message = JSON.parse(line.slice(space + 1));
  if (message.sequence !== last + 1) outOfOrder++;
  last = message.sequence;
  if (message.type === 'storm' && message.storm.rule_id.startsWith('flood')) together += message.storm.alerts;
  if (message.type === 'update') updates++;
  if (message.type !== 'alert') continue;
  if (message.severity === 'high') {
    highs.add(message.alert.id);
    firstHighMs = Math.min(firstHighMs, Date.parse(time) - startedAt);
    longestHighSeconds = Math.max(longestHighSeconds, (Date.parse(time) - Date.parse(message.timestamp)) / 1000);
  } else if (message.severity === 'low') lows++;
}
process.stdout.write(
  `${JSON.stringify({
    figure: 'a storm as rsyslog sees it',
    storm_seconds: Math.round(stormSeconds),
    findings_per_second: Math.round(findings / stormSeconds),
    latest_batch_ms: Math.round(late),
    different_high_alerts: high,
    high_alerts_received: highs.size,
    first_high_after_ms: firstHighMs,
    longest_wait_of_a_high_alert_seconds: Math.round(longestHighSeconds),
    different_low_alerts: low,
    low_alerts_received_singly: lows,
    low_alerts_told_together: together,
    updates_received: updates,
    messages_received: last,
    most_messages_in_a_second: Math.max(...bySecond.values()),
    out_of_order: outOfOrder,
    waiting_at_the_end_of_the_storm: waitingAtEnd,
    all_received_after_seconds: Math.round(drainedSeconds),
    lost: store.outbox.exporter('soc').lost,
  })}\n`,
);
await delivery.stop();
store.close();
rsyslog.kill('SIGKILL');
process.exit(0);
