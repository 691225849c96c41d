import { afterEach, describe, expect, it, vi } from 'vitest';
import { AlertEngine } from '../../sensor/alerts/alert-engine.js';
import type { Finding } from '../../sensor/model/finding.js';
import type { Severity } from '../../sensor/model/severity.js';
import { MICROS_PER_SECOND } from '../../sensor/model/time.js';
import { sampleFindings } from '../support/sample-findings.js';
import { fullVisibility, stormFinding } from '../support/storm.mjs';
import { Plant } from './support.js';

/** Five thousand findings a second for ten minutes of packet time; the wall clock is moved along with it. */

const START_MS = Date.UTC(2026, 2, 2, 6);
const SECONDS = 600;
const PER_SECOND = 5000;
const LIMIT = 100;

afterEach(() => {
  vi.useRealTimers();
});

const finding = (rule: string, key: string, severity: Severity) =>
  stormFinding(rule, key, severity) as unknown as Finding;

describe('a storm of alerts', () => {
  it('becomes grouped alerts and at most a hundred messages a second, and nothing of high severity is lost', {
    timeout: 300_000,
  }, () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const here = new Plant(
      { soc: { type: 'syslog', host: '127.0.0.1', port: 9, transport: 'tcp' } },
      { per_second: LIMIT },
    );
    try {
      const engine = new AlertEngine();
      const { outbox } = here.store;
      const batch = { ...sampleFindings(), assets: [], conversations: [], variables: [], packets: [] };
      let high = 0;
      let newLow = 0;
      let most = 0;
      let head = 0;
      for (let second = 0; second < SECONDS; second++) {
        const at = START_MS * 1000 + second * MICROS_PER_SECOND;
        vi.setSystemTime(START_MS + second * 1000);
        const raise = (one: Finding, n: number) => engine.raise(one, at + n, n + 1, null, null, fullVisibility);
        // Forty stories that repeat; in the first minute also three hundred new ones a second, of two rules.
        for (let n = 0; n < PER_SECOND - 300; n++) raise(finding('repeated', `story ${n % 40}`, 'medium'), n);
        for (let n = 0; n < 300; n++) {
          const key = second < 60 ? `one of ${second} ${n}` : `story ${n % 40}`;
          if (second < 60) newLow++;
          raise(finding(`flood-${n % 2}`, key, 'low'), n);
        }
        // Five seconds of four hundred different ones of high severity, each of which has to be told.
        if (second >= 60 && second < 65)
          for (let n = 0; n < 400; n++) {
            raise(finding('sabotage', `place ${second} ${n}`, 'high'), n);
            high++;
          }
        // One high alert every two seconds, in the middle of it.
        if (second % 2 === 0) {
          raise(finding('attack', `step ${second}`, 'critical'), 1);
          high++;
        }
        here.store.write({ ...batch, ...engine.collect(true) });
        outbox.promoteWithin(Date.now());
        if (second < 60 || second >= 125) most = Math.max(most, outbox.head - head);
        head = outbox.head;
      }
      vi.setSystemTime(START_MS + (SECONDS + 60) * 1000);
      outbox.promote(Date.now(), 10_000);
      const events = outbox.events(0, Number.MAX_SAFE_INTEGER, 1_000_000);
      const of = (type: string, rule?: string) =>
        events.filter(
          (event) => event.type === type && (rule === undefined || here.store.alert(event.ref)?.rule_id === rule),
        );
      // Nothing but high alerts is ever queued faster than it may be sent.
      expect(most).toBeLessThanOrEqual(LIMIT + 1);
      expect(of('alert', 'attack').length + of('alert', 'sabotage').length).toBe(high);
      // Every one of the flood is accounted for: told singly or counted in a storm.
      const singly = of('alert', 'flood-0').length + of('alert', 'flood-1').length;
      const together = of('storm').reduce((sum, event) => sum + Number(event.facts['alerts']), 0);
      expect(singly + together).toBeGreaterThanOrEqual(newLow);
      expect(singly).toBeLessThanOrEqual(60 * LIMIT + 80);
    } finally {
      here.close();
    }
  });
});
