import type { Alert } from '../../sensor/model/records.js';
import type { Severity } from '../../sensor/model/severity.js';
import { EMPTY_SITE, type Site } from '../../sensor/model/site.js';

/** One rule, for a person. */
export interface RuleInfo {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly level: string;
  /** What an alert becomes when the work is announced; null: it stays as it is. */
  readonly whenExpected: Severity | null;
  readonly status: string | null;
  readonly kind: 'detection' | 'correlation' | 'filter';
  readonly techniques: readonly string[];
  readonly version: string;
  readonly source: 'product' | 'own';
  readonly file: string;
  readonly recommendation: string;
  readonly falsePositives: readonly string[];
  readonly references: readonly string[];
  /** As the settings have it; a person may say otherwise in the console. */
  readonly isEnabled: boolean;
  /** Why sensors leave it out although it is on; '' when they do not. */
  readonly problem: string;
}

export interface RuleText {
  readonly text: string;
  /** Cases of its test: traffic on which it fires, and close traffic on which it does not. */
  readonly fires: number;
  readonly quiet: number;
}

export interface RuleProblem {
  readonly severity: 'error' | 'warning';
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

/** One document of a text that was looked at. */
export interface CheckedRule {
  readonly id: string;
  readonly title: string;
  readonly kind: 'detection' | 'correlation' | 'filter';
  readonly level: string;
  /** Until when a filter has an effect; '' for ever. */
  readonly expires: string;
}

export interface RuleCheck {
  readonly problems: readonly RuleProblem[];
  readonly rules: readonly CheckedRule[];
}

export interface DraftRequest {
  readonly kind: 'rule' | 'exception';
  /** Names of the fields to ask for; absent: those that are suggested. */
  readonly fields?: readonly string[];
  readonly author: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly expires: string;
  readonly reason: string;
}

export interface RuleDraft {
  readonly text: string;
  readonly fields: readonly {
    readonly name: string;
    readonly value: string;
    readonly group: 'who' | 'what' | 'where' | 'more';
    readonly chosen: boolean;
  }[];
  /** Titles of the rules that an exception would be from. */
  readonly rules: readonly string[];
}

/** A file of rules that does not load. */
export interface RuleFileProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

/**
 * What the console asks the rule engine. The engine belongs to the sensor; whoever starts the console hands it in, with
 * the settings that the sensor has.
 */
export interface RuleWorkshop {
  /** The rules as the next sensor would load them. Cheap while no file changes. */
  list(): readonly RuleInfo[];
  /** What of one's own does not load. */
  problems(): readonly RuleFileProblem[];
  /** null: there is no such rule. */
  text(id: string): RuleText | null;
  /** `own`: the rule whose file the text would take the place of; null for a new one. */
  check(text: string, own: string | null): RuleCheck;
  /** null: the alert gives nothing to make such a rule of. */
  draft(alert: Alert, request: DraftRequest): RuleDraft | null;
  /** Where rules that were made in the console lie, as NAME.yml; null: nowhere. */
  readonly folder: string | null;
  /** Files have just been written: the next look is to see them. */
  changed(): void;
  /** What the settings say of the plant. */
  readonly plant: Site;
  /** Settings file, for processes of their own; null: none. */
  readonly configFile: string | null;
}

/** For a console that nobody handed an engine. */
export const NO_WORKSHOP: RuleWorkshop = {
  list: () => [],
  problems: () => [],
  text: () => null,
  check: () => ({ problems: [], rules: [] }),
  draft: () => null,
  folder: null,
  changed: () => {},
  plant: EMPTY_SITE,
  configFile: null,
};
