import { describe, expect, it } from 'vitest';
import { type CaptureCommand, DEFAULT_CAPTURE } from '../../sensor/capture/live/capture-command.js';
import { LiveSource } from '../../sensor/capture/live/live-source.js';
import type { HealthEvent } from '../../sensor/model/health-event.js';
import { until } from './namespace.js';

/** Capture commands that misbehave in ways in which tcpdump cannot be made to; they need no rights. */
function misbehaving(script: string, heartbeat: CaptureCommand['heartbeat'] = 'SIGUSR1'): CaptureCommand {
  return { source: 'test', command: 'sh', args: ['-c', script], heartbeat, countsDrops: true, ends: false, notes: [] };
}

async function watch(command: CaptureCommand, check: (source: LiveSource, events: HealthEvent[]) => Promise<void>) {
  const events: HealthEvent[] = [];
  const stop = new AbortController();
  const source = new LiveSource({
    interfaces: [{ name: 'lo', command }],
    capture: DEFAULT_CAPTURE,
    timing: { missedHeartbeats: 1, noTrafficSeconds: 0 },
    onHealthEvent: (event) => events.push(event),
  });
  const done = source.run({ packet: () => {} }, stop.signal);
  try {
    await Promise.race([check(source, events), done]);
  } finally {
    stop.abort();
    await done.catch(() => {});
  }
  return done;
}

describe('a capture process that', () => {
  it('gives no sign of life is started again', async () => {
    await watch(misbehaving('trap "" USR1; echo listening on lo >&2; exec sleep 60'), async (_source, events) => {
      await until('the event', () => events.length > 0);
      expect(events[0]).toMatchObject({ code: 'capture.interrupted', interface: 'lo' });
      expect(events[0]?.description).toContain('no sign of life');
    });
  });

  it('writes something else than packets is started again, and its words are told', async () => {
    const script = 'echo listening on lo >&2; sleep 0.1; head -c 100000 /dev/zero; exec sleep 60';
    await watch(misbehaving(script), async (source, events) => {
      await until('the event', () => events.length > 0);
      expect(events[0]?.description).toContain('cannot be read');
      await until('the note', () => source.health()[0]?.notes.some((note) => note.includes('restarted')));
    });
  });

  it('floods standard error neither fills the memory nor hides that it listens', async () => {
    const script = 'head -c 3000000 /dev/zero | tr "\\\\0" x >&2; echo >&2; echo listening on lo >&2; exec sleep 60';
    await watch(misbehaving(script), async (source) => {
      await until('the capture', () => source.health()[0]?.state === 'capturing');
    });
  });

  it('cannot begin is told in one sentence', async () => {
    const script = 'echo "tcpdump: lo: You don\'t have permission to perform this capture on that device" >&2; exit 1';
    await expect(watch(misbehaving(script), () => new Promise(() => {}))).rejects.toThrow(
      /^capturing on lo is not permitted: .*CAP_NET_RAW/,
    );
    const missing = { ...misbehaving(''), command: '/nonexistent/tcpdump' };
    await expect(watch(missing, () => new Promise(() => {}))).rejects.toThrow(/is not installed/);
  });
});
