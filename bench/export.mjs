/**
 * How fast messages are formatted and delivered, and what a million waiting ones cost.
 *
 *   node bench/export.mjs [DIST]
 *
 * Delivery goes to rsyslog on the loopback interface (apt install rsyslog rsyslog-openssl), over TCP and over TLS with
 * certificates on both sides. Prints one line of JSON for each figure.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, startRsyslog } from './rsyslog.mjs';

const dist = resolve(process.argv[2] ?? fileURLToPath(new URL('../dist', import.meta.url)));
const load = (path) => import(`${dist}/sensor/${path}.js`);
const { FORMATS } = await load('export/formats/registry');
const { buildEvent } = await load('export/build-event');
const { syslogEncoder } = await load('export/exporters/syslog/message');
const { withDefaults } = await load('export/settings');
const { SqliteFindingsStore } = await load('store/sqlite/findings-store');
const { ExportService } = await load('export/service');
const { outboxOptions } = await load('export/plan');

/** Seconds of processor time of this program: what a busy machine does not change. */
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const say = (figure) => process.stdout.write(`${JSON.stringify(figure)}\n`);
const folder = mkdtempSync(join(tmpdir(), 'fieldwatch-bench-export-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Real alerts: those of the sample plant. */
const captures = fileURLToPath(new URL('../fixtures/plant/', import.meta.url));
for (const [file, phase] of [
  ['normal.pcap', 'learn'],
  ['attack.pcap', 'protect'],
])
  execFileSync(
    process.execPath,
    [`${dist}/sensor/main.js`, 'replay', join(captures, file), '--phase', phase, '--data', join(folder, 'plant')],
    { cwd: folder, stdio: 'ignore' },
  );
const plant = new SqliteFindingsStore(join(folder, 'plant'), { role: 'console', warn: () => {} });
const samples = plant.alerts({ limit: 500 }).items;
const [health] = plant.health();

const origin = { sensor: 'north-1', site: 'Waterworks North', version: '0.0.0' };
const queuedOf = (alert, n) => ({
  n,
  at: 0,
  type: 'alert',
  id: `event-${n}`,
  ref: alert.id,
  kind: alert.kind,
  severity: 3,
  facts: { count: 1 },
});

for (const format of Object.keys(FORMATS)) {
  const settings = withDefaults({ type: 'syslog', host: 'a', format });
  const encode = syslogEncoder(settings, { format: FORMATS[format], maxBytes: 8192, secrets: {}, dataDir: '/' });
  let bytes = 0;
  let messages = 0;
  const end = performance.now() + 2000;
  const startedAt = performance.now();
  const cpuBefore = cpuSeconds();
  while (performance.now() < end)
    for (const alert of samples) {
      const event = buildEvent(queuedOf(alert, messages), plant, origin);
      event.sequence = ++messages;
      bytes += encode(event).length;
    }
  const seconds = (performance.now() - startedAt) / 1000;
  say({
    figure: 'formatted, read from the store and framed',
    format,
    messages_per_second: Math.round(messages / seconds),
    messages_per_cpu_second: Math.round(messages / (cpuSeconds() - cpuBefore)),
    bytes_per_message: Math.round(bytes / messages),
  });
}

const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
openssl('req', '-x509', ...KEY, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Bench');
for (const name of ['siem', 'north-1']) {
  openssl('req', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
  writeFileSync(join(folder, 'ext'), `subjectAltName=DNS:${name}\n`);
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    `${name}.pem`,
    '-days',
    '2',
    '-extfile',
    'ext',
  );
}
const at = (name) => join(folder, name);
const [tcp, tls] = [await freePort(), await freePort()];
const rsyslog = await startRsyslog(
  folder,
  '%msg%',
  [
    `port="${tcp}"`,
    `port="${tls}" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="x509/name" permittedPeer=["north-1"]`,
  ],
  `defaultNetstreamDriverCAFile="${at('ca.pem')}" defaultNetstreamDriverCertFile="${at('siem.pem')}" defaultNetstreamDriverKeyFile="${at('siem.key')}"`,
);

const config = (exporters) => ({
  exporters,
  queue_messages: 10_000_000,
  queue_days: 365,
  update_seconds: 10,
  per_second: 10_000,
});
/** High alerts, which are never told together. */
const alertOf = (n) => ({
  ...samples[n % samples.length],
  id: `alert-${n}`,
  severity: 'high',
  src_asset: undefined,
  dest_asset: undefined,
});
const batch = { ...{ assets: [], conversations: [], variables: [], packets: [] }, health };

function fill(data, exporters, amount) {
  const store = new SqliteFindingsStore(data, {
    role: 'sensor',
    outbox: outboxOptions(config(exporters), data, true),
    warn: () => {},
  });
  const startedAt = performance.now();
  for (let from = 0; from < amount; from += 5000)
    store.write({
      ...batch,
      alerts: Array.from({ length: Math.min(5000, amount - from) }, (_, n) => alertOf(from + n)),
    });
  store.close();
  return (performance.now() - startedAt) / 1000;
}

const AMOUNT = 30_000;
for (const [name, settings] of [
  ['tcp', { transport: 'tcp', port: tcp }],
  [
    'tls',
    {
      transport: 'tls',
      port: tls,
      ca_file: at('ca.pem'),
      server_name: 'siem',
      cert_file: at('north-1.pem'),
      key_file: at('north-1.key'),
    },
  ],
]) {
  const exporters = { soc: { type: 'syslog', host: '127.0.0.1', messages_per_second: 100_000, ...settings } };
  const data = at(`data-${name}`);
  fill(data, exporters, AMOUNT);
  const service = new ExportService({
    data,
    config: config(exporters),
    origin,
    hasFile: true,
    tell: (sentence) => say({ told: sentence }),
  });
  const before = existsSync(at('out')) ? statSync(at('out')).size : 0;
  const startedAt = performance.now();
  const cpuBefore = cpuSeconds();
  const [{ left }] = await service.drain(120_000);
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = cpuSeconds() - cpuBefore;
  await new Promise((done) => setTimeout(done, 500));
  const lines = readFileSync(at('out')).subarray(before).toString('latin1').split('\n').length - 1;
  say({
    figure: `delivered to rsyslog over ${name}`,
    messages: AMOUNT,
    left,
    received: lines,
    messages_per_second: Math.round(AMOUNT / seconds),
    messages_per_cpu_second: Math.round(AMOUNT / cpu),
  });
}
rsyslog.kill('SIGKILL');
plant.close();

const MILLION = 1_000_000;
const exporters = { soc: { type: 'syslog', host: '127.0.0.1', port: await freePort(), transport: 'tcp' } };
const without = fill(at('data-none'), {}, 100_000);
const withQueue = fill(at('data-queue'), exporters, 100_000);
say({
  figure: 'writing 100,000 alerts to the store',
  seconds_without_export: Number(without.toFixed(1)),
  seconds_with_export: Number(withQueue.toFixed(1)),
});
rmSync(at('data-none'), { recursive: true });
// The queue alone: what it adds for each waiting message.
const store = new SqliteFindingsStore(at('data-queue'), { role: 'sensor', warn: () => {} });
const size = () => statSync(at('data-queue/findings.db')).size;
store.close();
const compact = (path) =>
  execFileSync(process.execPath, [
    '-e',
    `const D=require(${JSON.stringify(fileURLToPath(new URL('../node_modules/better-sqlite3', import.meta.url)))});const d=new D(${JSON.stringify(path)});d.exec(process.argv[1]);d.exec('PRAGMA wal_checkpoint(TRUNCATE);VACUUM');d.close()`,
    'SELECT 1',
  ]);
compact(at('data-queue/findings.db'));
const full = size();
execFileSync(process.execPath, [
  '-e',
  `const D=require(${JSON.stringify(fileURLToPath(new URL('../node_modules/better-sqlite3', import.meta.url)))});const d=new D(${JSON.stringify(at('data-queue/findings.db'))});d.exec("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < ${MILLION - 100_000}) INSERT INTO export_event (at,type,id,ref,kind,severity,facts) SELECT e.at,e.type,e.id||i,e.ref,e.kind,e.severity,e.facts FROM c JOIN export_event e ON e.n = 1 + (i % 100000)");d.exec('PRAGMA wal_checkpoint(TRUNCATE)');d.close()`,
]);
const queued = size();
const rssBefore = process.memoryUsage.rss();
const service = new ExportService({
  data: at('data-queue'),
  config: config(exporters),
  origin,
  hasFile: true,
  tell: () => {},
});
service.start();
await new Promise((done) => setTimeout(done, 15_000));
say({
  figure: 'a million messages waiting, receiver away',
  bytes_of_queue_per_message: Math.round((queued - full) / (MILLION - 100_000)),
  rss_megabytes_more: Math.round((process.memoryUsage.rss() - rssBefore) / 1048576),
});
await service.stop();
process.exit(0);
