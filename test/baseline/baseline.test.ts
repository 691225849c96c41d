import { describe, expect, test } from 'vitest';
import { Baseline } from '../../sensor/baseline/baseline.js';
import { DEVIATION_MODELS } from '../../sensor/baseline/registry.js';
import type { Novelty } from '../../sensor/model/novelty.js';
import { OPERATION_CLASSES, type Operation, type OperationClass } from '../../sensor/model/operation.js';

function operation(operationClass: OperationClass): Operation {
  return { index: 0, name: 'x', function: 'x', class: operationClass, title: 'X' };
}

const NEW_ASSET: Novelty = {
  kind: 'asset',
  asset: { ip: '10.0.0.9', asset: 'asset-9', label: '10.0.0.9' },
  macs: ['02:00:00:00:00:09'],
  vendor: 'Maker',
  knownAssets: 7,
  isLinkOnly: false,
};

describe('the baseline', () => {
  test('learns everything but control and programming, and nothing that a rule found grave', () => {
    const baseline = new Baseline('learn', '1');
    const learned = OPERATION_CLASSES.filter((one) => baseline.learns(operation(one), false));
    expect(learned).toEqual(['session', 'identify', 'diagnose', 'read', 'write']);
    expect(OPERATION_CLASSES.filter((one) => baseline.learns(operation(one), true))).toEqual([]);
    expect(baseline.learns(null, false)).toBe(true);
  });

  test('learns nothing while it protects', () => {
    const baseline = new Baseline('protect', '1');
    expect(OPERATION_CLASSES.filter((one) => baseline.learns(operation(one), false))).toEqual([]);
    expect(baseline.learns(null, false)).toBe(false);
  });

  test('judges only while it protects, and follows the phase when a person changes it', () => {
    const baseline = new Baseline('learn', '7');
    expect(baseline.judge(NEW_ASSET)).toEqual([]);
    baseline.phase = 'protect';
    expect(baseline.judge(NEW_ASSET)).toMatchObject([
      {
        kind: 'deviation',
        ruleId: 'new-asset',
        ruleVersion: '7',
        observed: '10.0.0.9 (Maker, 02:00:00:00:00:09)',
        expected: 'One of the 7 devices that were learned.',
        key: '10.0.0.9',
      },
    ]);
    baseline.phase = 'learn';
    expect(baseline.judge(NEW_ASSET)).toEqual([]);
  });

  test('a card that only tells its neighbours about itself is an observation, until it has an address', () => {
    const baseline = new Baseline('protect', '1');
    const [finding] = baseline.judge({ ...NEW_ASSET, isLinkOnly: true });
    expect(finding).toMatchObject({ ruleId: 'new-asset', severity: 'informational' });
    expect(baseline.judge(NEW_ASSET)).toMatchObject([{ severity: 'medium' }]);
  });

  test('models have an id of their own and say what they watch', () => {
    expect(new Set(DEVIATION_MODELS.map((model) => model.id)).size).toBe(DEVIATION_MODELS.length);
    for (const model of DEVIATION_MODELS) expect(model.description, model.id).toMatch(/^[A-Z].*\.$/);
  });
});
