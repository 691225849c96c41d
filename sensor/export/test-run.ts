import { randomBytes } from 'node:crypto';
import { formatTimestamp } from '../model/time.js';
import { type Origin, testEvent } from './build-event.js';
import { DeliveryError, type Step } from './exporter.js';
import type { PlannedExporter } from './plan.js';
import { createExporter } from './registry.js';

const TEST_LIMIT_MS = 30_000;

/**
 * Sends one marked message through an exporter, past the queue, and tells each step. Never throws: a failure is a step
 * that is not ok. `eventId` is what to look for at the receiver.
 */
export async function testExporter(
  planned: PlannedExporter,
  dataDir: string,
  origin: Origin,
  now: number,
  tell: (step: Step) => void = () => {},
): Promise<{ ok: boolean; eventId: string; target: string; steps: Step[] }> {
  const eventId = `event-test-${randomBytes(6).toString('hex')}`;
  const steps: Step[] = [];
  const step = (one: Step) => {
    steps.push(one);
    tell(one);
  };
  const limit = AbortSignal.timeout(TEST_LIMIT_MS);
  let target = '';
  try {
    const exporter = createExporter(planned.settings, planned.secrets(), dataDir);
    ({ target } = exporter);
    step({ step: 'settings', ok: true, detail: `Sends to ${target} in the format ${planned.settings.format}.` });
    const channel = await exporter.connect(limit, step);
    try {
      const event = testEvent(origin, planned.name, eventId, formatTimestamp(now * 1000));
      event.sequence = 1;
      await channel.send([exporter.encode(event)]);
      const wasRead = await channel.finish();
      if (!wasRead && channel.failure) throw channel.failure;
      step({ step: 'written', ok: true, detail: written(exporter.assurance, wasRead, eventId) });
    } finally {
      await channel.close();
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    if (!steps.some(({ ok, detail: told }) => !ok && told === detail))
      step({
        step: steps.length === 0 ? 'settings' : 'written',
        ok: false,
        detail: error instanceof DeliveryError ? detail : `Failed: ${detail}`,
      });
  }
  return { ok: steps.every(({ ok }) => ok), eventId, target, steps };
}

function written(assurance: string, wasRead: boolean, eventId: string): string {
  const look = `Look for ${eventId} there.`;
  if (assurance === 'unconfirmed') return `A datagram was sent; UDP cannot tell whether it arrived. ${look}`;
  if (assurance === 'confirmed') return `Written and confirmed. ${look}`;
  return wasRead
    ? `Written, and the receiver read to the end of the connection. ${look}`
    : `Written; the receiver kept the connection open, so it is not certain that it was read. ${look}`;
}
