import type { Operation } from '../model/operation.js';
import type { DissectionRecord } from '../model/records.js';
import { matches } from './sigma/match.js';
import type { SigmaRule } from './sigma/rule.js';

/** What the rule set must know of a protocol. */
export interface RuleProtocol {
  readonly name: string;
  readonly operations: readonly Operation[];
}

const NO_RULES: readonly SigmaRule[] = [];

/**
 * Rules, found by protocol and operation: a message whose operation no rule names costs one array access. A rule is
 * bound to the operations named by its `PROTOCOL.function` items that every match needs; a rule without one is tried
 * for every operation of its protocol.
 */
export class RuleSet {
  readonly rules: readonly SigmaRule[];
  readonly #byOperation = new Map<string, (readonly SigmaRule[])[]>();

  constructor(rules: readonly SigmaRule[], protocols: readonly RuleProtocol[]) {
    this.rules = rules;
    for (const protocol of protocols) {
      const lists: SigmaRule[][] = protocol.operations.map(() => []);
      for (const rule of rules) {
        if (rule.protocol !== protocol.name) continue;
        const functions = requiredFunctions(rule);
        for (const operation of protocol.operations) {
          if (functions === null || functions.has(operation.function)) lists[operation.index]?.push(rule);
        }
      }
      this.#byOperation.set(protocol.name, lists);
    }
  }

  /** The rules that may match messages of each operation, by operation index; ask once per protocol. */
  of(protocol: string): readonly (readonly SigmaRule[])[] {
    return this.#byOperation.get(protocol) ?? [];
  }

  static candidates(lists: readonly (readonly SigmaRule[])[], operation: Operation): readonly SigmaRule[] {
    return lists[operation.index] ?? NO_RULES;
  }

  static matches(rule: SigmaRule, record: DissectionRecord): boolean {
    return matches(rule, record);
  }
}

/** Names that `PROTOCOL.function` must have one of for the rule to match; null when it may have any. */
function requiredFunctions(rule: SigmaRule): ReadonlySet<string> | null {
  const { condition, protocol } = rule;
  const needed =
    condition.kind === 'search'
      ? [condition.name]
      : condition.kind === 'and'
        ? condition.operands.flatMap((operand) => (operand.kind === 'search' ? [operand.name] : []))
        : [];
  for (const name of needed) {
    const search = rule.searches.get(name);
    if (search?.length !== 1) continue;
    const item = search[0]!.find((candidate) => candidate.field === `${protocol}.function` && !candidate.isAll);
    if (!item?.values.every((value) => value.kind === 'text')) continue;
    return new Set(item.values.map((value) => (value.kind === 'text' ? value.value : '')));
  }
  return null;
}
