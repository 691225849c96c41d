import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingLimit, WINDOW_MS } from '../../sensor/export/sliding-limit.js';

describe('the limit of what happens now', () => {
  it('holds in every second, whatever comes when', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.record({ pause: fc.integer({ min: 0, max: 700 }), wanted: fc.integer({ min: 1, max: 300 }) }), {
          maxLength: 60,
        }),
        (perSecond, steps) => {
          const limit = new SlidingLimit(perSecond);
          const sent: number[] = [];
          let now = 0;
          for (const { pause, wanted } of steps) {
            now += pause;
            const amount = Math.min(wanted, limit.room(now));
            if (amount > 0) limit.took(amount, now);
            for (let n = 0; n < amount; n++) sent.push(now);
            // It never keeps anything waiting without need.
            const inSecond = sent.filter((at) => at > now - WINDOW_MS);
            expect(limit.room(now)).toBe(perSecond - inSecond.length);
            const isFull = inSecond.length === perSecond;
            expect(limit.waitMs(now)).toBe(isFull ? (inSecond[0] ?? 0) + WINDOW_MS - now : Number.POSITIVE_INFINITY);
          }
          for (const from of sent)
            expect(sent.filter((at) => at >= from && at < from + 1000).length).toBeLessThanOrEqual(perSecond);
        },
      ),
    );
  });
});
