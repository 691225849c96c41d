// How fast the console answers over a large store: node bench/console-api.mjs [ALERTS] [ASSETS] [FOLDER] [--no-replay]
// (1,000,000 and 10,000 unless told). Fills a folder, kept when one is named, and asks for everything that pages ask for,
// over HTTP on loopback, while a replay of the sample plant writes into the same store again and again. "CPU" is what one
// request costs the processor, asking included: on a busy machine it says more than the time. Needs a build.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startConsole } from '../dist/console/api/start.js';
import { ruleWorkshop } from '../dist/sensor/cli/rule-workshop.js';
import { loadConfig } from '../dist/sensor/config.js';
import { packHistory } from '../dist/sensor/model/variable-history.js';
import { ConsoleStore } from '../dist/sensor/store/console/console-store.js';
import { hashPassword } from '../dist/sensor/store/console/password.js';
import { SqliteFindingsStore } from '../dist/sensor/store/sqlite/findings-store.js';

const flags = process.argv.slice(2).filter((word) => word.startsWith('--'));
const [alertsText, assetsText, kept] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const ALERTS = Number(alertsText ?? 1_000_000);
const ASSETS = Number(assetsText ?? 10_000);
const ROUNDS = 40;
const TARGET_MS = 100;
const MAIN = fileURLToPath(new URL('../dist/sensor/main.js', import.meta.url));
const CAPTURE = fileURLToPath(new URL('../fixtures/plant/attack.pcap', import.meta.url));
const PASSWORD = 'granite lantern orbit mustard';
const START = Date.UTC(2026, 0, 1);
const SEVERITIES = ['informational', 'low', 'medium', 'high', 'critical'];
const STATUSES = ['closed', 'closed', 'acknowledged', 'open'];
const VENDORS = ['Siemens AG', 'Schneider Electric', 'Phoenix Contact', 'WAGO', 'Beckhoff'];
const at = (seconds) => new Date(START + seconds * 1000).toISOString().replace('Z', '000Z');
const micros = (seconds) => START * 1000 + seconds * 1e6;
const ip = (n) => `10.${(n >> 12) & 255}.${(n >> 6) & 63}.${(n & 63) + 1}`;

const dir = kept ?? mkdtempSync(join(tmpdir(), 'fieldwatch-console-bench-'));

function asset(n) {
  const isPlc = n % 3 === 0;
  return {
    id: `asset-${n}`,
    name: `${isPlc ? 'PLC' : 'HMI'}-${n}`,
    ips: [ip(n)],
    macs: [],
    vendor: VENDORS[n % 5],
    model: `M${n % 40}`,
    roles: [isPlc ? 'plc' : 'hmi'],
    purdue_level: isPlc ? 1 : 2 + (n % 2),
    zone: `Zone ${n % 25}`,
    units: [],
    protocols: [{ name: 'modbus', as: isPlc ? 'server' : 'client', ports: isPlc ? [502] : [] }],
    first_seen: at(n),
    last_seen: at(100_000 + n),
    criticality: 'medium',
    approved: n % 4 !== 0,
    in_baseline: n % 50 !== 0,
    packets: 1000,
    evidence: [],
  };
}

function conversation(n) {
  const server = (n * 3) % ASSETS;
  const client = (n * 7 + 1) % ASSETS;
  return {
    id: `conversation-${n}`,
    client: `asset-${client}`,
    server: `asset-${server}`,
    client_ip: ip(client),
    server_ip: ip(server),
    protocol: 'modbus',
    server_port: 502,
    transport: 'tcp',
    packets: 1000,
    bytes: 90_000,
    first_seen: at(n),
    last_seen: at(100_000 + n),
    in_baseline: n % 40 !== 0,
    operations: [
      {
        operation: n % 9 === 0 ? 'write_single_register' : 'read_holding_registers',
        class: n % 9 === 0 ? 'write' : 'read',
        count: 500,
        targets: ['unit 1 holding_register 0-99'],
        exceptions: 0,
        first_seen: at(n),
        last_seen: at(100_000 + n),
        in_baseline: n % 40 !== 0,
      },
    ],
  };
}

function alert(n) {
  const source = (n * 13) % ASSETS;
  const target = (n * 3) % ASSETS;
  return {
    id: `alert-${n}`,
    kind: n % 2 ? 'rule' : 'deviation',
    rule_id: `rule-${n % 60}`,
    rule_version: '1',
    title: `Something happened (${n % 60})`,
    description: `Something happened to a device, number ${n}.`,
    severity: SEVERITIES[n % 5],
    status: 'open',
    count: 1 + (n % 9),
    first_seen: at(n),
    last_seen: at(n + 5),
    src_ip: ip(source),
    dest_ip: ip(target),
    src_asset: `asset-${source}`,
    dest_asset: `asset-${target}`,
    protocol: 'modbus',
    object: `unit 1 holding_register ${n % 1000}`,
    attack: [{ technique: 'T0855', name: 'Unauthorized Command Message', tactic: 'Impair Process Control' }],
    evidence: { records: [], pcap_cnts: [n] },
    visibility: { dropped_percent: 0, decode_error_percent: 0, encrypted_percent: 0 },
    recommendation: 'Ask who did it.',
    dedupe_key: String(n),
  };
}

function variable(n) {
  const seen = {
    kind: 'analogue',
    samples: 5000,
    since: at(0),
    until: at(100_000),
    min: 0,
    max: 1000,
    max_step: 12,
    values: [0, 500, 1000],
    increases: 40,
    decreases: 38,
    max_flat_seconds: 31.5,
  };
  return {
    id: `variable-${n}`,
    asset: `asset-${(n * 3) % ASSETS}`,
    server_ip: ip((n * 3) % ASSETS),
    unit: 1,
    protocol: 'modbus',
    name: `holding_register ${40_001 + (n % 100)}`,
    address: `holding_register ${n % 100}`,
    type: 'uint16',
    kind: 'analogue',
    last_value: n % 1000,
    last_changed: at(100_000 + n),
    first_seen: at(0),
    last_seen: at(100_000 + n),
    distinct: 32,
    reads: 5000,
    writes: 2,
    writers: [{ ip: ip(1), asset: 'asset-1', writes: 2, last_write: at(300), in_baseline: true }],
    seen,
    learned: seen,
    history: packHistory(
      600,
      Float64Array.from({ length: 64 * 4 }, (_, cell) => [micros((cell >> 2) * 600), n % 500, 900, n % 1000][cell & 3]),
      Float64Array.from({ length: 64 * 2 }, (_, cell) => (cell & 1 ? cell : micros(60_000 + cell))),
    ),
  };
}

const health = {
  sensor: 'bench',
  updated: at(0),
  mode: 'replay',
  running: false,
  phase: 'protect',
  interfaces: [],
  blind: [],
  packets: 1,
  bytes: 1,
  first_packet: at(0),
  last_packet: at(ALERTS),
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

function fill() {
  const store = new SqliteFindingsStore(dir, { role: 'sensor', warn: () => {} });
  const write = (part) =>
    store.write({ assets: [], conversations: [], alerts: [], packets: [], variables: [], health, ...part });
  const batches = (count, make, key) => {
    for (let from = 0; from < count; from += 1000) {
      write({ [key]: Array.from({ length: Math.min(1000, count - from) }, (_, n) => make(from + n)) });
    }
  };
  batches(ASSETS, asset, 'assets');
  batches(Math.min(50_000, ASSETS * 5), conversation, 'conversations');
  batches(Math.min(20_000, ASSETS * 2), variable, 'variables');
  batches(ALERTS, (n) => ({ ...alert(n), status: STATUSES[n % 4] }), 'alerts');
  store.close();
  const accounts = new ConsoleStore(dir);
  return hashPassword(PASSWORD).then((hash) => {
    accounts.addUser('bench', 'admin', hash, { user: 'bench', source: 'bench' });
    accounts.close();
  });
}

if (!existsSync(join(dir, 'findings.db'))) {
  const from = Date.now();
  await fill();
  process.stdout.write(`${ALERTS} alerts, ${ASSETS} assets written in ${((Date.now() - from) / 1000).toFixed(0)} s\n`);
}
const running = await startConsole({
  data: dir,
  listen: '127.0.0.1:0',
  webRoot: null,
  rules: ruleWorkshop(loadConfig(), dir),
  requestsPerMinute: 1_000_000,
  log: () => {},
});
let cookie = '';
let csrf = '';
async function ask(path, init = {}) {
  const headers = { cookie, 'x-csrf-token': csrf, ...init.headers };
  const answer = await fetch(new URL(path, running.url), { ...init, headers });
  const set = answer.headers.get('set-cookie');
  if (set) cookie = set.split(';')[0];
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text.slice(0, 200)}`);
  return text;
}
async function send(path, body) {
  const headers = { 'content-type': 'application/json' };
  return JSON.parse(await ask(path, { method: 'POST', headers, body: JSON.stringify(body) }));
}
({ csrf } = JSON.parse(await ask('/api/v1/session')));
({ csrf } = await send('/api/v1/login', { name: 'bench', password: PASSWORD }));

/** Something for each page that is about what people made: two versions, a rule, a capture, a trial of the rule on it. */
async function prepare() {
  for (const high of [800, 900]) {
    await send('/api/v1/baseline/import', {
      name: 'map.csv',
      text: `device,unit,address,name,high\n${ip(0)},1,40001,Level,${high}\n`,
      reason: 'the bench',
    });
  }
  const rule = `bench-${Date.now()}`;
  const text = `title: Register 40 is written\nid: ${rule}\nlogsource: { product: fieldwatch, service: modbus }\ndetection:\n  selection:\n    modbus.address: 40\n  condition: selection\n`;
  await send('/api/v1/own-rules', { text, reason: 'the bench' });
  const bytes = readFileSync(CAPTURE);
  const { id: capture } = await send('/api/v1/workspaces', { name: 'attack.pcap', size: bytes.length });
  const part = { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: bytes };
  await ask(`/api/v1/workspaces/${capture}/part?offset=0`, part);
  await ended(`/api/v1/workspaces/${capture}`);
  const { id: trial } = await send('/api/v1/rule-trials', { capture, text });
  await ended(`/api/v1/rule-trials/${trial}`);
  return { rule, capture, trial };
}

async function ended(path) {
  for (;;) {
    const { state } = JSON.parse(await ask(path));
    if (state === 'done') return;
    if (['failed', 'cancelled'].includes(state)) throw new Error(`${path}: ${state}`);
    await setTimeout(200);
  }
}

const made = await prepare();
const day = 86_400;
const PATHS = [
  '/api/v1/session',
  '/api/v1/overview',
  '/api/v1/alerts',
  '/api/v1/alerts?status=open&muted=hide&limit=50',
  '/api/v1/alerts?status=open&sort=severity',
  '/api/v1/alerts?severity=critical&kind=rule',
  '/api/v1/alerts?muted=only',
  '/api/v1/alerts?assignee=bench',
  '/api/v1/alerts?status=open&q=nowhere',
  '/api/v1/alerts?q=number%20999',
  '/api/v1/alerts?q=Ger%C3%A4t&language=de',
  '/api/v1/alerts?q=nirgends&language=de',
  '/api/v1/alerts?rule=rule-7',
  '/api/v1/alerts?asset=asset-9',
  '/api/v1/alerts/alert-77',
  '/api/v1/alerts/alert-77/related',
  '/api/v1/alerts/alert-77/explain',
  '/api/v1/alerts/alert-76/acceptance?scope=object',
  '/api/v1/alerts/alert-77/rule-draft?kind=rule',
  '/api/v1/incidents',
  '/api/v1/mutes',
  '/api/v1/people',
  '/api/v1/views',
  '/api/v1/assets?sort=name',
  '/api/v1/assets?sort=-first_seen&limit=5',
  '/api/v1/assets?role=plc&q=plc-99',
  '/api/v1/assets?q=nowhere',
  '/api/v1/assets/asset-9',
  '/api/v1/assets/asset-9/parts',
  '/api/v1/assets/asset-9/writers',
  '/api/v1/assets/likely-same',
  '/api/v1/assets/groups?by=zone',
  '/api/v1/assets?zone=Zone%207',
  '/api/v1/assets?zone=nowhere',
  `/api/v1/assets/compare?from=${at(0)}&to=${at(day)}`,
  '/api/v1/conversations',
  '/api/v1/conversations?asset=asset-9',
  '/api/v1/conversations?protocol=modbus',
  '/api/v1/map',
  '/api/v1/traffic',
  '/api/v1/variables',
  '/api/v1/variables?q=nowhere',
  '/api/v1/variables?limit=50&history=true',
  '/api/v1/variables/variable-9',
  '/api/v1/rules?limit=50',
  '/api/v1/rules?limit=50&q=write&level=high',
  '/api/v1/rules/0b8a3f52-6f0e-4c57-9d35-2a5c8c5f7a01',
  '/api/v1/own-rules?kind=exception',
  `/api/v1/own-rules/${made.rule}`,
  '/api/v1/rule-trials',
  `/api/v1/rule-trials/${made.trial}`,
  '/api/v1/workspaces',
  `/api/v1/workspaces/${made.capture}`,
  '/api/v1/maintenance',
  '/api/v1/coverage',
  '/api/v1/report',
  '/api/v1/report/schedule',
  '/api/v1/health',
  '/api/v1/baseline',
  '/api/v1/baseline/learning',
  '/api/v1/baseline/proposals',
  '/api/v1/baseline/acceptances',
  '/api/v1/baseline/versions',
  '/api/v1/baseline/versions/2/diff?from=1',
  '/api/v1/exporters',
  '/api/v1/exporters/settings',
  '/api/v1/audit',
  '/api/v1/users',
  '/api/v1/tokens',
  '/api/v1/sessions',
  '/api/v1/account',
  '/metrics',
  '/healthz',
];
/** Downloads, streams and checks, which people wait for and know it. */
const NOT_PAGES = /export|\.csv|\.pcapng|events|verify|openapi|oidc/;

/** Writes into the same store, again and again. */
function keepReplaying() {
  let child = null;
  let ended = false;
  const next = () => {
    if (ended) return;
    const args = [MAIN, 'replay', CAPTURE, '--data', dir, '--phase', 'protect', '--export-timeout', '0', '--json'];
    child = spawn(process.execPath, args, { stdio: 'ignore' });
    child.on('close', next);
  };
  next();
  return () => {
    ended = true;
    child?.kill('SIGKILL');
  };
}

const stop = flags.includes('--no-replay') ? () => {} : keepReplaying();
process.stdout.write('request | first | median | 95th percentile | CPU (ms)\n');
const slow = [];
for (const path of PATHS) {
  const times = [];
  let used = process.cpuUsage();
  for (let round = 0; round <= ROUNDS; round++) {
    const from = performance.now();
    await ask(path);
    times.push(performance.now() - from);
    if (round === 0) used = process.cpuUsage();
  }
  const { user, system } = process.cpuUsage(used);
  const [first = 0] = times.splice(0, 1);
  times.sort((a, b) => a - b);
  const pick = (share) => times[Math.floor(times.length * share)] ?? 0;
  const cpu = (user + system) / 1000 / ROUNDS;
  const figures = [first, pick(0.5), pick(0.95), cpu].map((value) => value.toFixed(1)).join(' | ');
  process.stdout.write(`${path.replace('/api/v1/', '')} | ${figures}\n`);
  if (pick(0.95) >= TARGET_MS) slow.push(path);
}
stop();
const { paths } = JSON.parse(await ask('/api/openapi.json'));
const asked = PATHS.map((path) => path.split('?')[0].split('/'));
const isAsked = (route) => {
  const parts = route.split('/');
  return asked.some(
    (path) => path.length === parts.length && parts.every((part, n) => part.startsWith('{') || part === path[n]),
  );
};
const left = Object.keys(paths).filter((route) => paths[route].get && !NOT_PAGES.test(route) && !isAsked(route));
process.stdout.write(`\nnot below ${TARGET_MS} ms at the 95th percentile: ${slow.join(', ') || 'none'}\n`);
if (left.length > 0) process.stdout.write(`not asked for: ${left.join(', ')}\n`);
await running.close();
if (kept === undefined) rmSync(dir, { recursive: true, force: true });
