import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuleError, ruleOf, type SigmaRule } from './sigma/rule.js';
import { parseRuleYaml } from './sigma/rule-yaml.js';

export interface RuleFiles {
  readonly rules: SigmaRule[];
  /** The rules' documents as plain data, for the build. */
  readonly documents: { readonly file: string; readonly document: unknown }[];
  readonly errors: RuleError[];
}

/** Reads every `.yml` file below a folder; a broken file is reported and never stops the others. */
export function readRuleFiles(folder: string): RuleFiles {
  const found: RuleFiles = { rules: [], documents: [], errors: [] };
  const ids = new Map<string, string>();
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    try {
      const { document, fail } = parseRuleYaml(readFileSync(file, 'utf8'), file);
      const rule = ruleOf(document, file, fail);
      const other = ids.get(rule.id);
      if (other !== undefined) throw fail(['id'], `the id ${rule.id} is already used by ${other}`);
      ids.set(rule.id, file);
      found.rules.push(rule);
      found.documents.push({ file, document });
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      found.errors.push(error);
    }
  }
  return found;
}
