import { Worker } from 'node:worker_threads';
import type { ExportThreadData, FromExportThread, ToExportThread } from './export-messages.js';

const FIRST_RESTART_MS = 1000;
const LONGEST_RESTART_MS = 60_000;
const STOP_MS = 5000;

/** Runs the delivery in a thread of its own, and starts it again when it dies. */
export class ExportThread {
  readonly #data: ExportThreadData;
  readonly #tell: (sentence: string) => void;
  #worker: Worker | null = null;
  #restart: NodeJS.Timeout | null = null;
  #deaths = 0;
  #stopping = false;

  constructor(data: ExportThreadData, tell: (sentence: string) => void) {
    this.#data = data;
    this.#tell = tell;
  }

  start(): void {
    if (this.#stopping) return;
    const worker = new Worker(new URL('./export-worker.js', import.meta.url), {
      workerData: this.#data,
      name: 'export',
    });
    this.#worker = worker;
    const startedAt = performance.now();
    let reason = 'without a word';
    worker.on('message', (message: FromExportThread) => {
      if (message.type === 'tell') this.#tell(message.sentence);
    });
    worker.on('error', (error) => {
      reason = error.message;
    });
    worker.on('exit', () => {
      this.#worker = null;
      if (this.#stopping) return;
      if (performance.now() - startedAt > LONGEST_RESTART_MS) this.#deaths = 0;
      const pause = Math.min(LONGEST_RESTART_MS, FIRST_RESTART_MS * 2 ** Math.min(this.#deaths++, 10));
      this.#tell(
        `the thread that delivers messages ended (${reason}) and is started again; nothing that waits is lost`,
      );
      this.#restart = setTimeout(() => this.start(), pause);
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#restart) clearTimeout(this.#restart);
    const worker = this.#worker;
    if (!worker) return;
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(resolve, STOP_MS);
      worker.once('exit', () => {
        clearTimeout(deadline);
        resolve();
      });
      worker.postMessage({ type: 'stop' } satisfies ToExportThread);
    });
    await worker.terminate();
  }
}
