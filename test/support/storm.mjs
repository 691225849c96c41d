/** What the storm of the tests and that of the benchmark are made of. */

/** A finding of a rule; the same `key` again is the same alert again. */
export const stormFinding = (ruleId, key, severity) => ({
  kind: 'rule',
  ruleId,
  ruleVersion: '1',
  key,
  title: `Storm of ${ruleId}`,
  description: 'A storm.',
  severity,
  source: { ip: '10.0.0.1' },
  target: { ip: '10.0.0.2' },
  protocol: 'modbus',
  object: key,
  techniques: ['T0855'],
  expected: null,
  observed: null,
  recommendation: '',
});

export const fullVisibility = () => ({ dropped_percent: 0, decode_error_percent: 0, encrypted_percent: 0 });
