// Runs a LiveSession and tells what happens as NDJSON; lines on standard input end its threads the hard way.
// node session-driver.mjs DIST '{"data": "…", "interfaces": […], …}'

import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import threads from 'node:worker_threads';

const [dist, json] = process.argv.slice(2);
const options = JSON.parse(json);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

// The session keeps its threads to itself; the test needs them to let them die.
const running = new Map();
/** What the first thread of that name (`harms`, the sensor's unless told) does to itself after a while. */
const HARM = {
  loop: 'setTimeout(() => { for (;;); }, 1500)',
  memory: 'setTimeout(() => { const hold = []; for (;;) hold.push(new Array(1000).fill({})); }, 1500)',
};
const { harms = 'sensor' } = options;
let harm = HARM[options.harm];
class WatchedWorker extends threads.Worker {
  constructor(url, settings) {
    const isHarmed = settings.name === harms && harm !== undefined;
    super(url, isHarmed ? { ...settings, execArgv: ['--import', `data:text/javascript,${harm}`] } : settings);
    if (isHarmed) harm = undefined;
    running.set(settings.name, this);
    say({ type: 'thread', name: settings.name });
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
  ...options,
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
