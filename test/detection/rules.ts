import { NO_PLACEHOLDERS } from '../../sensor/detection/rule-files.js';
import { compileDetection } from '../../sensor/detection/sigma/compile.js';
import { JsonEvent } from '../../sensor/detection/sigma/event.js';
import type { Placeholders } from '../../sensor/detection/sigma/modifiers.js';
import { RuleError, RulePlace, type RuleWarning } from '../../sensor/detection/sigma/problem.js';
import { type DetectionRule, parseRule, type SigmaRule } from '../../sensor/detection/sigma/rule.js';
import { parseRuleYaml } from '../../sensor/detection/sigma/yaml.js';

/** A whole rule; `detection` is indented by two. */
export function ruleText(detection: string, head: Readonly<Record<string, string>> = {}): string {
  const fields = {
    title: 'A rule',
    id: '11111111-1111-4111-8111-111111111111',
    description: 'For a test.',
    date: '2026-11-22',
    level: 'high',
    ...head,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return `${lines.join('\n')}\nlogsource:\n  service: modbus\ndetection:\n${detection}\n`;
}

export function parseAll(text: string, placeholders: Placeholders = NO_PLACEHOLDERS): SigmaRule[] {
  return parseRuleYaml(text, 'rule.yml').map(({ document, place }) => parseRule(document, place, placeholders));
}

export function parse(text: string, placeholders: Placeholders = NO_PLACEHOLDERS): DetectionRule {
  const [rule] = parseAll(text, placeholders);
  if (rule?.kind !== 'detection') throw new Error('no detection rule');
  return rule;
}

export function warningsOf(text: string): RuleWarning[] {
  return parseRuleYaml(text, 'rule.yml').flatMap(({ document, place }) => {
    parseRule(document, place, NO_PLACEHOLDERS);
    return place.warnings;
  });
}

/** A rule of plain data. */
export function ruleOf(
  detection: unknown,
  logsource: Record<string, string> = { service: 'modbus' },
  id = '22222222-2222-4222-8222-222222222222',
  placeholders: Placeholders = NO_PLACEHOLDERS,
): DetectionRule {
  const rule = parseRule({ title: 't', id, logsource, detection }, RulePlace.packed('f'), placeholders);
  if (rule.kind !== 'detection') throw new Error('no detection rule');
  return rule;
}

export function refusal(text: string): RuleError {
  try {
    parseAll(text);
  } catch (error) {
    if (error instanceof RuleError) return error;
    throw error;
  }
  throw new Error('the rule was accepted');
}

export function matches(rule: DetectionRule, event: Record<string, unknown>): boolean {
  return compileDetection(rule.detection)(new JsonEvent(event));
}

/** Whether a single search with this body matches the event. */
export function hits(
  item: string,
  event: Record<string, unknown>,
  placeholders: Placeholders = NO_PLACEHOLDERS,
): boolean {
  return matches(parse(ruleText(`  selection:\n    ${item}\n  condition: selection`), placeholders), event);
}
