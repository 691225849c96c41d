import type { Circumstances } from '../model/finding.js';
import type { SeverityStep } from '../model/records.js';
import { SEVERITIES, type Severity, severityRank } from '../model/severity.js';

const LOWEST_BY_ARITHMETIC = severityRank('low');

/**
 * How severe a finding is, step by step: the rule's level; then either what it becomes when the work is expected (an
 * authorised station, a maintenance window), or one step up or down for what the target is worth, and one down for what
 * was learned. The last step is the severity. What is informational stays so; nothing else is made informational.
 */
export function severitySteps(level: Severity, circumstances: Circumstances): SeverityStep[] {
  const steps: SeverityStep[] = [{ factor: 'level', severity: level }];
  if (level === 'informational') return steps;
  const { expectedWork, targetCriticality, isLearned } = circumstances;
  if (expectedWork !== null && severityRank(expectedWork.severity) < severityRank(level)) {
    const { factor, name, severity } = expectedWork;
    return [...steps, { factor, severity, detail: name }];
  }
  if (targetCriticality === 'high') step(steps, 1, 'criticality', targetCriticality);
  if (targetCriticality === 'low') step(steps, -1, 'criticality', targetCriticality);
  if (isLearned) step(steps, -1, 'learned');
  return steps;
}

/** The same when every answer so far was a refusal, or (again) was not: what was refused has changed nothing. */
export function withOutcome(steps: readonly SeverityStep[], isRefused: boolean): SeverityStep[] {
  const others = steps.filter(({ factor }) => factor !== 'refused');
  const isExpected = others.some(({ factor }) => factor === 'station' || factor === 'window');
  if (isRefused && !isExpected && lastOf(others) !== 'informational') step(others, -1, 'refused');
  return others;
}

export function lastOf(steps: readonly SeverityStep[]): Severity {
  return steps.at(-1)?.severity ?? 'medium';
}

function step(steps: SeverityStep[], change: number, factor: SeverityStep['factor'], detail?: string): void {
  const before = severityRank(lastOf(steps));
  const after = Math.min(Math.max(before + change, Math.min(before, LOWEST_BY_ARITHMETIC)), SEVERITIES.length - 1);
  if (after === before) return;
  steps.push({ factor, severity: SEVERITIES[after]!, ...(detail === undefined ? {} : { detail }) });
}
