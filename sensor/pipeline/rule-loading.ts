import { existsSync } from 'node:fs';
import { placeholdersOf } from '../detection/placeholders.js';
import { readRuleFiles, ruleFilesIn } from '../detection/rule-files.js';
import { type PackedRule, unpackRule } from '../detection/sigma/packed-rule.js';
import { RuleError } from '../detection/sigma/problem.js';
import type { SigmaRule } from '../detection/sigma/rule.js';
import type { RuleSettings } from '../model/rule-settings.js';
import type { Site } from '../model/site.js';
import { readBuilt } from './built.js';
import { RuleCache } from './rule-cache.js';

export interface LoadedRule {
  readonly rule: SigmaRule;
  readonly source: 'product' | 'own';
  readonly isEnabled: boolean;
}

export interface LoadedRules {
  readonly all: readonly LoadedRule[];
  /** Those that are enabled. */
  readonly rules: readonly SigmaRule[];
  readonly errors: readonly RuleError[];
}

const RULES = 'rules.json';

/** The rules that come with the product, checked and packed by the build, and the user's own. */
export function loadRules(settings: RuleSettings, site?: Site): LoadedRules {
  const placeholders = placeholdersOf(settings, site);
  const packed = JSON.parse(readBuilt(RULES)?.toString('utf8') ?? '[]') as PackedRule[];
  const product = packed.map((one) => unpackRule(one, placeholders));
  const cache = settings.cache === undefined ? null : new RuleCache(settings.cache);
  const own = readRuleFiles(pathsOf(settings), placeholders, cache);
  cache?.save();
  const errors = [...own.errors];
  const disabled = new Set(settings.disabled);
  const ids = new Set(product.map((rule) => rule.id));
  const all: LoadedRule[] = product.map((rule) => ({ rule, source: 'product', isEnabled: !disabled.has(rule.id) }));
  for (const rule of own.rules) {
    if (ids.has(rule.id))
      errors.push(
        new RuleError(
          rule.file,
          rule.line,
          1,
          `the id ${rule.id} belongs to a rule of the product: give yours another`,
        ),
      );
    else all.push({ rule, source: 'own', isEnabled: !disabled.has(rule.id) });
  }
  return { all, rules: all.filter((one) => one.isEnabled).map((one) => one.rule), errors };
}

/** Something that changes whenever one of the user's rule files does. */
export function stateOfFiles(settings: RuleSettings): string {
  return ruleFilesIn(pathsOf(settings))
    .map(({ path, size, modified }) => `${path} ${size} ${modified}`)
    .join('\n');
}

/** Where the user's rules are: what the settings name, and what was made in the console. */
function pathsOf({ paths, folder }: RuleSettings): readonly string[] {
  return folder !== undefined && existsSync(folder) ? [...paths, folder] : paths;
}
