import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Placeholders } from './sigma/modifiers.js';
import { type PackedRule, packRule, unpackRule } from './sigma/packed-rule.js';
import { isMap, RuleError, RulePlace, type RuleWarning } from './sigma/problem.js';
import { parseRule, type SigmaRule } from './sigma/rule.js';
import { parseRuleYaml, type RuleDocument } from './sigma/yaml.js';

export interface RuleFiles {
  readonly rules: SigmaRule[];
  /** The same rules, for the build. */
  readonly packed: PackedRule[];
  readonly errors: RuleError[];
  readonly warnings: RuleWarning[];
  /** Files and documents looked at. */
  files: number;
  documentCount: number;
}

/** Rules of files that were read before and are sound as a whole, by the files' text. */
export interface PackedRules {
  get(text: string): readonly PackedRule[] | null;
  put(text: string, rules: readonly PackedRule[]): void;
}

export const NO_PLACEHOLDERS: Placeholders = new Map();
/** A larger file is no rule. */
const MAX_FILE = 16 * 1024 * 1024;

/** Reads every `.yml` file below the folders, or the files themselves; what is broken is told and stops nothing else. */
export function readRuleFiles(
  paths: string | readonly string[],
  placeholders: Placeholders = NO_PLACEHOLDERS,
  cache: PackedRules | null = null,
): RuleFiles {
  const found: RuleFiles = { rules: [], packed: [], errors: [], warnings: [], files: 0, documentCount: 0 };
  const ids = new Map<string, string>();
  const seen = new Set<string>();
  for (const path of typeof paths === 'string' ? [paths] : paths) {
    for (const file of ruleFilesBelow(path, found)) {
      const real = realpathSync(file);
      if (seen.has(real)) continue;
      seen.add(real);
      found.files++;
      readRuleFile(file, placeholders, ids, found, cache);
    }
  }
  return found;
}

/** The rule files below folders, to see whether one has changed. `modified` is in milliseconds. */
export function ruleFilesIn(paths: readonly string[]): { path: string; size: number; modified: number }[] {
  return paths.flatMap(filesBelow).flatMap((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found ? [{ path, size: found.size, modified: found.mtimeMs }] : [];
  });
}

function ruleFilesBelow(path: string, found: RuleFiles): string[] {
  if (!existsSync(path)) found.errors.push(new RuleError(path, 1, 1, 'there is no such file or folder'));
  return filesBelow(path);
}

function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const entries: Dirent[] = readdirSync(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function readRuleFile(
  file: string,
  placeholders: Placeholders,
  ids: Map<string, string>,
  found: RuleFiles,
  cache: PackedRules | null,
): void {
  const mistakes = found.errors.length;
  const first = found.packed.length;
  let text: string;
  let documents: RuleDocument[];
  try {
    if (statSync(file).size > MAX_FILE) throw new RuleError(file, 1, 1, 'the file is larger than sixteen megabytes');
    text = readFileSync(file, 'utf8');
    const known = cache?.get(text);
    if (known) {
      for (const packed of known) addKnownRule({ ...packed, file }, placeholders, ids, found);
      return;
    }
    documents = parseRuleYaml(text, file);
    if (documents.length === 0)
      throw new RuleError(file, 1, 1, 'the file is empty: a rule is a map of fields, beginning with title');
  } catch (error) {
    found.documentCount++;
    if (error instanceof RuleError) found.errors.push(error);
    else if (error instanceof Error && 'code' in error)
      found.errors.push(new RuleError(file, 1, 1, `it cannot be read: ${error.message}`));
    else throw error;
    return;
  }
  const actions = new CollectionActions();
  for (const { document, place } of documents) {
    found.documentCount++;
    try {
      const applied = actions.apply(document, place);
      if (applied === null) continue;
      const rule = parseRule(applied, place, placeholders);
      addRule(rule, packRule(rule, applied), place, ids, found);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      found.errors.push(error);
    }
  }
  // Only what is sound is kept: a mistake is to be told with its place the next time as well.
  if (found.errors.length === mistakes) cache?.put(text, found.packed.slice(first));
}

function addKnownRule(
  packed: PackedRule,
  placeholders: Placeholders,
  ids: Map<string, string>,
  found: RuleFiles,
): void {
  found.documentCount++;
  try {
    addRule(unpackRule(packed, placeholders), packed, RulePlace.packed(packed.file, packed.line), ids, found);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    found.errors.push(error);
  }
}

function addRule(
  rule: SigmaRule,
  packed: PackedRule,
  place: RulePlace,
  ids: Map<string, string>,
  found: RuleFiles,
): void {
  const other = ids.get(rule.id);
  if (other !== undefined && other !== place.file)
    throw place.error(['id'], `the id ${rule.id} is already used by ${other}`);
  if (other !== undefined) place.warn(['id'], `another rule of this file has the id ${rule.id} too`);
  ids.set(rule.id, place.file);
  found.rules.push(rule);
  found.packed.push(packed);
  found.warnings.push(...place.warnings);
}

/** Collections of Sigma's first version: `action: global` gives fields to all documents behind it in the file. */
class CollectionActions {
  #global: Record<string, unknown> = {};
  #previous: Record<string, unknown> = {};

  /** The rule that a document makes, or null when it makes none. */
  apply(document: unknown, place: RulePlace): unknown {
    if (!isMap(document)) return document;
    const { action, ...rest } = document;
    switch (action) {
      case undefined:
        this.#previous = merged(rest, this.#global);
        return this.#previous;
      case 'global':
        this.#global = rest;
        this.#previous = rest;
        return null;
      case 'reset':
        this.#global = {};
        return null;
      case 'repeat':
        this.#previous = merged(this.#previous, rest);
        return this.#previous;
      default:
        throw place.error(['action'], '"action" is global, reset or repeat');
    }
  }
}

/** `over`'s values win; maps are joined. */
function merged(
  base: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = result[key];
    result[key] = isMap(value) ? merged(isMap(before) ? before : {}, value) : value;
  }
  return result;
}
