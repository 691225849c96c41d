// Runs a LiveSource with a counting sink inside a test's network namespace and tells what it sees as NDJSON.
// node live-driver.mjs DIST '{"interfaces": ["m0"], "capture": {…}, "timing": {…}}'
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, json] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(join(dist, 'sensor', 'capture', 'live', file)).href);
const { LiveSource } = await load('live-source.js');
const { DEFAULT_CAPTURE } = await load('capture-command.js');
const options = JSON.parse(json);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
const latencies = [];
let lastNumber = 0;
let outOfOrder = 0;
const source = new LiveSource({
  interfaces: options.interfaces.map((name) => ({ name })),
  capture: { ...DEFAULT_CAPTURE, ...options.capture },
  timing: options.timing ?? {},
  onHealthEvent: (event) => say({ type: 'event', ...event }),
  onProcess: (pid, running) => say({ type: 'process', pid, running }),
});
const sink = {
  packet(packet) {
    if (packet.number !== lastNumber + 1) outOfOrder++;
    lastNumber = packet.number;
    if (latencies.length < 100_000) latencies.push(Date.now() - packet.timestamp / 1000);
  },
};
let last = '';
const report = () => {
  const now = JSON.stringify({ interfaces: source.health(), blind: source.blind() });
  if (now !== last) say({ type: 'health', ...JSON.parse(now) });
  last = now;
};
const timer = setInterval(report, 50);
try {
  await source.run(sink, stop.signal);
} catch (error) {
  say({ type: 'error', name: error.name, message: error.message });
}
clearInterval(timer);
report();
latencies.sort((a, b) => a - b);
const at = (share) => latencies[Math.floor((latencies.length - 1) * share)];
say({
  type: 'end',
  lastNumber,
  outOfOrder,
  latency: { p50: at(0.5), p99: at(0.99), max: at(1) },
  cpu: process.cpuUsage(),
});
