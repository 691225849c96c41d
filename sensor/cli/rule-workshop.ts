import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type {
  CheckedRule,
  DraftRequest,
  RuleCheck,
  RuleDraft,
  RuleFileProblem,
  RuleInfo,
  RuleProblem,
  RuleText,
  RuleWorkshop,
} from '../../console/api/rule-workshop.js';
import type { LoadedConfig } from '../config.js';
import { placeholdersOf } from '../detection/placeholders.js';
import { type DraftField, draftException, draftFields, draftKind, draftRule } from '../detection/rule-draft.js';
import { SigmaEngine } from '../detection/sigma/engine.js';
import { RuleError } from '../detection/sigma/problem.js';
import { type DetectionRule, parseRule, type SigmaRule } from '../detection/sigma/rule.js';
import { parseRuleYaml } from '../detection/sigma/yaml.js';
import { CONNECTION, fieldsOfKind, recordKindsOf, unknownFields } from '../detection/taxonomy.js';
import type { Alert } from '../model/records.js';
import { readBuilt } from '../pipeline/built.js';
import { type LoadedRules, loadRules, stateOfFiles } from '../pipeline/rule-loading.js';
import { withoutFolders } from '../pipeline/rule-paths.js';
import { createDissectors } from '../protocols/registry.js';
import { CACHE, RULE_FOLDER, ruleSettings, siteOf } from './rule-settings.js';

const TEXTS = 'rule-texts.json';
/** Looking at thousands of files takes some milliseconds: at most this often, and this part of the time. */
const LOOK_MS = 2000;
const LOOK_SHARE = 0.02;
const DATE = 10;
/** A person reads it. */
const MAX_SHOWN_TEXT = 1024 * 1024;

interface Known {
  readonly state: string;
  readonly loaded: LoadedRules;
  readonly byId: ReadonlyMap<string, SigmaRule>;
  readonly list: readonly RuleInfo[];
}

/** Files of one's own come and go. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(0, MAX_SHOWN_TEXT);
  } catch {
    return '';
  }
}

function infoOf({ all }: LoadedRules): RuleInfo[] {
  const engine = new SigmaEngine(all.map(({ rule }) => rule));
  const problems = new Map(engine.errors.map(({ file, line, reason }) => [`${file}\n${line}`, reason]));
  return all.map(({ rule, source, isEnabled }) => ({
    id: rule.id,
    title: rule.title,
    description: rule.description,
    level: rule.level,
    whenExpected: rule.levelWhenExpected,
    status: rule.status,
    kind: rule.kind,
    techniques: rule.techniques,
    version: rule.version,
    source,
    file: rule.file,
    recommendation: rule.recommendation,
    falsePositives: rule.falsePositives,
    references: rule.references,
    isEnabled,
    problem: problems.get(`${rule.file}\n${rule.line}`) ?? '',
  }));
}

/** The rule engine, for the console. */
export function ruleWorkshop({ config, file }: LoadedConfig, data: string): RuleWorkshop {
  const settings = { ...ruleSettings(config, data), cache: join(data, CACHE) };
  const site = siteOf(config);
  const placeholders = placeholdersOf(settings, site);
  const shown = withoutFolders(settings);
  const protocols = createDissectors().flatMap((dissector) => dissector.protocols);
  const kinds = [...protocols.map(({ name }) => name), CONNECTION];
  let known: Known | null = null;
  let nextLook = Number.NEGATIVE_INFINITY;
  let texts: Record<string, RuleText> | null = null;

  function now(): Known {
    const start = performance.now();
    if (known !== null && start < nextLook) return known;
    const state = stateOfFiles(settings);
    const end = performance.now();
    nextLook = end + Math.max(LOOK_MS, (end - start) / LOOK_SHARE);
    if (known?.state === state) return known;
    const loaded = loadRules(settings, site);
    const byId = new Map<string, SigmaRule>();
    for (const { rule } of loaded.all) {
      byId.set(rule.id, rule);
      if (rule.name !== null) byId.set(rule.name, rule);
    }
    const list = infoOf(loaded).map((info) => ({ ...info, file: shown(info.file) }));
    known = { state, loaded, byId, list };
    return known;
  }

  const folder = join(data, RULE_FOLDER);

  /** With everything that these rules name, and what that names. */
  function withNamed(rules: readonly SigmaRule[], byId: ReadonlyMap<string, SigmaRule>): SigmaRule[] {
    const found = new Set(rules);
    const names = new Set(rules.flatMap(({ id, name }) => (name === null ? [id] : [id, name])));
    for (const rule of found) {
      if (rule.kind === 'detection') continue;
      for (const reference of rule.rules ?? []) {
        const named = byId.get(reference);
        if (named !== undefined && !names.has(reference)) found.add(named);
      }
    }
    return [...found];
  }

  function allBut(file: string): ReadonlyMap<string, SigmaRule> {
    return new Map([...now().byId].filter(([, rule]) => resolve(rule.file) !== file));
  }

  function check(text: string, own: string | null): RuleCheck {
    const problems: RuleProblem[] = [];
    const rules: SigmaRule[] = [];
    const say = (severity: RuleProblem['severity'], { line, column, reason }: Omit<RuleProblem, 'severity'>) => {
      problems.push({ severity, line, column, reason });
    };
    const others = own === null ? now().byId : allBut(resolve(folder, `${own}.yml`));
    try {
      const documents = parseRuleYaml(text, '');
      if (documents.length === 0) say('error', { line: 1, column: 1, reason: 'there is no rule here' });
      const ids = new Set<string>();
      for (const { document, place } of documents) {
        try {
          const rule = parseRule(document, place, placeholders);
          if (rule.id.startsWith('sigma-'))
            throw place.error([], `"id" is missing: write for example id: ${randomUUID()}`);
          const other = others.get(rule.id);
          if (other !== undefined) throw place.error(['id'], `the id belongs to "${other.title}": give yours another`);
          if (ids.has(rule.id)) throw place.error(['id'], 'two rules here have the same id');
          ids.add(rule.id);
          rules.push(rule);
          for (const warning of place.warnings) say('warning', warning);
        } catch (error) {
          if (!(error instanceof RuleError)) throw error;
          say('error', error);
        }
      }
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      say('error', error);
    }
    const engine = new SigmaEngine(withNamed(rules, others));
    for (const error of engine.errors) if (error.file === '') say('error', error);
    const detections = rules.filter((rule) => rule.kind === 'detection');
    for (const warning of unknownFields(detections, protocols)) say('warning', warning);
    for (const rule of rules) {
      if (rule.kind !== 'correlation' && recordKindsOf(rule.logSource, kinds).length === 0)
        say('warning', {
          line: rule.line,
          column: 1,
          reason:
            'no record has this log source, so it never matches: write product: fieldwatch, and a protocol as service',
        });
    }
    problems.sort((one, other) => one.line - other.line || one.column - other.column);
    return { problems, rules: rules.map(checked) };
  }

  function checked(rule: SigmaRule): CheckedRule {
    const expires = rule.kind === 'filter' && rule.expires !== null ? new Date(rule.expires).toISOString() : '';
    return { id: rule.id, title: rule.title, kind: rule.kind, level: rule.level, expires };
  }

  /** A filter applies to detections only: for a correlation, to those that it counts. */
  function detectionsOf(id: string, byId: ReadonlyMap<string, SigmaRule>, seen = new Set<string>()): DetectionRule[] {
    const rule = byId.get(id);
    if (rule === undefined || seen.has(id)) return [];
    seen.add(id);
    if (rule.kind === 'detection') return [rule];
    return rule.kind === 'correlation' ? rule.rules.flatMap((one) => detectionsOf(one, byId, seen)) : [];
  }

  function draft(alert: Alert, request: DraftRequest): RuleDraft | null {
    const { byId } = now();
    const kind = draftKind(alert, kinds);
    const rules = request.kind === 'exception' ? detectionsOf(alert.rule_id, byId) : [];
    if (kind === '' || (request.kind === 'exception' && rules.length === 0)) return null;
    const fields = draftFields(alert, kinds, fieldsOfKind(kind, protocols));
    const wanted = request.fields === undefined ? null : new Set(request.fields);
    // An exception that asks for little is one that says little: who, and nothing else, unless told.
    const isSuggested = ({ group, isSuggested: suggested }: DraftField) =>
      suggested && (request.kind === 'rule' || group === 'who');
    const chosen = fields.filter((field) => wanted?.has(field.name) ?? isSuggested(field));
    if (fields.length === 0) return null;
    const date = new Date(request.now).toISOString().slice(0, DATE);
    const head = { id: randomUUID(), date, author: request.author };
    const text =
      request.kind === 'rule'
        ? draftRule(alert, kind, chosen, head)
        : draftException(alert, chosen, { ...head, rules, expires: request.expires, reason: request.reason });
    return {
      text,
      fields: fields.map((field) => ({
        name: field.name,
        value: field.values.join(', '),
        group: field.group,
        chosen: chosen.includes(field),
      })),
      rules: rules.map(({ title }) => title),
    };
  }

  return {
    list: () => now().list,
    problems: (): RuleFileProblem[] =>
      now().loaded.errors.map(({ file: where, line, column, reason }) => ({
        file: shown(where),
        line,
        column,
        reason: shown(reason),
      })),
    text(id) {
      const rule = now().loaded.all.find((one) => one.rule.id === id);
      if (rule === undefined) return null;
      if (rule.source === 'own') return { text: readText(rule.rule.file), fires: 0, quiet: 0 };
      texts ??= JSON.parse(readBuilt(TEXTS)?.toString('utf8') ?? '{}') as Record<string, RuleText>;
      return texts[rule.rule.file] ?? { text: '', fires: 0, quiet: 0 };
    },
    check,
    draft,
    folder,
    changed() {
      nextLook = Number.NEGATIVE_INFINITY;
    },
    plant: site,
    configFile: file === null ? null : resolve(file),
  };
}
