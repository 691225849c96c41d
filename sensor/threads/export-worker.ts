/** The thread that delivers messages: a slow receiver or a long backlog holds up neither sensor nor console. */
import { parentPort, workerData } from 'node:worker_threads';
import { ExportService } from '../export/service.js';
import type { ExportThreadData, FromExportThread, ToExportThread } from './export-messages.js';

const main = parentPort;
if (main === null) throw new Error('export-worker runs as a worker thread');
const send = (message: FromExportThread) => main.postMessage(message);

const service = new ExportService({
  ...(workerData as ExportThreadData),
  tell: (sentence) => send({ type: 'tell', sentence }),
});
service.start();
main.on('message', (message: ToExportThread) => {
  if (message.type !== 'stop') return;
  void service.stop().finally(() => {
    send({ type: 'stopped' });
    main.close();
  });
});
