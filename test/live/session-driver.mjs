// Runs a LiveSession and tells what happens as NDJSON; lines on standard input end its threads the hard way.
// node session-driver.mjs DIST '{"data": "…", "interfaces": […], …}'

import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import threads from 'node:worker_threads';

const [dist, json] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

// The session keeps its threads to itself; the test needs them to let them die.
const running = new Map();
class WatchedWorker extends threads.Worker {
  constructor(url, options) {
    super(url, options);
    running.set(options.name, this);
    say({ type: 'thread', name: options.name });
  }
}
threads.Worker = WatchedWorker;
syncBuiltinESMExports();

const load = (...path) => import(pathToFileURL(join(dist, 'sensor', ...path)).href);
const { LiveSession } = await load('threads', 'live-session.js');
const { DEFAULT_CAPTURE } = await load('capture', 'live', 'capture-command.js');

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
createInterface({ input: process.stdin }).on('line', (name) => running.get(name)?.terminate());

const session = new LiveSession({
  sensor: 'sensor',
  phase: 'protect',
  capture: DEFAULT_CAPTURE,
  timing: {},
  tellAlerts: true,
  ...JSON.parse(json),
  onAlerts: (alerts) => say({ type: 'alerts', alerts }),
  onNotice: (sentence) => say({ type: 'notice', sentence }),
  onStatus: (status) => say({ type: 'status', ...status }),
});
try {
  const { unconfirmed } = await session.run(stop.signal);
  say({ type: 'end', unconfirmed });
} catch (error) {
  say({ type: 'error', name: error.name, message: error.message });
}
process.stdin.destroy();
