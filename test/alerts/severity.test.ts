import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastOf, severitySteps, withOutcome } from '../../sensor/alerts/severity.js';
import { type Circumstances, NO_CIRCUMSTANCES } from '../../sensor/model/finding.js';
import { SEVERITIES, type Severity, severityRank } from '../../sensor/model/severity.js';

const window = (severity: Severity) => ({ factor: 'window' as const, name: 'service', severity, ends: 0 });

describe('severity arithmetic', () => {
  test.each<[level: Severity, circumstances: Partial<Circumstances>, isRefused: boolean, expected: Severity]>([
    ['high', {}, false, 'high'],
    ['high', { targetCriticality: 'high' }, false, 'critical'],
    ['critical', { targetCriticality: 'high' }, false, 'critical'],
    ['high', { targetCriticality: 'medium' }, false, 'high'],
    ['high', { targetCriticality: 'low' }, false, 'medium'],
    ['high', { isLearned: true }, false, 'medium'],
    ['low', { isLearned: true, targetCriticality: 'low' }, true, 'low'],
    ['high', { isLearned: true, targetCriticality: 'high' }, false, 'high'],
    ['critical', {}, true, 'high'],
    ['critical', { targetCriticality: 'high' }, true, 'high'],
    ['critical', { expectedWork: window('informational') }, false, 'informational'],
    ['critical', { expectedWork: window('low'), targetCriticality: 'high', isLearned: true }, true, 'low'],
    ['informational', { targetCriticality: 'high' }, false, 'informational'],
    // Announcing work makes nothing more severe.
    ['low', { expectedWork: window('high') }, false, 'low'],
  ])('%s, %j, refused: %s: %s', (level, circumstances, isRefused, expected) => {
    const steps = withOutcome(severitySteps(level, { ...NO_CIRCUMSTANCES, ...circumstances }), isRefused);
    expect(lastOf(steps)).toBe(expected);
    expect(steps[0]).toEqual({ factor: 'level', severity: level });
  });

  test('says every step, and by what', () => {
    const circumstances: Circumstances = { ...NO_CIRCUMSTANCES, targetCriticality: 'high', isLearned: true };
    expect(withOutcome(severitySteps('medium', circumstances), true)).toEqual([
      { factor: 'level', severity: 'medium' },
      { factor: 'criticality', severity: 'high', detail: 'high' },
      { factor: 'learned', severity: 'medium' },
      { factor: 'refused', severity: 'low' },
    ]);
    expect(severitySteps('critical', { ...circumstances, expectedWork: window('informational') })).toEqual([
      { factor: 'level', severity: 'critical' },
      { factor: 'window', severity: 'informational', detail: 'service' },
    ]);
  });

  test('only announced work makes something informational, and an outcome can be taken back', () => {
    const circumstances = fc.record({
      expectedWork: fc.constantFrom(null, window('informational')),
      targetCriticality: fc.constantFrom(null, 'low' as const, 'medium' as const, 'high' as const),
      isLearned: fc.boolean(),
      isAttempt: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.constantFrom(...SEVERITIES), circumstances, (level, known) => {
        const steps = severitySteps(level, known);
        const refused = withOutcome(steps, true);
        expect(withOutcome(refused, false)).toEqual(steps);
        expect(withOutcome(refused, true)).toEqual(refused);
        expect(severityRank(lastOf(refused))).toBeLessThanOrEqual(severityRank(lastOf(steps)));
        if (known.expectedWork === null && level !== 'informational') expect(lastOf(refused)).not.toBe('informational');
      }),
    );
  });
});
