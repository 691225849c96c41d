/** The thread that captures and analyses. It does not touch the disk: what it finds goes to the writer thread. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { wallClock } from '../capture/live/interface-capture.js';
import { createSensor } from '../pipeline/create-sensor.js';
import { loadRules } from '../pipeline/rule-loading.js';
import { LiveSensor } from './live-sensor.js';
import type { FromSensorThread, FromWriterPort, SensorThreadData, ToSensorThread, ToWriterPort } from './messages.js';

const main = parentPort;
if (main === null) throw new Error('sensor-worker runs as a worker thread');
const { options, memory, events, blind, writer } = workerData as SensorThreadData;

const tell = (message: FromSensorThread) => main.postMessage(message);

const pipeline = createSensor({
  sensor: options.sensor,
  mode: 'live',
  phase: options.phase,
  autoProtect: options.autoProtect,
  memory,
  ...(options.site ? { site: options.site } : {}),
  ...(options.rules ? { rules: options.rules } : {}),
});
const sensor = new LiveSensor(pipeline, { ...options, earlierBlind: blind, tell, now: wallClock });
for (const event of events) sensor.healthEvent(event);

let writerPort: MessagePort | null = null;
function connect(port: MessagePort): void {
  writerPort?.close();
  writerPort = port;
  port.on('message', (answer: FromWriterPort) => {
    if (port === writerPort) sensor.answered(answer);
  });
  sensor.sender.connect((id, batch) => port.postMessage({ type: 'batch', id, batch } satisfies ToWriterPort));
}
connect(writer);

main.on('message', (message: ToSensorThread) => {
  switch (message.type) {
    case 'stop':
      sensor.stop();
      break;
    case 'writer':
      connect(message.port);
      break;
    case 'rules':
      if (options.rules) pipeline.replaceRules(loadRules(options.rules, options.site).rules);
      break;
    case 'health':
      sensor.healthEvent(message.event);
      break;
  }
});

try {
  await sensor.run();
} catch (error) {
  // A CaptureError is the user's matter; anything else ends this thread and is the supervisor's.
  if ((error as Error).name !== 'CaptureError') throw error;
  tell({ type: 'refused', message: (error as Error).message });
} finally {
  (writerPort as MessagePort | null)?.close();
  main.close();
}
