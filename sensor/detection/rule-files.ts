import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Placeholders } from './sigma/modifiers.js';
import { isMap, RuleError, RulePlace, type RuleWarning } from './sigma/problem.js';
import { parseRule, type SigmaRule } from './sigma/rule.js';
import { parseRuleYaml, type RuleDocument } from './sigma/yaml.js';

export interface RuleFiles {
  readonly rules: SigmaRule[];
  /** The rules' documents as plain data, for the build. */
  readonly documents: { readonly file: string; readonly document: unknown }[];
  readonly errors: RuleError[];
  readonly warnings: RuleWarning[];
  /** Files and documents looked at. */
  files: number;
  documentCount: number;
}

/** Documents of files that were read before, by the files' text. */
export interface DocumentCache {
  get(text: string): readonly unknown[] | null;
  put(text: string, documents: readonly unknown[]): void;
}

export const NO_PLACEHOLDERS: Placeholders = new Map();
/** A larger file is no rule. */
const MAX_FILE = 16 * 1024 * 1024;

/** Reads every `.yml` file below the folders, or the files themselves; what is broken is told and stops nothing else. */
export function readRuleFiles(
  paths: string | readonly string[],
  placeholders: Placeholders = NO_PLACEHOLDERS,
  cache: DocumentCache | null = null,
): RuleFiles {
  const found: RuleFiles = { rules: [], documents: [], errors: [], warnings: [], files: 0, documentCount: 0 };
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
  cache: DocumentCache | null,
): void {
  let documents: RuleDocument[];
  try {
    if (statSync(file).size > MAX_FILE) throw new RuleError(file, 1, 1, 'the file is larger than sixteen megabytes');
    documents = documentsOf(readFileSync(file, 'utf8'), file, placeholders, cache);
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
      const rule = actions.apply(document, place);
      if (rule !== null) addRule(rule, place, placeholders, ids, found);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      found.errors.push(error);
    }
  }
}

function documentsOf(
  text: string,
  file: string,
  placeholders: Placeholders,
  cache: DocumentCache | null,
): RuleDocument[] {
  const cached = cache?.get(text);
  if (cached) return cached.map((document) => ({ document, place: RulePlace.packed(file) }));
  const documents = parseRuleYaml(text, file);
  // Only what is sound is kept: a mistake is to be told with its place the next time as well.
  if (cache !== null && isSound(documents, placeholders))
    cache.put(
      text,
      documents.map(({ document }) => document),
    );
  return documents;
}

function isSound(documents: readonly RuleDocument[], placeholders: Placeholders): boolean {
  try {
    const actions = new CollectionActions();
    for (const { document, place } of documents) {
      const rule = actions.apply(document, place);
      if (rule !== null) parseRule(rule, RulePlace.packed(place.file), placeholders);
    }
    return true;
  } catch (error) {
    if (error instanceof RuleError) return false;
    throw error;
  }
}

function addRule(
  document: unknown,
  place: RulePlace,
  placeholders: Placeholders,
  ids: Map<string, string>,
  found: RuleFiles,
): void {
  const rule = parseRule(document, place, placeholders);
  const other = ids.get(rule.id);
  if (other !== undefined && other !== place.file)
    throw place.error(['id'], `the id ${rule.id} is already used by ${other}`);
  if (other !== undefined) place.warn(['id'], `another rule of this file has the id ${rule.id} too`);
  ids.set(rule.id, place.file);
  found.rules.push(rule);
  found.documents.push({ file: place.file, document });
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
