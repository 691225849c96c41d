/** The thread that owns the store: the only one that writes it, so that a slow disk holds up nothing else. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { carryOver } from '../decisions/carry-over.js';
import type { BaselineVersion } from '../model/baseline-document.js';
import type { AssetSettings, DeviceDecisions } from '../model/records.js';
import { SqliteFindingsStore } from '../store/sqlite/findings-store.js';
import { DeviceNews } from './device-news.js';
import type { FromWriterPort, FromWriterThread, ToWriterPort, ToWriterThread, WriterThreadData } from './messages.js';

const main = parentPort;
if (main === null) throw new Error('writer-worker runs as a worker thread');
const { data, outbox, retention } = workerData as WriterThreadData;

const tell = (message: FromWriterThread) => main.postMessage(message);

function open(): SqliteFindingsStore | null {
  try {
    return new SqliteFindingsStore(data, { role: 'sensor', outbox, retention });
  } catch (error) {
    // A StoreError is the user's matter; anything else ends this thread and is the supervisor's.
    if ((error as Error).name !== 'StoreError') throw error;
    tell({ type: 'refused', message: (error as Error).message });
    return null;
  }
}

interface News {
  baseline?: BaselineVersion;
  devices?: DeviceDecisions;
  assetSettings?: Record<string, AssetSettings>;
  disabledRules?: readonly string[];
}

/**
 * A person's decisions reach the sensor with the answer to its next batch. For each sensor thread anew: the one before may
 * have died with what it was told.
 */
function newsOf(store: SqliteFindingsStore): () => News {
  let toldVersion = -1;
  let toldSettings = 0;
  let toldRules: string | null = null;
  const devices = new DeviceNews(store);
  return () => {
    const latest = store.baselineVersionNumber();
    const baseline = latest === toldVersion ? null : store.baselineVersion();
    toldVersion = latest;
    const revision = store.assetSettingsRevision();
    const isSettingsNew = revision !== toldSettings;
    toldSettings = revision;
    const disabledRules = store.disabledRules();
    const rules = disabledRules.join('\n');
    const areNewRules = rules !== toldRules;
    toldRules = rules;
    return {
      ...(baseline === null ? {} : { baseline }),
      ...(isSettingsNew ? { devices: devices.next(), assetSettings: store.allAssetSettings().settings } : {}),
      ...(areNewRules ? { disabledRules } : {}),
    };
  };
}

function serve(store: SqliteFindingsStore, port: MessagePort): void {
  const news = newsOf(store);
  port.on('message', ({ id, batch }: ToWriterPort) => {
    let answer: FromWriterPort;
    try {
      store.write(batch);
      const counts = store.counts();
      answer = {
        type: 'written',
        id,
        assets: counts.assets,
        openAlerts: Object.values(counts.alerts.open).reduce((sum, count) => sum + count, 0),
        requestedPhase: store.requestedPhase(),
        ...news(),
      };
    } catch (error) {
      answer = { type: 'failed', id, reason: error instanceof Error ? error.message : String(error) };
    }
    port.postMessage(answer);
  });
}

const store = open();
if (store !== null) {
  const trouble = carryOver(data, store);
  if (trouble !== null) process.stderr.write(`fieldwatch: ${trouble}\n`);
  main.on('message', (message: ToWriterThread) => {
    switch (message.type) {
      case 'connect':
        serve(store, message.port);
        break;
      case 'memory':
        tell({ type: 'memory', memory: store.loadSensorMemory() });
        break;
      case 'ping':
        tell({ type: 'pong' });
        break;
      case 'close':
        store.close();
        tell({ type: 'closed' });
        main.close();
        break;
    }
  });
  tell({ type: 'ready' });
}
