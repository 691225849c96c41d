import type { Placeholders } from './modifiers.js';
import { RulePlace } from './problem.js';
import { parseRule, type SigmaRule } from './rule.js';

/** A rule that was found sound, as it is kept for later starts. */
export interface PackedRule {
  readonly file: string;
  /** On which it begins in its file, as it was then. */
  readonly line?: number;
  readonly document: unknown;
  /** `Requirements` of a detection rule that no setting changes: it is then read when a message first meets them. */
  readonly needs?: readonly (readonly [field: string, keys: readonly string[]])[] | null;
}

export function packRule(rule: SigmaRule, document: unknown): PackedRule {
  const { file, line } = rule;
  if (rule.kind !== 'detection' || JSON.stringify(document).includes('|expand')) return { file, line, document };
  const needs = rule.needs === null ? null : [...rule.needs].map(([field, keys]) => [field, [...keys]] as const);
  return { file, line, document, needs };
}

export function unpackRule({ file, line, document, needs }: PackedRule, placeholders: Placeholders): SigmaRule {
  const place = RulePlace.packed(file, line);
  if (needs === undefined) return parseRule(document, place, placeholders);
  return parseRule(
    document,
    place,
    placeholders,
    needs && new Map(needs.map(([field, keys]) => [field, new Set(keys)])),
  );
}
