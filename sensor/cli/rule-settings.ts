import { join } from 'node:path';
import type { Config } from '../config.js';
import { SigmaEngine } from '../detection/sigma/engine.js';
import type { SigmaRule } from '../detection/sigma/rule.js';
import type { RuleSettings } from '../model/rule-settings.js';
import type { Site } from '../model/site.js';
import { loadRules } from '../pipeline/rule-loading.js';
import { UsageError } from './cli-error.js';
import { safeText } from './terminal.js';

/** Rules that people made in the console; where the console writes them and every sensor looks for them. */
export const RULE_FOLDER = 'rules';

/** The part of the settings that rules need. */
export function ruleSettings(config: Config, data = config.data): RuleSettings {
  return { ...config.rules, folder: join(data, RULE_FOLDER), placeholders: config.placeholders };
}

export function siteOf(config: Config): Site {
  return { zones: config.zones, stations: config.stations, maintenance: config.maintenance };
}

/** Beside the data, so that who cannot write there does not write elsewhere. */
export const CACHE = 'rules-cache.json';

/**
 * All rules that are enabled: before a sensor starts, a mistake in the user's own is told, instead of watching without
 * them. Throws `UsageError`.
 */
export function soundRules(config: Config, data: string): { settings: RuleSettings; rules: readonly SigmaRule[] } {
  const settings: RuleSettings = {
    ...ruleSettings(config, data),
    cache: join(data, CACHE),
  };
  const { all, errors, rules } = loadRules(settings, siteOf(config));
  const [first] = errors;
  if (first === undefined) {
    // Filters and correlations are told only: what they name may have been switched off on purpose.
    if (all.some(({ source, isEnabled }) => source === 'own' || !isEnabled)) {
      for (const { message } of new SigmaEngine(rules).errors)
        process.stderr.write(`fieldwatch: a rule is left out: ${safeText(message)}\n`);
    }
    return { settings, rules };
  }
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more; see fieldwatch rules check)` : '';
  throw new UsageError(`your rules do not load: ${first.message}${more}`);
}
