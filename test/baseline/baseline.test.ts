import { describe, expect, test } from 'vitest';
import { Baseline, DEVICE_SCOPE } from '../../sensor/baseline/baseline.js';
import { Maturity } from '../../sensor/baseline/maturity.js';
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
    const learned = OPERATION_CLASSES.filter((one) =>
      baseline.learns(operation(one), false, baseline.isLearning('modbus')),
    );
    expect(learned).toEqual(['session', 'identify', 'diagnose', 'read', 'write']);
    expect(OPERATION_CLASSES.filter((one) => baseline.learns(operation(one), true, true))).toEqual([]);
    expect(baseline.learns(null, false, baseline.isLearning(DEVICE_SCOPE))).toBe(true);
  });

  test('learns nothing while it protects', () => {
    const baseline = new Baseline('protect', '1');
    expect(
      OPERATION_CLASSES.filter((one) => baseline.learns(operation(one), false, baseline.isLearning('modbus'))),
    ).toEqual([]);
    expect(baseline.learns(null, false, baseline.isLearning(DEVICE_SCOPE))).toBe(false);
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

  test('a scope that is ripe protects while the others learn, until a person decides for all', () => {
    const baseline = new Baseline('learn', '1');
    expect(baseline.settle(DEVICE_SCOPE)).toBe(true);
    expect(baseline.settle(DEVICE_SCOPE)).toBe(false);
    expect([DEVICE_SCOPE, 'modbus'].map((scope) => baseline.isLearning(scope))).toEqual([false, true]);
    expect(baseline.judge(NEW_ASSET)).toHaveLength(1);
    baseline.phase = 'protect';
    baseline.phase = 'learn';
    expect(baseline.isLearning(DEVICE_SCOPE)).toBe(true);
    expect(baseline.judge(NEW_ASSET)).toEqual([]);
  });

  test('maturity is counted in all and by scope', () => {
    const hour = 3_600_000_000;
    const day = 24 * hour;
    const now = 30 * day;
    const maturity = new Maturity(now);
    for (let index = 0; index < 20; index++) maturity.addTo('modbus', now - 10 * day, 500);
    maturity.addTo(DEVICE_SCOPE, now - 10 * day, 9);
    maturity.addTo(DEVICE_SCOPE, now - hour / 2, 1);
    for (let index = 0; index < 12; index++) maturity.addTo(DEVICE_SCOPE, now - 5 * hour, 2);
    const [devices, modbus, ...more] = maturity.scopes((scope) => scope === DEVICE_SCOPE);
    expect(more).toEqual([]);
    expect(devices).toMatchObject({
      scope: DEVICE_SCOPE,
      phase: 'learn',
      known: 14,
      new_last_hour: 1,
      new_last_day: 13,
      new_per_hour: 0.54,
      unseen_share: 0.0714,
      is_ripe: false,
    });
    expect(modbus).toMatchObject({ scope: 'modbus', phase: 'protect', known: 20, new_per_hour: 0, is_ripe: true });
    expect(maturity.progress('learn')).toMatchObject({ known: 34, new_last_day: 13, is_ripe: false });
  });

  test('models have an id of their own and say what they watch', () => {
    expect(new Set(DEVIATION_MODELS.map((model) => model.id)).size).toBe(DEVIATION_MODELS.length);
    for (const model of DEVIATION_MODELS) expect(model.description, model.id).toMatch(/^[A-Z].*\.$/);
  });
});
